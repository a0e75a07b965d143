"""A plugin that does nothing, for `run.py`: what Beancount itself does once there is any plugin at all.

It sorts the entries again, and the keys it makes for that may set off one more pass of the garbage collector over the
whole ledger. At one size that costs several percent, at the next nothing, and no rule of ours has a part in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__plugins__ = ["idle"]


def idle(entries: Sequence[Any], _: Mapping[str, Any]) -> tuple[Sequence[Any], list[Any]]:
    """The entries as they are, and no error."""
    return entries, []
