"""A ledger that somebody sent, read in this very process: each refusal on both sides of where it begins.

What the other process keeps away is in tests/test_safe.py; here it is what is read, what is said of it, and in which order.
"""

from __future__ import annotations

import glob
import io
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from beancount.ops import balance, pad
from beancount.parser import _parser, booking  # type: ignore[attr-defined]  # of C, without a stub
from hostile.corpus import CANARY, corpus, put_outside, write

from coopbooks.books import safe, safe_child, safe_reading, shelf
from coopbooks.books.appended import Added, Entered
from coopbooks.books.digest import Listed
from coopbooks.books.faults import Dropped
from coopbooks.books.limits import MEBIBYTE, UNTRUSTED, Limits
from coopbooks.books.loading import load_books
from coopbooks.books.safe_child import Forbidden, Guard
from coopbooks.books.safe_reading import Read, read_safely
from coopbooks.books.shelf import NotTaken, Shelf
from coopbooks.books.unseen import unseen_in, visible_in_json
from coopbooks.errors import Finding, LedgerUnusable, Place
from coopbooks.facts import Facts

OPENED = """\
option "operating_currency" "EUR"
2025-01-01 open Assets:Bank
2025-01-01 open Equity:Start
"""
FIRST = OPENED.count("\n") + 1
Sent = Callable[..., Path]


@pytest.fixture
def sent(tmp_path: Path) -> Sent:
    """Writes a ledger into a folder of its own: the text after three lines that every one has, and files beside it."""

    def write(text: str = "", **files: str) -> Path:
        folder = tmp_path / "sent"
        for name, content in {"main.beancount": OPENED + text, **files}.items():
            file = folder / name.replace("__", "/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        return folder / "main.beancount"

    return write


def read(path: Path, limits: Limits | None = None) -> Read:
    return read_safely(str(path), limits or Limits())


def told(path: Path, limits: Limits | None = None) -> list[str]:
    return [str(each) for each in read(path, limits).errors]


def as_elsewhere(path: Path) -> Read:
    """The ledger read here, which the plain loader reads alike: the same facts, and the same errors but for their order."""
    found, plain = read(path), load_books(path)
    assert sorted(found.errors) == sorted(plain.errors)
    assert found.facts.to_text() == plain.facts.to_text()
    return found


# -- what Beancount's loader does, this one does too -----------------------------------------------------------------


def test_lots_are_booked_in_the_order_of_their_days(sent: Sent) -> None:
    """What is included comes after the file that names it, and may be older."""
    path = sent(
        'include "bought"\n2025-02-01 * "sold"\n  Assets:Bank  -1 SHARE {10 EUR}\n  Equity:Start  10 EUR\n',
        bought='2025-01-02 * "bought"\n  Assets:Bank  2 SHARE {10 EUR}\n  Equity:Start\n'
        '2025-01-03 * "bought"\n  Assets:Bank  2 SHARE {11 EUR}\n  Equity:Start\n'
        '2025-03-01 * "sold"\n  Assets:Bank  -3 SHARE {}\n  Equity:Start\n',
    )
    assert as_elsewhere(path).errors == ()


def test_an_entry_that_cannot_be_booked_is_an_error(sent: Sent) -> None:
    lot = "  Assets:Bank  1 SHARE {{{} EUR}}\n  Equity:Start\n"
    bought = "".join(f'2025-01-0{day} * "x"\n{lot.format(day)}' for day in (2, 3))
    path = sent(bought + '2025-02-01 * "sold"\n  Assets:Bank  -1 SHARE {}\n  Equity:Start  2 EUR\n')
    (error,) = as_elsewhere(path).errors
    assert str(error).startswith(f"main.beancount:{FIRST + 6}: Ambiguous matches")


def test_what_included_files_say_of_the_currency_counts(tmp_path: Path) -> None:
    path = tmp_path / "main.beancount"
    path.write_text('include "b"\n2025-01-01 custom "coop" "bylaw" "wage-ratio"\n  cap: 4\n', encoding="utf-8")
    (tmp_path / "b").write_text('option "operating_currency" "EUR"\n', encoding="utf-8")
    assert as_elsewhere(path).facts.currency == "EUR"


def test_fields_that_beancount_swallows_are_named_in_included_files_too(sent: Sent) -> None:
    record = '2025-01-02 custom "coop" "vow" "m1"\n  period: "2025"\n  period: "2025"\n'
    found = as_elsewhere(sent('include "b"\n', b=record))
    assert 'b:3: field "period" is written twice in one record: keep one of the lines' in map(str, found.errors)


@pytest.mark.parametrize(("module", "name"), [(pad, "pad"), (balance, "check")])
def test_a_step_that_stops_is_an_error_and_the_others_go_on(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    def stops(*_: Any) -> None:
        raise ValueError("no step")

    path = sent("2025-03-01 balance Assets:Bank 1.00 EUR\n")
    (failed,) = told(path)
    monkeypatch.setattr(module, name, stops)
    stopped = f'<load>:0: Error applying plugin "{module.__name__}": ValueError: no step'
    assert told(path) == ([stopped, failed] if module is pad else [stopped])


def test_so_many_findings_and_dropped_entries_are_named(sent: Sent) -> None:
    path = sent("".join(f'2025-02-0{day} * "x"\n  Assets:Bank\n  Equity:Start\n' for day in (1, 2, 3)))
    every = read(path)
    assert len(every.dropped) == len(every.errors) == 3
    just = read(path, Limits(findings=3))
    assert (just.errors, just.dropped) == (every.errors, every.dropped)
    fewer = read(path, Limits(findings=2))
    assert [*fewer.errors[:2], *fewer.dropped[:2]] == [*every.errors[:2], *every.dropped[:2]]
    assert [each.message for each in fewer.errors[2:]] == [
        "1 more findings are not named: mend those before this one first"
    ]
    assert [each.accounts for each in fewer.dropped[2:]] == [None]  # so any answer would lack something


def test_each_currency_of_a_transaction_is_held_to_its_own_unit(sent: Sent) -> None:
    path = sent(
        '2025-02-01 * "x"\n  Assets:Bank  1.0 XAU\n  Assets:Bank  100.0 EUR\n  Equity:Start  -1.0 XAU\n'
        '  Equity:Start  -100.04 EUR\n2025-02-02 note Assets:Bank "x"\n'
        '2025-02-03 * "y"\n  Assets:Bank  100.0 EUR\n  Equity:Start  -99.995 EUR\n'
        '2025-02-04 * "z"\n  Assets:Bank  100.0 EUR\n  Equity:Start  -99.994 EUR\n'
    )
    assert [line.partition(",")[0] for line in told(path)] == [
        f"main.beancount:{FIRST}: this transaction leaves -0.04 EUR over",
        f"main.beancount:{FIRST + 9}: this transaction leaves 0.006 EUR over",
    ]


def test_whatever_order_a_step_leaves_the_entries_stand_by_their_days(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sent('2025-02-01 * "x"\n  Assets:Bank  1.00 EUR\n  Equity:Start\n2025-02-02 balance Assets:Bank 1.00 EUR\n')
    monkeypatch.setattr(pad, "pad", lambda entries, _: (entries[::-1], []))
    assert told(path) == []


@pytest.mark.parametrize("where", ["booking", "parser", "step"])
def test_too_little_memory_is_never_taken_for_another_fault(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The process that reads says so in one sentence; a finding among others would be overlooked."""

    class NoRoom:
        def __init__(self, *_: Any, **__: Any) -> None:
            raise MemoryError

    module, name = {"booking": (booking, "book"), "parser": (_parser, "Parser"), "step": (pad, "pad")}[where]
    monkeypatch.setattr(module, name, NoRoom)
    with pytest.raises(MemoryError):
        read(sent())


@pytest.mark.parametrize("fault", [ValueError, MemoryError])
def test_a_parser_that_stops_is_one_sentence(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    """A MemoryError with words is the parser's own, whose stack is full."""

    class Stops:
        def __init__(self, *_: Any, **__: Any) -> None:
            raise fault("a\u202e")

    monkeypatch.setattr(_parser, "Parser", Stops)
    with pytest.raises(LedgerUnusable) as refused:
        read(sent())
    assert str(refused.value) == (
        f"main.beancount: Beancount itself stopped ({fault.__name__}: a[U+202E]): take the last change out of the ledger and "
        "try again"
    )


def test_booking_that_stops_is_one_sentence(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    def stops(*_: Any) -> None:
        raise ValueError("no lots")

    monkeypatch.setattr(booking, "book", stops)
    with pytest.raises(
        LedgerUnusable, match=r"^main\.beancount: Beancount itself stopped \(ValueError: no lots\): take "
    ):
        read(sent())


# -- tolerances ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "off", "fails"),
    [
        ("100 EUR", "0.00", False),
        ("100 EUR", "0.01", True),  # a whole number is exact
        ("100.0 EUR", "0.01", False),
        ("100.000 EUR", "0.001", False),
        ("100.000 EUR", "0.002", True),
        ("100 ~ 0.01 EUR", "0.01", False),
        ("100 ~ 0.01 EUR", "0.02", True),
        ("100 XAU", "0.01", True),
        ("100.0 XAU", "0.1", False),
        ("100.0 XAU", "0.2", True),
    ],
)
def test_what_a_balance_may_be_off(sent: Sent, stated: str, off: str, fails: bool) -> None:
    currency = stated[-3:]
    path = sent(
        f'2025-02-01 * "x"\n  Assets:Bank  {100 + float(off):.3f} {currency}\n  Equity:Start\n'
        f"2025-03-01 balance Assets:Bank {stated}\n"
    )
    assert [each.rule for each in read(path).errors] == ["beancount"] * fails


@pytest.mark.parametrize(("tolerance", "followed"), [("0.01", True), ("0.011", False), ("1000", False)])
def test_a_tolerance_that_is_stated_is_followed_up_to_the_smallest_unit(
    sent: Sent, tolerance: str, followed: bool
) -> None:
    path = sent(f"2025-03-01 balance Assets:Bank 0.00 ~ {tolerance} EUR\n")
    refused = (
        f"main.beancount:{FIRST}: the tolerance of {tolerance} EUR was not followed: in a ledger that someone sent this "
        "balance may be wrong by 0.01 EUR at most"
    )
    assert told(path) == ([] if followed else [refused])


def test_what_beancount_finds_itself_is_not_said_twice(sent: Sent) -> None:
    found = told(sent('2025-02-01 * "x"\n  Assets:Bank  100.00 EUR\n  Equity:Start  -100.01 EUR\n'))
    assert found == [f"main.beancount:{FIRST}: Transaction does not balance: (-0.01 EUR)"]


@pytest.mark.parametrize(
    ("option", "followed"),
    [
        ('"tolerance_multiplier" "0"', True),
        ('"tolerance_multiplier" "0.5"', True),
        ('"tolerance_multiplier" "0.51"', False),
        ('"tolerance_multiplier" "-0.1"', False),
        ('"inferred_tolerance_default" "EUR:0"', True),
        ('"inferred_tolerance_default" "EUR:0.005"', True),
        ('"inferred_tolerance_default" "EUR:0.0051"', False),
        ('"inferred_tolerance_default" "JPY:0.5"', True),
        ('"inferred_tolerance_default" "EUR"', False),
        ('"insert_pythonpath" "off"', True),
        ('"insert_pythonpath" ""', True),
        ('"insert_pythonpath" "1"', False),
        ('"plugin_processing_mode" "default"', True),
        ('"plugin_processing_mode" "DEFAULT"', True),
        ('"infer_tolerance_from_cost" "No"', True),
    ],
)
def test_where_an_option_begins_to_ask_for_more(sent: Sent, option: str, followed: bool) -> None:
    refused = [each for each in read(sent(f"option {option}\n")).errors if each.rule == UNTRUSTED]
    assert len(refused) == (not followed)


# -- files -----------------------------------------------------------------------------------------------------------


def shelf_of(folder: Path, limits: Limits | None = None) -> Shelf:
    return Shelf(str(folder / "main.beancount"), limits or Limits(), lambda _: None)


def why_not(folder: Path, name: str, limits: Limits | None = None) -> str:
    with pytest.raises(NotTaken) as refused:
        shelf_of(folder, limits).take(str(folder / name))
    return str(refused.value)


NAMES = (
    "a",
    "b.txt",
    ".hidden",
    "sub/a",
    "sub/.hidden",
    "sub/deep/a",
    "sub/deep/b.txt",
    ".dot/a",
    "[x]/a",
    "other/c.txt",
)


@pytest.mark.parametrize(
    "pattern",
    [
        *("*", "*.txt", "?", "[ab]", "[!a]*", ".*", "*/a", "sub/*", "sub/.h*", ".*/a", ".d?t/*", "[[]x]/a", "*/*/a"),
        *("**", "**/a", "**/*.txt", "sub/**", "sub/**/b.txt", "*/**/a", "**/deep/*", "**/.hidden", "**/**/a", "none/*"),
        *("./*", "sub/../*.txt", "b.txt/*", "to/*", "*/deep/*"),
    ],
)
def test_a_pattern_names_what_it_names_elsewhere(tmp_path: Path, pattern: str) -> None:
    for name in NAMES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "to").symlink_to(tmp_path / "sub")
    elsewhere = glob.glob(str(tmp_path / pattern), recursive=True)  # noqa: PTH207  # as Beancount's loader asks
    there = {path for path in elsewhere if Path(path).is_file()}
    # Any number of folders, but none through a link: that may lead round and round.
    through_link = {path for path in there if "/to/" in path and pattern.startswith("**")}
    found = [path for path in shelf_of(tmp_path).found(pattern, str(tmp_path)) if Path(path).is_file()]
    assert found == sorted(set(found))
    assert set(found) == {os.path.normpath(path) for path in there - through_link}


def test_a_pattern_is_of_the_folder_of_the_file_that_has_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a", "sub/b"):
        (tmp_path / name).write_text("")
    assert shelf_of(tmp_path).found("?", str(tmp_path / "sub")) == [str(tmp_path / "sub" / "b")]
    assert shelf_of(tmp_path).found("../a", str(tmp_path / "sub")) == [str(tmp_path / "a")]
    assert shelf_of(tmp_path).found("b", str(tmp_path / "sub")) == [str(tmp_path / "sub" / "b")]
    assert shelf_of(tmp_path).found("none", str(tmp_path / "sub")) == []
    for leads_out in ("../../*", str(tmp_path) + "x/*", "/*"):
        with pytest.raises(NotTaken, match="the pattern leads out of the ledger's folder"):
            shelf_of(tmp_path).found(leads_out, str(tmp_path / "sub"))


def test_no_pattern_goes_through_a_link_that_leads_out(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").write_text("")
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "link").symlink_to(tmp_path / "out")
    for pattern in ("*/a", "link/*", "**/a"):
        assert shelf_of(inside).found(pattern, str(inside)) == []


def test_names_that_no_ledger_can_mean_are_not_found(tmp_path: Path) -> None:
    for name in (b"a\xff", "b\u202e".encode(), "é".encode()):
        (tmp_path / os.fsdecode(name)).touch()
    assert shelf_of(tmp_path).found("*", str(tmp_path)) == [str(tmp_path / "é")]


@pytest.mark.parametrize(("most", "refused"), [(7, False), (6, True)])
def test_how_many_names_are_looked_at(tmp_path: Path, most: int, refused: bool) -> None:
    """A folder counts as one name, so that empty ones come to an end too: here three with 1, 1 and 2 names in them."""
    (tmp_path / "sub" / "deep").mkdir(parents=True)
    for name in ("a", "b"):
        (tmp_path / "sub" / "deep" / name).write_text("")
    names = shelf_of(tmp_path, Limits(looked_at=most))
    if refused:
        with pytest.raises(NotTaken, match="more than 6 names"):
            names.found("*/*/*", str(tmp_path))
    else:
        assert len(names.found("*/*/*", str(tmp_path))) == 2


def test_how_large_files_may_be(tmp_path: Path) -> None:
    for name, size in (("a", 3), ("b", 4), ("c", 5)):
        (tmp_path / name).write_bytes(b"x" * size)
    limits = Limits(file_bytes=4, total_bytes=7)
    names = shelf_of(tmp_path, limits)
    assert (names.take(str(tmp_path / "a")), names.take(str(tmp_path / "b"))) == (b"xxx", b"xxxx")
    assert [tuple(each)[::2] for each in names.listed()] == [("a", 3), ("b", 4)]
    assert why_not(tmp_path, "c", limits).startswith("it has 5 bytes and the files before it 0, more than")
    (tmp_path / "large").write_bytes(bytes(3 * MEBIBYTE))
    assert why_not(tmp_path, "large", limits).startswith("it has 3,145,728 bytes")
    names = shelf_of(tmp_path, limits._replace(total_bytes=6))
    names.take(str(tmp_path / "a"))
    with pytest.raises(NotTaken, match="it has 4 bytes and the files before it 3, more than"):
        names.take(str(tmp_path / "b"))


@pytest.mark.parametrize(("grows_to", "refused"), [(MEBIBYTE + 5, False), (MEBIBYTE + 6, True)])
def test_a_file_that_grows_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grows_to: int, refused: bool
) -> None:
    path, looked = tmp_path / "a", os.fstat
    path.write_bytes(b"x")

    def grows(handle: int) -> os.stat_result:
        found = looked(handle)
        path.write_bytes(b"x" * grows_to)
        return found

    monkeypatch.setattr(os, "fstat", grows)
    limits = Limits(file_bytes=MEBIBYTE + 5)
    if refused:
        assert why_not(tmp_path, "a", limits).startswith("it has 1,048,582 bytes and the files before it 0")
    else:
        assert len(shelf_of(tmp_path, limits).take(str(path))) == grows_to


@pytest.mark.parametrize("becomes", ["link", "pipe"])
def test_a_file_that_becomes_another_once_it_was_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, becomes: str
) -> None:
    """Whoever sent the folder may change it meanwhile; a pipe that nobody writes to would never be open."""
    path, looked = tmp_path / "sent" / "a", os.stat
    path.parent.mkdir()
    path.write_text("")
    (tmp_path / "secret").write_text("s")

    def swapped(real: str, **how: Any) -> os.stat_result:
        found = looked(real, **how)
        if real == str(path):
            path.unlink()
            path.symlink_to(tmp_path / "secret") if becomes == "link" else os.mkfifo(path)
        return found

    def late(*_: Any) -> None:
        raise TimeoutError("it waits for a pipe")

    monkeypatch.setattr(os, "stat", swapped)
    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(5)
    try:
        said = why_not(path.parent, "a")
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert said.startswith("it cannot be read (" if becomes == "link" else "it is no regular file")


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert why_not(tmp_path, "a") == "it is no regular file: a ledger is kept in files of text"
    assert why_not(tmp_path, "none") == "it cannot be read (No such file or directory): check the file and its rights"
    assert why_not(tmp_path, "a/../../b").startswith("it is a file outside of the ledger's folder, or a link to one")


def test_what_is_encrypted_is_known_by_its_name_and_its_beginning(tmp_path: Path) -> None:
    begins = b"-----BEGIN PGP MESSAGE-----\n"
    for name, content in {
        "a.gpg": b"",
        "b.asc": b"x" * 900 + begins,
        "c.asc": b"; plain\n" + b"x" * 2000 + begins,
        "d.asc": b"; plain\n",
        "e.txt": begins,
    }.items():
        (tmp_path / name).write_bytes(content)
    for name in ("a.gpg", "b.asc"):
        assert why_not(tmp_path, name) == "it is encrypted: ask for the text that is in it"
    names = shelf_of(tmp_path)
    for name in ("c.asc", "d.asc", "e.txt"):
        names.take(str(tmp_path / name))
    assert [each.path for each in names.listed()] == ["c.asc", "d.asc", "e.txt"]
    assert names.text(str(tmp_path / "d.asc")) == "; plain\n"
    assert names.text(str(tmp_path / "a.gpg")) == ""


def test_a_ledger_may_stand_at_the_very_top(tmp_path: Path) -> None:
    """As on a medium of its own: everything below is inside then."""
    top = Shelf("/main.beancount", Limits(), lambda _: None)
    (tmp_path / "a").write_text("")
    assert top.holds(str(tmp_path))
    assert top.found("*", str(tmp_path)) == [str(tmp_path / "a")]
    assert top.name(str(tmp_path / "a")) == str(tmp_path / "a")[1:]


# -- characters that nobody sees -------------------------------------------------------------------------------------


@pytest.mark.parametrize("char", [*map(chr, range(0x20)), "\x7f", "\x80", "\x9f", "\u2029", "\u202d", "\u2068"])
@pytest.mark.parametrize("beside", ["", "é"])
def test_every_such_character_is_found_whatever_else_the_text_has(char: str, beside: str) -> None:
    """Text in ASCII is looked at in another way, which is quicker."""
    found = unseen_in(f"; {beside}\n; a{char}b\n".encode())
    assert [tuple(each) for each in found] == ([] if char in "\t\n" else [(2, f"U+{ord(char):04X}")])


@pytest.mark.parametrize(
    "char", [" ", "~", "\xa0", "\u061b", "\u2010", "\u2027", "\u202f", "\u2065", "\u206a", "\ufefe"]
)
def test_its_neighbours_are_seen(char: str) -> None:
    assert unseen_in(f"; a{char}b\n".encode()) == []


@pytest.mark.parametrize(
    ("written", "found"), [("\\b", ["U+0008"]), ("\\\\b", []), ("\\n", []), ("\\f\\r", ["U+000C", "U+000D"])]
)
def test_what_a_string_writes_with_a_backslash_stands_in_the_line_where_it_is_written(
    written: str, found: list[str]
) -> None:
    content = f';\n2025-01-01 note Assets:Bank "a{written}"\n'.encode()
    assert [tuple(each) for each in unseen_in(content)] == [(2, code) for code in found]


def test_of_a_file_full_of_them_so_many_are_named() -> None:
    assert len(unseen_in(b"\0" * 100_001)) == 100_000


@pytest.mark.parametrize(
    ("written", "shown"), [("\\u001f", "[U+001F]"), ("\\u000a", "[U+000A]"), ("\\u0020", "\\u0020")]
)
def test_what_json_writes_by_its_number_is_made_visible(written: str, shown: str) -> None:
    assert visible_in_json(f'["{written}"]') == f'["{shown}"]'


# -- what the other process says -------------------------------------------------------------------------------------


@pytest.fixture
def answers(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Loads a ledger whose reading says just these lines, and then does what `last` says."""

    def load(*lines: str, last: str = "", limits: Limits | None = None) -> safe.Untrusted:
        said = "".join(f"{line}\n" for line in lines)
        monkeypatch.setattr(
            safe, "_START", f"import os, time; os.write(1, {said.encode('utf-8', 'surrogatepass')!r}); {last}"
        )
        return safe.load_untrusted(sent(), limits)

    return load


def unusable(call: Callable[[], Any]) -> LedgerUnusable:
    with pytest.raises(LedgerUnusable) as told:
        call()
    return told.value


def rest(**more: Any) -> str:
    return "rest " + json.dumps({"errors": [], "dropped": [], "files": []} | more)


FACTS = "facts " + Facts().to_text()
NOT_READ = "the ledger was not read, since its reading"


def test_an_answer_is_taken_word_by_word(answers: Callable[..., Any]) -> None:
    error = ["b\u202e", 3, "records", "a\u202e b"]
    found = answers(FACTS, rest(errors=[error], dropped=[[error, None], [error, ["Assets:A"]]], files=[["b", "ab", 5]]))
    shown = Finding(Place("b[U+202E]", 3), "records", "a[U+202E] b")
    assert found.facts.to_text() == Facts().to_text()
    assert found == safe.Untrusted(
        found.facts, (shown,), (Dropped(shown, None), Dropped(shown, frozenset({"Assets:A"}))), (Listed("b", "ab", 5),)
    )


@pytest.mark.parametrize(
    ("lines", "last", "why"),
    [
        ((FACTS,), "", f"main.beancount: {NOT_READ} crashed (without an answer)"),
        (('reading "a"', 'reading "b\\u202e"'), "os._exit(3)", f"b[U+202E]: {NOT_READ} crashed (exit code 3)"),
        (('reading "b\ud800"',), "", f"b\ud800: {NOT_READ} crashed (without an answer)"),
        ((FACTS, rest()), "os._exit(3)", f"main.beancount: {NOT_READ} crashed (exit code 3)"),
        ((FACTS, rest()), "os.kill(os.getpid(), 9)", f"main.beancount: {NOT_READ} crashed (SIGKILL)"),
        ((FACTS, rest(), 'stopped "open"'), "", f"main.beancount: {NOT_READ} was stopped (open)"),
        (
            ('stopped "memory"',),
            "",
            "main.beancount: the ledger was not read, since it takes more than 1,024 MiB of memory",
        ),
    ],
)
def test_why_a_reading_gave_none(answers: Callable[..., Any], lines: tuple[str, ...], last: str, why: str) -> None:
    assert str(unusable(lambda: answers(*lines, last=last))).startswith(f"{why}: ask the sender")


def test_what_cannot_be_read_at_all_is_said_with_its_place(answers: Callable[..., Any]) -> None:
    told = unusable(lambda: answers('unusable ["a\\u202e", ["b", 3]]', 'stopped "later"'))
    assert (told.message, told.place) == ("a[U+202E]", Place("b", 3))
    assert unusable(lambda: answers('unusable ["a", null]')).place is None


def test_how_much_may_be_said(answers: Callable[..., Any]) -> None:
    size = len(f"{FACTS}\n{rest()}\n")
    assert answers(FACTS, rest(), limits=Limits(answer_bytes=size)).files == ()
    told = unusable(lambda: answers(FACTS, rest(), limits=Limits(answer_bytes=size - 1), last="time.sleep(60)"))
    assert str(told).startswith("main.beancount: the ledger was not read, since it says more than 0 MiB of text")


def test_the_process_is_gone_whatever_it_did(answers: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start(*args: Any, **how: Any) -> subprocess.Popen[bytes]:
        started.append(real(*args, **how))
        return started[-1]

    real: Any = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", start)
    unusable(lambda: answers("x", last="time.sleep(60)", limits=Limits(answer_bytes=1)))
    assert [child.returncode for child in started] == [-signal.SIGKILL]
    assert all(child.stdout is not None and child.stdout.closed for child in started)


def test_what_the_process_is_asked(answers: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    echo = "import sys, json; print('stopped', json.dumps(sys.argv[1])); print('stopped', json.dumps(sys.argv[1]))"
    limits = Limits(seconds=77)
    told = str(unusable(lambda: answers(last=echo, limits=limits)))
    asked = json.loads(told[told.index("{") : told.rindex("}") + 1])
    assert asked == {
        "ledger": asked["ledger"],
        "limits": list(limits),
        "folders": list(dict.fromkeys(asked["folders"])),
        "text": False,
    }
    assert asked["ledger"].endswith("/sent/main.beancount")
    assert Path(shelf.__file__).parents[2] == Path(asked["folders"][-1])


def test_a_text_is_sent_whole_and_its_entries_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import json, sys; text = sys.stdin.read(); "
    code += "print('rest', json.dumps([[['2025-01-02', len(text), 'open', None], ['2025-01-03', 2, 'custom', ['a', 'b']]], 7]))"
    monkeypatch.setattr(safe, "_START", code)
    assert safe.entered_untrusted("x" * 300_000) == Added(
        (Entered(date(2025, 1, 2), 300_000, "open", None), Entered(date(2025, 1, 3), 2, "custom", ("a", "b"))), 7
    )


@pytest.mark.parametrize(("code", "said"), [(1, "exit code 1"), (-11, "SIGSEGV"), (-100, "signal 100")])
def test_how_a_process_ended(code: int, said: str) -> None:
    assert safe._signal(code) == said


# -- what that process holds to, tried in this one -------------------------------------------------------------------


def nothing_broken() -> Guard:
    return Guard("/", [])


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (LedgerUnusable("a", Place("b", 3)), ("unusable", ["a", ["b", 3]])),
        (LedgerUnusable("a"), ("unusable", ["a", None])),
        (MemoryError(), ("stopped", "memory")),
        (MemoryError("its stack is full"), ("stopped", "its stack is full")),
        (ValueError("a"), ("stopped", "ValueError: a")),
        (Forbidden("open"), ("stopped", "Forbidden: open")),
    ],
)
def test_whatever_happens_is_one_line_of_the_answer(fault: BaseException, line: tuple[str, Any]) -> None:
    def said() -> list[tuple[str, str]]:
        raise fault

    ((word, text),) = safe_child._answer(said, nothing_broken())
    assert (word, json.loads(text)) == line
    assert safe_child._answer(lambda: [("rest", "[]")], nothing_broken()) == [("rest", "[]")]


def test_the_guard_lets_a_file_that_is_open_be_and_asks_where_any_other_lies(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "lib").mkdir()
    guard = Guard(str(tmp_path / "in"), [str(tmp_path / "lib")])
    allowed: list[tuple[str, tuple[Any, ...]]] = [
        ("open", (7, "w", os.O_WRONLY)),
        ("open", (str(tmp_path / "in"), None, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)),
        ("open", (str(tmp_path / "lib" / "a.py"), "r", os.O_RDONLY)),
        ("os.scandir", (str(tmp_path / "in" / "x"),)),
        ("os.listdir", (str(tmp_path / "in"),)),
        *((event, ()) for event in safe_child._HARMLESS),
    ]
    for event, args in allowed:
        guard(event, args)
    assert vars(guard)["broken"] is None
    for event, args in (
        ("os.scandir", (str(tmp_path / "lib"),)),
        ("open", (str(tmp_path / "lib" / "a.pyc"), "r", os.O_RDONLY)),
        ("open", (str(tmp_path / "in" / "x"), "r", None)),
        ("open", (str(tmp_path / "in" / "x"), "r", os.O_RDONLY | os.O_DIRECTORY)),
        ("open", (str(tmp_path / "inside"), "r", os.O_RDONLY)),
        ("open", (None, "r", os.O_RDONLY)),
        ("os.listdir", (None,)),
        ("os.chdir", (str(tmp_path / "in"),)),
    ):
        with pytest.raises(Forbidden, match=event):
            guard(event, args)
    assert vars(guard)["broken"] == "os.scandir"
    Guard("/", [])("open", ("/etc/passwd", "r", os.O_RDONLY))


@pytest.mark.parametrize("hard", [-1, 10, 1 << 40])
def test_no_more_is_taken_than_the_system_allows_and_nothing_is_let_go(
    monkeypatch: pytest.MonkeyPatch, hard: int
) -> None:
    """A limit that the system refuses, or does not know, leaves the others."""
    taken: dict[int, tuple[int, int]] = {}

    def take(kind: int, limits: tuple[int, int]) -> None:
        taken[kind] = limits
        if kind in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE):
            raise OSError if kind == resource.RLIMIT_AS else ValueError

    monkeypatch.setattr(resource, "getrlimit", lambda kind: (5, hard))
    monkeypatch.setattr(resource, "setrlimit", take)
    monkeypatch.delattr(resource, "RLIMIT_NPROC")
    limits = Limits(seconds=20)
    safe_child.confine(limits)
    small = hard == 10
    assert taken == {
        resource.RLIMIT_AS: (10, 10) if small else (limits.memory, limits.memory),
        resource.RLIMIT_CPU: (10, 10) if small else (20, 21),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_NOFILE: (10, 10) if small else (64, 64),
        resource.RLIMIT_CORE: (0, 0),
    }


def test_a_line_is_said_whole_however_little_the_pipe_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[bytes] = []

    def little(handle: int, content: Any) -> int:
        assert handle == 1
        said.append(bytes(content[:3]))
        return len(said[-1])

    monkeypatch.setattr(os, "write", little)
    safe_child.put("rest", '"é\ud800"')
    assert b"".join(said).decode("utf-8", "surrogatepass") == 'rest "é\ud800"\n'


def test_a_text_is_read_up_to_what_a_file_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b'2025-01-02 custom "coop" "vow" "m01"\n2025-01-03 open Assets:A\n'
    for most, lines in ((len(text), [["vow", "m01"], None]), (40, [["vow", "m01"]])):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        ((word, said),) = safe_child._entered(Limits(file_bytes=most))
        rows, error = json.loads(said)
        assert word == "rest"
        assert [row[3] for row in rows] == lines
        assert rows[0][:3] == ["2025-01-02", 1, "custom"]
        assert (error is None) == (most == len(text))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"; \xff\n" + text)))
    assert len(json.loads(safe_child._entered(Limits())[0][1])[0]) == 2


def test_facts_show_such_characters_where_text_or_name_has_them(sent: Sent) -> None:
    found = read(sent('2025-01-02 custom "coop" "vow" "m\u202e"\n'))
    assert "m[U+202E]" in safe_child._facts(found, "/books/main.beancount")
    plain = found._replace(unseen=False)
    assert "m[U+202E]" in safe_child._facts(plain, "/bo\u202eoks/main.beancount")
    assert "m\u202e" in safe_child._facts(plain, "/books/main.beancount")


def test_what_was_dropped_names_its_accounts_in_order(sent: Sent) -> None:
    path = sent(
        'include "none"\n2025-02-01 * "x"\n  Equity:Start  1 EUR\n  Assets:Bank  -1 EUR {}\n  Assets:Bank  -1 SHARE {}\n'
    )
    said = json.loads(safe_child._rest(read(path)))
    ordered = ["Assets:Bank", "Equity:Start"]
    assert [accounts for _, accounts in said["dropped"]] == [None, ordered, ordered]
    assert said["files"] == [["main.beancount", said["files"][0][1], path.stat().st_size]]
    assert all(len(each) == 4 for each in said["errors"])


@pytest.mark.parametrize("number", ["1" * 101, "0." + "1" * 101])
def test_a_number_of_too_many_digits_is_an_error_of_its_entry(sent: Sent, number: str) -> None:
    (found,) = read(sent(f"2025-02-01 price USD {number} EUR\n")).errors
    assert (found.place.line, "a number with more than 100 digits" in found.message) == (FIRST, True)
    assert read(sent(f"2025-02-01 price USD {number[:-1]} EUR\n")).errors == ()


def test_an_include_that_no_file_can_be_called_matches_none(sent: Sent) -> None:
    unseen, missing = read(sent('include "a\0b.beancount"\n')).errors
    assert "the character U+0000 stands here" in unseen.message
    assert "does not match any files" in missing.message


@pytest.mark.parametrize(("held", "expected"), [(256, LedgerUnusable), (257, MemoryError)])
def test_a_fault_of_the_parser_is_one_of_memory_only_where_much_is_held(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, held: int, expected: type[Exception]
) -> None:
    """Its code in C says the same where it gets no memory, and where it has lost its way; a quarter is the bound."""

    def parse(*_: object, **__: object) -> None:
        raise SystemError("returned a result with an exception set")

    assert safe_reading._held() > MEBIBYTE
    monkeypatch.setattr(safe_reading, "_held", lambda: held * MEBIBYTE)
    monkeypatch.setattr(safe_reading, "_parser", SimpleNamespace(Parser=lambda *_, **__: SimpleNamespace(parse=parse)))
    with pytest.raises(expected):
        read(sent())


def test_a_folder_that_may_not_be_looked_into_has_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def listdir(folder: str) -> list[str]:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "one.beancount").write_text("")
    assert [Path(each).name for each in shelf_of(tmp_path).found("*.beancount", str(tmp_path))] == ["one.beancount"]
    monkeypatch.setattr("os.listdir", listdir)
    assert shelf_of(tmp_path).found("*.beancount", str(tmp_path)) == []


def test_only_so_many_files_are_read(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("x")
    taken = shelf_of(tmp_path, Limits(files=1))
    assert taken.take(str(tmp_path / "a")) == b"x"
    with pytest.raises(NotTaken, match="the ledger has 1 files already"):
        taken.take(str(tmp_path / "b"))


# -- what nobody may read --------------------------------------------------------------------------------------------

HOSTILE = {
    each.name: each
    for each in corpus()
    if each.name.startswith(
        ("plugins", "cache", "include", "options", "documents", "links", "pipes", "main-", "parser-")
    )
    and len(each.files) < 100
    and sum(map(len, each.files.values())) < 100_000  # what takes long is stopped in its own process only
    and each.name not in ("include-is-sparse", "include-too-much")
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_byte_from_outside_of_the_folder_is_in_what_was_read(name: str, tmp_path: Path) -> None:
    """The other process would be ended by its guard; here it shows that not even a try is made."""
    put_outside(tmp_path / "outside")
    path = write(HOSTILE[name], tmp_path / "sent", tmp_path / "outside")
    try:
        found = read(path)
    except LedgerUnusable as error:
        text = str(error)
    else:
        text = found.facts.to_text() + "".join(map(str, (*found.errors, *found.dropped)))
        assert all(not each.path.startswith(("/", "..")) for each in found.files)
    assert CANARY.lower() not in text.lower()
    assert "root:x:0" not in text
    assert not list(tmp_path.rglob("ran-*"))
