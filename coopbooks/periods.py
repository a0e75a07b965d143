"""Fiscal years, pay periods, deadlines and the time between two instants. Pure calendar: no clock is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from coopbooks.errors import UnknownPeriod
from coopbooks.rows import NamedTuple

__all__ = ["DAY", "FiscalCalendar", "Period", "add_months", "instant", "notice_deadline", "time_between"]

DAY = timedelta(days=1)
FIRST_DAY, LAST_DAY = date(1800, 1, 1), date(2199, 12, 31)
"""The days that books of a cooperative can be about; a date outside them is a slip of the pen, as 0205 or 20255."""

_YEAR = r"[0-9]{4}\Z"
_QUARTER = r"([0-9]{4})-Q([1-9])\Z"
_MONTH = r"([0-9]{4})-(0[1-9]|1[0-2])\Z"
_SPAN = r"([0-9]{4}-[0-9]{2}-[0-9]{2})/([0-9]{4}-[0-9]{2}-[0-9]{2})\Z"
_MONTH_DAY = r"([0-9]{2})-([0-9]{2})\Z"


class Period(NamedTuple):
    """A stretch of days with a name; both ends belong to it."""

    name: str
    starts: date
    ends: date

    @property
    def days(self) -> int:
        """How many days it has, both ends counted."""
        return (self.ends - self.starts).days + 1

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.starts <= day <= self.ends


def add_months(day: date, months: int) -> date:
    """The same day `months` later (or earlier), clamped to the month's end and to the days that a `date` can hold.

    >>> add_months(date(2025, 1, 31), 1), add_months(date(2024, 3, 31), -1)
    (datetime.date(2025, 2, 28), datetime.date(2024, 2, 29))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year < date.max.year:
        return date.max if months > 0 else date.min
    return clamped(year, month + 1, day.day)


def clamped(year: int, month: int, day: int) -> date:
    """The date, or the month's last day where the month is shorter."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, min(day, 28)) + timedelta(days=max(0, day - 28)), following - DAY)


def notice_deadline(year_end: date) -> date:
    """Last day of the payment period: the 15th day of the ninth month after the year's end (26 CFR 1.1382-4).

    >>> notice_deadline(date(2025, 12, 31)), notice_deadline(date(2025, 6, 30))
    (datetime.date(2026, 9, 15), datetime.date(2026, 3, 15))
    """
    return add_months(year_end.replace(day=1), 9).replace(day=15)


def month_of(day: date) -> Period:
    """The calendar month that the day is in."""
    return Period(f"{day:%Y-%m}", day.replace(day=1), clamped(day.year, day.month, 31))


def is_month_day(text: str) -> bool:
    """Whether the text is a day of the year as `bylaw fiscal-year` writes it: "12-31"."""
    match = re.match(_MONTH_DAY, text)
    if match is None:
        return False
    try:
        date(2024, int(match[1]), int(match[2]))  # a leap year: 29 February is a day, 30 February is none
    except ValueError:
        return False
    return True


class FiscalCalendar:
    """The fiscal years of one cooperative, from its `bylaw fiscal-year` records.

    The first rule holds for the time before it too; a later one counts from the first year end after its date; two
    periods that would end in one calendar year are joined. So each calendar year has one fiscal year that ends in it.
    """

    def __init__(self, changes: Sequence[tuple[date, str]] = ()) -> None:
        """`changes` are (date of the rule, "MM-DD" of the year's last day); none means the calendar year."""
        ordered = sorted(changes)
        self._years: dict[int, Period] = {}
        self._rules: list[tuple[date, str]] = [(date.min, ordered[0][1] if ordered else "12-31")]
        for day, month_day in ordered[1:]:
            while self._rules[-1][0] > day:
                self._rules.pop()  # superseded before the year end from which it would have counted
            if month_day != self._rules[-1][1]:
                self._rules.append((self._first_end_after(day), month_day))

    def _first_end_after(self, day: date) -> date:
        return next(end for year in (day.year, day.year + 1) if (end := self._end_of(year)) > day)

    def _end_of(self, year: int) -> date:
        for since, month_day in reversed(self._rules):
            end = clamped(year, int(month_day[:2]), int(month_day[3:]))
            if end > since:
                return end
        raise AssertionError("the first rule holds since ever")

    def year(self, year: int) -> Period:
        """The fiscal year that ends in a calendar year."""
        found = self._years.get(year)
        if found is None:
            found = self._years[year] = Period(str(year), self._end_of(year - 1) + DAY, self._end_of(year))
        return found

    def year_of(self, day: date) -> Period:
        """The fiscal year that the day is in."""
        year = self.year(day.year)
        return year if day <= year.ends else self.year(day.year + 1)

    def quarters(self, year: Period) -> list[Period]:
        """The quarters of a fiscal year: three months each from its first day, the last one cut at its end."""
        quarters: list[Period] = []
        start = year.starts
        while start <= year.ends:
            following = add_months(year.starts, 3 * (len(quarters) + 1))
            quarters.append(Period(f"{year.name}-Q{len(quarters) + 1}", start, min(following - DAY, year.ends)))
            start = following
        return quarters

    def containing(self, day: date, sort: str) -> Period:
        """The month, quarter or year (as `sort` says) that the day is in."""
        if sort == "month":
            return month_of(day)
        year = self.year_of(day)
        if sort == "year":
            return year
        return next(quarter for quarter in self.quarters(year) if day in quarter)

    def touched(self, span: Period, sort: str) -> Iterator[Period]:
        """The months, quarters or years that share at least one day with the span, in order."""
        day = span.starts
        while day <= span.ends:
            period = self.containing(day, sort)
            yield period
            day = period.ends + DAY

    def named(self, name: str) -> Period:
        """The period of a name: "2025" (the fiscal year that ends then), "2025-Q1", "2025-03" or two days with "/".

        Raises UnknownPeriod with the forms that are understood, also for one far from all books.
        """
        try:
            period = self._read(name)
        except (ValueError, IndexError, OverflowError):
            period = None
        if period is None or period.starts.year < FIRST_DAY.year - 1 or period.ends.year > LAST_DAY.year + 1:
            raise UnknownPeriod(
                f'"{name}" is no period: write a fiscal year as "2025", its quarter as "2025-Q1", a month as '
                '"2025-03", or first and last day as "2025-01-06/2025-01-19"'
            )
        return period

    def _read(self, name: str) -> Period | None:
        """As `named`; None or an error of Python for what is no period."""
        if re.match(_YEAR, name):
            return self.year(int(name))
        if match := re.match(_QUARTER, name):
            return self.quarters(self.year(int(match[1])))[int(match[2]) - 1]
        if re.match(_MONTH, name):
            return month_of(date(int(name[:4]), int(name[5:]), 1))
        if match := re.match(_SPAN, name):
            span = Period(name, date.fromisoformat(match[1]), date.fromisoformat(match[2]))
            if span.starts <= span.ends:
                return span
        return None


def time_between(earlier: str, later: str) -> timedelta:
    """Time from one ISO 8601 instant to another, each with its offset, computed in UTC; negative when turned round.

    Raises ValueError for an instant without an offset, since its place in time is unknown.

    >>> time_between("2026-03-28T12:00:00+01:00", "2026-03-30T12:30:00+02:00") / timedelta(hours=1)
    47.5
    """
    return instant(later) - instant(earlier)


def instant(text: str) -> datetime:
    """The instant that an `at` field names; raises ValueError where it cannot be placed in time."""
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() is None:
        raise ValueError(f'"{text}" has no offset: write it as "2026-03-28T12:00:00+01:00"')
    return moment
