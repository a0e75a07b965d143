"""Answers as comma-separated values: one row a leaf, and no text that a spreadsheet would calculate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from coopbooks.reports.comma import sheet

__all__ = ["leaves", "sheet"]


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
