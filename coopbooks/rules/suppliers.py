"""What the cooperative buys from whom, and what it bought from a supplier after a violation was recorded.

A purchase is a posting on an account of expenses that is no pay and no gift in kind and says from whom: by
`supplier: "<id>"`, else by the payee of its transaction. What is booked together with pay, such as the levies on it, is a
purchase only where it names its supplier. So is what is bought to be kept: a debit on an account of assets that is no
money, in a transaction that names a supplier and has no expense.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, Place
from coopbooks.facts import Outlay, below
from coopbooks.periods import add_months
from coopbooks.records import alliances, audits
from coopbooks.rows import NamedTuple
from coopbooks.rules.decisions import Adopted, adopted_by_assembly

__all__ = [
    "STOPS",
    "AfterViolation",
    "Purchase",
    "bought_after",
    "is_cooperative",
    "purchases",
    "screening_of",
    "supplier_findings",
]

STOPS = "SUP-2"
"""The criterion that stops purchases, and the id of the derogation that lets them go on."""


class Purchase(NamedTuple):
    """One posting that buys. `amount` is below zero for what was given back, None where no price is known."""

    date: date
    supplier: str
    amount: Decimal | None
    account: str
    decision: str | None
    place: Place


class AfterViolation(NamedTuple):
    """A purchase `days` after the first violation of its supplier, more than `allowed`; `leave` says whether it may be."""

    purchase: Purchase
    violation: alliances.Violation
    days: int
    allowed: Decimal
    leave: Adopted
    derogation: audits.Derogation | None


def purchases(rules: Bylaws) -> list[Purchase]:
    """Every purchase of the books, in order of date and place. Made once; not to be changed."""
    if "purchases" not in rules.memo:
        rules.memo["purchases"] = _read_purchases(rules)
    found: list[Purchase] = rules.memo["purchases"]
    return found


def _read_purchases(rules: Bylaws) -> list[Purchase]:
    rows = rules.facts.outlays
    pay = {(row.file, row.line) for row in rules.facts.pay}
    paying = {(row.file, row.entry) for row in rows if (row.file, row.line) in pay}
    expenses = rules.facts.roots.expenses
    given = {(row.file, row.entry) for row in rules.facts.gifts if row.fields.get("in-kind") is True}
    spends = {account: below(account, expenses) for account in {row.account for row in rows}}
    spending = {(row.file, row.entry) for row in rows if spends[row.account]}
    found = []
    for row in rows:
        named = _text(row.fields.get("supplier")) if row.fields else None
        supplier = named or (row.payee or "").strip()
        if not supplier or (row.file, row.line) in pay or row.fields.get("in-kind") is True:
            continue
        entry = row.file, row.entry
        if entry in given:  # what came from an ally in kind was not bought
            continue
        spent = spends[row.account] and (named is not None or entry not in paying)
        if spent or (named is not None and entry not in spending and _is_kept(rules, row)):
            decision = _text(row.fields.get("decision"))
            found.append(Purchase(row.date, supplier, row.amount, row.account, decision, row.place))
    return sorted(found, key=lambda each: (each.date, each.place))


def _is_kept(rules: Bylaws, row: Outlay) -> bool:
    """Whether a posting puts something on an account of assets that is no money."""
    kept = below(row.account, rules.facts.roots.assets) and row.account not in rules.facts.liquid
    return kept and (row.amount is None or row.amount > 0)


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


# -- screenings ------------------------------------------------------------------------------------------------------


def screening_of(rules: Bylaws, supplier: str, day: date, months: int) -> alliances.Screening | None:
    """The last look at a supplier that was no older than so many months on a day; None where there is none."""
    for record in reversed(rules.history(alliances.Screening, supplier)):
        if record.date <= day:
            return record if add_months(record.date, months) >= day else None
    return None


def is_cooperative(rules: Bylaws, supplier: str, day: date) -> alliances.Screening | None:
    """The last screening by a day, where it found a cooperative; its age does not matter, for what it is stays."""
    known = [record for record in rules.history(alliances.Screening, supplier) if record.date <= day]
    found = known[-1] if known else None
    return found if found is not None and (found.outcome or "").strip().casefold() in _COOPERATIVE else None


_COOPERATIVE = ("cooperative", "solidarity")


# -- violations ------------------------------------------------------------------------------------------------------


def bought_after(rules: Bylaws, allowed: Decimal | None = None) -> list[AfterViolation]:
    """Every purchase later than so many days after its supplier's first violation, oldest first.

    `allowed` are the days; where it is None, `supply.stop-days` of the day of each purchase.

    The day of the violation is day 0 and the last of the days still allowed. Leave is given by the assembly only: by the
    decision that the purchase names, taken on or after the day of the violation, or by a `derogation "SUP-2"` in force.
    """
    if not rules.ids("violation"):
        return []
    found = []
    for each in purchases(rules):
        violation = next(iter(rules.history(alliances.Violation, each.supplier)), None)
        if violation is None or (each.amount is not None and each.amount <= 0):
            continue
        days, most = (each.date - violation.date).days, allowed
        if most is None:
            setting = rules.parameter("supply.stop-days", each.date)
            assert isinstance(setting, Decimal), "supply.stop-days is a number"
            most = setting
        if days > most:
            leave, derogation = _leave(rules, each, violation)
            found.append(AfterViolation(each, violation, days, most, leave, derogation))
    return found


def _leave(
    rules: Bylaws, purchase: Purchase, violation: alliances.Violation
) -> tuple[Adopted, audits.Derogation | None]:
    """Whether the assembly let a purchase be made, and the derogation that says so where it is not its own decision."""
    own = adopted_by_assembly(rules, purchase.decision, purchase.date)
    if own.ok and own.decision is not None and own.decision.date >= violation.date:
        return own, None
    for record in reversed(rules.history(audits.Derogation, STOPS)):
        if violation.date <= record.date <= purchase.date and (record.until is None or purchase.date <= record.until):
            carried = adopted_by_assembly(rules, record.decision, purchase.date)
            if carried.ok:
                return carried, record
            own = carried
    return own._replace(ok=False), None


def supplier_findings(rules: Bylaws) -> list[Finding]:
    """Purchases from a supplier after a violation that no assembly has allowed; books without violations have none."""
    return list(_findings(rules))


def _findings(rules: Bylaws) -> Iterator[Finding]:
    for each in bought_after(rules):
        if not each.leave.ok:
            bought, broken = each.purchase, each.violation
            yield Finding(
                bought.place,
                "suppliers",
                f'this posting on {bought.account} buys from "{bought.supplier}" {each.days} days after the violation of '
                f"{broken.date}, and supply.stop-days is {each.allowed:f}: buy elsewhere, or add decision: with an "
                "assembly's decision that allows it",
            )
