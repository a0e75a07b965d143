"""What an audit comes to, as plain rows: every criterion with its outcome, the verdict with its reasons, and what lies
behind both. Made by `coopbooks.audit.course`; reports and answers are printed from it, and no rule lives in them.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from coopbooks.audit.cases import Case
from coopbooks.audit.criterion import Criterion
from coopbooks.audit.judgement import Judgement, Outcome
from coopbooks.audit.profiles import Setting
from coopbooks.audit.triggers import Trigger
from coopbooks.errors import Place
from coopbooks.periods import Period
from coopbooks.records import audits
from coopbooks.rows import NamedTuple

__all__ = [
    "Assurance",
    "Audit",
    "Dissent",
    "Grade",
    "Ignored",
    "Label",
    "Reason",
    "Result",
    "Seat",
    "Setting",
    "Status",
    "Verdict",
]

Label = Literal["revolutionary", "reformist", "counter-revolutionary"]
Grade = Label
Assurance = Literal["full", "qualified", "insufficient"]
Status = Literal["preliminary", "signed"]


class Ignored(NamedTuple):
    """A record of the panel's part that does not count: the words `kind "id"`, where it stands, and why in one sentence."""

    record: str
    place: Place
    why: str


class Result(NamedTuple):
    """One criterion, judged once.

    `machine` is what the books say and is never changed; `outcome`, `reason` and `evidence` are those that count, with the
    panel's finding, flags and the rule of two audits over them. `evidence` are places of the ledger, `papers` what the
    finding names beside it. `label` is None where the outcome carries none. `shown` is the outcome in the words of the
    report: "shortfall", "indicated shortfall, panel met", "shortfall, derogated until 2026-06-30".
    `finding` is the one that counts, `flags` those that nobody has answered, `derogation` the one that holds. `graded` says
    whether the verdict counts it, `missing` whether nothing shows it, whatever that counts as.
    """

    criterion: Criterion
    machine: Judgement
    outcome: Outcome
    label: Label | None
    shown: str
    reason: str
    evidence: tuple[Place, ...]
    papers: str | None = None
    finding: audits.FindingRecord | None = None
    flags: tuple[audits.Flag, ...] = ()
    derogation: audits.Derogation | None = None
    ignored: tuple[Ignored, ...] = ()
    graded: bool = True
    missing: bool = False

    @property
    def id(self) -> str:
        """The criterion's id, as WAG-1."""
        return self.criterion.id

    @property
    def below_met(self) -> bool:
        """Whether it carries a label that is worse than revolutionary."""
        return self.label not in (None, "revolutionary")

    @property
    def opens_trigger(self) -> bool:
        """Whether its label starts the clock of a rewrite: a derogation that holds stops that."""
        return self.below_met and self.derogation is None


class Reason(NamedTuple):
    """One reason of a verdict: a sentence, and the ids of the criteria that it is about."""

    text: str
    criteria: tuple[str, ...]


class Verdict(NamedTuple):
    """What the grading rule gives: `grade` is None where a gate or a core criterion was not assessed.

    `line` is the line of the rule that decided: 1, 2 or 3, or 0 where there is no verdict.
    """

    grade: Grade | None
    line: int
    reasons: tuple[Reason, ...]


class Seat(NamedTuple):
    """One auditor of the panel, by id. `why_not` says why they do not sit, and is None where they do."""

    auditor: str
    accepted: bool
    conflicts: str | None
    place: Place
    why_not: str | None


class Dissent(NamedTuple):
    """A vote of the panel, on a criterion or on the verdict itself (`criterion` is None), that was not unanimous."""

    criterion: str | None
    votes: tuple[int, int, int]
    place: Place


class Audit(NamedTuple):
    """One audit as it stands on a day.

    `as_of` is the day that triggers stand on; `judged_on` that of the outcomes, which is the verdict's once one is signed.
    `stated` is the grade that the verdict record writes: where it is not `verdict.grade`, the books say otherwise. `id` is
    None for a preliminary of a year that nobody has opened an audit of.
    """

    catalogue: str
    catalogue_sha256: str
    profile: str
    profile_sha256: str
    id: str | None
    window: Period
    as_of: date
    judged_on: date
    status: Status
    verdict: Verdict
    stated: Grade | None
    assurance: Assurance
    results: tuple[Result, ...]
    triggers: tuple[Trigger, ...]
    settings: tuple[Setting, ...]
    case: Case | None
    seats: tuple[Seat, ...]
    dissent: tuple[Dissent, ...]
    ignored: tuple[Ignored, ...]

    def result(self, criterion: str) -> Result:
        """The result of a criterion; KeyError for one that the catalogue does not have."""
        for result in self.results:
            if result.criterion.id == criterion:
                return result
        raise KeyError(criterion)
