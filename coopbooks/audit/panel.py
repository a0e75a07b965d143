"""What the panel, the workers and the assembly lay over the machine's outcome of a criterion. The machine's own stays.

| record | what it does |
|---|---|
| finding | lowers, with text and evidence; raises, by two thirds of the panel, where more than computing is evidence, until a day |
| flag | a criterion is not evidenced until a finding dated on or after the flag answers it |
| derogation | a shortfall stays one and opens no trigger, by the assembly's decision, until a day; never for a gate |

A finding counts only if the panel carried it: auditors sit who accepted, or were drawn and have not answered, and no more
votes count than there are seats. Books that know no auditor at all can only lower. A tie is the worse label. A gate that
nothing shows in two audits running is a breach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from coopbooks.audit.cases import Case, criterion_of
from coopbooks.audit.criterion import Criterion
from coopbooks.audit.grading import UNSHOWN, label_of, rank
from coopbooks.audit.judgement import Judgement, Outcome, not_applicable
from coopbooks.audit.model import Dissent, Ignored, Label, Result, Seat
from coopbooks.audit.profiles import ProfileInForce
from coopbooks.bylaws import Bylaws
from coopbooks.records import audits
from coopbooks.records.base import Record
from coopbooks.rules.decisions import adopted_by_assembly

__all__ = ["LABELS", "Bench", "as_signed", "dissent_of", "seats_of"]

_OUTCOMES: dict[str, Outcome] = {"revolutionary": "met", "reformist": "shortfall", "counter-revolutionary": "breach"}
_NOBODY = "no auditor of this audit had accepted a seat by then"
_WITHOUT_THE_MACHINE = frozenset({"examine", "interview"})


def seats_of(case: Case, day: date) -> tuple[Seat, ...]:
    """Who sits on the panel at the end of a day, in the order of the draw, or of their acceptance where there was none."""
    latest = {record.id: record for record in sorted(case.auditors, key=_when) if record.date <= day}
    draw = case.draw if case.draw is not None and case.draw.date <= day else None
    if draw is None:
        return tuple(_seat(record, None if record.accepted else "has not accepted") for record in latest.values())
    free = case.call.seats if case.call is not None else len(draw.panel)
    found = []
    for auditor in (*draw.panel, *draw.alternates):
        record = latest.pop(auditor, None)
        if record is None or not record.accepted:
            why: str | None = "has not accepted"
        else:
            why = None if free > 0 else "follows only where a seat is left"
            free -= 1
        found.append(
            Seat(auditor, accepted=False, conflicts=None, place=draw.place, why_not=why)
            if record is None
            else _seat(record, why)
        )
    return (*found, *(_seat(record, "was not drawn") for record in latest.values()))


def _seat(record: audits.Auditor, why_not: str | None) -> Seat:
    return Seat(record.id, record.accepted, record.conflicts, record.place, why_not)


def dissent_of(case: Case, day: date) -> tuple[Dissent, ...]:
    """The votes of the panel by a day that were not unanimous, oldest first, that on the verdict last."""
    found = [
        Dissent(criterion_of(record)[1], record.votes, record.place)
        for record in case.findings
        if record.votes is not None and record.date <= day
    ]
    if case.verdict is not None and case.verdict.votes is not None and case.verdict.date <= day:
        found.append(Dissent(None, case.verdict.votes, case.verdict.place))
    return tuple(each for each in found if each.votes[1] or each.votes[2])


class Bench:
    """What is laid over the machine's outcomes of one audit as of one day; without a case only the rules of outcomes."""

    def __init__(self, rules: Bylaws, case: Case | None, profile: ProfileInForce, day: date, *, signed: bool) -> None:
        """`day` is the one that the outcomes are judged on; `signed` whether they are a verdict's or still indicated."""
        self.rules, self.case, self.profile, self.day, self.signed = rules, case, profile, day, signed

    def result(self, criterion: Criterion, machine: Judgement, missed_before: Callable[[], bool]) -> Result:
        """The result of a criterion; `missed_before` says whether nothing showed it in the audit before this one."""
        graded = criterion.tier != "practice" or self.profile.practices
        if criterion.id in self.profile.excludes:
            left_out = not_applicable(self.profile.excludes[criterion.id])
            return _plain(criterion, left_out, graded=False, shown=_WORDS["not-applicable"])
        found = _plain(criterion, machine, graded=graded, shown=self._indicated(machine.outcome))
        found = self._with_finding(found)
        found = found._replace(missing=found.outcome in UNSHOWN)
        found = self._with_flags(found)
        if (
            criterion.tier == "gate"
            and found.outcome in ("not-evidenced", "error")
            and found.missing
            and missed_before()
        ):
            found = found._replace(
                outcome="breach",
                reason=f"nothing shows it in two audits running, which is a breach of a gate: {found.reason}",
                shown=f"{found.shown}, breach: in two audits running",
            )
        found = self._with_derogation(found)
        return found._replace(label=label_of(found.outcome) if graded else None)

    def ignored(self, known: Mapping[str, Criterion]) -> tuple[Ignored, ...]:
        """The findings and flags of this audit that are about no criterion of the catalogue."""
        records: tuple[Record, ...] = () if self.case is None else (*self.case.findings, *self.case.flags)
        return tuple(
            _ignore(record, f"there is no criterion {criterion_of(record)[1]}")
            for record in records
            if record.date <= self.day and criterion_of(record)[1] not in known
        )

    def _indicated(self, outcome: Outcome) -> str:
        word = _WORDS[outcome]
        return f"indicated {word}" if not self.signed and label_of(outcome) is not None else word

    # -- the panel ---------------------------------------------------------------------------------------------------

    def _findings(self, criterion: str) -> Iterator[audits.FindingRecord]:
        for record in () if self.case is None else self.case.findings:
            if record.date <= self.day and criterion_of(record)[1] == criterion:
                yield record

    def _with_finding(self, found: Result) -> Result:
        """The result with the last finding that counts, if there is one."""
        moved, ignored = found, []
        for record in self._findings(found.id):
            why = self._not_carried(record)
            after = moved
            if why is None and record.label is not None:
                after, why = self._moved(found, record, record.label)
            if why is None:
                moved = after._replace(finding=record if record.label is not None else moved.finding)
            else:
                ignored.append(_ignore(record, why))
        return moved._replace(ignored=tuple(ignored))

    def _not_carried(self, record: audits.FindingRecord) -> str | None:
        """Why a finding is none of the panel's."""
        assert self.case is not None, "a finding belongs to an audit"
        seats = self._seats(record.date)
        if not seats and self.case.auditors:
            return _NOBODY
        if record.votes is None:
            return "it records no votes of the panel"
        if seats and sum(record.votes) > seats:
            return f"it counts {sum(record.votes)} votes, and {seats} auditors sat"
        in_favour, against, _ = record.votes
        if not in_favour or in_favour < against:
            return f"the panel did not carry it: {in_favour} for and {against} against"
        return None

    def _is_of_panel(self, record: audits.FindingRecord) -> bool:
        """Whether auditors who are known carried it: only they answer a flag, or raise a label."""
        return bool(self._seats(record.date)) and self._not_carried(record) is None

    def _seats(self, day: date) -> int:
        """How many may vote on a day: who accepted, and of a draw whoever has a turn and has not answered; else 0.

        That those who were drawn have no auditor record is a fault of the lottery (AUD-3), and takes nobody's vote.
        """
        if self.case is None:
            return 0
        seats = seats_of(self.case, day)
        sitting = sum(seat.why_not is None for seat in seats)
        draw = self.case.draw
        if not sitting or draw is None or draw.date > day:
            return sitting
        answered = {record.id for record in self.case.auditors if record.date <= day}
        silent = sum(person not in answered for person in (*draw.panel, *draw.alternates))
        return min(self.case.call.seats if self.case.call is not None else len(draw.panel), sitting + silent)

    def _moved(self, found: Result, record: audits.FindingRecord, label: str) -> tuple[Result, str | None]:
        """The machine's result with a finding over it, and why the finding does not count where it does not."""
        criterion, outcome = found.criterion, _OUTCOMES[label]
        if outcome == "breach" and criterion.hostile is None:
            outcome = "shortfall"  # no act against a practice is listed, so it can only fall short
        if rank(outcome) == rank(found.outcome) and not (outcome == "shortfall" and found.outcome in UNSHOWN):
            return found._replace(papers=record.evidence), None
        if not record.text or not record.evidence:
            return found, f"it gives no {'evidence' if record.text else 'text'}, and a label moves only with both"
        if rank(outcome) >= rank(found.outcome) and not _WITHOUT_THE_MACHINE & {*criterion.evidence}:
            return found, "this criterion is computed from the books, so only the books can raise it"
        raised = rank(outcome) > rank(found.outcome)
        why = self._not_raised(record) if raised else None
        if why is not None:
            return found, why
        indicated = f"indicated {_WORDS[found.machine.outcome]}, panel {_WORDS[outcome]}"
        places = (record.place,) if raised else (record.place, *found.machine.evidence)
        return (
            found._replace(
                outcome=outcome,
                shown=indicated,
                reason=" ".join(record.text.split()),
                evidence=tuple(dict.fromkeys(places)),
                papers=record.evidence,
            ),
            None,
        )

    def _not_raised(self, record: audits.FindingRecord) -> str | None:
        """Why a finding cannot raise a label: too few of the panel, or not on this day."""
        in_favour, seats = (record.votes or (0, 0, 0))[0], self._seats(record.date)
        if not seats:
            return _NOBODY
        if in_favour * 3 < seats * 2:
            return f"{in_favour} of {seats} auditors are not the two thirds of the panel that raise a label"
        if record.until is None:
            return "it does not say until when, and a raised label lapses"
        if record.until < self.day:
            return f"it was valid until {record.until}"
        return None

    # -- the workers and the assembly --------------------------------------------------------------------------------

    def _with_flags(self, found: Result) -> Result:
        """The result capped at not evidenced where a worker's red flag waits for an answer."""
        answered = max(
            (each.date for each in self._findings(found.id) if each.text and self._is_of_panel(each)),
            default=date.min,
        )
        flags = () if self.case is None else self.case.flags
        open_flags = tuple(
            flag for flag in flags if criterion_of(flag)[1] == found.id and answered < flag.date <= self.day
        )
        if not open_flags:
            return found
        found = found._replace(flags=open_flags)
        if rank(found.outcome) < 2:
            return found
        return found._replace(
            outcome="not-evidenced",
            shown=f"{found.shown}, not evidenced: a red flag is unanswered",
            reason=f"a worker's red flag of {open_flags[0].date} is unanswered; without it: {found.reason}",
        )

    def _with_derogation(self, found: Result) -> Result:
        """The result with the assembly's leave to fall short, where it holds."""
        ignored = list(found.ignored)
        for record in reversed(self.rules.history(audits.Derogation, found.id)):
            why = self._no_derogation(record, found.criterion)
            if why is not None:
                ignored.append(_ignore(record, why))
            elif found.outcome == "shortfall" and found.derogation is None:
                found = found._replace(derogation=record, shown=f"{found.shown}, derogated until {record.until}")
        return found._replace(ignored=tuple(ignored))

    def _no_derogation(self, record: audits.Derogation, criterion: Criterion) -> str | None:
        if criterion.tier == "gate":
            return "there is no derogation of a gate"
        if not record.reason:
            return "it gives no reason"
        if record.until is None:
            return "it does not say until when"
        if record.until < self.day:
            return f"it was valid until {record.until}"
        carried = adopted_by_assembly(self.rules, record.decision, record.date)
        return None if carried.ok else carried.why


def as_signed(result: Result, signed: audits.Verdict) -> Result:
    """The result with the label that was signed, where the verdict states its labels: no later record moves one.

    What the verdict does not list opens no trigger; but what the books do not show is not met by a signature.
    """
    if signed.graded is None:
        return result
    stated = signed.graded.get(result.id)
    label = None if stated is None else LABELS[stated]
    if label is None:
        return result._replace(shown=f"{result.shown}, not among the signed labels") if result.below_met else result
    if label == result.label:
        return result
    return result._replace(
        outcome=_OUTCOMES[label],
        label=label,
        shown=f"signed as {label}",
        reason=f"it was signed as {label} on {signed.date}; the books say now: {result.reason}",
        evidence=(signed.place,),
        graded=True,
        missing=False,
    )


LABELS: dict[str, Label] = {
    "revolutionary": "revolutionary",
    "reformist": "reformist",
    "counter-revolutionary": "counter-revolutionary",
}
_WORDS: dict[Outcome, str] = {
    "met": "met",
    "shortfall": "shortfall",
    "breach": "breach",
    "not-evidenced": "not evidenced",
    "error": "not evidenced: an error",
    "not-applicable": "not applicable",
    "pending": "pending",
    "not-assessed": "not assessed",
}


def _plain(criterion: Criterion, machine: Judgement, *, graded: bool, shown: str) -> Result:
    return Result(
        criterion=criterion,
        machine=machine,
        outcome=machine.outcome,
        label=None,
        shown=shown,
        reason=machine.reason,
        evidence=machine.evidence,
        graded=graded,
    )


def _ignore(record: Record, why: str) -> Ignored:
    return Ignored(record.named, record.place, why)


def _when(record: Record) -> tuple[object, ...]:
    return (record.date, record.place)
