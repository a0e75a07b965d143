"""The open book behind its door, in Chromium: no text of the books runs on any page, and signing in needs no script.

Needs Chromium: the one that COOPBOOKS_CHROMIUM names, else `chromium` on the path; without it the tests fail.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from coopbooks.books.members_file import change_members_file
from coopbooks.serve import Access, OpenBookServer
from coopbooks.serve.login import with_member

WORDS = "four plain words here"
EVIL = (
    "<img src=x onerror=window.taken=1><script>window.taken=1</script><svg onload=window.taken=1>"
    "</script><a href=javascript:window.taken=1 id=evil>x</a><style>body{display:none}</style>"
    "<meta http-equiv=refresh content=0;url=https://evil.example/>{{7*7}}"
)
BOOK = f"""
    option "title" "{EVIL}"
    option "operating_currency" "USD"
    plugin "coopbooks.plugins"
    2024-01-01 commodity USD
      name: "{EVIL}"
    2024-01-01 open Assets:Bank
      note: "{EVIL}"
    2024-01-01 open Income:Sales
    2024-01-01 open Expenses:Wages
    2024-01-01 open Equity:Surplus
    2024-01-01 open Equity:Funds:Strike
    2024-01-01 open Equity:Capital:M01
    2024-01-01 custom "coop" "decision" "d1"
      matter: "{EVIL}"
      body: "{EVIL}"
      for: 2
    2024-01-01 custom "coop" "member" "m01"
      name: "{EVIL}"
      wages: Expenses:Wages
      capital: Equity:Capital:M01
    2024-01-01 custom "coop" "bylaw" "wage-ratio"
      cap: 4
      note: "{EVIL}"
    2024-01-01 custom "coop" "allocation" "first"
      step: 1
      to: Equity:Funds:Strike
      rest: TRUE
      decision: "d1"
    2024-01-01 custom "coop" "fund" "strike"
      account: Equity:Funds:Strike
      purpose: "{EVIL}"
      kind: "strike"
      backing: Assets:Bank
      movement: TRUE
    2024-01-01 custom "coop" "ally" "friends"
      name: "{EVIL}"
    2024-02-01 note Assets:Bank "{EVIL}"
    2024-02-01 event "{EVIL}" "{EVIL}"
    2024-02-01 query "{EVIL}" "SELECT account"
    2024-02-01 custom "{EVIL}" "{EVIL}"
    2024-02-01 custom "fava-sidebar-link" "{EVIL}" "javascript:window.taken=1"
    2024-03-31 * "{EVIL}" "{EVIL}"
      memo: "{EVIL}"
      link: "javascript:window.taken=1"
      document: "{EVIL}"
      Expenses:Wages    2400.00 USD
        worker: "m01"
        hours: 100
        note: "{EVIL}"
      Assets:Bank
    2024-06-30 * "{EVIL}" "{EVIL}"
      Assets:Bank    5000.00 USD
      Income:Sales
    2024-07-01 balance Assets:Bank  1.00 USD
    2024-07-02 * "A broken one {EVIL}"
      Assets:Nowhere    1.00 USD
      Income:Sales
"""
MEMBERS = [f"m{number:02}" for number in range(1, 41)]
VIEWS = ("pay", "surplus", "funds", "givers", "mine", "due", "audit", "rules")
PAGES = (
    *(f"extension/OpenBook/?view={view}" for view in VIEWS),
    *(
        "income_statement/",
        "balance_sheet/",
        "trial_balance/",
        "journal/",
        "account/Assets:Bank/",
        "errors/",
        "commodities/",
    ),
    *("account/Assets:Bank/?r=changes", "options/", "editor/", "query/", "help/", "journal/?filter=%22nothing%22"),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBookServer]:
    """The hostile book behind a log-in."""
    path = tmp_path_factory.mktemp("hostile") / "main.beancount"
    path.write_text(dedent(BOOK).lstrip(), encoding="utf-8")
    file = path.with_suffix(".members.json")
    change_members_file(file, lambda old: with_member(old, "m01", WORDS, int(time.time())))
    # One each for every time that a test signs in: a member may try ten times only.
    change_members_file(file, lambda old: old._replace(hashes=dict.fromkeys(MEMBERS, old.hashes["m01"])))
    book = OpenBookServer(path, port=0, access=Access(members_file=file, clock=time.time))
    thread = Thread(target=book.serve)
    thread.start()
    yield book
    book.stop()
    thread.join(timeout=30)


def site(server: OpenBookServer) -> str:
    return "/".join(server.url.split("/")[:3])


UNUSED = iter(MEMBERS)
Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, server: OpenBookServer) -> Iterator[Visit]:
    """A fresh browser at the book's first address: `visit(width=390, scheme="dark", script=False)`."""
    contexts = []

    def visited(width: int = 1280, scheme: str = "light", *, script: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{site(server)}/")
        return page

    yield visited
    for context in contexts:
        context.close()


def sign_in(page: Page) -> None:
    page.get_by_label("Your id in the books").fill(next(UNUSED))
    page.get_by_label("Password").fill(WORDS)
    page.get_by_role("button", name="Sign in").click()


def test_no_text_of_the_books_runs_or_leads_away_on_any_page(visit: Visit, server: OpenBookServer) -> None:
    page = visit()
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}"))
    sign_in(page)
    page.wait_for_selector("header")
    book = server.url.split("extension/")[0]
    for each in PAGES:
        page.goto(book + each)
        page.wait_for_selector("article, main", state="attached")
        page.wait_for_timeout(250)
        assert page.url.startswith(site(server)), each
        assert page.evaluate("window.taken") is None, each
        assert page.locator("article img, article meta, #evil, article style:not([nonce])").count() == 0, each
        assert page.evaluate("getComputedStyle(document.body).display") != "none", each
    assert not [url for url in asked if not url.startswith((site(server), "data:", "blob:"))]


def test_the_journal_shows_hostile_texts_as_they_are_written(visit: Visit, server: OpenBookServer) -> None:
    page = visit()
    sign_in(page)
    page.goto(server.url.split("extension/")[0] + "journal/")
    written = "<img src=x onerror=window.taken=1><script>window.taken=1</script>"
    expect(page.locator("li.transaction .payee", has_text=written).first).to_be_visible()


@pytest.mark.parametrize(
    "page_of_fava", ["income_statement/", "journal/", "account/Assets:Bank/", "errors/", "trial_balance/"]
)
def test_favas_pages_need_nothing_that_the_policy_forbids(
    page_of_fava: str, visit: Visit, server: OpenBookServer
) -> None:
    page = visit()
    sign_in(page)
    page.wait_for_selector("header")
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(server.url.split("extension/")[0] + page_of_fava)
    page.wait_for_selector("header")
    page.wait_for_timeout(300)
    assert wrong == []
    links = page.locator("aside a:visible").all_inner_texts()
    assert any("sign out" in each for each in links)
    assert not {"Query", "Editor", "Options", "Import", "Documents", "Statistics"} & {each.strip() for each in links}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_signing_in_works_without_script_on_any_width(visit: Visit, width: int, scheme: str, tmp_path: Path) -> None:
    page = visit(width, scheme, script=False)
    assert page.title() == "Sign in · The open book"
    page.get_by_label("Your id in the books").fill("m01")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.get_by_label("Your id in the books")).to_have_value("m01")
    page.screenshot(path=tmp_path / f"sign-in-{width}-{scheme}.png")
    boxes = [each.bounding_box() for each in page.locator("main *:visible").all()]
    assert all(box is None or (box["x"] >= 0 and box["x"] + box["width"] <= width) for box in boxes)
    sign_in(page)
    expect(page).to_have_url(re.compile("/extension/OpenBook/"))
    page.goto("/".join(page.url.split("/")[:3]) + "/~account")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_signing_in_works_with_the_keyboard_alone(visit: Visit) -> None:
    page = visit()
    expect(page.get_by_label("Your id in the books")).to_be_focused()
    page.keyboard.type("m01")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Password")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.type(WORDS)
    page.keyboard.press("Enter")
    page.wait_for_selector("header")
    assert "/extension/OpenBook/" in page.url


def test_a_screen_reader_is_told_what_each_field_is(visit: Visit) -> None:
    tree = visit().locator("body").aria_snapshot()
    for each in (
        'heading "Sign in"',
        'textbox "Your id in the books"',
        'textbox "Password"',
        'button "Sign in"',
        "main",
    ):
        assert each in tree


def test_a_refused_page_says_so_and_leads_back(visit: Visit, server: OpenBookServer) -> None:
    page = visit(390)
    sign_in(page)
    page.wait_for_selector("header")
    page.goto(server.url.split("extension/")[0] + "editor/")
    expect(page.get_by_role("heading", name="Not open")).to_be_visible()
    page.get_by_role("link", name="To the first page").click()
    page.wait_for_selector("header")
    assert "/extension/OpenBook/" in page.url
