"""Worked cooperatives: ledgers that ship with coopbooks, each with its golden results beside it."""

from __future__ import annotations

from pathlib import Path

from coopbooks.errors import UnknownName

__all__ = ["names", "path"]

_FOLDER = Path(__file__).resolve().parent


def names() -> tuple[str, ...]:
    """The names of the shipped ledgers, in alphabetical order."""
    return tuple(sorted(main.parent.name for main in _FOLDER.glob("*/main.beancount")))


def path(name: str) -> Path:
    """The main file of a shipped ledger.

    Raises UnknownName (a CoopbooksError) for a name that no shipped ledger has.
    """
    if name not in names():
        raise UnknownName(f'there is no shipped ledger "{name}": the names are {", ".join(names())}')
    return _FOLDER / name / "main.beancount"
