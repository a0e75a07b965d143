"""The result of a fiscal year, its member and non-member part, and the earlier losses that come first."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from coopbooks.bylaws import Bylaws
from coopbooks.errors import SurplusRefused
from coopbooks.facts import Unpriced, below
from coopbooks.money import Unit, half_up, settled
from coopbooks.periods import DAY, Period
from coopbooks.records import bylaws, surplus
from coopbooks.rows import NamedTuple
from coopbooks.rules.patronage import Patronage
from coopbooks.rules.work import exact_sum

__all__ = ["Result", "result_of"]


class Result(NamedTuple):
    """A year's result in whole units, positive for a surplus; adjustments stand beside it, not in it."""

    result: int
    adjustments: int
    nonmember: int
    tax: int
    member_tax: int
    payroll: int
    unpriced: tuple[Unpriced, ...]

    @property
    def total(self) -> int:
        """Result with its adjustments."""
        return self.result + self.adjustments

    @property
    def member(self) -> int:
        """The members' part, adjustments included."""
        return self.total - self.nonmember


def result_of(rules: Bylaws, period: Period, rule: bylaws.Surplus, patronage: Patronage, supposed: int = 0) -> Result:
    """Minus the sum of Income and Expenses of the period, cut to whole units towards zero, and how it parts.

    A loss is not split between members and non-members. `supposed` units are added to what is in the books, to ask what
    another result would bring.
    """
    facts, unit = rules.facts, rules.facts.unit
    booked = -facts.result_between(period.starts, period.ends)
    booked -= sum((row.amount for row in facts.moved if row.period == period.name), Decimal(0))
    result = unit.cut(settled(booked)) + supposed
    adjustments, of_nonmembers, of_members = _adjustments(rules, period, unit)
    shared = result + adjustments - of_nonmembers - of_members
    nonmember = 0
    if shared + of_nonmembers + of_members > 0:
        nonmember = max(0, _nonmember_part(rules, period, rule, patronage, shared) + of_nonmembers)
    tax = unit.nearest(_within(rules, (rule.tax,), period)) if rule.tax else 0
    total = result + adjustments
    return Result(
        result=result,
        adjustments=adjustments,
        nonmember=nonmember,
        tax=tax,
        member_tax=half_up(Fraction(tax * (total - nonmember), total)) if rule.nonmember_to and total > 0 else tax,
        payroll=_payroll(rules, period, unit) if _asks_payroll(rules, period) else 0,
        unpriced=tuple(row for row in facts.unpriced if _is_result(rules, row.account) and row.date in period),
    )


def _is_result(rules: Bylaws, account: str) -> bool:
    roots = rules.facts.roots
    return below(account, roots.income) or below(account, roots.expenses)


def _within(rules: Bylaws, accounts: tuple[str, ...], period: Period) -> Decimal:
    """What the Income and Expenses accounts named changed by in the period, in the ledger's sign."""
    return sum(
        (
            amount
            for name, days in rules.facts.result_daily.items()
            if any(below(name, account) for account in accounts)
            for day, amount in days
            if day in period
        ),
        Decimal(0),
    )


def _adjustments(rules: Bylaws, period: Period, unit: Unit) -> tuple[int, int, int]:
    """All adjustments of the period, and of them those to the non-member and to the member part."""
    found = {"nonmember": 0, "member": 0, None: 0}
    for record in rules.every(surplus.Adjustment):
        if record.id == period.name:
            if record.amount.currency != unit.currency:
                raise SurplusRefused(
                    f"{record.named} is in {record.amount.currency}, but the surplus is in {unit.currency}: "
                    f"write its amount in {unit.currency}",
                    record.place,
                )
            found[record.part] += unit.cut(record.amount.number)
    return sum(found.values()), found["nonmember"], found["member"]


def _nonmember_part(rules: Bylaws, period: Period, rule: bylaws.Surplus, patronage: Patronage, shared: int) -> int:
    """The non-members' part of a positive result, by `split`."""
    if rule.split == "none" or shared <= 0:
        return 0
    if rule.split == "accounts":
        return rules.facts.unit.nearest(-_within(rules, rule.nonmember_accounts, period))
    figure = "hours" if rule.split == "hours" else "pay"
    whole, members = (
        Fraction(exact_sum(getattr(work, figure) for work in patronage.work(whose).values()))
        for whose in ("all", "member")
    )
    return half_up(shared * (whole - members) / whole) if whole > 0 else 0


def _asks_payroll(rules: Bylaws, period: Period) -> bool:
    """Whether any step is a share of the payroll; only then is it added up."""
    return any("payroll" in (step.of, step.at_most_of) for step in rules.allocations(period))


def _payroll(rules: Bylaws, period: Period, unit: Unit) -> int:
    """Gross pay of everyone in the period; it follows the postings' dates, as the result does."""
    paid = sum((row.amount for row in rules.facts.pay if row.amount is not None and row.date in period), Decimal(0))
    return unit.nearest(paid)


def opening_debit(rules: Bylaws, account: str, first: date) -> int:
    """A debit that stood in the surplus account before the first period: a loss from before, in whole units.

    Of the first day itself an opening entry counts too: what is brought in then was there before.
    """
    before = rules.facts.balance(account, first - DAY)
    for move in rules.facts.moves_on(account):
        if move.date != first or "coop-close" in move.tags:
            continue
        own = [leg for leg in move.legs if below(leg.account, account)]
        if any(not below(leg.account, account) and not _is_result(rules, leg.account) for leg in move.legs):
            before += sum((leg.amount for leg in own), Decimal(0))
    return max(0, rules.facts.unit.cut(before))
