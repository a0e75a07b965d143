"""Members' capital: what flowed in and out of each account, by vintage, and when a vintage is due."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from treasurer import cost, messages, sale, work

from coopbooks.cli.program import main
from coopbooks.cooperative import Cooperative
from coopbooks.errors import LedgerUnusable, UnknownName, UnknownPeriod

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


def row(coop: Cooperative, member: str = "m01", period: str | None = None) -> dict[str, Any]:
    """One member's row, with its law held: what came in less what went out is what is there."""
    (found,) = coop.members(member, period).to_data()
    answer: dict[str, Any] = found
    money = {key: Decimal(answer[key]) for key in FLOWS}
    came = money["opening"] + money["credited"] + money["interest"]
    assert came - money["losses"] - money["redeemed"] == money["balance"]
    assert sum(Decimal(each["amount"]) for each in answer["vintages"]) == money["balance"]
    return answer


def flows(coop: Cooperative, member: str = "m01", period: str | None = None) -> dict[str, str]:
    """What is not zero of the flows."""
    return {key: value for key, value in row(coop, member, period).items() if key in FLOWS and value != "0.00"}


def vintages(coop: Cooperative, member: str = "m01", period: str | None = None) -> list[tuple[str | None, str, str]]:
    return [(each["period"], each["account"], each["amount"]) for each in row(coop, member, period)["vintages"]]


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


# -- over a period -------------------------------------------------------------------------------------------

YEARS = f"""{CLOSED}{cost("2026-03-01", "10.00 USD")}
{work("2026-06-30", "M01", "0.00 USD", "60", "unpaid")}{work("2026-06-30", "M02", "0.00 USD", "40", "unpaid")}
2026-12-31 * "Close" #coop-close
  period: "2026"
  Equity:Surplus             -10.00 USD
  Equity:Capital:M01:2025      6.00 USD
  Equity:Capital:M02:2025      4.00 USD
"""


def test_a_period_has_its_opening_its_own_flows_and_its_close(coop: Coop) -> None:
    books = BOOKS + YEARS + buy_in("2024-12-31", "5.00") + buy_in("2025-02-01", "100.00")
    books += entry("2026-02-01", "Equity:Capital:M01:Buyin", "Assets:Bank", "7.00", "#coop-redeem")
    loaded = coop(books)
    assert messages(loaded) == []
    assert flows(loaded, period="2025") == {"opening": "5.00", "credited": "130.00", "balance": "135.00"}
    assert flows(loaded, period="2026") == {
        "opening": "135.00",
        "losses": "6.00",
        "redeemed": "7.00",
        "balance": "122.00",
    }
    assert vintages(loaded, period="2025") == [
        ("2025", "Equity:Capital:M01:2025", "30.00"),
        (None, "Equity:Capital:M01:Buyin", "105.00"),
    ]
    assert vintages(loaded, period="2026") == vintages(loaded)


def test_a_month_and_a_quarter_are_periods_too(coop: Coop) -> None:
    loaded = coop(BOOKS + buy_in("2025-02-01", "100.00") + buy_in("2025-03-01", "10.00"))
    assert flows(loaded, period="2025-02") == {"credited": "100.00", "balance": "100.00"}
    assert flows(loaded, period="2025-03") == {"opening": "100.00", "credited": "10.00", "balance": "110.00"}
    assert flows(loaded, period="2025-Q1") == {"credited": "110.00", "balance": "110.00"}
    with pytest.raises(UnknownPeriod):
        loaded.members(period="March")


def test_an_amendment_counts_on_its_own_date(coop: Coop) -> None:
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
    assert flows(loaded, period="2025") == {"credited": "30.00", "balance": "30.00"}
    assert flows(loaded, period="2026") == {"opening": "30.00", "credited": "-3.00", "balance": "27.00"}


# -- what members bring in -----------------------------------------------------------------------------------


def terms(*fields: str, day: str = "2025-01-01") -> str:
    lines = "\n  ".join(fields)
    return f'{day} custom "coop" "bylaw" "capital"\n  {lines}\n'


ASKED = terms("buy-in: 100.00 USD", "buy-in-months: 12")
LATER = cost("2026-06-01", "1.00 USD")
BOTH = buy_in("2025-01-01", "100.00") + buy_in("2025-01-01", "100.00", person="M02")
BROUGHT = ("buy_in", "brought_in", "unpaid", "buy_in_due", "entry_fee", "fee_paid")


def brought(coop: Cooperative, member: str = "m01", period: str | None = None) -> tuple[str | None, ...]:
    return tuple(row(coop, member, period)[key] for key in BROUGHT)


def test_a_buy_in_is_shown_with_what_is_still_to_be_paid(coop: Coop) -> None:
    books = BOOKS + ASKED + buy_in("2025-01-01", "40.00")
    books += entry("2025-01-01", "Assets:Subscriptions:M01", "Equity:Capital:M01:Buyin", "60.00")
    books += entry("2025-07-01", "Assets:Bank", "Assets:Subscriptions:M01", "25.00")
    assert brought(coop(books)) == ("100.00", "65.00", "35.00", "2026-01-01", None, "0.00")
    assert brought(coop(books), period="2025-03") == ("100.00", "40.00", "60.00", "2026-01-01", None, "0.00")
    assert brought(coop(books), "m02") == ("100.00", "0.00", "0.00", "2026-01-01", None, "0.00")


def test_what_is_still_to_be_paid_is_told_however_it_was_booked(ledger: Callable[..., Path]) -> None:
    """m01 has 60.00 on the subscription account, m02 has simply brought in nothing yet."""
    books = BOOKS + ASKED + buy_in("2025-01-01", "40.00")
    books += entry("2025-01-01", "Assets:Subscriptions:M01", "Equity:Capital:M01:Buyin", "60.00")
    shown = CliRunner().invoke(main, ["members", str(ledger(books))]).stdout
    assert [line.split() for line in shown.splitlines() if line.endswith("2026-01-01")] == [
        ["m01", "100.00", "40.00", "60.00", "2026-01-01"],
        ["m02", "100.00", "0.00", "100.00", "2026-01-01"],
    ]
    assert "Amounts are in USD." in shown


def test_a_leaver_has_nothing_still_to_pay(ledger: Callable[..., Path]) -> None:
    books = BOOKS + ASKED + buy_in("2025-01-01", "40.00") + '\n2025-06-01 custom "coop" "exit" "m01"\n'
    shown = CliRunner().invoke(main, ["members", str(ledger(books))]).stdout
    assert [line.split() for line in shown.splitlines() if "100.00" in line] == [
        ["m01", "100.00", "40.00"],
        ["m02", "100.00", "0.00", "100.00", "2026-01-01"],
    ]


def test_nothing_is_asked_of_whoever_has_not_joined_yet(coop: Coop) -> None:
    later = (
        BOOKS
        + ASKED
        + """
2026-02-01 custom "coop" "member" "m03"
  wages: Expenses:Wages:M03
  capital: Equity:Capital:M03
"""
    )
    assert brought(coop(later), "m03", "2025") == (None, "0.00", "0.00", None, None, "0.00")
    assert brought(coop(later), "m03", "2026") == ("100.00", "0.00", "0.00", "2027-02-01", None, "0.00")


def test_whom_the_bylaws_ask_nothing_shows_nothing(coop: Coop) -> None:
    assert brought(coop(BOOKS + buy_in("2025-01-01", "40.00"))) == (None, "40.00", "0.00", None, None, "0.00")


def test_a_buy_in_may_come_in_parts_until_the_months_are_over(coop: Coop) -> None:
    books = BOOKS + ASKED + BOTH.replace("100.00", "60.00") + buy_in("2025-12-01", "40.00")
    open_still = books + buy_in("2026-01-01", "30.00", person="M02")
    assert messages(coop(open_still)) == []  # the last day is not over
    (message,) = messages(coop(open_still + cost("2026-01-02", "1.00 USD")))
    assert message.startswith("main.beancount:7: m02 has brought in 90.00 USD of the buy-in of 100.00 USD")
    assert "to be paid by 2026-01-01" in message
    assert "collect the missing 10.00 USD into Equity:Capital:M02:Buyin" in message
    # paid late is paid
    assert messages(coop(open_still + buy_in("2026-03-01", "10.00", person="M02") + LATER)) == []


def test_what_stands_on_the_subscription_account_is_not_paid(coop: Coop) -> None:
    unpaid = entry("2025-01-01", "Assets:Subscriptions:M02", "Equity:Capital:M02:Buyin", "100.00")
    books = BOOKS + ASKED + buy_in("2025-01-01", "100.00") + unpaid
    (message,) = messages(coop(books + LATER))
    assert "m02 has brought in 0.00 USD" in message
    paid = entry("2026-05-01", "Assets:Bank", "Assets:Subscriptions:M02", "100.00")
    assert messages(coop(books + paid + LATER)) == []


def test_more_than_the_buy_in_is_a_finding_but_capital_beside_it_is_none(coop: Coop) -> None:
    books = BOOKS + ASKED + BOTH + LATER
    (message,) = messages(coop(books + buy_in("2025-06-01", "0.01")))
    assert "m01 has brought in 100.01 USD, 0.01 USD more than the buy-in of 100.00 USD" in message
    assert messages(coop(books + buy_in("2025-06-01", "50.00", ":Voluntary"))) == []
    back = entry("2025-07-01", "Equity:Capital:M01:Buyin", "Assets:Bank", "0.01")
    assert messages(coop(books + buy_in("2025-06-01", "0.01") + back)) == []


def test_losses_and_what_was_paid_back_were_brought_in_all_the_same(coop: Coop) -> None:
    books = BOOKS + ASKED + BOTH
    books += entry("2026-02-01", "Equity:Capital:M01:Buyin", "Assets:Bank", "20.00", "#coop-redeem")
    assert messages(coop(books + LATER)) == []
    assert brought(coop(books))[1] == "100.00"


@pytest.mark.parametrize(
    ("record", "fine"),
    [
        ('2025-05-01 custom "coop" "exit" "m02"\n', True),  # whoever has left owes it with the exit
        ('2025-05-01 custom "coop" "worker" "m02"\n  wages: Expenses:Wages:M02\n', True),
        ('2025-05-01 custom "coop" "absence" "m02"\n', False),
    ],
)
def test_who_has_left_is_not_judged(coop: Coop, record: str, fine: bool) -> None:
    found = messages(coop(BOOKS + ASKED + buy_in("2025-01-01", "100.00") + record + LATER))
    assert (found == []) is fine


def test_the_bylaw_of_the_day_of_joining_decides(coop: Coop) -> None:
    dearer = terms("buy-in: 150.00 USD", "buy-in-months: 6", day="2025-03-01")
    third = '2025-03-01 custom "coop" "member" "m03"\n  capital: Equity:Capital:M03\n'
    loaded = coop(BOOKS + ASKED + dearer + third + BOTH + buy_in("2025-03-01", "150.00", person="M03") + LATER)
    assert messages(loaded) == []
    assert brought(loaded, "m03")[:4] == ("150.00", "150.00", "0.00", "2025-09-01")
    assert brought(loaded, "m01")[0] == "100.00"


def test_without_months_it_is_due_at_once(coop: Coop) -> None:
    books = BOOKS + terms("buy-in: 100.00 USD") + buy_in("2025-01-01", "100.00")
    (message,) = messages(coop(books + cost("2025-01-02", "1.00 USD")))
    assert "m02 has brought in 0.00 USD of the buy-in of 100.00 USD, which was to be paid by 2025-01-01" in message


@pytest.mark.parametrize("record", ["2025-01-01", "2025-02-01"])
def test_who_was_here_before_the_books_is_not_judged(coop: Coop, record: str) -> None:
    old = f'{record} custom "coop" "member" "m03"\n  capital: Equity:Capital:M03\n  since: 2019-05-01\n'
    assert messages(coop(BOOKS + ASKED + BOTH + old + LATER)) == []


def test_who_worked_here_before_joining_is_judged(coop: Coop) -> None:
    promoted = (
        '2025-01-01 custom "coop" "worker" "m03"\n  wages: Expenses:Wages:M03\n'
        '2025-02-01 custom "coop" "member" "m03"\n  capital: Equity:Capital:M03\n  since: 2025-01-01\n'
    )
    (message,) = messages(coop(BOOKS + ASKED + BOTH + promoted + LATER))
    assert "m03 has brought in 0.00 USD" in message
    assert "paid by 2026-02-01" in message


def test_a_buy_in_in_another_currency_is_refused(coop: Coop) -> None:
    books = BOOKS + terms("buy-in: 100.00 EUR") + BOTH
    with pytest.raises(LedgerUnusable, match=r"asks for 100\.00 EUR, but these books are in USD"):
        coop(books).members()
    assert len(messages(coop(books))) == 1


# -- the entry fee -------------------------------------------------------------------------------------------

FEE = terms("entry-fee: 25.00 USD", "entry-fee-to: Equity:Reserve")


def fee(amount: str, *people: str, day: str = "2025-01-01", field: str = "") -> str:
    """Buy-ins of 100.00 with a fee of all of them together in one entry; or a fee alone."""
    leaves = "".join(f"  Equity:Capital:{person}:Buyin  -100.00 USD\n" for person in people)
    return f'{day} * "Fees"\n  Assets:Bank\n{leaves}  Equity:Reserve  -{amount} USD\n{field}'


@pytest.mark.parametrize(
    "entries",
    [
        fee("25.00", "M01") + fee("25.00", "M02"),
        fee("50.00", "M01", "M02"),  # two who join together pay the same
        fee("25.00", "M01") + fee("25.00", field='    member: "m02"\n'),
        fee("25.00", "M01") + fee("20.00", "M02") + fee("5.00", field='    member: "m02"\n', day="2025-02-01"),
    ],
)
def test_a_fee_is_of_the_member_whose_capital_the_entry_touches_or_whom_it_names(coop: Coop, entries: str) -> None:
    loaded = coop(BOOKS + FEE + entries + LATER)
    assert messages(loaded) == []
    assert [brought(loaded, member)[4:] for member in ("m01", "m02")] == [("25.00", "25.00")] * 2


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (fee("25.00", "M01") + fee("24.99", "M02"), "m02 has paid 24.99 USD of the entry fee of 25.00 USD"),
        (fee("25.00", "M01") + fee("25.00"), "m02 has paid 0.00 USD of the entry fee of 25.00 USD"),  # whose is it?
        (
            fee("25.00", "M01") + fee("26.00", "M02"),
            "m02 has paid an entry fee of 26.00 USD, 1.00 USD more than the 25.00 USD",
        ),
    ],
)
def test_more_or_less_of_a_fee_is_a_finding(coop: Coop, entries: str, says: str) -> None:
    (message,) = messages(coop(BOOKS + FEE + entries + LATER))
    assert says in message


def test_a_fee_may_be_income(coop: Coop) -> None:
    as_income = (FEE + fee("50.00", "M01", "M02")).replace("Equity:Reserve", "Income:Fees")
    loaded = coop(BOOKS + as_income + LATER)
    assert messages(loaded) == []
    assert brought(loaded, "m02")[4:] == ("25.00", "25.00")
    assert loaded.surplus("2025").result == "50.00"


def test_a_reserve_that_a_close_fills_is_no_fee(coop: Coop) -> None:
    books = (
        BOOKS
        + FEE
        + fee("50.00", "M01", "M02")
        + CLOSED.replace("rest: TRUE", "share: 0.5", 1).replace(
            "Equity:Capital:M01:2025     -30.00", "Equity:Reserve              -50.00", 1
        )
    )
    assert brought(coop(books))[4:] == ("25.00", "25.00")


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
