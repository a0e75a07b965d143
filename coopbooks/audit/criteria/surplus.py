"""SUR: what becomes of the surplus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from coopbooks.audit.criterion import criterion
from coopbooks.audit.ground import Ground
from coopbooks.audit.judgement import (
    Judgement,
    breach,
    error,
    met,
    not_applicable,
    not_evidenced,
    pending,
    shortfall,
)
from coopbooks.bylaws import Bylaws, Change
from coopbooks.errors import CoopbooksError, Place
from coopbooks.facts import Leg, Movement, below
from coopbooks.money import Amount, places_down, places_half_up, places_up
from coopbooks.periods import Period, add_months, instant
from coopbooks.records import decisions, people, surplus
from coopbooks.rules.close import decision_day, posted
from coopbooks.rules.decisions import adopted_by_assembly, decision_of
from coopbooks.rules.funds import unspent_credits
from coopbooks.rules.payments import Payment, payments
from coopbooks.rules.surplus import Surpluses, YearSurplus
from coopbooks.rules.waterfall import Step

__all__ = [
    "funds_are_filled_first",
    "funds_are_ring_fenced",
    "funds_are_used",
    "individuals_get_the_lesser_part",
    "surplus_is_pre_committed",
    "vows_come_before_shares",
]

SHORT_MAX = Fraction(5, 100)
"""Of what movement funds should have had before the first payment, the part that may be missing and made good later."""

ALLOCATED_DAYS = 30
"""Days after the accounts are approved in which all of the surplus is placed."""

OLD_MONTHS = 24
USED_SHARE = Fraction(1, 2)
"""Least share of allocations older than `OLD_MONTHS` that is spent, or reserved by a decision."""


def _percent(share: Fraction) -> str:
    """A share to two places, without needless zeros."""
    text = places_half_up(share * 100, 2)
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def _said(ground: Ground, units: int) -> str:
    return ground.facts.unit.said(units)


# -- the years and payments that are judged --------------------------------------------------------------------------


def _years(ground: Ground) -> list[YearSurplus]:
    """The fiscal years of the window that are over. Raises CoopbooksError where the rules cannot place one."""
    known = {year.name for year in ground.years.years}
    return [ground.years.of(year.name) for year in ground.fiscal_years if year.name in known]


def _paid(ground: Ground) -> list[tuple[Payment, str]]:
    """Each payment of a share with each year that it pays: of the window's years, and all that the window's days saw.

    The year is "" for what nobody was owed. Interest that is owed is no share of a surplus, and left out.
    """
    judged = {year.name for year in ground.fiscal_years}
    found = []
    for payment in payments(ground.rules):
        inside = payment.move.date in ground.window
        found += [(payment, name) for name, _ in payment.years if name and (inside or name in judged)]
        if payment.uncovered and inside:
            found.append((payment, ""))
    return found


def _closes(ground: Ground, name: str) -> list[Movement]:
    return ground.facts.closes.get(name, [])


def _fund_of(rules: Bylaws, step: Step, day: date) -> surplus.Fund | None:
    """The movement fund that a step fills on a day; None for every other step, and for what was decided after the year."""
    if step.account is None or isinstance(step.record, surplus.Resolution):
        return None
    fund = rules.fund_of(step.account, day)
    return fund if fund is not None and fund.movement else None


def _movement_steps(rules: Bylaws, year: YearSurplus, today: date | None = None) -> list[tuple[Step, surplus.Fund]]:
    """The steps of a year that fill movement funds: those of its first day, and those of `today` too where it is given."""
    first = year.period.starts
    pairs = ((step, _fund_of(rules, step, first) or (today and _fund_of(rules, step, today))) for step in year.steps)
    return [(step, fund) for step, fund in pairs if isinstance(fund, surplus.Fund) and step.amount >= 0]


# -- SUR-1 -----------------------------------------------------------------------------------------------------------


@criterion(
    "SUR-1",
    "gate",
    "Surplus is committed to the movement before it exists",
    revolutionary="at least surplus.substantial of it goes to movement funds by rules that stood on the year's first day and "
    "were not lowered since",
    reformist="the rules came late, give less, or were lowered when the year had begun",
    hostile="nothing is committed and individuals were paid; or it was lowered when the result was known",
    evidence="compute",
    clause="002:69; 002:179",
    remedy="adopt or raise the commitment before the next year begins",
    parameters="surplus.substantial",
)
def surplus_is_pre_committed(ground: Ground) -> Judgement:
    """For each year of the window what its movement funds get, by the rules of its first day and by those of today."""
    if not ground.fiscal_years:
        return pending("no fiscal year of the window is over yet")
    evidence: list[Place] = []
    said: list[str] = []
    for period in (ground.rules.year(year.name) for year in ground.fiscal_years):
        try:
            found = _commitment(ground, period)
        except CoopbooksError as fault:
            return error(f"{period.name} cannot be judged: {fault.message}", [fault.place] if fault.place else ())
        if isinstance(found, Judgement):
            return found
        share, places = found
        said.append(f"{_percent(share)} of the surplus of {period.name}")
        evidence += places
    return met(f"{' and '.join(said)} was committed to movement funds before it existed", evidence)


def _commitment(ground: Ground, period: Period) -> Judgement | tuple[Fraction, list[Place]]:
    """What is wrong with a year's commitment, or its share and the records that give it."""
    rules, floor = ground.rules, Fraction(ground.number("surplus.substantial"))
    changes = [change for change in rules.changes(period) if change.retroactive]
    now = _promised(ground.years, period, ground.as_of)
    before = _promised(_as_first_written(ground, changes), period)
    if not now.steps:
        paid = [payment for payment, name in _paid(ground) if name in ("", period.name)]
        if paid:
            said = f"no step of {period.name} fills a movement fund, and {len({each.person for each in paid})} were paid a share"
            return breach(said, [payment.leg.place for payment in paid])
    known = [change for change in changes if change.record.date > period.ends]
    then = _promised(_as_first_written(ground, known), period, ground.as_of)
    if now.share < then.share:
        said = f"the commitment of {period.name} was lowered from {_percent(then.share)} to {_percent(now.share)}"
        return breach(f"{said} on {known[0].record.date}, when the result was known", [known[0].record.place])
    if now.share < before.share:
        first = changes[0].record
        said = f"the commitment of {period.name} was lowered from {_percent(before.share)} to {_percent(now.share)}"
        return shortfall(f"{said} on {first.date}, when the year had begun", [first.place])
    if not before.reaches(floor):
        late = [change.record for change in changes]
        if now.reaches(floor) and late:
            said = f"{_percent(now.share)} of {period.name} was committed on {late[0].date}, when the year had begun"
            return shortfall(said, [late[0].place])
        said = f"{_percent(before.share)} of the surplus of {period.name} is committed to movement funds"
        return shortfall(f"{said}, less than {_percent(floor)}", [step.place for step, _ in before.steps])
    return before.share, before.evidence(floor)


class _Promise:
    """What the rules give movement funds of a surplus, in whole units."""

    def __init__(self, base: int, steps: list[tuple[Step, surplus.Fund]]) -> None:
        self.base, self.steps = base, steps

    @property
    def units(self) -> int:
        """What all of them get together."""
        return sum(step.amount for step, _ in self.steps)

    @property
    def share(self) -> Fraction:
        """The same as a share of the surplus."""
        return Fraction(self.units, self.base)

    def reaches(self, floor: Fraction) -> bool:
        """Whether it is a share of the surplus, but for what rounding to whole units takes from each step."""
        return self.units + len(self.steps) > floor * self.base or self.units >= floor * self.base

    def evidence(self, floor: Fraction) -> list[Place]:
        """The steps, largest first, that are needed to reach the floor, and their funds."""
        places: list[Place] = []
        taken = 0
        for step, fund in sorted(self.steps, key=lambda row: (-row[0].amount, row[0].id)):
            if taken >= floor * self.base:
                break
            taken += step.amount
            places += [step.place, fund.place]
        return places


def _promised(years: Surpluses, period: Period, today: date | None = None) -> _Promise:
    """What a year's rules give of its surplus; of a year without one, what they give of a supposed surplus.

    The supposed one is as large as the year's result was, and at least a thousand of the currency. `today` counts the
    funds of that day too, for what came late.
    """
    rules = years.rules
    known = {year.name for year in years.years}
    year = years.of(period.name) if period.name in known else None
    if year is None:
        return _Promise(1, [])
    if year.base <= 0:
        wanted = max(abs(year.result.total), 1000 * int(10**rules.facts.unit.digits))
        year = Surpluses(rules, {period.name: wanted - year.base}).of(period.name)
    return _Promise(max(1, year.base), _movement_steps(rules, year, today))


def _as_first_written(ground: Ground, changes: Iterable[Change]) -> Surpluses:
    """The surplus by the rules without those that were written later and reach back."""
    late = [change.record for change in changes]
    return Surpluses(Bylaws(ground.facts.revised(late, ()))) if late else ground.years


# -- SUR-2 -----------------------------------------------------------------------------------------------------------


@criterion(
    "SUR-2",
    "gate",
    "Movement funds are filled before any individual is paid",
    revolutionary="on the day of the first payment of a share, every movement fund had all that the rules give it",
    reformist="up to 5 % was missing, or something of the surplus was unplaced 30 days after the accounts were approved",
    hostile="individuals were paid while more than 5 % was missing",
    evidence="compute",
    clause="002:179; 002:69",
    remedy="fill the funds, and pay nobody a share before",
)
def funds_are_filled_first(ground: Ground) -> Judgement:
    """For each year that the window contains or pays, what its closes gave movement funds by each payment."""
    paid = _paid(ground)
    try:
        years = {year.period.name: year for year in _years(ground)}
        for name in sorted({name for _, name in paid if name} - years.keys()):
            years[name] = ground.years.of(name)
    except CoopbooksError as fault:
        return error(f"the surplus cannot be placed: {fault.message}", [fault.place] if fault.place else ())
    uncovered = [payment for payment, name in paid if not name]
    if uncovered:
        units = sum(payment.uncovered for payment in uncovered)
        said = f"{_said(ground, units)} was paid that no close had given, before any fund had its part of it"
        slip = all(payment.years for payment in uncovered)  # more than was owed, where something was
        return (shortfall if slip else breach)(said, [payment.leg.place for payment in uncovered])
    judged = [year for year in years.values() if year.base > 0]
    if not judged:
        if not ground.fiscal_years:
            return pending("no fiscal year of the window is over yet")
        return not_applicable("the window has no surplus, and nobody was paid a share")
    evidence: list[Place] = []
    for year in sorted(judged, key=lambda year: year.period.starts):
        found = _filled(ground, year, [payment for payment, name in paid if name == year.period.name])
        if isinstance(found, Judgement):
            return found
        evidence += found
    return met("movement funds had their whole part before anybody was paid", evidence)


def _filled(ground: Ground, year: YearSurplus, paid: list[Payment]) -> Judgement | list[Place]:
    """What is wrong with how a year's funds were filled, or the closes that filled them."""
    name, closes = year.period.name, _closes(ground, year.period.name)
    funds = sorted({fund.account for _, fund in _movement_steps(ground.rules, year)})
    needed = sum(step.amount for step, _ in _movement_steps(ground.rules, year))
    if not closes:
        return not_evidenced(f"no close places the surplus of {name} of {_said(ground, year.base)} yet")
    if not needed:
        what = f"no step of {name} fills a movement fund"
        return (
            shortfall(f"{what}, and {len(paid)} payments were made", [closes[0].place]) if paid else not_evidenced(what)
        )
    given = [(move, _credited(ground, move, funds)) for move in closes]
    for payment in paid:
        due = needed * _share_known(ground, year, payment.move.date)
        missing = due - sum(units for move, units in given if _before(move, payment))
        if missing < 1:  # a fraction of a unit is rounding
            continue
        said = f"{_said(ground, int(missing))} of {_said(ground, int(due))} for movement funds of {name} was missing"
        return (breach if missing > SHORT_MAX * due else shortfall)(
            f"{said} when {payment.person} was paid on {payment.move.date}", [payment.leg.place]
        )
    missing_now = needed - sum(units for _, units in given)
    return _placed(ground, year, missing_now) or [move.place for move in closes]


def _share_known(ground: Ground, year: YearSurplus, day: date) -> Fraction:
    """How much of a year's surplus was known on a day: what was moved into the year later counts from then on."""
    unit = ground.facts.unit
    rows = (row for row in ground.facts.moved if row.period == year.period.name and row.date > day)
    later = sum(unit.nearest(-row.amount) for row in rows)
    return min(Fraction(1), Fraction(max(0, year.base - later), year.base))


def _credited(ground: Ground, close: Movement, funds: Sequence[str]) -> int:
    """What one close gives the funds of these accounts, in whole units."""
    legs = (leg for leg in close.legs if any(below(leg.account, each) for each in funds))
    return sum(ground.facts.unit.nearest(-leg.amount) for leg in legs)


def _before(move: Movement, payment: Payment) -> bool:
    return _not_later(move.date, move.fields.get("at"), payment.move.date, payment.move.fields.get("at"))


def _not_later(day: date, at: Any, other: date, other_at: Any) -> bool:
    """On or before the other day; of one day the times decide, where both are given, and never the order of lines."""
    if day == other and isinstance(at, str) and isinstance(other_at, str):
        try:
            return instant(at) <= instant(other_at)
        except ValueError:
            return True
    return day <= other


def _placed(ground: Ground, year: YearSurplus, missing: int) -> Judgement | None:
    """That something of the surplus has no place yet though the days for it are over, or not yet over."""
    left = max(0, missing) + year.unallocated + year.undecided
    if left <= 0:
        return None
    closes = _closes(ground, year.period.name)
    approved = max(_approved(ground, move) for move in closes)
    last = approved + timedelta(days=ALLOCATED_DAYS)
    said = f"{_said(ground, left)} of the surplus of {year.period.name} has no place yet"
    if ground.as_of <= last:
        return pending(f"{said}, and {last} is the last day for it", [closes[0].place])
    return shortfall(f"{said}, more than {ALLOCATED_DAYS} days after {approved}", [closes[0].place])


def _approved(ground: Ground, move: Movement) -> date:
    """The day on which the accounts were approved: that of the close's decision, else of the close."""
    decision = move.fields.get("decision")
    return decision_day(ground.rules, decision if isinstance(decision, str) else None) or move.date


# -- SUR-3 -----------------------------------------------------------------------------------------------------------


@criterion(
    "SUR-3",
    "core",
    "Vows come before shares",
    revolutionary="every member who was paid a share had made a vow for that year, on that day at the latest",
    reformist="a vow is missing or came later",
    hostile="a share-out without any vow",
    evidence="compute",
    clause="002:119; 002:121; 002:123",
    remedy="hold the renewal of vows, and pay only then",
)
def vows_come_before_shares(ground: Ground) -> Judgement:
    """Each payment to a member beside the member's vows for the year that it pays."""
    paid = [(payment, name) for payment, name in _paid(ground) if _vows_are_asked(ground, payment)]
    # Of several payments of a day the first by person: which line comes first means nothing.
    paid.sort(key=lambda each: (each[0].move.date, each[0].person, each[1]))
    if not paid:
        if not ground.fiscal_years:
            return pending("no fiscal year of the window is over yet")
        return not_applicable("nobody was paid a share of a surplus")
    vows: dict[tuple[str, str], list[surplus.Vow]] = {}
    for vow in sorted(ground.rules.every(surplus.Vow), key=lambda vow: (vow.date, vow.place)):
        vows.setdefault((vow.id, vow.period), []).append(vow)
    for name in sorted({name for _, name in paid if name}):
        of_it = [payment for payment, year in paid if year == name]
        if not any(vows.get((payment.person, name)) for payment in of_it):
            places = [payment.leg.place for payment in of_it]
            return breach(
                f"the share-out of {name} to {len({each.person for each in of_it})} had no vow at all", places
            )
    evidence: list[Place] = []
    for payment, name in paid:
        first = next((vow for vow in vows.get((payment.person, name), ()) if _made(vow, payment)), None)
        if first is None:
            of_year = f" for {name}" if name else ""
            said = f"{payment.person} was paid on {payment.move.date} with no vow{of_year} made by then"
            return shortfall(said, [payment.leg.place])
        evidence.append(first.place)
    return met(f"all {len({payment.person for payment, _ in paid})} who were paid had made their vow", evidence)


def _vows_are_asked(ground: Ground, payment: Payment) -> bool:
    """Whether the person is, or was, a member who can make a vow: the heirs of one who has died make none."""
    exits = ground.rules.history(people.Exit, payment.person)
    dead = any(each.cause == "death" and each.date <= payment.move.date for each in exits)
    return bool(ground.rules.history(people.Member, payment.person)) and not dead


def _made(vow: surplus.Vow, payment: Payment) -> bool:
    return _not_later(vow.date, vow.at, payment.move.date, payment.move.fields.get("at"))


# -- SUR-4 -----------------------------------------------------------------------------------------------------------


@criterion(
    "SUR-4",
    "core",
    "Surplus does not flow first of all into individual pockets",
    revolutionary="individuals got at most surplus.individual-max of the surplus that was placed",
    reformist="more than that",
    hostile="more than surplus.individual-hostile",
    evidence="compute",
    clause="002:69",
    remedy="raise what is committed to the movement and to all in common",
    parameters="surplus.individual-max surplus.individual-hostile",
)
def individuals_get_the_lesser_part(ground: Ground) -> Judgement:
    """Of what the closes of each year of the window placed, the part of members and workers, kept as capital or not."""
    if not ground.fiscal_years:
        return pending("no fiscal year of the window is over yet")
    try:
        years = [year for year in _years(ground) if year.base > 0]
    except CoopbooksError as fault:
        return error(f"the surplus cannot be placed: {fault.message}", [fault.place] if fault.place else ())
    if not years:
        return not_applicable("the window has no surplus")
    most, hostile = (
        Fraction(ground.number("surplus.individual-max")),
        Fraction(ground.number("surplus.individual-hostile")),
    )
    evidence: list[Place] = []
    said: list[str] = []
    for year in years:
        closes = _closes(ground, year.period.name)
        own, placed = _individual_part(ground, year)
        if placed <= 0:
            return not_evidenced(f"no close places the surplus of {year.period.name} of {_said(ground, year.base)} yet")
        share = Fraction(own, placed)
        what = f"{_said(ground, own)} of {_said(ground, placed)} placed for {year.period.name} went to individuals"
        if share > most:
            text = f"{what}, {places_up(share * 100, 2)} %, more than {_percent(hostile if share > hostile else most)}"
            return (breach if share > hostile else shortfall)(text, [move.place for move in closes])
        said.append(what)
        evidence += [move.place for move in closes]
    return met(" and ".join(said), evidence)


def _individual_part(ground: Ground, year: YearSurplus) -> tuple[int, int]:
    """What a year's closes gave individuals, and all that they placed but for the non-member result, in whole units."""
    rules = ground.rules
    own = {rules.facts.roots.patronage, *(record.capital for record in rules.every(people.Member) if record.capital)}
    units = posted(rules, year.period)
    given = sum(amount for account, amount in units.items() if any(below(account, each) for each in own))
    placed = sum(amount for amount in units.values() if amount > 0)
    return given, placed - sum(step.amount for step in year.steps if step.record is None)


# -- SUR-5 -----------------------------------------------------------------------------------------------------------


@criterion(
    "SUR-5",
    "core",
    "Funds are ring-fenced and spent for their purpose",
    revolutionary="the money of each fund stands on an account of its own, and all spending has purpose, recipient and decision",
    reformist="money is missing behind a fund, or spending lacks one of them",
    hostile="a fund's money was turned to another use without a decision of the assembly",
    evidence="compute examine",
    clause="002:71; 002:73; 002:75; 002:77; 002:79",
    remedy="bring the money back, and write down what it was for, who got it and who decided",
)
def funds_are_ring_fenced(ground: Ground) -> Judgement:
    """What stands behind each fund at the window's month ends and on the day of the audit, and the window's spending."""
    day = ground.as_of
    funds = ground.rules.all_of(surplus.Fund, day)
    if not funds:
        return ground.nothing_to_judge("no fund")
    spending = list(_spending(ground))
    diverted = [(move, leg) for move, leg, fund in spending if _is_diverted(ground, move, fund)]
    if diverted:
        move, leg = diverted[0]
        said = f"{_said(ground, ground.facts.unit.nearest(leg.amount))} of {leg.account} was turned to another use"
        return breach(f"{said} on {move.date} without a decision of the assembly", [move.place])
    unbacked = _unbacked(ground, funds)
    if unbacked is not None:
        return unbacked
    evidence = [fund.place for fund in funds]
    for move, leg, fund in spending:
        lacks = _lacks(ground, move, leg, fund)
        if lacks:
            said = (
                f"spending of {_said(ground, ground.facts.unit.nearest(leg.amount))} from fund {fund.id} on {move.date}"
            )
            return shortfall(f"{said} does not say its {' or '.join(lacks)}", [move.place])
        decision = move.fields.get("decision")
        evidence += [record.place for record in ground.rules.history(decisions.Decision, str(decision))[:1]]
    funded = f"{len(funds)} funds have" if len(funds) != 1 else "the fund has"
    spent = f"{len(spending)} spendings name purpose, recipient and decision" if spending else "nothing was spent"
    return met(f"{funded} the money behind, and {spent}", evidence)


def _spending(ground: Ground) -> Iterator[tuple[Movement, Leg, surplus.Fund]]:
    """The window's debits of funds outside a close, by date and place."""
    accounts = {fund.account for fund in ground.rules.every(surplus.Fund)}
    numbers = sorted({number for account in accounts for number, _ in ground.facts.legs(account)})
    moves = (ground.facts.movements[number] for number in numbers)
    for move in sorted(moves, key=lambda move: (move.date, move.place)):
        if move.date not in ground.window or "coop-close" in move.tags:
            continue
        for leg in move.legs:
            fund = ground.rules.fund_of(leg.account, move.date)
            if leg.amount > 0 and fund is not None:
                yield move, leg, fund


def _is_diverted(ground: Ground, move: Movement, fund: surplus.Fund) -> bool:
    """Whether a debit of a fund feeds other equity, members or another fund, and the assembly has not decided it."""
    rules, roots = ground.rules, ground.facts.roots
    elsewhere = False
    for leg in move.legs:
        other = rules.fund_of(leg.account, move.date)
        if leg.amount >= 0 or (other is not None and other.id == fund.id):
            continue
        common = below(leg.account, roots.equity) or below(leg.account, roots.patronage) or leg.account in rules.wages
        elsewhere = elsewhere or other is not None or common
    decision = move.fields.get("decision")
    found = decision_of(rules, decision if isinstance(decision, str) else None, move.date)
    return elsewhere and (found is None or found.body not in (None, "assembly"))  # GOV-1 judges its votes


def _lacks(ground: Ground, move: Movement, leg: Leg, fund: surplus.Fund) -> list[str]:
    """Which of purpose, recipient and decision a spending does not state; the fund's own purpose is one."""
    fields = {**move.fields, **leg.fields}
    counter = [other.fields for other in move.legs if other is not leg]
    names = [each.get(name) for each in (fields, *counter) for name in ("recipient", "claim", "ally", "supplier")]
    feeds = any(ground.rules.fund_of(other.account, move.date) for other in move.legs if other.amount < 0)
    decision = fields.get("decision")
    lacks = [] if fields.get("purpose") or fund.purpose else ["purpose"]
    lacks += [] if move.payee or feeds or any(name not in (None, "") for name in names) else ["recipient"]
    return lacks + ([] if isinstance(decision, str) and decision in ground.rules.ids("decision") else ["decision"])


def _unbacked(ground: Ground, funds: Iterable[surplus.Fund]) -> Judgement | None:
    """That a fund has no account of money behind it, or that one held less than its funds at a month's end."""
    liquid = ground.facts.liquid
    for fund in funds:
        if ground.facts.balance(fund.account, ground.as_of) >= 0:
            continue  # nothing is in it
        if fund.backing is None:
            return shortfall(f"fund {fund.id} names no account that holds its money", [fund.place])
        if not any(below(fund.backing, account) or below(account, fund.backing) for account in liquid):
            return shortfall(
                f"{fund.backing} behind fund {fund.id} is no account of money (liquid: TRUE)", [fund.place]
            )
    for day in [*(month.ends for month in ground.months), ground.as_of]:
        behind: dict[str, list[surplus.Fund]] = {}
        for fund in ground.rules.all_of(surplus.Fund, day):
            if fund.backing is not None:
                behind.setdefault(fund.backing, []).append(fund)
        for backing, sharing in sorted(behind.items()):
            needed = sum(-_due(ground, account, day) for account in {fund.account for fund in sharing})
            short = needed - ground.facts.balance(backing, day)
            if needed > 0 and short > 0:
                amount = _said(ground, ground.facts.unit.nearest(short))
                said = f"{backing} was {amount} short on {day} of what its funds hold"
                return shortfall(said, [fund.place for fund in sharing])
    return None


def _due(ground: Ground, account: str, day: date) -> Decimal:
    """A fund's balance that money must stand behind: a close's credit has its days after the accounts are approved."""
    balance = ground.facts.balance(account, day)
    grace = timedelta(days=ALLOCATED_DAYS)
    for number, leg in ground.facts.legs(account):
        move = ground.facts.movements[number]
        if "coop-close" in move.tags and move.date <= day <= _approved(ground, move) + grace:
            balance -= leg.amount
    return balance


# -- SUR-6 -----------------------------------------------------------------------------------------------------------


@criterion(
    "SUR-6",
    "practice",
    "Funds are used and not hoarded",
    revolutionary="at least half of what funds got more than 24 months ago is spent, or reserved by a decision; strike funds "
    "are left aside",
    reformist="less than half",
    evidence="compute",
    clause="002:79",
    remedy="let the assembly spend what lies idle, or reserve it for something with a date",
)
def funds_are_used(ground: Ground) -> Judgement:
    """What each fund but the strike funds got before, and what is left of it; spending uses the oldest first."""
    day = min(ground.window.ends, ground.as_of)
    oldest = add_months(day, -OLD_MONTHS)
    funds = [fund for fund in ground.rules.all_of(surplus.Fund, day) if fund.kind != "strike"]
    got, left, evidence = Decimal(0), Decimal(0), list[Place]()
    for fund in funds:
        legs = [(ground.facts.movements[number], leg) for number, leg in ground.facts.legs(fund.account)]
        legs = [(move, leg) for move, leg in legs if move.date <= day]
        own = sum((-leg.amount for move, leg in legs if leg.amount < 0 and move.date < oldest), Decimal(0))
        if not own:
            continue
        idle = sum((amount for when, amount in unspent_credits(legs) if when < oldest), Decimal(0))
        reserved, places = _reserved(ground, fund, day)
        got, left = got + own, left + max(Decimal(0), idle - reserved)
        evidence += [fund.place, *places]
    if not got:
        return ground.nothing_to_judge(f"no allocation older than {OLD_MONTHS} months")
    share = 1 - Fraction(left) / Fraction(got)
    said = f"{places_down(share * 100, 2)} % of what funds got before {oldest} is spent or reserved"
    return met(said, evidence) if share >= USED_SHARE else shortfall(said, evidence)


def _reserved(ground: Ground, fund: surplus.Fund, day: date) -> tuple[Decimal, list[Place]]:
    """What budgets in force on a day reserve of a fund, each by a decision of the assembly, and where they stand."""
    total, places = Decimal(0), list[Place]()
    for budget in ground.rules.every(decisions.Budget):
        starts, ends = budget.starts or budget.date, budget.ends or date.max
        if budget.account is None or not below(budget.account, fund.account) or not starts <= day <= ends:
            continue
        found = adopted_by_assembly(ground.rules, budget.decision, ground.as_of)
        if isinstance(budget.amount, Amount) and found.ok and found.decision is not None:
            total += budget.amount.number
            places += [budget.place, found.decision.place]
    return total, places
