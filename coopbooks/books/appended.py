"""A ledger against the list of its files as they were on another day: what was changed, and what only came after.

Plain text that is only ever appended to keeps its first bytes. What came after them is read by itself: entries that are
dated after the day, and the records of an audit's own signing, change nothing of what was judged up to it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from coopbooks.books.digest import Listed
from coopbooks.rows import NamedTuple

__all__ = ["Added", "Entered", "Since", "entered_in", "since"]

_AFFECTS_ALL = re.compile(r"^(?:option|plugin|pushtag|poptag|pushmeta|popmeta)\b", re.MULTILINE)
_OF_THE_SIGNING = frozenset({"verdict", "publication", "response"})
_SENTENCES_MAX = 20


class Since(NamedTuple):
    """One sentence for each change of what was there, and one for each file that only grew."""

    changed: tuple[str, ...]
    appended: tuple[str, ...]


class Entered(NamedTuple):
    """An entry of a text that was added: its day and line, its sort, and the kind and id of a record of ours."""

    date: date
    line: int
    sort: str
    record: tuple[str, str] | None


class Added(NamedTuple):
    """What a text that was added says by itself: its entries, and the line of the first error in it."""

    entries: tuple[Entered, ...]
    error: int | None


def entered_in(text: str) -> Added:
    """What a text says by itself; nothing that it names is followed."""
    from beancount.parser import parser

    entries, errors, _ = parser.parse_string(text)
    first = int((errors[0].source or {}).get("lineno", 1)) if errors else None
    return Added(
        tuple(Entered(entry.date, _line(entry), type(entry).__name__.lower(), _record(entry)) for entry in entries),
        first,
    )


def _line(entry: Any) -> int:
    """The line of an entry; a text may have written nonsense over it."""
    line = entry.meta.get("lineno")
    return line if isinstance(line, int) else 0


def _record(entry: Any) -> tuple[str, str] | None:
    if type(entry).__name__ != "Custom" or entry.type != "coop":
        return None
    values = [value.value for value in entry.values or ()]
    return (str(values[0]), str(values[1])) if len(values) == 2 else None


def since(
    ledger: Path,
    files: Iterable[Path],
    before: Collection[Listed],
    day: date,
    audit: str | None,
    read: Callable[[str], Added] = entered_in,
) -> Since:
    """What became of a ledger since its files were listed, for somebody who judged it as of a day.

    `ledger` is the top-level file and `files` all that it includes now; `audit` is the audit whose own verdict, publication
    and response may have come since. Paths are relative to the ledger's folder. `read` parses what was added.
    """
    now = {Path(os.path.relpath(file, ledger.parent)).as_posix(): file for file in {ledger, *files}}
    changed: list[str] = []
    appended: list[str] = []
    for each in sorted(before):
        if each.path not in now:
            changed.append(f"{each.path} is gone from the ledger")
            continue
        content = now[each.path].read_bytes()
        if sha256(content[: each.bytes]).hexdigest() != each.sha256:
            changed.append(
                f"{each.path} was changed: its first {each.bytes:,} bytes are not those that the report names"
            )
        elif len(content) > each.bytes:
            first = content[: each.bytes].count(b"\n")
            _judge(each.path, content[each.bytes :], first, day, audit, read, changed, appended)
    for path in sorted(set(now) - {each.path for each in before}):
        _judge(path, now[path].read_bytes(), 0, day, audit, read, changed, appended)
    return Since(tuple(changed[:_SENTENCES_MAX]), tuple(appended))


def _judge(
    path: str,
    added: bytes,
    lines: int,
    day: date,
    audit: str | None,
    read: Callable[[str], Added],
    changed: list[str],
    appended: list[str],
) -> None:
    """Sort what was added to a file into what changes the books of the day and what does not."""
    found = list(_faults(path, added.decode("utf-8", "replace"), lines, day, audit, read))
    changed += found
    if not found:
        appended.append(f"{path} has {len(added):,} bytes more, and nothing in them is of the days of the report")


def _faults(
    path: str, text: str, lines: int, day: date, audit: str | None, read: Callable[[str], Added]
) -> Iterator[str]:
    if match := _AFFECTS_ALL.search(text):
        line = lines + text.count("\n", 0, match.start()) + 1
        yield f"{path}:{line}: `{match[0]}` was added, which may change what is older"
    entries, error = read(text)
    if error is not None:
        yield f"{path}:{lines + error}: what was added cannot be read by itself"
    for entry in entries:
        kind, name = entry.record or ("", "")
        is_of_the_signing = audit is not None and kind in _OF_THE_SIGNING and name == audit
        if entry.date <= day and not is_of_the_signing:
            yield f"{path}:{lines + entry.line}: a {entry.sort} dated {entry.date} was added after the report of {day}"
