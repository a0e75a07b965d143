"""The writer of files that coopbooks makes whole: a new version takes the place of an old one of ours, at once or not at all.

What is ours is known by its first line. Any other file is left alone.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from coopbooks.books.writing import Name, _changed, _File, _file, _folder_lock, _read, _refusals, _sync
from coopbooks.errors import WriteRefused

__all__ = ["standing", "write_whole"]


def standing(path: Name, mark: str) -> str | None:
    """The text of a file that begins with the line `mark`; None where there is no file yet.

    Raises WriteRefused for a file that begins otherwise, or that cannot be read.
    """
    return _own(_file(path), mark)


def write_whole(path: Name, text: str, mark: str, *, since: str | None) -> bool:
    """Make the file just this text, which begins with `mark`; False where it stands there already.

    `since` is what `standing` said when the text was made. Raises WriteRefused, and leaves all as it was, where the file
    is not ours, changed since then or is locked, or where the disk refuses.
    """
    assert text.startswith(mark + "\n"), "what is written must be known again"
    file = _file(path)
    with _refusals(file), _folder_lock(file):
        if _own(file, mark) != since:
            raise _changed(file)
        if text == since:
            return False
        _put(file, text.encode("utf-8"))
        return True


def _own(file: _File, mark: str) -> str | None:
    content = _read(file)
    if content is None:
        return None
    text = content.decode("utf-8")
    if not text.startswith(mark + "\n"):
        raise WriteRefused(f"{file.shown}: something else stands there, and it is not overwritten: name another file")
    return text


def _put(file: _File, content: bytes) -> None:
    """The new file is made beside its place and renamed; it keeps the mode of the one that it replaces."""
    target: Path = file.target
    fresh = target.with_name(f".{target.name}.coopbooks-new")
    fresh.unlink(missing_ok=True)
    try:
        with fresh.open("xb") as new:
            if target.exists() and hasattr(os, "fchmod"):
                os.fchmod(new.fileno(), stat.S_IMODE(target.stat().st_mode))
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    _sync(target.parent)
