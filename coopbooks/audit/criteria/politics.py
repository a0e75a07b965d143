"""POL: political spending, and what goes to the movement.

Spending is every debit of a movement fund that moves nothing to another fund, and every posting on an account of expenses
that is paid to an ally: one whose `recipient`, `supplier` or payee is the id or the name of an `ally` record. An ally who
only sells or lends is left out. The recipient of a fund's money is the payee of its transaction, else its `recipient`,
`ally` or `supplier`; of people there is the number of a `claim`. The purpose of a fund is one of what leaves it.

Support is the part of it that goes outside: no claim of a person, and no payment to an ally who is a state or a
philanthropy. A gift in kind is a posting on an account of expenses with `in-kind: TRUE`, `valuation:` and a recipient, and
without `ally:`, which would say that it came from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from coopbooks.audit.criterion import criterion
from coopbooks.audit.ground import Ground
from coopbooks.audit.judgement import Judgement, met, pending, shortfall
from coopbooks.errors import Place
from coopbooks.facts import Movement, Outlay, below
from coopbooks.records import alliances, decisions, surplus
from coopbooks.rows import NamedTuple
from coopbooks.rules.decisions import decision_of
from coopbooks.rules.fund_entries import fund_entries

__all__: list[str] = []

_TRADE = frozenset({"supplier", "lender"})
_POWERS = frozenset({"state", "philanthropy"})


class _Spent(NamedTuple):
    """One payment, or one gift in kind; `outside` says whether it is support to somebody else's struggle."""

    date: date
    purpose: str | None
    recipient: str | None
    decision: str | None
    outside: bool
    place: Place


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _from_funds(ground: Ground) -> Iterator[_Spent]:
    """What left the movement funds. As in SUR-5 the fund's own purpose is one, and any posting may name the recipient."""
    moves = {leg.place: move for move in ground.facts.movements for leg in move.legs}
    for entry in fund_entries(ground.rules):
        if entry.sort == "spent" and entry.date in ground.window:
            move, fund = moves[entry.place], ground.rules.of(surplus.Fund, entry.fund, entry.date)
            purpose = _text(entry.purpose) or (fund.purpose if fund is not None else None)
            recipient = _text(move.payee) or entry.claim or _named(move)
            yield _Spent(entry.date, purpose, recipient, entry.decision, entry.claim is None, entry.place)


def _named(move: Movement) -> str | None:
    """Whom a transaction or one of its postings names."""
    for fields in (move.fields, *(leg.fields for leg in move.legs)):
        for name in ("recipient", "ally", "supplier"):
            if (text := _text(fields.get(name))) is not None:
                return text
    return None


def _to_allies(ground: Ground) -> Iterator[_Spent]:
    """What was paid to allies on accounts of expenses; what came from an ally in kind is used there, and is no payment."""
    if not ground.rules.ids("ally"):
        return
    given = {(gift.file, gift.entry) for gift in ground.facts.gifts}
    for row in _expenses(ground):
        came = row.fields.get("in-kind") is True or (row.file, row.entry) in given
        ally = None if came else _ally(ground, row)
        if ally is not None:
            yield _spent(row, outside=ally.sort not in _POWERS)


def _in_kind(ground: Ground) -> Iterator[_Spent]:
    """What was given in kind at a stated worth."""
    for row in _expenses(ground):
        given = row.fields.get("in-kind") is True and "ally" not in row.fields
        if given and _text(row.fields.get("valuation")) is not None and _recipient(row) is not None:
            yield _spent(row, outside=True)


def _expenses(ground: Ground) -> Iterator[Outlay]:
    for row in ground.facts.outlays_in(ground.window):
        spent = row.amount is None or row.amount > 0
        if spent and below(row.account, ground.facts.roots.expenses):
            yield row


def _spent(row: Outlay, *, outside: bool) -> _Spent:
    purpose, decision = _text(row.fields.get("purpose")), _text(row.fields.get("decision"))
    return _Spent(row.date, purpose, _recipient(row), decision, outside, row.place)


def _recipient(row: Outlay) -> str | None:
    return _text(row.fields.get("recipient")) or _text(row.fields.get("supplier")) or _text(row.payee)


def _ally(ground: Ground, row: Outlay) -> alliances.Ally | None:
    """The ally that a posting pays, unless it only sells or lends to the cooperative."""
    paid = {_text(row.fields.get("recipient")), _text(row.fields.get("supplier")), _text(row.payee)}
    for ally in ground.rules.all_of(alliances.Ally, row.date):
        if ally.sort not in _TRADE and not paid.isdisjoint({ally.id, ally.name} - {None}):
            return ally
    return None


@criterion(
    "POL-1",
    "core",
    "Political and movement spending is documented and crosses no red line",
    revolutionary="every payment says what for, to whom and by which decision, and none crosses a red line",
    reformist="some do not",
    hostile="a red line was crossed",
    evidence="compute examine",
    clause="002:115; 001:41",
    remedy="document the payments; recover what crossed a line, and publish it",
)
def spending(ground: Ground) -> Judgement:
    """Purpose, recipient and decision of all that left the funds or went to allies. Red lines are the panel's to find."""
    found = sorted([*_from_funds(ground), *_to_allies(ground)], key=lambda each: (each.date, each.place))
    bare: list[tuple[_Spent, str]] = []
    places: list[Place] = []
    for each in found:
        decision = decision_of(ground.rules, each.decision, each.date)
        lacking = _lacking(each, decision)
        if lacking is not None:
            bare.append((each, lacking))
        elif decision is not None:
            places.append(decision.place)
    if bare:
        first, lacking = bare[0]
        return shortfall(
            f"{len(bare)} of {len(found)} payments are not documented; that of {first.date} lacks {lacking}",
            [each.place for each, _ in bare],
        )
    if not found:
        return ground.nothing_to_judge("no payment from a movement fund or to an ally")
    return met(f"all {len(found)} payments from movement funds and to allies are documented", places)


def _lacking(spent: _Spent, decision: decisions.Decision | None) -> str | None:
    """What a payment does not say; a decision that was voted down, or came later, is none."""
    if spent.purpose is None:
        return "its purpose"
    if spent.recipient is None:
        return "its recipient"
    if decision is None:
        return "its decision"
    lost = decision.for_ is not None and decision.against is not None and decision.for_ <= decision.against
    return "a decision that was carried" if lost else None


@criterion(
    "POL-2",
    "practice",
    "Movement fusion",
    revolutionary="the cooperative supports struggles outside it in every quarter, in money or in kind at a stated worth",
    reformist="a quarter is empty",
    evidence="compute",
    clause="002:149-155",
    remedy="plan the support",
)
def fusion(ground: Ground) -> Judgement:
    """The support in each fiscal quarter of the window that is over."""
    if not ground.quarters:
        return pending(f"no fiscal quarter of the window was over by {ground.as_of}")
    found = [each for read in (_from_funds, _to_allies, _in_kind) for each in read(ground) if each.outside]
    first: list[Place] = []
    for quarter in ground.quarters:
        inside = sorted((each.date, each.place) for each in found if each.date in quarter)
        if not inside:
            return shortfall(f"no support to a struggle outside from {quarter.starts} to {quarter.ends}", first)
        first.append(inside[0][1])
    return met(f"support in each of {len(first)} quarters", first)
