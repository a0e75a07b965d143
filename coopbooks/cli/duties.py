"""`duties`: every deadline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from coopbooks.cli.call import Call, Form, answer_on_a_day, takes_ledger
from coopbooks.cli.layout import Block, Column, Line, grid
from coopbooks.cli.words import count_of

__all__ = ["DUTIES", "duties"]

_COLUMNS = (
    Column("due"),
    Column("state"),
    Column("duty"),
    Column("of", optional=True),
    Column("since", optional=True, spare=True),
    Column("met by", optional=True),
)


def _blocks(rows: list[dict[str, Any]]) -> Iterator[Block]:
    yield Line("Duties and their deadlines", "title")
    if not rows:
        yield Line("No duty is open, and none was.")
        return
    overdue = [number for number, row in enumerate(rows) if row["state"] == "overdue"]
    yield grid(
        _COLUMNS,
        [[row[key] or "" for key in ("due", "state", "duty", "subject", "opened", "met_by")] for row in rows],
        overdue,
    )
    for number in overdue:
        row = rows[number]
        subject = f" of {row['subject']}" if row["subject"] else ""
        yield Line(f"{row['duty']}{subject} was due on {row['due']}: do it now and book or record it.", "bad")
    for duty, rule in {row["duty"]: row["rule"] for row in rows}.items():
        yield Line(f"{duty}: {rule}.", "quiet")
    if not overdue:
        waiting = sum(row["state"] in ("pending", "due") for row in rows)
        yield Line(f"Nothing is overdue; {count_of(waiting, 'duty is', 'duties are')} still to be met.", "good")


DUTIES = Form(_blocks, ("duty", "subject", "opened", "due", "state", "rule", "place", "met_by"), lambda rows: rows)


@click.command(short_help="List every deadline, met or not.")
@takes_ledger(judges_days=True)
def duties(call: Call) -> int:
    """List every deadline that the law or your bylaws set: since when, until when, and whether it was met.

    \b
    States:    met, pending (time is left), due (within 30 days), overdue, not-evidenced
    Example:   coopbooks duties main.beancount --as-of 2026-09-15
    CSV:       one row a duty
    Exit 1:    a duty is overdue
    """
    return answer_on_a_day(call, DUTIES, lambda coop, day: coop.duties(day))
