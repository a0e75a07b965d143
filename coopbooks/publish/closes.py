"""The surplus of closed years for the public, and which of them would tell what fewer than ten people got.

The steps are linked: who knows what a fund got and its share knows the surplus, and with it what the members got. So where
too few share in one step, neither the result nor any step of that close is shown, nor what funds got from it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from coopbooks.books.bookings import Booking, source_until
from coopbooks.books.loading import Books
from coopbooks.bylaws import Bylaws
from coopbooks.errors import CoopbooksError, UnknownPeriod
from coopbooks.money import places_half_up
from coopbooks.periods import Period
from coopbooks.publish.behind import enough_or_none
from coopbooks.publish.fresh import Figure
from coopbooks.publish.ground import Cut, Ground
from coopbooks.publish.lists import BEHIND
from coopbooks.publish.pay import NONE, PaidYears
from coopbooks.publish.protected import is_close
from coopbooks.publish.records import quoted
from coopbooks.rules.surplus import Surpluses, YearSurplus
from coopbooks.rules.waterfall import Step

__all__ = ["Closes", "Sharers", "shown_of"]

Sharers = Mapping[str, frozenset[str]]
"""Who shares in what, by step; a step that nobody in particular gets is not in it."""

LEAST = BEHIND["public"]
_UNKNOWN: Sharers = {
    "unknown": frozenset({""})
}  # rules that cannot be applied say nothing of who shares: so nobody knows


def shown_of(found: Iterable[Sharers]) -> bool:
    """Whether enough people share in each step of closes that are added up, or nobody at all."""
    merged: defaultdict[str, set[str]] = defaultdict(set)
    for sharers in found:
        for step, people in sharers.items():
            merged[step] |= people
    return all(enough_or_none(people, LEAST) for people in merged.values())


class Closes:
    """Who shares in the surplus of each year of one ledger."""

    def __init__(self, ground: Ground, paid_years: Iterable[PaidYears]) -> None:
        """`ground` is the ledger on the day of publication, `paid_years` the years whose pay is published."""
        self.ground, self.rules = ground, ground.rules
        self._paid_alone = frozenset(paid.named for paid in paid_years if len(paid.years) == 1)
        self._known: dict[str, Sharers] = {}

    @cached_property
    def _years(self) -> Surpluses:
        return Surpluses(self.rules)

    def over(self) -> list[Period]:
        """The years that are over on the day of publication."""
        return [year for year in self._years.years if year.ends < self.ground.as_of]

    def sharers(self, year: Period) -> Sharers:
        """Who shares in a year's surplus, by step, and whose pay or declined part one of its figures would tell."""
        if year.name not in self._known:
            try:
                self._known[year.name] = dict(self._sharers(self._years.of(year.name)))
            except UnknownPeriod:
                self._known[year.name] = {}
            except CoopbooksError:
                self._known[year.name] = _UNKNOWN
        return self._known[year.name]

    def _sharers(self, year: YearSurplus) -> Iterator[tuple[str, frozenset[str]]]:
        for step in year.steps:
            people = frozenset(person for person, amount in step.parts.items() if amount)
            if people:
                yield f"step {step.id}", people
            if step.of == "payroll" and step.amount and year.period.name not in self._paid_alone:
                yield f"payroll of {step.id}", frozenset({year.period.name})
        yield from self._declined(year)
        if year.rule.split == "wages" and any(_of_nonmembers(step) for step in year.steps):
            yield from self._two_sides(year.period)

    def _declined(self, year: YearSurplus) -> Iterator[tuple[str, frozenset[str]]]:
        """What members give back reaches an account together with its step: the difference would be theirs."""
        given: defaultdict[str, set[str]] = defaultdict(set)
        for part in year.members:
            for account, amount in part.declined:
                if amount:
                    given[account].add(part.person)
        for account, people in given.items():
            yield f"declined to {account}", frozenset(people)

    def _two_sides(self, year: Period) -> Iterator[tuple[str, frozenset[str]]]:
        """A part of the result that follows from pay tells the pay of non-members, where the pay of all is known."""
        sides: dict[bool, set[str]] = {True: set(), False: set()}
        for row in self.rules.facts.pay:
            if row.amount and self.rules.calendar.year_of(row.date).name == year.name:
                sides[self.rules.is_member(row.person, row.date)].add(row.person)
        yield "pay of members", frozenset(sides[True])
        yield "pay of others", frozenset(sides[False])

    def of_cut(self, cut: Cut) -> Sharers:
        """Who shares in what a transaction posts: nobody, but for a close."""
        if not is_close(cut.booking):
            return {}
        people = frozenset(piece.person for piece in cut.pieces if piece.person and piece.leg.number)
        return {"close": people, **self.sharers(self.ground.year_of(cut.booking))}

    # -- figures -----------------------------------------------------------------------------------------------------

    def figures(self, books: Books, published: Iterable[tuple[Period, Booking]]) -> Iterator[Figure]:
        """The surplus of the years whose first close is in a published quarter, as the books had it on that day."""
        done: set[str] = set()
        for quarter, close in published:
            year = self.ground.year_of(close)
            if year.name in done or close.fields.get("amends") is True or not shown_of([self.sharers(year)]):
                continue
            done.add(year.name)
            try:
                known = Bylaws(source_until(books, close.date).facts)
                yield from self._figures(Surpluses(known).of(year.name), quarter)
            except CoopbooksError:
                continue

    def _figures(self, year: YearSurplus, quarter: Period) -> Iterator[Figure]:
        facts, names = self.rules.facts, self.ground.names
        if facts.currency is None:
            return
        unit, currency = facts.unit, names.unit(facts.currency)
        result, losses = unit.text(year.result.total), unit.text(year.earlier_losses)
        head = quoted(year.period.name)
        yield Figure(quarter.ends, (quoted("surplus"), head, f"{result} {currency}", f"{losses} {currency}"))
        for place, step in enumerate(year.steps, start=1):
            amount = f"{unit.text(step.amount)} {currency}"
            people = sum(1 for part in step.parts.values() if part)
            told = (quoted(self._id(step)), self._to(step), self._share(step), self._of(step))
            yield Figure(quarter.ends, (quoted("surplus-step"), head, str(place), *told, amount, str(people)))

    def _id(self, step: Step) -> str:
        kind = "allocation" if step.record is None else step.record.KIND
        return self.ground.names.id(kind, step.id)

    def _to(self, step: Step) -> str:
        return quoted(self.ground.names.of(step.to) if ":" in step.to else step.to)

    def _share(self, step: Step) -> str:
        return NONE if step.share is None else places_half_up(step.share, 6)

    def _of(self, step: Step) -> str:
        if step.of is None:
            return NONE
        word, _, other = step.of.partition(":")
        return quoted(f"step:{self.ground.names.id('allocation', other)}" if other else word)


def _of_nonmembers(step: Step) -> bool:
    return bool(step.amount) and (step.id == "nonmember" or step.of == "nonmember")
