"""A ledger that somebody sent: it is read, and nothing that it names is run, read outside of its folder, or written."""

from __future__ import annotations

import ast
import contextlib
import inspect
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

import pytest
from click.testing import CliRunner

import coopbooks
from coopbooks.books import safe, safe_child
from coopbooks.books.appended import entered_in
from coopbooks.books.digest import digest_of
from coopbooks.books.limits import MORE_TIME, PLUGINS_TAKEN, UNTRUSTED, Limits, seconds_given
from coopbooks.books.loading import load_books
from coopbooks.books.safe_child import Forbidden, Guard
from coopbooks.books.safe_reading import read_safely
from coopbooks.books.unseen import unseen_in, visible, visible_in_json
from coopbooks.cli import call
from coopbooks.cli.program import main
from coopbooks.errors import LedgerUnusable

ROOT = Path(__file__).resolve().parent.parent
LONG = os.environ.get("COOPBOOKS_LONG") == "1"
HEAD = """\
option "operating_currency" "EUR"
2025-01-01 open Assets:Bank
2025-01-01 open Equity:Start
2025-01-01 custom "coop" "bylaw" "wage-ratio"
  cap: 4
"""
FIRST = HEAD.count("\n") + 1
Sent = Callable[..., Path]


@pytest.fixture
def sent(tmp_path: Path) -> Sent:
    """Writes a ledger into a folder of its own: the text after five lines that every one has, and files beside it."""

    def write(text: str | bytes = "", **files: str | bytes) -> Path:
        folder = tmp_path / "sent"
        folder.mkdir(exist_ok=True)
        path = folder / "main.beancount"
        path.write_bytes(HEAD.encode() + (text.encode() if isinstance(text, str) else text))
        for name, content in files.items():
            file = folder / name.replace("__", "/").replace("_", ".")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def refused(path: Path) -> list[str]:
    """What was refused, as a person reads it."""
    found = sorted(each for each in load_books(path, untrusted=True).errors if each.rule == UNTRUSTED)
    return [str(each) for each in found]


def unusable(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(LedgerUnusable) as told:
        safe.load_untrusted(path, limits)
    assert "\n" not in str(told.value)
    assert "Traceback" not in str(told.value)
    return str(told.value)


def seen(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every file below a folder: its mode, when it was last changed, and its bytes."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() and not path.is_symlink() else b"",
        )
        for path in sorted(folder.rglob("*"))
    } | {".": (folder.stat().st_mode, folder.stat().st_mtime_ns, b"")}


# -- plugins ---------------------------------------------------------------------------------------------------------


def test_a_plugin_of_the_ledger_is_not_run(sent: Sent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "mark"
    path = sent('plugin "evil"\n', evil_py=f"open({str(mark)!r}, 'w')\n__plugins__ = ()\n")
    monkeypatch.chdir(path.parent)
    monkeypatch.setenv("PYTHONPATH", str(path.parent))
    before = seen(path.parent)
    assert refused(path) == [
        (
            f'main.beancount:{FIRST}: the plugin "evil", which the ledger names, was not run in a ledger that someone sent: '
            "judge the books without what it adds, and ask the sender what that is"
        )
    ]
    assert not mark.exists()
    assert seen(path.parent) == before


@pytest.mark.parametrize("module", ["json", "regex", "beancount", "coopbooks", "sitecustomize", "resource"])
def test_no_module_of_the_folder_stands_in_for_ours(
    sent: Sent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    mark = tmp_path / "mark"
    path = sent("")
    (path.parent / f"{module}.py").write_text(f"open({str(mark)!r}, 'w')\n")
    monkeypatch.chdir(path.parent)
    monkeypatch.setenv("PYTHONPATH", str(path.parent))
    assert load_books(path, untrusted=True).errors == ()
    assert not mark.exists()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('plugin "os"', '"os", which the ledger names'),
        ('plugin "coopbooks.cli"', '"coopbooks.cli", which the ledger names'),
        ('plugin "coopbooks.plugins_evil"', '"coopbooks.plugins_evil", which the ledger names'),
        ('plugin "beancount.plugins.commodity_attr"', '"beancount.plugins.commodity_attr", which the ledger names'),
        (
            'plugin "beancount.plugins.check_commodity" "__import__(\'os\')._exit(3)"',
            '"beancount.plugins.check_commodity", with a configuration',
        ),
        ('plugin "beancount.plugins.leafonly" ""', '"beancount.plugins.leafonly", with a configuration'),
    ],
)
def test_of_plugins_only_those_of_the_list_and_without_a_configuration(sent: Sent, line: str, why: str) -> None:
    (told,) = refused(sent(line + "\n"))
    assert told.startswith(f"main.beancount:{FIRST}: the plugin {why}, was not run")


def test_our_own_plugins_are_asked_anew(sent: Sent) -> None:
    path = sent(
        'plugin "coopbooks.plugins"\nplugin "coopbooks.plugins.records"\n2025-01-02 custom "coop" "bylow" "x"\n'
    )
    found = load_books(path, untrusted=True)
    assert found.errors == ()
    check = coopbooks.load(path, untrusted=True).check().to_data()
    assert [error["place"] for error in check["errors"]] == [f"main.beancount:{FIRST + 2}"]


@pytest.mark.parametrize("name", sorted(PLUGINS_TAKEN))
def test_a_plugin_of_the_list_does_what_it_does_elsewhere(sent: Sent, name: str) -> None:
    path = sent(
        f'plugin "{name}"\n'
        "2025-01-02 open Assets:Shares\n"
        '2025-02-01 * "shares"\n  Assets:Shares  2 ABC {10.00 EUR} @ 11.00 EUR\n  Assets:Bank  -20.00 EUR\n'
        "2025-03-01 close Equity:Start\n"
    )
    ours, plain = load_books(path, untrusted=True), load_books(path)
    assert ours.facts.to_text() == plain.facts.to_text()
    assert sorted(ours.errors) == sorted(plain.errors)


# -- files -----------------------------------------------------------------------------------------------------------

OUTSIDE = "it is a file outside of the ledger's folder, or a link to one: move the file itself into the folder"


@pytest.mark.parametrize("name", ["/etc/passwd", "../../x", "../secret.beancount", "a/../../secret.beancount"])
def test_an_include_that_leads_out_is_not_followed(sent: Sent, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.beancount").write_text("2025-01-01 open Assets:Secret\n")
    path = sent(f'include "{name}"\n', a__x="")
    assert refused(path) == [f'main.beancount:{FIRST}: include "{name}" was not followed: {OUTSIDE}']
    assert "Assets:Secret" not in load_books(path, untrusted=True).facts.accounts


def test_a_link_that_leads_out_is_not_followed(sent: Sent, tmp_path: Path) -> None:
    (tmp_path / "secret.beancount").write_text("2025-01-01 open Assets:Secret\n")
    path = sent('include "near.beancount"\ninclude "inner.beancount"\ninclude "folder/*.beancount"\n', real_txt="")
    (path.parent / "near.beancount").symlink_to(tmp_path / "secret.beancount")
    (path.parent / "inner.beancount").symlink_to("real.txt")
    (path.parent / "folder").symlink_to(tmp_path)
    found = load_books(path, untrusted=True)
    assert [str(each) for each in found.errors] == [
        f'main.beancount:{FIRST}: include "near.beancount" was not followed: {OUTSIDE}',
        f'main.beancount:{FIRST + 2}: File glob "folder/*.beancount" does not match any files',
    ]
    assert [each.path for each in found.read or ()] == ["inner.beancount", "main.beancount"]


def test_a_pattern_stays_inside_and_its_files_come_in_order(sent: Sent) -> None:
    path = sent(
        'include "y/*.txt"\ninclude "**/z.txt"\ninclude "../*"\ninclude "/etc/*"\n',
        y__b_txt="", y__a_txt="", y__k__z_txt="", z_txt="",
    )  # fmt: skip
    (path.parent / "y" / ".hidden.txt").write_text("")
    (path.parent / "y" / "x\u202e.txt").write_text("")
    found = load_books(path, untrusted=True)
    assert [each.path for each in found.read or ()] == ["main.beancount", "y/a.txt", "y/b.txt", "y/k/z.txt", "z.txt"]
    leads = "the pattern leads out of the ledger's folder: write one that stays inside it"
    assert refused(path) == [
        f'main.beancount:{FIRST + 2}: include "../*" was not followed: {leads}',
        f'main.beancount:{FIRST + 3}: include "/etc/*" was not followed: {leads}',
    ]


def test_only_regular_files_are_read(sent: Sent) -> None:
    path = sent('include "pipe"\ninclude "zero"\ninclude "folder"\n', folder__x="")
    os.mkfifo(path.parent / "pipe")
    (path.parent / "zero").symlink_to("/dev/zero")
    regular = "it is no regular file: a ledger is kept in files of text"
    assert refused(path) == [
        f'main.beancount:{FIRST}: include "pipe" was not followed: {regular}',
        f'main.beancount:{FIRST + 1}: include "zero" was not followed: {OUTSIDE}',
        f'main.beancount:{FIRST + 2}: include "folder" was not followed: {regular}',
    ]


@pytest.mark.parametrize("kind", ["pipe", "device", "huge", "page", "bytes"])
def test_what_is_no_ledger_is_refused_in_a_sentence(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "main.beancount"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "huge":
        path.touch()
        os.truncate(path, 1 << 40)
    else:
        path.write_bytes(b"<html>" if kind == "page" else b"\xff\xfe")
    assert (
        unusable(path)
        == {
            "pipe": "main.beancount is not read as a ledger: it is no regular file: a ledger is kept in files of text",
            "device": f"main.beancount is not read as a ledger: {OUTSIDE}",
            "huge": "main.beancount is not read as a ledger: it has 1,099,511,627,776 bytes and the files before it 0, more than "
            "the 64 MiB a file and 128 MiB in all that are read: divide the books by years",
            "page": "main.beancount is a web page: give the ledger's top-level file, as main.beancount",
            "bytes": "main.beancount is not text in UTF-8: give the ledger's top-level file",
        }[kind]
    )


def test_a_huge_file_and_too_many_files_are_not_read(sent: Sent) -> None:
    path = sent('include "huge"\ninclude "d/*"\n', **{f"d__{number}": "" for number in range(4)})
    (path.parent / "huge").touch()
    os.truncate(path.parent / "huge", 1 << 40)
    told = safe.load_untrusted(path, Limits(files=3)).errors
    assert [str(each) for each in told] == [
        (
            f'main.beancount:{FIRST}: include "huge" was not followed: it has 1,099,511,627,776 bytes and the files before it '
            f"{len(path.read_bytes())}, more than the 64 MiB a file and 128 MiB in all that are read: divide the books by years"
        ),
        *(
            f'main.beancount:{FIRST + 1}: include "d/{number}" was not followed: the ledger has 3 files already, the most '
            "that are read: join some"
            for number in (2, 3)
        ),
    ]
    looked = safe.load_untrusted(path, Limits(looked_at=3)).errors
    assert str(looked[0]) == (
        f'main.beancount:{FIRST + 1}: include "d/*" was not followed: the patterns are compared with more than 3 names: '
        "name the files one by one"
    )


def test_an_encrypted_file_starts_no_program(sent: Sent) -> None:
    path = sent('include "a.gpg"\ninclude "b.asc"\n', a_gpg="x", b_asc="-----BEGIN PGP MESSAGE-----\n")
    assert [told.partition(": ")[2] for told in refused(path)] == [
        f'include "{name}" was not followed: it is encrypted: ask for the text that is in it'
        for name in ("a.gpg", "b.asc")
    ]


def test_a_cycle_ends(sent: Sent) -> None:
    path = sent('include "b"\ninclude "main.beancount"\n', b='include "main.beancount"\n')
    assert [str(each) for each in load_books(path, untrusted=True).errors] == [
        f'main.beancount:{FIRST + 1}: Duplicate filename parsed: "main.beancount"',
        'b:1: Duplicate filename parsed: "main.beancount"',
    ]


def test_documents_outside_are_not_looked_for(sent: Sent) -> None:
    path = sent(
        '2025-01-02 document Assets:Bank "/etc/passwd"\n'
        '2025-01-02 document Assets:Bank "papers/a.pdf"\n'
        '2025-01-02 document Assets:Bank "papers/missing.pdf"\n',
        papers__a_pdf="x",
    )
    assert [str(each) for each in load_books(path, untrusted=True).errors] == [
        (
            f'main.beancount:{FIRST}: the document "passwd" lies outside of the ledger\'s folder, so nobody looked for it: '
            "move it there"
        ),
        f'main.beancount:{FIRST + 2}: File does not exist: "papers/missing.pdf"',
    ]


# -- the load cache --------------------------------------------------------------------------------------------------


class _Trap:
    """Unpickled, it makes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return (open, (str(self.mark), "w"))


def test_a_load_cache_is_neither_read_nor_written_nor_deleted(sent: Sent, tmp_path: Path) -> None:
    path, mark = sent(""), tmp_path / "mark"
    (path.parent / ".main.beancount.picklecache").write_bytes(pickle.dumps(_Trap(mark)))
    before = seen(path.parent)
    for args in (["check", "--untrusted"], ["audit", "--period", "2025"], ["wages", "--untrusted"]):
        CliRunner().invoke(main, [args[0], str(path), *args[1:]])
    assert not mark.exists()
    assert seen(path.parent) == before


# -- options and tolerances ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pythonpath", "."),
        ("insert_pythonpath", "TRUE"),
        ("documents", "/etc"),
        ("plugin_processing_mode", "raw"),
        ("tolerance_multiplier", "1000"),
        ("inferred_tolerance_multiplier", "NaN"),
        ("inferred_tolerance_default", "*:1000"),
        ("inferred_tolerance_default", "EUR:0.01"),
        ("infer_tolerance_from_cost", "TRUE"),
        ("include", "/etc/passwd"),
        ("dcontext", "x"),
    ],
)
def test_an_option_that_asks_for_more_is_not_followed(sent: Sent, key: str, value: str) -> None:
    assert refused(sent(f'option "{key}" "{value}"\n')) == [
        (
            f'main.beancount:{FIRST}: option "{key}" "{value}" was not followed: a ledger that someone sent is judged as if the '
            "line were not there"
        )
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("title", "Books"),
        ("tolerance_multiplier", "0.5"),
        ("inferred_tolerance_default", "EUR:0.005"),
        ("insert_pythonpath", "FALSE"),
        ("booking_method", "FIFO"),
    ],
)
def test_an_option_that_asks_for_nothing_more_is(sent: Sent, key: str, value: str) -> None:
    assert load_books(sent(f'option "{key}" "{value}"\n'), untrusted=True).errors == ()


@pytest.mark.parametrize("off", ["0.01", "0.02"])
@pytest.mark.parametrize("how", ["options", "stated", "coarse"])
def test_a_balance_is_judged_by_our_tolerance(sent: Sent, how: str, off: str) -> None:
    options = 'option "tolerance_multiplier" "1000"\noption "inferred_tolerance_default" "*:1000"\n'
    amount = {"options": "100.00", "stated": "100.00 ~ 1000", "coarse": "100.0"}[how]
    path = sent(
        (options if how == "options" else "")
        + f'2025-02-01 * "x"\n  Assets:Bank  {100 + float(off):.2f} EUR\n  Equity:Start\n'
        + f"2025-03-01 balance Assets:Bank {amount} EUR\n"
    )
    failed = [each for each in load_books(path, untrusted=True).errors if each.rule == "beancount"]
    assert len(failed) == (off == "0.02")


def test_a_transaction_that_leaves_something_over_is_found_however_coarse_it_is_written(sent: Sent) -> None:
    path = sent('2025-02-01 * "x"\n  Assets:Bank  100.0 EUR\n  Equity:Start  -100.04 EUR\n')
    assert load_books(path).errors == ()
    assert refused(path) == [
        (
            f"main.beancount:{FIRST}: this transaction leaves -0.04 EUR over, and 0.005 EUR is all that is tolerated in a "
            "ledger that someone sent: mend its amounts"
        )
    ]


# -- characters that nobody sees -------------------------------------------------------------------------------------

HIDDEN = [
    "\x00",
    "\x1b",
    "\x7f",
    "\x9b",
    "\u061c",
    "\u200e",
    "\u200f",
    "\u2028",
    "\u202e",
    "\u2066",
    "\u2069",
    "\ufeff",
]


def test_characters_that_nobody_sees_are_named_and_never_passed_on(sent: Sent) -> None:
    chars = HIDDEN[1:]  # at a zero byte Beancount's parser stops
    codes = [f"U+{ord(char):04X}" for char in chars]
    records = (f'2025-01-02 custom "coop" "vow" "m01{char}"\n  period: "2025"\n; a {char} comment\n' for char in chars)
    path = sent("".join(records))
    told = refused(path)
    assert [line.split(":")[1] for line in told] == [
        str(FIRST + 3 * place + by) for place in range(11) for by in (0, 2)
    ]
    for code, first, second in zip(codes, told[::2], told[1::2], strict=True):
        assert f"the character {code} stands here" in first
        assert f"the character {code} stands here" in second
    for args in (["check"], ["check", "--format", "json"], ["check", "--format", "csv"], ["audit", "--period", "2025"]):
        result = CliRunner().invoke(main, [args[0], str(path), "--untrusted", "--as-of", "2026-06-01", *args[1:]])
        assert result.exit_code == 1, result.output
        assert [char for char in chars if char in result.output] == []
        assert args[0] != "check" or all(f"[{code}]" in result.output for code in codes)
    names = [str(path.parent.parent / f"report.{suffix}") for suffix in ("json", "md", "html", "sarif")]
    outputs = [word for name in names for word in ("-o", name)]
    CliRunner().invoke(main, ["audit", str(path), "--period", "2025", "--as-of", "2026-06-01", *outputs])
    for name in names:
        content = Path(name).read_text(encoding="utf-8")
        assert [char for char in chars if char in content] == []
        assert name.endswith("sarif") or all(code in content for code in codes)


def test_one_that_is_written_with_a_backslash_is_found_too(sent: Sent) -> None:
    path = sent('2025-01-02 custom "coop" "vow" "a\\bb" \n  period: "c\\\\b"\n')
    assert refused(path) == [
        f"main.beancount:{FIRST}: the character U+0008 stands here, which nobody sees or which turns what is read: take it out"
    ]
    written = load_books(path, untrusted=True).facts.written[-1]
    assert (written.values[1], written.fields["period"]) == ("a[U+0008]b", "c\\b")


def test_lines_that_end_as_windows_writes_them_and_a_mark_at_the_beginning_are_none() -> None:
    assert unseen_in(b"\xef\xbb\xbf; a\r\n; b\r\n") == []
    assert unseen_in("; café\tñ\n".encode()) == []
    assert [tuple(each) for each in unseen_in("; a\rb\n\n\ufeff\n".encode())] == [(1, "U+000D"), (3, "U+FEFF")]
    assert unseen_in(b"; \xff\n") == []
    assert len(unseen_in(b"\0" * 9, most=4)) == 4  # a file of nothing else would fill the memory with findings


@pytest.mark.parametrize("char", HIDDEN)
def test_text_is_made_visible(char: str) -> None:
    code = f"[U+{ord(char):04X}]"
    assert visible(f"a{char}b") == f"a{code}b"
    for ensure_ascii in (True, False):
        text = json.dumps([f"a{char}b\n\t\\b", "\\u001b"], ensure_ascii=ensure_ascii)
        if ensure_ascii and ord(char) > 0x1F:
            continue  # facts are never written so
        assert json.loads(visible_in_json(text)) == [f"a{code}b\n\t\\b", "\\u001b"]


def test_json_on_a_terminal_writes_such_a_character_by_its_number_and_says_the_same(sent: Sent) -> None:
    path = sent('2025-01-02 custom "coop" "vow" "m\u202e"\n')
    result = CliRunner().invoke(main, ["check", str(path), "--format", "json"])
    assert "\u202e" not in result.output
    assert "m\u202e" in json.loads(result.output)["errors"][0]["message"]


def test_a_return_before_the_end_of_a_line_is_text() -> None:
    assert json.loads(visible_in_json(json.dumps("a\r\nb\rc"))) == "a\r\nb[U+000D]c"


# -- what goes wrong -------------------------------------------------------------------------------------------------


def test_a_parser_that_gives_up_is_a_sentence(sent: Sent) -> None:
    deep = 100_000
    path = sent(f"2025-01-02 price EUR {'(' * deep}1{')' * deep} USD\n")
    assert unusable(path) == (
        "main.beancount: Beancount itself stopped (MemoryError: Parser ran out of memory): take the last change out of the "
        "ledger and try again"
    )


@pytest.mark.parametrize(
    "text",
    [
        '2025-02-01 * "x"\n  Assets:Bank  {} EUR\n  Equity:Start\n',
        '2025-02-01 * "x"\n  Assets:Bank  10.00 USD @ {} EUR\n  Equity:Start\n',
        '2025-02-01 * "x"\n  Assets:Bank  10.00 USD @@ {} EUR\n  Equity:Start\n',
        '2025-02-01 * "x"\n  Assets:Bank  10.00 USD {{{} EUR}}\n  Equity:Start\n',
        "2025-02-01 price USD {} EUR\n",
        "2025-02-01 balance Assets:Bank {} EUR\n",
        "2025-02-01 balance Assets:Bank 1.00 ~ {} EUR\n",
        '2025-02-01 custom "coop" {}\n',
        '2025-02-01 * "x"\n  key: {}\n  Assets:Bank  10.00 EUR\n  Equity:Start\n',
    ],
)
def test_a_division_by_zero_is_a_sentence_wherever_it_stands(sent: Sent, text: str) -> None:
    """Beancount's parser, alone, goes on without a number, and for most of these Python ends with a fault of memory."""
    written = "10.00 / 0.00" if len(text) % 2 else "0.00 / 0.00"
    path = sent(text.format(written))
    line = 1 + next(number for number, each in enumerate(path.read_text().splitlines()) if written in each)
    assert unusable(path) == (
        f"main.beancount:{line}: a number in this line is divided by zero, which gives none: write the number that is meant"
    )


def test_a_number_with_more_digits_than_anybody_writes_is_not_read(sent: Sent) -> None:
    """A single step of arithmetic with such a number may take minutes, in which nothing can stop it."""
    numbers = ("1" * 101, "0." + "1" * 101, " * ".join(["1" + "0" * 80] * 3), "1 /" + " 1" + "0" * 101)
    most = ("1" * 100, "0." + "1" * 100, " * ".join(["1" + "0" * 40] * 2))
    lines = [
        '2025-02-01 * "x"\n  Assets:Bank  {} EUR\n  Equity:Start\n',
        '2025-02-01 * "x"\n  Assets:Bank  1 ABC {{{} EUR}}\n  Equity:Start\n',
        '2025-02-01 * "x"\n  Assets:Bank  1 ABC {{1 # {} EUR}}\n  Equity:Start\n',
        '2025-02-01 * "x"\n  key: {}\n  Assets:Bank  1 EUR\n  Equity:Start\n',
        "2025-02-01 balance Assets:Bank  0 ~ {} EUR\n",
        '2025-02-01 custom "coop" "vow" {}\n',
    ]
    few = sent("".join(lines[place].format(number) for place in (3, 5) for number in most))
    assert [each for each in safe.load_untrusted(few).errors if "digits" in each.message] == []
    texts = [line.format(number) for line in lines for number in numbers]
    found = safe.load_untrusted(sent("".join(texts)))
    told = [str(each) for each in found.errors if "digits" in each.message]
    places = [FIRST + "".join(texts[:number]).count("\n") for number in range(len(texts))]
    assert [int(each.split(":")[1]) - place in (0, 1) for each, place in zip(told, places, strict=True)] == [True] * 24
    assert {each.split(": ", 1)[1] for each in told} == {
        (
            "a number with more than 100 digits before its point or behind it is not read in a ledger that someone sent: "
            "write it with fewer"
        )
    }
    assert {name for _, names in found.dropped if names for name in names} == {"Assets:Bank", "Equity:Start"}


def test_many_errors_cost_no_more_than_their_number(sent: Sent) -> None:
    """They once were looked for in all the lines before each, which is minutes for a file of nonsense."""
    path = sent("x\n" * 20_000 + '2025-02-01 * "x"\n' + f"  Assets:Bank {'9' * 9_000} * EUR\n" * 500)
    before = time.process_time()
    found = read_safely(str(path), Limits())
    assert time.process_time() - before < 5
    assert len(found.errors) == 2_001


def test_of_more_entries_than_are_named_any_answer_would_lack_one(sent: Sent) -> None:
    bad = '2025-02-01 * "x"\n  Assets:Bank  1.00 EUR EUR\n  Equity:Start\n'
    path = sent(bad * 5 + 'include "../x"\n')
    dropped = safe.load_untrusted(path, Limits(findings=3)).dropped
    assert [accounts and sorted(accounts) for _, accounts in dropped] == [
        None,
        *[["Assets:Bank", "Equity:Start"]] * 2,
        None,
    ]
    assert [finding.rule for finding, _ in dropped] == [UNTRUSTED, "beancount", "beancount", "beancount"]
    assert dropped[-1].finding.message == "3 more entries could not be taken"


# -- time ------------------------------------------------------------------------------------------------------------


def test_whoever_expects_large_books_gives_them_more_time(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOPBOOKS_SECONDS")
    assert seconds_given() == 28
    monkeypatch.setenv("COOPBOOKS_SECONDS", "300")
    assert seconds_given() == 300
    monkeypatch.setenv("COOPBOOKS_SECONDS", "1")
    path = sent('include "large.txt"\n', large_txt='2025-01-02 * "' + "x" * 20_000_000 + '"\n')
    assert "it takes more than 1 s: " in unusable(path)


@pytest.mark.parametrize("wrong", ["0", "x", "1.5", "-3", "86401", "\u0663", "9" * 5_000])
def test_a_time_that_is_none_is_refused(sent: Sent, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("COOPBOOKS_SECONDS", wrong)
    result = CliRunner().invoke(main, ["check", str(sent("")), "--untrusted"])
    assert result.exit_code == 2
    assert "write whole seconds from 1 to 86,400, as COOPBOOKS_SECONDS=300" in result.output
    assert len(result.output) < 2_000


def test_a_person_who_is_asked_has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The seconds stand still meanwhile, and go on afterwards."""
    monkeypatch.setattr("coopbooks.books.limits.seconds_given", lambda: 0.3)
    with call._bounded("main.beancount"), call.unhurried():
        time.sleep(0.5)
    with pytest.raises(LedgerUnusable, match=r"stopped, since it takes more than 0\.3 s"):
        _asked_and_slow()
    with call.unhurried():
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def _asked_and_slow() -> None:
    with call._bounded("main.beancount"):
        with call.unhurried():
            time.sleep(0.5)
        time.sleep(0.5)


def test_an_alarm_that_comes_as_the_work_is_done_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    real, before = signal.setitimer, signal.getsignal(signal.SIGALRM)

    def setitimer(which: int, seconds: float, again: float = 0.0) -> tuple[float, float]:
        if not seconds:
            signal.raise_signal(signal.SIGALRM)
        return real(which, seconds, again)

    monkeypatch.setattr(signal, "setitimer", setitimer)
    with call._bounded("main.beancount"):
        pass
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


@pytest.mark.parametrize("swallowed", [False, True])
def test_what_is_judged_afterwards_has_no_more_time(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, *, swallowed: bool
) -> None:
    """The child is bounded by its own limits; what the books then cost this side is stopped by the same clock."""

    def judged(*_: object, **__: object) -> None:
        began = time.monotonic()
        with contextlib.suppress(*([BaseException] if swallowed else [Exception])):
            while time.monotonic() - began < 20:
                pass
        while time.monotonic() - began < 20:
            pass

    monkeypatch.setenv("COOPBOOKS_SECONDS", "1")
    monkeypatch.setattr(call, "_AGAIN_S", 0.2)
    monkeypatch.setattr(coopbooks.Cooperative, "check", judged)
    before = signal.getsignal(signal.SIGALRM)
    result = CliRunner().invoke(main, ["check", str(sent("")), "--untrusted"])
    assert result.exit_code == 2
    assert result.output.endswith(
        "main.beancount: stopped, since it takes more than 1 s, the most that a ledger that somebody sent is given: "
        f"ask the sender for a ledger without what takes so long, {MORE_TIME}\n"
    )
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_too_much_time_memory_or_text_is_a_sentence(sent: Sent) -> None:
    end = "ask the sender for a ledger without what stands there"
    slow = sent('include "large.txt"\n', large_txt='2025-01-02 * "' + "x" * 20_000_000 + '"\n')
    assert (
        unusable(slow, Limits(seconds=1))
        == f"large.txt: the ledger was not read, since it takes more than 1 s: {end}, {MORE_TIME}"
    )
    path = sent('include "large.txt"\n', large_txt="2025-01-02 open Assets:M\n" * 200_000)
    assert unusable(path, Limits(memory=100 << 20)) == (
        f"large.txt: the ledger was not read, since it takes more than 100 MiB of memory: {end}"
    )
    path = sent('include "large.txt"\n', large_txt="")
    assert unusable(path, Limits(answer_bytes=100)) == (
        f"large.txt: the ledger was not read, since it says more than 0 MiB of text: {end}"
    )


@pytest.mark.parametrize(
    ("start", "why"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "its reading crashed (SIGSEGV)"),
        ("import os; os._exit(7)", "its reading crashed (exit code 7)"),
        ("import os; os._exit(0)", "its reading crashed (without an answer)"),
        ("import time; time.sleep(60)", "it takes more than 1 s"),
        ("import os, time; os.close(1); time.sleep(60)", "it takes more than 1 s"),
        ("print('stopped \"open\"')", "its reading was stopped (open)"),
    ],
)
def test_a_crash_is_a_sentence(sent: Sent, monkeypatch: pytest.MonkeyPatch, start: str, why: str) -> None:
    monkeypatch.setattr(safe, "_START", start)
    cure = "ask the sender for a ledger without what stands there"
    assert unusable(sent(""), Limits(seconds=1)) == (
        f"main.beancount: the ledger was not read, since {why}: {cure}{f', {MORE_TIME}' * ('1 s' in why)}"
    )


def test_the_command_says_it_in_one_line_and_ends_with_two(sent: Sent) -> None:
    path = sent("2025-01-02 price EUR " + "(" * 100_000 + "\n")
    for command in (["check", "--untrusted"], ["audit"]):
        result = CliRunner().invoke(main, [command[0], str(path), *command[1:]])
        assert result.exit_code == 2
        assert result.output.count("\n") == 1


def test_there_are_only_so_many_findings(sent: Sent) -> None:
    path = sent('option "documents" "x"\n' * 50 + "2025-01-01 open Assets:Bank\n" * 50)
    told = safe.load_untrusted(path, Limits(findings=60)).errors
    assert len(told) == 61
    assert told[-1].message == "40 more findings are not named: mend those before this one first"


# -- the process -----------------------------------------------------------------------------------------------------

TRIES = {
    "open('{mark}', 'w')": "open",
    "open('/etc/passwd')": "open",
    "open('{secret}')": "open",
    "open(b'/etc/passwd')": "open",
    "open('{link}')": "open",
    "open('{ledger}', 'a')": "open",
    "os.open('{ledger}', os.O_RDWR)": "open",
    "os.open('{ledger}', os.O_RDONLY | os.O_CREAT)": "open",
    "os.open('{ledger}', os.O_RDONLY | os.O_TRUNC)": "open",
    "os.open('{ledger}', os.O_APPEND)": "open",
    "os.listdir('/etc')": "os.listdir",
    "os.scandir('/etc')": "os.scandir",
    "os.chdir('/')": "os.chdir",
    "os.system('true')": "os.system",
    "os.fork()": "os.fork",
    "os.execv('/bin/true', ['true'])": "os.exec",
    "subprocess.run(['true'])": "subprocess.Popen",
    "os.posix_spawn('/bin/true', ['true'], {{}})": "os.posix_spawn",
    "socket.socket()": "socket.__new__",
    "socket.getaddrinfo(b'localhost', 9)": "socket.getaddrinfo",
    "sqlite3.connect('{mark}')": "sqlite3.connect",
    "ctypes.CDLL(None)": "ctypes.dlopen",
    "__import__('antigravity')": "import",
    "eval('1')": "compile",
    "exec(code)": "exec",
    "pickle.loads(pickled)": "pickle.find_class",
    "sys.addaudithook(print)": "sys.addaudithook",
    "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))": "resource.setrlimit",
    "os.remove('{ledger}')": "os.remove",
    "os.rename('{ledger}', '{mark}')": "os.rename",
    "os.chmod('{ledger}', 0)": "os.chmod",
    "os.utime('{ledger}')": "os.utime",
    "os.mkdir('{mark}')": "os.mkdir",
    "os.rmdir('{ledger}')": "os.rmdir",
    "os.link('{ledger}', '{mark}')": "os.link",
    "os.symlink('{ledger}', '{mark}')": "os.symlink",
    "os.truncate('{ledger}', 0)": "os.truncate",
    "os.setxattr('{ledger}', 'user.x', b'')": "os.setxattr",
    "os.kill(os.getppid(), 0)": "os.kill",
}


def test_the_process_refuses_what_reading_does_not_need(sent: Sent, tmp_path: Path) -> None:
    path, mark, secret = sent(""), tmp_path / "mark", tmp_path / "secret"
    secret.write_text("s")
    link = path.parent / "link"
    link.symlink_to(secret)
    tries = ",\n".join(f"lambda: {code.format(mark=mark, secret=secret, ledger=path, link=link)}" for code in TRIES)
    before = seen(path.parent)
    script = f"""
import ctypes, os, pickle, resource, socket, sqlite3, subprocess, sys
code, pickled = compile("1", "", "exec"), pickle.dumps(print)
from coopbooks.books.safe_child import Forbidden, Guard
guard = Guard({str(path.parent)!r}, [os.path.dirname(os.__file__)])
tries = [{tries}]
sys.addaudithook(guard)
open({str(path)!r}).close()
for number, each in enumerate(tries):
    try:
        each()
        os.write(1, b"nothing\\n")
    except Forbidden as error:
        os.write(1, f"{{error}}\\n".encode())
os._exit(0)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (ran.stdout.split(), ran.stderr) == (list(TRIES.values()), "")
    assert not mark.exists()
    assert seen(path.parent) == before


def test_what_was_tried_is_told_though_the_parser_swallowed_it() -> None:
    guard = Guard("/", [])

    def said() -> list[tuple[str, str]]:
        with contextlib.suppress(Forbidden):  # as Beancount's parser does with whatever its callbacks raise
            guard("socket.connect", ())
        return [("facts", "{}"), ("rest", "{}")]

    assert safe_child._answer(said, guard) == [("stopped", '"socket.connect"')]


def test_nothing_is_imported_once_the_ledger_is_read() -> None:
    """Every import inside a function of what the process holds is loaded before, so that none is tried afterwards."""
    script = "import json, sys; from coopbooks.books.safe_child import ready; ready(); print(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    loaded = set(json.loads(ran.stdout))
    ours = {
        "coopbooks.books.safe_child",
        "coopbooks.books.loading",
        "coopbooks",
    }  # its start, the plain loader, and names
    missing = set()
    for name in loaded:
        if not name.startswith("coopbooks") or name in ours:
            continue
        tree = ast.parse(inspect.getsource(__import__(name, fromlist=["x"])))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.ImportFrom) and node.module not in loaded:
                        missing.add((name, node.module))
                    elif isinstance(node, ast.Import):
                        missing.update((name, each.name) for each in node.names if each.name not in loaded)
    assert missing == set()


def test_the_process_has_little(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    said = (
        "json.dumps({n: resource.getrlimit(getattr(resource, n))[0] for n in dir(resource) if n.startswith('RLIMIT_')})"
    )
    monkeypatch.setattr(
        safe,
        "_START",
        "import json, os, sys; sys.path += json.loads(sys.argv[1])['folders']; from coopbooks.books import safe_child, limits; "
        "safe_child.confine(limits.Limits()); import resource; "
        f"print('stopped', json.dumps(json.dumps([dict(os.environ), sys.flags.isolated, os.getcwd(), {said}])))",
    )
    with pytest.raises(LedgerUnusable) as told:
        safe.load_untrusted(sent(""))
    text = str(told.value)
    environment, isolated, folder, limits = json.loads(text[text.index("(") + 1 : text.rindex(")")])
    assert set(environment) <= {"LC_CTYPE"}
    assert (isolated, folder) == (1, "/")
    assert json.loads(limits)["RLIMIT_FSIZE"] == 0
    if sys.platform == "linux":
        wanted = {"RLIMIT_AS": 1 << 30, "RLIMIT_CPU": 28, "RLIMIT_NOFILE": 64, "RLIMIT_NPROC": 0, "RLIMIT_CORE": 0}
        assert {name: json.loads(limits)[name] for name in wanted} == wanted


def test_the_guard_knows_the_folder(tmp_path: Path) -> None:
    guard = Guard(str(tmp_path), [str(ROOT)])
    guard("open", (str(tmp_path / "x"), None, os.O_RDONLY | os.O_CLOEXEC))
    guard("open", (str(ROOT / "setup.py"), "r", os.O_RDONLY))
    guard("os.listdir", (str(tmp_path),))
    for event, args in (
        ("open", (str(ROOT / "README.md"), "r", os.O_RDONLY)),
        ("open", (str(tmp_path / "x"), "w", os.O_WRONLY | os.O_CREAT)),
        ("open", (b"/etc/passwd", "r", os.O_RDONLY)),
        ("open", (f"{tmp_path}x/y", "r", os.O_RDONLY)),
        ("open", (str(tmp_path / ".." / "x"), "r", os.O_RDONLY)),
        ("os.listdir", (str(ROOT),)),
        ("a.new.event", ()),
    ):
        with pytest.raises(Forbidden):
            guard(event, args)
    assert guard.broken == "open"


# -- the same as elsewhere -------------------------------------------------------------------------------------------

BENIGN = [
    *(ROOT / "ledgers" / name for name in ("bakery/main.beancount", "colab/main.beancount", "import/books.beancount")),
    *sorted((ROOT / "ledgers" / "broken").glob("*.beancount"))[:: 1 if LONG else 16],
]


@pytest.mark.parametrize("path", BENIGN, ids=lambda path: path.stem)
def test_benign_books_say_the_same(path: Path) -> None:
    ours, plain = load_books(path, untrusted=True), load_books(path)
    assert ours.facts.to_text() == plain.facts.to_text()
    assert sorted(ours.errors) == sorted(plain.errors)
    assert sorted(ours.dropped, key=repr) == sorted(plain.dropped, key=repr)
    assert sorted(ours.options["include"]) == sorted(plain.options["include"])


def test_the_digest_is_that_of_the_bytes_that_were_read(sent: Sent) -> None:
    path = sent('include "b"\n', b="; b\n")
    books = coopbooks.load(path, untrusted=True)
    assert books.ledger_sha256 == coopbooks.load(path).ledger_sha256 == digest_of(path, [path.parent / "b"])
    (path.parent / "b").write_text("; changed since\n")
    assert books.ledger_sha256 != digest_of(path, [path.parent / "b"])


def test_the_reading_itself_is_the_same_in_one_process(sent: Sent) -> None:
    """What the process does can be followed here line by line; the names of files are told before they are read."""
    path = sent('include "b"\nplugin "beancount.plugins.leafonly"\n', b="; b\n")
    told: list[str] = []
    found = read_safely(str(path), Limits(), told.append)
    assert told == ["main.beancount", "b"]
    assert found.facts.to_text() == load_books(path).facts.to_text()
    assert safe_child._facts(found, str(path)) == found.facts.to_text()
    assert json.loads(safe_child._rest(found))["errors"] == []


def test_it_takes_little_longer(sent: Sent) -> None:
    """At most half as long again as the plain loader, and 0.3 s; the middle of five runs of each, one after the other.

    What is counted is the processor's time of both processes, which run one after the other: a busy machine has no part.
    """
    count = 20_000 if LONG else 1_200
    path = sent(
        "".join(
            f'2025-01-{1 + number % 28:02} * "Sale {number}"\n  Assets:Bank  {number}.10 EUR\n  Equity:Start\n'
            for number in range(count)
        )
    )
    over = []
    for _ in range(5):
        before = sum(os.times()[:4])
        load_books(path)
        between = sum(os.times()[:4])
        load_books(path, untrusted=True)
        over.append((sum(os.times()[:4]) - between) - 1.5 * (between - before))
    assert median(over) <= 0.3, over


# -- commands --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "args",
    [
        ["import", "march.csv", "--mapping", "map.toml"],
        ["publish", "--for", "members", "-o", "out.beancount"],
        ["close", "2025", "--into", "books.beancount"],
        ["snapshot", "2025-03", "--into", "books.beancount"],
        ["draw", "LA-2026", "--into", "books.beancount"],
    ],
)
def test_what_writes_to_a_ledger_takes_none_that_was_sent(sent: Sent, args: list[str]) -> None:
    path = sent("")
    result = CliRunner().invoke(main, [args[0], str(path), *args[1:], "--untrusted"])
    assert result.exit_code == 2
    assert "--untrusted" in result.output
    assert seen(path.parent).keys() == {".", "main.beancount"}


def test_the_open_book_serves_none_that_was_sent(sent: Sent) -> None:
    result = CliRunner().invoke(main, ["serve", str(sent("")), "--untrusted"])
    assert (result.exit_code, "runs the plugins of its ledger" in result.output) == (2, True)


@pytest.mark.parametrize(
    "command", [["audit"], ["verify"], ["draw"], ["check", "--untrusted"], ["wages", "--untrusted"]]
)
def test_auditors_run_nothing_of_what_they_were_sent(sent: Sent, tmp_path: Path, command: list[str]) -> None:
    mark = tmp_path / "mark"
    path = sent('option "insert_pythonpath" "TRUE"\nplugin "evil"\n', evil_py=f"open({str(mark)!r}, 'w')\n")
    before = seen(path.parent)
    name, *more = command
    report = tmp_path / "report.json"
    CliRunner().invoke(main, ["audit", str(path), "--period", "2025", "--as-of", "2026-06-01", "-o", str(report)])
    args = {"verify": [name, str(report), str(path)], "draw": [name, str(path), "LA-2026"]}.get(name, [name, str(path)])
    CliRunner().invoke(main, [*args, *more])
    assert report.exists()
    assert not mark.exists()
    assert seen(path.parent) == before


def test_what_was_refused_stands_in_the_report(sent: Sent) -> None:
    coop = coopbooks.load(sent('include "/etc/passwd"\nplugin "evil"\n'), untrusted=True)
    report = coop.audit(date(2026, 6, 1), period="2025").to_data()
    assert [(row["record"], row["place"]) for row in report["ignored"]] == [
        ("ledger", f"main.beancount:{FIRST + 1}"),
        ("ledger", f"main.beancount:{FIRST}"),
    ]
    (true,) = [row for row in report["criteria"] if row["id"] == "BKS-2"]
    assert true["outcome"] == "shortfall"
    with pytest.raises(LedgerUnusable, match="was not followed"):
        coop.wages()


def test_an_installation_without_its_packages_says_so(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe, "_PACKAGES", ("no_such_package",))
    assert unusable(sent("")) == (
        "the package no_such_package has no folder here: install coopbooks anew and try again"
    )


def test_what_was_added_is_read_as_elsewhere_and_follows_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.beancount").write_text("2020-01-01 open Assets:X\n")
    text = (
        f'include "{tmp_path}/x.beancount"\nplugin "evil"\n\n2026-01-02 custom "coop" "verdict" "LA-2025"\n  lineno: 7\n'
        '2026-01-03 custom "coop" "vow" "x" "y"\n2026-01-04 open Assets:Bank\nnonsense\n'
    )
    ours = safe.entered_untrusted(text)
    assert ours == entered_in(text)
    assert [each.record for each in ours.entries] == [("verdict", "LA-2025"), None]
    assert ours.error is not None
    with pytest.raises(LedgerUnusable, match=r"what was added: the ledger was not read, since its reading was stopped"):
        safe.entered_untrusted("2025-01-02 price EUR " + "(" * 100_000 + "\n")
