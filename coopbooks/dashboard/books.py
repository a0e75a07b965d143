"""What the pages ask of a cooperative: the answers that they are made of, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

__all__ = ["Answer", "Books"]


class Answer(Protocol):
    """What the library returns: `to_data` is the answer in plain lists and dicts."""

    def to_data(self) -> Any:
        """The keys and texts of the JSON form."""
        ...


class Books(Protocol):
    """A cooperative's books; see `coopbooks.cooperative.Cooperative` for what each answer holds."""

    @property
    def currency(self) -> str | None:
        """The currency of every figure."""
        ...

    def periods(self) -> Sequence[str]:
        """Fiscal years with something in them, oldest first."""
        ...

    def wages(self) -> Answer:
        """The wage ratio of every pay period."""
        ...

    def pay(self, period: str | None = None) -> Answer:
        """Each person's pay in one period."""
        ...

    def surplus(self, period: str, as_of: date | None = None) -> Answer:
        """Where one year's surplus goes."""
        ...

    def closes(self, period: str) -> Sequence[str]:
        """The places of the entries that close a fiscal year."""
        ...

    def outlook(self, period: str, as_of: date | None = None) -> Answer:
        """What would change a forecast."""
        ...

    def funds(self, as_of: date | None = None) -> Answer:
        """The movement funds."""
        ...

    def fund_entries(self, fund: str | None = None) -> Answer:
        """Every entry on the movement funds, oldest first."""
        ...

    def reveal(self, as_of: date, since: date | None = None) -> Answer:
        """What came from allies since the last pulse, or since a day."""
        ...

    def duties(self, as_of: date) -> Answer:
        """Every deadline that was opened by a day."""
        ...

    def audit(
        self, as_of: date, profile: str | Path | None = None, audit: str | None = None, period: str | None = None
    ) -> Answer:
        """The report of an audit, or the one that stands to be shown on a day."""
        ...

    def audit_changes(self, as_of: date) -> Answer:
        """The last signed audit, what the books indicate on a day, and what changed."""
        ...

    def records(self, as_of: date | None = None) -> Answer:
        """Every judged record, oldest first."""
        ...

    def published(self) -> Answer | None:
        """What a derived ledger says of itself and publishes beside its entries; None for the books themselves."""
        ...
