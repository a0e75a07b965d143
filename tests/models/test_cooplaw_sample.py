"""The model of Co-opLaw's sample bylaws: a quarter of the whole for all, and two years in which members bear no loss."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from treasurer import cost, messages, parts, postings, sale, steps, surplus, work

from coopbooks.cooperative import Cooperative
from coopbooks.statutes.models import render

Coop = Callable[..., Cooperative]

BYLAWS = render("cooplaw-sample", date(2025, 1, 1))

BOOKS = f"""
option "operating_currency" "USD"
plugin "coopbooks.plugins"
{BYLAWS}
2025-01-01 open Assets:Bank
2025-01-01 open Income:Sales
2025-01-01 open Expenses:Rent
2025-01-01 open Expenses:Wages:M01
2025-01-01 open Expenses:Wages:M02
2025-01-01 open Expenses:Wages:W01

2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Members:M01
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Members:M02
2025-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages:W01
"""


def year(hours: tuple[str, str, str], result: str, day: str = "2025-06-30") -> str:
    """Hours of two members and of somebody who is none, and what the year earns; pay is in that figure."""
    worked = [
        work(day, person, "0.00 USD", worked, "unpaid")
        for person, worked in zip(("M01", "M02", "W01"), hours, strict=True)
    ]
    earned = cost(day, f"{result[1:]} USD") if result.startswith("-") else sale(day, f"{result} USD")
    return "".join(worked) + earned


WORKED = BOOKS + year(("1200", "600", "200"), "20000.03")


def test_the_rendered_bylaws_are_clean(coop: Coop) -> None:
    assert messages(coop(WORKED)) == []


def test_a_worked_year(coop: Coop) -> None:
    # A tenth of the hours is no member's: 2,000.003, so 2,000.00 of profit. A quarter of the whole 20,000.03 is
    # 5,000.0075; 2,000.00 have come already, so 3,000.0075 are missing: 3,000.01. Dividends: 18,000.03 - 3,000.01.
    loaded = coop(WORKED)
    assert steps(loaded) == {"nonmember": "2000.00", "collective": "3000.01", "members": "15000.02"}
    # By hours 2 : 1 that is 10,000.0133 and 5,000.0067; the cent goes to m02. Half in money, the odd cent too.
    assert parts(loaded) == {"m01": "10000.01", "m02": "5000.01"}
    assert parts(loaded, key="cash") == {"m01": "5000.01", "m02": "2500.01"}
    assert postings(loaded) == {
        "Equity:Surplus": "20000.03",
        "Equity:Collective": "-5000.01",
        "Equity:Members:M01:2025": "-5000.00",
        "Equity:Members:M02:2025": "-2500.00",
        "Liabilities:Patronage:M01": "-5000.01",
        "Liabilities:Patronage:M02": "-2500.01",
    }


@pytest.mark.parametrize(
    ("hours", "profit", "added"),
    [
        # A third is no member's: 6,666.6767 is more than the quarter, 5,000.0075. Nothing is taken from the surplus.
        (("900", "300", "600"), "6666.68", "0.00"),
        # A quarter: 5,000.0075 is 5,000.01 to the cent, and nothing is missing.
        (("1200", "300", "500"), "5000.01", "0.00"),
        # 499 of 2,000: 4,990.007485, so 4,990.01; 5,000.0075 - 4,990.01 = 9.9975.
        (("1200", "301", "499"), "4990.01", "10.00"),
        # Nobody but members: the quarter comes from the surplus alone.
        (("1200", "800", "0"), "0.00", "5000.01"),
    ],
)
def test_the_profit_counts_towards_the_quarter(
    coop: Coop, hours: tuple[str, str, str], profit: str, added: str
) -> None:
    loaded = coop(BOOKS + year(hours, "20000.03"))
    assert (steps(loaded)["nonmember"], steps(loaded)["collective"]) == (profit, added)


PAID = """
2026-03-01 * "Money of 2025"
  Liabilities:Patronage:M01  5000.01 USD
  Liabilities:Patronage:M02  2500.01 USD
  Assets:Bank
"""


def test_of_the_first_two_years_the_collective_account_bears_all(coop: Coop) -> None:
    books = WORKED + str(coop(WORKED).close("2025").transaction) + PAID
    # 2026, the second year, loses 8,000.00: the collective account holds 5,000.01 and goes below zero.
    books += year(("1200", "600", "200"), "-8000.00", "2026-06-30")
    second = coop(books)
    assert steps(second, "2026") == {"collective": "-8000.00"}
    books += str(second.close("2026").transaction)
    # 2027, the third, loses 1,000.01: three quarters are 750.0075, so 750.01; by hours 2 : 1 that is 500.0067 and
    # 250.0033, the cent goes to m01. It comes from the notices of 2025. The collective account bears 250.00.
    books += year(("1200", "600", "200"), "-1000.01", "2027-06-30")
    third = coop(books)
    assert steps(third, "2027") == {"members": "-750.01", "collective": "-250.00"}
    assert parts(third, "2027") == {"m01": "-500.01", "m02": "-250.00"}
    assert postings(third, "2027") == {
        "Equity:Surplus": "-1000.01",
        "Equity:Collective": "250.00",
        "Equity:Members:M01:2025": "500.01",
        "Equity:Members:M02:2025": "250.00",
    }
    books += str(third.close("2027").transaction)
    # Everybody has borne their part, so the next surplus has nothing to cover: 100.00 less a tenth of profit.
    after = coop(books + year(("1200", "600", "200"), "100.00", "2028-06-30"))
    assert surplus(after, "2028")["earlier_losses"] == "0.00"
    assert steps(after, "2028") == {"nonmember": "10.00", "collective": "15.00", "members": "75.00"}
    assert messages(after) == []


def test_what_members_cannot_bear_falls_on_the_collective_account(coop: Coop) -> None:
    # 2027 loses 40,000.00: three quarters are 30,000.00, 20,000.00 and 10,000.00, but the accounts hold 5,000.00 and
    # 2,500.00. The other 32,500.00 fall on the collective account.
    books = WORKED + str(coop(WORKED).close("2025").transaction)
    loaded = coop(books + year(("1200", "600", "200"), "-40000.00", "2027-06-30"))
    found = surplus(loaded, "2027")
    assert [(step["id"], step["amount"], step["stopped_by"]) for step in found["steps"]] == [
        ("members", "-7500.00", "until"),
        ("collective", "-32500.00", None),
    ]


@pytest.mark.parametrize(
    ("start", "third"),
    [(date(2025, 1, 1), "2027-01-01"), (date(2025, 3, 15), "2027-01-01"), (date(2025, 12, 31), "2027-01-01")],
)
def test_the_third_fiscal_year_is_counted_from_the_start(start: date, third: str) -> None:
    assert f'\n{third} custom "coop" "loss" "members"\n' in render("cooplaw-sample", start)


@pytest.mark.parametrize(("cash", "faults"), [("0.19", 1), ("0.20", 0), ("0.50", 0)])
def test_a_qualified_notice_needs_a_fifth_in_money(coop: Coop, cash: str, faults: int) -> None:
    assert "  cash: 0.50\n" in WORKED
    found = messages(coop(WORKED.replace("  cash: 0.50\n", f"  cash: {cash}\n")))
    assert len([message for message in found if "US tax law" in message]) == faults
    assert bool(found) == bool(faults)


def test_a_leaver_is_paid_within_five_years_with_interest(coop: Coop) -> None:
    # m02 leaves on the first day of 2026 with the notice of 2,500.00: a fifth a year. The discount rate of 4.75 % and
    # two points are 6.75 % on what is left: of 2,500.00, 2,000.00, 1,500.00, 1,000.00 and 500.00.
    books = WORKED + str(coop(WORKED).close("2025").transaction) + PAID
    books += '2026-01-01 custom "coop" "exit" "m02"\n  cause: "resignation"\n'
    loaded = coop(books + str(coop(books).exit("m02").transaction))
    (debt,) = loaded.debts(date(2026, 3, 1)).to_data()
    assert debt["owed"] == "2500.00"
    assert {each["principal"] for each in debt["instalments"]} == {"500.00"}
    assert [(each["due"], each["interest"]) for each in debt["instalments"]] == [
        ("2027-01-01", "168.75"),
        ("2028-01-01", "135.00"),
        ("2029-01-01", "101.25"),
        ("2030-01-01", "67.50"),
        ("2031-01-01", "33.75"),
    ]
    assert messages(loaded) == []
