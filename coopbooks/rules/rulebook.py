"""Every record of the books with what it says, how long it holds, and which vote and law stand behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from coopbooks.bylaws import Bylaws, effective, in_force
from coopbooks.errors import Place
from coopbooks.records import decisions, people
from coopbooks.records.base import Record, Sort
from coopbooks.rows import NamedTuple

__all__ = ["Entry", "rulebook"]


class Entry(NamedTuple):
    """A record on a day: its fields as the ledger writes them, its own first, and the first day on which it no longer holds.

    `standing` says whether it is in force on the day that was asked for; events and repeating records never are.
    """

    record: Record
    fields: tuple[tuple[str, str], ...]
    ends: date | None
    standing: bool
    decision_place: Place | None


def rulebook(rules: Bylaws, day: date) -> list[Entry]:
    """Every judged record, oldest first, whatever its date; `day` decides what is in force."""
    written = {(row.place, row.values): row.fields for row in rules.facts.written}
    places = {record.id: record.place for record in reversed(rules.every(decisions.Decision))}
    found = []
    for record in sorted(rules.facts.records, key=lambda record: (record.date, record.place)):
        fields = written[record.place, (record.KIND, record.id)]
        ends = _ends(rules, record)
        found.append(
            Entry(
                record=record,
                fields=tuple((name, as_written(fields[name])) for name in sorted(fields, key=_order(record))),
                ends=ends,
                standing=_stands(rules, record, day),
                decision_place=places.get(record.decision or ""),
            )
        )
    return found


def _order(record: Record) -> Callable[[str], tuple[bool, int, str]]:
    """The order of a record's fields: its own as declared, what it does not know, then those of every kind."""
    places = {name: place for place, name in enumerate(record.FIELDS)}
    inherited = {name for base in type(record).__mro__[1:] for name in getattr(base, "FIELDS", ())}
    return lambda name: (name in inherited, places.get(name, len(places)), name)


def _stands(rules: Bylaws, record: Record, day: date) -> bool:
    if isinstance(record, people.Member | people.Worker):
        now = rules.person(record.id, day)
        return now is not None and now.status is not None and now.record is record
    return record.SORT is Sort.STANDING and in_force(rules.history(type(record), record.id), day) is record


def _ends(rules: Bylaws, record: Record) -> date | None:
    """The first day on which a standing record no longer holds; None for what still does, and for what never stood."""
    if isinstance(record, people.Member | people.Worker):
        turns = [turn.since for turn in rules.people[record.id]]
    elif record.SORT is Sort.STANDING:
        history = rules.history(type(record), record.id)
        turns = [effective(each) for each in history] + [each.date for each in history]
        turns += [ends for each in history if isinstance(ends := getattr(each, "ends", None), date)]
    else:
        return None
    begins = effective(record)
    later = sorted(turn for turn in turns if turn >= begins)
    return next((turn for turn in later if not _stands(rules, record, turn)), None)


def as_written(value: Any) -> str:
    """A value as it stands in the ledger; a text without its quotes."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return "" if value is None else str(value)
