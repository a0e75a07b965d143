"""Named tuples that are cheap to make: for a type checker `typing.NamedTuple` itself, at run time its plain part.

Every bean-check pays for the making of these classes. `typing.NamedTuple` compiles a constructor and the text of every
annotation for each of them, about 0.15 ms a class and 4 ms for all; this takes a tenth of that. What a row can do is
the same: a tuple with names, defaults, methods, `_fields`, `_make`, `_asdict` and `_replace`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["NamedTuple", "row_of"]

row_of = tuple.__new__
"""A row of a class from a tuple of all its fields, in their order.

It spares the call of the class's own `__new__`, which takes longer than all that is put into the row: for those that a
ledger has thousands of.
"""

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    try:
        from _collections import _tuplegetter as _getter
    except ImportError:  # not CPython
        from operator import itemgetter

        def _getter(place: int, doc: str) -> property:
            return property(itemgetter(place), doc=doc)

    class _RowType(type):
        """Turns the annotations of a class body into the fields of a tuple."""

        def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            fields = tuple(body.get("__annotations__", ()))
            defaults = {field: body.pop(field) for field in fields if field in body}
            for place, field in enumerate(fields):
                body[field] = _getter(place, "")
            body |= {"__slots__": (), "_fields": fields, "_field_defaults": defaults, "__match_args__": fields}
            return super().__new__(mcs, name, bases, body)

    class NamedTuple(tuple, metaclass=_RowType):
        """A tuple whose places have names; made like any class, by place or by name."""

        __slots__ = ()

        def __new__(cls, *values: Any, **named: Any) -> NamedTuple:
            """The values in the order of the fields, or by their names."""
            if named or len(values) != len(cls._fields):
                values = _completed(cls, values, named)
            return tuple.__new__(cls, values)

        @classmethod
        def _make(cls, values: Any) -> NamedTuple:
            return cls(*values)

        def _asdict(self) -> dict[str, Any]:
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, **changes: Any) -> NamedTuple:
            return type(self)(**(self._asdict() | changes))

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

        def __repr__(self) -> str:
            values = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({values})"

    def _completed(cls: type, values: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """All values in their places; raises TypeError for one that is missing, unknown or doubled."""
        given = dict(zip(cls._fields, values))  # noqa: B905  # lengths are compared below
        whole = cls._field_defaults | given | named
        missing = [field for field in cls._fields if field not in whole]
        wrong = [field for field in named if field in given or field not in cls._fields]
        if missing or wrong or len(values) > len(cls._fields):
            raise TypeError(f"{cls.__name__} takes {', '.join(cls._fields)}: missing {missing}, wrong {wrong}")
        return tuple([whole[field] for field in cls._fields])
