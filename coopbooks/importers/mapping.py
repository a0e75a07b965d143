"""The mapping: what the columns of one sort of CSV file mean, and to which accounts they go.

It is a TOML file that the treasurer writes once for each sort of file. Unknown keys are errors with the nearest right
one, and every error names the line of the mapping that is to be mended.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeGuard, get_args
from unicodedata import normalize

from beancount.core.account import is_valid
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    model_validator,
)

from coopbooks.errors import ImportRefused, Place
from coopbooks.importers.figures import day_form, month_form
from coopbooks.records.bylaws import PAY_KINDS
from coopbooks.records.fields import nearest

__all__ = ["CONTRIBUTION", "PERSON", "HoursMapping", "Mapping", "PayrollMapping", "folded", "read_mapping"]

PERSON = "{Person}"
"""In an account: the person's id with its first letter capitalised, as everywhere in the books."""

CONTRIBUTION = "contribution:"
"""What hours may be instead of a kind of pay: `contribution:<name>`, a name used in the bylaws' `weights`."""

_SOURCE = r"^[a-z0-9][a-z0-9-]*$"
_CURRENCY = r"^[A-Z][A-Z0-9'._-]{0,22}[A-Z0-9]$"
_NARRATION = re.compile(r"\{(?!(person|period|memo)\})[^}]*\}?")


def folded(text: str) -> str:
    """A name as it is compared: composed accents, single blanks, no difference of capitals.

    >>> folded(" JOSE\\u0301  Peña ") == folded("José Peña")
    True
    """
    return " ".join(normalize("NFC", text).split()).casefold()


def _account(text: str) -> str:
    if not is_valid(text.replace(PERSON, "X")):
        raise ValueError(f'"{text}" is no account: write it as Expenses:Wages or Expenses:Wages:{PERSON}')
    return text


def _column(text: str) -> str:
    name = " ".join(normalize("NFC", text).split())
    if not name:
        raise ValueError("a column has a name: write it as it stands in the head of the file")
    return name


def _what(text: str) -> str:
    if text not in PAY_KINDS.split() and not (text.startswith(CONTRIBUTION) and text[len(CONTRIBUTION) :].strip()):
        near = nearest(text, tuple(PAY_KINDS.split())) or f": write one of {', '.join(PAY_KINDS.split())}"
        raise ValueError(f'"{text}" is no kind of pay{near}, or {CONTRIBUTION}<name>')
    return text


def _narration(text: str) -> str:
    if found := _NARRATION.search(text):
        raise ValueError(f'"{found[0]}" is not known here: a narration may hold {{person}}, {{period}} and {{memo}}')
    return text


def _formed(text: str) -> str:
    day_form(text, ())
    return text


def _month_formed(text: str) -> str:
    month_form(text, ())
    return text


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Account = Annotated[str, AfterValidator(_account)]
ColumnName = Annotated[str, AfterValidator(_column)]
What = Annotated[str, AfterValidator(_what)]
PayKind = Literal["base", "overtime", "bonus", "leave", "sick", "severance", "in-kind", "contract", "unpaid", "none"]


class _Table(BaseModel):
    """A table of the mapping."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class File(_Table):
    """How the file is written."""

    encoding: Literal[
        "utf-8", "utf-16", "latin-1", "cp1252", "cp1250", "iso-8859-2", "iso-8859-15", "cp850", "mac-roman", "cp932"
    ] = "utf-8"
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    quote: Literal['"', "'"] = '"'
    skip_rows: StrictInt = Field(default=0, alias="skip-rows", ge=0, le=1000)
    footer_rows: StrictInt = Field(default=0, alias="footer-rows", ge=0, le=1000)
    total_rows: tuple[str, ...] = Field(default=(), alias="total-rows")


class Columns(_Table):
    """Which column says who and when."""

    person: ColumnName
    date: ColumnName | None = None
    period: ColumnName | None = None
    period_starts: ColumnName | None = Field(default=None, alias="period-starts")
    period_ends: ColumnName | None = Field(default=None, alias="period-ends")
    id: ColumnName | None = None
    kind: ColumnName | None = None
    payee: ColumnName | None = None
    memo: ColumnName | None = None

    @model_validator(mode="after")
    def _both_ends(self) -> Columns:
        if (self.period_starts is None) != (self.period_ends is None):
            raise ValueError("period-starts and period-ends go together: name both columns")
        if self.period is not None and self.period_starts is not None:
            raise ValueError(
                "a pay period stands in one column or in two: name period, or period-starts and period-ends"
            )
        return self


class Dates(_Table):
    """How dates are written: YYYY or YY, MM, M or MONTH, DD or D, and what stands between them."""

    date: Annotated[tuple[Annotated[str, AfterValidator(_formed)], ...], Field(min_length=1)] = ("YYYY-MM-DD",)
    period: Annotated[tuple[Annotated[str, AfterValidator(_month_formed)], ...], Field(min_length=1)] = ("YYYY-MM",)
    months: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _texts(cls, data: Any) -> Any:
        """One form may stand without its list."""
        return {key: _one_or_more(value) for key, value in data.items()} if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _twelve(self) -> Dates:
        if self.months and len({folded(name) for name in self.months}) != 12:
            raise ValueError("months are twelve different names, from January's to December's: write them all")
        if not self.months and any("MONTH" in form for form in self.date + self.period):
            raise ValueError('MONTH is a month by name: write months = ["January", …], all twelve as the file has them')
        return self


class Numbers(_Table):
    """How numbers are written."""

    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    symbol: str = ""

    @model_validator(mode="after")
    def _apart(self) -> Numbers:
        if self.decimal == self.thousands:
            raise ValueError(f'decimal and thousands are both "{self.decimal}": say which of them it is')
        return self


class Pay(_Table):
    """A column of gross pay: its kind, the account that it is posted to, and the column of its hours."""

    column: ColumnName
    account: Account
    pay: PayKind = "base"
    hours: ColumnName | None = None
    negative: StrictBool = False


class Withheld(_Table):
    """A column of what is kept back from the pay, and the account to which it is owed."""

    column: ColumnName
    account: Account
    negative: StrictBool = False


class Employer(_Table):
    """A column of what the employer pays beside the pay: the expense, and the account to which it is owed."""

    column: ColumnName
    account: Account
    owed: Account
    negative: StrictBool = False


class Net(_Table):
    """What the person gets: the account that pays it, and the column that must agree with it."""

    account: Account
    column: ColumnName | None = None


class Hours(_Table):
    """A column of hours: what they are, the wages account that carries them, and a rate where they are paid by it."""

    column: ColumnName
    pay: What | None = None
    account: Account | None = None
    rate: ColumnName | None = None
    owed: Account | None = None

    @model_validator(mode="after")
    def _whole(self) -> Hours:
        if self.account is None and not (self.pay or "").startswith(CONTRIBUTION):
            raise ValueError("hours are written on a wages account: add a line `account = …`")
        if (self.rate is None) != (self.owed is None):
            raise ValueError("hours that are paid by a rate are owed to somebody: name both rate and owed, or neither")
        return self


class _Mapping(_Table):
    """What both sorts of file have in common."""

    source: Annotated[str, Field(pattern=_SOURCE)]
    currency: Annotated[str, Field(pattern=_CURRENCY)] | None = None
    narration: Annotated[str, AfterValidator(_narration)] = ""
    file: File = File()
    columns: Columns
    dates: Dates = Dates()
    numbers: Numbers = Numbers()
    people: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _people_differ(self) -> _Mapping:
        seen: dict[str, str] = {}
        for name in self.people:
            other = seen.setdefault(folded(name), name)
            if other != name:
                raise ValueError(f'"{other}" and "{name}" are one name in [people]: keep one of the lines')
        return self


class PayrollMapping(_Mapping):
    """A payroll export: one row is one person's pay."""

    kind: Literal["payroll"]
    pay: Annotated[tuple[Pay, ...], Field(min_length=1)]
    withheld: tuple[Withheld, ...] = ()
    employer: tuple[Employer, ...] = ()
    net: Net

    @model_validator(mode="after")
    def _when(self) -> PayrollMapping:
        if not (self.columns.date or self.columns.period or self.columns.period_ends):
            raise ValueError(
                "[columns] needs a date or a period: name the column of the day of payment or of the pay period"
            )
        return self

    @property
    def used(self) -> Iterator[str]:
        """The columns that hold figures and must be in the file."""
        yield from (line.column for line in self.pay)
        yield from (line.hours for line in self.pay if line.hours)
        yield from (line.column for line in self.withheld)
        yield from (line.column for line in self.employer)
        yield from filter(None, [self.net.column])


class HoursMapping(_Mapping):
    """An hours sheet: one row is what one person did on one day."""

    kind: Literal["hours"]
    hours: Annotated[tuple[Hours, ...], Field(min_length=1)]
    kinds: dict[str, What] = Field(default_factory=dict)
    by: Literal["month", "row"] = "month"

    @model_validator(mode="after")
    def _said(self) -> HoursMapping:
        if self.columns.date is None:
            raise ValueError("[columns] needs date: name the column of the day that was worked")
        if self.columns.period or self.columns.period_starts or self.columns.id:
            raise ValueError("[columns] of an hours sheet has no period and no id: every row has its day")
        if (self.columns.kind is None) != (not self.kinds):
            raise ValueError("[columns] kind and the table [kinds] go together: name both, or neither")
        if self.columns.kind is None and not all(line.pay for line in self.hours):
            raise ValueError('[[hours]] needs pay: say what these hours are, as pay = "unpaid"')
        if any(line.account is None for line in self.hours) and not all(
            what.startswith(CONTRIBUTION) for what in self.kinds.values()
        ):
            raise ValueError("[[hours]] needs account: some of [kinds] are pay, and pay stands on a wages account")
        return self

    @property
    def used(self) -> Iterator[str]:
        """The columns that hold figures and must be in the file."""
        for line in self.hours:
            yield from filter(None, [line.column, line.rate])


Mapping = PayrollMapping | HoursMapping
_KINDS: dict[str, type[PayrollMapping] | type[HoursMapping]] = {"payroll": PayrollMapping, "hours": HoursMapping}


def read_mapping(path: str | Path) -> Mapping:
    """The mapping of a TOML file. Raises ImportRefused with the line that is to be mended."""
    name = str(path)
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ImportRefused(f"{name}: the mapping is no UTF-8 text: save it as UTF-8") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ImportRefused(f"{name}: the mapping cannot be read ({why}): give the path of a TOML file") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).partition(" (at ")
        found = re.match(r"line ([0-9]+)", where)
        line = int(found[1]) if found else len(text.splitlines())
        raise ImportRefused(f"this is no TOML ({what}): mend the line", Place(name, max(line, 1))) from None
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        place = Place(name, _line_of(text, ("kind",)))
        raise ImportRefused(
            'a mapping says which sort of file it is for: write kind = "payroll" or kind = "hours"', place
        )
    try:
        return _KINDS[kind].model_validate(data)
    except ValidationError as error:
        raise _refusal(error, text, name, _KINDS[kind]) from None


def _refusal(error: ValidationError, text: str, name: str, model: type[BaseModel]) -> ImportRefused:
    """The first fault as a sentence with its line, and how many more there are."""
    faults = error.errors(include_url=False)
    path = tuple(faults[0]["loc"])
    sentence = _sentence(faults[0], path, model)
    if len(faults) > 1:
        lines = sorted({_line_of(text, tuple(fault["loc"])) for fault in faults[1:]})
        sentence += f" (and mend line {', '.join(map(str, lines))})"
    return ImportRefused(sentence, Place(name, _line_of(text, path)))


def _sentence(fault: Any, path: tuple[int | str, ...], model: type[BaseModel]) -> str:
    table, key = _table_name(path[:-1]), str(path[-1]) if path else ""
    match fault["type"]:
        case "extra_forbidden":
            known = tuple(_keys(model, path[:-1]))
            cure = nearest(key, known) or f": it may have {', '.join(known)}"
            return f'{table} has no key "{key}"{cure}'
        case "missing":
            return f"{table} needs {key}: add it"
        case "value_error":
            return str(fault["ctx"]["error"])
        case "literal_error":
            near = nearest(str(fault["input"]), _choices(fault))
            cure = near or f", and must be one of {', '.join(_choices(fault))}: write one"
            return f"{_dotted(path)} is {_shown(fault['input'])}{cure}"
        case _:
            return f"{_dotted(path)}: {fault['msg'][:1].lower()}{fault['msg'][1:]}, not {_shown(fault['input'])}: write it so"


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _choices(fault: Any) -> tuple[str, ...]:
    return tuple(re.findall(r"'([^']*)'", fault["ctx"]["expected"]))


def _table_name(path: tuple[int | str, ...]) -> str:
    names = [str(part) for part in path if isinstance(part, str)]
    if not names:
        return "the mapping"
    return f"[[{'.'.join(names)}]]" if any(isinstance(part, int) for part in path) else f"[{'.'.join(names)}]"


def _dotted(path: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in path if isinstance(part, str))


def _keys(model: type[BaseModel], path: tuple[int | str, ...]) -> Iterator[str]:
    """The keys of the table at a path of the mapping."""
    for part in path:
        if isinstance(part, str):
            field = next(field for name, field in model.model_fields.items() if (field.alias or name) == part)
            model = next(each for each in (field.annotation, *get_args(field.annotation)) if _is_table(each))
    yield from (field.alias or name for name, field in model.model_fields.items())


def _is_table(candidate: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(candidate, type) and issubclass(candidate, BaseModel)


_HEAD = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\"' -]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"\s*(?:\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|([A-Za-z0-9_-]+))\s*[=.]")


def _line_of(text: str, path: tuple[int | str, ...]) -> int:
    """The line of a key, else of its table, else the first; counted from 1.

    `tomllib` tells no lines; this looks for them in the way that a person writes such a file.
    """
    if len(path) == 0:
        return 1
    key = next(part for part in reversed(path) if isinstance(part, str))
    table = str(path[0]) if len(path) > 1 else ""
    index = path[1] if len(path) > 1 and isinstance(path[1], int) else 0
    best, at, count = 1, "", -1
    for number, line in enumerate(text.split("\n"), start=1):
        if head := _HEAD.match(line):
            at = head[2]
            count += at == table
            if at == str(path[0]) and (at != table or count == index):
                best = number
            continue
        found = _KEY.match(line)
        inside = at == table and count == (index if table else -1)
        if found and inside and (found[1] or found[2] or found[3]) == key:
            return number
    return best
