"""Beancount's own example, with our plugin line in it: books of somebody who never heard of cooperatives."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core.data import Transaction

from coopbooks import load
from coopbooks.cooperative import Cooperative

COMMANDS = {
    "check": (),
    "wages": (),
    "surplus": ("2024",),
    "close": ("2024",),
    "members": (),
    "funds": (),
    "duties": (),
}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger as `bean-example` writes it, with the one plugin line on top."""
    span = ("--seed", "1", "--date-begin", "2023-06-01", "--date-end", "2025-02-01")
    program = Path(sys.executable).with_name("bean-example")
    written = subprocess.run([program, *span], capture_output=True, text=True, check=True)
    path = tmp_path_factory.mktemp("example") / "example.beancount"
    path.write_text('plugin "coopbooks.plugins"\n' + written.stdout, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def coop(example: Path) -> Cooperative:
    return load(example)


def run(capfd: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    """A command in this process: its exit code, and what it wrote."""
    from coopbooks.cli import main

    with pytest.raises(SystemExit) as ended:
        main.main([*args], prog_name="coopbooks")
    out, err = capfd.readouterr()
    return int(ended.value.code or 0), out, err


def test_it_loads_with_no_error(example: Path) -> None:
    entries, errors, _ = loader.load_file(str(example))
    assert errors == []
    assert len([entry for entry in entries if isinstance(entry, Transaction)]) > 500


def test_loading_makes_no_noise(example: Path, capfd: pytest.CaptureFixture[str]) -> None:
    loader.load_file(str(example))
    load(example)
    assert capfd.readouterr() == ("", "")


def test_the_plugin_changes_no_entry(example: Path) -> None:
    plain, _, _ = loader.load_string(example.read_text().partition("\n")[2])
    entries, _, _ = loader.load_file(str(example))
    transactions = [[entry for entry in each if isinstance(entry, Transaction)] for each in (plain, entries)]
    assert len(transactions[0]) == len(transactions[1])
    for one, other in zip(*transactions, strict=True):
        assert (one.date, one.narration, one.tags) == (other.date, other.narration, other.tags)
        assert [(leg.account, leg.units) for leg in one.postings] == [
            (leg.account, leg.units) for leg in other.postings
        ]


def test_every_table_is_empty(coop: Cooperative) -> None:
    from datetime import date

    assert coop.check().to_data() == {"errors": []}
    assert coop.warnings == ()
    assert coop.periods() == ()
    for table in (coop.wages(), coop.members(), coop.funds(), coop.duties(date(2025, 2, 1))):
        assert table.to_data() == []
        assert table.to_frame().empty
        assert table.breaks is False


def test_a_surplus_of_nobody_has_no_figures(coop: Cooperative) -> None:
    answer: dict[str, Any] = coop.surplus("2024").to_data()
    assert [answer[key] for key in ("period", "starts", "ends", "currency")] == [
        "2024",
        "2024-01-01",
        "2024-12-31",
        "USD",
    ]
    assert [answer[key] for key in ("steps", "members", "workers", "changes", "unpriced")] == [[], [], [], [], []]
    assert {answer[key] for key in ("result", "base", "unallocated", "earlier_losses")} == {None}
    assert coop.close("2024").to_data() == {"transaction": None, "seal": None, "sha256": None, "written": False}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_answers_and_ends_well(example: Path, capfd: pytest.CaptureFixture[str], command: str) -> None:
    more = COMMANDS[command]
    judges = ("--as-of", "2025-02-01")
    code, out, err = run(capfd, command, str(example), *more, *judges)
    assert code == 0
    assert err == "" or command == "close"
    assert "Traceback" not in out + err
    code, out, err = run(capfd, command, str(example), *more, *judges, "--format", "json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert answer == [] or not (answer.get("errors") or answer.get("steps") or answer.get("transaction"))
    code, out, err = run(capfd, command, str(example), *more, *judges, "--format", "csv")
    assert (code, err) == (0, "")


def test_a_month_is_no_fiscal_year_here_either(example: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capfd, "surplus", str(example), "springtime")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
