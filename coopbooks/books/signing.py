"""Signatures of reports and seals by `ssh-keygen -Y`, which comes with OpenSSH: no key is ever read by this program."""

from __future__ import annotations

import binascii
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from coopbooks.books.outgoing import preview, write_new
from coopbooks.books.writing import Name, append, check_append, refuse_unwritable
from coopbooks.errors import SignatureRefused, ToolMissing, WriteRefused, WrongSignature
from coopbooks.rows import NamedTuple

__all__ = [
    "NAMESPACE",
    "Ready",
    "fingerprint_of",
    "key_of",
    "prepared",
    "stands",
    "verify",
    "would_sign",
    "write_signed",
]

NAMESPACE = "coopbooks-audit"
"""What a signature is for, so that one made for something else is never taken for one of a report."""

_TIMEOUT_S = 120
_MAGIC = b"SSHSIG"


class Ready(NamedTuple):
    """A report as it is to be written, and its signature, None where it gets none; nothing of it is written yet."""

    report: Path
    content: bytes
    signature: bytes | None

    @property
    def signed_in(self) -> Path:
        """The signature's file: the report's name with `.sig` behind it."""
        return self.report.with_name(self.report.name + ".sig")


def prepared(report: Path, content: bytes, key: Path | None) -> Ready:
    """A report, signed with an OpenSSH key where one is given; nothing is written, and all that can be refused is by now.

    A key whose signature of these bytes stands there is not asked again; OpenSSH asks for a passphrase by itself. Raises
    SignatureRefused with its words, or where another signature stands there already; WriteRefused where the report may not
    stand where it is to; ToolMissing without `ssh-keygen`.
    """
    preview(report, content)
    ready = Ready(report, content, None)
    return ready if key is None else ready._replace(signature=_signature(ready, key))


def would_sign(report: Path, content: bytes, key: Path) -> bool:
    """Whether `prepared` would make a new signature; none is made, and no passphrase asked for.

    Raises SignatureRefused without the key, or where what stands there is not its signature of these bytes.
    """
    _refuse_no_key(key)
    signature = Ready(report, content, None).signed_in
    if not signature.exists():
        return True
    known = fingerprint_of(key)
    if known is None or not stands(signature, known, content, NAMESPACE):
        raise _other_signature(signature)
    return False


def _refuse_no_key(key: Path) -> None:
    if not key.is_file():
        raise SignatureRefused(f"{key} is no file: give the private key that signs, as ~/.ssh/id_ed25519")


def _other_signature(signature: Path) -> SignatureRefused:
    return SignatureRefused(f"{signature} stands there already: move it away, so that no signature is overwritten")


def write_signed(ready: Ready, into: Name | None = None, text: str = "", *, since: str | None = None) -> bool:
    """Write a report, then its signature, and append the record that names it; True where the record was written.

    All three are looked at before the first is written, so that none is where another would be refused. Who is stopped
    between them leaves the report, or the report and its signature, without the record: the same call again ends the work.
    Raises WriteRefused; where the record fails in spite of all it says what stands.
    """
    for file in (ready.report, ready.signed_in):
        refuse_unwritable(file)
    if into is not None:
        check_append(into, text, since=since)
    stand: list[str] = []
    try:
        write_new(ready.report, ready.content)
        stand.append(ready.report.name)
        if ready.signature is not None:
            write_new(ready.signed_in, ready.signature)
            stand.append(ready.signed_in.name)
        return into is not None and append(into, text, since=since)
    except WriteRefused as error:
        if not stand:
            raise
        said = f"{' and '.join(stand)} {'stands' if len(stand) == 1 else 'stand'}, and the record does not"
        raise WriteRefused(
            f"{said}: {error.message}; then the same command with --as-of and this day ends the work"
        ) from None


def _signature(ready: Ready, key: Path) -> bytes:
    """A signature of the report's bytes by a key: that which stands there, else a new one."""
    _refuse_no_key(key)
    known = fingerprint_of(key)
    if known is not None and stands(ready.signed_in, known, ready.content, NAMESPACE):
        return ready.signed_in.read_bytes()
    done = subprocess.run(  # noqa: S603  # a program by its full path, and no shell
        [_program(), "-Y", "sign", "-f", str(key), "-n", NAMESPACE],
        input=ready.content,
        capture_output=True,
        check=False,
    )
    if done.returncode or not done.stdout:
        said = " ".join((done.stdout + b" " + done.stderr).decode("utf-8", "replace").split())
        raise SignatureRefused(
            f"{ready.report} was not signed: ssh-keygen says: {said or f'nothing ({done.returncode})'}"
        )
    if ready.signed_in.is_file() and ready.signed_in.read_bytes() != done.stdout:
        raise _other_signature(ready.signed_in)
    return done.stdout


def verify(report: Path, signers: Path, identity: str) -> str:
    """Who signed a report, as ssh-keygen says it: the signature is the report's name with `.sig` behind it.

    `signers` is a file of allowed signers (`man ssh-keygen`), `identity` the one of them that is expected. Raises
    WrongSignature where the signature is missing, is somebody else's or is of other bytes; SignatureRefused without the
    file of allowed signers; ToolMissing.
    """
    signature = report.with_name(report.name + ".sig")
    if not signers.is_file():
        raise SignatureRefused(f"{signers}: there is no such file: the allowed signers should stand there")
    if not signature.is_file():
        raise WrongSignature(f"{signature}: there is no such file: the signature should stand there")
    with report.open("rb") as content:
        done = subprocess.run(  # noqa: S603  # as above
            [
                *(_program(), "-Y", "verify", "-f", str(signers), "-I", identity),
                *("-n", NAMESPACE, "-s", str(signature)),
            ],
            stdin=content,
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",  # what OpenSSH says may be in any encoding
            timeout=_TIMEOUT_S,
        )
    if done.returncode:
        raise WrongSignature(f"{signature}: {identity} did not sign these bytes: ssh-keygen says: {_said(done)}")
    return _said(done)


def _program() -> str:
    found = shutil.which("ssh-keygen")
    if found is None:
        raise ToolMissing("ssh-keygen is not installed: install OpenSSH, or sign the report by other means")
    return found


def _said(done: subprocess.CompletedProcess[str]) -> str:
    return " ".join(f"{done.stdout} {done.stderr}".split()) or f"nothing (exit code {done.returncode})"


def fingerprint_of(key: Path) -> str | None:
    """SHA-256 of the public half of a key, as `key_of` gives it; None where a passphrase would have to be asked for."""
    done = subprocess.run(  # noqa: S603  # as above
        [_program(), "-l", "-E", "sha256", "-f", str(key)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        errors="replace",  # what OpenSSH says may be in any encoding
        timeout=_TIMEOUT_S,
    )
    found = re.match(r"[0-9]+ SHA256:([A-Za-z0-9+/]{43}) ", done.stdout)
    return None if done.returncode or found is None else binascii.a2b_base64(f"{found[1]}=").hex()


def stands(signature: Path, key: str, content: bytes, namespace: str) -> bool:
    """Whether a right signature of just these bytes by a key, told by its digest, stands in a file."""
    if not signature.is_file() or key_of(signature.read_bytes()) != key:
        return False
    done = subprocess.run(  # noqa: S603  # as above
        [_program(), "-Y", "check-novalidate", "-n", namespace, "-s", str(signature)],
        input=content,
        capture_output=True,
        check=False,
        timeout=_TIMEOUT_S,
    )
    return not done.returncode


def key_of(signature: bytes) -> str | None:
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
