"""References between records: every name that a record uses must be one that another record gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, Place, UnknownPeriod
from coopbooks.facts import below
from coopbooks.money import Amount
from coopbooks.records import alliances, bylaws, people, surplus
from coopbooks.records.base import Record, attribute
from coopbooks.records.fields import is_account, nearest, said

__all__ = ["reference_findings", "unknown"]

BASES = ("surplus", "result", "before-tax", "remaining", "whole", "nonmember", "payroll")
FIGURES = ("hours", "wages", "equal")


def reference_findings(rules: Bylaws) -> list[Finding]:
    """Every reference to a person, decision, rate, step or period that does not exist, and rules that contradict themselves."""
    findings: list[Finding] = []
    misread = {finding.place for finding in rules.facts.form_findings}  # what they lack was written, and misspelt
    decisions = rules.ids("decision")
    for records in rules.histories():
        for record in records:
            faults: list[str] = []
            decided = record.decision is None or record.decision in decisions
            if not decided or record.FIGURES or _odd_accounts(rules, record):
                faults += _named_faults(rules, record)
            for judge in _JUDGES.get(record.__class__, ()):
                faults += judge(rules, record)
            if faults and record.place not in misread:
                findings += [Finding(record.place, "records", f"{record.named} {fault}") for fault in faults]
    findings += _moved_findings(rules)
    capital = [(record.capital, record) for record in rules.every(people.Member) if record.capital]
    findings += _shared_accounts(capital, "capital account")
    findings += _shared_accounts([(record.account, record) for record in rules.every(surplus.Fund)], "account")
    return findings


def _shared_accounts(named: Iterable[tuple[str, Record]], what: str) -> Iterator[Finding]:
    """Records of two ids that name one account, or one below the other's: what is in it would count for both."""
    before: tuple[str, Record] | None = None
    for account, record in sorted(named, key=_by_account):
        if before is not None and below(account, before[0]):
            if record.id != before[1].id:
                later, earlier = sorted((record, before[1]), key=_by_age, reverse=True)
                message = (
                    f"{later.named} has the {what} {account}, and {before[0]} is that of {earlier.named}: what is in it "
                    "would count for both, so give each an account of its own"
                )
                yield Finding(later.place, "records", message)
        else:
            before = account, record


def _by_account(row: tuple[str, Record]) -> tuple[list[str], date]:
    return row[0].split(":"), row[1].date


def _by_age(record: Record) -> tuple[date, Place]:
    return record.date, record.place


def _moved_findings(rules: Bylaws) -> Iterator[Finding]:
    """Entries whose `of-period` is a year in which no result can be found later: it would count nowhere."""
    for row in rules.facts.moved:
        fault = next(iter(_fiscal_year(rules, row.period)), None)
        if fault is None:
            year, first = rules.year(row.period), rules.founded or _first_entry(rules) or row.date
            if year.starts > row.date:
                fault = f'is "{row.period}", which begins only after this entry of {row.date}: write the year it is of'
            elif year.ends < first:
                fault = f'is "{row.period}", but the first fiscal year is {rules.year_of(first).name}: write that, or take it out'
        if fault is not None:
            yield Finding(row.place, "records", f"of-period {fault}")


def _first_entry(rules: Bylaws) -> date | None:
    """The beginning of the first year that has a surplus, for books that name no member; None where none has."""
    from coopbooks.rules.surplus import Surpluses  # only such an entry pays for this import

    years = (rules.memo.get("surpluses") or Surpluses(rules)).years
    return years[0].starts if years else None


def _named_faults(rules: Bylaws, record: Record) -> Iterator[str]:
    """What is wrong with the decision, the rates and the accounts that a record names, whatever its kind."""
    if record.decision is not None and record.decision not in rules.ids("decision"):
        yield unknown("decision", record.decision, rules.ids("decision"))
    yield from _rate_faults(rules, record)
    yield from _account_faults(rules, record)


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """The fault of a record that names something which no record gives."""
    near = nearest(name, tuple(sorted(known)))
    cure = f"{near[:-1]}, or is its record still to be added?" if near else ": add its record"
    return f'names the {what} "{name}", which does not exist{cure}'


KEEPS_MONEY = frozenset(
    {"account", "backing", "capital", "collective", "from", "nonmember-to", "to", "unclaimed-to", "until-account"}
)
"""Fields whose accounts hold money from one year to the next."""


ACCOUNTS = KEEPS_MONEY | {"deduct-to", "entry-fee-to", "nonmember-accounts", "tax", "wages"}
"""Fields that name accounts; what `publish` may show is the reader's choice and is not judged."""


@cache
def _account_names(cls: type[Record]) -> tuple[tuple[str, bool], ...]:
    """The attributes of a class of records that name accounts, and whether such an account must keep its balance."""
    keeps = cls.KIND != "budget"  # which is of what is spent
    return tuple((name, keeps and name in _KEEPING_NAMES) for name in cls.NAMES.values() if name in _ACCOUNT_NAMES)


def _odd_accounts(rules: Bylaws, record: Record) -> list[tuple[str, str, str]]:
    """Field, account and root where a record names an account below no root, or one that keeps no balance."""
    roots, found = rules.facts.roots, []
    for name, keeps in _account_names(record.__class__):
        value = record.__dict__.get(name)  # a default is no account that the ledger names
        if value is None:
            continue
        for account in value if value.__class__ is tuple else (value,):
            root, colon, _ = account.partition(":")
            if root in roots:
                if keeps and root not in roots[:3]:
                    found.append((name.rstrip("_").replace("_", "-"), account, root))
            elif colon:  # without one it is a word such as members
                found.append((name.rstrip("_").replace("_", "-"), account, root))
    return found


_ACCOUNT_NAMES = frozenset(map(attribute, ACCOUNTS))
_KEEPING_NAMES = frozenset(map(attribute, KEEPS_MONEY))


def _account_faults(rules: Bylaws, record: Record) -> Iterator[str]:
    roots = rules.facts.roots
    for field, account, root in _odd_accounts(rules, record):
        if root in roots:
            yield (
                f'field "{field}" is {account}, which keeps no balance from year to year: write an account of '
                f"{roots.assets}, {roots.liabilities} or {roots.equity}"
            )
        elif is_account(account):
            near = nearest(root, roots) or f": write one of {', '.join(roots)}"
            yield f'field "{field}" is {account}, and no root of the accounts is called "{root}"{near}'


def _rate_faults(rules: Bylaws, record: Record) -> Iterator[str]:
    for field in record.FIGURES:
        value = getattr(record, record.NAMES[field])
        if value is not None and not isinstance(value, Amount):
            for term in value:
                if term.name is not None and term.name not in rules.ids("rate"):
                    yield f'field "{field}" ' + unknown("rate", term.name, rules.ids("rate"))


def _person(rules: Bylaws, record: Record) -> Iterator[str]:
    if not rules.people.get(record.id) or all(change.status is None for change in rules.people[record.id]):
        near = nearest(record.id, tuple(sorted({*rules.ids("member"), *rules.ids("worker")})))
        yield f"is of a person who has no member or worker record{near or ': add one, or mend the id'}"


def _member(rules: Bylaws, record: Record) -> Iterator[str]:
    if record.id not in rules.ids("member"):
        near = nearest(record.id, tuple(sorted(rules.ids("member"))))
        yield f"is of a person who has no member record{near or ': add one, or mend the id'}"
    yield from _fiscal_year(rules, getattr(record, "period", None))


def _fiscal_year(rules: Bylaws, name: str | None) -> Iterable[str]:
    """What is wrong with the name of a fiscal year; told once a name, since many records share one."""
    faults: tuple[str, ...] | None = rules.memo.get(("fiscal year", name))
    if faults is None:
        faults = rules.memo["fiscal year", name] = tuple(_year_faults(rules, name))
    return faults


def _year_faults(rules: Bylaws, name: str | None) -> Iterator[str]:
    if name is None:
        return
    try:
        period = rules.calendar.named(name)
    except UnknownPeriod:
        yield f'is for "{name}", which is no fiscal year: write the year in which it ends, as "2025"'
        return
    year = rules.calendar.year_of(period.ends).name
    if name != year:
        yield f'is for "{name}", which is no fiscal year: write the year in which it ends, as "{year}"'


def _vow(_: Bylaws, record: surplus.Vow) -> Iterator[str]:
    if record.text is None and record.witness is None:
        yield "has neither text nor witness: write the vow in text:, or in witness: who heard it"


def _contribution(rules: Bylaws, record: surplus.Contribution) -> Iterator[str]:
    used = {name for rule in rules.every(bylaws.Surplus) for name, _ in rule.weights} - set(FIGURES)
    if record.of not in used:
        close = nearest(record.of, tuple(sorted(used)))
        yield f'is of "{record.of}", which no bylaw surplus has in its weights{close or ": add it to them"}'


def _goes_nowhere(to: str, others: tuple[str, ...], what: str = "goes to") -> Iterator[str]:
    """The fault of a `to` or `from` that is neither an account nor one of a few other words."""
    if to not in others and not is_account(to):
        near = nearest(to, others) or f": write an account as Equity:Reserve, or {' or '.join(map(said, others))}"
        yield f'{what} "{to}", which is no account{near}'


def _allocation(rules: Bylaws, record: surplus.Allocation) -> Iterator[str]:
    if record.id == "nonmember":
        yield "has the id of the step that nonmember-to of bylaw surplus makes: give it another id"
    yield from _goes_nowhere(record.to, ("members", "workers", "next", "decision"))
    ways = [name for name in ("share", "amount", "rate") if getattr(record, name) is not None] + ["rest"] * record.rest
    if len(ways) != 1:
        found = f"says {' and '.join(ways)}" if ways else "does not say how much it gets"
        yield f'{found}: write exactly one of share:, amount:, rest: TRUE, or rate: with by: "capital"'
    if record.rate is not None and record.by != "capital":
        yield f'has a rate but shares by {record.by}: write by: "capital", or share: instead of rate:'
    yield from _base_faults(rules, record)
    limited = record.until is not None or record.until_of is not None
    if limited and ":" not in record.to:
        yield f'goes to "{record.to}", but a step with a limit needs an account: write its account in to:'
    if (record.until_of is None) != (record.until_account is None):
        missing = "until-of:" if record.until_of is None else "until-account:"
        yield f"needs until-of: and until-account: together, a share and the account it is of: add {missing}"
    if record.then is not None and not limited:
        yield "has then: but no limit after which it would begin: add until: or until-of:"
    if record.as_ == "expense" and ":" not in record.to:
        yield f'goes to "{record.to}", but an expense step needs an account: write its account in to:'
    if record.as_ == "expense" and record.rest:
        yield "is an expense that takes the rest, which nobody is owed: write share: or amount: instead of rest: TRUE"


def _base_faults(rules: Bylaws, record: surplus.Allocation) -> Iterator[str]:
    for field, of in (("of", record.of), ("at-most-of", record.at_most_of)):
        if of.startswith("step:"):
            if of[5:] not in rules.ids("allocation"):
                yield f'field "{field}" ' + unknown("step", of[5:], rules.ids("allocation"))
        elif of not in BASES:
            close = nearest(of, BASES) or f": write one of {', '.join(BASES)}, or step:<id>"
            yield f'takes a share of "{of}", which the books do not know{close}'


def _loss(_: Bylaws, record: surplus.Loss) -> Iterator[str]:
    yield from _goes_nowhere(record.from_, ("members",), "is borne by")
    if (record.share is None) == (not record.rest):
        yield "must say how much it bears: write either share: or rest: TRUE"


def _resolution(rules: Bylaws, record: surplus.Resolution) -> Iterator[str]:
    yield from _fiscal_year(rules, record.id)
    steps = {step.id for step in rules.every(surplus.Allocation) if step.to == "decision"}
    if record.of not in steps:
        near = nearest(record.of, tuple(sorted(steps))) or ": name one that does"
        yield f'divides the step "{record.of}", but no allocation of that id goes to "decision"{near}'
    if record.decision is None:
        yield "divides surplus without a decision: add decision: with the id of its record"
    if sum((record.share is not None, record.amount is not None, record.rest)) != 1:
        yield "must say how much it gives: write exactly one of share:, amount:, rest: TRUE"
    yield from _goes_nowhere(record.to, ("members", "workers", "next"))


def _adjustment(rules: Bylaws, record: surplus.Adjustment) -> Iterator[str]:
    yield from _fiscal_year(rules, record.id)


def _redemption(rules: Bylaws, record: surplus.Redemption) -> Iterator[str]:
    yield from _fiscal_year(rules, record.id)
    yield from _fiscal_year(rules, record.of)
    if (record.share is None) == (record.amount is None):
        yield "must say how much is paid back: write either share: or amount:"
    if record.decision is None:
        yield "pays capital back without a decision: add decision: with the id of its record"
    if record.amount is not None and record.amount.currency != (rules.facts.currency or record.amount.currency):
        yield f"pays back {record.amount}, but these books are in {rules.facts.currency}: write it in {rules.facts.currency}"


def _surplus_bylaw(_: Bylaws, record: bylaws.Surplus) -> Iterator[str]:
    if record.patronage == "weighted" and not record.weights:
        yield 'measures patronage as weighted but has no weights: add weights: "hours:0.7 wages:0.3"'
    if record.split == "accounts" and not record.nonmember_accounts:
        yield "tells the result of non-members apart by accounts, but names none: add nonmember-accounts: with them"


def _decline(rules: Bylaws, record: surplus.Decline) -> Iterator[str]:
    own = [each for each in rules.history(surplus.Decline, record.id) if each.period == record.period]
    before = sum((each.share for each in own[: own.index(record)]), Decimal(0))
    if before <= 1 < before + record.share:
        yield (
            f"gives up {record.share} of {record.period} after {before} before, which is more than all: write a share of at "
            f"most {1 - before}, or take it out"
        )


def _exit_terms(rules: Bylaws, record: bylaws.ExitTerms) -> Iterator[str]:
    if record.years is not None and record.schedule:
        yield "says both years and schedule: write one of the two"
    shares = sum((share for _, share in record.schedule), Decimal(0))
    if record.schedule and shares != 1:
        yield f"has a schedule whose shares add up to {shares}: write shares that add up to 1"
    if record.interest is not None and record.years is None and not record.schedule:
        yield "pays interest on what is left but says no instalments: add years: or schedule:"
    if record.deduct and record.deduct_to is None and rules.collective is None:
        yield nowhere(record)


def nowhere(record: bylaws.ExitTerms) -> str:
    """The fault of exit terms that keep something back for no account."""
    return (
        f"keeps back {record.deduct} of a leaver's capital, but the books name no collective account for it: add deduct-to: "
        "with an account, or collective: to bylaw capital"
    )


def _wage_ratio(_: Bylaws, record: bylaws.WageRatio) -> Iterator[str]:
    if record.compare.endswith("/floor") and record.floor is None:
        yield "compares with a floor but names none: add floor: as an amount an hour, as 12.50 EUR"
    if record.measure == "full-time" and not record.full_time_hours:
        yield f"measures full-time pay: add full-time-hours: with the hours of a full-time job in a {record.period}"


def _ally(rules: Bylaws, record: alliances.Contract | alliances.Signal) -> Iterator[str]:
    if record.id not in rules.ids("ally"):
        yield unknown("ally", record.id, rules.ids("ally"))


_JUDGES: dict[type[Record], tuple[Any, ...]] = {
    alliances.Contract: (_ally,),
    alliances.Signal: (_ally,),
    people.Exit: (_person,),
    people.Absence: (_person,),
    surplus.Vow: (_member, _vow),
    surplus.Decline: (_member, _decline),
    surplus.Contribution: (_member, _contribution),
    surplus.Allocation: (_allocation,),
    surplus.Loss: (_loss,),
    surplus.Resolution: (_resolution,),
    surplus.Adjustment: (_adjustment,),
    surplus.Redemption: (_redemption,),
    bylaws.Surplus: (_surplus_bylaw,),
    bylaws.WageRatio: (_wage_ratio,),
    bylaws.ExitTerms: (_exit_terms,),
}
