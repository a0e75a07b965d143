"""Snapshots: what a month's record lists, what came later, what changed, and the command that prints it."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from beancount import loader
from click.testing import CliRunner

import coopbooks
from coopbooks.audit.snapshots import compared, digest_of_record, words_of
from coopbooks.books.entries import facts_of
from coopbooks.bylaws import Bylaws
from coopbooks.cli.program import main
from coopbooks.errors import UnknownPeriod
from coopbooks.facts import Written
from coopbooks.periods import month_of

MARCH, APRIL = month_of(date(2025, 3, 1)), month_of(date(2025, 4, 1))

BOOKS = """
option "operating_currency" "EUR"

2025-01-01 custom "coop" "member" "m01"
2025-03-10 custom "coop" "decision" "D 1"
  matter: "A \\"new\\" oven"
  for: 1.0
2025-03-31 custom "coop" "vow" "m01"
  period: "2024"
  text: "for the strike"
2025-04-01 custom "coop" "decision" "D-2"
"""


def rules_of(text: str) -> Bylaws:
    entries, errors, options = loader.load_string(text)
    assert not errors, errors[:3]
    return Bylaws(facts_of(entries, options, padded=True))


def record(kind: str, text: str = BOOKS) -> Written:
    return next(row for row in rules_of(text).facts.written if row.values[0] == kind)


def snapshot(day: str, month: str, *words: str) -> str:
    return f'\n{day} custom "coop" "snapshot" "{month}"\n  sha256: "{"a" * 64}"\n  records: "{" ".join(words)}"\n'


# -- the digest of one record ----------------------------------------------------------------------------------------


def test_the_digest_can_be_made_by_hand() -> None:
    text = 'decision\nD 1\n2025-03-10\nfor: 1\nmatter: "A \\"new\\" oven"\n'
    assert digest_of_record(record("decision")) == sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("  for: 1.0\n", "  for: 1\n", True),
        ("\n2025-01-01 custom", "\n; a word\n\n2025-01-01 custom", True),
        ('  matter: "A \\"new\\" oven"\n  for: 1.0\n', '  for: 1.0\n  matter: "A \\"new\\" oven"\n', True),
        ("  for: 1.0\n", "  for: 2\n", False),
        ("  for: 1.0\n", "", False),
        ("oven", "0ven", False),
        ("2025-03-10", "2025-03-11", False),
        ('"D 1"', '"D 2"', False),
        ("  for: 1.0\n", '  note: "1"\n  for: 1.0\n', False),
    ],
)
def test_the_digest_changes_with_what_a_record_says_and_with_nothing_else(old: str, new: str, same: bool) -> None:
    assert old in BOOKS
    assert (
        digest_of_record(record("decision")) == digest_of_record(record("decision", BOOKS.replace(old, new)))
    ) is same


def test_a_text_is_no_number_and_no_truth() -> None:
    digests = set()
    for value in ("TRUE", '"TRUE"', "1", '"1"', "2025-01-01", '"2025-01-01"', "1 EUR", '"1 EUR"'):
        digests.add(digest_of_record(record("member", f'2025-01-01 custom "coop" "member" "m01"\n  note: {value}\n')))
    assert len(digests) == 8


# -- what a snapshot lists -------------------------------------------------------------------------------------------


def test_the_first_snapshot_lists_all_up_to_its_months_end() -> None:
    names = [word.partition("=")[0] for word in words_of(rules_of(BOOKS), MARCH)]
    assert names == ["member/m01", "decision/D_1", "vow/m01"]


def test_the_next_one_lists_what_no_earlier_one_does() -> None:
    words = words_of(rules_of(BOOKS), MARCH)
    rules = rules_of(BOOKS + snapshot("2025-04-05", "2025-03", *words))
    assert [word.partition("=")[0] for word in words_of(rules, APRIL)] == ["decision/D-2"]


def test_what_is_never_late_is_in_no_snapshot() -> None:
    text = BOOKS + '2025-03-31 custom "coop" "contribution" "m01"\n  period: "2024"\n  of: "equal"\n  value: 1\n'
    text += '2025-03-31 custom "coop" "seal" "2024"\n' + snapshot("2025-03-02", "2025-02")
    names = [word.partition("/")[0] for word in words_of(rules_of(text), MARCH)]
    assert names == ["member", "decision", "vow"]


def test_books_that_were_shown_in_time_have_nothing_late() -> None:
    words = words_of(rules_of(BOOKS), MARCH)
    found = compared(rules_of(BOOKS + snapshot("2025-04-05", "2025-03", *words)))
    assert (found.late, found.gone, found.altered) == ((), (), ())


def test_a_record_dated_into_a_month_that_was_shown_is_late() -> None:
    shown = BOOKS + snapshot("2025-04-05", "2025-03", *words_of(rules_of(BOOKS), MARCH))
    late = compared(rules_of(shown + '2025-03-31 custom "coop" "decision" "D-3"\n')).late
    assert [(row.values, of.id) for row, of in late] == [(("decision", "D-3"), "2025-03")]
    assert not compared(rules_of(shown + '2025-04-01 custom "coop" "decision" "D-3"\n')).late


def test_a_later_snapshot_does_not_make_it_timely() -> None:
    shown = BOOKS + snapshot("2025-04-05", "2025-03", *words_of(rules_of(BOOKS), MARCH))
    shown += '2025-03-31 custom "coop" "decision" "D-3"\n'
    words = words_of(rules_of(shown), APRIL)
    assert [word.partition("=")[0] for word in words] == ["decision/D-3", "decision/D-2"]
    late = compared(rules_of(shown + snapshot("2025-05-05", "2025-04", *words))).late
    assert [row.values[1] for row, _ in late] == ["D-3"]


def test_a_reason_makes_a_late_record_no_fault() -> None:
    shown = BOOKS + snapshot("2025-04-05", "2025-03", *words_of(rules_of(BOOKS), MARCH))
    shown += '2025-03-31 custom "coop" "decision" "D-3"\n  recorded-late: "the minutes were lost and found"\n'
    assert compared(rules_of(shown)).late == ()


def test_a_month_without_a_snapshot_is_covered_by_the_next_one() -> None:
    text = BOOKS + snapshot("2025-05-05", "2025-04", *words_of(rules_of(BOOKS), APRIL))
    assert compared(rules_of(text)).late == ()


def test_what_was_shown_and_is_gone_is_seen() -> None:
    text = BOOKS + snapshot("2025-04-05", "2025-03", *words_of(rules_of(BOOKS), MARCH))
    without = text.replace('2025-03-10 custom "coop" "decision" "D 1"\n  matter: "A \\"new\\" oven"\n  for: 1.0\n', "")
    assert [word.name for word in compared(rules_of(without)).gone] == ["decision/D_1"]


def test_what_was_shown_and_reads_otherwise_is_seen_where_the_word_has_a_digest() -> None:
    words = words_of(rules_of(BOOKS), MARCH)
    plain = [word.partition("=")[0] for word in words]
    for listed, seen in ((words, ["decision/D_1"]), (plain, [])):
        text = (BOOKS + snapshot("2025-04-05", "2025-03", *listed)).replace("for: 1.0", "for: 2")
        found = compared(rules_of(text))
        assert [word.name for word, _ in found.altered] == seen
        assert (found.gone, found.late) == ((), ())


def test_a_plain_id_is_enough() -> None:
    found = compared(rules_of(BOOKS + snapshot("2025-04-05", "2025-03", "m01", "D_1", "m01")))
    assert (found.late, found.gone) == ((), ())


def test_each_word_is_about_one_record() -> None:
    """Two vows of one member in a month need two words; a third one is late."""
    text = BOOKS + '2025-03-31 custom "coop" "vow" "m01"\n  period: "2023"\n'
    shown = text + snapshot("2025-04-05", "2025-03", *words_of(rules_of(text), MARCH))
    assert compared(rules_of(shown)).late == ()
    late = compared(rules_of(shown + '2025-03-31 custom "coop" "vow" "m01"\n  period: "2022"\n')).late
    assert [row.fields["period"] for row, _ in late] == ["2022"]


def test_of_two_snapshots_of_a_month_the_first_counts() -> None:
    first = BOOKS + snapshot("2025-04-05", "2025-03", *words_of(rules_of(BOOKS), MARCH))
    text = first + '2025-03-31 custom "coop" "decision" "D-3"\n' + snapshot("2025-04-06", "2025-03", "decision/D-3")
    assert [row.values[1] for row, _ in compared(rules_of(text)).late] == ["D-3"]


# -- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "main.beancount"
    path.write_text(BOOKS, encoding="utf-8")
    return path


def run(*args: object) -> tuple[int, str, str]:
    ran = CliRunner().invoke(main, [str(arg) for arg in args])
    return ran.exit_code, ran.stdout, ran.stderr


def test_it_is_printed_as_a_record_to_paste(ledger: Path) -> None:
    digest = coopbooks.load(ledger).ledger_sha256
    code, out, _ = run("snapshot", ledger, "2025-03", "--as-of", "2025-04-05")
    words = words_of(rules_of(BOOKS), MARCH)
    assert code == 0
    assert out == (
        '2025-04-05 custom "coop" "snapshot" "2025-03"\n'
        f'  sha256: "{digest}"\n'
        f'  records: "{words[0]}\n    {words[1]}\n    {words[2]}"\n'
        '  audience: "all workers"\n'
    )


def test_it_is_appended_once(ledger: Path) -> None:
    args = ("snapshot", ledger, "2025-03", "--as-of", "2025-04-05", "--into", ledger)
    assert run(*args)[0] == 0
    after = ledger.read_text(encoding="utf-8")
    assert after.startswith(BOOKS)
    code, out, _ = run("snapshot", ledger, "2025-03", "--as-of", "2025-04-06", "--into", ledger)
    assert (code, ledger.read_text(encoding="utf-8")) == (0, after)
    assert "nothing was changed" in out
    coop = coopbooks.load(ledger)
    assert coop.check().errors == ()
    found = compared(Bylaws(coop.facts))
    assert (found.late, found.gone, found.altered) == ((), (), ())


def test_a_dry_run_writes_nothing(ledger: Path) -> None:
    args = ("snapshot", ledger, "2025-03", "--as-of", "2025-04-05", "--into", ledger, "--dry-run")
    code, out, _ = run(*args)
    assert (code, ledger.read_text(encoding="utf-8")) == (0, BOOKS)
    assert '+2025-04-05 custom "coop" "snapshot" "2025-03"' in out


def test_who_was_shown_it_can_be_named(ledger: Path) -> None:
    code, out, _ = run("snapshot", ledger, "2025-03", "--as-of", "2025-04-05", "--audience", 'm01 "the baker"')
    assert (code, out.splitlines()[-1]) == (0, '  audience: "m01 \\"the baker\\""')


def test_a_file_that_the_ledger_does_not_include_is_named(ledger: Path) -> None:
    beside = ledger.with_name("snapshots.beancount")
    code, _, err = run("snapshot", ledger, "2025-03", "--as-of", "2025-04-05", "--into", beside)
    assert (code, beside.exists()) == (0, True)
    assert 'include "snapshots.beancount"' in err


def test_other_shapes(ledger: Path) -> None:
    code, out, _ = run("snapshot", ledger, "2025-03", "--as-of", "2025-04-05", "--format", "json")
    assert code == 0
    assert '"month": "2025-03"' in out
    code, out, _ = run("snapshot", ledger, "2025-03", "--as-of", "2025-04-05", "--format", "csv")
    assert (code, out.splitlines()[0]) == (0, "month,date,sha256,records,record,written")


def test_a_month_that_is_not_over_and_a_year_are_refused(ledger: Path) -> None:
    assert run("snapshot", ledger, "2025-03", "--as-of", "2025-04-01")[0] == 0
    code, _, err = run("snapshot", ledger, "2025-03", "--as-of", "2025-03-31")
    assert (code, err) == (2, "2025-03 is open until 2025-03-31: take its snapshot on 2025-04-01 or later\n")
    code, _, err = run("snapshot", ledger, "2025", "--as-of", "2026-03-31")
    assert (code, err) == (2, 'a snapshot is of one month, and "2025" is none: write it as "2025-12"\n')
    with pytest.raises(UnknownPeriod):
        coopbooks.load(ledger).snapshot("March", date(2025, 4, 5))
