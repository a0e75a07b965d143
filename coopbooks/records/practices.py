"""What a cooperative does on a rhythm, and the hours between an alert and its answer."""

from __future__ import annotations

from decimal import Decimal

from coopbooks.records import fields
from coopbooks.records.base import Record, Sort

RHYTHMS = (
    "mirror-shift adversary-drill war-game re-founding decompression skill-commons micro-action convergence "
    "horizon-review solidarity-drill simulation facilitator-draw"
)
"""Names of practices that a criterion of the audit asks for."""


class Practice(Record, kind="practice", sort=Sort.REPEATING):
    """One time that the practice of this name was held; never what was said there."""

    facilitator: str | None = fields.text("who led it, by id")
    format: str | None = fields.text("how it was held, in a word or two")
    after: str | None = fields.text("what it follows: the id of an action, pivot, probe or alert")
    hours_halted: Decimal | None = fields.number("hours of production that stood still for it")


class Alert(Record, kind="alert", sort=Sort.EVENT):
    """A call for help from a node of the movement, named `<node>:<date>`; `at` starts the clock."""


class Solidarity(Record, kind="solidarity", sort=Sort.REPEATING):
    """An answer to the alert of this id; `at` stops the clock."""

    what: str | None = fields.text("visible, or another word for what was done")
