"""The open book as one file: a page that opens without a server, runs no script and asks for nothing beyond itself.

It is made from the text of a published ledger and from nothing else: the text is loaded again, so that no figure and no
word of the books can stand on the page that is not in what that audience may have.
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import date
from functools import lru_cache
from hashlib import sha256
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from coopbooks.errors import ToolMissing
from coopbooks.publish.fragments import lowered, with_prefix
from coopbooks.publish.view import IN_BLOCKS
from coopbooks.rows import NamedTuple

if TYPE_CHECKING:
    from jinja2 import Environment

    from coopbooks.books.loading import Books

__all__ = ["ledger_in", "page_mark", "page_of"]

WHOLE_MAX_BYTES = 250_000
"""Up to this size a ledger stands on its page as text; the public's always does, since all of it is published once."""

_HERE = Path(__file__).parent
_KEPT = re.compile(r'<pre class="kept inside"[^>]*>\n(.*?)</pre>', re.DOTALL)
_NEEDED = ("jinja2", "vl_convert")
_POLICY = "default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'; form-action 'none'"


class Made(NamedTuple):
    """How a page was made: for whom, as of which day, and from which ledger.

    `ledger` is its text where `whole`, else only what is published once.
    """

    audience: str
    as_of: date
    file: str
    sha256: str
    bytes: int
    ledger: str
    whole: bool


def page_mark(audience: str) -> str:
    """The first line of a page, by which ours are known."""
    return f"<!doctype html><!-- coopbooks page/1 for {audience} -->"


def page_of(text: str, audience: str, as_of: date) -> str:
    """The page of a published ledger's text; the same text gives the same bytes.

    Raises ToolMissing where what draws the page is not installed.
    """
    _need_tools()
    from markupsafe import Markup

    from coopbooks.publish.sections import Book

    file = f"{audience}.beancount"
    book = Book(_loaded(text, file), file, audience, as_of)
    content = text.encode()
    whole = audience == "public" or len(content) <= WHOLE_MAX_BYTES
    kept = text if whole else _said_once(text)
    made = Made(audience, as_of, file, sha256(content).hexdigest(), len(content), kept, whole)
    style = _style()
    return (
        _environment()
        .get_template("page.html")
        .render(
            mark=Markup(page_mark(audience)),  # noqa: S704  # a line of our own
            policy=_POLICY.format(style=b64encode(sha256(style.encode()).digest()).decode()),
            style=Markup(style),  # noqa: S704  # our own sheet, which no ledger can change
            book=book,
            links=book.links,
            made=made,
        )
    )


def _need_tools() -> None:
    for tool in _NEEDED:
        if find_spec(tool) is None:
            raise ToolMissing(
                f'the page needs {tool}, which is not installed: `pip install "coopbooks[fava]"`, '
                "or name a ledger (.beancount), which needs nothing more"
            )


def _loaded(text: str, file: str) -> Books:
    """The ledger, read from its text by the same door as any other; it stands for a moment in a folder of its own."""
    from coopbooks.books.loading import load_books

    with TemporaryDirectory(prefix="coopbooks-") as folder:
        path = Path(folder, file)
        path.write_bytes(text.encode("utf-8"))
        books = load_books(path)
    assert not books.errors, f"what was published does not load: {books.errors[0]}"
    return books


def _said_once(text: str) -> str:
    """What `changed_since` holds a later page to: the published figures, the sums of protected funds, and the funds."""
    parts = text.split("\n\n")
    heads = (part.partition("\n")[0][10:] for part in parts)
    kept = (' custom "published" ', ' custom "coop" "fund" ', f' * "{IN_BLOCKS}"')
    return (
        "\n\n".join(part.strip("\n") for part, head in zip(parts, heads, strict=True) if head.startswith(kept)) + "\n"
    )


def ledger_in(page: str) -> str:
    """What a page of ours keeps of the ledger that it was made from: all of it, or what is published once."""
    found = _KEPT.search(page)
    return "" if found is None else unescape(found[1])


@lru_cache(maxsize=1)
def _style() -> str:
    """The one style sheet of the page: the colours that Fava would give, the open book's own sheet, then the page's."""
    from coopbooks.dashboard.style import sheet

    return f"\n{sheet().text}\n{(_HERE / 'page.css').read_text(encoding='utf-8')}"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """The templates of the page and of the open book's views; every text is escaped, and a wrong name is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    import coopbooks.dashboard.page as views

    folders = [_HERE / "templates", Path(views.__file__).parent / "templates"]
    found = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["placed"] = _placed
    return found


def _placed(html: str, prefix: str) -> str:
    """A view that stands below a section's own: its ids begin with a prefix, its headings are one level deeper."""
    from markupsafe import Markup

    return Markup(lowered(with_prefix(html, prefix), 1))  # noqa: S704  # what the templates made, renamed
