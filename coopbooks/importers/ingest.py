"""The same import for beangulp: one line in an import script of one's own.

    import beangulp
    from coopbooks.importers.ingest import CsvImporter

    beangulp.Ingest([CsvImporter("payroll.toml"), CsvImporter("hours.toml")])()

Needs `pip install "coopbooks[import]"`; the command `coopbooks import` does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import beangulp

from coopbooks.books.entries import Places
from coopbooks.errors import CoopbooksError, ImportRefused
from coopbooks.importers.drafts import entries_of
from coopbooks.importers.mapping import PERSON, PayrollMapping, read_mapping
from coopbooks.importers.planning import drafts_of, facts_from, imported_in, without_known
from coopbooks.importers.table import read_table

__all__ = ["CsvImporter"]


class CsvImporter(beangulp.Importer):  # type: ignore[misc]  # beangulp says nothing of its types
    """A beangulp importer for the CSV files that one mapping describes."""

    def __init__(self, mapping: str | Path) -> None:
        """`mapping` is the path of a TOML file. Raises ImportRefused where it cannot be used."""
        self.path = str(mapping)
        self.mapping = read_mapping(mapping)
        if self.mapping.currency is None:
            raise ImportRefused(
                f'{mapping}: beangulp tells no importer the currency of the books: write currency = "EUR"'
            )

    @property
    def name(self) -> str:
        """The mapping's own name for what it reads."""
        return f"coopbooks.{self.mapping.source}"

    def identify(self, filepath: str) -> bool:
        """Whether the file is a table with the columns that the mapping names."""
        try:
            read_table(filepath, self.mapping)
        except CoopbooksError:
            return False
        return True

    def account(self, filepath: str) -> str:  # noqa: ARG002 - beangulp's signature
        """The account under which beangulp files the document: what pays the people, or carries their hours."""
        if isinstance(self.mapping, PayrollMapping):
            account = self.mapping.net.account
        else:
            account = next((line.account for line in self.mapping.hours if line.account), "Expenses:Wages")
        return account.replace(f":{PERSON}", "")

    def date(self, filepath: str) -> date | None:
        """The last day that the file speaks of; None for a file without rows."""
        drafts, _ = drafts_of(None, filepath, self.mapping, self.path)
        return max((draft.date for draft in drafts), default=None)

    def extract(self, filepath: str, existing: Sequence[Any]) -> list[Any]:
        """The entries of the file. Where beangulp was given the books (`-e`), people and accounts are held to them.

        Raises ImportRefused for whatever the command would refuse.
        """
        facts = facts_from(existing, {"operating_currency": [self.mapping.currency] if self.mapping.currency else []})
        drafts, _ = drafts_of(facts, filepath, self.mapping, self.path)
        without_known(drafts, imported_in(existing, Places("")))
        _, entries = entries_of(drafts)
        for draft, entry in zip(drafts, entries, strict=True):
            entry.meta.update(filename=filepath, lineno=draft.place.line)
        return entries

    def deduplicate(self, entries: Sequence[Any], existing: Sequence[Any]) -> None:
        """Marks what the books have already, known by its import id and not by likeness."""
        known = {number: entry for entry in existing for number in imported_in([entry], Places(""))}
        for entry in entries:
            for number in imported_in([entry], Places("")):
                if number in known:
                    entry.meta["__duplicate__"] = known[number]
