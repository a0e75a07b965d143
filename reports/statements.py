"""The statements of a fiscal year as files: what each is called, and its bytes. Nothing is written here.

One PDF for each member, one for the year, and its tables as a workbook and as comma-separated values.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from coopbooks.cooperative import Cooperative
from coopbooks.errors import ToolMissing
from coopbooks.reports.charts import PaperChart
from coopbooks.reports.comma import sheet
from coopbooks.reports.figures import day_said, grouped, is_zero, percent, shown, total
from coopbooks.reports.member import member_view
from coopbooks.reports.paper import Press
from coopbooks.reports.pictures import pictures_of
from coopbooks.reports.tables import Cell, Column, Table, tables_of
from coopbooks.reports.workbook import workbook
from coopbooks.reports.year import Year

__all__ = ["FORMS", "Statements", "statements"]

FORMS = ("pdf", "xlsx", "csv")
_NEEDS = {
    "pdf": {"typst": "typst", "vl_convert": "vl-convert-python"},
    "xlsx": {"xlsxwriter": "XlsxWriter"},
}
_LETTER = frozenset({"USD", "CAD"})
"""Where the paper in the printer is US letter; it is A4 everywhere else."""


class Statements(NamedTuple):
    """The files by relative path, and the signs that no font had."""

    files: dict[str, bytes]
    without_a_glyph: tuple[str, ...]


@cache
def words() -> Mapping[str, Any]:
    """The words of the tables, from `words.toml`."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def statements(
    coop: Cooperative, period: str, as_of: date, forms: Iterable[str] = FORMS, fonts: Sequence[Path] = ()
) -> Statements:
    """Every statement of a fiscal year ("2025") as of a day. The same ledger and day give the same bytes.

    `forms` are pdf, xlsx and csv; `fonts` are folders with fonts for scripts that the bundled font does not have.
    Raises UnknownPeriod, SurplusRefused where the rules in force cannot place the surplus, and ToolMissing where the
    library that makes a form is not installed.
    """
    wanted = [form for form in FORMS if form in set(forms)]
    _need(wanted)
    year = Year(coop, period, as_of)
    tables = tables_of(year, words())
    files: dict[str, bytes] = {}
    missing: tuple[str, ...] = ()
    if "pdf" in wanted:
        press = Press(fonts)
        files["year.pdf"] = press.pdf("year.typ", year_view(year, tables, pictures_of(year)))
        for member in year.members():
            files[f"members/{member}.pdf"] = press.pdf("member.typ", member_data(year, member))
        missing = press.missing
    if "xlsx" in wanted:
        title = f"{year.title} {period}"
        files["year.xlsx"] = workbook(title, _about_rows(year), tables, words(), year.digits, as_of)
    if "csv" in wanted:
        files |= {f"csv/{table.name}.csv": _comma(table) for table in tables}
        files["csv/about.csv"] = sheet(("what", "is"), [{"what": k, "is": v} for k, v in _about_rows(year)]).encode()
    return Statements(files, missing)


def _need(forms: Iterable[str]) -> None:
    needed = [need for form in forms for need in _NEEDS.get(form, {}).items()]
    missing = [tool for module, tool in needed if find_spec(module) is None]
    if missing:
        raise ToolMissing(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed: run "
            '`pip install "coopbooks[pdf,xlsx]"`, or ask with `--only csv` for the tables alone, which need nothing more'
        )


# -- what stands on every page ---------------------------------------------------------------------------------------


def about_of(year: Year) -> dict[str, Any]:
    """What every page says of itself."""
    return {
        "title": shown(year.title) or "Cooperative",
        "period": year.period,
        "starts": day_said(year.starts),
        "ends": day_said(year.ends),
        "as_of": day_said(year.as_of),
        "currency": year.currency,
        "forecast": year.surplus.forecast,
        "digest": year.coop.ledger_sha256,
        "paper": "us-letter" if year.currency in _LETTER else "a4",
    }


def _about_rows(year: Year) -> list[tuple[str, str]]:
    return [
        ("cooperative", year.title),
        ("fiscal year", year.period),
        ("first day", str(year.starts)),
        ("last day", str(year.ends)),
        ("as of", str(year.as_of)),
        ("currency", year.currency),
        ("forecast", words()["yes" if year.surplus.forecast else "no"]),
        ("ledger sha256", year.coop.ledger_sha256 or ""),
    ]


def member_data(year: Year, member: str) -> dict[str, Any]:
    """All that the template of a member's statement is given."""
    return {"about": about_of(year), **member_view(year, member, words())}


def year_view(year: Year, tables: Iterable[Table], charts: Mapping[str, Sequence[PaperChart]]) -> dict[str, Any]:
    """All that the template of the year's statement is given; `charts` by the table that they stand above."""
    surplus = year.surplus
    parts = total([part.amount for part in (*surplus.members, *surplus.workers)])
    carried = None if not (surplus.unallocated or "").startswith("-") else grouped((surplus.unallocated or "")[1:])
    return {
        "about": about_of(year),
        "loss": year.is_loss,
        "covers": year.covers_losses,
        "lost": grouped(year.lost),
        "base": grouped(surplus.base or "0"),
        "carried": carried,
        "members_get": None if is_zero(parts) or parts.startswith("-") else grouped(parts),
        "workers_too": bool(surplus.workers),
        "remarks": list(_remarks(year)),
        "sheets": [
            _sheet(table, year) | {"charts": [chart._asdict() for chart in charts.get(table.name, ())]}
            for table in tables
            if table.rows or table.name not in _ONLY_WITH_ROWS
        ],
    }


# Tables that a reader does not miss where nothing stands in them.
_ONLY_WITH_ROWS = frozenset({"instalments", "notices", "1099-patr", "changes", "vintages"})


def _remarks(year: Year) -> Iterable[dict[str, str]]:
    surplus = year.surplus
    if not (surplus.unallocated or "").startswith("-") and not is_zero(surplus.unallocated):
        yield {"kind": "left", "text": grouped(surplus.unallocated or "0")}
    if not year.closed and not surplus.forecast:
        yield {"kind": "unclosed", "text": ""}
    if surplus.unplaced:
        yield {"kind": "unplaced", "text": ", ".join(surplus.unplaced)}
    for each in surplus.unpriced:
        yield {"kind": "unpriced", "text": shown(each)}


def _sheet(table: Table, year: Year) -> dict[str, Any]:
    """A table as the template draws it: without the columns in which nothing stands, every cell a text."""
    told = words()["tables"][table.name]
    heads = words()["heads"] | told.get("heads", {})
    of_loss = "_loss" if year.is_loss else ""
    named = table.name == "allocation"
    kept = [column for column in table.columns if named or _has_its_place(column, table)]
    rows = [[_text(row.get(column.key), column) for column in kept] for row in table.rows]
    sums = None if table.total is None else [_sum(table.total.get(column.key), column) for column in kept]
    return {
        "name": table.name,
        "title": told.get(f"title{of_loss}") or told["title"],
        "note": told.get(f"note{of_loss}") or told.get("note"),
        "empty": told["empty"],
        "columns": [{"head": heads[column.key], "number": column.is_number} for column in kept],
        "rows": [dict(zip((column.key for column in kept), row, strict=True)) for row in rows] if named else rows,
        "sums": sums,
    }


def _has_its_place(column: Column, table: Table) -> bool:
    """Whether a column belongs on paper, by what stands in it."""
    if column.varies:
        return len({row.get(column.key) for row in table.rows}) > 1
    return not column.spare and not (column.optional and all(_is_empty(row, column) for row in table.rows))


def _is_empty(row: Mapping[str, Cell], column: Column) -> bool:
    value = row.get(column.key)
    return value is None or value in ("", False) or (column.is_number and is_zero(str(value)))


def _text(value: Cell, column: Column) -> str:
    """A cell as it is printed."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(words()["yes" if value else "no"])
    if column.kind == "share":
        return percent(value)
    if column.optional and column.kind == "money" and is_zero(value):
        return "–"
    if column.kind == "day":
        return day_said(value)
    return grouped(value) if column.is_number else shown(value)


def _sum(value: Cell, column: Column) -> str:
    return str(words()["all"]) if value == "all" else _text(value, column)


def _comma(table: Table) -> bytes:
    return sheet([column.key for column in table.columns], table.rows).encode("utf-8")
