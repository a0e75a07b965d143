"""A drawing of marks and words as a Vega-Lite specification, and that specification as a clean SVG.

The specification is JSON text: figures stand in it as exact decimal literals, and what a ledger says only as a value of
the data, never in an expression or a field's name. Vega-Lite places the marks; where words stand is estimated here too,
so that none is cut off and none lies on another. Nothing is fetched: a specification has no address, and the converter
may open none.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from coopbooks.errors import ToolMissing
from coopbooks.reports.palette import Palette

__all__ = ["Canvas", "Place", "fitted", "room_of", "svg_of"]

Place = Decimal | int
"""A Decimal is a value on the chart's scale; an int is a place in pixels from the left or from the top."""

_VERSION = "5.17"
_SPECS_KEPT = 512
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_NARROW, _BROAD = (
    frozenset("iljtfrI.,:;'|!()[] -/\N{MIDDLE DOT}"),
    frozenset("mwMWQO@%\N{EM DASH}\N{HORIZONTAL ELLIPSIS}"),
)
_GAP_PX = 3
_ASIDE = "\N{INVISIBLE SEPARATOR}"
"""Stands between a text and the lesser words beside it; no text of a ledger holds one, `figures.shown` escapes it."""
_ASIDE_SIZE, _ASIDE_GAP = 12, 7


class Box(NamedTuple):
    """The room of a text, in pixels from the left and from the top."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether two texts would lie on each other, or so near that they read as one."""
        across = self.left < other.right + _GAP_PX and other.left < self.right + _GAP_PX
        return across and self.top < other.bottom and other.top < self.bottom


def room_of(text: str, size: int = 13) -> float:
    """About how wide a text is, in pixels, rather too wide than too narrow: the reader's font is not known here."""
    return sum(map(_em, text)) * size


def _em(each: str) -> float:
    if unicodedata.combining(each):
        return 0
    if unicodedata.east_asian_width(each) in "WF" or ord(each) > 0x1F000:
        return 1.3
    if each in _NARROW:
        return 0.36
    if each in _BROAD:
        return 0.95
    return 0.7 if each.isupper() or ord(each) > 0x250 else 0.6


def fitted(text: str, room_px: float, size: int = 13) -> str:
    """The text, with an ellipsis for what does not fit into that many pixels.

    >>> fitted("strike", 100), fitted("strike and legal defence", 60), fitted("strike", 2)
    ('strike', 'strike\N{HORIZONTAL ELLIPSIS}', '')
    """
    if room_of(text, size) <= room_px:
        return text
    for end in range(len(text) - 1, 0, -1):
        cut = text[:end].rstrip() + _ELLIPSIS
        if room_of(cut, size) <= room_px:
            return cut
    return ""


@dataclass
class Canvas:
    """A drawing on its way: marks and words in the order in which they are laid down, later ones on top.

    `x` and `y` are (lowest value, highest value, pixel of the first, pixel of the second).
    """

    width: int
    palette: Palette
    height: int = 0
    x: tuple[Decimal, Decimal, int, int] | None = None
    y: tuple[Decimal, Decimal, int, int] | None = None
    layers: list[dict[str, Any]] = field(default_factory=list)
    taken: list[Box] = field(default_factory=list)

    def px(self, at: Place, axis: str) -> float:
        """Where a place is, in pixels."""
        if isinstance(at, int):
            return at
        scale = self.x if axis == "x" else self.y
        assert scale is not None
        low, high, first, last = scale
        return first + float((at - low) / (high - low)) * (last - first) if high != low else first

    def bar(self, left: Place, right: Place, top: int, height: int, fill: str | None, **how: Any) -> None:
        """A bar between two places across; `hatch` hatches it, `outline` draws only its edge, `said` is its hint."""
        outline, dashed = how.get("outline"), how.get("dashed")
        mark: dict[str, Any] = {"type": "rect"}
        if fill is not None:
            mark["fill"] = f"url(#hatch-{fill})" if how.get("hatch") else self.palette(fill)
        else:
            mark["fill"] = None
        if outline:
            mark |= {"stroke": self.palette(outline), "strokeWidth": 1.5} | ({"strokeDash": [4, 3]} if dashed else {})
        row = {"x": left, "x2": right, "y": top, "y2": top + height}
        self._layer(mark, [row], ("x", "y", "x2", "y2"), how.get("said"))

    def rule(self, start: tuple[Place, Place], end: tuple[Place, Place], colour: str, **how: Any) -> None:
        """A straight line; `width` in pixels, `dash` as of SVG."""
        mark = {"type": "rule", "stroke": self.palette(colour), "strokeWidth": how.get("width", 1)}
        if how.get("dash"):
            mark["strokeDash"] = how["dash"]
        row = {"x": start[0], "y": start[1], "x2": end[0], "y2": end[1]}
        self._layer(mark, [row], ("x", "y", "x2", "y2"), how.get("said"))

    def path(self, points: Sequence[tuple[Place, Place]], colour: str, width: float = 2) -> None:
        """A line through points."""
        mark = {"type": "line", "stroke": self.palette(colour), "strokeWidth": width, "strokeJoin": "round"}
        self._layer(mark, [{"x": x, "y": y} for x, y in points], ("x", "y"), None)

    def sign(self, at: tuple[Place, Place], shape: str, size: int, colour: str, **how: Any) -> None:
        """A sign `size` pixels wide: circle, square, diamond, triangle-up …; `hollow` draws its edge alone."""
        paint = self.palette(colour)
        mark: dict[str, Any] = {"type": "point", "shape": shape, "size": size * size, "opacity": 1}
        if how.get("hollow"):
            mark |= {"fill": self.palette("page"), "stroke": paint, "strokeWidth": how.get("edge", 1.75)}
        else:
            mark |= {"fill": paint, "stroke": self.palette(how.get("rim", "page")), "strokeWidth": how.get("edge", 1)}
        self._layer(mark, [{"x": at[0], "y": at[1]}], ("x", "y"), how.get("said"))

    def keep_free(self, at: tuple[Place, Place], size: int) -> None:
        """Lets no text be written later where a sign of that size stands."""
        x, y = self.px(at[0], "x"), self.px(at[1], "y")
        self.taken.append(Box(x - size / 2 + _GAP_PX, y - size / 2, x + size / 2 - _GAP_PX, y + size / 2))

    def say(self, text: str, at: tuple[Place, Place], align: str = "left", **how: Any) -> bool:
        """Writes a text on a base line where it neither leaves the drawing nor lies on another; says whether it did.

        `shift` is (right, down) in pixels from the place, `size` in pixels, `colour` of the palette, `bold`, `halo`;
        `aside` are lesser words that follow on the same line.
        """
        size, (right, down) = how.get("size", 13), how.get("shift", (0, 0))
        aside = how.get("aside", "")
        room = room_of(text, size) + (_ASIDE_GAP + room_of(aside, _ASIDE_SIZE) if aside else 0)
        box = self._box((self.px(at[0], "x") + right, self.px(at[1], "y") + down), align, room, size)
        if not text or box.left < -0.5 or box.right > self.width + 0.5 or any(box.meets(each) for each in self.taken):
            return False
        self.taken.append(box)
        mark: dict[str, Any] = {
            "type": "text",
            "align": align,
            "baseline": "alphabetic",
            "dx": right,
            "dy": down,
            "fontSize": size,
            "fill": self.palette(how.get("colour", "ink")),
        }
        if how.get("bold"):
            mark["fontWeight"] = self.palette.bold
        if how.get("halo") and self.palette.boxed:
            self.bar(int(box.left), int(box.right), int(box.top), int(box.bottom) - int(box.top), "page")
        elif how.get("halo"):
            mark |= {"stroke": self.palette("page"), "strokeWidth": 4, "strokeJoin": "round"}
        written = f"{text}{_ASIDE}{aside}" if aside else text
        self._layer(mark, [{"x": at[0], "y": at[1], "text": written}], ("x", "y"), None)
        return True

    @staticmethod
    def _box(at: tuple[float, float], align: str, room: float, size: int) -> Box:
        left = at[0] - {"left": 0.0, "center": room / 2, "right": room}[align]
        return Box(left, at[1] - size * 0.8, left + room, at[1] + size * 0.25)

    def _layer(
        self, mark: dict[str, Any], rows: list[dict[str, Any]], channels: Iterable[str], said: str | None
    ) -> None:
        encoding: dict[str, Any] = {}
        for name in channels:
            axis = name[0]
            of_pixels = isinstance(rows[0][name], int)
            encoding[name] = {"field": name}
            if name == axis:
                encoding[name] |= {
                    "type": "quantitative",
                    "axis": None,
                    "scale": None if of_pixels else self._scale(axis),
                }
        if mark["type"] == "text":
            encoding["text"] = {"field": "text", "type": "nominal"}
        if said:
            rows = [row | {"said": said} for row in rows]
            encoding["description"] = {"field": "said", "type": "nominal"}
        layer = {"data": {"values": rows}, "mark": mark | {"aria": bool(said)}, "encoding": encoding}
        last = self.layers[-1] if self.layers else None
        if last and mark["type"] != "line" and (last["mark"], last["encoding"]) == (layer["mark"], encoding):
            last["data"]["values"].extend(rows)
        else:
            self.layers.append(layer)

    def _scale(self, axis: str) -> dict[str, Any]:
        scale = self.x if axis == "x" else self.y
        assert scale is not None
        low, high, first, last = scale
        return {"type": "linear", "domain": [low, high], "range": [first, last], "nice": False, "zero": False}

    def spec(self) -> str:
        """The specification as JSON text; the same drawing gives the same text."""
        made = {
            "width": self.width,
            "height": self.height,
            "padding": 0,
            "autosize": {"type": "none"},
            "background": None,
            "view": {"stroke": None, "fill": None},
            "layer": self.layers,
        }
        return _literal(made)


def _literal(value: Any) -> str:
    """JSON with every Decimal as the literal that it is."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(key)}:{_literal(each)}" for key, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_literal, value)) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value)


# -- from the specification to SVG -----------------------------------------------------------------------------------

_KEPT = frozenset(
    "d x y x1 x2 y1 y2 transform fill stroke stroke-width stroke-dasharray stroke-linejoin text-anchor "
    "font-size font-weight opacity".split()
)
_LONG = re.compile(r"-?[0-9]+\.[0-9]{3,}(?:e-?[0-9]+)?|-?[0-9]+(?:\.[0-9]+)?e-[0-9]+")
_HATCH = re.compile(r"url\(#hatch-([a-z]+)\)")
_SVG = "{http://www.w3.org/2000/svg}"


@lru_cache(maxsize=_SPECS_KEPT)
def svg_of(spec: str, palette: Palette, title: str, said: str) -> str:
    """The SVG of a specification, named by a title and described in words. The same arguments give the same text.

    Safe to call from many threads. Raises ToolMissing where the library that draws is not installed.
    """
    try:
        import vl_convert
    except ModuleNotFoundError:
        raise ToolMissing(
            'vl-convert-python is not installed, and it draws the charts: run `pip install "coopbooks[pdf]"`'
        ) from None
    drawn = vl_convert.vegalite_to_svg(spec, vl_version=_VERSION, allowed_base_urls=[])
    # Of what was drawn, said and painted: two charts of one page have two names.
    key = "coop-" + hashlib.sha256(f"{spec}\0{palette.name}\0{title}\0{said}".encode()).hexdigest()[:12]
    return _clean(ET.fromstring(drawn), key, palette, title, said)  # noqa: S314  # written by the library just now


def _clean(drawn: ET.Element, key: str, palette: Palette, title: str, said: str) -> str:
    """The drawing with a name and a description, and nothing that a strict page would refuse."""
    width, height = drawn.attrib["width"], drawn.attrib["height"]
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": width,
            "height": height,
            "viewBox": f"0 0 {width} {height}",
            "role": "img",
            "aria-labelledby": f"{key}-title {key}-desc",
        }
        | ({"font-family": palette.font} if palette.font else {}),
    )
    ET.SubElement(root, "title", {"id": f"{key}-title"}).text = title
    ET.SubElement(root, "desc", {"id": f"{key}-desc"}).text = said
    marks = [mark for found in drawn for mark in _marks(found, key, palette)]
    hatches = sorted({name for mark in marks for name in _hatches(mark, key)})
    if hatches:
        defs = ET.SubElement(root, "defs")
        for name in hatches:
            defs.append(_hatch(f"{key}-hatch-{name}", palette(name)))
    inner = ET.SubElement(root, "g", {"aria-hidden": "true", "stroke-miterlimit": "10"})
    inner.extend(marks)
    return ET.tostring(root, encoding="unicode")


def _marks(found: ET.Element, key: str, palette: Palette) -> Iterable[ET.Element]:
    """The marks below an element, without groups and without what is not seen."""
    tag = found.tag.removeprefix(_SVG)
    if tag in ("svg", "g"):
        for each in found:
            yield from _marks(each, key, palette)
        return
    if found.get("class") in ("background", "foreground") or found.get("display") == "none":
        return
    attributes = {name: _short(value) for name, value in found.attrib.items() if name in _KEPT}
    attributes = {name: _HATCH.sub(rf"url(#{key}-hatch-\1)", value) for name, value in attributes.items()}
    if tag != "text" or "stroke" in attributes:
        attributes.setdefault("fill", "none")
    if tag == "text" and "stroke" in attributes:
        attributes["paint-order"] = "stroke"
    attributes["font-size"] = attributes["font-size"].removesuffix("px") if tag == "text" else ""
    made = ET.Element(tag, {name: value for name, value in attributes.items() if value})
    made.text, _, aside = (found.text or "").partition(_ASIDE)
    if aside:
        # Isolated: a name that is written right to left must not turn round the figures after it.
        lesser = {
            "dx": str(_ASIDE_GAP),
            "font-size": str(_ASIDE_SIZE),
            "fill": palette("quiet"),
            "unicode-bidi": "isolate",
        }
        ET.SubElement(made, "tspan", lesser).text = aside
    if label := found.get("aria-label"):
        ET.SubElement(made, "title").text = label
    yield made


def _short(value: str) -> str:
    """Coordinates with two decimals, which is finer than any screen, and the same on every machine."""
    return _LONG.sub(lambda found: f"{round(float(found[0]), 2) + 0.0:.2f}".rstrip("0").rstrip("."), value)


def _hatches(mark: ET.Element, key: str) -> Iterable[str]:
    found = re.fullmatch(rf"url\(#{key}-hatch-([a-z]+)\)", mark.get("fill", ""))
    return [found[1]] if found else []


def _hatch(name: str, colour: str) -> ET.Element:
    pattern = ET.Element(
        "pattern",
        {"id": name, "width": "6", "height": "6", "patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"},
    )
    ET.SubElement(pattern, "rect", {"width": "2.5", "height": "6", "fill": colour})
    return pattern
