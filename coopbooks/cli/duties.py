"""`duties`: every deadline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from coopbooks.cli.call import Call, Form, answer_on_a_day, say, takes_ledger
from coopbooks.cli.layout import Block, Column, Line, grid
from coopbooks.cli.words import clean, count_of

if TYPE_CHECKING:
    from coopbooks.answers import Duty, Table
    from coopbooks.cooperative import Cooperative

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
@click.option(
    "--ics", metavar="FILE", type=click.Path(dir_okay=False), help="Write what is not met to a calendar file, too."
)
@click.option("--dry-run", is_flag=True, help="With --ics: show what would change in FILE and write nothing.")
def duties(call: Call, ics: str | None, dry_run: bool) -> int:
    """List every deadline that the law, your bylaws or an audit set: since when, until when, and whether it was met.

    FILE is a calendar that any calendar program reads: one day-long event for each duty that is not met. Written again, it
    takes the place of the one before; a file that something else wrote is left alone.

    \b
    States:    met, pending (time is left), due (within 30 days), overdue, not-evidenced
    Example:   coopbooks duties main.beancount --as-of 2026-09-15 --ics duties.ics
    CSV:       one row a duty
    Exit 1:    a duty is overdue
    """

    def question(coop: Cooperative, day: date) -> Table[Duty]:
        found = coop.duties(day)
        if ics is not None:
            _write(ics, found, coop.title, day, dry=dry_run)
        return found

    return answer_on_a_day(call, DUTIES, question)


def _write(file: str, found: Table[Duty], title: str, day: date, *, dry: bool) -> None:
    from coopbooks.books.outgoing import difference, standing, write_whole
    from coopbooks.reports.deadlines import MARK, calendar_of

    if dry:
        changes = difference(file, calendar_of(found.rows, title, day), MARK)
        click.echo("\n".join(map(clean, changes.splitlines())) or f"{file}: nothing would change", err=True)
        return
    before = standing(file, MARK)
    written = write_whole(file, calendar_of(found.rows, title, day), MARK, since=before)
    say(f"{file} {'is written' if written else 'stands as it was'}")
