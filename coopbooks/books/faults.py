"""Findings as Beancount errors, and back: a plugin hands them out, the loader knows them again."""

from __future__ import annotations

from collections.abc import Iterable
from os.path import isabs, join
from typing import Any

from coopbooks.errors import Finding
from coopbooks.rows import NamedTuple

__all__ = ["BooksError", "to_errors"]


class BooksError(NamedTuple):
    """One finding in the shape that Beancount, bean-check and Fava print."""

    source: dict[str, Any]
    message: str
    entry: Any


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
