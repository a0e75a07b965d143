"""Nothing that a visitor sends changes a byte, a name or a date below the ledger's folder; what Fava itself would write does."""

from __future__ import annotations

import hashlib
import io
import shutil
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from fava.application import create_app as favas_own
from fava.beans.funcs import hash_entry
from fava.core.file import get_entry_slice
from visitors import CHEAP, WORDS, Visitor

from coopbooks.books.members_file import change_members_file
from coopbooks.serve import Access
from coopbooks.serve.application import create_app
from coopbooks.serve.login import with_member

BOOK = """
    option "title" "Shop"
    option "documents" "documents"
    plugin "coopbooks.plugins"
    2020-01-01 custom "fava-option" "import-dirs" "imports"
    2020-01-01 open Assets:Bank EUR
    2020-01-01 open Income:Sales EUR
    2025-01-02 * "Sales"
      Assets:Bank  10.00 EUR
      Income:Sales
"""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW")
OURS = ("/", "/~sign-in", "/~sign-out", "/~account", "/~door.css", "/~fava.css", "/nowhere", "/shop", "/shop/api")
PATH_VALUES = {
    "bfile": "shop",
    "name": "Assets:Bank",
    "report_name": "editor",
    "extension_name": "OpenBook",
    "endpoint": "statement.pdf",
    "aggregation_key": "account",
    "result_format": "csv",
    "page_slug": "filters",
    "filename": "app.js",
}
Sent = dict[str, Any]


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coopbooks.serve.login._hasher", lambda: CHEAP)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A ledger with a document and a file to import, and ana among its members."""
    path = tmp_path / "books" / "main.beancount"
    (path.parent / "documents" / "Assets" / "Bank").mkdir(parents=True)
    (path.parent / "imports").mkdir()
    (path.parent / "imports" / "old.csv").write_text("1,2\n")
    document_of(path).write_text("paid\n")
    path.write_text(dedent(BOOK).lstrip(), encoding="utf-8")
    file = path.with_suffix(".members.json")
    change_members_file(file, lambda old: with_member(old, "ana", WORDS, int(time.time())))
    return path


def document_of(book: Path) -> Path:
    return book.parent / "documents" / "Assets" / "Bank" / "2025-01-02 paid.txt"


def below(book: Path) -> dict[str, tuple[int, int, int, str]]:
    """Every name in the ledger's folder, with its dates and its bytes."""
    found = {}
    for path in (book.parent, *sorted(book.parent.rglob("*"))):
        state = path.stat()
        text = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path.relative_to(book.parent))] = (state.st_ino, state.st_mtime_ns, state.st_mode, text)
    return found


def writes(book: Path, app: Any) -> dict[str, tuple[str, str, Sent]]:
    """For each way in which Fava writes: its method, its address, and what makes it do so."""
    source = book.read_text()
    digest = hashlib.sha256(source.encode()).hexdigest()
    entry = next(each for each in app.all_entries if type(each).__name__ == "Transaction")
    entry_hash = hash_entry(entry)
    sliced = {"entry_hash": entry_hash, "sha256sum": get_entry_slice(entry)[1]}
    legs = [{"account": "Assets:Bank", "amount": "1 EUR"}, {"account": "Income:Sales", "amount": ""}]
    new = {
        "t": "Transaction",
        "date": "2025-02-02",
        "meta": {},
        "narration": "New",
        "tags": [],
        "links": [],
        "postings": legs,
    }
    upload = {"folder": "documents", "account": "Assets:Bank", "hash": entry_hash}
    document = str(document_of(book))
    move = {"account": "Income:Sales", "new_name": "2025-01-03 moved.txt", "filename": document}
    return {
        "put_source": ("PUT", "source", {"json": {"file_path": str(book), "source": "; gone\n", "sha256sum": digest}}),
        "put_source_slice": ("PUT", "source_slice", {"json": {**sliced, "source": "2025-01-02 *\n"}}),
        "delete_source_slice": ("DELETE", "source_slice", {"query_string": sliced}),
        "put_add_entries": ("PUT", "add_entries", {"json": {"entries": [new]}}),
        "put_attach_document": ("PUT", "attach_document", {"json": {"filename": "x.txt", "entry_hash": entry_hash}}),
        "put_move": ("PUT", "move", {"json": move}),
        "delete_document": ("DELETE", "document", {"query_string": {"filename": document}}),
        "put_add_document": ("PUT", "add_document", {"data": {**upload, "file": (b"new", "2025-02-02 new.txt")}}),
        "put_upload_import_file": ("PUT", "upload_import_file", {"data": {"file": (b"new", "new.csv")}}),
    }


def prepared(sent: Sent) -> Sent:
    """What is sent, with a fresh file to read where one is uploaded."""
    fields = {
        name: (io.BytesIO(value[0]), value[1]) if isinstance(value, tuple) else value
        for name, value in sent.get("data", {}).items()
    }
    return {**sent, "data": fields} if fields else dict(sent)


@pytest.mark.parametrize("name", [
    "put_source", "put_source_slice", "delete_source_slice", "put_add_entries", "put_attach_document", "put_move",
    "delete_document", "put_add_document", "put_upload_import_file",
])  # fmt: skip
def test_what_is_sent_here_would_change_the_books_in_fava_itself(name: str, book: Path) -> None:
    app = favas_own([book], load=True)
    method, address, sent = writes(book, app.config["LEDGERS"].ledgers[0])[name]
    before = below(book)
    answer = app.test_client().open(f"/shop/api/{address}", method=method, **prepared(sent))
    assert (answer.status_code, below(book) != before) == (200, True), answer.text


def addresses() -> Iterator[str]:
    """Every address of Fava's, and every one of ours."""
    adapter = favas_own([]).url_map.bind("localhost")
    for rule in favas_own([]).url_map.iter_rules():
        values = {name: PATH_VALUES[name] for name in rule.arguments}
        method = min((rule.methods or {"GET"}) - {"HEAD", "OPTIONS"})
        yield adapter.build(rule.endpoint, values, method=method)
    yield from OURS


def tried(visitor: Visitor, ways: list[tuple[str, str, Sent]], is_unchanged: Callable[[], bool]) -> Iterator[str]:
    """Send what writes to where it writes, and one of it to every other address, by every method; what that changed."""
    others = cycle([sent for _, _, sent in ways])
    for address in sorted({*addresses()}):
        own = [sent for _, where, sent in ways if address == f"/shop/api/{where}"]
        for method in METHODS:
            answers = [visitor.ask(address, method, **prepared(sent)) for sent in own or [next(others)]]
            if not is_unchanged():
                yield f"{method} {address} changed the books"
            reads = method in ("GET", "HEAD") or address.startswith("/~")
            if not reads and any(answer.status_code < 400 for answer in answers):
                yield f"{method} {address} was taken: {[answer.status_code for answer in answers]}"


@pytest.mark.parametrize("who", ["stranger", "ana", "here"])
def test_no_method_at_no_address_changes_anything(who: str, book: Path) -> None:
    members = None if who == "here" else book.with_suffix(".members.json")
    app = create_app(book, Access(members_file=members, clock=time.time))
    visitor = Visitor(app)
    if who == "ana":
        visitor.sign_in("ana")
    ways = list(writes(book, app.config["BOOK"].states.now.ledger).values())
    before = below(book)
    assert list(tried(visitor, ways, lambda: below(book) == before)) == []
    if who == "ana":  # the session is still that of a member, so all was refused to a member too
        assert visitor.ask("/shop/journal/").status_code == 200


def test_a_change_of_a_date_or_a_name_alone_is_seen(book: Path) -> None:
    before = below(book)
    (book.parent / "imports" / "old.csv").touch()
    assert below(book) != before
    before = below(book)
    shutil.move(book.parent / "imports" / "old.csv", book.parent / "imports" / "new.csv")
    assert below(book) != before
    before = below(book)
    (book.parent / "imports" / "new.csv").chmod(0o600)
    assert below(book) != before
