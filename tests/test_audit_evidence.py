"""Evidence cannot be taken away: the revolutionary ledger without any one of its records is revolutionary no longer.

The records that count are those which a met gate or core criterion lists. Each is taken out alone, and the audit is held
again on what is left, on the day of its verdict and before it was signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import pytest
from beancount import loader

from coopbooks.audit.course import Course
from coopbooks.audit.model import Audit
from coopbooks.books.entries import facts_of
from coopbooks.errors import Place
from coopbooks.ledgers import path

LEDGER = path("bakery").parent.parent / "audits" / "revolutionary" / "main.beancount"
SIGNED = date(2026, 5, 20)


@cache
def _books() -> tuple[Sequence[Any], Any]:
    """The entries as Beancount gives them, before any plugin: the rules are asked by the audit itself."""
    entries, errors, options = loader.load_file(str(LEDGER))
    assert not errors
    return entries, options


def _place(entry: Any) -> Place:
    file = entry.meta["filename"]
    return Place(str(file).removeprefix(f"{LEDGER.parent}/"), entry.meta["lineno"])


def _audit(without: Place | None = None) -> Audit:
    """The audit of 2025 as it stood before it was signed, without the entry of one place."""
    entries, options = _books()
    kept = [entry for entry in entries if _place(entry) != without and not _signs(entry)]
    assert without is None or len(kept) == len(_unsigned()) - 1
    return Course(facts_of(kept, options, padded=True)).audit(SIGNED, audit="LA-2026")


def _signs(entry: Any) -> bool:
    """Whether an entry is of the signature of the audit itself, which what it signs cannot rest on."""
    values = [value.value for value in getattr(entry, "values", None) or ()]
    return values in (["verdict", "LA-2026"], ["publication", "LA-2026"], ["response", "LA-2026"])


@cache
def _unsigned() -> list[Any]:
    return [entry for entry in _books()[0] if not _signs(entry)]


@cache
def _evidence() -> dict[Place, tuple[str, ...]]:
    """Every record, balance or close that a met gate or core criterion lists, and the ids of those criteria.

    Single postings are no records, and are left out: what takes a gift out of the books is the bank's statement to find.
    """
    entries = {_place(entry) for entry in _unsigned()}
    found: dict[Place, list[str]] = {}
    for result in _audit().results:
        if result.criterion.tier != "practice" and result.outcome == "met":
            for place in entries.intersection(result.evidence):
                found.setdefault(place, []).append(result.id)
    return {place: tuple(ids) for place, ids in sorted(found.items())}


def test_the_ledger_is_revolutionary_with_all_its_evidence() -> None:
    audit = _audit()
    assert audit.verdict.grade == "revolutionary"
    assert {result.outcome for result in audit.results} == {"met"}
    kinds = {type(entry).__name__ for entry in _unsigned() if _place(entry) in _evidence()}
    assert kinds == {"Balance", "Custom", "Transaction"}
    assert len(_evidence()) > 90


@pytest.mark.parametrize("file", sorted({place.file for place in _evidence()}))
def test_without_a_record_of_the_evidence_the_verdict_is_not_kept(file: str) -> None:
    kept = [
        f"{place} ({' '.join(ids)})"
        for place, ids in _evidence().items()
        if place.file == file and _audit(place).verdict.grade == "revolutionary"
    ]
    assert kept == []
