"""Every entry on a movement fund: what came in and what went out, from where or to where, and by which decision."""

from __future__ import annotations

from datetime import date
from typing import Any

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Place
from coopbooks.facts import Leg, Movement, below
from coopbooks.records import decisions, surplus
from coopbooks.rows import NamedTuple

__all__ = ["FundEntry", "fund_entries"]


class FundEntry(NamedTuple):
    """One posting on a fund, in whole units; `amount` is above zero for what comes in, `balance` what is there after it."""

    fund: str
    date: date
    sort: str
    amount: int
    balance: int
    source: str | None
    decision: str | None
    decision_place: Place | None
    claim: str | None
    purpose: str | None
    counter: tuple[str, ...]
    place: Place


def fund_entries(rules: Bylaws, fund: str | None = None) -> list[FundEntry]:
    """The entries on every fund, or on one, oldest first; those of one day in the order in which the books have them."""
    owners = {record.account: record.id for record in rules.every(surplus.Fund)}
    of_funds = {leg.account: owner for parent, owner in _outermost(owners) for _, leg in rules.facts.legs(parent)}
    numbers = {number for parent in owners for number, _ in rules.facts.legs(parent)}
    unit, balances = rules.facts.unit, dict.fromkeys(owners.values(), 0)
    found: list[FundEntry] = []
    for move in sorted((rules.facts.movements[number] for number in numbers), key=lambda move: (move.date, move.place)):
        touched = {of_funds[leg.account] for leg in move.legs if leg.account in of_funds}
        for leg in move.legs:
            owner = of_funds.get(leg.account)
            if owner is None:
                continue
            amount = unit.nearest(-leg.amount)
            balances[owner] += amount
            if fund in (None, owner):
                sort, counter = _sort(move, amount, touched), _counter(rules, move, owner, of_funds)
                found.append(_entry(rules, move, leg, owner, sort, amount, balances[owner], counter))
    return found


def _outermost(owners: dict[str, str]) -> list[tuple[str, str]]:
    """The funds' accounts, those that lie deeper last, so that the deepest one names the owner."""
    return sorted(owners.items(), key=lambda row: len(row[0]))


def _sort(move: Movement, amount: int, touched: set[str]) -> str:
    if "coop-close" in move.tags:
        return "close"
    if len(touched) > 1:
        return "transfer"
    return "credit" if amount > 0 else "spent"


def _counter(rules: Bylaws, move: Movement, owner: str, of_funds: dict[str, str]) -> tuple[str, ...]:
    """The other accounts of an entry; of a close the one that the surplus comes from, not everybody who gets a part."""
    others = {leg.account for leg in move.legs if of_funds.get(leg.account) != owner}
    if "coop-close" in move.tags:
        account = rules.surplus_account(move.date)
        others = {each for each in others if below(each, account)}
    return tuple(sorted(others))


def _entry(
    rules: Bylaws,
    move: Movement,
    leg: Leg,
    owner: str,
    sort: str,
    amount: int,
    balance: int,
    counter: tuple[str, ...],
) -> FundEntry:
    decision = _text(move.fields.get("decision"))
    decided = rules.history(decisions.Decision, decision) if decision else []
    return FundEntry(
        fund=owner,
        date=move.date,
        sort=sort,
        amount=amount,
        balance=balance,
        source=_text(move.fields.get("source")),
        decision=decision,
        decision_place=decided[0].place if decided else None,
        claim=_text(leg.fields.get("claim", move.fields.get("claim"))),
        purpose=_text(move.fields.get("purpose")),
        counter=counter,
        place=leg.place,
    )


def _text(value: Any) -> str | None:
    """A field of an entry as text; a claim may be a number."""
    return None if value is None or isinstance(value, bool) else str(value)
