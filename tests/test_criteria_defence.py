"""DEF: hours after an alert, rehearsals, weeks of strike pay, mutual aid."""

from __future__ import annotations

from datetime import date

import pytest
from auditing import judged

from coopbooks.audit.judgement import Judgement

DAY = date(2026, 2, 1)
MEMBERS = """
option "operating_currency" "EUR"

2024-01-01 open Assets:Bank
2024-01-01 open Assets:Strike
2024-01-01 open Assets:Solidarity
2024-01-01 open Equity:Funds:Strike
2024-01-01 open Equity:Funds:Aid

2024-01-01 custom "coop" "member" "m01"
2024-01-01 custom "coop" "member" "m02"
2024-01-01 custom "coop" "decision" "D-1"
"""


def said(text: str, criterion: str, day: date = DAY) -> Judgement:
    return judged(MEMBERS + text, criterion, day)


# -- DEF-1 -----------------------------------------------------------------------------------------------------------


def alert(at: str = "2025-07-20T06:15:00+02:00", day: str = "2025-07-20") -> str:
    return f'\n{day} custom "coop" "alert" "dockers:2025-07-20"\n' + (f'  at: "{at}"\n' if at else "")


def answer(at: str, day: str, what: str = "visible") -> str:
    lines = (f'  at: "{at}"\n' if at else "") + (f'  what: "{what}"\n' if what else "")
    return f'\n{day} custom "coop" "solidarity" "dockers:2025-07-20"\n{lines}'


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (alert() + answer("2025-07-22T06:15:00+02:00", "2025-07-22"), "met"),
        (alert() + answer("2025-07-22T06:15:01+02:00", "2025-07-22"), "shortfall"),
        (alert() + answer("2025-07-22T05:15:00+01:00", "2025-07-22"), "met"),
        (alert() + answer("2025-07-21T06:15:00+02:00", "2025-07-21", ""), "shortfall"),  # nobody says what was done
        (alert(), "shortfall"),
        (alert("") + answer("", "2025-07-21"), "met"),  # at most 48 hours
        (alert("") + answer("", "2025-07-22"), "not-evidenced"),
        (alert("") + answer("", "2025-07-24"), "shortfall"),
        (alert("") + answer("", "2025-07-22") + answer("", "2025-07-21"), "met"),
        ("", "not-applicable"),
    ],
)
def test_48_hours(text: str, outcome: str) -> None:
    found = said(text, "DEF-1")
    assert found.outcome == outcome, found


@pytest.mark.parametrize(
    ("last", "outcome"), [("2025-03-31T12:00:00+02:00", "met"), ("2025-03-31T13:00:00+02:00", "met"),
                          ("2025-03-31T13:00:01+02:00", "shortfall")]
)  # fmt: skip
def test_the_hour_that_summer_time_takes_is_no_hour(last: str, outcome: str) -> None:
    """From noon on 29 March at +01:00 it is 48 hours until one o'clock on 31 March at +02:00."""
    text = alert("2025-03-29T12:00:00+01:00", "2025-03-29") + answer(last, "2025-03-31")
    assert said(text, "DEF-1").outcome == outcome


def test_an_alert_whose_hours_run_is_pending() -> None:
    assert said(alert(), "DEF-1", date(2025, 7, 21)).outcome == "pending"
    assert said(alert(), "DEF-1", date(2025, 7, 22)).outcome == "pending"
    assert said(alert(), "DEF-1", date(2025, 7, 23)).outcome == "shortfall"


def test_a_stricter_bylaw_counts() -> None:
    bylaw = '\n2024-01-01 custom "coop" "bylaw" "solidarity.hours"\n  value: 24\n'
    assert said(bylaw + alert() + answer("2025-07-21T06:15:00+02:00", "2025-07-21"), "DEF-1").outcome == "met"
    found = said(bylaw + alert() + answer("2025-07-21T06:15:01+02:00", "2025-07-21"), "DEF-1")
    assert found.reason == 'alert "dockers:2025-07-20" had no answer for all to see within 24 hours'


def test_one_answer_in_time_is_enough_for_one_alert_only() -> None:
    other = '\n2025-08-01 custom "coop" "alert" "nurses:2025-08-01"\n'
    found = said(alert() + answer("2025-07-20T09:00:00+02:00", "2025-07-20") + other, "DEF-1")
    assert (found.outcome, "nurses" in found.reason) == ("shortfall", True)


# -- DEF-2 -----------------------------------------------------------------------------------------------------------


def held(name: str, day: date | str, more: str = "") -> str:
    return f'\n{day} custom "coop" "practice" "{name}"\n{more}'


GAMES = [held("war-game", date(2025, month, 10), '  note: "two days too slow"\n') for month in range(1, 13)]
DRILL = held("solidarity-drill", "2025-05-05")


@pytest.mark.parametrize(
    ("text", "outcome", "why"),
    [
        ("".join(GAMES) + DRILL, "met", "12 war games in 12 months, drills of the 48 hours: 1"),
        ("".join(GAMES) + held("simulation", "2025-12-31"), "met", "12 war games"),
        ("".join(GAMES) + held("simulation", "2026-01-01"), "not-evidenced", "a drill of the 48 hours"),
        ("".join(GAMES), "not-evidenced", "a drill of the 48 hours"),
        ("".join(GAMES[1:]) + DRILL, "shortfall", "no record in 2025-01"),
        ("".join(GAMES[:11]) + held("war-game", "2025-12-10") + DRILL, "not-evidenced", "2025-12-10 has no debrief"),
        (DRILL, "not-evidenced", "no record of a war game"),
        (held("solidarity-drill", "2024-02-04") + "".join(GAMES) + DRILL, "shortfall", "more than 15 months"),
        (held("solidarity-drill", "2024-02-05") + "".join(GAMES) + DRILL, "met", "12 war games"),
    ],
)
def test_war_games_and_drills(text: str, outcome: str, why: str) -> None:
    found = said(text, "DEF-2")
    assert (found.outcome, why in found.reason) == (outcome, True), found


@pytest.mark.parametrize("debrief", ['  document: "debrief.pdf"\n', '  decision: "D-1"\n'])
def test_a_debrief_is_a_paper_a_note_or_a_decision(debrief: str) -> None:
    games = "".join(GAMES).replace('  note: "two days too slow"\n', debrief)
    assert said(games + DRILL, "DEF-2").outcome == "met"


# -- DEF-3 -----------------------------------------------------------------------------------------------------------

FUND = """
2024-01-01 custom "coop" "fund" "strike"
  account: Equity:Funds:Strike
  kind: "strike"
  backing: Assets:Strike
"""
PAY = '\n2024-01-01 custom "coop" "bylaw" "strike.weekly-pay"\n  value: 100.00 EUR\n'


def money(amount: str, backing: str = "Assets:Strike") -> str:
    return f"""
2025-02-01 * "Donation"
  source: "donation"
  {backing}              {amount} EUR
  Equity:Funds:Strike   -{amount} EUR
"""


@pytest.mark.parametrize(
    ("text", "outcome", "why"),
    [
        (FUND + PAY + money("800.00"), "met", "covers 4.0 weeks for everybody, of 4"),
        (FUND + PAY + money("799.99"), "shortfall", "covers 3.9 weeks for everybody, of 4"),
        (FUND + PAY + money("800.00", "Assets:Bank"), "shortfall", "has no money behind it"),
        (
            FUND.replace("  backing: Assets:Strike\n", "") + PAY + money("800.00"),
            "not-evidenced",
            "no account is named",
        ),
        (FUND + money("800.00"), "not-evidenced", "strike.weekly-pay"),
        (PAY, "shortfall", "no strike fund"),
        (FUND.replace('kind: "strike"', 'kind: "media"') + PAY + money("800.00"), "shortfall", "no strike fund"),
    ],
)
def test_four_weeks_of_strike_pay(text: str, outcome: str, why: str) -> None:
    found = said(text, "DEF-3")
    assert (found.outcome, why in found.reason) == (outcome, True), found


def test_health_cover_and_another_number_of_weeks() -> None:
    health = '\n2024-01-01 custom "coop" "bylaw" "strike.weekly-health"\n  value: 25.00 EUR\n'
    weeks = '\n2024-01-01 custom "coop" "bylaw" "strike.weeks"\n  value: 8\n'
    assert said(FUND + PAY + health + money("1000.00"), "DEF-3").outcome == "met"
    assert said(FUND + PAY + health + money("999.99"), "DEF-3").outcome == "shortfall"
    assert said(FUND + PAY + weeks + money("1600.00"), "DEF-3").outcome == "met"
    assert said(FUND + PAY + weeks + money("1599.99"), "DEF-3").outcome == "shortfall"


# -- DEF-4 -----------------------------------------------------------------------------------------------------------

AID = """
2024-01-01 custom "coop" "fund" "aid"
  account: Equity:Funds:Aid
  kind: "mutual-aid"
"""


def donated(day: str) -> str:
    return f"""
{day} * "Donation"
  source: "donation"
  Assets:Bank         90.00 EUR
  Equity:Funds:Aid   -90.00 EUR
"""


def helped(day: str, fields: str = "") -> str:
    return f"""
{day} * "Help"
  decision: "D-1"
  claim: 7{fields}
  Equity:Funds:Aid    10.00 EUR
  Assets:Bank        -10.00 EUR
"""


ALIVE = [donated("2025-03-31"), helped("2025-04-01"), helped("2025-09-30"), held("pantry", "2025-12-31")]


def test_mutual_aid_in_every_quarter() -> None:
    found = said(AID + "".join(ALIVE), "DEF-4")
    assert (found.outcome, len(found.evidence)) == ("met", 4)


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_an_idle_quarter(missing: int) -> None:
    found = said(AID + "".join(each for place, each in enumerate(ALIVE) if place != missing), "DEF-4")
    assert (found.outcome, f"no mutual aid in 2025-Q{missing + 1}" in found.reason) == ("shortfall", True)


def test_whoever_was_helped_stays_without_a_name() -> None:
    named = helped("2025-04-01", '\n  worker: "m01"')
    found = said(AID + "".join([ALIVE[0], named, *ALIVE[2:]]), "DEF-4")
    assert (found.outcome, "breaks the rules of the fund" in found.reason) == ("shortfall", True)


def test_nothing_is_no_evidence_and_another_fund_is_none() -> None:
    assert said(AID, "DEF-4").outcome == "not-evidenced"
    other = AID.replace('kind: "mutual-aid"', 'kind: "media"')
    assert said(other + "".join(ALIVE[:3]), "DEF-4").outcome == "not-evidenced"
    assert said(AID, "DEF-4", date(2025, 3, 31)).outcome == "pending"


def test_a_pantry_alone_is_enough() -> None:
    days = ("2025-01-01", "2025-06-30", "2025-07-01", "2025-10-01")
    assert said("".join(held("mutual-aid", day) for day in days), "DEF-4").outcome == "met"
