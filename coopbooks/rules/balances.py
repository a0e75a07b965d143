"""Balances as the rules mean them: at the end of a period's last day, sub-accounts included, its own close left out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from coopbooks.bylaws import Bylaws
from coopbooks.facts import Movement, below
from coopbooks.periods import Period

__all__ = ["balance_without_close", "closes_of", "credits_in_year", "highest_balance"]


def closes_of(rules: Bylaws, period: Period) -> list[Movement]:
    """The `#coop-close` transactions of a period, amendments included."""
    return rules.facts.closes.get(period.name, [])


def _own_close(rules: Bylaws, account: str, period: Period) -> list[tuple[date, Decimal]]:
    return [
        (move.date, leg.amount) for move in closes_of(rules, period) for leg in move.legs if below(leg.account, account)
    ]


def balance_without_close(rules: Bylaws, account: str, period: Period) -> Decimal:
    """Balance in the ledger's sign at the period's end, without the period's own close."""
    own = sum((amount for day, amount in _own_close(rules, account, period) if day <= period.ends), Decimal(0))
    return rules.facts.balance(account, period.ends) - own


def highest_balance(rules: Bylaws, account: str, period: Period) -> Decimal:
    """The highest balance that the account ever had at a day's end, in the ledger's sign.

    That is its highest debit balance for what lies below Assets, its highest credit balance (negative) for the rest.
    """
    days: dict[date, Decimal] = {}
    for day, amount in rules.facts.flows(account):
        days[day] = days.get(day, Decimal(0)) + amount
    for day, amount in _own_close(rules, account, period):
        days[day] = days.get(day, Decimal(0)) - amount
    highest = max if below(account, rules.facts.roots.assets) else min
    stands = found = Decimal(0)
    for day in sorted(days):
        if day <= period.ends:
            stands += days[day]
            found = highest(found, stands)
    return found


def credits_in_year(rules: Bylaws, account: str, period: Period) -> Decimal:
    """What entries of the period, closes left out, have credited to an account and all below it; positive."""
    return -sum(
        (
            leg.amount
            for move in rules.facts.movements
            if move.date in period and "coop-close" not in move.tags
            for leg in move.legs
            if below(leg.account, account) and leg.amount < 0
        ),
        Decimal(0),
    )
