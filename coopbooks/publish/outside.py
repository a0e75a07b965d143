"""What the public sees: funds and collective accounts by closed quarter, the rest where enough people stand behind it.

A quarter that would tell of too few is merged with the next one and never split afterwards.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from decimal import Decimal

from coopbooks.books.bookings import Booking
from coopbooks.books.loading import Books
from coopbooks.periods import Period
from coopbooks.publish.behind import Presence, enough_or_none, presence_of, tells_few
from coopbooks.publish.closes import Closes, Sharers, shown_of
from coopbooks.publish.fresh import Figure, Fresh, Leg, balanced
from coopbooks.publish.ground import Cut, Ground, joined
from coopbooks.publish.inside import MONEY
from coopbooks.publish.lists import BEHIND
from coopbooks.publish.pay import PaidLeg, PaidYears, paid_years_of, pay_figures, whole
from coopbooks.publish.pieces import Piece
from coopbooks.publish.protected import blocks_of, is_close
from coopbooks.rows import NamedTuple

__all__ = ["Outside", "for_public"]

LEAST = BEHIND["public"]
_Key = tuple[str, str, bool]  # account, currency, and whether a close has posted it


class Outside(NamedTuple):
    """What the public sees, what it does not see yet, and the figures of closed years."""

    shown: list[Fresh]
    held: list[Fresh]
    figures: list[Figure]


class Common(NamedTuple):
    """What one transaction gives to funds and collective accounts, and who shares in the close that it is, if it is one."""

    booking: Booking
    legs: tuple[Leg, ...]
    sharers: Sharers


class Told(NamedTuple):
    """A leg, the people whom it may tell something about, and whether a close has posted it.

    What a close shares out is published beside. So what is left of a sum without it is known too, and has to have enough
    people behind it by itself.
    """

    leg: Leg
    people: frozenset[str]
    closes: bool


class Part(NamedTuple):
    """A part of a transaction that balances by itself.

    A part without legs stands on the last day of the fiscal year `year`, whose income and expenses are complete with it.
    """

    date: date
    legs: tuple[Told, ...]
    sharers: Sharers
    year: str | None


class Sorted(NamedTuple):
    """A ledger's free transactions by the way that each part of them goes."""

    commons: list[Common]
    paid: list[PaidLeg]
    rest: list[Part]


def for_public(ground: Ground, books: Books) -> Outside:
    """What is shown, and what is not shown yet."""
    parts = Sorted([], [], [])
    for cut in ground.free:
        common, paid, other = _parts(cut)
        parts.commons.append(Common(cut.booking, common, {}))
        parts.paid.extend(paid)
        parts.rest.append(other)
    years = paid_years_of(ground, parts.paid)
    closes = Closes(ground, years)
    commons = [
        common._replace(sharers=closes.of_cut(cut)) for cut, common in zip(ground.free, parts.commons, strict=True)
    ]
    found = Outside([], [], list(pay_figures(ground, years)))
    found.figures.extend(closes.figures(books, list(_add_common(ground, commons, found))))
    _add_pay(ground, years, parts.paid, found)
    ends = [Part(year.ends, (), closes.sharers(year), year.name) for year in closes.over()]
    paid_in = {ground.rules.calendar.year_of(paid.date).name for paid in parts.paid}
    _add_rest(ground, [*ends, *parts.rest], _Judge(years, paid_in), found)
    return found


def _add_common(ground: Ground, commons: list[Common], found: Outside) -> Iterator[tuple[Period, Booking]]:
    """Funds and collective accounts by quarter; yields each close that is in a quarter published by itself."""

    def enough(inside: list[Common]) -> bool:
        return shown_of(common.sharers for common in inside)

    published: set[int] = set()
    for merged, inside in blocks_of(ground.rules, commons, lambda row: row.booking.date, enough, ground.as_of):
        published.update(id(common) for common in inside)
        sides = tuple(_sides(leg for common in inside for leg in common.legs))
        if sides:
            said = "Funds and collective accounts of the quarter, added up"
            found.shown.append(Fresh(merged[-1].ends, said, sides))
        closes = [common for common in inside if is_close(common.booking)]
        if all(shown_of([common.sharers]) for common in closes):
            yield from ((merged[-1], common.booking) for common in closes)
    found.held.extend(Fresh(common.booking.date, "", common.legs) for common in commons if id(common) not in published)


def _add_pay(ground: Ground, years: Iterable[PaidYears], legs: Iterable[PaidLeg], found: Outside) -> None:
    """The pay of closed years, each total as it stands among the figures."""
    published: set[int] = set()
    for year in years:
        published.update(map(id, year.legs))
        exact = balanced((paid.leg for paid in year.legs), MONEY)
        _show(year.years[-1].ends, "Pay of closed years, added up", exact, year.shown(ground.rules.facts.digits), found)
    waits = (balanced([paid.leg], MONEY) for paid in legs if id(paid) not in published)
    found.held.extend(Fresh(date.min, "", each) for each in waits)


def _add_rest(ground: Ground, rest: list[Part], judge: _Judge, found: Outside) -> None:
    """Everything else, added up over quarters that tell of nobody."""
    published: set[int] = set()
    for merged, parts in blocks_of(ground.rules, rest, lambda part: part.date, judge.enough, ground.as_of):
        published.update(map(id, parts))
        legs = [told.leg for part in parts for told in part.legs]
        _show(merged[-1].ends, "Everything else, added up", legs, whole(legs, ground.rules.facts.digits), found)
    found.held.extend(
        Fresh(part.date, "", tuple(told.leg for told in part.legs)) for part in rest if id(part) not in published
    )


def _show(day: date, said: str, exact: Iterable[Leg], rounded: Iterable[Leg], found: Outside) -> None:
    """Add an entry of rounded sums; what they are short of the exact ones is never shown."""
    entry = joined(balanced(rounded, MONEY))
    if entry:
        found.shown.append(Fresh(day, said, entry))
    rest = joined([*exact, *(leg._replace(number=-leg.number) for leg in entry)])
    if rest:
        found.held.append(Fresh(day, "", rest))


def _parts(cut: Cut) -> tuple[tuple[Leg, ...], list[PaidLeg], Part]:
    """A transaction in three: what it gives to funds and collective accounts, pay, and the rest.

    One that touches a person stays whole in the rest but for pay, unless it is a close: what a fund gets there is nobody's
    own. Each part has its own leg on money, so that it balances.
    """
    people = frozenset(piece.person for piece in cut.pieces if piece.person)
    closes = is_close(cut.booking)
    apart = closes or not people
    common = [piece.leg for piece in cut.pieces if piece.named and apart]
    legs = balanced(common, MONEY)
    links = legs[sum(1 for leg in common if leg.number) :]
    pay = [piece for piece in cut.pieces if piece.pay]
    paid = [PaidLeg(cut.booking.date, piece.person or "", piece.leg) for piece in pay]
    rest = [piece for piece in cut.pieces if not (piece.named and apart) and not piece.pay]
    told = [_told(piece, people, closes=closes) for piece in rest]
    told += [Told(leg._replace(number=-leg.number), frozenset(), closes=False) for leg in links]
    told += [Told(piece.leg._replace(account=MONEY), people, closes=False) for piece in pay]
    return legs, paid, Part(cut.booking.date, _without_nothing(told), {}, None)


def _told(piece: Piece, people: frozenset[str], *, closes: bool) -> Told:
    """In a close each part is of one person; in any other transaction all may be told from each leg."""
    if closes:
        return Told(piece.leg, frozenset({piece.person}) if piece.person else frozenset(), closes=True)
    return Told(piece.leg, people, closes=False)


def _without_nothing(legs: Iterable[Told]) -> tuple[Told, ...]:
    """Legs without those on an account that come to nothing together, as money does where pay is paid at once."""
    legs = list(legs)
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for told in legs:
        sums[told.leg.account, told.leg.currency] += told.leg.number
    return tuple(told for told in legs if sums[told.leg.account, told.leg.currency])


class _Judge:
    """Says of the quarters that follow each other when they may be shown; keeps what has been."""

    def __init__(self, years: Iterable[PaidYears], paid_in: Collection[str]) -> None:
        """`years` are those whose pay is published, `paid_in` all in which there is any."""
        self._before: defaultdict[_Key, list[Presence]] = defaultdict(list)
        self._paid_in = paid_in
        self._published_with = {
            year.name: frozenset(each.name for each in group.years) for group in years for year in group.years
        }

    def enough(self, parts: Iterable[Part]) -> bool:
        """Whether enough people stand behind each sum, or none, and as many behind its difference from earlier ones."""
        parts = list(parts)
        now = _presences(parts)
        good = (
            shown_of(part.sharers for part in parts)
            and self._pay_is_told({part.year for part in parts if part.year in self._paid_in})
            and all(enough_or_none(presence, LEAST) for presence in now.values())
            and not any(
                tells_few(presence, before, LEAST) for key, presence in now.items() for before in self._before[key]
            )
        )
        if good:
            for key, presence in now.items():
                self._before[key].append(presence)
        return good

    def _pay_is_told(self, years: Collection[str | None]) -> bool:
        """Whether the pay of whole years is published as it is: the result less all else would tell it."""
        return all(year in self._published_with and self._published_with[year] <= set(years) for year in years if year)


def _presences(parts: Iterable[Part]) -> dict[_Key, Presence]:
    """The people behind each sum, by account and currency, what closes post apart."""
    rows: defaultdict[_Key, list[tuple[str, date]]] = defaultdict(list)
    for part in parts:
        for told in part.legs:
            rows[told.leg.account, told.leg.currency, told.closes] += ((person, part.date) for person in told.people)
    return {key: presence_of(each) for key, each in rows.items() if each}


def _sides(legs: Iterable[Leg]) -> Iterator[Leg]:
    """Legs added up by account, its debits and credits apart; money in one sum."""
    sums: defaultdict[tuple[str, str, bool], Decimal] = defaultdict(Decimal)
    for leg in legs:
        sums[leg.account, leg.currency, leg.number > 0 and leg.account != MONEY] += leg.number
    for (account, currency, _), number in sorted(sums.items()):
        if number:
            yield Leg(account, number, currency)
