"""The model of Québec's C-67.2: a tenth to the reserve until it is two fifths of the debts, a tenth in shares, a meeting."""

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

# A loan of 10,000.00 is the only debt: the reserve stops at 4,000.00.
RULES = f"""
option "operating_currency" "CAD"
plugin "coopbooks.plugins"
{render("qc-c67-2", start=START)}
2025-01-01 open Assets:Bank
2025-01-01 open Liabilities:Loan
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

2025-01-01 * "Loan"
  Assets:Bank  10000.00 CAD
  Liabilities:Loan
"""

MEETING = """
2026-04-15 custom "coop" "decision" "accounts-2025"
  matter: "half of what is left to the reserve, half as rebates"
  body: "assembly"
  eligible: 2
  quorum: 2
  for: 2
  against: 0
  abstain: 0
2026-04-15 custom "coop" "resolution" "2025"
  of: "meeting"
  to: Equity:Reserves:General
  share: 0.50
  decision: "accounts-2025"
2026-04-15 custom "coop" "resolution" "2025"
  of: "meeting"
  to: "members"
  rest: TRUE
  decision: "accounts-2025"
"""


def year(number: int, result: str) -> str:
    """A year in which the members work 1,000 and 500 hours; its result is what is sold."""
    return (
        work(f"{number}-06-30", "M01", "0.00 CAD", "1000", "unpaid")
        + work(f"{number}-06-30", "M02", "0.00 CAD", "500", "unpaid")
        + sale(f"{number}-12-01", f"{result} CAD")
    )


def reserve(amount: str) -> str:
    return f"""
2025-01-01 * "What stood there before"
  Assets:Bank  {amount} CAD
  Equity:Reserves:General
"""


def closed(coop: Coop, books: str, period: str) -> str:
    return f"{books}\n{coop(books).close(period).transaction or ''}\n"


def changed(books: str, old: str, new: str) -> str:
    assert books.count(old) == 1, (old, books.count(old))
    return books.replace(old, new)


# -- the books ------------------------------------------------------------------------------------------------


def test_the_rendered_bylaws_are_clean(coop: Coop) -> None:
    assert messages(coop(RULES)) == []


def test_the_commented_movement_fund_can_be_taken_in(coop: Coop) -> None:
    # A hundredth of all pay, 3,000.00, whatever the year brings: 30.00, owed before the surplus is divided.
    books = re.sub(r"(?m)^; (?=\d{4}-\d\d-\d\d |  [a-z]+: )", "", RULES)
    paid = work("2025-06-30", "M01", "3000.00 CAD", "1000") + sale("2025-12-01", "3100.00 CAD")
    loaded = coop(books + paid)
    assert messages(loaded) == []
    assert steps(loaded)["movement"] == "30.00"


# -- a year ---------------------------------------------------------------------------------------------------


def test_a_worked_year(coop: Coop) -> None:
    # S. 146: at least a tenth of 6,000.06 is 600.006, rounded up 600.01, to the reserve, and as much in shares. S. 143:
    # the meeting has 6,000.06 - 1,200.02 = 4,800.04 to divide.
    loaded = coop(RULES + year(2025, "6000.06"))
    assert steps(loaded) == {"reserve": "600.01", "shares": "600.01", "meeting": "4800.04"}
    # By hours 2 : 1: 400.0067 and 200.0033; all of it stays as shares.
    assert parts(loaded) == {"m01": "400.01", "m02": "200.00"}
    assert parts(loaded, key="retained") == {"m01": "400.01", "m02": "200.00"}


def test_what_the_meeting_decides(coop: Coop) -> None:
    # Half of 4,800.04 is 2,400.02 to the reserve; 2,400.02 by 2 : 1 are 1,600.0133 and 800.0067, paid in money.
    loaded = coop(RULES + year(2025, "6000.06") + MEETING)
    assert steps(loaded) == {
        "reserve": "600.01",
        "shares": "600.01",
        "meeting": "0.00",
        "meeting/1": "2400.02",
        "meeting/2": "2400.02",
    }
    assert parts(loaded, key="cash") == {"m01": "1600.01", "m02": "800.01"}
    assert postings(loaded, decision="accounts-2025") == {
        "Equity:Surplus": "6000.06",
        "Equity:Reserves:General": "-3000.03",
        "Equity:Members:M01:2025": "-400.01",
        "Equity:Members:M02:2025": "-200.00",
        "Liabilities:Patronage:M01": "-1600.01",
        "Liabilities:Patronage:M02": "-800.01",
    }


@pytest.mark.parametrize(
    ("before", "amount", "stop"),
    [
        ("0.01", "600.01", None),
        # 600.01 are missing until two fifths of the debts of 10,000.00: just what the tenth comes to.
        ("3399.99", "600.01", None),
        ("3400.00", "600.00", "until"),
        # 500.00 are missing: the step stops there, within the year.
        ("3500.00", "500.00", "until"),
        ("3999.99", "0.01", "until"),
        ("4000.00", "0.00", "until"),
    ],
)
def test_the_reserve_stops_at_two_fifths_of_the_debts(coop: Coop, before: str, amount: str, stop: str | None) -> None:
    loaded = coop(RULES + reserve(before) + year(2025, "6000.06"))
    (found,) = [step for step in surplus(loaded)["steps"] if step["id"] == "reserve"]
    assert (found["amount"], found["stopped_by"]) == (amount, stop)
    assert steps(loaded)["shares"] == "600.01"  # the further tenth goes on: more than the law asks for
    assert messages(loaded) == []


def test_without_debts_the_law_asks_for_no_reserve(coop: Coop) -> None:
    books = RULES[: RULES.index('2025-01-01 * "Loan"')] + year(2025, "6000.06")
    assert steps(coop(books)) == {"reserve": "0.00", "shares": "600.01", "meeting": "5400.05"}


# -- a loss, and the year after it ----------------------------------------------------------------------------


def loss_books(coop: Coop) -> str:
    """2025 loses 5,000.00: all 3,500.00 of the reserve; 1,500.00 are carried on."""
    books = RULES + reserve("3500.00") + year(2025, "100.00") + cost("2025-05-01", "5100.00 CAD")
    loaded = coop(books)
    assert steps(loaded) == {"reserve": "-3500.00"}
    assert surplus(loaded)["unallocated"] == "-1500.00"
    return closed(coop, books, "2025")


def test_the_reserve_bears_a_loss_and_the_rest_is_carried_on(coop: Coop) -> None:
    assert messages(coop(loss_books(coop))) == []


def test_the_year_after_covers_what_is_still_open(coop: Coop) -> None:
    # 2,500.00 - 1,500.00 = 1,000.00: a tenth, a tenth, and 800.00 for the meeting.
    books = loss_books(coop) + year(2026, "2500.00")
    loaded = coop(books)
    assert surplus(loaded, "2026")["earlier_losses"] == "1500.00"
    assert steps(loaded, "2026") == {"reserve": "100.00", "shares": "100.00", "meeting": "800.00"}
    assert messages(coop(closed(coop, books, "2026"))) == []


# -- the law's minimums -----------------------------------------------------------------------------------------

TENTH = '  to: {to}\n  share: 0.{points}\n  of: "surplus"\n'


@pytest.mark.parametrize(("to", "figure"), [("Equity:Reserves:General", "reserve"), ('"members"', "reserve-or-shares")])
def test_a_point_less_than_a_tenth_is_an_error_and_a_point_more_is_fine(coop: Coop, to: str, figure: str) -> None:
    law = TENTH.format(to=to, points="10")
    (found,) = messages(coop(changed(RULES, law, TENTH.format(to=to, points="09"))))
    assert "C-67.2 s. 146" in found
    assert f'figure "{figure}"' in found
    assert messages(coop(changed(RULES, law, TENTH.format(to=to, points="11")))) == []


def test_the_reserve_may_not_stop_earlier(coop: Coop) -> None:
    (found,) = messages(coop(changed(RULES, "until-of: 0.40", "until-of: 0.39")))
    assert "C-67.2 s. 146" in found
    assert messages(coop(changed(RULES, "until-of: 0.40", "until-of: 0.41"))) == []
