"""What text of a ledger says, as plain values: what is rendered is parsed again and held to what was meant.

A name may hold anything that a person can type. No quoting is believed to be right; it is read back instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from beancount.core import data
from beancount.parser import parser

from coopbooks.errors import WriteRefused

__all__ = [
    "Meaning",
    "faults_of",
    "held_to",
    "meaning_of",
    "meanings",
    "number_of",
    "opening",
    "plain_text",
    "record",
    "transaction",
]

Meaning = tuple[Any, ...]
"""One directive as plain values: its sort, its day, and all that it says. Where it stands is no part of it."""

_PLACE = frozenset({"filename", "lineno"})
_OTHER_ROOT = "Invalid account name"  # a ledger may call its roots otherwise, by options that stand in another file


def held_to(text: str, meant: Iterable[Meaning], what: str) -> str:
    """The text itself, where it parses to just what was meant, in any order.

    `what` names it in the sentence of the WriteRefused that is raised where it does not: then nothing of it is to be
    printed or written.
    """
    found, fault = meanings(text)
    if fault is not None or sorted(map(repr, found)) != sorted(map(repr, meant)):
        raise WriteRefused(
            f"{what} cannot be written so that Beancount reads it as it was meant"
            f"{f' ({fault})' if fault else ''}: take odd characters out of its names and texts"
        )
    return text


def meanings(text: str, first_line: int = 0) -> tuple[list[Meaning], str | None]:
    """What each directive from a line on says, and the parser's first complaint; no included file is read."""
    try:
        entries, errors, _ = parser.parse_string(text)
    except UnicodeEncodeError:
        return [], "it has half a character, which UTF-8 cannot hold"
    except (ArithmeticError, AttributeError, TypeError, ValueError) as error:  # of Beancount's parser itself
        return [], f"it stops with {type(error).__name__}"
    found = [meaning_of(entry) for entry in entries if entry.meta["lineno"] >= first_line]
    fault = "it has the sign U+0000, which no text file holds" if "\0" in text else next(faults_of(errors), None)
    return found, fault


def faults_of(errors: Iterable[Any]) -> Iterator[str]:
    """What the parser says is wrong, a line each, but for accounts below a root that options elsewhere may name."""
    faults = (" ".join(str(error.message).split()) for error in errors)
    return (fault for fault in faults if not fault.startswith(_OTHER_ROOT))


def meaning_of(entry: Any) -> Meaning:
    """What one directive of Beancount says."""
    if isinstance(entry, data.Open):
        return opening(entry.date, entry.account, entry.currencies or (), _fields(entry.meta))
    if isinstance(entry, data.Custom):
        return (
            "record",
            entry.date,
            entry.type,
            tuple(_plain(each.value) for each in entry.values or ()),
            _said(entry.meta),
        )
    if not isinstance(entry, data.Transaction):
        rest = ((name, repr(getattr(entry, name))) for name in entry._fields if name not in ("meta", "date"))
        return type(entry).__name__, entry.date, tuple(rest), _said(entry.meta)
    postings = tuple(
        (each.account, _plain(each.units), repr(each.cost), repr(each.price), each.flag, _said(each.meta))
        for each in entry.postings
    )
    marks = (tuple(sorted(entry.tags or ())), tuple(sorted(entry.links or ())))
    texts = (entry.flag, plain_text(entry.payee), plain_text(entry.narration))
    return "transaction", entry.date, texts, marks, _said(entry.meta), postings


def opening(
    day: date, account: str, currencies: Iterable[str] = (), fields: Mapping[str, Any] | None = None
) -> Meaning:
    """What an `open` says."""
    return "open", day, account, tuple(currencies), _said(fields)


def record(day: date, kind: str, record_id: str, fields: Mapping[str, Any]) -> Meaning:
    """What a record says: `custom "coop"` with its kind, its id and its fields."""
    return "record", day, "coop", (_plain(kind), _plain(record_id)), _said(fields)


def transaction(
    day: date,
    narration: str,
    postings: Iterable[tuple[str, Decimal, str]],
    *,
    tags: Iterable[str] = (),
    fields: Mapping[str, Any] | None = None,
) -> Meaning:
    """What a transaction of ours says: postings are account, number and currency."""
    rows = tuple(
        (account, ("amount", _plain(number), currency), "None", "None", None, ())
        for account, number, currency in postings
    )
    return "transaction", day, ("*", None, plain_text(narration)), (tuple(sorted(tags)), ()), _said(fields), rows


def _fields(meta: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (meta or {}).items() if name not in _PLACE}


def _said(fields: Mapping[str, Any] | None) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted((name, _plain(value)) for name, value in _fields(fields).items()))


def _plain(value: Any) -> Any:
    """A value so that equal ones are written alike: 1 and 1.00 are one number, TRUE is none, and a line end is a line end."""
    if value is None or isinstance(value, (bool, date)):
        return value
    if isinstance(value, int | Decimal):
        return ("number", *_digits(Decimal(value)))
    if isinstance(value, tuple):  # an amount, ours or Beancount's
        number, currency = value
        return "amount", _plain(number), currency
    return plain_text(value)


def _digits(number: Decimal) -> tuple[int, str, int]:
    """Sign, digits and exponent without zeros at the end: exact, where arithmetic of Decimal would keep 28 digits."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int), "no number of a ledger is infinite"
    text = "".join(map(str, digits)).lstrip("0")
    short = text.rstrip("0")
    return (sign, short, exponent + len(text) - len(short)) if short else (0, "", 0)


def number_of(units: Any) -> tuple[Decimal, str]:
    """Number and currency of the units of a posting in a Meaning."""
    _, (_, sign, digits, exponent), currency = units
    return Decimal((sign, tuple(map(int, digits)), exponent)), currency


def plain_text(value: Any) -> Any:
    """A text with its line ends as `\\n`, since a file may have others; anything else as it is."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value
