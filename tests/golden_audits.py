"""Makes the reports beside the worked audits anew, where a wording of the catalogue was changed on purpose.

The verdict record of each cooperative names the SHA-256 of its signed report, so a new wording is signed again: the ledger
is cut before its verdict, the report made of what stands there, and its digest written into verdict and publication. What
a report says is held by tests/test_audit_ledgers.py and not by this.

    .venv/bin/python tests/golden_audits.py
"""

from __future__ import annotations

import re
from datetime import date
from hashlib import sha256
from pathlib import Path

from coopbooks import load
from coopbooks.audit_answers import canonical

AUDITS = Path(__file__).resolve().parent.parent / "ledgers" / "audits"
SIGNED = date(2026, 5, 20)
VERDICT = f'{SIGNED} custom "coop" "verdict" "LA-2026"'


def sign_again(folder: Path) -> None:
    """One cooperative: the report as its panel signs it, and the ledger that names it."""
    ledger = folder / "audits.beancount"
    whole = ledger.read_text(encoding="utf-8")
    before, _, after = whole.partition(VERDICT)
    ledger.write_text(before, encoding="utf-8")
    try:
        content = canonical(load(folder / "main.beancount").signing("LA-2026", SIGNED, "3-0-0"))
    finally:
        ledger.write_text(whole, encoding="utf-8")
    after = re.sub(r'report-sha256: "[0-9a-f]{64}"', f'report-sha256: "{sha256(content).hexdigest()}"', after)
    ledger.write_text(before + VERDICT + after, encoding="utf-8")
    (folder / "golden" / "LA-2026.json").write_bytes(content)


def write_state(ledger: Path) -> None:
    """One state of a trigger: the report of the day that the ledger's first lines name."""
    day = re.search(r"^; As of: (\S+)$", ledger.read_text(encoding="utf-8"), re.MULTILINE)
    assert day is not None, ledger
    ledger.with_suffix(".json").write_bytes(canonical(load(ledger).audit(date.fromisoformat(day[1]))))


if __name__ == "__main__":
    for folder in sorted(file.parent for file in AUDITS.glob("*/main.beancount")):
        sign_again(folder)
    for state in sorted((AUDITS / "triggers").glob("*.beancount")):
        write_state(state)
