"""The wage ratio against its caps, and pay that no hours or person stand behind.

In a ledger: `plugin "coopbooks.plugins.wage_ratio"`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coopbooks.books.faults import BooksError
from coopbooks.plugins._adapter import judge

__plugins__ = ["wage_ratio"]


def wage_ratio(
    entries: Sequence[Any], options: Mapping[str, Any], config: str | None = None
) -> tuple[Sequence[Any], list[BooksError]]:
    """The plugin: the same entries, and an error for each finding."""
    return judge(entries, options, config, ("wage_ratio",))
