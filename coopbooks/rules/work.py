"""Who worked how long for what pay, by period: pay postings brought to the months, quarters or years they are for.

One `WorkBook` serves the wage ratio (by its own period and kinds of pay) and patronage (by fiscal year).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, UnknownPeriod
from coopbooks.facts import PayRow
from coopbooks.periods import Period, month_of
from coopbooks.records.people import Member, Worker

__all__ = ["Work", "WorkBook", "span_findings"]


_ZERO = Decimal(0)


_WITHIN_CONTRACT = frozenset({"base", "leave", "sick"})
"""Kinds of pay whose written hours are the contract's own; those of other kinds come on top of it."""


class Work:
    """What one person did and was paid in one period: sums, and the postings behind them."""

    __slots__ = ("contract", "hours", "hours_known", "parted", "pay", "rows")

    def __init__(self, rows: list[PayRow], pay: Decimal = _ZERO, hours: Decimal | None = None) -> None:
        """The sums of the postings given."""
        self.pay: Decimal | Fraction = pay
        self.hours: Decimal | Fraction = _ZERO if hours is None else hours
        self.hours_known = hours is not None
        self.contract = False
        self.parted = False  # whether a part of a posting may have made a sum a Fraction
        self.rows = rows

    def add(self, row: PayRow, part: Fraction | None = None) -> None:
        """Count a posting, or the given part of it."""
        self.rows.append(row)
        self.parted = self.parted or part is not None
        if row.amount is not None:
            self.pay = _plus(self.pay, row.amount, part)
        if row.hours is not None:
            self.hours_known = True
            self.hours = _plus(self.hours, row.hours, part)

    @property
    def exact_rate(self) -> Fraction:
        """Pay an hour, exact."""
        return Fraction(self.pay) / Fraction(self.hours)

    def add_contract(self, hours: Decimal) -> None:
        """Count a month of contract hours."""
        self.contract = self.hours_known = True
        self.hours = _plus(self.hours, hours, None)


def _plus(total: Decimal | Fraction, number: Decimal, part: Fraction | None) -> Decimal | Fraction:
    """Add a number, or a part of it; a Decimal stays one until a part makes it a Fraction."""
    if part is None and isinstance(total, Decimal):
        return total + number
    return Fraction(total) + (1 if part is None else part) * Fraction(number)


class WorkBook:
    """Pay and hours by period and person, for one sort of period and one choice of kinds of pay."""

    def __init__(
        self,
        rules: Bylaws,
        sort: str,
        kinds: Iterable[str],
        status: str | None = None,
        since: date | None = None,
        everyone: WorkBook | None = None,
    ) -> None:
        """`sort` is month, quarter or year; `status` "member" keeps only what was worked as a member, `since` only
        what was worked on or after a day. `everyone` is the same book without `status`, where there is one.
        """
        self.rules, self.sort, self.kinds, self.status, self.since = rules, sort, frozenset(kinds), status, since
        self.by_period: dict[Period, dict[str, Work]] = {}
        self.unclocked: set[str] = set()  # whoever has a posting without hours: nobody else can lack them in a period
        self.parted = False  # whether any posting may have been parted, as a pay-period over several periods is
        self._period_of_month: dict[tuple[int, int], Period] = {}
        self._month_of_day: dict[date, tuple[Period]] = {}
        self._spans: dict[str, tuple[Period, list[tuple[Period, Fraction]] | None]] = {}
        if everyone is None:
            self._fill(rules.facts.pay)
        else:
            self._fill_from(everyone, rules.facts.pay)

    @classmethod
    def of(
        cls, rules: Bylaws, sort: str, kinds: Iterable[str], status: str | None = None, since: date | None = None
    ) -> WorkBook:
        """The same, made once for each choice."""
        key = (cls, sort, frozenset(kinds), status, since)
        if key not in rules.memo:
            everyone = cls.of(rules, sort, kinds, None, since) if status else None
            rules.memo[key] = cls(rules, sort, kinds, status, since, everyone)
        book: WorkBook = rules.memo[key]
        return book

    def _fill_from(self, everyone: WorkBook, rows: Iterable[PayRow]) -> None:
        """Take over whoever was the same all along from the book of everyone; count the others' postings anew."""
        people = self.rules.people
        self.unclocked, self.parted = set(everyone.unclocked), everyone.parted
        constant = {
            person: history[0].since
            for person, history in people.items()
            if [h.status for h in history] == [self.status]
        }
        changing = {person for person, history in people.items() if len(history) > 1}
        for period, works in everyone.by_period.items():
            kept = {person: work for person, work in works.items() if person in constant}
            late = {person for person in kept if constant[person] > period.starts}
            changing |= late
            self.by_period[period] = {person: work for person, work in kept.items() if person not in late}
        for works in self.by_period.values():
            for person in changing & works.keys():
                del works[person]
        self._fill([row for row in rows if row.person in changing])

    def _fill(self, rows: Iterable[PayRow]) -> None:
        without_hours: list[PayRow] = []
        long: list[PayRow] = []
        others = self._fill_usual(rows, without_hours)
        self.parted = self.parted or bool(others)
        for row in others:
            if self.since and self.span_of(row).ends < self.since:
                continue
            if row.span is None:
                self._work(self._period(row.date), row.person).add(row)
            elif not self._add_span(row):
                long.append(row)
                continue
            if row.hours is None and row.amount is not None and row.amount > 0:
                without_hours.append(row)
        self.unclocked.update([row.person for row in (*without_hours, *long)])
        self._add_contract_hours(without_hours)
        if long:
            self._add_long(long)

    def _fill_usual(self, rows: Iterable[PayRow], without_hours: list[PayRow]) -> list[PayRow]:
        """Count what was paid for its own day in the cooperative's currency, as nearly all is; returns the others.

        Nothing has been parted yet where this runs, so all sums are Decimals.
        """
        others: list[PayRow] = []
        kinds, status, since = self.kinds, self.status, self.since
        today: date | None = None
        working: dict[str, Work] = {}  # in the period that today is in
        for row in rows:
            person, day, kind, amount, hours, span, _, _ = row
            if kind not in kinds or (status and self.status_of(row) != status):
                continue
            if span is not None or amount is None:
                others.append(row)
                continue
            if day is not today:  # the rows of one day stand together
                if since and day < since:
                    continue
                today, working = day, self.by_period.setdefault(self._period(day), {})
            work = working.get(person)
            if work is None:
                working[person] = Work([row], amount, hours)
            else:
                work.rows.append(row)
                work.pay += amount  # type: ignore[operator]
                if hours is not None:
                    work.hours += hours  # type: ignore[operator]
                    work.hours_known = True
            if hours is None and amount > 0:
                without_hours.append(row)
        return others

    def _period(self, day: date) -> Period:
        """The period that a day is in; mostly that of the last day of the same month that was asked for."""
        period = self._period_of_month.get((day.year, day.month))
        if period is None or day not in period:
            period = self._period_of_month[day.year, day.month] = self.rules.calendar.containing(day, self.sort)
        return period

    def _work(self, period: Period, person: str) -> Work:
        return self.by_period.setdefault(period, {}).setdefault(person, Work([]))

    def span_of(self, row: PayRow) -> Period:
        """The days that a posting pays for: its `pay-period`, or its own day."""
        if row.span is None:
            return Period("", row.date, row.date)
        return self._parts(row)[0]

    def status_of(self, row: PayRow) -> str | None:
        """What the person was when the work was done: on the pay-period's last day, else on the posting's day."""
        day = row.date if row.span is None else self.span_of(row).ends
        found = self.rules.works_as(row.person, day)
        return found.status if found else None

    def _parts(self, row: PayRow) -> tuple[Period, list[tuple[Period, Fraction]] | None]:
        """A span and its parts by period; None for parts where it is longer than the periods it touches."""
        span_name = str(row.span)
        known = self._spans.get(span_name)
        if known is None:
            try:
                span = self.rules.calendar.named(span_name)
            except UnknownPeriod:
                # `span_findings` reports it; here the posting's own day stands in.
                return Period("", row.date, row.date), [(self._period(row.date), Fraction(1))]
            touched = list(self.rules.calendar.touched(span, self.sort))
            parts: list[tuple[Period, Fraction]] | None = None
            if len(touched) == 1 or span.days <= max(period.days for period in touched):
                parts = [(period, Fraction(_shared_days(span, period), span.days)) for period in touched]
            known = self._spans[span_name] = (span, parts)
        return known

    def _add_span(self, row: PayRow) -> bool:
        parts = self._parts(row)[1]
        if parts is None:
            return False
        for period, part in parts:
            self._work(period, row.person).add(row, None if part == 1 else part)
        return True

    def _add_contract_hours(self, rows: list[PayRow]) -> None:
        """Contract hours once a person and calendar month with counted pay that no written hours of the contract cover.

        Hours of overtime and the like come on top of a contract, so they do not stand in for it. Where the contract
        changes within the month, the last day that is paid for decides.
        """
        people = {row.person for row in rows}
        if people.isdisjoint(self._with_contract):
            return
        with_hours = {
            (row.person, month)
            for row in self._counted(people)
            if row.hours is not None and row.kind in _WITHIN_CONTRACT
            for month in self._months(row)
        }
        last_day: dict[tuple[str, Period], date] = {}
        for row in rows:
            ends = row.date if row.span is None else self.span_of(row).ends
            for month in self._months(row):
                key = (row.person, month)
                if key not in with_hours:
                    last_day[key] = max(min(month.ends, ends), last_day.get(key, date.min))
        for (person, _), day in last_day.items():
            hours = self._contract(person, day)
            if hours is not None:
                self._work(self._period(day), person).add_contract(hours)

    @property
    def _with_contract(self) -> set[str]:
        """Everyone of whom a record states contract hours."""
        known: set[str] | None = self.rules.memo.get("with-contract")
        if known is None:
            members, workers = self.rules.every(Member), self.rules.every(Worker)
            known = {member.id for member in members if member.hours is not None}
            known |= {worker.id for worker in workers if worker.hours is not None}
            self.rules.memo["with-contract"] = known
        return known

    def _counted(self, people: set[str]) -> Iterator[PayRow]:
        for works in self.by_period.values():
            for person in people & works.keys():
                yield from works[person].rows

    def _months(self, row: PayRow) -> Iterable[Period]:
        """The calendar months that a posting pays for."""
        if row.span is not None:
            return self.rules.calendar.touched(self.span_of(row), "month")
        if row.date not in self._month_of_day:
            self._month_of_day[row.date] = (month_of(row.date),)
        return self._month_of_day[row.date]

    def _contract(self, person: str, day: date) -> Decimal | None:
        history = self.rules.people.get(person, [])
        found = self.rules.works_as(person, day) or (history[0] if history else None)
        return getattr(found.record, "hours", None) if found else None

    def _add_long(self, rows: list[PayRow]) -> None:
        """Pay for longer than a period: evenly over those of its periods in which the person has hours.

        What brings hours of its own is placed first, then contract hours where there are none, then what follows
        hours: so the order of postings changes nothing.
        """
        follows = [row for row in rows if row.hours is None]
        self._spread([row for row in rows if row.hours is not None])
        self._add_contract_hours([row for row in follows if (row.amount or 0) > 0 and not self._worked(row)])
        self._spread(follows)

    def _touched(self, row: PayRow) -> list[Period]:
        return list(self.rules.calendar.touched(self.span_of(row), self.sort))

    def _worked(self, row: PayRow) -> list[Period]:
        """The periods of a posting's span in which its person has hours."""
        return [
            period
            for period in self._touched(row)
            if (work := self.by_period.get(period, {}).get(row.person)) is not None and work.hours > 0
        ]

    def _spread(self, rows: list[PayRow]) -> None:
        placed = [(row, self._worked(row) or self._touched(row)) for row in rows]
        for row, periods in placed:
            for period in periods:
                self._work(period, row.person).add(row, Fraction(1, len(periods)))


def _shared_days(one: Period, other: Period) -> int:
    return (min(one.ends, other.ends) - max(one.starts, other.starts)).days + 1


def span_findings(rules: Bylaws) -> list[Finding]:
    """Postings whose `pay-period` is no period, and pay in a currency without a price."""
    findings = []
    wrong: dict[str, str | None] = {}
    for row in rules.facts.unusual_pay:
        if row.amount is None:
            findings.append(Finding(row.place, "pay", _unpriced_pay(rules, row)))
        if row.span is None:
            continue
        if row.span not in wrong:
            try:
                rules.calendar.named(row.span)
                wrong[row.span] = None
            except UnknownPeriod as error:
                wrong[row.span] = error.message
        if wrong[row.span]:
            findings.append(Finding(row.place, "pay", f"pay-period of {row.person}: {wrong[row.span]}"))
    return findings


def _unpriced_pay(rules: Bylaws, row: PayRow) -> str:
    """The sentence for pay in a currency that no price brings to the cooperative's own."""
    amount = next(each.amount for each in rules.facts.unpriced if each.place == row.place)
    return (
        f"pay of {row.person}, {amount}, has no price in {rules.facts.currency}, so no rule can count it: add "
        f"`{row.date} price {amount.currency} … {rules.facts.currency}`"
    )


def exact_sum(numbers: Iterable[Decimal | Fraction]) -> Decimal | Fraction:
    """A sum that stays exact: Decimals among themselves are added fast, Fractions only where there are any."""
    each = list(numbers)
    if set(map(type, each)) <= {Decimal}:
        return sum(each, _ZERO)
    decimals = sum([number for number in each if isinstance(number, Decimal)], _ZERO)
    fractions = sum([number for number in each if not isinstance(number, Decimal)], Fraction(0))
    return Fraction(decimals) + fractions if fractions else decimals
