"""Closing transactions, interest, redemptions and exits as Beancount text, the way a treasurer would write them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from coopbooks.money import Unit
from coopbooks.rules.close import Closing, Entry
from coopbooks.rules.exits import ExitProposal
from coopbooks.rules.interest import Interest
from coopbooks.rules.redemption import Redemption

__all__ = ["close_text", "exit_text", "interest_text", "redemption_text"]


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
    return "\n".join([*lines, *_postings(closing.entries, unit)]) + "\n"


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
    lines.append(f'{found.day} * "Exit of {found.leaving.person}: capital becomes a debt" #coop-exit')
    return "\n".join([*lines, *_postings(entries, unit)]) + "\n"


def interest_text(interest: Interest, unit: Unit) -> str:
    """The entry of the interest on capital that is missing, dated the year's last day, after an `open` where one needs it.

    Ends with a newline.
    """
    day, name = interest.period.ends, interest.period.name
    lines = [f"{day} open {account}" for account in interest.opens]
    if lines:
        lines.append("")
    lines += [f'{day} * "Interest on members\' capital for {name}" #coop-interest', f'  period: "{name}"']
    return "\n".join([*lines, *_postings(interest.postings, unit)]) + "\n"


def redemption_text(redemption: Redemption, unit: Unit) -> str:
    """The transactions that pay vintages back, one for each year that they are of; "" where nothing is paid back.

    Each ends with a newline, and a blank line stands between two.
    """
    found = []
    payouts = sorted(redemption.payouts, key=lambda payout: (payout.row.period, payout.row.member, payout.row.account))
    for period, group in groupby(payouts, key=lambda payout: payout.row.period):
        entries = [Entry(payout.row.account, -payout.units, ()) for payout in group]
        entries.append(Entry(str(redemption.source), -sum(entry.units for entry in entries), ()))
        head = f'{redemption.as_of} * "Redemption of capital of {period}" #coop-redeem'
        found.append("\n".join([head, *_postings(entries, unit)]) + "\n")
    return "\n".join(found)


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
