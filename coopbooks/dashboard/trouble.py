"""What stands in the place of a view that has nothing to show: why, and what to write."""

from __future__ import annotations

from dataclasses import dataclass

from coopbooks.periods import FIRST_DAY, LAST_DAY

__all__ = ["EMPTY", "NO_CURRENCY", "NO_FUND", "NO_PAY", "NO_RULE", "NO_SUCH_DAY", "NO_YEAR", "REFUSED", "Trouble"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a view has nothing to show: one sentence, what to do, and the lines to write, if any."""

    sentence: str
    cure: str
    code: str = ""


REFUSED = "The rules cannot be applied to this book as it stands."
EMPTY = Trouble(
    "This book has no cooperative records yet.",
    "The command coopbooks init writes a book to start from. In this one, the first member comes first:",
    '2025-01-01 custom "coop" "member" "m01"\n  wages: Expenses:Wages\n  capital: Equity:Capital:M01',
)
NO_CURRENCY = Trouble(
    "This book names no operating currency, so nothing in it can be added up.",
    "Put your currency on a line at the top of the ledger:",
    'option "operating_currency" "USD"',
)
NO_PAY = Trouble(
    "Nobody's pay is in this book yet.",
    "Pay is what is booked on the account that a person's record names for wages, with the person's id:",
    '2025-01-31 * "Pay"\n  Expenses:Wages    2400.00 USD\n    worker: "m01"\n    hours: 160\n  Assets:Bank',
)
NO_YEAR = Trouble(
    "This book has no year with income or expenses in it yet.",
    "Once there are some, this page shows where the year's surplus goes by your rules.",
)
NO_RULE = Trouble(
    "No rule stands in this book.",
    "A rule is a record with a date; the cap on the spread of pay, for one:",
    '2025-01-01 custom "coop" "bylaw" "wage-ratio"\n  cap: 3\n  decision: "D-2025-01"',
)
NO_FUND = Trouble(
    "No movement fund is named in this book.",
    "A fund has an account that says how much is meant for it and an account where the money lies:",
    '2025-01-01 custom "coop" "fund" "strike"\n  account: Equity:Funds:Strike\n  purpose: "Strike pay"\n'
    '  kind: "strike"\n  backing: Assets:Bank:Funds',
)
NO_ALLY = Trouble(
    "Nobody outside gives us money or goods, as far as this book says: it names no ally.",
    "Whoever gives is recorded as an ally, and each gift says from whom it is and on what conditions:",
    '2025-01-01 custom "coop" "ally" "north-union"\n  name: "Union of the North"\n  sort: "union"\n\n'
    '2025-03-01 * "A gift"\n  Income:Donations    -500.00 USD\n    ally: "north-union"\n    conditions: "none"\n'
    "  Assets:Bank",
)
NO_MEMBER = Trouble(
    "Nobody is named in this book yet, so nobody owns a part of it.",
    "A member has an account for pay and an account for capital:",
    '2025-01-01 custom "coop" "member" "m01"\n  wages: Expenses:Wages\n  capital: Equity:Capital:M01',
)
NO_SUCH_DAY = Trouble(
    "No audit can look at this day.",
    f"Choose one from {FIRST_DAY.year + 1} to {LAST_DAY.year - 1}: the field As of says which.",
)
NO_DUTY = Trouble(
    "Nothing is due: no rule of this book has set a last day yet.",
    "Last days follow from the bylaws. This one, for instance, has capital paid back after five years:",
    '2025-01-01 custom "coop" "bylaw" "capital"\n  redeem-after: 5',
)
