"""What each member and worker gets of a year: the sum over all steps, and its parts in money and in the account."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import ceil, lcm

from coopbooks.bylaws import Bylaws
from coopbooks.errors import SurplusRefused
from coopbooks.money import half_up, share_out, sum_of
from coopbooks.periods import Period
from coopbooks.records import bylaws, surplus
from coopbooks.records.fields import Figure
from coopbooks.rows import NamedTuple, row_of
from coopbooks.rules.patronage import Figures, Patronage
from coopbooks.rules.waterfall import Step

__all__ = ["Part", "member_parts", "worker_parts"]


class Part(NamedTuple):
    """One person's part of a year, in whole units: amount = cash + retained + declined.

    `patronage` is the figure the part follows (hours, pay, …), `whole` that of all together. In a loss year the amount
    is below zero and stands whole in `retained`.
    """

    person: str
    patronage: Fraction
    whole: Fraction
    amount: int
    cash: int
    retained: int
    declined: tuple[tuple[str, int], ...]

    @property
    def share(self) -> Fraction:
        """Share of all patronage."""
        return self.patronage / self.whole if self.whole else Fraction(0)


def member_parts(
    rules: Bylaws, period: Period, rule: bylaws.Surplus, steps: Iterable[Step], patronage: Patronage
) -> list[Part]:
    """The part of everyone who was a member in the period, sorted by id, those who get nothing included."""
    mine = [step for step in steps if step.to == "members"]
    totals = dict.fromkeys(rules.members_during(period), 0)
    for step in mine:
        for person, amount in step.parts.items():
            totals[person] = totals.get(person, 0) + amount
    figures, whole = _figures(mine, patronage)
    willing = {record.id for record in rules.every(surplus.Decline) if totals.get(record.id, 0) > 0}
    declined = {person: _declined(rules, period, person, totals[person]) for person in sorted(willing)}
    kept = totals | {person: totals[person] - sum([units for _, units in each]) for person, each in declined.items()}
    cash = _cash(rules, period, rule, mine, totals, kept)
    none = Fraction(0)
    return [
        row_of(
            Part,
            (
                person,
                figures.get(person, none),
                whole,
                amount,
                money := cash.get(person, 0),
                kept[person] - money,
                declined.get(person, ()),
            ),
        )
        for person, amount in sorted(totals.items())
    ]


def _figures(steps: list[Step], patronage: Patronage, everyone: bool = False) -> tuple[Figures, Fraction]:
    """The figures that explain the parts: those of the steps where all share alike, else the bylaw's patronage."""
    ways = {getattr(step.record, "by", "patronage") for step in steps}
    by = ways.pop() if len(ways) == 1 else "patronage"
    figures = {person: each for person, each in patronage.figures(by, everyone).items() if each.numerator > 0}
    return figures, sum_of(figures.values())


def _declined(rules: Bylaws, period: Period, person: str, amount: int) -> tuple[tuple[str, int], ...]:
    """What a member gives up of a part, and the account that gets it."""
    found = []
    left = amount
    for record in rules.every(surplus.Decline):
        if record.id == person and record.period == period.name:
            to = record.to or rules.collective
            if to is None:
                raise SurplusRefused(
                    f"{record.named} gives up a part of {period.name}, but the books name no collective account for "
                    "it: add to: with an account, or collective: to bylaw capital",
                    record.place,
                )
            units = min(left, half_up(amount * Fraction(record.share)))
            left -= units
            found.append((to, units))
    return tuple(found)


def _cash(
    rules: Bylaws,
    period: Period,
    rule: bylaws.Surplus,
    steps: list[Step],
    totals: dict[str, int],
    kept: dict[str, int],
) -> dict[str, int]:
    """The part paid in money. A leaver is paid all of it.

    With qualified notices each one's cash is rounded up, so that nobody falls below the share that the notice needs
    (26 USC 1388(c)(1)); else the exact total is rounded and dealt by largest remainder.
    """
    cash = dict.fromkeys(totals, 0)
    shares = [(step.parts, _cash_share(rules, period, rule, step)) for step in steps]
    # What is due is counted in parts of a unit, so that it is a whole number for all but those who decline something.
    scale = lcm(*(share.denominator for _, share in shares))
    times = [(parts, share.numerator * (scale // share.denominator)) for parts, share in shares]
    exact: dict[str, int | Fraction] = {}
    for person, amount in totals.items():
        if amount <= 0:
            continue
        if not rules.is_member(person, period.ends):
            cash[person] = kept[person]
            continue
        due = sum([parts[person] * share for parts, share in times if person in parts])
        exact[person] = due if kept[person] == amount else Fraction(due * kept[person], amount)
    if rule.notice == "qualified":
        return cash | {person: min(kept[person], ceil(Fraction(each, scale))) for person, each in exact.items()}
    total = half_up(Fraction(sum(exact.values()), scale))
    return cash | (share_out(total, exact) if total else {})


def _cash_share(rules: Bylaws, period: Period, rule: bylaws.Surplus, step: Step) -> Fraction:
    own: Figure | None = getattr(step.record, "cash", None)
    return rules.share(rule.cash if own is None else own, period, step.record if own and step.record else rule)


def worker_parts(steps: Iterable[Step], patronage: Patronage) -> list[Part]:
    """What steps to all workers give each, all of it in money, sorted by id."""
    mine = [step for step in steps if step.to == "workers"]
    totals: dict[str, int] = {}
    for step in mine:
        for person, amount in step.parts.items():
            totals[person] = totals.get(person, 0) + amount
    if not totals:
        return []
    figures, whole = _figures(mine, patronage, everyone=True)
    return [
        Part(
            person,
            figures.get(person, Fraction(0)),
            whole,
            amount,
            amount,
            0,
            (),
        )
        for person, amount in sorted(totals.items())
    ]
