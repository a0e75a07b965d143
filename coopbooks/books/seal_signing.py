"""Detached signatures of a seal's page, one file an officer, beside the ledger: `ssh-keygen` alone can check them.

The page stands in `seal-2025.txt`, a signature of it in `seal-2025.<key>.sig`, where <key> are eight digits of the digest
of the public key that signed: two officers sign without overwriting one another, and one who signs twice has one file.
"""

from __future__ import annotations

import binascii
import re
import subprocess
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from coopbooks.books.outgoing import write_new
from coopbooks.books.signing import _TIMEOUT_S, _program
from coopbooks.errors import SignatureRefused
from coopbooks.rows import NamedTuple

__all__ = ["NAMESPACE", "Signed", "Signer", "sign_page", "signers_of"]

NAMESPACE = "coopbooks-seal"
"""What a signature is for: one of a report, or of anything else, is none of a seal."""

_YEAR = re.compile(r"[0-9]{4}\Z")
_KEY_DIGITS = 8
_MAGIC = b"SSHSIG"
_SIGNATURES_MAX = 100
_SIGNATURE_BYTES_MAX = 100_000
_PATTERN = frozenset("*?!,")


class Signed(NamedTuple):
    """The files of a signature: the page and the signature beside it; `written` is False where both stood there."""

    page: Path
    signature: Path
    written: bool


class Signer(NamedTuple):
    """Somebody who signed: the identity in the file of allowed signers, and the digest of the key."""

    identity: str
    key: str


def sign_page(folder: Path, period: str, page: str, key: Path) -> Signed:
    """Sign the page of a fiscal year's seal with an OpenSSH key, in the ledger's folder.

    OpenSSH asks for a passphrase by itself. Raises SignatureRefused with its words, WriteRefused where something else
    stands in the place of one of the files, ToolMissing without `ssh-keygen`.
    """
    if not key.is_file():
        raise SignatureRefused(f"{key} is no file: give the private key that signs, as ~/.ssh/id_ed25519")
    if not _YEAR.match(period):
        raise SignatureRefused(f'"{period}" is no fiscal year: give the sealed year, as 2025')
    done = subprocess.run(  # noqa: S603  # a program by its full path, and no shell
        [_program(), "-Y", "sign", "-f", str(key), "-n", NAMESPACE],
        input=page.encode(),
        capture_output=True,
        check=False,
        timeout=_TIMEOUT_S,
    )
    made = _key_of(done.stdout)
    if done.returncode or made is None:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())
        raise SignatureRefused(f"the seal of {period} was not signed: ssh-keygen says: {said}")
    paper = folder / f"seal-{period}.txt"
    signature = folder / f"seal-{period}.{made[:_KEY_DIGITS]}.sig"
    written = write_new(paper, page.encode())
    return Signed(paper, signature, write_new(signature, done.stdout, lambda old: _key_of(old) == made) or written)


def signers_of(folder: Path, period: str, page: str, signers: Path) -> list[Signer]:
    """Who signed this very page, of the identities in a file of allowed signers, sorted; each identity and each key once.

    A signature of another page, of a stranger or of a key that is not valid is no signature. Raises SignatureRefused where
    the file of allowed signers is missing; ToolMissing.
    """
    if not signers.is_file():
        raise SignatureRefused(
            f"{signers}: there is no such file: the allowed signers should stand there (`man ssh-keygen`)"
        )
    files = sorted(folder.glob(f"seal-{period}.*.sig"))[:_SIGNATURES_MAX] if _YEAR.match(period) else []
    found: list[Signer] = []
    for each in _checked(files, page, signers):
        if all(each.identity != other.identity and each.key != other.key for other in found):
            found.append(each)
    return sorted(found)


def _checked(files: Iterable[Path], page: str, signers: Path) -> Iterator[Signer]:
    for file in files:
        if not file.is_file() or file.stat().st_size > _SIGNATURE_BYTES_MAX:
            continue
        key = _key_of(file.read_bytes())
        if key is None:
            continue
        for identity in _identities(file, signers):
            arguments = ["-Y", "verify", "-f", str(signers), "-I", identity, "-n", NAMESPACE, "-s", str(file)]
            if not _run(arguments, page).returncode:
                yield Signer(identity, key)


def _identities(signature: Path, signers: Path) -> list[str]:
    """Whose key signed, as the file of allowed signers calls them; a pattern is nobody."""
    done = _run(["-Y", "find-principals", "-f", str(signers), "-s", str(signature)], "")
    return [] if done.returncode else [line for line in done.stdout.splitlines() if line and _PATTERN.isdisjoint(line)]


def _run(arguments: list[str], page: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # as above
        [_program(), *arguments], input=page, capture_output=True, check=False, text=True, timeout=_TIMEOUT_S
    )


def _key_of(signature: bytes) -> str | None:
    """SHA-256 of the public key in a signature of OpenSSH; None for what is none."""
    lines = signature.split(b"\n")
    if lines[0].strip() != b"-----BEGIN SSH SIGNATURE-----":
        return None
    try:
        body = binascii.a2b_base64(b"".join(line for line in lines[1:] if not line.startswith(b"-----")))
    except binascii.Error:
        return None
    start = len(_MAGIC) + 4
    length = int.from_bytes(body[start : start + 4], "big")
    key = body[start + 4 : start + 4 + length]
    return sha256(key).hexdigest() if body.startswith(_MAGIC) and key and len(key) == length else None
