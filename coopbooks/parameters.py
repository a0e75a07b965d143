"""Every parameter of the audit and of a duty: name, type, default and where the default comes from; declared once.

A cooperative sets one with `bylaw "<name>"` and its `value`. The list is closed: a name that is not here is an error.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from coopbooks.rows import NamedTuple

__all__ = ["PARAMETERS", "Parameter"]

Sort = Literal["number", "amount", "share"]
Side = Literal["higher", "lower"]


class Parameter(NamedTuple):
    """One setting: its unit stands in the name or in `meaning`; `default` is None where there is none.

    `looser` is the side on which the audit asks for less; an amount is a rule of the fund's own and has none. `least` and
    `most` are the bounds of a setting, themselves allowed.
    """

    name: str
    sort: Sort
    default: Decimal | None
    meaning: str
    origin: str
    looser: Side | None
    least: int = 0
    most: int | None = None

    @property
    def whole(self) -> bool:
        """Whether only whole numbers mean anything: days and months are counted."""
        return _unit(self.name) in ("days", "months")

    def stricter(self, one: Decimal, other: Decimal) -> Decimal:
        """Of two settings the one that asks for more; the first where the parameter has no looser side."""
        if self.looser is None:
            return one
        return min(one, other) if self.looser == "higher" else max(one, other)


def _table(*rows: tuple[str, Sort, str | None, str, str, Side | None]) -> dict[str, Parameter]:
    return {
        name: Parameter(
            name, sort, None if default is None else Decimal(default), meaning, origin, looser, *_bounds(name)
        )
        for name, sort, default, meaning, origin, looser in rows
    }


def _unit(name: str) -> str:
    """The unit that a parameter is counted in, which is the end of its name; an interval is one of months."""
    unit = name.replace("-", ".").rpartition(".")[2]
    return "months" if unit == "interval" else unit


def _bounds(name: str) -> tuple[int, int | None]:
    return _BOUNDS.get(name) or (0, _A_CENTURY.get(_unit(name)))


_BOUNDS = {"trigger.assembly-days": (1, 30)}
_A_CENTURY = {
    "hours": 876_000,
    "days": 36_500,
    "weeks": 5_200,
    "months": 1_200,
    "years": 100,
}  # no calendar goes further


_OWN = "chosen by coopbooks"
_ESSAY = "Revolutionary Worker Cooperatives and Sovereignty"  # the essay that the number is taken from

PARAMETERS = _table(
    ("trigger.days", "number", "30", "days to rewrite a policy after a verdict", _ESSAY, "higher"),
    ("trigger.assembly-days", "number", "7", "days to hold the emergency assembly after that", _OWN, "higher"),
    (
        "wage.ceiling",
        "number",
        "5",
        "highest cap that the audit calls modest",
        "Economy for the Common Good, C2.1",
        "higher",
    ),
    ("wage.hostile", "number", "20", "ratio from which pay is hostile", "Economy for the Common Good, C2.4", "higher"),
    ("surplus.substantial", "share", "0.30", "least share of surplus pre-committed to the movement", _OWN, "lower"),
    ("surplus.individual-max", "share", "0.50", "most of the surplus that goes to individuals", _ESSAY, "higher"),
    ("surplus.individual-hostile", "share", "0.80", "share of individuals from which it is hostile", _OWN, "higher"),
    (
        "takeover.threshold",
        "share",
        "0.10",
        "share of assets sold in 12 months that needs both majorities",
        _OWN,
        "higher",
    ),
    ("books.days", "number", "30", "days after a month's end by which its books are open", _OWN, "higher"),
    ("audit.interval", "number", "12", "months between two audits", _OWN, "higher"),
    ("refound.years", "number", "5", "years between re-founding votes", _OWN, "higher"),
    ("sunset.months", "number", "12", "months after which an alliance lapses", _OWN, "higher"),
    ("ally.floor", "number", "500", "contribution that needs a contract, in the operating currency", _OWN, "higher"),
    ("supply.stop-days", "number", "30", "days to stop buying after a violation", _OWN, "higher"),
    ("supply.screen-months", "number", "24", "months that a screening lasts", _OWN, "higher"),
    ("ally.max-share", "share", "0.25", "largest share of income from one ally", _OWN, "higher"),
    (
        "survival.days",
        "number",
        "30",
        "days to last without outside input",
        "Worker Sovereignty and Alliance Strategy in Movements",
        "lower",
    ),
    (
        "solidarity.hours",
        "number",
        "48",
        "hours to answer an alert",
        "Revolutionary Self-Management and Strategic Unity",
        "higher",
    ),
    (
        "debrief.hours",
        "number",
        "24",
        "hours to debrief after a probe",
        "Revolutionary Independence and Tactical Alliances",
        "higher",
    ),
    (
        "micro.days",
        "number",
        "29",
        "days between two micro-actions (3 more are grace)",
        "Militant Solidarity and Strike Strategy for Real Power",
        "higher",
    ),
    ("pivot.target-hours", "number", "48", "hours to a statement of one's own", _OWN, "higher"),
    ("strike.weeks", "number", "4", "weeks of strike pay that the fund should cover", _OWN, "lower"),
    ("strike.weekly-pay", "amount", None, "strike pay a person and week", "the fund's own rule", None),
    ("strike.weekly-health", "amount", None, "health cover a person and week in a strike", "the fund's own rule", None),
    ("core.breach-limit", "number", "2", "breaches of core criteria that decide the verdict", _OWN, "higher"),
    ("practice.tolerance", "number", "5", "practices below met that a verdict bears", _OWN, "higher"),
)
