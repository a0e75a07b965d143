"""WAG: the cap on the spread of pay, who is counted in it, and who sets it."""

from __future__ import annotations

from datetime import date

import pytest
from auditing import Before, judged

from coopbooks.audit.judgement import Judgement
from coopbooks.audit.triggers import Trigger
from coopbooks.errors import Place

AS_OF = date(2026, 2, 10)


def books(cap: str = "4", since: str = "2025-01-01", *more: str) -> str:
    rule = f'\n{since} custom "coop" "bylaw" "wage-ratio"\n  cap: {cap}\n' if cap else ""
    rule += "".join(f"  {line}\n" for line in more)
    return f"""
option "operating_currency" "EUR"
plugin "beancount.plugins.auto_accounts"
2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
2025-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages:W01
{rule}"""


def pay(month: int, high: str = "4000", low: str = "1000", year: int = 2025) -> str:
    """A month's pay for 100 hours each, so that the ratio is `high` over `low`."""
    return f"""
{year}-{month:02}-28 * "Payroll"
  Expenses:Wages:M01  {high} EUR
    hours: 100
  Expenses:Wages:W01  {low} EUR
    hours: 100
  Assets:Bank
"""


def snapshots(*months: int) -> str:
    return "".join(f'\n{2025 + m // 12}-{m % 12 + 1:02}-10 custom "coop" "snapshot" "2025-{m:02}"\n' for m in months)


def wag1(text: str, as_of: date = AS_OF, **more: object) -> Judgement:
    return judged(text, "WAG-1", as_of, **more)  # type: ignore[arg-type]


# -- WAG-1 -----------------------------------------------------------------------------------------------------------


def test_pay_inside_a_modest_cap_is_met_on_the_cap() -> None:
    found = wag1(books() + pay(1) + pay(2, "3000"))
    assert (found.outcome, found.evidence) == ("met", (Place("<string>", 9),))
    assert "4.00, in 2025-01" in found.reason


@pytest.mark.parametrize(
    ("cap", "high", "outcome"),
    [
        ("4", "4000", "met"),
        ("4", "4000.01", "shortfall"),
        ("5", "4000", "met"),
        ("5.01", "4000", "shortfall"),
        ("20", "4000", "shortfall"),
        ("20.01", "4000", "breach"),
        ("4", "20000", "shortfall"),
        ("4", "20000.01", "breach"),
        ("", "4000", "shortfall"),
        ("", "20000.01", "breach"),
    ],
)
def test_the_cap_and_the_ratio_at_their_bounds(cap: str, high: str, outcome: str) -> None:
    assert wag1(books(cap) + pay(1, high)).outcome == outcome


def test_the_bounds_are_parameters() -> None:
    ceiling = '\n2025-01-01 custom "coop" "bylaw" "wage.ceiling"\n  value: 3.5\n'
    hostile = '\n2025-01-01 custom "coop" "bylaw" "wage.hostile"\n  value: 3.9\n'
    assert wag1(books() + pay(1) + ceiling).outcome == "shortfall"
    assert wag1(books() + pay(1) + hostile).outcome == "breach"


@pytest.mark.parametrize(
    ("over", "outcome"),
    [
        ((3,), "shortfall"),
        ((3, 4), "shortfall"),
        ((3, 4, 5), "breach"),
        ((2, 4, 6), "shortfall"),
        ((1, 2, 4, 5, 6), "breach"),
    ],
)
def test_three_periods_running_are_a_breach(over: tuple[int, ...], outcome: str) -> None:
    text = books() + "".join(pay(month, "5000" if month in over else "4000") for month in range(1, 8))
    assert wag1(text).outcome == outcome


def test_a_run_may_begin_before_the_window() -> None:
    early = books().replace("2025-01-01", "2024-01-01")
    run = pay(11, "5000", year=2024) + pay(12, "5000", year=2024)
    assert wag1(early + run + pay(1, "5000")).outcome == "breach"
    assert wag1(early + run + pay(1)).outcome == "met"
    assert wag1(early + pay(10, "5000", year=2024) + run + pay(1)).outcome == "met"  # the window before has that


def test_a_period_that_is_not_over_is_not_judged() -> None:
    text = books() + pay(1) + pay(2, "5000")
    assert wag1(text, date(2025, 2, 28)).outcome == "met"
    assert wag1(text, date(2025, 3, 1)).outcome == "shortfall"


def trigger(state: str, met_on: date) -> Before:
    place = Place("<string>", 1)
    days = (date(2024, 6, 1), date(2024, 7, 1), date(2024, 7, 8))
    made = Trigger("TR-LA-2024-WAG-1", "verdict", "WAG-1", "LA-2024", "reformist", *days, state, place, place, met_on)  # type: ignore[arg-type]
    return Before(triggers=[made])


@pytest.mark.parametrize(
    ("state", "met_on", "outcome"),
    [
        ("verified", date(2025, 1, 31), "breach"),
        ("verified", date(2024, 2, 1), "breach"),
        ("verified", date(2024, 1, 31), "shortfall"),
        ("verified", date(2025, 2, 1), "shortfall"),
        ("rewritten", date(2025, 1, 31), "shortfall"),
    ],
)
def test_over_again_within_12_months_of_a_verified_rewrite(state: str, met_on: date, outcome: str) -> None:
    text = books() + pay(2, "5000") + pay(3)
    assert wag1(text, history=trigger(state, met_on)).outcome == outcome


def test_a_month_before_the_cap_has_none() -> None:
    found = wag1(books(since="2025-02-01") + pay(1) + pay(2))
    assert found.outcome == "shortfall"
    assert "2025-01" in found.reason


def test_without_pay_there_is_nothing_to_judge() -> None:
    assert wag1(books()).outcome == "not-evidenced"
    assert wag1(books() + snapshots(*range(1, 13))).outcome == "met"
    assert wag1(books(""), AS_OF).outcome == "shortfall"
    assert wag1(books(), date(2025, 1, 20)).outcome == "pending"


def test_pay_without_any_hours_shows_no_ratio() -> None:
    found = wag1(books() + pay(1).replace("    hours: 100\n", ""))
    assert found.outcome == "not-evidenced"


def test_a_cap_that_cannot_be_computed_is_an_error() -> None:
    assert wag1(books("4", "2025-01-01", 'compare: "max/floor"') + pay(1)).outcome == "error"


# -- WAG-2 -----------------------------------------------------------------------------------------------------------


def wag2(text: str, as_of: date = AS_OF) -> Judgement:
    return judged(text, "WAG-2", as_of)


def test_all_pay_with_person_and_hours_is_met_on_the_register() -> None:
    found = wag2(books() + pay(1))
    assert (found.outcome, [place.line for place in found.evidence]) == ("met", [4, 6])


@pytest.mark.parametrize(("low", "outcome"), [("40", "met"), ("41", "shortfall")])
def test_one_per_cent_may_lack_its_hours(low: str, outcome: str) -> None:
    text = pay(1, "3960", low).replace("    hours: 100\n  Assets", "  Assets")
    assert wag2(books() + text).outcome == outcome


@pytest.mark.parametrize(("nobodys", "outcome"), [("40", "met"), ("41", "shortfall")])
def test_what_is_nobodys_pay_counts_against_it(nobodys: str, outcome: str) -> None:
    text = books().replace("wages: Expenses:Wages:W01", 'wages: "Expenses:Wages:W01 Expenses:Wages:Pool"')
    text = text.replace("wages: Expenses:Wages:M01", 'wages: "Expenses:Wages:M01 Expenses:Wages:Pool"')
    text += pay(1, "2960", "1000") + f'\n2025-01-28 * "Pool"\n  Expenses:Wages:Pool  {nobodys} EUR\n  Assets:Bank\n'
    assert wag2(text).outcome == outcome


def test_a_cap_over_members_leaves_out_those_who_are_none() -> None:
    assert wag2(books("4", "2025-01-01", 'over: "members"') + pay(1)).outcome == "shortfall"
    alone = pay(1).replace("  Expenses:Wages:W01  1000 EUR\n    hours: 100\n", "")
    assert wag2(books("4", "2025-01-01", 'over: "members"') + alone).outcome == "met"


def test_contractors_are_in_the_count() -> None:
    contract = pay(1).replace(
        "  Expenses:Wages:W01  1000 EUR\n", '  Expenses:Wages:W01  1000 EUR\n    pay: "contract"\n'
    )
    assert wag2(books() + contract).outcome == "met"
    assert wag2(books("4", "2025-01-01", 'include: "base bonus"') + contract).outcome == "shortfall"
    assert wag2(books("4", "2025-01-01", 'include: "base bonus"') + pay(1)).outcome == "met"


def test_pay_without_a_price_is_not_evidenced() -> None:
    text = pay(1).replace("4000 EUR", "4000 XYZ")
    text = text.replace("  Assets:Bank", "  Assets:Bank  -1000 EUR\n  Assets:Bank  -4000 XYZ")
    assert wag2(books() + text).outcome == "not-evidenced"


def test_no_pay_is_judged_by_the_snapshots() -> None:
    assert wag2(books()).outcome == "not-evidenced"
    assert wag2(books() + snapshots(*range(1, 13))).outcome == "met"
    assert wag2(books(), date(2025, 1, 20)).outcome == "pending"


# -- WAG-3 -----------------------------------------------------------------------------------------------------------


def decision(day: str, record_id: str, **fields: object) -> str:
    stated = {"body": '"assembly"', "eligible": 1, "quorum": 1, "for": 1, "against": 0, "abstain": 0} | fields
    lines = "".join(f"  {name}: {value}\n" for name, value in stated.items())
    return f'\n{day} custom "coop" "decision" "{record_id}"\n{lines}'


def policy(name: str, day: str, record_id: str) -> str:
    return f'\n{day} custom "coop" "policy" "{name}"\n  decision: "{record_id}"\n'


def papers(decided: str = "2025-02-01", **fields: object) -> str:
    both = policy("pay-scale", "2025-02-01", "D-1") + policy("schedules", "2025-02-01", "D-2")
    return both + decision("2025-02-01", "D-1") + decision(decided, "D-2", **fields)


def wag3(text: str) -> Judgement:
    return judged(books() + text, "WAG-3", AS_OF)


def test_scale_and_schedules_of_the_assembly_are_met_on_four_records() -> None:
    found = wag3(papers())
    assert (found.outcome, len(found.evidence)) == ("met", 4)


@pytest.mark.parametrize(("decided", "outcome"), [("2023-12-31", "met"), ("2023-12-30", "shortfall")])
def test_a_decision_lasts_24_months(decided: str, outcome: str) -> None:
    assert wag3(papers(decided)).outcome == outcome


def test_another_body_and_a_lost_vote_do_not_set_pay() -> None:
    assert wag3(papers(body='"board"')).outcome == "shortfall"
    assert wag3(papers().replace("  for: 1\n  against: 0\n", "  for: 0\n  against: 1\n")).outcome == "shortfall"
    assert wag3(papers().replace(' "D-2"\n  body', ' "D-3"\n  body')).outcome == "shortfall"


def test_without_the_papers_the_panel_asks() -> None:
    assert wag3("").outcome == "not-evidenced"
    assert wag3(policy("pay-scale", "2025-02-01", "D-1") + decision("2025-02-01", "D-1")).outcome == "not-evidenced"
