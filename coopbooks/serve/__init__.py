"""The open book in a browser: Fava, read-only, behind a door of our own."""

from coopbooks.serve.local import OpenBookServer

__all__ = ["OpenBookServer"]
