"""The postings of one transaction as they may pass: each with its published account, and whose it is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from coopbooks.books.bookings import Booking, Line
from coopbooks.bylaws import Bylaws
from coopbooks.errors import UnknownPeriod
from coopbooks.facts import PayRow
from coopbooks.publish.fresh import Leg
from coopbooks.publish.lists import PASSES
from coopbooks.publish.names import Names
from coopbooks.publish.records import plain, quoted, visible
from coopbooks.rows import NamedTuple
from coopbooks.rules.alliances import NO_CONDITIONS
from coopbooks.rules.funds import SOURCES

__all__ = ["COOP_TAGS", "Piece", "Pieces"]

COOP_TAGS = ("coop-close", "coop-redeem", "coop-interest", "coop-exit")
STATED = '"stated"'
"""What stands for a text that there is and that does not pass."""
_SPAN = re.compile(r"[0-9]{4}(-Q[1-4]|-[0-9]{2}|-[0-9]{2}-[0-9]{2}/[0-9]{4}-[0-9]{2}-[0-9]{2})?\Z")


class Piece(NamedTuple):
    """One posting that may pass: `named` where its account has a name of its own; `of` is the account in the books."""

    leg: Leg
    of: str
    named: bool
    pay: bool
    person: str | None


class Pieces:
    """Cuts the transactions of one ledger into what may pass of them to one audience."""

    def __init__(self, rules: Bylaws, names: Names) -> None:
        """`names` are the published names for that audience."""
        self.rules, self.names, self.audience = rules, names, names.audience
        self.wages: defaultdict[str, set[str]] = defaultdict(set)
        self._rows: defaultdict[tuple[str, int], list[PayRow]] = defaultdict(list)
        for row in rules.facts.pay:
            self._rows[row.file, row.line].append(row)

    def of(self, booking: Booking) -> list[Piece]:
        """The pieces of a transaction; what its own postings leave open, as Beancount tolerates it, is one more."""
        found = [self._piece(line) for line in booking.lines]
        rest: defaultdict[str, Decimal] = defaultdict(Decimal)
        for piece in found:
            rest[piece.leg.currency] -= piece.leg.number
        return found + [
            Piece(Leg("Equity:Other", number, currency), "", named=False, pay=False, person=None)
            for currency, number in rest.items()
            if number
        ]

    def _piece(self, line: Line) -> Piece:
        unit = self.names.unit(line.currency)
        row = self._pay(line)
        if row is None or self.names.shielded(line.account):
            leg = Leg(self.names.of(line.account), line.number, unit, tuple(self._gift_fields(line)))
            named, person = self.names.is_named(line.account) or leg.fields != (), self.names.person(line.account)
            return Piece(leg, line.account, named=named, pay=False, person=person)
        if self.audience == "public":
            leg = Leg(self.names.of(line.account), line.number, unit)
            return Piece(leg, line.account, named=False, pay=True, person=row.person)
        account = self.names.wages(line.account, row.person)
        self.wages[row.person].add(account)
        leg = Leg(account, line.number, unit, tuple(self._pay_fields(row)))
        return Piece(leg, line.account, named=True, pay=True, person=row.person)

    def _pay(self, line: Line) -> PayRow | None:
        """The gross pay that a posting is, as the rules read it."""
        account = line.account
        while account and account not in self.rules.wages:
            account = account.rpartition(":")[0]
        rows = self._rows.get((line.file, line.line)) if account else None
        return rows.pop(0) if rows else None

    def _pay_fields(self, row: PayRow) -> list[tuple[str, str]]:
        listed = PASSES["pay"]
        said = {
            "hours": None if row.hours is None else f"{abs(row.hours) if row.hours < 0 else row.hours:f}",
            "pay": None if row.kind == "base" else quoted(row.kind),
            "pay-period": quoted(row.span) if row.span is not None and _SPAN.match(row.span) else None,
        }
        return [(name, text) for name, text in said.items() if text is not None and self.audience in listed[name]]

    def _gift_fields(self, line: Line) -> list[tuple[str, str]]:
        """What a posting says of the ally whose gift it is; nothing where no record knows such an ally."""
        listed, ally = PASSES["gift"], line.fields.get("ally")
        if not isinstance(ally, str) or ally not in self.rules.ids("ally"):
            return []
        in_kind, basis = line.fields.get("in-kind"), line.fields.get("valuation")
        said = {
            "ally": quoted(self.names.id("ally", ally)),
            "in-kind": plain(self.names, in_kind) if isinstance(in_kind, bool) else None,
            "valuation": STATED if isinstance(basis, str) else plain(self.names, basis),
            "conditions": self._conditions(line.fields.get("conditions")),
        }
        return [(name, text) for name, text in said.items() if text is not None and self.audience in listed[name]]

    def _conditions(self, value: Any) -> str | None:
        if not isinstance(value, str):
            return None
        if value.strip().lower() == NO_CONDITIONS:
            return quoted(NO_CONDITIONS)
        return quoted(visible(value)) if ("gift", "conditions") in self.names.texts else STATED

    def fields(self, booking: Booking) -> tuple[tuple[str, str], ...]:
        """The fields of a transaction that pass, as the ledger writes them."""
        listed = PASSES["transaction"]
        said = {
            "period": self._period(booking.fields.get("period")),
            "amends": "TRUE" if booking.fields.get("amends") is True else None,
            "of-period": self._period(booking.fields.get("of-period")),
            "decision": self._decision(booking.fields.get("decision")),
            "source": self._source(booking.fields.get("source")),
        }
        return tuple((name, text) for name, text in said.items() if text is not None and self.audience in listed[name])

    def _period(self, value: Any) -> str | None:
        try:
            return quoted(self.rules.year(value).name) if isinstance(value, str) else None
        except UnknownPeriod:
            return None

    def _decision(self, value: Any) -> str | None:
        if isinstance(value, str) and value in self.rules.ids("decision"):
            return quoted(self.names.id("decision", value))
        return None

    def _source(self, value: Any) -> str | None:
        return quoted(value) if isinstance(value, str) and value in SOURCES else None

    def tags(self, booking: Booking) -> tuple[str, ...]:
        """The tags that pass: ours."""
        return tuple(tag for tag in COOP_TAGS if tag in booking.tags)

    def only_moves_result(self, booking: Booking, surplus_accounts: Iterable[str]) -> bool:
        """Whether a transaction only moves income and expenses into the surplus account."""
        surplus = [line for line in booking.lines if line.account in surplus_accounts]
        result = [line for line in booking.lines if self.is_result(line.account)]
        return bool(surplus) and len(surplus) + len(result) == len(booking.lines)

    def is_result(self, account: str) -> bool:
        """Whether an account is one of income or expenses."""
        return self.names.root(account) in ("Income", "Expenses")
