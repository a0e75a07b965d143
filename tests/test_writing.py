"""The writer to the user's files: whole or not at all, old bytes kept, and nobody else's work lost."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from beancount.parser import parser
from hypothesis import given
from hypothesis import strategies as st

from coopbooks.books import writing
from coopbooks.errors import WriteRefused

OLD = "2025-01-01 open Equity:Surplus\n2025-01-01 open Equity:Reserve\n"
NEW = """\
2025-12-31 * "Close of 2025" #coop-close
  period: "2025"
  Equity:Surplus    100.00 USD
  Equity:Reserve   -100.00 USD
"""
OTHER = "2026-01-01 open Assets:Bank\n"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "2025.beancount"
    path.write_bytes(OLD.encode())
    return path


def only(book: Path) -> bool:
    """Whether the book is all that its folder holds: no lock and no half-written file is left."""
    return [path.name for path in book.parent.iterdir()] == [book.name]


def test_the_text_comes_after_a_blank_line_and_the_old_bytes_stay(book: Path) -> None:
    assert writing.append(book, NEW)
    assert book.read_text() == OLD + "\n" + NEW
    assert only(book)


def test_a_second_run_writes_nothing(book: Path) -> None:
    writing.append(book, NEW)
    before = book.stat()
    assert not writing.append(book, NEW)
    assert book.stat() == before
    assert writing.dry_run(book, NEW) == ""


def test_lines_that_are_only_part_of_other_lines_do_not_count_as_contained(book: Path) -> None:
    book.write_text(OLD + "2025-01-02 open Assets:Bank:Current\n")
    assert writing.append(book, "2025-01-02 open Assets:Bank\n")


@pytest.mark.parametrize("text", ["", "\n", "  \n\n"])
def test_blank_text_writes_nothing(book: Path, text: str) -> None:
    assert not writing.append(book, text)
    assert book.read_text() == OLD


@pytest.mark.parametrize(
    ("old", "whole"),
    [
        ("", OTHER),
        ("; books", "; books\n\n" + OTHER),
        ("; books\n", "; books\n\n" + OTHER),
        ("; books\n\n", "; books\n\n" + OTHER),
        ("; books\r\n", "; books\r\n\r\n" + OTHER.replace("\n", "\r\n")),
        ("; books\r\n\r\n", "; books\r\n\r\n" + OTHER.replace("\n", "\r\n")),
    ],
)
def test_line_ends_are_those_of_the_file(book: Path, old: str, whole: str) -> None:
    book.write_bytes(old.encode())
    assert writing.append(book, OTHER)
    assert book.read_bytes() == whole.encode()
    assert not writing.append(book, OTHER)


def test_a_file_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new.beancount"
    assert writing.stamp(path) == ""
    assert writing.dry_run(path, OTHER).startswith(f"--- /dev/null\n+++ {path}\n@@ -0,0 +1,1 @@\n+2026")
    assert writing.append(path, OTHER, since="")
    assert path.read_text() == OTHER


def test_mode_and_link_are_kept(book: Path) -> None:
    book.chmod(0o640)
    link = book.with_name("link.beancount")
    link.symlink_to(book.name)
    assert writing.append(link, NEW)
    assert link.is_symlink()
    assert stat.S_IMODE(book.stat().st_mode) == 0o640
    assert book.read_text().endswith(NEW)


def test_a_file_that_changed_since_the_books_were_read_is_left_alone(book: Path) -> None:
    since = writing.stamp(book)
    book.write_text(OLD + OTHER)
    with pytest.raises(WriteRefused, match="another program changed it meanwhile"):
        writing.append(book, NEW, since=since)
    assert book.read_text() == OLD + OTHER


def test_a_file_that_changes_during_the_write_is_left_alone(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def sync_while_an_editor_saves(handle: int) -> None:
        book.write_text(OLD + OTHER)

    monkeypatch.setattr(os, "fsync", sync_while_an_editor_saves)
    with pytest.raises(WriteRefused, match="another program changed it meanwhile"):
        writing.append(book, NEW)
    assert book.read_text() == OLD + OTHER
    assert only(book)


@pytest.mark.parametrize(("owner", "step"), [(os, "fsync"), (Path, "replace")])
def test_a_refusal_of_the_disk_leaves_the_old_file_whole(
    book: Path, monkeypatch: pytest.MonkeyPatch, owner: object, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(owner, step, full)
    with pytest.raises(WriteRefused, match=r"nothing was written \(No space left on device\)"):
        writing.append(book, NEW)
    monkeypatch.undo()
    assert book.read_text() == OLD
    assert only(book)


KILLED = """
import os, pathlib, signal, sys
from coopbooks.books import writing
owner = pathlib.Path if sys.argv[1] == "replace" else os
setattr(owner, sys.argv[1], lambda *_: os.kill(os.getpid(), signal.SIGKILL))
writing.append(sys.argv[2], sys.argv[3])
"""


@pytest.mark.parametrize("step", ["fchmod", "fsync", "replace"])
def test_a_killed_run_leaves_the_old_file_whole_and_the_next_one_succeeds(book: Path, step: str) -> None:
    run = subprocess.run([sys.executable, "-c", KILLED, step, book, NEW], timeout=60, check=False)
    assert run.returncode == -signal.SIGKILL
    assert book.read_text() == OLD
    assert writing.append(book, NEW)
    assert book.read_text() == OLD + "\n" + NEW
    assert only(book)


def test_runs_at_once_wait_for_each_other_and_lose_nothing(book: Path) -> None:
    texts = [f"2026-01-{day:02} open Assets:Bank{day}\n" for day in range(1, 11)]
    threads = [threading.Thread(target=writing.append, args=(book, text)) for text in texts * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    written = book.read_text()
    assert written.startswith(OLD)
    assert [written.count(text) for text in texts] == [1] * len(texts)


def test_a_folder_that_stays_locked_is_said(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(writing, "LOCK_TIMEOUT_S", 0.05)
    handle = os.open(book.parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(WriteRefused, match=r"kept its folder locked for 0\.05 seconds"):
            writing.append(book, NEW)
    finally:
        os.close(handle)
    assert book.read_text() == OLD


def test_without_a_lock_the_new_file_itself_keeps_others_out(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    fresh = book.with_name(f".{book.name}.coopbooks-new")
    fresh.write_text("half a file of another run")
    with pytest.raises(WriteRefused, match=r"another program is writing it.*\.2025\.beancount\.coopbooks-new"):
        writing.append(book, NEW)
    assert book.read_text() == OLD
    fresh.unlink()
    assert writing.append(book, NEW)


def encrypted(book: Path) -> Path:
    return book.rename(book.with_suffix(".beancount.gpg"))


def binary(book: Path) -> Path:
    book.write_bytes(b"\x00\x01")
    return book


def latin(book: Path) -> Path:
    book.write_bytes("; Café\n".encode("latin-1"))
    return book


def protected(book: Path) -> Path:
    book.chmod(0o444)
    return book


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        (lambda book: book.parent, "no plain file"),
        (lambda book: book.parent / "missing" / "2025.beancount", "make the folder first"),
        (lambda _: Path(os.devnull), "no plain file"),
        (lambda book: book.with_name("x" * 300), "File name too long"),
        (encrypted, "encrypted"),
        (binary, "no UTF-8 text"),
        (latin, "no UTF-8 text"),
        (protected, "write-protected"),
    ],
)
def test_what_cannot_be_appended_to_is_refused_in_one_line(
    book: Path, spoilt: Callable[[Path], Path], message: str
) -> None:
    path = spoilt(book)
    with pytest.raises(WriteRefused, match=message) as caught:
        writing.append(path, NEW)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(WriteRefused, match="no file of this name"):
        writing.append(name, NEW)


@pytest.mark.parametrize("end", ['2025-01-02 note Equity:Surplus "open', "pushtag #summer", 'pushmeta place: "x"'])
def test_an_end_that_would_change_the_meaning_is_refused(book: Path, end: str) -> None:
    book.write_text(f"{OLD}{end}\n")
    with pytest.raises(WriteRefused, match=r"2025\.beancount:4: .* change the meaning"):
        writing.append(book, NEW)
    assert book.read_text() == f"{OLD}{end}\n"


@pytest.mark.parametrize("old", [OLD, OLD.rstrip("\n"), "", OLD * 4, "; one\n"])
def test_the_dry_run_is_a_patch_that_does_what_append_does(book: Path, old: str) -> None:
    book.write_text(old)
    patch = writing.dry_run(book, NEW)
    assert book.read_text() == old
    copy = book.with_name("copy")
    copy.write_text(old)
    subprocess.run(
        ["git", "apply", "--unsafe-paths", "-p0", "-"],
        input=patch.replace(str(book), copy.name),
        text=True,
        cwd=book.parent,
        check=True,
        timeout=60,
    )
    assert writing.append(book, NEW)
    assert copy.read_bytes() == book.read_bytes()


comments = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20), max_size=5)


@given(
    comments=comments,
    end=st.sampled_from(["", "\n", "\n\n", "\r\n", "\n\n\n"]),
    days=st.sets(st.integers(1, 28)),
)
def test_appended_text_parses_after_the_old_bytes(comments: list[str], end: str, days: set[int]) -> None:
    old = ("".join(f"; {comment}\n" for comment in comments) + OLD).rstrip("\n") + end
    text = "".join(f"2026-02-{day:02} open Assets:Bank{day}\n" for day in sorted(days))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "2025.beancount")
        path.write_bytes(old.encode())
        assert writing.append(path, text) == bool(days)
        whole = path.read_bytes()
        assert not writing.append(path, text)
        assert path.read_bytes() == whole
    assert whole.startswith(old.encode())
    entries, errors, _ = parser.parse_string(whole.decode())
    assert not errors
    assert len(entries) == 2 + len(days)
