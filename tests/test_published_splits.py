"""Published ways of dividing a surplus, each written as a ledger and worked out by hand.

Every case names where the rule was published. Where the source gives amounts, they are the expectation;
where it gives shares only, the amounts are chosen so that the cents do not divide, and the sum is done in
the comment beside the expectation. "Left" in those comments are the cents that remain after every part is
cut down: they go to the largest remainders, and of equal remainders to the smaller id.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from coopbooks import load
from coopbooks.cooperative import Cooperative

Answer = dict[str, Any]


def books(folder: Path, ledger: str) -> Cooperative:
    path = folder / "main.beancount"
    path.write_text(dedent(ledger), encoding="utf-8")
    return load(str(path))


def surplus(folder: Path, ledger: str) -> Answer:
    """The year 2025 of the ledger; what must hold of every answer is asserted here."""
    answer: Answer = books(folder, ledger).surplus("2025").to_data()
    assert_conserved(answer)
    return answer


def assert_conserved(answer: Answer) -> None:
    """Result less earlier losses = all steps + what is left; people's parts = the steps that they share."""
    steps, people = answer["steps"], answer["members"] + answer["workers"]
    placed = sum(Decimal(step["amount"]) for step in steps) + Decimal(answer["unallocated"])
    assert placed == Decimal(answer["result"]) - Decimal(answer["earlier_losses"])
    shared = sum(Decimal(step["amount"]) for step in steps if step["to"] in ("members", "workers"))
    assert sum(Decimal(person["amount"]) for person in people) == shared
    for person in people:
        assert Decimal(person["cash"]) + Decimal(person["retained"]) == Decimal(person["amount"])


def steps(answer: Answer) -> dict[str, str]:
    return {step["id"]: step["amount"] for step in answer["steps"]}


def step(answer: Answer, step_id: str) -> Answer:
    found: Answer = next(step for step in answer["steps"] if step["id"] == step_id)
    return found


def parts(answer: Answer, group: str = "members") -> dict[str, str]:
    return {person["member"]: person["amount"] for person in answer[group]}


def above_zero(amounts: dict[str, str]) -> dict[str, str]:
    return {name: amount for name, amount in amounts.items() if amount != "0.00"}


def changed(ledger: str, old: str, new: str) -> str:
    assert old in ledger, old
    return ledger.replace(old, new)


# Mondragon ------------------------------------------------------------------------------------------------
# After tax a cooperative divides its surplus in three: 45% to collective reserves, 45% to the
# worker-members by pay, credited to their personal accounts and not paid out, 10% to social ends.
# http://www.maussen.eu/blog/2015/10/08/3-2mondragon-cooperative-corporation-mcc-3-2-6-cooperative-policy-compensation-reemployment-and-profit-distribution/

MONDRAGON = """
    option "operating_currency" "EUR"
    2020-01-01 open Assets:Bank
    2020-01-01 open Equity:Surplus
    2020-01-01 open Equity:Reserves:Collective
    2020-01-01 open Liabilities:Social
    2020-01-01 open Income:Sales
    2020-01-01 open Expenses:Wages
    2020-01-01 open Expenses:Tax

    2020-01-01 custom "coop" "member" "m01"
      wages: Expenses:Wages
      capital: Equity:Members:M01
    2020-01-01 custom "coop" "member" "m02"
      wages: Expenses:Wages
      capital: Equity:Members:M02
    2020-01-01 custom "coop" "member" "m03"
      wages: Expenses:Wages
      capital: Equity:Members:M03
    2020-01-01 custom "coop" "bylaw" "surplus"
      patronage: "wages"
      cash: 0
    2020-01-01 custom "coop" "allocation" "reserves"
      step: 1
      to: Equity:Reserves:Collective
      share: 0.45
    2020-01-01 custom "coop" "allocation" "members"
      step: 1
      to: "members"
      share: 0.45
    2020-01-01 custom "coop" "allocation" "social"
      step: 1
      to: Liabilities:Social
      share: 0.10

    2025-06-30 * "Sales of the year"
      Assets:Bank  250000.03 EUR
      Income:Sales
    2025-06-30 * "Pay"
      worker: "m01"
      Expenses:Wages  50000.00 EUR
        hours: 1600
      Assets:Bank
    2025-06-30 * "Pay"
      worker: "m02"
      Expenses:Wages  40000.00 EUR
        hours: 1600
      Assets:Bank
    2025-06-30 * "Pay"
      worker: "m03"
      Expenses:Wages  30000.00 EUR
        hours: 1600
      Assets:Bank
    2025-12-31 * "Corporation tax"
      Expenses:Tax  30000.00 EUR
      Assets:Bank
"""

MONDRAGON_CLOSE = """
    2025-12-31 open Equity:Members:M01:2025
    2025-12-31 open Equity:Members:M02:2025
    2025-12-31 open Equity:Members:M03:2025
    2025-12-31 * "Close of 2025" #coop-close
      period: "2025"
      Equity:Surplus               100000.03 EUR
      Equity:Reserves:Collective   -45000.01 EUR
      Liabilities:Social           -10000.00 EUR
      Equity:Members:M01:2025      -18750.01 EUR
      Equity:Members:M02:2025      -15000.01 EUR
      Equity:Members:M03:2025      -11250.00 EUR
"""


def test_mondragon_divides_45_45_10(tmp_path: Path) -> None:
    answer = surplus(tmp_path, MONDRAGON)
    assert answer["result"] == "100000.03"  # sales 250,000.03 less pay 120,000.00 and tax 30,000.00
    # 45% is 45,000.0135 twice, 10% is 10,000.003; one cent left; the two 45% tie, and "members" is the
    # smaller id.
    assert steps(answer) == {"members": "45000.02", "reserves": "45000.01", "social": "10000.00"}
    # 45,000.02 by pay 5 : 4 : 3 is 18,750.0083, 15,000.0067, 11,250.005; two cents left, to m01 and m02.
    assert parts(answer) == {"m01": "18750.01", "m02": "15000.01", "m03": "11250.00"}
    assert [member["cash"] for member in answer["members"]] == ["0.00"] * 3  # credited, not paid
    assert [member["share"] for member in answer["members"]] == ["0.416667", "0.333333", "0.250000"]
    assert answer["unallocated"] == "0.00"


def test_mondragon_close_by_hand_is_accepted(tmp_path: Path) -> None:
    assert books(tmp_path, MONDRAGON + MONDRAGON_CLOSE).check().to_data()["errors"] == []


def test_mondragon_close_with_one_cent_moved_is_refused(tmp_path: Path) -> None:
    moved = changed(changed(MONDRAGON_CLOSE, "-18750.01", "-18750.00"), "-15000.01", "-15000.02")
    assert books(tmp_path, MONDRAGON + moved).check().to_data()["errors"]


# Laboral Kutxa --------------------------------------------------------------------------------------------
# 50% reserves, 12.5% worker-members (kept on their accounts until they leave), 12.5% member cooperatives,
# 15% to the inter-cooperative social fund, 10% to the education and promotion fund. Of 2015 the bank
# published, in thousands of euros: social fund 10,759 (the page prints 1.075.900, but its own total needs
# 10,759), education fund 7,172, both together 17,931. The only profit in whole thousands that gives these
# is 71,724: 10% of it is 7,172.4, 15% 10,758.6.
# https://bloga.laboralkutxa.com/gizarte-erantzukizun-korporatiboa-laboral-kutxan/
# Of 2010: 51.1 million after tax, half of it kept, 12.5% to the worker-members.
# https://blog.laboralkutxa.com/es/saber-mas-sobre-a-que-dedica-laboral-kutxa-sus-beneficios

LABORAL_KUTXA = """
    option "operating_currency" "KEUR"
    2020-01-01 commodity KEUR
      name: "thousands of euros"
      precision: 0
    2020-01-01 open Assets:Bank
    2020-01-01 open Equity:Surplus
    2020-01-01 open Equity:Reserves
    2020-01-01 open Liabilities:Cooperatives
    2020-01-01 open Liabilities:Funds:Social
    2020-01-01 open Liabilities:Funds:Education
    2020-01-01 open Income:Margin
    2020-01-01 open Expenses:Wages

    2020-01-01 custom "coop" "member" "m01"
      wages: Expenses:Wages
      capital: Equity:Members:M01
    2020-01-01 custom "coop" "member" "m02"
      wages: Expenses:Wages
      capital: Equity:Members:M02
    2020-01-01 custom "coop" "member" "m03"
      wages: Expenses:Wages
      capital: Equity:Members:M03
    2020-01-01 custom "coop" "bylaw" "surplus"
      patronage: "wages"
    2020-01-01 custom "coop" "allocation" "reserves"
      step: 1
      to: Equity:Reserves
      share: 0.50
    2020-01-01 custom "coop" "allocation" "members"
      step: 1
      to: "members"
      share: 0.125
      cash: 0
    2020-01-01 custom "coop" "allocation" "cooperatives"
      step: 1
      to: Liabilities:Cooperatives
      share: 0.125
    2020-01-01 custom "coop" "allocation" "social-fund"
      step: 1
      to: Liabilities:Funds:Social
      share: 0.15
    2020-01-01 custom "coop" "allocation" "education-fund"
      step: 1
      to: Liabilities:Funds:Education
      share: 0.10

    2025-06-30 * "Pay"
      worker: "m01"
      Expenses:Wages  300 KEUR
        hours: 1600
      Assets:Bank
    2025-06-30 * "Pay"
      worker: "m02"
      Expenses:Wages  200 KEUR
        hours: 1600
      Assets:Bank
    2025-06-30 * "Pay"
      worker: "m03"
      Expenses:Wages  200 KEUR
        hours: 1600
      Assets:Bank
    2025-12-31 * "Margin of the year"
      Assets:Bank  72424 KEUR
      Income:Margin
"""


def test_laboral_kutxa_gives_the_published_amounts_of_2015(tmp_path: Path) -> None:
    answer = surplus(tmp_path, LABORAL_KUTXA)
    assert answer["result"] == "71724"
    # 35,862 exactly; 8,965.5 twice; 10,758.6; 7,172.4. Two thousands left: the first to 10,758.6, the
    # second to one of the two halves, which tie: "cooperatives" is the smaller id.
    assert steps(answer) == {
        "cooperatives": "8966",
        "education-fund": "7172",
        "members": "8965",
        "reserves": "35862",
        "social-fund": "10759",
    }
    assert int(steps(answer)["education-fund"]) + int(steps(answer)["social-fund"]) == 17931
    # 8,965 by pay 3 : 2 : 2 is 3,842.14, 2,561.43, 2,561.43; one left; m02 and m03 tie, m02 is the smaller
    # id.
    assert parts(answer) == {"m01": "3842", "m02": "2562", "m03": "2561"}
    assert {member["cash"] for member in answer["members"]} == {"0"}


def test_laboral_kutxa_2010_in_euros(tmp_path: Path) -> None:
    euros = changed(changed(LABORAL_KUTXA, "precision: 0", "precision: 2"), "KEUR", "EUR")
    euros = changed(euros, "thousands of euros", "euro")
    answer = surplus(tmp_path, changed(euros, "72424 EUR", "51100700.00 EUR"))
    assert answer["result"] == "51100000.00"
    # Half of 51.1 million is 25.55 million, 12.5% is 6,387,500, 15% is 7,665,000, 10% is 5,110,000.
    assert steps(answer) == {
        "cooperatives": "6387500.00",
        "education-fund": "5110000.00",
        "members": "6387500.00",
        "reserves": "25550000.00",
        "social-fund": "7665000.00",
    }
    # 6,387,500.00 by 3 : 2 : 2 is 2,737,500, 1,825,000, 1,825,000: the cents divide.
    assert parts(answer) == {"m01": "2737500.00", "m02": "1825000.00", "m03": "1825000.00"}


# Equal Exchange -------------------------------------------------------------------------------------------
# 10% of pre-tax profit is given to the fair trade and co-op movements, 35% goes in equal parts to the
# worker-owners, 55% stays. https://equalexchange.coop/about/equal-exchange/faqs/where-do-your-profits-go
# The report of 2012 names 1,428,422 USD as income before tax after donations and patronage: as 55% that is
# a profit of 2,597,130.91 (the profit itself is not printed).
# https://docslib.org/doc/4240723/equal-exchange-2012-annual-report

EQUAL_EXCHANGE = """
    option "operating_currency" "USD"
    2020-01-01 open Assets:Bank
    2020-01-01 open Equity:Surplus
    2020-01-01 open Equity:Retained
    2020-01-01 open Liabilities:Movement
    2020-01-01 open Income:Sales
    2020-01-01 open Expenses:Tax

    2020-01-01 custom "coop" "member" "m01"
    2020-01-01 custom "coop" "member" "m02"
    2020-01-01 custom "coop" "member" "m03"
    2020-01-01 custom "coop" "member" "m04"
    2020-01-01 custom "coop" "member" "m05"
    2020-01-01 custom "coop" "member" "m06"
    2025-11-01 custom "coop" "member" "m07"
    2020-01-01 custom "coop" "member" "m08"
    2025-06-30 custom "coop" "exit" "m08"
      cause: "resignation"
    2020-01-01 custom "coop" "bylaw" "surplus"
      patronage: "equal"
      split: "none"
      tax: Expenses:Tax
    2020-01-01 custom "coop" "allocation" "movement"
      step: 1
      to: Liabilities:Movement
      share: 0.10
      of: "before-tax"
    2020-01-01 custom "coop" "allocation" "workers-part"
      step: 1
      to: "members"
      by: "equal"
      share: 0.35
      of: "before-tax"
    2020-01-01 custom "coop" "allocation" "retained"
      step: 2
      to: Equity:Retained
      rest: TRUE

    2025-12-31 * "Margin of the year"
      Assets:Bank  2597130.91 USD
      Income:Sales
    2025-12-31 * "Income tax"
      Expenses:Tax  400000.00 USD
      Assets:Bank
"""


def test_equal_exchange_divides_profit_before_tax(tmp_path: Path) -> None:
    answer = surplus(tmp_path, EQUAL_EXCHANGE)
    assert answer["result"] == "2197130.91"
    # 10% is 259,713.091 and 35% is 908,995.8185, together 1,168,708.91; one cent left, to the larger
    # remainder (.85). What stays is 2,597,130.91 - 1,168,708.91 = 1,428,422.00 as published, less the tax
    # of 400,000.00.
    assert steps(answer) == {
        "movement": "259713.09",
        "workers-part": "908995.82",
        "retained": "1028422.00",
    }
    assert step(answer, "movement")["base"] == "2597130.91"
    # 908,995.82 in seven is 129,856.5457; four cents left and all equal: to the four smallest ids. m07
    # joined in November and counts in full, m08 had left by the last day and does not.
    assert parts(answer) == {
        "m01": "129856.55",
        "m02": "129856.55",
        "m03": "129856.55",
        "m04": "129856.55",
        "m05": "129856.54",
        "m06": "129856.54",
        "m07": "129856.54",
        "m08": "0.00",
    }
    assert [member["retained"] for member in answer["members"]] == ["0.00"] * 8


# Unicorn Grocery ------------------------------------------------------------------------------------------
# A sum equal to 5% of the total wage bill, whatever the profit: 4% to projects abroad, 1% to projects in
# the UK; over 70,000 GBP a year when the page was written. http://unicorngrocery.co.uk/projectsupport.php

UNICORN = """
    option "operating_currency" "GBP"
    2020-01-01 open Assets:Bank
    2020-01-01 open Equity:Surplus
    2020-01-01 open Equity:Reserves:General
    2020-01-01 open Liabilities:Funds:FourPercent
    2020-01-01 open Liabilities:Funds:OnePercent
    2020-01-01 open Income:Shop
    2020-01-01 open Expenses:Wages
    2020-01-01 open Expenses:Projects

    2020-01-01 custom "coop" "member" "m01"
      wages: Expenses:Wages
      capital: Equity:Members:M01
    2020-01-01 custom "coop" "member" "m02"
      wages: Expenses:Wages
      capital: Equity:Members:M02
    2020-01-01 custom "coop" "worker" "w01"
      wages: Expenses:Wages
    2020-01-01 custom "coop" "bylaw" "surplus"
      split: "none"
    2020-01-01 custom "coop" "fund" "abroad"
      account: Liabilities:Funds:FourPercent
      movement: TRUE
    2020-01-01 custom "coop" "fund" "at-home"
      account: Liabilities:Funds:OnePercent
      movement: TRUE
    2020-01-01 custom "coop" "allocation" "four-percent"
      step: 1
      to: Liabilities:Funds:FourPercent
      as: "expense"
      share: 0.04
      of: "payroll"
    2020-01-01 custom "coop" "allocation" "one-percent"
      step: 1
      to: Liabilities:Funds:OnePercent
      as: "expense"
      share: 0.01
      of: "payroll"
    2020-01-01 custom "coop" "allocation" "reserve"
      step: 2
      to: Equity:Reserves:General
      rest: TRUE
    2020-01-01 custom "coop" "loss" "reserve"
      step: 1
      from: Equity:Reserves:General
      rest: TRUE

    2024-12-31 * "Reserve of earlier years"
      Assets:Bank  100000.00 GBP
      Equity:Reserves:General
    2025-03-31 * "Wages of the first team"
      worker: "m01"
      Expenses:Wages  600000.00 GBP
        hours: 1500
      Assets:Bank
    2025-06-30 * "Wages of the second team"
      worker: "m02"
      Expenses:Wages  600000.00 GBP
        hours: 1500
      Assets:Bank
    2025-09-30 * "Wages of those who are no members yet"
      worker: "w01"
      Expenses:Wages  203333.35 GBP
        hours: 600
      Assets:Bank
    2025-09-30 * "Travel refunded with the wages: no pay"
      worker: "w01"
      Expenses:Wages  5000.00 GBP
        pay: "none"
      Assets:Bank
    2025-10-31 * "Projects abroad, paid into their fund during the year"
      source: "other"
      Expenses:Projects  50000.00 GBP
      Liabilities:Funds:FourPercent
    2025-12-31 * "Shop of the year"
      Assets:Bank  1600000.00 GBP
      Income:Shop
"""


def test_unicorn_owes_a_share_of_the_wage_bill(tmp_path: Path) -> None:
    answer = surplus(tmp_path, UNICORN)
    assert answer["result"] == "141666.65"  # 1,600,000.00 - 1,403,333.35 - 5,000.00 - 50,000.00
    assert step(answer, "four-percent")["base"] == "1403333.35"  # all pay, without the refund
    # 4% is 56,133.334 and 1% is 14,033.3335, together 70,166.67; one cent left, to the larger remainder (.4
    # of 4%). 50,000.00 of the 56,133.34 stands there already: the close adds 6,133.34. The rest is
    # 121,499.98.
    assert steps(answer) == {"four-percent": "6133.34", "one-percent": "14033.33", "reserve": "121499.98"}


def test_unicorn_owes_it_in_a_year_of_loss_too(tmp_path: Path) -> None:
    answer = surplus(tmp_path, changed(UNICORN, "1600000.00", "1400000.00"))
    assert answer["result"] == "-58333.35"
    # The reserve bears the loss and what is still owed: 58,333.35 + 6,133.34 + 14,033.33 = 78,500.02.
    assert [(each["id"], each["amount"]) for each in answer["steps"]] == [
        ("four-percent", "6133.34"),
        ("one-percent", "14033.33"),
        ("reserve", "-78500.02"),
    ]
    assert answer["unallocated"] == "0.00"


def test_unicorn_loss_beyond_the_reserve_is_carried_forward(tmp_path: Path) -> None:
    poorer = changed(UNICORN, "100000.00 GBP", "50000.00 GBP")
    answer = surplus(tmp_path, changed(poorer, "1600000.00", "1400000.00"))
    assert step(answer, "reserve")["amount"] == "-50000.00"
    assert answer["unallocated"] == "-28500.02"  # 78,500.02 less the 50,000.00 that the reserve holds


@pytest.mark.parametrize(
    ("booked", "added"),
    [
        ("56133.33", "0.01"),
        ("56133.34", "0.00"),
        ("60000.00", "0.00"),  # more than is owed is not taken back
    ],
)
def test_unicorn_adds_only_what_is_missing(tmp_path: Path, booked: str, added: str) -> None:
    answer = surplus(tmp_path, changed(UNICORN, "50000.00 GBP", f"{booked} GBP"))
    assert steps(answer)["four-percent"] == added
    assert steps(answer)["one-percent"] == "14033.33"


UNICORN_CLOSE = """
    2025-12-31 * "Close of 2025" #coop-close
      period: "2025"
      Equity:Surplus                  141666.65 GBP
      Liabilities:Funds:FourPercent    -6133.34 GBP
      Liabilities:Funds:OnePercent    -14033.33 GBP
      Equity:Reserves:General        -121499.98 GBP
"""


def test_unicorn_close_by_hand_is_accepted(tmp_path: Path) -> None:
    assert books(tmp_path, UNICORN + UNICORN_CLOSE).check().to_data()["errors"] == []


# Spain, Ley 27/1999 ---------------------------------------------------------------------------------------
# Art. 58.1: of the cooperative result, after losses of earlier years and before tax, at least 20% to the
# obligatory reserve fund (FRO) and 5% to the education and promotion fund (FEP). Art. 58.2: of the
# extra-cooperative result at least 50% to the FRO. Art. 57.4: the statutes may opt for no separate
# accounting. Art. 58.4: the return follows what each member did. BOE-A-1999-15681.

SPAIN = """
    option "operating_currency" "EUR"
    2020-01-01 open Assets:Bank
    2020-01-01 open Equity:Surplus
    2020-01-01 open Equity:Reserves:FRO
    2020-01-01 open Equity:Reserves:Voluntary
    2020-01-01 open Liabilities:Funds:FEP
    2020-01-01 open Income:Sales
    2020-01-01 open Income:ThirdParties
    2020-01-01 open Expenses:ThirdParties
    2020-01-01 open Expenses:Wages
    2020-01-01 open Expenses:Materials
    2020-01-01 open Expenses:Tax

    2020-01-01 custom "coop" "member" "m01"
      wages: Expenses:Wages
      capital: Equity:Members:M01
    2020-01-01 custom "coop" "member" "m02"
      wages: Expenses:Wages
      capital: Equity:Members:M02
    2020-01-01 custom "coop" "member" "m03"
      wages: Expenses:Wages
      capital: Equity:Members:M03
    2020-01-01 custom "coop" "allocation" "return"
      law: "Ley 27/1999 art. 58.4"
      step: 9
      to: "members"
      rest: TRUE

    2025-06-30 * "Advances of the year"
      worker: "m01"
      Expenses:Wages  24000.00 EUR
        hours: 1600
      Assets:Bank
    2025-06-30 * "Advances of the year"
      worker: "m02"
      Expenses:Wages  18000.00 EUR
        hours: 1200
      Assets:Bank
    2025-06-30 * "Advances of the year"
      worker: "m03"
      Expenses:Wages  12000.00 EUR
        hours: 800
      Assets:Bank
"""

SPAIN_TOGETHER = (
    SPAIN
    + """
    2020-01-01 custom "coop" "bylaw" "surplus"
      law: "Ley 27/1999 art. 57.4"
      split: "none"
      tax: Expenses:Tax
    2020-01-01 custom "coop" "allocation" "fro"
      step: 1
      to: Equity:Reserves:FRO
      share: 0.20
      of: "before-tax"
      round: "up"
    2020-01-01 custom "coop" "allocation" "fep"
      step: 1
      to: Liabilities:Funds:FEP
      share: 0.05
      of: "before-tax"
      round: "up"

    2024-06-30 * "A year of loss"
      Expenses:Materials  12345.67 EUR
      Assets:Bank
    2025-06-30 * "Sales of the year"
      Assets:Bank  162000.08 EUR
      Income:Sales
    2025-12-31 * "Corporation tax"
      Expenses:Tax  8000.07 EUR
      Assets:Bank
"""
)


def test_spain_funds_before_tax_and_after_earlier_losses(tmp_path: Path) -> None:
    answer = surplus(tmp_path, SPAIN_TOGETHER)
    assert answer["result"] == "100000.01"  # 162,000.08 - 54,000.00 - 8,000.07
    assert answer["earlier_losses"] == "12345.67"
    assert answer["base"] == "87654.34"
    # Before tax: 87,654.34 + 8,000.07 = 95,654.41. 20% is 19,130.882, 5% is 4,782.7205: "at least" rounds
    # up.
    assert step(answer, "fro")["base"] == "95654.41"
    # The return: 87,654.34 - 19,130.89 - 4,782.73 = 63,740.72.
    assert steps(answer) == {"fep": "4782.73", "fro": "19130.89", "return": "63740.72"}
    # By hours 4 : 3 : 2 that is 28,329.2089, 21,246.9067, 14,164.6044; two cents left, to m01 and m02.
    assert parts(answer) == {"m01": "28329.21", "m02": "21246.91", "m03": "14164.60"}


def test_spain_exact_shares_are_not_rounded_up(tmp_path: Path) -> None:
    answer = surplus(tmp_path, changed(SPAIN_TOGETHER, "162000.08", "162000.07"))
    # 20% of 95,654.40 is 19,130.88 and 5% is 4,782.72, to the cent. The return: 87,654.33 - 23,913.60 =
    # 63,740.73.
    assert steps(answer) == {"fep": "4782.72", "fro": "19130.88", "return": "63740.73"}


SPAIN_EXTRA_TO_FRO = (
    SPAIN
    + """
    2020-01-01 custom "coop" "bylaw" "surplus"
      split: "accounts"
      nonmember-accounts: "Income:ThirdParties Expenses:ThirdParties"
      nonmember-to: Equity:Reserves:FRO
    2020-01-01 custom "coop" "allocation" "fro"
      step: 1
      to: Equity:Reserves:FRO
      share: 0.20
      round: "up"
    2020-01-01 custom "coop" "allocation" "fep"
      step: 1
      to: Liabilities:Funds:FEP
      share: 0.05
      round: "up"

    2025-06-30 * "Sales of the year"
      Assets:Bank  94000.03 EUR
      Income:Sales
    2025-06-30 * "Work for third parties"
      Assets:Bank  9000.05 EUR
      Income:ThirdParties
    2025-06-30 * "Work for third parties"
      Expenses:ThirdParties  1500.00 EUR
      Assets:Bank
"""
)


def test_spain_extracooperative_result_whole_to_the_reserve(tmp_path: Path) -> None:
    answer = surplus(tmp_path, SPAIN_EXTRA_TO_FRO)
    # Extra-cooperative: 9,000.05 - 1,500.00 = 7,500.05. Cooperative: 94,000.03 - 54,000.00 = 40,000.03.
    assert (answer["result"], answer["nonmember_result"], answer["member_result"]) == (
        "47500.08",
        "7500.05",
        "40000.03",
    )
    assert answer["base"] == "40000.03"
    # 20% of 40,000.03 is 8,000.006, 5% is 2,000.0015, both up. The return: 40,000.03 - 10,000.02 =
    # 30,000.01.
    assert steps(answer) == {"nonmember": "7500.05", "fep": "2000.01", "fro": "8000.01", "return": "30000.01"}
    # By hours 4 : 3 : 2 that is 13,333.3378, 10,000.0033, 6,666.6689; two cents left, to m03 and m01.
    assert parts(answer) == {"m01": "13333.34", "m02": "10000.00", "m03": "6666.67"}


EXTRA_IN_HALVES = """
    2020-01-01 custom "coop" "allocation" "extra-fro"
      law: "Ley 27/1999 art. 58.2"
      step: 1
      to: Equity:Reserves:FRO
      share: 0.50
      of: "nonmember"
      round: "up"
    2020-01-01 custom "coop" "allocation" "extra-voluntary"
      law: "Ley 27/1999 art. 58.3"
      step: 1
      to: Equity:Reserves:Voluntary
      share: 0.50
      of: "nonmember"
      round: "down"
"""


def spain_extra_in_halves() -> str:
    """The extra-cooperative result is placed by two steps of its own, and the funds are shares of what remains."""
    ledger = changed(SPAIN_EXTRA_TO_FRO, "      nonmember-to: Equity:Reserves:FRO\n", EXTRA_IN_HALVES)
    for fund, share in (("fro", "0.20"), ("fep", "0.05")):
        ledger = changed(ledger, f'"{fund}"\n      step: 1', f'"{fund}"\n      step: 2')
        ledger = changed(ledger, f"share: {share}\n", f'share: {share}\n      of: "remaining"\n')
    return ledger


def test_spain_half_of_the_extracooperative_result_to_the_reserve(tmp_path: Path) -> None:
    answer = surplus(tmp_path, spain_extra_in_halves())
    # Half of 7,500.05 is 3,750.025: at least half to the FRO is 3,750.03, at most half elsewhere 3,750.02.
    # What remains is the cooperative result, 40,000.03, and goes as in the test above.
    assert step(answer, "fro")["base"] == "40000.03"
    assert steps(answer) == {
        "extra-fro": "3750.03",
        "extra-voluntary": "3750.02",
        "fep": "2000.01",
        "fro": "8000.01",
        "return": "30000.01",
    }


# Italy, c.c. art. 2545-quater and L. 59/1992 art. 11 ------------------------------------------------------
# At least 30% of the year's net profit to the legal reserve, whatever the reserve has reached; 3% to the
# mutual funds for cooperation; the assembly decides on the rest.
# https://www.newsletterveneto.confcooperative.it/News-Tecniche/ArtMID/383/ArticleID/1295/La-destinazione-utile-nelle-cooperative

ITALY = """
    option "operating_currency" "EUR"
    2020-01-01 open Assets:Bank
    2020-01-01 open Equity:Surplus
    2020-01-01 open Equity:Reserves:Legal
    2020-01-01 open Liabilities:MutualFunds
    2020-01-01 open Income:Sales
    2020-01-01 open Expenses:Wages
    2020-01-01 open Expenses:Tax

    2020-01-01 custom "coop" "member" "m01"
      wages: Expenses:Wages
      capital: Equity:Members:M01
    2020-01-01 custom "coop" "member" "m02"
      wages: Expenses:Wages
      capital: Equity:Members:M02
    2020-01-01 custom "coop" "bylaw" "surplus"
      split: "none"
      tax: Expenses:Tax
    2020-01-01 custom "coop" "allocation" "legal-reserve"
      law: "c.c. art. 2545-quater"
      step: 1
      to: Equity:Reserves:Legal
      share: 0.30
      of: "result"
      round: "up"
    2020-01-01 custom "coop" "allocation" "mutual-funds"
      law: "L. 59/1992 art. 11"
      step: 1
      to: Liabilities:MutualFunds
      share: 0.03
      of: "result"
    2020-01-01 custom "coop" "allocation" "assembly"
      step: 2
      to: "decision"
      rest: TRUE

    2024-12-31 * "Legal reserve of earlier years"
      Assets:Bank  1000.00 EUR
      Equity:Reserves:Legal
    2025-06-30 * "Pay"
      worker: "m01"
      Expenses:Wages  30000.00 EUR
        hours: 1600
      Assets:Bank
    2025-06-30 * "Pay"
      worker: "m02"
      Expenses:Wages  20000.00 EUR
        hours: 1100
      Assets:Bank
    2025-12-31 * "Sales of the year"
      Assets:Bank  112000.05 EUR
      Income:Sales
    2025-12-31 * "Tax"
      Expenses:Tax  12000.00 EUR
      Assets:Bank
"""


@pytest.mark.parametrize("reserve", ["1000.00", "9000000.00"])  # whatever it has reached: there is no limit
def test_italy_reserve_has_no_limit(tmp_path: Path, reserve: str) -> None:
    answer = surplus(tmp_path, changed(ITALY, "1000.00 EUR", f"{reserve} EUR"))
    assert answer["result"] == "50000.05"  # after tax
    # 30% is 15,000.015, up; 3% is 1,500.0015, to the nearest cent. The assembly decides on the other
    # 33,500.03.
    assert steps(answer) == {"legal-reserve": "15000.02", "mutual-funds": "1500.00", "assembly": "33500.03"}
    assert {each["stopped_by"] for each in answer["steps"]} == {None}
    assert parts(answer) == {"m01": "0.00", "m02": "0.00"}


def test_italy_shares_are_of_the_year_and_earlier_losses_come_out_of_the_rest(tmp_path: Path) -> None:
    loss = """
    2024-06-30 * "A year of loss"
      Expenses:Wages  4000.00 EUR
        worker: "m01"
        hours: 200
      Assets:Bank
"""
    answer = surplus(tmp_path, ITALY + loss)
    # 50,000.05 - 4,000.00 = 46,000.05 is the surplus; the shares stay those of the year's 50,000.05.
    assert (answer["earlier_losses"], answer["base"]) == ("4000.00", "46000.05")
    assert steps(answer) == {"legal-reserve": "15000.02", "mutual-funds": "1500.00", "assembly": "29500.03"}


def test_italy_ristorno_by_hours(tmp_path: Path) -> None:
    ristorno = changed(ITALY, 'to: "decision"', 'to: "members"')
    answer = surplus(tmp_path, ristorno)
    # 33,500.03 by hours 16 : 11 is 19,851.8696 and 13,648.1604; one cent left, to m01.
    assert parts(answer) == {"m01": "19851.87", "m02": "13648.16"}


# French SCOP, Loi 78-763 art. 33 --------------------------------------------------------------------------
# 1° 15% to the legal reserve until it is as high as the capital ever was; 2° a part to the development
# fund; 3° at least 25% to all employees, members or not, who have three months of presence or six of
# seniority at the close, by pay, by time, equally, or mixed, with a seniority coefficient of at most 2.
# https://legal.tricoteuses.fr/articles/LEGIARTI000006289968

SCOP = """
    option "operating_currency" "EUR"
    2014-01-01 open Assets:Bank
    2014-01-01 open Equity:Surplus
    2014-01-01 open Equity:Reserves:Legal
    2014-01-01 open Equity:Reserves:Development
    2014-01-01 open Equity:Members:M01:Buyin
    2014-01-01 open Equity:Members:M02:Buyin
    2014-01-01 open Income:Sales
    2014-01-01 open Expenses:Wages

    2014-06-01 custom "coop" "member" "m01"
      wages: Expenses:Wages
      capital: Equity:Members:M01
    2019-06-01 custom "coop" "member" "m02"
      wages: Expenses:Wages
      capital: Equity:Members:M02
    2025-03-01 custom "coop" "worker" "w01"
      wages: Expenses:Wages
    2025-11-15 custom "coop" "worker" "w02"
      wages: Expenses:Wages
    2014-06-01 custom "coop" "bylaw" "surplus"
      split: "none"
    2014-06-01 custom "coop" "allocation" "legal-reserve"
      step: 1
      to: Equity:Reserves:Legal
      share: 0.15
      until-of: 1
      until-account: Equity:Members
      until-at: "highest"
    2014-06-01 custom "coop" "allocation" "labour"
      step: 1
      to: "workers"
      share: 0.25
      round: "up"
      by: "hours"
      minimum-months: 3
      seniority: "0:1.0 60:1.5 120:2.0"
    2014-06-01 custom "coop" "allocation" "development"
      step: 2
      to: Equity:Reserves:Development
      rest: TRUE

    2014-06-01 * "Capital"
      Assets:Bank  12000.00 EUR
      Equity:Members:M01:Buyin
    2019-06-01 * "Capital: 20,000.00 now, as high as it ever was"
      Assets:Bank  8000.00 EUR
      Equity:Members:M02:Buyin
    2023-03-31 * "Capital paid back: 15,000.00 now" #coop-redeem
      Equity:Members:M01:Buyin  5000.00 EUR
      Assets:Bank
    2024-12-31 * "Legal reserve of earlier years"
      Assets:Bank  10000.00 EUR
      Equity:Reserves:Legal
    2025-12-31 * "Sales of the year"
      Assets:Bank  98000.03 EUR
      Income:Sales
    2025-12-31 * "Pay"
      worker: "m01"
      Expenses:Wages  25000.00 EUR
        hours: 1600
      Assets:Bank
    2025-12-31 * "Pay"
      worker: "m02"
      Expenses:Wages  25000.00 EUR
        hours: 1600
      Assets:Bank
    2025-12-31 * "Pay"
      worker: "w01"
      Expenses:Wages  15000.00 EUR
        hours: 1200
      Assets:Bank
    2025-12-31 * "Pay"
      worker: "w02"
      Expenses:Wages  3000.00 EUR
        hours: 200
      Assets:Bank
"""


@pytest.mark.parametrize(
    ("reserve", "legal", "development", "stopped_by"),
    [
        # 15% of 30,000.03 is 4,500.0045; labour takes 7,500.01; the rest is 30,000.03 less both.
        ("10000.00", "4500.00", "18000.02", None),
        # 18,000.00 + 4,500.00 would pass 20,000.00, the highest capital (it is 15,000.00 now): 2,000.00 are
        # due.
        ("18000.00", "2000.00", "20500.02", "until"),
        ("19999.99", "0.01", "22500.01", "until"),
        ("20000.00", "0.00", "22500.02", "until"),
        ("25000.00", "0.00", "22500.02", "until"),
    ],
)
def test_scop_legal_reserve_stops_at_the_highest_capital(
    tmp_path: Path, reserve: str, legal: str, development: str, stopped_by: str | None
) -> None:
    answer = surplus(tmp_path, changed(SCOP, "10000.00 EUR", f"{reserve} EUR"))
    assert answer["result"] == "30000.03"
    assert steps(answer) == {"labour": "7500.01", "legal-reserve": legal, "development": development}
    assert step(answer, "legal-reserve")["stopped_by"] == stopped_by


@pytest.mark.parametrize(("reserve", "legal"), [("14000.00", "1000.00"), ("15000.00", "0.00")])
def test_scop_against_the_capital_of_today_stops_earlier(tmp_path: Path, reserve: str, legal: str) -> None:
    today = changed(SCOP, '      until-at: "highest"\n', "")
    answer = surplus(tmp_path, changed(today, "10000.00 EUR", f"{reserve} EUR"))
    assert steps(answer)["legal-reserve"] == legal


def test_scop_labour_share_by_time_and_seniority(tmp_path: Path) -> None:
    answer = surplus(tmp_path, SCOP)
    # At least 25% of 30,000.03 (7,500.0075) is 7,500.01. m01 has 138 months (coefficient 2), m02 78 (1.5),
    # w01 ten (1), w02 one and a half: below three, no part. 1,600 x 2 : 1,600 x 1.5 : 1,200 is 3,200 :
    # 2,400 : 1,200, so 3,529.4165, 2,647.0624, 1,323.5312; one cent left, to m01. All of it is paid in
    # money.
    assert above_zero(parts(answer, "workers")) == {
        "m01": "3529.42",
        "m02": "2647.06",
        "w01": "1323.53",
    }
    assert {row["retained"] for row in answer["workers"]} == {"0.00"}


def test_scop_labour_share_in_equal_parts(tmp_path: Path) -> None:
    equal = changed(SCOP, '      by: "hours"\n', '      by: "equal"\n')
    equal = changed(equal, '      seniority: "0:1.0 60:1.5 120:2.0"\n', "")
    answer = surplus(tmp_path, equal)
    # 7,500.01 in three is 2,500.0033; one cent left, all equal: to m01.
    assert above_zero(parts(answer, "workers")) == {
        "m01": "2500.01",
        "m02": "2500.00",
        "w01": "2500.00",
    }


# French SCIC, Loi de 1947 art. 16 and 19 nonies -----------------------------------------------------------
# 15% to the legal reserve until it equals the capital, then at least half of the balance to the statutory
# reserve: 57.5% of the result together.
# http://www.les-scic.coop/sites/fr/les-scic/FAQ/Resultats_et_reserves_impartageables

SCIC = """
    option "operating_currency" "EUR"
    2020-01-01 open Assets:Bank
    2020-01-01 open Equity:Surplus
    2020-01-01 open Equity:Reserves:Legal
    2020-01-01 open Equity:Reserves:Statutory
    2020-01-01 open Equity:Members:M01:Buyin
    2020-01-01 open Income:Sales

    2020-01-01 custom "coop" "member" "m01"
      capital: Equity:Members:M01
    2020-01-01 custom "coop" "bylaw" "surplus"
      split: "none"
    2020-01-01 custom "coop" "allocation" "legal"
      step: 1
      to: Equity:Reserves:Legal
      share: 0.15
      until-of: 1
      until-account: Equity:Members
    2020-01-01 custom "coop" "allocation" "statutory"
      step: 2
      to: Equity:Reserves:Statutory
      share: 0.50
      of: "remaining"
      round: "up"
    2020-01-01 custom "coop" "allocation" "free"
      step: 3
      to: "next"
      rest: TRUE

    2020-01-01 * "Capital"
      Assets:Bank  2000.00 EUR
      Equity:Members:M01:Buyin
    2024-12-31 * "Legal reserve of earlier years"
      Assets:Bank  1000.00 EUR
      Equity:Reserves:Legal
    2025-12-31 * "Sales of the year"
      Assets:Bank  1000.01 EUR
      Income:Sales
"""


@pytest.mark.parametrize(
    ("reserve", "legal", "statutory", "free"),
    [
        # 15% of 1,000.01 is 150.0015; half of the balance 850.01 is 425.005, up: 575.01 of 1,000.01 is
        # 57.5%.
        ("1000.00", "150.00", "425.01", "425.00"),
        # Ten below the capital of 2,000.00: 10.00, then half of 990.01 is 495.005, up.
        ("1990.00", "10.00", "495.01", "495.00"),
        # The capital is reached: half of 1,000.01 is 500.005, up.
        ("2000.00", "0.00", "500.01", "500.00"),
    ],
)
def test_scic_half_of_the_balance(tmp_path: Path, reserve: str, legal: str, statutory: str, free: str) -> None:
    answer = surplus(tmp_path, changed(SCIC, " 1000.00 EUR", f" {reserve} EUR"))
    assert steps(answer) == {"legal": legal, "statutory": statutory, "free": free}


# Uruguay, Decreto-Ley 15.645 art. 21 ----------------------------------------------------------------------
# At least 15% to the reserve until it equals the paid-in capital, at least 10% from then on; the rest by
# work.
# https://impo.com.uy/bases/decretos-leyes-originales/15645-1984/21

URUGUAY = """
    option "operating_currency" "UYU"
    2020-01-01 open Assets:Bank
    2020-01-01 open Equity:Surplus
    2020-01-01 open Equity:Reserve
    2020-01-01 open Equity:Members:M01:Buyin
    2020-01-01 open Income:Sales
    2020-01-01 open Expenses:Wages

    2020-01-01 custom "coop" "member" "m01"
      wages: Expenses:Wages
      capital: Equity:Members:M01
    2020-01-01 custom "coop" "allocation" "reserve"
      step: 1
      to: Equity:Reserve
      share: 0.15
      until-of: 1
      until-account: Equity:Members
      then: 0.10
      round: "up"
    2020-01-01 custom "coop" "allocation" "return"
      step: 2
      to: "members"
      rest: TRUE

    2020-01-01 * "Capital"
      Assets:Bank  10000.00 UYU
      Equity:Members:M01:Buyin
    2024-12-31 * "Reserve of earlier years"
      Assets:Bank  5000.00 UYU
      Equity:Reserve
    2025-12-31 * "Sales of the year"
      Assets:Bank  3000.11 UYU
      Income:Sales
    2025-12-31 * "Pay"
      worker: "m01"
      Expenses:Wages  1000.00 UYU
        hours: 100
      Assets:Bank
"""


@pytest.mark.parametrize(
    ("reserve", "amount"),
    [
        ("5000.00", "300.02"),  # 15% of 2,000.11 is 300.0165, up
        ("9900.00", "100.00"),  # a step that reaches its limit stops there, and 10% begin the year after
        ("10000.00", "200.02"),  # the capital is reached: 10% of 2,000.11 is 200.011, up
    ],
)
def test_uruguay_lower_share_once_the_capital_is_reached(tmp_path: Path, reserve: str, amount: str) -> None:
    answer = surplus(tmp_path, changed(URUGUAY, "5000.00 UYU", f"{reserve} UYU"))
    rest = str(Decimal("2000.11") - Decimal(amount))
    assert steps(answer) == {"reserve": amount, "return": rest}
    assert parts(answer) == {"m01": rest}


# Argentina, Ley 20.337 ------------------------------------------------------------------------------------
# Art. 42: of the surplus from members 5% to the legal reserve, 5% to the labour welfare fund, 5% to
# education, of one base; the rest returns by work; the surplus from non-members goes whole to a special
# reserve. Art. 43: reserves used for losses are built up again first, and losses of earlier years are
# covered first. Text of the law:
# https://github.com/legalize-dev/legalize-ar/blob/f03eaf50daa599e877bdeddb4cb638882519041f/ar/LEY-20337.md

ARGENTINA = """
    option "operating_currency" "ARS"
    2020-01-01 open Assets:Bank
    2020-01-01 open Equity:Surplus
    2020-01-01 open Equity:Reserves:Legal
    2020-01-01 open Equity:Reserves:Special
    2020-01-01 open Liabilities:Funds:LabourWelfare
    2020-01-01 open Liabilities:Funds:Education
    2020-01-01 open Income:Sales
    2020-01-01 open Expenses:Wages
    2020-01-01 open Expenses:Materials

    2020-01-01 custom "coop" "member" "m01"
      wages: Expenses:Wages
      capital: Equity:Members:M01
    2020-01-01 custom "coop" "member" "m02"
      wages: Expenses:Wages
      capital: Equity:Members:M02
    2020-01-01 custom "coop" "member" "m03"
      wages: Expenses:Wages
      capital: Equity:Members:M03
    2020-01-01 custom "coop" "worker" "w01"
      wages: Expenses:Wages
    2020-01-01 custom "coop" "bylaw" "surplus"
      split: "hours"
      nonmember-to: Equity:Reserves:Special
    2020-01-01 custom "coop" "allocation" "legal-reserve"
      step: 2
      to: Equity:Reserves:Legal
      share: 0.05
      of: "remaining"
    2020-01-01 custom "coop" "allocation" "labour-welfare"
      step: 2
      to: Liabilities:Funds:LabourWelfare
      share: 0.05
      of: "remaining"
    2020-01-01 custom "coop" "allocation" "education"
      step: 2
      to: Liabilities:Funds:Education
      share: 0.05
      of: "remaining"
    2020-01-01 custom "coop" "allocation" "return"
      step: 3
      to: "members"
      rest: TRUE

    2024-12-31 * "Legal reserve of earlier years"
      Assets:Bank  3000.00 ARS
      Equity:Reserves:Legal
    2025-06-30 * "Pay"
      worker: "m01"
      Expenses:Wages  20000.00 ARS
        hours: 1000
      Assets:Bank
    2025-06-30 * "Pay"
      worker: "m02"
      Expenses:Wages  18000.00 ARS
        hours: 900
      Assets:Bank
    2025-06-30 * "Pay"
      worker: "m03"
      Expenses:Wages  16000.00 ARS
        hours: 800
      Assets:Bank
    2025-06-30 * "Pay"
      worker: "w01"
      Expenses:Wages  6000.00 ARS
        hours: 300
      Assets:Bank
    2025-12-31 * "Sales of the year"
      Assets:Bank  70000.04 ARS
      Income:Sales
"""

ARGENTINA_CLOSE = """
    2025-12-31 open Liabilities:Patronage:M01
    2025-12-31 open Liabilities:Patronage:M02
    2025-12-31 open Liabilities:Patronage:M03
    2025-12-31 * "Close of 2025" #coop-close
      period: "2025"
      Equity:Surplus                    10000.04 ARS
      Equity:Reserves:Special           -1000.00 ARS
      Equity:Reserves:Legal              -450.00 ARS
      Liabilities:Funds:LabourWelfare    -450.00 ARS
      Liabilities:Funds:Education        -450.01 ARS
      Liabilities:Patronage:M01         -2833.34 ARS
      Liabilities:Patronage:M02         -2550.01 ARS
      Liabilities:Patronage:M03         -2266.68 ARS
"""


def argentina_with_loss(amount: str) -> str:
    return (
        ARGENTINA
        + f"""
    2024-06-30 * "A year of loss"
      Expenses:Materials  {amount} ARS
      Assets:Bank
"""
    )


def test_argentina_three_shares_of_one_base(tmp_path: Path) -> None:
    answer = surplus(tmp_path, ARGENTINA)
    # Non-members worked 300 of 3,000 hours: a tenth of 10,000.04 is 1,000.004. The members' part is
    # 9,000.04.
    assert (answer["result"], answer["nonmember_result"], answer["base"]) == (
        "10000.04",
        "1000.00",
        "9000.04",
    )
    # 5% of 9,000.04 is 450.002, three times 1,350.006, so 1,350.01 together; one cent left and all three
    # equal: "education" is the smallest id. The return is 9,000.04 - 1,350.01 = 7,650.03.
    assert steps(answer) == {
        "nonmember": "1000.00",
        "education": "450.01",
        "labour-welfare": "450.00",
        "legal-reserve": "450.00",
        "return": "7650.03",
    }
    # By hours 10 : 9 : 8 that is 2,833.3444, 2,550.01, 2,266.6756; one cent left, to m03.
    assert parts(answer) == {"m01": "2833.34", "m02": "2550.01", "m03": "2266.68"}
    assert answer["unallocated"] == "0.00"


def test_argentina_close_by_hand_is_accepted(tmp_path: Path) -> None:
    assert books(tmp_path, ARGENTINA + ARGENTINA_CLOSE).check().to_data()["errors"] == []


def test_argentina_earlier_losses_reduce_the_members_part_first(tmp_path: Path) -> None:
    answer = surplus(tmp_path, argentina_with_loss("2000.00"))
    assert (answer["earlier_losses"], answer["base"]) == ("2000.00", "7000.04")
    # 5% of 7,000.04 is 350.002, three times 1,050.006, so 1,050.01 together; the cent to "education" as
    # above. The return is 7,000.04 - 1,050.01 = 5,950.03.
    assert steps(answer) == {
        "nonmember": "1000.00",
        "education": "350.01",
        "labour-welfare": "350.00",
        "legal-reserve": "350.00",
        "return": "5950.03",
    }
    # By hours 10 : 9 : 8 that is 2,203.7148, 1,983.3433, 1,762.9719; one cent left, to m01.
    assert parts(answer) == {"m01": "2203.72", "m02": "1983.34", "m03": "1762.97"}


def test_argentina_losses_above_the_members_part_reach_the_special_reserve(tmp_path: Path) -> None:
    answer = surplus(tmp_path, argentina_with_loss("9500.00"))
    # 9,500.00 takes all of 9,000.04 and 499.96 of the 1,000.00 from non-members.
    assert above_zero(steps(answer)) == {"nonmember": "500.04"}
    assert answer["base"] == "0.00"


def test_argentina_nothing_is_shared_while_losses_are_not_covered(tmp_path: Path) -> None:
    answer: Answer = books(tmp_path, argentina_with_loss("12000.00")).surplus("2025").to_data()
    assert set(steps(answer).values()) <= {"0.00"}
    assert set(parts(answer).values()) == {"0.00"}


@pytest.mark.parametrize(
    ("reserve", "rebuilt", "shares", "returned"),
    [
        # 500.00 of the reserve had gone to a loss: they come first. 5% of 8,500.04 is 425.002, 1,275.01
        # together.
        ("2500.00", "500.00", ("425.01", "425.00", "425.00"), "7225.03"),
        # One cent below: 5% of 9,000.03 is 450.0015, three times 1,350.0045, so 1,350.00 together and no
        # cent left.
        ("2999.99", "0.01", ("450.00", "450.00", "450.00"), "7650.03"),
        # The reserve is whole again: as without the rule.
        ("3000.00", "0.00", ("450.01", "450.00", "450.00"), "7650.03"),
    ],
)
def test_argentina_used_reserves_are_rebuilt_first(
    tmp_path: Path, reserve: str, rebuilt: str, shares: tuple[str, str, str], returned: str
) -> None:
    rebuild = """
    2020-01-01 custom "coop" "allocation" "rebuild"
      law: "Ley 20.337 art. 43"
      step: 1
      to: Equity:Reserves:Legal
      share: 1
      until: 3000.00 ARS
"""
    answer = surplus(tmp_path, changed(ARGENTINA, "3000.00 ARS", f"{reserve} ARS") + rebuild)
    assert steps(answer) == {
        "nonmember": "1000.00",
        "rebuild": rebuilt,
        "education": shares[0],
        "labour-welfare": shares[1],
        "legal-reserve": shares[2],
        "return": returned,
    }
    assert step(answer, "rebuild")["stopped_by"] == "until"
