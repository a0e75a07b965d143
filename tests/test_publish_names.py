"""Names under which accounts, records and currencies pass: two that could be taken for one another stay apart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_publish import HEAD, balances, text_for

from coopbooks.publish import mark, page_mark
from coopbooks.publish.fresh import Leg, added, balanced
from coopbooks.publish.records import quoted, visible

AS_OF = "2024-06-01"


def members(tmp_path: Path, books: str, audience: str = "members") -> str:
    return text_for(tmp_path, audience, HEAD + books, AS_OF)


def opened(*accounts: str) -> str:
    return "".join(f"2024-01-01 open {account}\n" for account in accounts)


def fund(name: str, account: str) -> str:
    return f'2024-01-01 custom "coop" "fund" "{name}"\n  account: {account}\n  kind: "education"\n'


def paid(account: str, amount: int) -> str:
    return f'2024-02-02 * "x"\n  {account}  {amount}.00 EUR\n  Assets:Bank\n'


# -- funds and other accounts ----------------------------------------------------------------------------------------


def test_ids_that_differ_by_a_capital_alone_are_two_accounts(tmp_path: Path) -> None:
    """A part of an account begins with a capital: "trip", "Trip" and a fund of that id with -2 would fall together."""
    names = ("trip", "Trip", "Trip-2")
    accounts = [f"Equity:Funds:No{place}" for place in range(3)]
    books = opened(*accounts) + "".join(map(fund, names, accounts))
    found = balances(members(tmp_path, books + "".join(paid(each, 5 + at) for at, each in enumerate(accounts))))
    assert sorted(number for account, number in found.items() if "Trip" in account) == [5, 6, 7]
    assert {account for account in found if "Trip" in account} >= {"Equity:Funds:Trip", "Equity:Funds:Trip-2"}


def test_an_account_below_a_fund_is_the_fund_and_one_beside_it_is_not(tmp_path: Path) -> None:
    books = opened("Equity:Funds:School:Trips", "Equity:Funds:Schoolyard")
    found = balances(
        members(tmp_path, books + paid("Equity:Funds:School:Trips", 5) + paid("Equity:Funds:Schoolyard", 7))
    )
    assert found["Equity:Funds:School"] == -8995
    assert found["Equity:Other"] == 7


def test_ids_that_are_no_plain_words_are_numbered_in_the_order_of_the_books(tmp_path: Path) -> None:
    accounts = ("Equity:Funds:No1", "Equity:Funds:No2")
    books = opened(*accounts) + fund("Ada's own", accounts[0]) + fund("Bruno's own", accounts[1])
    text = members(tmp_path, books + paid(accounts[0], 5) + paid(accounts[1], 7))
    assert re.findall(r'"fund" "(fund-no.*)"\n  account: (\S+)', text) == [
        ("fund-no-1", "Equity:Funds:Fund-no-1"),
        ("fund-no-2", "Equity:Funds:Fund-no-2"),
    ]
    assert "own" not in text
    assert balances(text)["Equity:Funds:Fund-no-2"] == 7


def test_the_first_record_that_names_an_account_gives_it_its_name(tmp_path: Path) -> None:
    """A fund, then an account of all, then whatever rule: so the money of a fund is never that of a rule."""
    rules = (
        opened("Equity:Common", "Equity:Other-one")
        + '2024-01-01 custom "coop" "bylaw" "capital"\n  collective: "Equity:Common Equity:Funds:School Equity:Other-one"\n'
        '2024-01-01 custom "coop" "allocation" "common"\n  step: 1\n  to: Equity:Common\n  rest: TRUE\n'
        '2024-01-01 custom "coop" "loss" "first"\n  step: 1\n  from: Equity:Common\n  rest: TRUE\n'
    )
    found = balances(members(tmp_path, rules + paid("Equity:Common", 5) + paid("Equity:Other-one", 7)))
    assert {name: number for name, number in found.items() if ":Collective:" in name} == {
        "Equity:Collective:Common": 5,
        "Equity:Collective:No-3": 7,
    }
    assert found["Equity:Funds:School"] == -9000


RULES = """\
2024-01-01 custom "coop" "bylaw" "surplus"
  nonmember-accounts: "Income:Guests Expenses:Guests"
  nonmember-to: Equity:Guests
  tax: Liabilities:Tax
  unclaimed-to: Income:Lost
2024-01-01 custom "coop" "bylaw" "capital"
  entry-fee-to: Income:Entry
2024-01-01 custom "coop" "bylaw" "exit"
  deduct-to: Income:Kept
2024-01-01 custom "coop" "allocation" "debt"
  step: 1
  to: Liabilities:Debt
  amount: 5 EUR
2024-01-01 custom "coop" "loss" "cushion"
  step: 1
  from: Equity:Cushion
  rest: TRUE
2024-01-01 custom "coop" "fund" "trip"
  account: Equity:Funds:Trip
  kind: "education"
  backing: Assets:Bank:Trip
2024-01-01 custom "coop" "member" "m01"
  capital: Equity:Members:Ada
"""
NAMED = {
    "Income:Guests": "Income:Surplus-nonmember:No-1",
    "Expenses:Guests": "Expenses:Surplus-nonmember:No-2",
    "Equity:Guests": "Equity:Surplus-nonmember",
    "Liabilities:Tax": "Liabilities:Surplus-tax",
    "Income:Lost": "Income:Surplus-unclaimed",
    "Income:Entry": "Income:Capital-entry-fee",
    "Income:Kept": "Income:Exit-deduction",
    "Liabilities:Debt": "Liabilities:Allocations:Debt",
    "Equity:Cushion": "Equity:Losses:Cushion",
    "Assets:Bank:Trip": "Assets:Backing:Trip",
    "Equity:Surplus": "Equity:Surplus",
    "Equity:Members:Ada": "Equity:Members:M01",
    "Liabilities:Patronage:M01": "Liabilities:Patronage:M01",
    "Liabilities:FormerMembers:M01": "Liabilities:FormerMembers:M01",
    "Assets:Subscriptions:M01": "Assets:Subscriptions:M01",
    "Liabilities:Patronage:M02": "Liabilities:Other",  # nobody whom the records know
}


def test_each_account_that_a_rule_names_passes_under_the_rules_name(tmp_path: Path) -> None:
    books = RULES + opened(*(each for each in NAMED if each not in HEAD))
    found = balances(members(tmp_path, books + "".join(paid(each, 5 + at) for at, each in enumerate(NAMED))))
    assert {name: found[name] for name in NAMED.values()} == {name: 5 + at for at, name in enumerate(NAMED.values())}


def test_to_the_public_no_account_of_a_rule_or_a_person_has_a_name(tmp_path: Path) -> None:
    books = RULES + opened(*NAMED)
    text = members(tmp_path, books + "".join(paid(each, 5 + at) for at, each in enumerate(NAMED)), "public")
    assert {name.split(":")[1] for name in balances(text)} <= {"Other", "Funds", "Incoming"}


def test_below_somebodys_capital_a_year_and_the_buy_in_pass_and_no_word(tmp_path: Path) -> None:
    leaves = ("2023", "Buyin", "20234", "X203", "2023:Late", "Adas-own")
    accounts = [f"Equity:Members:Ada:{leaf}" for leaf in leaves]
    books = RULES + opened(*accounts) + "".join(paid(each, 10**at) for at, each in enumerate(accounts))
    found = balances(members(tmp_path, books))
    assert {name: number for name, number in found.items() if ":Members:" in name} == {
        "Equity:Members:M01:2023": 1,
        "Equity:Members:M01:Buyin": 10,
        "Equity:Members:M01": 111_100,
    }


# -- an account whose balance limits a step --------------------------------------------------------------------------


def limited(account: str, collective: str) -> str:
    return (
        f'2024-01-01 custom "coop" "bylaw" "capital"\n  collective: "{collective}"\n'
        f'2024-01-01 custom "coop" "allocation" "x"\n  step: 1\n  to: "members"\n  share: 1\n  until-of: 1\n'
        f"  until-account: {account}\n"
    )


@pytest.mark.parametrize(
    ("account", "name"),
    [
        ("Equity:Members", "Equity:Members"),  # all capital, and nothing else, is below it
        ("Equity:Reserve", "Equity:Collective:No-1"),  # named itself
        ("Equity:Reserve:Old", "Equity:Collective:No-1"),  # below one that is
        ("Equity:Funds", "Equity:Funds"),
        ("Liabilities:Loans", "Liabilities:Other"),  # nothing that passes by name is below it
    ],
)
def test_an_account_that_limits_a_step_has_the_name_of_all_that_is_below_it(
    tmp_path: Path, account: str, name: str
) -> None:
    own = '2024-01-01 custom "coop" "member" "m02"\n  capital: Equity:Members:Bo\n'
    text = members(tmp_path, own + own.replace("m02", "m01").replace("Bo", "Ada") + limited(account, "Equity:Reserve"))
    assert f"  until-account: {name}\n" in text


# -- currencies, texts, marks ----------------------------------------------------------------------------------------


def test_two_currencies_without_a_code_are_two_numbers(tmp_path: Path) -> None:
    books = "".join(
        f'2024-02-0{day} * "x"\n  Assets:Bank  {day} {unit}\n  Income:Sales\n'
        for day, unit in enumerate(("ADAS-HOURS", "BOS-HOURS", "ADAS-HOURS"), 1)
    )
    text = members(tmp_path, books)
    assert "  Income:Other  -4 UNIT1\n  Income:Other  -2 UNIT2\n" in text


def test_a_text_is_quoted_as_beancount_reads_it() -> None:
    assert quoted('a "b" \\ c') == '"a \\"b\\" \\\\ c"'


@pytest.mark.parametrize(
    ("sign", "shown"),
    [
        ("\u202e", "[U+202E]"),
        ("\n", "[U+000A]"),
        ("\u200b", "[U+200B]"),
        ("\ue000", "[U+E000]"),
        ("\U000e0100", "\U000e0100"),
        ("\ud800", "[U+D800]"),
        ("\u2028", "[U+2028]"),
        ("\u2029", "[U+2029]"),
        ("\u0378", "[U+0378]"),
        ("é", "é"),
        (" ", " "),
    ],
)
def test_a_sign_that_is_not_seen_is_told_by_its_number(sign: str, shown: str) -> None:
    assert visible(f"a{sign}b") == f"a{shown}b"


def test_the_first_line_says_what_a_file_is_and_never_changes() -> None:
    """A later version knows by it which file it may replace."""
    assert mark("public") == "; coopbooks publish/1 for public"
    assert page_mark("members") == "<!doctype html><!-- coopbooks page/1 for members -->"


def test_sums_that_come_to_nothing_are_not_there() -> None:
    one, two = ("Assets:Other", "EUR"), ("Equity:Other", "EUR")
    assert added({one: 5, two: 7}, {one: -5}) == {two: 7}  # type: ignore[dict-item]
    assert balanced([], "Assets:Other") == ()
    nothing = Leg("Equity:Other", added({one: 5}, {two: 1})[two] - 1, "EUR")  # type: ignore[dict-item]
    assert balanced([nothing], "Assets:Other") == ()
    assert balanced([nothing], "Assets:Other", keep=True) == (nothing,)
