"""What a visitor is told who is refused: one plain sentence, with no path, trace or text of the books in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coopbooks.rows import NamedTuple
from coopbooks.serve.headers import DOOR_POLICY

if TYPE_CHECKING:
    from flask import Response

__all__ = [
    "CLOSED",
    "NOT_HERE",
    "NO_LONGER",
    "READ_ONLY",
    "SENTENCES",
    "SIGN_IN",
    "TOO_LARGE",
    "TOO_LONG",
    "TOO_OFTEN",
    "Refusal",
    "refused",
    "said",
]


class Refusal(NamedTuple):
    """What a visitor is told: a status and one sentence."""

    status: int
    sentence: str


NOT_HERE = Refusal(404, "There is no such page in this book: its first page leads to all that there are.")
CLOSED = Refusal(
    403,
    "This book is open for reading page by page: sources, queries, documents and downloads stay with the treasurer.",
)
READ_ONLY = Refusal(405, "This book is read-only: nothing can be sent to it.")
TOO_LONG = Refusal(400, "The address is too long: go back, and follow a link of the book.")
TOO_LARGE = Refusal(
    413, "That answer is too large for one page: ask for one account, or for a shorter time as 2025 or 2025-03."
)
TOO_OFTEN = Refusal(429, "You are asking for much at once: wait for an answer, then ask again.")
SENTENCES = {
    400: "The address cannot be read: go back, and follow a link of the book.",
    404: NOT_HERE.sentence,
    405: READ_ONLY.sentence,
    413: "That is more than this book takes.",
    429: "There were too many tries: wait a quarter of an hour, then try again.",
    500: "The book could not be opened at this page: tell the treasurer which one, and run `coopbooks check` on the ledger.",
    503: "The book is closed for the moment: tell the treasurer.",
}
SIGN_IN = Refusal(401, "Sign in first: this book is open to its members.")
NO_LONGER = Refusal(
    503, "The file behind this book is no longer a published one: tell the treasurer to publish it again."
)


def refused(refusal: Refusal, *, is_data: bool = False) -> Response:
    """A refusal as the one who asked reads it: JSON for Fava's script, a page for a browser, else a line of text."""
    from flask import jsonify, make_response, render_template, request

    if is_data:
        answer = jsonify(error=refusal.sentence)
    elif request.accept_mimetypes.accept_html:
        answer = make_response(render_template("refused.html", sentence=refusal.sentence, status=refusal.status))
    else:
        answer = make_response(refusal.sentence + "\n")
        answer.mimetype = "text/plain"
    answer.status_code = refusal.status
    answer.headers["Content-Security-Policy"] = DOOR_POLICY
    if refusal is TOO_OFTEN:
        answer.headers["Retry-After"] = "1"
    if refusal.status == 405:
        answer.headers["Allow"] = "GET, HEAD"
    return answer


def said(status: int) -> Refusal:
    """The sentence for a status that nobody refused by name."""
    return Refusal(status, SENTENCES.get(status, SENTENCES[500 if status >= 500 else 400]))
