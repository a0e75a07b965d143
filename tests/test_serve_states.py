"""Nobody waits for somebody else: not for a heavy answer, and not for a changed ledger that is being read."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from fava.application import create_app as favas_own
from fava.core import FavaLedger, FilteredLedger
from fava.util.date import INTERVALS
from visitors import CHEAP, WORDS, Visitor

from coopbooks.books.members_file import change_members_file
from coopbooks.dashboard import extension
from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.extension import OpenBook
from coopbooks.dashboard.page import open_page
from coopbooks.serve import Access
from coopbooks.serve.accounts import CELLS_MAX
from coopbooks.serve.application import create_app
from coopbooks.serve.ledgers import ServedLedger
from coopbooks.serve.login import with_member
from coopbooks.serve.states import States
from coopbooks.serve.turns import UNDER_WAY_MAX, Turns

BOOK = """
    option "title" "Shop"
    plugin "coopbooks.plugins"
    2025-01-01 open Assets:Bank EUR
    2025-01-01 open Assets:Bank:Giro EUR
    2025-01-01 open Income:Sales EUR
    2025-01-01 custom "coop" "member" "ana"
    2025-01-01 custom "coop" "member" "bo"
    2025-01-02 * "Sales"
      Assets:Bank  10.00 EUR
      Income:Sales
    2025-02-05 * "Sales"
      Assets:Bank:Giro  7.125 EUR
      Income:Sales
    2025-02-06 balance Assets:Bank:Giro  7.125 EUR
    2025-03-07 * "Refund"
      Assets:Bank  -3.00 EUR
      Income:Sales
"""
NEW = '2025-04-01 * "A new sale"\n  Assets:Bank  1.00 EUR\n  Income:Sales\n'
PATIENCE_S = 30
Ledger = Callable[..., Path]


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coopbooks.serve.login._hasher", lambda: CHEAP)


class Gate:
    """Stands in front of something slow: whoever comes to it waits until it is opened."""

    def __init__(self) -> None:
        self._reached, self._open = threading.Semaphore(0), threading.Event()

    def wait(self) -> None:
        self._reached.release()
        assert self._open.wait(PATIENCE_S)

    def until_reached(self) -> None:
        assert self._reached.acquire(timeout=PATIENCE_S)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.open()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(UNDER_WAY_MAX + 2) as made:
        yield made


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    last = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < last
        time.sleep(0.01)


def slow(monkeypatch: pytest.MonkeyPatch, gate: Gate, name: str = "2025-01") -> None:
    """Have the answers for one time wait at a gate."""
    whole = ServedLedger._get_filtered

    def filtered(ledger: ServedLedger, **asked: str) -> FilteredLedger:
        if asked["time"] == name:
            gate.wait()
        return whole(ledger, **asked)

    monkeypatch.setattr(ServedLedger, "_get_filtered", filtered)


# -- answers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page", ["api/trial_balance", "api/account_report?a=Assets", "extension/OpenBook/", "journal/"]
)
def test_nobody_waits_for_somebody_elses_answer(
    page: str, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, gate: Gate, pool: ThreadPoolExecutor
) -> None:
    slow(monkeypatch, gate)
    visitor = Visitor(create_app(ledger(BOOK)))
    heavy = pool.submit(Visitor(visitor.client.application).ask, "/shop/api/trial_balance?time=2025-01")
    gate.until_reached()
    assert pool.submit(visitor.ask, f"/shop/{page}").result(PATIENCE_S).status_code == 200
    assert not heavy.done()
    gate.open()
    assert heavy.result(PATIENCE_S).status_code == 200


def test_a_page_that_was_made_is_shown_while_another_is_being_made(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, gate: Gate, pool: ThreadPoolExecutor
) -> None:
    made = open_page

    def seen(books: Any, choice: Choice, **how: Any) -> Any:
        if choice.view == "audit":
            gate.wait()
        return made(books, choice, **how)

    monkeypatch.setattr(extension, "open_page", seen)
    app = create_app(ledger(BOOK))
    assert Visitor(app).ask("/shop/extension/OpenBook/?view=due").status_code == 200
    heavy = pool.submit(Visitor(app).ask, "/shop/extension/OpenBook/?view=audit&as_of=2025-01-01")
    gate.until_reached()
    assert pool.submit(Visitor(app).ask, "/shop/extension/OpenBook/?view=due").result(PATIENCE_S).status_code == 200
    gate.open()
    assert heavy.result(PATIENCE_S).status_code == 200


def test_a_page_is_made_once_for_all_members_but_that_about_oneself(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Choice] = []
    made = open_page

    def seen(books: Any, choice: Choice, **how: Any) -> Any:
        asked.append(choice)
        return made(books, choice, **how)

    monkeypatch.setattr(extension, "open_page", seen)
    ana, bo = members_of(ledger(BOOK))
    for visitor in (ana, bo, ana):
        for view in ("due", "mine", "rules"):
            assert visitor.ask(f"/shop/extension/OpenBook/?view={view}").status_code == 200
    assert [(choice.view, choice.member) for choice in asked] == [
        ("due", None), ("mine", "ana"), ("rules", None), ("mine", "bo"),
    ]  # fmt: skip


def members_of(book: Path) -> tuple[Visitor, Visitor]:
    """Two members who signed in to one book."""
    file = book.with_suffix(".members.json")
    change_members_file(file, lambda old: with_member(old, "ana", WORDS, int(time.time())))
    change_members_file(file, lambda old: with_member(old, "bo", WORDS, int(time.time())))
    app = create_app(book, Access(members_file=file, clock=time.time))
    ana, bo = Visitor(app), Visitor(app)
    ana.sign_in("ana")
    bo.sign_in("bo")
    return ana, bo


def test_one_member_gets_one_answer_at_a_time_and_no_more_than_a_browser_asks_for(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, gate: Gate, pool: ThreadPoolExecutor
) -> None:
    slow(monkeypatch, gate)
    ana, bo = members_of(ledger(BOOK))
    cookie = ana.client.get_cookie("coopbooks", "localhost")
    assert cookie

    def ask(path: str) -> Any:
        own = Visitor(ana.client.application)
        own.client.set_cookie("coopbooks", cookie.value, domain="localhost")
        return own.ask(path)

    heavy = pool.submit(ask, "/shop/api/trial_balance?time=2025-01")
    gate.until_reached()
    waiting: list[Future[Any]] = [pool.submit(ask, "/shop/api/changed") for _ in range(UNDER_WAY_MAX - 1)]
    refused = None
    last = time.monotonic() + PATIENCE_S
    while refused is None or refused.status_code != 429:  # until those who wait have come in
        assert time.monotonic() < last
        refused = pool.submit(ask, "/shop/api/changed").result(PATIENCE_S) if all_in(waiting) else None
    assert refused.get_json()["error"] == "You are asking for much at once: wait for an answer, then ask again."
    assert refused.headers["Retry-After"] == "1"
    assert ask("/static/app.css").status_code == 200
    assert bo.ask("/shop/api/changed").status_code == 200
    gate.open()
    assert {each.result(PATIENCE_S).status_code for each in (heavy, *waiting)} == {200}
    assert ask("/shop/api/changed").status_code == 200


def all_in(waiting: list[Future[Any]]) -> bool:
    time.sleep(0.05)
    return all(each.running() for each in waiting)


def test_turns_are_counted_for_each_member_and_given_back() -> None:
    turns = Turns()
    for _ in range(3):
        with turns.of("ana") as first, turns.of(None) as here, turns.of("bo") as other:
            assert (first, here, other) == (True, True, True)
    with pytest.raises(ValueError, match="within"), turns.of("ana"):
        raise ValueError("within")
    with turns.of("ana") as again:
        assert again
    assert turns._turns == {}


# -- a ledger that changes ------------------------------------------------------------------------------


def reading(monkeypatch: pytest.MonkeyPatch, before: Callable[[], None]) -> list[int]:
    """Have something happen before a ledger is read; how often one was."""
    read: list[int] = []
    whole = ServedLedger.load_file

    def load_file(ledger: ServedLedger) -> None:
        read.append(1)
        before()
        whole(ledger)

    monkeypatch.setattr(ServedLedger, "load_file", load_file)
    return read


def journal(visitor: Visitor) -> str:
    return str(visitor.data("/shop/api/journal_page", page="1", order="desc")["journal"])


def append(book: Path, text: str) -> None:
    with book.open("a", encoding="utf-8") as file:
        file.write(text)


def test_the_old_state_is_shown_while_the_new_one_is_read(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, gate: Gate
) -> None:
    book = ledger(BOOK)
    app = create_app(book)
    visitor, states = Visitor(app), app.config["BOOK"].states
    old = states.now
    reading(monkeypatch, gate.wait)
    first = visitor.ask("/shop/api/changed").get_json()["mtime"]
    append(book, NEW)
    for _ in range(3):
        assert "A new sale" not in journal(visitor)
        assert states.is_reading
        assert visitor.ask("/shop/api/changed").get_json()["mtime"] == first
    gate.open()
    until(lambda: not states.is_reading)
    assert "A new sale" in journal(visitor)
    assert int(visitor.ask("/shop/api/changed").get_json()["mtime"]) > int(first), "Fava's script would not ask again"
    assert not states.now.ledger.is_outdated()
    assert old is not states.now


def test_a_small_ledger_that_was_saved_is_shown_at_once(ledger: Ledger) -> None:
    book = ledger(BOOK.replace('    plugin "coopbooks.plugins"\n', ""))
    visitor = Visitor(create_app(book))
    assert "A new sale" not in journal(visitor)
    append(book, NEW)
    until(lambda: "A new sale" in journal(visitor))


def test_what_is_saved_while_the_ledger_is_read_is_read_as_well(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, gate: Gate
) -> None:
    book = ledger(BOOK)
    app = create_app(book)
    visitor, states = Visitor(app), app.config["BOOK"].states
    whole = FavaLedger.load_file

    def load_file(served: FavaLedger) -> None:
        whole(served)
        gate.wait()

    monkeypatch.setattr(FavaLedger, "load_file", load_file)
    append(book, NEW)
    visitor.ask("/shop/api/changed")
    gate.until_reached()
    append(book, NEW.replace("A new sale", "A newer sale"))
    gate.open()
    until(lambda: "A newer sale" in journal(visitor))
    until(lambda: not states.is_reading)
    assert not states.now.ledger.is_outdated()


@pytest.mark.parametrize("slip", ["1.00 / 0", "0 / 0"])
def test_a_number_divided_by_zero_does_not_end_the_server(
    ledger: Ledger, slip: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Beancount's parser takes the whole process with it, where nobody prevents that; here the books before stay."""
    book = ledger(BOOK)
    visitor = Visitor(create_app(book))
    whole = book.read_text()
    append(book, NEW.replace("1.00", slip))
    visitor.ask("/shop/api/changed")
    until(lambda: f"main.beancount:{whole.count(chr(10)) + 2}: a number in this line is divided by zero" in caplog.text)
    assert "Refund" in journal(visitor)
    assert "A new sale" not in journal(visitor)
    book.write_text(whole + NEW)
    until(lambda: "A new sale" in journal(visitor))


def test_a_new_title_is_a_new_address_of_the_first_page(ledger: Ledger) -> None:
    book = ledger(BOOK)
    app = create_app(book)
    visitor = Visitor(app)
    book.write_text(book.read_text().replace('"Shop"', '"Bakery"'))
    visitor.ask("/shop/api/changed")
    until(lambda: "/bakery/extension/OpenBook/" in str(visitor.ask("/").headers.get("Location")))


def test_a_ledger_that_cannot_be_read_again_stays_as_it_was(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("secret")

    book = ledger(BOOK)
    app = create_app(book)
    visitor = Visitor(app)
    with monkeypatch.context() as broken:
        read = reading(broken, fail)
        append(book, NEW)
        visitor.ask("/shop/api/changed")
        until(lambda: read == [1] and not app.config["BOOK"].states.is_reading)
        assert "Refund" in journal(visitor)
    append(book, "; saved again\n")
    until(lambda: "A new sale" in journal(visitor))


def test_an_answer_is_of_one_state_from_its_beginning_to_its_end(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, gate: Gate, pool: ThreadPoolExecutor
) -> None:
    slow(monkeypatch, gate, "2025")
    book = ledger(BOOK)
    app = create_app(book)
    states = app.config["BOOK"].states
    old = states.now.ledger
    heavy = pool.submit(Visitor(app).data, "/shop/api/journal_page", page="1", order="desc", time="2025")
    gate.until_reached()
    append(book, NEW)
    until(lambda: "A new sale" in journal(Visitor(app)))
    assert old.all_entries, "somebody is still answered with it"
    gate.open()
    assert "A new sale" not in heavy.result(PATIENCE_S)["journal"]
    until(lambda: not hasattr(old, "all_entries"))
    assert states.now.ledger.all_entries


def test_what_most_visitors_ask_for_first_is_made_before_a_new_state_is_shown(ledger: Ledger) -> None:
    book = ledger(BOOK)
    states = States(book)
    append(book, NEW)
    states.look()
    until(lambda: not states.is_reading)
    own = states.now.ledger.extensions.get_extension("OpenBook")
    assert isinstance(own, OpenBook)
    kept: Any = own._kept()._pages
    assert {choice.view for choice, _ in kept} >= {"pay", "due", "audit", "rules"}


def test_nothing_is_left_of_the_states_before(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coopbooks.serve.states.ENTRIES_FEW", 0)
    book = ledger(BOOK)
    states = States(book)
    facts = []
    for _ in range(3):
        own = states.now.ledger.extensions.get_extension("OpenBook")
        assert isinstance(own, OpenBook)
        cooperative = own._kept().books()
        assert cooperative is not None
        cooperative.audit_changes(date(2025, 5, 5))  # what an audit found holds itself together, and the facts
        facts.append(weakref.ref(cooperative.facts))
        del own, cooperative
        append(book, NEW)
        states.look()
        until(lambda: not states.is_reading)
    assert [each() for each in facts] == [None, None, None]


# -- tables of an account -------------------------------------------------------------------------------


@pytest.mark.parametrize("interval", ["day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize("account", ["Assets", "Assets:Bank", "Income", "Nothing"])
@pytest.mark.parametrize("accumulate", [True, False])
@pytest.mark.parametrize("when", ["", "2025-02", "2024-12 - 2025-03"])
def test_balances_over_time_are_those_of_fava(
    interval: str, account: str, accumulate: bool, when: str, served: ServedLedger
) -> None:
    left = served.get_filtered(time=when)
    ours = served.interval_balances(left, INTERVALS[interval], account, accumulate=accumulate)
    favas = FavaLedger.interval_balances(served, left, INTERVALS[interval], account, accumulate=accumulate)
    assert ours[1] == favas[1]
    assert len(ours[0]) == len(favas[0])
    for mine, its in zip(ours[0], favas[0], strict=True):
        assert [name for name in mine.accounts if name.startswith(account)] == [
            name for name in its.accounts if name.startswith(account)
        ]
        assert shown(mine.get(account)) == shown(its.get(account))


def shown(node: Any) -> Any:
    """A tree's node and all below it, as it is compared."""
    below = sorted((shown(child) for child in node.children), key=lambda each: str(each[0]))
    return node.name, dict(node.balance.items()), dict(node.balance_children.items()), node.has_txns, below


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> ServedLedger:
    path = tmp_path_factory.mktemp("books") / "main.beancount"
    path.write_text(dedent(BOOK).lstrip(), encoding="utf-8")
    return ServedLedger(str(path), poll_watcher=True)


def test_a_table_that_no_page_could_hold_is_refused_before_it_is_worked_out(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor(create_app(ledger(BOOK)))
    table = "/shop/api/account_report?a=Assets&r=balances&interval=month"
    cells = 2 * 3  # two accounts in three months
    for bound, status in ((cells, 200), (cells - 1, 413)):
        monkeypatch.setattr("coopbooks.serve.accounts.CELLS_MAX", bound)
        assert visitor.ask(table).status_code == status
    assert "That answer is too large for one page" in visitor.ask(table).text
    assert CELLS_MAX == 5_000


def test_days_of_budgets_have_a_bound(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = Visitor(create_app(ledger(BOOK + '    2025-01-01 custom "budget" Assets:Bank "monthly" 5.00 EUR\n')))
    for page in ("api/income_statement?time=2025", "api/account_report?a=Assets&r=balances&time=2025"):
        monkeypatch.setattr("coopbooks.serve.accounts.BUDGET_DAYS_MAX", 365 * 12 * 4)
        assert visitor.ask(f"/shop/{page}").status_code == 200
        monkeypatch.setattr("coopbooks.serve.accounts.BUDGET_DAYS_MAX", 364)
        answer = visitor.ask(f"/shop/{page}")
        assert (answer.status_code, "for a shorter time" in answer.text) == (413, True)


@pytest.mark.parametrize("account", ["Assets", "Assets:Bank:Giro", "Income:Sales"])
@pytest.mark.parametrize("conversion", ["at_cost", "EUR"])
def test_the_newest_entries_have_the_balances_that_fava_gives_them(
    account: str, conversion: str, ledger: Ledger
) -> None:
    book = ledger(BOOK)
    query = {"a": account, "conversion": conversion}
    ours = Visitor(create_app(book)).data("/shop/api/account_report", **query)
    favas = (
        favas_own([book], load=True)
        .test_client()
        .get("/shop/api/account_report", query_string=query)
        .get_json()["data"]
    )
    assert ours["charts"] == favas["charts"]
    for cell in ("class='num'>", "class='change num'>"):
        assert [part.partition("</span>")[0] for part in ours["journal"].split(cell)[1:]] == [
            part.partition("</span>")[0] for part in favas["journal"].split(cell)[1:]
        ]
    assert "class='transaction" in ours["journal"]


def test_a_table_that_fava_does_not_know_is_no_way_around_the_bound(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coopbooks.serve.accounts.LINES_MAX", 10)
    visitor = Visitor(create_app(ledger(BOOK)))
    for more in ({}, {"r": "journal"}, {"r": "x"}):
        found = visitor.data("/shop/api/account_report", a="Assets", **more)["journal"]
        assert "earlier entries are not shown" in found, more


def test_a_page_is_shown_with_what_was_asked_for(ledger: Ledger) -> None:
    visitor = Visitor(create_app(ledger(BOOK)))
    first = visitor.ask("/shop/extension/OpenBook/?view=due&member=ana&as_of=2025-05-05").text
    second = visitor.ask("/shop/extension/OpenBook/?view=due&as_of=2025-05-05").text
    assert 'name="member" value="ana"' in first
    assert 'name="member"' not in second
