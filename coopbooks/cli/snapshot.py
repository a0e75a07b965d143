"""`snapshot`: the record that shows the books of a month to all workers."""

from __future__ import annotations

import click

from coopbooks.cli.call import Call, Form, busy, opened, say, show, takes_ledger, today, warn
from coopbooks.cli.layout import Line
from coopbooks.cli.record_into import Words, hand_over
from coopbooks.cli.words import count_of

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
    if found.record is None and call.shape == "table":
        said = f"{found.month} has its snapshot already"
        if into is None:
            say(said)
        else:
            show([Line(f"{into}: nothing {'would change' if dry_run else 'was changed'}, since {said}.")])
        return int(found.breaks)
    records = count_of(len(found.records), "record", "records")
    words = Words(f"the snapshot of {found.month} was appended, with {records}")
    hand_over(
        call,
        coop,
        found.record or "",
        into,
        since,
        dry=dry_run,
        answer=lambda written: found.model_copy(update={"written": written}),
        form=SNAPSHOT,
        words=words,
    )
    return int(found.breaks)
