"""Whatever is written in a ledger, coopbooks answers with findings at a line: it never stops, and never shows its inside.

Records are drawn from the table of fields, most values as the field asks and some of any type that Beancount has; then
postings with nonsense beside them; then the mistakes that people were seen to make.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from beancount import loader
from beancount.core.amount import Amount
from beancount.core.data import Custom, entry_sortkey
from beancount.parser.grammar import ValueType
from hypothesis import given, settings
from hypothesis import strategies as st

import coopbooks
from coopbooks.books.entries import facts_of
from coopbooks.cooperative import Cooperative
from coopbooks.errors import CoopbooksError
from coopbooks.facts import Facts
from coopbooks.parameters import PARAMETERS
from coopbooks.plugins import coopbooks as plugin
from coopbooks.records import BYLAWS, KINDS, UNJUDGED
from coopbooks.records.base import Record
from coopbooks.records.fields import Field
from coopbooks.rules import check

FILE = "/books/main.beancount"
ACCOUNTS = (
    *("Equity:Surplus", "Equity:Reserve", "Equity:Funds:Strike", "Equity:Capital:M01", "Equity:Capital:M02"),
    *("Expenses:Wages", "Expenses:Wages:M01", "Income:Sales", "Assets:Bank", "Liabilities:Patronage:M01"),
)
WORDS = ("m01", "m02", "m03", "reserve", "members", "workers", "next", "decision", "rest", "prime", "smic", "D-1")
YEARS = ("2024", "2025", "2026")

# -- values ----------------------------------------------------------------------------------------------------------

currencies = st.sampled_from(("EUR", "EUR", "EUR", "USD", "HOUR"))
numbers = st.one_of(
    st.decimals(-1000, 10_000, places=2),
    st.sampled_from([Decimal(text) for text in ("0", "1", "-1", "0.2", "2025", "1e30", "-1e30", "0.000000001", "1e-30")]),
)
shares = st.sampled_from([Decimal(text) for text in ("0", "0.05", "0.2", "0.333333", "0.5", "1")])
days = st.one_of(
    st.dates(date(2023, 1, 1), date(2027, 12, 31)),
    st.sampled_from((date.min, date.max, date(1799, 12, 31), date(1800, 1, 1), date(2199, 12, 31), date(2200, 1, 1))),
)
amounts = st.builds(Amount, numbers, currencies)
odd_texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(("", " ", "\n", "m01\n", "<script>alert(1)</script>", '"', "0", "2025\n", "١", "a" * 300, "step:", ":")),
)
texts = st.one_of(st.sampled_from((*WORDS, *YEARS, *ACCOUNTS)), odd_texts)
anything = st.one_of(st.none(), st.booleans(), numbers, days, amounts, texts)

# What each sort of field asks for.
RIGHT: dict[str, st.SearchStrategy[Any]] = {
    "text": texts,
    "number": numbers.map(abs),
    "date": days,
    "TRUE or FALSE": st.booleans(),
    "amount": amounts,
    "account": st.sampled_from(ACCOUNTS),
    "accounts": st.lists(st.sampled_from(ACCOUNTS), min_size=1, max_size=3).map(" ".join),
    "list": st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join),
    "period": st.sampled_from((*YEARS, "2025-03", "2025-Q1", "0001", "9999")),
    "month and day": st.sampled_from(("12-31", "06-30", "02-28", "02-29", "01-01")),
    "time with offset": st.sampled_from(("2026-02-01T12:00:00+01:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59")),
    "share or rate": st.one_of(shares, st.sampled_from(("prime", "smic - 0.1", "0.2"))),
    "share": shares,
    "ratio": st.decimals(1, 8, places=1),
    "rate": st.one_of(shares, st.just("prime")),
    "amount or rate": st.one_of(amounts, st.sampled_from(("smic", "prime - smic"))),
    "number or amount": st.one_of(numbers, amounts),
    "names and numbers": st.sampled_from(("hours:1", "wages:0.5 training:0.5", "equal:1", "hours:0", "training:1")),
    "months and figures": st.sampled_from(("0:1", "0:1.0 60:1.5", "12:0 24:1", "999999999999:1")),
    "value": st.one_of(numbers, amounts, shares),
}


def right(field: Field) -> st.SearchStrategy[Any]:
    """Values as a field asks for them."""
    if " | " in field.sort:
        return st.sampled_from(field.sort.split(" | "))
    if field.sort.startswith("words of "):
        return st.sampled_from(field.sort.removeprefix("words of ").split(", "))
    if "step:<id>" in field.meaning:
        return st.sampled_from(("surplus", "result", "remaining", "whole", "payroll", "step:reserve", "step:rest"))
    if field.meaning.startswith("an account, or"):
        return st.sampled_from((*ACCOUNTS, "members", "members", "workers", "next", "decision"))
    return RIGHT[field.sort]


FORMS: list[tuple[str, str, type[Record]]] = [
    *((kind, "", cls) for kind, cls in KINDS.items()),
    *(("bylaw", rule, cls) for rule, cls in BYLAWS.items()),
    *(("bylaw", name, KINDS["rate"]) for name in PARAMETERS),  # `value` is all that either has
]


@st.composite
def records(draw: st.DrawFn) -> Custom:
    """One `custom "coop"` directive, with the fields of its kind."""
    kind, record_id, cls = draw(st.sampled_from(FORMS))
    names = [name for name in cls.FIELDS if name in cls.NEEDED or draw(st.integers(0, 3)) == 0]
    meta: dict[str, Any] = {"filename": FILE, "lineno": draw(st.integers(1, 999))}
    for name in names:
        usual = draw(st.integers(0, 9)) > 0
        meta[name] = draw(right(cls.FIELDS[name]) if usual else anything)
    if draw(st.integers(0, 19)) == 0:
        meta[draw(st.sampled_from(("nonsense", "feild", "share")))] = draw(anything)
    values = ["coop", kind, record_id or draw(st.sampled_from(("2025", *WORDS)))]
    if draw(st.integers(0, 19)) == 0:
        values = ["coop", *draw(st.lists(anything, max_size=3))]
    day = draw(st.sampled_from((date(2024, 1, 1), date(2025, 1, 1)))) if draw(st.booleans()) else draw(days)
    return Custom(meta, day, "coop", [ValueType(value, type(value)) for value in values[1:]])


BOOKS = """
    option "operating_currency" "EUR"

    2023-01-01 open Assets:Bank
    2023-01-01 open Equity:Surplus
    2023-01-01 open Equity:Reserve
    2023-01-01 open Equity:Funds:Strike
    2023-01-01 open Equity:Capital:M01
    2023-01-01 open Equity:Capital:M01:2024
    2023-01-01 open Liabilities:Patronage:M01
    2023-01-01 open Expenses:Wages:M01
    2023-01-01 open Expenses:Wages:M02
    2023-01-01 open Income:Sales

    2024-01-01 custom "coop" "member" "m01"
      wages: "Expenses:Wages:M01"
      capital: Equity:Capital:M01

    2024-02-29 * "Sales and wages"
      Income:Sales        -1000.00 EUR
      Expenses:Wages:M01    200.00 EUR
        hours: 20
      Expenses:Wages:M02    100.00 EUR
        hours: 15
        worker: "m02"
      Assets:Bank

    2024-12-31 * "Close" #coop-close
      period: "2024"
      Equity:Surplus              700.00 EUR
      Equity:Reserve             -300.00 EUR
      Equity:Funds:Strike        -100.00 EUR
      Equity:Capital:M01:2024    -100.00 EUR
      Liabilities:Patronage:M01  -200.00 EUR

    2025-03-01 * "Paid"
      Liabilities:Patronage:M01   200.00 EUR
      Assets:Bank

    2025-04-01 * "Spent"
      Equity:Funds:Strike   50.00 EUR
      Assets:Bank

    2025-05-01 * "Abroad"
      Income:Sales  -10.00 USD
      Assets:Bank

    2025-06-30 * "A bad year"
      Expenses:Wages:M01   500.00 EUR
        hours: 60
        pay-period: "2025-Q2"
      Assets:Bank
"""


def loaded(text: str) -> tuple[list[Any], dict[str, Any]]:
    """Entries and options of a ledger that Beancount has nothing against."""
    entries, errors, options = loader.load_string(dedent(text))
    assert errors == []
    return list(entries), dict(options) | {"filename": FILE}


ENTRIES, OPTIONS = loaded(BOOKS)


# -- what must hold --------------------------------------------------------------------------------------------------


def hold(facts: Facts) -> None:
    """Findings have a place and one line; every question has an answer, or a refusal of one line."""
    for finding in check.findings_of(facts):
        assert finding.place.file
        assert finding.place.line > 0
        assert finding.message == " ".join(finding.message.split()) != ""
    coop = Cooperative.of(facts)
    years = coop.periods()
    calls: list[Callable[[], object]] = [coop.wages, coop.pay, coop.members, coop.funds]
    calls.append(lambda: coop.duties(date(2026, 6, 30)))
    for year in {*years[:2], *years[-1:]}:
        calls += [lambda year=year: coop.surplus(year), lambda year=year: coop.close(year)]
    for call in calls:
        try:
            call()
        except CoopbooksError as refused:
            assert "\n" not in str(refused)


@settings(max_examples=300)
@given(st.lists(records(), min_size=1, max_size=12))
def test_no_record_stops_the_rules(drawn: list[Custom]) -> None:
    entries = sorted([*ENTRIES, *drawn], key=entry_sortkey)
    hold(facts_of(entries, OPTIONS, padded=True))
    _, errors = plugin(entries, OPTIONS)
    assert not any("coopbooks itself failed" in error.message for error in errors)


@settings(max_examples=200)
@given(st.data())
def test_no_field_of_an_entry_stops_the_rules(data: st.DataObject) -> None:
    names = ("worker", "hours", "pay", "pay-period", "period", "amends", "decision", "source", "of-period", "at", "claim")
    changed = []
    for entry in ENTRIES:
        if hasattr(entry, "postings"):
            postings = [
                posting._replace(meta=posting.meta | data.draw(st.dictionaries(st.sampled_from(names), anything, max_size=2)))
                for posting in entry.postings
            ]
            meta = entry.meta | data.draw(st.dictionaries(st.sampled_from(names), anything, max_size=2))
            entry = entry._replace(meta=meta, postings=postings)  # noqa: PLW2901
        changed.append(entry)
    drawn = data.draw(st.lists(records(), max_size=3))
    hold(facts_of(sorted([*changed, *drawn], key=entry_sortkey), OPTIONS, padded=True))
