"""A ledger as the door has Fava open it: no line of it makes Fava run code that stands beside it, and no visitor a pattern.

A ledger may name any module as an extension and any file as the configuration of importers, and Fava runs both when it
reads the ledger, also those in the ledger's folder. Of extensions only our own is loaded, and of importers none.

A ledger is read once and never again: who answers with it can rely on all of it being of one state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Generic, TypeVar, cast

from fava.beans.abc import Directive, Price
from fava.beans.account import get_entry_accounts
from fava.core import FavaLedger, FilteredLedger
from fava.core.extensions import ExtensionModule
from fava.core.filters import FilterError
from fava.core.ingest import IngestModule
from fava.core.tree import Tree
from fava.ext import ExtensionConfigError, FavaExtensionError
from fava.util import slugify
from fava.util.date import DateRange, Interval

from coopbooks.books.zero import refuse_divisions
from coopbooks.dashboard import OpenBook
from coopbooks.plugins.open_book import EXTENSION
from coopbooks.serve.accounts import balances_of
from coopbooks.serve.filters import account_sieve, filter_sieve

__all__ = ["ServedLedger", "once"]

Value = TypeVar("Value")


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


class _Once(Generic[Value]):
    """A property that is worked out once for each object.

    That of Python 3.11 lets all objects of a class wait while it works for one of them.
    """

    def __init__(self, make: Callable[[Any], Value]) -> None:
        self._make = make

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, held: Any, owner: type) -> Value:
        found = held.__dict__[self._name] = self._make(held)
        return found


def once(make: Callable[[Any], Any]) -> Any:
    """In the place of a property that Fava works out with such a lock."""
    return _Once(make)


class _Left(FilteredLedger):
    """What filters leave of a ledger."""

    def __init__(self, ledger: FavaLedger, entries: Sequence[Directive], time: str | None) -> None:
        """`entries` are what the filters by account and words have left."""
        shown = SimpleNamespace(all_entries=entries, options=ledger.options, fava_options=ledger.fava_options)
        super().__init__(cast(FavaLedger, shown), time=time)
        self.ledger = ledger

    def _tree_closed(self) -> Tree:
        tree = Tree(self.entries)
        tree.cap(self.ledger.options)
        return tree

    entries_without_prices = once(lambda left: [each for each in left.entries if not isinstance(each, Price)])
    root_tree = once(lambda left: Tree(left.entries))
    root_tree_closed = once(_tree_closed)


class ServedLedger(FavaLedger):
    """A ledger that is read and shown, and nothing else."""

    def _get_filtered(
        self,
        account: str | None = None,
        filter: str | None = None,  # noqa: A002  # Fava's name for it
        time: str | None = None,
    ) -> FilteredLedger:
        """What filters leave. Fava would make regular expressions of them; raises FilterError for what is none of ours."""
        entries = self.all_entries
        if account:
            entries = _of_account(entries, account)
        if filter and filter.strip():
            sieve = filter_sieve(filter.strip())
            if sieve is None:
                raise FilterError("filter", "A filter takes plain words, no patterns.")
            entries = [entry for entry in entries if sieve(entry)]
        return _Left(self, entries, time)

    def interval_balances(
        self, filtered: FilteredLedger, interval: Interval, account_name: str, *, accumulate: bool = False
    ) -> tuple[Sequence[Tree], Sequence[DateRange]]:
        """The balances of an account and those below it in each interval. Raises TooLarge."""
        return balances_of(self, filtered, interval, account_name, accumulate=accumulate)

    @property
    def mtime(self) -> int:
        """When the newest of its files was written, in nanoseconds; Fava's script asks again for what is older."""
        return self.stamp

    def changed(self) -> bool:
        """False: a ledger that changed is read beside this one, which stays what it is."""
        return False

    def is_outdated(self) -> bool:
        """Whether a file was written after this ledger was read; says so once for each writing."""
        return not self._is_encrypted and self.watcher.check()

    def let_go(self) -> None:
        """Forget everything. Its parts hold each other, and the garbage collector would have to walk through them."""
        book = self.extensions.get_extension(OpenBook.__qualname__)
        if isinstance(book, OpenBook):
            book.after_load_file()
        for name in {*FavaLedger.__slots__, *vars(self)}:
            if hasattr(self, name):
                delattr(self, name)

    def load_file(self) -> None:
        """Read the ledger. What Fava made before is replaced by ours first, since it loads with the first reading."""
        if not isinstance(self.extensions, _OwnExtension):
            self.extensions, self.ingest = _OwnExtension(self), _NoImports(self)
        refuse_divisions(Path(self.beancount_file_path))  # a slip of the treasurer's pen would end the server
        super().load_file()
        self.stamp = self.watcher.last_checked
        # Fava makes the address of a book of its title: of one without a letter it would be the path on this machine, and
        # `static` is Fava's own.
        title = str(self.options["title"])
        if slugify(title) in ("", "static"):
            self.options["title"] = f"{title}: the open book".lstrip(": ")


def _of_account(entries: Sequence[Directive], text: str) -> Sequence[Directive]:
    """The entries on accounts that a filter leaves. Raises FilterError."""
    leaves = account_sieve(text)
    if leaves is None:
        raise FilterError("account", "An account is asked for by its plain name, as account=Expenses:Wages.")
    known: dict[str, bool] = {}

    def is_left(entry: Directive) -> bool:
        for name in get_entry_accounts(entry):
            if name not in known:
                known[name] = leaves(name)
            if known[name]:
                return True
        return False

    return [entry for entry in entries if is_left(entry)]
