"""French SCOP: 15 % until the reserve is as high as the capital ever was, a quarter to all who work, interest, the rest kept.

Loi 78-763 art. 33: 1° 15 % to the legal reserve, until it is as high as the highest capital; 2° a part to the development
fund; 3° at least 25 % to all employees, members or not, who have three months of presence or six of seniority at the
close; 4° interest on capital, together at most what the employees get. Published statutes (33.1): once the legal reserve
is full its part goes to the development fund; (18.2) losses never fall on the legal reserve.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from treasurer import messages, parts, steps, surplus

from coopbooks.cooperative import Cooperative
from coopbooks.statutes.models import render

Coop = Callable[..., Cooperative]

MODEL = render("fr-scop", date(2020, 1, 1))

# The capital was 20,000.00 from 2020 on and is 15,000.00 since 2023: m01 has 7,000.00, m02 8,000.00.
PEOPLE = """
option "operating_currency" "EUR"
plugin "beancount.plugins.auto_accounts"
2020-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages
  capital: Equity:Members:M01
2020-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages
  capital: Equity:Members:M02
2025-03-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages
2025-11-15 custom "coop" "worker" "w02"
  wages: Expenses:Wages
2020-01-01 custom "coop" "worker" "w03"
  wages: Expenses:Wages
2025-06-30 custom "coop" "exit" "w03"
  cause: "resignation"

2020-01-01 * "What the members paid in, and credits of earlier years"
  Equity:Members:M01:Buyin  -500.00 EUR
  Equity:Members:M01:2019  -11500.00 EUR
  Equity:Members:M02:Buyin  -500.00 EUR
  Equity:Members:M02:2019  -7500.00 EUR
  Assets:Bank
2023-03-31 * "Capital paid back" #coop-redeem
  Equity:Members:M01:2019  5000.00 EUR
  Assets:Bank
"""


def before(reserve: str, development: str = "0.00") -> str:
    """The reserves that stood in the books when 2025 began."""
    return f"""
2024-06-30 * "Reserves that were there"
  Equity:Reserves:Legal  -{reserve} EUR
  Equity:Reserves:Development  -{development} EUR
  Assets:Bank
"""


def year(name: str, sales: str) -> str:
    """A year of 50,000.00 of pay for m01 and m02, 1,600 hours each; in 2025 w01, w02 and w03 work 21,000.00, too."""
    others = """
2025-12-31 * "Pay"
  Expenses:Wages  13000.00 EUR
    worker: "w01"
    hours: 1200
  Expenses:Wages  2000.00 EUR
    worker: "w02"
    hours: 200
  Assets:Bank
2025-06-15 * "Pay"
  Expenses:Wages  6000.00 EUR
    worker: "w03"
    hours: 800
  Assets:Bank
"""
    return f"""
{name}-12-31 * "Sales of the year"
  Assets:Bank  {sales} EUR
  Income:Sales
{name}-12-31 * "Pay"
  Expenses:Wages  25000.00 EUR
    worker: "m01"
    hours: 1600
  Expenses:Wages  25000.00 EUR
    worker: "m02"
    hours: 1600
  Assets:Bank
{others if name == "2025" else ""}"""


def closed(coop: Coop, text: str, period: str) -> str:
    """The books with the close that they are missing."""
    return text + "\n" + str(coop(text).close(period).transaction)


def test_the_bylaws_alone_are_in_order(coop: Coop) -> None:
    assert messages(coop(PEOPLE + MODEL)) == []
    assert messages(coop(PEOPLE + MODEL.replace(";|", ""))) == []


@pytest.mark.parametrize(
    ("reserve", "legal", "development", "stopped"),
    [
        # 15 % of 30,000.03 are 4,500.0045, up. A quarter is 7,500.0075, up. Interest: 2 % of 7,000.00 and 8,000.00. The
        # rest: 30,000.03 - 4,500.01 - 7,500.01 - 300.00.
        ("10000.00", "4500.01", "17700.01", None),
        # The capital was 20,000.00 once: of 18,000.00 the reserve lacks 2,000.00, and there the step stops. The development
        # fund gets what it leaves.
        ("18000.00", "2000.00", "20200.02", "until"),
        ("19999.99", "0.01", "22200.01", "until"),
        ("20000.00", "0.00", "22200.02", "until"),
        ("25000.00", "0.00", "22200.02", "until"),
    ],
)
def test_a_year_and_the_highest_capital(
    coop: Coop, reserve: str, legal: str, development: str, stopped: str | None
) -> None:
    text = PEOPLE + MODEL + before(reserve) + year("2025", "101000.03")
    assert surplus(coop(text))["result"] == "30000.03"  # less 71,000.00 of pay
    assert steps(coop(text)) == {
        "reserve": legal,
        "labour": "7500.01",
        "interest": "300.00",
        "development": development,
    }
    how = {step["id"]: step["stopped_by"] for step in surplus(coop(text))["steps"]}
    assert how["reserve"] == stopped
    assert messages(coop(closed(coop, text, "2025"))) == []


def test_who_works_there_at_the_end_for_three_months_has_a_share(coop: Coop) -> None:
    text = PEOPLE + MODEL + before("10000.00") + year("2025", "101000.03")
    # w02 came six weeks before the end, w03 had gone. 7,500.01 by 1,600 : 1,600 : 1,200 hours is 2,727.2764 twice and
    # 2,045.4573; two cents are left, to w01 and to the smaller id.
    assert parts(coop(text), of="workers") == {"m01": "2727.28", "m02": "2727.27", "w01": "2045.46"}
    assert parts(coop(text), of="workers", key="retained") == {}
    assert parts(coop(text)) == {"m01": "140.00", "m02": "160.00"}  # the interest


def test_seniority_counts_twice_at_most(coop: Coop) -> None:
    weighed = MODEL.replace("  minimum-months: 3\n", '  minimum-months: 3\n  seniority: "0:1.0 60:1.5 120:2.0"\n')
    text = PEOPLE + weighed + before("10000.00") + year("2025", "101000.03")
    # m01 and m02 have been there for 72 months: 2,400 : 2,400 : 1,200, two fifths each and one fifth of 7,500.01:
    # 3,000.004 twice and 1,500.002; one cent is left, to the larger remainder and the smaller id, m01.
    assert parts(coop(text), of="workers") == {"m01": "3000.01", "m02": "3000.00", "w01": "1500.00"}


def test_interest_stops_at_what_the_workers_get(coop: Coop) -> None:
    text = PEOPLE + MODEL + before("10000.00") + year("2025", "72000.00")
    # Of 1,000.00 the reserve gets 150.00, labour 250.00. Interest of 300.00 would be more: 250.00, by 7 : 8, 116.6667 and
    # 133.3333, one cent to m01.
    assert steps(coop(text)) == {
        "reserve": "150.00",
        "labour": "250.00",
        "interest": "250.00",
        "development": "350.00",
    }
    assert parts(coop(text)) == {"m01": "116.67", "m02": "133.33"}


LOSS = PEOPLE + MODEL + before("10000.00", "3000.00") + year("2025", "66000.00")


def test_a_loss_year(coop: Coop) -> None:
    # 66,000.00 - 71,000.00 is a loss of 5,000.00: the development fund has 3,000.00, the legal reserve is not touched.
    assert steps(coop(LOSS)) == {"development": "-3000.00"}
    assert surplus(coop(LOSS))["unallocated"] == "-2000.00"


def test_the_year_after_the_loss_covers_what_is_open_first(coop: Coop) -> None:
    text = closed(coop, LOSS, "2025") + year("2026", "60000.00")
    answer = surplus(coop(text), "2026")
    assert (answer["earlier_losses"], answer["base"]) == ("2000.00", "8000.00")  # of a result of 10,000.00
    # 15 % are 1,200.00, a quarter is 2,000.00, the interest is 300.00, 4,500.00 are left.
    assert steps(coop(text), "2026") == {
        "reserve": "1200.00",
        "labour": "2000.00",
        "interest": "300.00",
        "development": "4500.00",
    }
    assert parts(coop(text), "2026", of="workers") == {"m01": "1000.00", "m02": "1000.00"}
    assert messages(coop(closed(coop, text, "2026"))) == []


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("share: 0.15", "share: 0.14", 'figure "reserve"'),
        ("share: 0.15", "share: 0.16", None),
        ("until-of: 1", "until-of: 0.9", 'figure "reserve"'),
        ("until-of: 1", "until-of: 1.1", None),
        ("share: 0.25", "share: 0.24", 'figure "labour"'),
        ("share: 0.25", "share: 0.26", None),
        ("minimum-months: 3", "minimum-months: 4", 'figure "labour-months"'),
        ("minimum-months: 3", "minimum-months: 2", None),
    ],
)
def test_more_is_allowed_and_less_is_not(coop: Coop, old: str, new: str, wrong: str | None) -> None:
    assert MODEL.count(old) >= 1, old
    text = PEOPLE + MODEL.replace(old, new, 1) + before("10000.00") + year("2025", "101000.03")
    found = messages(coop(text))
    assert len(found) == (0 if wrong is None else 1), found
    assert wrong is None or wrong in found[0]


def test_interest_above_what_the_workers_get_is_refused(coop: Coop) -> None:
    unlimited = MODEL.replace('  at-most: 1\n  at-most-of: "step:labour"\n', "")
    text = PEOPLE + unlimited + before("10000.00") + year("2025", "72000.00")
    # 300.00 of interest beside 250.00 for labour.
    found = messages(coop(text))
    assert len(found) == 1
    assert 'figure "interest-of-labour"' in found[0]
