"""Where surplus and losses go: allocation, loss, resolution, contribution, adjustment, fund, vow, decline, seal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from coopbooks.money import Amount
from coopbooks.records import fields
from coopbooks.records.base import PreCommitted, Record, Sort, Standing
from coopbooks.records.fields import REQUIRED, Figure

_BY = "patronage hours wages equal capital weighted"


class Allocation(PreCommitted, kind="allocation", sort=Sort.STANDING):
    """One step of the waterfall from surplus to those who get it."""

    step: Decimal = fields.number("place in the order; equal numbers share one base", default=REQUIRED)
    to: str = fields.text('an account, or "members", "workers", "next", "decision"', default=REQUIRED)
    by: str = fields.one_of(_BY, "how members or workers share it", default="patronage")
    minimum_hours: Decimal | None = fields.number("fewer hours in the period take no part")
    minimum_months: Decimal | None = fields.number("fewer months since hire take no part")
    seniority: tuple[tuple[Decimal, Decimal], ...] = fields.ladder("months since hire and weights", default=())
    cash: Figure | None = fields.share("its own cash share")
    as_: str = fields.one_of("appropriation expense", "expense: owed in a loss year too", default="appropriation")
    share: Figure | None = fields.share("share of the base")
    rate: Figure | None = fields.rate('rate on each one\'s capital, with by: "capital"')
    on: str = fields.one_of("opening average closing", "which capital the rate is on", default="opening")
    at_most: Decimal | None = fields.plain_share("the step gets at most this share of at-most-of")
    at_most_of: str = fields.text("base of at-most", default="surplus")
    amount: Amount | Figure | None = fields.money("a fixed amount")
    rest: bool = fields.flag("TRUE: everything that is left", default=False)
    of: str = fields.text(
        "base of the share: surplus, result, before-tax, remaining, whole, nonmember, payroll, step:<id>",
        default="surplus",
    )
    until: Amount | None = fields.amount("stop when the account's balance reaches it")
    until_of: Decimal | None = fields.number("stop at this share of until-account's balance")
    until_account: str | None = fields.account("the account that until-of looks at")
    until_at: str = fields.one_of("now highest", "its balance now, or the highest it ever had", default="now")
    then: Figure | None = fields.share("share once the limit is reached")
    round: str = fields.one_of("nearest up down", "how the step is rounded", default="nearest")
    top_up: bool = fields.flag("TRUE: what the account already got in this close counts", default=False)
    meets: tuple[str, ...] = fields.names("figures of the statute that the step meets", default=())


class Loss(PreCommitted, kind="loss", sort=Sort.STANDING):
    """Who bears a loss."""

    step: Decimal = fields.number("place in the order", default=REQUIRED)
    from_: str = fields.text('an account, or "members"', default=REQUIRED)
    share: Figure | None = fields.share("share of the loss")
    rest: bool = fields.flag("TRUE: all that is left of the loss", default=False)
    at_most_share: Decimal | None = fields.plain_share("at most this share of the loss")
    against: str = fields.one_of("newest-first oldest-first", "which vintage bears it first", default="newest-first")
    below_zero: bool = fields.flag("TRUE: the account may go below zero", default=False)
    meets: tuple[str, ...] = fields.names("figures of the statute that the step meets", default=())


class Resolution(Record, kind="resolution", sort=Sort.REPEATING):
    """What the deciding body does, after the year, with a step that was left to it."""

    of: str = fields.text("id of the step that was left to the decision", default=REQUIRED)
    to: str = fields.text('an account, or "members", "workers", "next"', default=REQUIRED)
    share: Figure | None = fields.share("share of what was left to decide")
    amount: Amount | Figure | None = fields.money("a fixed amount")
    rest: bool = fields.flag("TRUE: everything that is left", default=False)
    by: str = fields.one_of(_BY, "how members or workers share it", default="patronage")
    cash: Figure | None = fields.share("its own cash share")


class Contribution(Record, kind="contribution", sort=Sort.REPEATING):
    """A figure of a member that no pay posting carries, for weighted patronage."""

    period: str = fields.period("the fiscal year it counts in", default=REQUIRED)
    of: str = fields.text("a name used in weights", default=REQUIRED)
    value: Decimal = fields.signed("the figure", default=REQUIRED)


class Adjustment(Record, kind="adjustment", sort=Sort.REPEATING):
    """Changes the base of a period's surplus without a posting."""

    amount: Amount = fields.signed_amount("what is added, or taken off where negative", default=REQUIRED)
    reason: str | None = fields.text("why")
    part: str | None = fields.one_of("member nonmember", "which part of the result it changes")


class Fund(Standing, kind="fund", sort=Sort.STANDING):
    """A movement fund and the money that stands behind it."""

    account: str = fields.account("the fund's account", default=REQUIRED)
    purpose: str | None = fields.text("what it is for")
    kind: str = fields.one_of(
        "strike mutual-aid media training legal-defence seed-capital land-trust education other",
        "what sort of fund",
        default="other",
    )
    backing: str | None = fields.account("asset account that holds its money")
    liability: bool = fields.flag("TRUE where the money is owed out by law", default=False)
    spend_by: int | None = fields.integer("months after the close to spend it")
    movement: bool = fields.flag("TRUE: counts as given to the movement", default=False)
    meets: tuple[str, ...] = fields.names("figures of the statute that the fund meets", default=())


class Redemption(Record, kind="redemption", sort=Sort.REPEATING):
    """What the assembly decides to pay back of members' capital in a fiscal year, whatever the queue says."""

    share: Decimal | None = fields.plain_share("share of the capital that is paid back")
    amount: Amount | None = fields.amount("a fixed amount, of all members together")
    of: str | None = fields.period("the vintage that is paid back; without it, the queue stays as it is")


class Vow(Record, kind="vow", sort=Sort.REPEATING):
    """A member says how the share will serve the common struggle, before it is paid."""

    period: str = fields.period("the year whose share it is", default=REQUIRED)
    text: str | None = fields.text("the vow")
    witness: str | None = fields.text("who heard it, where it was spoken")


class Decline(Record, kind="decline", sort=Sort.REPEATING):
    """A member gives up a share of a period; it goes to the collective and is not shared again."""

    period: str = fields.period("the year whose share it is", default=REQUIRED)
    share: Decimal = fields.plain_share("share that is given up", default=Decimal(1))
    to: str | None = fields.account("where it goes; the first collective account where nothing is said")


class Seal(Record, kind="seal", sort=Sort.EVENT):
    """The seal of the fiscal year of this id, as `coopbooks close` gives it: nothing that it covers may change any more."""

    sha256: str = fields.digest("SHA-256 of the seal's page, which `coopbooks seal show` prints", default=REQUIRED)
    root: str = fields.digest("root of the tree over the digests of all directives", default=REQUIRED)
    directives: int = fields.integer("how many directives it covers", default=REQUIRED)
    starts: date | None = fields.day("first day that it covers; none: everything up to the last")
    until: date = fields.day("last day that it covers", default=REQUIRED)
    previous: str | None = fields.digest("`sha256` of the seal before")
    entries: tuple[str, ...] = fields.names("the beginning of each digest, by day and kind", default=())
