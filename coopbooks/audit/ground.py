"""What every criterion sees: the books up to the day of the audit, its window, its parameters, the audits before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

from coopbooks.audit.judgement import Judgement, met, not_evidenced
from coopbooks.errors import Finding, Place
from coopbooks.money import Amount
from coopbooks.periods import Period
from coopbooks.records import audits
from coopbooks.records.base import Record
from coopbooks.rules.surplus import Surpluses

if TYPE_CHECKING:
    from coopbooks.audit.cases import Case
    from coopbooks.audit.profiles import ProfileInForce
    from coopbooks.audit.triggers import Trigger

__all__ = ["Ground", "History"]

R = TypeVar("R", bound=Record)


class History(Protocol):
    """The audits before the one that is judged, and what became of their triggers by the day of this one."""

    @property
    def earlier(self) -> Sequence[Case]:
        """The signed audits before this one, oldest first."""
        ...

    def triggers(self) -> Sequence[Trigger]:
        """Every trigger opened by then, of earlier verdicts and of thresholds, each in its state on that day."""
        ...

    def outcome_of(self, case: Case, criterion: str) -> str:
        """The outcome that a criterion had in an earlier audit, the panel's findings included."""
        ...


class Ground:
    """The ground on which one audit stands.

    Its facts end with the day of the audit (`Facts.until`): no record or posting dated later is in them, so no criterion
    has to look at dates for that.
    """

    def __init__(
        self,
        years: Surpluses,
        window: Period,
        as_of: date,
        *,
        findings: Iterable[Finding] | Callable[[], Iterable[Finding]] = (),
        profile: ProfileInForce,
        history: History,
        case: Case | None = None,
    ) -> None:
        """`findings` are all errors of the books up to `as_of`, Beancount's own and ours, as `check` shows them.

        They may be a function that finds them, which is called when the first criterion asks.
        """
        self.years, self.rules, self.facts = years, years.rules, years.rules.facts
        self.as_of, self.case, self.profile, self.history = as_of, case, profile, history
        self.asked = window
        self._findings = findings

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The errors of the books up to the day of the audit."""
        return tuple(self._findings() if callable(self._findings) else self._findings)

    @cached_property
    def window(self) -> Period:
        """The days that are judged: those that the audit names, and none before the founding day."""
        founded = self.rules.founded
        if founded is not None and self.asked.starts < founded <= self.asked.ends:
            return self.asked._replace(starts=founded)
        return self.asked

    def number(self, name: str) -> Decimal:
        """A parameter that is a number or a share; see `parameter`."""
        value = self.parameter(name)
        assert isinstance(value, Decimal), name
        return value

    def parameter(self, name: str) -> Decimal | Amount | None:
        """A parameter as this audit takes it: the setting of the window's first day, or a stricter one set inside it.

        A loosened one counts only from the next window. A profile's own setting is a floor under that.
        """
        return self.profile.parameter(self.rules, name, self.window)

    # -- the calendar of the window ----------------------------------------------------------------------------------

    @cached_property
    def months(self) -> tuple[Period, ...]:
        """The whole calendar months of the window that are over, oldest first; the founding month counts as whole."""
        return tuple(self._whole("month"))

    @cached_property
    def quarters(self) -> tuple[Period, ...]:
        """The fiscal quarters of the window that are over, oldest first; the founding quarter counts as whole."""
        return tuple(self._whole("quarter"))

    @cached_property
    def fiscal_years(self) -> tuple[Period, ...]:
        """The fiscal years that end in the window and are over, oldest first."""
        return tuple(self._whole("year"))

    def _whole(self, sort: str) -> Iterable[Period]:
        for period in self.rules.calendar.touched(self.window, sort):
            if period.ends <= self.window.ends and period.ends < self.as_of:
                yield period._replace(starts=max(period.starts, self.window.starts))

    def inside(self, cls: type[R]) -> list[R]:
        """The records of a class that are dated in the window, in order of date and place."""
        found = (record for record in self.rules.every(cls) if record.date in self.window)
        return sorted(found, key=lambda record: (record.date, record.place))

    # -- evidence ----------------------------------------------------------------------------------------------------

    @cached_property
    def snapshots(self) -> dict[str, audits.Snapshot]:
        """The first snapshot of each month, by the month's name (2025-03)."""
        found: dict[str, audits.Snapshot] = {}
        for record in sorted(self.rules.every(audits.Snapshot), key=lambda record: (record.date, record.place)):
            found.setdefault(record.id, record)
        return found

    def shown(self, month: Period) -> audits.Snapshot | None:
        """The snapshot that shows what stood in the books of a month; none that was taken when nobody could know any more.

        That is more than twice books.days after the month: twelve snapshots of one evening show nothing of a year.
        """
        taken = self.snapshots.get(month.name)
        return (
            taken if taken and taken.date <= month.ends + timedelta(days=2 * int(self.number("books.days"))) else None
        )

    @cached_property
    def window_snapshots(self) -> tuple[Place, ...]:
        """Where the snapshots of the window's months stand."""
        return tuple(self.snapshots[month.name].place for month in self.months if month.name in self.snapshots)

    def nothing_to_judge(self, what: str = "none") -> Judgement:
        """An empty population: met on the evidence of the window's snapshots, without all of them not evidenced."""
        missing = [month.name for month in self.months if month.name not in self.snapshots]
        if missing or not self.months:
            of_what = f"the snapshot of {missing[0]}" if missing else "a whole month in the window"
            return not_evidenced(f"{what} in the window, but {of_what} is missing, so nobody can show that it is so")
        return met(f"{what} in the window", self.window_snapshots)
