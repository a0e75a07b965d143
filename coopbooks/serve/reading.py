"""Fava made ready to be read by many: no text of the books acts as a page, no path of this machine shows, answers end.

With `ledgers`, `states`, `accounts` and `dashboard/extension.py` it knows Fava's inside (tried with Fava 1.30.16). What it
replaces it looks for by name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from coopbooks.errors import LedgerUnusable
from coopbooks.rows import NamedTuple
from coopbooks.serve.access import ServeRefused
from coopbooks.serve.endpoints import EXTENSION, days_of, too_many_intervals
from coopbooks.serve.refusals import TOO_LARGE

if TYPE_CHECKING:
    from fava.core import FavaLedger
    from fava.internal_api import LedgerData, SerialisedError
    from flask import Flask

    from coopbooks.serve.states import State, States

__all__ = ["ENTRIES_ON_A_PAGE", "ERRORS_MAX", "Book", "files_of", "open_book"]

ENTRIES_ON_A_PAGE = 100
ERRORS_MAX = 100
_JOURNAL = "_journal_table.html"
_QUERY = "{{ url_for('report', report_name='query', query_string='run \"{}\"'.format(entry.name)) }}"
_DOCUMENT = "<a class='filename' data-remote target=_blank href='{{ url_for("
_IN_THE_JOURNAL = (
    # Fava writes payees and narrations into the page as they are.
    ("{% autoescape false %}", "{% autoescape true %}"),
    # Links to what is refused: the source, a query, documents.
    ("<a href='#context-{{ entry_hash }}'>{{ entry.date }}</a>", "{{ entry.date }}"),
    (f"<a href='{_QUERY}'>{{{{ entry.name }}}}</a>", "{{ entry.name }}"),
    (
        f"{_DOCUMENT}'document', filename=entry.filename) }}}}'>{{{{ entry.filename|basename }}}}</a>",
        "{{ entry.filename|basename }}",
    ),
    (f"{_DOCUMENT}'statement', entry_hash=entry_hash, key=key) }}}}'>{{{{ value }}}}</a>", "{{ value }}"),
)
_LAYOUT = "_layout.html"
_IN_THE_LAYOUT = (("</title>", '</title>\n    <link rel="stylesheet" href="/~fava.css">'),)


class Book(NamedTuple):
    """A ledger opened by Fava: its application, and its states."""

    fava: Flask
    states: States

    @property
    def page(self) -> str:
        """The path of the open book as it is now, "" where the ledger does not name it: its title stands in it."""
        named = self.states.now.ledger.extensions.get_extension(EXTENSION)
        return f"{quote(self.states.now.slug)}/extension/{EXTENSION}/" if named else ""


def files_of(state: State) -> frozenset[str]:
    """The ledger's files, relative to its folder."""
    near = _Near(state.ledger)
    return frozenset(near.path(str(file)) for file in state.ledger.options["include"])


def open_book(path: Path, shown: str) -> Book:
    """Fava's application for one ledger, read-only, with what it shows mended. `shown` is the ledger's name in messages.

    Raises LedgerUnusable for a ledger that cannot be loaded and ServeRefused where Fava is missing or another one.
    """
    try:
        from fava import application
    except ModuleNotFoundError as error:
        raise ServeRefused(
            f'the open book needs Fava, and {error.name} is not installed: pip install "coopbooks[fava]"'
        ) from None
    try:
        from coopbooks.serve.states import States

        app = application.create_app([path], read_only=True)
        states = app.config["LEDGERS"] = States(path)
    except LedgerUnusable:
        raise
    except Exception as error:
        raise LedgerUnusable(
            f"{shown}: Fava cannot open it ({type(error).__name__}: {error}): mend what `coopbooks check {shown}` names"
        ) from error
    app.config["OPEN_BOOK_DOOR"] = True
    _let_nobody_wait(app)
    _mend_templates(app)
    _mend_answers(app)
    return Book(app, states)


def _let_nobody_wait(app: Flask) -> None:
    """Have what one request leaves of the ledger worked out without a lock that all others wait for (see `once`)."""
    from fava._ctx_globals_class import Context

    from coopbooks.serve.ledgers import once

    class Alone(Context):
        filtered = once(vars(Context)["filtered"].func)

    app.app_ctx_globals_class = Alone  # type: ignore[assignment]


def _mend_templates(app: Flask) -> None:
    """Put our forms of two templates in front of Fava's. Raises ServeRefused where Fava's are other ones."""
    from jinja2 import ChoiceLoader, DictLoader

    loader = app.jinja_env.loader
    assert loader is not None, "Flask always has one"
    ours = {}
    for name, changes in ((_JOURNAL, _IN_THE_JOURNAL), (_LAYOUT, _IN_THE_LAYOUT)):
        text = loader.get_source(app.jinja_env, name)[0]
        for old, new in changes:
            if old not in text:
                raise ServeRefused(
                    f'this Fava is another one than coopbooks was tried with ({name}): pip install "coopbooks[fava]"'
                )
            text = text.replace(old, new)
        ours[name] = text
    app.jinja_env.loader = ChoiceLoader([DictLoader(ours), loader])


def _mend_answers(app: Flask) -> None:
    """Put our forms of four answers in the place of Fava's, and let none be asked for too many intervals."""
    from fava.context import g
    from fava.json_api import json_success
    from flask import request

    from coopbooks.serve.accounts import account_page

    account_report = app.view_functions["json_api.get_account_report"]

    def of_an_account() -> Any:
        if request.args.get("r") in ("changes", "balances"):
            return account_report()
        return json_success(account_page(request.args.get("a", "")))

    def ledger_data() -> LedgerData:
        return _without_paths(g.ledger)

    def errors() -> Any:
        return json_success(_errors(g.ledger))

    def data() -> Any:
        return json_success(ledger_data())

    def journal() -> Any:
        return json_success(_journal_page(request.args.get("page", "1"), request.args.get("order", "")))

    ours: dict[str, Callable[[], Any]] = {
        "get_account_report": of_an_account,
        "get_errors": errors,
        "get_journal_page": journal,
        "get_ledger_data": data,
    }
    for name in ours:
        assert f"json_api.{name}" in app.view_functions, name
    app.view_functions.update({f"json_api.{name}": view for name, view in ours.items()})
    app.add_template_global(ledger_data, "get_ledger_data")
    app.before_request(_refuse_long_times)


def _refuse_long_times() -> Any:
    """Refuse a time that would be cut into more intervals, or add up more days of budgets, than an answer takes."""
    from fava.context import g
    from flask import request

    from coopbooks.serve.accounts import BUDGET_DAYS_MAX

    if not hasattr(g, "ledger") or not request.endpoint or not request.endpoint.startswith("json_api."):
        return None
    interval = request.args.get("interval", "month").lower()
    days = _days_asked(g.ledger, request.args.get("time", ""))
    refusal = too_many_intervals(days, interval)
    if refusal is None and days * len(g.ledger.budgets._budget_entries) > BUDGET_DAYS_MAX:  # noqa: SLF001
        refusal = TOO_LARGE
    return None if refusal is None else ({"error": refusal.sentence}, refusal.status)


def _days_asked(ledger: FavaLedger, time: str) -> int:
    if time:
        asked = days_of(time, ledger.fava_options.fiscal_year_end)
        return (asked[1] - asked[0]).days if asked else 10**6
    entries = ledger.all_entries
    return (entries[-1].date - entries[0].date).days if entries else 0


def _journal_page(number: str, order: str) -> Any:
    """One page of the journal, a tenth as long as Fava's."""
    from fava.context import g
    from fava.json_api import JournalPage, NotFoundError
    from flask import get_template_attribute

    page = g.filtered.paginate_journal(
        int(number) if number.isdecimal() else 1, ENTRIES_ON_A_PAGE, "asc" if order == "asc" else "desc"
    )
    if page is None:
        raise NotFoundError
    contents = get_template_attribute(_JOURNAL, "journal_table_contents")
    return JournalPage(int(number), page.total_pages, contents(page.entries))


class _Near:
    """Makes paths as the books name them: relative to the ledger's folder, a name alone for files elsewhere."""

    def __init__(self, ledger: FavaLedger) -> None:
        self.folder = Path(ledger.beancount_file_path).parent
        self.folders = sorted({str(Path(file).parent) for file in ledger.options["include"]}, key=len, reverse=True)

    def path(self, file: str) -> str:
        """One path."""
        if not Path(file).is_absolute():
            return file
        return str(Path(file).relative_to(self.folder) if Path(file).is_relative_to(self.folder) else Path(file).name)

    def place(self, source: Any) -> Any:
        """An error's source: its file and line, nothing else of the entry's metadata."""
        if source is None:
            return None
        return {"filename": self.path(str(source.get("filename", ""))), "lineno": source.get("lineno", 0)}

    def text(self, message: str) -> str:
        """A message that may name files."""
        message = message.replace(f"{self.folder}{os.sep}", "")
        for folder in self.folders:
            message = message.replace(f"{folder}{os.sep}", "")
        return message


def _errors(ledger: FavaLedger) -> list[SerialisedError]:
    """Beancount's errors with their places as the books name them, and how many more there are."""
    from fava.internal_api import SerialisedError

    near = _Near(ledger)
    shown = [
        replace(error, source=near.place(error.source), message=near.text(error.message))
        for error in map(SerialisedError.from_beancount_error, islice(ledger.errors, ERRORS_MAX))
    ]
    left_out = len(ledger.errors) - len(shown)
    if left_out:
        shown.append(SerialisedError("More", None, f"{left_out:,} more: `coopbooks check` lists them all"))
    return shown


def _without_paths(ledger: FavaLedger) -> LedgerData:
    """What Fava puts into every page, without paths of this machine and without what only its editor needs."""
    from fava import internal_api

    near = _Near(ledger)
    data = internal_api.get_ledger_data()
    options: dict[str, str | Sequence[str]] = {
        **data.options,
        "documents": [],
        "filename": near.path(ledger.beancount_file_path),
        "include": [near.path(str(file)) for file in ledger.options["include"]],
    }
    return replace(
        data,
        account_details=cast(Any, _closed_accounts(data)),
        errors=_errors(ledger),
        fava_options=replace(
            data.fava_options,
            default_file=None,
            import_config=None,
            import_dirs=[],
            insert_entry=[],
            use_external_editor=False,
        ),
        have_excel=False,
        links=[],
        options=options,
        payees=[],
        user_queries=[],
        sidebar_links=_sidebar(),
    )


def _closed_accounts(data: LedgerData) -> dict[str, dict[str, Any]]:
    """When accounts were closed, which is all that Fava's reading pages need to know; a thousand open ones are silent."""
    return {
        name: {"close_date": details.close_date}
        for name, details in data.account_details.items()
        if details.close_date is not None
    }


def _sidebar() -> list[tuple[str, str]]:
    """Who is signed in, with a link to signing out; links that a ledger adds stay away."""
    from flask import request

    account = request.environ.get("coopbooks.account")
    return [(f"{account}: password, sign out", "/~account")] if account else []
