"""How a record that a command has made reaches the books: printed to be pasted, or appended to a file that was named."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from coopbooks.cli.call import (
    Answer,
    Call,
    Form,
    busy,
    keep_sealed,
    opened,
    publish,
    put,
    put_lines,
    say,
    show,
    unhurried,
)
from coopbooks.cli.layout import Line, Screen
from coopbooks.cli.words import clean

if TYPE_CHECKING:
    from coopbooks.cooperative import Cooperative

__all__ = ["RECORD", "Words", "asked", "goes_into", "hand_over"]

RECORD = Form(
    lambda data: [Line(line) for line in data["record"].splitlines()],
    ("record", "written"),
    lambda data: [data],
)


def goes_into(command: Callable[..., int]) -> Callable[..., int]:
    """The options of every wizard: where the record goes."""
    into = click.option(
        "--into", metavar="FILE", type=click.Path(), help="Append the record to this file, whole or not at all."
    )
    dry = click.option("--dry-run", is_flag=True, help="Show what would change and write nothing.")
    return into(dry(command))


def asked(value: str | None, option: str, question: str) -> str:
    """What an option says; without it a terminal is asked, and anything else refused."""
    if value is not None:
        return value
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        raise click.UsageError(f"{option} is missing: {question}")
    with unhurried():
        return str(click.prompt(question[:1].upper() + question[1:]))


class Words(NamedTuple):
    """What a command says of its record: that it was appended, and that it stands there already."""

    appended: str = "the record was appended"
    stands: str = "the record stands there already"


def hand_over(
    call: Call,
    coop: Cooperative,
    text: str,
    into: str | None,
    since: str | None,
    *,
    dry: bool,
    answer: Callable[[bool], Answer] | None = None,
    form: Form = RECORD,
    words: Words = Words(),  # noqa: B008  # nothing in it can be changed
    write: Callable[[], bool] | None = None,
) -> None:
    """Print the record, or append it to no sealed year; `since` is the stamp of the file when the ledger was read.

    `answer` is what programs are given, by whether the record was written. `write` appends it where something else is to be
    written with it.
    """
    from coopbooks.answers import NewRecord
    from coopbooks.books.writing import append, dry_run

    keep_sealed(coop.facts, text, into)
    given = answer or (lambda written: NewRecord(record=text, written=written))
    if into is None or (dry and call.shape != "table"):
        _print(call, text, form, given(False))  # noqa: FBT003  # whether it was written
    elif dry:
        difference = dry_run(into, text)
        if difference:
            put_lines(difference)
        else:
            say(f"{into}: nothing would change")
    else:
        written = append(into, text, since=since) if write is None else write()
        if call.shape != "table":
            publish(call, form, given(written))
        elif written:
            show([Line(f"{into}: {words.appended}.", "good")])
        else:
            show([Line(f"{into}: nothing was changed, since {words.stands}.")])
        _look_again(call, into)


def _print(call: Call, text: str, form: Form, found: Answer) -> None:
    """The record itself; on a terminal without anything that could steer it."""
    if call.shape != "table":
        publish(call, form, found)
    elif Screen.of(sys.stdout).width is None:
        put(text)
    else:
        click.echo("\n".join(clean(line) for line in text.splitlines()))


def _look_again(call: Call, into: str) -> None:
    """Say so where the ledger does not hold the file that was written to."""
    with busy(f"Reading {call.ledger} again"):
        after = opened(call.ledger, untrusted=call.untrusted)
    held = {os.path.realpath(name) for name in after.files} | {os.path.realpath(after.path or call.ledger)}
    if os.path.realpath(into) not in held:
        name = Path(os.path.relpath(into, Path(call.ledger).parent)).as_posix()
        say(f'{call.ledger}: the ledger does not hold {into} yet: add the line `include "{name}"` to it')
