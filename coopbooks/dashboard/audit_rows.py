"""The parts of the page *Do we keep our word?*: criteria with their evidence, clocks with their days, what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from coopbooks.dashboard.due import time_left
from coopbooks.dashboard.rulebook import Rulebook, named
from coopbooks.dashboard.words import day_said
from coopbooks.reports.figures import shown

__all__ = [
    "ChangeRow",
    "Clock",
    "CriterionRow",
    "Note",
    "Places",
    "Proof",
    "Stopped",
    "change_rows",
    "clocks_of",
    "criterion_row",
    "stopped_of",
    "votes_of",
]

Data = Mapping[str, Any]
PROOFS_SHOWN = 12
PROOFS_MAX = 25  # of each of the 53 criteria: a page stays below 500 kB however much they rest on
UNSHOWN = frozenset({"not-evidenced", "error", "not-assessed"})
OUTCOMES = {
    "met": "met",
    "shortfall": "falls short",
    "breach": "broken",
    "not-evidenced": "nothing in the book shows it",
    "error": "could not be judged",
    "not-applicable": "does not apply",
    "pending": "too early to say",
    "not-assessed": "not looked at",
}
_STOPPED = {
    "rewritten": "rewritten in time",
    "verified": "rewritten in time, and a panel confirmed it",
    "assembly-held": "the emergency assembly was held",
    "assembly-held-late": "the emergency assembly was held, too late",
    "withdrawn": "the panel took the label back",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """A place that an outcome rests on, in words where a record stands there."""

    place: str
    said: str


@dataclass(frozen=True, slots=True)
class Note:
    """What a panel, a worker or the assembly says of a criterion beside the books, and where that is written down."""

    said: str
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion. `low` says that it is below met; `in_report` is the outcome in the words of the report.

    `machine` is what the books alone say, "" where that is what counts; `more` is how many places of evidence are not
    shown; `anchor` is the id of its part of the page.
    """

    id: str
    anchor: str
    title: str
    outcome: str
    said: str
    low: bool
    in_report: str
    machine: str
    reason: str
    remedy: str
    clause: str
    evidence: tuple[Proof, ...]
    more: int
    papers: str
    notes: tuple[Note, ...]
    graded: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """One last day of a label or a threshold that nobody has answered.

    `who` must act, `meets` says what stops the clock, `state` is overdue or due; `place` is what started it, `anchor` the
    part of the page that tells of the criterion, "" where there is none.
    """

    what: str
    trigger: str
    criterion: str
    anchor: str
    label: str
    state: str
    last_day: str
    last_day_iso: str
    time: str
    who: str
    meets: str
    place: str | None


@dataclass(frozen=True, slots=True)
class Stopped:
    """One clock that was stopped: how, when and by which record."""

    trigger: str
    criterion: str
    label: str
    since: str
    said: str
    on: str
    met_by: str | None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One criterion of which the books show something else today than at the verdict."""

    id: str
    anchor: str
    title: str
    before: str
    signed: str
    after: str
    sense: str
    alarms: bool
    reason: str


class Places:
    """What stands at the places of a book, in a reader's words."""

    def __init__(self, rulebook: Rulebook, *, everything: bool) -> None:
        """`everything` shows more places of a long list."""
        self._records = {row["place"]: row for row in rulebook.rows()}
        self._most = PROOFS_MAX if everything else PROOFS_SHOWN

    def proof(self, place: str) -> Proof:
        """One place; one without a record keeps its file and line."""
        row = self._records.get(place)
        return Proof(place, place if row is None else f"{named(row)}, {day_said(row['date'])}")

    def proofs(self, places: Sequence[str]) -> tuple[Proof, ...]:
        """As many of the places as a page shows."""
        return tuple(map(self.proof, places[: self._most]))


def anchor_of(criterion: str) -> str:
    """The id of a criterion's part of the page."""
    return f"open-book-audit-{criterion.lower()}"


def votes_of(votes: str | None) -> str:
    """How a panel voted: "3-0-0" as it is said, "" where nothing says it.

    >>> votes_of("3-0-0"), votes_of("2-1-1"), votes_of(None)
    ('3 for, 0 against', '2 for, 1 against, 1 abstained', '')
    """
    if not votes:
        return ""
    counts = votes.split("-")
    return f"{counts[0]} for, {counts[1]} against" + (f", {counts[2]} abstained" if counts[2] != "0" else "")


# -- criteria ----------------------------------------------------------------------------------------------------------


def criterion_row(row: Data, places: Places) -> CriterionRow:
    """One criterion of a report."""
    low = row["label"] not in (None, "revolutionary")
    evidence = places.proofs(row["evidence"])
    return CriterionRow(
        id=row["id"],
        anchor=anchor_of(row["id"]),
        title=row["title"],
        outcome=row["outcome"],
        said=OUTCOMES[row["outcome"]],
        low=low,
        in_report=row["shown"],
        machine=OUTCOMES[row["machine"]] if row["machine"] != row["outcome"] else "",
        reason=reason_of(row["reason"]),
        remedy=_sentence(row["remedy"]) if low else "",
        clause=row["clause"],
        evidence=evidence,
        more=len(row["evidence"]) - len(evidence),
        papers=shown(row["papers"] or ""),
        notes=tuple(_notes(row)),
        graded=row["graded"],
    )


def reason_of(text: str) -> str:
    """A reason, after an outcome and a colon: it may begin with an id, which keeps its small letters."""
    plain = shown(text).rstrip(".")
    return f"{plain}." if plain else ""


def _sentence(text: str) -> str:
    plain = reason_of(text)
    return f"{plain[:1].upper()}{plain[1:]}"


def _notes(row: Data) -> Iterator[Note]:
    panel, derogation = row["panel"], row["derogation"]
    if panel:
        votes = votes_of(panel["votes"])
        label = f"The panel found it {panel['label']}" if panel["label"] else "The panel looked at it"
        until = f"; valid until {day_said(panel['until'])}" if panel["until"] else ""
        yield Note(f"{label}{f' ({votes})' if votes else ''}{until}", shown(panel["text"] or ""), panel["place"])
    for place in row["flags"]:
        yield Note("A worker raised a red flag, which nobody has answered yet", "", place)
    if derogation:
        until = f" until {day_said(derogation['until'])}" if derogation["until"] else ""
        yield Note(
            f"The assembly gave leave to fall short{until}", shown(derogation["reason"] or ""), derogation["place"]
        )


# -- what changed ------------------------------------------------------------------------------------------------------


def change_rows(changed: Sequence[Data], signed: Data) -> list[ChangeRow]:
    """The rows of `audit_changes`; where a panel signed something else than the books showed, that as well."""
    outcomes = {row["id"]: row["outcome"] for row in signed["criteria"]}
    return [
        ChangeRow(
            id=row["criterion"],
            anchor=anchor_of(row["criterion"]),
            title=row["title"],
            before=OUTCOMES[row["before"]],
            signed=OUTCOMES[outcomes[row["criterion"]]] if outcomes[row["criterion"]] != row["before"] else "",
            after=OUTCOMES[row["after"]],
            alarms=row["better"] is False or row["after"] == "breach",
            sense={True: "better", False: "worse", None: ""}[row["better"]],
            reason=reason_of(row["reason"]),
        )
        for row in changed
    ]


# -- clocks ------------------------------------------------------------------------------------------------------------


def clocks_of(
    triggers: Sequence[Data], titles: Mapping[str, str], unshown: Collection[str], as_of: date
) -> list[Clock]:
    """Every last day that nobody has answered: those that have passed first, assemblies before texts.

    `titles` are those of the criteria; `unshown` the triggers whose label stands for missing evidence, which a text alone
    does not answer.
    """
    found = [clock for each in triggers for clock in _clocks(each, titles, each["id"] in unshown, as_of)]
    return sorted(found, key=lambda each: (each.state != "overdue", each.last_day_iso, each.trigger, each.what))


def _clocks(each: Data, titles: Mapping[str, str], unshown: bool, as_of: date) -> Iterator[Clock]:
    title = titles.get(each["criterion"], each["criterion"])

    def clock(what: str, last_day: str, who: str, meets: str) -> Clock:
        day = date.fromisoformat(last_day)
        return Clock(
            what=what,
            trigger=each["id"],
            criterion=each["criterion"],
            anchor=anchor_of(each["criterion"]) if each["criterion"] in titles else "",
            label=_label(each),
            state="overdue" if as_of > day else "due",
            last_day=day_said(last_day),
            last_day_iso=last_day,
            time=time_left(day, as_of),
            who=who,
            meets=meets,
            place=each["place"],
        )

    assembly = f'an assembly record with emergency: TRUE, answers: "{each["id"]}" and outcome: with what was decided'
    everybody = "all members, in an emergency assembly on the leadership"
    if each["early_assembly_by"] and each["early_assembly_on"] is None and each["state"] != "withdrawn":
        yield clock(f"Hold an emergency assembly at once: {title}", each["early_assembly_by"], everybody, assembly)
    if each["state"] in ("assembly-due", "defaulted"):
        yield clock(f"Hold the emergency assembly: {title}", each["assembly_by"], everybody, assembly)
    elif each["state"] == "open" and unshown:
        who = "whoever keeps these records"
        yield clock(f"Show it: {title}", each["last_day"], who, "the evidence itself, written into the books")
    elif each["state"] == "open":
        text = f'a rule or policy that is adopted in time, with closes: "{each["id"]}"'
        yield clock(f"Rewrite it: {title}", each["last_day"], "the assembly, by a vote", text)


def _label(each: Data) -> str:
    return f"{shown(each['label'])}, by {'a verdict' if each['cause'] == 'verdict' else 'a threshold that was crossed'}"


def stopped_of(triggers: Sequence[Data]) -> list[Stopped]:
    """Every clock that was stopped, the last one first."""
    ended = [each for each in triggers if each["state"] in _STOPPED]
    return [
        Stopped(
            trigger=each["id"],
            criterion=each["criterion"],
            label=_label(each),
            since=day_said(each["opened"]),
            said=_STOPPED[each["state"]],
            on=day_said(each["met_on"]) if each["met_on"] else "",
            met_by=each["met_by"],
        )
        for each in sorted(ended, key=lambda each: (each["opened"], each["id"]), reverse=True)
    ]
