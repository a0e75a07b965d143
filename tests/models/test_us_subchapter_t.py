"""The model `us-subchapter-t`: a worked year, the limit of the collective account, a loss, and what the law asks for.

The rules, as they were read on 2026-11-21: a patronage dividend follows the work done as a member (26 CFR
1.1388-1(a)(1)); a qualified written notice needs at least 20 % of it in money (26 USC 1388(c)(1)). Shares, the limit of
the collective account and who bears a loss are choices of the model, and its text says so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from coopbooks.cooperative import Cooperative
from coopbooks.statutes.models import render

START = date(2025, 1, 1)

PEOPLE = """
2025-01-01 open Assets:Bank USD
2025-01-01 open Income:Sales USD
2025-01-01 open Expenses:Wages USD
2025-01-01 open Equity:Opening USD
2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages
  capital: Equity:Members:M01
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages
  capital: Equity:Members:M02
2025-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages
"""


def year(name: str, income: str, *, hours: tuple[int, int, int] = (600, 300, 100)) -> str:
    """A year of sales and pay: 20 USD an hour for everybody."""
    first, second, other = hours
    return f"""
{name}-06-30 * "Sales"
  Assets:Bank      {income} USD
  Income:Sales
{name}-06-30 * "Pay"
  Expenses:Wages   {first * 20} USD
    worker: "m01"
    hours: {first}
  Expenses:Wages   {second * 20} USD
    worker: "m02"
    hours: {second}
  Expenses:Wages   {other * 20} USD
    worker: "w01"
    hours: {other}
  Assets:Bank
"""


@pytest.fixture
def books(coop: Callable[..., Cooperative]) -> Callable[..., Cooperative]:
    def load(*years: str, bylaws: str | None = None) -> Cooperative:
        head = 'option "operating_currency" "USD"\nplugin "coopbooks.plugins"\n'
        return coop(head + (render("us-subchapter-t", START) if bylaws is None else bylaws) + PEOPLE + "".join(years))

    return load


def steps(coop: Cooperative, name: str) -> list[tuple[str, str, str | None]]:
    return [(step.id, step.amount, step.stopped_by) for step in coop.surplus(name).steps]


def test_a_year_of_surplus(books: Callable[..., Cooperative]) -> None:
    """Sales 30,000.01, pay 20,000 for 1,000 hours: a result of 10,000.01.

    The non-member worked 100 of 1,000 hours: 1,000.001, so 1,000.00 go to the collective account as profit, and
    9,000.01 are the members' surplus. 30 % of it is 2,700.003, 5 % is 450.0005: together 3,150.0035, rounded 3,150.00,
    of which 2,700.00 and 450.00. The rest, 5,850.01, is shared 600 : 300 hours: 3,900.0067 and 1,950.0033, so 3,900.01
    and 1,950.00. A fifth in money, rounded up for each: 780.002 is 780.01, and 390.00.
    """
    coop = books(year("2025", "30000.01"))
    assert coop.check().errors == ()
    assert steps(coop, "2025") == [
        ("nonmember", "1000.00", None),
        ("collective", "2700.00", None),
        ("solidarity", "450.00", None),
        ("members", "5850.01", None),
    ]
    parts = [(part.member, part.amount, part.cash, part.retained) for part in coop.surplus("2025").members]
    assert parts == [("m01", "3900.01", "780.01", "3120.00"), ("m02", "1950.00", "390.00", "1560.00")]


def test_the_collective_account_stops_at_its_limit(books: Callable[..., Cooperative]) -> None:
    """The limit is 100,000. It holds 97,500 when the year begins.

    Result 10,000: the non-member's tenth, 1,000, comes first and leaves 1,500 to go. 30 % of 9,000 would be 2,700; the
    step stops at 1,500. Solidarity gets 5 % of 9,000, 450, and the members the rest: 9,000 - 1,500 - 450 = 7,050.
    """
    opening = '\n2025-01-01 * "Brought over"\n  Assets:Bank  97500 USD\n  Equity:Collective\n'
    coop = books(opening, year("2025", "30000"))
    assert steps(coop, "2025") == [
        ("nonmember", "1000.00", None),
        ("collective", "1500.00", "until"),
        ("solidarity", "450.00", None),
        ("members", "7050.00", None),
    ]
    assert coop.check().errors == ()


CLOSE_2025 = """
2025-01-01 open Equity:Members:M01:Buyin
2025-01-01 open Equity:Members:M02:Buyin
2025-01-02 * "Buy-ins"
  Assets:Bank                 2000.00 USD
  Equity:Members:M01:Buyin   -1000.00 USD
  Equity:Members:M02:Buyin   -1000.00 USD
2025-12-31 open Equity:Members:M01:2025
2025-12-31 open Equity:Members:M02:2025
2025-12-31 open Liabilities:Patronage:M01
2025-12-31 open Liabilities:Patronage:M02
2025-12-31 * "Close" #coop-close
  period: "2025"
  Equity:Surplus             10000.00 USD
  Equity:Collective          -3700.00 USD
  Equity:Funds:Solidarity     -450.00 USD
  Liabilities:Patronage:M01   -780.00 USD
  Equity:Members:M01:2025    -3120.00 USD
  Liabilities:Patronage:M02   -390.00 USD
  Equity:Members:M02:2025    -1560.00 USD
2026-02-01 * "Money of the solidarity fund"
  Assets:Bank:Solidarity       450.00 USD
  Assets:Bank
2026-03-01 * "Shares of 2025 in money"
  Liabilities:Patronage:M01    780.00 USD
  Liabilities:Patronage:M02    390.00 USD
  Assets:Bank
"""


def test_a_year_of_loss_and_the_one_after(books: Callable[..., Cooperative]) -> None:
    """2025: result 10,000, placed as above: collective 1,000 + 2,700, solidarity 450, members 3,900 and 1,950.

    2026: sales 11,000, pay 20,000, a loss of 9,000. A quarter, 2,250, is borne by the collective account, which holds
    3,700. The rest, 6,750, falls on the members 600 : 300: 4,500 and 2,250. m01 has a notice of 3,120 and the buy-in
    of 1,000, no more: 4,120. m02 has 1,560 and 1,000, which is enough. So members bear 6,370, and 380 is carried.

    2027: result 10,000. What is still open, 380, is covered first: the surplus is 10,000 - 1,000 - 380 = 8,620.
    30 % of it is 2,586, 5 % is 431, and the members get 5,603.
    """
    coop = books(year("2025", "30000"), CLOSE_2025, year("2026", "11000"), year("2027", "30000"))
    assert coop.check().errors == ()
    loss = coop.surplus("2026")
    assert steps(coop, "2026")[-2:] == [("collective", "-2250.00", None), ("members", "-6370.00", "until")]
    assert [(part.member, part.amount) for part in loss.members] == [("m01", "-4120.00"), ("m02", "-2250.00")]
    assert loss.unallocated == "-380.00"
    after = coop.surplus("2027")
    assert after.earlier_losses == "380.00"
    assert steps(coop, "2027") == [
        ("nonmember", "1000.00", None),
        ("collective", "2586.00", None),
        ("solidarity", "431.00", None),
        ("members", "5603.00", None),
    ]


@pytest.mark.parametrize(("cash", "notice", "said"), [("0.20", "qualified", False), ("0.199", "qualified", True),
                                                      ("0.40", "qualified", False), ("0.10", "nonqualified", False)])  # fmt: skip
def test_a_qualified_notice_needs_a_fifth_in_money(
    books: Callable[..., Cooperative], cash: str, notice: str, said: bool
) -> None:
    """26 USC 1388(c)(1) asks for at least 20 % in money where the notice is qualified; for no other notice."""
    bylaws = (
        render("us-subchapter-t", START).replace("cash: 0.20", f"cash: {cash}").replace('"qualified"', f'"{notice}"')
    )
    messages = [error.message for error in books(bylaws=bylaws).check().errors]
    wanted = (
        'bylaw "surplus" has cash: 0.199, but US tax law IRC 1388(c)(1) (figure "cash", read 2026-11-21) asks for at '
        "least 20 %: write cash: 0.2 or more"
    )
    assert messages == ([wanted] if said else [])
