"""`surplus` and `close`: where the result of a year goes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coopbooks.cli.call import (
    Call,
    Form,
    answer_on_a_day,
    busy,
    keep_sealed,
    opened,
    publish,
    put,
    put_lines,
    say,
    show,
    takes_ledger,
    today,
    warn,
)
from coopbooks.cli.layout import Block, Column, Line, Screen, grid
from coopbooks.cli.sheet import leaves
from coopbooks.cli.words import clean, count_of, grouped, is_zero, percent, total
from coopbooks.errors import WriteRefused

if TYPE_CHECKING:
    from coopbooks.answers import Close
    from coopbooks.cooperative import Cooperative

__all__ = ["CLOSE", "SURPLUS", "close", "surplus"]

_STOPPED = {"until": "limit reached", "remainder": "what was left"}


def _blocks(data: dict[str, Any]) -> Iterator[Block]:
    if data["base"] is None:  # a ledger without coop records
        yield Line(f"Surplus of {data['period']}", "title")
        yield Line("No rule says where a surplus of these books goes.")
        return
    loss = data["base"].startswith("-")
    span = f"{data['starts']} to {data['ends']}, in {data['currency']}" if data["currency"] else ""
    yield Line(f"{'Loss' if loss else 'Surplus'} of {data['period']}{f' ({span})' if span else ''}", "title")
    if data["forecast"]:
        yield Line("This period is still open: the figures are a forecast.", "bad")
    yield grid([Column(""), Column("", number=True)], _sums(data))
    yield Line("Who bears it" if loss else "Where it goes, step by step", "title")
    if data["steps"]:
        yield _steps(data["steps"], "borne by" if loss else "goes to")
    else:
        yield Line("No step of the bylaws takes anything of it.")
    for people, title in (("members", "Members' parts"), ("workers", "Workers' parts")):
        if data[people]:
            yield Line(title, "title")
            yield _people(people[:-1], data[people])
    yield from _remarks(data)


def _remarks(data: dict[str, Any]) -> Iterator[Block]:
    """What is left over, and what a reader should know of how the figures came about."""
    left = data["unallocated"]
    if left.startswith("-"):
        yield Line(f"{grouped(left[1:])} of the loss is borne by nobody: the next surplus covers it first.")
    elif not is_zero(left):
        yield Line(
            f"{grouped(left)} has no place to go: give the last step of the bylaws `rest: TRUE`, or add a "
            "step that takes it.",
            "bad",
        )
    for amount in data["unpriced"]:
        yield Line(f"Not counted, since it has no price in {data['currency']}: {amount}.", "bad")
    if data["unplaced"]:
        years = ", ".join(data["unplaced"])
        yield Line(f"The surplus of {years} is not placed yet and is no part of this one: close that first.", "bad")
    for change in data["changes"]:
        effect = "reaches back into this period" if change["retroactive"] else "binds from the next period"
        yield Line(f"{change['rule']} was changed on {change['date']} ({change['place']}): it {effect}.")


def _sums(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """From the result to what the steps divide."""
    yield "Result of the period", grouped(data["result"])
    if not is_zero(data["adjustments"]):
        yield "Adjustments", grouped(data["adjustments"])
    if not is_zero(data["nonmember_result"]):
        yield "  by members' work", grouped(data["member_result"])
        yield "  by non-members' work", grouped(data["nonmember_result"])
    if not is_zero(data["carried_in"]):
        yield "Carried in from the period before", grouped(data["carried_in"])
    if not is_zero(data["earlier_losses"]):
        yield "Losses of earlier periods, covered first", grouped(f"-{data['earlier_losses']}")
    yield "To be placed", grouped(data["base"])


def _steps(steps: list[dict[str, Any]], to: str) -> Block:
    return grid(
        [
            Column("step", number=True),
            Column("name"),
            Column(to),
            Column("share", number=True, optional=True),
            Column("of", optional=True),
            Column("amount", number=True),
            Column("", optional=True),
            Column("rule", spare=True),
        ],
        [
            [
                "" if step["step"] is None else str(step["step"]),
                step["id"],
                step["to"],
                percent(step["share"]),
                step["of"] or "",
                grouped(step["amount"]),
                _STOPPED.get(step["stopped_by"] or "", step["stopped_by"] or ""),
                step["rule"] or "",
            ]
            for step in steps
        ],
    )


def _people(sort: str, rows: list[dict[str, Any]]) -> Block:
    money = ("amount", "cash", "retained", "declined")
    body = [
        [
            row["member"],
            grouped(row["patronage"]),
            percent(row["share"]),
            *(grouped(row[key]) for key in money),
        ]
        for row in rows
    ]
    if len(rows) > 1:
        body.append(["all", "", "", *(grouped(total(row[key] for row in rows)) for key in money)])
    columns = [Column(sort), Column("patronage", number=True), Column("share", number=True)]
    return grid(
        [*columns, *(Column(key, number=True, optional=key == "declined") for key in money)],
        body,
        total=len(rows) > 1,
    )


SURPLUS = Form(
    _blocks,
    (
        "part", "period", "starts", "ends", "currency", "result", "member_result", "nonmember_result",
        "adjustments", "carried_in", "earlier_losses", "base", "unallocated", "forecast", "unpriced", "unplaced",
        "id", "step", "to", "account", "share", "of", "amount", "stopped_by", "rule", "law", "decision",
        "member", "patronage", "cash", "retained", "declined", "place", "date", "retroactive",
    ),
    lambda data: leaves("surplus", data, ["period", "currency"]),
)  # fmt: skip


@click.command(short_help="Show what a year's surplus is and where it must go.")
@takes_ledger(judges_days=True)
@click.argument("period")
def surplus(call: Call, period: str) -> int:
    """Show what the surplus of PERIOD is and where your bylaws send it. Nothing is written.

    PERIOD is a fiscal year, named after the calendar year in which it ends: 2025. While it is still open the
    answer is a forecast and says so.

    \b
    Example:   coopbooks surplus main.beancount 2025
    CSV:       a row "surplus" with the sums, then rows "steps", "members" and "workers"
    Exit 1:    something is left over that no step of the bylaws takes
    """
    return answer_on_a_day(call, SURPLUS, lambda coop, day: coop.surplus(period, as_of=day))


CLOSE = Form(
    lambda data: [Line(line) for line in (data["transaction"] or "").splitlines()],
    ("transaction", "seal", "sha256", "written"),
    lambda data: [data],
)


@click.command(short_help="Print the entries that close a year, or append them.")
@takes_ledger(judges_days=True)
@click.argument("period")
@click.option("--into", metavar="FILE", type=click.Path(), help="Append them to this file, whole or not at all.")
@click.option("--dry-run", is_flag=True, help="With --into: show what would change in FILE and write nothing.")
@click.option("--decision", metavar="ID", help="The decision that amends a year that is closed already.")
def close(call: Call, period: str, into: str | None, dry_run: bool, decision: str | None) -> int:
    """Print the Beancount entries that close PERIOD: the surplus is placed as the bylaws say. Behind them stands the
    seal over all that the year's books then say; `coopbooks seal verify` and the plugin tell what changed since.

    With --into they go to the end of FILE, which keeps every byte that it has; a year that is still open is
    neither closed nor sealed. A second run changes nothing.

    \b
    Example:   coopbooks close main.beancount 2025 --into books/2025.beancount
    CSV:       one row: transaction, seal, sha256, written
    """
    from coopbooks.books.writing import stamp

    since = stamp(into) if into else None
    with busy(f"Reading {call.ledger}"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        day = call.as_of or today(coop)
        found = coop.close(period, decision=decision, as_of=day)
        ends = _open_until(coop, found, period, day)
    warn(call, coop)
    if ends and into and not dry_run:
        raise WriteRefused(f"{into}: nothing was written, since {period} is open until {ends}: wait for its end")
    if ends:
        say(f"{period} is open until {ends}: these entries are a forecast of its close")
    keep_sealed(coop.facts, found.text, into)
    if into is None:
        _print(call, found, period)
    elif dry_run:
        _preview(call, found, into)
    else:
        _write(call, found, into, period, since)
    return int(found.breaks)


def _open_until(coop: Cooperative, found: Close, period: str, day: date) -> str | None:
    """The last day of a period that is not over yet; None for one that is."""
    if found.transaction is None:
        return None
    forecast = coop.surplus(period, as_of=day)
    return forecast.ends if forecast.forecast else None


def _print(call: Call, found: Close, period: str) -> None:
    """The entries themselves; on a terminal without anything that could steer it."""
    if call.shape != "table":
        publish(call, CLOSE, found)
    elif not found.text:
        say(f"{period}: nothing is left to close")
    elif Screen.of(sys.stdout).width is None:
        put(found.text)
    else:
        click.echo("\n".join(clean(line) for line in found.text.splitlines()))


def _preview(call: Call, found: Close, into: str) -> None:
    from coopbooks.books.writing import dry_run

    difference = dry_run(into, found.text)
    if call.shape != "table":
        publish(call, CLOSE, found)
    elif difference:
        put_lines(difference)
    else:
        say(f"{into}: nothing would change")


def _write(call: Call, found: Close, into: str, period: str, since: str | None) -> None:
    from coopbooks.books.writing import append

    text = found.text
    written = append(into, text, since=since)
    if call.shape != "table":
        publish(call, CLOSE, found.model_copy(update={"written": written}))
    elif written:
        lines = count_of(len(text.splitlines()), "line was", "lines were")
        show(_written(into, lines, found, period))
    else:
        show([Line(f"{into}: nothing was changed, since nothing is left to close in {period}.")])
    if text and _is_elsewhere(call, found, period):
        name = Path(os.path.relpath(into, Path(call.ledger).parent)).as_posix()
        say(f'{call.ledger}: the ledger does not hold {into} yet: add the line `include "{name}"` to it')


def _written(into: str, lines: str, found: Close, period: str) -> Iterator[Line]:
    """What was done, and the short form of the seal for the minutes."""
    from coopbooks.rules.seals import short_form

    done = f"close {period}" if found.transaction else f"seal {period}"
    yield Line(f"{into}: {lines} appended, which {done}.", "good")
    if found.seal and found.sha256:
        yield Line(f"The seal of {period}, for the minutes: {short_form(found.sha256)}")


def _is_elsewhere(call: Call, found: Close, period: str) -> bool:
    """Whether the ledger, read again, still misses what was written: the file is none of its own."""
    with busy(f"Reading {call.ledger} again"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        if found.seal is not None:
            return all(row.sha256 != found.sha256 for row in coop.seals().rows)
        return coop.close(period).transaction is not None
