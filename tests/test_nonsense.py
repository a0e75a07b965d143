"""Whatever is written in a ledger, coopbooks answers with findings at a line: it never stops, and never shows its inside.

Records are drawn from the table of fields, most values as the field asks and some of any type that Beancount has; then
postings with nonsense beside them; then the mistakes that people were seen to make.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from beancount import loader
from beancount.core.amount import Amount
from beancount.core.data import Custom, entry_sortkey
from beancount.parser.grammar import ValueType
from hypothesis import given
from hypothesis import strategies as st

import coopbooks
from coopbooks.books.entries import facts_of
from coopbooks.cooperative import Cooperative
from coopbooks.errors import CoopbooksError
from coopbooks.facts import Facts
from coopbooks.parameters import PARAMETERS
from coopbooks.plugins import coopbooks as plugin
from coopbooks.records.base import Record
from coopbooks.records.fields import Field
from coopbooks.records.reading import BYLAWS, KINDS
from coopbooks.rules import check

FILE = "/books/main.beancount"
ACCOUNTS = (
    *("Equity:Surplus", "Equity:Reserve", "Equity:Funds:Strike", "Equity:Capital:M01", "Equity:Capital:M02"),
    *("Expenses:Wages", "Expenses:Wages:M01", "Income:Sales", "Assets:Bank", "Liabilities:Patronage:M01"),
)
WORDS = (
    "m01",
    "m02",
    "m03",
    "nonmember",
    "reserve",
    "members",
    "workers",
    "next",
    "decision",
    "rest",
    "prime",
    "smic",
    "D-1",
)
YEARS = ("2024", "2025", "2026")

# -- values ----------------------------------------------------------------------------------------------------------

currencies = st.sampled_from(("EUR", "EUR", "EUR", "USD", "HOUR"))
numbers = st.one_of(
    st.decimals(-1000, 10_000, places=2),
    st.sampled_from(
        [Decimal(text) for text in ("0", "1", "-1", "0.2", "2025", "1e30", "-1e30", "0.000000001", "1e-30")]
    ),
)
shares = st.sampled_from([Decimal(text) for text in ("0", "0.05", "0.2", "0.333333", "0.5", "1")])
days = st.one_of(
    st.dates(date(2023, 1, 1), date(2027, 12, 31)),
    st.sampled_from((date.min, date.max, date(1799, 12, 31), date(1800, 1, 1), date(2199, 12, 31), date(2200, 1, 1))),
)
amounts = st.builds(Amount, numbers, currencies)
odd_texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ("", " ", "\n", "m01\n", "<script>alert(1)</script>", '"', "0", "2025\n", "١", "a" * 300, "step:", ":")
    ),
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
    "time with offset": st.sampled_from(
        ("2026-02-01T12:00:00+01:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59")
    ),
    "share or rate": st.one_of(shares, st.sampled_from(("prime", "smic - 0.1", "0.2"))),
    "share": shares,
    "ratio": st.decimals(1, 8, places=1),
    "rate": st.one_of(shares, st.just("prime")),
    "amount or rate": st.one_of(amounts, st.sampled_from(("smic", "prime - smic"))),
    "number or amount": st.one_of(numbers, amounts),
    "names and numbers": st.sampled_from(("hours:1", "wages:0.5 training:0.5", "equal:1", "hours:0", "training:1")),
    "months and figures": st.sampled_from(("0:1", "0:1.0 60:1.5", "12:0 24:1", "999999999999:1")),
    "value": st.one_of(numbers, amounts, shares),
    "SHA-256": st.sampled_from(("77aa", "5c2f4ff54807251483da91a803e50c0d03278bf9ac28026d60d3209ddef95934")),
    "votes": st.sampled_from(("3-0-0", "0-0-0", "1-2-0", "99999999999999999999-0-0")),
    "criteria and labels": st.sampled_from(("SUP-2=reformist", "SUP-9=reformist WAG-1=counter-revolutionary", "")),
    "trigger": st.sampled_from(("TR-LA-2026-SUP-2", "TR-2025-03-WAG-1", "TR-x-ZZZ-99")),
    "triggers": st.sampled_from(("TR-LA-2026-SUP-2 TR-2025-03-WAG-1", "TR-2025-SUP-2", "")),
    "0 to 10": st.decimals(0, 10, places=1),
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
        calls += [partial(coop.surplus, year), partial(coop.close, year)]
    for call in calls:
        try:
            call()
        except CoopbooksError as refused:
            assert "\n" not in str(refused)  # noqa: PT017  # most calls answer; only a refusal is looked at


@given(st.lists(records(), min_size=1, max_size=12))
def test_no_record_stops_the_rules(drawn: list[Custom]) -> None:
    entries = sorted([*ENTRIES, *drawn], key=entry_sortkey)
    hold(facts_of(entries, OPTIONS, padded=True))
    _, errors = plugin(entries, OPTIONS)
    assert not any("coopbooks itself failed" in error.message for error in errors)


@given(st.data())
def test_no_field_of_an_entry_stops_the_rules(data: st.DataObject) -> None:
    names = (
        "worker",
        "hours",
        "pay",
        "pay-period",
        "period",
        "amends",
        "decision",
        "source",
        "of-period",
        "at",
        "claim",
    )
    changed = []
    for entry in ENTRIES:
        if hasattr(entry, "postings"):
            postings = [
                posting._replace(
                    meta=posting.meta | data.draw(st.dictionaries(st.sampled_from(names), anything, max_size=2))
                )
                for posting in entry.postings
            ]
            meta = entry.meta | data.draw(st.dictionaries(st.sampled_from(names), anything, max_size=2))
            entry = entry._replace(meta=meta, postings=postings)  # noqa: PLW2901
        changed.append(entry)
    drawn = data.draw(st.lists(records(), max_size=3))
    hold(facts_of(sorted([*changed, *drawn], key=entry_sortkey), OPTIONS, padded=True))


# -- what people were seen to write ----------------------------------------------------------------------------------

START = """
    option "operating_currency" "EUR"
    plugin "coopbooks.plugins"
    2024-01-01 open Assets:Bank
    2024-01-01 open Income:Sales
    2024-01-01 open Expenses:Wages
    2024-01-01 open Equity:Surplus
    2024-01-01 open Equity:Reserve
    2024-01-01 open Equity:Capital:M01
    2024-01-01 custom "coop" "member" "m01"
      wages: Expenses:Wages
      capital: Equity:Capital:M01
    2024-01-01 custom "coop" "bylaw" "wage-ratio"
      cap: 4
    2024-01-01 custom "coop" "allocation" "reserve"
      step: 1
      to: Equity:Reserve
      rest: TRUE
    2024-02-01 * "Sales and wages"
      Income:Sales    -200.00 EUR
      Expenses:Wages   100.00 EUR
        hours: 38
      Assets:Bank
"""


def pay(*fields: str, amount: str = "5.00 EUR", day: str = "2024-03-01") -> str:
    """A posting of pay with fields below it."""
    lines = "\n".join(f"        {field}" for field in fields)
    return f'\n    {day} * "x"\n      Expenses:Wages  {amount}\n{lines}\n      Assets:Bank\n'


def record(kind: str, record_id: str, *fields: str, day: str = "2024-01-01") -> str:
    """A record with fields below it."""
    lines = "".join(f"      {field}\n" for field in fields)
    return f'\n    {day} custom "coop" "{kind}" "{record_id}"\n{lines}'


def capital(leaf: str, *amounts: str) -> str:
    """Money paid into a leaf of the capital account."""
    account = f"Equity:Capital:M01{leaf}"
    opened = f"\n    2024-01-01 open {account}\n" if leaf else ""
    return opened + "".join(
        f'\n    2024-03-01 * "x"\n      {account}  -{each} EUR\n      Assets:Bank\n' for each in amounts
    )


CLOSE = """
    2024-12-31 * "Close" #coop-close
      period: "2024"
      Equity:Surplus   100.00 EUR
      Equity:Reserve  -100.00 EUR
"""
NONSENSE = {
    "hours are text": pay('hours: "38"'),
    "hours are a truth": pay("hours: TRUE"),
    "hours are an amount": pay("hours: 38 EUR"),
    "hours are below zero": pay("hours: -5000"),
    "the worker is a number": pay("worker: 5", "hours: 1"),
    "the worker is an amount": pay("worker: 5 EUR", "hours: 1"),
    "the worker is nobody": pay("worker:", "hours:", "pay:", "pay-period:"),
    "pay is an amount": pay("pay: 5 EUR", "hours: 1"),
    "pay is a date": pay("pay: 2024-01-01", "hours: 1"),
    "pay-period is a sum": pay("pay-period: 2024-03", "hours: 1"),
    "pay-period is all time": pay('pay-period: "0001-01-01/9999-12-31"', "hours: 1"),
    "pay-period is the first month of all": pay('pay-period: "0001-01"', "hours: 1"),
    "pay-period is the last month of all": pay('pay-period: "9999-12"', "hours: 1"),
    "pay-period is no year": pay('pay-period: "0000"', "hours: 1"),
    "pay of the last day of all": pay("hours: 1", day="9999-12-31"),
    "pay of the first day of all": pay("hours: 1", day="0001-01-01"),
    "pay in a strange currency": pay("hours: 1", amount="5.00 GOLD"),
    "pay of nothing": pay("hours: 0", amount="0 EUR"),
    "pay of a fortune": pay("hours: 0.00001", amount="9999999999999999999999.99 EUR"),
    "a member of the first day of all": record("member", "m02", day="0001-01-01"),
    "a member of the last day of all": record("member", "m02", day="9999-12-31"),
    "a fiscal year of the last day of all": record("bylaw", "fiscal-year", 'ends: "06-30"', day="9999-12-31"),
    "a member until the last day of all": record("member", "m01", "ends: 9999-12-31", day="2024-06-01"),
    "a rule that binds from the first day of all": record("decision", "d")
    + record("loss", "a", "step: 1", 'from: "members"', "rest: TRUE", 'decision: "d"', "binds-from: 0001-01-01"),
    "a line break in an id": record("member", "m02\nx") + record("allo\ncation", "x\ny") + record("vow", "a\nb"),
    "a line break at the end of an id": record("member", "m02\n") + pay('worker: "m02\n"', "hours: 1"),
    "markup in an id": record("allocation", "<b>x</b>", "step: 1", 'to: "<script>"', 'share: "<i>"'),
    "empty texts": record("allocation", "x", "step: 1", 'to: ""', 'share: ""', 'of: ""') + record("member", ""),
    "no id": '\n    2024-01-01 custom "coop" "member"\n',
    "numbers for a kind and an id": '\n    2024-01-01 custom "coop" 5 TRUE\n',
    "the same record twice": record("decision", "d") * 2 + record("member", "m01") * 2,
    "a cap of nothing": record("bylaw", "wage-ratio-b", "cap: 0"),
    "a cap of forty digits": record("bylaw", "wage-ratio-b", f"cap: 1.{'3' * 40}"),
    "a floor of nothing": record("bylaw", "wage-ratio-b", "cap: 2", 'compare: "max/floor"', "floor: 0 EUR"),
    "a full-time job of no hours": record(
        "bylaw", "wage-ratio-b", "cap: 2", 'measure: "full-time"', "full-time-hours: 0"
    ),
    "a maximum of nothing": record("bylaw", "surplus", "maximum: 0")
    + record("allocation", "m", "step: 0", 'to: "members"', "share: 0.5"),
    "capital on an account of expenses": record("member", "m02", "capital: Expenses:Wages"),
    "one capital account inside another": record("member", "m01", "capital: Equity:Capital", day="2024-06-01")
    + capital("", "5.00"),
    "fractions of a cent as capital": capital("", "5.004", "5.004"),
    "a vintage of a year that is none": record("bylaw", "capital", "redeem-after: 10") + capital(":0000", "5.00"),
    "a vintage of the last year of all": record("bylaw", "capital", "redeem-after: 10") + capital(":9999", "5.00"),
    "a vintage that stays for ever": record("bylaw", "capital", "redeem-after: 100000000") + capital(":2024", "5.00"),
    "a fund to be spent never": record("fund", "f", "account: Equity:Capital:M01", "spend-by: 99999999")
    + capital("", "5.00"),
    "a rate that begins too late": record("allocation", "a", "step: 0", "to: Equity:Reserve", 'share: "prime"')
    + record("rate", "prime", "value: 0.1", day="2024-06-01")
    + CLOSE,
    "a share below zero": record("loss", "a", "step: 1", "from: Equity:Reserve", 'share: "prime - 5"')
    + record("rate", "prime", "value: 0.1")
    + pay("hours: 1", amount="900 EUR")
    + CLOSE,
    "an amount below zero": record("allocation", "a", "step: 0", "to: Equity:Reserve", 'amount: "prime - 5"')
    + record("rate", "prime", "value: 0.1")
    + CLOSE,
    "a step with the id of another": record("allocation", "nonmember", "step: 1", "to: Equity:Reserve", "share: 0.1")
    + record("bylaw", "surplus", "nonmember-to: Equity:Reserve")
    + CLOSE,
    "a zone on Mars": record("bylaw", "time-zone", 'value: "Mars/Olympus"'),
    "a currency of small letters": record("bylaw", "surplus", 'currency: "euro"') + CLOSE,
    "a precision of nothing": "\n    2024-01-01 commodity EUR\n      precision:\n",
    "a close of no period": CLOSE.replace('period: "2024"', "period:"),
    "a close of a number": CLOSE.replace('"2024"', "2024"),
    "a close of another century": CLOSE.replace('"2024"', '"1924"'),
    "a close of text that is no year": CLOSE.replace('"2024"', '"last year"'),
    "a close of nothing": '\n    2024-12-31 * "Close" #coop-close\n      period: "2024"\n',
    "an amendment in words": CLOSE.replace('"2024"', '"2024"\n      amends: "yes"\n      decision: 5'),
    "two closes": CLOSE * 2,
    "a year of words": '\n    2024-03-01 * "x"\n      of-period: "last year"\n      Income:Sales  5 EUR\n      Assets:Bank\n',
    "a file name in a record": record("member", "m02", 'filename: "a.pdf"', "nmae: 5"),
    "a line number in a record": record("member", "m02", "lineno: 5", "nmae: 5"),
    "every kind without a field": "".join(record(kind, "x") for kind in KINDS)
    + "".join(record("bylaw", rule) for rule in (*BYLAWS, *PARAMETERS)),
}


def said(path: Path) -> list[str]:
    """What Beancount's loader says about a ledger with all plugins, as bean-check prints it."""
    _, errors, _ = loader.load_file(str(path))
    return [str(error.message) for error in errors]


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_is_answered_with_findings(nonsense: str, ledger: Callable[..., Path]) -> None:
    path = ledger(START + NONSENSE[nonsense])
    coop = coopbooks.load(path)
    for error in coop.check().to_data()["errors"]:
        assert error["place"].startswith("main.beancount:") or "filename" in NONSENSE[nonsense]
        assert error["message"] == " ".join(error["message"].split()) != ""
    hold_or_line_zero(coop.facts)
    for message in said(path):
        assert "\n" not in message
        assert "Traceback" not in message
        assert "coopbooks itself failed" not in message


def hold_or_line_zero(facts: Facts) -> None:
    """As `hold`: but whoever writes `lineno` into a record has taken its line away."""
    if all(written.place.line for written in facts.written):
        hold(facts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        'option "title" "Empty"\n',
        '2024-01-01 custom "coop" "member" "m01"\n',
        'option "operating_currency" "EUR"\n2024-01-01 custom "coop" "bylaw" "wage-ratio"\n  cap: 3\n',
        '0001-01-01 custom "coop" "member" "m01"\n',
    ],
    ids=["nothing", "a title", "one record and no currency", "one bylaw and nobody", "one record of no year of ours"],
)
def test_hardly_anything_is_a_ledger_too(text: str, ledger: Callable[..., Path]) -> None:
    path = ledger('plugin "coopbooks.plugins"\n' + text)
    hold(coopbooks.load(path).facts)
    assert not any("coopbooks itself failed" in message for message in said(path))


def test_a_fault_of_coopbooks_is_one_line_too(ledger: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> list[Any]:
        raise ZeroDivisionError("one\nby nothing")

    monkeypatch.setitem(check.FAMILIES, "funds", fails)
    (message,) = said(ledger(START))
    assert message.startswith("coopbooks itself failed here (ZeroDivisionError: one by nothing, in test_nonsense.py:")
    assert message.endswith(
        "), so its rules were not judged: take the last change out of the ledger, and report this line"
    )
