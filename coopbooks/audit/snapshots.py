"""Snapshots: what the record of a month must list, and which records of the books came later, changed or went.

A snapshot names every record dated up to its month's last day that no earlier one names, so that plain text becomes
append-only: what is written afterwards into a month that was shown is late, and what was shown can neither go nor change
without being seen. A word of `records` is `<kind>/<id>`, with `=` and the first 12 digits of the record's own digest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Place, UnknownPeriod
from coopbooks.facts import Facts, Written
from coopbooks.money import Amount
from coopbooks.periods import DAY, Period
from coopbooks.records import audits
from coopbooks.rows import NamedTuple

__all__ = [
    "Compared",
    "Listed",
    "Taken",
    "compared",
    "digest_of_record",
    "month_named",
    "snapshots_of",
    "taken",
    "text_of",
    "words_of",
]

NEVER_LISTED = frozenset({"snapshot", "seal", "contribution"})
"""Kinds that no snapshot lists: itself, and what belongs to a close, which is written after its day by its nature."""

ALL_WORKERS = "all workers"
"""The audience of a snapshot that everybody was shown who works here."""

_DIGITS = 12
_WORD = re.compile(r"(?P<name>.+?)(?:=(?P<digest>[0-9a-f]{12}))?\Z")
_APART = re.compile(r"[\s,;\"\\]")


class Listed(NamedTuple):
    """One word of a snapshot: the record's kind and id (or its id alone), the beginning of its digest where it has one."""

    name: str
    digest: str | None
    snapshot: audits.Snapshot


class Compared(NamedTuple):
    """The books beside their snapshots.

    `late` are records that the first snapshot over their date does not list, each with that snapshot, but for those whose
    `recorded-late` says why. `gone` are words that no record answers to, `altered` those whose record reads otherwise now,
    with the record. `shown` says by which snapshot a record, known by its place, was first listed.
    """

    late: tuple[tuple[Written, audits.Snapshot], ...]
    gone: tuple[Listed, ...]
    altered: tuple[tuple[Listed, Written], ...]
    shown: dict[Place, audits.Snapshot]


class Taken(NamedTuple):
    """A snapshot that is still to be written; `sha256` is of the ledger's files, `words` are those of its `records`."""

    month: Period
    date: date
    sha256: str | None
    words: tuple[str, ...]
    audience: str


# -- one record ------------------------------------------------------------------------------------------------------


def digest_of_record(row: Written) -> str:
    """SHA-256 in hexadecimal of what a record says: kind, id, day, and its fields in the order of their names.

    File, line, order and layout do not matter, nor do zeros at a number's end. The text is one line each, with a newline
    at the end of all: kind, id, date as 2025-03-31, then `name: value`, a text in the quotes that the ledger gives it.
    """
    kind, record_id = row.values
    fields = (f"{name}: {_said(value)}" for name, value in sorted(row.fields.items()))
    lines = (str(kind), str(record_id), row.date.isoformat(), *fields)
    return sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _said(value: Any) -> str:
    """A field's value as a ledger writes it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, Amount):
        return f"{_number(value.number)} {value.currency}"
    if isinstance(value, date):
        return value.isoformat()
    if value is None:
        return ""
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}" if value else "0"


def _name(row: Written) -> str:
    """Kind and id as one word of a list."""
    return f"{row.values[0]}/{_APART.sub('_', row.values[1])}"


def _listable(facts: Facts, until: date) -> list[Written]:
    """The records that snapshots list, up to a day, in order of date and place."""
    found = (
        row
        for row in facts.written
        if row.date <= until
        and len(row.values) == 2
        and all(isinstance(value, str) and value for value in row.values)
        and row.values[0] not in NEVER_LISTED
    )
    return sorted(found, key=lambda row: (row.date, row.place))


# -- what the books say beside what was shown ------------------------------------------------------------------------


def month_named(rules: Bylaws, name: str) -> Period:
    """The calendar month of a name, as 2025-03. Raises UnknownPeriod for anything else."""
    period = rules.calendar.named(name)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", name):
        raise UnknownPeriod(f'a snapshot is of one month, and "{name}" is none: write it as "{period.ends:%Y-%m}"')
    return period


def snapshots_of(rules: Bylaws) -> list[tuple[Period, audits.Snapshot]]:
    """The first snapshot of every month that has one, by month; one whose id is no month is left out."""
    found: dict[str, tuple[Period, audits.Snapshot]] = {}
    for record in sorted(rules.every(audits.Snapshot), key=lambda record: (record.date, record.place)):
        try:
            month = month_named(rules, record.id)
        except UnknownPeriod:
            continue
        found.setdefault(month.name, (month, record))
    return sorted(found.values(), key=lambda row: row[0].ends)


def compared(rules: Bylaws, until: date | None = None) -> Compared:
    """The books beside the snapshots of the months that end on or before a day, or of all."""
    snapshots = [(month, record) for month, record in snapshots_of(rules) if until is None or month.ends <= until]
    rows = _listable(rules.facts, max((month.ends for month, _ in snapshots), default=date.min))
    matching = _Matching(rows)
    for month, record in snapshots:
        matching.take(month.ends, record)
    late = []
    for row in rows:
        month, due = next((month, record) for month, record in snapshots if month.ends >= row.date)
        by = matching.listed_until.get(row.place)
        if (by is None or by > month.ends) and not row.fields.get("recorded-late"):
            late.append((row, due))
    return Compared(tuple(late), tuple(matching.gone), tuple(matching.altered), matching.shown)


class _Matching:
    """Which record each word of the snapshots is about; a word is about one record, and each record is listed once.

    Several records may share a kind and an id. A word with a digest takes the record that has it; one without takes the
    oldest that no word has taken.
    """

    def __init__(self, rows: Sequence[Written]) -> None:
        self.by_name: dict[str, list[Written]] = {}
        for row in rows:
            self.by_name.setdefault(_name(row), []).append(row)
            self.by_name.setdefault(_name(row).partition("/")[2], []).append(row)
        self.shown: dict[Place, audits.Snapshot] = {}
        self.listed_until: dict[Place, date] = {}
        self.gone: list[Listed] = []
        self.altered: list[tuple[Listed, Written]] = []

    def take(self, ends: date, snapshot: audits.Snapshot) -> None:
        """Match the words of one snapshot: those whose digest fits first, so that no other word takes their record."""
        words = [_listed(word, snapshot) for word in snapshot.records]
        open_words = []
        for word in words:
            row = next((row for row in self._free(word, ends) if self._fits(word, row)), None)
            if row is None:
                open_words.append(word)
            else:
                self._mark(row, ends, snapshot)
        for word in open_words:
            row = next(iter(self._free(word, ends)), None)
            if row is None:
                self.gone.append(word)
                continue
            self._mark(row, ends, snapshot)
            if word.digest is not None:
                self.altered.append((word, row))

    @staticmethod
    def _fits(word: Listed, row: Written) -> bool:
        return word.digest is not None and digest_of_record(row).startswith(word.digest)

    def _free(self, word: Listed, ends: date) -> Iterator[Written]:
        for row in self.by_name.get(word.name, ()):
            if row.place not in self.shown and row.date <= ends:
                yield row

    def _mark(self, row: Written, ends: date, snapshot: audits.Snapshot) -> None:
        self.shown[row.place] = snapshot
        self.listed_until[row.place] = ends


def _listed(word: str, snapshot: audits.Snapshot) -> Listed:
    match = _WORD.match(word)
    assert match is not None, "a list has no empty word"
    return Listed(match["name"], match["digest"], snapshot)


# -- a new one -------------------------------------------------------------------------------------------------------


def words_of(rules: Bylaws, month: Period) -> tuple[str, ...]:
    """The words of a month's snapshot: every record dated up to its last day that no earlier month's snapshot lists."""
    earlier = compared(rules, month.starts - DAY)
    rows = _listable(rules.facts, month.ends)
    return tuple(_word(row) for row in rows if row.place not in earlier.shown)


def _word(row: Written) -> str:
    return f"{_name(row)}={digest_of_record(row)[:_DIGITS]}"


def taken(rules: Bylaws, name: str, day: date, sha256: str | None, audience: str = ALL_WORKERS) -> Taken | None:
    """The snapshot of a month as it is to be written on a day; None where the books have one of that month.

    Raises UnknownPeriod where the name is no month, or the month is not over.
    """
    month = month_named(rules, name)
    if any(known.name == month.name for known, _ in snapshots_of(rules)):
        return None
    if day <= month.ends:
        raise UnknownPeriod(f"{name} is open until {month.ends}: take its snapshot on {month.ends + DAY} or later")
    return Taken(month, day, sha256, words_of(rules, month), audience)


def text_of(snapshot: Taken) -> str:
    """The record to paste, with its words in lines of their own. Ends with a newline."""
    lines = [f'{snapshot.date} custom "coop" "snapshot" "{snapshot.month.name}"']
    if snapshot.sha256 is not None:
        lines.append(f'  sha256: "{snapshot.sha256}"')
    if snapshot.words:
        lines.append(f'  records: "{_folded(snapshot.words)}"')
    lines.append(f"  audience: {_said(' '.join(snapshot.audience.split()))}")
    return "\n".join(lines) + "\n"


def _folded(words: Iterable[str]) -> str:
    return "\n    ".join(words)
