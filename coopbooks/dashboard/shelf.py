"""Pages that were made already, for as long as the books stay as they are: asked again, one costs no work.

A server's threads share it. The books are read, and each page is made, by one thread at a time; what is made already is
given to all at once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock, RLock
from typing import Generic, TypeVar

from coopbooks.dashboard.page import Page

__all__ = ["Kept", "Shelf"]

PAGES_MAX = 128
Books = TypeVar("Books")
Answer = TypeVar("Answer")


class Kept(Generic[Books]):
    """One state of the books, and the pages that were made of it, the least used of them leaving first."""

    def __init__(self, source: object, read: Callable[[], Books]) -> None:
        """`source` is what the books are read from; `read` reads them, once, when they are first asked for."""
        self.source = source
        self._read = read
        self._books: list[Books] = []
        self._pages: OrderedDict[Hashable, Page] = OrderedDict()
        self._order = Lock()
        self._work = RLock()

    def books(self) -> Books:
        """The books. Raises what reading them raises, each time it is asked."""
        if not self._books:  # who only wants to know what was read waits for no page that is being made
            with self._work:
                if not self._books:
                    self._books.append(self._read())
        return self._books[0]

    def ask(self, question: Callable[[Books], Answer]) -> Answer:
        """What the books answer. One question is worked out at a time: they remember what they found."""
        with self._work:
            return question(self.books())

    def page(self, key: Hashable, make: Callable[[], Page]) -> Page:
        """The page that was made under a key, else the one that `make` gives now."""
        found = self._found(key)
        if found is not None:
            return found
        with self._work:
            found = self._found(key) or make()
            with self._order:
                self._pages[key] = found
                while len(self._pages) > PAGES_MAX:
                    self._pages.popitem(last=False)
            return found

    def _found(self, key: Hashable) -> Page | None:
        with self._order:
            if key in self._pages:
                self._pages.move_to_end(key)
            return self._pages.get(key)


class Shelf(Generic[Books]):
    """The newest state of one ledger's books."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: Kept[Books] | None = None

    def of(self, source: object, read: Callable[[], Books]) -> Kept[Books]:
        """What is kept of a source; another source than before empties the shelf."""
        with self._lock:
            if self._kept is None or self._kept.source is not source:
                self._kept = Kept(source, read)
            return self._kept

    def clear(self) -> None:
        """Forget everything: the books have changed."""
        with self._lock:
            self._kept = None
