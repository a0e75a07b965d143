"""A register of one audit, from the call of its lottery to the rewrite and the help that followed, in books without people.

Nobody is a member in these books, two of three auditors have no record of their own, and no month was ever shown: a
register like this is kept beside the books of a cooperative, and has to be read all the same.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from coopbooks import load
from coopbooks.cli.program import main

REGISTER = """
option "operating_currency" "EUR"

2026-03-02 custom "coop" "lottery-call" "LA-2026"
  seats: 3
  alternates: 2
  max-per-org: 1
  pool: "tenants-union:rosa, dockers:omar, climate:lin, clinic:ade, press:eva, landtrust:jo"
  pool-sha256: "5c2f4ff54807251483da91a803e50c0d03278bf9ac28026d60d3209ddef95934"
  sources: "drand-5000000; lotto-2026-05-02"
  draw-not-before: 2026-05-03
2026-05-03 custom "coop" "lottery-draw" "LA-2026"
  source-1: "drand-5000000=0123abcd"
  source-2: "lotto-2026-05-02=4.8.15.16.23.42."
  seed: "900b12c95c3f244ccd5927091e511fe755014e8dec6393e1fe8688212ccf0956"
  panel: "tenants-union:rosa, press:eva, dockers:omar"
  alternates: "clinic:ade, climate:lin"
2026-05-05 custom "coop" "auditor" "tenants-union:rosa"
  audit: "LA-2026"
  conflicts: "400 EUR from the strike fund"
  accepted: TRUE
2026-05-10 custom "coop" "audit" "LA-2026"
  window-start: 2025-01-01
  window-end: 2025-12-31
  catalogue: "coopbooks-liberation/1.0"
  profile: "full"
2026-05-20 custom "coop" "finding" "LA-2026/SUP-2"
  label: "reformist"
  basis: "human"
  votes: "3-0-0"
  evidence: "invoice:2025-114"
  text: "Still bought there in October."
2026-06-01 custom "coop" "verdict" "LA-2026"
  verdict: "reformist"
  assurance: "qualified"
  votes: "3-0-0"
  report-sha256: "b3f1"
2026-06-03 custom "coop" "publication" "LA-2026"
  place: "https://coop.example/audits/LA-2026.html"
  report-sha256: "b3f1"
{day} custom "coop" "policy" "suppliers"
  version: 3
  closes: "TR-LA-2026-SUP-2"
  decision: "D-2026-17"
  sha256: "77aa"
{day} custom "coop" "decision" "D-2026-17"
  body: "assembly"
  matter: "whom we buy from"
  strategic: FALSE
  eligible: 14
  quorum: 8
  for: 11
  against: 1
  abstain: 1
  consulted: "none"
2026-07-20 custom "coop" "alert" "dockers:2026-07-20"
  at: "2026-07-20T06:15:00+02:00"
2026-07-21 custom "coop" "solidarity" "dockers:2026-07-20"
  at: "2026-07-21T11:00:00+02:00"
  what: "visible"
"""


def books(folder: Path, adopted: str = "2026-06-28") -> Path:
    """The register as a file; `adopted` is the day of the rewrite and of its decision."""
    path = folder / "register.beancount"
    path.write_text(REGISTER.format(day=adopted), encoding="utf-8")
    return path


def clock(path: Path, day: str) -> dict[str, Any]:
    """The trigger that the finding opened, as `audit` prints it on a day."""
    done = CliRunner().invoke(main, ["audit", str(path), "--as-of", day, "--format", "json"])
    assert done.exit_code == 1, done.output
    found = json.loads(done.stdout)
    assert (found["status"], found["verdict"], found["assurance"]) == ("signed", "reformist", "qualified")
    assert found["window"] == {"name": "2025", "starts": "2025-01-01", "ends": "2025-12-31"}
    assert found["ignored"] == []
    return next(each for each in found["triggers"] if each["id"] == "TR-LA-2026-SUP-2")


def test_the_finding_of_three_votes_opens_a_clock_that_the_policy_stops(tmp_path: Path) -> None:
    path = books(tmp_path)
    before, after = clock(path, "2026-06-27"), clock(path, "2026-06-28")
    assert (before["opened"], before["last_day"], before["state"]) == ("2026-06-01", "2026-07-01", "open")
    assert (after["state"], after["met_on"]) == ("rewritten", "2026-06-28")
    assert after["met_by"] == "register.beancount:41"


@pytest.mark.parametrize(
    ("adopted", "day", "state"),
    [
        ("2026-07-01", "2026-07-01", "rewritten"),
        ("2026-07-02", "2026-07-01", "open"),
        ("2026-07-02", "2026-07-02", "assembly-due"),
        ("2026-07-02", "2026-07-08", "assembly-due"),
        ("2026-07-02", "2026-07-09", "defaulted"),
    ],
)
def test_the_rewrite_has_thirty_days_and_the_assembly_seven_more(
    tmp_path: Path, adopted: str, day: str, state: str
) -> None:
    assert clock(books(tmp_path, adopted), day)["state"] == state


def test_the_draw_recomputes_and_the_help_came_in_time(tmp_path: Path) -> None:
    path = books(tmp_path)
    assert CliRunner().invoke(main, ["draw", str(path), "LA-2026", "--as-of", "2026-07-22"]).exit_code == 0
    help_came = load(path).audit(as_of=date(2027, 2, 1), period="2026")
    assert next(each for each in help_came.criteria if each.id == "DEF-1").outcome == "met"
