"""Whether a decision was carried by its body: who was there, how they voted, and what the bylaws asked for.

`bylaw assembly` of the decision's day gives the figures; without one they are its defaults. They are read like this:

- Present are all whose vote is recorded, abstentions included. Needed is the decision's own `quorum`, a number; where it
  states none, the bylaw's share of those who could vote. Where neither is written the quorum is not shown.
- The share that decides is of the votes for and against (`cast`), of these and the abstentions (`present`) or of all who
  could vote (`members`). One half means more than half; any other share is reached by as many. More votes against than
  for, or as many, never carry anything.
- No more votes than people who could vote, and no more of these in an assembly than members in the register on that day.
  Before the first `member` record, and in books without any, there is no register to compare with.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Place
from coopbooks.money import places_half_up
from coopbooks.records import bylaws, decisions
from coopbooks.rows import NamedTuple

__all__ = [
    "Adopted",
    "adopted",
    "adopted_by_assembly",
    "decision_of",
    "federation_fault",
    "members_fault",
    "members_on",
    "quorum_fault",
    "roll_fault",
    "tally",
    "votes_fault",
]


class Adopted(NamedTuple):
    """Whether a decision was carried, one sentence with the figures, and the decision; None where there is no such one."""

    ok: bool
    why: str
    decision: decisions.Decision | None = None


def decision_of(rules: Bylaws, record_id: str | None, day: date) -> decisions.Decision | None:
    """The last decision of an id that is dated on or before a day; None where there is none, and for no id."""
    if not record_id:
        return None
    return next((each for each in reversed(rules.history(decisions.Decision, record_id)) if each.date <= day), None)


def members_on(rules: Bylaws, day: date) -> int:
    """How many people are members on a day."""
    key = ("members on", day)
    if key not in rules.memo:  # one decision may stand behind thousands of postings
        rules.memo[key] = sum(rules.is_member(person, day) for person in rules.people)
    found: int = rules.memo[key]
    return found


def tally(decision: decisions.Decision) -> int | None:
    """All votes of a decision, abstentions included; None where the votes for or against are not recorded."""
    if decision.for_ is None or decision.against is None:
        return None
    return decision.for_ + decision.against + (decision.abstain or 0)


def adopted(rules: Bylaws, decision: decisions.Decision, *, super: bool = False) -> Adopted:  # noqa: A002
    """Whether a decision was carried by the body that took it, by the bylaws of its day.

    `super` asks for the supermajority, of the members and of the federation's bodies alike (`federation-for` and
    `federation-against`). `why` names the first thing that is missing, else the figures.
    """
    fault = members_fault(rules, decision, super=super) or (federation_fault(rules, decision) if super else None)
    if fault is not None:
        return Adopted(ok=False, why=fault, decision=decision)
    federation = f"{decision.federation_for} to {decision.federation_against or 0} of the federation"
    beside = f" and {federation}" if super else ""
    return Adopted(
        ok=True,
        why=f"{decision.named} was carried by the {decision.body}: {tally(decision)} of {decision.eligible} voted, "
        f"{decision.for_} for and {decision.against} against{beside}",
        decision=decision,
    )


def adopted_by_assembly(
    rules: Bylaws,
    record_id: str | None,
    day: date,
    *,
    super: bool = False,  # noqa: A002
) -> Adopted:
    """As `adopted`, for the decision of an id that stood by a day, and only where the assembly took it."""
    if not record_id:
        return Adopted(ok=False, why="no decision is named")
    decision = decision_of(rules, record_id, day)
    if decision is None:
        return Adopted(ok=False, why=f'decision "{record_id}" has no record by {day}')
    if decision.body != "assembly":
        took = f"the {decision.body} took it" if decision.body else "it does not say which body took it"
        return Adopted(ok=False, why=f"{decision.named} is none of the assembly: {took}", decision=decision)
    return adopted(rules, decision, super=super)


def _missing(decision: decisions.Decision) -> str | None:
    if decision.body is None:
        return f"{decision.named} does not say which body took it"
    if tally(decision) is None:
        return f"{decision.named} does not record how many voted for and how many against"
    if decision.eligible is None:
        return f"{decision.named} does not record how many could vote"
    return None


def votes_fault(rules: Bylaws, decision: decisions.Decision) -> str | None:
    """That more votes were cast than one a head allows: of those who could vote, and of the members of that day.

    What is not recorded cannot be compared; it is no fault here.
    """
    votes, eligible = tally(decision) or 0, decision.eligible
    if eligible is not None and votes > eligible:
        return f"{decision.named} has {votes} votes of {eligible} who could vote"
    members = _register(rules, decision)
    if members is not None and votes > members:
        return f"{decision.named} has {votes} votes, and on {decision.date} there were {members} members"
    return None


def roll_fault(rules: Bylaws, decision: decisions.Decision) -> str | None:
    """That a decision of the assembly counts more people who could vote than there were members on its day."""
    members = _register(rules, decision)
    if members is not None and (decision.eligible or 0) > members:
        return f"{decision.named} counts {decision.eligible} who could vote, and on {decision.date} there were {members} members"
    return None


def _register(rules: Bylaws, decision: decisions.Decision) -> int | None:
    """How many members an assembly could have had; None for another body, and where there is no register yet."""
    founded = rules.founded
    if decision.body != "assembly" or founded is None or decision.date < founded:
        return None
    return members_on(rules, decision.date)


def quorum_fault(rules: Bylaws, decision: decisions.Decision) -> str | None:
    """That the quorum was missed or cannot be shown. A decision without its votes is none of this."""
    present, eligible = tally(decision), decision.eligible
    if present is None:
        return None
    if decision.quorum is not None:
        needed, said = Fraction(decision.quorum), str(decision.quorum)
    else:
        rule = rules.of(bylaws.Assembly, "assembly", decision.date)
        if rule is None or rule.quorum is None or decision.body != "assembly":
            return f"{decision.named} does not record its quorum, and no bylaw of that day sets one"
        if eligible is None:
            return f"{decision.named} does not record how many could vote, so its quorum is not shown"
        needed = Fraction(rule.quorum) * eligible
        said = f"{_percent(Fraction(rule.quorum))} of {eligible}"
    if present < needed:
        return f"{decision.named} had {present} present where {said} were needed"
    return None


def members_fault(rules: Bylaws, decision: decisions.Decision, *, super: bool = False) -> str | None:  # noqa: A002
    """The first thing that keeps a decision from being carried by its own body, the federation left aside."""
    fault = _missing(decision) or votes_fault(rules, decision) or roll_fault(rules, decision)
    fault = fault or quorum_fault(rules, decision)
    if fault is not None:
        return fault
    rule = _rule(rules, decision)
    for_, against = decision.for_ or 0, decision.against or 0
    bases = {"cast": for_ + against, "present": tally(decision) or 0, "members": decision.eligible or 0}
    base = bases[rule.majority_of]
    share = Fraction(rule.supermajority if super else rule.majority)
    if not _reached(for_, against, base, share):
        return f"{decision.named} had {for_} for and {against} against, which is not {_asked(share)} of {base}"
    if rule.against_at_most is not None and against > rule.against_at_most:
        return f"{decision.named} had {against} against, and the bylaws bear {rule.against_at_most}"
    return None


def federation_fault(rules: Bylaws, decision: decisions.Decision) -> str | None:
    """What keeps a decision from the supermajority of the federation's bodies."""
    if decision.federation_for is None:
        return f"{decision.named} records no vote of the federation"
    for_, against = decision.federation_for, decision.federation_against or 0
    share = Fraction(_rule(rules, decision).supermajority)
    if _reached(for_, against, for_ + against, share):
        return None
    votes = f"{for_} for and {against} against in the federation"
    return f"{decision.named} had {votes}, which is not {_asked(share)} of {for_ + against}"


def _rule(rules: Bylaws, decision: decisions.Decision) -> bylaws.Assembly:
    return rules.of(bylaws.Assembly, "assembly", decision.date) or _DEFAULT


_DEFAULT = bylaws.Assembly(id="assembly", date=date.min, place=Place("", 0))  # every field as the class has it


def _reached(for_: int, against: int, base: int, share: Fraction) -> bool:
    """Whether the votes for are the share of a base that decides."""
    enough = for_ * 2 > base if share == Fraction(1, 2) else for_ >= share * base
    return enough and for_ > against


def _asked(share: Fraction) -> str:
    return "more than half" if share == Fraction(1, 2) else _percent(share)


def _percent(share: Fraction) -> str:
    """A share as a sentence says it, with the places that it has."""
    text = places_half_up(share * 100, 2)
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"
