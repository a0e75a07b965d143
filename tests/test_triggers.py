"""Triggers: day 0 and the last days, what counts as a rewrite and why another does not, thresholds, duties, calendar file."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from coopbooks.audit.cases import cases_of
from coopbooks.audit.duties import audit_duties, trigger_findings
from coopbooks.audit.thresholds import crossings, with_thresholds
from coopbooks.audit.triggers import EFFECTIVE_DAYS, Produced, Terms, Trigger, verdict_triggers
from coopbooks.books.entries import facts_of
from coopbooks.bylaws import Bylaws
from coopbooks.cli import program
from coopbooks.cooperative import load
from coopbooks.reports import deadlines
from coopbooks.rules.surplus import Surpluses

DAY = timedelta(days=1)
SIGNED = date(2026, 6, 1)
D1, D2 = date(2026, 7, 1), date(2026, 7, 8)
ID = "TR-A1-SUP-2"

MEMBERS = "".join(f'2024-01-01 custom "coop" "member" "m{number:02}"\n' for number in range(1, 15))
HEAD = f"""
option "operating_currency" "EUR"
plugin "beancount.plugins.auto_accounts"
{MEMBERS}
2026-05-10 custom "coop" "audit" "A1"
  window-start: 2025-01-01
  window-end: 2025-12-31
"""
OLD = """
2024-02-01 custom "coop" "policy" "suppliers"
  version: 1
  sha256: "{}"
""".format("a" * 64)


def verdict(label: str = "reformist", day: date = SIGNED, criterion: str = "SUP-2", name: str = "A1") -> str:
    return f"""
{day} custom "coop" "verdict" "{name}"
  verdict: "reformist"
  labels: "{criterion}={label}"
"""


def decision(day: date | str, **fields: str) -> str:
    written = {
        "body": '"assembly"',
        "eligible": "14",
        "quorum": "8",
        "for": "11",
        "against": "1",
        "abstain": "1",
        "strategic": "FALSE",
    } | fields
    lines = "".join(f"  {name}: {value}\n" for name, value in written.items() if value)
    return f'{day} custom "coop" "decision" "D-17"\n{lines}'


def rewrite(day: date | str, sha: str = "b" * 64, closes: str = ID, decided: str = "D-17") -> str:
    by = f'  decision: "{decided}"\n' if decided else ""
    text = f'  sha256: "{sha}"\n' if sha else ""
    return f'{day} custom "coop" "policy" "suppliers"\n  version: 2\n  closes: "{closes}"\n{by}{text}'


def assembly(day: date | str, answers: str = ID, *, emergency: str = "TRUE", outcome: str = "confirmed") -> str:
    said = f'  outcome: "{outcome}"\n' if outcome else ""
    return f'{day} custom "coop" "assembly" "E-{day}"\n  emergency: {emergency}\n  answers: "{answers}"\n{said}'


def finding(day: date | str, name: str, field: str, votes: str = "3-0-0", of: str = ID) -> str:
    carried = f'  votes: "{votes}"\n' if votes else ""
    return f'{day} custom "coop" "finding" "{name}/SUP-2"\n  {field}: "{of}"\n{carried}'


def rules_of(text: str) -> Bylaws:
    entries, errors, options = loader.load_string(text)
    assert not errors, errors[:3]
    facts = facts_of(entries, options, padded=True)
    assert not facts.form_findings, facts.form_findings
    return Bylaws(facts)


def triggers(text: str | Bylaws, as_of: date, **more: object) -> list[Trigger]:
    rules = rules_of(text) if isinstance(text, str) else text
    case = next(case for case in cases_of(rules) if case.id == "A1")
    return verdict_triggers(rules, case, {}, as_of, **more)  # type: ignore[arg-type]


def state(text: str | Bylaws, as_of: date, **more: object) -> str:
    (found,) = triggers(text, as_of, **more)
    return found.state


def notes(text: str, as_of: date = D1, **more: object) -> str:
    (found,) = triggers(text, as_of, **more)
    return " | ".join(found.notes)


PLAIN = HEAD + OLD + verdict()

# -- the calendar ----------------------------------------------------------------------------------------------------


def test_thirty_days_then_seven_then_default() -> None:
    rules = rules_of(PLAIN)
    seen = {number: state(rules, SIGNED + number * DAY) for number in (0, 1, 30, 31, 37, 38, 400)}
    assert seen == {
        0: "open",
        1: "open",
        30: "open",
        31: "assembly-due",
        37: "assembly-due",
        38: "defaulted",
        400: "defaulted",
    }
    (found,) = triggers(rules, SIGNED)
    assert (found.id, found.opened, found.last_day, found.assembly_by) == (ID, SIGNED, D1, D2)
    assert found.opened_by.line == PLAIN[: PLAIN.index(f'{SIGNED} custom "coop" "verdict"')].count("\n") + 1


def test_nothing_is_open_before_day_0() -> None:
    assert triggers(PLAIN, SIGNED - DAY) == []


@pytest.mark.parametrize(
    ("signed", "last_day", "assembly_by"),
    [
        (date(2026, 1, 31), date(2026, 3, 2), date(2026, 3, 9)),
        (date(2028, 1, 31), date(2028, 3, 1), date(2028, 3, 8)),
        (date(2028, 2, 29), date(2028, 3, 30), date(2028, 4, 6)),
        (date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 7)),
        (date(2026, 12, 2), date(2027, 1, 1), date(2027, 1, 8)),
    ],
)
def test_days_are_counted_through_february_and_holidays(signed: date, last_day: date, assembly_by: date) -> None:
    rules = rules_of(HEAD.replace("2026-05-10", "2026-01-02") + OLD + verdict(day=signed))
    (found,) = triggers(rules, signed)
    assert (found.last_day, found.assembly_by) == (last_day, assembly_by)
    around = (last_day, last_day + DAY, assembly_by, assembly_by + DAY)
    assert [state(rules, day) for day in around] == ["open", "assembly-due", "assembly-due", "defaulted"]


def test_the_terms_are_the_parameters_of_the_window() -> None:
    set_inside = PLAIN + '2024-06-01 custom "coop" "bylaw" "trigger.days"\n  value: 20\n'
    set_inside += '2024-06-01 custom "coop" "bylaw" "trigger.assembly-days"\n  value: 3\n'
    (found,) = triggers(set_inside, SIGNED)
    assert (found.last_day, found.assembly_by) == (SIGNED + 20 * DAY, SIGNED + 23 * DAY)
    loosened = PLAIN + '2026-06-02 custom "coop" "bylaw" "trigger.days"\n  value: 300\n'
    assert triggers(loosened, SIGNED + 2 * DAY)[0].last_day == D1
    assert triggers(PLAIN, SIGNED, terms=Terms(10, 2))[0].assembly_by == SIGNED + 12 * DAY


# -- rewrites --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [SIGNED, SIGNED + DAY, D1])
def test_a_rewrite_in_time_counts_from_its_day(day: date) -> None:
    rules = rules_of(PLAIN + decision(day) + rewrite(day))
    (found,) = triggers(rules, D2 + 10 * DAY)
    assert (found.state, found.met_on, found.notes) == ("rewritten", day, ())
    assert found.met_by is not None
    if day > SIGNED:
        assert state(rules, day - DAY) == "open"


def test_a_rewrite_on_day_31_does_not_cancel_the_assembly() -> None:
    late = D1 + DAY
    text = PLAIN + decision(late) + rewrite(late)
    assert [state(text, day) for day in (D1, late, D2, D2 + DAY)] == [
        "open",
        "assembly-due",
        "assembly-due",
        "defaulted",
    ]
    assert f"was adopted on {late}, after the last day {D1}" in notes(text, late)
    assert notes(text, D1) == ""  # nobody knew of it then


def test_the_text_may_bind_later_and_the_day_of_the_decision_counts() -> None:
    latest = D1 + EFFECTIVE_DAYS * DAY
    assert state(PLAIN + decision(D1) + rewrite(latest), D1) == "rewritten"
    too_late = PLAIN + decision(D1) + rewrite(latest + DAY)
    assert state(too_late, D1 + DAY) == "assembly-due"
    assert f"takes effect on {latest + DAY}, later than {latest}" in notes(too_late)


def test_what_is_dated_later_is_not_known_yet() -> None:
    future = PLAIN + decision("2026-06-20") + rewrite("2026-06-20") + finding("2026-06-25", "A1", "withdraws")
    rules = rules_of(future)
    assert [state(rules, date(2026, 6, day)) for day in (19, 20, 24, 25)] == [
        "open",
        "rewritten",
        "rewritten",
        "withdrawn",
    ]


WHEN = date(2026, 6, 20)
BOARD = {"body": '"board"', "strategic": "TRUE"}


@pytest.mark.parametrize(
    ("records", "why"),
    [
        (rewrite(WHEN, decided=""), "names no decision"),
        (rewrite(WHEN), 'names decision "D-17", which has no record'),
        (decision(SIGNED - DAY) + rewrite(WHEN), "was adopted on 2026-05-31, before 2026-06-01"),
        (decision(WHEN, **BOARD) + rewrite(WHEN), "was adopted by the board, and only the assembly can"),
        (decision(WHEN, body='"board"', strategic="") + rewrite(WHEN), "only the assembly can"),
        (decision(WHEN, body='"ally"') + rewrite(WHEN), "was adopted by the ally, and only the assembly can"),
        (decision(WHEN, quorum="14") + rewrite(WHEN), "had 13 present where 14 were needed"),
        (decision(WHEN, quorum="") + rewrite(WHEN), "was not adopted"),
        (decision(WHEN, **{"for": "1", "against": "11"}) + rewrite(WHEN), "had 1 for and 11 against"),
        (decision(WHEN) + rewrite(WHEN, sha="a" * 64), "has the same text as the version before it"),
        (decision(WHEN) + rewrite(WHEN, sha="aaaaaaaa"), "has the same text as the version before it"),
        (decision(WHEN) + rewrite(WHEN, sha=""), "has no sha256"),
    ],
)
def test_a_rewrite_that_does_not_count_says_why(records: str, why: str) -> None:
    text = PLAIN + records
    assert why in notes(text)
    assert [state(text, day) for day in (D1, D1 + DAY)] == ["open", "assembly-due"]


def test_a_board_may_adopt_a_policy_that_is_not_strategic() -> None:
    assert state(PLAIN + decision(WHEN, body='"board"') + rewrite(WHEN), D1) == "rewritten"


def test_a_first_version_is_new_and_an_old_one_without_digest_cannot_be_compared() -> None:
    new = decision(WHEN) + rewrite(WHEN)
    assert state(HEAD + verdict() + new, D1) == "rewritten"
    nameless = OLD.replace(f'  sha256: "{"a" * 64}"\n', "")
    assert "which has no sha256" in notes(HEAD + nameless + verdict() + new)


def test_a_text_put_back_to_what_it_was_is_no_rewrite() -> None:
    there = '2026-06-10 custom "coop" "policy" "suppliers"\n  version: 2\n  sha256: "{}"\n'.format("c" * 64)
    back = decision(WHEN) + rewrite(WHEN, sha="a" * 64)
    assert "has the same text as the version before it" in notes(PLAIN + there + back)


def test_a_rewrite_that_forgot_the_trigger_is_mended_by_a_record_of_the_same_text() -> None:
    forgot = rewrite(WHEN).replace(f'  closes: "{ID}"\n', "")
    text = PLAIN + decision(WHEN) + forgot
    assert state(text, D1 + DAY) == "assembly-due"
    assert state(text + rewrite(WHEN + DAY), D1 + DAY) == "rewritten"


def test_a_rewrite_that_names_another_trigger_is_not_this_ones() -> None:
    other = PLAIN + decision(WHEN) + rewrite(WHEN, closes="TR-A1-WAG-1")
    assert (state(other, D1), notes(other)) == ("open", "")


CAP = """
{day} custom "coop" "bylaw" "wage-ratio"
  cap: {cap}
{more}"""


@pytest.mark.parametrize(("cap", "after"), [("4.0", "rewritten"), ("5.0", "open")])
def test_a_bylaw_is_rewritten_where_what_it_rules_is_another(cap: str, after: str) -> None:
    closing = '  closes: "TR-A1-WAG-1"\n  decision: "D-17"\n  note: "as asked"\n'
    text = HEAD + CAP.format(day="2024-02-01", cap="5.0", more="") + verdict(criterion="WAG-1")
    text += decision(WHEN) + CAP.format(day=WHEN, cap=cap, more=closing)
    assert state(text, D1) == after
    assert ("has the same text" in notes(text)) == (after == "open")


def test_a_bylaw_is_the_assemblys_even_where_the_board_calls_it_small() -> None:
    closing = '  closes: "TR-A1-WAG-1"\n  decision: "D-17"\n'
    text = HEAD + CAP.format(day="2024-02-01", cap="5.0", more="") + verdict(criterion="WAG-1")
    text += decision(WHEN, body='"board"') + CAP.format(day=WHEN, cap="4.0", more=closing)
    assert "was adopted by the board, and only the assembly can" in notes(text)


# -- what the panel adds ---------------------------------------------------------------------------------------------

NEXT = '2027-05-10 custom "coop" "audit" "A2"\n2028-05-10 custom "coop" "audit" "A3"\n'


@pytest.mark.parametrize(
    ("panel", "day", "after"),
    [
        ("A1", "2026-07-20", "verified"),
        ("A2", "2027-06-01", "verified"),
        ("A3", "2028-06-01", "rewritten"),
        ("A1", "2026-06-19", "rewritten"),
    ],
)
def test_the_issuing_and_the_next_panel_may_verify_what_was_adopted(panel: str, day: str, after: str) -> None:
    rules = rules_of(PLAIN + NEXT + decision(WHEN) + rewrite(WHEN) + finding(day, panel, "verifies"))
    assert state(rules, date(2028, 12, 31)) == after
    found = triggers(rules, date(2028, 12, 31))[0]
    assert (found.verified_by is not None) == (after == "verified")
    assert found.met_on == WHEN


def test_nothing_is_verified_where_nothing_was_rewritten() -> None:
    assert state(PLAIN + finding("2026-06-20", "A1", "verifies"), D2 + DAY) == "defaulted"


def test_the_issuing_panel_withdraws_by_a_vote() -> None:
    assert state(PLAIN + finding("2026-09-01", "A1", "withdraws"), date(2026, 9, 1)) == "withdrawn"
    assert state(PLAIN + finding("2026-09-01", "A1", "withdraws"), date(2026, 8, 31)) == "defaulted"
    other = PLAIN + NEXT + finding("2027-06-01", "A2", "withdraws")
    assert state(other, date(2027, 6, 1)) == "defaulted"
    assert "only A1 can take its label back" in notes(other, date(2027, 6, 1))
    for votes in ("", "1-2-0", "1-1-1"):
        lost = PLAIN + finding("2026-06-20", "A1", "withdraws", votes)
        assert state(lost, D1) == "open"
        assert "without a vote of the panel for it" in notes(lost)


def test_a_verdict_signed_again_gains_no_time_and_may_take_a_label_back() -> None:
    again = HEAD + OLD + verdict() + verdict(day=date(2026, 6, 20))
    assert triggers(again, D1 + DAY)[0].opened == SIGNED
    corrected = rules_of(HEAD + OLD + verdict() + verdict(day=date(2026, 6, 20), criterion="WAG-1"))
    assert state(corrected, date(2026, 6, 19)) == "open"
    found = {each.id: (each.state, each.opened) for each in triggers(corrected, date(2026, 6, 20))}
    assert found == {ID: ("withdrawn", SIGNED), "TR-A1-WAG-1": ("open", date(2026, 6, 20))}


def test_labels_of_the_verdict_record_win_over_those_of_today() -> None:
    rules = rules_of(PLAIN)
    (case,) = cases_of(rules)
    assert [each.id for each in verdict_triggers(rules, case, {"WAG-1": "reformist"}, D1)] == [ID]
    silent = rules_of(PLAIN.replace('  labels: "SUP-2=reformist"\n', ""))
    (case,) = cases_of(silent)
    labels = {"WAG-1": "reformist", "GOV-1": "revolutionary", "BKS-1": "counter-revolutionary"}
    assert [each.criterion for each in verdict_triggers(silent, case, labels, D1)] == ["BKS-1", "WAG-1"]


# -- assemblies ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "after"),
    [
        (D1 + DAY, "assembly-held"),
        (D2, "assembly-held"),
        (D2 + DAY, "assembly-held-late"),
        (D1, "defaulted"),
    ],
)
def test_the_assembly_is_held_after_the_last_day_and_by_day_37(held: date, after: str) -> None:
    rules = rules_of(PLAIN + assembly(held))
    (found,) = triggers(rules, D2 + 30 * DAY)
    assert found.state == after
    assert found.met_on == (None if after == "defaulted" else held)


def test_an_assembly_before_day_30_does_not_stop_the_clock_and_says_so() -> None:
    text = PLAIN + assembly(D1)
    assert state(text, D1) == "open"
    assert f"was held on {D1}; until {D1} only a rewrite stops the clock" in notes(text)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (assembly(D2, emergency="FALSE"), "is no emergency assembly"),
        (assembly(D2, outcome=""), "records no outcome"),
        (assembly(SIGNED - DAY), "was held on 2026-05-31, before 2026-06-01"),
    ],
)
def test_an_assembly_that_does_not_count_says_why(record: str, why: str) -> None:
    text = PLAIN + record
    assert state(text, D2 + DAY) == "defaulted"
    assert why in notes(text, D2 + DAY)


def test_an_assembly_that_answers_another_trigger_is_not_this_ones() -> None:
    assert state(PLAIN + assembly(D2, "TR-A1-WAG-1"), D2) == "assembly-due"


def test_a_counter_revolutionary_label_has_both_duties_at_once() -> None:
    hostile = HEAD + OLD + verdict("counter-revolutionary")
    (found,) = triggers(hostile, SIGNED)
    assert (found.early_assembly_by, found.early_assembly_on) == (SIGNED + 7 * DAY, None)
    assert [triggers(hostile, SIGNED + n * DAY)[0].early_overdue(SIGNED + n * DAY) for n in (7, 8)] == [False, True]
    early = hostile + assembly(SIGNED + 7 * DAY)
    (found,) = triggers(early, D1)
    assert (found.state, found.early_assembly_on, found.notes) == ("open", SIGNED + 7 * DAY, ())
    assert state(early, D1 + DAY) == "assembly-due"  # the one after the last day is a second one
    assert state(early + decision(WHEN) + rewrite(WHEN), D2) == "rewritten"
    late = triggers(hostile + assembly(SIGNED + 8 * DAY), D1)[0]
    assert (late.early_assembly_on, late.early_overdue(D1)) == (SIGNED + 8 * DAY, False)
    assert triggers(PLAIN, SIGNED)[0].early_assembly_by is None


# -- missing evidence, leave -----------------------------------------------------------------------------------------


def test_missing_evidence_is_closed_by_the_evidence_and_not_by_a_text() -> None:
    rules = rules_of(PLAIN + decision(WHEN) + rewrite(WHEN))
    asked: list[tuple[str, date]] = []

    def produced(criterion: str, day: date) -> Produced | None:
        asked.append((criterion, day))
        (case,) = cases_of(rules)
        return Produced(WHEN, case.audit.place) if day >= WHEN and case.audit else None

    missing = {"not_evidenced": {"SUP-2"}}
    assert state(rules, D1 + DAY, **missing) == "assembly-due"
    assert "only the evidence closes the trigger" in triggers(rules, D1, **missing)[0].notes[0]
    assert state(rules, WHEN - DAY, evidenced=produced, **missing) == "open"
    (found,) = triggers(rules, D2 + DAY, evidenced=produced, **missing)
    assert (found.state, found.met_on, found.wants_evidence) == ("rewritten", WHEN, True)
    assert asked[-1] == ("SUP-2", D1)  # what came after the last day is not asked for


def test_what_the_panel_was_shown_in_time_is_evidence() -> None:
    missing = {"not_evidenced": {"SUP-2"}}
    assert state(PLAIN + finding(D1, "A1", "verifies"), D2, **missing) == "verified"
    assert state(PLAIN + finding(D1 + DAY, "A1", "verifies"), D2, **missing) == "assembly-due"


def test_leave_moves_day_0_to_the_first_day_without_it() -> None:
    until = date(2026, 8, 31)
    leave = {"derogated": {"SUP-2": until}}
    rules = rules_of(PLAIN)
    assert triggers(rules, until, **leave) == []
    (found,) = triggers(rules, until + DAY, **leave)
    assert (found.opened, found.last_day) == (date(2026, 9, 1), date(2026, 10, 1))
    assert triggers(rules, SIGNED, derogated={"SUP-2": SIGNED - DAY})[0].opened == SIGNED
    early = rules_of(PLAIN + decision(WHEN) + rewrite(WHEN))  # adopted while the leave still held
    assert state(early, until + DAY, **leave) == "rewritten"


# -- as time passes --------------------------------------------------------------------------------------------------

ARROWS = {
    "open": {"rewritten", "verified", "assembly-due", "assembly-held", "withdrawn"},
    "rewritten": {"verified", "withdrawn"},
    "verified": {"withdrawn"},
    "assembly-due": {"assembly-held", "defaulted", "assembly-held-late", "withdrawn"},
    "assembly-held": {"withdrawn"},
    "assembly-held-late": {"withdrawn"},
    "defaulted": {"assembly-held-late", "withdrawn"},
    "withdrawn": set(),
}
AROUND = st.integers(-3, 45)


@st.composite
def stories(draw: st.DrawFn) -> str:
    text = HEAD + OLD + verdict(draw(st.sampled_from(["reformist", "counter-revolutionary"])))
    if draw(st.booleans()):
        decided = SIGNED + draw(AROUND) * DAY
        votes = draw(st.sampled_from([{}, {"quorum": "14"}, {"body": '"board"'}]))
        text += decision(decided, **votes) + rewrite(decided + draw(st.integers(0, 70)) * DAY)
    for day in sorted(draw(st.sets(AROUND, max_size=2))):
        text += assembly(SIGNED + day * DAY, outcome=draw(st.sampled_from(["", "confirmed"])))
    for field in draw(st.sets(st.sampled_from(["verifies", "withdraws"]), max_size=1)):
        text += finding(SIGNED + draw(AROUND) * DAY, "A1", field)
    return text


@given(stories())
def test_as_time_passes_a_state_moves_only_forward(text: str) -> None:
    rules = rules_of(text)
    before = "open"
    for number in range(50):
        (found,) = triggers(rules, SIGNED + number * DAY)
        assert found.state == before or number == 0 or found.state in ARROWS[before], (number, before, found.state)
        assert (found.met_on is None) == (found.state in ("open", "assembly-due", "defaulted"))
        assert found.met_on is None or found.met_on <= SIGNED + number * DAY
        before = found.state


# -- thresholds ------------------------------------------------------------------------------------------------------


def by_thresholds(text: str, as_of: str | date, running: list[Trigger] | None = None) -> list[Trigger]:
    day = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    rules = rules_of(text)
    return with_thresholds(rules, crossings(Surpluses(Bylaws(rules.facts.until(day)))), day, running or [])


PAY = """
option "operating_currency" "EUR"
plugin "beancount.plugins.auto_accounts"
2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
2025-01-01 custom "coop" "bylaw" "wage-ratio"
  cap: 4.0
"""


def paid(day: str, high: str, more: str = "") -> str:
    return f"""
{day} * "Pay"
{more}  Expenses:Wages:M01   {high} EUR
    hours: 100
  Expenses:Wages:M02   1000.00 EUR
    hours: 100
  Assets:Bank
"""


@pytest.mark.parametrize(("high", "opens"), [("4000.00", False), ("4000.01", True)])
def test_a_pay_period_over_its_cap_opens_at_its_end(high: str, opens: bool) -> None:
    text = PAY + paid("2025-03-25", high)
    assert by_thresholds(text, "2025-03-30") == []
    found = by_thresholds(text, "2025-03-31")
    assert [each.id for each in found] == ["TR-2025-03-WAG-1"] * opens
    if opens:
        (each,) = found
        assert (each.cause, each.audit, each.label, each.opened) == ("threshold", None, "reformist", date(2025, 3, 31))
        assert (each.last_day, each.assembly_by, each.state) == (date(2025, 4, 30), date(2025, 5, 7), "open")
        states = {day: by_thresholds(text, day)[0].state for day in ("2025-04-30", "2025-05-01", "2025-05-08")}
        assert list(states.values()) == ["open", "assembly-due", "defaulted"]


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_caps_that_are_crossed_the_first_by_id_opens(turned: bool) -> None:
    """One is of the members, one of all: whose pay stands first in the file decides nothing."""
    second = """
2025-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages:W01
2025-01-01 custom "coop" "bylaw" "wage-ratio-all"
  cap: 4.0
"""
    entries = [
        paid("2025-03-25", "5000.00"),
        paid("2025-03-25", "9000.00").replace("M01", "W01").replace("1000.00", "0.00"),
    ]
    text = PAY.replace("cap: 4.0", 'cap: 4.0\n  over: "members"') + second + "".join(entries[:: -1 if turned else 1])
    (found,) = by_thresholds(text, "2025-03-31")
    lines = text.splitlines()
    assert "Expenses:Wages:M01   5000.00" in lines[found.opened_by.line - 1]
    assert ["Expenses:Wages:W01   9000.00" in lines[place.line - 1] for place in found.attached] == [True]


def test_a_repeat_while_the_clock_runs_is_attached_and_one_after_it_opens_anew() -> None:
    text = PAY + paid("2025-03-25", "5000.00") + paid("2025-04-25", "5000.00") + paid("2025-05-25", "5000.00")
    first, second = by_thresholds(text, "2025-05-31")
    assert (first.id, len(first.attached)) == ("TR-2025-03-WAG-1", 1)
    assert (second.id, second.attached) == ("TR-2025-05-WAG-1", ())


def test_a_repeat_after_the_rewrite_opens_anew() -> None:
    closing = '  closes: "TR-2025-03-WAG-1"\n  decision: "D-17"\n'
    small = {"eligible": "2", "quorum": "2", "for": "2", "against": "0", "abstain": "0"}
    text = PAY + paid("2025-03-25", "5000.00") + paid("2025-04-25", "5000.00")
    text += decision("2025-04-10", **small) + CAP.format(day="2025-04-10", cap="3.9", more=closing)
    first, second = by_thresholds(text, "2025-04-30")
    assert (first.state, first.attached, first.notes) == ("rewritten", (), ())
    assert (second.id, second.state) == ("TR-2025-04-WAG-1", "open")


def test_a_crossing_while_a_verdicts_clock_runs_is_attached_to_that() -> None:
    text = PAY + paid("2026-06-20", "5000.00") + '2026-05-10 custom "coop" "audit" "A1"\n' + verdict(criterion="WAG-1")
    running = triggers(text, date(2026, 6, 30))
    (found,) = by_thresholds(text, date(2026, 6, 30), running)
    assert (found.id, len(found.attached)) == ("TR-A1-WAG-1", 1)


def test_a_correction_that_brings_the_period_under_its_cap_leaves_no_crossing() -> None:
    text = PAY + paid("2025-03-25", "5000.00")
    text += """
2025-03-28 * "Paid by mistake"
  document-no: "R-3"
  Expenses:Wages:M01   -1000.00 EUR
  Assets:Bank
"""
    assert by_thresholds(text, "2025-04-01") == []


def test_any_panel_takes_back_what_a_threshold_opened() -> None:
    text = PAY + paid("2025-03-25", "5000.00") + '2025-04-01 custom "coop" "audit" "A1"\n'
    text += finding("2025-04-20", "A1", "withdraws", of="TR-2025-03-WAG-1")
    (found,) = by_thresholds(text, "2025-06-30")
    assert (found.state, found.met_on) == ("withdrawn", date(2025, 4, 20))


SHOP = """
option "operating_currency" "EUR"
plugin "beancount.plugins.auto_accounts"
2025-01-01 custom "coop" "member" "m01"
2025-09-02 custom "coop" "violation" "mill"
  what: "locked the union out"
"""


def bought(day: str, amount: str = "100.00", supplier: str = "mill") -> str:
    return f"""
{day} * "Flour"
  supplier: "{supplier}"
  Expenses:Flour   {amount} EUR
  Assets:Bank
"""


@pytest.mark.parametrize(
    ("purchase", "opens"),
    [
        (bought("2025-10-02"), False),
        (bought("2025-10-03"), True),
        (bought("2025-10-03", supplier="farm"), False),
        (bought("2025-10-03", amount="-100.00"), False),
    ],
)
def test_a_purchase_after_the_days_to_stop_opens_at_its_posting(purchase: str, opens: bool) -> None:
    found = by_thresholds(SHOP + purchase, "2025-10-31")
    assert [each.id for each in found] == ["TR-2025-10-03-SUP-2"] * opens
    assert [each.opened for each in found] == [date(2025, 10, 3)] * opens
    assert by_thresholds(SHOP + purchase, "2025-10-02") == []


def test_leave_of_the_assembly_keeps_a_purchase_from_opening_one() -> None:
    one = {"eligible": "1", "quorum": "1", "for": "1", "against": "0", "abstain": "0"}
    leave = '2025-09-20 custom "coop" "derogation" "SUP-2"\n  until: 2025-10-03\n  decision: "D-17"\n'
    text = SHOP + bought("2025-10-03") + bought("2025-10-04")
    assert [each.id for each in by_thresholds(text, "2025-10-31")] == ["TR-2025-10-03-SUP-2"]
    allowed = text + decision("2025-09-20", **one) + leave
    assert [each.id for each in by_thresholds(allowed, "2025-10-31")] == ["TR-2025-10-04-SUP-2"]


FUNDED = """
option "operating_currency" "EUR"
plugin "beancount.plugins.auto_accounts"
2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
2025-01-01 custom "coop" "bylaw" "surplus"
2025-01-01 custom "coop" "fund" "strike"
  account: Equity:Movement:Strike
2025-01-01 custom "coop" "allocation" "movement"
  step: 1
  to: Equity:Movement:Strike
  share: 0.5
2025-01-01 custom "coop" "allocation" "members"
  step: 2
  to: "members"
  by: "equal"
  rest: TRUE

2025-05-05 * "Sale"
  Assets:Bank   1000.00 EUR
  Income:Sales

2025-12-31 * "Close" #coop-close
  period: "2025"
  Equity:Surplus   {surplus} EUR
{fund}  Liabilities:Patronage:M01   -500.00 EUR

2026-02-01 * "Paid"
  Liabilities:Patronage:M01   100.00 EUR
  Assets:Bank
"""


@pytest.mark.parametrize(
    ("fund", "surplus", "opens"),
    [
        ("  Equity:Movement:Strike   -500.00 EUR\n", "1000.00", False),
        ("  Equity:Movement:Strike   -499.99 EUR\n", "999.99", True),
        ("", "500.00", True),
    ],
)
def test_a_share_paid_before_the_funds_are_filled_opens_at_its_posting(fund: str, surplus: str, opens: bool) -> None:
    text = FUNDED.format(fund=fund, surplus=surplus)
    assert [each.id for each in by_thresholds(text, "2026-02-01")] == ["TR-2026-02-01-SUR-2"] * opens
    assert by_thresholds(text, "2026-01-31") == []


# -- duties and errors -----------------------------------------------------------------------------------------------


def due(text: str, as_of: date, *duties: str) -> dict[str, tuple[str, str]]:
    rules = rules_of(text)
    found = audit_duties(Surpluses(rules), triggers(rules, as_of), as_of)
    return {
        f"{each.duty} {each.subject}": (str(each.due), each.state)
        for each in found
        if not duties or each.duty in duties
    }


def test_what_a_verdict_makes_due() -> None:
    assert due(PLAIN, SIGNED) == {
        "publication A1": ("2026-06-08", "due"),
        f"rewrite {ID}": ("2026-07-01", "due"),
        "next-audit after A1": ("2027-07-01", "pending"),
    }
    after = due(PLAIN, D1 + DAY)
    assert after[f"emergency-assembly {ID}"] == ("2026-07-08", "due")
    assert after[f"rewrite {ID}"] == ("2026-07-01", "overdue")
    assert due(PLAIN, D2 + DAY)[f"emergency-assembly {ID}"] == ("2026-07-08", "overdue")
    held = due(PLAIN + assembly(D2), D2 + DAY)
    assert {held[f"emergency-assembly {ID}"][1], held[f"rewrite {ID}"][1]} == {"met"}
    assert due(PLAIN + decision(WHEN) + rewrite(WHEN), D2 + DAY, "rewrite", "emergency-assembly") == {
        f"rewrite {ID}": ("2026-07-01", "met")
    }


def test_a_counter_revolutionary_label_is_a_duty_of_seven_days() -> None:
    text = HEAD + verdict("counter-revolutionary")
    name = f"early-assembly {ID}"
    assert due(text, SIGNED + 7 * DAY)[name] == ("2026-06-08", "due")
    assert due(text, SIGNED + 8 * DAY)[name] == ("2026-06-08", "overdue")
    assert due(text + assembly(SIGNED + 8 * DAY), SIGNED + 8 * DAY)[name][1] == "met"


@pytest.mark.parametrize(
    ("digest", "day", "state_then"),
    [("b", "2026-06-08", "met"), ("c", "2026-06-08", "overdue"), ("b", "2026-05-31", "overdue")],
)
def test_a_verdict_is_published_as_it_was_signed(digest: str, day: str, state_then: str) -> None:
    signed = PLAIN.replace('  verdict: "reformist"\n', f'  verdict: "reformist"\n  report-sha256: "{"b" * 64}"\n')
    shown = f'{day} custom "coop" "publication" "A1"\n  report-sha256: "{digest * 64}"\n'
    assert due(signed + shown, date(2026, 6, 9))["publication A1"][1] == state_then


def test_the_next_verdict_meets_the_duty_of_the_next_audit_and_an_action_its_own() -> None:
    follows = PLAIN + NEXT + verdict(day=date(2027, 7, 1), name="A2")
    assert due(follows, date(2027, 7, 2))["next-audit after A1"] == ("2027-07-01", "met")
    assert due(PLAIN, date(2027, 7, 2))["next-audit after A1"][1] == "overdue"
    action = PLAIN + '2026-06-05 custom "coop" "action" "A1/SUP-2"\n  due: 2026-08-01\n'
    done = '2026-08-01 custom "coop" "action" "A1/SUP-2"\n  done: 2026-07-30\n'
    after = date(2026, 8, 2)
    assert due(action + done + '  proof: "minutes"\n', date(2026, 7, 31))["action A1/SUP-2"][1] == "due"
    assert due(action + done, after)["action A1/SUP-2"] == ("2026-08-01", "overdue")
    assert due(action + done + '  proof: "minutes"\n', after)["action A1/SUP-2"] == ("2026-08-01", "met")


def messages(text: str, as_of: date) -> list[str]:
    return [each.message for each in trigger_findings(triggers(text, as_of), as_of)]


def test_an_error_stands_while_an_assembly_is_due_or_was_never_held() -> None:
    assert messages(PLAIN, D1) == []
    (waits,) = messages(PLAIN, D1 + DAY)
    assert f"hold the emergency assembly by {D2}" in waits
    (broken,) = messages(PLAIN, D2 + DAY)
    assert "breaks AUD-2: hold the assembly now" in broken
    assert messages(PLAIN + assembly(D2 + DAY), D2 + DAY) == []
    late = D1 + DAY
    (why,) = messages(PLAIN + decision(late) + rewrite(late), late)
    assert f"was adopted on {late}, after the last day {D1}" in why
    hostile = HEAD + verdict("counter-revolutionary")
    assert messages(hostile, SIGNED + 7 * DAY) == []
    assert "asks for an emergency assembly by 2026-06-08" in messages(hostile, SIGNED + 8 * DAY)[0]


# -- the commands ----------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "main.beancount"
    path.write_text('option "title" "Mill, Oven; and \\\\ Table"\n' + SHOP + bought("2025-10-03"), encoding="utf-8")
    return path


def test_check_judges_triggers_on_a_day_only(shop: Path) -> None:
    with shop.open("a", encoding="utf-8") as file:
        file.write('2025-09-01 custom "coop" "audit" "A1"\n')
    coop = load(shop)
    assert "trigger" not in {error.rule for error in coop.check().errors}
    found = {day: [e.message for e in coop.check(day).errors if e.rule == "trigger"] for day in DEFAULTS}
    assert [len(each) for each in found.values()] == [0, 1, 1, 1]
    ran = CliRunner().invoke(program.main, ["check", str(shop), "--as-of", "2025-11-03"])
    assert ran.exit_code == 1
    assert "TR-2025-10-03-SUP-2" in ran.stdout
    assert not {row.duty for row in load(shop).duties(date(2025, 10, 2)).rows}


def test_books_without_an_audit_have_the_last_days_as_duties(shop: Path) -> None:
    coop = load(shop)
    assert "trigger" not in {error.rule for error in coop.check(DEFAULTS[-1]).errors}
    assert [row.state for row in coop.duties(DEFAULTS[-1]).rows] == ["overdue", "overdue"]


DEFAULTS = [date(2025, 11, 2), date(2025, 11, 3), date(2025, 11, 9), date(2025, 11, 10)]


def ics(shop: Path, as_of: str, file: Path) -> bytes:
    ran = CliRunner().invoke(program.main, ["duties", str(shop), "--as-of", as_of, "--ics", str(file)])
    assert ran.exception is None or ran.exit_code in (0, 1), ran.output
    return file.read_bytes()


def test_the_calendar_file_is_read_again_and_has_the_same_bytes(shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.ics"
    first = ics(shop, "2025-11-04", file)
    assert ics(shop, "2025-11-04", file) == first
    calendar = Calendar.from_ical(first.decode())
    assert "Mill, Oven;" in str(calendar["x-wr-calname"])
    events: dict[str, Any] = {str(each["summary"]): each for each in calendar.walk("VEVENT")}
    assert set(events) == {"OVERDUE: rewrite TR-2025-10-03-SUP-2", "emergency-assembly TR-2025-10-03-SUP-2"}
    event = events["emergency-assembly TR-2025-10-03-SUP-2"]
    assert event["dtstart"].dt == date(2025, 11, 9)
    assert event["dtstamp"].dt.isoformat() == "2025-11-04T00:00:00+00:00"
    later = Calendar.from_ical(ics(shop, "2025-11-08", file).decode())
    assert {str(each["uid"]) for each in later.walk("VEVENT")} == {str(each["uid"]) for each in events.values()}
    assert all(line.endswith(b"\r") and len(line) <= 76 for line in first.split(b"\n") if line)


def test_without_the_package_the_cure_is_said(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "find_spec", lambda _: None)
    ran = CliRunner().invoke(program.main, ["duties", str(shop), "--ics", str(tmp_path / "out.ics")])
    assert ran.exit_code == 2
    assert 'run `pip install "coopbooks[ics]"`' in ran.stderr
    assert not (tmp_path / "out.ics").exists()


def test_a_calendar_of_somebody_else_is_left_alone(shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.ics"
    theirs = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//other//EN\r\nEND:VCALENDAR\r\n"
    file.write_text(theirs, encoding="utf-8", newline="")
    ran = CliRunner().invoke(program.main, ["duties", str(shop), "--as-of", "2025-11-04", "--ics", str(file)])
    assert "it is not overwritten: name another file" in ran.stderr
    assert ran.exit_code == 2
    assert file.read_bytes() == theirs.encode()
