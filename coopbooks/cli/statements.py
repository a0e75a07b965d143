"""`statements`: a year on paper, for each member and for all, and its tables as files."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coopbooks.cli.call import Call, Form, busy, no_record, opened, publish, say, takes_ledger, today, warn
from coopbooks.cli.layout import Block, Column, Line, grid
from coopbooks.cli.words import count_of

if TYPE_CHECKING:
    from coopbooks.answers import StatementFile, Table
    from coopbooks.cooperative import Cooperative
    from coopbooks.reports.statements import Statements

__all__ = ["STATEMENTS", "statements"]


def _blocks(rows: list[dict[str, Any]]) -> Iterator[Block]:
    """What was written, by what it is for; each file with its digest stands in SHA256SUMS and in the other forms."""
    if not rows:
        yield Line("There was nothing to write.")
        return
    names = [row["file"] for row in rows]
    members = sum(name.startswith("members/") for name in names)
    tables = sum(name.startswith("csv/") for name in names)
    kinds = (
        ("year.pdf", "the statement of the year", "year.pdf" in names),
        ("members/", count_of(members, "statement of a member", "statements of members"), members),
        ("year.xlsx", "the tables of the year as a workbook", "year.xlsx" in names),
        ("csv/", count_of(tables, "table", "tables") + ", a file each", tables),
        ("SHA256SUMS", "the digest of each of these files", names),
    )
    yield grid([Column("file"), Column("what it is")], [[name, what] for name, what, there in kinds if there])


STATEMENTS = Form(_blocks, ("file", "sha256", "written"), lambda rows: rows)


@click.command(short_help="Write a statement for each member, and one of the year.")
@takes_ledger(judges_days=True)
@click.argument("period")
@click.option("-o", "--output", "folder", required=True, type=click.Path(), metavar="DIR", help="Write to DIR/PERIOD.")
@click.option(
    "--only",
    "forms",
    multiple=True,
    type=click.Choice(["pdf", "xlsx", "csv"]),
    help="Only this form of file; may be given again [default: all three].",
)
@click.option("--replace", is_flag=True, help="Put them in the place of statements that were written there before.")
@click.option("--dry-run", is_flag=True, help="Show which files would be written, with their sizes, and write none.")
@click.option(
    "--fonts",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="A folder of fonts for signs that the bundled font does not have; may be given again.",
)
def statements(
    call: Call,
    period: str,
    folder: str,
    forms: tuple[str, ...],
    replace: bool,
    dry_run: bool,
    fonts: tuple[Path, ...],
) -> int:
    """Write the statements of PERIOD: a PDF for each member, one of the year, and its tables for a spreadsheet.

    They go to the folder DIR/PERIOD, whole or not at all. What stands there already is left alone, unless --replace
    is given and coopbooks wrote it itself. A year that is still open gives a forecast, marked so on every page.

    \b
    Example:   coopbooks statements main.beancount 2025 -o statements
    In DIR:    2025/year.pdf, 2025/members/<id>.pdf, 2025/year.xlsx, 2025/csv/, 2025/SHA256SUMS
    CSV:       one row a file: file, sha256, written
    """
    with busy(f"Reading {call.ledger}"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        day = call.as_of or today(coop)
        made = _made(coop, period, day, forms, fonts) if coop.facts.any_record else None
        broken = len(coop.check().errors) if made is not None else 0
    warn(call, coop)
    found = _write(made, Path(folder) / period, replace=replace, dry=dry_run)
    if made is not None and made.without_a_glyph:
        signs = " ".join(made.without_a_glyph[:20])
        say(
            f"warning: no font here has a sign for {signs}: the pages show its number instead; "
            "`--fonts DIR` names a folder with a font that has it"
        )
    if broken:
        errors = count_of(broken, "error", "errors")
        say(
            f"warning: these books have {errors}, and the statements follow them as they stand: `coopbooks check {call.ledger}`"
        )
    said = list(_said(found, Path(folder) / period, day, dry=dry_run))
    if dry_run and made is not None:
        said = [*_sizes(made, found), *said]
        found = _unwritten(found)
    publish(call, STATEMENTS, found, *said, *no_record(coop))
    return 0


def _made(coop: Cooperative, period: str, day: Any, forms: tuple[str, ...], fonts: tuple[Path, ...]) -> Statements:
    from coopbooks.reports.statements import FORMS
    from coopbooks.reports.statements import statements as made

    return made(coop, period, day, forms or FORMS, fonts)


def _write(made: Statements | None, target: Path, *, replace: bool, dry: bool) -> Table[StatementFile]:
    """Write the files; `written` says whether that was done, or with `dry` whether it would be."""
    from coopbooks.answers import StatementFile, Table
    from coopbooks.books.folder import would_write, write_folder

    if made is None:
        return Table[StatementFile](())
    written = (would_write if dry else write_folder)(target, made.files, replace=replace)
    return Table[StatementFile](
        tuple(
            StatementFile(file=name, sha256=sha256(made.files[name]).hexdigest(), written=written)
            for name in sorted(made.files)
        )
    )


def _sizes(made: Statements, found: Table[StatementFile]) -> Iterator[Block]:
    """Each file that would be written, with its size: nobody reads the differences of a PDF."""
    if any(row.written for row in found.rows):
        yield grid(
            [Column("file"), Column("size", number=True)],
            [[row.file, f"{len(made.files[row.file]):,} bytes"] for row in found.rows],
        )


def _unwritten(found: Table[StatementFile]) -> Table[StatementFile]:
    """What programs are told by a dry run."""
    from coopbooks.answers import StatementFile, Table

    return Table[StatementFile](tuple(row.model_copy(update={"written": False}) for row in found.rows))


def _said(found: Table[StatementFile], target: Path, day: Any, *, dry: bool) -> Iterator[Block]:
    if not found.rows:
        return
    files = count_of(len(found.rows), "file", "files")
    if found.rows[0].written:
        yield Line(f"{target}: {files} {'would be ' if dry else ''}written, as of {day}.", "" if dry else "good")
    else:
        yield Line(f"{target}: nothing was changed, since just these {files} stand there already.")
