"""Fava's page of one account, at a price that has a bound: its newest entries, and its balances over time.

Fava works out every balance of every entry and shows them all, and adds up the whole book for each interval anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any

from fava.beans.abc import Directive
from fava.beans.account import account_tester, get_entry_accounts
from fava.beans.helpers import slice_entry_dates
from fava.context import g
from fava.core import FavaLedger, FilteredLedger
from fava.core.inventory import CounterInventory
from fava.core.tree import Tree
from fava.internal_api import ChartApi
from fava.json_api import AccountReportJournal, FavaJSONAPIError
from fava.util.date import DateRange, Interval
from flask import get_template_attribute
from flask_babel import gettext

from coopbooks.serve.refusals import TOO_LARGE

__all__ = ["account_page", "balances_of", "budget_days"]

JOURNAL = "_journal_table.html"
LINES_MAX = 1_000
CELLS_MAX = 5_000
"""So many balances of an account in an interval are worked out; 500 kB hold fewer."""
BUDGET_DAYS_MAX = 400_000
"""So many days of budgets are added up; Fava adds up each day of each account's budget for each interval anew."""

Row = tuple[int, Directive, Any, Any]


class TooLarge(FavaJSONAPIError):
    """What would be too large an answer, said before it is worked out."""

    def __init__(self) -> None:
        super().__init__(TOO_LARGE.sentence)

    @property
    def status(self) -> HTTPStatus:
        """What the door makes a refusal of."""
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def account_page(account: str) -> AccountReportJournal:
    """An account's newest entries, and a line that says how many came before."""
    charts = [
        ChartApi.account_balance(account),
        ChartApi.interval_totals(g.interval, account, label=gettext("Changes")),
    ]
    count, rows = _newest(g.ledger, g.filtered, account)
    contents = get_template_attribute(JOURNAL, "journal_table_contents")
    journal = contents(rows, show_change_and_balance=True)
    left_out = count - len(rows)
    return AccountReportJournal(charts, journal=_more(left_out) + journal if left_out else journal)


def balances_of(
    ledger: FavaLedger, filtered: FilteredLedger, interval: Interval, account: str, *, accumulate: bool
) -> tuple[Sequence[Tree], Sequence[DateRange]]:
    """The balances of an account and those below it in each interval, the newest first, as Fava has them.

    With `accumulate` all that came before counts too. Raises TooLarge.
    """
    ranges = filtered.interval_ranges(interval)
    accounts = [name for name in ledger.accounts if name.startswith(account)]
    if len(accounts) * len(ranges) > CELLS_MAX or budget_days(ledger, accounts, ranges) > BUDGET_DAYS_MAX:
        raise TooLarge
    trees = []
    balances: dict[str, CounterInventory] = defaultdict(CounterInventory)
    begins = date.min
    for each in ranges:
        if not accumulate:
            balances, begins = defaultdict(CounterInventory), each.begin
        for entry in slice_entry_dates(filtered.entries, begins, each.end):
            for posting in getattr(entry, "postings", ()):
                if posting.account.startswith(account):
                    balances[posting.account].add_position(posting)
        begins = each.end
        tree = Tree(None, accounts)
        for name, balance in sorted(balances.items()):
            tree.insert(name, balance)
        trees.append(tree)
    return trees[::-1], ranges[::-1]


def budget_days(ledger: FavaLedger, accounts: Sequence[str], ranges: Sequence[DateRange]) -> int:
    """Over how many days Fava adds up budgets for a table of these accounts in these intervals."""
    budgets = list(ledger.budgets._budget_entries)  # noqa: SLF001  # Fava has no other way to them
    if not budgets or not ranges:
        return 0
    added_up = sum(1 + name.startswith(above) for name in budgets for above in accounts)
    return added_up * len(ranges) * (ranges[-1].end - ranges[0].begin).days // 2


def _newest(ledger: FavaLedger, filtered: FilteredLedger, account: str) -> tuple[int, list[Row]]:
    """How many entries an account has, and the last of them whose lines fit on a page, newest first."""
    found = list(_entries(ledger, filtered, account))
    first = _first_shown([entry for _, entry, _ in found])
    rows: list[Row] = []
    balance = CounterInventory()
    for number, (index, entry, postings) in enumerate(found):
        change = CounterInventory()
        for posting in postings:
            balance.add_position(posting)
            change.add_position(posting)
        if number >= first:
            day = entry.date
            rows.append(
                (index, entry, g.conv.apply(change, ledger.prices, day), g.conv.apply(balance, ledger.prices, day))
            )
    return len(found), rows[::-1]


def _entries(
    ledger: FavaLedger, filtered: FilteredLedger, account: str
) -> Iterator[tuple[int, Directive, Sequence[Any]]]:
    """The entries of an account: each with its number among all, and its postings there."""
    is_its = account_tester(account, with_children=ledger.fava_options.account_journal_include_children)
    for index, entry in enumerate(filtered.entries_without_prices):
        postings = getattr(entry, "postings", None)
        if postings is None:
            if any(is_its(name) for name in get_entry_accounts(entry)):
                yield index, entry, ()
            continue
        own = [posting for posting in postings if is_its(posting.account)]
        if own:
            yield index, entry, own


def _first_shown(entries: Sequence[Directive]) -> int:
    """The number of the first entry that is shown: those from it on fit on a page."""
    lines, first = 0, len(entries)
    for entry in reversed(entries):
        lines += 2 + len(entry.meta or ()) + 2 * len(getattr(entry, "postings", ()))
        if lines > LINES_MAX and first < len(entries):
            break
        first -= 1
    return first


def _more(count: int) -> str:
    return (
        "<li class='note'><p><span class='datecell'></span><span class='flag'></span><span class='description'>"
        f"{count:,} earlier entries are not shown: choose a time above, as 2025 or 2025-03</span></p></li>"
    )
