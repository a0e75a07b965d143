"""French SCIC: 15 % to the legal reserve, half of the rest to the statutory reserve, limited interest, the rest kept.

Loi 47-1775 art. 16: at least three twentieths of the surplus to the reserves while they are below the capital; art. 19
nonies: at least half of what that leaves to a statutory reserve that is never divided (57.5 % together); art. 14: interest
on shares at most the mean rate of private bonds plus two points, here 2 %.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from treasurer import messages, parts, steps, surplus

from coopbooks.cooperative import Cooperative
from coopbooks.statutes.models import render

Coop = Callable[..., Cooperative]

MODEL = render("fr-scic", date(2024, 1, 1))

# m01 works here, m02 is a user without pay; their shares are 1,200.00 and 800.00.
PEOPLE = """
option "operating_currency" "EUR"
plugin "beancount.plugins.auto_accounts"
2024-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages
  capital: Equity:Members:M01
2024-01-01 custom "coop" "member" "m02"
  capital: Equity:Members:M02

2024-06-30 * "What the members paid in, and credits of earlier years"
  Equity:Members:M01:Buyin  -100.00 EUR
  Equity:Members:M01:2023  -1100.00 EUR
  Equity:Members:M02:Buyin  -100.00 EUR
  Equity:Members:M02:2023  -700.00 EUR
  Assets:Bank
"""


def before(legal: str, statutory: str = "0.00") -> str:
    """The reserves that stood in the books when 2025 began."""
    return f"""
2024-06-30 * "Reserves that were there"
  Equity:Reserves:Legal  -{legal} EUR
  Equity:Reserves:Statutory  -{statutory} EUR
  Assets:Bank
"""


def year(name: str, sales: str) -> str:
    """A year of 20,000.00 of pay for m01, and 500.00 of tax."""
    return f"""
{name}-06-30 * "Sales of the year"
  Assets:Bank  {sales} EUR
  Income:Sales
{name}-06-30 * "Pay"
  Expenses:Wages  20000.00 EUR
    worker: "m01"
    hours: 1000
  Assets:Bank
{name}-12-31 * "Corporation tax"
  Expenses:Tax  500.00 EUR
  Assets:Bank
"""


def closed(coop: Coop, text: str, period: str) -> str:
    """The books with the close that they are missing."""
    return text + "\n" + str(coop(text).close(period).transaction)


def test_the_bylaws_alone_are_in_order(coop: Coop) -> None:
    assert messages(coop(PEOPLE + MODEL)) == []
    assert messages(coop(PEOPLE + MODEL.replace(";|", ""))) == []


@pytest.mark.parametrize(
    ("reserve", "legal", "statutory", "rest", "stopped"),
    [
        # After tax 1,000.01 are left: 15 % are 150.0015, up. Half of 850.00 is 425.00. Interest: 2 % of 1,200.00 and 800.00
        # are 40.00. The rest is kept, too.
        ("1000.00", "150.01", "425.00", "385.00", None),
        # The legal reserve lacks 10.00 of the capital of 2,000.00, and there the step stops. Half of 990.01 is 495.005, up.
        ("1990.00", "10.00", "495.01", "455.00", "until"),
        # The capital is reached: half of 1,000.01 is 500.005, up.
        ("2000.00", "0.00", "500.01", "460.00", "until"),
    ],
)
def test_a_year_and_the_capital(
    coop: Coop, reserve: str, legal: str, statutory: str, rest: str, stopped: str | None
) -> None:
    text = PEOPLE + MODEL + before(reserve) + year("2025", "21500.01")
    assert surplus(coop(text))["result"] == "1000.01"
    assert steps(coop(text)) == {"reserve": legal, "statutory": statutory, "interest": "40.00", "rest": rest}
    assert parts(coop(text)) == {"m01": "24.00", "m02": "16.00"}
    how = {step["id"]: step["stopped_by"] for step in surplus(coop(text))["steps"]}
    assert how["reserve"] == stopped
    assert messages(coop(closed(coop, text, "2025"))) == []


def test_interest_stops_where_the_surplus_ends(coop: Coop) -> None:
    text = PEOPLE + MODEL + before("1000.00") + year("2025", "20550.00")
    # Of 50.00 the legal reserve gets 7.50, the statutory half of 42.50. 21.25 are left for 40.00 of interest, 3 : 2.
    assert steps(coop(text)) == {"reserve": "7.50", "statutory": "21.25", "interest": "21.25", "rest": "0.00"}
    assert parts(coop(text)) == {"m01": "12.75", "m02": "8.50"}
    how = {step["id"]: step["stopped_by"] for step in surplus(coop(text))["steps"]}
    assert how["interest"] == "remainder"


def test_a_part_for_other_cooperatives(coop: Coop) -> None:
    text = PEOPLE + MODEL.replace(";|", "") + before("1000.00") + year("2025", "21500.01")
    # A tenth of the 385.00 that the interest leaves.
    assert (steps(coop(text))["movement"], steps(coop(text))["rest"]) == ("38.50", "346.50")


LOSS = PEOPLE + MODEL + before("1000.00", "300.00") + year("2025", "19000.00")


def test_a_loss_year(coop: Coop) -> None:
    # 19,000.00 - 20,500.00 is a loss of 1,500.00: the statutory reserve has 300.00, the legal reserve 1,000.00; members'
    # shares are not touched, and 200.00 are carried.
    assert steps(coop(LOSS)) == {"statutory": "-300.00", "legal": "-1000.00"}
    assert (surplus(coop(LOSS))["unallocated"], parts(coop(LOSS))) == ("-200.00", {})


def test_the_year_after_the_loss_covers_what_is_open_first(coop: Coop) -> None:
    text = closed(coop, LOSS, "2025") + year("2026", "21500.00")
    answer = surplus(coop(text), "2026")
    assert (answer["earlier_losses"], answer["base"]) == ("200.00", "800.00")  # of a result of 1,000.00
    # 15 % are 120.00, half of 680.00 is 340.00, the interest is 40.00, 300.00 are left.
    assert steps(coop(text), "2026") == {
        "reserve": "120.00",
        "statutory": "340.00",
        "interest": "40.00",
        "rest": "300.00",
    }
    assert messages(coop(closed(coop, text, "2026"))) == []


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("share: 0.15", "share: 0.14", 'figure "reserve"'),
        ("share: 0.15", "share: 0.1499", 'figure "reserve"'),
        ("share: 0.15", "share: 0.16", None),
        ("until-of: 1", "until-of: 0.9", 'figure "reserve"'),
        ("until-of: 1", "until-of: 1.1", None),
        ("share: 0.50", "share: 0.49", 'figure "statutory-reserve"'),
        ("share: 0.50", "share: 0.51", None),
    ],
)
def test_more_is_allowed_and_less_is_not(coop: Coop, old: str, new: str, wrong: str | None) -> None:
    assert MODEL.count(old) >= 1, old
    text = PEOPLE + MODEL.replace(old, new, 1) + before("1000.00") + year("2025", "21500.01")
    found = messages(coop(text))
    assert len(found) == (0 if wrong is None else 1), found
    assert wrong is None or wrong in found[0]
