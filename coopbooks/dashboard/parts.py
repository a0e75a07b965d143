"""One person's part of each year's surplus: the share, what is paid in money and when, and what stays as capital."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from coopbooks.dashboard.rulebook import Rulebook
from coopbooks.dashboard.words import Look, day_said, number_said, percent_said
from coopbooks.errors import CoopbooksError
from coopbooks.reports.figures import is_zero

if TYPE_CHECKING:
    from coopbooks.cooperative import Cooperative

__all__ = ["Paid", "YearRow", "year_rows"]

Data = Mapping[str, Any]
YEARS_MAX = 60


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment of a year's part."""

    day: str
    amount: str
    place: str


@dataclass(frozen=True, slots=True)
class YearRow:
    """One fiscal year of one person, newest first in a table.

    `closed_at` is the place of the entry that closed the year, None while there is none; `wages` are the accounts on
    which the person's pay and hours are booked; `trouble` says why a year cannot be worked out, and then nothing else
    is said of it.
    """

    period: str
    forecast: bool
    closed: bool
    closed_at: str | None
    wages: tuple[str, ...]
    patronage: str = ""
    share: str = ""
    amount: str = ""
    cash: str = ""
    retained: str = ""
    declined: str = ""
    interest: str = ""
    paid: tuple[Paid, ...] = ()
    to_pay: str = ""
    trouble: str = ""


def year_rows(books: Cooperative, person: str, as_of: date, rulebook: Rulebook, look: Look) -> list[YearRow]:
    """Every year that had begun by the day and gives the person something to read, the newest first."""
    wages = tuple(rulebook.accounts(person, "wages"))
    rows = (_year(books, period, person, as_of, wages, look) for period in reversed(books.periods()[-YEARS_MAX:]))
    return [row for row in rows if row is not None]


def _year(
    books: Cooperative, period: str, person: str, as_of: date, wages: tuple[str, ...], look: Look
) -> YearRow | None:
    closes = books.closes(period)
    closed_at = closes[0] if closes else None
    try:
        data = books.surplus(period, as_of=as_of).to_data()
        interest = [row for row in books.interest(period).to_data()["rows"] if row["member"] == person]
    except CoopbooksError as error:
        return YearRow(
            period, forecast=False, closed=bool(closes), closed_at=closed_at, wages=wages, trouble=str(error)
        )
    parts = [row for row in (*data["members"], *data["workers"]) if row["member"] == person]
    if data["starts"] > str(as_of) or not (_any(parts, (*_MONEY, "patronage")) or _any(interest, ("posted",))):
        return None
    sums = {key: sum((Decimal(row[key]) for row in parts), Decimal(0)) for key in _MONEY}
    paid = [row for row in books.payments(period, as_of).to_data() if row["member"] == person]
    to_pay = sums["cash"] - sum((Decimal(row["amount"]) for row in paid), Decimal(0))
    main = parts[0] if parts else {"patronage": "0", "share": "0"}
    return YearRow(
        period=period,
        forecast=data["forecast"],
        closed=bool(closes),
        closed_at=closed_at,
        wages=wages,
        patronage="" if is_zero(main["patronage"]) else number_said(main["patronage"]),
        share="" if is_zero(main["share"]) else percent_said(main["share"]),
        **{key: look.plain(amount) if amount else "" for key, amount in sums.items()},
        interest=_interest(interest, look),
        paid=tuple(Paid(day_said(row["date"]), look.plain(row["amount"]), row["place"]) for row in paid),
        to_pay=look.money(to_pay) if closes and to_pay > 0 else "",
    )


def _any(rows: Sequence[Data], keys: Sequence[str]) -> bool:
    return any(not is_zero(row[key]) for row in rows for key in keys)


_MONEY = ("amount", "cash", "retained", "declined")


def _interest(rows: Sequence[Data], look: Look) -> str:
    """The interest on the person's capital that was booked for the year."""
    posted = sum((Decimal(row["posted"]) for row in rows), Decimal(0))
    return look.plain(posted) if posted else ""
