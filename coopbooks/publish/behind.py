"""How many people stand behind a figure, and behind the difference of two figures of one sort.

A total of eleven people and the next one of ten differ by what one person got. So a figure is shown where enough people
stand behind it, and where it differs from each earlier one of its sort by nobody, or by enough people.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from fractions import Fraction

from coopbooks.periods import month_of

__all__ = ["Presence", "enough_or_none", "presence_of", "tells_few"]


Presence = Mapping[str, int]
"""Who stands behind a figure, each with the number of months in it."""


def enough_or_none(people: Collection[str], least: int) -> bool:
    """Whether nobody at all or enough people stand behind a figure."""
    return not people or len(people) >= least


def presence_of(rows: Iterable[tuple[str, date]]) -> Presence:
    """The presence of people in a figure, from (person, day) of each amount in it."""
    months: dict[str, set[str]] = {}
    for person, day in rows:
        months.setdefault(person, set()).add(month_of(day).name)
    return {person: len(each) for person, each in months.items()}


def tells_few(now: Presence, before: Presence, least: int) -> bool:
    """Whether one figure less another, or less any multiple of it, is of too few people if pay stays what it was.

    >>> year = {f"m{number:02}": 12 for number in range(12)}
    >>> tells_few(year, year, 10), tells_few({**year, "m99": 12}, year, 10), tells_few({**year, "m00": 7}, year, 10)
    (False, True, True)
    >>> two_years = dict.fromkeys(year, 24)
    >>> tells_few(two_years, year, 10), tells_few({**two_years, "m00": 18}, year, 10)
    (False, True)
    """
    people = {*now, *before}
    times = {Fraction(now[each], before[each]) for each in now if before.get(each)} | {Fraction(1)}
    return any(
        not enough_or_none([each for each in people if now.get(each, 0) != multiple * before.get(each, 0)], least)
        for multiple in times
    )
