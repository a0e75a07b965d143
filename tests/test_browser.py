"""The open book in a real browser: widths, dark pages, the keyboard, what is painted, and that no text runs.

Needs Chromium: the one that COOPBOOKS_CHROMIUM names, else `chromium` on the path; without it the tests fail.
"""

from __future__ import annotations

import os
import re
import shutil
from base64 import b64encode
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest
from fava.application import create_app
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from werkzeug.serving import make_server

ROOT = Path(__file__).resolve().parent.parent
BAKERY = ROOT / "ledgers" / "bakery" / "main.beancount"
VIEWS = ("pay", "surplus", "funds")
WIDE, NARROW = 1280, 390
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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    path = os.environ.get("COOPBOOKS_CHROMIUM") or shutil.which("chromium")
    assert path, "these tests need Chromium: install it, or name it in COOPBOOKS_CHROMIUM"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


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
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}/{slug}/extension/OpenBook/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_whole(show: Show, look: Look, tmp_path: Path, view: str, width: int, scheme: str) -> None:
    page = show(view, width, scheme)
    for box in ("document.documentElement", "document.querySelector('article')"):
        assert page.evaluate(f"{box}.scrollWidth <= {box}.clientWidth"), "the page is wider than the window"
    assert page.locator(".open-book .headline").count() == 1
    assert page.locator("figure svg.plot").count() >= 1
    shot = look(page.screenshot(path=tmp_path / f"{view}-{width}-{scheme}.png"))
    assert (shot.width, shot.height) == (width, 900)
    assert (sum(shot.page_colour) > 600) is (scheme == "light")
    assert len(shot.colours) > 50


@pytest.mark.parametrize("view", VIEWS)
def test_no_letter_is_cut_off_where_the_page_is_narrow(show: Show, view: str) -> None:
    page = show(view, NARROW)
    outside = page.evaluate(
        """() => [...document.querySelectorAll('.open-book :is(figure text, td, th, p)')]
            .filter(each => !each.closest('thead') && !each.closest('.ratios'))
            .map(each => [each.textContent.trim(), each.getBoundingClientRect()])
            .filter(([said, box]) => said && box.width && (box.left < 0 || box.right > innerWidth + 1))
            .map(([said]) => said)"""
    )
    assert outside == []


@pytest.mark.parametrize("view", VIEWS)
def test_a_table_stands_beside_every_chart(show: Show, view: str) -> None:
    page = show(view)
    for chart in page.locator("figure svg.plot[role=img]").all():
        pair = chart.locator("xpath=ancestor::*[contains(@class, 'pair')]")
        assert pair.locator("table tbody tr").count() >= 2
        ids = (chart.get_attribute("aria-labelledby") or "").split()
        said = [page.locator(f"#{each}").text_content() for each in ids]
        assert len(said) == 2
        assert all(said)
    for table in page.locator("table").all():
        assert table.locator("thead th").count() > 1
        assert table.locator("tbody th").count() == table.locator("tbody tr").count()


def test_chart_and_table_say_the_same(show: Show) -> None:
    page = show("view=surplus&period=2024")
    amounts = page.locator("figure .row-amount").all_text_contents()
    table = page.locator("table.steps tbody tr td:nth-child(4)").all_inner_texts()
    assert [each.replace("−", "") for each in amounts][-len(table) :] == table
    ratios = show("pay").locator("table.ratios tbody td:nth-child(2)").all_inner_texts()
    dots = show("pay").locator("figure .mark title").all_text_contents()
    assert [each.split("ratio ")[1].split(",")[0] for each in dots] == ratios[::-1]


# -- what is painted -------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_marks_of_the_ratio_are_painted_where_they_say(show: Show, look: Look, scheme: str) -> None:
    page = show("pay", scheme=scheme)
    for dot in page.locator("figure .mark .point").all():
        assert look(dot.screenshot()).share(colour_of(dot)) > 0.2
    cap = page.locator("figure .ratio-plot .cap").first
    box = cap.bounding_box()
    assert box is not None
    line = {"x": box["x"], "y": box["y"] - 2, "width": box["width"], "height": 4}
    assert look(page.screenshot(clip=line)).share(colour_of(cap, "stroke")) > 0.15  # type: ignore[arg-type]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_are_painted_as_long_as_their_amounts(show: Show, look: Look, scheme: str) -> None:
    page = show("view=surplus&period=2024", scheme=scheme)
    whole = page.locator("figure .bar.start").first.bounding_box()
    assert whole is not None
    for sort in ("common", "fund", "people"):
        for bar in page.locator(f"figure .bar.{sort}").all():
            box = bar.bounding_box()
            assert box is not None
            amount = bar.evaluate("bar => bar.parentNode.querySelector('.row-amount').textContent")
            part = float(amount.replace("−", "").replace(",", "")) / 37778.99
            assert abs(box["width"] / whole["width"] - part) < 0.01
            assert look(bar.screenshot()).share(colour_of(bar)) > 0.6


def test_a_forecast_is_hatched_and_said(show: Show, look: Look) -> None:
    page = show("view=surplus&period=2026")
    bar = page.locator("figure .bar.people")
    assert 0.2 < look(bar.screenshot()).share(colour_of(bar)) < 0.9
    assert page.locator("p.forecast-note").inner_text().startswith("Forecast:")
    assert show("view=surplus&period=2024").locator(".forecast-note, .forecast").count() == 0


def test_the_funds_bars_are_painted(show: Show, look: Look) -> None:
    page = show("funds")
    bars = page.locator("figure .bar.fund")
    assert bars.count() == page.locator("table.funds tbody tr").count()
    for bar in bars.all():
        assert look(bar.screenshot()).share(colour_of(bar)) > 0.8


def test_a_dark_page_is_dark_by_favas_own_switch_too(show: Show) -> None:
    page = show("surplus")
    before = colour_of(page.locator("figure .bar.start").first)
    page.evaluate("document.documentElement.setAttribute('data-color-scheme', 'dark')")
    assert colour_of(page.locator("figure .bar.start").first) != before


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


def test_the_views_are_reached_and_opened_by_keyboard(show: Show) -> None:
    page = show("pay")
    for view in ("surplus", "funds", "pay"):
        page.locator(".open-book .tabs a").first.evaluate("link => { link.focus(); link.blur(); }")
        page.locator("article").evaluate("article => { article.tabIndex = -1; article.focus(); }")
        tab_to(page, f"open-book-{view}")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        page.keyboard.press("Enter")
        page.wait_for_selector(f"#open-book-{view}[aria-current=page]")
        expect(page.locator(f"#open-book-{view}")).to_be_focused()
        assert f"view={view}" in page.url


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


# -- text that would like to run -------------------------------------------------------------------


@pytest.fixture
def hostile(ledger: Callable[..., Path]) -> Iterator[str]:
    """The open book of a ledger whose every free text is HTML that would run."""
    # Without a policy: the page's own escaping has to hold.
    with served(ledger(HOSTILE), policy=None) as address:
        yield address


@pytest.mark.parametrize("view", VIEWS)
def test_text_of_a_ledger_never_runs(show: Show, hostile: str, view: str) -> None:
    page = show(view, address=hostile)
    assert page.locator("article img, article script:not([type='application/json'])").count() == 0
    page.click("#open-book-surplus")
    page.wait_for_selector("#open-book-surplus[aria-current=page]")
    page.wait_for_timeout(100)
    assert page.evaluate("window.taken") is None
    assert EVIL in page.locator("article").inner_text().replace("\n", "")
