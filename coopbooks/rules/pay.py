"""How far pay is spread: the wage ratio of each pay period, its cap, and what would cure a breach.

Everything is judged exactly (`Fraction`); only what is printed is rounded, and a breach never rounds down to its cap.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, LedgerUnusable, Place
from coopbooks.facts import PayRow
from coopbooks.money import Amount, places_down, places_half_up, places_up
from coopbooks.periods import Period
from coopbooks.records.bylaws import WageRatio
from coopbooks.rows import NamedTuple
from coopbooks.rules.work import Work, WorkBook, span_findings

__all__ = ["End", "PersonPay", "RatioRow", "ratio_findings", "ratio_rows"]

_ZERO = Decimal(0)
_DEFAULT_KINDS = WageRatio.FIELDS["include"].default


class PersonPay(NamedTuple):
    """One person in one pay period: pay in the currency, hours, rate, and why they are left out, if they are."""

    person: str
    status: str | None
    pay: Fraction
    hours: Fraction | None
    rate: Fraction | None
    reason: str | None
    contract_hours: bool
    place: Place


class End(NamedTuple):
    """One end of a ratio: the person, or None for a median, a mean or a floor; `rate` an hour or a full-time job."""

    person: str | None
    rate: Fraction


class RatioRow:
    """The wage ratio of one pay period under one cap; without a cap `bylaw` is None.

    What everybody was paid is worked out only where somebody asks: a check needs the two ends alone.
    """

    def __init__(self, rules: Bylaws, period: Period, bylaw: WageRatio | None, book: WorkBook) -> None:
        """`book` has pay and hours of the period by person."""
        self.rules, self.period, self.bylaw, self.book = rules, period, bylaw, book
        self.works = book.by_period[period]

    @cached_property
    def people(self) -> tuple[PersonPay, ...]:
        """Everyone with pay in the period, sorted by id."""
        return tuple(
            _person_pay(self.rules, person, self.works[person], self.bylaw, self.period)
            for person in sorted(self.works)
        )

    @cached_property
    def counted(self) -> list[PersonPay]:
        """Those whose pay is in the ratio, lowest rate first."""
        inside = [person for person in self.people if person.reason is None]
        return sorted(inside, key=lambda person: (person.rate, person.person))

    @cached_property
    def _ends(self) -> tuple[End, End] | None:
        if self.bylaw is not None and self.measure == "hourly" and self._all_decimal:
            ends = _extremes(self.works, self.bylaw.minimum_hours)
            if ends is None or self.bylaw.compare == "max/min":
                return ends
            if self.bylaw.compare == "max/floor":
                return ends[0], End(None, _floor(self.rules, self.bylaw, self.period))
        return _ends(self.rules, self.counted, self.bylaw, self.period) if self.counted else None

    @property
    def _all_decimal(self) -> bool:
        """Whether no span has left fractions of an amount, so that sums are plain Decimals."""
        return not (self.book.parted and any(work.parted for work in self.works.values()))

    @property
    def highest(self) -> End | None:
        """The upper end of the ratio."""
        return self._ends[0] if self._ends else None

    @property
    def lowest(self) -> End | None:
        """The lower end of the ratio."""
        return self._ends[1] if self._ends else None

    @cached_property
    def ratio(self) -> Fraction | None:
        """The ratio, exact; None where nobody is counted."""
        return self._ends[0].rate / self._ends[1].rate if self._ends else None

    @property
    def cap(self) -> Fraction | None:
        """The highest ratio that the bylaw allows."""
        return Fraction(self.bylaw.cap) if self.bylaw else None

    @property
    def breach(self) -> bool:
        """Whether the ratio is over its cap."""
        return self.ratio is not None and self.cap is not None and self.ratio > self.cap

    @property
    def measure(self) -> str:
        """What the rates are: hourly or full-time."""
        return self.bylaw.measure if self.bylaw else "hourly"

    @property
    def without_hours(self) -> list[str]:
        """Those whose pay has no hours behind it, where the measure needs hours."""
        if self.measure != "hourly":
            return []
        works = self.works
        lacking = [person for person in self.book.unclocked & works.keys() if not works[person].hours_known]
        return sorted(person for person in lacking if works[person].pay > 0)

    @property
    def ratio_text(self) -> str | None:
        """The ratio with two decimals, half up; a breach never looks like its cap."""
        if self.ratio is None:
            return None
        text = places_half_up(self.ratio, 2)
        return places_up(self.ratio, 2) if self.breach and self.cap is not None and Fraction(text) <= self.cap else text


def _extremes(works: dict[str, Work], minimum_hours: Decimal) -> tuple[End, End] | None:
    """The best and the least paid hour, or None where nobody is counted. Of equal rates the smaller id stands.

    Rates are compared as quotients of 28 digits, which tells any two apart that come from figures of up to 13 digits;
    the two that are returned are exact.
    """
    rates = {
        person: work.pay / work.hours  # type: ignore[operator]  # all are Decimals
        for person, work in works.items()
        if work.hours_known
        and (work.hours >= minimum_hours if minimum_hours else work.hours > _ZERO)
        and work.pay > _ZERO
    }
    if not rates:
        return None
    best, least = max(rates.values()), min(rates.values())
    top = min([person for person, rate in rates.items() if rate == best])
    bottom = min([person for person, rate in rates.items() if rate == least])
    return End(top, works[top].exact_rate), End(bottom, works[bottom].exact_rate)


def ratio_rows(rules: Bylaws) -> list[RatioRow]:
    """The wage ratio of every pay period with pay, once for each cap in force on its last day, in order.

    Raises LedgerUnusable where a bylaw cannot be computed (a rate without a value, a missing floor).
    """

    def book(sort: str, kinds: tuple[str, ...], over: str) -> WorkBook:
        return WorkBook.of(rules, sort, set(kinds) - {"unpaid", "none"}, "member" if over == "members" else None)

    caps = rules.every(WageRatio)
    rows = [
        RatioRow(rules, period, bylaw, works)
        for bylaw in caps
        for works in (book(bylaw.period, bylaw.include, bylaw.over),)
        for period in works.by_period
        if rules.of(WageRatio, bylaw.id, period.ends) is bylaw
    ]
    if _any_month_without_cap(rules):
        works = book("month", _DEFAULT_KINDS, "all")
        rows += [
            RatioRow(rules, month, None, works) for month in works.by_period if not rules.all_of(WageRatio, month.ends)
        ]
    return sorted(rows, key=lambda row: (row.period.starts, row.period.ends, row.bylaw.id if row.bylaw else ""))


def _any_month_without_cap(rules: Bylaws) -> bool:
    """Whether pay may fall in a month on whose last day no cap is in force."""
    pay = rules.facts.pay
    if not pay or not rules.every(WageRatio) or any(row.span for row in rules.facts.unusual_pay):
        return bool(pay)
    span = Period("", pay[0].date, pay[-1].date)
    return any(not rules.all_of(WageRatio, month.ends) for month in rules.calendar.touched(span, "month"))


def _person_pay(rules: Bylaws, person: str, work: Work, bylaw: WageRatio | None, period: Period) -> PersonPay:
    pay, hours = Fraction(work.pay), Fraction(work.hours) if work.hours_known else None
    minimum = bylaw.minimum_hours if bylaw else Decimal(8)
    full_time = bylaw is not None and bylaw.measure == "full-time"
    reason = rate = None
    if pay <= 0:
        reason = "pay is not above zero"
    elif hours is None:
        rate, reason = (pay, None) if full_time else (None, NO_HOURS)
    elif hours <= 0:
        reason = "hours are not above zero"
    elif hours < minimum:
        reason = f"{_figure(hours)} hours, fewer than {_figure(Fraction(minimum))}"
    elif full_time and bylaw is not None:
        rate = pay / min(Fraction(1), hours / _full_time_hours(bylaw))
    else:
        rate = pay / hours
    found = rules.works_as(person, period.ends)
    place = _payroll_posting(work.rows).place if work.rows else Place("", 0)
    return PersonPay(person, found.status if found else None, pay, hours, rate, reason, work.contract, place)


NO_HOURS = "no hours on the posting and no contract hours"


def _payroll_posting(rows: list[PayRow]) -> PayRow:
    """Of a person's postings the largest, and of equal ones the first."""
    return min(rows, key=lambda row: (-(row.amount or 0), row.date, row.file, row.line))


def _full_time_hours(bylaw: WageRatio) -> Fraction:
    if not bylaw.full_time_hours:
        raise LedgerUnusable(
            f"{bylaw.named} measures full-time pay: add full-time-hours: with the hours of a full-time job in a "
            f"{bylaw.period}",
            bylaw.place,
        )
    return Fraction(bylaw.full_time_hours)


def _ends(rules: Bylaws, counted: list[PersonPay], bylaw: WageRatio | None, period: Period) -> tuple[End, End]:
    rates = [_rate(person) for person in counted]
    top = min(counted, key=lambda person: (-_rate(person), person.person))
    highest, lowest = End(top.person, _rate(top)), End(counted[0].person, rates[0])
    compare = bylaw.compare if bylaw else "max/min"
    if compare == "mean-top-5/floor":
        best = rates[-5:]
        highest = End(None, sum(best, Fraction(0)) / len(best))
    if bylaw is not None and compare.endswith("/floor"):
        lowest = End(None, _floor(rules, bylaw, period))
    elif compare == "max/median":
        middle = len(rates) // 2
        lowest = End(None, rates[middle] if len(rates) % 2 else (rates[middle - 1] + rates[middle]) / 2)
    return highest, lowest


def _rate(person: PersonPay) -> Fraction:
    assert person.rate is not None, person
    return person.rate


def _floor(rules: Bylaws, bylaw: WageRatio, period: Period) -> Fraction:
    """The floor an hour, or of a full-time job where that is what is measured."""
    if bylaw.floor is None:
        raise LedgerUnusable(
            f"{bylaw.named} compares with a floor but names none: add floor: as an amount an hour, as 12.50 EUR",
            bylaw.place,
        )
    if isinstance(bylaw.floor, Amount):
        if bylaw.floor.currency != rules.facts.currency:
            raise LedgerUnusable(
                f"the floor of {bylaw.named} is {bylaw.floor}, but these books are in {rules.facts.currency}: write it in "
                f"{rules.facts.currency}",
                bylaw.place,
            )
        floor = Fraction(bylaw.floor.number)
    else:
        floor = rules.figure(bylaw.floor, period, bylaw)
    if floor <= 0:
        raise LedgerUnusable(
            f"the floor of {bylaw.named} is {places_half_up(floor, 2)} in {period.name}, and nothing can be compared "
            "with that: write a floor above zero, as 12.50 EUR",
            bylaw.place,
        )
    return floor * _full_time_hours(bylaw) if bylaw.measure == "full-time" else floor


def _figure(value: Fraction) -> str:
    """A number of hours without needless zeros."""
    text = places_half_up(value, 2)
    return text.rstrip("0").rstrip(".")


# -- findings --------------------------------------------------------------------------------------------------------


def ratio_findings(rules: Bylaws) -> list[Finding]:
    """Every breach of a cap, at the payroll posting of the best-paid person, and all pay whose hours are unknown."""
    findings = span_findings(rules)
    try:
        rows = ratio_rows(rules)
        [row.ratio for row in rows if row.bylaw]  # a cap that cannot be computed says so here
    except LedgerUnusable as error:
        return [*findings, Finding(error.place or Place("", 0), "wage-ratio", error.message)]
    told: set[tuple[Place, str]] = set()
    misread = {fault.place for fault in rules.facts.faults}  # hours are there, but not written as a number
    for row in rows:
        if row.bylaw is None:
            continue
        for person in row.without_hours:
            place = _payroll_posting(row.works[person].rows).place
            if (place, row.period.name) not in told and place not in misread:
                told.add((place, row.period.name))
                findings.append(Finding(place, "pay", _no_hours(person, row, row.bylaw)))
        if row.breach:
            findings.append(Finding(_best_paid(row).place, "wage-ratio", breach_sentence(row, rules)))
    return findings


def _no_hours(person: str, row: RatioRow, bylaw: WageRatio) -> str:
    found = row.rules.works_as(person, row.period.ends)
    return (
        f"pay of {person} in {row.period.name} has no hours, so that the hourly wage ratio (bylaw at {bylaw.place}) "
        "cannot count it: add hours: to the posting, or hours: with the contract hours of a month to the "
        f"{found.status if found else 'member'} record"
    )


def _best_paid(row: RatioRow) -> PersonPay:
    return min(row.counted, key=lambda person: (-_rate(person), person.person))


def breach_sentence(row: RatioRow, rules: Bylaws) -> str:
    """The breach in one sentence: ratio, cap, period, both ends, the bylaw's place, and what would cure it."""
    bylaw, highest, lowest = row.bylaw, row.highest, row.lowest
    assert bylaw is not None
    assert highest is not None
    assert lowest is not None
    assert row.cap is not None
    unit = (
        f"{rules.facts.currency}/h"
        if bylaw.measure == "hourly"
        else f"{rules.facts.currency} a full-time {bylaw.period}"
    )
    top = f"highest {highest.person}" if highest.person else "mean of the five highest"
    if lowest.person:
        bottom = f"lowest {lowest.person}"
    else:
        bottom = "median" if bylaw.compare == "max/median" else "floor"
    ceiling = (
        f"{highest.person or 'the five best paid on average'} at most {places_down(row.cap * lowest.rate, 2)} {unit}"
    )
    cure = f"pay {ceiling}"
    if lowest.person:
        cure = f"pay {lowest.person} at least {places_up(highest.rate / row.cap, 2)} {unit}, or {ceiling}"
    return (
        f"wage ratio {row.ratio_text} is over the cap of {cap_text(bylaw.cap)} in {row.period.name} "
        f"({top} {places_half_up(highest.rate, 2)} {unit}, {bottom} {places_half_up(lowest.rate, 2)} {unit}; "
        f"bylaw at {bylaw.place}): {cure}"
    )


def cap_text(cap: Decimal) -> str:
    """The cap with at least two decimals, and all that it has."""
    return f"{cap:.2f}" if cap == cap.quantize(Decimal("0.01")) else f"{cap.normalize():f}"
