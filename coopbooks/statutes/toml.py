"""A TOML file of the law, read strictly: every key known, every value of its type, one sentence for what is not.

The tables are checked by hand and not by pydantic: a ledger that names its law pays for this at every bean-check.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from coopbooks.errors import ModelUnusable
from coopbooks.records.fields import nearest
from coopbooks.rows import NamedTuple

__all__ = ["Key", "checked", "read_toml"]

_SORTS = {
    "text": "a text in quotes",
    "day": "a date without quotes, as 2026-11-21",
    "flag": "true or false",
    "texts": "a list of texts",
    "tables": "tables in double brackets, as [[figure]]",
}


class Key(NamedTuple):
    """What one key holds: text, day, flag, texts or tables; whether it must be there; the words that it may be."""

    sort: str
    needed: bool = False
    choices: tuple[str, ...] = ()


def read_toml(path: Path) -> dict[str, Any]:
    """The file as plain dictionaries. Raises ModelUnusable where it is no TOML."""
    import tomllib  # only a ledger that names its law pays for this import

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelUnusable(f"{path.name} is no TOML ({error}): mend it there") from None


def checked(table: Mapping[str, Any], keys: Mapping[str, Key], where: str) -> Mapping[str, Any]:
    """The table, if every key of it is known and of its type.

    `where` begins the sentence: the file, and the figure in it. Raises ModelUnusable for the first fault.
    """
    for name, value in table.items():
        key = keys.get(name)
        if key is None:
            cure = nearest(name, tuple(keys)) or f": it may have {', '.join(keys)}"
            raise ModelUnusable(f'{where} has no key "{name}"{cure}')
        if not _is_of(key.sort, value):
            raise ModelUnusable(f"{where}: {name} must be {_SORTS[key.sort]}, not {_said(value)}: write it so")
        if key.choices and value not in key.choices:
            raise ModelUnusable(
                f"{where}: {name} must be one of {', '.join(key.choices)}, not {_said(value)}: write one"
            )
    missing = [name for name, key in keys.items() if key.needed and name not in table]
    if missing:
        raise ModelUnusable(f"{where} needs {', '.join(missing)}: add a line `{missing[0]} = …`")
    return table


def _is_of(sort: str, value: object) -> bool:
    match sort:
        case "day":
            return type(value) is date
        case "flag":
            return isinstance(value, bool)
        case "texts":
            return isinstance(value, list) and all(isinstance(each, str) and each.strip() for each in value)
        case "tables":
            return isinstance(value, list) and all(isinstance(each, dict) for each in value)
        case _:
            return isinstance(value, str)


def _said(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
