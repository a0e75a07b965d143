"""Outcomes, labels, the verdict and how far the evidence bears it: the rule by hand, and its properties on all criteria."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopbooks.audit.catalogue import CATALOGUE, catalogue_sha256
from coopbooks.audit.criterion import Criterion
from coopbooks.audit.grading import assurance, label_of, rank, verdict, verdict_in_words
from coopbooks.audit.judgement import Judgement, Outcome
from coopbooks.audit.model import Reason, Result, Verdict
from coopbooks.parameters import PARAMETERS
from coopbooks.records import audits

GATES: list[str] = list("WAG-1 BKS-1 BKS-2 SUR-1 SUR-2 GOV-1 GOV-2 AUD-2".split())
CORE: list[str] = list(
    ("WAG-2 BKS-3 BKS-4 BKS-5 SUR-3 SUR-4 SUR-5 GOV-3 SUP-2 POL-1 ALY-1 ALY-2 AUD-1 AUD-3 AUD-4 AUD-5").split()
)
PRACTICES: list[str] = list(
    (
        "WAG-3 BKS-6 SUR-6 GOV-4 GOV-5 GOV-6 GOV-7 GOV-8 SUP-1 SUP-3 POL-2 ALY-3 ALY-4 ALY-5 ALY-6 ALY-7 ALY-8 EXP-1 "
        "RIT-1 RIT-2 RIT-3 RIT-4 DEF-1 DEF-2 DEF-3 DEF-4 RHY-1 RHY-2 RHY-3"
    ).split()
)
TIERS = dict.fromkeys(GATES, "gate") | dict.fromkeys(CORE, "core") | dict.fromkeys(PRACTICES, "practice")

COUNTED: tuple[Outcome, ...] = ("met", "shortfall", "breach", "not-evidenced", "error", "not-applicable", "pending")
GRADES = {"counter-revolutionary": 0, "reformist": 1, "revolutionary": 2}


def results(outcomes: Mapping[str, Outcome], *, practices: bool = True) -> list[Result]:
    """All 53 criteria with an outcome each; what is not named is met."""
    return [_result(name, outcomes.get(name, "met"), graded=practices or TIERS[name] != "practice") for name in TIERS]


@cache
def _result(name: str, outcome: Outcome, *, graded: bool) -> Result:
    words = dict.fromkeys(("title", "revolutionary", "reformist", "clause", "remedy"), "")
    declared = Criterion(
        id=name,
        tier=TIERS[name],  # type: ignore[arg-type]
        hostile=None,
        evidence=("compute",),
        parameters=(),
        judge=lambda _: Judgement("met", ""),
        **words,
    )
    judgement = Judgement(outcome, "")
    label = label_of(outcome) if graded else None
    return Result(declared, judgement, outcome, label, outcome, "", (), graded=graded)


def graded(outcomes: Mapping[str, Outcome], **more: Any) -> Verdict:
    """The verdict by the figures of the design: two core breaches, five practices."""
    return verdict(results(outcomes, **more), 2, 5)


def but(outcomes: Mapping[str, Outcome], name: str, outcome: Outcome) -> dict[str, Outcome]:
    """The same outcomes with one of them changed."""
    return {**outcomes, name: outcome}


def of_each(names: list[str], outcome: Outcome) -> dict[str, Outcome]:
    """One outcome for each of some criteria."""
    return dict.fromkeys(names, outcome)


# -- the catalogue ------------------------------------------------------------------------------------------------


def test_the_catalogue_has_all_53_criteria_in_their_tiers() -> None:
    assert (len(GATES), len(CORE), len(PRACTICES)) == (8, 16, 29)
    assert {name: each.tier for name, each in CATALOGUE.items()} == TIERS
    assert audits.CRITERIA == TIERS  # what records may name, known where no criterion is judged


def test_every_gate_and_core_criterion_but_one_says_what_is_hostile_and_no_practice_does() -> None:
    without = {name for name, each in CATALOGUE.items() if each.hostile is None}
    assert without == {*PRACTICES, "AUD-5"}  # a finding that had no consequence is a default of the trigger, AUD-2


def test_each_criterion_names_parameters_that_exist_and_says_what_to_do() -> None:
    for name, each in CATALOGUE.items():
        assert each.id == name
        assert set(each.parameters) <= PARAMETERS.keys(), name
        assert {*each.evidence} <= {"compute", "examine", "interview"}, name
        assert each.evidence, name
        assert all((each.title, each.revolutionary, each.reformist, each.clause, each.remedy)), name


def test_the_digest_of_the_catalogue_is_one_of_its_content(monkeypatch: pytest.MonkeyPatch) -> None:
    before = catalogue_sha256()
    assert len(before) == 64
    name, first = next(iter(CATALOGUE.items()))
    catalogue_sha256.cache_clear()
    monkeypatch.setitem(CATALOGUE, name, first._replace(remedy=first.remedy + "!"))
    assert catalogue_sha256() != before
    monkeypatch.undo()
    catalogue_sha256.cache_clear()
    monkeypatch.setitem(PARAMETERS, "books.days", PARAMETERS["books.days"]._replace(default=None))
    assert catalogue_sha256() != before
    monkeypatch.undo()
    catalogue_sha256.cache_clear()
    assert catalogue_sha256() == before


# -- labels ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "label"),
    [
        ("met", "revolutionary"),
        ("shortfall", "reformist"),
        ("breach", "counter-revolutionary"),
        ("not-evidenced", "reformist"),
        ("error", "reformist"),
        ("not-applicable", None),
        ("pending", None),
        ("not-assessed", None),
    ],
)
def test_each_outcome_carries_its_label(outcome: Outcome, label: str | None) -> None:
    assert label_of(outcome) == label


# -- the rule by hand ------------------------------------------------------------------------------------------------


def test_all_met_is_revolutionary_by_the_third_line() -> None:
    found = graded({})
    assert (found.grade, found.line) == ("revolutionary", 3)


@pytest.mark.parametrize("gate", GATES)
def test_one_breach_of_a_gate_decides(gate: str) -> None:
    found = graded({gate: "breach"})
    assert (found.grade, found.line) == ("counter-revolutionary", 1)
    assert found.reasons == (Reason("1 of the gates is breached", (gate,)),)


def test_two_breaches_of_core_criteria_decide_and_one_does_not() -> None:
    one, two = graded(of_each(CORE[:1], "breach")), graded(of_each(CORE[:2], "breach"))
    assert (one.grade, one.line, one.reasons[0].criteria) == ("reformist", 2, ("WAG-2",))
    assert (two.grade, two.line, two.reasons[0].criteria) == ("counter-revolutionary", 1, ("WAG-2", "BKS-3"))


def test_a_stricter_limit_of_core_breaches_is_used() -> None:
    assert verdict(results(of_each(CORE[:1], "breach")), 1, 5).grade == "counter-revolutionary"


@pytest.mark.parametrize("outcome", ["shortfall", "not-evidenced", "error"])
@pytest.mark.parametrize("name", [*GATES, *CORE])
def test_one_gate_or_core_criterion_below_met_is_reformist(name: str, outcome: Outcome) -> None:
    found = graded({name: outcome})
    assert (found.grade, found.line, found.reasons[0].criteria) == ("reformist", 2, (name,))


@pytest.mark.parametrize("outcome", ["shortfall", "not-evidenced", "error"])
def test_five_practices_below_met_are_borne_and_six_are_not(outcome: Outcome) -> None:
    five, six = graded(of_each(PRACTICES[:5], outcome)), graded(of_each(PRACTICES[:6], outcome))
    assert (five.grade, five.reasons[0].criteria) == ("revolutionary", tuple(PRACTICES[:5]))
    assert (six.grade, six.line, six.reasons[0].criteria) == ("reformist", 2, tuple(PRACTICES[:6]))


def test_a_sixth_practice_that_does_not_apply_is_not_below_met() -> None:
    assert graded(but(of_each(PRACTICES[:5], "shortfall"), PRACTICES[5], "not-applicable")).grade == "revolutionary"


@pytest.mark.parametrize("outcome", ["not-applicable", "pending"])
def test_what_does_not_apply_and_what_is_pending_do_not_count(outcome: Outcome) -> None:
    assert graded(of_each([*TIERS], outcome)).grade == "revolutionary"


@pytest.mark.parametrize("name", [*GATES, *CORE])
def test_what_is_not_assessed_blocks_the_verdict_even_beside_a_breach(name: str) -> None:
    others = [gate for gate in GATES if gate != name]
    found = graded(but(of_each(others, "breach"), name, "not-assessed"))
    assert (found.grade, found.line, found.reasons[0].criteria) == (None, 0, (name,))
    assert verdict_in_words(found, "insufficient") == "no verdict"


def test_a_practice_that_is_not_assessed_blocks_nothing() -> None:
    assert graded(of_each(PRACTICES, "not-assessed")).grade == "revolutionary"


def test_a_profile_without_practices_grades_gates_and_core_only() -> None:
    low = of_each(PRACTICES, "shortfall")
    assert graded(low, practices=False).grade == "revolutionary"
    assert graded(but(low, "SUR-2", "shortfall"), practices=False).grade == "reformist"
    assert graded(but(low, "SUR-2", "breach"), practices=False).grade == "counter-revolutionary"


def test_breaches_of_gates_and_of_core_criteria_are_named_apart() -> None:
    found = graded({"WAG-1": "breach", "POL-1": "breach", "AUD-5": "breach"})
    assert [reason.criteria for reason in found.reasons] == [("WAG-1",), ("POL-1", "AUD-5")]


# -- how far the evidence bears it -----------------------------------------------------------------------------------


def test_assurance_is_full_where_everything_is_evidenced_however_bad() -> None:
    assert assurance(results(of_each([*GATES, *CORE], "breach"))) == "full"


def test_practices_without_evidence_do_not_qualify_it() -> None:
    assert assurance(results(of_each(PRACTICES, "not-evidenced"))) == "full"


@pytest.mark.parametrize("outcome", ["not-evidenced", "error", "not-assessed"])
def test_a_quarter_of_gates_and_core_is_qualified_and_one_more_insufficient(outcome: Outcome) -> None:
    assert assurance(results(of_each(CORE[:1], outcome))) == "qualified"
    assert assurance(results(of_each(CORE[:6], outcome))) == "qualified"
    assert assurance(results(of_each(CORE[:7], outcome))) == "insufficient"


@pytest.mark.parametrize("name", ["BKS-1", "BKS-2"])
def test_books_that_nobody_could_see_or_trust_are_insufficient_alone(name: str) -> None:
    assert assurance(results({name: "not-evidenced"})) == "insufficient"
    assert assurance(results({name: "shortfall"})) == "full"


def test_a_breach_by_missing_evidence_is_still_missing_evidence() -> None:
    found = [each._replace(missing=each.id == "GOV-1") for each in results({"GOV-1": "breach"})]
    assert assurance(found) == "qualified"


def test_too_little_evidence_is_said_in_the_verdict() -> None:
    low = results({"BKS-1": "not-evidenced"})
    assert verdict_in_words(verdict(low, 2, 5), assurance(low)) == "reformist (insufficient evidence)"
    bad = results({"BKS-1": "not-evidenced", "WAG-1": "breach"})
    assert verdict_in_words(verdict(bad, 2, 5), assurance(bad)) == "counter-revolutionary"


# -- properties --------------------------------------------------------------------------------------------------------
# The order of outcomes is that of `rank`: met, not applicable and pending above shortfall, not evidenced and error, these
# above breach. Not assessed is in no order: it stops the rule.

OUTCOMES = st.fixed_dictionaries({name: st.sampled_from(COUNTED) for name in TIERS})
SELDOM_LOW = st.dictionaries(st.sampled_from([*TIERS]), st.sampled_from(COUNTED), max_size=8)


def _grade(outcomes: Mapping[str, Outcome], *, practices: bool, limit: int = 2, tolerance: int = 5) -> int:
    return GRADES[str(verdict(results(outcomes, practices=practices), limit, tolerance).grade)]


@given(
    outcomes=OUTCOMES | SELDOM_LOW,
    name=st.sampled_from([*TIERS]),
    outcome=st.sampled_from(COUNTED),
    practices=st.booleans(),
)
def test_no_change_for_the_better_worsens_the_verdict_and_none_for_the_worse_improves_it(
    outcomes: dict[str, Outcome], name: str, outcome: Outcome, practices: bool
) -> None:
    before, after = _grade(outcomes, practices=practices), _grade(but(outcomes, name, outcome), practices=practices)
    change = rank(outcome) - rank(outcomes.get(name, "met"))
    if change >= 0:
        assert after >= before
    if change <= 0:
        assert after <= before


@given(outcomes=OUTCOMES, gate=st.sampled_from(GATES), practices=st.booleans())
def test_nothing_makes_up_for_a_gate(outcomes: dict[str, Outcome], gate: str, practices: bool) -> None:
    assert _grade(but(outcomes, gate, "breach"), practices=practices) == GRADES["counter-revolutionary"]
    assert _grade(but(outcomes, gate, "shortfall"), practices=practices) <= GRADES["reformist"]


@given(outcomes=OUTCOMES | SELDOM_LOW, practices=st.integers(0, 29), breaches=st.integers(0, 16))
def test_stricter_limits_never_better_the_verdict(outcomes: dict[str, Outcome], practices: int, breaches: int) -> None:
    assert _grade(outcomes, practices=True, limit=breaches, tolerance=practices) <= _grade(
        outcomes, practices=True, limit=breaches + 1, tolerance=practices + 1
    )


@given(outcomes=OUTCOMES | SELDOM_LOW)
def test_leaving_the_practices_out_never_worsens_the_verdict(outcomes: dict[str, Outcome]) -> None:
    assert _grade(outcomes, practices=False) >= _grade(outcomes, practices=True)


@given(outcomes=OUTCOMES | SELDOM_LOW)
def test_the_reasons_name_what_a_treasurer_counts(outcomes: dict[str, Outcome]) -> None:
    found = verdict(results(outcomes), 2, 5)
    low = {name for name, outcome in outcomes.items() if rank(outcome) < 2}
    named = [name for reason in found.reasons for name in reason.criteria]
    assert set(named) <= low
    assert len(named) == len(set(named))
    if found.line == 2:
        assert low - {*PRACTICES} == {*named} - {*PRACTICES}


@given(outcomes=OUTCOMES | SELDOM_LOW, name=st.sampled_from([*GATES, *CORE]))
def test_more_evidence_never_lessens_the_assurance(outcomes: dict[str, Outcome], name: str) -> None:
    order = {"insufficient": 0, "qualified": 1, "full": 2}
    shown, not_shown = results(but(outcomes, name, "met")), results(but(outcomes, name, "not-evidenced"))
    assert order[assurance(shown)] >= order[assurance(results(outcomes))] >= order[assurance(not_shown)]
