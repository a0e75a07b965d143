"""The one writer to the user's files: new text goes to the end of a file, whole or not at all.

What already stands in a file is never rewritten: its bytes are the first bytes of the new file. The new
file is made beside the old one, brought to the disk and only then put in its place, so that a killed program,
a full disk or a power cut leaves the old file as it was. Two runs at once wait for each other at the folder's
lock; a file that some other program changed meanwhile is left alone.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from coopbooks.books.read_again import meanings
from coopbooks.errors import WriteRefused
from coopbooks.rows import NamedTuple

if sys.platform != "win32":
    import fcntl

__all__ = ["LOCK_TIMEOUT_S", "append", "check_append", "dry_run", "put_in_place", "refuse_unwritable", "stamp"]

LOCK_TIMEOUT_S = 10.0
_LOCK_PAUSE_S = 0.02
_CONTEXT_LINES = 3

Name = str | os.PathLike[str]


def stamp(path: Name) -> str:
    """What the file holds now, as a SHA-256 in hexadecimal; "" where there is no file yet.

    Taken before the books are read and given to `append`, it makes sure that what was computed still fits the
    file. Raises WriteRefused where the file cannot be read or could never be appended to.
    """
    return _stamp_of(_read(_file(path)))


def append(path: Name, text: str, *, since: str | None = None) -> bool:
    """Put the text at the end of the file; True when it was written, False when the file already contains it.

    The text starts on a line of its own after a blank one, with the line ends that the file has. A file that
    does not exist is made; a link is followed; mode, owner and group are kept. `since` is the `stamp` of the
    file at the time when the text was computed. Raises WriteRefused, and leaves the file as it was, where the
    file changed since then, is locked for more than `LOCK_TIMEOUT_S` seconds, is no UTF-8 text, encrypted or
    write-protected, where the text cannot be read by itself or says something else at the file's end, or where
    the disk refuses.
    """
    file = _file(path)
    with _refusals(file), _folder_lock(file) as locked:
        before = _read(file)
        if since is not None and since != _stamp_of(before):
            raise _changed(file)
        added = _addition(file, before, text)
        if added:
            _meant(file, before, added, text)
            _replace(file, before, (before or b"") + added, locked=locked)
        return bool(added)


def check_append(path: Name, text: str, *, since: str | None = None) -> None:
    """Raises WriteRefused where `append` would refuse the text now; nothing is written."""
    file = _file(path)
    with _refusals(file), _folder_lock(file):
        before = _read(file)
        if since is not None and since != _stamp_of(before):
            raise _changed(file)
        added = _addition(file, before, text)
        if added:
            _meant(file, before, added, text)
            _refuse_unwritable(file)


def refuse_unwritable(path: Name) -> None:
    """Raises WriteRefused where a file could not be written: it, or its folder, is write-protected."""
    _refuse_unwritable(_file(path))


def _refuse_unwritable(file: _File) -> None:
    target = file.target
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise WriteRefused(f"{file.shown}: nothing can be written in its folder: unlock that, or name another file")
    if target.exists():
        _refuse_protected(file, target.stat())


def _refuse_protected(file: _File, old: os.stat_result) -> None:
    if not (old.st_mode & 0o222 and os.access(file.target, os.W_OK)):
        raise WriteRefused(f"{file.shown}: it is write-protected: unlock it, or name another file")


def dry_run(path: Name, text: str) -> str:
    """What `append` would change, as a unified diff that `patch` understands; "" for no change.

    Raises WriteRefused where the file cannot be read, or where the text could never be appended to it.
    """
    file = _file(path)
    before = _read(file)
    added = _addition(file, before, text)
    if not added:
        return ""
    _meant(file, before, added, text)
    old = _lines(before or b"")
    new = _lines((before or b"") + added)
    kept = len(old) if not old or old[-1].endswith("\n") else len(old) - 1
    first = max(0, kept - _CONTEXT_LINES)
    changes = [" " + line for line in old[first:kept]]
    changes += ["-" + line for line in old[kept:]] + ["+" + line for line in new[kept:]]
    name = "/dev/null" if before is None else file.shown
    return f"--- {name}\n+++ {file.shown}\n@@ -{_span(first, old)} +{_span(first, new)} @@\n" + "".join(
        line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in changes
    )


def put_in_place(path: Name, content: Callable[[], bytes], *, mode: int) -> None:
    """Put a whole file in the place of an old one of ours, or make it; `content` is asked while the lock is held.

    Only for files that are ours alone, never for a ledger. The file has exactly `mode` before its first byte is
    written, whatever the old one had. Raises WriteRefused, and leaves the file as it was, where the folder is
    locked for more than `LOCK_TIMEOUT_S` seconds, where another program changes the file meanwhile or the disk
    refuses; what `content` raises passes.
    """
    file = _file(path)
    with _refusals(file), _folder_lock(file) as locked:
        before = _bytes(file)
        written = content()
        if written != before or stat.S_IMODE(file.target.stat().st_mode) != mode:
            _replace(file, before, written, locked=locked, mode=mode)


class _File(NamedTuple):
    """The file itself, links followed so that a link stays a link; and its name as the caller wrote it."""

    target: Path
    shown: str


def _file(path: Name) -> _File:
    shown = os.fspath(path)
    if not shown or "\0" in shown:
        raise WriteRefused("there is no file of this name: give the Beancount file to append to")
    target = Path(os.path.realpath(shown))
    if not target.parent.is_dir():
        raise WriteRefused(f"{shown}: it has no folder yet: make the folder first")
    return _File(target, shown)


def _read(file: _File) -> bytes | None:
    """The file's bytes, None where there is none yet; refuses what text can never be appended to."""
    target, shown = file
    if target.suffix in {".gpg", ".asc"}:
        raise WriteRefused(f"{shown}: nothing can be appended to an encrypted file: name a plain one")
    try:
        if not stat.S_ISREG(target.stat().st_mode):
            raise WriteRefused(f"{shown}: this is no plain file: name a file, such as 2025.beancount")
        content = target.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WriteRefused(f"{shown}: it cannot be read ({error.strerror}): mend its permissions") from None
    try:
        if "\0" not in content.decode("utf-8"):
            return content
    except UnicodeDecodeError:
        pass
    raise WriteRefused(f"{shown}: this is no UTF-8 text: name a Beancount file, such as 2025.beancount")


def _bytes(file: _File) -> bytes | None:
    """The bytes of a file that may hold anything; None where there is none."""
    try:
        return file.target.read_bytes()
    except FileNotFoundError:
        return None


def _stamp_of(content: bytes | None) -> str:
    return "" if content is None else sha256(content).hexdigest()


def _changed(file: _File) -> WriteRefused:
    return WriteRefused(
        f"{file.shown}: another program changed it meanwhile, so it was left alone: "
        "save your work there and run the command again"
    )


def _addition(file: _File, before: bytes | None, text: str) -> bytes:
    """What comes after the file's bytes; nothing where the text is blank or its lines stand there already."""
    if text.encode("utf-8", "replace").decode("utf-8") != text:
        raise _unreadable(file, "it has half a character, which UTF-8 cannot hold")
    body = text.replace("\r\n", "\n").strip("\n")
    written = (before or b"").decode("utf-8")
    old = written.removeprefix("\ufeff").replace("\r\n", "\n")
    if not body.strip() or f"\n{body}\n" in f"\n{old}\n":
        return b""
    starts_apart = not old or old.endswith("\n\n")
    gap = "" if starts_apart else "\n" if old.endswith("\n") else "\n\n"
    newline = "\r\n" if written[: written.rfind("\n") + 1].endswith("\r\n") else "\n"
    return (gap + body + "\n").replace("\n", newline).encode("utf-8")


def _meant(file: _File, before: bytes | None, added: bytes, text: str) -> None:
    """Refuse text that cannot be read, and a file whose end (an open string, a `pushtag`) makes something else of it."""
    wanted, fault = meanings(text)
    if fault is not None:
        raise _unreadable(file, fault)
    first = len(_lines(before or b"")) + 1
    found, _ = meanings(((before or b"") + added).decode("utf-8"), first)
    if wanted != found:
        raise WriteRefused(
            f"{file.shown}:{first}: what is open at the end of the file would change the meaning of the new "
            "text: close the string, the `pushtag` or the `pushmeta`"
        )


def _unreadable(file: _File, fault: str) -> WriteRefused:
    return WriteRefused(
        f"{file.shown}: nothing was written, since Beancount could not read the new text ({fault}): take odd characters "
        "out of the names and texts that it speaks of"
    )


def _lines(content: bytes) -> list[str]:
    """The lines with their ends; only a line feed ends one, as it does for `patch` and for Beancount."""
    parts = content.decode("utf-8").split("\n")
    return [part + "\n" for part in parts[:-1]] + [part for part in parts[-1:] if part]


def _span(first: int, lines: list[str]) -> str:
    """Where the lines from `first` (counted from 0) to the end stand, as a diff says it."""
    count = len(lines) - first
    return f"{first + 1 if count else first},{count}"


@contextmanager
def _refusals(file: _File) -> Generator[None]:
    """What the operating system refuses becomes the one sentence that a person reads."""
    try:
        yield
    except OSError as error:
        raise WriteRefused(
            f"{file.shown}: nothing was written ({error.strerror or error}): make room, or mend the "
            "permissions of the file and its folder, and run the command again"
        ) from error


@contextmanager
def _folder_lock(file: _File) -> Generator[bool]:
    """Holds the lock of the file's folder; False where the system has none.

    The folder is locked and not the file, since the file is replaced. The lock ends with the process, however
    that ends, and leaves nothing behind.
    """
    if sys.platform == "win32":
        yield False
        return
    handle = os.open(file.target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield _locked(handle, file)
    finally:
        os.close(handle)


def _locked(handle: int, file: _File) -> bool:
    if sys.platform == "win32":
        return False
    last_try = time.monotonic() + LOCK_TIMEOUT_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= last_try:
                raise WriteRefused(
                    f"{file.shown}: another program has kept its folder locked for {LOCK_TIMEOUT_S:g} "
                    "seconds: wait until it is done and run the command again"
                ) from None
            time.sleep(_LOCK_PAUSE_S)
        except OSError:  # a file system without locks, as some network drives are
            return False
        else:
            return True


def _replace(file: _File, before: bytes | None, content: bytes, *, locked: bool, mode: int | None = None) -> None:
    """Put a whole new file in the place of the old one, if the old one still is what it was: `before`.

    It has exactly `mode` before its first byte is written; without one it is as the old one was, and a write-protected
    old one is refused. It has a name that only one program can take, which guards the old one where there is no lock.
    """
    target = file.target
    old = None if before is None or mode is not None else target.stat()
    if old:
        _refuse_protected(file, old)
    fresh = target.with_name(f".{target.name}.coopbooks-new")
    if locked:
        fresh.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(fresh, flags, 0o666 if mode is None else mode)
    except FileExistsError:
        raise WriteRefused(
            f"{file.shown}: another program is writing it: wait; if none is, delete {fresh.name} beside it"
        ) from None
    try:
        with os.fdopen(handle, "wb") as new:
            _settle_mode(handle, old, mode)
            new.write(content)
            new.flush()
            os.fsync(handle)
        if _bytes(file) != before:
            raise _changed(file)
        fresh.replace(target)
    except BaseException:
        with suppress(OSError):  # what is left of it is known by its name, and the next run takes it away
            fresh.unlink(missing_ok=True)
        raise
    _sync(target.parent)


def _settle_mode(handle: int, old: os.stat_result | None, mode: int | None) -> None:
    """Give a new file the mode that is asked for, else owner and mode of the old one, if there is one."""
    if sys.platform == "win32":
        return
    if mode is not None:
        os.fchmod(handle, mode)
    elif old is not None:
        with suppress(OSError):  # only root may give a file away; whoever may write it may keep it, too
            os.fchown(handle, old.st_uid, old.st_gid)
        os.fchmod(handle, stat.S_IMODE(old.st_mode))


def _sync(folder: Path) -> None:
    """Bring the new name to the disk, where the system can; the text itself is there already."""
    if sys.platform != "win32":
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
