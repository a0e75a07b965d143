"""The third view: the movement funds. What was promised, came in and was spent, and what backs the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from coopbooks.dashboard.chart import Bar, percent
from coopbooks.dashboard.words import Look, count_of, number_said

__all__ = ["FundBars", "FundRow", "FundsView", "funds_view"]

Data = Mapping[str, Any]
FUND_HEIGHT_PX = 74
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class FundBars:
    """One fund in the chart.

    A bar for what came in, split into spent and balance; a tick for what was promised; below it the money
    that backs the balance, and the part of the balance that no money backs.
    """

    label: str
    said: str
    y: int
    spent: Bar
    balance: Bar
    promised: str | None
    backed: Bar
    short: Bar | None


@dataclass(frozen=True, slots=True)
class FundRow:
    """One line of the table of funds."""

    fund: str
    account: str
    purpose: str
    promised: str
    funded: str
    spent: str
    balance: str
    backing: str
    shortfall: str
    short: bool
    spend_by: str
    weeks: str
    place: str


@dataclass(frozen=True, slots=True)
class FundsView:
    """All that the third view shows."""

    headline: str
    verdict: str
    state: str
    height_px: int
    bars: tuple[FundBars, ...]
    said: str
    rows: tuple[FundRow, ...]
    totals: Mapping[str, str]
    unit: str
    has_weeks: bool


def funds_view(data: Sequence[Data], look: Look) -> FundsView:
    """The third view from the rows of `funds` (at least one)."""
    total = {
        key: sum((Decimal(row[key] or 0) for row in data), _ZERO)
        for key in ("promised", "funded", "spent", "balance", "shortfall")
    }
    state, verdict = _verdict(data, total, look)
    return FundsView(
        headline=_headline(len(data), total, look),
        verdict=verdict,
        state=state,
        height_px=len(data) * FUND_HEIGHT_PX,
        bars=_bars(data, look),
        said=_chart_said(data, look),
        rows=tuple(_row(row, look) for row in data),
        totals={key: look.plain(amount) for key, amount in total.items()},
        unit=look.currency or "",
        has_weeks=any(row["weeks"] is not None for row in data),
    )


def _headline(count: int, total: Mapping[str, Decimal], look: Look) -> str:
    funds, what_for = ("movement fund holds", "it is") if count == 1 else (f"{count} movement funds hold", "they are")
    spent = f"; {look.money(total['spent'])} has been spent for what {what_for} for" if total["spent"] else ""
    return f"Our {funds} {look.money(total['balance'])}{spent}."


def _verdict(data: Sequence[Data], total: Mapping[str, Decimal], look: Look) -> tuple[str, str]:
    """Whether there is money behind what stands in the books, and whether what was promised came in."""
    waiting = sum((max(_ZERO, Decimal(row["promised"] or 0) - Decimal(row["funded"])) for row in data), _ZERO)
    unpaid = f" {look.money(waiting)} of what the rules promise has not been paid in yet." if waiting else ""
    if total["shortfall"]:
        names = ", ".join(str(row["fund"]) for row in data if Decimal(row["shortfall"]))
        short = look.money(total["shortfall"])
        return "broken", f"{short} of it has no money set aside behind it ({names}).{unpaid}"
    return ("waiting" if waiting else "kept"), f"Money is set aside for all of it.{unpaid}"


def _bars(data: Sequence[Data], look: Look) -> tuple[FundBars, ...]:
    """All funds on one scale, so that a long bar is much money."""
    keys = ("promised", "funded", "spent", "balance")
    whole = max((Decimal(row[key] or 0) for row in data for key in keys), default=_ZERO)
    placed = []
    for index, row in enumerate(data):
        spent, balance = (max(_ZERO, Decimal(row[key])) for key in ("spent", "balance"))
        short = min(Decimal(row["shortfall"]), balance)
        placed.append(
            FundBars(
                label=str(row["fund"]),
                said=look.money(row["balance"]),
                y=index * FUND_HEIGHT_PX,
                balance=Bar("0%", percent(balance, whole)),
                spent=Bar(percent(balance, whole), percent(spent, whole)),
                promised=percent(Decimal(row["promised"]), whole) if Decimal(row["promised"] or 0) else None,
                backed=Bar("0%", percent(balance - short, whole)),
                short=Bar(percent(balance - short, whole), percent(short, whole)) if short else None,
            )
        )
    return tuple(placed)


def _row(row: Data, look: Look) -> FundRow:
    return FundRow(
        fund=str(row["fund"]),
        account=row["account"],
        purpose=row["purpose"] or "",
        promised=look.plain(row["promised"]) if row["promised"] is not None else "",
        funded=look.plain(row["funded"]),
        spent=look.plain(row["spent"]),
        balance=look.plain(row["balance"]),
        backing=look.plain(row["backing"]) if row["backing"] is not None else "",
        shortfall=look.plain(row["shortfall"]),
        short=bool(Decimal(row["shortfall"])),
        spend_by=row["spend_by"] or "",
        weeks=number_said(row["weeks"]) if row["weeks"] is not None else "",
        place=row["rule"],
    )


def _chart_said(data: Sequence[Data], look: Look) -> str:
    said = "; ".join(
        f"{row['fund']}: {look.money(row['funded'])} paid in, {look.money(row['spent'])} spent, "
        f"{look.money(row['balance'])} left, of it {look.money(row['shortfall'])} not backed"
        for row in data
    )
    return f"Bars of {count_of(len(data), 'fund', 'funds')}. {said}. The table holds the same figures."
