"""The rows that a published ledger is made of. Every one is made anew; none is a changed row of the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from coopbooks.errors import CoopbooksError
from coopbooks.rows import NamedTuple

__all__ = ["Figure", "Fresh", "Leg", "Note", "Sums", "Totals", "added", "balanced", "totals_of"]

Sums = dict[tuple[str, str], Decimal]
"""Sums by published account and currency, in the ledger's sign."""

Totals = Mapping[tuple[str, str], Decimal]


class Leg(NamedTuple):
    """One fresh posting; fields are texts as the ledger writes them."""

    account: str
    number: Decimal
    currency: str
    fields: tuple[tuple[str, str], ...] = ()


class Fresh(NamedTuple):
    """One fresh transaction: its narration is one of ours, its tags and fields are on the list."""

    date: date
    narration: str
    legs: tuple[Leg, ...]
    fields: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()


class Note(NamedTuple):
    """One fresh record: `custom "coop" "<kind>" "<id>"` with its fields as the ledger writes them."""

    date: date
    kind: str
    id: str
    fields: tuple[tuple[str, str], ...]


class Figure(NamedTuple):
    """One published figure: `custom "published" …` with its values as the ledger writes them."""

    date: date
    values: tuple[str, ...]


def totals_of(rows: Iterable[Fresh]) -> Sums:
    """What fresh transactions come to, by account and currency; nothing that is zero."""
    sums: Sums = defaultdict(Decimal)
    for row in rows:
        for leg in row.legs:
            sums[leg.account, leg.currency] += leg.number
    return {key: number for key, number in sums.items() if number}


def added(*sums: Totals) -> Sums:
    """Several sums together; nothing that is zero."""
    found: Sums = defaultdict(Decimal)
    for each in sums:
        for key, number in each.items():
            found[key] += number
    return {key: number for key, number in found.items() if number}


def balanced(legs: Iterable[Leg], link: str, *, keep: bool = False) -> tuple[Leg, ...]:
    """The legs that are not zero, or all with `keep`, and one to `link` in each currency that does not come to zero."""
    found = tuple(leg for leg in legs if leg.number or keep)
    rest: dict[str, Decimal] = defaultdict(Decimal)
    for leg in found:
        rest[leg.currency] -= leg.number
    return found + tuple(Leg(link, number, currency) for currency, number in rest.items() if number)


class TotalsDiffer(CoopbooksError):
    """The published totals are not those of the books: a fault of this program, and nothing is written."""
