"""One text for one value, and its digest: the same on every machine, so that anybody can compare."""

from __future__ import annotations

import json
from decimal import Decimal
from hashlib import sha256

from coopbooks.money import Amount

__all__ = ["Plain", "canonical", "digest", "number_text"]

Plain = str | int | bool | None | list["Plain"] | dict[str, "Plain"]
"""What such a text may hold: no floats, since two programs may write one of them differently."""


def canonical(value: Plain) -> str:
    """JSON with its keys in order and no space between, as RFC 8785 writes it for texts in ASCII keys and whole numbers."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def digest(value: Plain) -> str:
    """SHA-256 of the canonical text in UTF-8, in hexadecimal."""
    return sha256(canonical(value).encode()).hexdigest()


def number_text(value: Decimal | Amount | None) -> str | None:
    """A number without the zeros at its end, an amount with its currency: 0.30 and 0.3 are one setting.

    >>> number_text(Decimal("0.30")), number_text(Decimal("30")), number_text(Amount(Decimal("12.50"), "EUR"))
    ('0.3', '30', '12.5 EUR')
    """
    if isinstance(value, Amount):
        return f"{number_text(value.number)} {value.currency}"
    return None if value is None else format(value.normalize(), "f")
