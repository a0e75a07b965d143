"""Payments of a share: only after the close, after the funds, after a vow, and never more than is owed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from treasurer import messages, sale, work

from coopbooks.cooperative import Cooperative

Coop = Callable[..., Cooperative]


def books(*rule: str) -> str:
    """A surplus of 100.00 in 2024 and in 2025: a tenth to a strike fund, the rest to m01 and m02, 54.00 and 36.00."""
    lines = "\n  ".join(rule)
    text = f"""
option "operating_currency" "USD"
plugin "beancount.plugins.auto_accounts"
2023-01-01 open Assets:Strike
2023-01-01 open Assets:Aid

2024-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:M01
2024-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Capital:M02
2024-01-01 custom "coop" "bylaw" "surplus"
  patronage: "hours"
  {lines}
2024-01-01 custom "coop" "fund" "strike"
  account: Liabilities:Funds:Strike
  backing: Assets:Strike
2024-01-01 custom "coop" "allocation" "strike"
  step: 1
  to: Liabilities:Funds:Strike
  share: 0.10
2024-01-01 custom "coop" "allocation" "members"
  step: 2
  to: "members"
  rest: TRUE
"""
    for year in ("2024", "2025"):
        text += work(f"{year}-06-30", "M01", "0.00 USD", "60", "unpaid")
        text += work(f"{year}-06-30", "M02", "0.00 USD", "40", "unpaid")
        text += sale(f"{year}-03-01", "100.00 USD")
    return text


def close(year: str) -> str:
    return f"""
{year}-12-31 * "Close" #coop-close
  period: "{year}"
  Equity:Surplus              100.00 USD
  Liabilities:Funds:Strike    -10.00 USD
  Liabilities:Patronage:M01   -54.00 USD
  Liabilities:Patronage:M02   -36.00 USD
"""


CLOSES = close("2024") + close("2025")


def backing(day: str, amount: str) -> str:
    return f"""
{day} * "The fund's money to its own account"
  Assets:Strike  {amount} USD
  Assets:Bank
"""


def pay(day: str, amount: str, person: str = "M01", *fields: str) -> str:
    lines = "".join(f"  {field}\n" for field in fields)
    return f"""
{day} * "Share of the surplus"
{lines}  Liabilities:Patronage:{person}  {amount} USD
  Assets:Bank
"""


FILLED = backing("2024-12-31", "20.00")


# -- after the close, and no more than is owed ---------------------------------------------------------------


def test_a_payment_of_what_is_owed_is_right(coop: Coop) -> None:
    assert (
        messages(coop(books() + CLOSES + FILLED + pay("2026-03-01", "108.00") + pay("2026-03-01", "72.00", "M02")))
        == []
    )


@pytest.mark.parametrize(
    ("day", "amount", "over"),
    [
        ("2024-12-31", "54.00", None),  # on the day of the close
        ("2024-12-30", "54.00", "54.00 USD more than is owed"),  # the day before: an interim dividend
        ("2024-12-31", "54.01", "0.01 USD more than is owed"),
        ("2025-12-31", "108.00", None),
        ("2025-12-30", "108.00", "54.00 USD more than is owed"),
    ],
)
def test_the_liability_is_not_overdrawn_at_its_days_end(coop: Coop, day: str, amount: str, over: str | None) -> None:
    found = messages(coop(books() + CLOSES + FILLED + pay(day, amount)))
    assert len(found) == (over is not None)
    assert over is None or (over in found[0] and "m01" in found[0])


def test_the_order_of_a_day_does_not_matter(coop: Coop) -> None:
    # The payment stands in the file before the close of the same day.
    assert messages(coop(books() + FILLED + pay("2024-12-31", "54.00") + CLOSES)) == []


def test_a_payment_in_a_year_that_was_never_closed_is_an_error(coop: Coop) -> None:
    found = messages(coop(books() + FILLED + pay("2025-03-01", "54.00")))
    assert len(found) == 1
    assert "54.00 USD more than is owed" in found[0]


def test_a_payment_of_a_close_that_is_wrong_is_an_error_too(coop: Coop) -> None:
    wrong = CLOSES.replace("M01   -54.00", "M01   -55.00", 1).replace("M02   -36.00", "M02   -35.00", 1)
    found = messages(coop(books() + wrong + FILLED + pay("2025-03-01", "54.00")))
    assert any("whose close is wrong" in each for each in found), found


def test_interest_that_is_owed_may_be_paid_without_a_close(coop: Coop) -> None:
    text = (
        books()
        + CLOSES
        + """
2024-06-01 * "Interest on capital" #coop-interest
  Expenses:Interest           5.00 USD
  Liabilities:Patronage:M01
"""
    )
    # 95.00 instead of 100.00: 9.50, 51.30 and 34.20
    text = text.replace(
        "100.00 USD\n  Liabilities:Funds:Strike    -10.00", "95.00 USD\n  Liabilities:Funds:Strike    -9.50", 1
    )
    text = text.replace("M01   -54.00", "M01   -51.30", 1).replace("M02   -36.00", "M02   -34.20", 1)
    assert messages(coop(text + pay("2024-06-01", "5.00"))) == []
    assert len(messages(coop(text + pay("2024-06-01", "5.01")))) == 1


def test_surplus_leaves_its_account_only_by_a_close(coop: Coop) -> None:
    text = (
        books()
        + CLOSES
        + """
2025-02-01 * "A dividend without a rule"
  Equity:Surplus  10.00 USD
  Assets:Bank
"""
    )
    (found,) = messages(coop(text))
    assert "10.00 USD" in found
    assert "outside a close" in found


# -- not before the funds are filled -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "amount", "short"),
    [
        ("2025-03-01", "10.00", None),  # on the day of the payment
        ("2025-03-01", "9.99", "0.01 USD short on 2025-03-01"),
        ("2025-02-28", "10.00", None),
        ("2025-03-02", "10.00", "10.00 USD short on 2025-03-01"),
    ],
)
def test_no_payment_before_the_money_stands_behind_the_funds(
    coop: Coop, day: str, amount: str, short: str | None
) -> None:
    found = messages(coop(books() + CLOSES + backing(day, amount) + pay("2025-03-01", "1.00")))
    assert len(found) == (short is not None), found
    assert short is None or (short in found[0] and "2024" in found[0])


def test_a_fund_without_a_backing_needs_none(coop: Coop) -> None:
    assert messages(coop(books().replace("  backing: Assets:Strike\n", "") + CLOSES + pay("2025-03-01", "54.00"))) == []


def test_a_fund_that_got_nothing_of_that_year_holds_up_nobody(coop: Coop) -> None:
    text = (
        books()
        + CLOSES
        + FILLED
        + pay("2025-03-01", "54.00")
        + """
2024-01-01 custom "coop" "fund" "aid"
  account: Equity:Funds:Aid
  backing: Assets:Aid
2025-01-02 * "A gift"
  source: "donation"
  Assets:Bank       50.00 USD
  Equity:Funds:Aid
"""
    )
    assert messages(coop(text)) == []


def test_funds_that_share_one_backing_are_filled_together(coop: Coop) -> None:
    text = (
        books()
        + CLOSES
        + pay("2025-03-01", "54.00")
        + """
2024-01-01 custom "coop" "fund" "aid"
  account: Equity:Funds:Aid
  backing: Assets:Strike
2025-01-02 * "A gift"
  source: "donation"
  Assets:Bank       50.00 USD
  Equity:Funds:Aid
"""
    )
    assert messages(coop(text + backing("2025-03-01", "60.00"))) == []
    (found,) = messages(coop(text + backing("2025-03-01", "59.99")))
    assert "0.01 USD short" in found


def test_a_payment_between_two_halves_of_a_close_finds_the_fund_unfilled(coop: Coop) -> None:
    # The fund's tenth was left to a decision in May; members were paid in March from the rest: that is right.
    # But a close that gives the members theirs on 31 December and the fund its own in May is not.
    text = (
        books()
        + close("2025")
        + FILLED
        + """
2025-05-10 custom "coop" "decision" "D-1"
2024-01-01 custom "coop" "allocation" "open"
  step: 2
  to: "decision"
  share: 0.20
2025-05-10 custom "coop" "resolution" "2024"
  of: "open"
  to: Equity:Reserve
  rest: TRUE
  decision: "D-1"
2024-12-31 * "Close, members" #coop-close
  period: "2024"
  Equity:Surplus               70.00 USD
  Liabilities:Patronage:M01   -42.00 USD
  Liabilities:Patronage:M02   -28.00 USD
2025-05-10 * "Close, fund and what was open" #coop-close
  period: "2024"
  Equity:Surplus               30.00 USD
  Liabilities:Funds:Strike    -10.00 USD
  Equity:Reserve              -20.00 USD
"""
    )
    late = [each for each in messages(coop(text + pay("2025-05-10", "42.00"))) if "m01" in each]
    assert late == []
    early = [each for each in messages(coop(text + pay("2025-05-09", "42.00"))) if "m01" in each]
    assert len(early) == 1
    assert "10.00 USD" in early[0]


# -- vows ----------------------------------------------------------------------------------------------------


def vow(day: str, person: str = "m01", period: str = "2024", *fields: str) -> str:
    lines = "\n  ".join(fields)
    return f"""
{day} custom "coop" "vow" "{person}"
  period: "{period}"
  text: "to the strike kitchen"
  {lines}
"""


@pytest.mark.parametrize(("day", "right"), [("2025-02-28", True), ("2025-03-01", True), ("2025-03-02", False)])
def test_a_vow_comes_on_or_before_the_day_of_the_payment(coop: Coop, day: str, right: bool) -> None:
    found = messages(coop(books("vows: TRUE") + CLOSES + FILLED + pay("2025-03-01", "54.00") + vow(day)))
    assert (found == []) is right
    assert right or ("before a vow" in found[0] and "2025-03-02" in found[0])


@pytest.mark.parametrize(
    ("of_vow", "of_payment", "right"),
    [
        ("2025-03-01T12:00:00+01:00", "2025-03-01T12:00:00+01:00", True),
        ("2025-03-01T12:00:01+01:00", "2025-03-01T12:00:00+01:00", False),
        ("2025-03-01T12:00:00+01:00", "2025-03-01T11:00:00+00:00", True),  # the same instant
        ("2025-03-01T12:00:00+00:00", "2025-03-01T12:00:00+01:00", False),  # an hour later
    ],
)
def test_on_one_day_the_times_decide_where_both_have_one(coop: Coop, of_vow: str, of_payment: str, right: bool) -> None:
    payment = pay("2025-03-01", "54.00", "M01", f'at: "{of_payment}"')
    text = books("vows: TRUE") + CLOSES + FILLED + payment + vow("2025-03-01", "m01", "2024", f'at: "{of_vow}"')
    assert (messages(coop(text)) == []) is right


@pytest.mark.parametrize("which", ["vow", "payment"])
def test_one_time_alone_decides_nothing(coop: Coop, which: str) -> None:
    at = 'at: "2025-03-01T12:00:00+01:00"'
    text = books("vows: TRUE") + CLOSES + FILLED
    text += pay("2025-03-01", "54.00", "M01", *[at] * (which == "payment"))
    text += vow("2025-03-01", "m01", "2024", *[at] * (which == "vow"))
    assert messages(coop(text)) == []


def test_without_the_bylaw_no_vow_is_asked_for(coop: Coop) -> None:
    assert messages(coop(books() + CLOSES + FILLED + pay("2025-03-01", "54.00"))) == []


@pytest.mark.parametrize(("person", "year"), [("m02", "2024"), ("m01", "2025")])
def test_the_vow_of_another_or_for_another_year_does_not_count(coop: Coop, person: str, year: str) -> None:
    text = vow("2025-02-01", person, year)
    found = messages(coop(books("vows: TRUE") + CLOSES + FILLED + pay("2025-03-01", "54.00") + text))
    assert len(found) == 1
    assert "before a vow" in found[0]


def test_a_witness_is_as_good_as_a_text(coop: Coop) -> None:
    spoken = vow("2025-03-01").replace('text: "to the strike kitchen"', 'witness: "m02"')
    assert messages(coop(books("vows: TRUE") + CLOSES + FILLED + pay("2025-03-01", "54.00") + spoken)) == []


def test_a_vow_has_words_or_somebody_who_heard_it(coop: Coop) -> None:
    mute = vow("2025-03-01").replace('  text: "to the strike kitchen"\n', "")
    (found,) = messages(coop(books("vows: TRUE") + CLOSES + mute))
    assert 'vow "m01"' in found
    assert "witness" in found


def test_who_is_no_member_needs_no_vow(coop: Coop) -> None:
    text = books("vows: TRUE").replace('to: "members"', 'to: "workers"')
    text += """
2024-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages:W01
"""
    text += work("2024-06-30", "W01", "0.00 USD", "100", "unpaid")
    closed = """
2024-12-31 * "Close" #coop-close
  period: "2024"
  Equity:Surplus              100.00 USD
  Liabilities:Funds:Strike    -10.00 USD
  Liabilities:Patronage:M01   -27.00 USD
  Liabilities:Patronage:M02   -18.00 USD
  Liabilities:Patronage:W01   -45.00 USD
"""
    assert messages(coop(text + closed + FILLED + pay("2025-03-01", "45.00", "W01"))) == []
    assert len(messages(coop(text + closed + FILLED + pay("2025-03-01", "27.00")))) == 1


# -- over the years ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "asked"), [("54.00", ["2024"]), ("54.01", ["2024", "2025"]), ("108.00", ["2024", "2025"])]
)
def test_a_payment_pays_the_oldest_year_first(coop: Coop, amount: str, asked: list[str]) -> None:
    found = messages(coop(books("vows: TRUE") + CLOSES + FILLED + pay("2026-03-01", amount)))
    assert [year for year in ("2024", "2025") if any(f"share of {year}" in each for each in found)] == asked
    assert len(found) == len(asked)


def test_what_an_earlier_payment_has_paid_is_paid(coop: Coop) -> None:
    # 30 and 24 pay 2024; the next 54 are all of 2025 and need its vow only.
    text = books("vows: TRUE") + CLOSES + FILLED + vow("2025-01-05")
    text += pay("2025-02-01", "30.00") + pay("2025-03-01", "24.00") + pay("2026-02-01", "54.00")
    (found,) = messages(coop(text))
    assert "share of 2025" in found
    assert messages(coop(text + vow("2026-02-01", "m01", "2025"))) == []


def test_the_bylaw_of_the_year_that_is_paid_decides_about_vows(coop: Coop) -> None:
    # Vows are asked for from 2025 on: the share of 2024, paid in 2026, needs none.
    text = (
        books()
        + CLOSES
        + FILLED
        + pay("2026-02-01", "54.00")
        + """
2025-01-01 custom "coop" "bylaw" "surplus"
  patronage: "hours"
  vows: TRUE
"""
    )
    assert messages(coop(text)) == []
    (found,) = messages(coop(text + pay("2026-02-02", "0.01")))
    assert "share of 2025" in found


def test_a_correction_that_takes_a_share_back_is_no_payment(coop: Coop) -> None:
    # 2024 had 10.00 of cost more: 90.00, of which 9.00, 48.60 and 32.40. The amendment takes 5.40 back from m01.
    text = (
        books("vows: TRUE")
        + CLOSES
        + FILLED
        + """
2025-04-01 custom "coop" "decision" "D-1"
2025-02-01 * "An invoice found in a drawer"
  of-period: "2024"
  Expenses:Rent   10.00 USD
  Assets:Bank
2025-04-01 * "Amendment" #coop-close
  period: "2024"
  amends: TRUE
  decision: "D-1"
  Equity:Surplus             -10.00 USD
  Liabilities:Funds:Strike     1.00 USD
  Liabilities:Patronage:M01    5.40 USD
  Liabilities:Patronage:M02    3.60 USD
"""
    )
    loaded = coop(text)
    assert messages(loaded) == []
    (found,) = messages(coop(text + vow("2025-04-01") + pay("2025-04-02", "48.61")))
    assert "0.01 USD more than is owed" in found


def test_a_correction_that_gives_a_fund_more_makes_no_earlier_payment_wrong(coop: Coop) -> None:
    text = (
        books()
        + CLOSES
        + FILLED
        + pay("2025-03-01", "54.00")
        + """
2025-05-01 custom "coop" "decision" "D-1"
2025-04-01 * "An invoice that was never sent"
  of-period: "2024"
  Assets:Bank   10.00 USD
  Income:Sales
2025-05-01 * "Amendment" #coop-close
  period: "2024"
  amends: TRUE
  decision: "D-1"
  Equity:Surplus              10.00 USD
  Liabilities:Funds:Strike    -1.00 USD
  Liabilities:Patronage:M01   -5.40 USD
  Liabilities:Patronage:M02   -3.60 USD
"""
    )
    assert messages(coop(text)) == []
