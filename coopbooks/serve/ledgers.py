"""A ledger as the door has Fava open it: no line of it makes Fava run code that stands beside it.

A ledger may name any module as an extension and any file as the configuration of importers, and Fava runs both when it
reads the ledger, also those in the ledger's folder. Of extensions only our own is loaded, and of importers none.
"""

from __future__ import annotations

from typing import Any

from fava.core import FavaLedger
from fava.core.extensions import ExtensionModule
from fava.core.ingest import IngestModule
from fava.ext import ExtensionConfigError, FavaExtensionError
from fava.util import slugify

from coopbooks.dashboard import OpenBook
from coopbooks.plugins.open_book import EXTENSION

__all__ = ["ServedLedger"]


class _OwnExtension(ExtensionModule):
    """Fava's extensions, of which there is one; each other that a ledger names is an error of the ledger."""

    def load_file(self) -> None:
        self.errors = []
        for entry in self.ledger.all_entries_by_type.Custom:
            if entry.type == "fava-extension":
                self._load(entry)

    def _load(self, entry: Any) -> None:
        name, config = (*(value.value for value in entry.values or ()), None, None)[:2]
        if name != EXTENSION:
            sentence = f'the extension "{name}" is not loaded: what is served runs no code but that of {EXTENSION}'
            self.errors.append(FavaExtensionError(entry.meta, sentence, entry))
        elif OpenBook.__qualname__ not in self._instances:
            try:
                self._instances[OpenBook.__qualname__] = OpenBook(self.ledger, config)
            except (ExtensionConfigError, ValueError, TypeError) as error:
                self.errors.append(FavaExtensionError(entry.meta, f"{EXTENSION} takes no settings: {error}", entry))


class _NoImports(IngestModule):
    """Fava's importers, none of which are ever loaded."""

    @property
    def module_path(self) -> None:
        """The file of importers: none is looked at."""
        return


class ServedLedger(FavaLedger):
    """A ledger that is read and shown, and nothing else."""

    def load_file(self) -> None:
        """Read the ledger. What Fava made before is replaced by ours first, since it loads with the first reading."""
        if not isinstance(self.extensions, _OwnExtension):
            self.extensions, self.ingest = _OwnExtension(self), _NoImports(self)
        super().load_file()
        # Fava makes the address of a book of its title: of one without a letter it would be the path on this machine, and
        # `static` is Fava's own.
        title = str(self.options["title"])
        if slugify(title) in ("", "static"):
            self.options["title"] = f"{title}: the open book".lstrip(": ")
