"""What findings, red flags and derogations do to the machine's outcome, and whose findings count."""

from __future__ import annotations

from datetime import date
from textwrap import dedent

import pytest
from beancount import loader

from coopbooks.audit.cases import cases_of
from coopbooks.audit.catalogue import CATALOGUE
from coopbooks.audit.judgement import Judgement, Outcome
from coopbooks.audit.model import Result
from coopbooks.audit.panel import Bench, as_signed, dissent_of, seats_of
from coopbooks.audit.profiles import FULL, STARTER, ProfileInForce
from coopbooks.books.entries import facts_of
from coopbooks.bylaws import Bylaws
from coopbooks.errors import Place
from coopbooks.records import audits

DAY = date(2026, 6, 1)
MACHINE = Place("books.beancount", 77)

OPENED = """
    2026-05-10 custom "coop" "audit" "LA"
"""
PANEL = """
    2026-05-05 custom "coop" "auditor" "union:ann"
      audit: "LA"
      conflicts: "none"
      accepted: TRUE
    2026-05-05 custom "coop" "auditor" "press:bo"
      audit: "LA"
      conflicts: "none"
      accepted: TRUE
    2026-05-06 custom "coop" "auditor" "clinic:cy"
      audit: "LA"
      conflicts: "none"
      accepted: TRUE
"""


def finding(criterion: str, label: str | None, votes: str = "3-0-0", day: str = "2026-05-20", **more: str) -> str:
    """A finding with text and evidence, and until the end of the year, unless the test says otherwise."""
    fields = {"text": "Seen in the papers.", "evidence": "minutes:2025-09-02", "until": "2026-12-31"} | more
    lines = [f'{day} custom "coop" "finding" "LA/{criterion}"']
    lines += [f'  label: "{label}"'] if label else []
    lines += [f'  votes: "{votes}"'] if votes else []
    lines += [
        f"  {name}: {value}" if name == "until" else f'  {name}: "{value}"' for name, value in fields.items() if value
    ]
    return "\n".join(lines) + "\n"


def flag(criterion: str, day: str) -> str:
    """A worker's red flag."""
    return f'{day} custom "coop" "flag" "LA/{criterion}"\n  text: "Ask the night shift."\n'


def rules_of(text: str) -> Bylaws:
    """The records of a text, which must all be in form."""
    entries, errors, options = loader.load_string(text, dedent=False)
    assert not errors, errors[:3]
    facts = facts_of(entries, options, padded=True)
    assert not facts.form_findings, facts.form_findings
    return Bylaws(facts)


def judge(
    criterion: str,
    outcome: Outcome,
    *records: str,
    day: date = DAY,
    panel: str = PANEL,
    profile: ProfileInForce = FULL,
    signed: bool = False,
    missed_before: bool = False,
) -> Result:
    """The result of a criterion whose machine outcome is given, under some records."""
    rules = rules_of("\n".join(dedent(part) for part in (OPENED, panel, *records)))
    bench = Bench(rules, cases_of(rules)[0], profile, day, signed=signed)
    machine = Judgement(outcome, "The figures.", (MACHINE,))
    return bench.result(CATALOGUE[criterion], machine, lambda: missed_before)


# -- without a panel -------------------------------------------------------------------------------------------------


def test_the_machine_alone_only_indicates() -> None:
    found = judge("SUP-2", "shortfall")
    assert (found.outcome, found.label, found.shown) == ("shortfall", "reformist", "indicated shortfall")
    assert judge("SUP-2", "shortfall", signed=True).shown == "shortfall"
    assert found.machine == Judgement("shortfall", "The figures.", (MACHINE,))


@pytest.mark.parametrize("outcome", ["not-applicable", "pending", "not-assessed"])
def test_what_carries_no_label_is_not_called_indicated(outcome: Outcome) -> None:
    found = judge("SUP-2", outcome)
    assert (found.label, found.shown) == (None, outcome.replace("-", " "))


# -- lowering --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("criterion", ["WAG-1", "SUP-2", "GOV-1", "RIT-1"])
def test_the_panel_lowers_any_label_with_text_and_evidence(criterion: str) -> None:
    found = judge(criterion, "met", finding(criterion, "reformist", "2-1-0"))
    assert (found.outcome, found.label) == ("shortfall", "reformist")
    assert found.shown == "indicated met, panel shortfall"
    assert found.reason == "Seen in the papers."
    assert found.machine.outcome == "met"
    assert found.evidence[1:] == (MACHINE,)
    assert found.papers == "minutes:2025-09-02"


@pytest.mark.parametrize("without", ["text", "evidence"])
def test_lowering_without_text_or_evidence_does_not_count(without: str) -> None:
    found = judge("SUP-2", "met", finding("SUP-2", "reformist", **{without: ""}))
    assert found.outcome == "met"
    assert f"gives no {without}" in found.ignored[0].why


def test_the_panel_finds_a_breach_where_the_catalogue_lists_acts() -> None:
    assert judge("BKS-2", "met", finding("BKS-2", "counter-revolutionary")).outcome == "breach"


@pytest.mark.parametrize("criterion", ["RIT-1", "AUD-5"])
def test_a_criterion_without_a_hostile_act_can_only_fall_short(criterion: str) -> None:
    assert judge(criterion, "met", finding(criterion, "counter-revolutionary")).outcome == "shortfall"


def test_a_tie_is_the_worse_label() -> None:
    assert judge("SUP-2", "met", finding("SUP-2", "reformist", "1-1-1")).outcome == "shortfall"
    assert judge("SUP-2", "shortfall", finding("SUP-2", "revolutionary", "1-1-1")).outcome == "shortfall"


@pytest.mark.parametrize("votes", ["1-2-0", "0-0-3"])
def test_what_the_panel_did_not_carry_changes_nothing(votes: str) -> None:
    found = judge("SUP-2", "met", finding("SUP-2", "reformist", votes))
    assert found.outcome == "met"
    assert "did not carry" in found.ignored[0].why


def test_what_does_not_apply_can_be_lowered_and_not_raised() -> None:
    assert judge("DEF-1", "not-applicable", finding("DEF-1", "reformist")).outcome == "shortfall"
    assert judge("DEF-1", "not-applicable", finding("DEF-1", "revolutionary")).outcome == "not-applicable"


# -- raising ---------------------------------------------------------------------------------------------------------

PAPERS = "SUP-2"  # judged from invoices and minutes too
FIGURES = "WAG-1"  # computed from the books alone


def test_the_two_criteria_of_these_tests_are_what_they_stand_for() -> None:
    assert "examine" in CATALOGUE[PAPERS].evidence
    assert CATALOGUE[FIGURES].evidence == ("compute",)


@pytest.mark.parametrize("outcome", ["shortfall", "breach", "not-evidenced", "error"])
def test_the_panel_cannot_raise_what_is_computed(outcome: Outcome) -> None:
    found = judge(FIGURES, outcome, finding(FIGURES, "revolutionary"))
    assert found.outcome == outcome
    assert "computed from the books" in found.ignored[0].why


@pytest.mark.parametrize("votes", ["2-1-0", "2-0-1", "3-0-0", "2-0-0"])
def test_two_thirds_of_the_panel_raise_with_text_and_evidence_until_a_day(votes: str) -> None:
    found = judge(PAPERS, "shortfall", finding(PAPERS, "revolutionary", votes))
    assert (found.outcome, found.label, found.shown) == ("met", "revolutionary", "indicated shortfall, panel met")
    assert found.finding is not None
    assert found.evidence == (found.finding.place,)  # without the finding nothing shows it


@pytest.mark.parametrize("votes", ["1-0-0", "1-0-2", "1-1-0"])
def test_less_than_two_thirds_of_the_panel_do_not_raise(votes: str) -> None:
    found = judge(PAPERS, "shortfall", finding(PAPERS, "revolutionary", votes))
    assert found.outcome == "shortfall"
    assert "two thirds" in found.ignored[0].why


@pytest.mark.parametrize("without", ["text", "evidence", "until"])
def test_raising_needs_text_evidence_and_a_last_day(without: str) -> None:
    found = judge(PAPERS, "shortfall", finding(PAPERS, "revolutionary", **{without: ""}))
    assert found.outcome == "shortfall"
    assert len(found.ignored) == 1


@pytest.mark.parametrize(("until", "outcome"), [("2026-06-01", "met"), ("2026-05-31", "shortfall")])
def test_a_raised_label_holds_on_its_last_day_and_not_after(until: str, outcome: str) -> None:
    assert judge(PAPERS, "shortfall", finding(PAPERS, "revolutionary", until=until)).outcome == outcome


def test_a_breach_is_raised_to_a_shortfall_by_the_same_rule() -> None:
    assert judge(PAPERS, "breach", finding(PAPERS, "reformist")).outcome == "shortfall"
    assert judge(PAPERS, "breach", finding(PAPERS, "reformist", "1-0-2")).outcome == "breach"


# -- evidence from the panel -----------------------------------------------------------------------------------------


def test_a_finding_is_the_evidence_that_the_machine_does_not_have() -> None:
    low = judge(PAPERS, "not-evidenced", finding(PAPERS, "reformist", "2-1-0"))
    assert (low.outcome, low.missing, low.shown) == ("shortfall", False, "indicated not evidenced, panel shortfall")
    assert judge(PAPERS, "not-evidenced", finding(PAPERS, "revolutionary")).outcome == "met"
    assert judge(FIGURES, "not-evidenced", finding(FIGURES, "reformist")).outcome == "not-evidenced"


def test_the_last_finding_that_counts_wins() -> None:
    first = finding("SUP-2", "reformist", day="2026-05-20")
    assert judge("SUP-2", "met", first, finding("SUP-2", "revolutionary", day="2026-05-22")).outcome == "met"
    refused = finding("SUP-2", "revolutionary", "9-0-0", day="2026-05-22")
    assert judge("SUP-2", "met", first, refused).outcome == "shortfall"


def test_findings_dated_later_and_those_of_other_audits_are_left_out() -> None:
    assert judge("SUP-2", "met", finding("SUP-2", "reformist", day="2026-06-02")).outcome == "met"
    other = finding("SUP-2", "reformist").replace("LA/", "LB/")
    assert judge("SUP-2", "met", other).outcome == "met"


# -- who sits --------------------------------------------------------------------------------------------------------

DRAWN = """
    2026-03-02 custom "coop" "lottery-call" "LA"
      seats: 2
      pool: "union:ann, press:bo, clinic:cy"
      pool-sha256: "5c2f4ff54807251483da91a803e50c0d03278bf9ac28026d60d3209ddef95934"
      sources: "dice-2026-05-02"
      draw-not-before: 2026-05-03
    2026-05-03 custom "coop" "lottery-draw" "LA"
      source-1: "dice-2026-05-02=4.8.15"
      seed: "900b12c95c3f244ccd5927091e511fe755014e8dec6393e1fe8688212ccf0956"
      panel: "union:ann, press:bo"
      alternates: "clinic:cy"
"""
OUTSIDER = """
    2026-05-06 custom "coop" "auditor" "friend:di"
      audit: "LA"
      conflicts: "none"
      accepted: TRUE
"""
DECLINED = """
    2026-05-07 custom "coop" "auditor" "press:bo"
      audit: "LA"
      conflicts: "none"
"""


def seats(*records: str, day: date = DAY) -> dict[str, str | None]:
    """Who is on the panel, and why not."""
    rules = rules_of("\n".join(dedent(part) for part in (OPENED, *records)))
    return {seat.auditor: seat.why_not for seat in seats_of(cases_of(rules)[0], day)}


def test_without_a_draw_those_sit_who_accepted() -> None:
    assert seats(PANEL) == {"union:ann": None, "press:bo": None, "clinic:cy": None}
    assert seats(PANEL, DECLINED)["press:bo"] == "has not accepted"


def test_of_a_draw_the_first_who_accepted_sit_and_nobody_else() -> None:
    assert seats(PANEL, DRAWN, OUTSIDER) == {
        "union:ann": None,
        "press:bo": None,
        "clinic:cy": "follows only where a seat is left",
        "friend:di": "was not drawn",
    }


def test_an_alternate_takes_the_seat_of_one_who_declines() -> None:
    found = seats(PANEL, DRAWN, DECLINED)
    assert (found["press:bo"], found["clinic:cy"]) == ("has not accepted", None)
    assert seats(DRAWN) == dict.fromkeys(("union:ann", "press:bo", "clinic:cy"), "has not accepted")


def test_votes_beyond_the_seats_are_no_votes_of_the_panel() -> None:
    found = judge("SUP-2", "met", DRAWN, OUTSIDER, finding("SUP-2", "reformist", "3-0-0"))
    assert found.outcome == "met"
    assert found.ignored[0].why == "it counts 3 votes, and 2 auditors sat"
    assert judge("SUP-2", "met", DRAWN, OUTSIDER, finding("SUP-2", "reformist", "2-0-0")).outcome == "shortfall"


ONE_OF_THREE = (
    DRAWN.replace("seats: 2", "seats: 3").replace('"union:ann, press:bo"', '"union:ann, press:bo, clinic:cy"')
).replace('      alternates: "clinic:cy"\n', "")
ANN = PANEL[: PANEL.index("    2026-05-05", 10)]


@pytest.mark.parametrize(
    ("votes", "low", "high"),
    [("3-0-0", "shortfall", "met"), ("2-1-0", "shortfall", "met"), ("1-0-0", "shortfall", "not-evidenced")],
)
def test_whoever_was_drawn_and_has_no_record_has_a_vote_all_the_same(votes: str, low: str, high: str) -> None:
    for label, outcome in (("reformist", low), ("revolutionary", high)):
        records = (ONE_OF_THREE, finding("SUP-2", label, votes))
        assert judge("SUP-2", "not-evidenced", *records, panel=ANN).outcome == outcome


def test_of_those_who_were_drawn_nobody_who_declined_has_a_vote() -> None:
    found = judge("SUP-2", "met", ONE_OF_THREE, DECLINED, finding("SUP-2", "reformist", "3-0-0"), panel=ANN)
    assert (found.outcome, found.ignored[0].why) == ("met", "it counts 3 votes, and 2 auditors sat")
    two = finding("SUP-2", "reformist", "2-0-0")
    assert judge("SUP-2", "met", ONE_OF_THREE, DECLINED, two, panel=ANN).outcome == "shortfall"
    assert judge("SUP-2", "met", ONE_OF_THREE, finding("SUP-2", "reformist", "4-0-0"), panel=ANN).outcome == "met"


def test_books_that_know_no_auditor_lower_and_neither_raise_nor_answer() -> None:
    low = finding("SUP-2", "reformist")
    assert judge("SUP-2", "met", low, panel="").outcome == "shortfall"
    nobody = judge("SUP-2", "shortfall", finding("SUP-2", "revolutionary"), panel="")
    assert nobody.outcome == "shortfall"
    assert "no auditor" in nobody.ignored[0].why
    records = (flag("SUP-2", "2026-05-19"), finding("SUP-2", "revolutionary"))
    assert judge("SUP-2", "met", *records, panel="").outcome == "not-evidenced"
    assert judge("SUP-2", "met", *records).outcome == "met"


def test_a_finding_before_anybody_sits_or_without_votes_is_none() -> None:
    early = judge("SUP-2", "met", finding("SUP-2", "reformist", "1-0-0", day="2026-05-04"))
    assert early.outcome == "met"
    silent = judge("SUP-2", "met", finding("SUP-2", "reformist", ""))
    assert silent.ignored[0].why == "it records no votes of the panel"


def test_dissent_is_kept_also_of_what_was_not_carried() -> None:
    records = (
        PANEL,
        finding("SUP-2", "reformist", "2-1-0"),
        finding("WAG-1", "reformist", "0-2-1"),
        finding("GOV-1", None),
    )
    case = cases_of(rules_of("\n".join(dedent(part) for part in (OPENED, *records))))[0]
    assert [(each.criterion, each.votes) for each in dissent_of(case, DAY)] == [
        ("SUP-2", (2, 1, 0)),
        ("WAG-1", (0, 2, 1)),
    ]


# -- red flags -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["met", "not-applicable", "pending"])
def test_an_unanswered_red_flag_caps_the_criterion(outcome: Outcome) -> None:
    found = judge("BKS-3", outcome, flag("BKS-3", "2026-05-12"))
    assert (found.outcome, found.label) == ("not-evidenced", "reformist")
    assert found.shown.endswith("not evidenced: a red flag is unanswered")
    assert len(found.flags) == 1


def test_a_red_flag_betters_nothing() -> None:
    assert judge("BKS-3", "breach", flag("BKS-3", "2026-05-12")).outcome == "breach"
    assert judge("BKS-3", "shortfall", flag("BKS-3", "2026-05-12")).outcome == "shortfall"


@pytest.mark.parametrize(("day", "outcome"), [("2026-05-11", "not-evidenced"), ("2026-05-12", "met")])
def test_a_finding_on_or_after_its_day_answers_a_flag(day: str, outcome: str) -> None:
    found = judge("BKS-3", "met", flag("BKS-3", "2026-05-12"), finding("BKS-3", None, day=day))
    assert found.outcome == outcome


def test_a_flag_is_answered_only_in_words_and_by_the_panel() -> None:
    asked = flag("BKS-3", "2026-05-12")
    assert judge("BKS-3", "met", asked, finding("BKS-3", None, text="")).outcome == "not-evidenced"
    assert judge("BKS-3", "met", asked, finding("BKS-3", None, "1-2-0")).outcome == "not-evidenced"
    assert judge("BKS-3", "met", asked, finding("BKS-3", None), flag("BKS-3", "2026-05-25")).outcome == "not-evidenced"


def test_a_flag_on_another_criterion_or_dated_later_caps_nothing() -> None:
    assert judge("BKS-3", "met", flag("BKS-1", "2026-05-12")).outcome == "met"
    assert judge("BKS-3", "met", flag("BKS-3", "2026-06-02")).outcome == "met"


def test_a_flag_after_a_raised_label_caps_that_too() -> None:
    raised = finding(PAPERS, "revolutionary", day="2026-05-20")
    assert judge(PAPERS, "shortfall", raised, flag(PAPERS, "2026-05-21")).outcome == "not-evidenced"


# -- derogations -----------------------------------------------------------------------------------------------------

MEMBERS = """
    2020-01-01 custom "coop" "member" "m1"
    2020-01-01 custom "coop" "member" "m2"
    2020-01-01 custom "coop" "member" "m3"
"""
DECISION = """
    2026-03-01 custom "coop" "decision" "D-1"
      body: "assembly"
      eligible: 3
      quorum: 2
      for: 3
      against: 0
"""


def derogation(
    criterion: str, until: str = "2026-06-01", decision: str = "D-1", reason: str = "No other mill yet."
) -> str:
    """The assembly's leave to fall short."""
    lines = [f'2026-03-01 custom "coop" "derogation" "{criterion}"', f'  decision: "{decision}"']
    lines += [f'  reason: "{reason}"'] if reason else []
    lines += [f"  until: {until}"] if until else []
    return "\n".join(lines) + "\n"


def test_a_derogated_shortfall_is_shown_stays_reformist_and_opens_no_trigger() -> None:
    found = judge("SUP-2", "shortfall", MEMBERS, DECISION, derogation("SUP-2"))
    assert (found.outcome, found.label) == ("shortfall", "reformist")
    assert found.shown == "indicated shortfall, derogated until 2026-06-01"
    assert found.below_met
    assert not found.opens_trigger


def test_without_leave_a_shortfall_opens_its_trigger() -> None:
    assert judge("SUP-2", "shortfall").opens_trigger


@pytest.mark.parametrize(
    ("records", "why"),
    [
        ((DECISION, derogation("SUP-2", until="2026-05-31")), "it was valid until 2026-05-31"),
        ((DECISION, derogation("SUP-2", until="")), "until when"),
        ((DECISION, derogation("SUP-2", reason="")), "no reason"),
        ((DECISION, derogation("SUP-2", decision="D-9")), "no record"),
        ((DECISION.replace("assembly", "board"), derogation("SUP-2")), "none of the assembly"),
        ((DECISION.replace("for: 3", "for: 1"), derogation("SUP-2")), "1 present where 2"),
    ],
)
def test_a_derogation_needs_a_reason_a_last_day_and_the_assembly(records: tuple[str, ...], why: str) -> None:
    found = judge("SUP-2", "shortfall", MEMBERS, *records)
    assert found.derogation is None
    assert found.opens_trigger
    assert why in found.ignored[0].why


@pytest.mark.parametrize("gate", ["WAG-1", "SUR-2"])
def test_there_is_no_derogation_of_a_gate(gate: str) -> None:
    found = judge(gate, "shortfall", MEMBERS, DECISION, derogation(gate))
    assert found.derogation is None
    assert found.ignored[0].why == "there is no derogation of a gate"


@pytest.mark.parametrize("outcome", ["not-evidenced", "breach", "error"])
def test_a_derogation_is_leave_to_fall_short_and_for_nothing_worse(outcome: Outcome) -> None:
    assert judge("SUP-2", outcome, MEMBERS, DECISION, derogation("SUP-2")).derogation is None


# -- twice without evidence ------------------------------------------------------------------------------------------


def test_a_gate_that_nothing_shows_twice_running_is_a_breach() -> None:
    for outcome in ("not-evidenced", "error"):
        found = judge("GOV-1", outcome, missed_before=True)
        assert (found.outcome, found.missing) == ("breach", True)
        assert found.shown.endswith("breach: in two audits running")
    assert judge("GOV-1", "not-evidenced").outcome == "not-evidenced"


def test_other_criteria_and_other_outcomes_are_none() -> None:
    assert judge("GOV-3", "not-evidenced", missed_before=True).outcome == "not-evidenced"
    assert judge("GOV-1", "shortfall", missed_before=True).outcome == "shortfall"
    flagged = judge("GOV-1", "met", flag("GOV-1", "2026-05-12"), missed_before=True)
    assert flagged.outcome == "not-evidenced"  # evidence is there; who owes the answer is the panel


# -- profiles --------------------------------------------------------------------------------------------------------


def test_starter_reports_practices_and_grades_none() -> None:
    found = judge("RIT-1", "shortfall", profile=STARTER)
    assert (found.outcome, found.label, found.graded, found.opens_trigger) == ("shortfall", None, False, False)
    assert judge("SUP-2", "shortfall", profile=STARTER).label == "reformist"


# -- what was signed -------------------------------------------------------------------------------------------------


def _verdict(labels: tuple[tuple[str, str], ...] | None) -> audits.Verdict:
    return audits.Verdict(id="LA", date=DAY, place=Place("books.beancount", 9), verdict="reformist", labels=labels)


def test_labels_that_were_signed_win() -> None:
    met, low = judge("SUP-2", "met", signed=True), judge("SUP-2", "not-evidenced", signed=True)
    assert as_signed(met, _verdict(None)) == met
    assert as_signed(met, _verdict((("RIT-1", "reformist"),))) == met
    lowered = as_signed(met, _verdict((("SUP-2", "counter-revolutionary"),)))
    assert (lowered.outcome, lowered.label) == ("breach", "counter-revolutionary")
    assert lowered.shown == "signed as counter-revolutionary"
    assert as_signed(low, _verdict((("SUP-2", "reformist"),))) == low  # how it fell short stays
    omitted = as_signed(low, _verdict(()))  # missing evidence is never a pass
    assert (omitted.outcome, omitted.label) == ("not-evidenced", "reformist")
    assert omitted.shown.endswith(", not among the signed labels")


def test_what_carried_no_label_stays_so_unless_it_was_signed() -> None:
    none = judge("DEF-1", "not-applicable", signed=True)
    assert as_signed(none, _verdict(())) == none
    assert as_signed(none, _verdict((("DEF-1", "reformist"),))).label == "reformist"
