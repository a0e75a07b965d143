"""A ledger that someone sent, read without running anything that it names: Beancount's parser, booking and checks only.

Beancount's loader imports every module that a `plugin` line names and reads every file that an `include` names. Here each
of these lines is looked at first. What is refused is a finding with its place, and the rest is read as the loader does.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from decimal import (
    Clamped,
    Context,
    Decimal,
    DecimalException,
    InvalidOperation,
    Overflow,
    Rounded,
    Subnormal,
    localcontext,
)
from importlib import import_module
from typing import Any

from beancount import loader
from beancount.core import data
from beancount.core.interpolate import compute_residual
from beancount.ops import balance, documents, pad, validation
from beancount.parser import _parser, booking, grammar, options  # type: ignore[attr-defined]  # of C, without a stub

from coopbooks.books.digest import Listed
from coopbooks.books.entries import Places, facts_of
from coopbooks.books.faults import Dropped
from coopbooks.books.limits import PLUGINS_TAKEN, UNTRUSTED, Limits
from coopbooks.books.loading import dropped_of, errors_of, refuse_page
from coopbooks.books.shelf import NotTaken, Shelf
from coopbooks.books.unseen import unseen_in, visible
from coopbooks.books.zero import divided_by_zero, refuse_division, without_traps
from coopbooks.errors import Finding, LedgerUnusable
from coopbooks.facts import Facts
from coopbooks.money import digits_of
from coopbooks.rows import NamedTuple

__all__ = ["Read", "read_safely"]

_OURS = "coopbooks.plugins"
_ZERO, _HALF = Decimal(0), Decimal("0.5")

# Options that say how the books are named, shown and booked; of the others some widen what is tolerated, some lead out of
# the folder or run something, and some belong to Beancount itself.
_TAKEN = frozenset(
    """title name_assets name_liabilities name_equity name_income name_expenses account_previous_balances
    account_previous_earnings account_previous_conversions account_current_earnings account_current_conversions
    account_unrealized_gains account_rounding conversion_currency display_precision operating_currency render_commas
    long_string_maxlines booking_method allow_pipe_separator use_precise_interpolation""".split()
)
_OFF = frozenset({"false", "0", "no", "off", "default", ""})


class Read(NamedTuple):
    """What a ledger says: facts, findings (refusals among them), dropped entries, and the files that it was read from.

    `unseen` says whether its text has characters that nobody sees.
    """

    facts: Facts
    errors: tuple[Finding, ...]
    dropped: tuple[Dropped, ...]
    files: tuple[Listed, ...]
    unseen: bool


def read_safely(ledger: str, limits: Limits, about_to: Callable[[str], None] = lambda _: None) -> Read:
    """The facts of the ledger with this absolute top-level path; nothing that it names is run.

    Raises LedgerUnusable, one sentence, where the top-level file is not read at all or Beancount itself stops.
    """
    reading = _Reading(os.path.normpath(ledger), limits, about_to)
    entries, errors = reading.books()
    facts = facts_of(entries, reading.options, padded=True)
    findings = [*reading.refused, *errors_of(errors, reading.options, ledger, reading.shelf.text)]
    dropped = [*reading.missing, *dropped_of(errors, entries, ledger, reading.shelf.text)]
    found = _bounded(findings, limits.findings)
    return Read(facts, found, _some(dropped, limits.findings), reading.shelf.listed(), reading.unseen)


def _bounded(findings: list[Finding], most: int) -> tuple[Finding, ...]:
    """As many findings as anybody reads, and how many more there are."""
    if len(findings) <= most:
        return tuple(findings)
    message = f"{len(findings) - most:,} more findings are not named: mend those before this one first"
    return (*findings[:most], Finding(findings[most].place, UNTRUSTED, message))


def _some(dropped: list[Dropped], most: int) -> tuple[Dropped, ...]:
    """As many dropped entries, and where there are more, one that any answer would lack."""
    if len(dropped) <= most:
        return tuple(dropped)
    message = f"{len(dropped) - most:,} more entries could not be taken"
    return (*dropped[:most], Dropped(Finding(dropped[most].finding.place, "beancount", message), None))


class _Reading:
    """One load: what was refused, which includes are missing, and the options of the top-level file."""

    def __init__(self, ledger: str, limits: Limits, about_to: Callable[[str], None]) -> None:
        self.ledger = ledger
        self.limits = limits
        self.shelf = Shelf(ledger, limits, about_to)
        self.places = Places(ledger)
        self.refused: list[Finding] = []
        self.missing: list[Dropped] = []
        self.options: dict[str, Any] = {}
        self.plugins: list[str] = []
        self.unseen = False

    def refuse(self, filename: Any, line: Any, message: str) -> Finding:
        """A finding of what was not done, with its place; a ledger may have written nonsense over that of an entry."""
        place = self.places.of({"filename": filename, "lineno": line})
        finding = Finding(place, UNTRUSTED, visible(" ".join(message.split())))
        self.refused.append(finding)
        return finding

    def books(self) -> tuple[list[Any], list[Any]]:
        """Entries and errors, as Beancount's loader makes them: sorted, booked, padded, checked and validated."""
        entries, errors = self._parsed()
        entries.sort(key=data.entry_sortkey)
        try:
            entries, unbooked = booking.book(entries, self.options)
            errors += unbooked
            entries = self._transformed(entries, errors)
            errors += validation.validate(entries, self.options, None, None)
        except MemoryError:
            raise
        except Exception as error:  # Beancount's own tracebacks become one line too
            raise self._stopped(os.path.basename(self.ledger), error) from error
        self._judge_residuals(entries)
        return entries, errors

    def _stopped(self, name: str, error: Exception) -> LedgerUnusable:
        return LedgerUnusable(
            visible(
                f"{name}: Beancount itself stopped ({type(error).__name__}: {error}): "
                "take the last change out of the ledger and try again"
            )
        )

    # -- files ---------------------------------------------------------------------------------------------------------

    def _parsed(self) -> tuple[list[Any], list[Any]]:
        """The entries and errors of all files; each once, an included file after all that were included before."""
        waiting: list[tuple[str, str, int]] = [(self.ledger, self.ledger, 0)]
        entries: list[Any] = []
        errors: list[Any] = []
        others: list[dict[str, Any]] = []
        while waiting:
            path, by, line = waiting.pop(0)
            if path in self.shelf.read:
                errors.append(self._load_error(by, line, f'Duplicate filename parsed: "{self.shelf.name(path)}"'))
                continue
            content = self._taken(path, by, line)
            if content is None:
                continue
            builder = self._parsed_file(path, content)
            found, faults, own = builder.finalize()
            entries += found
            errors += faults
            if self.options:
                others.append(own)
            else:
                self.options, self.plugins = own, builder.plugins
            for number, pattern in builder.includes:
                waiting += self._included(path, number, pattern, errors)
        self.options["include"] = sorted(self.shelf.read)
        self.options = dict(loader.aggregate_options_map(self.options, others))
        return entries, errors

    def _taken(self, path: str, by: str, line: int) -> bytes | None:
        """The text of a file, its unseen characters found; None, and a finding, for a file that is not read."""
        try:
            content = self.shelf.take(path)
        except NotTaken as error:
            name = self.shelf.name(path)
            if not line:
                raise LedgerUnusable(visible(f"{os.path.basename(path)} is not read as a ledger: {error}")) from None
            self._miss(by, line, f'include "{name}" was not followed: {error}')
            return None
        if path == self.ledger:
            self._refuse_other_texts(content)
        for number, code in unseen_in(content):
            self.unseen = True
            message = f"the character {code} stands here, which nobody sees or which turns what is read: take it out"
            self.refuse(path, number, message)
        return content

    def _refuse_other_texts(self, content: bytes) -> None:
        name = os.path.basename(self.ledger)
        try:
            refuse_page(name, content.decode("utf-8"))
        except UnicodeDecodeError:
            raise LedgerUnusable(f"{name} is not text in UTF-8: give the ledger's top-level file") from None

    def _miss(self, filename: str, line: int, message: str) -> None:
        self.missing.append(Dropped(self.refuse(filename, line, message), None))

    def _load_error(self, filename: str, line: int, message: str) -> Any:
        return loader.LoadError(data.new_metadata(filename, line), message)

    def _included(self, path: str, line: int, pattern: str, errors: list[Any]) -> list[tuple[str, str, int]]:
        try:
            found = self.shelf.found(pattern, os.path.dirname(path))
        except NotTaken as error:
            self._miss(path, line, f'include "{pattern}" was not followed: {error}')
            return []
        except ValueError:  # a name with a zero byte, which no file has
            found = []
        if not found:
            errors.append(self._load_error(path, line, f'File glob "{pattern}" does not match any files'))
        return [(each, path, line) for each in found]

    def _parsed_file(self, path: str, content: bytes) -> Any:
        builder, name = _Builder(self), self.shelf.name(path)
        with without_traps() as numbers:
            try:
                _parser.Parser(builder, debug=False).parse(io.BytesIO(content), filename=path, lineno=1)
            except MemoryError as error:
                if not error.args:
                    raise
                raise self._stopped(name, error) from error  # the parser's own stack is full
            except SystemError as error:
                if _held() > self.limits.memory // 4:  # so its code in C says that it got none
                    raise MemoryError from error
                raise self._stopped(name, error) from error
            except Exception as error:
                raise self._stopped(name, error) from error
        if divided_by_zero(numbers):
            refuse_division(content.decode("utf-8", "replace"), visible(name))
            raise self._stopped(name, ArithmeticError("a number has no result"))
        return builder

    # -- entries -------------------------------------------------------------------------------------------------------

    def _transformed(self, entries: list[Any], errors: list[Any]) -> list[Any]:
        """What the loader runs: documents, the plugins that are taken, then padding and the balances."""
        self._look_for_documents(entries, errors)
        steps: list[tuple[str, Any]] = []
        for name in self.plugins:
            module: Any = import_module(name)  # imported before any of the ledger was read, as safe_child sees to
            steps += [(name, each if callable(each) else getattr(module, each)) for each in module.__plugins__]
        stated = {id(entry.meta): entry.tolerance for entry in entries if entry.__class__ is data.Balance}
        entries = [self._judged(entry) if entry.__class__ is data.Balance else entry for entry in entries]
        steps += [("beancount.ops.pad", pad.pad), ("beancount.ops.balance", balance.check)]
        for name, step in steps:
            try:
                entries, found = step(entries, self.options)
                errors += found
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001  # as the loader does
                message = f'Error applying plugin "{name}": {type(error).__name__}: {error}'
                errors.append(self._load_error("<load>", 0, message))
            entries.sort(key=data.entry_sortkey)
        return [  # as they are written, since a seal is over what is written
            entry._replace(tolerance=stated.get(id(entry.meta))) if entry.__class__ is data.Balance else entry
            for entry in entries
        ]

    def _look_for_documents(self, entries: Iterable[Any], errors: list[Any]) -> None:
        for entry in entries:
            if entry.__class__ is not data.Document:
                continue
            if "\0" in entry.filename or not self.shelf.holds(entry.filename):
                name = os.path.basename(entry.filename)
                self.refuse(
                    entry.meta.get("filename"),
                    entry.meta.get("lineno"),
                    f'the document "{name}" lies outside of the ledger\'s folder, so nobody looked for it: move it there',
                )
            elif not os.path.exists(entry.filename):
                message = f'File does not exist: "{self.shelf.name(entry.filename)}"'
                errors.append(documents.DocumentError(entry.meta, message, entry))

    def _judged(self, entry: Any) -> Any:
        """A balance with our tolerance: the last digit that it is written with, of the books' currency its smallest unit."""
        amount, stated = entry.amount, entry.tolerance
        digit = amount.number.as_tuple().exponent
        own = Decimal(1).scaleb(digit) if digit < 0 else _ZERO
        if amount.currency in self.options["operating_currency"]:
            unit = Decimal(1).scaleb(-digits_of(amount.currency))
            own = unit if stated is not None else min(own, unit)
        if stated is None:
            return entry._replace(tolerance=own)
        if abs(stated) <= own:
            return entry
        self.refuse(
            entry.meta.get("filename"),
            entry.meta.get("lineno"),
            f"the tolerance of {stated} {amount.currency} was not followed: in a ledger that someone sent this balance may "
            f"be wrong by {own} {amount.currency} at most",
        )
        return entry._replace(tolerance=own)

    def _judge_residuals(self, entries: Iterable[Any]) -> None:
        """What a transaction leaves over may be half of a smallest unit, however coarsely its amounts are written."""
        half: dict[str, Decimal] = {}
        for currency in self.options["operating_currency"]:
            half[currency] = _HALF.scaleb(-digits_of(currency))
        for entry in entries:
            if entry.__class__ is not data.Transaction:
                continue
            tolerances: Mapping[str, Decimal] = entry.meta.get("__tolerances__") or {}
            for currency, tolerance in tolerances.items():
                own = half.get(currency)
                if own is None or tolerance <= own:
                    continue
                over = compute_residual(entry.postings).get_currency_units(currency).number
                if over is not None and abs(over) > own:
                    self.refuse(
                        entry.meta.get("filename"),
                        entry.meta.get("lineno"),
                        f"this transaction leaves {over} {currency} over, and {own} {currency} is all that is tolerated "
                        "in a ledger that someone sent: mend its amounts",
                    )


class _TooManyDigits(ValueError):
    """A number that is not read; the text says why, and what would be."""


class _Builder(grammar.Builder):
    """Beancount's builder, which looks at each option, plugin and include before it is taken."""

    def __init__(self, reading: _Reading) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Beancount's builder is not typed
        self.reading = reading
        digits = reading.limits.digits
        self._within = Context(
            prec=digits, Emax=digits, Emin=-digits, traps=[Clamped, InvalidOperation, Overflow, Rounded, Subnormal]
        ).plus
        self.includes: list[tuple[int, str]] = []
        self.plugins: list[str] = []

    def build_grammar_error(
        self, filename: str, lineno: int, exc_value: Any, exc_type: Any = None, exc_traceback: Any = None
    ) -> None:
        """Beancount's own, which gives an exception the place in the program where it was raised."""
        if exc_type is _TooManyDigits:
            exc_value, exc_type, exc_traceback = str(exc_value), None, None
        super().build_grammar_error(filename, lineno, exc_value, exc_type, exc_traceback)  # type: ignore[no-untyped-call]

    def _dcupdate(self, number: Any, currency: Any) -> None:
        """Called with every number that has a currency."""
        self._bound(number)
        super()._dcupdate(number, currency)  # type: ignore[no-untyped-call]

    def balance(
        self, filename: str, lineno: int, date: Any, account: str, amount: Any, tolerance: Any, kvlist: Any
    ) -> Any:
        self._bound(tolerance)
        return super().balance(filename, lineno, date, account, amount, tolerance, kvlist)  # type: ignore[no-untyped-call]

    def key_value(self, filename: str, lineno: int, key: str, value: Any) -> Any:
        self._bound(value)
        return super().key_value(filename, lineno, key, value)  # type: ignore[no-untyped-call]

    def custom_value(self, filename: str, lineno: int, value: Any, dtype: Any = None) -> Any:
        self._bound(value)
        return super().custom_value(filename, lineno, value, dtype)  # type: ignore[no-untyped-call]

    def _bound(self, value: Any) -> None:
        """Refuse a number so long that a single step of arithmetic with it could take minutes."""
        if value.__class__ is Decimal:
            try:
                self._within(value)
            except DecimalException:
                raise _TooManyDigits(
                    f"a number with more than {self.reading.limits.digits} digits before its point or behind it is not read "
                    "in a ledger that someone sent: write it with fewer"
                ) from None

    def include(self, filename: str, lineno: int, include_filename: str) -> None:  # noqa: ARG002  # as it is called
        self.includes.append((lineno, include_filename))

    def plugin(self, filename: str, lineno: int, plugin_name: str, plugin_config: str | None) -> None:
        if plugin_name == _OURS or plugin_name.startswith(_OURS + "."):
            return  # its rules are asked anew
        if plugin_name in PLUGINS_TAKEN and plugin_config is None:
            self.plugins.append(plugin_name)
            return
        why = "with a configuration" if plugin_name in PLUGINS_TAKEN else "which the ledger names"
        self.reading.refuse(
            filename,
            lineno,
            f'the plugin "{plugin_name}", {why}, was not run in a ledger that someone sent: '
            "judge the books without what it adds, and ask the sender what that is",
        )

    def option(self, filename: str, lineno: int, key: str, value: Any) -> None:
        with localcontext() as numbers:
            numbers.traps[InvalidOperation] = True  # it tells Beancount, and us, what is no number
            known = key in options.OPTIONS or key == "pythonpath"
            if not known or key in _TAKEN or key in options.READ_ONLY_OPTIONS or not _widens(key, str(value)):
                super().option(filename, lineno, key, value)  # type: ignore[no-untyped-call]  # as above
                return
        self.reading.refuse(
            filename,
            lineno,
            f'option "{key}" "{value}" was not followed: a ledger that someone sent is judged as if the line were not there',
        )


def _held() -> int:
    """The most memory that this process has held so far, in bytes."""
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most << 10


def _widens(key: str, value: str) -> bool:
    """Whether an option asks for more than ours: a wider tolerance, a way out of the folder, another way of loading."""
    try:
        if key in ("tolerance_multiplier", "inferred_tolerance_multiplier"):
            return not 0 <= Decimal(value) <= _HALF
        if key == "inferred_tolerance_default":
            currency, _, number = value.rpartition(":")
            return not 0 <= Decimal(number) <= _HALF.scaleb(-digits_of(currency))
    except InvalidOperation:
        return True
    if key in ("insert_pythonpath", "infer_tolerance_from_cost", "plugin_processing_mode"):
        return value.lower() not in _OFF
    return True
