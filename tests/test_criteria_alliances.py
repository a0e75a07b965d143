"""ALY-1 to ALY-8: contracts, sunsets, the pulse, signals, shares, survival, the published index, the yearly look."""

from __future__ import annotations

from datetime import date

import pytest
from auditing import judged

AS_OF = date(2026, 2, 28)

HEAD = """
option "operating_currency" "EUR"
plugin "beancount.plugins.auto_accounts"
2020-01-01 open Assets:Bank
  liquid: TRUE
2024-01-01 custom "coop" "member" "m01"
"""
ALLY = '\n2024-01-01 custom "coop" "ally" "fund"\n'
SNAPSHOTS = "".join(
    f'\n2026-01-05 custom "coop" "snapshot" "2025-{month:02}"\n  audience: "all workers"\n' for month in range(1, 13)
)


def outcome(text: str, criterion: str, as_of: date = AS_OF) -> str:
    return judged(HEAD + text, criterion, as_of).outcome


def record(day: str, kind: str, record_id: str, *fields: str) -> str:
    return f'\n{day} custom "coop" "{kind}" "{record_id}"\n' + "".join(f"  {field}\n" for field in fields)


def given(day: str, units: int | str, ally: str = "fund", account: str = "Income:Allies") -> str:
    return f"""
{day} * "Gift"
  Assets:Bank
  {account}  -{units} EUR
    ally: "{ally}"
    conditions: "none"
"""


def sold(day: str, units: int) -> str:
    return f'\n{day} * "Bread"\n  Assets:Bank  {units} EUR\n  Income:Sales\n'


def contract(signed: str, *fields: str, sunset: str = "2026-12-31", day: str | None = None, ally: str = "fund") -> str:
    clauses = ["open-ledger: TRUE", "non-interference: TRUE", "assembly-supremacy: TRUE"]
    own = fields or (*clauses, f"sunset: {sunset}", f"signed: {signed}")
    return record(day or signed, "contract", ally, *own)


@pytest.mark.parametrize("criterion", ["ALY-1", "ALY-2", "ALY-3", "ALY-4", "ALY-5", "ALY-8"])
def test_books_without_allies_need_the_snapshots_of_the_window_and_nothing_else(criterion: str) -> None:
    assert outcome(SNAPSHOTS, criterion) == "met"
    assert outcome(SNAPSHOTS.replace('"2025-07"', '"2024-07"'), criterion) == "not-evidenced"


# -- ALY-1 -----------------------------------------------------------------------------------------------------------


def test_a_contract_is_signed_at_most_30_days_after_the_floor_is_passed() -> None:
    passed = ALLY + given("2025-03-01", 501)
    assert outcome(passed + contract("2025-03-31"), "ALY-1") == "met"
    assert outcome(passed + contract("2025-04-01"), "ALY-1") == "shortfall"
    assert outcome(passed + contract("2024-06-01"), "ALY-1") == "met"
    assert outcome(passed, "ALY-1") == "shortfall"


def test_the_floor_itself_needs_no_contract_and_gifts_add_up() -> None:
    assert outcome(ALLY + SNAPSHOTS + given("2025-03-01", 500), "ALY-1") == "met"
    assert outcome(ALLY + given("2025-03-01", 500), "ALY-1") == "not-evidenced"
    both = ALLY + SNAPSHOTS + given("2025-03-01", 300) + given("2025-05-01", "200.01")
    assert outcome(both, "ALY-1") == "shortfall"
    assert outcome(both + contract("2025-05-31"), "ALY-1") == "met"
    lower = record("2024-01-01", "bylaw", "ally.floor", "value: 100")
    assert outcome(lower + ALLY + SNAPSHOTS + given("2025-03-01", 101), "ALY-1") == "shortfall"


def test_an_ally_in_kind_or_one_without_a_record_needs_a_contract_too() -> None:
    flour = """
2025-03-01 * "Flour"
  Expenses:Flour  600 EUR
    ally: "mill"
    conditions: "none"
    in-kind: TRUE
    valuation: "list price"
  Income:InKind
"""
    assert outcome(ALLY + SNAPSHOTS + flour, "ALY-1") == "shortfall"
    assert outcome(ALLY + SNAPSHOTS + flour + contract("2025-03-02", ally="mill"), "ALY-1") == "met"


def test_money_that_went_back_within_30_days_needs_no_contract() -> None:
    back = (
        '\n{} * "Back"\n  Assets:Bank  -501 EUR\n  Income:Allies  501 EUR\n    ally: "fund"\n    conditions: "none"\n'
    )
    text = ALLY + SNAPSHOTS + given("2025-03-01", 501)
    assert outcome(text + back.format("2025-03-31"), "ALY-1") == "met"
    assert outcome(text + back.format("2025-04-01"), "ALY-1") == "shortfall"


def test_until_day_30_the_contract_may_still_come() -> None:
    text = ALLY + given("2025-12-20", 501)
    assert outcome(text, "ALY-1", date(2026, 1, 19)) == "pending"
    assert outcome(text, "ALY-1", date(2026, 1, 20)) == "shortfall"
    assert outcome(text + contract("2026-01-19"), "ALY-1", date(2026, 1, 20)) == "met"
    assert outcome(text, "ALY-2", date(2026, 1, 19)) == "pending"
    assert outcome(text, "ALY-2", date(2026, 1, 20)) == "not-evidenced"
    assert outcome(text + contract("2026-01-19"), "ALY-2", date(2026, 1, 20)) == "met"


@pytest.mark.parametrize("missing", ["open-ledger", "non-interference", "assembly-supremacy", "sunset", "signed"])
def test_each_clause_and_the_signature_must_be_there(missing: str) -> None:
    whole = {
        "open-ledger": "TRUE",
        "non-interference": "TRUE",
        "assembly-supremacy": "TRUE",
        "sunset": "2026-12-31",
        "signed": "2025-03-02",
    }
    fields = [f"{name}: {value}" for name, value in whole.items() if name != missing]
    text = HEAD + ALLY + given("2025-03-01", 501) + contract("2025-03-02", *fields)
    found = judged(text, "ALY-1", AS_OF)
    assert found.outcome == "shortfall"
    assert missing in found.reason


def test_an_old_ally_needs_its_contract_from_the_windows_first_day_if_it_gives_again() -> None:
    old = ALLY + SNAPSHOTS + given("2024-02-01", 900)
    again = old + given("2025-06-01", 1)
    assert outcome(old, "ALY-1") == "met"  # it has left, and nothing came in the window
    assert outcome(again + contract("2025-01-01"), "ALY-1") == "met"
    assert outcome(again + contract("2025-01-02"), "ALY-1") == "shortfall"


def test_a_contract_that_ended_or_lapsed_is_no_contract_for_the_next_gift() -> None:
    text = ALLY + given("2025-03-01", 501) + contract("2025-03-01", sunset="2025-09-30")
    assert outcome(text, "ALY-1") == "met"
    assert outcome(text + given("2025-09-30", 1), "ALY-1") == "met"
    assert outcome(text + given("2025-10-01", 1), "ALY-1") == "shortfall"
    clauses = ("open-ledger: TRUE", "non-interference: TRUE", "assembly-supremacy: TRUE", "sunset: 2026-12-31")
    ended = text + contract("2025-07-01", *clauses, "signed: 2025-07-01", "ends: 2025-08-01")
    assert outcome(ended, "ALY-1") == "met"
    assert outcome(ended + given("2025-08-01", 1), "ALY-1") == "shortfall"


def test_a_decision_of_an_ally_is_a_breach() -> None:
    text = ALLY + given("2025-03-01", 501) + contract("2025-03-02")
    assert outcome(text + record("2025-05-01", "decision", "D-1", 'body: "ally"'), "ALY-1") == "breach"
    assert outcome(text + record("2024-05-01", "decision", "D-1", 'body: "ally"'), "ALY-1") == "met"
    assert outcome(text + record("2025-05-01", "decision", "D-1", 'body: "assembly"'), "ALY-1") == "met"


def test_a_gift_without_a_price_leaves_it_unjudged() -> None:
    strange = ALLY + SNAPSHOTS + given("2025-03-01", 1).replace("EUR", "XOF")
    assert outcome(strange, "ALY-1") == "error"
    assert outcome(strange, "ALY-5") == "error"


def test_the_contract_is_the_evidence() -> None:
    text = HEAD + ALLY + SNAPSHOTS + given("2025-03-01", 501) + contract("2025-03-02")
    for criterion in ("ALY-1", "ALY-2"):
        found = judged(text, criterion, AS_OF)
        (place,) = found.evidence
        assert '"contract"' in text.splitlines()[place.line - 1]
        assert judged(text.replace(contract("2025-03-02"), ""), criterion, AS_OF).outcome != "met"


def test_leaving_all_records_of_allies_out_hides_no_gift() -> None:
    text = SNAPSHOTS + given("2025-03-01", 501) + sold("2025-03-02", 400)
    assert outcome(text, "ALY-1") == "shortfall"
    assert outcome(text, "ALY-2") == "not-evidenced"
    assert outcome(text, "ALY-5") == "shortfall"
    grant = '\n2025-04-01 * "Grant"\n  Assets:Bank  {} EUR\n  Income:Grants:City\n'
    assert outcome(SNAPSHOTS + sold("2025-03-02", 300) + grant.format(100), "ALY-5") == "met"
    assert outcome(SNAPSHOTS + sold("2025-03-02", 300) + grant.format(101), "ALY-5") == "shortfall"


# -- ALY-2 -----------------------------------------------------------------------------------------------------------


def test_nothing_is_accepted_after_the_sunset() -> None:
    text = ALLY + contract("2024-06-01", sunset="2025-06-01") + given("2024-06-02", 600)
    assert outcome(text + given("2025-06-01", 10), "ALY-2") == "met"
    assert outcome(text + given("2025-06-02", 10), "ALY-2") == "shortfall"
    anew = contract("2025-06-02", sunset="2026-06-01")
    assert outcome(text + anew + given("2025-06-02", 10), "ALY-2") == "met"
    assert outcome(text + anew + given("2025-06-01", 10) + given("2025-07-01", 10), "ALY-2") == "met"
    late = contract("2025-06-03", sunset="2026-06-01")
    assert outcome(text + late + given("2025-06-02", 10), "ALY-2") == "shortfall"


def test_a_contract_without_a_sunset_lapses_after_the_months_of_the_bylaws() -> None:
    text = ALLY + contract("2024-06-30", "signed: 2024-06-30") + given("2024-07-01", 600)
    assert outcome(text + given("2025-06-30", 10), "ALY-2") == "met"
    assert outcome(text + given("2025-07-01", 10), "ALY-2") == "shortfall"
    shorter = record("2024-01-01", "bylaw", "sunset.months", "value: 6") + text
    assert outcome(shorter + given("2025-01-01", 10), "ALY-2") == "shortfall"


def test_one_further_interval_is_late_and_more_is_a_breach() -> None:
    text = ALLY + contract("2023-08-01", sunset="2024-08-15")
    assert outcome(text + given("2025-08-15", 10), "ALY-2") == "shortfall"
    assert outcome(text + given("2025-08-16", 10), "ALY-2") == "breach"


def test_what_goes_back_is_not_accepted() -> None:
    text = ALLY + SNAPSHOTS + contract("2024-06-01", sunset="2024-12-31")
    back = '\n2025-05-01 * "Back"\n  Assets:Bank  -5 EUR\n  Income:Allies  5 EUR\n    ally: "fund"\n    conditions: "none"\n'
    assert outcome(text + back, "ALY-2") == "met"


def test_above_the_floor_without_a_contract_nobody_can_say_when_it_lapses() -> None:
    text = ALLY + SNAPSHOTS + given("2025-03-01", 501)
    assert outcome(text, "ALY-2") == "not-evidenced"
    assert outcome(text + contract("2025-04-01"), "ALY-2") == "not-evidenced"
    assert outcome(text + contract("2025-03-31"), "ALY-2") == "met"
    assert outcome(ALLY + SNAPSHOTS + given("2025-03-01", 500), "ALY-2") == "met"


# -- ALY-3 -----------------------------------------------------------------------------------------------------------

STEPS = ("ledger-reveal: TRUE", "dependency-scan: TRUE", "narrative-check: TRUE")
VOTES = 'votes: "fund:strengthened=9:muddled=2 union:strengthened=12"'


def pulse(day: str, *fields: str) -> str:
    return record(day, "pulse", f"p-{day}", *(fields or (*STEPS, VOTES)))


PULSES = "".join(pulse(day) for day in ("2025-02-01", "2025-05-01", "2025-08-01", "2025-11-01"))


def test_each_quarter_and_each_major_meeting_has_a_pulse() -> None:
    assert outcome(ALLY + PULSES, "ALY-3") == "met"
    assert outcome(ALLY + PULSES.replace("2025-05-01", "2025-08-02"), "ALY-3") == "shortfall"
    assert outcome(ALLY + SNAPSHOTS, "ALY-3") == "shortfall"
    met = record("2025-06-10", "assembly", "june")
    assert outcome(ALLY + PULSES + met, "ALY-3") == "shortfall"
    assert outcome(ALLY + PULSES + met + pulse("2025-06-10"), "ALY-3") == "met"
    strategic = record("2025-06-10", "decision", "D-1", 'body: "assembly"', "strategic: TRUE")
    assert outcome(ALLY + PULSES + strategic, "ALY-3") == "shortfall"
    assert outcome(ALLY + PULSES + strategic.replace("TRUE", "FALSE"), "ALY-3") == "met"
    assert outcome(ALLY + PULSES + strategic.replace("assembly", "board"), "ALY-3") == "met"


@pytest.mark.parametrize("left", range(4))
def test_all_four_steps_are_taken(left: int) -> None:
    fields = [each for number, each in enumerate((*STEPS, VOTES)) if number != left]
    assert outcome(ALLY + PULSES + pulse("2025-12-01", *fields), "ALY-3") == "shortfall"


@pytest.mark.parametrize("votes", ["nine of them", "fund:strengthened=many", "fund:delighted=2", "fund"])
def test_votes_that_nobody_can_count_are_no_vote(votes: str) -> None:
    assert outcome(ALLY + PULSES + pulse("2025-12-01", *STEPS, f'votes: "{votes}"'), "ALY-3") == "shortfall"


def test_a_single_red_flag_is_looked_into_within_30_days() -> None:
    red = ALLY + PULSES + pulse("2025-06-01", *STEPS, 'votes: "fund:strengthened=30:constrained=1"')
    assert outcome(red, "ALY-3") == "shortfall"
    assert outcome(red + record("2025-07-01", "caucus", "fund"), "ALY-3") == "met"
    assert outcome(red + record("2025-07-02", "caucus", "fund"), "ALY-3") == "shortfall"
    assert outcome(red + record("2025-05-31", "caucus", "fund"), "ALY-3") == "shortfall"
    assert outcome(red + record("2025-06-20", "caucus", "union"), "ALY-3") == "shortfall"
    decided = red.replace("fund:strengthened=30:constrained=1", 'fund:constrained=1"\n  decision: "D-9')
    assert outcome(decided + record("2025-07-01", "decision", "D-9"), "ALY-3") == "met"
    assert outcome(decided + record("2025-07-02", "decision", "D-9"), "ALY-3") == "shortfall"
    late = ALLY + PULSES + pulse("2025-12-20", *STEPS, 'votes: "fund:constrained=1"')
    assert outcome(late, "ALY-3", date(2026, 1, 19)) == "met"
    assert outcome(late, "ALY-3", date(2026, 1, 20)) == "shortfall"


def test_a_pulse_of_a_window_whose_first_quarter_runs_is_pending() -> None:
    assert outcome(ALLY, "ALY-3", date(2025, 3, 31)) == "pending"
    assert outcome(ALLY, "ALY-3", date(2025, 4, 1)) == "shortfall"


# -- ALY-4 -----------------------------------------------------------------------------------------------------------


def test_a_signal_has_its_caucus_in_7_days_and_an_outcome_in_14() -> None:
    signal = ALLY + record("2025-03-01", "signal", "fund", 'what: "conditional-funding"')
    at_once = record("2025-03-08", "caucus", "fund", 'outcome: "suspend"')
    assert outcome(signal + at_once, "ALY-4") == "met"
    assert outcome(signal + at_once.replace("03-08", "03-09"), "ALY-4") == "shortfall"
    first = signal + record("2025-03-08", "caucus", "fund")
    assert outcome(first, "ALY-4") == "shortfall"
    assert outcome(first + record("2025-03-15", "caucus", "fund", 'outcome: "exit"'), "ALY-4") == "met"
    assert outcome(first + record("2025-03-16", "caucus", "fund", 'outcome: "exit"'), "ALY-4") == "shortfall"
    assert outcome(signal + at_once.replace('"fund"', '"union"'), "ALY-4") == "shortfall"
    assert outcome(signal + at_once.replace("03-08", "02-28"), "ALY-4") == "shortfall"


def test_a_signal_whose_days_run_is_pending() -> None:
    signal = ALLY + SNAPSHOTS + record("2025-12-31", "signal", "fund")
    assert outcome(signal, "ALY-4", date(2026, 1, 7)) == "pending"
    assert outcome(signal, "ALY-4", date(2026, 1, 8)) == "shortfall"
    held = signal + record("2026-01-05", "caucus", "fund")
    assert outcome(held, "ALY-4", date(2026, 1, 14)) == "pending"
    assert outcome(held, "ALY-4", date(2026, 1, 15)) == "shortfall"
    answered = record("2025-03-01", "signal", "fund") + record("2025-03-02", "caucus", "fund", 'outcome: "continue"')
    assert outcome(signal + answered, "ALY-4", date(2026, 1, 7)) == "met"


# -- ALY-5 -----------------------------------------------------------------------------------------------------------


def test_the_largest_ally_brings_at_most_a_quarter_of_the_income() -> None:
    text = ALLY + given("2025-02-01", 250) + given("2025-02-02", 200, "union")
    assert outcome(text + sold("2025-03-01", 550), "ALY-5") == "met"
    assert outcome(text + sold("2025-03-01", 549), "ALY-5") == "shortfall"
    tighter = record("2024-01-01", "bylaw", "ally.max-share", "value: 0.20")
    assert outcome(tighter + text + sold("2025-03-01", 550), "ALY-5") == "shortfall"


def test_support_that_names_nobody_counts_as_the_largest_allys() -> None:
    text = ALLY + given("2025-02-01", 150) + sold("2025-03-01", 750)
    unnamed = '\n2025-04-01 * "Grant"\n  Assets:Bank  100 EUR\n  Income:Grants:City\n'
    assert outcome(text + unnamed, "ALY-5") == "met"
    assert outcome(text + unnamed.replace("100 EUR", "150 EUR"), "ALY-5") == "shortfall"
    named = ALLY + given("2025-02-01", 250, account="Income:Grants") + sold("2025-03-01", 750)
    assert outcome(named, "ALY-5") == "met"


def test_gifts_of_other_years_do_not_count_and_without_income_there_is_no_share() -> None:
    assert outcome(ALLY + SNAPSHOTS + given("2024-12-31", 900), "ALY-5") == "met"
    back = '\n2025-05-01 * "Back"\n  Assets:Bank  -5 EUR\n  Income:Allies  5 EUR\n    ally: "fund"\n    conditions: "none"\n'
    assert outcome(ALLY + SNAPSHOTS + back, "ALY-5") == "not-evidenced"


# -- ALY-6 -----------------------------------------------------------------------------------------------------------


def purse(units: int) -> str:
    return f'\n2024-06-01 * "Start"\n  Assets:Bank  {units} EUR\n  Equity:Start\n'


SPENT = '\n2025-06-01 * "Wages"\n  Expenses:Wages  365 EUR\n  Assets:Bank\n'
OVENS = record("2024-01-01", "function", "ovens", 'provider: "internal"')


def test_thirty_days_without_support_from_outside() -> None:
    assert outcome(OVENS + SPENT + purse(395), "ALY-6") == "met"
    assert outcome(OVENS + SPENT + purse(394), "ALY-6") == "shortfall"
    longer = record("2024-01-01", "bylaw", "survival.days", "value: 31")
    assert outcome(longer + OVENS + SPENT + purse(395), "ALY-6") == "shortfall"


def test_each_function_has_another_way_that_was_tried() -> None:
    web = record("2024-01-01", "function", "web", 'provider: "fund"', 'alternative: "internal"', "tested: 2025-12-31")
    assert outcome(OVENS + SPENT + purse(395) + web, "ALY-6") == "met"
    assert outcome(OVENS + SPENT + purse(395) + web.replace("2025-12-31", "2026-01-01"), "ALY-6") == "shortfall"
    assert outcome(SPENT + purse(395), "ALY-6") == "not-evidenced"


# -- ALY-7 -----------------------------------------------------------------------------------------------------------

DAYS = ("2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31")
INDEX = "".join(record(day, "practice", "sovereignty-index") for day in DAYS)
DRILLS = "".join(
    record(day, "pivot", f"p-{day}", f'signal-at: "{day}T08:00:00Z"', f'published-at: "{day}T20:00:00Z"', "drill: TRUE")
    for day in DAYS
)
MEASURED = OVENS + SPENT.replace("2025-06-01", "2025-03-01") + purse(9000) + DRILLS
ASSEMBLY = (
    record("2025-01-10", "decision", "D-1", 'body: "assembly"', "eligible: 1", "quorum: 1", "for: 1", "against: 0")
    + '  consulted: "none"\n'
    + record("2025-01-10", "budget", "wages", "account: Expenses:Wages", "amount: 365 EUR", 'decision: "D-1"')
)


def test_the_index_is_published_each_quarter() -> None:
    text = MEASURED + ASSEMBLY
    assert outcome(text + INDEX, "ALY-7") == "met"
    assert outcome(text + INDEX.replace("2025-06-30", "2025-07-01"), "ALY-7") == "shortfall"
    assert outcome(text, "ALY-7") == "shortfall"
    assert outcome(text, "ALY-7", date(2025, 3, 31)) == "pending"


def test_four_measures_are_needed_for_an_index() -> None:
    assert outcome(MEASURED.replace(OVENS, "") + ASSEMBLY + INDEX, "ALY-7") == "not-evidenced"


def test_a_fall_is_followed_by_an_assembly() -> None:
    fall = MEASURED + ASSEMBLY + INDEX + '\n2025-08-01 * "Rent"\n  Expenses:Rent  100 EUR\n  Assets:Bank\n'
    assert outcome(fall, "ALY-7") == "shortfall"
    assert outcome(fall + record("2025-12-31", "assembly", "winter"), "ALY-7") == "met"  # day 92
    assert outcome(fall + record("2026-01-01", "assembly", "winter"), "ALY-7") == "shortfall"
    assert outcome(fall + record("2025-09-29", "assembly", "autumn"), "ALY-7") == "shortfall"
    assert outcome(fall, "ALY-7", date(2025, 12, 31)) == "met"  # the days for the assembly still run


# -- ALY-8 -----------------------------------------------------------------------------------------------------------


def test_the_yearly_look_at_allies_is_read_by_the_panel() -> None:
    assert outcome(ALLY + SNAPSHOTS, "ALY-8") == "not-evidenced"
    held = judged(HEAD + ALLY + record("2025-11-01", "practice", "sovereignty-audit"), "ALY-8", AS_OF)
    assert held.outcome == "not-evidenced"
    assert "panel" in held.reason
    assert len(held.evidence) == 1
    assert outcome(ALLY, "ALY-8", date(2025, 12, 31)) == "pending"
