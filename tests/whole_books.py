"""Whole ledgers at random: a cooperative as it lives, with money in three currencies, closes, allies and an audit.

`whole_books` begins with a small random cooperative (`strategies.books`) and adds what real books have beside pay and
surplus: prices and lots, pads and balance assertions, funds that are spent with and without a decision, gifts, absences,
vows, suppliers, an audit with its verdict, years closed as the library itself proposes, and what is paid of them.
A ledger is a list of directives as text, in any order and in any files; see `Layout`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from beancount import loader
from beancount.core.data import Transaction
from hypothesis import strategies as st
from strategies import Books, Pay, Person, Rule, books, directives

from coopbooks.books.entries import facts_of
from coopbooks.cooperative import Cooperative
from coopbooks.errors import CoopbooksError

__all__ = ["AS_OF", "OPTIONS", "Layout", "Whole", "placed", "settled", "told", "whole_books"]

OPTIONS = 'option "operating_currency" "EUR"\noption "title" "A whole cooperative"\n'
AS_OF = date(2026, 9, 30)
FIRST, LAST = date(2024, 1, 2), date(2025, 12, 30)
BANK, STRIKE_BANK, STRIKE, AID = "Assets:Bank", "Assets:Bank:Strike", "Equity:Funds:Strike", "Equity:Funds:Aid"


@dataclass(frozen=True)
class Whole:
    """A ledger's directives, one text each, whose order means nothing; and the fiscal years that are closed in it."""

    texts: tuple[str, ...]
    year_ends: str
    closed: tuple[str, ...] = ()


# -- directives --------------------------------------------------------------------------------------------------------


def euro(cents: int) -> str:
    """Money as it is written."""
    return f"{Decimal(cents).scaleb(-2):.2f} EUR"


def record(day: date, kind: str, record_id: str, *fields: str) -> str:
    """A record with its fields as lines."""
    return "\n".join([f'{day} custom "coop" "{kind}" "{record_id}"', *(f"  {field}" for field in fields)])


def entry(day: date, *lines: str, tags: str = "") -> str:
    """A transaction with its postings as lines."""
    return "\n".join([f'{day} * "some" "thing"{tags}', *(f"  {line}" for line in lines)])


def moved(day: date, account: str, cents: int, *fields: str, against: str = BANK) -> str:
    """Money that goes to an account, and comes from another."""
    under = [f"  {field}" for field in fields]
    return entry(day, f"{account}  {euro(cents)}", *under, f"{against}  {euro(-cents)}")


def opened(*accounts: str) -> list[str]:
    """The accounts, open from the first day."""
    return [f"2024-01-01 open {account}" for account in accounts]


class _Chance:
    """Draws of one ledger that need no shrinking of their own."""

    def __init__(self, seed: int, one: Books) -> None:
        self.random = Random(seed)  # noqa: S311  # a ledger is no secret
        self.one = one
        self.people = [person.id for person in one.people]
        self._free: list[date] = []

    def day(self) -> date:
        """A day that no other draw gives: entries of one day have no order."""
        if not self._free:
            days = (LAST - FIRST).days
            self._free = [FIRST + timedelta(number) for number in self.random.sample(range(days), days)]
        return self._free.pop()

    def cents(self, most: int = 400_000) -> int:
        return self.random.randint(1, most)

    def times(self, most: int) -> range:
        return range(self.random.randint(1, most))

    def of(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def percent(self, least: int, most: int) -> Decimal:
        return Decimal(self.random.randint(least, most)).scaleb(-2)

    def working(self, person: Person, day: date) -> bool:
        """Whether somebody has begun and not left."""
        before = [turn for since, turn in sorted(person.turns) if since <= day]
        return bool(before) and before[-1] != "exit"

    def one_in(self, number: int) -> bool:
        return self.random.randrange(number) == 0


# -- what books have beside pay and surplus ----------------------------------------------------------------------------


def _currencies(chance: _Chance) -> list[str]:
    """Dollars and pounds, earned and spent with a price of their own, at the day's price, or with none yet."""
    found = opened("Assets:Dollars", "Assets:Pounds", "Income:Abroad", "Expenses:Abroad")
    for currency, base in (("USD", 9_000), ("GBP", 11_500)):
        days = {chance.day() for _ in chance.times(4)} | ({date(2024, 1, 1)} if not chance.one_in(3) else set())
        for day in sorted(days):
            rate = Decimal(base + chance.random.randint(-900, 900)).scaleb(-4)
            found.append(f"{day} price {currency}  {rate} EUR")
    for _ in chance.times(5):
        units, rate = chance.random.randint(1, 900), Decimal(chance.random.randint(8_000, 9_900)).scaleb(-4)
        account, currency = chance.of(("Assets:Dollars", "USD"), ("Assets:Pounds", "GBP"))
        other = chance.of("Income:Abroad", "Income:Sales")
        if chance.one_in(2):
            found.append(
                entry(chance.day(), f"{account}  {units}.00 {currency} @ {rate} EUR", f"{other}  {-units * rate} EUR")
            )
        else:
            sign = chance.of(1, 1, -1)
            own = other if sign > 0 else "Expenses:Abroad"
            found.append(
                entry(chance.day(), f"{account}  {sign * units}.00 {currency}", f"{own}  {-sign * units}.00 {currency}")
            )
    return found


def _lots(chance: _Chance) -> list[str]:
    """Flour bought in lots, and used up at what it cost."""
    found = opened("Assets:Flour")
    bought = chance.random.randint(5, 60)
    cost = Decimal(chance.random.randint(80, 900)).scaleb(-2)
    days = sorted(chance.day() for _ in range(2))
    found.append(entry(days[0], f"Assets:Flour  {bought} FLOUR {{{cost} EUR}}", f"{BANK}  {-bought * cost} EUR"))
    used = chance.random.randint(1, bought)
    found.append(entry(days[1], f"Assets:Flour  {-used} FLOUR {{{cost} EUR}}", f"Expenses:Costs  {used * cost} EUR"))
    return found


def _pad(chance: _Chance) -> list[str]:
    """A till that was counted, and the difference that nobody knows the reason of."""
    first, second = sorted(chance.day() for _ in range(2))
    return [
        *opened("Assets:Till", "Equity:Opening"),
        f"{first} pad Assets:Till Equity:Opening",
        f"{second} balance Assets:Till  {euro(chance.cents(50_000))}",
        moved(chance.day(), "Assets:Till", chance.cents(20_000)),
    ]


def _decisions(chance: _Chance) -> list[str]:
    found = [record(date(2024, 1, 1), "bylaw", "assembly", f"quorum: {chance.of('0.5', '0.25')}", "majority: 0.5")]
    for number in range(1, 6):
        votes = [f"for: {chance.of(1, 2, 3)}", f"against: {chance.of(0, 0, 1)}", f"abstain: {chance.of(0, 1)}"]
        more = [f"eligible: {chance.of(2, 3, 4, 9)}", 'body: "assembly"', f"strategic: {chance.of('TRUE', 'FALSE')}"]
        more.append(f'consulted: "{chance.of("none", "ally-b")}"')
        found.append(record(chance.day(), "decision", f"D-2024-{number}", 'matter: "what to do"', *votes, *more))
    return found


def _funds(chance: _Chance) -> list[str]:
    """Two movement funds, the money behind one, and what is spent of them."""
    found = [
        *opened(STRIKE_BANK, AID),
        record(date(2024, 1, 1), "fund", "fund-s", f"account: {STRIKE}", 'kind: "strike"', f"backing: {STRIKE_BANK}"),
        record(
            date(2024, 1, 1), "fund", "fund-a", f"account: {AID}", 'kind: "mutual-aid"', "movement: TRUE", "spend-by: 6"
        ),
        record(date(2024, 1, 1), "bylaw", "strike.weekly-pay", f"value: {euro(chance.cents(40_000))}"),
        record(date(2024, 1, 1), "allocation", "t", "step: 0.5", f"to: {AID}", "share: 0.07"),
        moved(date(2024, 1, 2), STRIKE_BANK, chance.cents()),
        moved(date(2024, 1, 3), STRIKE, -chance.cents(), f'source: "{chance.of("dues", "donation", "opening")}"'),
    ]
    for _ in chance.times(4):
        by = f'decision: "D-2024-{chance.of(1, 2, 3, 9)}"' if not chance.one_in(3) else 'claim: "7"'
        fund, money = chance.of((STRIKE, STRIKE_BANK), (AID, BANK))
        found.append(
            entry(chance.day(), f"{fund}  {euro(cents := chance.cents(90_000))}", f"  {by}", f"{money}  {euro(-cents)}")
        )
    return found


def _allies(chance: _Chance) -> list[str]:
    """Who gives money and goods, on what conditions, and whether they signed."""
    found = opened("Income:Gifts")
    for ally, sort in (("ally-a", "union"), ("ally-b", "party"), ("ally-c", "philanthropy")):
        found.append(
            record(date(2024, 1, 1), "ally", ally, f'sort: "{sort}"', f"hostile: {chance.of('FALSE', 'FALSE', 'TRUE')}")
        )
        if chance.one_in(2):
            flags = [f"{name}: TRUE" for name in ("open-ledger", "non-interference", "assembly-supremacy")]
            found.append(record(chance.day(), "contract", ally, *flags, f"sunset: {chance.day()}"))
        if chance.one_in(3):
            found.append(
                record(chance.day(), "signal", ally, f'what: "{chance.of("conditional-funding", "contradiction")}"')
            )
        for _ in chance.times(2):
            kind = ["in-kind: TRUE", f'valuation: "{chance.of("list", "none")}"'] if chance.one_in(2) else []
            fields = [f'ally: "{ally}"', *kind, 'conditions: "none"']
            against = "Expenses:Costs" if kind else BANK
            found.append(moved(chance.day(), "Income:Gifts", -chance.cents(90_000), *fields, against=against))
    shown = [
        f"{name}: {chance.of('TRUE', 'FALSE')}" for name in ("ledger-reveal", "dependency-scan", "narrative-check")
    ]
    found.append(record(chance.day(), "pulse", "P-1", *shown))
    return found


def _lives(chance: _Chance) -> list[str]:
    """Absences, vows, shares given up, delegates, policies, suppliers, assets sold."""
    person = chance.of(*chance.people)
    later = chance.day()
    found = [
        record(later, "absence", person, 'reason: "care"', f"until: {later + timedelta(40)}"),
        record(chance.day(), "delegate", "treasurer", f'person: "{chance.of(*chance.people)}"', 'mandate: "pays"'),
        record(chance.day(), "policy", "takeover", "version: 1", f'sha256: "{"ab" * 32}"'),
        record(chance.day(), "function", "flour", 'provider: "mill-1"', 'alternative: "internal"', f"tested: {later}"),
        record(chance.day(), "screening", "mill-1"),
        record(chance.day(), "violation", "mill-1"),
        record(chance.day(), "budget", "B-1", "account: Expenses:Costs", f"amount: {euro(chance.cents())}"),
        record(chance.day(), "practice", "common-table"),
        record(chance.day(), "assembly", "A-1", f"notice: {chance.day()}"),
    ]
    for period in ("2024", "2025"):
        found += [
            record(date(2026, 1, 15), "vow", each, f'period: "{period}"', 'text: "I will"') for each in chance.people
        ]
    if chance.one_in(3):
        found.append(record(date(2025, 1, 20), "decline", chance.people[0], 'period: "2024"', "share: 0.5"))
    for _ in chance.times(3):
        found.append(moved(chance.day(), "Expenses:Costs", chance.cents(90_000), 'supplier: "mill-1"'))
    return found


def _audited(chance: _Chance) -> list[str]:
    """An audit of 2024 with its panel's findings, its verdict, and something done about it."""
    verdict = chance.of("revolutionary", "reformist", "counter-revolutionary")
    window = ["window-start: 2024-01-01", "window-end: 2024-12-31", 'catalogue: "coopbooks-liberation/1.0"']
    found = [
        record(date(2025, 2, 1), "audit", "LA-1", *window, f'profile: "{chance.of("starter", "full")}"'),
        record(
            date(2025, 3, 1),
            "verdict",
            "LA-1",
            f'verdict: "{verdict}"',
            'votes: "3-0-0"',
            f'labels: "SUP-2={chance.of("reformist", "counter-revolutionary")}"',
        ),
        record(date(2025, 3, 10), "publication", "LA-1", 'place: "the door"'),
        record(date(2025, 3, 20), "flag", "LA-1/GOV-1", 'text: "look here"'),
        record(date(2025, 2, 20), "derogation", "RIT-1", 'reason: "few of us"', "until: 2025-12-31"),
    ]
    for criterion in ("SUP-2", "POL-2", "GOV-1"):
        label = chance.of("revolutionary", "reformist")
        fields = [f'label: "{label}"', 'votes: "2-1-0"', 'evidence: "talks"', 'text: "seen"']
        found.append(record(date(2025, 2, 25), "finding", f"LA-1/{criterion}", *fields))
    if chance.one_in(2):
        found.append(record(date(2025, 4, 20), "assembly", "A-9", "emergency: TRUE", 'answers: "TR-LA-1-SUP-2"'))
    return found


_PARTS: tuple[Callable[[_Chance], list[str]], ...] = (
    *(_currencies, _lots, _pad, _decisions, _funds, _allies, _lives, _audited),
)


# -- what only the books themselves can say ----------------------------------------------------------------------------


def _read(texts: Iterable[str]) -> tuple[list[Any], Cooperative]:
    entries, errors, options = loader.load_string(OPTIONS + "\n\n".join(texts) + "\n")
    assert errors == [], errors
    return entries, Cooperative.of(facts_of(entries, options, padded=True))


def _closed(texts: list[str]) -> tuple[list[str], list[str]]:
    """The directives with those of every year's close that can be computed, and of what is paid of it; and the years."""
    found, years = list(texts), []
    _, coop = _read(found)
    for period in coop.periods()[:2]:
        try:
            text = coop.close(period).transaction
        except CoopbooksError:
            break
        if text is None:
            continue
        found += split(text)
        years.append(period)
        found += _paid(text)
        _, coop = _read(found)
    return found, years


def split(text: str) -> list[str]:
    """Directives of a text, one each."""
    return [each.rstrip() for each in re.split(r"\n(?=\d{4}-)|\n\n", text.strip())]


def _paid(close: str) -> list[str]:
    """Half of what a close owes each member in money, paid two months later."""
    day = date.fromisoformat(close[:10]) + timedelta(61)
    owed = re.findall(r"^\s+(Liabilities:\S+)\s+-(\d+\.\d\d) EUR", close, re.MULTILINE)
    return [moved(day, account, cents) for account, number in owed if (cents := int(number.replace(".", "")) // 2)]


def _asserted(texts: list[str], days: Sequence[date]) -> list[str]:
    """A balance assertion of the bank on each day that holds."""
    entries, _ = _read(texts)
    found = []
    for day in days:
        held = sum(
            (
                posting.units.number or Decimal(0)
                for each in entries
                if isinstance(each, Transaction) and each.date < day
                for posting in each.postings
                if (posting.account + ":").startswith(BANK + ":") and posting.units and posting.units.currency == "EUR"
            ),
            Decimal(0),
        )
        found.append(f"{day} balance {BANK}  {held:.3f} EUR")
    return found


def _orderly(one: Books, chance: _Chance) -> Books:
    """The same people with plain rules and a payroll: of such a cooperative every year can be closed."""
    base = next(rule for rule in one.rules if rule.id == "surplus")
    kept = {name: base.fields[name] for name in ("patronage", "cash", "notice", "patronage-from")}
    rules = (
        replace(base, fields=kept | {"split": "none"}),
        *(rule for rule in one.rules if rule.id.startswith("wage-ratio")),
        Rule(base.day, "allocation", "reserve", {"step": 1, "to": "Equity:Reserve", "share": Decimal("0.2")}),
        Rule(base.day, "allocation", "members", {"step": 2, "to": "members", "share": chance.percent(30, 60)}),
        Rule(base.day, "allocation", "rest", {"step": 3, "to": "Equity:Common", "rest": True}),
        Rule(base.day, "loss", "common", {"step": 1, "from": "Equity:Common", "rest": True, "below-zero": True}),
    )
    months = [date(year, month, 28) for year in (2024, 2025) for month in range(2, 13, 3)]
    pays = [
        Pay(day, person.id, chance.cents(300_000), chance.random.randint(40, 700), "base", None)
        for person in one.people
        for day in months
        if chance.working(person, day)
    ]
    sales = [(day, 10 * chance.cents(2_500_000)) for day in months]
    return replace(one, pays=tuple(pays), flows=(*one.flows, *sales), rules=rules)


@st.composite
def whole_books(draw: st.DrawFn, small: st.SearchStrategy[Books] | None = None) -> Whole:
    """A whole ledger: hypothesis draws the cooperative, of `small` ones where given, and which parts its books have.

    Two of three live by plain rules and close their years, which random rules often do not allow.
    """
    one = draw(books() if small is None else small)
    chance = _Chance(draw(st.integers(0, 2**32 - 1)), one)
    if draw(st.integers(0, 2)) != 1:
        one = _orderly(one, chance)
    # The one figure of money that has a default: in another unit it is another.
    texts = [*directives(one), record(date(2024, 1, 1), "bylaw", "ally.floor", "value: 600")]
    left_out = draw(st.frozensets(st.integers(0, len(_PARTS) - 1), max_size=4))
    for number, part in enumerate(_PARTS):
        if number not in left_out:
            texts += part(chance)
    years: list[str] = []
    if draw(st.integers(0, 4)) != 1:
        texts, years = _closed(texts)
    texts += _asserted(texts, [date(2024, 7, 1), date(2026, 1, 1)])
    return Whole(tuple(texts), one.year_ends, tuple(years))


# -- on disk -----------------------------------------------------------------------------------------------------------


class Layout:
    """A ledger written to a folder in some order and files, and of each line the directive that it is of."""

    def __init__(
        self,
        folder: Path,
        texts: Sequence[str],
        order: Sequence[int] | None = None,
        files: Sequence[str] = (),
        options: str = OPTIONS,
    ) -> None:
        """`order` says which directive comes when; the directives go to `files` in equal runs, else to the main file."""
        order = range(len(texts)) if order is None else order
        self.path = folder / "main.beancount"
        self.places: dict[str, str] = {}
        head = options + "".join(f'include "{name}"\n' for name in files)
        names = list(files) or ["main.beancount"]
        size = -(-len(order) // len(names))
        for number, name in enumerate(names):
            run = order[number * size : (number + 1) * size]
            self._write(folder, name, [texts[each] for each in run], run, "" if files else head)
        if files:
            self.path.write_text(head, encoding="utf-8")

    def _write(self, folder: Path, name: str, texts: Sequence[str], numbers: Sequence[int], head: str) -> None:
        lines = head.splitlines()
        for text, number in zip(texts, numbers, strict=True):
            for offset, line in enumerate(text.splitlines()):
                lines.append(line)
                self.places[f"{name}:{len(lines)}"] = f"#{number}+{offset}"
            lines.append("")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


_PLACE = re.compile(r"[\w./-]+\.beancount:\d+")
_FIRST = re.compile(r"(?<=the first at )#\S+")  # by file and line, which mean nothing


def placed(value: Any, layout: Layout) -> Any:
    """An answer in which every place is the number of its directive, whatever file and line that is on."""
    if isinstance(value, str):
        return _FIRST.sub("", _PLACE.sub(lambda found: layout.places.get(found[0], found[0]), value))
    if isinstance(value, list):
        return [placed(each, layout) for each in value]
    if isinstance(value, dict):
        return {key: placed(each, layout) for key, each in value.items()}
    return value


def settled(value: Any) -> Any:
    """An answer whose lists stand in an order of their own: that of lines and of names has no meaning."""
    if isinstance(value, list):
        return sorted((settled(each) for each in value), key=repr)
    if isinstance(value, dict):
        return {key: settled(value[key]) for key in sorted(value)}
    return value


# -- what they answer --------------------------------------------------------------------------------------------------

_OF_FILES = frozenset({"ledger_sha256", "files", "sha256"})


def _answered(ask: Callable[[], Any]) -> Any:
    """An answer as plain data; a refusal is an answer too."""
    try:
        found = ask()
    except CoopbooksError as error:
        return f"refused: {error}"
    plain = found.to_data()
    return {key: each for key, each in plain.items() if key not in _OF_FILES} if isinstance(plain, dict) else plain


def told(coop: Cooperative, as_of: date = AS_OF) -> dict[str, Any]:
    """All that these books answer, by question; see `placed` for its places.

    What a fund holds after each entry is left out: entries of one day stand in the order of their lines.
    """
    found: dict[str, Any] = {
        "periods": list(coop.periods()),
        "wages": _answered(coop.wages),
        "members": _answered(coop.members),
        "funds": _answered(lambda: coop.funds(as_of)),
        "fund entries": _answered(coop.fund_entries),
        "duties": _answered(lambda: coop.duties(as_of)),
        "reveal": _answered(lambda: coop.reveal(as_of)),
        "sovereignty": _answered(lambda: coop.sovereignty(as_of)),
        "queue": _answered(lambda: coop.queue(as_of)),
        "debts": _answered(lambda: coop.debts(as_of)),
        "check": _answered(lambda: coop.check(as_of)),
        "audit": _answered(lambda: coop.audit(as_of)),
    }
    if isinstance(found["fund entries"], list):
        found["fund entries"] = [
            {key: value for key, value in row.items() if key != "balance"} for row in found["fund entries"]
        ]
    for period in coop.periods():
        for name, ask in (("surplus", coop.surplus), ("worksheet", coop.worksheet), ("equity", coop.equity)):
            found[f"{name} {period}"] = _answered(partial(ask, period))
        found[f"payments {period}"] = _answered(partial(coop.payments, period, as_of))
        found[f"pay {period}"] = _answered(partial(coop.pay, period))
    return found
