"""Documents and claims for auditors: a document passes as its SHA-256, a claim as a number of our own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from coopbooks.books.bookings import Booking, Source, document_sha256
from coopbooks.publish.fresh import Figure
from coopbooks.publish.names import Names
from coopbooks.publish.records import quoted

__all__ = ["MISSING", "claim_and_paper", "papers_of"]

MISSING = "missing"
"""What stands in the place of a digest where no such file can be read."""


def claim_and_paper(source: Source, booking: Booking, claims: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The claim of a transaction and the digest of its document. `claims` keeps the numbers given so far."""
    claim = next(
        (fields["claim"] for fields in (booking.fields, *(line.fields for line in booking.lines)) if "claim" in fields),
        None,
    )
    if claim is not None:
        yield "claim", quoted(claims.setdefault(str(claim).strip(), f"c{len(claims) + 1:04}"))
    paper = booking.fields.get("document")
    if isinstance(paper, str):
        yield "document-sha256", quoted(document_sha256(source.folder, paper) or MISSING)


def papers_of(source: Source, names: Names) -> Iterator[Figure]:
    """The digest of every document that a record or a `document` directive names."""
    for record in source.facts.records:
        for field in ("document", "minutes"):
            paper = getattr(record, field, None)
            if isinstance(paper, str):
                digest = document_sha256(source.folder, paper) or MISSING
                shown = record.id if record.KIND == "bylaw" else names.record(record.KIND, record.id)
                yield Figure(record.date, tuple(map(quoted, ("document", record.KIND, shown, field, digest))))
    for day, account, file in source.documents:
        digest = document_sha256(Path(), file) or MISSING
        yield Figure(day, (quoted("document"), quoted("account"), names.of(account), quoted(digest)))
