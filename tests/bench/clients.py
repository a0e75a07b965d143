"""Twenty readers at once on the open book of a large ledger: how long each answer takes, how large, and what it costs.

The server is the program itself, in a process of its own; the readers are threads here, each with a connection that
stays open, as a browser's does. Addresses come in an order drawn from a seed. Nothing is asserted and the exit code is 0:
the figures are printed beside their targets.

    python tests/bench/clients.py [--size 10000] [--clients 20] [--requests 2000] [--runs 5]
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PLUGIN_LINE = 'plugin "coopbooks.plugins"\n'
P95_S_MAX, BYTES_MAX, GROWTH_MAX = 1.0, 500_000, 0.10
TIMEOUT_S = 900

PAGES = (
    "extension/OpenBook/?view=pay",
    "extension/OpenBook/?view=pay&period=2024-03",
    "extension/OpenBook/?view=pay&all=1",
    "extension/OpenBook/?view=surplus&period=2023",
    "extension/OpenBook/?view=surplus&period=2025",
    "extension/OpenBook/?view=funds",
    "extension/OpenBook/?view=givers",
    "extension/OpenBook/?view=mine&member=m00001",
    "extension/OpenBook/?view=mine&member=m00017",
    "extension/OpenBook/?view=due",
    "extension/OpenBook/?view=rules",
    "extension/OpenBook/style.css",
)
FAVA = (
    "income_statement/",
    "api/changed",
    "api/ledger_data",
    "api/income_statement?time=2024",
    "api/balance_sheet?time=2024",
    "api/trial_balance?time=2024-06",
    "account/Equity:Funds:Strike/",
    "api/account_report?a=Equity:Funds:Strike",
    "api/account_report?a=Expenses:Materials&time=2024-03",
    "api/errors",
)


class Answered(NamedTuple):
    """One request: its address, how it ended, and what it took."""

    address: str
    status: int
    size: int
    seconds: float


class Run(NamedTuple):
    """One run of all clients, and the server's memory before and after it, in MiB."""

    answers: list[Answered]
    seconds: float
    before_mib: float
    after_mib: float


@contextmanager
def server(ledger: Path, log: Path) -> Generator[tuple[int, str, subprocess.Popen[bytes]]]:
    """The open book of a ledger in a process of its own: its port and the ledger's name in addresses."""
    command = [sys.executable, "-m", "coopbooks", "serve", str(ledger), "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment, stdin=subprocess.DEVNULL)
    try:
        until = time.monotonic() + TIMEOUT_S
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)/([^/\s]+)/", log.read_text("utf-8", "replace"))):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"The open book did not start:\n{log.read_text('utf-8', 'replace')}")
            time.sleep(0.1)
        yield int(found[1]), found[2], process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(TIMEOUT_S)


def memory_mib(pid: int) -> float:
    """What a process holds in memory."""
    text = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    return int(text) / 1024


def ask(connection: HTTPConnection, slug: str, address: str) -> Answered:
    """One request, as a browser sends it."""
    start = time.perf_counter()
    try:
        connection.request("GET", f"/{slug}/{address}", headers={"Accept-Encoding": "gzip, br"})
        response = connection.getresponse()
        size = len(response.read())
        status = response.status
    except OSError:
        connection.close()
        status, size = 0, 0
    return Answered(address, status, size, time.perf_counter() - start)


def run(port: int, slug: str, pid: int, clients: int, requests: int) -> Run:
    """All clients at once, until each has sent its part of the requests."""
    answers: list[list[Answered]] = [[] for _ in range(clients)]

    def read(number: int) -> None:
        random = Random(number)  # noqa: S311  # the same order each time, no secret
        connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
        for _ in range(requests // clients):
            answers[number].append(ask(connection, slug, random.choice(PAGES + FAVA)))
        connection.close()

    before, start = memory_mib(pid), time.perf_counter()
    threads = [threading.Thread(target=read, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Run([each for own in answers for each in own], time.perf_counter() - start, before, memory_mib(pid))


def warm_up(port: int, slug: str) -> None:
    """Each address once, alone, with its size: what is not a plain answer is named."""
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    for address in PAGES + FAVA:
        answer = ask(connection, slug, address)
        note = "" if answer.status == 200 else f"   NOTE: status {answer.status}"
        print(f"  {address:<62} {answer.size / 1000:>7.1f} kB {answer.seconds:>7.3f} s{note}")
    connection.close()


def report(runs: Sequence[Run]) -> None:
    """Every figure over the runs: median, smallest and largest."""
    p95 = [quantiles([each.seconds for each in run.answers], n=20)[-1] for run in runs]
    every = [each for run in runs for each in run.answers]
    wrong = sorted({(each.address, each.status) for each in every if each.status != 200})
    growth = [run.after_mib / run.before_mib - 1 for run in runs]
    print(f"  requests       {len(every):,} in {len(runs)} runs")
    print(f"  p95            {spread(p95, '.3f')} s   target: at most {P95_S_MAX:.1f} s")
    print(f"  slowest        {max(each.seconds for each in every):.3f} s")
    print(f"  a second       {spread([len(run.answers) / run.seconds for run in runs], '.0f')} answers")
    print(f"  largest        {max(each.size for each in every) / 1000:.1f} kB   target: at most {BYTES_MAX // 1000} kB")
    print(f"  errors         {sum(each.status != 200 for each in every):,} {wrong or ''}   target: 0")
    whole = runs[-1].after_mib / runs[0].before_mib - 1
    print(f"  memory growth  {spread(growth, '.1%')} a run, {whole:.1%} over all   target: under {GROWTH_MAX:.0%}")
    print(f"  memory         {runs[0].before_mib:.0f} MiB before, {runs[-1].after_mib:.0f} MiB after")


def spread(values: Sequence[float], form: str) -> str:
    """The median with the smallest and the largest value."""
    return f"{median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description="Measure the open book under many readers. Nothing is asserted.")
    parser.add_argument("--size", type=int, default=10_000, help="transactions of the ledger (default: 10,000)")
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--requests", type=int, default=2_000, help="of a run, all clients together (default: 2,000)")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        ledger = Path(name) / "books.beancount"
        made = [sys.executable, str(HERE / "generate.py"), str(given.size), str(ledger)]
        subprocess.run(made, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
        ledger.write_text(PLUGIN_LINE + ledger.read_text("utf-8"), "utf-8")
        with server(ledger, Path(name) / "log") as (port, slug, process):
            print(f"{given.clients} clients on {given.size:,} transactions; each address once, alone:")
            warm_up(port, slug)
            run(port, slug, process.pid, given.clients, given.requests // 10)  # threads and caches are there now
            report([run(port, slug, process.pid, given.clients, given.requests) for _ in range(given.runs)])


if __name__ == "__main__":
    main()
