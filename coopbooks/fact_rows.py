"""The rows that facts consist of: what a rule sees of a record, a posting, an account.

Signs are the ledger's own (a debit is positive, a credit negative); money is in the cooperative's currency. A row says
where it stands, as `file` and `line`, so that every figure made of it can be followed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from coopbooks.errors import Place
from coopbooks.money import Amount
from coopbooks.rows import NamedTuple

__all__ = [
    "FORGED",
    "HIDES",
    "Asserted",
    "Directive",
    "Gift",
    "Leg",
    "Life",
    "MovedResult",
    "Movement",
    "Outlay",
    "PayRow",
    "Roots",
    "Unpriced",
    "Written",
    "below",
]


class Written(NamedTuple):
    """One `custom "coop"` directive as the ledger has it: the values after "coop", and its fields."""

    values: tuple[Any, ...]
    date: date
    place: Place
    fields: dict[str, Any]


class PayRow(NamedTuple):
    """One posting of gross pay.

    `amount` is in the cooperative's currency, below zero for a correction; None where no price is known. `hours` are
    those written on the posting, signed like the amount. `span` is the `pay-period` as written. `line` is the posting's.
    """

    person: str
    date: date
    kind: str
    amount: Decimal | None
    hours: Decimal | None
    span: str | None
    file: str
    line: int

    @property
    def place(self) -> Place:
        """Where the posting stands."""
        return Place(self.file, self.line)


class Leg(NamedTuple):
    """One posting of a movement: its amount in the cooperative's currency where one is known, and its fields."""

    account: str
    amount: Decimal
    file: str
    line: int
    fields: Mapping[str, Any]

    @property
    def place(self) -> Place:
        """Where the posting stands."""
        return Place(self.file, self.line)


class Movement(NamedTuple):
    """A transaction that touches what the rules guard: the surplus, a fund, capital, patronage, or a #coop tag.

    `payee` is whom the transaction names as the other side, None where it names nobody.
    """

    date: date
    file: str
    line: int
    tags: frozenset[str]
    fields: Mapping[str, Any]
    legs: tuple[Leg, ...]
    payee: str | None = None

    @property
    def place(self) -> Place:
        """Where the transaction stands."""
        return Place(self.file, self.line)


class Gift(NamedTuple):
    """A posting that names an ally, with its own fields: money, goods or time that came from there or went back.

    `amount` is in the cooperative's currency and the ledger's sign, None where no price is known. `entry` is the line of
    its transaction in `file`, and `earned` whether that has an account of income in it. Read only where the books have a
    record of alliances.
    """

    date: date
    ally: Any
    account: str
    amount: Decimal | None
    entry: int
    earned: bool
    fields: Mapping[str, Any]
    file: str
    line: int

    @property
    def place(self) -> Place:
        """Where the posting stands."""
        return Place(self.file, self.line)


class Outlay(NamedTuple):
    """A posting that spends, buys or sells: one on an account of expenses, or one marked so on any other account.

    `amount` is in the cooperative's currency and the ledger's sign, None where no price is known. `entry` is the line of
    its transaction in `file`, `payee` what that says, and `fields` are the transaction's, the posting's own over them.
    """

    date: date
    account: str
    amount: Decimal | None
    payee: str | None
    entry: int
    fields: Mapping[str, Any]
    file: str
    line: int

    @property
    def place(self) -> Place:
        """Where the posting stands."""
        return Place(self.file, self.line)


class Asserted(NamedTuple):
    """A balance that the books state of an account, at the beginning of a day; a false one is an error of Beancount."""

    date: date
    account: str
    file: str
    line: int

    @property
    def place(self) -> Place:
        """Where it is stated."""
        return Place(self.file, self.line)


FORGED = "forged"
"""The kind of a `Directive` that is none: a line of metadata that says `filename`, and so claims another place."""

HIDES = "metadata called filename hides where this directive stands: give it another name"


class Directive(NamedTuple):
    """A directive that a seal covers, or might: what it is, its digest, and the fiscal year that it names as its own.

    `kind` is transaction, record, open, …; `period` is that of a close or a contribution, None for all others.
    """

    date: date
    kind: str
    digest: str
    period: str | None
    file: str
    line: int

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.file, self.line)


class Unpriced(NamedTuple):
    """An amount that could not be brought to the cooperative's currency."""

    date: date
    account: str
    amount: Amount
    place: Place


class MovedResult(NamedTuple):
    """Income and expenses that `of-period` moves to their own fiscal year."""

    date: date
    period: str
    amount: Decimal
    place: Place


class Life(NamedTuple):
    """When an account was opened and closed."""

    opened: date
    closed: date | None
    file: str
    line: int

    @property
    def place(self) -> Place:
        """Where it is opened."""
        return Place(self.file, self.line)


class Roots(NamedTuple):
    """The five root accounts, whose names a ledger may choose."""

    assets: str = "Assets"
    liabilities: str = "Liabilities"
    equity: str = "Equity"
    income: str = "Income"
    expenses: str = "Expenses"

    @property
    def patronage(self) -> str:
        """What members and workers are owed of a surplus stands below it, one account a person."""
        return f"{self.liabilities}:Patronage"

    @property
    def former_members(self) -> str:
        """The debts to leavers stand below it, one account a person."""
        return f"{self.liabilities}:FormerMembers"

    @property
    def subscriptions(self) -> str:
        """What is still to be paid of a buy-in stands below it, one account a person."""
        return f"{self.assets}:Subscriptions"


def below(account: str, parent: str) -> bool:
    """Whether an account is `parent` or stands below it."""
    return account == parent or account.startswith(parent + ":")
