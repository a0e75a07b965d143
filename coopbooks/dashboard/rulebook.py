"""What stands behind a figure: the rule by its place, since when it is in force, its vote and its law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from coopbooks.dashboard.books import Books
from coopbooks.dashboard.words import day_said

__all__ = ["Basis", "Rulebook", "Vote"]

Data = Mapping[str, Any]
PEOPLE = ("member", "worker")
_COUNTS = (("for", "for"), ("against", "against"), ("abstain", "abstained"))


class Vote(NamedTuple):
    """A decision: its id, its numbers in words ("" where it records none), what it was about, and its place.

    `place` is None for a decision that is only named, and stands in no record.
    """

    id: str
    said: str
    matter: str
    place: str | None


class Basis(NamedTuple):
    """Why a figure is as it is: a record's place and name, since when it holds, its vote and its law."""

    place: str
    name: str
    since: str
    vote: Vote | None
    law: str


class Rulebook:
    """All records of a book, to look up one by its place or id."""

    def __init__(self, records: Sequence[Data]) -> None:
        """`records` are the rows of the answer `records`."""
        self._records = records
        self._by_place = {row["place"]: row for row in records}
        self._decisions = {row["id"]: row for row in records if row["kind"] == "decision"}

    @classmethod
    def of(cls, books: Books, as_of: date) -> Rulebook:
        """The rulebook of a cooperative on a day."""
        return cls(books.records(as_of).to_data())

    def rows(self) -> Sequence[Data]:
        """Every record, oldest first."""
        return self._records

    def basis(self, place: str | None, law: str | None = None, decision: str | None = None) -> Basis | None:
        """What the record at a place rests on; with a law or decision that the answer itself names.

        None where there is no place; a place without a record still is one.
        """
        if place is None:
            return None
        row = self._by_place.get(place)
        return Basis(
            place=place,
            name=named(row) if row else "",
            since=day_said(row["date"]) if row else "",
            vote=self.vote(decision or (row["decision"] if row else None)),
            law=law or (row["law"] if row else None) or "",
        )

    def fields(self, place: str | None) -> Mapping[str, str]:
        """The fields of the record at a place; none where there is no record."""
        row = None if place is None else self._by_place.get(place)
        return {} if row is None else fields_of(row)

    def vote(self, decision: str | None) -> Vote | None:
        """The decision of an id, with its numbers."""
        if not decision:
            return None
        row = self._decisions.get(decision)
        if row is None:
            return Vote(decision, "", "", None)
        fields = fields_of(row)
        return Vote(decision, votes_said(fields), fields.get("matter", ""), row["place"])

    def accounts(self, person: str, field: str) -> list[str]:
        """The accounts that a person's records name in a field (`wages`, `capital`), the newest record's first."""
        rows = [row for row in reversed(self._records) if row["kind"] in PEOPLE and row["id"] == person]
        texts = (fields_of(row).get(field, "") for row in rows)
        return list(dict.fromkeys(account for text in texts for account in text.split()))


def fields_of(row: Data) -> dict[str, str]:
    """The fields of a record by name, as the ledger writes them."""
    return {each["name"]: each["value"] for each in row["fields"]}


def votes_said(fields: Mapping[str, str]) -> str:
    """The numbers of a decision in words.

    >>> votes_said({"for": "6", "against": "1", "abstain": "0", "eligible": "7"})
    '6 for, 1 against, 0 abstained, of 7'
    >>> votes_said({"for": "6"}), votes_said({})
    ('6 for', '')
    """
    parts = [f"{fields[name]} {said}" for name, said in _COUNTS if name in fields]
    if parts and "eligible" in fields:
        parts.append(f"of {fields['eligible']}")
    return ", ".join(parts)


def named(row: Data) -> str:
    """A record in a reader's words: its kind and its id.

    >>> named({"kind": "bylaw", "id": "wage-ratio"}), named({"kind": "allocation", "id": "reserve"})
    ('Bylaw wage-ratio', 'Step of the surplus: reserve')
    """
    kind = KINDS_SAID.get(row["kind"], str(row["kind"]).replace("-", " ").capitalize())
    return f"{kind} {row['id']}"


KINDS_SAID = {
    "allocation": "Step of the surplus:",
    "loss": "Who bears a loss:",
    "fund": "Movement fund",
    "rate": "Rate",
    "bylaw": "Bylaw",
    "policy": "Policy:",
    "golden-share": "Golden share of",
    "delegate": "Office of",
    "budget": "Budget line",
    "function": "What we depend on:",
    "screening": "Look at the supplier",
    "violation": "Violation by the supplier",
    "lottery-call": "Call for the lottery of",
    "lottery-draw": "Draw of",
    "finding": "Finding on",
    "flag": "Red flag on",
    "verdict": "Verdict of",
    "publication": "Publication of",
    "response": "Our response to",
    "derogation": "Leave to fall short of",
    "seal": "Seal of",
    "snapshot": "Books of the month as they were shown:",
    "access": "Who could open the books in",
    "action": "What is done about",
    "profile": "Profile of the audit:",
    "alert": "Alert of",
    "solidarity": "Answer to the alert of",
}
