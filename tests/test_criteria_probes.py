"""EXP-1: an alliance for one purpose has its end, its red lines, its debrief in time, and changes a guideline."""

from __future__ import annotations

from datetime import date

import pytest
from auditing import judged

AS_OF = date(2026, 2, 28)

HEAD = """
option "operating_currency" "EUR"
plugin "beancount.plugins.auto_accounts"
2024-01-01 custom "coop" "member" "m01"
"""
SNAPSHOTS = "".join(
    f'\n2026-01-05 custom "coop" "snapshot" "2025-{month:02}"\n  audience: "all workers"\n' for month in range(1, 13)
)
PROBE = """
2025-05-01 custom "coop" "probe" "canvass"
  partner: "tenants"
  starts: 2025-05-10
  ends: 2025-05-11
  red-lines: "our own leaflets"
  expected-autonomy: 6
  expected-benefit: 5
"""
DEBRIEF = """
2025-05-11 custom "coop" "debrief" "canvass"
  autonomy: 5
  benefit: 7
  gained: "we speak for ourselves"
  amended: "alliances"
"""
POLICY = '\n2025-05-12 custom "coop" "policy" "alliances"\n  version: 2\n'


def outcome(text: str, as_of: date = AS_OF) -> str:
    return judged(HEAD + text, "EXP-1", as_of).outcome


def test_a_probe_that_is_bounded_debriefed_and_learnt_from() -> None:
    found = judged(HEAD + PROBE + DEBRIEF + POLICY, "EXP-1", AS_OF)
    assert found.outcome == "met"
    assert len(found.evidence) == 3


def test_without_a_probe_the_snapshots_show_that_there_was_none() -> None:
    assert outcome(SNAPSHOTS) == "met"
    assert outcome(SNAPSHOTS.replace('"2025-04"', '"2024-04"')) == "not-evidenced"
    assert outcome(PROBE.replace("2025-", "2024-") + SNAPSHOTS) == "met"  # it ended before the window


@pytest.mark.parametrize(
    "missing",
    [
        "  ends: 2025-05-11\n",
        '  red-lines: "our own leaflets"\n',
        "  expected-autonomy: 6\n",
        "  expected-benefit: 5\n",
        "  autonomy: 5\n",
        "  benefit: 7\n",
        '  gained: "we speak for ourselves"\n',
        '  amended: "alliances"\n',
        DEBRIEF,
        POLICY,
    ],
)
def test_each_part_must_be_there(missing: str) -> None:
    whole = PROBE + DEBRIEF + POLICY
    assert missing in whole
    assert outcome(whole.replace(missing, "")) == "shortfall"


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("2025-05-10", "shortfall"),  # before the end is no debrief
        ("2025-05-11", "met"),
        ("2025-05-12", "not-evidenced"),
        ("2025-05-13", "not-evidenced"),
        ("2025-05-14", "shortfall"),
    ],
)
def test_days_alone_leave_the_hours_open(day: str, found: str) -> None:
    assert outcome(PROBE + DEBRIEF.replace("2025-05-11", day) + POLICY) == found


def test_the_instant_of_the_debrief_decides_where_it_can() -> None:
    text = PROBE + DEBRIEF.replace("2025-05-11", "2025-05-14") + POLICY
    assert outcome(text + '  note: "of the guideline"\n') == "shortfall"
    noted = DEBRIEF.replace("2025-05-11", "2025-05-13") + '  at: "2025-05-11T20:00:00+02:00"\n'
    assert outcome(PROBE + noted + POLICY) == "met"
    late = DEBRIEF.replace("2025-05-11", "2025-05-13") + '  at: "2025-05-13T00:00:01+02:00"\n'
    assert outcome(PROBE + late + POLICY) == "shortfall"
    longer = '\n2024-01-01 custom "coop" "bylaw" "debrief.hours"\n  value: 48\n'
    assert outcome(longer + PROBE + DEBRIEF.replace("2025-05-11", "2025-05-12") + POLICY) == "met"


def test_the_guideline_was_made_anew_since_the_probe_began() -> None:
    assert outcome(PROBE + DEBRIEF + POLICY.replace("2025-05-12", "2025-05-10")) == "met"
    assert outcome(PROBE + DEBRIEF + POLICY.replace("2025-05-12", "2025-05-09")) == "shortfall"


def test_while_a_probe_or_the_hours_after_it_run_it_is_pending() -> None:
    assert outcome(PROBE, date(2025, 5, 10)) == "pending"
    assert outcome(PROBE, date(2025, 5, 13)) == "pending"
    assert outcome(PROBE, date(2025, 5, 14)) == "shortfall"


def test_one_bad_probe_among_good_ones_is_enough() -> None:
    second = (PROBE + DEBRIEF).replace('"canvass"', '"teach-in"')
    assert outcome(PROBE + DEBRIEF + POLICY + second) == "met"
    assert outcome(PROBE + DEBRIEF + POLICY + second.replace("  gained", "  note")) == "shortfall"
    third = PROBE.replace('"canvass"', '"noise"').replace("2025-05-11", "2025-12-31")
    assert outcome(PROBE + DEBRIEF + POLICY + third, date(2026, 1, 1)) == "met"  # its hours still run
    assert outcome(PROBE + DEBRIEF + POLICY + third) == "shortfall"
