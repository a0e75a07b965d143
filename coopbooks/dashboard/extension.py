"""The Fava extension: with `fava_links.py` all that touches Fava's API (tried with Fava 1.30.16).

Fava makes one instance for a ledger and shares it between threads: what changes in it is the shelf of made pages,
which has its own locks. Fava makes a page of every subclass that it finds in the module, so the base class has a
private name here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fava.ext import FavaExtensionBase as _FavaExtensionBase
from flask import Response, current_app, request

from coopbooks.dashboard.choice import VIEWS, Choice, day_asked
from coopbooks.dashboard.fava_links import FavaLinks, Signposts, beside, filters_set
from coopbooks.dashboard.page import Page, open_page
from coopbooks.dashboard.shelf import Kept, Shelf
from coopbooks.dashboard.style import sheet

if TYPE_CHECKING:
    from fava.core import FavaLedger

    from coopbooks.cooperative import Cooperative

__all__ = ["OpenBook"]


def _send_style(_: _FavaExtensionBase) -> Response:
    """The style sheet as a file of its own: it also passes where a policy forbids styles in the page."""
    response = Response(sheet().text, mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _send_statement(extension: _FavaExtensionBase) -> Response | None:
    """A member's statement of a fiscal year as PDF; None, which Fava answers with 404, where there is none."""
    from coopbooks.dashboard.statement import printed, statement_text

    assert isinstance(extension, OpenBook), "Fava hands an endpoint the extension that it belongs to"
    text = extension.statement(statement_text)
    paper = None if text is None else printed(text)
    return None if paper is None else Response(paper, mimetype="application/pdf")


class OpenBook(_FavaExtensionBase):
    """The open book: a page for each question that a worker asks of the cooperative's books."""

    report_title = "Open book"
    has_js_module = True

    def __init__(self, ledger: FavaLedger, config: str | None = None) -> None:
        super().__init__(ledger, config)
        self.endpoints["style.css", "GET"] = _send_style
        self.endpoints["statement.pdf", "GET"] = _send_statement
        self._shelf: Shelf[Cooperative | None] = Shelf()
        self._posts: Shelf[Signposts] = Shelf()

    def after_load_file(self) -> None:
        """Fava has read the ledger again: what was made of the old one is of no use."""
        self._shelf.clear()
        self._posts.clear()

    def page(self) -> Page:
        """The page for the address that was asked for."""
        kept = self._kept()
        choice = Choice.read(request.args, _today(kept), _signed_in())
        hidden = bool(current_app.config.get("INCOGNITO"))
        return _page(kept, choice, hidden=hidden)

    def make_ready(self, *, pages: bool) -> None:
        """Work out what every visitor would wait for: the books, where figures lead to, and today's `pages`."""
        kept = self._kept()
        if _books_of(kept) is None:
            return
        self._signposts(kept).make_ready()
        today = _today(kept)
        for view in VIEWS if pages else ():
            _page(kept, Choice(today, view), hidden=False)

    def statement(self, make: Callable[[Cooperative, str, str, date], str | None]) -> str | None:
        """The statement that the address asks for, as `make` writes it; None without a member, a year or any records."""
        kept = self._kept()
        choice = Choice.read(request.args, _today(kept), _signed_in())
        member, period = choice.member, choice.period
        if _books_of(kept) is None or member is None or period is None:
            return None
        return kept.ask(lambda books: None if books is None else make(books, member, period, choice.as_of))

    def links(self) -> FavaLinks:
        """Where this page's figures lead within Fava."""
        kept, asked = self._kept(), day_asked(request.args)
        return FavaLinks(self.name, self._signposts(kept), str(asked) if asked else None)

    def _signposts(self, kept: Kept[Cooperative | None]) -> Signposts:
        return self._posts.of(kept, lambda: Signposts(self.ledger, _books_of(kept))).books()

    def _kept(self) -> Kept[Cooperative | None]:
        """The books as Fava has them now, and the pages that were made of them."""
        entries, options, errors = self.ledger.all_entries, self.ledger.options, list(self.ledger.load_errors)
        records = self.ledger.all_entries_by_type.Custom

        def read() -> Cooperative | None:
            from coopbooks.books.entries import facts_of
            from coopbooks.books.loading import errors_of
            from coopbooks.cooperative import Cooperative

            if not any(entry.type == "coop" for entry in records):
                return None
            found = errors_of(errors, options, self.ledger.beancount_file_path, _text_of)
            return Cooperative(facts_of(entries, options, padded=True), tuple(found))

        return self._shelf.of(entries, read)

    def style_link(self) -> str:
        """The address of the style sheet, which changes when the sheet does."""
        return beside(self.name, "style.css", v=sheet().version)

    def errors_count(self) -> int:
        """How many errors Fava knows of in this ledger."""
        return len(self.ledger.errors)

    def filters(self) -> dict[str, str]:
        """Fava's own filters that are set."""
        return filters_set()


def _page(kept: Kept[Cooperative | None], choice: Choice, *, hidden: bool) -> Page:
    """A page, made once for all who choose the same; who asks matters on the page about oneself alone."""
    what = choice if choice.view == "mine" else replace(choice, member=None, signed_in=None)
    page = kept.page((what, hidden), lambda: open_page(kept.books, what, hidden=hidden, native=True))
    return page if what is choice else replace(page, choice=choice)


def _books_of(kept: Kept[Cooperative | None]) -> Cooperative | None:
    """The books, or None where they cannot be read: then the page says why, and nothing leads anywhere."""
    try:
        return kept.books()
    except Exception:  # noqa: BLE001  # whatever it is, the page itself says it
        return None


def _text_of(file: str) -> str:
    """The text of one of the ledger's files; "" where it cannot be read any more."""
    try:
        return Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _today(kept: Kept[Cooperative | None]) -> date:
    """Today where the cooperative is; in UTC where its zone is not known here."""
    books = _books_of(kept)
    try:
        zone: tzinfo = UTC if books is None else ZoneInfo(books.time_zone)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError; a folder's name is an OSError
        zone = UTC
    return datetime.now(zone).date()


def _signed_in() -> str | None:
    """The member who went through the door's log-in."""
    member = request.environ.get("coopbooks.member")
    return member if isinstance(member, str) and member else None
