"""`members --redeem`, `--exit` and `--debts`: what is paid back, what a leaver's capital becomes, and what is still owed."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from coopbooks.cli.call import Call, Form, answer_on_a_day, busy, opened, publish, put, say, today, warn
from coopbooks.cli.layout import Block, Column, Line, Screen, grid
from coopbooks.cli.sheet import leaves
from coopbooks.cli.words import clean, grouped, is_zero

if TYPE_CHECKING:
    from coopbooks.answers import ProposedExit, Redemption

__all__ = ["DEBTS", "EXIT", "QUEUE", "REDEMPTION", "money", "show_debts", "show_exit", "show_queue", "show_redemption"]

# Fifteen digits before the point: more than there is money, and few enough for exact arithmetic.
_MONEY = re.compile(r"[0-9][0-9,]{0,18}(\.[0-9]{1,9})?")


def money(_: click.Context, __: click.Parameter, text: str | None) -> Decimal | None:
    """The sum that an option names, with or without commas between thousands."""
    if text is None:
        return None
    if _MONEY.fullmatch(text):
        return Decimal(text.replace(",", ""))
    raise click.BadParameter(f'"{text}" is no sum of money: write it as 1500.00, without its currency')


# -- the queue -------------------------------------------------------------------------------------------------------


def _queue(rows: list[dict[str, Any]]) -> Iterator[Block]:
    yield Line("Redemption queue", "title")
    if not rows:
        yield Line("No capital waits to be paid back.")
        return
    body = [
        [
            row["period"] or "",
            row["member"],
            grouped(row["amount"]),
            row["redeem_on"] or "",
            "yes" if row["due"] else "",
        ]
        for row in rows
    ]
    heads = ("vintage", "member", "amount", "to be paid back", "due")
    yield grid([Column(head, number=head == "amount", optional=head in heads[3:]) for head in heads], body)


QUEUE = Form(_queue, ("member", "period", "account", "amount", "redeem_on", "due"), lambda rows: rows, amounts=True)


def show_queue(call: Call) -> int:
    """The redemption queue on the call's day."""
    return answer_on_a_day(call, QUEUE, lambda coop, day: coop.queue(day))


# -- redemption ------------------------------------------------------------------------------------------------------


def _transaction(data: dict[str, Any]) -> Iterator[Block]:
    for line in (data["transaction"] or "").splitlines():
        yield Line(line)


def _redeemed(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from leaves("redemption", data)


REDEMPTION = Form(
    _transaction,
    (
        "part", "as_of", "redeem", "short", "asked", "redeemed", "left", "why_left", "paid_from", "transaction",
        "member", "period", "account", "amount", "redeem_on", "due",
    ),
    _redeemed,
)  # fmt: skip


def show_redemption(call: Call, amount: Decimal, source: str | None) -> int:
    """The transactions that pay back a sum, as text that can stand in the ledger; what is left of it on stderr."""
    with busy(f"Reading {call.ledger}"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        day: date = call.as_of or today(coop)
        found = coop.redemption(amount, day, source)
    warn(call, coop)
    if call.as_of is None:
        say(f"dated {day}, today; `--as-of DATE` names another day")
    _print(call, REDEMPTION, found, f"no capital can be paid back on {day}: {found.why_left}")
    if found.transaction is not None and not is_zero(found.left):
        say(f"{grouped(found.left)} of the {grouped(found.asked)} {coop.currency} are left over: {found.why_left}")
    return int(found.breaks)


# -- exit ------------------------------------------------------------------------------------------------------------

EXIT = Form(_transaction, ("member", "exit", "cause", "rule", "transaction"), lambda data: [data])


def show_exit(call: Call, member: str) -> int:
    """The transaction that turns a leaver's capital into a debt, as text that can stand in the ledger."""
    with busy(f"Reading {call.ledger}"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        found = coop.exit(member)
    warn(call, coop)
    _print(call, EXIT, found, f"nothing of the capital of {member}, who left on {found.exit}, is still to be moved")
    return int(found.breaks)


def _print(call: Call, form: Form, found: Redemption | ProposedExit, nothing: str) -> None:
    """The entries themselves; on a terminal without anything that could steer it."""
    if call.shape != "table":
        publish(call, form, found)
    elif found.transaction is None:
        say(nothing)
    elif Screen.of(sys.stdout).width is None:
        put(found.transaction)
    else:
        click.echo("\n".join(clean(line) for line in found.transaction.splitlines()))


# -- debts -----------------------------------------------------------------------------------------------------------

_SUMS = ("capital", "deductions", "set_off", "owed", "interest", "losses", "paid", "balance", "overdue")


def _debts(rows: list[dict[str, Any]]) -> Iterator[Block]:
    yield Line("Debts to former members", "title")
    if not rows:
        yield Line("Nothing is owed to a former member.")
        return
    optional = ("deductions", "set_off", "interest", "losses", "overdue")
    yield grid(
        [
            Column("member"),
            Column("exit"),
            *(Column(key.replace("_", " "), number=True, optional=key in optional) for key in _SUMS),
        ],
        [[row["member"], row["exit"], *(grouped(row[key]) for key in _SUMS)] for row in rows],
    )
    plan = [(row["member"], each) for row in rows for each in row["instalments"]]
    if plan:
        yield Line("Instalments", "title")
        yield grid(
            [
                Column("member"),
                Column("due"),
                *(
                    Column(key, number=True, optional=key == "interest")
                    for key in ("principal", "interest", "amount", "paid")
                ),
            ],
            [
                [member, each["due"], *(grouped(each[key]) for key in ("principal", "interest", "amount", "paid"))]
                for member, each in plan
            ],
        )
    for member, each in plan:
        if each["overdue"]:
            left = grouped(f"{Decimal(each['amount']) - Decimal(each['paid']):f}")
            yield Line(f"{left} to {member} was due on {each['due']}: pay it now.", "bad")


def _debt_rows(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield from leaves("debt", row, ["member", "exit"])


DEBTS = Form(
    _debts,
    ("part", "member", "exit", "cause", *_SUMS, "due", "principal", "amount", "rule"),
    _debt_rows,
    amounts=True,
)


def show_debts(call: Call) -> int:
    """What is owed to former members on the call's day, and each instalment."""
    return answer_on_a_day(call, DEBTS, lambda coop, day: coop.debts(day))
