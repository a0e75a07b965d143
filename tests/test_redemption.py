"""What a sum of money pays back: the oldest first, or a share of all; how much a year; and from which account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from treasurer import messages

import coopbooks
from coopbooks.answers import Redemption
from coopbooks.cli.program import main
from coopbooks.cooperative import Cooperative
from coopbooks.errors import SurplusRefused, UnknownName

Coop = Callable[..., Cooperative]
DAY = date(2026, 6, 30)

# 2021: m01 100, m02 50. 2022: m01 30, m02 60, m03 10. 2024: m03 250. 500.00 in all.
BOOKS = """
option "operating_currency" "USD"

2020-01-01 open Assets:Bank
2020-01-01 open Equity:Opening
2020-01-01 open Equity:Capital:M01:2021
2020-01-01 open Equity:Capital:M01:2022
2020-01-01 open Equity:Capital:M01:Buyin
2020-01-01 open Equity:Capital:M02:2021
2020-01-01 open Equity:Capital:M02:2022
2020-01-01 open Equity:Capital:M03:2022
2020-01-01 open Equity:Capital:M03:2024

2020-01-01 custom "coop" "member" "m01"
  capital: Equity:Capital:M01
2020-01-01 custom "coop" "member" "m02"
  capital: Equity:Capital:M02
2020-01-01 custom "coop" "member" "m03"
  capital: Equity:Capital:M03
2025-12-31 * "What was kept"
  Equity:Capital:M01:2021  -100.00 USD
  Equity:Capital:M02:2021   -50.00 USD
  Equity:Capital:M01:2022   -30.00 USD
  Equity:Capital:M02:2022   -60.00 USD
  Equity:Capital:M03:2022   -10.00 USD
  Equity:Capital:M03:2024  -250.00 USD
  Equity:Opening            500.00 USD
"""


def rule(*fields: str, day: str = "2020-01-01") -> str:
    lines = "\n  ".join(fields)
    return f"""
{day} custom "coop" "bylaw" "capital"
  {lines}
"""


AFTER_3 = rule("redeem-after: 3")


def redeem(coop: Cooperative, amount: str, day: date = DAY, source: str | None = None) -> Redemption:
    """The proposal, with its laws held: every cent is paid or left, nobody gets more than stands there."""
    found = coop.redemption(Decimal(amount), day, source)
    assert Decimal(found.redeemed) + Decimal(found.left) == Decimal(found.asked)
    assert sum((Decimal(each.amount) for each in found.payouts), Decimal(0)) == Decimal(found.redeemed)
    held = {row.account: Decimal(row.amount) for row in found.queue}
    assert all(0 < Decimal(each.amount) <= held[each.account] for each in found.payouts)
    assert (found.why_left is None) == (Decimal(found.left) == 0)
    return found


def payouts(coop: Cooperative, amount: str, day: date = DAY) -> dict[str, str]:
    return {f"{each.member} {each.period}": each.amount for each in redeem(coop, amount, day).payouts}


# -- the oldest first -----------------------------------------------------------------------------------------


def test_the_oldest_vintage_is_paid_first(coop: Coop) -> None:
    assert payouts(coop(BOOKS + AFTER_3), "150.00") == {"m01 2021": "100.00", "m02 2021": "50.00"}
    assert payouts(coop(BOOKS + AFTER_3), "200.00") == {
        "m01 2021": "100.00",
        "m02 2021": "50.00",
        "m01 2022": "30.00",
        "m02 2022": "20.00",
    }


def test_where_money_is_short_the_queue_goes_on_or_all_of_a_year_share(coop: Coop) -> None:
    # 80.00 of the 150.00 of 2021: the queue pays m01 alone; in proportion 100 : 50 it is 53.33 and 26.67.
    assert payouts(coop(BOOKS + AFTER_3), "80.00") == {"m01 2021": "80.00"}
    pro_rata = coop(BOOKS + rule("redeem-after: 3", 'short: "pro-rata"'))
    assert payouts(pro_rata, "80.00") == {"m01 2021": "53.33", "m02 2021": "26.67"}
    # 160.00: 2021 whole; 10.00 of the 100.00 of 2022.
    assert payouts(pro_rata, "160.00") == {
        "m01 2021": "100.00",
        "m02 2021": "50.00",
        "m01 2022": "3.00",
        "m02 2022": "6.00",
        "m03 2022": "1.00",
    }


@pytest.mark.parametrize(
    ("day", "redeemed"), [("2024-12-30", "0.00"), ("2025-12-31", "250.00"), ("2027-12-30", "250.00")]
)
def test_only_what_is_due_is_paid_back(coop: Coop, day: str, redeemed: str) -> None:
    # The capital itself is of 2025-12-31; 2021 is due on 2024-12-31, 2022 on 2025-12-31, 2024 on 2027-12-31.
    found = redeem(coop(BOOKS + AFTER_3), "500.00", date.fromisoformat(day))
    assert found.redeemed == redeemed


def test_the_day_on_which_a_vintage_falls_due(coop: Coop) -> None:
    found = redeem(coop(BOOKS + AFTER_3), "500.00", date(2027, 12, 31))
    assert (found.redeemed, found.why_left) == ("500.00", None)
    before = redeem(coop(BOOKS + AFTER_3), "500.00", date(2027, 12, 30))
    assert before.why_left == "250.00 USD can be paid back on 2027-12-30, and the next, 250.00 USD, on 2027-12-31"
    early = redeem(coop(BOOKS + AFTER_3), "500.00", date(2023, 1, 1))
    assert early.why_left == "no vintage of a member holds any"
    later = redeem(coop(BOOKS.replace("2025-12-31 *", "2023-12-31 *") + AFTER_3), "500.00", date(2024, 1, 1))
    assert later.why_left == "the first that falls due is 150.00 USD on 2024-12-31"
    after = redeem(coop(BOOKS + AFTER_3), "600.00", date(2028, 1, 1))
    assert after.why_left == "500.00 USD can be paid back on 2028-01-01, and no other capital waits for it"


def test_without_a_term_the_oldest_is_paid_whenever_there_is_money(coop: Coop) -> None:
    for books in (BOOKS, BOOKS + rule('redeem: "oldest-first"')):
        assert payouts(coop(books), "260.00")["m03 2024"] == "10.00"


def test_a_buy_in_is_not_redeemed_before_the_exit(coop: Coop) -> None:
    books = BOOKS.replace("M01:2021  -100.00", "M01:Buyin  -100.00")
    assert payouts(coop(books), "400.00") == {
        "m02 2021": "50.00",
        "m01 2022": "30.00",
        "m02 2022": "60.00",
        "m03 2022": "10.00",
        "m03 2024": "250.00",
    }


# -- a share of all -------------------------------------------------------------------------------------------

ALIKE = 'redeem: "percent-of-all"'


def test_a_share_of_all_is_the_same_for_every_vintage(coop: Coop) -> None:
    # 50.00 of 500.00: a tenth of each.
    assert payouts(coop(BOOKS + rule(ALIKE)), "50.00") == {
        "m01 2021": "10.00",
        "m02 2021": "5.00",
        "m01 2022": "3.00",
        "m02 2022": "6.00",
        "m03 2022": "1.00",
        "m03 2024": "25.00",
    }


def test_every_cent_is_placed_by_largest_remainder(coop: Coop) -> None:
    # 0.07 of 500.00: 1.4, 0.7, 0.42, 0.84, 0.14 and 3.5 cents; 4 whole, and 3 for the remainders .84, .7 and .5.
    assert payouts(coop(BOOKS + rule(ALIKE)), "0.07") == {
        "m01 2021": "0.01",
        "m02 2021": "0.01",
        "m02 2022": "0.01",
        "m03 2024": "0.04",
    }


@given(amount=st.integers(1, 60_000), held=st.lists(st.integers(1, 9_999), min_size=1, max_size=5), alike=st.booleans())
def test_no_vintage_gives_more_than_it_holds(amount: int, held: list[int], alike: bool) -> None:
    from coopbooks.records.bylaws import Capital
    from coopbooks.rules.queue import Queued
    from coopbooks.rules.redemption import _payouts

    rows = [
        Queued(f"m{n:02}", "2021", f"Equity:Capital:M{n:02}:2021", units, None, due=True)
        for n, units in enumerate(held)
    ]
    total = min(amount, sum(held))
    way = Capital(redeem="percent-of-all" if alike else "oldest-first", short="pro-rata")
    found = list(_payouts(rows, total, way))
    assert sum(each.units for each in found) == total
    assert all(0 < each.units <= each.row.amount for each in found)


# -- how much a year ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["redeem-share", "redeem-at-most"])
def test_a_share_of_all_capital_is_the_most_of_a_year(coop: Coop, field: str) -> None:
    # 5 % of the 500.00 with which 2026 began: 25.00.
    books = BOOKS + rule(ALIKE, f"{field}: 0.05")
    found = redeem(coop(books), "30.00")
    assert (found.redeemed, found.left) == ("25.00", "5.00")
    assert str(found.why_left).startswith(f"{field} of bylaw capital at main.beancount:")
    assert str(found.why_left).endswith(
        "allows 25.00 USD in 2026, which is 0.05 of the 500.00 USD of capital on 2026-01-01, and 0.00 USD of it are used"
    )
    assert redeem(coop(books), "25.00").left == "0.00"


def test_what_was_paid_back_in_the_year_already_counts(coop: Coop) -> None:
    books = BOOKS + rule(ALIKE, "redeem-at-most: 0.05")
    books += """
2026-03-01 * "Redemption" #coop-redeem
  Equity:Capital:M03:2024   20.00 USD
  Assets:Bank              -20.00 USD
"""
    assert redeem(coop(books), "30.00").redeemed == "5.00"
    assert redeem(coop(books), "30.00", date(2026, 2, 28)).redeemed == "25.00"
    # 480.00 stood there when 2027 began: 24.00.
    assert redeem(coop(books), "30.00", date(2027, 1, 1)).redeemed == "24.00"


def test_what_comes_in_on_the_first_day_is_not_yet_capital_of_the_year_before(coop: Coop) -> None:
    books = BOOKS.replace("2025-12-31 *", "2026-01-01 *") + rule(ALIKE, "redeem-at-most: 0.05")
    assert redeem(coop(books), "30.00").redeemed == "0.00"


def test_the_smaller_of_two_limits_counts_and_is_cut_down(coop: Coop) -> None:
    books = BOOKS.replace("250.00", "250.33").replace("500.00", "500.33")
    found = redeem(coop(books + rule(ALIKE, "redeem-share: 0.10", "redeem-at-most: 0.03")), "100.00")
    assert (found.redeemed, str(found.why_left)[:14]) == ("15.00", "redeem-at-most")  # 15.0099


# -- the text that is pasted ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "way", ["redeem-after: 3", 'redeem-after: 3\n  short: "pro-rata"', ALIKE, f"{ALIKE}\n  redeem-after: 3"]
)
@pytest.mark.parametrize("amount", ["0.01", "80.00", "200.00", "250.00"])
def test_what_is_printed_can_be_pasted_and_is_in_order(coop: Coop, way: str, amount: str) -> None:
    books = BOOKS + rule(way)
    found = redeem(coop(books), amount)
    after = coop(books + "\n" + str(found.transaction))
    assert messages(after) == []
    before = {row.account: Decimal(row.amount) for row in found.queue}
    paid = {each.account: Decimal(each.amount) for each in found.payouts}
    left = {row.account: Decimal(row.amount) for row in after.queue(DAY).rows}
    assert left == {
        account: held - paid.get(account, 0) for account, held in before.items() if held != paid.get(account)
    }


def test_each_year_is_a_transaction_of_its_own(coop: Coop) -> None:
    assert redeem(coop(BOOKS + AFTER_3), "200.00").transaction == (
        '2026-06-30 * "Redemption of capital of 2021" #coop-redeem\n'
        "  Equity:Capital:M01:2021   100.00 USD\n"
        "  Equity:Capital:M02:2021    50.00 USD\n"
        "  Assets:Bank              -150.00 USD\n"
        "\n"
        '2026-06-30 * "Redemption of capital of 2022" #coop-redeem\n'
        "  Equity:Capital:M01:2022   30.00 USD\n"
        "  Equity:Capital:M02:2022   20.00 USD\n"
        "  Assets:Bank              -50.00 USD\n"
    )


# -- where the money comes from -------------------------------------------------------------------------------

TWO = BOOKS.replace("2020-01-01 open Assets:Bank", "2020-01-01 open Assets:Bank\n2020-01-01 open Assets:Savings")


def test_the_only_account_pays(coop: Coop) -> None:
    assert redeem(coop(BOOKS), "1.00").paid_from == "Assets:Bank"
    with pytest.raises(
        UnknownName, match="could come from Assets:Bank or Assets:Savings: say which, as --from Assets:Bank"
    ):
        redeem(coop(TWO), "1.00")


def test_the_account_of_a_fund_does_not(coop: Coop) -> None:
    books = TWO + '2020-01-01 custom "coop" "fund" "strike"\n  account: Equity:Strike\n  backing: Assets:Savings\n'
    assert redeem(coop(books), "1.00").paid_from == "Assets:Bank"


def test_the_account_that_paid_last_pays_again(coop: Coop) -> None:
    books = (
        TWO
        + """
2026-02-01 * "Redemption" #coop-redeem
  Equity:Capital:M01:2021   1.00 USD
  Assets:Savings           -1.00 USD
"""
    )
    assert redeem(coop(books), "1.00").paid_from == "Assets:Savings"
    assert redeem(coop(books), "1.00", source="Assets:Bank").paid_from == "Assets:Bank"
    with pytest.raises(UnknownName, match='"Assets:Till" is no account of Assets that is open on 2026-06-30'):
        redeem(coop(books), "1.00", source="Assets:Till")


# -- refusals and the command ---------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["0", "-5.00", "0.005"])
def test_a_sum_that_cannot_be_paid_is_refused(coop: Coop, amount: str) -> None:
    with pytest.raises(SurplusRefused, match=r"give a sum above zero in whole units of 0\.01, as 1500\.00"):
        coop(BOOKS).redemption(Decimal(amount), DAY)


def run(path: Path, *args: str) -> tuple[int, str, str]:
    ran = CliRunner().invoke(main, ["members", str(path), *args])
    return ran.exit_code, ran.stdout, ran.stderr


def test_the_command_prints_what_the_library_proposes(ledger: Callable[..., Path]) -> None:
    path = ledger(BOOKS + AFTER_3)
    found = coopbooks.load(path).redemption(Decimal(1200), DAY)
    code, out, err = run(path, "--redeem", "1,200", "--as-of", "2026-06-30")
    assert (code, out) == (0, found.transaction)
    assert err == f"950.00 of the 1,200.00 USD are left over: {found.why_left}\n"
    code, out, _ = run(path, "--redeem", "1200", "--as-of", "2026-06-30", "--format", "json")
    assert Redemption.model_validate_json(out) == found
    code, out, _ = run(path, "--redeem", "1200", "--as-of", "2026-06-30", "--format", "csv")
    assert [line.partition(",")[0] for line in out.splitlines() if line[:6] in ("redemp", "payout", "queue,")] == [
        "redemption",
        *["payouts"] * 5,
        *["queue"] * 6,
    ]


def test_what_the_bylaw_makes_a_debt_stands_in_no_queue(coop: Coop) -> None:
    """m02 leaves on 31 May 2026: on the day before still in the queue, from that day on only their debt waits."""
    terms = '\n2020-01-01 custom "coop" "bylaw" "exit"\n  years: 2\n'
    books = BOOKS + AFTER_3 + terms + '\n2026-05-31 custom "coop" "exit" "m02"\n'
    asked = coop(books)
    assert "m02" in {row.member for row in asked.queue(date(2026, 5, 30)).rows}
    assert "m02" not in {row.member for row in asked.queue(date(2026, 5, 31)).rows}
    # 100.00 of 2021 and 30.00 + 10.00 of 2022 are due, and what m02 has waits for no turn.
    found = redeem(asked, "1000.00")
    assert (found.redeemed, {each.member for each in found.payouts}) == ("140.00", {"m01", "m03"})
    assert messages(coop(f"{books}\n{found.transaction}")) == []


def test_the_command_says_what_it_cannot_do(ledger: Callable[..., Path]) -> None:
    path = ledger(BOOKS + AFTER_3)
    code, out, err = run(path, "--redeem", "10", "--as-of", "2024-01-01")
    assert (code, out) == (0, "")
    assert err == "no capital can be paid back on 2024-01-01: no vintage of a member holds any\n"
    assert run(path, "--redeem", "ten")[0] == 2
    assert run(path, "--redeem", "10", "--queue")[0] == 2
    assert run(path, "--queue", "--debts")[0] == 2
    assert run(path, "--from", "Assets:Bank")[0] == 2


def test_the_queue_is_listed(ledger: Callable[..., Path]) -> None:
    code, out, _ = run(ledger(BOOKS + AFTER_3), "--queue", "--as-of", "2026-06-30", "--format", "csv")
    assert code == 0
    assert out.splitlines()[:2] == [
        "member,period,account,amount,redeem_on,due",
        "m01,2021,Equity:Capital:M01:2021,100.00,2024-12-31,true",
    ]
    assert len(out.splitlines()) == 7
    code, out, _ = run(ledger(BOOKS + AFTER_3), "--queue", "--as-of", "2026-06-30")
    assert [line.split() for line in out.splitlines()[3:5]] == [
        ["2021", "m01", "100.00", "2024-12-31", "yes"],
        ["2021", "m02", "50.00", "2024-12-31", "yes"],
    ]
    assert out.splitlines()[-2:] == ["Amounts are in USD.", "Judged as of 2026-06-30."]
    empty: Any = run(ledger('option "operating_currency" "USD"\n'), "--queue", "--as-of", "2026-06-30")
    assert "No capital waits to be paid back." in empty[1]
    assert "Amounts" not in empty[1]


def test_books_without_records_and_without_a_currency_pay_nothing_back(coop: Coop) -> None:
    found = coop("2024-01-01 open Assets:Bank\n").redemption(Decimal("10.00"), date(2025, 1, 1))
    assert (found.asked, found.redeemed, found.left, found.transaction) == ("10.00", "0", "10.00", None)
    assert found.why_left == "the books have no cooperative records, so nobody in them owns capital"
