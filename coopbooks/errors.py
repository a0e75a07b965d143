"""What goes wrong, in two sorts: a fault in the books is a value, a call that cannot be served is an exception.

A `Finding` is a fault in the books: it has a place, the rule that it breaks and one sentence. A `CoopbooksError` is
for the caller: one class for each way in which a call can fail, and its text is one sentence with the cure.
"""

from __future__ import annotations

from coopbooks.rows import NamedTuple

__all__ = [
    "CoopbooksError",
    "DrawRefused",
    "Finding",
    "ImportRefused",
    "LedgerUnusable",
    "ModelUnusable",
    "NothingToShareBy",
    "Place",
    "ReportUnusable",
    "SignatureRefused",
    "SplitRefused",
    "SurplusRefused",
    "ToolMissing",
    "UnknownName",
    "UnknownPeriod",
    "WriteRefused",
    "WrongSignature",
    "shortened",
]

_HALF_SENTENCE = 800


def shortened(message: str) -> str:
    """A sentence that a text of the books makes endless, without its middle; any other as it is.

    >>> shortened("a" * 2_000)[798:-798]
    'aa … (400 more signs) … aa'
    """
    left = len(message) - 2 * _HALF_SENTENCE
    if left <= _HALF_SENTENCE // 10:  # so that one that was shortened already stays as it is
        return message
    return f"{message[:_HALF_SENTENCE]} … ({left:,} more signs) … {message[-_HALF_SENTENCE:]}"


class Place(NamedTuple):
    """A line of the books: the file relative to the ledger's folder, and the line's number counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Finding(NamedTuple):
    """A fault in the books, as a value: where, which rule, and one sentence that ends in the cure."""

    place: Place
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class CoopbooksError(Exception):
    """A call that could not be served; `str()` is the one sentence that a person reads."""

    def __init__(self, message: str, place: Place | None = None) -> None:
        """`message` says what is wrong and what would be right; `place` is the line that is to be mended, if any."""
        message = shortened(" ".join(message.split()))  # a name in the books may hold a line break, or a million signs
        super().__init__(f"{place}: {message}" if place else message)
        self.message = message
        self.place = place


class LedgerUnusable(CoopbooksError):
    """The ledger cannot be read, or a posting that the answer needs is missing from it."""


class ModelUnusable(CoopbooksError):
    """A law or a bylaw model that cannot be used: its file is not in form, or it has no figure for the day."""


class ImportRefused(CoopbooksError):
    """A file of pay or hours, or its mapping, that cannot be brought into the books; nothing of it was written."""


class UnknownPeriod(CoopbooksError):
    """A period that is no fiscal year, quarter or month of this ledger."""


class UnknownName(CoopbooksError):
    """A member, a ledger or another name that the call gives and the books do not know."""


class DrawRefused(CoopbooksError):
    """A draw of auditors that its call does not allow: with other numbers, before its day, or a second time."""


class SplitRefused(CoopbooksError):
    """Weights by which nothing can be divided: all zero, negative, or not finite."""


class SurplusRefused(CoopbooksError):
    """A surplus that the rules in force cannot place; names the step and the cure."""


class NothingToShareBy(SurplusRefused):
    """A step needs patronage, and nobody has any yet: an error at the close, not while the year is young."""


class ToolMissing(CoopbooksError):
    """A library that an answer is made with, and that only an extra installs, is missing."""


class WriteRefused(CoopbooksError):
    """A file that was not written: it changed meanwhile, is locked, or would not mean what was meant."""


class ReportUnusable(CoopbooksError):
    """A file that is no grade report of the form that this version reads, or an audit that cannot be signed yet."""


class SignatureRefused(CoopbooksError):
    """A signature that could not be made, or that nothing is there to check by."""


class WrongSignature(SignatureRefused):
    """A signature that is missing, somebody else's, or of other bytes."""
