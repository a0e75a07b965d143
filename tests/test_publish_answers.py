"""What members get out of their own ledger is what the treasurer gets out of the books, wherever nothing is protected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from test_ten_years import EVENTFUL, FIRST, FOUNDERS, Simulated, rules_of

import coopbooks
from coopbooks.books.loading import load_books
from coopbooks.cooperative import Cooperative
from coopbooks.errors import UnknownPeriod
from coopbooks.publish import view_of, view_text

LEDGERS = Path(__file__).parent.parent / "ledgers"

# Where a row stands and under which account; why somebody left, how a gift was valued, what a signal says.
OWN = frozenset(
    [
        *("place", "rule", "law", "bylaw", "met_by", "pulse_place", "decision_place"),
        *("account", "to", "accounts", "counter", "cause", "valuation", "backing", "shortfall", "what", "evidence"),
    ]
)


def ten_years(folder: Path) -> Path:
    books = Simulated(rules_of("as above"), keeps_interest=False)
    for _ in range(FOUNDERS):
        books.join(date(FIRST, 1, 1))
    for year, drawn in enumerate(EVENTFUL, FIRST):
        books.live(year, drawn)
    path = folder / "ten.beancount"
    path.write_text(books.text, encoding="utf-8")
    return path


@pytest.fixture(scope="module", params=["bakery", "colab", "ten years"])
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Cooperative, Cooperative, Path]:
    """The books, the members' ledger of their last day, and its file."""
    folder = tmp_path_factory.mktemp("books")
    path = ten_years(folder) if request.param == "ten years" else LEDGERS / request.param / "main.beancount"
    loaded = load_books(path)
    day = max(entry.date for entry in loaded.entries)
    file = folder / "members.beancount"
    file.write_text(view_text(view_of(loaded, "members", day)), encoding="utf-8")
    return coopbooks.load(path), coopbooks.load(file), file


def plain(answer: Any) -> Any:
    """An answer as data, without what only tells where it stands in a file."""
    data = answer.to_data() if hasattr(answer, "to_data") else answer
    if isinstance(data, dict):
        return {key: plain(each) for key, each in data.items() if key not in OWN}
    return [plain(each) for each in data] if isinstance(data, list) else data


def last_day(coop: Cooperative) -> date:
    assert coop.facts.last_day is not None
    return coop.facts.last_day


ASKED: dict[str, Callable[[Cooperative, str, date], Any]] = {
    "What are we paid?": lambda coop, year, day: coop.pay(year),
    "And is it fair?": lambda coop, year, day: coop.wages(year),
    "Where does the surplus go?": lambda coop, year, day: {
        key: value for key, value in coop.surplus(year).to_data().items() if key != "changes"
    },
    "What would change it?": lambda coop, year, day: coop.outlook(year, day),
    "What do I own?": lambda coop, year, day: coop.members(period=year),
    "What was paid of it?": lambda coop, year, day: coop.payments(year, day),
}


@pytest.mark.parametrize("question", ASKED)
def test_every_year_has_the_same_answers(pair: tuple[Cooperative, Cooperative, Path], question: str) -> None:
    books, seen, _ = pair
    day, asked = last_day(books), 0
    for year in range(2020, 2032):
        try:
            expected = ASKED[question](books, str(year), day)
        except UnknownPeriod:
            continue
        assert plain(ASKED[question](seen, str(year), day)) == plain(expected), year
        asked += 1
    assert asked >= 2


def test_what_is_owned_owed_and_due_is_the_same(pair: tuple[Cooperative, Cooperative, Path]) -> None:
    books, seen, _ = pair
    day = last_day(books)
    assert plain(seen.members()) == plain(books.members())
    assert plain(seen.queue(day)) == plain(books.queue(day))
    assert plain(seen.debts(day)) == plain(books.debts(day))
    assert by_text(seen.duties(day)) == by_text(books.duties(day))
    assert plain(seen.periods()) == plain(books.periods())


def by_text(table: Any) -> list[str]:
    """Rows in an order of their own: that of the file is another in each."""
    return sorted(map(str, plain(table)))


def test_funds_and_gifts_are_the_same_but_for_what_is_protected(pair: tuple[Cooperative, Cooperative, Path]) -> None:
    books, seen, _ = pair
    day = last_day(books)
    hidden = {"strike", "mutual-aid", "legal-defence"} & {row["kind"] for row in plain(books.funds())}
    open_funds = {row["fund"] for row in plain(books.funds()) if row["kind"] not in hidden}
    assert [row for row in plain(seen.funds()) if row["fund"] in open_funds] == [
        row for row in plain(books.funds()) if row["fund"] in open_funds
    ]
    assert [row for row in plain(seen.fund_entries()) if row["fund"] in open_funds] == [
        row for row in plain(books.fund_entries()) if row["fund"] in open_funds
    ]
    assert plain(seen.reveal(day)) == plain(books.reveal(day))
    kinds = {row.kind for row in books.records().rows}
    assert {row.kind for row in seen.records().rows} >= kinds - {"absence"}


def test_the_file_is_accepted_and_nothing_is_said_against_it(pair: tuple[Cooperative, Cooperative, Path]) -> None:
    books, seen, file = pair
    entries, errors, _ = loader.load_file(str(file))
    assert errors == []
    assert entries
    assert books.check().errors == ()
    assert seen.check().errors == ()
