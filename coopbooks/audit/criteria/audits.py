"""AUD: that the audit before this one was held, drawn, published and answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from coopbooks.audit.cases import Case
from coopbooks.audit.conflicts import sits, ties_of, untold
from coopbooks.audit.criterion import criterion
from coopbooks.audit.ground import Ground
from coopbooks.audit.judgement import (
    Judgement,
    breach,
    met,
    not_applicable,
    not_evidenced,
    pending,
    shortfall,
)
from coopbooks.audit.lottery import Seats, seats_of
from coopbooks.audit.triggers import Trigger
from coopbooks.errors import Place
from coopbooks.periods import add_months
from coopbooks.records.audits import (
    Action,
    Auditor,
    FindingRecord,
    LotteryCall,
    LotteryDraw,
    Publication,
    Response,
    Verdict,
)
from coopbooks.rows import NamedTuple
from coopbooks.rules.lottery import call_faults, call_of, draw_faults, drawn_from, is_small, pool_digest, seed_of

__all__ = [
    "auditors_are_drawn_by_lot",
    "findings_have_consequences",
    "the_audit_is_held",
    "the_verdict_is_published",
    "triggers_are_honoured",
]

GRACE_MONTHS = 1
"""Months that an audit may come later than `audit.interval`."""
DEFAULT_MONTHS = 12
"""Further months after which an audit that was not held is a default."""
PUBLISH_DAYS = 7
"""Days from the signature to the publication."""


def _verdict(case: Case) -> Verdict:
    assert case.verdict is not None, "earlier audits are signed"
    return case.verdict


def _lost(ground: Ground) -> Judgement | None:
    """An audit that was published or answered, and whose verdict the books do not have: then the last one is not known."""
    known = {*ground.rules.ids(Verdict.KIND), ground.case.id if ground.case else ""}
    earlier = ground.history.earlier
    since = _verdict(earlier[-1]).date if earlier else date.min
    traces = (*ground.rules.every(Publication), *ground.rules.every(Response))
    for trace in sorted(traces, key=lambda each: (each.date, each.place)):
        if trace.id not in known and trace.date > since:
            return not_evidenced(
                f"{trace.named} is in the books, and the verdict that it follows is not", [trace.place]
            )
    return None


def _before(ground: Ground) -> Case | Judgement:
    """The audit before this one, or why there is none to judge."""
    lost = _lost(ground)
    if lost is not None:
        return lost
    earlier = ground.history.earlier
    return earlier[-1] if earlier else not_applicable("it asks about the audit before, and this is the first")


@criterion(
    "AUD-1",
    "core",
    "A liberation audit is held every year",
    revolutionary="the last verdict is no older than audit.interval and one month of grace",
    reformist="it is older",
    hostile="it is older by more than 12 further months",
    evidence="compute",
    clause="002:111-115",
    remedy="publish the call of the next lottery",
    parameters="audit.interval",
)
def the_audit_is_held(ground: Ground) -> Judgement:
    """The age of the last signed verdict on the day of this audit."""
    before = _before(ground)
    if isinstance(before, Judgement):
        return before
    verdict = _verdict(before)
    last_day = add_months(verdict.date, int(ground.number("audit.interval")) + GRACE_MONTHS)
    said = f"the verdict of {before.id} is of {verdict.date}, and the next was due by {last_day}"
    if ground.as_of <= last_day:
        return met(said, [verdict.place])
    if ground.as_of <= add_months(last_day, DEFAULT_MONTHS):
        return shortfall(said, [verdict.place])
    return breach(f"{said}, more than {DEFAULT_MONTHS} months ago", [verdict.place])


# -- triggers --------------------------------------------------------------------------------------------------------


@criterion(
    "AUD-2",
    "gate",
    "Triggers are honoured",
    revolutionary="every trigger that fell due was answered by a rewrite in time, or else by the emergency assembly in time",
    reformist="an emergency assembly was held late",
    hostile="a trigger ran out with neither rewrite nor assembly",
    evidence="compute",
    clause="002:143-147",
    remedy="hold the emergency assembly now",
    parameters="trigger.days trigger.assembly-days",
)
def triggers_are_honoured(ground: Ground) -> Judgement:
    """Every trigger with a last day from the first day of the window to the day of this audit, in its state on that day."""
    lost = _lost(ground)
    if lost is not None:
        return lost
    due = [each for each in ground.history.triggers() if _is_due(ground, each)]
    for trigger in due:
        if trigger.state == "defaulted":
            said = f"{trigger.id} ran out on {trigger.assembly_by} with neither rewrite nor emergency assembly"
            return breach(said, [trigger.opened_by])
    for trigger in due:
        late = _late(ground, trigger)
        if late is not None:
            return shortfall(late, [place for place in (trigger.opened_by, trigger.met_by) if place])
    answered = [each for each in due if each.state not in ("open", "assembly-due")]
    if not answered:
        if due:
            return pending(f"{due[0].id} is {due[0].state}, until {_last_day(due[0])}", [due[0].opened_by])
        return ground.nothing_to_judge("no trigger was due")
    evidence = [place for each in answered for place in (each.met_by or each.opened_by, each.early_assembly) if place]
    return met(f"{len(answered)} triggers were answered in time", evidence)


def _is_due(ground: Ground, trigger: Trigger) -> bool:
    """Whether one of its last days lies between the window's first day and the day of the audit."""
    days = [trigger.last_day, trigger.assembly_by, *([trigger.early_assembly_by] if trigger.early_assembly_by else [])]
    return any(ground.window.starts <= day <= ground.as_of for day in days)


def _last_day(trigger: Trigger) -> date:
    return trigger.last_day if trigger.state == "open" else trigger.assembly_by


def _late(ground: Ground, trigger: Trigger) -> str | None:
    """What was late, as a sentence; an assembly that a counter-revolutionary label asks for at once may be missing."""
    if trigger.state == "withdrawn":
        return None
    if trigger.state == "assembly-held-late":
        return f"the emergency assembly of {trigger.id}, due by {trigger.assembly_by}, was held on {trigger.met_on}"
    early, held = trigger.early_assembly_by, trigger.early_assembly_on
    if early is None or (held is not None and held <= early) or ground.as_of <= early:
        return None
    how = f"was held on {held}" if held else "was not held"
    return f"the assembly that {trigger.id} asked for at once, by {early}, {how}"


# -- the lottery -----------------------------------------------------------------------------------------------------


@criterion(
    "AUD-3",
    "core",
    "Auditors are drawn by a lot that anybody can check",
    revolutionary="the draw recomputes, all seats are filled from it, and every auditor's declaration agrees with the books",
    reformist="it recomputes, and a seat, a declaration or the notice before the draw is missing, or a tie was left out",
    hostile="a panel that the lot did not choose is presented as drawn",
    evidence="compute",
    clause="002:113",
    remedy="publish a new call, and draw again",
    parameters="ally.floor",
)
def auditors_are_drawn_by_lot(ground: Ground) -> Judgement:
    """The draw of the audit before this one against its call, and its auditors against the draw and the books."""
    case = _before(ground)
    if isinstance(case, Judgement):
        return case
    if case.draw is None:
        return not_evidenced(f"the books have no lottery-draw of {case.id}", [_verdict(case).place])
    call = call_of(ground.rules, case.draw)
    if call is None:
        return not_evidenced(f"the books have no lottery-call of {case.id}", [case.draw.place])
    faults = [*call_faults(call), *draw_faults(call, case.draw)]
    for fault in faults:
        if fault.part in ("pool", "sources", "seed", "panel"):
            return breach(f"the draw of {case.id} does not recompute: it {fault.text}", [call.place, case.draw.place])
    if faults:
        return shortfall(f"the lottery of {case.id} {faults[0].text}", [call.place, case.draw.place])
    return _panel(ground, case, call, case.draw)


def _panel(ground: Ground, case: Case, call: LotteryCall, draw: LotteryDraw) -> Judgement:
    seed = seed_of(pool_digest(call.pool), [text for _, text in draw.sources])
    seats = seats_of(call, drawn_from(call, seed), case.auditors)
    if seats.strangers:
        said = f"{seats.strangers[0].id} sat on the panel of {case.id} and was not drawn"
        return breach(said, [draw.place, *(each.place for each in seats.strangers)])
    fault = _seats_fault(case, seats) or next(_declaration_faults(ground, case, seats.seated), None)
    if fault is not None:
        return fault
    evidence = [call.place, draw.place, *(each.place for each in (*seats.seated, *seats.declined))]
    small = f" from a small pool of {len(call.pool)}" if is_small(call) else ""
    return met(f"the draw of {case.id} recomputes, and {len(seats.seated)} auditors sat as drawn{small}", evidence)


def _seats_fault(case: Case, seats: Seats) -> Judgement | None:
    if seats.silent:
        return shortfall(f"{seats.silent[0]} was drawn for {case.id}, and no auditor record says what became of it")
    if seats.vacant:
        return shortfall(f"{seats.vacant} of the seats of {case.id} could not be filled from its draw")
    return None


def _declaration_faults(ground: Ground, case: Case, seated: Sequence[Auditor]) -> Iterator[Judgement]:
    """Declarations that are missing or leave out what the books show, auditors with a tie that excludes, ties of all."""
    panels = [each for each in ground.history.earlier if each.id != case.id]
    linked = []
    for auditor in seated:
        if auditor.conflicts is None:
            yield shortfall(f"{auditor.id} has declared no conflicts, not even that there are none", [auditor.place])
            continue
        ties = ties_of(ground.rules, auditor.id, auditor.date, ground.number("ally.floor"), panels)
        left_out = untold(ground.rules, auditor, ties)
        if left_out:
            said = f"{auditor.id} has not declared what the books show: {left_out[0].text}"
            yield shortfall(said, [auditor.place, *left_out[0].places])
        if not sits(ties):
            tie = next(each for each in ties if each.excludes)
            yield shortfall(f"{auditor.id} should not have sat: {tie.text}", [auditor.place, *tie.places])
        linked.append(bool(ties))
    if linked and all(linked):
        yield shortfall(f"no auditor of {case.id} was without any tie", [each.place for each in seated])


# -- what came of it -------------------------------------------------------------------------------------------------


@criterion(
    "AUD-4",
    "core",
    "The verdict is published as it was signed",
    revolutionary="the signed report was made public within 7 days of the signature, with the same digest",
    reformist="it came later, or its digest is not known",
    hostile="it was never published, or something else was published in its place",
    evidence="compute",
    clause="002:115; 002:177",
    remedy="publish the signed file",
)
def the_verdict_is_published(ground: Ground) -> Judgement:
    """The digests and the days of the last verdict and of its publication."""
    case = _before(ground)
    if isinstance(case, Judgement):
        return case
    verdict, last_day = _verdict(case), _verdict(case).date + timedelta(days=PUBLISH_DAYS)
    if not case.publications:
        if ground.as_of <= last_day:
            return pending(f"the report of {case.id} may be published until {last_day}", [verdict.place])
        return breach(f"the report of {case.id} was to be published by {last_day}, and never was", [verdict.place])
    if verdict.report_sha256 is None:
        return not_evidenced(f"the verdict of {case.id} does not say the digest of its report", [verdict.place])
    for publication in case.publications:
        places = [verdict.place, publication.place]
        if publication.report_sha256 is None:
            return not_evidenced(f"the publication of {publication.date} does not say the digest of its file", places)
        if publication.report_sha256 == verdict.report_sha256:
            said = f"the report of {case.id} was published on {publication.date}, due by {last_day}"
            return met(said, places) if publication.date <= last_day else shortfall(said, places)
        if _is_cut(publication.report_sha256, verdict.report_sha256):
            return not_evidenced(f"the digests of {case.id} are only the beginnings of one", places)
    first = case.publications[0]
    said = f"what was published of {case.id} on {first.date} has another digest than the report that was signed"
    return breach(said, [verdict.place, first.place])


def _is_cut(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


@criterion(
    "AUD-5",
    "core",
    "Findings have consequences",
    revolutionary="every finding below revolutionary has an action, done and proved by its day",
    reformist="an action is missing, late or not proved",
    evidence="compute examine",
    clause="002:137-141",
    remedy="act, or bring the finding to the assembly",
)
def findings_have_consequences(ground: Ground) -> Judgement:
    """Each finding of the audit before this one that gives a label below revolutionary, and the `action` of its id."""
    case = _before(ground)
    if isinstance(case, Judgement):
        return case
    asked = [each for each in case.findings if each.label not in (None, "revolutionary")]
    asked.sort(key=lambda finding: (finding.date, finding.id))  # which line comes first means nothing
    if not asked:
        return ground.nothing_to_judge(f"no finding of {case.id} asked for an action")
    evidence: list[Place] = []
    waiting: list[_Followed] = []
    for finding in asked:
        found = _followed(ground, finding)
        if isinstance(found, Judgement):
            return found
        if found.until is None:
            evidence += found.places
        else:
            waiting.append(found)
    if not evidence:
        return pending(f"no action on {case.id} is due before {min(each.until for each in waiting if each.until)}")
    return met(f"the findings of {case.id} that were due were followed by a proved action", evidence)


class _Followed(NamedTuple):
    """What followed a finding: an action that was proved in time, or one that may still be done `until` a day."""

    places: tuple[Place, ...]
    until: date | None


def _followed(ground: Ground, finding: FindingRecord) -> _Followed | Judgement:
    """What followed a finding, or what is wrong with it.

    The day by which an action is due is the first that was written: a later record does not put it off.
    """
    actions = ground.rules.history(Action, finding.id)
    due = next((each for each in actions if each.due), None)
    if not actions:
        return shortfall(f'finding "{finding.id}" of {finding.date} was followed by no action', [finding.place])
    if due is None or due.due is None:
        return not_evidenced(f'the action on finding "{finding.id}" does not say by when it is due', [actions[0].place])
    done = next((each for each in actions if each.done and each.done <= ground.as_of), None)
    if done is None or done.done is None:
        if ground.as_of <= due.due:
            return _Followed((due.place,), due.due)
        return shortfall(f'the action on finding "{finding.id}" was due by {due.due} and is not done', [due.place])
    if done.done > due.due:
        said = f'the action on finding "{finding.id}" was done on {done.done}, due by {due.due}'
        return shortfall(said, [due.place, done.place])
    if not (done.proof or done.document):
        return not_evidenced(f'nothing proves the action on finding "{finding.id}"', [done.place])
    return _Followed((due.place, done.place), None)
