"""From Beancount entries to `Facts`, in one pass. Plugins and the loader both come through here.

Most transactions of a ledger touch nothing that a rule guards. The pass therefore asks one look-up for each posting,
what its account means to the rules, and only the few that mean something take the slower way.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Context, Decimal
from itertools import groupby
from os.path import dirname, isabs, relpath
from typing import Any

from beancount.core.amount import Amount as BeancountAmount
from beancount.core.data import Balance, Close, Commodity, Custom, Open, Pad, Price, Transaction
from beancount.core.position import Cost

from coopbooks.bylaws import Bylaws, account_of_surplus
from coopbooks.errors import Finding, Place, UnknownPeriod
from coopbooks.facts import (
    Asserted,
    Facts,
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
)
from coopbooks.money import Amount
from coopbooks.periods import FIRST_DAY, LAST_DAY
from coopbooks.records import bylaws, people, surplus
from coopbooks.records.base import Record
from coopbooks.records.bylaws import PAY_KINDS
from coopbooks.records.fields import nearest, number_cure, said
from coopbooks.rows import row_of

__all__ = ["Places", "facts_of"]

# What an account means to the rules; an account may mean several.
_RESULT, _PAY, _DAILY, _GUARDED, _SURPLUS = 1, 2, 4, 8, 16
_FOREIGN = 32  # of a transaction: something that means anything is in another currency than the co-op's
_SPECIAL = _GUARDED | _FOREIGN

_COOP_TAGS = frozenset({"coop-close", "coop-redeem", "coop-interest", "coop-exit"})
_ALLIANCES = ("ally", "contract", "signal", "pulse")  # kinds of record that ask what came from allies
_SUPPLIERS = ("violation",)  # kinds of record that ask a plugin what was bought from whom
_OF_AN_OUTLAY = frozenset({"supplier", "disposal", "avoidable"})  # fields that make any posting an outlay
_NO_TAGS: frozenset[str] = frozenset()

_PAY_KINDS = frozenset(PAY_KINDS.split())
_NO_PAY = frozenset({"none"})
_ZERO = Decimal(0)


class Places:
    """Turns Beancount's file names into places relative to the ledger's folder."""

    def __init__(self, ledger: str) -> None:
        """`ledger` is the path of the top-level file, or "" for a ledger given as text."""
        self.folder = dirname(ledger)
        self.files = _Files(self.folder)

    def file(self, filename: object) -> str:
        """The file relative to the folder; names that are no path (`<string>`) pass as they are."""
        return self.files[filename]

    def of(self, meta: Mapping[str, Any] | None) -> Place:
        """The place of an entry or posting; a ledger may have overwritten it with nonsense."""
        if meta is None:
            return Place("<unknown>", 0)
        line = meta.get("lineno")
        return row_of(Place, (self.files[meta.get("filename")], line if isinstance(line, int) else 0))


class _Files(dict[object, str]):
    """Beancount's file names relative to a folder, made once each; names that are no path (`<string>`) stay."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = folder

    def __missing__(self, filename: object) -> str:
        name = filename if isinstance(filename, str) else "<unknown>"
        if isabs(name) and self.folder:
            name = relpath(name, self.folder).replace("\\", "/")
        self[filename] = name
        return name


def facts_of(entries: Sequence[Any], options: Mapping[str, Any], padded: bool = False) -> Facts:
    """The facts of sorted, booked Beancount entries.

    `padded` says that Beancount's `pad` has run already, so that these are the whole books: what every account holds and
    all that is spent is read too. Plugins see entries before it, so here it runs on a private copy where the ledger has a
    `pad` at all, and they read what their rules ask for. Entries are never changed.
    """
    places = Places(str(options.get("filename") or ""))
    faults: list[Finding] = []
    if entries and (entries[0].date < FIRST_DAY or entries[-1].date > LAST_DAY):
        entries, faults = _of_our_days(entries, places)
    by_class = _by_class(entries)
    written = list(_written(by_class[Custom], places))
    title = str(options.get("title") or "")
    if not written:
        published = _written(by_class[Custom], places, "published")
        return Facts(
            title=title, currency=_first(options.get("operating_currency")), faults=faults, published=published
        )
    if not padded and by_class[Pad]:
        from beancount.ops.pad import pad

        by_class = _by_class(pad(list(entries), dict(options))[0])
    roots = Roots(*(str(options.get(f"name_{root}") or root.title()) for root in Roots._fields))
    reading = _Reading(by_class, places, written, title, roots, _first(options.get("operating_currency")))
    reading.faults += faults
    facts = reading.facts(whole=padded)
    sealed = max((row.date for row in written if row.values[:1] == ("seal",)), default=None)
    if sealed is not None:
        from coopbooks.books.canonical import all_directives  # books without a seal pay nothing for it

        facts.directives = all_directives(by_class, options, places.files, sealed)
    return facts


def _by_class(entries: Iterable[Any]) -> Mapping[type, list[Any]]:
    """The entries of each class, in their order; of a class that the ledger has none of, an empty list."""
    found: dict[type, list[Any]] = defaultdict(list)
    for cls, run in groupby(entries, type):  # most transactions stand in long runs
        found[cls].extend(run)
    return found


def _of_our_days(entries: Iterable[Any], places: Places) -> tuple[list[Any], list[Finding]]:
    """The entries without the records and transactions whose year is a slip of the pen, and a finding for each such."""
    kept: list[Any] = []
    faults: list[Finding] = []
    coop = False
    for entry in entries:
        record = entry.__class__ is Custom and entry.type == "coop"
        coop = coop or record
        if FIRST_DAY <= entry.date <= LAST_DAY or not (record or entry.__class__ is Transaction):
            kept.append(entry)
            continue
        message = (
            f"this {'record' if record else 'transaction'} is dated {entry.date}, so it is left out: write a year from "
            f"{FIRST_DAY.year} to {LAST_DAY.year}"
        )
        faults.append(Finding(places.of(entry.meta), "records", message))
    return kept, faults if coop else []


def _first(currencies: Any) -> str | None:
    return str(currencies[0]) if currencies else None


def _written(entries: Iterable[Any], places: Places, of_type: str = "coop") -> Iterable[Written]:
    for entry in entries:
        if entry.type == of_type:
            values = [each.value for each in entry.values or ()]
            if not _PLAIN.issuperset(map(type, values)):
                values = list(map(_plain, values))
            meta = entry.meta
            yield row_of(Written, (tuple(values), entry.date, places.of(meta), _fields(meta)))


def _plain(value: Any) -> Any:
    """A value without Beancount in it; what no field can be is kept as text."""
    if value.__class__ in _PLAIN:
        return value
    if isinstance(value, BeancountAmount):
        return Amount(value.number or Decimal(0), value.currency)
    return str(value)


_PLAIN = frozenset({str, bool, Decimal, date, type(None)})
_OWN = frozenset({"filename", "lineno"})
_BY_BEANCOUNT = frozenset({"__automatic__", "__tolerances__"})


def _fields(meta: Mapping[str, Any] | None) -> dict[str, Any]:
    """The fields that the ledger writes: all metadata but Beancount's own."""
    if meta is None or len(meta) == 2 or (len(meta) == 3 and not _BY_BEANCOUNT.isdisjoint(meta)):
        return {}  # nothing but the place, and what Beancount itself notes
    return {
        key: value if value.__class__ in _PLAIN else _plain(value)
        for key, value in meta.items()
        if key not in _OWN and key[:2] != "__"
    }


class _Accounts(dict[str, int]):
    """What each account means to the rules; asked once an account."""

    def __init__(self, rules: Bylaws, roots: Roots) -> None:
        super().__init__()
        self.roots = roots
        self.owners = rules.wages
        surplus_accounts = {account_of_surplus(rule, roots) for rule in (None, *rules.every(bylaws.Surplus))}
        self.surplus = frozenset(surplus_accounts)
        self.guarded = {
            *surplus_accounts,
            roots.patronage,
            roots.former_members,
            *(fund.account for fund in rules.every(surplus.Fund)),
            *(member.capital for member in rules.every(people.Member) if member.capital),
            *(step.to for step in rules.every(surplus.Allocation) if step.as_ == "expense"),
        }
        capital = rules.every(bylaws.Capital)
        self.guarded.update(rule.entry_fee_to for rule in capital if rule.entry_fee and rule.entry_fee_to)
        self.daily = self.guarded | _named_accounts(rules.facts.records) | {roots.subscriptions}
        if any(rule.collective for rule in capital):
            self.daily.add(roots.equity)  # net book value is all of it
        self.named: defaultdict[str, int] = defaultdict(int)  # what each account means that a rule names itself
        for accounts, meaning in (
            ((roots.income, roots.expenses), _RESULT),
            (self.owners, _PAY),
            (self.daily, _DAILY),
            (self.guarded, _GUARDED),
            (self.surplus, _SURPLUS),
        ):
            for account in accounts:
                self.named[account] |= meaning

    def __missing__(self, account: str) -> int:
        """An account means what it is named for, and all that the accounts above it are named for."""
        meaning, name = 0, account
        while name:  # no recursion: an account that somebody sent may be thousands of names deep
            meaning |= self.named.get(name, 0)
            name = name.rpartition(":")[0]
        self[account] = meaning
        return meaning

    def wages_account(self, account: str) -> str:
        """The longest `wages` account that the account is or stands below."""
        while account not in self.owners:
            account = account.rpartition(":")[0]
        return account


def _named_accounts(records: Iterable[Record]) -> set[str]:
    """Every account that a record names in a field that speaks of balances."""
    named: set[str] = set()
    fields_of: dict[type[Record], list[str]] = {}
    for record in records:
        fields = fields_of.get(record.__class__)
        if fields is None:
            fields = fields_of[record.__class__] = [name for name in record.NAMES.values() if name in _BALANCE_FIELDS]
        for name in fields:  # none at all for most kinds
            value = getattr(record, name)
            if isinstance(value, tuple):
                named.update(value)
            elif isinstance(value, str):  # a root alone is an account too; "members" and the like are never posted to
                named.add(value)
    return named


_BALANCE_FIELDS = frozenset(
    "account to from_ until_account backing nonmember_to tax entry_fee_to collective nonmember_accounts".split()
)


class _Prices:
    """The last known price of each currency in one other, by day."""

    def __init__(self, prices: Iterable[Any], currency: str | None) -> None:
        self._rows: dict[str, list[tuple[date, Decimal]]] = {}
        for entry in prices:
            base, number = entry.currency, entry.amount.number
            if entry.amount.currency == currency:
                self._rows.setdefault(base, []).append((entry.date, number))
            elif base == currency and number:
                self._rows.setdefault(entry.amount.currency, []).append((entry.date, 1 / number))
        for rows in self._rows.values():
            rows.sort()

    def last(self, currency: str, day: date) -> Decimal | None:
        """The last price on or before a day. Of two on one day the higher counts, whatever their order."""
        rows = self._rows.get(currency, [])
        place = bisect_right(rows, day, key=lambda row: row[0])
        return rows[place - 1][1] if place else None


class _Reading:
    """One pass over the transactions; what it finds goes straight into the lists that make `Facts`."""

    def __init__(
        self,
        by_class: Mapping[type, list[Any]],
        places: Places,
        written: list[Written],
        title: str,
        roots: Roots,
        operating: str | None,
    ) -> None:
        self.by_class, self.places, self.written, self.title, self.roots = by_class, places, written, title, roots
        self.rules = Bylaws(Facts(written=written))
        stated = [rule.currency for rule in self.rules.every(bylaws.Surplus) if rule.currency]
        self.currency = stated[-1] if stated else operating
        self.accounts = _Accounts(self.rules, roots)
        self._people: dict[Any, str] = {person: person for person in self.rules.people}  # one text for each id
        self._prices: _Prices | None = None
        self.pay: list[PayRow] = []
        self.daily: defaultdict[str, list[tuple[date, Decimal]]] = defaultdict(list)
        self.results: list[tuple[date, Decimal]] = []
        self.result_daily: defaultdict[str, list[tuple[date, Decimal]]] = defaultdict(list)
        self.moved: list[MovedResult] = []
        self.unpriced: list[Unpriced] = []
        self.movements: list[Movement] = []
        self.gifts: list[Gift] = []
        self.income: list[tuple[date, Decimal]] = []
        self.outlays: list[Outlay] = []
        self.faults: list[Finding] = []
        self.last_day: date | None = None

    def facts(self, *, whole: bool) -> Facts:
        """Everything read, as Facts; `whole` reads what no plugin asks for too."""
        self._read_transactions()
        if any(self.rules.ids(kind) for kind in _ALLIANCES) or (whole and self._hides_an_ally()):
            self._read_gifts()
        if whole or any(self.rules.ids(kind) for kind in _SUPPLIERS):
            self._read_outlays()
        asked = frozenset(self.daily)
        if whole:
            self._read_other_balances()
        return self.rules.facts.completed(
            title=self.title,
            currency=self.currency,
            digits=self._precisions(),
            roots=self.roots,
            accounts=self._lives(),
            pay=self.pay,
            daily=_by_account(self.daily),
            results=self.results,
            result_daily=_by_account(self.result_daily),
            moved=self.moved,
            unpriced=self.unpriced,
            movements=self.movements,
            gifts=self.gifts,
            income=self.income,
            outlays=self.outlays,
            asserted=self._assertions() if whole else (),
            liquid=[entry.account for entry in self.by_class[Open] if entry.meta.get("liquid") is True],
            asked=asked,
            faults=self.faults,
            last_day=self.last_day,
            published=_written(self.by_class[Custom], self.places, "published"),
        )

    def _read_transactions(self) -> None:
        """The one pass. Numbers of a day's income and expenses are gathered and added up when the day changes."""
        accounts, currency, results = self.accounts, self.currency, self.results
        numbers: list[Decimal] = []
        paid: list[Any] = []  # the postings of pay of one transaction
        day: Any = None
        for entry in self.by_class[Transaction]:
            if entry.date != day:
                if numbers:
                    results.append((day, sum(numbers)))  # type: ignore[arg-type]  # never the int of an empty sum
                    numbers = []
                day = entry.date
            mark, meaning = len(numbers), 0
            for posting in entry.postings:
                account, units, _, _, _, _ = posting  # asking for each field by its name takes longer
                each = accounts[account]
                if each:
                    meaning |= each
                    number, held_in = units
                    if held_in != currency:
                        meaning |= _FOREIGN
                    elif each == _RESULT:  # as most that means anything
                        numbers.append(number)
                        continue
                    elif each & _RESULT:
                        numbers.append(number)
                    if each & _PAY:
                        paid.append(posting)
            tags = entry.tags  # another plugin may have left None there
            special = meaning & _SPECIAL or (tags and not tags.isdisjoint(_COOP_TAGS))
            if special or (meaning & _RESULT and "of-period" in entry.meta):
                del numbers[mark:]
                self._read_special(entry, day, meaning, numbers)
                paid = []
            elif meaning > _RESULT:
                self._read_plain(entry, day, meaning, paid)
                paid = []
        if numbers:
            results.append((day, sum(numbers)))  # type: ignore[arg-type]
        self.last_day = day

    def _read_plain(self, entry: Any, day: date, meaning: int, paid: list[Any]) -> None:
        """A transaction in the co-op's currency with pay, or with an account whose balance some rule asks for."""
        accounts, meta = self.accounts, entry.meta
        for posting in paid:
            self._read_pay(day, meta, posting, posting.units.number)
        for account, units, _, _, _, _ in entry.postings if meaning & _DAILY else ():
            each = accounts[account]
            if each & _DAILY:
                (self.result_daily if each & _RESULT else self.daily)[account].append((day, units.number))

    def _read_special(self, entry: Any, day: date, meaning: int, numbers: list[Decimal]) -> None:
        """A transaction that touches what a rule guards, moves its result, or holds another currency.

        `meaning` is that of all its accounts together.
        """
        meta, tags = entry.meta, entry.tags or _NO_TAGS
        counts = "coop-close" not in tags and not (meaning & _SURPLUS and self._only_moves_result(entry))
        guarded = not tags.isdisjoint(_COOP_TAGS)
        moves = guarded or bool(meaning & _GUARDED)
        result: list[Decimal] = []
        legs: list[Leg] = []
        accounts, currency, files = self.accounts, self.currency, self.places.files
        for posting in entry.postings:
            account, (number, held_in), _, _, _, own = posting
            each = accounts[account]
            worth = number if held_in == currency else self._worth(entry, posting)
            if each & _PAY and counts:
                self._read_pay(day, meta, posting, worth)
            if worth is None:
                if each:
                    self._note_unpriced(entry, posting)
                continue
            if moves:
                at = own or meta
                line = at.get("lineno")
                line, fields = line if isinstance(line, int) else 0, _fields(own) if own and len(own) > 2 else {}
                legs.append(row_of(Leg, (account, worth, files[at.get("filename")], line, fields)))
                guarded = guarded or bool(each & _GUARDED)
            if each & _RESULT:
                result.append(worth)
                if each & _DAILY and counts:
                    self.result_daily[account].append((self._day_of_result(entry), worth))
            elif each & _DAILY:
                self.daily[account].append((day, worth))
        if result and counts:
            period = meta.get("of-period")
            if period is None:
                numbers += result
            else:
                self._move_result(entry, period, sum(result, Decimal(0)))
        if guarded:
            of_it = (tags, _fields(meta), tuple(legs), entry.payee)
            self.movements.append(row_of(Movement, (day, *self.places.of(meta), *of_it)))

    def _hides_an_ally(self) -> bool:
        """Whether postings name an ally in books that are shown to auditors and have no record of one."""
        return bool(self.rules.ids("snapshot")) and any(
            posting.meta and "ally" in posting.meta
            for entry in self.by_class[Transaction]
            for posting in entry.postings
        )

    def _read_gifts(self) -> None:
        """What came from allies, and all income by day, of which it is a part; books without alliances skip it."""
        income: defaultdict[date, Decimal] = defaultdict(Decimal)
        parent, currency = self.roots.income + ":", self.currency
        is_income = {account: account.startswith(parent) for account in self.accounts}
        for entry in self.by_class[Transaction]:
            earned, named = [], []
            for posting in entry.postings:
                if is_income[posting.account]:
                    earned.append(posting)
                meta = posting.meta
                if meta and "ally" in meta:
                    named.append(posting)
            if earned and not self._closes_income(entry):
                for posting in earned:
                    units = posting.units
                    income[entry.date] += (
                        units.number if units.currency == currency else self._worth(entry, posting) or 0
                    )
            self.gifts += [self._gift(entry, posting, bool(earned)) for posting in named]
        self.income = sorted(income.items())

    def _read_outlays(self) -> None:
        """What is spent, bought and sold, with what the books say of it."""
        parent, currency, files = self.roots.expenses + ":", self.currency, self.places.files
        spends = {account: account.startswith(parent) for account in self.accounts}
        for entry in self.by_class[Transaction]:
            if entry.tags and "coop-close" in entry.tags:
                continue
            meta = entry.meta
            marked = not _OF_AN_OUTLAY.isdisjoint(meta)
            for posting in entry.postings:
                own = posting.meta
                if not (spends[posting.account] or marked or (own and not _OF_AN_OUTLAY.isdisjoint(own))):
                    continue
                at = own or meta
                units, line, entered = posting.units, at.get("lineno"), meta.get("lineno")
                worth = units.number if units.currency == currency else self._worth(entry, posting)
                fields = _fields(meta) | _fields(own) if own and len(own) > 2 else _fields(meta)
                where = (files[at.get("filename")], line if isinstance(line, int) else 0)
                entered = entered if isinstance(entered, int) else 0
                self.outlays.append(
                    row_of(Outlay, (entry.date, posting.account, worth, entry.payee, entered, fields, *where))
                )

    def _read_other_balances(self) -> None:
        """What the accounts change by that no rule names, day by day."""
        currency, accounts = self.currency, self.accounts
        others: defaultdict[str, list[tuple[date, Decimal]]] = defaultdict(list)
        for entry in self.by_class[Transaction]:
            counts = None  # whether its income and expenses are a result, asked where it has any
            for posting in entry.postings:
                meaning = accounts[posting.account]
                if meaning & _DAILY:
                    continue
                units, day = posting.units, entry.date
                worth = units.number if units.currency == currency else self._worth(entry, posting)
                if worth is None:
                    continue
                if meaning & _RESULT:
                    if counts is None:
                        counts = not self._closes_income(entry)
                    if not counts:
                        continue
                    day = self._day_of_result(entry)
                others[posting.account].append((day, worth))
        for account, rows in others.items():
            book = self.result_daily if accounts[account] & _RESULT else self.daily
            days: defaultdict[date, Decimal] = defaultdict(Decimal)
            for day, amount in rows:
                days[day] += amount
            book[account] = sorted(days.items())

    def _assertions(self) -> Iterable[Asserted]:
        for entry in self.by_class[Balance]:
            file, line = self.places.of(entry.meta)
            yield Asserted(entry.date, entry.account, file, line)

    def _closes_income(self, entry: Any) -> bool:
        """Whether an entry only moves income that was earned before: a close, or one that brings it to the surplus."""
        if entry.tags and "coop-close" in entry.tags:
            return True
        for posting in entry.postings:
            if self.accounts[posting.account] & _SURPLUS:
                return self._only_moves_result(entry)
        return False

    def _gift(self, entry: Any, posting: Any, earned: bool) -> Gift:
        fields = _fields(posting.meta)
        file, line = self.places.of(posting.meta)
        worth = self._worth(entry, posting)
        at = self.places.of(entry.meta).line
        return Gift(entry.date, fields.get("ally"), posting.account, worth, at, earned, fields, file, line)

    def _only_moves_result(self, entry: Any) -> bool:
        """Whether an entry that posts to the surplus account only moves Income and Expenses there, as closing entries do."""
        return all(self.accounts[posting.account] & (_SURPLUS | _RESULT) for posting in entry.postings)

    def _day_of_result(self, entry: Any) -> date:
        """The day on which an entry's income and expenses count: its own, or the last one of the year it is of."""
        day: date = entry.date
        if "of-period" in entry.meta:
            with suppress(UnknownPeriod, TypeError):  # what is no period at all is a finding of its own
                day = self.rules.calendar.named(entry.meta["of-period"]).ends
        return day

    def _move_result(self, entry: Any, period: Any, amount: Decimal) -> None:
        place = self.places.of(entry.meta)
        if not isinstance(period, str):
            message = f"of-period must be text in quotes, not {said(period)}: put quotes around the year"
            self.faults.append(Finding(place, "records", message))
            period = self.rules.calendar.year_of(entry.date).name
        self.moved.append(MovedResult(entry.date, period, amount, place))

    def _worth(self, entry: Any, posting: Any) -> Decimal | None:
        """A posting's amount in the co-op's currency: as it stands, at its own price or cost, else at the last price."""
        units = posting.units
        if units.currency == self.currency:
            number: Decimal = units.number
            return number
        if posting.price is not None and posting.price.currency == self.currency:
            return _product(units.number, posting.price.number)
        if isinstance(posting.cost, Cost) and posting.cost.currency == self.currency:
            return _product(units.number, posting.cost.number)
        if self._prices is None:
            self._prices = _Prices(self.by_class[Price], self.currency)
        price = self._prices.last(units.currency, entry.date)
        return None if price is None else _product(units.number, price)

    def _note_unpriced(self, entry: Any, posting: Any) -> None:
        amount = Amount(posting.units.number, posting.units.currency)
        place = self.places.of(posting.meta or entry.meta)
        self.unpriced.append(Unpriced(entry.date, posting.account, amount, place))

    # -- pay ---------------------------------------------------------------------------------------------------------

    def _read_pay(self, day: date, meta: Mapping[str, Any], posting: Any, worth: Decimal | None) -> None:
        """One posting on a wages account, with the day and the metadata of its entry.

        The usual case is kept short, since payroll is a large part of most books: fields that are rarely written are
        looked for before they are asked for.
        """
        own, kind, span = posting.meta or meta, "base", None
        if "pay" in own or "pay" in meta:
            kind = own.get("pay") or meta.get("pay", "base")
            if kind in _NO_PAY:  # an amount cannot be compared with a text
                return
        named = own.get("worker") or meta.get("worker") or self._sole_owner(posting.account, day)
        person = self._people.get(named)
        hours = own.get("hours")
        if "pay-period" in own or "pay-period" in meta:
            span = own.get("pay-period") or meta.get("pay-period")
        if kind not in _PAY_KINDS or person is None:
            self._pay_fault(self.places.of(own), self._no_pay(kind, named, posting.account))
            return
        if hours is not None:
            if hours.__class__ is not Decimal:
                message = f"hours must be a number, not {said(hours)}: {number_cure(hours, 'hours: 38.5')}"
                self._pay_fault(self.places.of(own), message)
                hours = None
            elif posting.units.number < _ZERO:
                hours = -abs(hours)
        if span is not None and not isinstance(span, str):
            message = f'pay-period must be a period in quotes, not {said(span)}: write it as pay-period: "2025-03"'
            self._pay_fault(self.places.of(own), message)
            span = None
        line = own.get("lineno")
        line, file = line if isinstance(line, int) else 0, self.places.files[own.get("filename")]
        self.pay.append(row_of(PayRow, (person, day, kind, worth, hours, span, file, line)))

    def _no_pay(self, kind: Any, person: Any, account: str) -> str:
        """The sentence for pay that cannot be counted."""
        if kind not in _PAY_KINDS:
            return f"pay is {said(kind)}, which is no kind of pay: write one of {', '.join(PAY_KINDS.split())}"
        return self._who(person, account)

    def _pay_fault(self, place: Place, message: str) -> None:
        self.faults.append(Finding(place, "pay", message))

    def _sole_owner(self, account: str, day: date) -> str | None:
        """The one person whose wages an account is: of all, or of those whose record on that day names it."""
        wages = self.accounts.wages_account(account)
        owners = self.accounts.owners[wages]
        if len(owners) > 1:
            owners = {
                owner
                for owner in owners
                if (now := self.rules.works_as(owner, day)) is not None and wages in getattr(now.record, "wages", ())
            }
        return next(iter(owners)) if len(owners) == 1 else None

    def _who(self, person: Any, account: str) -> str:
        """The sentence for pay whose person is not known."""
        if person is None:
            owners = ", ".join(sorted(self.accounts.owners[self.accounts.wages_account(account)]))
            return (
                f"this pay on {account} names nobody, and the account is the wages of several people ({owners}): "
                'add worker: "<id>" to the posting'
            )
        near = nearest(str(person), tuple(self._people)) or ": add one, or mend the id"
        return f"this pay is of worker {said(person)}, who has no member or worker record{near}"

    # -- the rest of the ledger --------------------------------------------------------------------------------------

    def _precisions(self) -> dict[str, int]:
        digits: dict[str, int] = {}
        for entry in self.by_class[Commodity]:
            if "precision" in entry.meta:
                precision = entry.meta["precision"]
                if isinstance(precision, Decimal) and precision == int(precision) and 0 <= precision <= 18:
                    digits[entry.currency] = int(precision)
                else:
                    message = (
                        f"precision of {entry.currency} must be a whole number from 0 to 18, not {said(precision)}: "
                        "write how many decimal places its amounts have, as 2"
                    )
                    self.faults.append(Finding(self.places.of(entry.meta), "records", message))
        return digits

    def _lives(self) -> dict[str, Life]:
        lives: dict[str, Life] = {}
        files = self.places.files
        for meta, day, account, *_ in self.by_class[Open]:
            line = meta.get("lineno")
            place = (files[meta.get("filename")], line if isinstance(line, int) else 0)
            lives[account] = row_of(Life, (day, None, *place))
        for entry in self.by_class[Close]:
            life = lives.get(entry.account)
            if life is not None and life.opened <= entry.date:
                lives[entry.account] = life._replace(closed=entry.date)
        return lives


_WORTH = Context(prec=24)


def _product(number: Decimal, price: Decimal) -> Decimal:
    """What a number is worth at a price, to 24 digits.

    Beancount keeps the total in `3 EUR @@ 10.00 USD` as a price of 28 digits: multiplied out that is 9.99 and a rest,
    which would be cut off.
    """
    return _WORTH.multiply(number, price)


def _by_account(
    book: Mapping[str, list[tuple[date, Decimal]]],
) -> dict[str, tuple[tuple[date, Decimal], ...]]:
    return {account: tuple(book[account]) for account in sorted(book)}
