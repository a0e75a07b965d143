"""The commands: what they print to people, programs and spreadsheets, and how they fail: in one line."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from rich.cells import cell_len

import coopbooks
from coopbooks import answers
from coopbooks.cli import call, layout, main
from coopbooks.cli.books import CHECK
from coopbooks.cli.capital import MEMBERS
from coopbooks.cli.duties import DUTIES
from coopbooks.cli.funds import FUNDS
from coopbooks.cli.layout import Column, Line, Screen, grid, render
from coopbooks.cli.pay import WAGES
from coopbooks.cli.sheet import sheet
from coopbooks.cli.words import clean
from coopbooks.cli.year import CLOSE, SURPLUS
from coopbooks.errors import CoopbooksError
from coopbooks.ledgers import path as shipped

BOOK = """
    option "title" "Corner Café"
    option "operating_currency" "EUR"

    2025-01-01 open Assets:Bank EUR
    2025-01-01 open Assets:StrikeMoney EUR
    2025-01-01 open Income:Sales EUR
    2025-01-01 open Expenses:Wages EUR
    2025-01-01 open Equity:Surplus EUR
    2025-01-01 open Equity:Reserve EUR
    2025-01-01 open Equity:Strike EUR

    2025-01-01 custom "coop" "bylaw" "time-zone"
      value: "Pacific/Kiritimati"
    2025-01-01 custom "coop" "bylaw" "wage-ratio"
      cap: 2
      period: "year"
    2025-01-01 custom "coop" "bylaw" "surplus"
      patronage: "hours"
      cash: 0.40
    2025-01-01 custom "coop" "allocation" "reserve"
      step: 1
      to: Equity:Reserve
      share: 0.30
    2025-01-01 custom "coop" "allocation" "strike"
      step: 2
      to: Equity:Strike
      share: 0.10
    2025-01-01 custom "coop" "allocation" "members"
      step: 3
      to: "members"
      rest: TRUE
    2025-01-01 custom "coop" "fund" "strike"
      account: Equity:Strike
      kind: "strike"
      backing: Assets:StrikeMoney
      purpose: "strikes"
    2025-01-01 custom "coop" "member" "ada"
      wages: Expenses:Wages
      capital: Equity:Capital:Ada
    2025-01-01 custom "coop" "member" "ben"
      wages: Expenses:Wages
      capital: Equity:Capital:Ben

    2025-06-30 * "Pay"
      Expenses:Wages  2500.00 EUR
        worker: "ada"
        hours: 100
      Expenses:Wages  1500.00 EUR
        worker: "ben"
        hours: 100
      Assets:Bank
    2025-07-01 * "Sales"
      Assets:Bank  10000.00 EUR
      Income:Sales
"""
UNFAIR = BOOK.replace("1500.00", "1000.00")
NO_RECORD = """
    2025-01-01 open Assets:Bank EUR
    2025-01-01 open Income:Sales EUR
    2025-07-01 * "Sales"
      Assets:Bank  10.00 EUR
      Income:Sales
"""
COMMANDS = ("check", "wages", "surplus", "close", "members", "funds", "duties")
AFTERWARDS = "2026-02-01"

Ledger = Callable[..., Path]


def run(*args: object) -> Result:
    """A command, run in this process."""
    return CliRunner().invoke(main, [str(arg) for arg in args])


def asked(command: str, path: object, *more: object) -> Result:
    """A command with what it needs beside the ledger."""
    period = ["2025"] if command in ("surplus", "close") else []
    return run(command, path, *period, "--as-of", AFTERWARDS, *more)


def program(*args: object, **more: Any) -> subprocess.CompletedProcess[str]:
    """A command, run as a program of its own."""
    command = [sys.executable, "-m", "coopbooks", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **more)


# -- JSON ------------------------------------------------------------------------------------------------

# What programs rely on; a key may be added, none may go.
KEYS = {
    "check": "place rule message",
    "wages": "period ratio cap breach highest lowest measure people left_out bylaw",
    "surplus": "period starts ends currency result member_result nonmember_result earlier_losses base steps "
    "members workers unallocated forecast",
    "close": "transaction seal sha256 written",
    "members": "member opening credited interest losses redeemed balance vintages",
    "funds": "fund account kind promised funded spent balance backing shortfall spend_by weeks",
    "duties": "duty subject opened due state rule met_by",
}
INNER_KEYS = {
    ("surplus", "steps"): "id step to account share of base amount stopped_by rule",
    ("surplus", "members"): "member patronage share amount cash retained",
    ("surplus", "workers"): "member patronage share amount cash retained",
    ("wages", "highest"): "person rate",
    ("wages", "lowest"): "person rate",
    ("wages", "left_out"): "person reason",
    ("members", "vintages"): "period amount redeem_on",
}
MODELS: dict[str, type[BaseModel]] = {
    "check": answers.CheckError,
    "wages": answers.WageRatio,
    "surplus": answers.Surplus,
    "close": answers.Close,
    "members": answers.Account,
    "funds": answers.Fund,
    "duties": answers.Duty,
}
FORMS = {
    "check": CHECK, "wages": WAGES, "surplus": SURPLUS, "close": CLOSE, "members": MEMBERS, "funds": FUNDS,
    "duties": DUTIES,
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_json_is_what_the_library_answers_with_the_keys_of_the_interface(command: str, ledger: Ledger) -> None:
    path = ledger(UNFAIR)
    result = asked(command, path, "--format", "json")
    data = json.loads(result.stdout)
    coop = coopbooks.load(path)
    day = date.fromisoformat(AFTERWARDS)
    wanted: dict[str, Callable[[], Any]] = {
        "check": lambda: coop.check(day),
        "wages": coop.wages,
        "surplus": lambda: coop.surplus("2025", as_of=day),
        "close": lambda: coop.close("2025", as_of=day),
        "members": coop.members,
        "funds": lambda: coop.funds(as_of=day),
        "duties": lambda: coop.duties(day),
    }
    answer = wanted[command]()
    assert result.stdout == answer.to_json() + "\n"
    assert result.exit_code == int(answer.breaks)
    assert result.stderr == ""
    rows = data["errors"] if command == "check" else data if isinstance(data, list) else [data]
    for row in rows:
        assert set(row) >= set(KEYS[command].split())
    assert set(MODELS[command].model_fields) >= set(KEYS[command].split())


@pytest.mark.parametrize(("command", "key"), INNER_KEYS)
def test_what_is_inside_a_row_has_the_keys_of_the_interface(command: str, key: str) -> None:
    period = ["2024"] if command == "surplus" else []
    data = json.loads(run(command, shipped("bakery"), *period, "--format", "json").stdout)
    for row in data if isinstance(data, list) else [data]:
        inner = row[key] if isinstance(row[key], list) else [row[key]]
        assert all(set(each) >= set(INNER_KEYS[command, key].split()) for each in inner)


# -- CSV -------------------------------------------------------------------------------------------------


def leaf_names(model: type[BaseModel]) -> set[str]:
    """The columns that a model needs: its own fields, and those of the records inside it."""
    names: set[str] = set()
    for name, field in model.model_fields.items():
        inner = [part for part in re.findall(r"answers\.(\w+)", str(field.annotation)) if hasattr(answers, part)]
        if inner:
            leaves = leaf_names(getattr(answers, inner[0]))
            names |= leaves if "tuple" in str(field.annotation) else {f"{name}_{leaf}" for leaf in leaves}
        else:
            names.add(name)
    return names


@pytest.mark.parametrize("command", COMMANDS)
def test_csv_has_a_column_for_every_leaf(command: str) -> None:
    columns = FORMS[command].columns
    assert set(columns) - {"part"} == leaf_names(MODELS[command])
    assert len(columns) == len(set(columns))


@pytest.mark.parametrize("command", COMMANDS)
def test_csv_holds_every_leaf_of_the_json(command: str) -> None:
    period = ["2025"] if command in ("surplus", "close") else []
    args = [command, shipped("bakery"), *period, "--as-of", "2026-10-01"]
    data = json.loads(run(*args, "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(run(*args, "--format", "csv").stdout)))
    cells = {cell for row in rows for cell in row.values()}

    def leaves(value: Any) -> list[str]:
        match value:
            case dict():
                return [leaf for inner in value.values() for leaf in leaves(inner)]
            case list():
                return [leaf for inner in value for leaf in leaves(inner)]
            case bool():
                return [str(value).lower()]
            case None:
                return []
            case _:
                return [str(value)]

    assert set(leaves(data)) <= cells | {name for cell in cells for name in cell.split("; ")}
    assert all(set(row) == set(FORMS[command].columns) for row in rows)


def test_csv_says_what_each_row_is(ledger: Ledger) -> None:
    rows = list(csv.DictReader(io.StringIO(asked("surplus", ledger(BOOK), "--format", "csv").stdout)))
    assert [(row["part"], row["id"] or row["member"], row["amount"]) for row in rows] == [
        ("surplus", "", ""),
        ("steps", "reserve", "1800.00"),
        ("steps", "strike", "600.00"),
        ("steps", "members", "3600.00"),
        ("members", "ada", "1800.00"),
        ("members", "ben", "1800.00"),
    ]
    assert rows[0]["result"] == "6000.00"


def test_csv_of_a_book_without_a_row_still_has_its_head(ledger: Ledger) -> None:
    result = asked("funds", ledger(NO_RECORD), "--format", "csv")
    assert result.stdout.splitlines() == [",".join(FUNDS.columns)]
    assert result.exit_code == 0


texts = st.text() | st.sampled_from(
    ["=1+1", "+a", "-a", "@x", "\t=1", "\r=1", "a\rb", "＝1", "-5", "-5.00", "12", "a,b", 'a"b']
)


@given(st.lists(texts, min_size=1, max_size=4))
def test_no_cell_becomes_a_formula_and_numbers_stay_numbers(values: list[str]) -> None:
    columns = [f"c{number}" for number in range(len(values))]
    text = sheet(columns, [dict(zip(columns, values, strict=True))])
    _, row = csv.reader(io.StringIO(text, newline=""))
    for cell, value in zip(row, [value.replace("\r\n", "\n").replace("\r", "\n") for value in values], strict=True):
        assert cell in (value, f"'{value}")
        number = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value)
        assert not (number and cell != value)
        assert number or not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))


# -- tables ----------------------------------------------------------------------------------------------


def test_the_surplus_reads_as_a_person_reads_it(ledger: Ledger) -> None:
    result = asked("surplus", ledger(BOOK))
    assert result.exit_code == 0
    assert result.stdout == (
        "Surplus of 2025 (2025-01-01 to 2025-12-31, in EUR)\n"
        "\n"
        "Result of the period  6,000.00\n"
        "To be placed          6,000.00\n"
        "\n"
        "Where it goes, step by step\n"
        "\n"
        "step  name     goes to         share  of         amount  rule\n"
        "   1  reserve  Equity:Reserve   30 %  surplus  1,800.00  main.beancount:20\n"
        "   2  strike   Equity:Strike    10 %  surplus    600.00  main.beancount:24\n"
        "   3  members  members                         3,600.00  main.beancount:28\n"
        "\n"
        "Members' parts\n"
        "\n"
        "member  patronage  share    amount      cash  retained\n"
        "ada        100.00   50 %  1,800.00    720.00  1,080.00\n"
        "ben        100.00   50 %  1,800.00    720.00  1,080.00\n"
        "all                       3,600.00  1,440.00  2,160.00\n"
        "\n"
        "Judged as of 2026-02-01.\n"
    )


def test_a_year_that_is_still_open_is_a_forecast_and_says_so(ledger: Ledger) -> None:
    result = run("surplus", ledger(BOOK), "2025", "--as-of", "2025-12-31")
    assert "the figures are a forecast" in result.stdout
    assert result.exit_code == 0


def test_a_breach_is_printed_with_its_cure_and_exits_1(ledger: Ledger) -> None:
    path = ledger(UNFAIR)
    for command in ("wages", "check"):
        result = run(command, path)
        assert result.exit_code == 1
        assert "wage ratio 2.50 is over the cap of 2.00 in 2025" in result.stdout
        assert "pay ben at least 12.50 EUR/h, or ada at most 20.00 EUR/h" in result.stdout
        assert result.stderr == ""


def test_what_no_step_takes_is_said_and_exits_1(ledger: Ledger) -> None:
    result = asked("surplus", ledger(BOOK.replace("rest: TRUE", "share: 0.50")))
    assert "600.00 has no place to go: give the last step of the bylaws `rest: TRUE`" in result.stdout
    assert result.exit_code == 1


def test_a_loss_says_who_bears_it_and_what_is_left_of_it() -> None:
    shown = asked("surplus", shipped("bakery")).stdout
    assert "Who bears it" in shown
    assert "2,737.79 of the loss is borne by nobody: the next surplus covers it first." in shown


def test_a_fund_without_money_is_said_and_a_duty_that_is_overdue_exits_1(ledger: Ledger) -> None:
    path = ledger(BOOK.replace("cash: 0.40", 'cash: 0.40\n      notice: "qualified"'))
    assert "600.00 is promised, 0.00 came in" in asked("funds", path).stdout
    assert asked("close", path, "--into", path).exit_code == 0
    assert "strike: 600.00 of its balance has no money behind it" in asked("funds", path).stdout
    late = run("duties", path, "--as-of", "2026-09-16")
    assert "of ada 2025 was due on 2026-09-15: do it now" in late.stdout
    assert late.exit_code == 1
    assert run("duties", path, "--as-of", "2026-09-15").exit_code == 0


def test_a_breach_without_a_sentence_of_its_own_points_to_check(ledger: Ledger) -> None:
    strange = '    2025-09-01 * "Gift"\n      Equity:Strike  5.00 EUR\n      Assets:Bank\n'
    result = asked("funds", ledger(BOOK + strange))
    assert result.exit_code == 1
    assert "A rule is broken or a day has passed: `coopbooks check" in result.stdout


def test_all_is_well_is_said(ledger: Ledger) -> None:
    result = run("check", ledger(BOOK))
    assert result.stdout.startswith("All is well")
    assert result.exit_code == 0


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in ("surplus", "close")])
def test_a_book_without_records_answers_empty(command: str, ledger: Ledger) -> None:
    path = ledger(NO_RECORD)
    result = asked(command, path, "--format", "json")
    assert json.loads(result.stdout) == ({"errors": []} if command == "check" else [])
    assert result.exit_code == 0
    assert "no cooperative record" in asked(command, path).stdout


@pytest.mark.parametrize("name", ["bakery", "colab"])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_reads_the_shipped_books(name: str, command: str) -> None:
    args = [
        command,
        shipped(name),
        *(["2025"] if command in ("surplus", "close") else []),
        "--as-of",
        "2026-10-01",
    ]
    result = run(*args)
    assert result.exit_code in (0, 1), result.output
    assert "\x1b" not in result.stdout
    assert result.stdout or command == "close"


# -- screens ---------------------------------------------------------------------------------------------

WIDE = grid(
    [Column("fund"), Column("account"), Column("amount", number=True), Column("rule", spare=True)],
    [["strike", "Equity:Collective:Funds:Strike", "1,234.00", "books/bylaws.beancount:1234"]],
)


def test_a_pipe_gets_whole_lines_however_long() -> None:
    sentence = "word " * 60
    text = render([Line(sentence), WIDE], Screen(None, colour=False, lines=False))
    assert sentence.rstrip() in text
    assert "strike  Equity:Collective:Funds:Strike  1,234.00  books/bylaws.beancount:1234" in text
    assert text.isascii()


def test_a_narrow_screen_breaks_accounts_then_drops_what_is_spare_then_shows_cards() -> None:
    def at(width: int) -> str:
        return render([WIDE], Screen(width, colour=False, lines=False))

    assert "Equity:Collective:Funds:Strike" in at(80)
    assert "Equity:Collective:\n" not in at(80)
    broken = at(70)
    assert "strike  Equity:Collective:  1,234.00  books/" in broken
    assert "No room here" not in broken
    assert "(No room here for: rule; a wider window shows it.)" in " ".join(at(45).split())
    assert "amount   1,234.00\n" in at(25)


cells = st.text(st.characters(codec="utf-8"), max_size=30)


@given(st.integers(20, 120), st.lists(st.tuples(cells, cells, cells), max_size=4), st.booleans())
def test_no_line_is_wider_than_the_screen(width: int, rows: list[tuple[str, str, str]], lines: bool) -> None:
    table = grid([Column("person"), Column("what"), Column("amount", number=True, spare=True)], rows)
    text = render([Line("A sentence of some words", "bad"), table], Screen(width, colour=False, lines=lines))
    assert all(cell_len(line) <= width for line in text.split("\n"))


@given(st.text())
def test_no_text_can_steer_a_terminal(text: str) -> None:
    shown = render([Line(text), grid([Column("a")], [[text]])], Screen(None, colour=False, lines=False))
    assert all(char.isprintable() or char.isspace() for char in shown)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


def test_optional_columns_go_where_they_are_empty() -> None:
    table = grid([Column("a"), Column("b", number=True, optional=True)], [["x", "0.00"], ["y", ""]])
    assert [column.head for column in table.columns] == ["a"]
    table = grid([Column("a"), Column("b", number=True, optional=True)], [["x", "0.00"], ["y", "1,000.00"]])
    assert [column.head for column in table.columns] == ["a", "b"]


def on_a_terminal(*args: object, **env: str) -> str:
    """What a command writes to a terminal 80 columns wide."""
    reader, writer = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "coopbooks", *map(str, args)],
        stdout=writer, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "NO_COLOR": "", **env},
    )  # fmt: skip
    os.close(writer)
    parts = []
    while True:
        try:
            part = os.read(reader, 65536)
        except OSError:  # how a terminal says that the other end is gone
            break
        if not part:
            break
        parts.append(part)
    os.close(reader)
    process.wait(timeout=60)
    return b"".join(parts).decode().replace("\r\n", "\n")


def test_a_terminal_gets_colours_and_lines_and_a_pipe_does_not(ledger: Ledger) -> None:
    path = ledger(UNFAIR)
    shown = on_a_terminal("wages", path)
    assert "\x1b[31m" in shown
    assert "─" in shown
    piped = program("wages", path)
    assert piped.stdout.isascii()
    assert "\x1b" not in piped.stdout
    assert piped.returncode == 1


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colours_can_be_switched_off(env: dict[str, str], ledger: Ledger) -> None:
    shown = on_a_terminal("wages", ledger(UNFAIR), **env)
    assert "wage ratio 2.50 is over the cap" in " ".join(shown.split())
    assert "\x1b" not in shown
    assert max(map(len, shown.split("\n"))) <= 80


def test_text_of_the_ledger_cannot_steer_the_terminal(ledger: Ledger) -> None:
    path = ledger(BOOK.replace('"allocation" "reserve"', '"allocation" "re\x1b[2Jserve"'))
    for result in (run("check", path), asked("surplus", path)):
        assert "\x1b" not in result.output
    assert "\x1b" not in on_a_terminal("close", path, "2025", "--as-of", AFTERWARDS, NO_COLOR="1")


# -- the day ---------------------------------------------------------------------------------------------


def test_the_day_is_today_where_the_cooperative_is(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    zones: list[str] = []

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Self:
            zones.append(str(tz))
            return cls(2026, 3, 1, 1, tzinfo=tz)

    monkeypatch.setattr(call, "datetime", Clock)
    path = ledger(BOOK)
    assert run("funds", path).stdout.endswith("Judged as of 2026-03-01.\n")
    assert zones == ["Pacific/Kiritimati"]
    result = run("funds", path, "--format", "json")
    assert result.stderr == "judged as of 2026-03-01, today; `--as-of DATE` names another day\n"
    assert isinstance(json.loads(result.stdout), list)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_day_can_be_given_to_every_command(command: str, ledger: Ledger) -> None:
    assert asked(command, ledger(BOOK)).exit_code == 0


def test_a_zone_that_is_none_is_said(ledger: Ledger) -> None:
    result = run("funds", ledger(BOOK.replace("Pacific/Kiritimati", "Pacific/Atlantis")))
    assert_one_line(result, '"Pacific/Atlantis" is no time zone')


# -- closing ---------------------------------------------------------------------------------------------


@pytest.fixture
def book(ledger: Ledger) -> tuple[Path, Path]:
    """A ledger and the file that its close is to go to."""
    into = ledger("; 2025\n", "2025.beancount")
    return ledger(BOOK + '    include "2025.beancount"\n'), into


def test_close_prints_beancount_text(book: tuple[Path, Path]) -> None:
    path, into = book
    result = asked("close", path)
    assert result.exit_code == 0
    assert '2025-12-31 * "Close of 2025" #coop-close' in result.stdout
    assert into.read_text() == "; 2025\n"


def test_close_into_a_file_keeps_its_bytes_and_a_second_run_changes_nothing(book: tuple[Path, Path]) -> None:
    path, into = book
    printed = asked("close", path).stdout
    result = asked("close", path, "--into", into)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "lines were appended, which close 2025" in result.stdout
    assert into.read_text() == "; 2025\n\n" + printed
    assert run("check", path).exit_code in (0, 1)
    before = into.stat()
    again = asked("close", path, "--into", into)
    assert (again.exit_code, again.stderr) == (0, "")
    assert "nothing was changed" in again.stdout
    assert into.stat() == before
    assert asked("close", path).stdout == ""


def test_close_says_in_json_what_was_written(book: tuple[Path, Path]) -> None:
    path, into = book
    first = json.loads(asked("close", path, "--into", into, "--format", "json").stdout)
    assert first["written"] is True
    assert first["transaction"] + "\n" + first["seal"] in into.read_text()
    assert f'sha256: "{first["sha256"]}"' in first["seal"]
    second = json.loads(asked("close", path, "--into", into, "--format", "json").stdout)
    assert second == {"transaction": None, "seal": None, "sha256": first["sha256"], "written": False}


def test_close_dry_run_shows_a_diff_and_writes_nothing(book: tuple[Path, Path]) -> None:
    path, into = book
    result = asked("close", path, "--into", into, "--dry-run")
    assert result.stdout.startswith(f"--- {into}\n+++ {into}\n@@ -1,1 +1,")
    assert '+2025-12-31 * "Close of 2025" #coop-close\n' in result.stdout
    assert into.read_text() == "; 2025\n"
    asked("close", path, "--into", into)
    assert asked("close", path, "--into", into, "--dry-run").stdout == ""


def test_close_of_an_open_year_is_printed_and_not_written(book: tuple[Path, Path]) -> None:
    path, into = book
    result = run("close", path, "2025", "--as-of", "2025-12-31")
    assert "#coop-close" in result.stdout
    assert "2025 is open until 2025-12-31" in result.stderr
    assert_one_line(
        run("close", path, "2025", "--as-of", "2025-12-31", "--into", into), "2025 is open until 2025-12-31"
    )
    assert into.read_text() == "; 2025\n"


def test_close_into_a_file_that_the_ledger_does_not_include_is_said(ledger: Ledger, tmp_path: Path) -> None:
    path = ledger(BOOK)
    result = asked("close", path, "--into", tmp_path / "books.beancount")
    assert result.exit_code == 0
    assert 'add the line `include "books.beancount"`' in result.stderr
    again = asked("close", path, "--into", tmp_path / "books.beancount")
    assert "nothing was changed" in again.stdout
    assert 'add the line `include "books.beancount"`' in again.stderr


def test_close_refuses_a_file_that_changed_while_it_computed(
    book: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, into = book
    opened = call.opened

    def open_while_an_editor_saves(ledger: str, *, untrusted: bool) -> Any:
        coop = opened(ledger, untrusted=untrusted)
        into.write_text("; 2025, edited\n")
        return coop

    monkeypatch.setattr("coopbooks.cli.year.opened", open_while_an_editor_saves)
    assert_one_line(asked("close", path, "--into", into), "another program changed it meanwhile")
    assert into.read_text() == "; 2025, edited\n"


# -- failures --------------------------------------------------------------------------------------------


def assert_one_line(result: Result | subprocess.CompletedProcess[str], *words: str) -> None:
    """Exit code 2, nothing on stdout, and one line on stderr that is no traceback."""
    code = result.exit_code if isinstance(result, Result) else result.returncode
    assert code == 2, result.stderr
    assert result.stdout == ""
    assert result.stderr.endswith("\n")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    assert "should not have happened" not in result.stderr
    for word in words:
        assert word in result.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["wage", "x"], "no such command 'wage'"),
        (["wages"], "missing argument 'LEDGER'"),
        (["surplus", "x"], "missing argument 'PERIOD'"),
        (["wages", "x", "--perod", "2025"], "no such option"),
        (["wages", "x", "--format", "xml"], "'xml' is not one of"),
        (["wages", "x", "y"], "unexpected extra argument"),
        (["duties", "x", "--as-of", "31.12.2025"], '"31.12.2025" is no date: write it as 2025-12-31'),
        (["duties", "x", "--as-of", "2025-02-30"], '"2025-02-30" is no date'),
        (["duties", "x", "--as-of", ""], '"" is no date'),
        (["wages", "x", "--trusted"], "no such option"),
        (
            ["members", "x", "--queu"],
            "no such option '--queu' (did you mean '--queue'?); `coopbooks members --help` says",
        ),
        (["serve", "x", "--port", "http"], "'http' is not a valid integer"),
        (["--nope"], "no such option"),
    ],
)
def test_a_wrong_call_is_one_line(args: list[str], words: str) -> None:
    result = run(*args)
    assert_one_line(result, words, "--help` says what it takes")


@pytest.mark.parametrize("command", [*COMMANDS, "serve"])
@pytest.mark.parametrize(
    ("name", "words"),
    [("missing.beancount", "does not exist"), (".", "is a folder"), ("main.beancount/x", ""), ("a\nb", "")],
)
def test_a_ledger_that_is_none_is_one_line(command: str, name: str, words: str, ledger: Ledger) -> None:
    path = ledger(BOOK).parent / name
    period = ["2025"] if command in ("surplus", "close") else []
    assert_one_line(run(command, path, *period), words)


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n" + bytes(range(256))])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_is_no_text_is_no_traceback(command: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "main.beancount"
    path.write_bytes(content)
    result = asked(command, path)
    assert result.exit_code in (0, 1, 2)
    assert "should not have happened" not in result.stderr
    assert "Traceback" not in result.output
    assert result.exit_code or command != "check"


@pytest.mark.parametrize("period", ["2031", "2025-13", "next", "", "2025-Q5"])
def test_an_unknown_period_is_one_line(period: str, ledger: Ledger) -> None:
    path = ledger(BOOK)
    assert_one_line(run("surplus", path, period))
    assert_one_line(run("close", path, period))


def test_an_unknown_member_is_one_line(ledger: Ledger) -> None:
    assert_one_line(run("members", ledger(BOOK), "--member", "zoe"), 'no member "zoe"')


def test_errors_of_beancount_exit_1_in_check_and_are_warnings_elsewhere(ledger: Ledger) -> None:
    path = ledger(BOOK + '    2025-08-01 balance Assets:Bank  1.00 EUR\n    2025-08-01 note Assets:Nowhere "x"\n')
    result = run("check", path)
    assert result.exit_code == 1
    assert re.search(r"^main\.beancount:\d+: Balance failed", result.stdout, re.MULTILINE)
    answered = run("wages", path)
    assert answered.exit_code == 0
    assert "Every ratio keeps to its cap" in answered.stdout
    assert all(line.startswith("warning: main.beancount:") for line in answered.stderr.splitlines())


def test_many_errors_of_beancount_are_few_warnings(ledger: Ledger) -> None:
    path = ledger(BOOK + "".join(f'    2025-08-01 note Assets:Nowhere{n} "x"\n' for n in range(20)))
    lines = run("wages", path).stderr.splitlines()
    assert len(lines) == call.WARNINGS_MAX + 1
    assert "15 more errors" in lines[-1]


def test_a_posting_that_is_missing_is_one_line_with_its_place(ledger: Ledger) -> None:
    path = ledger(BOOK + '    2025-08-01 * "Pay"\n      Expenses:Wages\n        worker: "ada"\n      Assets:Bank\n')
    result = run("wages", path)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert re.search(r"main\.beancount:\d+: ", result.stderr)
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyboardInterrupt(), "stopped before it was done"),
        (CoopbooksError("first\nsecond \x1b[2J"), "first second \\x1b[2J"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (PermissionError(13, "Permission denied", "main.beancount"), "main.beancount: Permission denied"),
        (RecursionError(), "too deeply nested"),
        (MemoryError(), "too large"),
    ],
)
def test_whatever_fails_is_one_line(
    error: BaseException, words: str, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str, *, untrusted: bool) -> None:
        raise error

    monkeypatch.setattr(call, "opened", fail)
    assert_one_line(run("wages", ledger(BOOK)), words)


def test_ctrl_c_inside_the_parser_of_beancount_is_not_an_answer_from_half_a_book(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = call.opened

    def swallow(path: str, *, untrusted: bool) -> Any:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        return opened(path, untrusted=untrusted)

    monkeypatch.setattr(call, "opened", swallow)
    handler = signal.getsignal(signal.SIGINT)
    assert_one_line(run("wages", ledger(BOOK)), "stopped before it was done")
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_fault_of_our_own_is_one_line_too(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str, *, untrusted: bool) -> None:
        raise ZeroDivisionError("by zero\nagain")

    monkeypatch.setattr(call, "opened", fail)
    result = run("wages", ledger(BOOK))
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "please report it" in result.stderr


@pytest.mark.parametrize("args", [["wages"], ["wages", "--format", "csv"], ["surplus", "2024"], ["--help"]])
def test_a_reader_that_stops_reading_is_no_error_message(args: list[str]) -> None:
    ledger = [] if args == ["--help"] else [str(shipped("bakery"))]
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "coopbooks", args[0], *ledger, *args[1:]]
    try:
        result = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    finally:
        os.close(writer)
    assert result.returncode == 2
    assert result.stderr == ""


def test_a_full_disk_is_one_line(ledger: Ledger) -> None:
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "coopbooks", "wages", ledger(BOOK)],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "No space left on device" in result.stderr


def test_a_closed_stdout_is_no_traceback(ledger: Ledger) -> None:
    result = subprocess.run(
        ["/bin/sh", "-c", '"$0" -m coopbooks wages "$1" >&-', sys.executable, ledger(BOOK)],
        stderr=subprocess.PIPE, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(("encoding", "shown"), [("latin-1", "\\u017c\\xf3\\u0142w"), ("utf-8", "żółw")])
def test_a_terminal_of_another_encoding_shows_escapes(encoding: str, shown: str, ledger: Ledger) -> None:
    path = ledger(BOOK + '    2025-01-01 custom "coop" "żółw" "x"\n')
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "coopbooks", "check", str(path)]
    text, data = (
        subprocess.run([*command, "--format", form], capture_output=True, env=env, timeout=120, check=False).stdout
        for form in ("table", "json")
    )
    assert f'there is no kind "{shown}"'.encode(encoding).replace(b"\\xf3", "ó".encode(encoding)) in text
    assert "żółw" in json.loads(data.decode("utf-8"))["errors"][0]["message"]


# -- the program -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("args", [[], ["--help"], ["-h"]])
def test_the_help_page_names_every_command_and_exit_code(args: list[str]) -> None:
    result = run(*args)
    assert result.exit_code == 0
    for word in (*COMMANDS, "demo", "serve", "Exit codes"):
        assert word in result.stdout


@pytest.mark.parametrize("command", [*COMMANDS, "demo", "serve"])
def test_every_command_has_a_help_page_with_an_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"Example:   coopbooks {command}" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100
    assert ("CSV:" in result.stdout) == (command in COMMANDS)


def test_the_version_is_printed() -> None:
    assert re.fullmatch(r"coopbooks \S.*\n", run("--version").stdout)


def test_the_module_runs_as_the_command(ledger: Ledger) -> None:
    result = program("check", ledger(UNFAIR))
    assert (result.returncode, result.stderr) == (1, "")
    assert_one_line(program("check"), "missing argument 'LEDGER'")


def test_no_command_reads_writes_or_deletes_a_load_cache(ledger: Ledger) -> None:
    path = ledger(BOOK)
    cache = path.with_name(".main.beancount.picklecache")
    cache.write_bytes(b"not a pickle")
    before = cache.stat()
    for command in COMMANDS:
        assert asked(command, path).exit_code == 0
    assert cache.stat() == before
    assert sorted(file.name for file in path.parent.iterdir()) == [cache.name, path.name]


def test_the_demo_tells_the_year_of_the_example() -> None:
    result = run("demo", "--no-serve")
    assert result.exit_code == 0
    for command in ("check", "wages", "surplus", "members", "funds"):
        assert f"$ coopbooks {command} " in result.stdout
    assert "All is well" in result.stdout
    (ledger,) = re.findall(r"^  coopbooks serve (.+)$", result.stdout, re.MULTILINE)
    assert Path(ledger).resolve() == shipped("bakery")


# -- a sign of life --------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_long_work_shows_a_sign_of_life_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "PROGRESS_AFTER_S", 0.0)
    for stream, shows in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        with call.busy("Reading main.beancount"):
            signal.sigtimedwait([], 0.3)
        assert ("Reading main.beancount" in stream.getvalue()) == shows


def test_short_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with call.busy("Reading main.beancount"):
        pass
    assert "Reading" not in stream.getvalue()


def test_names_of_files_are_shown_safely() -> None:
    assert clean("a\x1b]0;x\x07b\udc80") == "a\\x1b]0;x\\x07b\\udc80"
    assert isinstance(main, click.Group)
    assert layout.Screen.of(None) == Screen(None, colour=False, lines=False)
