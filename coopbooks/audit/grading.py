"""From outcomes to labels, from labels to a verdict: the rule that a treasurer can apply by hand.

1. Counter-revolutionary: any gate is a breach, or as many core criteria are as `core.breach-limit` says.
2. Reformist: any gate or core criterion is a shortfall, a breach, not evidenced or an error, or more practices are below
   met than `practice.tolerance` says.
3. Revolutionary: everything else.

There is no verdict while a gate or a core criterion is not assessed. What does not apply and what is still pending does
not count. No criterion has a weight, and none makes up for another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from coopbooks.audit.judgement import Outcome
from coopbooks.audit.model import Assurance, Label, Reason, Result, Verdict

__all__ = ["UNSHOWN", "assurance", "label_of", "rank", "verdict", "verdict_in_words"]

_LABELS: dict[Outcome, Label] = {
    "met": "revolutionary",
    "shortfall": "reformist",
    "not-evidenced": "reformist",
    "error": "reformist",
    "breach": "counter-revolutionary",
}

UNSHOWN = frozenset({"not-evidenced", "error", "not-assessed"})
"""Outcomes of a criterion that nothing shows."""

_ALWAYS_JUDGED = frozenset({"BKS-1", "BKS-2"})  # open books and true books: without them nothing else is evidence


def label_of(outcome: Outcome) -> Label | None:
    """The label that an outcome carries; None for what does not apply, is pending or is not assessed."""
    return _LABELS.get(outcome)


def rank(outcome: Outcome) -> int:
    """How an outcome counts in the verdict: 2 where nothing is held against it, 1 below met, 0 for a breach.

    What does not apply and what is pending stand with what is met, since the rule leaves all three aside. What is not
    assessed stands with what is not evidenced; in the verdict it stops the rule before any of this.
    """
    if outcome == "breach":
        return 0
    return 1 if outcome == "shortfall" or outcome in UNSHOWN else 2


def verdict(results: Iterable[Result], breach_limit: Decimal | int, tolerance: Decimal | int) -> Verdict:
    """The grade of these results, the line of the rule that gives it, and the criteria that decide."""
    graded = [result for result in results if result.graded]
    gates = [result for result in graded if result.criterion.tier == "gate"]
    core = [result for result in graded if result.criterion.tier == "core"]
    low = [result for result in graded if result.criterion.tier == "practice" and _below(result)]
    waiting = [result for result in (*gates, *core) if result.outcome == "not-assessed"]
    if waiting:
        return Verdict(
            None,
            0,
            (_reason(waiting, "{} of the gates and core criteria {is_} not assessed, so there is no verdict yet"),),
        )
    breached = [result for result in gates if result.outcome == "breach"]
    broken = [result for result in core if result.outcome == "breach"]
    reasons = [_reason(breached, "{} of the gates {is_} breached")] if breached else []
    if len(broken) >= breach_limit:
        reasons.append(_reason(broken, f"{{}} of the core criteria {{is_}} breached, and {breach_limit} decide"))
    if reasons:
        return Verdict("counter-revolutionary", 1, tuple(reasons))
    unshown = [result for result in (*gates, *core) if _below(result) and result.outcome in UNSHOWN]
    short = [result for result in (*gates, *core) if _below(result) and result.outcome not in UNSHOWN]
    if short:
        reasons.append(_reason(short, "{} of the gates and core criteria {is_} below met"))
    if unshown:
        reasons.append(_reason(unshown, "{} of the gates and core criteria {is_} not evidenced"))
    if len(low) > tolerance:
        reasons.append(_reason(low, f"{{}} of the practices {{is_}} below met, and a verdict bears {tolerance}"))
    if reasons:
        return Verdict("reformist", 2, tuple(reasons))
    kept = "every gate and core criterion is met, and {} of the practices {is_} below met, where a verdict bears "
    return Verdict("revolutionary", 3, (_reason(low, f"{kept}{tolerance}"),))


def assurance(results: Iterable[Result]) -> Assurance:
    """How far the evidence bears the verdict, after the opinions of ISA 705.

    Insufficient where more than a quarter of all gates and core criteria is not evidenced, or BKS-1 or BKS-2 is not;
    qualified where any other gate or core criterion is not; else full.
    """
    base = [result for result in results if result.criterion.tier != "practice"]
    unshown = [result for result in base if result.missing or result.outcome in UNSHOWN]
    if len(unshown) * 4 > len(base) or any(result.id in _ALWAYS_JUDGED for result in unshown):
        return "insufficient"
    return "qualified" if unshown else "full"


def verdict_in_words(found: Verdict, borne: Assurance) -> str:
    """The verdict as it is published: too little evidence is said in it, since there is no grade for that."""
    if found.grade is None:
        return "no verdict"
    if found.grade == "reformist" and borne == "insufficient":
        return "reformist (insufficient evidence)"
    return found.grade


def _below(result: Result) -> bool:
    return label_of(result.outcome) not in (None, "revolutionary")


def _ids(results: Sequence[Result]) -> tuple[str, ...]:
    return tuple(result.id for result in results)


def _reason(results: Sequence[Result], text: str) -> Reason:
    return Reason(text.format(len(results), is_="is" if len(results) == 1 else "are"), _ids(results))
