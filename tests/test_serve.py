"""The open book on this machine: read-only, deaf to other sites, one sentence where it cannot be had."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from click.testing import CliRunner
from werkzeug.test import Client, TestResponse

from coopbooks.books.members_file import change_members_file, members_file_of
from coopbooks.cli import main
from coopbooks.errors import LedgerUnusable
from coopbooks.serve import Access, OpenBookServer, ServeRefused
from coopbooks.serve.access import network_of
from coopbooks.serve.application import create_app
from coopbooks.serve.login import with_member
from coopbooks.serve.server import BODY_MAX, HEAD_MAX

BOOK = """
    option "title" "Corner Café"
    option "operating_currency" "EUR"
    plugin "coopbooks.plugins"
    2025-01-01 open Assets:Bank EUR
    2025-01-01 open Income:Sales EUR
    2025-01-02 * "Sales"
      invoice: "invoice.html"
      Assets:Bank  10.00 EUR
      Income:Sales
"""
PROXIED = Access(proxy_header="X-Who", proxies=(network_of("127.0.0.1"),), whole_ledger=True)
Ledger = Callable[..., Path]


@pytest.fixture
def server(ledger: Ledger) -> Iterator[OpenBookServer]:
    """An open book that is being served."""
    open_book = OpenBookServer(ledger(BOOK), port=0)
    thread = threading.Thread(target=open_book.serve)
    thread.start()
    yield open_book
    open_book.stop()
    thread.join(timeout=30)


def ask(server: OpenBookServer, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, str]:
    """What the server answers, and its text."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    text = response.read().decode("utf-8", "replace")
    connection.close()
    return response, text


def page_of(server: OpenBookServer) -> str:
    return "/" + server.url.split("/", 3)[3]


def test_the_printed_address_is_the_dashboard(server: OpenBookServer) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/corner-caf%C3%A9/extension/OpenBook/", server.url)
    assert server.missing is None
    response, text = ask(server, page_of(server))
    assert response.status == 200
    assert "Open book - Corner Café" in text


def test_a_ledger_without_the_plugin_is_told_what_line_to_add(ledger: Ledger) -> None:
    path = ledger(BOOK.replace('plugin "coopbooks.plugins"', ""))
    server = OpenBookServer(path, port=0)
    server.stop()
    assert server.url == f"http://127.0.0.1:{server.port}/"
    assert server.missing is not None
    assert 'add the line `plugin "coopbooks.plugins"`' in server.missing


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed(method: str, server: OpenBookServer) -> None:
    response, _ = ask(server, "/corner-caf%C3%A9/api/source", method)
    assert response.status == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:1", 200),
        ("LOCALHOST", 200),
        ("[::1]:5000", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example:5000", 421),
        ("", 421),
    ],
)
def test_only_names_of_this_machine_are_answered(host: str, status: int, server: OpenBookServer) -> None:
    response, text = ask(server, page_of(server), Host=host)
    assert response.status == status
    assert ("Café" in text) == (status == 200)


@pytest.mark.parametrize("path", ["extension/OpenBook/", "income_statement/"])
def test_every_answer_forbids_foreign_and_inline_scripts(path: str, server: OpenBookServer) -> None:
    response, _ = ask(server, f"/corner-caf%C3%A9/{path}")
    policy = response.headers["Content-Security-Policy"]
    (scripts,) = re.findall(r"script-src ([^;]*)", policy)
    assert scripts == "'self'"
    assert "default-src 'none'" in policy
    assert response.headers["Server"] == "coopbooks"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_document_of_the_ledger_stays_closed(ledger: Ledger) -> None:
    path = ledger(BOOK + '    2025-01-03 document Assets:Bank "invoice.html"\n')
    document = path.with_name("invoice.html")
    document.write_text("<script>alert(1)</script>")
    answer = (
        create_app(path)
        .test_client()
        .get("/corner-caf%C3%A9/document/", query_string={"filename": str(document)}, headers={"Host": "localhost"})
    )
    assert answer.status_code == 403
    assert "script" not in answer.text


def test_no_load_cache_is_read_written_or_deleted(ledger: Ledger) -> None:
    path = ledger(BOOK)
    cache = path.with_name(".main.beancount.picklecache")
    cache.write_bytes(b"not a pickle")
    before = cache.stat()
    client = create_app(path).test_client()
    assert client.get("/corner-caf%C3%A9/extension/OpenBook/", headers={"Host": "localhost"}).status_code == 200
    path.write_text(path.read_text() + "; saved again\n")
    assert client.get("/corner-caf%C3%A9/extension/OpenBook/", headers={"Host": "localhost"}).status_code == 200
    assert cache.stat() == before
    assert sorted(file.name for file in path.parent.iterdir()) == [cache.name, path.name]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "example.org"])  # noqa: S104  # what is refused
def test_other_addresses_are_refused(host: str, ledger: Ledger) -> None:
    with pytest.raises(ServeRefused, match=r"is the whole ledger|is no address to listen on"):
        OpenBookServer(ledger(BOOK), host)


# cheroot leaves the socket that it could not bind to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_taken_port_is_said(ledger: Ledger) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeRefused, match=rf"port {port} of 127.0.0.1 cannot be had \([^\[(]+\): end"):
            OpenBookServer(ledger(BOOK), port=port)


def test_without_fava_the_extra_is_named(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fava", None)
    result = CliRunner().invoke(main, ["serve", str(ledger(BOOK))])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert 'pip install "coopbooks[fava]"' in result.stderr


def test_a_ledger_that_fava_cannot_open_is_one_sentence(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("line one\nline two")

    monkeypatch.setattr("fava.core.FavaLedger.load_file", fail)
    with pytest.raises(LedgerUnusable, match="Fava cannot open it"):
        OpenBookServer(ledger(BOOK), port=0)


ALIEN = """
    option "title" "Corner Shop"
    plugin "coopbooks.plugins"
    2025-01-01 open Assets:Bank EUR
    2025-01-01 custom "fava-extension" "alien"
    2025-01-01 custom "fava-extension" "coopbooks.dashboard.alien" "{'a': 1}"
    2025-01-01 custom "fava-option" "import-config" "alien.py"
"""


def test_no_code_beside_the_ledger_is_run_when_it_is_opened_or_read_again(ledger: Ledger) -> None:
    book = ledger(ALIEN)
    ran = book.with_name("ran")
    code = f"from pathlib import Path\nPath({str(ran)!r}).touch()\nCONFIG = []\n"
    for name in ("alien", "vl_convert", "argon2", "typst"):
        book.with_name(f"{name}.py").write_text(code, encoding="utf-8")
    before = list(sys.path)
    app = create_app(book)
    visitor = Client(app, TestResponse)
    headers = {"Host": "localhost"}
    said = []
    for text in ("", '2025-01-02 custom "fava-extension" "typst"\n'):
        with book.open("a", encoding="utf-8") as file:
            file.write(text)
        os.utime(book, (2_000_000_000, 2_000_000_000 + len(text)))
        page = visitor.get("/corner-shop/extension/OpenBook/", headers=headers)
        assert page.status_code == 200
        said = visitor.get("/corner-shop/api/errors", headers=headers).get_json()["data"]
        assert any('the extension "alien" is not loaded' in each["message"] for each in said)
    assert any('the extension "typst" is not loaded' in each["message"] for each in said)
    assert not ran.exists()
    assert sys.path == before, "whatever is imported later would be looked for beside the ledger"


@pytest.mark.parametrize("title", ["", "!!!", "Static", "\N{SNOWMAN}"])
def test_a_book_with_an_odd_title_opens_and_does_not_tell_where_it_lies(title: str, ledger: Ledger) -> None:
    book = ledger(BOOK.replace("Corner Café", title))
    visitor = Client(create_app(book), TestResponse)
    first = visitor.get("/", headers={"Host": "localhost"})
    assert book.parent.name.replace("_", "") not in first.headers["Location"].replace("_", "").replace("-", "")
    assert first.headers["Location"].endswith("the-open-book/extension/OpenBook/") or title == "Static"
    assert visitor.get(first.headers["Location"], headers={"Host": "localhost"}).status_code == 200


def sent(server: OpenBookServer, text: bytes) -> bytes:
    """What the server answers to bytes as they are."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"GET /" + b"x" * HEAD_MAX + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * HEAD_MAX + b"\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % (BODY_MAX + 1), b"413"),
        (b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"4"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n folded: x\r\nHost: localhost\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n localhost\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: local\0host\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1_0\r\n\r\n0123456789", b"400"),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n", b"400"),
        (
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"400",
        ),
    ],
)
def test_what_is_too_large_or_no_request_is_refused(text: bytes, status: bytes, server: OpenBookServer) -> None:
    answer = sent(server, text)
    assert answer.split(b" ")[1].startswith(status)
    assert b"Traceback" not in answer


@pytest.mark.parametrize(
    "head", [b"GET / HTTP/1.1\r\nX: ", b"POST /~sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\n"]
)
def test_a_request_that_comes_in_byte_by_byte_gives_its_thread_back(
    head: bytes, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coopbooks.serve.requests.READ_S", 1)
    book = ledger(BOOK)
    change_members_file(members_file_of(book), lambda old: with_member(old, "ana", "four plain words here", 1))
    server = OpenBookServer(book, port=0, access=Access(members_file=members_file_of(book), clock=time.time))
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as slow:
            slow.sendall(head)
            slow.settimeout(0.1)
            began, is_open = time.monotonic(), True
            while is_open and time.monotonic() - began < 20:
                try:
                    slow.sendall(b"x")
                    is_open = slow.recv(100) != b""
                except TimeoutError:
                    continue
                except OSError:
                    is_open = False
            assert time.monotonic() - began < 10, "each byte came in good time, and all together do not"
        assert ask(server, "/~door.css")[0].status == 200
    finally:
        server.stop()
        thread.join(timeout=30)


def test_what_a_header_says_twice_is_not_what_it_says_last(ledger: Ledger) -> None:
    server = OpenBookServer(ledger(BOOK), port=0, access=PROXIED)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        text = f"GET {page_of(server)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Who: ana\r\n"
        assert sent(server, f"{text}\r\n".encode()).split(b" ")[1] == b"200"
        assert sent(server, f"{text}x-who: bo\r\n\r\n".encode()).split(b" ")[1] == b"401"
    finally:
        server.stop()
        thread.join(timeout=30)


def test_a_header_with_an_underscore_is_nobodys(ledger: Ledger) -> None:
    server = OpenBookServer(ledger(BOOK), port=0, access=PROXIED)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        page = page_of(server)
        assert ask(server, page, **{"X-Who": "ana"})[0].status == 200
        assert ask(server, page, X_Who="ana")[0].status == 401
    finally:
        server.stop()
        thread.join(timeout=30)


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_the_command_prints_the_address_and_ends_with_ctrl_c(command: str, ledger: Ledger) -> None:
    given = [str(ledger(BOOK))] if command == "serve" else []
    process = subprocess.Popen(
        [sys.executable, "-m", "coopbooks", command, *given, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Tests that a shell runs in the background have Ctrl-C ignored, and so would the command.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # no lock is asked for
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    assert re.fullmatch(r"The open book: http://127\.0\.0\.1:\d+/[a-z%A-Z0-9-]+/extension/OpenBook/\n", first)
    assert process.stdout.readline() == "Ctrl-C ends it.\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
