"""Redemption: the queue, what jumps it, what a year may pay back at most, and what the assembly may decide otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from beancount import loader
from hypothesis import given
from hypothesis import strategies as st
from treasurer import messages

from coopbooks.books.entries import facts_of
from coopbooks.cooperative import Cooperative
from coopbooks.rules.queue import queue_of

Coop = Callable[..., Cooperative]

PEOPLE = """
option "operating_currency" "USD"
plugin "beancount.plugins.auto_accounts"

2025-01-01 custom "coop" "member" "m01"
  capital: Equity:Capital:M01
2025-01-01 custom "coop" "member" "m02"
  capital: Equity:Capital:M02
2026-01-15 custom "coop" "decision" "D-1"
"""


def bylaw(*fields: str, day: str = "2020-01-01") -> str:
    lines = "\n  ".join(fields)
    return f'{day} custom "coop" "bylaw" "capital"\n  {lines}\n'


def kept(*leaves: str, day: str = "2025-01-01") -> str:
    """Capital that is brought in: "M01:2023 100.00"."""
    postings = "\n  ".join(f"Equity:Capital:{leaf.split()[0]}  -{leaf.split()[1]} USD" for leaf in leaves)
    return f'{day} * "Kept"\n  Assets:Bank\n  {postings}\n'


def paid(day: str, *leaves: str, tag: str = "#coop-redeem") -> str:
    """Capital that is paid back."""
    postings = "\n  ".join(f"Equity:Capital:{leaf.split()[0]}  {leaf.split()[1]} USD" for leaf in leaves)
    return f'{day} * "Paid back" {tag}\n  {postings}\n  Assets:Bank\n'


def decided(*fields: str, day: str = "2026-01-15", year: str = "2026") -> str:
    lines = "\n  ".join((*fields, 'decision: "D-1"'))
    return f'{day} custom "coop" "redemption" "{year}"\n  {lines}\n'


OLDEST = PEOPLE + bylaw('redeem: "oldest-first"')
FOUR = kept("M01:2022 100.00", "M02:2022 100.00", "M01:2023 100.00", "M02:2024 100.00", "M02:Buyin 50.00")


# -- the queue -----------------------------------------------------------------------------------------------


def queued(coop: Cooperative, day: str) -> list[tuple[str, str, int, str | None, bool]]:
    rows = queue_of(coop._rules, date.fromisoformat(day))
    return [
        (row.period, row.member, row.amount, str(row.redeem_on) if row.redeem_on else None, row.due) for row in rows
    ]


def test_the_queue_is_by_vintage_then_member_and_a_buy_in_is_not_in_it(coop: Coop) -> None:
    loaded = coop(PEOPLE + bylaw("redeem-after: 3") + FOUR)
    assert queued(loaded, "2025-12-31") == [
        ("2022", "m01", 10000, "2025-12-31", True),
        ("2022", "m02", 10000, "2025-12-31", True),
        ("2023", "m01", 10000, "2026-12-31", False),
        ("2024", "m02", 10000, "2027-12-31", False),
    ]


def test_what_is_paid_back_by_a_day_is_out_of_the_queue(coop: Coop) -> None:
    loaded = coop(OLDEST + FOUR + paid("2026-03-01", "M01:2022 100.00", "M02:2022 40.00"))
    assert queued(loaded, "2026-02-28")[:2] == [
        ("2022", "m01", 10000, None, False),
        ("2022", "m02", 10000, None, False),
    ]
    assert queued(loaded, "2026-03-01")[:2] == [("2022", "m02", 6000, None, False), ("2023", "m01", 10000, None, False)]
    assert queued(loaded, "2024-12-31") == []


def test_of_a_share_of_all_everything_takes_part_but_what_has_years_to_wait(coop: Coop) -> None:
    alike = PEOPLE + bylaw('redeem: "percent-of-all"') + FOUR
    assert [row[4] for row in queued(coop(alike), "2026-01-01")] == [True] * 4
    waits = PEOPLE + bylaw('redeem: "percent-of-all"', "redeem-after: 3") + FOUR
    assert [row[4] for row in queued(coop(waits), "2026-01-01")] == [True, True, False, False]


# -- oldest first --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "payments",
    [
        paid("2026-03-01", "M01:2022 100.00"),  # within one vintage nobody is before another
        paid("2026-03-01", "M02:2022 30.00"),
        paid("2026-03-01", "M01:2022 100.00", "M02:2022 100.00", "M01:2023 60.00"),
        # on one day, in two entries, in whatever order
        paid("2026-03-01", "M01:2023 60.00") + paid("2026-03-01", "M01:2022 100.00", "M02:2022 100.00"),
        paid("2026-03-01", "M01:2022 100.00", "M02:2022 100.00") + paid("2026-04-01", "M01:2023 100.00"),
        paid("2026-03-01", "M02:Buyin 50.00"),  # a buy-in is in no queue
    ],
)
def test_oldest_first_keeps_the_queue(coop: Coop, payments: str) -> None:
    assert messages(coop(OLDEST + FOUR + payments)) == []


@pytest.mark.parametrize("tag", ["#coop-redeem", ""])
def test_a_younger_vintage_before_an_older_one_jumps_the_queue_and_shows_it(coop: Coop, tag: str) -> None:
    loaded = coop(OLDEST + FOUR + paid("2026-03-01", "M01:2022 100.00", "M01:2023 60.00", tag=tag))
    (message,) = messages(loaded)
    assert "60.00 USD of the vintage 2023 is paid back on 2026-03-01 while older capital waits" in message
    assert "the queue of 2026-03-01 is 2022 m02 100.00 USD, 2023 m01 40.00 USD, 2024 m02 100.00 USD)" in message
    assert loaded.members().breaks is True
    assert loaded.members("m01").breaks is False


def test_one_cent_that_waits_is_enough(coop: Coop) -> None:
    books = OLDEST + FOUR + paid("2026-03-01", "M01:2022 100.00", "M02:2022 99.99", "M01:2023 0.01")
    assert len(messages(coop(books))) == 1


def test_what_was_brought_in_only_later_did_not_wait(coop: Coop) -> None:
    books = OLDEST + kept("M01:2023 100.00") + paid("2026-03-01", "M01:2023 50.00")
    assert messages(coop(books + kept("M02:2022 100.00", day="2026-03-02"))) == []
    assert len(messages(coop(books + kept("M02:2022 100.00", day="2026-03-01")))) == 1


LEFT = """
2026-03-01 custom "coop" "exit" "m02"
2026-03-01 * "Exit" #coop-exit
  Equity:Capital:M02:2022  100.00 USD
  Equity:Capital:M02:2024  100.00 USD
  Equity:Capital:M02:Buyin  50.00 USD
  Liabilities:FormerMembers:M02
"""
MOVED = """
2026-03-01 * "Moved"
  Equity:Capital:M01:2023  100.00 USD
  Equity:Capital:M02:2023
"""


@pytest.mark.parametrize("entry", [LEFT, MOVED])
def test_what_pays_nobody_is_no_redemption(coop: Coop, entry: str) -> None:
    assert messages(coop(OLDEST + FOUR + entry)) == []


def test_books_without_the_bylaw_have_no_queue_to_jump(coop: Coop) -> None:
    payment = paid("2026-03-01", "M02:2024 100.00")
    assert messages(coop(PEOPLE + FOUR + payment)) == []
    assert messages(coop(PEOPLE + bylaw('redeem: "oldest-first"', day="2026-03-02") + FOUR + payment)) == []
    assert len(messages(coop(PEOPLE + bylaw('redeem: "oldest-first"', day="2026-03-01") + FOUR + payment))) == 1


# -- what the assembly decided -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "allowed"),
    [
        (decided('of: "2024"', "share: 0.5"), True),  # half of the 100.00 that were there as the year began
        (decided('of: "2024"', "amount: 50.00 USD"), True),
        (decided('of: "2024"', "amount: 30.00 USD") + decided('of: "2024"', "share: 0.2"), True),  # each adds
        (decided('of: "2024"', "amount: 49.99 USD"), False),
        (decided('of: "2023"', "amount: 50.00 USD"), False),  # of another vintage
        (decided("amount: 50.00 USD"), False),  # the queue stays as it is
        (decided('of: "2024"', "share: 1", year="2025"), False),  # for another year
        (decided('of: "2024"', "share: 1", day="2026-02-02"), False),  # only decided afterwards
        (decided('of: "2024"', "share: 1", day="2026-02-01"), True),
    ],
)
def test_a_redemption_record_lets_a_vintage_be_paid_out_of_turn(coop: Coop, record: str, allowed: bool) -> None:
    payments = paid("2026-02-01", "M02:2024 20.00") + paid("2026-03-01", "M02:2024 30.00")
    found = messages(coop(OLDEST + FOUR + record + payments))
    assert (found == []) is allowed


# -- pro rata, and a share of all ----------------------------------------------------------------------------

PRO_RATA = PEOPLE + bylaw('short: "pro-rata"')
THREE_TO_ONE = kept("M01:2022 300.00", "M02:2022 100.00", "M01:2023 80.00")


@pytest.mark.parametrize(
    ("payments", "fine"),
    [
        (paid("2026-03-01", "M01:2022 150.00", "M02:2022 50.00"), True),
        # 100.01 of 400.00: exact shares are 75.0075 and 25.0025, so a cent may lie on either side
        (paid("2026-03-01", "M01:2022 75.01", "M02:2022 25.00"), True),
        (paid("2026-03-01", "M01:2022 75.00", "M02:2022 25.01"), True),
        (paid("2026-03-01", "M01:2022 75.02", "M02:2022 24.99"), False),
        (paid("2026-03-01", "M02:2022 100.00"), False),  # whole, while the other waits
        (paid("2026-03-01", "M01:2022 300.00", "M02:2022 100.00", "M01:2023 10.00"), True),  # nobody is short
    ],
)
def test_when_money_is_short_each_of_one_vintage_gets_the_same_share(coop: Coop, payments: str, fine: bool) -> None:
    found = messages(coop(PRO_RATA + THREE_TO_ONE + payments))
    assert (found == []) is fine, found
    if not fine:
        assert "gives everybody's 2022 the same share" in found[0]
        assert "the queue of 2026-02-28 is 2022 m01 300.00 USD, 2022 m02 100.00 USD, 2023 m01 80.00 USD" in found[0]


ALIKE = PEOPLE + bylaw('redeem: "percent-of-all"')


@pytest.mark.parametrize(
    ("payments", "fine"),
    [
        # a quarter of all 480.00
        (paid("2026-03-01", "M01:2022 75.00", "M02:2022 25.00", "M01:2023 20.00"), True),
        (paid("2026-03-01", "M01:2022 75.00") + paid("2026-03-01", "M02:2022 25.00", "M01:2023 20.00"), True),
        (paid("2026-03-01", "M01:2022 75.00", "M02:2022 25.00"), False),  # the youngest is left out
        (paid("2026-03-01", "M01:2022 75.00") + paid("2026-03-02", "M02:2022 25.00", "M01:2023 20.00"), False),
    ],
)
def test_a_share_of_all_is_the_same_for_every_vintage_on_its_day(coop: Coop, payments: str, fine: bool) -> None:
    found = messages(coop(ALIKE + THREE_TO_ONE + payments))
    assert (found == []) is fine, found


def test_what_comes_in_on_the_day_itself_takes_part(coop: Coop) -> None:
    books = ALIKE + THREE_TO_ONE + kept("M02:2024 120.00", day="2026-03-01")
    three = ("M01:2022 75.00", "M02:2022 25.00", "M01:2023 20.00")
    assert messages(coop(books + paid("2026-03-01", *three, "M02:2024 30.00"))) == []
    assert len(messages(coop(books + paid("2026-03-01", *three)))) == 1


def test_all_of_it_may_be_paid_back(coop: Coop) -> None:
    whole = paid("2026-03-01", "M01:2022 300.00", "M02:2022 100.00", "M01:2023 80.00")
    assert messages(coop(ALIKE + THREE_TO_ONE + whole)) == []


def test_a_share_of_all_is_of_what_is_due(coop: Coop) -> None:
    books = PEOPLE + bylaw('redeem: "percent-of-all"', "redeem-after: 3") + THREE_TO_ONE
    due = paid("2026-03-01", "M01:2022 30.00", "M02:2022 10.00")
    assert messages(coop(books + due)) == []
    (message,) = messages(coop(books + paid("2026-03-01", "M01:2022 30.00", "M02:2022 10.00", "M01:2023 8.00")))
    assert "m01 is paid back 8.00 USD of 2023 on 2026-03-01" in message
    assert "of 48.00 USD makes 0.00 USD here" in message


# -- the cap of a year ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["redeem-at-most", "redeem-share"])
def test_a_year_pays_back_no_more_than_its_share(coop: Coop, field: str) -> None:
    # 0.15 of the 450.00 that all capital was as 2026 began, the buy-in of 50.00 with it: 67.50
    books = PEOPLE + bylaw(f"{field}: 0.15") + FOUR
    most = paid("2026-03-01", "M01:2022 30.00") + paid("2026-12-31", "M02:2022 37.50")
    assert messages(coop(books + most + paid("2027-01-01", "M01:2022 57.00"))) == []  # 0.15 of 382.50 is 57.375
    (message,) = messages(coop(books + most + paid("2026-12-31", "M01:2022 0.01")))
    assert "67.51 USD of capital is paid back in 2026" in message
    assert f"{field} of bylaw capital" in message
    assert "allows 67.50 USD, which is 0.15 of the 450.00 USD at the year's beginning" in message
    assert len(messages(coop(books + most + paid("2027-01-01", "M01:2022 57.38")))) == 1


def test_the_smaller_of_two_caps_binds(coop: Coop) -> None:
    books = PEOPLE + bylaw("redeem-share: 0.10", "redeem-at-most: 0.05") + FOUR
    (message,) = messages(coop(books + paid("2026-03-01", "M01:2022 22.51")))
    assert "redeem-at-most" in message
    assert "allows 22.50 USD" in message


@pytest.mark.parametrize(
    ("record", "fine"),
    [
        (decided("amount: 10.00 USD"), True),
        (decided("amount: 9.99 USD"), False),
        (decided('of: "2022"', "share: 0.05"), True),  # of all 450.00: 22.50 more
        (decided("amount: 10.00 USD", day="2026-06-01"), False),
    ],
)
def test_what_the_assembly_decided_comes_on_top_of_the_cap(coop: Coop, record: str, fine: bool) -> None:
    books = PEOPLE + bylaw("redeem-at-most: 0.10") + FOUR + record
    found = messages(coop(books + paid("2026-03-01", "M01:2022 55.00")))
    assert (found == []) is fine


def test_a_cap_of_nothing_lets_nothing_go(coop: Coop) -> None:
    books = PEOPLE + bylaw("redeem-at-most: 0") + FOUR
    assert len(messages(coop(books + paid("2026-03-01", "M01:2022 0.01")))) == 1


# -- below zero ----------------------------------------------------------------------------------------------


def test_a_vintage_never_stands_below_zero_at_a_days_end(coop: Coop) -> None:
    books = PEOPLE + kept("M01:2023 100.00")
    assert messages(coop(books + paid("2026-03-01", "M01:2023 100.00"))) == []
    (message,) = messages(coop(books + paid("2026-03-01", "M01:2023 40.00") + paid("2026-03-02", "M01:2023 60.01")))
    assert "Equity:Capital:M01:2023 of m01 is 0.01 USD below zero at the end of 2026-03-02" in message
    assert "take at most the 60.00 USD" in message


def test_within_a_day_the_order_does_not_matter(coop: Coop) -> None:
    books = PEOPLE + paid("2026-03-01", "M01:2023 100.00") + kept("M01:2023 100.00", day="2026-03-01")
    assert messages(coop(books)) == []


def test_it_is_told_once_where_it_began(coop: Coop) -> None:
    books = (
        PEOPLE + kept("M01:2023 100.00") + paid("2026-03-01", "M01:2023 150.00") + paid("2026-03-02", "M01:2023 1.00")
    )
    (message,) = messages(coop(books))
    assert "50.00 USD below zero at the end of 2026-03-01" in message


def test_a_buy_in_is_held_to_it_too_but_not_the_capital_account_itself(coop: Coop) -> None:
    assert len(messages(coop(PEOPLE + paid("2026-03-01", "M01:Buyin 1.00", tag="")))) == 1
    assert messages(coop(PEOPLE + paid("2026-03-01", "M01 1.00", tag=""))) == []


# -- what is proposed keeps what is checked ------------------------------------------------------------------

RULES = st.tuples(
    st.sampled_from(["oldest-first", "percent-of-all"]),
    st.sampled_from(["queue", "pro-rata"]),
    st.sampled_from(["", "redeem-after: 3", "redeem-after: 4"]),
    st.sampled_from(["", "redeem-at-most: 0.3", "redeem-share: 0.25"]),
)
LEAVES = st.dictionaries(
    st.tuples(st.sampled_from(["M01", "M02"]), st.sampled_from(["2021", "2022", "2023", "Buyin"])),
    st.integers(1, 30_000),
    min_size=1,
)
SUMS = st.lists(st.tuples(st.integers(2, 11), st.integers(1, 40_000)), min_size=1, max_size=3)


@given(RULES, LEAVES, SUMS)
def test_whatever_is_proposed_jumps_no_queue(
    rule: tuple[str, str, str, str], leaves: dict[tuple[str, str], int], sums: list[tuple[int, int]]
) -> None:
    way, short, after, cap = rule
    fields = [f'redeem: "{way}"', f'short: "{short}"', *filter(None, (after, cap))]
    rows = [f"{person}:{leaf} {cents // 100}.{cents % 100:02d}" for (person, leaf), cents in sorted(leaves.items())]
    text = PEOPLE + bylaw(*fields) + kept(*rows)
    for month, cents in sorted(dict(sums).items()):
        asked = Decimal(cents) / 100
        text += read(text).redemption(asked, date(2026, month, 1), "Assets:Bank").transaction or ""
        assert messages(read(text)) == []


def read(text: str) -> Cooperative:
    entries, errors, options = loader.load_string(text)
    assert errors == []
    return Cooperative.of(facts_of(entries, options))
