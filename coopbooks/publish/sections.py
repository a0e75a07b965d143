"""What stands on the page in one file: each question of the open book, its other years and its people, rules and entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from coopbooks.books.loading import Books
from coopbooks.bylaws import Bylaws
from coopbooks.cooperative import Cooperative
from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.page import Page, View, views_of
from coopbooks.dashboard.trouble import EMPTY, NO_CURRENCY, REFUSED, Trouble
from coopbooks.dashboard.words import Look, count_of, day_said
from coopbooks.errors import CoopbooksError
from coopbooks.publish.journal import Journal, entries_of
from coopbooks.publish.page_links import PageLinks
from coopbooks.publish.view import UNTITLED

__all__ = ["Book", "Fold", "PayRows", "Section"]

PAY_ROWS_MAX = 1_200
"""So many people's rows of earlier pay periods stand on the page; what is older is in the entries."""

PEOPLE_MAX = 60
"""Up to so many people each one's account stands on the page in full; of more, each is a row of one table."""

_FLOWS = ("opening", "credited", "interest", "losses", "redeemed", "balance")
_STATUS = {"member": "member", "worker": "worker", "gone": "has left"}


@dataclass(frozen=True, slots=True)
class Fold:
    """What a reader opens: another year, a person, or an earlier pay period (then `pay` instead of `page`)."""

    id: str
    title: str
    said: str
    page: Page | None = None
    pay: PayRows | None = None


@dataclass(frozen=True, slots=True)
class PayRows:
    """Everybody's pay in one earlier period, as the answer `pay` has it, with money as it is read."""

    said: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One question: its answer in a sentence, its page, and what can be opened below it.

    `accounts` are everybody's capital accounts, a row each, where there are too many people for a page each.
    """

    id: str
    label: str
    question: str
    answer: str
    page: Page | None
    folds: tuple[Fold, ...] = ()
    folds_said: str = ""
    accounts: tuple[dict[str, Any], ...] = ()

    @property
    def ids(self) -> Iterator[str]:
        """Where links of the page may lead: the section itself, a year, a period or a person."""
        yield self.id
        yield from (fold.id for fold in self.folds)
        yield from (f"{self.id}-{row['member']}" for row in self.accounts)


class Book:
    """All that the page shows of one published ledger, and where its links lead."""

    def __init__(self, books: Books, file: str, audience: str, as_of: date) -> None:
        """`books` are the published ledger, loaded; `file` is the name under which places name it."""
        self.coop = Cooperative(books.facts)
        self.title, self.audience, self.as_of = books.facts.title, audience, as_of
        self.as_of_said, self.unit = day_said(str(as_of)), books.facts.currency or ""
        self._has_records = books.facts.any_record
        self.look = Look(self.coop.currency)
        self.journal = Journal(entries_of(books.entries, file), self.coop.currency)
        self.views = views_of(self.coop)
        self.sections = tuple(self._sections())
        targets = {name for section in self.sections for name in section.ids}
        self.links = PageLinks(Bylaws(books.facts), self.journal, frozenset(targets))

    @property
    def named(self) -> bool:
        """Whether the ledger says whose it is: where its readers may not know, it has a title that says only what it is."""
        return self.title != UNTITLED

    # -- sections ----------------------------------------------------------------------------------------------------

    def _sections(self) -> Iterator[Section]:
        for name, view in self.views.items():
            if name == "mine" and self.audience == "public":
                continue  # what anybody owns is not in it
            make = {"pay": self._pay, "surplus": self._surplus, "givers": self._givers, "mine": self._mine}.get(
                name, self._plain
            )
            yield make(name, view)

    def _plain(self, name: str, view: View) -> Section:
        page = self._page(name, view, Choice(self.as_of, name, everything=True))
        return Section(name, view.label, view.question, _answer(page), page)

    def _surplus(self, name: str, view: View) -> Section:
        """The year that the page would show first, and every other year to open."""
        whole = self._plain(name, view)
        known: Sequence[tuple[str, bool]] = getattr(whole.page and whole.page.view, "years", ())
        years = sorted((year for year, chosen in known if not chosen), reverse=True)
        pages = [(year, self._page(name, view, Choice(self.as_of, name, period=year))) for year in years]
        folds = tuple(Fold(f"{name}-{year}", year, _answer(page), page) for year, page in pages)
        return replace(whole, folds=folds, folds_said="Other years")

    def _givers(self, name: str, view: View) -> Section:
        """What came since the books were last shown; since earlier days, and ever, to open."""
        page = self._page(name, view, Choice(self.as_of, name))
        folds = []
        for span in getattr(page.view, "spans", ()):
            if not span.current:
                choice = Choice(self.as_of, name, period=span.period or None, everything=span.everything)
                other = self._page(name, view, choice)
                which = "all" if span.everything else span.period
                folds.append(Fold(f"{name}-{which}", span.said.capitalize(), _answer(other), other))
        return Section(name, view.label, view.question, _answer(page), page, tuple(folds), "Other times")

    def _pay(self, name: str, view: View) -> Section:
        """The ratio of every period and everybody's pay of the last one; earlier ones to open, as far as they fit."""
        whole = self._plain(name, view)
        periods: Sequence[Any] = getattr(whole.page and whole.page.view, "periods", ())
        folds, rows = [], 0
        for period, said, chosen in periods:
            if chosen:
                continue
            pay = self._pay_rows(period, said)
            rows += len(pay.rows)
            if rows > PAY_ROWS_MAX:
                break
            people = count_of(len(pay.rows), "person", "people")
            folds.append(Fold(f"{name}-{period}", said, people, pay=pay))
        return replace(whole, folds=tuple(folds), folds_said="Who earned what in earlier periods")

    def _pay_rows(self, period: str, said: str) -> PayRows:
        rows = [
            {
                **row,
                "pay": self.look.plain(row["pay"]),
                "rate": row["rate"] and self.look.plain(row["rate"]),
                "hours": row["hours"] and self.look.plain(row["hours"]),
            }
            for row in self.coop.pay(period).to_data()
        ]
        return PayRows(said, tuple(rows))

    def _mine(self, name: str, view: View) -> Section:
        """Everybody's account, to open by pseudonym."""
        choice = Choice(self.as_of, name)
        chooser = self._page(name, view, choice)
        people: Sequence[Any] = getattr(chooser.view, "people", ())
        accounts = self.coop.members().to_data()
        if len(people) > PEOPLE_MAX:
            rows = tuple(
                {"member": row["member"], **{flow: self.look.plain(row[flow]) for flow in _FLOWS}} for row in accounts
            )
            return Section(name, view.label, view.question, _owned(len(rows)), None, accounts=rows)
        balances = {row["member"]: row["balance"] for row in accounts}
        folds = tuple(
            Fold(
                id=f"{name}-{person.id}",
                title=person.id,
                said=self.look.money(balances[person.id]) if person.id in balances else _STATUS[person.status],
                page=self._page(name, view, replace(choice, member=person.id)),
            )
            for person in people
        )
        if not folds:
            return self._plain(name, view)
        return Section(name, view.label, view.question, _owned(len(folds)), None, folds, "Find yours and open it")

    # -- one page of a view ------------------------------------------------------------------------------------------

    def _page(self, name: str, view: View, choice: Choice) -> Page:
        """A view as Fava would show it; what the rules refuse becomes a sentence, a fault of ours stays a fault."""
        shown = self._shown(view, choice)
        return Page(
            name=name,
            question=view.question,
            template=view.template,
            tabs=(),
            choice=choice,
            unit=self.unit,
            alone=True,
            view=None if isinstance(shown, Trouble) else shown,
            trouble=shown if isinstance(shown, Trouble) else None,
        )

    def _shown(self, view: View, choice: Choice) -> object:
        if not self._has_records:
            return EMPTY
        if self.coop.currency is None:
            return NO_CURRENCY
        try:
            return view.make(self.coop, choice, self.look)
        except CoopbooksError as error:
            return Trouble(REFUSED, str(error))

    # -- entries -----------------------------------------------------------------------------------------------------

    @property
    def entries_said(self) -> str:
        """How much stands in the journal, in a sentence."""
        if not self.journal.entries:
            return "No entry passes to these readers yet: too few people stand behind each."
        entries = count_of(len(self.journal.entries), "entry", "entries")
        accounts = count_of(len(self.journal.sheets), "account", "accounts")
        return f"{entries} on {accounts}: everything that the figures above are made of."


def _owned(people: int) -> str:
    return f"{count_of(people, 'person', 'people')}, each under a pseudonym: what each one owns, and when it is due."


def _answer(page: Page) -> str:
    """What a page says in one sentence."""
    if page.trouble is not None:
        return page.trouble.sentence
    return str(getattr(page.view, "headline", ""))
