"""What waits with protected help, and what does not: each tie by which an entry could tell of another, and its bound."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from test_publish import HEAD, STRIKE, balances, figures, grant, grants, text_for
from test_publish_protected import CLOSE, LATER, closed, help_of, with_fee

from coopbooks.books.loading import load_books
from coopbooks.errors import WriteRefused
from coopbooks.publish import changed_since, view_of, view_text

FEE = with_fee("2024-02-10", range(1), 13)


# -- what a close owes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("account", ["Liabilities:Patronage:M01", "Liabilities:Tax", "Equity:Members:M01"])
def test_what_a_close_that_waits_owes_is_not_told_by_its_payment(tmp_path: Path, account: str) -> None:
    """A debt to a person, a debt to the state, and capital of a person: all are paid as they were posted."""
    opened = "" if f"open {account}\n" in CLOSE else f"2024-01-01 open {account}\n"
    rules, _, posted = closed(987).partition("2024-12-31 *")
    posted = posted.replace("Liabilities:Patronage:M01", account)
    assert "987" not in text_for(tmp_path, "members", f"{HEAD}{FEE}{opened}{rules}2024-12-31 *{posted}", LATER)


def test_what_a_close_leaves_on_nobodys_account_ties_nothing(tmp_path: Path) -> None:
    """The reserve is never paid out as it was posted: a later entry on it is seen."""
    spent = '2025-03-03 * "spent"\n  Equity:Common  55.00 EUR\n  Assets:Bank\n'
    close = closed(987).partition('2025-02-01 * "paid"')[0].replace("Liabilities:Patronage:M01  -", "Equity:Common  -")
    text = text_for(tmp_path, "members", HEAD + FEE + close + spent, LATER)
    assert "55.00" in text
    assert "-987" not in text


def test_the_year_of_a_close_that_waits_is_named_though_its_own_name_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "books.beancount"
    for said in ('period: "2024"', 'period: "the good year"', "period: 7", 'note: "x"'):
        path.write_text(HEAD + FEE + closed(987).replace('period: "2024"', said), encoding="utf-8")
        assert view_of(load_books(path), "members", date(2026, 1, 1)).closes == ("2024",)
    path.write_text(HEAD + FEE + closed(987).replace('2024-12-31 * "close"', '2025-01-20 * "close"'), encoding="utf-8")
    assert view_of(load_books(path), "members", date(2026, 1, 1)).closes == ("2024",)


# -- what a result holds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "more", "seen"),
    [
        ("2024-12-31", "", False),  # the last day of the year
        ("2025-01-01", "", True),
        ("2025-01-01", '  of-period: "2024"\n', False),  # of the year, though it is booked in the next
        ("2025-01-01", '  of-period: "2025"\n', True),
    ],
)
def test_a_fee_of_a_grant_is_in_the_result_of_its_year(tmp_path: Path, day: str, more: str, seen: bool) -> None:
    fee = with_fee(day, range(1), 13).replace("  claim:", f"{more}  claim:")
    assert ("-987.00" in text_for(tmp_path, "members", HEAD + fee + closed(987), LATER)) == seen


def test_help_out_of_the_surplus_itself_is_in_what_a_close_carries_on(tmp_path: Path) -> None:
    out = '2024-03-03 * "help"\n  claim: 1\n  Equity:Surplus  13.00 EUR\n  Assets:Bank\n'
    assert "987" not in text_for(tmp_path, "members", HEAD + closed(987) + out, LATER)


LIMITED = """\
2024-01-01 open Equity:Surplus
2024-01-01 open Equity:Common
2024-01-01 custom "coop" "bylaw" "surplus"
  nonmember-to: Equity:Common
2024-01-01 custom "coop" "allocation" "aid"
  step: 1
STEP
2024-12-31 * "close" #coop-close
  period: "2024"
  Equity:Surplus  601.00 EUR
  TO  -601.00 EUR
"""


@pytest.mark.parametrize(
    ("step", "waits"),
    [
        ("  to: Equity:Funds:Aid\n  share: 1", False),
        ("  to: Equity:Funds:Aid\n  share: 1\n  until: 9500.00 EUR", True),
        ("  to: Equity:Funds:Aid\n  share: 1\n  until-of: 1\n  until-account: Equity:Common", True),
        ("  to: Equity:Common\n  share: 1\n  until-of: 1\n  until-account: Equity:Funds", True),
        ("  to: Equity:Common\n  share: 1\n  until-of: 1\n  until-account: Equity:Surplus:Old", False),
        ("  to: Equity:Common\n  share: 1\n  until: 9500.00 EUR", False),
    ],
)
def test_a_close_waits_where_a_step_looks_at_the_balance_of_a_protected_fund(
    tmp_path: Path, step: str, waits: bool
) -> None:
    to = "Equity:Funds:Aid" if "to: Equity:Funds:Aid" in step else "Equity:Common"
    books = HEAD + LIMITED.replace("STEP", step).replace("  TO ", f"  {to} ") + grants(1, "2024-02")
    assert ("601" not in text_for(tmp_path, "members", books, "2025-06-01")) == waits


# -- what is help ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "seen"),
    [
        ('2024-02-03 * "x"\n  source: "donation"\n  Equity:Funds:Aid  -71.00 EUR\n  Assets:Bank\n', True),
        ('2024-02-03 * "x"\n  Equity:Funds:Aid  -71.00 EUR\n  Assets:Bank\n', False),  # nobody says whence
        ('2024-02-03 * "x"\n  source: "donation"\n  Equity:Funds:Aid  71.00 EUR\n  Assets:Bank\n', False),
        ('2024-02-03 * "x"\n  Equity:Funds:School  71.00 EUR\n  Equity:Funds:Aid\n', True),  # from fund to fund
        ('2024-02-03 * "x"\n  Equity:Funds:School  -71.00 EUR\n  Equity:Funds:Aid\n', False),
        ('2024-02-03 * "x"\n  Equity:Funds:School  71.00 EUR\n  Assets:Bank\n', True),  # another fund
        ('2024-02-03 * "x"\n  claim: 1\n  Equity:Funds:School  71.00 EUR\n  Assets:Bank\n', True),  # so to members
        ('2024-02-03 * "x"\n  claim: 1\n  Equity:Common  71.00 EUR\n  Assets:Bank\n', False),  # past every fund
        (
            '2024-02-03 * "x" #coop-close\n  Equity:Funds:Aid  71.00 EUR\n  Equity:Common\n',
            True,
        ),  # a loss, at the close
        ('2024-02-03 * "x" #coop-close\n  claim: 1\n  Equity:Funds:Aid  71.00 EUR\n  Equity:Common\n', False),
    ],
)
def test_what_members_see_on_its_day_and_what_is_help(tmp_path: Path, entry: str, seen: bool) -> None:
    rules = '2024-01-01 open Equity:Common\n2024-01-01 custom "coop" "bylaw" "capital"\n  collective: "Equity:Common"\n'
    assert ("71.00" in text_for(tmp_path, "members", HEAD + rules + entry, "2024-03-01")) == seen


def test_what_was_owed_before_a_grant_was_is_seen(tmp_path: Path) -> None:
    """The debt is tied from the day of the grant on: the baker's bill of the day before is not."""
    owed = help_of("2024-02-10", 1, "333", "Equity:Funds:Aid", "Liabilities:Payable")
    bills = "".join(
        f'2024-02-{day} * "bill"\n  Liabilities:Payable  {amount}.00 EUR\n  Assets:Bank\n'
        for day, amount in (("09", 21), (11, 23))
    )
    opened = '2024-01-01 custom "coop" "bylaw" "publish-members"\n  accounts: "Liabilities:Payable"\n'
    text = text_for(tmp_path, "members", HEAD + opened + owed + bills, LATER)
    assert balances(text)["Liabilities:Payable"] == 21


@pytest.mark.parametrize(("rest", "shown"), [("0.004", 5), ("0.005", 0)])
def test_an_entry_that_leaves_half_a_cent_open_hides_nobody(tmp_path: Path, rest: str, shown: int) -> None:
    """The sum of five would be short by what one left open; what is less than half a cent goes with the rounding."""
    loose = 'option "inferred_tolerance_default" "EUR:0.5"\n' + HEAD
    short = grant("2024-02-20", 9, 300).replace("-300.00", f"-{300 - Decimal(rest)}")
    text = text_for(tmp_path, "members", loose + grants(4, "2024-02", 10) + short, LATER)
    assert len(figures(text, "spent")) == (1 if shown else 0)


def test_a_day_is_in_the_quarter_that_it_ends(tmp_path: Path) -> None:
    """Four in March and one on its last day are five of the first quarter; the same one a day later is of the second."""
    for day, quarter in (("2024-03-31", "2024-Q1"), ("2024-04-01", "2024-Q1/2024-Q2")):
        text = text_for(tmp_path, "members", HEAD + grants(4, "2024-03") + grant(day, 9, 105), "2024-07-01")
        assert [row[2] for row in figures(text, "spent")] == [quarter]


# -- what came in ----------------------------------------------------------------------------------------------------


def test_what_came_in_moves_to_the_fund_with_each_quarter_that_is_published(tmp_path: Path) -> None:
    """Gifts of 10, 20, 30, … on the last day of each quarter, five grants in each; the ninth quarter is open."""
    quarters = [f"{year}-{day}" for year in (2024, 2025) for day in ("03-31", "06-30", "09-30", "12-31")]
    gifts = "".join(
        f'{day} * "gift"\n  source: "donation"\n  Equity:Funds:Aid  -{place}0.00 EUR\n  Assets:Bank\n'
        for place, day in enumerate([*quarters, "2026-01-05"], 1)
    )
    given = "".join(grants(5, day[:7], 10 * place) for place, day in enumerate(quarters))
    text = text_for(tmp_path, "members", HEAD + gifts + given, "2026-01-31")
    moved = [part.split("\n") for part in text.split("\n\n") if "What came into a protected fund until then" in part]
    assert [(head[:10], *(line.split()[:2] for line in legs)) for head, *legs in moved] == [
        (day, ["Equity:Incoming:Aid", f"{came}.00"], ["Equity:Funds:Aid", f"-{came}.00"])
        for day, came in zip(quarters, (9010, 20, 30, 40, 50, 60, 70, 80), strict=True)
    ]
    assert balances(text)["Equity:Incoming:Aid"] == -90


def test_of_two_protected_funds_each_gets_its_own(tmp_path: Path) -> None:
    from_strike = "".join(grant("2024-02-10", 50 + each, 7, fund="Strike", source="Assets:Bank") for each in range(5))
    text = text_for(tmp_path, "members", HEAD + STRIKE + grants(5, "2024-05") + from_strike, "2024-07-01")
    assert balances(text) == {
        "Assets:Other": 9000 + 9000 + 500 - 515 - 35,
        "Equity:Funds:Aid": 515 - 9000,
        "Equity:Funds:Strike": 35 - 500,
        "Equity:Funds:School": -9000,
    }


def test_the_public_sees_nothing_of_a_fund_that_was_ever_spent_with_a_claim_on_an_account_below_it(
    tmp_path: Path,
) -> None:
    below = "2024-01-01 open Equity:Funds:School:Trips\n"
    spent = grant("2024-02-10", 1, 333, fund="School:Trips", source="Assets:Bank")
    public = text_for(tmp_path, "public", HEAD + below + spent, "2024-06-01")
    assert balances(public)["Equity:Incoming:School"] == -9000
    assert "Equity:Incoming:School" not in balances(text_for(tmp_path, "public", HEAD + below, "2024-06-01"))


# -- sums ------------------------------------------------------------------------------------------------------------


def test_a_sum_of_more_digits_than_a_calculator_has_is_exact(tmp_path: Path) -> None:
    """Twenty digits before the point, then twelve behind it, and the twenty given back: what is left is the twelve."""
    large, small = "3" + "0" * 19, "0." + "0" * 11 + "7"
    sales = "".join(
        f'2024-02-0{day} * "sale"\n  Assets:Bank  {each} EUR\n  Income:Sales\n'
        for day, each in enumerate((large, small, f"-{large}"), 1)
    )
    assert f"Income:Other  -{small} EUR" in text_for(tmp_path, "members", HEAD + sales, "2024-03-01")


# -- a file that is there already ------------------------------------------------------------------------------------


def refused(tmp_path: Path, audience: str, first: tuple[str, str], then: tuple[str, str]) -> str:
    """What is said where a publication of other books on another day would take the place of an earlier one; "" if it may."""
    before = text_for(tmp_path, audience, *first)
    path = tmp_path / "books.beancount"
    path.write_text(then[0], encoding="utf-8")
    try:
        changed_since(before, view_of(load_books(path), audience, date.fromisoformat(then[1])), "out.beancount")
    except WriteRefused as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("audience", "count"), [("members", 5), ("public", 10)])
@pytest.mark.parametrize(
    ("then", "says"),
    [
        ("2024-04-01", ""),  # the same day again
        ("2024-03-31", "name another file for 2024-03-31"),  # the quarter's last day: it is not published then
        ("2024-03-30", "name another file for 2024-03-30"),
    ],
)
def test_an_earlier_day_is_refused_where_it_forgets_a_block(
    tmp_path: Path, audience: str, count: int, then: str, says: str
) -> None:
    books = HEAD + grants(count, "2024-02")
    assert says in refused(tmp_path, audience, (books, "2024-04-01"), (books, then))
    assert bool(refused(tmp_path, audience, (books, "2024-04-01"), (books, then))) == bool(says)


def test_an_earlier_day_that_forgets_nothing_is_taken(tmp_path: Path) -> None:
    books = HEAD + grants(5, "2024-02")
    assert refused(tmp_path, "members", (books, "2024-06-30"), (books, "2024-05-01")) == ""


def test_two_blocks_alike_are_two(tmp_path: Path) -> None:
    """Two funds that gave the same on the same day: of two equal blocks that were published one may not be missing."""
    one = "".join(grant("2024-02-10", each, 100) for each in range(5))
    usd = one.replace(
        "Equity:Funds:Aid  100.00 EUR\n  Assets:Bank:Aid  -100.00 EUR", "Assets:Bank  1.00 EUR\n  Assets:Bank:Aid"
    )
    before = text_for(tmp_path, "members", HEAD + one + usd, "2024-04-01")
    block = next(part for part in before.split("\n\n") if "published as a whole" in part)
    path = tmp_path / "books.beancount"
    view = view_of(load_books(path), "members", date(2024, 4, 1))
    changed_since(before, view, "out.beancount")
    with pytest.raises(WriteRefused, match="gave until 2024-03-31 is published there already"):
        changed_since(before + "\n" + block.rstrip("\n") + "\n", view, "out.beancount")
    assert view_text(view) == before
