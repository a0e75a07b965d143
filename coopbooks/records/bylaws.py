"""The bylaws that the books enforce, and the rates that they name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from coopbooks.money import Amount
from coopbooks.records import fields
from coopbooks.records.base import PreCommitted, Record, Rule, Sort, Standing
from coopbooks.records.fields import REQUIRED, Figure

PAY_KINDS = "base overtime bonus leave sick severance in-kind contract unpaid none"
"""What `pay:` on a posting may say."""

TEXTS = "purpose matter conditions ally-name title"
"""Free texts that a vote may open: of a fund, a decision, a gift and an ally, and the title of the ledger."""


class FiscalYear(Record, kind="bylaw", sort=Sort.STANDING, rule_id="fiscal-year"):
    """The last day of the fiscal year."""

    ends: str = fields.month_day("the year's last day", default="12-31")
    drops: str | None = fields.text("fields of the record before it that it leaves out on purpose")
    closes: str | None = fields.trigger("id of the trigger that this rewrite closes")


class WageRatio(Rule, kind="bylaw", sort=Sort.STANDING, rule_id="wage-ratio"):
    """A cap on the spread of pay; `wage-ratio-<name>` is a second one."""

    cap: Decimal = fields.ratio("how often the lower pay may go into the higher", default=REQUIRED)
    period: str = fields.one_of("month quarter year", "how long pay is added up", default="month")
    measure: str = fields.one_of("hourly full-time", "pay an hour, or of a full-time job", default="hourly")
    compare: str = fields.one_of(
        "max/min max/median max/floor mean-top-5/floor", "the two ends that are compared", default="max/min"
    )
    floor: Amount | Figure | None = fields.hourly("the floor, as an amount an hour")
    over: str = fields.one_of("all members", "whose pay counts", default="all")
    include: tuple[str, ...] = fields.some_of(
        PAY_KINDS,
        "kinds of pay that count",
        default=("base", "overtime", "bonus", "leave", "sick", "in-kind", "contract"),
    )
    full_time_hours: Decimal | None = fields.number("hours of a full-time job in the period")
    minimum_hours: Decimal = fields.number("fewer hours leave a person out of both ends", default=Decimal(8))


class Surplus(PreCommitted, kind="bylaw", sort=Sort.STANDING, rule_id="surplus"):
    """How the surplus is measured and how members share in it."""

    patronage: str = fields.one_of("hours wages equal weighted", "what a member's part follows", default="hours")
    weights: tuple[tuple[str, Decimal], ...] = fields.pairs("figures and their weights, for weighted", default=())
    weigh: str = fields.one_of("value share", "weigh the figures, or each one's share of them", default="value")
    count: tuple[str, ...] = fields.some_of(
        PAY_KINDS, "kinds of pay that are patronage", default=("base", "overtime", "contract", "unpaid")
    )
    patronage_from: str = fields.one_of("membership hire", "from when work counts", default="membership")
    takes_part: str = fields.one_of("during at-close", "who takes part", default="during")
    split: str = fields.one_of("hours wages accounts none", "how the non-member result is told apart", default="hours")
    nonmember_accounts: tuple[str, ...] = fields.accounts(
        "accounts of non-member result, for split accounts", default=()
    )
    nonmember_to: str | None = fields.account("account that the non-member result goes to")
    meets: tuple[str, ...] = fields.names("figures of the statute that nonmember-to meets", default=())
    cash: Figure = fields.share("share of each member's part that is paid in money", default=fields.figure(Decimal(1)))
    notice: str = fields.one_of("qualified nonqualified none", "written notice of allocation", default="none")
    minimum: Decimal | None = fields.number("patronage below which a member takes no part")
    maximum: Decimal | None = fields.plain_share("share that no member may exceed")
    tax: str | None = fields.account("account of income tax")
    currency: str | None = fields.text("the currency, where it is not the first operating currency")
    account: str = fields.account("the account that holds the surplus", default="Equity:Surplus")
    vows: bool = fields.flag("TRUE: no member is paid before a vow", default=False)
    unclaimed_days: int | None = fields.integer("days after which an unclaimed part lapses")
    unclaimed_to: str | None = fields.account("where an unclaimed part goes")


class Capital(Rule, kind="bylaw", sort=Sort.STANDING, rule_id="capital"):
    """Members' capital accounts: what is paid in, what it earns, when it is paid back."""

    collective: tuple[str, ...] = fields.accounts("accounts that belong to all", default=())
    buy_in: Amount | None = fields.amount("what a new member pays in")
    buy_in_months: int | None = fields.integer("months to pay it in")
    entry_fee: Amount | None = fields.amount("a fee that is not capital")
    entry_fee_to: str | None = fields.account("where the fee goes")
    interest: Figure | None = fields.rate("yearly interest on capital")
    interest_on: str = fields.one_of("average opening closing", "which paid-up capital it is on", default="average")
    interest_at_most: Decimal | None = fields.plain_share("all interest is at most this share of interest-at-most-of")
    interest_at_most_of: str = fields.one_of(
        "result surplus", "base of interest-at-most, before the interest is booked", default="result"
    )
    redeem_after: Decimal | None = fields.number("years a vintage stays")
    redeem: str = fields.one_of("oldest-first percent-of-all", "what is paid back first", default="oldest-first")
    redeem_share: Decimal | None = fields.plain_share("share of all that is paid back a year")
    redeem_at_most: Decimal | None = fields.plain_share("share of all capital paid back a year at most")
    short: str = fields.one_of("queue pro-rata", "what happens when money is short", default="queue")


class ExitTerms(Rule, kind="bylaw", sort=Sort.STANDING, rule_id="exit"):
    """What a leaver is owed and when; `exit-<cause>` for one cause."""

    years: int | None = fields.integer("equal yearly instalments")
    interest: Figure | None = fields.rate("yearly interest on what is left")
    schedule: tuple[tuple[Decimal, Decimal], ...] = fields.ladder("months and shares", default=())
    losses_first: bool = fields.flag("TRUE: losses are taken off first", default=False)
    deduct: Decimal | None = fields.plain_share("share that is kept back")
    deduct_to: str | None = fields.account("where the deduction goes")
    set_off: bool = fields.flag("TRUE: what the leaver owes is taken off", default=False)


class Assembly(Rule, kind="bylaw", sort=Sort.STANDING, rule_id="assembly"):
    """How the assembly decides."""

    quorum: Decimal | None = fields.plain_share("share of members that must be there")
    majority: Decimal = fields.plain_share("share of votes that decides", default=Decimal("0.5"))
    supermajority: Decimal = fields.plain_share("share of votes for reserved matters", default=Decimal("0.75"))
    majority_of: str = fields.one_of("cast present members", "what the share is of", default="cast")
    against_at_most: int | None = fields.integer("votes against that consensus bears")


class TimeZone(Rule, kind="bylaw", sort=Sort.STANDING, rule_id="time-zone"):
    """The civil days of this cooperative."""

    value: str = fields.text("name of the zone, as Europe/Madrid", default="UTC")


class Statute(Rule, kind="bylaw", sort=Sort.STANDING, rule_id="statute"):
    """The law whose minimums stand behind the cooperative's own rules."""

    value: tuple[str, ...] = fields.names("id of the statute; several with spaces between", default=REQUIRED)


class PublishMembers(Rule, kind="bylaw", sort=Sort.STANDING, rule_id="publish-members"):
    """Accounts that members see under their own name, and the texts that they may read."""

    accounts: tuple[str, ...] = fields.accounts("the accounts", default=())
    texts: tuple[str, ...] = fields.some_of(TEXTS, "free texts that pass too", default=())


class PublishPublic(Rule, kind="bylaw", sort=Sort.STANDING, rule_id="publish-public"):
    """Accounts that the public sees under their own name, and the texts that it may read."""

    accounts: tuple[str, ...] = fields.accounts("the accounts", default=())
    texts: tuple[str, ...] = fields.some_of(TEXTS, "free texts that pass too", default=())


class ParameterBylaw(Rule, kind="bylaw", sort=Sort.STANDING):
    """A parameter of the audit or of a duty, by its name there."""

    value: Any = fields.anything("the setting", default=REQUIRED)


class Rate(Standing, kind="rate", sort=Sort.STANDING):
    """A figure from outside that shares, amounts and interest may name."""

    value: Amount | Decimal = fields.rate_value("the figure", default=REQUIRED)
    source: str | None = fields.text("where it is published")
