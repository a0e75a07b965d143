"""An audit as its answer prints it: rows of the audit become texts. Nothing is judged here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import PurePosixPath, PureWindowsPath

import coopbooks.audit_answers as answers  # as in coopbooks.printed
from coopbooks.audit.cases import Case, cases_of
from coopbooks.audit.catalogue import VERSION, catalogue_sha256
from coopbooks.audit.conflicts import ties_of
from coopbooks.audit.grading import UNSHOWN, rank
from coopbooks.audit.model import Audit, Dissent, Result, Seat, Setting
from coopbooks.audit.profiles import FULL
from coopbooks.audit.triggers import Trigger
from coopbooks.books.digest import Listed
from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, LedgerUnusable, Place
from coopbooks.money import Amount
from coopbooks.periods import Period
from coopbooks.rules.sovereignty import measures_of

__all__ = ["METHOD", "audit_answer", "changes_of", "conflicts_of", "empty_audit", "sovereignty_of"]

METHOD = (
    (
        "Each criterion is judged by one function from the records, postings and balances of the ledger that are dated up to "
        "the day of judgement; nothing later is read, and what the ledger does not show is never taken for granted."
    ),
    "A criterion that is met lists the lines it rests on; without evidence it is not evidenced, which counts as reformist.",
    (
        "The verdict is counter-revolutionary where one gate is breached, or as many core criteria as the parameter "
        "core.breach-limit says; else reformist where a gate or core criterion is below met, or more practices than "
        "practice.tolerance allows; else revolutionary. Nothing compensates a gate."
    ),
    (
        "The panel may lower any label by a finding with text and evidence, and raise one where papers or talks are evidence; "
        "what the books say stays beside it. A red flag without an answer keeps a criterion at not evidenced."
    ),
    "The sovereignty index shows a trend and enters no verdict.",
    "A clause such as 002:59 is a line of the five essays that the criteria were made from, counted from 000 to 004.",
    "Whoever has the ledger can recompute this report: `coopbooks verify REPORT LEDGER`.",
)
"""How a report was made, in its own words; one sentence or two a rule."""

_TIERS = ("gate", "core", "practice")


def audit_answer(
    found: Audit,
    *,
    title: str,
    ledger_sha256: str | None,
    files: Sequence[Listed],
    sovereignty: answers.AuditSovereignty | None = None,
    conflicts: Sequence[answers.AuditConflict] = (),
    refused: Sequence[Finding] = (),
) -> answers.Audit:
    """The answer of an audit: it breaks unless the verdict is revolutionary, and where a clock has run out.

    `refused` is what was not done of what a ledger that somebody sent asks for; it stands before what was ignored.
    """
    case = found.case
    return answers.Audit(
        schema=answers.SCHEMA,  # type: ignore[call-arg]  # the alias; mypy knows only the name
        cooperative=title,
        catalogue=found.catalogue,
        catalogue_sha256=found.catalogue_sha256,
        profile=found.profile,
        profile_sha256=found.profile_sha256,
        as_of=str(found.as_of),
        judged_on=str(found.judged_on),
        ledger_sha256=ledger_sha256,
        files=tuple(_file(each) for each in files),
        status=found.status,
        audit=found.id,
        window=_window(found.window),
        verdict=found.stated or found.verdict.grade,
        indicated=found.verdict.grade,
        verdict_line=found.verdict.line,
        stated=found.stated,
        votes=None if case is None or case.verdict is None else _votes(case.verdict.votes),
        why=tuple(answers.AuditReason(text=each.text, criteria=each.criteria) for each in found.verdict.reasons),
        what_next=tuple(_what_next(found)),
        assurance=found.assurance,
        criteria=tuple(map(_criterion, sorted(found.results, key=lambda row: _TIERS.index(row.criterion.tier)))),
        triggers=tuple(_trigger(each, found.as_of) for each in sorted(found.triggers, key=_by_day)),
        parameters=tuple(map(_parameter, found.settings)),
        panel=tuple(map(_seat, found.seats)),
        lottery=None if case is None else _lottery(case),
        conflicts=tuple(conflicts),
        dissent=tuple(map(_dissent, found.dissent)),
        publications=tuple(_publications(case)),
        response=tuple(_responses(case)),
        sovereignty=sovereignty,
        ignored=(*map(_refused, refused), *_ignored(found)),
        method=METHOD,
    ).marked(_breaks(found))


def _breaks(found: Audit) -> bool:
    grades = {found.stated or found.verdict.grade, found.verdict.grade}
    return grades != {"revolutionary"} or any(each.state in ("assembly-due", "defaulted") for each in found.triggers)


def _window(window: Period) -> answers.AuditWindow:
    return answers.AuditWindow(name=window.name, starts=str(window.starts), ends=str(window.ends))


def _dissent(each: Dissent) -> answers.AuditDissent:
    return answers.AuditDissent(criterion=each.criterion, votes=_votes(each.votes) or "", place=_place(each.place))


def _refused(each: Finding) -> answers.AuditIgnored:
    return answers.AuditIgnored(record="ledger", place=str(each.place), why=each.message)


def _ignored(found: Audit) -> Iterator[answers.AuditIgnored]:
    for each in (*found.ignored, *(each for row in found.results for each in row.ignored)):
        yield answers.AuditIgnored(record=each.record, place=_place(each.place), why=each.why)


def _place(place: Place | None) -> str | None:
    """Where something stands; None for what stands in no file yet, as a verdict that is being signed."""
    return str(place) if place is not None and place.file else None


def _votes(votes: tuple[int, int, int] | None) -> str | None:
    return None if votes is None else "-".join(map(str, votes))


def _criterion(row: Result) -> answers.AuditCriterion:
    finding, derogation = row.finding, row.derogation
    return answers.AuditCriterion(
        id=row.id,
        tier=row.criterion.tier,
        title=row.criterion.title,
        machine=row.machine.outcome,
        outcome=row.outcome,
        label=row.label,
        shown=row.shown,
        reason=row.reason,
        evidence=tuple(dict.fromkeys(map(str, row.evidence))),
        papers=row.papers,
        remedy=row.criterion.remedy,
        clause=row.criterion.clause,
        panel=None
        if finding is None
        else answers.AuditFinding(
            label=finding.label,  # type: ignore[arg-type]  # one of the three labels, held when it is read
            basis=finding.basis,
            votes=_votes(finding.votes),
            text=finding.text,
            until=_day(finding.until),
            place=str(finding.place),
        ),
        flags=tuple(str(flag.place) for flag in row.flags),
        derogation=None
        if derogation is None
        else answers.AuditDerogation(
            reason=derogation.reason, until=_day(derogation.until), place=str(derogation.place)
        ),
        graded=row.graded,
    )


def _day(day: date | None) -> str | None:
    return None if day is None else str(day)


def changes_of(signed: answers.Audit | None, today: answers.Audit, *, newer: bool) -> answers.AuditChanges:
    """What the books show otherwise today than on the day of a verdict.

    What a panel found is left aside: it is a word on its own audit, and no evidence of what came later.
    """
    changed = () if signed is None else tuple(_changes(signed, today))
    return answers.AuditChanges(signed=signed, today=today, newer=newer, changed=changed)


_NO_SIDE = frozenset({"not-applicable", "pending", "not-assessed"})


def _changes(before: answers.Audit, after: answers.Audit) -> Iterator[answers.AuditChange]:
    known = {row.id: row for row in before.criteria}
    for row in after.criteria:
        was = known[row.id]
        if was.machine != row.machine:
            order = 0 if {was.machine, row.machine} & _NO_SIDE else rank(row.machine) - rank(was.machine)
            yield answers.AuditChange(
                criterion=row.id,
                tier=row.tier,
                title=row.title,
                before=was.machine,
                after=row.machine,
                reason_before=was.reason,
                reason=row.reason,
                better=order > 0 if order else None,
            )


# -- clocks ----------------------------------------------------------------------------------------------------------


def _by_day(trigger: Trigger) -> tuple[date, str]:
    return trigger.last_day, trigger.id


def _next_day(trigger: Trigger, as_of: date) -> date | None:
    """The last day that is ahead: of the early assembly, of the rewrite, or of the assembly that follows."""
    early = trigger.early_assembly_by
    if early is not None and trigger.early_assembly_on is None and as_of <= early:
        return early
    ahead = {"open": trigger.last_day, "assembly-due": trigger.assembly_by}.get(trigger.state)
    return ahead if ahead is not None and as_of <= ahead else None


def _trigger(each: Trigger, as_of: date) -> answers.AuditTrigger:
    ahead = _next_day(each, as_of)
    return answers.AuditTrigger(
        id=each.id,
        criterion=each.criterion,
        cause=each.cause,
        label=each.label,
        opened=str(each.opened),
        last_day=str(each.last_day),
        assembly_by=str(each.assembly_by),
        early_assembly_by=_day(each.early_assembly_by),
        early_assembly_on=_day(each.early_assembly_on),
        state=each.state,
        days_left=None if ahead is None else (ahead - as_of).days,
        place=_place(each.opened_by),
        met_by=_place(each.met_by),
        met_on=_day(each.met_on),
    )


def _what_next(found: Audit) -> Iterator[answers.AuditTodo]:
    """What is to be done and until when, by the last day; then what has no clock, gates first."""
    remedies = {row.id: _remedy(row) for row in found.results}
    running = [each for each in found.triggers if each.state in ("open", "assembly-due", "defaulted")]
    todos = [todo for each in running for todo in _of_a_clock(each, remedies.get(each.criterion, ""), found.as_of)]
    yield from sorted(todos, key=lambda each: (each.until, each.criterion))
    told = {each.criterion for each in found.triggers if each.audit == found.id} | {each.criterion for each in running}
    for row in sorted(found.results, key=lambda row: (_TIERS.index(row.criterion.tier), row.outcome != "breach")):
        if row.below_met and row.graded and row.id not in told:
            until = None if row.derogation is None else _day(row.derogation.until)
            yield answers.AuditTodo(criterion=row.id, remedy=_remedy(row), until=until, trigger=None)


def _remedy(row: Result) -> str:
    """What mends a criterion: where nothing shows it, that is the evidence, and not what a fault would ask for."""
    return f"produce the evidence: {row.reason}" if row.missing or row.outcome in UNSHOWN else row.criterion.remedy


def _of_a_clock(each: Trigger, remedy: str, as_of: date) -> Iterator[answers.AuditTodo]:
    """What one clock asks for: an early assembly, a rewrite while there is time, the assembly that follows without one."""

    def todo(words: str, until: date) -> answers.AuditTodo:
        return answers.AuditTodo(criterion=each.criterion, remedy=words, until=str(until), trigger=each.id)

    if each.early_assembly_by is not None and each.early_assembly_on is None:
        late = ", whose last day has passed" if as_of > each.early_assembly_by else ""
        yield todo(f"hold the emergency assembly that a {each.label} label calls for{late}", each.early_assembly_by)
    if each.state == "open":
        yield todo(remedy, each.last_day)
    elif each.state == "defaulted":
        yield todo("hold the emergency assembly on the leadership, whose last day has passed", each.assembly_by)
    else:
        yield todo("hold the emergency assembly on the leadership", each.assembly_by)


# -- who audited -----------------------------------------------------------------------------------------------------


def _parameter(each: Setting) -> answers.AuditParameter:
    return answers.AuditParameter(
        name=each.name,
        value=_figure(each.value),
        default=None if each.default is None else _figure(each.default),
        origin=each.origin,
        place=_place(each.place),
    )


def _figure(value: Decimal | Amount) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else f"{value.number:f} {value.currency}"


def _seat(each: Seat) -> answers.AuditSeat:
    return answers.AuditSeat(auditor=each.auditor, accepted=each.accepted, place=str(each.place), why_not=each.why_not)


def _lottery(case: Case) -> answers.AuditLottery | None:
    call, draw = case.call, case.draw
    if call is None:
        return None
    return answers.AuditLottery(
        called=str(call.date),
        place=str(call.place),
        seats=call.seats,
        pool=len(call.pool),
        pool_sha256=call.pool_sha256,
        sources=call.sources,
        draw_not_before=str(call.draw_not_before),
        drawn=None if draw is None else str(draw.date),
        draw_place=None if draw is None else str(draw.place),
        values=() if draw is None else tuple(value for _, value in draw.sources),
        seed=None if draw is None else draw.seed,
        panel=() if draw is None else draw.panel,
        alternates=() if draw is None else draw.alternates,
    )


def _publications(case: Case | None) -> Iterable[answers.AuditPublication]:
    for each in () if case is None else case.publications:
        yield answers.AuditPublication(
            date=str(each.date), where=each.place_, report_sha256=each.report_sha256, place=str(each.place)
        )


def _responses(case: Case | None) -> Iterable[answers.AuditResponse]:
    for each in () if case is None else case.responses:
        yield answers.AuditResponse(
            date=str(each.date), document=_paper(each.document), note=each.note, place=str(each.place)
        )


def _paper(path: str | None) -> str | None:
    """A document's path, of an absolute one only the name of the file: whose machine it lay on is nobody's business."""
    if path is None:
        return None
    for of_its_kind in (PurePosixPath(path), PureWindowsPath(path)):
        if of_its_kind.is_absolute():
            return of_its_kind.name
    return PurePosixPath(path).name if path.startswith("~") else path


def _file(each: Listed) -> answers.AuditFile:
    return answers.AuditFile(path=each.path, sha256=each.sha256, bytes=each.bytes)


# -- beside the verdict ----------------------------------------------------------------------------------------------


def conflicts_of(rules: Bylaws, found: Audit) -> list[answers.AuditConflict]:
    """What each auditor who accepted declares, and what the books say of them on the day of judgement."""
    floor = rules.parameter("ally.floor", found.judged_on)
    assert isinstance(floor, Decimal), "the floor is a number of the operating currency"
    panels = [
        case
        for case in cases_of(rules)
        if case.verdict is not None and case.id != found.id and case.verdict.date < found.judged_on
    ]
    return [
        answers.AuditConflict(
            auditor=seat.auditor,
            declared=seat.conflicts,
            found=tuple(tie.text for tie in ties_of(rules, seat.auditor, found.judged_on, floor, panels)),
            place=_place(seat.place),
        )
        for seat in found.seats
        if seat.accepted
    ]


def sovereignty_of(rules: Bylaws, day: date) -> answers.AuditSovereignty | None:
    """The four measures in per cent with one decimal and their index; None for books that cannot be measured."""
    try:
        measured = measures_of(rules, day)
    except LedgerUnusable:
        return None
    names = ("budget", "decisions", "survival", "pivot")
    return answers.AuditSovereignty(
        measures={name: _percent(getattr(measured, name)) for name in names},
        index=None if measured.index is None else f"{measured.index:f}",
        missing=measured.missing,
    )


def _percent(share: Fraction | None) -> str | None:
    if share is None:
        return None
    scaled = Decimal(share.numerator * 100) / Decimal(share.denominator)
    return f"{scaled.quantize(Decimal('0.1'), ROUND_HALF_UP):f}"


def empty_audit(
    title: str, window: Period, as_of: date, ledger_sha256: str | None, files: Sequence[Listed]
) -> answers.Audit:
    """The answer of books without a cooperative record."""
    lists = "why what_next criteria triggers parameters panel conflicts dissent publications response ignored"
    nothing: dict[str, tuple[()]] = dict.fromkeys(lists.split(), ())
    return answers.Audit.model_validate(
        {
            **dict.fromkeys(("audit", "verdict", "indicated", "stated", "votes", "lottery", "sovereignty")),
            **nothing,
            "schema": answers.SCHEMA,
            "cooperative": title,
            "catalogue": VERSION,
            "catalogue_sha256": catalogue_sha256(),
            "profile": FULL.id,
            "profile_sha256": FULL.sha256,
            "as_of": str(as_of),
            "judged_on": str(as_of),
            "ledger_sha256": ledger_sha256,
            "files": [_file(each) for each in files],
            "status": "preliminary",
            "window": _window(window),
            "verdict_line": 0,
            "assurance": "insufficient",
            "method": METHOD,
        }
    )
