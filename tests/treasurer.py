"""What a treasurer writes again and again, and what every answer must hold; for the tests of surplus."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from coopbooks.cooperative import Cooperative

__all__ = ["cost", "messages", "parts", "postings", "result", "sale", "steps", "surplus", "work"]

_POSTING = re.compile(r"^  ([A-Z][\w:-]+) +(-?[\d.]+) [A-Z]+", re.MULTILINE)


def sale(day: str, amount: str) -> str:
    """Income: it raises the result of its day's period."""
    return f"""
{day} * "Sale"
  Assets:Bank  {amount}
  Income:Sales
"""


def cost(day: str, amount: str) -> str:
    """An expense that is nobody's pay."""
    return f"""
{day} * "Rent"
  Expenses:Rent  {amount}
  Assets:Bank
"""


def work(day: str, person: str, amount: str, hours: str, pay: str = "base") -> str:
    """Pay with its hours; `person` as in the account: M01."""
    return f"""
{day} * "Pay"
  Expenses:Wages:{person}  {amount}
    hours: {hours}
    pay: "{pay}"
  Assets:Bank
"""


def surplus(coop: Cooperative, period: str = "2025") -> dict[str, Any]:
    """The answer, with its laws held: what came in was placed or is left, and parts sum to their steps."""
    answer: dict[str, Any] = coop.surplus(period).to_data()
    came = sum(Decimal(answer[key]) for key in ("result", "adjustments", "carried_in"))
    placed = sum((Decimal(step["amount"]) for step in answer["steps"]), Decimal(0))
    assert placed + Decimal(answer["unallocated"]) == came - Decimal(answer["earlier_losses"])
    for group in ("members", "workers"):
        shared = sum(Decimal(step["amount"]) for step in answer["steps"] if step["to"] == group)
        assert sum(Decimal(part["amount"]) for part in answer[group]) == shared
        for part in answer[group]:
            kept = sum(Decimal(part[key]) for key in ("cash", "retained", "declined"))
            assert kept == Decimal(part["amount"])
    return answer


def result(coop: Cooperative, period: str = "2025") -> str:
    """The result of a period alone."""
    return str(surplus(coop, period)["result"])


def steps(coop: Cooperative, period: str = "2025") -> dict[str, str]:
    """What each step gets."""
    return {step["id"]: step["amount"] for step in surplus(coop, period)["steps"]}


def parts(coop: Cooperative, period: str = "2025", of: str = "members", key: str = "amount") -> dict[str, str]:
    """What each member (or worker) gets, those left out that get nothing."""
    return {part["member"]: part[key] for part in surplus(coop, period)[of] if part[key] != "0.00"}


def postings(coop: Cooperative, period: str = "2025", decision: str | None = None) -> dict[str, str]:
    """The postings of the close that is still missing; {} where none is."""
    found = _POSTING.findall(coop.close(period, decision=decision).transaction or "")
    assert len(found) == len({account for account, _ in found})
    return dict(found)


def messages(coop: Cooperative) -> list[str]:
    """Every error of the books as "path:line: sentence"."""
    return [f"{error.place}: {error.message}" for error in coop.check().errors]
