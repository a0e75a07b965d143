"""Movement funds: what was promised, what came in, what went out, what stands behind it, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

from coopbooks.bylaws import Bylaws
from coopbooks.errors import CoopbooksError, Finding
from coopbooks.facts import Leg, Movement, below
from coopbooks.money import Amount, share_out
from coopbooks.periods import add_months
from coopbooks.records import people, surplus
from coopbooks.records.fields import said
from coopbooks.rows import NamedTuple
from coopbooks.rules.payments import shortfall_of_backing
from coopbooks.rules.surplus import Surpluses, promised

__all__ = ["FundRow", "fund_findings", "fund_rows"]

SOURCES = ("fine", "fee", "deduction", "donation", "interest", "other")


class FundRow(NamedTuple):
    """A movement fund on a day, in whole units; `weeks` only for a strike fund with a weekly pay set."""

    record: surplus.Fund
    promised: int | None
    funded: int
    spent: int
    balance: int
    backing: int | None
    shortfall: int
    spend_by: date | None
    weeks: Fraction | None


def fund_rows(years: Surpluses, day: date) -> list[FundRow]:
    """Every fund in force on a day, sorted by id.

    `promised` is None where the rules of some year cannot be computed; the findings say why.
    """
    rules = years.rules
    funds = rules.all_of(surplus.Fund, day)
    shortfalls = _shortfalls(rules, funds, day)
    return [_row(years, fund, day, shortfalls[fund.id]) for fund in funds]


def _row(years: Surpluses, fund: surplus.Fund, day: date, shortfall: int) -> FundRow:
    rules, unit = years.rules, years.rules.facts.unit
    legs = [(move, leg) for move, leg in _legs(rules, fund) if move.date <= day]
    funded = sum(unit.nearest(-leg.amount) for _, leg in legs if leg.amount < 0)
    spent = sum(unit.nearest(leg.amount) for _, leg in legs if leg.amount > 0)
    try:
        due = promised(years, fund.account, day)
    except CoopbooksError:
        due = None
    backing = None if fund.backing is None else unit.nearest(rules.facts.balance(fund.backing, day))
    return FundRow(
        record=fund,
        promised=due,
        funded=funded,
        spent=spent,
        balance=funded - spent,
        backing=backing,
        shortfall=shortfall,
        spend_by=_spend_by(fund, legs),
        weeks=_strike_weeks(rules, fund, day, funded - spent - shortfall),
    )


def _legs(rules: Bylaws, fund: surplus.Fund) -> Iterator[tuple[Movement, Leg]]:
    for move in rules.facts.movements:
        for leg in move.legs:
            if below(leg.account, fund.account):
                yield move, leg


def _shortfalls(rules: Bylaws, funds: Iterable[surplus.Fund], day: date) -> dict[str, int]:
    """What each fund lacks behind it; funds that share one backing share its shortfall by their balances."""
    unit = rules.facts.unit
    balances = {fund.id: max(0, unit.nearest(-rules.facts.balance(fund.account, day))) for fund in funds}
    found = dict.fromkeys(balances, 0)
    for backing in {fund.backing for fund in funds if fund.backing}:
        sharing = {fund.id: balances[fund.id] for fund in funds if fund.backing == backing}
        short = shortfall_of_backing(rules, backing, day, unit)
        if short and any(sharing.values()):
            found |= share_out(short, sharing)
    return found


def unspent_credits(legs: Iterable[tuple[Movement, Leg]]) -> list[tuple[date, Decimal]]:
    """The credits of a fund that spending has not used up, oldest first; spending uses the oldest."""
    left: list[tuple[date, Decimal]] = []
    spent = Decimal(0)
    for move, leg in legs:
        if leg.amount < 0:
            left.append((move.date, -leg.amount))
        else:
            spent += leg.amount
    left.sort()
    while left and spent >= left[0][1]:
        spent -= left.pop(0)[1]
    if left and spent:
        left[0] = (left[0][0], left[0][1] - spent)
    return left


def _spend_by(fund: surplus.Fund, legs: list[tuple[Movement, Leg]]) -> date | None:
    """The day by which the oldest unspent money must be spent: `spend-by` months after the close that brought it."""
    left = unspent_credits(legs)
    if fund.spend_by is None or not left:
        return None
    return add_months(left[0][0], fund.spend_by)


def _strike_weeks(rules: Bylaws, fund: surplus.Fund, day: date, money: int) -> Fraction | None:
    """Weeks of strike pay for all members and workers that the fund's money covers, one decimal, cut down.

    `money` is the fund's balance less what it lacks behind it; of a shared backing a fund has its part.
    """
    pay = rules.parameter("strike.weekly-pay", day)
    if fund.kind != "strike" or not isinstance(pay, Amount):
        return None
    health = rules.parameter("strike.weekly-health", day)
    weekly = pay.number + (health.number if isinstance(health, Amount) else Decimal(0))
    here = sum(1 for person in rules.people if (now := rules.person(person, day)) and now.status)
    if not here or weekly <= 0:
        return None
    weeks = Fraction(max(0, money)) / (here * rules.facts.unit.exact(weekly))
    return Fraction(floor(weeks * 10), 10)


# -- findings --------------------------------------------------------------------------------------------------------


def fund_findings(rules: Bylaws) -> list[Finding]:
    """What the funds refuse: an overdraft, money to members, a transfer or spending without a decision, a stray credit.

    Nothing in a published ledger, which adds entries up: they were judged in the books, each by itself.
    """
    if any(row.values[:1] == ("audience",) for row in rules.facts.published):
        return []
    findings: list[Finding] = []
    accounts = {fund.account for fund in rules.every(surplus.Fund)}
    legs = [found for account in accounts for found in rules.facts.legs(account)]
    of_funds = {leg.account for _, leg in legs}
    for number in sorted({number for number, _ in legs}):
        findings += _move_findings(rules, rules.facts.movements[number], of_funds)
    return findings + _overdrafts(rules)


def _move_findings(rules: Bylaws, move: Movement, of_funds: set[str]) -> list[Finding]:
    """`of_funds` are all accounts that belong to a fund at any time."""
    legs = [leg for leg in move.legs if leg.account in of_funds]  # a close has hundreds of others
    touched = [(leg, fund) for leg in legs if (fund := rules.fund_of(leg.account, move.date))]
    debits = [(leg, fund) for leg, fund in touched if leg.amount > 0]
    receipts = [(leg, fund) for leg, fund in touched if leg.amount < 0]
    if debits:
        return [
            *_to_members(rules, move, debits),
            *_undecided(rules, move, debits, receipts),
            *_named_people(rules, move, debits),
        ]
    return list(_stray_credits(rules, move, receipts))


def _is_close(move: Movement) -> bool:
    return "coop-close" in move.tags


def _to_members(rules: Bylaws, move: Movement, debits: list[tuple[Leg, surplus.Fund]]) -> Iterator[Finding]:
    """Nothing goes from a fund to members: not to their capital, their patronage, or their wages."""
    leg, fund = debits[0]
    for other in move.legs:
        if other.amount < 0 and _belongs_to_members(rules, other.account):
            yield Finding(
                leg.place,
                "funds",
                f'fund "{fund.id}" (at {fund.place}) gives to {other.account}, which belongs to members: a fund pays only '
                "its purpose, so pay members from wages or from a close",
            )


def _belongs_to_members(rules: Bylaws, account: str) -> bool:
    """Whether an account is anybody's wages, a member's capital, or what members are owed of the surplus."""
    own: set[str] | None = rules.memo.get("own accounts")
    if own is None:
        own = {rules.facts.roots.patronage}
        for member in rules.every(people.Member):
            own.update(member.wages, [member.capital] if member.capital else [])
        for worker in rules.every(people.Worker):
            own.update(worker.wages)
        rules.memo["own accounts"] = own
    while account and account not in own:
        account = account.rpartition(":")[0]
    return bool(account)


def _undecided(
    rules: Bylaws,
    move: Movement,
    debits: list[tuple[Leg, surplus.Fund]],
    receipts: list[tuple[Leg, surplus.Fund]],
) -> Iterator[Finding]:
    """Spending and transfers rest on a decision."""
    if _is_close(move):
        return
    decision = move.fields.get("decision")
    leg, fund = debits[0]
    if isinstance(decision, str) and decision in rules.ids("decision"):
        return
    others = sorted({other.id for _, other in receipts} - {fund.id})
    amount = rules.facts.unit.said(rules.facts.unit.nearest(leg.amount))
    what = f'spending of {amount} from fund "{fund.id}" (at {fund.place})'
    if others:
        what = f'transfer of {amount} from fund "{fund.id}" (at {fund.place}) to fund "{others[0]}"'
    if decision is None:
        fault = "has no decision: add decision: with the id of its record to the transaction"
    else:
        fault = f"names the decision {said(decision)}, which does not exist: add its record, or mend the id"
    yield Finding(leg.place, "funds", f"this {what} {fault}")


def _stray_credits(rules: Bylaws, move: Movement, receipts: list[tuple[Leg, surplus.Fund]]) -> Iterator[Finding]:
    """A fund is credited by a close, a transfer, an expense that the bylaws promise it, or a stated source."""
    if not receipts or _is_close(move):
        return
    source = move.fields.get("source")
    if source in SOURCES:
        return
    leg, fund = receipts[0]
    if source is None and any(
        step.as_ == "expense" and below(leg.account, step.to)
        for step in rules.all_of(surplus.Allocation, rules.year_of(move.date).starts)
    ):
        return
    if source is None:
        fault = "nothing says where it comes from: add to the transaction source:"
    else:
        fault = f"its source {said(source)} is none that the books know: write source:"
    yield Finding(
        leg.place,
        "funds",
        f'fund "{fund.id}" (at {fund.place}) gets money outside a close, and {fault} with one of {", ".join(SOURCES)}',
    )


def _named_people(rules: Bylaws, move: Movement, debits: list[tuple[Leg, surplus.Fund]]) -> Iterator[Finding]:
    """Whoever is helped appears by a claim number, never by name."""
    leg, fund = debits[0]
    fields = [move.fields, *(leg.fields for leg in move.legs)]
    workers = [each["worker"] for each in fields if "worker" in each]
    claims = [each["claim"] for each in fields if "claim" in each and _is_name(rules, each["claim"])]
    for name, cure in ((workers, "take worker: out and write claim:"), (claims, "write claim:")):
        if name:
            yield Finding(
                leg.place,
                "funds",
                f'this spending of fund "{fund.id}" names {said(name[0])}: {cure} with a number, so that the books do not '
                "show who was helped",
            )


def _is_name(rules: Bylaws, claim: object) -> bool:
    """Whether a claim names somebody: by the id of a person here, or by words without any number."""
    return isinstance(claim, str) and (claim.lower() in rules.people or not any(map(str.isdigit, claim)))


def _overdrafts(rules: Bylaws) -> list[Finding]:
    """A fund below zero at a day's end, at the posting that took it there."""
    findings = []
    for record in {fund.account: fund for fund in rules.every(surplus.Fund)}.values():
        stands = Decimal(0)
        days: dict[date, Decimal] = {}
        for day, amount in rules.facts.flows(record.account):
            days[day] = days.get(day, Decimal(0)) - amount
        was_below = False
        for day in sorted(days):
            stands += days[day]
            if stands < 0 and not was_below:
                findings.append(_overdraft(rules, record, day, stands))
            was_below = stands < 0
    return findings


def _overdraft(rules: Bylaws, fund: surplus.Fund, day: date, stands: Decimal) -> Finding:
    unit = rules.facts.unit
    debits = [leg for move, leg in _legs(rules, fund) if move.date == day and leg.amount > 0]
    place = max(debits, key=lambda leg: leg.amount).place if debits else fund.place
    short = unit.said(unit.nearest(-stands))
    return Finding(
        place,
        "funds",
        f'fund "{fund.id}" (at {fund.place}) is {short} below zero at the end of {day}: spend at most what is in it',
    )
