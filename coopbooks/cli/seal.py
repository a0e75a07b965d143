"""`seal`: whether the sealed years are as they were, the page of a seal, and who signed it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coopbooks.cli.call import (
    Call,
    Form,
    busy,
    no_record,
    opened,
    publish,
    put,
    say,
    show,
    takes_ledger,
    unhurried,
    warn,
)
from coopbooks.cli.layout import Block, Column, Line, grid
from coopbooks.cli.words import count_of
from coopbooks.errors import SignatureRefused

if TYPE_CHECKING:
    from coopbooks.answers import Seal, SealPage, Table
    from coopbooks.books.seal_signing import Planned
    from coopbooks.cooperative import Cooperative

__all__ = ["SEALS", "SEAL_PAGE", "seal"]

_SHOWN_MAX = 20
OFFICERS = 2
"""So many officers sign a seal, where nothing else is said."""


@click.group(short_help="Sealed years: verify, show, sign.")
def seal() -> None:
    """Whether the years that `coopbooks close` sealed are still as they were, and who signed for them."""


# -- verify ----------------------------------------------------------------------------------------------------------


def _blocks(data: list[dict[str, Any]]) -> Iterator[Block]:
    if not data:
        yield Line("No year of these books is sealed: `coopbooks close` seals one.")
        return
    columns = [Column("year"), Column("holds"), Column("directives", number=True), Column("for the minutes")]
    rows = [
        [row["period"], "yes" if row["ok"] else "no", f"{row['directives']:,}", row["short"], "; ".join(row["signed"])]
        for row in data
    ]
    yield grid([*columns, Column("signed by", optional=True, spare=True)], rows)
    for row in data:
        if not row["ok"]:
            yield from _broken(row)
    if all(row["ok"] for row in data):
        yield Line("Every sealed year is as it was sealed.", "good")


def _broken(row: dict[str, Any]) -> Iterator[Block]:
    for fault in row["faults"]:
        yield Line(f"{row['place']}: {fault}", "bad")
    listed = [(what, each) for what in ("added", "changed", "removed") for each in row[what]]
    for what, each in listed[:_SHOWN_MAX]:
        yield Line(f"{row['period']}: {what}: {each}", "bad")
    if len(listed) > _SHOWN_MAX:
        yield Line(f"{row['period']}: and {len(listed) - _SHOWN_MAX:,} more; `--format json` lists all.", "bad")
    if not listed and not row["faults"]:
        yield Line(f"{row['period']}: the books are not those that were sealed, and the seal cannot tell where.", "bad")


SEALS = Form(
    _blocks,
    (
        "period", "ok", "added", "removed", "changed", "place", "starts", "until", "dated", "directives", "sha256",
        "short", "previous", "faults", "signed",
    ),
    lambda data: [{key: " ".join(value) if isinstance(value, list) else value for key, value in row.items()} for row in data],
)  # fmt: skip


@seal.command(short_help="Recompute every seal and say what changed.")
@takes_ledger()
@click.option("--signers", metavar="FILE", type=click.Path(), help="Allowed signers: each seal must be signed, too.")
@click.option(
    "--officers", type=click.IntRange(min=1), default=OFFICERS, show_default=True, help="With --signers: how many."
)
def verify(call: Call, signers: str | None, officers: int) -> int:
    """Recompute every seal of the books and say which directives were added, removed or changed since it was given.

    With --signers each seal must be signed by as many different people of that file (`man ssh-keygen`, allowed signers)
    as --officers says; their signatures lie beside the ledger, as `coopbooks seal sign` puts them.

    \b
    Example:   coopbooks seal verify main.beancount --signers officers.txt
    CSV:       a row a seal: period, ok, added, removed, changed, …
    Exit 1:    a seal does not hold, or is not signed by so many
    """
    with busy(f"Reading {call.ledger}"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        found = coop.seals()
        if signers is not None:
            found = _with_signers(coop, found, Path(signers), officers)
    warn(call, coop)
    publish(call, SEALS, found, *no_record(coop))
    return int(found.breaks)


def _with_signers(coop: Cooperative, found: Table[Seal], signers: Path, officers: int) -> Table[Seal]:
    """The seals, each with who signed its page; too few signatures are a fault of it."""
    from coopbooks.answers import Table
    from coopbooks.books.seal_signing import signers_of

    rows = []
    for row in found.rows:
        page = coop.seal_page(row.period).page
        names = tuple(each.identity for each in signers_of(_folder(coop), row.period, page, signers))
        faults = row.faults
        if len(names) < officers:
            faults = (
                *faults,
                f"{count_of(len(names), 'officer', 'officers')} of {officers} signed the seal of {row.period}",
            )
        rows.append(row.model_copy(update={"signed": names, "faults": faults, "ok": row.ok and faults == row.faults}))
    return Table(tuple(rows)).marked(found.breaks or not all(row.ok for row in rows))


def _folder(coop: Cooperative) -> Path:
    assert coop.path is not None, "a command loads a file"
    return coop.path.parent


# -- show and sign ---------------------------------------------------------------------------------------------------


SEAL_PAGE = Form(
    lambda data: [Line(line) for line in data["page"].splitlines()],
    ("period", "page", "sha256", "short"),
    lambda data: [data],
)


@seal.command("show", short_help="Print the page of a seal, for the minutes and for signing.")
@takes_ledger()
@click.argument("period")
def show_page(call: Call, period: str) -> int:
    """Print the page of the seal of PERIOD; `sha256sum` of it is the seal. What to read into the minutes is on stderr.

    \b
    Example:   coopbooks seal show main.beancount 2025 > seal-2025.txt
    CSV:       one row: period, page, sha256, short
    """
    with busy(f"Reading {call.ledger}"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        found = coop.seal_page(period)
    warn(call, coop)
    if call.shape != "table":
        publish(call, SEAL_PAGE, found)
        return 0
    put(found.page)
    say(f"the seal of {period}, for the minutes: {found.short}")
    return 0


@seal.command(short_help="Sign a seal with your OpenSSH key.")
@takes_ledger(own=True)
@click.argument("period")
@click.option("--key", required=True, metavar="FILE", type=click.Path(), help="Your private key, as ~/.ssh/id_ed25519.")
@click.option("--dry-run", is_flag=True, help="Show what would be written; nothing is signed.")
def sign(call: Call, period: str, key: str, dry_run: bool) -> int:
    """Sign the seal of PERIOD: its page and your signature are put beside the ledger, as seal-2025.txt and
    seal-2025.<key>.sig. OpenSSH asks for your passphrase. Two officers sign, each with their own key.

    A seal that does not hold is not signed. A second run changes nothing.

    \b
    Example:   coopbooks seal sign main.beancount 2025 --key ~/.ssh/id_ed25519
    CSV:       one row: period, page, sha256, short
    """
    from coopbooks.books.seal_signing import sign_page, would_sign

    with busy(f"Reading {call.ledger}"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        found = coop.seal_page(period)
        row = next(row for row in coop.seals().rows if row.period == period)
    warn(call, coop)
    if not row.ok:
        raise SignatureRefused(
            f"the seal of {period} does not hold: look at `coopbooks seal verify {call.ledger}` first"
        )
    if dry_run:
        _say_planned(call, found, would_sign(_folder(coop), period, found.page, Path(key).expanduser()))
        return 0
    with unhurried():  # OpenSSH may ask for a passphrase
        done = sign_page(_folder(coop), period, found.page, Path(key).expanduser())
    _say_signed(call, found, done.signature.name if done.written else None)
    return 0


def _say_planned(call: Call, found: SealPage, planned: Planned) -> None:
    if call.shape != "table":
        publish(call, SEAL_PAGE, found)
        return
    if planned.page:
        put(planned.page)
    if planned.signature is not None:
        put(f"{planned.signature}: your signature would be written.")
    elif not planned.page:
        show([Line(f"The seal of {found.period} has your signature already.")])


def _say_signed(call: Call, found: SealPage, name: str | None) -> None:
    if call.shape != "table":
        publish(call, SEAL_PAGE, found)
    elif name is None:
        show([Line(f"The seal of {found.period} has your signature already.")])
    else:
        show([Line(f"{name}: your signature of the seal of {found.period}, {found.short}.", "good")])
