"""A criterion of the audit: its declaration and the function that judges it, as one value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from coopbooks.audit.judgement import Judgement
from coopbooks.rows import NamedTuple

if TYPE_CHECKING:
    from coopbooks.audit.ground import Ground

__all__ = ["Criterion", "Tier", "criterion"]

Tier = Literal["gate", "core", "practice"]
Judge = Callable[["Ground"], Judgement]


class Criterion(NamedTuple):
    """One criterion of the catalogue.

    `revolutionary`, `reformist` and `hostile` say what makes its label; `hostile` is None where no act or default can make
    it counter-revolutionary. `evidence` are the ways in which it is judged: "compute" from the books, "examine" papers,
    "interview" people; the panel may raise a label only where there is more than "compute". `parameters` are those of
    `coopbooks.parameters` that decide it, `clause` the lines of the source essays, as 002:59.
    """

    id: str
    tier: Tier
    title: str
    revolutionary: str
    reformist: str
    hostile: str | None
    evidence: tuple[str, ...]
    clause: str
    remedy: str
    parameters: tuple[str, ...]
    judge: Judge

    @property
    def family(self) -> str:
        """The three letters in front of its number."""
        return self.id[:3]


def criterion(
    id: str,  # noqa: A002  # the word of the report
    tier: Tier,
    title: str,
    *,
    revolutionary: str,
    reformist: str,
    hostile: str | None = None,
    evidence: str,
    clause: str,
    remedy: str,
    parameters: str = "",
) -> Callable[[Judge], Criterion]:
    """Makes a criterion of the function that judges it. `evidence` and `parameters` are words with spaces between."""

    def declared(judge: Judge) -> Criterion:
        return Criterion(
            id=id,
            tier=tier,
            title=title,
            revolutionary=revolutionary,
            reformist=reformist,
            hostile=hostile,
            evidence=tuple(evidence.split()),
            clause=clause,
            remedy=remedy,
            parameters=tuple(parameters.split()),
            judge=judge,
        )

    return declared
