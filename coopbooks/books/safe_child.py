"""The process in which a ledger that someone sent is read: first it takes from itself all that reading does not need.

Its argument is one JSON object {"ledger", "limits", "folders", "text"}; with `text` it reads no ledger but the text on its
input. On its output stand lines of one word and one JSON text:
`reading` and the name of each file before it is read, then `facts` and `rest`, or `unusable` with a sentence.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from coopbooks.books.limits import PLUGINS_TAKEN, Limits
from coopbooks.errors import LedgerUnusable

__all__ = ["Guard", "main"]

_PIPE = 1
_ROOM = 64  # open files
# Of all that an audit hook hears of, what reading a ledger does; of `open` and the two lists of names it asks where.
_HARMLESS = frozenset(
    """builtins.id object.__getattr__ object.__setattr__ object.__delattr__ sys._getframe sys._getframemodulename
    sys.excepthook sys.unraisablehook cpython.run_stdin gc.get_objects gc.get_referrers gc.get_referents array.__new__
    sys.monitoring.register_callback""".split()
)
_FOR_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


# What the library and Beancount import where they need it.
_WHEN_ASKED = (
    *("coopbooks.books.safe_reading", "coopbooks.books.unseen", "coopbooks.books.appended"),
    *("beancount.ops.pad", "coopbooks.books.canonical", "coopbooks.facts_text", "coopbooks.statutes.toml", "tomllib"),
    *("difflib", "heapq", "linecache", "resource", "tokenize", "traceback"),
)


class Forbidden(BaseException):
    """What was tried is not allowed in this process; no `except Exception` takes it for something else."""


class Guard:
    """An audit hook that allows reading below one folder and below the library's own, and nothing else.

    It cannot be taken away again in the process that has it. `broken` names the first thing that was tried against it:
    Beancount's parser swallows any exception of what it calls.
    """

    def __init__(self, folder: str, libraries: Sequence[str]) -> None:
        """`folder` is the real path of the ledger's folder, `libraries` the folders of Python and of its packages."""
        self.folders = tuple(_below(path) for path in (folder,))
        self.libraries = tuple(_below(path) for path in libraries)
        self.broken: str | None = None

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Raise Forbidden unless an event is harmless."""
        if event in _HARMLESS or (event == "open" and self._may_open(*args)):
            return
        if event in ("os.listdir", "os.scandir") and self._is_below(args[0], self.folders):
            return
        self.broken = self.broken or event
        raise Forbidden(event)

    def _may_open(self, path: Any, _mode: Any, flags: Any) -> bool:
        if isinstance(path, int):
            return True  # a file that is open already
        if not isinstance(flags, int) or flags & ~_FOR_READING:
            return False
        if self._is_below(path, self.folders):
            return True
        return str(path).endswith(".py") and self._is_below(path, self.libraries)  # a line of code, for a message

    def _is_below(self, path: Any, folders: tuple[str, ...]) -> bool:
        if not isinstance(path, str):
            return False
        return (os.path.realpath(path).rstrip(os.sep) + os.sep).startswith(folders)


def _below(path: str) -> str:
    return os.path.realpath(path).rstrip(os.sep) + os.sep


def main() -> None:
    """Read the ledger of the argument, and say what it says."""
    asked = json.loads(sys.argv[1])
    limits = Limits(*asked["limits"])
    confine(limits)
    gc.disable()  # what is read is kept until the process ends
    ready()
    ledger = asked["ledger"]
    sys.path.clear()
    guard = Guard(os.path.dirname(ledger), [os.path.dirname(os.__file__), *asked["folders"]])
    sys.addaudithook(guard)
    said = partial(_entered, limits) if asked["text"] else partial(_whole, ledger, limits)
    for word, text in _answer(said, guard):
        put(word, text)


def _whole(ledger: str, limits: Limits) -> list[tuple[str, str]]:
    from coopbooks.books.safe_reading import read_safely

    found = read_safely(ledger, limits, lambda name: put("reading", json.dumps(name)))
    return [("facts", _facts(found, ledger)), ("rest", _rest(found))]


def _entered(limits: Limits) -> list[tuple[str, str]]:
    """What a text on the input says by itself."""
    from coopbooks.books.appended import entered_in

    entries, error = entered_in(sys.stdin.buffer.read(limits.file_bytes).decode("utf-8", "replace"))
    rows = [[each.date.isoformat(), each.line, each.sort, each.record] for each in entries]
    return [("rest", json.dumps([rows, error]))]


def _answer(said: Callable[[], list[tuple[str, str]]], guard: Guard) -> list[tuple[str, str]]:
    """The lines that end the answer: what the ledger says, or why it says nothing."""
    try:
        lines = said()
    except LedgerUnusable as error:
        lines = [("unusable", json.dumps([error.message, error.place]))]
    except MemoryError as error:  # one with words is the parser's own, whose stack is full
        lines = [("stopped", json.dumps(str(error) or "memory"))]
    except (Exception, Forbidden) as error:  # noqa: BLE001  # whatever it is, the other side makes one sentence of it
        lines = [("stopped", json.dumps(f"{type(error).__name__}: {error}"))]
    return lines if guard.broken is None else [("stopped", json.dumps(guard.broken))]


def confine(limits: Limits) -> None:
    """Bound what this process may take, as far as the system knows how: no new file, no new process, little of all else."""
    import resource

    wanted = {
        "RLIMIT_AS": limits.memory,
        "RLIMIT_CPU": limits.seconds,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": _ROOM,
        "RLIMIT_NPROC": 0,
        "RLIMIT_CORE": 0,
    }
    for name, most in wanted.items():
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        _, hard = resource.getrlimit(kind)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # A second more for the processor's time, so that the signal says what it was.
        last = least + 1 if name == "RLIMIT_CPU" and least != hard else least
        try:
            resource.setrlimit(kind, (least, last))
        except (OSError, ValueError):
            continue  # a system that does not bound this: the parent's clock and the hook remain


def ready() -> None:
    """Load all that is imported only when it is first used: after this nothing is imported any more."""
    for name in (*sorted(PLUGINS_TAKEN), *_WHEN_ASKED):
        import_module(name)
    b"".decode("utf-8", "surrogateescape")


def _facts(found: Any, ledger: str) -> str:
    """The facts as text, and where the ledger has such characters at all, none that nobody sees."""
    from coopbooks.books.unseen import visible, visible_in_json

    text: str = found.facts.to_text()
    return text if not found.unseen and visible(ledger) == ledger else visible_in_json(text)


def _rest(found: Any) -> str:
    return json.dumps(
        {
            "errors": [[*each.place, each.rule, each.message] for each in found.errors],
            "dropped": [
                [
                    [*each.finding.place, each.finding.rule, each.finding.message],
                    None if each.accounts is None else sorted(each.accounts),
                ]
                for each in found.dropped
            ],
            "files": [list(each) for each in found.files],
        }
    )


def put(word: str, text: str) -> None:
    """One line on the pipe: a word, and a JSON text without a line break in it."""
    content = memoryview(f"{word} {text}\n".encode("utf-8", "surrogatepass"))
    while content:
        content = content[os.write(_PIPE, content) :]
