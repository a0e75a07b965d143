"""Records: one frozen class a kind, read from one table of fields. Form is judged here; references are a rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from coopbooks.errors import Finding, Place
from coopbooks.money import Amount
from coopbooks.parameters import PARAMETERS
from coopbooks.records import bylaws, decisions, people, surplus
from coopbooks.records.base import FREE_TO_LEAVE_OUT, PreCommitted, Record, Sort, Standing, Unjudged
from coopbooks.records.fields import PERSON_ID, nearest

__all__ = [
    "FREE_TO_LEAVE_OUT",
    "KINDS",
    "PreCommitted",
    "Record",
    "Sort",
    "Standing",
    "Unjudged",
    "bylaws",
    "decisions",
    "people",
    "read_record",
    "surplus",
]

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
        surplus.Vow,
        surplus.Decline,
        decisions.Decision,
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

UNJUDGED = frozenset(
    """
    redemption seal golden-share delegate budget redaction policy
    ally contract signal caucus pulse function refusal probe debrief pivot screening violation
    lottery-call lottery-draw auditor audit finding verdict publication flag response derogation snapshot access
    action assembly practice alert solidarity
    """.split()
)
"""Kinds that are known by name and not yet judged: their fields are kept as they are written."""

_PEOPLE = frozenset({"member", "worker", "exit", "absence"})


def read_record(
    values: list[Any], day: date, place: Place, written: Mapping[str, Any]
) -> tuple[Record | Unjudged | None, list[Finding]]:
    """Read one `custom "coop"` directive: its values after "coop", its day, place and metadata.

    Returns the record (None where it cannot be read) and a finding for everything that is wrong with its form.
    """
    form = 'a record is written `DATE custom "coop" "<kind>" "<id>"`'
    if len(values) != 2 or not all(isinstance(value, str) for value in values):
        return None, [Finding(place, "records", f"{form}, with two texts in quotes after \"coop\"")]
    kind, record_id = values
    if not record_id.strip():
        return None, [Finding(place, "records", f'{kind} has an empty id: {form}')]
    if kind in UNJUDGED:
        return Unjudged(kind, record_id, day, place, written), []
    if kind != "bylaw" and kind not in KINDS:
        known = tuple(sorted({*KINDS, *UNJUDGED, "bylaw"}))
        return None, [Finding(place, "records", f'there is no kind "{kind}"{_or_all(kind, known)}')]
    if kind in _PEOPLE and not PERSON_ID.match(record_id):
        return None, [Finding(place, "records", f'{kind} "{record_id}": a person\'s id has only a-z, 0-9 and -, as "m03"')]
    if kind == "bylaw":
        return _read_bylaw(record_id, day, place, written)
    return KINDS[kind].read(record_id, day, place, written)


def _or_all(word: str, known: tuple[str, ...]) -> str:
    return nearest(word, known) or f": the kinds are {', '.join(known)}"


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
        return None, [Finding(place, "records", f'there is no bylaw "{record_id}"{_or_all(record_id, known)}')]
    record, findings = bylaws.ParameterBylaw.read(record_id, day, place, written)
    if record is not None and (fault := _parameter_fault(parameter.sort, record.value)):  # type: ignore[attr-defined]
        return None, [*findings, Finding(place, "records", f'bylaw "{record_id}" field "value" {fault}')]
    return record, findings


def _parameter_fault(sort: str, value: Any) -> str | None:
    """What is wrong with a parameter's value, or None."""
    if sort == "amount":
        return None if isinstance(value, Amount) else "must be an amount without quotes: write it as 500.00 USD"
    from decimal import Decimal

    if isinstance(value, bool) or not isinstance(value, Decimal):
        return "must be a number without quotes"
    if sort == "share" and not 0 <= value <= 1:
        return f"must be a share between 0 and 1, not {value}: write 20 percent as 0.20"
    return None if value >= 0 else f"must not be below zero, but is {value}"
