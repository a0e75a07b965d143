"""Reads hostile ledgers as an auditor does, in a process of its own whose audit hook watches all that this side does.

    python tests/hostile/run.py FOLDER NAME…

Prints one JSON line a ledger: what went wrong (nothing should), the seconds that the longest command took by the clock
and of the processor, and the memory of this process and of its children at their largest. PYTHONPATH names the checkout
and its tests.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import resource
import stat
import sys
import tempfile
import time
import zoneinfo
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from hostile.corpus import CANARY, corpus, put_outside, write

from coopbooks.books.unseen import unseen_in
from coopbooks.cli.program import main

__all__: list[str] = []

DAY = "2026-06-01"
SECONDS = 30
SUFFIXES = ("json", "html", "md", "sarif")
HIDDEN = ("-terminal", "-bidi", "-controls")  # ledgers with what nobody sees: each is asked in every form
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_STARTS = ("os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "os.fork", "os.forkpty", "pty.spawn")
_NEVER = ("socket.", "pickle.", "shutil.", "webbrowser.", "ctypes.", "urllib.", "sqlite3.", *_STARTS)
_CHANGES = (
    "os.chmod",
    "os.chown",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.removexattr",
    "os.rename",
    "os.rmdir",
    "os.setxattr",
    "os.symlink",
    "os.truncate",
    "os.utime",
)
_LISTS = ("os.listdir", "os.scandir")
# Asked once and not inside the hook: to find it out, Python writes a file there, which the hook would ask about.
_TEMPORARY = tempfile.gettempdir()
_OURS = [
    os.path.realpath(each)
    for each in (sys.prefix, sys.base_prefix, str(Path(__file__).parents[2]), *sys.path, *zoneinfo.TZPATH)
    if each
]
"""Where Python, its packages, this checkout and the time zones stand: what is read there is no ledger's doing."""


class Watch:
    """An audit hook: what this process does that a reader of a hostile ledger must not, while it is `on`.

    `place` is where the ledger's folder `folder` lies with what is outside of it, and `out` the only one where anything may
    be written.
    """

    def __init__(self) -> None:
        self.on = False
        self.children = 0
        self.found: list[str] = []
        self.place = self.folder = self.out = ""

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Takes note of what is wrong, and lets it happen: what it then does is seen, too."""
        if not self.on:
            return
        if event == "open":
            self._open(*args)
        elif event == "subprocess.Popen":
            self.children += 1
            if args[0] != sys.executable or "coopbooks.books.safe_child" not in str(args[1]):
                self.found.append(f"process {args[1]}")
        elif event.startswith(_NEVER) or (event.startswith(_CHANGES) and not self._all_below(args)):
            self.found.append(f"{event} {args}")
        elif event in _LISTS and not self._is_read_by_right(args[0]):
            self.found.append(f"{event} {args[0]}")
        elif event == "import" and any(self._below(each or ".", self.place) for each in _searched(*args)):
            self.found.append(f"import {args[0]} with {args[1]} {args[2]}")

    def _open(self, path: Any, mode: Any, flags: Any) -> None:
        if isinstance(path, int) or path is None:
            return
        text = os.fsdecode(path)
        if flags & _WRITES and not self._below(text, self.out) and not self._unnamed(text):
            self.found.append(f"write {text} {mode} {flags}")
        elif self._below(text, self.folder) and text.endswith((".py", ".pyc", ".so", ".pth")):
            self.found.append(f"import {text}")
        elif not self._is_read_by_right(text) and not self._unnamed(text):
            self.found.append(f"open {text}")

    def _unnamed(self, text: str) -> bool:
        """Whether a file is one that has no name a moment later: what a child is given as its input."""
        return text == os.devnull or str(Path(text).parent) == _TEMPORARY

    def _is_read_by_right(self, path: Any) -> bool:
        return any(self._below(path or ".", folder) for folder in (self.folder, self.out, *_OURS))

    def _all_below(self, args: tuple[Any, ...]) -> bool:
        """Whether all that is changed lies in `out`; one that is open already is named by its number."""
        first = f"/proc/self/fd/{args[0]}" if isinstance(args[0], int) else args[0]
        return all(self._below(each, self.out) for each in (first, *args[1:]) if isinstance(each, (str, bytes)))

    def _below(self, path: Any, folder: str) -> bool:
        return bool(folder) and (os.path.realpath(os.fsdecode(path)) + os.sep).startswith(folder + os.sep)


def _searched(_: str, file: str | None, path: Any, *__: Any) -> list[str]:
    """Where an import looks: in the one file of a library in C, or in the folders of the path, "" where one stands."""
    return [*([file] if file else []), *(path or ())]


WATCH = Watch()


def stand(folder: Path) -> str:
    """Every name below a folder with its kind, rights, size, times and bytes, as one digest."""
    digest = hashlib.sha256()
    for path in [folder, *sorted(folder.rglob("*"))]:
        about = path.lstat()
        parts = [str(path), str(about.st_mode), str(about.st_size), str(about.st_mtime_ns), str(about.st_ctime_ns)]
        digest.update(repr(parts).encode("utf-8", "surrogatepass"))
        if stat.S_ISREG(about.st_mode) and about.st_size < 1 << 26 and about.st_mode & 0o400:
            digest.update(path.read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def watched(place: Path, out: Path) -> Generator[None]:
    """Everything that this process does inside is looked at."""
    WATCH.place, WATCH.out, WATCH.children, WATCH.found = str(place), str(out), 0, []
    WATCH.folder = str(place / "sent")
    WATCH.on = True
    try:
        yield
    finally:
        WATCH.on = False


def asked(path: Path, out: Path) -> Iterator[list[str]]:
    """The commands of an auditor, each as its arguments."""
    files = [f"-o={out / f'report.{suffix}'}" for suffix in SUFFIXES]
    yield [
        "audit",
        str(path),
        f"--as-of={DAY}",
        "--period=2024",
        *(part for each in files for part in each.split("=", 1)),
    ]
    yield ["check", str(path), f"--as-of={DAY}", "--untrusted"]
    if path.parents[2].name.endswith(HIDDEN):
        yield ["check", str(path), f"--as-of={DAY}", "--untrusted", "--format=json"]
        for command in ("check", "wages", "surplus", "members", "funds", "duties", "sovereignty"):
            yield [command, str(path), f"--as-of={DAY}", "--untrusted", "--format=csv"]
    report = out / "report.json"
    if report.exists():
        yield ["verify", str(report), str(path)]
        yield ["draw", str(path), "a-1", f"--as-of={DAY}"]


def wrong_in(name: str, args: list[str], result: Any, took: float) -> Iterator[str]:
    """What is wrong with one command's answer."""
    said = result.output
    about = f"{name} {args[0]}"
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        yield f"{about}: {type(result.exception).__name__} {result.exception}"[:500]
    if result.exit_code not in (0, 1, 2) or "Traceback (most" in said:
        yield f"{about}: exit code {result.exit_code}, {said[-300:]}"
    if result.exit_code == 2 and len(said) > 4_000:
        yield f"{about}: a sentence of {len(said):,} signs"
    if "its reading was stopped" in said:
        yield f"{about}: only the last wall held, {said[-300:]}"
    if took > SECONDS:
        yield f"{about}: {took:.1f} s"
    if WATCH.children > 1:
        yield f"{about}: {WATCH.children} processes"
    yield from (f"{about}: {each}"[:500] for each in WATCH.found)
    yield from shown(about, result.stdout_bytes + result.stderr_bytes)


def shown(about: str, content: bytes) -> Iterator[str]:
    """What must not stand in any answer: text from outside, and characters that steer a terminal or turn a line."""
    if CANARY.lower().encode() in content.lower() or b"root:x:0" in content:
        yield f"{about}: text from outside of the folder"
    unseen = unseen_in(content.replace(b"\\", b"/"))
    if unseen:
        yield f"{about}: raw {unseen[:3]}"


def judge(name: str, base: Path) -> dict[str, Any]:
    """One ledger through every command."""
    place, out = base / name / "in", base / name / "out"
    out.mkdir(parents=True)
    place.mkdir()
    put_outside(place / "outside")
    path = write(LEDGERS[name], place / "sent", place / "outside")
    before = stand(place)
    wrong: list[str] = []
    longest = most = 0.0
    there = Path.cwd()
    os.chdir(path.parent)  # an auditor may stand in the folder that was sent
    try:
        for args in asked(path, out):
            began, since = worked(), time.monotonic()
            with watched(place, out):
                result = CliRunner().invoke(main, args)
            took = time.monotonic() - since
            longest, most = max(longest, took), max(most, worked() - began)
            wrong += wrong_in(name, args, result, took)
    finally:
        os.chdir(there)
    if stand(place) != before:
        wrong.append(f"{name}: the folder was changed: {[str(each) for each in place.rglob('ran-*')]}")
    for file in sorted(out.iterdir()):
        wrong += shown(f"{name} {file.name}", file.read_bytes())
    return {
        "name": name,
        "wrong": wrong,
        "seconds": round(longest, 1),
        "processor": round(most, 1),
        "report": (out / "report.json").exists(),
        **memory(),
    }


def worked() -> float:
    """Seconds of the processor, this process's and its children's."""
    return sum(os.times()[:4])


def memory() -> dict[str, int]:
    """The most memory that this process, and any of its children, has had so far, in MiB."""
    own, child = (resource.getrusage(who).ru_maxrss >> 10 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {"own": own, "child": child}


if __name__ == "__main__":
    LEDGERS = {sent.name: sent for sent in corpus()}
    sys.path[:] = [each for each in sys.path if each and Path(each) != Path(__file__).parent]
    sys.addaudithook(WATCH)
    for name in sys.argv[2:] or LEDGERS:
        print(json.dumps(judge(name, Path(sys.argv[1]))), flush=True)  # noqa: T201  # a program that is asked
