"""The commands. Each prints what one call of the library returns; no rule lives here."""

from coopbooks.cli.program import main

__all__ = ["main"]
