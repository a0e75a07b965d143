"""Buy-in and entry fee: what the bylaws ask of each member who joins, what they brought in, and by when.

A buy-in is capital on `<capital>:Buyin`; the part that is still to be paid stands on `Assets:Subscriptions:<Id>`. An entry
fee is no capital: it is a credit of `entry-fee-to`, by the member whose capital or subscription the same entry touches,
or whom the posting or entry names with `member:`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, LedgerUnusable, Place
from coopbooks.facts import Leg, Movement, below
from coopbooks.money import Amount, share_out
from coopbooks.periods import add_months
from coopbooks.records import bylaws
from coopbooks.rows import NamedTuple, row_of
from coopbooks.rules.capital import holders, subscription_account

__all__ = ["BuyIn", "buy_in_findings", "buy_ins_of"]

_MONEY_TAGS = frozenset({"coop-close", "coop-redeem", "coop-interest", "coop-exit"})


class BuyIn(NamedTuple):
    """What one member owes to join and has brought in, in whole units; None where the bylaws ask nothing.

    `brought_in` is without `unpaid`, the part that stands on the subscription account. `due` is the last day, None for
    whoever has left.
    """

    member: str
    buy_in: int | None
    brought_in: int
    unpaid: int
    due: date | None
    entry_fee: int | None
    fee_paid: int
    joined: date | None
    rule: bylaws.Capital | None
    place: Place


def buy_ins_of(rules: Bylaws, until: date) -> list[BuyIn]:
    """Everyone who ever was a member and has a capital account, by id, as it stands at a day's end. Made once a day.

    Raises LedgerUnusable for a buy-in or a fee in another currency than the books'.
    """
    key = ("buy-ins", until)
    if key not in rules.memo:
        rules.memo[key] = list(_buy_ins(rules, until))
    found: list[BuyIn] = rules.memo[key]
    return found


class _Terms(NamedTuple):
    """What the bylaw asks of whoever joined on one day; `due` is the day by which it is to be paid."""

    rule: bylaws.Capital | None
    buy_in: int | None
    fee: int | None
    due: date | None


def _terms(rules: Bylaws, joined: date | None, until: date) -> _Terms:
    rule = rules.capital_rule(joined) if joined is not None and joined <= until else None
    buy_in, fee = _asked(rules, rule, "buy_in"), _asked(rules, rule, "entry_fee")
    if rule is None or joined is None or (buy_in is None and fee is None):
        return _Terms(rule, buy_in, fee, None)
    return _Terms(rule, buy_in, fee, add_months(joined, rule.buy_in_months or 0))


def _buy_ins(rules: Bylaws, until: date) -> Iterator[BuyIn]:
    fees = _fees(rules, until)
    unit, movements = rules.facts.unit, rules.facts.movements
    owing = bool(rules.facts.under(rules.facts.roots.subscriptions))  # in most books nobody has ever paid in parts
    of_day: dict[date | None, _Terms] = {}  # many join on one day
    for member, capitals in holders(rules).items():
        joined, place = _joined(rules, member)
        terms = of_day.get(joined) or of_day.setdefault(joined, _terms(rules, joined, until))
        unpaid = unit.nearest(rules.facts.balance(subscription_account(rules, member), until)) if owing else 0
        came = 0
        for capital in capitals:
            for number, leg in rules.facts.legs(f"{capital}:Buyin"):
                move = movements[number]
                if move.date <= until and _MONEY_TAGS.isdisjoint(move.tags):
                    came += unit.nearest(-leg.amount)
        due = terms.due if rules.is_member(member, until) else None  # whoever left settles with the exit
        paid = (came - unpaid, unpaid, due, terms.fee, fees.get(member, 0))
        yield row_of(BuyIn, (member, terms.buy_in, *paid, joined, terms.rule, place))


def _joined(rules: Bylaws, member: str) -> tuple[date | None, Place]:
    """The day on which somebody joined and the place of that record.

    None for whoever was here before the books, or joined more than once: what they brought in then is not known.
    """
    statuses = rules.people[member]
    joinings = [
        each
        for number, each in enumerate(statuses)
        if each.status == "member" and (number == 0 or statuses[number - 1].status != "member")
    ]
    first = joinings[0]
    before = statuses[0].status == "member" and rules.hired(member) < statuses[0].since
    return (None if before or len(joinings) > 1 else first.since), first.record.place


def _asked(rules: Bylaws, rule: bylaws.Capital | None, field: str) -> int | None:
    amount: Amount | None = getattr(rule, field, None)
    if rule is None or amount is None:
        return None
    if amount.currency != rules.facts.currency:
        raise LedgerUnusable(
            f"{rule.named} asks for {amount}, but these books are in {rules.facts.currency}: write it in "
            f"{rules.facts.currency}",
            rule.place,
        )
    return rules.facts.unit.nearest(amount.number)


def _fees(rules: Bylaws, until: date) -> Mapping[str, int]:
    """The entry fees that each member has paid by a day, in whole units."""
    unit, found = rules.facts.unit, dict[str, int]()
    accounts = {rule.entry_fee_to for rule in rules.every(bylaws.Capital) if rule.entry_fee and rule.entry_fee_to}
    if not accounts:
        return found
    owners = _owners(rules)
    for account in sorted(accounts):
        for move in rules.facts.moves_on(account):
            if move.date > until or move.tags & _MONEY_TAGS:
                continue
            touched = {owner for leg in move.legs if (owner := _owner(owners, leg.account))}
            for leg in move.legs:
                if below(leg.account, account):
                    payers = _payers(move, leg, touched)
                    shares = share_out(unit.nearest(-leg.amount), dict.fromkeys(payers, 1)) if payers else {}
                    for member, units in shares.items():
                        found[member] = found.get(member, 0) + units
    return found


def _owners(rules: Bylaws) -> dict[str, str]:
    owners = {capital: member for member, capitals in holders(rules).items() for capital in capitals}
    return owners | {subscription_account(rules, member): member for member in holders(rules)}


def _owner(owners: Mapping[str, str], account: str) -> str | None:
    while account and account not in owners:
        account = account.rpartition(":")[0]
    return owners.get(account)


def _payers(move: Movement, leg: Leg, touched: set[str]) -> set[str]:
    named = leg.fields.get("member", move.fields.get("member"))
    return {named} if isinstance(named, str) else touched


# -- findings --------------------------------------------------------------------------------------------------------


def buy_in_findings(rules: Bylaws) -> list[Finding]:
    """Every member who brought in more or less than the bylaw says, once the months to do so are over by the books.

    Whoever has left is not judged: what is missing is settled with the exit.
    """
    last = rules.facts.last_day
    if last is None or not any(rule.buy_in or rule.entry_fee for rule in rules.every(bylaws.Capital)):
        return []
    try:
        rows = buy_ins_of(rules, last)
    except LedgerUnusable as error:
        return [Finding(error.place or Place("", 0), "capital", error.message)]
    return [
        Finding(row.place, "capital", message)
        for row in rows
        if row.due is not None and row.due < last and (row.buy_in, row.entry_fee) != (row.brought_in, row.fee_paid)
        for message in _messages(rules, row)
    ]


def _messages(rules: Bylaws, row: BuyIn) -> Iterator[str]:
    said = rules.facts.unit.said
    at = "" if row.rule is None else f" (bylaw capital at {row.rule.place})"
    account = f"{holders(rules)[row.member][-1]}:Buyin"
    if row.buy_in is not None and row.brought_in < row.buy_in:
        missing = row.buy_in - row.brought_in
        yield (
            f"{row.member} has brought in {said(row.brought_in)} of the buy-in of {said(row.buy_in)}, which was to be paid by "
            f"{row.due}{at}: collect the missing {said(missing)} into {account}, or give the member more months by the bylaw"
        )
    elif row.buy_in is not None and row.brought_in > row.buy_in:
        over = row.brought_in - row.buy_in
        yield (
            f"{row.member} has brought in {said(row.brought_in)}, {said(over)} more than the buy-in of {said(row.buy_in)}{at}: "
            f"pay {said(over)} back, or book it as capital on another account than {account}"
        )
    to = None if row.rule is None else row.rule.entry_fee_to
    if to is None or row.entry_fee is None:
        return
    gap = said(abs(row.entry_fee - row.fee_paid))
    if row.fee_paid < row.entry_fee:
        yield (
            f"{row.member} has paid {said(row.fee_paid)} of the entry fee of {said(row.entry_fee)}, which was to be paid by "
            f'{row.due}{at}: collect the missing {gap}, or write member: "{row.member}" on the posting to {to} that is it'
        )
    elif row.fee_paid > row.entry_fee:
        yield (
            f"{row.member} has paid an entry fee of {said(row.fee_paid)}, {gap} more than the {said(row.entry_fee)} of the "
            f"bylaw{at}: pay {gap} back from {to}, or book a gift in an entry of its own"
        )
