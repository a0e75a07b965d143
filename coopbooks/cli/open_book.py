"""`serve`: the open book in a browser of this machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from coopbooks.cli.call import busy, say, show
from coopbooks.cli.layout import Line

__all__ = ["host_and_port", "open_book", "serve"]


def host_and_port(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say where the open book is served."""
    command = click.option(
        "--host",
        type=click.Choice(["127.0.0.1", "localhost", "::1"]),
        default="127.0.0.1",
        show_default=True,
        help="An address of this machine; nobody else can open the book.",
    )(command)
    return click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=5000,
        show_default=True,
        help="The port to listen on; 0 takes any that is free.",
    )(command)


@click.command(short_help="Open the book in a browser, read-only.")
@click.argument("ledger", type=click.Path())
@host_and_port
def serve(ledger: str, host: str, port: int) -> int:
    """Open the book in a browser of this machine, read-only: pay, surplus, funds, and all of Fava.

    The page follows the ledger: save the file, and the page is up to date. Ctrl-C ends it.

    \b
    Example:   coopbooks serve main.beancount
    """
    return open_book(ledger, host, port)


def open_book(ledger: str, host: str, port: int) -> int:
    """Serve a ledger until Ctrl-C. Raises CoopbooksError where the ledger, Fava or the port cannot be had."""
    from coopbooks.serve import OpenBookServer

    with busy(f"Reading {ledger}"):
        server = OpenBookServer(ledger, host, port)
    try:
        if server.missing:
            say(server.missing)
        show([Line(f"The open book: {server.url}", "good"), Line("Ctrl-C ends it.", "quiet")])
        server.serve()
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()
    return 0
