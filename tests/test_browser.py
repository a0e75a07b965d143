"""The open book in a real browser: widths, dark pages, the keyboard, what is painted, and that no text runs.

Needs Chromium: the one that COOPBOOKS_CHROMIUM names, else `chromium` on the path; without it the tests fail.
"""

from __future__ import annotations

import gc
import re
from base64 import b64encode
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from socket import SO_LINGER, SOL_SOCKET, create_connection
from struct import pack
from threading import Thread, active_count
from time import sleep
from typing import TYPE_CHECKING, NamedTuple

import pytest
from fava.application import create_app
from playwright.sync_api import Browser, Locator, Page, expect
from werkzeug.serving import make_server

from coopbooks.dashboard.choice import VIEWS
from coopbooks.dashboard.page import VIEW_BY_NAME

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

ROOT = Path(__file__).resolve().parent.parent
BAKERY = ROOT / "ledgers" / "bakery" / "main.beancount"
WIDE, NARROW = 1280, 390
DRAWN = "figure .drawing:visible svg[role=img]"
"""The drawings that a reader sees: of each chart there is one for wide pages and one for narrow ones."""
Colour = tuple[int, int, int]
EVIL = "<img src=x onerror=window.taken=1><script>window.taken=1</script><svg onload=window.taken=1>"
HOSTILE = f"""
    option "title" "{EVIL}"
    option "operating_currency" "USD"
    plugin "coopbooks.plugins"
    2024-01-01 open Assets:Bank
    2024-01-01 open Income:Sales
    2024-01-01 open Expenses:Wages
    2024-01-01 open Equity:Surplus
    2024-01-01 open Equity:Funds:Strike
    2024-01-01 open Equity:Capital:M01
    2024-01-01 custom "coop" "member" "m01"
      name: "{EVIL}"
      wages: Expenses:Wages
      capital: Equity:Capital:M01
    2024-01-01 custom "coop" "bylaw" "wage-ratio"
      cap: 4
      note: "{EVIL}"
    2024-01-01 custom "coop" "allocation" "first"
      step: 1
      to: "{EVIL}"
      share: 0.25
    2024-01-01 custom "coop" "allocation" "second"
      step: 2
      to: Equity:Funds:Strike
      rest: TRUE
    2024-01-01 custom "coop" "fund" "strike"
      account: Equity:Funds:Strike
      purpose: "{EVIL}"
      kind: "strike"
      backing: Assets:Bank
    2024-03-31 * "{EVIL}" "{EVIL}"
      Expenses:Wages    2400.00 USD
        worker: "m01"
        hours: 100
      Assets:Bank
    2024-06-30 * "{EVIL}" "{EVIL}"
      Assets:Bank    5000.00 USD
      Income:Sales
"""


STRICT = "default-src 'none'; " + "; ".join(
    f"{sort}-src 'self'" for sort in ("script", "style", "img", "font", "connect")
)


@contextmanager
def served(path: Path, policy: str | None = STRICT) -> Generator[str]:
    """Fava over a ledger, read-only and with a content policy; gives the open book's address."""
    app = create_app([path], load=True, read_only=True, poll_watcher=True)
    if policy:
        app.after_request(lambda answer: answer.headers.set("Content-Security-Policy", policy) or answer)
    slug = app.config["LEDGERS"].first_slug()
    server = make_server("127.0.0.1", 0, read_to_its_end(app), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}/{slug}/extension/OpenBook/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def read_to_its_end(app: WSGIApplication) -> WSGIApplication:
    """The application with each file closed before its bytes are sent.

    A page that goes away while its icon is on the way takes the connection with it; werkzeug then leaves the file open.
    """

    def answered(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        with closing(app(environ, start)) as parts:  # type: ignore[type-var]  # Flask's have a close
            return [b"".join(parts)]

    return answered


@pytest.fixture(scope="module")
def bakery() -> Iterator[str]:
    """The open book of the example bakery."""
    with served(BAKERY) as address:
        yield address


Show = Callable[..., Page]


@pytest.fixture
def show(browser: Browser, bakery: str) -> Iterator[Show]:
    """A view: `show("pay", NARROW, "dark")`. A page that logs an error, or loads from elsewhere, fails."""
    wrong: list[str] = []
    pages: list[Page] = []

    def opened(view: str, width: int = WIDE, scheme: str = "light", address: str = bakery) -> Page:
        page = browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
        )
        pages.append(page)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("request", lambda sent: None if sent.url.startswith(host(address)) else wrong.append(sent.url))
        page.goto(f"{address}?view={view}" if "=" not in view else f"{address}?{view}")
        page.wait_for_selector("header")
        expect(page.locator(".open-book .tabs")).to_have_css("display", "flex")
        return page

    yield opened
    for page in pages:
        page.close()
    assert wrong == []


def host(address: str) -> str:
    return "/".join(address.split("/")[:3])


class Picture(NamedTuple):
    """What was painted: its size, and how many pixels have each colour."""

    width: int
    height: int
    colours: dict[Colour, int]

    def share(self, wanted: Colour, tolerance: int = 12) -> float:
        """The part of the picture that has a colour, within a tolerance for smooth edges."""
        near = (
            count
            for colour, count in self.colours.items()
            if all(abs(a - b) <= tolerance for a, b in zip(colour, wanted, strict=True))
        )
        return sum(near) / (self.width * self.height)

    @property
    def page_colour(self) -> Colour:
        """The colour that most of it has."""
        return max(self.colours, key=lambda colour: self.colours[colour])


COUNT_COLOURS = """async (base64) => {
    const image = new Image();
    image.src = 'data:image/png;base64,' + base64;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const data = context.getImageData(0, 0, image.width, image.height).data;
    const counts = new Map();
    for (let at = 0; at < data.length; at += 4) {
        const key = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
        counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return [image.width, image.height, [...counts]];
}"""
Look = Callable[[bytes], Picture]


@pytest.fixture(scope="module")
def look(browser: Browser) -> Iterator[Look]:
    """Counts the colours of a screenshot, in an empty page of the browser itself."""
    page = browser.new_page()

    def seen(png: bytes) -> Picture:
        width, height, counts = page.evaluate(COUNT_COLOURS, b64encode(png).decode())
        colours = {(key >> 16, key >> 8 & 255, key & 255): count for key, count in counts}
        return Picture(width, height, colours)

    yield seen
    page.close()


def colour_of(mark: Locator, name: str = "fill") -> Colour:
    """The colour in which the browser paints a mark."""
    text = mark.evaluate(f"mark => getComputedStyle(mark).{name}")
    red, green, blue, *_ = (int(float(part)) for part in text[text.index("(") + 1 : -1].split(","))
    return red, green, blue


# -- every view, wide and narrow, light and dark ---------------------------------------------------


SETTLED = """async () => {
    const frame = () => new Promise(done => requestAnimationFrame(done));
    await frame();
    await Promise.allSettled(document.getAnimations().map(each => each.finished));
    await frame();
}"""


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_whole(show: Show, look: Look, tmp_path: Path, view: str, width: int) -> None:
    """As it was opened, and once more when the reader's system turns dark."""
    page = show(view, width)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.evaluate(SETTLED)
        for box in ("document.documentElement", "document.querySelector('article')"):
            assert page.evaluate(f"{box}.scrollWidth <= {box}.clientWidth"), "the page is wider than the window"
        assert page.locator(".open-book h2.question").inner_text() == VIEW_BY_NAME[view].question
        assert page.locator(".open-book .headline").first.is_visible()
        for chart in page.locator("figure").all():
            assert chart.locator(".drawing:visible").count() == 1
        shot = look(page.screenshot(path=tmp_path / f"{view}-{width}-{scheme}.png"))
        assert (shot.width, shot.height) == (width, 900)
        assert (sum(shot.page_colour) > 600) is (scheme == "light")
        assert len(shot.colours) > 50


@pytest.mark.parametrize("view", VIEWS)
def test_no_letter_is_cut_off_where_the_page_is_narrow(show: Show, view: str) -> None:
    page = show(view, NARROW)
    outside = page.evaluate(
        """() => [...document.querySelectorAll('.open-book :is(figure text, td, th, p, dd, dt, a, h3, h4)')]
            .filter(each => !each.closest('thead, table:not(.stack)'))
            .map(each => [each.textContent.trim(), each.getBoundingClientRect()])
            .filter(([said, box]) => said && box.width && (box.left < 0 || box.right > innerWidth + 1))
            .map(([said]) => said)"""
    )
    assert [said for said in outside if said != "Skip to the answer"] == []


@pytest.mark.parametrize("view", VIEWS)
def test_the_page_reads_well_without_eyes(show: Show, view: str) -> None:
    page = show(view)
    tree = page.locator(".open-book").aria_snapshot()
    assert tree.count('- navigation "Questions to the open book"') == 1
    assert f'- heading "{VIEW_BY_NAME[view].question}" [level=2]' in tree
    assert tree.count(" [level=2]") == 1
    assert page.locator(".open-book :is(figure, td, th, p) svg:not([role=img], [aria-hidden=true])").count() == 0
    assert page.locator(".open-book nav a[aria-current=page]").count() == 1
    for control in page.locator(".open-book :is(select, input:not([type=hidden])):not(svelte-component *)").all():
        name = control.get_attribute("id")
        assert page.locator(f"label[for='{name}']").count() == 1
    ids = page.evaluate("[...document.querySelectorAll('.open-book [id]')].map(each => each.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("view", VIEWS)
def test_a_table_stands_beside_every_chart(show: Show, view: str) -> None:
    page = show(view)
    for chart in page.locator(DRAWN).all():
        part = chart.locator("xpath=ancestor::section[1]")
        assert part.locator("table tbody tr").count() >= 1
        ids = (chart.get_attribute("aria-labelledby") or "").split()
        said = [page.locator(f"[id='{each}']").text_content() for each in ids]
        assert len(said) == 2
        assert all(said)
    for table in page.locator(".open-book table").all():
        assert table.locator("thead th").count() > 1
        assert table.locator("tbody th").count() == table.locator("tbody tr").count()


def test_chart_and_table_say_the_same(show: Show) -> None:
    page = show("view=surplus&period=2024")
    drawn = page.locator(DRAWN).text_content() or ""
    table = page.locator("table.steps tbody td").all_inner_texts()
    assert len(table) == 7
    assert [amount for amount in table if f"\N{MINUS SIGN}{amount}" not in drawn] == []


# -- what is painted -------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_marks_of_the_ratio_are_painted(show: Show, look: Look, scheme: str) -> None:
    page = show("pay", scheme=scheme)
    dots = page.locator(DRAWN).first.locator("[fill*='--coop-common']")
    assert dots.count() == page.locator("table.ratios tbody tr").count()
    for dot in dots.all():
        assert look(dot.screenshot()).share(colour_of(dot)) > 0.03


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_are_painted_as_long_as_their_amounts(show: Show, look: Look, scheme: str) -> None:
    page = show("view=surplus&period=2024", scheme=scheme)
    drawn = page.locator(DRAWN)
    whole = drawn.locator("[fill*='--coop-start']").first.bounding_box()
    assert whole is not None
    painted = []
    for sort in ("common", "fund", "people"):
        for bar in drawn.locator(f"[fill*='--coop-{sort}']").all():
            box = bar.bounding_box()
            assert box is not None
            painted.append(box["width"] / whole["width"])
            assert look(bar.screenshot()).share(colour_of(bar)) > 0.5
    amounts = [float(text.replace(",", "")) for text in page.locator("table.steps tbody td").all_inner_texts()]
    for length, amount in zip(sorted(painted), sorted(amounts), strict=True):
        assert abs(length - amount / 37778.99) < 0.01


def test_a_forecast_is_hatched_and_said(show: Show) -> None:
    page = show("view=surplus&period=2026&as_of=2026-10-01")
    assert page.locator(DRAWN).locator("[fill^='url(#']").count() >= 7
    assert page.locator("p.forecast-note").inner_text().startswith("Forecast:")
    past = show("view=surplus&period=2024")
    assert past.locator(".forecast-note").count() == 0
    assert past.locator(DRAWN).locator("[fill^='url(#']").count() == 0


def test_a_dark_page_is_dark_by_favas_own_switch_too(show: Show) -> None:
    page = show("view=surplus&period=2024")
    bar = page.locator(DRAWN).locator("[fill*='--coop-fund']").first
    before = colour_of(bar)
    page.evaluate("document.documentElement.setAttribute('data-color-scheme', 'dark')")
    assert colour_of(bar) != before


# -- keyboard --------------------------------------------------------------------------------------


def focused(page: Page) -> str:
    return str(
        page.evaluate("document.activeElement.id || document.activeElement.className || document.activeElement.tagName")
    )


def tab_to(page: Page, wanted: str, tries: int = 120) -> None:
    """Presses Tab until the element of that id has the focus."""
    for _ in range(tries):
        page.keyboard.press("Tab")
        if focused(page) == wanted:
            return
    raise AssertionError(f"Tab never reaches {wanted}")


def start_of_page(page: Page) -> None:
    """The next Tab goes to the first link of the open book."""
    page.locator("article").evaluate("article => { article.tabIndex = -1; article.focus(); }")


def test_the_views_are_reached_and_opened_by_keyboard(show: Show) -> None:
    page = show("pay")
    for view in (*VIEWS[1:], VIEWS[0]):
        start_of_page(page)
        tab_to(page, f"open-book-{view}")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        page.keyboard.press("Enter")
        page.wait_for_selector(f"#open-book-{view}[aria-current=page]")
        expect(page.locator(f"#open-book-{view}")).to_be_focused()
        assert f"view={view}" in page.url


def test_the_first_tab_skips_to_the_answer(show: Show) -> None:
    page = show("surplus")
    start_of_page(page)
    page.keyboard.press("Tab")
    assert focused(page) == "open-book-skip"
    box = page.locator("#open-book-skip").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    expect(page.locator("#open-book-answer")).to_be_focused()


def test_a_rule_is_reached_from_its_figure_and_unfolds(show: Show) -> None:
    page = show("view=pay&period=2024-03")
    page.locator("p.rule a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#open-book-rules[aria-current=page]")
    record = page.locator(":focus")
    expect(record).to_contain_text("at most 3 times")
    expect(record).to_be_in_viewport()
    assert record.evaluate("record => record.closest('details').open") is True
    page.click("#open-book-rules-to-capital")
    expect(page.locator("#open-book-rules-capital")).to_be_focused()


def test_a_figure_leads_to_the_entry_behind_it_and_back(show: Show) -> None:
    page = show("view=surplus&period=2024")
    page.locator("table.steps tbody td a").first.click()
    expect(page).to_have_url(re.compile("/journal/"))
    expect(page.locator("article")).to_contain_text("Where the surplus of 2024 goes")
    assert page.locator("article li.transaction").count() == 1
    page.go_back()
    expect(page.locator(".headline")).to_contain_text("In 2024")


def test_the_day_of_judgement_is_chosen_by_keyboard(show: Show) -> None:
    page = show("view=surplus&period=2026&as_of=2026-10-01")
    page.locator("#open-book-as-of").fill("2027-02-01")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("as_of=2027-02-01"))
    expect(page.locator("#open-book-as-of")).to_have_value("2027-02-01")
    assert "period=2026" in page.url
    assert page.locator(".forecast-note").count() == 0


def test_a_pay_period_is_chosen_by_keyboard_without_loading_fava_again(show: Show) -> None:
    page = show("pay")
    page.evaluate("window.same = true")
    tab_to(page, "open-book-period")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert focused(page) == "open-book-show"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("period=2026-08"))
    expect(page.locator(".headline")).to_contain_text("August 2026")
    assert page.evaluate("window.same") is True
    assert page.locator("#open-book-period").input_value() == "2026-08"
    page.go_back()
    expect(page.locator(".headline")).to_contain_text("September 2026")


def test_every_scrolling_part_can_be_scrolled_by_keyboard(show: Show) -> None:
    for view in VIEWS:
        for part in show(view, NARROW).locator(".open-book .scroll").all():
            assert part.get_attribute("tabindex") == "0"
            assert part.get_attribute("aria-label")


def test_the_page_stays_styled_when_fava_changes_views(show: Show) -> None:
    page = show("pay")
    page.wait_for_selector("head link[data-open-book-style]", state="attached")
    page.click("#open-book-surplus")
    page.wait_for_selector("#open-book-surplus[aria-current=page]")
    expect(page.locator(".open-book .tabs")).to_have_css("display", "flex")
    page.click("aside a[href*='/errors/'], aside a[href*='/options/']")
    page.wait_for_selector(".open-book", state="detached")
    page.click("aside a[href*='/OpenBook/']")
    page.wait_for_selector(".open-book .headline")
    expect(page.locator(".open-book .tabs")).to_have_css("display", "flex")


def test_a_browser_that_goes_away_leaves_no_file_open(bakery: str) -> None:
    at_rest = active_count()
    for attempt in range(40):
        visitor = create_connection(("127.0.0.1", int(host(bakery).rpartition(":")[2])))
        visitor.setsockopt(SOL_SOCKET, SO_LINGER, pack("ii", 1, 0))  # closing cuts the line, with no word more
        visitor.sendall(b"GET /static/favicon.ico HTTP/1.1\r\n\r\nand more")
        sleep(attempt / 4_000)
        visitor.close()
    while active_count() > at_rest:
        sleep(0.01)
    gc.collect()  # a file left open is a warning, which is an error here


# -- text that would like to run -------------------------------------------------------------------


@pytest.fixture
def hostile(ledger: Callable[..., Path]) -> Iterator[str]:
    """The open book of a ledger whose every free text is HTML that would run."""
    # Without a policy: the page's own escaping has to hold.
    with served(ledger(HOSTILE), policy=None) as address:
        yield address


@pytest.fixture
def show_hostile(hostile: str, show: Show) -> Show:
    """Shows a view of that open book. Its pages are closed before its server ends: each asks every 5 seconds for news."""
    return lambda view: show(view, address=hostile)


@pytest.mark.parametrize("view", VIEWS)
def test_text_of_a_ledger_never_runs(show_hostile: Show, view: str) -> None:
    page = show_hostile(view)
    assert page.locator("article img, article script:not([type='application/json'])").count() == 0
    page.click("#open-book-surplus")
    page.wait_for_selector("#open-book-surplus[aria-current=page]")
    page.wait_for_timeout(100)
    assert page.evaluate("window.taken") is None
    assert EVIL in page.locator("article").inner_text().replace("\n", "")
