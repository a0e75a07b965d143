"""Payroll and hours from CSV files, by a mapping in TOML, as Beancount text.

`plan` says what a file would add to a ledger; `coopbooks.importers.ingest.CsvImporter` is the same as a beangulp
importer, for whoever has an import script of their own.
"""

from __future__ import annotations

from coopbooks.importers.mapping import Mapping, read_mapping
from coopbooks.importers.planning import Plan, plan

__all__ = ["Mapping", "Plan", "plan", "read_mapping"]
