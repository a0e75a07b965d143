"""Every directive of a ledger as one text that says what it means, and nothing of how it is written: what a seal covers.

File, line, layout, the order of directives, postings and metadata and the zeros of numbers are not in the text; what
Beancount itself notes is not either. A text is JSON in ASCII, so that where one part ends and the next begins is never
in doubt. What a plugin added is left out: it follows from what is written. docs/seal.md describes the form.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from hashlib import sha256
from json.encoder import encode_basestring_ascii
from pathlib import Path
from stat import S_ISREG
from typing import Any

from beancount.core import account as account_types
from beancount.core import data
from beancount.core.amount import Amount

from coopbooks.facts import FORGED, Directive

__all__ = ["LEAF", "all_directives", "canonical_text", "directives_of", "forged_places"]

LEAF = b"coopbooks-seal/1 directive\n"
"""What stands before a directive's text when it is hashed, so that no digest of anything else is ever taken for one."""

PADDED = "padding"
_CHUNK = 1 << 20
_PADDING_FLAG = "P"
_FORGED = re.compile(rb"^(?:[ \t]+|pushmeta[ \t]+)filename[ \t]*:", re.MULTILINE)

Meta = Mapping[str, Any] | None
Files = Mapping[object, str]  # Beancount's file names as places have them


class _Quoted(dict[str, str]):
    """Texts as JSON, each made once: a ledger says the same names again and again."""

    def __missing__(self, text: str) -> str:
        made = self[text] = encode_basestring_ascii(text.replace("\r\n", "\n"))
        return made


class _Days(dict[date, str]):
    """Days as they are written, each made once."""

    def __missing__(self, day: date) -> str:
        made = self[day] = day.isoformat()
        return made


def all_directives(
    by_class: Mapping[type, Iterable[Any]], options: Mapping[str, Any], files: Files, until: date
) -> tuple[Directive, ...]:
    """What `directives_of` gives, and a row of the kind "forged" for each line that claims to stand in another file."""
    forged = (Directive(date.min, FORGED, "", None, files[file], line) for file, line in forged_places(options))
    return (*directives_of(by_class, options, files, until), *forged)


def directives_of(
    by_class: Mapping[type, Iterable[Any]], options: Mapping[str, Any], files: Files, until: date
) -> Iterator[Directive]:
    """The directives dated up to a day that stand in the ledger's files, each with its digest; in no order.

    `by_class` are Beancount's entries after `pad`, by their class. `seal` records are left out, since no seal covers itself.
    Documents are read where they lie in the ledger's folder.
    """
    texts = _Texts(str(options.get("filename") or ""))
    written = {*(options.get("include") or ()), options.get("filename")}
    pads = {_line(entry) for entry in by_class.get(data.Pad, ())}
    row, digest = tuple.__new__, sha256(LEAF)
    for cls, entries in by_class.items():
        make, sort = texts.makers.get(cls, texts.other), cls.__name__.lower()
        special = cls is data.Transaction or cls is data.Custom or cls is data.Price
        for entry in entries:
            if entry.date > until:
                continue
            file, line = entry.meta.get("filename"), entry.meta.get("lineno")
            if line.__class__ is int and (line < 1 or file not in written):
                continue  # made by a plugin, or found in a folder: a line number that a person writes is a Decimal
            kind, period = _sort_of(entry, sort, pads) if special else (sort, None)
            if kind is None:
                continue
            leaf = digest.copy()
            leaf.update((texts.padding(entry) if kind == PADDED else make(entry)).encode("ascii"))
            place = line if line.__class__ is int else 0
            yield row(Directive, (entry.date, kind, leaf.hexdigest(), period, files[file], place))


def _sort_of(entry: Any, sort: str, pads: Collection[Any]) -> tuple[str | None, str | None]:
    """What a transaction, a record or a price is called, and the year that it names as its own; None for what no seal covers."""
    meta = entry.meta
    if sort == "transaction":
        if entry.flag == _PADDING_FLAG and _line(entry) in pads:
            return PADDED, None
        is_close = entry.tags and "coop-close" in entry.tags and meta.get("amends") is not True
        return sort, _period(meta) if is_close else None
    if sort == "price":
        return (None if "__implicit_prices__" in meta else sort), None
    if entry.type != "coop":
        return sort, None
    values = entry.values or []
    kind = values[0].value if len(values) == 2 else None
    return (None if kind == "seal" else "record"), _period(meta) if kind == "contribution" else None


def canonical_text(entry: Any, ledger: str = "") -> str:
    """The text of one directive; `ledger` is the path of the top-level file, in whose folder documents are read."""
    texts = _Texts(ledger)
    return texts.makers.get(entry.__class__, texts.other)(entry)


def forged_places(options: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """File and line of every metadata `filename`, which would pass a written directive off as a plugin's."""
    for file in options.get("include") or ():
        try:
            content = Path(file).read_bytes()
        except OSError:
            continue  # a ledger given as text
        for match in _FORGED.finditer(content):
            yield file, content.count(b"\n", 0, match.start()) + 1


def _line(entry: Any) -> tuple[Any, Any]:
    return entry.meta.get("filename"), entry.meta.get("lineno")


def _period(meta: Mapping[str, Any]) -> str | None:
    """The fiscal year that a close or a contribution is of, whatever its own date."""
    period = meta.get("period")
    return period if isinstance(period, str) else None


def _number(value: Decimal) -> str:
    """A number without the zeros at its end: 1,000.00 and 1000.0 are one. Exact, however long it is."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


class _Texts:
    """Makes the texts of the directives of one ledger."""

    def __init__(self, ledger: str) -> None:
        self.quoted, self.days = _Quoted(), _Days()
        self.folder = os.path.realpath(Path(ledger).parent) if ledger else ""
        self.makers: dict[type, Callable[[Any], str]] = {
            data.Transaction: self.transaction,
            data.Custom: self.custom,
            data.Open: self.open,
            data.Document: self.document,
            data.Balance: self.balance,
            data.Pad: lambda entry: self.joined(
                "pad", entry, self.quoted[entry.account], self.value(entry.source_account)
            ),
            data.Close: lambda entry: self.joined("close", entry, self.quoted[entry.account]),
            data.Commodity: lambda entry: self.joined("commodity", entry, self.quoted[entry.currency]),
            data.Price: lambda entry: self.joined(
                "price", entry, self.quoted[entry.currency], self.value(entry.amount)
            ),
            data.Event: lambda entry: self.joined(
                "event", entry, self.value(entry.type), self.value(entry.description)
            ),
            data.Query: lambda entry: self.joined(
                "query", entry, self.value(entry.name), self.value(entry.query_string)
            ),
            data.Note: self.note,
        }

    def joined(self, kind: str, entry: Any, *parts: str) -> str:
        """A directive: its kind, its day, what is its own, and its metadata."""
        return f'["{kind}","{self.days[entry.date]}",{",".join(parts)},{self.meta(entry.meta)}]'

    def transaction(self, entry: Any) -> str:
        quoted = self.quoted
        postings = sorted(map(self.posting, entry.postings))
        head = f"{quoted[entry.flag or '*']},{quoted[entry.payee or '']},{quoted[entry.narration or '']}"
        names = f"{self.names(entry.tags)},{self.names(entry.links)}"
        return self.joined("transaction", entry, head, names, f"[{','.join(postings)}]")

    def padding(self, entry: Any) -> str:
        """What Beancount pads: its narration writes the numbers as the ledger does, so it is left out."""
        return self.joined(PADDED, entry, f"[{','.join(sorted(map(self.posting, entry.postings)))}]")

    def posting(self, posting: Any) -> str:
        account, units, cost, price, flag, meta = posting
        quoted = self.quoted
        number: Any = getattr(units, "number", None)
        if number.__class__ is not Decimal:  # what Beancount could not fill in
            worth = self.value(units)
        else:
            worth = f'["{_number(number)}",{quoted[units.currency]}]'
        own = "{}" if meta is None else self.meta(meta)
        if cost is None and price is None and flag is None:  # most postings
            return f"[{quoted[account]},{worth},null,null,null,{own}]"
        lot = "null" if cost is None else self.cost(cost)
        return f"[{quoted[account]},{worth},{lot},{self.value(price)},{self.value(flag)},{own}]"

    def cost(self, cost: Any) -> str:
        return "[" + ",".join(self.value(part) for part in cost) + "]"

    def meta(self, meta: Meta) -> str:
        if not meta or (len(meta) == 2 and meta.get("lineno").__class__ is int and "filename" in meta):
            return "{}"  # nothing but the place
        rows = sorted(
            (key, value)
            for key, value in meta.items()
            if key[:2] != "__" and key != "filename" and not (key == "lineno" and value.__class__ is int)
        )
        return "{" + ",".join(f"{self.quoted[key]}:{self.value(value)}" for key, value in rows) + "}"

    def names(self, names: Iterable[str] | None) -> str:
        """Tags, links or currencies, in the order of the alphabet."""
        return f"[{','.join(self.quoted[name] for name in sorted(names))}]" if names else "[]"

    def value(self, value: Any) -> str:
        """Any value; a text stands for itself, everything else says what it is."""
        if value is None:
            return "null"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return self.quoted[value]
        if isinstance(value, Decimal):
            return f'["number","{_number(value)}"]'
        if isinstance(value, date):
            return f'["date","{value.isoformat()}"]'
        if isinstance(value, Amount):
            return f'["amount",{self.value(value.number)},{self.value(value.currency)}]'
        return f'["{type(value).__name__}",{self.quoted[str(value)]}]'

    def custom(self, entry: Any) -> str:
        values = ",".join(self.typed(each) for each in entry.values or ())
        return self.joined("custom", entry, self.value(entry.type), f"[{values}]")

    def typed(self, each: Any) -> str:
        """A value of a `custom`: an account is not the text that it looks like."""
        text = self.value(each.value)
        return f'["account",{text}]' if each.dtype == account_types.TYPE else text

    def open(self, entry: Any) -> str:
        booking = entry.booking.name if entry.booking is not None else ""
        return self.joined(
            "open", entry, self.quoted[entry.account], self.names(entry.currencies), self.quoted[booking]
        )

    def balance(self, entry: Any) -> str:
        parts = (self.quoted[entry.account], self.value(entry.amount), self.value(entry.tolerance))
        return self.joined("balance", entry, *parts)

    def note(self, entry: Any) -> str:
        names = f"{self.names(entry.tags)},{self.names(entry.links)}"
        return self.joined("note", entry, self.quoted[entry.account], self.value(entry.comment), names)

    def document(self, entry: Any) -> str:
        """A paper is what it says, wherever it lies; one that cannot be read, or lies elsewhere, is its name."""
        content = self.content(str(entry.filename))
        what = f'["missing",{self.quoted[Path(entry.filename).name]}]' if content is None else f'["sha256","{content}"]'
        names = f"{self.names(entry.tags)},{self.names(entry.links)}"
        return self.joined("document", entry, self.quoted[entry.account], what, names)

    def content(self, filename: str) -> str | None:
        """SHA-256 of a file below the ledger's folder, links followed; None for any other."""
        path = Path(os.path.realpath(filename))
        if not self.folder or not path.is_relative_to(self.folder):
            return None
        digest = sha256()
        try:
            if not S_ISREG(path.stat().st_mode):
                return None
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
        except OSError:
            return None
        return digest.hexdigest()

    def other(self, entry: Any) -> str:
        """A directive of a sort that came with a newer Beancount: every field as it prints itself."""
        rows = zip(entry._fields, entry, strict=True)
        parts = [
            f"[{self.quoted[name]},{self.quoted[str(value)]}]" for name, value in rows if name not in ("meta", "date")
        ]
        return self.joined(type(entry).__name__.lower(), entry, f"[{','.join(parts)}]")
