"""Probes: alliances for one purpose and a stated time, and what was learnt from them."""

from __future__ import annotations

from datetime import date

from coopbooks.audit.criterion import criterion
from coopbooks.audit.ground import Ground
from coopbooks.audit.hours import when, within
from coopbooks.audit.judgement import Judgement, met, not_evidenced, pending, shortfall
from coopbooks.errors import Place
from coopbooks.records import alliances, decisions

__all__: list[str] = []


@criterion(
    "EXP-1",
    "practice",
    "Probes are bounded, and something is learnt from each",
    revolutionary="each probe has a pact with its last day and red lines, a debrief at most debrief.hours after it, the "
    "matrix before and after, a logbook entry and at least one guideline made anew",
    reformist="one of these is missing",
    evidence="compute examine",
    clause="001:35-69; 001:93-101",
    remedy="hold the debrief and close the logbook of the probe",
    parameters="debrief.hours",
)
def probes_are_learnt_from(ground: Ground) -> Judgement:
    """Judged are the probes that ended in the window, and of those without a last day the ones that it begins."""
    probes = [each for each in ground.rules.every(alliances.Probe) if (each.ends or each.date) in ground.window]
    ended = [each for each in probes if each.ends is None or each.ends <= ground.as_of]
    if not probes:
        return ground.nothing_to_judge("no probe")
    open_ones, unsure, evidence = [each for each in probes if each not in ended], "", list[Place]()
    for probe in sorted(ended, key=lambda each: (each.date, each.place)):
        fault = _pact_fault(probe)
        if fault is not None:
            return shortfall(f"{probe.named} of {probe.date} {fault}", [probe.place])
        found = _debriefed(ground, probe)
        if found.outcome == "shortfall":
            return found
        if found.outcome == "pending":
            open_ones.append(probe)
        elif found.outcome == "not-evidenced":
            unsure = unsure or found.reason
        else:
            evidence += found.evidence
    if unsure:
        return not_evidenced(unsure)
    if not evidence:
        return pending(f"{open_ones[0].named} ends on {open_ones[0].ends}, and its debrief may still come")
    learnt = len(probes) - len(open_ones)
    return met(f"{learnt} {'probe was' if learnt == 1 else 'probes were'} bounded, debriefed and learnt from", evidence)


def _pact_fault(probe: alliances.Probe) -> str | None:
    lacks = [name for name, said in (("ends", probe.ends), ("red-lines", probe.red_lines)) if not said]
    if lacks:
        return f"has a pact without {' and '.join(lacks)}"
    if probe.expected_autonomy is None or probe.expected_benefit is None:
        return "does not say what autonomy and benefit were expected"
    return None


def _debriefed(ground: Ground, probe: alliances.Probe) -> Judgement:
    """Whether the first debrief came in time and says what came of the probe."""
    hours = ground.number("debrief.hours")
    assert probe.ends is not None, "a probe without its last day is judged before"
    ended = (probe.ends, None)
    held = [each for each in ground.rules.history(alliances.Debrief, probe.id) if each.date >= probe.ends]
    if not held:
        if within(ended, (ground.as_of, None), hours) != "late":
            return pending(f"the debrief of {probe.named} may still come")
        return shortfall(f"{probe.named} ended on {probe.ends} and has no debrief", [probe.place])
    debrief = held[0]
    fault = _lesson_fault(ground, probe, debrief)
    if fault is not None:
        return shortfall(f"the debrief of {probe.named} {fault}", [debrief.place])
    came = within(ended, when(debrief), hours)
    if came == "late":
        return shortfall(
            f"the debrief of {probe.named} came more than {hours} hours after {probe.ends}", [debrief.place]
        )
    if came == "unknown":
        return not_evidenced(
            f"{probe.named} ended on {probe.ends} and was debriefed on {debrief.date}: without at: nobody can say whether "
            f"that was within {hours} hours",
            [debrief.place],
        )
    return met(f"{probe.named} was debriefed in time", [probe.place, debrief.place, *_amended(ground, probe, debrief)])


def _lesson_fault(ground: Ground, probe: alliances.Probe, debrief: alliances.Debrief) -> str | None:
    if debrief.autonomy is None or debrief.benefit is None:
        return "does not say what autonomy was kept and what benefit was had"
    if not debrief.gained:
        return "does not say what was learnt"
    if not debrief.amended:
        return "names no guideline that was made anew"
    if not _amended(ground, probe, debrief):
        return f'names the guideline "{debrief.amended}", which has no policy record since the probe began'
    return None


def _amended(ground: Ground, probe: alliances.Probe, debrief: alliances.Debrief) -> list[Place]:
    """The first version of the guideline since the probe began."""
    since: date = probe.starts or probe.date
    versions = ground.rules.history(decisions.Policy, debrief.amended or "")
    return [each.place for each in versions if each.date >= since][:1]
