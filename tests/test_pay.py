"""The wage ratio: every way in which pay, hours, periods and the two ends are defined, summed by hand."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from beancount import loader

from coopbooks import load
from coopbooks.cooperative import Cooperative
from coopbooks.errors import LedgerUnusable, UnknownPeriod

Coop = Callable[..., Cooperative]
Row = dict[str, Any]

HEAD = """
option "operating_currency" "USD"
2020-01-01 open Assets:Bank
2020-01-01 open Expenses:Wages
2020-01-01 open Expenses:Wages:Office
2020-01-01 open Expenses:Rent
2024-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages
2024-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages
2024-01-01 custom "coop" "member" "m03"
  wages: Expenses:Wages
2024-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages
"""


def cap(number: str, *fields: str, day: str = "2024-01-01", name: str = "wage-ratio") -> str:
    """A `bylaw wage-ratio` of a day with more fields."""
    return f'{day} custom "coop" "bylaw" "{name}"\n' + "".join(f"  {field}\n" for field in (f"cap: {number}", *fields))


def paid(day: str, person: str, amount: str, hours: str = "", **fields: str) -> str:
    """A posting of pay on a day; `pay_period` is written "pay-period"; the bank is left to Beancount."""
    account = fields.pop("account", "Expenses:Wages")
    currency = "" if " " in amount else " USD"
    lines = [f'{day} * "pay"', f"  {account}  {amount}{currency}"]
    lines += [f'    worker: "{person}"'] if person else []
    lines += [f"    hours: {hours}"] if hours else []
    lines += [f'    {name.replace("_", "-")}: "{value}"' for name, value in fields.items()]
    return "\n".join([*lines, "  Assets:Bank", ""])


def rows(books: Cooperative, period: str | None = None) -> list[Row]:
    found: list[Row] = books.wages(period).to_data()
    return found


def the_row(books: Cooperative, period: str) -> Row:
    (row,) = (row for row in rows(books) if row["period"] == period)
    return row


def ends(row: Row) -> tuple[Any, ...]:
    """Ratio, and who stands at either end with what rate."""
    high, low = row["highest"], row["lowest"]
    return row["ratio"], high["person"], high["rate"], low["person"], low["rate"]


def errors(books: Cooperative) -> list[tuple[str, str]]:
    return [(error.place, error.message) for error in books.check().errors]


def line_of(text: str, words: str) -> str:
    """The place of the first line that has these words, in a ledger that `coop` writes."""
    lines = text.lstrip("\n").splitlines()
    return f"main.beancount:{next(number for number, line in enumerate(lines, 1) if words in line)}"


# -- the usual case ------------------------------------------------------------------------------------------


def test_pay_an_hour_in_a_month(coop: Coop) -> None:
    text = (
        HEAD
        + cap("6")
        + paid("2025-03-31", "m01", "3200.00", "160")
        + paid("2025-03-15", "m02", "400.00", "40")
        + paid("2025-03-31", "m02", "600.00", "60")
        + paid("2025-03-31", "w01", "640.00", "80")
    )
    # m01 3200 / 160 = 20.00; m02 1000 / 100 = 10.00; w01 640 / 80 = 8.00; 20 / 8 = 2.50.
    (row,) = rows(coop(text))
    assert row == {
        "period": "2025-03",
        "ratio": "2.50",
        "cap": "6.00",
        "breach": False,
        "highest": {"person": "m01", "rate": "20.00"},
        "lowest": {"person": "w01", "rate": "8.00"},
        "measure": "hourly",
        "people": 3,
        "left_out": [],
        "bylaw": line_of(text, '"bylaw" "wage-ratio"'),
        "contract_hours": [],
        "message": None,
    }
    assert errors(coop(text)) == []


EXAMPLE = (
    "wage ratio 6.80 is over the cap of 6.00 in 2025-03 (highest m03 34.00 USD/h, lowest m11 5.00 USD/h; "
    "bylaw at bylaws.beancount:7): pay m11 at least 5.67 USD/h, or m03 at most 30.00 USD/h"
)


def write_example(ledger: Callable[..., Path]) -> Path:
    """Books in three files, with the bylaw on line 7 and the payroll of m03 on line 412 of its own."""
    ledger("\n" * 6 + "x" + cap("6"), "bylaws.beancount")
    bylaws = ledger("", "bylaws.beancount")
    bylaws.write_text("; bylaws\n" * 6 + cap("6"), encoding="utf-8")
    # 5440 / 160 = 34.00 and 800 / 160 = 5.00; 34 / 5 = 6.80; 34 / 6 = 5.666…, up to 5.67; 6 × 5 = 30.
    year = ledger("", "books/2025.beancount")
    payroll = paid("2025-03-31", "m03", "5440.00", "160") + paid("2025-03-31", "m11", "800.00", "160")
    year.write_text("; books\n" * 410 + payroll, encoding="utf-8")
    return ledger(
        f"""
        plugin "coopbooks.plugins"
        {HEAD.replace(chr(10), chr(10) + "        ")}
        2024-01-01 custom "coop" "worker" "m11"
          wages: Expenses:Wages
        include "bylaws.beancount"
        include "books/2025.beancount"
        """
    )


def test_the_error_of_a_breach_word_for_word(ledger: Callable[..., Path]) -> None:
    books = load(write_example(ledger))
    assert errors(books) == [("books/2025.beancount:412", EXAMPLE)]
    row = the_row(books, "2025-03")
    assert row["breach"] is True
    assert row["message"] == EXAMPLE
    assert books.wages().breaks


def test_bean_check_says_the_same_at_the_same_place(ledger: Callable[..., Path]) -> None:
    path = write_example(ledger)
    _, (error,), _ = loader.load_file(str(path))
    assert error.source == {"filename": str(path.parent / "books" / "2025.beancount"), "lineno": 412}
    assert error.message == EXAMPLE


@pytest.mark.parametrize(
    ("amount", "ratio", "breach"),
    [
        # Against 10.00 an hour and a cap of 6: 60.00 keeps it, and the smallest step above does not.
        ("6000.00", "6.00", False),
        ("6000.01", "6.01", True),
        ("6004.00", "6.01", True),
        ("6005.00", "6.01", True),
        ("6010.00", "6.01", True),
        ("5999.99", "6.00", False),
    ],
)
def test_a_breach_never_rounds_down_to_its_cap(coop: Coop, amount: str, ratio: str, breach: bool) -> None:
    books = coop(
        HEAD + cap("6") + paid("2025-03-31", "m01", amount, "100") + paid("2025-03-31", "w01", "1000.00", "100")
    )
    row = the_row(books, "2025-03")
    assert (row["ratio"], row["breach"]) == (ratio, breach)
    assert bool(errors(books)) == breach


def test_what_the_sentence_proposes_cures_the_breach(coop: Coop) -> None:
    # 100 / 7 = 14.285714… an hour is the most that 7 × … allows: 50.00 / 3.5 = 14.2857…, up to 14.29.
    text = HEAD + cap("3.5") + paid("2025-03-31", "m01", "5000.00", "100")
    breach = the_row(coop(text + paid("2025-03-31", "w01", "1000.00", "100")), "2025-03")
    assert "pay w01 at least 14.29 USD/h, or m01 at most 35.00 USD/h" in breach["message"]
    cured = the_row(coop(text + paid("2025-03-31", "w01", "1429.00", "100")), "2025-03")
    assert (cured["ratio"], cured["breach"]) == ("3.50", False)
    a_cent_less = the_row(coop(text + paid("2025-03-31", "w01", "1428.00", "100")), "2025-03")
    assert a_cent_less["breach"] is True


def test_of_equal_rates_the_smaller_id_stands(coop: Coop) -> None:
    books = coop(
        HEAD
        + cap("6")
        + paid("2025-03-31", "m03", "100.00", "10")
        + paid("2025-03-31", "m02", "200.00", "20")
        + paid("2025-03-31", "m01", "300.00", "30")
    )
    assert ends(the_row(books, "2025-03")) == ("1.00", "m01", "10.00", "m01", "10.00")


def test_one_person_alone_has_the_ratio_one(coop: Coop) -> None:
    books = coop(HEAD + cap("1") + paid("2025-03-31", "m01", "3200.00", "160"))
    assert ends(the_row(books, "2025-03")) == ("1.00", "m01", "20.00", "m01", "20.00")
    assert errors(books) == []


def test_books_without_a_cap_have_a_ratio_and_no_breach(coop: Coop) -> None:
    books = coop(HEAD + paid("2025-03-31", "m01", "9000.00", "100") + paid("2025-04-01", "w01", "100.00", "100"))
    march, april = rows(books)
    assert (march["period"], march["cap"], march["breach"], march["bylaw"]) == ("2025-03", None, False, None)
    assert (april["period"], april["ratio"], april["measure"]) == ("2025-04", "1.00", "hourly")
    assert errors(books) == []


def test_a_ledger_without_records_has_no_ratio(coop: Coop) -> None:
    assert rows(coop('2025-01-01 open Assets:Bank\n2025-01-02 * "x"\n  Assets:Bank  0 USD\n')) == []


# -- the two ends --------------------------------------------------------------------------------------------

FOUR = (
    paid("2025-03-31", "m01", "4000.00", "100")
    + paid("2025-03-31", "m02", "2500.00", "100")
    + paid("2025-03-31", "m03", "1500.00", "100")
    + paid("2025-03-31", "w01", "1000.00", "100")
)


def test_the_median_of_an_even_number_is_the_middle_of_two(coop: Coop) -> None:
    # 40, 25, 15, 10: the middle of 25 and 15 is 20; 40 / 20 = 2.
    books = coop(HEAD + cap("2", 'compare: "max/median"') + FOUR)
    assert ends(the_row(books, "2025-03")) == ("2.00", "m01", "40.00", None, "20.00")
    assert errors(books) == []


def test_the_median_of_an_odd_number_is_the_middle_one(coop: Coop) -> None:
    books = coop(HEAD + cap("1.5", 'compare: "max/median"') + FOUR.replace("1000.00 USD", "-1000.00 USD"))
    # 40, 25 and 15 count: 40 / 25 = 1.60.
    row = the_row(books, "2025-03")
    assert ends(row) == ("1.60", "m01", "40.00", None, "25.00")
    assert row["message"] == (
        "wage ratio 1.60 is over the cap of 1.50 in 2025-03 (highest m01 40.00 USD/h, median 25.00 USD/h; "
        f"bylaw at {row['bylaw']}): pay m01 at most 37.50 USD/h"
    )


def test_the_highest_against_a_floor(coop: Coop) -> None:
    # 40 / 12.50 = 3.20.
    text = HEAD + cap("3", 'compare: "max/floor"', "floor: 12.50 USD") + FOUR
    row = the_row(coop(text), "2025-03")
    assert ends(row) == ("3.20", "m01", "40.00", None, "12.50")
    assert row["message"] == (
        "wage ratio 3.20 is over the cap of 3.00 in 2025-03 (highest m01 40.00 USD/h, floor 12.50 USD/h; "
        f"bylaw at {row['bylaw']}): pay m01 at most 37.50 USD/h"
    )


def test_a_floor_above_all_pay_gives_a_ratio_below_one(coop: Coop) -> None:
    row = the_row(coop(HEAD + cap("3", 'compare: "max/floor"', "floor: 50.00 USD") + FOUR), "2025-03")
    assert (row["ratio"], row["breach"]) == ("0.80", False)


def test_a_floor_without_a_figure_cannot_be_compared(coop: Coop) -> None:
    text = HEAD + cap("3", 'compare: "max/floor"') + FOUR
    with pytest.raises(LedgerUnusable, match="floor"):
        coop(text).wages()
    assert {place for place, _ in errors(coop(text))} == {line_of(text, '"bylaw" "wage-ratio"')}


def test_a_floor_in_another_currency_is_refused(coop: Coop) -> None:
    text = HEAD + cap("3", 'compare: "max/floor"', "floor: 12.50 EUR") + FOUR
    with pytest.raises(LedgerUnusable, match="EUR"):
        coop(text).wages()
    ((place, message),) = errors(coop(text))
    assert place == line_of(text, '"bylaw" "wage-ratio"')
    assert "EUR" in message
    assert "USD" in message


def test_a_floor_by_the_name_of_a_rate_counts_by_days(coop: Coop) -> None:
    rates = """
2024-01-01 custom "coop" "rate" "smic"
  value: 10.00 USD
2025-03-21 custom "coop" "rate" "smic"
  value: 16.20 USD
"""
    text = HEAD + cap("4", 'compare: "max/floor"', 'floor: "smic"') + rates + FOUR
    text += paid("2025-02-28", "m01", "4000.00", "100") + paid("2025-04-30", "m01", "4000.00", "100")
    # March has 20 days of 10.00 and 11 of 16.20: (200 + 178.20) / 31 = 12.20; 40 / 12.20 = 3.2786…
    books = coop(text)
    assert ends(the_row(books, "2025-02")) == ("4.00", "m01", "40.00", None, "10.00")
    assert ends(the_row(books, "2025-03")) == ("3.28", "m01", "40.00", None, "12.20")
    # 40 / 16.20 = 2.469…
    assert ends(the_row(books, "2025-04")) == ("2.47", "m01", "40.00", None, "16.20")


def test_a_floor_may_add_to_a_rate(coop: Coop) -> None:
    rate = '2024-01-01 custom "coop" "rate" "smic"\n  value: 10.00 USD\n'
    text = HEAD + cap("4", 'compare: "max/floor"', 'floor: "smic + 2.50"') + rate + FOUR
    assert ends(the_row(coop(text), "2025-03")) == ("3.20", "m01", "40.00", None, "12.50")


def test_a_rate_in_another_currency_is_refused(coop: Coop) -> None:
    rate = '2024-01-01 custom "coop" "rate" "smic"\n  value: 10.00 EUR\n'
    text = HEAD + cap("4", 'compare: "max/floor"', 'floor: "smic"') + rate + FOUR
    with pytest.raises(LedgerUnusable, match="EUR"):
        coop(text).wages()


def test_a_rate_that_had_no_value_yet_is_an_error(coop: Coop) -> None:
    rate = '2025-03-02 custom "coop" "rate" "smic"\n  value: 10.00 USD\n'
    text = HEAD + cap("4", 'compare: "max/floor"', 'floor: "smic"') + rate + FOUR
    with pytest.raises(LedgerUnusable, match='names the rate "smic", which has no value on 2025-03-01'):
        coop(text).wages()
    assert rows(coop(text.replace("2025-03-02", "2025-03-01")))[0]["ratio"] == "4.00"


def test_the_mean_of_the_five_best_paid_against_a_floor(coop: Coop) -> None:
    more = "".join(
        f'2024-01-01 custom "coop" "worker" "x{number}"\n  wages: Expenses:Wages\n'
        + paid("2025-03-31", f"x{number}", f"{number}000.00", "100")
        for number in (5, 6)
    )
    text = HEAD + cap("3", 'compare: "mean-top-5/floor"', "floor: 12.50 USD") + FOUR
    # 60, 50, 40, 25, 15, 10: the five best paid have (60 + 50 + 40 + 25 + 15) / 5 = 38; 38 / 12.50 = 3.04.
    row = the_row(coop(text + more), "2025-03")
    assert ends(row) == ("3.04", None, "38.00", None, "12.50")
    assert row["message"] == (
        "wage ratio 3.04 is over the cap of 3.00 in 2025-03 (mean of the five highest 38.00 USD/h, "
        f"floor 12.50 USD/h; bylaw at {row['bylaw']}): pay the five best paid on average at most 37.50 USD/h"
    )
    # Four people: (40 + 25 + 15 + 10) / 4 = 22.50; / 12.50 = 1.80.
    assert ends(the_row(coop(text), "2025-03")) == ("1.80", None, "22.50", None, "12.50")


# -- whose pay -----------------------------------------------------------------------------------------------


def test_over_members_leaves_workers_out(coop: Coop) -> None:
    everyone = coop(HEAD + cap("9") + FOUR)
    assert ends(the_row(everyone, "2025-03")) == ("4.00", "m01", "40.00", "w01", "10.00")
    members = coop(HEAD + cap("9", 'over: "members"') + FOUR)
    row = the_row(members, "2025-03")
    assert ends(row) == ("2.67", "m01", "40.00", "m03", "15.00")
    assert row["people"] == 3


@pytest.mark.parametrize(("worked", "lowest"), [("2025-06-30", "m03"), ("2025-07-01", "w01")])
def test_a_promoted_worker_counts_as_a_member_from_that_day(coop: Coop, worked: str, lowest: str) -> None:
    promotion = '2025-07-01 custom "coop" "member" "w01"\n  wages: Expenses:Wages\n'
    text = HEAD + promotion + cap("9", 'over: "members"') + FOUR.replace("2025-03-31", worked)
    assert the_row(coop(text), worked[:7])["lowest"]["person"] == lowest


@pytest.mark.parametrize(("span", "lowest"), [("2025-06", "m03"), ("2025-07", "w01")])
def test_the_day_of_work_decides_and_not_the_day_of_pay(coop: Coop, span: str, lowest: str) -> None:
    promotion = '2025-07-01 custom "coop" "member" "w01"\n  wages: Expenses:Wages\n'
    text = HEAD + promotion + cap("9", 'over: "members"')
    text += paid("2025-08-05", "m03", "1500.00", "100", pay_period=span)
    text += paid("2025-08-05", "w01", "1000.00", "100", pay_period=span)
    assert the_row(coop(text), span)["lowest"]["person"] == lowest


def test_a_worker_record_of_a_member_ends_the_membership(coop: Coop) -> None:
    demotion = '2025-03-31 custom "coop" "worker" "m03"\n  wages: Expenses:Wages\n'
    text = HEAD + cap("9", 'over: "members"') + FOUR
    assert the_row(coop(text), "2025-03")["lowest"]["person"] == "m03"
    assert the_row(coop(text + demotion), "2025-03")["lowest"]["person"] == "m02"
    assert the_row(coop(text + demotion.replace("03-31", "04-01")), "2025-03")["lowest"]["person"] == "m03"


def test_pay_after_an_exit_is_still_that_persons(coop: Coop) -> None:
    leave = '2025-03-10 custom "coop" "exit" "m03"\n  cause: "retirement"\n'
    books = coop(HEAD + leave + cap("9", 'over: "members"') + FOUR)
    row = the_row(books, "2025-03")
    # The posting of 31 March is dated after the exit; m03 was a member before it, and stays in the ratio.
    assert ends(row) == ("2.67", "m01", "40.00", "m03", "15.00")
    assert errors(books) == []


# -- which postings ------------------------------------------------------------------------------------------


def test_the_longest_account_wins(coop: Coop) -> None:
    people = """
option "operating_currency" "USD"
2020-01-01 open Assets:Bank
2020-01-01 open Expenses:Wages:Kitchen
2020-01-01 open Expenses:Wages:Office
2020-01-01 open Expenses:Wages:Office:Paper
2024-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages
2024-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:Office
"""
    text = people + cap("9")
    text += paid("2025-03-31", "", "1000.00", "100", account="Expenses:Wages:Kitchen")
    text += paid("2025-03-31", "", "2000.00", "100", account="Expenses:Wages:Office")
    text += paid("2025-03-31", "", "4000.00", "100", account="Expenses:Wages:Office:Paper")
    # m01 has the kitchen, 10 an hour; m02 the office with all below it, 6000 / 200 = 30.
    assert ends(the_row(coop(text), "2025-03")) == ("3.00", "m02", "30.00", "m01", "10.00")


def test_a_name_on_the_posting_is_stronger_than_the_account(coop: Coop) -> None:
    people = """
option "operating_currency" "USD"
2020-01-01 open Assets:Bank
2020-01-01 open Expenses:A
2020-01-01 open Expenses:B
2024-01-01 custom "coop" "member" "m01"
  wages: Expenses:A
2024-01-01 custom "coop" "member" "m02"
  wages: Expenses:B
"""
    text = people + cap("9")
    text += paid("2025-03-31", "", "1000.00", "100", account="Expenses:A")
    text += paid("2025-03-31", "m01", "1000.00", "100", account="Expenses:B")
    text += paid("2025-03-31", "", "3000.00", "100", account="Expenses:B")
    # m01: 1000 on A and 1000 on B; m02: the 3000 that name nobody.
    assert ends(the_row(coop(text), "2025-03")) == ("3.00", "m02", "30.00", "m01", "10.00")


def test_a_name_on_an_account_of_nobody_is_no_pay(coop: Coop) -> None:
    text = HEAD + cap("9") + FOUR + paid("2025-03-31", "m01", "9000.00", "1", account="Expenses:Rent")
    assert the_row(coop(text), "2025-03")["highest"] == {"person": "m01", "rate": "40.00"}


def test_several_accounts_of_one_person(coop: Coop) -> None:
    people = """
option "operating_currency" "USD"
2020-01-01 open Assets:Bank
2020-01-01 open Expenses:A
2020-01-01 open Expenses:B:C
2024-01-01 custom "coop" "member" "m01"
  wages: "Expenses:A, Expenses:B"
"""
    text = people + cap("9") + paid("2025-03-31", "", "1000.00", "50", account="Expenses:A")
    text += paid("2025-03-31", "", "1000.00", "50", account="Expenses:B:C")
    assert the_row(coop(text), "2025-03")["highest"] == {"person": "m01", "rate": "20.00"}


def test_a_name_on_the_transaction_counts_for_its_postings(coop: Coop) -> None:
    text = (
        HEAD
        + cap("9")
        + """
2025-03-31 * "payroll"
  worker: "m01"
  pay-period: "2025-02"
  Expenses:Wages         1000.00 USD
    hours: 100
  Expenses:Wages:Office   500.00 USD
    worker: "m02"
    hours: 100
    pay-period: "2025-03"
  Assets:Bank
"""
    )
    books = coop(text)
    assert ends(the_row(books, "2025-02")) == ("1.00", "m01", "10.00", "m01", "10.00")
    assert ends(the_row(books, "2025-03")) == ("1.00", "m02", "5.00", "m02", "5.00")


def test_a_shared_account_needs_a_name(coop: Coop) -> None:
    text = HEAD + cap("9") + FOUR + paid("2025-03-31", "", "777.00", "1")
    books = coop(text)
    ((place, message),) = errors(books)
    assert place == line_of(text, "777.00")
    assert "names nobody" in message
    assert "m01, m02, m03, w01" in message
    assert 'worker: "<id>"' in message
    # It is nobody's pay.
    assert ends(the_row(books, "2025-03")) == ("4.00", "m01", "40.00", "w01", "10.00")


@pytest.mark.parametrize(
    ("posting", "wrong"),
    [
        (
            paid("2025-03-31", "m04", "777.00", "1"),
            'worker "m04", who has no member or worker record',
        ),
        (paid("2025-03-31", "m01", "777.00", "1", pay="bonos"), "bonos"),
        (paid("2025-03-31", "m01", "777.00", '"many"'), 'hours must be a number, not "many"'),
        (paid("2025-03-31", "m01", "777.00", "1", pay_period="march"), '"march" is no period'),
    ],
)
def test_what_is_wrong_with_a_posting_is_said_at_its_line(coop: Coop, posting: str, wrong: str) -> None:
    text = HEAD + cap("99") + posting
    found = errors(coop(text))
    assert {place for place, _ in found} == {line_of(text, "777.00")}
    assert any(wrong in message for _, message in found), found


def test_a_pay_period_without_quotes_is_shown_them(coop: Coop) -> None:
    text = (
        HEAD
        + cap("99")
        + paid("2025-03-31", "m01", "777.00", "10").replace("hours: 10", "hours: 10\n    pay-period: 2025-03")
    )
    ((place, message),) = errors(coop(text))
    assert place == line_of(text, "777.00")
    assert "pay-period must be a period in quotes, not 2022" in message
    assert '"2025-03"' in message


# -- kinds of pay --------------------------------------------------------------------------------------------

ALL_KINDS = "base overtime bonus leave sick severance in-kind contract unpaid none"


@pytest.mark.parametrize("kind", ALL_KINDS.split())
def test_kinds_that_count_where_nothing_is_said(coop: Coop, kind: str) -> None:
    # m01 has 1000 for 100 hours, and 500 for 25 more of this kind: 1500 / 125 = 12, where it counts.
    text = HEAD + cap("9") + paid("2025-03-31", "m01", "1000.00", "100")
    amount = "0.00" if kind == "unpaid" else "500.00"
    books = coop(text + paid("2025-03-31", "m01", amount, "25", pay=kind))
    counts = kind not in ("severance", "unpaid", "none")
    assert the_row(books, "2025-03")["highest"]["rate"] == ("12.00" if counts else "10.00")
    assert errors(books) == []


def test_include_leaves_out_the_hours_of_what_it_leaves_out(coop: Coop) -> None:
    text = HEAD + cap("9", 'include: "base, sick"')
    text += paid("2025-03-31", "m01", "1000.00", "100")
    text += paid("2025-03-31", "m01", "900.00", "30", pay="overtime")
    text += paid("2025-03-31", "m01", "200.00", "100", pay="sick")
    # Base and sick pay: 1200 / 200 = 6; with the overtime it would be 2100 / 230.
    assert the_row(coop(text), "2025-03")["highest"]["rate"] == "6.00"


def test_severance_counts_where_it_is_named(coop: Coop) -> None:
    text = HEAD + cap("9", 'include: "base severance"') + paid("2025-03-31", "m01", "1000.00", "100")
    text += paid("2025-03-31", "m01", "500.00", pay="severance")
    assert the_row(coop(text), "2025-03")["highest"]["rate"] == "15.00"


def test_unpaid_hours_are_never_in_a_ratio(coop: Coop) -> None:
    text = HEAD + cap("9", 'include: "base unpaid none"') + paid("2025-03-31", "m01", "1000.00", "100")
    text += paid("2025-03-31", "m01", "0.00", "100", pay="unpaid")
    text += paid("2025-03-31", "m01", "300.00", "1", pay="none")
    assert the_row(coop(text), "2025-03")["highest"]["rate"] == "10.00"


def test_a_kind_on_the_transaction_counts_for_its_postings(coop: Coop) -> None:
    text = HEAD + cap("9") + paid("2025-03-31", "m01", "1000.00", "100")
    text += paid("2025-03-31", "m01", "500.00", "25").replace('"pay"\n', '"pay"\n  pay: "severance"\n')
    assert the_row(coop(text), "2025-03")["highest"]["rate"] == "10.00"


# -- corrections, and who is left out ------------------------------------------------------------------------


@pytest.mark.parametrize("hours", ["20", "-20"])
def test_a_negative_posting_subtracts_its_hours_too(coop: Coop, hours: str) -> None:
    text = HEAD + cap("9") + paid("2025-03-31", "m01", "1200.00", "120")
    text += paid("2025-03-31", "m01", "-400.00", hours)
    # (1200 - 400) / (120 - 20) = 8.
    assert the_row(coop(text), "2025-03")["highest"]["rate"] == "8.00"


@pytest.mark.parametrize(
    ("postings", "reason"),
    [
        ([("500.00", "50"), ("-500.00", "20")], "pay is not above zero"),
        ([("500.00", "50"), ("-600.00", "10")], "pay is not above zero"),
        ([("500.00", "50"), ("-100.00", "50")], "hours are not above zero"),
        ([("500.00", "50"), ("-100.00", "60")], "hours are not above zero"),
        ([("70.00", "7.99")], "7.99 hours, fewer than 8"),
    ],
)
def test_who_is_left_out_is_listed_with_the_reason(coop: Coop, postings: list[tuple[str, str]], reason: str) -> None:
    text = HEAD + cap("99") + paid("2025-03-31", "m01", "1000.00", "100")
    text += "".join(paid("2025-03-31", "m02", amount, hours) for amount, hours in postings)
    row = the_row(coop(text), "2025-03")
    assert row["left_out"] == [{"person": "m02", "reason": reason}]
    assert row["people"] == 1
    assert ends(row) == ("1.00", "m01", "10.00", "m01", "10.00")


@pytest.mark.parametrize(
    ("field", "hours", "counts"),
    [
        ((), "8", True),
        ((), "7.99", False),
        (("minimum-hours: 40",), "40", True),
        (("minimum-hours: 40",), "39.99", False),
        (("minimum-hours: 0",), "0.01", True),
    ],
)
def test_fewer_hours_than_the_minimum_leave_out(coop: Coop, field: tuple[str, ...], hours: str, counts: bool) -> None:
    text = HEAD + cap("99999999", *field) + paid("2025-03-31", "m01", "1000.00", "100")
    row = the_row(coop(text + paid("2025-03-31", "m02", "0.01", hours)), "2025-03")
    assert (row["lowest"]["person"] == "m02") == counts
    assert row["people"] == 1 + counts


def test_a_period_in_which_nobody_counts_has_no_ratio(coop: Coop) -> None:
    books = coop(HEAD + cap("9") + paid("2025-03-31", "m01", "10.00", "1"))
    row = the_row(books, "2025-03")
    assert (row["ratio"], row["highest"], row["lowest"], row["breach"]) == (None, None, None, False)
    assert row["left_out"] == [{"person": "m01", "reason": "1 hours, fewer than 8"}]
    assert errors(books) == []


# -- hours ---------------------------------------------------------------------------------------------------


def test_pay_without_hours_is_an_error_of_its_own(coop: Coop) -> None:
    text = HEAD + cap("9") + FOUR + paid("2025-04-30", "m01", "1000.00", "100")
    text += paid("2025-04-30", "m02", "777.00") + paid("2025-04-30", "m02", "5.00")
    books = coop(text)
    ((place, message),) = errors(books)
    assert place == line_of(text, "777.00")
    assert message.startswith("pay of m02 in 2025-04 has no hours")
    row = the_row(books, "2025-04")
    assert row["left_out"] == [{"person": "m02", "reason": "no hours on the posting and no contract hours"}]
    assert row["breach"] is False


def test_a_bonus_without_hours_is_fine_beside_hours(coop: Coop) -> None:
    text = HEAD + cap("9") + paid("2025-03-31", "m01", "1000.00", "100")
    books = coop(text + paid("2025-03-15", "m01", "500.00", pay="bonus"))
    assert the_row(books, "2025-03")["highest"]["rate"] == "15.00"
    assert errors(books) == []


def test_without_a_cap_missing_hours_are_listed_and_no_error(coop: Coop) -> None:
    books = coop(HEAD + paid("2025-03-31", "m01", "1000.00"))
    assert the_row(books, "2025-03")["left_out"][0]["person"] == "m01"
    assert errors(books) == []


CONTRACT = """
2024-01-01 custom "coop" "worker" "c01"
  wages: Expenses:Wages
  hours: 150
2025-04-15 custom "coop" "worker" "c01"
  wages: Expenses:Wages
  hours: 100
"""


def test_contract_hours_stand_in_where_postings_carry_none(coop: Coop) -> None:
    text = HEAD + CONTRACT + cap("9") + FOUR + paid("2025-03-31", "c01", "3000.00")
    books = coop(text)
    row = the_row(books, "2025-03")
    # 3000 / 150 = 20.
    assert books.pay("2025-03").rows[0].rate == "20.00"
    assert row["contract_hours"] == ["c01"]
    assert row["people"] == 5
    assert errors(books) == []


def test_contract_hours_count_once_a_month(coop: Coop) -> None:
    text = HEAD + CONTRACT + cap("9") + paid("2025-03-15", "c01", "1500.00") + paid("2025-03-31", "c01", "1500.00")
    assert the_row(coop(text), "2025-03")["highest"]["rate"] == "20.00"


@pytest.mark.parametrize(("day", "rate"), [("2025-04-14", "20.00"), ("2025-04-15", "30.00")])
def test_contract_hours_are_those_of_the_day(coop: Coop, day: str, rate: str) -> None:
    # 3000 / 150 = 20 until the new contract, 3000 / 100 = 30 from its day on.
    text = HEAD + CONTRACT + cap("9") + paid(day, "c01", "3000.00")
    assert the_row(coop(text), "2025-04")["highest"]["rate"] == rate


def test_contract_hours_are_not_used_where_a_posting_has_hours(coop: Coop) -> None:
    text = HEAD + CONTRACT + cap("9") + paid("2025-03-31", "c01", "3000.00", "120")
    row = the_row(coop(text), "2025-03")
    assert (row["highest"]["rate"], row["contract_hours"]) == ("25.00", [])


def test_hours_of_overtime_come_on_top_of_a_contract(coop: Coop) -> None:
    text = HEAD + CONTRACT + cap("9") + paid("2025-03-31", "c01", "3000.00")
    text += paid("2025-03-31", "c01", "200.00", "10", pay="overtime")
    row = the_row(coop(text), "2025-03")
    # (3000 + 200) / (150 + 10) = 20.
    assert (row["highest"]["rate"], row["contract_hours"]) == ("20.00", ["c01"])


@pytest.mark.parametrize("kind", ["leave", "sick"])
def test_hours_of_leave_and_sickness_are_hours_of_the_contract(coop: Coop, kind: str) -> None:
    text = HEAD + CONTRACT + cap("9") + paid("2025-03-31", "c01", "2000.00")
    text += paid("2025-03-31", "c01", "1000.00", "120", pay=kind)
    # 3000 / 120 = 25: the written hours stand for the month.
    assert the_row(coop(text), "2025-03")["highest"]["rate"] == "25.00"


def test_contract_hours_add_up_over_the_months_of_a_quarter(coop: Coop) -> None:
    text = HEAD + CONTRACT + cap("9", 'period: "quarter"')
    text += paid("2025-01-31", "c01", "3000.00") + paid("2025-02-28", "c01", "3000.00", "200")
    # January by contract 150, February as written 200, March without pay none: 6000 / 350 = 17.142857…
    assert the_row(coop(text), "2025-Q1")["highest"]["rate"] == "17.14"


def test_a_correction_without_hours_takes_no_contract_hours(coop: Coop) -> None:
    text = HEAD + CONTRACT + cap("9") + paid("2025-02-28", "c01", "3000.00") + paid("2025-03-31", "c01", "-100.00")
    row = the_row(coop(text), "2025-03")
    assert row["left_out"] == [{"person": "c01", "reason": "pay is not above zero"}]
    assert row["contract_hours"] == []


# -- pay periods ---------------------------------------------------------------------------------------------


def test_pay_period_moves_pay_and_hours(coop: Coop) -> None:
    text = HEAD + cap("9") + paid("2025-03-05", "m01", "1000.00", "100", pay_period="2025-02")
    text += paid("2025-03-31", "m01", "3000.00", "100")
    books = coop(text)
    assert [(row["period"], row["highest"]["rate"]) for row in rows(books)] == [
        ("2025-02", "10.00"),
        ("2025-03", "30.00"),
    ]


def test_a_span_is_spread_by_days(coop: Coop) -> None:
    # 20 January to 2 February: 12 of 14 days in January. 1400 gives 1200 and 200; 70 hours give 60 and 10.
    text = HEAD + cap("9") + paid("2025-02-05", "m01", "1400.00", "70", pay_period="2025-01-20/2025-02-02")
    text += paid("2025-01-31", "m01", "600.00", "40") + paid("2025-02-28", "m01", "600.00", "70")
    books = coop(text)
    # January (1200 + 600) / (60 + 40) = 18; February (200 + 600) / (10 + 70) = 10.
    assert [row["highest"]["rate"] for row in rows(books)] == ["18.00", "10.00"]


def test_a_span_within_one_period_stays_whole(coop: Coop) -> None:
    text = HEAD + cap("9", 'period: "quarter"')
    text += paid("2025-02-05", "m01", "1400.00", "70", pay_period="2025-01-20/2025-02-02")
    assert [(row["period"], row["highest"]["rate"]) for row in rows(coop(text))] == [("2025-Q1", "20.00")]


def test_a_thirteenth_month_does_not_double_december(coop: Coop) -> None:
    months = [f"2025-{month:02}" for month in range(3, 13)]
    text = HEAD + cap("9") + "".join(paid(f"{month}-28", "m01", "1000.00", "100") for month in months)
    text += paid("2025-12-20", "m01", "1000.00", pay="bonus", pay_period="2025")
    # Ten months with hours: 100 more in each, (1000 + 100) / 100 = 11; January and February stay empty.
    assert [(row["period"], row["highest"]["rate"]) for row in rows(coop(text))] == [
        (month, "11.00") for month in months
    ]


def test_a_quarters_bonus_goes_to_the_months_with_hours(coop: Coop) -> None:
    text = HEAD + cap("9") + paid("2025-01-31", "m01", "1000.00", "100") + paid("2025-03-31", "m01", "1000.00", "50")
    text += paid("2025-03-31", "m01", "300.00", pay="bonus", pay_period="2025-Q1")
    # Two months with hours get 150 each: 1150 / 100 and 1150 / 50.
    assert [(row["period"], row["highest"]["rate"]) for row in rows(coop(text))] == [
        ("2025-01", "11.50"),
        ("2025-03", "23.00"),
    ]


def test_a_years_bonus_under_a_yearly_cap_is_simply_added(coop: Coop) -> None:
    text = HEAD + cap("9", 'period: "year"') + paid("2025-03-31", "m01", "1000.00", "100")
    text += paid("2025-12-20", "m01", "500.00", pay="bonus", pay_period="2025")
    assert [(row["period"], row["highest"]["rate"]) for row in rows(coop(text))] == [("2025", "15.00")]


def test_a_long_span_with_its_own_hours_is_spread_with_them(coop: Coop) -> None:
    text = HEAD + cap("9") + paid("2025-03-31", "m01", "3000.00", "300", pay_period="2025-Q1")
    assert [(row["period"], row["highest"]["rate"]) for row in rows(coop(text))] == [
        ("2025-01", "10.00"),
        ("2025-02", "10.00"),
        ("2025-03", "10.00"),
    ]


def test_the_order_of_long_spans_does_not_matter(coop: Coop) -> None:
    quarter = paid("2025-12-20", "m01", "3000.00", "300", pay_period="2025-Q1")
    thirteenth = paid("2025-12-20", "m01", "1200.00", pay="bonus", pay_period="2025")
    more = paid("2025-12-20", "m01", "600.00", pay="bonus", pay_period="2025-01-01/2025-06-30")
    # Hours are in January, February and March alone: (3000 + 1200 + 600) / 3 = 1600 a month, for 100 hours.
    for postings in permutations([quarter, thirteenth, more]):
        books = coop(HEAD + cap("9") + "".join(postings))
        assert [(row["period"], row["highest"]["rate"]) for row in rows(books)] == [
            ("2025-01", "16.00"),
            ("2025-02", "16.00"),
            ("2025-03", "16.00"),
        ]


def test_the_order_of_long_spans_with_contract_hours_does_not_matter(coop: Coop) -> None:
    quarter = paid("2025-12-20", "c01", "900.00", pay_period="2025-Q1")
    year = paid("2025-12-20", "c01", "12000.00", pay_period="2025")
    found = set()
    for postings in permutations([quarter, year]):
        books = coop(HEAD + CONTRACT + cap("99") + "".join(postings))
        found.add(tuple((row["period"], row["highest"]["rate"]) for row in rows(books)))
    # Twelve months of 1000, in the first three 300 more, by the contract of each month's last day:
    # 1300 / 150 = 8.666… until March, 1000 / 100 = 10 from April on.
    assert found == {
        tuple((f"2025-{month:02}", "8.67" if month < 4 else "10.00") for month in range(1, 13)),
    }


def test_a_span_over_a_change_of_year_and_the_result(coop: Coop) -> None:
    income = '2020-01-01 open Income:Sales\n2025-06-30 * "sales"\n  Assets:Bank  5000.00 USD\n  Income:Sales\n'
    text = HEAD + income + cap("9") + paid("2025-01-08", "m01", "1000.00", "100", pay_period="2024-12")
    books = coop(text)
    assert [row["period"] for row in rows(books)] == ["2024-12"]
    # Pay is December's, yet the result follows the posting's date: 5000 - 1000 in 2025, nothing in 2024.
    assert (books.surplus("2024").result, books.surplus("2025").result) == ("0.00", "4000.00")


def test_quarters_and_years_are_those_of_the_fiscal_year(coop: Coop) -> None:
    year = '2020-01-01 custom "coop" "bylaw" "fiscal-year"\n  ends: "06-30"\n'
    pays = paid("2025-06-30", "m01", "1000.00", "100") + paid("2025-07-01", "m01", "2000.00", "100")
    quarters = rows(coop(HEAD + year + cap("9", 'period: "quarter"') + pays))
    assert [(row["period"], row["highest"]["rate"]) for row in quarters] == [
        ("2025-Q4", "10.00"),
        ("2026-Q1", "20.00"),
    ]
    years = rows(coop(HEAD + year + cap("9", 'period: "year"') + pays))
    assert [(row["period"], row["highest"]["rate"]) for row in years] == [
        ("2025", "10.00"),
        ("2026", "20.00"),
    ]


def test_pay_is_added_up_over_the_whole_period(coop: Coop) -> None:
    # By month the ratio is 3 in January; over the quarter m01 has (3000 + 1000) / 200 = 20, and m02 10.
    text = HEAD + paid("2025-01-31", "m01", "3000.00", "100") + paid("2025-02-28", "m01", "1000.00", "100")
    text += paid("2025-01-31", "m02", "1000.00", "100")
    assert [row["ratio"] for row in rows(coop(text + cap("9")))] == ["3.00", "1.00"]
    assert [row["ratio"] for row in rows(coop(text + cap("9", 'period: "quarter"')))] == ["2.00"]
    assert [row["ratio"] for row in rows(coop(text + cap("9", 'period: "year"')))] == ["2.00"]


def test_the_rows_of_one_period(coop: Coop) -> None:
    text = HEAD + cap("9") + FOUR + paid("2025-04-30", "m01", "1000.00", "100")
    books = coop(text)
    assert [row["period"] for row in rows(books, "2025-Q1")] == ["2025-03"]
    assert [row["period"] for row in rows(books, "2025-04")] == ["2025-04"]
    assert [row["period"] for row in rows(books, "2025")] == ["2025-03", "2025-04"]
    assert rows(books, "2024") == []
    with pytest.raises(UnknownPeriod):
        books.wages("2025-3")


# -- full-time pay -------------------------------------------------------------------------------------------


def test_full_time_pay_is_pay_by_the_part_of_a_full_time_job(coop: Coop) -> None:
    text = HEAD + cap("4", 'measure: "full-time"', "full-time-hours: 160")
    text += paid("2025-03-31", "m01", "4000.00", "200")
    text += paid("2025-03-31", "m02", "1000.00", "80")
    text += paid("2025-03-31", "w01", "1800.00")
    # m01 has more than full time, so min(1, 200 / 160) = 1: 4000. m02 half of it: 1000 / 0.5 = 2000.
    # w01 has no hours, and counts as full-time: 1800. 4000 / 1800 = 2.2222…
    books = coop(text)
    row = the_row(books, "2025-03")
    assert ends(row) == ("2.22", "m01", "4000.00", "w01", "1800.00")
    assert row["measure"] == "full-time"
    assert errors(books) == []


def test_a_breach_of_full_time_pay_says_its_measure(coop: Coop) -> None:
    text = HEAD + cap("2", 'measure: "full-time"', "full-time-hours: 160")
    text += paid("2025-03-31", "m01", "4000.00", "160") + paid("2025-03-31", "m02", "1800.00", "160")
    row = the_row(coop(text), "2025-03")
    assert row["message"] == (
        "wage ratio 2.22 is over the cap of 2.00 in 2025-03 (highest m01 4000.00 USD a full-time month, "
        f"lowest m02 1800.00 USD a full-time month; bylaw at {row['bylaw']}): pay m02 at least 2000.00 USD a "
        "full-time month, or m01 at most 3600.00 USD a full-time month"
    )


def test_the_floor_of_full_time_pay_is_that_of_the_whole_job(coop: Coop) -> None:
    text = HEAD + cap("9", 'measure: "full-time"', "full-time-hours: 160", 'compare: "max/floor"', "floor: 12.50 USD")
    text += paid("2025-03-31", "m01", "4000.00", "160")
    # 12.50 × 160 = 2000; 4000 / 2000 = 2.
    assert ends(the_row(coop(text), "2025-03")) == ("2.00", "m01", "4000.00", None, "2000.00")


def test_full_time_without_its_hours_cannot_be_measured(coop: Coop) -> None:
    text = HEAD + cap("9", 'measure: "full-time"') + FOUR
    with pytest.raises(LedgerUnusable, match="full-time-hours"):
        coop(text).wages()
    assert {place for place, _ in errors(coop(text))} == {line_of(text, '"bylaw" "wage-ratio"')}


# -- caps ----------------------------------------------------------------------------------------------------


def test_all_caps_in_force_are_judged(coop: Coop) -> None:
    text = HEAD + cap("5") + cap("2", 'over: "members"', name="wage-ratio-members") + FOUR
    books = coop(text)
    first, second = rows(books)
    # Everyone 40 / 10 = 4, under 5; members 40 / 15 = 2.67, over 2.
    assert (first["cap"], first["ratio"], first["breach"]) == ("5.00", "4.00", False)
    assert (second["cap"], second["ratio"], second["breach"]) == ("2.00", "2.67", True)
    ((place, message),) = errors(books)
    assert place == line_of(text, "4000.00")
    assert f"bylaw at {line_of(text, 'wage-ratio-members')}" in message


@pytest.mark.parametrize(("changed", "breach"), [("2025-03-31", True), ("2025-04-01", False)])
def test_the_cap_is_that_of_the_periods_last_day(coop: Coop, changed: str, breach: bool) -> None:
    row = the_row(coop(HEAD + cap("5") + cap("3", day=changed) + FOUR), "2025-03")
    assert (row["cap"], row["breach"]) == ("3.00" if breach else "5.00", breach)


@pytest.mark.parametrize(("ends_on", "capped"), [("2025-03-31", None), ("2025-04-01", "3.00")])
def test_a_cap_that_has_ended_judges_nothing(coop: Coop, ends_on: str, capped: str | None) -> None:
    row = the_row(coop(HEAD + cap("3", f"ends: {ends_on}") + FOUR), "2025-03")
    assert (row["cap"], row["breach"]) == (capped, capped is not None)


def test_before_the_first_cap_there_is_none(coop: Coop) -> None:
    text = HEAD + cap("3", day="2025-04-01") + FOUR + FOUR.replace("2025-03-31", "2025-04-30")
    march, april = rows(coop(text))
    assert (march["period"], march["cap"], march["breach"]) == ("2025-03", None, False)
    assert (april["period"], april["cap"], april["breach"]) == ("2025-04", "3.00", True)


def test_a_cap_is_printed_with_all_that_it_has(coop: Coop) -> None:
    assert [the_row(coop(HEAD + cap(text) + FOUR), "2025-03")["cap"] for text in ("6", "4.5", "4.125", "10")] == [
        "6.00",
        "4.50",
        "4.125",
        "10.00",
    ]


# -- currencies ----------------------------------------------------------------------------------------------

PRICES = """
2025-03-10 price EUR 1.10 USD
2025-03-20 price EUR 1.20 USD
2025-04-01 price EUR 9.00 USD
"""


@pytest.mark.parametrize(
    ("day", "amount", "rate"),
    [
        ("2025-03-31", "1000.00 EUR", "12.00"),  # the last price on or before the day
        ("2025-03-20", "1000.00 EUR", "12.00"),
        ("2025-03-19", "1000.00 EUR", "11.00"),
        ("2025-03-31", "1000.00 EUR @ 1.50 USD", "15.00"),  # its own price comes first
        ("2025-03-31", "1000.00 EUR @@ 1400.00 USD", "14.00"),
        ("2025-03-31", "1000.00 EUR {1.30 USD}", "13.00"),  # and so does its own cost
    ],
)
def test_pay_in_another_currency(coop: Coop, day: str, amount: str, rate: str) -> None:
    text = HEAD + PRICES + cap("9") + paid(day, "m01", amount, "100")
    assert the_row(coop(text), "2025-03")["highest"]["rate"] == rate


def test_a_total_price_that_does_not_divide_is_still_exact(coop: Coop) -> None:
    # Beancount keeps 3 EUR @@ 10.00 USD as 3 times 3.333…, cut at 28 digits; what was paid is 10.00.
    books = coop(
        HEAD
        + cap("1")
        + paid("2025-03-31", "m01", "3.00 EUR @@ 10.00 USD", "10")
        + paid("2025-03-31", "m02", "10.00", "10")
    )
    row = the_row(books, "2025-03")
    assert (row["ratio"], row["breach"]) == ("1.00", False)


def test_a_price_the_other_way_round_is_a_price_too(coop: Coop) -> None:
    text = HEAD + "2025-03-01 price USD 3.00 EUR\n" + cap("1")
    text += paid("2025-03-31", "m01", "3000.00 EUR", "100") + paid("2025-03-31", "m02", "1000.00", "100")
    row = the_row(coop(text), "2025-03")
    assert (row["ratio"], row["highest"]["rate"], row["breach"]) == ("1.00", "10.00", False)


def test_pay_without_a_price_is_an_error(coop: Coop) -> None:
    text = HEAD + cap("9") + FOUR + paid("2025-03-31", "m02", "777.00 CHF", "10")
    found = errors(coop(text))
    assert (line_of(text, "777.00"), True) in [(place, "has no price in USD" in message) for place, message in found]


# -- people's own table --------------------------------------------------------------------------------------


def test_each_persons_pay_in_a_period(coop: Coop) -> None:
    text = HEAD + cap("9") + FOUR + paid("2025-03-31", "m02", "-2500.00", "100")
    table = coop(text).pay("2025-03").to_data()
    assert [(row["person"], row["status"], row["pay"], row["hours"], row["rate"]) for row in table] == [
        ("m01", "member", "4000.00", "100.00", "40.00"),
        ("m02", "member", "0.00", "0.00", None),
        ("m03", "member", "1500.00", "100.00", "15.00"),
        ("w01", "worker", "1000.00", "100.00", "10.00"),
    ]
    assert [row["counted"] for row in table] == [True, False, True, True]
