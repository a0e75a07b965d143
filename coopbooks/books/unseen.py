"""Characters that no reader sees, or that turn what a reader sees: found in a ledger's text, and made visible.

They are the control characters of C0 and C1 but for the tab and the end of a line, the marks that reorder text that runs
from right to left (Unicode Standard Annex 9, table of formatting characters), the two line separators that are no line
end here, and a byte order mark inside a text.
"""

from __future__ import annotations

import re

from coopbooks.rows import NamedTuple

__all__ = ["Unseen", "escaped_in_json", "unseen_in", "visible", "visible_in_json"]

_UNSEEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\r(?!\n)"
_IN_TEXT = re.compile(_UNSEEN)
_IN_LEDGER = re.compile(_UNSEEN + r"|\\(?s:.)")  # pairs of a backslash and what follows, so that `\\b` is no `\b`
_IN_JSON = re.compile(_UNSEEN + r"|\\r\\n|\\u00[01][0-9a-f]|\\.")
_BY_ESCAPE = {r"\b": "\b", r"\f": "\f", r"\r": "\r"}  # what the strings of a ledger, and of JSON, may write so
_C0 = bytes({*range(0x20), 0x7F} - set(b"\t\n\r"))


class Unseen(NamedTuple):
    """One such character: the number of its line counted from 1, and its code point as U+202E."""

    line: int
    code: str


def visible(text: str) -> str:
    """The text with each of these characters as its code point in brackets.

    >>> visible("paid\\u202e to")
    'paid[U+202E] to'
    """
    return _IN_TEXT.sub(lambda found: f"[{_code(found[0])}]", text)


def unseen_in(content: bytes, most: int = 100_000) -> list[Unseen]:
    """Where each of these characters stands in the text of a ledger's file; the first `most`, since a file can be full of them.

    One that a string writes with a backslash, as `\\b`, is among them. A mark at the very beginning of the file and a
    return before the end of a line belong to how files are kept, and are none. What is no UTF-8 is passed over.
    """
    if _is_plain(content):
        return []
    text = content.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    found: list[Unseen] = []
    line, seen = 1, 0
    for match in _IN_LEDGER.finditer(text):
        char = _BY_ESCAPE.get(match[0], match[0])
        if len(char) == 1:  # no other pair with a backslash
            line += text.count("\n", seen, match.start())
            seen = match.start()
            found.append(Unseen(line, _code(char)))
            if len(found) >= most:
                break
    return found


def visible_in_json(text: str) -> str:
    """A JSON text in whose strings each of these characters is visible.

    >>> visible_in_json('["paid\\\\b", "a\\\\\\\\b"]')
    '["paid[U+0008]", "a\\\\\\\\b"]'
    """

    def shown(found: re.Match[str]) -> str:
        pair = found[0]
        if len(pair) == 6:
            return f"[U+{pair[2:].upper()}]"
        char = _BY_ESCAPE.get(pair, pair)
        return f"[{_code(char)}]" if len(char) == 1 else pair

    return _IN_JSON.sub(shown, text)


def escaped_in_json(text: str) -> str:
    """The same JSON, in which each of these characters that stands there itself is written by its number.

    >>> escaped_in_json('["paid\\u202e"]')
    '["paid\\\\u202e"]'
    """
    return _IN_TEXT.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _is_plain(content: bytes) -> bool:
    """Whether a look at the bytes is enough to know that there is none: it is, for most ledgers in ASCII."""
    return (
        content.isascii()
        and len(content.translate(None, _C0)) == len(content)
        and content.count(b"\r") == content.count(b"\r\n")
        and not any(pair.encode() in content for pair in _BY_ESCAPE)
    )


def _code(char: str) -> str:
    return f"U+{ord(char):04X}"
