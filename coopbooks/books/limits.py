"""How much of everything a ledger that someone sent may take, and which plugins of Beancount it may name."""

from __future__ import annotations

from coopbooks.rows import NamedTuple

__all__ = ["PLUGINS_TAKEN", "UNTRUSTED", "Limits"]

UNTRUSTED = "untrusted"
"""The rule of every finding that says what was refused to a ledger that somebody sent."""

MEBIBYTE = 1 << 20


class Limits(NamedTuple):
    """What one load may take; more is refused in one sentence.

    `seconds` are of the processor and `clock` of the clock, which runs on a busy machine too; `memory` is the address space
    in bytes. `file_bytes` and `total_bytes` bound one file and all together, `files` their number, `looked_at` the names
    that patterns in `include` may be compared with, `findings` how many refusals and errors are named, and `answer_bytes`
    what may come back.
    """

    seconds: int = 20
    clock: int = 90
    memory: int = 1024 * MEBIBYTE
    file_bytes: int = 64 * MEBIBYTE
    total_bytes: int = 128 * MEBIBYTE
    files: int = 1_000
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
