"""The facade: one cooperative's books, and every question that they answer.

coop = load("main.beancount")
coop.surplus("2025").steps
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import coopbooks.answers as answers  # noqa: PLR0402  # the other form would import the package, which imports this
from coopbooks.books.digest import digest_of
from coopbooks.books.loading import Dropped, load_books
from coopbooks.books.text import close_text
from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, LedgerUnusable, UnknownName
from coopbooks.facts import Facts, below
from coopbooks.periods import Period
from coopbooks.printed import Printed
from coopbooks.records import bylaws, people, surplus
from coopbooks.rules.buy_in import buy_ins_of
from coopbooks.rules.capital import accounts_of
from coopbooks.rules.check import capital_family, findings_of
from coopbooks.rules.close import close_findings, closing
from coopbooks.rules.debts import debts_of
from coopbooks.rules.duties import duties
from coopbooks.rules.equity import statement_of
from coopbooks.rules.exits import propose_exit
from coopbooks.rules.funds import fund_rows
from coopbooks.rules.interest import interest_of
from coopbooks.rules.notices import notices_of, patr_of
from coopbooks.rules.pay import RatioRow, ratio_rows
from coopbooks.rules.payments import payments
from coopbooks.rules.published import published_of
from coopbooks.rules.queue import queue_of
from coopbooks.rules.redemption import redemption_of
from coopbooks.rules.surplus import Surpluses
from coopbooks.rules.worksheet import worksheet_of

__all__ = ["Cooperative", "bylaw_models", "load"]


def load(path: str | Path) -> Cooperative:
    """The cooperative whose ledger has this top-level file; no load cache is read or written.

    Raises LedgerUnusable, one sentence, where the file cannot be read as a ledger.
    """
    books = load_books(path)
    files = tuple(map(Path, books.options.get("include") or ()))
    return Cooperative(books.facts, books.errors, books.dropped, books.path, files)


def bylaw_models() -> answers.Table[answers.BylawModel]:
    """The bylaw models that `coopbooks init` knows, by id, each with its source."""
    from coopbooks.statutes.models import models  # only who founds a cooperative asks for them

    rows = (
        answers.BylawModel(id=each.id, title=each.title, law=each.law, read_on=each.read_on.isoformat())
        for each in models()
    )
    return answers.Table[answers.BylawModel](tuple(rows))


class Cooperative:
    """One cooperative's books. Reads no clock: where a day matters it is given, else the books' last day stands in."""

    def __init__(
        self,
        facts: Facts,
        errors: Iterable[Finding] = (),
        dropped: Iterable[Dropped] = (),
        path: Path | None = None,
        files: tuple[Path, ...] = (),
    ) -> None:
        """`errors` are Beancount's own, `dropped` the entries that it could not take."""
        self.facts = facts
        self.path = path
        self.files = files
        self._errors = tuple(errors)
        self._dropped = tuple(dropped)

    @classmethod
    def of(cls, facts: Facts) -> Cooperative:
        """The cooperative of facts that somebody else has read."""
        return cls(facts)

    @cached_property
    def _rules(self) -> Bylaws:
        return Bylaws(self.facts)

    @cached_property
    def _years(self) -> Surpluses:
        return Surpluses(self._rules)

    @cached_property
    def _printed(self) -> Printed:
        return Printed(self._rules)

    @property
    def title(self) -> str:
        """The ledger's title."""
        return self.facts.title

    @property
    def currency(self) -> str | None:
        """The cooperative's currency, None where the ledger names none."""
        return self.facts.currency

    @property
    def warnings(self) -> tuple[str, ...]:
        """Beancount's own errors, each one line."""
        return tuple(str(error) for error in self._errors)

    @property
    def time_zone(self) -> str:
        """Name of the zone whose civil days these books count in; "UTC" where no bylaw says otherwise."""
        rules = self._rules.every(bylaws.TimeZone)
        return rules[-1].value if rules else "UTC"

    @cached_property
    def ledger_sha256(self) -> str | None:
        """The digest of all files of the ledger, as `coopbooks.books.digest` says; None where the facts came otherwise.

        Raises LedgerUnusable where a file cannot be read any more.
        """
        return None if self.path is None else digest_of(self.path, self.files)

    def periods(self) -> tuple[str, ...]:
        """The fiscal years that have something in them, oldest first."""
        return tuple(year.name for year in self._years.years)

    # -- answers -----------------------------------------------------------------------------------------------------

    def check(self) -> answers.Check:
        """Every error of the books: Beancount's own, and what every rule of coopbooks finds."""
        found = sorted(
            {*self._errors, *findings_of(self.facts)}, key=lambda each: (each.place, each.rule, each.message)
        )
        errors = tuple(
            answers.CheckError(place=str(each.place), rule=each.rule, message=each.message) for each in found
        )
        return answers.Check(errors=errors).marked(bool(errors))

    def wages(self, period: str | None = None) -> answers.Table[answers.WageRatio]:
        """The wage ratio of every pay period, or of those within `period`; one row a period and cap.

        Raises UnknownPeriod, and LedgerUnusable where a cap cannot be computed or pay is missing from the books.
        """
        rows = self._ratio_rows(period)
        table = answers.Table[answers.WageRatio](tuple(self._printed.wage_row(row) for row in rows))
        found = findings_of(self.facts, ("wage_ratio",)) if self.facts.any_record else []
        return table.marked(any(row.breach for row in rows) or (period is None and bool(found)))

    def pay(self, period: str | None = None) -> answers.Table[answers.PersonPay]:
        """Each person's pay, hours and rate, by pseudonym, in the last pay period that lies within `period`.

        Measured by the first cap of that pay period.
        """
        rows = self._ratio_rows(period)
        row = next((row for row in rows if row.period == rows[-1].period), None)
        people = () if row is None else (self._printed.person_pay(row, person) for person in row.people)
        return answers.Table[answers.PersonPay](tuple(people))

    def surplus(self, period: str, as_of: date | None = None) -> answers.Surplus:
        """What a fiscal year's surplus is and where it must go; a year that is still open is a forecast.

        Raises UnknownPeriod, and SurplusRefused where the rules in force cannot place it.
        """
        if not self.facts.any_record:
            return self._empty_surplus(period)
        self._need(self._moves_result)
        year = self._years.of(period)
        forecast = self._years.is_forecast(year.period, as_of)
        wrong = year.unallocated > 0 and not forecast
        return self._printed.surplus(year, forecast).marked(wrong or bool(self._close_findings(period)))

    def worksheet(self, period: str) -> answers.Table[answers.Worked]:
        """How each one's part of a fiscal year came about, step by step: figure, share, exact sum and rounding.

        Raises UnknownPeriod, and SurplusRefused where the rules in force cannot place the surplus.
        """
        if not self.facts.any_record:
            return answers.Table[answers.Worked](())
        self._need(self._moves_result)
        rows = worksheet_of(self._years, self._years.of(period))
        return answers.Table[answers.Worked](tuple(self._printed.worked(row) for row in rows))

    def payments(self, period: str, as_of: date) -> answers.Table[answers.Payment]:
        """What was paid of a fiscal year's parts by a day; a payment pays the oldest year that is owed first."""
        rows = (
            self._printed.payment(payment, units)
            for payment in payments(self._rules)
            for name, units in payment.years
            if name == period and payment.move.date <= as_of
        )
        return answers.Table[answers.Payment](tuple(rows))

    def closes(self, period: str) -> tuple[str, ...]:
        """The places of the transactions that close a fiscal year, in the books' order; none while it is not closed."""
        return tuple(str(move.place) for move in self.facts.closes.get(period, ()))

    def close(self, period: str, decision: str | None = None) -> answers.Close:
        """The transaction that is still missing to close a fiscal year; `transaction` is None where nothing is.

        `decision` is the one that amends a year already closed. Raises UnknownPeriod, and SurplusRefused with what
        must come first.
        """
        self._need(self._moves_result)
        # Books that have rules and neither a member nor any money yet: no year of theirs has anything to close.
        is_new = not self._years.years and len(self._rules.year(period).name) == 4
        if not self.facts.any_record or is_new:
            return answers.Close(transaction=None, sha256=None, written=False)
        missing = closing(self._years, period, decision)
        text = None if missing is None else close_text(missing, self.facts.unit)
        return answers.Close(transaction=text, sha256=None, written=False)

    def members(self, member: str | None = None, period: str | None = None) -> answers.Table[answers.Account]:
        """The capital account of every member, or of one, by vintage: over the whole history, or over a period.

        Raises UnknownName for a member nobody is, UnknownPeriod, and LedgerUnusable for a buy-in in another currency.
        """
        self._need(lambda account: below(account, self.facts.roots.equity))
        asked = None if period is None else self._rules.year(period)
        if not self.facts.any_record:
            return answers.Table[answers.Account](())
        self._know(member)
        with _resting():
            rows = accounts_of(self._rules, asked, member)
            terms = {row.member: row for row in buy_ins_of(self._rules, self._last if asked is None else asked.ends)}
            # Plain data, made into models in one go: one by one, a hundred thousand vintages take a second more.
            table = answers.Table[answers.Account].model_validate(
                [self._printed.account(row, terms[row.member]) for row in rows]
            )
            below_zero = any(vintage.amount < 0 for row in rows for vintage in row.vintages)
            return table.marked(below_zero or (member is None and bool(capital_family(self._rules))))

    def equity(self, period: str) -> answers.Equity:
        """The statement of changes in members' equity over a period, and who owns the net book value at its end.

        Raises UnknownPeriod.
        """
        self._need(lambda _: True)
        asked = self._rules.year(period)
        if not self.facts.any_record:
            return answers.Equity(
                period=asked.name,
                starts=str(asked.starts),
                ends=str(asked.ends),
                currency=self.currency,
                rows=(),
                net_book_value=None,
                difference=None,
                judged=False,
            )
        return self._printed.equity(asked, statement_of(self._years, asked))

    def interest(self, period: str) -> answers.Interest:
        """What bylaw capital's `interest` owes on each member's capital in a fiscal year, and the entry that is missing.

        Raises UnknownPeriod, and LedgerUnusable where a rate has no value on a day of the year.
        """
        self._need(lambda _: True)
        if not self.facts.any_record:
            name = self._rules.year(period).name
            nothing = "0" if self.currency is None else self.facts.unit.text(0)
            return answers.Interest.model_validate(
                {**dict.fromkeys(answers.Interest.model_fields), "period": name, "currency": self.currency, "rows": ()}
                | dict.fromkeys(("owed", "posted", "missing"), nothing)
                | {"capped": False}
            )
        found = interest_of(self._years, period)
        return self._printed.interest(found).marked(any(row.missing for row in found.members if found.posted))

    def queue(self, as_of: date) -> answers.Table[answers.Claim]:
        """The vintages of members' capital that wait to be paid back, in the order in which money must go to them."""
        self._need(lambda account: below(account, self.facts.roots.equity))
        rows = queue_of(self._rules, as_of) if self.facts.any_record else []
        return answers.Table[answers.Claim](tuple(self._printed.claim(row) for row in rows))

    def redemption(self, amount: Decimal, as_of: date, source: str | None = None) -> answers.Redemption:
        """The `#coop-redeem` transactions for a sum of money in the books' currency, and the queue before them.

        `source` is the account that the money comes from; without it, the one that such payments came from before, or
        the only one. Raises SurplusRefused for a sum that is not above zero, UnknownName where the source is not known.
        """
        self._need(lambda account: below(account, self.facts.roots.equity))
        if not self.facts.any_record:
            nothing = "0" if self.currency is None else self.facts.unit.text(0)
            return answers.Redemption.model_validate(
                {**dict.fromkeys(answers.Redemption.model_fields), "as_of": str(as_of), "payouts": (), "queue": ()}
                | {"redeem": "oldest-first", "short": "queue", "asked": str(amount)}
                | {"redeemed": nothing, "left": str(amount)}
                | {"why_left": "the books have no cooperative records, so nobody in them owns capital"}
            )
        return self._printed.redemption(redemption_of(self._rules, amount, as_of, source), as_of)

    def exit(self, member: str) -> answers.ProposedExit:
        """The `#coop-exit` that is still missing for a leaver; `transaction` is None where nothing is.

        Raises UnknownName for somebody who has not left, SurplusRefused where the year's loss must be known first.
        """
        self._need(lambda account: below(account, self.facts.roots.equity))
        leaving, proposal = propose_exit(self._years, member)
        return self._printed.exit(leaving, proposal)

    def debts(self, as_of: date) -> answers.Table[answers.Debt]:
        """What the cooperative owes its former members on a day, with every instalment; it breaks where one is overdue."""
        self._need(lambda account: below(account, self.facts.roots.liabilities))
        rows = debts_of(self._rules, as_of) if self.facts.any_record else []
        table = answers.Table[answers.Debt](tuple(self._printed.debt(row, as_of) for row in rows))
        return table.marked(any(row.overdue(as_of) for row in rows))

    def notices(self, period: str) -> answers.Table[answers.Notice]:
        """What the written notices of a fiscal year tell each member; no rows where the bylaw gives none.

        Raises UnknownPeriod, and SurplusRefused where the rules in force cannot place the surplus.
        """
        self._need(self._moves_result)
        rows = notices_of(self._years, period) if self.facts.any_record else []
        return answers.Table[answers.Notice](tuple(self._printed.notice(row, period) for row in rows))

    def patr(self, year: int) -> answers.Table[answers.Patr]:
        """The 1099-PATR list for a calendar year of payment; no rows in books that are not in US dollars."""
        self._need(self._moves_result)
        rows = patr_of(self._years, year) if self.facts.any_record else []
        return answers.Table[answers.Patr](tuple(self._printed.patr(row, year) for row in rows))

    def funds(self, as_of: date | None = None) -> answers.Table[answers.Fund]:
        """Every movement fund on a day (the books' last one where none is given)."""
        self._need(lambda _: True)
        day = as_of or self.facts.last_day
        if day is None or not self.facts.any_record:
            return answers.Table[answers.Fund](())
        rows = fund_rows(self._years, day)
        overdue = any(row.spend_by is not None and row.spend_by < day for row in rows)
        found = findings_of(self.facts, ("funds",))
        return answers.Table[answers.Fund](tuple(self._printed.fund(row) for row in rows)).marked(
            overdue or bool(found)
        )

    def duties(self, as_of: date) -> answers.Table[answers.Duty]:
        """Every deadline that was opened by a day, and where it stands on it."""
        rows = duties(self._years, as_of) if self.facts.any_record else []
        table = answers.Table[answers.Duty](tuple(self._printed.duty(row) for row in rows))
        return table.marked(any(row.state == "overdue" for row in rows))

    def outlook(self, period: str, as_of: date | None = None) -> answers.Table[answers.Outlook]:
        """What would change the forecast of a fiscal year: the same rules on a result a round amount higher, and lower.

        No rows for a year that is over. Raises as `surplus` does.
        """
        if not self.facts.any_record:
            return answers.Table[answers.Outlook](())
        self._need(self._moves_result)
        from coopbooks.rules.outlook import outlook_of  # asked for by a page, not by most commands

        rows = outlook_of(self._years, period, as_of)
        return answers.Table[answers.Outlook](tuple(self._printed.outlook(row) for row in rows))

    def fund_entries(self, fund: str | None = None) -> answers.Table[answers.FundEntry]:
        """Every entry on every movement fund, or on one, oldest first. Raises UnknownName for a fund of no record."""
        self._need(lambda account: below(account, self.facts.roots.equity) or account in self.facts.asked)
        known = {record.id for record in self._rules.every(surplus.Fund)}
        if fund is not None and fund not in known:
            raise UnknownName(f'there is no fund "{fund}": the funds are {", ".join(sorted(known)) or "none yet"}')
        if not known:
            return answers.Table[answers.FundEntry](())
        from coopbooks.rules.fund_entries import fund_entries

        rows = fund_entries(self._rules, fund)
        return answers.Table[answers.FundEntry](tuple(self._printed.fund_entry(row) for row in rows))

    def reveal(self, as_of: date, since: date | None = None) -> answers.Reveal:
        """Money and goods from allies up to a day: since the last pulse with `ledger-reveal: TRUE`, or since a day."""
        self._need(lambda _: "ally" in self.facts.by_kind)
        from coopbooks.rules.alliances import reveal_of

        return self._printed.reveal(reveal_of(self._rules, as_of, since))

    def records(self, as_of: date | None = None) -> answers.Table[answers.RecordRow]:
        """Every judged record, oldest first, and which are in force on a day (the books' last one where none is given)."""
        if not self.facts.records:
            return answers.Table[answers.RecordRow](())
        from coopbooks.rules.rulebook import rulebook

        rows = rulebook(self._rules, as_of or self._last)
        return answers.Table[answers.RecordRow](tuple(self._printed.record(row) for row in rows))

    def published(self) -> answers.Published | None:
        """What a derived ledger says of itself and publishes beside its entries; None for books that are not derived.

        Raises LedgerUnusable for a `custom "published"` line that is not as `coopbooks publish` writes it.
        """
        found = published_of(self.facts)
        return None if found is None else self._printed.published(found)

    # -- what may be asked ------------------------------------------------------------------------------------------
    def _need(self, matters: Callable[[str], bool]) -> None:
        """Refuse to answer where Beancount dropped an entry whose postings the answer rests on."""
        if not self.facts.any_record:
            return
        for finding, accounts in self._dropped:
            if accounts is None or any(matters(account) for account in accounts):
                raise LedgerUnusable(
                    f"Beancount could not take this entry ({finding.message}), and the answer would lack it: mend it first",
                    finding.place,
                )

    def _know(self, member: str | None) -> None:
        """Refuse a member nobody is."""
        known = {record.id for record in self._rules.every(people.Member)}
        if member is not None and member not in known:
            raise UnknownName(
                f'there is no member "{member}": the members are {", ".join(sorted(known)) or "none yet"}'
            )

    def _moves_result(self, account: str) -> bool:
        roots = self.facts.roots
        return not below(account, roots.assets) or account in self.facts.asked

    def _ratio_rows(self, period: str | None) -> list[RatioRow]:
        self._need(lambda account: any(below(account, parent) for parent in self._rules.wages))
        rows = ratio_rows(self._rules)
        if period is None:
            return rows
        asked = self._rules.calendar.named(period)
        return [row for row in rows if _within(row.period, asked)]

    def _close_findings(self, period: str) -> list[Finding]:
        places = {
            place
            for move in self.facts.closes.get(period, ())
            for place in (move.place, *(leg.place for leg in move.legs))
        }
        return [finding for finding in close_findings(self._years) if finding.place in places]

    def _empty_surplus(self, name: str) -> answers.Surplus:
        """The answer of a ledger without coop records: the days of the period, and nothing else that applies."""
        period = self._rules.calendar.named(name)
        empty = dict.fromkeys(answers.Surplus.model_fields)
        lists = dict.fromkeys(("steps", "members", "workers", "changes", "unpriced", "unplaced"), ())
        days = {"period": name, "starts": str(period.starts), "ends": str(period.ends), "currency": self.currency}
        return answers.Surplus.model_validate({**empty, **lists, **days, "forecast": False})

    @cached_property
    def _last(self) -> date:
        """The last day that the books speak of: of an entry or, where that is later, of a record."""
        return max([self.facts.last_day or date.min, *(record.date for record in self.facts.records)])


@contextmanager
def _resting() -> Generator[None]:
    """The garbage collector rests: what a large answer is made of is kept or freed without its help."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _within(period: Period, asked: Period) -> bool:
    return asked.starts <= period.starts and period.ends <= asked.ends
