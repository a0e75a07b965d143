"""From entries to facts: what is read of a ledger, what is left out, and on which side of each bound."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from textwrap import dedent
from typing import Any

import pytest
from beancount import loader
from beancount.core.data import Custom
from beancount.parser.grammar import ValueType

from coopbooks.books.entries import Places, facts_of
from coopbooks.errors import Place
from coopbooks.facts import Facts

OPENED = """\
option "operating_currency" "EUR"
2020-01-01 open Assets:Bank
2020-01-01 open Assets:Van
2020-01-01 open Equity:Surplus
2020-01-01 open Income:Sales
2020-01-01 open Expenses:Rent
2020-01-01 open Expenses:Wages
"""
MEMBER = '2020-01-01 custom "coop" "member" "m01"\n  wages: Expenses:Wages\n'
FIRST = (OPENED + MEMBER).count("\n") + 1
TOLD = "records"


def read(text: str, *, whole: bool = True, head: str = OPENED + MEMBER) -> Facts:
    """The facts of a ledger: of the whole books, or as a plugin sees them."""
    entries, _, options = loader.load_string(head + dedent(text))
    return facts_of(entries, options, padded=whole)


def faults(facts: Facts) -> list[tuple[int, str, str]]:
    return [(each.place.line, each.rule, each.message) for each in facts.faults]


def spent(day: str, more: str = "", amount: str = "5.00 EUR", account: str = "Expenses:Rent") -> str:
    """A transaction with its tags and fields (`more`) behind its head, and what stands on its first posting."""
    tags, _, rest = more.partition("\n")
    return f'{day} * "x" {tags}\n{rest}  {account}  {amount}\n  Assets:Bank\n'


def test_an_account_may_be_as_deep_as_beancount_reads_it() -> None:
    deep = ":".join(["Expenses:Wages", *(f"A{number}" for number in range(3000))])
    paid = read(f"2020-01-01 open {deep}\n{spent('2020-02-01', account=deep)}", whole=False)
    assert [(row.person, row.amount) for row in paid.pay] == [("m01", Decimal("5.00"))]  # all below it is that pay
    assert [amount for _, amount in paid.results] == [Decimal("5.00")]


# -- days that are a slip of the pen ---------------------------------------------------------------------------------


def test_a_year_that_nobody_means_is_left_out_and_said() -> None:
    days = ("1799-12-31", "1800-01-01", "2199-12-31", "2200-01-01")
    each = [f'{day} custom "coop" "vow" "m01"\n{spent(day, account="Equity:Surplus")}' for day in days]
    found = read("".join(each))
    kept = [date.fromisoformat(day) for day in days[1:3]]
    assert [row.date for row in found.written if row.values[0] == "vow"] == kept
    assert [row.date for row in found.movements] == kept
    assert faults(found) == [
        (FIRST + line, TOLD, f"this {what} is dated {day}, so it is left out: write a year from 1800 to 2199")
        for first, day in ((0, days[0]), (12, days[3]))
        for line, what in ((first, "record"), (first + 1, "transaction"))
    ]
    assert len(faults(read(each[3]))) == 2
    assert faults(read(each[1] + each[2])) == []


def test_what_else_has_such_a_day_stays_and_a_ledger_without_records_is_told_nothing() -> None:
    found = read("1700-01-01 open Assets:Old\n2300-01-01 open Assets:New\n")
    assert {"Assets:Old", "Assets:New"} <= set(found.accounts)
    assert faults(found) == []
    assert faults(read(spent("1700-01-01"), head=OPENED)) == []
    assert faults(read('1700-01-01 custom "other" "x"\n' + spent("1700-01-02"), head=OPENED)) == []
    assert [line for line, *_ in faults(read('1700-01-01 custom "other" "x"\n' + spent("1700-01-02")))] == [FIRST + 1]


# -- places and fields -----------------------------------------------------------------------------------------------


def test_a_place_is_relative_to_the_ledgers_folder_and_nonsense_is_none() -> None:
    places = Places("/books/main.beancount")
    assert places.of({"filename": "/books/years/2025.beancount", "lineno": 7}) == Place("years/2025.beancount", 7)
    assert places.of({"filename": "/other/a", "lineno": 7}).file == "../other/a"
    assert places.of({"filename": "<string>", "lineno": "x"}) == Place("<string>", 0)
    assert places.of({"filename": Decimal(3)}) == Place("<unknown>", 0)
    assert places.of(None) == Place("<unknown>", 0)
    assert Places("").of({"filename": "/books/a", "lineno": 1}) == Place("/books/a", 1)


def test_what_beancount_notes_itself_is_no_field_of_a_ledger() -> None:
    found = read("""
        2025-01-02 * "x"
          Equity:Surplus  -5.00 EUR
          Expenses:Rent
            note: "n"
        2025-01-03 * "y"
          note: 3
          Equity:Surplus  -5.00 EUR
          Expenses:Rent
            at: 1.5 EUR
    """)
    one, other = found.movements
    assert (dict(one.fields), [dict(leg.fields) for leg in one.legs]) == ({}, [{}, {"note": "n"}])
    assert dict(other.fields) == {"note": Decimal(3)}
    assert [str(leg.fields.get("at")) for leg in other.legs] == ["None", "1.5 EUR"]


# -- what a plugin reads, and what the whole books say ---------------------------------------------------------------

GIVEN = """
2025-01-02 * "a gift"
  Income:Sales  -10.00 EUR
    ally: "a1"
  Assets:Bank
2025-01-02 * "a sale"
  Income:Sales  -5.00 EUR
  Assets:Bank
2025-01-03 * "what was earned goes to the surplus, and is not earned again"
  Income:Sales  3.00 EUR
  Equity:Surplus
2025-01-05 * "moved from one to the other" #other
  Income:Sales  -2.00 EUR
  Expenses:Rent
2025-01-04 price USD 0.50 EUR
2025-01-04 * "abroad, and for what has no price"
  Income:Sales  -2.00 USD
  Income:Sales  -2.00 XAU
  Assets:Bank  2.00 USD
  Assets:Bank  2.00 XAU
2025-12-31 * "close" #coop-close
  Income:Sales  12.00 EUR
  Liabilities:Patronage:M01
"""


@pytest.mark.parametrize("kind", ["ally", "contract", "signal", "pulse"])
def test_any_record_of_an_alliance_asks_what_came_from_allies(kind: str) -> None:
    record = f'2025-01-01 custom "coop" "{kind}" "a1"\n'
    found = read(record + GIVEN, whole=False)
    assert [(row.ally, row.account, row.amount, row.entry, row.earned) for row in found.gifts] == [
        ("a1", "Income:Sales", Decimal("-10.00"), FIRST + 2, True)
    ]
    assert found.income == (
        (date(2025, 1, 2), Decimal("-15.00")),
        (date(2025, 1, 4), Decimal("-1.00")),
        (date(2025, 1, 5), Decimal(-2)),
    )


def test_without_one_nobody_looks_unless_auditors_see_books_that_name_an_ally() -> None:
    snapshot = '2025-01-01 custom "coop" "snapshot" "2024-12"\n'
    for text, whole, read_ in (
        (GIVEN, True, 0),
        (snapshot + GIVEN, False, 0),
        (snapshot + GIVEN, True, 1),
        (snapshot + GIVEN.replace('    ally: "a1"\n', ""), True, 0),
    ):
        found = read(text, whole=whole)
        assert (len(found.gifts), len(found.income)) == (read_, 3 * read_)


def test_what_is_spent_is_asked_where_the_books_have_a_violation() -> None:
    violation = '2025-01-01 custom "coop" "violation" "mill"\n'
    text = """
        2025-01-02 * "mill" "flour"
          budget: "b"
          Expenses:Rent  5.00 EUR
          Assets:Bank
        2025-01-03 * "bought"
          supplier: "mill"
          Assets:Van  9.00 EUR
            decision: "D-1"
          Assets:Bank
        2025-01-03 * "closed" #coop-close
          Expenses:Rent  -5.00 EUR
          Equity:Surplus
        2025-01-04 * "moved" #other
          Assets:Van  -1.00 EUR
            avoidable: TRUE
          Assets:Bank
    """
    assert not read(text, whole=False).outlays
    for found in (read(violation + dedent(text), whole=False), read(violation + dedent(text))):
        assert [(row.account, row.amount, row.payee, row.line - row.entry) for row in found.outlays] == [
            ("Expenses:Rent", Decimal("5.00"), "mill", 2),
            ("Assets:Van", Decimal("9.00"), None, 2),
            ("Assets:Bank", Decimal("-9.00"), None, 4),
            ("Assets:Van", Decimal("-1.00"), None, 1),
        ]
        assert [dict(row.fields) for row in found.outlays] == [
            {"budget": "b"},
            {"supplier": "mill", "decision": "D-1"},
            {"supplier": "mill"},
            {"avoidable": True},
        ]


def test_only_the_whole_books_have_assertions_and_all_balances() -> None:
    text = spent("2025-01-02") + "2025-01-03 balance Assets:Bank  -5.00 EUR\n"
    whole, seen = read(text), read(text, whole=False)
    assert [(row.account, row.line) for row in whole.asserted] == [("Assets:Bank", FIRST + 3)]
    assert whole.daily["Assets:Bank"] == ((date(2025, 1, 2), Decimal("-5.00")),)
    assert not seen.asserted
    assert "Assets:Bank" not in seen.daily
    assert "Assets:Bank" not in whole.asked


def test_padding_is_seen_by_a_plugin_too() -> None:
    text = """
        2025-01-01 pad Assets:Bank Equity:Surplus
        2025-01-03 balance Assets:Bank  7.00 EUR
    """
    for whole in (True, False):
        found = read(text, whole=whole)
        assert found.daily["Equity:Surplus"] == ((date(2025, 1, 1), Decimal("-7.00")),)


def test_books_without_a_seal_keep_no_digests_of_their_directives() -> None:
    assert read(spent("2025-01-02")).directives == ()
    sealed = '2025-01-01 custom "coop" "seal" "2024"\n  until: 2024-12-31\n'
    assert [each.kind for each in read(sealed).directives].count("open") == 6


# -- transactions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["coop-close", "coop-redeem", "coop-interest", "coop-exit"])
def test_an_entry_of_ours_is_a_movement_whatever_it_touches(tag: str) -> None:
    (moved,) = read(spent("2025-01-02", f"#{tag}")).movements
    assert (set(moved.tags), [leg.amount for leg in moved.legs]) == ({tag}, [Decimal("5.00"), Decimal("-5.00")])
    assert not read(spent("2025-01-02", "#other")).movements


def test_a_close_is_no_result_and_what_only_looks_like_one_is() -> None:
    close = spent("2025-01-03", "#coop-close", account="Income:Sales")
    assert read(spent("2025-01-02") + close).results == ((date(2025, 1, 2), Decimal("5.00")),)
    moves = '2025-01-03 * "into the surplus"\n  Income:Sales  5.00 EUR\n  Equity:Surplus\n'
    assert read(spent("2025-01-02") + moves).results == ((date(2025, 1, 2), Decimal("5.00")),)
    mixed = '2025-01-03 * "both"\n  Income:Sales  5.00 EUR\n  Equity:Surplus  -4.00 EUR\n  Assets:Bank\n'
    assert read(spent("2025-01-02") + mixed).results == (
        (date(2025, 1, 2), Decimal("5.00")),
        (date(2025, 1, 3), Decimal("5.00")),
    )


def test_the_result_of_a_day_is_one_figure() -> None:
    found = read(spent("2025-01-02") + spent("2025-01-02", amount="7.00 EUR") + spent("2025-01-03"))
    assert found.results == ((date(2025, 1, 2), Decimal("12.00")), (date(2025, 1, 3), Decimal("5.00")))
    assert found.last_day == date(2025, 1, 3)
    assert read("").last_day is None


def test_a_result_of_another_year_counts_there() -> None:
    found = read(spent("2025-02-01", '\n  of-period: "2024"\n') + spent("2025-02-01", amount="1.00 EUR"))
    assert found.results == ((date(2025, 2, 1), Decimal("1.00")),)
    assert [tuple(row)[:3] for row in found.moved] == [(date(2025, 2, 1), "2024", Decimal("5.00"))]
    assert found.result_daily["Expenses:Rent"] == (
        (date(2024, 12, 31), Decimal("5.00")),
        (date(2025, 2, 1), Decimal("1.00")),
    )


def test_a_year_without_quotes_is_an_error_and_counts_where_it_is_dated() -> None:
    found = read(spent("2025-02-01", "\n  of-period: 2024\n"))
    assert faults(found) == [(FIRST, TOLD, "of-period must be text in quotes, not 2024: put quotes around the year")]
    assert [(row.period, row.amount) for row in found.moved] == [("2025", Decimal("5.00"))]
    assert found.result_daily["Expenses:Rent"] == ((date(2025, 2, 1), Decimal("5.00")),)
    unknown = read(spent("2025-02-01", '\n  of-period: "some year"\n'))
    assert unknown.result_daily["Expenses:Rent"] == ((date(2025, 2, 1), Decimal("5.00")),)


@pytest.mark.parametrize(
    ("how", "worth"),
    [
        ("2 USD @ 3.00 EUR", "6.00"),
        ("2 USD {3.00 EUR}", "6.00"),
        ("2 USD {3.00 EUR} @ 4.00 EUR", "8.00"),
        ("2 USD", "1.60"),  # at the last price on or before the day
        ("2 USD @ 3.00 GBP", "1.60"),
        ("2 GBP", "8"),  # by the inverse of a price
    ],
)
def test_what_a_posting_in_another_currency_is_worth(how: str, worth: str) -> None:
    prices = """
        2025-01-01 price USD 0.50 EUR
        2025-01-02 price USD 0.80 EUR
        2025-01-03 price USD 9.00 EUR
        2025-01-01 price EUR 0.25 GBP
        2025-01-01 price JPY 0 EUR
        2025-01-01 price EUR 0 XAU
    """
    found = read(dedent(prices) + spent("2025-01-02", amount=how))
    assert found.result_daily["Expenses:Rent"] == ((date(2025, 1, 2), Decimal(worth)),)
    assert found.results == ((date(2025, 1, 2), Decimal(worth)),)
    assert found.unpriced == ()


def test_what_has_no_price_is_told_with_its_place() -> None:
    found = read(spent("2025-01-02", amount="2 XAU") + "2025-01-03 price XAU 9.00 EUR\n")
    assert [(row.account, str(row.amount), row.place.line) for row in found.unpriced] == [
        ("Expenses:Rent", "2 XAU", FIRST + 1)
    ]
    assert found.results == ()
    assert "Expenses:Rent" not in found.result_daily


# -- pay -------------------------------------------------------------------------------------------------------------


def paid(fields: str = "", more: str = "", amount: str = "100.00 EUR") -> Facts:
    """One posting of pay with its own fields, below an entry with some."""
    lines = "".join(f"  {line}\n" for line in more.split("; ") if line)
    own = "".join(f"    {line}\n" for line in fields.split("; ") if line)
    return read(f'2025-01-31 * "pay"\n{lines}  Expenses:Wages  {amount}\n{own}  Assets:Bank\n')


def pay(facts: Facts) -> list[tuple[Any, ...]]:
    return [(row.person, row.kind, row.amount, row.hours, row.span) for row in facts.pay]


@pytest.mark.parametrize(
    ("fields", "more", "wanted"),
    [
        ("", "", ("m01", "base", Decimal(100), None, None)),
        ("hours: 10", "", ("m01", "base", Decimal(100), Decimal(10), None)),
        ('pay: "bonus"', 'pay: "base"', ("m01", "bonus", Decimal(100), None, None)),
        ("", 'pay: "bonus"; worker: "m01"', ("m01", "bonus", Decimal(100), None, None)),
        ('pay-period: "2024-12"', 'pay-period: "2025-01"', ("m01", "base", Decimal(100), None, "2024-12")),
        ("", 'pay-period: "2025-01"', ("m01", "base", Decimal(100), None, "2025-01")),
    ],
)
def test_what_a_posting_says_goes_before_what_its_entry_says(fields: str, more: str, wanted: tuple[Any, ...]) -> None:
    found = paid(fields, more)
    assert pay(found) == [wanted]
    assert found.pay[0].line == FIRST + 1 + bool(more) + more.count("; ")


def test_pay_that_is_taken_back_takes_its_hours_back() -> None:
    assert pay(paid("hours: 10", amount="-100.00 EUR")) == [("m01", "base", Decimal(-100), Decimal(-10), None)]
    assert pay(paid("hours: -10", amount="-100.00 EUR")) == [("m01", "base", Decimal(-100), Decimal(-10), None)]
    assert pay(paid("hours: 10", amount="0.00 EUR")) == [("m01", "base", Decimal(0), Decimal(10), None)]


@pytest.mark.parametrize(("fields", "more"), [('pay: "none"', ""), ("", 'pay: "none"'), ('pay: "none"', 'pay: "base"')])
def test_what_is_on_a_wages_account_may_be_no_pay(fields: str, more: str) -> None:
    found = paid(fields, more)
    assert (pay(found), faults(found)) == ([], [])


@pytest.mark.parametrize(
    ("fields", "said", "counted"),
    [
        ('hours: "ten"', "hours must be a number, not", [("m01", "base", Decimal(100), None, None)]),
        ("pay-period: 2025", "pay-period must be a period in quotes, not", [("m01", "base", Decimal(100), None, None)]),
        ('pay: "gift"', 'pay is "gift", which is no kind of pay: write one of', []),
        ('worker: "m02"', 'this pay is of worker "m02", who has no member or worker record', []),
    ],
)
def test_pay_that_cannot_be_read_is_told(fields: str, said: str, counted: list[tuple[Any, ...]]) -> None:
    found = paid(fields)
    ((line, rule, message),) = faults(found)
    assert (line, rule, message[: len(said)]) == (FIRST + 1, "pay", said)
    assert pay(found) == counted


def test_an_account_of_several_people_is_theirs_who_have_it_on_the_day() -> None:
    moved = """
        2025-01-15 custom "coop" "member" "m01"
          wages: Expenses:Wages:One
        2020-01-01 custom "coop" "member" "m02"
          wages: Expenses:Wages
        2025-01-01 open Expenses:Wages:One
        2025-01-10 * "both"
          Expenses:Wages  1.00 EUR
          Assets:Bank
        2025-01-20 * "one of them"
          Expenses:Wages  2.00 EUR
          Assets:Bank
        2025-01-20 * "the other"
          Expenses:Wages:One  3.00 EUR
          Assets:Bank
    """
    found = read(moved)
    assert [(row.person, row.amount) for row in found.pay] == [("m02", Decimal(2)), ("m01", Decimal(3))]
    ((_, _, said),) = faults(found)
    assert said == (
        "this pay on Expenses:Wages names nobody, and the account is the wages of several people (m01, m02): "
        'add worker: "<id>" to the posting'
    )


# -- accounts and currencies -----------------------------------------------------------------------------------------


def test_an_account_lives_from_its_open_to_its_close() -> None:
    found = read("2024-01-01 open Assets:Till\n2025-01-01 close Assets:Till\n2019-01-01 close Assets:Van\n")
    assert found.accounts["Assets:Till"][:2] == (date(2024, 1, 1), date(2025, 1, 1))
    assert found.accounts["Assets:Till"].line == FIRST
    assert found.accounts["Assets:Van"].closed is None
    same = read("2024-01-01 open Assets:Till\n2024-01-01 close Assets:Till\n2024-01-01 close Assets:Nobody\n")
    assert same.accounts["Assets:Till"].closed == date(2024, 1, 1)
    assert "Assets:Nobody" not in same.accounts


@pytest.mark.parametrize(
    ("precision", "taken"),
    [("0", 0), ("18", 18), ("2.0", 2), ("-1", None), ("19", None), ("1.5", None), ('"2"', None)],
)
def test_how_many_decimals_a_currency_may_have(precision: str, taken: int | None) -> None:
    found = read(f"2020-01-01 commodity HRS\n  precision: {precision}\n")
    assert found.digits == ({} if taken is None else {"HRS": taken})
    said = "precision of HRS must be a whole number from 0 to 18, not "
    assert [(line, rule, text[: len(said)]) for line, rule, text in faults(found)] == (
        [(FIRST, TOLD, said)] if taken is None else []
    )


def test_an_account_is_liquid_where_its_open_says_true() -> None:
    found = read('2025-01-01 open Assets:A\n  liquid: TRUE\n2025-01-01 open Assets:B\n  liquid: "TRUE"\n')
    assert found.liquid == {"Assets:A"}


def test_the_surplus_may_state_the_currency_of_the_rules() -> None:
    stated = '2020-01-01 custom "coop" "bylaw" "surplus"\n  account: Equity:Surplus\n  currency: "USD"\n'
    assert read(stated).currency == "USD"
    assert read("").currency == "EUR"
    assert read("", head=MEMBER).currency is None


# -- what an account means to the rules ------------------------------------------------------------------------------


def step(*fields: str) -> str:
    lines = "".join(f"  {field}\n" for field in fields)
    return f'2020-01-01 custom "coop" "allocation" "s1"\n  step: 1\n{lines}'


CAPITAL = '2020-01-01 custom "coop" "bylaw" "capital"\n'


@pytest.mark.parametrize(
    ("record", "account"),
    [
        ("", "Equity:Surplus"),
        ("", "Liabilities:Patronage:M01"),
        ("", "Liabilities:FormerMembers:M02"),
        ('2020-01-01 custom "coop" "member" "m02"\n  capital: Equity:Capital:M02\n', "Equity:Capital:M02"),
        ('2020-01-01 custom "coop" "fund" "reserve"\n  account: Equity:Reserve\n', "Equity:Reserve:Old"),
        (step("to: Liabilities:Welfare", 'as: "expense"', "share: 0.1"), "Liabilities:Welfare"),
        (CAPITAL + "  entry-fee: 5.00 EUR\n  entry-fee-to: Equity:Fees\n", "Equity:Fees"),
    ],
)
def test_whatever_touches_an_account_that_a_rule_guards_is_a_movement(record: str, account: str) -> None:
    (moved,) = read(record + spent("2025-01-02", account=account), whole=False).movements
    assert [leg.account for leg in moved.legs] == [account, "Assets:Bank"]


@pytest.mark.parametrize(
    ("record", "account"),
    [
        ("", "Equity:Reserve"),
        ("", "Equity:Surpluses"),
        (step("to: Liabilities:Welfare", "share: 0.1"), "Liabilities:Welfare"),
        (CAPITAL + "  entry-fee-to: Equity:Fees\n", "Equity:Fees"),
    ],
)
def test_what_touches_none_is_no_movement(record: str, account: str) -> None:
    assert read(record + spent("2025-01-02", account=account)).movements == ()


@pytest.mark.parametrize(
    ("record", "account"),
    [
        ("", "Equity:Surplus"),
        ("", "Assets:Subscriptions:M01"),
        (step("to: Liabilities:Welfare", "share: 0.1"), "Liabilities:Welfare"),
        (CAPITAL + "  collective: Equity:Common\n", "Equity:Common:Land"),
        (CAPITAL + "  collective: Equity:Common\n", "Equity:Anything"),
        (
            '2020-01-01 custom "coop" "fund" "strike"\n  account: Equity:Strike\n  backing: Assets:Strike\n',
            "Assets:Strike:Bank",
        ),
    ],
)
def test_a_plugin_knows_the_balance_of_what_a_record_names(record: str, account: str) -> None:
    found = read(record + spent("2025-01-02", account=account), whole=False)
    assert found.daily[account] == ((date(2025, 1, 2), Decimal("5.00")),)
    assert account in found.asked


def test_and_of_each_of_several_accounts() -> None:
    record = '2020-01-01 custom "coop" "bylaw" "surplus"\n  nonmember-accounts: "Income:Fair Income:Stall"\n'
    sold = "".join(spent("2025-01-02", account=f"Income:{name}:A") for name in ("Fair", "Stall", "Shop"))
    assert sorted(read(record + sold, whole=False).result_daily) == ["Income:Fair:A", "Income:Stall:A"]


@pytest.mark.parametrize("account", ["Equity:Anything", "Assets:Bank", "Liabilities:Welfare"])
def test_and_of_no_other(account: str) -> None:
    assert account not in read(CAPITAL + spent("2025-01-02", account=account), whole=False).daily


def test_a_value_is_kept_as_it_is_written_without_beancounts_own_kinds() -> None:
    found = read("""
        2025-01-02 custom "coop" "vow" "m01" 0.00 EUR TRUE 2025-01-01 Assets:Bank
          paid: 0.00 EUR
          open: FALSE
          since: 2025-01-01
          tag: #x
          nothing:
    """)
    *_, vow = found.written
    assert [str(value) for value in vow.values] == ["vow", "m01", "0 EUR", "True", "2025-01-01", "Assets:Bank"]
    assert {type(value).__module__.split(".")[0] for value in (*vow.values, *vow.fields.values())} <= {
        "builtins", "coopbooks", "datetime",
    }  # fmt: skip
    assert (vow.fields["open"], vow.fields["since"], vow.fields["nothing"]) == (False, date(2025, 1, 1), None)


def test_title_and_roots_are_those_of_the_options() -> None:
    head = (OPENED + MEMBER).replace("Assets:", "Aktiva:").replace("Expenses:", "Aufwand:")
    found = read(
        "", head='option "title" "A shop"\noption "name_assets" "Aktiva"\noption "name_expenses" "Aufwand"\n' + head
    )
    assert found.title == "A shop"
    assert tuple(found.roots) == ("Aktiva", "Liabilities", "Equity", "Income", "Aufwand")
    assert facts_of(loader.load_string(OPENED + MEMBER)[0], {}).roots == Facts().roots
    bare = facts_of([], {})
    assert (bare.title, bare.currency, bare.faults) == ("", None, ())


def test_what_is_moved_to_the_surplus_changes_no_balance_of_a_result() -> None:
    found = read(GIVEN)
    assert found.result_daily["Income:Sales"] == (
        (date(2025, 1, 2), Decimal("-15.00")),
        (date(2025, 1, 4), Decimal("-1.00")),
        (date(2025, 1, 5), Decimal(-2)),
    )
    assert found.daily["Equity:Surplus"] == ((date(2025, 1, 3), Decimal(-3)),)
    assert found.daily["Assets:Bank"] == ((date(2025, 1, 2), Decimal(15)), (date(2025, 1, 4), Decimal(1)))


@pytest.mark.parametrize("field", ["supplier", "disposal", "avoidable"])
def test_a_mark_on_any_posting_makes_it_an_outlay_at_what_it_is_worth(field: str) -> None:
    prices = "2025-01-01 price USD 0.50 EUR\n"
    moved = f'2025-01-02 * "x"\n  Assets:Van  2.00 USD\n    {field}: "y"\n  Assets:Bank\n'
    (outlay,) = read(prices + moved).outlays
    assert (outlay.account, outlay.amount, outlay.file) == ("Assets:Van", Decimal("1.00"), "<string>")
    assert read(prices + moved.replace(field, "other")).outlays == ()


def test_what_has_no_price_takes_nothing_else_from_its_entry() -> None:
    (moved,) = read("""
        2025-01-02 * "x"
          Expenses:Rent   2.00 XAU
          Assets:Van     -2.00 XAU
          Assets:Bank     1.00 EUR
          Equity:Surplus
    """).movements
    assert [leg.account for leg in moved.legs] == ["Assets:Bank", "Equity:Surplus"]
    assert read(spent("2025-01-02", amount="2 USD @ 3.00 EUR")).movements == ()


def test_pay_may_stand_on_an_account_below() -> None:
    text = '2025-01-31 * "night"\n  Expenses:Wages:Night:Sunday  5.00 EUR\n  Assets:Bank\n'
    assert pay(read(text)) == [("m01", "base", Decimal(5), None, None)]


def test_a_ledger_that_writes_nonsense_over_its_lines_has_none() -> None:
    """Beancount keeps the line of a posting, whatever is written below it."""
    wrong = '  lineno: "nine"\n'
    found = read(
        f'2025-01-01 custom "coop" "ally" "a1"\n2025-01-01 open Assets:Old\n{wrong}'
        f'2025-01-02 * "x"\n{wrong}  Expenses:Rent  1.00 EUR\n    ally: "a1"\n  Equity:Surplus\n'
    )
    assert found.accounts["Assets:Old"].line == 0
    assert [(row.entry, row.line) for row in found.outlays] == [(0, FIRST + 5)]
    assert [(row.entry, row.line) for row in found.gifts] == [(0, FIRST + 5)]
    assert [(row.line, [leg.line for leg in row.legs]) for row in found.movements] == [(0, [FIRST + 5, FIRST + 7])]


def test_a_value_of_no_kind_that_a_ledger_can_write_is_kept_as_text() -> None:
    """A plugin before ours may have put anything into a record."""
    entries, _, options = loader.load_string(OPENED + MEMBER)
    (record,) = (each for each in entries if isinstance(each, Custom))
    odd = record._replace(values=[*record.values, ValueType(7, int)])
    facts = facts_of([odd if each is record else each for each in entries], options)
    assert facts.written[0].values == ("member", "m01", "7")
