"""What we have agreed on: every record of the books as text, in the order in which a worker asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from coopbooks.dashboard.books import Books
from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.links import anchor
from coopbooks.dashboard.rule_words import sentence_of
from coopbooks.dashboard.rulebook import PEOPLE, Rulebook, Vote, fields_of, named, votes_said
from coopbooks.dashboard.trouble import NO_RULE, Trouble
from coopbooks.dashboard.words import Look, count_of, day_said
from coopbooks.records.reading import BYLAWS, KINDS

__all__ = ["Group", "RecordLine", "RulesView", "rules_view"]

Data = Mapping[str, Any]
_TITLES = {
    "pay": "Pay",
    "surplus": "The surplus, and a loss",
    "funds": "Movement funds",
    "capital": "Members' capital",
    "leaving": "Leaving",
    "assembly": "How we decide, and other bylaws",
    "people": "People",
    "allies": "Allies and money from outside",
    "suppliers": "Whom we buy from",
    "audits": "Audits, and what follows from them",
    "practices": "What we practise",
    "decisions": "Decisions",
    "other": "Other records",
}
_GROUP_OF_BYLAW = {
    "wage-ratio": "pay",
    "fiscal-year": "surplus",
    "surplus": "surplus",
    "strike": "funds",
    "capital": "capital",
    "exit": "leaving",
}
_GROUP_OF_KIND = {
    "allocation": "surplus",
    "loss": "surplus",
    "resolution": "surplus",
    "contribution": "surplus",
    "adjustment": "surplus",
    "vow": "surplus",
    "decline": "surplus",
    "seal": "surplus",
    "fund": "funds",
    "rate": "capital",
    "redemption": "capital",
    "exit": "leaving",
    "member": "people",
    "worker": "people",
    "absence": "people",
    "ally": "allies",
    "contract": "allies",
    "pulse": "allies",
    "signal": "allies",
    **dict.fromkeys("caucus refusal function probe debrief pivot".split(), "allies"),
    **dict.fromkeys("screening violation".split(), "suppliers"),
    **dict.fromkeys("policy golden-share delegate budget redaction assembly".split(), "assembly"),
    **dict.fromkeys(
        "lottery-call lottery-draw auditor audit finding flag verdict publication response".split(), "audits"
    ),
    **dict.fromkeys("derogation snapshot access action profile".split(), "audits"),
    **dict.fromkeys("practice alert solidarity".split(), "practices"),
    "decision": "decisions",
}
SHOWN_MAX = 80  # of each group, and of its past: a page stays below 500 kB however many people the books have
_KIND_ORDER = ("bylaw", "rate", "allocation", "loss")
_APART = frozenset(
    {"decision", "law", "document", "note", "entries"}
)  # shown in their own words, or for programs alone


class FieldLine(NamedTuple):
    """One field of a record: its name in the ledger, what it means, and its value."""

    name: str
    meaning: str
    value: str


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One record as text; `state` is in force, past or coming, or nothing for what happened once.

    `counts` are the votes of a decision; `vote` is the decision that another record names.

    `replaced` and `replaced_by` are the places of the records of the same name before and after it.
    """

    anchor: str
    place: str
    title: str
    said: str
    counts: str
    state: str
    since: str
    until: str
    fields: tuple[FieldLine, ...]
    vote: Vote | None
    law: str
    note: str
    replaced: str | None
    replaced_by: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """The records that answer one sort of question: those that hold, and those that do no longer.

    `count` is how many there are in all, where a book has more than a page shows.
    """

    name: str
    title: str
    lines: tuple[RecordLine, ...]
    past: tuple[RecordLine, ...]
    count: int


@dataclass(frozen=True, slots=True)
class RulesView:
    """All that the page shows."""

    headline: str
    groups: tuple[Group, ...]


def rules_view(books: Books, choice: Choice, look: Look) -> RulesView | Trouble:
    """The page of all records, as they stand on a day."""
    rulebook = Rulebook.of(books, choice.as_of)
    rows = rulebook.rows()
    if not rows:
        return NO_RULE
    lines: dict[str, list[tuple[Any, RecordLine]]] = {name: [] for name in _TITLES}
    for row, before, after in _with_neighbours(rows):
        line = _line(row, before, after, str(choice.as_of), rulebook, look)
        lines[group_of(row)].append((_order(row, str(choice.as_of)), line))
    groups = tuple(_group(name, lines[name], everything=choice.everything) for name in _TITLES if lines[name])
    holding = sum(row["standing"] and row["kind"] not in PEOPLE for row in rows)
    decided = sum(row["kind"] == "decision" for row in rows)
    return RulesView(
        headline=_headline(holding, decided, told=_tells_decisions(books)),
        groups=groups,
    )


def _tells_decisions(books: Books) -> bool:
    published = books.published()
    return published is None or published.to_data()["audience"] != "public"


def _headline(holding: int, decided: int, *, told: bool) -> str:
    rules = f"{count_of(holding, 'rule is', 'rules are')} in force"
    if not told:
        return f"{rules}; the votes behind them are told to members and auditors."
    return f"{rules}, and {count_of(decided, 'decision is', 'decisions are')} on record."


def group_of(row: Data) -> str:
    """The group in which a record stands.

    >>> group_of({"kind": "bylaw", "id": "wage-ratio-board"}), group_of({"kind": "gift", "id": "x"})
    ('pay', 'other')
    """
    if row["kind"] != "bylaw":
        return _GROUP_OF_KIND.get(row["kind"], "other")
    found = (
        name
        for head, name in _GROUP_OF_BYLAW.items()
        if row["id"] == head or row["id"].startswith((f"{head}-", f"{head}."))
    )
    return next(found, "assembly")


def _with_neighbours(rows: Sequence[Data]) -> Iterator[tuple[Data, Data | None, Data | None]]:
    """Each record with the one that it replaced and the one that replaced it, if any."""
    by_name: dict[tuple[str, str], list[Data]] = {}
    for row in rows:
        by_name.setdefault((row["kind"], row["id"]), []).append(row)
    for row in rows:
        same = by_name[row["kind"], row["id"]]
        before = next((each for each in same if each["ends"] == row["date"]), None)
        after = next((each for each in same if each["date"] == row["ends"]), None)
        yield row, before, after


def _order(row: Data, as_of: str) -> tuple[Any, ...]:
    """Bylaws first, then steps by their number; what happened, by its day and the newest first."""
    kind = _KIND_ORDER.index(row["kind"]) if row["kind"] in _KIND_ORDER else len(_KIND_ORDER)
    if row["kind"] in ("allocation", "loss"):
        return kind, _number(fields_of(row).get("step", "")), row["id"], row["date"]
    day = -int(row["date"].replace("-", "")) if not _state(row, as_of) else 0
    return kind, day, row["id"], row["date"]


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)


def _group(name: str, lines: Sequence[tuple[Any, RecordLine]], *, everything: bool) -> Group:
    ordered = [line for _, line in sorted(lines, key=lambda pair: pair[0])]
    present = [line for line in ordered if line.state != "past"]
    past = [line for line in ordered if line.state == "past"]
    return Group(
        name=name,
        title=_TITLES[name],
        lines=tuple(present if everything else present[:SHOWN_MAX]),
        past=tuple(past if everything else past[:SHOWN_MAX]),
        count=len(ordered),
    )


def _line(row: Data, before: Data | None, after: Data | None, as_of: str, rulebook: Rulebook, look: Look) -> RecordLine:
    fields = fields_of(row)
    return RecordLine(
        anchor=anchor("rule", row["place"]),
        place=row["place"],
        title=named(row),
        said=sentence_of(row["kind"], row["id"], fields, look),
        counts=votes_said(fields) if row["kind"] == "decision" else "",
        state=_state(row, as_of),
        since=day_said(row["date"]),
        until=day_said(row["ends"]) if row["ends"] else "",
        fields=tuple(
            FieldLine(name, _meaning(row, name), value) for name, value in fields.items() if name not in _APART
        ),
        vote=rulebook.vote(row["decision"]),
        law=row["law"] or "",
        note=fields.get("note", ""),
        replaced=before["place"] if before else None,
        replaced_by=after["place"] if after else None,
    )


def _state(row: Data, as_of: str) -> str:
    if row["date"] > as_of:
        return "coming"
    if row["standing"]:
        return "in force"
    return "past" if row["ends"] and row["ends"] <= as_of else ""


def _meaning(row: Data, field: str) -> str:
    """What a field says, in the words of the records' own reference."""
    if row["kind"] == "bylaw":
        cls = next((cls for name, cls in BYLAWS.items() if row["id"] == name or row["id"].startswith(f"{name}-")), None)
    else:
        cls = KINDS.get(row["kind"])
    found = None if cls is None else cls.FIELDS.get(field)
    return "" if found is None else found.meaning
