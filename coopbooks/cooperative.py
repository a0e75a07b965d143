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
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import coopbooks.answers as answers  # noqa: PLR0402  # the other form would import the package, which imports this
from coopbooks.books.digest import digest_of
from coopbooks.books.loading import Dropped, load_books
from coopbooks.books.text import close_text, exit_text, interest_text, redemption_text
from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, LedgerUnusable, UnknownName
from coopbooks.facts import Facts, below
from coopbooks.money import half_up, places_half_up
from coopbooks.periods import Period
from coopbooks.records import bylaws, people, surplus
from coopbooks.rules.buy_in import BuyIn, buy_ins_of
from coopbooks.rules.capital import Account as CapitalAccount
from coopbooks.rules.capital import Vintage as CapitalVintage
from coopbooks.rules.capital import accounts_of
from coopbooks.rules.check import capital_family, findings_of
from coopbooks.rules.close import close_findings, closing
from coopbooks.rules.debts import Debt, debts_of
from coopbooks.rules.duties import duties
from coopbooks.rules.equity import Line, statement_of
from coopbooks.rules.exits import propose_exit
from coopbooks.rules.funds import FundRow, fund_rows
from coopbooks.rules.interest import Interest, interest_of
from coopbooks.rules.members import Part
from coopbooks.rules.notices import Notice, Patr, notices_of, patr_of
from coopbooks.rules.pay import RatioRow, breach_sentence, cap_text, ratio_rows
from coopbooks.rules.payments import payments
from coopbooks.rules.queue import Queued, queue_of
from coopbooks.rules.redemption import redemption_of
from coopbooks.rules.surplus import Surpluses, YearSurplus
from coopbooks.rules.waterfall import Step
from coopbooks.rules.worksheet import Worked, worksheet_of

__all__ = ["Cooperative", "bylaw_models", "load"]

WORKING_DIGITS = 4
"""Digits beyond the smallest unit with which a worksheet shows what was rounded."""


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
        table = answers.Table[answers.WageRatio](tuple(self._wage_row(row) for row in rows))
        found = findings_of(self.facts, ("wage_ratio",)) if self.facts.any_record else []
        return table.marked(any(row.breach for row in rows) or (period is None and bool(found)))

    def pay(self, period: str | None = None) -> answers.Table[answers.PersonPay]:
        """Each person's pay, hours and rate, by pseudonym, in the last pay period that lies within `period`.

        Measured by the first cap of that pay period.
        """
        rows = self._ratio_rows(period)
        row = next((row for row in rows if row.period == rows[-1].period), None)
        people = () if row is None else row.people
        return answers.Table[answers.PersonPay](
            tuple(
                answers.PersonPay(
                    period=row.period.name if row else "",
                    person=person.person,
                    status=person.status,
                    pay=self.facts.unit.text(self.facts.unit.nearest(person.pay)),
                    hours=None if person.hours is None else places_half_up(person.hours, 2),
                    rate=None if person.rate is None else places_half_up(person.rate, 2),
                    counted=person.reason is None,
                    reason=person.reason,
                )
                for person in people
            )
        )

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
        return self._surplus(year, forecast).marked(wrong or bool(self._close_findings(period)))

    def worksheet(self, period: str) -> answers.Table[answers.Worked]:
        """How each one's part of a fiscal year came about, step by step: figure, share, exact sum and rounding.

        Raises UnknownPeriod, and SurplusRefused where the rules in force cannot place the surplus.
        """
        if not self.facts.any_record:
            return answers.Table[answers.Worked](())
        self._need(self._moves_result)
        rows = worksheet_of(self._years, self._years.of(period))
        return answers.Table[answers.Worked](tuple(self._worked(row) for row in rows))

    def payments(self, period: str, as_of: date) -> answers.Table[answers.Payment]:
        """What was paid of a fiscal year's parts by a day; a payment pays the oldest year that is owed first."""
        unit = self.facts.unit
        return answers.Table[answers.Payment](
            tuple(
                answers.Payment(
                    member=payment.person,
                    date=str(payment.move.date),
                    amount=unit.text(units),
                    place=str(payment.leg.place),
                )
                for payment in payments(self._rules)
                for name, units in payment.years
                if name == period and payment.move.date <= as_of
            )
        )

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
                [self._account(row, terms[row.member]) for row in rows]
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
        found, text = statement_of(self._years, asked), self.facts.unit.text
        judged = found.rule is not None and bool(found.rule.collective)
        return answers.Equity(
            period=asked.name,
            starts=str(asked.starts),
            ends=str(asked.ends),
            currency=self.currency,
            rows=tuple(self._equity_row(line) for line in found.lines),
            net_book_value=None if found.net_book_value is None else text(found.net_book_value),
            difference=None if found.difference is None else text(found.difference),
            judged=judged,
        ).marked(judged and bool(found.difference))

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
        return self._interest(found).marked(any(row.missing for row in found.members if found.posted))

    def queue(self, as_of: date) -> answers.Table[answers.Claim]:
        """The vintages of members' capital that wait to be paid back, in the order in which money must go to them."""
        self._need(lambda account: below(account, self.facts.roots.equity))
        rows = queue_of(self._rules, as_of) if self.facts.any_record else []
        return answers.Table[answers.Claim](tuple(self._claim(row) for row in rows))

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
        unit = self.facts.unit
        found = redemption_of(self._rules, amount, as_of, source)
        return answers.Redemption(
            as_of=str(as_of),
            redeem="oldest-first" if found.rule is None else found.rule.redeem,
            short="queue" if found.rule is None else found.rule.short,
            asked=unit.text(found.asked),
            redeemed=unit.text(found.redeemed),
            left=unit.text(found.left),
            why_left=found.why_left,
            paid_from=found.source,
            transaction=redemption_text(found, unit) or None,
            payouts=tuple(
                answers.Payout(
                    member=each.row.member,
                    period=each.row.period,
                    account=each.row.account,
                    amount=unit.text(each.units),
                )
                for each in found.payouts
            ),
            queue=tuple(self._claim(row) for row in found.queue),
        )

    def exit(self, member: str) -> answers.ProposedExit:
        """The `#coop-exit` that is still missing for a leaver; `transaction` is None where nothing is.

        Raises UnknownName for somebody who has not left, SurplusRefused where the year's loss must be known first.
        """
        self._need(lambda account: below(account, self.facts.roots.equity))
        leaving, proposal = propose_exit(self._years, member)
        return answers.ProposedExit(
            member=member,
            exit=str(leaving.day),
            cause=leaving.cause,
            rule=None if leaving.rule is None else str(leaving.rule.place),
            transaction=None if proposal is None else exit_text(proposal, self.facts.unit),
        )

    def debts(self, as_of: date) -> answers.Table[answers.Debt]:
        """What the cooperative owes its former members on a day, with every instalment; it breaks where one is overdue."""
        self._need(lambda account: below(account, self.facts.roots.liabilities))
        rows = debts_of(self._rules, as_of) if self.facts.any_record else []
        table = answers.Table[answers.Debt](tuple(self._debt(row, as_of) for row in rows))
        return table.marked(any(row.overdue(as_of) for row in rows))

    def notices(self, period: str) -> answers.Table[answers.Notice]:
        """What the written notices of a fiscal year tell each member; no rows where the bylaw gives none.

        Raises UnknownPeriod, and SurplusRefused where the rules in force cannot place the surplus.
        """
        self._need(self._moves_result)
        rows = notices_of(self._years, period) if self.facts.any_record else []
        return answers.Table[answers.Notice](tuple(self._notice(row, period) for row in rows))

    def patr(self, year: int) -> answers.Table[answers.Patr]:
        """The 1099-PATR list for a calendar year of payment; no rows in books that are not in US dollars."""
        self._need(self._moves_result)
        rows = patr_of(self._years, year) if self.facts.any_record else []
        return answers.Table[answers.Patr](tuple(self._patr(row, year) for row in rows))

    def funds(self, as_of: date | None = None) -> answers.Table[answers.Fund]:
        """Every movement fund on a day (the books' last one where none is given)."""
        self._need(lambda _: True)
        day = as_of or self.facts.last_day
        if day is None or not self.facts.any_record:
            return answers.Table[answers.Fund](())
        rows = fund_rows(self._years, day)
        overdue = any(row.spend_by is not None and row.spend_by < day for row in rows)
        found = findings_of(self.facts, ("funds",))
        return answers.Table[answers.Fund](tuple(self._fund(row) for row in rows)).marked(overdue or bool(found))

    def duties(self, as_of: date) -> answers.Table[answers.Duty]:
        """Every deadline that was opened by a day, and where it stands on it."""
        rows = duties(self._years, as_of) if self.facts.any_record else []
        table = answers.Table[answers.Duty](
            tuple(
                answers.Duty(
                    duty=row.duty,
                    subject=row.subject,
                    opened=str(row.opened),
                    due=str(row.due),
                    state=row.state,
                    rule=row.rule,
                    place=None if row.place is None else str(row.place),
                    met_by=None if row.met_by is None else str(row.met_by),
                )
                for row in rows
            )
        )
        return table.marked(any(row.state == "overdue" for row in rows))

    # -- how answers are made ----------------------------------------------------------------------------------------

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
        return not below(account, roots.assets) or account in self.facts.daily

    def _ratio_rows(self, period: str | None) -> list[RatioRow]:
        self._need(lambda account: any(below(account, parent) for parent in self._rules.wages))
        rows = ratio_rows(self._rules)
        if period is None:
            return rows
        asked = self._rules.calendar.named(period)
        return [row for row in rows if _within(row.period, asked)]

    def _wage_row(self, row: RatioRow) -> answers.WageRatio:
        return answers.WageRatio(
            period=row.period.name,
            ratio=row.ratio_text,
            cap=None if row.bylaw is None else cap_text(row.bylaw.cap),
            breach=row.breach,
            highest=None if row.highest is None else _end(row.highest.person, row.highest.rate),
            lowest=None if row.lowest is None else _end(row.lowest.person, row.lowest.rate),
            measure=row.measure,
            people=len(row.counted),
            left_out=tuple(
                answers.LeftOut(person=each.person, reason=each.reason)
                for each in row.people
                if each.reason is not None
            ),
            bylaw=None if row.bylaw is None else str(row.bylaw.place),
            contract_hours=tuple(each.person for each in row.people if each.contract_hours),
            message=breach_sentence(row, self._rules) if row.breach else None,
        )

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

    def _surplus(self, year: YearSurplus, forecast: bool) -> answers.Surplus:
        text = self.facts.unit.text
        return answers.Surplus(
            period=year.period.name,
            starts=str(year.period.starts),
            ends=str(year.period.ends),
            currency=self.facts.unit.currency,
            result=text(year.result.result),
            member_result=text(year.result.member),
            nonmember_result=text(year.result.nonmember),
            adjustments=text(year.result.adjustments),
            carried_in=text(year.carried_in),
            earlier_losses=text(year.earlier_losses),
            base=text(year.base),
            steps=tuple(self._step(step) for step in year.steps),
            members=tuple(self._part(part) for part in year.members),
            workers=tuple(self._part(part) for part in year.workers),
            unallocated=text(year.unallocated),
            forecast=forecast,
            changes=tuple(
                answers.Change(
                    rule=change.record.named,
                    place=str(change.record.place),
                    date=str(change.record.date),
                    retroactive=change.retroactive,
                )
                for change in year.changes
            ),
            unpriced=tuple(f"{row.place}: {row.amount} on {row.account}" for row in year.result.unpriced),
            unplaced=year.unplaced_before,
        )

    def _step(self, step: Step) -> answers.Step:
        text = self.facts.unit.text
        return answers.Step(
            id=step.id,
            step=int(step.step) if step.step.isdigit() else step.step,
            to=step.to,
            account=step.account,
            share=None if step.share is None else places_half_up(step.share, 6),
            of=step.of,
            base=None if step.base is None else text(step.base),
            amount=text(step.amount),
            stopped_by=step.stopped_by,
            rule=str(step.place),
            law=None if step.record is None else step.record.law,
            decision=None if step.record is None else step.record.decision,
        )

    def _worked(self, row: Worked) -> answers.Worked:
        digits = self.facts.unit.digits + WORKING_DIGITS
        exact = half_up(row.exact * 10**WORKING_DIGITS)
        rounding = row.amount * 10**WORKING_DIGITS - exact
        return answers.Worked(
            step=row.step,
            to=row.to,
            by=row.by,
            member=row.person,
            figure=places_half_up(row.figure, 2),
            whole=places_half_up(row.whole, 2),
            share=places_half_up(row.share, 6),
            exact=places_half_up(Fraction(exact, 10**digits), digits),
            amount=self.facts.unit.text(row.amount),
            rounding=places_half_up(Fraction(rounding, 10**digits), digits),
        )

    def _claim(self, row: Queued) -> answers.Claim:
        return answers.Claim(
            member=row.member,
            period=row.period,
            account=row.account,
            amount=self.facts.unit.text(row.amount),
            redeem_on=None if row.redeem_on is None else str(row.redeem_on),
            due=row.due,
        )

    def _debt(self, row: Debt, as_of: date) -> answers.Debt:
        text, leaving = self.facts.unit.text, row.leaving
        return answers.Debt(
            member=row.person,
            exit=str(row.since),
            cause=None if leaving is None else leaving.cause,
            capital=text(row.capital),
            deductions=text(row.deductions),
            set_off=text(row.set_off),
            owed=text(row.owed),
            interest=text(row.interest),
            losses=text(row.losses),
            paid=text(row.paid),
            balance=text(row.balance),
            overdue=text(row.overdue(as_of)),
            instalments=tuple(
                answers.Instalment(
                    due=str(each.due),
                    principal=text(each.principal),
                    interest=text(each.interest),
                    amount=text(each.amount),
                    paid=text(each.paid),
                    overdue=each.is_overdue(as_of),
                )
                for each in row.instalments
            ),
            rule=None if leaving is None or leaving.rule is None else str(leaving.rule.place),
        )

    def _notice(self, row: Notice, period: str) -> answers.Notice:
        text = self.facts.unit.text
        return answers.Notice(
            member=row.person,
            name=self._name_of(row.person),
            period=period,
            kind=row.kind,
            net_income=text(row.net_income),
            dividends=text(row.dividends),
            share_of_net_income=places_half_up(row.share_of_net_income, 6),
            share=places_half_up(row.share, 6),
            dividend=text(row.dividend),
            cash=text(row.cash),
            cash_share=places_half_up(row.cash_share, 6),
            retained=text(row.retained),
            redeem_on=None if row.redeem_on is None else str(row.redeem_on),
            pay_by=str(row.pay_by),
            rule=str(row.place),
        )

    def _patr(self, row: Patr, year: int) -> answers.Patr:
        text = self.facts.unit.text
        return answers.Patr(
            member=row.person,
            name=self._name_of(row.person),
            year=str(year),
            box_1=text(row.box_1),
            cash=text(row.cash),
            notices=text(row.notices),
            box_4=text(row.withheld),
            box_5=text(row.redeemed),
        )

    def _name_of(self, member: str) -> str | None:
        """The name that the books show for a member, if any: that of the last record with one."""
        named = [record.name for record in self._rules.history(people.Member, member) if record.name]
        return named[-1] if named else None

    def _part(self, part: Part) -> answers.Part:
        text = self.facts.unit.text
        return answers.Part(
            member=part.person,
            patronage=places_half_up(part.patronage, 2),
            share=places_half_up(part.share, 6),
            amount=text(part.amount),
            cash=text(part.cash),
            retained=text(part.retained),
            declined=text(sum(units for _, units in part.declined)),
        )

    def _vintage(self, vintage: CapitalVintage) -> dict[str, object]:
        """One vintage; of a hundred thousand most hold just what was credited, and that text is made once."""
        text, nothing = self.facts.unit.text, self._nothing
        period, account, units, redeem_on, opening, credited, interest, losses, redeemed = vintage
        amount = text(units)
        return {
            "period": period or None,
            "account": account,
            "amount": amount,
            "redeem_on": None if redeem_on is None else str(redeem_on),
            "opening": text(opening) if opening else nothing,
            "credited": amount if credited == units else text(credited) if credited else nothing,
            "interest": text(interest) if interest else nothing,
            "losses": text(losses) if losses else nothing,
            "redeemed": text(redeemed) if redeemed else nothing,
        }

    @cached_property
    def _last(self) -> date:
        """The last day that the books speak of: of an entry or, where that is later, of a record."""
        return max([self.facts.last_day or date.min, *(record.date for record in self.facts.records)])

    @cached_property
    def _nothing(self) -> str:
        return self.facts.unit.text(0)

    def _account(self, account: CapitalAccount, terms: BuyIn) -> dict[str, object]:
        text = self.facts.unit.text
        return {
            "member": account.member,
            "opening": text(account.opening),
            "credited": text(account.credited),
            "interest": text(account.interest),
            "losses": text(account.losses),
            "redeemed": text(account.redeemed),
            "balance": text(account.balance),
            "vintages": [self._vintage(vintage) for vintage in account.vintages],
            "buy_in": None if terms.buy_in is None else text(terms.buy_in),
            "brought_in": text(terms.brought_in),
            "unpaid": text(terms.unpaid),
            "buy_in_due": None if terms.due is None else str(terms.due),
            "entry_fee": None if terms.entry_fee is None else text(terms.entry_fee),
            "fee_paid": text(terms.fee_paid),
        }

    def _equity_row(self, line: Line) -> answers.EquityRow:
        text = self.facts.unit.text
        return answers.EquityRow(
            line=line.line,
            account=line.account,
            opening=text(line.opening),
            credited=text(line.credited),
            interest=text(line.interest),
            losses=text(line.losses),
            redeemed=text(line.redeemed),
            other=text(line.other),
            balance=text(line.balance),
        )

    def _interest(self, found: Interest) -> answers.Interest:
        text = self.facts.unit.text
        return answers.Interest(
            period=found.period.name,
            currency=self.currency,
            rate=None if found.rule is None else places_half_up(found.rate, 6),
            on=None if found.rule is None else found.rule.interest_on,
            rows=tuple(
                answers.InterestRow(
                    member=row.member,
                    capital=text(half_up(row.capital)),
                    owed=text(row.owed),
                    posted=text(row.posted),
                    missing=text(row.missing),
                )
                for row in found.members
            ),
            owed=text(found.owed),
            posted=text(found.posted),
            missing=text(found.owed - found.posted),
            capped=found.capped,
            transaction=interest_text(found, self.facts.unit) if found.postings else None,
            rule=None if found.rule is None else str(found.rule.place),
        )

    def _fund(self, row: FundRow) -> answers.Fund:
        text = self.facts.unit.text
        fund: surplus.Fund = row.record
        return answers.Fund(
            fund=fund.id,
            account=fund.account,
            kind=fund.kind,
            promised=None if row.promised is None else text(row.promised),
            funded=text(row.funded),
            spent=text(row.spent),
            balance=text(row.balance),
            backing=None if row.backing is None else text(row.backing),
            shortfall=text(row.shortfall),
            spend_by=None if row.spend_by is None else str(row.spend_by),
            weeks=None if row.weeks is None else places_half_up(row.weeks, 1),
            purpose=fund.purpose,
            movement=fund.movement,
            rule=str(fund.place),
        )


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


def _end(person: str | None, rate: Fraction) -> answers.End:
    return answers.End(person=person, rate=places_half_up(rate, 2))
