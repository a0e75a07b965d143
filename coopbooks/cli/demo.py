"""`demo`: an example cooperative, told in a page or opened in the browser."""

from __future__ import annotations

from collections.abc import Iterator
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
@click.option(
    "--no-serve", is_flag=True, help="Tell its year here instead of opening its books in the browser."
)
@host_and_port
def demo(no_serve: bool, host: str, port: int) -> int:
    """Show an example cooperative: its books in the browser or, with --no-serve, its year on this page.

    \b
    Example:   coopbooks demo --no-serve
    """
    from coopbooks.ledgers import path

    ledger = str(path(EXAMPLE))
    if not no_serve:
        return open_book(ledger, host, port)
    with busy("Reading the example"):
        coop = opened(ledger)
        blocks = list(_story(coop, ledger))
    show(blocks)
    return 0


def _story(coop: Cooperative, ledger: str) -> Iterator[Block]:
    """One question after another, each with the command that answers it."""
    yield Line(f"{coop.title}: its year {YEAR}, told by its books", "title")
    yield Line(f"An example of plain text, to read and to try commands on: {ledger}", "quiet")
    yield from _chapter("1. Does everything keep the bylaws?", f"check {ledger}", CHECK, coop.check())
    yield from _chapter("2. Is pay fair?", f"wages {ledger} --period {YEAR}", WAGES, coop.wages(YEAR))
    yield from _chapter(
        "3. Where does the surplus go?", f"surplus {ledger} {YEAR}", SURPLUS, coop.surplus(YEAR)
    )
    yield from _chapter("4. What does each member own by now?", f"members {ledger}", MEMBERS, coop.members())
    yield from _chapter("5. Is the money for the movement there?", f"funds {ledger}", FUNDS, coop.funds())
    yield Line("And then?", "title")
    yield Line(
        "The next year brought a loss, and the year after is open; `close` writes the entries that end it:"
    )
    last = coop.periods()[-1]
    for command in (f"surplus {ledger} 2025", f"surplus {ledger} {last}", f"close {ledger} {last}"):
        yield Line(f"  coopbooks {command}")
    yield Line("The same books in the browser, with the open book's three pictures:")
    yield Line(f"  coopbooks serve {ledger}")


def _chapter(question: str, command: str, form: Form, found: Answer) -> Iterator[Block]:
    yield Line(question, "title")
    yield Line(f"$ coopbooks {command}", "quiet")
    yield Line("")
    yield from form.blocks(found.to_data())
