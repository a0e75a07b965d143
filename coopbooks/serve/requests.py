"""One request as the server takes it: read in one way only, and within so many seconds that nobody holds a thread for long.

cheroot's own bound is on the silence between two bytes, so that who sends a byte now and then would keep a thread for
days; it gives a thread to whoever connects, also to one who then says nothing; and it takes heads that a proxy before it
could read in another way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from errno import ECONNRESET
from time import monotonic
from typing import Any

from cheroot.makefile import MakeFile
from cheroot.server import HeaderReader, HTTPConnection, HTTPRequest
from cheroot.wsgi import Server

__all__ = ["READ_S", "SILENT_MAX", "WRITE_S", "BoundedConnection", "BoundedServer"]

READ_S = 10
"""So many seconds a whole request may take to come in, its body too."""
WRITE_S = 30
"""So many seconds an answer may take to go out."""

SILENT_MAX = 500
"""So many connections may be open without a word; whoever comes beyond that takes a thread at once."""

_NAME = re.compile(rb"[A-Za-z0-9!#$%&'*+.^`|~-]+")  # a token without "_": X_Coop_Member must not pass for X-Coop-Member
_IGNORED = re.compile(rb"[A-Za-z0-9!#$%&'*+.^`|~_-]+")
_ONCE = frozenset({b"Host", b"Content-Length", b"Transfer-Encoding"})


class _Heads(HeaderReader):
    """Reads the headers of a request; what two programs could read in two ways is refused."""

    def __call__(self, rfile: Any, hdict: dict[bytes, bytes] | None = None) -> dict[bytes, bytes]:
        """The headers by name. Raises ValueError, which cheroot answers with 400."""
        found = {} if hdict is None else hdict
        while (line := rfile.readline()) != b"\r\n":
            name, colon, value = line.partition(b":")
            if not line.endswith(b"\r\n") or not colon or not _IGNORED.fullmatch(name) or b"\0" in value:
                raise ValueError("Illegal header line.")
            if _NAME.fullmatch(name):
                self._keep(found, name.title(), value.strip())
        if b"Transfer-Encoding" in found:
            # Nobody reads it then, and cheroot would take what follows for the next request.
            raise ValueError("What is sent here tells its length before.")
        if not re.fullmatch(rb"[0-9]{1,9}", found.get(b"Content-Length", b"0")):
            raise ValueError("Malformed Content-Length Header.")
        return found

    def _keep(self, found: dict[bytes, bytes], name: bytes, value: bytes) -> None:
        if name in found and name in _ONCE:
            raise ValueError("A header that stands once stands twice.")
        between = b"; " if name == b"Cookie" else b", "
        found[name] = between.join((found[name], value)) if name in found else value


class _Request(HTTPRequest):
    header_reader = _Heads()


class _Hurried:
    """A socket on which all reading, and all writing, of one request has a bound."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._silence = socket.gettimeout()
        self.begin()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def begin(self) -> None:
        """A new request is awaited."""
        self._left = {"read": float(READ_S), "write": float(WRITE_S)}

    def recv_into(self, buffer: Any) -> int:
        """Read some bytes. Raises ConnectionResetError where it takes too long."""
        return self._within("read", self._socket.recv_into, buffer)

    def send(self, data: Any) -> int:
        """Write some bytes. Raises ConnectionResetError where it takes too long."""
        return self._within("write", self._socket.send, data)

    def _within(self, way: str, move: Callable[[Any], int], data: Any) -> int:
        left = max(self._left[way], 0.001)
        self._socket.settimeout(left if self._silence is None else min(left, self._silence))
        began = monotonic()
        try:
            return move(data)
        except TimeoutError:  # cheroot closes the connection then, and writes no trace into the log
            raise ConnectionResetError(ECONNRESET, "too slow") from None
        finally:
            self._left[way] -= monotonic() - began


class BoundedConnection(HTTPConnection):
    """A connection whose requests take no longer than `READ_S` to come in and `WRITE_S` to be answered."""

    RequestHandlerClass = _Request
    has_spoken = False

    def __init__(self, server: Any, sock: Any, makefile: Any = MakeFile) -> None:
        """As cheroot makes one."""
        self._hurried = _Hurried(sock)
        super().__init__(server, sock, lambda _, mode, size: makefile(self._hurried, mode, size))

    def communicate(self) -> bool:
        """Read a request and answer it; whether the connection stays open."""
        self._hurried.begin()
        return bool(super().communicate())  # type: ignore[no-untyped-call]  # not in cheroot's stub

    def close(self) -> None:
        """Close the connection, and let go of what nobody took of its answer.

        cheroot leaves that to the garbage collector, which fails to send it on the closed socket; since Python 3.13 that
        puts a trace into the log for everybody who goes away before the end.
        """
        super().close()
        with suppress(OSError):
            self.wfile.close()


class BoundedServer(Server):
    """A server that gives a thread to who has something to say: the silent ones wait together, and cost none."""

    def process_conn(self, conn: Any) -> None:
        """Have a connection served; a new one once its first bytes are there."""
        is_new, conn.has_spoken = not conn.has_spoken, True
        waiting: Any = vars(self)["_connections"]  # cheroot has no other way to ask
        if is_new and waiting._num_connections < SILENT_MAX:  # noqa: SLF001
            self.put_conn(conn)
        else:
            super().process_conn(conn)
