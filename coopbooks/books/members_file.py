"""The members' file: who may sign in to the open book, as salted hashes, beside the secrets that sign sessions.

It is readable for its owner alone (mode 0600) and replaced whole: the new file is made beside the old one, brought
to the disk and only then put in its place. Whoever changes it holds the folder's lock meanwhile, so that a member
who changes a password and a treasurer who adds somebody do not undo each other.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from coopbooks.books.writing import put_in_place
from coopbooks.errors import CoopbooksError
from coopbooks.rows import NamedTuple

__all__ = ["MembersFile", "MembersFileUnusable", "change_members_file", "members_file_of", "read_members_file"]

_FORM = 1
_SIZE_MAX = 10_000_000


class MembersFileUnusable(CoopbooksError):
    """The members' file cannot be used: it is not in form, cannot be read, or others may read it."""


class MembersFile(NamedTuple):
    """Password hashes by member's id, and the secrets of sessions, newest first, with the second each was made at."""

    hashes: Mapping[str, str] = {}
    secrets: tuple[tuple[str, int], ...] = ()


def members_file_of(ledger: str | Path) -> Path:
    """Where the members' file of a ledger stands if nothing else is said: beside it, as main.members.json."""
    return Path(ledger).with_suffix(".members.json")


def read_members_file(path: Path) -> MembersFile:
    """What the file says; an empty one where there is none yet.

    Raises MembersFileUnusable where it cannot be read, is not in form, or is open to others.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(_SIZE_MAX)
    except FileNotFoundError:
        return MembersFile()
    except OSError as error:
        raise MembersFileUnusable(f"{path}: it cannot be read ({error.strerror}): mend its permissions") from None
    if sys.platform != "win32" and stat.S_IMODE(mode) & 0o077:
        raise MembersFileUnusable(f"{path}: others on this machine may read it, and it guards the log-in: chmod 600 it")
    try:
        return _parsed(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        raise MembersFileUnusable(
            f"{path}: this is no members' file: bring back a copy, or delete it and add the members again"
        ) from None


def change_members_file(path: Path, change: Callable[[MembersFile], MembersFile]) -> MembersFile:
    """Read the file, put what `change` makes of it in its place, and return that; nobody writes in between.

    Raises MembersFileUnusable as `read_members_file` does, and WriteRefused where the disk or the lock refuses; then
    the file is as it was.
    """
    made: list[MembersFile] = []

    def content() -> bytes:
        made.append(change(read_members_file(path)))
        return _written(made[-1])

    put_in_place(path, content, mode=0o600)
    return made[-1]


def _parsed(data: Mapping[str, object]) -> MembersFile:
    members, secrets = data["members"], data["secrets"]
    if data["form"] != _FORM or not isinstance(members, dict) or not isinstance(secrets, list):
        raise ValueError
    hashes = {str(member): str(fields["password"]) for member, fields in members.items()}
    if not all(text.startswith("$argon2") for text in hashes.values()):
        raise ValueError
    return MembersFile(hashes, tuple((str(text), int(made)) for text, made in secrets))


def _written(file: MembersFile) -> bytes:
    data = {
        "form": _FORM,
        "members": {member: {"password": file.hashes[member]} for member in sorted(file.hashes)},
        "secrets": [list(secret) for secret in file.secrets],
    }
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
