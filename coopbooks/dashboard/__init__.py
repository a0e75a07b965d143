"""The open book in Fava: the page that a worker opens to ask whether pay is fair and where the surplus goes.

A ledger names this module in `custom "fava-extension" "coopbooks.dashboard"`. Fava looks in it for classes: there is
one, and it is loaded when Fava looks. The views themselves know no Fava, and the page in one file uses them without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coopbooks.dashboard.extension import OpenBook

__all__ = ["OpenBook"]


def __getattr__(name: str) -> Any:
    if name == "OpenBook":
        from coopbooks.dashboard.extension import OpenBook

        return OpenBook
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
