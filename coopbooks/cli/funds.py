"""`funds`: what was promised to each movement fund, what it holds, and whether the money is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from coopbooks.cli.call import Call, Form, answer_on_a_day, takes_ledger
from coopbooks.cli.layout import Block, Column, Line, grid
from coopbooks.cli.words import exceeds, grouped, is_zero

__all__ = ["FUNDS", "funds"]

_MONEY = ("promised", "funded", "spent", "balance", "backing", "shortfall")


def _blocks(rows: list[dict[str, Any]]) -> Iterator[Block]:
    yield Line("Movement funds", "title")
    if not rows:
        yield Line("This cooperative keeps no movement fund.")
        return
    short = [row for row in rows if not is_zero(row["shortfall"])]
    yield grid(
        [
            Column("fund"),
            Column("kind", optional=True, spare=True),
            *(
                Column(name, number=True, optional=name in ("spent", "shortfall"), spare=name == "spent")
                for name in _MONEY
            ),
            Column("spend by", optional=True),
            Column("weeks", number=True, optional=True, spare=True),
        ],
        [
            [
                row["fund"],
                "" if row["kind"] == row["fund"] else row["kind"] or "",
                *(grouped(row[name]) for name in _MONEY),
                row["spend_by"] or "",
                grouped(row["weeks"]),
            ]
            for row in rows
        ],
    )
    for row in short:
        cure = "move that much to the account that backs it before any member is paid"
        if row["backing"] is None:
            cure = "say in its record which account holds its money (`backing:`)"
        yield Line(f"{row['fund']}: {grouped(row['shortfall'])} of its balance has no money behind it; {cure}.")
    if not short:
        yield Line("There is money behind every fund.", "good")
    for row in rows:
        if exceeds(row["promised"], row["funded"]):
            yield Line(
                f"{row['fund']}: {grouped(row['promised'])} is promised, {grouped(row['funded'])} came in; "
                "what is missing comes with the close of the year."
            )
    if any(row["weeks"] is not None for row in rows):
        yield Line("Weeks: how long the fund could pay everyone during a strike.", "quiet")


FUNDS = Form(
    _blocks,
    (
        "fund", "account", "kind", "promised", "funded", "spent", "balance", "backing", "shortfall",
        "spend_by", "weeks", "purpose", "movement", "rule",
    ),
    lambda rows: rows,
    amounts=True,
)  # fmt: skip


@click.command(short_help="Show the movement funds and the money behind them.")
@takes_ledger(judges_days=True)
def funds(call: Call) -> int:
    """Show each movement fund: promised, paid in, spent, left, and the money that stands behind it.

    \b
    Example:   coopbooks funds main.beancount
    CSV:       one row a fund
    Exit 1:    a rule on funds is broken, or money was to be spent by a day that has passed
    """
    return answer_on_a_day(call, FUNDS, lambda coop, day: coop.funds(as_of=day))
