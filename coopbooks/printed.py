"""Exact results as answers print them: whole units become money, shares get their decimals, places become text.

One method an answer or a row of one. No figure is computed here, and nothing is decided.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import coopbooks.answers as answers  # noqa: PLR0402  # the other form would import the package, which imports this
from coopbooks.books.text import exit_text, interest_text, redemption_text
from coopbooks.bylaws import Bylaws
from coopbooks.money import half_up, places_half_up
from coopbooks.periods import Period
from coopbooks.records import people, surplus
from coopbooks.rules.lottery import is_small, pool_digest, ticket
from coopbooks.rules.pay import breach_sentence, cap_text
from coopbooks.rules.seals import short_form

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coopbooks.audit.conflicts import Tie
    from coopbooks.audit.lottery import Lottery
    from coopbooks.records.surplus import Seal
    from coopbooks.rules.alliances import FromAlly, Reveal
    from coopbooks.rules.buy_in import BuyIn
    from coopbooks.rules.capital import Account, Vintage
    from coopbooks.rules.debts import Debt
    from coopbooks.rules.dependence import SurvivalMeasure
    from coopbooks.rules.duties import Duty
    from coopbooks.rules.equity import Line, Statement
    from coopbooks.rules.exits import ExitProposal, Leaving
    from coopbooks.rules.fund_entries import FundEntry
    from coopbooks.rules.funds import FundRow
    from coopbooks.rules.interest import Interest
    from coopbooks.rules.members import Part
    from coopbooks.rules.notices import Notice, Patr
    from coopbooks.rules.outlook import Outlook
    from coopbooks.rules.pay import PersonPay, RatioRow
    from coopbooks.rules.payments import Payment
    from coopbooks.rules.published import Published
    from coopbooks.rules.queue import Queued
    from coopbooks.rules.redemption import Redemption
    from coopbooks.rules.rulebook import Entry
    from coopbooks.rules.seals import Compared
    from coopbooks.rules.sovereignty import BudgetMeasure, DecisionMeasure, Measures, PivotMeasure
    from coopbooks.rules.surplus import YearSurplus
    from coopbooks.rules.waterfall import Step
    from coopbooks.rules.worksheet import Worked

__all__ = ["Printed"]

WORKING_DIGITS = 4
"""Digits beyond the smallest unit with which a worksheet shows what was rounded."""


class Printed:
    """The answers of one cooperative's books, from the rules' results. Raises LedgerUnusable where there is no currency."""

    def __init__(self, rules: Bylaws) -> None:
        """The rules say whose books these are, in which currency, and what members are called."""
        self.rules, self.facts = rules, rules.facts

    def outlook(self, row: Outlook) -> answers.Outlook:
        """What would change a forecast: one supposed result, and how far each step moves."""
        text = self.facts.unit.text
        return answers.Outlook(
            change=f"{'+' if row.change > 0 else ''}{text(row.change)}",
            result=text(row.year.result.result),
            earlier_losses=text(row.year.earlier_losses),
            unallocated=text(row.year.unallocated),
            members=text(sum(part.amount for part in row.year.members)),
            workers=text(sum(part.amount for part in row.year.workers)),
            steps=tuple(
                answers.OutlookStep(
                    id=turn.step.id,
                    to=turn.step.to,
                    account=turn.step.account,
                    amount=text(turn.amount),
                    difference=text(turn.difference),
                )
                for turn in row.turns
            ),
        )

    def fund_entry(self, row: FundEntry) -> answers.FundEntry:
        """One entry on a movement fund."""
        text = self.facts.unit.text
        return answers.FundEntry(
            fund=row.fund,
            date=str(row.date),
            sort=row.sort,
            amount=text(row.amount),
            balance=text(row.balance),
            source=row.source,
            decision=row.decision,
            decision_place=None if row.decision_place is None else str(row.decision_place),
            claim=row.claim,
            purpose=row.purpose,
            counter=row.counter,
            place=str(row.place),
        )

    def reveal(self, found: Reveal) -> answers.Reveal:
        """What allies gave, and on what conditions."""
        text = "{}".format if self.facts.currency is None else self.facts.unit.text
        return answers.Reveal(
            since=None if found.since is None else str(found.since),
            pulse=None if found.pulse is None else found.pulse.id,
            pulse_place=None if found.pulse is None else str(found.pulse.place),
            until=str(found.until),
            currency=self.facts.currency,
            given=text(found.given),
            in_kind=text(found.in_kind),
            income=None if found.income is None else text(found.income),
            share_of_income=_share_said(found.share(found.given + found.in_kind)),
            gifts=tuple(
                answers.Gift(
                    date=str(gift.row.date),
                    ally=str(gift.row.ally),
                    amount=None if gift.units is None else text(gift.units),
                    in_kind=gift.in_kind,
                    valuation=None if gift.valuation is None else str(gift.valuation),
                    conditions=gift.conditions,
                    account=gift.row.account,
                    place=str(gift.row.place),
                )
                for gift in found.gifts
            ),
            allies=tuple(self._from_ally(ally, found) for ally in found.allies),
            missing=tuple(
                answers.RevealPlace(place=str(gift.row.place), ally=str(gift.row.ally))
                for gift in found.gifts
                if gift.conditions is None
            ),
        )

    def sovereignty(self, found: Measures) -> answers.Sovereignty:
        """The four measures and the index, each with the figures that it is made of."""
        shares = {name: getattr(found, name) for name in found.details._fields}
        spent, taken, lasts, turns = found.details
        figures = (self._spent_said(spent), _taken_said(taken), _lasts_said(lasts), _turns_said(turns))
        return answers.Sovereignty(
            as_of=str(found.as_of),
            measures={
                name: None if share is None else places_half_up(share * 100, 1) for name, share in shares.items()
            },
            index=None if found.index is None else str(found.index),
            missing=found.missing,
            figures={
                name: why or text
                for name, why, text in zip(
                    shares, (spent.missing, taken.missing, lasts.missing, turns.missing), figures, strict=True
                )
            },
        )

    def _spent_said(self, found: BudgetMeasure) -> str:
        said = self.facts.unit.said
        return f"{said(found.decided)} of the {said(found.spent)} that was spent rests on decisions of the assembly"

    def _from_ally(self, ally: FromAlly, found: Reveal) -> answers.FromAlly:
        record, contract, text = ally.record, ally.contract, self.facts.unit.text
        return answers.FromAlly(
            ally=ally.id,
            name=None if record is None else record.name,
            sort=None if record is None else record.sort,
            hostile=record is not None and record.hostile,
            given=text(ally.given),
            in_kind=text(ally.in_kind),
            share_of_income=_share_said(found.share(ally.given + ally.in_kind)),
            conditions=ally.conditions,
            contract=None
            if contract is None
            else answers.AllyContract(
                open_ledger=contract.open_ledger,
                non_interference=contract.non_interference,
                assembly_supremacy=contract.assembly_supremacy,
                sunset=None if contract.sunset is None else str(contract.sunset),
                signed=None if contract.signed is None else str(contract.signed),
                place=str(contract.place),
            ),
            signals=tuple(
                answers.AllySignal(date=str(each.date), what=each.what, evidence=each.evidence, place=str(each.place))
                for each in ally.signals
            ),
            place=None if record is None else str(record.place),
        )

    def record(self, row: Entry) -> answers.RecordRow:
        """One record, and whether it is in force."""
        record = row.record
        return answers.RecordRow(
            kind=record.KIND,
            id=record.id,
            date=str(record.date),
            place=str(record.place),
            ends=None if row.ends is None else str(row.ends),
            standing=row.standing,
            fields=tuple(answers.RecordField(name=name, value=value) for name, value in row.fields),
            decision=record.decision,
            decision_place=None if row.decision_place is None else str(row.decision_place),
            law=record.law,
        )

    def wage_row(self, row: RatioRow) -> answers.WageRatio:
        """The wage ratio of one pay period against one cap."""
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
            message=breach_sentence(row, self.rules) if row.breach else None,
        )

    def surplus(self, year: YearSurplus, forecast: bool) -> answers.Surplus:
        """A fiscal year's surplus, step by step and person by person."""
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

    def worked(self, row: Worked) -> answers.Worked:
        """One line of a worksheet, with what was rounded."""
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

    def claim(self, row: Queued) -> answers.Claim:
        """One vintage that waits to be paid back."""
        return answers.Claim(
            member=row.member,
            period=row.period,
            account=row.account,
            amount=self.facts.unit.text(row.amount),
            redeem_on=None if row.redeem_on is None else str(row.redeem_on),
            due=row.due,
        )

    def debt(self, row: Debt, as_of: date) -> answers.Debt:
        """What is owed to one former member on a day."""
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

    def notice(self, row: Notice, period: str) -> answers.Notice:
        """One member's written notice of a period."""
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

    def patr(self, row: Patr, year: int) -> answers.Patr:
        """One member's figures of form 1099-PATR, for a calendar year."""
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
        named = [record.name for record in self.rules.history(people.Member, member) if record.name]
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

    def _vintage(self, vintage: Vintage) -> dict[str, object]:
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
    def _nothing(self) -> str:
        return self.facts.unit.text(0)

    def account(self, account: Account, terms: BuyIn) -> dict[str, object]:
        """One member's capital account, as plain data: models of a hundred thousand vintages are made in one go."""
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

    def interest(self, found: Interest) -> answers.Interest:
        """Interest on members' capital, owed and posted."""
        text = self.facts.unit.text
        return answers.Interest(
            period=found.period.name,
            currency=self.facts.currency,
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

    def fund(self, row: FundRow) -> answers.Fund:
        """One movement fund."""
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

    def person_pay(self, row: RatioRow, person: PersonPay) -> answers.PersonPay:
        """One person's pay in a pay period."""
        unit = self.facts.unit
        return answers.PersonPay(
            period=row.period.name,
            person=person.person,
            status=person.status,
            pay=unit.text(unit.nearest(person.pay)),
            hours=None if person.hours is None else places_half_up(person.hours, 2),
            rate=None if person.rate is None else places_half_up(person.rate, 2),
            counted=person.reason is None,
            reason=person.reason,
        )

    def payment(self, payment: Payment, units: int) -> answers.Payment:
        """What a payment pays of one year, in whole units."""
        return answers.Payment(
            member=payment.person,
            date=str(payment.move.date),
            amount=self.facts.unit.text(units),
            place=str(payment.leg.place),
        )

    def duty(self, row: Duty) -> answers.Duty:
        """One deadline and where it stands."""
        return answers.Duty(
            duty=row.duty,
            subject=row.subject,
            opened=str(row.opened),
            due=str(row.due),
            state=row.state,
            rule=row.rule,
            place=None if row.place is None else str(row.place),
            met_by=None if row.met_by is None else str(row.met_by),
        )

    def equity(self, asked: Period, found: Statement) -> answers.Equity:
        """The statement of changes in members' equity."""
        text = self.facts.unit.text
        judged = found.rule is not None and bool(found.rule.collective)
        return answers.Equity(
            period=asked.name,
            starts=str(asked.starts),
            ends=str(asked.ends),
            currency=self.facts.currency,
            rows=tuple(self._equity_row(line) for line in found.lines),
            net_book_value=None if found.net_book_value is None else text(found.net_book_value),
            difference=None if found.difference is None else text(found.difference),
            judged=judged,
        ).marked(judged and bool(found.difference))

    def redemption(self, found: Redemption, as_of: date) -> answers.Redemption:
        """What is paid back for a sum of money, and the queue before it."""
        text = self.facts.unit.text
        return answers.Redemption(
            as_of=str(as_of),
            redeem="oldest-first" if found.rule is None else found.rule.redeem,
            short="queue" if found.rule is None else found.rule.short,
            asked=text(found.asked),
            redeemed=text(found.redeemed),
            left=text(found.left),
            why_left=found.why_left,
            paid_from=found.source,
            transaction=redemption_text(found, self.facts.unit) or None,
            payouts=tuple(
                answers.Payout(
                    member=each.row.member,
                    period=each.row.period,
                    account=each.row.account,
                    amount=text(each.units),
                )
                for each in found.payouts
            ),
            queue=tuple(self.claim(row) for row in found.queue),
        )

    def exit(self, leaving: Leaving, proposal: ExitProposal | None) -> answers.ProposedExit:
        """The entry that settles a leaver's capital, where one is missing."""
        return answers.ProposedExit(
            member=leaving.person,
            exit=str(leaving.day),
            cause=leaving.cause,
            rule=None if leaving.rule is None else str(leaving.rule.place),
            transaction=None if proposal is None else exit_text(proposal, self.facts.unit),
        )

    def draw(self, found: Lottery, ties: Mapping[str, Sequence[Tie]], record: str | None) -> answers.Draw:
        """A lottery of auditors, with the ties of whoever was drawn."""
        call, drawn = found.call, found.drawn
        given = {name: value for name, _, value in (text.partition("=") for text in found.sources)}
        replies = () if found.seats is None else (*found.seats.seated, *found.seats.waiting, *found.seats.declined)
        answered = {each.id: each for each in replies}
        chosen = () if drawn is None else (*drawn.panel, *drawn.alternates)
        return answers.Draw(
            call=call.id,
            seed=found.seed,
            order=drawn.order if drawn else (),
            panel=drawn.panel if drawn else (),
            alternates=drawn.alternates if drawn else (),
            skipped=tuple(
                answers.DrawSkip(id=each.id, reason=each.reason) for each in (drawn.skipped if drawn else ())
            ),
            pool=len(set(call.pool)),
            small_pool=is_small(call),
            pool_sha256=pool_digest(call.pool),
            seats=call.seats,
            draw_not_before=str(call.draw_not_before),
            drawn_on=None if found.draw is None else str(found.draw.date),
            sources=tuple(answers.DrawSource(name=name, value=given.get(name)) for name in call.sources),
            drawn=tuple(
                answers.DrawPlace(
                    id=person,
                    place="panel" if drawn and person in drawn.panel else "alternate",
                    ticket=ticket(found.seed or "", person),
                    accepted=answered[person].accepted if person in answered else None,
                    declared=answered[person].conflicts if person in answered else None,
                    ties=tuple(tie.text for tie in ties[person]),
                    excluded=any(tie.excludes for tie in ties[person]),
                )
                for person in chosen
            ),
            missing=found.missing,
            faults=tuple(map(str, found.faults)),
            record=record,
            written=False,
        )

    def seal(self, row: Compared) -> answers.Seal:
        """A seal beside the books."""
        seal = row.seal
        return answers.Seal(
            period=seal.id,
            ok=row.holds,
            added=tuple(f"{each.place} {each.kind} of {each.date}" for each in row.added),
            removed=tuple(str(each) for each in row.removed),
            changed=tuple(f"{each.place} {each.kind}, sealed as {before}" for before, each in row.changed),
            place=str(seal.place),
            starts=None if seal.starts is None else str(seal.starts),
            until=str(seal.until),
            dated=str(seal.date),
            directives=seal.directives,
            sha256=seal.sha256,
            short=short_form(seal.sha256),
            previous=seal.previous,
            faults=row.faults,
            signed=(),
        )

    def seal_page(self, seal: Seal, page: str) -> answers.SealPage:
        """The page of a seal."""
        return answers.SealPage(period=seal.id, page=page, sha256=seal.sha256, short=short_form(seal.sha256))

    def published(self, found: Published) -> answers.Published:
        """What a derived ledger says of itself."""
        years = (
            answers.PublishedSurplus(
                period=year.period,
                result=year.result,
                earlier_losses=year.earlier_losses,
                steps=tuple(answers.PublishedStep(**step._asdict()) for step in year.steps),
            )
            for year in found.surplus
        )
        return answers.Published(
            audience=found.audience,
            as_of=found.as_of,
            ratios=tuple(answers.PublishedRatio(**row._asdict()) for row in found.ratios),
            bands=tuple(answers.PublishedBand(**row._asdict()) for row in found.bands),
            pay=tuple(answers.PublishedPay(**row._asdict()) for row in found.pay),
            spent=tuple(answers.PublishedSpent(**row._asdict()) for row in found.spent),
            surplus=tuple(years),
        )


def _taken_said(found: DecisionMeasure) -> str:
    unsaid = f"; {found.unsaid} of them do not say whom they asked" if found.unsaid else ""
    few = ", few as they are," if found.few else ""
    return f"{found.independent} of {found.total} decisions{few} were taken without a voice from outside{unsaid}"


def _lasts_said(found: SurvivalMeasure) -> str:
    def days(number: int | None) -> str:
        return "without end" if number is None else _count(number, "day")

    lost = f"; no other way was tried for {', '.join(found.untested)}" if found.untested else ""
    return f"{days(found.days)} without support from outside, {days(found.siege_days)} without any income{lost}"


def _turns_said(found: PivotMeasure) -> str:
    middle = "never" if found.median is None else f"{places_half_up(found.median, 1)} hours"
    return f"{middle} is the median of {_count(len(found.drills), 'drill')} and {_count(len(found.events), 'event')}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _share_said(share: Fraction | None) -> str | None:
    return None if share is None else places_half_up(share, 6)


def _end(person: str | None, rate: Fraction) -> answers.End:
    return answers.End(person=person, rate=places_half_up(rate, 2))
