"""The model of Hypha's bylaws: four fifths to an indivisible reserve, losses on it first, rules that changed by date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from treasurer import cost, messages, parts, postings, sale, steps, surplus, work

from coopbooks.cooperative import Cooperative
from coopbooks.statutes.models import render

Coop = Callable[..., Cooperative]


def books(start: date) -> str:
    """Three members; the year ends on 30 June."""
    people = "".join(
        f"""
{start} open Expenses:Wages:{person}
{start} open Equity:Members:{person}:Loan
{start} custom "coop" "member" "{person.lower()}"
  wages: Expenses:Wages:{person}
  capital: Equity:Members:{person}
"""
        for person in ("M01", "M02", "M03")
    )
    return f"""
option "operating_currency" "CAD"
plugin "coopbooks.plugins"
{render("hypha", start)}
{start} open Assets:Bank
{start} open Income:Sales
{start} open Expenses:Rent
{start} open Expenses:Interest
{start} open Expenses:SpecialAllocations
{people}"""


def hours(day: str) -> str:
    """1,500 and 1,000 hours, and 15: fewer than the sixteen that count. All pay is in the figures of the result."""
    return (
        work(day, "M01", "0.00 CAD", "1500", "unpaid")
        + work(day, "M02", "0.00 CAD", "1000", "unpaid")
        + work(day, "M03", "0.00 CAD", "15", "unpaid")
    )


# The year that ended in June 2024, as resolution 008 of 2024-09-26 has it: a surplus of 726,814, of which 459,660 were
# given as special allocations, 213,723 to reserves and 53,431 to members' accounts.
PUBLISHED = f"""
2023-07-01 open Equity:Members:M01:2024
2023-07-01 open Equity:Members:M02:2024
{hours("2024-03-31")}
{sale("2024-03-31", "726814.00 CAD")}
2024-06-30 * "Special allocations of the year, credited to members' loans"
  Expenses:SpecialAllocations   459660.00 CAD
  Equity:Members:M01:2024      -259660.00 CAD
  Equity:Members:M02:2024      -200000.00 CAD
"""
WHOLE_DOLLARS = """
2023-07-01 commodity CAD
  precision: 0
"""


def stopped(coop: Cooperative, period: str) -> dict[str, str | None]:
    return {step["id"]: step["stopped_by"] for step in surplus(coop, period)["steps"]}


@pytest.mark.parametrize("start", [date(2023, 7, 1), date(2025, 7, 1), date(2026, 11, 22)])
def test_the_rendered_bylaws_are_clean(coop: Coop, start: date) -> None:
    assert messages(coop(books(start))) == []


def test_the_year_that_was_published(coop: Coop) -> None:
    # 726,814 - 459,660 = 267,154. Four fifths are 213,723.2, the remainder 53,430.8: in whole dollars the one that is
    # left goes to the larger remainder.
    loaded = coop(books(date(2023, 7, 1)) + WHOLE_DOLLARS + PUBLISHED)
    assert surplus(loaded, "2024")["base"] == "267154"
    assert steps(loaded, "2024") == {"reserve": "213723", "members": "53431"}


def test_a_worked_year(coop: Coop) -> None:
    # In cents: 213,723.20 and 53,430.80; by hours 3 : 2 that is 32,058.48 and 21,372.32. m03's 15 hours do not count.
    # All of it stays on the loan accounts, beside the special allocations.
    loaded = coop(books(date(2023, 7, 1)) + PUBLISHED)
    assert steps(loaded, "2024") == {"reserve": "213723.20", "members": "53430.80"}
    assert parts(loaded, "2024", key="retained") == {"m01": "32058.48", "m02": "21372.32"}
    assert postings(loaded, "2024") == {
        "Equity:Surplus": "267154.00",
        "Equity:Reserves:General": "-213723.20",
        "Equity:Members:M01:2024": "-32058.48",
        "Equity:Members:M02:2024": "-21372.32",
    }


def brought(reserve: str, first: str, second: str, day: str) -> str:
    """What stood on the general reserve and on two loan accounts."""
    return f"""
{day} * "What stood there before"
  Assets:Bank
  Equity:Reserves:General   -{reserve} CAD
  Equity:Members:M01:Loan   -{first} CAD
  Equity:Members:M02:Loan   -{second} CAD
"""


@pytest.mark.parametrize(
    ("start", "share"), [(date(2024, 7, 1), "0.50"), (date(2025, 8, 10), "0.50"), (date(2025, 8, 11), "0.80")]
)
def test_who_bears_a_loss_changed_in_august_2025(start: date, share: str) -> None:
    assert f"from: Equity:Reserves:General\n  share: {share}\n" in render("hypha", start)


@pytest.mark.parametrize(
    ("start", "rate"), [(date(2024, 6, 30), "0"), (date(2024, 7, 1), "0.02"), (date(2026, 7, 1), "0.02")]
)
def test_loans_bear_interest_since_july_2024(start: date, rate: str) -> None:
    assert f'"rate" "member-loans"\n  value: {rate}\n' in render("hypha", start)


def test_half_of_a_loss_under_the_older_bylaws(coop: Coop) -> None:
    # The year from July 2023 on loses 10,000.00: 5,000.00 on the reserve; by hours 3 : 2 3,000.00 and 2,000.00.
    ledger = books(date(2023, 7, 1)) + brought("20000.00", "9000.00", "9000.00", "2023-07-02")
    loaded = coop(ledger + hours("2024-03-31") + cost("2024-03-31", "10000.00 CAD"))
    assert steps(loaded, "2024") == {"reserve": "-5000.00", "members": "-5000.00"}
    assert parts(loaded, "2024") == {"m01": "-3000.00", "m02": "-2000.00"}


def interest(period: str, **amounts: str) -> str:
    """Interest of a year, credited to the loans that it is on."""
    loans = [f"  Equity:Members:{person}:{period}  -{amount} CAD" for person, amount in amounts.items()]
    opens = [f"2023-07-01 open Equity:Members:{person}:{period}" for person in amounts]
    head = [f'{period}-06-30 * "Interest on members\' loans" #coop-interest', f'  period: "{period}"']
    return "\n".join(["", *opens, *head, "  Expenses:Interest", *loans, ""])


def test_interest_is_an_expense_before_the_result(coop: Coop) -> None:
    # Two percent for the year from July 2024 on: of 9,000.00 180.00, of 5,000.00 100.00, credited to the loans. The
    # result of 1,280.00 less 280.00 is 1,000.00: four fifths are 800.00; 200.00 by hours 3 : 2.
    start = date(2024, 7, 1)
    ledger = books(start) + brought("0.00", "9000.00", "5000.00", "2024-07-01")
    ledger += hours("2025-03-31") + sale("2025-03-31", "1280.00 CAD")
    asked = coop(ledger).interest("2025")
    assert [(row.member, row.owed) for row in asked.rows if row.owed != "0.00"] == [
        ("m01", "180.00"),
        ("m02", "100.00"),
    ]
    ledger += interest("2025", M01="180.00", M02="100.00")
    loaded = coop(ledger)
    assert loaded.interest("2025").missing == "0.00"
    assert steps(loaded, "2025") == {"reserve": "800.00", "members": "200.00"}
    assert parts(loaded, "2025") == {"m01": "120.00", "m02": "80.00"}
    assert messages(coop(ledger + str(loaded.close("2025").transaction))) == []


def test_the_reserve_bears_no_more_than_it_holds_and_the_next_surplus_covers_what_nobody_could(coop: Coop) -> None:
    # The year that ends in June 2027: costs of 98,600.00 and two percent of 50,000.00 and 20,000.00 as interest, which
    # stay on the loans, are a loss of 100,000.00. Four fifths would be 80,000.00, but the reserve holds 30,000.00. The
    # remainder, 70,000.00, by hours 3 : 2: 42,000.00 and 28,000.00, but m02's accounts hold 20,400.00. So 7,600.00 are
    # carried forward.
    start = date(2026, 7, 1)
    ledger = books(start) + brought("30000.00", "50000.00", "20000.00", "2026-07-01")
    ledger += hours("2027-03-31") + cost("2027-03-31", "98600.00 CAD")
    ledger += interest("2027", M01="1000.00", M02="400.00")
    loss = coop(ledger)
    assert surplus(loss, "2027")["result"] == "-100000.00"
    assert steps(loss, "2027") == {"reserve": "-30000.00", "members": "-62400.00"}
    assert stopped(loss, "2027") == {"reserve": "until", "members": "until"}
    assert parts(loss, "2027") == {"m01": "-42000.00", "m02": "-20400.00"}
    assert surplus(loss, "2027")["unallocated"] == "-7600.00"
    ledger += str(loss.close("2027").transaction)
    # The next year earns 50,180.00, less 180.00 of interest on the 9,000.00 that m01 has left: 7,600.00 cover what is
    # open; of 42,400.00 four fifths are 33,920.00.
    ledger += hours("2028-03-31") + sale("2028-03-31", "50180.00 CAD")
    ledger += interest("2028", M01="180.00")
    after = coop(ledger)
    assert surplus(after, "2028")["earlier_losses"] == "7600.00"
    assert steps(after, "2028") == {"reserve": "33920.00", "members": "8480.00"}
    assert messages(after) == []


def test_all_accounts_are_paid_out_in_one_share(coop: Coop) -> None:
    # After the close m01's account holds 259,660.00 + 32,058.48 = 291,718.48, m02's 221,372.32, together 513,090.80.
    # Of 10,000.00 m01 gets 5,685.5127: nobody's turn comes before another's.
    ledger = books(date(2023, 7, 1)) + PUBLISHED
    ledger += str(coop(ledger).close("2024").transaction)
    paid = coop(ledger).redemption(Decimal("10000.00"), date(2024, 10, 1))
    assert [(each.member, each.amount) for each in paid.payouts] == [("m01", "5685.51"), ("m02", "4314.49")]


def test_a_leavers_loan_is_due_at_once(coop: Coop) -> None:
    ledger = books(date(2023, 7, 1)) + brought("20000.00", "9000.00", "5000.00", "2023-07-02")
    ledger += '2023-12-01 custom "coop" "exit" "m02"\n  cause: "resignation"\n'
    loaded = coop(ledger + str(coop(ledger).exit("m02").transaction))
    (debt,) = loaded.debts(date(2023, 12, 1)).to_data()
    assert [(each["due"], each["amount"]) for each in debt["instalments"]] == [("2023-12-01", "5000.00")]


def test_the_meeting_sets_a_part_of_the_reserve_apart_for_the_movement(coop: Coop) -> None:
    transfer = """
2023-10-01 custom "coop" "decision" "annual-meeting"
  matter: "a tenth of the reserve for the movement"
  body: "assembly"
  eligible: 3
  for: 3
2023-10-01 * "From the general reserve to the movement"
  decision: "annual-meeting"
  source: "other"
  Equity:Reserves:General    2000.00 CAD
  Equity:Reserves:Movement  -2000.00 CAD
"""
    loaded = coop(books(date(2023, 7, 1)) + brought("20000.00", "9000.00", "9000.00", "2023-07-02") + transfer)
    assert messages(loaded) == []
    fund = loaded.funds().to_data()[0]
    assert (fund["fund"], fund["balance"], fund["movement"]) == ("movement", "2000.00", True)
