"""The writer of files that coopbooks makes whole: a new version takes the place of an old one of ours, at once or not at all.

What is ours is known by its first line, or by what its maker says of its bytes. Any other file is left alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from difflib import unified_diff

from coopbooks.books.writing import Name, _bytes, _changed, _File, _file, _folder_lock, _read, _refusals, _replace
from coopbooks.errors import WriteRefused

__all__ = ["difference", "preview", "standing", "write_new", "write_whole"]


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
    with _refusals(file), _folder_lock(file) as locked:
        if _own(file, mark) != since:
            raise _changed(file)
        if text == since:
            return False
        _replace(file, None if since is None else since.encode("utf-8"), text.encode("utf-8"), locked=locked)
        return True


def difference(path: Name, text: str, mark: str) -> str:
    """What `write_whole` would change, as a unified diff; "" for no change.

    Raises WriteRefused where the file is not ours, or cannot be read.
    """
    before = standing(path, mark)
    return _diff(before or "", text, os.fspath(path), is_new=before is None)


def _diff(old: str, new: str, shown: str, *, is_new: bool) -> str:
    lines = unified_diff(old.splitlines(), new.splitlines(), "/dev/null" if is_new else shown, shown, lineterm="")
    return "".join(f"{line}\n" for line in lines)


def write_new(path: Name, content: bytes, ours: Callable[[bytes], bool] | None = None) -> bool:
    """Make the file just these bytes, of whatever form; False where they stand there already.

    A file that stands there gives way only where `ours` says of its bytes that it may. Raises WriteRefused, and leaves all
    as it was, where it may not, where its folder is locked, or where the disk refuses.
    """
    file = _file(path)
    with _refusals(file), _folder_lock(file) as locked:
        before = _given_way(file, content, ours)
        if before == content:
            return False
        _replace(file, before, content, locked=locked)
        return True


def preview(path: Name, content: bytes, ours: Callable[[bytes], bool] | None = None) -> str:
    """What `write_new` would change: a unified diff of text, the size of anything else, "" for no change.

    Raises WriteRefused where the file may not give way, or cannot be read.
    """
    file = _file(path)
    with _refusals(file):
        before = _given_way(file, content, ours)
    if before == content:
        return ""
    try:
        old, new = (before or b"").decode("utf-8"), content.decode("utf-8")
    except UnicodeDecodeError:
        done = "made" if before is None else f"replaced, which has {len(before):,} bytes"
        return f"{file.shown}: {len(content):,} bytes, which are no text, would be written; the file would be {done}.\n"
    return _diff(old, new, file.shown, is_new=before is None)


def _given_way(file: _File, content: bytes, ours: Callable[[bytes], bool] | None) -> bytes | None:
    """The bytes of a file that may give way to others, None where there is none."""
    if file.target.exists() and not file.target.is_file():
        raise WriteRefused(f"{file.shown}: this is no plain file: name a file that is yet to be made")
    before = _bytes(file)
    if before not in (None, content) and (ours is None or not ours(before or b"")):
        raise WriteRefused(f"{file.shown}: something else stands there, and it is not overwritten: name another file")
    return before


def _own(file: _File, mark: str) -> str | None:
    content = _read(file)
    if content is None:
        return None
    text = content.decode("utf-8")
    if not text.startswith(mark + "\n"):
        raise WriteRefused(f"{file.shown}: something else stands there, and it is not overwritten: name another file")
    return text
