"""The model of a German eG: a statutory reserve up to a quarter of the balance total, the rest for the general meeting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from treasurer import cost, messages, parts, postings, sale, steps, surplus, work

from coopbooks.cooperative import Cooperative
from coopbooks.statutes.models import render

Coop = Callable[..., Cooperative]

BYLAWS = render("de-eg", date(2025, 1, 1))

# Two members with a share each, and somebody who works without being a member. Pay: 30,000 + 20,000 + 12,500.
BOOKS = f"""
option "operating_currency" "EUR"
plugin "coopbooks.plugins"
{BYLAWS}
2025-01-01 open Assets:Bank
2025-01-01 open Income:Sales
2025-01-01 open Expenses:Rent
2025-01-01 open Expenses:Wages:M01
2025-01-01 open Expenses:Wages:M02
2025-01-01 open Expenses:Wages:W01
2025-01-01 open Equity:Members:M01:Buyin
2025-01-01 open Equity:Members:M02:Buyin

2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Members:M01
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Members:M02
2025-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages:W01

2025-01-02 * "Two shares"
  Assets:Bank                   200.00 EUR
  Equity:Members:M01:Buyin     -100.00 EUR
  Equity:Members:M02:Buyin     -100.00 EUR
{work("2025-06-30", "M01", "30000.00 EUR", "1600")}
{work("2025-06-30", "M02", "20000.00 EUR", "1200")}
{work("2025-06-30", "W01", "12500.00 EUR", "800")}
{sale("2025-12-01", "100000.00 EUR")}
{cost("2025-12-01", "10000.02 EUR")}
"""

DECIDED = """
2026-05-20 custom "coop" "decision" "accounts-2025"
  matter: "accounts and surplus of 2025"
  body: "assembly"
  eligible: 2
  for: 2
2026-05-20 custom "coop" "resolution" "2025"
  of: "general-meeting"
  to: "members"
  amount: 12000.00 EUR
  decision: "accounts-2025"
2026-05-20 custom "coop" "resolution" "2025"
  of: "general-meeting"
  to: Equity:Reserves:Other
  rest: TRUE
  decision: "accounts-2025"
"""


def reserve(amount: str) -> str:
    """A statutory reserve that stood there before."""
    return f"""
2025-01-02 * "Reserve brought in by the society that became this cooperative"
  Assets:Bank  {amount} EUR
  Equity:Reserves:Statutory
"""


def stopped(coop: Cooperative, period: str = "2025") -> dict[str, str | None]:
    return {step["id"]: step["stopped_by"] for step in surplus(coop, period)["steps"]}


def test_the_rendered_bylaws_are_clean(coop: Coop) -> None:
    assert messages(coop(BOOKS)) == []


def test_a_worked_year(coop: Coop) -> None:
    # 100,000.00 - 62,500.00 - 10,000.02 = 27,499.98. A fifth of all pay (12,500 of 62,500) is a non-member's:
    # 5,499.996, to the cent 5,500.00. The members' base is 21,999.98; a tenth of it is 2,199.998, "at least" rounds up.
    # The limit is far: the bank holds 27,699.98, a quarter of it is 6,924.99. Left: 21,999.98 - 4,400.00.
    loaded = coop(BOOKS)
    assert surplus(loaded)["base"] == "21999.98"
    assert steps(loaded) == {
        "nonmember": "5500.00",
        "other-reserve": "2200.00",
        "reserve": "2200.00",
        "general-meeting": "17599.98",
    }


def test_the_general_meeting_divides_the_rest(coop: Coop) -> None:
    # 12,000.00 by pay 3 : 2, all in money; the rest, 5,599.98, joins the 5,500.00 and 2,200.00 of the other reserves.
    loaded = coop(BOOKS + DECIDED)
    assert parts(loaded, key="cash") == {"m01": "7200.00", "m02": "4800.00"}
    assert postings(loaded) == {
        "Equity:Surplus": "27499.98",
        "Equity:Reserves:Statutory": "-2200.00",
        "Equity:Reserves:Other": "-13299.98",
        "Liabilities:Patronage:M01": "-7200.00",
        "Liabilities:Patronage:M02": "-4800.00",
    }


@pytest.mark.parametrize(
    ("stood", "added", "stop"),
    [
        # All assets are 27,699.98 and what stood there. 6,300.02: a quarter of 34,000.00 is 8,500.00, which the whole
        # tenth reaches to the cent (8,500.02 would pass it: 2,199.98 are missing).
        ("6300.02", "2199.98", "until"),
        # 8,000.02: a quarter of 35,700.00 is 8,925.00; 924.98 are missing.
        ("8000.02", "924.98", "until"),
        # 10,000.02: a quarter of 37,700.00 is 9,425.00: it is passed already.
        ("10000.02", "0.00", "until"),
        # 6,000.02: a quarter of 33,700.00 is 8,425.00, which 6,000.02 + 2,200.00 do not reach.
        ("6000.02", "2200.00", None),
    ],
)
def test_the_reserve_stops_at_a_quarter_of_the_balance_total(
    coop: Coop, stood: str, added: str, stop: str | None
) -> None:
    loaded = coop(BOOKS + reserve(stood))
    assert (steps(loaded)["reserve"], stopped(loaded)["reserve"]) == (added, stop)
    assert steps(loaded)["other-reserve"] == "2200.00"  # which has no limit


LOSS = (
    work("2026-06-30", "M01", "20000.00 EUR", "1600")
    + work("2026-06-30", "M02", "15000.00 EUR", "1200")
    + sale("2026-12-01", "30000.00 EUR")
    + cost("2026-12-01", "12000.00 EUR")
)


def test_a_loss_falls_on_the_reserves_and_the_next_surplus_covers_what_is_left(coop: Coop) -> None:
    books = BOOKS + DECIDED
    books += str(coop(books).close("2025").transaction)
    # 30,000 - 35,000 - 12,000 = -17,000.00. The other reserves hold 13,299.98, the statutory one 2,200.00: 1,500.02
    # are carried forward. The shares of the members are untouched.
    loss = coop(books + LOSS)
    assert steps(loss, "2026") == {"other-reserve": "-13299.98", "reserve": "-2200.00"}
    assert stopped(loss, "2026") == {"other-reserve": "until", "reserve": "until"}
    assert surplus(loss, "2026")["unallocated"] == "-1500.02"
    books += LOSS + str(loss.close("2026").transaction)
    # 50,000 - 40,000 = 10,000.00, less 1,500.02 is 8,499.98: a tenth is 849.998, twice 850.00, and 6,799.98 are left.
    books += work("2027-06-30", "M01", "20000.00 EUR", "1600") + work("2027-06-30", "M02", "20000.00 EUR", "1600")
    after = coop(books + sale("2027-12-01", "50000.00 EUR"))
    assert surplus(after, "2027")["earlier_losses"] == "1500.02"
    assert steps(after, "2027") == {
        "nonmember": "0.00",
        "other-reserve": "850.00",
        "reserve": "850.00",
        "general-meeting": "6799.98",
    }
    assert messages(after) == []


@pytest.mark.parametrize(("majority", "faults"), [("0.74", 1), ("0.75", 0), ("0.80", 0)])
def test_the_statute_changes_by_three_quarters_at_least(coop: Coop, majority: str, faults: int) -> None:
    # GenG § 16: a point less than three quarters is less than the law asks for.
    assert "supermajority: 0.75\n" in BOOKS
    found = messages(coop(BOOKS.replace("supermajority: 0.75\n", f"supermajority: {majority}\n")))
    assert len(found) == faults
    assert all("GenG § 16" in message for message in found)


def test_a_leaver_gets_the_share_within_six_months(coop: Coop) -> None:
    # The membership ends with the year 2026; of the reserves nothing, of the share all: 100.00 by 30 June 2027.
    books = BOOKS + '2026-12-31 custom "coop" "exit" "m02"\n  cause: "resignation"\n'
    books += DECIDED + str(coop(books + DECIDED).close("2025").transaction)
    books += sale("2027-01-02", "1.00 EUR")
    loaded = coop(books + str(coop(books).exit("m02").transaction))
    (debt,) = loaded.debts(date(2027, 1, 1)).to_data()
    assert (debt["capital"], debt["owed"], debt["balance"]) == ("100.00", "100.00", "100.00")
    assert [(each["due"], each["amount"]) for each in debt["instalments"]] == [("2027-06-30", "100.00")]


def test_or_at_a_quarter_of_the_highest_balance_total_where_a_statute_says_so(coop: Coop) -> None:
    # A loan of 40,000.00 that was paid back in December: on the 1st all assets were 75,700.00, at the end 35,700.00. A
    # quarter of the first is far above the 8,000.02 that stood there, of the second 924.98.
    loan = """
2025-01-01 open Liabilities:Loan
2025-01-02 * "A loan"
  Assets:Bank       40000.00 EUR
  Liabilities:Loan
2025-12-15 * "Paid back"
  Liabilities:Loan  40000.00 EUR
  Assets:Bank
"""
    books = BOOKS + reserve("8000.02") + loan
    assert steps(coop(books))["reserve"] == "924.98"
    highest = books.replace('  until-account: "Assets"\n', '  until-account: "Assets"\n  until-at: "highest"\n')
    assert steps(coop(highest))["reserve"] == "2200.00"
