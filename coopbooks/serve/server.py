"""The open book on a port: bounded threads, bounded requests, and the bound address."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from coopbooks.serve.access import LOOPBACK, Access, ServeRefused
from coopbooks.serve.application import create_app

__all__ = ["OpenBookServer"]

_ERRNO = re.compile(r"\[Errno -?[0-9]+\] ([^)]+)")

THREADS = 16
WAITING_MAX = 128
HEAD_MAX = 16_000
BODY_MAX = 20_000
TIMEOUT_S = 10
SWITCH_S = 0.001
"""So long a thread computes before another has its turn: a light answer has several turns to wait for beside a heavy one."""


class OpenBookServer:
    """A ledger's open book on a port, bound and ready; `serve` answers until `stop`."""

    def __init__(
        self, ledger: str | Path, host: str = LOOPBACK[0], port: int = 5000, access: Access | None = None
    ) -> None:
        """Load the ledger and bind the port; port 0 takes any that is free.

        Raises LedgerUnusable for a ledger that cannot be loaded, ServeRefused without Fava or the port, and where
        strangers could read what they may not.
        """
        app = create_app(ledger, access, host)
        self._page: str = app.config["OPEN_BOOK"]
        self.missing = None if self._page else _advice(Path(ledger))
        host = LOOPBACK[0] if host == "localhost" else host
        self._server = _server((host, port), app)
        try:
            self._server.prepare()
        except OSError as error:
            raise ServeRefused(
                f"port {port} of {host} cannot be had ({_why(error)}): end the other program, "
                "or name another port with --port"
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
        interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_S)
        try:
            self._server.serve()
        finally:
            sys.setswitchinterval(interval)

    def stop(self) -> None:
        """Give the port back and end all threads; what is stopped already stays so."""
        self._server.stop()


def _server(address: tuple[str, int], app: Any) -> Any:
    """cheroot with bounds: threads, waiting requests, bytes of a head and a body, seconds of silence and of slowness."""
    from coopbooks.serve.requests import BoundedConnection, BoundedServer

    server = BoundedServer(
        address,
        app,
        numthreads=THREADS,
        max=THREADS,
        server_name="coopbooks",
        request_queue_size=WAITING_MAX,
        accepted_queue_size=WAITING_MAX,
        timeout=TIMEOUT_S,
    )
    server.ConnectionClass = BoundedConnection
    server.max_request_header_size = HEAD_MAX
    server.max_request_body_size = BODY_MAX
    server.keep_alive_conn_limit = WAITING_MAX
    return server


def _why(error: OSError) -> str:
    """What the operating system said, which cheroot puts inside a sentence of its own."""
    said = _ERRNO.findall(str(error))
    return error.strerror or (said[-1] if said else str(error))


def _advice(ledger: Path) -> str:
    return (
        f"{ledger}: the ledger does not name the dashboard, so only Fava's own pages are served: add "
        'the line `plugin "coopbooks.plugins"` to it and open it again'
    )
