"""Whether something came within so many hours: instants in UTC, days as the interval of hours that they leave open."""

from datetime import date
from decimal import Decimal

import pytest

from coopbooks.audit.hours import When, when, within
from coopbooks.errors import Place
from coopbooks.records.practices import Alert
from coopbooks.records.reading import read_record

SATURDAY = date(2026, 3, 28)  # the clocks of Stockholm and Berlin go forward in the night after it


def at(text: str) -> When:
    return date.fromisoformat(text[:10]), text


def day(text: str) -> When:
    return date.fromisoformat(text), None


@pytest.mark.parametrize(
    ("answered", "found"),
    [
        ("2026-03-30T12:30:00+02:00", "met"),  # 47.5 hours, where the clocks on the wall say 48.5
        ("2026-03-30T13:00:00+02:00", "met"),  # 48 hours to the second
        ("2026-03-30T13:00:01+02:00", "late"),
        ("2026-03-30T12:59:59+01:00", "late"),  # an hour later than it looks
        ("2026-03-30T11:00:00Z", "met"),
        ("2026-03-30T11:00:00.000001Z", "late"),
        ("2026-03-28T12:00:00+01:00", "met"),
        ("2026-03-28T11:59:59+01:00", "late"),  # before the alert: no answer to it
    ],
)
def test_two_instants_are_compared_in_utc_over_the_change_of_the_clocks(answered: str, found: str) -> None:
    assert within(at("2026-03-28T12:00:00+01:00"), at(answered), 48) == found


@pytest.mark.parametrize(
    ("hours", "later", "found"),
    [
        (24, "2025-05-04", "late"),
        (24, "2025-05-05", "met"),
        (24, "2025-05-06", "unknown"),
        (24, "2025-05-07", "unknown"),
        (24, "2025-05-08", "late"),
        (48, "2025-05-06", "met"),
        (48, "2025-05-07", "unknown"),
        (48, "2025-05-08", "unknown"),
        (48, "2025-05-09", "late"),
        (12, "2025-05-05", "unknown"),
        (12, "2025-05-06", "unknown"),
        (12, "2025-05-07", "late"),
    ],
)
def test_days_alone_leave_an_interval_of_hours(hours: int, later: str, found: str) -> None:
    assert within(day("2025-05-05"), day(later), hours) == found


@pytest.mark.parametrize(
    ("earlier", "later", "found"),
    [
        (day("2025-05-05"), at("2025-05-05T23:59:59+02:00"), "met"),
        (day("2025-05-05"), at("2025-05-06T00:00:00+02:00"), "met"),  # at most 24 hours
        (day("2025-05-05"), at("2025-05-06T00:00:01+02:00"), "unknown"),
        (day("2025-05-05"), at("2025-05-07T00:00:00+02:00"), "unknown"),
        (day("2025-05-05"), at("2025-05-07T00:00:01+02:00"), "late"),
        (at("2025-05-05T18:00:00+02:00"), day("2025-05-05"), "met"),
        (at("2025-05-05T18:00:00+02:00"), day("2025-05-06"), "unknown"),
        (at("2025-05-05T00:00:00+02:00"), day("2025-05-06"), "unknown"),
        (at("2025-05-05T18:00:00+02:00"), day("2025-05-07"), "late"),
        (at("2025-05-05T18:00:00+02:00"), day("2025-05-04"), "late"),
    ],
)
def test_a_day_beside_an_instant_is_read_at_its_offset(earlier: When, later: When, found: str) -> None:
    assert within(earlier, later, 24) == found


def test_hours_may_be_a_fraction() -> None:
    earlier, later = at("2025-05-05T18:00:00+02:00"), at("2025-05-05T19:30:00+02:00")
    assert within(earlier, later, Decimal("1.5")) == "met"
    assert within(earlier, later, Decimal("1.4999")) == "late"


def test_the_moment_of_a_record_is_its_day_and_its_at() -> None:
    place = Place("books.beancount", 3)
    alert = Alert(id="north:2026-03-28", date=SATURDAY, place=place, at="2026-03-28T12:00:00+01:00")
    assert when(alert) == (SATURDAY, "2026-03-28T12:00:00+01:00")
    assert when(Alert(id="north:2026-03-28", date=SATURDAY, place=place)) == (SATURDAY, None)


def test_an_instant_without_an_offset_is_refused_by_the_record_and_here() -> None:
    fields = {"at": "2026-03-28T12:00:00"}
    _, faults = read_record(("alert", "north:2026-03-28"), SATURDAY, Place("books.beancount", 3), fields)
    assert len(faults) == 1
    assert "offset" in faults[0].message
    with pytest.raises(ValueError, match="no offset"):
        within(at("2026-03-28T12:00:00"), at("2026-03-28T13:00:00Z"), 24)
