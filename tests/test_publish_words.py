"""What passes of words in records: an id that the books know and a word of a closed list, and never what somebody wrote."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_publish import HEAD, grant, text_for

AS_OF = "2025-06-01"
RULES = (
    HEAD
    + """\
2024-01-01 custom "coop" "decision" "D-7"
2024-01-01 custom "coop" "ally" "union"
2024-01-01 custom "coop" "ally" "Ada's friends"
2024-01-01 custom "coop" "member" "m01"
2024-01-01 custom "coop" "rate" "house"
  value: 0.02
2024-01-01 custom "coop" "rate" "adas_bank"
  value: 0.01
2024-01-01 custom "coop" "profile" "own"
  practices: TRUE
2024-01-01 custom "coop" "allocation" "first"
  step: 1
  to: "members"
  share: 0.5
"""
)


def shown(tmp_path: Path, record: str, fields: str, audience: str = "auditors") -> list[str] | None:
    """The fields of a record as they pass, in their order; None where there is no such record."""
    lines = "".join(f"  {field}\n" for field in fields.split("; ") if field)
    text = text_for(tmp_path, audience, f'{RULES}2025-01-01 custom "coop" {record}\n{lines}', AS_OF)
    found = re.search(r'^2025-01-01 custom "coop" .*\n((?:  .*\n)*)', text, re.MULTILINE)
    return None if found is None else [line.strip() for line in found[1].splitlines()]


@pytest.mark.parametrize("kind", ["vow", "contribution", "decline"])
@pytest.mark.parametrize(("person", "passes"), [("m01", True), ("Ada of the oven", False), ("m99", False)])
def test_a_record_of_somebody_whom_the_books_do_not_know_does_not_pass(
    tmp_path: Path, kind: str, person: str, passes: bool
) -> None:
    more = {"vow": "", "contribution": '; of: "hours"; value: 3', "decline": "; share: 1; to: Equity:Surplus"}[kind]
    assert (shown(tmp_path, f'"{kind}" "{person}"', f'period: "2024"{more}') is not None) == passes


@pytest.mark.parametrize(
    ("record", "fields", "passes"),
    [
        ('"signal" "union"', 'decision: "D-7"', ['decision: "D-7"']),
        ('"signal" "union"', 'decision: "what Ada said"', []),
        ('"exit" "m01"', 'cause: "death"', ['cause: "death"']),
        ('"exit" "m01"', 'cause: "resignation"', ['cause: "resignation"']),
        ('"exit" "m01"', 'cause: "expulsion"', ['cause: "expulsion"']),
        ('"exit" "m01"', 'cause: "went sailing"', []),
        ('"function" "milling"', 'provider: "union"', ['provider: "union"']),
        ('"function" "milling"', 'provider: "Ada\'s friends"', ['provider: "ally-no-1"']),
        ('"function" "milling"', 'provider: "a cousin"; alternative: "internal"', ['alternative: "internal"']),
        ('"probe" "p"', 'partner: "a cousin"', []),
        ('"delegate" "d"', 'person: "m01"', ['person: "m01"']),
        ('"delegate" "d"', 'person: "Ada"', []),
        ('"practice" "x"', 'facilitator: "a guest"', []),
        ('"auditor" "press:eva"', 'audit: "LA-9"', []),
        ('"auditor" "press:eva"', 'conflicts: "none"', ['conflicts: "none"']),
        ('"auditor" "press:eva"', 'conflicts: "  "', []),
        ('"assembly" "x"', 'outcome: "the board goes"', ['outcome: "stated"']),
        ('"audit" "x"', 'profile: "own"', ['profile: "own"']),
        ('"audit" "x"', 'profile: "full"', ['profile: "full"']),
        ('"audit" "x"', 'profile: "whatever Ada likes"', []),
        ('"audit" "x"', 'catalogue: "coopbooks-liberation/12.3"', ['catalogue: "coopbooks-liberation/12.3"']),
        ('"audit" "x"', 'catalogue: "adas-list/1.0"', []),
        ('"audit" "x"', 'catalogue: "coopbooks-liberation/1.0 by Ada"', []),
        ('"finding" "x/SUP-2"', 'basis: "as Ada told"', []),
        ('"screening" "mill"', 'outcome: "failed"', ['outcome: "failed"']),
        ('"screening" "mill"', 'outcome: "Ada liked it"', []),
        ('"solidarity" "dockers:x"', 'what: "a gift for Ada"', []),
        ('"snapshot" "2024-12"', 'audience: "all workers"', ['audience: "all workers"']),
        ('"snapshot" "2024-12"', 'audience: "Ada"', []),
        ('"access" "x"', 'people: "m01 Ada"', ['people: "m01"']),
        ('"allocation" "x"', 'step: 2; to: "next"; rest: TRUE', ["step: 2", 'to: "next"', "rest: TRUE"]),
        (
            '"allocation" "x"',
            'step: 2; to: "decision"; share: "house"',
            ["step: 2", 'to: "decision"', 'share: "house"'],
        ),
        (
            '"allocation" "x"',
            'step: 2; to: "workers"; share: "0.1 + house"; of: "step:first"; at-most-of: "payroll"',
            ["step: 2", 'to: "workers"', 'share: "0.1 + house"', 'at-most-of: "payroll"', 'of: "step:first"'],
        ),
        (
            '"allocation" "x"',
            'step: 2; to: "members"; share: "0.5 - house"',
            ["step: 2", 'to: "members"', 'share: "0.5 - house"'],
        ),
        (
            '"allocation" "x"',
            'step: 2; to: "members"; share: "adas-rate"; of: "step:adas"',
            ["step: 2", 'to: "members"'],
        ),
        (
            '"allocation" "x"',
            'step: 2; to: "members"; of: "result"; at-most-of: "what is left"',
            ["step: 2", 'to: "members"', 'of: "result"'],
        ),
    ],
)
def test_a_word_passes_where_the_books_know_it(tmp_path: Path, record: str, fields: str, passes: list[str]) -> None:
    found = shown(tmp_path, record, fields)
    assert found is not None
    assert [line for line in found if line in passes or line.split(":")[0] in fields] == passes


@pytest.mark.parametrize(
    ("written", "passes"),
    [
        ("wage-ratio", "wage-ratio"),
        ("wage-ratio-bakers", "wage-ratio-bakers"),
        ("wage-ratio-what Ada wants", "wage-ratio-bylaw-no-1"),
        ("books.days", "books.days"),
    ],
)
def test_the_id_of_a_bylaw_passes_where_it_is_a_plain_word(tmp_path: Path, written: str, passes: str) -> None:
    field = "value: 30" if written == "books.days" else "cap: 3"
    text = text_for(tmp_path, "members", f'{RULES}2025-01-01 custom "coop" "bylaw" "{written}"\n  {field}\n', AS_OF)
    assert re.findall(r'"bylaw" "(.*)"', text) == [passes]


def test_why_somebody_left_is_told_to_members_only_where_it_has_terms_of_its_own(tmp_path: Path) -> None:
    assert shown(tmp_path, '"exit" "m01"', 'cause: "death"', "members") == []
    terms = (
        RULES
        + '2024-01-01 custom "coop" "bylaw" "exit-death"\n  years: 1\n2025-01-01 custom "coop" "exit" "m01"\n  cause: "death"\n'
    )
    assert 'cause: "death"' in text_for(tmp_path, "members", terms, AS_OF)


def test_of_rates_the_public_gets_those_of_a_step(tmp_path: Path) -> None:
    """Another rate may be what somebody is paid by the hour."""
    step = '2024-01-01 custom "coop" "allocation" "second"\n  step: 2\n  to: "members"\n  share: "house"\n'
    assert '"rate"' not in text_for(tmp_path, "public", RULES, AS_OF)
    assert re.findall(r'"rate" "(.*)"', text_for(tmp_path, "public", RULES + step, AS_OF)) == ["house"]
    assert sorted(re.findall(r'"rate" "(.*)"', text_for(tmp_path, "members", RULES, AS_OF))) == ["house", "rate-no-1"]


def test_the_matter_of_help_is_not_told_where_its_decision_has_a_name_of_two_words(tmp_path: Path) -> None:
    voted = '2024-01-01 custom "coop" "bylaw" "publish-members"\n  texts: "matter"\n'
    decided = '2024-01-05 custom "coop" "decision" "D 2"\n  matter: "the rent of one of us"\n'
    text = text_for(
        tmp_path, "members", RULES + voted + decided + grant("2024-02-20", 9, 300).replace('"D1"', '"D 2"'), AS_OF
    )
    assert '"decision-no-1"' in text
    assert "the rent" not in text


FUND = """\
2024-01-01 custom "coop" "fund" "trip"
  account: Equity:Funds:Trip
  kind: "KIND"
  backing: Assets:Bank:Trip
  movement: TRUE
"""


def test_a_protected_fund_has_a_second_record_for_what_comes_in_and_no_backing(tmp_path: Path) -> None:
    """Without it whoever reads the file could not tell to which fund the money belongs that waits."""

    def records(audience: str, kind: str) -> list[str]:
        text = text_for(tmp_path, audience, RULES + FUND.replace("KIND", kind), AS_OF)
        found: list[str] = re.findall(r'"fund" "(trip.*\n(?:  .*\n)*)', text)
        return [" ".join(each.split()) for each in found]

    plain = 'trip" account: Equity:Funds:Trip kind: "education"'
    own = 'trip" account: Equity:Funds:Trip kind: "strike"'
    comes_in = 'trip-incoming" account: Equity:Incoming:Trip kind: "other" movement: TRUE'
    assert records("members", "education") == [f"{plain} backing: Assets:Backing:Trip movement: TRUE"]
    assert records("public", "education") == [f"{plain} movement: TRUE"]
    assert records("members", "strike") == records("public", "strike") == [f"{own} movement: TRUE", comes_in]
    assert records("auditors", "strike") == [f"{own} backing: Assets:Backing:Trip movement: TRUE"]
