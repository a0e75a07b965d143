"""Derived ledgers: what members, auditors and the public may see of the books, each made anew from a list.

`view_of` makes a view, `view_text` writes it as a ledger, `page_of` draws that ledger as a page. What the list in `lists`
does not name is in none of them.
"""

from __future__ import annotations

from coopbooks.publish.lists import AUDIENCES
from coopbooks.publish.page import ledger_in, page_mark, page_of
from coopbooks.publish.text import changed_since, mark, view_text
from coopbooks.publish.view import View, view_of

__all__ = [
    "AUDIENCES",
    "View",
    "changed_since",
    "ledger_in",
    "mark",
    "page_mark",
    "page_of",
    "view_of",
    "view_text",
]
