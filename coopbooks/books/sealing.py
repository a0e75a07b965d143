"""Sealed years and what is to be written: the directives that a seal is made of, and whether a text falls into one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from beancount.parser import parser

from coopbooks.books.canonical import _line, _sort_of, directives_of, forged_places
from coopbooks.books.entries import Places, _by_class, _of_our_days
from coopbooks.books.loading import load_books
from coopbooks.bylaws import Bylaws
from coopbooks.errors import LedgerUnusable, Place
from coopbooks.facts import HIDES, Directive
from coopbooks.periods import DAY
from coopbooks.records.surplus import Seal
from coopbooks.rules.seals import inside, seals_of

__all__ = ["directives_with", "sealed_fault"]

_DAYS_TOLD_MAX = 5


def directives_with(path: Path, text: str) -> list[Directive]:
    """All directives of a ledger, and of a text that is to be appended to it, as it will be read then.

    The text has every amount written out, as `coopbooks close` prints it. Raises LedgerUnusable where the ledger cannot
    be read, or where a directive hides where it stands.
    """
    books = load_books(path)
    places = Places(str(books.path))
    for file, line in forged_places(books.options):
        raise LedgerUnusable(f"a year cannot be sealed while {HIDES}", Place(places.file(file), line))
    added, _, options = parser.parse_string(text)  # which keeps accounts below whatever root, and only complains
    entries, _ = _of_our_days(
        books.entries, places
    )  # a year that is a slip of the pen is an error, and nobody reads it
    found = directives_of(_by_class(entries), books.options, places.files, date.max)
    return [*found, *directives_of(_by_class(added), options, places.files, date.max)]


def sealed_fault(rules: Bylaws, text: str) -> str | None:
    """Why a text must not be appended to the books: the end of a sentence that names what would fall into a sealed year.

    None where nothing does. What cannot be read is the writer's own matter.
    """
    if not rules.ids("seal"):
        return None
    entries, _, _ = parser.parse_string(text)
    rows = []
    for entry in entries:
        sort = type(entry).__name__.lower()
        kind, period = _sort_of(entry, sort, ()) if sort in ("transaction", "custom") else (sort, None)
        if kind is not None:
            rows.append(Directive(entry.date, kind, "", period, *_line(entry)))
    for seal, found in inside(rules, rows):
        days = sorted({row.date.isoformat() for row in found})
        more = len(days) - _DAYS_TOLD_MAX
        told = ", ".join(days[:_DAYS_TOLD_MAX]) + (
            f" and {more} more {'day' if more == 1 else 'days'}" if more > 0 else ""
        )
        kinds = {row.kind for row in found}
        what = f"{kinds.pop() if len(kinds) == 1 else 'directive'}{'' if len(found) == 1 else 's'}"
        return (
            f"the {what} of {told} {'lies' if len(found) == 1 else 'lie'} in a sealed year (seal of {seal.id} at {seal.place}, "
            f"until {seal.until}): a correction goes into the open period, dated from {_first_open(rules, seal, found)} on, with "
            f'`of-period: "{seal.id}"` where it changes a result'
        )
    return None


def _first_open(rules: Bylaws, seal: Seal, found: list[Directive]) -> date:
    """The first day that no seal covers; what names its year itself must be younger than the seal of that year as well."""
    own = [seal.date] if any(row.date > seal.until for row in found) else []
    return max([*own, *(each.until for each in seals_of(rules))]) + DAY
