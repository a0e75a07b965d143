"""Who left, on which terms, and the `#coop-exit` that turns a leaver's capital into a debt.

Membership ends with an `exit` record, with a `worker` record of the same id, or with `ends`. From that day on all of the
capital account belongs into `Liabilities:FormerMembers:<Id>`, less what the bylaw of that day keeps back and sets off.
All money here is whole units; amounts of postings are credits where they are positive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor

from coopbooks.bylaws import Bylaws
from coopbooks.errors import CoopbooksError, Finding, SurplusRefused, UnknownName
from coopbooks.facts import Movement, below
from coopbooks.money import Unit
from coopbooks.periods import DAY
from coopbooks.records import bylaws, people
from coopbooks.records.base import Record
from coopbooks.rows import NamedTuple
from coopbooks.rules.balances import closes_of
from coopbooks.rules.capital import account_of_person, holders, subscription_account
from coopbooks.rules.payments import person_of
from coopbooks.rules.references import nowhere
from coopbooks.rules.surplus import Surpluses

__all__ = [
    "ExitProposal",
    "Leaving",
    "Settlement",
    "exit_findings",
    "exit_moves",
    "leavings",
    "propose_exit",
    "settlement",
]


class Leaving(NamedTuple):
    """One end of a membership: `day` is the first day without it, `rule` the bylaw of that day, None where there is none."""

    person: str
    day: date
    cause: str | None
    record: Record
    rule: bylaws.ExitTerms | None

    @property
    def terms(self) -> bylaws.ExitTerms:
        """The bylaw, or its defaults where there is none: all capital becomes a debt, without a schedule."""
        return self.rule or bylaws.ExitTerms(id="exit", date=self.day, place=self.record.place)


class Settlement(NamedTuple):
    """What a leaver is owed on a day: owed = capital - deducted - set off; each account with its whole units."""

    leaving: Leaving
    day: date
    capital: tuple[tuple[str, int], ...]
    losses: int
    deducted: int
    deduct_to: str | None
    set_off: tuple[tuple[str, int], ...]
    owed: int
    debt: str

    @property
    def brought(self) -> int:
        """All of the capital."""
        return sum(units for _, units in self.capital)

    @property
    def postings(self) -> dict[str, int]:
        """The `#coop-exit` by account, a credit is positive."""
        found = {account: -units for account, units in self.capital}
        credited = ((self.deduct_to or "", self.deducted), *self.set_off, (self.debt, self.owed))
        for account, units in credited:
            if units:
                found[account] = found.get(account, 0) + units
        return found


class ExitProposal(NamedTuple):
    """A `#coop-exit` that is still to be written, and the accounts that it must open."""

    settlement: Settlement
    opens: tuple[str, ...]


# -- who left --------------------------------------------------------------------------------------------------------


def leavings(rules: Bylaws) -> Mapping[str, list[Leaving]]:
    """For everyone whose membership ended, each end of it in order of day. Made once; not to be changed."""
    found: dict[str, list[Leaving]] | None = rules.memo.get("leavings")
    if found is None:
        found = rules.memo["leavings"] = {}
        for person, history in rules.people.items():
            if len(history) > 1:  # most people never leave
                for before, change in pairwise(history):
                    if before.status == "member" and change.status != "member":
                        found.setdefault(person, []).append(_leaving(rules, person, change.since, change.record))
    return found


def _leaving(rules: Bylaws, person: str, day: date, record: Record) -> Leaving:
    cause = record.cause if isinstance(record, people.Exit) else None
    rule = None
    if cause is not None:
        rule = rules.of(bylaws.ExitTerms, f"exit-{'-'.join(cause.lower().split())}", day)
    return Leaving(person, day, cause, record, rule or rules.of(bylaws.ExitTerms, "exit", day))


def left_on(rules: Bylaws, person: str, day: date) -> Leaving | None:
    """The end of membership that a person who is no member on a day looks back on; None for a member or a stranger."""
    if rules.is_member(person, day):
        return None
    return next((each for each in reversed(leavings(rules).get(person, [])) if each.day <= day), None)


def exit_moves(rules: Bylaws) -> list[Movement]:
    """The `#coop-exit` transactions that touch a leaver's capital or the debt to one, in their order.

    An entry without a tag that moves capital to such a debt is one too, whose tag was forgotten.
    """
    debts = {number for number, _ in rules.facts.legs(rules.facts.roots.former_members)}
    owners = _owners(rules) if debts else {}
    parents = {capital for person in leavings(rules) for capital in holders(rules).get(person, ())}
    numbers = debts | {number for parent in parents for number, _ in rules.facts.legs(parent)}
    moves = ((number, rules.facts.movements[number]) for number in sorted(numbers))
    return [
        move
        for number, move in moves
        if "coop-exit" in move.tags
        or (number in debts and not move.tags & _OTHER_TAGS and any(_owner(owners, leg.account) for leg in move.legs))
    ]


_OTHER_TAGS = frozenset({"coop-close", "coop-redeem", "coop-interest"})


def _owners(rules: Bylaws) -> dict[str, str]:
    """Whose each capital account is."""
    owners: dict[str, str] | None = rules.memo.get("owners of capital")
    if owners is None:
        owners = {capital: person for person, capitals in holders(rules).items() for capital in capitals}
        rules.memo["owners of capital"] = owners
    return owners


def _owner(owners: Mapping[str, str], account: str) -> str | None:
    """Whose capital account it is, or stands below."""
    while account and account not in owners:
        account = account.rpartition(":")[0]
    return owners[account] if account else None


def _persons(rules: Bylaws, move: Movement) -> list[str]:
    """Whose capital or debt a transaction moves, sorted."""
    parent, found = rules.facts.roots.former_members, set()
    for leg in move.legs:
        owner = person_of(rules, leg.account) if below(leg.account, parent) else _owner(_owners(rules), leg.account)
        if owner is not None:
            found.add(owner)
    known = found & rules.people.keys()  # a misspelt account of the debt is told with the one that is right
    return sorted(known or found)


# -- what is owed ----------------------------------------------------------------------------------------------------


def first_day(rules: Bylaws, leaving: Leaving) -> date:
    """The first day on which the exit can be booked: that of the exit, or, with `losses-first`, the first after its year.

    On the year's last day itself, what is kept back would raise the reserve that bears the very loss of that year.
    """
    return rules.year_of(leaving.day).ends + DAY if leaving.terms.losses_first else leaving.day


def settlement(years: Surpluses, leaving: Leaving, day: date, own: Movement | None = None) -> Settlement:
    """What a leaver is owed by the bylaw of the exit's day, if it is booked at the end of `day`.

    `own` is the transaction that does so already, which is left out. With `losses-first` the part of the year's loss that
    a later entry takes off the debt is no longer there to be kept back; nor is what of a buy-in was never paid and is
    set off. What is kept back is cut down to a whole unit: the share is the most that the bylaw allows. Raises
    SurplusRefused where the year's loss cannot be placed.
    """
    rules, terms, person = years.rules, leaving.terms, leaving.person
    capitals = holders(rules).get(person, ())
    capital = [
        (account, units)
        for account in sorted({name for parent in capitals for name in rules.facts.under(parent)})
        if (units := -_stands(rules, account, day, own))
    ]
    brought = sum(units for _, units in capital)
    losses = _losses_ahead(years, leaving, day, capitals) if terms.losses_first else 0
    unpaid = subscription_account(rules, person)
    owing = {unpaid: _stands(rules, unpaid, day, own)} if terms.set_off else {}
    base = max(0, brought - losses - max(0, owing.get(unpaid, 0)))
    deducted = floor(Fraction(terms.deduct) * base) if terms.deduct else 0
    if terms.set_off and own is not None:
        owing |= _taken_off(rules, own, person, unpaid)
    set_off = _within(owing, max(0, brought - losses - deducted))
    owed = max(0, brought - deducted - sum(units for _, units in set_off))
    return Settlement(
        leaving=leaving,
        day=day,
        capital=tuple(capital),
        losses=losses,
        deducted=deducted,
        deduct_to=terms.deduct_to or rules.collective,
        set_off=set_off,
        owed=owed,
        debt=account_of_person(rules.facts.roots.former_members, person),
    )


def _stands(rules: Bylaws, account: str, day: date, own: Movement | None) -> int:
    """What exactly this account holds at a day's end without one transaction, in whole units; a debit is positive."""
    held = sum((amount for when, amount in rules.facts.daily.get(account, ()) if when <= day), Decimal(0))
    for leg in own.legs if own is not None else ():
        held -= leg.amount if leg.account == account else 0
    return rules.facts.unit.nearest(held)


def _losses_ahead(years: Surpluses, leaving: Leaving, day: date, capitals: Iterable[str]) -> int:
    """The leaver's part of the loss of the exit's year, as far as no close has taken it off the capital by `day`."""
    rules, period = years.rules, years.rules.year_of(leaving.day)
    borne = -sum(part.amount for part in years.of(period.name).members if part.person == leaving.person)
    taken = sum(
        rules.facts.unit.nearest(leg.amount)
        for move in closes_of(rules, period)
        if move.date <= day
        for leg in move.legs
        if any(below(leg.account, capital) for capital in capitals)
    )
    return max(0, borne - max(0, taken)) if borne > 0 else 0


def _taken_off(rules: Bylaws, own: Movement, person: str, unpaid: str) -> dict[str, int]:
    """What the entry itself takes off from other asset accounts of the leaver."""
    found: dict[str, int] = {}
    for leg in own.legs:
        if leg.amount < 0 and leg.account != unpaid and _is_theirs(rules, leg.account, person):
            found[leg.account] = found.get(leg.account, 0) - rules.facts.unit.nearest(leg.amount)
    return found


def _within(owing: Mapping[str, int], most: int) -> tuple[tuple[str, int], ...]:
    """What is set off of each account, all together no more than there is to pay."""
    found = []
    for account, units in sorted(owing.items()):
        taken = min(most, max(0, units))
        if taken:
            found.append((account, taken))
            most -= taken
    return tuple(found)


def _is_theirs(rules: Bylaws, account: str, person: str) -> bool:
    """Whether an asset account is a person's own: its last part is their id, as in Assets:Loans:M02."""
    return below(account, rules.facts.roots.assets) and account.rpartition(":")[2].lower() == person


def propose_exit(years: Surpluses, person: str) -> tuple[Leaving, ExitProposal | None]:
    """The `#coop-exit` that is still missing for a leaver, None where nothing of their capital is left.

    Dated the exit's day (with `losses-first` the first one after its year), or the last day on which the capital changed
    where that is later. Raises UnknownName for somebody who never left, SurplusRefused where it cannot be known yet.
    """
    rules = years.rules
    known = leavings(rules)
    if person not in known:
        raise UnknownName(
            f'"{person}" has not left (left so far: {", ".join(sorted(known)) or "nobody"}): add the exit record first'
        )
    leaving = known[person][-1]
    day = max([first_day(rules, leaving), *_changes(rules, leaving)])
    last = rules.facts.last_day
    own_year = rules.year_of(leaving.day)
    is_over = own_year.name in rules.facts.closes or (last is not None and last > own_year.ends)
    if leaving.terms.losses_first and not is_over:
        raise SurplusRefused(
            f"{leaving.terms.named} takes losses off first, and the loss of {own_year.name} is known only after "
            f"{own_year.ends}: book the exit of {person} when the year is closed",
            leaving.terms.place,
        )
    if rules.is_member(person, day if last is None else max(day, last)):
        return leaving, None
    found = settlement(years, leaving, day)
    if found.brought <= 0:
        return leaving, None
    if found.losses:
        year = rules.year_of(leaving.day).name
        raise SurplusRefused(
            f"{leaving.terms.named} takes losses off first, and no close has taken {rules.facts.unit.said(found.losses)} of the "
            f"loss of {year} off the capital of {person} yet: close {year} before you book the exit",
            leaving.terms.place,
        )
    _refuse_nowhere(found)
    opens = tuple(account for account in found.postings if account not in rules.facts.accounts)
    return leaving, ExitProposal(found, opens)


def _changes(rules: Bylaws, leaving: Leaving) -> list[date]:
    """The days after an exit on which the leaver's capital changed."""
    names = {name for parent in holders(rules).get(leaving.person, ()) for name in rules.facts.under(parent)}
    return [day for name in names for day, _ in rules.facts.daily[name] if day > leaving.day]


def _refuse_nowhere(found: Settlement) -> None:
    terms = found.leaving.terms
    if found.deducted and found.deduct_to is None:
        raise SurplusRefused(f"{terms.named} {nowhere(terms)}", terms.place)


# -- what the books say ----------------------------------------------------------------------------------------------


def exit_findings(years: Surpluses) -> list[Finding]:
    """Every `#coop-exit` that differs from the bylaw of the exit's day."""
    rules = years.rules
    findings = []
    for move in exit_moves(rules):
        message = _exit_fault(years, move)
        if message is not None:
            findings.append(Finding(move.place, "exits", message))
    return findings


def _exit_fault(years: Surpluses, move: Movement) -> str | None:
    """What is wrong with one `#coop-exit`, or None."""
    rules = years.rules
    persons = _persons(rules, move)
    if "coop-exit" not in move.tags:
        return f"this entry makes a debt of the capital of {' and '.join(persons)} without saying so: add the tag #coop-exit"
    if len(persons) != 1:
        return f"this #coop-exit moves the accounts of {' and '.join(persons)}: write one transaction for each of them"
    (person,) = persons
    leaving = left_on(rules, person, move.date)
    if leaving is None:
        return (
            f"this #coop-exit is of {person}, whose membership has not ended by {move.date}: add "
            f'`{move.date} custom "coop" "exit" "{person}"`, or take the transaction out'
        )
    first = first_day(rules, leaving)
    if move.date < first:
        return (
            f"this #coop-exit of {person} is dated {move.date}, but {leaving.terms.named} at {leaving.terms.place} takes the "
            f"losses of the year off first: date it {first}"
        )
    try:
        due = settlement(years, leaving, move.date, move)
    except CoopbooksError:
        return None  # a finding of the surplus
    if due.deducted and due.deduct_to is None:
        return None  # a finding of the bylaw
    return _differs(rules.facts.unit, due, move)


def _differs(unit: Unit, due: Settlement, move: Movement) -> str | None:
    """The sentence for a `#coop-exit` whose postings are not those of the rule, or None."""
    posted: dict[str, int] = {}
    for leg in move.legs:
        posted[leg.account] = posted.get(leg.account, 0) + unit.nearest(-leg.amount)
    wanted = due.postings
    wrong = [each for each in sorted({*wanted, *posted}) if wanted.get(each, 0) != posted.get(each, 0)]
    if not wrong:
        return None
    terms = due.leaving.terms
    by = f"{terms.named} at {terms.place}" if due.leaving.rule else "no bylaw exit says otherwise"
    account = due.debt if due.debt in wrong else wrong[0]
    cures = [f"write {each} {unit.text(-wanted[each])} {unit.currency}" for each in wrong if each in wanted]
    cures += [f"take the posting on {each} out" for each in wrong if each not in wanted]
    return (
        f"the #coop-exit of {due.leaving.person} moves {unit.said(abs(posted.get(account, 0)))} on {account}, but of "
        f"{unit.said(due.brought)} of capital {unit.said(due.deducted)} are kept back, "
        f"{unit.said(sum(units for _, units in due.set_off))} set off and {unit.said(due.owed)} owed ({by}): "
        f"{' and '.join(cures)}"
    )


SETTLED_MONTHS = 3
"""Months after the end of the exit's year in which the capital of a leaver is to have become a debt."""


def unsettled(rules: Bylaws) -> list[tuple[Leaving, date | None]]:
    """Every leaver with a bylaw who had capital on the day of the exit, and the day on which none of it was left."""
    found = []
    for history in leavings(rules).values():
        for leaving in history:
            names = {name for parent in holders(rules).get(leaving.person, ()) for name in rules.facts.under(parent)}
            if leaving.rule is None or not any(_stands(rules, name, leaving.day - DAY, None) for name in names):
                continue
            days = sorted({day for name in names for day, _ in rules.facts.daily[name] if day >= leaving.day})
            emptied = (day for day in days if not any(_stands(rules, name, day, None) for name in names))
            found.append((leaving, next(emptied, None)))
    return found
