"""The model of Equal Exchange: a tenth for the movement and equal parts, both of the profit before tax."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from treasurer import cost, messages, parts, postings, sale, steps, surplus, work

from coopbooks.cooperative import Cooperative
from coopbooks.statutes.models import render

Coop = Callable[..., Cooperative]

BYLAWS = render("equal-exchange", date(2025, 1, 1))

# m03 becomes a worker-owner in November, m04 has left before the last day.
BOOKS = f"""
option "operating_currency" "USD"
plugin "coopbooks.plugins"
{BYLAWS}
2025-01-01 open Assets:Bank
2025-01-01 open Income:Sales
2025-01-01 open Expenses:Rent
2025-01-01 open Expenses:Wages:M01
2025-01-01 open Expenses:Wages:M02

2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Members:M01
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Members:M02
2025-11-01 custom "coop" "member" "m03"
2025-01-01 custom "coop" "member" "m04"
2025-06-30 custom "coop" "exit" "m04"
  cause: "resignation"
"""


def tax(day: str, amount: str) -> str:
    """The tax on the profit of a year."""
    return f"""
{day} * "Income tax"
  Expenses:Tax:Income  {amount}
  Assets:Bank
"""


WORKED = BOOKS + sale("2025-12-01", "90000.01 USD") + tax("2025-12-31", "15000.00 USD")


def stopped(coop: Cooperative, period: str = "2025") -> dict[str, str | None]:
    return {step["id"]: step["stopped_by"] for step in surplus(coop, period)["steps"]}


def test_the_rendered_bylaws_are_clean(coop: Coop) -> None:
    assert messages(coop(WORKED)) == []


def test_a_worked_year(coop: Coop) -> None:
    # Before tax 90,000.01: a tenth is 9,000.001, 35 % are 31,500.0035, together 40,500.00 to the cent. What stays is
    # 55 %, 49,500.0055, less the tax: 75,000.01 - 40,500.00 = 34,500.01.
    loaded = coop(WORKED)
    assert surplus(loaded)["result"] == "75000.01"
    assert steps(loaded) == {"movement": "9000.00", "worker-owners": "31500.00", "retained": "34500.01"}
    # 31,500.00 in three; who came in November has a whole part, who has left has none.
    assert parts(loaded, key="cash") == {"m01": "10500.00", "m02": "10500.00", "m03": "10500.00"}
    assert postings(loaded) == {
        "Equity:Surplus": "75000.01",
        "Equity:Funds:Movement": "-9000.00",
        "Equity:Retained": "-34500.01",
        "Liabilities:Patronage:M01": "-10500.00",
        "Liabilities:Patronage:M02": "-10500.00",
        "Liabilities:Patronage:M03": "-10500.00",
    }


def test_a_heavy_tax_leaves_less_than_the_shares_ask_for(coop: Coop) -> None:
    # These rules have no limit that could stop a step. The nearest is what is left: of 10,000.00 before tax 6,500.00
    # are tax. The movement asks for 1,000.00 and the worker-owners for 3,500.00, but 3,500.00 are there: in proportion
    # 2 : 7 that is 777.7778 and 2,722.2222, and nothing stays.
    loaded = coop(BOOKS + sale("2025-12-01", "10000.00 USD") + tax("2025-12-31", "6500.00 USD"))
    assert steps(loaded) == {"movement": "777.78", "worker-owners": "2722.22", "retained": "0.00"}
    assert stopped(loaded)["movement"] == "remainder"
    assert stopped(loaded)["worker-owners"] == "remainder"


def test_a_loss_and_the_year_after_it(coop: Coop) -> None:
    books = WORKED + str(coop(WORKED).close("2025").transaction)
    # 2026 loses 40,000.00: 34,500.01 had stayed; 5,499.99 are carried forward.
    books += cost("2026-12-01", "40000.00 USD")
    loss = coop(books)
    assert (steps(loss, "2026"), stopped(loss, "2026")) == ({"retained": "-34500.01"}, {"retained": "until"})
    assert surplus(loss, "2026")["unallocated"] == "-5499.99"
    books += str(loss.close("2026").transaction)
    # 2027 earns 12,000.00 and pays 2,000.00 of tax: 10,000.00, less 5,499.99 is 4,500.01. Before tax that is 6,500.01:
    # a tenth 650.001, 35 % 2,275.0035, together 2,925.00; 1,575.01 stay.
    after = coop(books + sale("2027-12-01", "12000.00 USD") + tax("2027-12-31", "2000.00 USD"))
    assert surplus(after, "2027")["earlier_losses"] == "5499.99"
    assert steps(after, "2027") == {"movement": "650.00", "worker-owners": "2275.00", "retained": "1575.01"}
    assert messages(after) == []


def test_nobody_earns_more_than_four_times_what_another_earns(coop: Coop) -> None:
    # 40.00 and 10.00 an hour over the year are four to one, 40.00 and 9.99 are more.
    paid = BOOKS + work("2025-03-31", "M01", "40000.00 USD", "1000")
    assert messages(coop(paid + work("2025-03-31", "M02", "10000.00 USD", "1000"))) == []
    (message,) = messages(coop(paid + work("2025-03-31", "M02", "9990.00 USD", "1000")))
    assert "over the cap of 4.00 in 2025" in message


def test_the_tenth_is_a_movement_fund(coop: Coop) -> None:
    books = WORKED + str(coop(WORKED).close("2025").transaction)
    fund = coop(books).funds().to_data()[0]
    assert (fund["fund"], fund["promised"], fund["funded"], fund["movement"]) == (
        "movement",
        "9000.00",
        "9000.00",
        True,
    )
