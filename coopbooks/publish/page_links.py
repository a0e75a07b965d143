"""Links of the page in one file: every address is an anchor in the same file, or there is none."""

from __future__ import annotations

from coopbooks.bylaws import Bylaws
from coopbooks.dashboard.links import anchor
from coopbooks.errors import UnknownPeriod
from coopbooks.publish.journal import Journal
from coopbooks.publish.names import component

__all__ = ["PageLinks"]


class PageLinks:
    """The anchors of one page. `views` are the ids of its sections, those of single years and people among them."""

    def __init__(self, rules: Bylaws, journal: Journal, views: frozenset[str]) -> None:
        """`rules` are those of the published ledger."""
        self._rules, self._journal, self._views = rules, journal, views
        self._records = frozenset(str(record.place) for record in rules.facts.records)

    def anchor(self, sort: str, name: str) -> str:
        """The id of an element for a place or an account."""
        return anchor(sort, name)

    def view(self, view: str, **query: str) -> str:
        """The section of a question, of one year, of one person or of all time where the page has it."""
        narrower = [f"{view}-{query[key]}" for key in ("period", "member") if key in query]
        narrower += [f"{view}-all"] if query.get("all") == "1" else []
        return f"#{next((name for name in narrower if name in self._views), view)}"

    def rule(self, place: str) -> str | None:
        """The record that stands at a place."""
        return f"#{anchor('rule', place)}" if place in self._records else None

    def entries(self, account: str, period: str | None = None, *, person: str | None = None) -> str | None:
        """The account's sheet, at the first posting of a period; of a person, on the account that is theirs."""
        names = self._journal.accounts_below(account)
        if not names:
            return None
        own = [] if person is None else [name for name in names if component(person) in name.split(":")]
        where = own[0] if own else account
        found = None if period is None else self._first(where, period)
        return f"#{found or anchor('account', where)}"

    def _first(self, account: str, period: str) -> str | None:
        try:
            days = self._rules.calendar.named(period)
        except UnknownPeriod:
            return None
        return self._journal.id_of_postings(account, days.starts, days.ends)

    def entry(self, place: str) -> str | None:
        """The entry that stands at a place."""
        line = place.rpartition(":")[2]
        found = self._journal.id_of_entry(int(line)) if line.isdecimal() else None
        return None if found is None else f"#{found}"

    def statement(self, member: str, period: str) -> str | None:
        """None: a statement is a file of its own."""
        del member, period
        return None
