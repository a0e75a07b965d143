"""Detached signatures of a seal's page, one file an officer, beside the ledger: `ssh-keygen` alone can check them.

The page stands in `seal-2025.txt`, a signature of it in `seal-2025.<key>.sig`, where <key> are eight digits of the digest
of the public key that signed: two officers sign without overwriting one another, and one who signs twice has one file.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from coopbooks.books.outgoing import preview, write_new
from coopbooks.books.signing import _TIMEOUT_S, _program, fingerprint_of, key_of, stands
from coopbooks.errors import SignatureRefused
from coopbooks.rows import NamedTuple

__all__ = ["NAMESPACE", "Planned", "Signed", "Signer", "sign_page", "signers_of", "would_sign"]

NAMESPACE = "coopbooks-seal"
"""What a signature is for: one of a report, or of anything else, is none of a seal."""

_YEAR = re.compile(r"[0-9]{4}\Z")
_KEY_DIGITS = 8
_SIGNATURES_MAX = 100
_SIGNATURE_BYTES_MAX = 100_000
_PATTERN = frozenset("*?!,")


class Signed(NamedTuple):
    """The files of a signature: the page and the signature beside it; `written` is False where both stood there."""

    page: Path
    signature: Path
    written: bool


class Planned(NamedTuple):
    """What signing would write: the page as a difference, "" where it stands there; and the signature, None likewise."""

    page: str
    signature: Path | None


class Signer(NamedTuple):
    """Somebody who signed: the identity in the file of allowed signers, and the digest of the key."""

    identity: str
    key: str


def sign_page(folder: Path, period: str, page: str, key: Path) -> Signed:
    """Sign the page of a fiscal year's seal with an OpenSSH key, in the ledger's folder.

    A key whose signature of this page stands there is not asked again. OpenSSH asks for a passphrase by itself. Raises
    SignatureRefused with its words, WriteRefused where something else stands in the place of one of the files, ToolMissing
    without `ssh-keygen`.
    """
    _refuse(period, key)
    paper = folder / f"seal-{period}.txt"
    known = fingerprint_of(key)
    if known is not None and stands(_signature(folder, period, known), known, page.encode(), NAMESPACE):
        return Signed(paper, _signature(folder, period, known), write_new(paper, page.encode()))
    done = subprocess.run(  # noqa: S603  # a program by its full path, and no shell
        [_program(), "-Y", "sign", "-f", str(key), "-n", NAMESPACE],
        input=page.encode(),
        capture_output=True,
        check=False,
    )
    made = key_of(done.stdout)
    if done.returncode or made is None:
        said = " ".join(done.stderr.decode("utf-8", "replace").split()) or f"nothing (exit code {done.returncode})"
        raise SignatureRefused(f"the seal of {period} was not signed: ssh-keygen says: {said}")
    signature = _signature(folder, period, made)
    preview(signature, done.stdout, lambda old: key_of(old) == made)  # no page is written whose signature is refused
    written = write_new(paper, page.encode())
    return Signed(paper, signature, write_new(signature, done.stdout, lambda old: key_of(old) == made) or written)


def would_sign(folder: Path, period: str, page: str, key: Path) -> Planned:
    """What `sign_page` would write; nothing is written, nothing signed, and no passphrase asked for.

    Raises as `sign_page` does; SignatureRefused also where the public half of a key cannot be told without its passphrase.
    """
    _refuse(period, key)
    change = preview(folder / f"seal-{period}.txt", page.encode())
    made = fingerprint_of(key)
    if made is None:
        raise SignatureRefused(
            f"ssh-keygen says nothing of the public half of {key}: put it beside the key, as {key.name}.pub, or sign "
            "without --dry-run"
        )
    signature = _signature(folder, period, made)
    if stands(signature, made, page.encode(), NAMESPACE):
        return Planned(change, None)
    preview(signature, b"", lambda old: key_of(old) == made)
    return Planned(change, signature)


def _refuse(period: str, key: Path) -> None:
    if not key.is_file():
        raise SignatureRefused(f"{key} is no file: give the private key that signs, as ~/.ssh/id_ed25519")
    if not _YEAR.match(period):
        raise SignatureRefused(f'"{period}" is no fiscal year: give the sealed year, as 2025')


def _signature(folder: Path, period: str, key: str) -> Path:
    return folder / f"seal-{period}.{key[:_KEY_DIGITS]}.sig"


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
        if file.is_symlink() or not file.is_file() or file.stat().st_size > _SIGNATURE_BYTES_MAX:
            continue  # a link may lead out of the folder that somebody sent
        key = key_of(file.read_bytes())
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
        [_program(), *arguments],
        input=page,
        capture_output=True,
        check=False,
        encoding="utf-8",  # of the page in every locale; and a name in another encoding is nobody's, but no error
        errors="replace",
        timeout=_TIMEOUT_S,
    )
