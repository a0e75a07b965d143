"""Who works here and who is a member: member, worker, exit, absence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from coopbooks.records import fields
from coopbooks.records.base import Record, Sort, Standing


class Member(Standing, kind="member", sort=Sort.STANDING):
    """A worker-member from this date; its id is the pseudonym that is used everywhere."""

    name: str | None = fields.text("the name, where the books may show it")
    wages: tuple[str, ...] = fields.accounts("accounts that are this person's gross pay", default=())
    capital: str | None = fields.account("the member's capital account")
    hours: Decimal | None = fields.number("contract hours a month, where postings carry none")
    since: date | None = fields.day("day of hire, where it is earlier than membership")


class Worker(Standing, kind="worker", sort=Sort.STANDING):
    """Works for pay and is no member: counts in the wage ratio, has no patronage."""

    name: str | None = fields.text("the name, where the books may show it")
    wages: tuple[str, ...] = fields.accounts("accounts that are this person's gross pay", default=())
    hours: Decimal | None = fields.number("contract hours a month, where postings carry none")


class Exit(Record, kind="exit", sort=Sort.EVENT):
    """Neither member nor worker from this date on."""

    cause: str | None = fields.text("resignation, retirement, death, expulsion, or another word")
    payee: str | None = fields.text("who is paid, where it is not the person")


class Absence(Record, kind="absence", sort=Sort.EVENT):
    """Leave of any kind; the person stays a member."""

    reason: str | None = fields.text("what for")
    until: date | None = fields.day("last day of the leave")
