"""The model of CoLab's bylaws: half to members, half to a collective account that bears every loss."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from treasurer import cost, messages, parts, postings, sale, steps, surplus, work

from coopbooks import load
from coopbooks.cooperative import Cooperative
from coopbooks.ledgers import path
from coopbooks.statutes.models import render

Coop = Callable[..., Cooperative]

BYLAWS = render("colab", date(2025, 1, 1))

# Hours: 1,000 and 500 of members, 500 of somebody who is none.
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

2025-01-01 open Equity:Members:M01:Buyin
2025-01-01 open Equity:Members:M02:Buyin
2025-01-01 * "What the two bring in"
  Assets:Bank                10000.00 USD
  Equity:Members:M01:Buyin   -5000.00 USD
  Equity:Members:M02:Buyin   -5000.00 USD
{work("2025-06-30", "M01", "20000.00 USD", "1000")}
{work("2025-06-30", "M02", "10000.00 USD", "500")}
{work("2025-06-30", "W01", "10000.00 USD", "500")}
{sale("2025-12-01", "60000.00 USD")}
{cost("2025-12-01", "4999.93 USD")}
"""


def test_the_rendered_bylaws_are_clean(coop: Coop) -> None:
    assert messages(coop(BOOKS)) == []


def test_a_worked_year(coop: Coop) -> None:
    # 60,000.00 - 40,000.00 - 4,999.93 = 15,000.07. A quarter of the hours is no member's: 3,750.0175, so 3,750.02 of
    # profit. Half of the surplus of 11,250.05 is 5,625.025 twice; the cent that is left goes to the smaller id.
    loaded = coop(BOOKS)
    assert steps(loaded) == {"nonmember": "3750.02", "collective": "5625.03", "members": "5625.02"}
    # By hours 2 : 1 that is 3,750.0133 and 1,875.0067; the cent goes to the larger remainder.
    assert parts(loaded) == {"m01": "3750.01", "m02": "1875.01"}


def test_at_least_a_fifth_of_each_part_is_money(coop: Coop) -> None:
    # These bylaws have no limit that could stop a step. The nearest is the fifth in money: a fifth of 3,750.01 is
    # 750.002 and of 1,875.01 375.002: a cent less would be less than a fifth.
    loaded = coop(BOOKS)
    assert parts(loaded, key="cash") == {"m01": "750.01", "m02": "375.01"}
    assert postings(loaded) == {
        "Equity:Surplus": "15000.07",
        "Equity:Collective": "-9375.05",
        "Equity:Members:M01:2025": "-3000.00",
        "Equity:Members:M02:2025": "-1500.00",
        "Liabilities:Patronage:M01": "-750.01",
        "Liabilities:Patronage:M02": "-375.01",
    }


def test_profit_alone_goes_to_all(coop: Coop) -> None:
    # Only the non-member works: the whole 15,000.07 is profit, and no member has a part.
    only = BOOKS.replace("hours: 1000\n", "hours: 0\n")
    only = only.replace("hours: 500\n", "hours: 0\n", 1)
    loaded = coop(only)
    assert steps(loaded) == {"nonmember": "15000.07", "collective": "0.00", "members": "0.00"}


LOSS = (
    work("2026-06-30", "M01", "12000.00 USD", "600")
    + work("2026-06-30", "M02", "8000.00 USD", "400")
    + sale("2026-12-01", "10000.00 USD")
)


PAID = """
2026-03-01 * "Money of 2025"
  Liabilities:Patronage:M01  750.01 USD
  Liabilities:Patronage:M02  375.01 USD
  Assets:Bank
"""


def test_the_collective_account_bears_a_loss_even_below_zero(coop: Coop) -> None:
    books = BOOKS + str(coop(BOOKS).close("2025").transaction) + PAID
    # 10,000 - 20,000: the collective account holds 9,375.05 and bears all of the 10,000.00.
    loss = coop(books + LOSS)
    assert steps(loss, "2026") == {"collective": "-10000.00"}
    assert parts(loss, "2026") == {}
    books += LOSS + str(loss.close("2026").transaction)
    # Nothing is carried forward: the next surplus is divided as if there had been no loss. 3,000.01 in halves is
    # 1,500.005 twice.
    after = work("2027-06-30", "M01", "2000.00 USD", "100") + sale("2027-12-01", "5000.01 USD")
    loaded = coop(books + after)
    assert surplus(loaded, "2027")["earlier_losses"] == "0.00"
    assert steps(loaded, "2027") == {"nonmember": "0.00", "collective": "1500.01", "members": "1500.00"}
    assert messages(loaded) == []


RULES = ("surplus", "members", "collective", "exit", "fiscal-year")
WHY = {"law", "decision", "note"}


def rules_of(loaded: Cooperative) -> dict[tuple[str, str], dict[str, object]]:
    """The rules of article VII, without their reasons."""
    found = {}
    for record in loaded.facts.records:
        if record.id in RULES and record.KIND in ("bylaw", "allocation", "loss"):
            written = {name: value for name, value in record.as_written().items() if name not in WHY}
            found[record.KIND, record.id] = written
    return found


def test_the_model_says_what_the_worked_ledger_says(coop: Coop) -> None:
    model, worked = rules_of(coop(BOOKS)), rules_of(load(path("colab")))
    assert set(model) == set(worked)
    assert len(model) == 6
    assert model == worked


@pytest.mark.parametrize(("cash", "faults"), [("0.19", 1), ("0.20", 0), ("0.35", 0)])
def test_a_qualified_notice_needs_a_fifth_in_money(coop: Coop, cash: str, faults: int) -> None:
    assert "  cash: 0.20\n" in BOOKS
    found = messages(coop(BOOKS.replace("  cash: 0.20\n", f"  cash: {cash}\n")))
    assert len([message for message in found if "US tax law" in message]) == faults
    assert bool(found) == bool(faults)


def test_a_leaver_is_paid_within_two_years_with_interest(coop: Coop) -> None:
    # m02 leaves on the first day of 2026 with 5,000.00 and the notice of 1,500.00. Half of 6,500.00 a year; the discount
    # rate of 4.75 % and two points are 6.75 %: of 6,500.00 438.75, of the 3,250.00 left 219.375.
    books = BOOKS + str(coop(BOOKS).close("2025").transaction) + PAID
    books += '2026-01-01 custom "coop" "exit" "m02"\n  cause: "resignation"\n'
    loaded = coop(books + str(coop(books).exit("m02").transaction))
    (debt,) = loaded.debts(date(2026, 3, 1)).to_data()
    assert (debt["capital"], debt["owed"]) == ("6500.00", "6500.00")
    assert [(each["due"], each["principal"], each["interest"]) for each in debt["instalments"]] == [
        ("2027-01-01", "3250.00", "438.75"),
        ("2028-01-01", "3250.00", "219.38"),
    ]
    assert messages(loaded) == []
