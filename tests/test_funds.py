"""Movement funds: what was promised, came in and went out, what stands behind them, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from treasurer import messages, sale

from coopbooks.cooperative import Cooperative

Coop = Callable[..., Cooperative]

BOOKS = """
option "operating_currency" "USD"
plugin "beancount.plugins.auto_accounts"
2023-01-01 open Expenses:Wages:M01
2023-01-01 open Expenses:Wages:W01
2023-01-01 open Assets:Strike

2024-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:M01
2024-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages:W01
2024-01-01 custom "coop" "decision" "D-1"
  matter: "help"
2024-01-01 custom "coop" "fund" "strike"
  account: Equity:Funds:Strike
  kind: "strike"
  backing: Assets:Strike
2024-01-01 custom "coop" "fund" "aid"
  account: Liabilities:Funds:Aid
  kind: "mutual-aid"
  purpose: "food and rent"
  liability: TRUE
  movement: TRUE
"""


def entry(day: str, debit: str, credit: str, amount: str, *fields: str, tag: str = "") -> str:
    lines = "".join(f"  {field}\n" for field in fields)
    return f"""
{day} * "Movement" {tag}
{lines}  {debit}  {amount} USD
  {credit}
"""


def gift(day: str, amount: str, fund: str = "Equity:Funds:Strike", asset: str = "Assets:Strike") -> str:
    return entry(day, asset, fund, amount, 'source: "donation"')


def spend(day: str, amount: str, fund: str = "Equity:Funds:Strike", asset: str = "Assets:Strike") -> str:
    return entry(day, fund, asset, amount, 'decision: "D-1"')


def row(coop: Cooperative, fund: str = "strike", day: str | None = None) -> dict[str, Any]:
    rows = coop.funds(date.fromisoformat(day) if day else None).to_data()
    found: dict[str, Any] = next(each for each in rows if each["fund"] == fund)
    return found


# -- the table -----------------------------------------------------------------------------------------------


def test_every_fund_has_a_row_whatever_movement_says(coop: Coop) -> None:
    rows = coop(BOOKS + gift("2025-01-01", "1.00")).funds().to_data()
    assert [(each["fund"], each["account"], each["kind"], each["movement"]) for each in rows] == [
        ("aid", "Liabilities:Funds:Aid", "mutual-aid", True),
        ("strike", "Equity:Funds:Strike", "strike", False),
    ]
    assert rows[0]["purpose"] == "food and rent"
    assert rows[0]["backing"] is None


def test_funded_are_its_credits_and_spent_its_debits_up_to_the_day(coop: Coop) -> None:
    loaded = coop(BOOKS + gift("2025-02-01", "70.00", "Equity:Funds:Strike:Local") + spend("2025-03-01", "20.00"))
    flows = [
        [row(loaded, day=day)[key] for key in ("funded", "spent", "balance")]
        for day in ("2025-01-31", "2025-02-01", "2025-02-28", "2025-03-01")
    ]
    assert flows == [
        ["0.00", "0.00", "0.00"],
        ["70.00", "0.00", "70.00"],
        ["70.00", "0.00", "70.00"],
        ["70.00", "20.00", "50.00"],
    ]


def test_without_a_day_the_books_last_one_is_meant(coop: Coop) -> None:
    assert row(coop(BOOKS + gift("2025-02-01", "70.00") + spend("2025-03-01", "20.00")))["balance"] == "50.00"


@pytest.mark.parametrize(
    ("day", "promised"),
    [("2024-12-30", "0.00"), ("2025-06-01", "10.00"), ("2025-12-30", "10.00"), ("2026-01-01", "30.00")],
)
def test_promised_is_what_the_rules_gave_in_periods_that_are_over(coop: Coop, day: str, promised: str) -> None:
    # A tenth of 100 in 2024 and of 200 in 2025; no close was written.
    books = (
        BOOKS
        + sale("2024-03-01", "100.00 USD")
        + sale("2025-03-01", "200.00 USD")
        + """
2024-01-01 custom "coop" "allocation" "strike"
  step: 1
  to: Equity:Funds:Strike:Local
  share: 0.10
"""
    )
    assert row(coop(books), day=day)["promised"] == promised


def test_on_the_day_of_its_close_a_period_is_over(coop: Coop) -> None:
    books = (
        BOOKS
        + sale("2024-03-01", "100.00 USD")
        + """
2024-01-01 custom "coop" "allocation" "strike"
  step: 1
  to: Equity:Funds:Strike
  rest: TRUE
2024-12-31 * "Close" #coop-close
  period: "2024"
  Equity:Surplus        100.00 USD
  Equity:Funds:Strike  -100.00 USD
"""
    )
    found = row(coop(books), day="2024-12-31")
    assert (found["promised"], found["funded"]) == ("100.00", "100.00")


def test_what_a_loss_takes_from_a_fund_is_spent_and_not_promised_less(coop: Coop) -> None:
    books = (
        BOOKS
        + gift("2023-12-31", "80.00")
        + sale("2024-03-01", "-50.00 USD")
        + """
2024-01-01 custom "coop" "loss" "strike"
  step: 1
  from: Equity:Funds:Strike
  rest: TRUE
2024-12-31 * "Close" #coop-close
  period: "2024"
  Equity:Surplus       -50.00 USD
  Equity:Funds:Strike   50.00 USD
"""
    )
    loaded = coop(books)
    assert [row(loaded)[key] for key in ("promised", "funded", "spent", "balance")] == [
        "0.00",
        "80.00",
        "50.00",
        "30.00",
    ]
    assert messages(loaded) == []


def test_rules_that_cannot_be_computed_promise_nothing_known(coop: Coop) -> None:
    books = (
        BOOKS
        + sale("2024-03-01", "100.00 USD")
        + sale("2025-03-01", "1.00 USD")
        + """
2024-01-01 custom "coop" "allocation" "strike"
  step: 1
  to: Equity:Funds:Strike
  share: "house"
"""
    )
    assert row(coop(books))["promised"] is None


@pytest.mark.parametrize(
    ("behind", "shortfall"), [("49.99", "0.01"), ("50.00", "0.00"), ("50.01", "0.00"), ("-1.00", "51.00")]
)
def test_the_shortfall_is_what_the_backing_lacks(coop: Coop, behind: str, shortfall: str) -> None:
    books = (
        BOOKS
        + gift("2025-02-01", "50.00", asset="Assets:Bank")
        + entry("2025-02-01", "Assets:Strike", "Assets:Bank", behind)
    )
    found = row(coop(books))
    assert (found["backing"], found["shortfall"]) == (behind, shortfall)


SHARED = BOOKS.replace('  purpose: "food and rent"', "  backing: Assets:Strike")


def test_funds_that_name_one_backing_share_it(coop: Coop) -> None:
    # 60 and 30 of balance, 81 behind them: 9 are lacking, 6 and 3.
    books = SHARED + gift("2025-02-01", "60.00", asset="Assets:Bank")
    books += gift("2025-02-01", "30.00", "Liabilities:Funds:Aid", "Assets:Bank") + entry(
        "2025-02-01", "Assets:Strike", "Assets:Bank", "81.00"
    )
    loaded = coop(books)
    assert [row(loaded, fund)["shortfall"] for fund in ("strike", "aid")] == ["6.00", "3.00"]
    assert [row(loaded, fund)["backing"] for fund in ("strike", "aid")] == ["81.00", "81.00"]


def test_a_fund_in_force_is_listed_until_it_ends(coop: Coop) -> None:
    books = BOOKS.replace("  liability: TRUE", "  liability: TRUE\n  ends: 2025-06-01") + gift("2025-01-01", "1.00")
    assert [len(coop(books).funds(date(2025, month, day)).rows) for month, day in ((5, 31), (6, 1))] == [2, 1]
    assert [len(coop(books).funds(date(*day)).rows) for day in ((2023, 12, 31), (2024, 1, 1))] == [0, 2]


# -- strike weeks --------------------------------------------------------------------------------------------


def weeks(pay: str = "100.00 USD", health: str = "") -> str:
    text = f'\n2024-01-01 custom "coop" "bylaw" "strike.weekly-pay"\n  value: {pay}\n'
    return text + (f'2024-01-01 custom "coop" "bylaw" "strike.weekly-health"\n  value: {health}\n' if health else "")


@pytest.mark.parametrize(
    ("fund", "behind", "expected"),
    [
        ("1000.00", "1000.00", "5.0"),  # two people x 100.00: 1000 / 200
        ("1019.99", "2000.00", "5.0"),  # 5.09995, rounded down
        ("1020.00", "2000.00", "5.1"),
        ("1000.00", "619.99", "3.0"),  # only what stands behind it
        ("1000.00", "620.00", "3.1"),
        ("1000.00", "-1.00", "0.0"),
        ("0.00", "1000.00", "0.0"),
    ],
)
def test_weeks_are_the_backed_balance_by_people_and_weekly_pay(
    coop: Coop, fund: str, behind: str, expected: str
) -> None:
    books = BOOKS + weeks() + gift("2025-02-01", fund, asset="Assets:Bank")
    assert row(coop(books + entry("2025-02-01", "Assets:Strike", "Assets:Bank", behind)))["weeks"] == expected


def test_health_is_paid_on_top(coop: Coop) -> None:
    assert row(coop(BOOKS + weeks(health="25.00 USD") + gift("2025-02-01", "1000.00")))["weeks"] == "4.0"  # 1000 / 250


def test_a_fund_without_a_backing_counts_whole(coop: Coop) -> None:
    books = BOOKS.replace("  backing: Assets:Strike\n", "") + weeks() + gift("2025-02-01", "1000.00")
    assert row(coop(books))["weeks"] == "5.0"


def test_of_a_shared_backing_the_strike_fund_has_its_part(coop: Coop) -> None:
    # 600 and 600 of balance, 600 behind them: 300 are the strike fund's: 300 / 200.
    books = (
        SHARED
        + weeks()
        + gift("2025-02-01", "600.00")
        + gift("2025-02-01", "600.00", "Liabilities:Funds:Aid", "Assets:Bank")
    )
    assert row(coop(books))["weeks"] == "1.5"


@pytest.mark.parametrize(("day", "expected"), [("2025-05-31", "5.0"), ("2025-06-01", "10.0")])
def test_members_and_workers_of_the_day_count(coop: Coop, day: str, expected: str) -> None:
    books = BOOKS + weeks() + gift("2025-02-01", "1000.00") + '2025-06-01 custom "coop" "exit" "w01"\n'
    assert row(coop(books), day=day)["weeks"] == expected


@pytest.mark.parametrize(("day", "expected"), [("2025-05-31", "5.0"), ("2025-06-01", "2.5")])
def test_the_weekly_pay_of_the_day_counts(coop: Coop, day: str, expected: str) -> None:
    books = (
        BOOKS
        + weeks()
        + gift("2025-02-01", "1000.00")
        + '2025-06-01 custom "coop" "bylaw" "strike.weekly-pay"\n  value: 200.00 USD\n'
    )
    assert row(coop(books), day=day)["weeks"] == expected


def test_without_a_weekly_pay_there_are_no_weeks(coop: Coop) -> None:
    assert row(coop(BOOKS + gift("2025-02-01", "1000.00")))["weeks"] is None


def test_only_a_strike_fund_has_weeks(coop: Coop) -> None:
    assert row(coop(BOOKS + weeks() + gift("2025-02-01", "1.00", "Liabilities:Funds:Aid")), "aid")["weeks"] is None


def test_with_nobody_to_pay_there_are_no_weeks(coop: Coop) -> None:
    books = (
        BOOKS
        + weeks()
        + gift("2025-02-01", "1000.00")
        + '2025-01-01 custom "coop" "exit" "w01"\n2025-01-01 custom "coop" "exit" "m01"\n'
    )
    assert row(coop(books))["weeks"] is None


# -- spend-by ------------------------------------------------------------------------------------------------

SPEND_BY = BOOKS.replace('  kind: "strike"', '  kind: "strike"\n  spend-by: 6')


def test_the_oldest_unspent_money_says_by_when(coop: Coop) -> None:
    books = SPEND_BY + gift("2025-08-31", "50.00") + gift("2025-10-01", "30.00")
    assert row(coop(books))["spend_by"] == "2026-02-28"  # six months, clamped
    assert row(coop(books + spend("2025-11-01", "49.99")))["spend_by"] == "2026-02-28"
    assert row(coop(books + spend("2025-11-01", "50.00")))["spend_by"] == "2026-04-01"
    assert row(coop(books + spend("2025-11-01", "80.00")))["spend_by"] is None


def test_without_spend_by_there_is_no_day(coop: Coop) -> None:
    assert row(coop(BOOKS + gift("2025-08-31", "50.00")))["spend_by"] is None


def test_the_last_day_is_still_in_time(coop: Coop) -> None:
    loaded = coop(SPEND_BY + gift("2025-01-15", "50.00"))
    assert [loaded.funds(date(2025, 7, day)).breaks for day in (14, 15, 16)] == [False, False, True]


# -- what comes in -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["fine", "fee", "deduction", "donation", "interest", "other"])
def test_a_fund_is_credited_with_a_source(coop: Coop, source: str) -> None:
    assert messages(coop(BOOKS + gift("2025-02-01", "50.00").replace("donation", source))) == []


@pytest.mark.parametrize("fields", [(), ('source: "loan"',), ('decision: "D-1"',)])
def test_without_a_source_a_credit_is_refused(coop: Coop, fields: tuple[str, ...]) -> None:
    (found,) = messages(coop(BOOKS + entry("2025-02-01", "Assets:Strike", "Equity:Funds:Strike", "50.00", *fields)))
    assert 'fund "strike"' in found
    assert "source:" in found


def test_a_close_needs_no_source(coop: Coop) -> None:
    books = (
        BOOKS
        + sale("2024-03-01", "100.00 USD")
        + entry("2024-12-31", "Equity:Surplus", "Equity:Funds:Strike", "100.00", 'period: "2024"', tag="#coop-close")
        + """
2024-01-01 custom "coop" "allocation" "strike"
  step: 1
  to: Equity:Funds:Strike
  rest: TRUE
"""
    )
    assert messages(coop(books)) == []


def test_an_expense_that_the_bylaws_promise_needs_no_source(coop: Coop) -> None:
    books = BOOKS + entry("2025-02-01", "Expenses:Solidarity", "Equity:Funds:Strike", "50.00")
    assert len(messages(coop(books))) == 1
    books += """
2024-01-01 custom "coop" "allocation" "strike"
  step: 1
  to: Equity:Funds:Strike
  as: "expense"
  amount: 50.00 USD
"""
    assert messages(coop(books)) == []


# -- what goes out -------------------------------------------------------------------------------------------


def test_spending_rests_on_a_decision(coop: Coop) -> None:
    assert messages(coop(BOOKS + gift("2025-02-01", "50.00") + spend("2025-03-01", "50.00"))) == []


@pytest.mark.parametrize("decision", ["", 'decision: "D-2"'])
def test_without_one_it_is_refused(coop: Coop, decision: str) -> None:
    books = (
        BOOKS
        + gift("2025-02-01", "50.00")
        + spend("2025-03-01", "50.00").replace('decision: "D-1"', decision).replace("  \n", "")
    )
    (found,) = messages(coop(books))
    assert 'fund "strike"' in found
    assert "decision" in found


@pytest.mark.parametrize("claim", ["17", '"H-0017"', '"2025-17"'])
def test_people_who_are_helped_appear_by_a_number(coop: Coop, claim: str) -> None:
    help_paid = entry(
        "2025-03-01", "Equity:Funds:Strike", "Assets:Strike", "50.00", 'decision: "D-1"', f"claim: {claim}"
    )
    assert messages(coop(BOOKS + gift("2025-02-01", "50.00") + help_paid)) == []


@pytest.mark.parametrize("field", ['worker: "m01"', 'claim: "Anna"', 'claim: "m01"'])
def test_and_never_by_name(coop: Coop, field: str) -> None:
    help_paid = entry("2025-03-01", "Equity:Funds:Strike", "Assets:Strike", "50.00", 'decision: "D-1"', field)
    (found,) = messages(coop(BOOKS + gift("2025-02-01", "50.00") + help_paid))
    assert "claim:" in found


@pytest.mark.parametrize(
    "account",
    [
        "Equity:Capital:M01",
        "Equity:Capital:M01:2025",
        "Liabilities:Patronage:M01",
        "Expenses:Wages:M01",
        "Expenses:Wages:W01",
    ],
)
def test_nothing_goes_from_a_fund_to_members(coop: Coop, account: str) -> None:
    books = BOOKS + gift("2025-02-01", "50.00") + spend("2025-03-01", "50.00", asset=account)
    found = [each for each in messages(coop(books)) if f"gives to {account}" in each]
    assert len(found) == 1


@pytest.mark.parametrize(
    "account", ["Assets:Bank", "Liabilities:Suppliers", "Equity:Capital:Other", "Liabilities:PatronageTax"]
)
def test_other_accounts_may_get_it(coop: Coop, account: str) -> None:
    assert messages(coop(BOOKS + gift("2025-02-01", "50.00") + spend("2025-03-01", "50.00", asset=account))) == []


@pytest.mark.parametrize(("decision", "right"), [('decision: "D-1"', True), ('decision: "D-2"', False), ("", False)])
def test_a_transfer_between_funds_rests_on_a_decision(coop: Coop, decision: str, right: bool) -> None:
    books = BOOKS + gift("2025-02-01", "50.00")
    books += entry("2025-03-01", "Equity:Funds:Strike", "Liabilities:Funds:Aid", "20.00", *[decision] * bool(decision))
    found = messages(coop(books))
    assert (found == []) is right
    assert right or ("transfer" in found[0] and '"aid"' in found[0])


@pytest.mark.parametrize(("amount", "right"), [("49.99", True), ("50.00", True), ("50.01", False)])
def test_a_fund_is_never_below_zero_at_a_days_end(coop: Coop, amount: str, right: bool) -> None:
    found = messages(coop(BOOKS + gift("2025-02-01", "50.00") + spend("2025-03-01", amount)))
    assert (found == []) is right
    assert right or "0.01 USD below zero at the end of 2025-03-01" in found[0]


def test_the_order_of_one_day_does_not_matter(coop: Coop) -> None:
    assert messages(coop(BOOKS + spend("2025-02-01", "50.00") + gift("2025-02-01", "50.00"))) == []


def test_money_of_the_next_day_comes_too_late(coop: Coop) -> None:
    (found,) = messages(coop(BOOKS + spend("2025-02-01", "50.00") + gift("2025-02-02", "50.00")))
    assert "50.00 USD below zero at the end of 2025-02-01" in found


def test_each_time_below_zero_is_told_once(coop: Coop) -> None:
    books = (
        BOOKS
        + spend("2025-02-01", "50.00")
        + spend("2025-02-02", "1.00")
        + gift("2025-02-03", "60.00")
        + spend("2025-02-04", "10.00")
    )
    found = messages(coop(books))
    assert len(found) == 2
    assert "50.00 USD below zero at the end of 2025-02-01" in found[0]
    assert "1.00 USD below zero at the end of 2025-02-04" in found[1]


def test_what_a_fund_did_before_it_was_one_is_not_judged(coop: Coop) -> None:
    books = BOOKS + entry("2023-12-31", "Assets:Strike", "Equity:Funds:Strike", "50.00")
    assert messages(coop(books)) == []


def test_the_answer_breaks_where_a_fund_refuses_something(coop: Coop) -> None:
    assert coop(BOOKS + gift("2025-02-01", "50.00")).funds().breaks is False
    assert coop(BOOKS + spend("2025-02-01", "50.00")).funds().breaks is True
