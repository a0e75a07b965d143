"""Who the cooperative depends on: how long its money lasts, who that came from, and what happens when somebody leaves.

All is exact: sums are fractions of the currency's smallest unit. What the books do not mark with a field of its own is
known by the name of its account; any part of the name counts, in large or small letters:

- taxes and payroll levies: the tax account of `bylaw surplus`, `levy: TRUE` on an entry, or a name of `LEVIES`;
- wear, which costs no money in the days that book it: a name of `WEAR`;
- support from outside that names no ally: an account of income with a name of `SUPPORT`;
- money that is held for others: a liability with a name of `LEVIES` or `DEPOSITS`, and what members are owed of a surplus.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import floor

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Place
from coopbooks.facts import Outlay, below
from coopbooks.periods import DAY, Period
from coopbooks.records import alliances, bylaws, surplus
from coopbooks.rows import NamedTuple
from coopbooks.rules.alliances import NO_CONDITIONS, Given, gifts_of
from coopbooks.rules.debts import due_instalments

__all__ = [
    "LEVIES",
    "SUPPORT",
    "WEAR",
    "Concentration",
    "Scenario",
    "SurvivalMeasure",
    "concentration_of",
    "is_levy",
    "is_named",
    "named_support",
    "span_of",
    "support_of",
    "survival_of",
    "war_game",
]

LEVIES = frozenset(
    "tax taxes incometax payrolltax payrolltaxes propertytax vat levy levies withheldtax withholding "
    "socialcontributions socialsecurity socialinsurance employercontributions".split()
)
WEAR = frozenset("depreciation amortisation amortization impairment".split())
SUPPORT = frozenset("grant grants subsidy subsidies donation donations".split())
DEPOSITS = frozenset("deposits memberdeposits".split())
GAME_DAYS = 180
_LENGTH = timedelta(days=364)


class SurvivalMeasure(NamedTuple):
    """How long the cooperative lasts without support from outside. Money in whole units, `daily` exact and a day.

    `days` is None where it lasts without end and where it is not evidenced (`missing`); `siege_days` is the same without
    any income, `unpayable` the first day on which a dated debt could not be paid. `untested` are the functions that stop.
    """

    share: Fraction | None
    liquid: int
    daily_out: Fraction
    daily_in: Fraction
    days: int | None
    siege_days: int | None
    unpayable: date | None
    functions: int
    untested: tuple[str, ...]
    missing: str | None
    evidence: tuple[Place, ...]


def span_of(rules: Bylaws, as_of: date) -> Period:
    """The 365 days up to a day, from the founding day on where that is among them."""
    first = as_of - _LENGTH
    if rules.founded is not None and first < rules.founded <= as_of:
        first = rules.founded
    return Period(f"{first}/{as_of}", first, as_of)


# -- names of accounts -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)  # asked for every posting, and a ledger has few accounts
def is_named(account: str, words: frozenset[str]) -> bool:
    """Whether one of the words is a part of an account's name below its root."""
    return not words.isdisjoint(account.lower().split(":")[1:])


def is_levy(rules: Bylaws, row: Outlay) -> bool:
    """Whether a posting pays a tax or a payroll levy, which no assembly can decide about."""
    if row.fields.get("levy") is True or is_named(row.account, LEVIES):
        return True
    if not any(below(row.account, rule.tax) for rule in rules.every(bylaws.Surplus) if rule.tax):
        return False
    rule = rules.of(bylaws.Surplus, "surplus", row.date)
    return rule is not None and rule.tax is not None and below(row.account, rule.tax)


# -- survival --------------------------------------------------------------------------------------------------------


def survival_of(rules: Bylaws, as_of: date) -> SurvivalMeasure:
    """How long the cooperative lasts without support from outside, and which of its functions do.

    Raises LedgerUnusable where the books name no currency.
    """
    money = _Money(rules, as_of)
    functions = rules.all_of(alliances.Function, as_of)
    untested = tuple(each.id for each in functions if not _stands_alone(rules, each, as_of))
    limit = rules.parameter("survival.days", as_of)
    target = Fraction(limit) if isinstance(limit, Decimal) and limit > 0 else Fraction(30)
    days = _runway(money.own, money.core_out, money.own_in)
    unpayable = _first_unpayable(rules, money.own, as_of, floor(target))
    if unpayable is not None:
        waits = max(0, (unpayable - as_of).days)
        days = waits if days is None else min(days, waits)
    missing = money.missing or (None if functions else "no function record says what the cooperative cannot do without")
    share = None
    if missing is None:
        reach = Fraction(1) if days is None else min(Fraction(1), days / target)
        share = reach * Fraction(len(functions) - len(untested), len(functions))
    return SurvivalMeasure(
        share=share,
        liquid=round(money.own),
        daily_out=money.core_out,
        daily_in=money.own_in,
        days=None if missing else days,
        siege_days=None if missing else _runway(money.own, money.core_out, Fraction(0)),
        unpayable=unpayable,
        functions=len(functions),
        untested=untested,
        missing=missing,
        evidence=(*money.evidence, *(each.place for each in functions)),
    )


def _runway(liquid: Fraction, out: Fraction, income: Fraction) -> int | None:
    """Whole days until the money is gone at an even burn; None where it never is, 0 where it is gone already."""
    if liquid < 0:
        return 0
    return None if out <= income else floor(liquid / (out - income))


def _stands_alone(rules: Bylaws, function: alliances.Function, day: date, away: frozenset[str] | None = None) -> bool:
    """Whether a function goes on without its provider: its own, or another way inside or at a cooperative was tried.

    With `away` only those are gone: another provider outside stays, and so does an alternative that is tried.
    """
    if function.provider == "internal" or (away is not None and function.provider not in away):
        return True
    if function.alternative is None or function.tested is None or function.tested > day:
        return False
    if function.alternative == "internal":
        return True
    if away is not None:
        return function.alternative not in away
    seen = [each for each in rules.history(alliances.Screening, function.alternative) if each.date <= day]
    return bool(seen) and seen[-1].outcome == "cooperative"


def _dated_payables(rules: Bylaws, as_of: date, days: int) -> list[tuple[date, int]]:
    """What is owed on a day of its own up to so many days ahead, what is overdue among it: former members' instalments."""
    last = as_of + days * DAY
    dues = [
        (row.instalment.due, row.instalment.amount - row.instalment.paid)
        for row in due_instalments(rules, as_of)
        if row.met_on is None and row.instalment.due <= last
    ]
    return sorted(due for due in dues if due[1] > 0)


def _first_unpayable(rules: Bylaws, liquid: Fraction, as_of: date, days: int) -> date | None:
    total = 0
    for day, units in _dated_payables(rules, as_of, days):
        total += units
        if total > liquid:
            return max(day, as_of)
    return None


class _Money:
    """What a day's money and a year's flows are, in exact units; flows are a day's.

    `own` is the money that nobody else has a claim on; `core_out` leaves out what is spent only because an ally pays,
    `own_in` what came from allies and other support. `missing` says what the books lack.
    """

    def __init__(self, rules: Bylaws, as_of: date) -> None:
        self.rules, self.as_of, self.span = rules, as_of, span_of(rules, as_of)
        self.gifts = [gift for gift in gifts_of(rules) if gift.row.date <= as_of]
        facts, accounts = rules.facts, sorted(rules.facts.liquid)
        self.evidence = tuple(life.place for name in accounts if (life := facts.accounts.get(name)) is not None)
        held = self._balance(accounts)
        self.restricted = {ally: self._restricted(ally) for ally in self.allies}
        self.own = held - self._of_funds() - self._of_others() - sum(self.restricted.values(), Fraction(0))
        self.paid = [row for row in facts.outlays_in(self.span) if self._is_cash(row)]
        self.all_out = self._a_day(self.paid)
        self.core_out = self._a_day(row for row in self.paid if not _is_avoidable(row))
        own, unnamed = self._income()
        self.own_in, self.unnamed_in = own / self.span.days, unnamed / self.span.days
        self.missing = self._missing(accounts)

    @property
    def allies(self) -> list[str]:
        """Everybody who gave, by id."""
        return sorted({str(gift.row.ally) for gift in self.gifts})

    def from_ally(self, ally: str) -> Fraction:
        """Money a day that came from an ally in the span and need not go back."""
        liabilities = self.rules.facts.roots.liabilities
        units = sum(
            gift.units or 0
            for gift in self.gifts
            if str(gift.row.ally) == ally
            and gift.row.date in self.span
            and not gift.in_kind
            and not below(gift.row.account, liabilities)
        )
        return Fraction(max(0, units), self.span.days)

    def callable_by(self, ally: str) -> int:
        """What an ally has lent and not had back; it is taken to be callable."""
        liabilities = self.rules.facts.roots.liabilities
        lent = (gift for gift in self.gifts if str(gift.row.ally) == ally and below(gift.row.account, liabilities))
        return max(0, sum(gift.units or 0 for gift in lent))

    def saved_without(self, allies: Iterable[str], *, everybody: bool) -> Fraction:
        """Spending a day that stops with these allies; what names no ally stops only when everybody leaves."""
        gone = set(allies)
        return self._a_day(
            row for row in self.paid if _is_avoidable(row) and (everybody or str(row.fields.get("ally")) in gone)
        )

    def _is_cash(self, row: Outlay) -> bool:
        """Whether an outlay is an expense that is paid in money."""
        is_expense = below(row.account, self.rules.facts.roots.expenses)
        return is_expense and row.fields.get("in-kind") is not True and not is_named(row.account, WEAR)

    def _a_day(self, rows: Iterable[Outlay]) -> Fraction:
        total = sum((row.amount for row in rows if row.amount is not None), Decimal(0))
        return self.rules.facts.unit.exact(total) / self.span.days

    def _balance(self, accounts: Iterable[str]) -> Fraction:
        facts = self.rules.facts
        return sum((facts.unit.exact(facts.balance(name, self.as_of)) for name in _outermost(accounts)), Fraction(0))

    def _restricted(self, ally: str) -> Fraction:
        """Money that an ally gave on conditions and that no expense naming the ally has used."""
        facts = self.rules.facts
        given = sum(
            gift.units or 0
            for gift in self.gifts
            if str(gift.row.ally) == ally
            and not gift.in_kind
            and not below(gift.row.account, facts.roots.liabilities)
            and gift.conditions is not None
            and gift.conditions.lower() != NO_CONDITIONS
        )
        used = sum(
            (
                facts.unit.exact(row.amount)
                for row in facts.outlays
                if row.date <= self.as_of
                and row.amount is not None
                and str(row.fields.get("ally")) == ally
                and self._is_cash(row)
            ),
            Fraction(0),
        )
        return max(Fraction(0), given - used)

    def _of_funds(self) -> Fraction:
        """The movement funds' money, but for a fund whose money stands on an account that is not liquid."""
        liquid = self.rules.facts.liquid
        accounts = [
            fund.account
            for fund in self.rules.all_of(surplus.Fund, self.as_of)
            if fund.backing is None or any(below(fund.backing, name) for name in liquid)
        ]
        return sum((max(Fraction(0), -self._balance([name])) for name in _outermost(accounts)), Fraction(0))

    def _of_others(self) -> Fraction:
        roots = self.rules.facts.roots
        accounts = [
            name
            for name in self.rules.facts.daily
            if below(name, roots.liabilities) and (is_named(name, LEVIES | DEPOSITS) or below(name, roots.patronage))
        ]
        return sum((max(Fraction(0), -self._balance([name])) for name in _outermost(accounts)), Fraction(0))

    def _income(self) -> tuple[Fraction, Fraction]:
        """Own income of the span, and support in it that names no ally."""
        facts = self.rules.facts
        support = support_of(self.rules, self.span)
        total = _earned(self.rules, self.span)
        named, beside = named_support(self.gifts, self.span, support, facts.roots.income)
        return max(Fraction(0), total - support - beside), max(Fraction(0), support - named)

    def _missing(self, accounts: list[str]) -> str | None:
        unpriced = next((row for row in self.paid if row.amount is None), None)
        if not accounts:
            return "no account is opened with liquid: TRUE, so the books do not say what money is at hand"
        if unpriced is not None:
            return f"{unpriced.account} was charged on {unpriced.date} in a currency without a price"
        return None if self.paid else f"nothing was spent from {self.span.starts} to {self.span.ends}"


def named_support(gifts: Iterable[Given], span: Period, support: Fraction, income: str) -> tuple[Fraction, Fraction]:
    """Of the earned gifts of a span what stands on accounts named for support, and what beside them.

    A posting that names its ally where the money went, and not its source, is taken to be of the `support` while that
    lasts. `income` is the root of the accounts of income.
    """
    on_support = beside = elsewhere = Fraction(0)
    for gift in gifts:
        if not gift.row.earned or gift.row.date not in span:
            continue
        if not below(gift.row.account, income):
            elsewhere += gift.units or 0
        elif is_named(gift.row.account, SUPPORT):
            on_support += gift.units or 0
        else:
            beside += gift.units or 0
    moved = max(Fraction(0), min(elsewhere, support - on_support))
    return on_support + moved, beside + elsewhere - moved


def _earned(rules: Bylaws, span: Period) -> Fraction:
    """All income of a span, in exact units."""
    facts, total = rules.facts, Fraction(0)
    for account, rows in facts.result_daily.items():
        if below(account, facts.roots.income):
            total -= sum((facts.unit.exact(amount) for day, amount in rows if day in span), Fraction(0))
    return total


def support_of(rules: Bylaws, span: Period) -> Fraction:
    """Income of a span on accounts named for support, in exact units."""
    facts, total = rules.facts, Fraction(0)
    for account, rows in facts.result_daily.items():
        if below(account, facts.roots.income) and is_named(account, SUPPORT):
            total -= sum((facts.unit.exact(amount) for day, amount in rows if day in span), Fraction(0))
    return total


def _is_avoidable(row: Outlay) -> bool:
    return row.fields.get("avoidable") is True


def _outermost(accounts: Iterable[str]) -> list[str]:
    """The accounts that are below no other of them."""
    names = set(accounts)
    return [name for name in sorted(names) if names.isdisjoint(_above(name))]


def _above(account: str) -> Iterator[str]:
    """The accounts that an account stands below, but for itself."""
    parts = account.split(":")
    return (":".join(parts[:length]) for length in range(1, len(parts)))


# -- who the money comes from ----------------------------------------------------------------------------------------


class Concentration(NamedTuple):
    """Income by payer. Money in whole units; `shares` are those of each ally in all income.

    `rest` names no payer; `hhi` is the sum of the squares of all shares if the rest came from countless payers, and if it
    came from one. `hhi_outside` is the same inside what came from allies; None without that.
    """

    income: int
    rest: int
    shares: Mapping[str, Fraction]
    hhi: tuple[Fraction, Fraction] | None
    hhi_outside: Fraction | None

    @property
    def outside(self) -> Fraction:
        """What came from all allies as a share of income."""
        return sum(self.shares.values(), Fraction(0))


def concentration_of(rules: Bylaws, span: Period) -> Concentration:
    """Who the money of a stretch of days came from: allies by name, all others together.

    Raises LedgerUnusable where the books name no currency.
    """
    by_ally: dict[str, int] = {}
    gifts = [gift for gift in gifts_of(rules) if gift.row.date in span]
    for gift in gifts:
        by_ally[str(gift.row.ally)] = by_ally.get(str(gift.row.ally), 0) + (gift.units or 0)
    income = round(_earned(rules, span)) + sum(gift.units or 0 for gift in gifts if not gift.row.earned)
    given = {ally: units for ally, units in sorted(by_ally.items()) if units > 0}
    if income <= 0:
        return Concentration(income, 0, {}, None, None)
    rest = max(0, income - sum(given.values()))
    shares = {ally: Fraction(units, income) for ally, units in given.items()}
    squares = sum((share**2 for share in shares.values()), Fraction(0))
    outside = sum(shares.values(), Fraction(0))
    return Concentration(
        income=income,
        rest=rest,
        shares=shares,
        hhi=(squares, squares + Fraction(rest, income) ** 2),
        hhi_outside=squares / outside**2 if outside else None,
    )


# -- the war game ----------------------------------------------------------------------------------------------------


class Scenario(NamedTuple):
    """What happens if some leave. `runway` in days at an even burn, None without end; money in whole units.

    `first_failure` is the first day of the next 180 on which the money does not reach for what is owed by then.
    """

    name: str
    liquid: int
    runway: int | None
    first_failure: date | None
    functions_lost: tuple[str, ...]


def war_game(
    rules: Bylaws, as_of: date, withdrawn: Iterable[str] = (), *, siege: bool = False, called: bool = True
) -> Scenario:
    """What happens if these allies leave on a day; `siege` is all of them and every customer too.

    What they lent is called in unless `called` is False. Raises LedgerUnusable where the books name no currency.
    """
    money = _Money(rules, as_of)
    gone = frozenset(money.allies if siege else withdrawn)
    everybody = siege or gone >= set(money.allies)
    liquid = money.own - (sum(money.callable_by(ally) for ally in gone) if called else 0)
    income = Fraction(0)
    if not siege:
        income = money.own_in + sum((money.from_ally(ally) for ally in money.allies if ally not in gone), Fraction(0))
        income += Fraction(0) if everybody and gone else money.unnamed_in
    out = money.all_out - money.saved_without(gone, everybody=everybody and bool(gone))
    return Scenario(
        name="siege" if siege else " ".join(sorted(gone)) or "nobody",
        liquid=round(liquid),
        runway=_runway(liquid, out, income),
        first_failure=_first_failure(rules, as_of, liquid, out - income),
        functions_lost=tuple(
            each.id
            for each in rules.all_of(alliances.Function, as_of)
            if not _stands_alone(rules, each, as_of, None if siege else gone)
        ),
    )


def _first_failure(rules: Bylaws, as_of: date, liquid: Fraction, burn: Fraction) -> date | None:
    dues = _dated_payables(rules, as_of, GAME_DAYS)
    for passed in range(GAME_DAYS + 1):
        day = as_of + passed * DAY
        if liquid - passed * burn < sum(units for due, units in dues if due <= day):
            return day
    return None
