"""Charts on a page: the one place where a drawing is declared safe to stand there as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from markupsafe import Markup

if TYPE_CHECKING:
    from coopbooks.reports.charts import Chart

__all__ = ["Drawing", "drawing"]

# What a drawing of ours is made of. Nothing of it runs, loads or leads anywhere.
_ELEMENTS = frozenset(
    "svg g path text tspan rect circle line title desc defs clipPath pattern linearGradient stop".split()
)
_ATTRIBUTE = re.compile(r"(?!on)(?!style$)(?!.*href$)[a-zA-Z0-9-]+$")
_TAG = re.compile(r"\{http://www\.w3\.org/2000/svg\}(\w+)$")


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart for a wide page and for a narrow one, of which the style sheet shows one, and what it shows in words."""

    title: str
    said: str
    wide: Markup
    narrow: Markup


def drawing(chart: Chart | None) -> Drawing | None:
    """The chart as a page may hold it. Raises ValueError for a drawing that holds anything that is not drawn."""
    if chart is None:
        return None
    return Drawing(chart.title, chart.said, _checked(chart.wide), _checked(chart.narrow))


def _checked(svg: str) -> Markup:
    """The drawing, read as XML and found to be made of harmless elements only."""
    if "<!" in svg or "<?" in svg:
        raise ValueError("a drawing holds a declaration, a comment or an instruction")
    for element in ET.fromstring(svg).iter():  # noqa: S314  # no declarations, so no entities; our own drawing besides
        tag = _TAG.match(str(element.tag))
        if tag is None or tag[1] not in _ELEMENTS:
            raise ValueError(f"a drawing holds the element {element.tag}")
        if any("url(" in value and not value.startswith("url(#") for value in element.attrib.values()):
            raise ValueError("a drawing loads something")
        if wrong := [name for name in element.attrib if not _ATTRIBUTE.match(name)]:
            raise ValueError(f"a drawing holds the attribute {wrong[0]}")
    return Markup(svg)  # noqa: S704  # read as XML just now: it has no part that runs, loads or leads anywhere
