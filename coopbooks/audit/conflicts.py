"""What the books say of an auditor: work, pay, trade, gifts, money from movement funds, seats on earlier panels.

An id of the pool is `organisation:person`. The organisation is recognised where an `ally`, `supplier` or `recipient` of a
posting, or the payee of its transaction, is written like it, upper case and the signs between words aside ("Tenants' Union"
is tenants-union); an ally whose `name` is written like it belongs to it under any id. The person is recognised as worker or
member by the id of these records, and as somebody who was paid by a payee written like it, or like the whole id.

The books know nothing of households, nor of who audits whom elsewhere: those ties are only ever declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Place
from coopbooks.facts import Leg, Movement
from coopbooks.periods import Period, add_months
from coopbooks.records import alliances, surplus
from coopbooks.records.audits import Auditor
from coopbooks.rows import NamedTuple
from coopbooks.rules.alliances import gifts_of
from coopbooks.rules.fund_entries import fund_entries
from coopbooks.rules.lottery import organisation
from coopbooks.rules.suppliers import Purchase, purchases

if TYPE_CHECKING:
    from coopbooks.audit.cases import Case

__all__ = ["FUND_SHARE_MAX", "MONTHS", "PANELS", "Tie", "is_told", "sits", "ties_of", "untold"]

MONTHS = 24
"""So far back a tie counts."""
PANELS = 2
"""Whoever sat on one of so many last panels of this cooperative does not sit again."""
FUND_SHARE_MAX = Fraction(1, 10)
"""The largest share of what a movement fund has paid out that may have gone to an auditor's organisation."""


class Tie(NamedTuple):
    """One tie between an auditor and the cooperative that the books show.

    `amounts` are the single sums in whole units, and empty for a tie that is none of money; `words` of the declaration
    tell a tie of that sort. `excludes` says that nobody with it may sit.
    """

    sort: str
    text: str
    amounts: tuple[int, ...]
    words: tuple[str, ...]
    excludes: bool
    places: tuple[Place, ...]

    @property
    def total(self) -> int:
        """The sum of its amounts in whole units."""
        return sum(self.amounts)


def ties_of(rules: Bylaws, person: str, day: date, floor: Decimal, panels: Sequence[Case] = ()) -> list[Tie]:
    """Every tie of an id of the pool in the months before a day, that day included.

    `floor` is the sum in the books' currency above which trade and gifts exclude, `panels` the signed audits before,
    oldest first.
    """
    span = Period("", add_months(day, -MONTHS), day)
    return [
        *_work(rules, person, span),
        *_trade(rules, person, span, floor),
        *_gifts(rules, person, span, floor),
        *_fund_money(rules, person, span),
        *_panels(person, panels),
    ]


def _work(rules: Bylaws, person: str, span: Period) -> Iterator[Tie]:
    own = person.partition(":")[2]
    history = rules.people.get(own, ())
    until = [following.since for following in history[1:]] + [date.max] * bool(history)
    here = [
        now
        for now, end in zip(history, until, strict=True)
        if now.status and now.since <= span.ends and end > span.starts
    ]
    if here:
        text = f"{own} is in the books as {here[-1].status} since {here[-1].since}"
        yield Tie("work", text, (), ("member", "work"), excludes=True, places=tuple(now.record.place for now in here))
    paid = [row for row in rules.facts.pay if row.person == own and row.date in span and row.amount]
    if paid:
        sums = tuple(rules.facts.unit.nearest(row.amount or Decimal(0)) for row in paid)
        text = f"{_said(rules, sums)} of pay to {own} since {span.starts}"
        yield Tie("pay", text, sums, (), excludes=True, places=tuple(row.place for row in paid))


def _trade(rules: Bylaws, person: str, span: Period, floor: Decimal) -> Iterator[Tie]:
    """What was bought from the person, which is pay, or from the organisation, which may be a supplier."""
    own = {_plain(person), _plain(person.partition(":")[2])} - {""}
    unit, names = rules.facts.unit, _names(rules, organisation(person))
    for sort, sellers in (("pay", own - names), ("supplier", names)):
        bought = [each for seller in sorted(sellers) for each in _bought(rules).get(seller, ())]
        found = [each for each in bought if each.date in span]
        if found:
            sums = tuple(unit.nearest(each.amount or Decimal(0)) for each in found)
            what = "was paid" if sort == "pay" else "was bought"
            who = f"to {person}" if sort == "pay" else f"from {organisation(person)}"
            text = f"{_said(rules, sums)} {what} {who} since {span.starts}"
            over = sort == "pay" or sum(sums) > unit.exact(floor)
            yield Tie(sort, text, sums, (), over, tuple(each.place for each in found))


def _bought(rules: Bylaws) -> Mapping[str, list[Purchase]]:
    """Every purchase with an amount by the plain name of whom it was bought from; made once for all auditors."""
    found: dict[str, list[Purchase]] | None = rules.memo.get("bought-by-name")
    if found is None:
        found = rules.memo["bought-by-name"] = {}
        plain: dict[str, str] = {}  # of ten thousand purchases most are from a few suppliers
        for each in purchases(rules):
            if each.amount is not None:
                name = plain.get(each.supplier) or plain.setdefault(each.supplier, _plain(each.supplier))
                found.setdefault(name, []).append(each)
    return found


def _gifts(rules: Bylaws, person: str, span: Period, floor: Decimal) -> Iterator[Tie]:
    if not rules.facts.gifts:
        return
    names = _names(rules, organisation(person))
    found = [each for each in gifts_of(rules) if each.row.date in span and _plain(str(each.row.ally)) in names]
    sums = tuple(each.units for each in found if each.units)
    if sums:
        text = f"{_said(rules, sums)} came from {organisation(person)} since {span.starts}"
        over = abs(sum(sums)) > rules.facts.unit.exact(floor)
        yield Tie("ally", text, sums, (), over, tuple(each.row.place for each in found))


def _fund_money(rules: Bylaws, person: str, span: Period) -> Iterator[Tie]:
    """What each movement fund paid to the organisation, and the share of all that it paid out."""
    spent = [row for row in fund_entries(rules) if row.sort == "spent" and row.date in span]
    if not spent:
        return
    names = _names(rules, organisation(person))
    accounts = {record.account for record in rules.every(surplus.Fund)}
    moves = [move for account in accounts for move in rules.facts.moves_on(account)]
    to = {leg.place: _recipients(move, leg) for move in moves for leg in move.legs}
    for fund in sorted({row.fund for row in spent}):
        of_fund = [row for row in spent if row.fund == fund]
        own = [row for row in of_fund if not names.isdisjoint(to.get(row.place, ()))]
        if own:
            sums, total = tuple(-row.amount for row in own), -sum(row.amount for row in of_fund)
            share = Fraction(sum(sums), total)
            text = (
                f"{_said(rules, sums)} went from fund {fund} to {organisation(person)} since {span.starts}, of "
                f"{rules.facts.unit.said(total)} that it paid out"
            )
            yield Tie("fund", text, sums, (), share > FUND_SHARE_MAX, tuple(row.place for row in own))


def _recipients(move: Movement, leg: Leg) -> set[str]:
    fields = {**move.fields, **leg.fields}
    named = [fields.get(name) for name in ("recipient", "ally", "supplier")]
    found = {_plain(each) for each in named if isinstance(each, str)}
    return found or {_plain(move.payee or "")}


def _panels(person: str, panels: Sequence[Case]) -> Iterator[Tie]:
    for case in panels[-PANELS:]:
        own = [each for each in case.auditors if each.id == person and each.accepted]
        if own:
            text = f"{person} sat on the panel of {case.id}"
            yield Tie(
                "panel",
                text,
                (),
                (case.id.casefold(), "panel"),
                excludes=True,
                places=tuple(each.place for each in own),
            )


def _names(rules: Bylaws, own: str) -> frozenset[str]:
    """The organisation as postings may write it."""
    allies = (each.id for each in rules.every(alliances.Ally) if each.name and _plain(each.name) == _plain(own))
    return frozenset({_plain(own), *map(_plain, allies)} - {""})


def _plain(text: str) -> str:
    """A name in small letters, its words joined by hyphens; "Tenants' Union" is tenants-union."""
    return "-".join(re.findall(r"\w+", text.casefold().replace("'", "").replace("\u2019", "")))


def _said(rules: Bylaws, sums: Iterable[int]) -> str:
    return rules.facts.unit.said(sum(sums))


# -- the declaration -------------------------------------------------------------------------------------------------


def untold(rules: Bylaws, auditor: Auditor, ties: Iterable[Tie]) -> list[Tie]:
    """The ties that an auditor's `conflicts` do not tell; all of them where it says "none"."""
    return [tie for tie in ties if not is_told(rules, tie, auditor.conflicts or "")]


def is_told(rules: Bylaws, tie: Tie, text: str) -> bool:
    """Whether a declaration tells a tie: money by its sum or by every single amount, any other by a word for it."""
    said = text.casefold()
    if not tie.amounts:
        return any(word in said for word in tie.words)
    unit = rules.facts.unit
    figures = _figures(text)
    return unit.decimal(abs(tie.total)) in figures or all(
        unit.decimal(abs(amount)) in figures for amount in tie.amounts
    )


_FIGURE = re.compile(
    r"(?<![\w-])\d{1,3}(?:[ ,.\u00a0\u202f'\u2019]\d{3})*(?:[.,]\d+)?(?![\w-])|(?<![\w-])\d+(?:[.,]\d+)?(?![\w-])"
)


def _figures(text: str) -> set[Decimal]:
    """The figures of a text, with commas, points or spaces between thousands; a figure that could be two is both."""
    found: set[Decimal] = set()
    for figure in (match.group() for match in _FIGURE.finditer(text)):
        found.add(Decimal(re.sub(r"\D", "", figure)))
        head, _, tail = figure.rpartition(max(".,", key=figure.rfind))
        if head:
            found.add(Decimal(f"{re.sub(r'[^0-9]', '', head)}.{tail}"))
    return found


def sits(ties: Iterable[Tie]) -> bool:
    """Whether nothing in the books keeps somebody from a seat."""
    return not any(tie.excludes for tie in ties)
