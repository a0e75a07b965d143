"""Deadlines for a calendar: every duty that is still to be met as an event of one day, in an iCalendar file (RFC 5545).

The file is made of the books and the day alone: the same books give the same bytes, and an event keeps its UID from one
file to the next, so that a calendar which reads the file again moves the event and does not double it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from hashlib import sha256
from importlib.util import find_spec

from coopbooks import answers
from coopbooks.errors import ToolMissing

__all__ = ["MARK", "calendar_of"]

_PRODUCT = "-//coopbooks//duties//EN"
MARK = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{_PRODUCT}\r"
"""How a file of ours begins; its lines end with a carriage return and a line feed, as the standard asks."""


def calendar_of(rows: Iterable[answers.Duty], title: str, as_of: date) -> str:
    """The text of an .ics file with the duties that are not met on a day, in the order of `rows`.

    `title` is that of the books: it stands in the calendar's name and keeps apart the events of two cooperatives in one
    calendar. What is overdue says so in its title. Raises ToolMissing without the package that writes the form.
    """
    if find_spec("icalendar") is None:
        raise ToolMissing('icalendar is not installed: run `pip install "coopbooks[ics]"`, or leave --ics out')
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", _PRODUCT)
    calendar.add("x-wr-calname", _line(f"{title}: deadlines" if title.strip() else "Deadlines"))
    stamp = datetime.combine(as_of, time(), UTC)
    for row in rows:
        if row.state == "met":
            continue
        event = Event()
        event.add("uid", _uid(row, title))
        event.add("dtstamp", stamp)
        event.add("dtstart", date.fromisoformat(row.due))
        event.add("summary", _line(f"{'OVERDUE: ' if row.state == 'overdue' else ''}{row.duty} {row.subject}"))
        event.add("description", _description(row))
        event.add("transp", "TRANSPARENT")  # a deadline takes no time of the day
        calendar.add_component(event)
    return str(calendar.to_ical().decode("utf-8"))


def _uid(row: answers.Duty, title: str) -> str:
    """What a duty is, whatever its last day: a digest, for names have no place in a UID."""
    known = f"{title}\n{row.duty}\n{row.subject}\n{row.opened}"
    return f"{sha256(known.encode('utf-8')).hexdigest()[:32]}@coopbooks"


def _description(row: answers.Duty) -> str:
    lines = [f"Last day {row.due}, {row.state}. Since {row.opened}.", f"{row.rule[:1].upper()}{row.rule[1:]}."]
    if row.place is not None:
        lines.append(f"In the books: {row.place}")
    return "\n".join(map(_line, lines))


def _line(text: str) -> str:
    """A text of the books on one line, without characters that no calendar shows."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
