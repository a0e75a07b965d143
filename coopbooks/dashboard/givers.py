"""The page *Who gives us money, on what conditions?*: the ledger reveal since the last pulse, or since an earlier one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from coopbooks.dashboard.books import Books
from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.figures import Drawing, drawing
from coopbooks.dashboard.rulebook import Rulebook, fields_of
from coopbooks.dashboard.trouble import NO_ALLY, Trouble
from coopbooks.dashboard.words import Look, day_said, joined, percent_said
from coopbooks.reports import charts
from coopbooks.reports.figures import shown

__all__ = ["AllyView", "Flag", "GiftRow", "GiversView", "Signal", "Span", "givers_view"]

Data = Mapping[str, Any]
GIFTS_MAX = 300  # on the whole page, which stays below 500 kB however many gifts the books have
ALLIES_MAX = 60
_ZERO = Decimal(0)
_FLAGS = (
    ("open_ledger", "our books stay open"),
    ("non_interference", "they do not interfere"),
    ("assembly_supremacy", "our assembly decides"),
)
_SORTS = {"ngo": "NGO", "movement": "movement body", "other": ""}
WITHHELD = "stated, but not shown in this book"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time to look at: what it is called, and what to ask for ("" for the newest, `all` for ever)."""

    said: str
    period: str
    everything: bool
    current: bool


@dataclass(frozen=True, slots=True)
class GiftRow:
    """One gift: its day, what it is, how goods were valued, and on what conditions ("" where none are written)."""

    day: str
    amount: str
    what: str
    valuation: str
    conditions: str
    account: str
    place: str


@dataclass(frozen=True, slots=True)
class Flag:
    """One clause of the contract, and whether it has it."""

    said: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class Signal:
    """Something an ally did that members should know of."""

    day: str
    what: str
    evidence: str
    place: str


@dataclass(frozen=True, slots=True)
class AllyView:
    """One ally: what came, on what conditions, and what was agreed. `sunset_over`: the contract's last day is past."""

    ally: str
    name: str
    sort: str
    hostile: bool
    given: str
    in_kind: str
    share: str
    conditions: tuple[str, ...]
    flags: tuple[Flag, ...]
    contract_place: str | None
    sunset: str
    sunset_over: bool
    signed: str
    signals: tuple[Signal, ...]
    place: str | None
    gifts: tuple[GiftRow, ...]
    gifts_count: int


@dataclass(frozen=True, slots=True)
class GiversView:
    """All that the page shows of one stretch of time; `missing` are the gifts that say no conditions."""

    headline: str
    verdict: str
    state: str
    faults: tuple[str, ...]
    spans: tuple[Span, ...]
    span_said: str
    chart: Drawing | None
    allies: tuple[AllyView, ...]
    quiet: tuple[AllyView, ...]
    given: str
    in_kind: str
    share: str
    income: str
    missing: tuple[tuple[str, str], ...]
    months: tuple[Mapping[str, Any], ...]
    unit: str
    has_in_kind: bool


def givers_view(books: Books, choice: Choice, look: Look) -> GiversView | Trouble:
    """The page for the time since the last pulse, an earlier one, or ever; Trouble where the books name no ally."""
    rulebook = Rulebook.of(books, choice.as_of)
    pulses = _pulses(rulebook, choice.as_of)
    since = _since(choice, pulses)
    data = books.reveal(choice.as_of, since).to_data()
    if not data["allies"] and not data["gifts"] and not _names_an_ally(rulebook):
        return NO_ALLY
    most_first = sorted(data["allies"], key=lambda row: -Decimal(row["given"]) - Decimal(row["in_kind"]))
    all_allies = [_ally(row, data["gifts"], choice.as_of, look) for row in most_first[:ALLIES_MAX]]
    allies = tuple(each for each in all_allies if each.gifts_count)
    state, verdict, faults = _verdict(data, allies)
    span_said = _span_said(data, since)
    return GiversView(
        headline=_headline(data, span_said, look),
        verdict=verdict,
        state=state,
        faults=faults,
        spans=_spans(pulses, data, choice, since),
        span_said=span_said,
        chart=None if look.hidden or not data["gifts"] else drawing(charts.givers_chart(data)),
        allies=allies,
        quiet=tuple(each for each in all_allies if not each.gifts_count),
        given=look.plain(data["given"]),
        in_kind=look.plain(data["in_kind"]),
        share=_share(data["share_of_income"]),
        income="" if data["income"] is None else look.money(data["income"]),
        missing=tuple((row["ally"], row["place"]) for row in data["missing"][:GIFTS_MAX]),
        months=() if look.hidden else _months(data["gifts"]),
        unit=look.currency or "",
        has_in_kind=any(row["in_kind"] for row in data["gifts"]),
    )


# -- which time --------------------------------------------------------------------------------------------------------


def _pulses(rulebook: Rulebook, as_of: date) -> list[tuple[str, str]]:
    """Day and name of every pulse at which the books were shown, before the day, the newest first."""
    return [
        (row["date"], row["id"])
        for row in reversed(rulebook.rows())
        if row["kind"] == "pulse" and fields_of(row).get("ledger-reveal") == "TRUE" and row["date"] < str(as_of)
    ]


def _since(choice: Choice, pulses: Sequence[tuple[str, str]]) -> date | None:
    """The first day to look at: of a pulse that is asked for, or ever; None is since the last pulse."""
    if choice.everything:
        return date.min
    return date.fromisoformat(choice.period) if choice.period in dict(pulses) and choice.period else None


def _spans(pulses: Sequence[tuple[str, str]], data: Data, choice: Choice, since: date | None) -> tuple[Span, ...]:
    """What can be looked at: each of the last pulses, and everything; nothing to choose where there was no pulse."""
    if not pulses:
        return ()
    first = None if choice.everything else str(since or data["since"])
    found = [
        Span(f"since {shown(name)}, {day_said(day)}", day if index else "", everything=False, current=day == first)
        for index, (day, name) in enumerate(pulses[:6])
    ]
    return (*found, Span("ever", "", everything=True, current=choice.everything))


def _span_said(data: Data, since: date | None) -> str:
    if since == date.min or data["since"] is None:
        return "Since the beginning"
    if data["pulse"] is not None:
        return f"Since our books were last shown, on {day_said(data['since'])},"
    return f"Since {day_said(data['since'])}"


# -- what came -----------------------------------------------------------------------------------------------------------


def _headline(data: Data, span_said: str, look: Look) -> str:
    givers = [row for row in data["allies"] if any(gift["ally"] == row["ally"] for gift in data["gifts"])]
    if not givers:
        return f"{span_said} nobody outside gave us money or goods."
    count = "one ally has" if len(givers) == 1 else f"{len(givers)} allies have"
    goods = f" and goods or time worth {look.money(data['in_kind'])}" if Decimal(data["in_kind"]) else ""
    share = f", {_share(data['share_of_income'])} of our income" if data["share_of_income"] is not None else ""
    strings = sum(any(_is_condition(text) for text in row["conditions"]) for row in givers)
    if len(givers) == 1:
        how = "on conditions" if strings else "without conditions"
    else:
        how = f"{strings} of them on conditions" if strings else "none of them on conditions"
    return f"{span_said} {count} given us {look.money(data['given'])}{goods}{share}; {how}."


def _is_condition(text: str) -> bool:
    return text.strip().lower() != "none"


def _verdict(data: Data, allies: Sequence[AllyView]) -> tuple[str, str, tuple[str, ...]]:
    """Whether each gift says its conditions; then what else a member should know."""
    faults = []
    for each in allies:
        if each.hostile:
            faults.append(f"{each.ally} is recorded as hostile to us, and gives us money.")
        if each.sunset_over:
            faults.append(f"The contract with {each.ally} ended on {each.sunset} and has not been renewed.")
        lacking = [flag.said for flag in each.flags if not flag.agreed]
        if lacking:
            faults.append(f"The contract with {each.ally} does not say that {joined(lacking)}.")
        faults += [_signal_fault(each.ally, signal) for signal in each.signals[-3:]]
    without = [each.ally for each in allies if not each.flags]
    if without:
        faults.append(f"There is no contract with {joined(without)}.")
    count = len(data["missing"])
    if count:
        says = "gift does not say its" if count == 1 else "gifts do not say their"
        return (
            "broken",
            f"{count} {says} conditions: each has to, with the word “none” where there are none.",
            tuple(faults),
        )
    if not data["gifts"]:
        return "none", "", tuple(faults)
    return ("waiting" if faults else "kept"), "Every gift says on what conditions it came.", tuple(faults)


def _ally(row: Data, gifts: Sequence[Data], as_of: date, look: Look) -> AllyView:
    own = [gift for gift in gifts if gift["ally"] == row["ally"]]
    contract = row["contract"] or {}
    return AllyView(
        ally=shown(row["ally"]),
        name=shown(row["name"] or ""),
        sort=_SORTS.get(row["sort"] or "", shown(row["sort"] or "")),
        hostile=row["hostile"],
        given=look.plain(row["given"]),
        in_kind=look.plain(row["in_kind"]) if Decimal(row["in_kind"]) else "",
        share=_share(row["share_of_income"]),
        conditions=tuple(_conditions(text) for text in row["conditions"]),
        flags=tuple(Flag(said, contract[key]) for key, said in _FLAGS) if contract else (),
        contract_place=contract.get("place"),
        sunset=day_said(contract["sunset"]) if contract.get("sunset") else "",
        sunset_over=bool(contract.get("sunset")) and contract["sunset"] < str(as_of),
        signed=day_said(contract["signed"]) if contract.get("signed") else "",
        signals=tuple(
            Signal(
                day_said(each["date"]),
                shown(each["what"] or "").replace("-", " "),
                shown(each["evidence"] or ""),
                each["place"],
            )
            for each in row["signals"]
        ),
        place=row["place"],
        gifts=tuple(_gift(gift, look) for gift in reversed(own[-max(10, GIFTS_MAX // ALLIES_MAX) :])),
        gifts_count=len(own),
    )


def _signal_fault(ally: str, signal: Signal) -> str:
    """What an ally did, in one sentence; books that withhold its words still say that something was recorded."""
    what = f": {signal.what}" if signal.what else ""
    return f"Members recorded a signal about {ally} on {signal.day}{what}."


def _conditions(text: str) -> str:
    """A text in full, or the words that say why it is not there."""
    return WITHHELD if text == "stated" else shown(text)


def _share(share: str | None) -> str:
    return "" if share is None else percent_said(share)


def _gift(row: Data, look: Look) -> GiftRow:
    back = row["amount"] is not None and Decimal(row["amount"]) < 0
    what = "goods or time" if row["in_kind"] else "money"
    return GiftRow(
        day=day_said(row["date"]),
        amount="" if row["amount"] is None else look.plain(row["amount"]),
        what=f"{what}, given back" if back else what,
        valuation="" if row["valuation"] is None else _conditions(str(row["valuation"])),
        conditions="" if row["conditions"] is None else _conditions(row["conditions"]),
        account=row["account"],
        place=row["place"],
    )


def _names_an_ally(rulebook: Rulebook) -> bool:
    return any(row["kind"] == "ally" for row in rulebook.rows())


def _months(gifts: Sequence[Data]) -> tuple[Mapping[str, Any], ...]:
    """What each ally gave in each month, as Fava's bar chart takes it; nothing for a single month."""
    found: dict[str, dict[str, Decimal]] = {}
    for gift in gifts:
        if gift["amount"] is not None:
            month = found.setdefault(_month_end(date.fromisoformat(gift["date"])), {})
            month[gift["ally"]] = month.get(gift["ally"], _ZERO) + Decimal(gift["amount"])
    if len(found) < 2:
        return ()
    return tuple(
        {"date": day, "balance": amounts, "account_balances": {}, "budgets": {}} for day, amounts in found.items()
    )


def _month_end(day: date) -> str:
    return str((day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1))
