"""What the law demands of the cooperative's own rules: it may promise more, never less.

`bylaw "statute"` names the law; a step of the waterfall, a loss or a fund says by `meets` which of its figures it
keeps. Each figure of the law in force on the first day of a fiscal year is compared with the rules in force on that
day, share with share where base and limits are alike, and amount with amount where they are not. What a law says of a
field ("exit.years") is compared with that field. No law is named here: all of it stands in `coopbooks.statutes`.

Nothing of this is read or imported for books that name no law.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from coopbooks.bylaws import Bylaws
from coopbooks.errors import CoopbooksError, Finding, UnknownName
from coopbooks.facts import below
from coopbooks.money import Amount, places_half_up
from coopbooks.periods import DAY
from coopbooks.records import bylaws, surplus
from coopbooks.records.base import Record, attribute
from coopbooks.records.fields import Term, nearest
from coopbooks.rows import NamedTuple

if TYPE_CHECKING:
    from coopbooks.rules.surplus import Surpluses, YearSurplus
    from coopbooks.rules.waterfall import Step
    from coopbooks.statutes.laws import Law, LawFigure

__all__ = ["minimum_findings"]

Meeting = surplus.Allocation | surplus.Loss | surplus.Fund | bylaws.Surplus
MEETING: tuple[type[Meeting], ...] = (surplus.Allocation, surplus.Loss, surplus.Fund, bylaws.Surplus)
"""The records that may say which figures of the law they meet."""

JUDGED: tuple[type[Record], ...] = (
    *MEETING,
    bylaws.Statute,
    bylaws.Capital,
    bylaws.ExitTerms,
    bylaws.Assembly,
    bylaws.WageRatio,
)
"""The records on which the comparison depends."""

IN_MONTHS = frozenset({"buy-in-months", "minimum-months", "schedule", "spend-by"})
IN_YEARS = frozenset({"redeem-after", "years"})
BASE_WORDS = {
    "surplus": "the surplus",
    "result": "the result",
    "before-tax": "the surplus before tax",
    "remaining": "what is left",
    "whole": "the whole surplus",
    "nonmember": "the non-member result",
    "payroll": "all pay",
}
ASKS = {"at-least": "asks for at least", "at-most": "allows at most", "exactly": "asks for just"}
CURES = {"at-least": "raise", "at-most": "lower", "exactly": "set"}


class Demand(NamedTuple):
    """One figure of a law on a day, and the records in force on it that say that they meet the figure."""

    law: Law
    figure: LawFigure
    records: tuple[Meeting, ...]

    @property
    def says(self) -> str:
        """The article, where it was read and what it asks for, as the middle of a sentence."""
        doubt = "" if self.figure.verified else ", unverified"
        return (
            f'{self.law.article(self.figure)} (figure "{self.figure.name}", read {self.law.read_on}{doubt}) '
            f"{ASKS[self.figure.sense]} {_amount_of(self.figure)}"
        )

    def is_kept_by(self, own: Fraction) -> bool:
        """Whether a share or a number of the cooperative's own is what the law asks for."""
        return _keeps(self.figure.sense, own, Fraction(self.figure.number))


def _keeps(sense: str, own: Fraction, law: Fraction) -> bool:
    if sense == "at-least":
        return own >= law
    return own <= law if sense == "at-most" else own == law


def _amount_of(figure: LawFigure) -> str:
    """What the law asks for, as a person says it."""
    return _said(figure.number, figure.unit) if figure.currency is None else figure.value


def _said(number: Decimal | Fraction, unit: str) -> str:
    if unit == "share":
        return f"{_plain(Fraction(number) * 100)} %"
    words = {"months": " months", "years": " years", "times": " times"}.get(unit, "")
    return f"{_plain(Fraction(number))}{words.removesuffix('s') if number == 1 else words}"


def _plain(number: Fraction) -> str:
    text = places_half_up(number, 4)
    return text.rstrip("0").rstrip(".") if "." in text else text


def minimum_findings(rules: Bylaws) -> list[Finding]:
    """Every rule of the books that promises less than the law behind it, or more where the law sets a limit."""
    statutes = rules.every(bylaws.Statute)
    if not statutes:
        return list(_without_statute(rules))
    findings = list(_unknown_names(rules, statutes))
    judge = _Judge(rules)
    for day in _judged_days(rules, statutes):
        judge.compare(day)
    judge.compare_amounts()
    return findings + list(judge.findings.values())


def _meeting(rules: Bylaws) -> Iterator[Meeting]:
    """Every record that names a figure of the law."""
    for cls in MEETING:
        yield from (record for record in rules.every(cls) if record.meets)


def _without_statute(rules: Bylaws) -> Iterator[Finding]:
    for record in _meeting(rules):
        yield Finding(
            record.place,
            "statutes",
            f'{record.named} meets "{record.meets[0]}", but no bylaw says of which law: add '
            f'`{record.date} custom "coop" "bylaw" "statute"` with its value',
        )


def _laws(statute: bylaws.Statute) -> list[Law]:
    """The laws that a record names, those left out that do not exist."""
    from coopbooks.statutes.laws import law

    found = []
    for law_id in statute.value:
        try:
            found.append(law(law_id))
        except UnknownName:  # told once, by `_unknown_names`
            continue
    return found


def _unknown_names(rules: Bylaws, statutes: Sequence[bylaws.Statute]) -> Iterator[Finding]:
    """Laws that nobody has written down, and figures that no law of these books has."""
    from coopbooks.statutes.laws import law

    for statute in statutes:
        for law_id in statute.value:
            try:
                law(law_id)
            except UnknownName as error:
                yield Finding(statute.place, "statutes", f"{statute.named}: {error.message}")
    known = {each.id: each for statute in statutes for each in _laws(statute)}
    if not known:
        return
    names = {name for each in known.values() for name in each.names}
    for record in _meeting(rules):
        for word in record.meets:
            of, colon, name = word.rpartition(":")
            if colon and of not in known:
                cure = nearest(of, tuple(known)) or ": add it to the value of that bylaw"
                yield Finding(
                    record.place,
                    "statutes",
                    f'{record.named} meets "{word}", but bylaw "statute" does not name {of}{cure}',
                )
            elif name not in (known[of].names if colon else names):
                cure = nearest(name, tuple(names)) or f": it may be {', '.join(sorted(names))}"
                whose = of if colon else " and ".join(known)
                yield Finding(
                    record.place, "statutes", f'{record.named} meets "{word}", which is no figure of {whose}{cure}'
                )


def _judged_days(rules: Bylaws, statutes: Sequence[bylaws.Statute]) -> list[date]:
    """The days on which a law begins to stand behind the books, and the first day of each fiscal year after that.

    The last one is that of the year which the latest rule governs, or of the year of the last entry.
    """
    last_rule = max(record.date for cls in JUDGED for record in rules.every(cls))
    last = max(rules.calendar.year_of(last_rule).ends + DAY, rules.facts.last_day or date.min)
    days = {statute.date for statute in statutes}
    year = rules.calendar.year_of(min(days))
    while year.ends < last:
        year = rules.calendar.year_of(year.ends + DAY)
        days.add(year.starts)
    return sorted(days)


class _Judge:
    """The comparison, with what it has found: one finding for a rule and a figure, at its first day."""

    def __init__(self, rules: Bylaws) -> None:
        self.rules = rules
        self.findings: dict[tuple[object, str, str], Finding] = {}
        self._demands: dict[tuple[object, ...], list[Demand]] = {}
        # A step that cannot be read may be the very one that meets a figure.
        self.whole = not rules.facts.form_findings

    def find(self, record: Record, demand: Demand, message: str) -> None:
        """Keep a finding, unless the same rule breaks the same figure already."""
        key = (record.place, demand.law.id, demand.figure.name)
        self.findings.setdefault(key, Finding(record.place, "statutes", message))

    def is_found(self, demand: Demand) -> bool:
        """Whether a figure is broken already."""
        return any(key[1:] == (demand.law.id, demand.figure.name) for key in self.findings)

    # -- what the law asks for on a day -------------------------------------------------------------------------------

    def demands(self, day: date) -> list[Demand]:
        """The figures of the laws in force on a day, those left out whose condition the books do not fulfil."""
        era = self._era(day)
        if era not in self._demands:
            meeting: dict[str, list[Meeting]] = {}
            for cls in MEETING:
                for record in self.rules.all_of(cls, day):
                    for word in record.meets:
                        meeting.setdefault(word, []).append(record)
            self._demands[era] = list(self._with_records(day, meeting))
        return self._demands[era]

    def _era(self, day: date) -> tuple[object, ...]:
        """What is the same on two days on which the same rules and the same figures are in force."""
        rules = (id(self.rules.all_of(cls, day)) for cls in JUDGED)
        return (*rules, *(law.in_force(day) for law in self._laws_on(day)))

    def _with_records(self, day: date, meeting: Mapping[str, Sequence[Meeting]]) -> Iterator[Demand]:
        named: set[str] = set()  # a bare name is the figure of the first law that has it
        for law in self._laws_on(day):
            for figure in law.in_force(day):
                if self._applies(figure, day):
                    bare = () if figure.name in named else meeting.get(figure.name, ())
                    yield Demand(law, figure, (*bare, *meeting.get(f"{law.id}:{figure.name}", ())))
            named |= set(law.names)

    def _applies(self, figure: LawFigure, day: date) -> bool:
        if figure.when is None:
            return True
        path, _, wanted = figure.when.partition("=")
        return any(str(value) == wanted for _, value in self._stated(path, day))

    def _stated(self, path: str, day: date) -> Iterator[tuple[Record, Any]]:
        """The records that a path such as exit.years means, and what each says there."""
        from coopbooks.records.reading import BYLAWS, KINDS

        kind, _, field = path.partition(".")
        for record in self.rules.all_of(BYLAWS.get(kind) or KINDS[kind], day):
            value = getattr(record, attribute(field))
            if value is not None and value != ():
                yield record, value

    def _laws_on(self, day: date) -> list[Law]:
        statute = self.rules.of(bylaws.Statute, "statute", day)
        return _laws(statute) if statute else []

    # -- rule against rule --------------------------------------------------------------------------------------------

    def compare(self, day: date) -> None:
        """Every figure in force on a day against the rules in force on it; once, unless rates may have changed."""
        era = self._era(day)
        if era in self._demands and not self.rules.ids("rate"):
            return
        for demand in self.demands(day):
            if demand.figure.checks:
                for path in demand.figure.checks:
                    self._compare_field(demand, path, day)
                continue
            if demand.figure.unit == "share":
                self._compare_shares(demand, _placing(demand), day)
                self._compare_shares(demand, [each for each in demand.records if isinstance(each, surplus.Loss)], day)
            if not demand.records:
                self._miss(demand, day)

    def _miss(self, demand: Demand, day: date) -> None:
        statute = self.rules.of(bylaws.Statute, "statute", day)
        if not (demand.figure.wants_step and statute and self.whole):
            return
        figure = demand.figure
        self.find(
            statute,
            demand,
            f"{statute.named}: {demand.says} of {_base_words(figure.of)}, and no step meets it: write share: {figure.value}, "
            f'of: "{figure.of}" and meets: "{figure.name}" on an allocation',
        )

    def _compare_shares(self, demand: Demand, records: Sequence[Meeting], day: date) -> None:
        own = self._share_together(demand, records, day)
        if own is not None and not demand.is_kept_by(own):
            of = "" if demand.figure.of is None else f" of {_base_words(demand.figure.of)}"
            self.find(
                records[0],
                demand,
                f"{_named(records)} {'gives' if len(records) == 1 else 'give'} {_said(own, 'share')}{of}, but "
                f"{demand.says}: {CURES[demand.figure.sense]} share: to {demand.figure.value}",
            )
        for step in records:
            limit, law = getattr(step, "until_of", None), demand.figure.until_of
            if limit is not None and law is not None and limit < law:
                self.find(
                    step,
                    demand,
                    f"{step.named} stops at {_plain(Fraction(limit))} × {getattr(step, 'until_account', None)}, but "
                    f"{demand.says} until {_plain(Fraction(law))} × is reached: raise until-of: to {_plain(Fraction(law))}",
                )

    def _share_together(self, demand: Demand, records: Sequence[Meeting], day: date) -> Fraction | None:
        """What the records give together, where all of it is shares of the law's own base; else None."""
        total = Fraction(0)
        bases = set()
        for record in records:
            share = self._share(demand, record, day)
            if share is None:
                return None
            bases.add(self._base_of(record, day))
            total += share
        wanted = demand.figure.of if demand.figure.of is None else self._same(demand.figure.of, day)
        alike = len(bases) == 1 and (wanted is None or bases <= {wanted, "loss"})
        return total if records and alike else None

    def _base_of(self, record: Meeting, day: date) -> str:
        if isinstance(record, surplus.Allocation):
            return self._same(record.of, day)
        return "loss" if isinstance(record, surplus.Loss) else "nonmember"

    def _same(self, of: str, day: date) -> str:
        """Without an account for the non-member result the surplus is the whole one."""
        rule = self.rules.of(bylaws.Surplus, "surplus", day)
        return "surplus" if of == "whole" and not (rule and rule.nonmember_to) else of

    def _share(self, demand: Demand, record: Meeting, day: date) -> Fraction | None:
        """The share that a record gives whatever the year brings; None where that depends on the year."""
        if isinstance(record, bylaws.Surplus):
            return Fraction(1) if record.nonmember_to else Fraction(0)
        if isinstance(record, surplus.Loss):
            written = record.at_most_share if record.rest else record.share
            return Fraction(1) if record.rest and written is None else self._number(written, record, day)
        if not isinstance(record, surplus.Allocation) or record.share is None or record.top_up:
            return None
        if demand.figure.sense != "at-most":
            if record.at_most is not None:
                return None
            stops = record.until is not None or record.until_of is not None
            if stops and demand.figure.stops_at is None and demand.figure.until_of is None:
                return None
        return self._number(record.share, record, day)

    # -- field against figure -----------------------------------------------------------------------------------------

    def _compare_field(self, demand: Demand, path: str, day: date) -> None:
        field = path.partition(".")[2]
        for record, value in self._stated(path, day):
            named = record in demand.records
            if not named and (isinstance(record, MEETING[:3]) or not demand.figure.verified):
                continue  # another step, loss or fund; or a figure that is only remembered and that nobody has named
            own, law = self._number(value, record, day), self._law_number(demand.figure, day)
            if own is None or law is None:
                continue
            law *= _times(field, demand.figure.unit)
            if not _keeps(demand.figure.sense, own, law):
                of = "" if demand.figure.of is None else f" of {demand.figure.of}"
                self.find(
                    record,
                    demand,
                    f"{record.named} has {field}: {_in_field(own, field, value)}, but {demand.says}{of}: "
                    f"{_field_cure(field, demand.figure.sense, _in_field(law, field, value))}",
                )

    def _law_number(self, figure: LawFigure, day: date) -> Fraction | None:
        """The law's figure; of another field's value where it is a share of that."""
        law = Fraction(figure.number)
        if figure.of is None or "." not in figure.of:
            return law
        for other, value in self._stated(figure.of, day):
            base = self._number(value, other, day)
            return None if base is None else law * base
        return None

    def _number(self, value: Any, record: Record, day: date) -> Fraction | None:
        """A field as a number: a rate's name counts by its value over the year, a schedule by its last month."""
        if isinstance(value, Amount):  # a tuple, too
            return Fraction(value.number)
        if isinstance(value, tuple):
            if value and isinstance(value[0], Term):
                try:
                    return self.rules.figure(value, self.rules.year_of(day), record)
                except CoopbooksError:  # a rate without a value has its own message
                    return None
            return Fraction(value[-1][0]) if value else None
        return Fraction(value) if isinstance(value, Decimal | int) else None

    # -- amount against amount ----------------------------------------------------------------------------------------

    def compare_amounts(self) -> None:
        """What each year's waterfall gave the steps against the law's amount on the law's base."""
        from coopbooks.rules.surplus import Surpluses

        years: Surpluses = self.rules.memo.get("surpluses") or Surpluses(self.rules)
        for period in years.years:
            try:
                year = years.of(period.name)
            except CoopbooksError:  # the surplus has its own message, and no later year can be computed
                return
            if not year.is_loss and year.whole > 0:
                for demand in self.demands(year.period.starts):
                    if demand.figure.is_of_surplus and not demand.figure.checks and not self.is_found(demand):
                        self._compare_amount(demand, year)

    def _compare_amount(self, demand: Demand, year: YearSurplus) -> None:
        figure, records = demand.figure, _placing(demand)
        base = _base(year, str(figure.of), records)
        if not records or base is None:
            return
        places = {record.place for record in records}
        accounts = {record.to for record in records if isinstance(record, surplus.Allocation) and record.top_up}
        steps = [
            step
            for step in year.steps
            if step.place in places or any(step.account and below(step.account, account) for account in accounts)
        ]
        stops = figure.stops_at is not None or figure.until_of is not None
        if stops and any(step.stopped_by == "until" for step in steps):
            return
        # What the base promises cannot be more than there is: earlier losses come first.
        exact = min(Fraction(figure.number) * max(0, base), Fraction(year.whole))
        got = sum(step.amount for step in steps)
        # A step is rounded to whole units: what is less than one unit off is kept.
        wrong = (got <= exact - 1 and figure.sense != "at-most") or (got >= exact + 1 and figure.sense != "at-least")
        if wrong:
            unit = self.rules.facts.unit
            cure = "let it come before other steps, or raise its share" if got < exact else "lower its share"
            self.find(
                records[0],
                demand,
                f"{_named(records)} {'gets' if len(records) == 1 else 'get'} {unit.said(got)} in {year.period.name}, but "
                f"{demand.says} of {_base_words(figure.of)}, here {unit.said(int(exact))}: {cure}",
            )


def _placing(demand: Demand) -> list[Meeting]:
    """The records that place a part of the surplus."""
    return [record for record in demand.records if isinstance(record, surplus.Allocation | bylaws.Surplus)]


def _base(year: YearSurplus, of: str, records: Sequence[Meeting]) -> int | None:
    """The base of a figure in whole units, as the year came out; None for a step that the year does not have."""
    result = year.result
    known = {
        "surplus": year.base,
        "result": result.total,
        "before-tax": year.base + result.member_tax,
        "whole": year.whole,
        "nonmember": result.nonmember,
        "payroll": result.payroll,
    }
    if of in known:
        return known[of]
    if of == "remaining":
        first = min((record.step for record in records if isinstance(record, surplus.Allocation)), default=Decimal(0))
        return max(0, year.base) - sum(step.amount for step in year.steps if _comes_before(step, first))
    return next((step.amount for step in year.steps if f"step:{step.id}" == of), None)


def _comes_before(step: Step, number: Decimal) -> bool:
    """Whether a step takes from what remains for the steps of a number: expenses always do."""
    is_expense = isinstance(step.record, surplus.Allocation) and step.record.as_ == "expense"
    return step.record is not None and (is_expense or Decimal(step.step) < number)


def _base_words(of: str | None) -> str:
    text = str(of)
    return BASE_WORDS.get(text, f'the step "{text.removeprefix("step:")}"')


def _named(records: Sequence[Meeting]) -> str:
    first, *others = (record.named for record in records)
    return " and ".join([first, *others])


def _times(field: str, unit: str) -> Fraction:
    """What a figure of the law is multiplied with to stand in the unit of a field."""
    if field in IN_MONTHS and unit == "years":
        return Fraction(12)
    return Fraction(1, 12) if field in IN_YEARS and unit == "months" else Fraction(1)


def _in_field(number: Fraction, field: str, value: Any) -> str:
    """A number as it stands in a field."""
    if isinstance(value, Amount):
        return f"{_plain(number)} {value.currency}"
    return f"up to month {_plain(number)}" if field == "schedule" else _plain(number)


def _field_cure(field: str, sense: str, number: str) -> str:
    than = {"at-least": " or more", "at-most": " or less", "exactly": ""}[sense]
    return f"write {field}: {number}{than}"
