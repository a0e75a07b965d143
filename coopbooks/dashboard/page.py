"""The page as data: a view and what it shows, or the one sentence that says why it cannot. Knows no Fava."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from coopbooks.dashboard.audit import audit_view
from coopbooks.dashboard.books import Books
from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.due import due_view
from coopbooks.dashboard.funds import funds_view
from coopbooks.dashboard.givers import givers_view
from coopbooks.dashboard.mine import mine_view
from coopbooks.dashboard.pay import pay_view
from coopbooks.dashboard.public import audience_said, public_funds, public_givers, public_pay, public_surplus
from coopbooks.dashboard.rules import rules_view
from coopbooks.dashboard.surplus import surplus_view
from coopbooks.dashboard.trouble import EMPTY, NO_CURRENCY, REFUSED, Trouble
from coopbooks.dashboard.words import Look, day_said
from coopbooks.errors import CoopbooksError

__all__ = ["VIEW_BY_NAME", "Page", "Tab", "View", "open_page", "views_of"]

_log = logging.getLogger(__name__)


class View(NamedTuple):
    """One question of a worker: its label in the navigation, its words, and how its page is made.

    `make` gives the view-model that the template shows as `page.view`, or a Trouble.
    """

    label: str
    question: str
    make: Callable[[Any, Choice, Look], object]
    template: str


def _view(name: str, label: str, question: str, make: Callable[[Any, Choice, Look], object]) -> tuple[str, View]:
    return name, View(label, question, make, f"open_book_{name}.html")


VIEW_BY_NAME: Mapping[str, View] = dict(
    [
        _view("pay", "Pay", "What are we paid, and is it fair?", pay_view),
        _view("surplus", "Surplus", "Where does the surplus go?", surplus_view),
        _view("funds", "Movement", "What have we promised the movement, and did it get there?", funds_view),
        _view("givers", "Givers", "Who gives us money, on what conditions?", givers_view),
        _view("mine", "Mine", "What do I own?", mine_view),
        _view("due", "Due", "What is due?", due_view),
        _view("audit", "Audit", "Do we keep our word?", audit_view),
        _view("rules", "Rules", "What have we agreed on?", rules_view),
    ]
)


def _public(name: str, make: Callable[[Any, Choice, Look], object]) -> tuple[str, View]:
    return name, VIEW_BY_NAME[name]._replace(make=make, template=f"open_book_public_{name}.html")


PUBLIC_VIEW_BY_NAME: Mapping[str, View] = dict(
    [
        _public("pay", public_pay),
        _public("surplus", public_surplus),
        _public("funds", public_funds),
        _public("givers", public_givers),
        ("audit", VIEW_BY_NAME["audit"]),
        ("rules", VIEW_BY_NAME["rules"]),
    ]
)


def views_of(books: Books) -> Mapping[str, View]:
    """The views that a book has something for, by the name in the address. Raises LedgerUnusable."""
    found = books.published()
    return PUBLIC_VIEW_BY_NAME if found is not None and found.to_data()["audience"] == "public" else VIEW_BY_NAME


class Tab(NamedTuple):
    """One entry of the navigation."""

    name: str
    label: str
    question: str
    current: bool


@dataclass(frozen=True, slots=True)
class Page:
    """The whole page: a view, or the trouble that stands in its place. Holds no address, so that it can be kept.

    `native` says that Fava's own components may be used, `alone` that the page is one file with nothing behind it;
    `unit` is the currency, "" where there is none, `audience_said` what a derived ledger is, in a sentence, and
    `published_on` the day after which it knows nothing.
    """

    name: str
    question: str
    template: str
    tabs: tuple[Tab, ...]
    choice: Choice
    unit: str = ""
    native: bool = False
    alone: bool = False
    audience_said: str = ""
    published_on: date | None = None
    view: object = None
    trouble: Trouble | None = None

    @property
    def as_of_said(self) -> str:
        """The day on which all is judged, in words."""
        return day_said(str(self.choice.as_of))

    @property
    def figures_said(self) -> str:
        """The day up to which the figures are known, in words: a derived ledger ends with its publication."""
        known = self.choice.as_of if self.published_on is None else min(self.published_on, self.choice.as_of)
        return day_said(str(known))


def open_page(
    books_of: Callable[[], Books | None], choice: Choice, *, hidden: bool = False, native: bool = False
) -> Page:
    """The page for what the reader chose; raises nothing.

    `books_of` gives the cooperative, or None for a book without records. Whatever it or a rule raises
    becomes a sentence on the page; `hidden` replaces the digits of money.
    """
    views, unit, said, published_on = VIEW_BY_NAME, "", "", None
    shown: object
    try:
        books = books_of()
        if books is not None:
            views, said, published_on = views_of(books), audience_said(books), _published_on(books)
        unit = "" if books is None else books.currency or ""
        shown = _shown(views, books, choice, hidden=hidden)
    except CoopbooksError as error:
        shown = Trouble(REFUSED, str(error))
    except Exception as error:  # noqa: BLE001  # a fault of ours is a sentence too: the page is inside Fava
        _log.exception("the open book's view %s failed", choice.view)
        shown = _fault(error)
    name = _name_in(views, choice)
    return Page(
        name=name,
        question=views[name].question,
        template=views[name].template,
        tabs=tuple(Tab(each, view.label, view.question, each == name) for each, view in views.items()),
        choice=choice,
        unit=unit,
        native=native,
        audience_said=said,
        published_on=published_on,
        view=None if isinstance(shown, Trouble) else shown,
        trouble=shown if isinstance(shown, Trouble) else None,
    )


def _published_on(books: Books) -> date | None:
    found = books.published()
    return None if found is None else date.fromisoformat(found.to_data()["as_of"])


def _name_in(views: Mapping[str, View], choice: Choice) -> str:
    return choice.view if choice.view in views else next(iter(views))


def _shown(views: Mapping[str, View], books: Books | None, choice: Choice, *, hidden: bool) -> object:
    """The view-model, or why there is none."""
    if books is None:
        return EMPTY
    if books.currency is None:
        return NO_CURRENCY
    return views[_name_in(views, choice)].make(books, choice, Look(books.currency, hidden))


def _fault(error: Exception) -> Trouble:
    return Trouble(
        "This view could not be worked out; the fault is in coopbooks, not in your book.",
        "Run coopbooks check on the ledger first; if it finds nothing, report these words:",
        f"{type(error).__name__}: {error}",
    )
