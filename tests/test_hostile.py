"""Ledgers of somebody who means harm, read as an auditor reads what was sent: tests/hostile makes them, and watches.

Each run is a process of its own with several ledgers: its audit hook stays on until the process ends. COOPBOOKS_LONG=1
takes the whole corpus, otherwise one or two ledgers of each kind.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hostile.corpus import corpus
from hostile.tries import ALLOWED, SEEN

from coopbooks.books.loading import load_books
from coopbooks.books.safe import load_untrusted
from coopbooks.cli.program import main

RUN = Path(__file__).parent / "hostile" / "run.py"
ENVIRONMENT = {
    **os.environ,
    "COOPBOOKS_SECONDS": "",
    "PYTHONPATH": os.pathsep.join(map(str, (RUN.parents[2], RUN.parents[1]))),
}
LONG = os.environ.get("COOPBOOKS_LONG") == "1"
SHORT = (
    *("plugins", "cache-0", "includes", "documents", "links", "records-script", "text-terminal", "ids-formula"),
    *("number-very-many", "date-9999-12-31", "parser-overwritten"),
)
EVERY = tuple(sent.name for sent in corpus()) if LONG else ()
LOTS = [EVERY[number::12] for number in range(12)] if LONG else [SHORT]


@pytest.mark.parametrize("names", LOTS, ids=lambda names: names[0])
def test_a_ledger_of_somebody_who_means_harm_does_none(names: tuple[str, ...], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-B", RUN, tmp_path / "run", *names],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["name"] for row in rows] == list(names)
    assert [each for row in rows for each in row["wrong"]] == []
    assert max(row["own"] for row in rows) < 1024
    assert max(row["child"] for row in rows) < 1024


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[str], int]]:
    """What the hook took note of at each try, and how many processes were started; all in one process of their own."""
    done = subprocess.run(
        [sys.executable, "-B", RUN.with_name("tries.py"), tmp_path_factory.mktemp("tried") / "here"],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    return {name: (found, children) for name, found, children in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", SEEN)
def test_the_hook_sees(tried: dict[str, tuple[list[str], int]], name: str) -> None:
    begins, _ = SEEN[name]
    found, _ = tried[name]
    assert [each for each in found if each.startswith(begins)], found


@pytest.mark.parametrize("name", ALLOWED)
def test_the_hook_lets_pass(tried: dict[str, tuple[list[str], int]], name: str) -> None:
    assert tried[name] == ([], int("child" in name))


def test_the_corpus_has_as_many_ledgers_as_we_say() -> None:
    assert len(corpus()) >= 290
    assert set(SHORT) <= {sent.name for sent in corpus()}


@pytest.mark.parametrize("count", [20_000, 200_000])
def test_a_text_of_many_signs_is_not_repeated_in_a_sentence(count: int, tmp_path: Path) -> None:
    path = tmp_path / "main.beancount"
    path.write_text(f'2025-01-01 open Assets:Bank\ninclude "{"x" * count}"\n')
    (found,) = load_untrusted(path).errors
    assert found.message.startswith('File glob "xxx')
    assert found.message.endswith("does not match any files")
    assert len(found.message) < 2_000


@pytest.mark.parametrize("untrusted", [False, True])
def test_nor_is_a_number_of_many_digits(tmp_path: Path, *, untrusted: bool) -> None:
    path = tmp_path / "main.beancount"
    path.write_text(f"2025-01-01 open Assets:Bank\n2025-01-02 balance Assets:Bank {'9,' * 40_000} EUR\n")
    found = load_books(path, untrusted=untrusted)
    assert [(len(each.message) < 2_000, "more signs" in each.message) for each in found.errors] == [(True, True)]


def test_nor_is_an_id_that_nobody_has(tmp_path: Path) -> None:
    path = tmp_path / "main.beancount"
    path.write_text("2025-01-01 open Assets:Bank\n")
    result = CliRunner().invoke(main, ["draw", str(path), "L" * 5_000, "--as-of", "2026-06-01"])
    assert result.exit_code == 2
    assert "more signs" in result.output
    assert result.output.endswith("by 2026-06-01: the calls are none yet\n")
    assert len(result.output) < 2_000


def test_what_beancount_says_names_files_from_the_folder_on(tmp_path: Path) -> None:
    path = tmp_path / "main.beancount"
    path.write_text('include "part/b.beancount"\n2025-01-02 document Assets:Bank "part/none.pdf"\n')
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "b.beancount").write_text('2025-01-01 open Assets:Bank\ninclude "../main.beancount"\n')
    plain, sent = load_books(path), load_books(path, untrusted=True)
    told = {'File does not exist: "part/none.pdf"', 'Duplicate filename parsed: "main.beancount"'}
    assert {each.message for each in plain.errors} == {each.message for each in sent.errors} == told
