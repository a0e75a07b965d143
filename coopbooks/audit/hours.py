"""Whether something came within so many hours, also where the books know only the days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from coopbooks.periods import DAY, instant
from coopbooks.records.base import Record

__all__ = ["When", "Within", "when", "within"]

When = tuple[date, str | None]
"""A day, and its instant with offset where the books have one; the instant wins."""

Within = Literal["met", "late", "unknown"]

_MICROSECOND = timedelta(microseconds=1)


def when(record: Record) -> When:
    """The day of a record and its `at`."""
    return record.date, record.at


def within(earlier: When, later: When, hours: Decimal | int) -> Within:
    """Whether `later` came at most `hours` after `earlier`.

    "met" and "late" are sure; "unknown" is where days alone leave it open. Instants are compared in UTC. A day without an
    instant lasts from its midnight to the next, so two days that are n apart stand for (n - 1) x 24 to (n + 1) x 24
    hours; beside an instant it is read at that instant's offset. What came before `earlier` is no answer to it: "late".

    >>> day = date(2026, 3, 28)
    >>> within((day, "2026-03-28T12:00:00+01:00"), (day, "2026-03-30T13:00:00+02:00"), 48)
    'met'
    >>> [within((day, None), (date(2026, 3, last), None), 24) for last in (28, 29, 30, 31)]
    ['met', 'unknown', 'unknown', 'late']
    """
    zone = _zone(earlier) or _zone(later) or UTC
    first, last = _span(earlier, _zone(later) or zone), _span(later, zone)
    least, most = last[0] - first[1], last[1] - first[0]
    if most < timedelta(0) or (most == timedelta(0) and least < most):
        return "late"
    if _hours(most) <= Fraction(hours):
        return "met"
    return "late" if _hours(least) > Fraction(hours) else "unknown"


def _zone(moment: When) -> tzinfo | None:
    return None if moment[1] is None else instant(moment[1]).tzinfo


def _span(moment: When, zone: tzinfo) -> tuple[datetime, datetime]:
    """The first and the last instant that it can have been."""
    day, at = moment
    if at is not None:
        return instant(at), instant(at)
    begins = datetime.combine(day, time(0), zone)
    return begins, begins + DAY


def _hours(span: timedelta) -> Fraction:
    return Fraction(span // _MICROSECOND, 3_600_000_000)
