"""`sovereignty`: four measures of how far the cooperative stands on its own, and their index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from coopbooks.cli.call import Call, Form, answer_on_a_day, takes_ledger
from coopbooks.cli.layout import Block, Column, Line, grid

__all__ = ["SOVEREIGNTY", "sovereignty"]

_NAMES = {
    "budget": "budget decided by the assembly",
    "decisions": "decisions without outsiders",
    "survival": "survival without support",
    "pivot": "speed of the own word",
}


def _blocks(data: dict[str, Any]) -> Iterator[Block]:
    measures = data["measures"]
    yield Line("Sovereignty", "title")
    yield grid(
        [Column("measure"), Column("per cent", number=True), Column("made of")],
        [[_NAMES[name], share or "-", data["figures"].get(name, "")] for name, share in measures.items()],
    )
    if data["index"] is None:
        there = len(measures) - len(data["missing"])
        yield Line(f"No index: {there} of {len(measures)} measures have evidence.")
    else:
        yield Line(f"Index: {data['index']} of 100. It shows a trend and enters no verdict.")


SOVEREIGNTY = Form(
    _blocks,
    ("measure", "per_cent", "made_of"),
    lambda data: [
        {"measure": name, "per_cent": share, "made_of": data["figures"].get(name)}
        for name, share in data["measures"].items()
    ],
)


@click.command(short_help="Show how far the cooperative stands on its own.")
@takes_ledger(judges_days=True)
def sovereignty(call: Call) -> int:
    """Show the four measures of sovereignty of the last 365 days, and their index.

    They are the part of the spending that the assembly decided, the part of the decisions taken without outsiders,
    thirty days without support from outside, and how fast the cooperative speaks for itself.

    \b
    Example:   coopbooks sovereignty main.beancount
    CSV:       one row a measure
    """
    return answer_on_a_day(call, SOVEREIGNTY, lambda coop, day: coop.sovereignty(day))
