"""Who owns the net book value: members' capital, the collective accounts, equity funds, what no close has placed yet.

NY Cooperative Corporations Law s. 93: the whole net book value is reflected in the members' internal capital accounts and
a collective account. In double-entry books net book value (assets less liabilities) is minus the sum of all equity accounts,
income and expenses, so the law is kept when no equity account is left over that belongs to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from coopbooks.bylaws import Bylaws, account_of_surplus
from coopbooks.errors import Finding
from coopbooks.facts import below
from coopbooks.periods import DAY, Period
from coopbooks.records import bylaws, surplus
from coopbooks.rows import NamedTuple
from coopbooks.rules.capital import accounts_of, holders, sort_of
from coopbooks.rules.result import opening_debit
from coopbooks.rules.surplus import Surpluses

__all__ = ["Line", "Statement", "book_value_findings", "statement_of"]


class Line(NamedTuple):
    """One line of the statement, in whole units, credits positive; `line` is members, collective, fund, surplus or nobody.

    opening + credited + interest - losses - redeemed + other = balance.
    """

    line: str
    account: str | None
    opening: int
    credited: int
    interest: int
    losses: int
    redeemed: int
    other: int
    balance: int


class Statement(NamedTuple):
    """Every line at a period's end. Book value and difference are None where the books name no collective account."""

    lines: tuple[Line, ...]
    net_book_value: int | None
    difference: int | None
    rule: bylaws.Capital | None


def statement_of(years: Surpluses, period: Period) -> Statement:
    """The statement of changes in equity over a period: all that is in the equity accounts, each by its owner."""
    book = _Book(years, period.ends)
    lines = [_members(years.rules, period)]
    lines += [_owned(book, period, account) for account, line in book.owners.items() if line in ("collective", "fund")]
    lines.append(_surplus_line(book, period))
    lines += [
        _line(book, "nobody", account, period, [account], {})
        for account in book.unowned()
        if book.moved(account, period)
    ]
    if book.early:
        units = years.rules.facts.unit.nearest(book.early)
        lines.append(Line("nobody", book.surplus_account, units, 0, 0, 0, 0, 0, units))
    if not book.is_whole:
        return Statement(tuple(lines), None, None, book.rule)
    unit = years.rules.facts.unit
    return Statement(tuple(lines), unit.nearest(book.net_book_value()), unit.nearest(book.difference()), book.rule)


class _Book:
    """The equity accounts on a day and who owns each; `owners` has the longest account that a rule names for it."""

    def __init__(self, years: Surpluses, day: date) -> None:
        self.rules, self.day = years.rules, day
        rules, roots = years.rules, years.rules.facts.roots
        self.rule = rules.capital_rule(day)
        self.is_whole = any(rule.collective for rule in rules.every(bylaws.Capital))
        self.surplus_account = rules.surplus_account(day)
        self.surplus_accounts = {account_of_surplus(rule, roots) for rule in (None, *rules.every(bylaws.Surplus))}
        self.capitals = {capital for capitals in holders(rules).values() for capital in capitals}
        self.owners: dict[str, str] = dict.fromkeys(self.rule.collective if self.rule else (), "collective")
        funds = [fund.account for fund in rules.all_of(surplus.Fund, day)]
        self.owners |= dict.fromkeys([account for account in funds if below(account, roots.equity)], "fund")
        self.owners |= dict.fromkeys(self.capitals, "members")
        self.owners |= dict.fromkeys(self.surplus_accounts, "surplus")
        self.early = self._early(years)

    def owner(self, account: str) -> str | None:
        """The account by which an account belongs to somebody, or None."""
        while account and account not in self.owners:
            account = account.rpartition(":")[0]
        return account or None

    def unowned(self) -> list[str]:
        """The equity accounts that belong to nobody, sorted."""
        return [account for account in self.rules.facts.under(self.rules.facts.roots.equity) if not self.owner(account)]

    def stands(self, account: str, day: date) -> Decimal:
        """What exactly this account holds at a day's end; a credit is positive."""
        return -sum((amount for when, amount in self.rules.facts.daily.get(account, ()) if when <= day), Decimal(0))

    def moved(self, account: str, period: Period) -> bool:
        """Whether there is anything to show of an account in a period."""
        within = any(day in period for day, _ in self.rules.facts.daily.get(account, ()))
        return within or bool(self.stands(account, period.ends))

    def difference(self) -> Decimal:
        """What belongs to nobody on the day."""
        return self.early + sum((self.stands(account, self.day) for account in self.unowned()), Decimal(0))

    def net_book_value(self) -> Decimal:
        """Assets less liabilities; members' and collective accounts that are no equity accounts count as equity."""
        roots, total = self.rules.facts.roots, self.unplaced(self.day)
        names = [
            name
            for name in self.rules.facts.under(roots.equity)
            if self.owners.get(self.owner(name) or "") != "surplus"
        ]
        others = [name for name in self.owners if not below(name, roots.equity) and name not in self.surplus_accounts]
        names += [name for other in others for name in self.rules.facts.under(other)]
        return total + sum((self.stands(name, self.day) for name in set(names)), Decimal(0))

    def unplaced(self, day: date) -> Decimal:
        """The surplus account with all income and expenses to a day: what has been earned and no close has placed.

        An entry that only moves income and expenses into the surplus account changes nothing here.
        """
        facts = self.rules.facts
        earned = facts.result_between(date.min, day)
        earned += sum((row.amount for row in facts.moved if row.date <= day), Decimal(0))
        for account in self.surplus_accounts:
            earned += facts.balance(account, day)
            for move in facts.moves_on(account):
                if (
                    move.date <= day
                    and "coop-close" not in move.tags
                    and self._only_moves_result(leg.account for leg in move.legs)
                ):
                    earned -= sum((leg.amount for leg in move.legs if below(leg.account, account)), Decimal(0))
        return -earned

    def _only_moves_result(self, accounts: Iterable[str]) -> bool:
        roots = self.rules.facts.roots
        kept = (*self.surplus_accounts, roots.income, roots.expenses)
        return all(any(below(account, parent) for parent in kept) for account in accounts)

    def _early(self, years: Surpluses) -> Decimal:
        """What was earned before the first period, less a loss that the first one takes over: no close will place it."""
        if not years.years:
            return Decimal(0)
        first = years.years[0].starts
        account = account_of_surplus(years.rule(years.years[0]), self.rules.facts.roots)
        before = self.unplaced(first - DAY)
        for move in self.rules.facts.moves_on(account):
            others = (leg.account for leg in move.legs)
            if move.date == first and "coop-close" not in move.tags and not self._only_moves_result(others):
                before -= sum((leg.amount for leg in move.legs if below(leg.account, account)), Decimal(0))
        unit = self.rules.facts.unit
        return before + unit.decimal(opening_debit(self.rules, account, first))


def _members(rules: Bylaws, period: Period) -> Line:
    """All members' capital together."""
    sums = dict.fromkeys(("opening", "credited", "interest", "losses", "redeemed", "balance"), 0)
    for account in accounts_of(rules, period):
        for name in sums:
            sums[name] += getattr(account, name)
    return Line("members", None, other=0, **sums)


def _owned(book: _Book, period: Period, account: str) -> Line:
    """A collective account or fund, without what stands below it and belongs to somebody else."""
    names = [name for name in book.rules.facts.under(account) if book.owner(name) == account]
    unit = book.rules.facts.unit
    sums = {"credited": 0, "interest": 0, "losses": 0}
    for name in names:
        for number, leg in book.rules.facts.legs(name):
            move = book.rules.facts.movements[number]
            if leg.account == name and move.date in period and "coop-close" in move.tags:
                units = unit.nearest(-leg.amount)
                sort = sort_of(move, leg, units, None)
                sums["losses" if sort == "losses" else "credited"] += -units if sort == "losses" else units
    return _line(book, book.owners[account], account, period, names, sums)


def _line(book: _Book, line: str, account: str, period: Period, names: Iterable[str], sums: Mapping[str, int]) -> Line:
    """A line whose `other` is whatever its flows do not explain."""
    unit = book.rules.facts.unit
    opening = unit.nearest(sum((book.stands(name, period.starts - DAY) for name in names), Decimal(0)))
    balance = unit.nearest(sum((book.stands(name, period.ends) for name in names), Decimal(0)))
    credited, interest, losses = (sums.get(name, 0) for name in ("credited", "interest", "losses"))
    other = balance - opening - credited - interest + losses
    return Line(line, account, opening, credited, interest, losses, 0, other, balance)


def _surplus_line(book: _Book, period: Period) -> Line:
    """What no close has placed: the period's result comes in, what its closes place goes out under `other`."""
    facts, unit = book.rules.facts, book.rules.facts.unit
    opening = unit.nearest(book.unplaced(period.starts - DAY) - book.early)
    balance = unit.nearest(book.unplaced(period.ends) - book.early)
    result = facts.result_between(period.starts, period.ends)
    result += sum((row.amount for row in facts.moved if row.date in period), Decimal(0))
    earned = unit.nearest(-result)
    gain, loss = max(0, earned), max(0, -earned)
    return Line("surplus", book.surplus_account, opening, gain, 0, loss, 0, balance - opening - earned, balance)


# -- the finding -----------------------------------------------------------------------------------------------------


def book_value_findings(years: Surpluses) -> list[Finding]:
    """At every close: net book value is all in members' capital, the collective accounts, funds and what is not placed.

    Only where `bylaw capital` names collective accounts. What was found at one close is told again only when it changes.
    """
    rules, findings = years.rules, []
    if not any(rule.collective for rule in rules.every(bylaws.Capital)):
        return []
    told: dict[str, Decimal] = {}
    for year in years.years:
        rule = rules.capital_rule(year.ends)
        moves = rules.facts.closes.get(year.name)
        if not moves or rule is None or not rule.collective:
            continue
        book = _Book(years, year.ends)
        stray = dict(_strays(book))
        if stray != told and abs(rules.facts.unit.exact(sum(stray.values(), Decimal(0)))) >= 1:
            findings.append(Finding(moves[0].place, "capital", _sentence(years, year, book, stray)))
        told = stray
    return findings


def _strays(book: _Book) -> Iterator[tuple[str, Decimal]]:
    """What belongs to nobody, by account."""
    for account in book.unowned():
        held = book.stands(account, book.day)
        if held:
            yield account, held
    if book.early:
        yield _early_name(book), book.early


def _sentence(years: Surpluses, year: Period, book: _Book, stray: Mapping[str, Decimal]) -> str:
    unit = years.rules.facts.unit
    found = statement_of(years, year)
    sums: dict[str, int] = {}
    for line in found.lines:
        sums[line.line] = sums.get(line.line, 0) + line.balance
    owned = ", ".join(
        f"{name} {unit.said(sums[line])}"
        for line, name in (
            ("members", "members' capital"),
            ("collective", "collective accounts"),
            ("fund", "funds"),
            ("surplus", "what is not placed"),
        )
        if line in sums
    )
    where = " and ".join(f"{unit.said(unit.nearest(held))} on {account}" for account, held in stray.items())
    value = found.net_book_value or 0
    first = (*(book.rule.collective if book.rule else ()), "")[0]
    cure = f"name such an account in collective: of bylaw capital at {book.rule.place if book.rule else year.name}"
    if set(stray) == {_early_name(book)}:
        cure = f"bring it in on {first}"
    return (
        f"at the close of {year.name} net book value is {unit.said(value)}, but {owned} make "
        f"{unit.said(value - (found.difference or 0))}, and {where} belongs to nobody: {cure}, or move it to members' "
        "capital, a fund or a collective account"
    )


def _early_name(book: _Book) -> str:
    return f"{book.surplus_account} from before the first period"
