"""`snapshot`: the record that shows the books of a month to all workers."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coopbooks.cli.call import Call, Form, busy, opened, publish, put, say, show, takes_ledger, today, warn
from coopbooks.cli.layout import Line, Screen
from coopbooks.cli.words import clean, count_of

if TYPE_CHECKING:
    from coopbooks.answers import Snapshot

__all__ = ["SNAPSHOT", "snapshot"]

SNAPSHOT = Form(
    lambda data: [Line(line) for line in (data["record"] or "").splitlines()],
    ("month", "date", "sha256", "records", "record", "written"),
    lambda data: [data],
)


@click.command(short_help="Print the record that shows a month's books, or append it.")
@takes_ledger(judges_days=True)
@click.argument("month")
@click.option("--audience", metavar="TEXT", help='Who is shown the books [default: "all workers"].')
@click.option("--into", metavar="FILE", type=click.Path(), help="Append it to this file, whole or not at all.")
@click.option("--dry-run", is_flag=True, help="With --into: show what would change in FILE and write nothing.")
def snapshot(call: Call, month: str, audience: str | None, into: str | None, dry_run: bool) -> int:
    """Print the snapshot of MONTH, dated today: the ledger's digest, and every record up to the month's last day
    that no earlier snapshot lists.

    Show the books to all workers first. Whoever then writes a record into a month that was shown, changes one or
    takes one away is seen by the audit. A month that has its snapshot gets no second one.

    \b
    Example:   coopbooks snapshot main.beancount 2025-03 --into books/2025.beancount
    CSV:       one row: month, date, sha256, records, record, written
    """
    from coopbooks.books.writing import stamp

    since = stamp(into) if into else None
    with busy(f"Reading {call.ledger}"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        day = call.as_of or today(coop)
        found = coop.snapshot(month, day, audience)
    warn(call, coop)
    if call.as_of is None and found.record is not None:
        say(f"dated {day}, today; `--as-of DATE` names another day")
    if into is None:
        _print(call, found)
    elif dry_run:
        _preview(call, found, into)
    else:
        _write(call, found, into, since)
    return int(found.breaks)


def _print(call: Call, found: Snapshot) -> None:
    """The record itself; on a terminal without anything that could steer it."""
    if call.shape != "table":
        publish(call, SNAPSHOT, found)
    elif found.record is None:
        say(f"{found.month} has its snapshot already")
    elif Screen.of(sys.stdout).width is None:
        put(found.record)
    else:
        click.echo("\n".join(clean(line) for line in found.record.splitlines()))


def _preview(call: Call, found: Snapshot, into: str) -> None:
    from coopbooks.books.writing import dry_run

    difference = dry_run(into, found.record or "")
    if call.shape != "table":
        publish(call, SNAPSHOT, found)
    elif difference:
        put(difference)
    else:
        say(f"{into}: nothing would change")


def _write(call: Call, found: Snapshot, into: str, since: str | None) -> None:
    from coopbooks.books.writing import append

    text = found.record or ""
    written = append(into, text, since=since)
    if call.shape != "table":
        publish(call, SNAPSHOT, found.model_copy(update={"written": written}))
    elif written:
        records = count_of(len(found.records), "record", "records")
        show([Line(f"{into}: the snapshot of {found.month} was appended, with {records}.", "good")])
    else:
        show([Line(f"{into}: nothing was changed, since {found.month} has its snapshot already.")])
    if text and _is_elsewhere(call, found):
        name = Path(os.path.relpath(into, Path(call.ledger).parent)).as_posix()
        say(f'{call.ledger}: the ledger does not hold {into} yet: add the line `include "{name}"` to it')


def _is_elsewhere(call: Call, found: Snapshot) -> bool:
    """Whether the ledger, read again, still misses the snapshot: the file is none of its own."""
    with busy(f"Reading {call.ledger} again"):
        return (
            opened(call.ledger, untrusted=call.untrusted).snapshot(found.month, date.fromisoformat(found.date)).record
            is not None
        )
