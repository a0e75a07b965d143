"""Whether every year that `coopbooks close` sealed is still as it was.

In a ledger: `plugin "coopbooks.plugins.seal"`, behind every plugin that rewrites what the ledger says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coopbooks.books.faults import BooksError
from coopbooks.plugins._adapter import judge

__plugins__ = ["seal"]


def seal(
    entries: Sequence[Any], options: Mapping[str, Any], config: str | None = None
) -> tuple[Sequence[Any], list[BooksError]]:
    """The plugin: the same entries, and an error for each finding."""
    return judge(entries, options, config, ("seal",))
