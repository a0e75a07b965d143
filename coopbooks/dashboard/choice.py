"""What a reader asked the page for, read from the address; anything that the books do not know falls back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

__all__ = ["VIEWS", "Choice", "Link"]

VIEWS = ("pay", "surplus", "funds")


class Link(Protocol):
    """Makes the address of this page with a query; Fava's own filters go along."""

    def __call__(self, **query: str) -> str:
        """The address, as text that is not escaped yet."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """The view, its pay period or fiscal year, and whether every period is wanted in the chart."""

    view: str = "pay"
    period: str | None = None
    everything: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Choice:
        """From the address's query.

        >>> Choice.read({"view": "<b>", "period": "2025", "all": "1"})
        Choice(view='pay', period='2025', everything=True)
        """
        view = query.get("view", "")
        return cls(view if view in VIEWS else "pay", query.get("period"), query.get("all") == "1")
