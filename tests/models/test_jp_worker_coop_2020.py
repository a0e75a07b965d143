"""The model of Japan's act of 2020: a reserve until half of the contributions, two funds that never stop, whole yen."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from treasurer import cost, messages, parts, postings, sale, steps, surplus, work

from coopbooks.cooperative import Cooperative
from coopbooks.errors import ModelUnusable
from coopbooks.statutes.models import render

Coop = Callable[..., Cooperative]

# The year ends on the last day of March: "2026" is the one from 1 April 2025.
START = date(2025, 4, 1)

# Contributions are 600,000 in all: the reserve stops at 300,000.
RULES = f"""
option "operating_currency" "JPY"
plugin "coopbooks.plugins"
{render("jp-worker-coop-2020", start=START)}
2025-04-01 open Assets:Bank
2025-04-01 open Income:Sales
2025-04-01 open Expenses:Rent
2025-04-01 open Expenses:Wages:M01
2025-04-01 open Expenses:Wages:M02
2025-04-01 open Expenses:Wages:M03
2025-04-01 open Equity:Members:M01:Buyin
2025-04-01 open Equity:Members:M02:Buyin
2025-04-01 open Equity:Members:M03:Buyin

2025-04-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Members:M01
2025-04-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Members:M02
2025-04-01 custom "coop" "member" "m03"
  wages: Expenses:Wages:M03
  capital: Equity:Members:M03

2025-04-01 * "Contributions"
  Assets:Bank  600000 JPY
  Equity:Members:M01:Buyin  -300000 JPY
  Equity:Members:M02:Buyin  -200000 JPY
  Equity:Members:M03:Buyin  -100000 JPY
"""


def year(number: int, result: str) -> str:
    """The year that ends in March of `number`: members work 1,000, 800 and 200 hours; its result is what is sold."""
    before = number - 1
    return (
        work(f"{before}-09-30", "M01", "0 JPY", "1000", "unpaid")
        + work(f"{before}-09-30", "M02", "0 JPY", "800", "unpaid")
        + work(f"{before}-09-30", "M03", "0 JPY", "200", "unpaid")
        + sale(f"{number}-03-01", f"{result} JPY")
    )


def reserve(amount: str) -> str:
    return f"""
2025-04-01 * "What stood there before"
  Assets:Bank  {amount} JPY
  Equity:Reserves:Legal
"""


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


def test_the_act_is_in_force_since_october_2022() -> None:
    assert 'bylaw" "statute"' in render("jp-worker-coop-2020", start=date(2022, 10, 1))
    with pytest.raises(ModelUnusable, match="2022-10-01"):
        render("jp-worker-coop-2020", start=date(2022, 9, 30))


def test_the_commented_movement_fund_can_be_taken_in(coop: Coop) -> None:
    # 5 % of 1,000,000 beside the law's 100,000, 50,000 and 50,000.
    loaded = coop(re.sub(r"(?m)^; (?=\d{4}-\d\d-\d\d |  [a-z]+: )", "", RULES) + year(2026, "1000000"))
    assert messages(loaded) == []
    assert (steps(loaded, "2026")["movement"], steps(loaded, "2026")["dividend"]) == ("50000", "750000")


# -- a year ---------------------------------------------------------------------------------------------------


def test_a_worked_year(coop: Coop) -> None:
    # Art. 76: at least a tenth of 1,234,567 is 123,456.7, so 123,457; at least a twentieth is 61,728.35, so 61,729,
    # twice. Art. 77: the dividend is 1,234,567 - 246,915 = 987,652.
    loaded = coop(RULES + year(2026, "1234567"))
    assert steps(loaded, "2026") == {
        "reserve": "123457",
        "job-creation": "61729",
        "education": "61729",
        "dividend": "987652",
    }
    # By hours 5 : 4 : 1: 493,826, 395,060.8 and 98,765.2; the yen that is left goes to m02.
    assert parts(loaded, "2026") == {"m01": "493826", "m02": "395061", "m03": "98765"}
    assert surplus(loaded, "2026")["unallocated"] == "0"


def test_its_close_and_the_books_after_it(coop: Coop) -> None:
    books = RULES + year(2026, "1234567")
    assert postings(coop(books), "2026") == {
        "Equity:Surplus": "1234567",
        "Equity:Reserves:Legal": "-123457",
        "Equity:Funds:JobCreation": "-61729",
        "Equity:Funds:Education": "-61729",
        "Liabilities:Patronage:M01": "-493826",
        "Liabilities:Patronage:M02": "-395061",
        "Liabilities:Patronage:M03": "-98765",
    }
    assert messages(coop(closed(coop, books, "2026"))) == []


@pytest.mark.parametrize(
    ("before", "amount", "stop"),
    [
        ("176542", "123457", None),
        # 123,457 are just missing until half of the contributions of 600,000.
        ("176543", "123457", None),
        # 50,000 are missing: the step stops there, within the year.
        ("250000", "50000", "until"),
        ("300000", "0", "until"),
    ],
)
def test_the_reserve_stops_at_half_of_the_contributions(coop: Coop, before: str, amount: str, stop: str | None) -> None:
    loaded = coop(RULES + reserve(before) + year(2026, "1234567"))
    (found,) = [step for step in surplus(loaded, "2026")["steps"] if step["id"] == "reserve"]
    assert (found["amount"], found["stopped_by"]) == (amount, stop)
    # The other two never stop.
    assert int(steps(loaded, "2026")["dividend"]) == 1234567 - 2 * 61729 - int(amount)
    assert messages(loaded) == []


# -- a loss, and the year after it ----------------------------------------------------------------------------


def loss_books(coop: Coop) -> str:
    """The year to March 2026 loses 400,000: all 250,000 of the reserve; 150,000 are carried on."""
    books = RULES + reserve("250000") + year(2026, "100000") + cost("2025-10-01", "500000 JPY")
    loaded = coop(books)
    assert steps(loaded, "2026") == {"reserve": "-250000"}
    assert surplus(loaded, "2026")["unallocated"] == "-150000"
    return closed(coop, books, "2026")


def test_the_reserve_bears_a_loss_and_the_funds_are_left_alone(coop: Coop) -> None:
    assert messages(coop(loss_books(coop))) == []


def test_the_year_after_covers_what_is_still_open(coop: Coop) -> None:
    # Art. 77.1: 500,001 - 150,000 = 350,001: at least 35,000.1, 17,500.05 and 17,500.05, rounded up; 279,998 are left.
    loaded = coop(loss_books(coop) + year(2027, "500001"))
    assert surplus(loaded, "2027")["earlier_losses"] == "150000"
    assert steps(loaded, "2027") == {
        "reserve": "35001",
        "job-creation": "17501",
        "education": "17501",
        "dividend": "279998",
    }


def test_no_dividend_before_losses_are_covered(coop: Coop) -> None:
    loaded = coop(loss_books(coop) + year(2027, "150000"))
    assert set(steps(loaded, "2027").values()) == {"0"}


# -- the law's minimums -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "old", "less", "more"),
    [
        ("reserve", "share: 0.10", "share: 0.09", "share: 0.11"),
        ("job-creation", "share: 0.05", "share: 0.04", "share: 0.06"),
        ("education", "share: 0.05", "share: 0.04", "share: 0.06"),
        ("reserve", "until-of: 0.5", "until-of: 0.49", "until-of: 0.51"),
    ],
)
def test_less_than_the_law_is_an_error_and_more_is_fine(coop: Coop, step: str, old: str, less: str, more: str) -> None:
    (found,) = messages(coop(step_changed(RULES, step, old, less)))
    assert "Worker Cooperatives Act (Japan) art. 76" in found
    assert f'"{step}"' in found
    assert messages(coop(step_changed(RULES, step, old, more))) == []
