"""The first view: is pay fair? The wage ratio by period against its cap, and each one's pay in one period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from coopbooks.dashboard.chart import RatioChart, RatioPoint, percent, ratio_chart
from coopbooks.dashboard.choice import Choice, Link
from coopbooks.dashboard.words import Look, count_of, number_said, period_brief, period_said, period_short

__all__ = ["PayView", "PeriodRow", "PersonRow", "RuleView", "pay_view"]

Data = Mapping[str, Any]
PERIODS_SHOWN = 12


class End(NamedTuple):
    """One end of a ratio: its pay an hour, and whose it is where it is one person's."""

    person: str
    rate: str


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """One period under one rule."""

    period: str
    said: str
    ratio: str
    cap: str
    highest: End | None
    lowest: End | None
    people: int
    left_out: int
    breach: bool
    chosen: bool
    link: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """One wage-ratio rule: what it says of the chosen period, its chart and its table (newest first).

    `periods` is how many there are in all, of which the chart shows some; `all_link` shows every one.
    """

    headline: str
    verdict: str
    cure: str
    state: str
    place: str | None
    chart: RatioChart | None
    rows: tuple[PeriodRow, ...]
    periods: int
    all_link: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person's pay in the chosen period.

    `mark` says best-paid, least-paid or nothing; `by_contract`, that the hours are those of the contract.
    """

    person: str
    status: str
    rate: str
    hours: str
    by_contract: bool
    pay: str
    bar: str
    mark: str
    counted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class PayView:
    """All that the first view shows; `periods` are (name, in words, chosen), newest first."""

    period: str
    period_said: str
    rules: tuple[RuleView, ...]
    people: tuple[PersonRow, ...]
    measure: str
    unit: str
    periods: tuple[tuple[str, str, bool], ...]
    earlier: str | None
    later: str | None


def pay_view(wages: Sequence[Data], pay: Sequence[Data], choice: Choice, look: Look, link: Link) -> PayView:
    """The first view from the rows of `wages` (all periods, at least one) and `pay` (the chosen period)."""
    names = periods_of(wages)
    chosen = chosen_period(names, choice)
    place = names.index(chosen)
    judged = judged_row(wages, pay, chosen)
    return PayView(
        period=chosen,
        period_said=period_said(pay[0]["period"] if pay else chosen),
        rules=tuple(_rule_view(rows, chosen, choice, look, link) for rows in by_rule(wages)),
        people=people_rows(pay, look, judged),
        measure="Full-time pay" if judged["measure"] == "full-time" else "Pay per hour",
        unit=look.currency or "",
        periods=tuple((name, period_said(name), name == chosen) for name in reversed(names)),
        earlier=link(view="pay", period=names[place - 1]) if place else None,
        later=link(view="pay", period=names[place + 1]) if place + 1 < len(names) else None,
    )


def periods_of(wages: Sequence[Data]) -> list[str]:
    """The periods in which anybody was paid, oldest first."""
    return list(dict.fromkeys(row["period"] for row in wages))


def chosen_period(names: Sequence[str], choice: Choice) -> str:
    """The period that the page was asked for, else the newest."""
    return choice.period if choice.period and choice.period in names else names[-1]


def judged_row(wages: Sequence[Data], pay: Sequence[Data], period: str) -> Data:
    """Of the rules that judge a period, the one whose rates the rows of `pay` carry."""
    rows = [row for row in wages if row["period"] == period]
    rates = {row["rate"] for row in pay if row["counted"]}
    return next((row for row in rows if row["highest"] and row["highest"]["rate"] in rates), rows[0])


def by_rule(wages: Sequence[Data]) -> list[list[Data]]:
    """The rows as one list for each rule.

    A rule that was superseded goes on under its new place in the bylaws: a row joins the list that ended with
    the same place, else one of the same sort (measure, month or year) that has no row of this period yet.
    """
    lists: list[list[Data]] = []
    for period in periods_of(wages):
        known = {rows[-1]["bylaw"] for rows in lists}
        rows = [row for row in wages if row["period"] == period]
        free = list(lists)
        for row in sorted(rows, key=lambda each: each["bylaw"] not in known):
            same = [rest for rest in free if rest[-1]["bylaw"] == row["bylaw"]]
            alike = [rest for rest in free if _sort(rest[-1]) == _sort(row)]
            target = next(iter(same or alike), None)
            if target is None:
                lists.append([row])
            else:
                free.remove(target)
                target.append(row)
    return lists


def _sort(row: Data) -> tuple[str, int]:
    """What a rule measures, and a number that differs for years, months and quarters."""
    return row["measure"], len(row["period"]) + ("Q" in row["period"])


def shown_rows(rows: Sequence[Data], chosen: str, choice: Choice) -> Sequence[Data]:
    """The rows for the chart: all where that is wanted, else twelve with the chosen period among them."""
    if choice.everything or len(rows) <= PERIODS_SHOWN:
        return rows
    place = next((index for index, row in enumerate(rows) if row["period"] == chosen), len(rows) - 1)
    end = min(len(rows), max(place + PERIODS_SHOWN // 2, PERIODS_SHOWN))
    return rows[end - PERIODS_SHOWN : end]


def _rule_view(rows: Sequence[Data], chosen: str, choice: Choice, look: Look, link: Link) -> RuleView:
    # A rule by the quarter has no row for a month: then its newest one speaks.
    row = next((each for each in rows if each["period"] == chosen), rows[-1])
    seen = shown_rows(rows, chosen, choice)
    table = tuple(_period_row(each, row["period"], look, link) for each in seen)
    points = [_point(each, line, len(seen)) for each, line in zip(seen, table, strict=True)]
    has_ratio = any(point.ratio is not None for point in points)
    state, verdict = _verdict(row, look)
    return RuleView(
        headline=headline(row),
        verdict=verdict,
        cure=(row["message"] or "").partition("): ")[2],
        state=state,
        place=row["bylaw"],
        chart=ratio_chart(points, _chart_said(points)) if has_ratio else None,
        rows=tuple(reversed(table)),
        periods=len(rows),
        all_link=link(view="pay", period=chosen, all="1"),
    )


def _period_row(row: Data, chosen: str, look: Look, link: Link) -> PeriodRow:
    return PeriodRow(
        period=row["period"],
        said=period_brief(row["period"]),
        ratio="" if row["ratio"] is None else row["ratio"],
        cap="" if row["cap"] is None else number_said(row["cap"]),
        highest=_end(row["highest"], look),
        lowest=_end(row["lowest"], look),
        people=row["people"],
        left_out=len(row["left_out"]),
        breach=row["breach"],
        chosen=row["period"] == chosen,
        link=link(view="pay", period=row["period"]),
    )


def _end(end: Data | None, look: Look) -> End | None:
    if end is None or end["rate"] is None:
        return None
    return End(end["person"] or "", look.plain(end["rate"]))


def _point(row: Data, line: PeriodRow, among: int) -> RatioPoint:
    cap = f", cap {line.cap}" if line.cap else ""
    over = ", over the cap" if row["breach"] else ""
    return RatioPoint(
        label=period_short(row["period"], among),
        said=f"{period_said(row['period'])}: ratio {line.ratio or 'none'}{cap}{over}",
        ratio=None if row["ratio"] is None else Decimal(row["ratio"]),
        cap=None if row["cap"] is None else Decimal(row["cap"]),
        breach=row["breach"],
        link=line.link,
        chosen=line.chosen,
    )


def headline(row: Data) -> str:
    """The sentence on top: the best-paid hour against the least-paid one, and what the rule allows.

    >>> headline({"period": "2025-03", "ratio": "2.40", "cap": "4.00", "measure": "hourly",
    ...           "highest": {"person": "m03"}, "lowest": {"person": "m11"}})
    'In March 2025 the best-paid hour earned 2.4 times the least-paid one; our rule allows 4.'
    """
    when = period_said(row["period"])
    if row["ratio"] is None:
        return f"In {when} nobody's pay counts, so there is no wage ratio."
    full_time = row["measure"] == "full-time"
    best = "the best full-time pay was" if full_time else "the best-paid hour earned"
    least = "the lowest" if full_time else "the least-paid one"
    if row["lowest"]["person"] is None:
        least = "the pay that our rule sets against it"
    allows = f"our rule allows {number_said(row['cap'])}" if row["cap"] is not None else "no rule sets a cap"
    return f"In {when} {best} {number_said(row['ratio'])} times {least}; {allows}."


def _verdict(row: Data, look: Look) -> tuple[str, str]:
    """Whether the cap was kept, and the two ends in money."""
    if row["ratio"] is None:
        return "none", ""
    ends = _ends_said(row, look)
    if row["cap"] is None:
        return "none", f"No cap is in force: {ends}."
    return ("broken", f"Over the cap: {ends}.") if row["breach"] else ("kept", f"Within the cap: {ends}.")


def _ends_said(row: Data, look: Look) -> str:
    """Both ends with their pay: "m03 earned 34.00 USD an hour, m11 5.00 USD"."""
    high, low = row["highest"], row["lowest"]
    of = "in full-time pay" if row["measure"] == "full-time" else "an hour"
    best = f"{high['person'] or 'the best-paid'} earned {look.money(high['rate'])} {of}"
    return f"{best}, {low['person'] or 'the measure is'} {look.money(low['rate'])}"


def _chart_said(points: Sequence[RatioPoint]) -> str:
    ratios = [point.ratio for point in points if point.ratio is not None]
    over = sum(point.breach for point in points)
    span = f"between {number_said(min(ratios))} and {number_said(max(ratios))}"
    return (
        f"Wage ratio of {count_of(len(points), 'period', 'periods')}, {span}; "
        f"{over or 'none'} over the cap. The table holds the same figures."
    )


def people_rows(pay: Sequence[Data], look: Look, wages: Data) -> tuple[PersonRow, ...]:
    """Everyone paid in a period, whose row of `wages` names the two ends.

    Those who count come first, the best-paid on top; then those left out, with the reason.
    """
    ordered = sorted(pay, key=lambda row: (not row["counted"], -Decimal(row["rate"] or 0), row["person"]))
    whole = max([Decimal(row["rate"] or 0) for row in pay], default=Decimal(0))
    best, least = ((wages[end] or {}).get("person") for end in ("highest", "lowest"))
    marks = {least: "least-paid", best: "best-paid"} if best != least else {}
    return tuple(
        PersonRow(
            person=row["person"],
            status=row["status"] or "",
            rate=look.plain(row["rate"]) if row["rate"] is not None else "",
            hours=number_said(row["hours"]) if row["hours"] is not None else "",
            by_contract=row["person"] in wages["contract_hours"],
            pay=look.plain(row["pay"]),
            bar=percent(Decimal(row["rate"] or 0), whole),
            mark=marks.get(row["person"], "") if row["counted"] else "",
            counted=row["counted"],
            reason=row["reason"] or "",
        )
        for row in ordered
    )
