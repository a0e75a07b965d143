"""The entries of a published ledger as a page shows them, worked out by hand: sheets, the journal, and where links lead."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from coopbooks.books.loading import Books, load_books
from coopbooks.bylaws import Bylaws
from coopbooks.publish.fragments import ids_in, lowered, references_in, with_prefix
from coopbooks.publish.journal import Journal, entries_of
from coopbooks.publish.page_links import PageLinks

FILE = "members.beancount"
LEDGER: str = """\
option "operating_currency" "EUR"
2025-01-01 open Assets:Other
2025-01-01 open Equity:Funds
2025-01-01 open Equity:Funds:Aid:Small
2025-01-01 open Equity:Funds:Trip
2025-01-01 open Income:Other
2025-01-01 custom "coop" "rate" "house"
  value: 0.02
2025-03-05 * "later"
  Income:Other  -7.00 EUR
  Assets:Other  7.00 EUR
2025-01-10 * "a gift" #coop-close #aside
  decision: "D-1"
  amends: TRUE
  Equity:Funds:Aid:Small  -1000.50 EUR
    share: 0.10
    in-kind: FALSE
  Assets:Other  1000.50 EUR
2025-01-12 * "two"
  Equity:Funds:Trip  -3.00 EUR
  Equity:Funds:Trip  -4 USD
  Assets:Other  3.00 EUR
  Assets:Other  4 USD
2025-01-12 * "back"
  Equity:Funds:Trip  1.00 EUR
  Equity:Funds:Aid:Small  2.00 EUR
  Assets:Other  -3.00 EUR
"""


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    path = tmp_path_factory.mktemp("journal") / FILE
    path.write_text(LEDGER, encoding="utf-8")
    return load_books(path)


def journal(books: Books, lines_max: int = 100) -> Journal:
    return Journal(entries_of(books.entries, FILE), "EUR", lines_max)


def line_of(text: str) -> int:
    return LEDGER.split("\n").index(text) + 1


def test_an_entry_has_its_tags_and_fields_as_text(books: Books) -> None:
    first, *_ = journal(books).entries
    assert (first.date, first.line, first.narration) == (
        date(2025, 1, 10),
        line_of('2025-01-10 * "a gift" #coop-close #aside'),
        "a gift",
    )
    assert first.fields == (("", "#aside"), ("", "#coop-close"), ("decision", "D-1"), ("amends", "yes"))
    assert first.postings[0].fields == (("share", "0.10"), ("in-kind", "no"))
    assert first.postings[1].fields == ()
    assert (first.month, first.day_said, first.day_brief) == ("2025-01", "10 January 2025", "10 Jan 2025")


def test_entries_are_in_the_order_of_days_and_of_one_day_in_that_of_the_file(books: Books) -> None:
    found = journal(books)
    assert [each.narration for each in found.entries] == ["a gift", "two", "back", "later"]
    assert entries_of(reversed(books.entries), FILE) == found.entries
    assert [(month.said, [each.narration for each in month.entries]) for month in found.months] == [
        ("March 2025", ["later"]),
        ("January 2025", ["a gift", "two", "back"]),
    ]
    assert [month.id for month in found.months] == ["month-2025-03", "month-2025-01"]
    assert found.folded_said is None


def test_a_sheet_counts_as_its_account_does(books: Books) -> None:
    """A credit adds to a fund; each line says what stood against it and what the account came to."""
    sheet = journal(books).sheets[2]
    assert (sheet.account, sheet.id, sheet.credited, sheet.postings) == (
        "Equity:Funds:Trip",
        "account-Equity:Funds:Trip",
        True,
        3,
    )
    assert [(line.said, line.what, line.against, line.amount, line.balance) for line in sheet.lines] == [
        ("12 Jan 2025", "two", ("Assets:Other",), "3.00", "3.00"),
        ("12 Jan 2025", "two", ("Assets:Other",), "4 USD", "3.00, 4 USD"),
        ("12 Jan 2025", "back", ("Equity:Funds:Aid:Small", "Assets:Other"), "\u22121.00", "2.00, 4 USD"),
    ]
    assert [line.id for line in sheet.lines] == ["postings-Equity:Funds:Trip:2025-01", None, None]
    assert sheet.balance == "2.00, 4 USD"
    assert [(each.account, each.credited, each.balance) for each in journal(books).sheets] == [
        ("Assets:Other", False, "1,007.50, 4 USD"),
        ("Equity:Funds:Aid:Small", True, "998.50"),
        ("Equity:Funds:Trip", True, "2.00, 4 USD"),
        ("Income:Other", True, "7.00"),
    ]


def test_an_account_above_has_its_id_at_the_first_sheet_below_it(books: Books) -> None:
    assert [each.ids for each in journal(books).sheets] == [
        ("account-Assets",),
        ("account-Equity", "account-Equity:Funds", "account-Equity:Funds:Aid"),
        (),
        ("account-Income",),
    ]


def test_a_month_that_is_too_much_is_one_line_a_currency(books: Books) -> None:
    """The newest month has two postings, January nine: with room for ten in all, January is added up."""
    assert journal(books, 11).folded == frozenset()
    folded = journal(books, 10)
    assert (set(folded.folded), folded.folded_said) == ({"2025-01"}, "January 2025")
    assert [month.name for month in folded.months] == ["2025-03"]
    lines = folded.sheets[0].lines
    assert [(line.id, line.said, line.what, line.amount, line.balance, line.entry is None) for line in lines] == [
        ("postings-Assets:Other:2025-01", "January 2025", "4 postings, added up", "1,000.50", "1,000.50", True),
        (None, "January 2025", "4 postings, added up", "4 USD", "1,000.50, 4 USD", True),
        ("postings-Assets:Other:2025-03", "5 Mar 2025", "later", "7.00", "1,007.50, 4 USD", False),
    ]
    assert journal(books, 1).folded == {"2025-01", "2025-03"}
    assert journal(books, 1).folded_said == "March 2025"
    assert [line.what for line in journal(books, 1).sheets[3].lines] == ["1 posting"]


def test_what_comes_to_nothing_stands_at_zero(books: Books) -> None:
    (first, *_) = journal(books).entries
    back = first._replace(postings=tuple(each._replace(number=-each.number) for each in first.postings))
    found = Journal((first, back), "EUR")
    assert [line.balance for line in found.sheets[0].lines] == ["1,000.50", "0.00"]
    dollars = Journal((first, back), "USD")
    assert [line.balance for line in dollars.sheets[0].lines] == ["1,000.50 EUR", "0"]
    assert found.money(Decimal("-1234567.80"), "EUR") == "\u22121,234,567.80"


def test_every_line_of_an_entry_leads_to_it_and_no_other(books: Books) -> None:
    found = journal(books)
    first = line_of('2025-01-10 * "a gift" #coop-close #aside')
    own = found.entries[0].id
    assert own == f"entry-{FILE}:{first}"
    assert found.id_of_entry(first - 1) != own
    assert {found.id_of_entry(line) for line in range(first, first + 7)} == {own}
    assert found.id_of_entry(1) is None
    assert journal(books, 10).id_of_entry(first) == "postings-Equity:Funds:Aid:Small:2025-01"


def test_postings_of_some_days_are_found_on_an_account_and_below_it(books: Books) -> None:
    found = journal(books)
    assert found.accounts_below("Equity:Funds") == ["Equity:Funds:Aid:Small", "Equity:Funds:Trip"]
    assert found.accounts_below("Equity:Fun") == []
    day = date(2025, 1, 12)
    assert found.id_of_postings("Equity:Funds", day, day) == "postings-Equity:Funds:Aid:Small:2025-01"
    assert (
        found.id_of_postings("Equity:Funds", date(2025, 1, 10), date(2025, 1, 11))
        == "postings-Equity:Funds:Aid:Small:2025-01"
    )
    assert found.id_of_postings("Equity:Funds", date(2025, 1, 13), date(2025, 12, 31)) is None
    assert found.id_of_postings("Equity:Funds", date(2025, 1, 1), date(2025, 1, 9)) is None


def test_links_lead_to_what_the_page_has_and_nowhere_else(books: Books) -> None:
    views = frozenset({"pay", "pay-2024", "givers", "givers-all", "mine", "mine-M01", "surplus-2024"})
    links = PageLinks(Bylaws(books.facts), journal(books), views)
    assert links.view("pay") == "#pay"
    assert links.view("pay", period="2024") == "#pay-2024"
    assert links.view("pay", period="1999") == "#pay"
    assert links.view("mine", member="M01", period="2024") == "#mine-M01"
    assert links.view("givers", all="1") == "#givers-all"
    assert links.view("givers", all="0") == "#givers"
    assert links.view("pay", all="1") == "#pay"
    rate, two = line_of('2025-01-01 custom "coop" "rate" "house"'), line_of('2025-01-12 * "two"')
    assert links.rule(f"{FILE}:{rate}") == f"#rule-{FILE}:{rate}"
    assert links.rule(f"{FILE}:{rate + 1}") is None
    assert links.entry(f"{FILE}:{two}") == f"#entry-{FILE}:{two}"
    assert links.entry(f"{FILE}:1") is None
    assert links.entry(FILE) is None
    assert links.statement("M01", "2024") is None
    assert links.anchor("rule", "a b") == "rule-a_20_b"


def test_a_figures_entries_are_the_sheet_of_its_account_at_the_first_posting_of_its_period(books: Books) -> None:
    links = PageLinks(Bylaws(books.facts), journal(books), frozenset())
    assert links.entries("Equity:Funds") == "#account-Equity:Funds"
    assert links.entries("Equity:Funds", "2025") == "#postings-Equity:Funds:Aid:Small:2025-01"
    assert links.entries("Equity:Funds", "2024") == "#account-Equity:Funds"
    assert links.entries("Equity:Funds", "the good year") == "#account-Equity:Funds"
    assert links.entries("Equity:Funds", person="trip") == "#account-Equity:Funds:Trip"
    assert links.entries("Equity:Funds", "2025", person="trip") == "#postings-Equity:Funds:Trip:2025-01"
    assert links.entries("Equity:Funds", person="m01") == "#account-Equity:Funds"
    assert links.entries("Assets:Other", "2025-03") == "#postings-Assets:Other:2025-03"
    assert links.entries("Liabilities") is None


def test_a_fragment_keeps_what_is_its_own_wherever_it_is_named() -> None:
    html = (
        '<h5 id="a">x</h5><label for="a" class="b">x</label><table headers="a far"></table><svg aria-labelledby="a" '
        'aria-describedby="b" aria-controls="a" aria-details="a"><g id="b" fill="url(#b)" stroke="url(#far)"/>'
        '<use xlink:href="#b"/></svg><a href="#a">id="a"</a><a href="a">2</a><p data-id="a" hidden>url(#a)</p>'
    )
    assert with_prefix(html, "n-") == (
        '<h5 id="n-a">x</h5><label for="n-a" class="b">x</label><table headers="n-a far"></table><svg aria-labelledby="n-a" '
        'aria-describedby="n-b" aria-controls="n-a" aria-details="n-a"><g id="n-b" fill="url(#n-b)" stroke="url(#far)"/>'
        '<use xlink:href="#n-b"/></svg><a href="#n-a">id="a"</a><a href="a">2</a><p data-id="a" hidden>url(#a)</p>'
    )
    assert ids_in(html) == ["a", "b"]
    assert references_in(html) == ["a", "a", "far", "a", "b", "a", "a", "b", "far", "b", "a"]


def test_headings_go_down_and_not_below_the_sixth() -> None:
    assert lowered('<h1>a</h1><h2 id="x">b</h2><h5>c</h5><h6>d</h6><hr><header>', 2) == (
        '<h3>a</h3><h4 id="x">b</h4><h6>c</h6><h6>d</h6><hr><header>'
    )
