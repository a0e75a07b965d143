"""A report recomputed: what only came after is let through, and every other difference is named."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from audit_samples import LEDGER
from click.testing import CliRunner, Result

import coopbooks
from coopbooks.audit_answers import canonical
from coopbooks.cli import main
from coopbooks.errors import ReportUnusable

DAY = "2026-06-01"
INCLUDED = 'include "2025.beancount"\n'


@pytest.fixture
def books(tmp_path: Path) -> Path:
    path = tmp_path / "books" / "main.beancount"
    path.parent.mkdir()
    path.write_text(LEDGER + INCLUDED, encoding="utf-8")
    path.with_name("2025.beancount").write_text("2025-02-01 open Assets:Till EUR\n", encoding="utf-8")
    return path


@pytest.fixture
def report(books: Path) -> Path:
    path = books.parent.parent / "report.json"
    assert run("panel", "sign", books, "--as-of", DAY, "--audit", "LA-1", "--votes", "2-0-0", "-o", path).exit_code == 0
    return path


def run(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], standalone_mode=False)


def verified(report: Path, books: Path) -> dict[str, Any]:
    """What `verify` answers, its exit code held to it."""
    result = run("verify", report, books, "--format", "json")
    assert result.exception is None, result.exception
    data: dict[str, Any] = json.loads(result.stdout)
    assert result.return_value == (0 if data["same"] else 1)
    return data


def test_the_same_books_give_the_same_report(report: Path, books: Path) -> None:
    assert verified(report, books) == {
        "same": True,
        "changed": [],
        "appended": [],
        "signed": None,
        "signature": None,
    }


def test_from_another_folder_and_with_other_times(report: Path, books: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "deep" / "copy of books"
    shutil.copytree(books.parent, elsewhere)
    for file in elsewhere.iterdir():
        os.utime(file, (1, 1))
    assert verified(report, elsewhere / "main.beancount")["same"]


def test_a_preliminary_and_a_later_look_at_a_signed_audit_verify_too(books: Path, tmp_path: Path) -> None:
    for name, args in (("a", ()), ("b", ("--period", "2025")), ("c", ("--period", "2025", "--profile", "starter"))):
        path = tmp_path / f"{name}.json"
        run("audit", books, "--as-of", DAY, *args, "-o", path)
        assert verified(path, books)["same"], name
    run(
        "panel",
        "sign",
        books,
        "--as-of",
        DAY,
        "--audit",
        "LA-1",
        "--votes",
        "2-0-0",
        "-o",
        tmp_path / "r.json",
        "--into",
        books,
    )
    path = tmp_path / "later.json"
    run("audit", books, "--as-of", "2026-07-05", "-o", path)
    assert verified(path, books)["same"]
    assert verified(tmp_path / "a.json", books)["same"]  # the signature came on the day of the preliminary


def test_what_was_appended_later_is_named_and_changes_nothing(report: Path, books: Path) -> None:
    with books.open("a", encoding="utf-8") as file:
        file.write('\n2026-06-02 custom "coop" "decision" "D-9"\n  body: "assembly"\n')
    found = verified(report, books)
    assert found["same"]
    assert found["appended"][0].startswith("main.beancount has ")


def test_the_records_of_its_own_signing_change_nothing(report: Path, books: Path) -> None:
    report.unlink()
    args = ("--as-of", DAY, "--audit", "LA-1", "--votes", "2-0-0", "-o", report, "--into", books)
    run("panel", "sign", books, *args)
    run("panel", "publish", books, report, "--as-of", "2026-06-03", "--place", "https://x.example", "--into", books)
    found = verified(report, books)
    assert (found["same"], len(found["appended"])) == (True, 1)


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ('2025-12-30 * "late"\n  Assets:Bank  1.00 EUR\n  Income:Sales\n', "a transaction dated 2025-12-30 was added"),
        (f'{DAY} custom "coop" "flag" "LA-1/SUP-2"\n  text: "x"\n', f"a custom dated {DAY} was added"),
        (f'{DAY} custom "coop" "verdict" "LA-7"\n  verdict: "reformist"\n', "a custom dated 2026-06-01 was added"),
        ('option "title" "Another"\n', "`option` was added"),
        ('plugin "beancount.plugins.noduplicates"\n', "`plugin` was added"),
        ("  stray: 1\n", "cannot be read by itself"),
    ],
)
def test_what_was_added_inside_the_days_of_the_report_is_named(
    report: Path, books: Path, added: str, words: str
) -> None:
    with books.open("a", encoding="utf-8") as file:
        file.write(added)
    found = verified(report, books)
    assert not found["same"]
    assert any(words in each and each.startswith("main.beancount") for each in found["changed"]), found["changed"]


def test_a_new_file_is_looked_through_as_well(report: Path, books: Path) -> None:
    books.with_name("2026.beancount").write_text("2026-07-01 open Assets:Van EUR\n", encoding="utf-8")
    with books.open("a", encoding="utf-8") as file:
        file.write('include "2026.beancount"\n')
    found = verified(report, books)
    assert found["same"]
    assert [each.split(" ")[0] for each in found["appended"]] == ["main.beancount", "2026.beancount"]
    books.with_name("2026.beancount").write_text("2025-07-01 open Assets:Van EUR\n", encoding="utf-8")
    assert any(each.startswith("2026.beancount:1: a") for each in verified(report, books)["changed"])


def test_one_cent_is_named_with_its_file(report: Path, books: Path) -> None:
    books.write_text((LEDGER + INCLUDED).replace("100.00", "100.01"), encoding="utf-8")
    found = verified(report, books)
    assert not found["same"]
    assert found["changed"][0].startswith("main.beancount was changed: its first ")


def test_a_file_that_is_gone_is_named(report: Path, books: Path) -> None:
    books.write_text(LEDGER + " " * len(INCLUDED), encoding="utf-8")
    changed = verified(report, books)["changed"]
    assert "2025.beancount is gone from the ledger" in changed


def test_the_books_of_another_cooperative_are_named_and_nothing_else_is_compared(report: Path, books: Path) -> None:
    data = json.loads(report.read_bytes())
    data["cooperative"] = "The <b>Other</b>"
    report.write_text(
        json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (found,) = verified(report, books)["changed"]
    assert found.startswith("the report is of The <b>Other</b>, and these books are of ")


def test_of_another_edition_of_the_catalogue_only_the_wording_is_left_aside(report: Path, books: Path) -> None:
    data = json.loads(report.read_bytes())
    data |= {"catalogue_sha256": "0" * 64}
    data["criteria"][0] |= {"remedy": "do it otherwise", "title": "Another name"}
    report.write_text(
        json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (found,) = verified(report, books)["changed"]
    assert found.startswith("catalogue_sha256: the report says 000000000000…")
    data["criteria"][0] |= {"outcome": "breach"}
    report.write_text(
        json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8"
    )
    assert any("outcome: the report says breach" in each for each in verified(report, books)["changed"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.update(verdict="revolutionary"), "verdict: the report says revolutionary, the ledger gives"),
        (
            lambda data: data["criteria"][0].update(outcome="met", label="revolutionary"),
            " outcome: the report says met",
        ),
        (lambda data: data["criteria"].pop(), "the ledger gives it, the report has it not"),
        (lambda data: data["triggers"][0].update(last_day="2027-01-01"), "last_day: the report says 2027-01-01"),
        (lambda data: data.update(catalogue_sha256="0" * 64), "catalogue_sha256: the report says 000"),
        (lambda data: data.update(ledger_sha256="0" * 64), "ledger_sha256 is not the digest of the files"),
        (lambda data: data["files"][0].update(sha256="0" * 64), "was changed: its first"),
    ],
)
def test_a_tampered_report_is_named(report: Path, books: Path, change: Any, words: str) -> None:
    data = json.loads(report.read_bytes())
    change(data)
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    report.write_text(text, encoding="utf-8")
    found = verified(report, books)
    assert any(words in each for each in found["changed"]), found["changed"]


def test_other_spaces_are_other_bytes(report: Path, books: Path) -> None:
    report.write_text(json.dumps(json.loads(report.read_bytes()), indent=2), encoding="utf-8")
    found = verified(report, books)
    assert found["changed"] == [
        "the report's own bytes are not as coopbooks writes them: spaces, order or numbers were changed"
    ]


def test_what_is_no_report_or_is_missing_is_one_sentence(books: Path, tmp_path: Path) -> None:
    for path in (books, tmp_path / "none.json"):
        result = run("verify", path, books)
        assert isinstance(result.exception, ReportUnusable)
        assert "\n" not in str(result.exception)
        assert result.stdout == ""


def test_a_report_that_was_sent_is_a_plain_file_of_a_size_that_reports_have(
    report: Path, books: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe never ends, and a file may have any size: neither is read to its end."""
    os.mkfifo(tmp_path / "pipe.json")
    assert str(run("verify", tmp_path / "pipe.json", books).exception).endswith(
        "pipe.json is no plain file: give the report's .json file"
    )
    size = report.stat().st_size
    monkeypatch.setattr("coopbooks.cli.audit.REPORT_BYTES_MAX", size)
    assert run("verify", report, books).exit_code == 0
    monkeypatch.setattr("coopbooks.cli.audit.REPORT_BYTES_MAX", size - 1)
    assert "report.json has more than 0 MiB: no report has" in str(run("verify", report, books).exception)


def test_signers_and_identity_belong_together(report: Path, books: Path) -> None:
    assert "give both, or neither" in str(run("verify", report, books, "--signers", "x").exception)


def test_the_terminal_says_what_differs(report: Path, books: Path) -> None:
    assert run("verify", report, books).stdout == "The same: the ledger gives this report, byte for byte.\n"
    books.write_text((LEDGER + INCLUDED).replace("100.00", "100.01"), encoding="utf-8")
    assert "Not the same: " in run("verify", report, books).stdout


def test_the_report_that_is_signed_is_the_one_that_the_library_makes(report: Path, books: Path) -> None:
    made = coopbooks.load(books).signing("LA-1", date(2026, 6, 1), "2-0-0")
    assert canonical(made) == report.read_bytes()
