"""Practices on a rhythm: in every quarter or month of the window, in every year, or never too long apart.

Quarterly is at least once in each fiscal quarter, monthly in each calendar month, yearly once in each fiscal year and never
more than 15 months after the time before. A period that is not over is not judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from coopbooks.audit.ground import Ground
from coopbooks.audit.judgement import Judgement, not_evidenced, pending, shortfall
from coopbooks.errors import Place
from coopbooks.periods import Period, add_months
from coopbooks.records.practices import Practice

__all__ = ["GAP_MONTHS", "held", "in_every", "places", "yearly"]

GAP_MONTHS = 15
"""Most months between two times of what is held once a year."""


def held(ground: Ground, *names: str) -> list[Practice]:
    """Every time that a practice of one of the names was held, in the window or before it, oldest first."""
    found = [each for each in ground.rules.every(Practice) if each.id in names and each.date <= ground.window.ends]
    return sorted(found, key=lambda each: (each.date, each.place))


def in_every(ground: Ground, found: Sequence[Practice], periods: Sequence[Period], what: str) -> Judgement | None:
    """What is wrong with something that every one of the periods should have; None where each has it."""
    if not periods:
        return pending(f"no period of the window that needs {what} is over yet")
    missing = [period.name for period in periods if not any(each.date in period for each in found)]
    if not missing:
        return None
    own = places([each for each in found if each.date in ground.window])
    if not own:
        return not_evidenced(f"the books have no record of {what} in the window")
    more = f" and {len(missing) - 1} more of {len(periods)} periods" if len(missing) > 1 else ""
    return shortfall(f"{what} has no record in {missing[0]}{more}", own)


def yearly(ground: Ground, found: Sequence[Practice], what: str) -> Judgement | None:
    """What is wrong with something that every fiscal year should have; None where each has it, in time."""
    fault = in_every(ground, found, ground.fiscal_years, what)
    if fault is not None:
        return fault
    for before, after in pairwise(found):
        if after.date in ground.window and add_months(before.date, GAP_MONTHS) < after.date:
            text = f"{what} was held on {before.date} and then on {after.date}, more than {GAP_MONTHS} months later"
            return shortfall(text, places([before, after]))
    return None


def places(found: Sequence[Practice]) -> list[Place]:
    """Where records of practices stand."""
    return [each.place for each in found]
