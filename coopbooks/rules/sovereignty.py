"""How far the cooperative stands on its own: four measures of the 365 days up to a day, and one index.

Sums are fractions of the currency's smallest unit and shares are fractions, so that nothing is rounded before the index.
How accounts are known for taxes, wear and support is told in `coopbooks.rules.dependence`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Place
from coopbooks.facts import Outlay, below
from coopbooks.money import Amount
from coopbooks.periods import DAY, Period, time_between
from coopbooks.records import alliances, decisions, surplus
from coopbooks.rows import NamedTuple
from coopbooks.rules.alliances import NO_CONDITIONS, Given, gifts_of
from coopbooks.rules.decisions import adopted_by_assembly
from coopbooks.rules.dependence import WEAR, SurvivalMeasure, is_levy, is_named, span_of, survival_of

__all__ = [
    "BudgetMeasure",
    "DecisionMeasure",
    "Details",
    "Measures",
    "PivotMeasure",
    "index_of",
    "measures_of",
]

OWN_BODIES = frozenset("none assembly board committee delegate federation".split())
"""What `consulted` may name beside a member or a delegate without a voice from outside."""

FEW_DECISIONS = 6
DRILL_DAYS = 92
_HOUR = timedelta(hours=1)
_SURE = Context(prec=50, rounding=ROUND_HALF_EVEN)


class BudgetMeasure(NamedTuple):
    """What was spent and what of it rests on a decision of the assembly, in whole units."""

    share: Fraction | None
    spent: int
    decided: int
    missing: str | None
    evidence: tuple[Place, ...]


class DecisionMeasure(NamedTuple):
    """Decisions of every body: all, those taken without a voice from outside, and those that do not say.

    `upper` is the share if all that do not say were independent; `few` marks fewer than six.
    """

    share: Fraction | None
    total: int
    independent: int
    unsaid: int
    upper: Fraction | None
    few: bool
    missing: str | None
    evidence: tuple[Place, ...]


class PivotMeasure(NamedTuple):
    """Hours from a turn of events to the own statement. None in `median` and in a row is never."""

    share: Fraction | None
    median: Fraction | None
    drills: tuple[tuple[str, Fraction | None], ...]
    events: tuple[tuple[str, Fraction | None], ...]
    missing: str | None
    evidence: tuple[Place, ...]


class Details(NamedTuple):
    """The four measures with the figures that they are made of."""

    budget: BudgetMeasure
    decisions: DecisionMeasure
    survival: SurvivalMeasure
    pivot: PivotMeasure


class Measures(NamedTuple):
    """The four measures on a day as shares from 0 to 1, None without evidence, and their index from 0 to 100.

    `index` is None where a measure is; `missing` are the names of those. `details` say why, and hold all figures.
    """

    budget: Fraction | None
    decisions: Fraction | None
    survival: Fraction | None
    pivot: Fraction | None
    index: Decimal | None  # type: ignore[assignment]  # the word of the report, and a method of tuples
    missing: tuple[str, ...]
    as_of: date
    details: Details


def measures_of(rules: Bylaws, as_of: date) -> Measures:
    """The four measures and the index on a day, of what is dated up to it.

    Raises LedgerUnusable where the books name no currency.
    """
    span = span_of(rules, as_of)
    details = Details(
        _budget(rules, span), _decisions(rules, span), survival_of(rules, as_of), _pivot(rules, span, as_of)
    )
    shares = [each.share for each in details]
    missing = tuple(name for name, share in zip(Details._fields, shares, strict=True) if share is None)
    budget, taken, survival, pivot = shares
    return Measures(
        budget=budget,
        decisions=taken,
        survival=survival,
        pivot=pivot,
        index=index_of(shares),
        missing=missing,
        as_of=as_of,
        details=details,
    )


def index_of(shares: Iterable[Fraction | None]) -> Decimal | None:
    """A hundred times the fourth root of the product of four shares, to 0.1, half to even; None where one is None.

    >>> index_of([Fraction(7, 10), Fraction(3, 4), Fraction(5, 6), Fraction(4, 5)])
    Decimal('76.9')
    """
    product = Fraction(1)
    for share in shares:
        if share is None:
            return None
        product *= share
    quotient = _SURE.divide(Decimal(product.numerator), Decimal(product.denominator))
    root = _SURE.sqrt(_SURE.sqrt(quotient))
    return _SURE.quantize(_SURE.multiply(root, Decimal(100)), Decimal("0.1"))


# -- the budget ------------------------------------------------------------------------------------------------------


class _Spent(NamedTuple):
    """Something that was spent, in the books' currency; `steered` is money on conditions that no assembly has agreed to."""

    date: date
    account: str
    amount: Decimal | None
    decision: Any
    steered: bool
    place: Place | None


def _budget(rules: Bylaws, span: Period) -> BudgetMeasure:
    lines = _lines(rules, span.ends)
    # What was charged to a line before the span leaves less of it; without such a line nothing earlier matters.
    since = min([span.starts, *(line.starts or line.date for line in lines)])
    rows = list(_spending(rules, lines, span._replace(starts=since)))
    inside = [row for row in rows if row.date in span]
    unpriced = next((row for row in inside if row.amount is None), None)
    if unpriced is not None:
        why = f"{unpriced.account} was charged on {unpriced.date} in a currency without a price"
        return BudgetMeasure(None, 0, 0, why, (unpriced.place,) if unpriced.place else ())
    spent = rules.facts.unit.exact(sum((row.amount or Decimal(0) for row in inside), Decimal(0)))
    if spent <= 0:
        return BudgetMeasure(None, 0, 0, f"nothing was spent from {span.starts} to {span.ends}", ())
    decided, evidence = _decided(rules, lines, rows, span)
    decided = min(spent, max(Fraction(0), decided))
    return BudgetMeasure(decided / spent, round(spent), round(decided), None, evidence)


def _lines(rules: Bylaws, day: date) -> list[decisions.Budget]:
    """The budget lines that name an account and a sum of the books' currency; of one line the last version of a start."""
    latest: dict[tuple[str, date], decisions.Budget] = {}
    for line in rules.every(decisions.Budget):
        if line.date <= day and line.account and line.amount and line.amount.currency == rules.facts.currency:
            latest[line.id, line.starts or line.date] = line
    return list(latest.values())


def _spending(rules: Bylaws, lines: Iterable[decisions.Budget], days: Period) -> Iterator[_Spent]:
    facts = rules.facts
    bought = sorted({str(line.account) for line in lines if below(str(line.account), facts.roots.assets)})
    steered = _Steered(rules)
    for row in facts.outlays_in(days):
        if not _is_spending(rules, row, bought):
            continue
        decision = row.fields.get("decision")
        yield _Spent(row.date, row.account, row.amount, decision, steered.is_so(row), row.place)
    for account in bought:
        if not any(below(account, other) for other in bought if other != account):
            changes = (row for row in facts.flows(account) if row[0] in days)
            yield from (_Spent(day, account, amount, None, steered=False, place=None) for day, amount in changes)
    funds = {fund.account for fund in rules.every(surplus.Fund)}
    for move in (each for each in facts.movements if each.date in days):
        legs = [leg for leg in move.legs if any(below(leg.account, fund) for fund in funds)]
        if "coop-close" not in move.tags and not any(leg.amount < 0 for leg in legs):
            for leg in legs:
                decision = leg.fields.get("decision", move.fields.get("decision"))
                yield _Spent(move.date, leg.account, leg.amount, decision, steered=False, place=leg.place)


def _is_spending(rules: Bylaws, row: Outlay, bought: Iterable[str]) -> bool:
    """Money for an expense, or for a thing that stays: one from a supplier, on an account that holds no money."""
    roots, facts = rules.facts.roots, rules.facts
    if row.fields.get("in-kind") is True:
        return False
    if below(row.account, roots.expenses):
        return not is_levy(rules, row) and not is_named(row.account, WEAR)
    if not below(row.account, roots.assets) or row.account in facts.liquid or row.fields.get("disposal") is True:
        return False
    is_debit = row.amount is None or row.amount > 0
    return is_debit and "supplier" in row.fields and not any(below(row.account, account) for account in bought)


class _Steered:
    """Which spending uses an ally's money whose conditions no assembly has agreed to."""

    def __init__(self, rules: Bylaws) -> None:
        self.rules = rules
        self.by_ally: dict[str, list[Given]] = {}
        for gift in gifts_of(rules):
            if gift.conditions is not None and gift.conditions.lower() != NO_CONDITIONS:
                self.by_ally.setdefault(str(gift.row.ally), []).append(gift)

    def is_so(self, row: Outlay) -> bool:
        """Whether that is so of one posting."""
        own = self.by_ally.get(str(row.fields.get("ally")), ())
        return any(gift.row.date <= row.date and not self._agreed(gift, row.date) for gift in own)

    def _agreed(self, gift: Given, day: date) -> bool:
        named = gift.row.fields.get("decision")
        return isinstance(named, str) and adopted_by_assembly(self.rules, named, day).ok


def _decided(
    rules: Bylaws, lines: list[decisions.Budget], rows: Iterable[_Spent], span: Period
) -> tuple[Fraction, tuple[Place, ...]]:
    """What rests on an assembly's decision: postings that name one, else what a line of its budget covers.

    Each posting belongs to the line of the nearest account. A line that began before the span covers in it what is left.
    """
    named, evidence = Decimal(0), []
    before: dict[Place, Decimal] = {}
    until: dict[Place, Decimal] = {}
    by_place = {line.place: line for line in lines}
    for row in rows:
        if row.steered:
            continue
        amount = row.amount or Decimal(0)
        if isinstance(row.decision, str) and adopted_by_assembly(rules, row.decision, row.date).ok:
            if row.date in span:
                named += amount
                evidence += [row.place] if row.place else []
            continue
        line = _line_of(rules, lines, row)
        if line is not None:
            until[line.place] = until.get(line.place, Decimal(0)) + amount
            if row.date < span.starts:
                before[line.place] = before.get(line.place, Decimal(0)) + amount
    for place, spent in until.items():
        approved = by_place[place].amount
        assert isinstance(approved, Amount), "only lines with a sum are kept"
        named += min(spent, approved.number) - min(before.get(place, Decimal(0)), approved.number)
        evidence.append(place)
    return rules.facts.unit.exact(named), tuple(dict.fromkeys(evidence))


def _line_of(rules: Bylaws, lines: Iterable[decisions.Budget], row: _Spent) -> decisions.Budget | None:
    """The budget line that a posting is charged to: in its days, its decision carried by then, the account nearest."""
    fitting = [
        line
        for line in lines
        if below(row.account, str(line.account))
        and (line.starts or line.date) <= row.date <= (line.ends or rules.year_of(line.starts or line.date).ends)
        and adopted_by_assembly(rules, line.decision, row.date).ok
    ]
    return max(fitting, key=lambda line: (len(str(line.account)), line.date, line.place), default=None)


# -- decisions -------------------------------------------------------------------------------------------------------


def _decisions(rules: Bylaws, span: Period) -> DecisionMeasure:
    taken = [each for each in rules.every(decisions.Decision) if each.date in span]
    said = [each for each in taken if each.consulted is not None]
    own = sum(_is_independent(rules, each) for each in said)
    unsaid = sum(1 for each in taken if each.consulted is None and each.body != "ally")
    places = tuple(sorted(each.place for each in taken))
    if not taken:
        why = f"no decision is recorded from {span.starts} to {span.ends}"
        return DecisionMeasure(None, 0, 0, 0, None, few=True, missing=why, evidence=())
    number = len(taken)
    upper = Fraction(own + unsaid, number)
    few = number < FEW_DECISIONS
    return DecisionMeasure(Fraction(own, number), number, own, unsaid, upper, few, None, places)


def _is_independent(rules: Bylaws, decision: decisions.Decision) -> bool:
    """Whether a decision that says whom it asked asked nobody outside; advice that the law demands steers nobody."""
    if decision.body == "ally":
        return False
    if decision.consulted_kind == "statutory":
        return True
    asked = (decision.consulted or "").replace(",", " ").split()
    outside = rules.ids("ally")
    return bool(asked) and all(
        name not in outside and (name.lower() in OWN_BODIES or name in rules.people or name in rules.ids("delegate"))
        for name in asked
    )


# -- speed -----------------------------------------------------------------------------------------------------------


def _pivot(rules: Bylaws, span: Period, as_of: date) -> PivotMeasure:
    turns = sorted((each for each in rules.every(alliances.Pivot) if each.date in span), key=lambda each: each.place)
    turns.sort(key=lambda each: each.date)
    drills = tuple((each.id, _hours(each)) for each in turns if each.drill)
    events = tuple((each.id, _hours(each)) for each in turns if not each.drill)
    places = tuple(each.place for each in turns)
    if not any(each.drill and each.date > as_of - DRILL_DAYS * DAY for each in turns):
        why = f"no drill is recorded in the {DRILL_DAYS} days up to {as_of}"
        return PivotMeasure(None, None, drills, events, why, places)
    middle = _median([hours for _, hours in (*drills, *events)])
    target = rules.parameter("pivot.target-hours", as_of)
    goal = Fraction(target) if isinstance(target, Decimal) else Fraction(48)
    if middle is None:
        share = Fraction(0)
    else:
        share = Fraction(1) if middle <= goal else goal / middle
    return PivotMeasure(share, middle, drills, events, None, places)


def _hours(turn: alliances.Pivot) -> Fraction | None:
    """Hours to the own statement; None, which is never, where the two instants do not show any."""
    if turn.signal_at is None or turn.published_at is None:
        return None
    passed = time_between(turn.signal_at, turn.published_at)
    return (
        Fraction(passed // timedelta(microseconds=1), _HOUR // timedelta(microseconds=1)) if passed >= 0 * DAY else None
    )


def _median(hours: list[Fraction | None]) -> Fraction | None:
    """The middle one, of two the mean; what never came is longer than all others."""
    ordered = sorted(hours, key=lambda each: (each is None, each or 0))
    pair = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return None if pair[0] is None or pair[1] is None else (pair[0] + pair[1]) / 2
