"""The catalogue: every criterion of the audit, by id.

| family | module of `coopbooks.audit.criteria` |
|---|---|
| WAG, pay | `pay` |
| BKS, open and true books | `open_books` |
| SUR, surplus | `surplus` |
| GOV, who decides | `governance` |
| SUP, whom we buy from | `supply` |
| POL, political and movement spending | `politics` |
| ALY, alliances | `alliances` |
| EXP, probes | `probes` |
| RIT, rituals | `rituals` |
| AUD, the audit itself | `audits` |
| DEF, defence | `defence` |
| RHY, rhythm | `rhythm` |
"""

from __future__ import annotations

from functools import cache
from types import ModuleType

from coopbooks.audit.canonical import Plain, digest, number_text
from coopbooks.audit.criteria import (
    alliances,
    audits,
    defence,
    governance,
    open_books,
    pay,
    politics,
    probes,
    rhythm,
    rituals,
    supply,
    surplus,
)
from coopbooks.audit.criterion import Criterion
from coopbooks.parameters import PARAMETERS

__all__ = ["CATALOGUE", "VERSION", "catalogue_sha256"]

VERSION = "coopbooks-liberation/1.0"

_FAMILIES: tuple[ModuleType, ...] = (
    pay,
    open_books,
    surplus,
    governance,
    supply,
    politics,
    alliances,
    probes,
    rituals,
    audits,
    defence,
    rhythm,
)

CATALOGUE: dict[str, Criterion] = {
    each.id: each for family in _FAMILIES for each in vars(family).values() if isinstance(each, Criterion)
}
"""Every criterion by its id, in the order of the families and, within one, of its module."""


@cache
def catalogue_sha256() -> str:
    """Digest of what every criterion declares and of every parameter: two reports with one digest asked for the same."""
    declared: Plain = {
        "version": VERSION,
        "criteria": [_declared(each) for each in CATALOGUE.values()],
        "parameters": [
            {
                "name": each.name,
                "sort": each.sort,
                "default": number_text(each.default),
                "meaning": each.meaning,
                "origin": each.origin,
                "looser": each.looser,
            }
            for each in PARAMETERS.values()
        ],
    }
    return digest(declared)


def _declared(criterion: Criterion) -> Plain:
    words = {name: value for name, value in criterion._asdict().items() if name != "judge"}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in words.items()}
