"""Every writer, stopped at every step: a full disk, a broken one, an interrupt, a kill, and many at once.

A writer is tried with the n-th call to the system failing, for n from 1 until it comes through. Whatever stopped it,
the user's files are those from before or those from after, the lock is free, and the next run ends the work.
"""

from __future__ import annotations

import errno
import fcntl
import io
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from beancount.parser import parser
from click.testing import CliRunner

from coopbooks.books import writing
from coopbooks.books.folder import SUMS, would_write, write_folder
from coopbooks.books.founding import MAIN, found
from coopbooks.books.members_file import MembersFile, change_members_file
from coopbooks.books.outgoing import difference, standing, write_new, write_whole
from coopbooks.books.signing import Ready, prepared, write_signed
from coopbooks.cli.program import main
from coopbooks.errors import CoopbooksError, SignatureRefused, WriteRefused

LONG = os.environ.get("COOPBOOKS_LONG") == "1"
KILLS = 500 if LONG else 30
APPENDS = 1_000 if LONG else 40

OLD = "2025-01-01 open Equity:Surplus\n2025-01-01 open Equity:Reserve\n"
NEW = '2025-12-31 * "Close of 2025" #coop-close\n  Equity:Surplus    1.00 USD\n  Equity:Reserve   -1.00 USD\n'
MARK = "; made by a test"
FIRST, SECOND = (
    {"year.pdf": b"%PDF 1\n" * 9, "members/m01.pdf": b"old"},
    {"year.pdf": b"%PDF 2\n", "csv/a.csv": b"a,b\n"},
)
FOUNDED = {"bylaws.beancount": "; ü\n", "people.beancount": "; m01\n", MAIN: 'include "bylaws.beancount"\n'}
HASH = "$argon2id$v=19$"


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed program loses nothing that the system has taken; only a power cut would, and no test can cut it."""
    if not LONG:
        monkeypatch.setattr(os, "fsync", lambda handle: None)


class Writer(NamedTuple):
    """What writes; what stands there before; and the call itself."""

    name: str
    prepare: Callable[[Path], object]
    write: Callable[[Path], object]


def _members(folder: Path, *members: str) -> MembersFile:
    hashes = dict.fromkeys(members, HASH)
    return change_members_file(folder / "m.json", lambda old: MembersFile({**old.hashes, **hashes}, (("s", 1),)))


def _whole(folder: Path, text: str) -> bool:
    return write_whole(folder / "d.ics", f"{MARK}\n{text}", MARK, since=standing(folder / "d.ics", MARK))


def _nothing(folder: Path) -> None:
    """A folder in which nothing stands yet."""


WRITERS = [
    Writer(
        "append", lambda at: (at / "b.beancount").write_text(OLD), lambda at: writing.append(at / "b.beancount", NEW)
    ),
    Writer("append to a new file", _nothing, lambda at: writing.append(at / "b.beancount", NEW)),
    Writer("members' file", lambda at: _members(at, "m01"), lambda at: _members(at, "m02")),
    Writer("first members' file", _nothing, lambda at: _members(at, "m02")),
    Writer("whole file", lambda at: _whole(at, "old\n"), lambda at: _whole(at, "new\n")),
    Writer("new file", _nothing, lambda at: write_new(at / "r.json", b"{}\n" * 9)),
    Writer(
        "file of ours",
        lambda at: write_new(at / "r.json", b"{}"),
        lambda at: write_new(at / "r.json", b"{1}", lambda old: True),
    ),
    Writer("folder", _nothing, lambda at: write_folder(at / "2025", FIRST)),
    Writer(
        "folder of ours",
        lambda at: write_folder(at / "2025", FIRST),
        lambda at: write_folder(at / "2025", SECOND, replace=True),
    ),
    Writer("new books", _nothing, lambda at: _found(at / "ours")),
    Writer("new books in an empty folder", lambda at: (at / "ours").mkdir(), lambda at: _found(at / "ours")),
]


def _found(folder: Path) -> None:
    """New books; a second run is refused and writes nothing, which is what `init` does."""
    if not (folder / MAIN).exists():
        found(folder, FOUNDED)


def seen(folder: Path) -> dict[str, bytes]:
    """What a person meets: each file and its bytes. Without its main file nothing is a set of books.

    A folder that gave way and whose successor is not there yet stands beside its place, from where the next run takes it.
    """
    if (folder / ".2025.coopbooks-old").is_dir() and not (folder / "2025").exists():
        files = {f"2025/{path.relative_to(folder / '.2025.coopbooks-old')}": path for path in folder.rglob("*")
                 if path.is_relative_to(folder / ".2025.coopbooks-old") and path.is_file()}  # fmt: skip
        return {name: path.read_bytes() for name, path in files.items()}
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    if "ours/bylaws.beancount" in files and f"ours/{MAIN}" not in files:
        files = {}
    return {name: path.read_bytes() for name, path in files.items() if ".coopbooks-" not in name}


def litter(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if ".coopbooks-" in path.name)


def is_unlocked(folder: Path) -> bool:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


# -- a system that fails at one step -----------------------------------------------------------------------------------

CALLS = [
    *((os, name) for name in ("open", "fsync", "rename", "replace", "mkdir", "unlink", "rmdir", "fchmod", "fchown")),
    (fcntl, "flock"),
]


class _Failing:
    """A file that stops at a step: half of the bytes are on the disk by then."""

    def __init__(self, file: Any, step: Callable[[str], None]) -> None:
        self._file, self._step = file, step

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _Failing:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        if self._file.writable:
            self._step("close")

    def write(self, content: bytes) -> int:
        half = len(content) // 2
        self._file.write(content[:half])
        self._file.flush()
        self._step("write")
        return half + int(self._file.write(content[half:]))

    def flush(self) -> None:
        self._step("flush")
        self._file.flush()


@contextmanager
def stopping(at: int, stop: Callable[[str], None], *, after: bool = False) -> Generator[list[str]]:
    """The `at`-th call to the system from here on calls `stop`, before or after it was done. Yields the names of all."""
    done: list[str] = []

    def step(name: str) -> None:
        done.append(name)
        if len(done) == at:
            stop(name)

    def wrapped(real: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            if not after:
                step(name)
            result = real(*args, **named)
            if after:
                step(name)
            return result

        return call

    real_open = io.open

    def opened(file: Any, mode: str = "r", *args: Any, **named: Any) -> Any:
        step("io.open")
        handle = real_open(file, mode, *args, **named)
        return handle if mode == "rb" else _Failing(handle, step)

    patch = pytest.MonkeyPatch()
    for owner, name in CALLS:
        patch.setattr(owner, name, wrapped(getattr(owner, name), name))
    patch.setattr(io, "open", opened)
    try:
        yield done
    finally:
        patch.undo()


def refusing(number: int) -> Callable[[str], None]:
    def stop(name: str) -> None:
        raise OSError(number, os.strerror(number))

    return stop


def interrupting(name: str) -> None:
    raise KeyboardInterrupt


def killing(name: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(params=WRITERS, ids=[writer.name for writer in WRITERS])
def writer(request: pytest.FixtureRequest) -> Writer:
    found: Writer = request.param
    return found


def before_and_after(writer: Writer, at: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """What a person meets before the call, and after one that nothing stops."""
    at.mkdir()
    writer.prepare(at)
    before = seen(at)
    writer.write(at)
    assert seen(at) != before
    return before, seen(at)


def a_run_ends_the_work(writer: Writer, at: Path, after: dict[str, bytes]) -> None:
    """The next run makes what the first should have made, leaves no litter, and a third writes nothing."""
    assert is_unlocked(at)
    writer.write(at)
    assert seen(at) == after
    assert litter(at) == []
    stamps = {path: path.stat() for path in at.rglob("*") if path.is_file()}
    writer.write(at)
    assert {path: path.stat() for path in at.rglob("*") if path.is_file()} == stamps


STOPS = {
    "a full disk": (refusing(errno.ENOSPC), False),
    "a broken disk": (refusing(errno.EIO), False),
    "an interrupt": (interrupting, False),
    "an interrupt right after": (interrupting, True),
}


@pytest.mark.parametrize("stop", STOPS)
def test_stopped_at_any_step_all_is_as_before_or_done(tmp_path: Path, writer: Writer, stop: str) -> None:
    before, after = before_and_after(writer, tmp_path / "model")
    failure, late = STOPS[stop]
    for at in range(1, 200):
        folder = tmp_path / str(at)
        folder.mkdir()
        writer.prepare(folder)
        with stopping(at, failure, after=late) as done, suppress(CoopbooksError, KeyboardInterrupt):
            writer.write(folder)
        found_there = seen(folder)
        assert found_there in (before, after), (stop, at, done)
        a_run_ends_the_work(writer, folder, after)
        if len(done) < at:  # no step was left to stop at
            assert found_there == after
            break
    else:
        pytest.fail("the writer never came through")
    assert at > 5, done


def in_a_child(work: Callable[[], object]) -> int:
    """Do the work in a process of its own; its wait status."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # a fork beside threads, none of which writes
        child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    status = 1
    try:
        work()
        status = 0
    finally:
        os._exit(status)


def test_killed_at_any_step_all_is_as_before_or_done(tmp_path: Path, writer: Writer) -> None:
    before, after = before_and_after(writer, tmp_path / "model")

    def dies(folder: Path, at: int) -> None:
        with stopping(at, killing):
            writer.write(folder)

    for at in range(1, 200):
        folder = tmp_path / str(at)
        folder.mkdir()
        writer.prepare(folder)
        status = in_a_child(lambda folder=folder, at=at: dies(folder, at))  # type: ignore[misc]
        found_there = seen(folder)
        assert found_there in (before, after), at
        a_run_ends_the_work(writer, folder, after)
        if status == 0:
            assert found_there == after
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
    else:
        pytest.fail("the writer never came through")


# -- killed at any moment ----------------------------------------------------------------------------------------------


def text_of(number: int) -> str:
    return f'2026-01-01 * "entry {number}"\n  Equity:Surplus    {number}.00 USD\n  Equity:Reserve   -{number}.00 USD\n'


APPENDING = """
import sys
from coopbooks.books.writing import append
print("ready", flush=True)
number = int(sys.argv[2])
while True:
    text = f'2026-01-01 * "entry {number}"\\n  Equity:Surplus    {number}.00 USD\\n  Equity:Reserve   -{number}.00 USD\\n'
    append(sys.argv[1], text)
    print(number, flush=True)
    number += 1
"""


def test_killed_at_random_moments_no_file_is_corrupted(tmp_path: Path) -> None:
    """A program of its own appends and says so; after the kill each entry that it spoke of stands there, whole."""
    moments = random.Random(2026)  # noqa: S311  # the same moments in every run
    book = tmp_path / "b.beancount"
    for kill in range(3 if not LONG else 50):
        book.write_text(OLD)
        run = subprocess.Popen(
            [sys.executable, "-c", APPENDING, str(book), "1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert run.stdout is not None
        run.stdout.readline()
        time.sleep(moments.uniform(0, 0.05))
        run.kill()
        told = [int(line) for line in run.stdout.read().split()]
        run.stdout.close()
        assert run.wait() == -signal.SIGKILL
        _is_whole(book, max(told, default=0), kill)


def test_a_child_killed_at_random_moments_corrupts_nothing(tmp_path: Path) -> None:
    moments = random.Random(5)  # noqa: S311  # as above
    for kill in range(KILLS):
        book = tmp_path / f"{kill}.beancount"
        book.write_text(OLD)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if not child:
            try:
                for number in range(1, 1_000_000):
                    writing.append(book, text_of(number))
            finally:
                os._exit(1)
        time.sleep(moments.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
        _is_whole(book, 0, kill)
        assert writing.append(book, NEW)
        assert litter(tmp_path) == []


def _is_whole(book: Path, told: int, kill: int) -> None:
    """The old bytes, then entries 1, 2, 3 … without a gap, at least to the one that was told of."""
    content = book.read_text()
    entries = content.count("entry ")
    assert content == OLD + "".join(f"\n{text_of(number)}" for number in range(1, entries + 1)), kill
    assert entries >= told


# -- many at once ------------------------------------------------------------------------------------------------------


def test_appends_at_once_are_all_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four programs with two threads each; the whole file parses to each entry once."""
    monkeypatch.setattr(writing, "LOCK_TIMEOUT_S", 300.0)
    book = tmp_path / "b.beancount"
    book.write_text(OLD)
    share = APPENDS // 8

    def appends(first: int) -> None:
        for number in range(first, first + share):
            writing.append(book, text_of(number))

    def program(first: int) -> None:
        threads = [threading.Thread(target=appends, args=(first + each * share,)) for each in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    waiting = [
        threading.Thread(target=in_a_child, args=(lambda first=first: program(first),))
        for first in range(0, APPENDS, 2 * share)
    ]
    for each in waiting:
        each.start()
    for each in waiting:
        each.join()
    entries, errors, _ = parser.parse_string(book.read_text())
    assert not errors
    assert sorted(getattr(entry, "narration", "") for entry in entries[2:]) == sorted(
        f"entry {number}" for number in range(APPENDS)
    )
    assert book.read_text().startswith(OLD)


def test_members_added_at_once_are_all_kept(tmp_path: Path) -> None:
    names = [f"m{number:02}" for number in range(16)]
    threads = [threading.Thread(target=_members, args=(tmp_path, name)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(_members(tmp_path).hashes) == names


@pytest.mark.parametrize("mine", ["b.beancount", "m.json", "d.ics", "r.json"])
def test_what_another_program_changes_meanwhile_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mine: str
) -> None:
    """An editor knows nothing of the lock, and saves while the new file is brought to the disk."""
    by_name = {"b.beancount": WRITERS[0], "m.json": WRITERS[2], "d.ics": WRITERS[4], "r.json": WRITERS[6]}
    by_name[mine].prepare(tmp_path)
    real = os.fsync

    def sync_while_an_editor_saves(handle: int) -> None:
        (tmp_path / mine).write_text("the work of a person\n")
        real(handle)

    monkeypatch.setattr(os, "fsync", sync_while_an_editor_saves)
    with pytest.raises(WriteRefused, match="another program changed it meanwhile"):
        by_name[mine].write(tmp_path)
    assert (tmp_path / mine).read_text() == "the work of a person\n"
    assert litter(tmp_path) == []


def test_a_folder_that_another_program_changes_meanwhile_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path / "2025", FIRST)
    real = os.fsync

    def sync_while_somebody_saves(handle: int) -> None:
        (tmp_path / "2025" / "year.pdf").write_bytes(b"signed")
        real(handle)

    monkeypatch.setattr(os, "fsync", sync_while_somebody_saves)
    with pytest.raises(WriteRefused, match="another program changed it meanwhile"):
        write_folder(tmp_path / "2025", SECOND, replace=True)
    assert (tmp_path / "2025" / "year.pdf").read_bytes() == b"signed"
    assert litter(tmp_path) == []


# -- a disk with no room -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", [0, 1, 100])
def test_where_the_system_grants_no_room_nothing_is_changed(tmp_path: Path, writer: Writer, room: int) -> None:
    """The system itself refuses the write (RLIMIT_FSIZE), at its first byte or within a file."""
    before, after = before_and_after(writer, tmp_path / "model")
    folder = tmp_path / "full"
    folder.mkdir()
    writer.prepare(folder)

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        with suppress(WriteRefused):
            writer.write(folder)

    assert in_a_child(limited) == 0
    assert seen(folder) in (before, after)
    assert room >= 100 or seen(folder) == before
    assert litter(folder) == []
    a_run_ends_the_work(writer, folder, after)


# -- the rest of the promise -------------------------------------------------------------------------------------------


def test_what_a_killed_run_left_of_new_books_is_no_reason_to_refuse(tmp_path: Path) -> None:
    fresh = f".{MAIN}.coopbooks-new"
    (tmp_path / fresh).write_text(FOUNDED[MAIN][:5])
    (tmp_path / "bylaws.beancount").write_text(FOUNDED["bylaws.beancount"])
    found(tmp_path, FOUNDED)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == FOUNDED


@pytest.mark.parametrize("other", ["notes.txt", "bylaws.beancount"])
def test_but_another_file_beside_it_is(tmp_path: Path, other: str) -> None:
    (tmp_path / f".{MAIN}.coopbooks-new").write_text("")
    (tmp_path / other).write_text("mine")
    with pytest.raises(WriteRefused, match=rf"not empty \({other} is in it\)"):
        found(tmp_path, FOUNDED)
    assert (tmp_path / other).read_text() == "mine"


def test_main_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def sync_while_somebody_founds(handle: int) -> None:
        (tmp_path / MAIN).write_text("mine")
        real(handle)

    monkeypatch.setattr(os, "fsync", sync_while_somebody_founds)
    with pytest.raises(WriteRefused, match="nothing was written"):
        found(tmp_path, FOUNDED)
    assert [path.name for path in tmp_path.iterdir()] == [MAIN]
    assert (tmp_path / MAIN).read_text() == "mine"


@pytest.mark.parametrize(
    "text", ['2026-01-01 note Equity:Surplus "half', "2026-01-01 open\n", '2026-01-01 * "\udce9"\n']
)
def test_text_that_beancount_cannot_read_is_not_written(tmp_path: Path, text: str) -> None:
    book = tmp_path / "b.beancount"
    book.write_text(OLD)
    for write in (writing.append, writing.dry_run):
        with pytest.raises(WriteRefused, match="nothing was written, since Beancount could not read the new text"):
            write(book, text)
    assert book.read_text() == OLD


def test_an_end_that_adds_to_the_text_is_refused_whatever_it_adds(tmp_path: Path) -> None:
    book = tmp_path / "b.beancount"
    book.write_text(OLD + "pushmeta period: 2024\n")
    with pytest.raises(WriteRefused, match="change the meaning"):
        writing.append(book, '2025-12-31 * "x"\n  period: "2025"\n')


def test_a_calendar_is_shown_before_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "d.ics"
    assert difference(file, f"{MARK}\nnew\n", MARK) == f"--- /dev/null\n+++ {file}\n@@ -0,0 +1,2 @@\n+{MARK}\n+new\n"
    _whole(tmp_path, "old\n")
    assert difference(file, f"{MARK}\nnew\n", MARK).endswith(f"@@ -1,2 +1,2 @@\n {MARK}\n-old\n+new\n")
    assert difference(file, f"{MARK}\nold\n", MARK) == ""


def test_a_folder_is_judged_before_it_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "2025"
    assert would_write(folder, FIRST)
    assert not folder.exists()
    write_folder(folder, FIRST)
    assert not would_write(folder, FIRST)
    assert would_write(folder, SECOND, replace=True)
    with pytest.raises(WriteRefused, match="say --replace"):
        would_write(folder, SECOND)
    assert (folder / SUMS).is_file()


def test_without_a_lock_the_new_folder_itself_keeps_others_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", lambda *_: refusing(errno.ENOLCK)("flock"))
    other = tmp_path / ".2025.coopbooks-new"
    other.mkdir()
    with pytest.raises(WriteRefused, match="another program is writing it"):
        write_folder(tmp_path / "2025", FIRST)
    assert other.is_dir()


def test_a_report_is_signed_once(tmp_path: Path) -> None:
    """The same signature again changes nothing, so that a run that was stopped after it can be said again."""
    report, content = tmp_path / "r.json", b"{}\n"
    for name in ("ada", "bea"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True, timeout=60)
    ready = prepared(report, content, tmp_path / "ada")
    assert not report.exists()
    write_signed(ready)
    signature = tmp_path / "r.json.sig"
    before = signature.stat()
    write_signed(prepared(report, content, tmp_path / "ada"))
    assert signature.stat() == before
    with pytest.raises(SignatureRefused, match="stands there already: move it away"):
        prepared(report, content, tmp_path / "bea")
    assert signature.stat() == before


def test_a_key_that_never_signs_twice_alike_is_not_asked_again(tmp_path: Path) -> None:
    report, content, key = tmp_path / "r.json", b"{}\n", tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", key], check=True, timeout=60)
    write_signed(prepared(report, content, key))
    first = (tmp_path / "r.json.sig").read_bytes()
    assert prepared(report, content, key).signature == first
    report.unlink()
    with pytest.raises(SignatureRefused, match="stands there already: move it away"):
        prepared(report, b"{1}\n", key)


# -- a report, its signature and the record that names it --------------------------------------------------------------

REPORT = Ready(Path("r.json"), b"{}\n", b"a signature\n")


def signing(folder: Path) -> bool:
    return write_signed(REPORT._replace(report=folder / "r.json"), folder / "b.beancount", NEW)


@pytest.mark.parametrize("stop", [*STOPS, "a kill"])
def test_a_record_never_stands_without_its_report(tmp_path: Path, stop: str) -> None:
    """Whatever stops a signing and when: the report comes first, the record last, and the same command ends the work."""
    model = tmp_path / "model"
    model.mkdir()
    (model / "b.beancount").write_text(OLD)
    signing(model)
    after = seen(model)
    before = {"b.beancount": OLD.encode()}
    report = {"r.json": REPORT.content}
    stages = [before, before | report, before | report | {"r.json.sig": REPORT.signature}, after]
    failure, late = STOPS.get(stop, (killing, False))
    reached = set()
    for at in range(1, 200):
        folder = tmp_path / str(at)
        folder.mkdir()
        (folder / "b.beancount").write_text(OLD)

        def run(folder: Path = folder, at: int = at) -> int:
            with stopping(at, failure, after=late) as done, suppress(CoopbooksError, KeyboardInterrupt):
                signing(folder)
            return len(done)

        steps = run() if stop != "a kill" else (at if in_a_child(run) else 0)
        assert seen(folder) in stages, (stop, at)
        reached.add(stages.index(seen(folder)))
        a_run_ends_the_work(Writer("signing", _nothing, signing), folder, after)
        if steps < at:
            break
    assert reached == {0, 1, 2, 3}


def test_a_record_that_cannot_be_written_keeps_the_report_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is looked at first: the file, its lock, its end, and the folders of all three."""
    book, report = tmp_path / "b.beancount", tmp_path / "r.json"
    ready = REPORT._replace(report=report)

    def refused(words: str, **more: Any) -> None:
        with pytest.raises(WriteRefused, match=words):
            write_signed(ready, book, NEW, **more)
        assert [path.name for path in tmp_path.iterdir()] == ["b.beancount"]

    book.write_text('2025-01-01 note Equity:Surplus "open')
    refused("what is open at the end of the file")
    book.write_text(OLD)
    refused("another program changed it meanwhile", since="0" * 64)
    monkeypatch.setattr(writing, "LOCK_TIMEOUT_S", 0.05)
    handle = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    refused("has kept its folder locked")
    os.close(handle)
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path and access(path, mode))
    refused("nothing can be written in its folder")
    monkeypatch.setattr(os, "access", lambda path, mode: path != book and access(path, mode))
    refused("it is write-protected")


def test_what_stands_is_said_where_the_record_fails_after_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b.beancount").write_text(OLD)

    def full(*_: object, **__: object) -> bool:
        raise WriteRefused("b.beancount: nothing was written (No space left on device): make room")

    monkeypatch.setattr("coopbooks.books.signing.append", full)
    with pytest.raises(WriteRefused, match=r"r\.json and r\.json\.sig stand, and the record does not: .* with --as-of"):
        signing(tmp_path)


# -- what a command would do -------------------------------------------------------------------------------------------

BOOKS = """\
option "operating_currency" "USD"
2025-01-01 open Assets:Bank
2025-01-01 custom "coop" "member" "m01"
2025-01-01 custom "coop" "bylaw" "surplus"
"""


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["statements", "{}", "2025", "-o", "{dir}/out", "--only", "csv", "--dry-run"], "would be written"),
        (["duties", "{}", "--ics", "{dir}/d.ics", "--dry-run"], "+++"),
        (["serve", "{}", "--add-member", "m01", "--dry-run"], "m01 would get a password"),
    ],
)
def test_a_dry_run_says_what_would_be_written_and_writes_nothing(tmp_path: Path, args: list[str], said: str) -> None:
    book = tmp_path / "main.beancount"
    book.write_text(BOOKS)
    ran = CliRunner().invoke(main, [each.format(book, dir=tmp_path) for each in args])
    assert said in ran.stdout + ran.stderr, ran.output
    assert [path.name for path in tmp_path.iterdir()] == ["main.beancount"]
