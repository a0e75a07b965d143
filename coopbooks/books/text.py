"""Closing transactions as Beancount text, the way a treasurer would write them."""

from __future__ import annotations

from coopbooks.money import Unit
from coopbooks.rules.close import Closing, Entry

__all__ = ["close_text"]


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
    width = max(len(entry.account) for entry in closing.entries)
    figures = [unit.text(-entry.units) for entry in closing.entries]
    figure_width = max(map(len, figures))
    lines += [
        f"  {entry.account:<{width}}  {figure:>{figure_width}} {unit.currency}{_comment(entry)}"
        for entry, figure in zip(closing.entries, figures, strict=True)
    ]
    return "\n".join(lines) + "\n"


def _comment(entry: Entry) -> str:
    return f"  ; {' '.join('; '.join(entry.because).split())}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
