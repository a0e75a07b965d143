"""`draw`: the lottery of auditors, recomputed, or drawn for the first time."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from coopbooks.cli.call import Call, Form, busy, no_record, opened, publish, say, takes_ledger, today, warn
from coopbooks.cli.layout import Block, Column, Line, grid
from coopbooks.cli.record_into import Words, hand_over
from coopbooks.cli.sheet import leaves
from coopbooks.cli.words import count_of

if TYPE_CHECKING:
    pass

__all__ = ["DRAW", "draw"]


def _blocks(data: dict[str, Any]) -> Iterator[Block]:
    yield Line(f"Lottery {data['call']}", "title")
    what = f"{count_of(data['seats'], 'seat', 'seats')} from a pool of {data['pool']}"
    small = ": a small pool, fewer than two for each seat" if data["small_pool"] else ""
    yield Line(f"{what}{small}. The pool has the digest {data['pool_sha256']}.")
    if data["drawn_on"]:
        yield Line(f"Drawn on {data['drawn_on']}; nobody could draw before {data['draw_not_before']}.")
    else:
        yield Line(f"Not drawn yet; nobody may draw before {data['draw_not_before']}.")
    yield grid(
        [Column("source"), Column("number")], [[row["name"], row["value"] or "not known"] for row in data["sources"]]
    )
    if data["seed"]:
        yield from _drawn(data)
    for sentence in data["missing"]:
        yield Line(f"Missing: {sentence}.")
    for fault in data["faults"]:
        yield Line(fault, "bad")
    if data["drawn_on"] and not data["faults"]:
        yield Line("The draw recomputes.", "good")


def _drawn(data: dict[str, Any]) -> Iterator[Block]:
    yield Line("Drawn", "title")
    rows = [[row["place"], row["id"], row["ticket"][:16], _answer(row)] for row in data["drawn"]]
    yield grid([Column("place"), Column("id"), Column("ticket begins"), Column("answer")], rows)
    for row in data["drawn"]:
        for tie in row["ties"]:
            yield Line(f"{row['id']}: {tie}.")
        if row["excluded"]:
            yield Line(f"{row['id']} may not sit: the next alternate takes the seat.", "bad")
    for row in data["skipped"]:
        yield Line(f"{row['id']} was passed over: {row['reason']}.")
    yield Line(f"Order of all tickets: {', '.join(data['order'])}.")
    yield Line("To check one ticket by hand, on any computer:")
    if data["order"]:  # whoever pastes it runs it, and a stranger may have written the id
        yield Line(f"  printf '%s:%s' {data['seed']} {quote(data['order'][0])} | sha256sum")


def _answer(row: dict[str, Any]) -> str:
    return {None: "none yet", True: "accepted", False: "declined"}[row["accepted"]]


DRAW = Form(
    _blocks,
    (
        "part", "call", "seed", "order", "panel", "alternates", "pool", "small_pool", "pool_sha256", "seats",
        "draw_not_before", "drawn_on", "missing", "faults", "record", "written",
        "id", "reason", "name", "value", "place", "ticket", "accepted", "declared", "ties", "excluded",
    ),
    lambda data: leaves("draw", data, ["call"]),
)  # fmt: skip


def _numbers(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    """The public numbers by name, each given once and on one line."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value) or not text.isprintable():
            raise click.BadParameter(f'"{text}" is no number of a source: write it as drand-5000000=0123abcd')
        if name in found:
            raise click.BadParameter(f'"{name}" is given twice: give each number once')
        found[name] = value
    return found


@click.command(short_help="Recompute the lottery of auditors, or draw it.")
@takes_ledger(judges_days=True, sent=True)
@click.argument("lottery", metavar="CALL")
@click.option(
    "--source", "sources", multiple=True, callback=_numbers, metavar="NAME=VALUE", help="A public number, to draw."
)
@click.option("--into", metavar="FILE", type=click.Path(), help="Append the record of the draw to this file.")
@click.option("--dry-run", is_flag=True, help="With --into: show what would change in FILE and write nothing.")
def draw(call: Call, lottery: str, sources: dict[str, str], into: str | None, dry_run: bool) -> int:
    """Recompute the draw of the lottery-call CALL: order, panel, alternates, and the ties that the books show.

    Before the draw is recorded, this says what is missing. With every number of the call as --source it prints
    the record of the draw, dated today, or appends it with --into.

    \b
    Example:   coopbooks draw main.beancount LA-2026
    CSV:       a row "draw", then rows "drawn", "skipped" and "sources"
    Exit 1:    the call or the recorded draw does not hold to the rules of the lottery
    """
    from coopbooks.books.writing import stamp

    since = stamp(into) if into else None
    with busy(f"Reading {call.ledger}"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        day = call.as_of or today(coop)
        found = coop.draw(lottery, sources, as_of=day)
    warn(call, coop)
    if call.as_of is None and (found.record or call.shape != "table"):
        say(f"{'dated' if found.record else 'judged as of'} {day}, today; `--as-of DATE` names another day")
    if found.record is None:
        publish(call, DRAW, found, Line(f"Judged as of {day}.", "quiet"), *no_record(coop))
        return int(found.breaks)
    hand_over(
        call,
        coop,
        found.record,
        into,
        since,
        dry=dry_run,
        answer=lambda written: found.model_copy(update={"written": written}).marked(found.breaks),
        form=DRAW,
        words=Words("the draw was appended", "the draw stands there already"),
    )
    for fault in found.faults:
        say(fault)
    return int(found.breaks)
