"""The audits that a ledger tells of, each with its records put together: lottery, panel, findings, verdict, publication."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from coopbooks.bylaws import Bylaws
from coopbooks.periods import DAY, Period
from coopbooks.records import audits
from coopbooks.records.base import Record
from coopbooks.rows import NamedTuple

__all__ = ["Case", "cases_of", "criterion_of", "last_closed_year"]


class Case(NamedTuple):
    """One audit. Of records that come again the last one counts; `findings` and `flags` are all, oldest first."""

    id: str
    call: audits.LotteryCall | None
    draw: audits.LotteryDraw | None
    auditors: tuple[audits.Auditor, ...]
    audit: audits.Audit | None
    findings: tuple[audits.FindingRecord, ...]
    flags: tuple[audits.Flag, ...]
    verdict: audits.Verdict | None
    publications: tuple[audits.Publication, ...]
    responses: tuple[audits.Response, ...]

    def window(self, rules: Bylaws) -> Period:
        """The days that the audit looks at; where it does not say, the last fiscal year that was over when it opened."""
        opened = self.audit or self.verdict
        assert opened is not None, "only opened audits have a window"
        usual = last_closed_year(rules, opened.date)
        starts = self.audit.window_start if self.audit else None
        ends = self.audit.window_end if self.audit else None
        if starts is None and ends is None:
            return usual
        first, last = starts or rules.year_of(ends or usual.ends).starts, ends or usual.ends
        whole = rules.calendar.year_of(last)
        name = whole.name if (first, last) == (whole.starts, whole.ends) else f"{first}/{last}"
        return Period(name, first, last)


def last_closed_year(rules: Bylaws, day: date) -> Period:
    """The last fiscal year that was over on a day."""
    return rules.year_of(rules.calendar.year_of(day).starts - DAY)


def criterion_of(record: Record) -> tuple[str, str]:
    """Audit and criterion of a finding or a flag, whose id is `<audit>/<criterion>`."""
    audit, _, criterion = record.id.rpartition("/")
    return audit, criterion


def cases_of(rules: Bylaws) -> list[Case]:
    """Every audit of the books that was opened or signed, oldest first."""
    opened = {*rules.ids("audit"), *rules.ids("verdict")}
    found = [_case(rules, case) for case in sorted(opened)]
    return sorted(found, key=lambda case: ((case.audit or case.verdict).date, case.id))  # type: ignore[union-attr]


def _case(rules: Bylaws, name: str) -> Case:
    def last(cls: type) -> object:
        return next(reversed(rules.history(cls, name)), None)

    return Case(
        id=name,
        call=last(audits.LotteryCall),  # type: ignore[arg-type]
        draw=last(audits.LotteryDraw),  # type: ignore[arg-type]
        auditors=tuple(record for record in rules.every(audits.Auditor) if record.audit == name),
        audit=last(audits.Audit),  # type: ignore[arg-type]
        findings=_in_order(record for record in rules.every(audits.FindingRecord) if criterion_of(record)[0] == name),
        flags=_in_order(record for record in rules.every(audits.Flag) if criterion_of(record)[0] == name),
        verdict=last(audits.Verdict),  # type: ignore[arg-type]
        publications=tuple(rules.history(audits.Publication, name)),
        responses=tuple(rules.history(audits.Response, name)),
    )


def _in_order(records: Iterable) -> tuple:  # type: ignore[type-arg]
    return tuple(sorted(records, key=lambda record: (record.date, record.place)))
