"""The four measures of sovereignty, their index, who the money comes from, and the game of an ally that leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from beancount import loader
from click.testing import CliRunner

from coopbooks.books.entries import facts_of
from coopbooks.bylaws import Bylaws
from coopbooks.cli.program import main
from coopbooks.cooperative import Cooperative
from coopbooks.periods import Period
from coopbooks.rules.dependence import Scenario, concentration_of, survival_of, war_game
from coopbooks.rules.sovereignty import Measures, index_of, measures_of

AS_OF = date(2025, 12, 31)
YEAR = Period("2025", date(2025, 1, 1), AS_OF)

HEAD = """
option "operating_currency" "EUR"
plugin "beancount.plugins.auto_accounts"
2020-01-01 open Assets:Bank
  liquid: TRUE
2020-01-01 custom "coop" "member" "m01"
"""


def rules_of(text: str) -> Bylaws:
    entries, errors, options = loader.load_string(HEAD + text)
    assert not errors, errors[:3]
    return Bylaws(facts_of(entries, options, padded=True))


def measures(text: str, as_of: date = AS_OF) -> Measures:
    return measures_of(rules_of(text), as_of)


def entry(day: str, debit: str, credit: str, amount: int | str, *fields: str, of_posting: str = "") -> str:
    lines = "".join(f"  {field}\n" for field in fields)
    own = f"    {of_posting}\n" if of_posting else ""
    return f'\n{day} * "Movement"\n{lines}  {credit}  -{amount} EUR\n{own}  {debit}  {amount} EUR\n'


def spend(day: str, account: str, amount: int | str, *fields: str) -> str:
    return entry(day, account, "Assets:Bank", amount, *fields)


def given(day: str, ally: str, amount: int, conditions: str = "none", account: str = "Income:Allies") -> str:
    fields = f'ally: "{ally}"\n    conditions: "{conditions}"'
    return entry(day, "Assets:Bank", account, amount, of_posting=fields)


def decision(record_id: str, day: str, *fields: str, body: str = "assembly", against: int = 1) -> str:
    more = "".join(f"  {field}\n" for field in fields)
    return (
        f'\n{day} custom "coop" "decision" "{record_id}"\n  body: "{body}"\n  eligible: 1\n  quorum: 1\n'
        f"  for: {1 - against}\n  against: {against}\n{more}"
    )


def carried(record_id: str, day: str, *fields: str, body: str = "assembly") -> str:
    return decision(record_id, day, *fields, body=body, against=0)


def line(account: str, amount: int, *fields: str, day: str = "2025-01-01", named: str = "D-1", key: str = "b") -> str:
    more = "".join(f"  {field}\n" for field in fields)
    return f"""
{day} custom "coop" "budget" "{key}"
  account: {account}
  amount: {amount} EUR
  decision: "{named}"
{more}"""


ALLY = '\n2020-01-01 custom "coop" "ally" "fund"\n2020-01-01 custom "coop" "ally" "union"\n'


# -- the index -------------------------------------------------------------------------------------------------------


def test_the_index_is_the_fourth_root_of_the_product_of_the_four_measures() -> None:
    shares = [Fraction(168, 240), Fraction(18, 24), Fraction(5, 6), Fraction(48, 60)]
    assert index_of(shares) == Decimal("76.9")


@pytest.mark.parametrize(
    ("shares", "index"),
    [
        ([1, 1, 1, 1], "100.0"),
        ([0, 1, 1, 1], "0.0"),  # one zero is not averaged away
        ([Fraction(1, 16), 1, 1, 1], "50.0"),
        ([Fraction(7225, 10_000) ** 2, 1, 1, 1], "85.0"),
        ([Fraction(1005, 10_000) ** 4, 1, 1, 1], "10.0"),  # half a tenth goes to the even one
        ([Fraction(1015, 10_000) ** 4, 1, 1, 1], "10.2"),
        ([Fraction(1005, 10_000) ** 4 + Fraction(1, 10**30), 1, 1, 1], "10.1"),
    ],
)
def test_the_index_is_rounded_to_a_tenth_half_to_even(shares: list[Fraction], index: str) -> None:
    assert index_of([Fraction(each) for each in shares]) == Decimal(index)


def test_without_one_measure_there_is_no_index() -> None:
    assert index_of([Fraction(1), None, Fraction(1), Fraction(1)]) is None


# -- the budget ------------------------------------------------------------------------------------------------------


def test_what_a_budget_line_of_the_assembly_covers_counts_and_the_rest_of_the_spending_does_not() -> None:
    text = carried("D-1", "2025-01-01") + line("Expenses:Flour", 600)
    text += spend("2025-02-01", "Expenses:Flour", 400) + spend("2025-03-01", "Expenses:Rent", 600)
    found = measures(text)
    assert found.budget == Fraction(400, 1000)
    assert (found.details.budget.spent, found.details.budget.decided) == (100_000, 40_000)
    more = measures(text + spend("2025-04-01", "Expenses:Flour:Rye", 1000))
    assert more.budget == Fraction(600, 2000)  # no more than was approved


@pytest.mark.parametrize(
    ("decided", "share"),
    [
        (carried("D-1", "2025-02-01"), 1),
        (carried("D-1", "2025-02-02"), 0),  # the day after the spending
        (decision("D-1", "2025-01-01"), 0),  # voted down
        (carried("D-1", "2025-01-01", body="board"), 0),
        ("", 0),
    ],
)
def test_a_posting_or_a_line_rests_on_a_decision_that_the_assembly_carried_by_then(decided: str, share: int) -> None:
    assert measures(decided + spend("2025-02-01", "Expenses:Flour", 10, 'decision: "D-1"')).budget == share
    assert measures(decided + line("Expenses:Flour", 10) + spend("2025-02-01", "Expenses:Flour", 10)).budget == share


def test_a_posting_with_its_own_decision_does_not_use_up_the_line() -> None:
    text = carried("D-1", "2025-01-01") + line("Expenses:Flour", 100)
    text += spend("2025-02-01", "Expenses:Flour", 50, 'decision: "D-1"') + spend("2025-02-02", "Expenses:Flour", 100)
    assert measures(text).budget == 1


def test_a_line_counts_in_its_days_and_one_that_began_before_has_what_is_left() -> None:
    decided = carried("D-1", "2024-07-01")
    whole = line("Expenses:Flour", 100, "starts: 2024-07-01", "ends: 2025-06-30", day="2024-07-01")
    text = decided + whole + spend("2024-08-01", "Expenses:Flour", 70) + spend("2025-06-30", "Expenses:Flour", 60)
    assert measures(text).budget == Fraction(30, 60)
    assert measures(text + spend("2025-07-01", "Expenses:Flour", 60)).budget == Fraction(30, 120)


def test_a_line_without_an_end_lasts_to_the_end_of_its_fiscal_year() -> None:
    text = carried("D-1", "2024-11-01") + line("Expenses:Flour", 100, day="2024-11-01")
    assert measures(text + spend("2025-01-01", "Expenses:Flour", 10)).budget == 0


def test_of_a_line_that_was_written_again_the_last_one_counts() -> None:
    text = carried("D-1", "2025-01-01") + line("Expenses:Flour", 10, "starts: 2025-01-01")
    text += line("Expenses:Flour", 40, "starts: 2025-01-01", day="2025-01-20")
    assert measures(text + spend("2025-02-01", "Expenses:Flour", 100)).budget == Fraction(40, 100)


def test_taxes_levies_wear_and_gifts_in_kind_are_no_budget() -> None:
    text = spend("2025-02-01", "Expenses:Flour", 10) + spend("2025-02-01", "Expenses:Taxes:Land", 500)
    text += spend("2025-02-02", "Expenses:SocialContributions", 500)
    text += spend("2025-02-03", "Expenses:Chamber", 500, "levy: TRUE")
    text += entry("2025-02-04", "Expenses:Depreciation", "Assets:Oven", 500)
    text += entry("2025-02-05", "Expenses:Help", "Income:Help", 500, "in-kind: TRUE")
    assert measures(text).details.budget.spent == 1000
    own = '\n2020-01-01 custom "coop" "bylaw" "surplus"\n  tax: Expenses:Income-Duty\n'
    assert measures(own + text + spend("2025-02-06", "Expenses:Income-Duty", 500)).details.budget.spent == 1000


def test_things_that_stay_and_what_movement_funds_pay_are_spending() -> None:
    oven = spend("2025-02-01", "Assets:Oven", 300, 'supplier: "smith"')
    fund = '\n2020-01-01 custom "coop" "fund" "aid"\n  account: Equity:Aid\n  movement: TRUE\n'
    paid = fund + carried("D-1", "2025-01-01") + spend("2025-03-01", "Equity:Aid", 100, 'decision: "D-1"')
    assert measures(oven + paid).budget == Fraction(100, 400)
    assert measures(spend("2025-02-01", "Assets:Oven", 300)).budget is None  # nothing says that it was bought
    text = carried("D-1", "2025-01-01") + line("Assets:Oven", 250)
    assert measures(text + spend("2025-02-01", "Assets:Oven", 300)).budget == Fraction(250, 300)
    assert measures(text + oven).budget == Fraction(250, 300)  # counted once


def test_a_transfer_between_funds_and_a_sale_are_no_spending() -> None:
    funds = "".join(
        f'\n2020-01-01 custom "coop" "fund" "{each}"\n  account: Equity:{each.title()}\n' for each in ("aid", "strike")
    )
    moved = entry("2025-02-01", "Equity:Aid", "Equity:Strike", 100)
    sold = spend("2025-02-02", "Assets:Claim", 70, 'supplier: "dealer"', "disposal: TRUE")
    assert measures(funds + moved + sold + spend("2025-02-03", "Expenses:Flour", 5)).details.budget.spent == 500


def test_money_on_conditions_counts_only_once_an_assembly_agreed_to_them() -> None:
    text = ALLY + carried("D-1", "2025-01-01") + line("Expenses:Flour", 1000)
    bought = spend("2025-03-01", "Expenses:Flour", 100, 'ally: "fund"') + spend("2025-03-02", "Expenses:Flour", 300)
    assert measures(text + given("2025-02-01", "fund", 500) + bought).budget == 1
    assert measures(text + given("2025-02-01", "fund", 500, "our logo") + bought).budget == Fraction(3, 4)
    agreed = 'our logo"\n    decision: "D-1'
    assert measures(text + given("2025-02-01", "fund", 500, agreed) + bought).budget == 1


def test_without_spending_or_a_price_the_budget_is_not_evidenced() -> None:
    assert measures("").budget is None
    assert "nothing was spent" in str(measures("").details.budget.missing)
    foreign = '\n2025-02-01 * "Import"\n  Expenses:Coffee  10 XOF\n  Assets:Bank\n'
    found = measures(foreign)
    assert found.budget is None
    assert "without a price" in str(found.details.budget.missing)


# -- decisions -------------------------------------------------------------------------------------------------------


def test_unknown_is_not_independent() -> None:
    text = carried("D-1", "2025-01-02", 'consulted: "none"') + carried("D-2", "2025-01-03") + ALLY
    text += carried("D-3", "2025-01-04", 'consulted: "fund"') + carried("D-4", "2025-01-05", 'consulted: "board m01"')
    text += carried("D-5", "2025-01-06", 'consulted: "some-adviser"')
    text += carried("D-6", "2025-01-07", 'consulted: "lawyer"', 'consulted-kind: "statutory"')
    found = measures(text)
    assert found.decisions == Fraction(3, 6)
    detail = found.details.decisions
    assert (detail.total, detail.independent, detail.unsaid, detail.upper, detail.few) == (
        6,
        3,
        1,
        Fraction(4, 6),
        False,
    )


def test_a_decision_of_an_ally_is_never_independent() -> None:
    found = measures(ALLY + carried("D-1", "2025-01-02", 'consulted: "none"', body="ally"))
    assert found.decisions == 0
    assert found.details.decisions.few


def test_decisions_count_for_365_days() -> None:
    assert measures(carried("D-1", "2025-01-01", 'consulted: "none"')).decisions == 1
    assert measures(carried("D-1", "2024-12-31", 'consulted: "none"')).decisions is None
    assert measures(carried("D-1", "2026-01-01", 'consulted: "none"')).decisions is None


# -- survival --------------------------------------------------------------------------------------------------------

INSIDE = '\n2020-01-01 custom "coop" "function" "ovens"\n  provider: "internal"\n'


def purse(amount: int) -> str:
    return entry("2020-01-02", "Assets:Bank", "Equity:Start", amount)


def test_days_are_the_own_money_over_what_runs_out_of_it_a_day_cut_down() -> None:
    text = INSIDE + purse(7000) + spend("2025-06-01", "Expenses:Wages", 3650)
    text += entry("2025-06-02", "Assets:Bank", "Income:Sales", 2920)
    found = survival_of(rules_of(text), AS_OF)
    assert found.liquid == 627_000
    assert (found.daily_out, found.daily_in) == (Fraction(1000), Fraction(800))
    assert (found.days, found.siege_days, found.share) == (3135, 627, Fraction(1))


def test_who_earns_what_is_spent_lasts_without_end() -> None:
    text = INSIDE + purse(100) + spend("2025-06-01", "Expenses:Wages", 365)
    found = survival_of(rules_of(text + entry("2025-06-02", "Assets:Bank", "Income:Sales", 365)), AS_OF)
    assert (found.days, found.siege_days, found.share, found.missing) == (None, 100, Fraction(1), None)


def test_fewer_than_thirty_days_are_a_part_of_them() -> None:
    text = INSIDE + purse(380) + spend("2025-06-01", "Expenses:Wages", 365)
    found = survival_of(rules_of(text), AS_OF)
    assert (found.days, found.share) == (15, Fraction(15, 30))
    longer = '\n2020-01-01 custom "coop" "bylaw" "survival.days"\n  value: 60\n'
    assert survival_of(rules_of(longer + text), AS_OF).share == Fraction(15, 60)


@pytest.mark.parametrize(
    "more",
    [
        ALLY + given("2025-06-02", "fund", 365),
        ALLY + entry("2025-06-02", "Assets:Bank", "Income:Grants", 365),  # names nobody: support all the same
        ALLY + given("2025-06-02", "fund", 365, account="Income:Grants"),
        ALLY + given("2025-06-02", "fund", 365, account="Equity:Gifts"),
    ],
)
def test_what_comes_from_outside_is_no_own_income(more: str) -> None:
    text = INSIDE + purse(730) + spend("2025-06-01", "Expenses:Wages", 365)
    sold = entry("2025-06-03", "Assets:Bank", "Income:Sales", 73)
    found = survival_of(rules_of(text + sold + more), AS_OF)
    assert found.daily_in == 20
    assert found.liquid == 80_300


@pytest.mark.parametrize("leg", ["Income:Grants", "Income:Partners"])
def test_a_gift_named_where_it_went_is_taken_off_once(leg: str) -> None:
    booked = (
        f'\n2025-06-02 * "Gift"\n  Assets:Bank  365 EUR\n    ally: "fund"\n    conditions: "none"\n  {leg}  -365 EUR\n'
    )
    text = ALLY + INSIDE + spend("2025-06-01", "Expenses:Wages", 365) + booked
    found = survival_of(rules_of(text + entry("2025-06-03", "Assets:Bank", "Income:Sales", 73)), AS_OF)
    assert found.daily_in == 20


@pytest.mark.parametrize(
    ("more", "left"),
    [
        (entry("2025-01-02", "Assets:Bank", "Liabilities:PayrollTaxes", 50), 500),
        (entry("2025-01-02", "Assets:Bank", "Liabilities:MemberDeposits:M01", 50), 500),
        (entry("2025-01-02", "Assets:Bank", "Liabilities:Patronage:M01", 50), 500),
        (entry("2025-01-02", "Assets:Bank", "Liabilities:Suppliers", 50), 550),
        (ALLY + given("2025-01-02", "fund", 50, "a course"), 500),
        (ALLY + given("2025-01-02", "fund", 50), 550),
        (ALLY + given("2025-01-02", "fund", 50, "a course") + spend("2025-02-01", "Expenses:Rent", 20, 'ally: "fund"'), 500),
        (
            '\n2020-01-01 custom "coop" "fund" "aid"\n  account: Equity:Aid\n'
            + entry("2025-01-02", "Assets:Bank", "Equity:Aid", 50),
            500,
        ),
        (
            '\n2020-01-01 custom "coop" "fund" "aid"\n  account: Equity:Aid\n  backing: Assets:Deposit\n'
            + entry("2025-01-02", "Assets:Deposit", "Equity:Aid", 50),
            500,
        ),
        (
            '\n2020-01-01 custom "coop" "fund" "aid"\n  account: Equity:Aid\n  backing: Assets:Bank\n'
            + entry("2025-01-02", "Assets:Bank", "Equity:Aid", 50),
            500,
        ),
    ],
)  # fmt: skip
def test_money_that_others_have_a_claim_on_is_not_own(more: str, left: int) -> None:
    text = INSIDE + purse(510) + spend("2025-06-01", "Expenses:Wages", 10)
    assert survival_of(rules_of(text + more), AS_OF).liquid == left * 100


def test_spending_that_an_ally_pays_and_wear_do_not_burn_own_money() -> None:
    text = ALLY + INSIDE + purse(10_000) + spend("2025-06-01", "Expenses:Wages", 365)
    text += spend("2025-06-02", "Expenses:Course", 365, 'ally: "fund"', "avoidable: TRUE")
    text += entry("2025-06-03", "Expenses:Depreciation", "Assets:Oven", 365)
    text += entry("2025-06-03", "Expenses:Help", "Income:Help", 365, "in-kind: TRUE")
    assert survival_of(rules_of(text), AS_OF).daily_out == 100


def test_without_liquid_accounts_spending_or_functions_it_is_not_evidenced() -> None:
    spent = spend("2025-06-01", "Expenses:Wages", 365)
    assert "function" in str(survival_of(rules_of(purse(9) + spent), AS_OF).missing)
    assert "nothing was spent" in str(survival_of(rules_of(INSIDE + purse(9)), AS_OF).missing)
    entries, _, options = loader.load_string((HEAD + INSIDE + spent).replace("  liquid: TRUE\n", ""))
    found = survival_of(Bylaws(facts_of(entries, options, padded=True)), AS_OF)
    assert "liquid: TRUE" in str(found.missing)
    assert (found.share, found.days) == (None, None)


@pytest.mark.parametrize(
    ("fields", "alone"),
    [
        ('provider: "internal"', True),
        ('provider: "fund"', False),
        ('provider: "fund"\n  alternative: "internal"', False),  # never tried
        ('provider: "fund"\n  alternative: "internal"\n  tested: 2025-12-31', True),
        ('provider: "fund"\n  alternative: "internal"\n  tested: 2026-01-01', False),
        ('provider: "fund"\n  alternative: "mill"\n  tested: 2025-06-01', True),
        ('provider: "fund"\n  alternative: "broker"\n  tested: 2025-06-01', False),
        ('provider: "fund"\n  alternative: "nobody"\n  tested: 2025-06-01', False),
    ],
)
def test_a_function_stands_alone_inside_or_with_a_tried_way_inside_or_at_a_cooperative(
    fields: str, alone: bool
) -> None:
    text = '\n2025-01-01 custom "coop" "screening" "mill"\n  outcome: "cooperative"\n'
    text += '\n2025-01-01 custom "coop" "screening" "broker"\n  outcome: "passed"\n'
    text += f'\n2025-01-01 custom "coop" "function" "web"\n  {fields}\n' + ALLY
    found = survival_of(rules_of(text + INSIDE + purse(9000) + spend("2025-06-01", "Expenses:Wages", 365)), AS_OF)
    assert found.share == (1 if alone else Fraction(1, 2))
    assert found.untested == (() if alone else ("web",))


def test_a_dated_debt_that_cannot_be_paid_ends_it_earlier() -> None:
    exit_terms = """
2020-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Capital:M02
2020-01-01 custom "coop" "bylaw" "capital"
  collective: "Equity:Collective"
2020-01-01 custom "coop" "bylaw" "exit"
  years: 1
2025-01-20 custom "coop" "exit" "m02"
2020-01-02 * "Buy-in"
  Assets:Bank  60 EUR
  Equity:Capital:M02
2025-01-20 * "Exit" #coop-exit
  Equity:Capital:M02  60 EUR
  Liabilities:FormerMembers:M02
"""
    text = INSIDE + exit_terms + spend("2025-06-01", "Expenses:Wages", 36)
    paid = entry("2025-06-02", "Assets:Bank", "Income:Sales", 36)
    enough = survival_of(rules_of(text + purse(37) + paid), AS_OF)
    assert (enough.days, enough.unpayable) == (None, None)
    short = survival_of(rules_of(text + spend("2025-06-03", "Assets:Oven", 1) + paid), AS_OF)
    assert (short.days, short.unpayable, short.share) == (20, date(2026, 1, 20), Fraction(20, 30))
    overdue = survival_of(rules_of(text + spend("2025-06-03", "Assets:Oven", 1) + paid), date(2026, 2, 1))
    assert (overdue.days, overdue.unpayable) == (0, date(2026, 2, 1))
    early = survival_of(rules_of(text + spend("2025-06-03", "Assets:Oven", 1) + paid), date(2025, 12, 20))
    assert early.unpayable is None  # 31 days ahead


# -- speed -----------------------------------------------------------------------------------------------------------


def pivot(day: str, hours: int | None, drill: bool = True) -> str:
    instant = f"{day}T00:00:00+00:00"
    later = date.fromisoformat(day).toordinal() + (hours or 0) // 24
    out = (
        f'\n  published-at: "{date.fromordinal(later)}T{(hours or 0) % 24:02}:00:00+00:00"' if hours is not None else ""
    )
    return f"""
{day} custom "coop" "pivot" "p-{day}"
  signal-at: "{instant}"{out}
  drill: {"TRUE" if drill else "FALSE"}
"""


@pytest.mark.parametrize(
    ("hours", "share"),
    [
        ([60], Fraction(48, 60)),
        ([48], 1),
        ([0], 1),
        ([24, 72], 1),  # the mean of the middle two
        ([24, 96], Fraction(48, 60)),
        ([10, 60, 500], Fraction(48, 60)),
        ([10, 60, None], Fraction(48, 60)),  # one that never came is longer than all
        ([10, None], 0),
        ([None], 0),
    ],
)
def test_speed_is_the_target_over_the_median_hours(hours: list[int | None], share: Fraction) -> None:
    text = "".join(pivot(f"2025-12-{number:02}", each) for number, each in enumerate(hours, 1))
    assert measures(text).pivot == share


def test_a_statement_before_the_signal_is_none() -> None:
    text = pivot("2025-12-01", 5).replace('published-at: "2025-12-01T05', 'published-at: "2025-11-30T05')
    assert measures(text).details.pivot.drills == (("p-2025-12-01", None),)


def test_drills_are_told_apart_from_events_and_without_a_late_drill_nothing_is_shown() -> None:
    real = pivot("2025-12-02", 60, drill=False)
    assert measures(real).pivot is None
    assert measures(real + pivot("2025-09-30", 60)).pivot is None  # 92 days ago
    found = measures(real + pivot("2025-10-01", 48))
    assert found.pivot == Fraction(48, 54)
    assert found.details.pivot.drills == (("p-2025-10-01", Fraction(48)),)
    assert found.details.pivot.events == (("p-2025-12-02", Fraction(60)),)


# -- all four --------------------------------------------------------------------------------------------------------


def test_the_worked_case_of_all_four_measures() -> None:
    text = carried("D-1", "2025-01-01", 'consulted: "none"') + line("Expenses:Wages", 168_000)
    for number in range(2, 25):
        consulted = 'consulted: "none"' if number <= 18 else 'consulted: "fund"'
        text += carried(f"D-{number}", "2025-01-02", consulted)
    text += ALLY + spend("2025-06-01", "Expenses:Wages", 168_000) + spend("2025-06-02", "Expenses:Rent", 72_000)
    text += purse(240_000 + 95_343)  # 145 days of 240,000 / 365 a day
    for number in range(5):
        text += f'\n2020-01-01 custom "coop" "function" "f{number}"\n  provider: "internal"\n'
    text += '\n2020-01-01 custom "coop" "function" "web"\n  provider: "fund"\n' + pivot("2025-12-01", 60)
    found = measures(text)
    assert found[:4] == (Fraction(7, 10), Fraction(3, 4), Fraction(5, 6), Fraction(4, 5))
    assert (found.index, found.missing) == (Decimal("76.9"), ())
    assert found.details.survival.days == 145


def test_empty_books_have_four_measures_missing() -> None:
    found = measures("")
    assert found[:5] == (None, None, None, None, None)
    assert found.missing == ("budget", "decisions", "survival", "pivot")


def test_what_is_dated_later_changes_nothing() -> None:
    text = INSIDE + purse(380) + spend("2025-06-01", "Expenses:Wages", 365) + pivot("2025-12-01", 60)
    text += carried("D-1", "2025-01-01", 'consulted: "none"')
    later = spend("2026-01-01", "Expenses:Wages", 100) + pivot("2026-01-01", 1) + ALLY.replace("2020", "2026")
    later += carried("D-2", "2026-01-01") + given("2026-01-02", "fund", 50, "a course")
    before, after = measures(text), measures(text + later)
    assert before.index == after.index
    assert before[:4] == after[:4]


def test_a_young_cooperative_is_measured_from_its_founding_day() -> None:
    text = (HEAD + INSIDE).replace("2020-01-01 custom", "2025-12-22 custom")
    text += spend("2025-12-25", "Expenses:Wages", 10) + entry("2025-12-23", "Assets:Bank", "Equity:Start", 110)
    entries, _, options = loader.load_string(text)
    found = survival_of(Bylaws(facts_of(entries, options, padded=True)), AS_OF)
    assert (found.daily_out, found.days) == (Fraction(100), 100)  # ten days of one euro


# -- concentration ---------------------------------------------------------------------------------------------------


def test_shares_and_their_squares() -> None:
    text = ALLY + given("2025-02-01", "fund", 60) + given("2025-02-02", "union", 30)
    found = concentration_of(rules_of(text + entry("2025-03-01", "Assets:Bank", "Income:Sales", 150)), YEAR)
    assert (found.income, found.rest) == (24_000, 15_000)
    assert found.shares == {"fund": Fraction(1, 4), "union": Fraction(1, 8)}
    assert found.outside == Fraction(3, 8)
    assert found.hhi == (Fraction(5, 64), Fraction(5, 64) + Fraction(25, 64))
    assert found.hhi_outside == Fraction(5, 9)


def test_a_gift_past_income_is_a_part_of_the_whole_and_without_income_there_is_no_share() -> None:
    text = ALLY + given("2025-02-01", "fund", 50, account="Equity:Gifts")
    found = concentration_of(rules_of(text + entry("2025-03-01", "Assets:Bank", "Income:Sales", 150)), YEAR)
    assert found.shares == {"fund": Fraction(1, 4)}
    assert concentration_of(rules_of(ALLY), YEAR).hhi is None


# -- the war game ----------------------------------------------------------------------------------------------------

GAME = (
    ALLY
    + purse(22_000)
    + given("2025-01-02", "fund", 10_000, account="Liabilities:Loans")
    + spend("2025-06-01", "Expenses:Costs", 236_000)
    + entry("2025-06-02", "Assets:Bank", "Income:Sales", 150_000)
    + given("2025-06-03", "fund", 60_000)
    + given("2025-06-04", "union", 30_000)
)


@pytest.mark.parametrize(
    ("gone", "runway"),
    [((), None), (("fund",), 169), (("union",), 505), (("fund", "union"), 110)],
)
def test_the_runway_when_allies_leave(gone: tuple[str, ...], runway: int | None) -> None:
    rules = rules_of(GAME)
    found = war_game(rules, AS_OF, gone)
    assert found.runway == runway
    assert found.liquid == (2_600_000 if "fund" in gone else 3_600_000)


def test_the_runway_of_a_siege_with_and_without_the_loan_called() -> None:
    rules = rules_of(GAME)
    assert war_game(rules, AS_OF, siege=True).runway == 40
    assert war_game(rules, AS_OF, siege=True, called=False).runway == 55
    assert war_game(rules, AS_OF, siege=True).name == "siege"


def test_the_first_day_on_which_the_money_does_not_reach() -> None:
    rules = rules_of(GAME)
    assert war_game(rules, AS_OF).first_failure is None
    found = war_game(rules, AS_OF, ("fund", "union"))
    assert found.first_failure == date(2026, 4, 21)  # 26,000 last for 110 days; the 111th is short
    assert war_game(rules, AS_OF, ("union",)).first_failure is None  # 505 days are further than 180


def test_more_called_than_there_is_ends_at_once() -> None:
    rules = rules_of(GAME + spend("2025-07-01", "Assets:Ovens", 30_000))
    found = war_game(rules, AS_OF, ("fund",))
    assert (found.liquid, found.runway, found.first_failure) == (-400_000, 0, AS_OF)


def test_what_only_an_ally_pays_stops_with_it() -> None:
    course = spend("2025-07-01", "Expenses:Course", 36_500, 'ally: "union"', "avoidable: TRUE")
    rules = rules_of(GAME + purse(36_500).replace("2020-01-02", "2020-01-03") + course)
    assert war_game(rules, AS_OF, ("union",)).runway == 505
    assert war_game(rules, AS_OF, ("fund",)).runway == 102  # 26,000 over 236,000 + 36,500 - 180,000 a year


def test_functions_that_stop_with_those_who_leave() -> None:
    functions = """
2020-01-01 custom "coop" "function" "advice"
  provider: "union"
2020-01-01 custom "coop" "function" "web"
  provider: "fund"
  alternative: "union"
  tested: 2025-01-01
2020-01-01 custom "coop" "function" "ovens"
"""
    rules = rules_of(GAME + functions)
    assert war_game(rules, AS_OF, ("fund",)).functions_lost == ()
    assert war_game(rules, AS_OF, ("union",)).functions_lost == ("advice",)
    assert war_game(rules, AS_OF, ("fund", "union")).functions_lost == ("advice", "web")
    assert war_game(rules, AS_OF, siege=True).functions_lost == ("advice", "web")
    assert isinstance(war_game(rules, AS_OF), Scenario)
    assert war_game(rules, AS_OF).name == "nobody"


# -- the answer and the command --------------------------------------------------------------------------------------

WHOLE = (
    carried("D-1", "2025-01-01", 'consulted: "none"')
    + line("Expenses:Wages", 300)
    + spend("2025-06-01", "Expenses:Wages", 365)
    + purse(380)
    + INSIDE
    + pivot("2025-12-01", 60)
)


def test_the_answer_has_the_measures_in_per_cent_and_what_they_are_made_of(coop: Callable[..., Cooperative]) -> None:
    found = coop(HEAD + WHOLE).sovereignty(AS_OF)
    assert found.measures == {"budget": "82.2", "decisions": "100.0", "survival": "50.0", "pivot": "80.0"}
    assert (found.index, found.missing, found.as_of) == ("75.7", (), "2025-12-31")
    assert found.figures == {
        "budget": "300.00 EUR of the 365.00 EUR that was spent rests on decisions of the assembly",
        "decisions": "1 of 1 decisions, few as they are, were taken without a voice from outside",
        "survival": "15 days without support from outside, 15 days without any income",
        "pivot": "60.0 hours is the median of 1 drill and 0 events",
    }
    later = coop(HEAD + WHOLE + spend("2026-01-01", "Expenses:Rent", 999)).sovereignty(AS_OF)
    assert later == found


def test_what_is_missing_is_said_and_there_is_no_index(coop: Callable[..., Cooperative]) -> None:
    found = coop(HEAD).sovereignty(AS_OF)
    assert found.missing == ("budget", "decisions", "survival", "pivot")
    assert found.index is None
    assert found.figures["pivot"] == "no drill is recorded in the 92 days up to 2025-12-31"
    assert coop("").sovereignty(AS_OF).missing == found.missing


def test_the_command_prints_the_same_to_people_programs_and_spreadsheets(tmp_path: Path) -> None:
    path = tmp_path / "main.beancount"
    path.write_text(HEAD + WHOLE)
    asked = ["sovereignty", str(path), "--as-of", "2025-12-31"]
    table = CliRunner().invoke(main, asked)
    assert table.exit_code == 0
    assert "Index: 75.7 of 100" in table.stdout
    assert "15 days without support" in table.stdout
    data = json.loads(CliRunner().invoke(main, [*asked, "--format", "json"]).stdout)
    assert data["measures"]["pivot"] == "80.0"
    rows = CliRunner().invoke(main, [*asked, "--format", "csv"]).stdout.splitlines()
    assert rows[0] == "measure,per_cent,made_of"
    assert rows[3].startswith("survival,50.0,")
    path.write_text(HEAD)
    nothing = CliRunner().invoke(main, asked)
    assert (nothing.exit_code, "No index: 0 of 4 measures have evidence." in nothing.stdout) == (0, True)
