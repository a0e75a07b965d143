"""All directives of a ledger, read once more for its seal: `close` asks for them, and nothing else does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from beancount.parser import parser

from coopbooks.books.canonical import directives_of, forged_places
from coopbooks.books.entries import Places, _by_class, _of_our_days
from coopbooks.books.loading import load_books
from coopbooks.errors import LedgerUnusable, Place
from coopbooks.facts import HIDES, Directive

__all__ = ["directives_with"]

_ROOT_OPTIONS = frozenset(f"name_{root}" for root in ("assets", "liabilities", "equity", "income", "expenses"))


def directives_with(path: Path, text: str) -> list[Directive]:
    """All directives of a ledger, and of a text that is to be appended to it, as it will be read then.

    The text has every amount written out, as `coopbooks close` prints it. Raises LedgerUnusable where the ledger cannot
    be read, or where a directive hides where it stands.
    """
    books = load_books(path)
    places = Places(str(books.path))
    for file, line in forged_places(books.options):
        raise LedgerUnusable(f"a year cannot be sealed while {HIDES}", Place(places.file(file), line))
    roots = "".join(
        f'option "{name}" "{value}"\n' for name, value in books.options.items() if name in _ROOT_OPTIONS and value
    )
    added, _, options = parser.parse_string(roots + text)
    entries, _ = _of_our_days(
        books.entries, places
    )  # a year that is a slip of the pen is an error, and nobody reads it
    found = directives_of(_by_class(entries), books.options, places.files, date.max)
    return [*found, *directives_of(_by_class(added), options, places.files, date.max)]
