"""One audit as of one day: the books cut at that day, and every criterion judged when it is first asked for, and once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Protocol

from coopbooks.audit.cases import Case, cases_of
from coopbooks.audit.catalogue import CATALOGUE
from coopbooks.audit.criterion import Criterion
from coopbooks.audit.ground import Ground, History
from coopbooks.audit.judgement import Judgement, error
from coopbooks.audit.model import Result
from coopbooks.audit.panel import Bench, as_signed
from coopbooks.audit.profiles import ProfileInForce
from coopbooks.audit.thresholds import Crossing, crossings
from coopbooks.audit.triggers import Produced, Trigger
from coopbooks.bylaws import Bylaws
from coopbooks.errors import CoopbooksError, Finding
from coopbooks.facts import Facts
from coopbooks.periods import Period
from coopbooks.records import audits
from coopbooks.rules.check import findings_of
from coopbooks.rules.surplus import Surpluses

__all__ = ["Day", "Hearing", "Turn", "judged"]

Turn = tuple[date, str]
"""Where an audit stands among the others: the day of its first signature, and its id."""


class Day:
    """The books as they were at the end of one day."""

    def __init__(self, facts: Facts, day: date, errors: Sequence[Finding]) -> None:
        """`errors` are Beancount's own up to that day."""
        self.facts, self.day, self._errors = facts, day, errors
        self.rules = Bylaws(facts)
        self.years = self.rules.memo["surpluses"] = Surpluses(self.rules)  # where `check` looks for them

    @cached_property
    def cases(self) -> list[Case]:
        """Every audit that was opened or signed by then, oldest first."""
        return cases_of(self.rules)

    @cached_property
    def signed(self) -> list[Case]:
        """Those with a verdict, in the order of their first signatures."""
        return sorted((case for case in self.cases if case.verdict is not None), key=self.turn)

    def case(self, name: str) -> Case:
        """The audit of an id that is known to stand."""
        return next(case for case in self.cases if case.id == name)

    def turn(self, case: Case) -> Turn:
        """Where a signed audit stands among the others; signing it again does not move it."""
        return self.rules.history(audits.Verdict, case.id)[0].date, case.id

    @cached_property
    def crossings(self) -> list[Crossing]:
        """The thresholds that were crossed by then."""
        return crossings(self.years)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All errors of the books, Beancount's own and ours."""
        return (*self._errors, *findings_of(self.facts, known=self.rules))


class Hearings(Protocol):
    """What a hearing asks for beside its own books: the books of other days, and the other audits."""

    @property
    def dates(self) -> Mapping[object, date]:
        """The day of every record and posting, by its place."""
        ...

    def on(self, day: date) -> Day:
        """The books as they were at the end of a day."""
        ...

    def signed(self, day: Day, case: Case) -> Hearing:
        """A signed audit as it was judged on the day of its verdict."""
        ...

    def hearing(self, day: Day, case: Case | None, window: Period, profile: ProfileInForce, turn: Turn) -> Hearing:
        """One audit as of one day."""
        ...

    def triggers_of(self, day: Day, signed: Sequence[Case]) -> list[Trigger]:
        """The triggers of some signed audits, and of every threshold, in their state on a day."""
        ...


class Hearing(History):
    """One audit as of one day. Its history are the audits whose turn came before, and no others."""

    def __init__(
        self, course: Hearings, day: Day, case: Case | None, window: Period, profile: ProfileInForce, turn: Turn
    ) -> None:
        """Nothing is judged before it is asked for. Where `day` is that of the verdict, the labels are the signed ones."""
        self.course, self.day, self.case, self.window, self.turn = course, day, case, window, turn
        verdict = None if case is None else case.verdict
        self.verdict = verdict if verdict is not None and verdict.date == day.day else None
        self.profile = profile
        self.ground = Ground(
            day.years, window, day.day, findings=lambda: day.findings, profile=profile, history=self, case=case
        )
        self.bench = Bench(day.rules, case, profile, day.day, signed=self.verdict is not None)
        self._results: dict[str, Result] = {}

    def result(self, criterion: str) -> Result:
        """The result of a criterion as it is judged, whatever a verdict has written down."""
        if criterion not in self._results:
            declared = CATALOGUE[criterion]
            machine = judged(declared, self.ground)
            self._results[criterion] = self.bench.result(declared, machine, lambda: self._missed_before(criterion))
        return self._results[criterion]

    def signed(self, criterion: str) -> Result:
        """The result of a criterion with the label that the verdict gave it, where one is signed."""
        result = self.result(criterion)
        return result if self.verdict is None else as_signed(result, self.verdict)

    def below_met(self) -> list[Result]:
        """What a signed verdict labels below revolutionary; only that is judged where the verdict has its labels."""
        labels = None if self.verdict is None else self.verdict.labels
        asked = CATALOGUE if labels is None else [name for name, _ in labels if name in CATALOGUE]
        return [result for result in map(self.signed, asked) if result.below_met]

    def _missed_before(self, criterion: str) -> bool:
        before = self.earlier[-1:]
        return bool(before) and self.course.signed(self.day, before[0]).signed(criterion).missing

    def evidenced(self, criterion: str, day: date) -> Produced | None:
        """What shows a criterion on a later day, over the same window, that nothing showed on this one."""
        assert self.case is not None, "only a signed audit opens triggers"
        later = self.course.on(day)
        found = self.course.hearing(later, later.case(self.case.id), self.window, self.profile, self.turn).result(
            criterion
        )
        if found.missing or found.outcome in ("not-evidenced", "error"):
            return None
        known = {*self.result(criterion).evidence}
        new = [(self.course.dates.get(place, day), place) for place in found.evidence if place not in known]
        if found.finding is not None:
            new.append((found.finding.date, found.finding.place))
        if not new:
            return Produced(day, self.verdict.place if self.verdict is not None else found.evidence[0])
        return Produced(*min(new))

    # -- what criteria ask of the audits before ------------------------------------------------------------------------

    @property
    def earlier(self) -> Sequence[Case]:
        """The signed audits before this one, oldest first."""
        return self._earlier

    @cached_property
    def _earlier(self) -> list[Case]:
        return [case for case in self.day.signed if self.day.turn(case) < self.turn]

    def triggers(self) -> Sequence[Trigger]:
        """Every trigger of those audits and of thresholds, in its state on this day."""
        return self._triggers

    @cached_property
    def _triggers(self) -> list[Trigger]:
        return self.course.triggers_of(self.day, self.earlier)

    def outcome_of(self, case: Case, criterion: str) -> str:
        """The outcome that a criterion had in an earlier audit, as it was signed."""
        return self.course.signed(self.day, self.day.case(case.id)).signed(criterion).outcome


def judged(criterion: Criterion, ground: Ground) -> Judgement:
    """What a criterion says; what keeps it from saying anything is an error of that one criterion, never of the audit."""
    try:
        return criterion.judge(ground)
    except CoopbooksError as fault:
        return error(fault.message, () if fault.place is None else (fault.place,))
    except Exception as fault:  # noqa: BLE001  # one criterion that fails must not keep the other fifty-two from being judged
        return error(f"it could not be judged, since its own computation failed ({type(fault).__name__})")


def dates_of(facts: Facts) -> Mapping[object, date]:
    """The day of everything in the books that has a place of its own."""
    found: dict[object, date] = {row.place: row.date for row in facts.written}
    for rows in (facts.asserted, facts.movements, facts.outlays, facts.pay, facts.gifts):
        found.update((row.place, row.date) for row in rows)
    found.update(((row.file, row.entry), row.date) for row in facts.outlays)  # a Place is its file and line
    return found
