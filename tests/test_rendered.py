"""Whatever a member, an ally or a text is called: what is written is read again as what was meant, or not written.

Each renderer of ledger text gets names and texts with everything that could break out of a string, end a line or begin a
directive. Beancount's own parser then says what was written, and it is held to what went in. A refusal is right only where
the text holds something that Beancount cannot keep.
"""

from __future__ import annotations

import os
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from beancount.core import data
from beancount.parser import parser
from hypothesis import example, given
from hypothesis import strategies as st

from coopbooks.books import read_again, writing
from coopbooks.books.founding import MAIN, Founding, files_of
from coopbooks.books.record_text import draw_text, record_text, snapshot_text
from coopbooks.books.text import close_text, exit_text, interest_text, redemption_text, seal_text
from coopbooks.errors import ImportRefused, Place, WriteRefused
from coopbooks.importers.drafts import Draft, Line, entries_of
from coopbooks.money import Unit
from coopbooks.periods import Period
from coopbooks.publish.fresh import Figure, Fresh, Leg, Note
from coopbooks.publish.records import quoted
from coopbooks.publish.text import view_text
from coopbooks.publish.view import View
from coopbooks.rules.close import Closing, Entry
from coopbooks.statutes.models import model

LONG = os.environ.get("COOPBOOKS_LONG") == "1"
DAY = date(2025, 12, 31)
YEAR = Period("2025", date(2025, 1, 1), DAY)
USD = Unit("USD", 2)

NASTY = [
    '"', '\\', '\\"', '\\n', "\n", "\r\n", "\t", ";", "#tag", "^link", "{", "}", "@", "@@", "|", "~", "*", "!", "'", "`",
    '"\n2025-01-01 open Assets:Stolen\n', '"\n  wages: Expenses:Wages', '\n2025-01-01 custom "coop" "exit" "m01"\n',
    "\u202e", "\u2066", "\u200f", "\u200b", "\ufeff", "\u2028", "\u2029", "\x85", "\x1b[2J", "\x7f",
    "😀", "👩‍🏭", "e\u0301", "ß", "王",
    "TRUE", "NULL", "2025-01-01", "12.50 USD", "Assets:Bank", "pushtag #x", "include \"x\"", "%s", "{{ x }}", "<script>",
]  # fmt: skip
texts = st.one_of(
    st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=6)), max_size=8).map("".join),
    st.text(max_size=40),
    st.sampled_from(NASTY).map(lambda text: text * 300),
)
named = texts.filter(lambda text: bool(text.strip()))
parts = st.text(
    st.one_of(st.sampled_from("abzABZ019-"), st.characters(min_codepoint=0xA1, exclude_categories=["C", "Z"])),
    max_size=8,
)
accounts = st.builds(
    lambda root, first, more: ":".join([root, *(f"{letter}{part}" for letter, part in [first, *more])]),
    st.sampled_from(["Equity", "Liabilities", "Capitaux"]),
    st.tuples(st.sampled_from("AZ9ÉЖ"), parts),
    st.lists(st.tuples(st.sampled_from("AZ9ÉЖ"), parts), max_size=3),
)
units = st.one_of(st.integers(-(10**6), 10**6), st.integers(-(10**26), 10**26)).filter(bool)
entries = st.lists(st.tuples(accounts, units, st.lists(texts, max_size=2)), min_size=1, max_size=4).map(
    lambda rows: tuple(Entry(account, number, tuple(because)) for account, number, because in rows)
)

Found = list[tuple[Any, ...]]


def cannot_be_kept(*given_: str) -> bool:
    """Whether Beancount has no way to hold one of the texts: half a character, or the sign that ends its input."""
    return any("\0" in text or any("\ud800" <= char <= "\udfff" for char in text) for text in given_)


def read(text: str) -> Found:
    """What Beancount reads, by its own parser and none of our comparing."""
    found, errors, _ = parser.parse_string(text)
    assert [error for error in errors if not str(error.message).startswith("Invalid account name")] == []
    return [_one(entry) for entry in found]


def _one(entry: Any) -> tuple[Any, ...]:
    fields = {name: value for name, value in entry.meta.items() if name not in ("filename", "lineno")}
    if isinstance(entry, data.Custom):
        return (entry.date, entry.type, *(value.value for value in entry.values), fields)
    if isinstance(entry, data.Open):
        return entry.date, "open", entry.account, fields
    assert isinstance(entry, data.Transaction), entry
    postings = [(each.account, *(each.units or ())) for each in entry.postings]
    return entry.date, entry.payee, entry.narration, sorted(entry.tags), fields, postings


def rows(some: tuple[Entry, ...]) -> list[tuple[str, Decimal, str]]:
    return [(entry.account, Decimal(f"{-entry.units}E-2"), "USD") for entry in some]


def one_line(text: str) -> str:
    return " ".join(text.split())


@given(record_id=named, matter=texts, minutes=texts)
def test_records_of_panels(record_id: str, matter: str, minutes: str) -> None:
    try:
        text = record_text("decision", record_id, DAY, {"matter": matter, "minutes": minutes, "for": 3})
    except WriteRefused:
        assert cannot_be_kept(record_id, matter, minutes)
        return
    fields = {"matter": one_line(matter), "minutes": one_line(minutes), "for": Decimal(3)}
    assert read(text) == [(DAY, "coop", "decision", record_id.replace("\r\n", "\n"), fields)] or "\r" in record_id


@given(
    some=entries, opens=st.lists(accounts, max_size=2, unique=True), decision=st.none() | texts, amends=st.booleans()
)
def test_closes(some: tuple[Entry, ...], opens: list[str], decision: str | None, amends: bool) -> None:
    try:
        text = close_text(Closing(YEAR, DAY, some, tuple(opens), decision, amends), USD)
    except WriteRefused:
        assert cannot_be_kept(decision or "", *(why for entry in some for why in entry.because))
        return
    what = "Amendment to the close of 2025" if amends else "Close of 2025"
    fields: dict[str, Any] = {"period": "2025"} | ({"amends": True} if amends else {})
    fields |= {} if decision is None else {"decision": decision}
    assert read(text)[: len(opens)] == [(DAY, "open", account, {}) for account in opens]
    assert read(text)[len(opens) :] == [(DAY, None, what, ["coop-close"], fields, rows(some))]


@given(some=entries, name=named)
def test_interest_and_redemptions(some: tuple[Entry, ...], name: str) -> None:
    interest: Any = SimpleNamespace(period=YEAR, opens=(), postings=some)
    payouts = [
        SimpleNamespace(row=SimpleNamespace(period=name, member="m", account=each.account), units=each.units)
        for each in some
    ]
    redemption: Any = SimpleNamespace(as_of=DAY, payouts=payouts, source="Assets:Bank")
    if not cannot_be_kept(*(why for entry in some for why in entry.because)):
        told = "Interest on members' capital for 2025"
        assert read(interest_text(interest, USD)) == [
            (DAY, None, told, ["coop-interest"], {"period": "2025"}, rows(some))
        ]
    try:
        text = redemption_text(redemption, USD)
    except WriteRefused:
        assert cannot_be_kept(name)
        return
    (found,) = read(text)
    assert found[:4] == (DAY, None, f"Redemption of capital of {name}", ["coop-redeem"])
    assert sum(number for _, number, _ in found[5]) == 0


@given(some=entries, person=named, rule=texts)
def test_exits(some: tuple[Entry, ...], person: str, rule: str) -> None:
    terms = SimpleNamespace(named=rule, place=Place(rule, 3))
    settlement = SimpleNamespace(
        day=DAY,
        leaving=SimpleNamespace(terms=terms, person=person),
        set_off=[(entry.account, 1) for entry in some],
        deduct_to=None,
        postings={entry.account: entry.units for entry in some},
    )
    proposal: Any = SimpleNamespace(settlement=settlement, opens=("Liabilities:Exits",))
    try:
        text = exit_text(proposal, USD)
    except WriteRefused:
        assert cannot_be_kept(person, rule)
        return
    opened, found = read(text)
    assert opened == (DAY, "open", "Liabilities:Exits", {})
    assert found[2:4] == (f"Exit of {person}: capital becomes a debt", ["coop-exit"])
    assert {account: number for account, number, _ in found[5]} == {
        account: Decimal(f"{-number}E-2") for account, number in settlement.postings.items()
    }


@given(call=named, panel=st.lists(named, min_size=1, max_size=3), others=st.lists(named, max_size=2), source=texts)
def test_draws(call: str, panel: list[str], others: list[str], source: str) -> None:
    drawn = SimpleNamespace(panel=tuple(panel), alternates=tuple(others))
    called = SimpleNamespace(id=call, draw_not_before=DAY, named="x", place=Place("x", 1))
    lottery: Any = SimpleNamespace(call=called, drawn=drawn, sources=(source,), seed="ab" * 32)
    try:
        text = draw_text(lottery, DAY)
    except WriteRefused:
        assert cannot_be_kept(call, source, *panel, *others)
        return
    fields = {"source-1": source, "seed": "ab" * 32, "panel": ", ".join(panel)}
    fields |= {"alternates": ", ".join(others)} if others else {}
    assert read(text) == [(DAY, "coop", "lottery-draw", call, fields)]


@given(words=st.lists(named, max_size=4), audience=named)
def test_snapshots(words: list[str], audience: str) -> None:
    taken: Any = SimpleNamespace(
        month=Period("2025-11", date(2025, 11, 1), date(2025, 11, 30)),
        date=DAY, sha256="cd" * 32, words=tuple(words), audience=audience,
    )  # fmt: skip
    try:
        text = snapshot_text(taken)
    except WriteRefused:  # a record's name stands there as it is, and its snapshot writes no quotes into it
        assert cannot_be_kept(audience, *words) or any(char in word for word in words for char in '"\\')
        return
    (found,) = read(text)
    assert found[:4] == (DAY, "coop", "snapshot", "2025-11")
    assert found[4]["audience"] == one_line(audience)
    assert found[4].get("records", "").split() == " ".join(words).split()


@given(words=st.lists(st.text("abc019/=-é王", min_size=1, max_size=30), max_size=40), count=st.integers(0, 10**30))
def test_seals(words: list[str], count: int) -> None:
    days = SimpleNamespace(period="2025", starts=date(2025, 1, 1), until=DAY, sealed=DAY)
    seal: Any = SimpleNamespace(
        days=days, root="ef" * 32, sha256="ab" * 32, directives=count, previous=None, entries=tuple(words)
    )
    (found,) = read(seal_text(seal))
    assert found[:4] == (DAY, "coop", "seal", "2025")
    assert found[4].pop("entries", "").split() == words
    assert found[4] == {
        "sha256": "ab" * 32,
        "root": "ef" * 32,
        "directives": Decimal(count),
        "starts": days.starts,
        "until": DAY,
    }


@given(payee=texts, narration=texts, account=accounts, cents=units, person=texts, column=texts)
def test_imports(payee: str, narration: str, account: str, cents: int, person: str, column: str) -> None:
    number = Decimal(f"{cents}E-2")
    lines = (
        Line(account, number, {"worker": person, "hours": Decimal("80.25")}, column),
        Line(account, -number, {}, column),
    )
    note: dict[str, str | Decimal] = {"note": person}
    draft = Draft(Place("x.csv", 2), "m01", DAY, "pay", (), (), payee, narration, "USD", note, lines, "run-1-2")
    try:
        text, _ = entries_of([draft])
    except ImportRefused:
        assert cannot_be_kept(payee, narration, person, column)
        return
    fields = {"import-id": "run-1-2", "note": person}
    assert read(text) == [
        (DAY, payee or None, narration, [], fields, [(account, number, "USD"), (account, -number, "USD")])
    ]


@given(
    notes=st.lists(st.tuples(named, texts), max_size=3, unique_by=lambda note: note[0]),
    title=texts,
    account=accounts.filter(lambda account: not account.startswith("Capitaux")),
    cents=units,
)
@example(notes=[], title='"\n  wages: Expenses:Wages"', account="Assets:Bank", cents=100)  # an account inside of a text
def test_what_is_published(notes: list[tuple[str, str]], title: str, account: str, cents: int) -> None:
    number = Decimal(f"{cents}E-2")
    legs = (Leg(account, number, "USD", (("worker", quoted(title)),)), Leg(account, -number, "USD"))
    view = View(
        "members", DAY, title, "USD", 2,
        (Fresh(DAY, title, legs, (("period", '"2025"'),), ("coop-close",)),),
        tuple(Note(DAY, "fund", name, (("purpose", quoted(text)),)) for name, text in notes),
        (Figure(DAY, (quoted("x"), quoted(title), "12.50 USD")),),
        {}, (), (),
    )  # fmt: skip
    try:
        text = view_text(view)
    except WriteRefused:
        assert cannot_be_kept(title, *(each for note in notes for each in note))
        return
    found = [each for each in read_all(text) if not isinstance(each, data.Open | data.Commodity)]
    said = [_one(entry) for entry in found]
    assert [each for each in said if each[1] == "coop"] == [
        (DAY, "coop", "fund", name, {"purpose": told}) for name, told in notes
    ]
    assert [each[:4] for each in said if each[1] is None] == [(DAY, None, title, ["coop-close"])]
    assert [each[2:4] for each in said if each[1] == "published"] == [("x", title)]


def read_all(text: str) -> list[Any]:
    found, errors, _ = parser.parse_string(text)
    assert not errors
    return found


MODEL = model("us-subchapter-t")


@given(title=texts, members=st.integers(0, 3))
def test_new_books(title: str, members: int) -> None:
    files = files_of(Founding(MODEL, title, "USD", date(2026, 1, 1), members))
    if cannot_be_kept(title):
        return
    found, errors, options = parser.parse_string(files[MAIN])
    assert (found, errors) == ([], [])
    assert options["title"] == one_line(title)
    people = read(files["people.beancount"])
    assert [each[3] for each in people if each[1] == "coop"] == [f"m{number:02}" for number in range(1, members + 1)]


@given(record_id=named, matter=texts, newline=st.sampled_from(["\n", "\r\n"]))
def test_what_is_appended(record_id: str, matter: str, newline: str) -> None:
    """At the end of a file it is still what it was, whatever the file's line ends; the old bytes stay."""
    try:
        text = record_text("decision", record_id, DAY, {"matter": matter})
    except WriteRefused:
        assert cannot_be_kept(record_id, matter)
        return
    old = f"2025-01-01 open Assets:Bank{newline}".encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "b.beancount")
        path.write_bytes(old)
        try:
            assert writing.append(path, text)
        except WriteRefused:
            assert "\r" in record_id
            assert path.read_bytes() == old
            return
        content = path.read_bytes()
        assert not writing.append(path, text)
    assert content.startswith(old)
    (_, found) = read(content.decode())
    assert found[4] == {"matter": one_line(matter)}
    assert "".join(found[3].split()) == "".join(record_id.split())


@pytest.mark.parametrize(
    "text", ["2025-01-01 open Assets:Bank\n2025-01-01 open Assets:Cash\n", "", "2025-01-01 open\n"]
)
def test_what_is_read_otherwise_is_refused(text: str) -> None:
    with pytest.raises(
        WriteRefused, match=r"^the account cannot be written so that Beancount reads it as it was meant"
    ):
        read_again.held_to(text, [read_again.opening(date(2025, 1, 1), "Assets:Bank")], "the account")


@pytest.mark.parametrize(
    ("one", "other"), [("1", "TRUE"), ("1.00 USD", '"1.00 USD"'), ("2025-01-01", '"2025-01-01"'), ("1.50", "1.5000001")]
)
def test_values_of_another_sort_are_another_meaning(one: str, other: str) -> None:
    first, second = (f'2025-01-01 custom "x"\n  sum: {value}\n' for value in (one, other))
    assert read_again.meanings(first) != read_again.meanings(second)
    assert read_again.meanings(first) == read_again.meanings(first.replace("1.50", "1.5000"))
