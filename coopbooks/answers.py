"""What the library answers and commands print: frozen models with exactly the keys of the interface.

Money, rates and shares are texts already rounded as they are printed; the rules keep the exact figures. Tables are lists
of rows, with `.rows` and `.to_frame()`. `breaks` says whether what was judged breaks a rule (exit code 1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, PrivateAttr, RootModel

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Account",
    "AllyContract",
    "AllySignal",
    "BylawModel",
    "Change",
    "Check",
    "CheckError",
    "Claim",
    "Close",
    "Debt",
    "Draw",
    "DrawPlace",
    "DrawSkip",
    "DrawSource",
    "Duty",
    "End",
    "Equity",
    "EquityRow",
    "FromAlly",
    "Fund",
    "FundEntry",
    "Gift",
    "Imported",
    "Instalment",
    "Interest",
    "InterestRow",
    "LeftOut",
    "NewRecord",
    "Notice",
    "Outlook",
    "OutlookStep",
    "Part",
    "Patr",
    "Payment",
    "Payout",
    "PersonPay",
    "ProposedExit",
    "Published",
    "PublishedBand",
    "PublishedPay",
    "PublishedRatio",
    "PublishedSpent",
    "PublishedStep",
    "PublishedSurplus",
    "RecordField",
    "RecordRow",
    "Redemption",
    "Reveal",
    "RevealPlace",
    "Seal",
    "SealPage",
    "Snapshot",
    "Sovereignty",
    "StatementFile",
    "Step",
    "Surplus",
    "Table",
    "Vintage",
    "WageRatio",
    "Worked",
]


class _Answer(BaseModel):
    """A frozen answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    _breaks: bool = PrivateAttr(default=False)

    @property
    def breaks(self) -> bool:
        """Whether what was judged breaks a rule or is overdue."""
        return self._breaks

    def marked(self, breaks: bool) -> Self:
        """The same answer, with what `breaks` is to say."""
        self._breaks = breaks
        return self

    def to_json(self) -> str:
        """The JSON text of the interface, indented by two spaces."""
        return self.model_dump_json(indent=2)

    def to_data(self) -> Any:
        """The same as lists, dicts, texts, integers, truth values and None."""
        return self.model_dump(mode="json")


Row = TypeVar("Row", bound=BaseModel)


class Table(RootModel[tuple[Row, ...]], Generic[Row]):
    """A frozen table of rows."""

    model_config = ConfigDict(frozen=True)
    _breaks: bool = PrivateAttr(default=False)
    _made: ClassVar[set[Any]] = set()

    def __class_getitem__(cls, row: Any) -> Any:
        """The table of a sort of row. Pydantic keeps no hold of what it makes here, and would make it at every call."""
        made = super().__class_getitem__(row)
        cls._made.add(made)
        return made

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows, in order."""
        return self.root

    @property
    def breaks(self) -> bool:
        """Whether what was judged breaks a rule or is overdue."""
        return self._breaks

    def marked(self, breaks: bool) -> Self:
        """The same table, with what `breaks` is to say."""
        self._breaks = breaks
        return self

    def to_json(self) -> str:
        """The JSON text of the interface, indented by two spaces."""
        return self.model_dump_json(indent=2)

    def to_data(self) -> Any:
        """The same as a list of dicts."""
        return self.model_dump(mode="json")

    def to_frame(self) -> pd.DataFrame:
        """The rows as a pandas frame, one column a key; money stays text, since a float would not be exact."""
        import pandas as pd

        return pd.DataFrame(self.to_data())


class CheckError(_Answer):
    """One error of the books."""

    place: str
    rule: str
    message: str


class Check(_Answer):
    """Every error of the books, Beancount's own included."""

    errors: tuple[CheckError, ...]


class End(_Answer):
    """One end of a wage ratio; `person` is None for a median, a mean or a floor."""

    person: str | None
    rate: str


class LeftOut(_Answer):
    """Someone whose pay is not in a ratio, and why."""

    person: str
    reason: str


class WageRatio(_Answer):
    """The wage ratio of one pay period under one cap."""

    period: str
    ratio: str | None
    cap: str | None
    breach: bool
    highest: End | None
    lowest: End | None
    measure: str
    people: int
    left_out: tuple[LeftOut, ...]
    bylaw: str | None
    contract_hours: tuple[str, ...]
    message: str | None


class PersonPay(_Answer):
    """One person's pay in one pay period, under the first cap of that period."""

    period: str
    person: str
    status: str | None
    pay: str
    hours: str | None
    rate: str | None
    counted: bool
    reason: str | None


class Step(_Answer):
    """One step of the waterfall, or of who bears a loss (amount below zero).

    `step` is the number in the ledger: an integer, or text where it has decimals.
    """

    id: str
    step: int | str
    to: str
    account: str | None
    share: str | None
    of: str | None
    base: str | None
    amount: str
    stopped_by: str | None
    rule: str
    law: str | None
    decision: str | None


class Part(_Answer):
    """One person's part of a year's surplus."""

    member: str
    patronage: str
    share: str
    amount: str
    cash: str
    retained: str
    declined: str


class Worked(_Answer):
    """One person's part of one step: by what it is shared, the figure, the share, the exact sum and the rounding.

    `whole` is the figure of all who take part; `exact` and `rounding` have four digits beyond the smallest unit, and
    exact + rounding = amount.
    """

    step: str
    to: str
    by: str
    member: str
    figure: str
    whole: str
    share: str
    exact: str
    amount: str
    rounding: str


class Payment(_Answer):
    """A payment of a year's part to one person, on its day; `place` is the posting's."""

    member: str
    date: str
    amount: str
    place: str


class Change(_Answer):
    """A rule of surplus that was written inside the period."""

    rule: str
    place: str
    date: str
    retroactive: bool


class Surplus(_Answer):
    """A year's surplus and where it must go; money is None only where the ledger has no coop records at all."""

    period: str
    starts: str
    ends: str
    currency: str | None
    result: str | None
    member_result: str | None
    nonmember_result: str | None
    adjustments: str | None
    carried_in: str | None
    earlier_losses: str | None
    base: str | None
    steps: tuple[Step, ...]
    members: tuple[Part, ...]
    workers: tuple[Part, ...]
    unallocated: str | None
    forecast: bool
    changes: tuple[Change, ...]
    unpriced: tuple[str, ...]
    unplaced: tuple[str, ...]


class Close(_Answer):
    """The transaction that closes a period, and the record that seals it; each is None where nothing is missing.

    `sha256` is the period's seal, the new one or the one that stands; None where it has none.
    """

    transaction: str | None
    seal: str | None
    sha256: str | None
    written: bool

    @property
    def text(self) -> str:
        """What is to be appended to the books; "" where nothing is missing."""
        return "\n".join(part for part in (self.transaction, self.seal) if part)


class Seal(_Answer):
    """A seal beside the books as they are; `added`, `removed` and `changed` say which directives, each with its day.

    `short` is what is read into the minutes, `faults` are sentences about the record itself, `signed` who signed its page.
    """

    period: str
    ok: bool
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    place: str
    starts: str | None
    until: str
    dated: str
    directives: int
    sha256: str
    short: str
    previous: str | None
    faults: tuple[str, ...]
    signed: tuple[str, ...]


class SealPage(_Answer):
    """The page of a seal, whose SHA-256 is the seal; `short` is what is read into the minutes."""

    period: str
    page: str
    sha256: str
    short: str


class Snapshot(_Answer):
    """The snapshot of a month as a record of the ledger; `record` is None where the books have one of that month.

    `sha256` is the digest of the ledger's files, `records` names each record that no earlier snapshot lists.
    """

    month: str
    date: str
    sha256: str | None
    records: tuple[str, ...]
    record: str | None
    written: bool


class Imported(_Answer):
    """What a file of pay or hours adds to the books; `entries` is None where they have all of it already."""

    entries: str | None
    added: int
    already: int
    notes: tuple[str, ...]
    written: bool


class _Leaf(BaseModel):
    """A frozen part of an answer of which there may be a hundred thousand: it says nothing about breaking a rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Vintage(_Leaf):
    """One vintage of a capital account that holds something; `period` is None for capital without one (a buy-in).

    opening + credited + interest - losses - redeemed = amount.
    """

    period: str | None
    account: str
    amount: str
    redeem_on: str | None
    opening: str
    credited: str
    interest: str
    losses: str
    redeemed: str


class Account(_Answer):
    """A member's capital account over a period or its whole history, and what was brought in by the bylaws.

    opening + credited + interest - losses - redeemed = balance. `buy_in` and `entry_fee` are what the bylaws ask of this
    member, None where they ask nothing; `brought_in`, `unpaid` and `fee_paid` are what came, by the period's end;
    `buy_in_due` is the last day to pay both, None for whoever has left by then.
    """

    member: str
    opening: str
    credited: str
    interest: str
    losses: str
    redeemed: str
    balance: str
    vintages: tuple[Vintage, ...]
    buy_in: str | None
    brought_in: str
    unpaid: str
    buy_in_due: str | None
    entry_fee: str | None
    fee_paid: str


class EquityRow(_Answer):
    """One line of the statement of changes in members' equity; credits are positive.

    `line` is members, collective, fund, surplus or nobody; `account` is None for all members together.
    opening + credited + interest - losses - redeemed + other = balance.
    """

    line: str
    account: str | None
    opening: str
    credited: str
    interest: str
    losses: str
    redeemed: str
    other: str
    balance: str


class Equity(_Answer):
    """The statement of changes in members' equity over a period, and the check of NY Cooperative Corporations Law s. 93.

    The line surplus is the surplus account with all income and expenses to date: what no close has placed. `difference`
    is net book value less all lines but those of nobody; `judged` says whether the bylaws name collective accounts, without
    which nothing can be said of it.
    """

    period: str
    starts: str
    ends: str
    currency: str | None
    rows: tuple[EquityRow, ...]
    net_book_value: str | None
    difference: str | None
    judged: bool


class InterestRow(_Answer):
    """Interest on one member's paid-up capital: `capital` is what it is on, missing = owed - posted."""

    member: str
    capital: str
    owed: str
    posted: str
    missing: str


class Interest(_Answer):
    """What `interest` of bylaw capital owes on members' capital in a fiscal year, and the entry that is missing.

    `rate` is the mean of the year's days; `capped` says that interest-at-most cut the sum. `transaction` is the
    Beancount text, None where nothing is missing; `rule` is the bylaw's place, None without one.
    """

    period: str
    currency: str | None
    rate: str | None
    on: str | None
    rows: tuple[InterestRow, ...]
    owed: str
    posted: str
    missing: str
    capped: bool
    transaction: str | None
    rule: str | None


class Fund(_Answer):
    """A movement fund on a day."""

    fund: str
    account: str
    kind: str
    promised: str | None
    funded: str
    spent: str
    balance: str
    backing: str | None
    shortfall: str
    spend_by: str | None
    weeks: str | None
    purpose: str | None
    movement: bool
    rule: str


class Duty(_Answer):
    """A deadline and its state on a day."""

    duty: str
    subject: str
    opened: str
    due: str
    state: str
    rule: str
    place: str | None
    met_by: str | None


class Instalment(_Answer):
    """One instalment of a debt to a former member: `amount` = principal + interest, `paid` what of it was paid by then."""

    due: str
    principal: str
    interest: str
    amount: str
    paid: str
    overdue: bool


class Debt(_Answer):
    """What the cooperative owes a former member since one exit, on a day.

    owed = capital - deductions - set_off; balance = owed + interest - losses - paid. `interest` is what was credited to
    the debt's account, `losses` what later losses took off it. `rule` is the place of the bylaw, None without one.
    """

    member: str
    exit: str
    cause: str | None
    capital: str
    deductions: str
    set_off: str
    owed: str
    interest: str
    losses: str
    paid: str
    balance: str
    overdue: str
    instalments: tuple[Instalment, ...]
    rule: str | None


class ProposedExit(_Answer):
    """The `#coop-exit` that is missing for a leaver; `transaction` is None where nothing is."""

    member: str
    exit: str
    cause: str | None
    rule: str | None
    transaction: str | None


class Claim(_Answer):
    """A vintage that waits in the queue for redemption; `due` says whether its day has come."""

    member: str
    period: str | None
    account: str
    amount: str
    redeem_on: str | None
    due: bool


class Payout(_Answer):
    """What a proposed redemption pays out of one vintage."""

    member: str
    period: str
    account: str
    amount: str


class Redemption(_Answer):
    """The redemption that is proposed for an amount of money: asked = redeemed + left, and `why_left` where something is.

    `transaction` is the Beancount text, None where nothing can be redeemed; `queue` is the queue before it.
    """

    as_of: str
    redeem: str
    short: str
    asked: str
    redeemed: str
    left: str
    why_left: str | None
    paid_from: str | None
    transaction: str | None
    payouts: tuple[Payout, ...]
    queue: tuple[Claim, ...]


class Notice(_Answer):
    """What a written notice of allocation tells one member of a fiscal year; `kind` is qualified or nonqualified.

    dividend = cash + retained. `share` is the member's part of all dividends, `share_of_net_income` that of all dividends
    together in the net income of the year, `cash_share` the part of the dividend paid in money; shares have 6 decimals.
    `pay_by` is the last day of the payment period, `redeem_on` the day on which the retained part is due, if any.
    """

    member: str
    name: str | None
    period: str
    kind: str
    net_income: str
    dividends: str
    share_of_net_income: str
    share: str
    dividend: str
    cash: str
    cash_share: str
    retained: str
    redeem_on: str | None
    pay_by: str
    rule: str


class Patr(_Answer):
    """One line of the 1099-PATR list: a person and a calendar year of payment, by box of the form.

    box_1 = cash + notices: patronage dividends in money and in qualified notices. box_4: federal income tax withheld.
    box_5: nonqualified notices redeemed.
    """

    member: str
    name: str | None
    year: str
    box_1: str
    cash: str
    notices: str
    box_4: str
    box_5: str


class OutlookStep(_Answer):
    """One step of a forecast as it would be with another result, and how far that is from the forecast."""

    id: str
    to: str
    account: str | None
    amount: str
    difference: str


class Outlook(_Answer):
    """A forecast with a round amount more ("+1000.00") or less: the result and all that follows from it.

    The differences of all steps and of `unallocated` add up to the change. `members` and `workers` are what they get
    together. A step that the other result does not have gets nothing; who bears a loss stands after the steps.
    """

    change: str
    result: str
    earlier_losses: str
    unallocated: str
    members: str
    workers: str
    steps: tuple[OutlookStep, ...]


class FundEntry(_Answer):
    """An entry on a movement fund: `sort` is close, credit, spent or transfer; `amount` is above zero for what comes in.

    `balance` is what the fund holds after it. `counter` are the other accounts of the transaction, of a close the surplus
    account alone. `purpose` is the transaction's own field of that name.
    """

    fund: str
    date: str
    sort: str
    amount: str
    balance: str
    source: str | None
    decision: str | None
    decision_place: str | None
    claim: str | None
    purpose: str | None
    counter: tuple[str, ...]
    place: str


class Gift(_Answer):
    """Money, goods or time from an ally; below zero what went back. `amount` is None where no price is known."""

    date: str
    ally: str
    amount: str | None
    in_kind: bool
    valuation: str | None
    conditions: str | None
    account: str
    place: str


class AllyContract(_Answer):
    """The solidarity contract in force with an ally, and its clauses."""

    open_ledger: bool
    non_interference: bool
    assembly_supremacy: bool
    sunset: str | None
    signed: str | None
    place: str


class AllySignal(_Answer):
    """Something that an ally did and that members should know of."""

    date: str
    what: str | None
    evidence: str | None
    place: str


class FromAlly(_Answer):
    """What came from one ally; `sort` and `place` are None for an id without a record. "none" is no condition."""

    ally: str
    name: str | None
    sort: str | None
    hostile: bool
    given: str
    in_kind: str
    share_of_income: str | None
    conditions: tuple[str, ...]
    contract: AllyContract | None
    signals: tuple[AllySignal, ...]
    place: str | None


class RevealPlace(_Answer):
    """A gift that does not say its conditions."""

    place: str
    ally: str


class Reveal(_Answer):
    """What came from allies from `since` (None: ever) to `until`, both included; `pulse` is the one that was shown last.

    `income` is all income of those days, gifts that are booked past it among them, None in books without allies.
    share_of_income = (given + in_kind) / income, with 6 decimals; None without income.
    """

    since: str | None
    pulse: str | None
    pulse_place: str | None
    until: str
    currency: str | None
    given: str
    in_kind: str
    income: str | None
    share_of_income: str | None
    gifts: tuple[Gift, ...]
    allies: tuple[FromAlly, ...]
    missing: tuple[RevealPlace, ...]


class Sovereignty(_Answer):
    """The four measures of sovereignty on a day in per cent with one decimal, and their index from 0 to 100.

    A measure without evidence is None and named in `missing`; then there is no index. `figures` is a sentence for each
    measure: what it is made of, or what is missing.
    """

    as_of: str
    measures: dict[str, str | None]
    index: str | None
    missing: tuple[str, ...]
    figures: dict[str, str]


class RecordField(_Answer):
    """A field of a record as the ledger writes it, a text without its quotes."""

    name: str
    value: str


class RecordRow(_Answer):
    """A record: `standing` says whether it is in force on the day asked for, `ends` is the first day it no longer is."""

    kind: str
    id: str
    date: str
    place: str
    ends: str | None
    standing: bool
    fields: tuple[RecordField, ...]
    decision: str | None
    decision_place: str | None
    law: str | None


class BylawModel(_Answer):
    """A bylaw model: `law` names the law or the published bylaws, `read_on` the day on which our copy was read."""

    id: str
    title: str
    law: str
    read_on: str


class StatementFile(_Answer):
    """A file of the statements: its path in the folder, its SHA-256, and whether it was written just now."""

    file: str
    sha256: str
    written: bool


class DrawSkip(_Leaf):
    """Somebody whom a draw passed over, and why."""

    id: str
    reason: str


class DrawSource(_Leaf):
    """A public number that a lottery is drawn with; `value` is None while it is not known."""

    name: str
    value: str | None


class DrawPlace(_Leaf):
    """Somebody who was drawn, as "panel" or "alternate": the ticket, what the books show of ties, whether one excludes.

    `accepted` is None while the person has not answered.
    """

    id: str
    place: str
    ticket: str
    accepted: bool | None
    declared: str | None
    ties: tuple[str, ...]
    excluded: bool


class Draw(_Answer):
    """A lottery of auditors: the draw that its pool and its numbers give, whatever the record of the draw says.

    `seed` is None, and nobody is drawn, while a number is missing or the pool is not the published one. `record` is the
    draw as text of the ledger where it was proposed, `faults` are what the call and the draw break, each with its place.
    """

    call: str
    seed: str | None
    order: tuple[str, ...]
    panel: tuple[str, ...]
    alternates: tuple[str, ...]
    skipped: tuple[DrawSkip, ...]
    pool: int
    small_pool: bool
    pool_sha256: str
    seats: int
    draw_not_before: str
    drawn_on: str | None
    sources: tuple[DrawSource, ...]
    drawn: tuple[DrawPlace, ...]
    missing: tuple[str, ...]
    faults: tuple[str, ...]
    record: str | None
    written: bool


class PublishedRatio(_Leaf):
    """The wage ratio of a period that a derived ledger tells; `ratio` is None where only its side of the cap is told."""

    period: str
    ratio: str | None
    cap: str | None
    over: bool | None
    people: int


class PublishedBand(_Leaf):
    """How many people were paid at least `low` and less than `high` (None: open), an hour or for full time (`measure`)."""

    period: str
    measure: str
    low: str | None
    high: str | None
    people: int


class PublishedPay(_Leaf):
    """The pay of a fiscal year, or of several that are merged ("2025/2027")."""

    period: str
    total: str
    people: int


class PublishedSpent(_Leaf):
    """What was spent of a protected fund in closed quarters ("2025-Q1", "2025-Q1/2025-Q3"), and for how many claims."""

    fund: str
    period: str
    amount: str
    claims: int | None


class PublishedStep(_Leaf):
    """One step of a published surplus; `people` is how many share in it, 0 where it is nobody's own."""

    id: str
    to: str
    account: str | None
    share: str | None
    of: str | None
    amount: str
    people: int


class PublishedSurplus(_Leaf):
    """The result of a closed year, what earlier losses took of it, and where the rest went."""

    period: str
    result: str
    earlier_losses: str
    steps: tuple[PublishedStep, ...]


class Published(_Answer):
    """What a derived ledger says of itself: for whom it is (members, auditors, public), as of what day, and its figures."""

    audience: str
    as_of: str
    ratios: tuple[PublishedRatio, ...]
    bands: tuple[PublishedBand, ...]
    pay: tuple[PublishedPay, ...]
    spent: tuple[PublishedSpent, ...]
    surplus: tuple[PublishedSurplus, ...]


class NewRecord(_Answer):
    """A record as Beancount text, and whether it was written to a file."""

    record: str
    written: bool
