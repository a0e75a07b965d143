"""Who was paid a share, and whether it could be: closed first, funds filled first, a vow first, never more than is owed.

A payment is a debit of `Liabilities:Patronage:<Id>` outside a close. It pays the oldest close first, and the years it
pays decide which funds must be filled and which vow must have been made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from coopbooks.bylaws import Bylaws, account_of_surplus
from coopbooks.errors import CoopbooksError, Finding
from coopbooks.facts import Leg, Movement, below
from coopbooks.money import Unit
from coopbooks.periods import instant
from coopbooks.records import bylaws, people, surplus
from coopbooks.rows import NamedTuple, row_of
from coopbooks.rules.surplus import Surpluses, YearSurplus

__all__ = ["Payment", "payment_findings", "payments", "unfilled"]


class Payment(NamedTuple):
    """A debit of what a person is owed, and the years that it pays, oldest first, in whole units."""

    person: str
    move: Movement
    leg: Leg
    units: int
    years: tuple[tuple[str, int], ...]
    uncovered: int


def payments(rules: Bylaws) -> list[Payment]:
    """Every payment of a share, in order of date; credits of a day come before its payments. Not to be changed."""
    found: list[Payment] | None = rules.memo.get("payments")
    if found is not None:
        return found
    unit, parent = rules.facts.unit, rules.facts.roots.patronage
    movements = rules.facts.movements
    # The place in this list stands before the leg, so that two legs of one line are never compared with each other.
    legs = [
        (movements[number].date, leg.amount > 0, leg.file, leg.line, place, movements[number], leg)
        for place, (number, leg) in enumerate(rules.facts.legs(parent))
    ]
    legs.sort()
    owed: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    found = rules.memo["payments"] = []
    for _, is_debit, _, _, _, move, leg in legs:
        units = unit.nearest(abs(leg.amount))
        if not is_debit:
            owed[leg.account].append((_year_of(move), units))
            continue
        years, uncovered = _take(owed[leg.account], units)
        if "coop-close" not in move.tags:
            found.append(row_of(Payment, (person_of(rules, leg.account), move, leg, units, years, uncovered)))
    return found


def _year_of(move: Movement) -> str:
    period = move.fields.get("period")
    return period if "coop-close" in move.tags and isinstance(period, str) else ""


def _take(owed: list[tuple[str, int]], units: int) -> tuple[tuple[tuple[str, int], ...], int]:
    """Pay off the oldest debts; returns the years paid and what no debt covers."""
    paid: list[tuple[str, int]] = []
    while units and owed:
        year, debt = owed[0]
        part = min(units, debt)
        units -= part
        if part:
            paid.append((year, part))
        if part == debt:
            owed.pop(0)
        else:
            owed[0] = (year, debt - part)
    return tuple(paid), units


def person_of(rules: Bylaws, account: str) -> str:
    """The person whose account below `Liabilities:Patronage` it is."""
    _, _, name = [*account.split(":"), "", ""][:3]
    lower = name[:1].lower() + name[1:]
    return lower if lower in rules.people else name


def payment_findings(years: Surpluses, wrong_closes: Iterable[str]) -> list[Finding]:
    """Every payment that came too early, went too far, or has no close behind it."""
    rules = years.rules
    wrong = set(wrong_closes)
    findings = list(_outside_close(years))
    filled, vowed = _Filled(years), _Vowed(years)
    for payment in payments(rules):
        if payment.uncovered:
            findings += _overdraft(rules, payment)
        for name, _ in payment.years:
            if name in wrong:
                findings.append(
                    _found(payment, f"is paid a share of {name}, whose close is wrong: mend the close first")
                )
            elif name:
                findings += filled.findings(payment, name)
                findings += vowed.findings(payment, name)
    return findings


def unfilled(years: Surpluses) -> list[tuple[Payment, str]]:
    """Each payment of a share that came before a movement fund of its year had its part, with that year, in order of date.

    A fund whose part is credited and whose money is elsewhere is filled here: that is another question.
    """
    filled = _Filled(years)
    return [
        (payment, name)
        for payment in payments(years.rules)
        for name, _ in payment.years
        if name and filled.lacks(name, payment.move.date)
    ]


def _found(payment: Payment, message: str) -> Finding:
    return Finding(payment.leg.place, "close", f"{payment.person} {message}")


def _outside_close(years: Surpluses) -> Iterator[Finding]:
    """Entries that move the surplus account without being a close.

    With them the account would no longer hold what its rule says: what income and expenses brought, less what the
    closes placed. What was there on the first day of all was brought in.
    """
    rules = years.rules
    first = years.years[0].starts if years.years else None
    roots = rules.facts.roots
    accounts = {account_of_surplus(rule, roots) for rule in (None, *rules.every(bylaws.Surplus))}
    touched = {number for account in accounts for number, _ in rules.facts.legs(account)}
    for move in (rules.facts.movements[number] for number in sorted(touched)):
        if "coop-close" in move.tags or first is None or move.date <= first:
            continue
        account = rules.surplus_account(move.date)
        own = [leg for leg in move.legs if below(leg.account, account)]
        others = [leg for leg in move.legs if leg not in own and not _is_result(rules, leg.account)]
        if own and others:
            yield Finding(own[0].place, "close", _stray(rules, own[0], others[0]))


def _stray(rules: Bylaws, own: Leg, other: Leg) -> str:
    said = rules.facts.unit.said(rules.facts.unit.nearest(abs(own.amount)))
    if own.amount > 0:
        return (
            f"this entry gives {said} of the surplus to {other.account} outside a close: surplus leaves its account only by "
            "the transaction that `coopbooks close` prints"
        )
    return (
        f"this entry puts {said} into {own.account} outside a close: only the year's income and expenses feed the surplus, so "
        "post it to an income account, or to the account of equity that it belongs to"
    )


def _is_result(rules: Bylaws, account: str) -> bool:
    return below(account, rules.facts.roots.income) or below(account, rules.facts.roots.expenses)


def _overdraft(rules: Bylaws, payment: Payment) -> list[Finding]:
    """A payment of more than is owed at its day's end."""
    unit = rules.facts.unit
    over = unit.nearest(rules.facts.balance(payment.leg.account, payment.move.date))
    if not payment.uncovered or over <= 0:
        return []
    closed = ", ".join(sorted(name for name in rules.facts.closes if name)) or "no year"
    return [
        _found(
            payment,
            f"is paid {unit.said(payment.units)} on {payment.move.date}, which is {unit.said(over)} more than is owed "
            f"(closed so far: {closed}): close the year that it is paid for, or pay at most {unit.said(payment.units - over)}",
        )
    ]


class _Filled:
    """Whether the movement funds of a year are filled on a day: credited, and backed by their money."""

    def __init__(self, years: Surpluses) -> None:
        self.years, self.rules = years, years.rules
        self._known: dict[tuple[str, date], list[str]] = {}
        self._promised: dict[tuple[str, str], tuple[bool, int]] = {}
        self._given: dict[tuple[str, str, tuple[int, ...]], int] = {}
        self._backed: dict[tuple[str, date], int] = {}

    def findings(self, payment: Payment, name: str) -> list[Finding]:
        key = (name, payment.move.date)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = list(self._short(*key))
        return [_found(payment, f"is paid a share of {name} before its funds are filled: {short}") for short in known]

    def lacks(self, name: str, day: date) -> bool:
        """Whether a fund still lacks some of its part of a year on a day."""
        return any(missing > 0 for _, _, missing in self._parts(name, day))

    def _parts(self, name: str, day: date) -> Iterator[tuple[surplus.Fund, bool, int]]:
        """Each fund, whether a step of the year goes to it, and what it still lacks of that on a day, in whole units."""
        try:
            year = self.years.of(name)
        except CoopbooksError:
            return
        for fund in self.rules.all_of(surplus.Fund, day):
            known = self._promised.get((name, fund.account))
            if known is None:
                known = self._promised[name, fund.account] = _promised_by(year, fund.account)
            promised, units = known
            yield fund, promised, units - self._credited(name, fund, day)

    def _short(self, name: str, day: date) -> Iterator[str]:
        unit = self.rules.facts.unit
        for fund, promised, missing in self._parts(name, day):
            if missing > 0:
                yield f'fund "{fund.id}" still lacks {unit.said(missing)} on {day}: close the year as a whole first'
            if promised and fund.backing is not None:
                short = self._shortfall(fund.backing, day)
                if short > 0:
                    yield (
                        f"{fund.backing}, which backs {' and '.join(funds_on(self.rules, fund.backing, day))}, is "
                        f"{unit.said(short)} short on {day}: move the money there first"
                    )

    def _shortfall(self, backing: str, day: date) -> int:
        """`shortfall_of_backing`, worked out once though several funds and years ask for it."""
        known = self._backed.get((backing, day))
        if known is None:
            known = self._backed[backing, day] = shortfall_of_backing(self.rules, backing, day, self.rules.facts.unit)
        return known

    def _credited(self, name: str, fund: surplus.Fund, day: date) -> int:
        """What the closes of a year have given a fund by a day, in whole units.

        A correction that came later counts too: it makes no earlier payment wrong.
        """
        closes = self.rules.facts.closes.get(name, ())
        moves = tuple(
            place for place, move in enumerate(closes) if move.date <= day or move.fields.get("amends") is True
        )
        key = (name, fund.account, moves)
        if key not in self._given:
            legs = [leg for place in moves for leg in closes[place].legs if below(leg.account, fund.account)]
            self._given[key] = sum(self.rules.facts.unit.nearest(-leg.amount) for leg in legs)
        return self._given[key]


def _promised_by(year: YearSurplus, account: str) -> tuple[bool, int]:
    """Whether steps of a year go to a fund's account, and what they must have brought it before a share is paid.

    What a resolution gives it comes when that is decided, and holds nobody up.
    """
    steps = [step for step in year.steps if step.account and below(step.account, account) and step.amount > 0]
    return bool(steps), sum(step.amount for step in steps if not isinstance(step.record, surplus.Resolution))


def funds_on(rules: Bylaws, backing: str, day: date) -> list[str]:
    """The funds that share one backing account on a day."""
    return [f'fund "{fund.id}"' for fund in rules.all_of(surplus.Fund, day) if fund.backing == backing]


def shortfall_of_backing(rules: Bylaws, backing: str, day: date, unit: Unit) -> int:
    """What a backing account lacks at a day's end for all the funds that share it, in whole units, at least 0."""
    funds = {fund.account for fund in rules.all_of(surplus.Fund, day) if fund.backing == backing}
    needed = -sum(rules.facts.balance(account, day) for account in funds)
    return max(0, unit.nearest(needed - rules.facts.balance(backing, day))) if needed > 0 else 0


class _Vowed:
    """Whether a member who is paid has made a vow before, where the bylaw of the year asks for vows."""

    def __init__(self, years: Surpluses) -> None:
        self.years = years
        self._rules: dict[str, bylaws.Surplus] = {}
        self._vows: dict[tuple[str, str], list[surplus.Vow]] = {}
        for vow in years.rules.every(surplus.Vow):
            self._vows.setdefault((vow.id, vow.period), []).append(vow)

    def findings(self, payment: Payment, name: str) -> list[Finding]:
        rule = self._rules.get(name)
        if rule is None:
            rule = self._rules[name] = self.years.rule(self.years.named(name))
        if not rule.vows or not self.years.rules.history(people.Member, payment.person):
            return []
        vows = self._vows.get((payment.person, name), [])
        for vow in vows:
            if _before(vow, payment):
                return []
        made = f", and the vow is of {min(vow.date for vow in vows)}" if vows else ""
        return [
            _found(
                payment,
                f"is paid a share of {name} on {payment.move.date} before a vow{made} (bylaw surplus at {rule.place} asks "
                f'for one): record `custom "coop" "vow" "{payment.person}"` with period: "{name}" and text: on or before '
                "that day",
            )
        ]


def _before(vow: surplus.Vow, payment: Payment) -> bool:
    """On or before the day; where both say the time, the times decide. Never the order of entries."""
    at = payment.move.fields.get("at")
    if vow.date == payment.move.date and vow.at is not None and isinstance(at, str):
        try:
            return instant(vow.at) <= instant(at)
        except ValueError:
            return True
    return vow.date <= payment.move.date
