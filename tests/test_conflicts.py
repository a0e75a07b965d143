"""What the books say of an auditor: every sort of tie on both sides of its bounds, and what a declaration leaves out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from textwrap import dedent

import pytest
from beancount import loader

from coopbooks.audit.cases import cases_of
from coopbooks.audit.conflicts import Tie, is_told, sits, ties_of, untold
from coopbooks.books.entries import facts_of
from coopbooks.bylaws import Bylaws
from coopbooks.errors import Place
from coopbooks.records.audits import Auditor

DAY = date(2026, 5, 5)
FLOOR = Decimal(500)
ROSA = "tenants-union:rosa"

HEAD = """
option "operating_currency" "EUR"

2020-01-01 open Assets:Bank
2020-01-01 open Expenses:Rent
2020-01-01 open Expenses:Wages
2020-01-01 open Income:Gifts
2020-01-01 open Equity:Funds:Strike
2020-01-01 open Equity:Opening

2020-01-01 custom "coop" "fund" "strike"
  account: Equity:Funds:Strike
  kind: "strike"
2020-01-01 custom "coop" "decision" "D-1"
2020-01-01 * "Begin"
  source: "donation"
  Assets:Bank            9000.00 EUR
  Equity:Funds:Strike   -9000.00 EUR
"""


def rules_of(text: str) -> Bylaws:
    entries, errors, options = loader.load_string(HEAD + dedent(text))
    assert not errors, errors
    return Bylaws(facts_of(entries, options, padded=True))


def ties(text: str, person: str = ROSA, day: date = DAY) -> list[Tie]:
    rules = rules_of(text)
    return ties_of(rules, person, day, FLOOR, [case for case in cases_of(rules) if case.verdict])


def spent(amount: str, payee: str = "Tenants' Union", day: str = "2025-11-02", fields: str = "") -> str:
    return f"""
{day} * "{payee}" "Support"
  decision: "D-1"{fields}
  Equity:Funds:Strike   {amount} EUR
  Assets:Bank          -{amount} EUR
"""


def bought(amount: str, payee: str = "Tenants Union", day: str = "2025-11-02", fields: str = "") -> str:
    return f"""
{day} * "{payee}" "Rent of the hall"{fields}
  Expenses:Rent   {amount} EUR
  Assets:Bank    -{amount} EUR
"""


def test_an_id_without_a_person_is_nobody_s_payee() -> None:
    assert ties(bought("900.00", "- - -"), "solo") == []


def test_who_is_unknown_to_the_books_has_no_tie() -> None:
    assert ties("") == []
    assert ties(spent("400.00", "Dockers") + bought("900.00", "Power works")) == []


# -- work and pay ----------------------------------------------------------------------------------------------------

WORKS = """
2020-01-01 custom "coop" "worker" "rosa"
  wages: Expenses:Wages
"""


@pytest.mark.parametrize(
    ("left", "tied"), [("", True), ("2024-05-05", False), ("2024-05-06", True), ("2026-05-05", True)]
)
def test_whoever_worked_here_in_the_last_24_months_is_excluded(left: str, tied: bool) -> None:
    found = ties(WORKS + (f'{left} custom "coop" "exit" "rosa"\n' if left else ""))
    assert [(tie.sort, tie.excludes) for tie in found] == ([("work", True)] if tied else [])


@pytest.mark.parametrize(("day", "tied"), [("2024-05-04", False), ("2024-05-05", True), ("2026-05-06", False)])
def test_whoever_was_paid_in_the_last_24_months_is_excluded(day: str, tied: bool) -> None:
    paid = f"""
2020-01-01 custom "coop" "worker" "rosa"
  wages: Expenses:Wages
2021-01-01 custom "coop" "exit" "rosa"
{day} * "Late pay"
  Expenses:Wages   10.00 EUR
    worker: "rosa"
    hours: 1
  Assets:Bank     -10.00 EUR
"""
    assert [(tie.sort, tie.excludes, tie.amounts) for tie in ties(paid)] == ([("pay", True, (1000,))] if tied else [])


@pytest.mark.parametrize("payee", ["Rosa", "rosa", ROSA])
def test_a_payee_written_like_the_person_was_paid(payee: str) -> None:
    (tie,) = ties(bought("5.00", payee))
    assert (tie.sort, tie.excludes, tie.text) == (
        "pay", True, "5.00 EUR was paid to tenants-union:rosa since 2024-05-05",
    )  # fmt: skip


# -- trade and gifts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("amount", "excluded"), [("0.01", False), ("500.00", False), ("500.01", True)])
def test_a_supplier_is_excluded_above_the_floor(amount: str, excluded: bool) -> None:
    (tie,) = ties(bought(amount))
    assert (tie.sort, tie.excludes) == ("supplier", excluded)
    assert tie.text == f"{amount} EUR was bought from tenants-union since 2024-05-05"
    assert tie.places == (Place("<string>", 21),)


@pytest.mark.parametrize(
    "text",
    [
        bought("7.00", "TENANTS   UNION"),
        bought("7.00", "Somebody", fields='\n  supplier: "tenants-union"'),
        bought("7.00", "Mieterbund", fields='\n  supplier: "tu"')
        + '2020-01-01 custom "coop" "ally" "tu"\n  name: "Tenants\' Union"\n',
    ],
)
def test_an_organisation_is_known_however_it_is_written(text: str) -> None:
    assert [tie.sort for tie in ties(text)] == ["supplier"]


def gift(amount: str, ally: str = "tenants-union", day: str = "2025-11-02") -> str:
    return f"""
2020-01-01 custom "coop" "ally" "{ally}"
{day} * "A gift"
  Assets:Bank     {amount} EUR
  Income:Gifts   -{amount} EUR
    ally: "{ally}"
    conditions: "none"
"""


@pytest.mark.parametrize(("amount", "excluded"), [("500.00", False), ("500.01", True)])
def test_an_ally_is_excluded_above_the_floor(amount: str, excluded: bool) -> None:
    (tie,) = ties(gift(amount))
    assert (tie.sort, tie.excludes, tie.total) == ("ally", excluded, int(Decimal(amount) * 100))
    assert ties(gift(amount, "dockers")) == []
    assert ties(gift(amount, day="2024-05-04")) == []


# -- movement funds --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("own", "others", "excluded"), [("100.00", "900.00", False), ("100.01", "900.00", True)])
def test_a_tenth_of_what_a_fund_paid_out_is_the_most(own: str, others: str, excluded: bool) -> None:
    (tie,) = ties(spent(own) + spent(others, "Dockers"))
    assert (tie.sort, tie.excludes) == ("fund", excluded)
    total = Decimal(own) + Decimal(others)
    assert (
        tie.text
        == f"{own} EUR went from fund strike to tenants-union since 2024-05-05, of {total:,} EUR that it paid out"
    )


@pytest.mark.parametrize("field", ["recipient", "ally", "supplier"])
def test_a_recipient_that_is_written_down_wins_over_the_payee(field: str) -> None:
    named = f'\n  {field}: "tenants-union"'
    assert [tie.sort for tie in ties(spent("5.00", "Bank transfer", fields=named)) if tie.sort == "fund"] == ["fund"]
    assert ties(spent("5.00", fields='\n  recipient: "dockers"')) == []


def test_money_of_a_fund_from_long_ago_is_no_tie() -> None:
    assert ties(spent("5.00", day="2024-05-04")) == []


# -- panels ----------------------------------------------------------------------------------------------------------


def panel(name: str, year: int, person: str = ROSA, accepted: str = "TRUE") -> str:
    return f"""
{year}-03-01 custom "coop" "auditor" "{person}"
  audit: "{name}"
  accepted: {accepted}
{year}-04-01 custom "coop" "audit" "{name}"
{year}-05-01 custom "coop" "verdict" "{name}"
  verdict: "reformist"
"""


def test_whoever_sat_on_one_of_the_last_two_panels_is_excluded() -> None:
    three = panel("LA-2023", 2023) + panel("LA-2024", 2024, "press:eva") + panel("LA-2025", 2025, "press:ida")
    assert ties(three) == []
    two = panel("LA-2024", 2024) + panel("LA-2025", 2025, "press:ida")
    assert [(tie.sort, tie.excludes, tie.text) for tie in ties(two)] == [
        ("panel", True, "tenants-union:rosa sat on the panel of LA-2024")
    ]
    assert ties(panel("LA-2025", 2025, accepted="FALSE")) == []


# -- the declaration -------------------------------------------------------------------------------------------------


def declared(text: str, conflicts: str) -> list[str]:
    rules = rules_of(text)
    auditor = Auditor(id=ROSA, date=DAY, place=Place("main", 1), conflicts=conflicts)
    return [tie.sort for tie in untold(rules, auditor, ties_of(rules, ROSA, DAY, FLOOR))]


@pytest.mark.parametrize(
    ("conflicts", "left_out"),
    [
        ("none", True),
        ("tenants union received 400 EUR from the strike fund on 2025-11-02", False),
        ("we got 400.00 EUR", False),
        ("we got 40 EUR", True),
        ("some money", True),
        ("", True),
    ],
)
def test_a_sum_that_the_books_show_is_told_by_its_figure(conflicts: str, left_out: bool) -> None:
    assert declared(spent("400.00"), conflicts) == (["fund"] if left_out else [])


@pytest.mark.parametrize(
    ("conflicts", "left_out"),
    [
        ("1,600 EUR in all", False),
        ("1.600,00 EUR in all", False),
        ("1 600 EUR", False),
        ("400 and then 1200.00", False),
        ("only the 400", True),
        ("16000", True),
    ],
)
def test_several_sums_are_told_together_or_one_by_one(conflicts: str, left_out: bool) -> None:
    text = spent("400.00") + spent("1200.00", day="2026-01-02")
    assert declared(text, conflicts) == (["fund"] if left_out else [])


def test_a_tie_that_is_left_out_stays_left_out_beside_one_that_is_told() -> None:
    assert declared(spent("400.00") + bought("30.00"), "400 EUR of the strike fund") == ["supplier"]


@pytest.mark.parametrize(
    ("conflicts", "told"), [("I was a member once", True), ("worked there", True), ("none", False)]
)
def test_work_is_told_by_a_word(conflicts: str, told: bool) -> None:
    rules = rules_of(WORKS)
    (tie,) = ties_of(rules, ROSA, DAY, FLOOR)
    assert is_told(rules, tie, conflicts) is told


def test_whoever_has_no_tie_that_excludes_may_sit() -> None:
    assert sits(ties(bought("500.00")))
    assert not sits(ties(bought("500.01")))
