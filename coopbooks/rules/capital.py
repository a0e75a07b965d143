"""Members' capital: the vintages of each account, what flowed in and out of them, and when they are due.

A vintage is the leaf `<capital>:<period>`; every other leaf (a buy-in) and the account itself are capital without one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from datetime import date
from decimal import Decimal

from coopbooks.bylaws import Bylaws
from coopbooks.errors import UnknownPeriod
from coopbooks.facts import Leg, Movement, below
from coopbooks.periods import Period, add_months
from coopbooks.records import bylaws, people
from coopbooks.rows import NamedTuple
from coopbooks.rules.balances import closes_of

__all__ = ["Account", "Vintage", "account_of_person", "accounts_of", "capital_account", "holdings_of"]

_VINTAGE = re.compile(r"[0-9]{4}\Z")


def account_of_person(rules: Bylaws, parent: str, person: str) -> str:
    """The account of a person below `Liabilities:Patronage` and the like: the id with its first letter capitalised."""
    return f"{rules.facts.roots.liabilities}:{parent}:{person[:1].upper()}{person[1:]}"


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
        vintages = sorted((leaf for leaf in leaves if _VINTAGE.match(leaf.rpartition(":")[2])), key=_year)
        if against == "newest-first":
            vintages.reverse()
        others = [leaf for leaf in leaves if leaf not in vintages]
        found = [(leaf, _stands(rules, leaf, period)) for leaf in (*vintages, *others, capital)]
    debt = account_of_person(rules, "FormerMembers", person)
    return [(account, held) for account, held in (*found, (debt, _stands(rules, debt, period))) if held]


def _year(leaf: str) -> str:
    return leaf.rpartition(":")[2]


class Vintage(NamedTuple):
    """One leaf of a capital account: its period ("" for capital without one), what is in it, and when it is due."""

    period: str
    account: str
    amount: int
    redeem_on: date | None


class Account(NamedTuple):
    """A member's capital over the whole history, in whole units.

    opening + credited + interest - losses - redeemed = balance.
    """

    member: str
    opening: int
    credited: int
    interest: int
    losses: int
    redeemed: int
    balance: int
    vintages: tuple[Vintage, ...]


def accounts_of(rules: Bylaws, until: date | None = None) -> list[Account]:
    """The capital account of everyone who ever was a member and has one, sorted by id."""
    members = sorted({record.id for record in rules.every(people.Member) if record.capital})
    return [_account_of(rules, member, until) for member in members]


def _account_of(rules: Bylaws, member: str, until: date | None) -> Account:
    unit = rules.facts.unit
    capitals = {record.capital for record in rules.history(people.Member, member) if record.capital}
    sums = {"opening": 0, "credited": 0, "interest": 0, "losses": 0, "redeemed": 0}
    held: dict[str, int] = {}
    founded = rules.founded
    for move in rules.facts.movements:
        if until is not None and move.date > until:
            continue
        for leg in move.legs:
            if any(below(leg.account, capital) for capital in capitals):
                units = unit.nearest(-leg.amount)
                sort = _sort_of(move, leg, units, founded)
                sums[sort] += -units if sort in ("losses", "redeemed") else units
                held[leg.account] = held.get(leg.account, 0) + units
    vintages = tuple(_vintages(rules, held, capitals))
    balance = sums["opening"] + sums["credited"] + sums["interest"] - sums["losses"] - sums["redeemed"]
    assert balance == sum(vintage.amount for vintage in vintages), (member, sums, vintages)
    return Account(member, balance=balance, vintages=vintages, **sums)


def _sort_of(move: Movement, leg: Leg, units: int, founded: date | None) -> str:
    """What a change of capital is: interest, a loss, a redemption, a credit, or what stood there before.

    An amendment that takes back from the vintage which its own year credited is a smaller credit, and no loss.
    """
    if founded is not None and move.date < founded:
        return "opening"
    if "coop-interest" in move.tags:
        return "interest"
    if units >= 0 and not {"coop-redeem", "coop-exit"} & move.tags:
        return "credited"
    own = leg.account.rpartition(":")[2] == move.fields.get("period")
    if "coop-close" in move.tags and move.fields.get("amends") is True and own:
        return "credited"
    return "losses" if "coop-close" in move.tags else "redeemed"


def _vintages(rules: Bylaws, held: Mapping[str, int], capitals: Set[str]) -> list[Vintage]:
    """The leaves of capital accounts that hold something, oldest vintage first; capital without one at the end."""
    found = []
    for account, amount in held.items():
        name = account.rpartition(":")[2] if account not in capitals else ""
        period = name if _VINTAGE.match(name) else ""
        if amount:
            found.append(Vintage(period, account, amount, redeem_on(rules, period) if period else None))
    return sorted(found, key=lambda vintage: (vintage.period == "", vintage.period, vintage.account))


def redeem_on(rules: Bylaws, period: str) -> date | None:
    """The day on which a vintage is due: `redeem-after` years after its year's end.

    By the rule of that end, or, for capital from before the books had one, by the first rule.
    """
    try:
        ends = rules.calendar.named(period).ends
    except UnknownPeriod:  # four digits that are no year
        return None
    rule = rules.capital_rule(ends) or next(iter(rules.every(bylaws.Capital)), None)
    if rule is None or rule.redeem_after is None:
        return None
    return add_months(ends, int(rule.redeem_after * 12))
