"""Thresholds: what is crossed between two audits starts a clock by itself, as a label below revolutionary does.

| criterion | crossed by | day 0 |
|---|---|---|
| WAG-1 | a pay period whose ratio is over the cap declared | the last day of the period |
| SUP-2 | a purchase more than `supply.stop-days` after a recorded violation, without leave of the assembly | its posting |
| SUR-2 | a payment of a share before the movement funds of its year had their part | its posting |

One clock runs for a criterion: what crosses the threshold again before it stops is attached to it. It stops with the
rewrite or the assembly, at the latest on the last day of the assembly, and the next crossing starts a new one.

Crossings are read from the books as they stand. A correction that brings a pay period back under its cap leaves no crossing
behind, and so no trigger: the books do not say on which day a posting was typed in, and a trigger shown as withdrawn would
have to be invented. What was changed is seen in the snapshots of the months (BKS-5) and in every report signed before. A
crossing that stands and is disputed ends as withdrawn by a panel's finding, as any label does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from coopbooks.audit.triggers import Start, Trigger, run, terms_of, threshold_id
from coopbooks.bylaws import Bylaws
from coopbooks.errors import CoopbooksError, Place
from coopbooks.records.bylaws import WageRatio
from coopbooks.rows import NamedTuple
from coopbooks.rules.pay import RatioRow, ratio_rows
from coopbooks.rules.payments import unfilled
from coopbooks.rules.suppliers import bought_after
from coopbooks.rules.surplus import Surpluses

__all__ = ["Crossing", "crossings", "with_thresholds"]


class Crossing(NamedTuple):
    """A threshold that was crossed: the criterion, the pay period or the day as an id says it, day 0, and where."""

    criterion: str
    period: str
    day: date
    place: Place


def crossings(years: Surpluses) -> list[Crossing]:
    """Every crossing in these books, by day. For a day of the past, give the books of `Facts.until`."""
    found = [*_over_the_cap(years.rules), *_bought_on(years.rules), *_paid_before_the_funds(years)]
    # Of one day as they were found, caps by their ids and people by theirs: which line comes first means nothing.
    return sorted(found, key=lambda each: (each.day, each.criterion, each.period))


def with_thresholds(
    rules: Bylaws, found: Iterable[Crossing], as_of: date, running: Sequence[Trigger] = ()
) -> list[Trigger]:
    """The triggers of verdicts (`running`) and those that crossings up to a day opened, by day 0 and id.

    `rules` are those of the whole books, as in `coopbooks.audit.triggers`; `found` are the crossings of the books up to
    `as_of`, oldest first. A crossing while a clock of its criterion runs opens none and is attached to that one.
    """
    triggers = list(running)
    for crossing in found:
        if crossing.day > as_of:
            continue
        place = next((number for number, each in enumerate(triggers) if _runs(each, crossing)), None)
        if place is None:
            triggers.append(run(rules, _start(rules, crossing), as_of))
        elif crossing.place != triggers[place].opened_by:
            each = triggers[place]
            triggers[place] = each._replace(attached=tuple(dict.fromkeys((*each.attached, crossing.place))))
    return sorted(triggers, key=lambda each: (each.opened, each.id))


def _runs(trigger: Trigger, crossing: Crossing) -> bool:
    return trigger.criterion == crossing.criterion and trigger.opened <= crossing.day <= trigger.runs_until


def _start(rules: Bylaws, crossing: Crossing) -> Start:
    return Start(
        id=threshold_id(crossing.period, crossing.criterion),
        cause="threshold",
        criterion=crossing.criterion,
        audit=None,
        label="reformist",  # what a shortfall is called; a heavier word is a panel's
        since=crossing.day,
        opened=crossing.day,
        opened_by=crossing.place,
        terms=terms_of(rules, rules.year_of(crossing.day)),
    )


# -- the three thresholds ------------------------------------------------------------------------------------------------


def _over_the_cap(rules: Bylaws) -> Iterator[Crossing]:
    if not rules.every(WageRatio):
        return
    try:
        rows = ratio_rows(rules)
    except CoopbooksError:
        return  # a cap that cannot be computed is a finding of its own
    for row in rows:
        if row.breach:
            yield Crossing("WAG-1", row.period.name, row.period.ends, _best_paid(row))


def _best_paid(row: RatioRow) -> Place:
    return min(row.counted, key=lambda person: (-(person.rate or 0), person.person)).place


def _bought_on(rules: Bylaws) -> Iterator[Crossing]:
    for each in bought_after(rules):
        if not each.leave.ok:
            yield Crossing("SUP-2", str(each.purchase.date), each.purchase.date, each.purchase.place)


def _paid_before_the_funds(years: Surpluses) -> Iterator[Crossing]:
    if not years.rules.facts.closes:
        return
    for payment, _ in sorted(unfilled(years), key=lambda row: (row[0].move.date, row[0].person)):
        day = payment.move.date
        yield Crossing("SUR-2", str(day), day, payment.leg.place)
