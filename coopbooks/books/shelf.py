"""The files of a ledger that someone sent: each is read once, and only what lies inside the ledger's folder."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import PurePath

from coopbooks.books.digest import Listed
from coopbooks.books.limits import MEBIBYTE, Limits
from coopbooks.books.unseen import visible

__all__ = ["NotTaken", "Shelf"]

_OUTSIDE = "it is a file outside of the ledger's folder, or a link to one: move the file itself into the folder"
_PATTERN = re.compile(r"[*?\[]")
_OPENING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


class NotTaken(Exception):
    """A file that is not read; the text says why, and what would be read."""


class Shelf:
    """Reads what a ledger is made of. `read` holds the bytes of each file by its absolute path, as they were found."""

    def __init__(self, ledger: str, limits: Limits, about_to: Callable[[str], None]) -> None:
        """`ledger` is the absolute path of the top-level file; `about_to` is told the name of each file before it is read."""
        self.folder = os.path.dirname(ledger)
        self.real = os.path.realpath(self.folder)
        self.limits = limits
        self.about_to = about_to
        self.read: dict[str, bytes] = {}
        self._looked_at = 0

    def name(self, path: str) -> str:
        """A file relative to the ledger's folder, as a person reads it."""
        return PurePath(os.path.relpath(path, self.folder)).as_posix()

    def holds(self, path: str) -> bool:
        """Whether a path lies inside the ledger's folder, whatever links lead there."""
        real = os.path.realpath(path)
        return real == self.real or real.startswith(self.real.rstrip(os.sep) + os.sep)

    def take(self, path: str) -> bytes:
        """The bytes of a file. Raises NotTaken for what is outside, no regular file, encrypted or too large."""
        if not self.holds(path):
            raise NotTaken(_OUTSIDE)
        if len(self.read) >= self.limits.files:
            raise NotTaken(f"the ledger has {self.limits.files:,} files already, the most that are read: join some")
        self.about_to(self.name(path))
        content = self._content(os.path.realpath(path))
        if path.endswith(".gpg") or (path.endswith(".asc") and b"--BEGIN PGP MESSAGE--" in content[:1024]):
            raise NotTaken("it is encrypted: ask for the text that is in it")
        self.read[path] = content
        return content

    def _content(self, real: str) -> bytes:
        taken = sum(map(len, self.read.values()))
        most = min(self.limits.file_bytes, self.limits.total_bytes - taken)
        try:
            kind = os.stat(real).st_mode  # asked before it is opened: opening a device may do something
            if not stat.S_ISREG(kind):
                raise NotTaken("it is no regular file: a ledger is kept in files of text")
            handle = os.open(real, _OPENING)
        except OSError as error:
            raise NotTaken(f"it cannot be read ({error.strerror}): check the file and its rights") from None
        with open(handle, "rb", buffering=0) as file:
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode):
                raise NotTaken("it is no regular file: a ledger is kept in files of text")
            if about.st_size > most:
                raise NotTaken(self._too_large(about.st_size, taken))
            parts, size = [], 0
            while part := file.read(MEBIBYTE):
                parts.append(part)
                size += len(part)
                if size > most:  # it grows while it is read
                    raise NotTaken(self._too_large(size, taken))
        return b"".join(parts)

    def _too_large(self, size: int, taken: int) -> str:
        one, every = self.limits.file_bytes // MEBIBYTE, self.limits.total_bytes // MEBIBYTE
        return (
            f"it has {size:,} bytes and the files before it {taken:,}, more than the {one} MiB a file and {every} MiB in all "
            "that are read: divide the books by years"
        )

    def found(self, pattern: str, folder: str) -> list[str]:
        """The absolute paths that an `include` in a file of `folder` names, sorted where it is a pattern; [] for none.

        Raises NotTaken for one that leads out of the ledger's folder.
        """
        path = os.path.normpath(os.path.join(folder, pattern))
        if not _PATTERN.search(pattern):
            if not self.holds(path):
                raise NotTaken(_OUTSIDE)
            return [path] if os.path.lexists(path) else []
        if not path.startswith(self.folder.rstrip(os.sep) + os.sep):
            raise NotTaken("the pattern leads out of the ledger's folder: write one that stays inside it")
        return sorted(set(self._matches(self.folder, PurePath(os.path.relpath(path, self.folder)).parts)))

    def _matches(self, folder: str, parts: Sequence[str]) -> Iterator[str]:
        """What a pattern matches below a folder, as `glob` has it: `**` is any number of folders, hidden names are asked for."""
        part, rest = parts[0], parts[1:]
        names = self._names(folder)
        if part == "**":
            yield from self._matches(folder, rest or ("*",))
            below = [name for name in names if name[0] != "."]
            for path in (os.path.join(folder, name) for name in below):
                if os.path.isdir(path) and not os.path.islink(path):
                    yield from self._matches(path, parts)
            return
        for name in names:
            if (name[0] == "." and part[0] != ".") or not fnmatchcase(name, part):
                continue
            path = os.path.join(folder, name)
            if not rest:
                yield path
            elif os.path.isdir(path) and self.holds(path):
                yield from self._matches(path, rest)

    def _names(self, folder: str) -> list[str]:
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            return []
        self._looked_at += len(names) + 1
        if self._looked_at > self.limits.looked_at:
            raise NotTaken(
                f"the patterns are compared with more than {self.limits.looked_at:,} names: name the files one by one"
            )
        return [name for name in names if visible(name) == name and not _has_no_text(name)]

    def listed(self) -> tuple[Listed, ...]:
        """Every file that was read: its path relative to the ledger's folder, its digest and its size."""
        return tuple(
            sorted(
                Listed(self.name(path), sha256(content).hexdigest(), len(content))
                for path, content in self.read.items()
            )
        )

    def text(self, path: str) -> str:
        """The text of a file that was read; "" for any other."""
        return self.read.get(path, b"").decode("utf-8", "replace")


def _has_no_text(name: str) -> bool:
    """Whether a name is no UTF-8, so that no ledger can mean it."""
    return not name.isprintable() and any("\ud800" <= char <= "\udfff" for char in name)
