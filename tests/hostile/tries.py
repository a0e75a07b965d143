"""What the audit hook of run.py must see, and what it must let pass, each tried once while the hook is on.

    python tests/hostile/tries.py FOLDER

Prints one JSON line a try: its name, and what the hook took note of. PYTHONPATH names the checkout and its tests.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import pickle
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from hostile.run import WATCH, watched

from coopbooks.books.safe import load_untrusted

__all__ = ["ALLOWED", "SEEN"]


class Folders(NamedTuple):
    """Where the ledger lies, what lies beside its folder, and the only folder where anything may be written."""

    sent: Path
    outside: Path
    out: Path


class _Code:
    """Unpickled, it calls something harmless."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (len, ("x",))


Try = Callable[[Folders], object]


def _fork(_: Folders) -> None:
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)


def _spawn(_: Folders) -> None:
    os.waitpid(os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {}), 0)


def _beside(folders: Folders) -> None:
    sys.path.insert(0, str(folders.sent))
    try:
        __import__("lies_beside")
    finally:
        del sys.path[0]


def _from_here(_: Folders) -> None:
    sys.path.insert(0, "")  # as Python itself has it where a program is started with -c or -m
    try:
        __import__("lies_here")
    finally:
        del sys.path[0]


def _by_its_file(path: Path) -> None:
    about = importlib.util.spec_from_file_location(path.stem, path)
    assert about is not None
    assert about.loader is not None
    about.loader.exec_module(importlib.util.module_from_spec(about))


def _mode_of_an_open_file(folders: Folders) -> None:
    handle = os.open(folders.sent / "main.beancount", os.O_RDONLY)
    try:
        os.fchmod(handle, 0o644)
    finally:
        os.close(handle)


def _connect(_: Folders) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.settimeout(0.0)
        made.connect("\0nobody-listens-here")


SEEN: dict[str, tuple[str, Try]] = {
    "reads beside the folder": ("open ", lambda at: (at.outside / "secret.txt").read_text()),
    "reads by a link": ("open ", lambda at: (at.sent / "link").read_text()),
    "reads by its bytes": ("open ", lambda at: os.close(os.open(bytes(at.outside / "secret.txt"), os.O_RDONLY))),
    "reads a file of the system": ("open /etc/passwd", lambda _: Path("/etc/passwd").read_text()),
    "reads a device": ("open /dev/zero", lambda _: os.close(os.open("/dev/zero", os.O_RDONLY))),
    "lists beside the folder": ("os.listdir ", lambda at: os.listdir(at.outside)),  # noqa: PTH208  # a Path scans since Python 3.13
    "scans beside the folder": ("os.scandir ", lambda at: list(os.scandir(at.outside))),
    "writes into the folder": ("write ", lambda at: (at.sent / "new").write_text("x")),
    "appends to the ledger": ("write ", lambda at: (at.sent / "main.beancount").open("a").close()),
    "opens the ledger for both": ("write ", lambda at: os.close(os.open(at.sent / "main.beancount", os.O_RDWR))),
    "writes beside the folder": ("write ", lambda at: (at.outside / "new").write_text("x")),
    "writes through a link in out": ("write ", lambda at: (at.out / "link").write_text("x")),
    "makes a database": ("sqlite3.connect ", lambda at: sqlite3.connect(at.sent / "db").close()),
    "makes a folder": ("os.mkdir ", lambda at: (at.sent / "made").mkdir()),
    "removes": ("os.remove ", lambda at: (at.sent / "spare").unlink()),
    "removes a folder": ("os.rmdir ", lambda at: (at.sent / "empty").rmdir()),
    "renames": ("os.rename ", lambda at: (at.sent / "a").rename(at.sent / "b")),
    "moves out": ("os.rename ", lambda at: (at.sent / "c").replace(at.out / "c")),
    "links": ("os.symlink ", lambda at: (at.sent / "made-link").symlink_to("main.beancount")),
    "links by another name": ("os.link ", lambda at: os.link(at.sent / "main.beancount", at.out / "twin")),
    "cuts": ("os.truncate ", lambda at: os.truncate(at.sent / "main.beancount", 0)),
    "changes rights": ("os.chmod ", lambda at: (at.sent / "main.beancount").chmod(0o600)),
    "changes rights of an open file": ("os.chmod ", _mode_of_an_open_file),
    "changes times": ("os.utime ", lambda at: os.utime(at.sent / "main.beancount", (0, 0))),
    "changes an attribute": ("os.setxattr ", lambda at: os.setxattr(at.sent / "main.beancount", "user.x", b"")),
    "starts a process": ("process ", lambda _: subprocess.run([sys.executable, "-c", ""], check=True)),
    "starts a shell": ("os.system ", lambda _: os.system("true")),  # noqa: S605  # pyright: ignore[reportDeprecated]
    "forks": ("os.fork ", _fork),
    "spawns": ("os.posix_spawn ", _spawn),
    "becomes another program": ("os.exec ", lambda at: os.execv(at.sent / "no-program", ["x"])),  # noqa: S606  # as above
    "imports what lies beside": ("import lies_beside", _beside),
    "imports from where it stands": ("import lies_here", _from_here),
    "runs a file beside": ("import ", lambda at: _by_its_file(at.sent / "by_its_file.py")),
    "loads a library beside": ("import by_its_file", lambda at: _by_its_file(at.sent / "by_its_file.so")),
    "unpickles": ("pickle.find_class ", lambda _: pickle.loads(pickle.dumps(_Code()))),  # noqa: S301  # our own
    "makes a socket": ("socket.__new__ ", lambda _: socket.socket().close()),
    "connects": ("socket.connect ", _connect),
    "asks for a name": ("socket.getaddrinfo ", lambda _: socket.getaddrinfo("127.0.0.1", 9, flags=socket.AI_NUMERICHOST)),
}  # fmt: skip
"""What the hook must take note of, by what it is: how the note begins, and what is done."""

ALLOWED: dict[str, Try] = {
    "reads the ledger": lambda at: (at.sent / "main.beancount").read_text(),
    "lists the folder": lambda at: [*at.sent.iterdir()],
    "writes below out": lambda at: (at.out / "report.json").write_text("{}"),
    "puts in place below out": lambda at: (at.out / "report.json").replace(at.out / "kept.json"),
    "reads what it wrote": lambda at: (at.out / "kept.json").read_text(),
    "imports of Python": lambda _: __import__("wave"),
    "starts the one child of ours": lambda at: load_untrusted(at.sent / "main.beancount"),
}
"""What an honest reader does, of which the hook must say nothing."""


def _put(at: Folders) -> None:
    """The ledger, what is tried on it, and what is outside."""
    for folder in (*at, at.sent / "empty"):
        folder.mkdir(parents=True)
    (at.sent / "main.beancount").write_text("2025-01-01 open Assets:Bank\n")
    for name in ("spare", "a", "c", "lies_beside.py", "lies_here.py", "by_its_file.py", "by_its_file.so"):
        (at.sent / name).write_text("")
    (at.outside / "secret.txt").write_text("x")
    (at.sent / "link").symlink_to(at.outside / "secret.txt")
    (at.out / "link").symlink_to(at.sent / "through")


def main(base: Path) -> None:
    """Try everything, and say what the hook saw."""
    at = Folders(base / "in" / "sent", base / "in" / "outside", base / "out")
    _put(at)
    os.chdir(at.sent)
    sys.addaudithook(WATCH)
    tries = {name: act for name, (_, act) in SEEN.items()} | ALLOWED
    for name, act in tries.items():
        with watched(base / "in", at.out), contextlib.suppress(OSError, ImportError):
            act(at)
        print(json.dumps([name, WATCH.found, WATCH.children]), flush=True)  # noqa: T201  # a program that is asked


if __name__ == "__main__":
    main(Path(sys.argv[1]))
