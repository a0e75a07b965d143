"""The outermost door: which names are answered, whom a proxy's header is believed from, and no answer without its headers.

It stands before everything that parses more of a request than its head.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from coopbooks.serve.access import LOOPBACK, Access, among
from coopbooks.serve.headers import with_headers

__all__ = ["Door"]

_HOST = re.compile(r"(?:(?P<name>[A-Za-z0-9.-]+)|\[(?P<number>[0-9A-Fa-f:.]+)\])(?::[0-9]{1,5})?")

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_MISDIRECTED = b"This book is not open under that name: use the address that its treasurer gave you.\n"
_FROM_PROXIES = ("HTTP_FORWARDED", "HTTP_X_REAL_IP")


class Door:
    """Lets in requests that name this book's host, with what only a declared proxy may say kept or taken away."""

    def __init__(self, application: Application, access: Access, host: str) -> None:
        self._application = application
        self._access = access
        self._names = {*LOOPBACK, *access.host_names, host.lower()}
        header = access.proxy_header
        self._header = f"HTTP_{header.upper().replace('-', '_')}" if header else None

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or turn it away."""

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, with_headers(headers, https=self._access.https), *more)

        if _host_name(str(environ.get("HTTP_HOST", ""))) not in self._names:
            length = str(len(_MISDIRECTED))
            start(
                "421 Misdirected Request", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", length)]
            )
            return [b"" if environ.get("REQUEST_METHOD") == "HEAD" else _MISDIRECTED]
        self._take_from_proxy(environ)
        return self._application(environ, start)

    def _take_from_proxy(self, environ: Environ) -> None:
        """Moves what a proxy says to names of our own; from anybody else it is taken away unread."""
        member = environ.pop(self._header, None) if self._header else None
        forwarded = str(environ.get("HTTP_X_FORWARDED_FOR", ""))
        for name in [each for each in environ if each.startswith(("HTTP_X_FORWARDED_", *_FROM_PROXIES, "coopbooks."))]:
            del environ[name]
        if not among(str(environ.get("REMOTE_ADDR", "")), self._access.proxies):
            return
        if member:
            environ["coopbooks.proxied"] = str(member)
        if forwarded:
            environ["REMOTE_ADDR"] = forwarded.rpartition(",")[2].strip()[:64]
        if self._access.https:
            environ["wsgi.url_scheme"] = "https"


def _host_name(host: str) -> str:
    """The name in a Host header, without its port, in small letters; "" for what is no host."""
    found = _HOST.fullmatch(host)
    return (found["name"] or found["number"]).lower().rstrip(".") if found else ""
