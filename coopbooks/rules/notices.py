"""Written notices of allocation: what each tells a member, when its money must be paid, and the 1099-PATR list.

A qualified notice needs at least 20 % in money (26 USC 1388(c)(1)); the money is paid from the year's first day to the
15th day of the ninth month after its end (26 CFR 1.1382-4). Members are taxed on qualified notices when they get them, on
nonqualified ones when these are redeemed (26 USC 1385(c)). All money is whole units.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from fractions import Fraction

from coopbooks.bylaws import Bylaws
from coopbooks.errors import CoopbooksError, Finding, Place, UnknownPeriod
from coopbooks.facts import below
from coopbooks.money import half_up, places_half_up
from coopbooks.periods import notice_deadline
from coopbooks.records import bylaws, people, surplus
from coopbooks.rows import NamedTuple
from coopbooks.rules.capital import account_of_person, capital_legs, is_vintage, redeem_on
from coopbooks.rules.members import Part
from coopbooks.rules.payments import Payment, payments
from coopbooks.rules.queue import pays_back
from coopbooks.rules.surplus import Surpluses, YearSurplus

__all__ = ["Notice", "Patr", "notice_findings", "notices_of", "patr_of"]

QUALIFIED_CASH = Fraction(1, 5)
"""The share of a patronage dividend that must be paid in money if its notice is to be qualified (26 USC 1388(c)(1))."""

PATR_CURRENCY = "USD"
PATR_THRESHOLD_USD = 10
"""Payments of a calendar year below this sum are not reported, unless tax was withheld (26 USC 6044, form 1099-PATR)."""


class Notice(NamedTuple):
    """What the notice of one year tells one member; dividend = cash + retained, what was declined left out."""

    person: str
    kind: str
    net_income: int
    dividends: int
    cash: int
    retained: int
    redeem_on: date | None
    pay_by: date
    place: Place

    @property
    def dividend(self) -> int:
        """The member's patronage dividend."""
        return self.cash + self.retained

    @property
    def share(self) -> Fraction:
        """The member's part of all dividends."""
        return Fraction(self.dividend, self.dividends)

    @property
    def share_of_net_income(self) -> Fraction:
        """The part that all dividends have in the net income of the year."""
        return Fraction(self.dividends, self.net_income) if self.net_income > 0 else Fraction(0)

    @property
    def cash_share(self) -> Fraction:
        """The part of the dividend that is paid in money."""
        return Fraction(self.cash, self.dividend)


def notices_of(years: Surpluses, name: str) -> list[Notice]:
    """The written notices of a fiscal year, by member; none in a year whose bylaw gives no notice, or with a loss.

    Raises UnknownPeriod, and SurplusRefused where the rules in force cannot place the surplus.
    """
    year = years.of(name)
    if year.rule.notice == "none":
        return []
    parts = [part for part in year.members if part.cash + part.retained > 0]
    return [
        Notice(
            person=part.person,
            kind=year.rule.notice,
            net_income=year.result.total,
            dividends=sum(each.cash + each.retained for each in parts),
            cash=part.cash,
            retained=part.retained,
            redeem_on=redeem_on(years.rules, year.period.name) if part.retained else None,
            pay_by=notice_deadline(year.period.ends),
            place=year.rule.place,
        )
        for part in parts
    ]


# -- what the books say ----------------------------------------------------------------------------------------------


def notice_findings(years: Surpluses) -> list[Finding]:
    """Qualified notices with too little money, and money that was paid after its window or not at all.

    Nothing is judged where no bylaw ever gave a notice. A payment made late is answered for by a `decision` on its
    transaction, since what was late cannot be mended.
    """
    if all(rule.notice == "none" for rule in years.rules.every(bylaws.Surplus)):
        return []
    noticed = list(_noticed(years))
    findings = [finding for year in noticed for finding in _too_little_cash(years.rules, year)]
    return findings + list(_late(years, {year.period.name: year for year in noticed}))


def _noticed(years: Surpluses) -> Iterator[YearSurplus]:
    """The years with a written notice; one that cannot be computed is a finding of its own, or young."""
    for period in years.years:
        if years.rule(period).notice == "none":
            continue
        try:
            yield years.of(period.name)
        except CoopbooksError:
            return


def _too_little_cash(rules: Bylaws, year: YearSurplus) -> list[Finding]:
    """At most one finding a year: the member whose part in money is the smallest share."""
    if year.rule.notice != "qualified":
        return []
    short = [
        part
        for part in year.members
        if part.retained > 0 and Fraction(part.cash, part.cash + part.retained) < QUALIFIED_CASH
    ]
    if not short:
        return []
    worst = min(short, key=lambda part: (Fraction(part.cash, part.cash + part.retained), part.person))
    unit, whole = rules.facts.unit, worst.cash + worst.retained
    percent = places_half_up(Fraction(100 * worst.cash, whole), 2)
    message = (
        f"{year.rule.named} gives qualified notices for {year.period.name}, but {worst.person} gets {unit.said(worst.cash)} of "
        f"{unit.said(whole)} in money, which is {percent} % and less than 20 % (26 USC 1388(c)(1)): raise cash: to 0.20, or "
        'write notice: "nonqualified"'
    )
    place = min((step.place for step in _own_cash(year)), default=year.rule.place)
    return [Finding(place, "notices", message)]


def _own_cash(year: YearSurplus) -> list[surplus.Allocation]:
    """The steps to members that have a share of money of their own."""
    records = (step.record for step in year.steps if step.to == "members")
    return [record for record in records if isinstance(record, surplus.Allocation) and record.cash is not None]


def _late(years: Surpluses, noticed: Mapping[str, YearSurplus]) -> Iterator[Finding]:
    """Money paid after the 15th day of the ninth month, and money that the books still owe when they end after it."""
    rules = years.rules
    paid: dict[tuple[str, str], int] = {}
    shared = {name: {part.person for part in year.members if part.cash > 0} for name, year in noticed.items()}
    for payment in payments(rules):
        for name, units in payment.years:
            paid[payment.person, name] = paid.get((payment.person, name), 0) + units
            if payment.person in shared.get(name, ()):
                yield from _paid_late(rules, noticed[name], payment, units)
    last = rules.facts.last_day
    for name, year in noticed.items():
        window = notice_deadline(year.period.ends)
        if name in rules.facts.closes and last is not None and last > window:
            for part in year.members:
                left = part.cash - paid.get((part.person, name), 0)
                if left > 0:
                    yield _unpaid(rules, year, part, left, last)


def _paid_late(rules: Bylaws, year: YearSurplus, payment: Payment, units: int) -> Iterator[Finding]:
    window = notice_deadline(year.period.ends)
    day = payment.move.date
    if day <= window or payment.move.fields.get("decision") in rules.ids("decision"):
        return
    said = rules.facts.unit.said(units)
    yield Finding(
        payment.leg.place,
        "notices",
        f"{payment.person} is paid {said} of {year.period.name} on {day}, {_days(day, window)} after the payment window "
        f"closed on {window} (26 CFR 1.1382-4): date it the day it was paid if that was earlier, else add decision: with the "
        "id of the record that says what follows",
    )


def _unpaid(rules: Bylaws, year: YearSurplus, part: Part, left: int, last: date) -> Finding:
    window, unit = notice_deadline(year.period.ends), rules.facts.unit
    account = account_of_person(rules.facts.roots.patronage, part.person)
    moves = rules.facts.closes[year.period.name]
    places = [leg.place for move in moves for leg in move.legs if leg.account == account]
    return Finding(
        places[0] if places else moves[0].place,
        "notices",
        f"{part.person} is still owed {unit.said(left)} of the {unit.said(part.cash)} in money for {year.period.name} on {last}, "
        f"{_days(last, window)} after the payment window closed on {window} (26 CFR 1.1382-4): book the payment with the day it "
        "was made, or pay it now with decision: and the id of the record that says what follows",
    )


def _days(day: date, window: date) -> str:
    count = (day - window).days
    return f"{count} {'day' if count == 1 else 'days'}"


# -- the list of the form 1099-PATR ----------------------------------------------------------------------------------


class Patr(NamedTuple):
    """What the form reports of one person for a calendar year of payment, by box; box 1 is cash + notices."""

    person: str
    cash: int
    notices: int
    withheld: int
    redeemed: int

    @property
    def box_1(self) -> int:
        """Patronage dividends: in money and in qualified notices."""
        return self.cash + self.notices


def patr_of(years: Surpluses, calendar_year: int) -> list[Patr]:
    """Who is reported for a calendar year, by person: 10 USD or more of boxes 1 and 5 together, or tax withheld.

    Box 1: dividends paid in money that year, and the qualified notice of a year with its first payment. Box 4: postings
    of a payment marked `withholding: TRUE`. Box 5: vintages of nonqualified notices redeemed in money, also as part of
    a debt to a leaver. Only books in US dollars have such a list; workers who are no members have no dividends.
    """
    rules = years.rules
    if rules.facts.currency != PATR_CURRENCY:
        return []
    first, last = date(calendar_year, 1, 1), date(calendar_year, 12, 31)
    rows = _Boxes()
    _dividends(years, first, last, rows)
    for person in sorted({record.id for record in rules.every(people.Member)}):
        rows.add(person, "redeemed", _redeemed(years, person, first, last))
    least = PATR_THRESHOLD_USD * 10**rules.facts.unit.digits
    every = [Patr(person, **sums) for person, sums in sorted(rows.sums.items())]
    return [row for row in every if row.box_1 + row.redeemed >= least or row.withheld > 0]


class _Boxes:
    """Sums by person and box."""

    def __init__(self) -> None:
        self.sums: dict[str, dict[str, int]] = {}

    def add(self, person: str, box: str, units: int) -> None:
        if units:
            empty: dict[str, int] = dict.fromkeys(("cash", "notices", "withheld", "redeemed"), 0)
            self.sums.setdefault(person, empty)[box] += units


def _dividends(years: Surpluses, first: date, last: date, rows: _Boxes) -> None:
    """Boxes 1 and 4: what was paid of members' dividends between two days, and what was withheld from it."""
    begun: set[tuple[str, str]] = set()
    parts = _Parts(years)
    for payment in payments(years.rules):
        within = first <= payment.move.date <= last
        shared = 0
        for name, units in payment.years:
            part = parts.of(name, payment.person)
            if part is None:
                continue
            shared += units
            if within:
                rows.add(payment.person, "cash", parts.dividend(name, part, units))
            if (payment.person, name) not in begun:
                begun.add((payment.person, name))
                if within and years.of(name).rule.notice == "qualified":
                    rows.add(payment.person, "notices", part.retained)
        if within and shared:
            rows.add(payment.person, "withheld", _withheld(years.rules, payment))


class _Parts:
    """The parts of each year by person, looked up once a year."""

    def __init__(self, years: Surpluses) -> None:
        self.years = years
        self._known: dict[str, tuple[dict[str, Part], dict[str, Part]]] = {}

    def _year(self, name: str) -> tuple[dict[str, Part], dict[str, Part]]:
        if name not in self._known:
            members: dict[str, Part] = {}
            workers: dict[str, Part] = {}
            with suppress(CoopbooksError):  # a year without a name or without an answer has no dividends
                year = self.years.of(name)
                members = {part.person: part for part in year.members if part.cash > 0}
                workers = {part.person: part for part in year.workers}
            self._known[name] = members, workers
        return self._known[name]

    def of(self, name: str, person: str) -> Part | None:
        """The part of a member in a year, None where the person had none in money."""
        return self._year(name)[0].get(person)

    def dividend(self, name: str, part: Part, units: int) -> int:
        """What of a payment is dividend: all, unless the person was also paid as a worker who was no member."""
        other = self._year(name)[1].get(part.person)
        return half_up(Fraction(units * part.cash, part.cash + (other.cash if other else 0)))


def _withheld(rules: Bylaws, payment: Payment) -> int:
    """Tax withheld from a payment: postings marked so, by the person they name, else the payment's only one."""
    legs = [leg for leg in payment.move.legs if leg.fields.get("withholding") is True]
    parent = rules.facts.roots.patronage
    payees = [leg for leg in payment.move.legs if below(leg.account, parent) and leg.amount > 0]
    own = [
        leg for leg in legs if leg.fields.get("worker", payment.person if len(payees) == 1 else None) == payment.person
    ]
    return sum(rules.facts.unit.nearest(-leg.amount) for leg in own)


def _redeemed(years: Surpluses, person: str, first: date, last: date) -> int:
    """Box 5: what of a member's nonqualified notices was redeemed in money between two days."""
    rules = years.rules
    units = sum(
        rules.facts.unit.nearest(leg.amount)
        for move, leg in capital_legs(rules, person)
        if leg.amount > 0
        and first <= move.date <= last
        and pays_back(rules, move)
        and _is_nonqualified(years, leg.account)
    )
    return units + _redeemed_as_debt(years, person, first, last)


def _redeemed_as_debt(years: Surpluses, person: str, first: date, last: date) -> int:
    """The nonqualified part of what a leaver is paid: as large in each payment as it was in the capital that became debt."""
    from coopbooks.rules.debts import debts_of  # only a leaver's redemption asks for it

    rules, total = years.rules, 0
    moved = _nonqualified_of_exits(years, person)
    if not moved:
        return 0
    for debt in debts_of(rules, last):
        if debt.person == person and debt.since in moved and debt.capital:
            until = sum(payment.units for payment in debt.payments if payment.day < first)
            share = Fraction(moved[debt.since], debt.capital)
            total += half_up(share * debt.paid) - half_up(share * until)
    return total


def _nonqualified_of_exits(years: Surpluses, person: str) -> dict[date, int]:
    """By the day of the exit, what of the capital that became a debt were nonqualified notices."""
    from coopbooks.rules.exits import left_on

    found: dict[date, int] = {}
    for move, leg in capital_legs(years.rules, person):
        if "coop-exit" in move.tags and _is_nonqualified(years, leg.account):
            leaving = left_on(years.rules, person, move.date)
            if leaving is not None:
                found[leaving.day] = found.get(leaving.day, 0) + years.rules.facts.unit.nearest(leg.amount)
    return found


def _is_nonqualified(years: Surpluses, account: str) -> bool:
    """Whether a leaf of capital is the vintage of a year whose notices were nonqualified."""
    name = account.rpartition(":")[2]
    if not is_vintage(name):
        return False
    try:
        period = years.rules.year(name)
    except UnknownPeriod:  # four digits that are no year
        return False
    return years.rule(period).notice == "nonqualified"
