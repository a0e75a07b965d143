"""Debts to former members: what was owed at the exit, what changed it since, its instalments, and what is overdue.

The account `Liabilities:FormerMembers:<Id>` holds the debt. Instalments follow from the bylaw of the exit's day: equal
yearly ones (`years`) or months and shares (`schedule`), with interest on what is left. All money is whole units.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from operator import itemgetter

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, Place
from coopbooks.facts import Leg, Movement, below
from coopbooks.money import half_up, split
from coopbooks.periods import DAY, Period, add_months
from coopbooks.records import bylaws
from coopbooks.rows import NamedTuple
from coopbooks.rules.exits import Leaving, left_on
from coopbooks.rules.payments import person_of

__all__ = ["Debt", "DueInstalment", "Instalment", "debt_findings", "debts_of", "due_instalments"]

Flow = tuple[date, int]
"""A day and what changed on it, in whole units."""


class Instalment(NamedTuple):
    """One instalment: what of the debt falls due on a day, with the interest since the one before, and what was paid of it."""

    due: date
    principal: int
    interest: int
    paid: int

    @property
    def amount(self) -> int:
        """What is to be paid."""
        return self.principal + self.interest

    def is_overdue(self, as_of: date) -> bool:
        """Whether its day has passed and something of it is not paid."""
        return as_of > self.due and self.paid < self.amount


class Paid(NamedTuple):
    """Money that went to a former member: of the debt, and as interest that was booked as an expense at once."""

    day: date
    units: int
    at_once: int
    place: Place


class Debt(NamedTuple):
    """A debt since one exit, on a day. owed = capital - deductions - set_off; balance = owed + interest - losses - paid."""

    person: str
    leaving: Leaving | None
    booked: date
    place: Place
    capital: int
    deductions: int
    set_off: int
    interest: int
    losses: int
    payments: tuple[Paid, ...]
    instalments: tuple[Instalment, ...]

    @property
    def owed(self) -> int:
        """What became a debt."""
        return self.capital - self.deductions - self.set_off

    @property
    def paid(self) -> int:
        """What was paid of it, interest booked at once left out."""
        return sum(payment.units for payment in self.payments)

    @property
    def balance(self) -> int:
        """What its account still holds of it."""
        return self.owed + self.interest - self.losses - self.paid

    @property
    def since(self) -> date:
        """The day of the exit, or, where the books know none, the day on which the debt was booked."""
        return self.booked if self.leaving is None else self.leaving.day

    def overdue(self, as_of: date) -> int:
        """What of the instalments should have been paid before this day and was not."""
        return sum(each.amount - each.paid for each in self.instalments if each.is_overdue(as_of))


class _Open:
    """A debt while the account's history is read."""

    def __init__(self, person: str, leaving: Leaving | None, move: Movement, sums: tuple[int, int, int]) -> None:
        self.person, self.leaving, self.move = person, leaving, move
        self.capital, self.deductions, self.set_off = sums
        self.interest = 0
        self.losses: list[Flow] = []
        self.payments: list[Paid] = []

    @property
    def owed(self) -> int:
        return self.capital - self.deductions - self.set_off

    @property
    def left(self) -> int:
        lost = sum(units for _, units in self.losses)
        return self.owed + self.interest - lost - sum(payment.units for payment in self.payments)


def debts_of(rules: Bylaws, as_of: date) -> list[Debt]:
    """Every debt to a former member that was booked by a day, as it stands then, by person and exit.

    What is paid goes to the oldest debt of a person first. Raises LedgerUnusable where a rate of interest has no value.
    """
    history: dict[str, list[tuple[date, bool, int, Leg]]] = {}
    for number, leg in rules.facts.legs(rules.facts.roots.former_members):
        day = rules.facts.movements[number].date
        if day <= as_of:
            history.setdefault(person_of(rules, leg.account), []).append((day, leg.amount > 0, number, leg))
    found = []
    for person, rows in sorted(history.items()):
        book: list[_Open] = []
        for _, _, number, leg in sorted(rows, key=itemgetter(0, 1, 2)):
            _enter(rules, book, person, rules.facts.movements[number], leg)
        found += [_closed(rules, each, as_of) for each in book]
    return found


def _enter(rules: Bylaws, book: list[_Open], person: str, move: Movement, leg: Leg) -> None:
    """One posting on the account of a debt: a new debt, a loss, interest, or a payment."""
    unit = rules.facts.unit
    units = unit.nearest(-leg.amount)
    leaving = left_on(rules, person, move.date)
    if "coop-exit" in move.tags and units > 0:
        before = next((each for each in book if leaving is not None and each.leaving == leaving), None)
        sums = _sums(rules, move, units)
        if before is None:
            book.append(_Open(person, leaving, move, sums))
        else:  # a second entry for the same exit: what was found later
            before.capital, before.deductions, before.set_off = (
                old + new for old, new in zip((before.capital, before.deductions, before.set_off), sums, strict=True)
            )
    elif units > 0 and (not book or _brings_in(rules, move)):
        book.append(_Open(person, leaving if not book else None, move, (units, 0, 0)))
    elif not book:  # paid before there is a debt: a finding of its own
        book.append(_Open(person, None, move, (0, 0, 0)))
        _pay(rules, book, move, leg, -units)
    elif "coop-close" in move.tags:
        _oldest(book).losses.append((move.date, -units))
    elif units > 0 and _is_interest(rules, move):
        _oldest(book).interest += units
    else:
        _pay(rules, book, move, leg, -units)


def _sums(rules: Bylaws, move: Movement, owed: int) -> tuple[int, int, int]:
    """Capital, deductions and set-off of a `#coop-exit`, from its postings."""
    unit, assets = rules.facts.unit, rules.facts.roots.assets
    set_off = sum(unit.nearest(-leg.amount) for leg in move.legs if below(leg.account, assets))
    debt = rules.facts.roots.former_members
    others = [leg for leg in move.legs if not below(leg.account, assets) and not below(leg.account, debt)]
    deductions = sum(unit.nearest(-leg.amount) for leg in others if leg.amount < 0)
    return owed + set_off + deductions, deductions, set_off


def _brings_in(rules: Bylaws, move: Movement) -> bool:
    """Whether an entry without a tag brings a debt in from before: against Equity, as an opening balance."""
    return not move.tags & {"coop-exit", "coop-close", "coop-interest"} and any(
        below(leg.account, rules.facts.roots.equity) for leg in move.legs
    )


def _is_interest(rules: Bylaws, move: Movement) -> bool:
    return "coop-interest" in move.tags or any(below(leg.account, rules.facts.roots.expenses) for leg in move.legs)


def _oldest(book: list[_Open]) -> _Open:
    """The oldest debt of which something is left, else the last."""
    return next((each for each in book if each.left > 0), book[-1])


def _pay(rules: Bylaws, book: list[_Open], move: Movement, leg: Leg, units: int) -> None:
    """A payment, oldest debt first; interest that the same entry books as an expense was paid with it."""
    at_once = sum(rules.facts.unit.nearest(amount) for amount in _expenses_beside(rules, move, leg))
    if units <= 0:  # interest alone, or a payment that came back
        book[-1].payments.append(Paid(move.date, units, at_once, leg.place))
    while units > 0:
        debt = _oldest(book)
        part = min(units, debt.left) if debt.left > 0 and debt is not book[-1] else units
        debt.payments.append(Paid(move.date, part, at_once, leg.place))
        units, at_once = units - part, 0


def _expenses_beside(rules: Bylaws, move: Movement, leg: Leg) -> Iterator[Decimal]:
    """What an entry books as an expense with one payment: all of it, or, where it pays several, what follows the payment."""
    debt = rules.facts.roots.former_members
    several = sum(1 for each in move.legs if below(each.account, debt)) > 1
    paid: Leg | None = None if several else leg
    for each in move.legs:
        if below(each.account, debt):
            paid = each
        elif paid == leg and each.amount > 0 and below(each.account, rules.facts.roots.expenses):
            yield each.amount


def _closed(rules: Bylaws, debt: _Open, as_of: date) -> Debt:
    plan: tuple[Instalment, ...] = ()
    if debt.leaving is not None and debt.leaving.rule is not None:
        money = [(paid.day, paid.units + paid.at_once) for paid in debt.payments]
        plan = tuple(_plan(rules, debt.leaving.rule, debt.leaving.day, debt.owed, debt.losses, money, as_of))
    return Debt(
        person=debt.person,
        leaving=debt.leaving,
        booked=debt.move.date,
        place=debt.move.place,
        capital=debt.capital,
        deductions=debt.deductions,
        set_off=debt.set_off,
        interest=debt.interest,
        losses=sum(units for _, units in debt.losses),
        payments=tuple(debt.payments),
        instalments=plan,
    )


# -- instalments -----------------------------------------------------------------------------------------------------


def _plan(
    rules: Bylaws,
    terms: bylaws.ExitTerms,
    since: date,
    owed: int,
    losses: Sequence[Flow],
    money: Sequence[Flow],
    as_of: date,
) -> Iterator[Instalment]:
    """The instalments of a debt: what falls due when, counted in months from the exit."""
    if terms.schedule:
        months = [int(each) for each, _ in terms.schedule]
        weights: list[Fraction] = [Fraction(share) for _, share in terms.schedule]
    elif terms.years is not None:
        months = [12 * number for number in range(1, terms.years + 1)] or [0]
        weights = [Fraction(1)] * len(months)
    else:
        return
    if owed <= 0 or not any(weights):
        return
    dues = [add_months(since, each) for each in months]
    parts = split(owed, weights)
    for day, units in losses:
        parts = _less(parts, dues, day, units)
    interest = _interest(rules, terms, since, owed, list(zip(months, dues, parts, strict=True)), losses, money, as_of)
    left = sum(units for _, units in money)
    for due, part, extra in zip(dues, parts, interest, strict=True):
        paid = max(0, min(part + extra, left))
        left -= paid
        yield Instalment(due, part, extra, paid)


def _less(parts: list[int], dues: Sequence[date], day: date, units: int) -> list[int]:
    """Instalments after a loss took something off the debt: those still to come bear it in proportion, then the rest."""
    later = [place for place, due in enumerate(dues) if due > day and parts[place] > 0]
    if later and units <= sum(parts[place] for place in later):
        cut = split(units, [parts[place] for place in later])
        for place, each in zip(later, cut, strict=True):
            parts[place] -= each
        return parts
    for place in reversed(range(len(parts))):
        taken = min(parts[place], units)
        parts[place] -= taken
        units -= taken
    return parts


def _interest(
    rules: Bylaws,
    terms: bylaws.ExitTerms,
    since: date,
    owed: int,
    rows: Sequence[tuple[int, date, int]],
    losses: Sequence[Flow],
    money: Sequence[Flow],
    as_of: date,
) -> list[int]:
    """The interest that falls due with each instalment, on what was really left until `as_of`, then on the plan.

    A year's rate counts for as many twelfths as the instalment has months, a part of them by days. What is paid covers
    interest that has fallen due before it lowers the debt.
    """
    if terms.interest is None:
        return [0] * len(rows)
    changes = sorted([*((day, units, True) for day, units in money), *((day, units, False) for day, units in losses)])
    left, unpaid, found = owed, 0, []
    begins, before = since, 0
    planned = sum(part for _, _, part in rows)
    for months, due, part in rows:
        total = Fraction(0)
        turns = (as_of, *(day for day, _, _ in changes))
        days = sorted({begins, due, *(day for day in turns if begins < day < due)})
        for first, following in pairwise(days):
            while changes and changes[0][0] <= first:
                _, units, is_paid = changes.pop(0)
                covered = min(units, unpaid) if is_paid and units > 0 else 0
                unpaid -= covered
                left -= units - covered
            base = max(0, left if first < as_of else min(left, planned))
            rate = rules.figure(terms.interest, Period(f"{first}/{following - DAY}", first, following - DAY), terms)
            total += base * rate * Fraction((following - first).days, (due - begins).days)
        found.append(half_up(total * Fraction(months - before, 12)))
        unpaid += found[-1]
        planned -= part
        begins, before = due, months
    return found


# -- payments beyond the debt ----------------------------------------------------------------------------------------


def debt_findings(rules: Bylaws) -> list[Finding]:
    """Every payment to a former member of more than the debt at its day's end."""
    unit, facts = rules.facts.unit, rules.facts
    parent = facts.roots.former_members
    findings = []
    rows = ((facts.movements[number], leg) for number, leg in facts.legs(parent) if leg.amount > 0)
    for move, leg in rows:
        if move.tags & {"coop-close", "coop-exit"}:
            continue
        paid, over = unit.nearest(leg.amount), unit.nearest(facts.balance(leg.account, move.date))
        if over > 0:
            over = min(over, paid)
            findings.append(Finding(leg.place, "exits", _beyond(rules, move, leg, paid, over)))
    return findings


def _beyond(rules: Bylaws, move: Movement, leg: Leg, paid: int, over: int) -> str:
    unit = rules.facts.unit
    return (
        f"former member {person_of(rules, leg.account)} is paid {unit.said(paid)} on {move.date}, which is {unit.said(over)} "
        f"more than the debt: pay at most {unit.said(paid - over)}, and book interest as an expense"
    )


class DueInstalment(NamedTuple):
    """An instalment of a debt, with the day and the place of the payment that made it whole, if one did."""

    debt: Debt
    instalment: Instalment
    met_on: date | None
    met_by: Place | None


def due_instalments(rules: Bylaws, as_of: date) -> Iterator[DueInstalment]:
    """Every instalment of every debt as it stands on a day; one in which nothing is to be paid is left out."""
    for debt in debts_of(rules, as_of):
        needed = 0
        for each in debt.instalments:
            needed += each.amount
            met = _reached(debt.payments, needed)
            if each.amount:
                yield DueInstalment(debt, each, met.day if met else None, met.place if met else None)


def _reached(payments: Iterable[Paid], needed: int) -> Paid | None:
    """The payment with which all of them together reached a sum."""
    total = 0
    for payment in payments:
        total += payment.units + payment.at_once
        if total >= needed:
            return payment
    return None
