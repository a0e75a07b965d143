"""The same cooperative told differently: every answer must stay as it is, or change as the telling did.

Nobody knows the right answer for a random ledger. But its directives may stand in any order and in any files, its people
and accounts may be called otherwise, its money may be counted in another unit, and its years may lie four years later:
the answers to all questions, errors and evidence with them, may differ in nothing but that.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st
from whole_books import AS_OF, OPTIONS, Layout, Whole, entry, placed, settled, told, whole_books

import coopbooks

LONG = os.environ.get("COOPBOOKS_LONG") == "1"
# Seven relations: 2,100 ledgers in the long form.
FEW = settings(max_examples=300 if LONG else 8)
CHANCE = st.randoms(use_true_random=False)
Rename = Callable[[str], str]


def answers(
    texts: Sequence[str],
    order: Sequence[int] | None = None,
    files: Sequence[str] = (),
    options: str = OPTIONS,
    as_of: date = AS_OF,
) -> dict[str, Any]:
    """All that a ledger with these directives answers; places are numbers of directives."""
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(Path(folder), texts, order, files, options)
        found: dict[str, Any] = placed(told(coopbooks.load(layout.path), as_of), layout)
        return found


def mapped(value: Any, rename: Rename) -> Any:
    """An answer whose texts are renamed, keys as well."""
    if isinstance(value, str):
        return rename(value)
    if isinstance(value, list):
        return [mapped(each, rename) for each in value]
    if isinstance(value, dict):
        return {rename(key): mapped(each, rename) for key, each in value.items()}
    return value


def differences(one: Any, other: Any, alike: Callable[[str, str], bool], where: str = "") -> Iterator[str]:
    """Where two answers differ in more than `alike` allows."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from differences(one[key], other[key], alike, f"{where}/{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (each, its) in enumerate(zip(one, other, strict=True)):
            yield from differences(each, its, alike, f"{where}/{number}")
    elif one != other and not (isinstance(one, str) and isinstance(other, str) and alike(one, other)):
        yield f"{where}: {one!r} became {other!r}"


def assert_same(one: Any, other: Any, alike: Callable[[str, str], bool] = str.__eq__) -> None:
    found = list(differences(one, other, alike))
    assert not found, "\n".join(found[:5])


def seen(whole: Whole) -> None:
    event(f"{len(whole.closed)} years closed")


# -- the same in another order, in other files -------------------------------------------------------------------------


@FEW
@given(whole_books(), CHANCE)
def test_the_order_of_directives_means_nothing(whole: Whole, chance: Random) -> None:
    seen(whole)
    order = chance.sample(range(len(whole.texts)), len(whole.texts))
    assert_same(settled(answers(whole.texts)), settled(answers(whole.texts, order)))


@FEW
@given(whole_books(), CHANCE)
def test_the_files_and_their_names_mean_nothing(whole: Whole, chance: Random) -> None:
    seen(whole)
    names = chance.sample(
        ["a.beancount", "z/pay.beancount", "z/2024.beancount", "b/c/d.beancount", "People.beancount"], 4
    )
    assert_same(settled(answers(whole.texts)), settled(answers(whole.texts, files=names)))


# -- the same under other names ----------------------------------------------------------------------------------------

ACCOUNT = re.compile(r"\b(Assets|Liabilities|Equity|Income|Expenses)((?::[A-Z0-9][\w-]*)+)")
# What the library itself calls its accounts stays: the surplus, members' parts, debts to leavers.
PARTS = {
    "Bank": "Giro",
    "Strike": "Lotta",
    "Funds": "Pots",
    "Aid": "Mutua",
    "Reserve": "Vault",
    "Legal": "Law",
    "Common": "Ours",
    "Costs": "Outgo",
    "Wages": "Labour",
    "Sales": "Bread",
    "Gifts": "Given",
    "Till": "Drawer",
    "Dollars": "Green",
    "Pounds": "Quid",
    "Abroad": "Overseas",
    "Flour": "Grain",
    "Opening": "Start",
}
ROOTS = {"Assets": "Activa", "Liabilities": "Passiva", "Equity": "Capital", "Income": "Baten", "Expenses": "Lasten"}


def renaming(
    people: Mapping[str, str], ids: Mapping[str, str], parts: Mapping[str, str], roots: Mapping[str, str]
) -> Rename:
    """The bijection of texts that calls people, ids, parts of accounts and their roots otherwise."""
    word = re.compile(r"\b(" + "|".join(map(re.escape, sorted({*people, *ids}, reverse=True))) + r")\b")
    capital = {old.title(): new.title() for old, new in people.items()}

    def account(found: re.Match[str]) -> str:
        named = [parts.get(each, capital.get(each, each)) for each in found[2].split(":")]
        return roots.get(found[1], found[1]) + ":".join(named)

    def rename(text: str) -> str:
        return word.sub(lambda found: people.get(found[0]) or ids[found[0]], ACCOUNT.sub(account, text))

    return rename


PEOPLE = [*(f"m{number:02}" for number in range(1, 5)), *(f"w{number:02}" for number in range(1, 3))]
IDS = {f"D-2024-{number}": f"E.{number}" for number in (*range(1, 6), 9)} | {
    "ally-a": "friend-a",
    "ally-b": "friend-b",
    "ally-c": "friend-c",
    "mill-1": "stonemill",
    "fund-a": "pot-1",
    "fund-s": "pot-2",
    "LA-1": "PA-7",
}


def words(text: str) -> list[str]:
    """The words of a sentence, in no order: it may list names, and names have another order now."""
    return sorted(re.findall(r"[^\s,;]+", text))


@FEW
@given(whole_books(), st.permutations(["ada", "bo", "cy", "di", "eve", "flo"]))
def test_other_names_are_other_names_in_every_answer(whole: Whole, names: list[str]) -> None:
    """People in their order, since of two equal remainders the first name gets the cent; accounts and ids as it comes."""
    seen(whole)
    rename = renaming(dict(zip(PEOPLE, sorted(names), strict=True)), IDS, PARTS, ROOTS)
    options = OPTIONS + "".join(f'option "name_{old.lower()}" "{new}"\n' for old, new in ROOTS.items())
    before = settled(mapped(answers(whole.texts), rename))
    after = settled(answers([rename(text) for text in whole.texts], options=options))
    assert_same(before, after, lambda one, other: words(one) == words(other))


@FEW
@given(whole_books(), st.permutations(PEOPLE))
def test_who_is_called_what_decides_no_more_than_a_cent(whole: Whole, names: list[str]) -> None:
    """Members swap their names: all that is no part of one person stays, and the exact parts go with the name.

    Of two equal remainders the first name gets the cent, so parts in whole cents may differ by one for each step.
    """
    seen(whole)
    rename = renaming(dict(zip(PEOPLE, names, strict=True)), {}, {}, {})
    before = mapped(answers(whole.texts), rename)
    after = answers([rename(text) for text in whole.texts])
    assert after["periods"] == before["periods"]
    assert_same(before["sovereignty"], after["sovereignty"])
    assert ratios(before) == ratios(after)
    for period in before["periods"]:
        one, other = before[f"surplus {period}"], after[f"surplus {period}"]
        if isinstance(one, str):
            assert words(one) == words(other)
            continue
        steps = len(one["steps"]) or 1
        assert_same(*(settled(parts_out(each)) for each in (one, other)))
        for side in ("members", "workers"):
            parts = [{part["member"]: part for part in each[side]} for each in (one, other)]
            assert parts[0].keys() == parts[1].keys()
            for person, part in parts[0].items():
                its = parts[1][person]
                assert (part["patronage"], part["share"]) == (its["patronage"], its["share"])
                assert abs(Decimal(part["amount"]) - Decimal(its["amount"])) <= Decimal("0.01") * steps
        assert exact(before[f"worksheet {period}"]) == exact(after[f"worksheet {period}"])


def ratios(told: dict[str, Any]) -> list[Any]:
    """The wage ratios without the names at their ends, of which two may have the same pay."""
    kept = ("period", "ratio", "cap", "breach", "people", "contract_hours")
    found = (
        settled([{key: row[key] for key in kept} for row in told["wages"]]) if isinstance(told["wages"], list) else []
    )
    return list(found)


def parts_out(surplus: dict[str, Any]) -> dict[str, Any]:
    """A year's surplus without what single people get of it."""
    return {key: value for key, value in surplus.items() if key not in ("members", "workers")}


def exact(worksheet: Any) -> Any:
    """Of each one's part of each step the figure, the share and the exact sum."""
    if not isinstance(worksheet, list):
        return worksheet
    return settled([{key: row[key] for key in ("step", "by", "member", "figure", "share")} for row in worksheet])


# -- the same in another unit, with nothing added, at another time -----------------------------------------------------

MONEY = re.compile(r"(?<![\w.-])(-?\d+(?:\.\d+)?)(?= EUR)")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def larger(text: str) -> str:
    """A directive in money worth a tenth: every amount ten times as large, written with one decimal less."""
    text = MONEY.sub(lambda found: f"{Decimal(found[1]).scaleb(1):f}", text)
    if '"ally.floor"' in text:
        return text.replace("value: 600", "value: 6000")
    if 'patronage: "wages"' in text:  # whose least patronage is money
        return re.sub(r"(?<=  minimum: )\d+", lambda found: f"{found[0]}0", text)
    return text


def ten_times(one: str, other: str) -> bool:
    """Whether two sentences differ in nothing but numbers that are ten times as large, as far as they are printed."""
    one, other = (re.sub(r"(?<=\d),(?=\d{3})", "", each) for each in (one, other))
    if NUMBER.sub("_", one) != NUMBER.sub("_", other):
        return False
    return all(
        each == its or abs(Decimal(its) - 10 * Decimal(each)) < 10 * _printed(each) + _printed(its)
        for each, its in zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    )


def _printed(number: str) -> Decimal:
    """The last place that a number is printed with, up or down to which it may be rounded; a count is exact."""
    places = len(number.partition(".")[2])
    return Decimal(1).scaleb(-places) if places else Decimal("0.001")


@FEW
@given(whole_books())
def test_ten_times_the_money_in_a_tenth_of_the_unit_is_the_same(whole: Whole) -> None:
    seen(whole)
    after = answers([*map(larger, whole.texts), "2024-01-01 commodity EUR\n  precision: 1"])
    before = answers(whole.texts)
    assert_same(before, after, ten_times)
    for period in before["periods"]:
        one, other = before[f"surplus {period}"], after[f"surplus {period}"]
        if isinstance(one, dict):
            assert [Decimal(step["amount"]) * 10 for step in one["steps"]] == [
                Decimal(step["amount"]) for step in other["steps"]
            ]
            assert Decimal(one["result"]) * 10 == Decimal(other["result"])


@FEW
@given(whole_books(), st.integers(1, 10**7), st.dates(date(2024, 1, 2), date(2025, 12, 30)), st.booleans())
def test_what_is_taken_back_at_once_means_nothing(whole: Whole, cents: int, day: date, earned: bool) -> None:
    """Money that goes and comes back the same day, between two assets or as a sale that is cancelled."""
    seen(whole)
    other = "Income:Sales" if earned else "Assets:Elsewhere"
    amount = f"{Decimal(cents).scaleb(-2):.2f} EUR"
    there = entry(day, f"{other}  {amount}", f"Assets:Bank  -{amount}")
    back = entry(day, f"{other}  -{amount}", f"Assets:Bank  {amount}")
    texts = [*whole.texts, "2024-01-01 open Assets:Elsewhere"]
    # One sale on that day there is already: a year in which nothing ever happened has no answer.
    assert_same(
        answers([*texts, entry(day, "Assets:Bank  0 EUR", "Income:Sales  0 EUR")]), answers([*texts, there, back])
    )


YEAR = re.compile(r"(?<![\d.#+])(20\d\d)(?=-\d\d|-Q|\b)(?!\.\d)")


def moved(by: int) -> Rename:
    """Every date and every year's name, as many years later."""
    return lambda text: YEAR.sub(lambda found: str(int(found[1]) + by), text)


@FEW
@given(whole_books(), st.sampled_from([-8, -4, 4, 8, 28]))
def test_the_same_years_at_another_time_are_the_same(whole: Whole, by: int) -> None:
    """By multiples of four years, so that every February keeps its days."""
    seen(whole)
    later = moved(by)
    before = answers(whole.texts)
    after = answers([later(text) for text in whole.texts], as_of=AS_OF.replace(year=AS_OF.year + by))
    # A number may look like a year: what is compared with a text must be equal to it, or be it at the other time.
    assert_same(
        {later(key): value for key, value in before.items()}, after, lambda one, other: _same_time(one, other, by)
    )


def _same_time(one: str, other: str, by: int) -> bool:
    words_of = [re.split(r"(\d+)", each) for each in (one, other)]
    return len(words_of[0]) == len(words_of[1]) and all(
        each == its or (each[:2] == "20" and its.isdigit() and int(its) == int(each) + by)
        for each, its in zip(*words_of, strict=True)
    )
