"""A seeded ledger of one worker cooperative, as large as it is asked for.

Three years, 2023 to 2025. A quarter of the transactions is payroll, one person each, for 30 people to a
thousand transactions; the rest is trade, buy-ins, gifts to the funds, what the funds spend, and the payment
of patronage. 2023 and 2024 are closed with the closing transaction that the library itself computes, so the
ledger is right in every cent that the plugins look at. With --open no year is closed and nobody brings capital
in: payroll, trade and gifts alone.

    python tests/bench/generate.py 10000 books.beancount [--open]
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from coopbooks import load

PLUGIN_LINE = 'plugin "coopbooks.plugins"\n'
CLOSED_YEARS = (2023, 2024)
QUARTERS = tuple(date(year, month, 1) for year in (2023, 2024, 2025) for month in (1, 4, 7, 10))
FIRST_DAY, LAST_DAY = date(2023, 1, 1), date(2025, 12, 31)
PEOPLE_PER_THOUSAND = 30
_BUY_IN = "  buy-in: 1000.00 USD\n"

_CUSTOMERS = (
    "Riverside Food Co-op",
    "Harbour Street Market",
    "Eastside Tenants Union",
    "Prairie Seed Exchange",
    "Northern Lights Bakery",
    "Union Hall Kitchen",
    "Valley School District",
    "Greenfield Clinic",
)
_SUPPLIERS = (
    "Mill Lane Flour",
    "Coast Packaging",
    "Public Power Board",
    "Two Rivers Freight",
    "Lindgren Machine Repair",
    "City Water Works",
)
_GOODS = (
    "bread and rolls",
    "oat boxes",
    "printed sleeves",
    "lunch service",
    "repair of a mixer",
    "delivery round",
)
_WORK = ("packing and delivery", "early bake", "book-keeping and shop", "machine hall", "night round")

_HEADER = """\
option "title" "Bench Bakery Cooperative"
option "operating_currency" "USD"

2022-12-01 commodity USD
2022-12-01 commodity EUR

2022-12-01 open Assets:Bank:Operating
  liquid: TRUE
2022-12-01 open Assets:Bank:Movement
  liquid: TRUE
2022-12-01 open Assets:Bank:Euro
2022-12-01 open Assets:Receivable
2022-12-01 open Liabilities:SalesTax
2022-12-01 open Liabilities:Withholding
2022-12-01 open Liabilities:Payable
2022-12-01 open Equity:Surplus
2022-12-01 open Equity:Reserves:Indivisible
2022-12-01 open Equity:Reserves:NonMember
2022-12-01 open Equity:Funds:Strike
2022-12-01 open Equity:Funds:Education
2022-12-01 open Income:Sales:Retail
2022-12-01 open Income:Sales:Wholesale
2022-12-01 open Income:Sales:Export
2022-12-01 open Expenses:Wages:Gross
2022-12-01 open Expenses:Materials
2022-12-01 open Expenses:Freight
2022-12-01 open Expenses:Power

2022-12-10 custom "coop" "decision" "d-founding"
  matter: "The founding bylaws"
  body: "assembly"
  eligible: 15
  for: 14
  against: 0
  abstain: 1
2022-12-15 custom "coop" "bylaw" "fiscal-year"
  ends: "12-31"
  decision: "d-founding"
2022-12-15 custom "coop" "bylaw" "wage-ratio"
  cap: 3
  period: "quarter"
  decision: "d-founding"
2022-12-15 custom "coop" "bylaw" "surplus"
  patronage: "hours"
  split: "hours"
  nonmember-to: Equity:Reserves:NonMember
  cash: 0.50
  vows: TRUE
  decision: "d-founding"
2022-12-15 custom "coop" "bylaw" "capital"
  collective: "Equity:Reserves"
  buy-in: 1000.00 USD
  decision: "d-founding"
2022-12-15 custom "coop" "bylaw" "assembly"
  quorum: 0.50
  decision: "d-founding"
2022-12-15 custom "coop" "allocation" "strike"
  step: 1
  to: Equity:Funds:Strike
  share: 0.05
  round: "up"
  decision: "d-founding"
2022-12-15 custom "coop" "allocation" "education"
  step: 1
  to: Equity:Funds:Education
  share: 0.05
  round: "up"
  decision: "d-founding"
2022-12-15 custom "coop" "allocation" "reserve"
  step: 2
  to: Equity:Reserves:Indivisible
  share: 0.30
  of: "remaining"
  decision: "d-founding"
2022-12-15 custom "coop" "allocation" "members"
  step: 3
  to: "members"
  rest: TRUE
  decision: "d-founding"
2022-12-15 custom "coop" "loss" "reserve"
  step: 1
  from: Equity:Reserves:Indivisible
  rest: TRUE
  decision: "d-founding"
2022-12-15 custom "coop" "fund" "strike"
  account: Equity:Funds:Strike
  kind: "strike"
  purpose: "Strike pay here and with the unions around us"
  backing: Assets:Bank:Movement
  movement: TRUE
  decision: "d-founding"
2022-12-15 custom "coop" "fund" "education"
  account: Equity:Funds:Education
  kind: "education"
  backing: Assets:Bank:Movement
  movement: TRUE
  decision: "d-founding"
"""


class Item(NamedTuple):
    """A piece of the ledger: its day, whether it is a transaction, and its text."""

    day: date
    is_transaction: bool
    text: str


class Person(NamedTuple):
    """Somebody who works here: since when, since when as a member (if at all), for how many cents an hour."""

    id: str
    hired: date
    joined: date | None
    cents_an_hour: int

    @property
    def leaf(self) -> str:
        """The person's part of an account name."""
        return self.id.capitalize()


def generate(transactions: int, seed: int = 20250101, *, closed: bool = True) -> str:
    """The ledger with exactly `transactions` transactions; the same seed gives the same text.

    `closed` books have closed years, with the vows and payments after them, and members' capital.

    Raises ValueError below 200 transactions: three years need a few of each sort.
    """
    if transactions < 200:
        raise ValueError(f"three years need at least 200 transactions, not {transactions}")
    random = Random(seed)  # noqa: S311  # the same books each time, no secret
    people = _people(random, transactions * PEOPLE_PER_THOUSAND // 1000)
    items = [*_records_of(people), *_rates(), *_payroll(random, people, transactions // 4)]
    items += _buy_ins(people) if closed else ()
    for year in CLOSED_YEARS:
        items += _trade(random, year, int(transactions * 0.2))
        items += _gifts(random, year, max(2, transactions // 200))
        if closed:
            items += _closed(items, year)
            items += _spending(random, year + 1, max(2, transactions // 200))
    left = transactions - sum(item.is_transaction for item in items)
    text = _written([*items, *_trade(random, 2025, left)])
    return text if closed else text.replace(_BUY_IN, "")


def _written(items: list[Item]) -> str:
    return "\n".join([_HEADER, *(item.text for item in sorted(items, key=lambda item: item.day))])


def _people(random: Random, count: int) -> list[Person]:
    """Half found the co-op; the others come quarter by quarter and join after two. Each tenth never joins."""
    founders = count // 2
    people = []
    for number in range(count):
        place = 0 if number < founders else 1 + (number - founders) * (len(QUARTERS) - 2) // (count - founders)
        joins = place + 2 if place else 0
        joined = QUARTERS[joins] if number % 10 != 9 and joins < len(QUARTERS) else None
        people.append(Person(f"m{number + 1:05d}", QUARTERS[place], joined, random.randrange(1800, 3200, 25)))
    return people


def _records_of(people: list[Person]) -> Iterator[Item]:
    for person in people:
        if person.joined != person.hired:
            text = f'{person.hired} custom "coop" "worker" "{person.id}"\n  wages: Expenses:Wages:Gross\n'
            yield Item(person.hired, is_transaction=False, text=text)
        if person.joined:
            text = (
                f'{person.joined} custom "coop" "member" "{person.id}"\n'
                f"  wages: Expenses:Wages:Gross\n"
                f"  capital: Equity:Members:{person.leaf}\n"
                f"  since: {person.hired}\n"
                f"{person.joined} open Equity:Members:{person.leaf}:Buyin\n"
                f"{person.joined} open Liabilities:Patronage:{person.leaf}\n"
            )
            yield Item(person.joined, is_transaction=False, text=text)


def _rates() -> Iterator[Item]:
    for place, quarter in enumerate(QUARTERS):
        for month in range(3):
            day = quarter.replace(month=quarter.month + month)
            yield Item(day, is_transaction=False, text=f"{day} price EUR  1.{5 + (place + month) % 7:02d} USD\n")


def _payroll(random: Random, people: list[Person], count: int) -> Iterator[Item]:
    """Quarterly pay; what is left of `count` are bonuses of people who are paid in that quarter anyway."""
    runs = [(quarter, person) for quarter in QUARTERS for person in people if person.hired <= quarter]
    base = runs[: count - count // 25]
    for quarter, person in base:
        hours = random.randrange(1520, 1920)
        cents = person.cents_an_hour * hours // 4
        yield _pay(_pay_day(quarter, person), person, cents, f"    hours: {Decimal(hours) / 4}", random)
    for quarter, person in random.sample(base, count - len(base)):
        cents = random.randrange(10000, 60000)
        yield _pay(_pay_day(quarter, person), person, cents, '    pay: "bonus"', random)


def _pay_day(quarter: date, person: Person) -> date:
    return quarter.replace(month=quarter.month + 2, day=24 + int(person.id[1:]) % 5)


def _pay(day: date, person: Person, cents: int, meta: str, random: Random) -> Item:
    text = (
        f'{day} * "Payroll" "Pay of the quarter, {random.choice(_WORK)}" #payroll\n'
        f'  worker: "{person.id}"\n'
        f"  Expenses:Wages:Gross  {_money(cents)} USD\n{meta}\n"
        f"  Liabilities:Withholding  -{_money(cents // 5)} USD\n"
        f"  Assets:Bank:Operating\n"
    )
    return Item(day, is_transaction=True, text=text)


def _buy_ins(people: list[Person]) -> Iterator[Item]:
    for person in people:
        if person.joined:
            text = (
                f'{person.joined} * "Buy-in of {person.id}"\n'
                f"  Assets:Bank:Operating  1000.00 USD\n"
                f"  Equity:Members:{person.leaf}:Buyin\n"
            )
            yield Item(person.joined, is_transaction=True, text=text)


def _trade(random: Random, year: int, count: int) -> Iterator[Item]:
    """Sales and purchases of one year: two sales for each purchase."""
    for number in range(count):
        day = date(year, 1, 1) + timedelta(days=random.randrange(365))
        make = (_retail, _wholesale, _purchase, _export, _settlement, _purchase)[number % 6]
        yield Item(day, is_transaction=True, text=make(random, day, f"inv-{year}-{number:06d}"))


def _retail(random: Random, day: date, invoice: str) -> str:
    cents = random.randrange(300000, 1900000)
    return (
        f'{day} * "{random.choice(_CUSTOMERS)}" "Week\'s till, {random.choice(_GOODS)}" #retail\n'
        f"  Assets:Bank:Operating  {_money(cents)} USD\n"
        f"  Income:Sales:Retail  -{_money(cents - cents // 16)} USD\n"
        f"  Liabilities:SalesTax\n"
    )


def _wholesale(random: Random, day: date, invoice: str) -> str:
    cents = random.randrange(500000, 2900000)
    return (
        f'{day} * "{random.choice(_CUSTOMERS)}" "Invoice for {random.choice(_GOODS)}" #wholesale ^{invoice}\n'
        f'  terms: "30 days"\n'
        f"  Assets:Receivable  {_money(cents)} USD\n"
        f"  Income:Sales:Wholesale  -{_money(cents - cents // 16)} USD\n"
        f"  Liabilities:SalesTax  -{_money(cents // 16)} USD\n"
    )


def _export(random: Random, day: date, invoice: str) -> str:
    cents, rate = random.randrange(250000, 1400000), random.randrange(105, 112)
    return (
        f'{day} * "{random.choice(_CUSTOMERS)}" "Export, {random.choice(_GOODS)}" ^{invoice}\n'
        f"  Assets:Bank:Euro  {_money(cents)} EUR @ {_money(rate)} USD\n"
        f"  Income:Sales:Export\n"
    )


def _settlement(random: Random, day: date, invoice: str) -> str:
    cents = random.randrange(300000, 1900000)
    return (
        f'{day} * "{random.choice(_CUSTOMERS)}" "Bank transfer received" ^{invoice}\n'
        f"  Assets:Bank:Operating  {_money(cents)} USD\n"
        f"  Assets:Receivable\n"
    )


def _purchase(random: Random, day: date, invoice: str) -> str:
    cents = random.randrange(20000, 240000)
    return (
        f'{day} * "{random.choice(_SUPPLIERS)}" "Bill {invoice[4:]}"\n'
        f"  Expenses:Materials  {_money(cents)} USD\n"
        f"  Expenses:Freight  {_money(cents // 20 + 1)} USD\n"
        f"  {random.choice(('Assets:Bank:Operating', 'Liabilities:Payable'))}\n"
    )


def _gifts(random: Random, year: int, count: int) -> Iterator[Item]:
    for number in range(count):
        day = date(year, 1, 1) + timedelta(days=random.randrange(365))
        text = (
            f'{day} * "{random.choice(_CUSTOMERS)}" "Gift to the strike fund no. {number + 1}" #movement\n'
            f'  source: "donation"\n'
            f"  Assets:Bank:Movement  {_money(random.randrange(2000, 40000))} USD\n"
            f"  Equity:Funds:Strike\n"
        )
        yield Item(day, is_transaction=True, text=text)


def _spending(random: Random, year: int, count: int) -> Iterator[Item]:
    """Strike pay from February on, decided by a committee each quarter; a claim is a number, never a name."""
    for place, quarter in enumerate(QUARTERS[:4]):
        day = quarter.replace(year=year, day=2) + timedelta(days=30)
        decision = (
            f'{day} custom "coop" "decision" "d-{year}-q{place + 1}"\n'
            f'  matter: "Strike pay of the quarter"\n  body: "committee"\n'
            f"  eligible: 5\n  for: {3 + place % 3}\n  against: 0\n  abstain: 0\n"
        )
        yield Item(day, is_transaction=False, text=decision)
    for number in range(count):
        place = number % 4
        day = QUARTERS[place].replace(year=year, day=2) + timedelta(days=30 + random.randrange(50))
        text = (
            f'{day} * "Strike pay, one week" #movement\n'
            f'  decision: "d-{year}-q{place + 1}"\n  claim: "{number + 1:04d}"\n'
            f"  Equity:Funds:Strike  {_money(random.randrange(5000, 20000))} USD\n"
            f"  Assets:Bank:Movement\n"
        )
        yield Item(day, is_transaction=True, text=text)


_CREDIT = re.compile(r"^\s+(Liabilities:Patronage|Equity:Funds):(\w+)\s+-([\d.]+) USD", re.MULTILINE)


def _closed(items: list[Item], year: int) -> Iterator[Item]:
    """The close as the library computes it; in the year after, the money of the funds and the payments."""
    last = date(year, 12, 31)
    closing = _close_of([item for item in items if item.day <= last], year)
    yield Item(last, is_transaction=True, text=closing)
    credited = [(root, leaf, amount) for root, leaf, amount in _CREDIT.findall(closing) if Decimal(amount)]
    day = date(year + 1, 1, 20)
    backing = sum((Decimal(amount) for root, _, amount in credited if root == "Equity:Funds"), Decimal(0))
    text = (
        f'{day} * "The money of the movement funds of {year}" #movement\n'
        f"  Assets:Bank:Movement  {backing} USD\n  Assets:Bank:Operating\n"
    )
    yield Item(day, is_transaction=True, text=text)
    for number, (root, leaf, amount) in enumerate(credited):
        if root == "Liabilities:Patronage":
            paid = date(year + 1, 3, 1) + timedelta(days=number % 80)
            yield Item(paid, is_transaction=True, text=_payment(paid, leaf, amount, year))


def _payment(day: date, leaf: str, amount: str, year: int) -> str:
    return (
        f'{day} custom "coop" "vow" "{leaf.lower()}"\n  period: "{year}"\n'
        f'  text: "A tenth goes to the tenants\' strike kitchen"\n'
        f'{day} * "Patronage of {year} paid to {leaf.lower()}" #patronage\n'
        f"  Liabilities:Patronage:{leaf}  {amount} USD\n  Assets:Bank:Operating\n"
    )


def _close_of(items: list[Item], year: int) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder, "main.beancount")
        path.write_text(_written(items), encoding="utf-8")
        closing = load(path).close(str(year)).transaction
    assert closing, f"{year} has a surplus that needs a close"
    return closing.rstrip("\n") + "\n"


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def main() -> None:
    """Write one ledger to a file."""
    parser = argparse.ArgumentParser(description="Write a seeded ledger of a worker cooperative.")
    parser.add_argument("transactions", type=int, help="how many transactions it has, 200 at least")
    parser.add_argument("file", type=Path, help="the file to write")
    parser.add_argument("--seed", type=int, default=20250101)
    parser.add_argument("--plugin", action="store_true", help="with the line that names the plugins")
    parser.add_argument("--open", action="store_true", help="no year closed, no capital of members")
    given = parser.parse_args()
    text = generate(given.transactions, given.seed, closed=not given.open)
    given.file.write_text((PLUGIN_LINE if given.plugin else "") + text, encoding="utf-8")


if __name__ == "__main__":
    main()
