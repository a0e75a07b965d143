"""The files that a grade report can be written to, by the end of their names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from coopbooks import audit_answers as answers
from coopbooks.errors import ReportUnusable, WriteRefused
from coopbooks.reports.audit_html import audit_html
from coopbooks.reports.audit_markdown import audit_markdown
from coopbooks.reports.audit_paper import audit_pdf
from coopbooks.reports.audit_sarif import audit_sarif

__all__ = ["ENDINGS", "is_ours", "of_report", "report_of"]

_MAKERS: dict[str, Callable[[answers.Audit], bytes]] = {
    ".json": answers.canonical,
    ".html": audit_html,
    ".md": audit_markdown,
    ".pdf": audit_pdf,
    ".sarif": audit_sarif,
}
ENDINGS = tuple(_MAKERS)
"""What the name of a report's file may end in."""

_MARK = answers.SCHEMA.encode()
_OF_A_SIGNATURE = (b'"stated":null', b'"status":"signed"')
"""What the file that a panel signs has in it: its verdict stands in no ledger yet."""


def of_report(report: answers.Audit, name: str, currency: str | None = None) -> bytes:
    """The bytes of a report for a file of this name. Raises WriteRefused for another ending, ToolMissing for a PDF."""
    ending = Path(name).suffix
    if ending not in _MAKERS:
        raise WriteRefused(
            f"{name}: a report is written as {', '.join(ENDINGS)}: end the name in one of them, as {Path(name).stem}.html"
        )
    return audit_pdf(report, currency) if ending == ".pdf" else _MAKERS[ending](report)


def is_ours(content: bytes) -> bool:
    """Whether a file is a report of ours that another may take the place of: never one that a panel may have signed."""
    return _MARK in content and not all(words in content for words in _OF_A_SIGNATURE)


def report_of(name: str, content: bytes) -> answers.Audit:
    """A report read from its file, strictly: no key may be missing or be unknown. Raises ReportUnusable, one sentence."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ReportUnusable(f"{name} is no text in UTF-8: give the report's .json file") from None
    try:
        return answers.Audit.model_validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ReportUnusable(
            f"{name} is no report of the form {answers.SCHEMA}: {where}: {first['msg'].lower()}: give the .json file as "
            "coopbooks wrote it"
        ) from None
