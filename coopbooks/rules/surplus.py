"""Where the surplus of a year goes: the waterfall from the result to each beneficiary, every unit placed.

The years of a cooperative hang together (an uncovered loss, a part carried on), so `Surpluses` walks them in order.
All money here is whole units of the cooperative's currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property

from coopbooks.bylaws import Bylaws, Change, account_of_surplus
from coopbooks.errors import Place, UnknownPeriod
from coopbooks.periods import DAY, Period
from coopbooks.records import bylaws, surplus
from coopbooks.rows import NamedTuple
from coopbooks.rules.members import Part, member_parts, worker_parts
from coopbooks.rules.patronage import Patronage
from coopbooks.rules.result import Result, opening_debit, result_of
from coopbooks.rules.waterfall import Bases, Step, bear_loss, divide_resolutions, place_surplus

__all__ = ["Surpluses", "YearSurplus"]


class YearSurplus(NamedTuple):
    """One year's surplus and where it must go. `base` is what the steps divide; `loss_carried` is what stays open."""

    period: Period
    rule: bylaws.Surplus
    result: Result
    carried_in: int
    earlier_losses: int
    base: int
    whole: int
    steps: tuple[Step, ...]
    members: tuple[Part, ...]
    workers: tuple[Part, ...]
    unallocated: int
    changes: tuple[Change, ...]
    unplaced_before: tuple[str, ...]

    @property
    def loss_carried(self) -> int:
        """Losses that nobody bears yet, and that the next surplus covers first."""
        return max(0, -self.unallocated)

    @property
    def carried_on(self) -> int:
        """What a step to "next" leaves in the surplus account for the following year."""
        return sum(step.amount for step in self.steps if step.to == "next")

    @property
    def undecided(self) -> int:
        """What was left to a decision and is not divided yet."""
        return sum(step.amount for step in self.steps if step.to == "decision")

    @property
    def moves_money(self) -> bool:
        """Whether a close has anything to post."""
        return any(step.amount and step.to not in ("next", "decision") for step in self.steps)

    @property
    def is_loss(self) -> bool:
        """Whether the year made a loss that somebody bears: by its result, or by expenses that are owed all the same."""
        return any(isinstance(step.record, surplus.Loss) for step in self.steps)


class Surpluses:
    """The surplus of every fiscal year of one cooperative, each computed once."""

    def __init__(self, rules: Bylaws, supposed: Mapping[str, int] | None = None) -> None:
        """Nothing is computed before it is asked for.

        `supposed` are units that the result of a year is taken to be higher by (lower where below zero) than the books say.
        """
        self.rules = rules
        self._supposed = supposed or {}
        self._known: dict[str, YearSurplus] = {}
        self._patronage: dict[str, Patronage] = {}

    @cached_property
    def years(self) -> list[Period]:
        """The fiscal years that have something in them, oldest first."""
        rules, facts = self.rules, self.rules.facts
        if not facts.any_record:
            return []
        # Each of them is in order of date: its first and its last are enough.
        days = [day for day, _ in (*facts.results[:1], *facts.results[-1:])]
        days += [row.date for row in (*facts.pay[:1], *facts.pay[-1:])]
        days += [move.date for move in (*facts.movements[:1], *facts.movements[-1:])]
        days += [row.date for row in (*facts.unpriced[:1], *facts.unpriced[-1:])]
        first = rules.founded or min(days, default=None)
        if first is None:
            return []
        last = max([first, *days])
        year, years = rules.year_of(first), []
        while year.starts <= last:
            years.append(year)
            year = rules.year_of(year.ends + DAY)
        return years

    def named(self, name: str) -> Period:
        """The fiscal year of a name, which must be one of the books' years or follow them.

        Raises UnknownPeriod where it is none, or lies before the first year.
        """
        for year in self.years:
            if year.name == name:
                return year
        period = self.rules.year(name)
        if len(name) != 4:
            year_of_it = self.rules.calendar.year_of(period.ends).name
            raise UnknownPeriod(f'surplus is divided by fiscal years, and "{name}" is none: write it as "{year_of_it}"')
        if self.years and period.ends < self.years[0].starts:
            first = self.years[0].name
            raise UnknownPeriod(
                f"{name} lies before the first fiscal year of these books, {first}: ask for that or a later one"
            )
        if not self.years or period.starts > self.years[-1].ends:
            known = "the books have none yet"
            if self.years:
                first, last = self.years[0].name, self.years[-1].name
                known = f"ask for {first if first == last else f'a year from {first} to {last}'}"
            raise UnknownPeriod(f"there is nothing in the books for the fiscal year {name}: {known}")
        return period

    def of(self, name: str) -> YearSurplus:
        """The surplus of a fiscal year.

        Raises UnknownPeriod, or SurplusRefused where the rules in force cannot place it.
        """
        period = self.named(name)
        for year in self.years:
            if year.name not in self._known:
                self._known[year.name] = self._compute(year)
            if year.name == period.name:
                break
        return self._known[period.name]

    def rule(self, period: Period) -> bylaws.Surplus:
        """The `bylaw surplus` that governs a period, or all defaults where there is none."""
        found = self.rules.surplus_rule(period)
        if found is not None:
            return found
        return bylaws.Surplus(id="surplus", date=period.starts, place=self._first_place())

    def _first_place(self) -> Place:
        return self.rules.facts.written[0].place if self.rules.facts.written else Place("", 0)

    def patronage(self, period: Period) -> Patronage:
        """The figures by which a year's surplus is shared."""
        if period.name not in self._patronage:
            self._patronage[period.name] = Patronage(self.rules, period, self.rule(period))
        return self._patronage[period.name]

    def _before(self, period: Period) -> YearSurplus | None:
        place = self.years.index(period)
        return self._known[self.years[place - 1].name] if place else None

    def _compute(self, period: Period) -> YearSurplus:
        rules, rule, patronage = self.rules, self.rule(period), self.patronage(period)
        result = result_of(rules, period, rule, patronage, self._supposed.get(period.name, 0))
        before = self._before(period)
        if before is None:
            losses, carried_in = opening_debit(rules, account_of_surplus(rule, rules.facts.roots), period.starts), 0
        else:
            losses, carried_in = before.loss_carried, before.carried_on
        whole = result.total + carried_in - losses
        nonmember = min(result.nonmember, max(0, whole)) if rule.nonmember_to else 0
        bases = Bases(result=result, surplus=whole - nonmember, whole=whole, nonmember=nonmember)
        own_loss = max(0, -(result.total + carried_in))
        if own_loss:
            steps = bear_loss(rules, period, bases, patronage, own_loss)
        else:
            steps = place_surplus(rules, period, rule, bases, patronage)
            steps = divide_resolutions(rules, period, steps, patronage)
        base = whole - nonmember
        placed = sum(step.amount for step in steps if step.record is not None)
        unallocated = base - placed
        # The law of the waterfall, left on: what came in is what went out, plus what is left over.
        assert sum(step.amount for step in steps) + unallocated == base + nonmember, (period, steps)
        return YearSurplus(
            period=period,
            rule=rule,
            result=result,
            carried_in=carried_in,
            earlier_losses=losses,
            base=base,
            whole=whole,
            steps=tuple(steps),
            members=tuple(member_parts(rules, period, rule, steps, patronage)),
            workers=tuple(worker_parts(steps, patronage)),
            unallocated=unallocated,
            changes=tuple(rules.changes(period)),
            unplaced_before=tuple(self._unplaced_before(period)),
        )

    def _unplaced_before(self, period: Period) -> list[str]:
        """Earlier years whose surplus no close has placed yet, those that no step places among them."""
        closed = self.closed_periods
        earlier = [self._known[year.name] for year in self.years[: self.years.index(period)]]
        return [
            year.period.name
            for year in earlier
            if (year.moves_money or year.unallocated > 0) and year.period.name not in closed
        ]

    @property
    def closed_periods(self) -> frozenset[str]:
        """The periods for which the ledger has a `#coop-close`."""
        return frozenset(self.rules.facts.closes)

    def is_forecast(self, period: Period, as_of: date | None) -> bool:
        """Whether a period is still open: on `as_of`, or, where no day is given, by the books' last transaction."""
        if period.name in self.closed_periods:
            return False
        day = as_of or self.rules.facts.last_day
        return day is None or day <= period.ends


def promised(years: Surpluses, account: str, until: date) -> int:
    """What the rules gave an account and all below it over the periods that ended on or before a day, in units."""
    total = 0
    for year in years.years:
        if year.ends <= until:
            total += sum(
                step.amount
                for step in years.of(year.name).steps
                if step.account
                and (step.account == account or step.account.startswith(account + ":"))
                and step.amount > 0
            )
    return total
