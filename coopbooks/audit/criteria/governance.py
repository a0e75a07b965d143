"""GOV: who decides, by which votes, for how long.

What the books do not say in so many words is read like this:

- A **strategic decision** is one with `strategic: TRUE`, and one behind a disposal above takeover.threshold.
- A **disposal** is a transaction with postings marked `disposal: TRUE`. Its size is the greater of what these take off the
  accounts of assets, gains included, and what they put there. A debit on an account of assets whose balance is a credit,
  such as depreciation, only writes off what is sold and is taken off. It is above the threshold where all disposals of
  the twelve months that end with it come to more than that share of all assets at the end of the day before.
- A matter is **reserved** to the golden share where one of the reserved matters stands in the decision's `matter`, or
  where the decision is behind a disposal above the threshold. It is executed where a posting or a record names it.
- A **probation** ends six months after a person's hire, and an office is held two years at most (`TERM_MONTHS`).
- A mandate says how a recall is called where the word is in it, else the cooperative has a `policy "recall"`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from coopbooks.audit.criterion import criterion
from coopbooks.audit.ground import Ground
from coopbooks.audit.judgement import Judgement, breach, error, met, not_evidenced, shortfall
from coopbooks.errors import Place
from coopbooks.facts import Outlay, below
from coopbooks.money import places_half_up
from coopbooks.periods import add_months
from coopbooks.records import decisions, people, practices
from coopbooks.rows import NamedTuple
from coopbooks.rules.decisions import (
    adopted_by_assembly,
    decision_of,
    federation_fault,
    members_fault,
    quorum_fault,
    roll_fault,
    tally,
    votes_fault,
)

__all__ = ["PROBATION_MONTHS", "TERM_MONTHS"]

PROBATION_MONTHS = 6
"""Months from a person's hire in which nobody can be expected to be a member yet."""
TERM_MONTHS = 24
"""Months after which an office goes to somebody else."""
CONTROL = Fraction(3, 4)
"""Least share of those past probation who are members."""


def _percent(share: Fraction) -> str:
    return f"{places_half_up(share * 100, 1)} %"


def _count(number: int, word: str, words: str = "") -> str:
    return f"{number} {word if number == 1 else words or word + 's'}"


# -- disposals -------------------------------------------------------------------------------------------------------


class _Disposal(NamedTuple):
    """One transaction that disposes; `size` is None where an amount has no price.

    `sum` is that of the twelve months that end with it, `assets` all assets at the end of the day before.
    """

    date: date
    size: Decimal | None
    decision: str | None
    place: Place
    sum: Decimal
    assets: Decimal

    def above(self, threshold: Decimal) -> bool:
        return self.sum > threshold * self.assets


def _disposals(ground: Ground) -> list[_Disposal]:
    """Every disposal up to the window's end, oldest first."""
    key = ("disposals", ground.window)
    if key not in ground.rules.memo:
        ground.rules.memo[key] = _read_disposals(ground)
    found: list[_Disposal] = ground.rules.memo[key]
    return found


def _read_disposals(ground: Ground) -> list[_Disposal]:
    entries: dict[tuple[str, int], list[Outlay]] = {}
    for row in ground.facts.outlays:
        # A mark in quotes counts too: a slip of the pen must not hide a sale.
        if row.fields.get("disposal") not in (None, False) and row.date <= ground.window.ends:
            entries.setdefault((row.file, row.entry), []).append(row)
    found: list[_Disposal] = []
    for (file, line), rows in sorted(entries.items(), key=lambda each: (each[1][0].date, each[0])):
        day, size = rows[0].date, _size(ground, rows)
        since = add_months(day, -12)
        before = sum((each.size or Decimal(0) for each in found if each.date > since), Decimal(0))
        decision = next((text for row in rows if isinstance(text := row.fields.get("decision"), str)), None)
        assets = ground.facts.balance(ground.facts.roots.assets, _eve(day))
        found.append(_Disposal(day, size, decision, Place(file, line), before + (size or Decimal(0)), assets))
    return found


def _size(ground: Ground, rows: Iterable[Outlay]) -> Decimal | None:
    """How much is disposed of by the marked postings of one transaction; None where a price is missing."""
    roots, off, on = ground.facts.roots, Decimal(0), Decimal(0)
    for row in rows:
        if row.amount is None:
            return None
        if below(row.account, roots.income):
            off -= row.amount
        elif below(row.account, roots.assets):
            if row.amount < 0 or _writes_off(ground, row):
                off -= row.amount
            else:
                on += row.amount
    return max(off, on)


def _writes_off(ground: Ground, row: Outlay) -> bool:
    """Whether a debit only takes back what was written off before: no account of money is in credit on purpose."""
    return row.account not in ground.facts.liquid and ground.facts.balance(row.account, _eve(row.date)) < 0


def _eve(day: date) -> date:
    return date.fromordinal(max(day.toordinal() - 1, 1))


def _large_disposals(ground: Ground) -> list[_Disposal]:
    """The disposals of the window that are above the threshold."""
    threshold = ground.number("takeover.threshold")
    return [each for each in _disposals(ground) if each.date in ground.window and each.above(threshold)]


def _behind(ground: Ground, disposal: _Disposal) -> decisions.Decision | None:
    """The decision that a disposal names as it stood on its day, else as it was taken later."""
    rules = ground.rules
    return decision_of(rules, disposal.decision, disposal.date) or decision_of(rules, disposal.decision, ground.as_of)


def _unpriced(ground: Ground) -> Judgement | None:
    """An error where the size of a disposal that counts in the window is not known."""
    since = add_months(ground.window.starts, -12)
    for each in _disposals(ground):
        if each.size is None and each.date > since:
            return error(f"the disposal of {each.date} has an amount without a price", [each.place])
    return None


# -- strategic decisions ---------------------------------------------------------------------------------------------


def _strategic(ground: Ground) -> dict[Place, decisions.Decision]:
    """The strategic decisions of the window and those behind its large disposals, by place."""
    found = {each.place: each for each in ground.inside(decisions.Decision) if each.strategic}
    for disposal in _large_disposals(ground):
        behind = _behind(ground, disposal)
        if behind is not None:
            found[behind.place] = behind
    return dict(sorted(found.items(), key=lambda each: (each[1].date, each[0])))


@criterion(
    "GOV-1",
    "gate",
    "One member, one vote on strategic decisions",
    revolutionary=(
        "The assembly takes every strategic decision, nobody votes twice, the quorum is met and the votes are recorded"
    ),
    reformist="a strategic decision lacks its votes or its quorum, or nobody recorded who took it",
    hostile="another body takes a strategic decision, or more votes are counted than members could cast",
    evidence="compute examine",
    clause="002:59; 000:61",
    remedy="take the decision again, in an assembly with a quorum, and record every vote",
    parameters="takeover.threshold",
)
def one_member_one_vote(ground: Ground) -> Judgement:
    """Who took each strategic decision, and whether its votes are as many as heads."""
    fault = _unpriced(ground)
    if fault is not None:
        return fault
    found = list(_strategic(ground).values())
    for each in found:
        if each.body not in (None, "assembly"):
            return breach(f"{each.named} is strategic, and the {each.body} took it", [each.place])
        weighted = votes_fault(ground.rules, each)
        if weighted is not None:
            return breach(weighted, [each.place])
    for each in found:
        lacking = _lacking(ground, each)
        if lacking is not None:
            return shortfall(lacking, [each.place])
    for disposal in _large_disposals(ground):
        if _behind(ground, disposal) is None:
            return shortfall(f"no decision is recorded for the disposal of {disposal.date}", [disposal.place])
    if not found:
        return ground.nothing_to_judge("no strategic decision")
    votes = sum(tally(each) or 0 for each in found)
    return met(
        f"the assembly took {_count(len(found), 'strategic decision')} with {_count(votes, 'vote')}, each with a quorum",
        [each.place for each in found],
    )


def _lacking(ground: Ground, decision: decisions.Decision) -> str | None:
    """What the books do not say of a strategic decision, or the quorum that it missed."""
    if decision.body is None:
        return f"{decision.named} is strategic and does not say which body took it"
    if tally(decision) is None:
        return f"{decision.named} is strategic and does not record its votes for and against"
    if decision.eligible is None:
        return f"{decision.named} is strategic and does not record how many could vote"
    return roll_fault(ground.rules, decision) or quorum_fault(ground.rules, decision)


# -- takeover and golden share ---------------------------------------------------------------------------------------


def _policy(ground: Ground, name: str) -> tuple[Judgement | None, tuple[Place, ...]]:
    """Why a policy does not count on the window's last day; where it does, None and what it rests on."""
    day = ground.window.ends
    policy = ground.rules.of(decisions.Policy, name, day)
    if policy is None:
        return not_evidenced(f'no policy "{name}" was in force on {day}'), ()
    carried = adopted_by_assembly(ground.rules, policy.decision, day)
    if not carried.ok or carried.decision is None:
        return not_evidenced(f"{policy.named} is not shown to be adopted: {carried.why}", [policy.place]), ()
    return None, (policy.place, carried.decision.place)


def _resting_on(ground: Ground, places: Iterable[Place], reason: str, empty: str | None) -> Judgement:
    """Met on these places; where `empty` names a population that is, on the window's snapshots as well."""
    if empty is None:
        return met(reason, places)
    nothing = ground.nothing_to_judge(empty)
    if nothing.outcome != "met":
        return nothing
    return met(f"{reason}; {nothing.reason}", [*places, *nothing.evidence])


@criterion(
    "GOV-2",
    "gate",
    "No takeover and no asset stripping",
    revolutionary=(
        "A clause in the statutes forbids it, and every disposal above takeover.threshold has the supermajority of the "
        "members and of the federation"
    ),
    reformist="no such clause is shown, or a large disposal has only one of the two supermajorities, or had it too late",
    hostile="a large disposal was made with neither supermajority",
    evidence="compute examine",
    clause="002:59",
    remedy="adopt the clause; undo the disposal, or put it before the members and the federation",
    parameters="takeover.threshold",
)
def no_takeover(ground: Ground) -> Judgement:
    """The clause against takeover, and the two votes behind each large disposal."""
    fault = _unpriced(ground)
    if fault is not None:
        return fault
    large, weak = _large_disposals(ground), None
    rests: list[Place] = []
    for each in large:
        outcome = _both_majorities(ground, each)
        if outcome.outcome == "breach":
            return outcome
        weak = weak or (outcome if outcome.outcome != "met" else None)
        rests += outcome.evidence
    missing, adopted_by = _policy(ground, "takeover")
    if weak is not None:
        return weak
    if missing is not None:
        # No clause at all falls short and is mended by adopting one; a clause whose vote is not shown wants its evidence.
        return missing if missing.evidence else shortfall(missing.reason)
    reason = f"the clause is in force, and {_count(len(large), 'large disposal')} had both supermajorities"
    bare = "the clause is in force"
    empty = None if large else "no disposal above the threshold"
    return _resting_on(ground, [*adopted_by, *rests], reason if large else bare, empty)


def _both_majorities(ground: Ground, disposal: _Disposal) -> Judgement:
    """What stands behind a large disposal: both supermajorities, one, or none."""
    what = f"the disposal of {disposal.date} brings twelve months to {_of_assets(disposal)} of all assets"
    decision = _behind(ground, disposal)
    if decision is None:
        return breach(f"{what}, and no decision is behind it", [disposal.place])
    of_assembly = decision.body == "assembly"
    members = (
        members_fault(ground.rules, decision, super=True)
        if of_assembly
        else f"{decision.named} is none of the assembly"
    )
    federation = federation_fault(ground.rules, decision)
    places = [disposal.place, decision.place]
    if members is not None and federation is not None:
        return breach(f"{what}, and neither supermajority is behind it: {members}; {federation}", places)
    if members is not None or federation is not None:
        return shortfall(f"{what}, and one supermajority is missing: {members or federation}", places)
    if decision.date > disposal.date:
        return shortfall(f"{what}, and both supermajorities came only on {decision.date}", places)
    return met(what, [decision.place])


def _of_assets(disposal: _Disposal) -> str:
    if disposal.assets <= 0:
        return "more than the whole"
    return _percent(Fraction(disposal.sum) / Fraction(disposal.assets))


@criterion(
    "GOV-3",
    "core",
    "Golden share",
    revolutionary="a golden share is in force, its holder named, and consents to every reserved matter",
    reformist="there is no golden share, or nothing shows what it reserves and who granted it",
    hostile="a reserved matter was carried out without its holder's consent, or against it",
    evidence="examine compute",
    clause="002:61",
    remedy="grant the share to the federation or to the community's assembly",
    parameters="takeover.threshold",
)
def golden_share(ground: Ground) -> Judgement:
    """Who holds the golden share, what it reserves, and whether its holder was asked."""
    reserved = _reserved(ground)
    fault = _unpriced(ground) or _passed_over(ground, reserved)
    if fault is not None:
        return fault
    shares = ground.rules.all_of(decisions.GoldenShare, ground.window.ends)
    if not shares:
        return shortfall(f"no golden share was in force on {ground.window.ends}")
    rests: list[Place] = []
    for share in shares:
        granted = adopted_by_assembly(ground.rules, share.decision, ground.window.ends)
        if not _matters(share):
            return not_evidenced(f"{share.named} does not say which matters are reserved", [share.place])
        if not granted.ok or granted.decision is None:
            return not_evidenced(f"nothing shows who granted {share.named}: {granted.why}", [share.place])
        rests += [share.place, granted.decision.place]
    for each in reserved:
        if each.consent is None:
            return shortfall(f"{each.named} is reserved, and its holder's answer is not recorded", [each.place])
    asked = [each.place for each in reserved]
    reason = f"the golden share is in force, and its holder answered {_count(len(asked), 'reserved matter')}"
    bare, empty = "the golden share is in force", None if asked else "no reserved matter"
    return _resting_on(ground, [*rests, *asked], reason if asked else bare, empty)


def _passed_over(ground: Ground, reserved: Iterable[decisions.Decision]) -> Judgement | None:
    """A breach where a reserved matter was carried out and its holder had not consented."""
    for disposal in _guarded_disposals(ground):
        if _behind(ground, disposal) is None:
            return breach(f"the holder was not asked before the disposal of {disposal.date}", [disposal.place])
    for each in reserved:
        if each.consent != "granted" and (done := _executed(ground, each)) is not None:
            how = "against" if each.consent == "refused" else "without"
            return breach(
                f"{each.named} is reserved and was carried out {how} the holder's consent", [each.place, done]
            )
    return None


def _matters(share: decisions.GoldenShare) -> list[str]:
    """The reserved matters of a share, as they are compared."""
    return [" ".join(each.casefold().split()) for each in (share.reserved or "").split(";") if each.strip()]


def _guarded_disposals(ground: Ground) -> list[_Disposal]:
    """The large disposals of days on which a golden share stood."""
    return [each for each in _large_disposals(ground) if _shares_before(ground, each.date)]


def _shares_before(ground: Ground, day: date) -> Sequence[decisions.GoldenShare]:
    """The golden shares that stood the day before: the vote that grants one is not reserved to it."""
    return ground.rules.all_of(decisions.GoldenShare, _eve(day))


def _reserved(ground: Ground) -> list[decisions.Decision]:
    """The reserved decisions of the window and those of large disposals; what was voted down and not done is none."""
    found = {}
    for each in ground.inside(decisions.Decision):
        matter = " ".join((each.matter or "").casefold().split())
        shares = _shares_before(ground, each.date)
        if any(words in matter for share in shares for words in _matters(share)):
            found[each.place] = each
    for disposal in _guarded_disposals(ground):
        behind = _behind(ground, disposal)
        if behind is not None:
            found[behind.place] = behind
    stands = (
        each
        for each in found.values()
        if members_fault(ground.rules, each) is None or _executed(ground, each) is not None
    )
    return sorted(stands, key=lambda each: (each.date, each.place))


def _executed(ground: Ground, decision: decisions.Decision) -> Place | None:
    """The first record or posting that names a decision; None where nothing came of it."""
    records = [each.place for each in ground.facts.records if each.decision == decision.id]
    rows = [row.place for row in ground.facts.outlays if row.fields.get("decision") == decision.id]
    moves = [move.place for move in ground.facts.movements if move.fields.get("decision") == decision.id]
    return min([*records, *rows, *moves], default=None)


# -- founding --------------------------------------------------------------------------------------------------------


def _refoundings(ground: Ground) -> list[tuple[practices.Practice, Place]]:
    """The re-founding votes up to the window's end that an assembly carried, each with its decision, oldest first."""
    found = []
    for record in ground.rules.history(practices.Practice, "re-founding"):
        carried = adopted_by_assembly(ground.rules, record.decision, ground.as_of)
        if record.date <= ground.window.ends and carried.ok and carried.decision is not None:
            found.append((record, carried.decision.place))
    return found


@criterion(
    "GOV-4",
    "practice",
    "A horizon declared in the founding documents",
    revolutionary="the clause is recorded and ratified, and it was read again at the last re-founding",
    reformist="the clause is absent, not ratified, or was not in force at the last re-founding",
    evidence="examine",
    clause="002:43-45",
    remedy="let the assembly ratify a clause, and read it at the next re-founding",
)
def horizon(ground: Ground) -> Judgement:
    """The clause that says what the cooperative is for, and whether the last re-founding had it before it."""
    missing, rests = _policy(ground, "horizon")
    if missing is not None:
        return missing
    refoundings = _refoundings(ground)
    if not refoundings:
        return met("the clause is in force and ratified, and no re-founding vote has been held since", rests)
    last, place = refoundings[-1]
    if ground.rules.of(decisions.Policy, "horizon", last.date) is None:
        return shortfall(f"the re-founding of {last.date} had no clause of the horizon before it", [last.place])
    return met(f"the clause was in force at the re-founding of {last.date}", [*rests, last.place, place])


@criterion(
    "GOV-5",
    "practice",
    "Re-founding vote",
    revolutionary="the assembly has founded the cooperative anew within refound.years",
    reformist="the vote is overdue",
    evidence="examine",
    clause="002:183",
    remedy="hold the vote",
    parameters="refound.years",
)
def refounding(ground: Ground) -> Judgement:
    """How long ago the cooperative was founded, or founded anew."""
    founded, found = ground.rules.founded, _refoundings(ground)
    if founded is None and not found:
        return not_evidenced("nothing shows when the cooperative was founded: it has no member record")
    if found:
        record, decided = found[-1]
        last, rests, what = record.date, [record.place, decided], "re-founding vote"
    else:
        assert founded is not None, "the case without either is answered above"
        # Of several founders the first by id: which line comes first means nothing.
        founders = [each for each in ground.rules.every(people.Member) if each.date == founded]
        last, rests, what = founded, [min(founders, key=lambda each: each.id).place], "founding"
    due = add_months(last, int(ground.number("refound.years") * 12))
    if due < ground.window.ends:
        return shortfall(f"the last {what} was on {last}, and the next vote was due by {due}", rests)
    return met(f"the last {what} was on {last}, and the next vote is due by {due}", rests)


# -- people and offices ----------------------------------------------------------------------------------------------


@criterion(
    "GOV-6",
    "practice",
    "Worker control is not diluted",
    revolutionary="at least 75 % of those who work here past probation are members, and nobody holds an office over two years",
    reformist="fewer are members, or an office is held for longer",
    evidence="compute",
    clause="002:89; 002:139",
    remedy="open the membership; rotate the office, or dissolve the committee",
)
def worker_control(ground: Ground) -> Judgement:
    """How many of those past probation are members on the window's last day, and how long each office has been held."""
    rules, day = ground.rules, ground.window.ends
    at_work = {
        person: status
        for person in rules.people
        if (status := rules.person(person, day)) is not None and status.status is not None
    }
    past = [person for person in at_work if add_months(rules.hired(person), PROBATION_MONTHS) <= day]
    if not past:
        return not_evidenced(f"nobody who works here was past probation on {day}")
    members = [person for person in past if at_work[person].status == "member"]
    share = Fraction(len(members), len(past))
    figures = f"{len(members)} of {len(past)} who work here past probation are members ({_percent(share)})"
    if share < CONTROL:
        return shortfall(figures, [at_work[person].record.place for person in past if person not in members])
    for record, since in _in_office(ground):
        until = min(_ended(record) or day, day)
        if add_months(since, TERM_MONTHS) < until:
            return shortfall(f"{record.named} has been held by one person since {since}", [record.place])
    return met(f"{figures}, and no office is held over two years", [at_work[person].record.place for person in members])


def _in_office(ground: Ground) -> Iterator[tuple[decisions.Delegate, date]]:
    """Every delegate whose term touches the window, and since when the same person holds the office without a break."""
    for office in sorted(ground.rules.ids("delegate")):
        before: decisions.Delegate | None = None
        since = date.min
        for record in ground.rules.history(decisions.Delegate, office):
            unbroken = before is not None and before.person is not None and before.person == record.person
            gap = before is not None and _ended(before) is not None and _ended(before) < record.date  # type: ignore[operator]
            since = since if unbroken and not gap else record.date
            before = record
            if record.date <= ground.window.ends and (_ended(record) or date.max) > ground.window.starts:
                yield record, since


def _ended(record: decisions.Delegate) -> date | None:
    """The day from which a delegate no longer holds the office."""
    return min((day for day in (record.ends, record.recalled) if day is not None), default=None)


@criterion(
    "GOV-7",
    "practice",
    "Delegates have a mandate, rotate and can be recalled",
    revolutionary="every delegate has a mandate, an end within two years and a way to be recalled",
    reformist="one of these is missing, or an act beyond the mandate went unanswered",
    evidence="examine",
    clause="003:22-24; 003:74-75",
    remedy="issue mandates with an end and a recall; rotate",
)
def delegates(ground: Ground) -> Judgement:
    """What each delegate's record says of mandate, end and recall. Acts beyond a mandate are the panel's to find."""
    found = [record for record, _ in _in_office(ground)]
    if not found:
        return ground.nothing_to_judge("no delegate")
    recall = ground.rules.of(decisions.Policy, "recall", ground.window.ends)
    for each in found:
        lacking = _lacking_mandate(each, recall)
        if lacking is not None:
            return shortfall(f"{each.named} {lacking}", [each.place])
    places = [each.place for each in found]
    used = [recall.place] if recall and any("recall" not in (each.mandate or "").casefold() for each in found) else []
    return met(f"{_count(len(found), 'delegate')} with a mandate, an end and a recall", [*places, *used])


def _lacking_mandate(record: decisions.Delegate, recall: decisions.Policy | None) -> str | None:
    if not record.person:
        return "does not say who holds the office"
    if not record.mandate:
        return "has no mandate"
    if record.ends is None:
        return "has no end"
    if record.ends > add_months(record.date, TERM_MONTHS):
        return f"runs from {record.date} to {record.ends}, which is over two years"
    if recall is None and "recall" not in record.mandate.casefold():
        return 'does not say how a recall is called, and there is no policy "recall"'
    return None


@criterion(
    "GOV-8",
    "practice",
    "The misconduct protocol has teeth",
    revolutionary="the protocol is ratified, and what was found in every case is decided and published",
    reformist="there is no ratified protocol, or a case is unpublished or late",
    evidence="examine",
    clause="003:50-52",
    remedy="ratify the protocol; close the cases",
)
def misconduct(ground: Ground) -> Judgement:
    """The protocol, and the decisions of the window whose matter says "misconduct". Limits are the panel's to examine."""
    missing, rests = _policy(ground, "misconduct")
    if missing is not None:
        return missing
    cases = [each for each in ground.inside(decisions.Decision) if "misconduct" in (each.matter or "").casefold()]
    for each in cases:
        if each.published is None:
            return shortfall(f"{each.named} closes a case and is not published", [each.place])
    if not cases:
        return _resting_on(ground, rests, "the protocol is ratified", "no case")
    reason = f"the protocol is ratified, and {_count(len(cases), 'case')} found and published"
    return met(reason, [*rests, *(each.place for each in cases)])
