"""The page *What is due?*: every last day that a rule sets, the most urgent first, and what was done in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from coopbooks.dashboard.books import Books
from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.figures import Drawing, drawing
from coopbooks.dashboard.trouble import NO_DUTY, Trouble
from coopbooks.dashboard.words import Look, count_of, day_said
from coopbooks.reports import charts

__all__ = ["DueView", "DutyRow", "due_view", "duty_rows"]

Data = Mapping[str, Any]
OPEN_SHOWN = 25
MET_SHOWN = 25
ROWS_MAX = 300  # of each table: a page stays below 500 kB however many duties the books have
# The most urgent first. What no entry can show to be done is asked for before what is still far away.
_URGENCY = {"overdue": 0, "due": 1, "not-evidenced": 2, "pending": 3, "met": 4}
_STATE_SAID = {
    "overdue": "overdue",
    "due": "due soon",
    "not-evidenced": "nothing in the book shows it",
    "pending": "has time",
    "met": "done",
}
# What is to be done, by the sort of duty: {who} and {what} are the two words of its subject; of an audit it has {what} alone.
_SAID = {
    "notice-window": "Pay {who} the cash part of {what}",
    "unclaimed-part": "Pay {who} the part of {what}, or move it on where nobody claims it",
    "redemption": "Pay {who} the capital of {what} back",
    "exit-settlement": "Settle the capital of {who}, who left on {what}",
    "former-member-instalment": "Pay {who}, who left, the instalment of {what}",
    "fund-spend-by": "Spend what came into the fund {who} on {what}",
    "rewrite": "Answer {what}: adopt what is rewritten, or show what was missing",
    "emergency-assembly": "Hold the emergency assembly that answers {what}",
    "early-assembly": "Hold the emergency assembly that {what} asks for at once",
    "publication": "Publish the verdict of {what}, as it was signed",
    "next-audit": "Have the audit signed that comes after {what}",
    "action": "Do what was decided on {what}, and show it",
}
# The same once it is done.
_DONE = {
    "notice-window": "{who} was paid the cash part of {what}",
    "unclaimed-part": "The part of {who} of {what} was paid or moved on",
    "redemption": "Of the capital of {who} of {what} nothing is left to pay back",
    "exit-settlement": "The capital of {who}, who left on {what}, was settled",
    "former-member-instalment": "{who}, who left, was paid the instalment of {what}",
    "fund-spend-by": "What came into the fund {who} on {what} was spent",
    "rewrite": "{what} was answered",
    "emergency-assembly": "An emergency assembly answered {what}",
    "early-assembly": "The emergency assembly that {what} asked for at once was held",
    "publication": "The verdict of {what} was published",
    "next-audit": "The audit that comes after {what} was signed",
    "action": "What was decided on {what} was done, and shown",
}
_LEADS_TO = {
    "notice-window": "surplus",
    "unclaimed-part": "surplus",
    "redemption": "mine",
    "exit-settlement": "mine",
    "former-member-instalment": "mine",
    "fund-spend-by": "funds",
    **dict.fromkeys(
        ("rewrite", "emergency-assembly", "early-assembly", "publication", "next-audit", "action"), "audit"
    ),
}


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One duty: what is to be done, since when, until when, and how that looks on the day.

    `view` is the page that tells more of it ("" for none), `member` and `period` what to ask there; `place` is the
    rule's, `met_by` that of the entry or record that met it.
    """

    what: str
    since: str
    last_day: str
    last_day_iso: str
    state: str
    state_said: str
    time: str
    rule: str
    place: str | None
    met_by: str | None
    view: str
    member: str | None
    period: str | None


@dataclass(frozen=True, slots=True)
class DueView:
    """All that the page shows; `open_count` and `met_count` are all there are, of which the tables show some."""

    headline: str
    verdict: str
    state: str
    chart: Drawing | None
    open: tuple[DutyRow, ...]
    open_count: int
    met: tuple[DutyRow, ...]
    met_count: int
    everything: bool


def due_view(books: Books, choice: Choice, look: Look) -> DueView | Trouble:
    """The page for a day; Trouble where no rule has set a last day yet."""
    found: Sequence[Data] = books.duties(choice.as_of).to_data()
    if not found:
        return NO_DUTY
    ordered = duty_rows(found, choice.as_of)
    waiting = [row for row in ordered if row.state != "met"]
    met = [row for row in reversed(ordered) if row.state == "met"]  # the newest first
    state, verdict = _verdict(waiting, met)
    shown = ROWS_MAX if choice.everything else None
    open_data = [row for row in found if row["state"] != "met"]
    return DueView(
        headline=_headline(waiting),
        verdict=verdict,
        state=state,
        chart=None if look.hidden else drawing(charts.duties_chart(open_data, choice.as_of)),
        open=tuple(waiting[: shown or _open_shown(waiting)]),
        open_count=len(waiting),
        met=tuple(met[: shown or MET_SHOWN]),
        met_count=len(met),
        everything=choice.everything,
    )


def duty_rows(found: Sequence[Data], as_of: date) -> list[DutyRow]:
    """The rows of `duties`, the most urgent first, those of one state by their last day."""
    ordered = sorted(found, key=lambda row: (_URGENCY.get(row["state"], 2), row["due"], row["duty"], row["subject"]))
    return [_row(row, as_of) for row in ordered]


def _row(row: Data, as_of: date) -> DutyRow:
    who, what = _subject(row)
    view = _LEADS_TO.get(row["duty"], "")
    return DutyRow(
        what=_what(row),
        since=day_said(row["opened"]),
        last_day=day_said(row["due"]),
        last_day_iso=row["due"],
        state=row["state"],
        state_said=_STATE_SAID.get(row["state"], str(row["state"])),
        time="" if row["state"] == "met" else time_left(date.fromisoformat(row["due"]), as_of),
        rule=row["rule"],
        place=row["place"],
        met_by=row["met_by"],
        view=view,
        member=who if view == "mine" else None,
        period=what if view == "surplus" else None,
    )


def _subject(row: Data) -> tuple[str, str]:
    """Who or what a duty is about, and its year or day: the subject's last word."""
    who, _, what = str(row["subject"]).rpartition(" ")
    return who, what


def _what(row: Data) -> str:
    """What is to be done, or was, in words; a sort of duty without words of ours keeps its name."""
    who, what = _subject(row)
    said = (_DONE if row["state"] == "met" else _SAID).get(row["duty"])
    if said is None or ("{who}" in said and not who):
        return f"{str(row['duty']).replace('-', ' ').capitalize()}: {row['subject']}"
    return said.format(who=who, what=_day_or_year(what))


def _day_or_year(text: str) -> str:
    try:
        return day_said(text)
    except ValueError:
        return text


def time_left(last_day: date, as_of: date) -> str:
    """How long there is, or how late it is; the last day itself is still in time.

    >>> time_left(date(2026, 3, 1), date(2026, 2, 27)), time_left(date(2026, 3, 1), date(2026, 3, 1))
    ('2 days left', 'today is the last day')
    >>> time_left(date(2026, 3, 1), date(2026, 3, 2)), time_left(date(2031, 12, 31), date(2026, 3, 1))
    ('1 day late', 'over 5 years left')
    """
    days = (last_day - as_of).days
    if not days:
        return "today is the last day"
    if days < 0:
        return f"{count_of(-days, 'day', 'days')} late"
    return f"over {days // 365} years left" if days > 2 * 365 else f"{count_of(days, 'day', 'days')} left"


def _open_shown(waiting: Sequence[DutyRow]) -> int:
    """How many rows to show unasked: all that is urgent, else the nearest."""
    urgent = sum(row.state != "pending" for row in waiting)
    return min(max(OPEN_SHOWN, urgent), ROWS_MAX)


def _headline(waiting: Sequence[DutyRow]) -> str:
    late = [row for row in waiting if row.state == "overdue"]
    soon = [row for row in waiting if row.state == "due"]
    if late:
        head = "One thing is overdue" if len(late) == 1 else f"{len(late)} things are overdue; the oldest"
        return f"{head}: {_lower(late[0].what)}, {late[0].time}."
    if soon:
        head = "One thing is" if len(soon) == 1 else f"{len(soon)} things are"
        first = "" if len(soon) == 1 else "the first "
        return f"{head} due in the next 30 days, {first}by {soon[0].last_day}: {_lower(soon[0].what)}."
    timed = [row for row in waiting if row.state == "pending"]
    if timed:
        return f"Nothing is due in the next 30 days; the next last day is {timed[0].last_day}: {_lower(timed[0].what)}."
    if waiting:
        return f"{count_of(len(waiting), 'thing has', 'things have')} nothing in the book to show that they were done."
    return "Nothing is due: all that the rules asked for so far is done."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _verdict(waiting: Sequence[DutyRow], met: Sequence[DutyRow]) -> tuple[str, str]:
    """Whether every last day was kept, and how much is still open."""
    late = sum(row.state == "overdue" for row in waiting)
    unseen = sum(row.state == "not-evidenced" for row in waiting)
    done = f"{count_of(len(met), 'duty', 'duties')} done" if met else "nothing done yet"
    later = f"{len(waiting) - late - unseen} still in time"
    asked = f", {unseen} that nothing in the book shows" if unseen else ""
    said = f"{late} overdue, {later}{asked}, {done}."
    if late:
        return "broken", said
    return ("waiting" if unseen else "kept"), f"No last day was missed: {later}{asked}, {done}."
