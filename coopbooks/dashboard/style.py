"""The style sheet of the open book: the charts' colours, then the rules of the pages."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from coopbooks.reports.palette import style_variables

__all__ = ["Sheet", "sheet"]

_STYLE = Path(__file__).with_name("OpenBook.css")


class Sheet(NamedTuple):
    """The text of the style sheet and a name of its content, so that a browser keeps it until it changes."""

    text: str
    version: str


@lru_cache(maxsize=1)
def sheet() -> Sheet:
    """The style sheet; charts and pages take their colours from the same variables, `--coop-…`."""
    text = f"{style_variables()}\n{_STYLE.read_text(encoding='utf-8')}"
    return Sheet(text, sha256(text.encode()).hexdigest()[:12])
