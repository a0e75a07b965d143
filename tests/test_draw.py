"""`coopbooks draw`: before the draw, the draw itself, and what is printed of one that stands in the books."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import coopbooks
from coopbooks.cli import main
from coopbooks.cooperative import Cooperative

SEED = "900b12c95c3f244ccd5927091e511fe755014e8dec6393e1fe8688212ccf0956"
CALL = """
    option "operating_currency" "EUR"

    2025-01-01 open Assets:Bank
    2025-01-01 open Expenses:Rent

    2026-03-02 custom "coop" "lottery-call" "LA-2026"
      seats: 3
      pool: "tenants-union:rosa, dockers:omar, climate:lin, clinic:ade, press:eva, landtrust:jo"
      pool-sha256: "5c2f4ff54807251483da91a803e50c0d03278bf9ac28026d60d3209ddef95934"
      sources: "drand-5000000; lotto-2026-05-02"
      draw-not-before: 2026-05-03

    2026-02-01 * "Press" "Leaflets"
      Expenses:Rent   600.00 EUR
      Assets:Bank    -600.00 EUR
"""
RECORD = f"""2026-05-03 custom "coop" "lottery-draw" "LA-2026"
  source-1: "drand-5000000=0123abcd"
  source-2: "lotto-2026-05-02=4.8.15.16.23.42."
  seed: "{SEED}"
  panel: "tenants-union:rosa, press:eva, dockers:omar"
  alternates: "clinic:ade, climate:lin"
"""
DRAW = "\n" + "".join(f"    {line}\n" for line in RECORD.splitlines())
NUMBERS = ("--source", "drand-5000000=0123abcd", "--source", "lotto-2026-05-02=4.8.15.16.23.42.")

Ledger = Callable[..., Path]


def run(path: Path, *more: str, day: str = "2026-05-03") -> Result:
    return CliRunner().invoke(main, ["draw", str(path), "LA-2026", "--as-of", day, *more])


# -- before the draw -------------------------------------------------------------------------------------------------


def test_before_the_draw_the_seed_is_null_and_what_is_missing_is_listed(ledger: Ledger) -> None:
    said = run(ledger(CALL), "--format", "json", day="2026-04-01")
    found = json.loads(said.stdout)
    assert said.exit_code == 0
    assert list(found)[:6] == ["call", "seed", "order", "panel", "alternates", "skipped"]
    assert [found[key] for key in ("seed", "order", "panel", "alternates", "skipped")] == [None, [], [], [], []]
    assert found["missing"] == [
        "nobody may draw before 2026-05-03",
        'the number of "drand-5000000"',
        'the number of "lotto-2026-05-02"',
    ]
    assert found["sources"] == [
        {"name": "drand-5000000", "value": None},
        {"name": "lotto-2026-05-02", "value": None},
    ]


def test_a_table_says_the_same_to_people(ledger: Ledger) -> None:
    said = run(ledger(CALL), day="2026-04-01")
    assert said.exit_code == 0
    for part in ("3 seats from a pool of 6", "Not drawn yet", 'Missing: the number of "drand-5000000".', "not known"):
        assert part in said.stdout
    assert "small pool" not in said.stdout
    assert "a small pool, fewer than two for each seat" in run(ledger(CALL.replace("seats: 3", "seats: 4"))).stdout


def test_the_numbers_give_the_record_to_paste(ledger: Ledger) -> None:
    said = run(ledger(CALL), *NUMBERS)
    assert said.exit_code == 0
    assert said.stdout == RECORD
    as_json = json.loads(run(ledger(CALL), *NUMBERS, "--format", "json").stdout)
    assert (as_json["record"], as_json["seed"], as_json["written"]) == (RECORD, SEED, False)


def test_it_is_appended_once(ledger: Ledger) -> None:
    path = ledger(CALL)
    before = path.read_text(encoding="utf-8")
    preview = run(path, *NUMBERS, "--into", str(path), "--dry-run")
    assert preview.exit_code == 0
    assert '+2026-05-03 custom "coop" "lottery-draw" "LA-2026"' in preview.stdout
    assert path.read_text(encoding="utf-8") == before

    said = run(path, *NUMBERS, "--into", str(path))
    assert (said.exit_code, said.stderr) == (0, "")
    assert "the draw was appended." in said.stdout
    assert path.read_text(encoding="utf-8") == f"{before}\n{RECORD}"
    assert coopbooks.load(path).check().to_data() == {"errors": []}
    again = run(path, *NUMBERS, "--into", str(path))
    assert again.exit_code == 2
    assert again.stderr.count("\n") == 1
    assert "was drawn on 2026-05-03 already: leave the numbers out" in again.stderr


def test_a_file_that_the_ledger_does_not_include_is_named(ledger: Ledger, tmp_path: Path) -> None:
    path = ledger(CALL)
    said = run(path, *NUMBERS, "--into", str(tmp_path / "draws.beancount"))
    assert 'add the line `include "draws.beancount"` to it' in said.stderr
    repeated = run(path, *NUMBERS, "--into", str(tmp_path / "draws.beancount"))
    assert "nothing was changed" in repeated.stdout


@pytest.mark.parametrize(
    ("more", "day", "said"),
    [
        (NUMBERS, "2026-05-02", "lets nobody draw before 2026-05-03, and this is 2026-05-02"),
        (NUMBERS[:2], "2026-05-03", "and not with drand-5000000: give each of its numbers once"),
        (("--source", "drand-5000000"), "2026-05-03", "is no number of a source"),
        (("--source", "drand-5000000=1\n2"), "2026-05-03", "is no number of a source"),
        ((*NUMBERS, *NUMBERS[:2]), "2026-05-03", '"drand-5000000" is given twice'),
    ],
)
def test_what_cannot_be_drawn_is_one_line(ledger: Ledger, more: tuple[str, ...], day: str, said: str) -> None:
    found = run(ledger(CALL), *more, day=day)
    assert found.exit_code == 2
    assert found.stdout == ""
    assert found.stderr.count("\n") == 1
    assert said in found.stderr


def test_a_call_that_nobody_made(ledger: Ledger) -> None:
    found = CliRunner().invoke(main, ["draw", str(ledger(CALL)), "LA-2027", "--as-of", "2026-05-03"])
    assert found.exit_code == 2
    assert 'there is no lottery-call "LA-2027"' in found.stderr


def test_today_is_asked_for_once_and_named(ledger: Ledger) -> None:
    found = CliRunner().invoke(main, ["draw", str(ledger(CALL)), "LA-2026", "--format", "json"])
    assert found.exit_code == 0
    assert "today; `--as-of DATE` names another day" in found.stderr


# -- the draw of the books -------------------------------------------------------------------------------------------


def test_a_draw_that_recomputes(ledger: Ledger) -> None:
    said = run(ledger(CALL + DRAW), "--format", "json")
    found = json.loads(said.stdout)
    assert said.exit_code == 0
    assert (found["seed"], found["drawn_on"], found["faults"]) == (SEED, "2026-05-03", [])
    assert found["panel"] == ["tenants-union:rosa", "press:eva", "dockers:omar"]
    assert found["alternates"] == ["clinic:ade", "climate:lin"]
    assert found["order"] == [*found["panel"], *found["alternates"], "landtrust:jo"]
    assert found["skipped"] == []


def test_the_line_that_checks_a_ticket_does_what_it_says(ledger: Ledger) -> None:
    said = run(ledger(CALL + DRAW))
    assert said.exit_code == 0
    assert "The draw recomputes." in said.stdout
    (line,) = [line.strip() for line in said.stdout.splitlines() if "sha256sum" in line]
    by_hand = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout.split()[0]
    drawn = coopbooks.load(ledger(CALL + DRAW)).draw("LA-2026").drawn
    assert drawn[0].ticket == by_hand
    assert by_hand[:16] in said.stdout
    assert shlex.split(line)[3] == drawn[0].id


def test_an_id_that_a_shell_would_run_is_quoted(ledger: Ledger, tmp_path: Path) -> None:
    pool = f"a:$(touch${{IFS}}{tmp_path}/ran)"
    digest = sha256(f"{pool}\n".encode()).hexdigest()
    call = CALL.replace(CALL[CALL.index("tenants") : CALL.index(':jo"') + 3], pool)
    said = run(ledger(call.replace("5c2f4ff54807251483da91a803e50c0d03278bf9ac28026d60d3209ddef95934", digest) + DRAW))
    assert said.exit_code == 1  # the recorded draw is another one
    (line,) = [line.strip() for line in said.stdout.splitlines() if "sha256sum" in line]
    seed = shlex.split(line)[2]
    by_hand = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout.split()[0]
    assert by_hand == sha256(f"{seed}:{pool}".encode()).hexdigest()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("old", "new", "seed"),
    [
        ("press:eva, dockers:omar", "dockers:omar, press:eva", SEED),
        ("landtrust:jo", "landtrust:joe", None),
        ("drand-5000000=", "drand-5000001=", None),
    ],
)
def test_a_draw_that_does_not_recompute_exits_with_1(ledger: Ledger, old: str, new: str, seed: str | None) -> None:
    text = (CALL + DRAW).replace(old, new)
    said = run(ledger(text), "--format", "json")
    assert said.exit_code == 1
    found = json.loads(said.stdout)
    assert found["seed"] == seed
    assert len(found["faults"]) == 1
    shown = run(ledger(text))
    assert shown.exit_code == 1
    assert found["faults"][0] in shown.stdout
    assert "recomputes." not in shown.stdout


def test_ties_and_answers_stand_beside_the_names(ledger: Ledger) -> None:
    answers = """
    2026-05-05 custom "coop" "auditor" "press:eva"
      audit: "LA-2026"
      conflicts: "none"
      accepted: FALSE
"""
    found = coopbooks.load(ledger(CALL + DRAW + answers)).draw("LA-2026").to_data()
    eva = next(row for row in found["drawn"] if row["id"] == "press:eva")
    assert (eva["place"], eva["accepted"], eva["declared"], eva["excluded"]) == ("panel", False, "none", True)
    assert eva["ties"] == ["600.00 EUR was bought from press since 2024-05-03"]
    assert [row["ties"] for row in found["drawn"] if row["id"] != "press:eva"] == [[], [], [], []]
    shown = run(ledger(CALL + DRAW + answers), day="2026-05-06").stdout
    assert "press:eva may not sit: the next alternate takes the seat." in shown
    assert "declined" in shown


def test_a_spreadsheet_gets_a_row_for_each_who_was_drawn(ledger: Ledger) -> None:
    rows = run(ledger(CALL + DRAW), "--format", "csv").stdout.splitlines()
    assert rows[0].startswith("part,call,seed,order,panel")
    assert [row.split(",")[0] for row in rows[1:]].count("drawn") == 5


def test_the_library_says_it_of_the_books_last_day(coop: Callable[..., Cooperative]) -> None:
    books = coop(CALL + DRAW)
    assert books.draw("LA-2026") == books.draw("LA-2026", as_of=date(2026, 5, 3))
    assert books.draw("LA-2026", as_of=date(2026, 5, 2)).drawn_on is None
