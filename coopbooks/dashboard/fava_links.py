"""Where figures lead within Fava: to its account pages and its journal, with the filters that leave what was counted."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import request, url_for

from coopbooks.books.entries import Places
from coopbooks.bylaws import Bylaws
from coopbooks.dashboard.links import anchor
from coopbooks.errors import UnknownPeriod
from coopbooks.periods import FiscalCalendar, Period, month_of

if TYPE_CHECKING:
    from fava.core import FavaLedger

    from coopbooks.cooperative import Cooperative

__all__ = ["FAVA_FILTERS", "FavaLinks", "Signposts", "filters_set"]

FAVA_FILTERS = ("account", "filter", "time")


class Stand(NamedTuple):
    """Where a transaction stands, as Fava's filter can find it."""

    file: str
    line: int
    date: date


class Signposts:
    """What there is to lead to in one state of a ledger: worked out once, when it is first asked for."""

    def __init__(self, ledger: FavaLedger, books: Cooperative | None) -> None:
        self._entries, self._accounts = ledger.all_entries, frozenset(ledger.accounts)
        self._places = Places(str(ledger.options.get("filename") or ""))
        self._books = books

    def make_ready(self) -> None:
        """Work out everything now."""
        for name, value in vars(Signposts).items():
            if isinstance(value, cached_property):
                getattr(self, name)

    @cached_property
    def rules(self) -> Collection[str]:
        """The places of all records."""
        return frozenset() if self._books is None else {str(record.place) for record in self._books.facts.records}

    @cached_property
    def accounts(self) -> Collection[str]:
        """Every account, and every one above it."""
        parts = (account.split(":") for account in self._accounts)
        return {":".join(names[:count]) for names in parts for count in range(1, len(names) + 1)}

    @cached_property
    def stands(self) -> dict[str, Stand]:
        """Where each transaction stands, by its own place and by those of its postings."""
        found: dict[str, Stand] = {}
        for entry in self._entries:
            postings = getattr(entry, "postings", None)
            if postings is None:
                continue
            place = self._places.of(entry.meta)
            stand = Stand(place.file, place.line, entry.date)
            for each in (place, *(self._places.of(posting.meta) for posting in postings if posting.meta)):
                found.setdefault(str(each), stand)
        return found

    @cached_property
    def _calendar(self) -> FiscalCalendar | None:
        return None if self._books is None else Bylaws(self._books.facts).calendar

    @cached_property
    def _payees(self) -> Mapping[str, set[str]]:
        return {} if self._books is None else Bylaws(self._books.facts).wages

    def is_own(self, account: str, person: str) -> bool:
        """Whether an account is for one person's pay alone; its postings need not name that person then."""
        return self._payees.get(account) == {person}

    def period(self, name: str) -> Period | None:
        """The days of a period, by this cooperative's fiscal year; None for no period's name."""
        if self._calendar is None:
            return None
        try:
            return self._calendar.named(name)
        except UnknownPeriod:
            return None


class FavaLinks:
    """The links of one page that was asked for: Fava adds the ledger and its own filters, this the day of judgement."""

    def __init__(self, extension: str, signposts: Signposts, as_of: str | None) -> None:
        """`as_of` is the day that the address asks for; it goes along to the other views."""
        self._extension = extension
        self._signposts = signposts
        self._as_of = {} if as_of is None else {"as_of": as_of}

    def view(self, view: str, **query: str) -> str:
        """A page of the open book."""
        values: dict[str, Any] = {"extension_name": self._extension, "view": view, **self._as_of, **query}
        return url_for("extension_report", **values)

    def rule(self, place: str) -> str | None:
        """The record on the page of rules."""
        if place not in self._signposts.rules:
            return None
        return f"{self.view('rules')}#{anchor('rule', place)}"

    def entries(self, account: str, period: str | None = None, *, person: str | None = None) -> str | None:
        """Fava's page of the account, of the period's days; of a person, what was paid for the period as well."""
        if account not in self._signposts.accounts:
            return None
        days = None if period is None else self._signposts.period(period)
        if period is not None and days is None:
            return None
        filters = dict.fromkeys(FAVA_FILTERS)
        if person is not None:
            filters["filter"] = _person_filter(person, days, own=self._signposts.is_own(account, person))
        elif days is not None:
            filters["time"] = f"{days.starts} to {days.ends}"
        if person is not None and filters["filter"] is None and not self._signposts.is_own(account, person):
            return None
        return _fava("account", name=account, **filters)

    def entry(self, place: str) -> str | None:
        """Fava's journal with the one transaction."""
        stand = self._signposts.stands.get(place)
        if stand is None or '"' in stand.file:
            return None
        ending = f"(^|/){_literal(stand.file)}$"
        text = f'lineno:"^{stand.line}$" date:"^{stand.date}$" filename:"{ending}"'
        return _fava("report", report_name="journal", account=None, filter=text, time=None)

    def statement(self, member: str, period: str) -> str | None:
        """The member's statement, which the extension sends."""
        return beside(self._extension, "statement.pdf", member=member, period=period)


def beside(extension: str, name: str, **query: str) -> str:
    """The address of a file that the extension sends, beside its page."""
    # A variable of Fava's route is called `endpoint`, as is the first argument of `url_for`: so by hand.
    values: dict[str, Any] = {"extension_name": extension, **dict.fromkeys(FAVA_FILTERS), **query}
    path, _, rest = url_for("extension_report", **values).partition("?")
    return f"{path}{name}?{rest}"


def filters_set() -> dict[str, str]:
    """Fava's own filters that are set; this page always reads the whole book."""
    return {name: value for name in FAVA_FILTERS if (value := request.args.get(name))}


def _fava(endpoint: str, **values: str | None) -> str:
    """An address of Fava's; a filter that is None is not taken over from the page that is shown."""
    given: dict[str, Any] = values
    return url_for(endpoint, **given)


def _literal(text: str) -> str:
    """A text as part of a regular expression within the quotes of Fava's filter."""
    return re.sub(r"[^\w/-]", lambda found: f"[{found[0]}]" if found[0] not in "^\\[]" else f"\\{found[0]}", text)


def _person_filter(person: str, days: Period | None, *, own: bool) -> str | None:
    """What leaves one person's entries: those dated within the period, and those that were paid for it at other times.

    On an account of that person's `own` every entry is that person's, so that none has to name them.
    """
    if '"' in person and not own:
        return None
    text = "" if own else f'any(worker:"^{_literal(person)}$")'
    if days is None:
        return text or None
    months = _months(days)
    names = "|".join(dict.fromkeys((*months, _literal(days.name))))
    return f'{text} (date:"^({"|".join(months)})", any(pay-period:"^({names})$"))'.strip()


def _months(days: Period) -> list[str]:
    """The months that a period is made of; its days where it is not made of whole ones."""
    first = month_of(days.starts)
    months = [first]
    while months[-1].ends < days.ends:
        months.append(month_of(date.fromordinal(months[-1].ends.toordinal() + 1)))
    if (first.starts, months[-1].ends) == (days.starts, days.ends):
        return [month.name for month in months]
    span = range(days.starts.toordinal(), days.ends.toordinal() + 1)
    return [str(date.fromordinal(day)) for day in span]
