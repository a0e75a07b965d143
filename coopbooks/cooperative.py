"""The facade: one cooperative's books, and every question that they answer.

coop = load("main.beancount")
coop.surplus("2025").steps
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import coopbooks.answers as answers  # noqa: PLR0402  # the other form would import the package, which imports this
from coopbooks.books.digest import Listed, digest_of_listed, listed
from coopbooks.books.limits import UNTRUSTED
from coopbooks.books.loading import Dropped, load_books
from coopbooks.books.resting import resting
from coopbooks.books.text import close_text, seal_text
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

if TYPE_CHECKING:
    import coopbooks.audit_answers as audit_answers  # noqa: PLR0402  # as answers above
    from coopbooks.audit.course import Course
    from coopbooks.audit.model import Audit
    from coopbooks.audit.triggers import Trigger
    from coopbooks.rules.seals import NewSeal

__all__ = ["Cooperative", "bylaw_models", "load"]

_OF_A_SIGNATURE = frozenset({"verdict", "publication", "response"})


def load(path: str | Path, *, untrusted: bool = False) -> Cooperative:
    """The cooperative whose ledger has this top-level file; no load cache is read or written.

    `untrusted` loads a ledger that somebody sent: in a process of its own, which runs nothing that the ledger names and
    reads nothing outside of its folder. What it refused is among the findings.

    Raises LedgerUnusable, one sentence, where the file cannot be read as a ledger.
    """
    books = load_books(path, untrusted=untrusted)
    files = tuple(map(Path, books.options.get("include") or ()))
    return Cooperative(books.facts, books.errors, books.dropped, books.path, files, books.read)


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
        read: tuple[Listed, ...] | None = None,
    ) -> None:
        """`errors` are Beancount's own, `dropped` the entries that it could not take.

        `read` lists the files of a ledger that was loaded untrusted, by the bytes that were read.
        """
        self.facts = facts
        self.path = path
        self.files = files
        self.read = read
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
        return None if self.path is None else digest_of_listed(self._listed())

    def periods(self) -> tuple[str, ...]:
        """The fiscal years that have something in them, oldest first."""
        return tuple(year.name for year in self._years.years)

    # -- answers -----------------------------------------------------------------------------------------------------

    def check(self, as_of: date | None = None) -> answers.Check:
        """Every error of the books: Beancount's own, and what every rule of coopbooks finds.

        With a day also each trigger whose emergency assembly is due on it or was never held, in books that tell of an
        audit: in others a crossed threshold is an error by its own rule already, and `duties` has its last days. And each
        record that names a trigger which there is none of.
        """
        told = {*self._errors, *findings_of(self.facts)}
        if as_of is not None and {"audit", "lottery-call", "verdict"} & self.facts.by_kind.keys():
            from coopbooks.audit.duties import trigger_findings, unknown_triggers

            clocks = self._triggers(as_of)
            told.update(trigger_findings(clocks, as_of))
            if published_of(self.facts) is None:  # a derived ledger has no clocks, and its records name some
                told.update(unknown_triggers(self._rules, clocks, as_of))
        found = sorted(told, key=lambda each: (each.place, each.rule, each.message))
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

    def close(self, period: str, decision: str | None = None, as_of: date | None = None) -> answers.Close:
        """The transaction that is still missing to close a fiscal year, and its seal; each is None where nothing is.

        `decision` is the one that amends a year already closed, which leaves its seal as it is. A year that is still open on
        `as_of` (or by the books' last transaction) gets no seal. Raises UnknownPeriod, and SurplusRefused with what must come
        first.
        """
        self._need(self._moves_result)
        # Books that have rules and neither a member nor any money yet: no year of theirs has anything to close.
        is_new = not self._years.years and len(self._rules.year(period).name) == 4
        if not self.facts.any_record or is_new:
            return answers.Close(transaction=None, seal=None, sha256=None, written=False)
        missing = closing(self._years, period, decision)
        text = None if missing is None else close_text(missing, self.facts.unit)
        seal = None if missing is not None and missing.amends else self._new_seal(self._rules.year(period), text, as_of)
        stands = next((each.sha256 for each in self._rules.every(surplus.Seal) if each.id == period), None)
        return answers.Close(
            transaction=text,
            seal=None if seal is None else seal_text(seal),
            sha256=stands if seal is None else seal.sha256,
            written=False,
        )

    def _new_seal(self, year: Period, text: str | None, as_of: date | None) -> NewSeal | None:
        """The seal of a year that is over, once its close stands there; the ledger is read again for all that it says.

        None for books without any transaction yet, which have nothing to seal, and for a ledger that somebody sent: it would
        be read with what it names, and nobody closes another's books.
        """
        from coopbooks.books.sealing import directives_with
        from coopbooks.rules.seals import new_seal

        is_sealed = any(year.ends <= each.until for each in self._rules.every(surplus.Seal))
        if (
            self.facts.last_day is None
            or self.path is None
            or self.read is not None
            or is_sealed
            or self._years.is_forecast(year, as_of)
        ):
            return None
        return new_seal(self._rules, year, directives_with(self.path, text or ""))

    def seals(self) -> answers.Table[answers.Seal]:
        """Every seal recomputed from the books, by its last day; it breaks where one does not hold."""
        from coopbooks.rules.seals import compared, seal_findings

        if not self.facts.records:
            return answers.Table[answers.Seal](())
        rows = compared(self._rules)
        table = answers.Table[answers.Seal](tuple(self._printed.seal(row) for row in rows))
        return table.marked(bool(seal_findings(self._rules)))

    def seal_page(self, period: str) -> answers.SealPage:
        """The page of a fiscal year's seal, which two officers sign. Raises UnknownName where the books have none."""
        from coopbooks.rules.seals import seal_named

        seal, page = seal_named(self._rules, period)
        return self._printed.seal_page(seal, page)

    def members(self, member: str | None = None, period: str | None = None) -> answers.Table[answers.Account]:
        """The capital account of every member, or of one, by vintage: over the whole history, or over a period.

        Raises UnknownName for a member nobody is, UnknownPeriod, and LedgerUnusable for a buy-in in another currency.
        """
        self._need(lambda account: below(account, self.facts.roots.equity))
        asked = None if period is None else self._rules.year(period)
        if not self.facts.any_record:
            return answers.Table[answers.Account](())
        self._know(member)
        with resting():
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
        clocks = self._triggers(as_of)
        if clocks or {"verdict", "action"} & self.facts.by_kind.keys():
            from coopbooks.audit.duties import OF_RECORDS_ALONE, audit_duties, in_order

            found = audit_duties(self._years, clocks, as_of)
            whole = published_of(self.facts) is None
            rows = in_order([*rows, *(row for row in found if whole or row.duty in OF_RECORDS_ALONE)])
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

    def sovereignty(self, as_of: date) -> answers.Sovereignty:
        """The four measures of sovereignty on a day and their index, of what is dated up to it."""
        self._need(lambda _: True)
        if not self.facts.any_record:
            names = ("budget", "decisions", "survival", "pivot")
            return answers.Sovereignty(
                as_of=str(as_of), measures=dict.fromkeys(names), index=None, missing=names, figures={}
            )
        from coopbooks.rules.sovereignty import measures_of

        until = self.facts.until(as_of)
        rules = self._rules if until is self.facts else Bylaws(until)
        return self._printed.sovereignty(measures_of(rules, as_of))

    def records(self, as_of: date | None = None) -> answers.Table[answers.RecordRow]:
        """Every judged record, oldest first, and which are in force on a day (the books' last one where none is given)."""
        if not self.facts.records:
            return answers.Table[answers.RecordRow](())
        from coopbooks.rules.rulebook import rulebook

        rows = rulebook(self._rules, as_of or self._last)
        return answers.Table[answers.RecordRow](tuple(self._printed.record(row) for row in rows))

    # -- the liberation audit ------------------------------------------------------------------------------------------

    def audit(
        self,
        as_of: date,
        profile: str | Path | None = None,
        audit: str | None = None,
        period: str | None = None,
    ) -> audit_answers.Audit:
        """The grade report of an audit as of a day: of one id, of a fiscal year that nobody audits yet (its preliminary),
        or of the one that stands to be shown. It breaks unless the verdict is revolutionary and no clock has run out.

        `profile` is starter, full, the id of a profile record, or the Path of a federation's file of records. Raises as
        `_audit` does.
        """
        if not self.facts.any_record:
            return self._nothing_audited(as_of, period)
        with resting():
            return self._audit_answer(self._audit(as_of, profile, audit, period))

    def audit_changes(self, as_of: date) -> audit_answers.AuditChanges:
        """The last audit that was signed by a day, what the books indicate on it, and what changed from one to the other.

        Where no audit is open and no later fiscal year is over, that is the year of the verdict judged again, by the same
        profile and by all that is in the books by then. Raises as `audit` does.
        """
        from coopbooks.printed_audit import changes_of

        today = self.audit(as_of)
        last = self._course().on(as_of).signed[-1:] if today.criteria else []
        if not last:
            return changes_of(None, today, newer=False)
        newer = today.audit != last[0].id
        signed = self.audit(as_of, audit=last[0].id) if newer else today
        if not newer:
            year = self._rules.calendar.year_of(date.fromisoformat(signed.window.ends)).name
            today = self.audit(as_of, profile=signed.profile, period=year)
        return changes_of(signed, today, newer=newer)

    def signing(self, audit: str, day: date, votes: str, profile: Path | None = None) -> audit_answers.Audit:
        """The report of an audit as a panel signs it on a day, by votes for, against and abstaining ("3-0-0").

        It does not depend on whether the verdict, its publication or a response stand in the ledger already. `profile` is a
        federation's file. Raises UnknownName for an audit that nobody opened by that day.
        """
        self._need(lambda _: True)
        found = self._audit_answer(self._course(profile).signing(audit, day))
        return found.model_copy(update={"votes": votes}).marked(found.breaks)

    def recomputed(self, report: audit_answers.Audit, profile: Path | None = None) -> audit_answers.Audit:
        """The same report made from these books: of its own day, window and profile.

        One that a panel signs is made again without the records of its signing, so that those may have come since. Its list of
        files is that of the books as they are now. Raises as `audit` does.
        """
        day = date.fromisoformat(report.as_of)
        if report.audit is None:
            return self.audit(day, profile=profile or report.profile, period=report.window.name)
        if report.status == "preliminary":
            later = [each for each in self.facts.records if each.id == report.audit and each.KIND in _OF_A_SIGNATURE]
            facts = self.facts.revised(later, ())
            before = Cooperative(facts, self._errors, self._dropped, self.path, self.files, self.read)
            return before.audit(day, profile=profile, audit=report.audit)
        if report.stated is None:
            return self.signing(report.audit, day, report.votes or "", profile)
        return self.audit(day, profile=profile, audit=report.audit)

    def _audit_answer(self, found: Audit) -> audit_answers.Audit:
        """The rows of an audit as its answer, with what the books say of auditors and of sovereignty beside them."""
        from coopbooks.printed_audit import audit_answer, conflicts_of, sovereignty_of

        rules = self._course().on(found.judged_on).rules  # what was read for the audit is not read again
        refused = [each for each in self._errors if each.rule == UNTRUSTED]
        return audit_answer(
            found,
            title=self.title,
            ledger_sha256=self.ledger_sha256,
            files=self._listed(),
            sovereignty=sovereignty_of(rules, found.judged_on),
            conflicts=conflicts_of(rules, found),
            refused=refused,
        )

    def _nothing_audited(self, as_of: date, period: str | None) -> audit_answers.Audit:
        """The answer of a ledger without coop records: no criterion, no verdict, and nothing that breaks."""
        from coopbooks.audit.cases import last_closed_year
        from coopbooks.printed_audit import empty_audit

        window = last_closed_year(self._rules, as_of) if period is None else self._rules.year(period)
        files = self._listed()
        return empty_audit(self.title, window, as_of, self.ledger_sha256, files)

    def snapshot(self, month: str, as_of: date, audience: str | None = None) -> answers.Snapshot:
        """The snapshot of a month ("2025-03") as it is to be written on a day; `record` is None where the books have one.

        `audience` is who was shown the books, all workers where nothing is said. Raises UnknownPeriod for what is no month,
        or not over on that day.
        """
        self._need(lambda _: True)
        from coopbooks.audit.snapshots import ALL_WORKERS, taken
        from coopbooks.books.record_text import snapshot_text

        digest = self.ledger_sha256
        found = taken(self._rules, month, as_of, digest, audience or ALL_WORKERS)
        return answers.Snapshot(
            month=month,
            date=as_of.isoformat(),
            sha256=digest,
            records=() if found is None else found.words,
            record=None if found is None else snapshot_text(found),
            written=False,
        )

    def draw(self, call: str, sources: Mapping[str, str] | None = None, as_of: date | None = None) -> answers.Draw:
        """The lottery of a call by a day (the books' last one where none is given), recomputed from the call.

        Where no draw is recorded yet, `sources` are the public numbers by name, and `record` is the draw to write down,
        dated that day. Raises UnknownName for an id of no call, DrawRefused for a draw that the call does not allow.
        """
        self._need(lambda _: True)
        from coopbooks.audit.cases import cases_of
        from coopbooks.audit.conflicts import ties_of
        from coopbooks.audit.lottery import lottery_of
        from coopbooks.books.record_text import draw_text

        day = as_of or self._last
        found = lottery_of(self._rules, call, day, sources)
        record = draw_text(found, day) if sources and found.draw is None else None
        chosen = () if found.drawn is None else (*found.drawn.panel, *found.drawn.alternates)
        signed = [each for each in cases_of(self._rules) if each.id != call and each.verdict]
        before = [each for each in signed if each.verdict and each.verdict.date <= found.call.date]
        since, floor = found.draw.date if found.draw else day, self._rules.parameter("ally.floor", found.call.date)
        assert isinstance(floor, Decimal), "ally.floor is a number"
        ties = {person: ties_of(self._rules, person, since, floor, before) for person in chosen}
        return self._printed.draw(found, ties, record).marked(bool(found.faults))

    def _audit(
        self,
        as_of: date,
        profile: str | Path | None = None,
        audit: str | None = None,
        period: str | None = None,
    ) -> Audit:
        """The audit of an id, the preliminary one of a fiscal year, or the one that stands to be shown on a day.

        `profile` is starter, full or the id of a profile record; a Path is a federation's own file of records. Raises
        UnknownName, UnknownPeriod, and LedgerUnusable for a profile that asks for what none may, or where Beancount dropped
        an entry.
        """
        self._need(lambda _: True, refused=False)
        course = self._course(profile if isinstance(profile, Path) else None)
        named = profile if isinstance(profile, str) else None
        return course.audit(as_of, profile=named, audit=audit, period=period)

    def _course(self, federation: Path | None = None) -> Course:
        """All audits of these books; asked twice with one file, it is the same."""
        if federation not in self._courses:
            from coopbooks.audit.course import Course  # most questions need none of its criteria

            own = None if federation is None else load_books(federation, untrusted=self.read is not None).facts
            self._courses[federation] = Course(self.facts, self._errors, own)
        return self._courses[federation]

    @cached_property
    def _courses(self) -> dict[Path | None, Course]:
        return {}

    def published(self) -> answers.Published | None:
        """What a derived ledger says of itself and publishes beside its entries; None for books that are not derived.

        Raises LedgerUnusable for a `custom "published"` line that is not as `coopbooks publish` writes it.
        """
        found = published_of(self.facts)
        return None if found is None else self._printed.published(found)

    def _triggers(self, as_of: date) -> Sequence[Trigger]:
        """Every trigger opened by a day, in its state on it; books without a signed verdict have those of thresholds only.

        A derived ledger has none: it lacks texts and papers that answer a clock, so that each would seem to have run out.
        """
        if self.facts.currency is None or not self.facts.any_record or published_of(self.facts) is not None:
            return ()
        if "verdict" in self.facts.by_kind:
            return self._course().triggers(as_of)
        from coopbooks.audit.thresholds import crossings, with_thresholds

        until = self.facts.until(as_of)
        years = self._years if until is self.facts else Surpluses(Bylaws(until))
        return with_thresholds(self._rules, crossings(years), as_of)

    def _listed(self) -> Sequence[Listed]:
        """The files of the ledger, by the bytes that were read where they are known; none where the facts came otherwise."""
        if self.read is not None:
            return self.read
        return () if self.path is None else listed(self.path, self.files)

    # -- what may be asked ------------------------------------------------------------------------------------------
    def _need(self, matters: Callable[[str], bool], *, refused: bool = True) -> None:
        """Refuse to answer where Beancount dropped an entry whose postings the answer rests on.

        `refused` counts an include of a ledger that somebody sent, which was not followed, among them; a grade report does
        not, since it names what was refused.
        """
        if not self.facts.any_record:
            return
        for finding, accounts in self._dropped:
            if finding.rule == UNTRUSTED:
                if refused:
                    raise LedgerUnusable(finding.message, finding.place)
                continue
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


def _within(period: Period, asked: Period) -> bool:
    return asked.starts <= period.starts and period.ends <= asked.ends
