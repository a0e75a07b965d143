"""Interest on members' capital: by days and dated rates, on which capital, capped, as an expense and as a step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from treasurer import cost, messages, parts, sale, steps, work

from coopbooks.cli import main
from coopbooks.cooperative import Cooperative
from coopbooks.errors import LedgerUnusable, UnknownPeriod

Coop = Callable[..., Cooperative]

BOOKS = """
option "operating_currency" "USD"
plugin "beancount.plugins.auto_accounts"

2024-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:M01
2024-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Capital:M02
2024-01-01 custom "coop" "allocation" "reserve"
  step: 1
  to: Equity:Reserve
  rest: TRUE
"""


def bylaw(*fields: str, day: str = "2024-01-01") -> str:
    lines = "\n  ".join(fields)
    return f'{day} custom "coop" "bylaw" "capital"\n  {lines}\n'


def entry(day: str, debit: str, credit: str, amount: str, tag: str = "") -> str:
    return f'{day} * "Movement" {tag}\n  {debit}  {amount} USD\n  {credit}\n'


def brought_in(day: str, amount: str, person: str = "M01") -> str:
    return entry(day, "Assets:Bank", f"Equity:Capital:{person}:Buyin", amount)


def booked(amount: str, person: str = "M01", day: str = "2025-12-31", year: str = "2025") -> str:
    return (
        f'{day} * "Interest" #coop-interest\n  period: "{year}"\n  Expenses:Interest  {amount} USD\n'
        f"  Liabilities:Patronage:{person}\n"
    )


def owed(coop: Cooperative, year: str = "2025", key: str = "owed") -> dict[str, str]:
    """What each member is owed, those left out that have nothing."""
    return {row["member"]: row[key] for row in coop.interest(year).to_data()["rows"] if row[key] != "0.00"}


ANYTHING = cost("2025-02-01", "0.00 USD")  # so that the books have a year 2025
OPENED = BOOKS + brought_in("2024-06-30", "1000.00") + ANYTHING


# -- by days -------------------------------------------------------------------------------------------------


def test_a_whole_year_is_the_whole_rate(coop: Coop) -> None:
    answer = coop(OPENED + bylaw("interest: 0.03")).interest("2025").to_data()
    assert answer == {
        "period": "2025",
        "currency": "USD",
        "rate": "0.030000",
        "on": "average",
        "rows": [{"member": "m01", "capital": "1000.00", "owed": "30.00", "posted": "0.00", "missing": "30.00"}],
        "owed": "30.00",
        "posted": "0.00",
        "missing": "30.00",
        "capped": False,
        "transaction": (
            "2025-12-31 open Expenses:Interest:MemberCapital\n2025-12-31 open Liabilities:Patronage:M01\n\n"
            '2025-12-31 * "Interest on members\' capital for 2025" #coop-interest\n  period: "2025"\n'
            "  Expenses:Interest:MemberCapital   30.00 USD\n"
            "  Liabilities:Patronage:M01        -30.00 USD  ; on 1,000.00 USD\n"
        ),
        "rule": "main.beancount:21",
    }


@pytest.mark.parametrize(
    ("flows", "interest"),
    [
        # 36.50 USD a year is 0.10 a day; the day of the entry counts, the last one of the year too
        (brought_in("2025-12-31", "1216.67"), "0.10"),
        (brought_in("2025-01-01", "1216.67"), "36.50"),
        (brought_in("2025-12-22", "1216.67"), "1.00"),
        (
            brought_in("2024-12-31", "1216.67")
            + entry("2025-12-31", "Equity:Capital:M01:Buyin", "Assets:Bank", "1216.67"),
            "36.40",
        ),
        # half of it is still to be paid until 1 December: 18.25, and 31 days of the other half, 1.55
        (
            entry("2025-01-01", "Assets:Subscriptions:M01", "Equity:Capital:M01:Buyin", "608.335")
            + brought_in("2025-01-01", "608.335")
            + entry("2025-12-01", "Assets:Bank", "Assets:Subscriptions:M01", "608.335"),
            "19.80",
        ),
    ],
)
def test_capital_counts_by_the_days_that_it_was_paid_up(coop: Coop, flows: str, interest: str) -> None:
    assert owed(coop(BOOKS + flows + bylaw("interest: 0.03"))) == {"m01": interest}


def test_a_leap_year_has_366_days(coop: Coop) -> None:
    # 2024: 1,000.00 for the 185 days from 30 June on, at 3 %: 1000 × 0.03 × 185 / 366 = 15.1639
    assert owed(coop(OPENED + bylaw("interest: 0.03")), "2024") == {"m01": "15.16"}


def test_a_first_year_that_begins_with_the_cooperative_is_a_part_of_a_year(coop: Coop) -> None:
    # Founded on 1 October 2024: 92 of 366 days, 1000 × 0.03 × 92 / 366 = 7.5410
    books = OPENED.replace("2024-01-01 custom", "2024-10-01 custom") + bylaw("interest: 0.03")
    assert owed(coop(books), "2024") == {"m01": "7.54"}


RATES = """
2024-01-01 custom "coop" "rate" "legal"
  value: 0.0300
  source: "the law of the budget"
2025-07-01 custom "coop" "rate" "legal"
  value: 0.0325
  source: "the law of the budget"
"""


def test_a_rate_that_changes_counts_for_its_own_days(coop: Coop) -> None:
    # 181 days at 9 % and 184 at 9.25 %: 1000 × (0.09 × 181 + 0.0925 × 184) / 365 = 91.2603
    loaded = coop(OPENED + RATES + bylaw('interest: "legal + 0.06"'))
    assert owed(loaded) == {"m01": "91.26"}
    assert loaded.interest("2025").rate == "0.091260"  # 9.12603 %


def test_capital_that_comes_between_two_rates_bears_each_for_its_days(coop: Coop) -> None:
    # From 1 June: 30 days at 9 %, 184 at 9.25 %: 1000 × (0.09 × 30 + 0.0925 × 184) / 365 = 54.0274
    assert owed(coop(BOOKS + RATES + brought_in("2025-06-01", "1000.00") + bylaw('interest: "legal + 0.06"'))) == {
        "m01": "54.03"
    }


def test_a_bylaw_that_changes_within_the_year_binds_from_its_day(coop: Coop) -> None:
    # Nothing until 2 August, then 2 %: 152 days, 1000 × 0.02 × 152 / 365 = 8.3288
    loaded = coop(OPENED + bylaw("interest: 0") + bylaw("interest: 0.02", day="2025-08-02"))
    assert owed(loaded) == {"m01": "8.33"}
    # and one that is dropped ends: 213 days of 2 %, 11.6712
    dropped = bylaw("interest: 0.02") + bylaw('drops: "interest"', day="2025-08-02")
    assert owed(coop(OPENED + dropped)) == {"m01": "11.67"}


def test_a_rate_without_a_value_on_a_day_is_refused(coop: Coop) -> None:
    late = RATES.replace("2024-01-01", "2025-02-01")
    books = OPENED + late + bylaw('interest: "legal"')
    with pytest.raises(LedgerUnusable, match=r'"legal", which has no value on 2025-01-01'):
        coop(books).interest("2025")
    assert messages(coop(books)) == []  # nobody has asked for it yet
    (message,) = messages(coop(books + sale("2025-03-01", "400.00 USD") + closed("400.00")))
    assert '"legal", which has no value on 2025-01-01' in message


def test_what_keeps_the_surplus_from_being_computed_is_told_once(coop: Coop) -> None:
    rule = bylaw("interest: 0.03", "interest-at-most: 0.5")
    wrong = '2026-01-01 custom "coop" "adjustment" "2025"\n  amount: 1.00 EUR\n'
    books = OPENED + rule + sale("2025-03-01", "400.00 USD") + booked("30.00") + closed("370.00") + wrong
    (message,) = messages(coop(books))
    assert "is in EUR, but the surplus is in USD" in message


def test_a_month_is_no_year_of_interest(coop: Coop) -> None:
    with pytest.raises(UnknownPeriod):
        coop(OPENED + bylaw("interest: 0.03")).interest("2025-03")


def test_each_ones_interest_is_rounded_on_its_own(coop: Coop) -> None:
    # 0.005 each: half a cent goes up for both, since nobody divides a sum here
    books = BOOKS + brought_in("2024-06-30", "0.50") + brought_in("2024-06-30", "0.50", "M02") + ANYTHING
    assert owed(coop(books + bylaw("interest: 0.01"))) == {"m01": "0.01", "m02": "0.01"}


def test_capital_below_zero_bears_none(coop: Coop) -> None:
    books = BOOKS + entry("2024-06-30", "Equity:Capital:M01", "Assets:Bank", "100.00") + ANYTHING
    assert owed(coop(books + bylaw("interest: 0.03"))) == {}


# -- on which capital ----------------------------------------------------------------------------------------

FLOWS = (
    brought_in("2024-06-30", "1000.00")
    + brought_in("2025-03-01", "500.00")
    + entry("2025-10-01", "Equity:Capital:M01:Buyin", "Assets:Bank", "200.00")
)


@pytest.mark.parametrize(
    ("on", "capital", "interest"),
    [
        # 1,000.00 less the 200.00 that were taken out: 2 % of 800.00
        ("opening", "800.00", "16.00"),
        ("closing", "1300.00", "26.00"),
        # 1000 + 500 × 306/365 - 200 × 92/365 = 1368.767; 2 % of it
        ("average", "1368.77", "27.38"),
    ],
)
def test_the_bylaw_says_on_which_capital(coop: Coop, on: str, capital: str, interest: str) -> None:
    loaded = coop(BOOKS + FLOWS + bylaw("interest: 0.02", f'interest-on: "{on}"'))
    (row,) = loaded.interest("2025").to_data()["rows"]
    assert (row["capital"], row["owed"]) == (capital, interest)


def test_what_was_brought_in_on_the_founding_day_was_there_before(coop: Coop) -> None:
    opening = bylaw("interest: 0.02", 'interest-on: "opening"')
    assert owed(coop(BOOKS + brought_in("2024-01-01", "1000.00") + opening), "2024") == {"m01": "20.00"}
    assert owed(coop(BOOKS + brought_in("2024-01-02", "1000.00") + opening), "2024") == {}


def test_the_years_own_close_and_interest_bear_none(coop: Coop) -> None:
    books = OPENED + bylaw("interest: 0.02", 'interest-on: "closing"') + sale("2025-03-01", "20.00 USD")
    before = coop(books)
    assert owed(before) == {"m01": "20.00"}
    kept = (
        '2025-12-31 * "Interest" #coop-interest\n  period: "2025"\n  Expenses:Interest  20.00 USD\n'
        "  Equity:Capital:M01:2025\n"
    )
    after = coop(books + kept)
    assert owed(after) == {"m01": "20.00"}
    assert owed(after, key="missing") == {}
    assert after.interest("2025").transaction is None


# -- capped --------------------------------------------------------------------------------------------------

TWO = OPENED + brought_in("2024-06-30", "3000.00", "M02")


@pytest.mark.parametrize(
    ("result", "share", "expected"),
    [
        # 3 % are 30.00 and 90.00, together 120.00; capital may have so much of the result before it
        ("400.00", "0.30", {"m01": "30.00", "m02": "90.00"}),  # 120.00 of 400.00: just enough
        ("399.99", "0.30", {"m01": "30.00", "m02": "89.99"}),  # 119.997, cut to 119.99: 29.9975 and 89.9925
        ("200.00", "0.30", {"m01": "15.00", "m02": "45.00"}),
        ("100.00", "1", {"m01": "25.00", "m02": "75.00"}),  # never more than the whole result (as Ley 27/1999 asks)
    ],
)
def test_all_interest_together_is_capped_by_a_share_of_the_result(
    coop: Coop, result: str, share: str, expected: dict[str, str]
) -> None:
    rule = bylaw("interest: 0.03", f"interest-at-most: {share}")
    loaded = coop(TWO + rule + sale("2025-03-01", f"{result} USD"))
    assert owed(loaded) == expected
    assert loaded.interest("2025").capped is (expected["m02"] != "90.00" or expected["m01"] != "30.00")
    # what is booked already does not lower the result that the cap is of
    assert owed(coop(TWO + rule + sale("2025-03-01", f"{result} USD") + booked("10.00"))) == expected


def test_a_loss_leaves_nothing_for_capital(coop: Coop) -> None:
    loaded = coop(TWO + bylaw("interest: 0.03", "interest-at-most: 1") + cost("2025-03-01", "100.00 USD"))
    assert owed(loaded) == {}
    assert loaded.interest("2025").capped is True


def test_the_surplus_is_what_earlier_losses_leave(coop: Coop) -> None:
    # 2024 lost 150.00 that nobody bore; of 200.00 in 2025 50.00 are left, half of which may go to capital
    flows = cost("2024-03-01", "150.00 USD") + sale("2025-03-01", "200.00 USD")
    of_surplus = bylaw("interest: 0.03", "interest-at-most: 0.5", 'interest-at-most-of: "surplus"')
    assert owed(coop(TWO + of_surplus + flows)) == {"m01": "6.25", "m02": "18.75"}
    of_result = bylaw("interest: 0.03", "interest-at-most: 0.5")
    assert owed(coop(TWO + of_result + flows)) == {"m01": "25.00", "m02": "75.00"}


# -- booked --------------------------------------------------------------------------------------------------


def closed(amount: str) -> str:
    return f'2025-12-31 * "Close" #coop-close\n  period: "2025"\n  Equity:Surplus  {amount} USD\n  Equity:Reserve\n'


RIGHT = OPENED + bylaw("interest: 0.03") + sale("2025-03-01", "400.00 USD")


def test_interest_that_is_booked_as_the_bylaw_says_is_in_order(coop: Coop) -> None:
    loaded = coop(RIGHT + booked("30.00") + closed("370.00"))
    assert messages(loaded) == []
    assert loaded.interest("2025").breaks is False
    assert steps(loaded) == {"reserve": "370.00"}  # an expense: it lowers the result


def test_interest_may_be_booked_in_parts(coop: Coop) -> None:
    parts_of_it = booked("12.00", day="2025-06-30") + booked("18.00")
    assert messages(coop(RIGHT + parts_of_it + closed("370.00"))) == []


@pytest.mark.parametrize(("amount", "left"), [("29.99", "370.01"), ("30.01", "369.99")])
def test_interest_that_differs_is_a_finding(coop: Coop, amount: str, left: str) -> None:
    loaded = coop(RIGHT + booked(amount) + closed(left))
    (message,) = messages(loaded)
    assert f"m01 gets interest of {amount} USD for 2025" in message
    assert "owes 30.00 USD on 1,000.00 USD: write 30.00 USD" in message
    assert loaded.interest("2025").breaks is True


def test_while_the_year_is_open_only_too_much_is_wrong(coop: Coop) -> None:
    assert messages(coop(RIGHT + booked("10.00", day="2025-06-30"))) == []
    assert len(messages(coop(RIGHT + booked("30.01", day="2025-06-30")))) == 1
    # once the books go on into the next year, too little is wrong as well
    assert len(messages(coop(RIGHT + booked("10.00", day="2025-06-30") + cost("2026-01-01", "1.00 USD")))) == 1


def test_interest_for_whom_none_is_owed_is_a_finding(coop: Coop) -> None:
    (message,) = messages(coop(RIGHT + booked("30.00") + booked("5.00", "M02") + closed("365.00")))
    assert "m02 gets interest of 5.00 USD for 2025" in message
    assert "owes 0.00 USD on 0.00 USD" in message


def test_a_close_without_the_interest_is_a_finding(coop: Coop) -> None:
    (message,) = messages(coop(RIGHT + closed("400.00")))
    assert "2025 is closed without the interest on capital" in message
    assert "30.00 USD to 1 member: post what `coopbooks members --interest 2025` prints" in message
    assert messages(coop(RIGHT)) == []


def test_interest_that_no_bylaw_promises_is_a_finding(coop: Coop) -> None:
    books = OPENED + sale("2025-03-01", "400.00 USD") + booked("30.00") + closed("370.00")
    (message,) = messages(coop(books + bylaw("redeem-after: 5")))
    assert "bylaw capital promises none: take the posting out" in message
    assert messages(coop(books)) == []  # without the bylaw nothing is judged


def test_interest_on_a_debt_to_a_former_member_is_none_on_capital(coop: Coop) -> None:
    debt = (
        '2025-12-31 * "Interest on a debt" #coop-interest\n  Expenses:Interest  2.00 USD\n'
        "  Liabilities:FormerMembers:M02\n"
    )
    assert messages(coop(RIGHT + booked("30.00") + debt + closed("368.00"))) == []
    (message,) = messages(coop(RIGHT + debt + closed("398.00")))
    assert "2025 is closed without the interest on capital" in message


def test_what_is_printed_is_what_was_missing(coop: Coop) -> None:
    books = RIGHT + brought_in("2025-07-01", "777.77", "M02") + booked("12.00", day="2025-06-30")
    first = coop(books)
    transaction = first.interest("2025").transaction
    assert transaction is not None
    second = coop(books + transaction)
    assert messages(second) == []
    assert second.interest("2025").transaction is None
    assert second.interest("2025").to_data()["missing"] == "0.00"


def test_it_is_booked_as_the_last_time(coop: Coop) -> None:
    kept = (
        '2024-12-31 * "Interest" #coop-interest\n  period: "2024"\n  Expenses:Finance:Members  15.16 USD\n'
        "  Equity:Capital:M01:2024\n"
    )
    transaction = coop(RIGHT + kept).interest("2025").transaction or ""
    # 2025: 1,015.16 at 3 % = 30.4548
    assert "  Expenses:Finance:Members   30.45 USD\n" in transaction
    assert "  Equity:Capital:M01:2025   -30.45 USD" in transaction


def test_the_command_prints_what_is_missing(ledger: Callable[..., Path]) -> None:
    path = str(ledger(RIGHT))
    shown = CliRunner().invoke(main, ["members", path, "--interest", "2025"])
    assert shown.exit_code == 0
    assert "3 % a year on paid-up capital, by days (bylaw capital at main.beancount:21)." in shown.stdout
    assert "m01     1,000.00  30.00    0.00    30.00" in shown.stdout
    assert '2025-12-31 * "Interest on members\' capital for 2025" #coop-interest\n  period: "2025"' in shown.stdout
    row = CliRunner().invoke(main, ["members", path, "--interest", "2025", "--format", "csv"])
    assert row.stdout.splitlines() == ["member,capital,owed,posted,missing", "m01,1000.00,30.00,0.00,30.00"]
    ledger(RIGHT + booked("29.00") + closed("371.00"))
    wrong = CliRunner().invoke(main, ["members", path, "--interest", "2025"])
    assert wrong.exit_code == 1
    ledger(RIGHT + booked("30.00") + closed("370.00"))
    right = CliRunner().invoke(main, ["members", path, "--interest", "2025"])
    assert (right.exit_code, "Nothing is missing in the books." in right.stdout) == (0, True)
    ledger(OPENED)
    none = CliRunner().invoke(main, ["members", path, "--interest", "2025"])
    assert (none.exit_code, "The bylaws promise none" in none.stdout) == (0, True)


def test_the_command_takes_a_period_for_the_accounts_and_a_year_for_the_interest(ledger: Callable[..., Path]) -> None:
    path = str(ledger(RIGHT))
    shown = CliRunner().invoke(main, ["members", path, "--period", "2025", "--member", "m01"])
    assert "m01     1,000.00      0.00  1,000.00" in shown.stdout
    for more in (["--period", "2025"], ["--member", "m01"]):
        both = CliRunner().invoke(main, ["members", path, "--interest", "2025", *more])
        assert both.exit_code == 2
        assert len(both.stderr.splitlines()) == 1


def test_a_ledger_without_records_has_no_interest(coop: Coop) -> None:
    answer: dict[str, Any] = coop("2025-01-01 open Assets:Bank\n").interest("2025").to_data()
    assert answer["rows"] == []
    assert answer["transaction"] is None


# -- as a step of the waterfall ------------------------------------------------------------------------------

STEP = f"""
option "operating_currency" "USD"
plugin "beancount.plugins.auto_accounts"

2024-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:M01
2024-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Capital:M02
2024-01-01 custom "coop" "allocation" "reserve"
  step: 2
  to: Equity:Reserve
  rest: TRUE
{brought_in("2024-06-30", "1000.00")}{brought_in("2025-07-02", "3650.00", "M02")}
{work("2025-06-30", "M01", "0.00 USD", "60", "unpaid")}{sale("2025-03-01", "400.00 USD")}
"""


def step(*fields: str) -> str:
    lines = "\n  ".join(("step: 1", 'to: "members"', 'by: "capital"', *fields))
    return f'2024-01-01 custom "coop" "allocation" "interest"\n  {lines}\n'


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("opening", {"m01": "40.00"}),  # 4 % of 1,000.00
        ("closing", {"m01": "40.00", "m02": "146.00"}),  # and of 3,650.00
        ("average", {"m01": "40.00", "m02": "73.20"}),  # of 3,650.00 for 183 days of 365: 1,830.00
    ],
)
def test_a_step_pays_a_rate_on_each_ones_capital(coop: Coop, on: str, expected: dict[str, str]) -> None:
    loaded = coop(STEP + step("rate: 0.04", f'on: "{on}"'))
    assert parts(loaded) == expected


def test_a_step_is_on_what_is_paid_up(coop: Coop) -> None:
    unpaid = entry("2024-06-30", "Assets:Subscriptions:M01", "Equity:Capital:M01:Buyin", "500.00")
    assert parts(coop(STEP + unpaid + step("rate: 0.04"))) == {"m01": "40.00"}


@pytest.mark.parametrize(
    ("fields", "amount"),
    [
        (("at-most: 0.10", 'at-most-of: "result"'), "40.00"),  # a tenth of 400.00 is just the 4 %
        (("at-most: 0.09", 'at-most-of: "result"'), "36.00"),
        (("at-most: 0.05",), "20.00"),
    ],
)
def test_a_step_is_capped_by_its_at_most(coop: Coop, fields: tuple[str, ...], amount: str) -> None:
    loaded = coop(STEP + step("rate: 0.04", *fields))
    assert steps(loaded)["interest"] == amount
    assert parts(loaded) == {"m01": amount}


def test_a_step_with_a_rate_that_changes_counts_by_days(coop: Coop) -> None:
    # 181 days at 3 % and 184 at 3.25 %: 3.126027 % of 1,000.00
    assert parts(coop(STEP + RATES + step('rate: "legal"'))) == {"m01": "31.26"}


def test_a_loss_year_pays_no_step(coop: Coop) -> None:
    loaded = coop(STEP + step("rate: 0.04") + cost("2025-03-02", "500.00 USD"))
    assert "interest" not in steps(loaded)
