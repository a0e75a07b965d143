"""`wages`: the wage ratio by pay period."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from coopbooks.cli.call import Call, Form, answer, takes_ledger
from coopbooks.cli.layout import Block, Column, Line, grid
from coopbooks.cli.sheet import leaves
from coopbooks.cli.words import grouped, listed

__all__ = ["WAGES", "wages"]

_COLUMNS = (
    Column("period"),
    Column("cap of", optional=True),
    Column("measure", optional=True),
    Column("ratio", number=True),
    Column("cap", number=True, optional=True),
    Column("", optional=True),
    Column("highest", number=True),
    Column("lowest", number=True),
    Column("people", number=True),
)


def _blocks(rows: list[dict[str, Any]]) -> Iterator[Block]:
    yield Line("Wage ratio: the highest pay against the lowest", "title")
    if not rows:
        yield Line("There is no pay in this time: nothing is compared.")
        return
    several_caps = len({row["bylaw"] for row in rows}) > 1
    measures = {row["measure"] for row in rows}
    yield grid(
        _COLUMNS,
        (
            (
                row["period"],
                (row["bylaw"] or "no bylaw") if several_caps else "",
                row["measure"] if len(measures) > 1 else "",
                row["ratio"] or "none",
                row["cap"] or "",
                "over the cap" if row["breach"] else "",
                _end(row["highest"]),
                _end(row["lowest"]),
                str(row["people"]),
            )
            for row in rows
        ),
        (number for number, row in enumerate(rows) if row["breach"]),
    )
    yield from _verdict(rows)
    yield from _left_out(rows)
    if len(measures) == 1:
        yield Line(f"Rates are {'full-time pay' if measures == {'full-time'} else 'pay by the hour'}.", "quiet")


def _end(end: dict[str, Any] | None) -> str:
    """One end of the ratio: who it is, where it is one person, and the rate."""
    if not end:
        return ""
    return " ".join(filter(None, [end["person"], grouped(end["rate"])]))


def _verdict(rows: list[dict[str, Any]]) -> Iterator[Block]:
    bylaws = sorted({row["bylaw"] for row in rows if row["bylaw"]})
    if not bylaws:
        yield Line('No bylaw sets a cap, so nothing is judged: a `bylaw` record "wage-ratio" would set one.')
        return
    broken = [row for row in rows if row["breach"]]
    for row in broken:
        yield Line(row["message"], "bad")
    if not broken:
        yield Line(f"Every ratio keeps to its cap (bylaw at {listed(bylaws)}).", "good")


def _left_out(rows: list[dict[str, Any]]) -> Iterator[Block]:
    """Who was left out, once a person and reason, with the periods."""
    periods: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for person in row["left_out"]:
            periods.setdefault((person["person"], person["reason"]), []).append(row["period"])
    for (person, reason), names in periods.items():
        yield Line(f"Left out: {person} in {listed(dict.fromkeys(names))}: {reason}.", "quiet")
    contract = sorted({person for row in rows for person in row["contract_hours"]})
    if contract:
        yield Line(f"Hours are those of the contract, where pay carries none, for {listed(contract)}.", "quiet")


def _rows(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield from leaves("ratio", row, ["period", "bylaw"])


WAGES = Form(
    _blocks,
    (
        "part", "period", "bylaw", "ratio", "cap", "breach", "highest_person", "highest_rate",
        "lowest_person", "lowest_rate", "measure", "people", "contract_hours",
        "message", "person", "reason",
    ),
    _rows,
    amounts=True,
)  # fmt: skip


@click.command(short_help="Compare the highest pay with the lowest.")
@takes_ledger()
@click.option("--period", metavar="P", help="Only this time: a year 2025, a quarter 2025-Q1 or a month 2025-03.")
def wages(call: Call, period: str | None) -> int:
    """Compare the highest pay with the lowest, by pay period, and hold it to the cap of your bylaws.

    Without a bylaw on the wage ratio the figures are shown and nothing is judged.

    \b
    Example:   coopbooks wages main.beancount --period 2025
    CSV:       a row "ratio" a period, and a row "left_out" for each person left out of it
    Exit 1:    a ratio is over its cap
    """
    return answer(call, WAGES, lambda coop: coop.wages(period))
