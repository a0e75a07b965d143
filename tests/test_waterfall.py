"""The waterfall: bases, shares, limits, rounding, over-asking, expenses, decisions, pre-commitment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from treasurer import cost, messages, parts, sale, steps, surplus, work

from coopbooks.cooperative import Cooperative
from coopbooks.errors import CoopbooksError, LedgerUnusable, SurplusRefused

Coop = Callable[..., Cooperative]

BOOKS = """
option "operating_currency" "USD"
plugin "beancount.plugins.auto_accounts"
2020-01-01 open Expenses:Wages:M01
2020-01-01 open Expenses:Wages:M02

2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:M01
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Capital:M02
"""
HOURS = work("2025-06-30", "M01", "0.00 USD", "60", "unpaid") + work("2025-06-30", "M02", "0.00 USD", "40", "unpaid")


def step(name: str, number: object, to: str, *fields: str, day: str = "2025-01-01") -> str:
    lines = "\n  ".join(fields)
    return f"""
{day} custom "coop" "allocation" "{name}"
  step: {number}
  to: {to}
  {lines}
"""


def opening(account: str, amount: str, day: str = "2024-12-31") -> str:
    return f"""
{day} * "What stood there before"
  Assets:Bank  {amount}
  {account}
"""


def only(answer: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in answer["steps"] if each["id"] == name)
    return found


# -- the order of steps --------------------------------------------------------------------------------------


def test_steps_run_in_ascending_order_whatever_their_place_in_the_file(coop: Coop) -> None:
    # 1000: step 1.5 takes half, step 2 half of what remains then, step 10 the rest. 10 comes after 2.
    books = BOOKS + sale("2025-03-01", "1000.00 USD")
    books += step("c", 10, "Equity:C", "rest: TRUE")
    books += step("b", 2, "Equity:B", "share: 0.5", 'of: "remaining"')
    books += step("a", 1.5, "Equity:A", "share: 0.5", 'of: "remaining"')
    answer = surplus(coop(books))
    assert [(each["id"], each["step"], each["base"], each["amount"]) for each in answer["steps"]] == [
        ("a", "1.5", "1000.00", "500.00"),
        ("b", 2, "500.00", "250.00"),
        ("c", 10, None, "250.00"),
    ]


def test_steps_of_one_number_share_the_same_base(coop: Coop) -> None:
    # Both see the 900 that step 1 left: 450 and 270; the rest is 180.
    books = BOOKS + sale("2025-03-01", "1000.00 USD")
    books += step("first", 1, "Equity:First", "share: 0.1")
    books += step("a", 2, "Equity:A", "share: 0.5", 'of: "remaining"')
    books += step("b", 2, "Equity:B", "share: 0.3", 'of: "remaining"')
    books += step("c", 3, "Equity:C", "rest: TRUE")
    assert steps(coop(books)) == {"first": "100.00", "a": "450.00", "b": "270.00", "c": "180.00"}


def test_each_step_says_its_rule_and_what_is_behind_it(coop: Coop) -> None:
    books = BOOKS + sale("2025-03-01", "1000.00 USD")
    books += step("a", 1, "Equity:A", "share: 0.1", 'law: "Art. 5"')
    found = only(surplus(coop(books)), "a")
    assert found == {
        "id": "a",
        "step": 1,
        "to": "Equity:A",
        "account": "Equity:A",
        "share": "0.100000",
        "of": "surplus",
        "base": "1000.00",
        "amount": "100.00",
        "stopped_by": None,
        "rule": "main.beancount:17",
        "law": "Art. 5",
        "decision": None,
    }


# -- to ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "account"),
    [
        ("Equity:Reserve", "Equity:Reserve"),
        ('"members"', None),
        ('"workers"', None),
        ('"next"', None),
        ('"decision"', None),
    ],
)
def test_a_step_goes_to_an_account_or_to_one_of_four_words(coop: Coop, to: str, account: str | None) -> None:
    books = BOOKS + HOURS + sale("2025-03-01", "1000.00 USD") + step("a", 1, to, "rest: TRUE")
    found = only(surplus(coop(books)), "a")
    assert (found["to"], found["account"], found["amount"]) == (to.strip('"'), account, "1000.00")


def test_workers_are_everyone_and_paid_all_in_cash(coop: Coop) -> None:
    # 100 by hours 60 : 40 : 100.
    books = BOOKS + HOURS + sale("2025-03-01", "100.00 USD")
    books += work("2025-06-30", "W01", "0.00 USD", "100", "unpaid") + step("a", 1, '"workers"', "rest: TRUE")
    books += """
2025-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages:W01
2025-01-01 custom "coop" "bylaw" "surplus"
  cash: 0.20
"""
    loaded = coop(books)
    assert parts(loaded, of="workers", key="cash") == {"m01": "30.00", "m02": "20.00", "w01": "50.00"}
    assert parts(loaded, of="workers", key="retained") == {}
    assert parts(loaded) == {}  # and the members' own part is another one


@pytest.mark.parametrize("to", ['"member"', '"reserve"', '"Equity"'])
def test_another_word_is_an_error(coop: Coop, to: str) -> None:
    (found,) = messages(coop(BOOKS + step("a", 1, to, "rest: TRUE")))
    assert found.startswith(f'main.beancount:13: allocation "a" goes to {to}')


# -- share, amount, rest -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ((), "does not say how much it gets"),
        (("share: 0.1", "rest: TRUE"), "share and rest"),
        (("share: 0.1", "amount: 5.00 USD"), "share and amount"),
        (('by: "capital"', 'rate: "house"', "share: 0.1"), "share and rate"),
        (('rate: "house"',), "has a rate but shares by patronage"),
    ],
)
def test_a_step_says_exactly_once_how_much(coop: Coop, fields: tuple[str, ...], message: str) -> None:
    books = f"""{BOOKS}{step("a", 1, '"members"', *fields)}
2025-01-01 custom "coop" "rate" "house"
  value: 0.02
"""
    found = messages(coop(books))
    assert any(message in each for each in found), found


def test_an_amount_is_fixed(coop: Coop) -> None:
    books = BOOKS + sale("2025-03-01", "1000.00 USD") + step("a", 1, "Equity:A", "amount: 123.45 USD")
    answer = surplus(coop(books))
    assert (only(answer, "a")["amount"], answer["unallocated"]) == ("123.45", "876.55")


def test_an_amount_in_another_currency_is_refused(coop: Coop) -> None:
    books = BOOKS + sale("2025-03-01", "1000.00 USD") + step("a", 1, "Equity:A", "amount: 123.45 EUR")
    with pytest.raises(SurplusRefused, match=r"^main.beancount:17: .* write it in USD$"):
        coop(books).surplus("2025")


def test_the_rest_is_everything_that_is_left(coop: Coop) -> None:
    # 1000 - 100.50 - 30 % of 1000 = 599.50, of which the sibling's 200 are taken first.
    books = BOOKS + sale("2025-03-01", "1000.00 USD")
    books += step("a", 1, "Equity:A", "amount: 100.50 USD") + step("b", 1, "Equity:B", "share: 0.3")
    books += step("c", 2, "Equity:C", "rest: TRUE") + step("d", 2, "Equity:D", "amount: 200.00 USD")
    books += step("e", 3, "Equity:E", "rest: TRUE")
    assert steps(coop(books)) == {"a": "100.50", "b": "300.00", "c": "399.50", "d": "200.00", "e": "0.00"}


def test_two_rests_of_one_number_share_alike(coop: Coop) -> None:
    # 10.01 in two: 5.005 each; the odd cent to the smaller id.
    books = BOOKS + sale("2025-03-01", "10.01 USD")
    books += step("b", 1, "Equity:B", "rest: TRUE") + step("a", 1, "Equity:A", "rest: TRUE")
    assert steps(coop(books)) == {"a": "5.01", "b": "5.00"}


# -- rates ---------------------------------------------------------------------------------------------------


RATES = """
2024-01-01 custom "coop" "rate" "house"
  value: 0.10
2025-07-02 custom "coop" "rate" "house"
  value: 0.20
  source: "central bank"
2024-01-01 custom "coop" "rate" "fee"
  value: 120.00 USD
"""


@pytest.mark.parametrize(
    ("share", "amount"),
    [
        # 182 days (1 January to 1 July) at 0.10 and 183 at 0.20: 54.80 / 365 = 0.150136986…
        ('share: "house"', "54.80"),
        ('share: "house + 0.02"', "62.10"),  # 54.80 + 7.30
        ('share: "house - 0.05"', "36.55"),  # 54.80 - 18.25
        ('share: "0.5 - house"', "127.70"),  # 182.50 - 54.80
        ('amount: "fee"', "120.00"),
    ],
)
def test_a_share_or_amount_may_name_a_rate_which_counts_by_days(coop: Coop, share: str, amount: str) -> None:
    books = BOOKS + RATES + sale("2025-03-01", "365.00 USD") + step("a", 1, "Equity:A", share)
    assert only(surplus(coop(books)), "a")["amount"] == amount


def test_a_year_in_which_the_rate_did_not_change_has_one_rate(coop: Coop) -> None:
    books = BOOKS + RATES + sale("2026-03-01", "365.00 USD") + step("a", 1, "Equity:A", 'share: "house"')
    assert only(surplus(coop(books), "2026"), "a")["share"] == "0.200000"


def test_a_rate_without_a_value_on_one_day_is_refused(coop: Coop) -> None:
    books = f"""{BOOKS}{sale("2025-03-01", "365.00 USD")}{step("a", 1, "Equity:A", 'share: "house"')}
2024-01-01 custom "coop" "rate" "house"
  value: 0.10
  ends: 2025-12-31
2025-12-31 * "Close" #coop-close
  period: "2025"
  Equity:Surplus   36.50 USD
  Equity:A        -36.50 USD
"""
    loaded = coop(books)
    with pytest.raises(LedgerUnusable, match=r'"house", which has no value on 2025-12-31'):
        loaded.surplus("2025")
    assert any("has no value on 2025-12-31" in each for each in messages(loaded))


def test_a_rate_that_does_not_exist_is_an_error(coop: Coop) -> None:
    (found,) = messages(coop(BOOKS + RATES + step("a", 1, "Equity:A", 'share: "hause"')))
    assert 'the rate "hause", which does not exist' in found


def test_a_rate_in_another_currency_is_no_amount(coop: Coop) -> None:
    books = BOOKS + RATES.replace("120.00 USD", "120.00 EUR") + sale("2025-03-01", "365.00 USD")
    with pytest.raises(CoopbooksError, match="write its value in USD"):
        coop(books + step("a", 1, "Equity:A", 'amount: "fee"')).surplus("2025")


@pytest.mark.parametrize("share", ['share: "house + 0.9"', 'share: "house - 0.2"'])
def test_a_share_lies_between_0_and_1_also_by_a_rate(coop: Coop, share: str) -> None:
    books = BOOKS + RATES + sale("2025-03-01", "365.00 USD") + step("a", 1, "Equity:A", share)
    with pytest.raises(CoopbooksError, match="a share lies between 0 and 1"):
        coop(books).surplus("2025")


@pytest.mark.parametrize("share", ["-0.01", "1.01", "20"])
def test_a_share_lies_between_0_and_1(coop: Coop, share: str) -> None:
    (found,) = messages(coop(BOOKS + step("a", 1, "Equity:A", f"share: {share}")))
    assert "must be a share between 0 and 1" in found


@pytest.mark.parametrize(("share", "amount"), [("0", "0.00"), ("1", "365.00")])
def test_0_and_1_are_shares(coop: Coop, share: str, amount: str) -> None:
    books = BOOKS + sale("2025-03-01", "365.00 USD") + step("a", 1, "Equity:A", f"share: {share}")
    assert steps(coop(books)) == {"a": amount}


# -- interest on capital -------------------------------------------------------------------------------------


CAPITAL = (
    opening("Equity:Capital:M01:2023", "1000.00 USD")
    + opening("Equity:Capital:M02:Buyin", "500.00 USD")
    + opening("Equity:Capital:M02:2025", "365.00 USD", "2025-07-02")
    + sale("2025-03-01", "1000.00 USD")
)


@pytest.mark.parametrize(
    ("on", "m01", "m02"),
    [
        ("", "20.00", "10.00"),  # opening, the default: 2 % of 1000 and of 500
        ('on: "opening"', "20.00", "10.00"),
        ('on: "closing"', "20.00", "17.30"),  # 2 % of 865
        ('on: "average"', "20.00", "13.66"),  # 500 + 365 x 183 / 365 = 683: 13.66
    ],
)
def test_a_rate_is_on_each_ones_capital(coop: Coop, on: str, m01: str, m02: str) -> None:
    books = BOOKS + CAPITAL + step("a", 1, '"members"', 'by: "capital"', "rate: 0.02", on)
    assert parts(coop(books)) == {"m01": m01, "m02": m02}


def test_the_sum_of_the_exact_interests_is_rounded_and_dealt(coop: Coop) -> None:
    # 1.5 % of 0.50 and of 0.50: 0.75 cents each, 1.5 together: 2 cents, one each.
    books = BOOKS + opening("Equity:Capital:M01", "0.50 USD") + opening("Equity:Capital:M02", "0.50 USD")
    books += sale("2025-03-01", "1.00 USD") + step("a", 1, '"members"', 'by: "capital"', "rate: 0.015")
    assert parts(coop(books)) == {"m01": "0.01", "m02": "0.01"}


@pytest.mark.parametrize(
    ("fields", "amount"),
    [
        (("at-most: 0.02",), "20.00"),  # of the surplus, 1000, the default
        (("at-most: 0.03",), "30.00"),
        (("at-most: 0.031",), "30.00"),
        (("at-most: 0.5", 'at-most-of: "step:reserve"'), "25.00"),  # half of 50
    ],
)
def test_a_rate_on_capital_gets_at_most_a_share_of_a_base(coop: Coop, fields: tuple[str, ...], amount: str) -> None:
    # 2 % of 1500 are 30.
    books = BOOKS + CAPITAL + step("reserve", 1, "Equity:Reserve", "share: 0.05")
    books += step("interest", 2, '"members"', 'by: "capital"', "rate: 0.02", *fields)
    assert steps(coop(books))["interest"] == amount


def test_interest_cut_by_a_limit_is_cut_for_all_alike(coop: Coop) -> None:
    # 20.00 of the 30.00: two thirds and one third, 13.333… and 6.666…
    books = BOOKS + CAPITAL
    books += step("interest", 2, '"members"', 'by: "capital"', "rate: 0.02", "at-most: 0.02")
    assert parts(coop(books)) == {"m01": "13.33", "m02": "6.67"}


def test_the_periods_own_close_does_not_change_the_capital_that_it_is_shared_by(coop: Coop) -> None:
    # 90 by closing capital 1000 : 500 + 365 = 48.26 : 41.74 (90 x 1000 / 1865 = 48.257). Kept, it raises the
    # capital of the last day to 1048.26 : 906.74, by which nothing may be judged.
    books = f"""{BOOKS}{CAPITAL}{step("a", 1, '"members"', 'by: "capital"', "share: 0.09", "cash: 0")}
{step("b", 2, "Equity:Reserve", "rest: TRUE")}
2025-12-31 * "Close" #coop-close
  period: "2025"
  Equity:Surplus              1000.00 USD
  Equity:Reserve              -910.00 USD
  Equity:Capital:M01:2025      -48.26 USD
  Equity:Capital:M02:2025      -41.74 USD
"""
    loaded = coop(books)
    assert parts(loaded) == {"m01": "48.26", "m02": "41.74"}
    assert messages(loaded) == []


# -- the base of a share -------------------------------------------------------------------------------------


def test_every_base(coop: Coop) -> None:
    # 1200 came in, pay took 100 (m01 60 hours, w01 40) and income tax 100: a result of 1000.
    # By hours 40 % of it, 400, are non-member result; 2024 left a loss of 50, an adjustment adds 30 to all:
    #   result 1030 (1000 + 30); nonmember 412 (40 %); whole 980 (1030 - 50); surplus 568 (980 - 412);
    #   before-tax 568 + the members' 60 % of 100 = 628; payroll 100.
    books = f"""{BOOKS}
2024-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:M01
2024-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages:W01
2024-01-01 custom "coop" "bylaw" "surplus"
  tax: Expenses:Tax
  nonmember-to: Equity:Collective
2025-12-31 custom "coop" "adjustment" "2025"
  amount: 30.00 USD
2025-04-01 * "Income tax"
  Expenses:Tax  100.00 USD
  Assets:Bank
"""
    books += cost("2024-06-01", "50.00 USD") + sale("2025-03-01", "1200.00 USD")
    books += work("2025-06-30", "M01", "70.00 USD", "60") + work("2025-06-30", "W01", "30.00 USD", "40")
    for number, of in enumerate(
        ("surplus", "result", "before-tax", "remaining", "whole", "nonmember", "payroll", "step:a0"), start=1
    ):
        books += step(f"a{number - 1}", number, f"Equity:A{number}", "share: 0.01", f'of: "{of}"')
    bases = {each["of"]: each["base"] for each in surplus(coop(books))["steps"] if each["id"] != "nonmember"}
    assert bases == {
        "surplus": "568.00",
        "result": "1030.00",
        "before-tax": "628.00",
        "remaining": "545.74",  # 568 - 5.68 - 10.30 - 6.28
        "whole": "980.00",
        "nonmember": "412.00",
        "payroll": "100.00",
        "step:a0": "5.68",
    }


def test_surplus_is_the_base_where_none_is_named(coop: Coop) -> None:
    books = BOOKS + sale("2025-03-01", "1000.00 USD") + step("a", 1, "Equity:A", "share: 0.1")
    assert only(surplus(coop(books)), "a")["of"] == "surplus"


def test_before_tax_without_a_nonmember_account_adds_the_whole_tax(coop: Coop) -> None:
    books = f"""{BOOKS}{sale("2025-03-01", "1000.00 USD")}
2025-01-01 custom "coop" "bylaw" "surplus"
  tax: Expenses:Tax
2025-04-01 * "Income tax"
  Expenses:Tax:Federal  100.00 USD
  Assets:Bank
"""
    books += step("a", 1, "Equity:A", "share: 0.5", 'of: "before-tax"')
    assert only(surplus(coop(books)), "a")["base"] == "1000.00"  # 900 + 100


def test_payroll_is_all_gross_pay_of_the_period(coop: Coop) -> None:
    # Every kind but none and unpaid, at the posting's date: 100 + 7 + 3 - 10 = 100.
    books = BOOKS + sale("2025-03-01", "1000.00 USD")
    books += work("2025-06-30", "M01", "100.00 USD", "60") + work("2025-06-30", "M02", "7.00 USD", "0", "severance")
    books += work("2025-06-30", "M02", "3.00 USD", "0", "bonus") + work("2025-06-30", "M02", "-10.00 USD", "1")
    books += work("2025-06-30", "M02", "50.00 USD", "0", "none") + work("2025-06-30", "M02", "0.00 USD", "9", "unpaid")
    books += work("2024-12-31", "M02", "1000.00 USD", "9") + step("a", 1, "Equity:A", "share: 0.1", 'of: "payroll"')
    assert only(surplus(coop(books)), "a")["base"] == "100.00"


@pytest.mark.parametrize("of", ["surpluss", "profit", "step:b0", "step:a"])
def test_an_unknown_base_is_an_error(coop: Coop, of: str) -> None:
    books = BOOKS + sale("2025-03-01", "1.00 USD") + step("a", 1, "Equity:A", "share: 0.1", f'of: "{of}"')
    loaded = coop(books)
    assert any(f'"{of.removeprefix("step:")}"' in each for each in messages(loaded)), messages(loaded)
    with pytest.raises(CoopbooksError):
        loaded.surplus("2025")


@pytest.mark.parametrize("number", [1, 2])
def test_a_share_of_a_step_needs_one_that_has_run(coop: Coop, number: int) -> None:
    books = BOOKS + sale("2025-03-01", "1000.00 USD") + step("b", number, "Equity:B", "share: 0.1")
    books += step("a", 1, "Equity:A", "share: 0.1", 'of: "step:b"')
    with pytest.raises(SurplusRefused, match="name a step with a smaller number"):
        coop(books).surplus("2025")


# -- limits --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stands", "amount", "stopped"),
    [
        ("399.99", "100.00", None),
        ("400.00", "100.00", "until"),  # the limit is reached by this very step
        ("400.01", "99.99", "until"),
        ("499.99", "0.01", "until"),
        ("500.00", "0.00", "until"),
        ("600.00", "0.00", "until"),
    ],
)
def test_a_step_stops_when_the_balance_reaches_until(coop: Coop, stands: str, amount: str, stopped: str | None) -> None:
    books = BOOKS + sale("2025-03-01", "1000.00 USD") + opening("Equity:Reserve:Legal", f"{stands} USD")
    books += step("a", 1, "Equity:Reserve", "share: 0.1", "until: 500.00 USD")
    found = only(surplus(coop(books)), "a")
    assert (found["amount"], found["stopped_by"]) == (amount, stopped)


@pytest.mark.parametrize(("day", "amount"), [("2025-12-31", "60.00"), ("2026-01-01", "100.00")])
def test_the_balance_is_that_of_the_end_of_the_last_day(coop: Coop, day: str, amount: str) -> None:
    books = BOOKS + sale("2025-03-01", "1000.00 USD") + opening("Equity:Reserve", "440.00 USD", day)
    books += step("a", 1, "Equity:Reserve", "share: 0.1", "until: 500.00 USD")
    assert steps(coop(books)) == {"a": amount}


def test_the_periods_own_close_is_left_out_of_the_balance(coop: Coop) -> None:
    # 450 stood there: 50 are missing until 500, before and after the close that brings them.
    books = f"""{BOOKS}{sale("2025-03-01", "1000.00 USD")}{opening("Equity:Reserve", "450.00 USD")}
{step("a", 1, "Equity:Reserve", "share: 0.1", "until: 500.00 USD")}{step("b", 2, "Equity:Rest", "rest: TRUE")}
2025-12-31 * "Close" #coop-close
  period: "2025"
  Equity:Surplus  1000.00 USD
  Equity:Reserve   -50.00 USD
  Equity:Rest     -950.00 USD
"""
    loaded = coop(books)
    assert steps(loaded) == {"a": "50.00", "b": "950.00"}
    assert messages(loaded) == []


def test_a_limit_counts_what_this_close_gave_the_account_and_all_below_it(coop: Coop) -> None:
    books = BOOKS + sale("2025-03-01", "1000.00 USD") + step("legal", 1, "Equity:Reserve:Legal", "share: 0.06")
    books += step("all", 2, "Equity:Reserve", "share: 0.1", "until: 100.00 USD")
    found = only(surplus(coop(books)), "all")
    assert (found["amount"], found["stopped_by"]) == ("40.00", "until")


def test_a_limit_counts_the_nonmember_result_that_went_there(coop: Coop) -> None:
    # 100 by hours 60 : 40: 40 are a non-member's and go to the collective account, which may hold 50.
    books = f"""{BOOKS}{sale("2025-03-01", "100.00 USD")}
2025-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages:W01
2025-01-01 custom "coop" "bylaw" "surplus"
  nonmember-to: Equity:Collective
"""
    books += work("2025-06-30", "M01", "0.00 USD", "60", "unpaid") + work(
        "2025-06-30", "W01", "0.00 USD", "40", "unpaid"
    )
    books += step("a", 1, "Equity:Collective", "rest: TRUE", "until: 50.00 USD")
    assert steps(coop(books)) == {"nonmember": "40.00", "a": "10.00"}


@pytest.mark.parametrize(
    ("capital", "amount", "stopped"),
    [("3999.98", "99.99", "until"), ("4000.00", "100.00", "until"), ("4000.02", "100.00", None)],
)
def test_a_limit_may_be_a_share_of_another_accounts_balance(
    coop: Coop, capital: str, amount: str, stopped: str | None
) -> None:
    # Half of the capital: 1999.99, 2000.00, 2000.01. The reserve stands at 1900.00 and asks for 100.00.
    books = BOOKS + sale("2025-03-01", "1000.00 USD") + opening("Equity:Reserve", "1900.00 USD")
    books += opening("Equity:Capital:M01:Buyin", f"{capital} USD")
    books += step("a", 1, "Equity:Reserve", "share: 0.1", "until-of: 0.5", "until-account: Equity:Capital")
    found = only(surplus(coop(books)), "a")
    assert (found["amount"], found["stopped_by"]) == (amount, stopped)


@pytest.mark.parametrize(("at", "amount"), [("now", "50.00"), ("highest", "100.00")])
def test_a_limit_looks_at_the_balance_now_or_at_the_highest_ever(coop: Coop, at: str, amount: str) -> None:
    # Capital stood at 200 in 2023 and stands at 50: a tenth of 1000 stops at 50 now, at 200 of the highest.
    books = f"""{BOOKS}{sale("2025-03-01", "1000.00 USD")}
{opening("Equity:Capital:M01", "200.00 USD", "2023-05-01")}
2024-02-01 * "A leaver"
  Equity:Capital:M01  150.00 USD
  Assets:Bank
"""
    books += step(
        "a",
        1,
        "Equity:Reserve",
        "share: 0.1",
        "until-of: 1",
        "until-account: Equity:Capital",
        f'until-at: "{at}"',
    )
    assert steps(coop(books)) == {"a": amount}


def test_the_highest_is_judged_at_the_end_of_a_day_and_up_to_the_last_one(coop: Coop) -> None:
    # 200 came and went on one day, and 300 come only in 2026: the highest is 60.
    books = f"""{BOOKS}{sale("2025-03-01", "1000.00 USD")}
{opening("Equity:Capital:M01", "60.00 USD", "2023-05-01")}
{opening("Equity:Capital:M01", "140.00 USD", "2024-02-01")}
{opening("Equity:Capital:M01", "300.00 USD", "2026-01-01")}
2024-02-01 * "Taken back on the same day"
  Equity:Capital:M01  140.00 USD
  Assets:Bank
"""
    books += step(
        "a",
        1,
        "Equity:Reserve",
        "share: 0.1",
        "until-of: 1",
        "until-account: Equity:Capital",
        'until-at: "highest"',
    )
    assert steps(coop(books)) == {"a": "60.00"}


def test_past_its_limit_a_step_gets_the_share_then_from_the_next_period(coop: Coop) -> None:
    # 2025: 10 % of 1000 would be 100, but 60 reach the limit and the step stops there. 2026: 5 % of 2000.
    books = f"""{BOOKS}{sale("2025-03-01", "1000.00 USD")}{sale("2026-03-01", "2000.00 USD")}
{step("a", 1, "Equity:Reserve", "share: 0.1", "until: 60.00 USD", "then: 0.05")}
{step("b", 2, "Equity:Rest", "rest: TRUE")}
2025-12-31 * "Close" #coop-close
  period: "2025"
  Equity:Surplus  1000.00 USD
  Equity:Reserve   -60.00 USD
  Equity:Rest     -940.00 USD
"""
    loaded = coop(books)
    first, second = (only(surplus(loaded, year), "a") for year in ("2025", "2026"))
    assert (first["share"], first["amount"], first["stopped_by"]) == ("0.100000", "60.00", "until")
    assert (second["share"], second["amount"], second["stopped_by"]) == ("0.050000", "100.00", None)


def test_at_most_holds_for_then_too(coop: Coop) -> None:
    books = BOOKS + sale("2025-03-01", "1000.00 USD") + opening("Equity:Reserve", "60.00 USD")
    books += step("a", 1, "Equity:Reserve", "share: 0.1", "until: 60.00 USD", "then: 0.05", "at-most: 0.02")
    assert steps(coop(books)) == {"a": "20.00"}


@pytest.mark.parametrize("field", ["until-of: 0.5", "until-account: Equity:Capital", "then: 0.05"])
def test_half_a_limit_is_an_error(coop: Coop, field: str) -> None:
    books = BOOKS + step("a", 1, "Equity:Reserve", "share: 0.1", field)
    (found,) = messages(coop(books + opening("Equity:Capital:M01", "1.00 USD")))
    assert found.startswith('main.beancount:13: allocation "a" ')
    assert field.partition(":")[0] in found


def test_only_an_account_has_a_limit(coop: Coop) -> None:
    books = BOOKS + HOURS + sale("2025-03-01", "1.00 USD")
    loaded = coop(books + step("a", 1, '"members"', "share: 0.1", "until: 60.00 USD"))
    assert 'allocation "a" goes to "members"' in messages(loaded)[0]
    with pytest.raises(SurplusRefused, match="needs an account"):
        loaded.surplus("2025")


# -- top-up --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("top_up", "amount"), [("FALSE", "200.00"), ("TRUE", "140.00")])
def test_top_up_counts_what_the_account_already_got(coop: Coop, top_up: str, amount: str) -> None:
    # The reserve got 60 by step 1. A fifth of 1000 is 200: topped up, 140 are missing.
    books = BOOKS + sale("2025-03-01", "1000.00 USD") + step("first", 1, "Equity:Reserve:Legal", "share: 0.06")
    books += step("a", 2, "Equity:Reserve", "share: 0.2", f"top-up: {top_up}")
    assert steps(coop(books))["a"] == amount


def test_top_up_counts_the_nonmember_result_that_went_there(coop: Coop) -> None:
    # 100 by hours 60 : 40: 40 went to the collective account. Half of the whole 100 is 50: 10 are missing.
    books = f"""{BOOKS}{sale("2025-03-01", "100.00 USD")}
2025-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages:W01
2025-01-01 custom "coop" "bylaw" "surplus"
  nonmember-to: Equity:Collective
{work("2025-06-30", "M01", "0.00 USD", "60", "unpaid")}{work("2025-06-30", "W01", "0.00 USD", "40", "unpaid")}
"""
    books += step("a", 1, "Equity:Collective", "share: 0.5", 'of: "whole"', "top-up: TRUE")
    assert steps(coop(books)) == {"nonmember": "40.00", "a": "10.00"}


def test_top_up_of_an_account_that_has_more_already_is_nothing(coop: Coop) -> None:
    books = BOOKS + sale("2025-03-01", "1000.00 USD") + step("first", 1, "Equity:Reserve", "share: 0.3")
    assert steps(coop(books + step("a", 2, "Equity:Reserve", "share: 0.2", "top-up: TRUE")))["a"] == "0.00"


# -- rounding ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "nearest", "up", "down"),
    [("10.00", "3.33", "3.33", "3.33"), ("10.01", "3.33", "3.34", "3.33"), ("10.02", "3.34", "3.34", "3.33")],
)
def test_a_step_is_rounded_to_the_nearest_up_or_down(coop: Coop, result: str, nearest: str, up: str, down: str) -> None:
    # 33.3 % of 10.00 is 3.33, of 10.01 3.33333, of 10.02 3.33666
    for how, amount in (("nearest", nearest), ("up", up), ("down", down)):
        books = BOOKS + sale("2025-03-01", f"{result} USD")
        books += step("a", 1, "Equity:A", "share: 0.333", f'round: "{how}"')
        assert steps(coop(books)) == {"a": amount}, how


def test_half_a_unit_goes_up(coop: Coop) -> None:
    books = BOOKS + sale("2025-03-01", "0.25 USD") + step("a", 1, "Equity:A", "share: 0.1")
    assert steps(coop(books)) == {"a": "0.03"}  # 2.5 cents


def test_siblings_are_dealt_the_rounded_sum_by_largest_remainder(coop: Coop) -> None:
    # 10.03 at 15 %: 1.5045 each, 4.5135 together: 4.51. Each alone would be 1.50; the cent left goes to the
    # smallest id of equal remainders.
    books = BOOKS + sale("2025-03-01", "10.03 USD")
    for name in ("c", "b", "a"):
        books += step(name, 1, f"Equity:{name.upper()}", "share: 0.15")
    assert steps(coop(books)) == {"a": "1.51", "b": "1.50", "c": "1.50"}


def test_up_and_down_are_rounded_alone_and_before(coop: Coop) -> None:
    # 1.00 at 33.3 %: 0.333 up is 0.34, down 0.33, and the rest is 0.33, not 0.334.
    books = BOOKS + sale("2025-03-01", "1.00 USD") + step("rest", 1, "Equity:Rest", "rest: TRUE")
    books += step("up", 1, "Equity:Up", "share: 0.333", 'round: "up"')
    books += step("down", 1, "Equity:Down", "share: 0.333", 'round: "down"')
    answer = surplus(coop(books))
    assert {each["id"]: each["amount"] for each in answer["steps"]} == {
        "down": "0.33",
        "rest": "0.33",
        "up": "0.34",
    }
    assert [each["stopped_by"] for each in answer["steps"]] == [None, None, None]


def test_at_least_stays_true_where_only_rounding_asks_for_too_much(coop: Coop) -> None:
    # A third, at least, is 0.34 of 1.00; the two thirds beside it give way: 0.66, not 0.67.
    books = BOOKS + sale("2025-03-01", "1.00 USD")
    books += step("a", 1, "Equity:A", "share: 0.3333", 'round: "up"') + step("b", 1, "Equity:B", "share: 0.6667")
    assert steps(coop(books)) == {"a": "0.34", "b": "0.66"}


# -- asking for more than there is ---------------------------------------------------------------------------


def test_siblings_that_ask_for_too_much_share_in_proportion(coop: Coop) -> None:
    # 400 remain after step 1; asked are 300, 500 and 0.5 x 1000: 400 x 3/13 and twice 5/13. In cents 9230.77,
    # 15384.62, 15384.62: cut down 39998, and two left for the largest remainders.
    books = BOOKS + sale("2025-03-01", "1000.00 USD") + step("first", 1, "Equity:First", "share: 0.6")
    books += step("a", 2, "Equity:A", "amount: 300.00 USD") + step("b", 2, "Equity:B", "amount: 500.00 USD")
    books += step("c", 2, "Equity:C", "share: 0.5") + step("d", 2, "Equity:D", "rest: TRUE")
    books += step("e", 3, "Equity:E", "share: 0.1")
    answer = surplus(coop(books))
    assert [(each["id"], each["amount"], each["stopped_by"]) for each in answer["steps"]] == [
        ("first", "600.00", None),
        ("a", "92.31", "remainder"),
        ("b", "153.85", "remainder"),
        ("c", "153.84", "remainder"),
        ("d", "0.00", None),
        ("e", "0.00", "remainder"),
    ]


def test_a_step_alone_gets_what_is_left(coop: Coop) -> None:
    books = BOOKS + sale("2025-03-01", "100.00 USD") + step("a", 1, "Equity:A", "amount: 100.01 USD")
    found = only(surplus(coop(books)), "a")
    assert (found["amount"], found["stopped_by"]) == ("100.00", "remainder")


def test_what_is_left_over_is_unallocated(coop: Coop) -> None:
    books = BOOKS + sale("2025-03-01", "100.00 USD") + step("a", 1, "Equity:A", "share: 0.9999")
    loaded = coop(books)
    assert surplus(loaded)["unallocated"] == "0.01"
    with pytest.raises(SurplusRefused, match=r"0.01 USD of 2025 is placed by no step"):
        loaded.close("2025")


def test_no_rule_at_all_leaves_everything_unallocated(coop: Coop) -> None:
    answer = surplus(coop(BOOKS + sale("2025-03-01", "100.00 USD")))
    assert (answer["steps"], answer["unallocated"]) == ([], "100.00")


# -- expenses ------------------------------------------------------------------------------------------------


WELFARE = step("welfare", 1, "Liabilities:Welfare", 'as: "expense"', "amount: 80.00 USD") + step(
    "rest", 2, "Equity:Rest", "rest: TRUE"
)


def booked(amount: str, account: str = "Liabilities:Welfare", day: str = "2025-05-01") -> str:
    return f"""
{day} * "Set aside in the year"
  Expenses:Welfare  {amount}
  {account}
"""


@pytest.mark.parametrize(
    ("already", "added"),
    [("79.99", "0.01"), ("80.00", "0.00"), ("80.01", "0.00"), ("30.00", "50.00")],
)
def test_the_close_adds_to_an_expense_what_the_year_has_not_booked(coop: Coop, already: str, added: str) -> None:
    books = BOOKS + WELFARE + sale("2025-03-01", "1000.00 USD") + booked(f"{already} USD", "Liabilities:Welfare:Paid")
    assert steps(coop(books))["welfare"] == added


def test_what_was_spent_from_it_does_not_take_back_what_was_booked(coop: Coop) -> None:
    books = f"""{BOOKS}{WELFARE}{sale("2025-03-01", "1000.00 USD")}{booked("80.00 USD")}
2025-06-01 * "Spent"
  Liabilities:Welfare  60.00 USD
  Assets:Bank
"""
    assert steps(coop(books))["welfare"] == "0.00"


@pytest.mark.parametrize(
    ("day", "added"),
    [("2024-12-31", "80.00"), ("2025-01-01", "0.00"), ("2025-12-31", "0.00"), ("2026-01-01", "80.00")],
)
def test_only_what_the_year_itself_booked_counts(coop: Coop, day: str, added: str) -> None:
    books = BOOKS + WELFARE + sale("2025-03-01", "1000.00 USD") + booked("80.00 USD", day=day)
    assert steps(coop(books))["welfare"] == added


def test_the_close_itself_is_not_what_the_year_has_booked(coop: Coop) -> None:
    books = f"""{BOOKS}{WELFARE}{sale("2025-03-01", "1000.00 USD")}
2025-12-31 * "Close" #coop-close
  period: "2025"
  Equity:Surplus       1000.00 USD
  Liabilities:Welfare   -80.00 USD
  Equity:Rest          -920.00 USD
"""
    loaded = coop(books)
    assert steps(loaded) == {"welfare": "80.00", "rest": "920.00"}
    assert messages(loaded) == []


def test_expenses_of_one_number_are_rounded_together(coop: Coop) -> None:
    # Half a cent each of a payroll of 1.00: 1 cent together, to the smaller id.
    books = BOOKS + sale("2025-03-01", "11.00 USD") + work("2025-06-30", "M01", "1.00 USD", "10")
    for name in ("b", "a"):
        books += step(name, 1, f"Liabilities:{name.upper()}", 'as: "expense"', "share: 0.005", 'of: "payroll"')
    assert steps(coop(books)) == {"a": "0.01", "b": "0.00"}


def test_an_expense_is_owed_in_a_year_of_loss_too(coop: Coop) -> None:
    books = BOOKS + WELFARE + cost("2025-03-01", "100.00 USD")
    answer = surplus(coop(books))
    assert steps(coop(books)) == {"welfare": "80.00"}
    assert answer["unallocated"] == "-180.00"  # a loss of 100, and 80 more


def test_an_expense_that_makes_the_loss_is_borne_as_one(coop: Coop) -> None:
    # 50 came in and 80 are owed: a loss of 30, borne by capital of earlier years 60 : 40.
    books = f"""{BOOKS}{WELFARE}{HOURS}{sale("2025-03-01", "50.00 USD")}
{opening("Equity:Capital:M01:2023", "100.00 USD")}{opening("Equity:Capital:M02:2023", "100.00 USD")}
2025-01-01 custom "coop" "loss" "members"
  step: 1
  from: "members"
  rest: TRUE
2025-12-31 * "Close" #coop-close
  period: "2025"
  Equity:Surplus            50.00 USD
  Liabilities:Welfare      -80.00 USD
  Equity:Capital:M01:2023   18.00 USD
  Equity:Capital:M02:2023   12.00 USD
"""
    loaded = coop(books)
    assert steps(loaded) == {"welfare": "80.00", "members": "-30.00"}
    assert parts(loaded, key="retained") == {"m01": "-18.00", "m02": "-12.00"}
    assert messages(loaded) == []


def test_an_expense_leaves_earlier_losses_as_they_were(coop: Coop) -> None:
    # 2024 lost 100 before anyone bore losses. 2025 earns 50, which cover half; the 80 that are owed are this
    # year's loss, and only they are borne. 50 stay open.
    books = f"""{BOOKS.replace("2025-01-01", "2024-01-01")}{WELFARE}{cost("2024-03-01", "100.00 USD")}
{sale("2025-03-01", "50.00 USD")}{opening("Equity:Reserve", "500.00 USD", "2023-12-31")}
2025-01-01 custom "coop" "loss" "reserve"
  step: 1
  from: Equity:Reserve
  rest: TRUE
"""
    answer = surplus(coop(books))
    assert [each["amount"] for each in answer["steps"]] == ["80.00", "-80.00"]
    assert (answer["earlier_losses"], answer["unallocated"]) == ("100.00", "-50.00")


def test_an_expense_beyond_the_members_part_leaves_the_nonmember_result_alone(coop: Coop) -> None:
    # 100 by hours 60 : 40. 40 go to the collective account, 80 are owed of the 60: a loss of 20.
    books = f"""{BOOKS}{WELFARE}{sale("2025-03-01", "100.00 USD")}
2025-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages:W01
2025-01-01 custom "coop" "bylaw" "surplus"
  nonmember-to: Equity:Collective
"""
    books += work("2025-06-30", "M01", "0.00 USD", "60", "unpaid") + work(
        "2025-06-30", "W01", "0.00 USD", "40", "unpaid"
    )
    answer = surplus(coop(books))
    assert {each["id"]: each["amount"] for each in answer["steps"]} == {
        "nonmember": "40.00",
        "welfare": "80.00",
    }
    assert (answer["base"], answer["unallocated"]) == ("60.00", "-20.00")


def test_an_expense_needs_an_account(coop: Coop) -> None:
    loaded = coop(
        BOOKS + HOURS + sale("2025-03-01", "1.00 USD") + step("a", 1, '"members"', 'as: "expense"', "share: 0.1")
    )
    assert 'allocation "a"' in messages(loaded)[0]
    with pytest.raises(SurplusRefused, match="needs an account"):
        loaded.surplus("2025")


# -- what is left to a decision ------------------------------------------------------------------------------


DECISION = (
    sale("2025-03-01", "1000.00 USD")
    + step("open", 1, '"decision"', "share: 0.3")
    + step("rest", 2, "Equity:Rest", "rest: TRUE")
    + """
2026-03-10 custom "coop" "decision" "D-1"
2026-05-10 custom "coop" "decision" "D-2"
"""
)


def resolution(*fields: str, day: str = "2026-03-10", decision: str = "D-1", period: str = "2025") -> str:
    lines = "\n  ".join(fields)
    return f"""
{day} custom "coop" "resolution" "{period}"
  of: "open"
  decision: "{decision}"
  {lines}
"""


def test_an_undivided_decision_is_neither_unallocated_nor_carried_in(coop: Coop) -> None:
    loaded = coop(BOOKS + DECISION + sale("2026-03-01", "10.00 USD"))
    assert steps(loaded) == {"open": "300.00", "rest": "700.00"}
    assert surplus(loaded)["unallocated"] == "0.00"
    assert surplus(loaded, "2026")["carried_in"] == "0.00"


def test_resolutions_divide_only_that_step(coop: Coop) -> None:
    # Of 300: half, 150, to the fund; 50 carried on; the rest, 100, to members by hours 60 : 40.
    books = BOOKS + HOURS + DECISION + resolution("to: Equity:Fund", "share: 0.5")
    books += resolution('to: "next"', "amount: 50.00 USD") + resolution('to: "members"', "rest: TRUE")
    loaded = coop(books + sale("2026-03-01", "10.00 USD"))
    answer = surplus(loaded)
    assert [(each["id"], each["to"], each["of"], each["amount"]) for each in answer["steps"]] == [
        ("open", "decision", "surplus", "0.00"),
        ("open/1", "Equity:Fund", "step:open", "150.00"),
        ("open/2", "next", "step:open", "50.00"),
        ("open/3", "members", "step:open", "100.00"),
        ("rest", "Equity:Rest", None, "700.00"),
    ]
    assert parts(loaded) == {"m01": "60.00", "m02": "40.00"}
    assert surplus(loaded, "2026")["carried_in"] == "50.00"
    assert messages(loaded) == []


@pytest.mark.parametrize(
    ("by", "cash", "shares", "paid"),
    [
        ('by: "equal"', "", {"m01": "150.00", "m02": "150.00"}, {"m01": "150.00", "m02": "150.00"}),
        ('by: "hours"', "cash: 0.5", {"m01": "180.00", "m02": "120.00"}, {"m01": "90.00", "m02": "60.00"}),
    ],
)
def test_a_resolution_has_its_own_by_and_cash(
    coop: Coop, by: str, cash: str, shares: dict[str, str], paid: dict[str, str]
) -> None:
    loaded = coop(BOOKS + HOURS + DECISION + resolution('to: "members"', "rest: TRUE", by, cash))
    assert parts(loaded) == shares
    assert parts(loaded, key="cash") == paid


def test_shares_of_a_resolution_that_make_a_whole_place_every_unit(coop: Coop) -> None:
    # 0.3 of 3.37 is 1.01: two halves are 50.5 cents each. The first one alone is 0.51, and stays so.
    books = BOOKS + DECISION.replace("1000.00", "3.37") + resolution("to: Equity:A", "share: 0.5")
    later = resolution("to: Equity:B", "share: 0.5", day="2026-05-10", decision="D-2")
    assert steps(coop(books))["open/1"] == "0.51"
    loaded = coop(books + later)
    assert steps(loaded) == {"open": "0.00", "open/1": "0.51", "open/2": "0.50", "rest": "2.36"}


@pytest.mark.parametrize("fields", [("amount: 300.01 USD",), ("share: 0.6", "share: 0.5")])
def test_a_resolution_gives_no_more_than_was_left_to_decide(coop: Coop, fields: tuple[str, ...]) -> None:
    books = BOOKS + DECISION + "".join(resolution(f"to: Equity:A{place}", each) for place, each in enumerate(fields))
    with pytest.raises(SurplusRefused, match="of it is left: lower the amount"):
        coop(books).surplus("2025")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            resolution("to: Equity:A", "rest: TRUE").replace('of: "open"', 'of: "opening"'),
            '"opening"',
        ),
        (
            resolution("to: Equity:A", "rest: TRUE").replace('  decision: "D-1"\n', ""),
            "without a decision",
        ),
        (
            resolution("to: Equity:A", "rest: TRUE", "share: 0.5"),
            "share:, amount:, rest: TRUE",
        ),
        (resolution("to: Equity:A"), "share:, amount:, rest: TRUE"),
        (resolution('to: "decision"', "rest: TRUE"), 'resolution "2025" goes to "decision"'),
        (
            resolution("to: Equity:A", "rest: TRUE", decision="D-9"),
            'names the decision "D-9", which does not exist',
        ),
    ],
)
def test_a_resolution_that_says_too_little_or_too_much_is_an_error(coop: Coop, text: str, message: str) -> None:
    found = messages(coop(BOOKS + DECISION + text))
    assert any(message in each for each in found), found


def test_a_resolution_is_no_rule_that_was_made_in_the_year(coop: Coop) -> None:
    books = BOOKS + DECISION.replace("2026-03-10", "2025-12-01")
    books += resolution("to: Equity:Fund", "rest: TRUE", day="2025-12-01")
    assert surplus(coop(books))["changes"] == []


# -- pre-commitment ------------------------------------------------------------------------------------------


def rule_of(day: str, share: str, *fields: str) -> str:
    return step("a", 1, "Equity:A", f"share: {share}", *fields, day=day)


@pytest.mark.parametrize(
    ("day", "amount"),
    [
        ("2024-12-31", "300.00"),  # before the year
        ("2025-01-01", "300.00"),  # on its first day
        ("2025-01-02", "100.00"),  # inside: binds from the next
        ("2025-12-31", "100.00"),
        ("2026-01-01", "100.00"),
    ],
)
def test_the_rules_of_the_first_day_govern_the_whole_period(coop: Coop, day: str, amount: str) -> None:
    books = BOOKS.replace("2025-01-01", "2024-01-01") + rule_of("2024-01-01", "0.1") + rule_of(day, "0.3")
    loaded = coop(books + sale("2025-03-01", "1000.00 USD") + sale("2026-03-01", "1000.00 USD"))
    assert steps(loaded) == {"a": amount}
    assert steps(loaded, "2026") == {"a": "300.00"}


def test_a_change_inside_the_period_is_shown(coop: Coop) -> None:
    books = BOOKS + rule_of("2025-01-01", "0.1") + rule_of("2025-06-01", "0.3") + sale("2025-03-01", "1000.00 USD")
    assert surplus(coop(books + sale("2026-01-05", "1.00 USD")))["changes"] == [
        {"rule": 'allocation "a"', "place": "main.beancount:18", "date": "2025-06-01", "retroactive": False}
    ]
    assert surplus(coop(books + sale("2026-01-05", "1.00 USD")), "2026")["changes"] == []


def test_in_the_first_period_the_founding_day_decides(coop: Coop) -> None:
    founded = BOOKS.replace("2025-01-01", "2025-04-01") + sale("2025-06-01", "1000.00 USD")
    assert steps(coop(founded + rule_of("2025-04-01", "0.1"))) == {"a": "100.00"}
    assert steps(coop(founded + rule_of("2025-04-02", "0.1"))) == {}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("bylaw surplus", '2025-06-01 custom "coop" "bylaw" "surplus"\n  cash: 0.5\n'),
        ("loss", '2025-06-01 custom "coop" "loss" "a"\n  step: 1\n  from: Equity:A\n  rest: TRUE\n'),
    ],
)
def test_the_bylaw_and_the_losses_are_pre_committed_too(coop: Coop, kind: str, text: str) -> None:
    books = BOOKS + HOURS + sale("2025-03-01", "1000.00 USD") + step("m", 1, '"members"', "rest: TRUE") + text
    loaded = coop(books)
    assert len(surplus(loaded)["changes"]) == 1
    assert parts(loaded, key="cash") == {"m01": "600.00", "m02": "400.00"}
    lost = coop(BOOKS + cost("2025-03-01", "10.00 USD") + opening("Equity:A", "50.00 USD") + text)
    assert surplus(lost)["unallocated"] == "-10.00"


def test_a_rule_that_ends_is_judged_on_the_first_day_too(coop: Coop) -> None:
    for ends, amount in (("2025-01-01", {}), ("2025-01-02", {"a": "100.00"})):
        books = BOOKS + rule_of("2024-12-01", "0.1", f"ends: {ends}") + sale("2025-03-01", "1000.00 USD")
        assert steps(coop(books)) == amount


def test_a_change_may_bind_from_another_day_with_a_decision(coop: Coop) -> None:
    books = BOOKS.replace("2025-01-01", "2024-01-01") + rule_of("2024-01-01", "0.1")
    books += sale("2025-03-01", "1000.00 USD") + '2025-06-01 custom "coop" "decision" "D-1"\n'
    back = books + rule_of("2025-06-01", "0.3", "binds-from: 2025-01-01", 'decision: "D-1"')
    assert steps(coop(back)) == {"a": "300.00"}
    assert [change["retroactive"] for change in surplus(coop(back))["changes"]] == [True]
    inside = books + rule_of("2025-06-01", "0.3", "binds-from: 2025-01-02", 'decision: "D-1"')
    assert steps(coop(inside)) == {"a": "100.00"}
    assert [change["retroactive"] for change in surplus(coop(inside))["changes"]] == [False]


def test_a_change_may_also_bind_later(coop: Coop) -> None:
    books = BOOKS.replace("2025-01-01", "2024-01-01") + rule_of("2024-01-01", "0.1")
    books += '2024-06-01 custom "coop" "decision" "D-1"\n'
    books += rule_of("2024-06-01", "0.3", "binds-from: 2026-01-01", 'decision: "D-1"')
    loaded = coop(books + sale("2025-03-01", "1000.00 USD") + sale("2026-03-01", "1000.00 USD"))
    assert (steps(loaded), steps(loaded, "2026")) == ({"a": "100.00"}, {"a": "300.00"})


def test_without_a_decision_binds_from_counts_for_nothing(coop: Coop) -> None:
    books = BOOKS + rule_of("2025-01-01", "0.1") + rule_of("2025-06-01", "0.3", "binds-from: 2025-01-01")
    loaded = coop(books + sale("2025-03-01", "1000.00 USD"))
    assert steps(loaded) == {"a": "100.00"}
    assert "binds from 2025-01-01" in messages(loaded)[0]


def test_a_year_without_surplus_and_without_loss_places_nothing(coop: Coop) -> None:
    books = BOOKS + HOURS + sale("2025-03-01", "5.00 USD") + cost("2025-03-01", "5.00 USD")
    books += step("a", 1, "Equity:A", "share: 0.3") + step("m", 2, '"members"', "rest: TRUE")
    assert steps(coop(books)) == {"a": "0.00", "m": "0.00"}
