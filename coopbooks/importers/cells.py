"""The cells of one file, read by its mapping; what cannot be read is refused with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Names
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, TypeVar

from coopbooks.errors import ImportRefused, Place
from coopbooks.importers.drafts import tidy
from coopbooks.importers.figures import hours_text, read_day, read_hours, read_month, read_number
from coopbooks.importers.mapping import PERSON, Mapping
from coopbooks.importers.table import Row, Table
from coopbooks.money import Unit
from coopbooks.periods import month_of

__all__ = ["Cells", "PayPeriod"]

T = TypeVar("T")
_ZERO = Decimal(0)


class PayPeriod(NamedTuple):
    """A pay period as the books name it, and its last day."""

    name: str
    ends: date


class Cells:
    """Reads the cells of a table: people by their ids, money of one currency, hours, days and pay periods."""

    def __init__(self, table: Table, mapping: Mapping, people: Names[str, str], unit: Unit) -> None:
        """`people` maps each cell of the person's column to an id; `unit` is that of the file's currency."""
        self.table, self.mapping, self.people, self.unit = table, mapping, people, unit

    def place(self, row: Row) -> Place:
        """Where a row begins."""
        return Place(self.table.name, row.line)

    def _read(self, row: Row, column: str, read: Callable[[str], T]) -> T:
        try:
            return read(row.cells[column])
        except ValueError as error:
            raise ImportRefused(f"{column}: {error}", self.place(row)) from None

    def person(self, row: Row) -> str:
        """The id of the person of a row."""
        return self.people[row.cells[self.mapping.columns.person]]

    def number(self, row: Row, column: str) -> Decimal | None:
        """A number, exact."""
        rules = self.mapping.numbers
        symbols = (self.unit.currency, rules.symbol)
        return self._read(row, column, lambda text: read_number(text, rules.decimal, rules.thousands, symbols))

    def money(self, row: Row, column: str, *, negative: bool = False) -> Decimal:
        """An amount with the currency's decimals; zero for an empty cell. `negative` turns the sign of the file round."""
        number = self.number(row, column)
        if not number:
            return _ZERO
        if not self.unit.is_whole(number):
            raise ImportRefused(
                f'{column}: "{row.cells[column]}" is {number}, with more decimals than {self.unit.currency} has: '
                "mend the cell, or decimal and thousands in [numbers]",
                self.place(row),
            )
        amount = self.unit.decimal(int(self.unit.exact(number)))
        return -amount if negative else amount

    def hours(self, row: Row, column: str) -> Fraction:
        """Hours, exact; zero for an empty cell."""
        rules = self.mapping.numbers
        return self._read(row, column, lambda text: read_hours(text, rules.decimal, rules.thousands)) or Fraction(0)

    def day(self, row: Row, column: str) -> date:
        """A day."""
        dates = self.mapping.dates
        return self._read(row, column, lambda text: read_day(text, dates.date, dates.months))

    def period(self, row: Row) -> PayPeriod | None:
        """The pay period of a row, where the file has one."""
        columns, dates = self.mapping.columns, self.mapping.dates
        if columns.period is not None:
            first = self._read(row, columns.period, lambda text: read_month(text, dates.period, dates.months))
            month = month_of(first)
            return PayPeriod(month.name, month.ends)
        if columns.period_starts is None or columns.period_ends is None:
            return None
        starts, ends = self.day(row, columns.period_starts), self.day(row, columns.period_ends)
        if ends < starts:
            raise ImportRefused(
                f"the pay period ends on {ends}, before it starts on {starts}: mend it", self.place(row)
            )
        month = month_of(ends)
        whole = (month.starts, month.ends) == (starts, ends)
        return PayPeriod(month.name if whole else f"{starts}/{ends}", ends)

    def text(self, row: Row, column: str | None) -> str:
        """A text on one line; "" where the mapping names no column."""
        return "" if column is None else tidy(row.cells[column])

    def narration(self, row: Row, default: str, person: str, period: str) -> str:
        """What the entry says it is."""
        form, memo = self.mapping.narration or default, self.text(row, self.mapping.columns.memo)
        # One pass over the form, so that braces in a memo mean nothing.
        parts = {"person": person, "period": period, "memo": memo}
        return tidy(_filled(form, parts))

    def check_totals(self, hours: Iterable[str], figures: Iterable[str]) -> None:
        """Refuse a file whose total rows say something else than the sum of its rows."""
        clocks = dict.fromkeys(hours)
        for column in [*clocks, *(name for name in dict.fromkeys(figures) if name not in clocks)]:
            for row in self.table.totals:
                if not row.cells[column].strip():
                    continue
                said = self._figure(row, column, clock=column in clocks)
                found = sum(
                    (self._figure(each, column, clock=column in clocks) for each in self.table.rows), Fraction(0)
                )
                if said != found:
                    raise ImportRefused(
                        f"{column}: the total says {_alike(said, found)} and the rows sum to {_alike(found, said)}: "
                        "a row is missing, there twice or has another figure, so export the file again",
                        self.place(row),
                    )

    def _figure(self, row: Row, column: str, *, clock: bool) -> Fraction:
        return self.hours(row, column) if clock else Fraction(self.number(row, column) or 0)


def _filled(form: str, parts: Names[str, str]) -> str:
    head, brace, rest = form.partition("{")
    if not brace:
        return head
    name, _, tail = rest.partition("}")
    return head + parts[name] + _filled(tail, parts)


def account_of(account: str, person: str) -> str:
    """The account of a person: `{Person}` is the id with its first letter capitalised."""
    return account.replace(PERSON, person[:1].upper() + person[1:])


def _alike(figure: Fraction, other: Fraction) -> str:
    """A figure with as many decimals as the one that it is compared with, so that the two can be read together."""
    text = hours_text(figure)
    whole, _, decimals = text.partition(".")
    digits = max(len(decimals), len(hours_text(other).partition(".")[2]))
    return f"{whole}.{decimals:0<{digits}}" if digits else text
