"""`coopbooks audit`: what a treasurer reads, the files that it writes, and its exit code."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from audit_samples import LEDGER
from click.testing import CliRunner, Result

from coopbooks.audit.catalogue import CATALOGUE
from coopbooks.cli import main
from coopbooks.errors import UnknownName, UnknownPeriod, WriteRefused
from coopbooks.reports.audit_files import ENDINGS

DAY = ("--as-of", "2026-06-01")
HEADS = ("Why", "What to do, until when", "Gates", "Core criteria", "Practices")


@pytest.fixture
def books(tmp_path: Path) -> Path:
    path = tmp_path / "main.beancount"
    path.write_text(LEDGER, encoding="utf-8")
    return path


def run(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], standalone_mode=False)


def test_the_terminal_says_verdict_why_and_what_to_do_first(books: Path) -> None:
    result = run("audit", books, *DAY)
    lines = result.stdout.splitlines()
    assert lines[0].startswith("Indicated, not a verdict: ")
    places = [lines.index(head) for head in HEADS]
    assert places == sorted(places)
    assert all(criterion in result.stdout for criterion in CATALOGUE)
    assert result.return_value == 1


def test_json_is_the_interface_and_csv_has_a_row_a_criterion(books: Path) -> None:
    data = json.loads(run("audit", books, *DAY, "--format", "json").stdout)
    assert (data["schema"], data["audit"], data["status"]) == ("coopbooks-liberation-audit/1", "LA-1", "preliminary")
    rows = list(csv.DictReader(StringIO(run("audit", books, *DAY, "--format", "csv").stdout)))
    assert [row["id"] for row in rows] == [row["id"] for row in data["criteria"]]


def test_every_form_is_written_and_a_second_run_changes_nothing(books: Path) -> None:
    names = [books.with_name(f"report{end}") for end in ENDINGS]
    args = [arg for name in names for arg in ("-o", name)]
    first = run("audit", books, *DAY, *args)
    assert all(f"{name}: written." in first.stdout for name in names)
    content = [name.read_bytes() for name in names]
    again = run("audit", books, *DAY, *args)
    assert again.stdout.count("just this report stands there already") == len(names)
    run("audit", books, "--as-of", "2026-06-02", *args)  # a report of ours gives way to the next
    assert all(name.read_bytes() != old for name, old in zip(names, content, strict=True))


def test_a_dry_run_writes_nothing(books: Path) -> None:
    name = books.with_name("report.html")
    assert "bytes would be written" in run("audit", books, *DAY, "-o", name, "--dry-run").stdout
    assert not name.exists()


def test_what_is_not_ours_is_left_alone(books: Path) -> None:
    name = books.with_name("report.html")
    name.write_text("<p>my own page</p>", encoding="utf-8")
    assert isinstance(run("audit", books, *DAY, "-o", name).exception, WriteRefused)
    assert isinstance(run("audit", books, *DAY, "-o", books).exception, WriteRefused)
    assert name.read_text(encoding="utf-8") == "<p>my own page</p>"
    assert books.read_text(encoding="utf-8") == LEDGER


def test_a_profile_may_report_practices_only(books: Path) -> None:
    data = json.loads(run("audit", books, *DAY, "--period", "2025", "--profile", "starter", "--format", "json").stdout)
    assert data["profile"] == "starter"
    assert {row["graded"] for row in data["criteria"] if row["tier"] == "practice"} == {False}
    assert {row["graded"] for row in data["criteria"] if row["tier"] != "practice"} == {True}


def test_a_federations_file_is_a_profile(books: Path) -> None:
    file = books.with_name("federation.beancount")
    file.write_text(
        '2025-01-01 custom "coop" "profile" "bakers"\n  excludes: "RHY-2"\n  reason: "nobody has adopted it"\n',
        encoding="utf-8",
    )
    data = json.loads(run("audit", books, *DAY, "--period", "2025", "--profile", file, "--format", "json").stdout)
    assert data["profile"] == "bakers"
    row = next(row for row in data["criteria"] if row["id"] == "RHY-2")
    assert (row["outcome"], row["reason"], row["graded"]) == (
        "not-applicable",
        'left out by profile "bakers": nobody has adopted it',
        False,
    )


@pytest.mark.parametrize(
    ("args", "sort"),
    [
        (("--audit", "LA-9"), UnknownName),
        (("--period", "2025-03"), UnknownPeriod),
        (("--period", "2025", "--profile", "nobody"), UnknownName),
        (("-o", "report.docx"), WriteRefused),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(books: Path, args: tuple[str, ...], sort: type[Exception]) -> None:
    result = run("audit", books, *DAY, *args)
    assert isinstance(result.exception, sort)
    assert "\n" not in str(result.exception)
    assert result.stdout == ""


def test_an_audit_and_a_year_are_not_asked_for_together(books: Path) -> None:
    assert "give one of them" in str(run("audit", books, "--audit", "LA-1", "--period", "2025").exception)


def test_the_day_is_named_where_today_is_taken(books: Path) -> None:
    result = run("audit", books, "--period", "2025", "--format", "json")
    assert result.stderr.startswith("judged as of ")


def test_books_without_a_record_end_well(tmp_path: Path) -> None:
    path = tmp_path / "empty.beancount"
    path.write_text("2025-01-01 open Assets:Bank EUR\n", encoding="utf-8")
    result = run("audit", path, *DAY)
    assert result.return_value == 0
    assert "so there was nothing to judge" in result.stdout
