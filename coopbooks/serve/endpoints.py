"""The allow-list: what of Fava may be asked for, and with which parameters. Whatever is not on it is refused.

Fava makes a row for every interval of a time, so an address could keep a thread busy for hours: names, filters and times
pass only in forms that cannot.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coopbooks.rows import NamedTuple
from coopbooks.serve.filters import ACCOUNT, filter_sieve
from coopbooks.serve.refusals import CLOSED, NOT_HERE, READ_ONLY, Refusal

if TYPE_CHECKING:
    from werkzeug.routing import MapAdapter

__all__ = [
    "ENDPOINTS",
    "EXTENSION",
    "QUERY_MAX",
    "REFUSED",
    "REPORTS",
    "Asked",
    "asked_for",
    "bad_parameter",
    "days_of",
    "static_files",
    "too_many_intervals",
]

EXTENSION = "OpenBook"
REPORTS = frozenset({"balance_sheet", "commodities", "errors", "income_statement", "journal", "trial_balance"})
"""Fava's pages that only read, and whose answers have a bound."""
ENDPOINTS = frozenset(
    {
        "account",
        "extension_endpoint",
        "extension_js_module",
        "extension_report",
        "help_page",
        "json_api.get_account_report",
        "json_api.get_balance_sheet",
        "json_api.get_changed",
        "json_api.get_commodities",
        "json_api.get_errors",
        "json_api.get_help",
        "json_api.get_income_statement",
        "json_api.get_journal_page",
        "json_api.get_ledger_data",
        "json_api.get_trial_balance",
        "report",
        "static",
    }
)
REFUSED = frozenset(
    {
        "document",
        "download_journal",
        "download_query",
        "holdings_by",
        "index",
        "json_api.delete_document",
        "json_api.delete_source_slice",
        "json_api.get_context",
        "json_api.get_documents",
        "json_api.get_events",
        "json_api.get_extract",
        "json_api.get_imports",
        "json_api.get_journal",
        "json_api.get_narration_transaction",
        "json_api.get_narrations",
        "json_api.get_options",
        "json_api.get_payee_accounts",
        "json_api.get_payee_transaction",
        "json_api.get_query",
        "json_api.get_source",
        "json_api.get_source_slice",
        "json_api.get_statistics",
        "json_api.put_add_document",
        "json_api.put_add_entries",
        "json_api.put_attach_document",
        "json_api.put_format_source",
        "json_api.put_move",
        "json_api.put_source",
        "json_api.put_source_slice",
        "json_api.put_upload_import_file",
        "jump",
        "statement",
    }
)
"""What the tested Fava has beside the list. Nothing reads it but a test, which fails when Fava has other routes."""

QUERY_MAX = 12_000
_VALUE_MAX = 200
_FILTER_MAX = 8_000
_PLAIN_MAX = 80
INTERVALS_MAX = 500
_DAYS = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365}

_TIME = re.compile(r"[\w\s()+-]{1,60}")
_OTHER = re.compile(r"[\w .:/#^-]*")
_YEARS = (1800, 2199)


class Asked(NamedTuple):
    """What an address asks of Fava: the endpoint, and the values in its path."""

    endpoint: str
    values: Mapping[str, Any]

    @property
    def is_data(self) -> bool:
        """Whether Fava's script asks, which reads JSON."""
        return self.endpoint.startswith("json_api.")


def asked_for(adapter: MapAdapter, method: str) -> Asked | Refusal:
    """What of Fava an address means, or why it is refused; a route that nobody listed is refused."""
    from werkzeug.exceptions import HTTPException, MethodNotAllowed
    from werkzeug.routing import RequestRedirect

    try:
        endpoint, values = adapter.match(method="GET")
    except MethodNotAllowed:
        return CLOSED
    except RequestRedirect:
        return NOT_HERE
    except HTTPException:
        return NOT_HERE
    if endpoint not in ENDPOINTS or not _is_open(endpoint, values):
        return CLOSED if endpoint != "report" or values["report_name"] in _FAVAS_REPORTS else NOT_HERE
    if method not in ("GET", "HEAD"):
        return READ_ONLY
    return Asked(endpoint, values)


_FAVAS_REPORTS = frozenset("documents editor events holdings import options query statistics".split())


def _is_open(endpoint: str, values: Mapping[str, Any]) -> bool:
    """Whether the values in an address are on the list, too."""
    match endpoint:
        case "report":
            return values["report_name"] in REPORTS
        case "extension_report" | "extension_endpoint" | "extension_js_module":
            return bool(values["extension_name"] == EXTENSION)
        case "static":
            return values["filename"] in static_files()
        case "account":
            return bool(ACCOUNT.fullmatch(values["name"]) and len(values["name"]) <= _VALUE_MAX)
        case _:
            return True


@lru_cache(maxsize=1)
def static_files() -> frozenset[str]:
    """Fava's files that its reading pages load: no editor, whose parts are large, and no map of the sources."""
    import fava

    folder = Path(fava.__file__).parent / "static"
    script = (folder / "app.js").read_text(encoding="utf-8")
    parts = re.findall(r'from "\./([\w-]+\.js)"', script)
    return frozenset({"app.css", "app.js", "favicon.ico", *parts, *(font.name for font in folder.glob("*.woff2"))})


def bad_parameter(query: Mapping[str, list[str]], files: Collection[str]) -> Refusal | None:
    """Why the parameters of an address are refused; None where they may pass.

    `query` has all values of each name; a name given twice is refused, since two readers could take another one each.
    `files` are the ledger's, relative to its folder: a filter may name them, and nothing above that folder.
    """
    for name, values in query.items():
        longest = _FILTER_MAX if name == "filter" else _VALUE_MAX
        if len(values) != 1 or len(name) > _PLAIN_MAX or len(values[0]) > longest:
            return Refusal(400, "The address has a parameter twice, or one that is too long: make it shorter.")
        sentence = _wrong(name, values[0], files) if values[0] else None
        if sentence:
            return Refusal(400, sentence)
    return None


def _wrong(name: str, text: str, files: Collection[str]) -> str | None:
    """What is wrong with one parameter, and the form that is right."""
    match name:
        case "account" | "a":
            if not ACCOUNT.fullmatch(text):
                return "An account is asked for by its plain name, as account=Expenses:Wages."
        case "filter":
            if text.strip() and filter_sieve(text, files) is None:
                return (
                    'A filter takes plain words, texts in quotes as "50%", #tags, ^links and worker:"ana", no patterns.'
                )
        case "time":
            if days_of(text) is None:
                return "A time is a year, quarter, month, day or two of them, as time=2025-01 - 2025-06."
        case "page":
            if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
                return "A page is a number from 1."
        case _:
            if not _OTHER.fullmatch(text):
                return "A parameter of the address takes a plain word: go back, and follow a link of the book."
    return None


def days_of(text: str, fiscal_year_end: Any = None) -> tuple[date, date] | None:
    """The first day and the day after the last of a time as Fava reads it; None where it is none."""
    from fava.util.date import parse_date

    if not _TIME.fullmatch(text) or re.search(r"\d{5}", text):
        return None
    try:
        begin, end = parse_date(text, fiscal_year_end) if fiscal_year_end else parse_date(text)
    except (ValueError, OverflowError):
        return None
    if not begin or not end or begin >= end or not (_YEARS[0] <= begin.year and end.year <= _YEARS[1]):
        return None
    return begin, end


def too_many_intervals(days: int, interval: str) -> Refusal | None:
    """A time cut into more parts than one answer takes."""
    if days // _DAYS.get(interval, _DAYS["month"]) <= INTERVALS_MAX:
        return None
    return Refusal(400, f"That is more than {INTERVALS_MAX} intervals: choose longer ones, or a shorter time.")
