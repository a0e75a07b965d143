"""The page *What do I own?*: one person's capital by vintage, parts of each year, debts, and the statement of a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.figures import Drawing, drawing
from coopbooks.dashboard.parts import YearRow, year_rows
from coopbooks.dashboard.rulebook import PEOPLE, Rulebook, fields_of
from coopbooks.dashboard.statement import Statement, statement_view
from coopbooks.dashboard.trouble import NO_MEMBER, Trouble
from coopbooks.dashboard.words import Look, count_of, day_said, number_said
from coopbooks.reports import charts
from coopbooks.reports.figures import is_zero, shown

if TYPE_CHECKING:
    from coopbooks.cooperative import Cooperative

__all__ = ["DebtRow", "Instalment", "MineView", "Person", "VintageRow", "mine_view"]

Data = Mapping[str, Any]
PEOPLE_MAX = 1500  # in the list to choose from: a page stays below 500 kB however many people the books have
_ZERO = Decimal(0)
_FLOWS = (
    ("opening", "In your account when these books begin", 1),
    ("credited", "Credited to you", 1),
    ("interest", "Interest", 1),
    ("losses", "Losses that you bore", -1),
    ("redeemed", "Paid back to you, or owed to you since you left", -1),
)
_DEBT = (
    ("capital", "Your capital when you left", 1),
    ("deductions", "Deducted by the bylaws", -1),
    ("set_off", "What you owed the cooperative", -1),
    ("interest", "Interest", 1),
    ("losses", "Losses taken off since", -1),
    ("paid", "Paid to you", -1),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose page can be asked for: the id, and whether a member, a worker or gone."""

    id: str
    status: str
    current: bool


@dataclass(frozen=True, slots=True)
class VintageRow:
    """One vintage: the year for which it was credited, when it is due, and where it stands in the queue.

    `place` is that of the rule which sets the day.
    """

    name: str
    account: str
    amount: str
    due: str
    state: str
    queue: str
    place: str | None


@dataclass(frozen=True, slots=True)
class Instalment:
    """One instalment of a debt to a former member."""

    due: str
    principal: str
    interest: str
    amount: str
    paid: str
    state: str


@dataclass(frozen=True, slots=True)
class DebtRow:
    """What the cooperative owes somebody who left: how the sum came about, and by when it is paid."""

    left: str
    sums: tuple[tuple[str, str], ...]
    balance: str
    account: str
    instalments: tuple[Instalment, ...]
    place: str | None


@dataclass(frozen=True, slots=True)
class MineView:
    """All that the page shows of one person; without a `member`, the people to choose from and nothing else.

    `more` people than those listed can be asked for.
    """

    headline: str
    people: tuple[Person, ...]
    more: int = 0
    member: str = ""
    name: str = ""
    verdict: str = ""
    state: str = "none"
    notes: tuple[str, ...] = ()
    chart: Drawing | None = None
    account: str = ""
    flows: tuple[tuple[str, str], ...] = ()
    balance: str = ""
    vintages: tuple[VintageRow, ...] = ()
    debts: tuple[DebtRow, ...] = ()
    years: tuple[YearRow, ...] = ()
    statement: Statement | None = None
    unit: str = ""


def mine_view(books: Cooperative, choice: Choice, look: Look) -> MineView | Trouble:
    """The page of the member who is asked for or signed in; else the people to choose from."""
    rulebook = Rulebook.of(books, choice.as_of)
    people = people_of(rulebook, choice)
    if not people:
        return NO_MEMBER
    person = next((each for each in people if each.current), None)
    if person is None:
        unknown = f"Nobody in this book is called “{shown(choice.member)}”. " if choice.member else ""
        return MineView(f"{unknown}Whose account do you want to see?", people[:PEOPLE_MAX], more=_more(people))
    debts = [row for row in books.debts(choice.as_of).to_data() if row["member"] == person.id]
    rows = books.members(person.id).to_data() if _has_been_member(rulebook, person.id) else []
    row = rows[0] if rows else None
    years = year_rows(books, person.id, choice.as_of, rulebook, look)
    vintages = [] if row is None else _vintages(books, row, choice.as_of, look)
    state, verdict, notes = _verdict(row, debts, years, choice.as_of, look)
    return MineView(
        headline=_headline(person, row, debts, choice.as_of, look),
        people=people[:PEOPLE_MAX],
        more=_more(people),
        member=person.id,
        name=_name(rulebook, person.id),
        verdict=verdict,
        state=state,
        notes=(*notes, *_of_another_day(books, row, choice.as_of)),
        chart=None if row is None or look.hidden else drawing(charts.capital_chart(row, currency=look.currency)),
        account=next(iter(rulebook.accounts(person.id, "capital")), ""),
        flows=() if row is None else _sums(row, _FLOWS, look),
        balance="" if row is None else look.plain(row["balance"]),
        vintages=tuple(vintages),
        debts=tuple(_debt(debt, books.facts.roots.liabilities, look) for debt in debts),
        years=tuple(years),
        statement=statement_view(books, person.id, choice, [year.period for year in years], look),
        unit=look.currency or "",
    )


def people_of(rulebook: Rulebook, choice: Choice) -> tuple[Person, ...]:
    """Everybody who is or was a member or a worker on the day, by id; who is gone comes last."""
    status: dict[str, str] = {}
    for record in rulebook.rows():  # oldest first
        if record["date"] <= str(choice.as_of):
            if record["kind"] in PEOPLE:
                status[record["id"]] = record["kind"]
            elif record["kind"] == "exit" and record["id"] in status:
                status[record["id"]] = "gone"
    ordered = sorted(status.items(), key=lambda each: (each[1] == "gone", each[0]))
    return tuple(Person(name, state, name == choice.member) for name, state in ordered)


def _more(people: Sequence[Person]) -> int:
    return max(0, len(people) - PEOPLE_MAX)


def _has_been_member(rulebook: Rulebook, person: str) -> bool:
    return any(row["kind"] == "member" and row["id"] == person for row in rulebook.rows())


def _name(rulebook: Rulebook, person: str) -> str:
    """The name that the newest record with one shows; "" in books that withhold it."""
    rows = [fields_of(row).get("name", "") for row in rulebook.rows() if row["kind"] in PEOPLE and row["id"] == person]
    return shown(next((name for name in reversed(rows) if name), ""))


def _headline(person: Person, row: Data | None, debts: Sequence[Data], as_of: date, look: Look) -> str:
    """What the person owns, in one sentence."""
    if person.status == "gone":
        return _gone_said(row, debts, look)
    if row is None:
        return "You work here and are not a member, so no capital account is kept for you."
    if person.status == "worker":
        own = (
            "" if is_zero(row["balance"]) else f", and {look.money(row['balance'])} of capital is still in your account"
        )
        return f"You work here and are no longer a member{own}."
    if is_zero(row["balance"]):
        return "You are a member, and nothing is in your capital account yet."
    own = f"You own {look.money(row['balance'])} of this cooperative"
    dated = sorted((each for each in row["vintages"] if each["redeem_on"]), key=lambda each: each["redeem_on"])
    if not dated:
        return f"{own}; the bylaws set no day for paying it back before you leave."
    first = dated[0]
    when = "was due on" if first["redeem_on"] < str(as_of) else "is due on"
    part = "it" if len(row["vintages"]) == 1 else f"the next part, {look.money(first['amount'])},"
    return f"{own}; {part} {when} {day_said(first['redeem_on'])}."


def _gone_said(row: Data | None, debts: Sequence[Data], look: Look) -> str:
    open_debts = [debt for debt in debts if not is_zero(debt["balance"])]
    if open_debts:
        debt = open_debts[-1]
        owed = look.money(sum((Decimal(each["balance"]) for each in open_debts), _ZERO))
        unpaid = [each for each in debt["instalments"] if Decimal(each["paid"]) < Decimal(each["amount"])]
        was = "was due" if unpaid and unpaid[0]["overdue"] else "is due"
        due = f"; the next instalment {was} on {day_said(unpaid[0]['due'])}" if unpaid else ""
        return f"You left on {day_said(debt['exit'])}, and the cooperative still owes you {owed}{due}."
    if row is not None and not is_zero(row["balance"]):
        return f"You left, and {look.money(row['balance'])} is still in your capital account."
    if debts:
        return f"You left on {day_said(debts[-1]['exit'])}; all that the cooperative owed you has been paid."
    return "You left, and nothing of yours is in the cooperative any more."


def _verdict(
    row: Data | None, debts: Sequence[Data], years: Sequence[YearRow], as_of: date, look: Look
) -> tuple[str, str, tuple[str, ...]]:
    """What is still to come, from the cooperative to the person and the other way round."""
    late = [each for each in debts if not is_zero(each["overdue"])]
    if late:
        owed = look.money(sum((Decimal(each["overdue"]) for each in late), _ZERO))
        return "broken", f"{owed} of that should have been paid to you by now.", ()
    notes = [
        f"{year.to_pay} of your part of {year.period} has not been paid to you yet." for year in years if year.to_pay
    ]
    if row is not None and (unpaid := _unpaid(row, as_of, look)):
        notes.append(unpaid)
    if notes:
        return "none", "", tuple(notes)
    closed = [year for year in years if year.closed and year.cash]
    if closed:
        return "kept", "All that the closed years gave you in money has been paid to you.", ()
    return "none", "", ()


def _of_another_day(books: Cooperative, row: Data | None, as_of: date) -> tuple[str, ...]:
    """A capital account is kept by fiscal year: for a day before the books' last one, that it shows more is said."""
    last = books.facts.last_day
    if row is None or last is None or last <= as_of:
        return ()
    return (f"The capital account holds all that was booked up to {day_said(str(last))}.",)


def _unpaid(row: Data, as_of: date, look: Look) -> str:
    """What of the buy-in is still to be paid in."""
    left = Decimal(row["buy_in"] or 0) - Decimal(row["brought_in"])
    if left <= 0:
        return ""
    due = row["buy_in_due"]
    if due is None:
        return ""  # has left: nothing is asked any more
    when = f"was to be paid in by {day_said(due)}" if due < str(as_of) else f"is to be paid in by {day_said(due)}"
    return f"Of your buy-in of {look.money(row['buy_in'])}, {look.money(left)} {when}."


def _sums(row: Data, lines: Sequence[tuple[str, str, int]], look: Look) -> tuple[tuple[str, str], ...]:
    """The lines of a sum that are not zero, in words, each with its sign."""
    return tuple((said, look.plain(sign * Decimal(row[key]))) for key, said, sign in lines if not is_zero(row[key]))


def _vintages(books: Cooperative, row: Data, as_of: date, look: Look) -> list[VintageRow]:
    """The vintages that hold something, in the order in which they are due."""
    queue = [each.model_dump() for each in books.queue(as_of).rows]
    rules = {
        each.subject: each.place
        for each in books.duties(as_of).rows
        if each.duty == "redemption" and each.state != "met"
    }
    alike = _is_shared_alike(Rulebook.of(books, as_of))
    ordered = sorted(row["vintages"], key=lambda each: (each["redeem_on"] or "9999", each["period"] or ""))
    return [
        VintageRow(
            name=each["period"] or _leaf_said(each["account"]),
            account=each["account"],
            amount=look.plain(each["amount"]),
            due=day_said(each["redeem_on"]) if each["redeem_on"] else "when you leave",
            state=_due_state(each["redeem_on"], as_of),
            queue="" if alike else _queue_said(queue, each["account"], look),
            place=rules.get(f"{row['member']} {each['period']}"),
        )
        for each in ordered
    ]


def _is_shared_alike(rulebook: Rulebook) -> bool:
    """Whether all vintages are paid back by the same share at once, so that a queue would say nothing."""
    standing = [
        row for row in rulebook.rows() if (row["kind"], row["id"], row["standing"]) == ("bylaw", "capital", True)
    ]
    return any(fields_of(row).get("redeem") == "percent-of-all" for row in standing)


def _leaf_said(account: str) -> str:
    leaf = account.rpartition(":")[2]
    return "Buy-in" if leaf == "Buyin" else leaf


def _due_state(redeem_on: str | None, as_of: date) -> str:
    """How far away the day is; the day itself is still in time.

    >>> _due_state("2026-03-01", date(2026, 3, 1)), _due_state("2026-02-28", date(2026, 3, 1)), _due_state(None, date(2026, 3, 1))
    ('today', 'overdue', '')
    """
    if redeem_on is None:
        return ""
    days = (date.fromisoformat(redeem_on) - as_of).days
    if days < 0:
        return "overdue"
    years = Decimal(days) / Decimal("365.25")
    if not days:
        return "today"
    return f"in {number_said(round(years, 1))} years" if days > 365 else f"in {count_of(days, 'day', 'days')}"


def _queue_said(queue: Sequence[Data], account: str, look: Look) -> str:
    """How many vintages are paid before this one, and how much money that takes."""
    accounts = [each["account"] for each in queue]
    if account not in accounts:
        return ""
    place = accounts.index(account)
    if not place:
        return f"first of {len(queue)}"
    before = sum((Decimal(each["amount"]) for each in queue[:place]), _ZERO)
    return f"number {place + 1} of {len(queue)}; {look.money(before)} goes to others or older years first"


def _debt(row: Data, liabilities: str, look: Look) -> DebtRow:
    return DebtRow(
        left=day_said(row["exit"]),
        sums=_sums(row, _DEBT, look),
        balance=look.plain(row["balance"]),
        account=f"{liabilities}:FormerMembers:{row['member'][:1].upper()}{row['member'][1:]}",
        instalments=tuple(_instalment(each, look) for each in row["instalments"]),
        place=row["rule"],
    )


def _instalment(each: Data, look: Look) -> Instalment:
    is_paid = Decimal(each["paid"]) >= Decimal(each["amount"])
    state = "paid" if is_paid else "overdue" if each["overdue"] else "to come"
    principal, interest, amount, paid = (look.plain(each[key]) for key in ("principal", "interest", "amount", "paid"))
    return Instalment(day_said(each["due"]), principal, interest, amount, paid, state)
