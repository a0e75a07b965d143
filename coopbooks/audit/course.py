"""The course of an audit: from the facts of the books to its results, its verdict and its triggers.

`Course(facts, errors).audit(day)` chooses the audit that is shown, cuts the books at the day on which it is judged, judges
every criterion once, lays findings, flags and derogations over that, and grades. The audits before are heard in the same
way on the day of their own verdict, and only as far as something asks for them; each looks at earlier ones only, so it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property

from coopbooks.audit import grading
from coopbooks.audit.cases import Case, cases_of, last_closed_year
from coopbooks.audit.catalogue import CATALOGUE, VERSION, catalogue_sha256
from coopbooks.audit.duties import answers_to_nothing
from coopbooks.audit.hearing import Day, Hearing, Turn, dates_of
from coopbooks.audit.model import Assurance, Audit, Ignored, Result
from coopbooks.audit.panel import LABELS, dissent_of, seats_of
from coopbooks.audit.profiles import FULL, ProfileInForce, profile_named, profile_of_file
from coopbooks.audit.thresholds import with_thresholds
from coopbooks.audit.triggers import Trigger, terms_of, verdict_triggers
from coopbooks.bylaws import Bylaws
from coopbooks.errors import CoopbooksError, Finding, UnknownName, UnknownPeriod
from coopbooks.facts import Facts
from coopbooks.periods import Period
from coopbooks.records import audits
from coopbooks.records.base import Record

__all__ = ["Course"]

DAYS_KEPT = 16
"""So many days are remembered from one question to the next; a single audit looks at a few."""


class Course:
    """All audits of one set of books. Holds what was judged already; the books are not changed."""

    def __init__(self, facts: Facts, errors: Iterable[Finding] = (), federation: Facts | None = None) -> None:
        """`errors` are Beancount's own; `federation` are the records of a federation's file, which has its profile."""
        self.facts, self.errors = facts, tuple(errors)
        self.federation = federation
        self._days: dict[date, Day] = {}
        self._hearings: dict[tuple[object, ...], Hearing] = {}

    def audit(
        self, as_of: date, *, profile: str | None = None, audit: str | None = None, period: str | None = None
    ) -> Audit:
        """The audit of an id, the preliminary one of a fiscal year, or the one that stands to be shown on a day.

        `profile` is starter, full or the id of a profile record, for a year that no audit was opened for: an opened one
        has its own. Raises UnknownName, UnknownPeriod, or LedgerUnusable for a profile that asks for what none may.
        """
        self._make_room()
        day = self.on(as_of)
        case, window = _shown(day, audit, period)
        chosen = self._profile(day, case, profile)
        if case is not None and case.verdict is not None:
            hearing = self.signed(day, case)
        else:
            hearing = self.hearing(day, case, window, chosen, (date.max, "" if case is None else case.id))
        return self._audit(hearing, as_of)

    def signing(self, audit: str, day: date) -> Audit:
        """The audit of an id as it is signed on a day, whatever the books say of its verdict and its publication.

        What it comes to does not depend on whether the verdict stands in the ledger already. Raises as `audit` does.
        """
        opened = next((case for case in self.on(day).cases if case.id == audit), None)
        if opened is None or opened.audit is None:
            raise UnknownName(_no_audit(audit, self.on(day)))
        own = [record for cls in _OF_THE_SIGNATURE for record in self.whole.history(cls, audit)]
        signed = audits.Verdict(id=audit, date=day, place=opened.audit.place, verdict="reformist")  # no place yet
        course = Course(self.facts.revised(own, [signed]), self.errors, self.federation)
        return course.audit(day, audit=audit)._replace(stated=None)

    def triggers(self, as_of: date) -> tuple[Trigger, ...]:
        """Every trigger that was opened by a day, of verdicts and of thresholds, each in its state on that day."""
        self._make_room()
        return self._triggers_on(as_of)

    def _make_room(self) -> None:
        """A server is asked for any day that a visitor writes: what was judged for many questions before is let go."""
        if len(self._days) > DAYS_KEPT:
            self._days.clear()
            self._hearings.clear()

    # -- the steps ---------------------------------------------------------------------------------------------------

    def _audit(self, hearing: Hearing, as_of: date) -> Audit:
        """The audit of a hearing, its triggers as they stand on a day."""
        day, ground, case, profile = hearing.day, hearing.ground, hearing.case, hearing.profile
        results = tuple(hearing.signed(criterion) for criterion in CATALOGUE)
        clocks = self._triggers_on(as_of)
        verdict = grading.verdict(results, ground.number("core.breach-limit"), ground.number("practice.tolerance"))
        return Audit(
            catalogue=VERSION,
            catalogue_sha256=catalogue_sha256(),
            profile=profile.id,
            profile_sha256=profile.sha256,
            id=None if case is None else case.id,
            window=ground.window,
            as_of=as_of,
            judged_on=day.day,
            status="preliminary" if hearing.verdict is None else "signed",
            verdict=verdict,
            stated=None if hearing.verdict is None else LABELS[hearing.verdict.verdict],
            assurance=_assurance(hearing, results),
            results=results,
            triggers=clocks,
            settings=profile.settings(day.rules, ground.window),
            case=None if case is None else self.on(as_of).case(case.id),
            seats=() if case is None else seats_of(case, day.day),
            dissent=() if case is None else dissent_of(case, day.day),
            ignored=(
                *hearing.bench.ignored(CATALOGUE),
                *_derogations_of_nothing(day.rules),
                *_answers_to_nothing(self.whole, clocks, as_of),
            ),
        )

    def _triggers_on(self, as_of: date) -> tuple[Trigger, ...]:
        day = self.on(as_of)
        return tuple(self.triggers_of(day, day.signed))

    def triggers_of(self, day: Day, signed: Sequence[Case]) -> list[Trigger]:
        """The triggers of some signed audits, and of every threshold, in their state on a day."""
        found = [trigger for case in signed for trigger in self._opened_by(day, case)]
        return with_thresholds(self.whole, day.crossings, day.day, sorted(found, key=lambda each: each.opened))

    def _opened_by(self, day: Day, case: Case) -> list[Trigger]:
        hearing = self.signed(day, case)
        low = hearing.below_met()
        return verdict_triggers(
            self.whole,
            next(each for each in self._cases if each.id == case.id),
            {result.id: str(result.label) for result in low},
            day.day,
            terms=terms_of(self.whole, hearing.ground.window, hearing.profile),
            not_evidenced=_not_evidenced(case, low),
            evidenced=hearing.evidenced,
            derogated={
                result.id: result.derogation.until
                for result in low
                if result.derogation is not None and result.derogation.until is not None
            },
        )

    # -- what was made once --------------------------------------------------------------------------------------------

    def on(self, day: date) -> Day:
        """The books as they were at the end of a day. An error of Beancount whose day nobody can tell is one of any day."""
        if day not in self._days:
            errors = [each for each in self.errors if self.dates.get(each.place, day) <= day]
            self._days[day] = Day(self.facts.until(day), day, errors)
        return self._days[day]

    def signed(self, day: Day, case: Case) -> Hearing:
        """A signed audit as it was judged on the day of its verdict."""
        assert case.verdict is not None, "only a verdict makes it signed"
        then = self.on(case.verdict.date)
        known = then.case(case.id)
        return self.hearing(then, known, known.window(then.rules), self._profile_of(then, known), day.turn(case))

    def hearing(self, day: Day, case: Case | None, window: Period, profile: ProfileInForce, turn: Turn) -> Hearing:
        """One audit as of one day; made once."""
        key = (day.day, None if case is None else case.id, window, profile.sha256, turn)
        if key not in self._hearings:
            self._hearings[key] = Hearing(self, day, case, window, profile, turn)
        return self._hearings[key]

    @cached_property
    def whole(self) -> Bylaws:
        """The rules of the whole books, whatever its date."""
        return Bylaws(self.facts)

    @property
    def dates(self) -> Mapping[object, date]:
        """The day of every record and posting, by its place."""
        return self._dates

    @cached_property
    def _dates(self) -> Mapping[object, date]:
        return dates_of(self.facts)

    @cached_property
    def _cases(self) -> list[Case]:
        return cases_of(self.whole)

    # -- profiles ----------------------------------------------------------------------------------------------------

    def _profile(self, day: Day, case: Case | None, asked: str | None) -> ProfileInForce:
        """The profile that an audit is judged by: its own where one was opened, else the one that is asked for."""
        if case is not None and case.audit is not None:
            own = case.audit.profile
            if asked is not None and asked != own:
                raise UnknownName(
                    f'audit "{case.id}" was opened with the profile {own}, not {asked}: leave the profile out, or ask for '
                    "the preliminary audit of a year"
                )
            return self._profile_named(day, own)
        if asked is None and self.federation is not None:
            return profile_of_file(Bylaws(self.federation), day.day)
        return self._profile_named(day, asked or FULL.id)

    def _profile_named(self, day: Day, name: str) -> ProfileInForce:
        if self.federation is not None:
            own = profile_of_file(Bylaws(self.federation), day.day)
            if own.id == name:
                return own
        return profile_named(day.rules, name, day.day)

    def _profile_of(self, day: Day, case: Case) -> ProfileInForce:
        """The profile of a signed audit; where nobody gives its file any more, everything is graded."""
        try:
            return self._profile_named(day, FULL.id if case.audit is None else case.audit.profile)
        except CoopbooksError:
            return FULL


_OF_THE_SIGNATURE: tuple[type[Record], ...] = (audits.Verdict, audits.Publication, audits.Response)


def _shown(day: Day, audit: str | None, period: str | None) -> tuple[Case | None, Period]:
    """Which audit is shown on a day, and its window.

    The one that is asked for; else the last that was opened and has no verdict; else a preliminary one of the last fiscal
    year, if it ended after the window of the last signed audit; else that one. Books without any get the preliminary.
    """
    rules = day.rules
    if audit is not None:
        asked = next((case for case in day.cases if case.id == audit), None)
        if asked is None:
            raise UnknownName(_no_audit(audit, day))
        return asked, asked.window(rules)
    if period is not None:
        return None, _year(day, period)
    running = [case for case in day.cases if case.verdict is None]
    if running:
        return running[-1], running[-1].window(rules)
    last, closed = day.signed[-1:], last_closed_year(rules, day.day)
    if last and closed.ends <= last[0].window(rules).ends:
        return last[0], last[0].window(rules)
    if rules.founded is not None and closed.ends < rules.founded <= day.day:
        return None, rules.year_of(rules.founded)  # its first year, as far as it has come
    return None, closed


def _year(day: Day, name: str) -> Period:
    """The fiscal year of a name, which has begun by that day. Raises UnknownPeriod for anything else."""
    found = day.rules.year(name)
    if len(name) != 4:
        year = day.rules.calendar.year_of(found.ends).name
        raise UnknownPeriod(f'an audit looks at a fiscal year, and "{name}" is none: write it as "{year}"')
    founded = day.rules.founded
    if founded is not None and found.ends < founded:
        raise UnknownPeriod(
            f"the fiscal year {name} was over before these books begin, on {founded}: ask for a later one"
        )
    if found.starts > day.day:
        raise UnknownPeriod(f"the fiscal year {name} begins on {found.starts}, after {day.day}: ask for an earlier one")
    return found


def _no_audit(audit: str, day: Day) -> str:
    known = ", ".join(case.id for case in day.cases if case.audit is not None) or "none yet"
    return f'there is no audit "{audit}" on {day.day}: the audits are {known}'


def _not_evidenced(case: Case, low: Iterable[Result]) -> frozenset[str]:
    """Of what is labelled below met, what only evidence answers: as the verdict says, where it has its labels."""
    if case.verdict is not None and case.verdict.labels is not None:
        return case.verdict.unshown
    return frozenset(result.id for result in low if result.missing or result.outcome in grading.UNSHOWN)


def _assurance(hearing: Hearing, results: Sequence[Result]) -> Assurance:
    """What the panel signed, where the verdict record says it; else what the evidence bears."""
    signed = None if hearing.verdict is None else hearing.verdict.assurance
    return _ASSURANCES[signed] if signed else grading.assurance(results)


_ASSURANCES: dict[str, Assurance] = {"full": "full", "qualified": "qualified", "insufficient": "insufficient"}


def _derogations_of_nothing(rules: Bylaws) -> list[Ignored]:
    return [
        Ignored(record.named, record.place, f"there is no criterion {record.id}")
        for record in rules.every(audits.Derogation)
        if record.id not in CATALOGUE
    ]


def _answers_to_nothing(rules: Bylaws, clocks: Sequence[Trigger], as_of: date) -> list[Ignored]:
    if rules.facts.published:
        return []  # a derived ledger lacks what opened a clock, and not what answered it
    return [
        Ignored(record.named, record.place, fault.removesuffix("?"))
        for record, fault in answers_to_nothing(rules, clocks, as_of)
    ]
