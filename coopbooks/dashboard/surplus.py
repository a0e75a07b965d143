"""Where the year's surplus goes, step by step: each with its rule, its vote and its law, and the entries behind it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from coopbooks.dashboard.books import Books
from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.figures import Drawing, drawing
from coopbooks.dashboard.rulebook import Basis, Rulebook, fields_of
from coopbooks.dashboard.trouble import NO_YEAR, Trouble
from coopbooks.dashboard.words import Look, count_of, day_said, joined, number_said, percent_said
from coopbooks.errors import SurplusRefused
from coopbooks.reports.charts import surplus_chart

__all__ = ["PartRow", "StepLine", "SurplusView", "chosen_year", "surplus_view"]

Data = Mapping[str, Any]
PARTS_SHOWN = 200
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
_SERVED = {
    "people": "go to people",
    "fund": "go to movement funds",
    "common": "stay in common",
    "rest": "be left for later",
}
_STOPPED = {"until": "stopped at its limit", "remainder": "cut to what was left"}


@dataclass(frozen=True, slots=True)
class StepLine:
    """One line of the table of steps: where it goes, how much of what that is, and what it rests on.

    `parts` says which table below shares it out: 1 for members, 2 for all who work here, 0 for none.
    """

    name: str
    account: str
    said: str
    amount: str
    note: str
    basis: Basis | None
    sort: str
    parts: int = 0


@dataclass(frozen=True, slots=True)
class PartRow:
    """One person's part of the surplus; `declined` is what of it they gave back, or nothing.

    `capital` are the accounts on which the part that is not paid in cash stands.
    """

    person: str
    patronage: str
    share: str
    amount: str
    cash: str
    retained: str
    declined: str
    capital: tuple[str, ...]


class ChangeLine(NamedTuple):
    """What one group or account gets now, and if the result were lower or higher."""

    name: str
    sort: str
    now: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would change a forecast: in a sentence, and by columns of which each is a change of the result, lowest first."""

    said: str
    columns: tuple[str, ...]
    lines: tuple[ChangeLine, ...]


class Hurdle(NamedTuple):
    """What still stands between a surplus and those who get it, and the place of its rule."""

    said: str
    place: str | None


@dataclass(frozen=True, slots=True)
class SurplusView:
    """All that the page shows.

    `years` are (name, chosen), oldest first; `sorts` are what the legend explains; `closed_at` are the places of the
    entries that close the year, none while it is open or where nobody has closed it; `people` is how many have a part,
    of whom a large cooperative's page shows the first.
    """

    period: str
    years: tuple[tuple[str, bool], ...]
    headline: str
    detail: str
    forecast: str
    notes: tuple[str, ...]
    hurdles: tuple[Hurdle, ...]
    loss: bool
    chart: Drawing | None
    steps: tuple[StepLine, ...]
    total: str
    members: tuple[PartRow, ...]
    workers: tuple[PartRow, ...]
    people: int
    outlook: Outlook | None
    closed_at: tuple[str, ...]
    unit: str


def surplus_view(books: Books, choice: Choice, look: Look) -> SurplusView | Trouble:
    """The page for a fiscal year, or what is missing where no year has anything in it."""
    periods = books.periods()
    if not periods:
        return NO_YEAR
    data, not_yet = _year_of(books, periods, choice)
    fund_accounts = frozenset(row["account"] for row in books.funds().to_data())
    rulebook, closed_at = Rulebook.of(books, choice.as_of), tuple(books.closes(data["period"]))
    duties = books.duties(choice.as_of).to_data()
    shown = None if choice.everything else PARTS_SHOWN
    return SurplusView(
        period=data["period"],
        years=tuple((name, name == data["period"]) for name in periods),
        headline=_headline(data, look),
        detail=_detail(data, fund_accounts, look),
        forecast=_forecast(data, books),
        notes=(*not_yet, *_notes(data)),
        hurdles=_hurdles(data, duties, rulebook, bool(closed_at)),
        loss=Decimal(data["result"]) < 0,
        chart=drawing(surplus_chart(data, fund_accounts, said=look.plain)),
        steps=tuple(_step_line(step, fund_accounts, look, rulebook) for step in data["steps"]) + _left_over(data, look),
        total=look.plain(_placed(data)),
        members=_parts(data["members"][:shown], look, rulebook),
        workers=_parts(data["workers"][:shown], look, rulebook),
        people=max(len(data["members"]), len(data["workers"])),
        outlook=_outlook(data, books.outlook(data["period"], choice.as_of).to_data(), fund_accounts, look),
        closed_at=closed_at,
        unit=data["currency"] or "",
    )


def _year_of(books: Books, periods: Sequence[str], choice: Choice) -> tuple[Data, tuple[str, ...]]:
    """The year that was asked for; unasked, the newest that the rules can place, and why a newer one cannot be yet.

    In January nobody has worked an hour of the year, and the parts of those who share by hours cannot be told.
    """
    year = chosen_year(periods, choice)
    try:
        return books.surplus(year, choice.as_of).to_data(), ()
    except SurplusRefused as refused:
        if choice.period == year or year == periods[0]:
            raise
        before = periods[periods.index(year) - 1]
        return books.surplus(before, choice.as_of).to_data(), (f"{year} cannot be worked out yet: {refused}.",)


def chosen_year(periods: Sequence[str], choice: Choice) -> str:
    """The fiscal year that the page was asked for, else the newest."""
    return choice.period if choice.period and choice.period in periods else periods[-1]


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


def _placed(data: Data) -> Decimal:
    """What the steps and the left-over together make: the year's whole, whatever went into it."""
    return sum((Decimal(step["amount"]) for step in data["steps"]), Decimal(data["unallocated"]))


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
    return (StepLine(_left_over_name(data), "", "", amount, "", None, "rest"),)


def _step_line(step: Data, fund_accounts: Collection[str], look: Look, rulebook: Rulebook) -> StepLine:
    return StepLine(
        name=_name(step),
        account=step["account"] or "",
        said=_how_much(step, rulebook.fields(step["rule"]), look),
        amount=look.plain(step["amount"]),
        note=_STOPPED.get(step["stopped_by"] or "", ""),
        basis=rulebook.basis(step["rule"], step["law"], step["decision"]),
        sort=sort_of(step["to"], step["account"], fund_accounts),
        parts={"members": 1, "workers": 2}.get(step["to"], 0),
    )


def _how_much(step: Data, fields: Mapping[str, str], look: Look) -> str:
    """How a step's amount comes about: "20% of the surplus (21,353.08)"; `fields` are those of its record."""
    of = step["of"] or ("loss" if Decimal(step["amount"]) < 0 else "")
    whole = f"what step {of.removeprefix('step:')} got" if of.startswith("step:") else _OF.get(of, of)
    base = f" ({look.plain(step['base'])})" if step["base"] is not None else ""
    if step["share"] is not None and whole:
        return f"{percent_said(step['share'])} of {whole}{base}"
    if fields.get("by") == "capital":
        return f"{percent_said(step['share'])} of each one's capital" if step["share"] else "by each one's capital"
    if fields.get("rest") == "TRUE":
        return f"all that is left{base}"
    if "amount" in fields:
        return "a fixed amount"
    return f"{whole}{base}".strip()


def _parts(rows: Sequence[Data], look: Look, rulebook: Rulebook) -> tuple[PartRow, ...]:
    return tuple(
        PartRow(
            person=row["member"],
            patronage=number_said(row["patronage"]),
            share=percent_said(row["share"]),
            amount=look.plain(row["amount"]),
            cash=look.plain(row["cash"]),
            retained=look.plain(row["retained"]),
            declined=look.plain(row["declined"]) if Decimal(row["declined"]) else "",
            capital=tuple(rulebook.accounts(row["member"], "capital")[:1]),
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


def _forecast(data: Data, books: Books) -> str:
    """What to know of a year that is still open; nothing for a year that is over."""
    if not data["forecast"]:
        return ""
    published = books.published()
    until = "so far" if published is None else f"up to {day_said(published.to_data()['as_of'])}"
    return (
        f"Forecast: the year ends on {day_said(data['ends'])} and is still open. "
        f"The rules are applied to what is booked {until}; the figures will change."
    )


def _notes(data: Data) -> tuple[str, ...]:
    """What else a reader must know: rules written inside the year, and amounts without a price."""
    changes = [
        f"{change['rule']} ({change['place']}) was written on {day_said(change['date'])}, inside the year: "
        + ("it reaches back, by a decision." if change["retroactive"] else "it binds from the next year on.")
        for change in data["changes"]
    ]
    unplaced = [
        f"The surplus of {year} is not part of this: no close has placed it yet." for year in data.get("unplaced", ())
    ]
    unpriced = [f"Not counted, since no price is known: {text}." for text in data["unpriced"]]
    return (*changes, *unplaced, *unpriced)


def _hurdles(data: Data, duties: Sequence[Data], rulebook: Rulebook, closed: bool) -> tuple[Hurdle, ...]:
    """What still stands between the surplus and those who get it: the close, a vow, a payment."""
    period = data["period"]
    if data["forecast"] or Decimal(data["result"]) <= 0:
        return ()
    hurdles = []
    if not closed and data["steps"]:
        hurdles.append(Hurdle("The year is over, and no entry in the books places its surplus yet.", None))
    if waiting := _without_vow(data, rulebook):
        verb = "has" if len(waiting) == 1 else "have"
        hurdles.append(
            Hurdle(f"{joined(waiting)} {verb} made no vow for {period}, and {verb} to before being paid.", None)
        )
    unpaid = [
        row
        for row in duties
        if row["duty"] == "notice-window" and row["subject"].endswith(f" {period}") and row["state"] != "met"
    ]
    if unpaid:
        people = count_of(len(unpaid), "member's part in cash is", "members' parts in cash are")
        when = day_said(max(row["due"] for row in unpaid))
        hurdles.append(Hurdle(f"{people} not paid; the last day is {when}.", unpaid[0]["place"]))
    return tuple(hurdles)


def _without_vow(data: Data, rulebook: Rulebook) -> list[str]:
    """Who is to get money of a year and has made no vow for it, where the bylaw asks for one."""
    asked = [
        row
        for row in rulebook.rows()
        if (row["kind"], row["id"]) == ("bylaw", "surplus") and row["date"] <= data["ends"]
    ]
    if not asked or fields_of(asked[-1]).get("vows") != "TRUE":
        return []
    vowed = {
        row["id"] for row in rulebook.rows() if row["kind"] == "vow" and fields_of(row).get("period") == data["period"]
    }
    people = {part["member"]: Decimal(part["cash"]) for part in data["members"]}
    return sorted(person for person, cash in people.items() if cash > 0 and person not in vowed)


def _outlook(data: Data, rows: Sequence[Data], fund_accounts: Collection[str], look: Look) -> Outlook | None:
    """What each step would be if the year brought more or less; None where the answer has nothing to say."""
    if not rows:
        return None
    ordered = sorted(rows, key=lambda row: Decimal(row["change"]))
    lines = [ChangeLine("The year's result", "start", look.plain(data["result"]), _each(ordered, "result", look))]
    now = {step["id"]: step["amount"] for step in data["steps"]}
    # Who bears a loss is among the steps of a row whose result is below zero, and not among those of the forecast.
    steps = {step["id"]: step for row in (*ordered, data) for step in row["steps"]}
    for name in dict.fromkeys((*now, *steps)):
        others = tuple(_step_amount(row, name, look) for row in ordered)
        sort = sort_of(steps[name]["to"], steps[name]["account"], fund_accounts)
        lines.append(ChangeLine(_name(steps[name]), sort, look.plain(now.get(name, "0.00")), others))
    if any(Decimal(row["unallocated"]) for row in (data, *ordered)):
        left = _each(ordered, "unallocated", look)
        lines.append(ChangeLine("Not placed, or carried on", "rest", look.plain(data["unallocated"]), left))
    columns = tuple(_change_said(row["change"], look) for row in ordered)
    return Outlook(_more_said(ordered[-1], fund_accounts, look), columns, tuple(lines))


def _more_said(row: Data, fund_accounts: Collection[str], look: Look) -> str:
    """Whom a better result would serve; "" where the row is not of a better one."""
    if Decimal(row["change"]) <= 0:
        return ""
    sums: dict[str, Decimal] = dict.fromkeys(_SERVED, _ZERO)
    for step in row["steps"]:
        sums[sort_of(step["to"], step["account"], fund_accounts)] += Decimal(step["difference"])
    parts = [f"{look.plain(amount)} would {_SERVED[sort]}" for sort, amount in sums.items() if amount > 0]
    if not parts:
        return ""
    return f"If the year brings {look.money(Decimal(row['change']))} more, {joined(parts)}."


def _each(rows: Sequence[Data], key: str, look: Look) -> tuple[str, ...]:
    return tuple(look.plain(row[key]) for row in rows)


def _step_amount(row: Data, step: str, look: Look) -> str:
    return next((look.plain(each["amount"]) for each in row["steps"] if each["id"] == step), look.plain("0.00"))


def _change_said(change: str, look: Look) -> str:
    """ "+1000.00" is "1,000.00 more"."""
    amount = Decimal(change)
    return f"{look.plain(abs(amount))} {'more' if amount > 0 else 'less'}"
