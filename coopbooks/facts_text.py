"""The one lossless form of `Facts` on disk: a JSON object, in which every value says its type.

The same facts give the same text. Numbers stand as the ledger writes them, with every digit, and never as JSON's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from coopbooks.errors import Finding, LedgerUnusable, Place
from coopbooks.fact_rows import (
    Asserted,
    Directive,
    Gift,
    Leg,
    Life,
    MovedResult,
    Movement,
    Outlay,
    PayRow,
    Roots,
    Unpriced,
    Written,
)
from coopbooks.money import Amount

__all__ = ["FORMAT", "from_text", "to_text"]

T = TypeVar("T")

FORMAT = "coopbooks-facts/3"
"""What the first field says; another number is another form, and is refused."""


def to_text(facts: Any) -> str:
    """Facts as one JSON object in a line, its keys in order."""
    return json.dumps(_to_plain(facts), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def from_text(text: str, make: Callable[..., T]) -> T:
    """What `make` makes of the data in a text, each by its name; `Facts` is such a maker.

    Raises LedgerUnusable for a text that `to_text` did not write.
    """
    try:
        return make(**_from_plain(json.loads(text)))
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise LedgerUnusable(
            f"this is no text of facts ({type(error).__name__}): write it anew from the ledger"
        ) from None


def _encode(value: Any) -> Any:
    """A ledger value as JSON that says its type; texts and truth values stand for themselves."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, Amount):
        return {"amount": [str(value.number), value.currency]}
    if isinstance(value, Decimal):
        return {"number": str(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    raise TypeError(f"facts hold no {type(value).__name__}")


def _decode(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "amount":
        return Amount(Decimal(content[0]), content[1])
    return Decimal(content) if kind == "number" else date.fromisoformat(content)


def _fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _encode(value) for name, value in fields.items()}


def _days(days: Mapping[str, Iterable[tuple[date, Decimal]]]) -> dict[str, list[list[str]]]:
    return {account: [[day.isoformat(), str(amount)] for day, amount in rows] for account, rows in days.items()}


def _undays(days: Mapping[str, list[list[str]]]) -> dict[str, tuple[tuple[date, Decimal], ...]]:
    return {
        account: tuple((date.fromisoformat(day), Decimal(amount)) for day, amount in rows)
        for account, rows in days.items()
    }


def _optional(value: date | Decimal | None) -> str | None:
    return None if value is None else str(value)


def _rows(rows: Iterable[Written]) -> list[list[Any]]:
    return [
        [[_encode(value) for value in row.values], str(row.date), list(row.place), _fields(row.fields)] for row in rows
    ]


def _rows_from(plain: Iterable[Any]) -> Iterator[Written]:
    return (
        Written(tuple(_decode(value) for value in values), date.fromisoformat(when), Place(*place), _decoded(fields))
        for values, when, place, fields in plain
    )


def _plain_pay(row: PayRow) -> list[Any]:
    return [
        row.person,
        str(row.date),
        row.kind,
        _optional(row.amount),
        _optional(row.hours),
        row.span,
        row.file,
        row.line,
    ]


def _plain_gift(row: Gift) -> list[Any]:
    own, amount = _fields(row.fields), _optional(row.amount)
    return [str(row.date), _encode(row.ally), row.account, amount, row.entry, row.earned, own, row.file, row.line]


def _plain_outlay(row: Outlay) -> list[Any]:
    own = _fields(row.fields)
    return [str(row.date), row.account, _optional(row.amount), row.payee, row.entry, own, row.file, row.line]


def _to_plain(facts: Any) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "title": facts.title,
        "currency": facts.currency,
        "digits": facts.digits,
        "roots": list(facts.roots),
        "last_day": _optional(facts.last_day),
        "written": _rows(facts.written),
        "published": _rows(facts.published),
        "accounts": {
            name: [str(life.opened), _optional(life.closed), list(life.place)] for name, life in facts.accounts.items()
        },
        "pay": [_plain_pay(row) for row in facts.pay],
        "daily": _days(facts.daily),
        "results": [[str(day), str(amount)] for day, amount in facts.results],
        "result_daily": _days(facts.result_daily),
        "moved": [[str(row.date), row.period, str(row.amount), list(row.place)] for row in facts.moved],
        "unpriced": [[str(row.date), row.account, _encode(row.amount), list(row.place)] for row in facts.unpriced],
        "movements": [
            [
                str(move.date),
                list(move.place),
                sorted(move.tags),
                _fields(move.fields),
                [[leg.account, str(leg.amount), list(leg.place), _fields(leg.fields)] for leg in move.legs],
                move.payee,
            ]
            for move in facts.movements
        ],
        "gifts": [_plain_gift(row) for row in facts.gifts],
        "income": [[str(day), str(amount)] for day, amount in facts.income],
        "outlays": [_plain_outlay(row) for row in facts.outlays],
        "asserted": [[str(row.date), row.account, list(row.place)] for row in facts.asserted],
        "liquid": sorted(facts.liquid),
        "asked": sorted(facts.asked),
        "faults": [[list(fault.place), fault.rule, fault.message] for fault in facts.faults],
        "directives": [[str(row.date), *row[1:]] for row in facts.directives],
    }


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _decoded(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _decode(value) for name, value in fields.items()}


def _legs_from(legs: Iterable[Any]) -> tuple[Leg, ...]:
    return tuple(
        Leg(account, Decimal(amount), file, line, _decoded(own)) for account, amount, (file, line), own in legs
    )


def _whole_from(plain: Mapping[str, Any]) -> dict[str, Any]:
    """What only the whole books have, and what their seals cover."""
    day = date.fromisoformat
    return {
        "outlays": (
            Outlay(day(when), account, _number(amount), payee, entry, _decoded(own), file, line)
            for when, account, amount, payee, entry, own, file, line in plain["outlays"]
        ),
        "asserted": (Asserted(day(when), account, *place) for when, account, place in plain["asserted"]),
        "liquid": plain["liquid"],
        "asked": plain["asked"],
        "directives": (Directive(day(when), *rest) for when, *rest in plain["directives"]),
    }


def _from_plain(plain: dict[str, Any]) -> dict[str, Any]:
    if plain["format"] != FORMAT:
        raise ValueError(f"its format is {plain['format']}, not {FORMAT}")
    day = date.fromisoformat
    return dict(
        title=plain["title"],
        currency=plain["currency"],
        digits=plain["digits"],
        roots=Roots(*plain["roots"]),
        last_day=day(plain["last_day"]) if plain["last_day"] else None,
        written=_rows_from(plain["written"]),
        published=_rows_from(plain["published"]),
        accounts={
            name: Life(day(opened), day(closed) if closed else None, *place)
            for name, (opened, closed, place) in plain["accounts"].items()
        },
        pay=(
            PayRow(person, day(when), kind, _number(amount), _number(hours), span, file, line)
            for person, when, kind, amount, hours, span, file, line in plain["pay"]
        ),
        daily=_undays(plain["daily"]),
        results=((day(when), Decimal(amount)) for when, amount in plain["results"]),
        result_daily=_undays(plain["result_daily"]),
        moved=(
            MovedResult(day(when), period, Decimal(amount), Place(*place))
            for when, period, amount, place in plain["moved"]
        ),
        unpriced=(
            Unpriced(day(when), account, _decode(amount), Place(*place))
            for when, account, amount, place in plain["unpriced"]
        ),
        movements=(
            Movement(day(when), file, line, frozenset(tags), _decoded(fields), _legs_from(legs), payee)
            for when, (file, line), tags, fields, legs, payee in plain["movements"]
        ),
        gifts=(
            Gift(day(when), _decode(ally), account, _number(amount), entry, earned, _decoded(own), file, line)
            for when, ally, account, amount, entry, earned, own, file, line in plain["gifts"]
        ),
        income=((day(when), Decimal(amount)) for when, amount in plain["income"]),
        **_whole_from(plain),
        faults=(Finding(Place(*place), rule, message) for place, rule, message in plain["faults"]),
    )
