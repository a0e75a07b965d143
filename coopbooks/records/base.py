"""What every record is: a frozen class made from its list of fields, and how one is read from the ledger.

The metaclass turns the declared fields into a table. It stands in place of `dataclasses` because every bean-check pays
for the making of these classes: generating code for two dozen dataclasses costs about 15 ms, this under 1 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from typing import Any, ClassVar

from coopbooks.errors import Finding, Place
from coopbooks.records import fields
from coopbooks.records.fields import REQUIRED, Field, FormError, nearest

__all__ = ["COMMON", "Record", "Sort"]


class Sort(Enum):
    """How records of one kind and id follow one another."""

    STANDING = "standing"  # in force until a later record of the same kind and id, or until `ends`
    EVENT = "event"  # one a kind, id and day
    REPEATING = "repeating"  # any number; each adds


_FIGURES = frozenset({"share or rate", "rate", "amount or rate"})  # sorts of field that may name a `rate`
_KEYWORDS = {"from": "from_", "as": "as_", "for": "for_", "place": "place_"}


def attribute(field: str) -> str:
    """The Python name of a ledger field: "until-of" is `until_of`, "from" is `from_`."""
    return _KEYWORDS.get(field, field.replace("-", "_"))


def _field(attribute_name: str) -> str:
    return attribute_name.rstrip("_").replace("_", "-")


class _Table:
    """A table of a record class, made when it is first asked for: most books use a few kinds of record only."""

    def __init__(self, name: str, make: Callable[[Any], Any]) -> None:
        self.name, self.make = name, make

    def __get__(self, record: object, cls: type) -> Any:
        table = self.make(cls)
        setattr(cls, self.name, table)  # from now on it stands in the place of this
        return table


def _all_fields(cls: Any) -> dict[str, Field]:
    own = {_field(key): value for key, value in cls.DECLARED.items()}
    return {**getattr(cls.__base__, "FIELDS", {}), **own}


_TABLES = {
    "FIELDS": _Table("FIELDS", _all_fields),
    "NEEDED": _Table("NEEDED", lambda cls: tuple(key for key, each in cls.FIELDS.items() if each.default is REQUIRED)),
    "FIGURES": _Table("FIGURES", lambda cls: tuple(key for key, each in cls.FIELDS.items() if each.sort in _FIGURES)),
    "NAMES": _Table("NAMES", lambda cls: {key: attribute(key) for key in cls.FIELDS}),
    "READERS": _Table("READERS", lambda cls: {key: (attribute(key), each.read) for key, each in cls.FIELDS.items()}),
}


class _RecordType(type):
    """Makes a record class: the `Field`s in its body become its tables and its defaults."""

    def __new__(
        mcs,
        name: str,
        bases: tuple[type, ...],
        body: dict[str, Any],
        *,
        kind: str = "",
        sort: Sort = Sort.EVENT,
        rule_id: str = "",
    ) -> _RecordType:
        declared = {key: value for key, value in body.items() if value.__class__ is Field}
        defaults = {key: None if each.default is REQUIRED else each.default for key, each in declared.items()}
        own = {"DECLARED": declared, "KIND": kind, "SORT": sort, "RULE_ID": rule_id}
        return super().__new__(mcs, name, bases, body | defaults | own | _TABLES)


class _Base(metaclass=_RecordType):
    """Where a record stands and which fields it writes; the same for every kind.

    A record holds the fields that it states; one that it leaves out is the class's own default. So a ledger of
    thousands of members costs no more than what is written in it.
    """

    DECLARED: ClassVar[dict[str, Field]]
    FIELDS: ClassVar[dict[str, Field]]
    NEEDED: ClassVar[tuple[str, ...]]
    FIGURES: ClassVar[tuple[str, ...]]
    NAMES: ClassVar[dict[str, str]]
    READERS: ClassVar[dict[str, tuple[str, Callable[[Any], Any]]]]
    KIND: ClassVar[str]
    SORT: ClassVar[Sort]
    RULE_ID: ClassVar[str]
    NUMBERED: ClassVar[str] = ""  # what the numbered fields of the kind are called, as a pattern

    id: str
    date: date
    place: Place

    def __init__(self, **values: Any) -> None:
        """All by keyword, under Python names: id, date, place, and the fields that are stated."""
        vars(self).update(values)

    @property
    def given(self) -> frozenset[str]:
        """The fields that the ledger states, by their ledger names."""
        return frozenset(field for field, name in self.NAMES.items() if name in self.__dict__)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a record is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a record is frozen: {name} cannot be deleted")

    def as_written(self) -> dict[str, Any]:
        """The fields that the ledger states, by their ledger names."""
        return {field: self.__dict__[name] for field, name in self.NAMES.items() if name in self.__dict__}

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, _Base):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in ("id", "date", "place")) and (
            self.as_written() == other.as_written()
        )

    def __hash__(self) -> int:
        return hash((type(self), self.id, self.date, self.place))

    def __repr__(self) -> str:
        written = ", ".join(f"{name}={value!r}" for name, value in self.as_written().items())
        return f"{type(self).__name__}({self.id!r}, {self.date}, {self.place}, {written})"

    @property
    def named(self) -> str:
        """The record as a sentence calls it: `allocation "reserve"`."""
        return f'{self.KIND} "{self.id}"'


class Record(_Base):
    """A dated record of the cooperative, with the fields that every kind takes."""

    decision: str | None = fields.text("the decision record behind it")
    law: str | None = fields.text("article of the law or bylaws behind it")
    document: str | None = fields.text("the paper behind it")
    note: str | None = fields.text("anything a reader should know")
    at: str | None = fields.moment("time with offset, where the day is not enough")
    recorded_late: str | None = fields.text("why it is recorded after its month was published")

    @classmethod
    def read(
        cls, record_id: str, day: date, place: Place, written: Mapping[str, Any]
    ) -> tuple[Record | None, list[Finding]]:
        """The record of the written fields, and everything that is wrong with them.

        The record is None only where a required field is missing or unreadable: a misspelt extra field is reported
        and left aside, so that one slip does not hide the rest of the books.
        """
        values: dict[str, Any] = {"id": record_id, "date": day, "place": place}
        readers = cls.READERS
        try:  # the usual record has no fault: it is read without looking for one
            for name, value in written.items():
                known, read = readers[name]
                values[known] = read(value)
        except (KeyError, FormError):
            return cls._read_faulty(record_id, day, place, written)
        for name in cls.NEEDED:
            if name not in written:
                return cls._read_faulty(record_id, day, place, written)
        if None in values.values():
            return cls._read_faulty(record_id, day, place, written)
        record = cls.__new__(cls)
        vars(record).update(values)  # what `__init__` does, without taking the values apart first
        return record, []

    @classmethod
    def _read_faulty(
        cls, record_id: str, day: date, place: Place, written: Mapping[str, Any]
    ) -> tuple[Record | None, list[Finding]]:
        """As `read`, field by field, with a sentence for each fault."""
        faults: list[str] = []
        values: dict[str, Any] = {}
        lost = False
        for name, value in written.items():
            declared = cls.FIELDS.get(name)
            if declared is None:
                missing = tuple(field for field in cls.FIELDS if field not in written)
                faults.append(f'has no field "{name}"{nearest(name, missing)}{_known(cls.FIELDS, name, missing)}')
                continue
            try:
                if value is None:
                    raise FormError(f"is empty: write its value ({declared.meaning}), or take the line out")
                values[cls.NAMES[name]] = declared.read(value)
            except FormError as error:
                lost = lost or declared.default is REQUIRED
                faults.append(f'field "{name}" {error}')
        for name in cls.NEEDED:
            if name not in written:
                lost = True
                faults.append(f'needs the field "{name}" ({cls.FIELDS[name].meaning}): add a line `{name}: …`')
        findings = [Finding(place, "records", f'{cls.KIND} "{record_id}" {fault}') for fault in faults]
        if lost:
            return None, findings
        return cls(id=record_id, date=day, place=place, **values), findings


def _known(table: Mapping[str, Field], name: str, missing: tuple[str, ...]) -> str:
    """Where no word is near: all words that would be right, the common ones left out."""
    if nearest(name, missing):
        return ""
    own = [field for field in table if field not in COMMON]
    return f": it may have {', '.join(own)}"


class Standing(Record):
    """A record in force until a later one of its kind and id, or until the day `ends`."""

    ends: date | None = fields.day("first day on which it is no longer in force")
    drops: str | None = fields.text("fields of the record before it that it leaves out on purpose")


class Rule(Standing):
    """A standing record that the cooperative decides: rewriting it may be what a verdict asks for."""

    closes: str | None = fields.trigger("id of the trigger that this rewrite closes")


class PreCommitted(Rule):
    """A rule of surplus: the one in force on a period's first day governs the whole period."""

    binds_from: date | None = fields.day("the day from which it binds, where its decision says so")


COMMON = frozenset(Record.FIELDS)
"""The fields that every kind takes."""

FREE_TO_LEAVE_OUT = COMMON | {"drops", "closes", "binds-from"}
"""Fields that speak of one record and not of the rule: a later record need not state them again."""
