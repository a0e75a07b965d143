"""Numbers that are divided by zero, as in `10.00 / 0 EUR`: Beancount's parser does not survive one.

The parser is written in C and takes the exception for a number, so that the whole program may end without a word. So such a
number is looked for before a ledger is read. While no exception is raised the parser goes on with an infinite number, and
`decimal` notes what was done.
"""

from __future__ import annotations

import glob
import io
import re
from bisect import bisect_left
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from decimal import Context, DivisionByZero, InvalidOperation, localcontext
from os.path import dirname, join, normpath
from pathlib import Path
from typing import Any

from coopbooks.books.entries import Places
from coopbooks.errors import LedgerUnusable, Place

__all__ = ["divided_by_zero", "refuse_division", "refuse_divisions", "without_traps"]

_SIGNALS = (DivisionByZero, InvalidOperation)  # of 1/0, and of 0/0
# What a division by zero cannot do without; few ledgers have it but in dates, and a date begins its line.
_SLASH = re.compile(r"/[\s(+-]*[0(]")
_CANDIDATE = re.compile(r"^\d{4}/\d{1,2}/\d{1,2}|(/[\s(+-]*[0(])", re.MULTILINE)
_INCLUDE = re.compile(r'^include\s+"([^"\n]*)"', re.MULTILINE)


@contextmanager
def without_traps() -> Generator[Context]:
    """Inside, what is divided by zero raises nothing; `divided_by_zero` asks afterwards whether anything was."""
    with localcontext() as numbers:
        for signal in _SIGNALS:
            numbers.traps[signal] = False
        numbers.clear_flags()
        yield numbers


def divided_by_zero(numbers: Context) -> bool:
    """Whether inside of `without_traps` anything was divided by zero, or done that has no result for another reason."""
    return any(numbers.flags[signal] for signal in _SIGNALS)


def refuse_divisions(ledger: Path) -> None:
    """Raise LedgerUnusable for the first number of a ledger, or of what it includes, that is divided by zero."""
    for path, text in _files(str(ledger), set()):
        refuse_division(text, Places(str(ledger)).file(path))


def _files(path: str, seen: set[str]) -> Iterator[tuple[str, str]]:
    """The files of a ledger and their texts; what cannot be read, Beancount will say."""
    if path in seen:
        return
    seen.add(path)
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return
    yield path, text
    for name in _INCLUDE.findall(text) if "include" in text else ():
        for found in glob.glob(join(dirname(path), name), recursive=True):  # noqa: PTH118, PTH120, PTH207  # as Beancount
            yield from _files(normpath(found), seen)


def refuse_division(text: str, shown: str) -> None:
    """Raise LedgerUnusable for the first number in a text that is divided by zero, as Beancount itself reads it.

    `shown` is the name of its file in a place.
    """
    if not _SLASH.search(text) or not any(found[1] for found in _CANDIDATE.finditer(text)) or not _divides(text):
        return
    lines = text.split("\n")
    line = bisect_left(range(len(lines)), True, key=lambda last: _divides("\n".join(lines[: last + 1]) + "\n"))  # noqa: FBT003
    raise LedgerUnusable(
        "a number in this line is divided by zero, which gives none: write the number that is meant",
        Place(shown, min(line, len(lines) - 1) + 1),
    )


def _divides(text: str) -> bool:
    from beancount.parser import _parser, grammar  # type: ignore[attr-defined]  # of C, without a stub

    class Builder(grammar.Builder):
        """Beancount's, which reads no option: that may try whether a text is a number."""

        def option(self, filename: str, lineno: int, key: str, value: Any) -> None:
            """Nothing."""

    with without_traps() as numbers, suppress(Exception):  # whatever else is wrong Beancount will say
        builder = Builder()  # type: ignore[no-untyped-call]
        _parser.Parser(builder, debug=False).parse(io.BytesIO(text.encode("utf-8")), filename="<text>", lineno=1)
    return divided_by_zero(numbers)
