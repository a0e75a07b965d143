"""What a published ledger tells of audits, from its records alone: verdicts, publications, and answers that name a label.

Nothing is judged from such a ledger: it lacks texts and papers that criteria and clocks rest on, so that what is only
withheld would seem to be missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from coopbooks.dashboard.audit_rows import Proof, votes_of
from coopbooks.dashboard.books import Books
from coopbooks.dashboard.due import time_left
from coopbooks.dashboard.rulebook import Rulebook, fields_of, named
from coopbooks.dashboard.words import count_of, day_said, joined
from coopbooks.errors import CoopbooksError

__all__ = ["Named", "Verdict", "named_clocks", "verdicts_of"]

Data = Mapping[str, Any]
_ANSWERS = ("closes", "answers", "verifies", "withdraws")


class Verdict(NamedTuple):
    """A signed verdict in words."""

    headline: str
    said: str
    grade: str
    labels_said: tuple[str, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Named:
    """A label of a verdict, its last day, and the records that name its trigger; `time` is "" where one does."""

    trigger: str
    criterion: str
    title: str
    label: str
    last_day: str
    time: str
    answers: tuple[Proof, ...]
    place: str | None


def verdicts_of(rulebook: Rulebook, as_of: date) -> list[Verdict]:
    """Every verdict of a published ledger that was signed by a day, oldest first; of one audit the last."""
    rows = [row for row in rulebook.rows() if row["date"] <= str(as_of)]
    last = {row["id"]: row for row in rows if row["kind"] == "verdict"}
    return [_verdict(row, rows) for row in sorted(last.values(), key=lambda row: row["date"])]


def _verdict(row: Data, rows: Sequence[Data]) -> Verdict:
    own, grade = fields_of(row), fields_of(row).get("verdict", "")
    of = [each for each in rows if each["id"] == row["id"]]
    opened = next((fields_of(each) for each in of if each["kind"] == "audit"), {})
    shown_on = [each["date"] for each in of if each["kind"] == "publication" and each["date"] >= row["date"]]
    days = (opened.get("window-start"), opened.get("window-end"))
    window = f", for {day_said(days[0])} to {day_said(days[1])}" if days[0] and days[1] else ""
    votes = votes_of(own.get("votes"))
    said = f"It has {own['assurance']} assurance{f', by {votes}' if votes else ''}." if "assurance" in own else ""
    said += f" It was published on {day_said(shown_on[0])}." if shown_on else " It is not published yet."
    digest = own.get("report-sha256", "")
    said += f" The SHA-256 of its report: {digest}." if digest else ""
    return Verdict(
        headline=f"On {day_said(row['date'])} a panel called us {grade}{window}.",
        said=said.strip(),
        grade=grade,
        labels_said=tuple(_labels(own.get("labels", ""))),
        place=row["place"],
    )


def _labels(text: str) -> Iterator[str]:
    """What was signed below revolutionary: "BKS-1=reformist WAG-1=reformist" in words."""
    by_label: dict[str, list[str]] = {}
    for word in text.split():
        criterion, _, label = word.partition("=")
        if label != "revolutionary":
            by_label.setdefault(label, []).append(criterion)
    for label, criteria in by_label.items():
        yield f"{count_of(len(criteria), 'criterion was', 'criteria were')} signed as {label}: {joined(criteria)}."


def named_clocks(books: Books, rulebook: Rulebook, as_of: date) -> Iterator[Named]:
    """Each label below revolutionary that a verdict opened a clock for, with the records that name it."""
    try:
        report: Data = books.audit(as_of).to_data()
    except CoopbooksError:
        return  # what was published cannot be read as books in some respect: the labels stand in the notes all the same
    titles = {row["id"]: row["title"] for row in report["criteria"]}
    answers = _answers(rulebook, as_of)
    for each in sorted(report["triggers"], key=lambda row: (row["opened"], row["id"]), reverse=True):
        if each["cause"] != "verdict":
            continue
        found = tuple(answers.get(each["id"], ()))
        yield Named(
            trigger=each["id"],
            criterion=each["criterion"],
            title=titles.get(each["criterion"], each["criterion"]),
            label=each["label"],
            last_day=day_said(each["last_day"]),
            time="" if found else time_left(date.fromisoformat(each["last_day"]), as_of),
            answers=found,
            place=each["place"],
        )


def _answers(rulebook: Rulebook, as_of: date) -> dict[str, list[Proof]]:
    """The records that name a trigger, by the trigger."""
    found: dict[str, list[Proof]] = {}
    for row in rulebook.rows():
        fields = fields_of(row)
        if row["date"] > str(as_of):
            continue
        texts = " ".join(fields.get(field, "") for field in _ANSWERS)
        for trigger in dict.fromkeys(texts.replace(",", " ").replace(";", " ").split()):
            found.setdefault(trigger, []).append(Proof(row["place"], f"{named(row)}, {day_said(row['date'])}"))
    return found
