"""The charts of the open book, drawn once for page and paper: each says its message in words beside its picture.

Every function takes the plain data of an answer (`.to_data()`) and returns a Chart, or None where there is nothing to
draw. Equal data gives equal bytes, in any process; drawn charts are kept, and eight threads may ask at once. A chart
stands beside its table and never takes its place: long names are shortened in it, and beyond a number of rows the rest
share one. Amounts are written by `said` (the thousands apart, where none is given), without their currency.

Colours are custom properties on a page, `--coop-…` of `coopbooks.reports.palette`: that module's `style_variables()` is
the CSS that defines them, light and dark.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from coopbooks.reports import charts_lines, charts_rows
from coopbooks.reports.charts_rows import Drawing
from coopbooks.reports.charts_spec import svg_of
from coopbooks.reports.charts_words import money_of
from coopbooks.reports.palette import PAGE, PAPER, style_variables

__all__ = [
    "NARROW_PX",
    "PAGE",
    "PAPER",
    "WIDE_PX",
    "Chart",
    "PaperChart",
    "bands_chart",
    "capital_chart",
    "chart_for_paper",
    "duties_chart",
    "funds_chart",
    "givers_chart",
    "pay_chart",
    "ratio_chart",
    "style_variables",
    "surplus_chart",
]

Data = Mapping[str, Any]
Said = Callable[[str], str]
WIDE_PX, NARROW_PX = 680, 340
"""How wide the two SVGs of a chart are: one for a column of a wide page, one for a telephone of 390 pixels."""


class Chart(NamedTuple):
    """A chart for a page: `title` and `said` are plain text, `wide` and `narrow` are SVG of the same drawing."""

    title: str
    said: str
    wide: str
    narrow: str


class PaperChart(NamedTuple):
    """A chart for paper: one SVG in literal colours; `said` is its alternative text."""

    title: str
    said: str
    svg: str


def _for_page(drawing: Drawing | None) -> Chart | None:
    if drawing is None:
        return None
    title, said, draw = drawing
    wide, narrow = (svg_of(draw(width, PAGE), PAGE, title, said) for width in (WIDE_PX, NARROW_PX))
    return Chart(title, said, wide, narrow)


def ratio_chart(rows: Sequence[Data], *, chosen: str | None = None) -> Chart | None:
    """The wage ratio by period, from the rows of `wages` for one cap; the period `chosen` has a rim.

    The `ratios` of `published` may be drawn too. The cap is a dashed line; a ratio over it is a diamond with its figure.
    Raises ToolMissing.
    """
    return _for_page(charts_lines.ratio(rows, chosen))


def pay_chart(
    rows: Sequence[Data], measure: str, *, currency: str | None = None, said: Said | None = None
) -> Chart | None:
    """Where everybody's pay stands, from the rows of `pay`: its newest period. Raises ToolMissing.

    `measure` is that of the bylaw (hourly, or any other: then pay as it is). Whoever is not compared stands apart.
    """
    return _for_page(charts_lines.pay(rows, measure, money_of(currency, said)))


def surplus_chart(
    data: Data, fund_accounts: Collection[str], *, currency: str | None = None, said: Said | None = None
) -> Chart | None:
    """The waterfall of a year from the answer of `surplus`; hatched in a forecast. Raises ToolMissing.

    `fund_accounts` are the accounts of the movement funds; `currency` is that of a published surplus, which names none.
    """
    return _for_page(charts_rows.surplus(data, fund_accounts, money_of(data.get("currency") or currency, said)))


def funds_chart(rows: Sequence[Data], *, currency: str | None = None, said: Said | None = None) -> Chart | None:
    """Each fund from the rows of `funds`: held, spent, promised, and the money behind it. Raises ToolMissing."""
    return _for_page(charts_rows.funds(rows, money_of(currency, said)))


def givers_chart(reveal: Data, *, said: Said | None = None) -> Chart | None:
    """What each ally gave, from the answer of `reveal`. Raises ToolMissing."""
    return _for_page(charts_rows.givers(reveal, money_of(reveal["currency"], said)))


def capital_chart(row: Data, *, currency: str | None = None, said: Said | None = None) -> Chart | None:
    """One member's capital by vintage, from their row of `members`. Raises ToolMissing."""
    return _for_page(charts_rows.capital(row, money_of(currency, said)))


def duties_chart(rows: Sequence[Data], as_of: date) -> Chart | None:
    """The deadlines that are not met, from the rows of `duties` on the same day. Raises ToolMissing."""
    return _for_page(charts_lines.duties(rows, as_of))


def bands_chart(rows: Sequence[Data], *, currency: str | None = None, said: Said | None = None) -> Chart | None:
    """How many are paid within which bounds, from the `bands` of `published` of one measure: the newest period.

    Raises ToolMissing.
    """
    return _for_page(charts_rows.bands(rows, money_of(currency, said)))


def chart_for_paper(drawing: Drawing | None, width_px: int = WIDE_PX) -> PaperChart | None:
    """A drawing of `charts_rows` or `charts_lines` for paper, `width_px` wide. Raises ToolMissing."""
    if drawing is None:
        return None
    title, said, draw = drawing
    return PaperChart(title, said, svg_of(draw(width_px, PAPER), PAPER, title, said))
