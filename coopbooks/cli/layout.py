"""How an answer looks to a person: sentences and tables, on a screen of any width or in a pipe.

A screen gets colours, lines and what fits: a table that is too wide breaks its accounts at colons, then lets
go of columns that matter less and says which, and at last shows its rows one after another as small cards. A
pipe gets plain text, one line a row, however long.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from coopbooks.cli.words import clean, is_zero

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Block", "Column", "Grid", "Line", "Screen", "grid", "render"]

_STYLES = {"title": "bold", "bad": "red", "good": "green", "quiet": "dim", "": ""}
_ANY_WIDTH = 100_000
_ACCOUNT_WIDTH = 20
_GAP = 2


class Screen(NamedTuple):
    """Where a text is shown: how many characters wide (None for a pipe), with colours, with lines drawn."""

    width: int | None
    colour: bool
    lines: bool

    @classmethod
    def of(cls, stream: TextIO | None) -> Screen:
        """What a stream can show. NO_COLOR (no-color.org) and TERM=dumb switch colours off."""
        if stream is None or not stream.isatty():
            return cls(None, colour=False, lines=False)
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        unicode = (stream.encoding or "").lower().replace("-", "") == "utf8"
        return cls(max(20, shutil.get_terminal_size().columns), colour=not plain, lines=unicode)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence; `mood` is title, bad, good, quiet or nothing."""

    text: str
    mood: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, whether it holds numbers, and when it may be left out.

    `optional`: where nothing but zero stands in it. `spare`: where the screen is too narrow for it.
    """

    head: str
    number: bool = False
    optional: bool = False
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of texts that are ready to be read; rows whose number is in `bad` break a rule."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    bad: frozenset[int] = field(default_factory=frozenset)
    total: bool = False


Block = Line | Grid


def grid(
    columns: Sequence[Column], rows: Iterable[Sequence[str]], bad: Iterable[int] = (), *, total: bool = False
) -> Grid:
    """A table without the optional columns in which nothing stands; with `total` its last row is a sum."""
    every = [tuple(row) for row in rows]
    kept = [
        index
        for index, column in enumerate(columns)
        if not column.optional or any(row[index] and not is_zero(row[index].replace(",", "")) for row in every)
    ]
    return Grid(
        [columns[index] for index in kept],
        [[clean(row[index]) for index in kept] for row in every],
        frozenset(bad),
        total,
    )


def render(blocks: Iterable[Block], screen: Screen) -> str:
    """The text of sentences and tables for a screen, with blank lines where a reader wants them."""
    from rich.console import Console

    file = StringIO()
    console = Console(
        file=file,
        width=screen.width or _ANY_WIDTH,
        force_terminal=screen.colour,
        no_color=not screen.colour,
        color_system="standard" if screen.colour else None,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    before: Block | None = None
    for block in blocks:
        if before is not None and _apart(before, block):
            console.print()
        _show(block, console, screen)
        before = block
    return "\n".join(line.rstrip() for line in file.getvalue().split("\n"))


def _apart(before: Block, block: Block) -> bool:
    """Whether a blank line stands between two blocks: around a table, and before a title."""
    both_are_lines = isinstance(before, Line) and isinstance(block, Line)
    return not both_are_lines or (isinstance(block, Line) and block.mood == "title")


def _show(block: Block, console: Console, screen: Screen) -> None:
    from rich.text import Text

    if isinstance(block, Line):
        console.print(Text(clean(block.text), style=_STYLES[block.mood]), soft_wrap=screen.width is None)
        return
    for attempt in (block, *_narrower(block)):
        widths = _widths(attempt, screen.width)
        if widths is not None:
            console.print(_table(attempt, widths, screen))
            _name_the_missing(block, attempt, console)
            return
    for text in _cards(block):
        console.print(text)


def _widths(block: Grid, available: int | None) -> list[int] | None:
    """The width of each column, so that no word is cut; None where the table cannot be so narrow.

    Numbers stay on one line. From the widest text on, texts give way and go on on the next line.
    """
    from rich.cells import cell_len

    least, widths = [], []
    for column, *cells in zip(block.columns, *block.rows, strict=True):
        lines = [line for cell in (column.head, *cells) for line in cell.split("\n")]
        words = lines if column.number else [word for line in lines for word in line.split(" ")]
        widths.append(max(map(cell_len, lines)))
        least.append(max(map(cell_len, words)))
    if available is None:
        return widths
    room = available - _GAP * (len(widths) - 1)
    while sum(widths) > room:
        spare = [index for index, width in enumerate(widths) if width > least[index]]
        if not spare:
            return None
        widths[max(spare, key=widths.__getitem__)] -= 1
    return widths


def _narrower(block: Grid) -> Iterator[Grid]:
    """The table with long accounts on several lines, then without its spare columns, the last one first."""
    rows = [[_broken(cell) for cell in row] for row in block.rows]
    kept = list(range(len(block.columns)))
    yield replace(block, rows=rows)
    for index in reversed([index for index in kept if block.columns[index].spare]):
        kept.remove(index)
        yield replace(
            block,
            columns=[block.columns[index] for index in kept],
            rows=[[row[index] for index in kept] for row in rows],
        )


def _broken(cell: str) -> str:
    """An account, or a place, on lines of at most `_ACCOUNT_WIDTH` characters where its parts allow it."""
    if " " in cell:
        return cell
    lines = [""]
    for part in re.findall(r"[^:]*:|[^:]+$", cell):
        if lines[-1] and len(lines[-1]) + len(part) > _ACCOUNT_WIDTH:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _name_the_missing(block: Grid, shown: Grid, console: Console) -> None:
    from rich.text import Text

    missing = [column.head for column in block.columns if column not in shown.columns]
    if missing:
        console.print(Text(f"(No room here for: {', '.join(missing)}; a wider window shows it.)", style="dim"))


def _table(block: Grid, widths: list[int], screen: Screen) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=box.SIMPLE_HEAD if screen.lines else None,
        show_header=any(column.head for column in block.columns),
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0) if screen.lines else (0, 1),
        header_style="bold",
    )
    for column, width in zip(block.columns, widths, strict=True):
        table.add_column(Text(column.head), justify="right" if column.number else "left", width=width)
    for number, row in enumerate(block.rows):
        is_total = block.total and number == len(block.rows) - 1
        style = "red" if number in block.bad else "bold" if is_total else ""
        table.add_row(*(Text(cell) for cell in row), style=style)
    return table


def _cards(block: Grid) -> Iterator[Any]:
    """Each row on lines of its own, for a screen that is too narrow for the table."""
    from rich.text import Text

    widest = max(len(column.head) for column in block.columns)
    for number, row in enumerate(block.rows):
        style = "red" if number in block.bad else ""
        if number:
            yield Text("")
        for column, cell in zip(block.columns, row, strict=True):
            if cell:
                yield Text(f"{column.head:<{widest}}  {cell}".rstrip(), style=style)
