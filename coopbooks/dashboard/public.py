"""The pages of a public ledger: what is published of pay, surplus and funds, and what is withheld and why.

Nothing is worked out here from people's figures: they are not in such a ledger. What stands on a page stands in its
`custom "published"` lines, or is the sum of a closed quarter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from coopbooks.dashboard.books import Books
from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.figures import Drawing, drawing
from coopbooks.dashboard.funds import together
from coopbooks.dashboard.trouble import NO_FUND, Trouble
from coopbooks.dashboard.words import Look, count_of, day_said, joined, number_said, percent_said, period_said
from coopbooks.reports import charts

__all__ = [
    "PublicFunds",
    "PublicGivers",
    "PublicPay",
    "PublicSurplus",
    "audience_said",
    "public_funds",
    "public_givers",
    "public_pay",
    "public_surplus",
]

Data = Mapping[str, Any]
PERIODS_SHOWN = 12
FEW = "fewer than ten people stand behind it"
_ZERO = Decimal(0)
_VIEWS_SAID = {
    "members": "the members' view as of {day}: pay by pseudonym, mutual aid, strike pay and legal defence in totals of at "
    "least five people",
    "auditors": "the auditors' view as of {day}: every entry by pseudonym, documents by their digest",
    "public": "the public view as of {day}: ratios, bands and totals, each with at least ten people behind it",
}
_GOES_TO = {
    "members": "Members",
    "workers": "Everyone who works here",
    "next": "Kept for next year",
    "decision": "Left to the assembly",
}


def audience_said(books: Books) -> str:
    """What a derived ledger is, in a sentence; "" for the books themselves. Raises LedgerUnusable."""
    found = books.published()
    if found is None:
        return ""
    data = found.to_data()
    return f"This is {_VIEWS_SAID[data['audience']].format(day=day_said(data['as_of']))}."


def _published(books: Books) -> Data:
    found = books.published()
    data: Data = {} if found is None else found.to_data()
    return data


# -- pay -------------------------------------------------------------------------------------------------------------


class RatioLine(NamedTuple):
    """The ratio of one period, its cap, on which side of it, and how many people were compared."""

    period: str
    said: str
    ratio: str
    cap: str
    over: bool | None
    people: str


class Counted(NamedTuple):
    """A line of a table: what it is, its figure, and how many people stand behind it."""

    name: str
    figure: str
    people: str


@dataclass(frozen=True, slots=True)
class PublicPay:
    """Ratios by period, newest first, bands of pay, and the pay of years as totals."""

    headline: str
    verdict: str
    state: str
    chart: Drawing | None
    ratios: tuple[RatioLine, ...]
    ratios_count: int
    bands_said: str
    bands_chart: Drawing | None
    bands: tuple[Counted, ...]
    totals: tuple[Counted, ...]
    unit: str
    withheld: tuple[str, ...]


def public_pay(books: Books, choice: Choice, look: Look) -> PublicPay:
    """What is published of pay."""
    data = _published(books)
    rows, bands = data["ratios"], data["bands"]
    newest = max((row["period"] for row in bands), default="")
    shown = [_ratio_line(row) for row in reversed(rows)]
    state, verdict = _verdict(rows)
    last = [row for row in bands if row["period"] == newest]
    return PublicPay(
        headline=_pay_headline(rows, data["pay"], look, _compared(books)),
        verdict=verdict,
        state=state,
        chart=drawing(charts.ratio_chart(_by_one_cap(rows))) if not look.hidden else None,
        ratios=tuple(shown if choice.everything else shown[:PERIODS_SHOWN]),
        ratios_count=len(shown),
        bands_said=_bands_said(last),
        bands_chart=drawing(charts.bands_chart(last, currency=look.currency)) if not look.hidden else None,
        bands=tuple(Counted(_band_name(row, look), "", number_said(row["people"])) for row in last),
        totals=tuple(
            Counted(_years_said(row["period"]), look.plain(row["total"]), number_said(row["people"]))
            for row in reversed(data["pay"])
        ),
        unit=look.currency or "",
        withheld=(
            (
                f"Nobody's own pay is shown. A period, a band or a year that is not here is withheld because {FEW}, or because "
                "its quarter is not over."
            ),
            (
                "A total of pay also waits while the people in it differ by fewer than ten from those in an earlier total: the "
                "difference would be what they got. It is then merged with the next year's."
            ),
            (
                "Each ratio is as the books had it on the last day of its quarter. Pay that came later changes none that was "
                "published."
            ),
        ),
    )


def _by_one_cap(rows: Sequence[Data]) -> list[dict[str, Any]]:
    """One ratio a period, as the chart of ratios takes them: where several caps are judged, the highest ratio."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        known = found.get(row["period"])
        if row["ratio"] is None or (known and Decimal(known["ratio"]) >= Decimal(row["ratio"])):
            continue
        found[row["period"]] = {**row, "breach": row["over"] is True, "highest": None, "lowest": None}
    return list(found.values())


def _ratio_line(row: Data) -> RatioLine:
    shown = row["ratio"] or ("over the cap" if row["over"] else "within the cap")
    return RatioLine(
        row["period"], period_said(row["period"]), shown, row["cap"] or "", row["over"], number_said(row["people"])
    )


def _compared(books: Books) -> str:
    """With what the best pay is compared, by the rules of this ledger."""
    found = {
        field["value"]
        for row in books.records().to_data()
        if row["kind"] == "bylaw"
        for field in row["fields"]
        if field["name"] == "compare"
    }
    return "what the least-paid earned" if found <= {"max/min"} else "the pay that the rule compares it with"


def _pay_headline(rows: Sequence[Data], pay: Sequence[Data], look: Look, compared: str) -> str:
    if rows:
        row = rows[-1]
        when = period_said(row["period"])
        if row["ratio"] is None:
            return f"In {when} the best pay was {'over' if row['over'] else 'within'} the cap of {number_said(row['cap'])}."
        return f"In {when} the best-paid here earned {number_said(row['ratio'])} times {compared}."
    if pay:
        row = pay[-1]
        return f"Pay came to {look.money(row['total'])} in {_years_said(row['period'])}, for {row['people']} people."
    return f"Nothing of pay is published yet: {FEW}."


def _verdict(rows: Sequence[Data]) -> tuple[str, str]:
    """Whether the newest ratio is within its cap, and in how many periods it was not."""
    if not rows or rows[-1]["over"] is None:
        return "none", ""
    cap = number_said(rows[-1]["cap"])
    over = sum(1 for row in rows if row["over"])
    if rows[-1]["over"]:
        return "broken", f"That is over the cap of {cap}."
    before = f" It was over its cap in {count_of(over, 'earlier period', 'earlier periods')}." if over else ""
    return "kept", f"That is within the cap of {cap}.{before}"


def _bands_said(rows: Sequence[Data]) -> str:
    if not rows:
        return ""
    measure = "an hour" if rows[0]["measure"] == "hourly" else "for full-time work"
    return f"How many people were paid how much {measure} in {period_said(rows[0]['period'])}"


def _band_name(row: Data, look: Look) -> str:
    low, high = (None if edge is None else look.plain(_short(edge)) for edge in (row["low"], row["high"]))
    if low is None:
        return "any pay" if high is None else f"less than {high}"
    return f"{low} and more" if high is None else f"{low} to less than {high}"


def _short(edge: str) -> str:
    whole, _, part = edge.partition(".")
    return edge if part.strip("0") else whole


def _years_said(period: str) -> str:
    first, _, last = period.partition("/")
    return f"{first} to {last}, together" if last else first


# -- surplus ---------------------------------------------------------------------------------------------------------


class StepLine(NamedTuple):
    """One step: where it goes, its account, of what it is which share, its amount, and who shares in it."""

    name: str
    account: str
    said: str
    amount: str
    sort: str
    place: str


@dataclass(frozen=True, slots=True)
class PublicSurplus:
    """The surplus of a closed year, step by step; `years` are (name, chosen) of all that are published."""

    period: str
    years: tuple[tuple[str, bool], ...]
    headline: str
    chart: Drawing | None
    loss: bool
    steps: tuple[StepLine, ...]
    total: str
    unit: str
    withheld: tuple[str, ...]


def public_surplus(books: Books, choice: Choice, look: Look) -> PublicSurplus:
    """What is published of the surplus of one year: the one asked for, else the last."""
    years: Sequence[Data] = _published(books)["surplus"]
    withheld = (
        (
            f"No member's own part is shown. A year that is not here is not closed, or is withheld because {FEW}: fewer than "
            "ten share in one of its steps."
        ),
        (
            "Of such a year no step is shown, since the shares are known and each step would tell the others. What funds and "
            "common accounts got in it comes with a later year, once ten people stand behind both together."
        ),
    )
    if not years:
        headline = f"No year's surplus is published yet: none is closed, or {FEW}."
        return PublicSurplus(
            "", (), headline, None, loss=False, steps=(), total="", unit=look.currency or "", withheld=withheld
        )
    year = next((each for each in years if each["period"] == choice.period), years[-1])
    places = {row["id"]: row["place"] for row in books.records().to_data() if row["kind"] in ("allocation", "loss")}
    funds = frozenset(row["account"] for row in books.funds().to_data())
    loss = Decimal(year["result"]) < 0
    return PublicSurplus(
        period=year["period"],
        years=tuple((each["period"], each is year) for each in years),
        headline=_surplus_headline(year, funds, look),
        chart=None if look.hidden else drawing(charts.surplus_chart(_as_answer(year, look), funds)),
        loss=loss,
        steps=tuple(_step_line(step, funds, places, look) for step in year["steps"]),
        total=look.plain(sum((Decimal(step["amount"]) for step in year["steps"]), _ZERO)),
        unit=look.currency or "",
        withheld=withheld,
    )


def _as_answer(year: Data, look: Look) -> dict[str, Any]:
    """The year as the chart of a waterfall takes it. What no step places is what is missing to the result."""
    placed = sum((Decimal(step["amount"]) for step in year["steps"]), _ZERO)
    left = Decimal(year["result"]) - Decimal(year["earlier_losses"]) - placed
    return {
        **year,
        "currency": look.currency,
        "forecast": False,
        "adjustments": None,
        "carried_in": None,
        "unallocated": f"{left:f}",
    }


def _sort_of(step: Data, funds: frozenset[str]) -> str:
    if step["to"] in ("members", "workers"):
        return "people"
    if step["to"] in ("next", "decision"):
        return "rest"
    return "fund" if step["account"] in funds else "common"


def _surplus_headline(year: Data, funds: frozenset[str], look: Look) -> str:
    result = Decimal(year["result"])
    if result < 0:
        borne = sum((-Decimal(step["amount"]) for step in year["steps"]), _ZERO)
        part = "all of it" if borne == -result else f"{look.money(borne)} of it"
        return f"{year['period']} ended with a loss of {look.money(-result)}; {part} has been borne."
    sums: dict[str, Decimal] = dict.fromkeys(("fund", "people", "common"), _ZERO)
    for step in year["steps"]:
        if (sort := _sort_of(step, funds)) in sums:
            sums[sort] += Decimal(step["amount"])
    said = {"fund": "to movement funds", "people": "to the people who work here", "common": "to what belongs to all"}
    parts = [f"{look.money(sums[sort])} {words}" for sort, words in said.items() if sums[sort]]
    went = f": {joined(parts)}" if parts else ""
    return f"{year['period']} brought {look.money(result)}{went}."


def _step_line(step: Data, funds: frozenset[str], places: Mapping[str, str], look: Look) -> StepLine:
    share = f"{percent_said(step['share'])} of {_base(step['of'])}" if step["share"] and step["of"] else ""
    people = f"shared by {count_of(step['people'], 'person', 'people')}" if step["people"] else ""
    name = "Earned by non-members" if step["id"] == "nonmember" else step["id"].replace("-", " ").capitalize()
    return StepLine(
        name=_GOES_TO.get(step["to"], name),
        account=step["account"] or "",
        said=", ".join(part for part in (share, people) if part),
        amount=look.plain(step["amount"]),
        sort=_sort_of(step, funds),
        place=places.get(step["id"], ""),
    )


def _base(of: str) -> str:
    known = {"surplus": "the surplus", "remaining": "what is left", "rest": "what is left", "loss": "the loss"}
    words = {"payroll": "all gross pay", "whole": "the whole result", "nonmember": "the non-member result"}
    return {**known, **words}.get(of, of.replace("step:", "the step "))


# -- funds and givers ------------------------------------------------------------------------------------------------


class FundLine(NamedTuple):
    """A fund: its account, and where what came in waits; what rules gave it, what came, went out and is left."""

    fund: str
    kind: str
    account: str
    waiting_account: str
    place: str
    by_rule: str
    came: str
    spent: str
    left: str
    waits: str


class SpentLine(NamedTuple):
    """What a protected fund gave in one or more closed quarters."""

    fund: str
    period: str
    amount: str
    people: str


@dataclass(frozen=True, slots=True)
class PublicFunds:
    """The funds as of the last published quarter."""

    headline: str
    chart: Drawing | None
    rows: tuple[FundLine, ...]
    spent: tuple[SpentLine, ...]
    unit: str
    withheld: tuple[str, ...]


def public_funds(books: Books, choice: Choice, look: Look) -> PublicFunds | Trouble:
    """What is published of the movement funds."""
    found = books.funds(choice.as_of).to_data()
    if not found:
        return NO_FUND
    data = _published(books)
    rows = [dict(row, promised=_by_rule(row, data["surplus"])) for row in together(found)]
    came, spent = (sum((Decimal(row[key]) for row in rows), _ZERO) for key in ("funded", "spent"))
    waits = any(row["waiting"] and Decimal(row["waiting"]) for row in rows)
    headline = f"Nothing of the funds is published yet: {FEW}, or the first quarter is not over."
    if came or spent:
        gone = f"{look.money(spent)} has been spent for it" if spent else "nothing of it is published as spent yet"
        headline = f"{look.money(came)} has come in for the movement, and {gone}."
    return PublicFunds(
        headline=headline,
        chart=None if look.hidden or not came else drawing(charts.funds_chart(rows, currency=look.currency)),
        rows=tuple(_fund_line(row, look) for row in rows),
        spent=tuple(_spent_line(row, look) for row in reversed(data["spent"])),
        unit=look.currency or "",
        withheld=_funds_withheld(waits=waits),
    )


def _by_rule(row: Data, years: Sequence[Data]) -> str:
    accounts = {row["account"], row["waiting_account"]}
    steps = (step for year in years for step in year["steps"] if step["account"] in accounts)
    return f"{sum((max(_ZERO, Decimal(step['amount'])) for step in steps), _ZERO):f}"


def _fund_line(row: Data, look: Look) -> FundLine:
    waiting = row["waiting"] if row["waiting"] and Decimal(row["waiting"]) else None
    told = any(Decimal(row[key]) for key in ("funded", "spent", "balance"))  # a zero would say that there is nothing
    return FundLine(
        fund=row["fund"],
        kind=row["kind"].replace("-", " "),
        account=row["account"],
        waiting_account=row["waiting_account"],
        place=row["rule"],
        by_rule=look.plain(row["promised"]) if Decimal(row["promised"]) else "",
        came=look.plain(row["funded"]) if told else "",
        spent=look.plain(row["spent"]) if told else "",
        left=look.plain(row["balance"]) if told else "",
        waits="" if waiting is None else look.plain(waiting),
    )


def _spent_line(row: Data, look: Look) -> SpentLine:
    quarters = joined([period_said(each) for each in row["period"].split("/")]).replace(" and ", " to ")
    people = "" if row["claims"] is None else number_said(row["claims"])
    return SpentLine(row["fund"], quarters, look.plain(row["amount"]), people)


def _funds_withheld(*, waits: bool) -> tuple[str, ...]:
    found = (
        (
            "Balances are those of the last closed quarter that is published. A close of which fewer than ten people share one "
            "part waits, and the funds from that quarter on with it."
        ),
        (
            "Nobody's grant is shown. What mutual aid, strike pay and legal defence gave is a total of whole quarters, and is "
            f"withheld while {FEW}."
        ),
    )
    more = (
        "What came into such a fund waits beside it until what it gave is published: no balance is said of the two.",
    )
    return found + more if waits else found


@dataclass(frozen=True, slots=True)
class PublicGivers:
    """That gifts are not told to the public, and why."""

    headline: str
    withheld: tuple[str, ...]


def public_givers(books: Books, choice: Choice, look: Look) -> PublicGivers:
    """What is published of givers: that members and auditors see each gift with its conditions, and the public none."""
    del books, choice, look
    return PublicGivers(
        "Who gives us money, and on what conditions, is told to members and auditors, not to the public.",
        (
            (
                "A giver may be one person, and fewer than ten people stand behind a gift. What was given is in the sums of "
                "income, once their quarter is published."
            ),
        ),
    )
