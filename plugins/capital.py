"""Members' capital: vintages, redemptions, buy-ins, interest, and who owns the net book value.

In a ledger: `plugin "coopbooks.plugins.capital"`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coopbooks.books.faults import BooksError
from coopbooks.plugins._adapter import judge

__plugins__ = ["capital"]


def capital(
    entries: Sequence[Any], options: Mapping[str, Any], config: str | None = None
) -> tuple[Sequence[Any], list[BooksError]]:
    """The plugin: the same entries, and an error for each finding."""
    return judge(entries, options, config, ("capital",))
