"""Entries that are to be written: their text, what it must parse to, and the ids by which they are known again."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

from beancount.core.data import Custom, Transaction
from beancount.parser import parser

from coopbooks.books.read_again import faults_of
from coopbooks.errors import ImportRefused, Place

__all__ = ["ID_FIELD", "Draft", "Line", "entries_of", "identified", "tidy"]

ID_FIELD = "import-id"
TEXT_MAX = 300
_DIGITS = 12

Value = str | Decimal


class Line(NamedTuple):
    """One posting: its amount, its fields, and the column that it comes from."""

    account: str
    number: Decimal
    fields: dict[str, Value]
    column: str
    is_pay: bool = False


class Draft(NamedTuple):
    """One entry that is to be written: a transaction, or a `contribution` where it has no lines.

    `key` says which payment or which hours it is, `content` what they are: a row that was corrected keeps its key.
    `what` names it in a sentence. `id` is given by `identified`.
    """

    place: Place
    person: str
    date: date
    what: str
    key: tuple[str, ...]
    content: tuple[str, ...]
    payee: str
    narration: str
    currency: str
    fields: dict[str, Value]
    lines: tuple[Line, ...]
    id: str = ""

    @property
    def key_id(self) -> str:
        """The part of the id that a correction does not change."""
        return self.id.rpartition("-")[0]


def identified(drafts: Iterable[Draft], source: str) -> list[Draft]:
    """The drafts with their ids: two that are alike in one file are two payments, and each has its own."""
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for draft in drafts:
        whole = (*draft.key, *draft.content)
        seen[whole] += 1
        own = f"{source}-{_digest(draft.key)}-{_digest((*whole, str(seen[whole])))}"
        found.append(draft._replace(id=own))
    return found


def _digest(parts: Iterable[str]) -> str:
    return sha256("\x1f".join(parts).encode("utf-8")).hexdigest()[:_DIGITS]


def tidy(text: str) -> str:
    """Text of a stranger on one line, without what could steer a terminal or a page; 300 characters at most.

    >>> tidy("bonus\\n for\\u202e Ana\\x07")
    'bonus for Ana'
    """
    kept = "".join(char if char.isprintable() else _instead(char) for char in text)
    return " ".join(kept.split())[:TEXT_MAX].strip()


def _instead(char: str) -> str:
    return "" if unicodedata.category(char) == "Cf" else " "


def text_of(draft: Draft) -> str:
    """The entry as Beancount text that ends with a newline."""
    if not draft.lines:
        head = f'{draft.date} custom "coop" "contribution" {_quoted(draft.person)}'
        fields = {**draft.fields, "note": f"{ID_FIELD} {draft.id}"}
        return "\n".join([head, *_written(fields, "  ")]) + "\n"
    payee = f"{_quoted(draft.payee)} " if draft.payee else ""
    rows = [f"{draft.date} * {payee}{_quoted(draft.narration)}"]
    rows += _written({ID_FIELD: draft.id, **draft.fields}, "  ")
    width = max(len(line.account) for line in draft.lines)
    figures = [f"{line.number:f}" for line in draft.lines]
    figure_width = max(map(len, figures))
    for line, figure in zip(draft.lines, figures, strict=True):
        rows.append(f"  {line.account:<{width}}  {figure:>{figure_width}} {draft.currency}  ; {tidy(line.column)}")
        rows += _written(line.fields, "    ")
    return "\n".join(rows) + "\n"


def _written(fields: dict[str, Value], indent: str) -> list[str]:
    return [
        f"{indent}{name}: {_quoted(value) if isinstance(value, str) else format(value, 'f')}"
        for name, value in fields.items()
    ]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def entries_of(drafts: Sequence[Draft]) -> tuple[str, list[Any]]:
    """The text of the drafts, and the Beancount entries that it parses to, in the same order.

    Raises ImportRefused where the text would not mean what the drafts mean: then nothing of it is to be written.
    """
    text = "\n".join(map(text_of, drafts))
    entries, errors, _ = parser.parse_string(text)
    entries = sorted(entries, key=lambda entry: entry.meta["lineno"])
    meant = [_meaning_of(draft) for draft in drafts]
    is_unread = any(faults_of(errors))
    for number, draft in enumerate(drafts):
        if is_unread or number >= len(entries) or _meaning(entries[number]) != meant[number]:
            raise ImportRefused(
                f"{draft.what} cannot be written as Beancount text: take odd characters out of the row", draft.place
            )
    return text, entries


def _meaning_of(draft: Draft) -> tuple[Any, ...]:
    if not draft.lines:
        note = {"note": f"{ID_FIELD} {draft.id}"}
        return draft.date, ("coop", "contribution", draft.person), {**draft.fields, **note}, ()
    postings = tuple((line.account, line.number, draft.currency, line.fields) for line in draft.lines)
    return draft.date, (draft.payee or None, draft.narration), {ID_FIELD: draft.id, **draft.fields}, postings


def _meaning(entry: Any) -> tuple[Any, ...]:
    if isinstance(entry, Custom):
        values = tuple(value.value for value in entry.values)
        return entry.date, (entry.type, *values), _fields(entry.meta), ()
    if not isinstance(entry, Transaction):
        return ()
    postings = tuple((posting.account, *_units(posting), _fields(posting.meta)) for posting in entry.postings)
    return entry.date, (entry.payee, entry.narration), _fields(entry.meta), postings


def _units(posting: Any) -> tuple[Any, Any]:
    """Number and currency; an amount of zero counts as false, so it is asked for by identity."""
    return (None, None) if posting.units is None else (posting.units.number, posting.units.currency)


def _fields(meta: Any) -> dict[str, Any]:
    return {key: value for key, value in (meta or {}).items() if key not in ("filename", "lineno")}
