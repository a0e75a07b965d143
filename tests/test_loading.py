"""The door to a ledger: what comes back of one that Beancount could not read whole, and what it never saw."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.loader import LoadError
from beancount.parser import grammar
from beancount.parser.grammar import ParserError

from coopbooks.books import loading
from coopbooks.books.faults import BooksError
from coopbooks.books.loading import Dropped, dropped_of, errors_of, load_books, refuse_page
from coopbooks.errors import Finding, LedgerUnusable, Place

Ledger = Callable[..., Path]

OPENED = "2025-01-01 open Assets:Bank\n2025-01-01 open Income:Sales\n"
SALE = '2025-06-01 * "a sale"\n  Assets:Bank   10.00 USD\n  Income:Sales\n'


def beancounts(place: Place, message: str) -> Finding:
    return Finding(place, "beancount", message)


# -- what is no ledger ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["<!doctype html>", "\n \t<html>", "\ufeff\r\n<p>"])
def test_a_page_is_no_ledger(text: str) -> None:
    with pytest.raises(LedgerUnusable) as refused:
        refuse_page("main.beancount", text)
    assert str(refused.value) == "main.beancount is a web page: give the ledger's top-level file, as main.beancount"


def test_what_only_speaks_of_a_page_is_a_ledger(ledger: Ledger) -> None:
    refuse_page("main.beancount", OPENED + "; <html>\n")
    assert load_books(ledger(OPENED + "; <html>\n")).errors == ()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (".", " is a folder: give the ledger's top-level file, as "),
        ("none.beancount", "none.beancount does not exist: give the path of the ledger's top-level file"),
        ("page.beancount", "page.beancount is a web page: give the ledger's top-level file, as main.beancount"),
        ("latin.beancount", "latin.beancount is not text in UTF-8: give the ledger's top-level file"),
    ],
)
@pytest.mark.parametrize("untrusted", [False, True])
def test_what_is_no_ledger_is_refused_by_either_door(tmp_path: Path, name: str, said: str, untrusted: bool) -> None:
    (tmp_path / "latin.beancount").write_bytes(b"; caf\xe9\n")
    (tmp_path / "page.beancount").write_text("<!doctype html>\n", encoding="utf-8")
    with pytest.raises(LedgerUnusable) as refused:
        load_books(tmp_path / name, untrusted=untrusted)
    assert said in str(refused.value)


def test_a_file_without_the_right_to_read_it_is_refused(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: Any, **__: Any) -> str:
        raise PermissionError(13, "Permission denied")

    path = ledger(OPENED)
    monkeypatch.setattr(Path, "read_text", forbidden)
    with pytest.raises(LedgerUnusable) as refused:
        load_books(path)
    assert str(refused.value) == "main.beancount cannot be read: Permission denied: check the file's rights"


def test_what_stops_beancount_itself_is_one_sentence(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("no parser")

    monkeypatch.setattr(loader, "_uncached_load_file", broken)
    with pytest.raises(LedgerUnusable) as refused:
        load_books(ledger(OPENED))
    assert str(refused.value) == (
        "main.beancount: Beancount itself stopped (RuntimeError: no parser): "
        "take the last change out of the ledger and try again"
    )


# -- what comes back -----------------------------------------------------------------------------------------


def test_trusted_or_not_the_facts_are_the_same(ledger: Ledger) -> None:
    path = ledger(OPENED + 'include "sales.beancount"\n')
    ledger(SALE, "sales.beancount")
    trusted, untrusted = load_books(path), load_books(path, untrusted=True)
    assert untrusted.facts.to_text() == trusted.facts.to_text()
    assert untrusted.errors == trusted.errors == ()
    assert trusted.read is None
    assert len(trusted.entries) == 3
    assert untrusted.entries == []
    assert untrusted.read is not None
    assert {each.path for each in untrusted.read} == {"main.beancount", "sales.beancount"}
    assert set(untrusted.options["include"]) == set(trusted.options["include"])
    assert untrusted.options["filename"] == trusted.options["filename"] == str(path)


# -- what Beancount dropped ----------------------------------------------------------------------------------


def test_an_entry_that_was_dropped_names_the_accounts_in_its_lines_and_no_others(ledger: Ledger) -> None:
    books = load_books(
        ledger(
            OPENED
            + SALE
            + SALE.replace("Income:Sales", "Equity:Lost\n  Equity:Found")
            + "2025-07-01 open Assets:Cash\n"
        )
    )
    (dropped,) = books.dropped
    assert dropped.finding in books.errors
    assert dropped.finding.message.startswith("You may not have more than one auto-posting")
    assert dropped.accounts == frozenset({"Assets:Bank", "Equity:Lost", "Equity:Found"})


def test_of_two_entries_that_were_dropped_each_has_its_own_accounts(ledger: Ledger) -> None:
    lost = SALE.replace("Income:Sales", "Equity:Lost\n  Equity:Found")
    books = load_books(ledger(OPENED + lost + "\n" + lost.replace("Equity", "Liabilities")))
    assert [dropped.finding.place.line for dropped in books.dropped] == [6, 11]
    assert [dropped.accounts for dropped in books.dropped] == [
        frozenset({"Assets:Bank", "Equity:Lost", "Equity:Found"}),
        frozenset({"Assets:Bank", "Liabilities:Lost", "Liabilities:Found"}),
    ]


def test_what_our_own_plugins_find_is_no_error_of_beancount(ledger: Ledger) -> None:
    books = load_books(
        ledger('plugin "coopbooks.plugins.records"\n' + OPENED + '2025-01-01 custom "coop" "nonsense"\n')
    )
    assert books.errors == ()
    assert books.dropped == ()


def test_an_entry_that_stands_is_not_dropped_whatever_beancount_says_of_it(ledger: Ledger) -> None:
    books = load_books(ledger(OPENED + SALE.replace("Income:Sales", "Income:Unknown")))
    assert [error.place.line for error in books.errors] == [3]
    assert books.dropped == ()


def test_of_an_include_that_is_not_there_the_lines_themselves_are_missing(ledger: Ledger) -> None:
    books = load_books(ledger('include "none.beancount"\n' + OPENED))
    said = beancounts(Place("<load>", 0), 'File glob "none.beancount" does not match any files')
    assert books.errors == (said,)
    assert books.dropped == (Dropped(said, None),)


def test_a_file_that_is_included_twice_loses_nothing(ledger: Ledger) -> None:
    books = load_books(ledger('include "main.beancount"\n' + OPENED))
    assert "Duplicate filename" in books.errors[0].message
    assert books.dropped == ()


def test_of_an_exception_that_the_parser_swallowed_nobody_knows_what_it_lost(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("a note")

    monkeypatch.setattr(grammar, "Note", broken)
    books = load_books(ledger(OPENED + '2025-02-01 note Assets:Bank "lost"\n'))
    (dropped,) = books.dropped
    assert "KeyError: 'a note'" in dropped.finding.message
    assert dropped.accounts is None


def test_an_error_that_stands_in_no_file_drops_nothing(ledger: Ledger) -> None:
    books = load_books(ledger('plugin "beancount.plugins.check_commodity"\n' + OPENED + SALE))
    assert [str(error.place) for error in books.errors] == ["<check_commodity>:0"]
    assert books.dropped == ()


def test_errors_that_drop_nothing_do_not_hide_the_one_behind_them() -> None:
    main = "/books/main.beancount"
    found = dropped_of(
        [
            BooksError({"filename": main, "lineno": 1}, "a record is wrong", None),
            ParserError({"filename": "/lib/grammar.py", "lineno": 7}, "KeyError", None),
            ParserError(None, "somewhere", None),  # type: ignore[arg-type]  # as some plugins give it
            LoadError({"filename": "<load>", "lineno": 0}, "Duplicate filename parsed", None),
            LoadError({"filename": "<load>", "lineno": 0}, 'File "a" does not exist', None),
            ParserError({"filename": main, "lineno": 1}, "no date", None),
        ],
        [],
        main,
        lambda file: {main: "Assets:Lost opn\n  Assets:Too\n\nAssets:Bank\n"}[file],
    )
    assert [(each.finding.message, each.accounts) for each in found] == [
        ("KeyError", None),
        ('File "a" does not exist', None),
        ("no date", frozenset({"Assets:Lost", "Assets:Too"})),
    ]


# -- what Beancount says -------------------------------------------------------------------------------------


def test_of_a_traceback_only_what_went_wrong_is_said() -> None:
    message = "Error applying plugin:  Traceback (most recent call last):\n  File x, line 1\n\nKeyError: 'x'\n\n"
    error = LoadError({"filename": "/books/main.beancount", "lineno": 3}, message, None)
    (found,) = errors_of([error], {}, "/books/main.beancount", lambda _: "")
    assert found == beancounts(Place("main.beancount", 3), "Error applying plugin: KeyError: 'x'")


# -- what Beancount never shows ------------------------------------------------------------------------------


def test_fields_that_beancount_swallows_are_named_with_their_lines(ledger: Ledger) -> None:
    record = '2025-01-01 custom "coop" "member" "ana"\n  capital: Equity:Ana\n'
    books = load_books(
        ledger(OPENED + record + "\n  filename: 1\n  capital: Equity:Ana\n  lineno: 2\n" + SALE + "  capital: 1\n")
    )
    hidden = [(error.place.line, error.message) for error in books.errors if error.rule == "records"]
    assert hidden == [
        (6, 'no record has a field "filename": take the line out'),
        (7, 'field "capital" is written twice in one record: keep one of the lines'),
        (8, 'no record has a field "lineno": take the line out'),
    ]
    # The same field in two records is no fault, nor is one of an entry that is no record.
    other = record.replace("ana", "bo").replace("Ana", "Bo")
    note = '2025-02-01 note Assets:Bank "x"\n  filename: 1\n'
    found = load_books(ledger(OPENED + record + other + note)).errors
    assert [error for error in found if error.rule == "records"] == []


def test_a_hidden_field_is_named_with_the_file_that_it_stands_in(ledger: Ledger) -> None:
    hidden = '2025-01-01 custom "coop" "member" "ana"\n  lineno: 2\n'
    ledger(hidden, "more.beancount")
    found = load_books(ledger('include "more.beancount"\n' + OPENED)).errors
    assert [error.place for error in found] == [Place("more.beancount", 2)]
    # Without a list of what was included it is the ledger itself that is searched.
    alone = errors_of([], {}, "/books/main.beancount", {"/books/main.beancount": hidden}.__getitem__)
    assert [error.place for error in alone] == [Place("main.beancount", 2)]


def test_a_comment_at_the_beginning_of_a_line_ends_a_record(ledger: Ledger) -> None:
    """Beancount has it so: what stands indented behind it is a syntax error, and no field of the record."""
    record = '2025-01-02 custom "coop" "vow" "m1"\n  period: "2025"\n'
    found = load_books(ledger(OPENED + record + '; a comment\n  period: "2025"\n')).errors
    assert [each.rule for each in found] == ["beancount"]
    twice = load_books(ledger(OPENED + record + '  ; a comment\n\n  period: "2025"\n')).errors
    assert [each.place.line for each in twice if each.rule == "records"] == [7]


@pytest.mark.parametrize("folder", ["/", "/b", "/books"])
def test_a_message_of_beancount_names_files_as_they_stand_in_the_ledgers_folder(folder: str) -> None:
    top = folder.rstrip("/")
    error = LoadError({"filename": f"{top}/main", "lineno": 3}, f'File "{top}/a" and "{top}/b/c"\n are  none', None)
    (found,) = errors_of([error], {}, f"{top}/main", lambda _: "")
    shown = '"/a" and "/b/c"' if folder == "/" else '"a" and "b/c"'
    assert found == beancounts(Place("main", 3), f"File {shown} are none")


def test_a_file_that_is_no_text_is_looked_through_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a\xff\n")
    assert loading._text_of(str(tmp_path / "a")) == "a\ufffd\n"
    assert loading._text_of(str(tmp_path / "none")) == ""


def test_the_accounts_of_a_directive_are_those_of_its_lines() -> None:
    lines = ["; Assets:Z", "2025-01-02 open Assets:A", "", '2025-01-03 * "Assets:B"', "  Assets:C", "", "  Income:D"]
    text = "\n".join([*lines, "2025-01-04 close Assets:E", "* Assets:F"])
    told = [ParserError({"filename": "/b/main", "lineno": line}, "x", None) for line in range(1, 10)]
    found = list(dropped_of(told, [], "/b/main", lambda _: text))
    assert [(each.finding.place.line, sorted(each.accounts or ())) for each in found] == [
        (1, ["Assets:Z"]),
        *((line, ["Assets:A"]) for line in (2, 3)),
        *((line, ["Assets:B", "Assets:C", "Income:D"]) for line in (4, 5, 6, 7)),
        *((line, ["Assets:E"]) for line in (8, 9)),
    ]


def test_what_is_loaded_are_the_whole_books(ledger: Ledger) -> None:
    """A plugin has less: it sees no assertion, and no balance that its rules do not ask for."""
    member = '2025-01-01 custom "coop" "member" "m01"\n'
    facts = load_books(ledger(OPENED + member + SALE + "2025-06-02 balance Assets:Bank  10.00 USD\n")).facts
    assert [row.account for row in facts.asserted] == ["Assets:Bank"]
    assert "Assets:Bank" not in facts.asked
