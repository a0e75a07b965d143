"""What every record is: a frozen, slotted class made from its list of fields, and how one is read from the ledger.

The metaclass turns the declared fields into slots. It stands in place of `dataclasses` because every bean-check pays
for the making of these classes: generating code for two dozen dataclasses costs about 15 ms, this under 1 ms.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any, ClassVar, dataclass_transform

from coopbooks.errors import Finding, Place
from coopbooks.records import fields
from coopbooks.records.fields import REQUIRED, Field, FormError, nearest

__all__ = ["COMMON", "Record", "Sort", "Unjudged"]


class Sort(Enum):
    """How records of one kind and id follow one another."""

    STANDING = "standing"  # in force until a later record of the same kind and id, or until `ends`
    EVENT = "event"  # one a kind, id and day
    REPEATING = "repeating"  # any number; each adds


_KEYWORDS = {"from": "from_", "as": "as_", "for": "for_"}


def attribute(field: str) -> str:
    """The Python name of a ledger field: "until-of" is `until_of`, "from" is `from_`."""
    return _KEYWORDS.get(field, field.replace("-", "_"))


def _field(attribute_name: str) -> str:
    return attribute_name.rstrip("_").replace("_", "-")


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=fields.SPECIFIERS)
class _RecordType(type):
    """Makes a record class: the `Field`s in its body become slots and the table `FIELDS`."""

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
        declared = {key: value for key, value in body.items() if isinstance(value, Field)}
        rest = {key: value for key, value in body.items() if key not in declared}
        rest["__slots__"] = (*body.get("__slots__", ()), *declared)
        made = super().__new__(mcs, name, bases, rest)
        inherited: dict[str, Field] = getattr(made, "FIELDS", {})
        made.FIELDS = {**inherited, **{_field(key): value for key, value in declared.items()}}  # type: ignore[attr-defined]
        made.KIND, made.SORT, made.RULE_ID = kind, sort, rule_id  # type: ignore[attr-defined]
        return made


class _Base(metaclass=_RecordType):
    """Where a record stands and which fields it writes; the same for every kind."""

    __slots__ = ("date", "given", "id", "place")

    FIELDS: ClassVar[dict[str, Field]]
    KIND: ClassVar[str]
    SORT: ClassVar[Sort]
    RULE_ID: ClassVar[str]

    id: str
    date: date
    place: Place
    given: frozenset[str]

    def __init__(self, **values: Any) -> None:
        """All by keyword, under Python names; a field left out takes its default."""
        for name in ("id", "date", "place"):
            object.__setattr__(self, name, values.pop(name))
        object.__setattr__(self, "given", frozenset(_field(name) for name in values))
        for field, declared in self.FIELDS.items():
            name = attribute(field)
            default = None if declared.default is REQUIRED else declared.default
            object.__setattr__(self, name, values.pop(name, default))
        if values:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(values)}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a record is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a record is frozen: {name} cannot be deleted")

    def as_written(self) -> dict[str, Any]:
        """The fields that the ledger states, by their ledger names."""
        return {field: getattr(self, attribute(field)) for field in self.FIELDS if field in self.given}

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
                values[attribute(name)] = declared.read(value)
            except FormError as error:
                lost = lost or declared.default is REQUIRED
                faults.append(f'field "{name}" {error}')
        for name, declared in cls.FIELDS.items():
            if declared.default is REQUIRED and name not in written:
                lost = True
                faults.append(f'needs the field "{name}" ({declared.meaning}): add a line `{name}: …`')
        called = f'{cls.KIND} "{record_id}"'
        findings = [Finding(place, "records", f"{called} {fault}") for fault in faults]
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
    closes: str | None = fields.text("id of the trigger that this rewrite closes")


class PreCommitted(Standing):
    """A rule of surplus: the one in force on a period's first day governs the whole period."""

    binds_from: date | None = fields.day("the day from which it binds, where its decision says so")


class Unjudged:
    """A record of a kind that is known by name and not yet judged: kept as it is written."""

    __slots__ = ("date", "fields", "id", "kind", "place")

    def __init__(self, kind: str, record_id: str, day: date, place: Place, written: Mapping[str, Any]) -> None:
        """Keeps the fields as the ledger gives them."""
        self.kind, self.id, self.date, self.place, self.fields = kind, record_id, day, place, dict(written)


COMMON = frozenset(Record.FIELDS)
"""The fields that every kind takes."""

FREE_TO_LEAVE_OUT = COMMON | {"drops", "closes", "binds-from"}
"""Fields that speak of one record and not of the rule: a later record need not state them again."""
