"""A report against the ledger that it was made from: the files first, then every figure, recomputed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from coopbooks.audit_answers import Audit, Verification, canonical
from coopbooks.books.appended import entered_in, since
from coopbooks.books.digest import Listed, digest_of_listed
from coopbooks.books.safe import entered_untrusted
from coopbooks.cooperative import Cooperative
from coopbooks.errors import CoopbooksError, ReportUnusable
from coopbooks.reports.figures import shown
from coopbooks.rows import NamedTuple

__all__ = ["Signature", "differences", "verified"]

_BY_ID = ("criteria", "triggers")
_LONGEST = 90


class Signature(NamedTuple):
    """What was found of a report's signature: whether it is the right one, and the sentence that says so."""

    right: bool
    said: str


def verified(
    coop: Cooperative, content: bytes, report: Audit, profile: Path | None = None, signature: Signature | None = None
) -> Verification:
    """Whether the books give a report again; `content` are its bytes, `profile` a federation's file, where one made it.

    A wrong signature is the first of what differs, and all else is compared in spite of it. Raises ReportUnusable for a
    report that was not made from a ledger's files.
    """
    if coop.path is None or not report.files:
        raise ReportUnusable("the report names no file of a ledger, so there is nothing to recompute it from")
    before = [Listed(each.path, each.sha256, each.bytes) for each in report.files]
    reads = entered_in if coop.read is None else entered_untrusted
    found = since(coop.path, coop.files, before, date.fromisoformat(report.as_of), report.audit, reads)
    changed = [signature.said] if signature is not None and not signature.right else []
    changed += found.changed
    if canonical(report) != content:
        changed.append("the report's own bytes are not as coopbooks writes them: spaces, order or numbers were changed")
    if digest_of_listed(before) != report.ledger_sha256:
        changed.append("ledger_sha256 is not the digest of the files that the report lists")
    try:
        again = coop.recomputed(report, profile)
    except CoopbooksError as error:
        changed.append(f"the ledger gives no such report any more: {error.message}")
    else:
        same_files = {"files": report.files, "ledger_sha256": report.ledger_sha256}
        changed += differences(report, again.model_copy(update=same_files))
    return Verification(
        same=not changed,
        changed=tuple(changed),
        appended=found.appended,
        signed=None if signature is None else signature.right,
        signature=signature.said if signature is not None and signature.right else None,
    ).marked(bool(changed))


def differences(report: Audit, again: Audit) -> Iterator[str]:
    """One sentence for each value that a report and its recomputation do not share.

    A report by another edition of the catalogue is compared in what it says of the books: outcomes, labels, evidence and
    clocks. Its wording is that of its own edition.
    """
    ours, theirs = report.to_data(), again.to_data()
    if ours["cooperative"] != theirs["cooperative"]:
        yield f"the report is of {shown(ours['cooperative'])}, and these books are of {shown(theirs['cooperative'])}"
        return
    if ours["catalogue_sha256"] != theirs["catalogue_sha256"]:
        yield (
            f"catalogue_sha256: the report says {ours['catalogue_sha256'][:12]}…, this coopbooks has "
            f"{theirs['catalogue_sha256'][:12]}…: outcomes are compared, and the wording with the edition that made the report"
        )
        ours, theirs = _outcomes(ours), _outcomes(theirs)
    for key in ours:
        if key in _BY_ID:
            yield from _rows(key, ours[key], theirs[key])
        elif ours[key] != theirs[key]:
            yield _sentence(key, ours[key], theirs[key])


_WORDING = frozenset("catalogue catalogue_sha256 why what_next method sovereignty conflicts lottery ignored".split())
_OUTCOME = ("id", "tier", "machine", "outcome", "label", "evidence", "graded")


def _outcomes(report: dict[str, Any]) -> dict[str, Any]:
    """What a report says of the books, without the words in which it says it."""
    kept = {key: value for key, value in report.items() if key not in _WORDING}
    return kept | {"criteria": [{key: row[key] for key in _OUTCOME} for row in report["criteria"]]}


def _rows(key: str, ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> Iterator[str]:
    """Rows that have an id, field by field."""
    known, given = ({row["id"]: row for row in rows} for rows in (ours, theirs))
    for name in known:
        if name not in given:
            yield f"{key} {shown(name)}: the report has it, the ledger does not give it"
            continue
        for field, value in known[name].items():
            if value != given[name][field]:
                yield _sentence(f"{name} {field}", value, given[name][field])
    yield from (
        f"{key} {shown(name)}: the ledger gives it, the report has it not" for name in given if name not in known
    )
    both = [name for name in known if name in given]
    if both != [name for name in given if name in known] or len(known) != len(ours):
        yield f"{key}: their order or their number differs"


def _sentence(what: str, ours: Any, theirs: Any) -> str:
    if isinstance(ours, dict | list) or isinstance(theirs, dict | list):
        return f"{shown(what)}: the report says something else than the ledger gives"
    return f"{shown(what)}: the report says {_brief(ours)}, the ledger gives {_brief(theirs)}"


def _brief(value: Any) -> str:
    text = shown(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
