"""A member's statement of one year on the page, with the figures of the one on paper, and that one as PDF."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any

from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.words import Look
from coopbooks.errors import CoopbooksError
from coopbooks.reports.member import member_view
from coopbooks.reports.statements import member_data, words
from coopbooks.reports.year import Year

if TYPE_CHECKING:
    from coopbooks.cooperative import Cooperative
    from coopbooks.reports.paper import Press

__all__ = ["Statement", "can_print", "printed", "statement_pdf", "statement_text", "statement_view"]

DATA_CHARACTERS_MAX = 200_000  # a statement of a lifetime has a tenth of this
PDF_BYTES_MAX = 500_000
KEPT_MAX = 64
_MONEY = re.compile(r"[−-]?[0-9]{1,3}(,[0-9]{3})*(\.[0-9]+)?$")  # a year has four digits and no comma
_DIGIT = re.compile("[0-9]")


@dataclass(frozen=True, slots=True)
class Statement:
    """The statement of one year: the figures of the paper, as texts; `periods` are the years that have one.

    `text` is the data of `coopbooks.reports.member.member_view`; `printed` says whether it can be had as PDF.
    """

    period: str
    periods: tuple[str, ...]
    text: Mapping[str, Any]
    by_said: tuple[str, str, str, str]
    printed: bool


def statement_view(
    books: Cooperative, person: str, choice: Choice, periods: Sequence[str], look: Look
) -> Statement | None:
    """The statement of the year that is asked for, else of the newest that is closed; None where there is none."""
    period = choice.period if choice.period in periods else _newest(books, periods)
    if period is None:
        return None
    try:
        year = Year(books, period, choice.as_of)
        if person not in year.members():
            return None
        data: Any = member_view(year, person, words())
    except CoopbooksError:
        return None  # the table of years says why this one cannot be worked out
    text = _veiled(data) if look.hidden else data
    main = (data["part"] or {}).get("main")
    by_said = _BY_SAID.get(main["by"] if main else "", _BY_SAID[""])
    return Statement(period, tuple(periods), text, by_said, printed=can_print() and not look.hidden)


_BY_SAID = {
    "hours": ("You worked", "All together worked", "hours", "hours"),
    "wages": ("You earned", "All together earned", "", ""),
    "capital": ("Your capital", "The capital of all", "", ""),
    "equal": ("You count for", "All together", "equal parts", "equal parts"),
    "": ("Your points", "The points of all", "points", "points"),
}


def _newest(books: Cooperative, periods: Sequence[str]) -> str | None:
    """The newest closed year, else the newest of all; `periods` are the newest first."""
    return next((period for period in periods if books.closes(period)), periods[0] if periods else None)


def _veiled(data: Any) -> Any:
    """The same with the digits of money replaced, where Fava was asked to hide them."""
    if isinstance(data, Mapping):
        return {key: _veiled(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_veiled(value) for value in data]
    return _DIGIT.sub("X", data) if isinstance(data, str) and _MONEY.match(data) else data


# -- on paper --------------------------------------------------------------------------------------------------------


def can_print() -> bool:
    """Whether the program that makes PDFs is installed."""
    return find_spec("typst") is not None


class _Printer:
    """One press for all who ask: one statement is printed at a time, and the newest ones are kept."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._press: Press | None = None
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def pdf(self, text: str) -> bytes:
        with self._lock:
            found = self._kept.get(text)
            if found is None:
                found = self._made(text)
                self._kept[text] = found
                if len(self._kept) > KEPT_MAX:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(text)
            return found

    def _made(self, text: str) -> bytes:
        from coopbooks.reports.paper import Press

        if self._press is None:
            self._press = Press()
        return self._press.pdf("member.typ", json.loads(text))


_PRINTER = _Printer()


def statement_pdf(coop: Cooperative, member: str, period: str, as_of: date) -> bytes | None:
    """A member's statement of a fiscal year as PDF, the same bytes as `coopbooks statements` writes for these books.

    None where nobody of that id has one, there is no such year, it would be too large for a page, or the program that
    makes it is not installed.
    """
    text = statement_text(coop, member, period, as_of)
    return None if text is None else printed(text)


def statement_text(coop: Cooperative, member: str, period: str, as_of: date) -> str | None:
    """What stands in a member's statement, as `printed` takes it; None where there is none to print."""
    if not can_print() or period not in coop.periods():
        return None
    try:
        year = Year(coop, period, as_of)
        if member not in year.members():
            return None
        text = json.dumps(member_data(year, member), ensure_ascii=False, sort_keys=True)
    except CoopbooksError:
        return None
    return text if len(text) <= DATA_CHARACTERS_MAX else None


def printed(text: str) -> bytes | None:
    """A statement as PDF; None where it would be too large for a page. Asks nothing of the books."""
    made = _PRINTER.pdf(text)
    return made if len(made) <= PDF_BYTES_MAX else None
