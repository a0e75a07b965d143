"""References between records: every name that a record uses must be one that another record gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, UnknownPeriod
from coopbooks.money import Amount
from coopbooks.records import Record, bylaws, people, surplus
from coopbooks.records.base import attribute
from coopbooks.records.fields import nearest

__all__ = ["reference_findings"]

BASES = ("surplus", "result", "before-tax", "remaining", "whole", "nonmember", "payroll")
FIGURES = ("hours", "wages", "equal")


def reference_findings(rules: Bylaws) -> list[Finding]:
    """Every reference to a person, decision, rate, step or period that does not exist, and rules that contradict themselves."""
    findings: list[Finding] = []
    for records in rules.histories():
        for record in records:
            findings += [Finding(record.place, "records", f"{record.named} {fault}") for fault in _faults(rules, record)]
    return findings


def _faults(rules: Bylaws, record: Record) -> Iterator[str]:
    if record.decision is not None and record.decision not in rules.ids("decision"):
        yield _unknown("decision", record.decision, rules.ids("decision"))
    yield from _rate_faults(rules, record)
    for cls, judge in _JUDGES:
        if isinstance(record, cls):
            yield from judge(rules, record)


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    return f'names the {what} "{name}", which does not exist{nearest(name, tuple(sorted(known))) or ": add its record"}'


def _rate_faults(rules: Bylaws, record: Record) -> Iterator[str]:
    for field in record.given & record.FIELDS.keys():
        value = getattr(record, attribute(field))
        if isinstance(value, tuple) and not isinstance(value, Amount):
            for term in value:
                name = getattr(term, "name", None)
                if isinstance(name, str) and name not in rules.ids("rate"):
                    yield f'field "{field}" ' + _unknown("rate", name, rules.ids("rate"))


def _person(rules: Bylaws, record: Record) -> Iterator[str]:
    if not rules.people.get(record.id) or all(change.status is None for change in rules.people[record.id]):
        yield _unknown("person", record.id, {record.id for cls in (people.Member, people.Worker) for record in rules.every(cls)})


def _member(rules: Bylaws, record: Record) -> Iterator[str]:
    members = {member.id for member in rules.every(people.Member)}
    if record.id not in members:
        yield _unknown("member", record.id, members)
    yield from _fiscal_year(rules, getattr(record, "period", None))


def _fiscal_year(rules: Bylaws, name: str | None) -> Iterator[str]:
    if name is None:
        return
    try:
        period = rules.calendar.named(name)
    except UnknownPeriod as error:
        yield error.message
        return
    if period.name != rules.calendar.year_of(period.ends).name:
        yield f'is for "{name}", which is no fiscal year: write the year in which it ends, as "{period.ends.year}"'


def _contribution(rules: Bylaws, record: surplus.Contribution) -> Iterator[str]:
    used = {name for rule in rules.every(bylaws.Surplus) for name, _ in rule.weights} - set(FIGURES)
    if record.of not in used:
        close = nearest(record.of, tuple(sorted(used)))
        yield f'is of "{record.of}", which no bylaw surplus has in its weights{close or ": add it there"}'


def _allocation(rules: Bylaws, record: surplus.Allocation) -> Iterator[str]:
    if ":" not in record.to and record.to not in ("members", "workers", "next", "decision"):
        close = nearest(record.to, ("members", "workers", "next", "decision"))
        yield f'goes to "{record.to}", which is neither an account nor one of members, workers, next, decision{close}'
    ways = [name for name in ("share", "amount", "rate") if getattr(record, name) is not None] + ["rest"] * record.rest
    if len(ways) != 1:
        said = f"says {' and '.join(ways)}" if ways else "does not say how much it gets"
        yield f"{said}: write exactly one of share:, amount:, rest: TRUE, or rate: with by: \"capital\""
    if record.rate is not None and record.by != "capital":
        yield f'has a rate but shares by {record.by}: write by: "capital", or share: instead of rate:'
    yield from _base_faults(rules, record)
    limited = record.until is not None or record.until_of is not None
    if limited and ":" not in record.to:
        yield f'has a limit but goes to "{record.to}": a limit is the balance of an account'
    if (record.until_of is None) != (record.until_account is None):
        yield "needs until-of and until-account together: the one is a share of the other's balance"
    if record.then is not None and not limited:
        yield "has then: but no limit after which it would begin: add until: or until-of:"
    if record.as_ == "expense" and ":" not in record.to:
        yield f'is an expense but goes to "{record.to}": name the account that is owed'


def _base_faults(rules: Bylaws, record: surplus.Allocation) -> Iterator[str]:
    for field, of in (("of", record.of), ("at-most-of", record.at_most_of)):
        if of.startswith("step:"):
            if of[5:] not in rules.ids("allocation"):
                yield f'field "{field}" ' + _unknown("step", of[5:], rules.ids("allocation"))
        elif of not in BASES:
            close = nearest(of, BASES) or f": it is one of {', '.join(BASES)}, or step:<id>"
            yield f'field "{field}" is "{of}", which is no base{close}'


def _loss(_: Bylaws, record: surplus.Loss) -> Iterator[str]:
    if ":" not in record.from_ and record.from_ != "members":
        yield f'is borne by "{record.from_}", which is neither an account nor members{nearest(record.from_, ("members",))}'
    if (record.share is None) == (not record.rest):
        yield "must say either share: or rest: TRUE"


def _resolution(rules: Bylaws, record: surplus.Resolution) -> Iterator[str]:
    yield from _fiscal_year(rules, record.id)
    steps = {step.id for step in rules.every(surplus.Allocation) if step.to == "decision"}
    if record.of not in steps:
        near = nearest(record.of, tuple(sorted(steps)))
        yield f'divides the step "{record.of}", but no allocation of that id goes to "decision"{near or ": name one that does"}'
    if record.decision is None:
        yield "divides surplus without a decision: add decision: with the id of its record"
    if sum((record.share is not None, record.amount is not None, record.rest)) != 1:
        yield "must say exactly one of share:, amount:, rest: TRUE"
    if ":" not in record.to and record.to not in ("members", "workers", "next"):
        yield f'goes to "{record.to}", which is neither an account nor one of members, workers, next'


def _adjustment(rules: Bylaws, record: surplus.Adjustment) -> Iterator[str]:
    yield from _fiscal_year(rules, record.id)


def _surplus_bylaw(_: Bylaws, record: bylaws.Surplus) -> Iterator[str]:
    if record.patronage == "weighted" and not record.weights:
        yield 'measures patronage as weighted but has no weights: add weights: "hours:0.7 wages:0.3"'
    if record.split == "accounts" and not record.nonmember_accounts:
        yield "tells non-member result apart by accounts but names none: add nonmember-accounts:"


def _wage_ratio(_: Bylaws, record: bylaws.WageRatio) -> Iterator[str]:
    if record.compare.endswith("/floor") and record.floor is None:
        yield "compares with a floor but names none: add floor: as an amount an hour, as 12.50 EUR"
    if record.measure == "full-time" and not record.full_time_hours:
        yield f"measures full-time pay: add full-time-hours: with the hours of a full-time job in a {record.period}"
    if record.cap < 1:
        yield f"has a cap of {record.cap}, but no ratio can be below 1: write the highest allowed ratio, as 4"


_JUDGES: tuple[tuple[type[Record], Any], ...] = (
    (people.Exit, _person),
    (people.Absence, _person),
    (surplus.Vow, _member),
    (surplus.Decline, _member),
    (surplus.Contribution, _member),
    (surplus.Contribution, _contribution),
    (surplus.Allocation, _allocation),
    (surplus.Loss, _loss),
    (surplus.Resolution, _resolution),
    (surplus.Adjustment, _adjustment),
    (bylaws.Surplus, _surplus_bylaw),
    (bylaws.WageRatio, _wage_ratio),
)
