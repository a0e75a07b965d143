"""The liberation audit as an answer: the one model that JSON, pages, paper and SARIF are made from, and that is signed.

Its canonical JSON is what a panel signs: keys sorted, no spaces, no floats (RFC 8785), one newline at the end. The same
books, catalogue, profile and day give the same bytes. The schema that ships as `reports/liberation-audit-1.schema.json`
is this model's. Places are "file:line" relative to the ledger, days ISO, numbers of money and shares texts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import ConfigDict, Field

from coopbooks.answers import _Answer

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "SCHEMA",
    "Audit",
    "AuditChange",
    "AuditChanges",
    "AuditConflict",
    "AuditCriterion",
    "AuditDerogation",
    "AuditDissent",
    "AuditFile",
    "AuditFinding",
    "AuditIgnored",
    "AuditLottery",
    "AuditParameter",
    "AuditPublication",
    "AuditReason",
    "AuditResponse",
    "AuditSeat",
    "AuditSovereignty",
    "AuditTodo",
    "AuditTrigger",
    "AuditWindow",
    "Verification",
    "canonical",
    "schema_of_report",
]

SCHEMA: Final = "coopbooks-liberation-audit/1"
"""The name of the form of a report; another form gets another number."""

Label = Literal["revolutionary", "reformist", "counter-revolutionary"]
Outcome = Literal["met", "shortfall", "breach", "not-evidenced", "error", "not-applicable", "pending", "not-assessed"]
State = Literal[
    "open",
    "rewritten",
    "verified",
    "assembly-due",
    "assembly-held",
    "assembly-held-late",
    "defaulted",
    "withdrawn",
]


class AuditFile(_Answer):
    """One file of the ledger as it was: its path relative to the ledger, its SHA-256 and how many bytes it had."""

    path: str
    sha256: str
    bytes: int


class AuditWindow(_Answer):
    """The days that were looked at."""

    name: str
    starts: str
    ends: str


class AuditReason(_Answer):
    """One reason of the verdict, and the criteria that it is about."""

    text: str
    criteria: tuple[str, ...]


class AuditTodo(_Answer):
    """What is to be done about a criterion; `until` is the last day, None where no clock runs yet.

    `trigger` is the clock that what is done must name: the rewrite in `closes`, the assembly in `answers`.
    """

    criterion: str
    remedy: str
    until: str | None
    trigger: str | None


class AuditFinding(_Answer):
    """What the panel found of a criterion; `votes` are for, against and abstaining."""

    label: Label | None
    basis: str | None
    votes: str | None
    text: str | None
    until: str | None
    place: str


class AuditDerogation(_Answer):
    """The assembly's leave to fall short of a criterion up to a last day."""

    reason: str | None
    until: str | None
    place: str


class AuditCriterion(_Answer):
    """One criterion: what the books say (`machine`), what counts (`outcome`), and the lines that this rests on.

    `shown` is the outcome in words, `papers` what a finding names beside the books, `flags` the places of red flags that
    nobody has answered. `graded` says whether the verdict counts it.
    """

    id: str
    tier: Literal["gate", "core", "practice"]
    title: str
    machine: Outcome
    outcome: Outcome
    label: Label | None
    shown: str
    reason: str
    evidence: tuple[str, ...]
    papers: str | None
    remedy: str
    clause: str
    panel: AuditFinding | None
    flags: tuple[str, ...]
    derogation: AuditDerogation | None
    graded: bool


class AuditTrigger(_Answer):
    """One clock on the day of the report; `days_left` to the next last day, None where none is ahead."""

    id: str
    criterion: str
    cause: Literal["verdict", "threshold"]
    label: str
    opened: str
    last_day: str
    assembly_by: str
    early_assembly_by: str | None
    early_assembly_on: str | None
    state: State
    days_left: int | None
    place: str | None
    met_by: str | None
    met_on: str | None


class AuditParameter(_Answer):
    """A parameter that is not at its default, and the line that set it."""

    name: str
    value: str
    default: str | None
    origin: Literal["bylaw", "profile"]
    place: str | None


class AuditSeat(_Answer):
    """One auditor by id; `why_not` is None where they sit."""

    auditor: str
    accepted: bool
    place: str
    why_not: str | None


class AuditLottery(_Answer):
    """The call of the lottery and, once drawn, what was drawn; `pool` is how many ids were in it."""

    called: str
    place: str
    seats: int
    pool: int
    pool_sha256: str
    sources: tuple[str, ...]
    draw_not_before: str
    drawn: str | None
    draw_place: str | None
    values: tuple[str, ...]
    seed: str | None
    panel: tuple[str, ...]
    alternates: tuple[str, ...]


class AuditConflict(_Answer):
    """What an auditor declares of ties to the cooperative, and what the books say of them."""

    auditor: str
    declared: str | None
    found: tuple[str, ...]
    place: str | None


class AuditDissent(_Answer):
    """A vote that was not unanimous, on a criterion or (None) on the verdict."""

    criterion: str | None
    votes: str
    place: str | None


class AuditPublication(_Answer):
    """Where the report was made public."""

    date: str
    where: str | None
    report_sha256: str | None
    place: str


class AuditResponse(_Answer):
    """The cooperative's own word on the audit."""

    date: str
    document: str | None
    note: str | None
    place: str


class AuditSovereignty(_Answer):
    """The sovereignty index, which enters no verdict: its measures in per cent, and which of them have no evidence."""

    measures: dict[str, str | None]
    index: str | None
    missing: tuple[str, ...]


class AuditIgnored(_Answer):
    """A record of the panel's part that does not count, and why."""

    record: str
    place: str | None
    why: str


class Audit(_Answer):
    """The grade report of one audit as of a day; see `docs/audit.md` for every word."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_: Literal["coopbooks-liberation-audit/1"] = Field(alias="schema")
    cooperative: str
    catalogue: str
    catalogue_sha256: str
    profile: str
    profile_sha256: str
    as_of: str
    judged_on: str
    ledger_sha256: str | None
    files: tuple[AuditFile, ...]
    status: Literal["preliminary", "signed"]
    audit: str | None
    window: AuditWindow
    verdict: Label | None
    verdict_line: int
    indicated: str | None
    stated: str | None
    votes: str | None
    why: tuple[AuditReason, ...]
    what_next: tuple[AuditTodo, ...]
    assurance: Literal["full", "qualified", "insufficient"]
    criteria: tuple[AuditCriterion, ...]
    triggers: tuple[AuditTrigger, ...]
    parameters: tuple[AuditParameter, ...]
    panel: tuple[AuditSeat, ...]
    lottery: AuditLottery | None
    conflicts: tuple[AuditConflict, ...]
    dissent: tuple[AuditDissent, ...]
    publications: tuple[AuditPublication, ...]
    response: tuple[AuditResponse, ...]
    sovereignty: AuditSovereignty | None
    ignored: tuple[AuditIgnored, ...]
    method: tuple[str, ...]

    def to_json(self) -> str:
        """The JSON text of the interface, indented by two spaces."""
        return self.model_dump_json(indent=2, by_alias=True)

    def to_data(self) -> Any:
        """The same as lists, dicts, texts, integers, truth values and None."""
        return self.model_dump(mode="json", by_alias=True)

    def to_frame(self) -> pd.DataFrame:
        """The criteria as a pandas frame, one row each."""
        import pandas as pd

        return pd.DataFrame([row.to_data() for row in self.criteria])

    def criterion(self, criterion: str) -> AuditCriterion:
        """The row of a criterion; KeyError for one that the catalogue does not have."""
        return {row.id: row for row in self.criteria}[criterion]


class AuditChange(_Answer):
    """One criterion of which the books show something else than on the day of a verdict, whatever the panel found then.

    `better` says whether it counts for more now, None where it counts the same or where one of the two does not count.
    """

    criterion: str
    tier: Literal["gate", "core", "practice"]
    title: str
    before: Outcome
    after: Outcome
    reason_before: str
    reason: str
    better: bool | None


class AuditChanges(_Answer):
    """The last signed audit, what the books indicate on a day, and the criteria in which their evidence differs.

    `signed` is None while nobody has signed one. `newer` says that `today` looks at other days than the verdict did, or is
    of an audit that its panel has not signed yet; otherwise the same days are judged again by all that is in the books.
    """

    signed: Audit | None
    today: Audit
    newer: bool
    changed: tuple[AuditChange, ...]


class Verification(_Answer):
    """Whether a report can be recomputed from a ledger.

    `changed` has one sentence for each difference, a wrong signature first; `appended` one for each later addition that
    changes nothing. `signed` says whether the signature is that of who was asked for, None where nobody was; `signature`
    what ssh-keygen says of a right one.
    """

    same: bool
    changed: tuple[str, ...]
    appended: tuple[str, ...]
    signed: bool | None
    signature: str | None


def canonical(report: Audit) -> bytes:
    """The bytes of a report that are signed and whose SHA-256 a verdict names (RFC 8785, and one newline)."""
    text = json.dumps(report.to_data(), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8") + b"\n"


def schema_of_report() -> str:
    """The JSON Schema of a report, as the text of the file that is shipped."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Audit.model_json_schema(mode="serialization", by_alias=True),
    }
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
