"""The ledger in the newest state that was read to its end: while a changed one is read, visitors see the one before.

It stands where Fava has its list of ledgers. A ledger is never changed while somebody is answered with it: a new one is
read beside it, in a thread of its own, made ready, and then put in its place for all who ask from then on.
"""

from __future__ import annotations

import gc
import logging
import weakref
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread

from fava.util import slugify
from flask import has_request_context, request

from coopbooks.books.resting import resting
from coopbooks.dashboard import OpenBook
from coopbooks.errors import CoopbooksError
from coopbooks.serve.endpoints import EXTENSION
from coopbooks.serve.ledgers import ServedLedger

__all__ = ["State", "States"]

WAIT_S = 0.3
"""So long who comes first after a change waits for the new state: a small ledger is read in that time."""
ENTRIES_FEW = 5_000
"""So many entries the garbage collector may walk through now and then; all threads wait meanwhile."""
_STATE = "coopbooks.state"
_log = logging.getLogger(__name__)


class State:
    """One reading of the ledger, and what the door has to know of it."""

    def __init__(self, ledger: ServedLedger) -> None:
        self.ledger = ledger
        self.audience = _audience(ledger)
        self.slug = slugify(str(ledger.options["title"]))
        weakref.finalize(self, ledger.let_go).atexit = False


class States:
    """The state that is shown now, and the one after it while that is being read."""

    def __init__(self, path: Path) -> None:
        """Read the ledger. Raises what Fava raises."""
        self._path = path
        self._order = Lock()
        self._reading: Thread | None = None
        self.now = self._read()
        self._tidy()

    def look(self) -> State:
        """The state to answer with. Where a file was written since, a new one is begun to be read."""
        with self._order:
            begins = self._reading is None and self.now.ledger.is_outdated()
            if begins:
                self._reading = Thread(
                    target=self._read_again, args=(self.now.ledger.watcher.last_checked,), daemon=True
                )
                self._reading.start()
            reading = self._reading
        if begins and reading is not None:
            reading.join(WAIT_S)
        return self.now

    @property
    def is_reading(self) -> bool:
        """Whether a newer state is being read."""
        return self._reading is not None

    # -- what Fava asks of its list of ledgers --------------------------------------------------------------

    @property
    def ledgers(self) -> list[ServedLedger]:
        """The only one."""
        return [self._asked().ledger]

    def first_slug(self) -> str:
        """The name of the book in addresses."""
        return self._asked().slug

    def items(self) -> list[tuple[str, ServedLedger]]:
        """The only one, with its name in addresses."""
        state = self._asked()
        return [(state.slug, state.ledger)]

    def __getitem__(self, slug: str) -> ServedLedger:
        """The ledger of a name in addresses. Raises KeyError."""
        return dict(self.items())[slug]

    def _asked(self) -> State:
        """The state with which the request at hand is answered from its beginning to its end."""
        found = request.environ.get(_STATE) if has_request_context() else None
        return found if isinstance(found, State) else self.now

    def answering_with(self, state: State) -> dict[str, object]:
        """What a request has to carry, to be answered with this state."""
        return {_STATE: state}

    # -- reading ----------------------------------------------------------------------------------------------

    def _read(self) -> State:
        """A new state of the ledger, with the books made of it."""
        with resting():  # at work it would stop all threads, and nothing of what is read is garbage
            ledger = ServedLedger(str(self._path), poll_watcher=True)
            _make_ready(ledger, pages=False)
        return State(ledger)

    def _tidy(self) -> None:
        """Collect what is left of the state before, and have this one out of the garbage collector's sight."""
        if len(self.now.ledger.all_entries) > ENTRIES_FEW:
            gc.unfreeze()
            gc.collect()
            gc.freeze()

    def _read_again(self, seen: int) -> None:
        """`seen` is when the newest file was written for which this is done."""
        try:
            state = self._read()
            # What was written while it was read is seen at the next look.
            state.ledger.stamp = state.ledger.watcher.last_checked = seen
            _make_ready(state.ledger, pages=True)
            self.now = state
            self._tidy()
        except Exception as error:  # noqa: BLE001  # whatever is wrong with the new one, the old one can be shown
            said = error if isinstance(error, CoopbooksError) else type(error).__name__
            _log.error("the ledger was changed and cannot be read, so the books before that are shown still: %s", said)
        finally:
            with self._order:
                self._reading = None


def _make_ready(ledger: ServedLedger, *, pages: bool) -> None:
    """Work out what every visitor would wait for; what goes wrong there is said by the page itself."""
    book = ledger.extensions.get_extension(EXTENSION)
    if isinstance(book, OpenBook):
        with suppress(Exception):
            book.make_ready(pages=pages)


def _audience(ledger: ServedLedger) -> str | None:
    """For whom the ledger was published; None for a whole ledger."""
    for entry in ledger.all_entries_by_type.Custom:
        values = [value.value for value in entry.values or ()]
        if entry.type == "published" and values[:1] == ["audience"] and len(values) > 1:
            return str(values[1])
    return None
