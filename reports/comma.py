"""Tables as comma-separated values: one row a record, and no text that a spreadsheet would calculate."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

from coopbooks.reports.figures import NUMBER

__all__ = ["cell", "sheet"]

# What a spreadsheet takes for the start of a formula, the wide forms of East Asian keyboards among them.
_FORMULA = ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠")


def sheet(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows under a head of columns. A field that a row does not have is empty.

    >>> sheet(["person", "amount"], [{"person": "=1+1", "amount": "-5.00"}])
    "person,amount\\n'=1+1,-5.00\\n"
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue()


def cell(value: Any) -> str:
    """A value as a cell: numbers stay numbers, a text that begins like a formula gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")  # csv would not quote a bare return
    return f"'{text}" if text.startswith(_FORMULA) and not NUMBER.fullmatch(text) else text
