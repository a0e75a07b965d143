"""What every test may use: a ledger written in the test itself, and the two lengths of the property tests."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from inspect import cleandoc
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from coopbooks.cooperative import Cooperative

# The short profile tries the same examples on every machine, so that a red run is red again for whoever looks
# at it. A machine under load is slow without being wrong: neither profile has a deadline.
settings.register_profile("short", deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "long", deadline=None, max_examples=5_000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
# A machine under load is no hostile ledger either; the tests of what such a ledger may take give it less.
os.environ["COOPBOOKS_SECONDS"] = "600"

settings.load_profile("long" if os.environ.get("COOPBOOKS_LONG") == "1" else "short")

# Files whose few tests take minutes. They go first: a file is never divided between two processes, and one that began
# last would leave the other processor idle.
LONGEST = (
    "test_browser_pages",
    "test_browser",
    "test_ten_years",
    "test_publish_page",
    "test_metamorphic",
    "test_statements",
    "test_issue3_cli",
    "test_oracle",
    "test_money",
    "test_publish_markers",
)


def pytest_collectstart() -> None:
    """Thousands of collected tests stay to the end: Python need not look for garbage among them while they are gathered."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Nor ever again while they run: from here on it looks at what the tests leave behind only."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, all else in its order."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONGEST)))


@pytest.fixture
def ledger(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., Path]:
    """Writes a ledger and returns its path: the text that is given, or else the docstring of the test.

    def test_it(ledger):
        path = ledger('''
            2025-01-01 open Assets:Bank
        ''')

    The first line with something in it is line 1, and the common indent is taken away. A second file is
    written beside the first by name: `ledger(text, "members.beancount")`.
    """

    def write(text: str | None = None, name: str = "main.beancount") -> Path:
        if text is None:
            assert request.function.__doc__, "a ledger needs a text: give it, or write it as the test's docstring"
            text = cleandoc(request.function.__doc__) + "\n"
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: the one that COOPBOOKS_CHROMIUM names, else `chromium` on the path; without it the tests fail."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("COOPBOOKS_CHROMIUM") or shutil.which("chromium")
    assert path, "these tests need Chromium: install it, or name it in COOPBOOKS_CHROMIUM"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def coop(ledger: Callable[..., Path]) -> Callable[..., Cooperative]:
    """Writes a ledger as `ledger` does, and loads it: `coop(text).wages()`."""

    def load(text: str | None = None) -> Cooperative:
        import coopbooks

        return coopbooks.load(ledger(text))

    return load
