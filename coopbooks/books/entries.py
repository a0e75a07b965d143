"""From Beancount entries to `Facts`, in one pass. Plugins and the loader both come through here.

Most transactions of a ledger touch nothing that a rule guards. The pass therefore asks one look-up for each posting,
what its account means to the rules, and only the few that mean something take the slower way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Context, Decimal
from os.path import dirname, isabs, relpath
from typing import Any

from beancount.core.amount import Amount as BeancountAmount
from beancount.core.data import Close, Commodity, Custom, Open, Pad, Price, Transaction
from beancount.core.position import Cost

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, Place, UnknownPeriod
from coopbooks.facts import Facts, Leg, Life, MovedResult, Movement, PayRow, Roots, Unpriced, Written, below
from coopbooks.money import Amount
from coopbooks.periods import FIRST_DAY, LAST_DAY
from coopbooks.records import Record, bylaws, people, surplus
from coopbooks.records.bylaws import PAY_KINDS
from coopbooks.records.fields import nearest, said

__all__ = ["Places", "facts_of"]

PATRONAGE = "Patronage"
FORMER_MEMBERS = "FormerMembers"

# What an account means to the rules; an account may mean several.
_RESULT, _PAY, _DAILY, _GUARDED = 1, 2, 4, 8

_COOP_TAGS = frozenset({"coop-close", "coop-redeem", "coop-interest", "coop-exit"})
_PAY_KINDS = frozenset(PAY_KINDS.split())


class Places:
    """Turns Beancount's file names into places relative to the ledger's folder."""

    def __init__(self, ledger: str) -> None:
        """`ledger` is the path of the top-level file, or "" for a ledger given as text."""
        self.folder = dirname(ledger)
        self._known: dict[object, str] = {}

    def file(self, filename: object) -> str:
        """The file relative to the folder; names that are no path (`<string>`) pass as they are."""
        name = self._known.get(filename)
        if name is None:
            name = filename if isinstance(filename, str) else "<unknown>"
            if isabs(name) and self.folder:
                name = relpath(name, self.folder).replace("\\", "/")
            self._known[filename] = name
        return name

    def of(self, meta: Mapping[str, Any] | None) -> Place:
        """The place of an entry or posting; a ledger may have overwritten it with nonsense."""
        if meta is None:
            return Place("<unknown>", 0)
        line = meta.get("lineno")
        return Place(self.file(meta.get("filename")), line if isinstance(line, int) else 0)


def facts_of(entries: Sequence[Any], options: Mapping[str, Any], padded: bool = False) -> Facts:
    """The facts of sorted, booked Beancount entries.

    `padded` says that Beancount's `pad` has run already; plugins see entries before it, so here it runs on a private
    copy where the ledger has a `pad` at all. Entries are never changed.
    """
    places = Places(str(options.get("filename") or ""))
    faults: list[Finding] = []
    if entries and not (FIRST_DAY <= entries[0].date and entries[-1].date <= LAST_DAY):
        entries, faults = _of_our_days(entries, places)
    customs = [entry for entry in entries if entry.__class__ is Custom]
    written = list(_written(customs, places))
    title = str(options.get("title") or "")
    if not written:
        return Facts(title=title, currency=_first(options.get("operating_currency")), faults=faults)
    if not padded and any(isinstance(entry, Pad) for entry in entries):
        from beancount.ops.pad import pad

        entries = pad(list(entries), dict(options))[0]
    roots = Roots(*(str(options.get(f"name_{root}") or root.title()) for root in Roots._fields))
    reading = _Reading(entries, places, written, title, roots, _first(options.get("operating_currency")))
    reading.faults += faults
    return reading.facts()


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


def _written(entries: Iterable[Any], places: Places) -> Iterable[Written]:
    for entry in entries:
        if entry.type == "coop":
            values = tuple(_plain(value.value) for value in entry.values or ())
            yield Written(values, entry.date, places.of(entry.meta), _fields(entry.meta))


def _plain(value: Any) -> Any:
    """A value without Beancount in it; what no field can be is kept as text."""
    if value.__class__ in _PLAIN:
        return value
    if isinstance(value, BeancountAmount):
        return Amount(value.number or Decimal(0), value.currency)
    return str(value)


_PLAIN = frozenset({str, bool, Decimal, date, type(None)})


def _fields(meta: Mapping[str, Any] | None) -> dict[str, Any]:
    """The fields that the ledger writes: all metadata but Beancount's own."""
    if meta is None or len(meta) == 2:  # nothing but the place
        return {}
    return {
        key: _plain(value)
        for key, value in meta.items()
        if key not in ("filename", "lineno") and not key.startswith("__")
    }


class _Accounts(dict[str, int]):
    """What each account means to the rules; asked once an account."""

    def __init__(self, rules: Bylaws, roots: Roots) -> None:
        super().__init__()
        self.roots = roots
        self.owners: dict[str, set[str]] = {}
        for cls in (people.Member, people.Worker):
            for person in rules.every(cls):
                for account in person.wages:
                    self.owners.setdefault(account, set()).add(person.id)
        surplus_accounts = {rule.account for rule in rules.every(bylaws.Surplus)} or {"Equity:Surplus"}
        self.surplus = tuple(sorted(surplus_accounts))
        self.guarded = {
            *surplus_accounts,
            f"{roots.liabilities}:{PATRONAGE}",
            f"{roots.liabilities}:{FORMER_MEMBERS}",
            *(fund.account for fund in rules.every(surplus.Fund)),
            *(member.capital for member in rules.every(people.Member) if member.capital),
            *(step.to for step in rules.every(surplus.Allocation) if step.as_ == "expense"),
        }
        self.daily = self.guarded | _named_accounts(rules.facts.records)

    def __missing__(self, account: str) -> int:
        meaning = 0
        if account.partition(":")[0] in (self.roots.income, self.roots.expenses):
            meaning |= _RESULT
        parent = account
        while parent:
            if parent in self.owners:
                meaning |= _PAY
            if parent in self.daily:
                meaning |= _DAILY
            if parent in self.guarded:
                meaning |= _GUARDED
            parent = parent.rpartition(":")[0]
        self[account] = meaning
        return meaning

    def wages_account(self, account: str) -> str:
        """The longest `wages` account that the account is or stands below."""
        while account not in self.owners:
            account = account.rpartition(":")[0]
        return account

    def is_surplus(self, account: str) -> bool:
        return any(below(account, parent) for parent in self.surplus)


def _named_accounts(records: Iterable[Record]) -> set[str]:
    """Every account that a record names in a field that speaks of balances."""
    named: set[str] = set()
    for record in records:
        for name in ("account", "to", "from_", "until_account", "backing", "nonmember_to", "tax", "entry_fee_to"):
            value = getattr(record, name, None)
            if isinstance(value, str) and ":" in value:
                named.add(value)
        for name in ("collective", "nonmember_accounts"):
            named.update(getattr(record, name, ()))
    return named


class _Prices:
    """The last known price of each currency in one other, by day."""

    def __init__(self, entries: Iterable[Any], currency: str | None) -> None:
        self._rows: dict[str, list[tuple[date, Decimal]]] = {}
        for entry in entries:
            if entry.__class__ is Price:
                base, number = entry.currency, entry.amount.number
                if entry.amount.currency == currency:
                    self._rows.setdefault(base, []).append((entry.date, number))
                elif base == currency and number:
                    self._rows.setdefault(entry.amount.currency, []).append((entry.date, 1 / number))

    def last(self, currency: str, day: date) -> Decimal | None:
        """The last price on or before a day. Of two on one day the higher counts, whatever their order."""
        rows = [row for row in self._rows.get(currency, ()) if row[0] <= day]
        return max(rows)[1] if rows else None


class _Reading:
    """One pass over the transactions; what it finds goes straight into the lists that make `Facts`."""

    def __init__(
        self,
        entries: Sequence[Any],
        places: Places,
        written: list[Written],
        title: str,
        roots: Roots,
        operating: str | None,
    ) -> None:
        self.entries, self.places, self.written, self.title, self.roots = entries, places, written, title, roots
        self.rules = Bylaws(Facts(written=written))
        stated = [rule.currency for rule in self.rules.every(bylaws.Surplus) if rule.currency]
        self.currency = stated[-1] if stated else operating
        self.accounts = _Accounts(self.rules, roots)
        self._people = self.rules.people
        self._prices: _Prices | None = None
        self.pay: list[PayRow] = []
        self.daily: dict[str, list[tuple[date, Decimal]]] = {}
        self.results: list[tuple[date, Decimal]] = []
        self.result_daily: dict[str, list[tuple[date, Decimal]]] = {}
        self.moved: list[MovedResult] = []
        self.unpriced: list[Unpriced] = []
        self.movements: list[Movement] = []
        self.faults: list[Finding] = []
        self.last_day: date | None = None

    def facts(self) -> Facts:
        """Everything read, as Facts."""
        self._read_transactions()
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
            faults=self.faults,
            last_day=self.last_day,
        )

    def _read_transactions(self) -> None:
        """The one pass. Numbers of a day's income and expenses are gathered and added up when the day changes."""
        accounts, currency, results = self.accounts, self.currency, self.results
        numbers: list[Decimal] = []
        day: date | None = None
        for entry in self.entries:
            if entry.__class__ is not Transaction:
                continue
            if entry.date != day:
                if numbers:
                    results.append((day, sum(numbers)))  # type: ignore[arg-type]  # numbers belong to a day
                    numbers = []
                day = entry.date
            mark, meaning = len(numbers), 0
            for posting in entry.postings:
                each = accounts[posting.account]
                if each:
                    meaning |= each
                    units = posting.units
                    if units.currency != currency:
                        meaning |= _GUARDED
                    elif each & _RESULT:
                        numbers.append(units.number)
            if meaning & _GUARDED or entry.tags & _COOP_TAGS or "of-period" in entry.meta:
                del numbers[mark:]
                self._read_special(entry, numbers)
            elif meaning > _RESULT:
                self._read_plain(entry)
        if numbers:
            results.append((day, sum(numbers)))  # type: ignore[arg-type]
        self.last_day = day

    def _read_plain(self, entry: Any) -> None:
        """A transaction in the co-op's currency with pay, or with an account whose balance some rule asks for."""
        for posting in entry.postings:
            each = self.accounts[posting.account]
            if each & _PAY:
                self._read_pay(entry, posting, posting.units.number)
            if each & _DAILY:
                book = self.result_daily if each & _RESULT else self.daily
                book.setdefault(posting.account, []).append((entry.date, posting.units.number))

    def _read_special(self, entry: Any, numbers: list[Decimal]) -> None:
        """A transaction that touches what a rule guards, moves its result, or holds another currency."""
        counts = "coop-close" not in entry.tags and not self._only_moves_result(entry)
        day = self._day_of_result(entry)
        guarded = bool(entry.tags & _COOP_TAGS)
        result: list[Decimal] = []
        legs: list[Leg] = []
        for posting in entry.postings:
            meaning, worth = self.accounts[posting.account], self._worth(entry, posting)
            if meaning & _PAY and counts:
                self._read_pay(entry, posting, worth)
            if worth is None:
                if meaning:
                    self._note_unpriced(entry, posting)
                continue
            legs.append(Leg(posting.account, worth, self.places.of(posting.meta or entry.meta), _fields(posting.meta)))
            guarded = guarded or bool(meaning & _GUARDED)
            if meaning & _RESULT:
                result.append(worth)
            if meaning & _DAILY and not meaning & _RESULT:
                self.daily.setdefault(posting.account, []).append((entry.date, worth))
            elif meaning & _DAILY and counts:
                self.result_daily.setdefault(posting.account, []).append((day, worth))
        if result and counts:
            period = entry.meta.get("of-period")
            if period is None:
                numbers += result
            else:
                self._move_result(entry, period, sum(result, Decimal(0)))
        if guarded:
            place = self.places.of(entry.meta)
            self.movements.append(Movement(entry.date, place, entry.tags, _fields(entry.meta), tuple(legs)))

    def _only_moves_result(self, entry: Any) -> bool:
        """Whether the entry only moves Income and Expenses into the surplus account, as closing entries do."""
        to_surplus = [self.accounts.is_surplus(posting.account) for posting in entry.postings]
        return any(to_surplus) and all(
            into or self.accounts[posting.account] & _RESULT
            for posting, into in zip(entry.postings, to_surplus, strict=True)
        )

    def _day_of_result(self, entry: Any) -> date:
        """The day on which an entry's income and expenses count: its own, or the last one of the year it is of."""
        day: date = entry.date
        with suppress(UnknownPeriod, TypeError):  # what is no period at all is a finding of its own
            if "of-period" in entry.meta:
                day = self.rules.calendar.named(entry.meta["of-period"]).ends
        return day

    def _move_result(self, entry: Any, period: Any, amount: Decimal) -> None:
        place = self.places.of(entry.meta)
        if not isinstance(period, str):
            message = f'of-period must be text in quotes, not {said(period)}: write it as of-period: "2025"'
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
            self._prices = _Prices(self.entries, self.currency)
        price = self._prices.last(units.currency, entry.date)
        return None if price is None else _product(units.number, price)

    def _note_unpriced(self, entry: Any, posting: Any) -> None:
        amount = Amount(posting.units.number, posting.units.currency)
        place = self.places.of(posting.meta or entry.meta)
        self.unpriced.append(Unpriced(entry.date, posting.account, amount, place))

    # -- pay ---------------------------------------------------------------------------------------------------------

    def _read_pay(self, entry: Any, posting: Any, worth: Decimal | None) -> None:
        """One posting on a wages account. The usual case is kept short, since payroll is a large part of most books."""
        meta, own = entry.meta, posting.meta or entry.meta
        kind = own.get("pay") or meta.get("pay", "base")
        if kind == "none":
            return
        person = own.get("worker") or meta.get("worker") or self._sole_owner(posting.account, entry.date)
        hours, span = own.get("hours"), own.get("pay-period") or meta.get("pay-period")
        if kind not in _PAY_KINDS or person not in self._people:
            self._pay_fault(self.places.of(own), self._no_pay(kind, person, posting.account))
            return
        if hours is not None:
            if hours.__class__ is not Decimal:
                message = f"hours must be a number without quotes, not {said(hours)}: write it as hours: 38.5"
                self._pay_fault(self.places.of(own), message)
                hours = None
            elif posting.units.number < 0:
                hours = -abs(hours)
        if span is not None and not isinstance(span, str):
            message = f'pay-period must be text in quotes, not {said(span)}: write it as pay-period: "2025-03"'
            self._pay_fault(self.places.of(own), message)
            span = None
        line = own.get("lineno")
        file = self.places.file(own.get("filename"))
        self.pay.append(PayRow(person, entry.date, kind, worth, hours, span, file, line if isinstance(line, int) else 0))

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
        for entry in self.entries:
            if entry.__class__ is Commodity and "precision" in entry.meta:
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
        for entry in self.entries:
            if entry.__class__ is Open:
                lives[entry.account] = Life(entry.date, None, self.places.of(entry.meta))
            elif entry.__class__ is Close and entry.account in lives:
                lives[entry.account] = lives[entry.account]._replace(closed=entry.date)
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
