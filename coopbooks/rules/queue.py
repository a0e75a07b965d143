"""The redemption queue: in which order money goes to the vintages of members' capital, and who was paid out of turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding
from coopbooks.facts import Leg, Movement, below
from coopbooks.periods import DAY, Period
from coopbooks.records import bylaws, surplus
from coopbooks.rows import NamedTuple
from coopbooks.rules.capital import debited, holders, is_vintage, redeem_on

__all__ = ["Queued", "is_shared_alike", "pays_back", "queue_findings", "queue_of"]

SHOWN = 5
"""So many places of the queue a message shows."""


class Queued(NamedTuple):
    """One vintage of one member that waits to be paid back; `amount` in whole units, above zero.

    `due` says whether its day has come: with `percent-of-all` and no `redeem-after` every vintage always takes part.
    """

    member: str
    period: str
    account: str
    amount: int
    redeem_on: date | None
    due: bool


def queue_of(rules: Bylaws, as_of: date) -> list[Queued]:
    """Every vintage that holds something at a day's end: the oldest first, of one year by member.

    With `redeem: "percent-of-all"` the order says nothing, since all are paid the same share at once. A buy-in and other
    capital without a vintage stay until their member leaves, so they never stand in the queue; nor does what a leaver has,
    where `bylaw exit` makes a debt of it.
    """
    alike = is_shared_alike(rules, as_of)
    rows = [
        row
        for member, account in _leaves(rules)
        if is_vintage(account.rpartition(":")[2]) and (row := _queued(rules, member, account, as_of, alike))
    ]
    return sorted(rows, key=lambda row: (row.period, row.member, row.account))


def _queued(rules: Bylaws, member: str, account: str, as_of: date, alike: bool) -> Queued | None:
    """The place of one vintage in the queue, None where nothing is in it, or where it is owed to a leaver."""
    if not rules.is_member(member, as_of) and rules.all_of(bylaws.ExitTerms, as_of):
        return None  # by the bylaw it becomes a debt, whether or not the exit is booked yet
    held = -sum((amount for day, amount in rules.facts.daily[account] if day <= as_of), Decimal(0))
    units = rules.facts.unit.nearest(held) if held > 0 else 0
    if not units:
        return None
    period = account.rpartition(":")[2]
    day = redeem_on(rules, period)
    return Queued(member, period, account, units, day, alike if day is None else day <= as_of)


def is_shared_alike(rules: Bylaws, day: date) -> bool:
    """Whether the bylaw of a day pays all vintages back by the same share at once."""
    rule = rules.capital_rule(day)
    return rule is not None and rule.redeem == "percent-of-all"


def _leaves(rules: Bylaws) -> Iterator[tuple[str, str]]:
    """Every account below a member's capital account that carries postings, with the member."""
    for member, capitals in holders(rules).items():
        for capital in capitals:
            for account in rules.facts.leaves(capital):
                yield member, account


# -- who was paid out of turn ----------------------------------------------------------------------------------------


class Paid(NamedTuple):
    """One posting that pays capital back; `period` is "" for capital without a vintage."""

    day: date
    member: str
    period: str
    units: int
    leg: Leg


def queue_findings(rules: Bylaws) -> list[Finding]:
    """Every redemption that the bylaw of its day does not allow, and that no `redemption` record decided.

    Judged by the day's end: whoever is paid on one day is paid at once.
    """
    if not rules.every(bylaws.Capital):
        return []
    paid = sorted(_paid(rules), key=lambda row: (row.day, row.leg.place))
    if not paid:
        return []
    findings = [finding for year in _by_year(rules, paid) for finding in _over_the_cap(rules, *year)]
    vintages = _Vintages(rules)
    for day in sorted({row.day for row in paid}):
        rule = rules.capital_rule(day)
        rows = [row for row in paid if row.day == day and row.period]
        if rule is not None and rows:
            judge = _unequal if rule.redeem == "percent-of-all" else _out_of_turn
            findings += judge(rules, rule, day, rows, vintages)
    return findings


def _paid(rules: Bylaws) -> Iterator[Paid]:
    """Every debit of capital that pays it back: tagged `#coop-redeem`, or without a tag where money goes out."""
    facts = rules.facts
    for member, account in debited(rules):
        name = account.rpartition(":")[2]
        for number, leg in facts.legs(account):
            move = facts.movements[number]
            if leg.account == account and leg.amount > 0 and pays_back(rules, move):
                period = name if is_vintage(name) else ""
                yield Paid(move.date, member, period, facts.unit.nearest(leg.amount), leg)


def pays_back(rules: Bylaws, move: Movement) -> bool:
    """Whether an entry may pay capital back: tagged so, or without a tag where money goes out."""
    if "coop-redeem" in move.tags:
        return True
    if move.tags & {"coop-close", "coop-exit", "coop-interest"}:
        return False
    return any(leg.amount < 0 and below(leg.account, rules.facts.roots.assets) for leg in move.legs)


class _Vintages:
    """The leaves of each vintage, and what all of them together hold on a day."""

    def __init__(self, rules: Bylaws) -> None:
        self.rules = rules
        self.leaves: dict[str, list[tuple[str, str]]] = {}
        for member, account in _leaves(rules):
            name = account.rpartition(":")[2]
            if is_vintage(name):
                self.leaves.setdefault(name, []).append((member, account))

    def rows(self, period: str, day: date) -> list[Queued]:
        """The places of one vintage in the queue at a day's end."""
        alike = is_shared_alike(self.rules, day)
        found = (_queued(self.rules, member, account, day, alike) for member, account in self.leaves[period])
        return [row for row in found if row is not None]

    def held(self, period: str, day: date) -> int:
        """What a vintage holds at a day's end, in whole units, what stands below zero left out."""
        return sum(row.amount for row in self.rows(period, day))


def _decided(rules: Bylaws, year: Period, day: date, period: str | None, base: int) -> int:
    """What `redemption` records of a year, made by a day, let be paid back: of one vintage, or (None) of all capital."""
    total = Fraction(0)
    for record in rules.every(surplus.Redemption):
        if record.id == year.name and record.date <= day and (period is None or record.of == period):
            if record.amount is not None and record.amount.currency == rules.facts.currency:
                total += rules.facts.unit.nearest(record.amount.number)
            elif record.share is not None:
                total += Fraction(record.share) * base
    return ceil(total)


def _out_of_turn(
    rules: Bylaws, rule: bylaws.Capital, day: date, rows: Sequence[Paid], vintages: _Vintages
) -> Iterator[Finding]:
    """Oldest first: no vintage is paid while an older one waits; with pro-rata each of one vintage gets the same share."""
    year, unit = rules.year_of(day), rules.facts.unit
    for period in sorted({row.period for row in rows}):
        mine = [row for row in rows if row.period == period]
        if _is_decided(rules, year, day, period, vintages):
            continue
        older = next((each for each in sorted(vintages.leaves) if each < period and vintages.held(each, day)), None)
        if older is not None:
            yield Finding(
                mine[0].leg.place,
                "capital",
                f"{unit.said(sum(row.units for row in mine))} of the vintage {period} is paid back on {day} while older capital "
                f"waits (bylaw capital at {rule.place} pays the oldest first; {_queue_text(rules, day)}): pay that first, or "
                f'record the assembly\'s `redemption "{year.name}"` with of: "{period}" and its decision',
            )
        elif rule.short == "pro-rata" and vintages.held(period, day):
            yield from _shares(rules, rule, day, mine, vintages.rows(period, day), f"everybody's {period}")


def _is_decided(rules: Bylaws, year: Period, day: date, period: str, vintages: _Vintages) -> bool:
    """Whether all that the year has paid of a vintage by a day was decided by `redemption` records."""
    if not any(record.of == period for record in rules.every(surplus.Redemption)):
        return False
    held = vintages.held(period, year.starts - DAY)
    used = sum(row.units for row in _paid(rules) if row.period == period and year.starts <= row.day <= day)
    return used <= _decided(rules, year, day, period, held)


def _unequal(
    rules: Bylaws, rule: bylaws.Capital, day: date, rows: Sequence[Paid], vintages: _Vintages
) -> Iterator[Finding]:
    """A share of all: on the day on which capital is paid back, each vintage that is due gets the same share."""
    year = rules.year_of(day)
    free = {period for period in {row.period for row in rows} if _is_decided(rules, year, day, period, vintages)}
    mine = [row for row in rows if row.period not in free]
    if mine:
        after = [row for row in queue_of(rules, day) if row.due]
        yield from _shares(rules, rule, day, mine, after, "all capital that is due")


def _shares(
    rules: Bylaws, rule: bylaws.Capital, day: date, rows: Sequence[Paid], after: Sequence[Queued], what: str
) -> Iterator[Finding]:
    """The posting that gives a vintage more than its share of what was paid on a day, if there is one.

    `after` is what shares it and is still there at the day's end; with what was paid it makes what there was to share.
    """
    unit = rules.facts.unit
    got: dict[str, int] = {}
    for row in rows:
        got[row.leg.account] = got.get(row.leg.account, 0) + row.units
    held = {row.account: row.amount for row in after}
    for row in rows:
        due = redeem_on(rules, row.period)
        if due is None or due <= day or rule.redeem != "percent-of-all":
            held[row.leg.account] = held.get(row.leg.account, 0) + row.units
    total, whole = sum(got.values()), sum(held.values())
    for row in rows:
        most = ceil(Fraction(total * held.get(row.leg.account, 0), whole)) if whole else 0
        if got[row.leg.account] > most:
            yield Finding(
                row.leg.place,
                "capital",
                f"{row.member} is paid back {unit.said(got[row.leg.account])} of {row.period} on {day}, but bylaw capital at "
                f"{rule.place} gives {what} the same share, which of {unit.said(total)} makes {unit.said(most)} here "
                f"({_queue_text(rules, day - DAY)}): pay each the same share on one day, as `coopbooks members --redeem "
                f"{unit.text(total)}` proposes",
            )
            return


def _queue_text(rules: Bylaws, day: date) -> str:
    """The first places of the queue in words."""
    rows, said = queue_of(rules, day), rules.facts.unit.said
    more = len(rows) - SHOWN
    shown = ", ".join(f"{row.period} {row.member} {said(row.amount)}" for row in rows[:SHOWN])
    return f"the queue of {day} is {shown}{f' and {more:,} more' if more > 0 else ''}"


# -- the cap of a year -----------------------------------------------------------------------------------------------


def _by_year(rules: Bylaws, paid: Iterable[Paid]) -> Iterator[tuple[Period, list[Paid]]]:
    years: dict[str, tuple[Period, list[Paid]]] = {}
    for row in paid:
        year = rules.year_of(row.day)
        years.setdefault(year.name, (year, []))[1].append(row)
    yield from years.values()


def _over_the_cap(rules: Bylaws, year: Period, paid: Sequence[Paid]) -> Iterator[Finding]:
    """The posting by which a year pays back more than `redeem-share` or `redeem-at-most` of all capital, if there is one.

    The share is of all members' capital as the year began, since what is paid back itself lowers it.
    """
    rule, unit = rules.capital_rule(paid[-1].day), rules.facts.unit
    shares = {} if rule is None else {"redeem-share": rule.redeem_share, "redeem-at-most": rule.redeem_at_most}
    caps = [(share, field) for field, share in shares.items() if share is not None]
    if rule is None or not caps:
        return
    share, field = min(caps)
    capitals = [capital for accounts in holders(rules).values() for capital in accounts]
    opening = unit.nearest(-sum((rules.facts.balance(each, year.starts - DAY) for each in capitals), Decimal(0)))
    cap = floor(Fraction(share) * max(0, opening))
    used = 0
    for row in paid:
        used += row.units
        allowed = cap + _decided(rules, year, row.day, None, opening)
        if used > allowed:
            yield Finding(
                row.leg.place,
                "capital",
                f"with this redemption {unit.said(used)} of capital is paid back in {year.name}, but {field} of bylaw capital "
                f"at {rule.place} allows {unit.said(allowed)}, which is {share} of the {unit.said(opening)} at the year's "
                f"beginning ({_queue_text(rules, row.day)}): pay back {unit.said(used - allowed)} less, or record the "
                f'assembly\'s `redemption "{year.name}"` with its amount and decision',
            )
            return
