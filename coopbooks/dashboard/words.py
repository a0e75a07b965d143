"""Figures and periods as a person reads them. Money comes as text ("1234.50") and stays exact: no float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

__all__ = ["Look", "count_of", "day_said", "joined", "number_said", "percent_said", "period_said", "shortened"]

_MONTHS = "January February March April May June July August September October November December".split()
_MONTH = re.compile(r"(\d{4})-(\d{2})$")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])$")
_DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Look:
    """How money is shown: its currency, and whether Fava was asked to hide figures (`--incognito`)."""

    currency: str | None
    hidden: bool = False

    def money(self, amount: str | Decimal) -> str:
        """An amount with its currency: "1,234.50 USD".

        >>> Look("USD").money("-1234.50"), Look("USD", hidden=True).money("12.00"), Look(None).money("5")
        ('\N{MINUS SIGN}1,234.50 USD', 'XX.XX USD', '5')
        """
        return f"{self.plain(amount)} {self.currency}" if self.currency else self.plain(amount)

    def plain(self, amount: str | Decimal) -> str:
        """An amount without its currency, for a column that names it: "1,234.50"."""
        text = f"{Decimal(amount):,}".replace("-", "\N{MINUS SIGN}")
        return _DIGIT.sub("X", text) if self.hidden else text


def number_said(number: str | Decimal) -> str:
    """A number without the zeros that say nothing.

    >>> number_said("4.00"), number_said("2.40"), number_said("1824")
    ('4', '2.4', '1,824')
    """
    text = f"{Decimal(number):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent_said(share: str | Decimal) -> str:
    """A share of one as per cent, with at most two decimals that are not zero.

    >>> percent_said("0.20"), percent_said("0.333333"), percent_said("0.0005")
    ('20%', '33.33%', '0.05%')
    """
    return f"{number_said(round(Decimal(share) * 100, 2))}%"


def day_said(day: str) -> str:
    """A date as it is spoken.

    >>> day_said("2025-12-31")
    '31 December 2025'
    """
    return f"{date.fromisoformat(day):%-d %B %Y}"


def period_said(period: str) -> str:
    """The name of a period in words; a name of another form stays as it is.

    >>> period_said("2025-03"), period_said("2025-Q1"), period_said("2025")
    ('March 2025', 'the first quarter of 2025', '2025')
    """
    if (month := _MONTH.match(period)) and 1 <= int(month[2]) <= 12:
        return f"{_MONTHS[int(month[2]) - 1]} {month[1]}"
    if quarter := _QUARTER.match(period):
        ordinal = ("first", "second", "third", "fourth")[int(quarter[2]) - 1]
        return f"the {ordinal} quarter of {quarter[1]}"
    return period


def period_brief(period: str) -> str:
    """The name of a period in a column.

    >>> period_brief("2025-03"), period_brief("2025-Q1"), period_brief("2025")
    ('Mar 2025', 'Q1 2025', '2025')
    """
    if (month := _MONTH.match(period)) and 1 <= int(month[2]) <= 12:
        return f"{_MONTHS[int(month[2]) - 1][:3]} {month[1]}"
    quarter = _QUARTER.match(period)
    return f"Q{quarter[2]} {quarter[1]}" if quarter else period


def period_short(period: str, among: int = 1) -> str:
    """The name of a period under a chart of `among` periods, where there is little room.

    >>> period_short("2025-03"), period_short("2025-01"), period_short("2025-Q2"), period_short("2025-03", 24)
    ('Mar', 'Jan 25', 'Q2', 'Mar 25')
    """
    if (month := _MONTH.match(period)) and 1 <= int(month[2]) <= 12:
        name = _MONTHS[int(month[2]) - 1][:3]
        return f"{name} {month[1][2:]}" if month[2] == "01" or among > 12 else name
    if quarter := _QUARTER.match(period):
        return f"Q{quarter[2]} {quarter[1][2:]}" if quarter[2] == "1" or among > 12 else f"Q{quarter[2]}"
    return period


def count_of(count: int, one: str, many: str) -> str:
    """A count with its noun.

    >>> count_of(1, "member", "members"), count_of(3, "person", "people")
    ('1 member', '3 people')
    """
    return f"{count} {one if count == 1 else many}"


def joined(parts: list[str]) -> str:
    """Parts of a sentence as a list in English.

    >>> joined(["a"]), joined(["a", "b"]), joined(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def shortened(text: str, length: int) -> str:
    """The text, cut with an ellipsis where it is longer than `length` characters.

    >>> shortened("strike fund", 20), shortened("strike fund", 8)
    ('strike fund', 'strike\N{HORIZONTAL ELLIPSIS}')
    """
    return text if len(text) <= length else text[: length - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
