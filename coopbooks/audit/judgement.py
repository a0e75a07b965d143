"""What one criterion says of the books: an outcome, why, and the lines that it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from coopbooks.errors import Place
from coopbooks.rows import NamedTuple

__all__ = ["Judgement", "Outcome", "breach", "error", "met", "not_applicable", "not_evidenced", "pending", "shortfall"]

Outcome = Literal["met", "shortfall", "breach", "not-evidenced", "error", "not-applicable", "pending", "not-assessed"]
"""The words of a report. An `error` is a fault that keeps a criterion from being judged, and counts as not evidenced."""


class Judgement(NamedTuple):
    """The machine's outcome of one criterion: one sentence with the figures, and the places of the evidence."""

    outcome: Outcome
    reason: str
    evidence: tuple[Place, ...] = ()


def _judgement(outcome: Outcome, reason: str, evidence: Iterable[Place]) -> Judgement:
    return Judgement(outcome, reason, tuple(dict.fromkeys(evidence)))


def met(reason: str, evidence: Iterable[Place]) -> Judgement:
    """What the criterion asks for is shown by these lines. Without a line there is no evidence, and nothing is met."""
    found = _judgement("met", reason, evidence)
    return found if found.evidence else not_evidenced(reason)


def shortfall(reason: str, evidence: Iterable[Place] = ()) -> Judgement:
    """It falls short of what is asked for."""
    return _judgement("shortfall", reason, evidence)


def breach(reason: str, evidence: Iterable[Place] = ()) -> Judgement:
    """An act or a default against the cooperative's own ground; only of a gate or a core criterion."""
    return _judgement("breach", reason, evidence)


def not_evidenced(reason: str, evidence: Iterable[Place] = ()) -> Judgement:
    """Nothing in the books shows it; `reason` says what is missing."""
    return _judgement("not-evidenced", reason, evidence)


def error(reason: str, evidence: Iterable[Place] = ()) -> Judgement:
    """A fault of the books keeps it from being judged; `reason` names it."""
    return _judgement("error", reason, evidence)


def not_applicable(reason: str, evidence: Iterable[Place] = ()) -> Judgement:
    """The criterion's own test says that it does not apply; `reason` is published."""
    return _judgement("not-applicable", reason, evidence)


def pending(reason: str, evidence: Iterable[Place] = ()) -> Judgement:
    """Its last day is later than the day of the audit."""
    return _judgement("pending", reason, evidence)
