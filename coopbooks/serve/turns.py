"""Turns: what is worked out for one member at a time, so that nobody takes the machine for oneself."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

from coopbooks.rows import NamedTuple

__all__ = ["UNDER_WAY_MAX", "Turns"]

UNDER_WAY_MAX = 6
"""So many requests of one member may be under way, one of them being answered; a browser opens six connections."""


class _Turn(NamedTuple):
    lock: Lock
    asked: int


class Turns:
    """Who is being answered, and who waits for an answer to oneself."""

    def __init__(self) -> None:
        self._order = Lock()
        self._turns: dict[str, _Turn] = {}

    @contextmanager
    def of(self, member: str | None) -> Generator[bool]:
        """Wait until the member's other answers are given; False where too many are waited for.

        Who did not sign in sits at the machine itself, and waits for nobody.
        """
        if member is None:
            yield True
            return
        with self._order:
            turn = self._turns.get(member) or _Turn(Lock(), 0)
            is_let_in = turn.asked < UNDER_WAY_MAX
            if is_let_in:
                self._turns[member] = turn._replace(asked=turn.asked + 1)
        if not is_let_in:
            yield False
            return
        try:
            with turn.lock:
                yield True
        finally:
            self._done(member)

    def _done(self, member: str) -> None:
        with self._order:
            turn = self._turns[member]
            if turn.asked == 1:
                del self._turns[member]
            else:
                self._turns[member] = turn._replace(asked=turn.asked - 1)
