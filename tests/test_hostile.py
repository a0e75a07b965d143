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
from hostile.corpus import corpus

from coopbooks.books.safe import load_untrusted

RUN = Path(__file__).parent / "hostile" / "run.py"
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (RUN.parents[2], RUN.parents[1])))}
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


def test_the_corpus_has_as_many_ledgers_as_we_say() -> None:
    assert len(corpus()) >= 250
    assert set(SHORT) <= {sent.name for sent in corpus()}


@pytest.mark.parametrize("count", [20_000, 200_000])
def test_a_text_of_many_signs_is_not_repeated_in_a_sentence(count: int, tmp_path: Path) -> None:
    path = tmp_path / "main.beancount"
    path.write_text(f'2025-01-01 open Assets:Bank\ninclude "{"x" * count}"\n')
    (found,) = load_untrusted(path).errors
    assert found.message.startswith('File glob "xxx')
    assert found.message.endswith("does not match any files")
    assert len(found.message) < 2_000
