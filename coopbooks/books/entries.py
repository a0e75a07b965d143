"""From Beancount entries to `Facts`, in one pass. Plugins and the loader both come through here.

Most transactions of a ledger touch nothing that a rule guards. The pass therefore asks one look-up for each posting,
what its account means to the rules, and only the few that mean something take the slower way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from os.path import dirname, isabs, relpath
from typing import Any

from beancount.core.amount import Amount as BeancountAmount
from beancount.core.data import Close, Commodity, Custom, Open, Pad, Price, Transaction
from beancount.core.position import Cost

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, Place
from coopbooks.facts import Facts, Leg, Life, MovedResult, Movement, PayRow, Roots, Unpriced, Written, below
from coopbooks.money import Amount
from coopbooks.records import Record, bylaws, people, surplus
from coopbooks.records.bylaws import PAY_KINDS

__all__ = ["Places", "facts_of"]

PATRONAGE = "Patronage"
FORMER_MEMBERS = "FormerMembers"

# What an account means to the rules; an account may mean several.
_RESULT, _PAY, _DAILY, _GUARDED = 1, 2, 4, 8

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
        meta = meta or {}
        line = meta.get("lineno")
        return Place(self.file(meta.get("filename")), line if isinstance(line, int) else 0)


def facts_of(entries: Sequence[Any], options: Mapping[str, Any], padded: bool = False) -> Facts:
    """The facts of sorted, booked Beancount entries.

    `padded` says that Beancount's `pad` has run already; plugins see entries before it, so here it runs on a private
    copy where the ledger has a `pad` at all. Entries are never changed.
    """
    places = Places(str(options.get("filename") or ""))
    written = list(_written(entries, places))
    title = str(options.get("title") or "")
    if not written:
        return Facts(title=title, currency=_first(options.get("operating_currency")))
    if not padded and any(isinstance(entry, Pad) for entry in entries):
        from beancount.ops.pad import pad

        entries = pad(list(entries), dict(options))[0]
    roots = Roots(*(str(options.get(f"name_{root}") or root.title()) for root in Roots._fields))
    return _Reading(entries, places, written, title, roots, _first(options.get("operating_currency"))).facts()


def _first(currencies: Any) -> str | None:
    return str(currencies[0]) if currencies else None


def _written(entries: Iterable[Any], places: Places) -> Iterable[Written]:
    for entry in entries:
        if entry.__class__ is Custom and entry.type == "coop":
            values = tuple(_plain(value.value) for value in entry.values or ())
            yield Written(values, entry.date, places.of(entry.meta), _fields(entry.meta))


def _plain(value: Any) -> Any:
    """A value without Beancount in it; what no field can be is kept as text."""
    if isinstance(value, BeancountAmount):
        return Amount(value.number or Decimal(0), value.currency)
    if value is None or isinstance(value, str | bool | Decimal | date):
        return value
    return str(value)


def _fields(meta: Mapping[str, Any] | None) -> dict[str, Any]:
    """The fields that the ledger writes: all metadata but Beancount's own."""
    return {
        key: _plain(value)
        for key, value in (meta or {}).items()
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
        guarded = {
            *surplus_accounts,
            f"{roots.liabilities}:{PATRONAGE}",
            f"{roots.liabilities}:{FORMER_MEMBERS}",
            *(fund.account for fund in rules.every(surplus.Fund)),
            *(member.capital for member in rules.every(people.Member) if member.capital),
        }
        self.guarded = tuple(sorted(guarded))
        self.daily = tuple(sorted(guarded | _named_accounts(rules.facts.records)))

    def __missing__(self, account: str) -> int:
        meaning = 0
        root = account.partition(":")[0]
        if root in (self.roots.income, self.roots.expenses):
            meaning |= _RESULT
        if self.wages_account(account):
            meaning |= _PAY
        if any(below(account, parent) for parent in self.daily):
            meaning |= _DAILY
        if any(below(account, parent) for parent in self.guarded):
            meaning |= _GUARDED
        self[account] = meaning
        return meaning

    def wages_account(self, account: str) -> str | None:
        """The longest `wages` account that the account is or stands below."""
        while account:
            if account in self.owners:
                return account
            account = account.rpartition(":")[0]
        return None

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
        self._prices: _Prices | None = None
        self.pay: list[PayRow] = []
        self.daily: dict[str, dict[date, Decimal]] = {}
        self.results: dict[date, Decimal] = {}
        self.result_daily: dict[str, dict[date, Decimal]] = {}
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
            daily=_sorted_days(self.daily),
            results=sorted(self.results.items()),
            result_daily=_sorted_days(self.result_daily),
            moved=self.moved,
            unpriced=self.unpriced,
            movements=self.movements,
            faults=self.faults,
            last_day=self.last_day,
        )

    def _read_transactions(self) -> None:
        accounts, currency, results = self.accounts, self.currency, self.results
        rare = _DAILY | _GUARDED
        numbers: list[Decimal] = []
        day: date | None = None
        entry = None
        for entry in self.entries:
            if entry.__class__ is not Transaction:
                continue
            if entry.date != day:
                if numbers and day is not None:
                    results[day] = results.get(day, Decimal(0)) + sum(numbers)
                    numbers = []
                day = entry.date
            mark = len(numbers)
            meaning = 0
            for posting in entry.postings:
                each = accounts[posting.account]
                if each:
                    meaning |= each
                    units = posting.units
                    if units.currency != currency:
                        meaning |= _GUARDED
                    elif each & _RESULT:
                        numbers.append(units.number)
            if "of-period" in entry.meta or entry.tags or meaning & rare:
                del numbers[mark:]
                self._read_special(entry, numbers)
            elif meaning & _PAY:
                for posting in entry.postings:
                    if accounts[posting.account] & _PAY:
                        self._read_pay(entry, posting, posting.units.number)
        if numbers and day is not None:
            results[day] = results.get(day, Decimal(0)) + sum(numbers)
        self.last_day = day

    def _read_special(self, entry: Any, numbers: list[Decimal]) -> None:
        """A transaction that touches what a rule guards, moves its result, or holds another currency."""
        meanings = [self.accounts[posting.account] for posting in entry.postings]
        worths = [self._worth(entry, posting) for posting in entry.postings]
        is_close = bool(entry.tags) and "coop-close" in entry.tags
        coop_tag = bool(entry.tags) and any(tag.startswith("coop-") for tag in entry.tags)
        for posting, meaning, worth in zip(entry.postings, meanings, worths, strict=True):
            if meaning & _PAY and not is_close:
                self._read_pay(entry, posting, worth)
            if worth is None:
                if meaning & ~_PAY:
                    self._note_unpriced(entry, posting)
            elif meaning & _DAILY:
                book = self.result_daily if meaning & _RESULT else self.daily
                days = book.setdefault(posting.account, {})
                days[entry.date] = days.get(entry.date, Decimal(0)) + worth
        if not is_close and not self._only_moves_result(entry, meanings):
            result = [w for w, meaning in zip(worths, meanings, strict=True) if meaning & _RESULT and w is not None]
            period = entry.meta.get("of-period")
            if period is None:
                numbers += result
            elif result:
                self._move_result(entry, period, sum(result, Decimal(0)))
        if coop_tag or any(meaning & _GUARDED for meaning in meanings):
            self.movements.append(self._movement(entry, worths))

    def _only_moves_result(self, entry: Any, meanings: list[int]) -> bool:
        """Whether the entry only moves Income and Expenses into the surplus account, as closing entries do."""
        to_surplus = [self.accounts.is_surplus(posting.account) for posting in entry.postings]
        return any(to_surplus) and all(
            meaning & _RESULT or into for meaning, into in zip(meanings, to_surplus, strict=True)
        )

    def _move_result(self, entry: Any, period: Any, amount: Decimal) -> None:
        place = self.places.of(entry.meta)
        if not isinstance(period, str):
            self.faults.append(
                Finding(place, "records", f'of-period must be text in quotes, not {period}: write of-period: "2025"')
            )
            period = self.rules.calendar.year_of(entry.date).name
        self.moved.append(MovedResult(entry.date, period, amount, place))

    def _worth(self, entry: Any, posting: Any) -> Decimal | None:
        """A posting's amount in the co-op's currency: as it stands, at its own price or cost, else at the last price."""
        units = posting.units
        if units.currency == self.currency:
            return Decimal(units.number)
        if posting.price is not None and posting.price.currency == self.currency:
            return Decimal(units.number * posting.price.number)
        if isinstance(posting.cost, Cost) and posting.cost.currency == self.currency:
            return Decimal(units.number * posting.cost.number)
        if self._prices is None:
            self._prices = _Prices(self.entries, self.currency)
        price = self._prices.last(units.currency, entry.date)
        return None if price is None else Decimal(units.number * price)

    def _note_unpriced(self, entry: Any, posting: Any) -> None:
        amount = Amount(posting.units.number, posting.units.currency)
        place = self.places.of(posting.meta or entry.meta)
        self.unpriced.append(Unpriced(entry.date, posting.account, amount, place))

    def _movement(self, entry: Any, worths: list[Decimal | None]) -> Movement:
        legs = tuple(
            Leg(posting.account, worth, self.places.of(posting.meta or entry.meta), _fields(posting.meta))
            for posting, worth in zip(entry.postings, worths, strict=True)
            if worth is not None
        )
        return Movement(
            entry.date, self.places.of(entry.meta), frozenset(entry.tags or ()), _fields(entry.meta), legs
        )

    # -- pay ---------------------------------------------------------------------------------------------------------

    def _read_pay(self, entry: Any, posting: Any, worth: Decimal | None) -> None:
        meta, own = entry.meta, posting.meta or {}
        kind = own.get("pay", meta.get("pay", "base"))
        if kind == "none":
            return
        file, line = self.places.file(own.get("filename", meta.get("filename"))), own.get("lineno", meta.get("lineno"))
        place = Place(file, line if isinstance(line, int) else 0)
        if kind not in _PAY_KINDS:
            self._pay_fault(place, f'pay is "{kind}", which is no kind of pay: write one of {", ".join(PAY_KINDS.split())}')
            return
        person = own.get("worker", meta.get("worker"))
        if person is None:
            person = self._sole_owner(posting.account, entry.date)
        if person not in self.rules.people:
            self._pay_fault(place, self._who(person, posting.account))
            return
        hours = own.get("hours")
        if hours is not None and (isinstance(hours, bool) or not isinstance(hours, Decimal)):
            self._pay_fault(place, f'hours must be a number without quotes, not "{hours}": write hours: 38.5')
            hours = None
        number = posting.units.number
        if hours is not None and number < 0:
            hours = -abs(hours)
        span = own.get("pay-period", meta.get("pay-period"))
        if span is not None and not isinstance(span, str):
            self._pay_fault(place, f'pay-period must be text in quotes, not {span}: write pay-period: "2025-03"')
            span = None
        self.pay.append(PayRow(person, entry.date, kind, worth, hours, span, file, place.line))

    def _pay_fault(self, place: Place, message: str) -> None:
        self.faults.append(Finding(place, "pay", message))

    def _sole_owner(self, account: str, day: date) -> str | None:
        """The one person whose wages an account is: of all, or of those whose record on that day names it."""
        wages = self.accounts.wages_account(account)
        owners = self.accounts.owners[str(wages)]
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
            owners = ", ".join(sorted(self.accounts.owners[str(self.accounts.wages_account(account))]))
            return (
                f"this pay on {account} names nobody, and the account is the wages of several people ({owners}): "
                'add worker: "<id>" to the posting'
            )
        from coopbooks.records.fields import nearest

        near = nearest(str(person), tuple(self.rules.people))
        return f'worker "{person}" has no member or worker record{near or ": add one, or mend the id"}'

    # -- the rest of the ledger --------------------------------------------------------------------------------------

    def _precisions(self) -> dict[str, int]:
        digits: dict[str, int] = {}
        for entry in self.entries:
            if entry.__class__ is Commodity and "precision" in entry.meta:
                precision = entry.meta["precision"]
                if isinstance(precision, Decimal) and precision == int(precision) and 0 <= precision <= 18:
                    digits[entry.currency] = int(precision)
                else:
                    message = f"precision of {entry.currency} must be a whole number from 0 to 18, not {precision}"
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


def _sorted_days(book: Mapping[str, Mapping[date, Decimal]]) -> dict[str, tuple[tuple[date, Decimal], ...]]:
    return {account: tuple(sorted(days.items())) for account, days in sorted(book.items())}
