"""Basque Country, Ley 11/2019: two funds after tax and earlier losses, returns by work, losses.

Art. 70: of the surplus after losses of earlier years and taxes at least 20 % to the reserve fund (FRO) and 10 % to COFIP,
the rest to the assembly, returns by work. Art. 63: interest on capital only out of a net surplus or free reserves.
Art. 73.1: voluntary reserves bear a loss first, the FRO at most the average that the mandatory funds got, members the rest
by their work.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from treasurer import messages, parts, steps, surplus

from coopbooks.cooperative import Cooperative
from coopbooks.statutes.models import render

Coop = Callable[..., Cooperative]

MODEL = render("es-pv-11-2019", date(2024, 1, 1))

PEOPLE = """
option "operating_currency" "EUR"
plugin "beancount.plugins.auto_accounts"
2024-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages
  capital: Equity:Members:M01
2024-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages
  capital: Equity:Members:M02
2024-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages
"""


def before(credited: tuple[str, str] = ("17000.00", "13000.00")) -> str:
    """What stood in the books when 2025 began: two buy-ins of 3,000.00, old credits, 10,000.00 in the FRO, 1,500.00."""
    return f"""
2024-06-30 * "What the members paid in, the fee of 300.00 each, and old credits"
  Equity:Members:M01:Buyin  -3000.00 EUR
  Equity:Members:M02:Buyin  -3000.00 EUR
  Equity:Reserves:FRO  -300.00 EUR
    member: "m01"
  Equity:Reserves:FRO  -300.00 EUR
    member: "m02"
  Equity:Members:M01:2023  -{credited[0]} EUR
  Equity:Members:M02:2023  -{credited[1]} EUR
  Assets:Bank
2024-06-30 * "Reserves that were there"
  Equity:Reserves:FRO  -9400.00 EUR
  Equity:Reserves:Voluntary  -1500.00 EUR
  Assets:Bank
"""


def year(name: str, sales: str, tax: str = "0.00") -> str:
    """A year: m01 works 1,600 hours, m02 1,100, the employee w01 300 of 3,000; their pay is 60,000.00."""
    return f"""
{name}-06-30 * "Sales of the year"
  Assets:Bank  {sales} EUR
  Income:Sales
{name}-06-30 * "Pay"
  Expenses:Wages  32000.00 EUR
    worker: "m01"
    hours: 1600
  Expenses:Wages  22000.00 EUR
    worker: "m02"
    hours: 1100
  Expenses:Wages  6000.00 EUR
    worker: "w01"
    hours: 300
  Assets:Bank
{name}-12-31 * "Corporation tax"
  Expenses:Tax  {tax} EUR
  Assets:Bank
"""


def offered(text: str, *words: str) -> str:
    """The model with some of its offers taken: the paragraphs of marked lines that hold one of these words."""
    blocks = [
        block.replace(";|", "") if any(f'"{word}"' in block for word in words) else block
        for block in text.split("\n\n")
    ]
    assert blocks != text.split("\n\n")
    return "\n\n".join(blocks)


def closed(coop: Coop, text: str, period: str) -> str:
    """The books with the close that they are missing."""
    return text + "\n" + str(coop(text).close(period).transaction)


def test_the_bylaws_alone_are_in_order(coop: Coop) -> None:
    assert messages(coop(PEOPLE + MODEL)) == []
    assert messages(coop(PEOPLE + offered(MODEL, "interest", "strike"))) == []


def test_a_year_with_tax(coop: Coop) -> None:
    text = PEOPLE + MODEL + before() + year("2025", "150000.07", "10000.00")
    # 150,000.07 - 60,000.00 - 10,000.00 is 80,000.07 after tax: 20 % are 16,000.014, 10 % are 8,000.007; "at least"
    # rounds up. The return: 80,000.07 - 16,000.02 - 8,000.01 = 56,000.04.
    assert surplus(coop(text))["result"] == "80000.07"
    assert steps(coop(text)) == {"reserve": "16000.02", "cofip": "8000.01", "return": "56000.04"}
    # By hours 16 : 11 that is 33,185.2089 and 22,814.8311; one cent is left, to m01. The employee has no part.
    assert parts(coop(text)) == {"m01": "33185.21", "m02": "22814.83"}
    assert parts(coop(text), of="workers") == {}
    assert messages(coop(closed(coop, text, "2025"))) == []


@pytest.mark.parametrize(
    ("sales", "interest", "members", "returned"),
    [
        # 3.25 % on 20,000.00 and 16,000.00 are 650.00 and 520.00. Of 11,300.00 the funds get 2,260.00 and 1,130.00; of
        # 7,910.00 the interest 1,170.00, and 6,740.00 by hours are 3,994.0741 and 2,745.9259, one cent to m02.
        ("71400.00", "1170.00", {"m01": "4644.07", "m02": "3265.93"}, "6740.00"),
        # Of 1,400.00 the funds get 280.00 and 140.00. Of 980.00 that are left the interest takes all, 5 : 4, and stops
        # there: 544.4444 and 435.5556, one cent to m02.
        ("61500.00", "980.00", {"m01": "544.44", "m02": "435.56"}, "0.00"),
    ],
)
def test_interest_stops_where_the_surplus_ends(
    coop: Coop, sales: str, interest: str, members: dict[str, str], returned: str
) -> None:
    text = PEOPLE + offered(MODEL, "interest") + before() + year("2025", sales, "100.00")
    got = steps(coop(text))
    assert (got["interest"], got["return"]) == (interest, returned)
    assert parts(coop(text)) == members
    stopped = {step["id"]: step["stopped_by"] for step in surplus(coop(text))["steps"]}
    assert stopped["interest"] == ("remainder" if returned == "0.00" else None)


def test_a_strike_fund_comes_before_the_return(coop: Coop) -> None:
    text = PEOPLE + offered(MODEL, "strike") + before() + year("2025", "80000.00")
    # Of 20,000.00 the funds get 4,000.00 and 2,000.00; 5 % of 14,000.00 are 700.00.
    assert steps(coop(text))["strike"] == "700.00"
    assert steps(coop(text))["return"] == "13300.00"


LOSS = PEOPLE + MODEL + before(("2000.00", "3000.00")) + year("2025", "40000.00")


def test_a_loss_year(coop: Coop) -> None:
    # 40,000.00 - 60,000.00 is a loss of 20,000.00. Voluntary reserves: all they have, 1,500.00. FRO: 30 % of the loss,
    # 6,000.00. Members: 12,500.00 by hours 16 : 11, 7,407.4074 and 5,092.5926, one cent to m01 (by the larger remainder,
    # .741 of a cent); but m01 has only 5,000.00, so that 2,407.41 are carried.
    assert steps(coop(LOSS)) == {"voluntary": "-1500.00", "reserve": "-6000.00", "members": "-10092.59"}
    assert parts(coop(LOSS)) == {"m01": "-5000.00", "m02": "-5092.59"}
    assert surplus(coop(LOSS))["unallocated"] == "-2407.41"


def test_the_reserve_bears_no_more_than_it_holds(coop: Coop) -> None:
    text = PEOPLE + MODEL + before() + year("2025", "20000.00")
    # 30 % of a loss of 40,000.00 would be 12,000.00: the FRO holds 10,000.00. 28,500.00 are left for the members, by hours
    # 16,888.8889 and 11,611.1111, one cent to m01.
    assert steps(coop(text)) == {"voluntary": "-1500.00", "reserve": "-10000.00", "members": "-28500.00"}
    assert parts(coop(text)) == {"m01": "-16888.89", "m02": "-11611.11"}


def test_the_year_after_the_loss_covers_what_is_open_first(coop: Coop) -> None:
    text = closed(coop, LOSS, "2025") + year("2026", "70000.00")
    answer = surplus(coop(text), "2026")
    assert (answer["earlier_losses"], answer["base"]) == ("2407.41", "7592.59")  # of a result of 10,000.00
    # 20 % of 7,592.59 are 1,518.518, 10 % are 759.259, both up; the return is 5,314.81.
    assert steps(coop(text), "2026") == {"reserve": "1518.52", "cofip": "759.26", "return": "5314.81"}
    # By hours 16 : 11 that is 3,149.5170 and 2,165.2930; one cent to m01.
    assert parts(coop(text), "2026") == {"m01": "3149.52", "m02": "2165.29"}
    assert messages(coop(closed(coop, text, "2026"))) == []


LEFT = """
2025-12-31 custom "coop" "exit" "m02"
  cause: "{cause}"
"""
NEXT_YEAR = """
2026-02-01 * "Rent"
  Expenses:Rent  100.00 EUR
  Assets:Bank
"""


@pytest.mark.parametrize(
    ("cause", "kept", "owed", "first", "instalments"),
    [
        # m02 has 16,000.00. A fifth of it is 3,200.00, with the legal interest of 3.25 % on all of it, 520.00.
        ("retirement", "0.00", "16000.00", "3720.00", 5),
        ("death", "0.00", "16000.00", "16520.00", 1),
        # 30 % of it are 4,800.00; a fifth of 11,200.00 is 2,240.00, 3.25 % of 11,200.00 are 364.00.
        ("expulsion", "4800.00", "11200.00", "2604.00", 5),
        # 20 % are 3,200.00; a fifth of 12,800.00 is 2,560.00, 3.25 % of 12,800.00 are 416.00.
        ("unjustified", "3200.00", "12800.00", "2976.00", 5),
    ],
)
def test_what_a_leaver_is_owed(coop: Coop, cause: str, kept: str, owed: str, first: str, instalments: int) -> None:
    text = PEOPLE + MODEL + before() + year("2025", "150000.07", "10000.00") + LEFT.format(cause=cause)
    text = closed(coop, text, "2025") + NEXT_YEAR
    gone = coop(text + str(coop(text).exit("m02").transaction))
    debt = gone.debts(date(2026, 3, 1)).rows[0].to_data()
    assert (debt["capital"], debt["deductions"], debt["owed"]) == ("16000.00", kept, owed)
    assert len(debt["instalments"]) == instalments
    assert (debt["instalments"][0]["due"], debt["instalments"][0]["amount"]) == ("2026-12-31", first)
    assert messages(gone) == []


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("share: 0.20\n  of", "share: 0.19\n  of", 'figure "reserve"'),
        ("share: 0.20\n  of", "share: 0.1999\n  of", 'figure "reserve"'),
        ("share: 0.20\n  of", "share: 0.30\n  of", None),
        ("share: 0.10", "share: 0.09", 'figure "cofip"'),
        ("share: 0.10", "share: 0.11", None),
        ("entry-fee: 300.00", "entry-fee: 750.01", 'figure "entry-fee"'),
        ("entry-fee: 300.00", "entry-fee: 750.00", None),
        ("buy-in-months: 24", "buy-in-months: 49", 'figure "buy-in-months"'),
        ("buy-in-months: 24", "buy-in-months: 48", None),
        ("deduct: 0.30", "deduct: 0.31", 'figure "exit-deduct-expulsion"'),
        ("quorum: 0.5", "quorum: 0.09", 'figure "quorum-second-call"'),
        ("quorum: 0.5", "quorum: 0.10", None),
        ("spend-by: 12", "spend-by: 13", 'figure "cofip-months"'),
    ],
)
def test_more_is_allowed_and_less_is_not(coop: Coop, old: str, new: str, wrong: str | None) -> None:
    assert MODEL.count(old) >= 1, old
    text = PEOPLE + MODEL.replace(old, new, 1) + before() + year("2025", "150000.07", "10000.00")
    found = messages(coop(text))
    assert len(found) == (0 if wrong is None else 1), found
    assert wrong is None or wrong in found[0]
