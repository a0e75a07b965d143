"""Figures and texts of a ledger as a person reads them on paper. Money comes as text ("1234.50"); nothing is rounded."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

__all__ = ["NUMBER", "day_said", "grouped", "is_zero", "percent", "shown", "total"]

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_MONTHS = "January February March April May June July August September October November December".split()
_JOINERS = "\u200c\u200d"  # belong to the spelling of names in some scripts, and to some emoji


def shown(text: str) -> str:
    """Text that a stranger may have written, as it is; only what has no sign, or would turn others round, as an escape.

    >>> shown("#let $x$ *bold* [c] <a> Ø שלום"), shown("5.00\\u202e00.9"), shown("two\\nlines")
    ('#let $x$ *bold* [c] <a> Ø שלום', '5.00\\\\u202e00.9', 'two lines')
    """
    one_line = " ".join(text.split())
    return "".join(each if _has_a_sign(each) else each.encode("unicode_escape").decode("ascii") for each in one_line)


def _has_a_sign(each: str) -> bool:
    return each in _JOINERS or unicodedata.category(each) not in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def grouped(number: str) -> str:
    """A number with its thousands apart and a true minus sign.

    >>> grouped("1234567.50"), grouped("-1200")
    ('1,234,567.50', '−1,200')
    """
    return f"{Decimal(number):,f}".replace("-", "−")


def percent(share: str) -> str:
    """A share of one as per cent, without needless zeros.

    >>> percent("0.300000"), percent("0.071429"), percent("1"), percent("-0.5")
    ('30\xa0%', '7.1429\xa0%', '100\xa0%', '−50\xa0%')
    """
    text = f"{Decimal(share).scaleb(2):f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}\u00a0%".replace("-", "−")


def day_said(day: str | date) -> str:
    """A day in words, so that nobody takes the month for the day.

    >>> day_said("2025-03-04")
    '4 March 2025'
    """
    found = date.fromisoformat(str(day))
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"


def is_zero(number: str | None) -> bool:
    """Whether there is nothing to show: no number, or zero."""
    return number is None or (bool(NUMBER.fullmatch(number)) and not Decimal(number))


def total(numbers: list[str]) -> str:
    """The sum of amounts of money, with the decimals that they have.

    >>> total(["1.50", "-2.25"]), total([])
    ('-0.75', '0')
    """
    return f"{sum(map(Decimal, numbers), Decimal(0)):f}"
