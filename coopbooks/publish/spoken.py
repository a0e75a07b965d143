"""What passes of the texts and lists in the records of audits, alliances and practices: words and ids that the books know.

An audit of a published ledger needs who was drawn, what was found and signed, and when; it needs nobody's words. So a text
passes only where it is one of a few words, or the id of a record, and a list only where each of its items is plain.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from coopbooks.bylaws import Bylaws
from coopbooks.publish.lists import SLUG
from coopbooks.publish.names import Names
from coopbooks.records.audits import CRITERIA
from coopbooks.records.base import Record

__all__ = ["FORMS", "listed", "passing", "source"]

STATED = "stated"
"""What stands for a text that says something."""

_WORDS = {
    ("finding", "basis"): {"human"},
    ("screening", "outcome"): {"passed", "failed", "cooperative"},
    ("solidarity", "what"): {"visible"},
    ("snapshot", "audience"): {"all workers"},
    ("function", "provider"): {"internal"},
    ("function", "alternative"): {"internal"},
    ("audit", "profile"): {"starter", "full"},
    ("auditor", "conflicts"): {"none"},
    ("assembly", "outcome"): {"confirmed"},
}
_TOLD = frozenset({("auditor", "conflicts"), ("assembly", "outcome")})  # that there is a text matters, not what it says
_IDS = {
    ("audit", "profile"): "profile",
    ("function", "provider"): "ally",
    ("function", "alternative"): "ally",
    ("probe", "partner"): "ally",
}
_PEOPLE = frozenset({("delegate", "person"), ("practice", "facilitator")})
_CATALOGUE = re.compile(r"coopbooks-liberation/\d{1,3}\.\d{1,3}\Z")
_NUMBER = re.compile(r"[0-9A-Fa-f.]+\Z")  # of a lottery, a beacon, dice


FORMS = frozenset({"list", "trigger", "triggers", "votes", "criteria and labels"})
"""Sorts of field other than text whose values are judged here."""


def passing(rules: Bylaws, names: Names, record: Record, field: str) -> str | None:
    """The value of a field of text, or of one of `FORMS`, as it passes; None where it does not."""
    value, sort = getattr(record, record.NAMES[field]), record.FIELDS[field].sort
    if sort == "votes":
        return "-".join(map(str, value))
    if sort == "criteria and labels":
        return " ".join(f"{criterion}={label}" for criterion, label in value if criterion in CRITERIA)
    if sort == "trigger":
        return value if SLUG.match(value) else None
    if sort == "triggers":
        return _whole(value, [each for each in value if SLUG.match(each)])
    return listed(rules, names, field, value) if sort == "list" else _word(rules, names, (record.KIND, field), value)


def _word(rules: Bylaws, names: Names, field: tuple[str, str], value: str) -> str | None:
    if value in _WORDS.get(field, ()):
        return value
    if field in _TOLD:
        return STATED if value.strip() else None
    if field in _PEOPLE:
        return value if value in rules.people else None
    if field == ("auditor", "audit"):
        known = {*rules.ids("audit"), *rules.ids("lottery-call"), *rules.ids("verdict")}
        return names.record("audit", value) if value in known else None
    if field == ("audit", "catalogue"):
        return value if _CATALOGUE.match(value) else None
    kind = _IDS.get(field)
    return names.record(kind, value) if kind is not None and value in rules.ids(kind) else None


def listed(rules: Bylaws, names: Names, field: str, items: Sequence[str]) -> str | None:
    """The items of a list, as they pass. A pool or a draw of which one name does not pass, does not pass at all."""
    if field == "people":
        return " ".join(each for each in items if each in rules.people)
    if field == "excludes":
        return " ".join(each for each in items if each in CRITERIA)
    if field == "sources":
        return _whole(items, [each for each in items if SLUG.match(each)])
    return _whole(items, [each for each in items if names.record("auditor", each) == each])


def source(value: str) -> str | None:
    """A public number with its name, as `lotto-2026-05-02=4.8.15.`"""
    name, _, number = value.partition("=")
    return value if SLUG.match(name) and _NUMBER.match(number) else None


def _whole(items: Collection[str], passing: Sequence[str]) -> str | None:
    return " ".join(passing) if len(passing) == len(items) else None
