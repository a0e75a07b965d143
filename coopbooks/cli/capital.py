"""`members`: capital accounts by vintage, what members bring in, and the interest on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from coopbooks.cli.call import (
    Call,
    Form,
    answer,
    busy,
    in_currency,
    no_record,
    opened,
    publish,
    takes_ledger,
    today,
    warn,
)
from coopbooks.cli.layout import Block, Column, Line, grid
from coopbooks.cli.redemption import DEBTS, QUEUE, money, show_debts, show_exit, show_queue, show_redemption
from coopbooks.cli.sheet import leaves
from coopbooks.cli.words import clean, difference, exceeds, grouped, is_zero, percent, total

if TYPE_CHECKING:
    from coopbooks.cooperative import Cooperative

__all__ = ["INTEREST", "MEMBERS", "members"]

_FLOWS = ("opening", "credited", "interest", "losses", "redeemed", "balance")


def _blocks(rows: list[dict[str, Any]]) -> Iterator[Block]:
    yield Line("Members' capital accounts", "title")
    if not rows:
        yield Line("No member has a capital account here.")
        return
    body = [[row["member"], *(grouped(row[flow]) for flow in _FLOWS)] for row in rows]
    if len(rows) > 1:
        body.append(["all", *(grouped(total(row[flow] for row in rows)) for flow in _FLOWS)])
    yield grid(
        [
            Column("member"),
            *(Column(flow, number=True, optional=flow in ("interest", "losses", "redeemed")) for flow in _FLOWS),
        ],
        body,
        total=len(rows) > 1,
    )
    vintages = [(row["member"], vintage) for row in rows for vintage in row["vintages"]]
    if vintages:
        yield Line("By vintage: the year that each part was credited for", "title")
        yield grid(
            [
                Column("member"),
                Column("vintage"),
                *(Column(flow, number=True, optional=flow != "credited") for flow in _FLOWS[:-1]),
                Column("amount", number=True),
                Column("to be paid back", optional=True),
            ],
            [
                [
                    member,
                    part["period"] or part["account"].rpartition(":")[2],
                    *(grouped(part[flow]) for flow in _FLOWS[:-1]),
                    grouped(part["amount"]),
                    part["redeem_on"] or "",
                ]
                for member, part in vintages
            ],
        )

    yield from _brought_in(rows)


def _brought_in(rows: list[dict[str, Any]]) -> Iterator[Block]:
    """Buy-in and entry fee of everyone whom the bylaws ask for one."""
    asked = [row for row in rows if row["buy_in"] is not None or row["entry_fee"] is not None]
    if asked:
        yield Line("What the bylaws ask a member to bring in", "title")
        yield grid(
            [
                Column("member"),
                Column("buy-in", number=True, optional=True),
                Column("brought in", number=True, optional=all(row["buy_in"] is None for row in asked)),
                Column("still to pay", number=True, optional=True),
                Column("entry fee", number=True, optional=True),
                Column("fee paid", number=True, optional=all(is_zero(row["entry_fee"]) for row in asked)),
                Column("by"),
            ],
            [
                [
                    row["member"],
                    *(grouped(text) for text in (row["buy_in"], row["brought_in"], _still_to_pay(row))),
                    *(grouped(row[key]) for key in ("entry_fee", "fee_paid")),
                    row["buy_in_due"] or "",
                ]
                for row in asked
            ],
        )


def _still_to_pay(row: dict[str, Any]) -> str | None:
    """What is missing of the buy-in, whether or not it was booked as a subscription; nothing for whoever has left."""
    asked, came = row["buy_in"], row["brought_in"]
    if asked is None or row["buy_in_due"] is None:
        return None
    return difference(asked, came if exceeds(asked, came) else asked)


def _rows(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield from leaves("member", row, ["member"])


_TERMS = ("buy_in", "brought_in", "unpaid", "buy_in_due", "entry_fee", "fee_paid")

MEMBERS = Form(
    _blocks,
    ("part", "member", *_FLOWS, *_TERMS, "period", "account", "amount", "redeem_on"),
    _rows,
    amounts=True,
)


def _interest_blocks(found: dict[str, Any]) -> Iterator[Block]:
    yield Line(f"Interest on members' capital of {found['period']}", "title")
    if found["rule"] is None and not found["rows"]:
        yield Line("The bylaws promise none: `interest` of bylaw capital would.")
        return
    if found["rule"] is not None:
        on = {"average": "by days", "opening": "on the year's first day", "closing": "on its last day"}[found["on"]]
        capped = ", cut to what interest-at-most allows" if found["capped"] else ""
        yield Line(
            f"{percent(found['rate'])} a year on paid-up capital, {on}{capped} (bylaw capital at {found['rule']})."
        )
    yield grid(
        [Column("member"), *(Column(key, number=True) for key in ("capital", "owed", "posted", "missing"))],
        [
            *([row["member"], *(grouped(row[key]) for key in _INTEREST)] for row in found["rows"]),
            ["all", "", *(grouped(found[key]) for key in ("owed", "posted", "missing"))],
        ],
        total=True,
    )
    if found["transaction"] is None:
        yield Line("Nothing is missing in the books.", "good")
    else:
        yield Line("What is missing, to be pasted into the books before the year is closed", "title")
        for line in found["transaction"].splitlines():
            yield Line(clean(line))


_INTEREST = ("capital", "owed", "posted", "missing")

INTEREST = Form(_interest_blocks, ("member", *_INTEREST), lambda found: found["rows"], amounts=True)


@click.command(short_help="Show each member's capital account.")
@takes_ledger(judges_days=True)
@click.option("--member", metavar="ID", help="Only this member.")
@click.option("--period", metavar="PERIOD", help="Only what came and went in this year, quarter or month.")
@click.option(
    "--interest", "year", metavar="YEAR", help="The interest that the bylaws owe on capital in a year instead."
)
@click.option("--queue", is_flag=True, help="The redemption queue instead.")
@click.option("--debts", is_flag=True, help="What is owed to former members instead.")
@click.option("--redeem", "amount", metavar="AMOUNT", callback=money, help="Print the entries that pay so much back.")
@click.option("--from", "source", metavar="ACCOUNT", help="With --redeem: the account that the money comes from.")
@click.option("--exit", "leaver", metavar="ID", help="Print the entry that makes a debt of a leaver's capital.")
def members(
    call: Call,
    member: str | None,
    period: str | None,
    year: str | None,
    queue: bool,
    debts: bool,
    amount: Decimal | None,
    source: str | None,
    leaver: str | None,
) -> int:
    """Show each member's capital account: what came in, what went out, and what is left from which year.

    Then who waits for capital, in which order, and what is owed to former members.

    \b
    Example:   coopbooks members main.beancount --member m03
    A year:    coopbooks members main.beancount --period 2025
    Interest:  coopbooks members main.beancount --interest 2025
    Redeem:    coopbooks members main.beancount --redeem 5000.00 --as-of 2026-06-30
    CSV:       a row "member" each, and a row "vintages" for each year's part
    """
    others = (amount, leaver, year, queue or None, debts or None)
    if sum(each is not None for each in (member, *others)) > 1:
        raise click.UsageError("give only one of --member, --interest, --queue, --debts, --redeem and --exit")
    if period is not None and any(each is not None for each in others):
        raise click.UsageError("--period is of the capital accounts alone: leave it out, or what it stands beside")
    if source is not None and amount is None:
        raise click.UsageError("--from names where the money of --redeem comes from: give --redeem too")
    if amount is not None:
        return show_redemption(call, amount, source)
    if leaver is not None:
        return show_exit(call, leaver)
    if year is not None:
        return answer(call, INTEREST, lambda coop: coop.interest(year))
    if queue or debts:
        return show_queue(call) if queue else show_debts(call)
    return show_members(call, member, period)


def show_members(call: Call, member: str | None, period: str | None) -> int:
    """The capital accounts; for people also who waits for capital and what former members are owed."""
    with busy(f"Reading {call.ledger}"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        found = coop.members(member, period)
        whole = call.shape == "table" and member is None and period is None
        day = call.as_of or today(coop)
        beside = list(_beside(coop, day)) if whole else []
    warn(call, coop)
    judged = [Line(f"Judged as of {day}.", "quiet")] if beside else []
    publish(call, MEMBERS, found, *beside, *in_currency(MEMBERS, found, coop), *judged, *no_record(coop))
    return int(found.breaks)


def _beside(coop: Cooperative, day: date) -> Iterator[Block]:
    queue, debts = coop.queue(day).to_data(), coop.debts(day).to_data()
    if queue:
        yield from QUEUE.blocks(queue)
    if debts:
        yield from DEBTS.blocks(debts)
