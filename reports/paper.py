"""PDF from a template and data: one program, one font, and the same bytes for the same data.

The templates are Typst. What a ledger says reaches them as JSON and is shown as text; it is never read as Typst.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence, Set
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typst import Compiler

__all__ = ["Press"]

TEMPLATES = Path(__file__).parent / "templates"
# Signs that the font is known to have.
_PLAIN = re.compile("[\\s!-~\u00a1-\u017f\u2013\u2014\u2018-\u201d\u2026\u2212]")
# Joiners and variants have no sign of their own.
_JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")
_WITHOUT_A_GLYPH = re.compile(r'the text `"(?:(.)|\\u\{([0-9a-f]+)\})"` could not be displayed')
_PROBE = b"""
#set document(title: "probe", date: none)
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"))
#for each in sys.inputs.data.codepoints() [#each \\ ]
"""


class Press:
    """Makes PDFs; keeps its fonts from one document to the next.

    Documents are tagged for screen readers (PDF/UA-1) and carry no date, so that a copy made later has the same
    bytes. The fonts are those in Typst itself and, for other scripts, those in `fonts`; never the machine's own.
    """

    def __init__(self, fonts: Sequence[Path] = ()) -> None:
        """`fonts` are folders. Raises ModuleNotFoundError where typst is not installed."""
        import typst

        self._typst = typst
        self._fonts = list(fonts)
        self._without: set[str] = set()
        self._numbered: set[str] = set()
        self._known: set[str] = set()

    @cached_property
    def _compiler(self) -> Compiler:
        return self._typst.Compiler(root=str(TEMPLATES), font_paths=self._fonts, ignore_system_fonts=True)

    @property
    def missing(self) -> tuple[str, ...]:
        """Signs that the fonts could not show; pages have their number instead, as `[U+65E5]`."""
        return tuple(sorted(self._numbered))

    def pdf(self, template: str, data: Mapping[str, Any]) -> bytes:
        """The bytes of a document: `template` is the name of a file in `templates/`."""
        text = json.dumps(data, ensure_ascii=False, sort_keys=True)
        odd = frozenset(each for each in set(text) if not _PLAIN.fullmatch(each))
        self._probe(odd - _JOINERS)
        lonely = odd & self._without
        marks = frozenset(each for each in odd if unicodedata.category(each).startswith("M"))
        # A sign that a font has alone it may not have in every company: then the marks go too, and at last all of them.
        for gone in (lonely, lonely | marks, odd):
            try:
                made = self._set(template, "".join(_number(each) if each in gone else each for each in text))
            except self._typst.TypstError as error:
                if "could not be displayed" not in error.diagnostic or gone == odd:
                    raise
            else:
                self._numbered |= gone
                return made
        raise AssertionError(template)  # the last of the three returned or raised

    def _set(self, template: str, text: str) -> bytes:
        made = self._compiler.compile(
            input=str(TEMPLATES / template), format="pdf", sys_inputs={"data": text}, pdf_standards=["ua-1"]
        )
        assert isinstance(made, bytes), template  # of all forms only pictures come as several
        return made

    def _probe(self, signs: Set[str]) -> None:
        """Find out which signs no font has: PDF/UA refuses them, and its refusal names them."""
        new = signs - self._known
        self._known |= new
        if not new:
            return
        try:
            self._compiler.compile(
                input=_PROBE, format="pdf", sys_inputs={"data": "".join(sorted(new))}, pdf_standards=["ua-1"]
            )
        except self._typst.TypstError as error:
            found = {each or chr(int(number, 16)) for each, number in _WITHOUT_A_GLYPH.findall(error.diagnostic)}
            if not found:
                raise
            self._without |= found


def _number(sign: str) -> str:
    return f"[U+{ord(sign):04X}]"
