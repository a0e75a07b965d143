"""Queries that the open book adds to a ledger, for Fava's query page and bean-query.

They go by what postings say of themselves (`worker`, `hours`, `ally`, `decision`, `#coop-close`) and, for
funds and capital, by the customary names of accounts. They hold on any ledger, an empty one too. Fava shows
a name whole only when it is shorter than 25 characters.
"""

from __future__ import annotations

from coopbooks.rows import NamedTuple

__all__ = ["QUERIES", "SavedQuery"]


class SavedQuery(NamedTuple):
    """A query by name, in Beancount's query language."""

    name: str
    text: str


# `account_sortkey` begins with the sort of an account (1 liabilities, 2 equity, 4 expenses), whatever a
# ledger calls its roots. Hours of a correction subtract, as its pay does.
QUERIES: tuple[SavedQuery, ...] = (
    SavedQuery(
        "Pay by month",
        "SELECT year, month, coalesce(str(any_meta('worker')), leaf(account)) AS person, "
        "sum(position) AS pay, sum(decimal(meta('hours')) * (1 - 2 * int(number < 0))) AS hours "
        "WHERE account_sortkey(account) ~ '^4' "
        "AND (any_meta('worker') IS NOT NULL OR meta('hours') IS NOT NULL) "
        "GROUP BY year, month, person ORDER BY year DESC, month DESC, person",
    ),
    SavedQuery(
        "Where surplus went",
        "SELECT date, account, neg(sum(position)) AS amount WHERE 'coop-close' IN tags AND number < 0 "
        "GROUP BY date, account ORDER BY date DESC, account",
    ),
    SavedQuery(
        "Fund movements",
        "SELECT date, account, narration, neg(units(position)) AS amount, "
        "str(entry_meta('source')) AS source, str(entry_meta('decision')) AS decision "
        "WHERE account_sortkey(account) ~ '^[12]' AND account ~ 'Fund' ORDER BY date DESC, account",
    ),
    SavedQuery(
        "Members' capital",
        "SELECT account, neg(sum(position)) AS capital "
        "WHERE account_sortkey(account) ~ '^[12]' AND account ~ 'Capital' GROUP BY account ORDER BY account",
    ),
    SavedQuery(
        "Owed to people",
        "SELECT leaf(account) AS person, neg(sum(position)) AS owed "
        "WHERE account_sortkey(account) ~ '^1' AND account ~ ':(Patronage|FormerMembers):' "
        "GROUP BY person ORDER BY person",
    ),
    SavedQuery(
        "Spent by decision",
        "SELECT date, str(entry_meta('decision')) AS decision, narration, account, position "
        "WHERE entry_meta('decision') IS NOT NULL AND number > 0 ORDER BY date DESC, decision",
    ),
    SavedQuery(
        "Money from allies",
        "SELECT date, str(meta('ally')) AS ally, account, position, str(meta('conditions')) AS conditions "
        "WHERE meta('ally') IS NOT NULL ORDER BY date DESC, ally",
    ),
)
