"""What came from allies: which postings say so, since when, of how much income, and what they must state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import facts
from treasurer import messages

import coopbooks
from coopbooks.cooperative import Cooperative
from coopbooks.errors import LedgerUnusable

Coop = Callable[..., Cooperative]
DAY = date(2026, 6, 30)

BOOKS = """
option "operating_currency" "EUR"
2025-01-01 open Assets:Bank
2025-01-01 open Assets:Van
2025-01-01 open Income:Sales
2025-01-01 open Income:Gifts
2025-01-01 open Expenses:Flour
2025-01-01 open Liabilities:Loan
2025-01-01 open Equity:Surplus

2025-01-01 custom "coop" "ally" "union"
  name: "The union"
  sort: "union"
2025-01-01 custom "coop" "ally" "mill"
  sort: "supplier"
"""


def entry(day: str, *postings: str) -> str:
    return f'\n{day} * "Entry"\n' + "".join(f"  {posting}\n" for posting in postings)


def money(day: str, amount: str, ally: str = "union", *more: str, account: str = "Income:Gifts") -> str:
    """Money from an ally, without conditions unless they are given."""
    stated = more or ('conditions: "none"',)
    lines = "".join(f"\n    {line}" for line in (f'ally: "{ally}"', *stated))
    return entry(day, f"Assets:Bank  {amount} EUR", f"{account}  -{amount} EUR{lines}")


def sale(day: str, amount: str) -> str:
    return entry(day, f"Assets:Bank  {amount} EUR", f"Income:Sales  -{amount} EUR")


def pulse(day: str, name: str, reveal: str = "TRUE") -> str:
    return f'\n{day} custom "coop" "pulse" "{name}"\n  ledger-reveal: {reveal}\n'


def reveal(coop: Cooperative, day: date = DAY, since: date | None = None) -> dict[str, Any]:
    """The answer, with its laws held: gifts add up to the sums, and so do the allies."""
    data: dict[str, Any] = coop.reveal(day, since).to_data()
    for key, in_kind in (("given", False), ("in_kind", True)):
        gifts = sum(Decimal(row["amount"] or 0) for row in data["gifts"] if row["in_kind"] is in_kind)
        assert Decimal(data[key]) == gifts == sum(Decimal(row[key]) for row in data["allies"])
    return data


def said(coop: Cooperative) -> list[str]:
    """Every error of the books, without its place."""
    return [message.split(": ", 1)[1] for message in messages(coop)]


def sums(data: dict[str, Any]) -> tuple[str, str, str | None, str | None]:
    return data["given"], data["in_kind"], data["income"], data["share_of_income"]


# -- which postings are gifts -----------------------------------------------------------------------------------------


def test_money_and_goods_since_ever(coop: Coop) -> None:
    """600 in money and 150 in flour, of 600 + 150 + 2,250 = 3,000 of income: a quarter."""
    flour = entry(
        "2025-05-01",
        "Expenses:Flour  150.00 EUR",
        'Income:Gifts  -150.00 EUR\n    ally: "mill"\n    in-kind: TRUE\n    valuation: "list price"\n    conditions: "sacks"',
    )
    data = reveal(coop(BOOKS + money("2025-03-01", "600.00") + flour + sale("2025-04-01", "2250.00")))
    assert sums(data) == ("600.00", "150.00", "3000.00", "0.250000")
    assert (data["since"], data["pulse"], data["pulse_place"], data["until"]) == (None, None, None, "2026-06-30")
    assert data["gifts"] == [
        {
            "date": "2025-03-01",
            "ally": "union",
            "amount": "600.00",
            "in_kind": False,
            "valuation": None,
            "conditions": "none",
            "account": "Income:Gifts",
            "place": "main.beancount:18",
        },
        {
            "date": "2025-05-01",
            "ally": "mill",
            "amount": "150.00",
            "in_kind": True,
            "valuation": "list price",
            "conditions": "sacks",
            "account": "Income:Gifts",
            "place": "main.beancount:24",
        },
    ]
    mill, union = data["allies"]
    assert (mill["ally"], mill["sort"], mill["conditions"], mill["share_of_income"]) == (
        "mill",
        "supplier",
        ["sacks"],
        "0.050000",
    )
    assert (union["name"], union["conditions"], union["share_of_income"]) == ("The union", [], "0.200000")
    assert data["missing"] == []


def test_what_goes_back_is_taken_off(coop: Coop) -> None:
    """600 came, 100 went back: 500, and 500 of income."""
    back = money("2025-04-01", "-100.00").replace("--100", "100")
    assert sums(reveal(coop(BOOKS + money("2025-03-01", "600.00") + back))) == ("500.00", "0.00", "500.00", "1.000000")


@pytest.mark.parametrize(
    ("postings", "given", "income"),
    [
        # The source names the ally, and the bank too: it came once.
        (("Assets:Bank  90 EUR\n    ally: \"union\"", "Income:Gifts  -90 EUR\n    ally: \"union\""), "90.00", "90.00"),
        # Only the bank's side names it: it is in the income all the same.
        (("Assets:Bank  90 EUR\n    ally: \"union\"", "Income:Gifts  -90 EUR"), "90.00", "90.00"),
        # A loan and a van that are booked past the income stand beside it.
        (("Assets:Bank  90 EUR", "Liabilities:Loan  -90 EUR\n    ally: \"union\""), "90.00", "90.00"),
        (("Assets:Van  90 EUR\n    ally: \"union\"", "Equity:Surplus  -90 EUR"), "90.00", "90.00"),
        # What is bought from an ally, or with its money, is no gift.
        (("Expenses:Flour  90 EUR\n    ally: \"union\"", "Assets:Bank  -90 EUR"), "0.00", "0.00"),
    ],
)  # fmt: skip
def test_which_posting_says_what_came(coop: Coop, postings: tuple[str, ...], given: str, income: str) -> None:
    data = reveal(coop(BOOKS + entry("2025-03-01", *postings)))
    assert (data["given"], data["income"]) == (given, income)


def test_goods_that_stand_on_an_expense_alone_are_a_gift(coop: Coop) -> None:
    used = 'Expenses:Flour  80 EUR\n    ally: "mill"\n    in-kind: TRUE\n    valuation: 80 EUR\n    conditions: "none"'
    data = reveal(coop(BOOKS + entry("2025-03-01", used, "Income:Sales  -80 EUR")))
    assert sums(data) == ("0.00", "80.00", "80.00", "1.000000")
    assert data["gifts"][0]["valuation"] == "80 EUR"


def test_a_close_is_no_income(coop: Coop) -> None:
    """Entries that bring the year's income to the surplus earn nothing."""
    closing = entry("2025-12-31", "Income:Gifts  600.00 EUR", "Equity:Surplus  -600.00 EUR")
    member = '\n2025-01-01 custom "coop" "member" "m01"\n'
    data = reveal(coop(BOOKS + member + money("2025-03-01", "600.00") + closing))
    assert data["income"] == "600.00"


def test_another_currency_counts_at_its_price_and_one_without_is_shown(coop: Coop) -> None:
    """100 USD at 0.9 are 90 EUR; for GBP the books have no price."""
    text = BOOKS + "\n2025-01-01 price USD 0.9 EUR\n"
    for unit in ("USD", "GBP"):
        text += entry("2025-03-01", f"Assets:Bank  100 {unit}", f'Income:Gifts  -100 {unit}\n    ally: "union"')
    data = reveal(coop(text))
    assert [row["amount"] for row in data["gifts"]] == ["90.00", None]
    assert data["income"] == "90.00"


def test_books_without_alliances_have_no_such_income(coop: Coop) -> None:
    """Where no record speaks of allies nothing is looked for, and `ally` is a field like any other."""
    text = "\n".join(line for line in BOOKS.split("\n\n")[:1]) + money("2025-03-01", "600.00")
    books = coop(text + '\n2025-01-01 custom "coop" "member" "m01"\n')
    assert (books.facts.gifts, books.facts.income) == ((), ())
    assert sums(reveal(books)) == ("0.00", "0.00", None, None)
    assert said(books) == []


def test_books_without_records_or_currency_are_answered(coop: Coop) -> None:
    data = coop("2025-01-01 open Assets:Bank\n").reveal(DAY).to_data()
    assert (data["currency"], data["given"], data["gifts"]) == (None, "0", [])


def test_a_dropped_entry_is_not_passed_over(ledger: Callable[..., Path]) -> None:
    text = BOOKS + entry("2025-04-01", "Income:Gifts  EUR -5", "Assets:Bank  EUR 5")
    with pytest.raises(LedgerUnusable, match="could not take this entry"):
        coopbooks.load(ledger(text)).reveal(DAY)


# -- since when --------------------------------------------------------------------------------------------------------

SPAN = (
    BOOKS
    + money("2025-03-01", "100.00")
    + pulse("2025-06-01", "first")
    + money("2025-06-01", "20.00")
    + pulse("2025-09-01", "no-reveal", "FALSE")
    + money("2025-10-01", "3.00")
    + pulse("2025-12-01", "second")
    + money("2025-12-02", "0.40")
)


@pytest.mark.parametrize(
    ("day", "since", "pulse_name", "given"),
    [
        (date(2025, 5, 31), None, None, "100.00"),
        # On the day of a pulse all since the one before it; what came that day may have come after the meeting.
        (date(2025, 6, 1), None, None, "120.00"),
        (date(2025, 6, 2), "2025-06-01", "first", "20.00"),
        (date(2025, 11, 30), "2025-06-01", "first", "23.00"),  # a pulse that revealed nothing changes nothing
        (date(2025, 12, 1), "2025-06-01", "first", "23.00"),
        (date(2025, 12, 2), "2025-12-01", "second", "0.40"),
    ],
)
def test_the_last_pulse_that_revealed(
    coop: Coop, day: date, since: str | None, pulse_name: str | None, given: str
) -> None:
    data = reveal(coop(SPAN), day)
    assert (data["since"], data["pulse"], data["given"]) == (since, pulse_name, given)
    assert (data["pulse_place"] is None) == (pulse_name is None)


def test_a_day_that_is_asked_for_stands_in_the_place_of_a_pulse(coop: Coop) -> None:
    data = reveal(coop(SPAN), DAY, date(2025, 10, 1))
    assert (data["since"], data["pulse"], data["given"]) == ("2025-10-01", None, "3.40")


CENTS = st.integers(min_value=-100_000, max_value=1_000_000)
DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 31))


@given(st.lists(st.tuples(DAYS, CENTS, st.sampled_from(["union", "mill"])), max_size=6), DAYS, DAYS)
def test_any_cut_of_time_adds_up(gifts: list[tuple[date, int, str]], one: date, other: date) -> None:
    """What came up to a day and what came from the day after it on is all that came, of each ally."""
    cut, end = min(one, other), date(2027, 1, 1)
    texts = BOOKS.strip().split("\n")[1:]
    lines = "\n".join(texts)
    for day, cents, ally in gifts:
        number = Decimal(cents).scaleb(-2)
        lines += entry(str(day), f"Assets:Bank  {number} EUR", f'Income:Gifts  {-number} EUR\n    ally: "{ally}"')
    books = Cooperative.of(facts([lines]))
    first, whole = reveal(books, cut, date.min), reveal(books, end)
    rest = reveal(books, end, date.fromordinal(cut.toordinal() + 1))
    for key in ("given", "in_kind", "income"):
        assert Decimal(first[key]) + Decimal(rest[key]) == Decimal(whole[key])
    assert Decimal(whole["given"]) == Decimal(sum(cents for _, cents, _ in gifts)).scaleb(-2)


# -- contracts and signals ---------------------------------------------------------------------------------------------


def test_the_contract_in_force_and_the_signals_so_far(coop: Coop) -> None:
    contract = """
2025-03-01 custom "coop" "contract" "union"
  open-ledger: TRUE
  sunset: 2026-03-01
  signed: 2025-02-27
2026-03-01 custom "coop" "contract" "union"
  open-ledger: TRUE
  assembly-supremacy: TRUE
  sunset: 2027-03-01
  signed: 2026-03-01
2025-04-01 custom "coop" "signal" "union"
  what: "contradiction"
  evidence: "a letter"
2026-04-01 custom "coop" "signal" "union"
  what: "unaccountable-seat"
"""
    books = coop(BOOKS + contract)

    def union(day: date) -> dict[str, Any]:
        row: dict[str, Any] = reveal(books, day)["allies"][1]
        return row

    before, during, after = map(union, (date(2025, 2, 28), date(2026, 2, 28), date(2026, 6, 30)))
    assert (before["contract"], before["signals"]) == (None, [])
    assert during["contract"] == {
        "open_ledger": True,
        "non_interference": False,
        "assembly_supremacy": False,
        "sunset": "2026-03-01",
        "signed": "2025-02-27",
        "place": "main.beancount:16",
    }
    assert [row["what"] for row in during["signals"]] == ["contradiction"]
    assert after["contract"]["assembly_supremacy"] is True
    assert [row["what"] for row in after["signals"]] == ["contradiction", "unaccountable-seat"]


def test_an_ally_that_ended_is_shown_only_where_something_came(coop: Coop) -> None:
    ended = '\n2025-06-01 custom "coop" "ally" "old"\n  sort: "state"\n  hostile: TRUE\n  ends: 2025-12-31\n'
    books = coop(BOOKS + ended + money("2025-07-01", "10.00", "old"))
    (row,) = (row for row in reveal(books)["allies"] if row["ally"] == "old")
    assert (row["sort"], row["hostile"], row["given"]) == ("state", True, "10.00")
    assert {row["ally"] for row in reveal(books, DAY, date(2026, 1, 1))["allies"]} == {"mill", "union"}


# -- what must be stated -----------------------------------------------------------------------------------------------


def test_a_gift_without_conditions_is_missing_and_an_error(coop: Coop) -> None:
    books = coop(BOOKS + money("2025-03-01", "600.00", "union", 'conditions: "  "'))
    data = reveal(books)
    assert data["missing"] == [{"place": "main.beancount:18", "ally": "union"}]
    (message,) = said(books)
    assert message == (
        'this posting on Income:Gifts is from the ally "union" and does not say on what conditions: add conditions: with '
        'their words, or with "none"'
    )


def test_an_ally_without_a_record_is_counted_and_an_error(coop: Coop) -> None:
    books = coop(BOOKS + money("2025-03-01", "600.00", "unoin"))
    (row,) = (row for row in reveal(books)["allies"] if row["ally"] == "unoin")
    assert (row["sort"], row["place"], row["given"]) == (None, None, "600.00")
    assert said(books) == [
        'this posting on Income:Gifts names the ally "unoin", who has no record: did you mean "union"?'
    ]


def test_the_other_side_of_a_gift_needs_no_conditions(coop: Coop) -> None:
    stated = 'Income:Gifts  -90 EUR\n    ally: "union"\n    conditions: "none"'
    assert said(coop(BOOKS + entry("2025-03-01", 'Assets:Bank  90 EUR\n    ally: "union"', stated))) == []


def test_what_an_ally_is_paid_needs_no_conditions_but_a_record(coop: Coop) -> None:
    bought = entry("2025-03-01", 'Expenses:Flour  9 EUR\n    ally: "mil"', "Assets:Bank  -9 EUR")
    assert said(coop(BOOKS + bought)) == [
        'this posting on Expenses:Flour names the ally "mil", who has no record: did you mean "mill"?'
    ]


def test_an_ally_that_is_no_text_is_an_error_and_no_gift(coop: Coop) -> None:
    books = coop(BOOKS + money("2025-03-01", "600.00").replace('"union"', "12"))
    assert reveal(books)["gifts"] == []
    assert said(books) == [
        "this posting on Income:Gifts names the ally 12, who has no record: add an ally record of that id, or mend the id"
    ]
