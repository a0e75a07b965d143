"""The words of a grade report, said once for page, Markdown and paper: they differ in form only. Nothing is judged here.

Every text of the ledger passes through `shown`: on one line, and without signs that would turn others round.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from coopbooks import audit_answers as answers
from coopbooks.reports.figures import day_said, shown

__all__ = ["audit_view", "headline"]

OUTCOMES = {
    "met": "met",
    "shortfall": "falls short",
    "breach": "breach",
    "not-evidenced": "not evidenced",
    "error": "could not be judged",
    "not-applicable": "not applicable",
    "pending": "pending",
    "not-assessed": "not assessed",
}
STATES = {
    "open": "open",
    "rewritten": "rewritten, not yet confirmed by the panel",
    "verified": "rewritten and confirmed",
    "assembly-due": "emergency assembly due",
    "assembly-held": "emergency assembly held",
    "assembly-held-late": "emergency assembly held too late",
    "defaulted": "defaulted: neither rewritten nor answered by an assembly",
    "withdrawn": "withdrawn",
}
_RULE = {
    0: "No grade: a gate or a core criterion was not assessed.",
    1: "First line of the grading rule: a gate is breached, or as many core criteria as core.breach-limit says.",
    2: "Second line of the grading rule: a gate or core criterion is below met, or more practices than are tolerated.",
    3: "Third line of the grading rule: neither of the first two applies.",
}
_TIERS = (
    ("gate", "Gates", "One that is breached decides the verdict, and nothing makes up for it."),
    ("core", "Core criteria", "One below met keeps the verdict from being revolutionary."),
    ("practice", "Practices", "A few may be below met; every one of them owes its rewrite all the same."),
)
_MOODS = {
    "met": "good",
    "shortfall": "short",
    "breach": "bad",
    "not-evidenced": "short",
    "error": "short",
}
_NAMED_MOST = 3
_MEASURES = {
    "budget": "budget controlled by assemblies",
    "decisions": "decisions taken independently",
    "survival": "survival without outside support",
    "pivot": "speed of a pivot",
}


def headline(report: answers.Audit) -> str:
    """Verdict and assurance in one line."""
    if not report.criteria:
        return "No verdict: these books have no cooperative record"
    if report.verdict is None:
        return "No verdict: a gate or a core criterion was not assessed"
    poor = report.assurance == "insufficient"
    grade = f"{report.verdict} (insufficient evidence)" if poor else f"{report.verdict}; assurance {report.assurance}"
    return f"{'Indicated, not a verdict' if report.status == 'preliminary' else 'Verdict'}: {grade}"


def audit_view(report: answers.Audit) -> dict[str, Any]:
    """The report as plain data for a template: every text ready to be read, none of it marked up."""
    return {
        "title": shown(report.cooperative) or "Cooperative",
        "kind": "Liberation audit" if report.status == "signed" else "Liberation audit, preliminary",
        "audit": None if report.audit is None else shown(report.audit),
        "headline": headline(report),
        "grade": report.verdict,
        "mood": {"revolutionary": "good", "reformist": "short", "counter-revolutionary": "bad"}.get(
            report.verdict or "", "plain"
        ),
        "indicated": report.status == "preliminary",
        "days": f"{day_said(report.window.starts)} to {day_said(report.window.ends)}",
        "as_of": day_said(report.as_of),
        "judged_on": day_said(report.judged_on),
        "differs": _differs(report),
        "rule": _RULE[report.verdict_line] if report.criteria else "There was nothing to judge.",
        "counts": list(_counts(report)),
        "why": [{"text": shown(each.text), "criteria": list(each.criteria)} for each in report.why],
        "todo": list(_todo(report)),
        "triggers": [_trigger(each, report.as_of) for each in sorted(report.triggers, key=_is_answered)],
        "tiers": [_tier(report, *tier) for tier in _TIERS],
        "sovereignty": _sovereignty(report.sovereignty),
        **_process(report),
        "method": list(report.method),
        "parameters": [each.to_data() | {"value": shown(each.value)} for each in report.parameters],
        "digests": list(_digests(report)),
        "files": [
            {"path": shown(each.path), "sha256": each.sha256, "bytes": f"{each.bytes:,}"} for each in report.files
        ],
    }


def _process(report: answers.Audit) -> dict[str, Any]:
    """Who audited, by which lot, with which ties and votes; what does not count; what the cooperative says to it."""
    return {
        "panel": [
            {"auditor": shown(each.auditor), "sits": each.why_not is None, "why_not": shown(each.why_not or "")}
            for each in report.panel
        ],
        "votes": None if report.votes is None else _votes(report.votes),
        "lottery": _lottery(report.lottery),
        "conflicts": [
            {
                "auditor": shown(each.auditor),
                "declared": None if each.declared is None else shown(each.declared),
                "found": [shown(text) for text in each.found],
            }
            for each in report.conflicts
        ],
        "dissent": [
            {"about": each.criterion or "the verdict", "votes": _votes(each.votes), "place": each.place}
            for each in report.dissent
        ],
        "ignored": [
            {"record": shown(each.record), "place": each.place, "why": shown(each.why)} for each in report.ignored
        ],
        "publications": [
            {"date": day_said(each.date), "where": shown(each.where or ""), "place": each.place}
            for each in report.publications
        ],
        "response": [
            {
                "date": day_said(each.date),
                "document": None if each.document is None else shown(each.document),
                "note": None if each.note is None else shown(each.note),
                "place": each.place,
            }
            for each in report.response
        ],
    }


def _differs(report: answers.Audit) -> str | None:
    """A word where the panel signed another grade than the rule gives for its labels."""
    if report.stated in (None, report.indicated):
        return None
    given = f"give {report.indicated}" if report.indicated else "give no verdict, since something was not assessed"
    return (
        f"The verdict record says {report.stated}; the books as they are now, the signed labels and the grading rule {given}: "
        "ask the panel for a correction, and compare the signed report with `coopbooks verify`."
    )


def _counts(report: answers.Audit) -> Iterable[str]:
    for tier, title, _ in _TIERS:
        rows = [row for row in report.criteria if row.tier == tier and row.outcome != "not-applicable"]
        met = sum(row.outcome == "met" for row in rows)
        yield f"{title}: {met} of {len(rows)} met"


def _todo(report: answers.Audit) -> Iterable[dict[str, Any]]:
    """What is to be done; one assembly that several triggers ask for is one line."""
    lines: dict[tuple[str | None, str], list[answers.AuditTodo]] = {}
    for each in report.what_next:
        lines.setdefault((each.until, each.remedy if each.until else each.criterion), []).append(each)
    for (until, _), rows in lines.items():
        triggers = [shown(each.trigger) for each in rows if each.trigger]
        few = len(rows) <= _NAMED_MOST
        yield {
            "criteria": [each.criterion for each in rows[:_NAMED_MOST]],
            "more": "" if few else f"and {len(rows) - _NAMED_MOST} more",
            "remedy": _plainly(rows[0].remedy),
            "triggers": f"({', '.join(triggers) if few else f'one for all {len(rows)} triggers'})" if triggers else "",
            "until": None if until is None else day_said(until),
        }


def _is_answered(each: answers.AuditTrigger) -> bool:
    """Clocks that run, and those that ran out, stand before what was answered: a reader looks for what is left to do."""
    return each.state not in ("open", "assembly-due", "defaulted")


def _trigger(each: answers.AuditTrigger, as_of: str) -> dict[str, Any]:
    waits = each.early_assembly_by is not None and each.early_assembly_on is None
    late = waits and as_of > str(each.early_assembly_by)  # both are ISO dates
    mood = {"open": "short", "assembly-due": "bad", "defaulted": "bad"}.get(each.state, "plain")
    return {
        "id": shown(each.id),
        "criterion": each.criterion,
        "cause": "a verdict" if each.cause == "verdict" else "a threshold that was crossed",
        "opened": day_said(each.opened),
        "last_day": day_said(each.last_day),
        "assembly_by": day_said(each.assembly_by),
        "early": None if each.early_assembly_by is None else day_said(each.early_assembly_by),
        "early_late": late,
        "assemblies": " and ".join(day_said(day) for day in (each.early_assembly_by, each.assembly_by) if day),
        "state": STATES[each.state] + (", early assembly overdue" if late else ""),
        "mood": "bad" if late else mood,
        "left": _left(each.days_left),
        "place": each.place,
        "met_by": each.met_by,
    }


def _left(days: int | None) -> str:
    if days is None:
        return ""
    return {0: "today is the last day", 1: "1 day left"}.get(days, f"{days} days left")


def _tier(report: answers.Audit, tier: str, title: str, about: str) -> dict[str, Any]:
    rows = [_criterion(row) for row in report.criteria if row.tier == tier]
    return {"id": tier, "title": title, "about": about, "rows": rows}


def _criterion(row: answers.AuditCriterion) -> dict[str, Any]:
    below = row.label not in (None, "revolutionary")
    return {
        "id": row.id,
        "title": row.title,
        "shown": shown(row.shown) or OUTCOMES[row.outcome],
        "label": row.label,
        "mood": _MOODS.get(row.outcome, "plain"),
        "reason": shown(row.reason),
        "machine": OUTCOMES[row.machine] if row.machine != row.outcome else None,
        "evidence": list(row.evidence),
        "papers": None if row.papers is None else shown(row.papers),
        "remedy": _plainly(row.remedy) if below else None,
        "clause": row.clause,
        "panel": None if row.panel is None else _finding(row.panel),
        "flags": list(row.flags),
        "derogation": None if row.derogation is None else _derogation(row.derogation),
        "graded": row.graded,
    }


def _plainly(remedy: str) -> str:
    """A remedy as the rest of a sentence."""
    text = shown(remedy).rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _finding(each: answers.AuditFinding) -> str:
    parts = [f"The panel gives {each.label}" if each.label else "The panel"]
    if each.votes:
        parts.append(f" by {_votes(each.votes)}")
    if each.until:
        parts.append(f", valid until {day_said(each.until)}")
    return f"{''.join(parts)} ({each.place})" + (f": {shown(each.text)}" if each.text else "")


def _derogation(each: answers.AuditDerogation) -> str:
    until = f" until {day_said(each.until)}" if each.until else ""
    return f"The assembly allows it{until} ({each.place})" + (f": {shown(each.reason)}" if each.reason else "")


def _votes(text: str) -> str:
    """Votes in words: the first figure is for, the second against, the third abstaining."""
    for_, against, abstained = text.split("-")
    return f"{for_} for, {against} against" + (f", {abstained} abstaining" if abstained != "0" else "")


def _sovereignty(found: answers.AuditSovereignty | None) -> dict[str, Any]:
    """The four measures, each in per cent or missing."""
    if found is None:
        return {"index": None, "rows": [], "missing": list(_MEASURES.values())}
    return {
        "index": found.index,
        "rows": [
            {"name": _MEASURES.get(name, name), "value": value or "not evidenced"}
            for name, value in found.measures.items()
        ],
        "missing": [_MEASURES.get(name, name) for name in found.missing],
    }


def _lottery(found: answers.AuditLottery | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "call": f"Called on {day_said(found.called)} ({found.place}): {found.seats} seats, {found.pool} in the pool, "
        f"not to be drawn before {day_said(found.draw_not_before)}.",
        "small": found.pool < 2 * found.seats,
        "pool_sha256": found.pool_sha256,
        "sources": [shown(each) for each in (found.values or found.sources)],
        "drawn": None if found.drawn is None else f"Drawn on {day_said(found.drawn)} ({found.draw_place}).",
        "seed": found.seed,
        "panel": [shown(each) for each in found.panel],
        "alternates": [shown(each) for each in found.alternates],
    }


def _digests(report: answers.Audit) -> Iterable[Sequence[str]]:
    yield "form of the report", "schema", answers.SCHEMA
    yield "catalogue", report.catalogue, report.catalogue_sha256
    yield "profile", shown(report.profile), report.profile_sha256
    if report.ledger_sha256 is not None:
        yield "ledger", f"{len(report.files)} files", report.ledger_sha256
