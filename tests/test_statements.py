"""Statements: what they say is what the books say, on paper and in tables, and nothing else is ever written over."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from hashlib import sha256
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pypdf
import pytest
import strategies
from beancount.core import data
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import coopbooks
from coopbooks.books.folder import SUMS, write_folder
from coopbooks.books.loading import load_books
from coopbooks.cli import main
from coopbooks.cooperative import Cooperative
from coopbooks.errors import CoopbooksError, LedgerUnusable, ToolMissing, WriteRefused
from coopbooks.ledgers import path as shipped
from coopbooks.records.people import Member
from coopbooks.reports import statements as module
from coopbooks.reports.comma import cell
from coopbooks.reports.figures import NUMBER, day_said, shown
from coopbooks.reports.paper import Press
from coopbooks.reports.statements import FORMS, statements, words
from coopbooks.reports.year import Year
from coopbooks.rules.worksheet import worksheet_of

GOLDEN = Path(__file__).parent / "golden"
# Closed with a surplus, closed with a loss, closed under American tax law, and still open.
YEARS = [
    ("bakery", "2024", date(2025, 6, 1)),
    ("bakery", "2025", date(2026, 9, 1)),
    ("colab", "2025", date(2026, 3, 1)),
    ("bakery", "2026", date(2026, 9, 1)),
]

BOOK = """
    option "title" "Corner"
    option "operating_currency" "EUR"

    2025-01-01 open Assets:Bank
    2025-01-01 open Income:Sales
    2025-01-01 open Expenses:Wages
    2025-01-01 open Equity:Surplus

    2025-01-01 custom "coop" "bylaw" "surplus"
      patronage: "hours"
      cash: 0.40
    2025-01-01 custom "coop" "allocation" "members"
      step: 1
      to: "members"
      rest: TRUE
    2025-01-01 custom "coop" "member" "ada"
      wages: Expenses:Wages
      capital: Equity:Capital:Ada

    2025-06-30 * "Pay and sales"
      Expenses:Wages     1000.00 EUR
        worker: "ada"
        hours: 100
      Income:Sales      -3000.00 EUR
      Assets:Bank
"""


@cache
def pages(content: bytes) -> tuple[str, ...]:
    """The text of each page, with one space wherever there are any; a file that many tests read is read once."""
    return tuple(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(content)).pages)


@cache
def shipped_coop(name: str) -> Cooperative:
    """A cooperative that is shipped; no test changes its files."""
    return coopbooks.load(shipped(name))


@cache
def shipped_files(name: str, period: str, day: date) -> dict[str, bytes]:
    """All that is made of a shipped cooperative's year: set once for all tests that read it."""
    return statements(shipped_coop(name), period, day).files


def text(content: bytes) -> str:
    return " ".join(pages(content))


def table(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"csv/{name}.csv"].decode())))


class Cell(NamedTuple):
    """A cell of a workbook as the file has it: "s" for a text, "n" for a number; and its formula, where it has one."""

    sort: str
    value: str
    formula: str | None


def sheets(content: bytes) -> dict[str, dict[str, Cell]]:
    """Each sheet's cells by their place ("A1"); a workbook is a zip of XML, and needs no library to be read."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    file = zipfile.ZipFile(io.BytesIO(content))

    def tree(name: str) -> ET.Element:
        return ET.fromstring(file.read(name))  # noqa: S314  # a file that this test made itself

    texts = ["".join(each.itertext()) for each in tree("xl/sharedStrings.xml")]
    found: dict[str, dict[str, Cell]] = {}
    for number, sheet in enumerate(tree("xl/workbook.xml").iter(f"{main}sheet"), start=1):
        cells = found[sheet.attrib["name"]] = {}
        for each in tree(f"xl/worksheets/sheet{number}.xml").iter(f"{main}c"):
            sort, value = each.get("t", "n"), each.findtext(f"{main}v")
            if value is not None:
                text = texts[int(value)] if sort == "s" else value
                cells[each.attrib["r"]] = Cell(sort, text, each.findtext(f"{main}f"))
    return found


def total(rows: list[dict[str, str]], key: str) -> Decimal:
    return sum((Decimal(row[key]) for row in rows if row[key]), Decimal(0))


def printed(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace("-", "−")


def holds(coop: Cooperative, account: str, day: date) -> Decimal:
    """What an account holds at a day's end, by the facts; credits are positive."""
    return -coop.facts.balance(account, day)


@pytest.fixture(scope="module", params=YEARS, ids=lambda year: f"{year[0]}-{year[1]}")
def made(request: pytest.FixtureRequest) -> tuple[Cooperative, str, date, dict[str, bytes]]:
    name, period, day = request.param
    return shipped_coop(name), period, day, shipped_files(name, period, day)


@pytest.fixture(scope="module")
def bakery() -> dict[str, bytes]:
    return shipped_files(*YEARS[0])


# -- what they say is what the books say -----------------------------------------------------------------------------


def test_every_part_is_the_surplus_own(made: tuple[Cooperative, str, date, dict[str, bytes]]) -> None:
    """Each member's page has the part, its share and what becomes of it; together they are what the steps gave."""
    coop, period, day, files = made
    surplus = coop.surplus(period, as_of=day)
    for part in surplus.members:
        page = text(files[f"members/{part.member}.pdf"])
        for amount in (part.amount, part.cash, part.retained, part.declined):
            if Decimal(amount):
                assert f"{abs(Decimal(amount)):,.2f}" in page, (part, amount)
    given = sum(Decimal(step.amount) for step in surplus.steps if step.to == "members")
    assert total(table(files, "parts"), "amount") == given
    assert sum(Decimal(part.amount) for part in surplus.members) == given


def test_every_balance_is_the_ledger_own(made: tuple[Cooperative, str, date, dict[str, bytes]]) -> None:
    """The last line of each capital account, read from the page, is what the account holds in the books."""
    coop, period, _, files = made
    ends = date.fromisoformat(coop.surplus(period).ends)
    members = [record for record in coop.facts.records if isinstance(record, Member) and record.capital]
    capitals = {record.id: str(record.capital) for record in members}
    rows = table(files, "capital")
    for row in rows:
        held = holds(coop, capitals[row["member"]], ends)
        assert Decimal(row["balance"]) == held
        page = text(files[f"members/{row['member']}.pdf"])
        assert re.search(rf"= (on 31 December {period}|as the books stand) {re.escape(printed(held))}", page)
        assert Decimal(row["balance"]) == (
            Decimal(row["opening"]) + Decimal(row["credited"]) + Decimal(row["interest"])
            - Decimal(row["losses"]) - Decimal(row["redeemed"])
        )  # fmt: skip
    assert total(rows, "balance") == total(table(files, "vintages"), "amount")
    assert total(rows, "balance") == sum(holds(coop, capital, ends) for capital in set(capitals.values()))


def test_equity_is_what_is_owned_less_what_is_owed(made: tuple[Cooperative, str, date, dict[str, bytes]]) -> None:
    """NY Cooperative Corporations Law s. 93, with net book value taken from assets and liabilities themselves."""
    coop, period, _, files = made
    ends = date.fromisoformat(coop.surplus(period).ends)
    said = words()["lines"]
    rows = table(files, "equity")
    checks = {row["line"]: Decimal(row["balance"]) for row in rows if row["line"] in said.values()}
    lines = [row for row in rows if row["line"] not in said.values()]
    assert coop.path is not None
    net = sum(
        posting.units.number or Decimal(0)
        for entry in load_books(coop.path).entries
        if isinstance(entry, data.Transaction) and entry.date <= ends
        for posting in entry.postings
        if posting.units is not None and posting.account.startswith(("Assets:", "Liabilities:"))
    )
    assert checks[said["net_book_value"]] == net
    assert checks[said["accounted"]] == total(lines, "balance") == net
    assert checks[said["difference"]] == 0


def test_steps_and_what_is_left_are_all_that_there_was(
    made: tuple[Cooperative, str, date, dict[str, bytes]],
) -> None:
    coop, period, day, files = made
    surplus = coop.surplus(period, as_of=day)
    steps = table(files, "allocation")
    nonmember = sum(Decimal(step["amount"]) for step in steps if step["id"] == "nonmember")
    assert total(steps, "amount") + Decimal(surplus.unallocated or 0) == Decimal(surplus.base or 0) + nonmember
    page = text(files["year.pdf"])
    for step in steps:
        assert printed(Decimal(step["amount"])) in page
        assert f"Rule: {step['rule']}" in page
    assert "not closed yet" not in page
    for step in steps:
        assert f"Vote: {step['decision']}" in page


def test_roundings_add_up_to_nothing() -> None:
    """Exact sums in fractions: the parts of a step are its exact shares, each moved by less than one unit."""
    for name, period, _ in YEARS:
        coop = shipped_coop(name)
        rows = worksheet_of(coop._years, coop._years.of(period))
        assert rows
        assert sum((row.amount - row.exact for row in rows), Fraction(0)) == 0
        assert all(abs(row.amount - row.exact) < 1 for row in rows)
        assert sum((row.share for row in rows), Fraction(0)) == len({row.step for row in rows})
        for row in coop.worksheet(period).rows:
            assert Decimal(row.exact) + Decimal(row.rounding) == Decimal(row.amount)


def test_what_was_paid_is_on_the_page(bakery: dict[str, bytes]) -> None:
    """2024 was paid on 14 March 2025; the day before, the page says that it is owed."""
    assert "Paid on 14 March 2025 (812.53 EUR)." in text(bakery["members/ada.pdf"])
    before = statements(shipped_coop("bakery"), "2024", date(2025, 3, 13), ["pdf"]).files
    assert "The bylaws set no last day for it." in text(before["members/ada.pdf"])
    assert "Paid on" not in text(before["members/ada.pdf"])


def test_a_written_notice_says_what_the_notice_says() -> None:
    coop = shipped_coop("colab")
    files = shipped_files("colab", "2025", date(2026, 3, 1))
    notices = coop.notices("2025").rows
    assert notices
    for notice in notices:
        page = text(files[f"members/{notice.member}.pdf"])
        assert "Qualified written notice of allocation" in page
        assert "15 September 2026" in page
        assert f"{Decimal(notice.dividend):,.2f} USD" in page
    assert "written notice" not in text(statements(coop, "2026", date(2026, 3, 1), ["pdf"]).files["members/ana.pdf"])


def test_a_nonqualified_notice_has_its_own_words(coop: Callable[..., Cooperative]) -> None:
    """2,000 of surplus, 800 in money, 1,200 by the notice; the close is what the library prints."""
    book = BOOK.replace("cash: 0.40", 'cash: 0.40\n      notice: "nonqualified"').replace("EUR", "USD")
    closed = coop(book).close("2025").transaction
    assert closed
    files = statements(coop(dedent(book) + closed), "2025", date(2026, 2, 1), ["pdf"]).files
    page = text(files["members/ada.pdf"]).replace("\xa0", " ")
    assert "Nonqualified written notice of allocation" in page
    assert "800.00 USD (40 %) is paid in money by 15 September 2026, and 1,200.00 USD is allocated to you" in page
    assert "only when it is redeemed (26 USC 1385(c), 1388(d))" in page


def test_debts_and_the_queue_are_in_the_year(made: tuple[Cooperative, str, date, dict[str, bytes]]) -> None:
    coop, _, day, files = made
    page = text(files["year.pdf"])
    for debt in coop.debts(day).rows:
        assert f"{Decimal(debt.balance):,.2f}" in page
        if Decimal(debt.balance):
            own = text(files[f"members/{debt.member}.pdf"])
            assert f"still owed on {day_said(day)} {Decimal(debt.balance):,.2f}" in own
    queue = table(files, "queue")
    assert [(row["member"], row["amount"]) for row in queue] == [
        (row.member, row.amount) for row in coop.queue(day).rows
    ]


@pytest.mark.parametrize("golden", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_pages_read_as_they_should(golden: Path) -> None:
    """Whole pages, their figures those of the ledgers' goldens; the digest is left out, which any comment changes."""
    name, period, member = golden.stem.split("-")
    day = next(day for ledger, year, day in YEARS if (ledger, year) == (name, period))
    data_of = module.member_data(Year(shipped_coop(name), period, day), member)
    found = re.sub("[0-9a-f]{64}", "DIGEST", text(Press().pdf("member.typ", data_of)))
    assert found.split() == golden.read_text(encoding="utf-8").split()


@given(strategies.books())
def test_of_any_cooperative_the_statements_add_up(one: strategies.Books) -> None:
    """Whatever the books: every page can be set, and what it says of money adds up to what the rules placed."""
    coop = strategies.cooperative(one)
    for period in coop.periods():
        try:
            surplus = coop.surplus(period, as_of=date(2026, 12, 31))
            forms = FORMS if period == coop.periods()[-1] else ["csv"]
            files = statements(coop, period, date(2026, 12, 31), forms).files
        except CoopbooksError:
            continue  # a year that the rules cannot place; test_broken.py has the sentences
        steps = [step for step in surplus.steps if step.to in ("members", "workers")]
        assert total(table(files, "parts"), "amount") == sum(Decimal(step.amount) for step in steps)
        assert total(table(files, "worksheet"), "amount") == total(table(files, "parts"), "amount")
        assert total(table(files, "allocation"), "amount") == sum(Decimal(step.amount) for step in surplus.steps)
        assert total(table(files, "capital"), "balance") == total(table(files, "vintages"), "amount")
        pages_of = {f"members/{part.member}.pdf" for part in surplus.members}
        assert pages_of <= set(files) or forms == ["csv"]


# -- each page -------------------------------------------------------------------------------------------------------


def test_every_page_says_of_what_and_when_it_is(made: tuple[Cooperative, str, date, dict[str, bytes]]) -> None:
    coop, period, day, files = made
    forecast = coop.surplus(period, as_of=day).forecast
    for name, content in files.items():
        if not name.endswith(".pdf"):
            continue
        every = pages(content)
        for number, page in enumerate(every, start=1):
            assert coop.title in page
            assert f"Fiscal year {period}, 1 January {period} to 31 December {period}." in page
            assert f"As of {day_said(day)}." in page
            assert f"page {number} of {len(every)}" in page
            assert str(coop.ledger_sha256) in page
            assert ("FORECAST" in page) == forecast


def test_pages_can_be_read_aloud(bakery: dict[str, bytes]) -> None:
    """Tagged, with a language and a title, as PDF/UA asks; and with no date, so that a copy has the same bytes."""
    for name in ("year.pdf", "members/ada.pdf"):
        reader = pypdf.PdfReader(io.BytesIO(bakery[name]))
        root: Any = reader.root_object
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"] == "en"
        assert "/StructTreeRoot" in root
        assert reader.metadata is not None
        assert reader.metadata.title
        assert reader.metadata.author == "Sunrise Street Bakery"
        assert reader.metadata.creation_date is None
        assert b"pdfuaid" in bakery[name]


def test_only_bundled_fonts_are_used(bakery: dict[str, bytes]) -> None:
    resources: list[Any] = [page["/Resources"] for page in pypdf.PdfReader(io.BytesIO(bakery["year.pdf"])).pages]
    every = [font.get_object() for resource in resources for font in resource["/Font"].values()]
    fonts = {str(font["/BaseFont"]).partition("+")[2] for font in every}
    assert all(font.startswith(("LibertinusSerif", "DejaVuSansMono")) for font in fonts), fonts


def test_a_member_page_names_no_other_member(bakery: dict[str, bytes]) -> None:
    people = {name[8:-4] for name in bakery if name.startswith("members/")}
    assert len(people) == 8
    for person in people:
        found = set(re.findall(r"[a-z]+", text(bakery[f"members/{person}.pdf"])))
        assert found & people == {person}


def test_the_same_ledger_gives_the_same_bytes(tmp_path: Path) -> None:
    """From two copies in two folders; another as-of day gives others."""

    def made_in(place: str, day: date) -> dict[str, bytes]:
        shutil.copytree(shipped("colab").parent, tmp_path / place)
        return statements(coopbooks.load(tmp_path / place / "main.beancount"), "2025", day).files

    one, other = made_in("one", date(2026, 3, 1)), made_in("two/deeper", date(2026, 3, 1))
    assert one == other
    assert "csv/1099-patr.csv" in one
    later = made_in("three", date(2026, 3, 2))
    assert later["year.pdf"] != one["year.pdf"]
    assert later["year.xlsx"] != one["year.xlsx"]


# -- text of a ledger ------------------------------------------------------------------------------------------------

HOSTILE = "#panic() $x^2$ *bold* _it_ [c] <lbl> @ref `raw` // -- ~ https://x.y & \\u{41} ☃ שלום مرحبا"


def test_text_of_a_ledger_is_never_run(coop: Callable[..., Cooperative]) -> None:
    """Names, titles and laws come out as they are, whatever they would mean to the program that sets the page."""
    named = HOSTILE.replace("\\", "\\\\")
    book = BOOK.replace('"Corner"', f'"{named}"').replace('"hours"', f'"hours"\n      law: "{named}"')
    files = statements(
        coop(book.replace("capital:", f'name: "{named}"\n      capital:')), "2025", date(2026, 2, 1)
    ).files
    for name in ("members/ada.pdf", "year.pdf"):
        page = text(files[name])
        for word in HOSTILE.split():
            # Right to left, a reader of the PDF may hand over the letters either way round.
            assert word in page or word[::-1] in page, (name, word)
    reader = pypdf.PdfReader(io.BytesIO(files["members/ada.pdf"]))
    assert reader.metadata is not None
    assert reader.metadata.author == HOSTILE


def test_what_would_turn_others_round_is_shown_as_an_escape(coop: Callable[..., Cooperative]) -> None:
    files = statements(coop(BOOK.replace('"Corner"', '"99.5\u202e00.1\u2066"')), "2025", date(2026, 2, 1)).files
    assert "99.5\\u202e00.1\\u2066" in text(files["year.pdf"])


def test_a_sign_that_no_font_has_is_shown_by_its_number(ledger: Callable[..., Path], tmp_path: Path) -> None:
    """And the warning says how to get it; the tables have it in any case."""
    path = ledger(BOOK.replace('"Corner"', '"Bread 🍞 日"'))
    found = statements(coopbooks.load(path), "2025", date(2026, 2, 1))
    assert found.without_a_glyph == ("日", "🍞")
    assert "Bread [U+1F35E] [U+65E5]" in text(found.files["year.pdf"])
    assert "Bread 🍞 日" in found.files["csv/about.csv"].decode()
    ran = run(path, "-o", tmp_path / "out")
    assert "no font here has a sign for 日 🍞" in ran.stderr
    assert "--fonts" in ran.stderr


@cache
def _press() -> Press:
    return Press()


@cache
def _year() -> Year:
    return Year(shipped_coop("colab"), "2025", date(2026, 3, 1))


@given(st.text(max_size=30))
def test_any_text_can_be_set(hostile: str) -> None:
    """Whatever somebody is called, in whatever script, marks on nothing and signs of no script among them."""
    data = module.member_data(_year(), "ana")
    data["member"]["name"] = data["about"]["title"] = shown(hostile) or "ana"
    made_of = text(_press().pdf("member.typ", data))
    assert "MEMBER STATEMENT 2025" in made_of
    assert all(len(each) == 1 for each in _press().missing)


def test_other_fonts_are_used_only_where_they_are_needed(tmp_path: Path) -> None:
    coop = shipped_coop("colab")
    with_fonts = statements(coop, "2025", date(2026, 3, 1), ["pdf"], [tmp_path])
    assert with_fonts == statements(coop, "2025", date(2026, 3, 1), ["pdf"])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r="])
def test_no_cell_becomes_a_formula(coop: Callable[..., Cooperative], start: str) -> None:
    evil = f"{start}SUM(A1)"
    book = BOOK.replace('"hours"', f'"hours"\n      law: "{evil}"').replace(
        '"members"', f'"members"\n      law: "{evil}"', 1
    )
    files = statements(coop(book), "2025", date(2026, 2, 1), ["xlsx", "csv"]).files
    law = table(files, "allocation")[0]["law"]
    assert law.startswith("'") or law.lstrip() == law == "", law
    cells = [each for sheet in sheets(files["year.xlsx"]).values() for each in sheet.values()]
    assert not [each for each in cells if each.formula is not None]
    assert {each.sort for each in cells if "SUM(A1)" in each.value} == {"s"}


@given(st.text())
def test_a_text_cell_never_begins_like_a_formula(value: str) -> None:
    found = cell(value)
    assert NUMBER.fullmatch(found) or not found.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert "\r" not in found


def test_numbers_stay_numbers() -> None:
    """A loss is a number below zero in the workbook, with all its digits, and plain in the CSV."""
    files = shipped_files("bakery", "2025", date(2026, 9, 1))
    book = sheets(files["year.xlsx"])
    parts = book["parts"]
    (column,) = (place[0] for place, each in parts.items() if each.value == "amount")
    assert parts[f"{column}2"] == Cell("n", "-705.26", None)
    assert parts["A9"].value == "all"
    assert parts[f"{column}9"] == Cell("n", "-4106.69", None)
    assert table(files, "parts")[0]["amount"] == "-705.26"
    (due,) = (place[0] for place, each in book["vintages"].items() if each.value == "to be paid back")
    assert book["vintages"][f"{due}2"] == Cell("n", str((date(2031, 12, 31) - date(1899, 12, 30)).days), None)
    assert {f"csv/{name}.csv" for name in book} == {name for name in files if name.startswith("csv/")}


def test_a_number_longer_than_a_spreadsheet_holds_is_a_text(coop: Callable[..., Cooperative]) -> None:
    book = BOOK.replace("-3000.00", "-12345678901234567.89")
    files = statements(coop(book), "2025", date(2026, 2, 1), ["xlsx", "pdf"]).files
    assert sheets(files["year.xlsx"])["surplus"]["B2"] == Cell("s", "12345678901233567.89", None)
    assert "12,345,678,901,233,567.89" in text(files["year.pdf"])


# -- years of every sort ---------------------------------------------------------------------------------------------


def test_one_member_and_no_bylaw_on_capital(coop: Callable[..., Cooperative]) -> None:
    """3,000 less 1,000 of pay leave 2,000; 40 % of it is 800 in money, 1,200 stay."""
    files = statements(coop(BOOK), "2025", date(2026, 2, 1)).files
    page = text(files["members/ada.pdf"])
    assert "Your share 100 % of all Your part 2,000.00 EUR" in page.replace("\xa0", " ")
    assert "In money Owed to you once the year is closed. 800.00 EUR" in page.replace("\xa0", " ")
    assert "1,200.00 EUR of this year is not booked yet" in page.replace("\xa0", " ")
    assert "Difference" not in text(files["year.pdf"])
    assert "The year is over and not closed yet" in text(files["year.pdf"])


def test_a_cooperative_without_members(coop: Callable[..., Cooperative]) -> None:
    book = BOOK[: BOOK.index('    2025-01-01 custom "coop" "member"')].replace('to: "members"', 'to: "Equity:Reserve"')
    files = statements(
        coop(book + BOOK[BOOK.index("    2025-06-30") :].replace("worker:", "note:")), "2025", date(2026, 2, 1)
    ).files
    assert not [name for name in files if name.startswith("members/")]
    page = text(files["year.pdf"])
    assert "No member has a part of this year." in page
    assert "No member has a capital account." in page


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("wages", "You earned 1,000.00 EUR All together earned 1,000.00 EUR"),
        ("equal", "You count for 1 equal parts All together 1 equal parts"),
        ("weighted", "Your points 100 points The points of all 100 points"),
    ],
)
def test_each_way_of_sharing_has_its_words(coop: Callable[..., Cooperative], by: str, said: str) -> None:
    weights = '\n      weights: "hours:1"' if by == "weighted" else ""
    files = statements(coop(BOOK.replace('"hours"', f'"{by}"{weights}')), "2025", date(2026, 2, 1), ["pdf"]).files
    assert said in text(files["members/ada.pdf"])


def test_several_ways_of_sharing_are_shown_as_a_table(coop: Callable[..., Cooperative]) -> None:
    """Half of 2,000 to members by hours, the rest to everyone who works: all in money."""
    book = BOOK.replace("rest: TRUE", "share: 0.5").replace(
        '    2025-01-01 custom "coop" "member"',
        '    2025-01-01 custom "coop" "allocation" "all"\n      step: 2\n      to: "workers"\n      by: "wages"\n      rest: TRUE\n'
        '    2025-01-01 custom "coop" "member"',
    )
    files = statements(coop(book), "2025", date(2026, 2, 1), ["pdf"]).files
    page = text(files["members/ada.pdf"]).replace("\xa0", " ")
    assert "How your part was found" in page
    assert "your part of that is 2,000.00 EUR." in page
    assert "1,400.00 EUR" in page


def test_a_year_that_only_covers_earlier_losses(coop: Callable[..., Cooperative]) -> None:
    """2024 loses 5,000 that nobody bears; the 2,000 of 2025 go there."""
    before = """
    2024-12-01 * "A bad year"
      Expenses:Wages     5000.00 EUR
        pay: "none"
      Assets:Bank
    """
    book = (BOOK + before).replace("2025-01-01", "2024-01-01")
    coop_of = coop(book)
    files = statements(coop_of, "2025", date(2026, 2, 1), ["pdf"]).files
    assert "goes to losses of earlier years, and nothing is left to be placed" in text(files["members/ada.pdf"])
    loss = text(statements(coop_of, "2024", date(2026, 2, 1), ["pdf"]).files["members/ada.pdf"]).replace("\xa0", " ")
    assert "The year made a loss of 5,000.00 EUR." in loss
    assert "The bylaws put none of it on the members." in loss


def test_statements_of_a_forecast_say_so_and_give_no_notice() -> None:
    files = shipped_files("bakery", "2026", date(2026, 9, 1))
    assert "This is a forecast: nothing is owed before the year is closed." in text(files["members/ada.pdf"])
    assert "FORECAST: the year is still open" in text(files["year.pdf"])


def test_a_leaver_with_a_debt_gets_a_statement_in_later_years() -> None:
    year = Year(shipped_coop("bakery"), "2025", date(2026, 1, 15))
    assert "lou" in year.members()
    assert year.left["lou"] == "1 October 2024"


def test_a_leaver_is_not_told_the_day_of_a_vintage_that_became_a_debt() -> None:
    """Dmitri left on 2025-09-01: from then on his vintage of 2024 is paid by instalments, no longer on its own day."""
    coop = shipped_coop("bakery")
    before, after = (
        " ".join(text(statements(coop, "2024", day, ["pdf"]).files["members/dmitri.pdf"]).split())
        for day in (date(2025, 6, 1), date(2026, 6, 1))
    )
    assert "Your vintage of 2024, to be paid back on 31 December 2031." in before
    assert "2024 1,225.44 31 December 2031" in before
    assert "Your vintage of 2024: since you left it is part of what the cooperative owes you." in after
    assert "2024 1,225.44 Buyin 1,000.00" in after
    assert "31 December 2031" not in after


def test_a_step_that_stopped_says_so_to_each_member() -> None:
    """A fifth of 30,714.98 would be 6,143.00: the reserve's limit let only 5,700.00 in."""
    files = shipped_files("bakery", "2024", date(2025, 6, 1))
    assert "20 % the surplus, limit reached 5,700.00" in " ".join(text(files["members/ada.pdf"]).split())


# -- the digest ------------------------------------------------------------------------------------------------------


def test_the_digest_is_what_sha256sum_gives(tmp_path: Path) -> None:
    """`sha256sum FILES | LC_ALL=C sort | sha256sum`, in any folder; one byte in an included file changes it."""
    copy = tmp_path / "books"
    shutil.copytree(shipped("bakery").parent, copy)
    names = sorted(copy.glob("*.beancount"))
    lines = sorted(f"{sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in names)
    coop = coopbooks.load(copy / "main.beancount")
    assert len(lines) == 12
    assert coop.ledger_sha256 == sha256("".join(lines).encode()).hexdigest()
    assert coop.ledger_sha256 == coopbooks.load(shipped("bakery")).ledger_sha256
    with (copy / "people.beancount").open("a") as file:
        file.write(" ")
    assert coopbooks.load(copy / "main.beancount").ledger_sha256 != coop.ledger_sha256


def test_a_file_that_is_gone_has_no_digest(ledger: Callable[..., Path]) -> None:
    path = ledger(BOOK)
    coop = coopbooks.load(path)
    path.unlink()
    with pytest.raises(LedgerUnusable, match=r"main\.beancount cannot be read any more"):
        _ = coop.ledger_sha256
    assert Cooperative.of(coop.facts).ledger_sha256 is None


# -- writing ---------------------------------------------------------------------------------------------------------

FILES = {"year.pdf": b"one", "members/ada.pdf": b"two"}


def standing(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_written_once(tmp_path: Path) -> None:
    target = tmp_path / "a" / "2025"
    assert write_folder(target, FILES)
    stands = standing(target)
    assert {name: stands[name] for name in FILES} == FILES
    assert stands[SUMS].decode().splitlines() == [
        f"{sha256(FILES[name]).hexdigest()}  {name}" for name in sorted(FILES)
    ]
    assert not write_folder(target, FILES)
    assert sorted(path.name for path in target.parent.iterdir()) == ["2025"]


def test_what_differs_is_replaced_only_when_told(tmp_path: Path) -> None:
    target = tmp_path / "2025"
    write_folder(target, FILES)
    before = standing(target)
    with pytest.raises(WriteRefused, match="say --replace"):
        write_folder(target, {"year.pdf": b"new"})
    assert standing(target) == before
    assert write_folder(target, {"year.pdf": b"new"}, replace=True)
    assert set(standing(target)) == {"year.pdf", SUMS}


def test_what_was_not_made_here_is_never_touched(tmp_path: Path) -> None:
    target = tmp_path / "2025"
    write_folder(target, FILES)
    for name, content, said in (
        ("notes.txt", b"mine", "notes.txt in it was not made by coopbooks"),
        ("year.pdf", b"signed", "year.pdf in it was changed since"),
    ):
        kept = standing(target)
        (target / name).write_bytes(content)
        with pytest.raises(WriteRefused, match=said):
            write_folder(target, {"year.pdf": b"new"}, replace=True)
        assert (target / name).read_bytes() == content
        shutil.rmtree(target)
        write_folder(target, FILES)
        assert standing(target) == kept
    (target / "link.pdf").symlink_to(target / "year.pdf")
    with pytest.raises(WriteRefused, match=r"link.pdf in it was not made by coopbooks"):
        write_folder(target, {"year.pdf": b"new"}, replace=True)
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(WriteRefused, match="this is no folder"):
        write_folder(file, FILES, replace=True)
    assert file.read_text() == "mine"


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_disk_that_refuses_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    target = tmp_path / "2025"
    write_folder(target, FILES)
    before = standing(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def no_rename(self: Path, to: Path) -> Path:
        if self.name.endswith("-new"):
            full()
        return self.replace(to)

    if call == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "rename", no_rename)
    with pytest.raises(WriteRefused, match="No space left on device"):
        write_folder(target, {"year.pdf": b"new"}, replace=True)
    assert standing(tmp_path) == before


def test_a_killed_call_is_made_good(tmp_path: Path) -> None:
    """Killed between its two renames, it leaves the old folder beside its place, and half a new one before."""
    target = tmp_path / "2025"
    write_folder(target, FILES)
    target.rename(tmp_path / ".2025.coopbooks-old")
    (tmp_path / ".2025.coopbooks-new").mkdir()
    assert not write_folder(target, FILES)
    assert set(standing(target)) == {*FILES, SUMS}
    assert write_folder(target, {"year.pdf": b"new"}, replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["2025"]


# -- the command -----------------------------------------------------------------------------------------------------


def run(ledger: object, *more: object, period: str = "2025") -> Result:
    """`coopbooks statements`, in this process, as of a day after the year."""
    day = () if "--as-of" in more else ("--as-of", "2026-02-01")
    return CliRunner().invoke(main, ["statements", str(ledger), period, *map(str, (*more, *day))])


def test_the_command_writes_and_lists(ledger: Callable[..., Path], tmp_path: Path) -> None:
    path, out = ledger(BOOK), tmp_path / "out"
    ran = run(path, "-o", out)
    assert ran.exit_code == 0
    assert "written, as of 2026-02-01." in ran.stdout
    listed = dict(line.split(None, 1) for line in ran.stdout.splitlines()[1:6])
    folder = out / "2025"
    members, tables = (len(list((folder / name).iterdir())) for name in ("members", "csv"))
    assert listed == {
        "year.pdf": "the statement of the year",
        "members/": "1 statement of a member" if members == 1 else f"{members} statements of members",
        "year.xlsx": "the tables of the year as a workbook",
        "csv/": f"{tables} tables, a file each",
        "SHA256SUMS": "the digest of each of these files",
    }
    again = run(path, "-o", out, "--format", "json")
    rows: list[dict[str, Any]] = json.loads(again.stdout)
    assert {row["file"] for row in rows} == set(standing(out / "2025")) - {SUMS}
    assert not any(row["written"] for row in rows)
    for row in rows:
        assert sha256((out / "2025" / row["file"]).read_bytes()).hexdigest() == row["sha256"]
    later = run(path, "-o", out, "--as-of", "2026-02-02")
    assert later.exit_code == 2
    assert later.stderr.count("\n") == 1
    assert "--replace" in later.stderr
    assert run(path, "-o", out, "--as-of", "2026-02-02", "--replace", "--only", "csv").exit_code == 0
    assert {name.partition("/")[0] for name in standing(out / "2025")} == {"csv", SUMS}


def test_books_that_break_a_rule_are_stated_with_a_warning(ledger: Callable[..., Path], tmp_path: Path) -> None:
    good = run(ledger(BOOK), "-o", tmp_path / "good", "--only", "csv")
    assert (good.exit_code, good.stderr) == (0, "")
    path = ledger(BOOK + '\n    2025-06-01 custom "coop" "exit" "nobody"\n')
    ran = run(path, "-o", tmp_path / "bad", "--only", "csv")
    assert ran.exit_code == 0
    assert ran.stderr == (
        f"warning: these books have 1 error, and the statements follow them as they stand: `coopbooks check {path}`\n"
    )


def test_the_command_refuses_in_one_line(ledger: Callable[..., Path], tmp_path: Path) -> None:
    path = ledger(BOOK)
    for period, said in (("2025-03", 'write it as "2025"'), ("../x", "is no period"), ("2031", "nothing in the books")):
        ran = run(path, "-o", tmp_path / "out", period=period)
        assert ran.exit_code == 2
        assert said in ran.stderr
        assert ran.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_ledger_without_records_has_nothing_to_state(ledger: Callable[..., Path], tmp_path: Path) -> None:
    ran = run(ledger("2025-01-01 open Assets:Bank\n"), "-o", tmp_path / "out", "--format", "json")
    assert (ran.exit_code, json.loads(ran.stdout)) == (0, [])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("gone", "named"),
    [("typst", "typst is"), ("vl_convert", "vl-convert-python is"), ("xlsxwriter", "XlsxWriter is")],
)
def test_what_is_not_installed_is_named_with_its_cure(
    coop: Callable[..., Cooperative], monkeypatch: pytest.MonkeyPatch, gone: str, named: str
) -> None:
    """Nothing is made by halves: who wants the tables alone says so."""
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == gone else object())
    with pytest.raises(ToolMissing) as refused:
        statements(coop(BOOK), "2025", date(2026, 2, 1))
    assert str(refused.value).startswith(named)
    assert 'pip install "coopbooks[pdf,xlsx]"' in str(refused.value)
    assert set(statements(coop(BOOK), "2025", date(2026, 2, 1), ["csv"]).files) >= {"csv/about.csv"}


def test_every_column_and_table_has_its_words(bakery: dict[str, bytes]) -> None:
    told = words()
    for name, content in bakery.items():
        if name.startswith("csv/") and name != "csv/about.csv":
            own = told["tables"][Path(name).stem]
            assert own["title"]
            for key in next(csv.reader(io.StringIO(content.decode()))):
                assert key in told["heads"] | own.get("heads", {})
