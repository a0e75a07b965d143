"""Records of audits, alliances, offices and practices: a whole audit loads without a word, and what they name must be there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from subprocess import run
from textwrap import dedent

import pytest

from coopbooks.audit.catalogue import CATALOGUE
from coopbooks.bylaws import Bylaws
from coopbooks.cooperative import Cooperative
from coopbooks.errors import Place
from coopbooks.records import audits
from coopbooks.records.audits import CRITERIA
from coopbooks.records.reading import KINDS
from coopbooks.records.reference import json_schema
from coopbooks.rules import check
from coopbooks.rules.audit_references import JUDGED

# The year of an audit as its records tell it: lottery, panel, finding, verdict, publication, rewrite, and an alert.
WHOLE = """
    option "operating_currency" "EUR"

    2026-01-05 custom "coop" "decision" "D-2025-31"
      body: "assembly"

    2026-01-10 custom "coop" "bylaw" "wage-ratio"
      cap: 4.0
      decision: "D-2025-31"

    2026-03-02 custom "coop" "lottery-call" "LA-2026"
      seats: 3
      alternates: 2
      max-per-org: 1
      pool: "tenants-union:rosa, dockers:omar, climate:lin, clinic:ade, press:eva, landtrust:jo"
      pool-sha256: "5c2f4ff54807251483da91a803e50c0d03278bf9ac28026d60d3209ddef95934"
      sources: "drand-5000000; lotto-2026-05-02"
      draw-not-before: 2026-05-03

    2026-05-03 custom "coop" "lottery-draw" "LA-2026"
      source-1: "drand-5000000=0123abcd"
      source-2: "lotto-2026-05-02=4.8.15.16.23.42."
      seed: "900b12c95c3f244ccd5927091e511fe755014e8dec6393e1fe8688212ccf0956"
      panel: "tenants-union:rosa, press:eva, dockers:omar"
      alternates: "clinic:ade, climate:lin"

    2026-05-05 custom "coop" "auditor" "tenants-union:rosa"
      audit: "LA-2026"
      conflicts: "400 EUR of the strike fund went to the tenants' union on 2025-11-02"
      accepted: TRUE

    2026-05-10 custom "coop" "audit" "LA-2026"
      window-start: 2025-01-01
      window-end: 2025-12-31
      catalogue: "coopbooks-liberation/1.0"
      profile: "full"

    2026-05-20 custom "coop" "finding" "LA-2026/SUP-2"
      label: "reformist"
      basis: "human"
      votes: "3-0-0"
      evidence: "invoice:2025-114; minutes:2025-09-02"
      text: "The mill was paid seven weeks after its violation."

    2026-06-01 custom "coop" "verdict" "LA-2026"
      verdict: "reformist"
      assurance: "qualified"
      votes: "3-0-0"
      report-sha256: "b3f1"

    2026-06-03 custom "coop" "publication" "LA-2026"
      place: "https://coop.example/audits/LA-2026.html"
      report-sha256: "b3f1"

    2026-06-28 custom "coop" "policy" "suppliers"
      version: 3
      closes: "TR-LA-2026-SUP-2"
      decision: "D-2026-17"
      sha256: "77aa"

    2026-06-28 custom "coop" "decision" "D-2026-17"
      body: "assembly"
      matter: "supplier policy v3"
      strategic: FALSE
      eligible: 14
      quorum: 8
      for: 11
      against: 1
      abstain: 1
      consulted: "none"

    2026-07-20 custom "coop" "alert" "dockers:2026-07-20"
      at: "2026-07-20T06:15:00+02:00"
    2026-07-21 custom "coop" "solidarity" "dockers:2026-07-20"
      at: "2026-07-21T11:00:00+02:00"
      what: "visible"
"""

Coop = Callable[..., Cooperative]


def said(books: Cooperative) -> list[str]:
    return [error.message for error in books.check().errors]


def test_the_records_of_a_whole_audit_say_nothing_against_them(coop: Coop) -> None:
    books = coop(WHOLE)
    assert said(books) == []
    draw = Bylaws(books.facts).every(audits.LotteryDraw)[0]
    assert draw.sources == (
        ("source-1", "drand-5000000=0123abcd"),
        ("source-2", "lotto-2026-05-02=4.8.15.16.23.42."),
    )
    assert draw.as_written()["source-2"] == "lotto-2026-05-02=4.8.15.16.23.42."
    (verdict,) = Bylaws(books.facts).every(audits.Verdict)
    assert (verdict.votes, verdict.report_sha256, verdict.labels) == ((3, 0, 0), "b3f1", None)


@pytest.mark.parametrize(
    ("without", "misses"),
    [
        ('"lottery-call" "LA-2026"', ['lottery-draw "LA-2026" names the lottery-call "LA-2026"']),
        ('"decision" "D-2026-17"', ['policy "suppliers" names the decision "D-2026-17"']),
        ('"alert" "dockers:2026-07-20"', ['solidarity "dockers:2026-07-20" names the alert "dockers:2026-07-20"']),
        ('"finding" "LA-2026/SUP-2"', []),
        ('"audit" "LA-2026"', []),  # its lottery and its verdict still tell of it
    ],
)
def test_what_a_record_names_and_nobody_gives_is_said(coop: Coop, without: str, misses: list[str]) -> None:
    parts = dedent(WHOLE).split("\n2026-")
    kept = [part for part in parts if without not in part.partition("\n")[0]]
    assert len(kept) == len(parts) - 1
    found = said(coop("\n2026-".join(kept)))
    assert len(found) == len(misses)
    assert all(message.startswith(start) for message, start in zip(found, misses, strict=True))


# The messages themselves stand in ledgers/broken; here is who may name what without being told anything.
FINE = {
    "an auditor and a flag before the audit is opened": """
        2026-03-02 custom "coop" "lottery-call" "LA-2026"
          seats: 1
          pool: "dockers:omar, press:eva"
          pool-sha256: "abb8de7b4999ea0bd74acff566b9e847b8631f7ba258ce5d7c3e504622314273"
          sources: "dice"
          draw-not-before: 2026-05-03
        2026-05-05 custom "coop" "auditor" "press:eva"
          audit: "LA-2026"
        2026-05-06 custom "coop" "flag" "LA-2026/WAG-1"
        """,
    "a finding long before its audit": """
        2020-01-01 custom "coop" "finding" "LA-2026/SUP-2"
        2026-05-10 custom "coop" "audit" "LA-2026"
        """,
    "a guest who facilitates": """
        2026-05-10 custom "coop" "practice" "mirror-shift"
          facilitator: "somebody-from-the-port"
        """,
    "an auditor who can open the books": """
        2026-01-01 custom "coop" "member" "m01"
        2026-02-10 custom "coop" "access" "2026-01"
          people: "m01 press:eva"
        """,
    "somebody who left and still holds an office": """
        2025-01-01 custom "coop" "worker" "w01"
        2025-06-01 custom "coop" "exit" "w01"
        2026-01-01 custom "coop" "delegate" "port"
          person: "w01"
        """,
    "a supplier without a record": """
        2026-01-01 custom "coop" "screening" "mill"
        2026-01-02 custom "coop" "violation" "mill"
        """,
    "a practice that is set aside by a vote": """
        2026-01-01 custom "coop" "decision" "D-1"
        2026-01-01 custom "coop" "derogation" "RHY-2"
          decision: "D-1"
        """,
    "a budget of what is spent": """
        2026-01-01 custom "coop" "budget" "flour"
          account: Expenses:Flour
          amount: 500 EUR
        """,
    "an audit of one day": """
        2026-05-10 custom "coop" "audit" "LA-2026"
          window-start: 2025-12-31
          window-end: 2025-12-31
        """,
}


@pytest.mark.parametrize("name", FINE)
def test_what_may_be_named_is_not_objected_to(coop: Coop, name: str) -> None:
    books = coop('option "operating_currency" "EUR"\n' + dedent(FINE[name]))
    assert [error.message for error in books.check().errors if error.rule == "records"] == []


def test_a_budget_of_an_account_that_has_no_root_is_an_error(coop: Coop) -> None:
    books = coop(
        """
        option "operating_currency" "EUR"
        2026-01-01 custom "coop" "budget" "flour"
          account: Expnses:Flour
        """
    )
    assert any('budget "flour" field "account"' in each and 'did you mean "Expenses"' in each for each in said(books))


def test_criteria_are_those_of_the_catalogue_with_their_tiers() -> None:
    assert {tier: list(CRITERIA.values()).count(tier) for tier in ("gate", "core", "practice")} == {
        "gate": 8,
        "core": 16,
        "practice": 29,
    }
    assert {name: each.tier for name, each in CATALOGUE.items()} == CRITERIA


def test_the_kinds_that_are_judged_are_those_that_call_for_it() -> None:
    assert set(JUDGED) == check._REFERRING
    assert set(JUDGED) <= set(KINDS)


@pytest.mark.parametrize(
    "kind",
    sorted(
        {*KINDS} - set("member worker exit rate allocation loss resolution contribution adjustment decline".split())
    ),
)
def test_a_misread_record_beside_the_surplus_leaves_its_figures_judged(coop: Coop, kind: str) -> None:
    books = coop(
        f"""
        option "operating_currency" "EUR"
        2025-01-01 open Income:Sales
        2025-01-01 open Assets:Bank
        2025-01-01 open Equity:Surplus
        2025-01-01 open Equity:Reserve
        2025-01-01 custom "coop" "member" "m01"
        2025-01-01 custom "coop" "allocation" "reserve"
          step: 1
          to: Equity:Reserve
          rest: TRUE
        2025-03-01 custom "coop" "{kind}" "x"
          nonsense: 1
        2025-06-01 * "Sold"
          Assets:Bank    100.00 EUR
          Income:Sales
        2025-12-31 * "Close" #coop-close
          period: "2025"
          Equity:Surplus   90.00 EUR
          Equity:Reserve  -90.00 EUR
        """
    )
    found = said(books)
    assert any('"nonsense"' in message for message in found)
    assert not any("no close can be judged" in message for message in found)
    assert any("100.00" in message for message in found)  # what the close should have placed


def test_books_without_such_records_do_not_pay_for_them(ledger: Callable[..., Path]) -> None:
    path = ledger('option "operating_currency" "EUR"\n2025-01-01 custom "coop" "member" "m01"\n')
    program = (
        "import sys, coopbooks; coopbooks.load(sys.argv[1]).check();"
        "assert 'coopbooks.rules.references' in sys.modules;"
        "assert 'coopbooks.rules.audit_references' not in sys.modules"
    )
    ran = run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_the_schema_of_a_draw_lets_its_numbered_sources_in() -> None:
    schema = json_schema(audits.LotteryDraw)
    assert list(schema["patternProperties"]) == ["^source-[1-9][0-9]*$"]
    assert schema["required"] == ["seed", "panel"]
    assert "patternProperties" not in json_schema(audits.LotteryCall)


@pytest.mark.parametrize("field", ["source-0", "source-01", "source-", "source-x", "sources"])
def test_only_source_and_a_number_is_a_numbered_field(field: str) -> None:
    written = {"seed": "77aa", "panel": "press:eva", field: "dice=4"}
    record, findings = audits.LotteryDraw.read("LA-2026", date(2026, 5, 3), Place("main.beancount", 1), written)
    assert record is not None
    assert [f'has no field "{field}"' in finding.message for finding in findings] == [True]


# -- triggers ----------------------------------------------------------------------------------------------------------

SIGNED = """
option "operating_currency" "EUR"
2024-01-01 custom "coop" "member" "m01"
2026-05-10 custom "coop" "audit" "LA-2026"
2026-06-01 custom "coop" "verdict" "LA-2026"
  verdict: "reformist"
"""
LABELS = '  labels: "SUP-2=reformist"\n'


def closes(name: str, day: str = "2026-06-05") -> str:
    return f'{day} custom "coop" "policy" "p"\n  version: 2\n  closes: "{name}"\n'


@pytest.mark.parametrize("name", ["TR-2025-03-WAG-1", "TR-2025-Q1-WAG-1", "TR-2025-11-02-SUP-2", "TR-2025-11-02-SUR-2"])
def test_the_name_of_a_crossed_threshold_is_no_error_even_where_a_correction_took_it_back(
    coop: Callable[..., Cooperative], name: str
) -> None:
    assert coop(SIGNED + LABELS + closes(name)).check(date(2026, 6, 5)).errors == ()


@pytest.mark.parametrize("name", ["TR-2025-13-WAG-1", "TR-2025-02-30-SUP-2", "TR-2025-03-GOV-1", "TR-LA-2025-SUP-2"])
def test_what_no_audit_and_no_day_opened_is_an_error(coop: Callable[..., Cooperative], name: str) -> None:
    (error,) = coop(SIGNED + LABELS + closes(name)).check().errors
    assert f'policy "p" names the trigger "{name}", which does not exist: ' in error.message


def test_a_rewrite_alone_is_held_to_it(coop: Callable[..., Cooperative]) -> None:
    """Books that know nothing else of audits, and an assembly that answers what nobody asked."""
    head = 'option "operating_currency" "EUR"\n'
    assert len(coop(head + closes("TR-LA-2026-SUP-2")).check().errors) == 1
    meeting = '2026-06-05 custom "coop" "assembly" "A"\n  answers: "TR-LA-2026-SUP-2 TR-2025-03-WAG-1"\n'
    (error,) = coop(head + meeting).check().errors
    assert "TR-LA-2026-SUP-2" in error.message


def test_of_a_verdict_without_labels_only_the_audit_knows_the_triggers(coop: Callable[..., Cooperative]) -> None:
    """DEF-1 has nothing to answer in these books, so that no clock runs for it; the plugin cannot know that."""
    wrong = coop(SIGNED + closes("TR-LA-2026-DEF-1"))
    assert wrong.check().errors == ()
    assert wrong.check(date(2026, 6, 4)).errors == (), "nobody knew of the record yet"
    (error,) = wrong.check(date(2026, 6, 5)).errors
    assert error.rule == "trigger"
    assert 'names the trigger "TR-LA-2026-DEF-1", which does not exist: did you mean "TR-LA-2026-DEF-' in error.message
    assert coop(SIGNED + closes("TR-LA-2026-DEF-2")).check(date(2026, 6, 5)).errors == ()


PAID = """
2025-01-01 open Assets:Bank
2025-01-01 open Expenses:Pay:M01
2025-01-01 open Expenses:Pay:M02
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Pay:M02
2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Pay:M01
2025-01-01 custom "coop" "bylaw" "wage-ratio"
  cap: 2.0
2026-05-15 * "Wages"
  Expenses:Pay:M01  800.00 EUR
    hours: 40
  Expenses:Pay:M02  200.00 EUR
    hours: 40
  Assets:Bank
"""


def test_a_misspelt_threshold_is_an_error_while_the_one_that_was_meant_runs(coop: Callable[..., Cooperative]) -> None:
    day = date(2026, 6, 5)

    def said(name: str) -> list[str]:
        found = coop(SIGNED + LABELS + PAID + closes(name)).check(day).errors
        return [error.message for error in found if error.rule == "trigger"]

    assert said("TR-2026-05-WAG-1") == []
    (message,) = said("TR-2026-04-WAG-1")
    assert message.endswith('"TR-2026-04-WAG-1", which does not exist: did you mean "TR-2026-05-WAG-1"?')


def test_a_published_ledger_is_not_asked_for_clocks_that_it_cannot_have(coop: Callable[..., Cooperative]) -> None:
    text = SIGNED + closes("TR-LA-2026-DEF-1")
    derived = text + '2026-06-05 custom "published" "audience" "members"\n'
    day = date(2026, 6, 5)
    assert [error.rule for error in coop(text).check(day).errors] == ["trigger"]
    assert "TR-LA-2026-DEF-1" in coop(text).audit(day).to_json()
    assert coop(derived).check(day).errors == ()
    assert "TR-LA-2026-DEF-1" not in coop(derived).audit(day).to_json()
