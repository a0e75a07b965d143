"""How long `members` takes on 10,000 members with 10 vintages each, beyond the load of the ledger.

Nothing is asserted: the figures are printed beside their target. Run by `make bench`, or alone:

    python tests/bench/members.py [--members 10000] [--vintages 10] [--runs 3] [--file FILE]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent.parent
LAST_YEAR = 2025
MEMBERS_S_MAX = 2.0

_HEADER = """\
option "title" "Bench Mutual"
option "operating_currency" "USD"

{first} open Assets:Bank
{first} open Equity:Collective
{first} custom "coop" "bylaw" "capital"
  collective: "Equity:Collective"
  buy-in: 500.00 USD
  redeem-after: 5
  redeem: "oldest-first"
"""


def generate(members: int, vintages: int, seed: int = 20250101) -> str:
    """A ledger in which each member has a buy-in and so many vintages, of the oldest of which a part was paid back.

    The same seed gives the same text.
    """
    random = Random(seed)  # noqa: S311  # the same books each time, no secret
    first = LAST_YEAR - vintages
    ids = [f"m{number + 1:06d}" for number in range(members)]
    parts = [_HEADER.format(first=f"{first}-01-01"), *_people(ids, first)]
    for year in range(first + 1, LAST_YEAR + 1):
        parts += _credits(random, ids, year)
    return "\n".join([*parts, *_redeemed(random, ids, first + 1)]) + "\n"


def _people(ids: list[str], year: int) -> Iterator[str]:
    for person in ids:
        capital = f"Equity:Members:{person.capitalize()}"
        yield (
            f'{year}-01-01 custom "coop" "member" "{person}"\n  capital: {capital}\n'
            f"{year}-01-01 open {capital}:Buyin\n"
            f'{year}-01-01 * "Buy-in"\n  Assets:Bank  500.00 USD\n  {capital}:Buyin  -500.00 USD'
        )


def _credits(random: Random, ids: list[str], year: int) -> Iterator[str]:
    """What each member keeps of a year, brought in at once; a close would need hours of work for each."""
    amounts = [random.randrange(1_000, 500_000) for _ in ids]
    for person in ids:
        yield f"{year}-12-31 open Equity:Members:{person.capitalize()}:{year}"
    yield f'{year}-12-31 * "Kept of {year}"\n  Assets:Bank  {_money(sum(amounts))} USD'
    for person, amount in zip(ids, amounts, strict=True):
        yield f"  Equity:Members:{person.capitalize()}:{year}  {_money(-amount)} USD"


def _redeemed(random: Random, ids: list[str], year: int) -> Iterator[str]:
    amounts = [random.randrange(1, 1_000) for _ in ids]
    yield f'{LAST_YEAR}-12-31 * "Oldest capital" #coop-redeem\n  Assets:Bank  {_money(-sum(amounts))} USD'
    for person, amount in zip(ids, amounts, strict=True):
        yield f"  Equity:Members:{person.capitalize()}:{year}  {_money(amount)} USD"


def _money(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def bench_members(members: int = 10_000, vintages: int = 10, runs: int = 3) -> None:
    """Print how long loading takes, and what `members`, its queue and the book value take beyond it."""
    with TemporaryDirectory() as name:
        path = Path(name, "main.beancount")
        path.write_text(generate(members, vintages), encoding="utf-8")
        size = path.stat().st_size / 2**20
        print(f"members: {members:,} with {vintages} vintages each ({size:.1f} MiB)")
        loads, answers, equities = [], [], []
        for _ in range(runs):
            load_s, members_s, equity_s = _once(path)
            loads.append(load_s)
            answers.append(members_s)
            equities.append(equity_s)
    print(f"  CPU of the load      {median(loads):.2f} s")
    print(f"  CPU of members       {median(answers):.2f} s   target: at most {MEMBERS_S_MAX:.0f} s")
    print(f"  CPU of equity        {median(equities):.2f} s")


def _once(path: Path) -> tuple[float, float, float]:
    """CPU time in seconds of the load, of `members`, and of `equity` after it; fresh books each time."""
    from coopbooks import load

    start = time.process_time()
    coop = load(path)
    loaded = time.process_time()
    rows = coop.members().rows
    answered = time.process_time()
    assert sum(len(row.vintages) for row in rows) > len(rows), "members has no vintage to show"
    after = time.process_time()
    coop.equity(str(LAST_YEAR))
    return loaded - start, answered - loaded, time.process_time() - after


def main() -> None:
    """Print the figures, or with --file write the ledger alone."""
    parser = argparse.ArgumentParser(description="Measure what members' capital costs. Nothing is asserted.")
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--vintages", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--file", type=Path, help="write the ledger to this file, and measure nothing")
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if given.file:
        given.file.write_text(generate(given.members, given.vintages), encoding="utf-8")
    else:
        bench_members(given.members, given.vintages, given.runs)


if __name__ == "__main__":
    main()
