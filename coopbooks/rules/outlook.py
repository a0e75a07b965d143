"""What would change a forecast: the same rules on a result that is one round amount higher, and lower.

No rule is written a second time: the waterfall of the books runs again on the supposed result.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from coopbooks.errors import CoopbooksError
from coopbooks.records import surplus
from coopbooks.rows import NamedTuple
from coopbooks.rules.surplus import Surpluses, YearSurplus
from coopbooks.rules.waterfall import Step

__all__ = ["Outlook", "Turn", "outlook_of", "round_amount"]

LEAST = 100
"""The least change that is looked at, in the currency (100 euro, not 100 cents)."""


class Turn(NamedTuple):
    """One step as it would be, and how far from the forecast, in whole units."""

    step: Step
    amount: int
    difference: int


class Outlook(NamedTuple):
    """The year as it would be with `change` units more. The differences of all steps, and of `unallocated`, add up to it."""

    change: int
    year: YearSurplus
    turns: tuple[Turn, ...]


def outlook_of(years: Surpluses, period: str, as_of: date | None = None) -> list[Outlook]:
    """The forecast of a fiscal year with a round amount more, and less; nothing for a year that is over.

    A result that the rules cannot place (nobody is there to share it) is left out. Raises UnknownPeriod, and
    SurplusRefused where the forecast itself cannot be placed.
    """
    now = years.of(period)
    if not years.is_forecast(now.period, as_of):
        return []
    amount = round_amount(now.result.result, years.rules.facts.unit.digits)
    found = []
    for change in (amount, -amount):
        try:
            then = Surpluses(years.rules, {period: change}).of(period)
        except CoopbooksError:
            continue
        found.append(Outlook(change, then, tuple(_turns(now, then))))
    return found


def round_amount(result: int, digits: int) -> int:
    """1, 2 or 5 times a power of ten near a tenth of a result, at least 100 of the currency; all in whole units.

    >>> round_amount(3_141_592, 2), round_amount(-150, 2), round_amount(70_000, 0)
    (200000, 10000, 5000)
    """
    wanted = Fraction(abs(result), 10)
    least: int = LEAST * 10**digits
    if wanted <= least:
        return least
    power: int = 10 ** (len(str(abs(result) // 10)) - 1)
    rounds = [each * power for each in (1, 2, 5, 10)]
    return max(least, min(rounds, key=lambda each: max(each / wanted, wanted / each)))


def _turns(now: YearSurplus, then: YearSurplus) -> list[Turn]:
    """The steps of the forecast as they would be, then those that only the other result has (who bears a loss)."""
    later = {_key(step): step for step in then.steps}
    turns = []
    for step in now.steps:
        other = later.pop(_key(step), None)
        amount = 0 if other is None else other.amount
        turns.append(Turn(other or step, amount, amount - step.amount))
    return turns + [Turn(step, step.amount, step.amount) for step in later.values()]


def _key(step: Step) -> tuple[str, str, bool]:
    """What makes two steps the same one; who bears a loss may have the id of who gets a surplus."""
    return step.id, step.to, isinstance(step.record, surplus.Loss)
