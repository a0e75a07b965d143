"""`serve`: the open book in a browser, and who may sign in to it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coopbooks.cli.call import busy, opened, say, show
from coopbooks.cli.layout import Line
from coopbooks.errors import UnknownName
from coopbooks.records.fields import nearest

if TYPE_CHECKING:
    from coopbooks.serve import Access

__all__ = ["host_and_port", "open_book", "serve"]


def host_and_port(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say where the open book is served."""
    command = click.option(
        "--host",
        metavar="ADDRESS",
        default="127.0.0.1",
        show_default=True,
        help="The address of this machine to listen on; nobody else can reach the default.",
    )(command)
    return click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=5000,
        show_default=True,
        help="The port to listen on; 0 takes any that is free.",
    )(command)


def _own_books(_: click.Context, __: click.Parameter, untrusted: bool) -> None:
    """No ledger that somebody sent is served: Fava loads it itself, and runs what it names."""
    if untrusted:
        raise click.UsageError(
            "the open book runs the plugins of its ledger: look at a ledger that somebody sent with "
            "`coopbooks check --untrusted` or `coopbooks audit`"
        )


@click.command(short_help="Open the book in a browser, read-only.")
@click.argument("ledger", type=click.Path())
@host_and_port
@click.option(
    "--host-name", "host_names", metavar="NAME", multiple=True, help="A name under which members reach the book."
)
@click.option("--https", is_flag=True, help="Every visitor comes over HTTPS, which a reverse proxy ends.")
@click.option("--add-member", metavar="ID", help="Give a member or worker of the books a password, and end.")
@click.option("--remove-member", metavar="ID", help="Take a member's password and sessions away, and end.")
@click.option("--dry-run", is_flag=True, help="With one of these two: say what would be done, and write nothing.")
@click.option(
    "--members-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the passwords are kept [default: beside the ledger, as main.members.json].",
)
@click.option("--proxy-header", metavar="NAME", help="The header in which a reverse proxy names who signed in there.")
@click.option(
    "--proxy-from",
    "proxies",
    metavar="ADDRESS",
    multiple=True,
    help="The reverse proxy's own address; its headers are believed from nowhere else.",
)
@click.option("--untrusted", is_flag=True, callback=_own_books, expose_value=False, hidden=True)
@click.option(
    "--whole-ledger",
    is_flag=True,
    help="Serve members the whole ledger, with every name and text, instead of one made by `publish`.",
)
def serve(
    ledger: str,
    host: str,
    port: int,
    add_member: str | None,
    remove_member: str | None,
    dry_run: bool,
    members_file: Path | None,
    proxies: tuple[str, ...],
    **more: Any,
) -> int:
    """Open the book in a browser, read-only: every page of the open book, and those of Fava that only read.

    The page follows the ledger: save the file, and the page is up to date. Ctrl-C ends it. Beyond this machine it
    is served to members who sign in, and docs/serve.md says how.

    \b
    Example:   coopbooks serve main.beancount
    """
    from coopbooks.books.members_file import members_file_of

    file = members_file or members_file_of(ledger)
    if add_member is not None and remove_member is not None:
        raise click.UsageError("a member is added or removed, not both: give one of the two options")
    if add_member is not None:
        return _add(ledger, file, add_member, dry=dry_run)
    if remove_member is not None:
        return _remove(file, remove_member, dry=dry_run)
    if dry_run:
        raise click.UsageError("--dry-run is for --add-member and --remove-member: serving the book writes nothing")
    from coopbooks.serve import Access
    from coopbooks.serve.access import network_of

    return open_book(
        ledger,
        host,
        port,
        Access(members_file=file, proxies=tuple(map(network_of, proxies)), clock=time.time, **more),
    )


def open_book(ledger: str, host: str, port: int, access: Access | None = None) -> int:
    """Serve a ledger until Ctrl-C. Raises CoopbooksError where the ledger, Fava or the port cannot be had."""
    from coopbooks.serve import OpenBookServer

    with busy(f"Reading {ledger}"):
        server = OpenBookServer(ledger, host, port, access)
    try:
        if server.missing:
            say(server.missing)
        if access is not None and access.beyond(host) and not access.https:
            say("warning: without --https passwords and pages cross the network unsealed: docs/serve.md has the recipe")
        show([Line(f"The open book: {server.url}", "good"), Line("Ctrl-C ends it.", "quiet")])
        server.serve()
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()
    return 0


def _add(ledger: str, file: Path, member: str, *, dry: bool) -> int:
    """Ask for a member's password and keep its hash. Raises CoopbooksError where the books do not know the member."""
    from coopbooks.books.members_file import change_members_file, read_members_file
    from coopbooks.serve.login import check_password, with_member

    with busy(f"Reading {ledger}"):
        known = sorted({each.id for each in opened(ledger).facts.records if each.KIND in ("member", "worker")})
    if member not in known:
        cure = nearest(member, tuple(known)) or ": write its record first"
        raise UnknownName(f'"{member}" is no member or worker of {ledger}{cure}')
    before = read_members_file(file)
    if dry:
        show([Line(f"{member} would get {'a new' if member in before.hashes else 'a'} password ({file}).")])
        return 0
    password = _password(member)
    check_password(member, password)
    change_members_file(file, lambda old: with_member(old, member, password, int(time.time())))
    done = (
        "has a new password; sessions opened with the old one have ended" if member in before.hashes else "may sign in"
    )
    show([Line(f"{member} {done} ({file}).", "good")])
    return 0


def _remove(file: Path, member: str, *, dry: bool) -> int:
    """Take a member out of the file. Raises UnknownName for somebody who is not in it."""
    from coopbooks.books.members_file import change_members_file, read_members_file
    from coopbooks.serve.login import without_member

    known = read_members_file(file).hashes
    if member not in known:
        cure = nearest(member, tuple(known)) or ": nobody of that id can sign in"
        raise UnknownName(f'"{member}" is not in {file}{cure}')
    if dry:
        show([Line(f"{member} would sign in no more ({file}).")])
        return 0
    change_members_file(file, lambda old: without_member(old, member, int(time.time())))
    show([Line(f"{member} may sign in no more; every session of theirs has ended ({file}).", "good")])
    return 0


def _password(member: str) -> str:
    """A password, asked for twice on a terminal, else the first line of what is piped in."""
    if sys.stdin is not None and sys.stdin.isatty():
        return str(click.prompt(f"Password of {member}", hide_input=True, confirmation_prompt="The same again"))
    line = sys.stdin.readline() if sys.stdin is not None else ""
    if not line.strip():
        raise click.UsageError("no password came in: type one on a terminal, or pipe one line into the command")
    return line.rstrip("\r\n")
