"""The page as data: a view and what it shows, or the one sentence that says why it cannot. Knows no Fava."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from coopbooks.dashboard.choice import VIEWS, Choice, Link
from coopbooks.dashboard.funds import FundsView, funds_view
from coopbooks.dashboard.pay import PayView, chosen_period, pay_view, periods_of
from coopbooks.dashboard.surplus import SurplusView, chosen_year, surplus_view
from coopbooks.dashboard.words import Look
from coopbooks.errors import CoopbooksError

__all__ = ["Answer", "Books", "Page", "Tab", "Trouble", "open_page"]

_log = logging.getLogger(__name__)
_TABS = {"pay": "Pay", "surplus": "Surplus", "funds": "Funds"}


class Answer(Protocol):
    """What the library returns: `to_data` is the answer in plain lists and dicts."""

    def to_data(self) -> Any:
        """The keys and texts of the JSON form."""
        ...


class Books(Protocol):
    """What the page asks of a cooperative."""

    @property
    def currency(self) -> str | None:
        """The currency of every figure."""
        ...

    def periods(self) -> Sequence[str]:
        """Fiscal years with something in them, oldest first."""
        ...

    def wages(self) -> Answer:
        """The wage ratio of every pay period."""
        ...

    def pay(self, period: str | None = None) -> Answer:
        """Each person's pay in one period."""
        ...

    def surplus(self, period: str) -> Answer:
        """Where one year's surplus goes."""
        ...

    def funds(self) -> Answer:
        """The movement funds."""
        ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a view has nothing to show: one sentence, and what to do."""

    sentence: str
    cure: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the three views in the row on top."""

    name: str
    title: str
    link: str
    current: bool


@dataclass(frozen=True, slots=True)
class Page:
    """The whole page: exactly one of the three views, or the trouble that stands in its place."""

    tabs: tuple[Tab, ...]
    pay: PayView | None = None
    surplus: SurplusView | None = None
    funds: FundsView | None = None
    trouble: Trouble | None = None


REFUSED = "The rules cannot be applied to this book as it stands."
EMPTY = Trouble(
    "This book has no cooperative records yet.",
    "The command coopbooks init writes a book to start from. In this one, the first member comes first:",
    '2025-01-01 custom "coop" "member" "m01"\n  wages: Expenses:Wages\n  capital: Equity:Capital:M01',
)
NO_CURRENCY = Trouble(
    "This book names no operating currency, so nothing in it can be added up.",
    "Put your currency on a line at the top of the ledger:",
    'option "operating_currency" "USD"',
)
NO_PAY = Trouble(
    "Nobody's pay is in this book yet.",
    "Pay is what is booked on the account that a person's record names for wages, with the person's id:",
    '2025-01-31 * "Pay"\n  Expenses:Wages    2400.00 USD\n    worker: "m01"\n    hours: 160\n  Assets:Bank',
)
NO_YEAR = Trouble(
    "This book has no year with income or expenses in it yet.",
    "Once there are some, this page shows where the year's surplus goes by your rules.",
)
NO_FUND = Trouble(
    "No movement fund is named in this book.",
    "A fund has an account that says how much is meant for it and an account where the money lies:",
    '2025-01-01 custom "coop" "fund" "strike"\n  account: Equity:Funds:Strike\n  purpose: "Strike pay"\n'
    "  kind: strike\n  backing: Assets:Bank:Funds",
)


def open_page(books_of: Callable[[], Books | None], choice: Choice, link: Link, *, hidden: bool = False) -> Page:
    """The page for what the reader chose; raises nothing.

    `books_of` gives the cooperative, or None for a book without records. Whatever it or a rule raises
    becomes a sentence on the page; `hidden` replaces the digits of money.
    """
    tabs = tuple(Tab(name, _TABS[name], link(view=name), name == choice.view) for name in VIEWS)
    try:
        books = books_of()
        if books is None:
            return Page(tabs, trouble=EMPTY)
        if books.currency is None:
            return Page(tabs, trouble=NO_CURRENCY)
        return _VIEW[choice.view](tabs, books, choice, Look(books.currency, hidden), link)
    except CoopbooksError as error:
        return Page(tabs, trouble=Trouble(REFUSED, str(error)))
    except Exception as error:  # noqa: BLE001  # a fault of ours is a sentence too: the page is inside Fava
        _log.exception("the open book's view %s failed", choice.view)
        return Page(tabs, trouble=_fault(error))


def _fault(error: Exception) -> Trouble:
    return Trouble(
        "This view could not be worked out; the fault is in coopbooks, not in your book.",
        "Run coopbooks check on the ledger first; if it finds nothing, report these words:",
        f"{type(error).__name__}: {error}",
    )


def _pay(tabs: tuple[Tab, ...], books: Books, choice: Choice, look: Look, link: Link) -> Page:
    wages = books.wages().to_data()
    if not wages:
        return Page(tabs, trouble=NO_PAY)
    period = chosen_period(periods_of(wages), choice)
    return Page(tabs, pay=pay_view(wages, books.pay(period).to_data(), choice, look, link))


def _surplus(tabs: tuple[Tab, ...], books: Books, choice: Choice, look: Look, link: Link) -> Page:
    periods = books.periods()
    if not periods:
        return Page(tabs, trouble=NO_YEAR)
    data = books.surplus(chosen_year(periods, choice)).to_data()
    accounts = {row["account"] for row in books.funds().to_data()}
    return Page(tabs, surplus=surplus_view(data, periods, accounts, look, link))


def _funds(tabs: tuple[Tab, ...], books: Books, _: Choice, look: Look, __: Link) -> Page:
    rows = books.funds().to_data()
    return Page(tabs, funds=funds_view(rows, look)) if rows else Page(tabs, trouble=NO_FUND)


_VIEW = {"pay": _pay, "surplus": _surplus, "funds": _funds}
