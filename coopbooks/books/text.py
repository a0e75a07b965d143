"""Closing transactions, interest, redemptions and exits as Beancount text, the way a treasurer would write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from textwrap import fill
from typing import TYPE_CHECKING, Any

from coopbooks.money import Unit
from coopbooks.rules.close import Closing, Entry
from coopbooks.rules.exits import ExitProposal
from coopbooks.rules.interest import Interest
from coopbooks.rules.redemption import Redemption

if TYPE_CHECKING:
    from datetime import date

    from coopbooks.rules.seals import NewSeal

__all__ = ["close_text", "exit_text", "interest_text", "redemption_text", "seal_text"]


_WIDTH = 100


def close_text(closing: Closing, unit: Unit) -> str:
    """The transaction that closes a period, after an `open` for every account that is not open yet.

    Each posting carries the rule that gives it as a comment. Ends with a newline.
    """
    lines = [f"{closing.date} open {account}" for account in closing.opens]
    if lines:
        lines.append("")
    what = "Amendment to the close" if closing.amends else "Close"
    lines.append(f'{closing.date} * "{what} of {closing.period.name}" #coop-close')
    lines.append(f'  period: "{closing.period.name}"')
    if closing.amends:
        lines.append("  amends: TRUE")
    if closing.decision is not None:
        lines.append(f'  decision: "{_quoted(closing.decision)}"')
    fields = {"period": closing.period.name, "amends": closing.amends or None, "decision": closing.decision}
    return _held(
        "\n".join([*lines, *_postings(closing.entries, unit)]) + "\n",
        (closing.date, f"{what} of {closing.period.name}", "coop-close", fields, closing.entries),
        unit,
        opens=closing.opens,
    )


def exit_text(proposal: ExitProposal, unit: Unit) -> str:
    """The transaction that turns a leaver's capital into a debt, after an `open` for every account that needs one.

    What is kept back or set off carries the rule as a comment. Ends with a newline.
    """
    found = proposal.settlement
    lines = [f"{found.day} open {account}" for account in proposal.opens]
    if lines:
        lines.append("")
    rule = f"{found.leaving.terms.named} at {found.leaving.terms.place}"
    why: dict[str, str] = {account: f"set off by {rule}" for account, _ in found.set_off}
    why[found.deduct_to or ""] = f"kept back by {rule}"
    entries = [
        Entry(account, units, (why[account],) if units > 0 and account in why else ())
        for account, units in found.postings.items()
    ]
    told = f"Exit of {found.leaving.person}: capital becomes a debt"
    lines.append(f'{found.day} * "{_quoted(told)}" #coop-exit')
    return _held(
        "\n".join([*lines, *_postings(entries, unit)]) + "\n",
        (found.day, told, "coop-exit", {}, entries),
        unit,
        opens=proposal.opens,
    )


def interest_text(interest: Interest, unit: Unit) -> str:
    """The entry of the interest on capital that is missing, dated the year's last day, after an `open` where one needs it.

    Ends with a newline.
    """
    day, name = interest.period.ends, interest.period.name
    lines = [f"{day} open {account}" for account in interest.opens]
    if lines:
        lines.append("")
    told = f"Interest on members' capital for {name}"
    lines += [f'{day} * "{told}" #coop-interest', f'  period: "{name}"']
    return _held(
        "\n".join([*lines, *_postings(interest.postings, unit)]) + "\n",
        (day, told, "coop-interest", {"period": name}, interest.postings),
        unit,
        opens=interest.opens,
    )


def redemption_text(redemption: Redemption, unit: Unit) -> str:
    """The transactions that pay vintages back, one for each year that they are of; "" where nothing is paid back.

    Each ends with a newline, and a blank line stands between two.
    """
    found = []
    payouts = sorted(redemption.payouts, key=lambda payout: (payout.row.period, payout.row.member, payout.row.account))
    for period, group in groupby(payouts, key=lambda payout: payout.row.period):
        entries = [Entry(payout.row.account, -payout.units, ()) for payout in group]
        entries.append(Entry(str(redemption.source), -sum(entry.units for entry in entries), ()))
        told = f"Redemption of capital of {period}"
        head = f'{redemption.as_of} * "{_quoted(told)}" #coop-redeem'
        text = "\n".join([head, *_postings(entries, unit)]) + "\n"
        found.append(_held(text, (redemption.as_of, told, "coop-redeem", {}, entries), unit))
    return "\n".join(found)


def seal_text(seal: NewSeal) -> str:
    """The record of a seal, its `entries` in lines of a fitting width. Ends with a newline."""
    days = seal.days
    lines = [
        f'{days.sealed} custom "coop" "seal" "{days.period}"',
        f'  sha256: "{seal.sha256}"',
        f'  root: "{seal.root}"',
    ]
    lines.append(f"  directives: {seal.directives}")
    if days.starts is not None:
        lines.append(f"  starts: {days.starts}")
    lines.append(f"  until: {days.until}")
    if seal.previous is not None:
        lines.append(f'  previous: "{seal.previous}"')
    if seal.entries:
        words = fill(" ".join(seal.entries), _WIDTH, break_long_words=False, break_on_hyphens=False)
        lines.append('  entries: "' + words.replace("\n", "\n    ") + '"')
    return _held_record("\n".join(lines) + "\n", seal)


def _held(
    text: str,
    meant: tuple[date, str, str, dict[str, Any], Sequence[Entry]],
    unit: Unit,
    *,
    opens: Iterable[str] = (),
) -> str:
    """The text, where it is read as the one transaction that was meant, behind an `open` of each account in `opens`."""
    from coopbooks.books.read_again import held_to, opening, transaction

    day, told, tag, fields, entries = meant
    stated = {name: value for name, value in fields.items() if value is not None}
    rows = [(entry.account, unit.decimal(-entry.units), unit.currency) for entry in entries]
    found = transaction(day, told, rows, tags=[tag], fields=stated)
    return held_to(text, [*(opening(day, account) for account in opens), found], f'the entry "{told}" of {day}')


def _held_record(text: str, seal: NewSeal) -> str:
    """The text, where it is read as the seal that was meant; the words of `entries` may stand in several lines."""
    from coopbooks.books.read_again import held_to, record

    days = seal.days
    words = fill(" ".join(seal.entries), _WIDTH, break_long_words=False, break_on_hyphens=False)
    fields = {
        "sha256": seal.sha256,
        "root": seal.root,
        "directives": seal.directives,
        "starts": days.starts,
        "until": days.until,
        "previous": seal.previous,
        "entries": words.replace("\n", "\n    ") or None,
    }
    stated = {name: value for name, value in fields.items() if value is not None}
    return held_to(text, [record(days.sealed, "seal", days.period, stated)], f"the seal of {days.period}")


def _postings(entries: Sequence[Entry], unit: Unit) -> list[str]:
    """The lines of postings, figures below one another, each with its reasons as a comment."""
    width = max(len(entry.account) for entry in entries)
    figures = [unit.text(-entry.units) for entry in entries]
    figure_width = max(map(len, figures))
    return [
        f"  {entry.account:<{width}}  {figure:>{figure_width}} {unit.currency}{_comment(entry)}"
        for entry, figure in zip(entries, figures, strict=True)
    ]


def _comment(entry: Entry) -> str:
    return f"  ; {' '.join('; '.join(entry.because).split())}" if entry.because else ""


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
