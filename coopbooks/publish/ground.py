"""What every way of publishing starts from: one ledger on one day, cut into what may pass to one audience."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cached_property

from coopbooks.books.bookings import Booking, Source
from coopbooks.bylaws import Bylaws, account_of_surplus
from coopbooks.errors import UnknownPeriod
from coopbooks.facts import below
from coopbooks.periods import Period
from coopbooks.publish.fresh import Leg
from coopbooks.publish.lists import BEHIND
from coopbooks.publish.names import Names
from coopbooks.publish.pieces import Piece, Pieces
from coopbooks.publish.protected import (
    Block,
    Row,
    claims_on,
    following,
    is_close,
    protected_entries,
    published_blocks,
    rows_of,
)
from coopbooks.records import bylaws, surplus
from coopbooks.rows import NamedTuple

__all__ = ["Cut", "Ground", "joined"]


class Cut(NamedTuple):
    """A transaction and its pieces."""

    booking: Booking
    pieces: tuple[Piece, ...]


class Ground:
    """One ledger on one day for one audience. Built once; nothing in it is changed afterwards."""

    def __init__(self, source: Source, audience: str, as_of: date) -> None:
        """`source` is what the books say up to `as_of`."""
        self.source, self.audience, self.as_of = source, audience, as_of
        self.rules = Bylaws(source.facts)
        self.names = Names(self.rules, source.roots, audience, _claimed(self.rules, source.bookings), as_of)
        self.pieces = Pieces(self.rules, self.names)
        self.surplus = {account_of_surplus(rule, source.roots) for rule in (None, *self.rules.every(bylaws.Surplus))}
        self.blocks: list[tuple[Row, list[Block]]] = [
            (row, published_blocks(self.rules, row, self.names, behind, as_of)) for row, behind in self._rows()
        ]
        self._protected = {id(booking) for row, _ in self.blocks for booking in row.bookings}
        self._shown = {id(each): block.ends for _, blocks in self.blocks for block in blocks for each in block.bookings}
        self.cuts = [Cut(booking, tuple(self._pieces(booking))) for booking in source.bookings]

    def _rows(self) -> Iterator[tuple[Row, tuple[int, ...]]]:
        """Every row of protected entries, and how many claims must stand behind its blocks.

        For the public, the members' rows come first and are merged from the members' blocks.
        """
        if self.audience == "auditors":
            return
        bookings, names = self.source.bookings, self.names
        for_all = protected_entries(bookings, names, names.since)
        behind: tuple[int, ...] = (BEHIND["members"],)
        if self.audience == "public":
            behind = (BEHIND["members"], BEHIND["public"])
            known = set(map(id, for_all))
            more = [each for each in protected_entries(bookings, names, names.protected) if id(each) not in known]
            yield from ((row, (BEHIND["public"],)) for row in rows_of(more, names))
        yield from ((row, behind) for row in rows_of(for_all, names))

    def _pieces(self, booking: Booking) -> list[Piece]:
        pieces = self.pieces.of(booking)
        if id(booking) not in self._protected:
            return pieces
        return [piece._replace(leg=self._coarse(piece), named=False, pay=False, person=None) for piece in pieces]

    def _coarse(self, piece: Piece) -> Leg:
        """A posting of a protected entry, which shows the fund or the root alone."""
        return piece.leg._replace(account=self.names.coarse(piece.of), fields=()) if piece.of else piece.leg

    @cached_property
    def waiting(self) -> set[int]:
        """Transactions that go no free way: the protected ones, and those that would tell what still waits."""
        closes = [each for each in self.source.bookings if self._protected and self._tells(each)]
        return self._protected | following(self.source.bookings, closes, self._is_owed)

    @property
    def free(self) -> list[Cut]:
        """The transactions that wait for nobody."""
        return [cut for cut in self.cuts if id(cut.booking) not in self.waiting]

    @property
    def held(self) -> list[Cut]:
        """The transactions that wait and are not published."""
        return [cut for cut in self.cuts if id(cut.booking) in self.waiting and id(cut.booking) not in self._shown]

    @property
    def held_closes(self) -> list[str]:
        """The fiscal years whose close waits."""
        closes = (cut.booking for cut in self.held if is_close(cut.booking))
        return sorted({self.year_of(close).name for close in closes})

    @property
    def quiet(self) -> frozenset[str]:
        """The decisions that protected entries name, be it in a posting: their matter never passes, to auditors neither."""
        entries = protected_entries(self.source.bookings, self.names, {*self.names.since, *self.names.protected})
        fields = (fields for each in entries for fields in (each.fields, *(line.fields for line in each.lines)))
        named = [name for each in fields if isinstance(name := each.get("decision"), str)]
        return frozenset([*named, *(word for name in named for word in re.split(r"[\s,;]+", name))])

    def is_protected(self, file: str, line: int) -> bool:
        """Whether the posting at a place is one of a protected entry."""
        return (file, line) in self._places

    @cached_property
    def _places(self) -> set[tuple[str, int]]:
        return {(line.file, line.line) for row, _ in self.blocks for each in row.bookings for line in each.lines}

    def of_block(self, block: Block) -> list[Piece]:
        """The pieces of a published block."""
        return [piece for booking in block.bookings for piece in self._cut_of[id(booking)].pieces]

    @cached_property
    def _cut_of(self) -> dict[int, Cut]:
        return {id(cut.booking): cut for cut in self.cuts}

    def _is_owed(self, account: str) -> bool:
        """Whether a close owes what it posts on an account to somebody, who will be paid just that."""
        return self.names.person(account) is not None or self.names.root(account) == "Liabilities"

    def _tells(self, booking: Booking) -> bool:
        """Whether a transaction carries on a result, or a fund's balance, in which there is help that is not published.

        What is published by a block that goes on after the year's end does not help: the year's part of it is not known.
        """
        if not is_close(booking) and not self.pieces.only_moves_result(booking, self.surplus):
            return False
        year = self.year_of(booking)
        asked = {each for step in self.rules.every(surplus.Allocation) for each in self._asked(step)}
        return any(
            self._shown.get(id(each), date.max) > year.ends
            for row, _ in self.blocks
            for each in row.bookings
            if self._counts_until(each, year) and self._is_in(each, asked)
        )

    def _counts_until(self, booking: Booking, year: Period) -> bool:
        return booking.date <= year.ends or booking.fields.get("of-period") == year.name

    def _is_in(self, booking: Booking, asked: set[str]) -> bool:
        """Whether a protected entry is part of a result, or of a balance that a step asks for."""
        accounts = [line.account for line in booking.lines]
        return any(
            self.pieces.is_result(each) or each in self.surplus or any(below(each, account) for account in asked)
            for each in accounts
        )

    def _asked(self, step: surplus.Allocation) -> Iterator[str]:
        """The accounts at whose balance a step of the waterfall looks."""
        if step.until is not None or step.until_of is not None:
            yield step.to
        if step.until_account is not None:
            yield step.until_account

    def year_of(self, close: Booking) -> Period:
        """The fiscal year that a close is of, whether or not its name passes."""
        named = close.fields.get("period")
        try:
            return self.rules.year(named) if isinstance(named, str) else self.rules.year_of(close.date)
        except UnknownPeriod:
            return self.rules.year_of(close.date)

    def narration(self, cut: Cut) -> str:
        """One of our own sentences for a transaction."""
        for tag in self.pieces.tags(cut.booking):
            return _OF_TAG[tag]
        accounts = [piece.of for piece in cut.pieces]
        if any(piece.pay for piece in cut.pieces):
            return "Pay"
        if any(below(account, fund) for account in accounts for fund in self.names.funds):
            return "Movement of a fund"
        if any(self.names.person(account) for account in accounts):
            return "Movement of a member's account"
        return "Entry"


_OF_TAG = {
    "coop-close": "Close of a fiscal year",
    "coop-redeem": "Capital paid back",
    "coop-interest": "Interest on capital",
    "coop-exit": "Capital of a leaver becomes a debt",
}


def _claimed(rules: Bylaws, bookings: Iterable[Booking]) -> frozenset[str]:
    """The accounts of funds that were ever spent with a claim."""
    funds = {fund.account for fund in rules.every(surplus.Fund)}
    return frozenset(
        fund
        for booking in bookings
        for line in booking.lines
        if claims_on(booking, line)
        for fund in funds
        if below(line.account, fund)
    )


def joined(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    """Legs added up by account and currency, in order of account; nothing that is zero."""
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for leg in legs:
        sums[leg.account, leg.currency] += leg.number
    return tuple(Leg(account, number, unit) for (account, unit), number in sorted(sums.items()) if number)
