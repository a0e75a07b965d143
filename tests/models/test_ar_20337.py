"""The model of Argentina's Ley 20.337: three funds of one base, reserves built up again first, the rest by work."""

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
RULES = f"""
option "operating_currency" "ARS"
plugin "coopbooks.plugins"
{render("ar-20337", start=START)}
2024-12-31 open Assets:Bank
2024-12-31 open Income:Sales
2024-12-31 open Expenses:Rent
2024-12-31 open Expenses:Wages:M01
2024-12-31 open Expenses:Wages:M02
2024-12-31 open Expenses:Wages:M03
2024-12-31 open Expenses:Wages:W01
2024-12-31 open Equity:Members:M01:Buyin
2024-12-31 open Equity:Members:M02:Buyin

2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Members:M01
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Members:M02
2025-01-01 custom "coop" "member" "m03"
  wages: Expenses:Wages:M03
  capital: Equity:Members:M03
2025-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages:W01
"""

# Hours: 1,200, 900 and 600 of members, 300 of somebody who is none. 80,000.07 - 60,000.00 = 20,000.07.
BOOKS = f"""{RULES}
{work("2025-06-30", "M01", "24000.00 ARS", "1200")}
{work("2025-06-30", "M02", "18000.00 ARS", "900")}
{work("2025-06-30", "M03", "12000.00 ARS", "600")}
{work("2025-06-30", "W01", "6000.00 ARS", "300")}
{sale("2025-12-01", "80000.07 ARS")}
"""


def opening(account: str, amount: str) -> str:
    return f"""
2025-01-01 * "What stood there before"
  Assets:Bank  {amount} ARS
  {account}
"""


def members_year(year: int, result: str) -> str:
    """A year in which only m01 and m02 work, 500 hours each; its result is what is sold."""
    return (
        work(f"{year}-06-30", "M01", "0.00 ARS", "500", "unpaid")
        + work(f"{year}-06-30", "M02", "0.00 ARS", "500", "unpaid")
        + sale(f"{year}-12-01", f"{result} ARS")
    )


def closed(coop: Coop, books: str, year: str) -> str:
    return f"{books}\n{coop(books).close(year).transaction or ''}\n"


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
    # Art. 42.5 returns ALL the rest to the members, so what the movement takes in step 3 comes before it, and no
    # minimum is broken: 5 % of the 15,300.03 that step 2 leaves is 765.0015.
    with_fund = re.sub(r"(?m)^; (?=\d{4}-\d\d-\d\d |  [a-z-]+: )", "", BOOKS)
    loaded = coop(with_fund)
    assert messages(loaded) == []
    assert steps(loaded)["movement"] == "765.00"
    assert steps(loaded)["return"] == "14535.03"


# -- a year ---------------------------------------------------------------------------------------------------


def test_a_worked_year(coop: Coop) -> None:
    # Art. 42: what the 300 of 3,000 hours of non-members earned goes whole to the special reserve: a tenth of
    # 20,000.07 is 2,000.007, so 2,000.01. Of the members' 18,000.06 three times 5 % are 900.003 each, rounded up to
    # 900.01. No reserve was used, no interest is set. The return is 18,000.06 - 3 x 900.01 = 15,300.03.
    loaded = coop(BOOKS)
    assert steps(loaded) == {
        "nonmember": "2000.01",
        "rebuild-legal": "0.00",
        "rebuild-special": "0.00",
        "legal-reserve": "900.01",
        "labour-welfare": "900.01",
        "education": "900.01",
        "interest": "0.00",
        "return": "15300.03",
    }
    # Art. 42.5.b, by hours 4 : 3 : 2: 6,800.0133, 5,100.01 and 3,400.0067; one cent is left, to the largest remainder.
    assert parts(loaded) == {"m01": "6800.01", "m02": "5100.01", "m03": "3400.01"}
    assert surplus(loaded)["unallocated"] == "0.00"


def test_its_close_and_the_books_after_it(coop: Coop) -> None:
    assert postings(coop(BOOKS)) == {
        "Equity:Surplus": "20000.07",
        "Equity:Reserves:Special": "-2000.01",
        "Equity:Reserves:Legal": "-900.01",
        "Liabilities:Funds:LabourWelfare": "-900.01",
        "Liabilities:Funds:Education": "-900.01",
        "Liabilities:Patronage:M01": "-6800.01",
        "Liabilities:Patronage:M02": "-5100.01",
        "Liabilities:Patronage:M03": "-3400.01",
    }
    assert messages(coop(closed(coop, BOOKS, "2025"))) == []


def test_interest_on_shares_where_the_assembly_sets_a_rate(coop: Coop) -> None:
    # 2 % of shares of 6,000 and 3,000 at the beginning of the year: 120 and 60, after the funds and before the return.
    rate = 'value: {}\n  source: "the assembly; at most the Banco'
    books = changed(BOOKS, rate.format("0"), rate.format("0.02"))
    books += """
2024-12-31 * "Shares"
  Assets:Bank  9000.00 ARS
  Equity:Members:M01:Buyin  -6000.00 ARS
  Equity:Members:M02:Buyin  -3000.00 ARS
"""
    loaded = coop(books)
    assert steps(loaded)["interest"] == "180.00"
    assert steps(loaded)["return"] == "15120.03"
    # 15,120.03 by 4 : 3 : 2 is 6,720.0133, 5,040.01 and 3,360.0067; then 120 and 60 on top.
    assert parts(loaded) == {"m01": "6840.01", "m02": "5100.01", "m03": "3360.01"}


# -- a loss, and the year after it ----------------------------------------------------------------------------


def loss_books(coop: Coop) -> str:
    """2025 loses 4,000.00; 3,000.00 stand in the legal reserve and 500.00 in the special one."""
    books = RULES + opening("Equity:Reserves:Legal", "3000.00") + opening("Equity:Reserves:Special", "500.00")
    books += members_year(2025, "1000.00") + cost("2025-05-01", "5000.00 ARS")
    assert steps(coop(books)) == {"legal-reserve": "-3000.00", "special-reserve": "-500.00"}
    assert surplus(coop(books))["unallocated"] == "-500.00"
    return closed(coop, books, "2025")


def test_reserves_bear_a_loss_and_the_rest_is_carried_on(coop: Coop) -> None:
    assert messages(coop(loss_books(coop))) == []


def test_the_year_after_covers_the_loss_and_fills_the_reserves_first(coop: Coop) -> None:
    # Art. 43: 10,000.00 less the 500.00 still open are 9,500.00. 3,000.00 and 500.00 bring the reserves back to where
    # they stood. Of the 6,000.00 left three times 5 % are 300.00; the return is 5,100.00, half to each.
    books = loss_books(coop) + members_year(2026, "10000.00")
    loaded = coop(books)
    answer = surplus(loaded, "2026")
    assert (answer["earlier_losses"], answer["base"]) == ("500.00", "9500.00")
    assert steps(loaded, "2026") == {
        "nonmember": "0.00",
        "rebuild-legal": "3000.00",
        "rebuild-special": "500.00",
        "legal-reserve": "300.00",
        "labour-welfare": "300.00",
        "education": "300.00",
        "interest": "0.00",
        "return": "5100.00",
    }
    assert parts(loaded, "2026") == {"m01": "2550.00", "m02": "2550.00"}
    # The year after that, the legal reserve is above where it stood, and nothing is to be filled.
    after = coop(closed(coop, books, "2026") + members_year(2027, "1000.00"))
    assert messages(after) == []
    assert (steps(after, "2027")["rebuild-legal"], steps(after, "2027")["return"]) == ("0.00", "850.00")


def test_filling_a_reserve_stops_within_the_year(coop: Coop) -> None:
    # The law has no cap; the limit of this model is the level before the loss. 3,500.00 after the open loss are just
    # what the reserves lack; a cent more is the first to be shared: 5 % of it, rounded up, is the cent itself, three
    # times, so the three share it and the smallest id gets it.
    books = loss_books(coop)
    exact = coop(books + members_year(2026, "4000.00"))
    assert steps(exact, "2026")["rebuild-legal"] == "3000.00"
    stops = {step["id"]: step["stopped_by"] for step in surplus(exact, "2026")["steps"]}
    assert (stops["rebuild-legal"], stops["rebuild-special"]) == ("until", "until")
    assert parts(exact, "2026") == {}
    more = steps(coop(books + members_year(2026, "4000.01")), "2026")
    assert (more["rebuild-legal"], more["rebuild-special"], more["education"]) == ("3000.00", "500.00", "0.01")


def test_too_little_to_fill_both_reserves_is_shared_in_proportion(coop: Coop) -> None:
    # 3,900.00 - 500.00 = 3,400.00 for 3,000.00 and 500.00: 2,914.2857 and 485.7143; the cent to the larger remainder.
    found = steps(coop(loss_books(coop) + members_year(2026, "3900.00")), "2026")
    assert (found["rebuild-legal"], found["rebuild-special"], found["return"]) == ("2914.29", "485.71", "0.00")


# -- the law's minimums -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["legal-reserve", "labour-welfare", "education"])
def test_a_point_less_than_five_is_an_error_and_a_point_more_is_fine(coop: Coop, step: str) -> None:
    less = messages(coop(step_changed(RULES, step, "share: 0.05", "share: 0.04")))
    assert len(less) == 1
    assert "Ley 20.337 art. 42" in less[0]
    assert step in less[0]
    assert messages(coop(step_changed(RULES, step, "share: 0.05", "share: 0.06"))) == []


def test_the_special_reserve_may_not_be_left_out(coop: Coop) -> None:
    (found,) = messages(coop(changed(RULES, "  nonmember-to: Equity:Reserves:Special\n", "")))
    assert 'figure "nonmember"' in found


@pytest.mark.parametrize(
    ("old", "less", "more"),
    [
        ("redeem-at-most: 0.05", "redeem-at-most: 0.04", "redeem-at-most: 0.06"),
        ("majority: 0.5\n", "majority: 0.49\n", "majority: 0.51\n"),
        ("supermajority: 0.66666666", "supermajority: 0.66", "supermajority: 0.75"),
        ("buy-in-months: 60", "buy-in-months: 61", "buy-in-months: 59"),
    ],
)
def test_other_limits_of_the_law(coop: Coop, old: str, less: str, more: str) -> None:
    old = f"  {old}"
    (found,) = messages(coop(changed(RULES, old, f"  {less}")))
    assert "Ley 20.337 art." in found
    assert messages(coop(changed(RULES, old, f"  {more}"))) == []
