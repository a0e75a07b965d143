"""RHY: every month, every moon, every quarter."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from auditing import judged

from coopbooks.audit.judgement import Judgement

DAY = date(2026, 2, 1)


def held(name: str, day: date | str, team: str = "", document: str = "") -> str:
    lines = f'  facilitator: "{team}"\n' if team else ""
    lines += f'  document: "{document}"\n' if document else ""
    return f'\n{day} custom "coop" "practice" "{name}"\n{lines}'


def said(text: str, criterion: str, day: date = DAY) -> Judgement:
    return judged('\n2024-01-01 custom "coop" "member" "m01"\n' + text, criterion, day)


# -- RHY-1 -----------------------------------------------------------------------------------------------------------

MONTHS = [held("skill-commons", date(2025, month, 28), f"team-{month % 2}", "notes.pdf") for month in range(1, 13)]


def test_a_session_a_month_by_turns() -> None:
    found = said("".join(MONTHS), "RHY-1")
    assert (found.outcome, found.reason, len(found.evidence)) == (
        "met",
        "12 sessions in 12 months, each by another team",
        12,
    )


@pytest.mark.parametrize(
    ("month", "new", "outcome", "why"),
    [
        (7, "", "shortfall", "no record in 2025-07"),
        (7, held("skill-commons", "2025-07-28", "team-0", "notes.pdf"), "shortfall", "the same team"),
        (7, held("skill-commons", "2025-07-28", "", "notes.pdf"), "not-evidenced", "its team"),
        (7, held("skill-commons", "2025-07-28", "team-1"), "not-evidenced", "its material"),
        (7, held("skill-commons", "2025-08-01", "team-1", "notes.pdf"), "shortfall", "no record in 2025-07"),
        (1, held("skill-commons", "2025-01-01", "team-1", "notes.pdf"), "met", "12 sessions"),
        (12, held("skill-commons", "2025-12-31", "team-9", "notes.pdf"), "met", "12 sessions"),
    ],
)
def test_a_month_that_is_not_as_it_should_be(month: int, new: str, outcome: str, why: str) -> None:
    found = said("".join([*MONTHS[: month - 1], new, *MONTHS[month:]]), "RHY-1")
    assert (found.outcome, why in found.reason) == (outcome, True), found


def test_the_session_before_the_window_had_another_team_too() -> None:
    before = held("skill-commons", "2024-12-28", "team-1", "notes.pdf")
    assert said(before + "".join(MONTHS), "RHY-1").outcome == "shortfall"


def test_a_month_that_runs_is_not_judged() -> None:
    assert said("".join(MONTHS[:2]), "RHY-1", date(2025, 3, 31)).outcome == "met"
    assert said("".join(MONTHS[:2]), "RHY-1", date(2025, 4, 1)).outcome == "shortfall"
    assert said("", "RHY-1", date(2025, 1, 31)).outcome == "pending"
    assert said("", "RHY-1").outcome == "not-evidenced"


# -- RHY-2 -----------------------------------------------------------------------------------------------------------


def moons(first: date, gap: int, count: int) -> str:
    return "".join(held("micro-action", first + number * timedelta(days=gap)) for number in range(count))


@pytest.mark.parametrize(("gap", "outcome"), [(29, "met"), (32, "met"), (33, "shortfall")])
def test_29_days_and_3_of_grace(gap: int, outcome: str) -> None:
    found = said(moons(date(2024, 12, 20), gap, 14), "RHY-2")
    assert found.outcome == outcome, found


@pytest.mark.parametrize(
    ("first", "count", "day", "outcome"),
    [
        (date(2025, 2, 1), 12, DAY, "met"),  # 32 days without one at the window's beginning
        (date(2025, 2, 2), 12, DAY, "shortfall"),
        (date(2025, 1, 10), 13, DAY, "met"),  # the last was on 24 December
        (date(2025, 1, 10), 12, DAY, "shortfall"),
        (date(2025, 1, 10), 2, date(2025, 3, 12), "met"),  # the last was on 8 February
        (date(2025, 1, 10), 2, date(2025, 3, 13), "shortfall"),
    ],
)
def test_both_ends_of_the_window_count(first: date, count: int, day: date, outcome: str) -> None:
    found = said(moons(first, 29, count), "RHY-2", day)
    assert found.outcome == outcome, found


def test_without_an_action() -> None:
    assert said("", "RHY-2").outcome == "not-evidenced"
    assert said("", "RHY-2", date(2025, 2, 2)).outcome == "pending"
    assert said("", "RHY-2", date(2025, 2, 3)).outcome == "not-evidenced"


def test_a_shorter_moon_of_the_bylaws() -> None:
    bylaw = '\n2024-01-01 custom "coop" "bylaw" "micro.days"\n  value: 14\n'
    assert said(bylaw + moons(date(2024, 12, 20), 17, 24), "RHY-2").outcome == "met"
    assert said(bylaw + moons(date(2024, 12, 20), 18, 24), "RHY-2").outcome == "shortfall"


# -- RHY-3 -----------------------------------------------------------------------------------------------------------

REVIEWS = [held("horizon-review", day) for day in ("2025-01-01", "2025-06-30", "2025-07-01", "2025-12-31")]


def test_a_review_in_every_quarter() -> None:
    assert said("".join(REVIEWS), "RHY-3").outcome == "met"
    for missing in range(4):
        found = said("".join(each for place, each in enumerate(REVIEWS) if place != missing), "RHY-3")
        assert (found.outcome, f"2025-Q{missing + 1}" in found.reason) == ("shortfall", True)
    assert said("", "RHY-3").outcome == "not-evidenced"
    assert said("", "RHY-3", date(2025, 3, 31)).outcome == "pending"
