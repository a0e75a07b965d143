"""What the public reads of a quarter, whole and by hand, and which single entry is enough to hold all of it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_publish_public import HEAD, entries_of, member, people_of, public

from coopbooks.publish.behind import tells_few

PEOPLE = people_of(11)
BOOKS = (
    HEAD + "".join(map(member, PEOPLE)) + "2023-01-01 open Expenses:Interest\n2023-01-01 open Equity:Members:M01:Loan\n"
)
AS_OF = "2023-04-01"


def paid_in(count: int, unit: str = "EUR", amount: int = 100, day: str = "2023-02-02") -> str:
    return "".join(
        f'{day} * "in"\n  Equity:Members:{each.title()}  -{amount} {unit}\n  Assets:Bank\n' for each in PEOPLE[:count]
    )


RENT = '2023-02-03 * "rent"\n  Expenses:Rent  40 EUR\n  Assets:Bank\n'


def seen(folder: Path, text: str, as_of: str = AS_OF) -> list[str]:
    """The entries of the public file, each in one line with single spaces."""
    return [" ".join(each.split()) for each in entries_of(public(folder, BOOKS + text, as_of)) if " * " in each]


def rest(legs: str, day: str = "2023-03-31") -> str:
    return f'{day} * "Everything else, added up" {legs}'


def common(legs: str, day: str = "2023-03-31") -> str:
    return f'{day} * "Funds and collective accounts of the quarter, added up" {legs}'


def test_a_quarter_by_hand(tmp_path: Path) -> None:
    """Ten paid in 100 each. The fund got 100 and 20 and gave 30; the reserve got 5. The rent was 40.

    What came and what went stand apart on a fund, and money in one sum: 120 + 5 - 30 = 95. Of the rest the bank got 1,000
    and paid 40.
    """
    moved = "".join(
        f'2023-02-0{day} * "x"\n  {account}  {amount} EUR\n  Assets:Bank\n'
        for day, account, amount in (
            (4, "Equity:Funds:Training", -100),
            (5, "Equity:Funds:Training", -20),
            (6, "Equity:Funds:Training", 30),
            (7, "Equity:Reserve", -5),
        )
    )
    assert seen(tmp_path, paid_in(10) + RENT + moved) == [
        rest("Assets:Other 960 EUR Equity:Other -1000 EUR Expenses:Other 40 EUR"),
        common(
            "Assets:Other 95 EUR Equity:Collective:Reserve -5 EUR Equity:Funds:Training -120 EUR Equity:Funds:Training 30 EUR"
        ),
    ]


ALONE = {
    "a ninth and no tenth": paid_in(9),
    "one in another currency": paid_in(10) + paid_in(1, "USD"),
    "one on another account": paid_in(10)
    + '2023-02-05 * "interest"\n  Expenses:Interest  3 EUR\n  Equity:Members:M01\n',
    "one with a fund beside it": paid_in(10)
    + '2023-02-05 * "lent"\n  Equity:Members:M01  -9 EUR\n  Equity:Funds:Training  9 EUR\n',
    "one who borrows": paid_in(10) + '2023-02-05 * "lent"\n  Equity:Members:M01:Loan  9 EUR\n  Income:Sales\n',
}


@pytest.mark.parametrize("who", ALONE)
def test_one_person_alone_behind_one_sum_holds_the_quarter_back(tmp_path: Path, who: str) -> None:
    assert seen(tmp_path, ALONE[who] + RENT) == []


def test_what_waits_comes_with_the_quarter_in_which_ten_are_behind_it(tmp_path: Path) -> None:
    late = paid_in(10, day="2023-05-05") + paid_in(10, "USD", day="2023-05-05")
    text = paid_in(10) + paid_in(1, "USD") + RENT + late
    assert seen(tmp_path, text, "2023-06-30") == []
    assert seen(tmp_path, text, "2023-07-01") == [
        rest(
            "Assets:Other 1960 EUR Assets:Other 1100 USD Equity:Other -2000 EUR Equity:Other -1100 USD Expenses:Other 40 EUR",
            "2023-06-30",
        )
    ]


def test_a_quarter_of_nobody_is_seen_and_an_empty_one_is_no_entry(tmp_path: Path) -> None:
    text = RENT + RENT.replace("2023-02", "2023-08")
    assert seen(tmp_path, text, "2023-10-01") == [
        rest("Assets:Other -40 EUR Expenses:Other 40 EUR"),
        rest("Assets:Other -40 EUR Expenses:Other 40 EUR", "2023-09-30"),
    ]


def test_two_quarters_that_differ_by_one_person_are_not_both_seen(tmp_path: Path) -> None:
    """Ten in the first quarter, the same ten in the second: seen. With an eleventh, the difference would be that one's."""
    first = paid_in(10)
    assert len(seen(tmp_path, first + paid_in(10, day="2023-05-05"), "2023-07-01")) == 2
    assert len(seen(tmp_path, first + paid_in(11, day="2023-05-05"), "2023-07-01")) == 1


def test_what_a_close_shares_out_is_counted_apart(tmp_path: Path) -> None:
    """Ten share in a close; one of them pays in 9 on another day. Both stand on one account: less the close, that one's 9.

    Ten others lend to the cooperative, so that eleven people are behind what the bank got, and ten behind what is owed.
    """
    parts = "".join(f"  Equity:Members:{each.title()}  -50 EUR\n" for each in PEOPLE[:10])
    close = f'2023-03-20 * "close" #coop-close\n  period: "2022"\n  Equity:Surplus  600 EUR\n  Equity:Reserve  -100 EUR\n{parts}'
    assert seen(tmp_path, close) == [
        rest("Assets:Other -100 EUR Equity:Other 100 EUR"),
        common("Assets:Other 100 EUR Equity:Collective:Reserve -100 EUR"),
    ]
    owed = "".join(
        f"2023-01-01 open Liabilities:FormerMembers:{each.title()}\n"
        f'2023-02-04 * "lent"\n  Liabilities:FormerMembers:{each.title()}  -3 EUR\n  Assets:Bank\n'
        for each in PEOPLE[1:]
    )
    assert [each.partition('"')[2][:5] for each in seen(tmp_path, close + owed)] == ["Every", "Funds"]
    assert [each.partition('"')[2][:5] for each in seen(tmp_path, close + owed + paid_in(1, amount=9))] == ["Funds"]


@pytest.mark.parametrize(("count", "shown"), [(9, 0), (10, 2)])
def test_a_close_of_few_holds_its_own_quarter_back(tmp_path: Path, count: int, shown: int) -> None:
    parts = "".join(f"  Equity:Members:{each.title()}  -50 EUR\n" for each in PEOPLE[:count])
    legs = f"  Equity:Surplus  {50 * count + 100} EUR\n  Equity:Reserve  -100 EUR\n{parts}"
    close = f'2023-03-20 * "close" #coop-close\n  period: "2022"\n{legs}'
    assert len(seen(tmp_path, close)) == shown


def test_twice_what_a_few_got_less_what_they_got_is_what_they_got() -> None:
    """Ten with twice their months differ from themselves by ten; one, by one."""
    ten = dict.fromkeys(people_of(10), 3)
    assert not tells_few(dict.fromkeys(ten, 6), ten, 10)
    assert tells_few({"m01": 6}, {"m01": 3}, 10)
    assert not tells_few({"m01": 3}, {"m01": 3}, 10)
    assert tells_few({**ten, "m11": 1}, ten, 10)
    assert tells_few(ten, {**ten, "m11": 1}, 10)
