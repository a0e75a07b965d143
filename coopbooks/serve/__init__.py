"""The open book in a browser: Fava, read-only, behind a door of our own.

`access` is what is declared about visitors, `door` the outermost check, `endpoints` the allow-list, `login` and `pages`
the members' log-in, `reading` Fava made ready, `application` all of them as one, `server` the port.
"""

from coopbooks.serve.access import Access, ServeRefused
from coopbooks.serve.server import OpenBookServer

__all__ = ["Access", "OpenBookServer", "ServeRefused"]
