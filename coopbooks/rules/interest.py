"""Interest on members' capital that is an expense of the year: what `interest` of `bylaw capital` owes to each member.

The rate is yearly and counts by days: a rate or a bylaw that changes within the year counts for its own days. It is on paid-up
capital: what stands on `Assets:Subscriptions:<Id>` is not paid yet. The year's own close and its own interest are left out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from coopbooks.bylaws import Bylaws, account_of_surplus, effective
from coopbooks.errors import CoopbooksError, Finding
from coopbooks.facts import Movement
from coopbooks.money import half_up, share_out
from coopbooks.periods import DAY, Period
from coopbooks.records import bylaws
from coopbooks.rows import NamedTuple
from coopbooks.rules.capital import (
    account_of_person,
    capital_account,
    capital_legs,
    holders,
    subscription_account,
)
from coopbooks.rules.close import Entry
from coopbooks.rules.result import opening_debit, result_of
from coopbooks.rules.surplus import Surpluses

__all__ = ["Interest", "MemberInterest", "interest_findings", "interest_of"]

EXPENSE = "Interest:MemberCapital"
"""Below Expenses: where interest is booked in books that have booked none yet."""


class MemberInterest(NamedTuple):
    """One member's interest of a year, in whole units: on which capital, what is owed, what the books have posted."""

    member: str
    capital: Fraction
    owed: int
    posted: int

    @property
    def missing(self) -> int:
        """What is owed and not posted; below zero where too much was posted."""
        return self.owed - self.posted


class Interest(NamedTuple):
    """The interest of a year: `rate` is the mean over its days, `capped` says that interest-at-most cut it."""

    period: Period
    rule: bylaws.Capital | None
    rate: Fraction
    members: tuple[MemberInterest, ...]
    capped: bool
    postings: tuple[Entry, ...]
    opens: tuple[str, ...]

    @property
    def owed(self) -> int:
        """All members together."""
        return sum(each.owed for each in self.members)

    @property
    def posted(self) -> int:
        """All members together."""
        return sum(each.posted for each in self.members)


def interest_of(years: Surpluses, name: str) -> Interest:
    """What is owed on members' capital in a fiscal year.

    Raises UnknownPeriod, and LedgerUnusable where a rate has no value on a day of the year.
    """
    rules, period = years.rules, years.named(name)
    rates = _Rates(rules, period)
    posted = _posted(rules, period)
    found = []
    for member in holders(rules) if rates.any else ():
        capital, exact = _on(rules, member, rates)
        found.append((member, capital, exact))
    owed = {member: half_up(exact) for member, _, exact in found}
    most = _most(years, period, rates.rule, sum(posted.values()))
    capped = most is not None and sum(owed.values()) > most
    if capped and most is not None:
        owed = dict.fromkeys(owed, 0) | (share_out(most, {member: exact for member, _, exact in found}) if most else {})
    capitals = {member: capital for member, capital, _ in found}
    rows = tuple(
        MemberInterest(member, capitals.get(member, Fraction(0)), owed.get(member, 0), posted.get(member, 0))
        for member in sorted({*owed, *posted})
        if capitals.get(member) or posted.get(member)
    )
    postings = tuple(_postings(rules, period, rows))
    opens = tuple(each.account for each in postings if each.account not in rules.facts.accounts)
    return Interest(period, rates.rule, rates.mean, rows, capped, postings, opens)


class _Rates:
    """The yearly rate of each day of a period, as stretches of equal rate; the rule is that of the last day with one."""

    def __init__(self, rules: Bylaws, period: Period) -> None:
        self.period, self.rule = period, None
        self.days = rules.calendar.named(period.name).days  # a first year cut at its founding day is no whole year
        changes = {effective(record) for record in rules.every(bylaws.Capital)}
        changes |= {record.ends for record in rules.every(bylaws.Capital) if record.ends}
        for record in rules.every(bylaws.Rate):
            changes |= {record.date, *([record.ends] if record.ends else [])}
        self.turns = sorted({period.starts, *(day for day in changes if day in period)})
        self.rates: list[Fraction] = []
        for day in self.turns:
            rule = rules.capital_rule(day)
            if rule is None or rule.interest is None:
                self.rates.append(Fraction(0))
            else:
                self.rule = rule
                self.rates.append(rules.figure(rule.interest, Period(period.name, day, day), rule))
        self.any = any(self.rates)
        # What one unit of capital earns from each turn to the end.
        self.earned = [Fraction(0)]
        ends = [*self.turns[1:], period.ends + DAY]
        for rate, day, until in reversed(list(zip(self.rates, self.turns, ends, strict=True))):
            self.earned.append(self.earned[-1] + rate * (until - day).days / self.days)
        self.earned.reverse()

    @property
    def mean(self) -> Fraction:
        """The mean yearly rate of the period's days."""
        return self.earned[0] * self.days / self.period.days

    def from_day(self, day: date) -> Fraction:
        """What one unit that comes in on a day of the period earns until its end, that day included."""
        place = bisect_right(self.turns, day)
        until = self.turns[place] if place < len(self.turns) else self.period.ends + DAY
        return self.earned[place] + self.rates[place - 1] * (until - day).days / self.days


def _on(rules: Bylaws, member: str, rates: _Rates) -> tuple[Fraction, Fraction]:
    """A member's capital that bears interest, and the interest on it; both exact in units, never below zero."""
    period, unit = rates.period, rules.facts.unit
    flows = _while_a_member(rules, member, period.ends, list(_paid_up(rules, member, period)))
    way = "average" if rates.rule is None else rates.rule.interest_on
    before = Fraction(sum((amount for day, amount in flows if day < period.starts), Decimal(0)))
    if way == "average":
        earned, mean = before * rates.earned[0], before
        for day, amount in flows:
            if day >= period.starts:
                earned += Fraction(amount) * rates.from_day(day)
                mean += Fraction(amount) * ((period.ends - day).days + 1) / period.days
    else:
        if way == "opening":
            mean = _opening(rules, period, flows)
        else:
            mean = Fraction(sum((amount for _, amount in flows), Decimal(0)))
        earned = mean * rates.earned[0]
    scale = 10**unit.digits
    return max(Fraction(0), mean * scale), max(Fraction(0), earned * scale)


def _opening(rules: Bylaws, period: Period, flows: list[tuple[date, Decimal]]) -> Fraction:
    """What stood there on the first day and was not taken out by the last one.

    Of the day on which the books begin, what is brought in was there before.
    """
    first = period.starts if rules.founded == period.starts else period.starts - DAY
    stands = Fraction(sum((amount for day, amount in flows if day <= first), Decimal(0)))
    out = Fraction(sum((amount for day, amount in flows if day > first and amount < 0), Decimal(0)))
    return stands + out


def _while_a_member(
    rules: Bylaws, member: str, until: date, flows: list[tuple[date, Decimal]]
) -> list[tuple[date, Decimal]]:
    """The same changes as if a leaver's capital went out on the day of the exit, whenever that is booked.

    From that day on the debt bears interest, by the bylaw of the exit.
    """
    history = [change for change in rules.people.get(member, ()) if change.since <= until]
    for place in range(1, len(history)):
        if history[place - 1].status == "member" and history[place].status != "member":
            gone = history[place].since
            back = next((change.since for change in history[place:] if change.status == "member"), None)
            stood = sum((amount for day, amount in flows if day < gone), Decimal(0))
            there = sum((amount for day, amount in flows if back and day < back), Decimal(0))
            kept = [row for row in flows if row[0] < gone or (back and row[0] >= back)]
            flows = [*kept, (gone, -stood), *([(back, there)] if back else [])]
    return flows


def _paid_up(rules: Bylaws, member: str, period: Period) -> Iterator[tuple[date, Decimal]]:
    """Each change of a member's paid-up capital up to the period's end, a credit positive."""
    for move, leg in capital_legs(rules, member):
        own = move.tags & {"coop-close", "coop-interest"} and _year_of(rules, move) == period.name
        if move.date <= period.ends and not own:
            yield move.date, -leg.amount
    for day, amount in rules.facts.flows(subscription_account(rules, member)):
        if day <= period.ends:
            yield day, -amount


def _year_of(rules: Bylaws, move: Movement) -> str:
    """The fiscal year that a close or an interest entry is of: by its `period`, else by its date."""
    named = move.fields.get("period")
    return named if isinstance(named, str) else rules.calendar.year_of(move.date).name


def _interest_moves(rules: Bylaws) -> Mapping[str, list[Movement]]:
    """The `#coop-interest` entries of members by fiscal year; those of former members are interest on a debt."""
    found: dict[str, list[Movement]] | None = rules.memo.get("interest entries")
    if found is None:
        found = rules.memo["interest entries"] = {}
        for move in rules.facts.movements:
            if "coop-interest" in move.tags and any(_owner(rules, leg.account) for leg in move.legs):
                found.setdefault(_year_of(rules, move), []).append(move)
    return found


def _owner(rules: Bylaws, account: str) -> str | None:
    """The member whose capital an account is, or to whom it says what is owed."""
    owners: dict[str, str] | None = rules.memo.get("owners of interest")
    if owners is None:
        owners = {capital: member for member, capitals in holders(rules).items() for capital in capitals}
        owners |= {account_of_person(rules.facts.roots.patronage, member): member for member in holders(rules)}
        rules.memo["owners of interest"] = owners
    while account and account not in owners:
        account = account.rpartition(":")[0]
    return owners.get(account)


def _posted(rules: Bylaws, period: Period) -> dict[str, int]:
    """What interest entries of a year have credited to each member, on capital or as money owed."""
    units: dict[str, int] = {}
    for move in _interest_moves(rules).get(period.name, ()):
        for leg in move.legs:
            member = _owner(rules, leg.account)
            if member is not None:
                units[member] = units.get(member, 0) + rules.facts.unit.nearest(-leg.amount)
    return units


def _most(years: Surpluses, period: Period, rule: bylaws.Capital | None, posted: int) -> int | None:
    """The most that all interest of a year may come to, in whole units, cut down; None where nothing caps it.

    The base is the result before this interest; of "surplus", what earlier losses leave of it.
    """
    if rule is None or rule.interest_at_most is None:
        return None
    base = result_of(years.rules, period, years.rule(period), years.patronage(period)).total + posted
    if rule.interest_at_most_of == "surplus":
        base += _brought_in(years, period)
    return int(Fraction(rule.interest_at_most) * max(0, base))


def _brought_in(years: Surpluses, period: Period) -> int:
    """What the year before leaves to this one: what was carried on, or, below zero, losses that are still open."""
    place = years.years.index(period)
    if not place:
        account = account_of_surplus(years.rule(period), years.rules.facts.roots)
        return -opening_debit(years.rules, account, period.starts)
    before = years.of(years.years[place - 1].name)
    return before.carried_on - before.loss_carried


def _postings(rules: Bylaws, period: Period, rows: tuple[MemberInterest, ...]) -> Iterator[Entry]:
    """The entry that is missing: as the last interest was booked, else as money owed to each member."""
    moves = [move for _, group in sorted(_interest_moves(rules).items()) for move in group]
    legs = [leg for move in moves[-1:] for leg in move.legs]
    expenses = [leg.account for leg in legs if leg.account.partition(":")[0] == rules.facts.roots.expenses]
    owed = f"{rules.facts.roots.patronage}:"
    keeps = bool(legs) and not any(leg.account.startswith(owed) for leg in legs)
    missing = sum(row.missing for row in rows)
    if missing or any(row.missing for row in rows):
        yield Entry(expenses[0] if expenses else f"{rules.facts.roots.expenses}:{EXPENSE}", -missing, ())
    for row in rows:
        if row.missing:
            capital = capital_account(rules, row.member, period.ends)
            kept = keeps and capital is not None and rules.is_member(row.member, period.ends)
            account = f"{capital}:{period.name}" if kept else account_of_person(rules.facts.roots.patronage, row.member)
            yield Entry(account, row.missing, (f"on {rules.facts.unit.said(half_up(row.capital))}",))


# -- findings --------------------------------------------------------------------------------------------------------


def interest_findings(years: Surpluses) -> list[Finding]:
    """Interest that differs from the bylaw: too much at any time, too little once the year is closed."""
    rules = years.rules
    moves = _interest_moves(rules) if rules.every(bylaws.Capital) else {}
    promised = any(rule.interest is not None for rule in rules.every(bylaws.Capital))
    findings: list[Finding] = []
    for year in years.years if moves or promised else ():
        posted, closes = moves.get(year.name, []), rules.facts.closes.get(year.name, [])
        if posted or closes:
            findings += _year_findings(years, year, posted, closes)
    return findings


def _year_findings(years: Surpluses, year: Period, posted: list[Movement], closes: list[Movement]) -> Iterator[Finding]:
    rules = years.rules
    try:
        found = interest_of(years, year.name)
    except CoopbooksError as error:
        own = {rule.place for rule in rules.every(bylaws.Capital)}
        if error.place is not None and error.place in own:  # else the surplus cannot be computed either
            yield Finding(error.place, "capital", error.message)
        return
    if not posted:
        if found.owed:
            yield Finding(closes[0].place, "capital", _none_posted(rules, found))
        return
    over = bool(closes) or (rules.facts.last_day is not None and rules.facts.last_day > year.ends)
    for row in found.members:
        if row.missing < 0 or (row.missing and over):
            legs = [leg for move in posted for leg in move.legs if _owner(rules, leg.account) == row.member]
            place = legs[-1].place if legs else posted[-1].place
            yield Finding(place, "capital", _differs(rules, found, row))


def _none_posted(rules: Bylaws, found: Interest) -> str:
    at = "" if found.rule is None else f" at {found.rule.place}"
    count = sum(1 for row in found.members if row.owed)
    return (
        f"{found.period.name} is closed without the interest on capital that bylaw capital{at} owes, "
        f"{rules.facts.unit.said(found.owed)} to {count} member{'s' if count > 1 else ''}: post what `coopbooks members "
        f"--interest {found.period.name}` prints, and close the year after it"
    )


def _differs(rules: Bylaws, found: Interest, row: MemberInterest) -> str:
    said, rule = rules.facts.unit.said, found.rule
    gets = f"{row.member} gets interest of {said(row.posted)} for {found.period.name}"
    if rule is None:
        return f"{gets}, but bylaw capital promises none: take the posting out, or write interest: in the bylaw"
    capped = f", cut by interest-at-most {rule.interest_at_most}" if found.capped else ""
    return (
        f"{gets}, but bylaw capital at {rule.place} owes {said(row.owed)} on {said(half_up(row.capital))}{capped}: "
        f"write {said(row.owed)}, or add what `coopbooks members --interest {found.period.name}` prints"
    )
