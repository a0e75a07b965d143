"""What members and auditors read of each sort of transaction, whole and by hand: which days, which postings, which fields."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_publish import text_for

RULES = """\
option "operating_currency" "EUR"
2025-01-01 open Assets:Bank
2025-01-01 open Assets:Store
2025-01-01 open Liabilities:Withheld
2025-01-01 open Equity:Members:Ada
2025-01-01 open Equity:Members:Ada:Buyin
2025-01-01 open Equity:Members:Ada:2024
2025-01-01 open Equity:Members:Ada:Loan
2025-01-01 open Equity:Surplus
2025-01-01 open Equity:Reserve
2025-01-01 open Equity:Funds:School
2025-01-01 open Income:Sales
2025-01-01 open Income:Gifts
2025-01-01 open Expenses:Wages
2025-01-01 open Expenses:Interest
2025-01-01 open Expenses:Rent
2025-01-01 custom "coop" "decision" "D-1"
2025-01-01 custom "coop" "ally" "union"
2025-01-01 custom "coop" "fund" "school"
  account: Equity:Funds:School
  kind: "education"
2025-01-01 custom "coop" "bylaw" "capital"
  collective: "Equity:Reserve"
2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages
  capital: Equity:Members:Ada
2025-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages
"""


def entries(tmp_path: Path, books: str, audience: str = "members", as_of: str = "2026-01-31") -> list[str]:
    """The transactions that pass, each as it stands in the file with single spaces."""
    text = text_for(tmp_path, audience, RULES + books, as_of)
    parts = [part for part in text.split("\n\n") if part[10:13] == " * "]
    return ["\n".join(" ".join(line.split()) for line in part.strip().split("\n")) for part in parts]


PAY = """\
2025-03-31 * "pay"
  Expenses:Wages  1000.00 EUR
    worker: "m01"
    hours: 100
  Expenses:Wages  50.00 EUR
    worker: "m01"
    hours: 5
    pay: "overtime"
  Expenses:Wages  0.00 EUR
    worker: "w01"
    hours: 8
    pay: "unpaid"
  Expenses:Wages  30.00 EUR
    worker: "w01"
    pay-period: "2025-02"
  Liabilities:Withheld  -77.00 EUR
  Assets:Bank  -1003.00 EUR
"""
PAY_PASSES = """\
2025-03-31 * "Pay"
Expenses:Wages:M01 1000.00 EUR
hours: 100
Expenses:Wages:M01 50.00 EUR
hours: 5
pay: "overtime"
Expenses:Wages:W01 0.00 EUR
hours: 8
pay: "unpaid"
Expenses:Wages:W01 30.00 EUR
pay-period: "2025-02"
Assets:Other -1080.00 EUR"""


def test_pay_passes_posting_by_posting_with_its_hours_and_what_is_kept_back_does_not(tmp_path: Path) -> None:
    """Unpaid hours are a posting of nothing, and pass as one; what was withheld is only in the sum of its month."""
    assert entries(tmp_path, PAY) == [
        '2025-03-31 * "Everything else of the month, added up"\nAssets:Other 77.00 EUR\nLiabilities:Other -77.00 EUR',
        PAY_PASSES,
    ]


def test_what_is_kept_back_of_pay_for_capital_is_named_and_the_rest_of_that_entry_is_not(tmp_path: Path) -> None:
    kept = (
        '2025-03-31 * "pay"\n  Expenses:Wages  900.00 EUR\n    worker: "m01"\n    hours: 90\n  Expenses:Interest  4.00 EUR\n'
        "  Equity:Members:Ada  -20.00 EUR\n  Equity:Members:Ada  -6.00 EUR\n  Assets:Bank\n"
    )
    assert entries(tmp_path, kept) == [
        '2025-03-31 * "Everything else of the month, added up"\nAssets:Other -4.00 EUR\nExpenses:Other 4.00 EUR',
        '2025-03-31 * "Pay"\nExpenses:Wages:M01 900.00 EUR\nhours: 90\nEquity:Members:M01 -26.00 EUR\nAssets:Other -874.00 EUR',
    ]


def test_what_is_about_a_persons_own_account_passes_posting_by_posting_with_the_interest_on_it(tmp_path: Path) -> None:
    """Each lot by its year, also one that gets nothing, the buy-in by its name; a name below that is neither is not told."""
    own = (
        '2025-02-03 * "paid in"\n  Equity:Members:Ada:Buyin  -60.00 EUR\n  Equity:Members:Ada:2024  -30.00 EUR\n'
        "  Equity:Members:Ada:2024  0.00 EUR\n  Equity:Members:Ada:Loan  -5.00 EUR\n  Expenses:Interest  7.00 EUR\n"
        "  Income:Sales  -2.00 EUR\n  Assets:Bank\n"
    )
    assert entries(tmp_path, own) == [
        (
            '2025-02-03 * "Movement of a member\'s account"\nEquity:Members:M01:Buyin -60.00 EUR\n'
            "Equity:Members:M01:2024 -30.00 EUR\n"
            "Equity:Members:M01:2024 0.00 EUR\nEquity:Members:M01 -5.00 EUR\nExpenses:Other 7.00 EUR\nAssets:Other 88.00 EUR"
        ),
        '2025-02-28 * "Everything else of the month, added up"\nAssets:Other 2.00 EUR\nIncome:Other -2.00 EUR',
    ]


def gift(fields: str) -> str:
    return f'2025-02-03 * "gift"\n  Income:Gifts  -200.00 EUR\n{fields}  Assets:Store\n'


@pytest.mark.parametrize(
    ("fields", "passes"),
    [
        ('    ally: "union"\n', ['ally: "union"']),
        ('    ally: "union"\n    conditions: " None "\n', ['ally: "union"', 'conditions: "none"']),
        ('    ally: "union"\n    conditions: "their name on it"\n', ['ally: "union"', 'conditions: "stated"']),
        (
            '    ally: "union"\n    in-kind: TRUE\n    valuation: "as in the shop"\n',
            ['ally: "union"', "in-kind: TRUE", 'valuation: "stated"'],
        ),
        ('    ally: "union"\n    in-kind: "flour"\n', ['ally: "union"']),
    ],
)
def test_of_a_gift_its_ally_passes_and_whether_there_are_conditions(
    tmp_path: Path, fields: str, passes: list[str]
) -> None:
    own = "\n".join(["Income:Other -200.00 EUR", *passes, "Assets:Other 200.00 EUR"])
    assert entries(tmp_path, gift(fields))[0] == f'2025-02-03 * "Entry"\n{own}'


@pytest.mark.parametrize("fields", ["", '    ally: "a friend"\n    conditions: "none"\n', "    ally: 7\n"])
def test_a_gift_of_nobody_that_the_records_know_is_in_the_months_sum(tmp_path: Path, fields: str) -> None:
    assert entries(tmp_path, gift(fields)) == [
        '2025-02-28 * "Everything else of the month, added up"\nAssets:Other 200.00 EUR\nIncome:Other -200.00 EUR'
    ]


def test_a_fund_passes_on_its_day_with_what_is_on_the_list(tmp_path: Path) -> None:
    moved = (
        '2025-02-05 * "moved" #coop-other #trip\n  source: "donation"\n  decision: "D-1"\n  period: "2025"\n  of-period: "2024"\n'
        "  Equity:Funds:School  -70.00 EUR\n  Equity:Funds:School  20.00 EUR\n  Equity:Reserve  -5.00 EUR\n  Assets:Bank\n"
    )
    assert entries(tmp_path, moved) == [
        (
            '2025-02-05 * "Movement of a fund"\nperiod: "2025"\nof-period: "2024"\ndecision: "D-1"\nsource: "donation"\n'
            "Equity:Collective:No-1 -5.00 EUR\nEquity:Funds:School -50.00 EUR\nAssets:Other 55.00 EUR"
        ),
    ]


@pytest.mark.parametrize("field", ['source: "my uncle"', 'decision: "D-9"', 'period: "the good year"', "amends: FALSE"])
def test_a_word_that_the_books_do_not_know_does_not_pass(tmp_path: Path, field: str) -> None:
    moved = f'2025-02-05 * "moved"\n  {field}\n  Equity:Reserve  -5.00 EUR\n  Assets:Bank\n'
    assert entries(tmp_path, moved) == ['2025-02-05 * "Entry"\nEquity:Collective:No-1 -5.00 EUR\nAssets:Other 5.00 EUR']


def rent(day: str, amount: int, field: str = "") -> str:
    return f'{day} * "rent"\n{field}  Expenses:Rent  {amount}.00 EUR\n  Assets:Bank\n'


def test_the_rest_is_added_up_by_month_and_what_belongs_to_another_year_apart(tmp_path: Path) -> None:
    books = rent("2025-02-05", 40) + rent("2025-02-20", 2) + rent("2025-03-01", 7) + rent("2025-02-25", 9)
    earlier = rent("2025-02-07", 11, '  of-period: "2024"\n') + rent("2025-02-09", 1, '  of-period: "2024"\n')
    said = '"Everything else of the month, added up"'
    assert entries(tmp_path, books + earlier) == [
        f"2025-02-28 * {said}\nAssets:Other -51.00 EUR\nExpenses:Other 51.00 EUR",
        f'2025-02-28 * {said}\nof-period: "2024"\nAssets:Other -12.00 EUR\nExpenses:Other 12.00 EUR',
        f"2025-03-31 * {said}\nAssets:Other -7.00 EUR\nExpenses:Other 7.00 EUR",
    ]


@pytest.mark.parametrize(
    ("rule", "as_of", "day"),
    [
        ("", "2025-02-27", "2025-02-27"),  # the day of publication
        ("", "2025-06-30", "2025-02-28"),  # the month
        ('2025-01-01 custom "coop" "bylaw" "fiscal-year"\n  ends: "02-10"\n', "2025-06-30", "2025-02-10"),
    ],
)
def test_a_month_ends_with_the_fiscal_year_and_with_the_day_of_publication(
    tmp_path: Path, rule: str, as_of: str, day: str
) -> None:
    assert [each[:10] for each in entries(tmp_path, rule + rent("2025-02-05", 40), as_of=as_of)] == [day]


def test_a_result_that_only_moves_passes_as_it_is_and_one_with_anything_else_does_not(tmp_path: Path) -> None:
    moved = '2025-12-31 * "result"\n  Income:Sales  300.00 EUR\n  Expenses:Rent  -40.00 EUR\n  Equity:Surplus  -260.00 EUR\n'
    assert entries(tmp_path, moved) == [
        '2025-12-31 * "Entry"\nEquity:Surplus -260.00 EUR\nExpenses:Other -40.00 EUR\nIncome:Other 300.00 EUR'
    ]
    more = moved.replace("-260.00 EUR\n", "-255.00 EUR\n  Assets:Bank  -5.00 EUR\n")
    assert entries(tmp_path, more) == [
        '2025-12-31 * "Entry"\nEquity:Surplus -255.00 EUR\nAssets:Other 255.00 EUR',
        (
            '2025-12-31 * "Everything else of the month, added up"\nAssets:Other -260.00 EUR\nExpenses:Other -40.00 EUR\n'
            "Income:Other 300.00 EUR"
        ),
    ]


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("coop-close", "Close of a fiscal year"),
        ("coop-redeem", "Capital paid back"),
        ("coop-interest", "Interest on capital"),
        ("coop-exit", "Capital of a leaver becomes a debt"),
    ],
)
def test_what_we_write_ourselves_passes_whole_with_its_tag(tmp_path: Path, tag: str, said: str) -> None:
    posted = (
        f'2025-12-31 * "told by hand" #{tag} #trip\n  period: "2025"\n  amends: TRUE\n  Equity:Members:Ada:2024  -8.00 EUR\n'
        "  Equity:Members:Ada:2024  -1.00 EUR\n  Assets:Bank\n"
    )
    assert entries(tmp_path, posted) == [
        f'2025-12-31 * "{said}" #{tag}\nperiod: "2025"\namends: TRUE\nAssets:Other 9.00 EUR\nEquity:Members:M01:2024 -9.00 EUR'
    ]


def test_of_one_day_interest_stands_first_and_the_close_last(tmp_path: Path) -> None:
    """The order is that of a close by hand, and never that of the lines in the books, which would tell who was written first."""
    tags = ("coop-close", "coop-exit", "coop-redeem", "coop-interest")
    posted = "".join(
        f'2025-12-31 * "x" #{tag}\n  Equity:Members:Ada  -{place}.00 EUR\n  Assets:Bank\n'
        for place, tag in enumerate(tags, 1)
    )
    found = entries(tmp_path, posted + '2025-12-31 * "x"\n  Equity:Reserve  -5.00 EUR\n  Assets:Bank\n')
    assert [each.partition("\n")[0].partition(" * ")[2] for each in found] == [
        '"Interest on capital" #coop-interest',
        '"Capital paid back" #coop-redeem',
        '"Entry"',
        '"Capital of a leaver becomes a debt" #coop-exit',
        '"Close of a fiscal year" #coop-close',
    ]


def test_auditors_read_every_posting_of_every_day(tmp_path: Path) -> None:
    assert entries(tmp_path, PAY + rent("2025-02-05", 40, '  of-period: "2024"\n'), "auditors") == [
        '2025-02-05 * "Entry"\nof-period: "2024"\nExpenses:Other 40.00 EUR\nAssets:Other -40.00 EUR',
        PAY_PASSES.replace("Assets:Other -1080.00 EUR", "Liabilities:Other -77.00 EUR\nAssets:Other -1003.00 EUR"),
    ]


def test_auditors_get_one_number_for_one_claim_however_it_is_written(tmp_path: Path) -> None:
    """The claim of the entry, else of its first posting that has one."""
    books = (
        '2025-02-05 * "x"\n  claim: "Ada\'s leg"\n  Equity:Funds:School  5.00 EUR\n    claim: "another"\n  Assets:Bank\n'
        '2025-02-06 * "x"\n  Equity:Funds:School  6.00 EUR\n  Equity:Funds:School  1.00 EUR\n    claim: "second"\n  Assets:Bank\n'
        '2025-02-07 * "x"\n  claim: " Ada\'s leg "\n  Equity:Funds:School  7.00 EUR\n  Assets:Bank\n'
    )
    found = entries(tmp_path, books, "auditors")
    assert [each.split("\n")[1] for each in found] == ['claim: "c0001"', 'claim: "c0002"', 'claim: "c0001"']


def test_an_entry_without_a_posting_is_one_to_auditors_and_nothing_to_members(tmp_path: Path) -> None:
    empty = '2025-02-05 * "to be done"\n  decision: "D-1"\n'
    assert entries(tmp_path, empty, "auditors") == ['2025-02-05 * "Entry"\ndecision: "D-1"']
    assert entries(tmp_path, empty) == []


def test_pay_that_builds_something_stands_with_what_is_built_and_the_record_says_so(tmp_path: Path) -> None:
    """An oven that they build themselves: its wages are no expense yet, and a reader finds them by the record."""
    built = (
        "2025-01-01 open Assets:Oven\n"
        '2025-01-01 custom "coop" "worker" "w02"\n  wages: "Assets:Oven Expenses:Wages"\n'
        '2025-03-31 * "pay"\n  Assets:Oven  40.00 EUR\n    worker: "w02"\n    hours: 4\n  Assets:Bank\n'
    )
    text = text_for(tmp_path, "members", RULES + built, "2026-01-31")
    assert 'wages: "Assets:Wages:W02"' in text
    assert "  Assets:Wages:W02  40.00 EUR\n    hours: 4\n" in text


def test_what_beancount_tolerates_of_an_entry_is_one_more_posting(tmp_path: Path) -> None:
    """A bill of 40.00 paid with 39.996: the file has to balance to the last digit, and says where the rest is."""
    loose = '2025-02-05 * "rent"\n  Expenses:Rent  40.00 EUR\n  Assets:Bank  -39.996 EUR\n'
    legs = "Expenses:Other 40.00 EUR\nAssets:Other -39.996 EUR\nEquity:Other -0.004 EUR"
    assert entries(tmp_path, loose, "auditors") == [f'2025-02-05 * "Entry"\n{legs}']


def test_a_result_may_move_into_the_account_that_the_bylaw_names(tmp_path: Path) -> None:
    rule = '2025-01-01 open Equity:Result\n2025-01-01 custom "coop" "bylaw" "surplus"\n  account: Equity:Result\n'
    moved = '2025-12-31 * "result"\n  Income:Sales  300.00 EUR\n  Equity:Result  -300.00 EUR\n'
    assert entries(tmp_path, rule + moved) == [
        '2025-12-31 * "Entry"\nEquity:Surplus -300.00 EUR\nIncome:Other 300.00 EUR'
    ]
