"""Bylaw models: a cooperative's first rules as Beancount text, made from the dated figures of the law.

Each folder here is one model: `model.toml` says what it is, which laws it is made from, what it leaves out, what it
leaves to counsel and what nobody has verified; `bylaws.beancount` is the text, in which `{{reserve}}` stands for the
figure of the law on the start day, and `{{law reserve}}` for its citation. No model is legal advice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

from coopbooks.errors import ModelUnusable, UnknownName
from coopbooks.periods import DAY, FiscalCalendar, add_months, is_month_day
from coopbooks.records.fields import nearest
from coopbooks.rows import NamedTuple
from coopbooks.statutes.laws import Law, law
from coopbooks.statutes.toml import Key, checked, read_toml

__all__ = ["Model", "Used", "figures_of", "model", "model_from", "models", "render", "text_of"]

_FOLDER = Path(__file__).resolve().parent

_MODEL = {
    "id": Key("text", needed=True),
    "title": Key("text", needed=True),
    "law": Key("text", needed=True),
    "statutes": Key("texts", needed=True),
    "read_on": Key("day", needed=True),
    "currency": Key("text", needed=True),
    "fiscal-year-ends": Key("text", needed=True),
    "movement-note": Key("text"),
    "left_out": Key("texts", needed=True),
    "counsel": Key("texts", needed=True),
    "unverified": Key("texts", needed=True),
}
_CURRENCY = re.compile(r"[A-Z][A-Z0-9'._-]{0,22}[A-Z0-9]\Z")
_PLACEHOLDER = re.compile(r"\{\{\s*(?P<law>law\s+)?(?:(?P<of>[a-z0-9.-]+):)?(?P<name>[a-z0-9.-]+)\s*\}\}")
_OWN = ("start", "currency", "fiscal-year-ends", "third-year", "after-five-years")


class Model(NamedTuple):
    """One bylaw model; `law` is what `coopbooks models` shows, `read_on` the day on which our copy of it was read."""

    id: str
    title: str
    law: str
    statutes: tuple[str, ...]
    read_on: date
    currency: str
    year_ends: str
    movement_note: str | None
    left_out: tuple[str, ...]
    counsel: tuple[str, ...]
    unverified: tuple[str, ...]
    text: str


class Used(NamedTuple):
    """A figure that the text of a model uses, by name, with its law."""

    law: Law
    name: str


@cache
def model(model_id: str) -> Model:
    """The model of an id.

    Raises UnknownName for an id that no folder has, ModelUnusable for a folder that is not in form.
    """
    if model_id not in _ids():
        cure = nearest(model_id, _ids()) or f": the models are {', '.join(_ids())}"
        raise UnknownName(f'there is no model "{model_id}"{cure}')
    return model_from(_FOLDER / model_id)


def models() -> tuple[Model, ...]:
    """Every model that ships, by id. Raises ModelUnusable for a folder that is not in form."""
    return tuple(model(model_id) for model_id in _ids())


@cache
def _ids() -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in _FOLDER.glob("*/model.toml")))


def model_from(folder: Path) -> Model:
    """The model that a folder holds; its id is the folder's name. Raises ModelUnusable where it is not in form."""
    where = f"{folder.name}/model.toml"
    told = checked(read_toml(folder / "model.toml"), _MODEL, where)
    if told["id"] != folder.name:
        raise ModelUnusable(f'{where} says that its id is "{told["id"]}": make id and folder name the same')
    if not _CURRENCY.match(told["currency"]):
        raise ModelUnusable(f'{where}: "{told["currency"]}" is no currency: write it as EUR')
    if not is_month_day(told["fiscal-year-ends"]):
        raise ModelUnusable(
            f'{where}: fiscal-year-ends is "{told["fiscal-year-ends"]}": write month and day, as "12-31"'
        )
    try:
        text = (folder / "bylaws.beancount").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ModelUnusable(
            f"{folder.name}/bylaws.beancount cannot be read: write the text of the model there"
        ) from None
    return Model(
        id=told["id"],
        title=told["title"],
        law=told["law"],
        statutes=tuple(told["statutes"]),
        read_on=told["read_on"],
        currency=told["currency"],
        year_ends=told["fiscal-year-ends"],
        movement_note=told.get("movement-note"),
        left_out=tuple(told["left_out"]),
        counsel=tuple(told["counsel"]),
        unverified=tuple(told["unverified"]),
        text=text,
    )


def render(model_id: str, start: date, currency: str | None = None) -> str:
    """The bylaws of a model as Beancount text: with the law's figures in force on `start`, from which they all bind.

    `currency` is the model's own where none is given. Raises UnknownName for an unknown model, and ModelUnusable where
    a figure is not in force on that day or a placeholder names nothing.
    """
    return text_of(model(model_id), start, currency)


def text_of(source: Model, start: date, currency: str | None = None) -> str:
    """As `render`, for a model that is already read."""
    money = source.currency if currency is None else currency
    if not _CURRENCY.match(money):
        raise ModelUnusable(f'"{money}" is no currency: write it in capitals, as EUR')
    own = {
        "start": start.isoformat(),
        "currency": money,
        "fiscal-year-ends": source.year_ends,
        "third-year": _third_year(start, source.year_ends).isoformat(),
        "after-five-years": _after_five_years(start, source.year_ends).isoformat(),
    }

    def fill(found: re.Match[str]) -> str:
        name = found["name"]
        if name in own and not found["law"] and not found["of"]:
            return own[name]
        used = _used(source, found)
        figure = used.law.figure(name, start)
        if figure is None:
            raise _not_in_force(source, used, start)
        return used.law.citation(figure) if found["law"] else figure.value

    return _filled(source, fill)


def _third_year(start: date, year_ends: str) -> date:
    """The first day of the third fiscal year, where a rule says something else for the first two."""
    calendar = FiscalCalendar([(start, year_ends)])
    return calendar.year(calendar.year_of(start).ends.year + 2).starts


def _after_five_years(start: date, year_ends: str) -> date:
    """The first day of the first fiscal year that begins when five whole years are over, or later."""
    calendar = FiscalCalendar([(start, year_ends)])
    return calendar.year_of(add_months(start, 60) - DAY).ends + DAY


def _filled(source: Model, fill: Callable[[re.Match[str]], str]) -> str:
    text = _PLACEHOLDER.sub(fill, source.text)
    left = re.search(r"\{\{.{0,40}|\}\}", text)
    if left:
        raise ModelUnusable(
            f'{source.id}/bylaws.beancount: "{left[0]}" is no placeholder: write it as {{{{reserve}}}} or {{{{law reserve}}}}'
        )
    return text


def _used(source: Model, found: re.Match[str]) -> Used:
    """The law and the figure that a placeholder means. Raises ModelUnusable where it names nothing."""
    law_id = found["of"] or source.statutes[0]
    try:
        if law_id not in source.statutes:
            raise UnknownName(f"{law_id} is not among statutes of model.toml: add it there")
        meant = law(law_id)
        meant.history(found["name"])
    except UnknownName as error:
        raise ModelUnusable(f"{source.id}/bylaws.beancount: {found[0]}: {error.message}") from None
    return Used(meant, found["name"])


def _not_in_force(source: Model, used: Used, start: date) -> ModelUnusable:
    """Why a model cannot start on a day, and on which it can."""
    later = [figure.from_ for figure in used.law.history(used.name) if figure.from_ and figure.from_ > start]
    cure = f"start on {min(later)} or later" if later else "choose another model"
    return ModelUnusable(
        f'model "{source.id}" cannot start on {start}: {used.law.cite} has no figure "{used.name}" on that day: {cure}'
    )


def figures_of(source: Model) -> tuple[Used, ...]:
    """The figures that the text of a model is made from, each once, in the order in which the text uses them."""
    found: dict[tuple[str, str], Used] = {}
    for match in _PLACEHOLDER.finditer(source.text):
        if match["name"] not in _OWN or match["law"] or match["of"]:
            used = _used(source, match)
            found.setdefault((used.law.id, used.name), used)
    return tuple(found.values())
