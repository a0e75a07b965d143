"""By what members and workers share: hours, wages, equal parts, capital, or a weighted mix; minimum and maximum."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from coopbooks.bylaws import Bylaws
from coopbooks.errors import NothingToShareBy, Place, SurplusRefused
from coopbooks.facts import below
from coopbooks.money import places_half_up, places_up
from coopbooks.periods import DAY, Period
from coopbooks.records import bylaws, people, surplus
from coopbooks.records.base import Record
from coopbooks.rules.balances import closes_of
from coopbooks.rules.capital import subscription_account
from coopbooks.rules.work import Work, WorkBook

__all__ = ["Patronage", "Sharing", "capped"]

Figures = dict[str, Fraction]


_FIGURES = {
    "hours": "hours",
    "wages": "wages",
    "equal": "equal parts",
    "capital": "capital",
    "weighted": "weights",
}
_CURES = {
    "hours": "post pay with hours:",
    "wages": "post pay",
    "equal": "add member records",
    "capital": "add capital: to the member records",
    "weighted": "post pay with hours:, or add contribution records",
}


class Sharing(Protocol):
    """What of a step says who shares it and how: an allocation or a resolution."""

    @property
    def by(self) -> str:
        """How it is shared."""
        ...

    @property
    def place(self) -> Place:
        """Where it stands."""
        ...

    @property
    def named(self) -> str:
        """What a sentence calls it."""
        ...


class Patronage:
    """The figures by which one period's surplus is shared, from pay, contributions and capital accounts."""

    def __init__(self, rules: Bylaws, period: Period, rule: bylaws.Surplus) -> None:
        """`rule` is the `bylaw surplus` that governs the period."""
        self.rules, self.period, self.rule = rules, period, rule
        self._books: dict[str, dict[str, Work]] = {}
        self._figures: dict[tuple[str, bool], Figures] = {}

    # -- figures -----------------------------------------------------------------------------------------------------

    def work(self, whose: str) -> dict[str, Work]:
        """Work of the period: as a "member", or of "all"; pay and hours of the kinds that count as patronage."""
        if whose not in self._books:
            status = "member" if whose == "member" else None
            since = None if whose == "hired" else self.rules.founded
            book = WorkBook.of(self.rules, "year", self.rule.count, status, since)
            self._books[whose] = book.by_period.get(self.rules.calendar.named(self.period.name), {})
        return self._books[whose]

    def _work_of(self, everyone: bool) -> dict[str, Work]:
        if everyone:
            return self.work("all")
        if self.rule.patronage_from == "hire":
            members = set(self.rules.members_during(self.period))
            return {person: work for person, work in self.work("hired").items() if person in members}
        return self.work("member")

    def figures(self, by: str, everyone: bool = False) -> Figures:
        """Each one's figure: hours, pay, 1 each, capital, or the weighted sum. `everyone`: workers share too."""
        by = self.rule.patronage if by == "patronage" else by
        if (by, everyone) not in self._figures:
            self._figures[by, everyone] = self._figures_by(by, everyone)
        return self._figures[by, everyone]

    def _figures_by(self, by: str, everyone: bool) -> Figures:
        if by == "equal":
            figures = {person: Fraction(1) for person in self._present(everyone)}
        elif by == "hours":
            figures = {person: Fraction(work.hours) for person, work in self._work_of(everyone).items()}
        elif by == "wages":
            figures = {person: Fraction(work.pay) for person, work in self._work_of(everyone).items()}
        elif by == "capital":
            figures = {person: self.capital(person, "closing") for person in self._holders()}
        else:
            figures = self._weighted(everyone)
        if self.rule.takes_part == "at-close":
            present = frozenset(self._present(everyone))
            figures = {person: each for person, each in figures.items() if person in present}
        return figures

    def _present(self, everyone: bool) -> list[str]:
        """Who is a member (or works here at all) on the period's last day."""
        found = []
        for person in self.rules.people:
            status = self.rules.person(person, self.period.ends)
            if status is not None and (status.status == "member" or (everyone and status.status is not None)):
                found.append(person)
        return sorted(found)

    def _weighted(self, everyone: bool) -> Figures:
        total: Figures = {}
        for name, weight in self.rule.weights:
            figures = self._named(name, everyone)
            whole = sum(figures.values(), Fraction(0))
            if self.rule.weigh == "share" and whole == 0:
                continue  # a name that nobody has drops out
            for person, each in figures.items():
                part = each / whole if self.rule.weigh == "share" else each
                total[person] = total.get(person, Fraction(0)) + Fraction(weight) * part
        return total

    def _named(self, name: str, everyone: bool) -> Figures:
        if name in ("hours", "wages", "equal"):
            return self.figures(name, everyone)
        figures: Figures = {}
        for record in self.rules.every(surplus.Contribution):
            if record.of == name and record.period == self.period.name:
                figures[record.id] = figures.get(record.id, Fraction(0)) + Fraction(record.value)
        return figures

    # -- capital -----------------------------------------------------------------------------------------------------

    def _holders(self) -> list[str]:
        return sorted({member.id for member in self.rules.every(people.Member) if member.capital})

    def capital(self, person: str, on: str) -> Fraction:
        """A member's paid-up capital in the currency: at the period's opening, its close, or on average of its days.

        The period's own close is left out: else the first close would change what the next look at it finds.
        """
        accounts = {member.capital for member in self.rules.history(people.Member, person) if member.capital}
        accounts.add(subscription_account(self.rules, person))  # a debit there is what is still to be paid
        flows = [flow for account in accounts for flow in self.rules.facts.flows(account)]
        flows += [
            (move.date, -leg.amount)
            for move in closes_of(self.rules, self.period)
            for leg in move.legs
            if any(below(leg.account, account) for account in accounts)
        ]

        def at(day: date) -> Decimal:
            return -sum((amount for when, amount in flows if when <= day), Decimal(0))

        if on == "opening":
            return Fraction(at(self.period.starts - DAY))
        if on == "closing":
            return Fraction(at(self.period.ends))
        total = Fraction(at(self.period.starts - DAY)) * self.period.days
        for when, amount in flows:
            if when in self.period:
                total -= Fraction(amount) * ((self.period.ends - when).days + 1)
        return total / self.period.days

    def interest(self, record: surplus.Allocation, rate: Fraction) -> Figures:
        """What a step with `by: "capital"` and a `rate` gives each one, exact, in the currency."""
        whole = {person: rate * self.capital(person, record.on) for person in self._holders()}
        return {person: each for person, each in whole.items() if each > 0}

    # -- who takes part, and with which share ------------------------------------------------------------------------

    def shares(self, step: Sharing, everyone: bool) -> Figures:
        """The weights by which a step is shared: figures, less those who take no part, with the maximum applied.

        Raises SurplusRefused where every figure is zero or one is negative.
        """
        by = self.rule.patronage if step.by == "patronage" else step.by
        if by == "weighted" and not self.rule.weights:
            raise SurplusRefused(
                f"{step.named} shares by weights, but the bylaw surplus of {self.period.name} has none: add weights: "
                '"hours:0.7 wages:0.3" to it',
                step.place,
            )
        figures = self.figures(step.by, everyone)
        for person, figure in sorted(figures.items()):
            if figure.numerator < 0:
                raise SurplusRefused(
                    f"{step.named} shares by {_FIGURES[by]}, and the figure of {person} in {self.period.name} is "
                    f"{places_half_up(figure, 2)}, below zero: mend the postings or contributions behind it",
                    step.place,
                )
        figures = {person: each for person, each in figures.items() if each.numerator > 0}
        if isinstance(step, surplus.Allocation):
            figures = self._eligible(figures, step)
        if step.by == "patronage" and not everyone and self.rule.minimum is not None:
            figures = {person: each for person, each in figures.items() if each >= self.rule.minimum}
        if not figures:
            whom = "workers" if everyone else "members"
            raise NothingToShareBy(
                f"{step.named} shares among {whom} by {_FIGURES[by]}, but nobody who takes part has any in "
                f"{self.period.name}: {_CURES[by]}, or choose another by:",
                step.place,
            )
        if step.by == "patronage" and not everyone and self.rule.maximum is not None:
            figures = capped(figures, Fraction(self.rule.maximum), self.rule)
        return figures

    def _eligible(self, figures: Figures, step: surplus.Allocation) -> Figures:
        """Those with the step's minimum of hours and months, weighed by seniority (Loi 78-763, art. 33)."""
        if step.minimum_hours is not None:
            work = self.work("all")
            figures = {
                person: each
                for person, each in figures.items()
                if person in work and Fraction(work[person].hours) >= step.minimum_hours
            }
        if step.minimum_months is not None:
            figures = {person: each for person, each in figures.items() if self.months(person) >= step.minimum_months}
        if step.seniority:
            figures = {person: each * self._seniority(person, step.seniority) for person, each in figures.items()}
        return {person: each for person, each in figures.items() if each > 0}

    def months(self, person: str) -> int:
        """Whole months from hire to the period's last day."""
        hired, ends = self.rules.hired(person), self.period.ends + DAY
        return (ends.year - hired.year) * 12 + ends.month - hired.month - (ends.day < hired.day)

    def _seniority(self, person: str, ladder: tuple[tuple[Decimal, Decimal], ...]) -> Fraction:
        reached = [weight for months, weight in ladder if months <= self.months(person)]
        return Fraction(reached[-1]) if reached else Fraction(0)


def capped(figures: Mapping[str, Fraction], maximum: Fraction, rule: Record) -> Figures:
    """Shares that sum to 1 of which none exceeds `maximum`; the excess is shared among the rest in proportion.

    Raises SurplusRefused where the maximum is too small for the number of members.
    """
    if maximum * len(figures) < 1:
        raise SurplusRefused(
            f"{rule.named} lets no member have more than {places_half_up(maximum, 2)} of the whole, which cannot place "
            f"it among {len(figures)}: raise maximum: to at least {places_up(Fraction(1, len(figures)), 2)}",
            rule.place,
        )
    full: set[str] = set()
    while True:
        rest = sum((each for person, each in figures.items() if person not in full), Fraction(0))
        free = 1 - maximum * len(full)
        shares = {person: maximum if person in full else each / rest * free for person, each in figures.items()}
        over = {person for person, share in shares.items() if share > maximum}
        if not over:
            return shares
        full |= over
