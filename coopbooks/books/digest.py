"""The digest of a ledger: one SHA-256 that changes with every byte of any of its files, wherever they are kept."""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from coopbooks.errors import LedgerUnusable
from coopbooks.rows import NamedTuple

__all__ = ["Listed", "digest_of", "digest_of_listed", "listed"]


class Listed(NamedTuple):
    """One file of a ledger: its path relative to the ledger's folder, its SHA-256, and how many bytes it has."""

    path: str
    sha256: str
    bytes: int


def digest_of(ledger: Path, files: Iterable[Path]) -> str:
    """SHA-256 in hexadecimal over the sorted lines `<sha256 of the file>  <path>` of every file of a ledger.

    The lines are what `sha256sum` prints in the ledger's folder, and the paths are relative to it, so that anybody
    can compute the digest with no program of ours, and two copies of one ledger have the same one:

        sha256sum main.beancount 2025.beancount | LC_ALL=C sort | sha256sum

    `ledger` is the top-level file, `files` are all that it includes, itself among them. Raises LedgerUnusable where
    one of them cannot be read any more.
    """
    return digest_of_listed(listed(ledger, files))


def listed(ledger: Path, files: Iterable[Path]) -> list[Listed]:
    """Every file of a ledger as it is now, in the order of their paths. Raises as `digest_of` does."""
    found = []
    for file in {ledger, *files}:
        name = Path(os.path.relpath(file, ledger.parent)).as_posix()
        try:
            content = file.read_bytes()
        except OSError as error:
            raise LedgerUnusable(
                f"{name} cannot be read any more ({error.strerror}): leave the ledger in its place and run this again"
            ) from None
        found.append(Listed(name, sha256(content).hexdigest(), len(content)))
    return sorted(found)


def digest_of_listed(files: Iterable[Listed]) -> str:
    """The digest of a ledger from the list of its files."""
    lines = sorted(f"{each.sha256}  {each.path}\n".encode() for each in files)
    return sha256(b"".join(lines)).hexdigest()
