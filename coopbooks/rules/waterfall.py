"""The waterfall: steps in order, each with its base, share, limit and rounding; and the mirror image for a loss.

All money is whole units. Steps of one number share one base; what they ask together is dealt by largest remainder,
and where they ask for more than remains, it is shared in proportion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Place, SurplusRefused
from coopbooks.facts import below
from coopbooks.money import Amount, half_up, rounded, share_out
from coopbooks.periods import Period
from coopbooks.records import bylaws, surplus
from coopbooks.records.base import Record
from coopbooks.records.fields import Figure, is_account, said
from coopbooks.rows import NamedTuple
from coopbooks.rules.balances import balance_without_close, credits_in_year, highest_balance
from coopbooks.rules.capital import holdings_of
from coopbooks.rules.patronage import Patronage
from coopbooks.rules.result import Result

__all__ = ["Bases", "Step", "bear_loss", "divide_resolutions", "place_surplus"]

NOT_ACCOUNTS = ("members", "workers", "next", "decision")


class Bases(NamedTuple):
    """What a step's share may be of, before any step has run."""

    result: Result
    surplus: int
    whole: int
    nonmember: int


class Step(NamedTuple):
    """One step as it came out: what it was a share of, what it got, and by what it was stopped."""

    id: str
    step: str
    to: str
    account: str | None
    share: Fraction | None
    of: str | None
    base: int | None
    amount: int
    stopped_by: str | None
    place: Place
    record: surplus.Allocation | surplus.Resolution | surplus.Loss | None
    parts: Mapping[str, int]


class _Ask(NamedTuple):
    """What one step asks for, exact, before it is rounded and dealt."""

    record: surplus.Allocation
    exact: Fraction
    share: Fraction | None
    base: int | None
    limited: bool


def place_surplus(
    rules: Bylaws, period: Period, rule: bylaws.Surplus, bases: Bases, patronage: Patronage
) -> list[Step]:
    """Every step of a year without a loss of its own. Raises SurplusRefused where a step cannot be computed."""
    flow = _Flow(rules, period, bases, patronage)
    steps: list[Step] = []
    if rule.nonmember_to:
        steps.append(_nonmember_step(rule, bases))
        flow.received[rule.nonmember_to] = bases.nonmember
    flow.owe_expenses()
    flow.remaining = max(0, bases.surplus) - sum(flow.expenses.values())
    if flow.remaining < 0:  # expenses make the loss; what earlier years lost stays carried, as it was
        return steps + bear_loss(rules, period, bases, patronage, 0)
    for _, group in groupby(rules.allocations(period), key=lambda record: record.step):
        steps += flow.place_group(list(group))
    return steps


def _account_of(record: Record, does: str, to: str, words: tuple[str, ...] = NOT_ACCOUNTS) -> str | None:
    """The account that a record names, or None for one of a few words. Raises SurplusRefused for anything else."""
    if to in words:
        return None
    if is_account(to):
        return to
    others = " or ".join(map(said, words))
    raise SurplusRefused(
        f'{record.named} {does} "{to}", which is no account: write an account as Equity:Reserve, or {others}',
        record.place,
    )


def _nonmember_step(rule: bylaws.Surplus, bases: Bases) -> Step:
    amount = bases.nonmember
    return Step(
        id="nonmember",
        step="0",
        to=str(rule.nonmember_to),
        account=rule.nonmember_to,
        share=None,
        of="nonmember",
        base=bases.result.nonmember,
        amount=amount,
        stopped_by="remainder" if amount < bases.result.nonmember else None,
        place=rule.place,
        record=None,
        parts={},
    )


class _Flow:
    """The waterfall while it runs: what remains, and what each step and account has got so far."""

    def __init__(self, rules: Bylaws, period: Period, bases: Bases, patronage: Patronage) -> None:
        self.rules, self.period, self.bases, self.patronage = rules, period, bases, patronage
        self.unit = rules.facts.unit
        self.remaining = 0
        self.received: dict[str, int] = {}
        self.amounts: dict[str, int] = {}
        self.expenses: dict[str, int] = {}

    def owe_expenses(self) -> None:
        """What expense steps are owed beyond what the year has booked already; they come before all else."""
        self.remaining = max(0, self.bases.surplus)
        owed = [record for record in self.rules.allocations(self.period) if record.as_ == "expense"]
        for _, group in groupby(owed, key=lambda record: record.step):
            records = list(group)
            whole = _whole({record.id: (self._ask(record).exact, record.round) for record in records})
            for record in records:
                account = self._account(record, "an expense step")
                booked = half_up(self.unit.exact(credits_in_year(self.rules, account, self.period)))
                self.expenses[record.id] = max(0, whole[record.id] - booked)

    def place_group(self, group: list[surplus.Allocation]) -> list[Step]:
        """The steps of one number."""
        asks = [self._ask(record) for record in group if record.as_ != "expense" and not record.rest]
        asked = sum((_alone(ask) for ask in asks), Fraction(0))
        rests = [record for record in group if record.rest and record.as_ != "expense"]
        left = max(Fraction(0), self.remaining - asked)
        alone = [self._limited(record, left, None, None) for record in rests]
        parts = _evenly(left, {ask.record.id: ask.exact for ask in alone})
        asks += [
            ask._replace(exact=parts[ask.record.id], limited=ask.limited and parts[ask.record.id] == ask.exact)
            for ask in alone
        ]
        amounts, short = _deal({ask.record.id: (ask.exact, ask.record.round) for ask in asks}, self.remaining)
        steps = [self._step(ask, amounts[ask.record.id], short) for ask in asks]
        steps += [self.expense_step(record) for record in group if record.as_ == "expense"]
        self.remaining -= sum(amounts.values())
        for step in steps:
            self.amounts[step.id] = step.amount
            if step.account:
                self.received[step.account] = self.received.get(step.account, 0) + step.amount
        return sorted(steps, key=lambda step: step.id)

    def expense_step(self, record: surplus.Allocation) -> Step:
        """An expense step with what the close adds."""
        ask = self._ask(record)
        amount = self.expenses[record.id]
        return self._step(ask, amount, short=False)

    def _step(self, ask: _Ask, amount: int, short: bool) -> Step:
        record = ask.record
        stopped = "until" if ask.limited else "remainder" if short and amount < ask.exact else None
        account = _account_of(record, "goes to", record.to)
        return Step(
            id=record.id,
            step=_number(record.step),
            to=record.to,
            account=account,
            share=ask.share,
            of=None if ask.base is None else record.of,
            base=ask.base,
            amount=amount,
            stopped_by=stopped,
            place=record.place,
            record=record,
            parts=self._parts(record, amount),
        )

    def _parts(self, record: surplus.Allocation, amount: int) -> dict[str, int]:
        if record.to not in ("members", "workers") or not amount:
            return {}
        if record.by == "capital" and record.rate is not None:
            rate = self.rules.figure(record.rate, self.period, record)
            return share_out(amount, self.patronage.interest(record, rate))
        return share_out(amount, self.patronage.shares(record, record.to == "workers"))

    # -- what a step asks for ----------------------------------------------------------------------------------------

    def _ask(self, record: surplus.Allocation) -> _Ask:
        if record.amount is not None:
            return self._limited(record, Fraction(self._money(record.amount, record)), None, None)
        if record.by == "capital" and record.rate is not None:
            rate = self.rules.figure(record.rate, self.period, record)
            whole = sum(self.patronage.interest(record, rate).values(), Fraction(0)) * 10**self.unit.digits
            return self._limited(record, whole, rate, None)
        if record.share is None:
            raise SurplusRefused(
                f"{record.named} does not say how much it gets: write exactly one of share:, amount:, rest: TRUE, or "
                'rate: with by: "capital"',
                record.place,
            )
        base = self._base(record.of, record)
        share = self._share(record.share, record)
        exact = share * max(0, base)
        if record.top_up and record.to not in NOT_ACCOUNTS:
            exact = max(Fraction(0), exact - self._got(record.to))
        return self._limited(record, exact, share, base)

    def _got(self, account: str) -> int:
        """What this close has given an account and all below it so far."""
        return sum(units for name, units in self.received.items() if below(name, account))

    def _limited(self, record: surplus.Allocation, exact: Fraction, share: Fraction | None, base: int | None) -> _Ask:
        """The ask cut to `at-most` and to what is missing until the limit; past the limit, the share `then`."""
        limit, missing = self._limit(record), None
        if limit is not None:
            stands = self.unit.exact(-balance_without_close(self.rules, record.to, self.period))
            if stands < limit:
                missing = max(Fraction(0), limit - stands - self._got(record.to))
            elif record.then is None:
                return _Ask(record, Fraction(0), share, base, limited=True)
            else:
                base, share = self._base(record.of, record), self._share(record.then, record)
                exact = max(Fraction(0), share * max(0, base) - (self._got(record.to) if record.top_up else 0))
        if record.at_most is not None:
            exact = min(exact, Fraction(record.at_most) * max(0, self._base(record.at_most_of, record)))
        if missing is None:
            return _Ask(record, exact, share, base, limited=False)
        return _Ask(record, min(exact, missing), share, base, missing <= exact)

    def _limit(self, record: surplus.Allocation) -> Fraction | None:
        """The balance at which a step stops, exact in units."""
        if record.until is None and record.until_of is None:
            return None
        self._account(record, "a step with a limit")
        if record.until is not None:
            return Fraction(self._money(record.until, record))
        if record.until_account is None or record.until_of is None:
            raise SurplusRefused(
                f"{record.named} needs until-of: and until-account: together, a share and the account it is of: add "
                "until-account:",
                record.place,
            )
        look = highest_balance if record.until_at == "highest" else balance_without_close
        held = look(self.rules, record.until_account, self.period)
        debit = below(record.until_account, self.rules.facts.roots.assets)  # a share of the balance total
        return Fraction(record.until_of) * self.unit.exact(held if debit else -held)

    def _account(self, record: surplus.Allocation, what: str) -> str:
        if record.to in NOT_ACCOUNTS:
            raise SurplusRefused(
                f'{record.named} goes to "{record.to}", but {what} needs an account: write its account in to:',
                record.place,
            )
        return record.to

    def _base(self, of: str, record: surplus.Allocation) -> int:
        result = self.bases.result
        known = {
            "surplus": self.bases.surplus,
            "result": result.total,
            "before-tax": self.bases.surplus + result.member_tax,
            "remaining": self.remaining,
            "whole": self.bases.whole,
            "nonmember": result.nonmember,
            "payroll": result.payroll,
        }
        if of in known:
            return known[of]
        if of.startswith("step:") and of[5:] in self.amounts:
            return self.amounts[of[5:]]
        if of.startswith("step:"):
            raise SurplusRefused(
                f'{record.named} takes a share of "{of}", but no earlier step is called "{of[5:]}": name a step with a '
                "smaller number",
                record.place,
            )
        raise SurplusRefused(
            f'{record.named} takes a share of "{of}", which the books do not know: write one of {", ".join(known)}, '
            "or step:<id>",
            record.place,
        )

    def _share(self, figure: Figure, record: surplus.Allocation) -> Fraction:
        return self.rules.share(figure, self.period, record)

    def _money(self, amount: Amount | Figure, record: surplus.Allocation | surplus.Resolution) -> int:
        return money_of(self.rules, self.period, amount, record)


def money_of(
    rules: Bylaws, period: Period, amount: Amount | Figure, record: surplus.Allocation | surplus.Resolution
) -> int:
    """A fixed amount in whole units. Raises SurplusRefused for another currency."""
    unit = rules.facts.unit
    if isinstance(amount, Amount):
        if amount.currency != unit.currency:
            raise SurplusRefused(
                f"{record.named} says {amount}, but the surplus is in {unit.currency}: write it in {unit.currency}",
                record.place,
            )
        return unit.nearest(amount.number)
    worth = unit.nearest(rules.figure(amount, period, record))
    if worth < 0:
        raise SurplusRefused(
            f"{record.named} names an amount that comes to {unit.said(worth)} in {period.name}: nobody can get less than "
            "nothing, so mend the rate that it names",
            record.place,
        )
    return worth


def _number(step: Decimal) -> str:
    """The number of a step without needless zeros."""
    return f"{step.normalize():f}"


def _deal(asks: Mapping[str, tuple[Fraction, str]], remaining: int) -> tuple[dict[str, int], bool]:
    """Whole amounts for what siblings ask, and whether they had to share what remains.

    Where only rounding asks for more than remains, those rounded to the nearest give way: "at least" stays true.
    """
    exacts = {each: exact for each, (exact, _) in asks.items()}
    amounts = _whole(asks, remaining if sum(exacts.values(), Fraction(0)) <= remaining else None)
    if sum(amounts.values()) <= remaining:
        return amounts, False
    return share_out(remaining, exacts), True


def _whole(asks: Mapping[str, tuple[Fraction, str]], most: int | None = None) -> dict[str, int]:
    """What siblings ask, in whole units: `up` and `down` are rounded alone, before; the exact sum of the others is
    rounded half up, cut to what is left of `most`, and dealt by largest remainder.
    """
    amounts = {each: rounded(exact, how) for each, (exact, how) in asks.items() if how != "nearest"}
    nearest = {each: exact for each, (exact, how) in asks.items() if how == "nearest"}
    total = half_up(sum(nearest.values(), Fraction(0)))
    if most is not None:
        total = min(total, max(0, most - sum(amounts.values())))
    return amounts | (share_out(total, nearest) if total else dict.fromkeys(nearest, 0))


def _alone(ask: _Ask) -> Fraction:
    """What a step asks for beside a `rest`: whole units where it is rounded alone, else exact."""
    how = ask.record.round
    return ask.exact if how == "nearest" else Fraction(rounded(ask.exact, how))


# -- resolutions -----------------------------------------------------------------------------------------------------


def divide_resolutions(rules: Bylaws, period: Period, steps: Iterable[Step], patronage: Patronage) -> list[Step]:
    """Steps left to a decision, divided by the `resolution` records of the period as far as these go."""
    divided: list[Step] = []
    for step in steps:
        if step.to != "decision":
            divided.append(step)
            continue
        own: list[Step] = []
        left, exact = step.amount, Fraction(0)
        for record in _resolutions(rules, period, step.id):
            # Rounded as a running sum: shares of a whole place every unit, and a later one changes none before it.
            exact += left if record.rest else _resolved(rules, period, record, step.amount)
            amount = half_up(exact) - (step.amount - left)
            if amount > left:
                unit = rules.facts.unit
                raise SurplusRefused(
                    f"{record.named} gives {unit.said(amount)} of step {step.id} to {record.to}, but only "
                    f"{unit.said(left)} of it is left: lower the amount",
                    record.place,
                )
            left -= amount
            account = _account_of(record, "goes to", record.to)
            shared = record.to in ("members", "workers") and amount
            parts = share_out(amount, patronage.shares(record, record.to == "workers")) if shared else {}
            share = None if record.share is None else rules.figure(record.share, period, record)
            own.append(
                Step(
                    id=f"{step.id}/{len(own) + 1}",
                    step=step.step,
                    to=record.to,
                    account=account,
                    share=share,
                    of=f"step:{step.id}",
                    base=step.amount,
                    amount=amount,
                    stopped_by=None,
                    place=record.place,
                    record=record,
                    parts=parts,
                )
            )
        divided += [step._replace(amount=left), *own]
    return divided


def _resolutions(rules: Bylaws, period: Period, step: str) -> list[surplus.Resolution]:
    found = [record for record in rules.every(surplus.Resolution) if record.id == period.name and record.of == step]
    return sorted(found, key=lambda record: (record.date, record.rest, record.to, record.place))


def _resolved(rules: Bylaws, period: Period, record: surplus.Resolution, whole: int) -> Fraction:
    if record.amount is not None:
        return Fraction(money_of(rules, period, record.amount, record))
    if record.share is not None:
        return rules.share(record.share, period, record) * whole
    raise SurplusRefused(
        f"{record.named} must say how much it gives: write exactly one of share:, amount:, rest: TRUE",
        record.place,
    )


# -- losses ----------------------------------------------------------------------------------------------------------


def bear_loss(rules: Bylaws, period: Period, bases: Bases, patronage: Patronage, own_loss: int) -> list[Step]:
    """Who bears a year's loss: expense steps that are still owed make it larger, loss records place it.

    Amounts of loss steps are negative. What nobody bears is carried forward.
    """
    flow = _Flow(rules, period, bases, patronage)
    flow.owe_expenses()
    owed = [record for record in rules.allocations(period) if record.as_ == "expense"]
    steps = [step for step in map(flow.expense_step, owed) if step.amount]
    loss = own_loss + sum(step.amount for step in steps) - max(0, bases.surplus)
    left = loss
    borne = _Borne(rules, period)
    for _, group in groupby(rules.losses(period), key=lambda record: record.step):
        records = sorted(group, key=lambda record: record.id)
        wanted, asks = _loss_asks(rules, period, records, loss, left, patronage, borne)
        amounts, short = _deal({each: (ask, "nearest") for each, ask in asks.items()}, left)
        for record in records:
            # What a balance cuts is asked for whole, so that the step itself says that it was stopped.
            cut = not short and asks[record.id] < wanted[record.id]
            asked = half_up(wanted[record.id]) if cut else amounts[record.id]
            step = _loss_step(rules, period, record, loss, asked, patronage, borne)
            steps.append(step._replace(stopped_by=step.stopped_by or ("remainder" if short else None)))
            left += step.amount
    return steps


def _loss_asks(
    rules: Bylaws,
    period: Period,
    records: list[surplus.Loss],
    loss: int,
    left: int,
    patronage: Patronage,
    borne: _Borne,
) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """What each loss record of one number is to bear, exact, and what of it there is; a `rest` takes what its siblings leave.

    As in a surplus, a limit counts before siblings are dealt: what an account or the members cannot bear, a `rest` of
    the same number bears, as far as it can.
    """
    most = {each.id: Fraction(1 if each.at_most_share is None else each.at_most_share) * loss for each in records}
    wanted: dict[str, Fraction] = {}
    for record in records:
        if record.share is not None:
            wanted[record.id] = min(most[record.id], rules.share(record.share, period, record) * loss)
        elif not record.rest:
            raise SurplusRefused(
                f"{record.named} must say how much it bears: write either share: or rest: TRUE", record.place
            )
    if len(records) == 1:  # nobody beside it: what it cannot bear is left to the next step
        wanted = wanted or {records[0].id: min(most[records[0].id], Fraction(left))}
        return wanted, wanted
    trial = borne.copy()
    asks = {each.id: trial.bears(each, wanted[each.id], patronage) for each in records if each.id in wanted}
    remains = max(Fraction(0), left - sum(asks.values(), Fraction(0)))
    rests = [record for record in records if record.id not in asks]
    top = {each.id: min(most[each.id], remains) for each in rests}
    room = top | {
        each.id: trial.copy().bears(each, top[each.id], patronage) for each in rests if each.from_ != "members"
    }
    parts = _evenly(remains, room)
    for record in rests:
        wanted[record.id] = _evenly(remains, room | {record.id: top[record.id]})[record.id]
        if record.from_ == "members":  # not everybody can bear a part: what members leave, the others get
            room[record.id] = trial.copy().bears(record, parts[record.id], patronage)
            others = {each.id: room[each.id] for each in rests if each is not record}
            parts = _evenly(remains - room[record.id], others) | {record.id: room[record.id]}
    return wanted, asks | parts


def _evenly(left: Fraction, most: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """What is left in equal parts, none above the most that it may be; what one leaves, the others get."""
    parts: dict[str, Fraction] = {}
    for place, each in enumerate(sorted(most, key=lambda each: (most[each], each))):
        parts[each] = min(most[each], left / (len(most) - place))
        left -= parts[each]
    return parts


class _Borne:
    """What the steps of one loss have taken so far, so that none takes the same money again."""

    def __init__(self, rules: Bylaws, period: Period) -> None:
        self.rules, self.period = rules, period
        self.by_account: dict[str, int] = {}
        self.by_person: dict[str, int] = {}

    def copy(self) -> _Borne:
        """The same sums, to try out what a step could bear."""
        made = _Borne(self.rules, self.period)
        made.by_account, made.by_person = dict(self.by_account), dict(self.by_person)
        return made

    def bears(self, record: surplus.Loss, ask: Fraction, patronage: Patronage) -> Fraction:
        """What of an ask a record can bear; it counts as borne here."""
        units, account = half_up(ask), record.from_
        if account == "members":
            borne = -sum(_members_loss(self.rules, self.period, record, units, patronage, self).values())
        else:
            borne = units if record.below_zero else min(units, self.left_on(account))
            self.by_account[account] = self.by_account.get(account, 0) + borne
        return ask if borne == units else Fraction(borne)

    def left_on(self, account: str) -> int:
        """What an account can still bear before it, or an account above it that bears too, stands below zero."""
        left = []
        for name in {account, *(name for name in self.by_account if below(account, name))}:
            stands = self.rules.facts.unit.exact(-balance_without_close(self.rules, name, self.period))
            left.append(int(stands) - sum(units for each, units in self.by_account.items() if below(each, name)))
        return max(0, min(left))


def _loss_step(
    rules: Bylaws,
    period: Period,
    record: surplus.Loss,
    loss: int,
    asked: int,
    patronage: Patronage,
    so_far: _Borne,
) -> Step:
    parts: dict[str, int] = {}
    account = _account_of(record, "is borne by", record.from_, ("members",))
    if account is None:
        parts = _members_loss(rules, period, record, asked, patronage, so_far)
        borne = -sum(parts.values())
    else:
        borne = asked if record.below_zero else min(asked, so_far.left_on(account))
        so_far.by_account[account] = so_far.by_account.get(account, 0) + borne
    share = None if record.share is None else rules.figure(record.share, period, record)
    return Step(
        id=record.id,
        step=_number(record.step),
        to=record.from_,
        account=account,
        share=share,
        of=None,
        base=-loss,
        amount=-borne,
        stopped_by="until" if borne < asked else None,
        place=record.place,
        record=record,
        parts=parts,
    )


def _members_loss(
    rules: Bylaws, period: Period, record: surplus.Loss, asked: int, patronage: Patronage, so_far: _Borne
) -> dict[str, int]:
    """Each member's part of a loss, below zero; nobody bears more than their account holds."""
    if not asked:
        return {}
    weights = patronage.shares(_ByPatronage(record), everyone=False)
    parts = share_out(asked, weights)
    if not record.below_zero:
        for person, part in parts.items():
            held = sum(amount for _, amount in holdings_of(rules, person, period, record.against))
            parts[person] = min(part, max(0, held - so_far.by_person.get(person, 0)))
    for person, part in parts.items():
        so_far.by_person[person] = so_far.by_person.get(person, 0) + part
    return {person: -part for person, part in parts.items()}


class _ByPatronage:
    """A loss shared by members: always by patronage."""

    by = "patronage"

    def __init__(self, record: surplus.Loss) -> None:
        self.place, self.named = record.place, record.named
