"""What a derived ledger says of itself and of figures that no entry holds: its `custom "published"` directives.

They are written by `coopbooks publish`, and docs/publish.md says what each means. Books without an "audience" among them
are not derived. Somebody may have written them by hand, so every value is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from coopbooks.errors import LedgerUnusable
from coopbooks.facts import Facts, Written
from coopbooks.money import Amount
from coopbooks.rows import NamedTuple

__all__ = ["Band", "Published", "Ratio", "Spent", "SurplusStep", "TotalPay", "YearSurplus", "published_of"]

_AUDIENCES = ("members", "auditors", "public")
_TEXT_MAX = 200  # letters in a value; ours have far fewer


class Ratio(NamedTuple):
    """The wage ratio of a period; where only its side of the cap is shown, `ratio` is None. `over` is None without a cap."""

    period: str
    ratio: str | None
    cap: str | None
    over: bool | None
    people: int


class Band(NamedTuple):
    """How many people were paid at least `low` and less than `high`; an open end is None."""

    period: str
    measure: str
    low: str | None
    high: str | None
    people: int


class TotalPay(NamedTuple):
    """The pay of a year, or of several that are merged ("2025/2027")."""

    period: str
    total: str
    people: int


class Spent(NamedTuple):
    """What was spent of a protected fund in one or more quarters; `claims` is None where it is not said."""

    fund: str
    period: str
    amount: str
    claims: int | None


class SurplusStep(NamedTuple):
    """One step of a year's surplus; `people` is how many share in it, 0 where it is nobody's own."""

    id: str
    to: str
    account: str | None
    share: str | None
    of: str | None
    amount: str
    people: int


class YearSurplus(NamedTuple):
    """A closed year's result, what earlier losses took of it, and where the rest went."""

    period: str
    result: str
    earlier_losses: str
    steps: tuple[SurplusStep, ...]


class Published(NamedTuple):
    """Who a derived ledger is for, as of what day, and its figures, each oldest first."""

    audience: str
    as_of: str
    ratios: tuple[Ratio, ...]
    bands: tuple[Band, ...]
    pay: tuple[TotalPay, ...]
    spent: tuple[Spent, ...]
    surplus: tuple[YearSurplus, ...]


def published_of(facts: Facts) -> Published | None:
    """What a ledger says of its publication; None where it is not derived.

    Raises LedgerUnusable for a line that is not as `publish` writes it.
    """
    rows = [row for row in sorted(facts.published, key=lambda row: (row.date, row.place)) if row.values]
    heads = [row for row in rows if row.values[0] == "audience"]
    if not heads:
        return None
    if len(heads) > 1:
        raise LedgerUnusable(
            f'this "published" line names an audience a second time, after {heads[0].place}: leave one', heads[1].place
        )
    (audience,) = _values(heads[0], facts, _audience)
    steps = _steps(rows, facts)

    def of(word: str) -> list[Written]:
        return [row for row in rows if row.values[0] == word]

    return Published(
        audience=audience,
        as_of=str(heads[0].date),
        ratios=tuple(
            _ratio(_values(row, facts, _text, _ratio_value, _or_none(_number), _count)) for row in of("wage-ratio")
        ),
        bands=tuple(
            Band(*_values(row, facts, _text, _text, _or_none(_money), _or_none(_money), _count))
            for row in of("pay-band")
        ),
        pay=tuple(TotalPay(*_values(row, facts, _text, _money, _count)) for row in of("pay")),
        spent=tuple(_spent(row, facts) for row in of("spent")),
        surplus=tuple(_surplus(row, facts, steps) for row in of("surplus")),
    )


def _ratio(values: list[Any]) -> Ratio:
    period, shown, cap, people = values
    if shown in ("within", "over"):
        return Ratio(period, None, cap, shown == "over", people)
    return Ratio(period, shown, cap, None if cap is None else Decimal(shown) > Decimal(cap), people)


def _spent(row: Written, facts: Facts) -> Spent:
    counted = [_count] if len(row.values) > 4 else []
    fund, period, amount, *claims = _values(row, facts, _text, _text, _money, *counted)
    return Spent(fund, period, amount, claims[0] if claims else None)


def _surplus(row: Written, facts: Facts, steps: dict[str, list[tuple[int, SurplusStep]]]) -> YearSurplus:
    period, result, losses = _values(row, facts, _text, _money, _money)
    own = sorted(steps.get(period, ()), key=lambda each: each[0])
    return YearSurplus(period, result, losses, tuple(step for _, step in own))


def _steps(rows: Iterable[Written], facts: Facts) -> dict[str, list[tuple[int, SurplusStep]]]:
    """The steps by year, each with its place in the order."""
    found: dict[str, list[tuple[int, SurplusStep]]] = {}
    for row in rows:
        if row.values[0] == "surplus-step":
            sorts = (_text, _count, _text, _text, _or_none(_number), _or_none(_text), _money, _count)
            period, place, own, to, share, of, amount, people = _values(row, facts, *sorts)
            step = SurplusStep(own, to, to if ":" in to else None, share, of, amount, people)
            found.setdefault(period, []).append((place, step))
    return found


# -- values ----------------------------------------------------------------------------------------------------------

_Sort = Callable[[Any, Facts], Any]


class _NoValue(Exception):
    """What a value should have been."""


def _values(row: Written, facts: Facts, *sorts: _Sort) -> list[Any]:
    """The values of a line behind its word, each as it should be. Raises LedgerUnusable."""
    given = row.values[1:]
    if len(given) != len(sorts):
        raise LedgerUnusable(
            f'this "published" line of "{row.values[0]}" has {len(given)} values behind that word and needs '
            f"{len(sorts)}: publish the ledger anew",
            row.place,
        )
    found: list[Any] = []
    for place, (value, sort) in enumerate(zip(given, sorts, strict=True), start=1):
        try:
            found.append(sort(value, facts))
        except _NoValue as wanted:
            raise LedgerUnusable(
                f'value {place} of this "published" line of "{row.values[0]}" is not {wanted}: publish the ledger anew',
                row.place,
            ) from None
    return found


def _audience(value: Any, _: Facts) -> str:
    if value not in _AUDIENCES:
        raise _NoValue('"members", "auditors" or "public"')
    return str(value)


def _text(value: Any, _: Facts) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _TEXT_MAX or not value.isprintable():
        raise _NoValue("a short text")
    return value


def _number(value: Any, _: Facts) -> str:
    if not isinstance(value, Decimal) or value.adjusted() > _TEXT_MAX:
        raise _NoValue("a number")
    return f"{value:f}"


def _count(value: Any, _: Facts) -> int:
    if not isinstance(value, Decimal) or value.adjusted() > 9 or value < 0 or value != value.to_integral_value():
        raise _NoValue("a whole number")
    return int(value)


def _money(value: Any, facts: Facts) -> str:
    if not isinstance(value, Amount) or value.currency != facts.currency or value.number.adjusted() > _TEXT_MAX:
        raise _NoValue(f"an amount in {facts.currency or 'the currency of the ledger'}")
    unit = facts.unit
    return unit.text(unit.nearest(value.number)) if unit.is_whole(value.number) else f"{value.number:f}"


def _ratio_value(value: Any, facts: Facts) -> str:
    return str(value) if value in ("within", "over") else _number(value, facts)


def _or_none(sort: _Sort) -> _Sort:
    def either(value: Any, facts: Facts) -> Any:
        return None if value == "none" else sort(value, facts)

    return either
