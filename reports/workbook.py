"""Tables as a workbook: one sheet a table. Texts are written as texts, so that none of them can become a formula."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING, Any

from coopbooks.reports.figures import shown
from coopbooks.reports.tables import Cell, Column, Table

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["workbook"]

_DIGITS_MAX = 15  # what a spreadsheet's number holds; a longer one is written as text, so that no digit is lost
_FIRST_DAY = date(1900, 3, 1)  # spreadsheets disagree on the days before it
_WIDTH_MAX = 60


def workbook(
    title: str,
    about: Sequence[tuple[str, str]],
    tables: Iterable[Table],
    words: Mapping[str, Any],
    digits: int,
    as_of: date,
) -> bytes:
    """The bytes of an .xlsx file, the same for the same tables: a sheet of what they are about, then a sheet a table.

    `digits` are the decimal places of the currency. Raises ModuleNotFoundError where XlsxWriter is not installed.
    """
    from xlsxwriter import Workbook

    file = BytesIO()
    book = Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": shown(title), "created": datetime.combine(as_of, time(), UTC).replace(tzinfo=None)})
    styles = _styles(book, digits)
    _about(book, about, styles)
    for table in tables:
        _sheet(book, table, words, styles)
    book.close()
    return file.getvalue()


def _styles(book: Workbook, digits: int) -> dict[str, Format]:
    money = "#,##0" + ("." + "0" * digits if digits else "")
    formats = {
        "text": "@",
        "money": money,
        "number": "#,##0.00####",
        "share": "0.0000%",
        "day": "yyyy-mm-dd",
        "flag": "@",
    }
    styles = {kind: book.add_format({"num_format": each}) for kind, each in formats.items()}
    styles |= {
        f"{kind} sum": book.add_format({"num_format": each, "bold": True, "top": 1}) for kind, each in formats.items()
    }
    styles["head"] = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    styles["number head"] = book.add_format(
        {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "align": "right"}
    )
    return styles


def _about(book: Workbook, about: Sequence[tuple[str, str]], styles: Mapping[str, Format]) -> None:
    sheet = book.add_worksheet("about")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 72)
    for row, (name, value) in enumerate(about):
        sheet.write_string(row, 0, name, styles["head"])
        sheet.write_string(row, 1, shown(value), styles["text"])


def _sheet(book: Workbook, table: Table, words: Mapping[str, Any], styles: Mapping[str, Format]) -> None:
    sheet = book.add_worksheet(table.name)
    heads = words["heads"] | words["tables"][table.name].get("heads", {})
    for number, column in enumerate(table.columns):
        sheet.write_string(0, number, heads[column.key], styles["number head" if column.is_number else "head"])
        texts = [heads[column.key], *(str(row.get(column.key) or "") for row in table.rows)]
        sheet.set_column(number, number, min(_WIDTH_MAX, 3 + max(map(len, texts))))
    for row, record in enumerate(table.rows, start=1):
        for number, column in enumerate(table.columns):
            _write(sheet, row, number, record.get(column.key), column, words, styles[column.kind])
    if table.total is not None:
        for number, column in enumerate(table.columns):
            value = table.total.get(column.key)
            named = words["all"] if number == 0 else value
            _write(sheet, len(table.rows) + 1, number, named, column, words, styles[f"{column.kind} sum"])
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&A&R&P / &N")


def _write(
    sheet: Worksheet, row: int, place: int, value: Cell, column: Column, words: Mapping[str, Any], style: Format
) -> None:
    """One cell: numbers and days as such, everything else as the text that it is."""
    if value is None or value == "":
        sheet.write_blank(row, place, None, style)
    elif isinstance(value, bool):
        sheet.write_string(row, place, words["yes" if value else "no"], style)
    elif column.is_number and _fits(value):
        sheet.write_number(row, place, Fraction(value), style)
    elif column.kind == "day" and date.fromisoformat(value) >= _FIRST_DAY:
        sheet.write_datetime(row, place, datetime.combine(date.fromisoformat(value), time()), style)
    else:
        sheet.write_string(row, place, shown(value), style)


def _fits(number: str) -> bool:
    return len(Decimal(number).as_tuple().digits) <= _DIGITS_MAX
