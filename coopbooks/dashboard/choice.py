"""What a reader asked the page for, read from the address; anything that the books do not know falls back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

__all__ = ["VIEWS", "Choice"]

VIEWS = ("pay", "surplus", "funds", "givers", "mine", "due", "audit", "rules")
_LENGTH_MAX = 64  # of a period's or a member's name in an address; the books have no longer ones


@dataclass(frozen=True, slots=True)
class Choice:
    """The view, what of it was asked for, and the day on which all is judged.

    `period` and `member` may name what the books do not have: each view falls back by itself. `signed_in` is the
    member who went through the log-in, None where there is none; `everything` asks for all rows instead of the newest.
    """

    as_of: date
    view: str = VIEWS[0]
    period: str | None = None
    member: str | None = None
    signed_in: str | None = None
    everything: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str], today: date, signed_in: str | None = None) -> Choice:
        """From the address's query; `today` stands in for a day that is not asked for, or is none.

        >>> Choice.read({"view": "<b>", "period": "2025", "all": "1", "as_of": "soon"}, date(2026, 3, 1), "m01")
        Choice(as_of=datetime.date(2026, 3, 1), view='pay', period='2025', member='m01', signed_in='m01', everything=True)
        """
        view = query.get("view", "")
        return cls(
            as_of=day_asked(query) or today,
            view=view if view in VIEWS else VIEWS[0],
            period=_named(query, "period"),
            member=_named(query, "member") or signed_in,
            signed_in=signed_in,
            everything=query.get("all") == "1",
        )


def day_asked(query: Mapping[str, str]) -> date | None:
    """The day that an address asks for, if it is one.

    >>> day_asked({"as_of": "2025-02-28"}), day_asked({"as_of": "2025-02-30"}), day_asked({"as_of": "20250228"})
    (datetime.date(2025, 2, 28), None, None)
    """
    text = query.get("as_of", "")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if text == str(day) else None


def _named(query: Mapping[str, str], key: str) -> str | None:
    text = query.get(key) or None
    return text if text is None or len(text) <= _LENGTH_MAX else None
