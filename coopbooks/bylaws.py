"""What was in force on a date: one function, used by every rule.

Standing records hold from their date until a later one of the same kind and id replaces them, or until `ends`.
Rules of surplus (`bylaw surplus`, `allocation`, `loss`) are pre-committed: those in force on a period's first day
govern the whole of it, whatever changes inside it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeVar

from coopbooks.errors import LedgerUnusable
from coopbooks.facts import Facts, Roots
from coopbooks.money import Amount, places_half_up
from coopbooks.parameters import PARAMETERS
from coopbooks.periods import DAY, FiscalCalendar, Period
from coopbooks.records import bylaws, people, surplus
from coopbooks.records.base import PreCommitted, Record
from coopbooks.records.fields import Figure
from coopbooks.rows import NamedTuple

__all__ = ["Bylaws", "Change", "account_of_surplus", "in_force"]

R = TypeVar("R", bound=Record)


def effective(record: Record) -> date:
    """The day from which a record binds: its date, unless `binds-from` with a decision says otherwise."""
    if isinstance(record, PreCommitted) and record.binds_from is not None and record.decision:
        return record.binds_from
    return record.date


def in_force(records: Sequence[R], day: date) -> R | None:
    """Of the records of one kind and id, the one in force on a day: the latest that binds by then and has not ended.

    A record that reaches back still replaces what was written before it; one that binds later waits for its day.
    """
    chosen: R | None = None
    replaced = date.min
    for record in records:
        begins = effective(record)
        if begins <= day and max(begins, record.date) >= replaced:
            chosen, replaced = record, max(begins, record.date)
    ends = getattr(chosen, "ends", None)
    return None if isinstance(ends, date) and ends <= day else chosen


def account_of_surplus(rule: bylaws.Surplus | None, roots: Roots) -> str:
    """The account that a rule names for the surplus, else `Surplus` below what this ledger calls Equity."""
    return rule.account if rule is not None and "account" in rule.given else f"{roots.equity}:Surplus"


class Change(NamedTuple):
    """A rule of surplus that changed inside a period: the record, and whether it reaches back over the first day."""

    record: PreCommitted
    retroactive: bool


class Status(NamedTuple):
    """What a person is from a date on: member, worker or gone (None), and the record that says so."""

    since: date
    status: str | None
    record: Record


class Bylaws:
    """The rules of one cooperative by date. Built once from facts; holds no state of its own beyond look-ups."""

    def __init__(self, facts: Facts) -> None:
        """Index the records by kind and id."""
        self.facts = facts
        # What rules have computed from these books and need again: pay by period, records by class.
        self.memo: dict[object, Any] = {}
        self._turns: dict[type[Record], list[date]] = {}
        self._by_kind = facts.by_kind

    def every(self, cls: type[R]) -> list[R]:
        """All records of a class, whenever they were in force. Made once; not to be changed."""
        found: list[R] | None = self.memo.get(cls)
        if found is None:
            by_id = self._by_kind.get(cls.KIND, {})
            found = [record for records in by_id.values() for record in records if isinstance(record, cls)]
            self.memo[cls] = found
        return found

    def history(self, cls: type[R], record_id: str) -> list[R]:
        """All records of a class and id, oldest first."""
        records = self._by_kind.get(cls.KIND, {}).get(record_id, [])
        if cls.KIND != "bylaw":
            return records  # type: ignore[return-value]  # but for bylaws a kind has one class
        return [record for record in records if isinstance(record, cls)]

    def histories(self) -> list[list[Record]]:
        """For each kind and id all its records, oldest first."""
        return [records for by_id in self._by_kind.values() for records in by_id.values()]

    def ids(self, kind: str) -> Set[str]:
        """The ids that records of a kind use."""
        return self._by_kind.get(kind, {}).keys()

    def of(self, cls: type[R], record_id: str, day: date) -> R | None:
        """The record of a class and id that is in force on a day."""
        key = (cls, record_id, self._era(cls, day))
        if key not in self.memo:
            self.memo[key] = in_force(self.history(cls, record_id), day)
        found: R | None = self.memo[key]
        return found

    def all_of(self, cls: type[R], day: date) -> Sequence[R]:
        """Every record of a class that is in force on a day, sorted by id."""
        key = (cls, None, self._era(cls, day))
        if key not in self.memo:
            found = (in_force(self.history(cls, record_id), day) for record_id in sorted(self.ids(cls.KIND)))
            self.memo[key] = [record for record in found if record is not None]
        records: list[R] = self.memo[key]
        return records

    def _era(self, cls: type[R], day: date) -> int:
        """Between two changes of any record of a class the same ones are in force; each such stretch has a number."""
        turns = self._turns.get(cls)
        if turns is None:
            days = {effective(record) for record in self.every(cls)}
            days |= {ends for record in self.every(cls) if isinstance(ends := getattr(record, "ends", None), date)}
            turns = self._turns[cls] = sorted(days)
        return bisect_right(turns, day)

    # -- the calendar ------------------------------------------------------------------------------------------------

    @cached_property
    def calendar(self) -> FiscalCalendar:
        """The fiscal years, from `bylaw fiscal-year`."""
        return FiscalCalendar([(record.date, record.ends) for record in self.every(bylaws.FiscalYear)])

    @cached_property
    def founded(self) -> date | None:
        """The founding day: that of the first `member` record."""
        return min((record.date for record in self.every(people.Member)), default=None)

    def year(self, name: str) -> Period:
        """A fiscal year by its name; the first one begins on the founding day where that is later.

        Raises UnknownPeriod where the name is no fiscal year.
        """
        return self._from_founding(self.calendar.named(name))

    def year_of(self, day: date) -> Period:
        """The fiscal year that a day is in, the first one cut at the founding day."""
        return self._from_founding(self.calendar.year_of(day))

    def _from_founding(self, year: Period) -> Period:
        if self.founded is not None and year.starts < self.founded <= year.ends:
            return year._replace(starts=self.founded)
        return year

    # -- people ------------------------------------------------------------------------------------------------------

    @cached_property
    def people(self) -> Mapping[str, list[Status]]:
        """For each person what they are from which day on, in order."""
        found: dict[str, list[Status]] = {}
        for cls, status in ((people.Exit, None), (people.Worker, "worker"), (people.Member, "member")):
            for record in self.every(cls):
                found.setdefault(record.id, []).append(Status(record.date, status, record))
                ends = getattr(record, "ends", None)
                if ends is not None:
                    found[record.id].append(Status(ends, None, record))
        for history in found.values():
            history.sort(key=lambda change: change.since)
        return found

    def person(self, person: str, day: date) -> Status | None:
        """What a person is on a day; None before their first record."""
        history = self.people.get(person, [])
        if len(history) == 1:
            return history[0] if history[0].since <= day else None
        place = bisect_right(history, day, key=lambda change: change.since)
        return history[place - 1] if place else None

    def works_as(self, person: str, day: date) -> Status | None:
        """As `person`, but after an exit what the person was before it: late pay is still that person's."""
        history = self.people.get(person, [])
        if len(history) == 1:  # most people never change
            return history[0] if history[0].since <= day else None
        for change in reversed(history):
            if change.since <= day and change.status is not None:
                return change
        return None

    def is_member(self, person: str, day: date) -> bool:
        """Whether the person is a member on that day."""
        found = self.person(person, day)
        return found is not None and found.status == "member"

    def members_during(self, period: Period) -> list[str]:
        """Everyone who was a member on at least one day of the period, sorted."""
        found = []
        for person, history in self.people.items():
            for place, change in enumerate(history):
                until = history[place + 1].since if place + 1 < len(history) else date.max
                if change.status == "member" and change.since <= period.ends and until > period.starts:
                    found.append(person)
                    break
        return sorted(found)

    @cached_property
    def wages(self) -> Mapping[str, set[str]]:
        """For each account that is somebody's gross pay, whose."""
        owners: dict[str, set[str]] = {}
        named = [(person.id, person.wages) for person in self.every(people.Member)]
        named += [(person.id, person.wages) for person in self.every(people.Worker)]
        for person, accounts in named:
            for account in accounts:
                owners.setdefault(account, set()).add(person)
        return owners

    def hired(self, person: str) -> date:
        """The day from which a person works here: `since`, or the first record."""
        history = self.people[person]
        since = [record.since for _, _, record in history if isinstance(record, people.Member) and record.since]
        return min([history[0].since, *since])

    # -- surplus -----------------------------------------------------------------------------------------------------

    def surplus_rule(self, period: Period) -> bylaws.Surplus | None:
        """The `bylaw surplus` that governs a period: the one in force on its first day."""
        return self.of(bylaws.Surplus, "surplus", period.starts)

    def allocations(self, period: Period) -> list[surplus.Allocation]:
        """The steps that govern a period, in the order of `step`, then id."""
        return sorted(self.all_of(surplus.Allocation, period.starts), key=lambda record: (record.step, record.id))

    def losses(self, period: Period) -> list[surplus.Loss]:
        """The loss records that govern a period, in the order of `step`, then id."""
        return sorted(self.all_of(surplus.Loss, period.starts), key=lambda record: (record.step, record.id))

    def changes(self, period: Period) -> list[Change]:
        """Rules of surplus written inside a period: they bind from the next one, or reach back and are named so."""
        kinds: Iterable[type[PreCommitted]] = (bylaws.Surplus, surplus.Allocation, surplus.Loss)
        later = [record for cls in kinds for record in self.every(cls) if record.date > period.starts]
        return [
            Change(record, retroactive=effective(record) <= period.starts)
            for record in later
            if effective(record) <= period.starts or record.date <= period.ends
        ]

    def capital_rule(self, day: date) -> bylaws.Capital | None:
        """The `bylaw capital` in force on a day."""
        return self.of(bylaws.Capital, "capital", day)

    @property
    def collective(self) -> str | None:
        """The first collective account of the latest `bylaw capital`, which declined parts go to."""
        rules = self.every(bylaws.Capital)
        return rules[-1].collective[0] if rules and rules[-1].collective else None

    def surplus_account(self, day: date) -> str:
        """The account that holds the surplus on a day."""
        return account_of_surplus(self.of(bylaws.Surplus, "surplus", day), self.facts.roots)

    def fund_of(self, account: str, day: date) -> surplus.Fund | None:
        """The movement fund that an account belongs to on a day: the one with the longest account."""
        matching = [
            fund
            for fund in self.all_of(surplus.Fund, day)
            if account == fund.account or account.startswith(fund.account + ":")
        ]
        return max(matching, key=lambda fund: len(fund.account), default=None)

    # -- figures -----------------------------------------------------------------------------------------------------

    def parameter(self, name: str, day: date) -> Amount | Decimal | None:
        """A parameter of the audit or of a duty on a day: the co-op's own setting, else the default."""
        record = self.of(bylaws.ParameterBylaw, name, day)
        if record is not None and isinstance(record.value, Amount | Decimal):
            return record.value
        return PARAMETERS[name].default

    def figure(self, figure: Figure, period: Period, asked_by: Record) -> Fraction:
        """The exact value of a share, interest or floor; a named rate counts by days over the period.

        Raises LedgerUnusable where a rate has no record, or none yet on one of the days.
        """
        total = Fraction(0)
        for sign, number, name in figure:
            value = Fraction(number) if number is not None else self._rate(str(name), period, asked_by)
            total += sign * value
        return total

    def share(self, figure: Figure, period: Period, asked_by: Record) -> Fraction:
        """As `figure`, for a share: between 0 and 1. Raises LedgerUnusable where rates bring it outside."""
        share = self.figure(figure, period, asked_by)
        if not 0 <= share <= 1:
            text = places_half_up(share, 6).rstrip("0").rstrip(".")
            raise LedgerUnusable(
                f"{asked_by.named} names a share that comes to {text} in {period.name}: a share lies "
                "between 0 and 1, so mend the rate that it names",
                asked_by.place,
            )
        return share

    def _rate(self, name: str, period: Period, asked_by: Record) -> Fraction:
        records = self.history(bylaws.Rate, name)
        changes = {record.date for record in records} | {record.ends for record in records if record.ends}
        turns = sorted({period.starts, *(day for day in changes if day in period)})
        total = Fraction(0)
        for place, day in enumerate(turns):
            following = turns[place + 1] if place + 1 < len(turns) else period.ends + DAY
            rate = in_force(records, day)
            if rate is None:
                raise LedgerUnusable(
                    f'{asked_by.named} names the rate "{name}", which has no value on {day}: '
                    f'add `{day} custom "coop" "rate" "{name}"` with its value',
                    asked_by.place,
                )
            total += Fraction(self._in_currency(rate)) * (following - day).days
        return total / period.days

    def _in_currency(self, rate: bylaws.Rate) -> Decimal:
        """The figure of a rate; one that is an amount must be in the currency of the books."""
        if not isinstance(rate.value, Amount):
            return rate.value
        if rate.value.currency != self.facts.currency:
            raise LedgerUnusable(
                f"{rate.named} is {rate.value}, but these books are in {self.facts.currency}: write its value in "
                f"{self.facts.currency}",
                rate.place,
            )
        return rate.value.number
