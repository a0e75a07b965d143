"""Numbers that are divided by zero, as in `10.00 / 0 EUR`: Beancount's parser does not survive one.

The parser is written in C and takes the exception for a number, so that the whole program ends without a word. While no
exception is raised it takes an infinite number instead, and complains of it. Who reads a ledger does it `without_traps`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from decimal import Context, DecimalException, DivisionByZero, InvalidOperation, localcontext

from coopbooks.errors import LedgerUnusable, Place, shortened

__all__ = ["divided_by_zero", "refuse_divisions", "without_traps"]

_SIGNALS = (DivisionByZero, InvalidOperation)  # of 1/0, and of 0/0
_NO_SUM = re.compile(r'"(?:[^"\\]|\\.)*"?|;.*|[^\W\d][\w:.-]*|\d{4}[/-]\d{1,2}[/-]\d{1,2}')
_SUM = re.compile(r"[-+(\d][-+*/(),.\d\s]*")


@contextmanager
def without_traps(*signals: type[DecimalException]) -> Generator[Context]:
    """Inside, none of some signals of `decimal` is raised; unless told otherwise, none of a division by zero."""
    with localcontext() as numbers:
        for signal in signals or _SIGNALS:
            numbers.traps[signal] = False
        numbers.clear_flags()
        yield numbers


def divided_by_zero(numbers: Context) -> bool:
    """Whether inside of `without_traps` anything was divided by zero, or done that has no result for another reason."""
    return any(numbers.flags[signal] for signal in _SIGNALS)


def refuse_divisions(files: Iterable[str], text_of: Callable[[str], str], shown: Callable[[str], str]) -> None:
    """Raise LedgerUnusable for the first number in some files that is divided by zero, as Beancount itself reads it.

    `text_of` gives the text of a file by its path, `shown` its name in a place.
    """
    for file in files:
        for line, text in enumerate(text_of(file).splitlines(), start=1):
            for written in _sums(text):
                if _is_by_zero(written):
                    raise LedgerUnusable(
                        f"{shortened(written)} divides by zero, which gives no number: write the number that is meant",
                        Place(shown(file), line),
                    )


def _sums(text: str) -> Iterator[str]:
    if "/" in text:
        yield from (found.strip(" \t,") for found in _SUM.findall(_NO_SUM.sub(" | ", text)) if "/" in found)


def _is_by_zero(written: str) -> bool:
    from beancount.parser import parser

    with without_traps() as numbers, suppress(MemoryError):  # of the parser's own, where brackets are too deep
        parser.parse_string(f"2000-01-01 price AAA {written} BBB")
    return divided_by_zero(numbers)
