"""WAG: pay, its spread, and who sets it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from operator import attrgetter

from coopbooks.audit.criterion import criterion
from coopbooks.audit.ground import Ground
from coopbooks.audit.judgement import Judgement, breach, error, met, not_evidenced, pending, shortfall
from coopbooks.bylaws import Bylaws
from coopbooks.errors import LedgerUnusable, Place
from coopbooks.money import places_down, places_half_up, places_up
from coopbooks.periods import add_months
from coopbooks.records import bylaws, decisions
from coopbooks.rules.decisions import adopted_by_assembly
from coopbooks.rules.pay import RatioRow, cap_text, ratio_rows
from coopbooks.rules.work import Work, WorkBook

__all__ = ["pay_and_hours_are_known", "pay_is_set_by_the_assembly", "pay_stays_inside_its_cap"]

RUNNING = 3
"""Pay periods over the cap, one after the other, that are a breach."""

AGAIN_MONTHS = 12
"""Months after a rewrite that the panel has confirmed in which the cap may not be broken again."""

COVERED = Fraction(99, 100)
"""Least share of pay, by value, whose person and hours are known."""

DECIDED_MONTHS = 24
"""Months that the assembly's decision on pay and schedules lasts."""

PAPERS = {"pay-scale": "the scale of pay", "schedules": "the rules of schedules"}
"""The policies that say who is paid what, and who works when."""


# -- the ratio -------------------------------------------------------------------------------------------------------


@criterion(
    "WAG-1",
    "gate",
    "Pay stays inside a declared, modest cap on its spread",
    revolutionary="every pay period that is over keeps the declared cap, and that is no higher than wage.ceiling",
    reformist="no cap is declared, it lies above wage.ceiling, or it was passed in a few periods and kept in the next",
    hostile="ratio or cap above wage.hostile; over the cap in 3 periods running; or over it again within 12 months of a "
    "rewrite that the panel had confirmed",
    evidence="compute",
    clause="002:59; 002:115; 002:175",
    remedy="bring the scale inside the cap with the next pay run, or lower a cap that is too wide",
    parameters="wage.ceiling wage.hostile",
)
def pay_stays_inside_its_cap(ground: Ground) -> Judgement:
    """The wage ratio of every closed pay period of the window against its cap, and the cap against what is modest."""
    try:
        known = [row for row in ratio_rows(ground.rules) if row.period.ends < ground.as_of]
        rows = [row for row in known if row.period.ends in ground.window]
        hostile = _hostile_pay(ground, known, rows)
    except LedgerUnusable as fault:
        return error(f"the wage ratio cannot be computed: {fault.message}", [fault.place] if fault.place else ())
    if hostile is not None:
        return hostile
    uncapped = [row for row in rows if row.bylaw is None]
    if uncapped or (not rows and not ground.rules.all_of(bylaws.WageRatio, _last_day(ground))):
        where = f" in {uncapped[0].period.name}" if uncapped else ""
        return shortfall(f"no cap on the spread of pay was in force{where}", _postings(uncapped[:1]))
    if not rows:
        return _without_pay(ground)
    return _reformist_pay(ground, rows) or _kept(rows)


def _last_day(ground: Ground) -> date:
    return min(ground.window.ends, ground.as_of)


def _without_pay(ground: Ground) -> Judgement:
    if not ground.months:
        return pending("no pay period of the window is over yet")
    return ground.nothing_to_judge("no pay")


def _hostile_pay(ground: Ground, known: Sequence[RatioRow], rows: Sequence[RatioRow]) -> Judgement | None:
    """Acts against the ground itself. `known` are the periods before the window too, for a run that began there."""
    most = Fraction(ground.number("wage.hostile"))
    for row in rows:
        if row.bylaw is not None and Fraction(row.bylaw.cap) > most:
            return breach(f"the cap of {cap_text(row.bylaw.cap)} is above {_figure(most)}", [row.bylaw.place])
        if row.ratio is not None and row.ratio > most:
            said = f"the wage ratio of {row.period.name} is {places_up(row.ratio, 2)}, above {_figure(most)}"
            return breach(said, _postings([row]))
    for run in _runs(known):
        if len(run) >= RUNNING and run[-1].period.ends in ground.window:
            names = ", ".join(row.period.name for row in run)
            return breach(f"pay was over its cap in {len(run)} periods running: {names}", _postings(run))
    for trigger in ground.history.triggers():
        if trigger.criterion != "WAG-1" or trigger.state != "verified":
            continue
        since = trigger.met_on or trigger.opened
        until = add_months(since, AGAIN_MONTHS)
        again = [row for row in rows if row.breach and since < row.period.starts <= until]
        if again:
            said = f"pay was over its cap again in {again[0].period.name}, within {AGAIN_MONTHS} months of {since}"
            return breach(f"{said}, when {trigger.id} had been answered", _postings(again[:1]))
    return None


def _runs(rows: Iterable[RatioRow]) -> Iterator[list[RatioRow]]:
    """Pay periods over one cap without one between them that kept it, oldest first; at its third each run counts."""
    capped = sorted((row for row in rows if row.bylaw), key=lambda row: (_cap_id(row), row.period.starts))
    for _, of_one in groupby(capped, key=_cap_id):
        for is_over, run in groupby(of_one, key=attrgetter("breach")):
            if is_over:
                whole = list(run)
                yield from (whole[: last + 1] for last in range(len(whole)))


def _cap_id(row: RatioRow) -> str:
    return row.bylaw.id if row.bylaw else ""


def _reformist_pay(ground: Ground, rows: Sequence[RatioRow]) -> Judgement | None:
    ceiling = Fraction(ground.number("wage.ceiling"))
    over = [row for row in rows if row.breach]
    if over:
        first = over[0]
        said = f"the wage ratio of {first.period.name} was {first.ratio_text}, over the cap of {cap_text(_cap(first))}"
        more = f", and {len(over) - 1} more of the window's periods were over theirs" if len(over) > 1 else ""
        return shortfall(said + more, _postings(over))
    wide = next((row for row in rows if Fraction(_cap(row)) > ceiling), None)
    if wide is not None and wide.bylaw is not None:
        said = f"the cap of {cap_text(wide.bylaw.cap)} is above {_figure(ceiling)}, so it is not modest"
        return shortfall(said, [wide.bylaw.place])
    unknown = next(
        (row for row in rows if row.ratio is None and any(work.pay > 0 for work in row.works.values())), None
    )
    if unknown is not None:
        said = f"nobody's pay an hour is known in {unknown.period.name}, so that the ratio is not shown"
        return not_evidenced(said, _postings([unknown]))
    return None


def _cap(row: RatioRow) -> Decimal:
    assert row.bylaw is not None, row.period
    return row.bylaw.cap


def _kept(rows: Sequence[RatioRow]) -> Judgement:
    """Met, on the caps that were in force; of several on one period the first one is enough."""
    counted = [row for row in rows if row.ratio is not None]
    if not counted:
        return not_evidenced("nobody worked enough hours for pay to be compared")
    highest = max(counted, key=lambda row: (row.ratio, row.period.starts))
    caps: dict[object, Place] = {}
    for row in rows:
        if row.bylaw is not None:
            caps.setdefault(row.period, row.bylaw.place)
    said = f"the widest ratio of {len({row.period for row in rows})} pay periods was {highest.ratio_text}, in "
    return met(f"{said}{highest.period.name}, under a cap of {cap_text(_cap(highest))}", caps.values())


def _postings(rows: Iterable[RatioRow]) -> list[Place]:
    """The largest posting of pay of each period."""
    found = []
    for row in rows:
        paid = [each for work in row.works.values() for each in work.rows]
        if paid:
            found.append(min(paid, key=lambda each: (-(each.amount or 0), each.place)).place)
    return found


def _figure(value: Fraction) -> str:
    text = places_half_up(value, 2)
    return text.rstrip("0").rstrip(".") if "." in text else text


# -- who is in it ----------------------------------------------------------------------------------------------------


@criterion(
    "WAG-2",
    "core",
    "The ratio covers everyone who is paid for work",
    revolutionary="at least 99 % of pay, by value, says whose it is and for how many hours, contractors among them",
    reformist="less than that, or a cap that leaves out whole groups of people",
    hostile="the panel finds that work was moved off the payroll to get round the cap",
    evidence="compute examine",
    clause="002:59",
    remedy="name the person and the hours on every posting of pay, and bring contractors into the count",
)
def pay_and_hours_are_known(ground: Ground) -> Judgement:
    """Pay of the window by value: what has a person and hours, beside all that stands on accounts of wages."""
    rules = ground.rules
    unpriced = [row for row in rules.facts.pay if row.amount is None and row.date in ground.window]
    if unpriced:
        return not_evidenced(f"pay at {unpriced[0].place} has no price in {rules.facts.currency}", [unpriced[0].place])
    works = list(_works(ground))
    known = sum((Fraction(work.pay) for _, work in works if work.hours_known), Fraction(0))
    paid = sum((Fraction(work.pay) for _, work in works), Fraction(0))
    nobodys = _nobodys_pay(ground)
    whole = paid + nobodys
    if whole <= 0:
        return _without_pay(ground)
    share = known / whole
    if share < COVERED:
        without = [work for _, work in works if not work.hours_known]
        what = f"{_percent(share)} of pay has a person and hours"
        if nobodys:
            what += f"; {rules.facts.unit.said(rules.facts.unit.nearest(nobodys))} on accounts of wages is nobody's pay"
        return shortfall(
            f"{what}, which is less than {_percent(COVERED)}", [row.place for work in without for row in work.rows]
        )
    narrow = _narrow_cap(ground, [person for person, _ in works])
    if narrow is not None:
        return narrow
    people = {person for person, _ in works}
    return met(f"{_percent(share)} of pay has a person and hours", _people(rules, people, _last_day(ground)))


def _works(ground: Ground) -> Iterator[tuple[str, Work]]:
    """Pay above zero by person and month, for the months of the window that are over."""
    kinds = bylaws.WageRatio.FIELDS["include"].default
    book = WorkBook.of(ground.rules, "month", set(kinds) - {"unpaid", "none"})
    for period, works in book.by_period.items():
        if period.ends in ground.window and period.ends < ground.as_of:
            yield from ((person, work) for person, work in works.items() if work.pay > 0)


def _nobodys_pay(ground: Ground) -> Fraction:
    """What was posted in the window on accounts of wages and is no posting of pay of anybody, at least 0."""
    facts, window = ground.facts, ground.window
    posted = (
        amount
        for book in (facts.daily, facts.result_daily)
        for account, days in book.items()
        if _is_of_wages(ground.rules, account)
        for day, amount in days
        if day in window
    )
    rows = (row.amount for row in facts.pay if row.amount is not None and row.date in window)
    return max(Fraction(0), Fraction(sum(posted, Decimal(0))) - Fraction(sum(rows, Decimal(0))))


def _is_of_wages(rules: Bylaws, account: str) -> bool:
    """Whether an account, or one above it, is somebody's gross pay."""
    while account and account not in rules.wages:
        account = account.rpartition(":")[0]
    return bool(account)


def _narrow_cap(ground: Ground, people: Sequence[str]) -> Judgement | None:
    """That every cap of the window leaves out people who are paid, or the pay of contractors."""
    day = _last_day(ground)
    caps = ground.rules.all_of(bylaws.WageRatio, day)
    if not caps:
        return None  # WAG-1 says so
    places = [cap.place for cap in caps]
    others = sorted(person for person in people if not ground.rules.is_member(person, day))
    if others and all(cap.over == "members" for cap in caps):
        return shortfall(f"every cap is over members only, and {len(others)} others are paid", places)
    contractors = any(row.kind == "contract" and row.date in ground.window for row in ground.facts.pay)
    if contractors and not any("contract" in cap.include for cap in caps):
        return shortfall("no cap counts the pay of contractors, who are paid", places)
    return None


def _people(rules: Bylaws, people: Iterable[str], day: date) -> Iterator[Place]:
    """The records that say whose pay is whose."""
    for person in sorted(people):
        found = rules.works_as(person, day)
        if found is not None:
            yield found.record.place


def _percent(share: Fraction) -> str:
    """A share, cut down, so that it never looks as if it had reached its bound."""
    text = places_down(share * 100, 2)
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


# -- who sets it -----------------------------------------------------------------------------------------------------


@criterion(
    "WAG-3",
    "practice",
    "The assembly sets pay and schedules",
    revolutionary="the scale of pay and the rules of schedules each rest on a decision of the assembly, 24 months old at most",
    reformist="one of them rests on nothing, on another body, or on an older decision",
    evidence="examine",
    clause="002:25; 002:161",
    remedy="put the scale of pay and the schedules before the assembly",
)
def pay_is_set_by_the_assembly(ground: Ground) -> Judgement:
    """The policies "pay-scale" and "schedules" in force on the window's last day, with the decisions behind them."""
    rules, day = ground.rules, _last_day(ground)
    evidence: list[Place] = []
    for name, what in PAPERS.items():
        policy = rules.of(decisions.Policy, name, day)
        if policy is None:
            return not_evidenced(f'no policy "{name}" is in force on {day}: the panel asks who set {what}, and when')
        found = adopted_by_assembly(rules, policy.decision, ground.as_of)
        if not found.ok or found.decision is None:
            return shortfall(
                f"{what} of {policy.date} rests on no decision of the assembly: {found.why}", [policy.place]
            )
        if found.decision.date < add_months(day, -DECIDED_MONTHS):
            said = (
                f"{what} rests on a decision of {found.decision.date}, more than {DECIDED_MONTHS} months before {day}"
            )
            return shortfall(said, [policy.place, found.decision.place])
        evidence += [policy.place, found.decision.place]
    return met("the assembly decided the scale of pay and the rules of schedules", evidence)
