"""Italy: 30 % to a reserve without limit, 3 % to the movement's fund, used reserves rebuilt, the assembly decides.

c.c. 2545-quater: at least 30 % of the year's net profit to the legal reserve, whatever it has reached; L. 59/1992 art.
11: 3 % to a mutual fund; the assembly decides on the rest. L. 28/1999 art. 3: reserves that bore a loss are whole again
before anything is handed out. L. 142/2001 art. 3: ristorni at most 30 % of pay. c.c. 2514: dividends at most the rate of
postal bonds plus 2.5 points. c.c. 2545-ter: divisible reserves bear a loss before the others.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from treasurer import messages, parts, steps, surplus

from coopbooks.cooperative import Cooperative
from coopbooks.statutes.models import render

Coop = Callable[..., Cooperative]

MODEL = render("it-2545-quater", date(2024, 1, 1))

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

2024-06-30 * "Two buy-ins of 1,000.00 and credits of earlier years: 10,000.00 and 8,000.00"
  Equity:Members:M01:Buyin  -1000.00 EUR
  Equity:Members:M01:2023  -9000.00 EUR
  Equity:Members:M02:Buyin  -1000.00 EUR
  Equity:Members:M02:2023  -7000.00 EUR
  Assets:Bank
2024-06-30 * "Reserves that were there"
  Equity:Reserves:Legal  -20000.00 EUR
  Equity:Reserves:Divisible  -1000.00 EUR
  Assets:Bank
"""


def year(name: str, sales: str, tax: str = "0.00") -> str:
    """A year: m01 works 1,600 hours for 27,000.00, m02 1,100 for 18,000.00, the employee w01 300 for 5,000.00."""
    return f"""
{name}-06-30 * "Sales of the year"
  Assets:Bank  {sales} EUR
  Income:Sales
{name}-06-30 * "Pay"
  Expenses:Wages  27000.00 EUR
    worker: "m01"
    hours: 1600
  Expenses:Wages  18000.00 EUR
    worker: "m02"
    hours: 1100
  Expenses:Wages  5000.00 EUR
    worker: "w01"
    hours: 300
  Assets:Bank
{name}-12-31 * "Income tax"
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
    assert messages(coop(PEOPLE + MODEL.replace(";|", ""))) == []


WORKED = year("2025", "112000.05", "12000.00")


def test_a_year_and_the_assembly(coop: Coop) -> None:
    text = PEOPLE + MODEL + WORKED
    answer = surplus(coop(text))
    # 112,000.05 - 50,000.00 - 12,000.00. The employee worked a tenth of the hours: a ristorno may come out of 45,000.04.
    assert (answer["result"], answer["member_result"]) == ("50000.05", "45000.04")
    # 30 % of 50,000.05 are 15,000.015, 3 % are 1,500.0015: both up. Nothing of the reserve was ever used.
    assert steps(coop(text)) == {
        "reserve": "15000.02",
        "mutual": "1500.01",
        "rebuild": "0.00",
        "assembly": "33500.02",
    }
    # The assembly votes 10,000.00 of ristorno, by pay 27 : 18, and the rest to the legal reserve.
    voted = """
2026-04-20 custom "coop" "decision" "accounts"
  matter: "the accounts of 2025"
  body: "assembly"
  for: 2
2026-04-20 custom "coop" "resolution" "2025"
  of: "assembly"
  to: "members"
  amount: 10000.00 EUR
  decision: "accounts"
2026-04-20 custom "coop" "resolution" "2025"
  of: "assembly"
  to: Equity:Reserves:Legal
  rest: TRUE
  decision: "accounts"
"""
    assert steps(coop(text + voted))["assembly/1"] == "10000.00"
    assert steps(coop(text + voted))["assembly/2"] == "23500.02"
    assert parts(coop(text + voted)) == {"m01": "6000.00", "m02": "4000.00"}
    assert messages(coop(closed(coop, text, "2025"))) == []


@pytest.mark.parametrize("reserve", ["20000.00", "9000000.00"])
def test_the_reserve_has_no_limit(coop: Coop, reserve: str) -> None:
    text = (PEOPLE + MODEL + WORKED).replace("Legal  -20000.00", f"Legal  -{reserve}")
    assert steps(coop(text))["reserve"] == "15000.02"


def test_a_ristorno_by_rule_stops_at_three_tenths_of_pay(coop: Coop) -> None:
    text = PEOPLE + offered(MODEL, "ristorno") + WORKED
    # Half of 33,500.02 would be 16,750.01; three tenths of 50,000.00 of pay are 15,000.00, by pay 27 : 18.
    assert (steps(coop(text))["ristorno"], steps(coop(text))["assembly"]) == ("15000.00", "18500.02")
    assert parts(coop(text)) == {"m01": "9000.00", "m02": "6000.00"}
    # A year of 60,000.00: 10,000.00, of which 3,300.00 are gone: half of 6,700.00 is less than the limit.
    assert steps(coop(PEOPLE + offered(MODEL, "ristorno") + year("2025", "60000.00")))["ristorno"] == "3350.00"


def test_a_dividend_on_capital(coop: Coop) -> None:
    text = PEOPLE + offered(MODEL, "dividend") + WORKED
    # 3 % of postal bonds in the example and 2.5 points on 10,000.00 and 8,000.00.
    assert steps(coop(text))["dividend"] == "990.00"
    assert parts(coop(text)) == {"m01": "550.00", "m02": "440.00"}


def test_a_loss_year(coop: Coop) -> None:
    # 34,000.00 - 50,000.00 is a loss of 16,000.00: the divisible reserve has 1,000.00, the legal reserve bears the rest.
    text = PEOPLE + MODEL + year("2025", "34000.00")
    assert steps(coop(text)) == {"divisible": "-1000.00", "legal": "-15000.00"}
    assert surplus(coop(text))["unallocated"] == "0.00"
    # 26,000.00 are more than both have: 5,000.00 are carried, and members' capital is not touched.
    text = PEOPLE + MODEL + year("2025", "24000.00")
    assert steps(coop(text)) == {"divisible": "-1000.00", "legal": "-20000.00"}
    assert (surplus(coop(text))["unallocated"], parts(coop(text))) == ("-5000.00", {})


@pytest.mark.parametrize(
    ("lost", "earned", "expected", "stopped"),
    [
        # The legal reserve stands at 5,000.00 and was at 20,000.00. Of 30,000.00 it gets 9,000.00, the fund 900.00; 6,000.00
        # more make it whole, and there the step stops. The assembly has the other 14,100.00.
        ("34000.00", "80000.00", ("9000.00", "900.00", "6000.00", "14100.00"), "until"),
        # Of 15,000.00 it gets 4,500.00, the fund 450.00; it lacks 10,500.00 and gets all 10,050.00 that are left.
        ("34000.00", "65000.00", ("4500.00", "450.00", "10050.00", "0.00"), None),
        # 5,000.00 of the loss were carried: they come out of the rest, the shares stay those of 30,000.00. The reserve, at
        # nothing, lacks 11,000.00 after its 9,000.00; of 15,100.00 that leaves 4,100.00.
        ("24000.00", "80000.00", ("9000.00", "900.00", "11000.00", "4100.00"), "until"),
    ],
)
def test_the_year_after_the_loss_rebuilds_the_reserve_first(
    coop: Coop, lost: str, earned: str, expected: tuple[str, ...], stopped: str | None
) -> None:
    text = closed(coop, PEOPLE + MODEL + year("2025", lost), "2025") + year("2026", earned)
    assert steps(coop(text), "2026") == dict(zip(("reserve", "mutual", "rebuild", "assembly"), expected, strict=True))
    how = {step["id"]: step["stopped_by"] for step in surplus(coop(text), "2026")["steps"]}
    assert how["rebuild"] == stopped
    assert messages(coop(text)) == []


def test_a_leaver_is_paid_nine_months_later(coop: Coop) -> None:
    left = """
2025-12-31 custom "coop" "exit" "m02"
  cause: "resignation"
"""
    text = closed(coop, PEOPLE + MODEL + WORKED + left, "2025") + year("2026", "50000.00")
    gone = coop(text + str(coop(text).exit("m02").transaction))
    # 8,000.00 of capital, all of it within 180 days of accounts that are approved by the end of April: 27 October.
    debt = gone.debts(date(2026, 3, 1)).rows[0].to_data()
    assert debt["owed"] == "8000.00"
    assert [(each["due"], each["amount"]) for each in debt["instalments"]] == [("2026-09-30", "8000.00")]


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("share: 0.30", "share: 0.29", 'figure "reserve"'),
        ("share: 0.30", "share: 0.2999", 'figure "reserve"'),
        ("share: 0.30", "share: 0.31", None),
        ("share: 0.03", "share: 0.02", 'figure "mutual-fund"'),
        ("share: 0.03", "share: 0.04", None),
        ('share: 0.30\n  of: "result"', 'share: 0.30\n  of: "result"\n  until: 30000.00 EUR', 'figure "reserve"'),
        ("spend-by: 9", "spend-by: 10", 'figure "mutual-fund-months"'),
    ],
)
def test_more_is_allowed_and_less_is_not(coop: Coop, old: str, new: str, wrong: str | None) -> None:
    assert MODEL.count(old) >= 1, old
    found = messages(coop(PEOPLE + MODEL.replace(old, new, 1) + WORKED))
    assert len(found) == (0 if wrong is None else 1), found
    assert wrong is None or wrong in found[0]
