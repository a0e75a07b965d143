"""Every request is bounded in time and in size: each bound from both sides."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from visitors import CHEAP, WORDS, Visitor

from coopbooks.books.members_file import change_members_file, members_file_of
from coopbooks.serve import Access, OpenBookServer
from coopbooks.serve.application import ANSWER_MAX, create_app
from coopbooks.serve.endpoints import INTERVALS_MAX, QUERY_MAX, bad_parameter, too_many_intervals
from coopbooks.serve.login import with_member
from coopbooks.serve.reading import ERRORS_MAX
from coopbooks.serve.requests import BoundedConnection, BoundedServer
from coopbooks.serve.server import BODY_MAX, HEAD_MAX

BOOK = """
    option "title" "Shop"
    option "operating_currency" "EUR"
    2025-01-01 open Assets:Bank EUR
    2025-01-01 open Income:Sales EUR
    2025-01-02 * "Sales"
      Assets:Bank  10.00 EUR
      Income:Sales
"""
Ledger = Callable[..., Path]


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coopbooks.serve.login._hasher", lambda: CHEAP)


@contextmanager
def served(book: Path) -> Generator[OpenBookServer]:
    """A book behind its log-in, on a port."""
    file = members_file_of(book)
    change_members_file(file, lambda old: with_member(old, "ana", WORDS, 1))
    server = OpenBookServer(book, port=0, access=Access(members_file=file, clock=time.time))
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(timeout=30)


def connected(server: OpenBookServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def status(server: OpenBookServer, text: bytes) -> bytes:
    """The status that a request gets which is sent as it is, all at once."""
    with connected(server) as connection:
        connection.sendall(text)
        return connection.recv(12)[9:]


STYLE = b"GET /~door.css HTTP/1.1\r\nHost: localhost\r\n"


def padded(head: bytes, size: int) -> bytes:
    """A head of so many bytes."""
    return head + b"X-Pad: " + b"x" * (size - len(head) - len(b"X-Pad: \r\n\r\n")) + b"\r\n\r\n"


def posted(size: int) -> bytes:
    head = (
        b"POST /~sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % size
    )
    return head + b"x" * size


def test_a_head_and_a_body_have_so_many_bytes(ledger: Ledger) -> None:
    with served(ledger(BOOK)) as server:
        assert status(server, padded(STYLE, HEAD_MAX)) == b"200"
        assert status(server, padded(STYLE, HEAD_MAX + 200)) == b"413"
        line = b"GET /~door.css?%s HTTP/1.1\r\n"
        assert status(server, line % (b"x" * (HEAD_MAX - 200)) + b"Host: localhost\r\n\r\n") == b"200"
        assert status(server, line % (b"x" * HEAD_MAX) + b"Host: localhost\r\n\r\n") == b"414"
        assert status(server, posted(BODY_MAX)) == b"400"  # read whole, and there is no token in it
        assert status(server, posted(BODY_MAX + 1)) == b"413"


@pytest.mark.parametrize("path", [b"/~sign-in", b"/shop/journal/"])
def test_what_is_sent_in_pieces_is_refused_and_never_read_as_another_request(path: bytes, ledger: Ledger) -> None:
    hidden = STYLE + b"\r\n"
    head = b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with served(ledger(BOOK)) as server, connected(server) as connection:
        connection.sendall(head + hidden)
        connection.shutdown(socket.SHUT_WR)
        answers = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answers.count(b"HTTP/1.1 ") == 1
    assert answers.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(("seconds", "is_answered"), [(0.2, True), (2.5, False)])
def test_who_sends_slowly_is_answered_within_the_time_and_not_beyond(
    seconds: float, is_answered: bool, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coopbooks.serve.requests.READ_S", 1)
    with served(ledger(BOOK)) as server, connected(server) as connection:
        for place in range(10):
            try:
                connection.sendall(STYLE[place : place + 1] if place < 9 else STYLE[9:] + b"\r\n")
            except OSError:
                break
            time.sleep(seconds / 10)
        try:
            answer = connection.recv(12)
        except OSError:
            answer = b""
        assert (answer[9:] == b"200") is is_answered


def test_who_does_not_read_the_answer_gives_the_thread_back(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coopbooks.serve.server.THREADS", 1)
    monkeypatch.setattr("coopbooks.serve.requests.WRITE_S", 1)
    with served(ledger(BOOK)) as server, socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.connect(("127.0.0.1", server.port))
        deaf.sendall((STYLE + b"\r\n") * 20_000)  # more answers than the system holds for somebody
        began = time.monotonic()
        assert status(server, STYLE + b"\r\n") == b"200"
        assert time.monotonic() - began < 20


def test_many_silent_connections_hold_nobody_up(ledger: Ledger) -> None:
    with served(ledger(BOOK)) as server:
        silent = [connected(server) for _ in range(40)]
        try:
            began = time.monotonic()
            assert status(server, STYLE + b"\r\n") == b"200"
            assert time.monotonic() - began < 20
        finally:
            for each in silent:
                each.close()


def test_an_answer_has_so_many_bytes(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = Visitor(create_app(ledger(BOOK)))
    size = len(visitor.ask("/shop/api/income_statement").data)
    for bound, expected in ((size, 200), (size - 1, 413)):
        monkeypatch.setattr("coopbooks.serve.application.ANSWER_MAX", bound)
        assert visitor.ask("/shop/api/income_statement").status_code == expected
    assert ANSWER_MAX == 500_000


def test_an_address_has_so_many_signs(ledger: Ledger) -> None:
    visitor = Visitor(create_app(ledger(BOOK)))
    pairs = "&".join(f"a{number}={'x' * 190}" for number in range(60))[: QUERY_MAX - 300]
    within = f"{pairs}&{'z' * 70}={'x' * (QUERY_MAX - len(pairs) - 72 - 101)}&{'y' * 70}={'x' * 29}"
    assert len(within) == QUERY_MAX
    assert visitor.ask(f"/shop/journal/?{within}").status_code == 200
    assert visitor.ask(f"/shop/journal/?{within}x").status_code == 400


@pytest.mark.parametrize(
    ("name", "within", "beyond"),
    [
        ("view", "x" * 200, "x" * 201),
        ("x" * 80, "y", None),
        ("x" * 81, None, "y"),
        ("filter", f'date:"^({"|".join(["2025-01"] * 998)})"', f'date:"^({"|".join(["2025-01"] * 1_000)})"'),
        ("page", "999999", "1000000"),
        ("time", "1800 - 2198", "1799 - 2199"),
        ("account", "A" * 200, "A" * 201),
    ],
)
def test_a_parameter_has_so_many_signs(name: str, within: str | None, beyond: str | None) -> None:
    if within is not None:
        assert bad_parameter({name: [within]}, ()) is None
    if beyond is not None:
        refused = bad_parameter({name: [beyond]}, ())
        assert refused is not None
        assert refused.status == 400


@pytest.mark.parametrize(
    ("interval", "days"), [("day", 1), ("week", 7), ("month", 28), ("quarter", 90), ("year", 365), ("x", 28)]
)
def test_a_time_has_so_many_intervals(interval: str, days: int) -> None:
    assert too_many_intervals(INTERVALS_MAX * days + days - 1, interval) is None
    assert too_many_intervals((INTERVALS_MAX + 1) * days, interval) is not None


@pytest.mark.parametrize(("count", "shown"), [(ERRORS_MAX, ERRORS_MAX), (ERRORS_MAX + 1, ERRORS_MAX + 1)])
def test_so_many_errors_are_listed_and_the_others_counted(count: int, shown: int, ledger: Ledger) -> None:
    days = [date(2025, 2, 2) + timedelta(days=number) for number in range(count)]
    wrong = "".join(f"    {day} balance Assets:Bank 20.00 EUR\n" for day in days)
    visitor = Visitor(create_app(ledger(BOOK + wrong)))
    errors = visitor.data("/shop/api/errors")
    assert len(errors) == shown
    assert (errors[-1]["message"] == "1 more: `coopbooks check` lists them all") is (count > ERRORS_MAX)


def test_what_nobody_took_of_an_answer_goes_with_the_connection() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    connection = BoundedConnection(BoundedServer(("127.0.0.1", 0), None), ours)
    theirs.close()
    with pytest.raises(ConnectionError):
        connection.wfile.write(b"x" * 1_000_000)
    connection.close()
    assert (connection.rfile.closed, connection.wfile.closed, ours.fileno()) == (True, True, -1)
