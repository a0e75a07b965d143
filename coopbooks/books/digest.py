"""The digest of a ledger: one SHA-256 that changes with every byte of any of its files, wherever they are kept."""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from coopbooks.errors import LedgerUnusable

__all__ = ["digest_of"]


def digest_of(ledger: Path, files: Iterable[Path]) -> str:
    """SHA-256 in hexadecimal over the sorted lines `<sha256 of the file>  <path>` of every file of a ledger.

    The lines are what `sha256sum` prints in the ledger's folder, and the paths are relative to it, so that anybody
    can compute the digest with no program of ours, and two copies of one ledger have the same one:

        sha256sum main.beancount 2025.beancount | LC_ALL=C sort | sha256sum

    `ledger` is the top-level file, `files` are all that it includes, itself among them. Raises LedgerUnusable where
    one of them cannot be read any more.
    """
    lines = []
    for file in {ledger, *files}:
        name = Path(os.path.relpath(file, ledger.parent)).as_posix()
        try:
            lines.append(f"{sha256(file.read_bytes()).hexdigest()}  {name}\n".encode())
        except OSError as error:
            raise LedgerUnusable(
                f"{name} cannot be read any more ({error.strerror}): leave the ledger in its place and run this again"
            ) from None
    return sha256(b"".join(sorted(lines))).hexdigest()
