"""Triggers: the clocks that a verdict or a crossed threshold starts. They are derived and never stored.

Day 0 is the day of the signature, of the end of a pay period or of a posting; it does not count. D1 = day 0 +
`trigger.days` is the last day of the rewrite, D2 = D1 + `trigger.assembly-days` that of the emergency assembly which
follows where none came. No day is moved to a working day. On a day t, with all that happened later left out:

| state | when |
|---|---|
| withdrawn | the panel took the label back |
| rewritten | a rewrite that counts was adopted on or before D1 |
| verified | the same, and a panel confirmed it |
| open | t <= D1 and none yet |
| assembly-held, assembly-held-late | an emergency assembly came after D1, on or before D2 or after it |
| assembly-due | D1 < t <= D2 and none yet; a rewrite on D1 + 1 does not change that |
| defaulted | t > D2 and none yet |

What happens is dated by its own record, but for a rewrite: that is the day of its decision. A text may be adopted today and
take effect in three weeks, and is dated then. So the functions below want the rules of the whole books, not those of
`Facts.until(as_of)`, and leave out by themselves what was not known on the day.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Literal, TypeVar

from coopbooks.audit.cases import Case, cases_of, criterion_of
from coopbooks.audit.profiles import FULL, ProfileInForce
from coopbooks.bylaws import Bylaws, effective
from coopbooks.errors import Place
from coopbooks.periods import DAY, Period
from coopbooks.records import audits, decisions
from coopbooks.records.base import Record, Rule
from coopbooks.rows import NamedTuple
from coopbooks.rules.decisions import adopted

__all__ = [
    "EFFECTIVE_DAYS",
    "HOSTILE",
    "Produced",
    "State",
    "Terms",
    "Trigger",
    "same_digest",
    "terms_of",
    "threshold_id",
    "verdict_triggers",
]

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

HOSTILE = "counter-revolutionary"
_R = TypeVar("_R", bound=Record)
EFFECTIVE_DAYS = 30
"""Most days between the last day of a rewrite and the day from which its text binds."""


class Terms(NamedTuple):
    """How long the clocks of an audit run, in days: the rewrite, and after it the emergency assembly."""

    days: int
    assembly_days: int


class Trigger(NamedTuple):
    """One clock in its state on a day.

    `opened` is day 0, which does not count; `last_day` the last day of the rewrite, `assembly_by` that of the emergency
    assembly which follows where none came. For a counter-revolutionary label an assembly is due by `early_assembly_by`
    as well, held on `early_assembly_on`, perhaps late. `opened_by` is the verdict, or the record or posting that crossed the
    threshold; `met_by` what met it. `attached` are the crossings of the same threshold while the clock ran. `notes` say of
    each record that was meant as an answer and is none, why. Where the label stands for missing evidence
    (`wants_evidence`) the evidence closes the trigger, and a new text does not.
    """

    id: str
    cause: Literal["verdict", "threshold"]
    criterion: str
    audit: str | None
    label: str
    opened: date
    last_day: date
    assembly_by: date
    state: State
    opened_by: Place
    met_by: Place | None
    met_on: date | None
    early_assembly_by: date | None = None
    early_assembly_on: date | None = None
    early_assembly: Place | None = None
    verified_by: Place | None = None
    attached: tuple[Place, ...] = ()
    notes: tuple[str, ...] = ()
    wants_evidence: bool = False

    @property
    def runs_until(self) -> date:
        """The day on which the clock stopped or will: that of the answer, at the latest the last of the assembly."""
        return self.assembly_by if self.met_on is None else min(self.met_on, self.assembly_by)

    def early_overdue(self, as_of: date) -> bool:
        """Whether the assembly that a counter-revolutionary label asks for at once has not been held in time or since."""
        due = self.early_assembly_by
        return due is not None and self.early_assembly_on is None and as_of > due and self.state != "withdrawn"


class Produced(NamedTuple):
    """Evidence that was missing at a verdict and came later: the day on which it stood in the books, and where."""

    on: date
    by: Place


Evidenced = Callable[[str, date], Produced | None]
"""Asked with a criterion and a day: the first new evidence where, over the same window and with what was known on that
day, the criterion is no longer not evidenced or an error; None while it still is."""


class Start(NamedTuple):
    """What starts a clock. `since` is the first day on which an answer may be adopted, day 0 or earlier."""

    id: str
    cause: Literal["verdict", "threshold"]
    criterion: str
    audit: str | None
    label: str
    since: date
    opened: date
    opened_by: Place
    terms: Terms
    withdrawn: tuple[date, Place] | None = None

    @property
    def last_day(self) -> date:
        """The last day of the rewrite."""
        return self.opened + timedelta(days=self.terms.days)


def terms_of(rules: Bylaws, window: Period, profile: ProfileInForce = FULL) -> Terms:
    """The terms that count for a window: what was set on its first day, or a shorter term set inside it."""
    days = profile.parameter(rules, "trigger.days", window)
    assembly_days = profile.parameter(rules, "trigger.assembly-days", window)
    return Terms(int(days), int(assembly_days))  # type: ignore[arg-type]  # both are numbers with a default


def threshold_id(period: str, criterion: str) -> str:
    """The id of a threshold's trigger; `period` is the pay period or the day of the posting."""
    return f"TR-{period}-{criterion}"


def verdict_triggers(
    rules: Bylaws,
    case: Case,
    labels: Mapping[str, str],
    as_of: date,
    *,
    terms: Terms | None = None,
    not_evidenced: Collection[str] = (),
    evidenced: Evidenced | None = None,
    derogated: Mapping[str, date] | None = None,
) -> list[Trigger]:
    """The triggers of one audit's verdict in their state on a day, by id; none before the day of the signature.

    `labels` are those of the criteria as the machine and the findings gave them at the verdict; where the verdict record
    writes its own, these win. Each label below revolutionary opens a trigger. `not_evidenced` are the criteria whose label
    stands for missing evidence, and `evidenced` finds what was produced since. `derogated` gives the last day of leave for a
    criterion that had it on the day of the signature: its day 0 is the first day without leave.

    A verdict that is signed again keeps its day 0, so that nobody gains time by it; a label that the new one no longer
    has is withdrawn. Raises nothing of its own.
    """
    known = terms or terms_of(rules, case.window(rules))
    starts = _starts(rules, case, labels, as_of, known, derogated or {})
    return [
        run(rules, start, as_of, evidenced=evidenced, wants_evidence=start.criterion in not_evidenced)
        for start in starts
        if start.opened <= as_of
    ]


def _starts(
    rules: Bylaws, case: Case, labels: Mapping[str, str], as_of: date, terms: Terms, derogated: Mapping[str, date]
) -> Iterator[Start]:
    signed = [record for record in rules.history(audits.Verdict, case.id) if record.date <= as_of]
    if not signed:
        return
    versions = [_below(labels if record.graded is None else record.graded) for record in signed]
    for criterion in sorted({name for version in versions for name in version}):
        first = next(number for number, version in enumerate(versions) if criterion in version)
        last = max(number for number, version in enumerate(versions) if criterion in version)
        taken_back = signed[last + 1] if last + 1 < len(signed) else None
        day = signed[first].date
        leave = derogated.get(criterion)
        yield Start(
            id=f"TR-{case.id}-{criterion}",
            cause="verdict",
            criterion=criterion,
            audit=case.id,
            label=versions[last][criterion],
            since=day,
            opened=day if leave is None or leave < day else leave + DAY,
            opened_by=signed[first].place,
            terms=terms,
            withdrawn=None if taken_back is None else (taken_back.date, taken_back.place),
        )


def _below(labels: Mapping[str, str]) -> dict[str, str]:
    return {criterion: label for criterion, label in labels.items() if label in ("reformist", HOSTILE)}


def run(
    rules: Bylaws, start: Start, as_of: date, *, evidenced: Evidenced | None = None, wants_evidence: bool = False
) -> Trigger:
    """A clock in its state on a day that is not before its day 0."""
    told = _Told.of(rules)
    d1, d2 = start.last_day, start.last_day + timedelta(days=start.terms.assembly_days)
    notes: list[str] = []
    meetings = list(told.meetings(start, as_of, notes))
    rewrite = _rewrite(rules, start, as_of, wants_evidence, notes)
    if wants_evidence:
        rewrite = _evidence(start, as_of, told, evidenced)
    withdrawn = start.withdrawn or told.withdrawal(start, as_of, notes)
    after = next((each for each in meetings if each.date > d1), None)
    confirmed = told.confirmation(start, rewrite, as_of) if rewrite else None
    state, answer = _state(as_of, d1, d2, withdrawn, rewrite, confirmed, after)
    hostile = start.label == HOSTILE
    early = next(iter(meetings), None) if hostile else None
    return Trigger(
        id=start.id,
        cause=start.cause,
        criterion=start.criterion,
        audit=start.audit,
        label=start.label,
        opened=start.opened,
        last_day=d1,
        assembly_by=d2,
        state=state,
        opened_by=start.opened_by,
        met_by=answer[1] if answer else None,
        met_on=answer[0] if answer else None,
        early_assembly_by=start.opened + timedelta(days=start.terms.assembly_days) if hostile else None,
        early_assembly_on=early.date if early else None,
        early_assembly=early.place if early else None,
        verified_by=confirmed if state == "verified" else None,
        notes=tuple(notes),
        wants_evidence=wants_evidence,
    )


_Answer = tuple[date, Place]


def _state(
    as_of: date,
    d1: date,
    d2: date,
    withdrawn: _Answer | None,
    rewrite: _Answer | None,
    confirmed: Place | None,
    after: audits.Assembly | None,
) -> tuple[State, _Answer | None]:
    """The state and what brought it about; see the table of this module."""
    if withdrawn is not None:
        return "withdrawn", withdrawn
    if rewrite is not None:
        return ("rewritten" if confirmed is None else "verified"), rewrite
    if as_of <= d1:
        return "open", None
    if after is not None:
        return ("assembly-held" if after.date <= d2 else "assembly-held-late"), (after.date, after.place)
    return ("assembly-due" if as_of <= d2 else "defaulted"), None


# -- what the books tell of triggers -------------------------------------------------------------------------------------


class _Told:
    """The records that name a trigger, by its id; made once for one set of rules."""

    def __init__(self, rules: Bylaws) -> None:
        self.rewrites: dict[str, list[Rule]] = {}
        self.assemblies: dict[str, list[audits.Assembly]] = {}
        self.verifying: dict[str, list[audits.FindingRecord]] = {}
        self.withdrawing: dict[str, list[audits.FindingRecord]] = {}
        for record in _by_day(each for history in rules.histories() for each in history if isinstance(each, Rule)):
            if record.closes is not None:
                self.rewrites.setdefault(record.closes, []).append(record)
        for meeting in _by_day(rules.every(audits.Assembly)):
            for name in meeting.answers:
                self.assemblies.setdefault(name, []).append(meeting)
        for finding in _by_day(rules.every(audits.FindingRecord)):
            if finding.verifies is not None:
                self.verifying.setdefault(finding.verifies, []).append(finding)
            if finding.withdraws is not None:
                self.withdrawing.setdefault(finding.withdraws, []).append(finding)
        self.cases = cases_of(rules) if self.verifying or self.withdrawing else []

    @classmethod
    def of(cls, rules: Bylaws) -> _Told:
        found: _Told | None = rules.memo.get(cls)
        if found is None:
            found = rules.memo[cls] = cls(rules)
        return found

    def meetings(self, start: Start, as_of: date, notes: list[str]) -> Iterator[audits.Assembly]:
        """The emergency assemblies that answer a trigger, oldest first; `notes` gets why another one is none."""
        hostile = start.label == HOSTILE
        for meeting in self.assemblies.get(start.id, ()):
            if meeting.date > as_of:
                continue
            named = f"{meeting.named} at {meeting.place}"
            if meeting.date < start.since:
                notes.append(f"{named} was held on {meeting.date}, before {start.since}, when the label was given")
            elif not meeting.emergency:
                notes.append(
                    f"{named} is no emergency assembly: record the one that was called for this with emergency: TRUE"
                )
            elif not (meeting.outcome or "").strip():
                notes.append(f"{named} records no outcome: what was decided of the leadership must be in it")
            else:
                if meeting.date <= start.last_day and not hostile:
                    notes.append(
                        f"{named} was held on {meeting.date}; until {start.last_day} only a rewrite stops the clock"
                    )
                yield meeting

    def withdrawal(self, start: Start, as_of: date, notes: list[str]) -> _Answer | None:
        """The panel's correction: of the audit that gave the label, or of any where a threshold opened the trigger."""
        for finding in self.withdrawing.get(start.id, ()):
            if not start.since <= finding.date <= as_of:
                continue
            audit = criterion_of(finding)[0]
            if start.audit not in (None, audit):
                notes.append(
                    f"{finding.named} at {finding.place} is of {audit}, and only {start.audit} can take its label back"
                )
            elif finding.votes is None or finding.votes[0] <= finding.votes[1]:
                notes.append(
                    f"{finding.named} at {finding.place} takes the label back without a vote of the panel for it"
                )
            else:
                return finding.date, finding.place
        return None

    def confirmation(self, start: Start, rewrite: _Answer, as_of: date) -> Place | None:
        """The finding of the issuing or the next audit that confirms an answer."""
        panels = self.panels(start)
        for finding in self.verifying.get(start.id, ()):
            if criterion_of(finding)[0] in panels and rewrite[0] <= finding.date <= as_of:
                return finding.place
        return None

    def panels(self, start: Start) -> set[str]:
        """The audit that gave the label and the one after it; for a threshold the first that was signed after day 0."""
        ids = [case.id for case in self.cases]
        if start.audit in ids:
            place = ids.index(start.audit)
            return set(ids[place : place + 2])
        later = (case.id for case in self.cases if case.verdict is None or case.verdict.date >= start.opened)
        return {next(later, "")}


def _by_day(records: Iterable[_R]) -> list[_R]:
    return sorted(records, key=lambda record: (record.date, record.place))


def _evidence(start: Start, as_of: date, told: _Told, evidenced: Evidenced | None) -> _Answer | None:
    """What was missing and came by the last day: in the books, or shown to the panel, which confirms it."""
    limit = min(as_of, start.last_day)
    found = evidenced(start.criterion, limit) if evidenced else None
    if found is not None:
        return min(max(found.on, start.since), limit), found.by
    panels = told.panels(start)
    for finding in told.verifying.get(start.id, ()):
        if criterion_of(finding)[0] in panels and start.since <= finding.date <= limit:
            return finding.date, finding.place
    return None


# -- what counts as a rewrite --------------------------------------------------------------------------------------------


def _rewrite(rules: Bylaws, start: Start, as_of: date, wants_evidence: bool, notes: list[str]) -> _Answer | None:
    """The first rewrite that counts; `notes` gets why each other one does not."""
    found: _Answer | None = None
    for record in _Told.of(rules).rewrites.get(start.id, ()):
        decision = _decision(rules, record, min(as_of, start.last_day)) or _decision(rules, record, as_of)
        if decision is None and record.date > as_of:
            continue  # nobody knew of it on that day
        fault = _fault(rules, record, decision, start, wants_evidence)
        if fault is not None:
            notes.append(f"{record.named} at {record.place} {fault}")
        elif decision is not None and (found is None or decision.date < found[0]):
            found = decision.date, record.place
    return found


def _decision(rules: Bylaws, record: Rule, day: date) -> decisions.Decision | None:
    """The decision behind a record as it stood by a day."""
    history = rules.history(decisions.Decision, record.decision) if record.decision else []
    return next((each for each in reversed(history) if each.date <= day), None)


def _fault(
    rules: Bylaws, record: Rule, decision: decisions.Decision | None, start: Start, wants_evidence: bool
) -> str | None:
    """Why a record that names the trigger is no rewrite that counts; None where it is one."""
    if wants_evidence:
        return "is a new text, but the label stands for missing evidence: only the evidence closes the trigger"
    if record.decision is None:
        return "names no decision: name the one that adopted it"
    if decision is None:
        return f'names decision "{record.decision}", which has no record: record it with its votes'
    return _late(decision, start) or _not_carried(rules, record, decision) or _text_fault(rules, record, start)


def _late(decision: decisions.Decision, start: Start) -> str | None:
    day, d1 = decision.date, start.last_day
    if day > d1:
        return f"was adopted on {day}, after the last day {d1}: the emergency assembly is due all the same"
    return None if day >= start.since else f"was adopted on {day}, before {start.since}, when the trigger opened"


def _not_carried(rules: Bylaws, record: Rule, decision: decisions.Decision) -> str | None:
    body = _body_fault(record, decision)
    if body is not None:
        return body
    vote = adopted(rules, decision)
    return None if vote.ok else f"was not adopted: {vote.why}"


def _body_fault(record: Rule, decision: decisions.Decision) -> str | None:
    """Rules that the books compute are the assembly's; a policy may be another body's where it is not strategic."""
    if decision.body == "assembly" or decision.body is None:
        return None  # a decision without a body is refused by its vote
    strategic = not isinstance(record, decisions.Policy) or decision.strategic is not False
    if decision.body == "ally" or strategic:
        return f"was adopted by the {decision.body}, and only the assembly can: {decision.named}"
    return None


def _text_fault(rules: Bylaws, record: Rule, start: Start) -> str | None:
    """That the text binds too late, or is the one which stood when the trigger opened; a first version is new."""
    binds, latest = effective(record), start.last_day + timedelta(days=EFFECTIVE_DAYS)
    if binds > latest:
        return f"takes effect on {binds}, later than {latest}, {EFFECTIVE_DAYS} days after the last day"
    history = rules.history(type(record), record.id)
    before = [each for each in history[: history.index(record)] if each.date <= start.since]
    if not before:
        return None
    old = before[-1]
    if isinstance(record, decisions.Policy) and isinstance(old, decisions.Policy):
        for each, whose in ((record, "has"), (old, f"follows the version at {old.place}, which has")):
            if each.sha256 is None:
                return f"{whose} no sha256, so nobody can see that the text is another"
        same = same_digest(record.sha256, old.sha256)
    else:
        same = _words(record) == _words(old)
    return f"has the same text as the version before it, at {old.place}" if same else None


def same_digest(one: str | None, other: str | None) -> bool:
    """Whether two digests are of one text; papers print the beginning of one, so the shorter decides."""
    return bool(one and other) and (str(one).startswith(str(other)) or str(other).startswith(str(one)))


_BESIDE_THE_TEXT = frozenset(Record.FIELDS) | {"closes", "drops", "binds-from", "version"}


def _words(record: Rule) -> dict[str, object]:
    """What a record rules, without what is written about it."""
    return {name: value for name, value in record.as_written().items() if name not in _BESIDE_THE_TEXT}
