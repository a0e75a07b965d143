"""The page *Do we keep our word?*: the last verdict, what changed since, the last days, each criterion with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from coopbooks.dashboard.audit_published import Named, named_clocks, verdicts_of
from coopbooks.dashboard.audit_rows import (
    UNSHOWN,
    ChangeRow,
    Clock,
    CriterionRow,
    Places,
    Stopped,
    change_rows,
    clocks_of,
    criterion_row,
    stopped_of,
    votes_of,
)
from coopbooks.dashboard.books import Books
from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.rulebook import Rulebook
from coopbooks.dashboard.trouble import NO_SUCH_DAY, Trouble
from coopbooks.dashboard.words import Look, count_of, day_said, joined, period_said
from coopbooks.periods import FIRST_DAY, LAST_DAY
from coopbooks.reports.figures import shown

__all__ = ["AuditView", "Group", "Reading", "audit_view"]

Data = Mapping[str, Any]
_TIERS = (
    ("gate", "Gates", "One that is broken decides the verdict, and nothing makes up for it."),
    ("core", "Core criteria", "One below met keeps a verdict from being revolutionary."),
    ("practice", "Practices", "A few may be below met; each of them is rewritten all the same."),
)
_STATES = {"revolutionary": "kept", "reformist": "waiting", "counter-revolutionary": "broken"}
_INDICATED = (
    "This is what the books alone indicate, and no verdict: a panel also reads papers, talks with people, and signs."
)
_NOT_ALL_PASSES = (
    "No criterion is judged on this page: many rest on texts and records that are not published here, and would seem to be "
    "missing. The panel's report is published whole and says why; its SHA-256 stands above where the verdict names one."
)
_NO_CLOCK_PASSES = (
    "Whether an answer came in time is judged in the books: one whose record does not pass is not shown here."
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One audit that can be looked at; `name` is "" for the one that is shown unasked."""

    name: str
    said: str
    current: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The criteria of one tier: those that are below met, and the others, which are folded."""

    name: str
    title: str
    about: str
    count_said: str
    low: tuple[CriterionRow, ...]
    others: tuple[CriterionRow, ...]


@dataclass(frozen=True, slots=True)
class AuditView:
    """All that the page shows.

    `state` and `verdict` are the sentence beside the headline; `notes` say what this page is and is not; `why` are the
    reasons of the audit that is shown, each with the criteria it is about. `verdict_at` is the place of the last verdict.
    `groups` are empty in a derived ledger, which judges nothing; `named` are its labels.
    """

    headline: str
    verdict_at: str | None
    signed_said: str
    state: str
    verdict: str
    notes: tuple[str, ...]
    clocks: tuple[Clock, ...] = ()
    stopped: tuple[Stopped, ...] = ()
    named: tuple[Named, ...] = ()
    changes: tuple[ChangeRow, ...] = ()
    changes_said: str = ""
    readings: tuple[Reading, ...] = ()
    shown_said: str = ""
    why: tuple[tuple[str, tuple[str, ...]], ...] = ()
    groups: tuple[Group, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    everything: bool = False
    hides: bool = False


def audit_view(books: Books, choice: Choice, look: Look) -> AuditView | Trouble:
    """The page for a day; `choice.period` may name another audit whose criteria are to be shown.

    Trouble for a day whose years no calendar here has.
    """
    del look  # no figure of money stands by itself here: reasons are sentences of the report
    if not FIRST_DAY.year < choice.as_of.year < LAST_DAY.year:
        return NO_SUCH_DAY
    rulebook = Rulebook.of(books, choice.as_of)
    if books.published() is not None:
        return _of_records(books, choice, rulebook)
    found: Data = books.audit_changes(choice.as_of).to_data()
    signed, today = found["signed"], found["today"]
    report = _report(books, choice, found)
    places = Places(rulebook, everything=choice.everything)
    titles = {row["id"]: row["title"] for row in report["criteria"]}
    clocks = clocks_of(today["triggers"], titles, _unshown(books, today["triggers"], choice.as_of), choice.as_of)
    groups = tuple(_group(report, places, *tier) for tier in _TIERS)
    return AuditView(
        headline=_headline(signed, today),
        verdict_at=None if signed is None else _verdict_place(rulebook, signed["audit"]),
        signed_said="" if signed is None else _signed(signed),
        state=_STATES.get(_grade(signed) or "", "waiting") if signed else "waiting",
        verdict=_today(found),
        notes=(*_shares(today), *_late(clocks)),
        clocks=tuple(clocks),
        stopped=tuple(stopped_of(today["triggers"])),
        changes=() if signed is None else tuple(change_rows(found["changed"], signed)),
        changes_said="" if signed is None else _changes_said(found),
        readings=tuple(_readings(rulebook, report, found, choice)),
        shown_said=_shown_said(report),
        why=tuple((shown(each["text"]), tuple(each["criteria"])) for each in report["why"]),
        groups=groups if report["criteria"] else (),
        others=tuple((f"{shown(each['record'])}", shown(each["why"])) for each in report["ignored"][:_IGNORED_MAX]),
        everything=choice.everything,
        hides=any(row.more for group in groups for row in (*group.low, *group.others)),
    )


_IGNORED_MAX = 20


# -- which audit -------------------------------------------------------------------------------------------------------


def _report(books: Books, choice: Choice, found: Data) -> Data:
    """The report whose criteria are shown: the one that is asked for, else the newest; the verdict's where none is newer."""
    known = {row["id"] for row in books.records(choice.as_of).to_data() if row["kind"] in ("audit", "verdict")}
    if choice.period in known:
        asked: Data = books.audit(choice.as_of, audit=choice.period).to_data()
        return asked
    chosen: Data = found["today"] if found["newer"] or found["signed"] is None else found["signed"]
    return chosen


def _readings(rulebook: Rulebook, report: Data, found: Data, choice: Choice) -> Sequence[Reading]:
    """The audits to choose from, the newest first; none where there is but one."""
    day = str(choice.as_of)
    rows = [row for row in rulebook.rows() if row["kind"] in ("audit", "verdict") and row["date"] <= day]
    ids = list(dict.fromkeys(row["id"] for row in reversed(rows)))
    signed = {row["id"] for row in rows if row["kind"] == "verdict"}
    today = found["today"] if found["newer"] else None
    readings = [
        Reading(each, f"{each}, {'signed' if each in signed else 'open'}", each == report["audit"]) for each in ids
    ]
    if today is not None and today["audit"] is None:
        readings.insert(0, Reading("", f"the books of {_window(today)} today", report["audit"] is None))
    return readings if len(readings) > 1 else ()


def _shown_said(report: Data) -> str:
    """What the criteria below are of."""
    if not report["criteria"]:
        return ""
    if report["status"] == "signed":
        return f"As the audit {report['audit']} was signed on {day_said(report['judged_on'])}, for {_window(report)}."
    which = f"the open audit {report['audit']}" if report["audit"] else "no audit yet"
    return (
        f"As the books of {_window(report)} are on {day_said(report['judged_on'])}: {which}, indicated and not signed."
    )


def _window(report: Data) -> str:
    window = report["window"]
    if "/" not in window["name"]:
        return period_said(window["name"])
    return f"{day_said(window['starts'])} to {day_said(window['ends'])}"


def _unshown(books: Books, triggers: Sequence[Data], as_of: date) -> set[str]:
    """The open triggers whose label stands for missing evidence, as their own audits have it."""
    found, audits = set(), dict[str, Data]()
    for each in triggers:
        if each["state"] != "open" or each["cause"] != "verdict":
            continue
        name = each["id"].removeprefix("TR-").removesuffix(f"-{each['criterion']}")
        if name not in audits:
            rows = books.audit(as_of, audit=name).to_data()["criteria"]
            audits[name] = {row["id"]: row["outcome"] for row in rows}
        if audits[name][each["criterion"]] in UNSHOWN:
            found.add(each["id"])
    return found


# -- sentences ---------------------------------------------------------------------------------------------------------


def _grade(report: Data) -> str | None:
    """What was signed, else what the grading rule gives."""
    grade: str | None = report["stated"] or report["verdict"]
    return grade


def _headline(signed: Data | None, today: Data) -> str:
    if signed is not None:
        return f"On {day_said(signed['judged_on'])} a panel called us {_grade(signed)}, for {_window(signed)}."
    if today["verdict"] is None:
        return "No panel has judged us yet, and the books alone do not say what one would find."
    return f"No panel has judged us yet; the books of {_window(today)} point to {today['verdict']}."


def _signed(signed: Data) -> str:
    """How sure the verdict is and how it was voted; where it is not what its labels come to, that too."""
    votes = votes_of(signed["votes"])
    said = f"It has {signed['assurance']} assurance{f', by {votes}' if votes else ''}."
    shown_on = [each["date"] for each in signed["publications"]]
    said += f" It was published on {day_said(shown_on[0])}." if shown_on else " Its publication is not in the book."
    if signed["stated"] not in (None, signed["indicated"]) and signed["indicated"]:
        said += f" By its labels, the books and the grading rule it would be {signed['indicated']}: the panel corrects one of them."
    return said


def _today(found: Data) -> str:
    """What the books indicate today where that is of other days than the verdict's, or where there is none."""
    signed, today = found["signed"], found["today"]
    if not today["criteria"]:
        return "These books have no record that an audit could look at."
    if signed is None:
        opened = f" The audit {today['audit']} is open; its panel has not signed yet." if today["audit"] else ""
        return f"{_INDICATED}{opened}"
    if not found["newer"]:
        return ""
    grade = f"point to {today['verdict']}" if today["verdict"] else "do not say yet what a panel would find"
    of = f"the open audit {today['audit']}" if today["audit"] else "the next audit"
    return f"Since then: the books of {_window(today)}, for {of}, {grade}. {_INDICATED}"


def _shares(today: Data) -> list[str]:
    """How much of each tier is met, of the newest report."""
    counts = []
    for tier, title, _ in _TIERS:
        rows = [row for row in today["criteria"] if row["tier"] == tier and row["outcome"] != "not-applicable"]
        if rows:
            counts.append(f"{sum(row['outcome'] == 'met' for row in rows)} of {len(rows)} {title.lower()}")
    return [f"Met in the books today: {joined(counts)}."] if counts else []


def _late(clocks: Sequence[Clock]) -> list[str]:
    late = [each for each in clocks if each.state == "overdue"]
    if not late:
        return []
    return [f"{count_of(len(late), 'last day has', 'last days have')} passed without an answer that counts."]


def _changes_said(found: Data) -> str:
    signed, today = found["signed"], found["today"]
    day = day_said(signed["judged_on"])
    if found["newer"]:
        how = f"What the books of {_window(signed)} showed on {day}, and what those of {_window(today)} show today."
    else:
        how = (
            f"The books of {_window(signed)}, judged again by the same rules with all that came into them since {day}."
        )
    better = sum(row["better"] is True for row in found["changed"])
    worse = sum(row["better"] is False for row in found["changed"])
    other = len(found["changed"]) - better - worse
    if not found["changed"]:
        return f"{how} Every criterion shows the same."
    parts = [f"{count} {said}" for count, said in ((better, "better"), (worse, "worse"), (other, "otherwise")) if count]
    return (
        f"{how} {count_of(len(found['changed']), 'criterion shows', 'criteria show')} something else: {joined(parts)}."
    )


def _verdict_place(rulebook: Rulebook, audit: str) -> str | None:
    rows = [row for row in rulebook.rows() if (row["kind"], row["id"]) == ("verdict", audit)]
    return rows[-1]["place"] if rows else None


# -- criteria ----------------------------------------------------------------------------------------------------------


def _group(report: Data, places: Places, tier: str, title: str, about: str) -> Group:
    rows = [criterion_row(row, places) for row in report["criteria"] if row["tier"] == tier]
    low = [row for row in rows if row.low]
    met = sum(row.outcome == "met" for row in rows)
    return Group(
        name=tier,
        title=title,
        about=about,
        count_said=f"{met} of {len(rows)} met, {len(low)} below.",
        low=tuple(sorted(low, key=lambda row: row.outcome != "breach")),
        others=tuple(row for row in rows if not row.low),
    )


# -- a derived ledger --------------------------------------------------------------------------------------------------


def _of_records(books: Books, choice: Choice, rulebook: Rulebook) -> AuditView:
    """What a published ledger tells of audits: what was signed, and who answered it. Nothing in it is judged again."""
    verdicts = verdicts_of(rulebook, choice.as_of)
    if not verdicts:
        nothing = "No verdict of an audit stands in what is published here."
        return AuditView(nothing, None, "", "none", "", (_NOT_ALL_PASSES,))
    last = verdicts[-1]
    named = () if _public(books) else tuple(named_clocks(books, rulebook, choice.as_of))
    return AuditView(
        headline=last.headline,
        verdict_at=last.place,
        signed_said=last.said,
        state=_STATES.get(last.grade, "waiting"),
        verdict="",
        notes=(*last.labels_said, _NOT_ALL_PASSES, *([_NO_CLOCK_PASSES] if named else [])),
        named=named,
        others=tuple((each.headline, each.said) for each in reversed(verdicts[:-1])),
    )


def _public(books: Books) -> bool:
    found = books.published()
    return found is not None and found.to_data()["audience"] == "public"
