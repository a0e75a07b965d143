"""Two other programs on the same books: beanquery, which reads Beancount, and hledger, which is no relation of it.

Sums by account and day, the income statement of each fiscal year, and everybody's gross pay by month must be the same to
the last digit. hledger reads the books from a journal that the exporter below writes: one line for each line of the
ledger, with no sum and no conversion of its own. hledger converts, values, adds up and checks the balance assertions.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import beanquery
import pytest
from beancount.core.data import Balance, Open, Posting, Price, Transaction
from beancount.core.position import Cost
from hypothesis import event, given, settings
from strategies import Books, books
from whole_books import Layout, Whole, whole_books

from coopbooks.books.loading import Books as Loaded
from coopbooks.books.loading import load_books
from coopbooks.cooperative import Cooperative
from coopbooks.errors import SurplusRefused
from coopbooks.ledgers import names, path

LONG = os.environ.get("COOPBOOKS_LONG") == "1"
FEW = settings(max_examples=500 if LONG else 12)
KINDS = {"base", "overtime", "bonus", "leave", "sick", "in-kind", "contract"}  # of pay, where no bylaw says otherwise

Sums = dict[tuple[str, date], Decimal]
Pays = dict[tuple[str, str], Decimal]


# -- the journal -------------------------------------------------------------------------------------------------------


def journal(loaded: Loaded) -> str:
    """The books as hledger reads them: accounts, prices, transactions and balance assertions."""
    types = {"Assets": "A", "Liabilities": "L", "Equity": "E", "Income": "R", "Expenses": "X"}
    # hledger prints as many digits as this says, and rounds away the rest.
    lines = ["decimal-mark .", f"commodity 1.000000000000 {loaded.facts.currency}"]
    for each in loaded.entries:
        if isinstance(each, Open):
            lines.append(f"account {each.account}  ; type: {types[each.account.partition(':')[0]]}")
        elif isinstance(each, Price):
            lines.append(f"P {each.date} {each.currency} {each.amount.number} {each.amount.currency}")
        elif isinstance(each, Balance):
            amount = f"{each.amount.number} {each.amount.currency}"
            lines += [f"{each.date} *", f"    {each.account}  0 {each.amount.currency} =* {amount}"]
        elif isinstance(each, Transaction):
            close = "  ; coop-close:" if each.tags and "coop-close" in each.tags else ""
            lines.append(f"{each.date} *{close}")
            lines += [f"    {posting.account}  {priced(posting)}{paid(each, posting)}" for posting in each.postings]
    return "\n".join(lines) + "\n"


def priced(posting: Posting) -> str:
    """What a posting moves, with its own price: what a lot cost, or what was agreed."""
    assert posting.units is not None
    units = f"{posting.units.number} {posting.units.currency}"
    if isinstance(posting.cost, Cost):
        return f"{units} @ {posting.cost.number} {posting.cost.currency}"
    return units if posting.price is None else f"{units} @ {posting.price.number} {posting.price.currency}"


def paid(each: Transaction, posting: Posting) -> str:
    """Whose pay of which month a posting is, as a tag; the fields of pay are those that the documentation names."""
    meta = posting.meta or {}
    person, kind = meta.get("worker") or each.meta.get("worker"), meta.get("pay") or each.meta.get("pay") or "base"
    if person is None or not posting.account.startswith("Expenses:"):
        return ""
    month = meta.get("pay-period") or each.meta.get("pay-period") or f"{each.date:%Y-%m}"
    return f"  ; paid:{person} {month}, kind:{kind}"


class Hledger:
    """hledger, with a journal of its own."""

    def __init__(self, loaded: Loaded, folder: Path) -> None:
        self.program = shutil.which("hledger") or ""
        assert self.program, "these tests need hledger: install Debian's package of that name"
        self.currency = loaded.facts.currency
        self.journal = folder / "books.journal"
        self.journal.write_text(journal(loaded), encoding="utf-8")

    def rows(self, *asked: str) -> list[list[str]]:
        """The rows of a report in bare CSV, without its head."""
        command = [self.program, "-f", str(self.journal), *asked, "-O", "csv", "--layout=bare"]
        utf8 = {**os.environ, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=utf8)
        assert done.returncode == 0, done.stderr
        return list(csv.reader(io.StringIO(done.stdout)))

    def sums(self) -> Sums:
        """Of each account and day the sum in the books' currency: at each posting's own price, else at the day's."""
        found: Sums = {}
        # Income and expenses go to the surplus once more when the year is closed.
        for which in (("not:^Income", "not:^Expenses"), ("^Income", "^Expenses", "not:tag:coop-close")):
            head, *rows = self.rows("balance", "--flat", "-D", "-N", "-B", f"--value=then,{self.currency}", *which)
            for account, currency, *numbers in rows:
                for day, number in zip(head[2:], numbers, strict=True) if currency == self.currency else ():
                    if Decimal(number):
                        found[account, date.fromisoformat(day)] = Decimal(number)
        return found

    def result(self, starts: date, ends: date) -> Decimal:
        """The income statement's last line over some days."""
        span = ("-b", str(starts), "-e", str(ends + timedelta(1)))
        rows = self.rows("incomestatement", *span, "-B", f"--value=then,{self.currency}", "not:tag:coop-close")
        return sum((Decimal(row[2]) for row in rows if row[0] == "Net:" and row[1] == self.currency), Decimal(0))

    def pay(self) -> Pays:
        """Gross pay by person and month."""
        kinds = "^(" + "|".join(sorted(KINDS)) + ")$"
        rows = self.rows("balance", "--pivot", "paid", "-N", "tag:paid", f"tag:kind={kinds}")
        return {(row[0].split()[0], row[0].split()[1]): Decimal(row[2]) for row in rows[1:]}


# -- the queries -------------------------------------------------------------------------------------------------------


class Beanquery:
    """beanquery, on the entries themselves."""

    def __init__(self, loaded: Loaded) -> None:
        self.currency = loaded.facts.currency
        self.connection = beanquery.connect(
            "beancount:", entries=loaded.entries, errors=[], options=dict(loaded.options)
        )

    def rows(self, query: str) -> list[Any]:
        return list(self.connection.execute(query).fetchall())

    def sums(self) -> Sums:
        found = self.rows(
            f"SELECT account, date, sum(convert(weight, '{self.currency}', date)) AS total"
            " WHERE NOT ('coop-close' IN tags AND account ~ '^(Income|Expenses):') GROUP BY account, date"
        )
        return {(account, day): number for account, day, total in found if (number := self.worth(total))}

    def result(self, starts: date, ends: date) -> Decimal:
        found = self.rows(
            f"SELECT sum(convert(weight, '{self.currency}', date)) AS total WHERE account ~ '^(Income|Expenses):'"
            f" AND date >= {starts} AND date <= {ends} AND NOT 'coop-close' IN tags"
        )
        return -sum((self.worth(total) for (total,) in found if total is not None), Decimal(0))

    def pay(self) -> Pays:
        pays: Pays = defaultdict(Decimal)
        query = (
            "SELECT any_meta('worker') AS who, any_meta('pay-period') AS span, year, month, any_meta('pay') AS kind,"
            " sum(number) AS total WHERE account ~ '^Expenses:' GROUP BY who, span, year, month, kind"
        )
        for person, span, year, month, kind, total in self.rows(query):
            if person is not None and (kind or "base") in KINDS:
                pays[person, span or f"{year}-{month:02}"] += total
        return {key: total for key, total in pays.items() if total}

    def worth(self, total: Any) -> Decimal:
        """What a query adds up in the books' currency; what has no price stays in its own, and out of this."""
        number = total.get_currency_units(self.currency).number
        assert isinstance(number, Decimal)
        return number


# -- the library -------------------------------------------------------------------------------------------------------


def library_sums(loaded: Loaded) -> Sums:
    sums: Sums = defaultdict(Decimal)
    for book in (loaded.facts.daily, loaded.facts.result_daily):
        for account, rows in book.items():
            for day, number in rows:
                sums[account, day] += number
    return {key: number for key, number in sums.items() if number}


def library_pay(coop: Cooperative) -> Pays:
    """What `pay` says of each month in which somebody was paid."""
    months = {row.period for row in coop.wages().rows}
    rows = [row for month in sorted(months) for row in coop.pay(month).rows]
    return {(row.person, row.period): Decimal(row.pay) for row in rows if Decimal(row.pay)}


def assert_agreed(ledger: Path, folder: Path, *, pay: bool = True) -> None:
    """The library, beanquery and hledger say the same of a ledger; of `pay` where each posting is of one month."""
    loaded = load_books(ledger)
    assert not loaded.errors, loaded.errors[0]
    coop = Cooperative(loaded.facts, loaded.errors, loaded.dropped, loaded.path)
    queried, hledger = Beanquery(loaded), Hledger(loaded, folder)
    assert library_sums(loaded) == queried.sums() == hledger.sums()
    for name in coop.periods():
        year = coop._rules.calendar.named(name)
        result = -loaded.facts.result_between(year.starts, year.ends)
        assert result == queried.result(year.starts, year.ends) == hledger.result(year.starts, year.ends), name
        # In whole cents, towards zero.
        with suppress(SurplusRefused):
            assert Decimal(str(coop.surplus(name).result)) == Decimal(int(result * 100)).scaleb(-2)
    if pay:
        assert library_pay(coop) == queried.pay() == hledger.pay()


# -- the three agree ---------------------------------------------------------------------------------------------------


def by_month(one: Books) -> Books:
    """The same cooperative without caps, each pay of one month: what other programs can add up without the rules."""
    months = re.compile(r"\d{4}-\d{2}")
    return replace(
        one,
        pays=tuple(
            replace(pay, span=pay.span if pay.span and months.fullmatch(pay.span) else None) for pay in one.pays
        ),
        rules=tuple(rule for rule in one.rules if not rule.id.startswith("wage-ratio")),
    )


@FEW
@given(whole_books(books().map(by_month)))
def test_three_programs_agree_on_whole_books(whole: Whole) -> None:
    event(f"{len(whole.closed)} years closed")
    with tempfile.TemporaryDirectory() as folder:
        assert_agreed(Layout(Path(folder), whole.texts).path, Path(folder))


@pytest.mark.parametrize("name", names())
def test_three_programs_agree_on_the_ledgers_that_are_shipped(name: str, tmp_path: Path) -> None:
    """But for pay: a bonus is spread over its year, which is a rule of the library's own."""
    assert_agreed(path(name), tmp_path, pay=False)


def test_a_difference_of_a_cent_is_seen(tmp_path: Path, ledger: Callable[..., Path]) -> None:
    """
    option "operating_currency" "EUR"
    2025-01-01 custom "coop" "member" "m01"
      wages: Expenses:Wages
    2025-01-01 open Assets:Bank
    2025-01-01 open Expenses:Wages
    2025-01-31 * "pay"
      Expenses:Wages  100.00 EUR
        worker: "m01"
      Assets:Bank
    """
    loaded = load_books(ledger())
    hledger = Hledger(loaded, tmp_path)
    own, year = library_sums(loaded), (date(2025, 1, 1), date(2025, 12, 31))
    assert hledger.sums() == own
    assert hledger.result(*year) == -100
    assert hledger.pay() == {("m01", "2025-01"): Decimal(100)}
    changed = hledger.journal.read_text(encoding="utf-8").replace("100.00", "100.01")
    hledger.journal.write_text(changed, encoding="utf-8")
    assert own != hledger.sums()
    assert hledger.result(*year) == Decimal("-100.01")
    assert hledger.pay() == {("m01", "2025-01"): Decimal("100.01")}
