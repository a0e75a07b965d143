"""`members`: capital accounts by vintage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from coopbooks.cli.call import Call, Form, answer, takes_ledger
from coopbooks.cli.layout import Block, Column, Line, grid
from coopbooks.cli.sheet import leaves
from coopbooks.cli.words import grouped, total

__all__ = ["MEMBERS", "members"]

_FLOWS = ("opening", "credited", "interest", "losses", "redeemed", "balance")


def _blocks(rows: list[dict[str, Any]]) -> Iterator[Block]:
    yield Line("Members' capital accounts", "title")
    if not rows:
        yield Line("No member has a capital account here.")
        return
    body = [[row["member"], *(grouped(row[flow]) for flow in _FLOWS)] for row in rows]
    if len(rows) > 1:
        body.append(["all", *(grouped(total(row[flow] for row in rows)) for flow in _FLOWS)])
    yield grid(
        [
            Column("member"),
            *(Column(flow, number=True, optional=flow in ("interest", "losses", "redeemed")) for flow in _FLOWS),
        ],
        body,
        total=len(rows) > 1,
    )
    vintages = [(row["member"], vintage) for row in rows for vintage in row["vintages"]]
    if vintages:
        yield Line("By vintage: the year that each part was credited for", "title")
        yield grid(
            [
                Column("member"),
                Column("vintage"),
                Column("amount", number=True),
                Column("to be paid out", optional=True),
            ],
            [
                [
                    member,
                    part["period"] or part["account"].rpartition(":")[2],
                    grouped(part["amount"]),
                    part["redeem_on"] or "",
                ]
                for member, part in vintages
            ],
        )


def _rows(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield from leaves("member", row, ["member"])


MEMBERS = Form(_blocks, ("part", "member", *_FLOWS, "period", "account", "amount", "redeem_on"), _rows)


@click.command(short_help="Show each member's capital account.")
@takes_ledger()
@click.option("--member", metavar="ID", help="Only this member.")
def members(call: Call, member: str | None) -> int:
    """Show each member's capital account: what came in, what went out, and what is left from which year.

    \b
    Example:   coopbooks members main.beancount --member m03
    CSV:       a row "member" each, and a row "vintages" for each year's part
    """
    return answer(call, MEMBERS, lambda coop: coop.members(member))
