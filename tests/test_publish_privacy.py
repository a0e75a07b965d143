"""What must never come out of a published ledger: any text of the books, and any figure of fewer people than it says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import localcontext
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import OPTIONS, Books, books, directives

from coopbooks.books.loading import load_books
from coopbooks.errors import WriteRefused
from coopbooks.publish import changed_since, view_of, view_text

LONG = os.environ.get("COOPBOOKS_LONG") == "1"
AS_OF = date(2026, 1, 31)

# -- text ----------------------------------------------------------------------------------------------------------

MARKERS = st.text(alphabet="qxzjvk", min_size=10, max_size=12)
LEAVES = (
    "Assets:Bank",
    "Income:Sales",
    "Expenses:Costs",
    "Expenses:Wages",
    "Equity:Reserve",
    "Equity:Common",
    "Equity:Funds",
)
HEADS = re.compile(r'^(\d{4}-\d{2}-\d{2}) \* "[^"]*"', re.MULTILINE)
POSTING = re.compile(r"^  ([A-Z][^ ]*  .*)$", re.MULTILINE)
RECORD = re.compile(r'^(\d{4}-\d{2}-\d{2} custom "coop" "([a-z]+)" "[^"]*")$', re.MULTILINE)
FREE = {
    "member": ("name",),
    "worker": ("name",),
    "exit": ("cause", "payee"),
    "decision": ("matter", "minutes", "consulted"),
    "fund": ("purpose",),
}


def marked(text: str, marker: str) -> str:
    """A directive with the marker in every text field that it can have."""
    big = marker.capitalize()
    for leaf in LEAVES:
        text = re.sub(rf"{leaf}(?![\w-])", f"{leaf}:{big}", text)
    text = HEADS.sub(
        rf'\1 * "{big} payee" "narration {marker}" #{marker}-tag ^{marker}-link\n  {marker}-key: "{marker}"\n'
        rf'  document: "{marker}/{marker}.pdf"\n  source: "{marker}"\n  period: "{marker}"\n  decision: "{marker}"\n'
        rf"  of-account: Assets:Bank:{big}",
        text,
    )
    text = POSTING.sub(rf'  \1 ; {marker}\n    {marker}-own: "{marker}"\n    note: "{big}"', text)

    def more(match: re.Match[str]) -> str:
        names = ("note", "law", "document", *FREE.get(match[2], ()))
        return "\n".join([match[1], *(f'  {name}: "{marker} {name}"' for name in names)])

    return f"; {marker}\n{RECORD.sub(more, text)}"


EXTRAS = """\
2024-01-01 open Assets:Title
2024-01-01 open Liabilities:Title:Deep
2024-01-01 commodity UPPER
  name: "lower"
2024-01-01 commodity UPPERB
2024-01-02 price UPPER 3 EUR
2024-01-03 note Assets:Title "lower"
2024-01-03 event "lower" "lower"
2024-01-03 query "lower" "select 'lower'"
2024-01-03 custom "lower" "lower" Assets:Title
2024-01-03 custom "coop" "policy" "lower text"
  version: "lower"
2024-01-03 custom "coop" "ally" "the union"
  name: "lower"
2024-01-03 custom "coop" "decision" "D1"
  matter: "lower"
2024-01-03 custom "coop" "fund" "aid"
  account: Equity:Funds:Title:Aid
  kind: "mutual-aid"
  purpose: "lower"
2024-01-03 custom "coop" "rate" "house"
  value: 0.02
  source: "lower"
2024-01-03 custom "coop" "bylaw" "time-zone"
  value: "lower"
2024-01-03 custom "coop" "vow" "m01"
  period: "2024"
  text: "lower"
2024-01-03 custom "coop" "contribution" "m01"
  period: "2024"
  of: "lower"
  value: 3
2024-01-03 custom "coop" "absence" "m01"
  reason: "lower"
2024-01-03 open Equity:Funds:Title:Aid
2024-02-03 ! "lower" #lower ^lower
  claim: "lower"
  decision: "D1"
  Equity:Funds:Title:Aid  12.00 EUR
  Assets:Title  -12.00 EUR
2024-02-03 * "lower"
  Assets:Title  2 UPPER
  Liabilities:Title:Deep  -6 EUR
2024-02-04 * "lower"
  Assets:Title  2 UPPERB
  Liabilities:Title:Deep  -2 UPPERB
2024-02-05 * "lower"
  Assets:Title  -1 UPPER @ 4 EUR
  Liabilities:Title:Deep
2024-02-06 pad Assets:Title Equity:Common:Title
2024-02-07 balance Assets:Title  100 EUR
2024-02-08 custom "coop" "fund" "lower fund"
  account: Equity:Reserve:Title
"""


def extras(marker: str) -> str:
    """Directives of every other sort, with the marker in each text."""
    text = EXTRAS.replace("UPPER", marker.upper()).replace("Title", marker.capitalize())
    return text.replace("lower", marker)


def views(one: Books, marker: str) -> Iterator[str]:
    """The members' and the public view of random books with the marker in all their texts and file names."""
    with TemporaryDirectory() as name:
        folder = Path(name, f"{marker}-folder")
        folder.mkdir()
        included = "\n\n".join(marked(text, marker) for text in directives(one))
        (folder / f"{marker}.beancount").write_text(included + "\n", encoding="utf-8")
        main = folder / f"main-{marker}.beancount"
        main.write_text(f'{OPTIONS}include "{marker}.beancount"\n{extras(marker)}', encoding="utf-8")
        loaded = load_books(main)
        assert not loaded.dropped, loaded.dropped
        for audience in ("members", "public"):
            yield view_text(view_of(loaded, audience, AS_OF))


@settings(max_examples=1_000 if LONG else 25)
@given(one=books(), marker=MARKERS, other=MARKERS)
def test_no_text_of_the_books_comes_out(one: Books, marker: str, other: str) -> None:
    """The marker is in no byte, in whatever capitals; and other texts give the very same bytes."""
    seen = list(views(one, marker))
    assert all(marker not in text.casefold() for text in seen)
    assert seen == list(views(one, other))


def test_the_marker_would_be_seen() -> None:
    assert marked('2024-01-01 * "a"\n  Assets:Bank  1 EUR\n  Income:Sales', "qx").count("qx") > 8
    assert extras("qxzjvk").casefold().count("qxzjvk") > 40


# -- figures -------------------------------------------------------------------------------------------------------

FUNDS = """\
option "title" "Aid"
option "operating_currency" "EUR"
2023-01-01 open Assets:Bank
2023-01-01 open Assets:Bank:Aid
2023-01-01 open Liabilities:Payable
2023-01-01 open Liabilities:Later
2023-01-01 open Equity:Common
2023-01-01 open Equity:Funds:Aid
2023-01-01 open Equity:Funds:Strike
2023-01-01 open Equity:Funds:School
2023-01-01 open Expenses:Fees
2023-01-01 open Expenses:Wages
2023-01-01 open Income:Sales
2023-01-01 custom "coop" "decision" "D1"
2023-01-01 custom "coop" "fund" "aid"
  account: Equity:Funds:Aid
  kind: "mutual-aid"
  backing: Assets:Bank:Aid
2023-01-01 custom "coop" "fund" "strike"
  account: Equity:Funds:Strike
  kind: "strike"
  backing: Assets:Bank:Aid
2023-01-01 custom "coop" "fund" "school"
  account: Equity:Funds:School
  kind: "education"
  backing: Assets:Bank
2023-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages
2023-01-01 custom "coop" "bylaw" "publish-members"
  accounts: "Assets:Bank Expenses:Fees"
2023-01-01 custom "coop" "bylaw" "capital"
  collective: "Equity:Common"
"""

CHANGES = (
    "",
    '2023-01-01 custom "coop" "bylaw" "fiscal-year"\n  ends: "08-31"\n',
    '2024-09-01 custom "coop" "bylaw" "fiscal-year"\n  ends: "06-30"\n',
    # a fund that becomes protected in the midst of it, and one that was and is no more
    '2024-08-10 custom "coop" "fund" "school"\n  account: Equity:Funds:School\n  kind: "legal-defence"\n',
    '2024-08-10 custom "coop" "fund" "aid"\n  account: Equity:Funds:Aid\n  kind: "education"\n',
    # names that come and go: the backing is given up, other accounts are opened to all, the common account is nobody's
    '2024-08-10 custom "coop" "fund" "aid"\n  account: Equity:Funds:Aid\n  kind: "mutual-aid"\n',
    '2024-08-10 custom "coop" "bylaw" "publish-public"\n  accounts: "Assets Liabilities:Payable Equity Expenses"\n',
    '2024-08-10 custom "coop" "bylaw" "capital"\n  redeem: "oldest-first"\n',
)
"""Records that change under which names accounts pass, from some day on."""

# What each sort of transaction posts: debited account, credited account; a fee is a tenth beside it.
SORTS = {
    "aid": ("Equity:Funds:Aid", "Assets:Bank:Aid"),
    "aid from the bank": ("Equity:Funds:Aid", "Assets:Bank"),
    "aid owed": ("Equity:Funds:Aid", "Liabilities:Payable"),
    "strike pay": ("Equity:Funds:Strike", "Assets:Bank:Aid"),
    "strike to aid": ("Equity:Funds:Strike", "Equity:Funds:Aid"),
    "aid to school": ("Equity:Funds:Aid", "Equity:Funds:School"),
    "owed is paid": ("Liabilities:Payable", "Assets:Bank"),
    "owed is paid to a claim": ("Liabilities:Payable", "Assets:Bank"),
    "owed moves on": ("Liabilities:Payable", "Liabilities:Later"),
    "later is paid": ("Liabilities:Later", "Assets:Bank"),
    "bounced": ("Assets:Bank", "Liabilities:Payable"),
    "past the fund": ("Expenses:Fees", "Assets:Bank"),
    "aid is paid back": ("Assets:Bank:Aid", "Equity:Funds:Aid"),
    "through another fund": ("Equity:Funds:Aid", "Equity:Funds:School"),
    "out of what is common": ("Equity:Common", "Assets:Bank"),
    "to what is common": ("Equity:Funds:Aid", "Equity:Common"),
    "invoice": ("Expenses:Fees", "Liabilities:Payable"),
    "school": ("Equity:Funds:School", "Assets:Bank"),
    "gift to aid": ("Assets:Bank", "Equity:Funds:Aid"),
    "gift to strike": ("Assets:Bank:Aid", "Equity:Funds:Strike"),
    "backing": ("Assets:Bank:Aid", "Assets:Bank"),
    "sale": ("Assets:Bank", "Income:Sales"),
    "fee": ("Expenses:Fees", "Assets:Bank"),
    "pay": ("Expenses:Wages", "Assets:Bank"),
}
HELP = frozenset(
    {
        *("aid", "aid from the bank", "aid owed", "strike pay", "past the fund", "owed is paid to a claim"),
        *("aid is paid back", "through another fund", "out of what is common", "to what is common"),
    }
)


class Move(NamedTuple):
    """A transaction of a sort on a day, with a claim or none; `fee` adds a tenth to Expenses:Fees."""

    sort: str
    day: date
    claim: int | None
    fee: bool
    unit: str = "EUR"
    late: bool = False  # written down after some publications

    @property
    def is_help(self) -> bool:
        """Whether what it comes to is something that a person got."""
        return self.claim is not None


UNITS = st.sampled_from(["EUR", "EUR", "USD"])
DAYS = st.integers(0, 540).map(lambda days: date(2024, 1, 1) + timedelta(days))


@st.composite
def moves(draw: st.DrawFn) -> list[Move]:
    """Some help for many claims in a few months, and whatever else goes on."""
    found = []
    start, days = draw(DAYS), draw(st.sampled_from([20, 60, 200]))
    usual = draw(st.sampled_from(["aid", "aid", "strike pay", "aid owed"]))
    odd = draw(st.sampled_from([0, 0, 1, 4]))  # how many go another way than the usual one
    for claim in range(draw(st.sampled_from([4, 5, 9, 10, 11, 14, 22]))):
        day = start + timedelta(draw(st.integers(0, days)))
        sort = draw(st.sampled_from(sorted(HELP))) if claim < odd else usual
        fee, unit = claim < odd and draw(st.booleans()), draw(UNITS) if claim < odd else "EUR"
        found.append(Move(sort, day, claim, fee, unit, late=claim < odd and draw(st.booleans())))
    again = draw(st.lists(st.tuples(st.sampled_from([usual, *sorted(HELP)]), st.integers(0, 5), DAYS), max_size=3))
    found += [Move(sort, day, claim, fee=False) for sort, claim, day in again]
    more = draw(st.lists(st.tuples(st.sampled_from(sorted(SORTS)), DAYS, st.booleans()), max_size=6))
    return found + [Move(sort, day, None, fee=False, late=late) for sort, day, late in more]


def ledger_of(found: list[Move], amounts: list[int], change: str = "") -> str:
    """The moves as a ledger; amounts are whole, and a fee is a tenth."""
    texts = []
    for move, amount in zip(found, amounts, strict=True):
        debit, credit = SORTS[move.sort]
        fee = amount // 10 if move.fee else 0
        unit = move.unit
        lines = [f'{move.day} * "x"', '  decision: "D1"', '  source: "donation"']
        lines += [] if move.claim is None else [f"  claim: {move.claim}"]
        lines += [f"  {debit}  {amount} {unit}"] + (['    worker: "w01"'] if move.sort == "pay" else [])
        lines += [f"  Expenses:Fees  {fee} {unit}"] if fee else []
        texts.append("\n".join([*lines, f"  {credit}  {-amount - fee} {unit}"]))
    return FUNDS + change + "\n".join(texts) + "\n"


NUMBER = re.compile(r"(-?\d+(?:\.\d+)?) (?:EUR|USD)(?: \d+)?$", re.MULTILINE)
BASE = 100  # each transaction has two digits of every figure to itself: what it gives is from -49 to 50


def published(books: list[tuple[date, str]], audiences: Iterable[str], days: list[date]) -> set[int]:
    """Every figure of money of all publications for these readers; each text of the books holds from a day on.

    A publication that the earlier file of the same readers forbids is not made.
    """
    found: set[Fraction] = set()
    with TemporaryDirectory() as name, localcontext(prec=400):
        path = Path(name, "books.beancount")
        before: dict[str, str] = {}
        for place, (since, text) in enumerate(books):
            path.write_text(text, encoding="utf-8")
            loaded = load_books(path)
            assert loaded.errors == ()
            ends = books[place + 1][0] if place + 1 < len(books) else date.max
            for day, audience in ((day, audience) for day in days if since <= day < ends for audience in audiences):
                view = view_of(loaded, audience, day)
                try:
                    changed_since(before.get(audience, ""), view, "file")
                except WriteRefused:
                    continue
                before[audience] = view_text(view)
                found |= {Fraction(number) for number in NUMBER.findall(before[audience])}
    assert all(number.denominator == 1 for number in found)
    return {int(number) for number in found}


def parts_of(number: int, count: int) -> list[Fraction]:
    """What each of the transactions has given to a figure: its digits to the base of a hundred, from -49 to 50."""
    found = []
    for _ in range(count):
        digit = (number + BASE // 2 - 1) % BASE - BASE // 2 + 1
        found.append(Fraction(digit))
        number = (number - digit) // BASE
    assert number == 0
    return found


def reduced(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """Reduced row echelon form, zero rows left out."""
    rows = [row for row in rows if any(row)]
    done = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((place for place in range(done, len(rows)) if rows[place][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        lead = rows[done][column]
        rows[done] = [each / lead for each in rows[done]]
        for place, row in enumerate(rows):
            if place != done and row[column]:
                factor = row[column]
                rows[place] = [each - factor * base for each, base in zip(row, rows[done], strict=True)]
        done += 1
    return rows[:done]


def known_of_help(
    found: list[Move], audiences: Iterable[str], days: list[date], change: str = "", late: date = date.min
) -> list[set[int]]:
    """The sums of help that follow from all that is published, as sets of transactions that are in each.

    A published figure is a sum of the amounts of transactions. How, is read from its digits: the amount of each
    transaction is ten times a power of a hundred of its own. Of all combinations of figures those are looked for in which
    every other transaction cancels out. What is written `late` is in the books from that day on.
    """
    amounts = [10 * BASE**place for place in range(len(found))]
    first = [(move, amount) for move, amount in zip(found, amounts, strict=True) if not move.late]
    books = [(late, ledger_of(found, amounts, change))]
    if late > date.min:
        books.insert(0, (date.min, ledger_of([move for move, _ in first], [amount for _, amount in first], change)))
    figures = published(books, audiences, days)
    order = sorted(range(len(found)), key=lambda place: found[place].is_help)
    given = [parts_of(figure, len(found)) for figure in sorted(figures)]
    rows = reduced([[row[place] for place in order] for row in given])
    others = sum(1 for move in found if not move.is_help)
    return [{order[place] for place, each in enumerate(row) if each} for row in rows if not any(row[:others])]


READERS = {"members": 5, "public": 10, "members public": 5}
"""Who compares all publications, and how many claims must at least be behind what they find out."""
QUARTERS = [date(2024 + month // 12, month % 12 + 1, 1) for month in range(3, 27, 3)]


@pytest.mark.parametrize("readers", READERS)
@settings(max_examples=500 if LONG else 40)
@given(found=moves(), more=st.lists(DAYS, max_size=3), change=st.sampled_from(CHANGES))
def test_no_sum_of_few_people_follows_from_what_is_published(
    readers: str, found: list[Move], more: list[date], change: str
) -> None:
    """Over all publications together: what can be computed of help is whole quarters, with enough claims in each."""
    safe(found, readers, known_of_help(found, readers.split(), sorted({*QUARTERS, date(2026, 7, 1), *more}), change))


@pytest.mark.parametrize("readers", ["members", "public"])
@settings(max_examples=500 if LONG else 40)
@given(found=moves(), change=st.sampled_from(CHANGES), late=DAYS)
def test_what_is_written_late_tells_nothing_either(readers: str, found: list[Move], change: str, late: date) -> None:
    """The same where entries are added to the books after some publications, with earlier days."""
    safe(found, readers, known_of_help(found, [readers], [*QUARTERS, date(2026, 7, 1)], change, late))


def safe(found: list[Move], readers: str, sums: list[set[int]]) -> None:
    for place, one in enumerate(sums):
        claims = {found[each].claim for each in one} - {None}
        assert len(claims) >= READERS[readers], (one, claims)
        assert all(not one & other for other in sums[:place]), "two known sums overlap: their difference is known too"


def test_transfers_on_the_day_of_grants_tell_nothing_of_them() -> None:
    day = date(2024, 1, 1)
    grants = [Move("aid", day, claim, fee=False) for claim in range(4)]
    transfers = [Move("aid to school", day, None, fee=False) for _ in range(3)]
    for readers in READERS:
        assert known_of_help(grants + transfers, readers.split(), [date(2026, 7, 1)]) == []


def test_a_recoverable_figure_would_be_seen() -> None:
    """Auditors see each grant: the same test tells that every one of them is known."""
    found = [Move("aid", date(2024, 2, day), day, fee=False) for day in range(1, 4)]
    assert known_of_help(found, ["auditors"], [date(2024, 7, 1)]) == [{0}, {1}, {2}]


@settings(max_examples=150 if LONG else 15)
@given(found=moves())
def test_a_published_quarter_stays_as_it_is(found: list[Move]) -> None:
    """What one publication says of help, every later one says too, and nothing is published in smaller parts later."""
    with TemporaryDirectory() as name:
        path = Path(name, "books.beancount")
        path.write_text(ledger_of(found, [1_000 + 97 * place for place in range(len(found))]), encoding="utf-8")
        loaded = load_books(path)
        before: set[str] = set()
        for quarter in range(10):
            day = date(2024 + quarter // 4, quarter % 4 * 3 + 1, 1)
            text = view_text(view_of(loaded, "members", day))
            now = {line for line in text.splitlines() if '"published" "spent"' in line}
            assert before <= now
            spans = [re.findall(r'"(20[^"]*)"', line)[0] + re.findall(r'"spent" "([^"]*)"', line)[0] for line in now]
            assert len(spans) == len(set(spans))
            before = now
