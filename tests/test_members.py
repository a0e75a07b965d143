"""Members' capital: what flowed in and out of each account, by vintage, and when a vintage is due."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from treasurer import cost, messages, sale, work

from coopbooks.cooperative import Cooperative
from coopbooks.errors import UnknownName

Coop = Callable[..., Cooperative]

BOOKS = """
option "operating_currency" "USD"
plugin "beancount.plugins.auto_accounts"

2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:M01
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Capital:M02
"""


def entry(day: str, debit: str, credit: str, amount: str, tag: str = "") -> str:
    return f"""
{day} * "Movement" {tag}
  {debit}  {amount} USD
  {credit}
"""


def buy_in(day: str, amount: str, leaf: str = ":Buyin", person: str = "M01") -> str:
    return entry(day, "Assets:Bank", f"Equity:Capital:{person}{leaf}", amount)


FLOWS = ("opening", "credited", "interest", "losses", "redeemed", "balance")


def row(coop: Cooperative, member: str = "m01") -> dict[str, Any]:
    """One member's row, with its law held: what came in less what went out is what is there."""
    (found,) = coop.members(member).to_data()
    answer: dict[str, Any] = found
    money = {key: Decimal(answer[key]) for key in FLOWS}
    came = money["opening"] + money["credited"] + money["interest"]
    assert came - money["losses"] - money["redeemed"] == money["balance"]
    assert sum(Decimal(each["amount"]) for each in answer["vintages"]) == money["balance"]
    return answer


def flows(coop: Cooperative, member: str = "m01") -> dict[str, str]:
    """What is not zero of the flows."""
    return {key: value for key, value in row(coop, member).items() if key in FLOWS and value != "0.00"}


def vintages(coop: Cooperative, member: str = "m01") -> list[tuple[str | None, str, str]]:
    return [(each["period"], each["account"], each["amount"]) for each in row(coop, member)["vintages"]]


# -- flows ---------------------------------------------------------------------------------------------------


def test_everyone_who_ever_was_a_member_has_a_row(coop: Coop) -> None:
    books = BOOKS + '2025-05-01 custom "coop" "exit" "m02"\n2025-05-01 custom "coop" "worker" "w01"\n'
    rows = coop(books).members().to_data()
    assert [(each["member"], each["balance"], each["vintages"]) for each in rows] == [
        ("m01", "0.00", []),
        ("m02", "0.00", []),
    ]


def test_an_unknown_member_is_named_as_such(coop: Coop) -> None:
    with pytest.raises(UnknownName, match=r"m09.*m01"):
        coop(BOOKS).members("m09")


@pytest.mark.parametrize(("day", "sort"), [("2024-12-31", "opening"), ("2025-01-01", "credited")])
def test_what_stood_there_before_the_first_period_is_the_opening(coop: Coop, day: str, sort: str) -> None:
    assert flows(coop(BOOKS + buy_in(day, "100.00"))) == {sort: "100.00", "balance": "100.00"}


def test_a_buy_in_is_credited_and_what_is_unpaid_stands_elsewhere(coop: Coop) -> None:
    books = BOOKS + buy_in("2025-02-01", "40.00")
    books += entry("2025-02-01", "Assets:Subscriptions:M01", "Equity:Capital:M01:Buyin", "60.00")
    assert flows(coop(books)) == {"credited": "100.00", "balance": "100.00"}


def test_interest_is_its_own_column(coop: Coop) -> None:
    books = BOOKS + buy_in("2025-02-01", "100.00")
    books += entry("2025-12-31", "Expenses:Interest", "Equity:Capital:M01:2025", "2.00", "#coop-interest")
    books += entry("2025-12-31", "Expenses:Interest", "Liabilities:Patronage:M01", "1.00", "#coop-interest")
    assert flows(coop(books)) == {"credited": "100.00", "interest": "2.00", "balance": "102.00"}


@pytest.mark.parametrize("tag", ["#coop-redeem", ""])
def test_a_redemption_is_what_leaves_for_money(coop: Coop, tag: str) -> None:
    books = BOOKS + buy_in("2025-02-01", "100.00", ":2024")
    books += entry("2026-02-01", "Equity:Capital:M01:2024", "Assets:Bank", "30.00", tag)
    assert flows(coop(books)) == {"credited": "100.00", "redeemed": "30.00", "balance": "70.00"}


def test_an_exit_makes_a_debt_of_it(coop: Coop) -> None:
    books = BOOKS + buy_in("2025-02-01", "100.00") + '2026-02-01 custom "coop" "exit" "m01"\n'
    books += entry("2026-02-01", "Equity:Capital:M01:Buyin", "Liabilities:FormerMembers:M01", "100.00", "#coop-exit")
    loaded = coop(books)
    assert flows(loaded) == {"credited": "100.00", "redeemed": "100.00"}
    assert vintages(loaded) == []


CLOSED = f"""
{work("2025-06-30", "M01", "0.00 USD", "60", "unpaid")}{work("2025-06-30", "M02", "0.00 USD", "40", "unpaid")}
2025-01-01 custom "coop" "bylaw" "surplus"
  cash: 0.5
2025-01-01 custom "coop" "allocation" "members"
  step: 1
  to: "members"
  rest: TRUE
2025-01-01 custom "coop" "loss" "members"
  step: 1
  from: "members"
  rest: TRUE
{sale("2025-03-01", "100.00 USD")}
2025-12-31 * "Close" #coop-close
  period: "2025"
  Equity:Surplus              100.00 USD
  Equity:Capital:M01:2025     -30.00 USD
  Equity:Capital:M02:2025     -20.00 USD
  Liabilities:Patronage:M01   -30.00 USD
  Liabilities:Patronage:M02   -20.00 USD
"""


def test_a_close_credits_the_vintage_of_its_year(coop: Coop) -> None:
    loaded = coop(BOOKS + CLOSED)
    assert messages(loaded) == []
    assert flows(loaded) == {"credited": "30.00", "balance": "30.00"}
    assert vintages(loaded) == [("2025", "Equity:Capital:M01:2025", "30.00")]


def test_a_loss_is_its_own_column(coop: Coop) -> None:
    books = f"""{BOOKS}{CLOSED}{cost("2026-03-01", "10.00 USD")}
{work("2026-06-30", "M01", "0.00 USD", "60", "unpaid")}{work("2026-06-30", "M02", "0.00 USD", "40", "unpaid")}
2026-12-31 * "Close" #coop-close
  period: "2026"
  Equity:Surplus             -10.00 USD
  Equity:Capital:M01:2025      6.00 USD
  Equity:Capital:M02:2025      4.00 USD
"""
    loaded = coop(books)
    assert messages(loaded) == []
    assert flows(loaded) == {"credited": "30.00", "losses": "6.00", "balance": "24.00"}


def test_an_amendment_that_takes_back_is_a_smaller_credit_and_no_loss(coop: Coop) -> None:
    # 10.00 less to share: 3.00 of m01's capital go back, and 3.00 of what is owed.
    books = f"""{BOOKS}{CLOSED}
2026-04-01 custom "coop" "decision" "D-1"
2026-02-01 * "An invoice found in a drawer"
  of-period: "2025"
  Expenses:Rent   10.00 USD
  Assets:Bank
2026-04-01 * "Amendment" #coop-close
  period: "2025"
  amends: TRUE
  decision: "D-1"
  Equity:Surplus             -10.00 USD
  Equity:Capital:M01:2025      3.00 USD
  Equity:Capital:M02:2025      2.00 USD
  Liabilities:Patronage:M01    3.00 USD
  Liabilities:Patronage:M02    2.00 USD
"""
    loaded = coop(books)
    assert messages(loaded) == []
    assert flows(loaded) == {"credited": "27.00", "balance": "27.00"}


# -- vintages ------------------------------------------------------------------------------------------------


def test_vintages_stand_oldest_first_and_other_capital_after_them(coop: Coop) -> None:
    books = (
        BOOKS + buy_in("2025-02-01", "5.00", "") + buy_in("2025-02-01", "4.00") + buy_in("2025-02-01", "3.00", ":2024")
    )
    books += buy_in("2025-02-01", "2.00", ":2022") + buy_in("2025-02-01", "1.00", ":2023")
    books += entry("2025-03-01", "Equity:Capital:M01:2023", "Assets:Bank", "1.00", "#coop-redeem")
    assert vintages(coop(books)) == [
        ("2022", "Equity:Capital:M01:2022", "2.00"),
        ("2024", "Equity:Capital:M01:2024", "3.00"),
        (None, "Equity:Capital:M01", "5.00"),
        (None, "Equity:Capital:M01:Buyin", "4.00"),
    ]


def test_a_vintage_below_zero_breaks(coop: Coop) -> None:
    books = BOOKS + buy_in("2025-02-01", "5.00", ":2024")
    assert coop(books).members().breaks is False
    below = books + entry("2025-03-01", "Equity:Capital:M01:2024", "Assets:Bank", "5.01", "#coop-redeem")
    assert coop(below).members().breaks is True
    assert vintages(coop(below)) == [("2024", "Equity:Capital:M01:2024", "-0.01")]


def test_a_member_with_a_new_account_has_both(coop: Coop) -> None:
    books = (
        BOOKS
        + buy_in("2025-02-01", "5.00", ":2024")
        + buy_in("2025-08-01", "7.00", ":2025", "Rosa")
        + """
2025-07-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:Rosa
"""
    )
    assert flows(coop(books)) == {"credited": "12.00", "balance": "12.00"}


def redeem(years: str, day: str = "2024-01-01") -> str:
    return f"""
{day} custom "coop" "bylaw" "capital"
  redeem-after: {years}
"""


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("", None),
        (redeem("5"), "2029-12-31"),
        (redeem("2.5"), "2027-06-30"),
        (redeem("0"), "2024-12-31"),
        # the rule of the vintage's own year end decides
        (redeem("5") + redeem("7", "2024-12-31"), "2031-12-31"),
        (redeem("5") + redeem("7", "2025-01-01"), "2029-12-31"),
    ],
)
def test_a_vintage_is_due_so_many_years_after_its_years_end(coop: Coop, rule: str, due: str | None) -> None:
    loaded = coop(BOOKS + rule + buy_in("2025-02-01", "5.00", ":2024") + buy_in("2025-02-01", "5.00"))
    assert [each["redeem_on"] for each in row(loaded)["vintages"]] == [due, None]


def test_a_fiscal_year_that_ends_in_june_is_due_in_june(coop: Coop) -> None:
    books = BOOKS + redeem("5") + buy_in("2025-02-01", "5.00", ":2024")
    books += '2024-01-01 custom "coop" "bylaw" "fiscal-year"\n  ends: "06-30"\n'
    assert row(coop(books))["vintages"][0]["redeem_on"] == "2029-06-30"


def test_capital_need_not_be_open_before_money_is_posted_to_it(coop: Coop) -> None:
    assert messages(coop(BOOKS)) == []
