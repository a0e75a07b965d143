"""`init`: a new cooperative's books in a folder of their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coopbooks.cli.call import a_day, put, show
from coopbooks.cli.layout import Block, Line
from coopbooks.cli.words import clean, count_of
from coopbooks.periods import FIRST_DAY, LAST_DAY, FiscalCalendar

if TYPE_CHECKING:
    from coopbooks.books.founding import Founding
    from coopbooks.statutes.models import Model

__all__ = ["init"]

TITLE_MAX = 200
MEMBERS_MAX = 9999


def _a_title(text: str) -> str:
    if not text.strip() or len(text) > TITLE_MAX or clean(text) != text:
        raise click.BadParameter(f"a title is one line of plain text, {TITLE_MAX} characters at most")
    return text


def _a_currency(text: str) -> str:
    if not (text.isascii() and text.isalpha() and text.isupper() and len(text) == 3):
        raise click.BadParameter(f'"{text}" is no currency: write its three capitals, as EUR')
    return text


def _a_number(text: str) -> str:
    if not (text.isascii() and text.isdigit() and int(text) <= MEMBERS_MAX):
        raise click.BadParameter(f'"{text}" is no number of members: write one between 0 and {MEMBERS_MAX}')
    return text


def _a_first_day(ctx: click.Context, parameter: click.Parameter, text: str | None) -> date | None:
    day = a_day(ctx, parameter, text)
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        raise click.BadParameter(
            f'"{text}" is no first day of books: write one from {FIRST_DAY.year} to {LAST_DAY.year}'
        )
    return day


def _checked(check: Callable[[str], str]) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    return lambda _, __, text: None if text is None else check(text)


@click.command(short_help="Write the books of a new cooperative.")
@click.argument("folder", metavar="DIR", type=click.Path())
@click.option(
    "--model", "model_id", metavar="ID", required=True, help="The bylaws to start from: see `coopbooks models`."
)
@click.option(
    "--currency", metavar="C", callback=_checked(_a_currency), help="The currency, as EUR [default: that of the model]."
)
@click.option(
    "--title", metavar="T", callback=_checked(_a_title), help="The cooperative's name [default: the name of DIR]."
)
@click.option(
    "--start",
    callback=_a_first_day,
    metavar="DATE",
    help="The first day of the books, written 2026-01-01 [default: the first day of this fiscal year].",
)
@click.option(
    "--members", metavar="N", callback=_checked(_a_number), help="How many members, m01 and so on [default: 0]."
)
@click.option("--dry-run", is_flag=True, help="Print the files and write nothing.")
def init(
    folder: str,
    model_id: str,
    currency: str | None,
    title: str | None,
    start: date | None,
    members: str | None,
    dry_run: bool,
) -> int:
    """Write the books of a new cooperative into DIR: bylaws from a model, accounts, members, an empty first year.

    DIR must be empty or not exist yet; nothing is ever overwritten. On a terminal, title, currency and the number of
    members are asked for where they are not given. The bylaws are a draft: edit them, vote on them, ask counsel.

    \b
    Example:   coopbooks init riverside --model us-subchapter-t --currency USD --members 5
    """
    from coopbooks.books.founding import Founding, files_of, found, refuse_occupied
    from coopbooks.statutes.models import model

    chosen = model(model_id)
    refuse_occupied(folder)  # before anybody is asked anything
    here = clean(Path(os.path.realpath(folder)).name)[:TITLE_MAX]
    title = title if title is not None else _asked("Name of the cooperative", here or "Cooperative", _a_title)
    currency = currency if currency is not None else _asked("Currency", chosen.currency, _a_currency)
    people = int(members if members is not None else _asked("Number of members", "0", _a_number))
    founding = Founding(chosen, title, currency, start or _first_day(chosen), people)
    files = files_of(founding)
    if dry_run:
        put("\n".join(f"; ---- {Path(folder) / name}\n\n{text}" for name, text in files.items()))
        return 0
    found(folder, files)
    show(_story(founding, folder, list(files)))
    return 0


def _asked(question: str, default: str, check: Callable[[str], str]) -> str:
    """What is answered on a terminal; elsewhere nobody can be asked, and the default stands."""
    if not _is_terminal():
        return default
    return str(click.prompt(question, default=default, value_proc=check))


def _is_terminal() -> bool:
    """Whether somebody sits there who can read a question and answer it."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _first_day(chosen: Model) -> date:
    """The first day of the fiscal year that today is in, by the model's year and this machine's clock."""
    today = datetime.now(UTC).astimezone().date()
    return FiscalCalendar([(today, chosen.year_ends)]).year_of(today).starts


def _story(founding: Founding, folder: str, files: list[str]) -> Iterator[Block]:
    """What was written, and what people must do with it."""
    from coopbooks.books.founding import MAIN, told_of

    model, main = founding.model, Path(folder) / MAIN
    yield Line(f"{folder}: the books of {founding.title} begin on {founding.start}, in {founding.currency}.", "good")
    yield Line(f"{count_of(founding.members, 'member', 'members')}, {len(files)} files: {', '.join(sorted(files))}.")
    yield Line(f"The bylaws are made from {model.law}, as read on {model.read_on}.")
    for head, items in told_of(model):
        if items:
            yield Line(head, "title")
            for item in items:
                yield Line(f"- {item}")
    yield Line("What to do next", "title")
    yield Line(
        "1. Read bylaws.beancount together and change what shall be different: it is a draft, and no legal advice."
    )
    yield Line("2. Take it to counsel who knows cooperatives where you live, with the lists above.")
    yield Line("3. Vote on it, and record the vote in records.beancount, which shows how.")
    yield Line("4. Write your first entries, and ask the books whether all is well:")
    yield Line(f"     coopbooks check {main}")
    yield Line(f"     coopbooks serve {main}")
