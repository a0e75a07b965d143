"""The close of a fiscal year: the one transaction that places its surplus, and the check of the ledger's own.

What must be posted follows from `YearSurplus`; what is posted is the sum of all `#coop-close` transactions of the
period, amendments included. The two are compared account by account.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from coopbooks.bylaws import Bylaws, account_of_surplus
from coopbooks.errors import CoopbooksError, Finding, Place, SurplusRefused
from coopbooks.facts import Leg, Movement
from coopbooks.money import Unit
from coopbooks.periods import Period
from coopbooks.records import decisions, people, surplus
from coopbooks.records.fields import said
from coopbooks.rows import NamedTuple
from coopbooks.rules.capital import account_of_person, capital_account, holdings_of
from coopbooks.rules.surplus import Surpluses, YearSurplus
from coopbooks.rules.waterfall import Step

__all__ = ["Closing", "Entry", "closing", "expected", "posted"]


class Entry(NamedTuple):
    """What one account gets in a close (whole units, a credit is positive), and the rules that say so."""

    account: str
    units: int
    because: tuple[str, ...]


class Closing(NamedTuple):
    """A closing transaction that is still to be written: its entries, the accounts to open, and the fields it carries."""

    period: Period
    date: date
    entries: tuple[Entry, ...]
    opens: tuple[str, ...]
    decision: str | None
    amends: bool


def expected(rules: Bylaws, year: YearSurplus) -> dict[str, Entry]:
    """What the rules in force post at the close of a year, by account, the surplus account included.

    Raises SurplusRefused where a member has a part to keep but no capital account.
    """
    book = _Book()
    for step in year.steps:
        if step.account:
            book.add(step.account, step.amount, _because(step))
    if year.is_loss:
        _book_losses(rules, year, book)
    else:
        _book_parts(rules, year, book)
    placed = sum(entry.units for entry in book.entries.values())
    account = account_of_surplus(year.rule, rules.facts.roots)
    book.add(account, -placed, f"the sum of all steps of {year.period.name}")
    return {account: entry for account, entry in sorted(book.entries.items()) if entry.units}


class _Book:
    """Entries by account, with their reasons."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    def add(self, account: str, units: int, because: str) -> None:
        if not units:
            return  # nothing is no reason
        before = self.entries.get(account)
        if before is None:
            self.entries[account] = Entry(account, units, (because,))
            return
        reasons = before.because if because in before.because else (*before.because, because)
        self.entries[account] = Entry(account, before.units + units, reasons)


def _because(step: Step) -> str:
    if step.record is None:
        return f"the non-member result (bylaw surplus at {step.place})"
    return f'{step.record.KIND} "{step.id}" at {step.place}'


def _book_parts(rules: Bylaws, year: YearSurplus, book: _Book) -> None:
    """Members' cash and retained parts, what they declined, and workers' parts."""
    because = ", ".join(_because(step) for step in year.steps if step.to == "members")
    for part in year.members:
        book.add(account_of_person(rules.facts.roots.patronage, part.person), part.cash, because)
        if part.retained:
            capital = capital_account(rules, part.person, year.period.ends)
            if capital is None:
                raise SurplusRefused(
                    f'member "{part.person}" keeps {rules.facts.unit.said(part.retained)} of {year.period.name} in the '
                    "cooperative but has no capital account: add capital: to the member record",
                    rules.history(people.Member, part.person)[-1].place,
                )
            book.add(f"{capital}:{year.period.name}", part.retained, because)
        for account, units in part.declined:
            book.add(account, units, f"declined by {part.person}")
    because = ", ".join(_because(step) for step in year.steps if step.to == "workers")
    for part in year.workers:
        book.add(account_of_person(rules.facts.roots.patronage, part.person), part.cash, because)


def _book_losses(rules: Bylaws, year: YearSurplus, book: _Book) -> None:
    """Members' parts of a loss, taken from their vintages in the order of the rule."""
    for step in year.steps:
        if not isinstance(step.record, surplus.Loss):
            continue
        for person, part in sorted(step.parts.items()):
            left = -part
            for account, held in holdings_of(rules, person, year.period, step.record.against):
                taken = min(left, held + (book.entries[account].units if account in book.entries else 0))
                book.add(account, -taken, _because(step))
                left -= taken
            if left:  # only a rule with below-zero: TRUE asks for more than there is
                capital = capital_account(rules, person, year.period.ends)
                book.add(capital or account_of_person(rules.facts.roots.patronage, person), -left, _because(step))


def posted(rules: Bylaws, period: Period) -> dict[str, int]:
    """What the ledger's closes of a period have posted, by account: whole units, a credit is positive."""
    units: dict[str, int] = {}
    for move in rules.facts.closes.get(period.name, []):
        for leg in move.legs:
            units[leg.account] = units.get(leg.account, 0) + rules.facts.unit.nearest(-leg.amount)
    return units


def decision_day(rules: Bylaws, decision: str | None) -> date | None:
    """The day of a decision, None where there is no such record."""
    records = rules.history(decisions.Decision, decision) if decision else []
    return records[-1].date if records else None


def resolutions_of(rules: Bylaws, period: Period) -> list[surplus.Resolution]:
    """The resolutions of a period."""
    return [record for record in rules.every(surplus.Resolution) if record.id == period.name]


def _days_of_resolutions(rules: Bylaws, period: Period) -> set[date]:
    """The days on which resolutions divide a period, none of them before it is over."""
    decided = {decision_day(rules, record.decision) or record.date for record in resolutions_of(rules, period)}
    return {max(day, period.ends) for day in decided}


def closing(years: Surpluses, name: str, decision: str | None = None) -> Closing | None:
    """The transaction that is still missing to close a period, or None where nothing is.

    Dated the period's last day, with a resolution the day of its decision; the correction of a closed year is dated
    the day of `decision`. Raises SurplusRefused where the period cannot be closed yet, with what must come first.
    """
    rules, year = years.rules, years.of(name)
    period, unit = year.period, rules.facts.unit
    refuse_open_questions(years, year)
    wanted, stands = expected(rules, year), posted(rules, period)
    missing = [
        Entry(account, units, wanted[account].because if account in wanted else ("no rule gives it any more",))
        for account in sorted({*wanted, *stands})
        if (units := (wanted[account].units if account in wanted else 0) - stands.get(account, 0))
    ]
    if not missing:
        return None
    resolved = _days_of_resolutions(rules, period)
    amends = bool(stands) and not _only_divides(years, year, missing)
    day = max(resolved, default=period.ends)
    taken = decision_day(rules, decision)
    if decision is not None and taken is None:
        raise SurplusRefused(f'there is no decision "{decision}": add its record, dated the day it was taken')
    if amends:
        if taken is None:
            gap = max(abs(entry.units) for entry in missing)
            raise SurplusRefused(
                f"{name} is closed, and a later correction changes it by up to {unit.said(gap)}: give the decision that "
                "amends it with --decision ID",
                rules.facts.closes[period.name][0].place,
            )
        day = taken
    opens = tuple(entry.account for entry in missing if entry.account not in rules.facts.accounts)
    _refuse_unopened(rules, missing, day)
    last = max(resolutions_of(rules, period), key=lambda record: record.date, default=None)
    return Closing(period, day, tuple(missing), opens, decision or (last.decision if last else None), amends)


def _refuse_unopened(rules: Bylaws, missing: Iterable[Entry], day: date) -> None:
    """Accounts that are open, but not on the day of the close, cannot be posted to."""
    for entry in missing:
        life = rules.facts.accounts.get(entry.account)
        if life is not None and (life.opened > day or (life.closed is not None and life.closed <= day)):
            what, cure = f"was closed on {life.closed}", f"close it after {day}"
            if life.opened > day:
                what, cure = f"is opened only on {life.opened}", f"open it on {day} or earlier"
            raise SurplusRefused(f"{entry.account} {what}, but the close of {day} posts to it: {cure}", life.place)


def _only_divides(years: Surpluses, year: YearSurplus, missing: Iterable[Entry]) -> bool:
    """Whether what is missing is only the division of a step that was left to a decision."""
    divided = sum(step.amount for step in year.steps if isinstance(step.record, surplus.Resolution))
    account = account_of_surplus(year.rule, years.rules.facts.roots)
    out = -sum(entry.units for entry in missing if entry.account == account)
    return 0 < out <= divided


def refuse_open_questions(years: Surpluses, year: YearSurplus) -> None:
    """Raises SurplusRefused for what must be settled before a year can be closed."""
    unit, period = years.rules.facts.unit, year.period
    if year.unplaced_before:
        raise SurplusRefused(
            f"the surplus of {', '.join(year.unplaced_before)} is not placed yet: close {year.unplaced_before[0]} before "
            f"{period.name}"
        )
    if year.result.unpriced:
        first = year.result.unpriced[0]
        raise SurplusRefused(
            f"{first.amount} on {first.account} has no price in {unit.currency}, so the result of {period.name} is not "
            f"known: add `{first.date} price {first.amount.currency} … {unit.currency}`",
            first.place,
        )
    if year.unallocated > 0:
        later = [change.record for change in year.changes if not change.retroactive]
        raise SurplusRefused(left_over(year, years), later[0].place if later else None)


def left_over(year: YearSurplus, years: Surpluses) -> str:
    """The sentence for a surplus that no step places."""
    starts = year.period.starts
    later = [change.record for change in year.changes if not change.retroactive]
    hint = cure = ""
    if later:
        hint = f", since {later[0].named} of {later[0].date} binds only from the next year"
        cure = f"give that one binds-from: {starts} with its decision, or "
    return (
        f"{years.rules.facts.unit.said(year.unallocated)} of {year.period.name} is placed by no step{hint}: {cure}add an "
        f"allocation with rest: TRUE that is in force on {starts}"
    )


# -- the check of the ledger's own closes ----------------------------------------------------------------------------


def close_findings(years: Surpluses, *, amounts: bool = True) -> list[Finding]:
    """Every close in the ledger against the rule: its form, its day, its order, and each of its postings.

    `amounts` is False where a record that decides about them cannot be read.
    """
    findings: list[Finding] = []
    for name, moves in sorted(years.rules.facts.closes.items()):
        findings += _form_findings(years, name, moves)
        if amounts and not any(finding.place == move.place for finding in findings for move in moves):
            findings += _amount_findings(years, name, moves)
    return findings


def _form_findings(years: Surpluses, name: str, moves: list[Movement]) -> list[Finding]:
    rules, known = years.rules, {year.name: year for year in years.years}
    if name not in known:
        cure = f"write period: {' or '.join(map(said, known))}"
        return [Finding(move.place, "close", f"this #coop-close {_names_period(move)}: {cure}") for move in moves]
    findings = []
    for move in moves:
        findings += [Finding(leg.place, "close", fault) for leg in move.legs if (fault := _leg_fault(rules, name, leg))]
        fault = _day_fault(rules, known[name], move)
        if fault:
            findings.append(Finding(move.place, "close", fault))
    return findings


def _leg_fault(rules: Bylaws, name: str, leg: Leg) -> str | None:
    """What is wrong with one posting of a close whatever the rules of the year say, or None."""
    roots, unit = rules.facts.roots, rules.facts.unit
    if _is_result(rules, leg.account):
        return (
            f"the close of {name} posts to {leg.account}: a close never posts to {roots.income} or {roots.expenses}, "
            "it debits the surplus account, so take this posting out"
        )
    if not unit.is_whole(leg.amount):
        return (
            f"the close of {name} posts {leg.amount} {unit.currency} to {leg.account}, which is no whole number of the "
            f"smallest unit: write {unit.text(unit.nearest(leg.amount))} {unit.currency}"
        )
    return None


def _names_period(move: Movement) -> str:
    period = move.fields.get("period")
    if period is None:
        return "names no period"
    fault = "which is no fiscal year of these books" if isinstance(period, str) else "which is no text in quotes"
    return f"names the period {said(period)}, {fault}"


def _day_fault(rules: Bylaws, period: Period, move: Movement) -> str | None:
    """What is wrong with a close's day, or None."""
    if not isinstance(move.fields.get("amends", False), bool):
        return f"amends must be TRUE, not {said(move.fields['amends'])}: write it as amends: TRUE, without quotes"
    if move.fields.get("amends") is True:
        decision = move.fields.get("decision")
        day = decision_day(rules, decision if isinstance(decision, str) else None)
        if day is None:
            return f"this amends the close of {period.name} without a decision: add decision: with the id of its record"
        if day != move.date:
            return f"this amends the close of {period.name} by {decision}, which is of {day}: date it {day}"
        return None
    allowed = {period.ends, *_days_of_resolutions(rules, period)}
    if move.date not in allowed:
        return (
            f"the close of {period.name} is dated {move.date}: date it {', or '.join(map(str, sorted(allowed)))}, "
            "or write amends: TRUE with its decision where it corrects a closed year"
        )
    return None


def _amount_findings(years: Surpluses, name: str, moves: list[Movement]) -> list[Finding]:
    rules = years.rules
    try:
        year = years.of(name)
        refuse_open_questions(years, year)
        wanted = expected(rules, year)
    except CoopbooksError as error:
        return [Finding(error.place or moves[0].place, "close", f"{name} cannot be closed: {error.message}")]
    unit, stands = rules.facts.unit, posted(rules, year.period)
    last = max(move.date for move in moves)
    later = [row for row in rules.facts.moved if row.period == name and row.date > last]
    if later and any(stands.get(account, 0) != entry.units for account, entry in wanted.items()):
        message = (
            f"of-period moves {unit.said(abs(unit.nearest(later[0].amount)))} into {name}, which is closed: amend the close with "
            f"what `coopbooks close {name} --decision ID` prints"
        )
        return [Finding(later[0].place, "close", message)]
    findings = []
    for account in {**wanted, **stands}:
        should = wanted[account].units if account in wanted else 0
        has = stands.get(account, 0)
        if should != has and not _is_result(rules, account):  # such a posting is a finding of its own
            if account in wanted:
                posting = f"{account} {unit.text(-should)} {unit.currency}"
                cure = f"write {posting}" if account in stands else f"add the posting {posting}"
                because = " and ".join(wanted[account].because)
                message = f"{_moves(unit, account, has)}, but {because} {_moves(unit, 'it', should)}: {cure}"
            else:
                message = f"{_moves(unit, account, has)}, but {_no_rule(year, account)}"
            findings.append(Finding(_leg_place(moves, account), "close", f"the close of {name} {message}"))
    return findings


def _no_rule(year: YearSurplus, account: str) -> str:
    """Why a close has nothing to do with an account, and what to do; a rule may have come too late for the year."""
    for record, retroactive in year.changes:
        if not retroactive and account in (getattr(record, "to", None), getattr(record, "from_", None)):
            return (
                f"{record.named} of {record.date} binds only from the next year: give that one binds-from: "
                f"{year.period.starts} with its decision, or take the posting out"
            )
    return "no rule does: take the posting out"


def _is_result(rules: Bylaws, account: str) -> bool:
    return account.partition(":")[0] in (rules.facts.roots.income, rules.facts.roots.expenses)


def _moves(unit: Unit, account: str, units: int) -> str:
    """What a close does with an account, in words."""
    if units < 0:
        return f"takes {unit.said(-units)} from {account}"
    return f"gives {account} {unit.said(units) if units else 'nothing'}"


def _leg_place(moves: list[Movement], account: str) -> Place:
    """Where an account stands in the closes, or the last close where it is missing from them."""
    legs = [leg for move in reversed(moves) for leg in move.legs if leg.account == account]
    return legs[0].place if legs else moves[-1].place
