"""The pages funds, givers, mine and due: sums worked out by hand, every figure's link, both sides of each day."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import coopbooks
import coopbooks.dashboard
from coopbooks.cli.program import main
from coopbooks.cooperative import Cooperative
from coopbooks.dashboard import statement
from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.due import due_view, duty_rows
from coopbooks.dashboard.funds import FundsView, funds_view, together
from coopbooks.dashboard.givers import GiversView, givers_view
from coopbooks.dashboard.mine import MineView, mine_view
from coopbooks.dashboard.page import Page, open_page
from coopbooks.dashboard.statement import statement_pdf
from coopbooks.dashboard.surplus import SurplusView, surplus_view
from coopbooks.dashboard.trouble import NO_ALLY, NO_DUTY, NO_FUND, NO_MEMBER
from coopbooks.dashboard.words import Look
from coopbooks.errors import SurplusRefused
from coopbooks.reports.statements import statements

Coop = Callable[..., Cooperative]
HOME = Path(coopbooks.dashboard.__file__).parent
EUR = Look("EUR")
EVIL = "<img src=x onerror=alert(1)> & 'x' {{ 7*7 }}"
WINTER = date(2026, 2, 15)

# Sales 7,000 less pay 2,000 is 5,000: a tenth, 500, to the strike fund; 4,500 to the members by 160 and 40 hours, so
# 3,600 to ana and 900 to bo, half of each in money. Of the 500 only 400 are set aside; 120 are spent; 30 are given.
RULES = """
option "operating_currency" "EUR"
2025-01-01 open Assets:Bank
2025-01-01 open Assets:Bank:Strike
2025-01-01 open Income:Sales
2025-01-01 open Expenses:Wages
2025-01-01 open Equity:Surplus
2025-01-01 open Equity:Funds:Strike
2025-01-01 open Equity:Members:Ana:2025
2025-01-01 open Equity:Members:Bo:2025
2025-01-01 open Liabilities:Patronage:Ana
2025-01-01 open Liabilities:Patronage:Bo

2025-01-01 custom "coop" "decision" "founding"
  matter: "the bylaws"
  body: "assembly"
  eligible: 2
  for: 2
  against: 0
2026-01-30 custom "coop" "decision" "help"
  matter: "strike pay for the laundry"
  body: "assembly"
  for: 1
  against: 1
2025-01-01 custom "coop" "member" "ana"
  name: "Ana Example"
  wages: Expenses:Wages
  capital: Equity:Members:Ana
2025-01-01 custom "coop" "member" "bo"
  wages: Expenses:Wages
  capital: Equity:Members:Bo
2025-01-01 custom "coop" "worker" "cy"
  wages: Expenses:Wages
2025-01-01 custom "coop" "bylaw" "surplus"
  patronage: "hours"
  split: "none"
  cash: 0.50
  decision: "founding"
2025-01-01 custom "coop" "bylaw" "capital"
  redeem-after: 2
  decision: "founding"
2025-01-01 custom "coop" "allocation" "strike"
  step: 1
  to: Equity:Funds:Strike
  share: 0.10
  decision: "founding"
2025-01-01 custom "coop" "allocation" "members"
  step: 2
  to: "members"
  rest: TRUE
  decision: "founding"
2025-01-01 custom "coop" "fund" "strike"
  account: Equity:Funds:Strike
  backing: Assets:Bank:Strike
  kind: "strike"
  purpose: "strike pay, ours and our neighbours'"
  spend-by: 12
  movement: TRUE
  decision: "founding"
2025-01-01 custom "coop" "bylaw" "strike.weekly-pay"
  value: 50.00 EUR
  decision: "founding"
"""
YEAR = """
2025-03-31 * "Pay"
  Expenses:Wages    1600.00 EUR
    worker: "ana"
    hours: 160
  Expenses:Wages     400.00 EUR
    worker: "bo"
    hours: 40
  Assets:Bank
2025-06-30 * "Sales"
  Assets:Bank       7000.00 EUR
  Income:Sales
2025-12-31 * "Close" #coop-close
  period: "2025"
  decision: "founding"
  Equity:Surplus                 5000.00 EUR
  Equity:Funds:Strike            -500.00 EUR
  Liabilities:Patronage:Ana     -1800.00 EUR
  Liabilities:Patronage:Bo       -450.00 EUR
  Equity:Members:Ana:2025       -1800.00 EUR
  Equity:Members:Bo:2025         -450.00 EUR
"""
WINTERS = """
2026-01-10 * "Money of the fund"
  Assets:Bank:Strike   400.00 EUR
  Assets:Bank
2026-01-20 * "Share of 2025"
  Liabilities:Patronage:Ana   1800.00 EUR
  Assets:Bank
2026-02-01 * "Strike pay"
  decision: "help"
  claim: "2026-1"
  Equity:Funds:Strike   120.00 EUR
  Assets:Bank:Strike
2026-02-10 * "A hat went round"
  source: "donation"
  Equity:Funds:Strike   -30.00 EUR
  Assets:Bank:Strike
"""
BOOK = RULES + YEAR + WINTERS


class StubLinks:
    """Addresses that say what was asked for."""

    def view(self, view: str, **query: str) -> str:
        return "?" + "&".join(f"{key}={value}" for key, value in {"view": view, **query}.items())

    def rule(self, place: str) -> str | None:
        return f"rule={place}"

    def entries(self, account: str, period: str | None = None, *, person: str | None = None) -> str | None:
        return f"entries={account},{period or ''},{person or ''}"

    def entry(self, place: str) -> str | None:
        return f"entry={place}"

    def statement(self, member: str, period: str) -> str | None:
        return f"pdf={member},{period}"


class Nowhere(StubLinks):
    """Links of a page that has nothing to lead to."""

    def rule(self, place: str) -> str | None:
        del place
        return None

    def entries(self, account: str, period: str | None = None, *, person: str | None = None) -> str | None:
        del account, period, person
        return None

    def entry(self, place: str) -> str | None:
        del place
        return None

    def statement(self, member: str, period: str) -> str | None:
        del member, period
        return None


class Figures(HTMLParser):
    """The cells of numbers in the bodies of tables: what each says, and where it leads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.cells: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self._body, self._table, self._open = False, "", False
        self._text, self._link = "", ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(given["id"] or "")
        if tag == "table":
            self._table = given.get("class") or ""
        self._body = self._body if tag not in ("tbody", "thead", "tfoot") else tag == "tbody"
        if tag == "td" and self._body and "num" in (given.get("class") or "").split():
            self._open, self._text, self._link = True, "", ""
        if tag == "a" and self._open:
            self._link = given.get("href") or ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "td" and self._open:
            self._open = False
            # The tables that the statement has from paper say below them where each step's rule stands.
            if "told" not in self._table.split() and re.search(r"\d", self._text):
                self.cells.append((" ".join(self._text.split()), self._link))


def place_of(record: str) -> str:
    """Where a record of the rules stands."""
    lines = RULES.strip("\n").split("\n")
    return f"main.beancount:{next(number for number, line in enumerate(lines, 1) if line.endswith(record))}"


def choice(view: str, as_of: date = WINTER, **more: Any) -> Choice:
    return Choice(as_of, view, **more)


def html_of(page: Page, links: StubLinks | None = None) -> str:
    """The page's own part, as Fava and the page in one file include it."""
    environment = Environment(
        loader=FileSystemLoader(HOME / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    template = environment.from_string('{% import "open_book_macros.html" as draw %}{% include page.template %}')
    return template.render(page=page, links=links or StubLinks())


def page_of(books: Cooperative, view: str, as_of: date = WINTER, **more: Any) -> Page:
    page = open_page(lambda: books, choice(view, as_of, **more))
    assert page.trouble is None, page.trouble
    return page


def funds_of(books: Cooperative, as_of: date = WINTER, look: Look = EUR, **more: Any) -> FundsView:
    view = funds_view(books, choice("funds", as_of, **more), look)
    assert isinstance(view, FundsView)
    return view


def mine_of(books: Cooperative, member: str | None, as_of: date = WINTER, look: Look = EUR, **more: Any) -> MineView:
    view = mine_view(books, choice("mine", as_of, member=member, **more), look)
    assert isinstance(view, MineView)
    return view


def givers_of(books: Cooperative, as_of: date = WINTER, look: Look = EUR, **more: Any) -> GiversView:
    view = givers_view(books, choice("givers", as_of, **more), look)
    assert isinstance(view, GiversView)
    return view


# -- every page ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "more"), [("funds", {}), ("givers", {"everything": True}), ("mine", {"member": "ana"}), ("due", {})]
)
def test_every_figure_leads_somewhere_and_every_id_is_the_pages_own(
    coop: Coop, view: str, more: dict[str, Any]
) -> None:
    found = Figures(html_of(page_of(coop(BOOK + GIFTS), view, **more)))
    assert [cell for cell in found.cells if not cell[1]] == []
    assert len(found.cells) >= (0 if view == "due" else 4)
    assert len(found.ids) == len(set(found.ids))
    mine = re.compile(rf"(open-book-{view}-|coop-[0-9a-f]+-)")
    assert [each for each in found.ids if not mine.match(each)] == []


@pytest.mark.parametrize("view", ["funds", "givers", "mine", "due"])
def test_a_page_without_anything_to_lead_to_still_shows_its_figures(coop: Coop, view: str) -> None:
    books = coop(BOOK + GIFTS)
    page = page_of(books, view, member="bo", everything=True)
    shown, bare = (
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html_of(page, links))) for links in (StubLinks(), Nowhere())
    )
    if view == "mine":
        shown = shown.replace("The same as PDF, to keep or print", "")
    if view == "due":
        shown = shown.replace("the entry of it", "")
    assert re.findall(r"[0-9][0-9.,]+", shown)
    assert set(re.findall(r"[0-9][0-9,]*\.[0-9]{2}", shown)) == set(re.findall(r"[0-9][0-9,]*\.[0-9]{2}", bare))


@pytest.mark.parametrize("view", ["funds", "givers", "mine", "due"])
def test_texts_of_the_ledger_stay_texts(coop: Coop, view: str) -> None:
    evil = EVIL.replace("'", "’")
    books = coop(
        (BOOK + GIFTS)
        .replace("strike pay, ours and our neighbours'", evil)
        .replace("Ana Example", evil)
        .replace("strike pay for the laundry", evil)
        .replace("The union", evil)
        .replace("our paper for a year", evil)
        .replace("price list of the mill", evil)
        .replace("letter of May", evil)
    )
    html = html_of(page_of(books, view, member="ana", everything=True))
    assert "<img" not in html
    assert "49" not in re.sub(r"[0-9.,]{3,}", "", html) or "{{ 7*7 }}" in html
    if view != "due":  # which shows no free text at all
        assert "&lt;img src=x onerror=alert(1)&gt;" in html


@pytest.mark.parametrize(
    ("view", "trouble"), [("funds", NO_FUND), ("givers", NO_ALLY), ("mine", NO_MEMBER), ("due", NO_DUTY)]
)
def test_a_book_without_it_says_so_and_what_to_write(coop: Coop, view: str, trouble: object) -> None:
    """
    option "operating_currency" "EUR"
    2025-01-01 open Assets:Bank
    2025-01-01 custom "coop" "decision" "d1"
      matter: "to begin"
    """
    assert open_page(coop, choice(view)).trouble == trouble


@pytest.mark.parametrize("trouble", [NO_FUND, NO_ALLY, NO_MEMBER, NO_DUTY])
def test_what_a_trouble_says_to_write_is_valid(coop: Coop, trouble: Any) -> None:
    head = 'option "operating_currency" "USD"\n' + "".join(
        f"2025-01-01 open {account}\n"
        for account in ("Assets:Bank", "Assets:Bank:Funds", "Income:Donations", "Expenses:Wages", "Equity:Funds:Strike")
    )
    errors = [error.message for error in coop(head + trouble.code).check().errors]
    assert errors == []


@pytest.mark.parametrize("view", ["funds", "givers", "mine", "due"])
def test_hidden_figures_are_hidden_and_nothing_is_drawn(coop: Coop, view: str) -> None:
    books = coop(BOOK + GIFTS)
    page = open_page(lambda: books, choice(view, member="ana", everything=True), hidden=True)
    html = html_of(page)
    assert "<svg xmlns" not in html
    text = re.sub(r"<[^>]+>", " ", html)
    assert not re.findall(r"[0-9]+\.[0-9]{2}(?![0-9%])", text)


# -- the movement ----------------------------------------------------------------------------------------------------


def test_a_fund_says_what_was_promised_and_what_became_of_it(coop: Coop) -> None:
    view = funds_of(coop(BOOK))
    assert view.headline == (
        "We have promised the movement 500.00 EUR; 530.00 EUR came in, 120.00 EUR has been spent, and the fund still holds "
        "410.00 EUR."
    )
    assert (view.state, view.verdict) == ("broken", "100.00 EUR of it has no money set aside behind it (strike).")
    (row,) = view.rows
    assert (row.promised, row.funded, row.spent, row.balance) == ("500.00", "530.00", "120.00", "410.00")
    assert (row.backing, row.missing, row.short) == ("310.00", "100.00", "100.00 EUR")
    assert (row.spend_by, row.purpose) == ("31 December 2026", "strike pay, ours and our neighbours'")
    assert row.weeks == "2"  # 310 lie there, for three people at 50 a week
    assert view.totals["shortfall"] == "100.00"


def test_every_entry_of_a_fund_has_its_decision_and_claim(coop: Coop) -> None:
    (row,) = funds_of(coop(BOOK)).rows
    assert [(each.day, each.what, each.came_in, each.went_out, each.balance) for each in row.entries] == [
        ("10 February 2026", "a donation", "30.00", "", "410.00"),
        ("1 February 2026", "spent", "", "120.00", "380.00"),
        ("31 December 2025", "its part of the surplus", "500.00", "", "500.00"),
    ]
    spent = row.entries[1]
    assert spent.vote is not None
    assert (spent.vote.id, spent.vote.matter, spent.vote.said) == (
        "help",
        "strike pay for the laundry",
        "1 for, 1 against",
    )
    assert (spent.claim, row.has_claims) == ("2026-1", True)
    assert row.entries[0].vote is None
    assert row.basis is not None
    assert row.basis.vote is not None
    assert row.basis.vote.said == "2 for, 0 against, of 2"


@pytest.mark.parametrize(
    ("as_of", "spent", "funded", "promised"),
    [
        (date(2025, 12, 30), "0.00", "0.00", "0.00"),
        (date(2025, 12, 31), "0.00", "500.00", "500.00"),  # the year is over at this day's end
        (date(2026, 1, 31), "0.00", "500.00", "500.00"),
        (date(2026, 2, 1), "120.00", "500.00", "500.00"),
        (date(2026, 2, 9), "120.00", "500.00", "500.00"),
        (date(2026, 2, 10), "120.00", "530.00", "500.00"),
    ],
)
def test_a_fund_is_shown_as_of_the_day(coop: Coop, as_of: date, spent: str, funded: str, promised: str) -> None:
    (row,) = funds_of(coop(BOOK), as_of).rows
    assert (row.spent, row.funded, row.promised) == (spent, funded, promised)
    assert len(row.entries) == row.entries_count == sum((funded == "530.00", spent == "120.00", funded != "0.00"))


def test_money_behind_all_and_all_paid_in_is_a_promise_kept(coop: Coop) -> None:
    more = """
2026-02-11 * "The rest"
  Assets:Bank:Strike  100.00 EUR
  Assets:Bank
"""
    view = funds_of(coop(BOOK + more))
    said = "All that the rules promise has been paid in. Money is set aside for all of it."
    assert (view.state, view.verdict) == ("kept", said)


def test_what_was_promised_and_did_not_come_in_is_said(coop: Coop) -> None:
    books = coop(RULES + YEAR.partition("2025-12-31")[0])
    view = funds_of(books, date(2026, 1, 1))
    assert view.state == "waiting"
    assert view.verdict.startswith("500.00 EUR of what the rules promise has not been paid in yet.")


def test_the_newest_entries_are_shown_and_more_where_they_are_asked_for(coop: Coop) -> None:
    gifts = "".join(
        f'\n2026-02-{day:02} * "Hat"\n  source: "fee"\n  Equity:Funds:Strike  -1.00 EUR\n  Assets:Bank:Strike\n'
        for day in range(2, 12)
    )
    books = coop(RULES + YEAR + gifts)
    (row,) = funds_of(books).rows
    assert (len(row.entries), row.entries_count, row.entries[0].day) == (8, 11, "11 February 2026")
    assert "view=funds&amp;all=1" in html_of(page_of(books, "funds"))
    (row,) = funds_of(books, everything=True).rows
    assert len(row.entries) == 11


def test_fava_draws_what_each_fund_held_at_a_days_end(coop: Coop) -> None:
    view = funds_of(coop(BOOK))
    held = [(each["date"], {name: f"{held:f}" for name, held in each["balance"].items()}) for each in view.balances]
    assert held == [
        ("2025-12-31", {"strike": "500.00"}),
        ("2026-02-01", {"strike": "380.00"}),
        ("2026-02-10", {"strike": "410.00"}),
    ]


def test_what_waits_for_publication_stands_beside_its_fund(coop: Coop) -> None:
    """
    option "operating_currency" "EUR"
    2025-01-01 open Assets:Other
    2025-01-01 open Income:Other
    2025-01-01 open Equity:Funds:Strike
    2025-01-01 open Equity:Incoming:Strike
    2025-01-01 custom "coop" "fund" "strike"
      account: Equity:Funds:Strike
      kind: "strike"
      backing: Assets:Other
    2025-01-01 custom "coop" "fund" "strike-incoming"
      account: Equity:Incoming:Strike
      kind: "other"
      backing: Assets:Other
    2025-01-02 * "In"
      source: "donation"
      Equity:Incoming:Strike  -900.00 EUR
      Assets:Other
    2025-03-31 * "The published quarter"
      decision: "d1"
      Equity:Incoming:Strike  500.00 EUR
      Equity:Funds:Strike  -500.00 EUR
    2025-03-31 * "Spent in it"
      decision: "d1"
      Equity:Funds:Strike  200.00 EUR
      Assets:Other
    2025-03-01 custom "coop" "decision" "d1"
      for: 5
    """
    view = funds_of(coop())
    (row,) = view.rows
    assert (row.funded, row.spent, row.balance, row.waiting) == ("900.00", "200.00", "300.00", "400.00")
    assert (row.purpose, row.backing, row.weeks) == ("", "", "")
    # That the one account becomes the other is no entry; what is left is what came in less what is published as spent.
    assert [(each.what, each.came_in, each.went_out, each.balance) for each in row.entries] == [
        ("spent", "", "200.00", "700.00"),
        ("a donation", "900.00", "", "900.00"),
    ]
    assert [{**each["balance"]} for each in view.balances] == [{"strike": 900}, {"strike": 700}]
    assert view.chart is not None
    assert "700.00 EUR held" in view.chart.said
    # Assets:Other is all money of the books: it says nothing of what is set aside.
    assert not view.has_backing
    assert "set aside" not in view.verdict
    assert view.headline.endswith("900.00 EUR came in, and of that 200.00 EUR is published as spent so far.")
    assert "enough people stand behind each figure" in html_of(page_of(coop(), "funds"))


def test_funds_without_a_twin_stay_as_they_are() -> None:
    row = {"fund": "x-incoming", "promised": None, "funded": "1", "spent": "0", "balance": "1", "account": "A"}
    assert [each["fund"] for each in together([row])] == ["x-incoming"]


@pytest.mark.parametrize("audience", ["members", "auditors"])
def test_the_pages_of_a_published_book_hold(coop: Coop, tmp_path: Path, audience: str) -> None:
    coop(BOOK + GIFTS)  # writes main.beancount
    target = tmp_path / "published" / "book.beancount"
    target.parent.mkdir()
    arguments = [
        "publish",
        str(tmp_path / "main.beancount"),
        "--for",
        audience,
        "--as-of",
        "2026-02-15",
        "-o",
        str(target),
    ]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    books = coopbooks.load(target)
    for view in ("funds", "givers", "mine", "due"):
        html = html_of(page_of(books, view, member="ana", everything=True))
        for text in ("Ana Example", "price list of the mill", "letter of May", "strike pay for the laundry"):
            assert text not in html
    assert givers_of(books).given == "300.00"
    assert mine_of(books, "ana").balance == "1,800.00"


# -- givers ----------------------------------------------------------------------------------------------------------

# Since the pulse of 1 January 2026: 300 of money with a condition, 80 of paper; sales of 1,520. 380 of 1,900 is 20%.
GIFTS = """
2025-01-01 open Income:Gifts
2025-01-01 open Expenses:Paper
2025-02-01 custom "coop" "ally" "union"
  name: "The union"
  sort: "union"
2025-02-01 custom "coop" "ally" "mill"
  sort: "supplier"
2025-02-01 custom "coop" "ally" "quiet"
  sort: "ngo"
2025-02-01 custom "coop" "contract" "union"
  open-ledger: TRUE
  non-interference: TRUE
  assembly-supremacy: FALSE
  sunset: 2026-02-15
  signed: 2025-02-01
2025-05-02 custom "coop" "signal" "union"
  what: "conditional-funding"
  evidence: "letter of May"
2025-06-01 custom "coop" "pulse" "spring"
  ledger-reveal: TRUE
2025-12-01 custom "coop" "pulse" "autumn"
  ledger-reveal: FALSE
2026-01-01 custom "coop" "pulse" "new-year"
  ledger-reveal: TRUE
2025-07-01 * "An older gift"
  Assets:Bank    50.00 EUR
  Income:Gifts  -50.00 EUR
    ally: "union"
    conditions: "none"
2026-01-15 * "A gift"
  Assets:Bank    300.00 EUR
  Income:Gifts  -300.00 EUR
    ally: "union"
    conditions: "our paper for a year"
2026-01-20 * "Paper"
  Expenses:Paper   80.00 EUR
  Income:Gifts    -80.00 EUR
    ally: "mill"
    in-kind: TRUE
    valuation: "price list of the mill"
    conditions: "none"
2026-01-31 * "Sales"
  Assets:Bank    1520.00 EUR
  Income:Sales
"""


def test_what_came_since_the_books_were_last_shown(coop: Coop) -> None:
    view = givers_of(coop(RULES + GIFTS))
    assert view.headline == (
        "Since our books were last shown, on 1 January 2026, 2 allies have given us 300.00 EUR and goods or time worth "
        "80.00 EUR, 20% of our income; 1 of them on conditions."
    )
    union, mill = view.allies
    assert (mill.ally, mill.given, mill.in_kind, mill.conditions) == ("mill", "0.00", "80.00", ())
    assert (union.name, union.given, union.in_kind, union.conditions) == (
        "The union", "300.00", "", ("our paper for a year",),
    )  # fmt: skip
    assert union.share == "15.79%"  # 300 of 1,900
    assert [each.ally for each in view.quiet] == ["quiet"]
    assert (mill.gifts[0].what, mill.gifts[0].valuation) == ("goods or time", "price list of the mill")
    assert view.verdict == "Every gift says on what conditions it came."
    assert "The contract with union does not say that our assembly decides." in view.faults
    assert "There is no contract with mill." in view.faults
    assert "Members recorded a signal about union on 2 May 2025: conditional funding." in view.faults


def test_a_reader_may_look_since_an_earlier_pulse_or_ever(coop: Coop) -> None:
    books = coop(RULES + GIFTS)
    view = givers_of(books)
    assert [(each.said, each.period, each.everything, each.current) for each in view.spans] == [
        ("since new-year, 1 January 2026", "", False, True),
        ("since spring, 1 June 2025", "2025-06-01", False, False),
        ("ever", "", True, False),
    ]
    earlier = givers_of(books, period="2025-06-01")
    assert (earlier.given, [each.current for each in earlier.spans]) == ("350.00", [False, True, False])
    assert earlier.headline.startswith("Since 1 June 2025 2 allies have given us 350.00 EUR")
    ever = givers_of(books, everything=True)
    assert ever.headline.startswith("Since the beginning 2 allies have given us 350.00 EUR")
    assert [each.current for each in ever.spans] == [False, False, True]
    # A day at which nothing was shown is not one to look from.
    assert givers_of(books, period="2025-12-01").given == "300.00"


@pytest.mark.parametrize(("as_of", "over"), [(date(2026, 2, 15), False), (date(2026, 2, 16), True)])
def test_a_contract_ends_after_its_last_day(coop: Coop, as_of: date, over: bool) -> None:
    view = givers_of(coop(RULES + GIFTS), as_of)
    assert view.allies[0].sunset_over is over
    assert ("The contract with union ended on 15 February 2026 and has not been renewed." in view.faults) is over


@pytest.mark.parametrize(("as_of", "given"), [(date(2026, 1, 14), "0.00"), (date(2026, 1, 15), "300.00")])
def test_a_gift_counts_from_its_day(coop: Coop, as_of: date, given: str) -> None:
    view = givers_of(coop(RULES + GIFTS), as_of)
    assert view.given == given
    if given == "0.00":
        assert view.headline.endswith("nobody outside gave us money or goods.")


def test_a_gift_that_says_no_conditions_is_a_fault(coop: Coop) -> None:
    books = coop(RULES + GIFTS.replace('\n    conditions: "our paper for a year"', ""))
    view = givers_of(books)
    assert view.state == "broken"
    assert view.verdict == "1 gift does not say its conditions: each has to, with the word “none” where there are none."
    assert [ally for ally, _ in view.missing] == ["union"]
    assert "not written down" in html_of(page_of(books, "givers"))


def test_a_book_that_withholds_texts_says_that_conditions_were_stated(coop: Coop) -> None:
    books = coop(
        (RULES + GIFTS)
        .replace("our paper for a year", "stated")
        .replace('\n  name: "The union"', "")
        .replace('\n  evidence: "letter of May"', "")
    )
    union = givers_of(books).allies[0]
    assert (union.name, union.conditions) == ("", ("stated, but not shown in this book",))
    html = html_of(page_of(books, "givers"))
    assert "stated, but not shown in this book" in html
    assert 'id="open-book-givers-1" tabindex="-1">union' in html


def test_fava_draws_what_came_in_each_month(coop: Coop) -> None:
    view = givers_of(coop(RULES + GIFTS), everything=True)
    drawn = [(each["date"], {name: f"{sum_:f}" for name, sum_ in each["balance"].items()}) for each in view.months]
    assert drawn == [("2025-07-31", {"union": "50.00"}), ("2026-01-31", {"union": "300.00", "mill": "80.00"})]
    assert givers_of(coop(RULES + GIFTS)).months == ()  # one month is no line


# -- one's own -------------------------------------------------------------------------------------------------------


def test_a_member_sees_what_is_theirs_and_when(coop: Coop) -> None:
    view = mine_of(coop(BOOK), "ana")
    assert view.headline == "You own 1,800.00 EUR of this cooperative; it is due on 31 December 2027."
    assert (view.name, view.account, view.balance) == ("Ana Example", "Equity:Members:Ana", "1,800.00")
    assert view.flows == (("Credited to you", "1,800.00"),)
    (vintage,) = view.vintages
    assert (vintage.name, vintage.amount, vintage.due, vintage.queue) == (
        "2025", "1,800.00", "31 December 2027", "first of 2",
    )  # fmt: skip
    assert vintage.place == place_of('"bylaw" "capital"')
    assert view.verdict == "All that the closed years gave you in money has been paid to you."


def test_a_part_that_is_not_paid_yet_is_said(coop: Coop) -> None:
    view = mine_of(coop(BOOK), "bo")
    assert view.notes == ("450.00 EUR of your part of 2025 has not been paid to you yet.",)
    assert view.vintages[0].queue == "number 2 of 2; 1,800.00 EUR goes to others or older years first"
    year = next(each for each in view.years if each.period == "2025")
    # 40 of 200 hours are a fifth of 4,500.
    assert (year.patronage, year.share, year.amount, year.cash, year.retained) == (
        "40",
        "20%",
        "900.00",
        "450.00",
        "450.00",
    )
    assert (year.paid, year.to_pay, year.closed) == ((), "450.00 EUR", True)


@pytest.mark.parametrize(
    ("as_of", "paid", "to_pay"),
    [(date(2026, 1, 19), (), "1,800.00 EUR"), (date(2026, 1, 20), (("20 January 2026", "1,800.00"),), "")],
)
def test_a_payment_counts_from_its_day(coop: Coop, as_of: date, paid: tuple[Any, ...], to_pay: str) -> None:
    year = next(each for each in mine_of(coop(BOOK), "ana", as_of).years if each.period == "2025")
    assert (tuple((each.day, each.amount) for each in year.paid), year.to_pay) == (paid, to_pay)


@pytest.mark.parametrize(
    ("as_of", "state", "said"),
    [
        (date(2027, 12, 30), "in 1 day", "it is due on"),
        (date(2027, 12, 31), "today", "it is due on"),
        (date(2028, 1, 1), "overdue", "it was due on"),
    ],
)
def test_a_vintage_is_overdue_after_its_last_day(coop: Coop, as_of: date, state: str, said: str) -> None:
    view = mine_of(coop(BOOK), "ana", as_of)
    assert view.vintages[0].state == state
    assert said in view.headline


def test_without_a_member_the_people_are_shown_to_choose_from(coop: Coop) -> None:
    books = coop(BOOK)
    view = mine_of(books, None)
    assert [(each.id, each.status) for each in view.people] == [("ana", "member"), ("bo", "member"), ("cy", "worker")]
    assert (view.member, view.headline) == ("", "Whose account do you want to see?")
    assert "view=mine&amp;member=ana" in html_of(page_of(books, "mine"))
    unknown = mine_of(books, "<b>x</b>")
    assert unknown.headline == "Nobody in this book is called “<b>x</b>”. Whose account do you want to see?"
    assert "<b>x</b>" not in html_of(page_of(books, "mine", member="<b>x</b>"))


def test_thousands_of_people_stay_below_500_kb(coop: Coop) -> None:
    crowd = "".join(
        f'2025-01-01 custom "coop" "worker" "w-{number:04}"\n  wages: Expenses:Wages\n' for number in range(1600)
    )
    books = coop(RULES + crowd)
    view = mine_of(books, "w-1599")
    assert (len(view.people), view.more, view.member) == (1500, 103, "w-1599")
    assert len(html_of(page_of(books, "mine", member="w-1599"))) < 500_000


def test_a_worker_who_is_no_member_is_told_so(coop: Coop) -> None:
    books = coop(BOOK)
    view = mine_of(books, "cy")
    assert view.headline == "You work here and are not a member, so no capital account is kept for you."
    assert (view.vintages, view.flows, view.statement) == ((), (), None)
    assert "You work here and are not a member" in html_of(page_of(books, "mine", member="cy"))


@pytest.mark.parametrize(("as_of", "said"), [(date(2026, 2, 9), True), (date(2026, 2, 10), False)])
def test_a_capital_account_that_holds_later_entries_says_so(coop: Coop, as_of: date, said: bool) -> None:
    note = "The capital account holds all that was booked up to 10 February 2026."
    assert (note in mine_of(coop(BOOK), "ana", as_of).notes) is said


LEAVER = """
2025-01-01 open Liabilities:FormerMembers:Bo
2025-01-01 custom "coop" "bylaw" "exit"
  years: 2
  decision: "founding"
2026-02-01 custom "coop" "exit" "bo"
  cause: "resignation"
2026-02-01 * "Bo leaves" #coop-exit
  Equity:Members:Bo:2025   450.00 EUR
  Liabilities:FormerMembers:Bo
2027-02-01 * "First instalment"
  Liabilities:FormerMembers:Bo  225.00 EUR
  Assets:Bank
"""


@pytest.mark.parametrize(
    ("as_of", "headline", "state"),
    [
        (
            date(2026, 2, 2),
            (
                "You left on 1 February 2026, and the cooperative still owes you 450.00 EUR; the next instalment is due on "
                "1 February 2027."
            ),
            "to come",
        ),
        (
            date(2027, 2, 1),
            (
                "You left on 1 February 2026, and the cooperative still owes you 225.00 EUR; the next instalment is due on "
                "1 February 2028."
            ),
            "paid",
        ),
        (
            date(2028, 2, 2),
            (
                "You left on 1 February 2026, and the cooperative still owes you 225.00 EUR; the next instalment was due on "
                "1 February 2028."
            ),
            "paid",
        ),
    ],
)
def test_who_left_sees_the_debt(coop: Coop, as_of: date, headline: str, state: str) -> None:
    view = mine_of(coop(BOOK + LEAVER), "bo", as_of)
    assert view.headline == headline
    (debt,) = view.debts
    assert [(each.due, each.amount) for each in debt.instalments] == [
        ("1 February 2027", "225.00"),
        ("1 February 2028", "225.00"),
    ]
    assert debt.instalments[0].state == state
    assert debt.account == "Liabilities:FormerMembers:Bo"
    if as_of.year == 2028:
        assert (view.state, view.verdict) == ("broken", "225.00 EUR of that should have been paid to you by now.")


def test_before_leaving_a_member_is_a_member(coop: Coop) -> None:
    view = mine_of(coop(BOOK + LEAVER), "bo", date(2026, 1, 31))
    assert next(each for each in view.people if each.current).status == "member"
    assert view.debts == ()


def test_an_unpaid_buy_in_is_said_with_its_day(coop: Coop) -> None:
    rules = BOOK.replace("redeem-after: 2", "redeem-after: 2\n  buy-in: 100.00 EUR\n  buy-in-months: 6")
    said = "Of your buy-in of 100.00 EUR, 100.00 EUR {} to be paid in by 1 July 2025."
    assert said.format("was") in mine_of(coop(rules), "ana", WINTER).notes
    assert said.format("is") in mine_of(coop(rules), "ana", date(2025, 7, 1)).notes


def test_a_year_that_cannot_be_worked_out_says_why_and_the_rest_stands(coop: Coop) -> None:
    books = coop(BOOK.replace("  rest: TRUE", '  share: 0.5\n  of: "nonsense"'))
    view = mine_view(books, choice("mine", member="ana"), EUR)
    assert isinstance(view, MineView)
    assert view.balance == "1,800.00"
    assert all(year.trouble for year in view.years)
    assert view.statement is None


# -- the statement ---------------------------------------------------------------------------------------------------


def test_the_statement_has_the_figures_of_the_one_on_paper(coop: Coop) -> None:
    books = coop(BOOK)
    told = mine_of(books, "ana").statement
    assert told is not None
    assert told.period == "2025"
    assert told.text["part"]["amount"] == "3,600.00"
    assert told.text["part"]["main"] == {"by": "hours", "figure": "160", "whole": "200", "share": "80\xa0%"}
    html = html_of(page_of(books, "mine", member="ana"))
    for figure in ("3,600.00", "4,500.00", "80\xa0%", "160 <small>hours", "pdf=ana,2025"):
        assert figure in html.replace("</a> <small>", " <small>"), figure


def test_the_pdf_is_the_statement_that_the_command_writes(coop: Coop) -> None:
    books = coop(BOOK)
    made = statement_pdf(books, "ana", "2025", WINTER)
    assert made is not None
    assert made.startswith(b"%PDF")
    assert made == statements(books, "2025", WINTER, ["pdf"]).files["members/ana.pdf"]
    assert statement_pdf(books, "ana", "2025", WINTER) is made  # kept


@pytest.mark.parametrize(
    ("member", "period"), [("nobody", "2025"), ("cy", "2025"), ("ana", "1999"), ("../x", "../../etc")]
)
def test_there_is_no_pdf_for_who_has_no_statement(coop: Coop, member: str, period: str) -> None:
    assert statement_pdf(coop(BOOK), member, period, WINTER) is None


def test_a_pdf_that_would_be_too_large_is_not_made(coop: Coop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "DATA_CHARACTERS_MAX", 100)
    assert statement_pdf(coop(BOOK), "ana", "2025", WINTER) is None


def test_without_the_printer_there_is_no_link(coop: Coop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "find_spec", lambda _: None)
    books = coop(BOOK)
    assert statement_pdf(books, "ana", "2025", WINTER) is None
    assert "pdf=" not in html_of(page_of(books, "mine", member="ana"))


# -- what is due -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "state", "time"),
    [
        (date(2026, 11, 30), "pending", "31 days left"),
        (date(2026, 12, 1), "due", "30 days left"),
        (date(2026, 12, 31), "due", "today is the last day"),
        (date(2027, 1, 1), "overdue", "1 day late"),
    ],
)
def test_a_duty_has_time_is_due_and_is_overdue(coop: Coop, as_of: date, state: str, time: str) -> None:
    view: Any = due_view(coop(BOOK), choice("due", as_of), EUR)
    first = view.open[0]
    assert first.what == "Spend what came into the fund strike on 31 December 2025"
    assert (first.state, first.time, first.last_day) == (state, time, "31 December 2026")
    assert first.place == place_of('"fund" "strike"')
    headline = {
        "pending": "Nothing is due in the next 30 days; the next last day is 31 December 2026: spend what",
        "due": "One thing is due in the next 30 days, by 31 December 2026: spend what",
        "overdue": "One thing is overdue: spend what came into the fund strike on 31 December 2025, 1 day late.",
    }
    assert view.headline.startswith(headline[state])
    assert view.state == ("broken" if state == "overdue" else "kept")


def test_what_was_done_is_folded_and_says_how_we_know(coop: Coop) -> None:
    paid = """
2026-02-12 * "The rest of it"
  decision: "help"
  Equity:Funds:Strike  400.00 EUR
  Assets:Bank:Strike
"""
    books = coop(BOOK + paid)
    view: Any = due_view(books, choice("due"), EUR)
    (done,) = view.met
    assert (done.what, done.time) == ("What came into the fund strike on 31 December 2025 was spent", "")
    html = html_of(page_of(books, "due"))
    assert "1 done</summary>" in html
    assert f'href="entry={done.met_by}"' in html
    assert "No last day was missed: 3 still in time, 1 duty done." in html


def duty(state: str, due: str, **more: str) -> dict[str, Any]:
    row = {"duty": "redemption", "subject": "ana 2025", "opened": "2025-01-01", "due": due, "state": state}
    return {**row, "rule": "a rule", "place": None, "met_by": None, **more}


def test_the_most_urgent_comes_first() -> None:
    rows = [
        duty("pending", "2027-01-01"),
        duty("met", "2025-01-01"),
        duty("not-evidenced", "2026-09-01"),
        duty("due", "2026-03-01"),
        duty("overdue", "2026-01-02"),
        duty("overdue", "2026-01-01"),
    ]
    found = duty_rows(rows, WINTER)
    assert [(row.state, row.last_day_iso) for row in found] == [
        ("overdue", "2026-01-01"),
        ("overdue", "2026-01-02"),
        ("due", "2026-03-01"),
        ("not-evidenced", "2026-09-01"),
        ("pending", "2027-01-01"),
        ("met", "2025-01-01"),
    ]


def test_a_sort_of_duty_without_words_keeps_its_name() -> None:
    (row,) = duty_rows([duty("due", "2026-03-01", duty="war-game", subject="spring")], WINTER)
    assert (row.what, row.view) == ("War game: spring", "")


class Many:
    """Books with many duties."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows

    def duties(self, as_of: date) -> Any:
        del as_of
        return self

    def to_data(self) -> list[dict[str, Any]]:
        return self._rows


def test_a_thousand_duties_stay_below_500_kb() -> None:
    rows = [duty("pending", "2031-12-31", subject=f"m{number:04} 2025") for number in range(1000)]
    rows += [duty("overdue", "2026-01-01", subject=f"m{number:04} 2024") for number in range(40)]
    books: Any = Many(rows)
    view: Any = due_view(books, choice("due"), EUR)
    assert (len(view.open), view.open_count) == (40, 1040)  # all that is urgent
    everything: Any = due_view(books, choice("due", everything=True), EUR)
    assert len(everything.open) == 300
    assert everything.headline.startswith(
        "40 things are overdue; the oldest: pay m0000 the capital of 2024 back, 45 days late"
    )


# -- the surplus in January ------------------------------------------------------------------------------------------

JANUARY = """
2026-01-05 * "Sales"
  Assets:Bank        100.00 EUR
  Income:Sales
"""


def test_before_anybody_has_worked_in_a_year_the_year_before_is_shown(coop: Coop) -> None:
    """Of 100 in January 90 go to the members by hours, and nobody has any hours of 2026 yet."""
    books = coop(RULES + YEAR + JANUARY)
    view = surplus_view(books, choice("surplus", date(2026, 1, 6)), EUR)
    assert isinstance(view, SurplusView)
    assert (view.period, [name for name, _ in view.years]) == ("2025", ["2025", "2026"])
    assert view.notes[0].startswith("2026 cannot be worked out yet: ")
    assert "hours" in view.notes[0]
    with pytest.raises(SurplusRefused):
        surplus_view(books, choice("surplus", date(2026, 1, 6), period="2026"), EUR)
