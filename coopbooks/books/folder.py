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

from coopbooks.books.writing import Name, _File, _folder_lock, _sync
from coopbooks.errors import WriteRefused

__all__ = ["SUMS", "write_folder"]

SUMS = "SHA256SUMS"


def write_folder(path: Name, files: Mapping[str, bytes], *, replace: bool = False) -> bool:
    """Make a folder with just these files; True when it was written, False when it stands there already.

    `files` are contents by relative path ("members/ada.pdf"). Folders above are made. With `replace` a folder
    that an earlier call made and nobody changed since gives way to the new one.

    Raises WriteRefused, and leaves everything as it was, where something stands in the place that no call made
    or that was changed since, where other files of ours stand there and `replace` is not said, or where the
    disk refuses.
    """
    shown = os.fspath(path)
    target = Path(os.path.realpath(shown))
    wanted = {**files, SUMS: _sums(files)}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _folder_lock(_File(target, shown)):
            _recover(target)
            standing = _standing(target, shown)
            if standing == wanted:
                return False
            if standing is not None:
                _refuse_what_is_not_ours(standing, shown)
                if not replace:
                    raise WriteRefused(
                        f"{shown}: other statements stand there already, made from an earlier ledger, as of another day "
                        "or with other options: say --replace to put these in their place, or name another folder"
                    )
            _put(target, wanted)
            return True
    except OSError as error:
        raise WriteRefused(
            f"{shown}: nothing was written ({error.strerror or error}): make room, or mend the permissions of the "
            "folder, and run the command again"
        ) from error


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


def _put(target: Path, files: Mapping[str, bytes]) -> None:
    fresh, old = _beside(target, "new"), _beside(target, "old")
    for left in (fresh, old):  # by a call that was killed
        if left.exists():
            shutil.rmtree(left)
    try:
        for name, content in files.items():
            file = fresh / name
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("xb") as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
        if target.exists():
            target.rename(old)
        try:
            fresh.rename(target)
        except OSError:
            _recover(target)
            raise
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    _sync(target.parent)
    shutil.rmtree(old, ignore_errors=True)
