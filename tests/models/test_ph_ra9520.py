"""The model of the Philippines' RA 9520: "at least" up and "at most" down, half to the reserve for five years, two halves."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from treasurer import cost, messages, parts, postings, sale, steps, surplus, work

from coopbooks.cooperative import Cooperative
from coopbooks.statutes.models import render

Coop = Callable[..., Cooperative]

START = date(2025, 1, 1)

# Share capital: 40,000.00 and 20,000.00.
RULES = f"""
option "operating_currency" "PHP"
plugin "coopbooks.plugins"
{render("ph-ra9520", start=START)}
2025-01-01 open Assets:Bank
2025-01-01 open Income:Sales
2025-01-01 open Expenses:Rent
2025-01-01 open Expenses:Wages:M01
2025-01-01 open Expenses:Wages:M02
2025-01-01 open Equity:Members:M01:Buyin
2025-01-01 open Equity:Members:M02:Buyin

2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Members:M01
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Members:M02

2025-01-01 * "Share capital"
  Assets:Bank  60000.00 PHP
  Equity:Members:M01:Buyin  -40000.00 PHP
  Equity:Members:M02:Buyin  -20000.00 PHP
"""


def year(number: int, result: str) -> str:
    """A year in which the members work 1,800 and 1,200 hours; its result is what is sold."""
    return (
        work(f"{number}-06-30", "M01", "0.00 PHP", "1800", "unpaid")
        + work(f"{number}-06-30", "M02", "0.00 PHP", "1200", "unpaid")
        + sale(f"{number}-12-01", f"{result} PHP")
    )


def closed(coop: Coop, books: str, period: str) -> str:
    return f"{books}\n{coop(books).close(period).transaction or ''}\n"


def changed(books: str, old: str, new: str) -> str:
    assert books.count(old) == 1, (old, books.count(old))
    return books.replace(old, new)


def step_changed(books: str, step: str, old: str, new: str) -> str:
    """One line of one allocation."""
    start = books.index(f'"allocation" "{step}"')
    end = books.index("\n\n", start)
    return books[:start] + changed(books[start:end], old, new) + books[end:]


# -- the books ------------------------------------------------------------------------------------------------


def test_the_rendered_bylaws_are_clean(coop: Coop) -> None:
    assert messages(coop(RULES)) == []


def test_the_commented_movement_fund_can_be_taken_in(coop: Coop) -> None:
    # The optional fund, at most 7 %: of 100.50 that is 7.035, rounded down.
    books = re.sub(r"(?m)^; (?=\d{4}-\d\d-\d\d |  [a-z]+: )", "", RULES)
    loaded = coop(books + year(2025, "100.50"))
    assert messages(loaded) == []
    assert steps(loaded)["movement"] == "7.03"


# -- a year ---------------------------------------------------------------------------------------------------


def test_a_worked_year(coop: Coop) -> None:
    # Art. 86, of 100,000.10: at least half is 50,000.05; 5 % is 5,000.005, and at most, so rounded down: 5,000.00 for
    # the own half of the education fund and 5,000.00 for the federation's; at least 3 % is 3,000.003, so 3,000.01.
    # 37,000.04 are left: three fifths are 22,200.024, rounded up as at least three tenths must return: 22,200.03; the
    # other 14,800.01 are interest.
    loaded = coop(RULES + year(2025, "100000.10"))
    assert steps(loaded) == {
        "reserve": "50000.05",
        "education": "5000.00",
        "education-federation": "5000.00",
        "community": "3000.01",
        "patronage-refund": "22200.03",
        "interest": "14800.01",
    }
    # The refund by hours 3 : 2 is 13,320.018 and 8,880.012, the cent to m01: 13,320.02 and 8,880.01. The interest by
    # capital 2 : 1 is 9,866.6733 and 4,933.3367, the cent to m02: 9,866.67 and 4,933.34.
    assert parts(loaded) == {"m01": "23186.69", "m02": "13813.35"}
    assert surplus(loaded)["unallocated"] == "0.00"


def test_its_close_and_the_books_after_it(coop: Coop) -> None:
    books = RULES + year(2025, "100000.10")
    assert postings(coop(books)) == {
        "Equity:Surplus": "100000.10",
        "Equity:Reserves:General": "-50000.05",
        "Equity:Funds:Education": "-5000.00",
        "Liabilities:Funds:EducationFederation": "-5000.00",
        "Equity:Funds:Community": "-3000.01",
        "Liabilities:Patronage:M01": "-23186.69",
        "Liabilities:Patronage:M02": "-13813.35",
    }
    assert messages(coop(closed(coop, books, "2025"))) == []


@pytest.mark.parametrize(
    ("number", "reserve", "refund", "interest"),
    [
        # The fifth year: half. 10,000.00 less 5,000.00, 500.00, 500.00 and 300.00 are 3,700.00.
        (2029, "5000.00", "2220.00", "1480.00"),
        # The sixth: a tenth. 10,000.00 less 1,000.00, 500.00, 500.00 and 300.00 are 7,700.00.
        (2030, "1000.00", "4620.00", "3080.00"),
    ],
)
def test_after_five_years_a_tenth_is_enough(coop: Coop, number: int, reserve: str, refund: str, interest: str) -> None:
    # The law has no cap that stops a step; what comes nearest is that the larger minimum ends after five years.
    loaded = coop(RULES + year(number, "10000.00"))
    found = steps(loaded, str(number))
    assert (found["reserve"], found["patronage-refund"], found["interest"]) == (reserve, refund, interest)
    assert messages(loaded) == []


@pytest.mark.parametrize(
    ("start", "tenth"),
    [
        (date(2025, 1, 1), "2030-01-01"),
        # The five years end within the fiscal year 2030, and on the first day of 2031 they are over.
        (date(2025, 1, 2), "2031-01-01"),
        (date(2025, 7, 1), "2031-01-01"),
        (date(2024, 2, 29), "2030-01-01"),
    ],
)
def test_the_tenth_begins_with_a_fiscal_year_after_five_years(start: date, tenth: str) -> None:
    dates = re.findall(r'(?m)^(\S+) custom "coop" "allocation" "reserve"', render("ph-ra9520", start=start))
    assert dates == [start.isoformat(), tenth]


@pytest.mark.parametrize(
    ("result", "half", "community"),
    [
        ("1.00", "0.05", "0.03"),
        # Just below the next centavo: "at most" 5 % of 1.19 is 0.0595, "at least" 3 % is 0.0357.
        ("1.19", "0.05", "0.04"),
        ("1.20", "0.06", "0.04"),
    ],
)
def test_at_most_is_rounded_down_and_at_least_up(coop: Coop, result: str, half: str, community: str) -> None:
    found = steps(coop(RULES + year(2025, result)))
    assert (found["education"], found["education-federation"], found["community"]) == (half, half, community)


# -- a loss, and the year after it ----------------------------------------------------------------------------


def loss_books(coop: Coop) -> str:
    """2025 loses 8,000.00: all 5,000.00 of the reserve fund; 3,000.00 are carried on."""
    before = """
2025-01-01 * "What stood there before"
  Assets:Bank  5000.00 PHP
  Equity:Reserves:General
"""
    books = RULES + before + year(2025, "1000.00") + cost("2025-05-01", "9000.00 PHP")
    loaded = coop(books)
    assert steps(loaded) == {"reserve": "-5000.00"}
    assert surplus(loaded)["unallocated"] == "-3000.00"
    return closed(coop, books, "2025")


def test_the_reserve_fund_bears_a_loss_and_the_rest_is_carried_on(coop: Coop) -> None:
    assert messages(coop(loss_books(coop))) == []


def test_the_year_after_covers_what_is_still_open(coop: Coop) -> None:
    # 5,000.00 - 3,000.00 = 2,000.00: 1,000.00, 100.00, 100.00 and 60.00; of the 740.00 left 444.00 and 296.00.
    loaded = coop(loss_books(coop) + year(2026, "5000.00"))
    assert surplus(loaded, "2026")["earlier_losses"] == "3000.00"
    assert steps(loaded, "2026") == {
        "reserve": "1000.00",
        "education": "100.00",
        "education-federation": "100.00",
        "community": "60.00",
        "patronage-refund": "444.00",
        "interest": "296.00",
    }


# -- the law's minimums and its limits --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "old", "less", "more", "figure"),
    [
        ("reserve", "share: 0.50", "share: 0.49", "share: 0.51", "reserve-first-years"),
        ("community", "share: 0.03", "share: 0.02", "share: 0.04", "community"),
        ("patronage-refund", "share: 0.60", "share: 0.29", "share: 0.30", "patronage"),
    ],
)
def test_less_than_the_law_is_an_error_and_more_is_fine(
    coop: Coop, step: str, old: str, less: str, more: str, figure: str
) -> None:
    (found,) = messages(coop(step_changed(RULES, step, old, less)))
    assert "RA 9520 art. 86" in found
    assert f'figure "{figure}"' in found
    assert messages(coop(step_changed(RULES, step, old, more))) == []


def test_less_than_a_tenth_after_five_years(coop: Coop) -> None:
    (found,) = messages(coop(changed(RULES, "share: 0.10", "share: 0.09")))
    assert 'figure "reserve"' in found
    assert messages(coop(changed(RULES, "share: 0.10", "share: 0.11"))) == []


def test_the_education_fund_gets_at_most_a_tenth(coop: Coop) -> None:
    found = messages(coop(step_changed(RULES, "education", "share: 0.05", "share: 0.06")))
    assert any('figure "education"' in message for message in found)
    assert any("at most 10 %" in message for message in found)
    assert messages(coop(step_changed(RULES, "education", "share: 0.05", "share: 0.04"))) == []
