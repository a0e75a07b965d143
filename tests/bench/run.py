"""How much CPU time and memory the plugins add to bean-check, and how long `members` and a split take.

Nothing is asserted and the exit code is 0: the figures are printed beside their targets. Pairs of runs,
without and with the plugin line, alternate, so that a busy machine slows both alike; CPU time is that of the
whole process, user and system.

    python tests/bench/run.py [--sizes 1000 10000 100000] [--runs 5] [--profile]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PLUGIN_LINE = 'plugin "coopbooks.plugins"\n'
IDLE_LINE = 'plugin "idle"\n'
BEAN_CHECK = "import sys; from beancount.scripts.check import main; sys.exit(main())"
CPU_RATIO_MAX, MEMORY_RATIO_MAX = 1.05, 1.10
TARGETS_FROM_SIZE = 10_000
MORE_MS_MAX, MORE_MS_SIZE = 60, 1_000
SPLIT_MEMBERS, SPLIT_UNITS, SPLIT_S_MAX = 1_000_000, 12_345_678_901, 1.0
BOOKS = {
    ("--open",): "no year closed",
    (): "two years closed, vowed and paid, with members' capital",
}
PROFILE_SIZE, PROFILE_LINES = 10_000, 25


class Cost(NamedTuple):
    """What one process took: CPU time of user and system in seconds, and its largest memory in MiB."""

    cpu_s: float
    peak_mib: float


def cost_of(arguments: Sequence[str], log: Path) -> tuple[Cost, int]:
    """Run this Python with the arguments, its output to `log`; what it took, and its exit code.

    A process starts with the peak of the one that starts it, so this program keeps small: whatever is large,
    the making of ledgers too, is done in processes of their own.
    """
    environment = {
        **os.environ,
        "BEANCOUNT_DISABLE_LOAD_CACHE": "1",
        # As in an installed program bytecode is kept: the warm-up compiles, the counted runs do not.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(log.parent / "bytecode"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
    with log.open("wb") as output:
        to_log = [(os.POSIX_SPAWN_DUP2, output.fileno(), stream) for stream in (1, 2)]
        command = [sys.executable, *arguments]
        process = os.posix_spawn(sys.executable, command, environment, file_actions=to_log)
        _, status, used = os.wait4(process, 0)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    cost = Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / unit)
    return cost, os.waitstatus_to_exitcode(status)


def ledgers(folder: Path, size: int, options: Sequence[str] = ()) -> tuple[Path, Path, Path] | None:
    """The ledger of that size: bare, with a plugin that does nothing, and with ours; None where it cannot be made.

    `options` are those of `generate.py`.
    """
    bare, idle, judged = (folder / f"{name}-{size}.beancount" for name in ("bare", "idle", "judged"))
    log = folder / "log"
    cost, code = cost_of([str(HERE / "generate.py"), str(size), str(bare), *options], log)
    if code:
        print(f"The ledger of {size:,} transactions could not be made:\n{tail(log)}")
        return None
    for path, line in ((idle, IDLE_LINE), (judged, PLUGIN_LINE)):
        path.write_text(line + bare.read_text(encoding="utf-8"), encoding="utf-8")
    books = BOOKS[tuple(options)]
    print(f"{size:,} transactions, {books} ({bare.stat().st_size / 2**20:.1f} MiB, made in {cost.cpu_s:.1f} s)")
    for path in (bare, idle, judged):  # the warm-up, which also shows whether the books are without errors
        if cost_of(["-c", BEAN_CHECK, str(path)], log)[1]:
            print(f"  NOTE: bean-check finds errors in {path.name}, so this is no fair figure:\n{tail(log)}")
    return bare, idle, judged


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, indented."""
    return "\n".join(f"    {line}" for line in log.read_text("utf-8", "replace").splitlines()[-lines:])


def spread(values: Sequence[float], form: str) -> str:
    """The median with the smallest and the largest value."""
    return f"{median(values):{form}} ({min(values):{form}}–{max(values):{form}})"


def bench_plugins(folder: Path, size: int, runs: int, options: Sequence[str]) -> None:
    """Print what the plugin line adds at one size, to books made with these options."""
    made = ledgers(folder, size, options)
    if made is None:
        return
    log = folder / "log"
    runs_of = [[cost_of(["-c", BEAN_CHECK, str(path)], log)[0] for path in made] for _ in range(runs)]
    pairs = [(bare, judged) for bare, _, judged in runs_of]
    idle = [idle.cpu_s / bare.cpu_s for bare, idle, _ in runs_of]
    if list(folder.glob(".*.picklecache")):
        print("  NOTE: Beancount wrote a cache file, so this is no fair figure")
    more_ms = [1000 * (with_.cpu_s - without.cpu_s) for without, with_ in pairs]
    has_target = size >= TARGETS_FROM_SIZE
    print(f"  CPU without    {spread([without.cpu_s for without, _ in pairs], '.3f')} s")
    print(f"  CPU with       {spread([with_.cpu_s for _, with_ in pairs], '.3f')} s")
    ratios = [with_.cpu_s / without.cpu_s for without, with_ in pairs]
    print(f"  CPU ratio of a plugin that does nothing: {spread(idle, '.3f')}")
    print(f"  CPU ratio      {spread(ratios, '.3f')}" + target(f"{CPU_RATIO_MAX:.2f}", applies=has_target))
    print(f"  CPU more       {spread(more_ms, '.0f')} ms" + target(f"{MORE_MS_MAX} ms", applies=size == MORE_MS_SIZE))
    memory = [with_.peak_mib / without.peak_mib for without, with_ in pairs]
    peak = f"{median([without.peak_mib for without, _ in pairs]):.0f} MiB without"
    print(f"  memory ratio   {spread(memory, '.3f')}, {peak}" + target(f"{MEMORY_RATIO_MAX:.2f}", applies=has_target))


def target(limit: str, *, applies: bool = True) -> str:
    """The target of a line, where it has one."""
    return f"   target: at most {limit}" if applies else ""


def bench_split(runs: int) -> None:
    """Print how long a sum takes to be split between a million members."""
    from decimal import Decimal
    from random import Random

    from coopbooks.money import split

    random = Random(1)  # noqa: S311  # the same hours each time, no secret
    quarters = [random.randrange(1, 8_000) for _ in range(SPLIT_MEMBERS)]
    for name, weights in (
        ("whole numbers", quarters),
        ("hours with two decimals", [Decimal(number) / 4 for number in quarters]),
    ):
        times = [cpu_s_of(partial(split, SPLIT_UNITS, weights)) for _ in range(runs + 1)][1:]
        print(f"split() of {SPLIT_MEMBERS:,} members, {name}")
        print(f"  CPU            {spread(times, '.2f')} s" + target(f"{SPLIT_S_MAX:.0f} s"))


def bench_members(folder: Path) -> None:
    """Print what `tests/bench/members.py` measures, in a process of its own."""
    log = folder / "log"
    cost_of([str(HERE / "members.py")], log)
    print(log.read_text("utf-8", "replace"), end="")


def cpu_s_of(work: Callable[[], object]) -> float:
    """CPU time of one call in seconds."""
    start = time.process_time()
    work()
    return time.process_time() - start


def profile_plugins(folder: Path) -> None:
    """Print where the plugins spend their time on a ledger that Beancount has already loaded."""
    import cProfile
    import pstats

    made = ledgers(folder, PROFILE_SIZE)
    if made is None:
        return
    print_import_cost(folder)
    os.environ["BEANCOUNT_DISABLE_LOAD_CACHE"] = "1"
    from beancount import loader

    from coopbooks import plugins

    entries, _, options = loader.load_file(str(made[0]))
    functions = [each if callable(each) else getattr(plugins, each) for each in plugins.__plugins__]
    with cProfile.Profile() as profile:
        for function in functions:
            function(entries, options)
    pstats.Stats(profile).sort_stats("tottime").print_stats(PROFILE_LINES)


def print_import_cost(folder: Path, runs: int = 5) -> None:
    """Print what importing the plugins adds to importing bean-check."""
    bare, judged = "import beancount.scripts.check", "import beancount.scripts.check, coopbooks.plugins"
    more = [
        1000 * (cost_of(["-c", judged], folder / "log")[0].cpu_s - cost_of(["-c", bare], folder / "log")[0].cpu_s)
        for _ in range(runs + 1)
    ][1:]
    print(f"  importing the plugins   {spread(more, '.0f')} ms")


def main() -> None:
    """Print every figure, or with --profile where the time goes."""
    parser = argparse.ArgumentParser(description="Measure what the plugins cost. Nothing is asserted.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000], metavar="N")
    parser.add_argument("--runs", type=int, default=5, help="counted runs after the warm-up (default: 5)")
    parser.add_argument("--profile", action="store_true", help="where the plugins spend their time, at 10,000")
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    with TemporaryDirectory() as name:
        folder = Path(name)
        if given.profile:
            profile_plugins(folder)
            return
        for size in given.sizes:
            for options in BOOKS:
                bench_plugins(folder, size, given.runs, options)
        bench_members(folder)
    bench_split(given.runs)


if __name__ == "__main__":
    main()
