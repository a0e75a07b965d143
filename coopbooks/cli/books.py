"""`check`: every rule at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from coopbooks.cli.call import Call, Form, busy, no_record, opened, publish, takes_ledger, today
from coopbooks.cli.layout import Block, Line
from coopbooks.cli.words import count_of

__all__ = ["CHECK", "check"]


def _blocks(data: dict[str, Any]) -> Iterator[Block]:
    errors = data["errors"]
    if not errors:
        yield Line("All is well: the books keep every rule that coopbooks and Beancount know.", "good")
        return
    for error in errors:
        yield Line(f"{error['place']}: {error['message']}", "bad")
    files = {error["place"].rpartition(":")[0] for error in errors}
    yield Line(f"{count_of(len(errors), 'error', 'errors')} in {count_of(len(files), 'file', 'files')}.", "title")


CHECK = Form(_blocks, ("place", "rule", "message"), lambda data: data["errors"])


@click.command(short_help="Hold the whole ledger to every rule.")
@takes_ledger(judges_days=True)
def check(call: Call) -> int:
    """Hold the whole ledger to every rule: those of its bylaws and those of Beancount.

    Each error names its file and line, what is wrong and what would be right. Nothing is changed. A trigger of an audit
    is an error from the day on which its emergency assembly is due.

    \b
    Example:   coopbooks check main.beancount
    CSV:       one row an error: place, rule, message
    """
    with busy(f"Reading {call.ledger}"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        found = coop.check(call.as_of or today(coop))
    publish(call, CHECK, found, *no_record(coop))
    return int(found.breaks)
