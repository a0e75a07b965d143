"""What the library answers and commands print: frozen models with exactly the keys of the interface.

Money, rates and shares are texts already rounded as they are printed; the rules keep the exact figures. Tables are lists
of rows, with `.rows` and `.to_frame()`. `breaks` says whether what was judged breaks a rule (exit code 1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, PrivateAttr, RootModel

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Account",
    "Change",
    "Check",
    "CheckError",
    "Close",
    "Duty",
    "End",
    "Fund",
    "LeftOut",
    "Part",
    "PersonPay",
    "Step",
    "Surplus",
    "Table",
    "Vintage",
    "WageRatio",
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
    """The transaction that closes a period; `transaction` is None where nothing is missing."""

    transaction: str | None
    sha256: str | None
    written: bool


class Vintage(_Answer):
    """One vintage of a capital account; `period` is None for capital without one (a buy-in)."""

    period: str | None
    account: str
    amount: str
    redeem_on: str | None


class Account(_Answer):
    """A member's capital account over its whole history."""

    member: str
    opening: str
    credited: str
    interest: str
    losses: str
    redeemed: str
    balance: str
    vintages: tuple[Vintage, ...]


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
