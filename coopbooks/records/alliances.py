"""Whom the cooperative stands with and buys from, on what terms, and what it did when they broke them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

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


class Caucus(Record, kind="caucus", sort=Sort.REPEATING):
    """The members' meeting about the ally of this id, and what came of it."""

    outcome: str | None = fields.one_of("continue suspend exit", "what was decided; none while it is open")


class Function(Standing, kind="function", sort=Sort.STANDING):
    """Something that the cooperative cannot do without, who provides it, and who else could."""

    provider: str = fields.text('id of the ally or supplier, or "internal"', default="internal")
    alternative: str | None = fields.text("who else could, as internal or another id")
    tested: date | None = fields.day("day on which the alternative was last tried")


class Refusal(Record, kind="refusal", sort=Sort.REPEATING):
    """An offer of the ally of this id that was turned down."""

    offer: str | None = fields.text("what was offered")
    condition: str | None = fields.text("the condition that was refused")
    published: date | None = fields.day("day on which it was made public")


class Probe(Record, kind="probe", sort=Sort.EVENT):
    """A tactical alliance for one purpose and a stated time."""

    partner: str | None = fields.text("with whom, by id")
    purpose: str | None = fields.text("what for")
    starts: date | None = fields.day("first day")
    ends: date | None = fields.day("last day")
    red_lines: str | None = fields.text("what ends it at once")
    messaging: str | None = fields.text("who says what in public")
    responsibilities: str | None = fields.text("who does what")
    observers: str | None = fields.text("who watches")
    expected_autonomy: Decimal | None = fields.score("autonomy expected")
    expected_benefit: Decimal | None = fields.score("benefit expected")


class Debrief(Record, kind="debrief", sort=Sort.EVENT):
    """What came of the probe of this id."""

    autonomy: Decimal | None = fields.score("autonomy kept")
    benefit: Decimal | None = fields.score("benefit had")
    amended: str | None = fields.text("the guideline that was changed, by id")
    gained: str | None = fields.text("what was learnt")


class Pivot(Record, kind="pivot", sort=Sort.EVENT):
    """A turn of events, or a drill of one, and how fast the cooperative spoke for itself."""

    signal_at: str | None = fields.moment("when it was known")
    published_at: str | None = fields.moment("when the own statement was out")
    drill: bool = fields.flag("TRUE: it was a drill", default=False)


class Screening(Record, kind="screening", sort=Sort.REPEATING):
    """A look at how the supplier of this id works and pays."""

    outcome: str | None = fields.text('what was found, as passed, failed, or "cooperative" for a cooperative')


class Violation(Record, kind="violation", sort=Sort.REPEATING):
    """Something that the supplier of this id did against workers, people or the ground."""

    what: str | None = fields.text("what it did")
    evidence: str | None = fields.text("what shows it")
