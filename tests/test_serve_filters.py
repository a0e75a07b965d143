"""A visitor's filter is words: no pattern of a visitor's is ever compiled, and what our own links ask for is found."""

from __future__ import annotations

import re
import time
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from fava.application import create_app as favas_own
from fava.core import FavaLedger
from fava.core.filters import AccountFilter, AdvancedFilter
from visitors import Visitor

from coopbooks.serve.application import create_app
from coopbooks.serve.endpoints import ENDPOINTS
from coopbooks.serve.filters import PARTS_MAX, SIGNS_MAX, TOKENS_MAX, account_sieve, filter_sieve

BOOK = """
    option "title" "Shop"
    plugin "coopbooks.plugins"
    2025-01-01 open Assets:Bank EUR
    2025-01-01 open Assets:Bank:Giro EUR
    2025-01-01 open Income:Sales EUR
    2025-01-01 open Expenses:Wages EUR
    2025-01-02 * "Mill a.b" "Flour and oats" #flour ^bill-1
      note: "half paid"
      Assets:Bank  -10.00 EUR
      Expenses:Wages
    2025-01-03 * "Mill axb" "Bread"
      Assets:Bank:Giro  100.00 EUR
      Income:Sales
    2025-02-02 * "Wages"
      Expenses:Wages  4.00 EUR
        worker: "ana"
        pay-period: "2025-01"
      Assets:Bank
    2025-02-03 note Assets:Bank "Flour was late"
    2025-03-02 * "Wages"
      Expenses:Wages  5.00 EUR
        worker: "Anabel"
        pay-period: "2025-03"
      Assets:Bank
"""
MARK = "zq7"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("books") / "main.beancount"
    path.write_text(dedent(BOOK).lstrip(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def here(book: Path) -> Visitor:
    return Visitor(create_app(book))


@pytest.fixture(scope="module")
def favas(book: Path) -> FavaLedger:
    """The ledger as Fava itself opens it."""
    return FavaLedger(str(book), poll_watcher=True)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every pattern that anybody asks `re` for, by whatever function."""
    found: list[str] = []
    original = re._compile  # type: ignore[attr-defined]

    def seen(pattern: Any, flags: Any) -> Any:
        found.append(str(getattr(pattern, "pattern", pattern)))
        return original(pattern, flags)

    monkeypatch.setattr(re, "_compile", seen)
    return found


FORMS = (
    MARK, f'"{MARK}"', f"^{MARK}", f"#{MARK}", f'worker:"^{MARK}$"', f'any(worker:"{MARK}")', f'{MARK}:"x"', f"{MARK} > 1",
    f'lineno:"^{MARK}$" date:"^{MARK}$" filename:"(^|/)main[.]beancount$"', f'date:"^({MARK}|{MARK}1)"', f'"({MARK})+$"',
    f'(date:"^({MARK})", any(pay-period:"^({MARK}|2025)$"))', f"{MARK}|x", f".*{MARK}", f"Assets:{MARK}", f"^{MARK}(:|$)",
    f"{MARK}$", f"2025-01 - {MARK}", f"{MARK},EUR", f"({MARK}",
)  # fmt: skip
NAMES = ("account", "filter", "time", "interval", "conversion", "a", "r", "page", "order", "query_string", "page_slug", "view",
         "period", "member", "as_of", "all", "x")  # fmt: skip
PAGES = (
    "api/account_report", "api/balance_sheet", "api/changed", "api/commodities", "api/errors", "api/help", "api/income_statement",
    "api/journal_page", "api/ledger_data", "api/trial_balance", "account/Assets:Bank/", "extension/OpenBook/",
    "extension/OpenBook/statement.pdf", "extension_js_module/OpenBook.js", "help/filters", "journal/",
)  # fmt: skip


def test_the_addresses_tried_here_are_all_that_fava_answers() -> None:
    adapter = favas_own([]).url_map.bind("localhost")
    assert {adapter.match(f"/shop/{page}")[0] for page in PAGES} == ENDPOINTS - {"static"}


@pytest.mark.parametrize("page", PAGES)
def test_nothing_that_a_visitor_writes_is_compiled(page: str, here: Visitor, compiled: list[str]) -> None:
    for name in NAMES:
        for text in FORMS if name in ("account", "filter", "time", "a") else (MARK, f"^({MARK}|x)+$"):
            here.ask(f"/shop/{page}", query_string={"page": "1", "order": "asc", "a": "Assets", name: text})
    here.ask(f"/shop/account/{MARK}/")
    here.ask(f"/shop/account/^{MARK}(:|$)/")
    assert [pattern for pattern in compiled if MARK in pattern] == []
    assert compiled, "nothing would be seen, whatever was compiled"


def test_fava_itself_compiles_what_a_visitor_writes(favas: FavaLedger, compiled: list[str]) -> None:
    list(AdvancedFilter(MARK).apply(favas.all_entries))
    list(AccountFilter(f"Assets:{MARK}").apply(favas.all_entries))
    assert {MARK, f"Assets:{MARK}"} <= set(compiled)


SAME = (
    "flour", "Flour", '"and oats"', "#flour", "^bill-1", "#none", '"^Flour"', '"oats$"', '"^Bread$"', "note:half", 'note:"half p"',
    'payee:"mill"', "flour note:half", "flour bread", "flour, bread", "flour wages, bread", "wages, bread flour", "-flour",
    "-flour bread", "- bread", "(flour, bread) mill", "-(flour, bread)", 'any(worker:"^ana$")', 'any(worker:"ana")',
    'all(account:"Assets")', '-any(account:"Bank")', "any(units > 9)", "> 50", "= 4", "<= 5.0", '>= 4 any(worker:"ana")',
    'date:"^2025-02"', 'date:"^(2025-01|2025-03)"', 'date:"^(2025-01-02|2025-03)"', 'any(pay-period:"^(2025-01|2025)$")',
    'lineno:"^7$" date:"^2025-01-02$" filename:"(^|/)main[.]beancount$"', "late", 'account:"^Assets"', "flag:x", 'nothing:"x"',
    'any(worker:"^ana$") (date:"^(2025-01)", any(pay-period:"^(2025-01|2025-Q1)$"))', 'tags:"flour"', "'and oats'",
)  # fmt: skip


@pytest.mark.parametrize("text", SAME)
def test_what_is_let_through_leaves_what_fava_would_leave(text: str, favas: FavaLedger) -> None:
    sieve = filter_sieve(text)
    assert sieve is not None
    ours = [entry for entry in favas.all_entries if sieve(entry)]
    assert ours == list(AdvancedFilter(text).apply(favas.all_entries))


def test_the_filters_that_are_compared_leave_something_else_each() -> None:
    assert len(set(SAME)) == len(SAME)


@pytest.mark.parametrize("text", [
    "Assets", "assets:bank", "^Assets", "Bank", "Sales$", "^Assets:Bank$", "Assets:Bank(:|$)", "Bank($|:)", "^Assets:Bank(:|$)",
    "^Bank", "Bank:", "ets:Ba", "None",
])  # fmt: skip
def test_an_account_is_found_where_fava_would_find_it(text: str, favas: FavaLedger) -> None:
    keeps = account_sieve(text)
    assert keeps is not None
    match = AccountFilter(text)._match
    for name in (*favas.accounts, "Assets:Banknotes", "Equity:Bank"):
        assert keeps(name) == match(name), name


@pytest.mark.parametrize(
    ("text", "count"), [('"a.b"', 1), ('payee:"a.b"', 1), ("payee:axb", 1), ('"A.B"', 1), ('"."', 1)]
)
def test_a_sign_is_that_sign_and_no_other(text: str, count: int, favas: FavaLedger) -> None:
    sieve = filter_sieve(text)
    assert sieve is not None
    assert sum(map(sieve, favas.all_entries)) == count


@pytest.mark.parametrize("text", [
    '"(a|aa)+$"', "(a+)+", ".*", '"a|b"', '"^(a|b)+$"', '"[a-z]"', r'"\w"', '"a{9}"', '"a?"', '"^(a|(b))$"', 'date:"^(2025"',
    '"(^|/)a"', 'date:"^(2025-01|2025-02)-03"', '"$^"', "a,", ",a", "()", "-", "(a", "a)", "any(a", "any()", 'meta:"x"',
    'count:"1"', 'filename:"main"', 'filename:main', 'filename:"(^|/)main"', 'filename:"^/home"', "", "> x", "a.b",
])  # fmt: skip
def test_a_pattern_is_refused_with_what_is_right(text: str, here: Visitor) -> None:
    assert filter_sieve(text) is None
    if text:
        answer = here.ask("/shop/api/journal_page", query_string={"filter": text})
        assert answer.status_code == 400
        assert (
            answer.get_json()["error"]
            == 'A filter takes plain words, texts in quotes as "50%", #tags, ^links and worker:"ana", no patterns.'
        )


def lengths(count: int) -> str:
    return f'date:"^({"|".join("2" * number for number in range(1, count + 1))})"'


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        (",".join(["a"] * PARTS_MAX), ",".join(["a"] * (PARTS_MAX + 1))),
        (f'"{"a" * SIGNS_MAX}"', f'"{"a" * (SIGNS_MAX + 1)}"'),
        (f'note:"{"a" * SIGNS_MAX}"', f'note:"{"a" * (SIGNS_MAX + 1)}"'),
        ("-" * (TOKENS_MAX - 1) + "a", "-" * TOKENS_MAX + "a"),
        ("(" * 29 + "a" + ")" * 29, "(" * 30 + "a" + ")" * 30),
        (lengths(4), lengths(5)),
        (f'"^{"a" * 199}"', f'"^{"a" * 201}"'),
    ],
)
def test_a_filter_has_bounds(within: str, beyond: str) -> None:
    assert filter_sieve(within) is not None
    assert filter_sieve(beyond) is None


def test_a_year_of_days_is_looked_up_and_not_tried_one_by_one(favas: FavaLedger) -> None:
    days = "|".join(f"2024-{1 + day // 31:02}-{1 + day % 31:02}" for day in range(372))
    sieve = filter_sieve(f'date:"^({days})" any(pay-period:"^({days}|2024)$")')
    assert sieve is not None
    entries = list(favas.all_entries) * 4_000
    began = time.thread_time()
    assert not any(map(sieve, entries))
    assert time.thread_time() - began < 1


def test_filters_in_addresses_leave_the_same(here: Visitor, favas: FavaLedger) -> None:
    for text in SAME:
        expected = sum(type(each).__name__ == "Transaction" for each in AdvancedFilter(text).apply(favas.all_entries))
        journal = here.data("/shop/api/journal_page", page="1", order="asc", filter=text)["journal"]
        assert journal.count("<li class='transaction") == expected, text
