"""One lottery of auditors as the books have it: what was published, who was drawn, who sits, and what is still missing.

The arithmetic of the draw is `coopbooks.rules.lottery`, which every reading of the books judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from coopbooks.bylaws import Bylaws
from coopbooks.errors import DrawRefused, Finding, UnknownName
from coopbooks.records.audits import Auditor, LotteryCall, LotteryDraw
from coopbooks.rows import NamedTuple
from coopbooks.rules.lottery import (
    Drawn,
    call_faults,
    call_of,
    draw_faults,
    drawn_from,
    has_pool,
    pool_digest,
    seed_of,
    sources_differ,
)

__all__ = ["Lottery", "Seats", "draw_record", "lottery_of", "seats_of"]


class Seats(NamedTuple):
    """Who sits after a draw: accepted, and in turn, since who declines makes room for the next.

    `waiting` accepted and are not needed yet, `silent` are those whose turn it is and who have not answered, `vacant` the
    seats that nobody drawn is left for, and `strangers` whoever accepted without having been drawn.
    """

    seated: tuple[Auditor, ...]
    waiting: tuple[Auditor, ...]
    declined: tuple[Auditor, ...]
    silent: tuple[str, ...]
    vacant: int
    strangers: tuple[Auditor, ...]


class Lottery(NamedTuple):
    """A call and what came of it by a day.

    `sources` are the numbers as "name=value", of the draw record or as proposed; `seed` and `drawn` are computed from them
    and None while they are missing. `missing` are sentences, `faults` what does not hold to the rules of the lottery.
    """

    call: LotteryCall
    draw: LotteryDraw | None
    sources: tuple[str, ...]
    seed: str | None
    drawn: Drawn | None
    seats: Seats | None
    missing: tuple[str, ...]
    faults: tuple[Finding, ...]


def lottery_of(rules: Bylaws, name: str, day: date, values: Mapping[str, str] | None = None) -> Lottery:
    """The lottery of a call's id by a day; with `values` of its sources, the draw that they give where none stands yet.

    Raises UnknownName for an id of no call, DrawRefused for values that a call does not take.
    """
    calls = [call for call in rules.history(LotteryCall, name) if call.date <= day]
    if not calls:
        known = ", ".join(sorted(rules.ids(LotteryCall.KIND))) or "none yet"
        raise UnknownName(f'there is no lottery-call "{name}" by {day}: the calls are {known}')
    draws = [draw for draw in rules.history(LotteryDraw, name) if draw.date <= day]
    draw = next((each for each in reversed(draws) if call_of(rules, each) == calls[-1]), None)
    if draw is None:
        return _undrawn(calls[-1], day, values)
    if values:
        raise DrawRefused(f'"{name}" was drawn on {draw.date} already: leave the numbers out', draw.place)
    return _drawn(rules, calls[-1], draw, day)


def _undrawn(call: LotteryCall, day: date, values: Mapping[str, str] | None) -> Lottery:
    faults = tuple(Finding(call.place, "lottery", f"{call.named} {fault.text}") for fault in call_faults(call))
    sources = tuple(f"{name}={value}" for name, value in (values or {}).items())
    missing = []
    if day < call.draw_not_before:
        missing.append(f"nobody may draw before {call.draw_not_before}")
    if not values:
        missing += [f'the number of "{name}"' for name in call.sources]
    elif sources_differ(call.sources, sources):
        raise DrawRefused(
            f"{call.named} is drawn with {', '.join(call.sources)}, and not with {', '.join(values)}: give each of its "
            "numbers once",
            call.place,
        )
    elif has_pool(call):
        seed = seed_of(pool_digest(call.pool), sources)
        return Lottery(call, None, sources, seed, drawn_from(call, seed), None, tuple(missing), faults)
    return Lottery(call, None, (), None, None, None, tuple(missing), faults)


def _drawn(rules: Bylaws, call: LotteryCall, draw: LotteryDraw, day: date) -> Lottery:
    found = [(call, fault) for fault in call_faults(call)] + [(draw, fault) for fault in draw_faults(call, draw)]
    faults = tuple(Finding(record.place, "lottery", f"{record.named} {fault.text}") for record, fault in found)
    sources = tuple(text for _, text in draw.sources)
    if not has_pool(call) or sources_differ(call.sources, sources):
        return Lottery(call, draw, sources, None, None, None, (), faults)
    seed = seed_of(pool_digest(call.pool), sources)
    drawn = drawn_from(call, seed)
    auditors = [each for each in rules.every(Auditor) if each.audit == call.id and each.date <= day]
    seats = seats_of(call, drawn, auditors)
    return Lottery(call, draw, sources, seed, drawn, seats, tuple(_missing(seats)), faults)


def seats_of(call: LotteryCall, drawn: Drawn, auditors: Iterable[Auditor]) -> Seats:
    """Who sits, by what those drawn have answered; of two answers of one person the later counts."""
    answers = {each.id: each for each in sorted(auditors, key=lambda each: (each.date, each.place))}
    places = (*drawn.panel, *drawn.alternates)
    declined = tuple(answers[person] for person in places if person in answers and not answers[person].accepted)
    gone = {each.id for each in declined}
    turn = [person for person in places if person not in gone][: call.seats]
    return Seats(
        seated=tuple(answers[person] for person in turn if person in answers),
        waiting=tuple(answers[person] for person in places if person in answers and person not in {*turn, *gone}),
        declined=declined,
        silent=tuple(person for person in turn if person not in answers),
        vacant=call.seats - len(turn),
        strangers=tuple(each for each in answers.values() if each.accepted and each.id not in places),
    )


def _missing(seats: Seats) -> Iterator[str]:
    for person in seats.silent:
        yield f"{person} has not answered: an auditor record says whether the seat is taken"
    for auditor in seats.seated:
        if auditor.conflicts is None:
            yield f'{auditor.id} has not declared any conflicts: the record at {auditor.place} needs them, or "none"'
    if seats.vacant:
        yield f"{seats.vacant} of the seats cannot be filled from this draw: call a larger pool"


def draw_record(lottery: Lottery, day: date) -> str:
    """The record of a draw as text of the ledger, dated `day`. Ends with a newline.

    Raises DrawRefused for a day on which the call does not allow it yet, and where nobody could be drawn.
    """
    call, drawn = lottery.call, lottery.drawn
    if day < call.draw_not_before:
        raise DrawRefused(
            f"{call.named} lets nobody draw before {call.draw_not_before}, and this is {day}: wait for that day",
            call.place,
        )
    if drawn is None:
        raise DrawRefused(
            f"{call.named} cannot be drawn from, since its pool is not the published one: mend the pool first",
            call.place,
        )
    lines = [f'{day} custom "coop" "lottery-draw" "{_quoted(call.id)}"']
    lines += [f'  source-{place}: "{_quoted(text)}"' for place, text in enumerate(lottery.sources, 1)]
    lines += [f'  seed: "{lottery.seed}"', f'  panel: "{_quoted(", ".join(drawn.panel))}"']
    if drawn.alternates:
        lines.append(f'  alternates: "{_quoted(", ".join(drawn.alternates))}"')
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
