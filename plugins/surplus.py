"""The close of each year against the rules, and every payment of a share.

In a ledger: `plugin "coopbooks.plugins.surplus"`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coopbooks.books.faults import BooksError
from coopbooks.plugins._adapter import judge

__plugins__ = ["surplus"]


def surplus(
    entries: Sequence[Any], options: Mapping[str, Any], config: str | None = None
) -> tuple[Sequence[Any], list[BooksError]]:
    """The plugin: the same entries, and an error for each finding."""
    return judge(entries, options, config, ("surplus",))
