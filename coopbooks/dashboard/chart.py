"""Where a chart's marks stand, as plain data that templates draw as SVG; each chart has a table beside it.

Across, places are per cent of the drawing, so that it fits any width and its letters keep their size; down,
they are pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

__all__ = [
    "Bar",
    "Dot",
    "Line",
    "RatioChart",
    "RatioPoint",
    "Row",
    "Scale",
    "StepChart",
    "ratio_chart",
    "step_chart",
]

RATIO_HEIGHT_PX = 280
ROW_HEIGHT_PX = 52
_TOP_PX, _BOTTOM_PX = 18, 30
_TICKS_MAX = 12
_NICE_STEPS = [Decimal(text) for text in "0.1 0.2 0.5 1 2 5 10 20 50 100 200 500 1000 2000 5000".split()]
_ONE = Decimal(1)


def percent(part: Decimal, whole: Decimal) -> str:
    """A part as per cent of a whole, for a coordinate.

    >>> percent(Decimal(1), Decimal(3)), percent(Decimal(1), Decimal(0))
    ('33.33%', '0.00%')
    """
    return f"{part / whole * 100 if whole else Decimal(0):.2f}%"


class Line(NamedTuple):
    """A straight line: across in per cent, down in pixels."""

    x1: str
    y1: str
    x2: str
    y2: str


class Dot(NamedTuple):
    """One period's ratio: `over` its cap it is a diamond, else a disc; `link` shows its period."""

    x: str
    y: str
    said: str
    link: str
    over: bool
    chosen: bool


class Tick(NamedTuple):
    """A label on an axis; a `minor` one is left out where the page is narrow."""

    at: str
    text: str
    minor: bool = False


class RatioPoint(NamedTuple):
    """What the ratio chart shows of one period; a period in which nobody counts has no ratio."""

    label: str
    said: str
    ratio: Decimal | None
    cap: Decimal | None
    breach: bool
    link: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class RatioChart:
    """The wage ratio by period, and the cap as a dashed line."""

    height_px: int
    base_px: str
    rungs: tuple[Tick, ...]
    labels: tuple[Tick, ...]
    trend: tuple[Line, ...]
    caps: tuple[Line, ...]
    cap_labels: tuple[tuple[Tick, str], ...]
    dots: tuple[Dot, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Scale:
    """The ratios from the lowest rung to the highest, as pixels from the top."""

    low: Decimal
    high: Decimal
    step: Decimal

    @classmethod
    def over(cls, values: Sequence[Decimal]) -> Scale:
        """A scale from 1 (equal pay) or below, with room above the highest value; six rungs at most."""
        low = min([_ONE, *values]).to_integral_value(ROUND_FLOOR)
        top = max([low + 1, *values]) * Decimal("1.04")
        step = next((each for each in _NICE_STEPS if (top - low) / each <= 5), top - low)
        return cls(low, low + ((top - low) / step).to_integral_value(ROUND_CEILING) * step, step)

    def rungs(self) -> tuple[Decimal, ...]:
        """The values that have a line of their own, lowest first."""
        count = int((self.high - self.low) / self.step)
        return tuple(self.low + index * self.step for index in range(count + 1))

    def px(self, value: Decimal) -> str:
        """How far from the top a value stands, in pixels."""
        room = RATIO_HEIGHT_PX - _TOP_PX - _BOTTOM_PX
        return f"{_TOP_PX + room * (self.high - value) / (self.high - self.low):.1f}"


def ratio_chart(points: Sequence[RatioPoint], said: str) -> RatioChart:
    """Places the marks of the ratio chart; `said` describes it in words."""
    values = [each for point in points for each in (point.ratio, point.cap) if each is not None]
    scale = Scale.over(values)
    middles = [percent(Decimal(2 * index + 1), Decimal(2 * len(points))) for index in range(len(points))]
    every = -(-len(points) // _TICKS_MAX)
    return RatioChart(
        height_px=RATIO_HEIGHT_PX,
        base_px=scale.px(scale.low),
        rungs=tuple(Tick(scale.px(value), f"{value.normalize():f}") for value in scale.rungs()),
        labels=tuple(
            Tick(middle, point.label, minor=index // every % 2 == 1)
            for index, (middle, point) in enumerate(zip(middles, points, strict=True))
            if index % every == 0
        ),
        trend=tuple(_trend(points, middles, scale)),
        caps=tuple(_caps(points, scale)),
        cap_labels=tuple(_cap_labels(points, scale)),
        dots=tuple(
            Dot(middle, scale.px(point.ratio), point.said, point.link, point.breach, point.chosen)
            for middle, point in zip(middles, points, strict=True)
            if point.ratio is not None
        ),
        said=said,
    )


def _trend(points: Sequence[RatioPoint], middles: Sequence[str], scale: Scale) -> list[Line]:
    """A line between two neighbours that both have a ratio; a period without one leaves a gap."""
    pairs = zip(points, points[1:], middles, middles[1:], strict=False)
    return [
        Line(here, scale.px(left.ratio), there, scale.px(right.ratio))
        for left, right, here, there in pairs
        if left.ratio is not None and right.ratio is not None
    ]


def _runs(points: Sequence[RatioPoint]) -> list[tuple[int, int, Decimal]]:
    """Stretches of periods with one cap: first and last place (the last excluded), and the cap."""
    runs: list[tuple[int, int, Decimal]] = []
    for index, point in enumerate(points):
        if point.cap is None:
            continue
        if runs and runs[-1][1] == index and runs[-1][2] == point.cap:
            runs[-1] = (runs[-1][0], index + 1, point.cap)
        else:
            runs.append((index, index + 1, point.cap))
    return runs


def _caps(points: Sequence[RatioPoint], scale: Scale) -> list[Line]:
    whole = Decimal(len(points))
    return [
        Line(percent(Decimal(first), whole), scale.px(cap), percent(Decimal(last), whole), scale.px(cap))
        for first, last, cap in _runs(points)
    ]


def _cap_labels(points: Sequence[RatioPoint], scale: Scale) -> list[tuple[Tick, str]]:
    """The cap's figure stands above the end of its line."""
    whole = Decimal(len(points))
    return [
        (Tick(percent(Decimal(last), whole), f"cap {cap.normalize():f}"), f"{Decimal(scale.px(cap)) - 6:.1f}")
        for _, last, cap in _runs(points)
    ]


class Bar(NamedTuple):
    """A bar from `x`, `width` wide, both per cent."""

    x: str
    width: str


class Row(NamedTuple):
    """What one row of a step chart shows: from `start` to `end` on the way down to nothing left."""

    label: str
    said: str
    sort: str
    start: Decimal
    end: Decimal


class StepRow(NamedTuple):
    """A row of the step chart, placed; `join` is where the thin line down to the next row stands."""

    label: str
    said: str
    sort: str
    y: int
    bar: Bar
    join: str | None


@dataclass(frozen=True, slots=True)
class StepChart:
    """A waterfall that runs down the page: each row takes its part off what the rows above it left."""

    height_px: int
    rows: tuple[StepRow, ...]
    said: str


def step_chart(rows: Sequence[Row], said: str) -> StepChart:
    """Places the rows of a waterfall; `said` describes it in words."""
    ends = [Decimal(0), *(row.start for row in rows), *(row.end for row in rows)]
    low, span = min(ends), max(ends) - min(ends)
    placed = tuple(
        StepRow(
            label=row.label,
            said=row.said,
            sort=row.sort,
            y=index * ROW_HEIGHT_PX,
            bar=Bar(percent(min(row.start, row.end) - low, span), percent(abs(row.end - row.start), span)),
            join=percent(row.end - low, span) if index + 1 < len(rows) else None,
        )
        for index, row in enumerate(rows)
    )
    return StepChart(height_px=len(rows) * ROW_HEIGHT_PX, rows=placed, said=said)
