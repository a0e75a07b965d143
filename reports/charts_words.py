"""What charts say: names, periods, days and lists in words. Every text of a ledger passes `named` first."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from coopbooks.reports.figures import day_said, grouped, shown

__all__ = [
    "Money",
    "count_of",
    "day_brief",
    "joined",
    "money_of",
    "named",
    "percent_brief",
    "period_parts",
    "period_said",
    "sentence_case",
]

_MONTHS = "January February March April May June July August September October November December".split()
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")
_LONGEST = 200


class Money(NamedTuple):
    """How amounts are written: `said` writes one without its currency ("1,234.50"), `currency` may be nothing."""

    currency: str
    said: Callable[[str], str]

    def __call__(self, amount: str | Decimal) -> str:
        """The amount with its currency."""
        return f"{self.plain(amount)} {self.currency}" if self.currency else self.plain(amount)

    def plain(self, amount: str | Decimal) -> str:
        """The amount alone."""
        return self.said(f"{Decimal(amount):f}")


def money_of(currency: str | None, said: Callable[[str], str] | None) -> Money:
    """How amounts are written where nothing else is asked: with their thousands apart."""
    return Money(named(currency or ""), said or grouped)


def named(text: object) -> str:
    """A text of a ledger as it may stand in a chart: one line, with every sign that shows nothing as an escape."""
    return shown(str(text))[:_LONGEST]


def sentence_case(text: object) -> str:
    """An id as a name: "strike-fund" is "Strike fund"."""
    words = named(text).replace("-", " ")
    return words[:1].upper() + words[1:]


def period_said(period: str) -> str:
    """The name of a period in words; a name of another form stays as it is.

    >>> period_said("2025-03"), period_said("2025-Q1"), period_said("2025"), period_said("2025/2026")
    ('March 2025', 'the first quarter of 2025', '2025', '2025 to 2026')
    """
    first, _, last = period.partition("/")
    if last:
        return f"{period_said(first)} to {period_said(last)}"
    if month := _MONTH.fullmatch(period):
        return f"{_MONTHS[int(month[2]) - 1]} {month[1]}"
    if quarter := _QUARTER.fullmatch(period):
        return f"the {('first', 'second', 'third', 'fourth')[int(quarter[2]) - 1]} quarter of {quarter[1]}"
    return named(period)


def period_parts(period: str) -> tuple[str, str]:
    """The name of a period for the foot of a chart, and the year to write below it.

    >>> period_parts("2025-03"), period_parts("2025-Q1"), period_parts("2025"), period_parts("2025-Q1/2025-Q3")
    (('Mar', '2025'), ('Q1', '2025'), ('2025', ''), ('Q1 to Q3', '2025'))
    """
    first, _, last = period.partition("/")
    if last:
        (begins, year), (ends, _) = period_parts(first), period_parts(last)
        return f"{begins} to {ends}", year
    if month := _MONTH.fullmatch(period):
        return _MONTHS[int(month[2]) - 1][:3], month[1]
    if quarter := _QUARTER.fullmatch(period):
        return f"Q{quarter[2]}", quarter[1]
    return named(period), ""


def day_brief(day: str | date) -> str:
    """A day in few letters: "4 Mar 2025"."""
    number, month, year = day_said(day).split()
    return f"{number} {month[:3]} {year}"


def percent_brief(share: str) -> str:
    """A share of one as per cent with at most two decimals, half up, as the tables beside the charts write it.

    >>> percent_brief("0.083333"), percent_brief("1.000000"), percent_brief("0.00001")
    ('8.33%', '100%', 'under 0.01%')
    """
    value = Decimal(share).scaleb(2)
    if 0 < value < Decimal("0.005"):
        return "under 0.01%"
    text = f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP):f}".rstrip("0").rstrip(".")
    return f"{text}%".replace("-", "\N{MINUS SIGN}")


def count_of(count: int, one: str, many: str) -> str:
    """A count with its noun: "1 member", "3 people"."""
    return f"{count} {one if count == 1 else many}"


def joined(parts: Sequence[str], most: int = 8) -> str:
    """Parts of a sentence as a list in English; beyond `most` only their number.

    >>> joined(["a"]), joined(["a", "b", "c"]), joined(["a", "b", "c"], most=2)
    ('a', 'a, b and c', 'a, b and 1 more')
    """
    if len(parts) > most:
        parts = [*parts[:most], f"{len(parts) - most} more"]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
