"""Duties: what opens one, its last day, what meets it, and its state on both sides of that day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from treasurer import sale, work

from coopbooks.cooperative import Cooperative
from coopbooks.rules.duties import DUE_SOON_DAYS, Opening, Sort, duties, state_of

Coop = Callable[..., Cooperative]
DAY = timedelta(days=1)

HEAD = """
option "operating_currency" "USD"
plugin "beancount.plugins.auto_accounts"

2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:M01
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Capital:M02
"""


def found(coop: Cooperative, as_of: date | str, duty: str | None = None) -> list[dict[str, Any]]:
    day = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    return [row for row in coop.duties(day).to_data() if duty in (None, row["duty"])]


def states(coop: Cooperative, as_of: date | str, duty: str | None = None) -> dict[str, str]:
    return {row["subject"]: row["state"] for row in found(coop, as_of, duty)}


def around(coop: Cooperative, due: str, duty: str, subject: str) -> list[str]:
    """States well before the last day, when it comes near, on it and on the day after."""
    last = date.fromisoformat(due)
    days = (last - DUE_SOON_DAYS * DAY - DAY, last - DUE_SOON_DAYS * DAY, last, last + DAY)
    return [states(coop, day, duty)[subject] for day in days]


IN_ORDER = ["pending", "due", "due", "overdue"]


# -- the payment window of a notice --------------------------------------------------------------------------

# 100.00 by hours 60 : 40, half of it in money.
NOTICE = f"""{HEAD}
{work("2025-06-30", "M01", "0.00 USD", "60", "unpaid")}{work("2025-06-30", "M02", "0.00 USD", "40", "unpaid")}
{sale("2025-03-01", "100.00 USD")}
2025-01-01 custom "coop" "bylaw" "surplus"
  cash: 0.5
  notice: "qualified"
2025-01-01 custom "coop" "allocation" "members"
  step: 1
  to: "members"
  rest: TRUE
2025-12-31 * "Close" #coop-close
  period: "2025"
  Equity:Surplus              100.00 USD
  Equity:Capital:M01:2025     -30.00 USD
  Equity:Capital:M02:2025     -20.00 USD
  Liabilities:Patronage:M01   -30.00 USD
  Liabilities:Patronage:M02   -20.00 USD
"""


def pay(day: str, amount: str) -> str:
    return f"""
{day} * "Paid"
  Liabilities:Patronage:M01  {amount} USD
  Assets:Bank
"""


def test_the_cash_part_is_paid_by_the_fifteenth_of_the_ninth_month(coop: Coop) -> None:
    loaded = coop(NOTICE)
    (first, second) = found(loaded, "2026-01-01", "notice-window")
    assert (first["subject"], first["opened"], first["due"]) == ("m01 2025", "2025-12-31", "2026-09-15")
    assert second["subject"] == "m02 2025"
    assert around(loaded, "2026-09-15", "notice-window", "m01 2025") == IN_ORDER


def test_it_opens_with_the_close(coop: Coop) -> None:
    assert found(coop(NOTICE), "2025-12-30") == []
    assert len(found(coop(NOTICE), "2025-12-31")) == 2


def test_a_year_that_ends_in_june_has_until_march(coop: Coop) -> None:
    books = (
        NOTICE.replace("2025-12-31 *", "2025-06-30 *")
        + '2025-01-01 custom "coop" "bylaw" "fiscal-year"\n  ends: "06-30"\n'
    )
    assert [row["due"] for row in found(coop(books), "2026-01-01")] == ["2026-03-15", "2026-03-15"]


def test_the_whole_of_it_must_be_paid(coop: Coop) -> None:
    part = coop(NOTICE + pay("2026-02-01", "29.99"))
    assert states(part, "2026-09-16")["m01 2025"] == "overdue"
    books = NOTICE + pay("2026-02-01", "29.99") + pay("2026-09-15", "0.01")
    whole = coop(books)
    assert states(whole, "2026-09-14")["m01 2025"] == "due"
    assert states(whole, "2026-09-15")["m01 2025"] == "met"
    assert states(whole, "2026-09-16") == {"m01 2025": "met", "m02 2025": "overdue"}


def test_what_met_it_is_named_from_that_day_on(coop: Coop) -> None:
    loaded = coop(NOTICE + pay("2026-02-01", "30.00"))
    line = len((NOTICE + pay("2026-02-01", "30.00")).lstrip("\n").splitlines()) - 1
    assert [found(loaded, day)[0]["met_by"] for day in ("2026-01-31", "2026-02-01")] == [None, f"main.beancount:{line}"]


def test_a_late_payment_meets_it_late(coop: Coop) -> None:
    loaded = coop(NOTICE + pay("2026-09-16", "30.00"))
    assert [states(loaded, day)["m01 2025"] for day in ("2026-09-15", "2026-09-16")] == ["due", "met"]


def test_without_a_notice_no_window_is_open(coop: Coop) -> None:
    assert found(coop(NOTICE.replace('  notice: "qualified"\n', "")), "2026-01-01") == []


def test_who_is_owed_nothing_in_money_has_no_window(coop: Coop) -> None:
    books = NOTICE.replace("cash: 0.5", "cash: 0").replace("Liabilities:Patronage:M0", "Equity:Capital:M0")
    assert found(coop(books), "2026-01-01") == []


# -- a part that nobody claims -------------------------------------------------------------------------------

# As above, and what nobody has claimed after 300 days goes to the reserve: 2025-12-31 and 300 days are 2026-10-27.
UNCLAIMED = NOTICE.replace(
    '  notice: "qualified"\n', "  unclaimed-days: 300\n  unclaimed-to: Equity:Reserves:Indivisible\n"
)


def test_an_unclaimed_part_lapses_after_its_days(coop: Coop) -> None:
    loaded = coop(UNCLAIMED)
    (first, _) = found(loaded, "2026-01-01", "unclaimed-part")
    assert (first["subject"], first["opened"], first["due"]) == ("m01 2025", "2025-12-31", "2026-10-27")
    assert around(loaded, "2026-10-27", "unclaimed-part", "m01 2025") == IN_ORDER


def test_a_part_that_is_paid_or_moved_on_is_not_unclaimed(coop: Coop) -> None:
    moved = """
2026-10-28 * "Nobody came for it"
  Liabilities:Patronage:M02  20.00 USD
  Equity:Reserves:Indivisible
"""
    loaded = coop(UNCLAIMED + pay("2026-03-01", "30.00") + moved)
    assert states(loaded, "2026-10-28", "unclaimed-part") == {"m01 2025": "met", "m02 2025": "met"}
    assert states(loaded, "2026-10-27", "unclaimed-part") == {"m01 2025": "met", "m02 2025": "due"}


def test_what_was_partly_paid_is_still_unclaimed(coop: Coop) -> None:
    loaded = coop(UNCLAIMED + pay("2026-03-01", "29.99"))
    assert states(loaded, "2026-10-28", "unclaimed-part") == {"m01 2025": "overdue", "m02 2025": "overdue"}


def test_without_days_nothing_lapses(coop: Coop) -> None:
    assert found(coop(NOTICE), "2030-01-01", "unclaimed-part") == []


# -- redemption ----------------------------------------------------------------------------------------------

REDEEM = f"""{HEAD}
2025-01-01 custom "coop" "bylaw" "capital"
  redeem-after: 5
2025-12-31 * "Kept"
  Assets:Bank              30.00 USD
  Equity:Capital:M01:2025
2025-12-31 * "Buy-in"
  Assets:Bank              30.00 USD
  Equity:Capital:M01:Buyin
"""


def redemption(day: str, amount: str) -> str:
    return f"""
{day} * "Paid back" #coop-redeem
  Equity:Capital:M01:2025  {amount} USD
  Assets:Bank
"""


def test_a_vintage_is_paid_back_when_its_years_are_over(coop: Coop) -> None:
    loaded = coop(REDEEM)
    (row,) = found(loaded, "2026-01-01", "redemption")
    assert (row["subject"], row["opened"], row["due"]) == ("m01 2025", "2025-12-31", "2030-12-31")
    assert around(loaded, "2030-12-31", "redemption", "m01 2025") == IN_ORDER


def test_it_is_met_when_nothing_of_the_vintage_is_left(coop: Coop) -> None:
    part = coop(REDEEM + redemption("2030-06-01", "29.99"))
    assert states(part, "2031-01-01") == {"m01 2025": "overdue"}
    whole = coop(REDEEM + redemption("2030-06-01", "29.99") + redemption("2030-12-31", "0.01"))
    assert [states(whole, day)["m01 2025"] for day in ("2030-12-30", "2030-12-31")] == ["due", "met"]


def test_without_a_term_there_is_no_duty(coop: Coop) -> None:
    assert found(coop(REDEEM.replace("redeem-after: 5", "interest: 0.02")), "2031-01-01") == []


# -- money of a fund -----------------------------------------------------------------------------------------

FUND = f"""{HEAD}
2025-01-01 custom "coop" "decision" "D-1"
2025-01-01 custom "coop" "fund" "aid"
  account: Liabilities:Aid
  spend-by: 6
2025-08-31 * "A gift"
  source: "donation"
  Assets:Bank      50.00 USD
  Liabilities:Aid
2025-10-01 * "A gift"
  source: "donation"
  Assets:Bank      30.00 USD
  Liabilities:Aid
"""


def spend(day: str, amount: str) -> str:
    return f"""
{day} * "Help"
  decision: "D-1"
  Liabilities:Aid  {amount} USD
  Assets:Bank
"""


def test_a_funds_money_is_spent_in_so_many_months(coop: Coop) -> None:
    loaded = coop(FUND)
    rows = found(loaded, "2025-10-01", "fund-spend-by")
    assert [(row["subject"], row["opened"], row["due"]) for row in rows] == [
        ("aid 2025-08-31", "2025-08-31", "2026-02-28"),
        ("aid 2025-10-01", "2025-10-01", "2026-04-01"),
    ]
    assert around(loaded, "2026-02-28", "fund-spend-by", "aid 2025-08-31") == IN_ORDER
    assert len(found(loaded, "2025-09-30")) == 1


def test_spending_meets_the_oldest_money_first(coop: Coop) -> None:
    books = FUND + spend("2025-11-01", "49.99") + spend("2026-02-28", "0.01") + spend("2026-04-01", "30.00")
    loaded = coop(books)
    first, second = "aid 2025-08-31", "aid 2025-10-01"
    assert states(loaded, "2026-02-27") == {first: "due", second: "pending"}
    assert states(loaded, "2026-02-28")[first] == "met"
    assert [states(loaded, day)[second] for day in ("2026-03-31", "2026-04-01")] == ["due", "met"]


# -- the engine ----------------------------------------------------------------------------------------------


def opening(met_on: date | None) -> Opening:
    return Opening("x", date(2026, 1, 1), date(2026, 6, 30), None, met_on, None)


@pytest.mark.parametrize(
    ("as_of", "met_on", "state"),
    [
        (date(2026, 6, 30), None, "due"),
        (date(2026, 7, 1), None, "overdue"),
        (date(2026, 6, 30), date(2026, 6, 30), "met"),
        (date(2026, 6, 29), date(2026, 6, 30), "due"),  # what happens later is not known yet
        (date(2026, 7, 1), date(2026, 7, 2), "overdue"),
        (date(2026, 7, 2), date(2026, 7, 2), "met"),
        (date(2026, 1, 1), date(2025, 12, 1), "met"),  # met before it was asked for
    ],
)
def test_the_last_day_itself_is_in_time(as_of: date, met_on: date | None, state: str) -> None:
    assert state_of(opening(met_on), as_of) == state


def test_a_new_sort_of_duty_is_a_row_and_the_engine_stays(coop: Coop) -> None:
    from coopbooks.bylaws import Bylaws
    from coopbooks.rules.surplus import Surpluses

    years = Surpluses(Bylaws(coop(HEAD).facts))
    sort = Sort("tea", "tea is made by noon", lambda _: iter([opening(None), opening(date(2026, 2, 1))]))
    rows = duties(years, date(2026, 3, 1), [sort])
    assert [(row.duty, row.state, row.rule) for row in rows] == [
        ("tea", "pending", "tea is made by noon"),
        ("tea", "met", "tea is made by noon"),
    ]
    assert duties(years, date(2025, 12, 31), [sort]) == []


def test_duties_stand_by_last_day_and_break_when_one_is_overdue(coop: Coop) -> None:
    loaded = coop(FUND + REDEEM[len(HEAD) :])
    rows = found(loaded, "2026-02-28")
    assert [row["due"] for row in rows] == ["2026-02-28", "2026-04-01", "2030-12-31"]
    assert loaded.duties(date(2026, 2, 28)).breaks is False
    assert loaded.duties(date(2026, 3, 1)).breaks is True


def test_every_duty_names_its_rule_and_where_it_stands(coop: Coop) -> None:
    for books in (NOTICE, REDEEM, FUND):
        for row in found(coop(books), "2026-01-01"):
            assert row["rule"]
            assert row["place"].startswith("main.beancount:")
