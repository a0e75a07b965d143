"""docs/audit.md as an auditor follows it: every command of the page, in the folder that it tells to make."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from coopbooks.cli import main
from coopbooks.ledgers import path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "audit.md"
BLOCKS = re.findall(r"^```(sh|text)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
JUDGED_BADLY = 1  # the pottery's verdict is reformist


def commands(sort: str) -> list[list[str]]:
    """The calls of coopbooks in the page's blocks of one sort, split as a shell does it."""
    lines = [line for name, block in BLOCKS if name == sort for line in block.replace("\\\n", " ").splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("coopbooks ")]


@pytest.fixture
def pottery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "pottery"
    shutil.copytree(path("bakery").parent.parent / "audits" / "reformist", folder)
    monkeypatch.chdir(folder)
    return folder


def call(arguments: list[str]) -> Result:
    return CliRunner().invoke(main, arguments)


def test_every_command_of_the_page_does_what_it_says(pottery: Path) -> None:
    said = {arguments[0] + " " + arguments[1]: call(arguments) for arguments in commands("sh")}
    codes = {name: result.exit_code for name, result in said.items()}
    assert codes == {
        "audit main.beancount": JUDGED_BADLY,
        "draw main.beancount": 0,
        "panel plan": 0,
        "panel finding": 0,
        "verify golden/LA-2026.json": 0,
        "duties main.beancount": 0,
    }
    assert "The same" in said["verify golden/LA-2026.json"].output
    assert '"lottery-call" "LA-2027"' in said["panel plan"].output
    for name in ("first-look.html", "verdict.html", "verdict.pdf", "verdict.md", "verdict.sarif"):
        assert (pottery / name).stat().st_size > 10_000


def test_the_pottery_signs_as_the_page_says(pottery: Path) -> None:
    ledger = pottery / "audits.beancount"
    before, verdict, _ = ledger.read_text(encoding="utf-8").partition('2026-05-20 custom "coop" "verdict"')
    assert verdict
    ledger.write_text(before, encoding="utf-8")
    (arguments,) = commands("text")
    place = arguments.index("--key")
    unsigned = arguments[:place] + arguments[place + 2 :]  # the key is the reader's own
    assert call(unsigned).exit_code == 0
    assert (pottery / "report.json").read_bytes() == (pottery / "golden" / "LA-2026.json").read_bytes()
    assert call(["verify", "report.json", "main.beancount"]).exit_code == 0
