"""The answers behind the open book: what would change a forecast, every entry on a fund, and every record in force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import Books, books, cooperative

import coopbooks
from coopbooks.cooperative import Cooperative
from coopbooks.errors import CoopbooksError, LedgerUnusable, UnknownName, UnknownPeriod
from coopbooks.ledgers import path as shipped
from coopbooks.rules.outlook import round_amount

Coop = Callable[..., Cooperative]

ACCOUNTS = """
option "operating_currency" "EUR"
2025-01-01 open Assets:Bank
2025-01-01 open Assets:Aid
2025-01-01 open Income:Sales
2025-01-01 open Expenses:Rent
2025-01-01 open Expenses:Wages
2025-01-01 open Equity:Surplus
2025-01-01 open Equity:Reserve
2025-01-01 open Equity:Common
2025-01-01 open Equity:Funds:Aid
2025-01-01 open Equity:Funds:Strike
"""
MEMBER = """
2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages
"""
STEPS = """
2025-01-01 custom "coop" "bylaw" "surplus"
  split: "none"
2025-01-01 custom "coop" "allocation" "reserve"
  step: 1
  to: Equity:Reserve
  share: 0.20
  until: 250.00 EUR
2025-01-01 custom "coop" "allocation" "aid"
  step: 2
  to: Equity:Funds:Aid
  share: 0.10
2025-01-01 custom "coop" "allocation" "members"
  step: 3
  to: "members"
  share: 0.50
2025-01-01 custom "coop" "loss" "members"
  step: 1
  from: Equity:Common
  share: 0.50
  below-zero: TRUE
"""


def entry(day: str, debit: str, credit: str, amount: str, *fields: str, tag: str = "") -> str:
    lines = "".join(f"  {field}\n" for field in fields)
    return f'\n{day} * "Entry" {tag}\n{lines}  {debit}  {amount} EUR\n  {credit}  -{amount} EUR\n'


def earned(day: str, amount: str) -> str:
    return entry(day, "Assets:Bank", "Income:Sales", amount)


PAID = (
    '\n2025-02-28 * "Pay"\n  Expenses:Wages  100.00 EUR\n    worker: "m01"\n    hours: 10\n  Assets:Bank  -100.00 EUR\n'
)


def outlook(coop: Cooperative, period: str = "2025", as_of: date | None = None) -> list[dict[str, Any]]:
    """The answer with its law held: what the steps get more, with what is left over more, is the change."""
    before = coop.surplus(period, as_of).to_data()
    rows: list[dict[str, Any]] = coop.outlook(period, as_of).to_data()
    for row in rows:
        moved = sum(Decimal(step["difference"]) for step in row["steps"])
        left = Decimal(row["unallocated"]) - Decimal(before["unallocated"])
        change = Decimal(row["change"])
        assert moved + left == change == Decimal(row["result"]) - Decimal(before["result"])
        assert row["earlier_losses"] == before["earlier_losses"]
        now = {(step["id"], step["to"]): Decimal(step["amount"]) for step in before["steps"]}
        for step in row["steps"]:
            assert Decimal(step["amount"]) - now.get((step["id"], step["to"]), 0) == Decimal(step["difference"])
        for group in ("members", "workers"):
            if change + Decimal(before["result"]) >= 0:
                given = sum(Decimal(step["amount"]) for step in row["steps"] if step["to"] == group)
                assert given == Decimal(row[group])
    return rows


# -- what would change a forecast ---------------------------------------------------------------------------------------


def test_a_forecast_with_a_hundred_more_and_less(coop: Coop) -> None:
    """The result is 1,100 - 100 = 1,000: the reserve gets 200, aid 100, members 500, and 200 are left over.

    With 100 more: the reserve 220, aid 110, members 550, 220 left. With 100 less: 180, 90, 450, 180.
    """
    more, less = outlook(coop(ACCOUNTS + MEMBER + STEPS + PAID + earned("2025-03-01", "1100.00")))
    assert [more[key] for key in ("change", "result", "earlier_losses", "unallocated", "members", "workers")] == [
        *("+100.00", "1100.00", "0.00", "220.00", "550.00", "0.00")
    ]
    assert more["steps"] == [
        {
            "id": "reserve",
            "to": "Equity:Reserve",
            "account": "Equity:Reserve",
            "amount": "220.00",
            "difference": "20.00",
        },
        {
            "id": "aid",
            "to": "Equity:Funds:Aid",
            "account": "Equity:Funds:Aid",
            "amount": "110.00",
            "difference": "10.00",
        },
        {"id": "members", "to": "members", "account": None, "amount": "550.00", "difference": "50.00"},
    ]
    assert (less["change"], less["result"], less["unallocated"]) == ("-100.00", "900.00", "180.00")
    assert [step["difference"] for step in less["steps"]] == ["-20.00", "-10.00", "-50.00"]


def test_a_limit_holds_for_the_supposed_result_too(coop: Coop) -> None:
    """1,300: the reserve stops at 250 where a fifth would be 260 (now) or 280 (with 100 more); less, it gets 240."""
    more, less = outlook(coop(ACCOUNTS + MEMBER + STEPS + PAID + earned("2025-03-01", "1400.00")))
    assert [(row["steps"][0]["amount"], row["steps"][0]["difference"]) for row in (more, less)] == [
        ("250.00", "0.00"),
        ("240.00", "-10.00"),
    ]


def test_where_less_would_be_a_loss_it_says_who_bears_it(coop: Coop) -> None:
    """50 of surplus, 100 less: no step gets anything, and of the loss of 50 half is borne, half carried on."""
    _, less = outlook(coop(ACCOUNTS + MEMBER + STEPS + PAID + earned("2025-03-01", "150.00")))
    assert less["unallocated"] == "-25.00"
    assert [(step["id"], step["to"], step["amount"]) for step in less["steps"]] == [
        ("reserve", "Equity:Reserve", "0.00"),
        ("aid", "Equity:Funds:Aid", "0.00"),
        ("members", "members", "0.00"),
        ("members", "Equity:Common", "-25.00"),
    ]


def test_earlier_losses_come_first(coop: Coop) -> None:
    """2025 lost 100, of which half is carried on; of the 150 of 2026 it takes 50. 2026 is open, 2025 is over."""
    text = ACCOUNTS + MEMBER + STEPS + PAID + earned("2026-03-01", "150.00")
    text += PAID.replace("2025-02-28", "2026-02-28").replace("100.00", "0.00")
    more, less = outlook(coop(text), "2026")
    assert (more["earlier_losses"], more["steps"][0]["amount"]) == ("50.00", "40.00")  # 0.20 x (250 - 50)
    # 100 less leave 50, which the earlier loss takes whole: the difference is that of 20 + 10 + 50 + 20.
    assert [step["difference"] for step in less["steps"]] == ["-20.00", "-10.00", "-50.00"]
    assert (less["unallocated"], coop(text).outlook("2025").rows) == ("0.00", ())


def test_a_year_that_is_over_has_no_outlook(coop: Coop) -> None:
    found = coop(ACCOUNTS + MEMBER + STEPS + PAID + earned("2025-03-01", "1100.00"))
    assert len(found.outlook("2025", date(2025, 12, 31)).rows) == 2
    assert found.outlook("2025", date(2026, 1, 1)).rows == ()
    closed = "2025-12-31 * #coop-close\n" + '  period: "2025"\n  Equity:Surplus  0.00 EUR\n  Equity:Reserve  0.00 EUR\n'
    again = coop(ACCOUNTS + MEMBER + STEPS + PAID + earned("2025-03-01", "1100.00") + closed)
    assert again.outlook("2025", date(2025, 12, 31)).rows == ()


def test_a_result_that_nobody_can_share_is_left_out(coop: Coop) -> None:
    """A loss of 50: with 100 more there would be 50 for members, and nobody has worked an hour."""
    (row,) = outlook(coop(ACCOUNTS + MEMBER + STEPS + entry("2025-03-01", "Expenses:Rent", "Assets:Bank", "50.00")))
    assert row["change"] == "-100.00"


def test_the_outlook_of_no_year_is_refused(coop: Coop) -> None:
    with pytest.raises(UnknownPeriod):
        coop(ACCOUNTS + MEMBER + STEPS + PAID).outlook("2031")
    assert coop("2025-01-01 open Assets:Bank\n").outlook("2025").rows == ()


@pytest.mark.parametrize(
    ("result", "amount"),
    [
        (0, 10_000),
        (99_999, 10_000),  # a tenth of 999.99 is below 100: 100
        (100_000, 10_000),
        (140_000, 10_000),  # 140 is 1.40 times 100 and 200 is 1.43 times 140
        (145_000, 20_000),
        (-310_000, 20_000),  # 310: 200 x 1.55, 500 / 1.61
        (320_000, 50_000),
        (700_000, 50_000),
        (710_000, 100_000),
        (3_012_841, 200_000),
        (10**15, 10**14),
    ],
)
def test_the_round_amount_that_is_near_a_tenth(result: int, amount: int) -> None:
    assert round_amount(result, 2) == amount


@given(st.integers(-(10**18), 10**18), st.integers(0, 4))
def test_a_round_amount_is_round_and_near(result: int, digits: int) -> None:
    amount, tenth = round_amount(result, digits), Fraction(abs(result), 10)
    assert str(amount).rstrip("0") in ("1", "2", "5")
    assert amount >= 100 * 10**digits
    assert amount == 100 * 10**digits or tenth / 2 < amount < tenth * 2


@given(books())
def test_the_outlook_of_random_books_adds_up(one: Books) -> None:
    """Every year of random books, asked as if it were still open."""
    found = cooperative(one)
    for period in found.periods():
        if not is_refused(found, period):
            signs = [row["change"][0] for row in outlook(found, period, date(2000, 1, 1))]
            assert signs in (["+", "-"], ["+"], ["-"], [])


def is_refused(coop: Cooperative, period: str) -> bool:
    """Whether the rules cannot place the year as it stands."""
    try:
        coop.surplus(period)
    except CoopbooksError:
        return True
    return False


# -- every entry on a fund ----------------------------------------------------------------------------------------------

FUNDS = """
2025-01-01 custom "coop" "decision" "D-1"
  matter: "help"
2025-01-01 custom "coop" "fund" "aid"
  account: Equity:Funds:Aid
  kind: "mutual-aid"
2025-01-01 custom "coop" "fund" "strike"
  account: Equity:Funds:Strike
"""


def entries(coop: Cooperative, fund: str | None = None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = coop.fund_entries(fund).to_data()
    return rows


def test_what_came_into_a_fund_and_what_it_gave(coop: Coop) -> None:
    """A gift of 90, help of 40, and 20 to the strike fund: 90, 50, 30; and 20."""
    text = (
        ACCOUNTS
        + FUNDS
        + entry(
            "2025-04-01", "Equity:Funds:Aid", "Assets:Aid", "40.00", 'decision: "D-1"', "claim: 7", 'purpose: "rent"'
        )
        + entry("2025-03-01", "Assets:Aid", "Equity:Funds:Aid", "90.00", 'source: "donation"')
        + entry("2025-05-01", "Equity:Funds:Aid", "Equity:Funds:Strike", "20.00", 'decision: "D-9"')
    )
    found = coop(text)
    rows = entries(found)
    assert rows[0] == {
        "fund": "aid",
        "date": "2025-03-01",
        "sort": "credit",
        "amount": "90.00",
        "balance": "90.00",
        "source": "donation",
        "decision": None,
        "decision_place": None,
        "claim": None,
        "purpose": None,
        "counter": ["Assets:Aid"],
        "place": "main.beancount:31",
    }
    spent = rows[1]
    assert [spent[key] for key in ("sort", "amount", "balance", "decision", "decision_place", "claim", "purpose")] == [
        *("spent", "-40.00", "50.00", "D-1", "main.beancount:13", "7", "rent")
    ]
    assert [(row["fund"], row["sort"], row["amount"], row["balance"], row["counter"]) for row in rows[2:]] == [
        ("aid", "transfer", "-20.00", "30.00", ["Equity:Funds:Strike"]),
        ("strike", "transfer", "20.00", "20.00", ["Equity:Funds:Aid"]),
    ]
    assert (rows[2]["decision"], rows[2]["decision_place"]) == ("D-9", None)  # a decision that has no record
    assert entries(found, "strike") == rows[3:]


def test_a_close_comes_from_the_surplus_and_names_nobody(coop: Coop) -> None:
    close = """
2025-12-31 * "Close" #coop-close
  period: "2025"
  Equity:Surplus     150.00 EUR
  Equity:Funds:Aid  -100.00 EUR
  Equity:Reserve     -50.00 EUR
"""
    (row,) = entries(coop(ACCOUNTS + FUNDS + MEMBER + close))
    assert (row["sort"], row["amount"], row["counter"]) == ("close", "100.00", ["Equity:Surplus"])


def test_an_unknown_fund_is_refused(coop: Coop) -> None:
    with pytest.raises(UnknownName, match='no fund "solidarity": the funds are aid, strike'):
        coop(ACCOUNTS + FUNDS).fund_entries("solidarity")
    assert entries(coop(ACCOUNTS + MEMBER)) == []


def test_entries_of_a_fund_whose_books_lack_one_are_refused(ledger: Callable[..., Path]) -> None:
    text = ACCOUNTS + FUNDS + '\n2025-03-01 * "Bad"\n  Equity:Funds:Aid  EUR 1\n  Assets:Aid  EUR -1\n'
    with pytest.raises(LedgerUnusable):
        coopbooks.load(ledger(text)).fund_entries()


@pytest.mark.parametrize("name", ["bakery", "colab"])
def test_entries_and_funds_tell_the_same_story(name: str) -> None:
    found = coopbooks.load(shipped(name))
    rows = entries(found)
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)
    assert bool(rows) is (name == "bakery")  # the other has not closed a year yet
    for fund in found.funds().to_data():
        own = [row for row in rows if row["fund"] == fund["fund"]]
        amounts = [Decimal(row["amount"]) for row in own]
        assert sum(amount for amount in amounts if amount > 0) == Decimal(fund["funded"])
        assert -sum(amount for amount in amounts if amount < 0) == Decimal(fund["spent"])
        running = [sum(amounts[: place + 1], Decimal(0)) for place in range(len(amounts))]
        assert running == [Decimal(row["balance"]) for row in own]


# -- every record -------------------------------------------------------------------------------------------------------


RECORDS = """
option "operating_currency" "EUR"
2025-01-01 custom "coop" "bylaw" "wage-ratio"
  cap: 3.0
  decision: "D-1"
  law: "art. 7"
2026-01-01 custom "coop" "bylaw" "wage-ratio"
  cap: 2.5
  note: "closer together"
2025-01-01 custom "coop" "rate" "house"
  value: 1000.00 EUR
  ends: 2025-07-01
2024-12-01 custom "coop" "decision" "D-1"
  for: 7
  strategic: TRUE
2025-01-01 custom "coop" "member" "m01"
2025-06-01 custom "coop" "worker" "m01"
2025-09-01 custom "coop" "exit" "m01"
"""


def test_records_and_what_is_in_force(coop: Coop) -> None:
    books = coop(RECORDS)
    rows = {(row["kind"], row["date"]): row for row in books.records(date(2025, 12, 31)).to_data()}
    assert list(rows) == sorted(rows, key=lambda key: (key[1], rows[key]["place"].split(":")[1].zfill(4)))
    assert rows["bylaw", "2025-01-01"] == {
        "kind": "bylaw",
        "id": "wage-ratio",
        "date": "2025-01-01",
        "place": "main.beancount:2",
        "ends": "2026-01-01",
        "standing": True,
        "fields": [
            {"name": "cap", "value": "3.0"},
            {"name": "decision", "value": "D-1"},
            {"name": "law", "value": "art. 7"},
        ],
        "decision": "D-1",
        "decision_place": "main.beancount:12",
        "law": "art. 7",
    }
    later = rows["bylaw", "2026-01-01"]
    assert (later["standing"], later["ends"], later["decision_place"]) == (False, None, None)
    house, vote = rows["rate", "2025-01-01"], rows["decision", "2024-12-01"]
    assert (house["standing"], house["ends"], house["fields"][0]["value"]) == (False, "2025-07-01", "1000.00 EUR")
    assert (vote["standing"], vote["ends"]) == (False, None)
    assert vote["fields"] == [{"name": "for", "value": "7"}, {"name": "strategic", "value": "TRUE"}]
    assert [rows[key]["ends"] for key in (("member", "2025-01-01"), ("worker", "2025-06-01"))] == [
        *("2025-06-01", "2025-09-01")
    ]
    assert rows["exit", "2025-09-01"]["standing"] is False
    last = {(row["kind"], row["date"]): row["standing"] for row in books.records().to_data()}
    assert [key for key, standing in last.items() if standing] == [("bylaw", "2026-01-01")]


def test_a_rule_that_reaches_back_ends_the_one_before_it(coop: Coop) -> None:
    """Written in June, binding from January: the rule of January never governed, and ends on the day it began."""
    text = """
2025-01-01 custom "coop" "decision" "D-1"
2025-01-01 custom "coop" "bylaw" "surplus"
  cash: 0.50
2025-06-01 custom "coop" "bylaw" "surplus"
  cash: 0.40
  binds-from: 2025-01-01
  decision: "D-1"
"""
    rows = [row for row in coop(text).records(date(2025, 3, 1)).to_data() if row["kind"] == "bylaw"]
    assert [(row["standing"], row["ends"]) for row in rows] == [(False, "2025-01-01"), (True, None)]


def test_a_ledger_without_records_has_none(coop: Coop) -> None:
    assert coop("2025-01-01 open Assets:Bank\n").records().rows == ()


@pytest.mark.parametrize("name", ["bakery", "colab"])
def test_every_record_of_a_shipped_ledger_is_there_and_its_vote_too(name: str) -> None:
    found = coopbooks.load(shipped(name))
    rows = found.records().to_data()
    assert len(rows) == len(found.facts.records) == len({row["place"] for row in rows})
    votes = {row["id"]: row["place"] for row in rows if row["kind"] == "decision"}
    for row in rows:
        assert row["decision_place"] == votes.get(row["decision"])


# -- the example ---------------------------------------------------------------------------------------------------------


def test_the_bakery_shows_its_givers() -> None:
    """Since the pulse of 20 November 2025: 1,500 + 450 + 1,000 in money and flour for 380.

    Income of those days: the takings and deliveries of November 30 and December (43,379.24 + 22,294.71 + 49,142.76), the
    room above the bakery, the nine months of 2026 (364,593.34 + 75,007.55), and the gifts themselves.
    """
    data = coopbooks.load(shipped("bakery")).reveal(date(2026, 9, 30)).to_data()
    assert (data["since"], data["pulse"], data["given"], data["in_kind"]) == (
        *("2025-11-20", "autumn-2025", "2950.00", "380.00"),
    )
    assert data["missing"] == []
    given = {row["ally"]: (row["given"], row["in_kind"], len(row["signals"])) for row in data["allies"]}
    assert given == {
        "bakers-union": ("450.00", "0.00", 0),
        "hearth-foundation": ("2500.00", "0.00", 1),
        "mill": ("0.00", "380.00", 0),
    }
    income = sum(map(Decimal, ("43379.24", "22294.71", "49142.76", "364593.34", "75007.55", "2950.00", "380.00")))
    assert data["income"] == f"{income}"
