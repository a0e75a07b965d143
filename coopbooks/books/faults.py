"""Findings as Beancount errors, and back: a plugin hands them out, the loader knows them again; and what Beancount dropped."""

from __future__ import annotations

from collections.abc import Iterable
from os.path import isabs, join
from typing import Any

from coopbooks.errors import Finding
from coopbooks.rows import NamedTuple

__all__ = ["BooksError", "Dropped", "to_errors"]


class BooksError(NamedTuple):
    """One finding in the shape that Beancount, bean-check and Fava print."""

    source: dict[str, Any]
    message: str
    entry: Any


class Dropped(NamedTuple):
    """An entry that Beancount could not take into the books: its error, and the accounts in its lines.

    `accounts` is None where the lines themselves are missing, as with an include that was not found.
    """

    finding: Finding
    accounts: frozenset[str] | None


def to_errors(findings: Iterable[Finding], folder: str) -> list[BooksError]:
    """Beancount errors for findings; places become absolute again, since Beancount's tools open them."""
    return [
        BooksError(
            {"filename": _absolute(finding.place.file, folder), "lineno": finding.place.line}, finding.message, None
        )
        for finding in findings
    ]


def _absolute(file: str, folder: str) -> str:
    if not folder or isabs(file) or file.startswith("<"):
        return file
    return join(folder, file)
