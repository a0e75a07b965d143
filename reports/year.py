"""All that the statements of one fiscal year are made from: the answers of the library, each asked for once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import coopbooks.answers as answers  # noqa: PLR0402  # the other form would import the package, which imports this
from coopbooks.cooperative import Cooperative
from coopbooks.records.people import Member
from coopbooks.reports.figures import day_said, is_zero

__all__ = ["Year"]


class Year:
    """The answers about one fiscal year as of a day. Nothing is asked before it is needed."""

    def __init__(self, coop: Cooperative, period: str, as_of: date) -> None:
        """`period` is a fiscal year ("2025"). Raises UnknownPeriod, and SurplusRefused where it cannot be placed."""
        self.coop, self.period, self.as_of = coop, period, as_of
        self.surplus = coop.surplus(period, as_of=as_of)
        self.starts, self.ends = date.fromisoformat(self.surplus.starts), date.fromisoformat(self.surplus.ends)

    @property
    def title(self) -> str:
        """What the cooperative is called: the ledger's title, else the name of its folder."""
        path: Path | None = self.coop.path
        return self.coop.title.strip() or (path.parent.name if path else "")

    @property
    def currency(self) -> str:
        """The currency of every amount."""
        return self.coop.facts.unit.currency

    @property
    def digits(self) -> int:
        """Decimal places of the currency's smallest unit."""
        return self.coop.facts.unit.digits

    @property
    def closed(self) -> bool:
        """Whether the ledger has a close of this year."""
        return self.period in self.coop.facts.closes

    @property
    def is_loss(self) -> bool:
        """Whether the year made a loss of its own, whoever bears it."""
        return Decimal(self.lost) > 0

    @cached_property
    def lost(self) -> str:
        """The year's own loss, above zero: what the steps place of it and what stays open, less what was open before."""
        surplus = self.surplus
        borne = -sum(min(Decimal(0), Decimal(step.amount)) for step in surplus.steps)
        still_open = -Decimal(surplus.unallocated or 0) - Decimal(surplus.earlier_losses or 0)
        return f"{max(Decimal(0), borne + still_open):f}"

    @property
    def covers_losses(self) -> bool:
        """Whether all that the year brought goes to losses of earlier years."""
        return not self.is_loss and Decimal(self.surplus.base or 0) <= 0 < Decimal(self.surplus.earlier_losses or 0)

    @cached_property
    def worksheet(self) -> tuple[answers.Worked, ...]:
        """How each part came about."""
        return self.coop.worksheet(self.period).rows

    @cached_property
    def accounts(self) -> tuple[answers.Account, ...]:
        """The capital accounts, their flows of this period only."""
        return self.coop.members(period=self.period).rows

    @cached_property
    def account_of(self) -> dict[str, answers.Account]:
        """Each member's capital account."""
        return {account.member: account for account in self.accounts}

    @cached_property
    def worked_by(self) -> dict[str, list[answers.Worked]]:
        """Each one's rows of the worksheet."""
        found: dict[str, list[answers.Worked]] = {}
        for row in self.worksheet:
            found.setdefault(row.member, []).append(row)
        return found

    @cached_property
    def equity(self) -> answers.Equity:
        """The statement of changes in members' equity."""
        return self.coop.equity(self.period)

    @cached_property
    def wages(self) -> tuple[answers.WageRatio, ...]:
        """The wage ratio of every pay period."""
        return self.coop.wages(self.period).rows

    @cached_property
    def funds(self) -> tuple[answers.Fund, ...]:
        """The funds on the period's last day, or on the day of the statement where that comes first."""
        return self.coop.funds(as_of=min(self.as_of, self.ends)).rows

    @cached_property
    def queue(self) -> tuple[answers.Claim, ...]:
        """Capital in the order in which it is to be paid back, on the day of the statement."""
        return self.coop.queue(self.as_of).rows

    @cached_property
    def debts(self) -> tuple[answers.Debt, ...]:
        """What former members are owed on the day of the statement."""
        return self.coop.debts(self.as_of).rows

    @cached_property
    def notices(self) -> tuple[answers.Notice, ...]:
        """The written notices of allocation; none before the year is closed, since a forecast allocates nothing."""
        return self.coop.notices(self.period).rows if self.closed else ()

    @cached_property
    def patr(self) -> tuple[answers.Patr, ...]:
        """The 1099-PATR lists, for books in US dollars, of the calendar year in which this one ends and of the next.

        The form follows the calendar year of payment, and what a year allocates is paid by the 15th day of the ninth
        month after its end (26 CFR 1.1382-4): in one of these two. Years after the day of the statement are left out.
        """
        if self.currency != "USD":
            return ()
        years = [year for year in (self.ends.year, self.ends.year + 1) if year <= self.as_of.year]
        return tuple(row for year in years for row in self.coop.patr(year).rows)

    @cached_property
    def payments(self) -> tuple[answers.Payment, ...]:
        """What was paid of this year's parts by the day of the statement."""
        return self.coop.payments(self.period, self.as_of).rows

    @property
    def redeem_on(self) -> str | None:
        """The day on which the vintage of this year is to be paid back, None where there is none."""
        vintages = [vintage for account in self.accounts for vintage in account.vintages]
        return next((vintage.redeem_on for vintage in vintages if vintage.period == self.period), None)

    @cached_property
    def left(self) -> dict[str, str]:
        """The day on which each leaver left who had not come back by the day of the statement, in words."""
        kinds = self.coop.facts.by_kind
        found = {}
        for person, exits in kinds.get("exit", {}).items():
            back = [record.date for record in kinds.get("member", {}).get(person, []) if record.date <= self.as_of]
            days = [record.date for record in exits if record.date <= self.as_of]
            if days and not any(day >= days[-1] for day in back):
                found[person] = day_said(days[-1])
        return found

    @cached_property
    def names(self) -> dict[str, str]:
        """The name of each member whose record shows one."""
        found = self.coop.facts.by_kind.get("member", {})
        records = {member: [each for each in history if isinstance(each, Member)] for member, history in found.items()}
        return {member: history[-1].name for member, history in records.items() if history and history[-1].name}

    def members(self) -> list[str]:
        """Everybody who gets a statement, sorted: who has a part of this year, capital in it, or is owed some still."""
        people = {part.member for part in self.surplus.members}
        people |= {debt.member for debt in self.debts if not is_zero(debt.balance)}
        flows = ("opening", "credited", "interest", "losses", "redeemed")
        people |= {row.member for row in self.accounts if not all(is_zero(getattr(row, flow)) for flow in flows)}
        return sorted(people)
