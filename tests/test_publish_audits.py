"""What passes of an audit, of alliances and of practices: who was drawn, what was signed and when, and nobody's words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import coopbooks
from coopbooks.books.loading import load_books
from coopbooks.publish import view_of, view_text

POOL = "tenants-union:rosa dockers:omar climate:lin clinic:ade press:eva landtrust:jo"
BOOKS = f"""\
option "operating_currency" "EUR"
2025-01-01 open Assets:Bank
2025-01-01 custom "coop" "decision" "D-1"
  body: "assembly"
2025-01-01 custom "coop" "member" "m01"
2025-01-01 custom "coop" "ally" "union"
2026-03-02 custom "coop" "lottery-call" "LA-2026"
  seats: 3
  pool: "{POOL}"
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
  conflicts: "her brother mills our flour"
  accepted: TRUE
2026-05-05 custom "coop" "auditor" "press:eva"
  audit: "LA-2026"
  conflicts: "none"
  accepted: TRUE
2026-05-10 custom "coop" "audit" "LA-2026"
  window-start: 2025-01-01
  window-end: 2025-12-31
  catalogue: "coopbooks-liberation/1.0"
  profile: "full"
2026-05-15 custom "coop" "flag" "LA-2026/WAG-1"
  text: "the manager is paid twice"
2026-05-20 custom "coop" "finding" "LA-2026/SUP-2"
  label: "reformist"
  basis: "human"
  votes: "3-0-0"
  evidence: "a talk with the miller"
  text: "seven weeks of flour"
2026-06-01 custom "coop" "verdict" "LA-2026"
  verdict: "reformist"
  assurance: "qualified"
  votes: "3-0-0"
  labels: "SUP-2=reformist"
  report-sha256: "b3f1"
2026-06-03 custom "coop" "publication" "LA-2026"
  place: "https://coop.example/LA-2026.html"
  report-sha256: "b3f1"
2026-06-05 custom "coop" "response" "LA-2026"
  note: "we did our best"
2026-06-10 custom "coop" "action" "LA-2026/SUP-2"
  due: 2026-07-01
  proof: "the last invoice"
2026-06-10 custom "coop" "derogation" "RHY-2"
  decision: "D-1"
  reason: "no moon"
  until: 2026-12-31
2026-06-28 custom "coop" "policy" "suppliers"
  version: 3
  closes: "TR-LA-2026-SUP-2"
  decision: "D-1"
  sha256: "77aa"
2026-06-28 custom "coop" "assembly" "june"
  emergency: TRUE
  answers: "TR-LA-2026-SUP-2"
  notice: 2026-06-20
  quorum: 8
  outcome: "the board goes home"
2026-06-30 custom "coop" "snapshot" "2026-05"
  sha256: "b0b0"
  records: "member/m01 absence/m01"
  audience: "all workers"
2026-06-30 custom "coop" "access" "2026-05"
  people: "m01 press:eva"
2026-06-30 custom "coop" "redaction" "R-1"
  of: "the kitchen's address"
  reason: "it is watched"
  review: 2027-01-01
2026-06-30 custom "coop" "delegate" "port"
  person: "m01"
  mandate: "to speak at the port"
2026-06-30 custom "coop" "function" "milling"
  provider: "union"
  alternative: "somebody's cousin"
2026-06-30 custom "coop" "caucus" "union"
  outcome: "suspend"
2026-06-30 custom "coop" "screening" "mill"
  outcome: "passed"
2026-06-30 custom "coop" "practice" "mirror-shift"
  at: "2026-06-30T08:00:00+02:00"
  facilitator: "m01"
  format: "in silence"
2026-06-30 custom "coop" "practice" "war-game"
  facilitator: "a guest from the port"
2026-06-30 custom "coop" "budget" "flour"
  account: Expenses:Flour
  amount: 500.00 EUR
2026-07-10 custom "coop" "alert" "dockers:2026-07-10"
  at: "2026-07-10T06:15:00+02:00"
2026-07-11 custom "coop" "solidarity" "dockers:2026-07-10"
  at: "2026-07-11T11:00:00+02:00"
  what: "visible"
"""
AS_OF = date(2026, 7, 31)
WORDS = (
    "brother",
    "manager",
    "talk with",
    "seven weeks",
    "coop.example",
    "best",
    "invoice",
    "moon",
    "home",
    "absence",
    "kitchen",
    "watched",
    "speak",
    "cousin",
    "silence",
    "guest",
    "Flour",
)

Published = Callable[..., str]


@pytest.fixture
def published(tmp_path: Path) -> Published:
    def make(audience: str, books: str = BOOKS) -> str:
        path = tmp_path / "books.beancount"
        path.write_text(books, encoding="utf-8")
        return view_text(view_of(load_books(path), audience, AS_OF))

    return make


def record(text: str, kind: str, name: str) -> str:
    """The fields of one record as the published ledger writes them."""
    _, _, after = text.partition(f'custom "coop" "{kind}" "{name}"\n')
    return after.partition("\n\n")[0]


@pytest.mark.parametrize("audience", ["members", "auditors", "public"])
def test_of_an_audit_all_see_who_was_drawn_and_what_was_signed(published: Published, audience: str) -> None:
    text = published(audience)
    assert f'pool: "{POOL}"' in record(text, "lottery-call", "LA-2026")
    assert 'sources: "drand-5000000 lotto-2026-05-02"' in text
    draw = record(text, "lottery-draw", "LA-2026")
    assert 'panel: "tenants-union:rosa press:eva dockers:omar"' in draw
    assert 'source-1: "drand-5000000=0123abcd"' in draw
    assert 'source-2: "lotto-2026-05-02=4.8.15.16.23.42."' in draw
    assert 'audit: "LA-2026"\n  accepted: TRUE' in record(text, "auditor", "press:eva").replace(
        '  conflicts: "none"\n', ""
    )
    opened = record(text, "audit", "LA-2026")
    assert 'catalogue: "coopbooks-liberation/1.0"\n  profile: "full"' in opened
    assert record(text, "finding", "LA-2026/SUP-2") == '  label: "reformist"\n  basis: "human"\n  votes: "3-0-0"'
    verdict = record(text, "verdict", "LA-2026")
    assert 'verdict: "reformist"\n  assurance: "qualified"\n  votes: "3-0-0"' in verdict
    assert 'labels: "SUP-2=reformist"' in verdict
    assert record(text, "publication", "LA-2026") == '  report-sha256: "b3f1"'
    assert "due: 2026-07-01" in record(text, "action", "LA-2026/SUP-2")
    assert 'closes: "TR-LA-2026-SUP-2"' in record(text, "policy", "suppliers")
    held = record(text, "assembly", "june")
    assert 'answers: "TR-LA-2026-SUP-2"\n  notice: 2026-06-20\n  quorum: 8\n  outcome: "stated"' in held
    assert record(text, "redaction", "R-1") == "  review: 2027-01-01"
    assert 'sha256: "b0b0"' in record(text, "snapshot", "2026-05")


@pytest.mark.parametrize("audience", ["members", "auditors", "public"])
def test_nobodys_words_pass(published: Published, audience: str) -> None:
    text = published(audience)
    assert [word for word in WORDS if word in text] == []


@pytest.mark.parametrize("audience", ["members", "auditors"])
def test_inside_all_else_passes_with_ids_days_and_figures(published: Published, audience: str) -> None:
    text = published(audience)
    assert 'conflicts: "stated"' in record(text, "auditor", "tenants-union:rosa")
    assert 'conflicts: "none"' in record(text, "auditor", "press:eva")
    assert 'custom "coop" "flag" "LA-2026/WAG-1"' in text
    assert 'custom "coop" "response" "LA-2026"' in text
    assert record(text, "access", "2026-05") == '  people: "m01"'
    assert 'audience: "all workers"' in record(text, "snapshot", "2026-05")
    assert record(text, "derogation", "RHY-2") == '  decision: "D-1"\n  until: 2026-12-31'
    assert record(text, "delegate", "port") == '  person: "m01"'
    assert record(text, "function", "milling") == '  provider: "union"'
    assert record(text, "caucus", "union") == '  outcome: "suspend"'
    assert record(text, "screening", "mill") == '  outcome: "passed"'
    assert record(text, "budget", "flour") == "  amount: 500.00 EUR"
    assert record(text, "practice", "mirror-shift") == '  at: "2026-06-30T08:00:00+02:00"\n  facilitator: "m01"'
    assert 'at: "2026-07-10T06:15:00+02:00"' in record(text, "alert", "dockers:2026-07-10")
    assert 'what: "visible"' in record(text, "solidarity", "dockers:2026-07-10")


def test_the_public_sees_no_flag_no_alert_and_nobody_of_the_cooperative(published: Published) -> None:
    text = published("public")
    hidden = (
        "flag alert solidarity access delegate practice caucus function probe debrief pivot screening violation response "
        "derogation budget golden-share refusal decision member"
    )
    assert [kind for kind in hidden.split() if f'custom "coop" "{kind}"' in text] == []
    assert "m01" not in text
    assert "conflicts" not in text


@pytest.mark.parametrize("audience", ["members", "auditors", "public"])
def test_what_is_published_is_in_order_and_draws_the_same_panel(
    published: Published, tmp_path: Path, audience: str
) -> None:
    path = tmp_path / "published.beancount"
    path.write_text(published(audience), encoding="utf-8")
    assert coopbooks.load(path).check().errors == ()


@pytest.mark.parametrize(
    ("stands", "written"),
    [
        ("landtrust:jo", "landtrust:jo_maier"),
        ("landtrust:jo", "maria"),
        ("0123abcd", "what maria threw"),
        ("lotto-2026-05-02", "lotto_of_maria"),
        ("climate:lin", "climate:lin:2"),
    ],
)
@pytest.mark.parametrize("audience", ["members", "public"])
def test_a_lottery_with_a_name_that_cannot_pass_does_not_pass_in_part(
    published: Published, audience: str, stands: str, written: str
) -> None:
    text = published(audience, BOOKS.replace(stands, written))
    assert "lottery-" not in text
    assert "maria" not in text
    assert 'custom "coop" "verdict" "LA-2026"' in text


def test_ids_that_cannot_pass_are_the_same_number_in_every_kind_that_shares_them(published: Published) -> None:
    text = published("members", BOOKS.replace("LA-2026", "LA_2026").replace('"union"', '"the_union"'))
    for kind in ("audit", "verdict", "publication", "response"):
        assert f'custom "coop" "{kind}" "audit-no-1"' in text
    assert 'custom "coop" "finding" "audit-no-1/SUP-2"' in text
    assert 'custom "coop" "action" "audit-no-1/SUP-2"' in text
    assert 'audit: "audit-no-1"' in record(text, "auditor", "press:eva")
    assert 'custom "coop" "caucus" "ally-no-1"' in text
    assert "LA_2026" not in text
    assert "the_union" not in text
