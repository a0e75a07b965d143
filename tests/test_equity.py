"""Who owns the net book value: the statement of changes in equity, and NY Cooperative Corporations Law s. 93 at every close."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from beancount import loader
from beancount.core.data import Transaction
from hypothesis import given
from hypothesis import strategies as st
from treasurer import messages

from coopbooks import load
from coopbooks.books.entries import facts_of
from coopbooks.cooperative import Cooperative

Coop = Callable[..., Cooperative]

ROOT = Path(__file__).resolve().parent.parent
FLOWS = ("opening", "credited", "interest", "losses", "redeemed", "other", "balance")

RULES = """
option "operating_currency" "USD"
plugin "beancount.plugins.auto_accounts"

2024-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:M01
2024-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Capital:M02
2024-01-01 custom "coop" "bylaw" "capital"
  collective: "Equity:Collective"
  interest: 0.02
  interest-on: "opening"
2024-01-01 custom "coop" "bylaw" "surplus"
  patronage: "equal"
  split: "none"
  cash: 0.5
2024-01-01 custom "coop" "fund" "strike"
  account: Equity:Funds:Strike
2024-01-01 custom "coop" "fund" "training"
  account: Liabilities:Funds:Training
2024-01-01 custom "coop" "allocation" "strike"
  step: 1
  to: Equity:Funds:Strike
  share: 0.1
2024-01-01 custom "coop" "allocation" "training"
  step: 1
  to: Liabilities:Funds:Training
  share: 0.1
2024-01-01 custom "coop" "allocation" "collective"
  step: 2
  to: Equity:Collective
  share: 0.2
2024-01-01 custom "coop" "allocation" "members"
  step: 3
  to: "members"
  rest: TRUE
2024-01-01 custom "coop" "loss" "collective"
  step: 1
  from: Equity:Collective
  share: 0.5
2024-01-01 custom "coop" "loss" "members"
  step: 2
  from: "members"
  share: 0.3
"""

# 2024: 1,000.00 to share; a tenth to each fund, a fifth to all, the rest half in money, half kept.
FIRST = """
2024-01-02 * "Buy-ins"
  Assets:Bank              500.00 USD
  Assets:Subscriptions:M02 100.00 USD
  Equity:Capital:M01:Buyin -300.00 USD
  Equity:Capital:M02:Buyin -300.00 USD
2024-06-01 * "Sales"
  Assets:Bank   1000.00 USD
  Income:Sales
2024-12-31 * "Close" #coop-close
  period: "2024"
  Equity:Surplus             1000.00 USD
  Equity:Funds:Strike        -100.00 USD
  Liabilities:Funds:Training -100.00 USD
  Equity:Collective          -200.00 USD
  Liabilities:Patronage:M01  -150.00 USD
  Equity:Capital:M01:2024    -150.00 USD
  Liabilities:Patronage:M02  -150.00 USD
  Equity:Capital:M02:2024    -150.00 USD
"""

# 2025: 2 % on the 430.00 of m01 that stayed all year and on the 350.00 that m02 had paid up; a loss of 200.00, half of it
# on the collective account, three tenths on the members, a fifth carried.
SECOND = """
2025-03-01 custom "coop" "decision" "D-1"
2025-03-01 * "Spent by the strike committee"
  decision: "D-1"
  Equity:Funds:Strike   30.00 USD
  Assets:Bank
2025-04-01 * "Capital paid back" #coop-redeem
  Equity:Capital:M01:2024   20.00 USD
  Assets:Bank
2025-05-01 * "A gift to all"
  Assets:Bank   7.00 USD
  Equity:Collective
2025-06-01 * "Rent"
  Expenses:Rent   184.40 USD
  Assets:Bank
2025-12-31 * "Interest" #coop-interest
  period: "2025"
  Expenses:Interest   15.60 USD
  Equity:Capital:M01:2025   -8.60 USD
  Equity:Capital:M02:2025   -7.00 USD
2025-12-31 * "Close" #coop-close
  period: "2025"
  Equity:Surplus            -160.00 USD
  Equity:Collective          100.00 USD
  Equity:Capital:M01:2025      8.60 USD
  Equity:Capital:M01:2024     21.40 USD
  Equity:Capital:M02:2025      7.00 USD
  Equity:Capital:M02:2024     23.00 USD
"""


def statement(coop: Cooperative, period: str) -> dict[str, Any]:
    """The answer, with its laws held: each row adds up, and all rows together are the net book value."""
    answer: dict[str, Any] = coop.equity(period).to_data()
    for row in answer["rows"]:
        money = {key: Decimal(row[key]) for key in FLOWS}
        came = money["opening"] + money["credited"] + money["interest"] + money["other"]
        assert came - money["losses"] - money["redeemed"] == money["balance"], row
    if answer["net_book_value"] is not None:
        rows = [(row["line"], Decimal(row["balance"])) for row in answer["rows"]]
        assert sum(balance for _, balance in rows) == Decimal(answer["net_book_value"])
        assert sum(balance for line, balance in rows if line == "nobody") == Decimal(answer["difference"])
    return answer


def rows(coop: Cooperative, period: str) -> dict[str, dict[str, str]]:
    """What is not zero of each row, by its line and account."""
    return {
        f"{row['line']} {row['account'] or ''}".strip(): {key: row[key] for key in FLOWS if Decimal(row[key])}
        for row in statement(coop, period)["rows"]
    }


def assets_less_liabilities(entries: Iterable[Any], day: date) -> Decimal:
    """The net book value as an accountant finds it: from the other side of the books, without coopbooks."""
    total = Decimal(0)
    for entry in entries:
        if isinstance(entry, Transaction) and entry.date <= day:
            for posting in entry.postings:
                if posting.account.partition(":")[0] in ("Assets", "Liabilities"):
                    total += amount_of(posting)
    return total


def amount_of(posting: Any) -> Decimal:
    number: Decimal = posting.units.number
    return number


# -- the statement -------------------------------------------------------------------------------------------


def test_a_year_with_a_surplus(coop: Coop) -> None:
    loaded = coop(RULES + FIRST)
    assert messages(loaded) == []
    assert rows(loaded, "2024") == {
        "members": {"credited": "900.00", "balance": "900.00"},
        "collective Equity:Collective": {"credited": "200.00", "balance": "200.00"},
        "fund Equity:Funds:Strike": {"credited": "100.00", "balance": "100.00"},
        "surplus Equity:Surplus": {"credited": "1000.00", "other": "-1000.00"},
    }
    answer = statement(loaded, "2024")
    # 1,500.00 in the bank and 100.00 still to be paid, less 300.00 owed to members and 100.00 to the training fund
    assert (answer["net_book_value"], answer["difference"]) == ("1200.00", "0.00")
    assert (answer["starts"], answer["ends"], answer["currency"], answer["judged"]) == (
        "2024-01-01",
        "2024-12-31",
        "USD",
        True,
    )


def test_a_year_with_a_loss(coop: Coop) -> None:
    loaded = coop(RULES + FIRST + SECOND)
    assert messages(loaded) == []
    assert rows(loaded, "2025") == {
        "members": {
            "opening": "900.00",
            "interest": "15.60",
            "losses": "60.00",
            "redeemed": "20.00",
            "balance": "835.60",
        },
        "collective Equity:Collective": {"opening": "200.00", "losses": "100.00", "other": "7.00", "balance": "107.00"},
        "fund Equity:Funds:Strike": {"opening": "100.00", "other": "-30.00", "balance": "70.00"},
        # 200.00 lost, 160.00 of it borne: 40.00 are carried into the next year
        "surplus Equity:Surplus": {"losses": "200.00", "other": "160.00", "balance": "-40.00"},
    }
    assert statement(loaded, "2025")["net_book_value"] == "972.60"


def test_a_year_that_is_open_shows_what_is_not_placed_yet(coop: Coop) -> None:
    sale = '2025-02-01 * "Sales"\n  Assets:Bank  70.00 USD\n  Income:Sales\n'
    loaded = coop(RULES + FIRST + sale)
    assert rows(loaded, "2025")["surplus Equity:Surplus"] == {"credited": "70.00", "balance": "70.00"}
    assert rows(loaded, "2025-01")["surplus Equity:Surplus"] == {}
    assert statement(loaded, "2025-02")["net_book_value"] == "1270.00"


def test_closing_entries_of_other_programs_change_nothing(coop: Coop) -> None:
    moved = '2024-12-31 * "Income and expenses closed"\n  Income:Sales  1000.00 USD\n  Equity:Surplus\n'
    assert rows(coop(RULES + FIRST + moved), "2024") == rows(coop(RULES + FIRST), "2024")


def test_a_correction_that_belongs_to_an_earlier_year_counts_from_its_date(coop: Coop) -> None:
    late = '2025-02-01 * "A bill of last year"\n  of-period: "2024"\n  Expenses:Rent  50.00 USD\n  Assets:Bank\n'
    loaded = coop(RULES + FIRST + late)
    assert statement(loaded, "2024")["net_book_value"] == "1200.00"
    assert rows(loaded, "2025")["surplus Equity:Surplus"] == {"losses": "50.00", "balance": "-50.00"}


@pytest.mark.parametrize("ledger", ["bakery", "colab"])
def test_the_examples_are_owned_to_the_last_cent(ledger: str, tmp_path: Path) -> None:
    path = copytree(ROOT / "ledgers" / ledger, tmp_path / ledger) / "main.beancount"
    loaded, (entries, _, _) = load(path), loader.load_file(str(path))
    before: dict[str, str] = {}
    for period in loaded.periods():
        answer = statement(loaded, period)
        assert answer["difference"] == "0.00"
        assert Decimal(answer["net_book_value"]) == assets_less_liabilities(entries, date.fromisoformat(answer["ends"]))
        assert loaded.equity(period).breaks is False
        after = {f"{row['line']} {row['account']}": row["balance"] for row in answer["rows"]}
        if before:
            assert {f"{row['line']} {row['account']}": row["opening"] for row in answer["rows"]} == before
        before = after
        accounts = loaded.members(period=period).rows
        (members,) = (row for row in answer["rows"] if row["line"] == "members")
        for key in ("opening", "credited", "interest", "losses", "redeemed", "balance"):
            assert Decimal(members[key]) == sum(Decimal(getattr(row, key)) for row in accounts)


def test_without_collective_accounts_nothing_is_judged(coop: Coop) -> None:
    books = RULES.replace('  collective: "Equity:Collective"\n', "  redeem-after: 5\n") + FIRST
    answer = statement(coop(books + STRAY), "2024")
    assert (answer["net_book_value"], answer["difference"], answer["judged"]) == (None, None, False)
    assert messages(coop(books + STRAY)) == []


def test_a_ledger_without_records_has_no_statement(coop: Coop) -> None:
    answer = coop("2025-01-01 open Assets:Bank\n").equity("2025").to_data()
    assert (answer["rows"], answer["net_book_value"], answer["judged"]) == ([], None, False)


def test_members_capital_that_the_law_calls_a_liability_is_theirs_all_the_same(coop: Coop) -> None:
    books = (RULES + FIRST).replace("Equity:Capital", "Liabilities:Capital")
    answer = statement(coop(books), "2024")
    assert (answer["net_book_value"], answer["difference"]) == ("1200.00", "0.00")


def test_a_fund_below_a_collective_account_is_the_funds(coop: Coop) -> None:
    books = (RULES + FIRST).replace("Equity:Funds:Strike", "Equity:Collective:Strike")
    found = rows(coop(books), "2024")
    assert found["collective Equity:Collective"]["balance"] == "200.00"
    assert found["fund Equity:Collective:Strike"]["balance"] == "100.00"


# -- the finding ---------------------------------------------------------------------------------------------

STRAY = """
2024-03-01 * "Before there were bylaws"
  Assets:Bank     250.00 USD
  Equity:Retained
"""


def test_equity_that_belongs_to_nobody_is_found_at_the_close(coop: Coop) -> None:
    loaded = coop(RULES + FIRST + STRAY)
    (message,) = messages(loaded)
    place = (RULES + FIRST).lstrip("\n").split("\n").index('2024-12-31 * "Close" #coop-close') + 1
    assert message.startswith(f"main.beancount:{place}: at the close of 2024 net book value is 1,450.00 USD, but ")
    assert (
        "members' capital 900.00 USD, collective accounts 200.00 USD, funds 100.00 USD, what is not placed 0.00 USD make "
        "1,200.00 USD, and 250.00 USD on Equity:Retained belongs to nobody: "
    ) in message
    answer = statement(loaded, "2024")
    assert answer["difference"] == "250.00"
    assert loaded.equity("2024").breaks is True
    assert loaded.members().breaks is True


def test_before_the_close_nothing_is_judged(coop: Coop) -> None:
    opened = FIRST.partition("2024-12-31")[0]
    assert messages(coop(RULES + opened + STRAY)) == []


def test_it_is_told_once_and_again_when_it_changes(coop: Coop) -> None:
    books = RULES + FIRST + SECOND + STRAY
    (message,) = messages(coop(books))
    assert "at the close of 2024" in message
    first, second = messages(coop(books + STRAY.replace("2024-03-01", "2025-03-01").replace("250.00", "1.00")))
    assert "250.00 USD on Equity:Retained" in first
    assert "251.00 USD on Equity:Retained" in second


@pytest.mark.parametrize(
    "cure",
    [
        ('collective: "Equity:Collective"', 'collective: "Equity:Collective Equity:Retained"'),
        ("Equity:Retained", "Equity:Collective"),
        ("Equity:Retained", "Equity:Capital:M01:Buyin"),
        ("Equity:Retained", "Equity:Capital:M01"),
        ("Equity:Retained", "Equity:Collective:Old"),
        ("Equity:Retained", "Liabilities:Loan"),
    ],
)
def test_what_has_an_owner_is_in_order(coop: Coop, cure: tuple[str, str]) -> None:
    assert messages(coop((RULES + FIRST + STRAY).replace(*cure))) == []


def test_what_cancels_out_belongs_to_somebody(coop: Coop) -> None:
    back = '2024-04-01 * "Taken over"\n  Equity:Retained  250.00 USD\n  Equity:Collective\n'
    assert messages(coop(RULES + FIRST + STRAY + back)) == []


def test_profits_from_before_the_first_year_belong_to_nobody_on_the_surplus_account(coop: Coop) -> None:
    early = '2023-12-31 * "Brought over"\n  Assets:Bank  40.00 USD\n  Equity:Surplus\n'
    (message,) = messages(coop(RULES + FIRST + early))
    assert (
        "40.00 USD on Equity:Surplus from before the first period belongs to nobody: bring it in on Equity:Collective"
        in message
    )
    lost = '2023-12-31 * "Brought over"\n  Equity:Surplus  40.00 USD\n  Assets:Bank\n'
    # a loss that is brought over is covered by the first surplus, so this close is another one; nothing belongs to nobody
    assert not any("belongs to nobody" in message for message in messages(coop(RULES + FIRST + lost)))


def test_income_from_before_the_first_year_is_found_too(coop: Coop) -> None:
    early = '2023-12-01 * "Sales"\n  Assets:Bank  40.00 USD\n  Income:Sales\n'
    (message,) = messages(coop(RULES + FIRST + early))
    assert "40.00 USD on Equity:Surplus from before the first period" in message
    moved = early + '2023-12-31 * "To all"\n  Income:Sales  40.00 USD\n  Equity:Collective\n'
    assert messages(coop(RULES + FIRST + moved)) == []


# -- whatever the books hold ---------------------------------------------------------------------------------

ACCOUNTS = (
    "Assets:Bank",
    "Assets:Subscriptions:M01",
    "Liabilities:Loan",
    "Liabilities:Patronage:M01",
    "Equity:Capital:M01",
    "Equity:Capital:M01:Buyin",
    "Equity:Capital:M02:2023",
    "Equity:Collective",
    "Equity:Collective:Old",
    "Equity:Funds:Strike",
    "Equity:Retained",
    "Equity:Opening",
    "Equity:Surplus",
    "Income:Sales",
    "Expenses:Rent",
)
MOVES = st.lists(
    st.tuples(
        st.dates(date(2023, 10, 1), date(2025, 12, 31)),
        st.sampled_from(ACCOUNTS),
        st.sampled_from(ACCOUNTS),
        st.integers(1, 100_000),
        st.sampled_from(["", "#coop-redeem", "#coop-interest", "#coop-exit"]),
    ),
    max_size=25,
)


def money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


@given(MOVES)
def test_the_rows_always_make_up_assets_less_liabilities(moves: list[tuple[date, str, str, int, str]]) -> None:
    text = RULES + "".join(
        f'{day} * "Any" {tag}\n  {debit}  {money(cents)} USD\n  {credit}  -{money(cents)} USD\n'
        for day, debit, credit, cents, tag in moves
    )
    entries, errors, options = loader.load_string(text)
    assert errors == []
    coop = Cooperative.of(facts_of(entries, options))
    for period, ends in (("2024", date(2024, 12, 31)), ("2025", date(2025, 12, 31)), ("2025-06", date(2025, 6, 30))):
        value = assets_less_liabilities(entries, ends)
        assert Decimal(statement(coop, period)["net_book_value"]) == value
