"""Protected funds against a reader who adds and subtracts: each case is one way to get at what somebody was given."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_publish import HEAD, STRIKE, balances, figures, grant, grants, text_for

import coopbooks
from coopbooks.books.loading import load_books
from coopbooks.cli.program import main
from coopbooks.errors import WriteRefused
from coopbooks.publish import changed_since, view_of, view_text

LATER = "2026-01-01"


def help_of(day: str, claim: object, amount: str, debit: str, credit: str, more: str = "") -> str:
    said = "" if claim is None else f"  claim: {claim}\n"
    return f'{day} * "help"\n  decision: "D1"\n{said}{more}  {debit}  {amount} EUR\n  {credit}\n'


def test_accounts_with_enough_claims_each_do_not_give_away_the_one_that_both_share(tmp_path: Path) -> None:
    # Six claims on the fund, five of them paid by the bank; six on what is owed, five of them for the strike. Fund less
    # bank, or what is owed less the strike, is the one grant that is both: 333.
    bank = "".join(help_of("2024-02-10", each, f"{100 + each}", "Equity:Funds:Aid", "Assets:Bank") for each in range(5))
    owed = "".join(
        help_of("2024-02-11", each, f"{200 + each}", "Equity:Funds:Strike", "Liabilities:Payable")
        for each in range(5, 10)
    )
    both = help_of("2024-02-12", 10, "333", "Equity:Funds:Aid", "Liabilities:Payable")
    text = text_for(tmp_path, "members", HEAD + STRIKE + bank + owed + both, LATER)
    assert figures(text, "spent") == [
        ["2024-03-31", "aid", "2024-Q1", "510 EUR", "5"],
        ["2024-03-31", "strike", "2024-Q1", "1035 EUR", "5"],
    ]
    assert balances(text)["Liabilities:Other"] == -1035


def test_the_public_gets_whole_blocks_of_the_members(tmp_path: Path) -> None:
    # Members: Q1 with six claims, Q2 with Q3 (four and one). By quarters alone the public would get Q1 with Q2 (ten), and
    # a member who subtracts would know what the four of Q2 got.
    books = HEAD + grants(6, "2024-02") + grants(4, "2024-05", 7) + grants(1, "2024-08", 11)
    assert [row[2] for row in figures(text_for(tmp_path, "members", books, LATER), "spent")] == [
        "2024-Q1",
        "2024-Q2/2024-Q3",
    ]
    assert figures(text_for(tmp_path, "public", books, "2024-07-01"), "spent") == []
    assert [row[2:] for row in figures(text_for(tmp_path, "public", books, LATER), "spent")] == [
        ["2024-Q1/2024-Q3", "1166.00 EUR", "11"]
    ]


def test_a_claim_whose_money_came_back_is_nobody(tmp_path: Path) -> None:
    # Five claims, but the fifth gave all back: the sum would be that of four.
    back = help_of("2024-03-02", 5, "105.00", "Assets:Bank:Aid", "Equity:Funds:Aid")
    assert figures(text_for(tmp_path, "members", HEAD + grants(5, "2024-02") + back, LATER), "spent") == []
    part = help_of("2024-03-02", 5, "50.00", "Assets:Bank:Aid", "Equity:Funds:Aid")
    text = text_for(tmp_path, "members", HEAD + grants(5, "2024-02") + part, LATER)
    assert figures(text, "spent") == [["2024-03-31", "aid", "2024-Q1", "465.00 EUR", "5"]]


@pytest.mark.parametrize("claims", [("7", '"07"', "7.0", '"7"', '" 7 "')])
def test_one_claim_written_in_five_ways_is_one_person(tmp_path: Path, claims: tuple[str, ...]) -> None:
    books = HEAD + "".join(grant("2024-02-10", claim, 100) for claim in claims)
    assert figures(text_for(tmp_path, "members", books, LATER), "spent") == []


def test_money_that_comes_back_without_a_word_waits(tmp_path: Path) -> None:
    # No claim and no source: it may be what somebody gave back.
    back = help_of("2024-03-02", None, "105.00", "Assets:Bank:Aid", "Equity:Funds:Aid")
    assert "105" not in text_for(tmp_path, "members", HEAD + grants(1, "2024-02") + back, LATER)


DEBTS = {
    "paid before it in the file, on its day": help_of("2024-02-10", None, "333", "Liabilities:Payable", "Assets:Bank"),
    "moved on to another debt": "2024-01-01 open Liabilities:Later\n"
    + help_of("2024-02-20", None, "333", "Liabilities:Payable", "Liabilities:Later")
    + help_of("2024-02-21", None, "333", "Liabilities:Later", "Assets:Bank"),
    "paid with a fee": '2024-02-20 * "paid"\n  Liabilities:Payable  333 EUR\n  Expenses:Fees  2 EUR\n  Assets:Bank  -335 EUR\n',
    "paid and bounced": help_of("2024-02-20", None, "333", "Liabilities:Payable", "Assets:Bank")
    + help_of("2024-02-22", None, "333", "Assets:Bank", "Liabilities:Payable"),
}
OPENED = '2024-01-01 custom "coop" "bylaw" "publish-members"\n  accounts: "Assets:Bank Liabilities Expenses:Fees"\n'


@pytest.mark.parametrize("how", DEBTS)
def test_what_becomes_of_a_debt_to_a_claim_waits_with_it(tmp_path: Path, how: str) -> None:
    owed = help_of("2024-02-10", 1, "333", "Equity:Funds:Aid", "Liabilities:Payable")
    for books in (HEAD + OPENED + DEBTS[how] + owed, HEAD + OPENED + owed + DEBTS[how]):
        text = text_for(tmp_path, "members", books, LATER)
        assert "333" not in text
        assert "335" not in text


def test_two_currencies_are_two_rows(tmp_path: Path) -> None:
    dollars = help_of("2024-02-20", 6, "77", "Equity:Funds:Aid", "Assets:Bank:Aid").replace("EUR", "USD")
    text = text_for(tmp_path, "members", HEAD + grants(5, "2024-02") + dollars, LATER)
    assert figures(text, "spent") == [["2024-03-31", "aid", "2024-Q1", "515.00 EUR", "5"]]
    assert "77" not in text


def test_an_account_that_members_opened_does_not_split_a_row(tmp_path: Path) -> None:
    # Three were paid from one account, two from another: opened by name, each would stand alone.
    books = HEAD + OPENED + grants(3, "2024-02")
    books += "".join(grant("2024-03-01", each, 50, source="Assets:Bank") for each in (8, 9))
    text = text_for(tmp_path, "members", books, LATER)
    assert figures(text, "spent") == [["2024-03-31", "aid", "2024-Q1", "406.00 EUR", "5"]]
    assert balances(text)["Assets:Bank"] == 9000 + 9000


def test_claims_by_posting_count_where_they_are(tmp_path: Path) -> None:
    # One entry pays five claims, four from one fund and the fifth from another: that one would stand alone.
    lines = "".join(f"  Equity:Funds:Aid  {100 + each} EUR\n    claim: {each}\n" for each in range(4))
    fifth = "  Equity:Funds:Strike  333 EUR\n    claim: 4\n  Assets:Bank\n"
    run = f'2024-02-10 * "paid"\n  decision: "D1"\n{lines}{fifth}'
    assert "333" not in text_for(tmp_path, "members", HEAD + STRIKE + run, LATER)
    again = run.replace("claim: 4", "claim: 9").replace("333", "12")
    for more in range(5, 8):
        again += help_of("2024-03-10", more, "7", "Equity:Funds:Strike", "Assets:Bank")
    assert figures(text_for(tmp_path, "members", HEAD + STRIKE + run + again, LATER), "spent") == []


def test_a_claim_in_an_entry_that_is_tagged_as_a_close_is_help_all_the_same(tmp_path: Path) -> None:
    tagged = grant("2024-02-10", 1, 333).replace('"grant"', '"grant" #coop-close')
    assert "333" not in text_for(tmp_path, "members", HEAD + tagged, LATER)


# -- funds that change -------------------------------------------------------------------------------------------------


def test_a_fund_that_is_protected_later_does_not_hide_new_claims_behind_old_ones(tmp_path: Path) -> None:
    # The three grants of Q1 were seen one by one; with the two of Q2 they are five, but three of the five are known.
    books = HEAD + "".join(grant(f"2024-02-{10 + each}", each, 100 + each, fund="School") for each in range(3))
    now = '2024-04-15 custom "coop" "fund" "school"\n  account: Equity:Funds:School\n  kind: "legal-defence"\n'
    new = "".join(grant("2024-05-01", 10 + each, 900 + each, fund="School") for each in range(2))
    assert "101.00 EUR" in text_for(tmp_path, "members", books, "2024-04-01")
    assert figures(text_for(tmp_path, "members", books + now + new, LATER), "spent") == []
    more = "".join(grant("2024-05-02", 20 + each, 10, fund="School") for each in range(3))
    assert [row[2:] for row in figures(text_for(tmp_path, "members", books + now + new + more, LATER), "spent")] == [
        ["2024-Q2", "1831.00 EUR", "5"]
    ]


def test_a_fund_that_is_protected_no_more_stays_so(tmp_path: Path) -> None:
    no_more = '2024-04-15 custom "coop" "fund" "aid"\n  account: Equity:Funds:Aid\n  kind: "education"\n'
    assert "101" not in text_for(tmp_path, "members", HEAD + grants(1, "2024-02") + no_more, LATER)


def publish_twice(tmp_path: Path, first: str, first_day: str, then: str, then_day: str) -> str:
    before = text_for(tmp_path, "members", first, first_day)
    path = tmp_path / "books.beancount"
    path.write_text(then, encoding="utf-8")
    view = view_of(load_books(path), "members", date.fromisoformat(then_day))
    changed_since(before, view, "members.beancount")
    return view_text(view)


def test_a_record_that_protects_a_fund_for_the_past_is_refused_beside_what_was_published(tmp_path: Path) -> None:
    books = HEAD + "".join(grant(f"2024-02-{10 + each}", each, 100 + each, fund="School") for each in range(3))
    past = '2024-01-02 custom "coop" "fund" "school"\n  account: Equity:Funds:School\n  kind: "legal-defence"\n'
    with pytest.raises(WriteRefused, match="shown there entry by entry until 2024-04-01"):
        publish_twice(tmp_path, books, "2024-04-01", books + past, "2024-05-01")
    publish_twice(tmp_path, books, "2024-04-01", books + past.replace("2024-01-02", "2024-04-02"), "2024-05-01")


def test_help_past_the_fund_that_is_written_late_is_refused_too(tmp_path: Path) -> None:
    # A block without a protected fund: five claims paid as an expense, and a sixth that is entered later.
    past = "".join(help_of("2024-02-10", each, f"{100 + each}", "Expenses:Fees", "Assets:Bank") for each in range(5))
    sixth = help_of("2024-02-11", 6, "77", "Expenses:Fees", "Assets:Bank")
    with pytest.raises(WriteRefused, match="gave until 2024-03-31 is published there already"):
        publish_twice(tmp_path, HEAD + past, "2024-04-01", HEAD + past + sixth, "2024-05-01")
    publish_twice(tmp_path, HEAD + past, "2024-04-01", HEAD + past + sixth.replace("02-11", "04-02"), "2024-05-01")


def test_a_gift_or_a_transfer_that_is_written_late_is_not_refused(tmp_path: Path) -> None:
    gift = '2024-02-05 * "gift"\n  source: "donation"\n  Equity:Funds:Aid  -70.00 EUR\n  Assets:Bank\n'
    moved = '2024-02-06 * "moved"\n  decision: "D1"\n  Equity:Funds:Aid  7.00 EUR\n  Equity:Funds:School\n'
    books = HEAD + grants(5, "2024-02")
    text = publish_twice(tmp_path, books, "2024-04-01", books + gift + moved, "2024-05-01")
    assert balances(text)["Equity:Funds:Aid"] == -9000 - 70 + 7 + 515


# -- what a close tells ------------------------------------------------------------------------------------------------

CLOSE = """\
2024-01-01 open Equity:Surplus
2024-01-01 open Equity:Common
2024-01-01 open Equity:Members:M01
2024-01-01 open Expenses:Wages
2024-01-01 open Liabilities:Patronage:M01
2024-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages
  capital: Equity:Members:M01
2024-01-01 custom "coop" "bylaw" "surplus"
  nonmember-to: Equity:Common
2024-01-01 custom "coop" "allocation" "members"
  step: 1
  to: "members"
  rest: TRUE
2024-06-01 * "sale"
  Assets:Bank  1000.00 EUR
  Income:Sales
2024-12-31 * "close" #coop-close
  period: "2024"
  Equity:Surplus  REST EUR
  Liabilities:Patronage:M01  -REST EUR
2025-02-01 * "paid"
  Liabilities:Patronage:M01  REST EUR
  Assets:Bank
"""


def closed(result: int) -> str:
    return CLOSE.replace("REST", f"{result}.00")


def with_fee(day: str, claims: range, fee: int) -> str:
    """Grants of 100 with a fee each, which lowers the result."""
    return "".join(
        f'{day} * "grant"\n  decision: "D1"\n  claim: {claim}\n  Equity:Funds:Aid  100.00 EUR\n'
        f"  Expenses:Fees  {fee + claim}.00 EUR\n  Assets:Bank\n"
        for claim in claims
    )


def test_a_result_that_holds_a_fee_of_a_grant_waits_and_so_does_its_payment(tmp_path: Path) -> None:
    text = text_for(tmp_path, "members", HEAD + with_fee("2024-02-10", range(1), 13) + closed(987), LATER)
    assert "987" not in text
    assert "13.00" not in text


def test_a_result_is_seen_when_its_fees_are_published_by_the_end_of_its_year(tmp_path: Path) -> None:
    # 13 + 14 + 15 + 16 + 17 = 75
    text = text_for(tmp_path, "members", HEAD + with_fee("2024-02-10", range(5), 13) + closed(925), LATER)
    assert "Liabilities:Patronage:M01  -925.00 EUR" in text
    assert balances(text)["Expenses:Other"] == 75


def test_a_result_is_not_seen_when_a_block_goes_on_after_its_year(tmp_path: Path) -> None:
    # Four fees of the year and one of the next come out together, as 75. The result would tell the four: 58.
    fees = with_fee("2024-11-10", range(4), 13) + with_fee("2025-01-10", range(4, 5), 13)
    text = text_for(tmp_path, "members", HEAD + fees + closed(942), LATER)
    assert balances(text)["Expenses:Other"] == 75
    assert "942" not in text


def test_a_close_without_help_in_its_result_is_seen(tmp_path: Path) -> None:
    text = text_for(tmp_path, "members", HEAD + grants(1, "2024-02") + closed(1000), LATER)
    assert "Liabilities:Patronage:M01  -1000.00 EUR" in text
    assert "Liabilities:Patronage:M01  1000.00 EUR" in text


def test_income_and_expenses_that_go_to_the_surplus_account_wait_like_a_close(tmp_path: Path) -> None:
    moved = '2024-12-31 * "result"\n  Income:Sales  1000.00 EUR\n  Expenses:Fees  -13.00 EUR\n  Equity:Surplus  -987.00 EUR\n'
    text = text_for(
        tmp_path,
        "members",
        HEAD + with_fee("2024-02-10", range(1), 13) + CLOSE.partition("2024-12-31")[0] + moved,
        LATER,
    )
    assert "987" not in text


# -- what is made of it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", ["members", "public"])
def test_nothing_is_said_against_a_file_with_blocks_in_it(tmp_path: Path, audience: str) -> None:
    """Its sums carry no decision and no source: the books have been judged entry by entry."""
    moved = '2024-02-06 * "moved"\n  decision: "D1"\n  Equity:Funds:Aid  7.00 EUR\n  Equity:Funds:School\n'
    text = text_for(tmp_path, audience, HEAD + STRIKE + grants(12, "2024-02") + moved, LATER)
    file = tmp_path / "published.beancount"
    file.write_text(text, encoding="utf-8")
    assert [row[1:] for row in figures(text, "spent")] == [["aid", "2024-Q1", "1278.00 EUR", "12"]]
    assert coopbooks.load(file).check().errors == ()
    without = "\n".join(line for line in text.splitlines() if '"audience"' not in line)
    file.write_text(without, encoding="utf-8")
    assert [error.rule for error in coopbooks.load(file).check().errors][:1] == ["funds"]


def test_the_command_names_the_year_whose_close_waits(tmp_path: Path) -> None:
    books, out = tmp_path / "books.beancount", tmp_path / "members.beancount"
    books.write_text(HEAD + with_fee("2024-02-10", range(1), 13) + closed(987), encoding="utf-8")
    call = ["publish", str(books), "--for", "members", "-o", str(out), "--as-of", LATER]
    said = CliRunner().invoke(main, call).output
    assert "The close of 2024 is not shown: with its result, what help has cost could be computed." in said


# -- what a sum tells by more than its size ----------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["333.33 USD @ 0.9137 EUR", "304.561 EUR"])
def test_the_last_decimals_of_a_sum_are_not_those_of_one_price(tmp_path: Path, amount: str) -> None:
    # 333.33 USD at 0.9137 are 304.563621 EUR. In a sum with five amounts in cents, .003621 would be the sixth's alone, and
    # who knows the price computes from it what that one got.
    one = f'2024-02-20 * "grant"\n  decision: "D1"\n  claim: 9\n  Equity:Funds:Aid  {amount}\n  Assets:Bank:Aid  -304.56 EUR\n'
    text = text_for(tmp_path, "members", HEAD + grants(5, "2024-02", 10) + one, LATER)
    assert figures(text, "spent") == [["2024-03-31", "aid", "2024-Q1", "864.56 EUR", "6"]]
    assert "Equity:Other" not in balances(text)
    assert balances(text)["Assets:Other"] == 18_000 - Decimal("864.56")


def test_what_one_entry_leaves_open_is_not_seen_beside_the_sum(tmp_path: Path) -> None:
    loose = 'option "inferred_tolerance_default" "EUR:0.5"\n' + HEAD
    rest = grant("2024-02-20", 9, 300).replace("-300.00", "-299.60")
    text = text_for(tmp_path, "members", loose + grants(5, "2024-02", 10) + rest, LATER)
    assert figures(text, "spent") == [["2024-03-31", "aid", "2024-Q1", "560.00 EUR", "5"]]
    assert "Equity:Other" not in balances(text)


MATTERS = """\
2024-01-01 custom "coop" "bylaw" "publish-public"
  texts: "matter"
2024-01-05 custom "coop" "decision" "D2"
  matter: "the rent of one of us"
2024-01-05 custom "coop" "decision" "D3"
  matter: "a new oven"
"""


@pytest.mark.parametrize("audience", ["members", "auditors", "public"])
@pytest.mark.parametrize("where", ["entry", "posting", "among others"])
def test_the_matter_of_help_is_told_to_nobody(tmp_path: Path, audience: str, where: str) -> None:
    one = grant("2024-02-20", 9, 300)
    named = {
        "entry": one.replace('"D1"', '"D2"'),
        "posting": one.replace('  decision: "D1"\n', "").replace("300.00 EUR\n", '300.00 EUR\n    decision: "D2"\n', 1),
        "among others": one.replace('"D1"', '"D1, D2"'),
    }
    text = text_for(tmp_path, audience, HEAD + MATTERS + named[where], LATER)
    assert "the rent of one of us" not in text
    assert ("a new oven" in text) == (audience != "public"), "the public sees no decisions"


@pytest.mark.parametrize("audience", ["members", "public"])
def test_an_earlier_day_does_not_make_a_file_forget_what_it_published(tmp_path: Path, audience: str) -> None:
    books = HEAD + grants(10, "2024-02")
    before = text_for(tmp_path, audience, books, "2024-07-01")
    assert figures(before, "spent")
    path = tmp_path / "books.beancount"
    with pytest.raises(WriteRefused, match="name another file for 2024-03-01"):
        changed_since(before, view_of(load_books(path), audience, date(2024, 3, 1)), "out.beancount")
    changed_since(before, view_of(load_books(path), audience, date(2024, 7, 1)), "out.beancount")


def test_an_account_that_a_later_vote_closes_passes_by_its_name_no_more(tmp_path: Path) -> None:
    sale = '2024-05-05 * "sale"\n  Assets:Bank  5.00 EUR\n  Income:Sales\n'
    opened = '2024-01-01 custom "coop" "bylaw" "publish-members"\n  accounts: "Income:Sales"\n'
    closed = '2025-01-01 custom "coop" "bylaw" "publish-members"\n  accounts: "Expenses:Fees"\n'
    assert "Income:Sales" in text_for(tmp_path, "members", HEAD + sale + opened + closed, "2024-12-31")
    assert "Income:Sales" not in text_for(tmp_path, "members", HEAD + sale + opened + closed, LATER)
