"""What a ledger names: `plugin "coopbooks.plugins"` runs all of them over one reading of the books.

Single ones: `coopbooks.plugins.records`, `.wage_ratio`, `.surplus`, `.funds`, `.capital`, `.statutes`, `.seal`, `.open_book`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coopbooks.books.faults import BooksError
from coopbooks.plugins._adapter import judge
from coopbooks.plugins.open_book import open_book
from coopbooks.rules.check import FAMILIES

__plugins__ = ["coopbooks"]


def coopbooks(
    entries: Sequence[Any], options: Mapping[str, Any], config: str | None = None
) -> tuple[Sequence[Any], list[BooksError]]:
    """All plugins as one: every family of rules over the same facts, then the open book."""
    _, errors = judge(entries, options, config, tuple(FAMILIES))
    return open_book(entries, options)[0], errors
