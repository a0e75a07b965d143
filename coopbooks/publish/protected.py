"""Help that people must not be known by: which entries are protected, and in what sums they are published.

The principle has three parts, and each can be checked by itself.

1. A protected entry is published in one place only: inside the sum of its row and its block. All other figures of a
   published ledger are made of other entries, and say nothing about it.
2. A row is all the protected entries that touch the same accounts, counted as funds and else as roots alone
   (`Assets:Other`). A block is one or more whole closed quarters of a row. Every entry is in one row and one block.
3. A block is published when at least k different claims stand behind its row's sum on every account; until then its
   quarter is merged with the next. What is published stays.

So nothing of fewer than k claims can be computed from figures. A combination of published figures gives each entry of a
block the same weights on the same accounts. As every entry balances, those weights either cancel out in every entry
of the block or leave, on at least one account, the amounts of all of them: and k claims are behind each account. Blocks
have no entry in common, so adding or subtracting blocks, of one publication or of several, only makes more claims.

For the public, blocks of the members' rows are merged whole, so that who reads both cannot subtract one from the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from coopbooks.books.bookings import Booking, Line
from coopbooks.bylaws import Bylaws
from coopbooks.money import digits_of
from coopbooks.periods import DAY, Period
from coopbooks.publish.names import Names
from coopbooks.rows import NamedTuple

__all__ = [
    "Block",
    "Row",
    "blocks_of",
    "claims_of",
    "claims_on",
    "following",
    "is_close",
    "protected_entries",
    "published_blocks",
    "quarters_until",
    "rows_of",
]

Entry = TypeVar("Entry")
Key = tuple[str, str]
"""An account as protected entries show it, and a currency."""


class Block(NamedTuple):
    """One or more whole quarters that are published as one, and the entries of a row in them."""

    quarters: tuple[Period, ...]
    bookings: tuple[Booking, ...]

    @property
    def ends(self) -> date:
        """The last day of its last quarter."""
        return self.quarters[-1].ends

    @property
    def named(self) -> str:
        """Its quarters as a text: "2025-Q1", or "2025-Q1/2025-Q3" for three that are merged."""
        first, last = self.quarters[0].name, self.quarters[-1].name
        return first if first == last else f"{first}/{last}"


class Row(NamedTuple):
    """Protected entries that touch the same accounts."""

    keys: frozenset[Key]
    bookings: tuple[Booking, ...]


def is_close(booking: Booking) -> bool:
    """Whether a transaction closes a period."""
    return "coop-close" in booking.tags


# -- claims ------------------------------------------------------------------------------------------------------------


def _claim(value: Any) -> str:
    """A claim as one text: 7, 7.0 and "07" are the same."""
    text = str(value).strip()
    try:
        return str(Decimal(text).normalize())
    except InvalidOperation:
        return text


def claims_on(booking: Booking, line: Line) -> frozenset[str]:
    """The claims behind one posting: its own, else that of its transaction."""
    claim = line.fields.get("claim", booking.fields.get("claim"))
    return frozenset() if claim is None else frozenset({_claim(claim)})


def claims_of(booking: Booking) -> frozenset[str]:
    """All claims of a transaction."""
    return frozenset().union(*(claims_on(booking, line) for line in booking.lines))


def _behind(bookings: Iterable[Booking], names: Names) -> dict[Key, int]:
    """How many claims stand behind each sum; one whose amounts come to nothing there counts as nobody."""
    amounts: defaultdict[Key, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for booking in bookings:
        everyone = claims_of(booking)
        for line in booking.lines:
            for claim in claims_on(booking, line) or everyone:
                amounts[names.coarse(line.account), line.currency][claim] += line.number
    return {key: sum(1 for amount in of_claims.values() if amount) for key, of_claims in amounts.items()}


# -- which entries are protected ---------------------------------------------------------------------------------------


def protected_entries(bookings: Sequence[Booking], names: Names, funds: Collection[str]) -> list[Booking]:
    """The entries that touch these protected funds or a claim, and those on a debt that such an entry leaves.

    What only puts money into a fund and says where it comes from is not among them: it helps nobody.
    """

    def is_debt(account: str) -> bool:
        return names.root(account) == "Liabilities" and names.fund_of(account) is None

    first = [booking for booking in bookings if _is_help(booking, names, funds)]
    found = following(bookings, first, is_debt)
    return [booking for booking in bookings if id(booking) in found]


def _is_help(booking: Booking, names: Names, funds: Collection[str]) -> bool:
    if is_close(booking) and not claims_of(booking):
        return False
    of_funds = [(line, names.fund_of(line.account)) for line in booking.lines]
    of_protected = [line for line, fund in of_funds if fund in funds]
    if claims_of(booking):
        return bool(of_protected) or all(fund is None for _, fund in of_funds)
    comes_in = all(line.number <= 0 for line in of_protected)
    says_whence = "source" in booking.fields or all(fund is not None for _, fund in of_funds)
    return bool(of_protected) and not (comes_in and says_whence)


def following(bookings: Sequence[Booking], first: Iterable[Booking], ties: Callable[[str], bool]) -> set[int]:
    """Entries by identity: the first ones, and all but closes that post, from their day on, where one of them `ties`."""
    found = {id(booking) for booking in first}
    since: dict[str, date] = {}
    more = True
    while more:
        more = False
        for booking in bookings:
            if id(booking) not in found:
                tied = any(since.get(line.account, date.max) <= booking.date for line in booking.lines)
                if is_close(booking) or not tied:
                    continue
                found.add(id(booking))
            for account in {line.account for line in booking.lines if ties(line.account)}:
                if booking.date < since.get(account, date.max):
                    since[account] = booking.date
                    more = True
    return found


# -- rows and blocks ---------------------------------------------------------------------------------------------------


def rows_of(bookings: Iterable[Booking], names: Names) -> list[Row]:
    """Protected entries by the accounts that they touch.

    Those from before a fund was protected are rows of their own: they were seen one by one, so they hide nobody. So are
    those that leave a rest, which would be of one person alone.
    """
    rows: defaultdict[tuple[frozenset[Key], bool, bool], list[Booking]] = defaultdict(list)
    for booking in bookings:
        sums: defaultdict[Key, Decimal] = defaultdict(Decimal)
        for line in booking.lines:
            sums[names.coarse(line.account), line.currency] += line.number
        touched = {names.fund_of(line.account) for line in booking.lines}
        early = any(fund is not None and booking.date < names.since.get(fund, date.min) for fund in touched)
        keys = frozenset(key for key, number in sums.items() if number)
        rows[keys, early, _leaves_rest(booking, names.rules)].append(booking)
    # In this order whatever that of the books, since a later publication must divide as this one did.
    ordered = sorted(rows.items(), key=lambda row: (sorted(row[0][0]), row[0][1:]))
    return [Row(keys, tuple(mine)) for (keys, _, _), mine in ordered if keys]


def _leaves_rest(booking: Booking, rules: Bylaws) -> bool:
    """Whether an entry leaves half a unit of money or more open, as a ledger can have Beancount tolerate it."""
    rest: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in booking.lines:
        rest[line.currency] += line.number
    return any(2 * abs(number).scaleb(digits_of(unit, rules.facts.digits)) >= 1 for unit, number in rest.items())


def published_blocks(rules: Bylaws, row: Row, names: Names, behind: Sequence[int], as_of: date) -> list[Block]:
    """The blocks of a row that are published on a day, oldest first.

    `behind` says how many claims must stand behind a block; where it has two numbers, blocks with the first are merged
    until they have the second.
    """

    def enough(inside: Iterable[Booking], least: int) -> bool:
        inside = list(inside)
        if _are_transfers(inside, names):
            return True
        claims = _behind(inside, names)
        return all(claims.get(key, 0) >= least for key in row.keys)

    found = [
        Block(*each)
        for each in blocks_of(rules, row.bookings, lambda each: each.date, lambda few: enough(few, behind[0]), as_of)
    ]
    for least in behind[1:]:
        found = list(_merged(found, least, enough))
    return found


def _are_transfers(bookings: Collection[Booking], names: Names) -> bool:
    """Whether money only moves from fund to fund and no claim is behind it: that helps nobody yet."""
    return bool(bookings) and all(
        not claims_of(booking) and all(names.fund_of(line.account) is not None for line in booking.lines)
        for booking in bookings
    )


def _merged(blocks: Iterable[Block], least: int, enough: Callable[[Iterable[Booking], int], bool]) -> Iterator[Block]:
    waits = Block((), ())
    for block in blocks:
        waits = Block(waits.quarters + block.quarters, waits.bookings + block.bookings)
        if enough(waits.bookings, least):
            yield waits
            waits = Block((), ())


def quarters_until(rules: Bylaws, first: date, as_of: date) -> Iterator[Period]:
    """The quarters of the fiscal year from that of a day on which are closed: their last day is before `as_of`."""
    day = first
    while True:
        quarter = next(each for each in rules.calendar.quarters(rules.calendar.year_of(day)) if day in each)
        if quarter.ends >= as_of:
            return
        yield quarter
        day = quarter.ends + DAY


def blocks_of(
    rules: Bylaws,
    bookings: Sequence[Entry],
    day_of: Callable[[Entry], date],
    enough: Callable[[list[Entry]], bool],
    as_of: date,
) -> Iterator[tuple[tuple[Period, ...], tuple[Entry, ...]]]:
    """The closed quarters, each merged with the next until what is in it is `enough`; what is left over waits."""
    if not bookings:
        return
    ordered = sorted(bookings, key=day_of)
    merged: list[Period] = []
    inside: list[Entry] = []
    place = 0
    for quarter in quarters_until(rules, day_of(ordered[0]), as_of):
        merged.append(quarter)
        while place < len(ordered) and day_of(ordered[place]) <= quarter.ends:
            inside.append(ordered[place])
            place += 1
        if enough(inside):
            yield tuple(merged), tuple(inside)
            merged, inside = [], []
