"""The result of a period: what counts in it, in which currency, whose it is, and what earlier years left."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from treasurer import cost, messages, result, sale, surplus, work

from coopbooks.cooperative import Cooperative
from coopbooks.errors import SurplusRefused, UnknownPeriod

Coop = Callable[..., Cooperative]

BOOKS = """
option "operating_currency" "USD"
plugin "beancount.plugins.auto_accounts"
2020-01-01 open Expenses:Wages:M01
2020-01-01 open Expenses:Wages:W01

2024-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:M01
2024-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages:W01
2024-01-01 custom "coop" "allocation" "reserve"
  step: 1
  to: Equity:Reserve
  rest: TRUE
"""


# -- what counts in it ---------------------------------------------------------------------------------------


def test_it_is_minus_the_sum_of_income_and_expenses(coop: Coop) -> None:
    books = BOOKS + sale("2025-03-01", "500.00 USD") + cost("2025-04-01", "120.50 USD")
    assert result(coop(books)) == "379.50"  # 500.00 - 120.50


def test_only_what_is_dated_in_the_period_counts(coop: Coop) -> None:
    books = BOOKS + "".join(
        sale(day, amount)
        for day, amount in (
            ("2024-12-31", "1.00 USD"),
            ("2025-01-01", "10.00 USD"),
            ("2025-12-31", "100.00 USD"),
            ("2026-01-01", "1000.00 USD"),
        )
    )
    assert [result(coop(books), year) for year in ("2024", "2025", "2026")] == ["1.00", "110.00", "1000.00"]


def test_a_fiscal_year_has_its_own_last_day(coop: Coop) -> None:
    books = f"""{BOOKS}
2024-01-01 custom "coop" "bylaw" "fiscal-year"
  ends: "06-30"
"""
    books += sale("2025-06-30", "10.00 USD") + sale("2025-07-01", "100.00 USD")
    assert [result(coop(books), year) for year in ("2025", "2026")] == ["10.00", "100.00"]


CLOSED = """
2025-12-31 * "Close of 2025" #coop-close
  period: "2025"
  Equity:Surplus   500.00 USD
  Equity:Reserve  -500.00 USD
"""


def test_a_close_is_left_out_of_it(coop: Coop) -> None:
    assert result(coop(BOOKS + sale("2025-03-01", "500.00 USD") + CLOSED)) == "500.00"


def test_a_close_that_posts_to_income_is_left_out_all_the_same(coop: Coop) -> None:
    books = f"""{BOOKS}{sale("2025-03-01", "500.00 USD")}
2025-12-31 * "Close of 2025, as other programs do it" #coop-close
  period: "2025"
  Income:Sales     500.00 USD
  Equity:Reserve  -500.00 USD
"""
    assert result(coop(books)) == "500.00"


def test_an_entry_that_only_moves_the_result_into_the_surplus_account_is_left_out(coop: Coop) -> None:
    books = f"""{BOOKS}{sale("2025-03-01", "500.00 USD")}{cost("2025-04-01", "120.00 USD")}
2025-12-31 * "Closing entry"
  Income:Sales     500.00 USD
  Expenses:Rent   -120.00 USD
  Equity:Surplus  -380.00 USD
"""
    loaded = coop(books)
    assert result(loaded) == "380.00"
    assert messages(loaded) == []


def test_an_entry_with_any_other_account_counts(coop: Coop) -> None:
    # 500.00 of income are taken back and given away: no closing entry, and 0.00 is left of the result.
    books = f"""{BOOKS}{sale("2025-03-01", "500.00 USD")}
2025-12-31 * "Not a closing entry"
  Income:Sales      500.00 USD
  Equity:Surplus   -400.00 USD
  Equity:Reserve   -100.00 USD
"""
    assert result(coop(books)) == "0.00"


def test_a_closing_entry_takes_back_neither_pay_nor_tax(coop: Coop) -> None:
    books = f"""{BOOKS}
2024-01-01 custom "coop" "bylaw" "surplus"
  tax: Expenses:Tax
  split: "none"
2024-01-01 custom "coop" "allocation" "fund"
  step: 0
  to: Equity:Fund
  share: 0.10
  of: "before-tax"
"""
    books += f"""{sale("2025-03-01", "500.00 USD")}{work("2025-04-30", "M01", "200.00 USD", "20")}
2025-05-01 * "Income tax"
  Expenses:Tax   50.00 USD
  Assets:Bank
2025-12-31 * "Closing entry"
  Income:Sales          500.00 USD
  Expenses:Wages:M01   -200.00 USD
  Expenses:Tax          -50.00 USD
  Equity:Surplus       -250.00 USD
"""
    answer = surplus(coop(books))
    assert answer["result"] == "250.00"  # 500 - 200 - 50
    assert answer["steps"][0]["base"] == "300.00"  # before tax: 250 + 50
    assert answer["members"][0]["patronage"] == "20.00"
    assert len(coop(books).wages().rows) == 1  # April; December has no pay


# -- the currency --------------------------------------------------------------------------------------------


def test_it_is_in_the_first_operating_currency(coop: Coop) -> None:
    books = f"""
option "operating_currency" "EUR"
{BOOKS}
2025-03-01 * "Sale"
  Assets:Bank    90.00 EUR
  Income:Sales
"""
    answer = surplus(coop(books))
    assert (answer["currency"], answer["result"]) == ("EUR", "90.00")


def test_a_bylaw_may_name_another_currency(coop: Coop) -> None:
    books = f"""{BOOKS}
2024-01-01 custom "coop" "bylaw" "surplus"
  currency: "EUR"
2025-03-01 * "Sale"
  Assets:Bank    90.00 EUR
  Income:Sales
"""
    answer = surplus(coop(books))
    assert (answer["currency"], answer["result"]) == ("EUR", "90.00")


@pytest.mark.parametrize(
    ("posting", "worth"),
    [
        ("-100.00 EUR @ 1.10 USD", "110.00"),
        ("-100.00 EUR @@ 111.00 USD", "111.00"),
        ("-3 EUR @@ 10.00 USD", "10.00"),  # a third has no end: 3.333… x 3 must not become 9.99
        ("-100.00 EUR {1.20 USD}", "120.00"),
        ("-100.00 EUR", "107.00"),  # the last price on or before the day
    ],
)
def test_another_currency_counts_at_its_own_price_or_cost_else_at_the_last_price(
    coop: Coop, posting: str, worth: str
) -> None:
    books = f"""{BOOKS}
2025-02-01 price EUR 1.05 USD
2025-03-01 price EUR 1.07 USD
2025-03-02 price EUR 1.09 USD
2025-03-01 * "Sale"
  Income:Sales  {posting}
  Assets:Bank
"""
    assert result(coop(books)) == worth


def test_a_price_of_the_next_day_is_no_price(coop: Coop) -> None:
    books = BOOKS + sale("2025-03-01", "100.00 EUR") + "2025-03-02 price EUR 1.09 USD\n"
    loaded = coop(books)
    answer = surplus(loaded)
    assert answer["result"] == "0.00"
    assert answer["unpriced"] == ["main.beancount:18: -100.00 EUR on Income:Sales"]
    with pytest.raises(SurplusRefused, match=r"^main.beancount:18: .* add `2025-03-01 price EUR … USD`$"):
        loaded.close("2025")


def test_what_has_no_price_is_an_error_only_at_the_close(coop: Coop) -> None:
    books = BOOKS + sale("2025-03-01", "100.00 EUR") + sale("2025-03-01", "500.00 USD")
    assert messages(coop(books)) == []
    (found,) = messages(coop(books + CLOSED))
    assert "100.00 EUR on Income:Sales has no price in USD" in found


def test_another_year_without_a_price_does_not_matter(coop: Coop) -> None:
    books = BOOKS + sale("2026-01-01", "100.00 EUR") + sale("2025-03-01", "500.00 USD")
    assert surplus(coop(books))["unpriced"] == []
    assert messages(coop(books + CLOSED)) == []


# -- the smallest unit ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "in_units"),
    [("10.009", "10.00"), ("10.01", "10.01"), ("-10.009", "-10.00"), ("-0.009", "0.00")],
)
def test_fractions_are_cut_towards_zero(coop: Coop, amount: str, in_units: str) -> None:
    assert result(coop(BOOKS + sale("2025-03-01", f"{amount} USD"))) == in_units


def test_the_fraction_stays_in_the_surplus_account(coop: Coop) -> None:
    # 10.009 came in and the close places 10.00: -10.009 of income + 10.00 on Equity:Surplus = -0.009.
    loaded = coop(BOOKS + sale("2025-03-01", "10.009 USD"))
    assert "Equity:Surplus   10.00 USD" in str(loaded.close("2025").transaction)
    following = coop(
        BOOKS + sale("2025-03-01", "10.009 USD") + CLOSED.replace("500", "10") + sale("2026-03-01", "1.00 USD")
    )
    assert messages(following) == []
    assert surplus(following, "2026")["base"] == "1.00"  # and is no part of the next year


@pytest.mark.parametrize(
    ("currency", "in_units"), [("JPY", "10"), ("USD", "10.99"), ("BHD", "10.999"), ("XYZ", "10.99")]
)
def test_the_smallest_unit_is_that_of_iso_4217(coop: Coop, currency: str, in_units: str) -> None:
    books = BOOKS.replace('"USD"', f'"{currency}"') + sale("2025-03-01", f"10.9999 {currency}")
    assert result(coop(books)) == in_units


def test_or_that_of_the_commodity_directive(coop: Coop) -> None:
    books = f"""{BOOKS}{sale("2025-03-01", "10.9999 USD")}
2020-01-01 commodity USD
  precision: 3
"""
    assert result(coop(books)) == "10.999"


# -- the first period ----------------------------------------------------------------------------------------


FOUNDED = BOOKS.replace("2024-01-01", "2025-04-01")


def test_the_first_period_begins_with_the_first_member(coop: Coop) -> None:
    books = FOUNDED + sale("2025-03-31", "1.00 USD") + sale("2025-04-01", "10.00 USD")
    answer = surplus(coop(books))
    assert (answer["starts"], answer["ends"], answer["result"]) == ("2025-04-01", "2025-12-31", "10.00")


def test_a_member_before_the_year_leaves_the_calendar_as_it_is(coop: Coop) -> None:
    answer = surplus(coop(BOOKS + sale("2025-01-01", "10.00 USD")))
    assert (answer["starts"], answer["ends"], answer["result"]) == ("2025-01-01", "2025-12-31", "10.00")


def test_there_is_no_period_before_the_first(coop: Coop) -> None:
    loaded = coop(FOUNDED + sale("2024-03-31", "1.00 USD") + sale("2025-04-01", "10.00 USD"))
    assert loaded.periods() == ("2025",)
    with pytest.raises(UnknownPeriod, match="2024 lies before the first fiscal year of these books, 2025"):
        loaded.surplus("2024")


@pytest.mark.parametrize(
    ("asked", "answer"), [("2026", "there is nothing"), ("2025-03", "fiscal years"), ("spring", "no period")]
)
def test_other_periods_are_refused(coop: Coop, asked: str, answer: str) -> None:
    with pytest.raises(UnknownPeriod, match=answer):
        coop(BOOKS + sale("2025-04-01", "10.00 USD")).surplus(asked)


# -- what belongs to another year ----------------------------------------------------------------------------


def test_of_period_moves_a_late_entry_to_its_own_year(coop: Coop) -> None:
    books = f"""{BOOKS}{sale("2025-06-01", "500.00 USD")}{sale("2026-06-01", "70.00 USD")}
2026-02-01 * "An invoice found in a drawer"
  of-period: "2025"
  Expenses:Rent   30.00 USD
  Assets:Bank
"""
    assert [result(coop(books), year) for year in ("2025", "2026")] == ["470.00", "70.00"]  # 500 - 30; 70


def test_of_period_moves_its_tax_too(coop: Coop) -> None:
    books = f"""{BOOKS}
2024-01-01 custom "coop" "bylaw" "surplus"
  tax: Expenses:Tax
2024-01-01 custom "coop" "allocation" "fund"
  step: 0
  to: Equity:Fund
  share: 0.10
  of: "before-tax"
2026-02-01 * "Tax of last year"
  of-period: "2025"
  Expenses:Tax   30.00 USD
  Assets:Bank
"""
    books += sale("2025-06-01", "500.00 USD") + sale("2026-06-01", "70.00 USD")
    bases = [surplus(coop(books), year)["steps"][0]["base"] for year in ("2025", "2026")]
    assert bases == ["500.00", "70.00"]  # 470 + 30; 70 + 0


@pytest.mark.parametrize(
    ("period", "fault"),
    [
        ('"2025-03"', '"2025-03", which is no fiscal year'),
        ('"twentyfive"', '"twentyfive"'),
        ("2025", "in quotes, not 2025"),
        ('"2027"', '"2027", which begins only after this entry of 2026-02-01'),
        ('"2023"', '"2023", but the first fiscal year is 2024'),
    ],
)
def test_an_of_period_that_counts_nowhere_is_an_error(coop: Coop, period: str, fault: str) -> None:
    books = f"""{BOOKS}
2026-02-01 * "An invoice found in a drawer"
  of-period: {period}
  Expenses:Rent   30.00 USD
  Assets:Bank
"""
    (found,) = messages(coop(books))
    assert found.startswith("main.beancount:16: of-period ")
    assert fault in found


MEMBERLESS = re.sub(r'\d{4}-\d{2}-\d{2} custom "coop" "member" .*\n(?:  .*\n)*', "", BOOKS)


@pytest.mark.parametrize(("period", "fault"), [("2025", None), ("2024", "the first fiscal year is 2025")])
def test_in_books_without_members_the_first_entry_begins_the_first_year(
    coop: Coop, period: str, fault: str | None
) -> None:
    """An association that keeps no register here has a last year all the same; before its first entry there is none."""
    books = f"""{MEMBERLESS}{sale("2025-06-01", "500.00 USD")}
2026-02-01 * "An invoice found in a drawer"
  of-period: "{period}"
  Expenses:Rent   30.00 USD
  Assets:Bank
"""
    assert "member" not in books
    found = messages(coop(books))
    assert [str(fault) in each for each in found] == ([True] if fault else [])
    assert result(coop(books), "2025") == ("500.00" if fault else "470.00")


def test_adjustments_change_the_base_without_a_posting_and_add_up(coop: Coop) -> None:
    books = f"""{BOOKS}{sale("2025-06-01", "500.00 USD")}
2025-12-31 custom "coop" "adjustment" "2025"
  amount: 40.00 USD
  reason: "depreciation that the tax law does not know"
2025-12-31 custom "coop" "adjustment" "2025"
  amount: -15.00 USD
  reason: "an item of another year"
"""
    answer = surplus(coop(books))
    assert (answer["result"], answer["adjustments"], answer["base"]) == ("500.00", "25.00", "525.00")
    assert answer["steps"][0]["amount"] == "525.00"


def test_an_adjustment_is_of_its_period_whenever_it_is_written(coop: Coop) -> None:
    books = f"""{BOOKS}{sale("2025-06-01", "500.00 USD")}{sale("2026-06-01", "70.00 USD")}
2026-02-28 custom "coop" "adjustment" "2025"
  amount: 40.00 USD
"""
    assert [surplus(coop(books), year)["adjustments"] for year in ("2025", "2026")] == ["40.00", "0.00"]


def test_an_adjustment_in_another_currency_is_refused(coop: Coop) -> None:
    books = f"""{BOOKS}{sale("2025-06-01", "500.00 USD")}
2025-12-31 custom "coop" "adjustment" "2025"
  amount: 40.00 EUR
"""
    with pytest.raises(SurplusRefused, match=r"^main.beancount:20: .*write its amount in USD$"):
        coop(books).surplus("2025")


# -- member and non-member result ----------------------------------------------------------------------------


def split(books: str, rule: str = "") -> str:
    return f"""{books}
2024-01-01 custom "coop" "bylaw" "surplus"
  {rule}
"""


# 150.00 came in and 100.00 were paid: a result of 50.00. Hours 60 : 20, pay 40 : 60.
SPLIT = (
    BOOKS
    + sale("2025-06-01", "150.00 USD")
    + work("2025-06-30", "M01", "40.00 USD", "60")
    + work("2025-06-30", "W01", "60.00 USD", "20")
)


@pytest.mark.parametrize(
    ("rule", "member", "nonmember"),
    [
        ("", "37.50", "12.50"),  # by hours, the default: 50 x 20 / 80
        ('split: "hours"', "37.50", "12.50"),
        ('split: "wages"', "20.00", "30.00"),  # 50 x 60 / 100
        ('split: "none"', "50.00", "0.00"),
    ],
)
def test_the_result_parts_by_hours_or_by_pay_or_not_at_all(coop: Coop, rule: str, member: str, nonmember: str) -> None:
    answer = surplus(coop(split(SPLIT, rule)))
    assert (answer["member_result"], answer["nonmember_result"]) == (member, nonmember)
    assert answer["base"] == "50.00"  # without nonmember-to, `surplus` is the whole
    assert [step["id"] for step in answer["steps"]] == ["reserve"]


def test_the_result_parts_by_the_balance_of_accounts(coop: Coop) -> None:
    # Sales to strangers 30.00, less what they cost, 4.00: 26.00 of the 176.00 - 100.00 = 76.00.
    books = f"""{SPLIT}
2024-01-01 custom "coop" "bylaw" "surplus"
  split: "accounts"
  nonmember-accounts: "Income:Strangers Expenses:Strangers"
2025-06-01 * "Sale to strangers"
  Assets:Bank               30.00 USD
  Income:Strangers:Counter
2025-06-01 * "What that cost"
  Expenses:Strangers         4.00 USD
  Assets:Bank
2024-06-01 * "Of the year before"
  Assets:Bank                7.00 USD
  Income:Strangers:Counter
"""
    answer = surplus(coop(books))
    assert (answer["member_result"], answer["nonmember_result"]) == ("50.00", "26.00")


def test_only_the_kinds_of_pay_that_are_patronage_tell_the_parts(coop: Coop) -> None:
    # Leave is no patronage where `count` does not say so: 60 : 20 hours as before.
    books = SPLIT + sale("2025-07-01", "90.00 USD") + work("2025-07-31", "W01", "90.00 USD", "60", pay="leave")
    assert surplus(coop(books))["nonmember_result"] == "12.50"
    # Where it does, 60 : 80 hours: 50 x 80 / 140 = 28.571…
    assert surplus(coop(split(books, 'count: "base leave"')))["nonmember_result"] == "28.57"


def test_work_counts_as_what_its_doer_was_on_that_day(coop: Coop) -> None:
    # w01 is a member from 1 July: the 20 hours of 30 June are a non-member's, the 30 of 1 July a member's.
    books = f"""{SPLIT}{sale("2025-07-01", "30.00 USD")}{work("2025-07-01", "W01", "30.00 USD", "30")}
2025-07-01 custom "coop" "member" "w01"
  wages: Expenses:Wages:W01
  capital: Equity:Capital:W01
"""
    assert surplus(coop(books))["nonmember_result"] == "9.09"  # 50 x 20 / 110 = 9.0909…


def test_with_nonmember_to_that_part_goes_there_before_step_1(coop: Coop) -> None:
    answer = surplus(coop(split(SPLIT, "nonmember-to: Equity:Collective")))
    assert answer["base"] == "37.50"
    assert [(step["id"], step["to"], step["amount"]) for step in answer["steps"]] == [
        ("nonmember", "Equity:Collective", "12.50"),
        ("reserve", "Equity:Reserve", "37.50"),
    ]


def test_a_negative_result_has_no_nonmember_part(coop: Coop) -> None:
    books = split(SPLIT, "nonmember-to: Equity:Collective") + cost("2025-08-01", "80.00 USD")
    answer = surplus(coop(books))
    assert (answer["member_result"], answer["nonmember_result"], answer["base"]) == (
        "-30.00",
        "0.00",
        "-30.00",
    )
    assert answer["steps"] == []


@pytest.mark.parametrize(
    ("part", "member", "nonmember"), [("member", "45.50", "12.50"), ("nonmember", "37.50", "20.50")]
)
def test_an_adjustment_may_change_one_part_only(coop: Coop, part: str, member: str, nonmember: str) -> None:
    books = f"""{split(SPLIT, "nonmember-to: Equity:Collective")}
2025-12-31 custom "coop" "adjustment" "2025"
  amount: 8.00 USD
  part: "{part}"
"""
    answer = surplus(coop(books))
    assert (answer["member_result"], answer["nonmember_result"], answer["base"]) == (
        member,
        nonmember,
        member,
    )


def test_an_adjustment_without_a_part_is_split_like_the_result(coop: Coop) -> None:
    books = f"""{split(SPLIT, "nonmember-to: Equity:Collective")}
2025-12-31 custom "coop" "adjustment" "2025"
  amount: 8.00 USD
"""
    answer = surplus(coop(books))
    assert (answer["member_result"], answer["nonmember_result"]) == ("43.50", "14.50")  # 58 x 20 / 80


@pytest.mark.parametrize(
    ("loss", "nonmember", "base"),
    [
        ("37.49", "12.50", "0.01"),  # 50.00 - 37.49 = 12.51: all of the non-member part is still there
        ("37.51", "12.49", "0.00"),
        ("60.00", "0.00", "-10.00"),  # the whole result covers the loss, and 10.00 of it stay open
    ],
)
def test_earlier_losses_reduce_the_member_result_first(coop: Coop, loss: str, nonmember: str, base: str) -> None:
    books = split(SPLIT, "nonmember-to: Equity:Collective") + cost("2024-08-01", f"{loss} USD")
    answer = surplus(coop(books))
    assert (answer["earlier_losses"], answer["steps"][0]["amount"], answer["base"]) == (loss, nonmember, base)


# -- earlier years -------------------------------------------------------------------------------------------


def test_a_loss_that_nobody_bears_is_covered_by_the_next_surplus(coop: Coop) -> None:
    books = BOOKS + cost("2024-06-01", "80.00 USD") + sale("2025-06-01", "50.00 USD") + sale("2026-06-01", "100.00 USD")
    first, second, third = (surplus(coop(books), year) for year in ("2024", "2025", "2026"))
    assert (first["base"], first["unallocated"]) == ("-80.00", "-80.00")
    # 50 - 80: nothing to place, and 30 stay open, though no close was written at all
    assert (second["earlier_losses"], second["base"], second["unallocated"]) == ("80.00", "-30.00", "-30.00")
    assert [step["amount"] for step in second["steps"]] == ["0.00"]
    assert (third["earlier_losses"], third["base"], third["steps"][0]["amount"]) == (
        "30.00",
        "70.00",
        "70.00",
    )


def test_a_loss_that_a_loss_step_covered_is_none_any_more(coop: Coop) -> None:
    books = f"""{BOOKS}{cost("2024-06-01", "80.00 USD")}{sale("2025-06-01", "50.00 USD")}
2023-12-31 * "What stood there before"
  Assets:Bank     60.00 USD
  Equity:Reserve
2024-01-01 custom "coop" "loss" "reserve"
  step: 1
  from: Equity:Reserve
  rest: TRUE
"""
    assert surplus(coop(books), "2024")["steps"][0]["amount"] == "-60.00"
    assert surplus(coop(books))["earlier_losses"] == "20.00"  # 80 - 60


def test_a_debit_in_the_surplus_account_from_before_is_an_earlier_loss(coop: Coop) -> None:
    books = f"""{FOUNDED}{sale("2025-06-01", "50.00 USD")}
2025-03-31 * "Losses of the association that we were"
  Equity:Surplus   20.00 USD
  Equity:Opening
"""
    assert surplus(coop(books))["earlier_losses"] == "20.00"


def test_what_an_opening_entry_brings_in_on_the_first_day_was_there_before(coop: Coop) -> None:
    books = f"""{FOUNDED}{sale("2025-06-01", "50.00 USD")}
2025-04-01 * "Opening balances"
  Equity:Surplus   20.00 USD
  Equity:Opening
"""
    loaded = coop(books)
    assert surplus(loaded)["earlier_losses"] == "20.00"
    assert messages(loaded) == []
    late = coop(books.replace('2025-04-01 * "Opening', '2025-04-02 * "Opening'))
    assert surplus(late)["earlier_losses"] == "0.00"
    assert "outside a close" in messages(late)[0]


def test_a_credit_in_the_surplus_account_from_before_is_no_surplus(coop: Coop) -> None:
    books = f"""{FOUNDED}{sale("2025-06-01", "50.00 USD")}
2025-03-31 * "Something that stood there"
  Assets:Bank      20.00 USD
  Equity:Surplus
"""
    answer = surplus(coop(books))
    assert (answer["earlier_losses"], answer["base"]) == ("0.00", "50.00")


NEXT = """
2024-01-01 custom "coop" "allocation" "next"
  step: 0
  to: "next"
  share: 0.25
"""


def test_what_a_step_carries_on_is_added_to_the_next_surplus(coop: Coop) -> None:
    books = f"""{BOOKS}{NEXT}{sale("2024-06-01", "80.00 USD")}{sale("2025-06-01", "100.00 USD")}
2024-12-31 * "Close of 2024" #coop-close
  period: "2024"
  Equity:Surplus    60.00 USD
  Equity:Reserve   -60.00 USD
"""
    loaded = coop(books)
    answer = surplus(loaded)
    assert messages(loaded) == []
    assert (answer["carried_in"], answer["base"]) == ("20.00", "120.00")  # a quarter of 80; 100 + 20
    assert [step["amount"] for step in answer["steps"]] == [
        "30.00",
        "90.00",
    ]  # a quarter of 120, and the rest


def test_what_was_carried_on_meets_the_next_loss(coop: Coop) -> None:
    books = BOOKS + NEXT + sale("2024-06-01", "80.00 USD") + cost("2025-06-01", "50.00 USD")
    answer = surplus(coop(books))
    assert (answer["result"], answer["carried_in"], answer["base"]) == ("-50.00", "20.00", "-30.00")


def test_a_year_that_carries_all_on_needs_no_close(coop: Coop) -> None:
    books = BOOKS.replace("to: Equity:Reserve", 'to: "next"')
    loaded = coop(books + sale("2024-06-01", "80.00 USD") + sale("2025-06-01", "100.00 USD"))
    assert (surplus(loaded)["base"], surplus(loaded)["unplaced"]) == ("180.00", [])
    assert loaded.close("2025").transaction is None


def test_an_earlier_surplus_that_is_not_placed_is_no_part_of_this_one(coop: Coop) -> None:
    loaded = coop(BOOKS + sale("2024-06-01", "80.00 USD") + sale("2025-06-01", "100.00 USD"))
    assert (surplus(loaded)["base"], surplus(loaded)["unplaced"]) == ("100.00", ["2024"])
    assert surplus(loaded, "2024")["unplaced"] == []
    with pytest.raises(SurplusRefused, match=r"the surplus of 2024 is not placed yet: close 2024 before 2025"):
        loaded.close("2025")


def test_a_surplus_that_no_step_places_is_not_placed_either(coop: Coop) -> None:
    books = BOOKS.replace('2024-01-01 custom "coop" "allocation"', '2025-01-01 custom "coop" "allocation"')
    loaded = coop(books + sale("2024-06-01", "80.00 USD") + sale("2025-06-01", "100.00 USD"))
    with pytest.raises(SurplusRefused, match="close 2024 before 2025"):
        loaded.close("2025")


# -- forecast ------------------------------------------------------------------------------------------------


def test_a_period_that_is_still_open_is_a_forecast(coop: Coop) -> None:
    loaded = coop(BOOKS + sale("2025-06-01", "100.00 USD"))
    assert loaded.surplus("2025").forecast is True  # the books end in June
    assert loaded.surplus("2025", as_of=date(2025, 12, 31)).forecast is True
    assert loaded.surplus("2025", as_of=date(2026, 1, 1)).forecast is False
    following = coop(BOOKS + sale("2025-06-01", "100.00 USD") + sale("2026-01-01", "1.00 USD"))
    assert following.surplus("2025").forecast is False


def test_a_closed_period_is_none(coop: Coop) -> None:
    assert coop(BOOKS + sale("2025-06-01", "500.00 USD") + CLOSED).surplus("2025").forecast is False
