"""What was decided, by whom and by how many votes."""

from __future__ import annotations

from datetime import date

from coopbooks.records import fields
from coopbooks.records.base import Record, Sort


class Decision(Record, kind="decision", sort=Sort.EVENT):
    """One decision of a body of the cooperative."""

    matter: str | None = fields.text("what was decided")
    body: str | None = fields.one_of("assembly board committee delegate ally", "who decided")
    eligible: int | None = fields.integer("members who could vote")
    quorum: int | None = fields.integer("number that was needed")
    for_: int | None = fields.integer("votes for")
    against: int | None = fields.integer("votes against")
    abstain: int | None = fields.integer("abstentions")
    strategic: bool | None = fields.flag("TRUE where it is strategic")
    consulted: str | None = fields.text('ids of allies consulted, or "none"')
    consulted_kind: str | None = fields.text("statutory, where the law demands the advice")
    method: str | None = fields.one_of("meeting written consensus", "how it was taken")
    consent: str | None = fields.one_of("granted refused", "of the holder of the golden share")
    federation_for: int | None = fields.integer("federation bodies for")
    federation_against: int | None = fields.integer("federation bodies against")
    minutes: str | None = fields.text("the minutes")
    published: date | None = fields.day("day on which it was published")
