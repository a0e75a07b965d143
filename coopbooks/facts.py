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

from coopbooks.errors import Finding, LedgerUnusable, Place
from coopbooks.money import Amount, Unit, digits_of
from coopbooks.periods import Period
from coopbooks.records.base import Record
from coopbooks.records.reading import read_record
from coopbooks.rows import NamedTuple

__all__ = [
    "FORGED",
    "Asserted",
    "Directive",
    "Facts",
    "Gift",
    "Leg",
    "Life",
    "Movement",
    "Outlay",
    "PayRow",
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
        import json  # reading a ledger through plugins needs none of it

        return json.dumps(_to_plain(self), ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> Facts:
        """Facts from their form on disk. Raises LedgerUnusable for a text that `to_text` did not write."""
        import json

        try:
            return _from_plain(json.loads(text))
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            raise LedgerUnusable(
                f"this is no text of facts ({type(error).__name__}): write it anew from the ledger"
            ) from None


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


FORMAT = "coopbooks-facts/3"


def _encode(value: Any) -> Any:
    """A ledger value as JSON that says its type; texts and truth values stand for themselves."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, Amount):
        return {"amount": [str(value.number), value.currency]}
    if isinstance(value, Decimal):
        return {"number": str(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    raise TypeError(f"facts hold no {type(value).__name__}")


def _decode(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "amount":
        return Amount(Decimal(content[0]), content[1])
    return Decimal(content) if kind == "number" else date.fromisoformat(content)


def _fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _encode(value) for name, value in fields.items()}


def _days(days: Mapping[str, Iterable[tuple[date, Decimal]]]) -> dict[str, list[list[str]]]:
    return {account: [[day.isoformat(), str(amount)] for day, amount in rows] for account, rows in days.items()}


def _undays(days: Mapping[str, list[list[str]]]) -> dict[str, tuple[tuple[date, Decimal], ...]]:
    return {
        account: tuple((date.fromisoformat(day), Decimal(amount)) for day, amount in rows)
        for account, rows in days.items()
    }


def _optional(value: date | Decimal | None) -> str | None:
    return None if value is None else str(value)


def _rows(rows: Iterable[Written]) -> list[list[Any]]:
    return [
        [[_encode(value) for value in row.values], str(row.date), list(row.place), _fields(row.fields)] for row in rows
    ]


def _rows_from(plain: Iterable[Any]) -> Iterator[Written]:
    return (
        Written(tuple(_decode(value) for value in values), date.fromisoformat(when), Place(*place), _decoded(fields))
        for values, when, place, fields in plain
    )


def _plain_pay(row: PayRow) -> list[Any]:
    return [
        row.person,
        str(row.date),
        row.kind,
        _optional(row.amount),
        _optional(row.hours),
        row.span,
        row.file,
        row.line,
    ]


def _plain_gift(row: Gift) -> list[Any]:
    own, amount = _fields(row.fields), _optional(row.amount)
    return [str(row.date), _encode(row.ally), row.account, amount, row.entry, row.earned, own, row.file, row.line]


def _plain_outlay(row: Outlay) -> list[Any]:
    own = _fields(row.fields)
    return [str(row.date), row.account, _optional(row.amount), row.payee, row.entry, own, row.file, row.line]


def _to_plain(facts: Facts) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "title": facts.title,
        "currency": facts.currency,
        "digits": facts.digits,
        "roots": list(facts.roots),
        "last_day": _optional(facts.last_day),
        "written": _rows(facts.written),
        "published": _rows(facts.published),
        "accounts": {
            name: [str(life.opened), _optional(life.closed), list(life.place)] for name, life in facts.accounts.items()
        },
        "pay": [_plain_pay(row) for row in facts.pay],
        "daily": _days(facts.daily),
        "results": [[str(day), str(amount)] for day, amount in facts.results],
        "result_daily": _days(facts.result_daily),
        "moved": [[str(row.date), row.period, str(row.amount), list(row.place)] for row in facts.moved],
        "unpriced": [[str(row.date), row.account, _encode(row.amount), list(row.place)] for row in facts.unpriced],
        "movements": [
            [
                str(move.date),
                list(move.place),
                sorted(move.tags),
                _fields(move.fields),
                [[leg.account, str(leg.amount), list(leg.place), _fields(leg.fields)] for leg in move.legs],
                move.payee,
            ]
            for move in facts.movements
        ],
        "gifts": [_plain_gift(row) for row in facts.gifts],
        "income": [[str(day), str(amount)] for day, amount in facts.income],
        "outlays": [_plain_outlay(row) for row in facts.outlays],
        "asserted": [[str(row.date), row.account, list(row.place)] for row in facts.asserted],
        "liquid": sorted(facts.liquid),
        "asked": sorted(facts.asked),
        "faults": [[list(fault.place), fault.rule, fault.message] for fault in facts.faults],
        "directives": [[str(row.date), *row[1:]] for row in facts.directives],
    }


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _decoded(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _decode(value) for name, value in fields.items()}


def _legs_from(legs: Iterable[Any]) -> tuple[Leg, ...]:
    return tuple(
        Leg(account, Decimal(amount), file, line, _decoded(own)) for account, amount, (file, line), own in legs
    )


def _whole_from(plain: Mapping[str, Any]) -> dict[str, Any]:
    """What only the whole books have, and what their seals cover."""
    day = date.fromisoformat
    return {
        "outlays": (
            Outlay(day(when), account, _number(amount), payee, entry, _decoded(own), file, line)
            for when, account, amount, payee, entry, own, file, line in plain["outlays"]
        ),
        "asserted": (Asserted(day(when), account, *place) for when, account, place in plain["asserted"]),
        "liquid": plain["liquid"],
        "asked": plain["asked"],
        "directives": (Directive(day(when), *rest) for when, *rest in plain["directives"]),
    }


def _from_plain(plain: dict[str, Any]) -> Facts:
    if plain["format"] != FORMAT:
        raise ValueError(f"its format is {plain['format']}, not {FORMAT}")
    day = date.fromisoformat
    return Facts(
        title=plain["title"],
        currency=plain["currency"],
        digits=plain["digits"],
        roots=Roots(*plain["roots"]),
        last_day=day(plain["last_day"]) if plain["last_day"] else None,
        written=_rows_from(plain["written"]),
        published=_rows_from(plain["published"]),
        accounts={
            name: Life(day(opened), day(closed) if closed else None, *place)
            for name, (opened, closed, place) in plain["accounts"].items()
        },
        pay=(
            PayRow(person, day(when), kind, _number(amount), _number(hours), span, file, line)
            for person, when, kind, amount, hours, span, file, line in plain["pay"]
        ),
        daily=_undays(plain["daily"]),
        results=((day(when), Decimal(amount)) for when, amount in plain["results"]),
        result_daily=_undays(plain["result_daily"]),
        moved=(
            MovedResult(day(when), period, Decimal(amount), Place(*place))
            for when, period, amount, place in plain["moved"]
        ),
        unpriced=(
            Unpriced(day(when), account, _decode(amount), Place(*place))
            for when, account, amount, place in plain["unpriced"]
        ),
        movements=(
            Movement(day(when), file, line, frozenset(tags), _decoded(fields), _legs_from(legs), payee)
            for when, (file, line), tags, fields, legs, payee in plain["movements"]
        ),
        gifts=(
            Gift(day(when), _decode(ally), account, _number(amount), entry, earned, _decoded(own), file, line)
            for when, ally, account, amount, entry, earned, own, file, line in plain["gifts"]
        ),
        income=((day(when), Decimal(amount)) for when, amount in plain["income"]),
        **_whole_from(plain),
        faults=(Finding(Place(*place), rule, message) for place, rule, message in plain["faults"]),
    )
