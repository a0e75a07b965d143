"""Two readers of one open book: one asks for the heaviest that the door lets through, again and again, the other for light pages.

How long the other one waits at most is what a visitor can do to everybody else. Nothing is asserted and the exit code is 0:
the figures are printed beside their target. No address of the first is asked for twice, so that nothing remembered helps.

    python tests/bench/two_clients.py [--sizes 10000 20000] [--runs 5] [--seconds 15]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # as pytest has it

from bench.clients import HERE, PLUGIN_LINE, ROOT, TIMEOUT_S, Answered, ask, server, spread

TICKS = os.sysconf("SC_CLK_TCK")

WAIT_S_MAX = 1.0
FIRST_DAY = date(2023, 7, 1)
WORDS = ",".join(f'note:"{"e" * 5}{sign}"' for sign in "bcdefghijklm").replace('"', "%22")

HEAVY = (
    "extension/OpenBook/?view=audit&as_of={day}",
    "extension/OpenBook/?view=pay&as_of={day}",
    "extension/OpenBook/?view=mine&member=m00001&as_of={day}",
    "extension/OpenBook/?view=surplus&as_of={day}",
    "extension/OpenBook/?view=rules&all=1&as_of={day}",
    "api/income_statement?interval=day&time={day}%20to%202025-06-30",
    "api/balance_sheet?interval=week&time={day}%20to%202025-12-31",
    "api/trial_balance?time={day}%20to%202025-12-31",
    "api/account_report?a=Assets&interval=week&time={day}%20to%202025-12-31",
    "api/account_report?a=Assets&r=balances&interval=week&time={day}%20to%202025-12-31",
    "api/account_report?a=Assets&account=A&conversion=units&x={number}",
    f"api/journal_page?page=1&order=asc&filter={WORDS},note:%22{{number}}%22",
)
LIGHT = (
    "income_statement/",
    "journal/",
    "api/changed",
    "api/errors",
    "api/ledger_data",
    "extension/OpenBook/style.css",
    "extension/OpenBook/?view=funds",
    "extension/OpenBook/?view=givers",
    "extension/OpenBook/?view=due",
    "extension/OpenBook/?view=audit",
    "extension/OpenBook/?view=surplus",
    "api/journal_page?page=1&order=desc",
)


def heavy() -> Iterator[str]:
    """The heaviest addresses in turn, with another day each."""
    for number in count():
        day = FIRST_DAY + timedelta(days=number)
        yield HEAVY[number % len(HEAVY)].format(day=day, number=f"z{number}")


class Waited(NamedTuple):
    """One request of the light reader, and the time that the server's process had of the processors meanwhile."""

    answered: Answered
    worked: float


def worked(pid: int) -> float:
    """The seconds for which a process had a processor so far; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def lightest(port: int, slug: str, pid: int, seconds: float) -> list[Waited]:
    """What the light reader gets in so many seconds, with a tenth of a second to look at each page."""
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    answers: list[Waited] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        before = worked(pid)
        answered = ask(connection, slug, LIGHT[len(answers) % len(LIGHT)])
        answers.append(Waited(answered, worked(pid) - before))
        time.sleep(0.1)
    connection.close()
    return answers


def warm_up(port: int, slug: str) -> None:
    """Each light page once: who comes first after the start has it made."""
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    for address in LIGHT:
        ask(connection, slug, address)
    connection.close()


def beside(
    port: int, slug: str, pid: int, seconds: float, addresses: Iterator[str]
) -> tuple[list[Waited], list[Answered]]:
    """What the light reader and the heavy one get beside each other."""
    heavies: list[Answered] = []
    ends = threading.Event()

    def again_and_again() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
        while not ends.is_set():
            heavies.append(ask(connection, slug, next(addresses)))
        connection.close()

    thread = threading.Thread(target=again_and_again)
    thread.start()
    try:
        return lightest(port, slug, pid, seconds), heavies
    finally:
        ends.set()
        thread.join()


def told(what: str, runs: Sequence[list[Waited]], *, bound: bool = True) -> None:
    """The figures of one kind of run, and what was no plain answer."""
    answers = [each for run in runs for each in run]
    waits = [max(each.answered.seconds for each in run) for run in runs]
    target = f"   target: at most {WAIT_S_MAX:.1f} s" if bound else ""
    print(f"  {what:<35} longest wait {spread(waits, '.3f')} s over {len(waits)} runs{target}")
    slowest = max(answers, key=lambda each: each.answered.seconds).answered
    print(
        f"    median {median(each.answered.seconds for each in answers):.3f} s; the longest was for {slowest.address}"
    )
    busy = [max(each.worked for each in run) for run in runs]
    print(
        f"    while it waited the server worked  {spread(busy, '.3f')} s at most: the wait on a machine without other work"
    )
    if wrong := sorted(
        {(each.answered.address, each.answered.status) for each in answers if each.answered.status != 200}
    ):
        print(f"    NOTE: {wrong}")


def measure(size: int, runs: int, seconds: float) -> None:
    """Every figure for one size of ledger."""
    with TemporaryDirectory() as name:
        ledger = Path(name) / "books.beancount"
        made = [sys.executable, str(HERE / "generate.py"), str(size), str(ledger)]
        subprocess.run(made, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
        ledger.write_text(PLUGIN_LINE + ledger.read_text("utf-8"), "utf-8")
        with server(ledger, Path(name) / "log") as (port, slug, process):
            pid = process.pid
            print(f"Two clients on {size:,} transactions:")
            warm_up(port, slug)
            told("light pages alone", [lightest(port, slug, pid, seconds) for _ in range(runs)], bound=False)
            addresses = heavy()
            both = [beside(port, slug, pid, seconds, addresses) for _ in range(runs)]
            told("beside the heavy reader", [light for light, _ in both])
            heavies = [each for _, own in both for each in own]
            slowest = max(heavies, key=lambda each: each.seconds)
            print(
                f"    of the heavy reader's {len(heavies):,} the longest took {slowest.seconds:.3f} s: {slowest.address}"
            )
            changed = []
            for _ in range(runs):
                ledger.write_text(ledger.read_text("utf-8") + "; saved again\n", "utf-8")
                changed.append(beside(port, slug, pid, seconds, addresses)[0])
            told("and while a changed ledger is read", changed)


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description="Measure how long a light reader waits beside a heavy one.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 20_000], help="transactions of the ledgers")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=15.0, help="of a run (default: 15)")
    given = parser.parse_args()
    for size in given.sizes:
        measure(size, given.runs, given.seconds)


if __name__ == "__main__":
    main()
