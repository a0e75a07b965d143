"""Whom the cooperative stands with, on what terms, and when it showed its members what came from them."""

from __future__ import annotations

from datetime import date

from coopbooks.records import fields
from coopbooks.records.base import Record, Sort, Standing

SORTS = "party union philanthropy state ngo supplier lender movement other"
"""What an ally may be."""


class Ally(Standing, kind="ally", sort=Sort.STANDING):
    """Somebody who gives money, goods, time or standing; a posting names it with `ally: "<id>"`."""

    name: str | None = fields.text("the name, where the books may show it")
    sort: str = fields.one_of(SORTS, "what sort of ally", default="other")
    hostile: bool = fields.flag("TRUE: it works against the cooperative", default=False)


class Contract(Standing, kind="contract", sort=Sort.STANDING):
    """The solidarity contract with the ally of this id, and which of its clauses are in it."""

    open_ledger: bool = fields.flag("TRUE: both sides open their books", default=False)
    non_interference: bool = fields.flag("TRUE: the ally has no say in what is decided here", default=False)
    assembly_supremacy: bool = fields.flag("TRUE: the assembly has the last word", default=False)
    sunset: date | None = fields.day("day on which it ends unless it is made anew")
    signed: date | None = fields.day("day on which it was signed")


class Signal(Record, kind="signal", sort=Sort.REPEATING):
    """Something that the ally of this id did and that members should know of."""

    what: str | None = fields.text("conditional-funding, contradiction, unaccountable-seat, or another word")
    evidence: str | None = fields.text("what shows it")


class Pulse(Record, kind="pulse", sort=Sort.EVENT):
    """A look at all alliances: what came from them, who depends on whom, what was said about it."""

    ledger_reveal: bool = fields.flag("TRUE: members were shown what came from allies", default=False)
    dependency_scan: bool = fields.flag("TRUE: it was asked what stops when an ally leaves", default=False)
    narrative_check: bool = fields.flag("TRUE: members said what the alliances do to the cooperative", default=False)
    narrative: str | None = fields.text("what they said")
    votes: str | None = fields.text('votes by group, as "north:strengthened=9:muddled=2:constrained=1"')
