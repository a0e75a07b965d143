"""Answers as comma-separated values: one row a leaf, and no text that a spreadsheet would calculate."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

__all__ = ["leaves", "sheet"]

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
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
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    """A value as a cell: numbers stay numbers, a text that begins like a formula gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")  # csv would not quote a bare return
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def leaves(part: str, record: Mapping[str, Any], keys: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """A nested record as flat rows: first its own fields, then one row for each item of its lists.

    Each row says in `part` what it is, and the rows of items repeat the record's `keys`. A record in a record
    ("highest": {"person": …}) becomes columns ("highest_person"), and a list of texts is one cell.

    >>> list(leaves("members", {"member": "m01", "vintages": [{"amount": "5"}]}, ["member"]))
    [{'part': 'members', 'member': 'm01'}, {'part': 'vintages', 'member': 'm01', 'amount': '5'}]
    """
    own: dict[str, Any] = {"part": part}
    inside: list[dict[str, Any]] = []
    for name, value in record.items():
        if isinstance(value, Mapping):
            own |= {f"{name}_{inner}": leaf for inner, leaf in value.items()}
        elif isinstance(value, list):
            repeated = {key: record[key] for key in keys}
            inside += [{"part": name, **repeated, **item} for item in value if isinstance(item, Mapping)]
            if texts := [item for item in value if isinstance(item, str)]:
                own[name] = "; ".join(texts)
        else:
            own[name] = value
    yield own
    yield from inside
