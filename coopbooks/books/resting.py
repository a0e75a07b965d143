"""Python's garbage collector while books are read and judged: it would walk through all of them again and again."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["resting"]


@contextmanager
def resting() -> Generator[None]:
    """The garbage collector rests inside: what is made there is kept as a whole, or freed without its help."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
