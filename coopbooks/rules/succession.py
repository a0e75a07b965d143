"""How records of one kind and id follow one another: none twice on a day, none that drops a field in silence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding
from coopbooks.records.base import FREE_TO_LEAVE_OUT, PreCommitted, Record, Sort, Standing, attribute
from coopbooks.records.fields import nearest, words

__all__ = ["succession_findings"]


_FOLLOWING = frozenset({"ends", "drops", "binds_from"})  # the fields that speak of what comes before or after a record


def succession_findings(rules: Bylaws) -> list[Finding]:
    """Doubled records, fields that a superseding record leaves out, and dates that cannot be."""
    findings: list[Finding] = []
    misread = {finding.place for finding in rules.facts.form_findings}  # what they leave out was written, and misspelt
    for records in rules.histories():
        alone = len(records) == 1 or records[0].SORT is Sort.REPEATING
        if alone and all(_FOLLOWING.isdisjoint(record.__dict__) for record in records):
            continue  # as with most people and vows: nothing follows on anything
        findings += _doubled(records)
        findings += [finding for finding in _left_out(records) if finding.place not in misread]
        findings += _impossible_dates(records)
    return findings


def _doubled(records: list[Record]) -> Iterator[Finding]:
    if records[0].SORT is Sort.REPEATING:
        return
    seen: dict[date, Record] = {}
    for record in records:
        first = seen.setdefault(record.date, record)
        if first is not record:
            yield Finding(
                record.place,
                "records",
                f"{record.named} stands twice on {record.date} (first at {first.place}): keep one, or change the date of one",
            )


def _left_out(records: list[Record]) -> Iterator[Finding]:
    """A superseding record states every field again, or names in `drops` what it leaves out."""
    before: Record | None = None
    for record in records:
        if isinstance(record, Standing) or hasattr(record, "drops"):
            dropped = words(getattr(record, "drops", None) or "")
            if before is not None and before.date < record.date and not _has_ended(before, record.date):
                lost = [
                    name
                    for name in before.FIELDS
                    if name in before.given and name not in record.given and name not in FREE_TO_LEAVE_OUT
                ]
                silent = [name for name in lost if name not in dropped]
                if silent and type(before) is type(record):
                    yield Finding(
                        record.place,
                        "records",
                        f"{record.named} replaces the one at {before.place} but leaves out {', '.join(silent)}: state "
                        f'{"it" if len(silent) == 1 else "them"} again, or write drops: "{" ".join([*dropped, *silent])}"',
                    )
            for name in dropped:
                if name not in record.FIELDS:
                    cure = nearest(name, tuple(record.FIELDS)) or ": take it out of drops:"
                    yield Finding(record.place, "records", f'{record.named} drops "{name}", which is no field{cure}')
            before = record


def _has_ended(record: Record, day: date) -> bool:
    ends = getattr(record, "ends", None)
    return isinstance(ends, date) and ends <= day


def _impossible_dates(records: list[Record]) -> Iterator[Finding]:
    for record in records:
        ends = getattr(record, attribute("ends"), None)
        if isinstance(ends, date) and ends <= record.date:
            yield Finding(
                record.place,
                "records",
                f"{record.named} is of {record.date} but ends on {ends}: it must end after it begins",
            )
        if isinstance(record, PreCommitted) and record.binds_from is not None and not record.decision:
            yield Finding(
                record.place,
                "records",
                f"{record.named} binds from {record.binds_from}, but no decision says so: add decision: with the id of "
                "its record, or take binds-from: out",
            )
