"""A published ledger's entries as a page shows them: every account with its postings, and the journal with every entry.

A large ledger would make a page that no browser opens with ease: beyond `LINES_MAX` postings its older months are added
up, account by account, and the ledger itself has them one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from coopbooks.dashboard.links import anchor
from coopbooks.dashboard.words import day_said, period_said
from coopbooks.facts import below
from coopbooks.rows import NamedTuple

__all__ = ["LINES_MAX", "Entry", "Journal", "Line", "Month", "Posting", "Sheet", "entries_of"]

LINES_MAX = 6_000
"""So many postings of the newest months are shown one by one: about three megabytes of page."""

_CREDITED = ("Liabilities", "Equity", "Income")  # accounts on which a credit is what there is more of


class Posting(NamedTuple):
    """One posting as the ledger has it; fields as text."""

    account: str
    number: Decimal
    currency: str
    fields: tuple[tuple[str, str], ...]


class Entry(NamedTuple):
    """One transaction; `id` is that of its row in the journal."""

    date: date
    line: int
    id: str
    narration: str
    fields: tuple[tuple[str, str], ...]
    postings: tuple[Posting, ...]

    @property
    def month(self) -> str:
        """The calendar month, "2025-03"."""
        return str(self.date)[:7]

    @property
    def day_said(self) -> str:
        """The day in words."""
        return day_said(str(self.date))

    @property
    def day_brief(self) -> str:
        """The day in a column, "1 Mar 2025"."""
        day, month, year = self.day_said.split()
        return f"{day} {month[:3]} {year}"


class Line(NamedTuple):
    """One line of an account's sheet: a posting, or a month of them added up (`entry` is None).

    `amount` and `balance` count as the account does: a credit adds to a fund and a debit to a bank.
    """

    id: str | None
    said: str
    what: str
    entry: Entry | None
    against: tuple[str, ...]
    amount: str
    balance: str


class Sheet(NamedTuple):
    """An account and what happened on it. `ids` are those of the accounts above it that begin here."""

    account: str
    id: str
    ids: tuple[str, ...]
    credited: bool
    postings: int
    balance: str
    lines: tuple[Line, ...]


class Month(NamedTuple):
    """One month of the journal."""

    name: str
    id: str
    said: str
    entries: tuple[Entry, ...]


def entries_of(entries: Iterable[Any], place_of: str) -> tuple[Entry, ...]:
    """The transactions among Beancount's entries, oldest first; `place_of` is the file that they stand in."""
    found = [_entry(each, place_of) for each in entries if getattr(each, "postings", None)]
    return tuple(sorted(found, key=lambda entry: (entry.date, entry.line)))


def _entry(transaction: Any, file: str) -> Entry:
    line = int(transaction.meta["lineno"])
    marks = [("", f"#{tag}") for tag in sorted(transaction.tags or ())]
    return Entry(
        date=transaction.date,
        line=line,
        id=anchor("entry", f"{file}:{line}"),
        narration=transaction.narration or "",
        fields=(*marks, *_fields(transaction.meta)),
        postings=tuple(
            Posting(each.account, each.units.number, each.units.currency, _fields(each.meta or {}))
            for each in transaction.postings
        ),
    )


def _fields(meta: Any) -> tuple[tuple[str, str], ...]:
    hidden = ("filename", "lineno")
    return tuple((name, _said(value)) for name, value in meta.items() if name not in hidden and name[:2] != "__")


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


class Journal:
    """The entries of one published ledger, by account and by month."""

    def __init__(self, entries: tuple[Entry, ...], currency: str | None, lines_max: int = LINES_MAX) -> None:
        """`currency` is the one that is not named beside every amount."""
        self.entries, self.currency = entries, currency
        self.folded = frozenset(_folded(entries, lines_max))
        self._by_account: dict[str, list[tuple[Entry, Posting]]] = defaultdict(list)
        for entry in entries:
            for posting in entry.postings:
                self._by_account[posting.account].append((entry, posting))

    @property
    def folded_said(self) -> str | None:
        """The last month whose entries are only shown added up, in words; None where every entry is shown."""
        return period_said(max(self.folded)) if self.folded else None

    def money(self, number: Decimal, currency: str) -> str:
        """An amount, with its currency where that is not the cooperative's own."""
        text = f"{number:,f}".replace("-", "\N{MINUS SIGN}")
        return text if currency == self.currency else f"{text} {currency}"

    # -- accounts ----------------------------------------------------------------------------------------------------

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """Every account with something on it, by name."""
        seen: set[str] = set()
        return tuple(self._sheet(account, seen) for account in sorted(self._by_account))

    def _sheet(self, account: str, seen: set[str]) -> Sheet:
        parts = account.split(":")
        above = [":".join(parts[:count]) for count in range(1, len(parts))]
        new = [name for name in above if name not in seen and name not in self._by_account]
        seen.update(new)
        sign = -1 if parts[0] in _CREDITED else 1
        sums: dict[str, Decimal] = defaultdict(Decimal)
        lines = tuple(self._lines(account, sign, sums))
        return Sheet(
            account=account,
            id=anchor("account", account),
            ids=tuple(anchor("account", name) for name in new),
            credited=sign < 0,
            postings=len(self._by_account[account]),
            balance=self._balance(sums),
            lines=lines,
        )

    def _balance(self, sums: dict[str, Decimal]) -> str:
        """What stands on an account: every currency that is not at zero."""
        if set(sums) <= {self.currency}:
            return self.money(sum(sums.values(), Decimal(0)), self.currency or "")
        return ", ".join(self.money(number, unit) for unit, number in sorted(sums.items()) if number) or "0"

    def _lines(self, account: str, sign: int, sums: dict[str, Decimal]) -> Iterator[Line]:
        month = ""
        waiting: list[tuple[Entry, Posting]] = []
        for entry, posting in self._by_account[account]:
            if waiting and waiting[0][0].month != entry.month:
                yield from self._added_up(account, waiting, sign, sums)
                waiting = []
            if entry.month in self.folded:
                waiting.append((entry, posting))
                continue
            number = sign * posting.number
            sums[posting.currency] += number
            others = tuple(dict.fromkeys(each.account for each in entry.postings if each.account != account))
            yield Line(
                id=None if entry.month == month else self._month_id(account, entry.month),
                said=entry.day_brief,
                what=entry.narration,
                entry=entry,
                against=others,
                amount=self.money(number, posting.currency),
                balance=self._balance(sums),
            )
            month = entry.month
        yield from self._added_up(account, waiting, sign, sums)

    def _added_up(
        self, account: str, rows: list[tuple[Entry, Posting]], sign: int, sums: dict[str, Decimal]
    ) -> Iterator[Line]:
        """A folded month of an account, one line a currency."""
        if not rows:
            return
        months: dict[str, Decimal] = defaultdict(Decimal)
        for _, posting in rows:
            months[posting.currency] += sign * posting.number
        name = rows[0][0].month
        for place, (unit, number) in enumerate(sorted(months.items())):
            sums[unit] += number
            said = period_said(name)
            what = f"{len(rows)} postings, added up" if len(rows) > 1 else "1 posting"
            first = None if place else self._month_id(account, name)
            yield Line(first, said, what, None, (), self.money(number, unit), self._balance(sums))

    # -- the journal -------------------------------------------------------------------------------------------------

    @cached_property
    def months(self) -> tuple[Month, ...]:
        """The months whose entries are shown one by one, newest first."""
        months: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.month not in self.folded:
                months[entry.month].append(entry)
        return tuple(
            Month(name, anchor("month", name), period_said(name), tuple(rows))
            for name, rows in sorted(months.items(), reverse=True)
        )

    # -- where links lead --------------------------------------------------------------------------------------------

    @staticmethod
    def _month_id(account: str, month: str) -> str:
        return anchor("postings", f"{account}:{month}")

    def id_of_entry(self, line: int) -> str | None:
        """The id of the entry that has a line of the ledger; of a folded one, that of its month on its first account."""
        entry = self._by_line.get(line)
        if entry is None:
            return None
        return self._month_id(entry.postings[0].account, entry.month) if entry.month in self.folded else entry.id

    @cached_property
    def _by_line(self) -> dict[int, Entry]:
        """Every line of an entry leads to it: its head, its postings and what stands below them."""
        found: dict[int, Entry] = {}
        for entry in self.entries:
            length = 1 + len(entry.fields) + sum(1 + len(posting.fields) for posting in entry.postings)
            for line in range(entry.line, entry.line + length):
                found[line] = entry
        return found

    def id_of_postings(self, account: str, first: date, last: date) -> str | None:
        """The id of the first line of the days on an account and below it; None where nothing is posted in them."""
        rows = [
            (entry.date, name, entry.month)
            for name in self.accounts_below(account)
            for entry, _ in self._by_account[name]
            if first <= entry.date <= last
        ]
        return self._month_id(*min(rows)[1:]) if rows else None

    def accounts_below(self, account: str) -> list[str]:
        """The accounts of this ledger that an account means: itself and all below it."""
        return [name for name in sorted(self._by_account) if below(name, account)]


def _folded(entries: tuple[Entry, ...], lines_max: int) -> Iterator[str]:
    """The months that are too many: from the newest back, months are shown as long as their postings fit."""
    lines: dict[str, int] = defaultdict(int)
    for entry in entries:
        lines[entry.month] += len(entry.postings)
    shown = 0
    for month in sorted(lines, reverse=True):
        shown += lines[month]
        if shown > lines_max:
            yield month
