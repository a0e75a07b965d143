"""The model of Uruguay's Ley 18.407: a reserve with two stops, half of the base back to the members, losses filled up first."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from treasurer import cost, messages, parts, postings, sale, steps, surplus, work

from coopbooks.cooperative import Cooperative
from coopbooks.statutes.models import render

Coop = Callable[..., Cooperative]

START = date(2025, 1, 1)

# Members' capital is 10,000.00 in all.
RULES = f"""
option "operating_currency" "UYU"
plugin "coopbooks.plugins"
{render("uy-18407", start=START)}
2024-12-31 open Assets:Bank
2025-01-01 open Income:Sales
2025-01-01 open Expenses:Rent
2025-01-01 open Expenses:Wages:M01
2025-01-01 open Expenses:Wages:M02
2025-01-01 open Expenses:Wages:M03
2024-12-31 open Equity:Members:M01:Buyin
2024-12-31 open Equity:Members:M02:Buyin
2024-12-31 open Equity:Members:M03:Buyin

2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Members:M01
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Members:M02
2025-01-01 custom "coop" "member" "m03"
  wages: Expenses:Wages:M03
  capital: Equity:Members:M03

2024-12-31 * "Shares"
  Assets:Bank  10000.00 UYU
  Equity:Members:M01:Buyin  -5000.00 UYU
  Equity:Members:M02:Buyin  -3000.00 UYU
  Equity:Members:M03:Buyin  -2000.00 UYU
"""


def year(number: int, result: str) -> str:
    """A year in which the members work 1,000, 600 and 400 hours; its result is what is sold."""
    return (
        work(f"{number}-06-30", "M01", "0.00 UYU", "1000", "unpaid")
        + work(f"{number}-06-30", "M02", "0.00 UYU", "600", "unpaid")
        + work(f"{number}-06-30", "M03", "0.00 UYU", "400", "unpaid")
        + sale(f"{number}-12-01", f"{result} UYU")
    )


def opening(account: str, amount: str) -> str:
    return f"""
2025-01-01 * "What stood there before"
  Assets:Bank  {amount} UYU
  {account}
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


def with_rate(books: str, rate: str) -> str:
    """The books with another interest on shares; 0 is what the model writes."""
    return changed(books, '"share-interest"\n  value: 0\n', f'"share-interest"\n  value: {rate}\n')


def stopped(coop: Cooperative) -> dict[str, str]:
    return {step["id"]: step["stopped_by"] for step in surplus(coop)["steps"] if step["stopped_by"]}


# -- the books ------------------------------------------------------------------------------------------------


def test_the_rendered_bylaws_are_clean(coop: Coop) -> None:
    assert messages(coop(RULES)) == []


def test_the_commented_movement_fund_can_be_taken_in(coop: Coop) -> None:
    # 5 % of 8,000.00 are 400.00; 15 %, 5 % and 10 % are 2,400.00; 5,200.00 return, more than half.
    loaded = coop(re.sub(r"(?m)^; (?=\d{4}-\d\d-\d\d |  [a-z-]+: )", "", RULES) + year(2025, "8000.00"))
    assert messages(loaded) == []
    assert (steps(loaded)["movement"], steps(loaded)["return"]) == ("400.00", "5200.00")


# -- a year ---------------------------------------------------------------------------------------------------


def test_a_worked_year(coop: Coop) -> None:
    # Art. 70, all of 8,000.10 and "at least" rounded up: ten points to the legal reserve are 800.01, the five more below
    # the capital are 400.005, so 400.01; education 400.01; operations with non-members 800.01. The return is
    # 8,000.10 - 2,400.04 = 5,600.06.
    loaded = coop(RULES + year(2025, "8000.10"))
    assert steps(loaded) == {
        "rebuild-legal": "0.00",
        "rebuild-nonmembers": "0.00",
        "legal-reserve": "800.01",
        "legal-reserve-more": "400.01",
        "education": "400.01",
        "nonmember-reserve": "800.01",
        "interest": "0.00",
        "return": "5600.06",
    }
    # By hours 5 : 3 : 2: 2,800.03, 1,680.018 and 1,120.012; the cent to m02.
    assert parts(loaded) == {"m01": "2800.03", "m02": "1680.02", "m03": "1120.01"}


def test_its_close_and_the_books_after_it(coop: Coop) -> None:
    books = RULES + year(2025, "8000.10")
    assert postings(coop(books)) == {
        "Equity:Surplus": "8000.10",
        "Equity:Reserves:Legal": "-1200.02",
        "Equity:Reserves:NonMembers": "-800.01",
        "Liabilities:Funds:Education": "-400.01",
        "Liabilities:Patronage:M01": "-2800.03",
        "Liabilities:Patronage:M02": "-1680.02",
        "Liabilities:Patronage:M03": "-1120.01",
    }
    assert messages(coop(closed(coop, books, "2025"))) == []


@pytest.mark.parametrize(
    ("reserve", "ten", "five", "stops"),
    [
        # Art. 70.1, of 8,000.00: ten points are 800.00, five are 400.00. The capital is 10,000.00.
        ("9599.99", "800.00", "400.00", set()),
        # 400.00 are just missing until the capital: the five points are full, and at their limit.
        ("9600.00", "800.00", "400.00", {"legal-reserve-more"}),
        # 200.00 are missing: the five points stop there, within the year.
        ("9800.00", "800.00", "200.00", {"legal-reserve-more"}),
        # The reserve equals the capital: ten points only.
        ("10000.00", "800.00", "0.00", {"legal-reserve-more"}),
        # 300.00 are missing until three times the capital: the ten points stop there, within the year.
        ("29700.00", "300.00", "0.00", {"legal-reserve", "legal-reserve-more"}),
        # Three times the capital: nothing any more.
        ("30000.00", "0.00", "0.00", {"legal-reserve", "legal-reserve-more"}),
    ],
)
def test_the_legal_reserve_stops_twice(coop: Coop, reserve: str, ten: str, five: str, stops: set[str]) -> None:
    loaded = coop(RULES + opening("Equity:Reserves:Legal", reserve) + year(2025, "8000.00"))
    found = steps(loaded)
    assert (found["legal-reserve"], found["legal-reserve-more"]) == (ten, five)
    assert stops == {name for name in stopped(loaded) if name.startswith("legal-reserve")}
    # Education 400.00 and the reserve for non-members 800.00 never stop.
    assert Decimal(found["return"]) == Decimal(8000) - 1200 - Decimal(ten) - Decimal(five)
    assert messages(loaded) == []


@pytest.mark.parametrize(
    ("rate", "interest", "returned"),
    [
        # 2 % of the capital of 10,000.00; the rest of 8,000.00 - 2,400.00.
        ("0.02", "200.00", "5400.00"),
        # 15.2 % are 1,520.00, which is nineteen hundredths of 8,000.00: the most that the step may get.
        ("0.152", "1520.00", "4080.00"),
        ("0.5", "1520.00", "4080.00"),
    ],
)
def test_interest_leaves_half_of_the_base_to_the_return(coop: Coop, rate: str, interest: str, returned: str) -> None:
    loaded = coop(with_rate(RULES, rate) + year(2025, "8000.00"))
    assert (steps(loaded)["interest"], steps(loaded)["return"]) == (interest, returned)
    assert messages(loaded) == []


def test_interest_follows_shares_and_the_return_follows_work(coop: Coop) -> None:
    # 100.00, 60.00 and 40.00 of interest; 5,400.00 by hours 5 : 3 : 2.
    loaded = coop(with_rate(RULES, "0.02") + year(2025, "8000.00"))
    assert parts(loaded) == {"m01": "2800.00", "m02": "1680.00", "m03": "1120.00"}


# -- a loss, and the year after it ----------------------------------------------------------------------------


def loss_books(coop: Coop) -> str:
    """2025 loses 2,000.00: 1,500.00 of the legal reserve, 300.00 of the other; 200.00 are carried on."""
    books = RULES + opening("Equity:Reserves:Legal", "1500.00") + opening("Equity:Reserves:NonMembers", "300.00")
    books += year(2025, "500.00") + cost("2025-05-01", "2500.00 UYU")
    loaded = coop(books)
    assert steps(loaded) == {"legal-reserve": "-1500.00", "nonmember-reserve": "-300.00"}
    assert surplus(loaded)["unallocated"] == "-200.00"
    return closed(coop, books, "2025")


def test_reserves_bear_a_loss_and_the_rest_is_carried_on(coop: Coop) -> None:
    assert messages(coop(loss_books(coop))) == []


def test_the_year_after_covers_the_loss_and_fills_the_reserves_first(coop: Coop) -> None:
    # Art. 70: 5,000.00 less the 200.00 still open; 1,500.00 and 300.00 bring the reserves back to where they stood. Of
    # the 3,000.00 left: 300.00 and 150.00, 150.00, 300.00; the return is 2,100.00.
    books = loss_books(coop) + year(2026, "5000.00")
    loaded = coop(books)
    assert surplus(loaded, "2026")["earlier_losses"] == "200.00"
    assert steps(loaded, "2026") == {
        "rebuild-legal": "1500.00",
        "rebuild-nonmembers": "300.00",
        "legal-reserve": "300.00",
        "legal-reserve-more": "150.00",
        "education": "150.00",
        "nonmember-reserve": "300.00",
        "interest": "0.00",
        "return": "2100.00",
    }
    assert messages(coop(closed(coop, books, "2026"))) == []


def test_nothing_is_shared_before_the_reserves_are_whole(coop: Coop) -> None:
    # Art. 62: 2,000.00 - 200.00 = 1,800.00 is just what the reserves lack.
    found = steps(coop(loss_books(coop) + year(2026, "2000.00")), "2026")
    assert {name for name, amount in found.items() if amount != "0.00"} == {"rebuild-legal", "rebuild-nonmembers"}


# -- the law's minimums -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "old", "less", "more"),
    [
        ("legal-reserve", "share: 0.10", "share: 0.09", "share: 0.11"),
        ("legal-reserve-more", "share: 0.05", "share: 0.04", "share: 0.06"),
        ("education", "share: 0.05", "share: 0.04", "share: 0.06"),
        ("nonmember-reserve", "share: 0.10", "share: 0.09", "share: 0.11"),
        ("legal-reserve", "until-of: 3", "until-of: 2.99", "until-of: 3.01"),
        ("legal-reserve-more", "until-of: 1", "until-of: 0.99", "until-of: 1.01"),
    ],
)
def test_less_than_the_law_is_an_error_and_more_is_fine(coop: Coop, step: str, old: str, less: str, more: str) -> None:
    (found,) = messages(coop(step_changed(RULES, step, old, less)))
    assert "Ley 18.407 art. 70" in found
    assert f'"{step}"' in found
    assert messages(coop(step_changed(RULES, step, old, more))) == []


def test_a_promise_that_eats_the_members_half_is_an_error(coop: Coop) -> None:
    # 10 + 5 + 10 + 25 leave just half of 8,000.00; one point more leaves 3,920.00.
    assert messages(coop(step_changed(RULES, "education", "share: 0.05", "share: 0.25") + year(2025, "8000.00"))) == []
    books = step_changed(RULES, "education", "share: 0.05", "share: 0.26") + year(2025, "8000.00")
    (found,) = messages(coop(books))
    assert 'figure "return"' in found
    assert "3,920.00" in found or "3920.00" in found


def test_majorities_of_the_law(coop: Coop) -> None:
    (found,) = messages(coop(changed(RULES, "supermajority: 0.75", "supermajority: 0.74")))
    assert "Ley 18.407 art. 33" in found
