"""The one door to a ledger: library, commands and reports all load through `load_books`.

No load cache of Beancount is read, written or deleted: a cache pickles results, trusts names, times and sizes, and
runs code when it came with a ledger that somebody sent. Such a ledger is loaded `untrusted`: in a process of its own that
runs nothing of what it names.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from coopbooks.books.digest import Listed
from coopbooks.books.entries import Places, facts_of
from coopbooks.books.faults import BooksError, Dropped
from coopbooks.books.zero import refuse_divisions
from coopbooks.errors import Finding, LedgerUnusable, Place, shortened
from coopbooks.facts import Facts
from coopbooks.rows import NamedTuple

__all__ = ["Books", "Dropped", "dropped_of", "errors_of", "load_books", "refuse_page"]


class Books(NamedTuple):
    """A loaded ledger: its facts, Beancount's own errors, and what Beancount gave.

    Of one that was loaded untrusted no entries come back, `errors` has what was refused too, and `read` lists the files
    that were read, by the very bytes that were.
    """

    path: Path
    facts: Facts
    errors: tuple[Finding, ...]
    dropped: tuple[Dropped, ...]
    entries: list[Any]
    options: Mapping[str, Any]
    read: tuple[Listed, ...] | None = None


def load_books(path: str | Path, *, untrusted: bool = False) -> Books:
    """Load a ledger from its top-level file, without any cache; `untrusted` where somebody sent it.

    Raises LedgerUnusable, one sentence, where the file is missing, is no file, or cannot be read as a ledger.
    """
    ledger = Path(path)
    if ledger.is_dir():
        raise LedgerUnusable(f"{path} is a folder: give the ledger's top-level file, as {path}/main.beancount")
    if not ledger.exists():
        raise LedgerUnusable(f"{path} does not exist: give the path of the ledger's top-level file")
    ledger = ledger.absolute()
    if untrusted:
        return _untrusted(ledger)
    entries, errors, options = _load(ledger)
    facts = facts_of(entries, options, padded=True)
    found = tuple(errors_of(errors, options, str(ledger), _text_of))
    return Books(ledger, facts, found, tuple(dropped_of(errors, entries, str(ledger), _text_of)), entries, options)


def _untrusted(ledger: Path) -> Books:
    from coopbooks.books.safe import load_untrusted  # only who was sent a ledger needs it

    found = load_untrusted(ledger)
    options = {"filename": str(ledger), "include": [str(ledger.parent / each.path) for each in found.files]}
    return Books(ledger, found.facts, found.errors, found.dropped, [], options, found.files)


def refuse_page(name: str, text: str) -> None:
    """Raise LedgerUnusable for a page in the place of a ledger: Beancount would read a published one for minutes."""
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        raise LedgerUnusable(f"{name} is a web page: give the ledger's top-level file, as main.beancount")


def _load(ledger: Path) -> tuple[list[Any], list[Any], dict[str, Any]]:
    from beancount import loader

    try:
        refuse_page(ledger.name, ledger.read_text(encoding="utf-8"))
        refuse_divisions(ledger)
        # Private, since the public call goes through the cache, and `initialize(use_cache=False)` deletes caches.
        entries, errors, options = loader._uncached_load_file(str(ledger), None, None, None)  # noqa: SLF001
    except LedgerUnusable:
        raise
    except OSError as error:
        raise LedgerUnusable(f"{ledger.name} cannot be read: {error.strerror}: check the file's rights") from None
    except UnicodeDecodeError:
        raise LedgerUnusable(f"{ledger.name} is not text in UTF-8: give the ledger's top-level file") from None
    except Exception as error:  # Beancount's own tracebacks become one line too
        raise LedgerUnusable(
            f"{ledger.name}: Beancount itself stopped ({type(error).__name__}: {error}): "
            "take the last change out of the ledger and try again"
        ) from error
    return entries, errors, options


def _text_of(file: str) -> str:
    """The text of a file as it is now; "" where it cannot be read."""
    try:
        return Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def errors_of(
    errors: list[Any], options: Mapping[str, Any], ledger: str, text_of: Callable[[str], str]
) -> Iterator[Finding]:
    """Beancount's errors as findings; those of our own plugins are left out, since the rules are asked anew.

    `text_of` gives the text of a file by its path.
    """
    places = Places(ledger)
    for error in errors:
        if not isinstance(error, BooksError):
            yield _finding(error, places)
    for file in options.get("include") or [ledger]:
        yield from _hidden_fields(text_of(file).splitlines(), places.file(file))


def _finding(error: Any, places: Places) -> Finding:
    """An error of Beancount, which names files by their whole path, and repeats all of what it could not read."""
    message = str(error.message)
    if len(places.folder) > 1:
        message = message.replace(places.folder + os.sep, "")
    return Finding(places.of(error.source), "beancount", shortened(_one_line(message)))


def _one_line(message: str) -> str:
    """Beancount's message as one line; of a traceback inside it only what went wrong."""
    head, _, traceback = message.partition("Traceback (most recent call last)")
    lines = [line for line in traceback.strip().splitlines() if line.strip()]
    return " ".join(f"{head} {lines[-1] if lines else ''}".split())


_DIRECTIVE = re.compile(r'\d{4}[-/]\d{1,2}[-/]\d{1,2}\s+custom\s+"coop"')
_FIELD = re.compile(r"[ \t]+([a-z][a-zA-Z0-9_-]*):")


def _hidden_fields(lines: list[str], file: str) -> Iterator[Finding]:
    """Fields that Beancount swallows before a plugin can see them: one written twice, and `filename` and `lineno`."""
    seen: set[str] | None = None
    for number, line in enumerate(lines, start=1):
        if _DIRECTIVE.match(line):
            seen = set()
        elif line.strip() and not line[0].isspace():
            seen = None
        elif seen is not None and (match := _FIELD.match(line)):
            name, place = match[1], Place(file, number)
            if name in ("filename", "lineno"):
                yield Finding(place, "records", f'no record has a field "{name}": take the line out')
            elif name in seen:
                yield Finding(place, "records", f'field "{name}" is written twice in one record: keep one of the lines')
            seen.add(name)


_DATED = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}\b")
_ACCOUNT = re.compile(r"(?<![\w-])[^\W\d_a-z][\w-]*(?::[^\W_a-z][\w-]*)+")


def dropped_of(errors: list[Any], entries: list[Any], ledger: str, text_of: Callable[[str], str]) -> Iterator[Dropped]:
    """Of Beancount's errors those whose entry is not among the entries, so that its postings are missing."""
    stands: set[tuple[Any, Any]] | None = None
    places = Places(ledger)
    written: dict[str, _Written] = {}
    for error in errors:
        if isinstance(error, BooksError) or not error.source:
            continue
        finding = _finding(error, places)
        if str(error.source.get("filename")).endswith("grammar.py"):
            yield Dropped(finding, None)  # an exception that Beancount's parser swallowed: what it lost is unknown
            continue
        if type(error).__name__ == "LoadError":
            if "File glob" in finding.message or "does not exist" in finding.message:
                yield Dropped(finding, None)
            continue
        if stands is None:
            stands = {(entry.meta.get("filename"), entry.meta.get("lineno")) for entry in entries}
        file = error.source.get("filename")
        if str(file) not in written:
            written[str(file)] = _Written(text_of(str(file)).splitlines())
        begins, accounts = written[str(file)].around(finding.place.line)
        if accounts and (file, begins) not in stands:
            yield Dropped(finding, accounts)


class _Written:
    """The lines of a file by directive; a file can have an error in each of them, so each is looked at once."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self._begins = [number for number, line in enumerate(lines, start=1) if _DATED.match(line)]
        self._accounts: dict[int, frozenset[str]] = {}

    def around(self, line: int) -> tuple[int, frozenset[str]]:
        """The line at which the directive around a line begins, 1 before the first of them; and the accounts in its lines."""
        place = bisect_right(self._begins, line)
        begins = self._begins[place - 1] if place else 1
        if begins not in self._accounts:
            self._accounts[begins] = self._accounts_from(begins)
        return begins, self._accounts[begins]

    def _accounts_from(self, begins: int) -> frozenset[str]:
        accounts: set[str] = set()
        for number in range(begins - 1, len(self.lines)):
            text = self.lines[number]
            if number >= begins and text.strip() and not text[0].isspace():
                break
            accounts.update(_ACCOUNT.findall(text))
        return frozenset(accounts)
