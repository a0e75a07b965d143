"""The colours of the open book and of the charts on paper, each said once: page, single file, PDF and tests read them here.

On a page a colour is a custom property (`--coop-fund`) that has one value for light pages and one for dark ones; text is
`currentColor`. On paper it is the literal colour. The four sorts of bars differ in lightness as well as in hue, so that
they part for colour-blind readers and on a grey printer, and no chart says anything by its colour alone.

| name | what it marks |
|---|---|
| common | what all own together; the line of a series |
| fund | movement funds |
| people | what goes to persons |
| start | what a chart starts from: the result, all income |
| over | over a cap, overdue, not backed |
| quiet | lesser text |
| line | thin lines behind the marks |
| page | what the marks stand on |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["COLOURS", "PAGE", "PAPER", "Colour", "Palette", "style_variables"]


class Colour(NamedTuple):
    """One colour as it is on light pages, on dark pages, and on paper, each "#rrggbb"."""

    light: str
    dark: str
    paper: str


COLOURS: Mapping[str, Colour] = {
    "common": Colour("#0b5394", "#4f9be8", "#0b5394"),
    "fund": Colour("#12a07f", "#5fe0b8", "#12a07f"),
    "people": Colour("#c97400", "#f0a030", "#c97400"),
    "start": Colour("#454a52", "#7b828c", "#454a52"),
    "over": Colour("#b3261e", "#ff8a7a", "#b3261e"),
    "quiet": Colour("#575d64", "#b4bac1", "#575d64"),
    "line": Colour("#d5dade", "#484d53", "#d5dade"),
    "page": Colour("#ffffff", "#262626", "#ffffff"),
}
"""`page` is Fava's own background, light and dark."""


@dataclass(frozen=True, slots=True)
class Palette:
    """How a chart names its colours, and its letters; `font` is None where it takes that of the page around it.

    `bold` is the heavier weight that the font has: a browser would smear one that is not there. Where words cross lines
    they have a rim of the page's colour; `boxed` gives them a box of it, for PDF, where the rim of a letter would lie on
    the letter before.
    """

    name: str
    ink: str
    font: str | None
    bold: int
    boxed: bool
    of: Callable[[str], str]

    def __call__(self, name: str) -> str:
        """The colour of that name as an attribute of SVG takes it; "ink" is that of text."""
        return self.ink if name == "ink" else self.of(name)


# A page without the style sheet shows the light colours.
PAGE = Palette(
    name="page",
    ink="currentColor",
    font=None,
    bold=500,
    boxed=False,
    of=lambda name: f"var(--coop-{name}, {COLOURS[name].light})",
)
# The ink and the font of reports/templates/style.typ.
PAPER = Palette(
    name="paper",
    ink="#1b1f23",
    font="Libertinus Serif",
    bold=600,
    boxed=True,
    of=lambda name: COLOURS[name].paper,
)


def style_variables(selector: str = ":root") -> str:
    """The CSS that defines the custom properties for what `selector` selects: light, and dark where the page is.

    A page is dark by its `color-scheme`; a browser too old for `light-dark()` shows the light colours on any.
    """
    light = "".join(f"  --coop-{name}: {colour.light};\n" for name, colour in COLOURS.items())
    both = "".join(
        f"    --coop-{name}: light-dark({colour.light}, {colour.dark});\n" for name, colour in COLOURS.items()
    )
    return f"{selector} {{\n{light}}}\n@supports (color: light-dark(#000, #fff)) {{\n  {selector} {{\n{both}  }}\n}}\n"
