"""BKS: open and true books."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from coopbooks.audit.cases import criterion_of
from coopbooks.audit.criterion import criterion
from coopbooks.audit.ground import Ground
from coopbooks.audit.judgement import Judgement, breach, met, not_evidenced, pending, shortfall
from coopbooks.audit.snapshots import ALL_WORKERS, compared, month_named, snapshots_of
from coopbooks.errors import Place, UnknownPeriod
from coopbooks.facts import Asserted, below
from coopbooks.periods import DAY, Period, month_of
from coopbooks.records import alliances, audits, decisions
from coopbooks.rules.alliances import Given, gifts_of

__all__ = [
    "allies_gifts_are_logged",
    "books_are_open_on_time",
    "books_are_true",
    "decisions_are_published",
    "every_worker_can_look",
    "nothing_is_back_dated",
]

MISSING_RUNNING = 2
"""Months without a snapshot, one after the other, that are a breach."""

SUSPENSE_MAX = Fraction(1, 100)
"""Of the window's turnover, what may stand on accounts of suspense stays below this share."""

EXCLUDED_DAYS = 30
"""Days after a notice in which somebody who is shut out of the books must be let in."""

PUBLISHED_DAYS = 14
PUBLISHED_SHARE = Fraction(95, 100)
"""Least share of decisions and budgets that is published within `PUBLISHED_DAYS`."""

COMPUTED_FROM = frozenset(
    "bylaw rate member worker exit allocation loss resolution contribution adjustment fund redemption decline".split()
)
"""Kinds whose records the books compute with: whoever changes one changes a result."""


# -- BKS-1: open -----------------------------------------------------------------------------------------------------


@criterion(
    "BKS-1",
    "gate",
    "The books are opened to all workers on time",
    revolutionary="a snapshot of every month that is over, shown to all workers within books.days of its end",
    reformist="a month's snapshot is late or missing, has no digest, or was not shown to all",
    hostile="two months running have no snapshot at all, or the books were refused to a worker or the panel",
    evidence="compute",
    clause="002:59",
    remedy="publish the months that are missing, and settle who closes a month and by when",
    parameters="books.days",
)
def books_are_open_on_time(ground: Ground) -> Judgement:
    """The snapshot of each month of the window whose last day to show it has passed."""
    months = _due_months(ground)
    if not months:
        return pending("no month of the window is over and due to be shown yet")
    missing = [month for month in months if month.name not in ground.snapshots]
    for first, second in pairwise(months):
        if first in missing and second in missing:
            return breach(f"{first.name} and {second.name} have no snapshot, two months running")
    if missing:
        return shortfall(f"{missing[0].name} has no snapshot, {_day_of_books(ground, missing[0])} was its last day")
    for month in months:
        fault = _snapshot_fault(ground, month)
        if fault is not None:
            return shortfall(fault, [ground.snapshots[month.name].place])
    places = [ground.snapshots[month.name].place for month in months]
    return met(f"all {len(months)} months that are due were shown to all workers in time", places)


def _due_months(ground: Ground) -> list[Period]:
    """The months of the window that have a snapshot, or whose last day for one has passed."""
    return [
        month
        for month in ground.months
        if month.name in ground.snapshots or _day_of_books(ground, month) < ground.as_of
    ]


def _day_of_books(ground: Ground, month: Period) -> date:
    return month.ends + timedelta(days=int(ground.number("books.days")))


def _snapshot_fault(ground: Ground, month: Period) -> str | None:
    record = ground.snapshots[month.name]
    last = _day_of_books(ground, month)
    if record.date > last:
        return f"the snapshot of {month.name} is of {record.date}, and {last} was its last day"
    if record.date <= month.ends:
        return f"the snapshot of {month.name} is of {record.date}, when the month was not over"
    if record.sha256 is None:
        return f"the snapshot of {month.name} has no digest"
    audience = " ".join((record.audience or "").split())
    left_out = sorted(_roster(ground, month.ends) - set(audience.replace(",", " ").replace(";", " ").split()))
    if audience.casefold().replace("-", " ") != ALL_WORKERS and (left_out or not audience):
        return f"the snapshot of {month.name} was not shown to all workers: {len(left_out)} were left out"
    return None


def _roster(ground: Ground, day: date) -> set[str]:
    """Everyone who is a member or a worker on a day."""
    rules = ground.rules
    return {person for person in rules.people if (now := rules.person(person, day)) and now.status}


# -- BKS-2: true -----------------------------------------------------------------------------------------------------


@criterion(
    "BKS-2",
    "gate",
    "The books are true",
    revolutionary="no error in the books, every account of money checked against its statement at every month's end, and "
    "less than 1 % of turnover in suspense",
    reformist="an error, a month's end that no statement was held against, or too much in suspense",
    hostile="the panel finds that the books were falsified",
    evidence="compute examine",
    clause="002:59; 000:59",
    remedy="mend the errors, assert each account of money at each month's end, and name who closes the month",
    parameters="books.days",
)
def books_are_true(ground: Ground) -> Judgement:
    """Errors, assertions of each liquid account at the month ends that are due, and suspense at the window's end."""
    beside = _of_the_audit(ground)
    faults = [each for each in ground.findings if each.place not in beside]
    if faults:
        first = faults[0]
        count = "an error" if len(faults) == 1 else f"{len(faults)} errors"
        return shortfall(f"the books have {count}, the first at {first.place}", [each.place for each in faults])
    if not ground.facts.liquid:
        return not_evidenced("no account is opened with liquid: TRUE, so nobody can tell which ones hold money")
    months = [month for month in ground.months if _day_of_books(ground, month) < ground.as_of]
    if not months:
        return pending("no month of the window is over and due to be checked yet")
    asserted: list[Asserted] = []
    for account in sorted(ground.facts.liquid):
        for month in months:
            if not _is_open(ground, account, month.ends):
                continue
            found = _asserted(ground, account, month.ends)
            if found is None:
                return shortfall(
                    f"{account} was not held against a statement at the end of {month.name}", _life(ground, account)
                )
            asserted.append(found)
    suspended = _suspense_fault(ground)
    if suspended is not None:
        return suspended
    if not asserted:
        return not_evidenced("no account that holds money was open at a month's end of the window")
    said = (
        f"no error, and {len(asserted)} balances of {len({each.account for each in asserted})} accounts of money agree"
    )
    return met(said, [each.place for each in asserted])


_KINDS_OF_AN_AUDIT = frozenset(
    "lottery-call lottery-draw auditor audit finding flag verdict publication response action".split()
)


def _of_the_audit(ground: Ground) -> set[Place]:
    """The records of audits: a slip of an auditor, or of a worker who raises a flag, is none of the books that are judged."""
    return {row.place for row in ground.facts.written if row.values and row.values[0] in _KINDS_OF_AN_AUDIT}


def _is_open(ground: Ground, account: str, day: date) -> bool:
    life = ground.facts.accounts.get(account)
    return life is not None and life.opened <= day and (life.closed is None or life.closed > day)


def _life(ground: Ground, account: str) -> list[Place]:
    life = ground.facts.accounts.get(account)
    return [life.place] if life else []


def _asserted(ground: Ground, account: str, ends: date) -> Asserted | None:
    """The first assertion of the next month that states what the account held at a month's end.

    No posting lies between the two. A later one speaks of its own month's end: each month has an assertion of its own.
    """
    until = month_of(ends + DAY).ends
    later = [row for row in ground.facts.asserted if row.account == account and ends < row.date <= until]
    row = min(later, key=lambda row: (row.date, row.place), default=None)
    if row is None:
        return None
    between = any(ends < day < row.date for day, _ in ground.facts.flows(account))
    return None if between else row


def _suspense_fault(ground: Ground) -> Judgement | None:
    """That what is booked for the time being at the window's end is too much beside what came in."""
    facts, unit, day = ground.facts, ground.facts.unit, min(ground.window.ends, ground.as_of)
    names = {name for name in (*facts.daily, *facts.result_daily) if "Suspense" in name.split(":")}
    stands = sum((abs(_balance(ground, name, day)) for name in names), Decimal(0))
    incomes = (name for name in (*facts.daily, *facts.result_daily) if below(name, facts.roots.income))
    turnover = -sum(
        (amount for name in set(incomes) for when, amount in _days(ground, name) if when in ground.window), Decimal(0)
    )
    if stands == 0 or stands < SUSPENSE_MAX.numerator * turnover / SUSPENSE_MAX.denominator:
        return None
    places = [place for name in sorted(names) for place in _life(ground, name)]
    said = f"{unit.said(unit.nearest(stands))} was in suspense on {day}, which is not below 1 % of the turnover of "
    return shortfall(said + unit.said(unit.nearest(max(turnover, Decimal(0)))), places)


def _days(ground: Ground, name: str) -> Iterator[tuple[date, Decimal]]:
    yield from ground.facts.daily.get(name, ())
    yield from ground.facts.result_daily.get(name, ())


def _balance(ground: Ground, name: str, day: date) -> Decimal:
    return sum((amount for when, amount in _days(ground, name) if when <= day), Decimal(0))


# -- BKS-3: visible --------------------------------------------------------------------------------------------------


@criterion(
    "BKS-3",
    "core",
    "Every worker can look into the books",
    revolutionary="the roll of who could open the books names everyone who worked here, in every month",
    reformist="somebody who works here is missing from a month's roll",
    hostile="somebody was shut out by a decision, or is still missing 30 days after notice was given of it",
    evidence="compute interview",
    clause="002:59",
    remedy="let everyone in who is missing, and show them how to read the books",
    parameters="books.days",
)
def every_worker_can_look(ground: Ground) -> Judgement:
    """The `access` record of each month of the window, beside the register of its last day."""
    months = [month for month in ground.months if _day_of_books(ground, month) < ground.as_of or _roll(ground, month)]
    if not months:
        return pending("no month of the window is over and due to be shown yet")
    if not any(_roster(ground, month.ends) for month in months):
        return ground.nothing_to_judge("no member or worker")
    still = _still_excluded(ground)
    if still is not None:
        return still
    rolls = []
    for month in months:
        roll, roster = _roll(ground, month), _roster(ground, month.ends)
        if not roster:
            continue
        if roll is None:
            return not_evidenced(f"no roll says who could open the books in {month.name}")
        missing = roster - set(roll.people)
        if missing:
            return shortfall(f"{len(missing)} of {len(roster)} could not open the books in {month.name}", [roll.place])
        rolls.append(roll.place)
    return met(f"everyone who worked here could open the books in each of {len(rolls)} months", rolls)


def _roll(ground: Ground, month: Period) -> audits.Access | None:
    return next(reversed(ground.rules.history(audits.Access, month.name)), None)


def _still_excluded(ground: Ground) -> Judgement | None:
    """That somebody was missing when the panel or a worker said so, and more than 30 days later still is."""
    rolls = sorted(ground.rules.every(audits.Access), key=lambda record: (record.date, record.place))
    judged = {month.name for month in ground.months}
    for notice in _notices(ground):
        before = next((roll for roll in reversed(rolls) if roll.date <= notice.date), None)
        if before is None:
            continue
        later = [
            roll for roll in rolls if roll.date > notice.date + timedelta(days=EXCLUDED_DAYS) and roll.id in judged
        ]
        for roll in later:
            shut_out = _missing_from(ground, before) & _missing_from(ground, roll)
            if shut_out:
                said = (
                    f"{len(shut_out)} could still not open the books on {roll.date}, after the notice of {notice.date}"
                )
                return breach(said, [before.place, notice.place, roll.place])
    return None


def _notices(ground: Ground) -> list[audits.FindingRecord | audits.Flag]:
    """Who said that somebody cannot open the books: findings that lower the criterion, and red flags."""
    found: list[audits.FindingRecord | audits.Flag] = [
        each for each in ground.rules.every(audits.FindingRecord) if each.label not in (None, "revolutionary")
    ]
    found += ground.rules.every(audits.Flag)
    return [each for each in found if criterion_of(each)[1] == "BKS-3"]


def _missing_from(ground: Ground, roll: audits.Access) -> set[str]:
    try:
        month = month_named(ground.rules, roll.id)
    except UnknownPeriod:
        return set()
    return _roster(ground, month.ends) - set(roll.people)


# -- BKS-4: gifts ----------------------------------------------------------------------------------------------------


@criterion(
    "BKS-4",
    "core",
    "What allies give is logged with its conditions",
    revolutionary="all that allies gave names the ally, what sort of gift it is, its conditions, and how its worth was found",
    reformist="a gift leaves one of them out",
    hostile="the panel or a worker finds a condition, or an understanding, that was not disclosed",
    evidence="compute interview",
    clause="000:59; 000:107",
    remedy="ask the ally for what is missing, write it on the posting, and tell the members",
)
def allies_gifts_are_logged(ground: Ground) -> Judgement:
    """The window's postings with `ally:`; what came with no ally named cannot be seen, and the panel asks about it."""
    gifts = [gift for gift in gifts_of(ground.rules) if gift.row.date in ground.window]
    if not gifts:
        return ground.nothing_to_judge("no contribution of an ally is booked")
    allies: list[Place] = []
    for gift in gifts:
        if gift.units is None:
            return not_evidenced(
                f"the gift at {gift.row.place} has no price in {ground.facts.currency}", [gift.row.place]
            )
        records = ground.rules.history(alliances.Ally, str(gift.row.ally))
        fault = _gift_fault(gift, known=bool(records))
        if fault is not None:
            return shortfall(f"the gift at {gift.row.place} {fault}", [gift.row.place])
        allies.append(records[0].place)
    said = "the one gift says" if len(gifts) == 1 else f"all {len(gifts)} gifts say"
    return met(f"{said} from whom, what sort, on what conditions and how it was valued", [*allies, *(_places(gifts))])


def _places(gifts: Sequence[Given]) -> Iterator[Place]:
    for gift in gifts:
        yield gift.row.place


def _gift_fault(gift: Given, *, known: bool) -> str | None:
    """What a gift leaves out; money is its sort unless it says that it came in kind."""
    if not known:
        return "names an ally of whom there is no record"
    if gift.conditions is None:
        return "does not say its conditions"
    if not isinstance(gift.row.fields.get("in-kind", False), bool):
        return "does not say clearly whether it came in kind"
    if gift.in_kind and not str(gift.valuation or "").strip():
        return "came in kind and does not say how its worth was found"
    return None


# -- BKS-5: append-only ----------------------------------------------------------------------------------------------


@criterion(
    "BKS-5",
    "core",
    "Nothing is back-dated",
    revolutionary="every record stands in the snapshot of its month, or says why it came later",
    reformist="a record came later without a reason, or one that was shown is gone or reads otherwise",
    hostile="a record that results are computed from was changed or taken away after it had been shown",
    evidence="compute",
    clause="000:107; 002:59",
    remedy="only ever add: mend by a new record with today's date, and give a late one recorded-late with its reason",
    parameters="books.days",
)
def nothing_is_back_dated(ground: Ground) -> Judgement:
    """The books beside the window's snapshots. What an earlier window's snapshots show was that window's matter."""
    months = _due_months(ground)
    if not months:
        return pending("no month of the window is over and due to be shown yet")
    missing = [month.name for month in months if ground.shown(month) is None]
    if missing:
        what = "a snapshot that came too late" if missing[0] in ground.snapshots else "no snapshot"
        return not_evidenced(f"{missing[0]} has {what}, so nobody can show what was written when")
    here = {record.place for month, record in snapshots_of(ground.rules) if month.ends in ground.window}
    found = compared(ground.rules, months[-1].ends)
    # A record is as much in the place of another as one that was changed: it counts against the one who shows it now.
    lost = [(word, word.snapshot.place) for word in found.gone if word.snapshot.place in here]
    lost += [(word, row.place) for word, row in found.altered if word.snapshot.place in here]
    computed = [(word, place) for word, place in lost if word.name.partition("/")[0] in COMPUTED_FROM]
    for word, place in computed[:1] or lost[:1]:
        is_gone = place == word.snapshot.place
        what = "is no longer in the books" if is_gone else f"reads otherwise at {place}"
        said = f"{word.name}, which the snapshot of {word.snapshot.id} lists, {what}"
        return (breach if computed else shortfall)(said, [place, word.snapshot.place])
    late = [
        (row, snapshot)
        for row, snapshot in found.late
        if found.shown.get(row.place, snapshot).place in here or row.place not in found.shown
    ]
    if late:
        row, snapshot = late[0]
        more = f", and {len(late) - 1} others are missing too" if len(late) > 1 else ""
        said = f"{row.values[0]} of {row.date} at {row.place} is missing from the snapshot of {snapshot.id}{more}"
        return shortfall(f"{said}, and no recorded-late says why", [row.place for row, _ in late])
    places = [ground.snapshots[month.name].place for month in months]
    return met(f"every record stands in the snapshot of its month, or says why not, over {len(months)} months", places)


# -- BKS-6: published ------------------------------------------------------------------------------------------------


@criterion(
    "BKS-6",
    "practice",
    "Budgets, minutes and decisions are published",
    revolutionary="at least 95 % of them within 14 days",
    reformist="fewer, or later",
    evidence="compute",
    clause="003:50; 003:51",
    remedy="settle who publishes, and by which day",
)
def decisions_are_published(ground: Ground) -> Judgement:
    """Decisions and budgets of the window: a budget is published with its decision, a decision with its minutes."""
    records: list[decisions.Decision | decisions.Budget] = [
        *ground.inside(decisions.Decision),
        *ground.inside(decisions.Budget),
    ]
    if not records:
        return ground.nothing_to_judge("no decision and no budget")
    days = timedelta(days=PUBLISHED_DAYS)
    due = [record for record in records if _published(ground, record) or record.date + days < ground.as_of]
    if not due:
        return pending(f"the {PUBLISHED_DAYS} days of the window's decisions are not over yet")
    late = [record for record in due if not _in_time(record.date, _published(ground, record))]
    share = Fraction(len(due) - len(late), len(due))
    said = f"{len(due) - len(late)} of {len(due)} decisions and budgets were published within {PUBLISHED_DAYS} days"
    if share < PUBLISHED_SHARE:
        return shortfall(said, [record.place for record in late])
    return met(said, [record.place for record in due if record not in late])


def _in_time(decided: date, published: date | None) -> bool:
    return published is not None and published <= decided + timedelta(days=PUBLISHED_DAYS)


def _published(ground: Ground, record: decisions.Decision | decisions.Budget) -> date | None:
    """The day on which a record was published, by the day of the audit: with its minutes, where it says that a meeting took it."""
    decision: decisions.Decision | None = None
    if isinstance(record, decisions.Decision):
        decision = record
    elif record.decision:
        decision = next(reversed(ground.rules.history(decisions.Decision, record.decision)), None)
    if decision is None or decision.published is None or decision.published > ground.as_of:
        return None
    paper = decision.minutes or decision.document
    return decision.published if paper or decision.method != "meeting" else None
