"""What a sum of money redeems: the oldest vintages first, or a share of all; and where the money comes from.

`bylaw capital` of the day says how: `redeem`, `redeem-share` and `redeem-at-most` (shares of all capital a year), and
`short` where money does not reach. All money is whole units.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from math import floor

from coopbooks.bylaws import Bylaws
from coopbooks.errors import SurplusRefused, UnknownName
from coopbooks.facts import Movement, below
from coopbooks.money import split
from coopbooks.periods import DAY
from coopbooks.records import bylaws, surplus
from coopbooks.rows import NamedTuple
from coopbooks.rules.capital import holders
from coopbooks.rules.queue import Queued, is_shared_alike, pays_back, queue_of

__all__ = ["Payout", "Redemption", "money_account", "redemption_of"]


class Payout(NamedTuple):
    """What is paid out of one vintage of the queue."""

    row: Queued
    units: int


class Redemption(NamedTuple):
    """What a sum redeems on a day: asked = redeemed + left."""

    as_of: date
    rule: bylaws.Capital | None
    asked: int
    payouts: tuple[Payout, ...]
    why_left: str | None
    source: str | None
    queue: tuple[Queued, ...]

    @property
    def redeemed(self) -> int:
        """What is paid out in all."""
        return sum(payout.units for payout in self.payouts)

    @property
    def left(self) -> int:
        """What of the sum redeems nothing."""
        return self.asked - self.redeemed


def redemption_of(rules: Bylaws, money: Decimal, as_of: date, source: str | None = None) -> Redemption:
    """The redemption of a sum on a day, every unit placed; `source` is the account that the money comes from.

    Raises SurplusRefused for a sum that is not above zero or no whole number of the smallest unit, UnknownName for an
    account that cannot pay it.
    """
    unit = rules.facts.unit
    asked = unit.nearest(money)
    if asked <= 0 or not unit.is_whole(money):
        raise SurplusRefused(
            f"{money} {unit.currency} cannot be paid back: give a sum above zero in whole units of {unit.text(1)}, as "
            f"{unit.text(150000)}"
        )
    rule = rules.capital_rule(as_of)
    queue = tuple(queue_of(rules, as_of))
    alike = is_shared_alike(rules, as_of)
    rows = [row for row in queue if row.due or (row.redeem_on is None and not alike)]
    now = sum(row.amount for row in rows)
    most, why = min(((now, _not_due(rules, queue, now, as_of)), *_caps(rules, rule, as_of)))
    total = min(asked, most)
    payouts = tuple(_payouts(rows, total, rule))
    return Redemption(
        as_of=as_of,
        rule=rule,
        asked=asked,
        payouts=payouts,
        why_left=why if total < asked else None,
        source=money_account(rules, as_of, source) if payouts else None,
        queue=queue,
    )


def _not_due(rules: Bylaws, queue: Iterable[Queued], now: int, as_of: date) -> str:
    """Why no more than `now`, in whole units, can be paid back on a day: what falls due next, and when."""
    said = rules.facts.unit.said
    waiting = [(row.redeem_on, row.amount) for row in queue if not row.due and row.redeem_on is not None]
    first = min((day for day, _ in waiting), default=None)
    coming = said(sum(amount for day, amount in waiting if day == first))
    if now:
        more = "no other capital waits for it" if first is None else f"the next, {coming}, on {first}"
        return f"{said(now)} can be paid back on {as_of}, and {more}"
    return "no vintage of a member holds any" if first is None else f"the first that falls due is {coming} on {first}"


def _caps(rules: Bylaws, rule: bylaws.Capital | None, as_of: date) -> Iterator[tuple[int, str]]:
    """What the bylaw still lets be paid back in the year of a day, with the reason; cut down to a whole unit.

    The shares are of all members' capital as the year began, since what is paid back itself lowers it.
    """
    if rule is None or (rule.redeem_share is None and rule.redeem_at_most is None):
        return
    year, unit = rules.year_of(as_of), rules.facts.unit
    accounts = [capital for capitals in holders(rules).values() for capital in capitals]
    opening = unit.nearest(-sum((rules.facts.balance(each, year.starts - DAY) for each in accounts), Decimal(0)))
    paid = (
        move for move in rules.facts.movements if move.date in year and move.date <= as_of and pays_back(rules, move)
    )
    used = sum(
        unit.nearest(leg.amount)
        for move in paid
        for leg in move.legs
        if leg.amount > 0 and any(below(leg.account, each) for each in accounts)
    )
    for field, share in (("redeem-share", rule.redeem_share), ("redeem-at-most", rule.redeem_at_most)):
        if share is not None:
            cap = floor(Fraction(share) * max(0, opening))
            why = (
                f"{field} of bylaw capital at {rule.place} allows {unit.said(cap)} in {year.name}, which is {share} of the "
                f"{unit.said(opening)} of capital on {year.starts}, and {unit.said(used)} of it are used"
            )
            yield max(0, cap - used), why


def _payouts(rows: list[Queued], total: int, rule: bylaws.Capital | None) -> Iterator[Payout]:
    """What each vintage gets of a total that is not more than all of them together."""
    if not total:
        return
    if rule is not None and rule.redeem == "percent-of-all":
        groups = [rows]
    elif rule is not None and rule.short == "pro-rata":
        groups = [list(group) for _, group in groupby(rows, key=lambda row: row.period)]
    else:
        groups = [[row] for row in rows]
    for group in groups:
        here = min(total, sum(row.amount for row in group))
        total -= here
        for row, units in zip(group, split(here, [row.amount for row in group]), strict=True):
            if units:
                yield Payout(row, units)


# -- where the money comes from --------------------------------------------------------------------------------------


def money_account(rules: Bylaws, day: date, named: str | None = None) -> str:
    """The account that money is paid from: the one named, else that of the last such payment, else the only one.

    Raises UnknownName where the account named is none that is open, and where several could be meant.
    """
    facts = rules.facts
    open_ones = sorted(
        account
        for account, life in facts.accounts.items()
        if below(account, facts.roots.assets) and life.opened <= day and (life.closed is None or life.closed > day)
    )
    if named is not None:
        if named in open_ones:
            return named
        raise UnknownName(f'"{named}" is no account of {facts.roots.assets} that is open on {day}: give one that is')
    used = next((account for move in reversed(facts.movements) if (account := _paid_from(rules, move))), None)
    if used in open_ones:
        return used
    kept = {fund.backing for fund in rules.every(surplus.Fund)}
    owed = facts.roots.subscriptions
    free = [each for each in open_ones if each not in kept and not below(each, owed)]
    if len(free) == 1:
        return free[0]
    if not free:
        raise UnknownName(
            f"no account of {facts.roots.assets} is open on {day} that could pay: open one, as Assets:Bank"
        )
    raise UnknownName(f"the money could come from {' or '.join(free)}: say which, as --from {free[0]}")


def _paid_from(rules: Bylaws, move: Movement) -> str | None:
    """The one asset account that a payment to a member or a former member was made from."""
    roots = rules.facts.roots
    parents = (roots.patronage, roots.former_members)
    pays = "coop-redeem" in move.tags or any(
        leg.amount > 0 and any(below(leg.account, parent) for parent in parents) for leg in move.legs
    )
    if not pays or move.tags & {"coop-close", "coop-exit"}:
        return None
    sources = {leg.account for leg in move.legs if leg.amount < 0 and below(leg.account, roots.assets)}
    return sources.pop() if len(sources) == 1 else None
