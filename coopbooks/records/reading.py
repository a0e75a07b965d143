"""Reading a `custom "coop"` directive: which kinds there are, and the record that its fields make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from coopbooks.errors import Finding, Place
from coopbooks.parameters import PARAMETERS, Parameter
from coopbooks.records import alliances, audits, bylaws, decisions, fields, people, practices, surplus
from coopbooks.records.base import Record
from coopbooks.records.fields import PERSON_ID, Field, FormError, nearest

__all__ = ["BYLAWS", "KINDS", "read_record"]

KINDS: dict[str, type[Record]] = {
    cls.KIND: cls
    for cls in (
        people.Member,
        people.Worker,
        people.Exit,
        people.Absence,
        bylaws.Rate,
        surplus.Allocation,
        surplus.Loss,
        surplus.Resolution,
        surplus.Contribution,
        surplus.Adjustment,
        surplus.Fund,
        surplus.Redemption,
        surplus.Vow,
        surplus.Decline,
        surplus.Seal,
        decisions.Decision,
        alliances.Ally,
        alliances.Contract,
        alliances.Signal,
        alliances.Pulse,
        alliances.Caucus,
        alliances.Function,
        alliances.Refusal,
        alliances.Probe,
        alliances.Debrief,
        alliances.Pivot,
        alliances.Screening,
        alliances.Violation,
        decisions.Policy,
        decisions.GoldenShare,
        decisions.Delegate,
        decisions.Budget,
        decisions.Redaction,
        practices.Practice,
        practices.Alert,
        practices.Solidarity,
        audits.LotteryCall,
        audits.LotteryDraw,
        audits.Auditor,
        audits.Audit,
        audits.FindingRecord,
        audits.Flag,
        audits.Verdict,
        audits.Publication,
        audits.Response,
        audits.Derogation,
        audits.Snapshot,
        audits.Access,
        audits.Action,
        audits.Assembly,
        audits.Profile,
    )
}
"""The kinds that are judged, except `bylaw`, whose fields depend on its id."""

BYLAWS: dict[str, type[Record]] = {
    cls.RULE_ID: cls
    for cls in (
        bylaws.FiscalYear,
        bylaws.WageRatio,
        bylaws.Surplus,
        bylaws.Capital,
        bylaws.ExitTerms,
        bylaws.Assembly,
        bylaws.TimeZone,
        bylaws.Statute,
        bylaws.PublishMembers,
        bylaws.PublishPublic,
    )
}

_PEOPLE = frozenset({"member", "worker", "exit", "absence"})


def read_record(
    values: Sequence[Any], day: date, place: Place, written: Mapping[str, Any]
) -> tuple[Record | None, list[Finding]]:
    """Read one `custom "coop"` directive: its values after "coop", its day, place and metadata.

    Returns the record (None where it cannot be read) and a finding for everything that is wrong with its form.
    """
    fault = _heading_fault(values)
    if fault:
        return None, [Finding(place, "records", fault)]
    kind, record_id = values
    if kind == "bylaw":
        return _read_bylaw(record_id, day, place, written)
    return KINDS[kind].read(record_id, day, place, written)


def _heading_fault(values: Sequence[Any]) -> str | None:
    """What is wrong with a record's first line, or None."""
    form = 'write it as `2025-01-01 custom "coop" "member" "m03"`'
    if len(values) != 2 or not (isinstance(values[0], str) and isinstance(values[1], str)):
        return f'a record has two texts in quotes after "coop", its kind and its id: {form}'
    kind, record_id = values
    if kind != "bylaw" and kind not in KINDS:
        known = tuple(sorted({*KINDS, "bylaw"}))
        return f'there is no kind "{kind}"' + (nearest(kind, known) or f": write one of {', '.join(known)}")
    if not record_id.strip():
        return f"this {kind} has an empty id: write a name for it between the last quotes"
    if kind in _PEOPLE and not PERSON_ID.match(record_id):
        return f'{kind} "{record_id}" is no person\'s id: write it with a-z, 0-9 and - only, as "m03"'
    return None


def _read_bylaw(
    record_id: str, day: date, place: Place, written: Mapping[str, Any]
) -> tuple[Record | None, list[Finding]]:
    found = BYLAWS.get(record_id)
    if found is None:
        found = next(
            (BYLAWS[stem] for stem in ("wage-ratio", "exit") if record_id.startswith(stem + "-")),
            None,
        )
    if found is not None:
        return found.read(record_id, day, place, written)
    parameter = PARAMETERS.get(record_id)
    if parameter is None:
        known = (*BYLAWS, *PARAMETERS)
        cure = nearest(record_id, known) or f": write one of {', '.join(known)}, or a policy where nothing is computed"
        return None, [Finding(place, "records", f'there is no bylaw "{record_id}"{cure}')]
    record, findings = bylaws.ParameterBylaw.read(record_id, day, place, written)
    if record is not None:
        try:
            _read_parameter(parameter, record.value)  # type: ignore[attr-defined]
        except FormError as error:
            return None, [*findings, Finding(place, "records", f'{record.named} field "value" {error}')]
    return record, findings


def _read_parameter(parameter: Parameter, value: Any) -> None:
    """Raises FormError for a value that is not of the parameter's sort, or out of its bounds."""
    number = _PARAMETER_SORTS["whole" if parameter.whole else parameter.sort].read(value)
    least, most = parameter.least, parameter.most
    if most is not None and not least <= number <= most:
        cure = f"write at most {most}" if number > most else f"write at least {least}"
        raise FormError(f"must be between {least} and {most}, not {number}: {cure}")


_PARAMETER_SORTS: dict[str, Field] = {
    "amount": fields.amount("an amount"),
    "number": fields.number("a number"),
    "share": fields.plain_share("a share"),
    "whole": fields.integer("a whole number"),
}
