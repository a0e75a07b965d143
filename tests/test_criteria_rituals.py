"""RIT: mirror shifts, who leads them, adversary drills and rest, on both sides of each day."""

from __future__ import annotations

from datetime import date

import pytest
from auditing import judged

from coopbooks.audit.judgement import Judgement

DAY = date(2026, 2, 1)
MEMBER = '\n2024-01-01 custom "coop" "member" "m01"\n'
SNAPSHOTS = "".join(f'\n2026-01-15 custom "coop" "snapshot" "2025-{month:02}"\n' for month in range(1, 13))


def held(name: str, day: str, **fields: str) -> str:
    lines = "".join(f'  {field.replace("_", "-")}: "{value}"\n' for field, value in fields.items())
    return f'\n{day} custom "coop" "practice" "{name}"\n{lines}'


def said(text: str, criterion: str, day: date = DAY) -> Judgement:
    return judged(MEMBER + text, criterion, day)


# -- RIT-1 -----------------------------------------------------------------------------------------------------------

QUARTERLY = [held("mirror-shift", day) for day in ("2025-03-31", "2025-04-01", "2025-09-30", "2025-10-01")]


def test_a_mirror_shift_in_every_quarter() -> None:
    found = said("".join(QUARTERLY), "RIT-1")
    assert (found.outcome, len(found.evidence)) == ("met", 4)


@pytest.mark.parametrize("missing", range(4))
def test_one_quarter_without_a_mirror_shift(missing: int) -> None:
    found = said("".join(each for place, each in enumerate(QUARTERLY) if place != missing), "RIT-1")
    assert (found.outcome, found.reason) == ("shortfall", f"a mirror shift has no record in 2025-Q{missing + 1}")


def test_a_shift_on_the_next_day_is_of_the_next_quarter() -> None:
    late = "".join(QUARTERLY).replace("2025-03-31", "2025-04-01")
    assert said(late, "RIT-1").outcome == "shortfall"


def test_no_record_is_no_evidence_and_no_quarter_is_pending() -> None:
    assert said("", "RIT-1").outcome == "not-evidenced"
    assert said(held("mirror-shift", "2024-12-31"), "RIT-1").outcome == "not-evidenced"
    assert said("", "RIT-1", date(2025, 3, 31)).outcome == "pending"
    assert said(QUARTERLY[0], "RIT-1", date(2025, 4, 1)).outcome == "met"


def test_several_quarters_without_are_counted() -> None:
    assert said(QUARTERLY[0], "RIT-1").reason == "a mirror shift has no record in 2025-Q2 and 2 more of 4 periods"


# -- RIT-2 -----------------------------------------------------------------------------------------------------------


def shift(day: str, facilitator: str = "", format: str = "") -> str:  # noqa: A002  # the word of the record
    stated = {"facilitator": facilitator, "format": format}
    return held("mirror-shift", day, **{name: value for name, value in stated.items() if value})


def lot(day: str, facilitator: str = "") -> str:
    return held("facilitator-draw", day, **({"facilitator": facilitator} if facilitator else {}))


FIRST = lot("2025-03-01") + shift("2025-03-10", "m01", "circle")


@pytest.mark.parametrize(
    ("second", "outcome", "why"),
    [
        (lot("2025-06-01") + shift("2025-06-10", "m02", "walk"), "met", "2 mirror shifts"),
        (lot("2025-06-10", "m02") + shift("2025-06-10", "m02", "walk"), "met", "2 mirror shifts"),
        (lot("2025-06-01") + shift("2025-06-10", "m01", "walk"), "shortfall", "the same facilitator"),
        (lot("2025-06-01") + shift("2025-06-10", "m02", "circle"), "shortfall", "the same format"),
        (lot("2025-06-01", "m03") + shift("2025-06-10", "m02", "walk"), "shortfall", "fell on another person"),
        (shift("2025-06-10", "m02", "walk"), "not-evidenced", "no facilitator-draw"),
        (lot("2025-06-11") + shift("2025-06-10", "m02", "walk"), "not-evidenced", "no facilitator-draw"),
        (lot("2025-03-10") + shift("2025-06-10", "m02", "walk"), "not-evidenced", "no facilitator-draw"),
        (lot("2025-03-11") + shift("2025-06-10", "m02", "walk"), "met", "2 mirror shifts"),
        (lot("2025-06-01") + shift("2025-06-10", "", "walk"), "not-evidenced", "does not say its facilitator"),
        (lot("2025-06-01") + shift("2025-06-10", "m02"), "not-evidenced", "does not say its format"),
    ],
)
def test_the_lot_and_the_change(second: str, outcome: str, why: str) -> None:
    found = said(FIRST + second, "RIT-2")
    assert (found.outcome, why in found.reason) == (outcome, True), found


def test_the_first_of_the_window_is_compared_with_the_one_before_it() -> None:
    before = shift("2024-12-10", "m01", "walk")
    assert said(before + FIRST, "RIT-2").outcome == "shortfall"
    assert said(before.replace("m01", "m05") + FIRST, "RIT-2").outcome == "met"


def test_without_a_mirror_shift_nothing_is_shown() -> None:
    assert said(lot("2025-03-01"), "RIT-2").outcome == "not-evidenced"


# -- RIT-3 -----------------------------------------------------------------------------------------------------------

DECISION = '\n2025-05-02 custom "coop" "decision" "D-1"\n  matter: "no to the buyer"\n'


def drill(day: str) -> str:
    return held("adversary-drill", day, decision="D-1")


@pytest.mark.parametrize(
    ("text", "outcome", "why"),
    [
        (drill("2025-05-01") + DECISION, "met", "held and decided"),
        (drill("2025-01-01") + DECISION, "met", "held and decided"),
        (drill("2025-12-31") + DECISION, "met", "held and decided"),
        (drill("2024-12-31") + DECISION, "not-evidenced", "no record"),
        (drill("2026-01-01") + DECISION, "not-evidenced", "no record"),
        (held("adversary-drill", "2025-05-01"), "not-evidenced", "names the decision"),
        ("", "not-evidenced", "no record"),
        (drill("2024-02-01") + drill("2025-05-01") + DECISION, "met", "held and decided"),
        (drill("2024-01-31") + drill("2025-05-01") + DECISION, "shortfall", "more than 15 months later"),
    ],
)
def test_once_a_year_and_never_more_than_15_months_apart(text: str, outcome: str, why: str) -> None:
    found = said(text, "RIT-3")
    assert (found.outcome, why in found.reason) == (outcome, True), found


def test_the_year_that_runs_is_not_judged() -> None:
    assert said("", "RIT-3", date(2025, 12, 31)).outcome == "pending"


# -- RIT-4 -----------------------------------------------------------------------------------------------------------

PIVOT = '\n2025-05-01 custom "coop" "pivot" "P-1"\n  signal-at: "2025-05-01T08:00:00+02:00"\n'
ACTION = held("micro-action", "2025-06-01")


@pytest.mark.parametrize(
    ("text", "day", "outcome"),
    [
        (PIVOT + held("decompression", "2025-05-01", after="P-1"), DAY, "met"),
        (PIVOT + held("decompression", "2025-05-08", after="P-1"), DAY, "met"),
        (PIVOT + held("decompression", "2025-05-09", after="P-1"), DAY, "shortfall"),
        (PIVOT + held("decompression", "2025-04-30", after="P-1"), DAY, "shortfall"),
        (PIVOT + held("decompression", "2025-05-02", after="P-2"), DAY, "shortfall"),
        (PIVOT + held("decompression", "2025-05-02"), DAY, "shortfall"),
        (PIVOT, date(2025, 5, 8), "pending"),
        (PIVOT, date(2025, 5, 9), "shortfall"),
        (ACTION + held("decompression", "2025-06-08", after="micro-action"), DAY, "met"),
        (ACTION + held("decompression", "2025-06-02", after="P-1, micro-action:2025-06-01"), DAY, "met"),
        (ACTION + held("decompression", "2025-06-02", after="micro-action:2025-05-01"), DAY, "shortfall"),
        (ACTION + PIVOT + held("decompression", "2025-06-02", after="micro-action"), DAY, "shortfall"),
    ],
)
def test_rest_within_seven_days(text: str, day: date, outcome: str) -> None:
    found = said(text, "RIT-4", day)
    assert found.outcome == outcome, found


def test_where_nothing_was_done_the_snapshots_show_it() -> None:
    assert said("", "RIT-4").outcome == "not-evidenced"
    assert said(SNAPSHOTS, "RIT-4").outcome == "met"
