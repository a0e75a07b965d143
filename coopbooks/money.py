"""The smallest unit of a currency and exact splits: the only place in coopbooks that rounds.

Inside the rules money is an `int`: a count of the currency's smallest unit (cents for USD, yen for JPY). Exact
fractions of a unit are `Fraction`. No float ever stands for money.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from math import ceil, floor, lcm

from coopbooks.errors import SplitRefused
from coopbooks.rows import NamedTuple

__all__ = [
    "Amount",
    "Unit",
    "Weight",
    "digits_of",
    "share_out",
    "split",
]

Weight = int | Decimal | Fraction

# ISO 4217, table A.1 (list one): the minor units that are not 2. Funds and metals without a minor unit are left out.
_ISO_4217_DIGITS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(),
        0,
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}


class Amount(NamedTuple):
    """A number of a currency as it is written in the books, e.g. 12.50 USD."""

    number: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.number} {self.currency}"


def digits_of(currency: str, overrides: Mapping[str, int] | None = None) -> int:
    """Decimal places of a currency's smallest unit: ISO 4217, unless the ledger's `precision:` says otherwise.

    >>> digits_of("USD"), digits_of("JPY"), digits_of("HOUR", {"HOUR": 1})
    (2, 0, 1)
    """
    if overrides and currency in overrides:
        return overrides[currency]
    return _ISO_4217_DIGITS.get(currency, 2)


_WIDE = Context(prec=200)  # more digits than any amount has, so that moving the point rounds nothing


class Unit(NamedTuple):
    """The smallest unit of one currency: turns written numbers into whole units and back.

    >>> usd = Unit("USD", 2)
    >>> usd.cut(Decimal("-1.239")), usd.text(123456), usd.text(-5)
    (-123, '1234.56', '-0.05')
    """

    currency: str
    digits: int

    def exact(self, number: Decimal) -> Fraction:
        """The number in units, fractions of a unit kept."""
        return Fraction(number) * int(10**self.digits)

    def cut(self, number: Decimal | Fraction) -> int:
        """The number in whole units, fractions cut towards zero (the rule for a period's result)."""
        return int(Fraction(number) * 10**self.digits)

    def nearest(self, number: Decimal | Fraction) -> int:
        """The number in whole units, half a unit rounded away from zero."""
        if isinstance(number, Decimal):
            return int(number.scaleb(self.digits, _WIDE).to_integral_value(ROUND_HALF_UP))
        return half_up(number * 10**self.digits)

    def is_whole(self, number: Decimal) -> bool:
        """Whether the number has no fraction of a unit."""
        units = number.scaleb(self.digits, _WIDE)
        return units == units.to_integral_value()

    def decimal(self, units: int) -> Decimal:
        """Whole units as the number that is written in the books."""
        return _scaled(units, self.digits)

    def text(self, units: int) -> str:
        """Whole units as text with all decimal places of the currency: "1234.50"."""
        whole, part = divmod(abs(units), 10**self.digits)
        sign = "-" if units < 0 else ""
        return f"{sign}{whole}.{part:0{self.digits}d}" if self.digits else f"{units}"

    def said(self, units: int) -> str:
        """Whole units as a person reads them in a sentence: "1,234.50 USD"."""
        return f"{self.decimal(units):,.{self.digits}f} {self.currency}"


def _scaled(whole: int, places: int) -> Decimal:
    """`whole` with its decimal point moved; every digit stays, where arithmetic of Decimal would keep 28."""
    return Decimal(f"{whole}E-{places}")


_SURE = Context(prec=24)


def settled(number: Decimal) -> Decimal:
    """A sum of postings without the dust of a division.

    Beancount works with 28 digits: what it fills in for `3 EUR @@ 10.00 USD` is 9.99 with 25 more nines, and to cut
    that towards zero would take a cent from a result that is 10.00.
    """
    return _SURE.plus(number)


def half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes away from zero.

    >>> half_up(Fraction(5, 2)), half_up(Fraction(-5, 2)), half_up(Fraction(12, 5))
    (3, -3, 2)
    """
    magnitude = floor(abs(value) + Fraction(1, 2))
    return magnitude if value >= 0 else -magnitude


def sum_of(values: Iterable[Fraction]) -> Fraction:
    """The exact sum, over one common denominator; adding many fractions two by two takes five times as long."""
    ratios = [value.as_integer_ratio() for value in values]
    scale = lcm(*{denominator for _, denominator in ratios})
    return Fraction(sum([numerator * (scale // denominator) for numerator, denominator in ratios]), scale)


def rounded(value: Fraction, how: str) -> int:
    """`value` to a whole unit: "up" (at least), "down" (at most) or "nearest" (half away from zero)."""
    if how == "up":
        return ceil(value)
    if how == "down":
        return floor(value)
    return half_up(value)


def places_half_up(value: Fraction, places: int) -> str:
    """A ratio or share as text with `places` decimals, half up.

    >>> places_half_up(Fraction(34, 5), 2), places_half_up(Fraction(2, 3), 6)
    ('6.80', '0.666667')
    """
    return f"{_scaled(half_up(value * 10**places), places):.{places}f}"


def places_up(value: Fraction, places: int) -> str:
    """As `places_half_up`, but never below the value: what a lowest pay must at least be."""
    return f"{_scaled(ceil(value * 10**places), places):.{places}f}"


def places_down(value: Fraction, places: int) -> str:
    """As `places_half_up`, but never above the value: what a highest pay may at most be."""
    return f"{_scaled(floor(value * 10**places), places):.{places}f}"


def split(total: int, weights: Sequence[Weight]) -> list[int]:
    """Divide `total` whole units in proportion to `weights`, every unit placed (largest remainder).

    Each part is its exact share cut down to a whole unit; the units left over go one each to the largest remainders,
    and of equal remainders to the earlier place. A caller that sorts by id therefore gets the same parts whatever the
    order of its directives. A negative total (a loss) is the mirror image of the positive one.

    Raises SplitRefused for a negative or non-finite weight, for a float, for weights that are all zero, and
    for a total that is no whole number.

    >>> split(100, [1, 1, 1]), split(-100, [1, 1, 1]), split(5, [Decimal("0.5"), Decimal("0.5")])
    ([34, 33, 33], [-34, -33, -33], [3, 2])
    """
    if not isinstance(total, int):
        raise SplitRefused(f"only whole units can be divided, not {total!r}: turn the money into units first")
    whole = _as_integers(weights)
    weight_sum = sum(whole)
    if weight_sum == 0:
        raise SplitRefused("nothing can be divided by weights that are all zero: give at least one weight above zero")
    size = abs(total)
    parts = [size * weight // weight_sum for weight in whole]
    left = size - sum(parts)
    if left:
        for place in _largest_remainders(left, [size * weight % weight_sum for weight in whole], weight_sum):
            parts[place] += 1
    if total < 0:
        parts = [-part for part in parts]
    # The one law of this module, and it stays on: a unit is neither made nor lost.
    assert sum(parts) == total, (sum(parts), total)
    return parts


def _largest_remainders(count: int, remainders: list[int], modulus: int) -> list[int]:
    """Places of the `count` largest remainders, ties to the earlier place.

    Sorting a million remainders would cost more than all the rest of a split. So the remainders are first counted
    in coarse classes, and only the one class that straddles the cut is sorted.
    """
    if len(remainders) < 4096:
        return sorted(range(len(remainders)), key=lambda place: -remainders[place])[:count]
    from heapq import nsmallest  # so few splits are so large that no other load of books need pay for it

    classes = 4096
    of_class = [remainder * classes // modulus for remainder in remainders]
    sizes = [0] * classes
    for each in of_class:
        sizes[each] += 1
    cut, above = classes - 1, 0
    while above + sizes[cut] < count:
        above += sizes[cut]
        cut -= 1
    chosen = [place for place, each in enumerate(of_class) if each > cut]
    straddling = [place for place, each in enumerate(of_class) if each == cut]
    return chosen + nsmallest(count - above, straddling, key=lambda place: (-remainders[place], place))


def _as_integers(weights: Sequence[Weight]) -> list[int]:
    """The weights as whole numbers in the same proportion; refuses what no share can be computed from."""
    kinds = set(map(type, weights))
    if any(issubclass(kind, float) for kind in kinds):
        raise SplitRefused("a weight is a float, which is not exact: give an int, a Decimal or a Fraction")
    # Whole weights, the common case, are taken as they are: the set of their types has said that they are int.
    whole: list[int] = list(weights) if kinds == {int} else _scaled_to_integers(weights)  # type: ignore[arg-type]
    if whole and min(whole) < 0:
        raise SplitRefused(f"a weight of {min(weights)} is below zero: nobody can take a negative part")
    return whole


def _scaled_to_integers(weights: Sequence[Weight]) -> list[int]:
    try:
        ratios = [weight.as_integer_ratio() for weight in weights]
    except (ValueError, OverflowError):
        raise SplitRefused("a weight is not a finite number: give every weight as a number") from None
    scale = lcm(*{denominator for _, denominator in ratios})
    return [numerator * (scale // denominator) for numerator, denominator in ratios]


def share_out(total: int, weights: Mapping[str, Weight]) -> dict[str, int]:
    """`split` over named weights; equal remainders go to the smaller id. The result is sorted by id.

    >>> share_out(10, {"m02": 1, "m01": 1, "m03": 1})
    {'m01': 4, 'm02': 3, 'm03': 3}
    """
    ids = sorted(weights)
    return dict(zip(ids, split(total, [weights[each] for each in ids]), strict=True))
