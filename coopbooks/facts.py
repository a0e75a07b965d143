"""Facts: all that the rules ever see of a ledger, with no Beancount object in it.

Signs are the ledger's own (a debit is positive, a credit negative). Money stays a `Decimal` in the cooperative's
currency until a rule turns it into whole units. `to_text` and `from_text` are its one lossless form on disk.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from typing import Any, TypeVar

from coopbooks.errors import Finding, LedgerUnusable
from coopbooks.fact_rows import (
    FORGED,
    HIDES,
    Asserted,
    Directive,
    Gift,
    Leg,
    Life,
    MovedResult,
    Movement,
    Outlay,
    PayRow,
    Roots,
    Unpriced,
    Written,
    below,
)
from coopbooks.money import Unit, digits_of
from coopbooks.periods import Period
from coopbooks.records.base import Record
from coopbooks.records.reading import read_record

__all__ = [
    "FORGED",
    "HIDES",
    "Asserted",
    "Directive",
    "Facts",
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


class Facts:
    """What one ledger says. Built by `coopbooks.books.entries.facts_of`; nothing in it is changed afterwards.

    `daily` and `result_daily` hold what every account of the books changes by on each day; where a plugin reads them,
    only the accounts whose balance some rule asks for. Those alone are `asked`. `directives` are what the seals of the
    books cover, in no order; books without a seal have none.
    """

    def __init__(
        self,
        *,
        title: str = "",
        currency: str | None = None,
        digits: Mapping[str, int] | None = None,
        roots: Roots | None = None,
        written: Iterable[Written] = (),
        accounts: Mapping[str, Life] | None = None,
        pay: Iterable[PayRow] = (),
        daily: Mapping[str, tuple[tuple[date, Decimal], ...]] | None = None,
        results: Iterable[tuple[date, Decimal]] = (),
        result_daily: Mapping[str, tuple[tuple[date, Decimal], ...]] | None = None,
        moved: Iterable[MovedResult] = (),
        unpriced: Iterable[Unpriced] = (),
        movements: Iterable[Movement] = (),
        gifts: Iterable[Gift] = (),
        income: Iterable[tuple[date, Decimal]] = (),
        outlays: Iterable[Outlay] = (),
        asserted: Iterable[Asserted] = (),
        liquid: Iterable[str] = (),
        asked: Iterable[str] | None = None,
        faults: Iterable[Finding] = (),
        last_day: date | None = None,
        published: Iterable[Written] = (),
        directives: Iterable[Directive] = (),
    ) -> None:
        """Every argument is data that the ledger states, in order of date; see the class."""
        self.title, self.currency, self.digits = title, currency, dict(digits or {})
        self.roots = roots or Roots()
        self.written = tuple(written)
        self.accounts = dict(accounts or {})
        self.pay = tuple(pay)
        self.results = tuple(results)
        self.daily, self.result_daily = dict(daily or {}), dict(result_daily or {})
        self.moved = tuple(moved)
        self.unpriced = tuple(unpriced)
        self.movements = tuple(movements)
        self.gifts = tuple(gifts)
        self.income = tuple(income)
        self.outlays, self.asserted, self.liquid = tuple(outlays), tuple(asserted), frozenset(liquid)
        self.asked = frozenset(self.daily if asked is None else asked)
        self.faults = tuple(faults)
        self.last_day = last_day
        self.published = tuple(published)
        self.directives = tuple(directives)

    def completed(self, **data: Any) -> Facts:
        """These records with the rest of the ledger's data; the records are not read a second time."""
        facts = Facts(written=self.written, **data)
        facts._read, facts.by_kind = self._read, self.by_kind
        return facts

    def revised(self, without: Iterable[Record], plus: Iterable[Record]) -> Facts:
        """The same books without some of their records and with others, as if those stood in the ledger."""
        places = {record.place for record in without}
        records, findings = self._read
        facts = copy(self)
        vars(facts).pop("by_kind", None)  # made again from the records
        vars(facts).update(
            written=tuple(row for row in self.written if row.place not in places),
            _read=(
                (*(record for record in records if record.place not in places), *plus),
                tuple(finding for finding in findings if finding.place not in places),
            ),
        )
        return facts

    def until(self, day: date) -> Facts:
        """The books as they were at the end of a day: every record, entry and assertion dated later is left out."""
        last = max((row.date for row in self.written), default=day)
        if max(last, self.last_day or day, max((row.date for row in self.asserted), default=day)) <= day:
            return self
        facts = Facts(
            title=self.title,
            currency=self.currency,
            digits=self.digits,
            roots=self.roots,
            written=(row for row in self.written if row.date <= day),
            accounts={name: life for name, life in self.accounts.items() if life.opened <= day},
            pay=_first_rows(self.pay, day),
            daily=_days_until(self.daily, day),
            results=_first_rows(self.results, day),
            result_daily=_days_until(self.result_daily, day),
            moved=(row for row in self.moved if row.date <= day),
            unpriced=(row for row in self.unpriced if row.date <= day),
            movements=_first_rows(self.movements, day),
            gifts=_first_rows(self.gifts, day),
            income=_first_rows(self.income, day),
            outlays=_first_rows(self.outlays, day),
            asserted=(row for row in self.asserted if row.date <= day),
            liquid=self.liquid,
            asked=self.asked,
            faults=self.faults,
            last_day=None if self.last_day is None else min(self.last_day, day),
            published=(row for row in self.published if row.date <= day),
            directives=(row for row in self.directives if row.date <= day),
        )
        records, findings = self._read
        kept = {row.place for row in facts.written}
        facts._read = (
            tuple(record for record in records if record.date <= day),
            tuple(finding for finding in findings if finding.place in kept),
        )
        return facts

    @cached_property
    def _read(self) -> tuple[tuple[Record, ...], tuple[Finding, ...]]:
        records: list[Record] = []
        findings: list[Finding] = []
        for values, day, place, fields in self.written:
            record, faults = read_record(values, day, place, fields)
            if faults:
                findings += faults
            if record is not None:
                records.append(record)
        return tuple(records), tuple(findings)

    @property
    def records(self) -> tuple[Record, ...]:
        """The records that are judged, in order of date."""
        return self._read[0]

    @cached_property
    def by_kind(self) -> dict[str, dict[str, list[Record]]]:
        """The records that are judged by kind and id, each list in order of date and place."""
        found: dict[str, dict[str, list[Record]]] = {}
        for record in sorted(self.records, key=lambda record: (record.date, record.place)):
            found.setdefault(record.KIND, {}).setdefault(record.id, []).append(record)
        return found

    @property
    def form_findings(self) -> tuple[Finding, ...]:
        """What is wrong with how records are written."""
        return self._read[1]

    @property
    def any_record(self) -> bool:
        """Whether the ledger has any coop record at all, a misdated one among them; without one every answer is empty."""
        return bool(self.written or self.faults)

    @cached_property
    def unit(self) -> Unit:
        """The smallest unit of the cooperative's currency. Raises LedgerUnusable where the ledger names none."""
        if self.currency is None:
            place = self.written[0].place if self.written else None
            raise LedgerUnusable(
                'the ledger names no currency: add a line such as `option "operating_currency" "EUR"`', place
            )
        return Unit(self.currency, digits_of(self.currency, self.digits))

    @cached_property
    def unusual_pay(self) -> list[PayRow]:
        """The pay that says a `pay-period`, or whose currency has no price."""
        return [row for row in self.pay if row.span is not None or row.amount is None]

    @cached_property
    def _names(self) -> list[str]:
        return sorted(self.daily)

    def under(self, account: str) -> list[str]:
        """The account, if it carries postings, and all below it that do, sorted."""
        first = bisect_left(self._names, account + ":")
        last = bisect_left(self._names, account + ";")  # ";" is the character after ":"
        return [account] * (account in self.daily) + self._names[first:last]

    @cached_property
    def _legs(self) -> dict[str, list[tuple[int, Leg]]]:
        """The postings of all movements by account, each with the number of its movement."""
        found: dict[str, list[tuple[int, Leg]]] = {}
        for number, move in enumerate(self.movements):
            for leg in move.legs:
                found.setdefault(leg.account, []).append((number, leg))
        return found

    @cached_property
    def _leg_names(self) -> list[str]:
        return sorted(self._legs)

    def legs(self, account: str) -> Iterator[tuple[int, Leg]]:
        """The postings of movements to an account and all below it, by account, each with its movement's number."""
        yield from self._legs.get(account, ())
        first = bisect_left(self._leg_names, account + ":")
        for name in self._leg_names[first : bisect_left(self._leg_names, account + ";")]:
            yield from self._legs[name]

    def moves_on(self, account: str) -> list[Movement]:
        """The movements that post to an account or below it, in their order."""
        return [self.movements[number] for number in sorted({number for number, _ in self.legs(account)})]

    def flows(self, account: str) -> Iterator[tuple[date, Decimal]]:
        """Each day's change of an account and all below it, in the ledger's sign."""
        for name in self.under(account):
            yield from self.daily[name]

    def balance(self, account: str, day: date) -> Decimal:
        """Balance at the end of a day of an account and all below it, in the ledger's sign."""
        known = self._sums.get(account)
        if known is None:
            known = self._sums[account] = [self._running(name) for name in self.under(account)]
        total = Decimal(0)
        for days, sums in known:
            place = bisect_right(days, day)
            if place:
                total += sums[place - 1]
        return total

    def _running(self, account: str) -> tuple[list[date], list[Decimal]]:
        """The days on which one account changes, and what it holds from each on."""
        rows = self.daily[account]
        return [day for day, _ in rows], list(accumulate([amount for _, amount in rows]))

    @cached_property
    def _sums(self) -> dict[str, list[tuple[list[date], list[Decimal]]]]:
        return {}

    def result_between(self, first: date, last: date) -> Decimal:
        """Sum of all income and expenses dated from `first` to `last`, in the ledger's sign (a surplus is negative)."""
        begin = bisect_left(self.results, first, key=lambda row: row[0])
        end = bisect_right(self.results, last, key=lambda row: row[0])
        return sum((amount for _, amount in self.results[begin:end]), Decimal(0))

    def outlays_in(self, days: Period) -> Sequence[Outlay]:
        """The outlays of a stretch of days."""
        first = bisect_left(self.outlays, days.starts, key=_day_of)
        return self.outlays[first : bisect_right(self.outlays, days.ends, key=_day_of)]

    def leaves(self, account: str) -> list[str]:
        """The accounts below an account that carry postings, sorted."""
        return [name for name in self.under(account) if name != account]

    @cached_property
    def closes(self) -> dict[str, list[Movement]]:
        """The `#coop-close` transactions, amendments included, by the period that they name ("" where they name none)."""
        found: dict[str, list[Movement]] = {}
        for move in self.movements:
            if "coop-close" in move.tags:
                period = move.fields.get("period")
                found.setdefault(period if isinstance(period, str) else "", []).append(move)
        return found

    def to_text(self) -> str:
        """The lossless form on disk: one JSON object."""
        from coopbooks.facts_text import to_text  # reading a ledger through plugins needs none of it

        return to_text(self)

    @classmethod
    def from_text(cls, text: str) -> Facts:
        """Facts from their form on disk. Raises LedgerUnusable for a text that `to_text` did not write."""
        from coopbooks.facts_text import from_text

        return from_text(text, cls)


Dated = TypeVar("Dated", bound=tuple[Any, ...])


def _first_rows(rows: Sequence[Dated], day: date) -> Sequence[Dated]:
    """The rows up to a day, of rows in order of a date that is a field of theirs or stands first."""
    return rows[: bisect_right(rows, day, key=_day_of)]


def _day_of(row: Any) -> date:
    found: date = row.date if hasattr(row, "date") else row[0]
    return found


def _days_until(
    book: Mapping[str, tuple[tuple[date, Decimal], ...]], day: date
) -> dict[str, tuple[tuple[date, Decimal], ...]]:
    """Each account's days up to one; those of a result that a later entry moved back may stand out of order."""
    cut = {account: tuple(row for row in rows if row[0] <= day) for account, rows in book.items()}
    return {account: rows for account, rows in cut.items() if rows}
