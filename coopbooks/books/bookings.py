"""Every transaction of a ledger as plain rows, for whoever makes new books out of it.

Facts hold what the rules guard; here stands all of it, with each amount as what it weighs: in the cooperative's
currency where a price or cost says so, else in its own.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from beancount.core.convert import get_weight
from beancount.core.data import Document, Price, Transaction

from coopbooks.books.entries import Places, _fields, _Prices, facts_of
from coopbooks.books.loading import Books
from coopbooks.facts import Facts, Roots
from coopbooks.money import settled
from coopbooks.rows import NamedTuple

__all__ = ["Booking", "Line", "Source", "document_sha256", "source_until"]

_PIECE_BYTES = 1 << 20  # a document is read in pieces of this size


class Line(NamedTuple):
    """One posting: its account as the ledger names it, what it weighs, and its own fields."""

    account: str
    number: Decimal
    currency: str
    file: str
    line: int
    fields: Mapping[str, Any]


class Booking(NamedTuple):
    """One transaction."""

    date: date
    tags: frozenset[str]
    fields: Mapping[str, Any]
    lines: tuple[Line, ...]


class Source(NamedTuple):
    """A ledger up to a day: its facts, its transactions, and (day, account, path) of its `document` directives."""

    facts: Facts
    bookings: tuple[Booking, ...]
    documents: tuple[tuple[date, str, str], ...]
    roots: Roots
    folder: Path


def source_until(books: Books, day: date) -> Source:
    """What the books say up to the end of a day; what is dated later is not in it."""
    entries = [entry for entry in books.entries if entry.date <= day]
    facts = facts_of(entries, books.options, padded=True)
    currency = facts.currency
    prices = _Prices([entry for entry in entries if entry.__class__ is Price], currency)
    places = Places(str(books.path))
    bookings = tuple(_booking(entry, places, prices, currency) for entry in entries if entry.__class__ is Transaction)
    documents = tuple((entry.date, entry.account, entry.filename) for entry in entries if entry.__class__ is Document)
    roots = Roots(
        *(str(books.options.get(f"name_{root}") or name) for root, name in zip(Roots._fields, Roots(), strict=True))
    )
    return Source(facts, bookings, documents, roots, books.path.parent)


def _booking(entry: Any, places: Places, prices: _Prices, currency: str | None) -> Booking:
    lines = tuple(_lines(entry, places, prices, currency))
    return Booking(entry.date, frozenset(entry.tags or ()), _fields(entry.meta), lines)


def _lines(entry: Any, places: Places, prices: _Prices, currency: str | None) -> Iterator[Line]:
    for posting in entry.postings:
        weight: Any = get_weight(posting)
        number, unit = weight
        if unit != currency and (price := prices.last(unit, entry.date)) is not None:
            number, unit = number * price, str(currency)
        file, line = places.of(posting.meta or entry.meta)
        yield Line(posting.account, settled(number), unit, file, line, _fields(posting.meta))


def document_sha256(folder: Path, name: str) -> str | None:
    """SHA-256 in hexadecimal of a document of the books; None where no plain file of that name can be read.

    A relative name is looked up in the folder of the ledger.
    """
    digest = sha256()
    try:
        path = folder / name
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        with path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                digest.update(piece)
    except (OSError, ValueError):
        return None
    return digest.hexdigest()
