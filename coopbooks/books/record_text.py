"""One record as the Beancount text that a person would write; what would not be read again is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from coopbooks.audit.lottery import Lottery, draw_record
from coopbooks.audit.snapshots import Taken, text_of
from coopbooks.books.read_again import held_to, record
from coopbooks.errors import Place, WriteRefused
from coopbooks.records.reading import read_record

__all__ = ["NOWHERE", "draw_text", "record_text", "snapshot_text"]

NOWHERE = Place("", 0)
"""The place of a record that stands in no file yet."""


def record_text(kind: str, record_id: str, day: date, fields: Mapping[str, Any]) -> str:
    """The lines of `DAY custom "coop" "kind" "id"` with its fields, those that are None left out. Ends with a newline.

    Text comes on one line. Raises WriteRefused, with the sentence that reading the record would print, where its kind does
    not know a field or a value has not the form that it needs.
    """
    given = {name: _one_line(value) for name, value in fields.items() if value is not None}
    read_as = {name: Decimal(value) if type(value) is int else value for name, value in given.items()}
    _, faults = read_record([kind, record_id], day, NOWHERE, read_as)
    if faults:
        raise WriteRefused(faults[0].message)
    lines = [f"{day} custom {_quoted('coop')} {_quoted(kind)} {_quoted(record_id)}"]
    lines += [f"  {name}: {_written(value)}" for name, value in given.items()]
    return held_to("\n".join(lines) + "\n", [record(day, kind, record_id, given)], f'{kind} "{record_id}"')


def snapshot_text(snapshot: Taken) -> str:
    """The record of a snapshot, with its words in lines of their own, where it is read as it was meant; else WriteRefused."""
    words, audience = "\n    ".join(snapshot.words), " ".join(snapshot.audience.split())
    fields = {"sha256": snapshot.sha256, "records": words or None, "audience": audience}
    stated = {name: value for name, value in fields.items() if value is not None}
    name = snapshot.month.name
    return held_to(text_of(snapshot), [record(snapshot.date, "snapshot", name, stated)], f'snapshot "{name}"')


def draw_text(lottery: Lottery, day: date) -> str:
    """The record of a draw, where it is read as it was meant; raises WriteRefused, and DrawRefused as `draw_record` does."""
    text, drawn, call = draw_record(lottery, day), lottery.drawn, lottery.call
    assert drawn is not None, "a draw that is refused has no record"
    fields = {f"source-{place}": source for place, source in enumerate(lottery.sources, 1)}
    fields |= {"seed": str(lottery.seed), "panel": ", ".join(drawn.panel)}
    fields |= {"alternates": ", ".join(drawn.alternates)} if drawn.alternates else {}
    return held_to(text, [record(day, "lottery-draw", call.id, fields)], f'lottery-draw "{call.id}"')


def _one_line(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (date, int, Decimal)):
        return str(value)
    return _quoted(str(value))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
