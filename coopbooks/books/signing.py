"""Signatures of reports and seals by `ssh-keygen -Y`, which comes with OpenSSH: no key is ever read by this program."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from coopbooks.books.outgoing import write_new
from coopbooks.errors import SignatureRefused, ToolMissing

__all__ = ["NAMESPACE", "sign", "verify"]

NAMESPACE = "coopbooks-audit"
"""What a signature is for, so that one made for something else is never taken for one of a report."""

_TIMEOUT_S = 120


def sign(report: Path, key: Path) -> Path:
    """Sign a report with an OpenSSH key and return the signature's file, the report's name with `.sig` behind it.

    OpenSSH asks for a passphrase by itself. The same signature again changes nothing. Raises SignatureRefused with its
    words, or where another signature stands there already; ToolMissing without `ssh-keygen`; WriteRefused where the disk
    refuses.
    """
    signature = report.with_name(report.name + ".sig")
    if not key.is_file():
        raise SignatureRefused(f"{key} is no file: give the private key that signs, as ~/.ssh/id_ed25519")
    with report.open("rb") as content:
        done = subprocess.run(  # noqa: S603  # a program by its full path, and no shell
            [_program(), "-Y", "sign", "-f", str(key), "-n", NAMESPACE],
            stdin=content,
            capture_output=True,
            check=False,
            text=True,
            timeout=_TIMEOUT_S,
        )
    if done.returncode or not done.stdout:
        raise SignatureRefused(f"{report} was not signed: ssh-keygen says: {_said(done)}")
    made = done.stdout.encode()
    if signature.is_file() and signature.read_bytes() != made:
        raise SignatureRefused(f"{signature} stands there already: move it away, so that no signature is overwritten")
    write_new(signature, made)
    return signature


def verify(report: Path, signers: Path, identity: str) -> str:
    """Who signed a report, as ssh-keygen says it: the signature is the report's name with `.sig` behind it.

    `signers` is a file of allowed signers (`man ssh-keygen`), `identity` the one of them that is expected. Raises
    SignatureRefused where the signature is missing, is somebody else's or is of other bytes; ToolMissing.
    """
    signature = report.with_name(report.name + ".sig")
    for file, what in ((signature, "the signature"), (signers, "the allowed signers")):
        if not file.is_file():
            raise SignatureRefused(f"{file}: there is no such file: {what} should stand there")
    with report.open("rb") as content:
        done = subprocess.run(  # noqa: S603  # as above
            [
                *(_program(), "-Y", "verify", "-f", str(signers), "-I", identity),
                *("-n", NAMESPACE, "-s", str(signature)),
            ],
            stdin=content,
            capture_output=True,
            check=False,
            text=True,
            timeout=_TIMEOUT_S,
        )
    if done.returncode:
        raise SignatureRefused(f"{signature}: {identity} did not sign these bytes: ssh-keygen says: {_said(done)}")
    return _said(done)


def _program() -> str:
    found = shutil.which("ssh-keygen")
    if found is None:
        raise ToolMissing("ssh-keygen is not installed: install OpenSSH, or sign the report by other means")
    return found


def _said(done: subprocess.CompletedProcess[str]) -> str:
    return " ".join(f"{done.stdout} {done.stderr}".split()) or f"nothing (exit code {done.returncode})"
