"""What the public sees of pay: ratios, bands and totals, each with at least ten people behind it.

Each figure is made of what the books had on the last day of its quarter or year. Pay that is entered later, for an
earlier period, changes none of them: two versions of one figure would tell what one person got.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median

from coopbooks.bylaws import Bylaws
from coopbooks.errors import CoopbooksError
from coopbooks.facts import PayRow
from coopbooks.money import digits_of
from coopbooks.periods import Period
from coopbooks.publish.behind import Presence, presence_of, tells_few
from coopbooks.publish.fresh import Figure, Leg
from coopbooks.publish.ground import Ground, joined
from coopbooks.publish.lists import BEHIND
from coopbooks.publish.protected import quarters_until
from coopbooks.publish.records import quoted
from coopbooks.rows import NamedTuple
from coopbooks.rules.pay import RatioRow, cap_text, ratio_rows

__all__ = ["PaidLeg", "PaidYears", "bands_of", "paid_years_of", "pay_figures", "whole", "width_of"]

NONE = quoted("none")
LEAST = BEHIND["public"]


class PaidLeg(NamedTuple):
    """One posting of pay, under its published account."""

    date: date
    person: str
    leg: Leg


class PaidYears(NamedTuple):
    """One or more whole fiscal years whose pay is published as one total."""

    years: tuple[Period, ...]
    legs: tuple[PaidLeg, ...]

    @property
    def named(self) -> str:
        """Its years as a text: "2025", or "2025/2027" for three that are merged."""
        first, last = self.years[0].name, self.years[-1].name
        return first if first == last else f"{first}/{last}"

    @property
    def people(self) -> int:
        """How many people it is the pay of."""
        return len({paid.person for paid in self.legs if paid.leg.number})

    def shown(self, digits: Mapping[str, int]) -> list[Leg]:
        """All of it as it is shown; `digits` are the ledger's own decimals of currencies."""
        return whole((paid.leg for paid in self.legs), digits)


def whole(legs: Iterable[Leg], digits: Mapping[str, int]) -> list[Leg]:
    """Legs added up by account, to the last decimal that money has.

    A price makes more of them, and in a sum of many the last ones are those of the one who is paid at that price.
    """
    return [leg._replace(number=_rounded(leg.number, digits_of(leg.currency, digits))) for leg in joined(legs)]


def _rounded(number: Decimal, places: int) -> Decimal:
    exponent = number.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return number


def pay_figures(ground: Ground, paid_years: Iterable[PaidYears]) -> Iterator[Figure]:
    """Ratios of closed quarters, bands of each closed year's last pay period, and the pay of closed years.

    Pay that carries a claim is help: it is in none of them.
    """
    currency = ground.rules.facts.currency
    if currency is None:
        return
    unit = ground.names.unit(currency)
    rows = list(_ratio_rows(ground))
    for row in rows:
        yield _ratio(row)
    yield from _bands(ground, rows, unit)
    for paid in paid_years:
        legs = [leg for leg in paid.shown(ground.rules.facts.digits) if leg.currency == unit]
        total = sum((leg.number for leg in legs), Decimal(0))
        values = (quoted("pay"), quoted(paid.named), f"{total:f} {unit}", str(paid.people))
        yield Figure(paid.years[-1].ends, values)


# -- ratios ----------------------------------------------------------------------------------------------------------


def _paid(ground: Ground) -> list[PayRow]:
    """The rows of pay that are nobody's help."""
    return [row for row in ground.rules.facts.pay if not ground.is_protected(row.file, row.line)]


def _ratio_rows(ground: Ground) -> Iterator[RatioRow]:
    """The ratios of pay periods with enough people, each as the books had it at the end of the period's quarter."""
    paid = _paid(ground)
    if not paid:
        return
    for quarter in quarters_until(ground.rules, min(row.date for row in paid), ground.as_of):
        known = copy.copy(ground.rules.facts)
        known.pay = tuple(row for row in paid if row.date <= quarter.ends)
        try:  # a ratio is computed when it is asked for, and so is the floor that it is compared with
            rows = [row for row in ratio_rows(Bylaws(known)) if row.period.ends in quarter and row.ratio is not None]
        except CoopbooksError:  # `check` says what is wrong with the cap; without it nothing is shown
            continue
        yield from (row for row in rows if len(row.counted) >= LEAST)


def _ratio(row: RatioRow) -> Figure:
    """A ratio with its cap. Over a floor that is known to all it would be somebody's pay: then only on which side it is."""
    cap = NONE if row.bylaw is None else cap_text(row.bylaw.cap)
    shown = str(row.ratio_text)
    if row.bylaw is not None and row.bylaw.compare.endswith("/floor"):
        shown = quoted("over" if row.breach else "within")
    return Figure(row.period.ends, (quoted("wage-ratio"), quoted(row.period.name), shown, cap, str(len(row.counted))))


# -- bands -----------------------------------------------------------------------------------------------------------


def _bands(ground: Ground, rows: Sequence[RatioRow], unit: str) -> Iterator[Figure]:
    """Bands of a closed year's last pay period, where they tell nobody's from those of another year."""
    last: dict[str, RatioRow] = {}
    for row in rows:
        year = ground.rules.calendar.year_of(row.period.ends)
        if year.ends < ground.as_of and (year.name not in last or row.period.ends > last[year.name].period.ends):
            last[year.name] = row
    before: list[Presence] = []
    for _, row in sorted(last.items()):
        now = {person.person: 1 for person in row.counted}
        if any(tells_few(now, each, LEAST) for each in before):
            continue
        before.append(now)
        rates = [person.rate for person in row.counted if person.rate is not None]
        for low, high, people in bands_of(rates, LEAST, width_of(rates)):
            edges = tuple(NONE if edge is None else f"{edge} {unit}" for edge in (low, high))
            head = (quoted("pay-band"), quoted(row.period.name), quoted(row.measure))
            yield Figure(row.period.ends, (*head, *edges, str(people)))


def width_of(rates: Sequence[Fraction]) -> int:
    """How wide a band is: 1, 2 or 5 times a power of ten, at least a quarter of the median, so that none is narrow.

    >>> width_of([Fraction(17), Fraction(18), Fraction(30)]), width_of([Fraction(3000)])
    (5, 1000)
    """
    least = median(rates) / 4
    power = 1
    while True:
        for step in (1, 2, 5):
            if step * power >= least:
                return step * power
        power *= 10


def bands_of(rates: Sequence[Fraction], least: int, width: int) -> list[tuple[int | None, int | None, int]]:
    """Rates in bands of a width, each merged with the next until it has `least` people: (from, below, people).

    The lowest and the highest band are open, so that nobody's pay is an edge.

    >>> bands_of([Fraction(rate) for rate in (11, 12, 13, 17, 18, 31)], 2, 5)
    [(None, 15, 3), (15, None, 3)]
    """
    counts: dict[int, int] = {}
    for rate in rates:
        band = int(rate // width)
        counts[band] = counts.get(band, 0) + 1
    found: list[tuple[int | None, int | None, int]] = []
    low, people, left = None, 0, len(rates)
    for band in sorted(counts):
        people += counts[band]
        left -= counts[band]
        if people >= least and (left >= least or not left):
            high = (band + 1) * width if left else None
            found.append((low, high, people))
            low, people = high, 0
    return found


# -- totals ----------------------------------------------------------------------------------------------------------


def paid_years_of(ground: Ground, legs: Sequence[PaidLeg]) -> list[PaidYears]:
    """The pay of closed years, each merged with the next until enough people are in it and in every difference."""
    if not legs:
        return []
    found: list[PaidYears] = []
    before: defaultdict[tuple[str, str], list[Presence]] = defaultdict(list)
    merged: list[Period] = []
    by_year: defaultdict[str, list[PaidLeg]] = defaultdict(list)
    for paid in legs:
        by_year[ground.rules.calendar.year_of(paid.date).name].append(paid)
    for year in _years_between(ground, min(by_year), max(by_year)):
        merged.append(year)
        inside = [paid for each in merged for paid in by_year[each.name]]
        now = _presences(inside)
        if inside and all(
            len(people) >= LEAST and not any(tells_few(people, each, LEAST) for each in before[key])
            for key, people in now.items()
        ):
            found.append(PaidYears(tuple(merged), tuple(inside)))
            for key, people in now.items():
                before[key].append(people)
            merged = []
    return found


def _presences(legs: Iterable[PaidLeg]) -> dict[tuple[str, str], Presence]:
    """The people behind the pay on each account, and behind all of it."""
    rows: defaultdict[tuple[str, str], list[tuple[str, date]]] = defaultdict(list)
    for paid in legs:
        if paid.leg.number:
            for key in ((paid.leg.account, paid.leg.currency), ("", paid.leg.currency)):
                rows[key].append((paid.person, paid.date))
    return {key: presence_of(each) for key, each in rows.items()}


def _years_between(ground: Ground, first: str, last: str) -> Iterator[Period]:
    """Every closed fiscal year from the first with pay to the last, those without any among them."""
    for number in range(int(first), int(last) + 1):
        year = ground.rules.calendar.year(number)
        if year.ends < ground.as_of:
            yield year
