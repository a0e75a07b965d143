"""The patronage worksheet: each one's part of each step with its figure, its share, the exact sum and the rounding.

It shows the working of `waterfall` and decides nothing: parts are taken as the steps placed them.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from coopbooks.money import sum_of
from coopbooks.records import surplus
from coopbooks.rows import NamedTuple
from coopbooks.rules.patronage import Figures, Patronage
from coopbooks.rules.surplus import Surpluses, YearSurplus
from coopbooks.rules.waterfall import Step

__all__ = ["Worked", "worksheet_of"]


class Worked(NamedTuple):
    """One person's part of one step that is shared.

    `figure` is what the part follows (hours, pay, capital, points, 1 each) and `whole` that of all who take part;
    `share` is the share of the step after the bylaws' minimum, maximum and seniority. `exact` is in units of the
    currency with their fractions, `amount` in whole units; in a loss year both are below zero.
    """

    step: str
    to: str
    by: str
    person: str
    figure: Fraction
    whole: Fraction
    share: Fraction
    exact: Fraction
    amount: int


def worksheet_of(years: Surpluses, year: YearSurplus) -> list[Worked]:
    """The rows of every step to members or workers, in the order of the steps, then of the people."""
    patronage = years.patronage(year.period)
    return [row for step in year.steps if step.parts for row in _of_step(step, year, patronage)]


def _of_step(step: Step, year: YearSurplus, patronage: Patronage) -> Iterator[Worked]:
    everyone = step.to == "workers"
    by, figures, weights = _weights(step, year, patronage, everyone)
    whole, all_weights = sum_of(figures.values()), sum_of(weights.values())
    for person in sorted(step.parts):
        share = weights[person] / all_weights
        yield Worked(
            step=step.id,
            to=step.to,
            by=by,
            person=person,
            figure=figures.get(person, Fraction(0)),
            whole=whole,
            share=share,
            exact=step.amount * share,
            amount=step.parts[person],
        )


def _weights(step: Step, year: YearSurplus, patronage: Patronage, everyone: bool) -> tuple[str, Figures, Figures]:
    """By what a step is shared, each one's figure of it, and the weights by which it was dealt."""
    record = step.record
    if isinstance(record, surplus.Allocation) and record.by == "capital" and record.rate is not None:
        rate = patronage.rules.figure(record.rate, year.period, record)
        weights = patronage.interest(record, rate)
        return "capital", {person: patronage.capital(person, record.on) for person in weights}, weights
    if isinstance(record, surplus.Allocation | surplus.Resolution):
        weights = patronage.shares(record, everyone)
        by = record.by
    else:
        assert isinstance(record, surplus.Loss), step
        weights = patronage.shares(_Loss(record), everyone=False)
        by = "patronage"
    figures = patronage.figures(by, everyone)
    by = year.rule.patronage if by == "patronage" else by
    return by, {person: figures[person] for person in weights}, weights


class _Loss:
    """A loss that members bear is shared by patronage."""

    by = "patronage"

    def __init__(self, record: surplus.Loss) -> None:
        self.place, self.named = record.place, record.named
