"""References of the records of audits, alliances, offices and practices: what each names must be in the books.

Of a criterion only the id is known here; what it asks for is the audit's own matter. Suppliers need no record, and
whoever facilitates a practice may be a guest: neither is looked up. A trigger is derived and has no record: what it is
called is held to the labels that a verdict gives, and to the form of a day or a pay period where it is one of a threshold.
Where a verdict leaves its labels to the machine, only the audit itself knows which triggers there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, UnknownPeriod
from coopbooks.records import alliances, audits, decisions, practices
from coopbooks.records.audits import CRITERIA
from coopbooks.records.base import Record
from coopbooks.records.fields import nearest
from coopbooks.rules.references import unknown

__all__ = [
    "JUDGED",
    "THRESHOLDS",
    "audit_reference_findings",
    "names_a_trigger",
    "of_a_threshold",
    "parts_of_trigger",
    "triggers_named",
    "unknown_trigger",
]

THRESHOLDS = frozenset({"WAG-1", "SUP-2", "SUR-2"})
"""The criteria whose crossing starts a clock without any audit."""

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])\Z")
_AUDIT = re.compile(r"[^\s,;/]+\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_TRIGGER = re.compile(r"TR-(.+)-([A-Z]{3}-\d+)\Z")
_NAMES_ONE = ("closes", "verifies", "withdraws")
_NAMES_MANY = "answers"


def audit_reference_findings(rules: Bylaws) -> list[Finding]:
    """Every audit, criterion, finding, probe, alert, ally, month and person that such a record names and nobody gives."""
    misread = {finding.place for finding in rules.facts.form_findings}  # what they lack was written, and misspelt
    found = [
        Finding(record.place, "records", f"{record.named} {fault}")
        for record in rules.facts.records
        if names_a_trigger(record)
        for name in triggers_named(record)
        for fault in _trigger(rules, name)
    ]
    return found + [
        Finding(record.place, "records", f"{record.named} {fault}")
        for kind in JUDGED
        for records in rules.facts.by_kind.get(kind, {}).values()
        for record in records
        if record.place not in misread
        for fault in _JUDGES[kind](rules, record)
    ]


# -- triggers --------------------------------------------------------------------------------------------------------


def names_a_trigger(record: Record) -> bool:
    """Whether a record answers a trigger, confirms an answer or takes one back; asked of every record of the books."""
    written = vars(record)
    return "closes" in written or _NAMES_MANY in written or "verifies" in written or "withdraws" in written


def triggers_named(record: Record) -> tuple[str, ...]:
    """The ids of the triggers that a record names."""
    written = vars(record)
    return (*(written[field] for field in _NAMES_ONE if written.get(field)), *written.get(_NAMES_MANY, ()))


def parts_of_trigger(name: str) -> tuple[str, str]:
    """What opened a trigger, an audit or the day or pay period of a threshold; and the criterion."""
    match = _TRIGGER.match(name)
    assert match is not None, "the form of records holds the id to it"
    return match[1], match[2]


def _trigger(rules: Bylaws, name: str) -> Iterator[str]:
    opened_by, criterion = parts_of_trigger(name)
    if criterion not in CRITERIA:
        yield from _criterion(criterion)
        return
    if of_a_threshold(rules, opened_by, criterion):
        return
    if opened_by not in _audits(rules):
        every = {f"TR-{audit}-{criterion}" for audit in _audits(rules)}
        yield unknown_trigger(name, every)
        return
    labels = [record.graded for record in rules.history(audits.Verdict, opened_by)]
    if labels and None not in labels:
        low = {f"TR-{opened_by}-{each}" for given in labels for each, label in (given or {}).items() if label in _LOW}
        if name not in low:
            yield unknown_trigger(name, low)


_LOW = frozenset({"reformist", "counter-revolutionary"})


def unknown_trigger(name: str, known: Iterable[str]) -> str:
    """The fault of a record that names a trigger which is none of those that are known."""
    cure = nearest(name, tuple(sorted(known))) or ": write an id that `coopbooks duties` lists"
    return f'names the trigger "{name}", which does not exist{cure}'


def of_a_threshold(rules: Bylaws, when: str, criterion: str) -> bool:
    """Whether a trigger may be of a threshold, by its day or pay period; which were crossed, only the audit knows."""
    if criterion not in THRESHOLDS:
        return False
    try:
        if _DAY.match(when):
            return bool(date.fromisoformat(when))
        return bool(rules.calendar.named(when))
    except (ValueError, UnknownPeriod):
        return False


# -- records of audits -----------------------------------------------------------------------------------------------


def _audits(rules: Bylaws) -> frozenset[str]:
    """The audits that the books tell of: an audit begins with the call of its lottery."""
    return frozenset((*rules.ids("audit"), *rules.ids("lottery-call"), *rules.ids("verdict")))


def _opening(_: Bylaws, record: Record) -> Iterator[str]:
    if not _AUDIT.match(record.id):
        yield 'has an id that no trigger can be named by: write it without spaces, commas and slashes, as "LA-2026"'


def _audit(rules: Bylaws, record: audits.Audit) -> Iterator[str]:
    yield from _opening(rules, record)
    first, last = record.window_start, record.window_end
    if first is not None and last is not None and last < first:
        yield f"looks at days until {last}, before its first day {first}: write window-end: as the last day"


def _draw(rules: Bylaws, record: Record) -> Iterator[str]:
    if record.id not in rules.ids("lottery-call"):
        yield unknown("lottery-call", record.id, rules.ids("lottery-call"))


def _of_audit(rules: Bylaws, record: Record) -> Iterator[str]:
    if record.id not in _audits(rules):
        yield unknown("audit", record.id, _audits(rules))


def _auditor(rules: Bylaws, record: audits.Auditor) -> Iterator[str]:
    if record.audit is not None and record.audit not in _audits(rules):
        yield unknown("audit", record.audit, _audits(rules))


def _verdict(rules: Bylaws, record: audits.Verdict) -> Iterator[str]:
    yield from _opening(rules, record)
    if record.id not in {*rules.ids("audit"), *rules.ids("lottery-call")}:
        yield unknown("audit", record.id, {*rules.ids("audit"), *rules.ids("lottery-call")})
    for criterion, _ in record.labels or ():
        yield from _criterion(criterion)


def _criterion(criterion: str) -> Iterator[str]:
    if criterion not in CRITERIA:
        family = sorted(known for known in CRITERIA if known[:4] == criterion[:4]) or ["SUP-2 or any other that it has"]
        cure = f"write {family[0]}" if len(family) == 1 else f"write one of {', '.join(family)}"
        yield f'names the criterion "{criterion}", which the catalogue does not have: {cure}'


def _of_criterion(rules: Bylaws, record: Record) -> Iterator[str]:
    audit, slash, criterion = record.id.rpartition("/")
    if not slash:
        yield 'does not say of which audit and criterion it is: write its id as "LA-2026/SUP-2"'
        return
    if audit not in _audits(rules):
        yield unknown("audit", audit, _audits(rules))
    yield from _criterion(criterion)


def _derogation(_: Bylaws, record: Record) -> Iterator[str]:
    yield from _criterion(record.id)
    if CRITERIA.get(record.id) == "gate":
        yield "is of a gate, which no assembly can set aside: take it out, and mend what the gate asks for"
    if record.decision is None:
        yield "sets a criterion aside without a decision: add decision: with the id of its record"


def _profile(_: Bylaws, record: audits.Profile) -> Iterator[str]:
    for criterion in record.excludes:
        yield from _criterion(criterion)
        if CRITERIA.get(criterion, "practice") != "practice":
            yield f"leaves out {criterion}, a {CRITERIA[criterion]} criterion: leave out practices only"


def _month(_: Bylaws, record: Record) -> Iterator[str]:
    if not _MONTH.match(record.id):
        yield 'has an id that is no month: write it as "2025-03"'


def _access(rules: Bylaws, record: audits.Access) -> Iterator[str]:
    yield from _month(rules, record)
    for person in record.people:
        yield from _person(rules, person)


def _delegate(rules: Bylaws, record: decisions.Delegate) -> Iterator[str]:
    if record.person is not None:
        yield from _person(rules, record.person)


def _person(rules: Bylaws, person: str) -> Iterator[str]:
    """An id with a colon is that of an auditor, who is of another organisation."""
    if ":" not in person and person not in rules.people:
        yield unknown("person", person, rules.people)


def _names(kind: str) -> Callable[[Bylaws, Record], Iterator[str]]:
    """Records whose id is that of a record of another kind."""

    def judge(rules: Bylaws, record: Record) -> Iterator[str]:
        if record.id not in rules.ids(kind):
            yield unknown(kind, record.id, rules.ids(kind))

    return judge


_JUDGES: dict[str, Callable[[Bylaws, Any], Iterator[str]]] = {
    audits.LotteryCall.KIND: _opening,
    audits.LotteryDraw.KIND: _draw,
    audits.Auditor.KIND: _auditor,
    audits.Audit.KIND: _audit,
    audits.FindingRecord.KIND: _of_criterion,
    audits.Flag.KIND: _of_criterion,
    audits.Verdict.KIND: _verdict,
    audits.Publication.KIND: _of_audit,
    audits.Response.KIND: _of_audit,
    audits.Derogation.KIND: _derogation,
    audits.Profile.KIND: _profile,
    audits.Snapshot.KIND: _month,
    audits.Access.KIND: _access,
    audits.Action.KIND: _names("finding"),
    decisions.Delegate.KIND: _delegate,
    alliances.Caucus.KIND: _names("ally"),
    alliances.Refusal.KIND: _names("ally"),
    alliances.Debrief.KIND: _names("probe"),
    practices.Solidarity.KIND: _names("alert"),
}
JUDGED = tuple(_JUDGES)
"""The kinds whose references are judged here."""
