"""A grade report as SARIF 2.1.0, which editors and code hosts show beside the lines of the ledger."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from coopbooks import audit_answers as answers
from coopbooks.reports.audit_view import headline
from coopbooks.reports.figures import shown

__all__ = ["audit_sarif"]

_KINDS = {
    "met": "pass",
    "shortfall": "fail",
    "breach": "fail",
    "not-evidenced": "open",
    "error": "open",
    "not-applicable": "notApplicable",
    "pending": "informational",
    "not-assessed": "open",
}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def audit_sarif(report: answers.Audit) -> bytes:
    """The report as a SARIF log, UTF-8: a rule and a result for each criterion, at the lines of its evidence.

    Paths are relative to the ledger's folder. The same report gives the same bytes: there is no time and no id in it.
    """
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "coopbooks",
                        "version": report.catalogue,
                        "rules": [_rule(row) for row in report.criteria],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"LEDGER": {"description": {"text": "The folder of the ledger."}}},
                "artifacts": [
                    {"location": _file(each.path), "hashes": {"sha-256": each.sha256}, "length": each.bytes}
                    for each in report.files
                ],
                "results": [_result(row, number) for number, row in enumerate(report.criteria)],
                "properties": {
                    "schema": answers.SCHEMA,
                    "headline": headline(report),
                    "status": report.status,
                    "asOf": report.as_of,
                },
            }
        ],
    }
    return (json.dumps(log, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode("utf-8")


def _rule(row: answers.AuditCriterion) -> dict[str, Any]:
    return {
        "id": row.id,
        "shortDescription": {"text": row.title},
        "help": {"text": row.remedy},
        "properties": {"tier": row.tier, "clause": row.clause},
    }


def _result(row: answers.AuditCriterion, number: int) -> dict[str, Any]:
    kind = _KINDS[row.outcome]
    remedy = f" What to do: {row.remedy.rstrip('.')}." if row.label not in (None, "revolutionary") else ""
    return {
        "ruleId": row.id,
        "ruleIndex": number,
        "kind": kind,
        "level": _level(row) if kind == "fail" else "none",
        "message": {"text": f"{shown(row.shown)}: {shown(row.reason)}.{remedy}"},
        "locations": [_location(place) for place in row.evidence[:1]],
        "relatedLocations": [_location(place) for place in row.evidence[1:]],
        "properties": {"label": row.label, "outcome": row.outcome, "graded": row.graded},
    }


def _level(row: answers.AuditCriterion) -> str:
    return "error" if row.outcome == "breach" or row.tier == "gate" else "warning" if row.tier == "core" else "note"


def _location(place: str) -> dict[str, Any]:
    file, _, line = place.rpartition(":")
    return {"physicalLocation": {"artifactLocation": _file(file), "region": {"startLine": max(1, int(line))}}}


def _file(path: str) -> dict[str, str]:
    return {"uri": quote(path), "uriBaseId": "LEDGER"}
