"""How much of everything a ledger that someone sent may take, and which plugins of Beancount it may name."""

from __future__ import annotations

import os

from coopbooks.errors import LedgerUnusable
from coopbooks.rows import NamedTuple

__all__ = ["MORE_TIME", "PLUGINS_TAKEN", "SECONDS", "UNTRUSTED", "Limits", "seconds_given"]

UNTRUSTED = "untrusted"
"""The rule of every finding that says what was refused to a ledger that somebody sent."""

MEBIBYTE = 1 << 20

SECONDS = 28
"""Seconds of the clock that one command may take with a ledger that somebody sent: its start makes them thirty."""

_VARIABLE = "COOPBOOKS_SECONDS"
_LONGEST = 86_400

MORE_TIME = f"or give large books more time, as five minutes with {_VARIABLE}=300"
"""The cure for whoever expects so much of a ledger."""


def seconds_given() -> int:
    """The seconds that whoever sits at this machine gives a ledger that somebody sent: COOPBOOKS_SECONDS, or what is usual.

    Raises LedgerUnusable where the variable says no such number.
    """
    text = os.environ.get(_VARIABLE, "")
    if not text:
        return SECONDS
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(_LONGEST)) and 1 <= int(text) <= _LONGEST):
        raise LedgerUnusable(f'{_VARIABLE} is "{text}": write whole seconds from 1 to {_LONGEST:,}, as {_VARIABLE}=300')
    return int(text)


class Limits(NamedTuple):
    """What one load may take; more is refused in one sentence.

    `seconds` are of the clock, and as many of the processor; `memory` is the address space in bytes. `digits` bounds a
    number, before the point and behind it. `file_bytes` and `total_bytes` bound one file and all together, `files` their
    number, `looked_at` the names that patterns in `include` may be compared with, `findings` how many refusals and errors
    are named, and `answer_bytes` what may come back.
    """

    seconds: int = SECONDS
    memory: int = 1024 * MEBIBYTE
    file_bytes: int = 64 * MEBIBYTE
    total_bytes: int = 128 * MEBIBYTE
    files: int = 1_000
    digits: int = 100
    looked_at: int = 20_000
    findings: int = 2_000
    answer_bytes: int = 256 * MEBIBYTE


PLUGINS_TAKEN = frozenset(
    f"beancount.plugins.{name}"
    for name in (
        "auto",
        "auto_accounts",
        "check_average_cost",
        "check_closing",
        "check_commodity",
        "check_drained",
        "close_tree",
        "coherent_cost",
        "implicit_prices",
        "leafonly",
        "noduplicates",
        "nounused",
        "onecommodity",
        "pedantic",
        "sellgains",
        "unique_prices",
    )
)
"""Plugins that come with Beancount, work without a configuration, and read nothing but the entries they are given."""
