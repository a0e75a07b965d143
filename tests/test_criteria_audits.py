"""AUD: the audit before this one, on both sides of each day and with each of its records missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from auditing import Before, ground_of, judged

from coopbooks.audit.cases import cases_of
from coopbooks.audit.judgement import Judgement
from coopbooks.audit.triggers import Trigger
from coopbooks.errors import Place
from coopbooks.rules.lottery import pool_digest, seed_of, ticket

CALL = """
option "operating_currency" "EUR"

2020-01-01 open Assets:Bank
2020-01-01 open Expenses:Rent

2025-01-01 custom "coop" "member" "m01"

2025-03-02 custom "coop" "lottery-call" "LA-2025"
  seats: 3
  pool: "tenants-union:rosa, dockers:omar, climate:lin, clinic:ade, press:eva, landtrust:jo"
  pool-sha256: "5c2f4ff54807251483da91a803e50c0d03278bf9ac28026d60d3209ddef95934"
  sources: "drand-5000000; lotto-2026-05-02"
  draw-not-before: 2025-05-03
"""
DRAW = """
2025-05-03 custom "coop" "lottery-draw" "LA-2025"
  source-1: "drand-5000000=0123abcd"
  source-2: "lotto-2026-05-02=4.8.15.16.23.42."
  seed: "900b12c95c3f244ccd5927091e511fe755014e8dec6393e1fe8688212ccf0956"
  panel: "tenants-union:rosa, press:eva, dockers:omar"
  alternates: "clinic:ade, climate:lin"
"""


def auditor(person: str, accepted: str = "TRUE", conflicts: str = '\n  conflicts: "none"') -> str:
    return f"""
2025-05-05 custom "coop" "auditor" "{person}"
  audit: "LA-2025"{conflicts}
  accepted: {accepted}
"""


ROSA, EVA, OMAR = (auditor(person) for person in ("tenants-union:rosa", "press:eva", "dockers:omar"))
OPEN = """
2025-05-10 custom "coop" "audit" "LA-2025"
"""
FINDING = """
2025-05-20 custom "coop" "finding" "LA-2025/SUP-2"
  label: "reformist"
"""
VERDICT = """
2025-06-01 custom "coop" "verdict" "LA-2025"
  verdict: "reformist"
  report-sha256: "b3f1a0"
"""
PUBLISHED = """
2025-06-08 custom "coop" "publication" "LA-2025"
  report-sha256: "b3f1a0"
"""
ACTION = """
2025-06-10 custom "coop" "action" "LA-2025/SUP-2"
  due: 2025-08-01
  done: 2025-08-01
  proof: "the new contract"
"""
SNAPSHOTS = "".join(f'\n2026-02-01 custom "coop" "snapshot" "2025-{month:02}"\n' for month in range(1, 13))
WHOLE = CALL + DRAW + ROSA + EVA + OMAR + OPEN + FINDING + VERDICT + PUBLISHED + ACTION + SNAPSHOTS
DAY = date(2026, 3, 1)
IDS = ("AUD-1", "AUD-2", "AUD-3", "AUD-4", "AUD-5")


def said(text: str, criterion: str, as_of: date = DAY, triggers: Sequence[Trigger] = ()) -> Judgement:
    before = [case for case in cases_of(ground_of(text, as_of).rules) if case.verdict]
    return judged(text, criterion, as_of, history=Before(before, triggers))


def without(part: str) -> str:
    assert WHOLE.count(part) == 1
    return WHOLE.replace(part, "")


@pytest.mark.parametrize("criterion", IDS)
def test_a_whole_audit_is_met(criterion: str) -> None:
    found = said(WHOLE, criterion)
    assert (found.outcome, bool(found.evidence)) == ("met", True), found.reason


@pytest.mark.parametrize("criterion", IDS)
def test_no_single_record_of_the_evidence_can_be_left_out(criterion: str) -> None:
    """Each record that a met criterion lists is taken out alone: it is not met any more."""
    lines = WHOLE.splitlines(keepends=True)
    for place in said(WHOLE, criterion).evidence:
        first = place.line - 1
        last = next((n for n in range(first + 1, len(lines)) if not lines[n].startswith("  ")), len(lines))
        found = said("".join(lines[:first] + lines[last:]), criterion)
        assert found.outcome not in ("met", "not-applicable"), (lines[first], found)


@pytest.mark.parametrize("criterion", ["AUD-1", "AUD-3", "AUD-4", "AUD-5"])
def test_the_first_audit_has_none_before_it(criterion: str) -> None:
    found = said(CALL + SNAPSHOTS, criterion)
    assert (found.outcome, found.reason) == ("not-applicable", "it asks about the audit before, and this is the first")


@pytest.mark.parametrize("criterion", IDS)
def test_a_verdict_that_was_lost_makes_no_first_audit(criterion: str) -> None:
    found = said(without(VERDICT), criterion)
    assert (found.outcome, found.reason) == (
        "not-evidenced",
        'publication "LA-2025" is in the books, and the verdict that it follows is not',
    )


def test_the_publication_of_the_audit_that_is_judged_is_none_that_lost_its_verdict() -> None:
    text = without(VERDICT)
    (case,) = cases_of(ground_of(text, DAY).rules)
    assert judged(text, "AUD-1", DAY, history=Before(), case=case).outcome == "not-applicable"


# -- AUD-1 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        (date(2026, 7, 1), "met"),
        (date(2026, 7, 2), "shortfall"),
        (date(2027, 7, 1), "shortfall"),
        (date(2027, 7, 2), "breach"),
    ],
)
def test_the_next_audit_is_due_after_13_months_and_a_default_after_25(day: date, outcome: str) -> None:
    assert said(WHOLE, "AUD-1", day).outcome == outcome


def test_a_cooperative_may_audit_itself_more_often() -> None:
    stricter = WHOLE + '\n2020-01-02 custom "coop" "bylaw" "audit.interval"\n  value: 6\n'
    assert said(stricter, "AUD-1", date(2026, 1, 1)).outcome == "met"
    assert said(stricter, "AUD-1", date(2026, 1, 2)).outcome == "shortfall"


# -- AUD-2 -----------------------------------------------------------------------------------------------------------

D0 = date(2025, 6, 1)


def trigger(state: Any, **more: Any) -> Trigger:
    fields: dict[str, Any] = {
        "id": "TR-LA-2025-SUP-2", "cause": "verdict", "criterion": "SUP-2", "audit": "LA-2025", "label": "reformist",
        "opened": D0, "last_day": D0 + timedelta(days=30), "assembly_by": D0 + timedelta(days=37), "state": state,
        "opened_by": Place("main", 1), "met_by": None, "met_on": None,
    }  # fmt: skip
    return Trigger(**fields | more)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("rewritten", "met"),
        ("verified", "met"),
        ("assembly-held", "met"),
        ("withdrawn", "met"),
        ("assembly-held-late", "shortfall"),
        ("defaulted", "breach"),
        ("open", "pending"),
        ("assembly-due", "pending"),
    ],
)
def test_every_state_of_a_trigger(state: str, outcome: str) -> None:
    found = said(WHOLE, "AUD-2", triggers=[trigger(state, met_by=Place("main", 9), met_on=date(2025, 7, 9))])
    assert found.outcome == outcome, found.reason


def test_one_default_outweighs_what_was_answered() -> None:
    answered = trigger("rewritten", id="TR-LA-2025-BKS-3", met_by=Place("main", 9))
    found = said(WHOLE, "AUD-2", triggers=[answered, trigger("defaulted")])
    assert found.outcome == "breach"
    assert "TR-LA-2025-SUP-2 ran out on 2025-07-08 with neither" in found.reason


@pytest.mark.parametrize(
    ("last_day", "assembly_by", "outcome"),
    [
        (date(2024, 12, 24), date(2024, 12, 31), "met"),  # over before the window; the snapshots show that none was due
        (date(2024, 12, 25), date(2025, 1, 1), "breach"),
        (date(2026, 2, 21), date(2026, 2, 28), "breach"),  # after the window, by the day of the audit
    ],
)
def test_triggers_count_from_the_first_day_of_the_window(last_day: date, assembly_by: date, outcome: str) -> None:
    clock = trigger("defaulted", last_day=last_day, assembly_by=assembly_by)
    assert said(WHOLE, "AUD-2", triggers=[clock]).outcome == outcome


@pytest.mark.parametrize(
    ("held", "outcome"),
    [(date(2025, 6, 8), "met"), (date(2025, 6, 9), "shortfall"), (None, "shortfall")],
)
def test_a_counter_revolutionary_label_asks_for_an_assembly_at_once(held: date | None, outcome: str) -> None:
    clock = trigger(
        "rewritten",
        label="counter-revolutionary",
        met_by=Place("main", 9),
        early_assembly_by=date(2025, 6, 8),
        early_assembly_on=held,
    )
    assert said(WHOLE, "AUD-2", triggers=[clock]).outcome == outcome


def test_without_triggers_the_snapshots_show_it() -> None:
    assert said(WHOLE, "AUD-2").outcome == "met"
    assert said(without('\n2026-02-01 custom "coop" "snapshot" "2025-07"\n'), "AUD-2").outcome == "not-evidenced"


# -- AUD-3 -----------------------------------------------------------------------------------------------------------

TRADE = """
2025-01-20 * "Press" "Leaflets"
  Expenses:Rent   {} EUR
  Assets:Bank    -{} EUR
"""


@pytest.mark.parametrize(
    ("old", "new", "outcome", "why"),
    [
        (DRAW, "", "not-evidenced", "no lottery-draw"),
        (CALL[CALL.index("2025-03-02") :], "", "not-evidenced", "no lottery-call"),
        ("press:eva, dockers:omar\"\n", "press:eva, clinic:ade\"\n", "breach", "does not recompute"),
        ("landtrust:jo", "landtrust:joe", "breach", "pool-sha256"),
        ("drand-5000000=", "drand-5000009=", "breach", "names drand-5000000"),
        ("0123abcd", "0123abcf", "breach", "has the seed"),
        ("clinic:ade, climate:lin\"\n", "climate:lin, clinic:ade\"\n", "shortfall", "has alternates"),
        ("2025-03-02 custom", "2025-04-27 custom", "shortfall", "less than 7 days"),
        ("2025-05-03 custom", "2025-05-02 custom", "shortfall", "lets nobody draw before"),
        (OMAR, "", "shortfall", "dockers:omar was drawn"),
        (OMAR, auditor("dockers:omar", "FALSE"), "shortfall", "clinic:ade was drawn"),
        (OMAR, auditor("dockers:omar", "FALSE") + auditor("clinic:ade"), "met", "3 auditors sat as drawn"),
        (OMAR, OMAR + auditor("landtrust:jo"), "breach", "landtrust:jo sat on the panel of LA-2025 and was not drawn"),
        (OMAR, auditor("dockers:omar", conflicts=""), "shortfall", "dockers:omar has declared no conflicts"),
        (OMAR, OMAR + TRADE.format("5.00", "5.00"), "shortfall", "press:eva has not declared what the books show: 5.00 EUR"),
        (EVA, auditor("press:eva", conflicts='\n  conflicts: "5 EUR"') + TRADE.format("5.00", "5.00"), "met", "3 auditors"),
        (EVA, auditor("press:eva", conflicts='\n  conflicts: "501 EUR"') + TRADE.format("501.00", "501.00"), "shortfall",
         "press:eva should not have sat: 501.00 EUR was bought from press"),
    ],
)  # fmt: skip
def test_the_draw_and_the_panel(old: str, new: str, outcome: str, why: str) -> None:
    text = WHOLE[: WHOLE.index(OPEN)]
    assert old in text
    found = said(text.replace(old, new) + WHOLE[len(text) :], "AUD-3")
    assert (found.outcome, why in found.reason) == (outcome, True), found


def test_a_small_pool_is_allowed_and_said() -> None:
    pool = ("tenants-union:rosa", "dockers:omar", "climate:lin", "clinic:ade", "press:eva")
    digest = pool_digest(pool)
    seed = seed_of(digest, ("drand-5000000=0123abcd", "lotto-2026-05-02=4.8.15.16.23.42."))
    order = sorted(pool, key=lambda person: ticket(seed, person))
    call = CALL.replace(", landtrust:jo", "").replace(
        "5c2f4ff54807251483da91a803e50c0d03278bf9ac28026d60d3209ddef95934", digest
    )
    draw = f"""
2025-05-03 custom "coop" "lottery-draw" "LA-2025"
  source-1: "drand-5000000=0123abcd"
  source-2: "lotto-2026-05-02=4.8.15.16.23.42."
  seed: "{seed}"
  panel: "{", ".join(order[:3])}"
  alternates: "{", ".join(order[3:])}"
"""
    found = said(call + draw + "".join(map(auditor, order[:3])) + OPEN + VERDICT, "AUD-3")
    assert found.outcome == "met"
    assert found.reason == "the draw of LA-2025 recomputes, and 3 auditors sat as drawn from a small pool of 5"


def test_one_seat_has_no_tie_at_all() -> None:
    told = '\n  conflicts: "5 EUR"'
    people = ("tenants-union:rosa", "press:eva", "dockers:omar")
    trades = [TRADE.replace("Press", payee).format("5.00", "5.00") for payee in ("Tenants Union", "Press", "Dockers")]
    text = CALL + DRAW + "".join(auditor(person, conflicts=told) for person in people) + OPEN + VERDICT
    assert said(text + "".join(trades), "AUD-3").reason == "no auditor of LA-2025 was without any tie"
    assert said(text + "".join(trades[:2]), "AUD-3").outcome == "met"


def test_what_was_posted_after_the_declaration_is_not_missing_from_it() -> None:
    fee = TRADE.format("5.00", "5.00").replace("2025-01-20", "2025-05-06")
    assert said(WHOLE + fee, "AUD-3").outcome == "met"


# -- AUD-4 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "day", "outcome"),
    [
        ("2025-06-08 custom", "2025-06-09 custom", DAY, "shortfall"),
        (PUBLISHED, "", date(2025, 6, 8), "pending"),
        (PUBLISHED, "", date(2025, 6, 9), "breach"),
        (PUBLISHED, PUBLISHED.replace("b3f1a0", "c3f1a0"), DAY, "breach"),
        (PUBLISHED, PUBLISHED.replace("b3f1a0", "b3f1"), DAY, "not-evidenced"),
        (PUBLISHED, PUBLISHED.replace('\n  report-sha256: "b3f1a0"', ""), DAY, "not-evidenced"),
        (VERDICT, VERDICT.replace('\n  report-sha256: "b3f1a0"', ""), DAY, "not-evidenced"),
    ],
)
def test_the_publication(old: str, new: str, day: date, outcome: str) -> None:
    assert WHOLE.count(old) == 1
    assert said(WHOLE.replace(old, new), "AUD-4", day).outcome == outcome


def test_a_correction_after_the_signed_report_is_none_of_an_alteration() -> None:
    later = PUBLISHED.replace("2025-06-08", "2025-06-20").replace("b3f1a0", "c3f1a0")
    assert said(WHOLE + later, "AUD-4").outcome == "met"


# -- AUD-5 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "day", "outcome"),
    [
        ("", DAY, "shortfall"),
        (ACTION.replace("  done: 2025-08-01\n", ""), date(2025, 8, 1), "pending"),
        (ACTION.replace("  done: 2025-08-01\n", ""), date(2025, 8, 2), "shortfall"),
        (ACTION.replace("done: 2025-08-01", "done: 2025-08-02"), DAY, "shortfall"),
        (ACTION.replace("done: 2025-08-01", "done: 2025-08-02"), date(2025, 8, 1), "pending"),
        (ACTION.replace('  proof: "the new contract"\n', ""), DAY, "not-evidenced"),
        (ACTION.replace('  proof: "the new contract"\n', '  document: "contract.pdf"\n'), DAY, "met"),
        (ACTION.replace("  due: 2025-08-01\n", ""), DAY, "not-evidenced"),
        # a later record cannot put the day off
        (ACTION.replace("  done: 2025-08-01\n", "") + ACTION.replace("06-10", "08-20").replace("08-01", "09-01"), DAY, "shortfall"),
        (ACTION.replace("  done: 2025-08-01\n", "") + ACTION.replace("06-10", "07-20"), DAY, "met"),
    ],
)  # fmt: skip
def test_the_action_on_a_finding(new: str, day: date, outcome: str) -> None:
    assert said(WHOLE.replace(ACTION, new), "AUD-5", day).outcome == outcome


def test_a_finding_that_raises_or_verifies_asks_for_nothing() -> None:
    text = without(ACTION).replace('  label: "reformist"\n', '  label: "revolutionary"\n')
    assert said(text, "AUD-5").reason.startswith("no finding of LA-2025 asked for an action")
    assert said(text.replace(SNAPSHOTS, ""), "AUD-5").outcome == "not-evidenced"
    assert (
        said(text.replace('  label: "revolutionary"\n', '  verifies: "TR-LA-2024-SUP-2"\n'), "AUD-5").outcome == "met"
    )


def test_one_finding_of_two_without_an_action_is_a_shortfall() -> None:
    other = FINDING.replace("SUP-2", "ALY-1")
    found = said(WHOLE + other, "AUD-5")
    assert (found.outcome, found.reason) == (
        "shortfall",
        'finding "LA-2025/ALY-1" of 2025-05-20 was followed by no action',
    )


@pytest.mark.parametrize("order", [("ALY-1", "POL-2"), ("POL-2", "ALY-1")])
def test_of_two_findings_of_a_day_the_first_by_id_is_named(order: tuple[str, str]) -> None:
    others = "".join(FINDING.replace("SUP-2", criterion) for criterion in order)
    assert said(WHOLE + others, "AUD-5").reason.startswith('finding "LA-2025/ALY-1" of 2025-05-20 ')
