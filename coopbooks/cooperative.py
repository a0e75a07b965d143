"""The facade: one cooperative's books, and every question that they answer.

coop = load("main.beancount")
coop.surplus("2025").steps
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import coopbooks.answers as answers  # noqa: PLR0402  # the other form would import the package, which imports this
from coopbooks.books.loading import Dropped, load_books
from coopbooks.books.text import close_text
from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, LedgerUnusable, UnknownName
from coopbooks.facts import Facts, below
from coopbooks.money import places_half_up
from coopbooks.periods import Period
from coopbooks.records import bylaws, people, surplus
from coopbooks.rules.capital import Account as CapitalAccount
from coopbooks.rules.capital import accounts_of
from coopbooks.rules.check import findings_of
from coopbooks.rules.close import close_findings, closing
from coopbooks.rules.duties import duties
from coopbooks.rules.funds import FundRow, fund_rows
from coopbooks.rules.members import Part
from coopbooks.rules.pay import RatioRow, breach_sentence, cap_text, ratio_rows
from coopbooks.rules.surplus import Surpluses, YearSurplus
from coopbooks.rules.waterfall import Step

__all__ = ["Cooperative", "load"]


def load(path: str | Path) -> Cooperative:
    """The cooperative whose ledger has this top-level file; no load cache is read or written.

    Raises LedgerUnusable, one sentence, where the file cannot be read as a ledger.
    """
    books = load_books(path)
    return Cooperative(books.facts, books.errors, books.dropped, books.path)


class Cooperative:
    """One cooperative's books. Reads no clock: where a day matters it is given, else the books' last day stands in."""

    def __init__(
        self,
        facts: Facts,
        errors: Iterable[Finding] = (),
        dropped: Iterable[Dropped] = (),
        path: Path | None = None,
    ) -> None:
        """`errors` are Beancount's own, `dropped` the entries that it could not take."""
        self.facts = facts
        self.path = path
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

    def close(self, period: str, decision: str | None = None) -> answers.Close:
        """The transaction that is still missing to close a fiscal year; `transaction` is None where nothing is.

        `decision` is the one that amends a year already closed. Raises UnknownPeriod, and SurplusRefused with what
        must come first.
        """
        self._need(self._moves_result)
        if not self.facts.any_record:
            return answers.Close(transaction=None, sha256=None, written=False)
        missing = closing(self._years, period, decision)
        text = None if missing is None else close_text(missing, self.facts.unit)
        return answers.Close(transaction=text, sha256=None, written=False)

    def members(self, member: str | None = None) -> answers.Table[answers.Account]:
        """The capital account of every member, or of one, by vintage. Raises UnknownName for a member nobody is."""
        self._need(lambda account: below(account, self.facts.roots.equity))
        if not self.facts.any_record:
            return answers.Table[answers.Account](())
        rows = accounts_of(self._rules)
        if member is not None:
            known = {record.id for record in self._rules.every(people.Member)}
            if member not in known:
                raise UnknownName(
                    f'there is no member "{member}": the members are {", ".join(sorted(known)) or "none yet"}'
                )
            rows = [row for row in rows if row.member == member]
        below_zero = any(vintage.amount < 0 for row in rows for vintage in row.vintages)
        return answers.Table[answers.Account](tuple(self._account(row) for row in rows)).marked(below_zero)

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

    def _account(self, account: CapitalAccount) -> answers.Account:
        text = self.facts.unit.text
        return answers.Account(
            member=account.member,
            opening=text(account.opening),
            credited=text(account.credited),
            interest=text(account.interest),
            losses=text(account.losses),
            redeemed=text(account.redeemed),
            balance=text(account.balance),
            vintages=tuple(
                answers.Vintage(
                    period=vintage.period or None,
                    account=vintage.account,
                    amount=text(vintage.amount),
                    redeem_on=None if vintage.redeem_on is None else str(vintage.redeem_on),
                )
                for vintage in account.vintages
            ),
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


def _within(period: Period, asked: Period) -> bool:
    return asked.starts <= period.starts and period.ends <= asked.ends


def _end(person: str | None, rate: Fraction) -> answers.End:
    return answers.End(person=person, rate=places_half_up(rate, 2))
