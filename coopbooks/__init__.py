"""coopbooks: a cooperative's promises, kept in its own plain-text books.

    from coopbooks import load
    coop = load("main.beancount")

The public names are loaded when they are asked for; importing the package imports nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coopbooks.cooperative import Cooperative as Cooperative
    from coopbooks.cooperative import load as load

__all__ = ["Cooperative", "load"]  # given by __getattr__
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in __all__:
        from coopbooks import cooperative

        return getattr(cooperative, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
