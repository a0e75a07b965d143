"""SUP: whom the cooperative buys from.

`coopbooks.rules.suppliers` says what a purchase is. A cooperative is a supplier whose last screening says "cooperative"
or "solidarity". Days after a violation are counted from the first one that the books have of a supplier.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from coopbooks.audit.criterion import criterion
from coopbooks.audit.ground import Ground
from coopbooks.audit.judgement import Judgement, breach, error, met, not_evidenced, pending, shortfall
from coopbooks.errors import Place
from coopbooks.money import places_half_up
from coopbooks.periods import DAY, Period
from coopbooks.records import alliances
from coopbooks.rules.suppliers import AfterViolation, Purchase, bought_after, is_cooperative, purchases, screening_of

__all__ = ["BREACH_DAYS"]

SCREENED = Fraction(4, 5)
"""Least share of purchases by value from screened suppliers."""
BREACH_DAYS = 90
"""Days after a violation from which buying on is hostile."""


def _percent(share: Fraction) -> str:
    return f"{places_half_up(share * 100, 1)} %"


def _bought(ground: Ground, span: Period) -> list[Purchase]:
    rows = purchases(ground.rules)  # in order of date
    return rows[bisect_left(rows, span.starts, key=_day) : bisect_right(rows, span.ends, key=_day)]


def _day(bought: Purchase) -> date:
    return bought.date


def _value(found: Iterable[Purchase]) -> Fraction:
    """What purchases come to, less what was given back."""
    return Fraction(sum((each.amount or Decimal(0) for each in found), Decimal(0)))


def _unpriced(found: Iterable[Purchase]) -> Judgement | None:
    for each in found:
        if each.amount is None:
            return error(f"the purchase of {each.date} on {each.account} has an amount without a price", [each.place])
    return None


@criterion(
    "SUP-1",
    "practice",
    "Suppliers are screened",
    revolutionary="at least 80 % of purchases by value are from suppliers screened within supply.screen-months",
    reformist="less is",
    evidence="compute",
    clause="002:107; 002:115",
    remedy="screen the supplier that is paid most first",
    parameters="supply.screen-months",
)
def screening(ground: Ground) -> Judgement:
    """The share of the window's purchases whose supplier somebody had looked at in time."""
    found = _bought(ground, ground.window)
    fault = _unpriced(found)
    if fault is not None:
        return fault
    months, screened = int(ground.number("supply.screen-months")), []
    places: dict[Place, None] = {}
    unscreened: dict[str, list[Purchase]] = {}
    for each in found:
        look = screening_of(ground.rules, each.supplier, each.date, months)
        if look is None:
            unscreened.setdefault(each.supplier, []).append(each)
        else:
            screened.append(each)
            places[look.place] = None
    whole = _value(found)
    if whole <= 0:
        return ground.nothing_to_judge("no purchase")
    share = _value(screened) / whole
    figures = f"{_percent(share)} of purchases by value are from suppliers screened in the {months} months before"
    if share >= SCREENED:
        return met(figures, places)
    largest = max(unscreened.values(), key=lambda bought: (_value(bought), bought[0].place))
    return shortfall(f"{figures}; the largest without one sells first on {largest[0].date}", [largest[0].place])


@criterion(
    "SUP-2",
    "core",
    "Violations change suppliers",
    revolutionary=(
        "Nothing is bought later than supply.stop-days after a recorded violation, unless the assembly allowed it"
    ),
    reformist="the last purchase was later than that, and within 90 days",
    hostile="the cooperative still buys more than 90 days after the violation, and no assembly allowed it",
    evidence="compute examine",
    clause="002:139; 002:175",
    remedy="stop buying there, and find another supplier",
    parameters="supply.stop-days",
)
def violations(ground: Ground) -> Judgement:
    """What was bought in the window from suppliers of whom a violation is recorded."""
    allowed = ground.number("supply.stop-days")
    late = [each for each in bought_after(ground.rules, allowed) if each.purchase.date in ground.window]
    bare = [each for each in late if not each.leave.ok]
    if bare:
        worst = max(bare, key=lambda each: (each.days, each.purchase.place))
        reason = (
            f'the last purchase from "{worst.purchase.supplier}" was {worst.days} days after the violation of '
            f"{worst.violation.date}, where {allowed:f} are allowed"
        )
        judge = breach if worst.days > BREACH_DAYS else shortfall
        return judge(reason, [worst.violation.place, worst.purchase.place])
    if not late:
        said = f"no purchase later than {allowed:f} days after a violation"
        known = [each for each in ground.rules.every(alliances.Violation) if each.date <= ground.window.ends]
        if not known:
            return ground.nothing_to_judge(said)
        return met(f"{said} in the window", [each.place for each in known])
    places = [place for each in late for place in _leave_places(each)]
    return met(
        f"the assembly allowed each of {len(late)} purchases later than {allowed:f} days after a violation", places
    )


def _leave_places(late: AfterViolation) -> list[Place]:
    """The derogation and the decision that let a purchase be made."""
    decided = [late.leave.decision.place] if late.leave.decision is not None else []
    return [late.derogation.place, *decided] if late.derogation is not None else decided


@criterion(
    "SUP-3",
    "practice",
    "Cooperative supply grows",
    revolutionary="the share of purchases from cooperatives and solidarity suppliers is not below last year's",
    reformist="it falls",
    evidence="compute",
    clause="003:43",
    remedy="make a plan for whom to buy from",
)
def cooperative_supply(ground: Ground) -> Judgement:
    """The share of purchases from cooperatives in each fiscal year of the window, beside that of the year before."""
    if not ground.fiscal_years:
        return pending(f"no fiscal year of the window was over by {ground.as_of}")
    places: dict[Place, None] = {}
    figures = []
    for year in ground.fiscal_years:
        before = _year_before(ground, year)
        for span in (year, before):
            fault = _unpriced(_bought(ground, span))
            if fault is not None:
                return fault
        now, then = _cooperative_share(ground, year), _cooperative_share(ground, before)
        if now is None:
            return ground.nothing_to_judge("no purchase")
        if then is None:
            nothing = ground.nothing_to_judge(f"no purchase in {before.name} to compare with")
            reason = (
                f"{_percent(now[0])} of the purchases of {year.name} are from cooperatives, and {before.name} has none"
            )
            return met(reason, nothing.evidence) if nothing.outcome == "met" else nothing
        figures.append(f"{_percent(now[0])} of the purchases of {year.name} and {_percent(then[0])} of {before.name}")
        if now[0] < then[0]:
            return shortfall(f"{figures[-1]} are from cooperatives", [*now[1], *then[1]])
        places |= dict.fromkeys([*now[1], *then[1]])
    if not places:
        return not_evidenced(f"{figures[-1]} are from cooperatives: no screening finds one")
    return met(f"{', '.join(figures)} are from cooperatives", places)


def _year_before(ground: Ground, year: Period) -> Period:
    """The fiscal year before one, as the calendar has it."""
    whole = ground.rules.calendar.year_of(year.ends)
    return ground.rules.calendar.year_of(whole.starts - DAY)


def _cooperative_share(ground: Ground, year: Period) -> tuple[Fraction, list[Place]] | None:
    """The share of a year's purchases that is from cooperatives, with the screenings that say so; None without purchases."""
    found = _bought(ground, year)
    whole = _value(found)
    if whole <= 0:
        return None
    known = [(each, look) for each in found if (look := is_cooperative(ground.rules, each.supplier, each.date))]
    return _value(each for each, _ in known) / whole, [look.place for _, look in known]
