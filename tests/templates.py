"""Every message that the source can give, as the parts of it that are always the same; for `tests/test_broken.py`.

A message is the text of a finding or of an exception. It is followed to where it is written: through a variable, both
branches of a condition, a list that it is appended to, and functions of the same module that return or yield it. What
stands in braces may be anything, but where that is again a text of the source, it is a template too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Template", "templates_of"]

# Which argument of a call is a message.
MESSAGES = {
    **dict.fromkeys(("CoopbooksError", "FormError", "LedgerUnusable", "NothingToShareBy", "SplitRefused"), 0),
    **dict.fromkeys(("SurplusRefused", "UnknownName", "UnknownPeriod"), 0),
    "DrawRefused": 0,
    "Fault": 1,  # of a lottery: the end of a finding
    "Finding": 2,
    "find": 2,  # a finding about the law
    "_found": 1,  # a finding at a payment
    "_pay_fault": 1,  # a finding at a posting of pay
}
# A function that yields texts yields messages, however far from a finding it stands.
YIELDS_TEXT = "Iterator[str]"


class Template(NamedTuple):
    """Parts of a message, in their order, with anything between them, and the line where they are written."""

    line: int
    parts: tuple[str, ...]

    def is_in(self, text: str) -> bool:
        """Whether a text holds all parts in this order."""
        return re.search(".*".join(map(re.escape, self.parts)), text) is not None


def templates_of(source: str) -> list[Template]:
    """Every template of one module, in the order of its lines."""
    return sorted(set(_Search(ast.parse(source)).templates()))


def _called(node: ast.AST) -> str:
    """The last name of what a call calls."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


class _Search:
    """One module, and where each of its nodes stands."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        self.inside: dict[ast.AST, ast.FunctionDef] = {}
        for function in self.functions.values():  # an inner function comes after the one around it
            self.inside.update(dict.fromkeys(ast.walk(function), function))
        self.seen: set[ast.AST] = set()

    def templates(self) -> Iterator[Template]:
        """The templates of every message."""
        for node in ast.walk(self.tree):
            place = MESSAGES.get(_called(node))
            if place is not None and isinstance(node, ast.Call) and len(node.args) > place:
                yield from self.written(node.args[place])
        for function in self.functions.values():
            if function.returns is not None and ast.unparse(function.returns) == YIELDS_TEXT:
                yield from self.given(function)

    def written(self, node: ast.AST) -> Iterator[Template]:
        """The templates that an expression comes from."""
        if node in self.seen:
            return
        self.seen.add(node)
        if isinstance(node, ast.Constant | ast.JoinedStr):
            yield from self.text(node)
        elif isinstance(node, ast.Name):
            yield from self.variable(node)
        elif _called(node) in self.functions:
            yield from self.given(self.functions[_called(node)])
        elif isinstance(node, ast.IfExp | ast.BoolOp | ast.BinOp) or _called(node) == "next":
            for child in ast.iter_child_nodes(node):
                yield from self.written(child)

    def text(self, node: ast.Constant | ast.JoinedStr) -> Iterator[Template]:
        values = node.values if isinstance(node, ast.JoinedStr) else [node]
        texts = [value.value for value in values if isinstance(value, ast.Constant)]
        parts = tuple(text.strip() for text in texts if isinstance(text, str) and re.search(r"[a-z]{2}", text))
        if parts:
            yield Template(node.lineno, parts)
        for value in values:
            if isinstance(value, ast.FormattedValue):
                yield from self.written(value.value)

    def variable(self, name: ast.Name) -> Iterator[Template]:
        """What is assigned or appended to a name, or walks through it, in its function or at the module's head."""
        for node in (*self.tree.body, *(ast.walk(self.inside[name]) if name in self.inside else ())):
            pairs: list[tuple[ast.AST, ast.AST]] = []
            if isinstance(node, ast.Assign):
                pairs = [(target, node.value) for target in node.targets]
            elif isinstance(node, ast.NamedExpr):
                pairs = [(node.target, node.value)]
            elif isinstance(node, ast.For | ast.comprehension):
                pairs = [(node.target, node.iter)]
            elif _called(node) == "append" and isinstance(node, ast.Call):
                pairs = [(child, node.args[0]) for child in ast.iter_child_nodes(node.func)]
            for target, value in pairs:
                yield from self.assigned(name.id, target, value)

    def assigned(self, name: str, target: ast.AST, value: ast.AST) -> Iterator[Template]:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for each, its in zip(target.elts, value.elts, strict=False):
                yield from self.assigned(name, each, its)
        elif isinstance(target, ast.Name) and target.id == name:
            yield from self.written(value)

    def given(self, function: ast.FunctionDef) -> Iterator[Template]:
        """What a function returns or yields."""
        if function in self.seen:
            return
        self.seen.add(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom) and node.value is not None:
                yield from self.written(node.value)
