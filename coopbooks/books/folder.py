"""The writer of whole folders: what a command makes for its user appears at once, or not at all.

The new folder is made beside its place, brought to the disk and then renamed. A list of its files and their
SHA-256 (`SHA256SUMS`, which `sha256sum -c` reads) lies in it. It says later what coopbooks made itself: only
that is ever replaced, and only where somebody says so.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from coopbooks.books.writing import Name, _changed, _File, _folder_lock, _sync
from coopbooks.errors import WriteRefused

__all__ = ["SUMS", "would_write", "write_folder"]

SUMS = "SHA256SUMS"


def write_folder(path: Name, files: Mapping[str, bytes], *, replace: bool = False) -> bool:
    """Make a folder with just these files; True when it was written, False when it stands there already.

    `files` are contents by relative path ("members/ada.pdf"). Folders above are made. With `replace` a folder
    that an earlier call made and nobody changed since gives way to the new one.

    Raises WriteRefused, and leaves everything as it was (folders above may have been made), where something stands in
    the place that no call made or that was changed since, where other files of ours stand there and `replace` is not
    said, or where the disk refuses.
    """
    shown = os.fspath(path)
    target = Path(os.path.realpath(shown))
    file = _File(target, shown)
    wanted = {**files, SUMS: _sums(files)}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _folder_lock(file) as locked:
            _recover(target)
            if locked:  # else what lies there may be another program's
                _clear(target)
            standing = _standing(target, shown)
            if standing == wanted:
                return False
            _refuse_to_replace(standing, shown, replace=replace)
            _put(file, standing, wanted)
            return True
    except OSError as error:
        raise WriteRefused(
            f"{shown}: nothing was written ({error.strerror or error}): make room, or mend the permissions of the "
            "folder, and run the command again"
        ) from error


def would_write(path: Name, files: Mapping[str, bytes], *, replace: bool = False) -> bool:
    """Whether `write_folder` would write anything; nothing is changed. Raises WriteRefused where it would be refused."""
    shown = os.fspath(path)
    standing = _standing(Path(os.path.realpath(shown)), shown)
    if standing == {**files, SUMS: _sums(files)}:
        return False
    _refuse_to_replace(standing, shown, replace=replace)
    return True


def _sums(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()


def _standing(target: Path, shown: str) -> dict[str, bytes] | None:
    """What stands in the folder's place, None where there is nothing or only an empty folder."""
    if not target.exists():
        return None
    if not target.is_dir():
        raise WriteRefused(f"{shown}: this is no folder: name a folder that is yet to be made")
    found: dict[str, bytes] = {}
    for each in sorted(target.rglob("*")):
        name = each.relative_to(target).as_posix()
        if each.is_symlink() or not (each.is_file() or each.is_dir()):
            raise WriteRefused(f"{shown}: {name} in it was not made by coopbooks: move it away, or name another folder")
        if each.is_file():
            found[name] = each.read_bytes()
    return found or None


def _refuse_to_replace(standing: Mapping[str, bytes] | None, shown: str, *, replace: bool) -> None:
    if standing is None:
        return
    _refuse_what_is_not_ours(standing, shown)
    if not replace:
        raise WriteRefused(
            f"{shown}: other statements stand there already, made from an earlier ledger, as of another day "
            "or with other options: say --replace to put these in their place, or name another folder"
        )


def _refuse_what_is_not_ours(standing: Mapping[str, bytes], shown: str) -> None:
    lines = standing.get(SUMS, b"").decode("utf-8", "replace").splitlines()
    made = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    for name, content in standing.items():
        if name == SUMS:
            continue
        if name not in made:
            raise WriteRefused(f"{shown}: {name} in it was not made by coopbooks: move it away, or name another folder")
        if made[name] != sha256(content).hexdigest():
            raise WriteRefused(f"{shown}: {name} in it was changed since: move it away, or name another folder")


def _beside(target: Path, word: str) -> Path:
    return target.with_name(f".{target.name}.coopbooks-{word}")


def _recover(target: Path) -> None:
    """An earlier call that was killed between its two renames left the old folder beside its place: back with it."""
    old = _beside(target, "old")
    if old.exists() and not target.exists():
        old.rename(target)


def _clear(target: Path) -> None:
    """Take away what a call that was killed has left beside the folder."""
    for left in (_beside(target, "new"), _beside(target, "old")):
        if left.exists():
            shutil.rmtree(left)


def _put(file: _File, standing: Mapping[str, bytes] | None, files: Mapping[str, bytes]) -> None:
    """Put a whole new folder in its place, if what stands there still is what it was.

    A killed call leaves the old folder in its place, or beside it, where the next call finds it.
    """
    target = file.target
    fresh, old = _beside(target, "new"), _beside(target, "old")
    try:
        fresh.mkdir()
    except FileExistsError:
        raise WriteRefused(
            f"{file.shown}: another program is writing it: wait; if none is, delete {fresh.name} beside it"
        ) from None
    try:
        _fill(fresh, files)
        if _standing(target, file.shown) != standing:
            raise _changed(file)
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    except BaseException:
        _recover(target)
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    _sync(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Bring the files to the disk, and then the folders that name them."""
    folders = {folder}
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        folders.add(path.parent)
        with path.open("xb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
    for each in folders:
        _sync(each)
