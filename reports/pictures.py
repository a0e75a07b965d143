"""The charts of the year's statement: which stand above which of its tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coopbooks.reports import charts_lines, charts_rows
from coopbooks.reports.charts import PaperChart, chart_for_paper
from coopbooks.reports.charts_words import money_of
from coopbooks.reports.year import Year

__all__ = ["pictures_of"]

_WIDTH_PX = 760
"""As wide as the column of text; a letter of 13 pixels is then as tall as one of the tables' 8 points."""


def pictures_of(year: Year) -> dict[str, list[PaperChart]]:
    """The charts by the name of the table that they stand above. Raises ToolMissing."""
    money = money_of(year.currency, None)
    funds = [fund.to_data() for fund in year.funds]
    surplus = year.surplus.to_data()
    drawings = {
        "allocation": [
            charts_rows.surplus(surplus, {fund.account for fund in year.funds if fund.movement}, money)
            if surplus["steps"]
            else None
        ],
        "wages": [charts_lines.ratio(rows, None) for rows in _by_rule([row.to_data() for row in year.wages])],
        "funds": [charts_rows.funds(funds, money)],
    }
    drawn = {name: [chart_for_paper(each, _WIDTH_PX) for each in several] for name, several in drawings.items()}
    return {name: [each for each in several if each is not None] for name, several in drawn.items()}


def _by_rule(wages: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The rows as one list for each cap: of one measure and one length of period, and one row a period."""
    found: dict[tuple[str, int, int], list[dict[str, Any]]] = {}
    seen: dict[tuple[str, str], int] = {}
    for row in wages:
        period = str(row["period"])
        place = seen.get((row["measure"], period), 0)
        seen[row["measure"], period] = place + 1
        found.setdefault((row["measure"], len(period) + ("Q" in period), place), []).append(row)
    return list(found.values())
