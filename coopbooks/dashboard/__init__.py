"""The open book in Fava: the page that a worker opens to ask whether pay is fair and where the surplus goes.

A ledger names this module in `custom "fava-extension" "coopbooks.dashboard"`. Fava looks in it for classes:
there is one.
"""

from coopbooks.dashboard.extension import OpenBook

__all__ = ["OpenBook"]
