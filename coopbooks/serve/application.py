"""The door as one web application: every address is looked up in the allow-list before anything of Fava runs.

Fava is an application of its own behind it, asked only for what passed, with one state of the ledger from the beginning of
an answer to its end, and with no cookie, header or body of the visitor's.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from coopbooks.books.loading import refuse_page
from coopbooks.errors import LedgerUnusable
from coopbooks.serve.access import Access
from coopbooks.serve.door import Door
from coopbooks.serve.endpoints import QUERY_MAX, Asked, asked_for, bad_parameter
from coopbooks.serve.headers import PAGE_POLICY, STATIC_CACHE
from coopbooks.serve.reading import Book, files_of, open_book
from coopbooks.serve.refusals import NO_LONGER, SENTENCES, SIGN_IN, TOO_LARGE, TOO_LONG, TOO_OFTEN, Refusal, refused
from coopbooks.serve.turns import Turns

if TYPE_CHECKING:
    from flask import Flask, Response
    from werkzeug.wrappers import Response as Answer

__all__ = ["ANSWER_MAX", "create_app"]

ANSWER_MAX = 500_000
_KEPT = frozenset(
    {
        *("HTTP_HOST", "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"),
        *("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "REQUEST_URI"),
    }
)


def create_app(ledger: str | Path, access: Access | None = None, host: str = "127.0.0.1") -> Flask:
    """A ledger's open book as a WSGI application with its door.

    `app.config["OPEN_BOOK"]` is the path of the dashboard's page, "" where the ledger does not name it. Raises
    LedgerUnusable for a ledger that cannot be loaded, ServeRefused where Fava is missing or strangers could read more than
    they may, MembersFileUnusable for a members' file that is not in form.
    """
    path = _ledger_file(ledger)
    access = (access or Access()).checked(host)
    book = open_book(path, str(ledger))
    from flask import Flask

    from coopbooks.serve.pages import add_log_in, add_pages

    app = Flask("coopbooks.serve", static_folder=None)
    app.config.update(OPEN_BOOK=book.page, MAX_CONTENT_LENGTH=20_000, MAX_FORM_PARTS=10)
    members = add_log_in(app, access)
    access.check_open(host, members=members is not None, audience=book.states.now.audience, ledger=ledger)
    reader = _Reader(
        book,
        access,
        host,
        asks_who=members is not None or access.proxy_header is not None,
        signs_in=members is not None,
    )
    add_pages(app, access, members, reader.read, reader.home)
    _add_compression(app)
    app.config["BOOK"] = book
    app.wsgi_app = Door(app.wsgi_app, access, host)  # type: ignore[method-assign]
    return app


def _ledger_file(ledger: str | Path) -> Path:
    """The absolute path that Fava wants, in the words of the loader where there is no file."""
    path = Path(ledger)
    if path.is_dir():
        raise LedgerUnusable(f"{ledger} is a folder: give the ledger's top-level file, as {ledger}/main.beancount")
    if not path.is_file():
        raise LedgerUnusable(f"{ledger} does not exist: give the path of the ledger's top-level file")
    refuse_page(str(ledger), path.read_text(encoding="utf-8", errors="replace"))
    return path.resolve()


class _Reader:
    """Answers what Fava is asked for, if it may be asked."""

    def __init__(self, book: Book, access: Access, host: str, *, asks_who: bool, signs_in: bool) -> None:
        self._book = book
        self._asks_who = asks_who
        self._signs_in = signs_in
        self._needs_audience = access.beyond(host) and not access.whole_ledger
        self._turns = Turns()

    def home(self) -> str:
        """The path of the first page."""
        return f"/{self._book.page}" if self._book.page else f"/{self._book.states.now.slug}/income_statement/"

    def read(self) -> Answer:
        """The answer to the request at hand."""
        from flask import Response, request

        environ = request.environ
        asked = asked_for(self._book.fava.url_map.bind_to_environ(environ), request.method)
        if isinstance(asked, Refusal):
            return refused(asked, is_data=request.path.split("/")[2:3] == ["api"])
        if self._asks_who and "coopbooks.member" not in environ:
            is_page = not asked.is_data and asked.endpoint != "static"
            return _to_sign_in() if is_page and self._signs_in else refused(SIGN_IN, is_data=asked.is_data)
        if len(request.query_string) > QUERY_MAX:
            return refused(TOO_LONG, is_data=asked.is_data)
        if asked.endpoint == "static":
            return _judged(Response.from_app(self._book.fava.wsgi_app, _inner(environ), buffered=True), asked)
        with self._turns.of(environ.get("coopbooks.member")) as is_let_in:
            return self._asked_of_fava(asked) if is_let_in else refused(TOO_OFTEN, is_data=asked.is_data)

    def _asked_of_fava(self, asked: Asked) -> Answer:
        from flask import Response, request

        state = self._book.states.look()
        if self._needs_audience and state.audience is None:
            return refused(NO_LONGER, is_data=asked.is_data)
        wrong = bad_parameter(dict(request.args.lists()), files_of(state))
        if wrong is not None:
            return refused(wrong, is_data=asked.is_data)
        inner = _inner(request.environ) | self._book.states.answering_with(state)
        return _judged(Response.from_app(self._book.fava.wsgi_app, inner, buffered=True), asked)


def _inner(environ: Mapping[str, Any]) -> dict[str, Any]:
    """What Fava gets to see of a request: no cookie, header or body of the visitor's but those that choose a language."""
    kept = {name: value for name, value in environ.items() if name in _KEPT or name.startswith(("wsgi.", "coopbooks."))}
    return {**kept, "REQUEST_METHOD": "GET", "CONTENT_LENGTH": "0", "wsgi.input": BytesIO()}


def _judged(answer: Answer, asked: Asked) -> Answer:
    """Fava's answer with what only the door decides: its words where it failed, its size, its cache, its policy."""
    if answer.status_code == 413:
        return refused(TOO_LARGE, is_data=asked.is_data)
    if answer.status_code >= 400:
        status = answer.status_code if answer.status_code in (400, 404) else 500
        said = answer.get_json(silent=True) if status == 400 and asked.is_data else None
        sentence = said.get("error") if isinstance(said, dict) else None
        return refused(Refusal(status, sentence or SENTENCES[status]), is_data=asked.is_data)
    if (answer.content_length or 0) > ANSWER_MAX:
        return refused(TOO_LARGE, is_data=asked.is_data)
    for name in ("Set-Cookie", "Cache-Control", "Expires", "Server"):
        answer.headers.pop(name, None)
    answer.headers["Content-Security-Policy"] = PAGE_POLICY
    if asked.endpoint == "static":
        answer.headers["Cache-Control"] = STATIC_CACHE
    elif asked.endpoint == "extension_endpoint" and asked.values.get("endpoint") == "style.css":
        answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer


def _to_sign_in() -> Answer:
    from flask import redirect, request
    from werkzeug.urls import iri_to_uri

    there = request.full_path.rstrip("?")
    return redirect(iri_to_uri(f"/~sign-in?{urlencode({'next': there})}"), 303)


def _add_compression(app: Flask) -> None:
    """Shorter answers; the door's own pages stay as they are, since they hold secrets beside what a visitor wrote."""
    from flask import request
    from flask_compress import Compress

    compress = Compress()
    app.config.update(COMPRESS_REGISTER=False, COMPRESS_ALGORITHM=["gzip"], COMPRESS_STREAMS=False, COMPRESS_LEVEL=5)
    compress.init_app(app)

    def shorten(answer: Response) -> Response:
        return answer if request.path.startswith("/~") else compress.after_request(answer)

    app.after_request(shorten)
