"""Fava on this machine alone: read-only, and deaf to other sites that would read the book through it.

Fava is given the ledger's absolute path and loads it itself, without Beancount's load cache. It has no log-in
and checks no host, so the server listens on a loopback address, answers only requests that name one, and
sends a policy under which no text of the ledger or of a document can act as a script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from coopbooks.errors import CoopbooksError, LedgerUnusable

if TYPE_CHECKING:
    from flask import Flask, Response

__all__ = ["OpenBookServer", "ServeRefused", "create_app"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")

# Fava's own pages style themselves in place and read ledgers' highlighting from WebAssembly.
_PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
_DOCUMENT_POLICY = "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class ServeRefused(CoopbooksError):
    """The open book cannot be served: Fava is missing, or the port is taken."""


class OpenBookServer:
    """A ledger's open book on a port of this machine, bound and ready; `serve` answers until `stop`."""

    def __init__(self, ledger: str | Path, host: str = LOOPBACK[0], port: int = 5000) -> None:
        """Load the ledger and bind the port; port 0 takes any that is free.

        Raises LedgerUnusable for a ledger that cannot be loaded, ServeRefused without Fava or the port.
        """
        if host not in LOOPBACK:
            raise ServeRefused(
                f"{host} is no address of this machine alone, and the open book has no log-in: use 127.0.0.1"
            )
        host = LOOPBACK[0] if host == "localhost" else host
        app = create_app(ledger)
        from cheroot.wsgi import Server

        self._page: str = app.config["OPEN_BOOK"]
        self.missing = None if self._page else _advice(Path(ledger))
        self._server = Server((host, port), app)
        try:
            self._server.prepare()
        except OSError:
            raise ServeRefused(
                f"port {port} of {host} is taken: end the other program, or name another port with --port"
            ) from None

    @property
    def port(self) -> int:
        """The port that was bound."""
        return int(self._server.bind_addr[1])

    @property
    def url(self) -> str:
        """The address of the dashboard, or of Fava's first page where the ledger does not name it."""
        host = self._server.bind_addr[0]
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/{self._page}"

    def serve(self) -> None:
        """Answer requests until another thread calls `stop`, or Ctrl-C raises KeyboardInterrupt."""
        self._server.serve()

    def stop(self) -> None:
        """Give the port back and end all threads; what is stopped already stays so."""
        self._server.stop()


def create_app(ledger: str | Path) -> Flask:
    """Fava's application for one ledger, read-only and with the door in front of it.

    `app.config["OPEN_BOOK"]` is the path of the dashboard's page, "" where the ledger does not name it.
    Raises LedgerUnusable for a ledger that cannot be loaded and ServeRefused where Fava is not installed.
    """
    path = _ledger_file(ledger)
    try:
        from fava import application

        from coopbooks.dashboard import OpenBook
    except ModuleNotFoundError as error:
        raise ServeRefused(
            f'the open book needs Fava, and {error.name} is not installed: pip install "coopbooks[fava]"'
        ) from None
    try:
        app = application.create_app([path], load=True, read_only=True)
        ledgers = app.config["LEDGERS"]
        named = ledgers.ledgers[0].extensions.get_extension(OpenBook.__qualname__)
        page = f"{quote(ledgers.first_slug())}/extension/{OpenBook.__qualname__}/"
        app.config["OPEN_BOOK"] = page if named else ""
    except Exception as error:
        raise LedgerUnusable(
            f"{ledger}: Fava cannot open it ({type(error).__name__}: {error}): "
            f"mend what `coopbooks check {ledger}` names"
        ) from error
    app.after_request(_with_headers)
    app.wsgi_app = _Door(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _ledger_file(ledger: str | Path) -> Path:
    """The absolute path that Fava wants, in the words of the loader where there is no file."""
    path = Path(ledger)
    if path.is_dir():
        raise LedgerUnusable(f"{ledger} is a folder: give the ledger's top-level file, as {ledger}/main.beancount")
    if not path.is_file():
        raise LedgerUnusable(f"{ledger} does not exist: give the path of the ledger's top-level file")
    return path.resolve()


def _advice(ledger: Path) -> str:
    return (
        f"{ledger}: the ledger does not name the dashboard, so only Fava's own pages are served: add "
        'the line `plugin "coopbooks.plugins"` to it and open it again'
    )


def _with_headers(response: Response) -> Response:
    """What each answer tells the browser; a document may not run as a page of this site."""
    from flask import request

    is_document = request.endpoint in ("document", "statement") and response.mimetype != "application/pdf"
    response.headers["Content-Security-Policy"] = _DOCUMENT_POLICY if is_document else _PAGE_POLICY
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


class _Door:
    """Lets in only requests that name this machine: another name leading here is a trick to read the book."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        host = str(environ.get("HTTP_HOST", ""))
        name = host.partition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
        if name.lower() in LOOPBACK:
            return self._application(environ, start_response)
        start_response("421 Misdirected Request", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"This book is open on the machine itself only: use the address that `coopbooks serve` printed.\n"]
