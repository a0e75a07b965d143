"""The course of an audit: which one is shown, on which day it is judged, and what the audits before it do to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from gc import collect
from pathlib import Path
from textwrap import dedent
from weakref import ref

import pytest
from beancount import loader

from coopbooks.audit.catalogue import CATALOGUE
from coopbooks.audit.course import Course
from coopbooks.audit.ground import Ground
from coopbooks.audit.judgement import Judgement, met, not_applicable, not_evidenced, shortfall
from coopbooks.books.entries import facts_of
from coopbooks.cooperative import Cooperative
from coopbooks.errors import Finding, LedgerUnusable, Place, UnknownName, UnknownPeriod
from coopbooks.facts import Facts
from coopbooks.records import audits

BOOKS = """
option "operating_currency" "EUR"
2023-01-01 open Assets:Bank
2023-01-01 open Income:Sales
2023-01-01 open Expenses:Flour
2023-01-01 custom "coop" "member" "m1"
2023-01-01 custom "coop" "member" "m2"
2025-03-01 * "Sale"
  Assets:Bank       100 EUR
  Income:Sales     -100 EUR
"""
OPENED = """
2026-05-10 custom "coop" "audit" "LA"
"""
PANEL = """
2026-05-05 custom "coop" "auditor" "union:ann"
  audit: "LA"
  conflicts: "none"
  accepted: TRUE
"""
SIGNED = """
2026-06-01 custom "coop" "verdict" "LA"
  verdict: "reformist"
  votes: "1-0-0"
"""
EARLIER = """
2025-05-10 custom "coop" "audit" "LA-0"
2025-06-01 custom "coop" "verdict" "LA-0"
  verdict: "reformist"
"""


def course(*records: str, errors: tuple[Finding, ...] = (), federation: str | None = None) -> Course:
    """The audits of a small cooperative's books with some records more."""
    own = None if federation is None else _facts(dedent(federation))
    return Course(_facts("\n".join((BOOKS, *map(dedent, records)))), errors, own)


def _facts(text: str) -> Facts:
    entries, errors, options = loader.load_string(text, dedent=False)
    assert not errors, errors[:3]
    facts = facts_of(entries, options, padded=True)
    assert not facts.form_findings, facts.form_findings
    return facts


Judge = Callable[[Ground], Judgement]


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Judge], None]:
    """Puts a function of the test in the place of a criterion's."""

    def put(name: str, function: Judge) -> None:
        monkeypatch.setitem(CATALOGUE, name, CATALOGUE[name]._replace(judge=function))

    return put


def _met(_: Ground) -> Judgement:
    return met("shown", [Place("books", 1)])


@pytest.fixture
def all_met(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every criterion is met, so that a test moves just one."""
    for name, each in CATALOGUE.items():
        monkeypatch.setitem(CATALOGUE, name, each._replace(judge=_met))


# -- which audit is shown ----------------------------------------------------------------------------------------------


def test_books_without_an_audit_get_the_preliminary_of_the_last_closed_year() -> None:
    found = course().audit(date(2026, 4, 1))
    assert (found.id, found.status, found.window.name, found.profile) == (None, "preliminary", "2025", "full")
    assert (found.as_of, found.judged_on, found.case, found.stated) == (date(2026, 4, 1), date(2026, 4, 1), None, None)


def test_a_year_that_is_asked_for_is_a_preliminary_even_where_an_audit_was_signed() -> None:
    found = course(OPENED, SIGNED).audit(date(2026, 7, 1), period="2024")
    assert (found.id, found.status, found.window.name) == (None, "preliminary", "2024")


def test_an_audit_that_is_opened_and_not_signed_comes_first() -> None:
    found = course(EARLIER, OPENED).audit(date(2026, 5, 10))
    assert (found.id, found.status, found.window.name) == ("LA", "preliminary", "2025")
    assert found.case is not None


def test_before_it_is_opened_the_year_after_the_last_signed_window_is_shown() -> None:
    found = course(EARLIER, OPENED).audit(date(2026, 5, 9))
    assert (found.id, found.window.name) == (None, "2025")


def test_the_last_signed_audit_is_shown_until_another_year_is_over() -> None:
    books = course(EARLIER, OPENED, SIGNED)
    found = books.audit(date(2026, 12, 31))
    assert (found.id, found.status, found.judged_on, found.stated) == ("LA", "signed", date(2026, 6, 1), "reformist")
    assert (books.audit(date(2027, 1, 1)).id, books.audit(date(2027, 1, 1)).window.name) == (None, "2026")


def test_an_audit_is_asked_for_by_its_id() -> None:
    books = course(EARLIER, OPENED, SIGNED)
    found = books.audit(date(2026, 7, 1), audit="LA-0")
    assert (found.id, found.window.name, found.judged_on, found.as_of) == (
        "LA-0",
        "2024",
        date(2025, 6, 1),
        date(2026, 7, 1),
    )


def test_an_audit_is_unknown_before_its_day() -> None:
    with pytest.raises(UnknownName, match='there is no audit "LA" on 2026-05-09: the audits are LA-0'):
        course(EARLIER, OPENED).audit(date(2026, 5, 9), audit="LA")


def test_a_year_that_has_not_begun_and_a_month_are_refused() -> None:
    with pytest.raises(UnknownPeriod, match="begins on 2027-01-01"):
        course().audit(date(2026, 5, 9), period="2027")
    with pytest.raises(UnknownPeriod, match='"2025-03" is none: write it as "2025"'):
        course().audit(date(2026, 5, 9), period="2025-03")


def test_in_its_first_year_a_cooperative_is_judged_by_what_has_passed_of_it() -> None:
    young = Course(_facts(BOOKS.replace("2023-01-01 custom", "2026-02-01 custom")))
    found = young.audit(date(2026, 6, 1))
    assert (found.window.starts, found.window.ends) == (date(2026, 2, 1), date(2026, 12, 31))


def test_books_without_any_record_have_an_audit_that_is_not_evidenced() -> None:
    found = Course(_facts('option "operating_currency" "EUR"\n')).audit(date(2026, 5, 1))
    assert "met" not in {result.outcome for result in found.results}
    assert found.assurance == "insufficient"


# -- days --------------------------------------------------------------------------------------------------------------


def test_what_is_dated_after_the_day_changes_nothing() -> None:
    later = """
    2026-05-02 custom "coop" "bylaw" "wage-ratio"
      cap: 3
    2026-05-02 * "Sale"
      Assets:Bank       100 EUR
      Income:Sales     -100 EUR
    """
    assert course(OPENED, later).audit(date(2026, 5, 1)) == course().audit(date(2026, 5, 1))


def test_the_same_books_on_the_same_day_give_the_same_audit() -> None:
    records = (EARLIER, OPENED, PANEL, SIGNED)
    assert course(*records).audit(date(2026, 7, 1)) == course(*records).audit(date(2026, 7, 1))


def test_a_signed_audit_is_judged_on_the_day_of_its_verdict(judge: Callable[[str, Judge], None]) -> None:
    days: list[date] = []

    def noted(ground: Ground) -> Judgement:
        days.append(ground.as_of)
        return _met(ground)

    judge("POL-2", noted)
    course(OPENED, SIGNED).audit(date(2026, 9, 1))
    assert set(days) == {date(2026, 6, 1)}


def test_an_error_of_beancount_counts_from_its_own_day() -> None:
    failing = Finding(Place("<string>", 99), "beancount", "Balance failed")
    unknown = Finding(Place("elsewhere", 1), "beancount", "Syntax error")
    books = course(errors=(failing, unknown))
    line = next(row.place for row in books.facts.written)
    books = course(errors=(failing._replace(place=line), unknown))
    assert set(books.on(date(2022, 12, 31)).findings) >= {unknown}
    assert failing._replace(place=line) not in books.on(date(2022, 12, 31)).findings
    assert failing._replace(place=line) in books.on(date(2023, 1, 1)).findings


# -- judging -----------------------------------------------------------------------------------------------------------


def test_every_criterion_has_one_result_with_a_reason() -> None:
    found = course().audit(date(2026, 5, 1))
    assert [result.id for result in found.results] == [*CATALOGUE]
    for result in found.results:
        assert result.reason
        assert (result.outcome == "met") <= bool(result.evidence), result.id
        if result.outcome == "not-applicable":
            assert result.label is None


def test_each_criterion_is_judged_once(judge: Callable[[str, Judge], None]) -> None:
    asked: list[str] = []

    def counting(name: str) -> Judge:
        def counted(ground: Ground) -> Judgement:
            asked.append(name)
            return _met(ground)

        return counted

    for name in CATALOGUE:
        judge(name, counting(name))
    course(OPENED).audit(date(2026, 6, 1))
    assert sorted(asked) == sorted(CATALOGUE)


def test_a_criterion_that_fails_is_an_error_of_its_own(judge: Callable[[str, Judge], None], all_met: None) -> None:
    def divides(_: Ground) -> Judgement:
        return met(str(1 // 0), [])

    def refuses(_: Ground) -> Judgement:
        raise LedgerUnusable("no rate on 2025-03-01: add one", Place("books", 7))

    judge("WAG-2", divides)
    judge("SUR-4", refuses)
    found = course().audit(date(2026, 5, 1))
    assert found.result("WAG-2").outcome == found.result("SUR-4").outcome == "error"
    assert "ZeroDivisionError" in found.result("WAG-2").reason
    assert found.result("SUR-4").reason == "no rate on 2025-03-01: add one"
    assert found.result("SUR-4").evidence == (Place("books", 7),)
    assert (found.verdict.grade, found.assurance) == ("reformist", "qualified")


def test_a_reason_comes_with_everything_that_does_not_apply(judge: Callable[[str, Judge], None], all_met: None) -> None:
    judge("SUR-2", lambda _: not_applicable("no surplus in 2025"))
    found = course().audit(date(2026, 5, 1))
    assert (found.result("SUR-2").label, found.result("SUR-2").reason) == (None, "no surplus in 2025")
    assert found.verdict.grade == "revolutionary"


def test_the_verdict_names_the_criteria_and_the_line(judge: Callable[[str, Judge], None], all_met: None) -> None:
    judge("SUR-3", lambda _: shortfall("one vow is missing"))
    found = course().audit(date(2026, 5, 1))
    assert (found.verdict.grade, found.verdict.line, found.verdict.reasons[0].criteria) == ("reformist", 2, ("SUR-3",))


def test_practices_beyond_the_tolerance_of_the_books_decide(judge: Callable[[str, Judge], None], all_met: None) -> None:
    judge("RIT-1", lambda _: shortfall("none was held"))
    assert course().audit(date(2026, 5, 1)).verdict.grade == "revolutionary"
    stricter = '2025-06-01 custom "coop" "bylaw" "practice.tolerance"\n  value: 0'
    assert course(stricter).audit(date(2026, 5, 1)).verdict.grade == "reformist"


def test_all_practices_below_met_are_only_reported_in_a_first_year(
    judge: Callable[[str, Judge], None], all_met: None
) -> None:
    for name, each in CATALOGUE.items():
        if each.tier == "practice":
            judge(name, lambda _: shortfall("not yet"))
    assert course().audit(date(2026, 5, 1)).verdict.grade == "reformist"
    found = course().audit(date(2026, 5, 1), profile="starter")
    assert (found.verdict.grade, found.profile) == ("revolutionary", "starter")
    assert found.result("RIT-1").outcome == "shortfall"


def test_findings_without_a_criterion_are_named(all_met: None) -> None:
    lost = """
    2026-05-20 custom "coop" "finding" "LA/SUP-99"
      label: "reformist"
    2026-05-20 custom "coop" "derogation" "SUP-98"
      reason: "No other mill."
    """
    found = course(OPENED, PANEL, lost).audit(date(2026, 6, 1))
    assert [each.record for each in found.ignored] == ['finding "LA/SUP-99"', 'derogation "SUP-98"']


def test_the_panel_and_its_dissent_are_in_the_audit(all_met: None) -> None:
    lowered = """
    2026-05-20 custom "coop" "finding" "LA/SUP-2"
      label: "reformist"
      votes: "1-0-0"
      text: "Bought again in May."
      evidence: "invoice 114"
    2026-05-21 custom "coop" "finding" "LA/SUP-1"
      votes: "0-1-0"
    """
    found = course(OPENED, PANEL, lowered).audit(date(2026, 6, 1))
    assert [seat.auditor for seat in found.seats] == ["union:ann"]
    assert [(each.criterion, each.votes) for each in found.dissent] == [("SUP-1", (0, 1, 0))]
    assert found.result("SUP-2").shown == "indicated met, panel shortfall"
    assert found.verdict.grade == "reformist"


# -- the audits before ---------------------------------------------------------------------------------------------------


def test_a_signed_audit_opens_a_trigger_for_each_label_below_met(
    judge: Callable[[str, Judge], None], all_met: None
) -> None:
    judge("SUR-3", lambda _: shortfall("one vow is missing"))
    judge("RIT-1", lambda _: shortfall("none was held"))
    found = course(OPENED, SIGNED).audit(date(2026, 7, 1))
    assert [(each.id, each.state) for each in found.triggers] == [("TR-LA-RIT-1", "open"), ("TR-LA-SUR-3", "open")]
    assert {each.last_day for each in found.triggers} == {date(2026, 7, 1)}
    assert course(OPENED, SIGNED).triggers(date(2026, 5, 31)) == ()


def test_the_labels_of_a_verdict_win_over_what_the_books_say_now(all_met: None) -> None:
    written = SIGNED + '  labels: "SUR-3=reformist"\n'
    found = course(OPENED, written).audit(date(2026, 6, 10))
    assert (found.result("SUR-3").label, found.result("SUR-3").shown) == ("reformist", "signed as reformist")
    assert [each.id for each in found.triggers] == ["TR-LA-SUR-3"]
    assert found.verdict.grade == "reformist"


def test_only_what_a_verdict_lists_is_judged_again_for_its_triggers(
    judge: Callable[[str, Judge], None], all_met: None
) -> None:
    asked: list[str] = []

    def counting(name: str, says: Judge) -> Judge:
        def counted(ground: Ground) -> Judgement:
            asked.append(name)
            return says(ground)

        return counted

    judge("SUR-3", counting("SUR-3", lambda _: shortfall("one is missing")))
    judge("RIT-1", counting("RIT-1", _met))
    course(OPENED, SIGNED + '  labels: "SUR-3=reformist"\n').triggers(date(2026, 6, 10))
    assert set(asked) == {"SUR-3"}


def test_a_derogated_label_opens_its_trigger_when_the_leave_is_over(
    judge: Callable[[str, Judge], None], all_met: None
) -> None:
    judge("SUP-2", lambda _: shortfall("bought after 60 days"))
    leave = """
    2026-03-01 custom "coop" "decision" "D-1"
      body: "assembly"
      eligible: 2
      quorum: 2
      for: 2
      against: 0
    2026-03-01 custom "coop" "derogation" "SUP-2"
      decision: "D-1"
      reason: "No other mill yet."
      until: 2026-06-30
    """
    books = course(OPENED, SIGNED, leave)
    assert books.audit(date(2026, 6, 30)).triggers == ()
    assert books.audit(date(2026, 6, 30)).result("SUP-2").shown == "shortfall, derogated until 2026-06-30"
    assert [each.opened for each in books.triggers(date(2026, 7, 1))] == [date(2026, 7, 1)]


def test_an_audit_sees_those_before_it_and_their_outcomes(judge: Callable[[str, Judge], None], all_met: None) -> None:
    seen: list[tuple[str, list[str], list[str]]] = []

    def looks_back(ground: Ground) -> Judgement:
        earlier = [case.id for case in ground.history.earlier]
        outcomes = [ground.history.outcome_of(case, "SUR-3") for case in ground.history.earlier]
        seen.append((str(ground.window.name), earlier, outcomes))
        return _met(ground)

    judge("SUR-3", lambda ground: shortfall("one is missing") if ground.window.name == "2024" else _met(ground))
    judge("AUD-5", looks_back)
    course(EARLIER, OPENED, SIGNED).audit(date(2026, 7, 1))
    assert ("2025", ["LA-0"], ["shortfall"]) in seen
    assert ("2024", [], []) in seen


def test_triggers_of_an_audit_are_those_of_the_audits_before(
    judge: Callable[[str, Judge], None], all_met: None
) -> None:
    seen: dict[str, list[tuple[str, str]]] = {}

    def looks(ground: Ground) -> Judgement:
        seen[ground.window.name] = [(each.id, each.state) for each in ground.history.triggers()]
        return _met(ground)

    judge("SUR-3", lambda _: shortfall("one is missing"))
    judge("AUD-2", looks)
    course(EARLIER, OPENED, SIGNED).audit(date(2026, 7, 1))
    assert seen == {"2024": [], "2025": [("TR-LA-0-SUR-3", "defaulted")]}


def test_a_gate_that_nothing_shows_in_two_audits_running_is_a_breach(
    judge: Callable[[str, Judge], None], all_met: None
) -> None:
    judge("GOV-1", lambda _: not_evidenced("no decision is recorded"))
    first = course(EARLIER).audit(date(2025, 7, 1))
    assert (first.result("GOV-1").outcome, first.verdict.grade) == ("not-evidenced", "reformist")
    second = course(EARLIER, OPENED, SIGNED).audit(date(2026, 7, 1))
    assert (second.result("GOV-1").outcome, second.verdict.grade) == ("breach", "counter-revolutionary")
    assert second.assurance == "qualified"
    third = """
    2027-05-10 custom "coop" "audit" "LA-2"
    """
    assert course(EARLIER, OPENED, SIGNED, third).audit(date(2027, 6, 1)).result("GOV-1").outcome == "breach"


def test_evidence_that_comes_in_time_closes_its_trigger(judge: Callable[[str, Judge], None], all_met: None) -> None:
    def snapshots(ground: Ground) -> Judgement:
        found = ground.rules.every(audits.Snapshot)
        return met("shown", [each.place for each in found]) if found else not_evidenced("no snapshot")

    judge("BKS-3", snapshots)
    shown = '2026-06-20 custom "coop" "snapshot" "2025-12"\n  audience: "all workers"\n'
    books = course(OPENED, SIGNED, shown)
    assert [each.state for each in books.triggers(date(2026, 6, 19))] == ["open"]
    (closed,) = books.triggers(date(2026, 6, 20))
    assert (closed.state, closed.met_on) == ("rewritten", date(2026, 6, 20))
    late = course(OPENED, SIGNED, shown.replace("06-20", "07-02"))
    assert [each.state for each in late.triggers(date(2026, 7, 2))] == ["assembly-due"]


def test_an_answer_to_a_trigger_that_there_is_none_of_does_not_count(
    judge: Callable[[str, Judge], None], all_met: None
) -> None:
    """Which triggers a verdict without labels opened, only the audit knows; it names the answer that misses them."""
    judge("SUP-2", lambda _: shortfall("bought on"))
    answer = '2026-06-20 custom "coop" "policy" "suppliers"\n  version: 2\n  closes: "TR-LA-SUP-1"\n'
    books = course(OPENED, SIGNED, answer)
    assert books.audit(date(2026, 6, 19)).ignored == ()
    (found,) = books.audit(date(2026, 6, 20)).ignored
    assert found.record == 'policy "suppliers"'
    assert found.why == 'names the trigger "TR-LA-SUP-1", which does not exist: did you mean "TR-LA-SUP-2"'
    right = course(OPENED, SIGNED, answer.replace("SUP-1", "SUP-2"))
    assert right.audit(date(2026, 6, 20)).ignored == ()


def test_two_audits_signed_on_one_day_end(all_met: None) -> None:
    other = (OPENED + SIGNED).replace("LA", "LB")
    found = course(OPENED, SIGNED, other).audit(date(2026, 7, 1))
    assert found.id == "LB"


# -- signing -------------------------------------------------------------------------------------------------------------


def test_what_is_signed_does_not_depend_on_whether_the_verdict_stands_already(
    judge: Callable[[str, Judge], None], all_met: None
) -> None:
    judge("SUR-3", lambda _: shortfall("one vow is missing"))
    day = date(2026, 6, 1)
    before, after = course(OPENED, PANEL).signing("LA", day), course(OPENED, PANEL, SIGNED).signing("LA", day)
    assert (before.status, before.judged_on, before.stated) == ("signed", day, None)
    assert before.result("SUR-3").shown == "shortfall"
    assert [each.id for each in before.triggers] == ["TR-LA-SUR-3"]
    assert before == after


def test_only_an_opened_audit_is_signed() -> None:
    with pytest.raises(UnknownName, match='there is no audit "LA" on 2026-05-09: the audits are none yet'):
        course(OPENED).signing("LA", date(2026, 5, 9))


def test_days_that_nobody_asks_for_any_more_are_let_go() -> None:
    """A visitor of the open book may ask for one day after the other, and the server has to bear it."""
    books = course(OPENED, PANEL, SIGNED)
    first = ref(books.on(date(2026, 6, 2)))
    found = books.audit(date(2026, 6, 2))
    for number in range(3, 90):
        books.audit(date(2026, 6, 1) + timedelta(days=number))
        books.triggers(date(2026, 6, 1) + timedelta(days=number))
    collect()
    assert first() is None
    assert books.audit(date(2026, 6, 2)) == found


# -- the facade ----------------------------------------------------------------------------------------------------------


def test_the_cooperative_answers_with_the_same_audit(coop: Callable[..., Cooperative]) -> None:
    books = coop(BOOKS)
    assert books._audit(date(2026, 5, 1)).window.name == "2025"
    assert books._audit(date(2026, 5, 1), "starter").profile == "starter"


def test_a_federations_file_is_read_through_the_books(
    coop: Callable[..., Cooperative], ledger: Callable[..., Path]
) -> None:
    path = ledger(
        """
        2024-01-01 custom "coop" "profile" "bakers-2024"
          excludes: "RHY-2"
          reason: "our members have no fixed day"
        2024-01-01 custom "coop" "bylaw" "practice.tolerance"
          value: 3
        """,
        "federation.beancount",
    )
    found = coop(BOOKS)._audit(date(2026, 5, 1), path)
    assert (found.profile, found.result("RHY-2").outcome) == ("bakers-2024", "not-applicable")
    assert found.result("RHY-2").reason == 'left out by profile "bakers-2024": our members have no fixed day'
    assert [(each.name, each.value, each.origin) for each in found.settings] == [
        ("practice.tolerance", Decimal(3), "profile")
    ]


def test_books_that_lack_an_entry_have_no_audit(coop: Callable[..., Cooperative]) -> None:
    books = coop(BOOKS + '2025-04-01 * "Pay"\n  Expenses:Flour  1 EUR\n  Assets:Bank  -1 EUR -1 EUR\n')
    with pytest.raises(LedgerUnusable, match="Beancount could not take this entry"):
        books._audit(date(2026, 5, 1))


def test_the_profile_of_an_opened_audit_is_its_own() -> None:
    opened = OPENED + '  profile: "starter"\n'
    assert course(opened).audit(date(2026, 5, 10)).profile == "starter"
    with pytest.raises(UnknownName, match='audit "LA" was opened with the profile starter, not full'):
        course(opened).audit(date(2026, 5, 10), profile="full")
