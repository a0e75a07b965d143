"""A ledger as one audience may see it: built anew from the list, and equal to the books in every total.

Each transaction of the books goes one of three ways. What touches a protected fund's spending waits for a closed
quarter with enough people behind it (`protected`). What has an account with a name passes on its own day (`inside`), or
for the public with its quarter (`outside`). All the rest is only added up. Auditors see every transaction by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal, localcontext

from coopbooks.books.bookings import source_until
from coopbooks.books.loading import Books
from coopbooks.errors import LedgerUnusable
from coopbooks.publish.fresh import Figure, Fresh, Leg, Note, Sums, TotalsDiffer, added, balanced, totals_of
from coopbooks.publish.ground import Ground, joined
from coopbooks.publish.inside import MONEY, for_auditors, for_members
from coopbooks.publish.outside import Outside, for_public
from coopbooks.publish.papers import papers_of
from coopbooks.publish.pay import whole
from coopbooks.publish.protected import Block, claims_of
from coopbooks.publish.records import Records, quoted, visible
from coopbooks.rows import NamedTuple

__all__ = ["IN_BLOCKS", "View", "view_of"]

UNTITLED = "Open book"
IN_BLOCKS = "Protected funds, published as a whole"
"""The narration of a block, by which a later publication knows it."""
TRANSFERS = "Transfers between funds"


class View(NamedTuple):
    """A ledger for one audience: what it is made of, before it is text.

    Not shown are `held`, what its totals lack; `closes`, the fiscal years whose close waits; and `protected`, the ids of
    protected funds with the day from which their records say so.
    """

    audience: str
    as_of: date
    title: str
    currency: str | None
    precision: int | None
    transactions: tuple[Fresh, ...]
    notes: tuple[Note, ...]
    figures: tuple[Figure, ...]
    held: Sums
    closes: tuple[str, ...]
    protected: tuple[tuple[str, date], ...]


def view_of(books: Books, audience: str, as_of: date) -> View:
    """What an audience may see of the books on a day.

    Raises LedgerUnusable where Beancount could not take an entry, since every total would lack it, and TotalsDiffer where
    the totals are not those of the books, which would be a fault of this program.
    """
    for finding, _ in books.dropped:
        raise LedgerUnusable(
            f"Beancount could not take this entry ({finding.message}), and what is published would lack it: mend it first",
            finding.place,
        )
    with localcontext(prec=100):  # sums are compared, and none may be rounded
        return _made(Ground(source_until(books, as_of), audience, as_of), books)


def _made(ground: Ground, books: Books) -> View:
    rows, waits, of_years = _free_rows(ground, books)
    figures = [*_figures(ground), *of_years]
    blocks = list(_blocks(ground))
    rows += [*blocks, *_arrivals(ground, rows)]
    left = [*_rounded_away(ground, blocks)]
    left += [Fresh(cut.booking.date, "", tuple(piece.leg for piece in cut.pieces)) for cut in ground.held]
    held = totals_of([*waits, *left])
    _compare(ground, rows, held)
    return _view(ground, rows, figures, held)


def _free_rows(ground: Ground, books: Books) -> Outside:
    """What passes without protected spending, and what the public does not see yet."""
    if ground.audience == "public":
        return for_public(ground, books)
    return Outside(list(for_auditors(ground) if ground.audience == "auditors" else for_members(ground)), [], [])


def _view(ground: Ground, rows: Iterable[Fresh], figures: Iterable[Figure], held: Sums) -> View:
    facts, names = ground.source.facts, ground.names
    return View(
        audience=ground.audience,
        as_of=ground.as_of,
        title=visible(facts.title) if ("option", "title") in names.texts and facts.title else UNTITLED,
        currency=None if facts.currency is None else names.unit(facts.currency),
        precision=facts.digits.get(facts.currency or ""),
        transactions=tuple(sorted(rows, key=_by_content)),
        notes=tuple(sorted(Records(ground.rules, names, ground.pieces.wages, ground.quiet).notes())),
        figures=tuple(sorted(figures)),
        held=held,
        closes=tuple(ground.held_closes),
        protected=tuple((names.id("fund", names.funds[fund]), since) for fund, since in sorted(names.since.items())),
    )


def _by_content(row: Fresh) -> tuple[object, ...]:
    """The order in a file: by day, interest first and the close last, and by what is shown, never by the books' lines."""
    return (row.date, _WITHIN_A_DAY[row.tags[0] if row.tags else ""], row.narration, row.legs, row.fields, row.tags)


_WITHIN_A_DAY = {"coop-interest": 0, "coop-redeem": 1, "": 2, "coop-exit": 3, "coop-close": 4}


# -- protected funds ---------------------------------------------------------------------------------------------------


def _blocks(ground: Ground) -> Iterator[Fresh]:
    """Each published block, added up on its last day."""
    for _, blocks in ground.blocks:
        for block in blocks:
            legs = _whole(ground, block)
            if legs:
                yield Fresh(block.ends, IN_BLOCKS if any(map(claims_of, block.bookings)) else TRANSFERS, legs)


def _whole(ground: Ground, block: Block) -> tuple[Leg, ...]:
    """A block's sums, to the last decimal that money has: those below it would be of the one who is paid at a price."""
    legs = whole((piece.leg for piece in ground.of_block(block)), ground.source.facts.digits)
    return joined(balanced(legs, MONEY))


def _rounded_away(ground: Ground, blocks: Iterable[Fresh]) -> Iterator[Fresh]:
    """What the published blocks have less than their entries."""
    exact = (piece.leg for _, each in ground.blocks for block in each for piece in ground.of_block(block))
    shown = (leg._replace(number=-leg.number) for block in blocks for leg in block.legs)
    yield Fresh(date.min, "", joined([*exact, *shown]))


def _arrivals(ground: Ground, free: Sequence[Fresh]) -> Iterator[Fresh]:
    """What came into a protected fund moves to the fund's own account with each of its published blocks."""
    for fund in sorted(ground.names.protected):
        own, incoming = ground.names.fund(fund), ground.names.incoming(fund)
        days = {block.ends for row, blocks in ground.blocks for block in blocks if own in dict(row.keys)}
        before = date.min
        for day in sorted(days):
            came = totals_of(row for row in free if before < row.date <= day)
            legs = [
                leg
                for (account, unit), number in sorted(came.items())
                if account == incoming
                for leg in (Leg(incoming, -number, unit), Leg(own, number, unit))
            ]
            if legs:
                yield Fresh(day, "What came into a protected fund until then", tuple(legs))
            before = day


def _figures(ground: Ground) -> Iterator[Figure]:
    """Figures that are no transaction: who is to read this, what was spent of protected funds, documents."""
    yield Figure(ground.as_of, (quoted("audience"), quoted(ground.audience)))
    if ground.audience == "auditors":
        yield from papers_of(ground.source, ground.names)
    for _, blocks in ground.blocks:
        for block in blocks:
            yield from _spent(ground, block)


def _spent(ground: Ground, block: Block) -> Iterator[Figure]:
    """What a block spent of each protected fund, and how many claims there were."""
    people = {claim for booking in block.bookings for claim in claims_of(booking)}
    own = {ground.names.fund(fund): name for fund, name in ground.names.protected.items()}
    if not people:
        return
    for leg in _whole(ground, block):
        if leg.account in own:
            fund = quoted(ground.names.id("fund", own[leg.account]))
            amount = f"{leg.number:f} {leg.currency}"
            yield Figure(block.ends, (quoted("spent"), fund, quoted(block.named), amount, str(len(people))))


# -- the totals are those of the books ---------------------------------------------------------------------------------


def _compare(ground: Ground, rows: Iterable[Fresh], held: Sums) -> None:
    """What is shown and what is held come to the books, account by account and root by root; every entry to zero."""
    rows = list(rows)
    for row in rows:
        if any(_residues(row).values()):
            raise TotalsDiffer("an entry to be published does not balance: nothing was written, please report it")
    shown = _on_own(ground, added(totals_of(rows), held))
    cuts = (Fresh(cut.booking.date, "", tuple(piece.leg for piece in cut.pieces)) for cut in ground.cuts)
    # Equity alone is left out: what Beancount tolerates of a transaction that does not balance is added to it.
    if shown != _on_own(ground, totals_of(cuts)) or any(
        number != _of_roots(shown).get(key, 0) for key, number in _books_by_root(ground).items() if key[0] != "Equity"
    ):
        raise TotalsDiffer(
            "the totals to be published are not those of the books: nothing was written, please report it"
        )


def _residues(row: Fresh) -> dict[str, Decimal]:
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for leg in row.legs:
        found[leg.currency] += leg.number
    return found


def _on_own(ground: Ground, sums: Sums) -> Sums:
    """What comes into a protected fund counted with the fund."""
    own = {ground.names.incoming(fund): ground.names.fund(fund) for fund in ground.names.protected}
    return totals_of(
        [Fresh(date.min, "", tuple(Leg(own.get(name, name), each, unit) for (name, unit), each in sums.items()))]
    )


def _of_roots(sums: Sums) -> Sums:
    legs = (Leg(account.partition(":")[0], number, unit) for (account, unit), number in sums.items())
    return totals_of([Fresh(date.min, "", tuple(legs))])


def _books_by_root(ground: Ground) -> Sums:
    """The books' own sums, straight from their postings."""
    found: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for booking in ground.source.bookings:
        for line in booking.lines:
            found[ground.names.root(line.account), ground.names.unit(line.currency)] += line.number
    return found
