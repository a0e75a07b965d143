"""A payroll export: each row becomes one transaction of one person's gross pay and where it goes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from coopbooks.errors import ImportRefused
from coopbooks.importers.cells import Cells, account_of
from coopbooks.importers.drafts import Draft, Line, Value
from coopbooks.importers.figures import hours_text
from coopbooks.importers.mapping import PayrollMapping
from coopbooks.importers.table import Row

__all__ = ["payroll_drafts"]


def payroll_drafts(cells: Cells, mapping: PayrollMapping) -> tuple[list[Draft], list[str]]:
    """The drafts of a payroll export in the order of its rows, and what a treasurer should know of it.

    Gross pay is debited, what is withheld and the net pay are credited, the employer's own cost is debited and owed.
    Raises ImportRefused where a row's net is not its pay less what is withheld, or where a total is no sum.
    """
    hours = [line.hours for line in mapping.pay if line.hours]
    cells.check_totals(hours, mapping.used)
    drafts, notes = [], []
    for row in cells.table.rows:
        draft = _draft(row, cells, mapping)
        if draft.lines:
            drafts.append(draft)
        else:
            notes.append(f"{draft.place}: {draft.person} has neither pay nor hours here, so the row was left out")
    return drafts, notes


def _draft(row: Row, cells: Cells, mapping: PayrollMapping) -> Draft:
    columns, person, period = mapping.columns, cells.person(row), cells.period(row)
    if columns.date is not None:
        day = cells.day(row, columns.date)
    else:
        assert period is not None, "the mapping names a date or a period"
        day = period.ends
    when = period.name if period else str(day)
    pay, cost = list(_pay(row, cells, mapping, person)), list(_cost(row, cells, mapping, person))
    withheld = list(_withheld(row, cells, mapping, person))
    said = [*pay, *cost, *withheld]
    fields: dict[str, Value] = {"worker": person, **({"pay-period": period.name} if period else {})}
    number = cells.text(row, columns.id)
    if columns.id is not None and not number:
        raise ImportRefused(f"{columns.id}: the row has no number of its own: write it", cells.place(row))
    return Draft(
        place=cells.place(row),
        person=person,
        date=day,
        what=f"the pay of {person} for {when}",
        key=("payroll", mapping.source, *((number,) if number else (person, when))),
        content=(person, str(day), when, *sorted(_content(said))),
        payee=cells.text(row, columns.payee),
        narration=cells.narration(row, "Pay of {person} for {period}", person, when),
        currency=cells.unit.currency,
        fields=fields,
        lines=(*said, *_net(row, cells, mapping, person, pay, withheld)),
    )


def _content(lines: list[Line]) -> Iterator[str]:
    """What a row says, whatever its accounts: the figures with the columns that they stand in. The net follows from them."""
    for line in lines:
        hours = line.fields.get("hours", "")
        yield f"{line.column}={line.number.normalize():f}/{hours}/{line.fields.get('pay', '')}"


def _pay(row: Row, cells: Cells, mapping: PayrollMapping, person: str) -> Iterator[Line]:
    for each in mapping.pay:
        amount = cells.money(row, each.column, negative=each.negative)
        hours = cells.hours(row, each.hours) if each.hours else None
        if not amount and not hours:
            continue
        fields: dict[str, Value] = {}
        if hours:
            fields["hours"] = Decimal(hours_text(hours))
        if each.pay != "base":
            fields["pay"] = each.pay
        # A written zero: hours on a posting without an amount would vanish.
        number = amount or cells.unit.decimal(0)
        yield Line(account_of(each.account, person), number, fields, each.column, is_pay=each.pay != "none")


def _cost(row: Row, cells: Cells, mapping: PayrollMapping, person: str) -> Iterator[Line]:
    """The employer's own cost: no pay of the person, wherever its account stands."""
    for each in mapping.employer:
        if amount := cells.money(row, each.column, negative=each.negative):
            yield Line(account_of(each.account, person), amount, {"pay": "none"}, each.column)
            yield Line(account_of(each.owed, person), -amount, {}, each.column)


def _withheld(row: Row, cells: Cells, mapping: PayrollMapping, person: str) -> Iterator[Line]:
    for each in mapping.withheld:
        if amount := cells.money(row, each.column, negative=each.negative):
            yield Line(account_of(each.account, person), -amount, {}, each.column)


def _net(
    row: Row, cells: Cells, mapping: PayrollMapping, person: str, gross: list[Line], kept: list[Line]
) -> Iterator[Line]:
    """What the person gets: pay less what is withheld, which must be what the file says."""
    pay = sum((line.number for line in gross), Decimal(0))
    withheld = -sum((line.number for line in kept), Decimal(0))
    net = pay - withheld
    if mapping.net.column is not None:
        said = cells.money(row, mapping.net.column)
        if said != net:
            raise ImportRefused(
                f"{mapping.net.column} is {said}, but pay of {pay} less {withheld} withheld is {net}: "
                "map the column that is missing, or mend the row",
                cells.place(row),
            )
    if net:
        yield Line(account_of(mapping.net.account, person), -net, {}, mapping.net.column or "net")
