"""Is pay fair? The wage ratio by period against its cap, how pay is spread in one period, and who is left out and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from coopbooks.dashboard.books import Books
from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.figures import Drawing, drawing
from coopbooks.dashboard.rulebook import Basis, Rulebook
from coopbooks.dashboard.trouble import NO_PAY, Trouble
from coopbooks.dashboard.words import Look, count_of, joined, number_said, period_brief, period_said
from coopbooks.reports.charts import pay_chart, ratio_chart

__all__ = ["PayView", "PeriodRow", "PersonRow", "RuleView", "pay_view"]

Data = Mapping[str, Any]
PERIODS_SHOWN = 12
PEOPLE_SHOWN = 200


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
    place: str | None


@dataclass(frozen=True, slots=True)
class RuleView:
    """One wage-ratio rule: what it says of the chosen period, its chart and its table (newest first).

    `periods` is how many there are in all, of which the chart shows some.
    """

    headline: str
    verdict: str
    cure: str
    breaches: str
    state: str
    basis: Basis | None
    chart: Drawing | None
    rows: tuple[PeriodRow, ...]
    periods: int


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person's pay in the chosen period; `accounts` are those that it is booked on.

    `mark` says best-paid, least-paid or nothing; `by_contract`, that the hours are those of the contract.
    """

    person: str
    status: str
    rate: str
    hours: str
    by_contract: bool
    pay: str
    mark: str
    counted: bool
    reason: str
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PayView:
    """All that the page shows; `periods` are (name, in words, chosen), newest first.

    `count` is how many were paid, of whom a large cooperative's page shows the best-paid and the least-paid.
    """

    headline: str
    period: str
    period_said: str
    rules: tuple[RuleView, ...]
    chart: Drawing | None
    people: tuple[PersonRow, ...]
    left_out: tuple[PersonRow, ...]
    left_out_said: str
    count: int
    measure: str
    unit: str
    periods: tuple[tuple[str, str, bool], ...]
    earlier: str | None
    later: str | None


def pay_view(books: Books, choice: Choice, look: Look) -> PayView | Trouble:
    """The page, or what to write where nobody's pay is in the books."""
    wages = books.wages().to_data()
    if not wages:
        return NO_PAY
    names = periods_of(wages)
    chosen = chosen_period(names, choice)
    pay = books.pay(chosen).to_data()
    rulebook = Rulebook.of(books, choice.as_of)
    place = names.index(chosen)
    judged = judged_row(wages, pay, chosen)
    rules = tuple(_rule_view(rows, chosen, choice, look, rulebook) for rows in by_rule(wages))
    people = people_rows(pay, look, judged, rulebook)
    left_out = tuple(row for row in people if not row.counted)
    return PayView(
        headline=rules[0].headline,
        period=chosen,
        period_said=period_said(pay[0]["period"] if pay else chosen),
        rules=rules,
        chart=drawing(pay_chart(pay, judged["measure"], currency=look.currency, said=look.plain)),
        people=_both_ends(tuple(row for row in people if row.counted), choice),
        left_out=left_out if choice.everything else left_out[:PEOPLE_SHOWN],
        count=len(people),
        left_out_said=_left_out_said(len(left_out), len(people)),
        measure="Full-time pay" if judged["measure"] == "full-time" else "Pay per hour",
        unit=look.currency or "",
        periods=tuple((name, period_said(name), name == chosen) for name in reversed(names)),
        earlier=names[place - 1] if place else None,
        later=names[place + 1] if place + 1 < len(names) else None,
    )


def _both_ends(rows: tuple[PersonRow, ...], choice: Choice) -> tuple[PersonRow, ...]:
    """All where that is wanted, or where they are few; else the best-paid and the least-paid."""
    if choice.everything or len(rows) <= PEOPLE_SHOWN:
        return rows
    return rows[: PEOPLE_SHOWN // 2] + rows[-PEOPLE_SHOWN // 2 :]


def _left_out_said(left_out: int, people: int) -> str:
    if not left_out:
        return "Nobody is left out: everyone's pay of this period counts."
    return f"{left_out} of {count_of(people, 'person', 'people')} {'is' if left_out == 1 else 'are'} not compared."


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


def _rule_view(rows: Sequence[Data], chosen: str, choice: Choice, look: Look, rulebook: Rulebook) -> RuleView:
    # A rule by the quarter has no row for a month: then its newest one speaks.
    row = next((each for each in rows if each["period"] == chosen), rows[-1])
    seen = shown_rows(rows, chosen, choice)
    state, verdict = _verdict(row, look)
    return RuleView(
        headline=headline(row),
        verdict=verdict,
        cure=(row["message"] or "").partition("): ")[2],
        breaches=_breaches(rows),
        state=state,
        basis=rulebook.basis(row["bylaw"]),
        chart=drawing(ratio_chart(seen, chosen=row["period"])),
        rows=tuple(_period_row(each, row["period"], look) for each in reversed(seen)),
        periods=len(rows),
    )


def _breaches(rows: Sequence[Data]) -> str:
    """How often the cap was broken in all periods, and when last."""
    judged = [row for row in rows if row["cap"] is not None and row["ratio"] is not None]
    over = [row["period"] for row in judged if row["breach"]]
    if not judged:
        return ""
    if not over:
        return f"In all {count_of(len(judged), 'period', 'periods')} on record the cap was kept."
    if len(over) <= 3:
        return f"The cap was broken in {joined([period_said(period) for period in over])}."
    return f"The cap was broken in {len(over)} of {len(judged)} periods, last in {period_said(over[-1])}."


def _period_row(row: Data, chosen: str, look: Look) -> PeriodRow:
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
        place=row["bylaw"],
    )


def _end(end: Data | None, look: Look) -> End | None:
    if end is None or end["rate"] is None:
        return None
    return End(end["person"] or "", look.plain(end["rate"]))


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


def people_rows(pay: Sequence[Data], look: Look, wages: Data, rulebook: Rulebook) -> tuple[PersonRow, ...]:
    """Everyone paid in a period, whose row of `wages` names the two ends.

    Those who count come first, the best-paid on top; then those left out, with the reason.
    """
    ordered = sorted(pay, key=lambda row: (not row["counted"], -Decimal(row["rate"] or 0), row["person"]))
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
            mark=marks.get(row["person"], "") if row["counted"] else "",
            counted=row["counted"],
            reason=row["reason"] or "",
            accounts=tuple(rulebook.accounts(row["person"], "wages")),
        )
        for row in ordered
    )
