"""An hours sheet: what each person did in a month becomes one transaction, or a contribution to weighted patronage.

Hours without pay are postings of a written zero. Where the pay itself comes from a payroll, the two meet in the books:
the rules add up pay and hours of a person and period, whichever entries they stand in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from coopbooks.errors import ImportRefused
from coopbooks.importers.cells import Cells, account_of
from coopbooks.importers.drafts import Draft, Line, Value
from coopbooks.importers.figures import hours_text
from coopbooks.importers.mapping import CONTRIBUTION, Hours, HoursMapping, folded
from coopbooks.importers.table import Row
from coopbooks.periods import month_of
from coopbooks.records.fields import nearest

__all__ = ["hours_drafts"]


class _Done(NamedTuple):
    """What one cell says: who did how much of what on a day, and what an hour of it is paid."""

    row: Row
    person: str
    day: date
    what: str
    of: Hours
    hours: Fraction
    rate: Decimal | None


def hours_drafts(
    cells: Cells, mapping: HoursMapping, year_of: Callable[[date], str], status_of: Callable[[str, date], str | None]
) -> tuple[list[Draft], list[str]]:
    """The drafts of an hours sheet, and what a treasurer should know.

    One transaction a person and month, dated the last day on which they did something in it, or one a row. `year_of`
    names the fiscal year of a day, `status_of` what a person is on it: what was worked before a promotion must not
    be dated after it.
    """
    clocks = [line.column for line in mapping.hours]
    cells.check_totals(clocks, clocks)
    groups: dict[tuple[str, ...], list[_Done]] = {}
    notes = []
    for row in cells.table.rows:
        done = list(_done(row, cells, mapping))
        if not done:
            notes.append(f"{cells.place(row)}: there are no hours in this row, so it was left out")
        for each in done:
            number = str(row.line) if mapping.by == "row" else ""
            # A month may lie in two fiscal years, which a contribution must not.
            year = year_of(each.day) if each.what.startswith(CONTRIBUTION) else ""
            what = each.what if year else ""
            status = status_of(each.person, each.day) or ""
            groups.setdefault((each.person, month_of(each.day).name, status, number, what, year), []).append(each)
    drafts = [
        _contribution(group, cells, mapping, what.removeprefix(CONTRIBUTION).strip(), year)
        if year
        else _worked(group, cells, mapping)
        for (*_, what, year), group in groups.items()
    ]
    return drafts, notes


def _done(row: Row, cells: Cells, mapping: HoursMapping) -> Iterator[_Done]:
    assert mapping.columns.date is not None, "the mapping of an hours sheet names it"
    day, person = cells.day(row, mapping.columns.date), cells.person(row)
    for line in mapping.hours:
        hours = cells.hours(row, line.column)
        if not hours:
            continue
        rate = cells.number(row, line.rate) if line.rate else None
        yield _Done(row, person, day, _what(row, cells, mapping, line), line, hours, rate)


def _what(row: Row, cells: Cells, mapping: HoursMapping, line: Hours) -> str:
    """The kind of pay, or the contribution, that hours are: by the row's own kind, else by their column."""
    cell = cells.text(row, mapping.columns.kind)
    if mapping.columns.kind is None or (not cell and line.pay):
        return line.pay or ""
    known = {folded(name): what for name, what in mapping.kinds.items()}
    if folded(cell) not in known:
        near = nearest(cell, tuple(mapping.kinds)) or f": it has {', '.join(mapping.kinds)}"
        raise ImportRefused(f'{mapping.columns.kind}: "{cell}" is not in [kinds]{near}', cells.place(row))
    return known[folded(cell)]


def _worked(group: list[_Done], cells: Cells, mapping: HoursMapping) -> Draft:
    first, last = group[0], max(each.day for each in group)
    when = str(first.day) if mapping.by == "row" else month_of(first.day).name
    sums: dict[tuple[str, str, str], list[_Done]] = {}
    for each in group:
        account = account_of(each.of.account or "", each.person)
        owed = account_of(each.of.owed, each.person) if each.of.owed and each.rate else ""
        sums.setdefault((account, each.what, owed), []).append(each)
    lines = [line for (account, what, owed), done in sums.items() for line in _lines(account, what, owed, done, cells)]
    return Draft(
        place=cells.place(first.row),
        person=first.person,
        date=last,
        what=f"the hours of {first.person} for {when}",
        key=("hours", mapping.source, first.person, when),
        content=tuple(_content(group)),
        payee=cells.text(first.row, mapping.columns.payee),
        narration=cells.narration(first.row, "Hours of {person} for {period}", first.person, when),
        currency=cells.unit.currency,
        fields={"worker": first.person},
        lines=tuple(lines),
    )


def _lines(account: str, what: str, owed: str, done: list[_Done], cells: Cells) -> Iterator[Line]:
    """One posting of hours; where they are paid by a rate, the exact sum to the nearest unit, and who owes it."""
    hours = sum((each.hours for each in done), Fraction(0))
    units = cells.unit.nearest(sum((each.hours * Fraction(each.rate or 0) for each in done), Fraction(0)))
    fields: dict[str, Value] = {"hours": Decimal(hours_text(hours))}
    if what != "base":
        fields["pay"] = what
    column = done[0].of.column
    yield Line(account, cells.unit.decimal(units), fields, column, is_pay=what != "none")
    if owed and units:
        yield Line(owed, cells.unit.decimal(-units), {}, column)


def _contribution(group: list[_Done], cells: Cells, mapping: HoursMapping, of: str, year: str) -> Draft:
    first, last = group[0], max(each.day for each in group)
    when = str(first.day) if mapping.by == "row" else month_of(first.day).name
    hours = Decimal(hours_text(sum((each.hours for each in group), Fraction(0))))
    return Draft(
        place=cells.place(first.row),
        person=first.person,
        date=last,
        what=f"the {of} hours of {first.person} for {when}",
        key=("hours", mapping.source, first.person, when, of, year),
        content=tuple(_content(group)),
        payee="",
        narration="",
        currency=cells.unit.currency,
        fields={"period": year, "of": of, "value": hours},
        lines=(),
    )


def _content(group: Iterable[_Done]) -> Iterator[str]:
    """What the rows say; in which order they stand does not matter."""
    return iter(sorted(f"{each.day}={each.hours}/{each.rate or ''}/{each.what}" for each in group))
