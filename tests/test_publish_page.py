"""The open book as one file: it shows the published ledger and nothing else, asks for nothing, and works without a script.

Needs Chromium: the one that COOPBOOKS_CHROMIUM names, else `chromium` on the path; without it the tests fail.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from playwright.sync_api import Browser, Page
from pypdf import PdfReader
from strategies import OPTIONS, Books, books, directives
from test_publish_privacy import MARKERS, extras, marked

from coopbooks import load
from coopbooks.books.loading import load_books
from coopbooks.errors import ToolMissing, WriteRefused
from coopbooks.publish import AUDIENCES, changed_since, ledger_in, page_mark, page_of, view_of, view_text
from coopbooks.publish.fragments import ids_in, lowered, references_in, with_prefix
from coopbooks.publish.journal import Entry, Journal, Posting

ROOT = Path(__file__).resolve().parent.parent
LEDGERS = {"bakery": date(2026, 10, 31), "colab": date(2026, 1, 31)}
WIDE, NARROW = 1280, 390
LONG = os.environ.get("COOPBOOKS_LONG") == "1"
EVIL = "<img src=x onerror=window.taken=1><script>window.taken=1</script><svg onload=window.taken=1>"


class Made:
    """One published ledger and its page."""

    def __init__(self, path: Path, audience: str, as_of: date) -> None:
        self.audience, self.as_of = audience, as_of
        self.text = view_text(view_of(load_books(path), audience, as_of))
        self.page = page_of(self.text, audience, as_of)


MADE: dict[tuple[str, str], Made] = {}


def made(ledger: str, audience: str) -> Made:
    """The page of an example; each is made once."""
    key = (ledger, audience)
    if key not in MADE:
        MADE[key] = Made(ROOT / "ledgers" / ledger / "main.beancount", audience, LEDGERS[ledger])
    return MADE[key]


EVERY = [(ledger, audience) for ledger in LEDGERS for audience in AUDIENCES]


class Read(HTMLParser):
    """A page as its tags: what stands in it, and the text of each element with an id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def values(self, *names: str) -> list[str]:
        """The values of attributes, over all tags."""
        return [value or "" for _, attrs in self.tags for name, value in attrs.items() if name in names]


# -- what is in the file -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ledger", "audience"), EVERY)
def test_the_page_asks_for_nothing_beyond_itself(ledger: str, audience: str) -> None:
    page = made(ledger, audience).page
    bare = page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert re.findall(r"https?:|//\w|@import|\ssrc\s*=|srcset|<script|<iframe|<object|<embed", bare) == []
    assert set(re.findall(r"url\((.)", bare)) <= {"#"}
    read = Read(page)
    tags = Counter(tag for tag, _ in read.tags)
    assert tags["link"] == 1
    assert not tags.keys() & {"script", "img", "iframe", "form", "input", "button", "select", "object", "base", "audio"}
    assert not [name for _, attrs in read.tags for name in attrs if name.startswith("on") or name == "style"]
    assert [each for each in read.values("href", "xlink:href", "action") if not each.startswith("#")] == ["data:,"]


@pytest.mark.parametrize(("ledger", "audience"), EVERY)
def test_the_policy_allows_this_style_and_nothing_else(ledger: str, audience: str) -> None:
    page = made(ledger, audience).page
    policy = next(attrs["content"] for _, attrs in Read(page).tags if attrs.get("http-equiv"))
    styles = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert len(styles) == 1
    assert page.count("<style") == 1
    digest = b64encode(sha256(styles[0].encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_every_variable_of_the_style_has_a_value() -> None:
    style = made("bakery", "members").page.partition("<style>")[2].partition("</style>")[0]
    assert set(re.findall(r"var\((--[\w-]+)", style)) <= set(re.findall(r"(--[\w-]+)\s*:", style))


@pytest.mark.parametrize(("ledger", "audience"), EVERY)
def test_every_anchor_leads_somewhere_and_every_id_is_one(ledger: str, audience: str) -> None:
    read = Read(made(ledger, audience).page)
    ids = read.values("id")
    assert [each for each, count in Counter(ids).items() if count > 1] == []
    anchors = {each[1:] for each in read.values("href") if each.startswith("#")}
    named = {each for value in read.values("aria-labelledby", "aria-describedby", "for") for each in value.split()}
    painted = set(re.findall(r"url\(#([^)]+)\)", made(ledger, audience).page))
    assert (anchors | named | painted) - set(ids) == set()
    assert len(anchors) > 5


@pytest.mark.parametrize(("ledger", "audience"), EVERY)
def test_headings_are_in_order_and_landmarks_are_there(ledger: str, audience: str) -> None:
    read = Read(made(ledger, audience).page)
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    tags = Counter(tag for tag, _ in read.tags)
    assert (tags["main"], tags["html"], tags["body"]) == (1, 1, 1)
    assert read.tags[0] == ("html", {"lang": "en"})


def test_the_first_line_says_whose_page_it_is() -> None:
    for audience in AUDIENCES:
        assert made("bakery", audience).page.startswith(f"{page_mark(audience)}\n")


# -- what it shows -------------------------------------------------------------------------------------------------


def section(page: str, name: str) -> str:
    """The text of one section, as a reader sees it."""
    begins = page.rindex("<", 0, page.index(f' id="{name}" aria-labelledby'))
    ends = page.find('<section class="chapter', begins + 1)
    return " ".join("".join(Read(page[begins:ends]).texts).split())


def shown(amount: str) -> str:
    """Money as the page writes it."""
    return f"{Decimal(amount):,}".replace("-", "\N{MINUS SIGN}")


@pytest.fixture
def published(tmp_path: Path) -> Callable[[Made], Any]:
    """The published ledger, loaded by itself."""

    def loaded(one: Made) -> Any:
        path = tmp_path / f"{one.audience}.beancount"
        path.write_text(one.text, encoding="utf-8")
        return load(path)

    return loaded


@pytest.mark.parametrize(("ledger", "audience"), [each for each in EVERY if each[1] != "public"])
def test_the_figures_are_those_of_the_published_ledger(
    published: Callable[[Made], Any], ledger: str, audience: str
) -> None:
    one = made(ledger, audience)
    coop = published(one)
    pay, surplus, mine = (section(one.page, name) for name in ("pay", "surplus", "mine"))
    for row in coop.wages().rows:
        assert row.ratio is None or row.ratio in pay
    for name in coop.periods():
        for step in coop.surplus(name, one.as_of).steps:
            assert shown(step.amount.lstrip("-")) in surplus
    for row in coop.funds(one.as_of).rows:
        assert shown(row.balance) in section(one.page, "funds")
    for row in coop.members().rows:
        assert f"{row.member} {shown(row.balance)} {coop.currency}" in mine


@pytest.mark.parametrize(("ledger", "audience"), EVERY)
def test_every_account_has_the_balance_of_the_published_ledger(ledger: str, audience: str, tmp_path: Path) -> None:
    one = made(ledger, audience)
    path = tmp_path / "published.beancount"
    path.write_text(one.text, encoding="utf-8")
    loaded = load_books(path)
    sums: Counter[str] = Counter()
    count = 0
    for entry in loaded.entries:
        for posting in getattr(entry, "postings", None) or ():
            sums[posting.account] += posting.units.number
            count += 1
    sheets = re.findall(
        r'<details class="fold sheet">.*?class="num">([^<]+)</span>.*?id="account-([^"]+)"', one.page, re.DOTALL
    )
    assert {name for _, name in sheets} == set(sums)
    for balance, name in sheets:
        sign = 1 if name.split(":")[0] in ("Assets", "Expenses") else -1
        assert unescape(balance).split()[0].replace("\N{MINUS SIGN}", "-") == f"{sign * sums[name] + 0:,}", name
    assert sha256(one.text.encode()).hexdigest() in section(one.page, "made")
    assert len(re.findall(r'<tr><td class="wrap"><a href="#account-', one.page)) == count


@pytest.mark.parametrize(("ledger", "audience"), EVERY)
def test_the_ledger_can_be_had_back_from_the_page(ledger: str, audience: str) -> None:
    one = made(ledger, audience)
    kept = ledger_in(one.page)
    figures = [line for line in one.text.splitlines() if line[10:].startswith(' custom "published" ')]
    assert set(figures) <= set(kept.splitlines())
    if audience == "public":
        assert kept == one.text


def test_the_public_page_has_no_account_of_a_person() -> None:
    page = made("bakery", "public").page
    assert 'id="mine"' not in page
    assert 'id="pay"' in page
    people = {
        record.id for record in load(ROOT / "ledgers/bakery/main.beancount").facts.records if record.KIND == "member"
    }
    words = set(re.findall(r"[\w-]+", "".join(Read(page).texts).lower()))
    assert people
    assert not people & words


# -- only what was published ---------------------------------------------------------------------------------------


def pages(one: Books, marker: str) -> Iterator[str]:
    """The pages of random books with the marker in all their texts and file names."""
    with TemporaryDirectory() as name:
        folder = Path(name, f"{marker}-folder")
        folder.mkdir()
        included = "\n\n".join(marked(text, marker) for text in directives(one))
        (folder / f"{marker}.beancount").write_text(included + "\n", encoding="utf-8")
        main = folder / f"main-{marker}.beancount"
        main.write_text(f'{OPTIONS}include "{marker}.beancount"\n{extras(marker)}', encoding="utf-8")
        loaded = load_books(main)
        for audience in ("members", "public"):
            yield page_of(view_text(view_of(loaded, audience, date(2026, 1, 31))), audience, date(2026, 1, 31))


@settings(max_examples=50 if LONG else 4)
@given(one=books(), marker=MARKERS, other=MARKERS)
def test_no_text_of_the_books_comes_onto_the_page(one: Books, marker: str, other: str) -> None:
    """The marker is in no byte, in whatever capitals; and other texts give the very same page."""
    seen = list(pages(one, marker))
    assert all(marker not in page.casefold() for page in seen)
    assert seen == list(pages(one, other))


def test_the_same_ledger_gives_the_same_file_wherever_it_lies(tmp_path: Path) -> None:
    digests = set()
    for seed, place in (("1", "here"), ("2", "there/deeper")):
        folder = tmp_path / place
        shutil.copytree(ROOT / "ledgers" / "bakery", folder)
        call = [sys.executable, "-m", "coopbooks", "publish", "main.beancount", "--for", "members"]
        call += ["--as-of", "2026-10-31", "-o", "page.html"]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": f"Etc/GMT+{seed}", "PYTHONPATH": str(ROOT)}
        subprocess.run(call, cwd=folder, env=environment, check=True, capture_output=True)
        digests.add(sha256((folder / "page.html").read_bytes()).hexdigest())
    here = Made(ROOT / "ledgers" / "bakery" / "main.beancount", "members", date(2026, 10, 31))
    assert digests == {sha256(here.page.encode()).hexdigest()}


# -- the command ---------------------------------------------------------------------------------------------------

AID = """
option "title" "Aid"
option "operating_currency" "EUR"
2024-01-01 open Assets:Bank
2024-01-01 open Assets:Bank:Aid
2024-01-01 open Equity:Funds:Aid
2024-01-01 open Income:Gifts
2024-01-01 custom "coop" "decision" "D1"
2024-01-01 custom "coop" "fund" "aid"
  account: Equity:Funds:Aid
  kind: "mutual-aid"
  backing: Assets:Bank:Aid
2024-01-02 * "gift"
  source: "donation"
  Assets:Bank:Aid  1000 EUR
  Equity:Funds:Aid
"""


def aid(claims: int, amount: int = 10) -> str:
    """Books in which so many people were helped in one month."""
    helped = (
        f'2024-02-{claim:02} * "help"\n  decision: "D1"\n  claim: {claim}\n  Equity:Funds:Aid  {amount} EUR\n'
        "  Assets:Bank:Aid\n"
        for claim in range(1, claims + 1)
    )
    return AID + "".join(helped)


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def publish(tmp_path: Path) -> Run:
    """Runs the command in a folder of its own."""

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        call = [sys.executable, "-m", "coopbooks", "publish", "main.beancount", *args]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(call, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True)

    return run


def test_a_page_is_written_once_and_known_again(ledger: Callable[..., Path], publish: Run, tmp_path: Path) -> None:
    ledger(aid(5))
    first = publish("--for", "members", "--as-of", "2024-05-01", "-o", "page.html")
    assert first.returncode == 0, first.stderr
    assert "page.html: written." in first.stdout
    page = tmp_path / "page.html"
    assert '2024-03-31 custom "published" "spent" "aid" "2024-Q1" 50 EUR' in ledger_in(page.read_text(encoding="utf-8"))
    assert "nothing was changed" in publish("--for", "members", "--as-of", "2024-05-01", "-o", "page.html").stdout
    other = publish("--for", "auditors", "--as-of", "2024-05-01", "-o", "page.html")
    assert other.returncode == 2
    assert "something else stands there" in other.stderr


def test_a_figure_that_is_published_on_a_page_is_not_changed(
    ledger: Callable[..., Path], publish: Run, tmp_path: Path
) -> None:
    ledger(aid(5))
    assert publish("--for", "members", "--as-of", "2024-05-01", "-o", "page.html").returncode == 0
    before = (tmp_path / "page.html").read_bytes()
    ledger(aid(6))
    refused = publish("--for", "members", "--as-of", "2024-05-01", "-o", "page.html")
    assert refused.returncode == 2
    assert "is published there already and would change" in refused.stderr
    assert (tmp_path / "page.html").read_bytes() == before


def test_a_page_too_large_for_its_ledger_holds_the_next_one_to_what_it_said(
    ledger: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coopbooks.publish.page.WHOLE_MAX_BYTES", 10)
    day = date(2024, 5, 1)
    first = view_of(load_books(ledger(aid(5))), "members", day)
    kept = ledger_in(page_of(view_text(first), "members", day))
    assert 0 < len(kept) < len(view_text(first))
    changed_since(kept, first, "page.html")
    with pytest.raises(WriteRefused, match="is published there already and would change"):
        changed_since(kept, view_of(load_books(ledger(aid(6))), "members", day), "page.html")
    protected_later = kept.replace('"aid-incoming"', '"other"')
    with pytest.raises(WriteRefused, match="is shown there entry by entry"):
        changed_since(protected_later, first, "page.html")


def test_another_ending_is_refused_with_both_that_are_known(ledger: Callable[..., Path], publish: Run) -> None:
    ledger(AID)
    refused = publish("--for", "members", "-o", "page.pdf")
    assert refused.returncode == 2
    assert "name it page.beancount or page.html" in refused.stderr


def test_a_missing_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coopbooks.publish.page.find_spec", lambda name: None if name == "vl_convert" else object())
    with pytest.raises(ToolMissing, match=r"the page needs vl_convert.*pip install \"coopbooks\[fava\]\""):
        page_of("", "members", date(2026, 1, 1))


def test_the_page_needs_no_fava() -> None:
    call = (
        "import sys; from datetime import date; from coopbooks.publish import page_of;"
        "page_of('option \"title\" \"Open book\"\\n', 'public', date(2026, 1, 1)); print('fava' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", call], env=environment, check=False, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_what_came_since_the_books_were_last_shown_and_ever() -> None:
    page = made("bakery", "members").page
    assert 'id="givers-all"' in page
    assert 'href="#givers-all"' in page
    assert section(page, "givers").startswith("Who gives us money, on what conditions? Since our books were last shown")


def test_of_very_many_people_each_account_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coopbooks.publish.sections.PEOPLE_MAX", 3)
    monkeypatch.setattr("coopbooks.publish.sections.PAY_ROWS_MAX", 40)
    one = Made(ROOT / "ledgers" / "bakery" / "main.beancount", "members", LEDGERS["bakery"])
    assert "each one’s account is a row here" in section(one.page, "mine")
    assert 'id="mine-ada"' in one.page
    assert one.page.count('<div class="inside" id="pay-2') == 4
    anchors = {each[1:] for each in Read(one.page).values("href") if each.startswith("#")}
    assert anchors - set(Read(one.page).values("id")) == set()
    assert len(one.page) < len(made("bakery", "members").page)


# -- entries -------------------------------------------------------------------------------------------------------


def entry(day: date, line: int, amount: int) -> Entry:
    number = Decimal(amount)
    both = (Posting("Assets:Bank", number, "EUR", ()), Posting("Income:Sales", -number, "EUR", ()))
    return Entry(day, line, f"entry-{line}", "Entry", (), both)


def test_too_many_entries_are_added_up_by_month_and_nothing_is_lost() -> None:
    found = tuple(entry(date(2025, month, day), month * 100 + day, month) for month in (1, 2, 3) for day in (1, 2))
    whole, folded = Journal(found, "EUR"), Journal(found, "EUR", lines_max=7)
    assert whole.folded_said is None
    assert [month.name for month in whole.months] == ["2025-03", "2025-02", "2025-01"]
    assert folded.folded_said == "February 2025"
    assert [month.name for month in folded.months] == ["2025-03"]
    bank = folded.sheets[0]
    assert [(line.said, line.amount, line.balance) for line in bank.lines] == [
        ("January 2025", "2", "2"),
        ("February 2025", "4", "6"),
        ("1 Mar 2025", "3", "9"),
        ("2 Mar 2025", "3", "12"),
    ]
    assert [sheet.balance for sheet in folded.sheets] == [sheet.balance for sheet in whole.sheets] == ["12", "12"]
    assert folded.id_of_entry(101) == bank.lines[0].id
    assert folded.id_of_entry(302) == "entry-302"


def test_a_fragment_keeps_its_own_names_and_its_text() -> None:
    text = '<svg aria-labelledby="a b"><title id="a">x id="a" &lt;p id="z"&gt;</title><g fill="url(#a)"/></svg><a href="#far">'
    assert with_prefix(text, "n-") == (
        '<svg aria-labelledby="n-a b"><title id="n-a">x id="a" &lt;p id="z"&gt;</title><g fill="url(#n-a)"/></svg><a href="#far">'
    )
    assert ids_in(text) == ["a"]
    assert references_in(text) == ["a", "b", "a", "far"]
    assert lowered("<h2 class=x>a</h2><h6>b</h6>", 2) == "<h4 class=x>a</h4><h6>b</h6>"


def test_up_to_a_size_the_ledger_stands_whole_on_its_page_and_the_publics_always(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a larger one there is what a later page is held to: who wants the rest has it as a ledger."""
    text = (
        'option "operating_currency" "EUR"\n\n2025-01-01 open Assets:Other\n2025-01-01 open Income:Other\n\n'
        '2025-02-03 * "Entry"\n  Income:Other  -7 EUR\n  Assets:Other  7 EUR\n\n'
        '2025-06-30 custom "published" "audience" "AUDIENCE"\n'
    )

    def kept(audience: str) -> str:
        return ledger_in(page_of(text.replace("AUDIENCE", audience), audience, date(2025, 6, 30)))

    whole = len(text.replace("AUDIENCE", "members"))
    monkeypatch.setattr("coopbooks.publish.page.WHOLE_MAX_BYTES", whole)
    assert kept("members") == text.replace("AUDIENCE", "members")
    monkeypatch.setattr("coopbooks.publish.page.WHOLE_MAX_BYTES", whole - 1)
    assert kept("members") == '2025-06-30 custom "published" "audience" "members"\n'
    assert kept("public") == text.replace("AUDIENCE", "public")


VOTED = """
    2024-01-01 custom "coop" "bylaw" "publish-public"
      texts: "title purpose matter conditions ally-name"
"""

# -- in a browser without scripts ----------------------------------------------------------------------------------


Show = Callable[..., Page]


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Show]:
    """Opens a page from its file with scripts off: `show(page, NARROW, "dark")`. Whatever it says or asks for fails."""
    wrong: list[str] = []
    opened: list[Page] = []

    def open_file(content: str, width: int = WIDE, scheme: str = "light") -> Page:
        path = tmp_path / "page.html"
        path.write_text(content, encoding="utf-8")
        page = browser.new_page(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=False,
        )
        opened.append(page)
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda sent: None if sent.url.split("#")[0] == path.as_uri() else wrong.append(sent.url))
        page.goto(path.as_uri())
        return page

    yield open_file
    for page in opened:
        page.close()
    assert wrong == []


OPEN_ALL = "() => document.querySelectorAll('details').forEach(each => each.open = true)"
TOO_WIDE = """() => [...document.querySelectorAll('body *')]
    .filter(each => !each.closest('.scroll, pre, svg, .skip'))
    .map(each => [each.tagName, each.className, each.getBoundingClientRect().right])
    .filter(([, , right]) => right > innerWidth + 1)"""


FORMS = [(width, scheme) for width in (WIDE, NARROW) for scheme in ("light", "dark")]


def put(page: Page, width: int, scheme: str) -> None:
    """Gives a page another form; without a script it is what it would have been if it had been opened so."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]") == [
        width,
        scheme == "dark",
    ]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_section_is_there_and_nothing_is_wider_than_the_window(show: Show, audience: str) -> None:
    page = show(made("bakery", audience).page)
    for width, scheme in FORMS:
        put(page, width, scheme)
        for each in page.locator("section.chapter").all():
            assert each.is_visible()
            assert each.locator("h2").inner_text()
            assert each.locator(".headline").first.inner_text()
        assert page.locator("nav.contents a").count() == page.locator("section.chapter").count()
    page.evaluate(OPEN_ALL)
    for width, scheme in FORMS:
        put(page, width, scheme)
        assert page.evaluate(TOO_WIDE) == [], (width, scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


CONTRAST = """() => {
    const channel = value => { value /= 255; return value <= .03928 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4; };
    const luminance = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
    const numbers = text => text.match(/[\\d.]+/g).map(Number);
    const behind = each => {
        for (; each; each = each.parentElement) {
            const colour = numbers(getComputedStyle(each).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const found = [];
    for (const each of document.querySelectorAll('body *')) {
        const own = [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
        if (!own || each.closest('svg title, svg desc, .skip') || !each.getClientRects().length) continue;
        const style = getComputedStyle(each);
        const svg = each.closest('svg');
        if (svg && (style.fill === 'none' || Number(each.getAttribute('font-size')) === 0)) continue;
        const [a, b] = [luminance(numbers(svg ? style.fill : style.color)), luminance(behind(each))];
        const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        if (ratio < 4.5) found.push([each.tagName, each.textContent.trim().slice(0, 40), ratio]);
    }
    return found;
}"""


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_text_can_be_read_on_its_ground(show: Show, audience: str) -> None:
    page = show(made("bakery", audience).page)
    page.evaluate(OPEN_ALL)
    for scheme in ("light", "dark"):
        put(page, WIDE, scheme)
        ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert (ground == "rgb(255, 255, 255)") is (scheme == "light")
        assert page.evaluate(CONTRAST) == [], scheme


CHARTS = """() => [...document.querySelectorAll('[role=img]')].filter(each => each.getClientRects().length).map(each => ({
    rows: each.closest('section').querySelectorAll('table tbody tr').length,
    name: (each.getAttribute('aria-labelledby') ?? '').split(' ').map(id => document.getElementById(id)?.textContent).join(''),
}))"""


@pytest.mark.parametrize("audience", ["members", "auditors"])
def test_a_table_stands_beside_every_chart_and_a_screen_reader_hears_its_name(show: Show, audience: str) -> None:
    page = show(made("bakery", audience).page)
    page.evaluate(OPEN_ALL)
    charts = page.evaluate(CHARTS)
    assert len(charts) > 5
    assert [each for each in charts if not (each["rows"] and each["name"])] == []
    unnamed = "[role=region]:not([aria-label][tabindex='0']), pre[tabindex]:not([aria-label])"
    assert page.locator(unnamed).count() == 0
    tree = page.locator("body").aria_snapshot()
    assert 'heading "What are we paid, and is it fair?" [level=2]' in tree
    assert 'navigation "Contents"' in tree
    assert re.search(r'- img "[^"]{10,}', tree)
    assert re.search(r'- region "[^"]+, table"', tree)


def test_what_is_folded_opens_by_keyboard(show: Show) -> None:
    page = show(made("bakery", "members").page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the answers"
    fold = page.locator("#mine details").first
    summary = fold.locator("> summary")
    assert not fold.locator("section").first.is_visible()
    page.locator("#givers a").last.focus()
    for _ in range(5):
        page.keyboard.press("Tab")
        if summary.evaluate("each => each === document.activeElement"):
            break
    assert summary.evaluate("each => each === document.activeElement")
    assert summary.evaluate("each => getComputedStyle(each).outlineStyle") != "none"
    page.keyboard.press("Enter")
    assert fold.locator("section").first.is_visible()


def test_a_figure_leads_to_its_entry_and_to_its_rule(show: Show) -> None:
    page = show(made("bakery", "members").page)
    rule = page.locator("#pay a[href^='#rule-']").first
    rule.click()
    target = page.evaluate("decodeURIComponent(location.hash.slice(1))")
    assert page.locator(f'[id="{target}"]').is_visible()
    assert "wage-ratio" in page.locator(f'[id="{target}"]').inner_text()
    page.locator("#funds").locator("a[href^='#entry-'], a[href^='#account-'], a[href^='#postings-']").first.click()
    target = page.evaluate("decodeURIComponent(location.hash.slice(1))")
    assert page.locator(f'[id="{target}"]').is_visible(), "what is folded opens for whoever is led there"


def test_text_of_a_ledger_is_never_an_element(show: Show, ledger: Callable[..., Path]) -> None:
    from test_browser import HOSTILE

    path = ledger(HOSTILE + VOTED)
    for audience in AUDIENCES:
        one = Made(path, audience, date(2024, 12, 31))
        page = show(one.page)
        assert page.locator("img, script, [onerror], [onload]").count() == 0
        assert EVIL in page.locator("h1").inner_text()
        assert page.title() == f"The open book of {EVIL}"


def test_it_prints_with_everything_that_is_folded_but_the_entries(show: Show) -> None:
    page = show(made("bakery", "members").page, scheme="dark")
    printed = PdfReader(BytesIO(page.pdf(format="A4")))
    # NFKC: where the font has one sign for two letters, the PDF has it too.
    text = normalize("NFKC", " ".join(" ".join(each.extract_text() for each in printed.pages).split()))
    assert "What are we paid, and is it fair?" in text
    assert "SHA-256 of that ledger" in text
    assert "Skip to the answers" not in text
    assert len(printed.pages) < 60
    mine = page.locator("#mine summary b").all_text_contents()
    assert mine
    for name in mine:
        assert name in text


# -- size ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ledger", "audience"), EVERY)
def test_a_page_stays_small(ledger: str, audience: str) -> None:
    assert len(made(ledger, audience).page.encode()) < 3_000_000
