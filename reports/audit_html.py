"""A grade report as one page that opens without a server, runs no script and asks for nothing beyond itself."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from coopbooks import audit_answers as answers
from coopbooks.reports.audit_view import audit_view
from coopbooks.reports.palette import style_variables

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["audit_html"]

_HERE = Path(__file__).parent
_POLICY = "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"


def audit_html(report: answers.Audit) -> bytes:
    """The page of a report, UTF-8; the same report gives the same bytes, and every text of a ledger is escaped."""
    from markupsafe import Markup

    style = _style()
    text = (
        _environment()
        .get_template("audit.html")
        .render(
            policy=_POLICY.format(style=b64encode(sha256(style.encode()).digest()).decode()),
            style=Markup(style),  # noqa: S704  # our own sheet, which no ledger can change
            schema=answers.SCHEMA,
            report=audit_view(report),
        )
    )
    return text.encode("utf-8")


@lru_cache(maxsize=1)
def _style() -> str:
    return f"\n{style_variables()}\n{(_HERE / 'audit.css').read_text(encoding='utf-8')}"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """Every text is escaped, and a name that the template has wrong is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
