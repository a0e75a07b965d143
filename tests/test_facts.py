"""Facts: what the rules know of a ledger, and that nothing gets lost, changed or read that should not be."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from beancount import loader
from hypothesis import given
from hypothesis import strategies as st
from strategies import OPTIONS, Books, all_answers, books, directives, facts

from coopbooks import load, plugins
from coopbooks.books.entries import facts_of
from coopbooks.books.loading import load_books
from coopbooks.cooperative import Cooperative
from coopbooks.errors import CoopbooksError, Finding, LedgerUnusable, Place
from coopbooks.facts import (
    Asserted,
    Facts,
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
    below,
)
from coopbooks.ledgers import names, path
from coopbooks.money import Amount
from coopbooks.plugins import funds, records, surplus, wage_ratio
from coopbooks.plugins.open_book import open_book

Coop = Callable[..., Cooperative]

STATED = (
    *("title", "currency", "digits", "roots", "last_day", "written", "accounts", "pay", "daily", "results"),
    *("result_daily", "moved", "unpriced", "movements", "gifts", "income", "faults"),
    *("outlays", "asserted", "liquid", "asked"),
)
WHOLE = frozenset({"outlays", "asserted"})  # what no plugin asks for


def assert_same(one: Facts, other: Facts) -> None:
    for name in STATED:
        assert getattr(one, name) == getattr(other, name), name
    assert one.to_text() == other.to_text()


def assert_same_to_rules(seen: Facts, whole: Facts) -> None:
    """What a plugin reads is in the whole books too, and there is nothing of an account that rules ask for that it lacks."""
    for name in STATED:
        one, other = getattr(seen, name), getattr(whole, name)
        if name in WHOLE:
            assert not one
        elif name == "daily":
            assert one == {account: rows for account, rows in other.items() if account in whole.asked}
        elif name == "result_daily":
            assert one == {account: rows for account, rows in other.items() if account in one}
        else:
            assert one == other, name


def every_answer(coop: Cooperative) -> list[Any]:
    """All that can be asked, places and errors included."""
    found: list[Any] = [coop.periods(), coop.title, coop.currency, coop.time_zone]
    found += [coop.wages(), coop.pay(), coop.members(), coop.funds(), coop.duties(date(2027, 1, 1)), coop.check()]
    found += [coop.records(), coop.fund_entries(), coop.reveal(date(2027, 1, 1))]
    for period in coop.periods():
        try:
            found.append(coop.surplus(period))
        except CoopbooksError as error:
            found.append(str(error))
    return [each.to_data() if hasattr(each, "to_data") else each for each in found]


# -- the form on disk ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", names())
def test_a_shipped_ledger_passes_through_its_text_without_loss(name: str) -> None:
    before = load_books(path(name)).facts
    after = Facts.from_text(before.to_text())
    assert_same(before, after)
    assert before.pay
    assert before.movements
    assert every_answer(Cooperative.of(after)) == every_answer(Cooperative.of(before))


@given(books())
def test_a_random_ledger_passes_through_its_text_without_loss(one: Books) -> None:
    before = facts(directives(one))
    after = Facts.from_text(before.to_text())
    assert_same(before, after)
    assert every_answer(Cooperative.of(after)) == every_answer(Cooperative.of(before))


DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False),
    st.sampled_from([Decimal("1E+3"), Decimal("-0.00"), Decimal("0E-18"), Decimal("1.50"), Decimal("1.5")]),
)
AMOUNTS = st.builds(Amount, NUMBERS, TEXTS)
VALUES = st.one_of(TEXTS, NUMBERS, DAYS, st.booleans(), AMOUNTS, st.none())
FIELDS = st.dictionaries(TEXTS, VALUES, max_size=3)
PLACES = st.builds(Place, TEXTS, st.integers(0, 10**6))
LINES = st.integers(0, 10**6)
OPTIONAL_TEXT = st.one_of(st.none(), TEXTS)
OPTIONAL_NUMBER = st.one_of(st.none(), NUMBERS)
OPTIONAL_DAY = st.one_of(st.none(), DAYS)


def few(one: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(one, max_size=3).map(tuple)


def rows(kind: Any, **own: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A named tuple whose fields are what their names say, but for those that are given."""
    usual: dict[str, st.SearchStrategy[Any]] = {
        **dict.fromkeys(("file", "account", "person", "kind", "period", "rule", "message"), TEXTS),
        **dict.fromkeys(("date", "opened"), DAYS),
        "line": LINES,
        "place": PLACES,
        "fields": FIELDS,
        "amount": NUMBERS,
        "closed": OPTIONAL_DAY,
        "span": OPTIONAL_TEXT,
        "hours": OPTIONAL_NUMBER,
        "tags": st.frozensets(TEXTS, max_size=3),
    }
    chosen = usual | own
    return st.builds(kind, **{name: chosen[name] for name in kind._fields})


ANY_FACTS = st.builds(
    Facts,
    title=TEXTS,
    currency=OPTIONAL_TEXT,
    digits=st.dictionaries(TEXTS, st.integers(0, 18), max_size=2),
    roots=st.builds(Roots, *(TEXTS for _ in range(5))),
    written=few(rows(Written, values=few(VALUES))),
    accounts=st.dictionaries(TEXTS, rows(Life), max_size=2),
    pay=few(rows(PayRow, amount=OPTIONAL_NUMBER)),
    daily=st.dictionaries(TEXTS, few(st.tuples(DAYS, NUMBERS)), max_size=2),
    results=few(st.tuples(DAYS, NUMBERS)),
    result_daily=st.dictionaries(TEXTS, few(st.tuples(DAYS, NUMBERS)), max_size=2),
    moved=few(rows(MovedResult)),
    unpriced=few(rows(Unpriced, amount=AMOUNTS)),
    movements=few(rows(Movement, legs=few(rows(Leg)), payee=OPTIONAL_TEXT)),
    gifts=few(rows(Gift, ally=VALUES, amount=OPTIONAL_NUMBER, entry=LINES, earned=st.booleans())),
    income=few(st.tuples(DAYS, NUMBERS)),
    outlays=few(rows(Outlay, amount=OPTIONAL_NUMBER, payee=OPTIONAL_TEXT, entry=LINES)),
    asserted=few(rows(Asserted)),
    liquid=few(TEXTS),
    asked=few(TEXTS),
    faults=few(rows(Finding)),
    last_day=OPTIONAL_DAY,
)


def spelt(value: Any) -> Any:
    """A value with its types and digits: 1.5 equals 1.50, and TRUE equals 1, but they are spelt differently."""
    if isinstance(value, dict):
        return {key: spelt(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return type(value).__name__, [spelt(each) for each in value]
    return sorted(value) if isinstance(value, frozenset) else repr(value)


@given(ANY_FACTS)
def test_whatever_facts_hold_comes_back_the_same(before: Facts) -> None:
    after = Facts.from_text(before.to_text())
    assert_same(before, after)
    assert [spelt(getattr(after, name)) for name in STATED] == [spelt(getattr(before, name)) for name in STATED]


def test_the_text_is_one_json_object_that_says_its_format() -> None:
    text = load_books(path("bakery")).facts.to_text()
    assert json.loads(text)["format"] == "coopbooks-facts/3"
    assert "\n" not in text


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '"facts"', '{"format": "coopbooks-facts/0"}', "[" * 9999]
)
def test_a_text_that_is_none_of_facts_is_refused(text: str) -> None:
    with pytest.raises(LedgerUnusable, match="write it anew from the ledger"):
        Facts.from_text(text)


SMALL = """
option "operating_currency" "EUR"
2025-01-01 open Assets:Bank
2025-01-01 open Expenses:Pay
2025-01-01 commodity EUR
  precision: 3
2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Pay
2025-01-31 * "pay"
  Expenses:Pay  100.00 EUR
    hours: 10
  Assets:Bank
"""


def replacements(plain: Any, wrong: Any) -> Iterator[Any]:
    """The same JSON with one value anywhere in it replaced, or taken out."""
    yield wrong
    if isinstance(plain, dict):
        for key in plain:
            yield {name: value for name, value in plain.items() if name != key}
            yield from ({**plain, key: each} for each in replacements(plain[key], wrong))
    elif isinstance(plain, list):
        for place, value in enumerate(plain):
            yield from ([*plain[:place], each, *plain[place + 1 :]] for each in replacements(value, wrong))


@pytest.mark.parametrize("wrong", [None, 7, "x", [], {}, True, ["a", "b", "c"], {"number": "x"}, {"amount": []}])
def test_a_text_with_one_thing_wrong_gives_facts_or_is_refused(coop: Coop, wrong: Any) -> None:
    plain = json.loads(coop(SMALL).facts.to_text())
    for each in replacements(plain, wrong):
        try:
            Facts.from_text(json.dumps(each))
        except LedgerUnusable as error:
            assert "write it anew from the ledger" in str(error)  # noqa: PT017  # most are refused, some are facts


# -- no Beancount inside -------------------------------------------------------------------------------------


def inside(value: Any) -> Iterator[Any]:
    """Every object that facts hold, however deep."""
    yield value
    if isinstance(value, dict):
        for key, each in value.items():
            yield from inside(key)
            yield from inside(each)
    elif isinstance(value, tuple | list | frozenset | set):
        for each in value:
            yield from inside(each)


@pytest.mark.parametrize("name", names())
def test_facts_hold_no_beancount_object(name: str) -> None:
    held = load_books(path(name)).facts
    kinds = {type(each) for each in inside(held.__dict__)}
    assert {kind.__module__.partition(".")[0] for kind in kinds} <= {"builtins", "datetime", "decimal", "coopbooks"}
    assert float not in kinds


@given(books())
def test_facts_of_a_random_ledger_hold_no_beancount_object(one: Books) -> None:
    held = facts(directives(one))
    kinds = {type(each) for name in STATED for each in inside(getattr(held, name))}
    assert {kind.__module__.partition(".")[0] for kind in kinds} <= {"builtins", "datetime", "decimal", "coopbooks"}
    assert float not in kinds


def test_what_no_field_can_be_is_kept_as_text(coop: Coop) -> None:
    held = coop(
        """
        2025-01-01 custom "coop" "member" "m01"
          note: #tag
          since: 2024-01-01
          hours: 160
        2025-01-01 custom "coop" "adjustment" "2025"
          amount: 12.50 EUR
        """
    ).facts
    member, adjustment = held.written
    assert member.fields == {"note": "tag", "since": date(2024, 1, 1), "hours": Decimal(160)}
    assert adjustment.fields == {"amount": Amount(Decimal("12.50"), "EUR")}
    assert type(adjustment.fields["amount"]) is Amount


# -- plugins -------------------------------------------------------------------------------------------------

PADDED = """
option "operating_currency" "EUR"
2024-01-01 open Assets:Bank
2024-01-01 open Equity:Opening
2024-01-01 open Equity:Funds:Strike
2024-01-01 open Income:Sales
2024-01-01 open Equity:Reserve
2024-01-01 open Equity:Surplus
2025-01-01 custom "coop" "member" "m01"
2025-01-01 custom "coop" "fund" "strike"
  account: Equity:Funds:Strike
  backing: Assets:Bank
2025-01-01 custom "coop" "allocation" "reserve"
  step: 1
  to: Equity:Reserve
  until: 500.00 EUR
  share: 1
2025-01-01 custom "coop" "allocation" "strike"
  step: 2
  to: Equity:Funds:Strike
  rest: TRUE
2024-06-01 pad Equity:Reserve Equity:Opening
2024-12-31 balance Equity:Reserve  -400.00 EUR
2025-06-01 * "sales"
  Assets:Bank   1000.00 EUR
  Income:Sales
"""


def unpadded(text: str, file: Path) -> tuple[list[Any], dict[str, Any]]:
    """Entries as a plugin sees them: parsed and booked, while nothing has been padded yet."""
    seen: list[Any] = []
    options: dict[str, Any] = {}

    def look(entries: list[Any], options_map: dict[str, Any]) -> tuple[list[Any], list[Any]]:
        seen.extend(entries)
        options.update(options_map)
        return entries, []

    module = type(plugins)("what_plugins_see")
    module.__dict__.update({"__plugins__": ["look"], "look": look})
    import sys

    sys.modules["what_plugins_see"] = module
    try:
        file.write_text(f'plugin "what_plugins_see"\n{text}', encoding="utf-8")
        loader.load_file(str(file))
    finally:
        del sys.modules["what_plugins_see"]
    return seen, options


def test_what_a_plugin_sees_and_what_is_loaded_are_the_same_facts(tmp_path: Path) -> None:
    file = tmp_path / "main.beancount"
    entries, options = unpadded(PADDED, file)
    assert not any(getattr(entry, "narration", "").startswith("(Padding") for entry in entries)
    loaded = load_books(file)
    assert_same_to_rules(facts_of(entries, options), loaded.facts)
    # 400.00 stands in the reserve by its padding: 100.00 are missing to 500.00.
    answer = Cooperative.of(facts_of(entries, options)).surplus("2025")
    assert [(step.id, step.amount) for step in answer.steps] == [("reserve", "100.00"), ("strike", "900.00")]


@pytest.mark.parametrize("name", names())
def test_a_shipped_ledger_gives_the_same_facts_to_plugins(name: str, tmp_path: Path) -> None:
    for source in path(name).parent.glob("*.beancount"):
        lines = source.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not line.startswith('plugin "coopbooks')]
        (tmp_path / source.name).write_text("\n".join(kept) + "\n", encoding="utf-8")
    file = tmp_path / "main.beancount"
    entries, options = unpadded(file.read_text(encoding="utf-8"), file)
    assert_same_to_rules(facts_of(entries, options), load_books(file).facts)


SINGLE = [records.records, wage_ratio.wage_ratio, surplus.surplus, funds.funds]


@pytest.mark.parametrize("plugin", SINGLE)
@pytest.mark.parametrize("name", names())
def test_a_plugin_hands_back_the_entries_as_it_got_them(plugin: Callable[..., Any], name: str) -> None:
    entries, _, options = loader.load_file(str(path(name)))
    before, settings = copy.deepcopy(entries), dict(options)
    after, errors = plugin(entries, options)
    assert after is entries
    assert entries == before
    assert [entry.meta for entry in entries] == [entry.meta for entry in before]
    assert dict(options) == settings
    assert errors == []


def test_a_plugin_changes_no_entry_where_it_pads_for_itself(tmp_path: Path) -> None:
    entries, options = unpadded(PADDED, tmp_path / "main.beancount")
    before = copy.deepcopy(entries)
    for plugin in SINGLE:
        assert plugin(entries, options)[0] is entries
    assert entries == before


def test_the_open_book_only_adds(tmp_path: Path) -> None:
    entries, options = unpadded(PADDED, tmp_path / "main.beancount")
    before = copy.deepcopy(entries)
    after, errors = open_book(entries, options)
    assert entries == before
    assert errors == []
    added = [entry for entry in after if not any(entry is old for old in entries)]
    assert {type(entry).__name__ for entry in added} == {"Custom", "Query"}
    assert [entry for entry in after if any(entry is old for old in entries)] == entries


@given(books())
def test_all_plugins_together_change_no_entry_of_a_random_ledger(one: Books) -> None:
    entries, _, options = loader.load_string(OPTIONS + "\n\n".join(directives(one)) + "\n")
    before = copy.deepcopy(entries)
    after, _ = plugins.coopbooks(entries, options)
    assert entries == before
    kept = [entry for entry in after if type(entry).__name__ not in ("Custom", "Query")]
    assert kept == [entry for entry in before if type(entry).__name__ != "Custom"]


def test_the_plugin_finds_what_the_check_finds(ledger: Callable[..., Path]) -> None:
    file = ledger(
        'plugin "coopbooks.plugins"\n'
        + SMALL
        + '2025-01-01 custom "coop" "bylaw" "wage-ratio"\n  cap: 2\n'
        + '2025-01-01 custom "coop" "alocation" "x"\n'
        + '2025-02-28 * "pay"\n  Expenses:Pay  7.00 EUR\n    worker: "m09"\n  Assets:Bank\n'
    )
    _, errors, _ = loader.load_file(str(file))
    found = sorted((f"main.beancount:{error.source['lineno']}", error.message) for error in errors)
    assert found == sorted((error.place, error.message) for error in load(file).check().errors)
    assert len(found) == 2


# -- what a ledger calls its roots ---------------------------------------------------------------------------

GERMAN = """
option "operating_currency" "EUR"
option "name_assets" "Vermoegen"
option "name_liabilities" "Schulden"
option "name_equity" "Eigenkapital"
option "name_income" "Einnahmen"
option "name_expenses" "Ausgaben"
2025-01-01 open Vermoegen:Bank
2025-01-01 open Eigenkapital:Ueberschuss
2025-01-01 open Eigenkapital:Ruecklage
2025-01-01 open Einnahmen:Verkauf
2025-01-01 open Ausgaben:Loehne
2025-01-01 custom "coop" "member" "m01"
  wages: Ausgaben:Loehne
  capital: Eigenkapital:Mitglieder:M01
2025-01-01 custom "coop" "bylaw" "surplus"
  account: Eigenkapital:Ueberschuss
  cash: 0.5
2025-01-01 custom "coop" "allocation" "ruecklage"
  step: 1
  to: Eigenkapital:Ruecklage
  share: 0.25
2025-01-01 custom "coop" "allocation" "mitglieder"
  step: 2
  to: "members"
  rest: TRUE
2025-06-01 * "Verkauf"
  Vermoegen:Bank   1100.00 EUR
  Einnahmen:Verkauf
2025-06-30 * "Lohn"
  Ausgaben:Loehne  100.00 EUR
    hours: 10
  Vermoegen:Bank
"""


def test_roots_may_have_other_names(ledger: Callable[..., Path]) -> None:
    file = ledger(GERMAN)
    books = load(file)
    assert books.facts.roots == Roots("Vermoegen", "Schulden", "Eigenkapital", "Einnahmen", "Ausgaben")
    assert books.wages().rows[0].highest.rate == "10.00"  # type: ignore[union-attr]  # somebody is counted
    answer = books.surplus("2025")
    # 1100 - 100 = 1000; a quarter is 250; of the 750 that are left m01 has half in money.
    assert (answer.result, answer.unallocated) == ("1000.00", "0.00")
    closing = str(books.close("2025").transaction)
    for posting in (
        ("Eigenkapital:Ueberschuss", "1000.00"),
        ("Eigenkapital:Ruecklage", "-250.00"),
        ("Schulden:Patronage:M01", "-375.00"),
        ("Eigenkapital:Mitglieder:M01:2025", "-375.00"),
    ):
        assert re.search(rf"{posting[0]} +{posting[1]} EUR", closing)
    file.write_text(file.read_text(encoding="utf-8") + "\n" + closing, encoding="utf-8")
    assert load(file).check().errors == ()


def test_the_account_of_the_surplus_stands_under_the_root_that_there_is(coop: Coop) -> None:
    text = GERMAN.replace("  account: Eigenkapital:Ueberschuss\n", "")
    assert re.search(r"Eigenkapital:Surplus +1000\.00 EUR", str(coop(text).close("2025").transaction))


def test_one_root_alone_may_have_another_name(coop: Coop) -> None:
    text = SMALL.replace('"EUR"\n', '"EUR"\noption "name_income" "Einnahmen"\n', 1)
    text += '2025-01-01 open Einnahmen:Verkauf\n2025-06-01 * "x"\n  Assets:Bank  300.00 EUR\n  Einnahmen:Verkauf\n'
    # 300 - 100; the money has three decimals by the commodity's own word.
    assert coop(text).surplus("2025").result == "200.000"


# -- the load cache ------------------------------------------------------------------------------------------


class Poison:
    """Writes a file when it is unpickled, as the cache of a ledger that somebody sent may do."""

    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (self.victim, "the cache was read")


def poisoned(file: Path) -> tuple[Path, Path]:
    """A cache beside the ledger, newer than it, under the name that Beancount gives it; and what it would write."""
    victim = file.parent.parent / "victim"
    cache = file.parent / loader.PICKLE_CACHE_FILENAME.format(filename=file.name)
    cache.write_bytes(pickle.dumps(Poison(victim)))
    return cache, victim


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in folder.iterdir()}


@pytest.fixture
def kept_apart(tmp_path: Path) -> Path:
    """A folder with nothing in it but the books."""
    (tmp_path / "books").mkdir()
    file = tmp_path / "books" / "main.beancount"
    file.write_text(SMALL, encoding="utf-8")
    return file


def test_the_poison_is_a_real_one(kept_apart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BEANCOUNT_DISABLE_LOAD_CACHE", raising=False)
    _, victim = poisoned(kept_apart)
    cached = loader.pickle_cache_function(
        lambda name: str(Path(name).parent / loader.PICKLE_CACHE_FILENAME.format(filename=Path(name).name)),
        0.0,
        lambda *_: ([], [], {}),
    )
    with pytest.raises((TypeError, AttributeError, ValueError)):
        cached(str(kept_apart))
    assert victim.exists()


def test_a_cache_beside_the_ledger_is_not_read_written_or_deleted(
    kept_apart: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BEANCOUNT_DISABLE_LOAD_CACHE", raising=False)
    _, victim = poisoned(kept_apart)
    before = state(kept_apart.parent)
    books = load(kept_apart)
    assert books.check().errors == ()
    books.wages()
    books.surplus("2025")
    assert state(kept_apart.parent) == before
    assert not victim.exists()


def test_no_cache_is_made_however_slow_the_load(kept_apart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BEANCOUNT_DISABLE_LOAD_CACHE", raising=False)
    monkeypatch.setattr(loader, "PICKLE_CACHE_THRESHOLD", 0.0)
    before = state(kept_apart.parent)
    load(kept_apart)
    load(kept_apart)
    assert state(kept_apart.parent) == before


def test_other_peoples_cache_setting_is_left_alone(kept_apart: Path) -> None:
    before = loader._load_file
    load(kept_apart)
    assert loader._load_file is before


# -- order and files -----------------------------------------------------------------------------------------


def as_files(texts: list[str], folder: Path, chance: Random) -> Path:
    """The directives in three files, one of them in a folder of its own, and each in an order of its own."""
    (folder / "books").mkdir()
    parts: list[list[str]] = [[], [], []]
    for text in chance.sample(texts, len(texts)):
        parts[chance.randrange(3)].append(text)
    main = folder / "main.beancount"
    head = OPTIONS + 'include "people.beancount"\ninclude "books/year.beancount"\n\n'
    main.write_text(head + "\n\n".join(parts[0]) + "\n", encoding="utf-8")
    (folder / "people.beancount").write_text("\n\n".join(parts[1]) + "\n", encoding="utf-8")
    (folder / "books" / "year.beancount").write_text("\n\n".join(parts[2]) + "\n", encoding="utf-8")
    return main


@given(one=books(), chance=st.randoms(use_true_random=False))
def test_order_and_files_change_no_answer(tmp_path_factory: pytest.TempPathFactory, one: Books, chance: Random) -> None:
    texts = directives(one)
    file = as_files(texts, tmp_path_factory.mktemp("books"), chance)
    assert all_answers(load(file)) == all_answers(Cooperative.of(facts(texts)))


@pytest.mark.parametrize("name", names())
def test_a_shipped_ledger_in_one_file_and_in_any_order_says_the_same(name: str, tmp_path: Path) -> None:
    head, texts = [], []
    for source in sorted(path(name).parent.glob("*.beancount")):
        text = re.sub(r"^;.*\n", "", source.read_text(encoding="utf-8"), flags=re.MULTILINE)
        before, *directives_of = re.split(r"^(?=\d{4}-\d\d-\d\d )", text, flags=re.MULTILINE)
        head += [line for line in before.splitlines() if line.startswith(("option", "plugin"))]
        texts += directives_of
    chance = Random(3)  # noqa: S311  # repeatable
    file = tmp_path / "main.beancount"
    file.write_text("\n".join([*head, *chance.sample(texts, len(texts))]) + "\n", encoding="utf-8")
    shuffled = load(file)
    assert shuffled.check().errors == ()
    assert all_answers(shuffled) == all_answers(load(path(name)))


def test_places_are_relative_to_the_ledgers_folder(
    ledger: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger('2025-01-01 custom "coop" "member" "M1"\n', "books/people.beancount")
    head = 'option "operating_currency" "EUR"\ninclude "books/people.beancount"\n'
    file = ledger(f'{head}2025-01-01 custom "coop" "member" "M2"\n')
    wanted = ["books/people.beancount:1", "main.beancount:3"]
    assert [error.place for error in load(file).check().errors] == wanted
    monkeypatch.chdir(file.parent.parent)
    assert [error.place for error in load(Path(file.parent.name) / file.name).check().errors] == wanted
    monkeypatch.chdir(file.parent / "books")
    assert [error.place for error in load("../main.beancount").check().errors] == wanted


# -- balances ------------------------------------------------------------------------------------------------

PARTS = st.lists(st.sampled_from(["A", "B", "A-B", "A0", "AB", "Z"]), min_size=1, max_size=3).map(":".join)


@given(
    st.dictionaries(
        PARTS.map("Equity:{}".format),
        st.lists(
            st.tuples(st.dates(date(2025, 1, 1), date(2025, 1, 9)), st.integers(-99, 99).map(Decimal)), max_size=5
        ).map(lambda rows: tuple(sorted(rows))),
        max_size=8,
    ),
    PARTS.map("Equity:{}".format),
    st.dates(date(2024, 12, 31), date(2025, 1, 10)),
)
def test_a_balance_is_all_that_was_posted_to_an_account_and_below(
    daily: dict[str, tuple[tuple[date, Decimal], ...]], account: str, day: date
) -> None:
    held = Facts(daily=daily)
    within = [name for name in sorted(daily) if name == account or name.startswith(f"{account}:")]
    assert sorted(held.under(account)) == within
    assert held.leaves(account) == [name for name in within if name != account]
    assert all(below(name, account) for name in within)
    assert not any(below(name, account) for name in daily if name not in within)
    postings = [(when, amount) for name in within for when, amount in daily[name]]
    assert sorted(held.flows(account)) == sorted(postings)
    assert held.balance(account, day) == sum((amount for when, amount in postings if when <= day), Decimal(0))


# -- what a posting is worth ---------------------------------------------------------------------------------

ABROAD = """
option "operating_currency" "EUR"
2025-01-01 open Assets:Bank
2025-01-01 open Income:Sales
2025-01-01 open Expenses:Rent
2025-01-01 custom "coop" "member" "m01"
"""


@pytest.mark.parametrize(
    "postings",
    [
        # Beancount keeps a total as a price of 28 digits, so that 3 times a third of 10.00 is not quite 10.00.
        "  Assets:Bank   3.00 USD @@ 10.00 EUR\n  Income:Sales\n",
        "  Assets:Bank   10.00 EUR\n  Income:Sales  -3.00 USD @@ 10.00 EUR\n",
        "  Income:Sales  -11.00 EUR\n  Expenses:Rent  3.00 USD @@ 1.00 EUR\n  Assets:Bank\n",
    ],
)
def test_a_total_price_costs_no_cent(coop: Coop, postings: str) -> None:
    assert coop(f'{ABROAD}2025-06-01 * "abroad"\n{postings}').surplus("2025").result == "10.00"


def test_the_inverse_of_a_price_costs_no_cent(coop: Coop) -> None:
    text = ABROAD + '2025-01-02 price EUR 3.00 USD\n2025-06-01 * "abroad"\n  Assets:Bank   30.00 USD\n  Income:Sales\n'
    assert coop(text).surplus("2025").result == "10.00"


def test_of_two_prices_on_one_day_the_order_decides_nothing(coop: Coop) -> None:
    prices = ["2025-01-02 price USD 0.90 EUR\n", "2025-01-02 price USD 0.80 EUR\n"]
    sale = '2025-06-01 * "abroad"\n  Assets:Bank   100.00 USD\n  Income:Sales\n'
    one = coop(ABROAD + prices[0] + prices[1] + sale).surplus("2025").result
    assert coop(ABROAD + prices[1] + prices[0] + sale).surplus("2025").result == one


# -- what cannot be loaded -----------------------------------------------------------------------------------


def test_what_is_no_ledger_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "latin.beancount").write_bytes(b'2025-01-01 custom "coop" "member" "zo\xeb"\n')
    for wrong, said in (
        (tmp_path, "is a folder: give the ledger's top-level file"),
        (tmp_path / "none.beancount", "does not exist"),
        (tmp_path / "latin.beancount", "is not text in UTF-8"),
    ):
        with pytest.raises(LedgerUnusable) as error:
            load(wrong)
        assert said in str(error.value)
        assert "\n" not in str(error.value)


def test_a_ledger_without_records_keeps_its_title_and_answers_nothing(coop: Coop) -> None:
    books = coop('option "title" "A shop"\noption "operating_currency" "EUR"\n2025-01-01 open Assets:Bank\n')
    assert (books.title, books.currency, books.periods()) == ("A shop", "EUR", ())
    assert (books.check().errors, books.wages().rows, books.members().rows, books.funds().rows) == ((), (), (), ())
    assert not books.facts.any_record
    assert_same(Facts.from_text(books.facts.to_text()), books.facts)


def test_records_without_a_currency_are_one_error(coop: Coop) -> None:
    books = coop(SMALL.replace('option "operating_currency" "EUR"\n', ""))
    (error,) = books.check().errors
    assert error.place == "main.beancount:5"
    assert 'option "operating_currency"' in error.message


# -- the whole books, and the books as of a day ------------------------------------------------------------------------


WHOLE_BOOKS = """
    option "operating_currency" "EUR"
    2024-01-01 custom "coop" "member" "m01"
    2024-01-01 open Assets:Bank
      liquid: TRUE
    2024-01-01 open Assets:Van
    2024-01-01 open Equity:Surplus
    2024-01-01 open Income:Sales
    2024-01-01 open Expenses:Flour
    2025-02-01 * "The mill" "flour"
      supplier: "mill"
      Expenses:Flour       40.00 EUR
        decision: "D-1"
      Assets:Bank         -40.00 EUR
    2025-02-02 * "A buyer" "the van goes"
      Assets:Bank         900.00 EUR
      Assets:Van         -900.00 EUR
        disposal: TRUE
    2025-03-01 balance Assets:Bank  860.00 EUR
    2025-03-02 * "shop"
      Assets:Bank         100.00 EUR
      Income:Sales       -100.00 EUR
    2025-12-31 * "into the surplus" #coop-close
      period: "2025"
      Income:Sales        100.00 EUR
      Equity:Surplus     -100.00 EUR
"""


def test_whole_books_know_every_account_and_all_that_was_spent_or_sold() -> None:
    entries, errors, options = loader.load_string(WHOLE_BOOKS, dedent=True)
    assert not errors
    whole, seen = facts_of(entries, options, padded=True), facts_of(entries, options)
    assert [(row.account, row.amount, row.payee, row.fields.get("supplier")) for row in whole.outlays] == [
        ("Expenses:Flour", Decimal("40.00"), "The mill", "mill"),
        ("Assets:Bank", Decimal("-40.00"), "The mill", "mill"),
        ("Assets:Van", Decimal("-900.00"), "A buyer", None),
    ]
    assert whole.outlays[0].fields["decision"] == "D-1"
    assert whole.liquid == {"Assets:Bank"}
    assert [(row.date, row.account) for row in whole.asserted] == [(date(2025, 3, 1), "Assets:Bank")]
    assert whole.balance("Assets", date(2025, 2, 1)) == -40
    assert whole.balance("Assets", date(2025, 12, 31)) == 60
    assert whole.result_daily["Income:Sales"] == ((date(2025, 3, 2), Decimal("-100.00")),)  # the close is no income
    assert not seen.outlays
    assert "Assets:Bank" not in seen.daily
    assert_same_to_rules(seen, whole)


def test_a_plugin_reads_what_was_spent_where_the_books_have_a_violation() -> None:
    text = WHOLE_BOOKS + '    2025-01-01 custom "coop" "violation" "mill"\n'
    entries, _, options = loader.load_string(text, dedent=True)
    assert facts_of(entries, options).outlays == facts_of(entries, options, padded=True).outlays


@given(books(), st.dates(date(2023, 12, 1), date(2026, 12, 31)))
def test_books_until_a_day_are_the_books_of_its_entries(one: Books, day: date) -> None:
    texts = directives(one)
    until = facts(texts).until(day)
    # What is left out leaves its empty lines, so that every place stays what it was.
    alone = facts([text if text[:10] <= str(day) else "\n" * text.count("\n") for text in texts])
    for name in ("written", "results", "result_daily", "pay", "moved", "outlays", "asserted", "roots"):
        assert getattr(until, name) == getattr(alone, name), name
    for account in ("Assets", "Liabilities", "Equity"):
        assert until.balance(account, date.max) == alone.balance(account, date.max)
    assert until.records == alone.records
    assert until.form_findings == alone.form_findings


def test_books_until_their_last_day_are_the_books_themselves() -> None:
    found = load_books(path("bakery")).facts
    assert found.until(date(2199, 12, 31)) is found
    assert found.until(date(2024, 12, 31)).last_day == date(2024, 12, 31)
    assert found.until(date(2024, 12, 30)).balance("Assets", date(2026, 1, 1)) == found.balance(
        "Assets", date(2024, 12, 30)
    )
