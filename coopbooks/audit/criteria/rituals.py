"""RIT: the days on which the cooperative looks at itself, and rest after what it did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from coopbooks.audit.criterion import criterion
from coopbooks.audit.ground import Ground
from coopbooks.audit.judgement import Judgement, met, not_evidenced, pending, shortfall
from coopbooks.audit.rhythms import held, in_every, places, yearly
from coopbooks.errors import Place
from coopbooks.records.alliances import Pivot
from coopbooks.records.fields import words
from coopbooks.records.practices import Practice
from coopbooks.rows import NamedTuple
from coopbooks.rules.decisions import decision_of

__all__ = [
    "facilitation_by_lot",
    "rest_after_every_action",
    "the_mirror_shift_is_held",
    "the_refusal_is_rehearsed",
]

REST_DAYS = 7
"""Days within which there is rest after an action or a pivot."""


@criterion(
    "RIT-1",
    "practice",
    "Production stands still for a day of looking back",
    revolutionary="a mirror shift of a whole day in every fiscal quarter that is over",
    reformist="a quarter without one",
    evidence="examine",
    clause="002:101-109; 002:171",
    remedy="put the next four days on the calendar and keep them free of work",
)
def the_mirror_shift_is_held(ground: Ground) -> Judgement:
    """A record of `mirror-shift` in each quarter; how long it was and what came of it is for the panel."""
    shifts = held(ground, "mirror-shift")
    fault = in_every(ground, shifts, ground.quarters, "a mirror shift")
    return fault or met("a mirror shift was held in every quarter", _once_each(ground, shifts))


def _once_each(ground: Ground, found: Sequence[Practice]) -> Iterator[Place]:
    for period in ground.quarters:
        yield from places([each for each in found if each.date in period][:1])


@criterion(
    "RIT-2",
    "practice",
    "The lot names who leads, and no two sessions are alike",
    revolutionary="a lot before every mirror shift, and neither facilitator nor format twice running",
    reformist="a session without a lot, or led or held as the one before",
    evidence="compute",
    clause="002:127; 002:173",
    remedy="draw who leads the next session, and let that person change its format",
)
def facilitation_by_lot(ground: Ground) -> Judgement:
    """The mirror shifts of the window, each against the one before it and the `facilitator-draw` between the two."""
    shifts, lots = held(ground, "mirror-shift"), held(ground, "facilitator-draw")
    own = [each for each in shifts if each.date in ground.window]
    if not own:
        return not_evidenced("no mirror shift in the window says who led it and how it was held")
    evidence: list[Place] = []
    for place, shift in enumerate(shifts):
        if shift.date not in ground.window:
            continue
        before = shifts[place - 1] if place else None
        lot = _lot_of(lots, before, shift)
        fault = _facilitation_fault(shift, before, lot)
        if fault is not None:
            return fault
        evidence += [shift.place, *places([lot] if lot else [])]
    return met(f"{len(own)} mirror shifts were led by lot, each otherwise than the one before", evidence)


def _lot_of(lots: Sequence[Practice], before: Practice | None, shift: Practice) -> Practice | None:
    """The last lot after the session before, by the day of the session."""
    since = before.date if before else date.min
    return next((lot for lot in reversed(lots) if since < lot.date <= shift.date), None)


def _facilitation_fault(shift: Practice, before: Practice | None, lot: Practice | None) -> Judgement | None:
    missing = "facilitator" if shift.facilitator is None else "format" if shift.format is None else None
    if missing:
        return not_evidenced(f"the mirror shift of {shift.date} does not say its {missing}", [shift.place])
    if lot is None:
        return not_evidenced(f"no facilitator-draw is recorded for the mirror shift of {shift.date}", [shift.place])
    if lot.facilitator is not None and lot.facilitator != shift.facilitator:
        said = f"the lot of {lot.date} fell on another person than the one who led the mirror shift of {shift.date}"
        return shortfall(said, [lot.place, shift.place])
    for what in ("facilitator", "format"):
        if before is not None and getattr(before, what) == getattr(shift, what):
            said = f"the mirror shifts of {before.date} and {shift.date} had the same {what}"
            return shortfall(said, [before.place, shift.place])
    return None


@criterion(
    "RIT-3",
    "practice",
    "The refusal of a tempting offer is rehearsed",
    revolutionary="an adversary drill in every fiscal year, never more than 15 months apart, with the decision that ended it",
    reformist="a year without one, or a drill that nothing was decided in",
    evidence="examine",
    clause="002:81-87; 002:181",
    remedy="name a team that plays the tempter, and put its offer to the vote",
)
def the_refusal_is_rehearsed(ground: Ground) -> Judgement:
    """Records of `adversary-drill`, each with the decision that the cooperative came to."""
    drills = held(ground, "adversary-drill")
    fault = yearly(ground, drills, "an adversary drill")
    if fault is not None:
        return fault
    evidence: list[Place] = []
    for year in ground.fiscal_years:
        of_year = [each for each in drills if each.date in year]
        decided = [
            (each, found) for each in of_year if (found := decision_of(ground.rules, each.decision, ground.as_of))
        ]
        if not decided:
            said = f"no adversary drill of {year.name} names the decision that it ended in"
            return not_evidenced(said, places(of_year))
        evidence += [decided[0][0].place, decided[0][1].place]
    return met("an adversary drill was held and decided in every year", evidence)


class _Deed(NamedTuple):
    """An action or a pivot, and the words by which a decompression may name it."""

    date: date
    names: frozenset[str]
    place: Place


@criterion(
    "RIT-4",
    "practice",
    "There is rest after every action",
    revolutionary="a decompression within 7 days of every action and every pivot",
    reformist="one without, or later",
    evidence="compute",
    clause="004:109-113; 000:184",
    remedy="set the day of rest when the action is planned",
)
def rest_after_every_action(ground: Ground) -> Judgement:
    """Each `pivot` and `micro-action` of the window, and a `decompression` that names it in `after`."""
    deeds = list(_deeds(ground))
    if not deeds:
        return ground.nothing_to_judge("no action and no pivot")
    rests = [each for each in ground.rules.every(Practice) if each.id == "decompression"]
    evidence: list[Place] = []
    for deed in deeds:
        last_day = deed.date + timedelta(days=REST_DAYS)
        after = [
            each
            for each in rests
            if deed.names & {each.after or "", *words(each.after or "")} and each.date >= deed.date
        ]
        if any(each.date <= last_day for each in after):
            evidence.append(min(after, key=lambda each: each.date).place)
        elif last_day < ground.as_of:
            how = f"came on {min(each.date for each in after)}" if after else "has no record"
            return shortfall(f"rest after what was done on {deed.date}, due by {last_day}, {how}", [deed.place])
    if not evidence:
        return pending(f"the day of rest after what was done on {deeds[0].date} is not over yet")
    return met("there was rest within 7 days of everything that was done", evidence)


def _deeds(ground: Ground) -> Iterator[_Deed]:
    for pivot in ground.inside(Pivot):
        yield _Deed(pivot.date, frozenset({pivot.id}), pivot.place)
    for action in ground.inside(Practice):
        if action.id == "micro-action":
            yield _Deed(action.date, frozenset({action.id, f"{action.id}:{action.date}"}), action.place)
