"""`coopbooks init`: a whole set of books or nothing; nothing is overwritten; what nobody said is asked, or decided."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import coopbooks.cli.init as command
from coopbooks import load
from coopbooks.books import founding
from coopbooks.books.founding import MAIN, Founding, files_of, found
from coopbooks.cli import main as program
from coopbooks.errors import WriteRefused
from coopbooks.periods import FiscalCalendar
from coopbooks.statutes.models import model

MODEL = "us-subchapter-t"


def run(*args: object) -> Result:
    return CliRunner().invoke(program, ["init", *map(str, args)])


def books(**changes: Any) -> Founding:
    told = Founding(model(MODEL), title="Ours", currency="USD", start=date(2026, 1, 1), members=2)
    return told._replace(**changes)


# -- what is written ---------------------------------------------------------------------------------------------------


def test_a_whole_set_of_books(tmp_path: Path) -> None:
    ran = run(tmp_path / "riverside", "--model", MODEL, "--currency", "CAD", "--members", 3, "--start", "2026-04-01")
    assert ran.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "riverside").iterdir()) == [
        "2026.beancount",
        "accounts.beancount",
        "bylaws.beancount",
        "main.beancount",
        "people.beancount",
        "records.beancount",
    ]
    coop = load(tmp_path / "riverside" / MAIN)
    assert (coop.title, coop.currency, coop.check().errors) == ("riverside", "CAD", ())
    assert sorted(coop.facts.by_kind["member"]) == ["m01", "m02", "m03"]
    assert {life.opened for life in coop.facts.accounts.values()} == {date(2026, 4, 1)}
    assert "Equity:Members:M03:Buyin" in coop.facts.accounts
    assert list(tmp_path.iterdir()) == [tmp_path / "riverside"]  # nothing is left beside it


def test_it_says_what_to_do_next_and_what_the_model_lacks(tmp_path: Path) -> None:
    chosen = model(MODEL)
    said = run(tmp_path / "ours", "--model", MODEL).stdout
    for item in (*chosen.left_out, *chosen.counsel, *chosen.unverified):
        assert f"- {item}" in said
    for word in (
        str(chosen.read_on),
        chosen.law,
        "no legal advice",
        "counsel",
        "Vote",
        "records.beancount",
        "0 members",
    ):
        assert word in said
    assert f"coopbooks check {tmp_path / 'ours' / MAIN}" in said


def test_the_bylaws_keep_what_the_model_lacks_at_their_head(tmp_path: Path) -> None:
    run(tmp_path / "ours", "--model", MODEL)
    head = (tmp_path / "ours" / "bylaws.beancount").read_text(encoding="utf-8").split("\n\n")[0]
    plain = " ".join(head.replace(";", " ").split())
    chosen = model(MODEL)
    for item in (*chosen.left_out, *chosen.counsel, *chosen.unverified, chosen.law, str(chosen.read_on)):
        assert " ".join(item.replace(";", " ").split()) in plain


def test_an_account_is_opened_once(tmp_path: Path) -> None:
    """The model's text opens Equity:Surplus; the plain chart leaves it out then."""
    text = "".join(files_of(books()).values())
    assert text.count("open Equity:Surplus ") == 1


def test_a_fiscal_year_of_the_models_own_is_written_once() -> None:
    chosen = model(MODEL)._replace(year_ends="06-30")
    files = files_of(books(model=chosen, start=date(2026, 7, 1)))
    assert "2027.beancount" in files  # named after the year in which it ends
    assert files["bylaws.beancount"].count('"bylaw" "fiscal-year"\n  ends: "06-30"') == 1
    without = chosen._replace(text=chosen.text.replace('"fiscal-year"', '"time-zone"'))
    added = files_of(books(model=without, start=date(2026, 7, 1)))["bylaws.beancount"]
    assert added.endswith('2026-07-01 custom "coop" "bylaw" "fiscal-year"\n  ends: "06-30"\n')


@pytest.mark.parametrize(("members", "last"), [(1, "m01"), (99, "m99"), (100, "m100"), (1000, "m1000")])
def test_the_ids_of_members_have_one_length(members: int, last: str) -> None:
    people = books(members=members).people
    assert (len(people), people[-1]) == (members, last)
    assert list(people) == sorted(people)


@given(title=st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=40))
def test_any_title_comes_back_as_it_was_given(title: str) -> None:
    """Quotes and backslashes are escaped; white space is what separates words."""
    from beancount.parser import parser

    _, errors, options = parser.parse_string(files_of(books(title=title, members=0))[MAIN])
    assert errors == []
    assert options["title"] == " ".join(title.split())


def test_the_vote_is_recorded_as_the_file_shows(tmp_path: Path) -> None:
    """Without the semicolons the example of records.beancount is a record that passes."""
    run(tmp_path / "ours", "--model", MODEL, "--members", 5, "--start", "2026-01-01")
    path = tmp_path / "ours" / "records.beancount"
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if "custom" in line)
    path.write_text("\n".join(line.removeprefix("; ").removeprefix(";") for line in lines[start:]), encoding="utf-8")
    bylaws = tmp_path / "ours" / "bylaws.beancount"
    bylaws.write_text(
        bylaws.read_text(encoding="utf-8").replace("  law:", '  decision: "founding"\n  law:'), encoding="utf-8"
    )
    coop = load(tmp_path / "ours" / MAIN)
    assert coop.check().errors == ()
    assert coop.facts.by_kind["decision"]["founding"]


def test_the_first_member_is_added_as_the_file_shows(tmp_path: Path) -> None:
    run(tmp_path / "ours", "--model", MODEL, "--start", "2026-01-01")
    path = tmp_path / "ours" / "people.beancount"
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if "custom" in line)
    path.write_text("\n".join(line.removeprefix("; ") for line in lines[start:]), encoding="utf-8")
    coop = load(tmp_path / "ours" / MAIN)
    assert coop.check().errors == ()
    assert list(coop.facts.by_kind["member"]) == ["m01"]


@pytest.mark.parametrize(("currency", "paid"), [("EUR", "1600.00 EUR"), ("JPY", "1600 JPY")])
def test_the_first_pay_is_entered_as_the_file_shows(tmp_path: Path, currency: str, paid: str) -> None:
    """Without the semicolons the example of the year's file is a month of pay, in the currency's own smallest unit."""
    run(tmp_path / "ours", "--model", MODEL, "--members", 1, "--start", "2026-01-01", "--currency", currency)
    path = tmp_path / "ours" / "2026.beancount"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith((";   ", "; 2026"))]
    assert sum(line.endswith(f"Expenses:Wages      {paid}") for line in lines) == 1
    path.write_text("\n".join(line.removeprefix("; ") for line in lines), encoding="utf-8")
    coop = load(tmp_path / "ours" / MAIN)
    assert coop.check().errors == ()
    assert [row.highest.rate for row in coop.wages().rows if row.highest] == ["20.00"]


# -- what nobody said --------------------------------------------------------------------------------------------------


def test_what_is_not_told_is_decided_where_nobody_can_be_asked(tmp_path: Path) -> None:
    """The folder's name, the model's currency, the first day of this fiscal year, and nobody yet."""
    ran = run(tmp_path / "Brot & Rosen", "--model", "es-27-1999")
    assert ran.exit_code == 0
    coop = load(tmp_path / "Brot & Rosen" / MAIN)
    assert (coop.title, coop.currency) == ("Brot & Rosen", "EUR")
    assert "member" not in coop.facts.by_kind
    (start,) = {life.opened for life in coop.facts.accounts.values()}
    assert FiscalCalendar().year_of(start).starts == start
    assert f"begin on {start}" in ran.stdout


class _Terminal:
    """Stands in for a standard stream of a terminal."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def isatty(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, answers: list[str], *args: object) -> tuple[Result, list[str]]:
    """Runs the command with somebody who answers, in this order; and what they were asked."""
    asked: list[str] = []

    def prompt(question: str, default: str, value_proc: Callable[[str], str]) -> str:
        asked.append(f"{question} [{default}]")
        while True:
            try:
                return value_proc(answers.pop(0) or default)
            except click.BadParameter as error:
                asked.append(error.message)

    monkeypatch.setattr(click, "prompt", prompt)
    monkeypatch.setattr(command, "_is_terminal", lambda: True)
    return run(*args), asked


def test_on_a_terminal_it_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ["The Bakers", "euro", "EUR", "many", "4"]
    ran, asked = on_a_terminal(monkeypatch, answers, tmp_path / "ours", "--model", MODEL)
    assert asked == [
        "Name of the cooperative [ours]",
        "Currency [USD]",
        '"euro" is no currency: write its three capitals, as EUR',
        "Number of members [0]",
        '"many" is no number of members: write one between 0 and 9999',
    ]
    assert ran.exit_code == 0
    coop = load(tmp_path / "ours" / MAIN)
    assert (coop.title, coop.currency, len(coop.facts.by_kind["member"])) == ("The Bakers", "EUR", 4)


def test_on_a_terminal_it_asks_for_nothing_that_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = ("--title", "T", "--currency", "EUR", "--members", "0")
    ran, asked = on_a_terminal(monkeypatch, [], tmp_path / "ours", "--model", MODEL, *told)
    assert (ran.exit_code, asked) == (0, [])


def test_a_terminal_is_where_both_ends_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Terminal(sys.stdin))
    monkeypatch.setattr(sys, "stdout", _Terminal(sys.stdout))
    assert command._is_terminal()
    monkeypatch.setattr(sys, "stdout", None)
    assert not command._is_terminal()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--model", "atlantis"], 'there is no model "atlantis": the models are ar-20337'),
        (["--model", "us-subchapter"], 'there is no model "us-subchapter": did you mean "us-subchapter-t"?'),
        ([], "missing option '--model'"),
        (["--model", MODEL, "--currency", "euro"], '"euro" is no currency: write its three capitals, as EUR'),
        (["--model", MODEL, "--currency", ""], '"" is no currency'),
        (["--model", MODEL, "--title", "two\nlines"], "a title is one line of plain text"),
        (["--model", MODEL, "--title", " "], "a title is one line of plain text"),
        (["--model", MODEL, "--members", "-1"], '"-1" is no number of members'),
        (["--model", MODEL, "--members", "10000"], '"10000" is no number of members: write one between 0 and 9999'),
        (["--model", MODEL, "--start", "01/02/2026"], '"01/02/2026" is no date: write it as 2025-12-31'),
        (
            ["--model", MODEL, "--start", "0001-01-01"],
            '"0001-01-01" is no first day of books: write one from 1800 to 2199',
        ),
        (["--model", "es-27-1999", "--start", "1990-01-01"], "start on 1999-08-06 or later"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_nothing_is_written(tmp_path: Path, args: list[str], said: str) -> None:
    ran = run(tmp_path / "ours", *args)
    assert ran.exit_code == 2
    assert said in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert not (tmp_path / "ours").exists()


def test_a_dry_run_shows_the_files_and_writes_none(tmp_path: Path) -> None:
    ran = run(tmp_path / "ours", "--model", MODEL, "--dry-run")
    assert ran.exit_code == 0
    assert not (tmp_path / "ours").exists()
    assert f"; ---- {tmp_path / 'ours' / MAIN}\n" in ran.stdout
    run(tmp_path / "ours", "--model", MODEL)
    assert all(path.read_text(encoding="utf-8").strip() in ran.stdout for path in (tmp_path / "ours").iterdir())


# -- the writer --------------------------------------------------------------------------------------------------------

FILES = {"a.beancount": "; a\n", "b.beancount": "; ü\n", MAIN: "; main\n"}


@pytest.mark.parametrize("there", ["main.beancount", "notes.txt", ".hidden"])
def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("mine", encoding="utf-8")
    ran = run(tmp_path, "--model", MODEL)
    assert ran.exit_code == run(tmp_path, "--model", MODEL, "--dry-run").exit_code == 2
    assert ran.stderr == (
        f"{tmp_path}: this folder is not empty ({there} is in it), and nothing is ever overwritten: name a folder that is "
        "empty or does not exist yet\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text(encoding="utf-8") == "mine"


def test_twice_is_once(tmp_path: Path) -> None:
    run(tmp_path / "ours", "--model", MODEL)
    before = {path.name: path.read_bytes() for path in (tmp_path / "ours").iterdir()}
    assert run(tmp_path / "ours", "--model", "es-27-1999").exit_code == 2
    assert {path.name: path.read_bytes() for path in (tmp_path / "ours").iterdir()} == before


def test_an_empty_folder_keeps_its_place_and_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    folder.mkdir(mode=0o750)
    inode = folder.stat().st_ino
    found(folder, FILES)
    assert folder.stat().st_ino == inode
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == FILES


def test_folders_above_are_made(tmp_path: Path) -> None:
    found(tmp_path / "a" / "b" / "ours", FILES)
    assert (tmp_path / "a" / "b" / "ours" / MAIN).is_file()


@pytest.mark.parametrize("name", ["file", "file/ours", "file/deeper/ours"])
def test_a_file_in_the_way_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(WriteRefused) as refused:
        found(tmp_path / name, FILES)
    assert "file is a file: name a folder that is empty or does not exist yet" in str(refused.value)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_a_name_that_no_folder_has(name: str) -> None:
    with pytest.raises(WriteRefused, match="there is no folder of this name: give the folder for the new books"):
        found(name, FILES)


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("fails_at", range(3))
def test_a_full_disk_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool, fails_at: int
) -> None:
    """Whichever file is the one that does not fit: none of them stays, nor a folder that was made for them."""
    folder = tmp_path / "new" / "ours"
    if exists:
        folder.mkdir(parents=True)
    written = 0

    def full(handle: int) -> None:
        nonlocal written
        if written == fails_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written += 1

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteRefused) as refused:
        found(folder, FILES)
    assert "nothing was written (No space left on device): make room, or mend the permissions" in str(refused.value)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert folder.exists() == exists
    assert (tmp_path / "new").exists() == exists


def test_the_main_file_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks in between meets no half ledger."""
    seen: list[list[str]] = []
    real = os.fsync

    def look(handle: int) -> None:
        seen.append(sorted(path.name for path in (tmp_path / "ours").iterdir()))
        real(handle)

    monkeypatch.setattr(os, "fsync", look)
    found(tmp_path / "ours", files_of(books()))
    assert all(MAIN not in names for names in seen[:6])
    assert MAIN in seen[6]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "ours"
    folder.mkdir()

    looks = 0

    def look(*_: object) -> None:
        nonlocal looks
        looks += 1
        if looks == 2:  # after the last look, and before the first file is made
            (folder / "b.beancount").write_text("mine", encoding="utf-8")

    monkeypatch.setattr(founding, "_refuse_what_is_there", look)
    with pytest.raises(WriteRefused, match="nothing was written"):
        found(folder, FILES)
    assert [path.name for path in folder.iterdir()] == ["b.beancount"]
    assert (folder / "b.beancount").read_text(encoding="utf-8") == "mine"
