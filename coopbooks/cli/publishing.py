"""`publish`: the books as members, auditors or the public may see them, as a ledger of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coopbooks.cli.call import Call, Form, busy, put_lines, say, takes_ledger, today
from coopbooks.cli.call import publish as put_answer
from coopbooks.cli.layout import Block, Line
from coopbooks.cli.words import count_of
from coopbooks.errors import LedgerUnusable, WriteRefused

if TYPE_CHECKING:
    from coopbooks.books.loading import Books
    from coopbooks.publish import View

__all__ = ["PUBLISHED", "publish"]

LEDGER, PAGE = ".beancount", ".html"


def _blocks(rows: list[dict[str, Any]]) -> Iterator[Block]:
    for row in rows:
        if row["written"]:
            yield Line(f"{row['file']}: written.", "good")
        else:
            yield Line(f"{row['file']}: nothing was changed, since just this text stands there already.")


PUBLISHED = Form(_blocks, ("file", "sha256", "written"), lambda rows: rows)


@click.command(short_help="Write the books as members, auditors or the public may see them.")
@takes_ledger(judges_days=True, own=True)
@click.option(
    "--for",
    "audience",
    required=True,
    type=click.Choice(["members", "auditors", "public"]),
    help="Who is to read it; docs/publish.md says what each of them sees.",
)
@click.option(
    "-o",
    "--output",
    "file",
    required=True,
    type=click.Path(),
    metavar="FILE",
    help="The ledger to write, FILE.beancount, or the open book as one page, FILE.html.",
)
@click.option("--dry-run", is_flag=True, help="Show what would change and write nothing.")
def publish(call: Call, audience: str, file: str, dry_run: bool) -> int:
    """Write a ledger that holds only what its readers may see, made anew from a list: no text of the books is in it.

    Members see pay by pseudonym and every fund; of mutual aid, strike pay and legal defence only totals of closed
    quarters with at least five people behind them. The public sees ratios, bands and totals, with at least ten. Auditors
    see every entry, documents by their SHA-256. Every total is that of the books. FILE is replaced where an earlier
    call for the same readers wrote it; any other file is left alone. FILE.html is the open book as one page, made from that
    ledger alone, which opens without a server (needs coopbooks[fava]).

    \b
    Example:   coopbooks publish main.beancount --for members -o members.beancount
    CSV:       one row: file, sha256, written
    """
    if not Path(file).name or file.endswith("/") or Path(file).is_dir():
        name = str(Path(file) / audience)
        raise WriteRefused(f"{file or '.'} is a folder: name a file in it, such as {name}{LEDGER} or {name}{PAGE}")
    if not file.endswith((LEDGER, PAGE)):
        stem = file.rpartition(".")[0] or file
        raise WriteRefused(f"{file}: what is written is a ledger or a page: name it {stem}{LEDGER} or {stem}{PAGE}")
    from coopbooks.answers import StatementFile, Table
    from coopbooks.books.loading import load_books
    from coopbooks.books.outgoing import difference, standing, write_whole
    from coopbooks.publish import changed_since, ledger_in, mark, page_mark, page_of, view_of, view_text

    is_page = file.endswith(PAGE)
    first_line = page_mark(audience) if is_page else mark(audience)
    before = standing(file, first_line)
    said_before = (ledger_in(before) if is_page else before) if before else ""
    with busy(f"Reading {call.ledger}"):
        books = load_books(call.ledger)
        if books.facts.published:
            raise LedgerUnusable(f"{call.ledger} is published itself, and lacks what others may see: publish the books")
        day = _day(call, books)
        view = view_of(books, audience, day)
        changed_since(said_before, view, file)
        text = view_text(view)
        if is_page:
            text = page_of(text, audience, day)
    for error in books.errors[:5]:
        say(f"warning: {error}")
    if dry_run and call.shape == "table":
        put_lines(difference(file, text, first_line) or f"{file}: nothing would change")
        return 0
    written = not dry_run and write_whole(file, text, first_line, since=before)
    digest = sha256(text.encode("utf-8")).hexdigest()
    found = Table[StatementFile]((StatementFile(file=file, sha256=digest, written=written),))
    put_answer(call, PUBLISHED, found, *_said(view, day))
    return 0


def _day(call: Call, books: Books) -> date:
    from coopbooks.cooperative import Cooperative

    now = today(Cooperative.of(books.facts))
    if call.as_of is not None and call.as_of > now:
        say(
            f"warning: {call.as_of} lies ahead of today, {now}: a quarter that this closes is published as it stands now, and an "
            "entry that comes later cannot join it"
        )
    return call.as_of or now


def _said(view: View, day: date) -> Iterator[Block]:
    entries = count_of(len(view.transactions), "entry", "entries")
    records = count_of(len(view.notes), "record", "records")
    readers = "the public" if view.audience == "public" else view.audience
    yield Line(f"For {readers}, as of {day}: {entries}, {records}. Every total is that of the books.")
    if view.held:
        why = "what is not shown waits for a closed quarter with enough people behind each figure"
        yield Line(f"Not all of the books is shown: {why}.", "quiet")
    if view.closes:
        years = " and ".join(view.closes)
        yield Line(
            f"The close of {years} is not shown: with its result, what help has cost could be computed.", "quiet"
        )
