"""A ledger that someone sent, loaded in a process of its own that runs nothing of it and can write nothing.

This side starts the process, keeps its clock, and believes nothing of the answer but its form.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from coopbooks.books.appended import Added, Entered
from coopbooks.books.digest import Listed
from coopbooks.books.faults import Dropped
from coopbooks.books.limits import MORE_TIME, Limits, seconds_given
from coopbooks.books.unseen import visible
from coopbooks.errors import Finding, LedgerUnusable, Place, shortened
from coopbooks.facts import Facts
from coopbooks.rows import NamedTuple

__all__ = ["Untrusted", "entered_untrusted", "load_untrusted"]

_PACKAGES = ("beancount", "regex", "coopbooks")  # all that the child imports beside Python's own library
_START = "import json, sys; sys.path += json.loads(sys.argv[1])['folders']; from coopbooks.books.safe_child import main; main()"
_CHUNK = 1 << 20


class Untrusted(NamedTuple):
    """What a ledger that someone sent says; `files` are those that were read, by their bytes."""

    facts: Facts
    errors: tuple[Finding, ...]
    dropped: tuple[Dropped, ...]
    files: tuple[Listed, ...]


def load_untrusted(ledger: Path, limits: Limits | None = None) -> Untrusted:
    """Load a ledger in a process that runs nothing of it.

    Raises LedgerUnusable, one sentence, where the ledger cannot be read, or its reading crashed or took too much.
    """
    said = _said(ledger.absolute(), limits or Limits(seconds=seconds_given()))
    rest = json.loads(said["rest"])
    return Untrusted(
        Facts.from_text(said["facts"]),
        tuple(_finding(each) for each in rest["errors"]),
        tuple(Dropped(_finding(each), None if of is None else frozenset(of)) for each, of in rest["dropped"]),
        tuple(Listed(*each) for each in rest["files"]),
    )


def entered_untrusted(text: str) -> Added:
    """What a text that was added to such a ledger says by itself, as `entered_in` has it, parsed in a process of its own.

    Raises LedgerUnusable as `load_untrusted` does.
    """
    rows, error = json.loads(
        _said(Path(os.devnull, "what was added"), Limits(seconds=seconds_given()), text.encode())["rest"]
    )
    return Added(
        tuple(
            Entered(date.fromisoformat(day), line, sort, None if record is None else (record[0], record[1]))
            for day, line, sort, record in rows
        ),
        error,
    )


def _said(ledger: Path, limits: Limits, text: bytes | None = None) -> dict[str, str]:
    """What the child says, each of its texts by its word. Raises LedgerUnusable where it says nothing."""
    lines, ended = _asked(str(ledger), limits, text)
    *_, last = [None, *(json.loads(words) for word, words in lines if word == "reading")]
    name = visible(str(last or ledger.name))
    said = dict(lines)
    if "unusable" in said:
        message, place = json.loads(said["unusable"])
        raise LedgerUnusable(_legible(message), Place(*place) if place else None)
    if "stopped" in said or ended or "rest" not in said:
        raise LedgerUnusable(_why(name, said.get("stopped"), ended, limits))
    return said


def _finding(row: list[Any]) -> Finding:
    file, line, rule, message = row
    return Finding(Place(visible(file), line), rule, _legible(message))


def _legible(message: str) -> str:
    """A sentence with no character that nobody sees and, where a ledger's text makes it endless, without its middle."""
    return shortened(visible(message))


def _why(name: str, stopped: str | None, ended: str, limits: Limits) -> str:
    """The sentence for a load that gave no answer; `ended` is how the process ended, "" where it ended by itself."""
    cure = "ask the sender for a ledger without what stands there"
    if stopped is not None and json.loads(stopped) != "memory":
        why = f"its reading was stopped ({json.loads(stopped)})"
    elif stopped is not None:
        why = f"it takes more than {limits.memory >> 20:,} MiB of memory"
    elif ended in ("SIGXCPU", "time"):
        why = f"it takes more than {limits.seconds} s"
        cure = f"{cure}, {MORE_TIME}"
    elif ended == "answer":
        why = f"it says more than {limits.answer_bytes >> 20:,} MiB of text"
    else:
        why = f"its reading crashed ({ended or 'without an answer'})"
    return f"{name}: the ledger was not read, since {why}: {cure}"


def _asked(ledger: str, limits: Limits, text: bytes | None) -> tuple[list[tuple[str, str]], str]:
    """The lines that the child says, each as its word and its text, and how it was ended: "" where it ended by itself."""
    request = json.dumps({"ledger": ledger, "limits": list(limits), "folders": _folders(), "text": text is not None})
    with _given(text) as given, _child(request, given) as child:
        output, why = _read(child, limits)
    lines = [line.decode("utf-8", "surrogatepass") for line in output.split(b"\n")[:-1]]
    if not why and child.returncode:
        why = _signal(child.returncode)
    return [(word, text) for word, _, text in (line.partition(" ") for line in lines)], why


def _folders() -> list[str]:
    """The folders in which the packages stand that the child needs, those of a checkout last."""
    found = []
    for name in _PACKAGES:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise LedgerUnusable(f"the package {name} has no folder here: install coopbooks anew and try again")
        found.append(str(Path(spec.origin).parent.parent))
    return list(dict.fromkeys(found))


@contextmanager
def _given(text: bytes | None) -> Generator[int]:
    """The text as a file to read: a pipe would have to be filled while the child's is emptied. Nothing where there is none."""
    if text is None:
        yield subprocess.DEVNULL
        return
    with TemporaryFile() as file:
        file.write(text)
        file.seek(0)
        yield file.fileno()


@contextmanager
def _child(request: str, given: int) -> Generator[subprocess.Popen[bytes]]:
    """The process, isolated from the user's settings, with `given` open as its input; it is gone when this ends."""
    child = subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
        [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _START, request],
        stdin=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=os.sep,
        env={},
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        if child.stdout is not None:
            child.stdout.close()
        child.wait()


def _read(child: subprocess.Popen[bytes], limits: Limits) -> tuple[bytes, str]:
    """What the child says until it ends, and why it was ended: for its time, or for saying too much."""
    assert child.stdout is not None
    handle, until = child.stdout.fileno(), time.monotonic() + limits.seconds
    parts: list[bytes] = []
    size = 0
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([handle], [], [], left)[0]:
            return b"".join(parts), "time"
        part = os.read(handle, _CHUNK)
        if not part:
            break
        parts.append(part)
        size += len(part)
        if size > limits.answer_bytes:
            return b"".join(parts), "answer"
    try:
        child.wait(max(0.1, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        return b"".join(parts), "time"
    return b"".join(parts), ""


def _signal(code: int) -> str:
    if code > 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
