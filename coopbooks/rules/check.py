"""Every rule over one set of facts. Each function is one family; a plugin asks for its own, `check` for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from coopbooks.bylaws import Bylaws
from coopbooks.errors import CoopbooksError, Finding, NothingToShareBy, Place
from coopbooks.facts import Facts
from coopbooks.records import bylaws, surplus
from coopbooks.records.base import Record
from coopbooks.records.reading import KINDS
from coopbooks.rules.capital import debited, vintage_findings
from coopbooks.rules.close import close_findings, refuse_open_questions
from coopbooks.rules.funds import fund_findings
from coopbooks.rules.pay import ratio_findings
from coopbooks.rules.payments import payment_findings
from coopbooks.rules.references import reference_findings
from coopbooks.rules.succession import succession_findings
from coopbooks.rules.surplus import Surpluses

__all__ = ["FAMILIES", "Judge", "findings_of"]

Judge = Callable[[Bylaws], list[Finding]]


def records_family(rules: Bylaws) -> list[Finding]:
    """The form of records, their references, how they follow one another, and what postings of ally money must say."""
    records = [fault for fault in rules.facts.faults if fault.rule == "records"]
    found = [*rules.facts.form_findings, *records, *reference_findings(rules), *succession_findings(rules)]
    if rules.facts.gifts:
        from coopbooks.rules.alliances import gift_findings

        found += gift_findings(rules)
    if rules.ids("violation"):
        from coopbooks.rules.suppliers import supplier_findings

        found += supplier_findings(rules)
    if rules.facts.by_kind.keys() & _REFERRING or any(map(_answers_a_trigger, rules.facts.records)):
        from coopbooks.rules.audit_references import audit_reference_findings

        found += audit_reference_findings(rules)
    if rules.ids("lottery-call"):
        from coopbooks.rules.lottery import lottery_findings

        found += lottery_findings(rules)
    return found


def _answers_a_trigger(record: Record) -> bool:
    written = vars(record)
    return "closes" in written or "answers" in written


_REFERRING = frozenset(
    """
    lottery-call lottery-draw auditor audit finding flag verdict publication response derogation profile snapshot access
    action delegate caucus refusal debrief solidarity
    """.split()
)
"""The kinds of `audit_references`, by name: books without any of them, and without an answer to a trigger, do not import it."""


def wage_ratio_family(rules: Bylaws) -> list[Finding]:
    """Who was paid, for which hours, and whether the ratio keeps its cap."""
    return [*(fault for fault in rules.facts.faults if fault.rule == "pay"), *ratio_findings(rules)]


def surplus_family(rules: Bylaws) -> list[Finding]:
    """The surplus of every year, its closes, and every payment of a share.

    Where a record or a posting that decides about the surplus cannot be read, what a close should have placed is not
    known: a figure that is right would be called wrong. That is the one finding then, until it is mended.
    """
    years = rules.memo.get("surpluses") or rules.memo.setdefault("surpluses", Surpluses(rules))
    misread = _misread(rules.facts)
    findings = close_findings(years, amounts=misread is None)
    if misread is None:
        findings += _refusals(years, {finding.place for finding in findings})
    elif rules.facts.closes:
        findings.append(Finding(misread, "surplus", _NOT_JUDGED))
    wrong = {name for name in rules.facts.closes if _is_wrong(rules, name, findings)}
    if misread is None:
        findings += _leavers_and_notices(years)
    return findings + payment_findings(years, wrong)


def _leavers_and_notices(years: Surpluses) -> list[Finding]:
    """What is wrong with exits, debts to former members and written notices; books without them pay nothing for it."""
    rules = years.rules
    found: list[Finding] = []
    debts = rules.facts.roots.former_members
    if rules.facts.under(debts) or any(len(history) > 1 for history in rules.people.values()):
        from coopbooks.rules.debts import debt_findings
        from coopbooks.rules.exits import exit_findings

        found += exit_findings(years) + debt_findings(rules)
    if any(rule.notice != "none" for rule in rules.every(bylaws.Surplus)):
        from coopbooks.rules.notices import notice_findings

        found += notice_findings(years)
    return found


_NOT_JUDGED = 'this cannot be read, so no close can be judged by it: look what `plugin "coopbooks.plugins"` says here, and mend it'
_OF_THE_SURPLUS = "member worker exit rate allocation loss resolution contribution adjustment decline".split()
_BESIDE_THE_SURPLUS = frozenset(KINDS).difference(_OF_THE_SURPLUS)


def _misread(facts: Facts) -> Place | None:
    """The first record or posting that decides about the surplus and cannot be read."""
    wrong = {finding.place for finding in (*facts.form_findings, *facts.faults)}
    beside = (
        {row.place for row in facts.written if row.values and row.values[0] in _BESIDE_THE_SURPLUS} if wrong else set()
    )
    return min(wrong - beside, default=None)


def _is_wrong(rules: Bylaws, name: str, findings: Sequence[Finding]) -> bool:
    if not findings:
        return False
    places = {place for move in rules.facts.closes[name] for place in (move.place, *(leg.place for leg in move.legs))}
    return any(finding.place in places for finding in findings)


def _refusals(years: Surpluses, told: set[Place]) -> list[Finding]:
    """Rules of surplus that cannot be computed; what only a young year lacks is no error before its close."""
    for year in years.years:
        try:
            found = years.of(year.name)
            if year.name in years.closed_periods:
                refuse_open_questions(years, found)
        except NothingToShareBy:
            return []
        except CoopbooksError as error:
            closes = years.rules.facts.closes.get(year.name, ())
            place = error.place or (closes[0].place if closes else _first_place(years.rules.facts))
            return [] if place in told else [Finding(place, "surplus", error.message)]
    return []


def funds_family(rules: Bylaws) -> list[Finding]:
    """What the movement funds refuse."""
    return fund_findings(rules)


def statutes_family(rules: Bylaws) -> list[Finding]:
    """What the law behind the books asks for, and the cooperative's own rules do not keep.

    Books that name no law pay for nothing of it, not even for the import.
    """
    kinds: tuple[type[Record], ...] = (surplus.Allocation, surplus.Loss, surplus.Fund, bylaws.Surplus)
    names_law = "statute" in rules.ids("bylaw")
    if not names_law and not any("meets" in vars(record) for cls in kinds for record in rules.every(cls)):
        return []
    from coopbooks.rules.minimums import minimum_findings

    return minimum_findings(rules)


def capital_family(rules: Bylaws) -> list[Finding]:
    """Members' capital: its order, what came in, its interest, and that with the collective accounts it is the book value.

    Books pay only for what they ask: a rule is imported where a bylaw or an entry gives it something to judge.
    """
    findings = vintage_findings(rules)
    bylaw, facts = rules.every(bylaws.Capital), rules.facts
    if not bylaw:
        return findings
    years = rules.memo.get("surpluses") or Surpluses(rules)
    if debited(rules):
        from coopbooks.rules.queue import queue_findings

        findings += queue_findings(rules)
    if any(rule.buy_in or rule.entry_fee for rule in bylaw):
        from coopbooks.rules.buy_in import buy_in_findings

        findings += buy_in_findings(rules)
    promised = any(rule.interest is not None for rule in bylaw)
    if promised or any("coop-interest" in move.tags for move in facts.movements):
        from coopbooks.rules.interest import interest_findings

        findings += interest_findings(years)
    if facts.closes and any(rule.collective for rule in bylaw):
        from coopbooks.rules.equity import book_value_findings

        findings += book_value_findings(years)
    return findings


def seal_family(rules: Bylaws) -> list[Finding]:
    """Whether every sealed year is as it was sealed; books without a seal do not import this."""
    if not rules.ids("seal"):
        return []
    from coopbooks.rules.seals import seal_findings

    return seal_findings(rules)


FAMILIES: dict[str, Judge] = {
    "records": records_family,
    "wage_ratio": wage_ratio_family,
    "surplus": surplus_family,
    "funds": funds_family,
    "capital": capital_family,
    "statutes": statutes_family,
    "seal": seal_family,
}
"""The families of rules by the name of their plugin."""


def findings_of(facts: Facts, families: Iterable[str] = tuple(FAMILIES), known: Bylaws | None = None) -> list[Finding]:
    """What the families of rules find, in the order of the books; one sentence stands only once, and on one line.

    A ledger without coop records has nothing to judge. Where the books name no currency, that is the one finding.
    Where a record itself is wrong, what other rules cannot do with it is left out: one mistake, one message. `known` are
    the rules of these facts where somebody has them already, with what was computed from them.
    """
    if not facts.any_record:
        return []
    rules = known or Bylaws(facts)
    found: list[Finding] = []
    try:
        for name in families:
            if name != "records" and facts.currency is None:
                found.append(_no_currency(facts))
            else:
                found += FAMILIES[name](rules)
    finally:
        if known is None:
            rules.memo.clear()  # what it holds refers back to the rules; without it all is freed at once
    wrong = {finding.place for finding in found if finding.rule in ("records", "pay")}
    told = {
        finding._replace(message=" ".join(finding.message.split()))
        for finding in found
        if finding.rule in ("records", "pay") or finding.place not in wrong
    }
    return sorted(told, key=lambda finding: (finding.place, finding.rule, finding.message))


def _no_currency(facts: Facts) -> Finding:
    try:
        facts.unit  # noqa: B018  # raises the one sentence for it
    except CoopbooksError as error:
        return Finding(error.place or _first_place(facts), "records", error.message)
    raise AssertionError("the currency is None, so unit raises")


def _first_place(facts: Facts) -> Place:
    """Where a finding stands that no line of the books can be blamed for."""
    return facts.written[0].place if facts.written else facts.faults[0].place
