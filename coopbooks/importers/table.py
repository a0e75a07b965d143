"""A CSV file as rows of text with their lines. Strict: what is not one clean table is refused with its place."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from coopbooks.errors import ImportRefused, Place
from coopbooks.importers.mapping import File, Mapping, folded
from coopbooks.records.fields import nearest

__all__ = ["BYTES_MAX", "Row", "Table", "columns_of", "read_table"]

BYTES_MAX = 16 * 1024 * 1024
ROWS_MAX = 100_000
CELL_MAX = 10_000
_DELIMITERS = (",", ";", "\t", "|")
_DECLARED = re.compile(r'"?sep=.?"?', re.IGNORECASE)
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Row(NamedTuple):
    """One row: the line on which it begins, and its cells by column name."""

    line: int
    cells: dict[str, str]


class Table(NamedTuple):
    """The rows of a file that are data, and those that are totals of them."""

    name: str
    rows: tuple[Row, ...]
    totals: tuple[Row, ...]


class _Record(NamedTuple):
    line: int
    cells: list[str]


def columns_of(mapping: Mapping) -> list[str]:
    """The columns that a mapping names, each once."""
    named = [name for _, name in mapping.columns if name is not None]
    return list(dict.fromkeys([*named, *mapping.used]))


def read_table(path: str | Path, mapping: Mapping) -> Table:
    """The table in a CSV file. Raises ImportRefused, one sentence with the line, for whatever is none."""
    name, rules = str(path), mapping.file
    text = _text(_bytes(path, name), name, rules)
    lines = text.split("\n")[rules.skip_rows :]
    if _DECLARED.fullmatch(lines[0] if lines else ""):
        lines[0] = ""  # the first line that some spreadsheets write; the columns say the same
    wanted = columns_of(mapping)
    delimiter = rules.delimiter or _delimiter(lines, rules, wanted)
    records = list(_records(lines, delimiter, rules, name))
    if not records:
        after = f" after the {rules.skip_rows} lines that skip-rows leaves out" if rules.skip_rows else ""
        raise ImportRefused(f"the file is empty{after}: export it again", Place(name, rules.skip_rows + 1))
    head, body = records[0], records[1:]
    places = _places(head, wanted, name)
    if rules.footer_rows:
        body = body[: -rules.footer_rows]
    if len(body) > ROWS_MAX:
        raise ImportRefused(f"the file has more than {ROWS_MAX:,} rows: split it", Place(name, body[ROWS_MAX].line))
    totals = {folded(label) for label in rules.total_rows}
    rows: list[Row] = []
    sums: list[Row] = []
    for record in body:
        is_total = folded(next(filter(str.strip, record.cells))) in totals
        if not is_total:
            _check_width(record, len(head.cells), name)
        cells = record.cells + [""] * (len(head.cells) - len(record.cells))
        (sums if is_total else rows).append(Row(record.line, {column: cells[at] for column, at in places.items()}))
    return Table(name, tuple(rows), tuple(sums))


def _bytes(path: str | Path, name: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            content = file.read(BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ImportRefused(f"{name}: the file cannot be read ({why}): give the path of a CSV file") from None
    if len(content) > BYTES_MAX:
        raise ImportRefused(f"{name}: the file has more than {BYTES_MAX // 1024 // 1024} MB: split it by year or month")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ImportRefused(f"{name}: this is a spreadsheet's own file: save the sheet as CSV")
    if content.startswith(b"%PDF"):
        raise ImportRefused(f"{name}: this is a PDF: export the table as CSV")
    return content


def _text(content: bytes, name: str, rules: File) -> str:
    """The file's text with one sort of line end, composed accents and no odd characters."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) and rules.encoding != "utf-16":
        raise ImportRefused(f'{name}: the file is UTF-16: write encoding = "utf-16" in [file]')
    encoding = "utf-8-sig" if rules.encoding == "utf-8" else rules.encoding
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        other = "cp1252" if rules.encoding == "utf-8" else "utf-8"
        raise ImportRefused(
            f"byte {byte:#04x} is no {rules.encoding}: say the right encoding in [file], such as {other}",
            Place(name, line),
        ) from None
    text = normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if odd := _ODD.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        raise ImportRefused(
            f"there is an odd character ({ord(odd[0]):#04x}): take it out, or say the right encoding in [file]",
            Place(name, line),
        )
    return text


def _delimiter(lines: list[str], rules: File, wanted: list[str]) -> str:
    """The separator under which the head has the most of the columns that the mapping names."""
    head = next((line for line in lines if line.strip()), "")

    def found(delimiter: str) -> int:
        try:
            cells = next(csv.reader([head], delimiter=delimiter, quotechar=rules.quote), [])
        except csv.Error:
            return 0
        return len({_name(cell) for cell in cells} & set(wanted))

    return max(_DELIMITERS, key=found)


def _name(cell: str) -> str:
    return " ".join(cell.split())


def _records(lines: Iterable[str], delimiter: str, rules: File, name: str) -> Iterator[_Record]:
    """The records that are not blank, each with its first line."""
    reader = csv.reader(
        (line + "\n" for line in lines), delimiter=delimiter, quotechar=rules.quote, strict=True, doublequote=True
    )
    while True:
        line = rules.skip_rows + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ImportRefused(
                f"the quotes of this row are wrong ({error}): mend the row", Place(name, line)
            ) from None
        if any(len(cell) > CELL_MAX for cell in cells):
            raise ImportRefused(f"a cell has more than {CELL_MAX:,} characters: is a quote open?", Place(name, line))
        if any(cell.strip() for cell in cells):
            yield _Record(line, cells)


def _places(head: _Record, wanted: list[str], name: str) -> dict[str, int]:
    """Where each wanted column stands. Raises ImportRefused for one that is missing or there twice."""
    names = [_name(cell) for cell in head.cells]
    missing = [column for column in wanted if column not in names]
    if missing:
        near = nearest(missing[0], tuple(names))
        cure = near or f": the head has {', '.join(filter(None, names))}"
        also = f" (nor {', '.join(missing[1:])})" if len(missing) > 1 else ""
        more = (
            "; is the delimiter right?" if len(names) == 1 else "" if near else "; map one of these, or export it too"
        )
        raise ImportRefused(f'there is no column "{missing[0]}"{also}{cure}{more}', Place(name, head.line))
    for column in wanted:
        if names.count(column) > 1:
            at = " and ".join(str(place) for place, each in enumerate(names, start=1) if each == column)
            raise ImportRefused(
                f'the column "{column}" stands twice, as {at}: rename one of them', Place(name, head.line)
            )
    return {column: names.index(column) for column in wanted}


def _check_width(record: _Record, width: int, name: str) -> None:
    count = len(record.cells)
    if count < width or any(cell.strip() for cell in record.cells[width:]):
        raise ImportRefused(
            f"the row has {count} cells where the head has {width}: mend it, put quotes around a cell that holds the "
            "delimiter, or name the row in total-rows",
            Place(name, record.line),
        )
