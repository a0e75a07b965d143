"""One criterion of the audit on a ledger given as text, without the rest of an audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from beancount import loader

from coopbooks.audit.cases import Case
from coopbooks.audit.catalogue import CATALOGUE
from coopbooks.audit.ground import Ground, History
from coopbooks.audit.judgement import Judgement
from coopbooks.audit.profiles import FULL
from coopbooks.audit.triggers import Trigger
from coopbooks.books.entries import facts_of
from coopbooks.bylaws import Bylaws
from coopbooks.rules.check import findings_of
from coopbooks.rules.surplus import Surpluses


class Before(History):
    """The audits before, as a test states them."""

    def __init__(
        self,
        earlier: Sequence[Case] = (),
        triggers: Sequence[Trigger] = (),
        outcomes: dict[tuple[str, str], str] | None = None,
    ) -> None:
        self.cases, self.clocks, self.outcomes = earlier, triggers, outcomes or {}

    @property
    def earlier(self) -> Sequence[Case]:
        return self.cases

    def triggers(self) -> Sequence[Trigger]:
        return self.clocks

    def outcome_of(self, case: Case, criterion: str) -> str:
        return self.outcomes.get((case.id, criterion), "met")


def ground_of(
    text: str,
    as_of: date,
    window: str = "2025",
    *,
    history: History | None = None,
    case: Case | None = None,
) -> Ground:
    """The ground of an audit of a fiscal year of a ledger on a day."""
    entries, errors, options = loader.load_string(text, dedent=True)
    assert not errors, errors[:3]
    facts = facts_of(entries, options, padded=True).until(as_of)
    rules = Bylaws(facts)
    return Ground(
        Surpluses(rules),
        rules.calendar.named(window),
        as_of,
        findings=findings_of(facts),
        profile=FULL,
        history=history or Before(),
        case=case,
    )


def judged(text: str, criterion: str, as_of: date, window: str = "2025", **more: object) -> Judgement:
    """What one criterion says of a ledger on a day."""
    return CATALOGUE[criterion].judge(ground_of(text, as_of, window, **more))  # type: ignore[arg-type]
