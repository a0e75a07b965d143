"""Every page of the open book in a real browser, behind the door: the books, their members' view and a public view.

Each page is loaded once and then looked at in four forms, through the accessibility tree and with the keyboard alone.
Needs Chromium: the one that COOPBOOKS_CHROMIUM names, else `chromium` on the path; without it the tests fail.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import NamedTuple
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from test_dashboard_audit import SIGNED_BOOKS
from test_publish_public import coop as thirty

from coopbooks.books.loading import load_books
from coopbooks.dashboard.page import PUBLIC_VIEW_BY_NAME, VIEW_BY_NAME
from coopbooks.publish import view_of, view_text
from coopbooks.serve import OpenBookServer

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = Path(__file__).with_name("golden") / "open_book"
BAKERY = ROOT / "ledgers" / "bakery" / "main.beancount"
AS_OF = "2026-11-23"
WIDE, NARROW = 1280, 390
FORMS = [(width, scheme) for width in (WIDE, NARROW) for scheme in ("light", "dark")]

QUESTIONS = ["pay", "surplus", "funds", "givers", "mine&member=ada", "due", "audit", "rules"]
PAGES = [
    *(("bakery", view) for view in QUESTIONS),
    *(("bakery", view) for view in ("surplus&period=2024", "surplus&period=2025", "mine", "mine&member=dmitri")),
    ("audited", "audit"),
    *(("members", view) for view in QUESTIONS),
    *(("public", view) for view in PUBLIC_VIEW_BY_NAME),
]
"""Each question on each book, and what else has a form of its own: a closed year, a loss, the choice of people, a debt, and
a verdict with last days that have passed."""


# -- one browser, one server for each book ---------------------------------------------------------------------------


def derived(books: Path, audience: str, as_of: date) -> str:
    return view_text(view_of(load_books(books), audience, as_of))


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The bakery's books and those of an audited one, the bakery's members' view, and a public one of a cooperative of thirty."""
    folder = tmp_path_factory.mktemp("books")
    members, public, whole, audited = (
        folder / f"{name}.beancount" for name in ("members", "public", "thirty", "audited")
    )
    audited.write_text(f'plugin "coopbooks.plugins"\n{SIGNED_BOOKS}', encoding="utf-8")
    members.write_text(derived(BAKERY, "members", date.fromisoformat(AS_OF)), encoding="utf-8")
    whole.write_text(thirty(30), encoding="utf-8")
    public.write_text(derived(whole, "public", date(2024, 2, 1)), encoding="utf-8")
    return {"bakery": BAKERY, "audited": audited, "members": members, "public": public}


@pytest.fixture(scope="module")
def doors(books: Mapping[str, Path]) -> Iterator[Mapping[str, OpenBookServer]]:
    """Each book behind the door, as `coopbooks serve` opens it."""
    servers = {name: OpenBookServer(path, port=0) for name, path in books.items()}
    threads = [Thread(target=server.serve) for server in servers.values()]
    for thread in threads:
        thread.start()
    yield servers
    for server in servers.values():
        server.stop()
    for thread in threads:
        thread.join(timeout=30)


class Tab(NamedTuple):
    """The browser's one page, and whatever went wrong on it so far."""

    page: Page
    wrong: list[str]


WATCH = """document.addEventListener('securitypolicyviolation',
    event => console.error(`the policy forbids ${event.violatedDirective} ${event.blockedURI}`))"""


@pytest.fixture(scope="module")
def tab(browser: Browser, doors: Mapping[str, OpenBookServer]) -> Iterator[Tab]:
    """A page whose every message, failed request and violation of the policy is kept."""
    page = browser.new_page(viewport={"width": WIDE, "height": 900})
    page.add_init_script(WATCH)
    wrong: list[str] = []
    sites = [site(server) for server in doors.values()]
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("response", lambda got: wrong.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    page.on("request", lambda sent: None if sent.url.startswith((*sites, "data:")) else wrong.append(sent.url))
    # A page that is left ends its own requests; nothing was refused then.
    page.on("requestfailed", lambda sent: wrong.append(sent.url) if "ABORTED" not in str(sent.failure) else None)
    yield Tab(page, wrong)
    page.close()


def site(server: OpenBookServer) -> str:
    return "/".join(server.url.split("/")[:3])


def open_view(tab: Tab, server: OpenBookServer, view: str) -> Page:
    put(tab.page, WIDE, "light")
    tab.page.goto(f"{server.url}?as_of={AS_OF}&view={view}")
    tab.page.wait_for_selector("header")
    tab.page.wait_for_selector("head link[data-open-book-style]", state="attached")
    for chart in tab.page.locator(".open-book svelte-component").all():
        chart.locator("svg").first.wait_for()
    return tab.page


SETTLED = """async () => {
    const frame = () => new Promise(done => requestAnimationFrame(done));
    await frame();
    await Promise.allSettled(document.getAnimations().map(each => each.finished));
    await frame();
}"""
"""Fava slides its menu away where a page becomes narrow."""


def put(page: Page, width: int, scheme: str, height: int = 900) -> None:
    """Gives the page another form, and waits until it is painted so."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(SETTLED)


class Opened(NamedTuple):
    """A page that was loaded, of which book, and through which door."""

    page: Page
    wrong: list[str]
    book: str
    view: str
    server: OpenBookServer

    @property
    def name(self) -> str:
        """The view without what else was asked for."""
        return self.view.partition("&")[0]


@pytest.fixture(scope="module", params=PAGES, ids="-".join)
def opened(request: pytest.FixtureRequest, tab: Tab, doors: Mapping[str, OpenBookServer]) -> Opened:
    """One of the pages; pytest runs all tests of it one after the other, so that it is loaded once."""
    book, view = request.param
    tab.wrong.clear()
    return Opened(open_view(tab, doors[book], view), tab.wrong, book, view, doors[book])


# -- wide and narrow, light and dark ---------------------------------------------------------------------------------

LAYOUT = """() => {
    const near = 1, pieces = [], wrong = [];
    const walker = document.createTreeWalker(document.querySelector('.open-book'), NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
        const holder = node.parentElement, said = node.textContent.trim();
        if (!said || !holder.checkVisibility() || holder.closest('title, desc, option, .unseen, .skip, svelte-component')) continue;
        const head = holder.closest('thead');
        if (head && getComputedStyle(head).clipPath !== 'none') continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const scroll = holder.closest('.scroll'), frame = holder.closest('svg') ?? holder.closest('.open-book');
        const edge = frame.getBoundingClientRect(), part = scroll?.getBoundingClientRect();
        for (const box of range.getClientRects()) {
            if (box.width < 1) continue;
            // What a wide table hides is reached by scrolling that table.
            if (scroll && scroll.scrollWidth > scroll.clientWidth && (box.right > part.right || box.left < part.left)) continue;
            if (box.left < -near || box.right > innerWidth + near) wrong.push(`outside: ${said}`);
            if (box.left < edge.left - near || box.right > edge.right + near) wrong.push(`cut: ${said}`);
            if (frame.matches('svg') && (box.top < edge.top - near || box.bottom > edge.bottom + near)) wrong.push(`cut: ${said}`);
            const slack = box.height / 5;
            pieces.push({said, left: box.left + 1, right: box.right - 1, top: box.top + slack, bottom: box.bottom - slack});
        }
    }
    pieces.sort((a, b) => a.top - b.top);
    pieces.forEach((one, at) => {
        for (let next = at + 1; next < pieces.length && pieces[next].top < one.bottom; next++) {
            const other = pieces[next];
            if (other.left < one.right && one.left < other.right) wrong.push(`over each other: ${one.said} | ${other.said}`);
        }
    });
    for (const box of [document.documentElement, document.querySelector('article')])
        if (box.scrollWidth > box.clientWidth) wrong.push(`${box.tagName} is wider than the window`);
    for (const chart of document.querySelectorAll('.open-book figure')) {
        if (!chart.checkVisibility()) continue;
        const seen = [...chart.querySelectorAll('.drawing')].filter(each => each.checkVisibility());
        const fits = chart.clientWidth < 560 ? 'narrow-drawing' : 'wide-drawing';
        if (seen.length !== 1 || !seen[0].classList.contains(fits)) wrong.push(`not one drawing that fits: ${chart.id}`);
    }
    return [pieces.length, wrong];
}"""
UNFOLD = "() => document.querySelectorAll('.open-book details').forEach(each => each.open = {})"


def test_every_form_is_whole(opened: Opened) -> None:
    """Nothing scrolls sideways, no text is cut off or lies over another, and of each chart the one drawing that fits shows."""
    page = opened.page
    page.evaluate(UNFOLD.format("true"))
    for width, scheme in FORMS:
        put(page, width, scheme)
        pieces, wrong = page.evaluate(LAYOUT)
        assert pieces > 10
        assert wrong == [], (width, scheme)
    page.evaluate(UNFOLD.format("false"))


CONTRAST = """() => {
    const channel = value => { value /= 255; return value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4; };
    const luminance = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
    const ratio = (one, other) => {
        const [a, b] = [luminance(one), luminance(other)];
        return (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    };
    const numbers = text => (text.match(/[\\d.]+/g) ?? []).map(Number);
    const over = ([r, g, b, alpha = 1], ground) => [r, g, b].map((value, at) => value * alpha + ground[at] * (1 - alpha));
    const ground = each => {
        if (!each) return [255, 255, 255];
        const own = numbers(getComputedStyle(each).backgroundColor);
        return own.length === 3 ? own : over(own, ground(each.parentElement));
    };
    const dim = each => each ? Number(getComputedStyle(each).opacity) * dim(each.parentElement) : 1;
    const under = (text, svg) => [...svg.querySelectorAll('path, rect, circle')].filter(mark => {
        const fill = getComputedStyle(mark).fill;
        if (!fill.startsWith('rgb') || numbers(fill)[3] === 0 || mark.closest('defs')) return false;
        const [a, b] = [mark.getBoundingClientRect(), text.getBoundingClientRect()];
        return a.width && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    }).map(mark => numbers(getComputedStyle(mark).fill));
    const found = [];
    let count = 0;
    for (const each of document.querySelectorAll('.open-book *')) {
        const own = [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
        if (!own || !each.checkVisibility() || each.closest('title, desc, option, script, .skip, svelte-component')) continue;
        const style = getComputedStyle(each), svg = each.closest('svg');
        const [r, g, b, alpha = 1] = numbers(svg ? style.fill : style.color);
        const behind = svg ? [ground(svg), ...under(each, svg).map(fill => over(fill, ground(svg)))] : [ground(each)];
        for (const one of behind) {
            count++;
            const seen = ratio(over([r, g, b, alpha * dim(each)], one), one);
            if (seen < 4.5) found.push([each.textContent.trim().slice(0, 40), seen]);
        }
    }
    return [count, found];
}"""


def test_every_text_can_be_read_on_its_ground(opened: Opened) -> None:
    """Each text against what is painted behind it, in charts as well: 4.5 to 1, as WCAG AA asks of small text."""
    page = opened.page
    page.evaluate(UNFOLD.format("true"))
    for scheme in ("light", "dark"):
        put(page, WIDE, scheme)
        count, found = page.evaluate(CONTRAST)
        assert count > 10
        assert found == [], scheme
    page.evaluate(UNFOLD.format("false"))


MARKS = """() => [...document.querySelectorAll('.open-book figure .drawing svg :is(path, rect, circle)')].map(mark => {
    const box = mark.getBoundingClientRect(), style = getComputedStyle(mark);
    const at = [box.left + box.width / 2, box.top + box.height / 2];
    return {at, fill: style.fill, mark, box};
}).filter(({at, fill, mark, box}) => mark.checkVisibility() && fill.startsWith('rgb(') && box.width >= 4 && box.height >= 4
    && document.elementFromPoint(...at) === mark).map(({at, fill}) => [...at, ...fill.match(/\\d+/g).map(Number)])"""
PIXELS = """async ([base64, points]) => {
    const image = new Image();
    image.src = 'data:image/png;base64,' + base64;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d', {willReadFrequently: true});
    context.drawImage(image, 0, 0);
    const data = context.getImageData(0, 0, image.width, image.height).data, colours = new Map();
    for (let at = 0; at < data.length; at += 4) {
        const key = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
        colours.set(key, (colours.get(key) ?? 0) + 1);
    }
    const most = [...colours].sort((a, b) => b[1] - a[1])[0][0];
    const pixel = ([x, y]) => [...context.getImageData(x, y, 1, 1).data].slice(0, 3);
    return {size: [image.width, image.height], colours: colours.size, ground: most >> 16, marks: points.map(pixel)};
}"""


@pytest.fixture(scope="module")
def darkroom(browser: Browser) -> Iterator[Page]:
    """An empty page in which pictures are looked at."""
    page = browser.new_page()
    yield page
    page.close()


def test_every_form_is_painted_and_its_marks_are_in_their_place(opened: Opened, darkroom: Page, tmp_path: Path) -> None:
    page = opened.page
    forms = FORMS if opened.book == "bakery" else [FORMS[0], FORMS[3]]
    for width, scheme in forms:
        put(page, width, scheme)
        height = min(page.evaluate("document.querySelector('article').scrollHeight") + 80, 3000)
        put(page, width, scheme, height)
        shot = page.screenshot(path=tmp_path / f"{opened.book}-{opened.view}-{width}-{scheme}.png")
        marks = page.evaluate(MARKS)
        found = darkroom.evaluate(PIXELS, [b64encode(shot).decode(), [mark[:2] for mark in marks]])
        assert found["size"] == [width, height]
        assert found["colours"] > 100, "a page with text has letters with smooth edges"
        assert (found["ground"] > 200) is (scheme == "light")
        for (x, y, *wanted), seen in zip(marks, found["marks"], strict=True):
            assert all(abs(a - b) <= 3 for a, b in zip(seen, wanted, strict=True)), (x, y, wanted, seen)
        charts = page.locator(".open-book figure .drawing:visible").count()
        # A forecast is hatched all over: its marks are patterns.
        assert bool(marks) or not charts or page.locator("figure [fill^='url(#']:visible").count() > 3


# -- what a screen reader is told ------------------------------------------------------------------------------------

NAMED = re.compile(r"(?P<indent> *)- (?P<role>[a-z]+)(?: \"(?P<name>(?:[^\"\\]|\\.)*)\")?(?P<rest>.*)")
LEVEL = " []:'"
KEPT = {"navigation", "region", "img"}


class Told(NamedTuple):
    """One line of the accessibility tree."""

    role: str
    name: str
    rest: str


def tree_of(page: Page) -> list[Told]:
    """What a screen reader goes through, without Fava's own charts: the tables beside them hold the same."""
    page.evaluate("document.querySelectorAll('.open-book svelte-component').forEach(each => each.hidden = true)")
    tree = page.locator(".open-book").aria_snapshot()
    page.evaluate("document.querySelectorAll('.open-book svelte-component').forEach(each => each.hidden = false)")
    found = (NAMED.match(line.replace("- '", "- ", 1)) for line in tree.splitlines())
    return [Told(each["role"], (each["name"] or "").replace('\\"', '"'), each["rest"]) for each in found if each]


def outline(page: Page) -> str:
    """What the page answers, then its headings, landmarks, pictures and tables in the order in which they are read."""
    lines = [f"answer: {text}" for text in page.locator(".open-book .headline").all_inner_texts()]
    verdicts = page.locator(".open-book .verdict").all()
    lines += [f"{(each.get_attribute('class') or '').split()[-1]}: {each.inner_text()}" for each in verdicts]
    lines.append("")
    columns: list[str] = []
    for told in tree_of(page):
        if told.role == "columnheader":
            columns.append(told.name)
            continue
        if columns:
            lines[-1] += f" [{' | '.join(columns)}]"
            columns = []
        if told.role == "heading":
            lines.append(f"{'#' * int(told.rest.strip(LEVEL)[-1])} {told.name}")
        elif told.role == "table" or (told.role in KEPT and told.name):
            lines.append(f"{told.role}: {told.name}")
    return "\n".join(lines) + "\n"


def test_a_screen_reader_is_told_all(opened: Opened) -> None:
    """Headings in order, landmarks and tables with a name of their own, pictures in words, nothing to press without a name."""
    put(opened.page, WIDE, "light")
    tree = tree_of(opened.page)
    levels = [int(told.rest.strip(LEVEL)[-1]) for told in tree if told.role == "heading"]
    assert levels.count(2) == 1
    assert levels[0] == 2
    assert all(after <= before + 1 for before, after in pairwise(levels))
    views = PUBLIC_VIEW_BY_NAME if opened.book == "public" else VIEW_BY_NAME
    assert next(told.name for told in tree if told.role == "heading") == views[opened.name].question
    regions = [told.name for told in tree if told.role in ("region", "navigation")]
    assert "Questions to the open book" in regions
    assert all(regions)
    assert len(regions) == len(set(regions)), "two parts of the page have one name"
    assert [
        told for told in tree if told.role in ("link", "button", "img", "table", "combobox") and not told.name
    ] == []
    for chart in opened.page.locator(".open-book figure svg[role=img]").all():
        ids = (chart.get_attribute("aria-labelledby") or "").split()
        title, said = (opened.page.locator(f"[id='{each}']").text_content() or "" for each in ids)
        assert title
        assert len(said) > 20


def test_every_table_has_a_name_and_heads(opened: Opened) -> None:
    for table in opened.page.locator(".open-book table").all():
        assert table.locator("caption").text_content()
        assert table.locator("tbody th").count() == table.locator("tbody tr").count()
        if "ladder" not in (table.get_attribute("class") or ""):
            heads = table.locator("thead th").count()
            cells = table.locator("tbody tr").first.locator("th, td")
            assert heads == cells.count() or cells.last.get_attribute("colspan")


READ = [(book, view) for book, view in PAGES if book == "public" or (book == "bakery" and view in QUESTIONS)]


@pytest.mark.parametrize(("book", "view"), READ)
def test_what_is_read_aloud_is_as_written_down(
    tab: Tab, doors: Mapping[str, OpenBookServer], book: str, view: str, tmp_path: Path
) -> None:
    """The golden file is what a screen reader goes through; after a change that is meant, the new text is taken over."""
    page = open_view(tab, doors[book], view)
    said = outline(page)
    name = f"{book}-{view.partition('&')[0]}.txt"
    (tmp_path / name).write_text(said, encoding="utf-8")
    assert said == (GOLDEN / name).read_text(encoding="utf-8")


# -- the keyboard alone ----------------------------------------------------------------------------------------------

FOCUSABLE = """() => {
    const sorts = 'a[href], button, select, input:not([type=hidden]), summary, [tabindex="0"]';
    window.stops = [...document.querySelectorAll(`.open-book :is(${sorts})`)]
        .filter(each => each.checkVisibility() && !each.closest('svelte-component'));
    window.reached = [];
    document.addEventListener('focusin', ({target}) => {
        const at = stops.indexOf(target), style = getComputedStyle(target), box = target.getBoundingClientRect();
        if (at >= 0 && reached.at(-1)?.at !== at) reached.push({
            at, id: target.id || target.textContent.trim().slice(0, 40), top: box.top + document.querySelector('article').scrollTop,
            seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,
            shown: box.width > 0 && box.left >= 0 && box.right <= innerWidth + 1 && box.bottom > 0 && box.top < innerHeight,
        });
    });
    const article = document.querySelector('article');
    article.tabIndex = -1;
    article.focus();
    return stops.length;
}"""


def test_tab_reaches_everything_in_the_order_in_which_it_is_read(opened: Opened) -> None:
    page = opened.page
    put(page, NARROW if opened.book == "members" else WIDE, "light")
    count = page.evaluate(FOCUSABLE)
    assert count > 5
    # A date has stops of its own for day, month, year and calendar; Fava's charts have their buttons.
    for _ in range(count + 6 + 8 * page.locator(".open-book svelte-component").count()):
        page.keyboard.press("Tab")
    reached = page.evaluate("reached")
    assert [stop["at"] for stop in reached][:count] == list(range(count))
    assert reached[0]["id"] == "open-book-skip"
    assert [stop["id"] for stop in reached if not stop["seen"]] == [], "what has the focus has a frame"
    assert [stop["id"] for stop in reached if not stop["shown"]] == [], "what has the focus is on the screen"
    for part in page.locator(".open-book .scroll:visible").all():
        assert part.get_attribute("tabindex") == "0"
    assert page.locator(".open-book [tabindex]:not([tabindex='0']):not([tabindex='-1'])").count() == 0


def test_what_is_folded_opens_with_either_key(opened: Opened) -> None:
    folds = opened.page.locator(".open-book details:visible").all()
    for fold, key in zip(folds[:2], ("Enter", "Space"), strict=False):
        fold.locator("> summary").focus()
        opened.page.keyboard.press(key)
        assert fold.evaluate("fold => fold.open") is True
        opened.page.keyboard.press(key)
        assert fold.evaluate("fold => fold.open") is False
    if opened.name == "rules" or opened.view in ("due", "mine&member=ada"):
        assert folds


# -- where figures lead ----------------------------------------------------------------------------------------------

ADDRESSES = """() => [...document.querySelectorAll('.open-book a[href]')]
    .map(each => new URL(each.getAttribute('href'), location).href)"""
ASKED: set[str] = set()
"""The addresses that were asked for already, since pages share most of them."""


def ask(server: OpenBookServer, address: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", address.removeprefix(site(server)))
    response = connection.getresponse()
    text = response.read().decode("utf-8", "replace")
    connection.close()
    return response.status, text


def test_every_link_is_answered_and_every_rule_is_where_it_says(opened: Opened) -> None:
    addresses = set(opened.page.evaluate(ADDRESSES))
    assert len(addresses) > 4
    rules = ""
    for address in sorted(addresses):
        assert address.startswith(site(opened.server)), address
        page, _, part = address.partition("#")
        if page.split("?")[0] == opened.page.url.split("?")[0] and part:
            here = opened.page.url.split("#")[0] == page
            if not here and not rules:
                rules = ask(opened.server, page)[1]
            assert f'id="{unquote(part)}"' in (opened.page.content() if here else rules), address
        if page not in ASKED and "statement.pdf" not in page:
            ASKED.add(page)
            assert ask(opened.server, page)[0] == 200, address


LEADLESS = """() => [...document.querySelectorAll('.open-book table:not(.outlook, .told) tbody td.num')]
    .filter(cell => /\\d/.test(cell.textContent) && !cell.closest('tr').querySelector('a'))
    .map(cell => `${cell.closest('table').className}: ${cell.closest('tr').textContent.replace(/\\s+/g, ' ').trim()}`)"""


def test_every_figure_leads_somewhere(opened: Opened) -> None:
    """The figure itself, or what its row is called or comes to. Forecasts are booked nowhere, nor are the public's figures."""
    found = opened.page.evaluate(LEADLESS)
    assert (found if opened.book != "public" else [each for each in found if each.startswith(("steps", "funds"))]) == []


def test_nothing_went_wrong_while_all_this_was_done(opened: Opened) -> None:
    """No message on the console, no request that failed or left this server, nothing that the policy forbids."""
    assert opened.wrong == []


def amount(text: str) -> Decimal:
    found = re.search(r"[-\N{MINUS SIGN}]?[\d,]+\.?\d*", text)
    assert found, text
    return Decimal(found[0].replace(",", "").replace("\N{MINUS SIGN}", "-"))


def changes(page: Page) -> list[Decimal]:
    """What each entry that Fava's page of an account shows changed on it."""
    page.wait_for_selector("article ol.journal li.transaction")
    rows = page.locator("article ol.journal li.transaction > p")
    return [amount(row.locator(".change").inner_text()) for row in rows.all()]


class Walk(NamedTuple):
    """A figure that a worker presses: where it stands, on which account its entries are, and how many.

    `sign` is -1 for funds and capital, which books write with a minus.
    """

    view: str
    figure: str
    account: str
    entries: int
    sign: int = 1


WALKS = {
    "what a fund holds": Walk("funds", "table.funds tr:has-text('mutual-aid') td b a", "Equity:Funds:MutualAid", 5, -1),
    "what a fund spent": Walk("funds", "table.funds a >> text=1,050.00", "Equity:Funds:Strike", 3, 0),
    "what I own": Walk("mine&member=ada", "table.vintages tfoot a", "Equity:Members:Ada", 5, -1),
    "a part kept for me": Walk("mine&member=ada", "table.vintages tbody td a >> nth=0", "Equity:Members:Ada", 3, -1),
    "my interest": Walk("mine&member=ada", "table.parts a >> text=44.78", "Equity:Members:Ada", 4, 0),
}


@pytest.mark.parametrize("name", WALKS)
def test_a_worker_finds_the_entries_behind_a_figure(tab: Tab, doors: Mapping[str, OpenBookServer], name: str) -> None:
    walk = WALKS[name]
    page = open_view(tab, doors["bakery"], walk.view)
    link = page.locator(walk.figure)
    figure = amount(link.inner_text())
    link.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/account/{walk.account}"))
    found = changes(page)
    assert len(found) == walk.entries
    if walk.sign:
        assert sum(found) * walk.sign == figure
    page.go_back()
    expect(page.locator(".open-book .headline").first).to_be_visible()


LINES = """() => [...document.querySelectorAll('li.open-book-person')].filter(each => each.checkVisibility())
    .map(line => [line.querySelector('.num').textContent, line.querySelector('dl').textContent])"""


@pytest.mark.parametrize(
    ("book", "person", "period"),
    [
        ("bakery", "ada", "2026-09"),
        ("bakery", "jo", "2026-09"),
        ("members", "ada", "2026-09"),
        ("members", "jo", "2025-12"),
    ],
)
def test_a_worker_finds_the_own_pay(
    tab: Tab, doors: Mapping[str, OpenBookServer], book: str, person: str, period: str
) -> None:
    """Fava shows whole entries: of an account for several, they stand unfolded, and this person's lines are marked."""
    page = open_view(tab, doors[book], f"pay&period={period}")
    link = page.locator("table.by-person tr", has=page.get_by_role("rowheader", name=person)).locator("a")
    figure = amount(link.inner_text())
    link.focus()
    page.keyboard.press("Enter")
    if (book, person) == ("bakery", "ada"):
        page.wait_for_selector("li.open-book-person")
        lines = page.evaluate(LINES)
        assert all(person in told for _, told in lines)
        assert sum(amount(paid) for paid, _ in lines) == figure
    else:
        assert sum(changes(page)) == figure


def test_a_member_finds_the_hours_of_a_year(tab: Tab, doors: Mapping[str, OpenBookServer]) -> None:
    page = open_view(tab, doors["bakery"], "mine&member=chiara&period=2025")
    link = page.locator(".tiles a").first
    figure = amount(link.inner_text())
    link.click()
    page.wait_for_selector("li.open-book-person")
    lines = page.evaluate(LINES)
    assert len(lines) == 13
    assert sum(amount(told.split("hours:")[1]) for _, told in lines) == figure


ENTRIES = {
    "a fund's spending": ("funds", "table.fund-entries a >> text=420.00", "420.00"),
    "a step of a closed year": ("surplus&period=2024", "table.steps tbody td a >> nth=0", ""),
    "a gift": ("givers", "table.gifts td a >> nth=0", "1,000.00"),
    "my money of a year": ("mine&member=ada", "table.parts a >> text=812.53 >> nth=-1", "812.53"),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_a_worker_finds_the_one_entry_of_a_figure(tab: Tab, doors: Mapping[str, OpenBookServer], name: str) -> None:
    view, figure, said = ENTRIES[name]
    page = open_view(tab, doors["bakery"], view)
    link = page.locator(figure)
    said = said or link.inner_text()
    link.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/journal/"))
    entry = page.locator("article ol.journal li.transaction")
    expect(entry).to_have_count(1)
    assert said.replace(",", "") in (entry.text_content() or "").replace(",", "")
    page.go_back()
    expect(page.locator(".open-book .headline").first).to_be_visible()


def test_a_rule_of_a_figure_gets_the_focus_and_leads_on_to_its_vote(
    tab: Tab, doors: Mapping[str, OpenBookServer]
) -> None:
    page = open_view(tab, doors["members"], "surplus")
    page.locator("table.steps .basis a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#open-book-rules[aria-current=page]")
    record: Locator = page.locator(".record:focus")
    expect(record).to_be_in_viewport()
    record.locator(".vote a").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".record:focus")).to_contain_text("Decision")
    expect(page.locator(".record:focus")).to_be_in_viewport()


# -- texts that would like to run ------------------------------------------------------------------------------------

EVIL = "<img src=x onerror=window.taken=1><script>window.taken=1</script><svg onload=window.taken=1>"
HOSTILE = f"""\
option "title" "{EVIL}"
option "operating_currency" "USD"
plugin "coopbooks.plugins"
2024-01-01 open Assets:Bank
2024-01-01 open Income:Sales
2024-01-01 open Income:Gifts
2024-01-01 open Expenses:Wages
2024-01-01 open Equity:Surplus
2024-01-01 open Equity:Collective
2024-01-01 open Equity:Funds:Training
2024-01-01 open Equity:Members:M01
2024-01-01 custom "coop" "decision" "d1"
  matter: "{EVIL}"
  body: "{EVIL}"
  for: 2
2024-01-01 custom "coop" "member" "m01"
  name: "{EVIL}"
  wages: Expenses:Wages
  capital: Equity:Members:M01
2024-01-01 custom "coop" "bylaw" "wage-ratio"
  cap: 4
  note: "{EVIL}"
2024-01-01 custom "coop" "bylaw" "publish-members"
  texts: "purpose matter conditions ally-name title"
  decision: "d1"
2024-01-01 custom "coop" "bylaw" "surplus"
  patronage: "hours"
2024-01-01 custom "coop" "fund" "training"
  account: Equity:Funds:Training
  purpose: "{EVIL}"
  kind: "education"
  backing: Assets:Bank
  decision: "d1"
2024-01-01 custom "coop" "allocation" "training"
  step: 1
  to: Equity:Funds:Training
  share: 0.25
  decision: "d1"
2024-01-01 custom "coop" "allocation" "members"
  step: 1
  to: "members"
  share: 0.25
2024-01-01 custom "coop" "allocation" "rest"
  step: 2
  to: Equity:Collective
  rest: TRUE
2024-01-01 custom "coop" "ally" "friends"
  name: "{EVIL}"
2024-02-01 custom "coop" "contract" "friends"
  signed: 2024-02-01
  open-ledger: TRUE
2024-02-02 custom "coop" "signal" "friends"
  what: "{EVIL}"
  evidence: "{EVIL}"
2024-02-03 custom "coop" "auditor" "union:ann"
  audit: "LA"
  accepted: TRUE
  conflicts: "{EVIL}"
2024-02-04 custom "coop" "audit" "LA"
2024-02-05 custom "coop" "finding" "LA/GOV-1"
  label: "reformist"
  basis: "human"
  votes: "1-0-0"
  text: "{EVIL}"
  evidence: "{EVIL}"
2024-02-06 custom "coop" "flag" "LA/SUP-2"
  text: "{EVIL}"
2024-03-31 * "{EVIL}" "{EVIL}"
  Expenses:Wages    2400.00 USD
    worker: "m01"
    hours: 100
    note: "{EVIL}"
  Assets:Bank
2024-04-01 * "{EVIL}" "{EVIL}"
  Assets:Bank       5000.00 USD
  Income:Sales
2024-04-02 * "{EVIL}" "{EVIL}"
  ally: "friends"
  conditions: "{EVIL}"
  Assets:Bank        500.00 USD
  Income:Gifts
2024-04-03 * "{EVIL}" "{EVIL}"
  decision: "d1"
  Equity:Funds:Training    10.00 USD
  Assets:Bank
"""
TAKEN = """() => [window.taken ?? null, document.querySelectorAll(
    'article img, article script:not([type="application/json"]), [onerror], [onload]').length]"""


@pytest.fixture(scope="module")
def hostile(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The addresses of a book full of such texts and of what its members are given, without the policy that forbids them."""
    from test_browser import served

    folder = tmp_path_factory.mktemp("hostile")
    whole, members = folder / "main.beancount", folder / "members.beancount"
    whole.write_text(HOSTILE, encoding="utf-8")
    members.write_text(derived(whole, "members", date(2024, 12, 31)), encoding="utf-8")
    with served(whole, policy=None) as one, served(members, policy=None) as other:
        yield {"whole": one, "members": other}


@pytest.mark.parametrize("book", ["whole", "members"])
def test_text_of_a_book_is_only_ever_text(browser: Browser, hostile: Mapping[str, str], book: str) -> None:
    page = browser.new_page()
    shown = []
    for view in VIEW_BY_NAME:
        page.goto(f"{hostile[book]}?as_of=2024-12-31&view={view}&member=m01")
        page.wait_for_selector(".open-book .headline")
        page.evaluate(UNFOLD.format("true"))
        page.evaluate(SETTLED)
        assert page.evaluate(TAKEN) == [None, 0], view
        shown += [view] if EVIL in page.locator(".open-book").inner_text() else []
    page.close()
    # The bakery's members voted for purposes, matters, conditions and names of allies, and so did these.
    assert {"funds", "givers", "rules"} <= set(shown)
    assert ("audit" in shown) is (book == "whole"), "what a panel found passes to nobody"
