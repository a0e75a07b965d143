"""The open book in Fava: adds the dashboard and its saved queries, so that one plugin line is all the set-up.

In a ledger: `plugin "coopbooks.plugins.open_book"`. The entries added are `custom "fava-extension"` and `query`; no
money is touched.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from typing import Any

from beancount.core.data import Custom, Query, entry_sortkey, new_metadata
from beancount.parser.grammar import ValueType

from coopbooks.books.faults import BooksError
from coopbooks.plugins._adapter import unasked
from coopbooks.plugins._queries import QUERIES

__plugins__ = ["open_book"]

EXTENSION = "coopbooks.dashboard"
_NAMED = frozenset({Custom, Query})


def open_book(
    entries: Sequence[Any], options: Mapping[str, Any], config: str | None = None
) -> tuple[Sequence[Any], list[BooksError]]:
    """The plugin: the entries with the dashboard and its queries among them. A ledger that names them keeps its own."""
    errors = unasked(entries, options, config)
    named = [entry for entry in entries if entry.__class__ in _NAMED]
    if not entries or any(_is_dashboard(entry) for entry in named if entry.__class__ is Custom):
        return entries, errors
    day = entries[0].date
    source = str(options.get("filename") or "<coopbooks>")
    own = {entry.name for entry in named if entry.__class__ is Query}
    added: list[Any] = [
        Custom(new_metadata(source, 0), day, "fava-extension", [ValueType(EXTENSION, str)]),
        *(Query(new_metadata(source, 0), day, name, query) for name, query in QUERIES if name not in own),
    ]
    every = list(entries)
    for entry in added:  # a place for each is found faster than a whole ledger is sorted
        insort(every, entry, key=entry_sortkey)
    return every, errors


def _is_dashboard(entry: Any) -> bool:
    return entry.type == "fava-extension" and bool(entry.values) and entry.values[0].value == EXTENSION
