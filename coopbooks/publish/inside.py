"""What members and auditors see: every named account on its own day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from coopbooks.periods import month_of
from coopbooks.publish.fresh import Fresh, Leg, balanced
from coopbooks.publish.ground import Cut, Ground, joined
from coopbooks.publish.papers import claim_and_paper
from coopbooks.publish.pieces import Piece

__all__ = ["for_auditors", "for_members"]

MONEY = "Assets:Other"  # what stands against a posting that passes without the rest of its transaction


def for_auditors(ground: Ground) -> Iterator[Fresh]:
    """Every transaction, posting by posting."""
    claims: dict[str, str] = {}
    for cut in ground.cuts:
        fields = (*ground.pieces.fields(cut.booking), *claim_and_paper(ground.source, cut.booking, claims))
        legs = tuple(piece.leg for piece in cut.pieces)
        yield Fresh(cut.booking.date, ground.narration(cut), legs, fields, ground.pieces.tags(cut.booking))


def for_members(ground: Ground) -> Iterator[Fresh]:
    """Named accounts on their own day, all the rest by month.

    Both stand against money, where they meet again at the month's end: so nobody's net pay stands beside the gross.
    """
    months: defaultdict[tuple[date, tuple[tuple[str, str], ...]], list[Leg]] = defaultdict(list)
    for cut in ground.free:
        tags, fields = ground.pieces.tags(cut.booking), ground.pieces.fields(cut.booking)
        if tags or ground.pieces.only_moves_result(cut.booking, ground.surplus):
            legs = joined(piece.leg for piece in cut.pieces)
            if legs:
                yield Fresh(cut.booking.date, ground.narration(cut), legs, fields, tags)
            continue
        legs = _named(cut.pieces)
        if legs:
            yield Fresh(cut.booking.date, ground.narration(cut), legs, fields)
        moved = tuple(field for field in fields if field[0] == "of-period")
        months[_month_ends(ground, cut), moved] += [piece.leg._replace(fields=()) for piece in cut.pieces]
        months[_month_ends(ground, cut), moved] += [leg._replace(number=-leg.number, fields=()) for leg in legs]
    for (ends, moved), rest in sorted(months.items()):
        legs = joined(rest)
        if legs:
            yield Fresh(ends, "Everything else of the month, added up", legs, moved)


def _named(pieces: Sequence[Piece]) -> tuple[Leg, ...]:
    """What passes of a transaction on its own day: pay and gifts posting by posting, other named accounts added up.

    Where it is about a person's own account, all of it passes posting by posting, with the interest that is paid too; but
    never beside pay, since what is kept back from that is nobody else's.
    """
    if any(piece.person for piece in pieces) and not any(piece.pay for piece in pieces):
        own = (piece.leg for piece in pieces if piece.named or piece.leg.account.startswith("Expenses:"))
        return balanced(own, MONEY, keep=True)
    named = [piece for piece in pieces if piece.named]
    single = [piece.leg for piece in named if piece.pay or piece.leg.fields]
    others = joined(piece.leg for piece in named if not piece.pay and not piece.leg.fields)
    return balanced((*single, *others), MONEY, keep=True)


def _month_ends(ground: Ground, cut: Cut) -> date:
    """The last day of the month, cut at the end of the fiscal year and at the day of publication."""
    day = cut.booking.date
    return min(month_of(day).ends, ground.rules.calendar.year_of(day).ends, ground.as_of)
