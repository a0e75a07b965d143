"""Spain, Ley 27/1999: two funds before company tax, the employees' part to the reserve, returns by hours, losses.

Art. 58.1: at least 20 % of the cooperative surplus, after losses of earlier years and before company tax, to the
reserve fund (FRO), and 5 % to the education fund (FEP). Art. 58.2: at least half of the extra-cooperative result to the
FRO; the model gives all of it. Art. 58.4: returns by the work that each member did. Art. 48.2: interest on capital only
out of a positive result, and never more than that. Art. 59.2: voluntary reserves bear a loss first, the FRO at most its
average share of five years, members the rest by their work.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from treasurer import messages, parts, steps, surplus

from coopbooks.cooperative import Cooperative
from coopbooks.statutes.models import render

Coop = Callable[..., Cooperative]

MODEL = render("es-27-1999", date(2024, 1, 1))

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


def before(credited: tuple[str, str] = ("18000.00", "14000.00")) -> str:
    """What stood in the books when 2025 began: two buy-ins of 2,000.00, old credits, 10,000.00 in the FRO, 1,500.00."""
    return f"""
2024-06-30 * "What the members paid in, the fee of 200.00 each, and old credits"
  Equity:Members:M01:Buyin  -2000.00 EUR
  Equity:Members:M02:Buyin  -2000.00 EUR
  Equity:Reserves:FRO  -200.00 EUR
    member: "m01"
  Equity:Reserves:FRO  -200.00 EUR
    member: "m02"
  Equity:Members:M01:2023  -{credited[0]} EUR
  Equity:Members:M02:2023  -{credited[1]} EUR
  Assets:Bank
2024-06-30 * "Reserves that were there"
  Equity:Reserves:FRO  -9600.00 EUR
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
{name}-12-31 * "Company tax"
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
    answer = surplus(coop(text))
    # 150,000.07 - 60,000.00 - 10,000.00. The employee worked a tenth of the hours: 8,000.007 is extra-cooperative, all of
    # it to the FRO; 72,000.06 are the members'.
    assert (answer["result"], answer["nonmember_result"], answer["base"]) == ("80000.07", "8000.01", "72000.06")
    # Before tax the members' part is 72,000.06 and nine tenths of 10,000.00, 81,000.06: 20 % are 16,200.012, 5 % are
    # 4,050.003; "at least" rounds up. The return: 72,000.06 - 16,200.02 - 4,050.01 = 51,750.03.
    assert steps(coop(text)) == {
        "nonmember": "8000.01",
        "reserve": "16200.02",
        "education": "4050.01",
        "return": "51750.03",
    }
    # By hours 16 : 11 that is 30,666.6844 and 21,083.3456; one cent is left, to m02. All of it is paid in money.
    assert parts(coop(text)) == {"m01": "30666.68", "m02": "21083.35"}
    assert parts(coop(text), key="cash") == parts(coop(text))
    assert messages(coop(closed(coop, text, "2025"))) == []


@pytest.mark.parametrize(
    ("sales", "interest", "members", "returned"),
    [
        # 3.25 % on 20,000.00 and 16,000.00 are 650.00 and 520.00. Result 11,300.00, the members' part 10,170.00, and
        # before tax 10,260.00: 2,052.00 and 513.00 to the funds, 6,435.00 after the interest.
        ("71400.00", "1170.00", {"m01": "4463.33", "m02": "3141.67"}, "6435.00"),
        # Result 1,400.00, the members' part 1,260.00, and before tax 1,350.00: 270.00 and 67.50 to the funds. Of 922.50
        # that are left the interest takes all, 5 : 4, and stops there: it is never more than the result.
        ("61500.00", "922.50", {"m01": "512.50", "m02": "410.00"}, "0.00"),
    ],
)
def test_interest_stops_where_the_result_ends(
    coop: Coop, sales: str, interest: str, members: dict[str, str], returned: str
) -> None:
    text = PEOPLE + offered(MODEL, "interest") + before() + year("2025", sales, "100.00")
    got = steps(coop(text))
    assert (got["interest"], got["return"]) == (interest, returned)
    # The return of 6,435.00 by hours 16 : 11 is 3,813.3333 and 2,621.6667, one cent to m02; with the interest 4,463.33
    # and 3,141.67.
    assert parts(coop(text)) == members
    stopped = {step["id"]: step["stopped_by"] for step in surplus(coop(text))["steps"]}
    assert stopped["interest"] == ("remainder" if returned == "0.00" else None)


def test_a_strike_fund_comes_before_the_return(coop: Coop) -> None:
    text = PEOPLE + offered(MODEL, "strike") + before() + year("2025", "80000.00")
    # Result 20,000.00, the members' part 18,000.00: 3,600.00 and 900.00 to the funds, 5 % of 13,500.00 are 675.00.
    assert steps(coop(text))["strike"] == "675.00"
    assert steps(coop(text))["return"] == "12825.00"


LOSS = PEOPLE + MODEL + before(("3000.00", "4000.00")) + year("2025", "40000.00")


def test_a_loss_year(coop: Coop) -> None:
    # 40,000.00 - 60,000.00 is a loss of 20,000.00. Voluntary reserves: all they have, 1,500.00. FRO: 20 % of the loss,
    # 4,000.00. Members: 14,500.00 by hours 16 : 11, 8,592.5926 and 5,907.4074, one cent to m02; but m01 has only
    # 5,000.00, so that 3,592.59 are carried.
    assert steps(coop(LOSS)) == {"voluntary": "-1500.00", "reserve": "-4000.00", "members": "-10907.41"}
    assert parts(coop(LOSS)) == {"m01": "-5000.00", "m02": "-5907.41"}
    assert surplus(coop(LOSS))["unallocated"] == "-3592.59"


def test_the_year_after_the_loss_covers_what_is_open_first(coop: Coop) -> None:
    text = closed(coop, LOSS, "2025") + year("2026", "70000.00")
    answer = surplus(coop(text), "2026")
    # Result 10,000.00, a tenth of it the employee's work. The loss comes off the members' part: 9,000.00 - 3,592.59.
    assert (answer["earlier_losses"], answer["base"]) == ("3592.59", "5407.41")
    # 20 % of 5,407.41 are 1,081.482, 5 % are 270.3705, both up; the return is 4,055.54.
    assert steps(coop(text), "2026") == {
        "nonmember": "1000.00",
        "reserve": "1081.49",
        "education": "270.38",
        "return": "4055.54",
    }
    # By hours 16 : 11 that is 2,403.2830 and 1,652.2570; one cent to m02.
    assert parts(coop(text), "2026") == {"m01": "2403.28", "m02": "1652.26"}
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
        ("unjustified", "4800.00", "11200.00", "2604.00", 5),
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
        ("share: 0.20\n  of", "share: 0.21\n  of", None),
        ("share: 0.05", "share: 0.04", 'figure "education-fund"'),
        ("share: 0.05", "share: 0.06", None),
        ('  of: "before-tax"\n  round: "up"\n  meets: "reserve"', '  meets: "reserve"', 'figure "reserve"'),
        ("entry-fee: 200.00", "entry-fee: 500.01", 'figure "entry-fee"'),
        ("entry-fee: 200.00", "entry-fee: 500.00", None),
        ('  years: 5\n  interest: "legal-interest"\n  losses-first: TRUE\n  law', "  years: 6\n  law", '"exit-years"'),
        ("deduct: 0.30", "deduct: 0.31", 'figure "exit-deduct"'),
        ("majority: 0.5\n", "majority: 0.4\n", 'figure "majority"'),
        ("spend-by: 12", "spend-by: 13", 'figure "education-months"'),
        ("spend-by: 12", "spend-by: 6", None),
    ],
)
def test_more_is_allowed_and_less_is_not(coop: Coop, old: str, new: str, wrong: str | None) -> None:
    assert MODEL.count(old) >= 1, old
    text = PEOPLE + MODEL.replace(old, new, 1) + before() + year("2025", "150000.07", "10000.00")
    found = messages(coop(text))
    assert len(found) == (0 if wrong is None else 1), found
    assert wrong is None or wrong in found[0]
