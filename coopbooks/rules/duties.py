"""Duties: what opens one, its term, what meets it, and its state on a day. Each sort of duty is one row of a table.

A row is a `Sort`: its name, its rule in words, and a function from the books to its openings. A new duty is a new row;
the engine below does not change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from coopbooks.errors import CoopbooksError, Place
from coopbooks.facts import Leg
from coopbooks.periods import add_months, notice_deadline
from coopbooks.records import people, surplus
from coopbooks.rows import NamedTuple
from coopbooks.rules.capital import capital_account, redeem_on
from coopbooks.rules.payments import Payment, payments
from coopbooks.rules.surplus import Surpluses, YearSurplus

__all__ = ["SORTS", "Duty", "Opening", "Sort", "State", "duties"]

State = Literal["met", "pending", "due", "overdue", "not-evidenced"]


class Opening(NamedTuple):
    """One duty that was opened: for whom or what, on which day, its last day, and what has met it by then, if anything.

    `met_on` is the day on which it was met, None while it is not; `met_by` is the place of the posting or record.
    """

    subject: str
    opened: date
    due: date
    rule: Place | None
    met_on: date | None
    met_by: Place | None


class Sort(NamedTuple):
    """A sort of duty: its name, the rule in words with its source, and what opens it in the books."""

    name: str
    rule: str
    openings: Callable[[Surpluses], Iterator[Opening]]


class Duty(NamedTuple):
    """A duty on a day: `due` is its last day, `state` where it stands."""

    duty: str
    subject: str
    opened: date
    due: date
    state: State
    rule: str
    place: Place | None
    met_by: Place | None


def duties(years: Surpluses, as_of: date, sorts: Iterable[Sort] | None = None) -> list[Duty]:
    """Every duty opened on or before a day and its state on it, by last day. What happens after `as_of` is ignored."""
    found = [
        Duty(
            sort.name,
            opening.subject,
            opening.opened,
            opening.due,
            state_of(opening, as_of),
            sort.rule,
            opening.rule,
            opening.met_by if opening.met_on is not None and opening.met_on <= as_of else None,
        )
        for sort in (SORTS if sorts is None else sorts)
        for opening in sort.openings(years)
        if opening.opened <= as_of
    ]
    return sorted(found, key=lambda duty: (duty.due, duty.duty, duty.subject))


DUE_SOON_DAYS = 30
"""A duty whose last day is at most so many days away is due; until then it is pending."""


def state_of(opening: Opening, as_of: date) -> State:
    """Where a duty stands on a day: the last day itself still counts as in time."""
    if opening.met_on is not None and opening.met_on <= as_of:
        return "met"
    if as_of > opening.due:
        return "overdue"
    return "due" if (opening.due - as_of).days <= DUE_SOON_DAYS else "pending"


# -- the rows --------------------------------------------------------------------------------------------------------


def _notice_windows(years: Surpluses) -> Iterator[Opening]:
    """Each closed year whose members are owed money: paid by the 15th day of the ninth month after the year's end."""
    for year, opened, paid in _closed(years):
        if year.rule.notice == "none":
            continue  # no written notice, so no payment window is bound to one
        due = notice_deadline(year.period.ends)
        for part in year.members:
            if part.cash > 0:
                met = _paid_off(part.cash, year.period.name, paid.get(part.person, ()))
                yield Opening(f"{part.person} {year.period.name}", opened, due, year.rule.place, *met)


def _unclaimed_parts(years: Surpluses) -> Iterator[Opening]:
    """Each part in money of a year whose bylaw says when an unclaimed part lapses: paid or moved on by that day."""
    for year, opened, paid in _closed(years):
        if year.rule.unclaimed_days is None:
            continue
        due = opened + timedelta(days=year.rule.unclaimed_days)
        owed: dict[str, int] = {}
        for part in (*year.members, *year.workers):
            owed[part.person] = owed.get(part.person, 0) + part.cash
        for person, units in sorted(owed.items()):
            if units > 0:
                met = _paid_off(units, year.period.name, paid.get(person, ()))
                yield Opening(f"{person} {year.period.name}", opened, due, year.rule.place, *met)


def _closed(years: Surpluses) -> Iterator[tuple[YearSurplus, date, dict[str, list[Payment]]]]:
    """Each closed year, the day of its close, and everybody's payments, oldest first."""
    paid: dict[str, list[Payment]] = {}
    for payment in payments(years.rules):
        paid.setdefault(payment.person, []).append(payment)
    for name, moves in sorted(years.rules.facts.closes.items()):
        try:
            year = years.of(name)
        except CoopbooksError:
            continue  # the close itself is a finding
        yield year, min(move.date for move in moves), paid


def _paid_off(units: int, name: str, paid: Iterable[Payment]) -> tuple[date | None, Place | None]:
    """The day and place of the payment with which a year's part, in whole units, was paid to the end."""
    for payment in paid:
        units -= sum(part for period, part in payment.years if period == name)
        if units <= 0:
            return payment.move.date, payment.leg.place
    return None, None


def _redemptions(years: Surpluses) -> Iterator[Opening]:
    """Each vintage of a member's capital account: redeemed when the bylaw's years are over."""
    rules = years.rules
    for member in sorted({record.id for record in rules.every(people.Member)}):
        capital = capital_account(rules, member, date.max)
        for account in rules.facts.leaves(capital) if capital else ():
            period = account.rpartition(":")[2]
            due = redeem_on(rules, period) if period.isdigit() and len(period) == 4 else None
            if due is None:
                continue
            rule = rules.capital_rule(rules.calendar.named(period).ends)
            flows = rules.facts.daily[account]
            credit = [day for day, amount in flows if amount < 0]
            if credit:
                met_on = _emptied(flows)
                met_by = _last_debit(years, account, met_on) if met_on else None
                yield Opening(f"{member} {period}", credit[0], due, rule.place if rule else None, met_on, met_by)


def _emptied(flows: Iterable[tuple[date, Decimal]]) -> date | None:
    """The day on which an account came to stand at zero for good."""
    rows = list(flows)
    return rows[-1][0] if rows and not sum((amount for _, amount in rows), Decimal(0)) else None


def _last_debit(years: Surpluses, account: str, day: date) -> Place | None:
    facts = years.rules.facts
    for number, leg in facts.legs(account):
        if leg.account == account and leg.amount > 0 and facts.movements[number].date == day:
            return leg.place
    return None


def _fund_spending(years: Surpluses) -> Iterator[Opening]:
    """Each credit of a fund with `spend-by`: spent so many months after the close that brought it."""
    rules = years.rules
    for fund in rules.all_of(surplus.Fund, rules.facts.last_day or date.max):
        if fund.spend_by is None:
            continue
        legs = sorted(
            ((rules.facts.movements[number].date, leg) for number, leg in rules.facts.legs(fund.account)),
            key=lambda row: (row[0], row[1].amount, row[1].place),
        )
        debits = [(day, leg) for day, leg in legs if leg.amount > 0]
        needed = Decimal(0)
        for day, leg in legs:
            if leg.amount < 0:
                needed -= leg.amount
                met_on, met_by = _reached(debits, needed)
                yield Opening(f"{fund.id} {day}", day, add_months(day, fund.spend_by), fund.place, met_on, met_by)


def _reached(debits: Iterable[tuple[date, Leg]], needed: Decimal) -> tuple[date | None, Place | None]:
    """The debit by which spending reached a sum, oldest money first."""
    spent = Decimal(0)
    for day, leg in debits:
        spent += leg.amount
        if spent >= needed:
            return day, leg.place
    return None, None


def _settlements(years: Surpluses) -> Iterator[Opening]:
    """Each leaver with capital, where a bylaw says what becomes of it: a debt soon after the year of the exit is over."""
    from coopbooks.rules.exits import SETTLED_MONTHS, unsettled  # few books have leavers

    rules = years.rules
    for leaving, met_on in unsettled(rules):
        due = add_months(rules.year_of(leaving.day).ends, SETTLED_MONTHS)
        yield Opening(f"{leaving.person} {leaving.day}", leaving.day, due, leaving.terms.place, met_on, None)


def _instalments(years: Surpluses) -> Iterator[Opening]:
    """Each instalment of a debt to a former member: paid on its day."""
    from coopbooks.rules.debts import due_instalments

    rules = years.rules
    if rules.facts.last_day is None:
        return
    for debt, each, met_on, met_by in due_instalments(rules, rules.facts.last_day):
        place = debt.place if debt.leaving is None else debt.leaving.terms.place
        yield Opening(f"{debt.person} {each.due}", debt.booked, each.due, place, met_on, met_by)


SORTS: tuple[Sort, ...] = (
    Sort(
        "notice-window",
        "the cash part of a patronage allocation is paid by the 15th day of the ninth month after the year's end "
        "(26 CFR 1.1382-4)",
        _notice_windows,
    ),
    Sort(
        "unclaimed-part",
        "a part of the surplus that nobody has claimed when its days are over goes where the bylaw says (bylaw surplus, "
        "unclaimed-days and unclaimed-to)",
        _unclaimed_parts,
    ),
    Sort(
        "redemption",
        "a vintage of capital is paid back when the bylaw's years are over (bylaw capital, redeem-after)",
        _redemptions,
    ),
    Sort(
        "exit-settlement",
        "a leaver's capital becomes a debt within three months of the end of the year of the exit (bylaw exit)",
        _settlements,
    ),
    Sort(
        "former-member-instalment",
        "an instalment of the debt to a former member is paid on its day (bylaw exit, years or schedule)",
        _instalments,
    ),
    Sort(
        "fund-spend-by", "money of a fund is spent in the months that its record gives (fund, spend-by)", _fund_spending
    ),
)
"""Every sort of duty that the books can open."""
