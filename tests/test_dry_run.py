"""Every command, asked of the program itself: what only reads leaves every file alone, and so does --dry-run of what writes.

A command that is new fails here until it stands in one of the two lists. Each call of the second is made twice: with
--dry-run, when no byte and no time may change and all that is coming is shown, and without it, when just that comes.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from audit_samples import LEDGER
from click.testing import CliRunner, Result

from coopbooks.cli import main

BOOK = f"""{LEDGER}
2025-01-01 open Equity:Surplus
2025-01-01 open Equity:Reserve
2025-01-01 open Equity:Capital:M01
2025-01-01 open Expenses:Wages:M01
2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:M01
2025-01-01 custom "coop" "allocation" "reserve"
  step: 1
  to: Equity:Reserve
  rest: TRUE
2026-03-02 custom "coop" "lottery-call" "LA-1"
  seats: 2
  pool: "dockers:omar, press:eva, union:rosa"
  pool-sha256: "a03ae11ad1ff70e996180a5230b103064b0bbe867facf92b4024d5a2712a332d"
  sources: "lotto-2026-05-02"
  draw-not-before: 2026-05-03
"""
PAYROLL = "who,day,gross,hours\nm01,2026-03-31,100.00,10\n"
MAPPING = """\
kind = "payroll"
source = "slips"
[columns]
person = "who"
date = "day"
[dates]
date = "YYYY-MM-DD"
[[pay]]
column = "gross"
account = "Expenses:Wages:M01"
pay = "base"
hours = "hours"
[net]
account = "Assets:Bank"
"""

# The calls that only read; each gives an answer, and an exit code below 2.
READING = {
    "models": ["models"],
    "check": ["check", "{book}"],
    "wages": ["wages", "{book}"],
    "surplus": ["surplus", "{book}", "2025"],
    "seal verify": ["seal", "verify", "{sealed}"],
    "seal show": ["seal", "show", "{sealed}", "2025"],
    "members": ["members", "{book}"],
    "funds": ["funds", "{book}"],
    "sovereignty": ["sovereignty", "{book}"],
    "verify": ["verify", "{report}", "{book}"],
    "demo": ["demo", "--no-serve"],
}

# The calls that write, each option that names what is written in one of them.
DAY = ["--as-of", "2026-06-01"]
FINDING = [
    "--criterion",
    "GOV-1",
    "--label",
    "reformist",
    "--votes",
    "2-0-0",
    "--evidence",
    "minutes",
    "--text",
    "none",
]
PLAN = ["--audit", "LA-2", "--pool", "a:x, b:y", "--source", "lotto", "--seats", "1", "--draw-not-before", "2026-06-08"]
SIGN = ["--audit", "LA-1", "--votes", "2-0-0"]
INTO = ["--into", "{into}"]
WRITING = {
    "init": ["init", "{at}/new", "--model", "us-subchapter-t", "--currency", "USD", "--start", "2026-01-01"],
    "close": ["close", "{book}", "2025", *INTO],
    "seal sign": ["seal", "sign", "{sealed}", "2025", "--key", "{key}"],
    "duties": ["duties", "{sealed}", *DAY, "--ics", "{at}/due.ics"],
    "draw": ["draw", "{book}", "LA-1", *DAY, "--source", "lotto-2026-05-02=1.2.3", *INTO],
    "snapshot": ["snapshot", "{book}", "2026-05", *DAY, *INTO],
    "audit": [
        "audit",
        "{book}",
        *DAY,
        "-o",
        "{at}/r.json",
        "-o",
        "{at}/r.md",
        "-o",
        "{at}/r.pdf",
        "-o",
        "{at}/r.sarif",
    ],
    "panel plan": ["panel", "plan", "{book}", *DAY, *PLAN, *INTO],
    "panel finding": ["panel", "finding", "{book}", *DAY, *FINDING, *INTO],
    "panel sign": ["panel", "sign", "{book}", *DAY, *SIGN, "-o", "{at}/s.json", "--key", "{key}", *INTO],
    "panel publish": ["panel", "publish", "{signed}", "{report}", *DAY, "--place", "https://x.example", *INTO],
    "statements": ["statements", "{book}", "2025", *DAY, "-o", "{at}/out", "--only", "csv"],
    "publish": ["publish", "{book}", *DAY, "--for", "members", "-o", "{at}/members.beancount"],
    "import": ["import", "{book}", "{csv}", "--mapping", "{map}", *INTO],
    "serve": ["serve", "{book}", "--add-member", "m01"],
    "serve --remove-member": ["serve", "{book}", "--remove-member", "m01"],
}
# Options by which a command is told of a file or a place to write to, or of somebody to let in.
NAMES_WHAT_IS_WRITTEN = {"--into", "--output", "--ics", "--add-member", "--remove-member"}
# What nobody is to read: a hash of a password, and the numbers of a signature.
UNSHOWN = (".members.json", ".sig")


def leaves(group: click.Group = main, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command of the program with its name, those of groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


COMMANDS = dict(leaves())


class Place:
    """A folder with books, sealed books, signed books, a report, a key, and a file of pay."""

    def __init__(self, at: Path) -> None:
        self.at = at
        self.names = {
            "at": at,
            "book": at / "main.beancount",
            "sealed": at / "sealed" / "main.beancount",
            "signed": at / "signed" / "main.beancount",
            "report": at / "report.json",
            "into": at / "more.beancount",
            "csv": at / "pay.csv",
            "map": at / "map.toml",
            "key": at / "key",
        }

    def call(self, args: list[str], *more: str) -> Result:
        """Call the program; a password is piped in."""
        given = [each.format(**self.names) for each in (*args, *more)]
        return CliRunner().invoke(main, given, input="correct horse battery staple\n")

    def files(self) -> dict[str, tuple[bytes, int, int]]:
        """Every file, hidden ones too: its bytes, its time and its mode."""
        found = {}
        for path in sorted(self.at.rglob("*")):
            state = path.stat()
            content = path.read_bytes() if path.is_file() else b""
            found[path.relative_to(self.at).as_posix()] = (content, state.st_mtime_ns, state.st_mode)
        return found


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once, and copied for every test."""
    place = Place(tmp_path_factory.mktemp("ready"))
    names = place.names
    for name in ("book", "sealed", "signed"):
        names[name].parent.mkdir(exist_ok=True)
        names[name].write_text(BOOK + 'include "more.beancount"\n', encoding="utf-8")
        names[name].with_name("more.beancount").write_text("; what comes later\n", encoding="utf-8")
    names["csv"].write_text(PAYROLL, encoding="utf-8")
    names["map"].write_text(MAPPING, encoding="utf-8")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(names["key"])], check=True)
    made = [
        place.call(["close", "{sealed}", "2025", "--into", "{sealed}"]),
        place.call(["panel", "sign", "{signed}", *DAY, *SIGN, "-o", "{report}", "--into", "{signed}"]),
        place.call(["serve", "{book}", "--add-member", "m01"]),
    ]
    assert [each.exit_code for each in made] == [0, 0, 0], [each.output for each in made]
    names["book"].with_name("main.members.json").rename(names["at"] / "members")
    return place.at


@pytest.fixture
def place(ready: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    found = Place(tmp_path / "books")
    shutil.copytree(ready, found.at)
    members = found.at / "members"
    if "--remove-member" in request.node.name:
        members.rename(found.at / "main.members.json")
    else:
        members.unlink()
    return found


def test_every_command_stands_in_one_of_the_lists() -> None:
    assert {name.partition(" --")[0] for name in (*READING, *WRITING)} == set(COMMANDS)
    assert not set(READING) & set(WRITING)


@pytest.mark.parametrize("name", COMMANDS)
def test_whoever_is_told_where_to_write_has_a_dry_run(name: str) -> None:
    options = {option for each in COMMANDS[name].params for option in each.opts}
    calls = [call for known, call in WRITING.items() if known.partition(" --")[0] == name]
    told = {"--output" if each == "-o" else each for call in calls for each in call}
    assert options & NAMES_WHAT_IS_WRITTEN <= told, "each of them is tried below"
    assert ("--dry-run" in options) == bool(calls)


@pytest.mark.parametrize("name", READING)
def test_what_reads_leaves_every_file_alone(place: Place, name: str) -> None:
    before = place.files()
    done = place.call(READING[name])
    assert done.exit_code in (0, 1), done.output
    assert place.files() == before


@pytest.mark.parametrize("name", WRITING)
def test_a_dry_run_shows_what_comes_and_writes_nothing(place: Place, name: str) -> None:
    before = place.files()
    dry = place.call(WRITING[name], "--dry-run")
    assert dry.exit_code in (0, 1), dry.output
    assert place.files() == before
    done = place.call(WRITING[name])
    assert done.exit_code == dry.exit_code, done.output
    written = {file: state[0] for file, state in place.files().items() if state != before.get(file) and state[0]}
    assert written
    for file, content in written.items():
        shown = dry.output.replace(str(place.at) + "/", "")
        if file.startswith("out/2025/"):
            assert file.removeprefix("out/2025/") in shown
            assert f"{len(content):,} bytes" in shown or file.endswith("SHA256SUMS")
        else:
            assert file in shown or file.endswith(".members.json")
        if file.endswith(".pdf"):
            assert f"{len(content):,} bytes" in shown
        elif not file.endswith(UNSHOWN) and not file.startswith("out/"):
            old = before.get(file, (b"", 0, 0))[0].decode("utf-8").splitlines()
            assert [
                line for line in content.decode("utf-8").splitlines() if line not in old and line not in shown
            ] == []


@pytest.mark.parametrize("name", ["close", "audit", "panel sign", "publish", "statements", "import", "seal sign"])
def test_programs_get_a_dry_run_as_well(place: Place, name: str) -> None:
    """With --format json the answer is JSON and nothing else, and says that nothing was written."""
    before = place.files()
    done = place.call(WRITING[name], "--dry-run", "--format", "json")
    assert done.exit_code in (0, 1), done.output
    found = json.loads(done.stdout)
    assert all(not row.get("written") for row in (found if isinstance(found, list) else [found]))
    assert place.files() == before


# -- sealed years --------------------------------------------------------------------------------------------------------

SEAL = f"""
2026-03-15 custom "coop" "decision" "D-1"
  body: "assembly"
2026-06-30 custom "coop" "seal" "2026"
  sha256: "{"0" * 64}"
  root: "{"0" * 64}"
  directives: 1
  until: 2026-06-30
"""
LATE = """
2025-12-31 * "Close of 2025" #coop-close
  period: "2025"
  Equity:Surplus  100.00 EUR
  Equity:Reserve
2026-03-10 * "A bill of last year"
  of-period: "2025"
  Income:Sales  5.00 EUR
  Assets:Bank
"""
INSIDE = {
    **{name: call for name, call in WRITING.items() if "{into}" in call},
    "close": ["close", "{book}", "2025", "--decision", "D-1", *INTO],
}


def test_every_command_that_appends_is_tried_on_a_sealed_year() -> None:
    named = {name for name, command in COMMANDS.items() for each in command.params if "--into" in each.opts}
    assert named == set(INSIDE)


@pytest.mark.parametrize("name", INSIDE)
def test_nothing_is_written_into_a_sealed_year(place: Place, name: str) -> None:
    """It would be an error at the next check, and nobody could take it back by the books' own rules."""
    for book in ("book", "signed"):
        text = place.names[book].read_text(encoding="utf-8") + SEAL + (LATE if name == "close" else "")
        place.names[book].write_text(text, encoding="utf-8")
    before = place.files()
    for more in ([], ["--dry-run"]):
        done = place.call(INSIDE[name], *more)
        assert done.exit_code == 2, done.output
        said = done.stderr.splitlines()[-1]
        assert said.startswith(f"{place.names['into']}: nothing was written, since ")
        assert "sealed" in said
        assert re.search(r"2026-0[346]-[0-9]{2}", said)
        assert re.search(r"\(seal of 2026 at main\.beancount:[0-9]+, until 2026-06-30\)", said)
        assert "from 2026-07-01 on" in said
        assert place.files() == before


def test_what_is_only_printed_says_so(place: Place) -> None:
    place.names["book"].write_text(place.names["book"].read_text(encoding="utf-8") + SEAL, encoding="utf-8")
    done = place.call(["snapshot", "{book}", "2026-05", *DAY])
    assert (done.exit_code, '"snapshot" "2026-05"' in done.stdout) == (0, True)
    assert "warning: " in done.stderr
    assert "seal of 2026" in done.stderr


@pytest.mark.parametrize("day", ["2026-07-01", "2026-06-30"])
def test_the_first_open_day_is_the_one_after_the_seal(place: Place, day: str) -> None:
    place.names["book"].write_text(place.names["book"].read_text(encoding="utf-8") + SEAL, encoding="utf-8")
    done = place.call(["snapshot", "{book}", "2026-05", "--as-of", day, *INTO])
    assert done.exit_code == (0 if day == "2026-07-01" else 2)
