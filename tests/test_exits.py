"""Who leaves: what the capital becomes, the instalments of the debt, what is paid of it, and what is overdue."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from treasurer import cost, messages, parts, sale, work

import coopbooks
from coopbooks.bylaws import Bylaws
from coopbooks.cli.program import main
from coopbooks.cooperative import Cooperative
from coopbooks.errors import Place, SurplusRefused, UnknownName
from coopbooks.facts import Facts
from coopbooks.records.bylaws import ExitTerms
from coopbooks.records.fields import figure
from coopbooks.rules.debts import _less, _plan

Coop = Callable[..., Cooperative]

# m02 has 1,000.00 of capital: 600.00 of 2023 and a buy-in of 400.00; the exit is of 31 May 2025.
BOOKS = """
option "operating_currency" "USD"
plugin "beancount.plugins.auto_accounts"

2023-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:M01
2023-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Capital:M02
2023-01-01 custom "coop" "bylaw" "capital"
  collective: "Equity:Collective Equity:Reserve"
2023-01-01 * "Buy-in"
  Assets:Bank               400.00 USD
  Equity:Capital:M02:Buyin
2023-01-01 * "What stood there before"
  Assets:Bank               600.00 USD
  Equity:Capital:M02:2023
2025-05-31 custom "coop" "exit" "m02"
  cause: "resignation"
"""


def terms(*fields: str, name: str = "exit", day: str = "2023-01-01") -> str:
    lines = "\n  ".join(fields)
    return f"""
{day} custom "coop" "bylaw" "{name}"
  {lines}
"""


def left(debt: str, *others: str, day: str = "2025-05-31") -> str:
    lines = "".join(f"  {each}\n" for each in others)
    return f"""
{day} * "Exit" #coop-exit
  Equity:Capital:M02:Buyin       400.00 USD
  Equity:Capital:M02:2023        600.00 USD
{lines}  Liabilities:FormerMembers:M02  -{debt} USD
"""


def paid(day: str, amount: str, *others: str) -> str:
    lines = "".join(f"  {each}\n" for each in others)
    return f"""
{day} * "Instalment"
  Liabilities:FormerMembers:M02  {amount} USD
{lines}  Assets:Bank
"""


def proposed(coop: Cooperative, member: str = "m02") -> dict[str, str]:
    """The postings of the exit that is still missing, by account."""
    lines = (coop.exit(member).transaction or "").splitlines()
    rows = [line.split() for line in lines if line.startswith("  ")]
    return {row[0]: row[1] for row in rows}


def debt(coop: Cooperative, day: str) -> dict[str, Any]:
    (row,) = coop.debts(date.fromisoformat(day)).to_data()
    owed = ("capital", "deductions", "set_off", "owed", "interest", "losses", "paid", "balance")
    cents = {key: round(100 * float(row[key])) for key in owed}
    assert cents["owed"] == cents["capital"] - cents["deductions"] - cents["set_off"]
    assert cents["balance"] == cents["owed"] + cents["interest"] - cents["losses"] - cents["paid"]
    held = -coop.facts.balance("Liabilities:FormerMembers", date.fromisoformat(day))
    assert f"{held:.2f}" == row["balance"]
    return dict(row)


def plan(coop: Cooperative, day: str, *keys: str) -> list[list[Any]]:
    return [[each[key] for key in keys] for each in debt(coop, day)["instalments"]]


def duties(coop: Cooperative, day: str, sort: str) -> dict[str, str]:
    rows = coop.duties(date.fromisoformat(day)).to_data()
    return {row["subject"]: row["state"] for row in rows if row["duty"] == sort}


# -- what becomes a debt --------------------------------------------------------------------------------------


def test_all_of_the_capital_becomes_a_debt(coop: Coop) -> None:
    loaded = coop(BOOKS + terms("years: 5"))
    assert proposed(loaded) == {
        "Equity:Capital:M02:2023": "600.00",
        "Equity:Capital:M02:Buyin": "400.00",
        "Liabilities:FormerMembers:M02": "-1000.00",
    }
    assert str(loaded.exit("m02").transaction).splitlines()[2] == (
        '2025-05-31 * "Exit of m02: capital becomes a debt" #coop-exit'
    )


def test_what_is_proposed_is_what_check_asks_for(coop: Coop) -> None:
    books = BOOKS + terms("years: 5", "deduct: 0.3", "set-off: TRUE")
    after = coop(books + "\n" + str(coop(books).exit("m02").transaction))
    assert messages(after) == []
    assert after.exit("m02").transaction is None


def test_a_share_is_kept_back_for_the_collective_account(coop: Coop) -> None:
    # 30 % of 1,000.00; of 1,000.03 it would be 300.009, and the co-op may keep at most 30 %.
    books = BOOKS + terms("deduct: 0.30", "years: 5")
    assert proposed(coop(books))["Equity:Collective"] == "-300.00"
    odd = proposed(coop(books.replace("400.00", "400.03")))
    assert (odd["Equity:Collective"], odd["Liabilities:FormerMembers:M02"]) == ("-300.00", "-700.03")
    other = proposed(coop(BOOKS + terms("deduct: 0.30", "deduct-to: Equity:Reserve")))
    assert (other["Equity:Reserve"], other.get("Equity:Collective")) == ("-300.00", None)


def test_the_rule_of_the_cause_and_of_the_day_counts(coop: Coop) -> None:
    books = BOOKS + terms("deduct: 0.10") + terms("deduct: 0.20", name="exit-resignation")
    assert proposed(coop(books))["Equity:Collective"] == "-200.00"
    assert (
        proposed(coop(books.replace('cause: "resignation"', 'cause: "retirement"')))["Equity:Collective"] == "-100.00"
    )
    for day, kept in (("2025-05-31", "-50.00"), ("2025-06-01", "-200.00")):
        later = books + terms("deduct: 0.05", name="exit-resignation", day=day)
        assert proposed(coop(later))["Equity:Collective"] == kept


def test_a_cause_of_two_words_has_its_rule_too(coop: Coop) -> None:
    books = BOOKS.replace('cause: "resignation"', 'cause: "Early retirement"')
    books += terms("deduct: 0.10") + terms("deduct: 0.20", name="exit-early-retirement")
    assert proposed(coop(books))["Equity:Collective"] == "-200.00"


UNPAID = """
2023-01-01 * "Buy-in, the unpaid part"
  Assets:Subscriptions:M02  250.00 USD
  Equity:Capital:M02:Buyin
"""


def test_what_is_unpaid_of_the_buy_in_is_set_off(coop: Coop) -> None:
    # 1,250.00 of capital, 250.00 never paid: 1,000.00 are owed; 10 % is kept back of the 1,000.00 that were paid.
    found = proposed(coop(BOOKS + UNPAID + terms("set-off: TRUE", "deduct: 0.1")))
    assert found["Assets:Subscriptions:M02"] == "-250.00"
    assert (found["Equity:Collective"], found["Liabilities:FormerMembers:M02"]) == ("-100.00", "-900.00")


def test_nothing_is_set_off_unless_the_rule_says_so(coop: Coop) -> None:
    found = proposed(coop(BOOKS + UNPAID + terms("years: 1")))
    assert (found.get("Assets:Subscriptions:M02"), found["Liabilities:FormerMembers:M02"]) == (None, "-1250.00")


def test_a_loan_of_the_leaver_may_be_set_off(coop: Coop) -> None:
    books = BOOKS + left("800.00", "Assets:Loans:M02  -200.00 USD")
    assert messages(coop(books + terms("set-off: TRUE"))) == []
    (found,) = messages(coop(books + terms("set-off: FALSE")))
    assert "write Liabilities:FormerMembers:M02 -1000.00 USD and take the posting on Assets:Loans:M02 out" in found
    (other,) = messages(coop(books.replace("Loans:M02", "Loans:M01") + terms("set-off: TRUE")))
    assert "0.00 USD set off and 1,000.00 USD owed" in other


def test_no_more_is_set_off_than_there_is(coop: Coop) -> None:
    # 400.00 + 600.00 + 900.00 never paid; 1,500.00 were written off since: 400.00 are left, all of them set off.
    books = BOOKS + UNPAID.replace("250.00", "900.00") + terms("set-off: TRUE")
    books += """
2024-01-01 * "Written off"
  Equity:Capital:M02:Buyin  900.00 USD
  Equity:Capital:M02:2023   600.00 USD
  Equity:Collective
"""
    found = proposed(coop(books))
    assert found == {"Assets:Subscriptions:M02": "-400.00", "Equity:Capital:M02:Buyin": "400.00"}


def test_without_a_bylaw_all_is_owed_and_nothing_falls_due(coop: Coop) -> None:
    loaded = coop(BOOKS + left("1000.00"))
    assert messages(loaded) == []
    row = debt(loaded, "2030-01-01")
    assert (row["owed"], row["instalments"], row["rule"], row["overdue"]) == ("1000.00", [], None, "0.00")
    (found,) = messages(coop(BOOKS + left("700.00", "Equity:Reserve  -300.00 USD")))
    assert "(no bylaw exit says otherwise)" in found


def test_who_becomes_a_worker_or_whose_record_ends_leaves_too(coop: Coop) -> None:
    ended = '2025-05-31 custom "coop" "exit" "m02"\n  cause: "resignation"\n'
    worker = BOOKS.replace(ended, '2025-05-31 custom "coop" "worker" "m02"\n')
    assert proposed(coop(worker + terms("deduct: 0.1")))["Equity:Collective"] == "-100.00"
    ends = BOOKS.replace(ended, "").replace(
        "  capital: Equity:Capital:M02", "  capital: Equity:Capital:M02\n  ends: 2025-05-31"
    )
    answer = coop(ends + terms("deduct: 0.1")).exit("m02")
    assert (answer.exit, answer.cause) == ("2025-05-31", None)


def test_who_has_not_left_has_no_exit(coop: Coop) -> None:
    with pytest.raises(UnknownName, match=r'"m01" has not left \(left so far: m02\)'):
        coop(BOOKS).exit("m01")


def test_capital_of_a_second_membership_is_another_debt(coop: Coop) -> None:
    books = BOOKS + terms("years: 1") + left("1000.00")
    books += """
2026-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Capital:M02
2026-01-01 * "Buy-in"
  Assets:Bank               50.00 USD
  Equity:Capital:M02:Buyin
2026-03-01 custom "coop" "exit" "m02"
"""
    assert proposed(coop(books)) == {"Equity:Capital:M02:Buyin": "50.00", "Liabilities:FormerMembers:M02": "-50.00"}
    after = coop(books + "\n" + str(coop(books).exit("m02").transaction))
    assert messages(after) == []
    rows = after.debts(date(2026, 12, 31)).to_data()
    assert [(row["exit"], row["owed"]) for row in rows] == [("2025-05-31", "1000.00"), ("2026-03-01", "50.00")]
    # 1,030.00 pay the older debt first.
    rows = coop(books + "\n" + str(coop(books).exit("m02").transaction) + paid("2026-12-01", "1030.00")).debts(
        date(2026, 12, 31)
    )
    assert [row.balance for row in rows.rows] == ["0.00", "20.00"]


def test_what_is_found_later_joins_the_debt(coop: Coop) -> None:
    late = """
2025-09-01 * "A month of the buy-in that was booked late"
  Assets:Bank               50.00 USD
  Equity:Capital:M02:Buyin
"""
    books = BOOKS + terms("years: 2", "deduct: 0.1") + left("900.00", "Equity:Collective  -100.00 USD") + late
    found = str(coop(books).exit("m02").transaction)
    assert '2025-09-01 * "Exit of m02' in found
    loaded = coop(f"{books}\n{found}")
    assert messages(loaded) == []
    row = debt(loaded, "2025-12-31")
    assert (row["capital"], row["deductions"], row["owed"]) == ("1050.00", "105.00", "945.00")
    assert [each["due"] for each in row["instalments"]] == ["2026-05-31", "2027-05-31"]


def test_who_came_back_with_all_their_capital_has_no_exit(coop: Coop) -> None:
    books = BOOKS + terms("years: 2")
    books += '\n2025-06-01 custom "coop" "member" "m02"\n  wages: Expenses:Wages:M02\n  capital: Equity:Capital:M02\n'
    assert coop(books + sale("2025-07-01", "1.00 USD")).exit("m02").transaction is None


def test_a_share_for_nobody_is_refused_where_the_bylaw_stands(coop: Coop) -> None:
    books = BOOKS.replace('  collective: "Equity:Collective Equity:Reserve"', "  redeem-after: 5") + terms(
        "deduct: 0.1"
    )
    with pytest.raises(SurplusRefused, match=r"keeps back 0\.1 of a leaver's capital"):
        coop(books).exit("m02")
    (found,) = messages(coop(books + left("1000.00")))  # the bylaw's; the entry cannot be judged before
    assert "the books name no collective account for it" in found


# -- losses first ---------------------------------------------------------------------------------------------

# In 2025 m01 works 60 hours and m02, until May, 40; the year loses 100.00, which members bear: m02 40.00.
LOSS = (
    work("2025-04-30", "M01", "0.00 USD", "60", "unpaid")
    + work("2025-04-30", "M02", "0.00 USD", "40", "unpaid")
    + cost("2025-06-01", "100.00 USD")
    + """
2023-01-01 custom "coop" "loss" "members"
  step: 1
  from: "members"
  rest: TRUE
2023-01-01 * "What stood there before"
  Assets:Bank               500.00 USD
  Equity:Capital:M01:2023
"""
)
LATER = sale("2026-01-15", "10.00 USD")


def test_losses_come_off_before_a_share_is_kept_back(coop: Coop) -> None:
    # Not first: 30 % of 1,000.00. First: the close takes 40.00 off the vintage of 2023, and 30 % of 960.00 are 288.00.
    books = BOOKS + LOSS + LATER
    assert proposed(coop(books + terms("deduct: 0.3")))["Equity:Collective"] == "-300.00"
    books += terms("deduct: 0.3", "losses-first: TRUE")
    assert parts(coop(books)) == {"m01": "-60.00", "m02": "-40.00"}
    with pytest.raises(SurplusRefused, match=r"40\.00 USD of the loss of 2025 off the capital of m02 yet: close 2025"):
        coop(books).exit("m02")
    books += "\n" + str(coop(books).close("2025").transaction)
    found = coop(books).exit("m02")
    assert '2026-01-01 * "Exit of m02' in str(found.transaction)
    assert (proposed(coop(books))["Equity:Collective"], proposed(coop(books))["Liabilities:FormerMembers:M02"]) == (
        "-288.00",
        "-672.00",
    )
    loaded = coop(books + "\n" + str(found.transaction))
    assert messages(loaded) == []
    row = debt(loaded, "2026-12-31")
    assert (row["owed"], row["losses"], row["balance"]) == ("672.00", "0.00", "672.00")  # 70 % of 960.00


def test_what_is_kept_back_does_not_change_the_year_that_it_waits_for(coop: Coop) -> None:
    # The reserve bears the loss as far as it goes, and gets what is kept back: on the year's last day that would be more.
    reserve = """
2023-01-01 custom "coop" "loss" "reserve"
  step: 0.5
  from: Equity:Reserve
  rest: TRUE
"""
    books = BOOKS + LOSS + LATER + reserve + terms("deduct: 0.3", "deduct-to: Equity:Reserve", "losses-first: TRUE")
    books += "\n" + str(coop(books).close("2025").transaction)
    books += "\n" + str(coop(books).exit("m02").transaction)
    assert messages(coop(books)) == []


def test_with_losses_first_the_exit_waits_for_the_years_end(coop: Coop) -> None:
    rule = terms("losses-first: TRUE")
    with pytest.raises(SurplusRefused, match="is known only after 2025-12-31"):
        coop(BOOKS + LOSS + rule).exit("m02")
    closed = BOOKS + LOSS + rule  # nothing in these books is of 2026 yet, but the close tells the loss
    closed += "\n" + str(coop(closed).close("2025").transaction)
    closed += "\n" + str(coop(closed).exit("m02").transaction)
    assert '2026-01-01 * "Exit of m02' in closed
    assert messages(coop(closed)) == []
    (found,) = messages(coop(BOOKS + rule + left("1000.00")))
    assert found.endswith("takes the losses of the year off first: date it 2026-01-01")
    assert messages(coop(BOOKS + rule + left("1000.00", day="2026-01-01"))) == []


# -- what the books say ---------------------------------------------------------------------------------------


def test_an_exit_that_is_not_the_rules_is_a_finding(coop: Coop) -> None:
    rule = terms("deduct: 0.30")
    books = BOOKS + rule + left("1000.00")
    line = books.lstrip("\n").splitlines().index('2025-05-31 * "Exit" #coop-exit') + 1
    at = books.lstrip("\n").splitlines().index('2023-01-01 custom "coop" "bylaw" "exit"') + 1
    wanted = (
        f"main.beancount:{line}: the #coop-exit of m02 moves 1,000.00 USD on Liabilities:FormerMembers:M02, but of 1,000.00 USD "
        f'of capital 300.00 USD are kept back, 0.00 USD set off and 700.00 USD owed (bylaw "exit" at main.beancount:{at}): write '
        "Equity:Collective -300.00 USD and write Liabilities:FormerMembers:M02 -700.00 USD"
    )
    assert messages(coop(books)) == [wanted]
    assert messages(coop(BOOKS + rule + left("700.00", "Equity:Collective  -300.00 USD"))) == []
    (cent,) = messages(coop(BOOKS + rule + left("699.99", "Equity:Collective  -300.01 USD")))
    assert "-300.00 USD" in cent


def test_all_of_the_capital_must_be_moved(coop: Coop) -> None:
    books = BOOKS + left("600.00").replace("  Equity:Capital:M02:Buyin       400.00 USD\n", "")
    (found,) = messages(coop(books))
    assert "write Equity:Capital:M02:Buyin 400.00 USD and write Liabilities:FormerMembers:M02 -1000.00 USD" in found


def test_a_forgotten_tag_is_told(coop: Coop) -> None:
    books = BOOKS + terms("years: 2") + left("1000.00").replace(" #coop-exit", "")
    (found,) = messages(coop(books))
    assert found.endswith("this entry makes a debt of the capital of m02 without saying so: add the tag #coop-exit")


@pytest.mark.parametrize("account", ["Liabilities:FormerMembers", "Liabilities:FormerMembers:M20"])
def test_a_debt_on_another_account_is_told_with_the_right_one(coop: Coop, account: str) -> None:
    (found,) = messages(coop(BOOKS + left("1000.00").replace("Liabilities:FormerMembers:M02", account)))
    assert found.endswith(f"write Liabilities:FormerMembers:M02 -1000.00 USD and take the posting on {account} out")


@pytest.mark.parametrize(("day", "count"), [("2025-05-30", 1), ("2025-05-31", 0), ("2025-07-01", 0)])
def test_an_exit_needs_its_record(coop: Coop, day: str, count: int) -> None:
    found = messages(coop(BOOKS + left("1000.00", day=day)))
    assert len(found) == count
    assert all("whose membership has not ended by 2025-05-30" in each for each in found)


def test_a_missing_exit_is_a_duty_until_three_months_after_the_year(coop: Coop) -> None:
    books = BOOKS + terms("years: 5")
    loaded = coop(books)
    days = ("2025-05-31", "2026-03-31", "2026-04-01")
    assert [duties(loaded, day, "exit-settlement") for day in days] == [
        {"m02 2025-05-31": state} for state in ("pending", "due", "overdue")
    ]
    assert duties(loaded, "2025-05-30", "exit-settlement") == {}
    done = coop(books + left("1000.00", day="2026-04-02"))
    assert [duties(done, day, "exit-settlement")["m02 2025-05-31"] for day in ("2026-04-01", "2026-04-02")] == [
        "overdue",
        "met",
    ]


def test_there_is_no_such_duty_without_a_bylaw_or_without_capital(coop: Coop) -> None:
    assert duties(coop(BOOKS), "2027-01-01", "exit-settlement") == {}
    books = BOOKS.replace("400.00", "0.00").replace("600.00", "0.00") + terms("years: 5")
    assert duties(coop(books), "2027-01-01", "exit-settlement") == {}


# -- instalments ----------------------------------------------------------------------------------------------


def test_equal_yearly_instalments_with_interest_on_what_is_left(coop: Coop) -> None:
    # 1,000.00 in 3 years at 6 %: 333.34 + 333.33 + 333.33; interest 60.00, then 6 % of 666.66 = 40.00, of 333.33 = 20.00.
    loaded = coop(BOOKS + terms("years: 3", "interest: 0.06") + left("1000.00"))
    assert plan(loaded, "2025-06-01", "due", "principal", "interest", "amount") == [
        ["2026-05-31", "333.34", "60.00", "393.34"],
        ["2027-05-31", "333.33", "40.00", "373.33"],
        ["2028-05-31", "333.33", "20.00", "353.33"],
    ]


def test_months_and_shares(coop: Coop) -> None:
    # The rule of the design: 30 % at once, 35 % after a year, 35 % after two.
    loaded = coop(BOOKS + terms('schedule: "0:0.30 12:0.35 24:0.35"') + left("1000.00"))
    assert plan(loaded, "2025-06-01", "due", "amount", "overdue") == [
        ["2025-05-31", "300.00", True],
        ["2026-05-31", "350.00", False],
        ["2027-05-31", "350.00", False],
    ]


def test_a_schedule_may_bear_interest_for_its_months(coop: Coop) -> None:
    # 6 months at 12 % a year on 1,000.00: 60.00; then 12 months on 500.00: 60.00.
    loaded = coop(BOOKS + terms('schedule: "6:0.5 18:0.5"', "interest: 0.12") + left("1000.00"))
    assert plan(loaded, "2025-06-01", "due", "interest") == [["2025-11-30", "60.00"], ["2026-11-30", "60.00"]]


def test_every_cent_of_a_debt_falls_due(coop: Coop) -> None:
    books = BOOKS.replace("400.00", "400.01") + terms('schedule: "0:0.333 1:0.333 2:0.334"')
    loaded = coop(books + left("1000.01").replace("400.00", "400.01"))
    # 333.00333, 333.00333, 334.00334: the cent that is left goes to the largest remainder.
    assert [each for (each,) in plan(loaded, "2025-06-01", "amount")] == ["333.00", "333.00", "334.01"]


def test_a_rate_that_changes_counts_by_days(coop: Coop) -> None:
    # 2025-05-31 to 2026-05-30 are 365 days: 146 at 5 %, and from 2025-10-24 on 219 at 10 %: 20.00 + 60.00.
    books = BOOKS + terms("years: 1", 'interest: "prime"') + left("1000.00")
    books += """
2023-01-01 custom "coop" "rate" "prime"
  value: 0.05
2025-10-24 custom "coop" "rate" "prime"
  value: 0.10
"""
    assert (date(2025, 10, 24) - date(2025, 5, 31)).days == 146
    assert plan(coop(books), "2025-06-01", "interest") == [["80.00"]]


def test_interest_is_on_what_was_really_left(coop: Coop) -> None:
    # Two years at 10 % on 1,000.00: 100.00 and 50.00. Nothing is paid on 31 May 2026, so all 1,000.00 bear interest until
    # 500.00 and the 100.00 are paid on 2026-10-24, after 146 of 365 days: 1,000 x 10 % x 146/365 + 500 x 10 % x 219/365.
    books = BOOKS + terms("years: 2", "interest: 0.10") + left("1000.00")
    assert plan(coop(books), "2026-05-31", "interest") == [["100.00"], ["50.00"]]
    late = coop(books + paid("2026-10-24", "500.00", "Expenses:Interest  100.00 USD"))
    assert plan(late, "2027-05-31", "interest") == [["100.00"], ["70.00"]]
    # Paid at once after the exit's day, 400.00 bear no interest any more: 600 x 10 % = 60.00, and 500 of it stay left.
    early = coop(books + paid("2025-05-31", "400.00"))
    assert plan(early, "2026-05-31", "interest", "paid") == [["60.00", "400.00"], ["50.00", "0.00"]]


def test_money_pays_interest_that_is_due_before_the_debt(coop: Coop) -> None:
    # 100.00 of interest are due on 2026-05-31. The first payment pays 60.00 of it, the second the other 40.00 and 500.00.
    books = BOOKS + terms("years: 2", "interest: 0.10") + left("1000.00")
    books += paid("2026-05-31", "0.00", "Expenses:Interest  60.00 USD")
    books += paid("2026-10-24", "500.00", "Expenses:Interest  40.00 USD")
    # 1,000 x 10 % x 146/365 + 500 x 10 % x 219/365 = 40.00 + 30.00.
    assert plan(coop(books), "2027-05-31", "interest") == [["100.00"], ["70.00"]]


def test_payments_fill_the_oldest_instalment_first(coop: Coop) -> None:
    books = BOOKS + terms("years: 2") + left("1000.00") + paid("2026-05-31", "499.99") + paid("2026-07-01", "100.00")
    loaded = coop(books)
    assert plan(loaded, "2026-05-31", "paid", "overdue") == [["499.99", False], ["0.00", False]]
    assert plan(loaded, "2026-06-01", "paid", "overdue") == [["499.99", True], ["0.00", False]]
    assert plan(loaded, "2026-07-01", "paid", "overdue") == [["500.00", False], ["99.99", False]]
    assert [debt(loaded, day)["overdue"] for day in ("2026-05-31", "2026-06-01", "2026-07-01")] == [
        "0.00",
        "0.01",
        "0.00",
    ]
    assert [loaded.debts(date.fromisoformat(day)).breaks for day in ("2026-05-31", "2026-06-01")] == [False, True]


def test_interest_may_be_booked_on_the_debt_or_paid_at_once(coop: Coop) -> None:
    books = BOOKS + terms("years: 2", "interest: 0.10") + left("1000.00")
    credited = """
2026-05-31 * "Interest on the debt"
  Expenses:Interest              100.00 USD
  Liabilities:FormerMembers:M02
"""
    one = coop(books + credited + paid("2026-05-31", "600.00"))
    other = coop(books + paid("2026-05-31", "500.00", "Expenses:Interest  100.00 USD"))
    for loaded in (one, other):
        assert messages(loaded) == []
        assert plan(loaded, "2026-06-30", "amount", "paid") == [["600.00", "600.00"], ["550.00", "0.00"]]
        assert debt(loaded, "2026-06-30")["balance"] == "500.00"
    assert (debt(one, "2026-06-30")["interest"], debt(other, "2026-06-30")["interest"]) == ("100.00", "0.00")


def test_a_loss_lowers_the_instalments_still_to_come(coop: Coop) -> None:
    # The exit is booked in May, the close of 2025 takes 40.00 off the debt: 960.00 in two halves.
    books = BOOKS + LOSS + LATER + terms("years: 2", "interest: 0.10") + left("1000.00")
    books += "\n" + str(coop(books).close("2025").transaction)
    loaded = coop(books)
    assert messages(loaded) == []
    row = debt(loaded, "2025-12-31")
    assert (row["owed"], row["losses"], row["balance"]) == ("1000.00", "40.00", "960.00")
    # 214 days at 1,000.00, then 151 at 960.00: (214,000 + 144,960) / 365 x 10 % = 98.3452.
    assert plan(loaded, "2025-12-31", "principal", "interest") == [["480.00", "98.35"], ["480.00", "48.00"]]


FIRST = date(2025, 5, 31)
DAYS = st.integers(0, 2_000).map(lambda days: FIRST + timedelta(days))


@given(
    owed=st.integers(1, 100_000),
    way=st.sampled_from(
        [{"years": 1}, {"years": 7}, {"schedule": ((Decimal(0), Decimal("0.3")), (Decimal(9), Decimal("0.7")))}]
    ),
    rate=st.sampled_from([None, Decimal("0.05")]),
    losses=st.lists(st.tuples(DAYS, st.integers(0, 900)), max_size=3),
    money=st.lists(st.tuples(DAYS, st.integers(1, 50_000)), max_size=4),
    as_of=DAYS,
)
def test_every_plan_keeps_its_laws(
    owed: int, way: dict[str, Any], rate: Decimal | None, losses: list[Any], money: list[Any], as_of: date
) -> None:
    """What falls due is what is owed less what losses took; nothing is paid twice; no interest without a rate."""
    interest = None if rate is None else figure(rate)
    rule = ExitTerms(id="exit", date=FIRST, place=Place("", 1), interest=interest, **way)
    rows = list(_plan(Bylaws(Facts()), rule, FIRST, owed, sorted(losses), sorted(money), as_of))
    lost = sum(units for _, units in losses)
    assert sum(row.principal for row in rows) == max(0, owed - lost)
    assert all(row.principal >= 0 and row.interest >= 0 for row in rows)
    assert sum(row.paid for row in rows) == min(sum(units for _, units in money), sum(row.amount for row in rows))
    assert [row.due for row in rows] == sorted(row.due for row in rows)
    if rate is None:
        assert not any(row.interest for row in rows)
    else:  # never more than a year's rate on all that is owed, for the time until each day
        months = [12 * (row.due.year - FIRST.year) + row.due.month - FIRST.month for row in rows]
        assert sum(row.interest for row in rows) <= owed * rate * max(months) / 12 + len(rows)


def test_a_loss_leaves_what_is_due_already_as_it_is() -> None:
    dues = [date(2026, 5, 31), date(2027, 5, 31), date(2028, 5, 31)]
    assert _less([500, 300, 200], dues, date(2026, 5, 31), 50) == [500, 270, 180]
    assert _less([500, 300, 200], dues, date(2026, 5, 30), 50) == [475, 285, 190]
    # More than is still to come: the last first.
    assert _less([500, 300, 200], dues, date(2026, 5, 31), 600) == [400, 0, 0]


def test_debts_from_before_the_books_are_shown_without_a_plan(coop: Coop) -> None:
    books = (
        BOOKS
        + """
2023-01-01 * "Still owed to a founder"
  Equity:Opening                70.00 USD
  Liabilities:FormerMembers:M09
2024-01-01 * "Paid"
  Liabilities:FormerMembers:M09  20.00 USD
  Assets:Bank
"""
    )
    row = debt(coop(books), "2024-12-31")
    assert (row["exit"], row["owed"], row["paid"], row["instalments"]) == ("2023-01-01", "70.00", "20.00", [])


def test_each_instalment_is_a_duty(coop: Coop) -> None:
    books = BOOKS + terms("years: 2") + left("1000.00")
    loaded = coop(books + paid("2026-06-02", "500.00"))
    days = ("2025-05-31", "2026-05-31", "2026-06-01", "2026-06-02", "2027-06-01")
    assert [duties(loaded, day, "former-member-instalment") for day in days] == [
        {"m02 2026-05-31": "pending", "m02 2027-05-31": "pending"},
        {"m02 2026-05-31": "due", "m02 2027-05-31": "pending"},
        {"m02 2026-05-31": "overdue", "m02 2027-05-31": "pending"},
        {"m02 2026-05-31": "met", "m02 2027-05-31": "pending"},
        {"m02 2026-05-31": "met", "m02 2027-05-31": "overdue"},
    ]


# -- payments beyond the debt ---------------------------------------------------------------------------------


def test_more_than_the_debt_is_never_paid(coop: Coop) -> None:
    books = BOOKS + terms("years: 2") + left("1000.00") + paid("2026-05-31", "600.00")
    assert messages(coop(books + paid("2027-05-31", "400.00"))) == []
    (found,) = messages(coop(books + paid("2027-05-31", "400.01")))
    assert found.endswith(
        "former member m02 is paid 400.01 USD on 2027-05-31, which is 0.01 USD more than the debt: pay at most 400.00 USD, "
        "and book interest as an expense"
    )


def test_each_payment_beyond_it_is_told_with_its_own_sum(coop: Coop) -> None:
    books = BOOKS + terms("years: 2") + left("1000.00")
    first, second = messages(coop(books + paid("2026-05-31", "1100.00") + paid("2026-06-30", "30.00")))
    assert "which is 100.00 USD more than the debt: pay at most 1,000.00 USD" in first
    assert "which is 30.00 USD more than the debt: pay at most 0.00 USD" in second


def test_a_payment_before_there_is_any_debt_is_one_too(coop: Coop) -> None:
    (found,) = messages(coop(BOOKS + paid("2025-06-01", "5.00")))
    assert "which is 5.00 USD more than the debt: pay at most 0.00 USD" in found


def test_a_payment_that_comes_back_is_owed_again(coop: Coop) -> None:
    books = BOOKS + terms("years: 2") + left("1000.00") + paid("2026-05-31", "500.00")
    books += """
2026-06-05 * "The transfer came back"
  Assets:Bank                    500.00 USD
  Liabilities:FormerMembers:M02
"""
    row = debt(coop(books), "2026-06-30")
    assert (row["paid"], row["balance"], row["overdue"]) == ("0.00", "1000.00", "500.00")


def test_a_payment_without_any_debt_is_shown_below_zero(coop: Coop) -> None:
    row = debt(coop(BOOKS + paid("2025-06-01", "5.00")), "2025-12-31")
    assert (row["owed"], row["paid"], row["balance"], row["instalments"]) == ("0.00", "5.00", "-5.00", [])


def test_a_payment_on_the_day_of_the_exit_counts_after_it(coop: Coop) -> None:
    assert messages(coop(BOOKS + paid("2025-05-31", "1000.00") + left("1000.00"))) == []


# -- the commands ---------------------------------------------------------------------------------------------


def run(path: Any, *args: str) -> tuple[int, str, str]:
    ran = CliRunner().invoke(main, ["members", str(path), *args])
    return ran.exit_code, ran.stdout, ran.stderr


def test_the_exit_is_printed_as_it_can_be_pasted(ledger: Callable[..., Any]) -> None:
    path = ledger(BOOKS + terms("years: 5"))
    code, out, _ = run(path, "--exit", "m02")
    assert code == 0
    assert out == coopbooks.load(path).exit("m02").transaction
    path.write_text(path.read_text(encoding="utf-8") + "\n" + out, encoding="utf-8")
    assert run(path, "--exit", "m02") == (
        0,
        "",
        "nothing of the capital of m02, who left on 2025-05-31, is still to be moved\n",
    )


def test_debts_are_listed_with_their_instalments(ledger: Callable[..., Any]) -> None:
    path = ledger(BOOKS + terms("years: 2") + left("1000.00"))
    code, out, _ = run(path, "--debts", "--as-of", "2026-05-31")
    assert code == 0
    assert "m02" in out
    assert "2027-05-31" in out
    code, out, _ = run(path, "--debts", "--as-of", "2026-06-01")
    assert code == 1
    assert "500.00 to m02 was due on 2026-05-31: pay it now." in out
    code, out, _ = run(path, "--debts", "--as-of", "2026-06-01", "--format", "csv")
    assert out.splitlines()[0].startswith("part,member,exit,cause,capital,deductions,set_off,owed")
    assert len(out.splitlines()) == 4  # the head, the debt, two instalments


def test_books_without_leavers_owe_nothing(coop: Coop) -> None:
    assert coop('option "operating_currency" "USD"\n').debts(date(2026, 1, 1)).rows == ()
    assert coop(BOOKS).debts(date(2026, 1, 1)).rows == ()


def test_the_page_about_it_says_what_the_commands_say(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "leavers.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(\w+)\n(.*?)```", page, re.DOTALL)
    commands = re.findall(r"^    coopbooks members main\.beancount (.*)$", page, re.MULTILINE)
    books, instalment = (text for sort, text in blocks if sort == "beancount")
    exit_entry, debts, redemption = (text for sort, text in blocks if sort == "text")
    path = tmp_path / "main.beancount"
    path.write_text(books, encoding="utf-8")
    assert run(path, *commands[0].split()) == (0, exit_entry, "")
    path.write_text(f"{books}\n{exit_entry}", encoding="utf-8")
    assert run(path, *commands[1].split())[:2] == (0, debts)
    path.write_text(f"{books}\n{exit_entry}\n{instalment}", encoding="utf-8")
    assert run(path, *commands[2].split()) == (0, redemption, "")
    path.write_text(f"{books}\n{exit_entry}\n{instalment}\n{redemption}", encoding="utf-8")
    assert messages(coopbooks.load(path)) == []
