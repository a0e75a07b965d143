"""The page *What have we promised the movement, and did it get there?*: each fund, and every entry on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from coopbooks.dashboard.books import Books
from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.figures import Drawing, drawing
from coopbooks.dashboard.rulebook import Basis, Rulebook, Vote, fields_of
from coopbooks.dashboard.trouble import NO_FUND, Trouble
from coopbooks.dashboard.words import Look, day_said, joined, number_said
from coopbooks.reports import charts

__all__ = ["EntryRow", "FundRow", "FundsView", "funds_view", "together"]

Data = Mapping[str, Any]
ENTRIES_SHOWN = 8
ENTRIES_MAX = 300  # on the whole page, which stays below 500 kB however many entries the funds have
_ZERO = Decimal(0)
_SUMS = ("promised", "funded", "spent", "balance", "shortfall")
_SOURCES = {
    "fine": "a fine",
    "fee": "a fee",
    "deduction": "a deduction",
    "donation": "a donation",
    "interest": "interest",
}


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry on a fund: the day, what it was, who decided it, and what the fund held after it."""

    day: str
    what: str
    purpose: str
    vote: Vote | None
    claim: str
    came_in: str
    went_out: str
    balance: str
    place: str


@dataclass(frozen=True, slots=True)
class FundRow:
    """One fund: its sums, what they are for, and its newest entries first.

    `account` holds what is meant for it; `waiting_account` what came in and is not published yet, in books made for a
    reader who may not see each grant. `backing` is "" where these books do not say what lies behind the fund.
    """

    fund: str
    account: str
    waiting_account: str
    purpose: str
    kind: str
    said: str
    promised: str
    funded: str
    spent: str
    balance: str
    backing: str
    backing_account: str
    missing: str
    short: str
    waiting: str
    spend_by: str
    weeks: str
    weeks_place: str | None
    basis: Basis | None
    entries: tuple[EntryRow, ...]
    entries_count: int
    has_claims: bool


@dataclass(frozen=True, slots=True)
class FundsView:
    """All that the page shows; `balances` are for Fava's own chart, None where there is nothing to draw."""

    headline: str
    verdict: str
    state: str
    chart: Drawing | None
    rows: tuple[FundRow, ...]
    totals: Mapping[str, str]
    unit: str
    has_backing: bool
    has_spend_by: bool
    has_weeks: bool
    has_waiting: bool
    shared: str
    balances: tuple[Mapping[str, Any], ...]
    everything: bool


def funds_view(books: Books, choice: Choice, look: Look) -> FundsView | Trouble:
    """The page for a day; Trouble where no fund is named in the books."""
    found: Sequence[Data] = books.funds(choice.as_of).to_data()
    if not found:
        return NO_FUND
    rulebook = Rulebook.of(books, choice.as_of)
    entries = [row for row in books.fund_entries().to_data() if row["date"] <= str(choice.as_of)]
    backings = backings_of(rulebook.rows())
    funds = together(found)
    total = {key: sum((Decimal(row[key] or 0) for row in funds), _ZERO) for key in (*_SUMS, "waiting")}
    behind = [bool(backings.get(row["fund"])) for row in funds]
    state, verdict = _verdict(funds, total, look, known=all(behind))
    limit = max(ENTRIES_SHOWN, ENTRIES_MAX // len(funds)) if choice.everything else ENTRIES_SHOWN
    return FundsView(
        headline=_headline(len(funds), total, look),
        verdict=verdict,
        state=state,
        chart=None if look.hidden else drawing(charts.funds_chart(_drawn(funds, backings), currency=look.currency)),
        rows=tuple(_row(row, entries, rulebook, backings, look, limit) for row in funds),
        totals={key: look.plain(amount) for key, amount in total.items()},
        unit=look.currency or "",
        has_backing=any(behind),
        has_spend_by=any(row["spend_by"] for row in funds),
        has_weeks=any(row["weeks"] is not None for row in funds),
        has_waiting=any(Decimal(row["waiting"] or 0) for row in funds),
        shared=_shared(funds, backings),
        balances=() if look.hidden else _balances(funds, entries),
        everything=choice.everything,
    )


def together(rows: Sequence[Data]) -> list[dict[str, Any]]:
    """The funds, one row each: what came in and is not published yet stands beside its fund as `waiting`.

    Books made for a reader who may not see each grant hold it on a fund of its own, `<fund>-incoming`. What waits came
    in for the fund, and no balance can be said of the two before the quarter is published.
    """
    by_id = {row["fund"]: row for row in rows}
    found = []
    for row in rows:
        base = str(row["fund"]).removesuffix("-incoming")
        if base != row["fund"] and base in by_id:
            continue
        incoming = by_id.get(f"{row['fund']}-incoming")
        found.append(dict(row, waiting=None, waiting_account="") if incoming is None else _joined(row, incoming))
    return found


def _joined(fund: Data, incoming: Data) -> dict[str, Any]:
    """A fund with what waits beside it: funded = spent + balance + waiting."""
    promised = [row["promised"] for row in (fund, incoming)]
    funded = Decimal(fund["funded"]) - Decimal(incoming["spent"]) + Decimal(incoming["funded"])
    return {
        **fund,
        "promised": None if None in promised else f"{sum(map(Decimal, promised)):f}",
        "funded": f"{funded:f}",
        "weeks": None,  # of a balance that is not the whole
        "waiting": incoming["balance"],
        "waiting_account": incoming["account"],
    }


def backings_of(records: Iterable[Data]) -> dict[str, str]:
    """The account behind each fund, as its record in force names it.

    Books made for a reader who may not see every account call it `<Root>:Other`: that is all money, and says nothing
    of what is set aside.
    """
    named = {}
    for record in records:
        if record["kind"] == "fund" and record["standing"]:
            backing = fields_of(record).get("backing", "")
            named[record["id"]] = "" if backing.endswith(":Other") and backing.count(":") == 1 else backing
    return named


def _headline(count: int, total: Mapping[str, Decimal], look: Look) -> str:
    promised = f"We have promised the movement {look.money(total['promised'])}; {look.money(total['funded'])} came in"
    if (
        total["funded"] - total["spent"] != total["balance"]
    ):  # some of it waits: a balance of the whole is not published
        spent = look.money(total["spent"]) if total["spent"] else "nothing"
        return f"{promised}, and of that {spent} is published as spent so far."
    spent = f"{look.money(total['spent'])} has been spent" if total["spent"] else "nothing has been spent yet"
    holds = "the fund still holds" if count == 1 else f"the {count} funds still hold"
    return f"{promised}, {spent}, and {holds} {look.money(total['balance'])}."


def _verdict(funds: Sequence[Data], total: Mapping[str, Decimal], look: Look, *, known: bool) -> tuple[str, str]:
    """Whether what was promised came in, and whether there is money behind what stands in the books."""
    waiting = sum((max(_ZERO, Decimal(row["promised"] or 0) - Decimal(row["funded"])) for row in funds), _ZERO)
    unpaid = f"{look.money(waiting)} of what the rules promise has not been paid in yet." if waiting else ""
    unknown = [str(row["fund"]) for row in funds if row["promised"] is None]
    if unknown:
        unpaid = f"What was promised to {joined(unknown)} cannot be worked out: see the errors of the book."
    if total["shortfall"]:
        names = joined([str(row["fund"]) for row in funds if Decimal(row["shortfall"])])
        short = look.money(total["shortfall"])
        return "broken", f"{short} of it has no money set aside behind it ({names}). {unpaid}".strip()
    behind = "Money is set aside for all of it." if known else ""
    got_there = unpaid or "All that the rules promise has been paid in."
    return ("waiting" if unpaid else "kept"), f"{got_there} {behind}".strip()


def _row(
    row: Data, entries: Sequence[Data], rulebook: Rulebook, backings: Mapping[str, str], look: Look, limit: int
) -> FundRow:
    own = _own_entries(row, entries)
    backing_account = backings.get(row["fund"]) or ""
    short = Decimal(row["shortfall"])
    return FundRow(
        fund=str(row["fund"]),
        account=row["account"],
        waiting_account=row["waiting_account"],
        purpose=row["purpose"] or "",
        kind=str(row["kind"]).replace("-", " "),
        said=_said(row, look),
        promised="" if row["promised"] is None else look.plain(row["promised"]),
        funded=look.plain(row["funded"]),
        spent=look.plain(row["spent"]),
        balance=look.plain(row["balance"]),
        backing=look.plain(row["backing"]) if backing_account and row["backing"] is not None else "",
        backing_account=backing_account,
        missing=look.plain(short),
        short=look.money(short) if short else "",
        waiting=look.plain(row["waiting"]) if Decimal(row["waiting"] or 0) else "",
        spend_by=day_said(row["spend_by"]) if row["spend_by"] else "",
        weeks="" if row["weeks"] is None else number_said(row["weeks"]),
        weeks_place=_weeks_place(rulebook),
        basis=rulebook.basis(row["rule"]),
        entries=tuple(_entry(each, rulebook, look) for each in reversed(own[-limit:])),
        entries_count=len(own),
        has_claims=any(each["claim"] for each in own),
    )


def _weeks_place(rulebook: Rulebook) -> str | None:
    """Where the books say what a week of strike costs."""
    named = ("bylaw", "strike.weekly-pay", True)
    return next((row["place"] for row in rulebook.rows() if (row["kind"], row["id"], row["standing"]) == named), None)


def _said(row: Data, look: Look) -> str:
    """One sentence of a fund: did what was promised get there?"""
    if row["promised"] is None:
        promised = "What was promised to it cannot be worked out"
    else:
        promised = f"Promised {look.money(row['promised'])}"
    if Decimal(row["waiting"] or 0):
        published = look.money(row["spent"]) if Decimal(row["spent"]) else "nothing"
        return f"{promised}; {look.money(row['funded'])} came in, and of that {published} is published as spent so far."
    spent = "nothing of it spent yet" if not Decimal(row["spent"]) else f"{look.money(row['spent'])} of it spent"
    return f"{promised}; {look.money(row['funded'])} came in, {spent}, {look.money(row['balance'])} left."


def _own_entries(row: Data, entries: Sequence[Data]) -> list[Data]:
    """The entries of a fund and of what waits beside it; that the one becomes the other is no entry of the fund."""
    names = (row["fund"], f"{row['fund']}-incoming") if row["waiting_account"] else (row["fund"],)
    own = [each for each in entries if each["fund"] in names]
    if not row["waiting_account"]:
        return own
    twins = {row["account"], row["waiting_account"]}
    found: list[Data] = []
    held = _ZERO
    for each in own:
        if each["sort"] != "transfer" or not twins & set(each["counter"]):
            held += Decimal(each["amount"])
            found.append({**each, "balance": f"{held:f}"})
    return found


def _entry(row: Data, rulebook: Rulebook, look: Look) -> EntryRow:
    amount = Decimal(row["amount"])
    return EntryRow(
        day=day_said(row["date"]),
        what=_what(row),
        purpose=row["purpose"] or "",
        vote=rulebook.vote(row["decision"]),
        claim=str(row["claim"] or ""),
        came_in=look.plain(amount) if amount > 0 else "",
        went_out=look.plain(-amount) if amount < 0 else "",
        balance=look.plain(row["balance"]),
        place=row["place"],
    )


def _what(row: Data) -> str:
    if row["sort"] == "close":
        return "its part of the surplus" if Decimal(row["amount"]) > 0 else "taken back by a close"
    if row["sort"] == "credit":
        return _SOURCES.get(row["source"] or "", "money that came in")
    if row["sort"] == "transfer":
        return "moved here from another fund" if Decimal(row["amount"]) > 0 else "moved to another fund"
    return "spent"


def _shared(funds: Sequence[Data], backings: Mapping[str, str]) -> str:
    """Which funds have their money on one account, so that nobody adds the same money twice."""
    groups: dict[str, list[str]] = {}
    for row in funds:
        account = backings.get(row["fund"])
        if account:
            groups.setdefault(account, []).append(str(row["fund"]))
    several = [names for names in groups.values() if len(names) > 1]
    return "; ".join(f"{joined(names)} share one account of money" for names in several)


def _drawn(funds: Sequence[Data], backings: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows for the chart: what waits is drawn as held, and money behind a fund only where the books name it."""
    return [
        {
            **row,
            "balance": f"{Decimal(row['balance']) + Decimal(row['waiting'] or 0):f}",
            "backing": row["backing"] if backings.get(row["fund"]) else None,
        }
        for row in funds
    ]


def _balances(funds: Sequence[Data], entries: Sequence[Data]) -> tuple[Mapping[str, Any], ...]:
    """What each fund held at the end of each day with an entry, as Fava's chart of balances takes it."""
    held: dict[str, Decimal] = {}
    days: dict[str, dict[str, Decimal]] = {}
    own = [(each["date"], str(row["fund"]), each["balance"]) for row in funds for each in _own_entries(row, entries)]
    for day, fund, balance in sorted(own, key=lambda each: each[0]):  # those of one day stay in their order
        held[fund] = Decimal(balance)
        days[day] = dict(held)
    return tuple({"date": day, "balance": balance} for day, balance in days.items()) if len(days) > 1 else ()
