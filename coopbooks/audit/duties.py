"""What an audit and its triggers make due, as the rows of `coopbooks.rules.duties`; and what is an error on a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from coopbooks.audit.cases import Case, cases_of
from coopbooks.audit.triggers import HOSTILE, Trigger, same_digest
from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding
from coopbooks.periods import DAY, add_months
from coopbooks.records import audits
from coopbooks.records.audits import CRITERIA
from coopbooks.records.base import Record
from coopbooks.records.fields import nearest
from coopbooks.rules.audit_references import (
    names_a_trigger,
    of_a_threshold,
    parts_of_trigger,
    triggers_named,
    unknown_trigger,
)
from coopbooks.rules.duties import Duty, Opening, Sort, duties
from coopbooks.rules.surplus import Surpluses

__all__ = [
    "GRACE_MONTHS",
    "OF_RECORDS_ALONE",
    "PUBLICATION_DAYS",
    "answers_to_nothing",
    "audit_duties",
    "in_order",
    "trigger_findings",
    "unknown_triggers",
]

PUBLICATION_DAYS = 7
"""Days to publish a verdict."""
GRACE_MONTHS = 1
"""What is added to `audit.interval` before the next audit is late."""
OF_RECORDS_ALONE = frozenset({"publication", "next-audit"})
"""Duties that days and digests decide, which every published ledger has; all others want texts and papers too."""


def audit_duties(years: Surpluses, triggers: Sequence[Trigger], as_of: date) -> list[Duty]:
    """Every duty that verdicts, thresholds and findings opened by a day. `triggers` are in their state on it."""
    return duties(years, as_of, [*_of_triggers(triggers), *_of_audits(as_of)])


def in_order(found: Iterable[Duty]) -> list[Duty]:
    """Duties from several sources, by last day."""
    return sorted(found, key=lambda duty: (duty.due, duty.duty, duty.subject))


def _of_triggers(triggers: Sequence[Trigger]) -> Iterator[Sort]:
    yield Sort(
        "rewrite",
        "what a verdict or a crossed threshold names is rewritten by the last day (bylaw trigger.days)",
        lambda _: (
            Opening(each.id, each.opened, each.last_day, each.opened_by, each.met_on, each.met_by) for each in triggers
        ),
    )
    yield Sort(
        "emergency-assembly",
        "where no rewrite came in time an emergency assembly decides on the leadership (bylaw trigger.assembly-days)",
        lambda _: (
            Opening(each.id, each.last_day + DAY, each.assembly_by, each.opened_by, each.met_on, each.met_by)
            for each in triggers
            if each.state in ("assembly-due", "assembly-held", "assembly-held-late", "defaulted")
        ),
    )
    yield Sort(
        "early-assembly",
        "a counter-revolutionary label asks for an emergency assembly at once, beside the rewrite "
        "(bylaw trigger.assembly-days)",
        lambda _: (_early(each, each.early_assembly_by) for each in triggers if each.early_assembly_by is not None),
    )


def _early(trigger: Trigger, due: date) -> Opening:
    met_on, met_by = trigger.early_assembly_on, trigger.early_assembly
    if met_on is None and trigger.state == "withdrawn":
        met_on, met_by = trigger.met_on, trigger.met_by
    return Opening(trigger.id, trigger.opened, due, trigger.opened_by, met_on, met_by)


def _publications(years: Surpluses) -> Iterator[Opening]:
    """Each signed verdict: published by the last day, with the digest that was signed."""
    for case, verdict in _signed(years.rules):
        digests = [each.report_sha256 for each in years.rules.history(audits.Verdict, case.id)]
        after = (each for each in case.publications if each.date >= verdict.date)
        shown = next((each for each in after if any(_fits(each.report_sha256, digest) for digest in digests)), None)
        due = verdict.date + timedelta(days=PUBLICATION_DAYS)
        met = (None, None) if shown is None else (shown.date, shown.place)
        yield Opening(case.id, verdict.date, due, verdict.place, *met)


def _fits(published: str | None, signed: str | None) -> bool:
    """Whether a publication may be of the report that was signed; where a digest is missing AUD-4 has the word."""
    return published is None or signed is None or same_digest(published, signed)


def _next_audits(years: Surpluses) -> Iterator[Opening]:
    """After each verdict the next one, so many months later."""
    signed = list(_signed(years.rules))
    for number, (case, verdict) in enumerate(signed):
        months = years.rules.parameter("audit.interval", verdict.date)
        assert isinstance(months, Decimal), "audit.interval is a number"
        following = signed[number + 1][1] if number + 1 < len(signed) else None
        due = add_months(verdict.date, int(months) + GRACE_MONTHS)
        met = (None, None) if following is None else (following.date, following.place)
        yield Opening(f"after {case.id}", verdict.date, due, verdict.place, *met)


def _signed(rules: Bylaws) -> Iterator[tuple[Case, audits.Verdict]]:
    """Every audit with its first verdict, in the order of the signatures."""
    cases = (case for case in cases_of(rules) if case.verdict is not None)
    found = ((case, rules.history(audits.Verdict, case.id)[0]) for case in cases)
    yield from sorted(found, key=lambda row: (row[1].date, row[0].id))


def _actions(years: Surpluses, as_of: date) -> Iterator[Opening]:
    """Each action on a finding: done, with what shows it, by the day that it names; told by a record of that day or before."""
    rules = years.rules
    for name in sorted(rules.ids(audits.Action.KIND)):
        history = [each for each in rules.history(audits.Action, name) if each.date <= as_of]
        done = next((each for each in history if each.done is not None and each.proof), None)
        due = next((each for each in history if each.due is not None), None)
        if due is not None and due.due is not None:
            met = (None, None) if done is None else (done.done, done.place)
            yield Opening(name, due.date, due.due, due.place, *met)


def _of_audits(as_of: date) -> Iterator[Sort]:
    yield Sort(
        "publication",
        f"a verdict is published at most {PUBLICATION_DAYS} days after its signature, as it was signed (criterion AUD-4)",
        _publications,
    )
    yield Sort(
        "next-audit",
        "the next verdict is signed when the months between two audits and one of grace are over (bylaw audit.interval)",
        _next_audits,
    )
    yield Sort(
        "action",
        "an action on a finding is done and shown by the day that it names (criterion AUD-5)",
        lambda years: _actions(years, as_of),
    )


# -- what is an error on a day -------------------------------------------------------------------------------------------


def trigger_findings(triggers: Iterable[Trigger], as_of: date) -> list[Finding]:
    """An error for each trigger whose emergency assembly is due or was never held, at the verdict or the posting."""
    found = []
    for each in triggers:
        if each.state == "assembly-due":
            found.append(Finding(each.opened_by, "trigger", _due(each)))
        elif each.state == "defaulted":
            found.append(Finding(each.opened_by, "trigger", _defaulted(each)))
        elif each.early_overdue(as_of):
            found.append(Finding(each.opened_by, "trigger", _missed_early(each)))
    return found


def unknown_triggers(rules: Bylaws, triggers: Iterable[Trigger], as_of: date) -> list[Finding]:
    """An error for each record that `answers_to_nothing` names."""
    return [
        Finding(record.place, "trigger", f"{record.named} {fault}")
        for record, fault in answers_to_nothing(rules, triggers, as_of)
    ]


def answers_to_nothing(rules: Bylaws, triggers: Iterable[Trigger], as_of: date) -> list[tuple[Record, str]]:
    """Each record up to a day that names a trigger which there is none of, where only the audit knows that; and the fault.

    That is so of a verdict without labels, and of a day or a pay period. A correction may have taken a crossed threshold
    back, with an answer to it in the books: that id is an error only where a clock that nothing answered is meant instead.
    """
    clocks = list(triggers)
    return [
        (record, fault)
        for record in rules.facts.records
        if record.date <= as_of and names_a_trigger(record)
        for name in triggers_named(record)
        if (fault := _names_nothing(rules, name, clocks, as_of)) is not None
    ]


def _names_nothing(rules: Bylaws, name: str, clocks: Sequence[Trigger], as_of: date) -> str | None:
    known = {each.id for each in clocks}
    opened_by, criterion = parts_of_trigger(name)
    if name in known or criterion not in CRITERIA:
        return None
    signed = [each for each in rules.history(audits.Verdict, opened_by) if each.date <= as_of]
    if signed:
        return unknown_trigger(name, known) if any(each.graded is None for each in signed) else None
    running = {each.id for each in clocks if each.criterion == criterion and each.state not in _ANSWERED}
    if not of_a_threshold(rules, opened_by, criterion) or not nearest(name, tuple(running)):
        return None
    return unknown_trigger(name, running)


_ANSWERED = frozenset({"rewritten", "verified", "withdrawn"})


def _named(trigger: Trigger) -> str:
    return f"{trigger.id} ({trigger.criterion}, {trigger.label}, of {trigger.opened})"


def _why(trigger: Trigger) -> str:
    """Why what was meant as an answer is none, on one line."""
    return " (" + " ".join("; ".join(trigger.notes).split()) + ")" if trigger.notes else ""


def _record(trigger: Trigger) -> str:
    return (
        f'record it as `custom "coop" "assembly"` with emergency: TRUE, answers: "{trigger.id}" and outcome: with what was '
        "decided of the leadership"
    )


def _due(trigger: Trigger) -> str:
    return (
        f"{_named(trigger)} had no answer that counts by its last day {trigger.last_day}{_why(trigger)}: hold the emergency "
        f"assembly by {trigger.assembly_by}, and {_record(trigger)}"
    )


def _defaulted(trigger: Trigger) -> str:
    return (
        f"{_named(trigger)} had no answer that counts by {trigger.last_day} and no emergency assembly by "
        f"{trigger.assembly_by}, which breaks AUD-2{_why(trigger)}: hold the assembly now, and {_record(trigger)}"
    )


def _missed_early(trigger: Trigger) -> str:
    return (
        f"{_named(trigger)} asks for an emergency assembly by {trigger.early_assembly_by}, since its label is {HOSTILE}, and "
        f"none was held: hold it now, and {_record(trigger)}"
    )
