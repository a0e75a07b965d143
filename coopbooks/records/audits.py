"""The audit as the ledger tells it: lottery, panel, findings, verdict, and what the cooperative did about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from coopbooks.errors import Finding, Place
from coopbooks.records import fields
from coopbooks.records.base import Record, Sort, Standing
from coopbooks.records.fields import REQUIRED

_GATES = "WAG-1 BKS-1 BKS-2 SUR-1 SUR-2 GOV-1 GOV-2 AUD-2"
_CORE = "WAG-2 BKS-3 BKS-4 BKS-5 SUR-3 SUR-4 SUR-5 GOV-3 SUP-2 POL-1 ALY-1 ALY-2 AUD-1 AUD-3 AUD-4 AUD-5"
_PRACTICES = (
    "WAG-3 BKS-6 SUR-6 GOV-4 GOV-5 GOV-6 GOV-7 GOV-8 SUP-1 SUP-3 POL-2 ALY-3 ALY-4 ALY-5 ALY-6 ALY-7 ALY-8 EXP-1 "
    "RIT-1 RIT-2 RIT-3 RIT-4 DEF-1 DEF-2 DEF-3 DEF-4 RHY-1 RHY-2 RHY-3"
)
CRITERIA: Mapping[str, str] = {
    criterion: tier
    for tier, ids in (("gate", _GATES), ("core", _CORE), ("practice", _PRACTICES))
    for criterion in ids.split()
}
"""The ids of the catalogue's criteria and the tier of each: records name them without the rules that judge them."""

LABELS = "revolutionary reformist counter-revolutionary"
"""What a practice or an enterprise may be called, the best first."""


class LotteryCall(Record, kind="lottery-call", sort=Sort.EVENT):
    """The pool that auditors are drawn from, and the public numbers that will draw them, named before they exist."""

    seats: int = fields.integer("auditors to be drawn", default=REQUIRED)
    alternates: int = fields.integer("who take their place, in order", default=2)
    max_per_org: int = fields.integer("most seats of one organisation", default=1)
    pool: tuple[str, ...] = fields.names("ids as organisation:person, with commas between", default=REQUIRED)
    pool_sha256: str = fields.digest("SHA-256 of the sorted ids, each followed by a newline", default=REQUIRED)
    sources: tuple[str, ...] = fields.names("names of the public numbers to come", default=REQUIRED)
    draw_not_before: date = fields.day("the first day on which the numbers are known", default=REQUIRED)


class LotteryDraw(Record, kind="lottery-draw", sort=Sort.EVENT):
    """The draw of the call of this id: the numbers as `source-1`, `source-2`, … `"<name>=<value>"`, and who was drawn."""

    seed: str = fields.digest("SHA-256 that the tickets are made with", default=REQUIRED)
    panel: tuple[str, ...] = fields.names("who was drawn, in order", default=REQUIRED)
    alternates: tuple[str, ...] = fields.names("who follow, in order", default=())
    NUMBERED: ClassVar[str] = r"^source-[1-9][0-9]*$"
    sources: tuple[tuple[str, str], ...] = ()  # (field, "name=value") in the order of the ledger

    @classmethod
    def read(
        cls, record_id: str, day: date, place: Place, written: Mapping[str, Any]
    ) -> tuple[Record | None, list[Finding]]:
        """As every record; `source-<n>` is the one numbered field."""
        numbered = {name: value for name, value in written.items() if re.match(cls.NUMBERED, name)}
        record, faults = super().read(
            record_id, day, place, {name: value for name, value in written.items() if name not in numbered}
        )
        for name, value in numbered.items():
            if not isinstance(value, str) or "=" not in value:
                message = f'lottery-draw "{record_id}" field "{name}" must be "name=value": write it as "lotto-2026-05-02=4.8.15."'
                faults = [*faults, Finding(place, "records", message)]
        if record is None:
            return None, faults
        texts = tuple((name, value) for name, value in numbered.items() if isinstance(value, str))
        return cls(**vars(record), sources=texts), faults

    def as_written(self) -> dict[str, Any]:
        """The fields that the ledger states, the numbered ones too."""
        return super().as_written() | dict(self.sources)


class Auditor(Record, kind="auditor", sort=Sort.EVENT):
    """The acceptance of the auditor of this id, and what stands between them and the cooperative."""

    audit: str | None = fields.text("id of the audit")
    conflicts: str | None = fields.text('ties to the cooperative, or "none"')
    accepted: bool = fields.flag("TRUE: they take the seat", default=False)


class Audit(Record, kind="audit", sort=Sort.EVENT):
    """The opening of an audit: which days it looks at, by which catalogue and profile."""

    window_start: date | None = fields.day("first day that is looked at")
    window_end: date | None = fields.day("last day that is looked at")
    catalogue: str | None = fields.text("catalogue and version, as coopbooks-liberation/1.0")
    profile: str = fields.text("starter, full, or the id of a profile", default="full")


class FindingRecord(Record, kind="finding", sort=Sort.EVENT):
    """What the panel found of `<audit>/<criterion>`; the machine's own outcome stays beside it."""

    label: str | None = fields.one_of(LABELS, "the label that the panel gives")
    basis: str | None = fields.text("human, or what else it rests on")
    votes: tuple[int, int, int] | None = fields.tally("votes for, against and abstaining, as 3-0-0")
    evidence: str | None = fields.text("the papers, talks and places it rests on")
    text: str | None = fields.text("what was found")
    verifies: str | None = fields.trigger("id of the trigger whose rewrite the panel confirms")
    withdraws: str | None = fields.trigger("id of the trigger that a correction takes back")
    until: date | None = fields.day("last day on which a raised label is valid")


class Flag(Record, kind="flag", sort=Sort.REPEATING):
    """A worker's red flag on `<audit>/<criterion>`: until a finding answers it, the criterion is not evidenced."""

    text: str | None = fields.text("what is wrong")


class Verdict(Record, kind="verdict", sort=Sort.EVENT):
    """The signed verdict of the audit of this id; its date is day 0 of every trigger."""

    verdict: str = fields.one_of(LABELS, "the grade", default=REQUIRED)
    assurance: str | None = fields.one_of("full qualified insufficient", "how far the evidence bears it")
    votes: tuple[int, int, int] | None = fields.tally("votes for, against and abstaining, as 3-0-0")
    report_sha256: str | None = fields.digest("SHA-256 of the report that was signed")
    labels: tuple[tuple[str, str], ...] | None = fields.labels(
        "criteria below met, as SUP-2=reformist; not-evidenced is reformist, and answered by the evidence"
    )

    @property
    def graded(self) -> dict[str, str] | None:
        """The label of each criterion that is listed; None where the verdict lists none."""
        if self.labels is None:
            return None
        return {criterion: "reformist" if label == "not-evidenced" else label for criterion, label in self.labels}

    @property
    def unshown(self) -> frozenset[str]:
        """The criteria whose label stands for missing evidence."""
        return frozenset(criterion for criterion, label in self.labels or () if label == "not-evidenced")


class Publication(Record, kind="publication", sort=Sort.EVENT):
    """Where and when the report of the audit of this id was made public."""

    place_: str | None = fields.text("where it can be read")
    report_sha256: str | None = fields.digest("SHA-256 of the file that was published")


class Response(Record, kind="response", sort=Sort.EVENT):
    """The cooperative's own word on the audit of this id; the paper is its `document`."""


class Derogation(Record, kind="derogation", sort=Sort.EVENT):
    """The assembly's leave to fall short of the criterion of this id for a time."""

    reason: str | None = fields.text("why")
    until: date | None = fields.day("last valid day")


class Snapshot(Record, kind="snapshot", sort=Sort.EVENT):
    """The books of the month of this id as they were shown: their digest, the records that were in them, and to whom."""

    sha256: str | None = fields.digest("SHA-256 of the ledger's files, as coopbooks prints it")
    records: tuple[str, ...] = fields.names("kind/id of every record that no earlier snapshot lists", default=())
    audience: str | None = fields.text('who was shown it: "all workers", or ids')


class Access(Record, kind="access", sort=Sort.EVENT):
    """Who could open the books in the month of this id."""

    people: tuple[str, ...] = fields.names("their ids", default=())


class Action(Record, kind="action", sort=Sort.EVENT):
    """What is done about the finding of this id."""

    due: date | None = fields.day("last day")
    done: date | None = fields.day("day on which it was done")
    proof: str | None = fields.text("what shows it")


class Assembly(Record, kind="assembly", sort=Sort.EVENT):
    """An assembly that was held."""

    emergency: bool = fields.flag("TRUE: it was called because a trigger ran out", default=False)
    answers: tuple[str, ...] = fields.triggers("ids of the triggers it answers", default=())
    notice: date | None = fields.day("day on which it was called")
    quorum: int | None = fields.integer("number that was needed")
    outcome: str | None = fields.text("what was decided of the leadership, which may be: confirmed")


class Profile(Standing, kind="profile", sort=Sort.STANDING):
    """What a federation asks of its members: the criteria it leaves out; its parameters are bylaws beside it."""

    practices: bool = fields.flag("FALSE: practices are reported and not graded", default=True)
    excludes: tuple[str, ...] = fields.names("ids of practices that are not asked for", default=())
    reason: str | None = fields.text("why they are left out")
