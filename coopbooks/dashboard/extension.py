"""The Fava extension: the only file that touches Fava's API (tried with Fava 1.30.16).

Fava makes one instance for a ledger and shares it between threads, so it holds nothing that changes. It
makes a page of every subclass that it finds in the module, so the base class has a private name here.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fava.ext import FavaExtensionBase as _FavaExtensionBase
from flask import Response, current_app, request, url_for

from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.page import Page, open_page

if TYPE_CHECKING:
    from fava.core import FavaLedger

    from coopbooks.cooperative import Cooperative

__all__ = ["OpenBook"]

_STYLE = Path(__file__).with_name("OpenBook.css")
_FAVA_FILTERS = ("account", "filter", "time")


@lru_cache(maxsize=1)
def _style() -> tuple[str, str]:
    """The style sheet and a name of its content, so that a browser keeps it until it changes."""
    text = _STYLE.read_text(encoding="utf-8")
    return text, sha256(text.encode()).hexdigest()[:12]


def _send_style(_: _FavaExtensionBase) -> Response:
    """The style sheet as a file of its own: it also passes where a policy forbids styles in the page."""
    response = Response(_style()[0], mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


class OpenBook(_FavaExtensionBase):
    """The open book: is pay fair, and where does the surplus go? One page, three views, for every worker."""

    report_title = "Open book"
    has_js_module = True

    def __init__(self, ledger: FavaLedger, config: str | None = None) -> None:
        super().__init__(ledger, config)
        self.endpoints["style.css", "GET"] = _send_style

    def page(self) -> Page:
        """The page for the address that was asked for."""
        hidden = bool(current_app.config.get("INCOGNITO"))
        return open_page(self._books, Choice.read(request.args), self._link, hidden=hidden)

    def _books(self) -> Cooperative | None:
        """The cooperative of the ledger as Fava has it now; None for a book without a cooperative record."""
        from coopbooks.books.entries import facts_of
        from coopbooks.cooperative import Cooperative

        if not any(entry.type == "coop" for entry in self.ledger.all_entries_by_type.Custom):
            return None
        return Cooperative.of(facts_of(self.ledger.all_entries, self.ledger.options, padded=True))

    def _link(self, **query: str) -> str:
        """The address of this page; Fava adds the ledger and its own filters."""
        values: dict[str, Any] = {"extension_name": self.name, **query}
        return url_for("extension_report", **values)

    def style_link(self) -> str:
        """The address of the style sheet, which changes when the sheet does."""
        # A variable of Fava's route is called `endpoint`, as is the first argument of `url_for`: so by hand.
        return f"{self._link().partition('?')[0]}style.css?v={_style()[1]}"

    def source_link(self, place: str) -> str | None:
        """The address in Fava's editor of a place ("bylaws.beancount:7"); None for a file of no ledger."""
        file, _, line = place.rpartition(":")
        path = str(Path(self.ledger.beancount_file_path).parent / file)
        if path not in self.ledger.options["include"] or not line.isdecimal():
            return None
        return url_for("report", report_name="editor", file_path=path, line=line)

    def errors_count(self) -> int:
        """How many errors Fava knows of in this ledger."""
        return len(self.ledger.errors)

    def filters(self) -> dict[str, str]:
        """Fava's own filters that are set; this page always reads the whole book."""
        return {name: value for name in _FAVA_FILTERS if (value := request.args.get(name))}
