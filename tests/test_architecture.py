"""The house rules that no type checker knows: which room may import which, what stays out of the plugins'
way, and that the library neither prints nor reads the clock.

Each rule is a function from one module's source to complaints. It is run over the whole tree, and once over a
snippet that breaks it, so that a rule which can no longer fail is noticed.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"coopbooks": "coopbooks"} | {name: f"coopbooks.{name}" for name in ("plugins", "reports", "ledgers")}

# A room imports rooms to its left. Rooms of one slot do not import one another.
ORDER = (
    ("rows",),
    ("errors",),
    ("money", "periods", "parameters", "ledgers"),
    ("records",),
    ("fact_rows",),
    ("facts_text",),
    ("facts",),
    ("statutes",),
    ("bylaws",),
    ("rules",),
    ("audit",),
    ("books",),
    ("federation",),
    ("answers",),
    ("audit_answers",),
    ("printed",),
    ("printed_audit",),
    ("cooperative",),
    ("reports",),
    ("plugins", "dashboard", "importers"),
    ("publish", "serve"),
    ("cli",),
    ("__main__",),
)
SLOT = {room: slot for slot, rooms in enumerate(ORDER) for room in rooms}
WEB = frozenset({"dashboard", "serve"})
BEANCOUNT = frozenset({"books", "plugins", "importers"}) | WEB
ONLY_IN = {
    **dict.fromkeys(("fava", "flask", "flask_babel", "werkzeug", "cheroot"), WEB),
    **dict.fromkeys(("beancount", "beanquery"), BEANCOUNT),
    "beangulp": frozenset({"importers"}),
}

# Every bean-check pays for what the plugins import at start; these four take longer than the rules do.
HEAVY = frozenset({"pandas", "pydantic", "click", "rich"})
LIGHT = tuple(
    f"coopbooks.{room}"
    for room in (
        *("rows", "errors", "money", "periods", "parameters", "records", "fact_rows", "facts"),
        *("statutes", "bylaws", "rules"),
        *("books.entries", "plugins"),
    )
)
OF_THE_CALENDAR = frozenset({"now", "today", "utcnow"})
CLOCKS = {
    **dict.fromkeys(("date", "datetime", "Timestamp"), OF_THE_CALENDAR),
    "time": frozenset({"ctime", "gmtime", "localtime", "strftime", "time", "time_ns"}),
}
# Where a reader's question comes in, as in a command: a page in the browser says what is due today.
ASKS_THE_DAY = "coopbooks.dashboard.extension"
LINES_MAX = 50


class Module(NamedTuple):
    """A module of the tree: its dotted name, where it stands, and its text."""

    name: str
    path: str
    text: str

    @property
    def room(self) -> str:
        """The part after `coopbooks.`; empty for the package itself."""
        return self.name.split(".")[1] if "." in self.name else ""


class Import(NamedTuple):
    """One imported name: its target, its line, and when it runs: at start, later, or for types only."""

    target: str
    line: int
    when: str


class _Imports(ast.NodeVisitor):
    """Collects imports wherever they stand, and `import_module("...")` with a written name."""

    def __init__(self, module: Module) -> None:
        self.found: list[Import] = []
        self.when = "start"
        is_package = module.path.endswith("__init__.py")
        self.package = module.name if is_package else module.name.rpartition(".")[0]

    def _inside(self, nodes: list[ast.stmt], when: str) -> None:
        before, self.when = self.when, when
        for node in nodes:
            self.visit(node)
        self.when = before

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._inside(node.body, "types" if self.when == "types" else "later")

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._inside(node.body, "types" if self.when == "types" else "later")

    def visit_If(self, node: ast.If) -> None:
        named = node.test.attr if isinstance(node.test, ast.Attribute) else getattr(node.test, "id", "")
        self._inside(node.body, "types" if named == "TYPE_CHECKING" else self.when)
        self._inside(node.orelse, self.when)

    def visit_Import(self, node: ast.Import) -> None:
        self.found += [Import(alias.name, node.lineno, self.when) for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = node.module or ""
        if node.level:
            above = self.package.split(".")[: len(self.package.split(".")) - node.level + 1]
            base = ".".join([*above, base]) if base else ".".join(above)
        self.found += [Import(f"{base}.{alias.name}", node.lineno, self.when) for alias in node.names]

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0] if node.args else None
        if name in ("import_module", "__import__") and isinstance(first, ast.Constant):
            self.found.append(Import(str(first.value), node.lineno, self.when))
        self.generic_visit(node)


def imports_of(module: Module) -> list[Import]:
    """Every import of a module, in the order of its text."""
    visitor = _Imports(module)
    visitor.visit(ast.parse(module.text))
    return visitor.found


def room_of(target: str) -> str:
    """The room that an import of coopbooks reaches; a public name of the package reaches the facade."""
    name = target.removeprefix("coopbooks").strip(".").split(".")[0]
    if name in SLOT or (name.startswith("__") and name != "__getattr__"):
        return name
    return "cooperative"


def turned_arrows(module: Module) -> Iterator[str]:
    """Imports of a room that does not stand to the left."""
    if not module.room:
        return
    for found in imports_of(module):
        reached = room_of(found.target)
        if found.target.split(".")[0] != "coopbooks" or reached == module.room or reached not in SLOT:
            continue
        if SLOT[reached] >= SLOT[module.room]:
            yield f"{module.path}:{found.line} imports {found.target}: {reached} is not left of {module.room}"


def strangers(module: Module) -> Iterator[str]:
    """Modules whose first name is no room."""
    if module.room and module.room not in SLOT:
        yield f"{module.path}: {module.room} is no room: give it a place in ORDER and in the architecture"


def early_imports(module: Module) -> Iterator[str]:
    """What `import coopbooks` would drag in."""
    if module.name != "coopbooks":
        return
    for found in imports_of(module):
        if found.when == "start" and found.target.split(".")[0] in {"coopbooks", *HEAVY, *ONLY_IN}:
            yield f"{module.path}:{found.line} imports {found.target} at start: load it when it is asked for"


def foreign_imports(module: Module) -> Iterator[str]:
    """Beancount, Fava and their kin outside of the rooms that may know them."""
    for found in imports_of(module):
        rooms = ONLY_IN.get(found.target.split(".")[0])
        if rooms is not None and module.room not in rooms:
            yield f"{module.path}:{found.line} imports {found.target}: only {', '.join(sorted(rooms))} may"


def heavy_imports(module: Module) -> Iterator[str]:
    """Slow imports at the start of a module that plugins load."""
    if not any(module.name == light or module.name.startswith(f"{light}.") for light in LIGHT):
        return
    for found in imports_of(module):
        if found.when == "start" and found.target.split(".")[0] in HEAVY:
            yield f"{module.path}:{found.line} imports {found.target} at start: plugins load this module"


def clocks_and_prints(module: Module) -> Iterator[str]:
    """Reading the clock and printing, which only commands do, and the page that stands for one."""
    if module.room in ("cli", "__main__") or module.name == ASKS_THE_DAY:
        return
    for found in imports_of(module):
        if found.target in {f"time.{name}" for name in CLOCKS["time"]}:
            yield f"{module.path}:{found.line} imports {found.target}: take the moment as an argument"
    for node in ast.walk(ast.parse(module.text)):
        match node:
            case ast.Call(func=ast.Name("print" | "pprint") | ast.Attribute(attr="print" | "pprint")):
                yield f"{module.path}:{node.lineno} prints: return what is to be said"
            case ast.Attribute(attr=name) if name in CLOCKS.get(ast.unparse(node.value).split(".")[-1], ()):
                yield f"{module.path}:{node.lineno} reads the clock: take the day as an argument"
            case _:
                pass


def long_functions(module: Module) -> Iterator[str]:
    """Functions that do not fit on a screen."""
    for node in ast.walk(ast.parse(module.text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LINES_MAX:
                yield f"{module.path}:{node.lineno} {node.name} has {lines} lines; {LINES_MAX} is the most"


def modules_in(folder: str, package: str) -> Iterator[Module]:
    """The modules under a folder, those behind links left out."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        parts = path.relative_to(ROOT / folder).with_suffix("").parts
        name = ".".join([package, *(part for part in parts if part != "__init__")])
        yield Module(name, path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))


Rule = Callable[[Module], Iterator[str]]
LIBRARY = [module for folder, package in FOLDERS.items() for module in modules_in(folder, package)]
TESTS = list(modules_in("tests", "tests"))
OF_THE_LIBRARY: tuple[Rule, ...] = (
    strangers,
    turned_arrows,
    early_imports,
    foreign_imports,
    heavy_imports,
    clocks_and_prints,
)


@pytest.mark.parametrize("rule", OF_THE_LIBRARY, ids=lambda rule: rule.__name__)
def test_the_library_keeps(rule: Rule) -> None:
    assert [complaint for module in LIBRARY for complaint in rule(module)] == []


def test_every_function_fits_on_a_screen() -> None:
    assert [complaint for module in LIBRARY + TESTS for complaint in long_functions(module)] == []


def test_every_folder_is_looked_at() -> None:
    assert {module.path.split("/")[0] for module in LIBRARY} == set(FOLDERS)


BROKEN: list[tuple[Rule, str, str]] = [
    (strangers, "coopbooks.helpers", ""),
    (turned_arrows, "coopbooks.facts", "from coopbooks.rules import pay"),
    (turned_arrows, "coopbooks.facts", "from coopbooks import rules"),
    (turned_arrows, "coopbooks.facts", "import coopbooks.rules.pay as pay"),
    (turned_arrows, "coopbooks.rules.pay", "from coopbooks import load"),
    (turned_arrows, "coopbooks.rules.pay", "import coopbooks"),
    (turned_arrows, "coopbooks.rules.pay", "from ..books import loading"),
    (turned_arrows, "coopbooks.rules.pay", "from .. import books"),
    (turned_arrows, "coopbooks.rules.pay", "def f():\n    from coopbooks.books import loading"),
    (
        turned_arrows,
        "coopbooks.rules.pay",
        "if TYPE_CHECKING:\n    from coopbooks.books.loading import Books",
    ),
    (turned_arrows, "coopbooks.rules.pay", "books = import_module('coopbooks.books')"),
    (turned_arrows, "coopbooks.money", "from coopbooks.periods import Period"),
    (turned_arrows, "coopbooks.plugins.wage_ratio", "from coopbooks.dashboard import pages"),
    (turned_arrows, "coopbooks.cli.demo", "from coopbooks.__main__ import main"),
    (turned_arrows, "coopbooks.ledgers", "from coopbooks.money import Unit"),
    (early_imports, "coopbooks", "from coopbooks.cooperative import load"),
    (early_imports, "coopbooks", "import pandas"),
    (early_imports, "coopbooks", "if True:\n    import beancount"),
    (foreign_imports, "coopbooks.reports.year", "from fava.core import FavaLedger"),
    (foreign_imports, "coopbooks.cli.demo", "def serve():\n    import cheroot.wsgi"),
    (foreign_imports, "coopbooks.rules.pay", "from beancount.core import data"),
    (foreign_imports, "coopbooks.books.entries", "import beangulp"),
    (heavy_imports, "coopbooks.rules.pay", "import pandas as pd"),
    (heavy_imports, "coopbooks.books.entries", "from pydantic import BaseModel"),
    (heavy_imports, "coopbooks.plugins.wage_ratio", "try:\n    import rich\nexcept ImportError:\n    pass"),
    (heavy_imports, "coopbooks.statutes", "class A:\n    import click"),
    (clocks_and_prints, "coopbooks.rules.pay", "day = date.today()"),
    (clocks_and_prints, "coopbooks.rules.pay", "day = datetime.datetime.now(tz=UTC)"),
    (clocks_and_prints, "coopbooks.reports.year", "at = time.time()"),
    (clocks_and_prints, "coopbooks.reports.year", "from time import time_ns"),
    (clocks_and_prints, "coopbooks.dashboard", "at = pandas.Timestamp.now()"),
    (clocks_and_prints, "coopbooks.answers", "day = Field(default_factory=date.today)"),
    (clocks_and_prints, "coopbooks.books.seal", "print('sealed')"),
    (clocks_and_prints, "coopbooks.books.seal", "builtins.print('sealed')"),
    (long_functions, "coopbooks.rules.pay", "def f():\n" + "    f()\n" * LINES_MAX),
    (long_functions, "coopbooks.rules.pay", "class A:\n    async def f():\n" + "        f()\n" * LINES_MAX),
]


@pytest.mark.parametrize(("rule", "name", "text"), BROKEN)
def test_a_broken_rule_is_seen(rule: Rule, name: str, text: str) -> None:
    assert len(list(rule(Module(name, name.replace(".", "/") + ".py", text)))) == 1


FINE: list[tuple[Rule, str, str]] = [
    (strangers, "coopbooks.rules.pay", ""),
    (turned_arrows, "coopbooks.rules.pay", "from coopbooks.rules.people import status"),
    (turned_arrows, "coopbooks.rules.pay", "from .people import status"),
    (turned_arrows, "coopbooks.rules.pay", "from coopbooks import facts, __version__\nimport math"),
    (turned_arrows, "coopbooks", "from coopbooks.cli import main"),
    (turned_arrows, "coopbooks.__main__", "from coopbooks.cli import main"),
    (turned_arrows, "coopbooks.cli.check", "from coopbooks import load\nimport coopbooks"),
    (
        early_imports,
        "coopbooks",
        "import importlib\nif TYPE_CHECKING:\n    from coopbooks.cooperative import load",
    ),
    (early_imports, "coopbooks", "def __getattr__(name):\n    from coopbooks.cooperative import load"),
    (foreign_imports, "coopbooks.dashboard", "from fava.ext import FavaExtensionBase"),
    (foreign_imports, "coopbooks.books.entries", "from beancount.core import data"),
    (heavy_imports, "coopbooks.rules.pay", "def frame():\n    import pandas"),
    (heavy_imports, "coopbooks.rules.pay", "if typing.TYPE_CHECKING:\n    import pandas"),
    (heavy_imports, "coopbooks.answers", "import pydantic"),
    (clocks_and_prints, "coopbooks.cli.today", "print(date.today())"),
    (clocks_and_prints, "coopbooks.rules.pay", "day = now(1)\nwhen = books.today\nfingerprint(day)"),
    (long_functions, "coopbooks.rules.pay", "def f():\n" + "    f()\n" * (LINES_MAX - 1)),
]


@pytest.mark.parametrize(("rule", "name", "text"), FINE)
def test_what_keeps_a_rule_is_let_through(rule: Rule, name: str, text: str) -> None:
    path = "__init__.py" if name == "coopbooks" else name.replace(".", "/") + ".py"
    assert list(rule(Module(name, path, text))) == []


def heavy_after(code: str) -> set[str]:
    """The slow libraries that a fresh Python has loaded once it has run the code."""
    ask = f"{code}\nimport sys\nsys.stdout.write(' '.join(set({sorted(HEAVY)}) & sys.modules.keys()))"
    ran = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_no_plugin_loads_what_is_slow() -> None:
    plugins = [module.name for module in LIBRARY if module.room == "plugins"]
    assert plugins
    assert heavy_after("import " + ", ".join(plugins)) == set()


def test_a_slow_import_is_seen() -> None:
    assert heavy_after("import click") == {"click"}
