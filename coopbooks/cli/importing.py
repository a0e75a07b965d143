"""`import`: payroll and hours from a CSV file, by a mapping in TOML."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coopbooks.cli.call import Call, Form, busy, keep_sealed, publish, put, put_lines, say, show, takes_ledger, warn
from coopbooks.cli.layout import Line, Screen
from coopbooks.cli.words import clean, count_of

if TYPE_CHECKING:
    from coopbooks.answers import Imported
    from coopbooks.books.loading import Books

__all__ = ["IMPORT", "import_"]

IMPORT = Form(
    lambda data: [Line(line) for line in (data["entries"] or "").splitlines()],
    ("entries", "added", "already", "notes", "written"),
    lambda data: [{**data, "notes": "; ".join(data["notes"])}],
)


@click.command(name="import", short_help="Bring payroll or hours in from a CSV file.")
@takes_ledger(own=True)
@click.argument("file", type=click.Path())
@click.option("--mapping", metavar="MAP.toml", type=click.Path(), required=True, help="What the columns of FILE mean.")
@click.option("--into", metavar="FILE", type=click.Path(), help="Append the entries to this file, whole or not at all.")
@click.option("--dry-run", is_flag=True, help="Show what would change and write nothing.")
def import_(call: Call, file: str, mapping: str, into: str | None, dry_run: bool) -> int:
    """Print the payroll or the hours of FILE, a CSV file, as Beancount entries; with --into they are appended.

    The mapping says which column is what, which name is which person, and to which accounts the money goes. What was
    imported before is left out, so the same file twice adds nothing; a row that was changed since is named.

    \b
    Example:   coopbooks import main.beancount march.csv --mapping payroll.toml --dry-run
    CSV:       one row: entries, added, already, notes, written
    """
    from coopbooks.answers import Imported
    from coopbooks.books.loading import load_books
    from coopbooks.books.writing import stamp
    from coopbooks.cooperative import Cooperative
    from coopbooks.importers import plan

    since = stamp(into) if into else None
    with busy(f"Reading {call.ledger}"):
        books = load_books(call.ledger)
        found = plan(books, file, mapping, into)
    warn(call, Cooperative(books.facts, books.errors, books.dropped, books.path))
    for note in found.notes:
        say(f"note: {note}")
    answer = Imported(
        entries=found.text or None, added=found.added, already=found.already, notes=found.notes, written=False
    )
    keep_sealed(books.facts, found.text, into)
    if into is None or (dry_run and not answer.entries):
        _print(call, answer, file)
    elif dry_run:
        _preview(call, answer, into)
    else:
        return _write(call, answer, file, into, since, books)
    return 0


def _counts(found: Imported) -> str:
    added = count_of(found.added, "entry", "entries")
    return f"{added}, and {found.already:,} that the books have already" if found.already else added


def _print(call: Call, found: Imported, file: str) -> None:
    """The entries themselves; on a terminal without anything that could steer it."""
    if call.shape != "table":
        publish(call, IMPORT, found)
    elif found.entries is None:
        say(f"{file}: nothing is left to import ({_counts(found)})")
    elif Screen.of(sys.stdout).width is None:
        put(found.entries)
    else:
        click.echo("\n".join(clean(line) for line in found.entries.splitlines()))


def _preview(call: Call, found: Imported, into: str) -> None:
    from coopbooks.books.writing import dry_run

    if call.shape != "table":
        publish(call, IMPORT, found)
    else:
        put_lines(dry_run(into, found.entries or ""))


def _write(call: Call, found: Imported, file: str, into: str, since: str | None, books: Books) -> int:
    """Append; 1 where Beancount finds fault with the books now and did not before."""
    from coopbooks.books.writing import append

    written = append(into, found.entries or "", since=since)
    if call.shape != "table":
        publish(call, IMPORT, found.model_copy(update={"written": written}))
    elif written:
        show([Line(f"{into}: {_counts(found)} appended from {file}.", "good")])
    else:
        show([Line(f"{into}: nothing was changed, since the books have all of {file} already.")])
    return int(_is_worse(call, into, books))


def _is_worse(call: Call, into: str, before: Books) -> bool:
    """Read the ledger again: whether it holds the file at all, and whether Beancount finds fault with it now."""
    from coopbooks.books.loading import load_books

    with busy(f"Reading {call.ledger} again"):
        after = load_books(call.ledger)
    included = {os.path.realpath(name) for name in after.options.get("include") or [str(after.path)]}
    if os.path.realpath(into) not in included:
        name = Path(os.path.relpath(into, Path(call.ledger).parent)).as_posix()
        say(f'{call.ledger}: the ledger does not hold {into} yet: add the line `include "{name}"` to it')
    fresh = [error for error in after.errors if error not in before.errors]
    if fresh:
        say(f"warning: {fresh[0]}")
        say(f"{into}: `coopbooks check {call.ledger}` lists what Beancount finds now ({len(fresh):,} more than before)")
    return bool(fresh)
