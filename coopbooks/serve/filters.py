"""What a visitor's filter leaves of the books, without any regular expression of the visitor's.

Fava compiles what it is given as patterns. Here a filter is words, which are looked for as they are written, and the few
forms of pattern that the open book's own links are made of, which are read as what they mean: a text that is equal, one
that begins with one of some days, a file's path to its end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import Any

__all__ = ["ACCOUNT", "Sieve", "account_sieve", "filter_sieve"]

Sieve = Callable[[Any], bool]
"""Whether an entry, or one of its postings, is left."""
Test = Callable[[str], bool]

# In a pattern each of these is one sign and nothing else: a letter or mark without meaning, a class of one, an escape.
_SIGN = r"(?:[^\\^$*+?{}\[\]|()\"'\x00-\x1f]|\[[^\\^\[\]\"'\x00-\x1f]\]|\\[^\w\s\"'])"
_ONE_OF = re.compile(rf"\^\(({_SIGN}*(?:\|{_SIGN}*)*)\)(\$?)")
_ENDING = re.compile(rf"\(\^\|/\)({_SIGN}*)\$")
_PLAIN = re.compile(rf"(\^?)({_SIGN}{{0,200}})(\$?)")
_ESCAPED = re.compile(r"\[(.)\]|\\(.)")
_BETWEEN = re.compile(r"(?<![\[\\])(\|)")

ACCOUNT = re.compile(r"(?P<start>\^?)(?P<name>[\w: -]+)(?P<end>\(:\|\$\)|\(\$\|:\)|\$)?")
_KEY = r"[a-z][a-zA-Z0-9_-]{0,60}"
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<joint>any\(|all\(|[-,()])"
    r"|(?P<mark>[\^#])(?P<name>[\w/.-]{1,80})"
    rf"|(?P<key>{_KEY})\s*:\s*(?:(?P<quote>[\"'])(?P<text>[^\"']*)(?P=quote)|(?P<value>[\w-]{{1,80}}))"
    rf"|(?:(?P<amount>{_KEY})\s*)?(?P<sign>>=|<=|=|<|>)\s*(?P<number>\d{{0,12}}\.?\d{{1,12}})"
    r"|(?P<marks>[\"'])(?P<said>[^\"']*)(?P=marks)|(?P<word>\w[\w-]{0,80})"
)
TOKENS_MAX = 60
PARTS_MAX = 12
SIGNS_MAX = 80
_LENGTHS_MAX = 4
_COMPARISONS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {"=": eq, ">=": ge, "<=": le, ">": gt, "<": lt}
# What Fava's entries have beside the fields of the ledger.
_NO_KEYS = frozenset({"count", "index", "meta", "postings"})


class _Unreadable(Exception):
    """A filter that is none, or takes more than an answer may."""


def filter_sieve(text: str, files: Collection[str] | None = None) -> Sieve | None:
    """What a filter leaves; None where it is no plain filter, or is made of more than looking takes.

    A word in the filter is looked for at every place of every text, so that many long ones would take a second and more.
    With `files`, the ledger's, a filter may name these and nothing above their folder.
    """
    try:
        reader = _Reader(_tokens(text), files)
        sieve = reader.alternatives()
    except _Unreadable:
        return None
    return sieve if reader.is_done else None


def account_sieve(text: str) -> Test | None:
    """Which accounts' names a filter by account leaves; None where it is not a plain name.

    >>> keeps = account_sieve("^Assets:Bank(:|$)")
    >>> keeps("Assets:Bank:Giro"), keeps("Assets:Banknotes"), keeps("Liabilities:Assets:Bank")
    (True, False, False)
    """
    found = ACCOUNT.fullmatch(text)
    if found is None:
        return None
    name, end = found["name"].lower(), found["end"] or ""
    sought, behind = (f"{name}:", ":") if ":" in end else (name, "")
    if end == "$":
        return _equal(name) if found["start"] else lambda account: account.lower().endswith(name)
    if found["start"]:
        return lambda account: f"{account.lower()}{behind}".startswith(sought)
    return lambda account: sought in f"{account.lower()}{behind}"


def _tokens(text: str) -> list[re.Match[str]]:
    """The parts of a filter. Raises _Unreadable where they are too many, or none."""
    found: list[re.Match[str]] = []
    at = parts = signs = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or len(found) == TOKENS_MAX:
            raise _Unreadable
        found.append(token)
        parts += token["space"] is None and token["joint"] is None
        signs += _sought(token)
        at = token.end()
    if parts > PARTS_MAX or signs > SIGNS_MAX:
        raise _Unreadable
    return [token for token in found if token["space"] is None]


def _sought(token: re.Match[str]) -> int:
    """How many signs of a part are looked for at every place of a text; one that begins at the start is tried once there."""
    if token["key"] == "filename":
        return 0
    text = next((token[name] for name in ("text", "value", "said", "word") if token[name] is not None), "")
    return 0 if text.startswith("^") else len(text)


class _Reader:
    """Reads the parts of a filter: spaces mean and, commas or, a dash not, and brackets hold together."""

    def __init__(self, tokens: list[re.Match[str]], files: Collection[str] | None) -> None:
        self._tokens = tokens
        self._files = files
        self._at = 0

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to read."""
        return self._at == len(self._tokens)

    def alternatives(self) -> Sieve:
        """Parts between commas."""
        found = [self._together()]
        while self._joint() == ",":
            self._at += 1
            found.append(self._together())
        return found[0] if len(found) == 1 else lambda entry: any(sieve(entry) for sieve in found)

    def _together(self) -> Sieve:
        found = [self._one()]
        while not self.is_done and self._joint() not in (",", ")"):
            found.append(self._one())
        return found[0] if len(found) == 1 else lambda entry: all(sieve(entry) for sieve in found)

    def _one(self) -> Sieve:
        if self.is_done:
            raise _Unreadable
        token, joint = self._tokens[self._at], self._joint()
        self._at += 1
        if joint == "-":
            refused = self._one()
            return lambda entry: not refused(entry)
        if joint is None:
            return _part(token, self._files)
        if joint in (",", ")"):
            raise _Unreadable
        inner = self.alternatives()
        if self._joint() != ")":
            raise _Unreadable
        self._at += 1
        if joint == "(":
            return inner
        each = any if joint == "any(" else all
        return lambda entry: each(inner(posting) for posting in getattr(entry, "postings", ()))

    def _joint(self) -> str | None:
        return None if self.is_done else self._tokens[self._at]["joint"]


def _part(token: re.Match[str], files: Collection[str] | None) -> Sieve:
    """What one part of a filter leaves. Raises _Unreadable for a pattern, and for what would tell of the machine."""
    if token["mark"]:
        return _marked("tags" if token["mark"] == "#" else "links", token["name"])
    if token["sign"]:
        return _compared(token["amount"], _COMPARISONS[token["sign"]], Decimal(token["number"]))
    if token["key"]:
        return _valued(token["key"], _key_test(token["key"], token["text"], token["value"], files))
    test = _test(token["word"] if token["said"] is None else token["said"])

    def says(entry: Any) -> bool:
        texts = (getattr(entry, name, None) for name in ("narration", "payee", "comment"))
        return any(text and test(str(text)) for text in texts)

    return says


def _marked(field: str, name: str) -> Sieve:
    return lambda entry: name in (getattr(entry, field, None) or ())


def _compared(key: str | None, holds: Callable[[Decimal, Decimal], bool], than: Decimal) -> Sieve:
    def fits(amount: Any) -> bool:
        number = getattr(amount, "number", None)
        return isinstance(number, Decimal) and holds(abs(number), than)

    if key is None:
        return lambda entry: any(fits(posting.units) for posting in getattr(entry, "postings", ()))
    _refuse_key(key)
    return lambda entry: fits(_value(entry, key))


def _valued(key: str, test: Test) -> Sieve:
    _refuse_key(key)

    def has(entry: Any) -> bool:
        value = _value(entry, key)
        return value is not _MISSING and test(str(value))

    return has


_MISSING = object()


def _value(entry: Any, key: str) -> object:
    """What an entry or a posting has under a key: one of its fields, else what the ledger wrote under it."""
    if key in entry._fields:
        return getattr(entry, key) or ""
    return (entry.meta or {}).get(key, _MISSING)


def _refuse_key(key: str) -> None:
    if key in _NO_KEYS:
        raise _Unreadable


def _key_test(key: str, text: str | None, value: str | None, files: Collection[str] | None) -> Test:
    """The test of a value. Of a file only whether it is one of the ledger's: never what stands above their folder."""
    if key != "filename":
        return _test((text if text is not None else value) or "")
    found = _ENDING.fullmatch(text or "")
    if found is None or (files is not None and _literal(found[1]) not in files):
        raise _Unreadable
    return _test(text or "")


def _test(pattern: str) -> Test:
    """What a text between quotes means. Raises _Unreadable for a pattern that none of our links is made of."""
    if found := _PLAIN.fullmatch(pattern):
        return _plain_test(_literal(found[2]).lower(), starts=bool(found[1]), ends=bool(found[3]))
    if found := _ENDING.fullmatch(pattern):
        path = f"/{_literal(found[1]).lower()}"
        return lambda text: f"/{text.lower()}".endswith(path)
    if found := _ONE_OF.fullmatch(pattern):
        names = frozenset(_literal(name).lower() for name in _BETWEEN.split(found[1])[::2])
        lengths = sorted({len(name) for name in names})
        if found[2]:
            return lambda text: text.lower() in names
        if len(lengths) <= _LENGTHS_MAX:
            return lambda text: any(text[:length].lower() in names for length in lengths)
    raise _Unreadable


def _plain_test(sought: str, *, starts: bool, ends: bool) -> Test:
    if starts and ends:
        return _equal(sought)
    if starts:
        return lambda text: text.lower().startswith(sought)
    if ends:
        return lambda text: text.lower().endswith(sought)
    return lambda text: sought in text.lower()


def _equal(sought: str) -> Test:
    return lambda text: text.lower() == sought


def _literal(text: str) -> str:
    """What a text means in which single signs may be escaped.

    >>> _literal(r"a[.]b\\^")
    'a.b^'
    """
    return _ESCAPED.sub(lambda found: found[1] or found[2], text)
