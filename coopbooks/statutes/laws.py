"""What a law says, as dated figures: `law("es-27-1999").figure("reserve", day)`.

Each file beside this one is one law, or one cooperative's published bylaws. A figure carries its article, what it says
in our own words, from when it is in force, and whether it was read in the source or is only remembered. A change of the
law counts for the first fiscal year that begins on or after its `from`: rules ask for the figure of a year's first day.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from coopbooks.errors import ModelUnusable, UnknownName
from coopbooks.records.fields import nearest
from coopbooks.records.reading import BYLAWS, KINDS
from coopbooks.rows import NamedTuple
from coopbooks.statutes.toml import Key, checked, read_toml

__all__ = ["BASES", "Law", "LawFigure", "law", "law_from", "laws"]

_FOLDER = Path(__file__).resolve().parent

BASES = ("surplus", "result", "before-tax", "remaining", "whole", "nonmember", "payroll")
"""What a share of the surplus may be of, in the words of `allocation`; `step:<id>` is one too."""

_COMPARED = frozenset("allocation loss fund surplus capital exit assembly wage-ratio".split())
"""The records, and the bylaws, whose fields are compared with a figure."""

_NUMBERS = frozenset(
    ("number", "share", "share or rate", "rate", "ratio", "amount", "amount or rate", "months and figures")
)
"""The sorts of field that hold a figure."""

_LAW = {
    "id": Key("text", needed=True),
    "title": Key("text", needed=True),
    "cite": Key("text"),
    "country": Key("text", needed=True),
    "kind": Key("text", needed=True, choices=("law", "bylaws")),
    "source": Key("text", needed=True),
    "read_on": Key("day", needed=True),
    "figure": Key("tables", needed=True),
}
_FIGURE = {
    "name": Key("text", needed=True),
    "article": Key("text", needed=True),
    "says": Key("text", needed=True),
    "value": Key("text", needed=True),
    "unit": Key("text", needed=True, choices=("share", "months", "years", "amount", "times", "number")),
    "sense": Key("text", needed=True, choices=("at-least", "at-most", "exactly")),
    "of": Key("text"),
    "from": Key("day"),
    "until": Key("day"),
    "verified": Key("flag", needed=True),
    "stops-at": Key("text"),
    "until-of": Key("text"),
    "checks": Key("text"),
    "when": Key("text"),
    "required": Key("flag"),
    "note": Key("text"),
}


class LawFigure(NamedTuple):
    """One figure of a law, in force on the days from `from_` (None: always) to before `until` (None: still).

    `value` is the text as it goes into bylaws, `number` the same as a number; for the unit "amount" with `currency`.
    `unit` and `sense` say how a cooperative's own figure is compared with it.
    """

    name: str
    article: str
    says: str
    value: str
    unit: str
    sense: str
    of: str | None
    from_: date | None
    until: date | None
    verified: bool
    stops_at: str | None
    until_of: Decimal | None
    checks: tuple[str, ...]
    when: str | None
    required: bool
    number: Decimal
    currency: str | None

    def in_force(self, day: date) -> bool:
        """Whether the figure is in force on a day."""
        return (self.from_ is None or self.from_ <= day) and (self.until is None or day < self.until)

    @property
    def is_of_surplus(self) -> bool:
        """Whether it is a share of what a step of the waterfall may be a share of."""
        return self.unit == "share" and self.of is not None and (self.of in BASES or self.of.startswith("step:"))

    @property
    def wants_step(self) -> bool:
        """Whether a waterfall without a step that meets it is wrong: a minimum that we have read, without a choice."""
        return self.sense == "at-least" and self.is_of_surplus and self.verified and self.required and not self.checks


class Law(NamedTuple):
    """One law, or one cooperative's published bylaws; `read_on` is the day on which our copy was read."""

    id: str
    title: str
    cite: str
    country: str
    kind: str
    source: str
    read_on: date
    figures: tuple[LawFigure, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its figures, each once, in the order of the file."""
        return tuple(dict.fromkeys(figure.name for figure in self.figures))

    def history(self, name: str) -> tuple[LawFigure, ...]:
        """A figure in all its wordings, oldest first.

        Raises UnknownName for a name that no figure of this law has.
        """
        found = [figure for figure in self.figures if figure.name == name]
        if not found:
            cure = nearest(name, self.names) or f": it has {', '.join(self.names)}"
            raise UnknownName(f'{self.id} has no figure "{name}"{cure}')
        return tuple(sorted(found, key=lambda figure: figure.from_ or date.min))

    def figure(self, name: str, day: date) -> LawFigure | None:
        """The figure in force on a day, None where it is not yet, or no longer, in force.

        Raises UnknownName for a name that no figure of this law has.
        """
        return next((figure for figure in self.history(name) if figure.in_force(day)), None)

    def in_force(self, day: date) -> tuple[LawFigure, ...]:
        """All figures in force on a day, in the order of the file."""
        return tuple(figure for figure in self.figures if figure.in_force(day))

    def article(self, figure: LawFigure) -> str:
        """The law and the article of a figure, as "Ley 27/1999 art. 58.1.a"."""
        if not figure.article[:1].isdigit():
            return f"{self.cite} {figure.article}"
        return f"{self.cite} {'section' if self.kind == 'bylaws' else 'art.'} {figure.article}"

    def citation(self, figure: LawFigure) -> str:
        """The article with the day it was read, as "Ley 27/1999 art. 58.1.a, read 2026-11-21"."""
        return f"{self.article(figure)}, read {self.read_on}"


@cache
def law(law_id: str) -> Law:
    """The law of an id. Raises UnknownName for an id that no file has, ModelUnusable for a file that is not in form."""
    path = _FOLDER / f"{law_id}.toml"
    if law_id not in _ids():
        cure = nearest(law_id, _ids()) or ": write the id of one that docs/models.md lists, or take it out"
        raise UnknownName(f'there is no law "{law_id}"{cure}')
    return law_from(path)


def laws() -> tuple[Law, ...]:
    """Every law that ships, by id. Raises ModelUnusable for a file that is not in form."""
    return tuple(law(law_id) for law_id in _ids())


@cache
def _ids() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def law_from(path: Path) -> Law:
    """The law that a file holds; its id is the file's name.

    Raises ModelUnusable, with one sentence, for a key or a value that is not in form, a figure that stands twice for
    one day, and an id that is not the file's name.
    """
    told = checked(read_toml(path), _LAW, path.name)
    if told["id"] != path.stem:
        raise ModelUnusable(f'{path.name} says that its id is "{told["id"]}": make id and file name the same')
    figures = tuple(_figure(table, path.name) for table in told["figure"])
    _refuse_overlaps(figures, path.name)
    return Law(
        id=told["id"],
        title=told["title"],
        cite=told.get("cite", told["title"].split(",")[0]),
        country=told["country"],
        kind=told["kind"],
        source=told["source"],
        read_on=told["read_on"],
        figures=figures,
    )


def _figure(table: dict[str, Any], file: str) -> LawFigure:
    where = f'{file}: figure "{table.get("name", "")}"'
    told = checked(table, _FIGURE, where)
    begins, until = told.get("from"), told.get("until")
    if begins and until and until <= begins:
        raise ModelUnusable(f"{where} is in force from {begins} until {until}: it must end after it begins")
    number, currency = _worth(told["value"], told["unit"], where)
    of = told.get("of")
    if of is not None and not (of in BASES or of.startswith("step:") or _is_path(of, number=True)):
        raise ModelUnusable(
            f'{where}: of must be one of {", ".join(BASES)}, step:<id> or a field as capital.buy-in, not "{of}": leave it out '
            "where it is none of them"
        )
    paths = [("checks", path) for path in told.get("checks", "").split()]
    paths += [("when", told["when"].partition("=")[0])] if "when" in told else []
    for key, path in paths:
        if not _is_path(path, number=key == "checks"):
            raise ModelUnusable(
                f'{where}: {key} must name a field of a record as exit.years, not "{told[key]}": write one that holds what is '
                "compared"
            )
    return LawFigure(
        name=told["name"],
        article=told["article"],
        says=told["says"],
        value=told["value"],
        unit=told["unit"],
        sense=told["sense"],
        of=of,
        from_=begins,
        until=until,
        verified=told["verified"],
        stops_at=told.get("stops-at"),
        until_of=_number(told["until-of"], where) if "until-of" in told else None,
        checks=tuple(told.get("checks", "").split()),
        when=told.get("when"),
        required=told.get("required", True),
        number=number,
        currency=currency,
    )


def _is_path(text: str, *, number: bool) -> bool:
    """Whether a text names a kind of record or a bylaw, and a field of it; with `number`, one that holds a figure."""
    kind, _, field = text.partition(".")
    known = (BYLAWS.get(kind) or KINDS.get(kind)) if kind in _COMPARED else None
    declared = known.FIELDS.get(field) if known else None
    return declared is not None and (declared.sort in _NUMBERS or not number)


def _worth(value: str, unit: str, where: str) -> tuple[Decimal, str | None]:
    number, _, currency = value.partition(" ")
    if (unit == "amount") != bool(currency):
        example = "100 USD" if unit == "amount" else "0.20"
        raise ModelUnusable(f'{where}: a value in {unit} is written as "{example}", not "{value}": write it so')
    found = _number(number, where)
    if unit == "share" and not 0 <= found <= 1:
        raise ModelUnusable(f'{where}: a share lies between 0 and 1, not at {found}: write 20 percent as "0.20"')
    return found, currency or None


def _number(text: str, where: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise ModelUnusable(f'{where} has the value "{text}": write a number of zero or more in quotes, as "0.20"')
    return number


def _refuse_overlaps(figures: tuple[LawFigure, ...], file: str) -> None:
    """One name, one wording a day."""
    known: dict[str, list[LawFigure]] = {}
    for figure in figures:
        for other in known.setdefault(figure.name, []):
            first = max(figure.from_ or date.min, other.from_ or date.min)
            if figure.in_force(first) and other.in_force(first):
                raise ModelUnusable(
                    f'{file}: figure "{figure.name}" has two wordings for {first}: end the older one with until = {first}, '
                    "or give the newer its from"
                )
        known[figure.name].append(figure)
