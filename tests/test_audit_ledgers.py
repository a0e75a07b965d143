"""The worked audits: a cooperative for each verdict and a workshop for each state of a trigger, with their reports.

The reports beside them are goldens. What they must say of verdict, state and days was worked out by hand:

    verdict of 2026-03-01 (day 0) + 30 days = 2026-03-31, since March has 31 days; + 7 days = 2026-04-07
    verdict of 2026-05-20 (day 0) + 30 days = 2026-06-19, since May has 31 days; + 7 days = 2026-06-26
"""

from __future__ import annotations

import json
import shutil
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from coopbooks import load
from coopbooks.audit_answers import canonical
from coopbooks.cooperative import Cooperative
from coopbooks.errors import UnknownPeriod
from coopbooks.ledgers import path
from coopbooks.reports.audit_files import report_of
from coopbooks.reports.audit_verify import verified

AUDITS = path("bakery").parent.parent / "audits"
SIGNED = date(2026, 5, 20)

# ledger: (as of, state, what met it)
TRIGGERS = {
    "open": ("2026-03-31", "open", None),
    "rewritten": ("2026-04-10", "rewritten", 'policy "suppliers"'),
    "verified": ("2026-04-10", "verified", 'policy "suppliers"'),
    "assembly-due": ("2026-04-07", "assembly-due", None),
    "assembly-held": ("2026-04-10", "assembly-held", 'assembly "emergency-2026"'),
    "assembly-held-late": ("2026-04-10", "assembly-held-late", 'assembly "emergency-2026"'),
    "defaulted": ("2026-04-08", "defaulted", None),
    "withdrawn": ("2026-04-10", "withdrawn", 'finding "LA-2026/SUP-2"'),
}
# folder: (gates met, core criteria met, practices met, what is below met)
VERDICTS = {
    "revolutionary": (8, 16, 29, {}),
    "reformist": (7, 16, 29, {"WAG-1": "shortfall"}),
    "counter-revolutionary": (7, 16, 29, {"GOV-1": "breach"}),
}


def _golden(name: str) -> bytes:
    return (AUDITS / "triggers" / f"{name}.json").read_bytes()


def _audit(name: str, as_of: str) -> tuple[Cooperative, Any]:
    coop = load(AUDITS / "triggers" / f"{name}.beancount")
    return coop, coop.audit(date.fromisoformat(as_of))


@pytest.mark.parametrize("name", TRIGGERS)
def test_each_state_of_a_trigger_has_a_ledger_that_shows_it(name: str) -> None:
    as_of, state, met_by = TRIGGERS[name]
    coop, audit = _audit(name, as_of)
    (trigger,) = audit.triggers
    assert (trigger.id, trigger.state, trigger.opened) == ("TR-LA-2026-SUP-2", state, "2026-03-01")
    assert (trigger.last_day, trigger.assembly_by) == ("2026-03-31", "2026-04-07")
    places = {row.place: f'{row.kind} "{row.id}"' for row in coop.records().rows}
    assert (trigger.met_by and places[trigger.met_by]) == met_by
    assert audit.breaks  # what the books show of everything else is not revolutionary


@pytest.mark.parametrize("name", TRIGGERS)
def test_the_report_of_each_state_is_its_golden_file(name: str) -> None:
    as_of, _, _ = TRIGGERS[name]
    assert f"; As of: {as_of}\n" in (AUDITS / "triggers" / f"{name}.beancount").read_text(encoding="utf-8")
    assert canonical(_audit(name, as_of)[1]) == _golden(name)


@pytest.mark.parametrize("name", TRIGGERS)
def test_only_an_overdue_clock_is_an_error_of_the_books(name: str) -> None:
    as_of, state, _ = TRIGGERS[name]
    errors = load(AUDITS / "triggers" / f"{name}.beancount").check(date.fromisoformat(as_of)).errors
    assert [error.rule for error in errors] == (["trigger"] if state in ("assembly-due", "defaulted") else [])


def test_every_worked_audit_is_tested() -> None:
    assert {file.stem for file in (AUDITS / "triggers").glob("*.beancount")} == set(TRIGGERS)
    assert {folder.name for folder in AUDITS.iterdir() if folder.is_dir()} == {*VERDICTS, "triggers"}


# -- the verdicts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VERDICTS)
def test_each_verdict_has_a_ledger_that_gives_it(name: str) -> None:
    *counts, below = VERDICTS[name]
    coop = load(AUDITS / name / "main.beancount")
    audit = coop.audit(date(2026, 5, 31))
    assert (audit.status, audit.verdict, audit.assurance, audit.judged_on) == ("signed", name, "full", str(SIGNED))
    met = [
        sum(row.outcome == "met" and row.tier == tier for row in audit.criteria)
        for tier in ("gate", "core", "practice")
    ]
    assert met == counts
    assert {row.id: row.outcome for row in audit.criteria if row.outcome != "met"} == below
    assert audit.breaks == (name != "revolutionary")
    opened = [(row.id, row.state, row.last_day, row.assembly_by) for row in audit.triggers if row.opened == str(SIGNED)]
    assert opened == [(f"TR-LA-2026-{each}", "open", "2026-06-19", "2026-06-26") for each in below]


@pytest.mark.parametrize("name", VERDICTS)
def test_the_signed_report_is_the_one_that_the_ledger_names_and_gives_again(name: str) -> None:
    coop = load(AUDITS / name / "main.beancount")
    content = (AUDITS / name / "golden" / "LA-2026.json").read_bytes()
    report = report_of("LA-2026.json", content)
    found = verified(coop, content, report)
    assert (found.same, found.changed) == (True, ())
    assert sha256(content).hexdigest() in (AUDITS / name / "audits.beancount").read_text(encoding="utf-8")
    assert json.loads(content)["verdict"] == name


def test_a_copy_in_another_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "sent by post" / "books"
    shutil.copytree(AUDITS / "reformist", folder)
    day = date(2026, 5, 31)
    here = canonical(load(AUDITS / "reformist" / "main.beancount").audit(day))
    assert canonical(load(folder / "main.beancount").audit(day)) == here
    assert str(tmp_path).encode() not in here


# -- what answers a label ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("label", "state"), [("reformist", "rewritten"), ("not-evidenced", "defaulted")])
def test_a_label_for_missing_evidence_is_answered_by_the_evidence_alone(tmp_path: Path, label: str, state: str) -> None:
    """Without the finding nothing shows SUP-2; the text of day 30 answers the panel's own label, and no missing evidence."""
    text = (AUDITS / "triggers" / "rewritten.beancount").read_text(encoding="utf-8")
    head, _, rest = text.partition('2026-02-20 custom "coop" "finding"')
    ledger = tmp_path / "main.beancount"
    verdict = rest[rest.index('2026-03-01 custom "coop" "verdict"') :]
    ledger.write_text(head + verdict.replace("SUP-2=reformist", f"SUP-2={label}"), encoding="utf-8")
    (trigger,) = load(ledger).audit(date(2026, 4, 10)).triggers
    assert (trigger.id, trigger.state) == ("TR-LA-2026-SUP-2", state)


def test_a_year_before_the_books_has_no_audit() -> None:
    coop = load(AUDITS / "revolutionary" / "main.beancount")
    with pytest.raises(UnknownPeriod, match="over before these books begin, on 2024-01-01"):
        coop.audit(date(2026, 5, 31), period="2023")
    assert coop.audit(date(2026, 5, 31), period="2024").window.name == "2024"
