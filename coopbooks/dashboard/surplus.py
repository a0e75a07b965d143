"""The second view: where the year's surplus goes, step by step, each with the place of its rule."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from coopbooks.dashboard.chart import Row, StepChart, step_chart
from coopbooks.dashboard.choice import Choice, Link
from coopbooks.dashboard.words import Look, count_of, joined, number_said, percent_said, shortened

__all__ = ["PartRow", "StepLine", "SurplusView", "chosen_year", "surplus_view"]

Data = Mapping[str, Any]
_LABEL_LENGTH = 30
_ZERO = Decimal(0)
_GOES_TO = {
    "members": "Members",
    "workers": "Everyone who works here",
    "next": "Kept for next year",
    "decision": "Left to the assembly",
}
_OF = {
    "surplus": "the surplus",
    "result": "the result before earlier losses",
    "before-tax": "the result before tax",
    "remaining": "what is left",
    "whole": "member and non-member result",
    "nonmember": "the non-member result",
    "payroll": "all gross pay of the year",
    "loss": "the loss",
    "rest": "what is left",
}
_STOPPED = {"until": "stopped at its limit", "remainder": "cut to what was left"}


@dataclass(frozen=True, slots=True)
class StepLine:
    """One line of the table of steps: where it goes, which share of what, how much, and the rule's place."""

    name: str
    account: str
    share: str
    of: str
    base: str
    amount: str
    note: str
    place: str | None
    decision: str
    sort: str


@dataclass(frozen=True, slots=True)
class PartRow:
    """One person's part of the surplus; `declined` is what of it they gave back, or nothing."""

    person: str
    patronage: str
    share: str
    amount: str
    cash: str
    retained: str
    declined: str


@dataclass(frozen=True, slots=True)
class SurplusView:
    """All that the second view shows.

    `years` are (name, address, chosen), oldest first; `sorts` are what the legend explains.
    """

    period: str
    years: tuple[tuple[str, str, bool], ...]
    headline: str
    detail: str
    forecast: str
    notes: tuple[str, ...]
    loss: bool
    chart: StepChart | None
    steps: tuple[StepLine, ...]
    total: str
    members: tuple[PartRow, ...]
    workers: tuple[PartRow, ...]
    unit: str
    sorts: tuple[str, ...]


def chosen_year(periods: Sequence[str], choice: Choice) -> str:
    """The fiscal year that the page was asked for, else the newest."""
    return choice.period if choice.period and choice.period in periods else periods[-1]


def surplus_view(
    data: Data, periods: Sequence[str], fund_accounts: Collection[str], look: Look, link: Link
) -> SurplusView:
    """The second view from the answer of `surplus` for a period; `fund_accounts` hold movement funds."""
    rows = waterfall(data, fund_accounts, look)
    loss = Decimal(data["result"]) < 0
    return SurplusView(
        period=data["period"],
        years=tuple((name, link(view="surplus", period=name), name == data["period"]) for name in periods),
        headline=_headline(data, look),
        detail=_detail(data, fund_accounts, look),
        forecast=_forecast(data),
        notes=_notes(data),
        loss=loss,
        chart=step_chart(rows, _chart_said(rows)) if any(row.start or row.end for row in rows) else None,
        steps=tuple(_step_line(step, fund_accounts, look) for step in data["steps"]) + _left_over(data, look),
        total=look.plain(_placed(data)),
        members=_parts(data["members"], look),
        workers=_parts(data["workers"], look),
        unit=data["currency"] or "",
        sorts=tuple(dict.fromkeys(row.sort for row in rows)),
    )


def sort_of(to: str, account: str | None, fund_accounts: Collection[str]) -> str:
    """Whom a step serves: people, a movement fund, what all own in common, or what is still undecided.

    >>> sort_of("members", None, ()), sort_of("Equity:Strike", "Equity:Strike", ["Equity:Strike"])
    ('people', 'fund')
    """
    if to in ("members", "workers"):
        return "people"
    if to in ("next", "decision"):
        return "rest"
    return "fund" if (account or to) in fund_accounts else "common"


def waterfall(data: Data, fund_accounts: Collection[str], look: Look) -> list[Row]:
    """The rows from the year's result down to nothing left; in a loss year from the loss up to nothing."""
    result, earlier = Decimal(data["result"]), Decimal(data["earlier_losses"])
    unallocated = Decimal(data["unallocated"])
    start = f"{'Loss' if result < 0 else 'Result'} of {data['period']}"
    rows = [Row(start, look.plain(result), "start", _ZERO, result)]
    for label, key in (("Adjustments", "adjustments"), ("Carried in from last year", "carried_in")):
        if amount := Decimal(data[key]):
            rows.append(_next(rows, label, -amount, "start", look))
    if earlier:
        rows.append(_next(rows, "Losses of earlier years", earlier, "loss", look))
    for step in data["steps"]:
        sort = sort_of(step["to"], step["account"], fund_accounts)
        rows.append(_next(rows, _name(step), Decimal(step["amount"]), sort, look))
    if unallocated:
        rows.append(_next(rows, _left_over_name(data), unallocated, "rest", look))
    return rows


def _placed(data: Data) -> Decimal:
    """What the steps and the left-over together make: the year's whole, whatever went into it."""
    return sum((Decimal(step["amount"]) for step in data["steps"]), Decimal(data["unallocated"]))


def _next(rows: Sequence[Row], label: str, amount: Decimal, sort: str, look: Look) -> Row:
    """The row that takes `amount` off what is left."""
    left = rows[-1].end
    return Row(shortened(label, _LABEL_LENGTH), look.plain(-amount), sort, left, left - amount)


def _name(step: Data) -> str:
    """What a step is called: members and workers as such, an account by the step's own id in the bylaws."""
    if step["to"] in _GOES_TO:
        return _GOES_TO[step["to"]]
    if step["id"] == "nonmember":
        return "Earned by non-members"
    words = str(step["id"]).replace("-", " ")
    return words[:1].upper() + words[1:]


def _left_over_name(data: Data) -> str:
    return "Carried to later years" if Decimal(data["unallocated"]) < 0 else "Not placed by any rule"


def _left_over(data: Data, look: Look) -> tuple[StepLine, ...]:
    """The line for what no rule places, if there is anything."""
    if not Decimal(data["unallocated"]):
        return ()
    amount = look.plain(data["unallocated"])
    return (StepLine(_left_over_name(data), "", "", "", "", amount, "", None, "", "rest"),)


def _step_line(step: Data, fund_accounts: Collection[str], look: Look) -> StepLine:
    of = step["of"] or ("loss" if Decimal(step["amount"]) < 0 else "")
    if not of and step["share"] is None and step["base"] is not None:
        of = "rest"
    return StepLine(
        name=_name(step),
        account=step["account"] or "",
        share=percent_said(step["share"]) if step["share"] is not None else "",
        of=f"step {of.removeprefix('step:')}" if of.startswith("step:") else _OF.get(of, of),
        base=look.plain(step["base"]) if step["base"] is not None else "",
        amount=look.plain(step["amount"]),
        note=_STOPPED.get(step["stopped_by"] or "", ""),
        place=step["rule"],
        decision=", ".join(text for text in (step["decision"], step["law"]) if text),
        sort=sort_of(step["to"], step["account"], fund_accounts),
    )


def _parts(rows: Sequence[Data], look: Look) -> tuple[PartRow, ...]:
    return tuple(
        PartRow(
            person=row["member"],
            patronage=number_said(row["patronage"]),
            share=percent_said(row["share"]),
            amount=look.plain(row["amount"]),
            cash=look.plain(row["cash"]),
            retained=look.plain(row["retained"]),
            declined=look.plain(row["declined"]) if Decimal(row["declined"]) else "",
        )
        for row in rows
    )


def _headline(data: Data, look: Look) -> str:
    """The sentence on top: what the year brought."""
    result = Decimal(data["result"])
    year = data["period"]
    if result < 0:
        return f"In {year} we spent {look.money(-result)} more than we earned."
    if not result:
        return f"In {year} we earned as much as we spent: there is no surplus."
    verb = "have earned" if data["forecast"] else "earned"
    return f"In {year} we {verb} {look.money(result)} more than we spent."


def _detail(data: Data, fund_accounts: Collection[str], look: Look) -> str:
    """Where it goes, by the groups that it serves: people, funds, common, later, nowhere."""
    result, earlier, left = (Decimal(data[key]) for key in ("result", "earlier_losses", "unallocated"))
    if result < 0:
        return _loss_detail(data, look)
    covers = ""
    if earlier and result:
        covers = f"{look.money(min(earlier, result))} of it covers losses of earlier years. "
    if left < 0:
        return f"{covers}{look.money(-left)} of these losses is still open; the next surplus covers it first."
    sums: dict[str, Decimal] = dict.fromkeys(("people", "fund", "common", "rest"), _ZERO)
    for step in data["steps"]:
        sums[sort_of(step["to"], step["account"], fund_accounts)] += Decimal(step["amount"])
    sums["unplaced"] = left
    whole = sum(sums.values(), _ZERO)
    if not whole:
        return f"{covers}Nothing is left to share out." if covers else ""
    people = {row["member"] for key in ("members", "workers") for row in data[key] if Decimal(row["amount"])}
    goes = {
        "people": f"goes to {count_of(len(people), 'person', 'people')}",
        "fund": "goes to movement funds",
        "common": "stays in common",
        "rest": "is left for later",
        "unplaced": "is placed by no rule",
    }
    parts = [
        f"{look.money(amount)} ({percent_said(round(amount / whole, 3))}) {goes[sort]}"
        for sort, amount in sums.items()
        if amount > 0
    ]
    return f"{covers}Of the {look.money(whole)} to share out, {joined(parts)}."


def _loss_detail(data: Data, look: Look) -> str:
    borne = [
        f"{look.money(-Decimal(step['amount']))} by {step['account'] or _name(step).lower()}"
        for step in data["steps"]
        if Decimal(step["amount"]) < 0
    ]
    left = -Decimal(data["unallocated"])
    carried = f"{look.money(left)} is carried forward; the next surplus covers it first." if left > 0 else ""
    return " ".join([f"The loss is borne {joined(borne)}."] * bool(borne) + [carried] * bool(carried))


def _forecast(data: Data) -> str:
    """What to know of a year that is still open; nothing for a year that is over."""
    if not data["forecast"]:
        return ""
    return (
        f"Forecast: the year ends on {_day_said(data['ends'])} and is still open. "
        "The rules are applied to what is booked so far; the figures will change."
    )


def _notes(data: Data) -> tuple[str, ...]:
    """What else a reader must know: rules written inside the year, and amounts without a price."""
    changes = [
        f"{change['rule']} ({change['place']}) was written on {_day_said(change['date'])}, inside the year: "
        + ("it reaches back, by a decision." if change["retroactive"] else "it binds from the next year on.")
        for change in data["changes"]
    ]
    unplaced = [
        f"The surplus of {year} is not part of this: no close has placed it yet." for year in data.get("unplaced", ())
    ]
    unpriced = [f"Not counted, since no price is known: {text}." for text in data["unpriced"]]
    return (*changes, *unplaced, *unpriced)


def _day_said(day: str) -> str:
    """A date as it is spoken.

    >>> _day_said("2025-12-31")
    '31 December 2025'
    """
    return f"{date.fromisoformat(day):%-d %B %Y}"


def _chart_said(rows: Sequence[Row]) -> str:
    said = "; ".join(f"{row.label} {row.said}" for row in rows)
    return f"Waterfall of {count_of(len(rows), 'bar', 'bars')}: {said}. The table holds the same figures."
