"""Ten years of a simulated cooperative: people come and go, surplus and loss, corrections, redemptions, exits, interest.

Every year is closed by the entry that the library itself prints. After every step the books are read again, and all
sums of this test are plain sums over the postings: who owns the net book value (NY Cooperative Corporations Law s. 93),
what each member has, what former members are owed. `check` must find nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from beancount import loader
from beancount.core.data import Transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from coopbooks.answers import Account
from coopbooks.books.entries import facts_of
from coopbooks.cooperative import Cooperative

FIRST, LAST = 2021, 2030
FOUNDERS = 3
NOTHING = Decimal(0)
MEMBERS, DEBTS, OWED = "Equity:Members", "Liabilities:FormerMembers", "Liabilities:Patronage"
COLLECTIVE, FUNDS = ("Equity:Collective", "Equity:Reserve"), ("Equity:Funds",)
UNPLACED = ("Equity:Surplus", "Income", "Expenses")
LONG = os.environ.get("COOPBOOKS_LONG") == "1"

RULES = """
option "operating_currency" "USD"
option "title" "Ten years"
2021-01-01 open Assets:Bank                  USD
2021-01-01 open Equity:Surplus               USD
2021-01-01 open Equity:Collective            USD
2021-01-01 open Equity:Reserve               USD
2021-01-01 open Equity:Funds:Strike          USD
2021-01-01 open Income:Sales                 USD
2021-01-01 open Expenses:Costs               USD
2021-01-01 open Expenses:Wages               USD
2021-01-01 open Expenses:Interest            USD
2021-01-01 custom "coop" "bylaw" "surplus"
  patronage: "hours"
  split: "hours"
  nonmember-to: Equity:Collective
  cash: 0.30
  notice: "qualified"
2021-01-01 custom "coop" "allocation" "reserve"
  step: 1
  to: Equity:Reserve
  share: 0.20
  until: 15000.00 USD
2021-01-01 custom "coop" "allocation" "strike"
  step: 1
  to: Equity:Funds:Strike
  share: 0.05
  round: "up"
2021-01-01 custom "coop" "allocation" "members"
  step: 2
  to: "members"
  rest: TRUE
2021-01-01 custom "coop" "loss" "reserve"
  step: 1
  from: Equity:Reserve
  share: 0.40
2021-01-01 custom "coop" "loss" "members"
  step: 2
  from: "members"
  share: 0.50
2021-01-01 custom "coop" "bylaw" "capital"
  collective: "Equity:Collective Equity:Reserve"
  buy-in: 1000.00 USD
  interest: "house"
  redeem-after: 3
  redeem: "oldest-first"
2021-01-01 custom "coop" "rate" "house"
  value: 0.03
2025-04-01 custom "coop" "rate" "house"
  value: 0.015
2021-01-01 custom "coop" "bylaw" "exit"
  years: 3
  interest: "house"
  deduct: 0.10
  deduct-to: Equity:Reserve
2021-01-01 custom "coop" "fund" "strike"
  account: Equity:Funds:Strike
  kind: "strike"
  movement: TRUE
2021-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages
"""


# Other bylaws under which the same must hold: what is replaced in RULES, and by what.
VARIANTS = {
    "as above": (),
    "all vintages alike, losses first": (
        ('redeem: "oldest-first"', 'redeem: "percent-of-all"\n  redeem-at-most: 0.25'),
        ("  years: 3\n", '  schedule: "12:0.5 30:0.5"\n  losses-first: TRUE\n'),
        ("  deduct-to: Equity:Reserve\n", "  deduct-to: Equity:Collective\n"),
    ),
    "members bear what the reserve cannot": (
        ("  share: 0.40\n", "  rest: TRUE\n"),
        ('  from: "members"\n  share: 0.50\n', '  from: "members"\n  rest: TRUE\n  against: "oldest-first"\n'),
        ('redeem: "oldest-first"', 'redeem: "oldest-first"\n  short: "pro-rata"'),
        ("  cash: 0.30\n", "  cash: 0\n"),
        ('  notice: "qualified"\n', ""),
    ),
}


def rules_of(variant: str) -> str:
    text = RULES
    for old, new in VARIANTS[variant]:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


# -- what may happen in a year -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Year:
    """What is drawn for one year; money in cents. `leaver` counts round the members, None where nobody leaves."""

    joins: int
    leaver: int | None
    hours: tuple[int, ...]
    outside: int
    result: int
    redeem: int
    correction: int


YEARS = st.builds(
    Year,
    joins=st.sampled_from([0, 0, 1, 2]),
    leaver=st.one_of(st.none(), st.integers(0, 9)),
    hours=st.lists(st.integers(1, 1900), min_size=7, max_size=7).map(tuple),
    outside=st.sampled_from([0, 0, 100, 777]),
    result=st.one_of(st.integers(1, 4_000_000), st.integers(-1_500_000, -1), st.sampled_from([1, 3, 1_000_000])),
    redeem=st.sampled_from([0, 1, 33_333, 250_000, 2_000_000]),
    correction=st.sampled_from([0, 0, -12_345, 7_777, -900_000, 1_000_001]),
)


# -- the ledger while it grows -------------------------------------------------------------------------------


def money(cents: int) -> str:
    return f"{Decimal(cents).scaleb(-2):.2f} USD"


def capitalised(person: str) -> str:
    return person[0].upper() + person[1:]


def capital(person: str) -> str:
    return f"{MEMBERS}:{capitalised(person)}"


class Sums:
    """Plain sums over the postings of a ledger, credits positive."""

    def __init__(self, entries: Iterable[object]) -> None:
        self.rows: dict[str, list[tuple[date, Decimal, frozenset[str]]]] = {}
        for entry in entries:
            if isinstance(entry, Transaction):
                for posting in entry.postings:
                    assert posting.units is not None
                    assert posting.units.number is not None
                    row = (entry.date, -posting.units.number, frozenset(entry.tags or ()))
                    self.rows.setdefault(posting.account, []).append(row)

    @property
    def last(self) -> date:
        """The last day with a posting."""
        return max(day for rows in self.rows.values() for day, _, _ in rows)

    def of(self, *parents: str, until: date = date.max, tag: str | None = None, since: date = date.min) -> Decimal:
        """What stands on accounts and all below them, of days from `since` to `until`, of all entries or those tagged."""
        total = NOTHING
        for account, rows in self.rows.items():
            if any(account == parent or account.startswith(parent + ":") for parent in parents):
                for day, amount, tags in rows:
                    if since <= day <= until and (tag is None or tag in tags):
                        total += amount
        return total

    def accounts(self, parent: str) -> list[str]:
        return sorted(account for account in self.rows if account.startswith(parent + ":"))

    def lowest(self, account: str) -> Decimal:
        """The lowest balance that an account had at a day's end."""
        ends: dict[date, Decimal] = {}
        stands = NOTHING
        for day, amount, _ in self.rows[account]:  # in the order of days
            stands += amount
            ends[day] = stands
        return min(ends.values())


def read(text: str) -> tuple[Cooperative, Sums]:
    """The books of a ledger, and its postings for sums that owe nothing to the library."""
    entries, errors, options = loader.load_string(text)
    assert errors == []
    return Cooperative.of(facts_of(entries, options, padded=True)), Sums(entries)


@dataclass
class Simulated:
    """The ledger as far as it is written, and who is a member."""

    text: str
    keeps_interest: bool
    waiting: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    joined: int = 0
    carried: Decimal = NOTHING
    total: Decimal = NOTHING
    coop: Cooperative = field(init=False)
    sums: Sums = field(init=False)

    def write(self, *texts: str | None) -> None:
        """One step: append, read the whole again, and hold every law that must hold at any time."""
        added = "".join(f"\n{text}\n" for text in texts if text)
        if added:
            self.text += added
            self.coop, self.sums = read(self.text)
            self.hold()

    # -- what must hold after every step

    def hold(self) -> None:
        assert [f"{each.place}: {each.message}" for each in self.coop.check().errors] == []
        of = self.sums.of
        # Every cent of assets less liabilities is somebody's: members', of all, of a fund, or not placed yet.
        owned = of(MEMBERS) + of(*COLLECTIVE) + of(*FUNDS) + of(*UNPLACED)
        assert owned == -of("Assets", "Liabilities")
        rows = self.coop.members().rows
        assert sorted(row.member for row in rows) == [f"m{number:02}" for number in range(1, self.joined + 1)]
        for row in rows:
            hold_row(self.sums, row, date.min, date.max)
        debts = self.coop.debts(self.sums.last).rows
        assert sum((Decimal(debt.balance) for debt in debts), NOTHING) == of(DEBTS)
        for account in (*self.sums.accounts(MEMBERS), *self.sums.accounts("Liabilities")):
            assert self.sums.lowest(account) >= 0, account

    def hold_statement(self, year: int) -> None:
        """The statement of a closed year against the postings up to its last day."""
        starts, ends = date(year, 1, 1), date(year, 12, 31)
        found = self.coop.equity(str(year))
        balances: dict[str, Decimal] = {}
        for line in found.rows:
            balances[line.line] = balances.get(line.line, NOTHING) + Decimal(line.balance)
        owners = {"members": (MEMBERS,), "collective": COLLECTIVE, "fund": FUNDS, "surplus": UNPLACED}
        assert balances == {line: self.sums.of(*parents, until=ends) for line, parents in owners.items()}
        assert Decimal(str(found.net_book_value)) == -self.sums.of("Assets", "Liabilities", until=ends)
        assert Decimal(str(found.difference)) == 0
        for row in self.coop.members(period=str(year)).rows:
            hold_row(self.sums, row, starts, ends)

    def hold_placed(self, until: date) -> None:
        """Of a surplus nothing is left to place after its close, of a loss never more than there was."""
        left = self.sums.of(*UNPLACED, until=until)
        assert left == 0 if self.total >= 0 else self.total <= left <= 0
        self.carried = left

    # -- what happens in a year, in its order

    def correct(self, year: int, cents: int) -> None:
        """Something of the year before is found, and the assembly opens that year again."""
        before = str(year - 1)
        found = f"""
{year}-01-10 * "Found later"
  of-period: "{before}"
  Assets:Bank  {money(cents)}
  {"Income:Sales" if cents > 0 else "Expenses:Costs"}
{year}-01-20 custom "coop" "decision" "amend-{before}"
  matter: "the accounts of {before} again"
  body: "assembly"
  for: 2
"""
        amended = read(self.text + found)[0].close(before, decision=f"amend-{before}")
        self.write(found, amended.transaction)
        self.total += Decimal(cents).scaleb(-2)
        self.hold_placed(date(year, 1, 20))

    def join(self, day: date) -> None:
        self.joined += 1
        person = f"m{self.joined:02}"
        self.members.append(person)
        self.write(f"""
{day} open {capital(person)}:Buyin
{day} custom "coop" "member" "{person}"
  wages: Expenses:Wages
  capital: {capital(person)}
{day} * "Buy-in"
  Assets:Bank  1000.00 USD
  {capital(person)}:Buyin""")

    def pay(self, day: date) -> None:
        """What members are owed in money, in time."""
        owed = {account: self.sums.of(account) for account in self.sums.accounts(OWED)}
        legs = [f"  {account}  {amount} USD" for account, amount in owed.items() if amount]
        if legs:
            self.write("\n".join([f'{day} * "Shares in money"', *legs, "  Assets:Bank"]))

    def leave(self, day: date, number: int) -> None:
        """Somebody goes; where losses come off first, the account waits for the end of the year."""
        person = self.members.pop(number % len(self.members))
        gone = f'{day} custom "coop" "exit" "{person}"\n  cause: "resignation"\n'
        if "losses-first" in self.text:
            self.waiting.append(person)
            self.write(gone)
        else:
            self.write(gone, read(self.text + gone)[0].exit(person).transaction)

    def settle(self, day: date) -> None:
        """Accounts that waited become debts, now that the year before is known."""
        if self.waiting:
            self.write(f'{day} * "Nothing but a day"\n  Assets:Bank  0.00 USD\n  Expenses:Costs  0.00 USD')
        while self.waiting:
            self.write(self.coop.exit(self.waiting.pop()).transaction)

    def pay_debts(self, day: date) -> None:
        """Every instalment on its day, all in one entry; the interest of each, as an expense, below it."""
        legs: list[str] = []
        for debt in self.coop.debts(day).rows:
            for each in debt.instalments:
                if each.due == str(day) and each.amount != "0.00":
                    assert each.paid == "0.00"
                    legs.append(f"  {DEBTS}:{capitalised(debt.member)}  {each.principal} USD")
                    legs.append(f"  Expenses:Interest  {each.interest} USD")
        if legs:
            self.write("\n".join([f'{day} * "Instalments of former members"', *legs, "  Assets:Bank"]))
            for debt in self.coop.debts(day).rows:
                assert debt.overdue == "0.00"
                assert all(each.paid in ("0.00", each.amount) for each in debt.instalments)

    def work(self, day: date, hours: tuple[int, ...], outside: int) -> None:
        """Everybody's hours; pay is in the drawn result."""
        people = {**dict(zip(self.members, hours * self.joined, strict=False)), "w01": outside}
        legs = [
            f'  Expenses:Wages  0.00 USD\n    worker: "{person}"\n    hours: {worked}\n    pay: "unpaid"'
            for person, worked in people.items()
            if worked
        ]
        self.write("\n".join([f'{day} * "Work of the year"', *legs, "  Assets:Bank  0.00 USD"]))

    def redeem(self, day: date, cents: int) -> None:
        if cents:
            found = self.coop.redemption(Decimal(cents).scaleb(-2), day, "Assets:Bank")
            assert Decimal(found.redeemed) == sum((Decimal(each.amount) for each in found.payouts), NOTHING)
            self.write(found.transaction)

    def earn(self, day: date, cents: int) -> None:
        account = "Income:Sales" if cents > 0 else "Expenses:Costs"
        self.write(f'{day} * "Sales less costs"\n  Assets:Bank  {money(cents)}\n  {account}')

    def book_interest(self, year: int) -> None:
        text = self.coop.interest(str(year)).transaction
        if text and self.keeps_interest:  # on the capital itself, as a vintage of this year
            for person in self.members:
                owed, kept = f"{OWED}:{capitalised(person)}", f"{capital(person)}:{year}"
                if f"  {owed} " in text:
                    text = re.sub(rf"(?m)^[0-9-]+ open {owed}\b.*\n", "", text)
                    text = f"{year}-12-31 open {kept}\n" + text.replace(f"  {owed} ", f"  {kept} ")
        self.write(text)
        assert self.coop.interest(str(year)).missing == "0.00"

    def close(self, year: int, correction: int) -> None:
        """By the library's own entry; what it had to place is the year's result and what was carried on."""
        since, until = date(year, 1, 1), date(year, 12, 31)
        result = self.sums.of("Income", "Expenses", since=since, until=until) - Decimal(correction).scaleb(-2)
        self.total = self.carried + result
        self.write(self.coop.close(str(year)).transaction)
        assert self.coop.close(str(year)).transaction is None
        self.hold_placed(until)
        self.hold_statement(year)

    def live(self, year: int, drawn: Year) -> None:
        """One year from January to its close."""
        corrected = drawn.correction if year > FIRST else 0
        if corrected:
            self.correct(year, corrected)
        self.settle(date(year, 2, 1))
        self.pay(date(year, 3, 15))
        for _ in range(drawn.joins):
            self.join(date(year, 4, 1))
        self.work(date(year, 5, 31), drawn.hours, drawn.outside)
        if drawn.leaver is not None and len(self.members) > 2:
            self.leave(date(year, 6, 15), drawn.leaver)
        self.pay_debts(date(year, 6, 15))
        self.redeem(date(year, 10, 1), drawn.redeem)
        self.earn(date(year, 12, 1), drawn.result)
        self.pay_debts(date(year, 12, 15))
        self.book_interest(year)
        self.close(year, corrected)


def hold_row(sums: Sums, row: Account, starts: date, ends: date) -> None:
    """A member's row of some days against the postings of these days."""
    account = capital(row.member)
    before = NOTHING if starts == date.min else sums.of(account, until=starts - timedelta(1))
    paid = sums.of(account, tag="coop-redeem", since=starts, until=ends)
    left = sums.of(account, tag="coop-exit", since=starts, until=ends)
    balance, interest, redeemed = Decimal(row.balance), Decimal(row.interest), Decimal(row.redeemed)
    assert Decimal(row.opening) == before
    assert interest == sums.of(account, tag="coop-interest", since=starts, until=ends)
    assert redeemed == -(paid + left)
    assert balance == sums.of(account, until=ends)
    assert balance == before + Decimal(row.credited) + interest - Decimal(row.losses) - redeemed
    stands = {name: sums.of(name, until=ends) for name in sums.accounts(account)}
    assert {each.account: Decimal(each.amount) for each in row.vintages} == {
        name: amount for name, amount in stands.items() if amount
    }


def plain(result: int, **other: int) -> Year:
    """A year in which little happens beside its result."""
    told = {"joins": 0, "outside": 0, "redeem": 0, "correction": 0} | other
    leaver = told.pop("leaver", None)
    return Year(leaver=leaver, hours=(1500, 1200, 900, 1, 700, 333, 1111), result=result, **told)


# A year of each sort: newcomers and leavers, a loss that the accounts can bear and one that they cannot, a correction
# that turns a surplus into a loss, one that adds to a loss, redemptions of less and of more than is due.
EVENTFUL = [
    plain(3_000_001, outside=777),
    plain(2_000_000, joins=2, correction=-12_345),
    plain(-500_000, leaver=1),
    plain(1_000_000, correction=-900_000),
    plain(200_000, redeem=33_333, leaver=0, joins=1),
    plain(-1_500_000, correction=-900_000, redeem=2_000_000),
    plain(-1_500_000, leaver=4),
    plain(4_000_000, joins=1, correction=7_777),
    plain(1, redeem=250_000),
    plain(2_500_000, correction=1_000_001, leaver=2, redeem=1),
]


# Years without a turn, in which somebody goes whose account becomes a debt only when the year is over.
QUIET = [plain(100_000, leaver=0) if year in (2, 5) else plain(100_000) for year in range(LAST - FIRST + 1)]


# A ledger of ten years is read some seventy times: few examples take as long as many of other tests.
# A failure is shown as it was found: making it smaller would read thousands of ledgers.
@settings(
    max_examples=300 if LONG else 8,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    variant=st.sampled_from(list(VARIANTS)),
    keeps_interest=st.booleans(),
    years=st.lists(YEARS, min_size=LAST - FIRST + 1, max_size=LAST - FIRST + 1),
)
@example(variant="as above", keeps_interest=False, years=EVENTFUL)
@example(variant="all vintages alike, losses first", keeps_interest=True, years=EVENTFUL)
@example(variant="members bear what the reserve cannot", keeps_interest=True, years=EVENTFUL)
@example(variant="all vintages alike, losses first", keeps_interest=True, years=QUIET)
def test_ten_years_of_a_cooperative(variant: str, keeps_interest: bool, years: list[Year]) -> None:
    books = Simulated(rules_of(variant), keeps_interest)
    for _ in range(FOUNDERS):
        books.join(date(FIRST, 1, 1))
    for year, drawn in enumerate(years, FIRST):
        books.live(year, drawn)
