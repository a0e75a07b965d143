"""What was decided, by whom and by how many votes, and the papers and offices that decisions make."""

from __future__ import annotations

from datetime import date

from coopbooks.money import Amount
from coopbooks.records import fields
from coopbooks.records.base import Record, Rule, Sort, Standing


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


class Policy(Rule, kind="policy", sort=Sort.STANDING):
    """A text that the cooperative has adopted and that the books do not compute; a new version is a new record."""

    version: int | None = fields.integer("number of the version")
    sha256: str | None = fields.digest("SHA-256 of the text")


class GoldenShare(Standing, kind="golden-share", sort=Sort.STANDING):
    """The right of its holder to be asked before what the statutes reserve is done."""

    reserved: str | None = fields.text("the reserved matters, with ; between them")


class Delegate(Standing, kind="delegate", sort=Sort.STANDING):
    """An office with a mandate, from this date until `ends`; whoever holds it can be recalled."""

    person: str | None = fields.text("who holds it, by id")
    mandate: str | None = fields.text("what the delegate may do, and how a recall is called")
    recalled: date | None = fields.day("day of the recall")


class Budget(Record, kind="budget", sort=Sort.EVENT):
    """A line of a budget that the assembly has approved."""

    account: str | None = fields.account("the account that the money is spent on")
    amount: Amount | None = fields.amount("how much")
    starts: date | None = fields.day("first day")
    ends: date | None = fields.day("last day")


class Redaction(Record, kind="redaction", sort=Sort.EVENT):
    """Something that the books leave out on purpose, why, and when that is looked at again."""

    of: str | None = fields.text("what is left out")
    reason: str | None = fields.text("why")
    review: date | None = fields.day("day on which it is looked at again")
