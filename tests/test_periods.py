"""Fiscal years, pay periods, deadlines and the time between two instants; every turn on both its days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopbooks.cooperative import Cooperative
from coopbooks.errors import UnknownPeriod
from coopbooks.periods import (
    DAY,
    FiscalCalendar,
    Period,
    add_months,
    clamped,
    instant,
    is_month_day,
    month_of,
    notice_deadline,
    time_between,
)

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
MONTH_DAYS = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: f"{day:%m-%d}")


def ends(calendar: FiscalCalendar, *years: int) -> list[str]:
    return [str(calendar.year(year).ends) for year in years]


# -- fiscal years --------------------------------------------------------------------------------------------


def test_without_a_rule_the_year_is_the_calendar_year() -> None:
    year = FiscalCalendar().year(2025)
    assert year == Period("2025", date(2025, 1, 1), date(2025, 12, 31))
    assert year.days == 365
    assert FiscalCalendar().year(2024).days == 366


def test_a_year_is_named_for_the_year_in_which_it_ends() -> None:
    calendar = FiscalCalendar([(date(2020, 1, 1), "06-30")])
    assert calendar.year(2025) == Period("2025", date(2024, 7, 1), date(2025, 6, 30))
    assert calendar.year_of(date(2025, 6, 30)).name == "2025"
    assert calendar.year_of(date(2025, 7, 1)).name == "2026"


def test_the_first_rule_holds_for_the_time_before_it_too() -> None:
    calendar = FiscalCalendar([(date(2025, 3, 1), "06-30")])
    assert ends(calendar, 2023, 2024, 2025, 2026) == ["2023-06-30", "2024-06-30", "2025-06-30", "2026-06-30"]


def test_a_change_makes_a_short_year() -> None:
    # Written in March 2025, it counts from 31 December 2025: then six months until June 2026.
    calendar = FiscalCalendar([(date(2020, 1, 1), "12-31"), (date(2025, 3, 1), "06-30")])
    assert calendar.year(2025) == Period("2025", date(2025, 1, 1), date(2025, 12, 31))
    assert calendar.year(2026) == Period("2026", date(2026, 1, 1), date(2026, 6, 30))
    assert calendar.year(2027) == Period("2027", date(2026, 7, 1), date(2027, 6, 30))


def test_two_years_that_would_end_in_one_calendar_year_are_joined() -> None:
    # From 30 June 2025 on the year ends in December: July to December 2025 would be a second 2025.
    calendar = FiscalCalendar([(date(2020, 1, 1), "06-30"), (date(2025, 3, 1), "12-31")])
    assert calendar.year(2024) == Period("2024", date(2023, 7, 1), date(2024, 6, 30))
    assert calendar.year(2025) == Period("2025", date(2024, 7, 1), date(2025, 12, 31))
    assert calendar.year(2026) == Period("2026", date(2026, 1, 1), date(2026, 12, 31))
    assert calendar.year_of(date(2025, 7, 1)).name == "2025"


@pytest.mark.parametrize(("written", "last_old_end"), [("2025-12-30", "2025"), ("2025-12-31", "2026")])
def test_a_change_counts_from_the_first_year_end_after_its_date(written: str, last_old_end: str) -> None:
    # On the last day of a year it is too late for that year's end.
    calendar = FiscalCalendar([(date(2020, 1, 1), "12-31"), (date.fromisoformat(written), "06-30")])
    last = int(last_old_end)
    assert ends(calendar, last, last + 1) == [f"{last}-12-31", f"{last + 1}-06-30"]


def test_a_change_taken_back_before_it_counted_changes_nothing() -> None:
    rules = [(date(2020, 1, 1), "06-30"), (date(2025, 3, 1), "12-31"), (date(2025, 5, 1), "06-30")]
    assert ends(FiscalCalendar(rules), 2024, 2025, 2026) == ["2024-06-30", "2025-06-30", "2026-06-30"]


def test_of_two_changes_before_one_year_end_the_later_counts() -> None:
    rules = [(date(2020, 1, 1), "06-30"), (date(2025, 3, 1), "12-31"), (date(2025, 5, 1), "09-30")]
    assert ends(FiscalCalendar(rules), 2024, 2025, 2026) == ["2024-06-30", "2025-09-30", "2026-09-30"]


def test_a_change_that_says_the_same_again_is_none() -> None:
    rules = [(date(2020, 1, 1), "06-30"), (date(2025, 3, 1), "06-30")]
    assert ends(FiscalCalendar(rules), 2024, 2025, 2026) == ["2024-06-30", "2025-06-30", "2026-06-30"]


def test_the_last_day_of_february_is_the_one_that_there_is() -> None:
    calendar = FiscalCalendar([(date(2020, 1, 1), "02-29")])
    assert ends(calendar, 2023, 2024, 2025) == ["2023-02-28", "2024-02-29", "2025-02-28"]
    assert calendar.year(2025).starts == date(2024, 3, 1)
    # A year that ends on the 28th leaves 29 February 2024 to the year that follows.
    calendar = FiscalCalendar([(date(2020, 1, 1), "02-28")])
    assert calendar.year(2025) == Period("2025", date(2024, 2, 29), date(2025, 2, 28))


def walked(rules: list[tuple[date, str]], until: int) -> dict[int, date]:
    """Year ends by walking from one to the next with the rule that stands on it: a model without look-ups."""
    found: dict[int, date] = {}
    end = clamped(rules[0][0].year - 3, int(rules[0][1][:2]), int(rules[0][1][3:]))
    while end.year <= until:
        standing = [rule for day, rule in rules if day < end] or [rules[0][1]]
        month, day_of_month = map(int, standing[-1].split("-"))
        following = clamped(end.year, month, day_of_month)
        if following <= end:
            found[end.year] = end
            following = clamped(end.year + 1, month, day_of_month)
        end = following  # where it lies in the same calendar year, the two are joined
    return found


@given(st.lists(st.tuples(DAYS, MONTH_DAYS), min_size=1, max_size=4, unique_by=lambda rule: rule[0]))
def test_year_ends_are_those_of_a_walk_from_one_to_the_next(rules: list[tuple[date, str]]) -> None:
    calendar = FiscalCalendar(rules)
    model = walked(sorted(rules), 2065)
    assert {year: calendar.year(year).ends for year in model} == model


@given(st.lists(st.tuples(DAYS, MONTH_DAYS), max_size=4, unique_by=lambda rule: rule[0]), DAYS)
def test_every_day_is_in_one_year_one_quarter_and_one_month(rules: list[tuple[date, str]], day: date) -> None:
    calendar = FiscalCalendar(rules)
    year = calendar.year_of(day)
    assert day in year
    assert year.ends.year == int(year.name)
    assert calendar.year(int(year.name) + 1).starts == year.ends + DAY
    assert calendar.year_of(year.ends) == calendar.year_of(year.starts) == year
    quarters = calendar.quarters(year)
    assert quarters[0].starts == year.starts
    assert quarters[-1].ends == year.ends
    assert all(after.starts == before.ends + DAY for before, after in pairwise(quarters))
    for sort in ("month", "quarter", "year"):
        period = calendar.containing(day, sort)
        assert day in period
        assert calendar.named(period.name) == period


# -- quarters, months, spans ---------------------------------------------------------------------------------


def test_quarters_are_those_of_the_fiscal_year() -> None:
    calendar = FiscalCalendar([(date(2020, 1, 1), "06-30")])
    assert calendar.named("2025-Q1") == Period("2025-Q1", date(2024, 7, 1), date(2024, 9, 30))
    assert calendar.named("2025-Q4") == Period("2025-Q4", date(2025, 4, 1), date(2025, 6, 30))


def test_a_short_year_has_fewer_quarters_and_a_joined_one_more() -> None:
    short = FiscalCalendar([(date(2020, 1, 1), "12-31"), (date(2025, 3, 1), "06-30")])
    assert short.named("2026-Q2") == Period("2026-Q2", date(2026, 4, 1), date(2026, 6, 30))
    with pytest.raises(UnknownPeriod):
        short.named("2026-Q3")
    joined = FiscalCalendar([(date(2020, 1, 1), "06-30"), (date(2025, 3, 1), "12-31")])
    assert joined.named("2025-Q6") == Period("2025-Q6", date(2025, 10, 1), date(2025, 12, 31))


def test_the_last_quarter_is_cut_at_the_end_of_the_year() -> None:
    # From 1 January to 15 May: three months, and a month and a half.
    calendar = FiscalCalendar([(date(2020, 1, 1), "12-31"), (date(2025, 3, 1), "05-15")])
    quarters = calendar.quarters(calendar.year(2026))
    assert [(quarter.name, quarter.ends) for quarter in quarters] == [
        ("2026-Q1", date(2026, 3, 31)),
        ("2026-Q2", date(2026, 5, 15)),
    ]


def test_months_are_those_of_the_calendar() -> None:
    calendar = FiscalCalendar([(date(2020, 1, 1), "06-15")])
    assert calendar.named("2024-02") == Period("2024-02", date(2024, 2, 1), date(2024, 2, 29))
    assert month_of(date(2025, 2, 10)) == Period("2025-02", date(2025, 2, 1), date(2025, 2, 28))
    assert month_of(date(2025, 12, 31)).ends == date(2025, 12, 31)


def test_a_span_has_both_its_days() -> None:
    span = FiscalCalendar().named("2025-01-20/2025-02-02")
    assert (span.starts, span.ends, span.days) == (date(2025, 1, 20), date(2025, 2, 2), 14)
    assert date(2025, 1, 20) in span
    assert date(2025, 1, 19) not in span
    assert date(2025, 2, 2) in span
    assert date(2025, 2, 3) not in span
    assert "2025-01-20" not in span


def test_what_a_span_touches() -> None:
    calendar = FiscalCalendar()
    span = calendar.named("2024-12-31/2025-04-01")
    months = ["2024-12", "2025-01", "2025-02", "2025-03", "2025-04"]
    assert [period.name for period in calendar.touched(span, "month")] == months
    assert [period.name for period in calendar.touched(span, "quarter")] == ["2024-Q4", "2025-Q1", "2025-Q2"]
    assert [period.name for period in calendar.touched(span, "year")] == ["2024", "2025"]


@pytest.mark.parametrize(
    "name",
    [
        *("", "25", "2025-3", "2025-13", "2025-00", "2025-Q0", "2025-Q5", "2025-q1", "2025Q1", "Q1", "last"),
        *("2025-01-06", "2025-02-30/2025-03-01", "2025-01-19/2025-01-06", "2025-01-06/", "2025-01/2025-02"),
        *("2025\n", " 2025", "２０２５", "2025-03\n", "0000", "2025-1-06/2025-01-19", "2025-Q1\n"),
    ],
)
def test_what_is_no_period_is_refused_with_the_forms_that_are(name: str) -> None:
    with pytest.raises(UnknownPeriod) as error:
        FiscalCalendar().named(name)
    for form in ('"2025"', '"2025-Q1"', '"2025-03"', '"2025-01-06/2025-01-19"'):
        assert form in str(error.value)


@pytest.mark.parametrize("text", ["01-01", "12-31", "02-29", "06-30"])
def test_a_day_of_the_year(text: str) -> None:
    assert is_month_day(text)


@pytest.mark.parametrize("text", ["1-1", "13-01", "00-10", "02-30", "04-31", "12-32", "12-00", "12-31\n", "2025-12-31"])
def test_no_day_of_the_year(text: str) -> None:
    assert not is_month_day(text)


# -- a ledger's own calendar ---------------------------------------------------------------------------------

FOUNDED = """
    option "operating_currency" "EUR"
    2024-01-01 open Assets:Bank
    2024-01-01 open Income:Sales
    2025-03-10 custom "coop" "member" "m01"
    2025-03-09 * "before there was a cooperative"
      Assets:Bank   500.00 EUR
      Income:Sales
    2025-03-10 * "the first day"
      Assets:Bank   30.00 EUR
      Income:Sales
    2025-12-31 * "the last day"
      Assets:Bank   4.00 EUR
      Income:Sales
    2026-01-01 * "the next year"
      Assets:Bank   2.00 EUR
      Income:Sales
"""


def test_the_first_period_begins_with_the_first_member(coop: Callable[[str], Cooperative]) -> None:
    books = coop(FOUNDED)
    assert books.periods() == ("2025", "2026")
    first = books.surplus("2025")
    # 30 and 4 euro; what was sold the day before the founding is nobody's surplus.
    assert (first.starts, first.ends, first.result) == ("2025-03-10", "2025-12-31", "34.00")
    second = books.surplus("2026")
    assert (second.starts, second.result) == ("2026-01-01", "2.00")
    with pytest.raises(UnknownPeriod, match="2024 lies before the first fiscal year of these books, 2025"):
        books.surplus("2024")


def test_a_founding_on_the_first_day_cuts_nothing(coop: Callable[[str], Cooperative]) -> None:
    first = coop(FOUNDED.replace("2025-03-10 custom", "2025-01-01 custom")).surplus("2025")
    assert (first.starts, first.result) == ("2025-01-01", "534.00")


def test_a_founding_before_the_calendar_says_begins_the_year_before(
    coop: Callable[[str], Cooperative],
) -> None:
    books = coop(FOUNDED.replace("2025-03-10 custom", "2024-12-31 custom"))
    assert books.periods() == ("2024", "2025", "2026")
    assert (books.surplus("2024").starts, books.surplus("2024").ends) == ("2024-12-31", "2024-12-31")


def test_a_change_of_year_divides_the_result_anew(coop: Callable[[str], Cooperative]) -> None:
    text = """
        option "operating_currency" "EUR"
        2024-01-01 open Assets:Bank
        2024-01-01 open Income:Sales
        2024-01-01 custom "coop" "member" "m01"
        2024-01-01 custom "coop" "bylaw" "fiscal-year"
          ends: "12-31"
        2024-06-01 custom "coop" "bylaw" "fiscal-year"
          ends: "06-30"
        2024-12-31 * "the last day of the long year"
          Assets:Bank   1.00 EUR
          Income:Sales
        2025-01-01 * "the first day of the short one"
          Assets:Bank   20.00 EUR
          Income:Sales
        2025-06-30 * "and its last"
          Assets:Bank   300.00 EUR
          Income:Sales
        2025-07-01 * "the first of a whole one"
          Assets:Bank   4000.00 EUR
          Income:Sales
    """
    books = coop(text)
    assert [books.surplus(year).result for year in ("2024", "2025", "2026")] == ["1.00", "320.00", "4000.00"]


def test_a_doubled_rule_of_one_day_is_an_error(ledger: Callable[..., Path]) -> None:
    """
    option "operating_currency" "EUR"
    2024-01-01 custom "coop" "member" "m01"
    2024-01-01 custom "coop" "bylaw" "fiscal-year"
      ends: "12-31"
    2024-01-01 custom "coop" "bylaw" "fiscal-year"
      ends: "06-30"
    """
    from coopbooks import load

    (error,) = load(ledger()).check().errors
    assert error.place == "main.beancount:5"
    assert 'bylaw "fiscal-year" stands twice on 2024-01-01 (first at main.beancount:3)' in error.message


# -- days and months -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2025-03-31", -1, "2025-02-28"),
        ("2025-12-15", 1, "2026-01-15"),
        ("2025-01-15", -1, "2024-12-15"),
        ("2025-08-31", 1, "2025-09-30"),
        ("2025-05-05", 0, "2025-05-05"),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_the_month(day: str, months: int, expected: str) -> None:
    assert str(add_months(date.fromisoformat(day), months)) == expected


@given(DAYS, st.integers(-600, 600))
def test_adding_months_never_leaves_the_month(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or ((later + DAY).day == 1 and later.day < day.day)


@pytest.mark.parametrize(
    ("year_end", "deadline"),
    [
        # 26 CFR 1.1382-4: the fifteenth day of the ninth month after the close, which is not 8.5 months.
        ("2025-12-31", "2026-09-15"),
        ("2025-06-30", "2026-03-15"),
        ("2025-09-30", "2026-06-15"),
        ("2024-02-29", "2024-11-15"),
        ("2025-02-28", "2025-11-15"),
        ("2025-03-31", "2025-12-15"),
        ("2025-04-30", "2026-01-15"),
        ("2025-05-31", "2026-02-15"),
    ],
)
def test_a_notice_has_until_the_15th_of_the_ninth_month(year_end: str, deadline: str) -> None:
    assert str(notice_deadline(date.fromisoformat(year_end))) == deadline


# -- instants ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("earlier", "later", "hours"),
    [
        # Paris goes from +01:00 to +02:00 in the night to 29 March 2026, and back to 25 October.
        ("2026-03-28T12:00:00+01:00", "2026-03-30T12:00:00+02:00", 47.0),
        ("2026-03-28T12:00:00+01:00", "2026-03-30T13:00:00+02:00", 48.0),
        ("2026-10-24T12:00:00+02:00", "2026-10-26T12:00:00+01:00", 49.0),
        ("2026-10-24T12:00:00+02:00", "2026-10-26T11:00:00+01:00", 48.0),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:30:00+00:00", 0.5),
        ("2026-01-01T12:00:00-03:00", "2026-01-01T12:00:00+09:00", -12.0),
    ],
)
def test_hours_between_two_instants_are_those_that_passed(earlier: str, later: str, hours: float) -> None:
    assert time_between(earlier, later) == timedelta(hours=hours)
    assert time_between(later, earlier) == -timedelta(hours=hours)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1)),  # noqa: DTZ001  # an offset follows
    st.integers(-12 * 60, 14 * 60),
    st.integers(-12 * 60, 14 * 60),
)
def test_an_instant_is_the_same_under_every_offset(moment: datetime, here: int, there: int) -> None:
    written = moment.replace(tzinfo=timezone(timedelta(minutes=here)))
    elsewhere = written.astimezone(timezone(timedelta(minutes=there)))
    assert time_between(written.isoformat(), elsewhere.isoformat()) == timedelta(0)


@pytest.mark.parametrize("text", ["2026-03-28", "2026-03-28T12:00:00", "yesterday", "", "2026-13-01T00:00:00Z"])
def test_an_instant_without_its_place_in_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"offset|isoformat|month"):
        instant(text)
