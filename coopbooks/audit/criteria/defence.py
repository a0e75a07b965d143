"""DEF: help within two days, rehearsals, and the money that a strike needs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from coopbooks.audit.criterion import criterion
from coopbooks.audit.ground import Ground
from coopbooks.audit.hours import when, within
from coopbooks.audit.judgement import Judgement, error, met, not_applicable, not_evidenced, pending, shortfall
from coopbooks.audit.rhythms import held, in_every, places, yearly
from coopbooks.errors import CoopbooksError, Place
from coopbooks.money import places_down
from coopbooks.periods import Period
from coopbooks.records.practices import Alert, Solidarity
from coopbooks.records.surplus import Fund
from coopbooks.rules.fund_entries import FundEntry, fund_entries
from coopbooks.rules.funds import FundRow, fund_rows

__all__ = [
    "alerts_are_answered",
    "defence_is_rehearsed",
    "mutual_aid_is_alive",
    "the_strike_fund_lasts",
]


@criterion(
    "DEF-1",
    "practice",
    "An alert is answered within 48 hours",
    revolutionary="every alert of the window was answered for all to see within solidarity.hours",
    reformist="an answer that came later, or none",
    evidence="compute",
    clause="003:30; 003:77",
    remedy="drill the answer, and write down the hours",
    parameters="solidarity.hours",
)
def alerts_are_answered(ground: Ground) -> Judgement:
    """Each `alert` of the window and the `solidarity` records of its id that say what was done."""
    alerts = ground.inside(Alert)
    if not alerts:
        return not_applicable("no alert in the window")
    evidence: list[Place] = []
    waiting = unknown = None
    for alert in alerts:
        answers = [each for each in ground.rules.history(Solidarity, alert.id) if each.what]
        state = _answered(ground, alert, answers)
        if state is None:
            waiting = alert
        elif state == "late":
            hours = ground.number("solidarity.hours")
            return shortfall(f'alert "{alert.id}" had no answer for all to see within {hours} hours', [alert.place])
        elif state == "unknown":
            unknown = alert
        else:
            evidence += [alert.place, *_in_time(ground, alert, answers)]
    if unknown is not None:
        said = f'by the days alone nobody can tell whether alert "{unknown.id}" was answered in time: both records need at:'
        return not_evidenced(said, [unknown.place])
    if waiting is not None and not evidence:
        return pending(f'the hours of alert "{waiting.id}" are not over yet', [waiting.place])
    return met(f"alerts answered in time: {len(evidence) // 2} of {len(alerts)}", evidence)


def _answered(ground: Ground, alert: Alert, answers: list[Solidarity]) -> str | None:
    """The best of the answers: met, unknown or late; None where there is none and the hours are not surely over."""
    hours = ground.number("solidarity.hours")
    states = {within(when(alert), when(each), hours) for each in answers}
    best = next((state for state in ("met", "unknown") if state in states), "late")
    if best == "late" and within(when(alert), (ground.as_of, None), hours) != "late":
        return None
    return best


def _in_time(ground: Ground, alert: Alert, answers: list[Solidarity]) -> Iterator[Place]:
    hours = ground.number("solidarity.hours")
    yield next(each.place for each in answers if within(when(alert), when(each), hours) == "met")


@criterion(
    "DEF-2",
    "practice",
    "War games and the 48 hours are rehearsed",
    revolutionary="a war game in every month, with what was learnt, and a drill of the 48 hours in every year",
    reformist="a month without a war game, one without a debrief, or a year without a drill",
    evidence="examine",
    clause="000:154-166; 003:30",
    remedy="set the days of the next games, and write down what each one showed",
)
def defence_is_rehearsed(ground: Ground) -> Judgement:
    """Records of `war-game`, and of `solidarity-drill` or `simulation`; a debrief is a `document`, `note` or `decision`."""
    games, drills = held(ground, "war-game"), held(ground, "solidarity-drill", "simulation")
    fault = in_every(ground, games, ground.months, "a war game") or yearly(ground, drills, "a drill of the 48 hours")
    if fault is not None:
        return fault
    own = [each for each in games if each.date in ground.window]
    silent = next((each for each in own if not (each.document or each.note or each.decision)), None)
    if silent is not None:
        return not_evidenced(f"the war game of {silent.date} has no debrief", [silent.place])
    drilled = [each for each in drills if each.date in ground.window]
    said = f"{len(own)} war games in {len(ground.months)} months, drills of the 48 hours: {len(drilled)}"
    return met(said, places([*own, *drilled]))


@criterion(
    "DEF-3",
    "practice",
    "The strike fund lasts",
    revolutionary="strike.weeks weeks of strike pay for everybody, with the money behind them",
    reformist="fewer weeks",
    evidence="compute",
    clause="002:73; 004:57",
    remedy="give the strike fund a larger part of the surplus, and move the money",
    parameters="strike.weeks strike.weekly-pay strike.weekly-health",
)
def the_strike_fund_lasts(ground: Ground) -> Judgement:
    """The weeks of all strike funds on the day of the audit, at the weekly pay that the bylaws promise."""
    try:
        rows = [row for row in fund_rows(ground.years, ground.as_of) if row.record.kind == "strike"]
    except CoopbooksError as fault:
        return error(f"the strike fund cannot be computed: {fault.message}", [fault.place] if fault.place else ())
    if not rows:
        return shortfall("the books have no strike fund")
    own = [row.record.place for row in rows]
    if all(row.weeks is None for row in rows):
        return not_evidenced("nothing says what a week of strike is paid (bylaw strike.weekly-pay)", own)
    if any(row.backing is None for row in rows):
        return not_evidenced("no account is named that holds the strike fund's money", own)
    return _weeks(ground, rows, own)


def _weeks(ground: Ground, rows: list[FundRow], own: list[Place]) -> Judgement:
    weeks = sum((row.weeks for row in rows if row.weeks is not None), Fraction(0))
    needed = ground.number("strike.weeks")
    said = f"the strike fund covers {places_down(weeks, 1)} weeks for everybody, of {needed}"
    short = sum(row.shortfall for row in rows)
    if short:
        said += f", and {ground.facts.unit.said(short)} of it has no money behind it"
    return met(said, own) if weeks >= Fraction(needed) else shortfall(said, own)


@criterion(
    "DEF-4",
    "practice",
    "Mutual aid is alive",
    revolutionary="money moves in a mutual-aid fund, or the pantry is open, in every fiscal quarter, and no name is shown",
    reformist="a quarter without either, or an entry that shows who was helped",
    evidence="compute",
    clause="004:69-77; 004:172-173",
    remedy="feed the fund, and tell members how to ask it",
)
def mutual_aid_is_alive(ground: Ground) -> Judgement:
    """Entries on funds of kind mutual-aid, and records of the practices `mutual-aid` and `pantry`."""
    if not ground.quarters:
        return pending("no quarter of the window is over yet")
    entries = list(_aid(ground))
    shown = {finding.place for finding in ground.findings if finding.rule == "funds"}
    named = next((each for each in entries if each.place in shown), None)
    if named is not None:
        return shortfall(f"the entry of {named.date} on fund {named.fund} breaks the rules of the fund", [named.place])
    open_days = held(ground, "mutual-aid", "pantry")
    alive = [(each.date, each.place) for each in entries]
    alive += [(each.date, each.place) for each in open_days if each.date in ground.window]
    idle = [quarter for quarter in ground.quarters if not any(day in quarter for day, _ in alive)]
    if not alive:
        return not_evidenced("the books show no mutual aid in the window")
    if idle:
        more = f" and {len(idle) - 1} more of {len(ground.quarters)} quarters" if len(idle) > 1 else ""
        return shortfall(f"no mutual aid in {idle[0].name}{more}", [place for _, place in alive])
    return met(f"mutual aid in each of {len(ground.quarters)} quarters", _first_each(ground.quarters, alive))


def _aid(ground: Ground) -> Iterator[FundEntry]:
    funds = {each.id for each in ground.rules.every(Fund) if each.kind == "mutual-aid"}
    for entry in fund_entries(ground.rules) if funds else ():
        if entry.fund in funds and entry.date in ground.window:
            yield entry


def _first_each(quarters: tuple[Period, ...], alive: list[tuple[date, Place]]) -> Iterator[Place]:
    for quarter in quarters:
        yield next(place for day, place in alive if day in quarter)
