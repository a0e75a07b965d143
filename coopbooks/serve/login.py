"""The log-in: sessions, salted hashes, limits on trying, and forms that no other site can send.

Sessions are signed cookies (Flask-Login over Flask). A session names the member, the password that it was opened with
(a digest of its hash), the second it began and a number of its own: it ends after `SESSION_HOURS`, with the member's
removal, with a new password, and with signing out.
"""

from __future__ import annotations

import hmac
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from coopbooks.books.members_file import MembersFile, MembersFileUnusable, change_members_file, read_members_file
from coopbooks.errors import CoopbooksError
from coopbooks.serve.access import SESSION_HOURS

if TYPE_CHECKING:
    from argon2 import PasswordHasher

__all__ = [
    "PASSWORD_MAX",
    "PASSWORD_MIN",
    "Members",
    "PasswordRefused",
    "Session",
    "check_password",
    "limit_address",
    "local_path",
    "with_fresh_secret",
    "with_member",
    "without_member",
]

PASSWORD_MIN = 12
PASSWORD_MAX = 200
SECRET_DAYS = 7
_SESSION_S = SESSION_HOURS * 3600
_HASHES_AT_ONCE = threading.BoundedSemaphore(2)  # each takes 64 MiB


class PasswordRefused(CoopbooksError):
    """A password that is too short, too long or the member's own id."""


def check_password(member: str, password: str) -> None:
    """Raise PasswordRefused for a password that guards nothing."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise PasswordRefused(
            f"a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters: four words that do not belong together are a good one"
        )
    if password.casefold().replace(" ", "") == member.casefold() or len(set(password)) < 4:
        raise PasswordRefused("that password is guessed at once: take four words that do not belong together")


def with_member(file: MembersFile, member: str, password: str, now: int) -> MembersFile:
    """The file with a member's password, new or changed; sessions opened with another password end.

    Raises PasswordRefused.
    """
    check_password(member, password)
    with _HASHES_AT_ONCE:
        made = _hasher().hash(_normal(password))
    return with_fresh_secret(file._replace(hashes={**file.hashes, member: made}), now)


def without_member(file: MembersFile, member: str, now: int) -> MembersFile:
    """The file without a member, whose sessions end with it."""
    hashes = {each: text for each, text in file.hashes.items() if each != member}
    return with_fresh_secret(file._replace(hashes=hashes), now)


def with_fresh_secret(file: MembersFile, now: int) -> MembersFile:
    """The file with a secret that is at most a week old; one that no session can be signed with any more is dropped."""
    kept = [each for each in file.secrets if now - each[1] < SECRET_DAYS * 86400 + _SESSION_S]
    if not kept or now - kept[0][1] >= SECRET_DAYS * 86400:
        kept.insert(0, (secrets.token_urlsafe(48), now))
    return file._replace(secrets=tuple(kept))


class Session:
    """A member's session, as Flask-Login wants one."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, member: str, mark: str, began: int, number: str) -> None:
        self.member = member
        self.mark = mark
        self.began = began
        self.number = number

    def get_id(self) -> str:
        """What stands in the cookie."""
        return "\n".join((self.member, self.mark, str(self.began), self.number))


class Members:
    """The members' file as it stands now, and the sessions that were ended before their time."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._stamp: object = None
        self._file = MembersFile()
        self._ended: dict[str, int] = {}
        # Somebody unknown is answered as slowly as somebody who mistyped a password.
        self._nobody = _hasher().hash(secrets.token_urlsafe(32))
        if self.file.hashes:
            self._file = change_members_file(path, lambda file: with_fresh_secret(file, self._now))

    @property
    def _now(self) -> int:
        return int(self._clock())

    @property
    def file(self) -> MembersFile:
        """What the file says now. Raises MembersFileUnusable."""
        with self._lock:
            try:
                now = self._path.stat()
            except FileNotFoundError:
                self._stamp, self._file = None, MembersFile()
                return self._file
            except OSError as error:
                raise MembersFileUnusable(f"{self._path}: it cannot be read ({error.strerror})") from None
            stamp = (now.st_ino, now.st_mtime_ns, now.st_size)
            if stamp != self._stamp:
                self._file = read_members_file(self._path)
                self._stamp = stamp
            return self._file

    def secrets(self) -> list[str]:
        """The keys of sessions, newest first; a new one that nobody knows where the file has none."""
        return [text for text, _ in self.file.secrets] or [secrets.token_urlsafe(48)]

    def opened(self, member: str, password: str) -> Session | None:
        """A new session for a member who knows the password; None for anybody else, after the same time."""
        known = self.file.hashes.get(member)
        if not _fits(known or self._nobody, password) or known is None:
            return None
        if _hasher().check_needs_rehash(known):
            self.change_password(member, password)
            known = self.file.hashes[member]
        return Session(member, _mark(known), self._now, secrets.token_urlsafe(16))

    def session_of(self, text: str) -> Session | None:
        """The session that a cookie names; None where it has ended."""
        parts = text.split("\n")
        if len(parts) != 4 or not parts[2].isdecimal():
            return None
        session = Session(parts[0], parts[1], int(parts[2]), parts[3])
        known = self.file.hashes.get(session.member)
        if known is None or not hmac.compare_digest(_mark(known), session.mark) or session.number in self._ended:
            return None
        return session if 0 <= self._now - session.began < _SESSION_S else None

    def end(self, number: str, began: int) -> None:
        """End a session before its time, by its number and the second it began."""
        with self._lock:
            for old in [each for each, until in self._ended.items() if until <= self._now]:
                del self._ended[old]
            self._ended[number] = began + _SESSION_S

    def change_password(self, member: str, password: str) -> None:
        """Give a member another password. Raises PasswordRefused, WriteRefused, MembersFileUnusable."""

        def change(file: MembersFile) -> MembersFile:
            return with_member(file, member, password, self._now) if member in file.hashes else file

        change_members_file(self._path, change)


def limit_address(address: str) -> str:
    """Whom a limit counts as one: an address, and all of a household's that IPv6 gives it."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)


def local_path(path: str) -> str | None:
    """The address after signing in, if it is a page of this book and nothing that leads away."""
    is_plain = path.startswith("/") and not path.startswith("//") and not path.startswith("/~")
    return path if is_plain and len(path) < 2_000 and not re.search(r"[\\\x00-\x20\x7f]", path) else None


def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


def _fits(known: str, password: str) -> bool:
    from argon2.exceptions import Argon2Error, InvalidHashError

    if len(password) > PASSWORD_MAX:
        password = ""
    with _HASHES_AT_ONCE:
        try:
            return bool(_hasher().verify(known, _normal(password)))
        except (Argon2Error, InvalidHashError):
            return False


def _normal(password: str) -> str:
    """One form for letters that keyboards write in two."""
    return unicodedata.normalize("NFKC", password)


def _mark(known: str) -> str:
    return sha256(known.encode()).hexdigest()[:32]
