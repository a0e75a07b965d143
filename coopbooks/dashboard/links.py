"""Where a page's figures lead: to the entries behind them and to the rule that demanded them.

The pages know only this protocol; Fava's addresses and the anchors of a page in one file are two forms of it.
"""

from __future__ import annotations

import re
from typing import Protocol

__all__ = ["Links", "anchor"]

_UNFIT = re.compile(r"[^A-Za-z0-9.:-]")


class Links(Protocol):
    """Makes addresses, as text that is not escaped yet; None where there is nothing to lead to."""

    def view(self, view: str, **query: str) -> str:
        """A page of the open book: `period`, `member` and `all` ("1") may be asked for."""
        ...

    def rule(self, place: str) -> str | None:
        """The record that stands at a place ("bylaws.beancount:7")."""
        ...

    def entries(self, account: str, period: str | None = None, *, person: str | None = None) -> str | None:
        """The postings on an account and below it, of a period by its name, and of one person."""
        ...

    def entry(self, place: str) -> str | None:
        """The one transaction at a place; a posting's place leads to its transaction."""
        ...

    def statement(self, member: str, period: str) -> str | None:
        """A member's statement of a fiscal year, as PDF."""
        ...


def anchor(sort: str, name: str) -> str:
    """The id of an element for a place or an account; two names have one id only if they are the same.

    >>> anchor("rule", "bylaws.beancount:7"), anchor("account", "Equity:Rücklage_A")
    ('rule-bylaws.beancount:7', 'account-Equity:R_fc_cklage_5f_A')
    """
    return f"{sort}-{_UNFIT.sub(lambda found: f'_{ord(found[0]):x}_', name)}"
