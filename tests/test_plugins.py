"""The plugins that a ledger names: each alone and all together, what they leave alone, and what becomes of a fault."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from beancount import loader
from beancount.core.data import Custom, Query
from plugin_watch import call, fail
from treasurer import cost, sale, work

from coopbooks import load
from coopbooks.plugins import _queries
from coopbooks.rules import check

Ledger = Callable[..., Path]

JUDGES = ("records", "wage_ratio", "surplus", "funds", "capital", "statutes")
SINGLE = (*JUDGES, "open_book")
EVERY = ("", *SINGLE)
WATCH = Path(__file__).with_name("plugin_watch.py")

# One fault for each family: a misspelt field, a ratio of 4, a close that takes a cent too much, a fund overdrawn, a vintage
# from which too much was paid back, an unknown law.
FAULTY = f"""
option "operating_currency" "USD"
2025-01-01 open Assets:Bank
2025-01-01 open Income:Sales
2025-01-01 open Expenses:Rent
2025-01-01 open Expenses:Wages:M01
2025-01-01 open Expenses:Wages:M02
2025-01-01 open Equity:Surplus
2025-01-01 open Equity:Reserve
2025-01-01 open Equity:Strike

2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:M01
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
2025-01-01 custom "coop" "bylaw" "wage-ratio"
  cap: 3
2025-01-01 custom "coop" "decision" "D-1"
  mater: "help"
2025-01-01 custom "coop" "fund" "strike"
  account: Equity:Strike
2025-01-01 custom "coop" "allocation" "reserve"
  step: 1
  to: Equity:Reserve
  rest: TRUE
2025-01-01 custom "coop" "bylaw" "statute"
  value: "wookiee-code"
{work("2025-06-30", "M01", "40.00 USD", "10")}{work("2025-06-30", "M02", "10.00 USD", "10")}
{sale("2025-03-01", "200.00 USD")}{cost("2025-04-01", "50.00 USD")}
2025-05-01 * "Help"
  decision: "D-1"
  Equity:Strike  5.00 USD
  Assets:Bank
2025-01-01 open Equity:Capital:M01:2024
2025-05-02 * "Paid back" #coop-redeem
  Equity:Capital:M01:2024  1.00 USD
  Assets:Bank
2025-12-31 * "Close" #coop-close
  period: "2025"
  Equity:Surplus   100.01 USD
  Equity:Reserve  -100.01 USD
"""
SAYS = {
    "records": "mater",
    "wage_ratio": "2025-06",
    "surplus": "Equity:Reserve",
    "funds": 'fund "strike"',
    "capital": "Equity:Capital:M01:2024",
    "statutes": "wookiee-code",
}


def plugin(name: str, config: str = "") -> str:
    line = f'plugin "coopbooks.plugins{"." + name if name else ""}"'
    return f'{line} "{config}"\n' if config else f"{line}\n"


def loaded(path: Path) -> tuple[list[Any], list[Any]]:
    entries, errors, _ = loader.load_file(str(path))
    return entries, errors


def said(errors: Sequence[Any]) -> list[str]:
    return [error.message for error in errors]


@pytest.fixture
def books(ledger: Ledger) -> tuple[list[Any], dict[str, Any]]:
    """Entries and options of the faulty ledger, as a plugin gets them."""
    entries, errors, options = loader.load_file(str(ledger(FAULTY)))
    assert errors == []
    return entries, options


# -- each alone and all together -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", JUDGES)
def test_each_finds_the_faults_of_its_own_family(ledger: Ledger, name: str) -> None:
    found = said(loaded(ledger(FAULTY + plugin(name)))[1])
    assert found
    assert any(SAYS[name] in message for message in found), found
    for other in set(JUDGES) - {name}:
        assert not any(SAYS[other] in message for message in found), other


def test_all_together_find_what_each_finds(ledger: Ledger) -> None:
    alone = [message for name in JUDGES for message in said(loaded(ledger(FAULTY + plugin(name)))[1])]
    together = said(loaded(ledger(FAULTY + plugin("")))[1])
    assert sorted(together) == sorted(alone)
    assert all(any(word in message for message in together) for word in SAYS.values())


@pytest.mark.parametrize("order", [SINGLE, SINGLE[::-1]])
def test_all_of_the_single_ones_are_as_good_in_any_order(ledger: Ledger, order: tuple[str, ...]) -> None:
    together = said(loaded(ledger(FAULTY + plugin("")))[1])
    one_by_one = said(loaded(ledger(FAULTY + "".join(map(plugin, order))))[1])
    assert sorted(one_by_one) == sorted(together)


def test_the_plugins_find_what_check_finds_and_check_counts_nothing_twice(ledger: Ledger) -> None:
    with_plugin = load(ledger(FAULTY + plugin(""))).check()
    errors = loaded(ledger(FAULTY + plugin("")))[1]
    assert sorted(error.message for error in with_plugin.errors) == sorted(said(errors))
    without = load(ledger(FAULTY)).check()
    assert [error.message for error in without.errors] == [error.message for error in with_plugin.errors]


@pytest.mark.parametrize("name", EVERY)
def test_books_in_order_are_passed_in_silence(ledger: Ledger, name: str) -> None:
    right = FAULTY.replace('  mater: "help"\n', "").replace("cap: 3", "cap: 4").replace("100.01", "100.00")
    right = right.replace("Equity:Strike  5.00 USD", "Equity:Strike  0.00 USD").replace(
        "wookiee-code", "us-subchapter-t"
    )
    right = right.replace("M01:2024  1.00 USD", "M01:2024  0.00 USD")
    assert said(loaded(ledger(plugin(name) + right))[1]) == []


@pytest.mark.parametrize("name", EVERY)
def test_a_ledger_without_coop_records_is_passed_in_silence(ledger: Ledger, name: str) -> None:
    assert loaded(ledger(plugin(name) + "2025-01-01 open Assets:Bank USD\n"))[1] == []
    assert loaded(ledger(plugin(name)))[1] == []


def test_errors_have_a_file_and_a_line(ledger: Ledger) -> None:
    path = ledger(FAULTY + plugin(""))
    lines = path.read_text().splitlines()
    for error in loaded(path)[1]:
        assert error.source["filename"] == str(path)
        assert lines[error.source["lineno"] - 1].strip()
    (misspelt,) = [error for error in loaded(path)[1] if "mater" in error.message]
    assert '"decision" "D-1"' in lines[misspelt.source["lineno"] - 1]


def test_an_included_file_is_named_as_the_place(ledger: Ledger) -> None:
    included = ledger('2025-01-01 custom "coop" "fund" "aid"\n  acount: Equity:Aid\n', "books/funds.beancount")
    path = ledger(FAULTY + plugin("") + '\ninclude "books/funds.beancount"\n')
    errors = [error for error in loaded(path)[1] if error.source["filename"] == str(included)]
    assert errors
    assert {error.source["lineno"] for error in errors} == {1}


# -- what they leave alone -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", JUDGES)
def test_a_judge_gives_the_same_entries_back(books: tuple[list[Any], dict[str, Any]], name: str) -> None:
    entries, options = books
    before, settings = deepcopy(entries), {key: deepcopy(value) for key, value in options.items() if key != "dcontext"}
    after, errors = call(name, entries, options)
    assert after is entries
    assert entries == before
    assert {key: value for key, value in options.items() if key != "dcontext"} == settings
    assert errors


@pytest.mark.parametrize("name", ["", "open_book"])
def test_the_open_book_adds_and_takes_nothing_away(books: tuple[list[Any], dict[str, Any]], name: str) -> None:
    entries, options = books
    before = deepcopy(entries)
    after, _ = call(name, entries, options)
    assert entries == before
    added = [entry for entry in after if entry not in before]
    assert [entry for entry in after if entry in before] == before
    assert {type(entry) for entry in added} == {Custom, Query}


def test_padding_is_left_to_beancount(ledger: Ledger) -> None:
    # The strike fund gets its 5.00 by a pad, which Beancount runs after the plugins: it is counted all the same.
    padded = (
        FAULTY
        + """
2025-04-01 pad Equity:Strike Assets:Bank
2025-04-02 balance Equity:Strike  -5.00 USD
"""
    )
    entries, errors = loaded(ledger(plugin("funds") + padded))
    assert not any("below zero" in message for message in said(errors))
    plain, _ = loaded(ledger("\n" + padded))
    assert len(entries) == len(plain)


def test_nothing_is_remembered_between_loads(ledger: Ledger) -> None:
    path = ledger(FAULTY + plugin(""))
    first = said(loaded(path)[1])
    mended = ledger(FAULTY.replace("cap: 3", "cap: 4") + plugin(""))
    second = said(loaded(mended)[1])
    assert len(second) == len(first) - 1
    assert said(loaded(ledger(FAULTY + plugin("")))[1]) == first


@pytest.mark.parametrize("name", EVERY)
def test_the_same_entries_give_the_same_errors(books: tuple[list[Any], dict[str, Any]], name: str) -> None:
    entries, options = books
    assert call(name, entries, options) == call(name, entries, options)


@pytest.mark.parametrize("collects", [True, False])
def test_the_garbage_collector_is_left_as_it_was(books: tuple[list[Any], dict[str, Any]], collects: bool) -> None:
    """Alone what was read is old afterwards, so that the next pass over all of it is far; nothing stays out of its sight."""
    entries, options = books
    gc.unfreeze()
    gc.collect(1)  # counts towards the next pass over all
    assert gc.get_count()[2] > 0
    (gc.enable if collects else gc.disable)()
    try:
        call("", entries, options)
        assert gc.isenabled() is collects
        assert (gc.get_freeze_count(), gc.get_count()[2]) == (0, 0)
        gc.freeze()
        frozen = gc.get_freeze_count()
        call("", entries, options)
        assert gc.get_freeze_count() >= frozen - 1_000 > 0  # some of them may have been freed since
    finally:
        gc.enable()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What a process opened and asked the clock for while each plugin judged the faulty ledger."""
    path = tmp_path_factory.mktemp("watched") / "main.beancount"
    path.write_text(FAULTY, encoding="utf-8")
    ran = run([sys.executable, WATCH, path, *EVERY], capture_output=True, text=True, check=True)
    told: dict[str, list[str]] = json.loads(ran.stdout)
    return told


def test_the_watch_sees_a_file_and_the_clock(seen: dict[str, list[str]]) -> None:
    assert [each.partition(" ")[0] for each in seen["control"]] == ["open", "clock:", "clock:"]


@pytest.mark.parametrize("name", EVERY)
def test_no_clock_is_read_and_no_file_opened(seen: dict[str, list[str]], name: str) -> None:
    assert seen[f"plugin {name}"] == []
    assert seen[f"plugin {name} that fails"] == []


# -- a setting -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_a_setting_is_refused_since_none_is_taken(ledger: Ledger, name: str) -> None:
    right = 'option "operating_currency" "USD"\n2025-01-01 custom "coop" "bylaw" "time-zone"\n  value: "UTC"\n'
    assert loaded(ledger(plugin(name) + right))[1] == []
    (error,) = loaded(ledger(plugin(name, "strict") + right))[1]
    assert '"strict"' in error.message
    assert error.source["lineno"] == 3


# -- a fault of ours -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "family"), [("", "funds"), ("", "records"), *((name, name) for name in JUDGES)])
def test_an_exception_inside_becomes_one_error_with_a_place(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, name: str, family: str
) -> None:
    monkeypatch.setitem(check.FAMILIES, family, fail)
    path = ledger(FAULTY + plugin(name))
    entries, errors = loaded(path)
    assert len(errors) == 1
    assert "ZeroDivisionError: a fault of ours" in errors[0].message
    assert "plugin_watch.py" in errors[0].message
    assert "\n" not in errors[0].message
    assert errors[0].source == {"filename": str(path), "lineno": 11}  # the first coop record
    assert entries


def test_so_does_one_before_the_rules(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    import coopbooks.plugins._adapter as adapter

    monkeypatch.setattr(adapter, "facts_of", fail)
    (error,) = loaded(ledger(FAULTY + plugin("")))[1]
    assert "ZeroDivisionError" in error.message
    monkeypatch.undo()
    assert len(loaded(ledger(FAULTY + plugin("")))[1]) > 1


def test_the_open_book_is_there_all_the_same(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(check.FAMILIES, "records", fail)
    entries, _ = loaded(ledger(FAULTY + plugin("")))
    assert any(isinstance(entry, Custom) and entry.type == "fava-extension" for entry in entries)


def test_a_ledger_without_a_currency_is_one_error_and_no_crash(ledger: Ledger) -> None:
    errors = loaded(ledger(FAULTY.replace('option "operating_currency" "USD"\n', "") + plugin("")))[1]
    assert any("operating_currency" in message for message in said(errors))
    assert not any("coopbooks itself failed" in message for message in said(errors))


# -- the open book -------------------------------------------------------------------------------------------


def extensions(entries: Sequence[Any]) -> list[str]:
    return [entry.values[0].value for entry in entries if isinstance(entry, Custom) and entry.type == "fava-extension"]


def queries(entries: Sequence[Any]) -> list[str]:
    return sorted(entry.name for entry in entries if isinstance(entry, Query))


NAMES = sorted(query.name for query in _queries.QUERIES)


@pytest.mark.parametrize(
    "lines",
    [
        plugin("open_book"),
        plugin(""),
        plugin("open_book") * 2,
        plugin("") + plugin("open_book"),
        plugin("open_book") + plugin(""),
    ],
)
def test_the_dashboard_and_each_query_are_added_once(ledger: Ledger, lines: str) -> None:
    entries, _ = loaded(ledger(FAULTY + lines))
    assert extensions(entries) == ["coopbooks.dashboard"]
    assert queries(entries) == NAMES


@pytest.mark.parametrize("name", JUDGES)
def test_the_judges_add_none(ledger: Ledger, name: str) -> None:
    entries, _ = loaded(ledger(FAULTY + plugin(name)))
    assert (extensions(entries), queries(entries)) == ([], [])


def test_a_ledger_that_names_the_dashboard_keeps_its_own(ledger: Ledger) -> None:
    own = '2025-01-01 custom "fava-extension" "coopbooks.dashboard"\n'
    entries, _ = loaded(ledger(FAULTY + plugin("open_book") + own))
    assert (extensions(entries), queries(entries)) == (["coopbooks.dashboard"], [])


def test_a_ledgers_own_query_of_a_name_stays(ledger: Ledger) -> None:
    own = f'2025-01-01 query "{NAMES[0]}" "SELECT account"\n2025-01-01 custom "fava-extension" "fava_investor"\n'
    entries, _ = loaded(ledger(FAULTY + plugin("open_book") + own))
    assert queries(entries) == NAMES
    assert [entry.query_string for entry in entries if isinstance(entry, Query) and entry.name == NAMES[0]] == [
        "SELECT account"
    ]
    assert sorted(extensions(entries)) == ["coopbooks.dashboard", "fava_investor"]


def test_what_is_added_stands_in_order_of_date(ledger: Ledger) -> None:
    from beancount.core.data import entry_sortkey

    entries, _ = loaded(ledger(FAULTY + plugin("open_book")))
    assert entries == sorted(entries, key=entry_sortkey)
    assert min(entry.date for entry in entries) == entries[0].date
