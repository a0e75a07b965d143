"""What came from allies, since when, on what conditions, and how large a part of all income it is.

A posting with `ally: "<id>"` is money, goods or time from that ally. On an account of income, liabilities or equity a
credit is what came; on an asset, or on an expense with `in-kind: TRUE`, a debit is, where no other posting of the same
transaction names an ally already. What goes back has the other sign and is taken off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding
from coopbooks.facts import Gift, below
from coopbooks.records import alliances
from coopbooks.records.fields import nearest, said
from coopbooks.rows import NamedTuple

__all__ = ["FromAlly", "Given", "Reveal", "gift_findings", "gifts_of", "reveal_of"]

NO_CONDITIONS = "none"


class Given(NamedTuple):
    """One gift in whole units, below zero for what went back; `units` is None where no price is known.

    `valuation` and `conditions` are None where the posting does not say them.
    """

    row: Gift
    units: int | None
    in_kind: bool
    valuation: Any
    conditions: str | None


class FromAlly(NamedTuple):
    """What came from one ally, and what is known of it; `record` is None for an id that no record has."""

    id: str
    record: alliances.Ally | None
    given: int
    in_kind: int
    conditions: tuple[str, ...]
    contract: alliances.Contract | None
    signals: tuple[alliances.Signal, ...]


class Reveal(NamedTuple):
    """All that came from allies from `since` to `until`, both days included; None for `since` is from the beginning.

    `income` is all income of those days and what came from allies past it; None where the books have no allies.
    """

    since: date | None
    pulse: alliances.Pulse | None
    until: date
    given: int
    in_kind: int
    income: int | None
    gifts: tuple[Given, ...]
    allies: tuple[FromAlly, ...]

    def share(self, units: int) -> Fraction | None:
        """A sum as a share of all income; None where there was none."""
        return Fraction(units, self.income) if self.income is not None and self.income > 0 else None


def gifts_of(rules: Bylaws) -> list[Given]:
    """Every gift of the books, in order of date and place."""
    return [_given(rules, row) for row in sorted(_counted(rules), key=lambda row: (row.date, row.place))]


def _counted(rules: Bylaws) -> Iterator[Gift]:
    """The postings that say what came: of one transaction those that name its source, before those that say where it is."""
    found = [row for row in rules.facts.gifts if isinstance(row.ally, str)]
    sources = {(row.file, row.entry) for row in found if not _is_debit(rules, row.account)}
    expenses = rules.facts.roots.expenses
    for row in found:
        used = below(row.account, expenses) and row.fields.get("in-kind") is not True  # bought, or paid with its money
        if not _is_debit(rules, row.account) or not (used or (row.file, row.entry) in sources):
            yield row


def _is_debit(rules: Bylaws, account: str) -> bool:
    """Whether a debit on the account is what came in: an asset or an expense."""
    roots = rules.facts.roots
    return below(account, roots.assets) or below(account, roots.expenses)


def _given(rules: Bylaws, row: Gift) -> Given:
    amount = row.amount if row.amount is None or _is_debit(rules, row.account) else -row.amount
    return Given(
        row=row,
        units=None if amount is None else rules.facts.unit.nearest(amount),
        in_kind=row.fields.get("in-kind") is True,
        valuation=row.fields.get("valuation"),
        conditions=_conditions(row),
    )


def _conditions(row: Gift) -> str | None:
    text = row.fields.get("conditions")
    return text.strip() if isinstance(text, str) and text.strip() else None


def reveal_of(rules: Bylaws, until: date, since: date | None = None) -> Reveal:
    """What came from allies up to a day: since the last `pulse` with `ledger-reveal: TRUE`, or since a day that is given.

    A pulse of the day itself is the one that this is shown at, so the one before it counts; what came on the day of that
    one, perhaps after it was over, is shown again.
    """
    shown = [each for each in rules.every(alliances.Pulse) if each.ledger_reveal and each.date < until]
    pulse = max(shown, key=lambda each: (each.date, each.place), default=None) if since is None else None
    first = pulse.date if pulse is not None else since
    from_day = first or date.min
    gifts = [gift for gift in gifts_of(rules) if from_day <= gift.row.date <= until]
    return Reveal(
        since=first,
        pulse=pulse,
        until=until,
        given=_sum(gifts, in_kind=False),
        in_kind=_sum(gifts, in_kind=True),
        income=_income(rules, from_day, until, gifts),
        gifts=tuple(gifts),
        allies=tuple(_allies(rules, until, gifts)),
    )


def _sum(gifts: Iterable[Given], *, in_kind: bool) -> int:
    return sum(gift.units or 0 for gift in gifts if gift.in_kind is in_kind)


def _income(rules: Bylaws, first: date, last: date, gifts: Iterable[Given]) -> int | None:
    if not rules.ids("ally") and not rules.facts.income:
        return None
    earned = -sum((amount for day, amount in rules.facts.income if first <= day <= last), Decimal(0))
    beside = sum(gift.units or 0 for gift in gifts if not gift.row.earned)
    return rules.facts.unit.nearest(earned) + beside


def _allies(rules: Bylaws, day: date, gifts: Iterable[Given]) -> Iterator[FromAlly]:
    """Every ally of that day and whoever else gave, by id."""
    by_ally: dict[str, list[Given]] = {record.id: [] for record in rules.all_of(alliances.Ally, day)}
    for gift in gifts:
        by_ally.setdefault(str(gift.row.ally), []).append(gift)
    for name in sorted(by_ally):
        own, records = by_ally[name], rules.history(alliances.Ally, name)
        stated = (gift.conditions for gift in own)
        yield FromAlly(
            id=name,
            record=rules.of(alliances.Ally, name, day) or (records[-1] if records else None),
            given=_sum(own, in_kind=False),
            in_kind=_sum(own, in_kind=True),
            conditions=tuple(dict.fromkeys(each for each in stated if each and each.lower() != NO_CONDITIONS)),
            contract=rules.of(alliances.Contract, name, day),
            signals=tuple(each for each in rules.history(alliances.Signal, name) if each.date <= day),
        )


# -- findings --------------------------------------------------------------------------------------------------------


def gift_findings(rules: Bylaws) -> list[Finding]:
    """Gifts whose ally no record names, that do not say their conditions, or whose worth nobody has stated."""
    if not rules.facts.gifts:
        return []
    counted = {row.place for row in _counted(rules)}
    found: list[Finding] = []
    for row in rules.facts.gifts:
        faults = [*_ally_faults(rules, row), *(_gift_faults(row) if row.place in counted else ())]
        found += [Finding(row.place, "alliances", f"this posting on {row.account} {fault}") for fault in faults]
    return found


def _ally_faults(rules: Bylaws, row: Gift) -> Iterator[str]:
    known = rules.ids("ally")
    if row.ally in known:
        return
    near = nearest(str(row.ally), tuple(sorted(known)))
    yield f"names the ally {said(row.ally)}, who has no record{near or ': add an ally record of that id, or mend the id'}"


def _gift_faults(row: Gift) -> Iterator[str]:
    """What a gift must say. Derived books say "stated" where a text does not pass; that is a text too."""
    if _conditions(row) is None:
        yield (
            f"is from the ally {said(row.ally)} and does not say on what conditions: add conditions: with their words, or "
            'with "none"'
        )
    in_kind = row.fields.get("in-kind")
    if in_kind is not None and not isinstance(in_kind, bool):
        yield f"has in-kind {said(in_kind)}, which must be TRUE or FALSE: write one of the two without quotes"
    if in_kind is True and row.fields.get("valuation") in (None, ""):
        yield (
            "is a gift in kind and does not say how its worth was found: add valuation: with the basis, as "
            '"list price of the maker"'
        )
