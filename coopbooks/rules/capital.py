"""Members' capital: the vintages of each account, what flowed in and out of them, and when they are due.

A vintage is the leaf `<capital>:<period>`; every other leaf (a buy-in) and the account itself are capital without one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from datetime import date
from decimal import Decimal
from operator import itemgetter

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, UnknownPeriod
from coopbooks.facts import Leg, Movement, below
from coopbooks.periods import Period, add_months
from coopbooks.records import bylaws, people
from coopbooks.rows import NamedTuple, row_of
from coopbooks.rules.balances import closes_of

__all__ = [
    "Account",
    "Vintage",
    "account_of_person",
    "accounts_of",
    "capital_account",
    "capital_legs",
    "debited",
    "holders",
    "holdings_of",
    "is_vintage",
    "redeem_on",
    "sort_of",
    "subscription_account",
    "vintage_findings",
]

_PERIOD, _AMOUNT = itemgetter(0), itemgetter(1)
_PAID_OUT = frozenset({"coop-redeem", "coop-exit"})


def account_of_person(parent: str, person: str) -> str:
    """The account of a person below `Liabilities:Patronage` and the like: the id with its first letter capitalised."""
    return f"{parent}:{person[:1].upper()}{person[1:]}"


def subscription_account(rules: Bylaws, member: str) -> str:
    """The account on which the part of a member's buy-in stands that is still to be paid."""
    return account_of_person(rules.facts.roots.subscriptions, member)


def capital_account(rules: Bylaws, person: str, day: date) -> str | None:
    """A member's capital account on a day, or the last one they had."""
    records = [record for record in rules.history(people.Member, person) if record.capital]
    current = [record for record in records if record.date <= day] or records[:1]
    return current[-1].capital if current else None


def _stands(rules: Bylaws, account: str, period: Period) -> int:
    """What exactly this account (no sub-account) holds at the period's end without its own close, in whole units."""
    own_close = (
        leg.amount
        for move in closes_of(rules, period)
        if move.date <= period.ends
        for leg in move.legs
        if leg.account == account
    )
    held = sum(own_close, Decimal(0))
    held -= sum((amount for day, amount in rules.facts.daily.get(account, ()) if day <= period.ends), Decimal(0))
    return max(0, int(rules.facts.unit.exact(held))) if held else 0


def holdings_of(rules: Bylaws, person: str, period: Period, against: str = "newest-first") -> list[tuple[str, int]]:
    """The accounts that bear a member's part of a loss, in their order, with what each holds in whole units.

    Vintages first, newest or oldest as the rule says, then other leaves, then the capital account itself; at last
    what a leaver is owed.
    """
    capital = capital_account(rules, person, period.ends)
    found: list[tuple[str, int]] = []
    if capital:
        leaves = rules.facts.leaves(capital)
        vintages = sorted((leaf for leaf in leaves if is_vintage(_year(leaf))), key=_year)
        if against == "newest-first":
            vintages.reverse()
        others = [leaf for leaf in leaves if leaf not in vintages]
        found = [(leaf, _stands(rules, leaf, period)) for leaf in (*vintages, *others, capital)]
    debt = account_of_person(rules.facts.roots.former_members, person)
    return [(account, held) for account, held in (*found, (debt, _stands(rules, debt, period))) if held]


def _year(leaf: str) -> str:
    return leaf.rpartition(":")[2]


def is_vintage(name: str) -> bool:
    """Whether the last part of an account is a vintage: the four digits of a year."""
    return len(name) == 4 and name.isascii() and name.isdigit()


def holders(rules: Bylaws) -> Mapping[str, tuple[str, ...]]:
    """Everyone who ever was a member and has a capital account, sorted by id, with all such accounts.

    An account that stands below another one of the same person is left out: the other one holds it already.
    """
    found: dict[str, tuple[str, ...]] | None = rules.memo.get("holders of capital")
    if found is None:
        named: dict[str, set[str]] = {}
        for record in rules.every(people.Member):
            if record.capital:
                named.setdefault(record.id, set()).add(record.capital)
        found = rules.memo["holders of capital"] = {
            member: tuple(sorted(accounts)) if len(accounts) == 1 else _outermost(accounts)
            for member, accounts in sorted(named.items())
        }
    return found


def _outermost(accounts: Set[str]) -> tuple[str, ...]:
    return tuple(
        account
        for account in sorted(accounts)
        if not any(account != other and below(account, other) for other in accounts)
    )


def capital_legs(rules: Bylaws, member: str) -> Iterator[tuple[Movement, Leg]]:
    """Every posting to a member's capital accounts, by account, with its movement."""
    movements = rules.facts.movements
    for capital in holders(rules).get(member, ()):
        for number, leg in rules.facts.legs(capital):
            yield movements[number], leg


class Vintage(NamedTuple):
    """One leaf of a capital account: its period ("" for capital without one), what is in it, and when it is due.

    opening + credited + interest - losses - redeemed = amount.
    """

    period: str
    account: str
    amount: int
    redeem_on: date | None
    opening: int
    credited: int
    interest: int
    losses: int
    redeemed: int


class Account(NamedTuple):
    """A member's capital over a period or the whole history, in whole units.

    opening + credited + interest - losses - redeemed = balance. A vintage that is empty at the end is not among `vintages`.
    """

    member: str
    opening: int
    credited: int
    interest: int
    losses: int
    redeemed: int
    balance: int
    vintages: tuple[Vintage, ...]


def accounts_of(rules: Bylaws, period: Period | None = None, only: str | None = None) -> list[Account]:
    """The capital account of everyone who ever was a member and has one, sorted by id; or of one member only.

    With a period its opening is what stood there before the first day, its flows are those dated in it, and its balance
    and vintages are those of the last day's end. Without one it is the whole history.
    """
    starts = rules.founded if period is None else period.starts
    until = date.max if period is None else period.ends
    members = holders(rules)
    return [_account_of(rules, member, starts, until) for member in members if only is None or member == only]


def _account_of(rules: Bylaws, member: str, starts: date | None, until: date) -> Account:
    nearest = rules.facts.unit.nearest
    sums = [0, 0, 0, 0, 0]
    held: dict[str, list[int]] = {}
    for move, leg in capital_legs(rules, member):
        if move.date <= until:
            account, amount, *_ = leg
            units = nearest(-amount)
            place = _PLACES[sort_of(move, leg, units, starts)]
            sums[place] += units
            flows = held.get(account)
            if flows is None:
                flows = held[account] = [0, 0, 0, 0, 0]
            flows[place] += units
    vintages = tuple(_vintages(rules, held, holders(rules)[member]))
    opening, credited, interest, losses, redeemed = sums
    balance = opening + credited + interest + losses + redeemed
    # The law of every capital account, left on: what came in less what went out is what its vintages hold.
    assert balance == sum([vintage.amount for vintage in vintages]), (member, held, vintages)
    return Account(member, opening, credited, interest, -losses, -redeemed, balance, vintages)


_PLACES = {"opening": 0, "credited": 1, "interest": 2, "losses": 3, "redeemed": 4}


def sort_of(move: Movement, leg: Leg, units: int, starts: date | None) -> str:
    """What a change of capital is: interest, a loss, a redemption, a credit, or what stood there before `starts`.

    `units` are signed as a credit. An amendment that takes back from the vintage which its own year credited is a
    smaller credit, and no loss.
    """
    if starts is not None and move.date < starts:
        return "opening"
    if not move.tags:
        return "credited" if units >= 0 else "redeemed"
    if "coop-interest" in move.tags:
        return "interest"
    if units >= 0 and _PAID_OUT.isdisjoint(move.tags):
        return "credited"
    own = leg.account.rpartition(":")[2] == move.fields.get("period")
    if "coop-close" in move.tags and move.fields.get("amends") is True and own:
        return "credited"
    return "losses" if "coop-close" in move.tags else "redeemed"


def _vintages(rules: Bylaws, held: Mapping[str, list[int]], capitals: tuple[str, ...]) -> list[Vintage]:
    """The leaves of capital accounts that hold something, oldest vintage first; capital without one at the end."""
    found, others = [], []
    for account, flows in sorted(held.items()):
        amount = sum(flows)
        if amount:
            opening, credited, interest, losses, redeemed = flows
            came = (opening, credited, interest, -losses, -redeemed)
            name = account.rpartition(":")[2]
            if is_vintage(name) and account not in capitals:
                found.append(row_of(Vintage, (name, account, amount, redeem_on(rules, name), *came)))
            else:
                others.append(row_of(Vintage, ("", account, amount, None, *came)))
    found.sort(key=_PERIOD)
    return found + others


def debited(rules: Bylaws) -> list[tuple[str, str]]:
    """Every account below a member's capital account that something was ever taken from, with the member.

    Of most vintages nothing ever was, so a look here spares many looks at each.
    """
    found: list[tuple[str, str]] | None = rules.memo.get("debited capital")
    if found is None:
        owners = {capital: member for member, capitals in holders(rules).items() for capital in capitals}
        found = []
        for account, rows in rules.facts.daily.items():
            if max(map(_AMOUNT, rows), default=0) > 0:  # of most accounts that are asked for nothing was ever taken
                capital = account.rpartition(":")[0]
                while capital and capital not in owners:
                    capital = capital.rpartition(":")[0]
                if capital:
                    found.append((owners[capital], account))
        found.sort()
        rules.memo["debited capital"] = found
    return found


def vintage_findings(rules: Bylaws) -> list[Finding]:
    """Every part of a capital account that stands below zero at a day's end, at the posting that took it there.

    The capital account itself is left out: a loss with `below-zero: TRUE` may take it there.
    """
    found = (_below_zero(rules, member, account) for member, account in debited(rules))
    return [finding for finding in found if finding is not None]


def _below_zero(rules: Bylaws, member: str, account: str) -> Finding | None:
    days: dict[date, Decimal] = {}
    for day, amount in rules.facts.daily[account]:
        days[day] = days.get(day, Decimal(0)) - amount
    stands, unit = Decimal(0), rules.facts.unit
    for day in sorted(days):
        before, stands = stands, stands + days[day]
        if unit.nearest(stands) < 0:
            debits = [leg for move, leg in capital_legs(rules, member) if leg.account == account and move.date == day]
            return Finding(
                max(debits, key=lambda leg: leg.amount).place,
                "capital",
                f"{account} of {member} is {unit.said(unit.nearest(-stands))} below zero at the end of {day}: take at most the "
                f"{unit.said(max(0, unit.nearest(before)))} that were in it, or take the rest from another vintage",
            )
    return None


def redeem_on(rules: Bylaws, period: str) -> date | None:
    """The day on which a vintage is due: `redeem-after` years after its year's end.

    By the rule of that end, or, for capital from before the books had one, by the first rule.
    """
    known: dict[str, date | None] = rules.memo.setdefault("days of redemption", {})
    if period not in known:
        known[period] = _redeem_on(rules, period)
    return known[period]


def _redeem_on(rules: Bylaws, period: str) -> date | None:
    try:
        ends = rules.calendar.named(period).ends
    except UnknownPeriod:  # four digits that are no year
        return None
    rule = rules.capital_rule(ends) or next(iter(rules.every(bylaws.Capital)), None)
    if rule is None or rule.redeem_after is None:
        return None
    return add_months(ends, int(rule.redeem_after * 12))
