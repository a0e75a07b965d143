"""Figures and texts as a person reads them. Money comes as text ("1234.50"); nothing is rounded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

__all__ = ["clean", "count_of", "difference", "exceeds", "grouped", "is_zero", "listed", "one_line", "percent", "total"]

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def clean(text: str) -> str:
    """Text that a stranger may have written, safe for a terminal: what would steer it shows as an escape.

    >>> clean("bank memo \\x1b[2J"), clean("Café\\u202e")
    ('bank memo \\\\x1b[2J', 'Café\\\\u202e')
    """
    return "".join(char if _shows(char) else char.encode("unicode_escape").decode("ascii") for char in text)


def _shows(char: str) -> bool:
    return char.isprintable() or unicodedata.category(char) == "Zs"


def one_line(text: str) -> str:
    """A message on one line, whatever it is made of.

    >>> one_line("first\\n  second")
    'first second'
    """
    return clean(" ".join(text.split()))


def grouped(number: str | None) -> str:
    """A number with its thousands apart; another text, such as a period's name, stays as it is.

    >>> grouped("1234567.50"), grouped("-0.05"), grouped(None), grouped("m03")
    ('1,234,567.50', '-0.05', '', 'm03')
    """
    if number is None:
        return ""
    return f"{Decimal(number):,f}" if _NUMBER.fullmatch(number) else clean(number)


def is_zero(number: str | None) -> bool:
    """Whether there is nothing to show: no number, or zero."""
    return number is None or (bool(_NUMBER.fullmatch(number)) and not Decimal(number))


def exceeds(more: str | None, less: str | None) -> bool:
    """Whether the first amount is larger; what does not apply is larger than nothing.

    >>> exceeds("10.00", "9.50"), exceeds(None, "0.00")
    (True, False)
    """
    return more is not None and less is not None and Decimal(more) > Decimal(less)


def percent(share: str | None) -> str:
    """A share of one as per cent, all its digits kept.

    >>> percent("0.300000"), percent("0.071429"), percent("1"), percent(None)
    ('30 %', '7.1429 %', '100 %', '')
    """
    if share is None:
        return ""
    if not _NUMBER.fullmatch(share):
        return clean(share)
    text = f"{Decimal(share).scaleb(2):f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def total(numbers: Iterable[str]) -> str:
    """The sum of amounts of money, with the decimals that they have.

    >>> total(["1.50", "2.25"]), total([])
    ('3.75', '0')
    """
    return f"{sum((Decimal(number) for number in numbers), Decimal(0)):f}"


def difference(more: str, less: str) -> str:
    """What an amount of money is above another, with the decimals that they have.

    >>> difference("1000.00", "750.00")
    '250.00'
    """
    return f"{Decimal(more) - Decimal(less):f}"


def count_of(count: int, one: str, many: str) -> str:
    """How many there are, in words that fit the number.

    >>> count_of(1, "duty is", "duties are"), count_of(1200, "duty is", "duties are")
    ('1 duty is', '1,200 duties are')
    """
    return f"{count:,} {one if count == 1 else many}"


def listed(names: Iterable[str], most: int = 6) -> str:
    """Names in a sentence; from a long list only the first few, and how many more there are.

    >>> listed(["m01", "m02"]), listed(["a", "b", "c", "d"], most=2)
    ('m01, m02', 'a, b and 2 more')
    """
    every = [clean(name) for name in names]
    if len(every) <= most:
        return ", ".join(every)
    return f"{', '.join(every[:most])} and {len(every) - most} more"
