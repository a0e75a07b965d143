"""Exact splits and the smallest unit: no cent is made or lost, whoever divides and however often."""

from __future__ import annotations

import os
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, lcm
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopbooks.errors import CoopbooksError, SplitRefused
from coopbooks.money import (
    Amount,
    Unit,
    Weight,
    digits_of,
    half_up,
    places_down,
    places_half_up,
    places_up,
    rounded,
    settled,
    share_out,
    split,
    sum_of,
)

# What an account may hold in the smallest unit: a cent to a hundred million million, either sign.
TOTALS = st.integers(-(10**16), 10**16)
# Up to a thousand million with six places, and up to a million in parts of at most ten thousand: made of whole numbers,
# which are drawn several times as fast as `st.decimals` and `st.fractions` draw the same.
DECIMALS = st.integers(0, 10**15).map(lambda millionths: Decimal(millionths).scaleb(-6))
FRACTIONS = st.builds(
    lambda parts, number: Fraction(number % (10**6 * parts + 1), parts), st.integers(1, 10**4), st.integers(0, 10**10)
)
WEIGHTS = st.one_of(st.integers(0, 10**12), DECIMALS, FRACTIONS)
SOME = st.lists(WEIGHTS, min_size=1, max_size=40).filter(any)
NAMED = st.dictionaries(st.text("abcm0123-", min_size=1, max_size=5), WEIGHTS, min_size=1, max_size=30).filter(
    lambda weights: any(weights.values())
)
LONG = os.environ.get("COOPBOOKS_LONG") == "1"


def exact(total: int, weights: list[Weight]) -> list[Fraction]:
    whole = sum((Fraction(weight) for weight in weights), Fraction(0))
    return [total * Fraction(weight) / whole for weight in weights]


def by_hand(total: int, weights: list[Weight]) -> list[int]:
    """Largest remainder as one would do it on paper: cut, then hand out what is left, ties to the first."""
    shares = exact(abs(total), weights)
    parts = [floor(share) for share in shares]
    order = sorted(range(len(shares)), key=lambda place: (parts[place] - shares[place], place))
    for place in order[: abs(total) - sum(parts)]:
        parts[place] += 1
    return [part if total >= 0 else -part for part in parts]


# -- split ---------------------------------------------------------------------------------------------------


def a_weight(chance: Random) -> Weight:
    """An hour's figure, a share, a third: whatever a ledger may hold; one in eight is zero."""
    sort = chance.randrange(8)
    if sort == 0:
        return 0
    if sort < 4:
        return chance.randrange(1, 10**9)
    if sort < 7:
        return Decimal(chance.randrange(1, 10**8)).scaleb(-chance.randrange(0, 6))
    return Fraction(chance.randrange(1, 1000), chance.randrange(1, 1000))


def test_ten_thousand_random_splits_place_every_cent() -> None:
    chance = Random(26)  # noqa: S311  # the same ten thousand cases for whoever runs this
    for _ in range(10_000):
        total = chance.randrange(-(10 ** chance.randrange(1, 16)), 10 ** chance.randrange(1, 16))
        weights: list[Weight] = [a_weight(chance) for _ in range(chance.randrange(1, 25))]
        if not any(weights):
            weights.append(1)
        places_every_cent(total, weights)


# What is likely to go wrong: nothing, one, all the same, a hair, and the ends of what is drawn.
EDGES: tuple[Weight, ...] = (
    0,
    Decimal(0),
    Fraction(0),
    1,
    Decimal(1),
    Fraction(1, 3),
    Decimal("0.000001"),
    Fraction(1, 10**4),
    10**12,
    Decimal(10**9),
    Fraction(10**6),
    Fraction(10**10 - 1, 10**4),
)
EDGE_TOTALS = (0, 1, -1, 2, -2, 3, 7, -7, 99, 100, -100, 101, 10**16, -(10**16), 10**16 - 1, 1 - 10**16)


def drawn(chance: Random) -> tuple[int, list[Weight]]:
    """A split out of the ranges that are searched, one to forty weights: all of one sort, mixed, or of the edges."""
    bits = chance.getrandbits  # drawn a million times, so by the way that costs next to nothing
    total = bits(64) % (2 * 10 ** (bits(16) % 17) + 1) - 10 ** (bits(16) % 17) if bits(2) else EDGE_TOTALS[bits(4)]
    total = max(-(10**16), min(10**16, total))
    count = 1 + bits(16) % (1, 2, 4, 8, 12, 16, 24, 40)[bits(3)]
    sort = bits(16) % 6
    weights: list[Weight]
    if sort == 0:
        weights = [bits(64) % (10**12 + 1) for _ in range(count)]
    elif sort == 1:
        weights = [Decimal(bits(64) % (10**15 + 1)).scaleb(-6) for _ in range(count)]
    elif sort == 2:
        parts = 1 + bits(16) % (10**4 - 40)
        weights = [Fraction(bits(64) % (10**6 * parts + 1), parts + place) for place in range(count)]
    elif sort == 3:
        weights = [EDGES[bits(16) % len(EDGES)] for _ in range(count)]
    elif sort == 4:
        weights = [EDGES[3 + bits(16) % (len(EDGES) - 3)]] * count
    else:
        several = (bits(16) % 2000, Decimal(bits(32) % 10**6).scaleb(-2), Fraction(bits(16) % 99, 7), 0)
        weights = [several[bits(2)] for _ in range(count)]
    return total, weights if any(weights) else [*weights, 1]


def test_a_hundred_thousand_splits_of_every_size_place_every_cent() -> None:
    chance = Random(100_000)  # noqa: S311  # the same hundred thousand cases for whoever runs this
    for _ in range(100_000):
        places_every_cent(*drawn(chance))


@settings(max_examples=10_000 if LONG else 1_000)
@given(TOTALS, SOME)
def test_a_thousand_splits_that_are_searched_for_place_every_cent(total: int, weights: list[Weight]) -> None:
    places_every_cent(total, weights)


def places_every_cent(total: int, weights: list[Weight]) -> None:
    """The parts make the whole, each within a unit of its exact share; who weighs nothing gets nothing.

    The exact share is total * weight / whole. Both sides times the whole are whole numbers, and exact as well.
    """
    parts = split(total, weights)
    assert sum(parts) == total
    assert len(parts) == len(weights)
    ratios = [weight.as_integer_ratio() for weight in weights]
    scale = lcm(*[below for _, below in ratios])
    sizes = [above * (scale // below) for above, below in ratios]
    whole = sum(sizes)
    pairs = list(zip(parts, sizes, strict=True))
    assert max([abs(part * whole - total * size) for part, size in pairs]) < whole
    assert {part for part, size in pairs if not size} <= {0}


@given(TOTALS, SOME)
def test_a_split_is_the_largest_remainder_done_by_hand(total: int, weights: list[Weight]) -> None:
    assert split(total, weights) == by_hand(total, weights)


@given(TOTALS, SOME)
def test_a_loss_is_the_mirror_image_of_a_surplus(total: int, weights: list[Weight]) -> None:
    assert split(-total, weights) == [-part for part in split(total, weights)]


@given(st.integers(0, 10**16), SOME)
def test_who_weighs_more_never_gets_less(total: int, weights: list[Weight]) -> None:
    pairs = sorted(zip([Fraction(weight) for weight in weights], split(total, weights), strict=True))
    for (lighter, less), (heavier, more) in pairwise(pairs):
        assert more >= less or lighter == heavier


@given(TOTALS, SOME, st.fractions(Fraction(1, 1000), 1000))
def test_only_the_proportion_of_weights_matters(total: int, weights: list[Weight], factor: Fraction) -> None:
    assert split(total, [Fraction(weight) * factor for weight in weights]) == split(total, weights)


@given(TOTALS, st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_the_type_of_a_weight_does_not_matter(total: int, weights: list[int]) -> None:
    assert split(total, weights) == split(total, [Decimal(weight) for weight in weights])
    assert split(total, weights) == split(total, [Fraction(weight) for weight in weights])


@given(TOTALS, NAMED, st.randoms(use_true_random=False))
def test_the_order_of_the_books_does_not_matter(total: int, weights: dict[str, Weight], chance: Random) -> None:
    shuffled = list(weights.items())
    chance.shuffle(shuffled)
    parts = share_out(total, dict(shuffled))
    assert parts == share_out(total, weights)
    assert list(parts) == sorted(weights)
    assert sum(parts.values()) == total


@given(TOTALS, st.integers(1, 60))
def test_equal_weights_differ_by_one_unit_and_the_smaller_ids_have_it(total: int, count: int) -> None:
    ids = [f"m{number:02}" for number in range(count)]
    parts = share_out(total, dict.fromkeys(reversed(ids), Decimal("1640.5")))
    sign = 1 if total >= 0 else -1
    each, left = divmod(abs(total), count)
    assert [parts[one] for one in ids] == [sign * (each + 1)] * left + [sign * each] * (count - left)


def test_a_tie_goes_to_the_smaller_id() -> None:
    # 0.05 among two halves is 2.5 and 2.5 cents: one cent is left, and b comes after a.
    assert share_out(5, {"b": 1, "a": 1}) == {"a": 3, "b": 2}
    # Ids are texts: m10 stands before m9.
    assert share_out(1, {"m9": 1, "m10": 1}) == {"m10": 1, "m9": 0}


def test_many_parts_are_split_as_few_are() -> None:
    # Above 4,096 parts the remainders are counted in classes before one of them is sorted.
    chance = Random(5)  # noqa: S311  # repeatable
    weights: list[Weight] = [chance.randrange(0, 4000) for _ in range(9_000)]
    assert split(1_234_567, weights) == by_hand(1_234_567, weights)
    assert split(-1_234_567, weights) == by_hand(-1_234_567, weights)
    alike: list[Weight] = [1] * 5_000
    assert split(12_345, alike) == [3] * 2_345 + [2] * 2_655


def test_of_many_parts_that_are_nearly_equal_the_largest_remainders_are_chosen() -> None:
    # All remainders fall into a few of the classes, so the one that straddles the cut is full of ties and of neighbours.
    weights: list[Weight] = [10**6 + place * 7919 % 400 for place in range(6_000)]
    for total in (1, 2_999, 3_000, 5_999):
        assert split(total, weights) == by_hand(total, weights)


def test_a_total_of_nothing_gives_everyone_nothing() -> None:
    assert split(0, [1, 2, 3]) == [0, 0, 0]
    with pytest.raises(SplitRefused, match="all zero"):
        split(0, [0, 0])


def test_a_refusal_says_no_more_than_its_sentence() -> None:
    for weights, said in (
        ([0], "nothing can be divided by weights that are all zero: give at least one weight above zero"),
        ([-1, 2], "a weight of -1 is below zero: nobody can take a negative part"),
        ([0.5], "a weight is a float, which is not exact: give an int, a Decimal or a Fraction"),
        ([Decimal("NaN")], "a weight is not a finite number: give every weight as a number"),
    ):
        with pytest.raises(SplitRefused) as refused:
            split(100, weights)  # type: ignore[arg-type]  # a float is refused
        assert str(refused.value) == said


@pytest.mark.parametrize("weights", [[], [0], [0, Decimal(0), Fraction(0)], [Decimal("0.00")]])
def test_nothing_is_divided_by_weights_that_are_all_zero(weights: list[Weight]) -> None:
    with pytest.raises(SplitRefused, match="all zero: give at least one weight above zero"):
        split(100, weights)


@pytest.mark.parametrize("weight", [-1, Decimal("-0.01"), Fraction(-1, 7)])
def test_nobody_takes_a_negative_part(weight: Weight) -> None:
    with pytest.raises(SplitRefused, match="is below zero"):
        split(100, [5, weight])


@pytest.mark.parametrize("weight", [0.5, 1.0, float("nan"), float("inf"), -0.0])
def test_a_float_is_no_weight(weight: float) -> None:
    with pytest.raises(SplitRefused, match="a weight is a float, which is not exact"):
        split(100, [1, weight])  # type: ignore[list-item]  # that is what is refused


def test_a_float_by_another_name_is_no_weight() -> None:
    class Float64(float):
        """What a pandas column of hours holds."""

    with pytest.raises(SplitRefused, match="float"):
        split(100, [1, Float64(2)])  # type: ignore[list-item]  # that is what is refused


def test_a_float_is_no_total() -> None:
    with pytest.raises(SplitRefused, match="whole"):
        split(100.0, [1, 1])  # type: ignore[arg-type]  # that is what is refused
    with pytest.raises(SplitRefused, match="whole"):
        split(Decimal("1.5"), [1, 1])  # type: ignore[arg-type]  # that is what is refused


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_not_finite_is_no_weight(text: str) -> None:
    with pytest.raises(SplitRefused, match="not a finite number"):
        split(100, [1, Decimal(text)])


def test_a_refused_split_is_an_error_for_the_caller() -> None:
    assert issubclass(SplitRefused, CoopbooksError)


# -- units ---------------------------------------------------------------------------------------------------

# ISO 4217, list one, column "minor unit": what is not 2.
OTHER_UNITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}


@pytest.mark.parametrize(("currency", "digits"), OTHER_UNITS.items())
def test_the_minor_units_of_iso_4217(currency: str, digits: int) -> None:
    assert digits_of(currency) == digits


@pytest.mark.parametrize("currency", ["USD", "EUR", "ARS", "BRL", "MXN", "GBP", "CHF", "INR", "HUF", "HOURS"])
def test_two_decimals_are_usual(currency: str) -> None:
    assert digits_of(currency) == 2


def test_precision_in_the_books_comes_before_iso_4217() -> None:
    assert digits_of("JPY", {"JPY": 2}) == 2
    assert digits_of("EUR", {"EUR": 0}) == 0
    assert digits_of("EUR", {"JPY": 5}) == 2
    assert digits_of("HOURS", {"HOURS": 4}) == 4


@pytest.mark.parametrize(
    ("number", "units"),
    [
        ("1.239", 123),
        ("-1.239", -123),
        ("0.009", 0),
        ("-0.009", 0),
        ("12", 1200),
        ("0.07", 7),
        ("1E+3", 100_000),
    ],
)
def test_a_result_is_cut_towards_zero(number: str, units: int) -> None:
    assert Unit("EUR", 2).cut(Decimal(number)) == units


@pytest.mark.parametrize(
    ("number", "units"), [("1.235", 124), ("1.2349", 123), ("-1.235", -124), ("-1.2349", -123), ("0.005", 1)]
)
def test_nearest_goes_away_from_zero_at_a_half(number: str, units: int) -> None:
    assert Unit("EUR", 2).nearest(Decimal(number)) == units


@pytest.mark.parametrize(
    ("number", "units"),
    [((1, 3), 33), ((2, 3), 67), ((1, 200), 1), ((-1, 200), -1), ((-1, 201), 0), ((5, 1), 500)],
)
def test_a_share_goes_to_the_nearest_unit_as_a_written_number_does(number: tuple[int, int], units: int) -> None:
    assert Unit("EUR", 2).nearest(Fraction(*number)) == units


@pytest.mark.parametrize(
    ("number", "digits", "units"),
    [
        ("12.345", 2, Fraction(2469, 2)),
        ("-0.001", 2, Fraction(-1, 10)),
        ("7", 0, Fraction(7)),
        ("1.0005", 3, Fraction(2001, 2)),
    ],
)
def test_an_exact_number_of_units_keeps_its_fraction(number: str, digits: int, units: Fraction) -> None:
    assert Unit("XXX", digits).exact(Decimal(number)) == units


LONG_NUMBER = "123456789012345678901234567890"  # more digits than the arithmetic of Decimal would keep


@pytest.mark.parametrize(
    ("number", "digits", "whole"),
    [
        ("1.23", 2, True),
        ("1.230", 2, True),
        ("1.234", 2, False),
        ("-0.01", 2, True),
        ("-0.001", 2, False),
        ("0.001", 3, True),
        ("5", 0, True),
        ("5.5", 0, False),
        (LONG_NUMBER + ".12", 2, True),
        (LONG_NUMBER + ".121", 2, False),
    ],
)
def test_a_number_is_whole_or_has_a_fraction_of_a_unit(number: str, digits: int, whole: bool) -> None:
    assert Unit("XXX", digits).is_whole(Decimal(number)) is whole


def test_the_dust_of_a_division_is_settled_and_nothing_else() -> None:
    third = Decimal(10) / 3
    assert third * 3 == Decimal("9.999999999999999999999999999")
    assert settled(third * 3) == 10
    assert settled(third * -3) == -10
    for kept in ("0", "9.99", "-0.01", "123456789012345678901.235"):
        assert settled(Decimal(kept)) == Decimal(kept)


@pytest.mark.parametrize(("digits", "text"), [(0, "0"), (2, "0.00"), (3, "0.000")])
def test_nothing_is_written_without_a_sign(digits: int, text: str) -> None:
    assert Unit("XXX", digits).text(0) == text


def test_a_unit_without_decimals_is_a_whole_number() -> None:
    yen = Unit("JPY", 0)
    assert (yen.cut(Decimal("99.9")), yen.text(-1500), yen.said(1_234_567)) == (99, "-1500", "1,234,567 JPY")


def test_a_unit_with_three_decimals() -> None:
    dinar = Unit("TND", 3)
    assert (dinar.cut(Decimal("1.2345")), dinar.text(5), dinar.said(-1_000_005)) == (
        1234,
        "0.005",
        "-1,000.005 TND",
    )


@given(st.integers(-(10**40), 10**40), st.integers(0, 18))
def test_units_are_written_and_read_without_loss(units: int, digits: int) -> None:
    unit = Unit("XXX", digits)
    text = unit.text(units)
    assert unit.cut(Decimal(text)) == unit.nearest(Decimal(text)) == units
    assert unit.cut(unit.decimal(units)) == units
    assert len(text.partition(".")[2]) == digits
    assert text.startswith("-") == (units < 0)


def test_an_amount_reads_as_it_is_written() -> None:
    assert str(Amount(Decimal("12.50"), "EUR")) == "12.50 EUR"


# -- rounding ------------------------------------------------------------------------------------------------


@given(st.fractions(-(10**6), 10**6, max_denominator=10**5))
def test_half_up_is_never_more_than_half_away(value: Fraction) -> None:
    whole = half_up(value)
    assert abs(whole - value) <= Fraction(1, 2)
    assert half_up(-value) == -whole
    if abs(whole - value) == Fraction(1, 2):
        assert abs(whole) > abs(value)


@given(st.lists(FRACTIONS | FRACTIONS.map(lambda share: -share), max_size=12))
def test_the_sum_of_shares_is_what_adding_them_up_gives(shares: list[Fraction]) -> None:
    assert sum_of(share for share in shares) == sum(shares, Fraction(0))


def test_shares_that_make_a_whole_are_one() -> None:
    assert sum_of([Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]) == 1
    assert sum_of([]) == 0


@given(st.fractions(-(10**6), 10**6, max_denominator=10**5))
def test_at_least_and_at_most(value: Fraction) -> None:
    assert rounded(value, "up") == ceil(value)
    assert rounded(value, "down") == floor(value)
    assert rounded(value, "nearest") == half_up(value)


@given(st.fractions(-(10**9), 10**9, max_denominator=10**6), st.integers(0, 6))
def test_places_hold_the_value_between_them(value: Fraction, places: int) -> None:
    low, near, high = (each(value, places) for each in (places_down, places_half_up, places_up))
    assert Fraction(low) <= value <= Fraction(high)
    assert near in {low, high} or Fraction(near) == 0
    assert abs(Fraction(near) - value) <= Fraction(1, 2 * 10**places)
    assert Fraction(high) - Fraction(low) in (0, Fraction(1, 10**places))


def test_places_as_they_are_printed() -> None:
    # 34 / 6 = 5.666…: the lowest pay under a cap must be at least 5.67, while 5.66 would still break it.
    assert places_up(Fraction(34, 6), 2) == "5.67"
    assert places_down(Fraction(34, 6), 2) == "5.66"
    assert places_half_up(Fraction(2, 3), 6) == "0.666667"
    assert places_half_up(Fraction(5), 2) == "5.00"
    assert places_half_up(Fraction(1, 200), 2) == "0.01"
