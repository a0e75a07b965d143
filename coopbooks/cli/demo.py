"""`demo`: an example cooperative, told in a page or opened in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coopbooks.cli.books import CHECK
from coopbooks.cli.call import Answer, Form, busy, opened, show
from coopbooks.cli.capital import MEMBERS
from coopbooks.cli.funds import FUNDS
from coopbooks.cli.layout import Block, Line
from coopbooks.cli.open_book import host_and_port, open_book
from coopbooks.cli.pay import WAGES
from coopbooks.cli.year import SURPLUS

if TYPE_CHECKING:
    from coopbooks.cooperative import Cooperative

__all__ = ["demo"]

EXAMPLE = "bakery"
YEAR = "2024"


@click.command(short_help="Show an example cooperative.")
@click.option("--no-serve", is_flag=True, help="Tell its year here instead of opening its books in the browser.")
@host_and_port
def demo(no_serve: bool, host: str, port: int) -> int:
    """Show an example cooperative: its books in the browser or, with --no-serve, its year on this page.

    \b
    Example:   coopbooks demo --no-serve
    """
    from coopbooks.ledgers import path

    ledger = _near(path(EXAMPLE))
    if not no_serve:
        return open_book(ledger, host, port)
    with busy("Reading the example"):
        coop = opened(ledger)
        blocks = list(_story(coop, ledger))
    show(blocks)
    return 0


def _near(ledger: Path) -> str:
    """The ledger's path as a person would type it here."""
    here = Path.cwd()
    return str(ledger.relative_to(here) if ledger.is_relative_to(here) else ledger)


def _story(coop: Cooperative, ledger: str) -> Iterator[Block]:
    """One question after another, each with the command that answers it."""
    yield Line(f"{coop.title}: its year {YEAR}, told by its books", "title")
    yield Line(f"An example cooperative in plain text, to read and to try commands on: {ledger}")
    yield from _chapter(
        "1. Is everything as the members agreed?",
        "Every record and every posting is held to the bylaws, which stand in the books themselves.",
        f"check {ledger}",
        CHECK,
        coop.check(),
    )
    yield from _chapter(
        "2. Is pay fair?",
        "Each month the best-paid hour is compared with the worst-paid; the bylaws set a cap.",
        f"wages {ledger} --period {YEAR}",
        WAGES,
        coop.wages(YEAR),
    )
    yield from _chapter(
        "3. Where does the surplus go?",
        "It flows through steps agreed on before the year began; hours of work share the members' part.",
        f"surplus {ledger} {YEAR}",
        SURPLUS,
        coop.surplus(YEAR),
    )
    yield from _chapter(
        "4. What does each member own by now?",
        "The close of each year credits what is retained; losses and payments take it down again.",
        f"members {ledger}",
        MEMBERS,
        coop.members(),
    )
    yield from _chapter(
        "5. Is the money for the movement there?",
        "Part of each surplus is promised to funds; behind each stands a bank account.",
        f"funds {ledger}",
        FUNDS,
        coop.funds(),
    )
    yield from _more(coop.periods()[-1], ledger)


def _chapter(question: str, words: str, command: str, form: Form, found: Answer) -> Iterator[Block]:
    yield Line(question, "title")
    yield Line(words)
    yield Line(f"$ coopbooks {command}", "quiet")
    blocks = list(form.blocks(found.to_data()))
    is_title = isinstance(blocks[0], Line) and blocks[0].mood == "title"
    yield from blocks[1:] if is_title else blocks


def _more(last: str, ledger: str) -> Iterator[Block]:
    yield Line("And then?", "title")
    yield Line(f"2025 brought a loss; {last} is still open, and `close` writes the entries that will end it:")
    for command in (f"surplus {ledger} 2025", f"surplus {ledger} {last}", f"close {ledger} {last}"):
        yield Line(f"  coopbooks {command}")
    yield Line("In the browser:")
    yield Line(f"  coopbooks serve {ledger}")
