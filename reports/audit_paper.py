"""A grade report on paper: the PDF of the statements' library and conventions, the same bytes for the same report."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from coopbooks import audit_answers as answers
from coopbooks.errors import ToolMissing
from coopbooks.reports.audit_view import audit_view
from coopbooks.reports.paper import Press

__all__ = ["audit_pdf"]


def audit_pdf(report: answers.Audit, currency: str | None = None, fonts: Sequence[Path] = ()) -> bytes:
    """The PDF of a report: US letter where the books are in US or Canadian dollars, else A4. Raises ToolMissing."""
    if find_spec("typst") is None:
        raise ToolMissing(
            'typst is not installed: run `pip install "coopbooks[pdf]"`, or name a page (.html), which needs nothing more'
        )
    view = audit_view(report)
    about = {
        "title": view["title"],
        "digest": report.ledger_sha256,
        "schema": answers.SCHEMA,
        "paper": "us-letter" if currency in ("USD", "CAD") else "a4",
    }
    return Press(fonts).pdf("audit.typ", {"about": about, "report": view})
