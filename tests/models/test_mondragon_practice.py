"""Mondragon practice: interest on capital with its limit, then 45 : 45 : 10, credited by pay; six to one in pay; losses.

maussen.eu (2015): after taxes 45 % to reserves, 45 % to the members' accounts, not paid out, 10 % to social ends; pay at
most 6 : 1. europapress.es (2010): capital earns at most 7.5 %, all of it together at most 40 % of the result. The floor is
Ley 11/2019 art. 70: 20 % to the reserve fund, 10 % to COFIP, for which the social share is of the surplus before interest.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from treasurer import messages, parts, steps, surplus

from coopbooks.cooperative import Cooperative
from coopbooks.statutes.models import render

Coop = Callable[..., Cooperative]

MODEL = render("mondragon-practice", date(2024, 1, 1))

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

2024-06-30 * "Two buy-ins of 12,000.00, two fees of 3,000.00, and credits of earlier years: 20,000.00 and 16,000.00"
  Equity:Members:M01:Buyin  -12000.00 EUR
  Equity:Members:M01:2023  -8000.00 EUR
  Equity:Members:M02:Buyin  -12000.00 EUR
  Equity:Members:M02:2023  -4000.00 EUR
  Equity:Reserves:FRO  -3000.00 EUR
    member: "m01"
  Equity:Reserves:FRO  -3000.00 EUR
    member: "m02"
  Assets:Bank
"""


def year(name: str, sales: str, tax: str = "0.00", lowest: str = "5000.00") -> str:
    """A year in which m01 is paid 30,000.00 for 1,600 hours, m02 20,000.00 for 1,600, the employee w01 for 400."""
    return f"""
{name}-06-30 * "Sales of the year"
  Assets:Bank  {sales} EUR
  Income:Sales
{name}-06-30 * "Pay"
  Expenses:Wages  30000.00 EUR
    worker: "m01"
    hours: 1600
  Expenses:Wages  20000.00 EUR
    worker: "m02"
    hours: 1600
  Expenses:Wages  {lowest} EUR
    worker: "w01"
    hours: 400
  Assets:Bank
{name}-12-31 * "Corporation tax"
  Expenses:Tax  {tax} EUR
  Assets:Bank
"""


def closed(coop: Coop, text: str, period: str) -> str:
    """The books with the close that they are missing."""
    return text + "\n" + str(coop(text).close(period).transaction)


def test_the_bylaws_alone_are_in_order(coop: Coop) -> None:
    assert messages(coop(PEOPLE + MODEL)) == []
    assert messages(coop(PEOPLE + MODEL.replace(";|", ""))) == []


def test_a_year_in_three_parts(coop: Coop) -> None:
    text = PEOPLE + MODEL + year("2025", "100000.10", "5000.00")
    assert surplus(coop(text))["result"] == "40000.10"  # 100,000.10 - 55,000.00 - 5,000.00, after tax
    # Interest: 7.5 % of 20,000.00 and 16,000.00 are 1,500.00 and 1,200.00, far from 40 % of the surplus, 16,000.04.
    # 37,300.10 are left: 45 % are 16,785.045, up; 10 % of 40,000.10 are 4,000.01; the members have the other 16,515.04.
    assert steps(coop(text)) == {
        "interest": "2700.00",
        "reserves": "16785.05",
        "social": "4000.01",
        "members": "16515.04",
    }
    # By pay 3 : 2 that is 9,909.024 and 6,606.016; one cent is left, to m02 (.6 of a cent). With the interest, which is
    # the only money that is paid out, 11,409.02 and 7,806.02.
    assert parts(coop(text)) == {"m01": "11409.02", "m02": "7806.02"}
    assert parts(coop(text), key="cash") == {"m01": "1500.00", "m02": "1200.00"}
    assert messages(coop(closed(coop, text, "2025"))) == []


def test_interest_stops_at_two_fifths_of_the_surplus(coop: Coop) -> None:
    text = PEOPLE + MODEL + year("2025", "60000.00")
    # 60,000.00 - 55,000.00 is a surplus of 5,000.00. 2,700.00 of interest would be more than 40 %: 2,000.00 are paid, 5 : 4,
    # 1,111.1111 and 888.8889, one cent to m02. Of 3,000.00 that are left 45 % are 1,350.00; the social share is 500.00.
    assert steps(coop(text)) == {
        "interest": "2000.00",
        "reserves": "1350.00",
        "social": "500.00",
        "members": "1150.00",
    }
    assert parts(coop(text), key="cash") == {"m01": "1111.11", "m02": "888.89"}
    assert parts(coop(text), key="retained") == {"m01": "690.00", "m02": "460.00"}  # 1,150.00 by pay 3 : 2


def test_a_fund_of_several_cooperatives_comes_out_of_the_members_part(coop: Coop) -> None:
    text = PEOPLE + MODEL.replace(";|", "") + year("2025", "100000.10", "5000.00")
    # 10 % of 37,300.10 that the interest leaves.
    assert steps(coop(text))["intercooperation"] == "3730.01"
    assert steps(coop(text))["members"] == "12785.03"


LOSS = PEOPLE + MODEL + year("2025", "15000.00")


def test_a_loss_year(coop: Coop) -> None:
    # 15,000.00 - 55,000.00 is a loss of 40,000.00. 45 % would be 18,000.00, but the reserve holds the two fees, 6,000.00.
    # Members: 34,000.00 by pay 3 : 2, 20,400.00 and 13,600.00; m01 has only 20,000.00: 400.00 are carried. No interest.
    assert steps(coop(LOSS)) == {"reserves": "-6000.00", "members": "-33600.00"}
    assert parts(coop(LOSS)) == {"m01": "-20000.00", "m02": "-13600.00"}
    assert surplus(coop(LOSS))["unallocated"] == "-400.00"


def test_the_year_after_the_loss_covers_what_is_open_first(coop: Coop) -> None:
    text = closed(coop, LOSS, "2025") + year("2026", "70000.00")
    answer = surplus(coop(text), "2026")
    assert (answer["earlier_losses"], answer["base"]) == ("400.00", "14600.00")  # of a result of 15,000.00
    # m02 has 2,400.00 left, m01 nothing: 180.00 of interest. Of 14,420.00 45 % are 6,489.00; 10 % of 14,600.00 are
    # 1,460.00; 6,471.00 by pay 3 : 2.
    assert steps(coop(text), "2026") == {
        "interest": "180.00",
        "reserves": "6489.00",
        "social": "1460.00",
        "members": "6471.00",
    }
    assert parts(coop(text), "2026", key="retained") == {"m01": "3882.60", "m02": "2588.40"}
    assert messages(coop(closed(coop, text, "2026"))) == []


@pytest.mark.parametrize(("lowest", "errors"), [("1250.00", 0), ("1249.99", 1)])
def test_pay_is_six_to_one_at_most(coop: Coop, lowest: str, errors: int) -> None:
    # m01 earns 30,000.00 / 1,600 = 18.75 an hour, a sixth of it is 3.125: 1,250.00 for 400 hours.
    found = messages(coop(PEOPLE + MODEL + year("2025", "100000.10", "5000.00", lowest)))
    assert len(found) == errors
    assert all("over the cap of 6.00" in message for message in found)


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        # With 2,700.00 of interest the reserve has 0.2145 or more of what is left to get a fifth of 40,000.10, 8,000.02.
        ("share: 0.45\n  of", "share: 0.22\n  of", None),
        ("share: 0.45\n  of", "share: 0.20\n  of", 'figure "reserve"'),
        ('share: 0.10\n  of: "surplus"', 'share: 0.09\n  of: "surplus"', 'figure "cofip"'),
        ('share: 0.10\n  of: "surplus"', 'share: 0.11\n  of: "surplus"', None),
        # A tenth of what the interest leaves is less than the tenth that the law asks for.
        ('share: 0.10\n  of: "surplus"', 'share: 0.10\n  of: "remaining"', 'figure "cofip"'),
        ("entry-fee: 3000.00", "entry-fee: 3000.01", 'figure "entry-fee"'),
        ("years: 5", "years: 6", 'figure "exit-years"'),
    ],
)
def test_more_than_the_basque_law_is_allowed_and_less_is_not(coop: Coop, old: str, new: str, wrong: str | None) -> None:
    assert MODEL.count(old) >= 1, old
    text = PEOPLE + MODEL.replace(old, new, 1) + year("2025", "100000.10", "5000.00")
    found = [message for message in messages(coop(text)) if "fee of" not in message]
    assert len(found) == (0 if wrong is None else 1), found
    assert wrong is None or wrong in found[0]
