"""The door from outside: what is refused by every method, with and without a log-in, under which name and with which parameters."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fava.application import create_app as favas_own
from werkzeug.test import Client, TestResponse

from coopbooks.books.loading import load_books
from coopbooks.books.members_file import change_members_file
from coopbooks.errors import LedgerUnusable
from coopbooks.serve import Access
from coopbooks.serve.access import ServeRefused, network_of
from coopbooks.serve.application import ANSWER_MAX, create_app
from coopbooks.serve.endpoints import ENDPOINTS, INTERVALS_MAX, REFUSED, asked_for, static_files
from coopbooks.serve.ledgers import ServedLedger
from coopbooks.serve.login import with_member

EVIL = "<img src=x onerror=alert(1)>"
BOOK = f"""
    option "title" "Corner Café"
    option "operating_currency" "EUR"
    plugin "coopbooks.plugins"
    2025-01-01 open Assets:Bank EUR
    2025-01-01 open Income:Sales EUR
    2025-01-01 open Expenses:Wages EUR
    2025-01-01 custom "coop" "member" "ana"
      wages: Expenses:Wages
    2025-01-02 query "sales" "SELECT account"
    2025-01-02 * "{EVIL}" "{EVIL}"
      invoice: "invoice.html"
      note: "{EVIL}"
      Assets:Bank  10.00 EUR
      Income:Sales
    2025-02-02 * "Wages"
      Expenses:Wages  4.00 EUR
        worker: "ana"
        hours: 1
      Assets:Bank
    2025-03-01 balance Assets:Bank  7.00 EUR
"""
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")
WORDS = "four plain words here"
SLUG = "/corner-caf%C3%A9"
Ledger = Callable[..., Path]
VALUES = {
    "bfile": "corner-café",
    "name": "Assets:Bank",
    "report_name": "query",
    "extension_name": "OpenBook",
    "endpoint": "style.css",
    "aggregation_key": "account",
    "result_format": "csv",
    "page_slug": "filters",
    "filename": "app.js",
}


def routes() -> dict[str, str]:
    """An address for every route of the Fava that is installed, by its endpoint."""
    adapter = favas_own([]).url_map.bind("localhost")
    found = {}
    for rule in favas_own([]).url_map.iter_rules():
        values = {name: VALUES[name] for name in rule.arguments}
        method = min((rule.methods or {"GET"}) - {"HEAD", "OPTIONS"})
        found[rule.endpoint] = adapter.build(rule.endpoint, values, method=method)
    return found


ROUTES = routes()
SOURCES = {
    name: f"{SLUG}/{name}/" for name in ("editor", "documents", "events", "import", "options", "query", "statistics")
}
CLOSED = {name: path for name, path in ROUTES.items() if name in REFUSED and name != "index"} | SOURCES


class Visitor:
    """Somebody who asks a book for pages."""

    def __init__(self, app: Any, address: str = "127.0.0.1") -> None:
        self._client = Client(app, TestResponse)
        self._address = address

    def ask(self, path: str, method: str = "GET", **more: Any) -> TestResponse:
        headers = {"Host": "localhost", **more.pop("headers", {})}
        environ = {"REMOTE_ADDR": self._address}
        return self._client.open(path, method=method, headers=headers, environ_overrides=environ, buffered=True, **more)

    def token(self, path: str = "/~sign-in") -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.ask(path).text)
        assert found
        return found[1]

    def sign_in(self, member: str = "ana", password: str = WORDS, **more: str) -> TestResponse:
        fields = {"member": member, "password": password, "csrf_token": self.token(), **more}
        return self.ask("/~sign-in", "POST", data=fields)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from textwrap import dedent

    path = tmp_path_factory.mktemp("books") / "main.beancount"
    path.write_text(dedent(BOOK).lstrip(), encoding="utf-8")
    file = path.with_suffix(".members.json")
    change_members_file(file, lambda old: with_member(old, "ana", WORDS, int(time.time())))
    return path


@pytest.fixture(scope="module")
def closed_app(book: Path) -> Any:
    """The book behind its log-in."""
    return create_app(book, Access(members_file=book.with_suffix(".members.json"), clock=time.time))


@pytest.fixture(scope="module")
def here(book: Path) -> Visitor:
    """Somebody at the machine itself, where no log-in is made."""
    return Visitor(create_app(book))


@pytest.fixture
def stranger(closed_app: Any) -> Visitor:
    return Visitor(closed_app)


@pytest.fixture(scope="module")
def ana(closed_app: Any) -> Visitor:
    visitor = Visitor(closed_app)
    assert visitor.sign_in().status_code == 303
    return visitor


def sentence_of(answer: TestResponse) -> str:
    """What a refusal says, in whichever form it came."""
    if answer.mimetype == "application/json":
        return str(answer.get_json()["error"])
    return answer.text.strip()


# -- the list ----------------------------------------------------------------------------------------


def test_the_list_names_every_route_of_the_fava_that_is_installed() -> None:
    assert set(ROUTES) == ENDPOINTS | REFUSED, "Fava's routes changed: judge each, and put it on one of the two lists"
    assert not ENDPOINTS & REFUSED


def test_a_route_that_a_newer_fava_adds_is_refused() -> None:
    app = favas_own([])
    app.add_url_rule("/<bfile>/everything/", "everything", lambda: "all")
    found = asked_for(app.url_map.bind("localhost", path_info="/x/everything/"), "GET")
    assert getattr(found, "status", None) == 403


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("who", ["here", "stranger", "ana"])
@pytest.mark.parametrize("name", CLOSED)
def test_what_is_closed_is_refused_to_everybody(
    name: str, who: str, method: str, request: pytest.FixtureRequest
) -> None:
    visitor: Visitor = request.getfixturevalue(who)
    answer = visitor.ask(CLOSED[name], method)
    assert answer.status_code in (403, 404), f"{method} {CLOSED[name]}"
    if method != "HEAD":
        assert sentence_of(answer).count("\n") == 0
        assert sentence_of(answer).endswith(".")


@pytest.mark.parametrize("method", [each for each in METHODS if each not in ("GET", "HEAD")])
@pytest.mark.parametrize("who", ["here", "stranger", "ana"])
@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_what_is_open_is_open_for_reading_only(
    name: str, who: str, method: str, request: pytest.FixtureRequest
) -> None:
    path = ROUTES[name].replace("/query/", "/journal/")
    answer = request.getfixturevalue(who).ask(path, method)
    assert (answer.status_code, sentence_of(answer)) == (405, "This book is read-only: nothing can be sent to it.")


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_what_is_open_needs_the_log_in_where_there_is_one(name: str, stranger: Visitor, ana: Visitor) -> None:
    path = ROUTES[name].replace("/query/", "/journal/")
    if name == "json_api.get_journal_page":
        path += "?page=1&order=desc"
    if name == "json_api.get_help":
        path += "?page_slug=filters"
    assert ana.ask(path).status_code == 200
    assert not ana.ask(path, "HEAD").data
    answer = stranger.ask(path)
    assert answer.status_code in (303, 401)
    assert "Café" not in answer.text
    if answer.status_code == 303:
        assert answer.headers["Location"].startswith("/~sign-in?next=%2Fcorner-caf")


def test_a_stranger_learns_not_even_the_name_of_the_book(stranger: Visitor) -> None:
    there, nowhere = stranger.ask(f"{SLUG}/journal/"), stranger.ask("/other/journal/")
    assert (there.status_code, nowhere.status_code) == (303, 303)
    assert "caf" not in stranger.ask("/~sign-in").text.lower()
    for method in METHODS:
        first = stranger.ask("/", method)
        assert "caf" not in f"{first.headers}{first.text}".lower(), method
    assert stranger.ask("/").headers["Location"] == "/~sign-in"


def test_strangers_to_a_proxys_log_in_learn_no_name_either(book: Path) -> None:
    access = Access(proxy_header="X-Coop-Member", proxies=(network_of("127.0.0.1"),), whole_ledger=True)
    app = create_app(book, access)
    first = Visitor(app).ask("/")
    assert first.status_code == 401
    assert "caf" not in f"{first.headers}{first.text}".lower()
    assert Visitor(app).ask("/", headers={"X-Coop-Member": "ana"}).status_code == 303


@pytest.mark.parametrize(
    "path", ["/static/app.js.map", "/static/..%2fapplication.py", "/static/web-tree-sitter-C6C6JMN5.wasm"]
)
def test_of_favas_files_only_those_of_its_reading_pages_are_sent(path: str, here: Visitor) -> None:
    assert here.ask(path).status_code in (403, 404)


def test_no_file_of_favas_that_is_sent_is_over_the_bound(here: Visitor) -> None:
    for name in static_files():
        answer = here.ask(f"/static/{name}")
        assert (answer.status_code, len(answer.data) <= ANSWER_MAX) == (200, True), name


@pytest.mark.parametrize(
    "path", [f"{SLUG}/extension/Other/", f"{SLUG}/extension/OpenBook/nothing", "/a/b/c/d", "/~nothing"]
)
def test_what_is_not_there_is_one_sentence(path: str, here: Visitor) -> None:
    answer = here.ask(path)
    assert answer.status_code in (403, 404)
    assert "\n" not in sentence_of(answer)
    page = here.ask(path, headers={"Accept": "text/html"}).text
    assert "<main>" in page
    assert "Traceback" not in page


# -- names, headers and sizes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "status"),
    [("books.example.org", 200), ("BOOKS.example.org:443", 200), ("localhost", 200), ("books.example.org.evil.example", 421),
     ("evil.example", 421), ("", 421), (".", 421), ("[::1", 421), ("127.0.0.1@evil.example", 421)],
)  # fmt: skip
def test_only_declared_names_are_answered(host: str, status: int, book: Path) -> None:
    access = Access(
        host_names=("Books.example.org",), proxies=(network_of("10.1.1.1"),), proxy_header="X-Who", whole_ledger=True
    )
    visitor = Visitor(create_app(book, access), "10.1.1.1")
    answer = visitor.ask(f"{SLUG}/journal/", headers={"Host": host, "X-Who": "ana"})
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "path",
    ["/", f"{SLUG}/journal/", f"{SLUG}/api/source", "/nowhere", "/static/app.js", "/~sign-in", f"{SLUG}/api/errors"],
)
@pytest.mark.parametrize("who", ["here", "stranger", "ana"])
def test_every_answer_has_its_headers(path: str, who: str, request: pytest.FixtureRequest) -> None:
    headers = request.getfixturevalue(who).ask(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy.get("script-src", "'self'") == "'self'"
    assert policy.get("style-src", "'self'") == "'self'"
    assert (policy["base-uri"], policy["frame-ancestors"], policy["object-src"]) == ("'none'", "'none'", "'none'")
    assert headers["Cache-Control"].startswith("private")
    for name in ("X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy", "Cross-Origin-Resource-Policy"):
        assert headers[name]
    assert "Access-Control-Allow-Origin" not in headers
    assert "Set-Cookie" not in headers or path == "/~sign-in"


def test_behind_tls_browsers_are_told_to_stay_there(book: Path) -> None:
    assert "Strict-Transport-Security" not in Visitor(create_app(book)).ask("/").headers
    assert Visitor(create_app(book, Access(https=True))).ask("/").headers["Strict-Transport-Security"]


def test_pages_are_sent_shorter_but_not_those_that_hold_secrets(here: Visitor, stranger: Visitor) -> None:
    asked = {"Accept-Encoding": "gzip, br"}
    assert here.ask("/static/app.js", headers=asked).headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in stranger.ask("/~sign-in", headers=asked).headers


# -- parameters ----------------------------------------------------------------------------------------

HARMFUL = [
    "account=(a%2B)%2B%24", "account=A.*", f"account={'a' * 300}", "filter=%22(a%7Caa)%2B%24%22", "filter=(a%2B)%2B",
    f"filter={'-' * 500}", f"filter={'x,' * 100}x", "filter=meta:%22home%22", "filter=filename:%22%5E/home%22",
    "filter=filename:%22(%5E%7C/)home/main%5B.%5Dbeancount%24%22", "time=0001-9999", "time=day-99999999", "time=9999-12-31",
    "page=-1", "page=0", "time=2025&time=2024", "order=%00", "view=%3Cscript%3E", f"x={'y' * 13000}",
]  # fmt: skip


ALIKE = "".join(f',"{"a" * 130}{number}"' for number in range(26))[1:]
SOUGHT = [
    ALIKE, ALIKE.replace('"a', 'note:"a'), ALIKE.replace(",", " "), ALIKE.replace('"', ""),
    ",".join(f"word{number}" for number in range(30)),
    f'"{"a" * 81}"', ",".join(f'"^{"a" * 9}{number}"' for number in range(13)), f'"(^|/){"/" * 90}"', f'note:"(^|/){"/" * 90}"',
]  # fmt: skip


@pytest.mark.parametrize("text", SOUGHT)
def test_a_filter_that_looks_for_much_in_every_text_is_refused(text: str, here: Visitor) -> None:
    answer = here.ask(f"{SLUG}/api/journal_page", query_string={"filter": text})
    assert (answer.status_code, "no patterns" in answer.text) == (400, True)


def test_a_filter_that_is_let_through_delays_nobody_by_a_second(tmp_path: Path) -> None:
    path = tmp_path / "main.beancount"
    sale = f'2025-01-02 * "{"a" * 200}" "{"a" * 200}"\n  Assets:Bank  1.00 EUR\n  Income:Sales\n'
    path.write_text('option "title" "Long"\n2025-01-01 open Assets:Bank\n2025-01-01 open Income:Sales\n' + sale * 2_000)
    visitor = Visitor(create_app(path))
    worst = ",".join(f'"{"a" * 39}{sign}"' for sign in "bc")
    visitor.ask("/long/api/journal_page")
    began = time.thread_time()
    assert visitor.ask("/long/api/journal_page", query_string={"filter": worst}).status_code == 200
    assert time.thread_time() - began < 1


@pytest.mark.parametrize("query", HARMFUL)
@pytest.mark.parametrize("page", ["api/journal_page", "journal/", "extension/OpenBook/"])
def test_a_parameter_that_could_cost_much_is_refused(query: str, page: str, here: Visitor) -> None:
    started = time.monotonic()
    answer = here.ask(f"{SLUG}/{page}?{query}")
    assert answer.status_code == 400
    assert sentence_of(answer).count("\n") == 0
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 9), ("account=Income:Sales", 2), ("time=2025-01", 8), ("filter=any(worker:%22%5Eana%24%22)", 1), ("filter=Wages", 1),
     ("filter=filename:%22(%5E%7C/)main%5B.%5Dbeancount%24%22%20lineno:%22%5E10%24%22", 1), ("filter=%23none", 0),
     ("time=2025-02-01%20to%202025-02-28&filter=Wages", 1)],
)  # fmt: skip
def test_the_filters_that_links_use_leave_what_they_name(query: str, count: int, here: Visitor) -> None:
    answer = here.ask(f"{SLUG}/api/journal_page?page=1&order=asc&{query}")
    assert answer.status_code == 200, answer.text
    found = answer.get_json()["data"]["journal"].count("<li class='transaction")
    assert bool(found) is bool(count)


def test_too_many_intervals_are_refused_with_the_cure(here: Visitor) -> None:
    answer = here.ask(f"{SLUG}/api/income_statement?time=1900-2100&interval=day")
    assert answer.status_code == 400
    assert sentence_of(answer) == f"That is more than {INTERVALS_MAX} intervals: choose longer ones, or a shorter time."
    assert here.ask(f"{SLUG}/api/income_statement?time=2025&interval=day").status_code == 200


# -- what the pages say --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page",
    [
        "api/errors",
        "api/ledger_data",
        "journal/",
        "extension/OpenBook/",
        "api/journal_page?page=1&order=asc",
        "api/account_report?a=Assets:Bank",
    ],
)
def test_no_page_tells_where_the_books_lie(page: str, here: Visitor, book: Path) -> None:
    text = here.ask(f"{SLUG}/{page}").text
    assert str(book.parent) not in text
    assert book.parent.name not in text


def test_errors_are_told_with_the_line_that_the_books_name(here: Visitor) -> None:
    (error,) = here.ask(f"{SLUG}/api/errors").get_json()["data"]
    assert (error["source"]["filename"], error["source"]["lineno"] > 0) == ("main.beancount", True)
    assert "Balance failed" in error["message"]


@pytest.mark.parametrize("page", ["journal_page?page=1&order=asc", "account_report?a=Assets:Bank"])
def test_texts_of_the_journal_are_texts(page: str, here: Visitor) -> None:
    journal = here.ask(f"{SLUG}/api/{page}").get_json()["data"]["journal"]
    assert EVIL not in journal
    assert journal.count("&lt;img src=x onerror=alert(1)&gt;") >= 3
    assert "<strong class='payee'>" in journal
    assert "#context-" not in journal
    assert "/document/" not in journal
    assert "/query/" not in journal


def test_a_long_account_shows_its_newest_entries_and_says_what_it_leaves_out(ledger: Ledger) -> None:
    lines = "".join(
        f'2025-{1 + day // 27:02}-{1 + day % 27:02} * "Sale {day} {number}"\n  Assets:Bank  1.00 EUR\n  Income:Sales\n'
        for day in range(300)
        for number in range(3)
    )
    path = ledger('option "title" "Shop"\n2025-01-01 open Assets:Bank\n2025-01-01 open Income:Sales\n' + lines)
    visitor = Visitor(create_app(path))
    answer = visitor.ask("/shop/api/account_report?a=Assets:Bank")
    journal = answer.get_json()["data"]["journal"]
    shown = journal.count("<li class='transaction")
    assert len(answer.data) < ANSWER_MAX
    assert f"{901 - shown:,} earlier entries are not shown: choose a time above" in journal
    assert "Sale 299 2" in journal
    page = visitor.ask("/shop/api/journal_page?page=1&order=desc")
    assert page.get_json()["data"]["total_pages"] == 10
    assert len(page.data) < ANSWER_MAX


def test_an_answer_over_the_bound_is_refused_with_the_cure(here: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coopbooks.serve.application.ANSWER_MAX", 100)
    answer = here.ask(f"{SLUG}/api/income_statement")
    assert answer.status_code == 413
    assert "for a shorter time" in sentence_of(answer)


def test_a_fault_inside_is_a_sentence_without_a_trace(here: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("/home/secret/books")

    monkeypatch.setattr("fava.core.FilteredLedger.paginate_journal", fail)
    answer = here.ask(f"{SLUG}/api/journal_page?page=1&order=asc")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert sentence_of(answer).startswith("The book could not be opened at this page")


# -- who may listen beyond the machine -------------------------------------------------------------------


def test_nobody_is_served_from_afar_without_a_log_in(book: Path) -> None:
    whole = Access(whole_ledger=True)
    for access, host in ((whole, "0.0.0.0"), (whole._replace(host_names=("a.example",)), "127.0.0.1")):  # noqa: S104
        with pytest.raises(ServeRefused, match=r"needs a log-in: `coopbooks serve .* --add-member ID`"):
            create_app(book, access, host)


def test_the_publics_ledger_is_no_book_to_sign_in_to(ledger: Ledger) -> None:
    derived = ledger(BOOK + '    2025-12-31 custom "published" "audience" "public"\n', "derived.beancount")
    with pytest.raises(ServeRefused, match=r"holds nobody who could sign in: `coopbooks publish .* -o page.html`"):
        create_app(derived, Access(host_names=("a.example",)))


def test_a_page_is_no_ledger(tmp_path: Path) -> None:
    page = tmp_path / "members.html"
    page.write_text("<!doctype html>\n<p>2024-01-01 open Assets:Bank</p>\n", encoding="utf-8")
    with pytest.raises(LedgerUnusable, match=r"members\.html is a web page: give the ledger's top-level file"):
        create_app(page)
    with pytest.raises(LedgerUnusable, match=r"members\.html is a web page: give the ledger's top-level file"):
        load_books(page)


def test_a_whole_ledger_is_served_from_afar_only_by_name(book: Path, ledger: Ledger) -> None:
    members = Access(members_file=book.with_suffix(".members.json"), host_names=("a.example",), clock=time.time)
    with pytest.raises(
        ServeRefused, match=r"whole ledger, .*`coopbooks publish .* --for members -o members.beancount`"
    ):
        create_app(book, members)
    create_app(book, members._replace(whole_ledger=True))
    derived = ledger(BOOK + '    2025-12-31 custom "published" "audience" "members"\n', "derived.beancount")
    app = create_app(derived, members)
    visitor = Visitor(app)
    visitor.sign_in()
    assert visitor.ask(f"{SLUG}/journal/").status_code == 200
    derived.write_text(derived.read_text().replace('custom "published"', 'custom "other"'))
    last_try = time.monotonic() + 20  # the operating system tells Fava that the file changed
    while (answer := visitor.ask(f"{SLUG}/journal/")).status_code == 200 and time.monotonic() < last_try:
        time.sleep(0.1)
    assert (answer.status_code, "publish it again" in answer.text) == (503, True)


def test_a_ledger_that_changes_while_it_is_asked_for_is_not_sent(
    book: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = Access(members_file=book.with_suffix(".members.json"), host_names=("a.example",), clock=time.time)
    derived = ledger(BOOK + '    2025-12-31 custom "published" "audience" "members"\n', "derived.beancount")
    whole, first = ServedLedger._get_filtered, [True]

    def filtered(served: ServedLedger, *asked: str, **more: str) -> Any:
        if first:
            first.clear()
            derived.write_text(derived.read_text().replace('custom "published"', 'custom "other"'))
            states.look()  # somebody else comes, and the changed file is read while this answer is made
            while states.is_reading:
                time.sleep(0.01)
        return whole(served, *asked, **more)

    monkeypatch.setattr(ServedLedger, "_get_filtered", filtered)
    app = create_app(derived, members)
    visitor, states = Visitor(app), app.config["BOOK"].states
    visitor.sign_in()
    answer = visitor.ask(f"{SLUG}/api/journal_page?page=1&order=desc")
    assert states.now.audience is None
    assert answer.status_code == 200, "what was published when it was asked for"
    assert "published" in answer.get_json()["data"]["journal"]
    assert visitor.ask(f"{SLUG}/journal/").status_code == 503
    derived.write_text(derived.read_text().replace('custom "other"', 'custom "published"'))
    last_try = time.monotonic() + 20
    while visitor.ask(f"{SLUG}/journal/").status_code == 503 and time.monotonic() < last_try:
        time.sleep(0.1)
    assert visitor.ask(f"{SLUG}/journal/").status_code == 200


@pytest.mark.parametrize(
    ("access", "said"),
    [
        (Access(proxy_header="X-Who"), "anybody could send the header X-Who"),
        (Access(proxy_header="Cookie", proxies=(network_of("127.0.0.1"),)), "cannot carry a member's id"),
        (Access(proxy_header="X-Forwarded-For", proxies=(network_of("127.0.0.1"),)), "cannot carry a member's id"),
        (Access(host_names=("https://a.example",)), "is no host name"),
    ],
)
def test_what_cannot_be_meant_is_refused(access: Access, said: str, book: Path) -> None:
    with pytest.raises(ServeRefused, match=said):
        create_app(book, access)


@pytest.mark.parametrize("text", ["0.0.0.0/0", "::/0", "proxy.example", ""])
def test_a_proxy_has_an_address(text: str) -> None:
    with pytest.raises(ServeRefused):
        network_of(text)
