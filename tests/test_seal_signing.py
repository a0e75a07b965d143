"""Signatures of a seal: whose they are, how often each counts, and what is passed over beside a ledger that was sent."""

from __future__ import annotations

import binascii
import os
import subprocess
from base64 import b64decode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from shutil import copy

import pytest

from coopbooks.books import seal_signing
from coopbooks.books.seal_signing import Signed, Signer, sign_page, signers_of, would_sign
from coopbooks.books.signing import key_of
from coopbooks.errors import SignatureRefused, WriteRefused

PAGE = "coopbooks-seal/1\nfiscal year: 2024\n"
Key = Callable[[str], Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keys that were made so far."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def key(made: Path) -> Key:
    """The private key of a name."""

    def named(name: str) -> Path:
        if not (made / name).is_file():
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(made / name)], check=True
            )
        return made / name

    return named


def digest_of(key: Path) -> str:
    """SHA-256 of a public key, as OpenSSH writes it into the file beside the private one."""
    return sha256(b64decode(key.with_suffix(".pub").read_text().split()[1])).hexdigest()


def allow(folder: Path, *lines: tuple[str, Path]) -> Path:
    """The file of allowed signers with these identities and their keys."""
    file = folder / "officers.txt"
    rows = (f'{who} namespaces="coopbooks-seal" {key.with_suffix(".pub").read_text()}' for who, key in lines)
    file.write_text("".join(rows))
    return file


def names(folder: Path, signers: Path, page: str = PAGE) -> list[str]:
    return [each.identity for each in signers_of(folder, "2024", page, signers)]


def instead_of_openssh(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Another `ssh-keygen` before that of the machine."""
    (folder / "bin").mkdir()
    program = folder / "bin" / "ssh-keygen"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}")


# -- what is written -------------------------------------------------------------------------------------------------


def test_the_file_of_a_signature_is_named_by_the_digest_of_its_key(tmp_path: Path, key: Key) -> None:
    done = sign_page(tmp_path, "2024", PAGE, key("rosa"))
    digest = digest_of(key("rosa"))
    assert done == Signed(tmp_path / "seal-2024.txt", tmp_path / f"seal-2024.{digest[:8]}.sig", written=True)
    assert done.page.read_text() == PAGE
    assert key_of(done.signature.read_bytes()) == digest
    assert signers_of(tmp_path, "2024", PAGE, allow(tmp_path, ("rosa", key("rosa")))) == [Signer("rosa", digest)]


def test_whichever_of_the_two_files_was_lost_is_written_again(tmp_path: Path, key: Key) -> None:
    done = sign_page(tmp_path, "2024", PAGE, key("rosa"))
    assert not sign_page(tmp_path, "2024", PAGE, key("rosa")).written
    for lost in (done.page, done.signature):
        content = lost.read_bytes()
        lost.unlink()
        assert sign_page(tmp_path, "2024", PAGE, key("rosa")).written
        assert lost.read_bytes() == content


def test_a_page_that_was_lost_is_written_again_for_a_key_whose_public_half_is_not_told(
    tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old private key says nothing of it without its passphrase: it signs again, and this sort of key to the same bytes."""
    monkeypatch.setattr(seal_signing, "fingerprint_of", lambda _: None)
    done = sign_page(tmp_path, "2024", PAGE, key("rosa"))
    assert not sign_page(tmp_path, "2024", PAGE, key("rosa")).written
    done.page.unlink()
    assert sign_page(tmp_path, "2024", PAGE, key("rosa")).written
    assert done.page.read_text() == PAGE


def test_only_a_signature_of_the_same_key_gives_way(tmp_path: Path, key: Key) -> None:
    old = sign_page(tmp_path, "2024", "another page\n", key("rosa"))
    old.page.unlink()
    assert sign_page(tmp_path, "2024", PAGE, key("rosa")).written
    assert names(tmp_path, allow(tmp_path, ("rosa", key("rosa")))) == ["rosa"]
    other = sign_page(tmp_path / "..", "2023", PAGE, key("ben")).signature.read_bytes()
    for content in (other, b"minutes of the assembly\n"):
        old.page.unlink(missing_ok=True)
        old.signature.write_bytes(content)
        with pytest.raises(WriteRefused, match="something else stands there"):
            sign_page(tmp_path, "2024", PAGE, key("rosa"))
        assert old.signature.read_bytes() == content
        assert not old.page.exists(), "no page is put beside a signature that is refused"


@pytest.mark.parametrize("period", ["../2024", "20245", "2024\n", "204", "*", ""])
def test_no_file_is_named_by_what_is_no_year(tmp_path: Path, key: Key, period: str) -> None:
    sign_page(tmp_path, "2024", PAGE, key("rosa"))
    before = sorted(tmp_path.iterdir())
    with pytest.raises(SignatureRefused, match="is no fiscal year: give the sealed year"):
        sign_page(tmp_path, period, PAGE, key("rosa"))
    assert sorted(tmp_path.iterdir()) == before
    assert signers_of(tmp_path, period, PAGE, allow(tmp_path, ("rosa", key("rosa")))) == []


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("cat SIGNED; exit 1", "nothing (exit code 1)"),
        ("echo signed", "nothing (exit code 0)"),
        (r"printf 'r\351sum\351\n\n' >&2; exit 255", "r\ufffdsum\ufffd"),
    ],
)
def test_nothing_is_written_without_a_signature(
    tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    """OpenSSH may fail behind a signature, or end well without one; what it says may be in any encoding."""
    signed = sign_page(tmp_path, "2023", PAGE, key("rosa")).signature
    instead_of_openssh(tmp_path, monkeypatch, script.replace("SIGNED", str(signed)))
    with pytest.raises(SignatureRefused) as refused:
        sign_page(tmp_path, "2024", PAGE, key("rosa"))
    assert refused.value.message == f"the seal of 2024 was not signed: ssh-keygen says: {said}"
    assert not [*tmp_path.glob("seal-2024*")]


# -- who counts ------------------------------------------------------------------------------------------------------


def test_two_names_for_one_key_are_one_officer(tmp_path: Path, key: Key) -> None:
    for name in ("rosa", "ben"):
        sign_page(tmp_path, "2024", PAGE, key(name))
    assert names(tmp_path, allow(tmp_path, ("rosa", key("rosa")), ("eva", key("rosa")))) == ["rosa"]
    assert names(tmp_path, allow(tmp_path, ("rosa", key("rosa")), ("ben", key("ben")))) == ["ben", "rosa"]


def test_the_officers_are_listed_by_name_whatever_their_keys(tmp_path: Path, key: Key) -> None:
    keys = sorted((key(name) for name in ("rosa", "ben", "Xenia")), key=digest_of)
    for each in keys:
        sign_page(tmp_path, "2024", PAGE, each)
    officers = list(zip(("zoe", "ben", "Xenia"), keys, strict=True))
    assert names(tmp_path, allow(tmp_path, *officers)) == ["Xenia", "ben", "zoe"]


@pytest.mark.parametrize("pattern", ["*", "r?sa", "!ben,ros*"])
def test_a_pattern_in_the_file_of_signers_is_nobody(tmp_path: Path, key: Key, pattern: str) -> None:
    sign_page(tmp_path, "2024", PAGE, key("rosa"))
    assert names(tmp_path, allow(tmp_path, (pattern, key("rosa")))) == []


def test_a_name_that_is_not_in_utf_8_is_nobody_and_stops_nothing(tmp_path: Path, key: Key) -> None:
    for name in ("rosa", "ben"):
        sign_page(tmp_path, "2024", PAGE, key(name))
    signers = allow(tmp_path, ("ren\u00e9", key("rosa")), ("ben", key("ben")))
    assert names(tmp_path, signers) == ["ben", "ren\u00e9"]
    signers.write_bytes(signers.read_text().encode("latin-1"))
    assert names(tmp_path, signers) == ["ben"]


def test_a_key_may_be_called_anything(tmp_path: Path, made: Path) -> None:
    """The comment of a key is the owner's; an old one may be in any encoding."""
    subprocess.run(
        [b"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", b"ren\xe9", "-f", str(made / "renes")], check=True
    )
    planned = would_sign(tmp_path, "2024", PAGE, made / "renes").signature
    assert planned == sign_page(tmp_path, "2024", PAGE, made / "renes").signature


def test_a_page_is_checked_by_its_bytes_in_every_locale(
    tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = "fiscal year: 2024 \u2013 Oak Street\n"
    sign_page(tmp_path, "2024", page, key("rosa"))
    monkeypatch.setattr("locale.getencoding", lambda: "latin-1", raising=False)
    monkeypatch.setattr("locale.getpreferredencoding", lambda *_: "latin-1")
    assert names(tmp_path, allow(tmp_path, ("rosa", key("rosa"))), page) == ["rosa"]


# -- what lies beside a ledger that was sent -------------------------------------------------------------------------


def test_what_is_no_plain_file_is_passed_over(tmp_path: Path, key: Key) -> None:
    """A pipe would never end, and a folder cannot be read."""
    sign_page(tmp_path, "2024", PAGE, key("rosa"))
    (tmp_path / "seal-2024.0.sig").mkdir()
    os.mkfifo(tmp_path / "seal-2024.1.sig")
    assert names(tmp_path, allow(tmp_path, ("rosa", key("rosa")))) == ["rosa"]


def test_a_signature_has_a_largest_size(tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = sign_page(tmp_path, "2024", PAGE, key("rosa")).signature
    signers, size = allow(tmp_path, ("rosa", key("rosa"))), signed.stat().st_size
    assert size < 1_000
    assert seal_signing._SIGNATURE_BYTES_MAX == 100_000
    for largest, found in ((size, ["rosa"]), (size - 1, [])):
        monkeypatch.setattr(seal_signing, "_SIGNATURE_BYTES_MAX", largest)
        assert names(tmp_path, signers) == found


def test_so_many_signatures_are_looked_at_by_name_and_no_more(
    tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert seal_signing._SIGNATURES_MAX == 100
    monkeypatch.setattr(seal_signing, "_SIGNATURES_MAX", 40)
    signed = sign_page(tmp_path, "2024", PAGE, key("rosa")).signature
    for number in range(300):
        (tmp_path / f"seal-2024.m{number:03}.sig").touch()
    signers = allow(tmp_path, ("rosa", key("rosa")))
    for name, found in (("a", ["rosa"]), ("m038x", ["rosa"]), ("m039x", []), ("z", [])):
        signed = signed.rename(tmp_path / f"seal-2024.{name}.sig")
        assert names(tmp_path, signers) == found


def armoured(body: bytes) -> bytes:
    return (
        b"-----BEGIN SSH SIGNATURE-----\n" + binascii.b2a_base64(body, newline=True) + b"-----END SSH SIGNATURE-----\n"
    )


def test_the_key_is_read_where_openssh_puts_it() -> None:
    version, size, key = b"\0\0\0\1", b"\0\0\1\2", bytes(range(256)) + b"ab"
    whole = b"SSHSIG" + version + size + key
    digest = sha256(key).hexdigest()
    assert key_of(armoured(whole)) == key_of(armoured(whole + b"what comes behind it")) == digest
    assert key_of(armoured(whole).replace(b"\n", b"\r\n")) == digest
    assert key_of(armoured(b"SSHSIG" + version + b"\0\0\0\1" + b"k")) == sha256(b"k").hexdigest()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n" + armoured(b"SSHSIG\0\0\0\1\0\0\0\1k"),  # not in its first line
        armoured(b"SSHSIG\0\0\0\1\0\0\0\1k").replace(b"SSH SIGNATURE", b"PGP SIGNATURE"),
        armoured(b"SSHSIX\0\0\0\1\0\0\0\1k"),
        armoured(b"SSHSIG\0\0\0\1\0\0\0\2k"),  # shorter than it says
        armoured(b"SSHSIG\0\0\0\1\0\0\0\0k"),  # no key at all
        armoured(b"SSHSIG"),
        armoured(b""),
        b"-----BEGIN SSH SIGNATURE-----\nU1NIU\n-----END SSH SIGNATURE-----\n",  # no base64
    ],
)
def test_what_is_no_signature_has_no_key(content: bytes) -> None:
    assert key_of(content) is None


def test_a_copy_of_a_signature_under_another_name_is_the_same_officer(tmp_path: Path, key: Key) -> None:
    signed = sign_page(tmp_path, "2024", PAGE, key("rosa")).signature
    copy(signed, tmp_path / "seal-2024.ffffffff.sig")
    assert names(tmp_path, allow(tmp_path, ("rosa", key("rosa")))) == ["rosa"]
