"""The model of Brazil's Lei 5.764/71: a tenth and a twentieth, rounded up; non-members' result to FATES; losses on members."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from treasurer import cost, messages, parts, postings, sale, steps, surplus, work

from coopbooks.cooperative import Cooperative
from coopbooks.statutes.models import render

Coop = Callable[..., Cooperative]

START = date(2025, 1, 1)
RULES = f"""
option "operating_currency" "BRL"
plugin "coopbooks.plugins"
{render("br-5764", start=START)}
2025-01-01 open Assets:Bank
2025-01-01 open Income:Sales
2025-01-01 open Expenses:Rent
2025-01-01 open Expenses:Wages:M01
2025-01-01 open Expenses:Wages:M02
2025-01-01 open Expenses:Wages:M03
2025-01-01 open Expenses:Wages:W01
2025-01-01 open Equity:Members:M01:Buyin
2025-01-01 open Equity:Members:M02:Buyin
2025-01-01 open Equity:Members:M03:Buyin

2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Members:M01
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Members:M02
2025-01-01 custom "coop" "member" "m03"
  wages: Expenses:Wages:M03
  capital: Equity:Members:M03
2025-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages:W01
"""

# Hours: 800, 700 and 300 of members, 200 of somebody who is none. 52,345.67 - 40,000.00 = 12,345.67.
BOOKS = f"""{RULES}
{work("2025-06-30", "M01", "16000.00 BRL", "800")}
{work("2025-06-30", "M02", "14000.00 BRL", "700")}
{work("2025-06-30", "M03", "6000.00 BRL", "300")}
{work("2025-06-30", "W01", "4000.00 BRL", "200")}
{sale("2025-12-01", "52345.67 BRL")}
"""

# 1,000.00 in the reserve fund, shares of 2,000.00, 500.00 and 1,000.00.
OPENING = """
2025-01-01 * "What stood there before"
  Assets:Bank  4500.00 BRL
  Equity:Reserves:Legal       -1000.00 BRL
  Equity:Members:M01:Buyin    -2000.00 BRL
  Equity:Members:M02:Buyin     -500.00 BRL
  Equity:Members:M03:Buyin    -1000.00 BRL
"""


def members_year(year: int, result: str) -> str:
    """A year in which members work 800, 700 and 300 hours, and nobody else; its result is what is sold."""
    return (
        work(f"{year}-06-30", "M01", "0.00 BRL", "800", "unpaid")
        + work(f"{year}-06-30", "M02", "0.00 BRL", "700", "unpaid")
        + work(f"{year}-06-30", "M03", "0.00 BRL", "300", "unpaid")
        + sale(f"{year}-12-01", f"{result} BRL")
    )


def closed(coop: Coop, books: str, year: str) -> str:
    return f"{books}\n{coop(books).close(year).transaction or ''}\n"


def changed(books: str, old: str, new: str) -> str:
    assert books.count(old) == 1, (old, books.count(old))
    return books.replace(old, new)


def with_rate(rate: str) -> str:
    """The bylaws with another interest on shares; 0 is what the model writes."""
    return changed(RULES, '"share-interest"\n  value: 0\n', f'"share-interest"\n  value: {rate}\n')


# -- the books ------------------------------------------------------------------------------------------------


def test_the_rendered_bylaws_are_clean(coop: Coop) -> None:
    assert messages(coop(RULES)) == []


def test_the_commented_movement_fund_can_be_taken_in(coop: Coop) -> None:
    # Art. 28 par. 1. 5 % of 11,111.10 is 555.555: alone among its siblings that round to the nearest, 555.56.
    loaded = coop(re.sub(r"(?m)^; (?=\d{4}-\d\d-\d\d |  [a-z-]+: )", "", BOOKS))
    assert messages(loaded) == []
    assert steps(loaded)["movement"] == "555.56"
    assert steps(loaded)["return"] == "8888.87"


# -- a year ---------------------------------------------------------------------------------------------------


def test_a_worked_year(coop: Coop) -> None:
    # Art. 87: non-members worked 200 of 2,000 hours, a tenth of 12,345.67 is 1,234.567, so 1,234.57 to FATES.
    # Art. 28: of the other 11,111.10 at least a tenth is 1,111.11, at least a twentieth 555.555, rounded up 555.56.
    # What is left: 11,111.10 - 1,111.11 - 555.56 = 9,444.43.
    loaded = coop(BOOKS)
    assert steps(loaded) == {"nonmember": "1234.57", "reserve": "1111.11", "fates": "555.56", "return": "9444.43"}
    # Art. 4.VII, by hours 8 : 7 : 3: 4,197.5244, 3,672.8339 and 1,574.0717; the cent to the largest remainder.
    assert parts(loaded) == {"m01": "4197.53", "m02": "3672.83", "m03": "1574.07"}
    assert surplus(loaded)["unallocated"] == "0.00"


def test_its_close_and_the_books_after_it(coop: Coop) -> None:
    # FATES gets 1,234.57 + 555.56 = 1,790.13.
    assert postings(coop(BOOKS)) == {
        "Equity:Surplus": "12345.67",
        "Equity:Reserves:Legal": "-1111.11",
        "Equity:Funds:FATES": "-1790.13",
        "Liabilities:Patronage:M01": "-4197.53",
        "Liabilities:Patronage:M02": "-3672.83",
        "Liabilities:Patronage:M03": "-1574.07",
    }
    assert messages(coop(closed(coop, BOOKS, "2025"))) == []


@pytest.mark.parametrize(
    ("result", "reserve", "fates", "returned"),
    [
        # The law has no cap that stops a step. The nearest limit is "at least", which is rounded up: of 0.20 a tenth and
        # a twentieth are whole centavos, of 0.21 they are 0.021 and 0.0105, of 0.30 they are 0.03 and 0.015.
        ("0.20", "0.02", "0.01", "0.17"),
        ("0.21", "0.03", "0.02", "0.16"),
        ("0.30", "0.03", "0.02", "0.25"),
    ],
)
def test_at_least_is_rounded_up(coop: Coop, result: str, reserve: str, fates: str, returned: str) -> None:
    found = steps(coop(RULES + members_year(2025, result)))
    assert found == {"nonmember": "0.00", "reserve": reserve, "fates": fates, "return": returned}


# -- a loss, and the year after it ----------------------------------------------------------------------------


def loss_books(coop: Coop) -> str:
    """2025 loses 2,800.00.

    Art. 89: the reserve fund first, 1,000.00. The other 1,800.00 by hours 8 : 7 : 3 are 800.00, 700.00 and 300.00; m02
    has 500.00 of capital, and nobody bears the other 200.00 for m02: they are carried on.
    """
    books = RULES + OPENING + members_year(2025, "200.00") + cost("2025-05-01", "3000.00 BRL")
    loaded = coop(books)
    assert steps(loaded) == {"reserve": "-1000.00", "members": "-1600.00"}
    assert parts(loaded) == {"m01": "-800.00", "m02": "-500.00", "m03": "-300.00"}
    assert surplus(loaded)["unallocated"] == "-200.00"
    return closed(coop, books, "2025")


def test_the_reserve_bears_a_loss_and_then_the_members(coop: Coop) -> None:
    books = loss_books(coop)
    assert messages(coop(books)) == []
    assert "Equity:Members:M02:Buyin" in books[books.index("#coop-close") :]


def test_the_year_after_covers_what_is_still_open(coop: Coop) -> None:
    # 1,200.00 - 200.00 = 1,000.00: 100.00, 50.00, and 850.00 by 8 : 7 : 3: 377.7778, 330.5556 and 141.6667; two cents
    # are left, for m01 and m03.
    loaded = coop(loss_books(coop) + members_year(2026, "1200.00"))
    answer = surplus(loaded, "2026")
    assert (answer["earlier_losses"], answer["base"]) == ("200.00", "1000.00")
    assert steps(loaded, "2026") == {"nonmember": "0.00", "reserve": "100.00", "fates": "50.00", "return": "850.00"}
    assert parts(loaded, "2026") == {"m01": "377.78", "m02": "330.55", "m03": "141.67"}


def test_a_loss_that_the_reserve_can_bear_alone(coop: Coop) -> None:
    books = RULES + OPENING + members_year(2025, "1.00") + cost("2025-05-01", "1001.00 BRL")
    assert steps(coop(books)) == {"reserve": "-1000.00", "members": "0.00"}


# -- the law's minimums -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "old", "less", "more"),
    [
        ("reserve", "share: 0.10", "share: 0.09", "share: 0.11"),
        (
            "fates",
            '  share: 0.05\n  of: "surplus"\n  round',
            '  share: 0.04\n  of: "surplus"\n  round',
            '  share: 0.06\n  of: "surplus"\n  round',
        ),
    ],
)
def test_a_point_less_is_an_error_and_a_point_more_is_fine(
    coop: Coop, figure: str, old: str, less: str, more: str
) -> None:
    (found,) = messages(coop(changed(RULES, old, less)))
    assert "Lei 5.764/71 art. 28" in found
    assert f'figure "{figure}"' in found
    assert messages(coop(changed(RULES, old, more))) == []


def test_the_result_of_non_members_may_not_be_shared(coop: Coop) -> None:
    (found,) = messages(coop(changed(RULES, "  nonmember-to: Equity:Funds:FATES\n", "")))
    assert 'figure "nonmember"' in found


def test_interest_on_shares_up_to_twelve_per_cent(coop: Coop) -> None:
    assert messages(coop(with_rate("0.12"))) == []
    (found,) = messages(coop(with_rate("0.1201")))
    assert "Lei 5.764/71 art. 24 par. 3" in found
    assert "at most 12 %" in found
