"""The close: what `close` prints is accepted as it stands, and every other close is refused at its line."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Transaction
from treasurer import cost, messages, parts, postings, sale, surplus, work

from coopbooks import load
from coopbooks.cooperative import Cooperative
from coopbooks.errors import SurplusRefused

Coop = Callable[..., Cooperative]
Ledger = Callable[..., Path]

# A surplus of 100.00: 20 % to the reserve, 80 % to two members by hours 60 : 40, half of it in money.
BOOKS = f"""
option "operating_currency" "USD"
2025-01-01 open Assets:Bank
2025-01-01 open Income:Sales
2025-01-01 open Expenses:Rent
2025-01-01 open Expenses:Wages:M01
2025-01-01 open Expenses:Wages:M02
2025-01-01 open Equity:Reserve

2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:M01
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Capital:M02
2025-01-01 custom "coop" "bylaw" "surplus"
  cash: 0.5
2025-01-01 custom "coop" "allocation" "reserve"
  step: 1
  to: Equity:Reserve
  share: 0.20
2025-01-01 custom "coop" "allocation" "members"
  step: 2
  to: "members"
  rest: TRUE
{work("2025-06-30", "M01", "0.00 USD", "60", "unpaid")}
{work("2025-06-30", "M02", "0.00 USD", "40", "unpaid")}
{sale("2025-03-01", "100.00 USD")}
"""

CLOSE = """2025-12-31 open Equity:Capital:M01:2025
2025-12-31 open Equity:Capital:M02:2025
2025-12-31 open Equity:Surplus
2025-12-31 open Liabilities:Patronage:M01
2025-12-31 open Liabilities:Patronage:M02

2025-12-31 * "Close of 2025" #coop-close
  period: "2025"
  Equity:Capital:M01:2025    -24.00 USD
  Equity:Capital:M02:2025    -16.00 USD
  Equity:Reserve             -20.00 USD
  Equity:Surplus             100.00 USD
  Liabilities:Patronage:M01  -24.00 USD
  Liabilities:Patronage:M02  -16.00 USD
"""


def without_comments(text: str) -> str:
    return "\n".join(line.partition("  ;")[0] for line in text.splitlines()) + "\n"


def left_in_surplus(path: Path, day: date) -> Decimal:
    """Surplus account, income and expenses to date, as Beancount alone adds them up."""
    entries, errors, _ = loader.load_file(str(path))
    assert errors == []
    left = Decimal(0)
    for entry in entries:
        if isinstance(entry, Transaction) and entry.date <= day:
            for posting in entry.postings:
                if posting.account.startswith(("Income:", "Expenses:", "Equity:Surplus")):
                    assert posting.units is not None
                    left += posting.units.number or 0
    return left


def line_of(books: str, text: str) -> int:
    """The line of the written ledger that holds a text (the fixture takes the first empty line away)."""
    lines = books.lstrip("\n").splitlines()
    (number,) = [number for number, line in enumerate(lines, start=1) if text in line]
    return number


# -- what is printed -----------------------------------------------------------------------------------------


def test_it_debits_the_surplus_and_credits_each_beneficiary_on_the_last_day(coop: Coop) -> None:
    assert without_comments(str(coop(BOOKS).close("2025").transaction)) == CLOSE


def test_every_posting_names_the_rule_that_gives_it(coop: Coop) -> None:
    lines = str(coop(BOOKS).close("2025").transaction).splitlines()
    (reserve,) = [line for line in lines if line.startswith("  Equity:Reserve ")]
    assert reserve.endswith(
        f'; allocation "reserve" at main.beancount:{line_of(BOOKS, "allocation" + chr(34) + " " + chr(34) + "reserve")}'
    )


def test_what_is_printed_is_accepted_as_it_stands(ledger: Ledger) -> None:
    path = ledger(BOOKS + str(load(ledger(BOOKS)).close("2025").transaction))
    assert messages(load(path)) == []
    assert loader.load_file(str(path))[1] == []
    assert left_in_surplus(path, date(2025, 12, 31)) == 0


def test_a_second_run_has_nothing_to_say(coop: Coop) -> None:
    assert coop(BOOKS + CLOSE).close("2025").transaction is None


def test_only_what_is_missing_is_printed(coop: Coop) -> None:
    # Nothing but the reserve stands there: the rest is the members' 80.
    half = """
2025-12-31 open Equity:Surplus
2025-12-31 * "First half" #coop-close
  period: "2025"
  Equity:Reserve  -20.00 USD
  Equity:Surplus   20.00 USD
"""
    with pytest.raises(SurplusRefused, match="--decision ID"):
        coop(BOOKS + half).close("2025")


def test_an_account_that_is_open_is_not_opened_again(coop: Coop) -> None:
    books = BOOKS + "2025-12-31 open Equity:Surplus\n2025-01-01 open Liabilities:Patronage:M01\n"
    opens = [line for line in str(coop(books).close("2025").transaction).splitlines() if " open " in line]
    assert opens == [
        "2025-12-31 open Equity:Capital:M01:2025",
        "2025-12-31 open Equity:Capital:M02:2025",
        "2025-12-31 open Liabilities:Patronage:M02",
    ]


@pytest.mark.parametrize(
    ("life", "refused"),
    [
        ("2025-12-31 open Equity:Surplus\n", False),
        ("2026-01-01 open Equity:Surplus\n", True),
        ("2025-01-01 open Equity:Surplus\n2026-01-01 close Equity:Surplus\n", False),
        ("2025-01-01 open Equity:Surplus\n2025-12-31 close Equity:Surplus\n", True),
    ],
)
def test_an_account_that_is_not_open_on_that_day_is_refused(coop: Coop, life: str, refused: bool) -> None:
    loaded = coop(BOOKS + life)
    if refused:
        with pytest.raises(SurplusRefused, match=r"^main.beancount:\d+: Equity:Surplus .*2025-12-31"):
            loaded.close("2025")
    else:
        assert postings(loaded)["Equity:Surplus"] == "100.00"


def test_an_account_of_one_day_was_closed_on_it(coop: Coop) -> None:
    life = "2025-12-31 open Equity:Surplus\n2025-12-31 close Equity:Surplus\n"
    with pytest.raises(SurplusRefused, match=r"Surplus was closed on 2025-12-31, but .*: close it after 2025-12-31$"):
        coop(BOOKS + life).close("2025")


def test_a_year_that_ends_in_june_is_closed_in_june(coop: Coop) -> None:
    books = BOOKS + '2025-01-01 custom "coop" "bylaw" "fiscal-year"\n  ends: "06-30"\n'
    assert '2025-06-30 * "Close of 2025" #coop-close' in str(coop(books).close("2025").transaction)


def test_the_account_of_a_person_has_its_id_with_a_capital(coop: Coop) -> None:
    books = BOOKS.replace('"member" "m02"', '"member" "rosa-l"')
    assert postings(coop(books))["Liabilities:Patronage:Rosa-l"] == "-16.00"


def test_another_surplus_account_may_be_named(coop: Coop) -> None:
    books = BOOKS.replace("cash: 0.5", "cash: 0.5\n  account: Equity:Result")
    assert postings(coop(books))["Equity:Result"] == "100.00"


def test_accounts_stand_below_the_roots_of_this_ledger(ledger: Ledger) -> None:
    books = BOOKS
    for root, word in (("liabilities", "Passifs"), ("equity", "Capitaux"), ("income", "Produits")):
        books = f'option "name_{root}" "{word}"\n' + books.replace(f"{root.title()}:", f"{word}:")
    assert postings(load(ledger(books))) == {
        "Capitaux:Capital:M01:2025": "-24.00",
        "Capitaux:Capital:M02:2025": "-16.00",
        "Capitaux:Reserve": "-20.00",
        "Capitaux:Surplus": "100.00",
        "Passifs:Patronage:M01": "-24.00",
        "Passifs:Patronage:M02": "-16.00",
    }
    path = ledger(books + str(load(ledger(books)).close("2025").transaction))
    assert messages(load(path)) == []


def test_a_workers_part_is_all_in_money(coop: Coop) -> None:
    books = BOOKS.replace('to: "members"', 'to: "workers"')
    assert postings(coop(books)) == {
        "Equity:Reserve": "-20.00",
        "Equity:Surplus": "100.00",
        "Liabilities:Patronage:M01": "-48.00",
        "Liabilities:Patronage:M02": "-32.00",
    }


def test_a_member_without_a_capital_account_can_keep_nothing(coop: Coop) -> None:
    books = BOOKS.replace("  capital: Equity:Capital:M02\n", "")
    with pytest.raises(SurplusRefused, match=r"^main.beancount:12: .*add capital: to the member record"):
        coop(books).close("2025")
    assert postings(coop(books.replace("cash: 0.5", "cash: 1")))["Liabilities:Patronage:M02"] == "-32.00"


def test_a_year_without_a_result_has_nothing_to_close(coop: Coop) -> None:
    assert coop(BOOKS + cost("2025-04-01", "100.00 USD")).close("2025").transaction is None


# -- what stays in the surplus account -----------------------------------------------------------------------


def closed(ledger: Ledger, books: str, period: str = "2025") -> Path:
    """The ledger with its close as printed; and there is no finding."""
    path = ledger(books + "\n" + str(load(ledger(books)).close(period).transaction))
    assert messages(load(path)) == []
    return path


END = date(2025, 12, 31)


def test_the_cut_fraction_stays(ledger: Ledger) -> None:
    assert left_in_surplus(closed(ledger, BOOKS + sale("2025-04-01", "0.009 USD")), END) == Decimal("-0.009")


def test_an_adjustment_without_a_posting_stays(ledger: Ledger) -> None:
    # 130 are placed, and only 100 came in.
    books = BOOKS + '2025-12-31 custom "coop" "adjustment" "2025"\n  amount: 30.00 USD\n'
    assert left_in_surplus(closed(ledger, books), END) == Decimal("30.00")


@pytest.mark.parametrize("to", ["next", "decision"])
def test_what_is_carried_on_or_left_to_decide_stays(ledger: Ledger, to: str) -> None:
    books = BOOKS.replace("to: Equity:Reserve", f'to: "{to}"')
    assert left_in_surplus(closed(ledger, books), END) == Decimal("-20.00")


def test_a_loss_that_nobody_bears_stays_until_a_surplus_covers_it(ledger: Ledger) -> None:
    # 2025 loses 100 - 170 = -70, of which the reserve bears 30; 2026 earns 100 and places 60.
    books = f"""{BOOKS}{cost("2025-04-01", "170.00 USD")}
2024-12-31 open Equity:Opening
2025-01-01 custom "coop" "loss" "reserve"
  step: 1
  from: Equity:Reserve
  rest: TRUE
2025-01-01 * "What stood there before"
  Equity:Opening    30.00 USD
  Equity:Reserve
"""
    path = closed(ledger, books)
    assert left_in_surplus(path, END) == Decimal("40.00")
    following = (
        path.read_text() + sale("2026-06-01", "100.00 USD") + work("2026-06-30", "M01", "0.00 USD", "1", "unpaid")
    )
    path = closed(ledger, following, "2026")
    assert surplus(load(path), "2026")["base"] == "60.00"
    assert left_in_surplus(path, date(2026, 12, 31)) == 0


def test_a_loss_is_borne_by_the_reserve_and_by_what_each_member_holds(ledger: Ledger) -> None:
    # 2025 loses 100 - 170 = -70: the reserve bears a tenth, m01 and m02 the rest of 63 as 60 : 40.
    books = f"""{BOOKS}{cost("2025-04-01", "170.00 USD")}
2024-12-31 open Equity:Opening
2024-12-31 open Equity:Capital:M01:2023
2024-12-31 open Equity:Capital:M01:2024
2024-12-31 open Equity:Capital:M02:2024
2025-01-01 custom "coop" "loss" "reserve"
  step: 1
  from: Equity:Reserve
  share: 0.1
2025-01-01 custom "coop" "loss" "members"
  step: 2
  from: "members"
  rest: TRUE
2025-01-01 * "What stood there before"
  Equity:Reserve           -30.00 USD
  Equity:Capital:M01:2023  -30.00 USD
  Equity:Capital:M01:2024  -30.00 USD
  Equity:Capital:M02:2024  -30.00 USD
  Equity:Opening
"""
    assert postings(load(ledger(books))) == {
        "Equity:Capital:M01:2023": "7.80",
        "Equity:Capital:M01:2024": "30.00",
        "Equity:Capital:M02:2024": "25.20",
        "Equity:Reserve": "7.00",
        "Equity:Surplus": "-70.00",
    }
    assert left_in_surplus(closed(ledger, books), END) == 0


def test_a_member_without_a_capital_account_owes_what_a_rule_takes_below_zero(coop: Coop) -> None:
    # 2025 loses 100 - 150 = -50, m01 and m02 bear it as 60 : 40.
    books = BOOKS.replace("  capital: Equity:Capital:M02\n", "") + cost("2025-04-01", "150.00 USD")
    books += (
        '2025-01-01 custom "coop" "loss" "members"\n  step: 1\n  from: "members"\n  rest: TRUE\n  below-zero: TRUE\n'
    )
    assert postings(coop(books)) == {
        "Equity:Capital:M01": "30.00",
        "Equity:Surplus": "-50.00",
        "Liabilities:Patronage:M02": "20.00",
    }


def test_closing_entries_of_other_programs_do_no_harm(ledger: Ledger) -> None:
    books = (
        BOOKS
        + """
2025-12-31 open Equity:Surplus
2025-12-31 * "Closing entry"
  Income:Sales     100.00 USD
  Equity:Surplus  -100.00 USD
"""
    )
    assert left_in_surplus(closed(ledger, books), END) == 0


# -- a close that is not as the rules say --------------------------------------------------------------------


def test_the_close_by_hand_is_accepted(coop: Coop) -> None:
    loaded = coop(BOOKS + CLOSE)
    assert messages(loaded) == []
    assert loaded.surplus("2025").breaks is False


def with_amounts(amounts: dict[str, str | None]) -> str:
    """The close with other amounts; None leaves a posting out."""
    text = CLOSE
    for account, amount in amounts.items():
        posting = f"  {account}  {amount} USD\n" if amount else ""
        text, count = re.subn(rf"  {account} +-?[0-9.]+ USD\n", posting, text)
        assert count == 1, account
    return text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        # a cent too little to m02, a cent too much to m01
        ({"Equity:Capital:M01:2025": "-24.01", "Equity:Capital:M02:2025": "-15.99"}, "24.00 USD"),
        # retained instead of paid
        ({"Liabilities:Patronage:M01": "-23.00", "Equity:Capital:M01:2025": "-25.00"}, "24.00 USD"),
        # the reserve is forgotten
        ({"Equity:Reserve": None, "Equity:Surplus": "80.00"}, "20.00 USD"),
        # the sign is turned
        ({"Equity:Reserve": "20.00", "Equity:Surplus": "60.00"}, "20.00 USD"),
    ],
)
def test_a_wrong_or_missing_amount_is_an_error(coop: Coop, wrong: dict[str, str | None], said: str) -> None:
    loaded = coop(BOOKS + with_amounts(wrong))
    found = messages(loaded)
    assert len(found) == 2, found  # the two accounts, and no other
    assert any(said in each for each in found), found
    assert loaded.surplus("2025").breaks is True


def test_the_error_stands_at_the_posting_and_names_rule_and_cure(coop: Coop) -> None:
    books = BOOKS + CLOSE.replace("Reserve             -20.00", "Reserve             -21.00").replace(
        "100.00 USD", "101.00 USD"
    )
    found = messages(coop(books))
    (reserve,) = [each for each in found if 'allocation "reserve"' in each]
    assert reserve.startswith(f"main.beancount:{line_of(books, '-21.00')}: ")
    assert "21.00 USD" in reserve
    assert "-20.00 USD" in reserve
    assert f"main.beancount:{line_of(books, '101.00 USD')}: " in "".join(found)


def test_an_extra_posting_is_an_error(coop: Coop) -> None:
    books = BOOKS + "2025-01-01 open Equity:Friends\n" + CLOSE.replace("100.00 USD", "105.00 USD")
    books += "  Equity:Friends               -5.00 USD\n"
    found = messages(coop(books))
    assert f"main.beancount:{line_of(books, '-5.00 USD')}: " in found[-1]
    assert "Equity:Friends 5.00 USD" in found[-1]


def test_half_a_cent_is_no_unit(coop: Coop) -> None:
    text = CLOSE.replace("M01  -24.00", "M01  -24.004").replace("M01:2025    -24.00", "M01:2025     -23.996")
    found = messages(coop(BOOKS + text))
    assert found
    assert all("24.00" in each or "23.99" in each for each in found)


def test_two_postings_to_one_account_are_one_sum(coop: Coop) -> None:
    text = CLOSE.replace(
        "Equity:Reserve             -20.00 USD", "Equity:Reserve  -12.00 USD\n  Equity:Reserve  -8.00 USD"
    )
    assert messages(coop(BOOKS + text)) == []


@pytest.mark.parametrize(("day", "right"), [("2025-12-30", False), ("2025-12-31", True), ("2026-01-01", False)])
def test_a_close_is_dated_the_last_day(coop: Coop, day: str, right: bool) -> None:
    books = BOOKS + CLOSE.replace('2025-12-31 * "Close', f'{day} * "Close').replace(
        "2025-12-31 open", "2025-12-30 open"
    )
    found = messages(coop(books))
    assert (found == []) is right
    assert right or (
        f"main.beancount:{line_of(books, '#coop-close')}: " in found[0] and "date it 2025-12-31" in found[0]
    )


def test_a_close_never_posts_to_income_or_expenses(coop: Coop) -> None:
    text = CLOSE.replace("Equity:Surplus             100.00", "Income:Sales               100.00")
    found = messages(coop(BOOKS + text))
    assert found[-1].startswith(f"main.beancount:{line_of(BOOKS + text, 'Income:Sales               100.00')}: ")
    expenses = CLOSE.replace("100.00 USD", "101.00 USD") + "  Expenses:Rent  -1.00 USD\n"
    assert any("Expenses:Rent" in each for each in messages(coop(BOOKS + expenses)))


@pytest.mark.parametrize("period", ['"2026"', '"2024"', '"2025-12"', "2025", '"twentyfive"', ""])
def test_a_close_names_a_year_of_the_books(coop: Coop, period: str) -> None:
    text = CLOSE.replace('  period: "2025"\n', f"  period: {period}\n" if period else "")
    (found,) = messages(coop(BOOKS + text))
    assert found.startswith(f"main.beancount:{line_of(BOOKS + text, '#coop-close')}: ")
    assert "2025" in found


def test_each_close_of_no_year_is_told(coop: Coop) -> None:
    first = CLOSE.replace('period: "2025"', 'period: "2031"')
    second = first[first.index("2025-12-31 * ") :].replace("2031", "2032")
    found = messages(coop(BOOKS + first + "\n" + second))
    assert [re.findall(r'names the period "(\d+)", which is no fiscal year', each) for each in found] == [
        ["2031"],
        ["2032"],
    ]


def test_a_second_close_of_the_same_year_is_an_error(coop: Coop) -> None:
    second = CLOSE[CLOSE.index("2025-12-31 * ") :]
    found = messages(coop(BOOKS + CLOSE + "\n" + second))
    assert len(found) == 6  # every account has twice what it should have


def test_a_close_before_the_one_of_the_year_before_is_an_error(coop: Coop) -> None:
    books = (
        BOOKS
        + sale("2026-03-01", "100.00 USD")
        + work("2026-06-30", "M01", "0.00 USD", "1", "unpaid")
        + """
2025-12-31 open Equity:Surplus
2025-12-31 open Liabilities:Patronage:M01
2026-12-31 open Equity:Capital:M01:2026
2026-12-31 * "Close of 2026" #coop-close
  period: "2026"
  Equity:Surplus              100.00 USD
  Equity:Reserve             -20.00 USD
  Equity:Capital:M01:2026     -40.00 USD
  Liabilities:Patronage:M01   -40.00 USD
"""
    )
    (found,) = messages(coop(books))
    assert "close 2025 before 2026" in found
    assert (
        messages(
            coop(
                books
                + CLOSE.replace("2025-12-31 open Equity:Surplus\n", "").replace(
                    "2025-12-31 open Liabilities:Patronage:M01\n", ""
                )
            )
        )
        == []
    )


def test_a_surplus_that_is_left_over_cannot_be_closed(coop: Coop) -> None:
    books = BOOKS.replace("rest: TRUE", "share: 0.79")
    with pytest.raises(SurplusRefused, match=r"1.00 USD of 2025 .*rest: TRUE"):
        coop(books).close("2025")
    (found,) = messages(coop(books + CLOSE))
    assert "1.00 USD of 2025" in found


def test_a_cent_that_is_left_over_cannot_be_closed(coop: Coop) -> None:
    books = BOOKS.replace("rest: TRUE", "share: 0.80").replace("share: 0.20", "amount: 19.99 USD")
    with pytest.raises(SurplusRefused, match=r"0.01 USD of 2025 is placed by no step"):
        coop(books).close("2025")


def test_a_rule_written_inside_the_year_is_named_where_it_would_have_helped(coop: Coop) -> None:
    books = BOOKS.replace('2025-01-01 custom "coop" "allocation"', '2025-02-01 custom "coop" "allocation"')
    with pytest.raises(SurplusRefused, match=r"2025-02-01.*next year"):
        coop(books).close("2025")


# -- amendments ----------------------------------------------------------------------------------------------

# Found in March 2026: 10.00 of rent of 2025. 90 instead of 100: reserve 18, members 43.20 and 28.80.
CORRECTION = """
2026-03-01 * "An invoice found in a drawer"
  of-period: "2025"
  Expenses:Rent   10.00 USD
  Assets:Bank
2026-04-15 custom "coop" "decision" "D-9"
  matter: "amend the close of 2025"
"""


def test_a_correction_asks_for_a_decision(coop: Coop) -> None:
    loaded = coop(BOOKS + CLOSE + CORRECTION)
    assert len(messages(loaded)) == 1
    with pytest.raises(SurplusRefused, match=r"by up to 10.00 USD: .*--decision ID"):
        loaded.close("2025")
    with pytest.raises(SurplusRefused, match='no decision "D-8"'):
        loaded.close("2025", decision="D-8")


def test_a_first_close_names_no_decision_that_nobody_took(coop: Coop) -> None:
    with pytest.raises(SurplusRefused, match='there is no decision "D-8": add its record'):
        coop(BOOKS).close("2025", decision="D-8")
    taken = coop(BOOKS + '2026-01-05 custom "coop" "decision" "D-8"\n').close("2025", decision="D-8")
    assert '2025-12-31 * "Close of 2025" #coop-close\n  period: "2025"\n  decision: "D-8"\n' in str(taken.transaction)


def test_the_amendment_moves_the_difference_on_the_day_of_its_decision(coop: Coop) -> None:
    loaded = coop(BOOKS + CLOSE + CORRECTION)
    text = str(loaded.close("2025", decision="D-9").transaction)
    head = '2026-04-15 * "Amendment to the close of 2025" #coop-close\n  period: "2025"\n'
    assert text.startswith(head + '  amends: TRUE\n  decision: "D-9"\n')
    assert postings(loaded, decision="D-9") == {
        "Equity:Capital:M01:2025": "2.40",
        "Equity:Capital:M02:2025": "1.60",
        "Equity:Reserve": "2.00",
        "Equity:Surplus": "-10.00",
        "Liabilities:Patronage:M01": "2.40",
        "Liabilities:Patronage:M02": "1.60",
    }
    amended = coop(BOOKS + CLOSE + CORRECTION + text)
    assert messages(amended) == []
    assert amended.close("2025").transaction is None
    assert parts(amended) == {"m01": "43.20", "m02": "28.80"}


def test_a_decision_that_was_taken_again_amends_on_its_later_day(coop: Coop) -> None:
    again = '2026-04-20 custom "coop" "decision" "D-9"\n  matter: "amend the close of 2025, by the second count"\n'
    found = coop(BOOKS + CLOSE + CORRECTION + again).close("2025", decision="D-9")
    assert str(found.transaction).startswith('2026-04-20 * "Amendment to the close of 2025"')


def test_an_amendment_takes_back_what_no_rule_gives(coop: Coop) -> None:
    books = BOOKS + "2025-01-01 open Equity:Friends\n" + CLOSE.replace("100.00 USD", "105.00 USD")
    books += "  Equity:Friends  -5.00 USD\n" + '2026-04-15 custom "coop" "decision" "D-9"\n'
    assert postings(coop(books), decision="D-9") == {"Equity:Friends": "5.00", "Equity:Surplus": "-5.00"}


def test_after_an_amendment_nothing_is_left_in_the_surplus_account(ledger: Ledger) -> None:
    books = BOOKS + CLOSE + CORRECTION
    path = ledger(books + str(load(ledger(books)).close("2025", decision="D-9").transaction))
    assert left_in_surplus(path, date(2026, 4, 15)) == 0


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('  decision: "D-9"\n', "", "without a decision"),
        ('"D-9"\n  Equity', '"D-8"\n  Equity', "without a decision"),
        ("2026-04-15 * ", "2026-04-14 * ", "date it 2026-04-15"),
        ("  amends: TRUE\n", "", "amends: TRUE"),
    ],
)
def test_an_amendment_needs_its_decision_and_its_day(coop: Coop, old: str, new: str, word: str) -> None:
    text = str(coop(BOOKS + CLOSE + CORRECTION).close("2025", decision="D-9").transaction)
    assert old in text
    found = messages(coop(BOOKS + CLOSE + CORRECTION + text.replace(old, new)))
    assert any(word in each for each in found), found


# -- resolutions ---------------------------------------------------------------------------------------------

LEFT_OPEN = BOOKS.replace("to: Equity:Reserve", 'to: "decision"')
RESOLVED = """
2026-05-10 custom "coop" "decision" "D-1"
  matter: "what becomes of the open fifth"
2026-05-10 custom "coop" "resolution" "2025"
  of: "reserve"
  to: Equity:Reserve
  rest: TRUE
  decision: "D-1"
"""


def test_with_a_resolution_the_close_is_dated_the_day_of_its_decision(ledger: Ledger) -> None:
    text = str(load(ledger(LEFT_OPEN + RESOLVED)).close("2025").transaction)
    assert '2026-05-10 * "Close of 2025" #coop-close\n  period: "2025"\n  decision: "D-1"\n' in text
    path = ledger(LEFT_OPEN + RESOLVED + text)
    assert messages(load(path)) == []
    assert left_in_surplus(path, date(2026, 5, 10)) == 0


def test_a_resolution_after_the_close_adds_only_what_it_divides(ledger: Ledger) -> None:
    first = str(load(ledger(LEFT_OPEN)).close("2025").transaction)
    assert '2025-12-31 * "Close of 2025"' in first
    loaded = load(ledger(LEFT_OPEN + first + RESOLVED))
    assert postings(loaded) == {"Equity:Reserve": "-20.00", "Equity:Surplus": "20.00"}
    second = str(loaded.close("2025").transaction)
    assert '2026-05-10 * "Close of 2025" #coop-close' in second
    path = ledger(LEFT_OPEN + first + RESOLVED + second)
    assert messages(load(path)) == []
    assert left_in_surplus(path, date(2026, 5, 10)) == 0


@pytest.mark.parametrize("day", ["2026-05-09", "2026-05-11"])
def test_another_day_than_that_of_the_decision_is_an_error(ledger: Ledger, day: str) -> None:
    text = str(load(ledger(LEFT_OPEN + RESOLVED)).close("2025").transaction)
    found = messages(
        load(
            ledger(
                LEFT_OPEN
                + RESOLVED
                + text.replace("2026-05-10 *", f"{day} *").replace("2026-05-10 open", "2026-05-09 open")
            )
        )
    )
    assert any("date it 2025-12-31, or 2026-05-10" in each for each in found), found


def test_what_is_resolved_before_the_year_is_over_closes_on_its_last_day(ledger: Ledger) -> None:
    books = LEFT_OPEN + RESOLVED.replace("2026-05-10", "2025-12-01")
    text = str(load(ledger(books)).close("2025").transaction)
    assert '2025-12-31 * "Close of 2025" #coop-close' in text
    assert messages(load(ledger(books + text))) == []


def test_two_resolutions_of_two_days_close_one_after_the_other(ledger: Ledger) -> None:
    # Of the open 20.00 half in May, half in June.
    half = RESOLVED.replace("rest: TRUE", "share: 0.5")
    books = LEFT_OPEN + half
    books += "\n" + str(load(ledger(books)).close("2025").transaction)
    books += half.replace("2026-05-10", "2026-06-10").replace("D-1", "D-2").replace("Equity:Reserve", "Equity:Friends")
    text = str(load(ledger(books)).close("2025").transaction)
    assert '2026-06-10 * "Close of 2025" #coop-close\n  period: "2025"\n  decision: "D-2"\n' in text
    assert postings(load(ledger(books))) == {"Equity:Friends": "-10.00", "Equity:Surplus": "10.00"}
    path = ledger(books + text)
    assert messages(load(path)) == []
    assert left_in_surplus(path, date(2026, 6, 10)) == 0


# -- which error it is, and where it stands ------------------------------------------------------------------


def said(coop: Cooperative, line: str) -> list[str]:
    """What is said of the close in a line, without its place."""
    return [each.removeprefix(line) for each in messages(coop) if each.startswith(line)]


def at(books: str, text: str) -> str:
    return f"main.beancount:{line_of(books, text)}: "


def test_each_reason_stands_once_behind_its_account(coop: Coop) -> None:
    two = '2025-01-01 custom "coop" "allocation" "again"\n  step: 1\n  to: Equity:Reserve\n  share: 0.10\n'
    books = BOOKS.replace('to: "members"', 'to: "workers"') + two
    lines = str(coop(books).close("2025").transaction).splitlines()
    comments = {line.split()[0]: line.partition("  ; ")[2] for line in lines if "  ; " in line}
    first, again, workers = (
        f'allocation "{name}" at main.beancount:{line_of(books, f"{chr(34)}allocation{chr(34)} {chr(34)}{name}{chr(34)}")}'
        for name in ("reserve", "again", "members")
    )
    assert comments == {
        "Equity:Reserve": f"{again}; {first}",
        "Equity:Surplus": "the sum of all steps of 2025",
        "Liabilities:Patronage:M01": workers,
        "Liabilities:Patronage:M02": workers,
    }


def test_a_cent_is_an_error_wherever_it_is(coop: Coop) -> None:
    books = BOOKS + "2025-01-01 open Equity:Friends\n" + CLOSE.replace("100.00 USD", "99.99 USD")
    friends = books + "  Equity:Friends  0.01 USD\n"
    assert said(coop(friends), at(friends, "Friends  0.01")) == [
        "the close of 2025 takes 0.01 USD from Equity:Friends, but no rule does: take the posting out"
    ]
    gift = BOOKS + "2025-01-01 open Equity:Friends\n" + CLOSE.replace("100.00 USD", "100.01 USD")
    gift += "  Equity:Friends  -0.01 USD\n"
    assert said(coop(gift), at(gift, "Friends  -0.01")) == [
        "the close of 2025 gives Equity:Friends 0.01 USD, but no rule does: take the posting out"
    ]


def test_what_is_left_out_is_told_at_the_last_close(coop: Coop) -> None:
    """The account stands nowhere; the transaction that was to have it is the last one."""
    first = CLOSE.replace("  Equity:Reserve             -20.00 USD\n", "").replace("100.00 USD", "64.00 USD")
    first = first.replace("  Liabilities:Patronage:M02  -16.00 USD\n", "")
    second = '2025-12-31 * "The rest" #coop-close\n  period: "2025"\n  Equity:Surplus  16.00 USD\n'
    books = BOOKS + first + "\n" + second + "  Liabilities:Patronage:M02  -16.00 USD\n"
    found = messages(coop(books))
    missing = [each for each in found if "gives Equity:Reserve nothing, but" in each]
    assert missing[0].startswith(at(books, "The rest"))
    assert missing[0].endswith("gives it 20.00 USD: add the posting Equity:Reserve -20.00 USD")
    assert next(each for each in found if "Equity:Surplus" in each).startswith(at(books, "Equity:Surplus  16.00"))
    assert len(found) == 2


def test_of_two_postings_to_one_account_the_first_is_named(coop: Coop) -> None:
    two = "Equity:Reserve  -12.00 USD\n  Equity:Reserve  -9.00 USD"
    text = CLOSE.replace("Equity:Reserve             -20.00 USD", two).replace("100.00 USD", "101.00 USD")
    found = [each for each in messages(coop(BOOKS + text)) if "gives Equity:Reserve 21.00 USD" in each]
    assert found[0].startswith(at(BOOKS + text, "Reserve  -12.00"))


def test_every_wrong_posting_of_every_close_of_a_year_is_told(coop: Coop) -> None:
    """A posting to the result is one, a fraction another, and what is wrong beside them is told all the same."""
    second = (
        '2025-12-31 * "More" #coop-close\n  period: "2025"\n  Expenses:Rent  -1.00 USD\n  Equity:Reserve  1.00 USD\n'
    )
    third = second.replace("More", "Still more").replace("Expenses:Rent  -1.00", "Expenses:Rent  -2.00")
    third = (
        third.replace("Reserve  1.00", "Reserve  2.00")
        + "  Income:Sales  -3.00 USD\n  Liabilities:Patronage:M01  3.00 USD\n"
    )
    third += "  Equity:Friends  -4.00 USD\n  Liabilities:Patronage:M02  4.00 USD\n"
    books = BOOKS + CLOSE + "2025-01-01 open Equity:Friends\n" + second + "\n" + third
    found = messages(coop(books))
    assert sum("never posts to Income or Expenses" in each for each in found) == 3
    assert any("gives Equity:Reserve 17.00 USD, but" in each for each in found)
    assert any("gives Liabilities:Patronage:M01 21.00 USD, but" in each for each in found)
    assert any("gives Equity:Friends 4.00 USD, but" in each for each in found)
    assert len(found) == 7


def test_the_first_amount_without_a_price_is_named(coop: Coop) -> None:
    abroad = sale("2025-03-02", "30.00 CHF") + sale("2025-03-03", "40.00 SEK")
    with pytest.raises(SurplusRefused, match=r"-30.00 CHF on Income:Sales .* add `2025-03-02 price CHF … USD`"):
        coop(BOOKS + abroad).close("2025")


def test_the_first_of_the_years_that_must_be_closed_before_is_named(coop: Coop) -> None:
    years = BOOKS + sale("2026-03-01", "100.00 USD") + sale("2027-03-01", "100.00 USD")
    years += "".join(work(f"{year}-06-30", "M01", "0.00 USD", "1", "unpaid") for year in (2026, 2027))
    with pytest.raises(SurplusRefused, match=r"surplus of 2025, 2026 is not placed yet: close 2025 before 2027"):
        coop(years).close("2027")
    close = (
        '2027-12-31 * "{}" #coop-close\n  period: "2027"\n  Equity:Surplus  50.00 USD\n  Equity:Reserve  -50.00 USD\n'
    )
    books = years + "2025-12-31 open Equity:Surplus\n" + close.format("One half") + "\n" + close.format("Other half")
    (found,) = messages(coop(books))
    assert found.startswith(
        at(books, "One half") + "2027 cannot be closed: the surplus of 2025, 2026 is not placed yet"
    )


# -- what came into a closed year later ----------------------------------------------------------------------


def late(day: str, amount: str, period: str = "2025", name: str = "A late bill") -> str:
    return f'\n{day} * "{name}"\n  of-period: "{period}"\n  Expenses:Rent  {amount} USD\n  Assets:Bank\n'


def test_the_first_late_booking_is_named_and_what_cancels_out_is_none(coop: Coop) -> None:
    one, other = late("2026-03-01", "10.00", name="First"), late("2026-03-02", "-4.00", name="Second")
    books = BOOKS + CLOSE + one + other
    (found,) = messages(coop(books))
    assert found.startswith(at(books, "First"))
    assert "of-period moves 10.00 USD into 2025, which is closed" in found
    assert messages(coop(BOOKS + CLOSE + one + other.replace("-4.00", "-10.00"))) == []


def test_a_close_is_wrong_in_itself_whatever_came_into_another_year(coop: Coop) -> None:
    wrong = CLOSE.replace("Reserve             -20.00", "Reserve             -21.00").replace(
        "100.00 USD", "101.00 USD"
    )
    books = BOOKS + wrong + late("2026-03-01", "10.00", "2026")
    found = messages(coop(books))
    assert [each for each in found if "of-period moves" in each] == []
    assert [each for each in found if "gives Equity:Reserve 21.00 USD" in each]


@pytest.mark.parametrize("day", ["2026-03-01", "2026-05-10"])
def test_a_close_is_wrong_in_itself_whatever_came_before_it(ledger: Ledger, day: str) -> None:
    """Or on its own day: it was made with that."""
    books = LEFT_OPEN + late(day, "10.00") + RESOLVED
    text = str(load(ledger(books)).close("2025").transaction)
    assert messages(load(ledger(books + text))) == []
    wrong = re.sub(r"(Reserve +)-18.00", r"\g<1>-19.00", re.sub(r"(Surplus +)90.00", r"\g<1>91.00", text))
    found = messages(load(ledger(books + wrong)))
    assert [each for each in found if "of-period moves" in each] == []
    assert len(found) == 2, text


def test_an_amendment_is_wrong_in_itself_whatever_it_amends(coop: Coop) -> None:
    text = str(coop(BOOKS + CLOSE + CORRECTION).close("2025", decision="D-9").transaction)
    wrong = re.sub(r"(Reserve +)2.00", r"\g<1>3.00", re.sub(r"(Surplus +)-10.00", r"\g<1>-11.00", text))
    found = messages(coop(BOOKS + CLOSE + CORRECTION + wrong))
    assert [each for each in found if "of-period moves" in each] == []
    assert len(found) == 2, wrong


# -- more of resolutions -------------------------------------------------------------------------------------


def test_a_resolution_of_another_year_leaves_the_day_of_a_close(ledger: Ledger) -> None:
    other = RESOLVED.replace('"resolution" "2025"', '"resolution" "2026"').replace("2026-05-10", "2027-05-10")
    books = LEFT_OPEN + RESOLVED + other.replace("D-1", "D-2") + sale("2026-03-01", "100.00 USD")
    books += work("2026-06-30", "M01", "0.00 USD", "1", "unpaid")
    text = str(load(ledger(books)).close("2025").transaction)
    assert '2026-05-10 * "Close of 2025" #coop-close\n  period: "2025"\n  decision: "D-1"\n' in text
    following = str(load(ledger(books + "\n" + text)).close("2026").transaction)
    assert '2027-05-10 * "Close of 2026" #coop-close\n  period: "2026"\n  decision: "D-2"\n' in following
    assert messages(load(ledger(books + "\n" + text + "\n" + following))) == []


def test_a_resolution_counts_from_the_day_of_its_decision_not_of_its_record(coop: Coop) -> None:
    written_later = RESOLVED.replace('2026-05-10 custom "coop" "resolution"', '2026-05-12 custom "coop" "resolution"')
    assert '2026-05-10 * "Close of 2025"' in str(coop(LEFT_OPEN + written_later).close("2025").transaction)


def test_a_resolution_whose_decision_was_never_recorded_counts_from_its_own_day(coop: Coop) -> None:
    alone = RESOLVED[RESOLVED.index('2026-05-10 custom "coop" "resolution"') :]
    assert '2026-05-10 * "Close of 2025"' in str(coop(LEFT_OPEN + alone).close("2025").transaction)


@pytest.mark.parametrize(("share", "cents"), [("0.0005", "0.01"), ("1", "20.00")])
def test_a_division_may_be_as_small_as_a_cent(ledger: Ledger, share: str, cents: str) -> None:
    books = LEFT_OPEN + str(load(ledger(LEFT_OPEN)).close("2025").transaction)
    books += RESOLVED.replace("rest: TRUE", f"share: {share}")
    assert postings(load(ledger(books))) == {"Equity:Reserve": f"-{cents}", "Equity:Surplus": cents}


@pytest.mark.parametrize("change", ["more", "other"])
def test_what_is_more_than_a_division_is_an_amendment(ledger: Ledger, change: str) -> None:
    """A resolution divides what was left open; a late sale, or hours that were counted wrongly, need a decision."""
    books = LEFT_OPEN + str(load(ledger(LEFT_OPEN)).close("2025").transaction)
    if change == "more":
        books += RESOLVED + late("2026-03-01", "-10.00")
    else:
        books += RESOLVED + "\n" + str(load(ledger(books + RESOLVED)).close("2025").transaction)
        books = books.replace("hours: 60", "hours: 50")
    with pytest.raises(
        SurplusRefused, match=r"2025 is closed, and a later correction changes it by up to .*--decision ID"
    ):
        load(ledger(books)).close("2025")


# -- rules of the next year ----------------------------------------------------------------------------------


def test_a_rule_that_came_too_late_is_named_where_it_is_that_rule(coop: Coop) -> None:
    """One that reaches back is in force, and one of another account has nothing to do with it."""
    late_rule = '2025-02-01 custom "coop" "allocation" "friends"\n  step: 1\n  to: Equity:Friends\n  share: 0.05\n'
    books = BOOKS + "2025-01-01 open Equity:Friends\n2025-01-01 open Equity:Others\n" + late_rule
    for account, why in (
        ("Friends", 'allocation "friends" of 2025-02-01 binds only from the next year'),
        ("Others", "no rule does"),
    ):
        text = books + CLOSE.replace("100.00 USD", "105.00 USD") + f"  Equity:{account}  -5.00 USD\n"
        assert said(coop(text), at(text, f"Equity:{account}  -5.00"))[0].partition(": ")[0] == (
            f"the close of 2025 gives Equity:{account} 5.00 USD, but {why}"
        )


def test_a_rule_that_reaches_back_and_gives_nothing_did_not_come_too_late(coop: Coop) -> None:
    back = (
        '2025-01-20 custom "coop" "decision" "D-1"\n2025-02-01 custom "coop" "allocation" "friends"\n  step: 1\n'
        '  to: Equity:Friends\n  share: 0.000001\n  binds-from: 2025-01-01\n  decision: "D-1"\n'
    )
    books = BOOKS + "2025-01-01 open Equity:Friends\n" + back + CLOSE.replace("100.00 USD", "105.00 USD")
    books += "  Equity:Friends  -5.00 USD\n"
    assert said(coop(books), at(books, "Friends  -5.00")) == [
        "the close of 2025 gives Equity:Friends 5.00 USD, but no rule does: take the posting out"
    ]


def test_what_is_left_over_names_the_rule_that_would_have_placed_it(coop: Coop) -> None:
    """Not the one that reaches back: that one is in force."""
    back = (
        '2025-01-20 custom "coop" "decision" "D-1"\n2025-02-01 custom "coop" "allocation" "reserve"\n  step: 1\n'
        '  to: Equity:Reserve\n  share: 0.10\n  binds-from: 2025-01-01\n  decision: "D-1"\n'
    )
    rest = '2025-03-01 custom "coop" "allocation" "members"\n  step: 2\n  to: "members"\n  rest: TRUE\n'
    books = BOOKS.replace("rest: TRUE", "share: 0.79") + back + rest
    with pytest.raises(SurplusRefused) as refused:
        coop(books).close("2025")
    assert str(refused.value).startswith(at(books, "2025-03-01 custom"))
    assert 'since allocation "members" of 2025-03-01 binds only from the next year' in str(refused.value)


def test_a_rule_of_losses_that_came_too_late_is_named(coop: Coop) -> None:
    books = f"""{BOOKS}{cost("2025-04-01", "170.00 USD")}
2025-03-01 custom "coop" "loss" "reserve"
  step: 1
  from: Equity:Reserve
  rest: TRUE
2025-01-01 open Equity:Opening
2025-01-01 open Equity:Surplus
2025-01-01 * "What stood there before"
  Equity:Reserve  -90.00 USD
  Equity:Opening
2025-12-31 * "Close of 2025" #coop-close
  period: "2025"
  Equity:Reserve   70.00 USD
  Equity:Surplus  -70.00 USD
"""
    assert said(coop(books), at(books, "Reserve   70.00"))[0].startswith(
        'the close of 2025 takes 70.00 USD from Equity:Reserve, but loss "reserve" of 2025-03-01 binds only from the next year'
    )
