"""Judges a ledger by each plugin while it notes what the process opens and whether it asks the clock; prints JSON.

A process of its own, since it never loses an audit hook again, and threads that begin together disturb one another under
one: where coverage is measured, Python 3.11 then ends a thread before its first line.

    python tests/plugin_watch.py LEDGER PLUGIN ...
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from beancount import loader

from coopbooks.rules import check


def call(name: str, entries: Sequence[Any], options: dict[str, Any], *config: str) -> tuple[Sequence[Any], list[Any]]:
    """Call a plugin as Beancount does."""
    module = import_module(f"coopbooks.plugins{'.' + name if name else ''}")
    (function,) = module.__plugins__
    answer: tuple[Sequence[Any], list[Any]] = getattr(module, function)(entries, options, *config)
    return answer


def fail(*_: object) -> list[Any]:
    """A family of rules with a fault of its own."""
    raise ZeroDivisionError("a fault of ours")


class _Watch:
    """What the process opens or asks the clock for while it is on."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[str] = []
        sys.addaudithook(self.audit)

    def audit(self, event: str, args: tuple[Any, ...]) -> None:
        if self.on and event.partition(".")[0] in ("open", "os", "socket", "subprocess", "shutil", "glob", "import"):
            self.seen.append(f"{event} {args[:1]}")

    def profile(self, _: Any, event: str, function: Any) -> None:
        if event == "c_call":
            owner = getattr(function, "__self__", None)
            of_the_calendar = isinstance(owner, type) and issubclass(owner, date)
            if function.__module__ == "time" or (of_the_calendar and function.__name__ in ("now", "today", "utcnow")):
                self.seen.append(f"clock: {function}")

    @contextmanager
    def watching(self) -> Generator[list[str]]:
        self.seen, self.on = [], True
        sys.setprofile(self.profile)
        try:
            yield self.seen
        finally:
            sys.setprofile(None)
            self.on = False


def main(ledger: str, names: Sequence[str]) -> None:
    """Print what was seen under "control", where a file is read and the clock asked twice, and under each plugin's name."""
    entries, _, options = loader.load_file(ledger)
    for name in names:
        call(name, entries, options)  # modules that are loaded when first needed
    watch = _Watch()
    with watch.watching() as control:
        Path(ledger).read_text(encoding="utf-8")
        date.today()  # noqa: DTZ011
        time.time()
    told = {"control": control}
    for name in names:
        with watch.watching() as told[f"plugin {name}"]:
            call(name, entries, options)
    check.FAMILIES["records"] = fail
    for name in names:
        with watch.watching() as told[f"plugin {name} that fails"]:
            call(name, entries, options)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
