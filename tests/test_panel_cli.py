"""The auditors' wizards: each record can be pasted, what would not count is refused, and nothing half done is left."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from audit_samples import LEDGER
from click.testing import CliRunner, Result

import coopbooks
from coopbooks.cli import main
from coopbooks.errors import ReportUnusable, SignatureRefused, UnknownName, WriteRefused

FOUND = (
    "--criterion",
    "GOV-1",
    "--votes",
    "2-0-0",
    "--evidence",
    "minutes of May",
    "--text",
    "The clause is in the statutes.",
)


@pytest.fixture
def books(tmp_path: Path) -> Path:
    path = tmp_path / "main.beancount"
    path.write_text(LEDGER, encoding="utf-8")
    return path


def run(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], standalone_mode=False)


def refused(result: Result, sort: type[Exception], words: str) -> None:
    assert isinstance(result.exception, sort)
    assert words in str(result.exception)
    assert "\n" not in str(result.exception)
    assert result.stdout == ""


def panel(command: str, books: Path, *args: object, day: str = "2026-05-20") -> Result:
    return run("panel", command, books, "--as-of", day, *args)


# -- plan ------------------------------------------------------------------------------------------------------------

PLAN = ("--audit", "LA-2", "--pool", "b:y, a:x", "--source", "lotto-9", "--seats", "1")


def test_a_plan_is_a_call_and_an_opening_that_can_be_pasted(books: Path) -> None:
    result = panel("plan", books, *PLAN, "--draw-not-before", "2026-05-27")
    assert result.exit_code == 0
    assert f'pool-sha256: "{sha256(b"a:x" + bytes([10]) + b"b:y" + bytes([10])).hexdigest()}"' in result.stdout
    books.write_text(LEDGER + result.stdout, encoding="utf-8")
    coop = coopbooks.load(books)
    assert [(each.KIND, str(each.date)) for each in coop.facts.records if each.id == "LA-2"] == [
        ("lottery-call", "2026-05-20"),
        ("audit", "2026-06-03"),
    ]
    assert coop.warnings == ()


def test_a_pool_is_public_for_a_week_before_it_is_drawn_from(books: Path) -> None:
    early = panel("plan", books, *PLAN, "--draw-not-before", "2026-05-26")
    refused(early, UnknownName, "draw on 2026-05-27 or later")


@pytest.mark.parametrize("pool", ["rosa", "union:", ":rosa", "union rosa:x"])
def test_who_is_in_a_pool_has_an_organisation(books: Path, pool: str) -> None:
    result = panel("plan", books, "--audit", "LA-2", "--pool", pool, "--source", "x", "--draw-not-before", "2026-06-27")
    refused(result, UnknownName, "is no id of a pool")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--window-start", "2026-12-31", "--window-end", "2026-01-01"), "the other way round"),
        (("--profile", "ful"), 'there is no profile "ful": write one of starter, full'),
        (("--audit", "LA 2"), "without spaces"),
        (("--seats", "3"), "2 organisations for 3 seats"),
    ],
)
def test_a_plan_that_no_audit_could_follow_is_refused(books: Path, args: tuple[str, ...], words: str) -> None:
    result = panel("plan", books, *PLAN, "--draw-not-before", "2026-06-27", *args, "--into", books)
    refused(result, UnknownName, words)
    assert books.read_text(encoding="utf-8") == LEDGER


def test_an_audit_is_not_called_twice(books: Path) -> None:
    result = panel("plan", books, *PLAN[2:], "--audit", "LA-1", "--draw-not-before", "2026-06-27")
    refused(result, UnknownName, 'there is an audit "LA-1" in the books already')


def test_what_is_missing_is_asked_for_on_a_terminal_only(books: Path) -> None:
    result = panel("plan", books, "--audit", "LA-2")
    assert "--pool is missing" in str(result.exception)
    assert result.stdout == ""


# -- finding ---------------------------------------------------------------------------------------------------------


def test_a_finding_that_lowers_is_appended_and_counts(books: Path) -> None:
    result = panel("finding", books, *FOUND, "--label", "reformist", "--into", books)
    assert (result.exit_code, result.stdout) == (0, f"{books}: the record was appended.\n")
    text = books.read_text(encoding="utf-8")
    assert text.startswith(LEDGER)
    row = coopbooks.load(books).audit(date(2026, 5, 20)).criterion("GOV-1")
    assert row.panel is not None
    assert (row.outcome, row.reason) == ("shortfall", "The clause is in the statutes.")
    again = panel("finding", books, *FOUND, "--label", "reformist", "--into", books)
    assert "the record stands there already" in again.stdout
    assert books.read_text(encoding="utf-8") == text


def test_a_dry_run_shows_the_change_and_writes_nothing(books: Path) -> None:
    result = panel("finding", books, *FOUND, "--label", "reformist", "--into", books, "--dry-run")
    assert '+2026-05-20 custom "coop" "finding" "LA-1/GOV-1"' in result.stdout
    assert books.read_text(encoding="utf-8") == LEDGER


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (
            ("--criterion", "WAG-1", *FOUND[2:], "--label", "revolutionary", "--until", "2026-12-31"),
            "computed from the books",
        ),
        ((*FOUND, "--label", "revolutionary"), "it does not say until when"),
        ((*FOUND, "--label", "reformist", "--votes", "3-0-0"), "it counts 3 votes, and 2 auditors sat"),
        ((*FOUND, "--label", "reformist", "--votes", "0-2-0"), "the panel did not carry it"),
    ],
)
def test_a_finding_that_would_not_count_is_refused(books: Path, args: tuple[str, ...], words: str) -> None:
    result = panel("finding", books, *args, "--into", books)
    refused(result, UnknownName, "this finding would not count")
    assert words in str(result.exception)
    assert books.read_text(encoding="utf-8") == LEDGER


def test_a_raise_with_all_that_it_needs_is_let_through(books: Path) -> None:
    result = panel("finding", books, *FOUND, "--label", "revolutionary", "--until", "2026-12-31", "--into", books)
    assert result.exit_code == 0
    assert coopbooks.load(books).audit(date(2026, 5, 20)).criterion("GOV-1").label == "revolutionary"


@pytest.mark.parametrize(
    ("args", "sort", "words"),
    [
        (("--criterion", "XYZ-1"), UnknownName, 'there is no criterion "XYZ-1"'),
        ((*FOUND, "--label", "splendid"), WriteRefused, "splendid"),
        ((*FOUND, "--label", "reformist", "--votes", "many"), WriteRefused, "many"),
        ((*FOUND, "--verifies", "TR-1"), UnknownName, 'there is no trigger "TR-1"'),
    ],
)
def test_a_finding_out_of_form_is_refused(
    books: Path, args: tuple[str, ...], sort: type[Exception], words: str
) -> None:
    refused(panel("finding", books, *args), sort, words)


def test_without_an_audit_there_is_nothing_to_find(books: Path) -> None:
    result = panel("finding", books, *FOUND, "--label", "reformist", day="2026-05-09")
    refused(result, UnknownName, "no audit is open on 2026-05-09")


def test_a_text_with_quotes_and_lines_is_one_text_of_the_ledger(books: Path) -> None:
    words = 'said "no"\\ and\n2026-01-01 open Assets:Evil'
    result = panel("finding", books, *FOUND[:-1], words, "--label", "reformist", "--into", books)
    assert result.exit_code == 0
    coop = coopbooks.load(books)
    assert coop.audit(date(2026, 5, 20)).criterion("GOV-1").reason == 'said "no"\\ and 2026-01-01 open Assets:Evil'
    assert "Assets:Evil" not in coop.facts.accounts


# -- sign ------------------------------------------------------------------------------------------------------------


def sign(books: Path, *args: object, votes: str = "2-0-0") -> Result:
    return panel("sign", books, "--audit", "LA-1", "--votes", votes, *args, day="2026-06-01")


def test_the_verdict_names_the_report_and_every_label_below_met(books: Path) -> None:
    report = books.with_name("report.json")
    result = sign(books, "-o", report, "--into", books)
    assert result.exit_code == 0
    found = coopbooks.load(books).audit(date(2026, 6, 1))
    assert (found.status, found.verdict, found.stated, found.votes) == ("signed", found.stated, found.verdict, "2-0-0")
    text = books.read_text(encoding="utf-8")
    assert f'report-sha256: "{sha256(report.read_bytes()).hexdigest()}"' in text
    labels = dict(word.split("=") for word in re.findall(r'labels: "([^"]*)"', text)[0].split())
    low = [row for row in found.criteria if row.label not in (None, "revolutionary")]
    unshown = {row.id for row in low if row.outcome in ("not-evidenced", "error")}
    assert labels == {row.id: "not-evidenced" if row.id in unshown else row.label for row in low}
    assert unshown < set(labels)
    refused(sign(books, "-o", books.with_name("b.json")), ReportUnusable, "has a verdict already")


def test_the_day_of_the_verdict_is_day_0_of_every_trigger(books: Path) -> None:
    sign(books, "-o", books.with_name("report.json"), "--into", books)
    found = coopbooks.load(books).audit(date(2026, 6, 30))
    assert {(each.opened, each.last_day) for each in found.triggers} == {("2026-06-01", "2026-07-01")}


@pytest.mark.parametrize("votes", ["1-1-0", "0-0-2", "yes"])
def test_votes_that_carry_nothing_sign_nothing(books: Path, votes: str) -> None:
    report = books.with_name("report.json")
    refused(sign(books, "-o", report, votes=votes), UnknownName, votes)
    assert not report.exists()


def test_a_signed_report_is_never_overwritten(books: Path) -> None:
    report = books.with_name("report.json")
    sign(books, "-o", report)
    before = report.read_bytes()
    refused(sign(books, "-o", report, votes="2-0-1"), WriteRefused, "it is not overwritten")
    refused(run("audit", books, "--as-of", "2026-06-01", "-o", report), WriteRefused, "it is not overwritten")
    assert report.read_bytes() == before


def test_a_dry_run_signs_nothing(books: Path) -> None:
    report = books.with_name("report.json")
    result = sign(books, "-o", report, "--dry-run")
    assert '"verdict" "LA-1"' in result.stdout
    assert f"+++ {report}\n" in result.stderr
    assert not report.exists()


def test_a_dry_run_says_what_would_become_of_the_signature(books: Path, key: Path) -> None:
    report, signature = books.with_name("report.json"), books.with_name("report.json.sig")
    refused_key = sign(books, "-o", report, "--key", key.with_name("none"), "--dry-run")
    assert "is no file: give the private key" in str(refused_key.exception)
    assert (
        f"{signature}: the signature by {key} would be written"
        in sign(books, "-o", report, "--key", key, "--dry-run").stderr
    )
    sign(books, "-o", report, "--key", key)
    again = sign(books, "-o", report, "--key", key, "--dry-run")
    assert f"{report}: nothing would change\n{signature}: nothing would change\n" in again.stderr
    signature.write_bytes(b"of somebody else")
    other = sign(books, "-o", report, "--key", key, "--dry-run")
    assert "no signature is overwritten" in str(other.exception)


def test_only_json_is_signed(books: Path) -> None:
    refused(sign(books, "-o", books.with_name("report.pdf")), ReportUnusable, "name it report.json")


# -- the signature of ssh-keygen -------------------------------------------------------------------------------------


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True)
    public = path.with_name("key.pub").read_text(encoding="utf-8")
    path.with_name("signers").write_text(f"panel@audit {public}", encoding="utf-8")
    return path


def test_a_signature_goes_there_and_back(books: Path, key: Path) -> None:
    report = books.with_name("report.json")
    assert sign(books, "-o", report, "--key", key).exit_code == 0
    args = ("verify", report, books, "--signers", key.with_name("signers"), "--identity")
    result = run(*args, "panel@audit")
    assert result.exit_code == 0
    assert 'Good "coopbooks-audit" signature for panel@audit' in result.stdout


def test_a_wrong_signature_is_named_beside_what_differs(books: Path, key: Path) -> None:
    """Who looks for a fault wants all of them: the report is recomputed whatever became of its signature."""
    report, signature = books.with_name("report.json"), books.with_name("report.json.sig")
    assert sign(books, "-o", report, "--key", key).exit_code == 0
    args = ("verify", report, books, "--signers", key.with_name("signers"), "--identity")
    stranger = run(*args, "somebody@else")
    assert stranger.return_value == 1
    assert "somebody@else did not sign these bytes" in stranger.stdout
    assert "The ledger gives this report, byte for byte, but the signature is wrong." in stranger.stdout
    report.write_bytes(report.read_bytes().replace(b'"2-0-0"', b'"2-0-1"'))
    forged = run(*args, "panel@audit", "--format", "json")
    data = json.loads(forged.stdout)
    assert (forged.return_value, data["same"], data["signed"], data["signature"]) == (1, False, False, None)
    assert "panel@audit did not sign these bytes" in data["changed"][0]
    assert data["changed"][1:] == []
    books.write_text(LEDGER.replace("100.00", "100.01"), encoding="utf-8")
    data = json.loads(run(*args, "panel@audit", "--format", "json").stdout)
    assert "panel@audit did not sign these bytes" in data["changed"][0]
    assert data["changed"][1].startswith("main.beancount was changed: ")
    assert "Not the same: " in run(*args, "panel@audit").stdout
    signature.unlink()
    assert "report.json.sig: there is no such file" in run(*args, "panel@audit").stdout
    key.with_name("signers").unlink()
    refused(run(*args, "panel@audit"), SignatureRefused, "signers: there is no such file")


def test_without_a_key_or_with_a_signature_there_nothing_is_signed(books: Path, key: Path) -> None:
    report = books.with_name("report.json")
    refused(sign(books, "-o", report, "--key", key.with_name("none")), SignatureRefused, "is no file")
    report.with_name("report.json.sig").write_text("old", encoding="utf-8")
    refused(sign(books, "-o", report, "--key", key), SignatureRefused, "no signature is overwritten")
    assert report.with_name("report.json.sig").read_text(encoding="utf-8") == "old"


# -- publish ---------------------------------------------------------------------------------------------------------


def test_the_publication_names_the_file_that_was_signed(books: Path) -> None:
    report = books.with_name("report.json")
    sign(books, "-o", report, "--into", books)
    where = ("--place", "https://coop.example/LA-1")
    result = panel("publish", books, report, *where, "--into", books, day="2026-06-03")
    assert result.exit_code == 0
    published = coopbooks.load(books).audit(date(2026, 6, 3)).publications
    assert [(each.where, each.report_sha256) for each in published] == [
        ("https://coop.example/LA-1", sha256(report.read_bytes()).hexdigest())
    ]
    other = books.with_name("other.json")
    other.write_bytes(report.read_bytes().replace(b'"2-0-0"', b'"2-0-1"'))
    refused(panel("publish", books, other, *where), ReportUnusable, "publish the very file that was signed")


def test_what_nobody_signed_is_not_published(books: Path) -> None:
    report = books.with_name("report.json")
    sign(books, "-o", report)
    result = panel("publish", books, report, "--place", "https://x.example")
    refused(result, UnknownName, 'the books have no verdict of audit "LA-1"')


def test_a_refusal_is_one_line_and_exit_code_2(books: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "coopbooks",
            "panel",
            "sign",
            books,
            "--audit",
            "LA-9",
            "--votes",
            "2-0-0",
            "-o",
            "x.json",
        ],
        capture_output=True,
        text=True,
        cwd=books.parent,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert 'there is no audit "LA-9"' in done.stderr


@pytest.mark.parametrize("command", ["plan", "finding", "sign", "publish"])
def test_every_wizard_has_a_help_page_with_an_example(command: str) -> None:
    result = run("panel", command, "--help")
    assert f"Example:   coopbooks panel {command}" in result.stdout
