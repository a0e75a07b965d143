"""Alliances: on what terms others help, when that ends, and what the cooperative does about its dependence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction

from coopbooks.audit.criterion import criterion
from coopbooks.audit.ground import Ground
from coopbooks.audit.judgement import Judgement, breach, error, met, not_evidenced, pending, shortfall
from coopbooks.errors import Place
from coopbooks.money import places_half_up
from coopbooks.periods import add_months
from coopbooks.records import alliances, audits, decisions, practices
from coopbooks.rules.alliances import Given, gifts_of, reveal_of
from coopbooks.rules.dependence import concentration_of, named_support, support_of, survival_of
from coopbooks.rules.sovereignty import Measures, measures_of

__all__: list[str] = []

SIGNING = timedelta(days=30)
REVIEW = timedelta(days=30)
CAUCUS, OUTCOME = timedelta(days=7), timedelta(days=14)
DISCUSSION = timedelta(days=92)


# -- contracts -------------------------------------------------------------------------------------------------------


def _gifts(ground: Ground) -> list[Given]:
    """All gifts up to the window's last day, oldest first."""
    return [gift for gift in gifts_of(ground.rules) if gift.row.date <= ground.window.ends]


def _by_ally(gifts: Iterable[Given]) -> dict[str, list[Given]]:
    found: dict[str, list[Given]] = {}
    for gift in gifts:
        found.setdefault(str(gift.row.ally), []).append(gift)
    return dict(sorted(found.items()))


def _floor(ground: Ground) -> int:
    return ground.rules.facts.unit.nearest(ground.number("ally.floor"))


def _until(gifts: Iterable[Given], day: date) -> int:
    """What an ally has given by the end of a day, less what went back."""
    return sum(gift.units or 0 for gift in gifts if gift.row.date <= day)


def _crossings(gifts: Sequence[Given], floor: int) -> Iterator[date]:
    """Each day at whose end an ally has come to stand above the floor."""
    above = False
    for day in sorted({gift.row.date for gift in gifts}):
        now = _until(gifts, day) > floor
        if now and not above:
            yield day
        above = now


def _signed(ground: Ground, ally: str) -> list[tuple[date, alliances.Contract]]:
    """The contracts with an ally by the day of their signature, one without by its own date."""
    found = [(each.signed or each.date, each) for each in ground.rules.history(alliances.Contract, ally)]
    return sorted(found, key=lambda pair: (pair[0], pair[1].date, pair[1].place))


def _contract_on(ground: Ground, ally: str, day: date) -> alliances.Contract | None:
    """The contract that stands on a day: the last one signed by then, unless it was ended."""
    signed = [contract for when, contract in _signed(ground, ally) if when <= day]
    if not signed or (signed[-1].ends is not None and signed[-1].ends <= day):
        return None
    return signed[-1]


def _gap(contract: alliances.Contract | None, day: date) -> str | None:
    """What a contract lacks on a day; None where it has its signature and all four clauses, and its sunset is to come."""
    if contract is None:
        return "has no contract"
    lacks = [
        name
        for name, there in (
            ("open-ledger", contract.open_ledger),
            ("non-interference", contract.non_interference),
            ("assembly-supremacy", contract.assembly_supremacy),
            ("sunset", contract.sunset),
            ("signed", contract.signed),
        )
        if not there
    ]
    if lacks:
        return f"has a contract without {' and '.join(lacks)}"
    lapsed = contract.sunset is not None and contract.sunset < day
    return f"has a contract that lapsed on {contract.sunset}" if lapsed else None


def _unpriced(gifts: Iterable[Given]) -> Given | None:
    return next((gift for gift in gifts if gift.units is None), None)


class _Terms:
    """What the contracts of an audit's allies come to: the allies above the floor, faults, clocks that run, contracts."""

    def __init__(self, ground: Ground) -> None:
        self.allies = 0
        self.faults: list[tuple[str, tuple[Place, ...]]] = []
        self.open: list[str] = []
        self.contracts: list[Place] = []
        floor = _floor(ground)
        for ally, gifts in _by_ally(_gifts(ground)).items():
            days = [day for day in _crossings(gifts, floor) if self._counts(ground, gifts, day)]
            self.allies += bool(days)
            for day in days:
                self._judge(ground, ally, gifts, day)

    def _counts(self, ground: Ground, gifts: Sequence[Given], day: date) -> bool:
        """Whether it came to stand above the floor in the window, or did before and gave in it once more."""
        return day in ground.window or any(gift.row.date in ground.window and (gift.units or 0) > 0 for gift in gifts)

    def _judge(self, ground: Ground, ally: str, gifts: Sequence[Given], day: date) -> None:
        last = max(day + SIGNING, ground.window.starts)
        if _until(_gifts_of_ally(ground, ally), min(last, ground.as_of)) <= _floor(ground):
            return  # the money went back in time
        given = [gift.row.date for gift in gifts if gift.row.date in ground.window and (gift.units or 0) > 0]
        checked = sorted({last, *(when for when in given if when > last)})
        for when in checked:
            contract = _contract_on(ground, ally, min(when, ground.as_of))
            gap = _gap(contract, when)
            if gap is None and contract is not None:
                self.contracts.append(contract.place)
            elif when == last >= ground.as_of:
                self.open.append(f"the contract with {ally} is to be signed by {when}")
            else:
                places = tuple(gift.row.place for gift in gifts if gift.row.date == day)
                mine = (contract.place,) if contract is not None else ()
                self.faults.append((f"{ally}, above the floor since {day}, {gap} on {when}", (*mine, *places)))
                return


def _gifts_of_ally(ground: Ground, ally: str) -> list[Given]:
    """All gifts of one ally up to the day of the audit."""
    return [gift for gift in gifts_of(ground.rules) if str(gift.row.ally) == ally]


@criterion(
    "ALY-1",
    "core",
    "A solidarity contract with every ally",
    revolutionary="each ally above ally.floor has signed all four clauses at most 30 days after the contribution that "
    "brought it there",
    reformist="a contract is missing, late, or lacks a clause",
    hostile="an ally has decided something here, or holds a signed right to forbid it",
    evidence="compute examine",
    clause="000:53-64; 000:204",
    remedy="have the contract signed with its four clauses, or give the money back",
    parameters="ally.floor",
)
def contract_with_every_ally(ground: Ground) -> Judgement:
    """Contributions are added up over all years; what went back is taken off."""
    vetoes = [each for each in ground.inside(decisions.Decision) if each.body == "ally"]
    if vetoes:
        return breach(
            f"{vetoes[0].named} of {vetoes[0].date} was taken by an ally, which has no vote here",
            [each.place for each in vetoes],
        )
    unpriced = _unpriced(_gifts(ground))
    if unpriced is not None:
        return error(
            f"the gift of {unpriced.row.ally} of {unpriced.row.date} has no price, so nobody can say whether it is above "
            f"{_said_floor(ground)}",
            [unpriced.row.place],
        )
    terms = _Terms(ground)
    if not terms.allies:
        return ground.nothing_to_judge(f"no ally brought more than {_said_floor(ground)}")
    if terms.faults:
        return shortfall(terms.faults[0][0], [place for _, places in terms.faults for place in places])
    if not terms.contracts:
        if terms.open:
            return pending(terms.open[0])
        return ground.nothing_to_judge(f"no ally kept more than {_said_floor(ground)} here for 30 days")
    return met(
        f"{_many(terms.allies, 'ally', 'allies')} above {_said_floor(ground)} signed all four clauses", terms.contracts
    )


def _said_floor(ground: Ground) -> str:
    return ground.rules.facts.unit.said(_floor(ground))


def _many(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


# -- sunset ----------------------------------------------------------------------------------------------------------


@criterion(
    "ALY-2",
    "core",
    "Alliances lapse at their sunset",
    revolutionary="nothing was accepted after a contract's last day before it was made anew",
    reformist="something was accepted after that day",
    hostile="it went on for longer than one further interval of sunset.months",
    evidence="compute",
    clause="000:62; 001:42",
    remedy="make the contract anew in an assembly, or stop accepting",
    parameters="sunset.months ally.floor",
)
def alliances_lapse(ground: Ground) -> Judgement:
    """A contract made anew is a later contract record; without a sunset it lapses sunset.months after its signature."""
    months = int(ground.number("sunset.months"))
    late: list[tuple[Given, date]] = []
    unbound: list[Given] = []
    contracts: list[Place] = []
    waiting: list[date] = []
    for ally, gifts in _by_ally(_gifts(ground)).items():
        for gift in gifts:
            if gift.row.date not in ground.window or (gift.units is not None and gift.units <= 0):
                continue
            above = _until(gifts, gift.row.date) > _floor(ground)
            contract = next((each for when, each in reversed(_signed(ground, ally)) if when <= gift.row.date), None)
            if contract is not None:
                sunset = contract.sunset or add_months(contract.signed or contract.date, months)
                late += [(gift, sunset)] if gift.row.date > sunset else []
                contracts += [contract.place] if above else []
            elif above:  # its contract may follow within 30 days
                last = max(day for day in _crossings(gifts, _floor(ground)) if day <= gift.row.date) + SIGNING
                follows = [each.place for when, each in _signed(ground, ally) if when <= last]
                contracts += follows[:1]
                waiting += [last] if not follows and ground.as_of <= last else []
                unbound += [gift] if not follows and ground.as_of > last else []
    if not contracts and not late and not unbound and waiting:
        return pending(f"a contract that says when the alliance lapses is to be signed by {min(waiting)}")
    return _lapsed(ground, months, late, unbound, contracts)


def _lapsed(
    ground: Ground, months: int, late: list[tuple[Given, date]], unbound: list[Given], contracts: list[Place]
) -> Judgement:
    beyond = [(gift, sunset) for gift, sunset in late if gift.row.date > add_months(sunset, months)]
    for found, judged in ((beyond, breach), (late, shortfall)):
        if found:
            gift, sunset = found[0]
            return judged(
                f"the contract with {gift.row.ally} lapsed on {sunset}, and a gift was accepted on {gift.row.date}",
                [each.row.place for each, _ in found],
            )
    if unbound:
        gift = unbound[0]
        return not_evidenced(
            f"{gift.row.ally} gave on {gift.row.date} and no contract says when the alliance lapses",
            [each.row.place for each in unbound],
        )
    if not contracts:
        return ground.nothing_to_judge("nothing accepted that needs a contract")
    return met("everything accepted from allies came before the sunset of its contract", contracts)


# -- the pulse -------------------------------------------------------------------------------------------------------


@criterion(
    "ALY-3",
    "practice",
    "The Alliance Pulse",
    revolutionary="each major meeting and each quarter has a pulse with all four steps, and every red flag is looked into "
    "at most 30 days later",
    reformist="a pulse, a step or a review is missing",
    evidence="examine",
    clause="000:103-115",
    remedy="put the pulse on the agenda of every assembly",
)
def alliance_pulse(ground: Ground) -> Judgement:
    """Major is every assembly that is recorded, and every strategic decision of the assembly; cooperatives with allies."""
    if not any(ground.rules.all_of(alliances.Ally, day) for day in _turns(ground)) and not _gifts(ground):
        return ground.nothing_to_judge("no ally")
    pulses = ground.inside(alliances.Pulse)
    for day in _major_meetings(ground):
        if not any(each.date == day for each in pulses):
            return shortfall(
                f"the meeting of {day} was held without an Alliance Pulse", [each.place for each in pulses]
            )
    for quarter in ground.quarters:
        if not any(each.date in quarter for each in pulses):
            return shortfall(f"{quarter.name} has no Alliance Pulse", [each.place for each in pulses])
    if not pulses:
        return pending(f"no quarter of {ground.window.name} is over, and no major meeting was held")
    for pulse in pulses:
        fault = _pulse_fault(ground, pulse)
        if fault is not None:
            return shortfall(f"{pulse.named} of {pulse.date} {fault}", [pulse.place])
    return met(f"{_many(len(pulses), 'pulse', 'pulses')} with all four steps", [each.place for each in pulses])


def _turns(ground: Ground) -> list[date]:
    """The first day of the window and those on which an ally record is dated in it."""
    return [ground.window.starts, *(each.date for each in ground.inside(alliances.Ally))]


def _major_meetings(ground: Ground) -> list[date]:
    strategic = [each for each in ground.inside(decisions.Decision) if each.strategic and each.body == "assembly"]
    return sorted({each.date for each in (*ground.inside(audits.Assembly), *strategic)})


def _pulse_fault(ground: Ground, pulse: alliances.Pulse) -> str | None:
    steps = (
        ("ledger-reveal", pulse.ledger_reveal),
        ("votes", pulse.votes),
        ("dependency-scan", pulse.dependency_scan),
        ("narrative-check", pulse.narrative_check),
    )
    lacks = [name for name, done in steps if not done]
    if lacks:
        return f"lacks {' and '.join(lacks)}"
    flags = _red_flags(pulse.votes or "")
    if flags is None:
        return 'has votes that nobody can count: write them as "union:strengthened=9:muddled=2:constrained=1"'
    for group in flags:
        if pulse.date + REVIEW < ground.as_of and not _is_reviewed(ground, pulse, group):
            return f"has a red flag on {group} that nobody looked into by {pulse.date + REVIEW}"
    return None


def _red_flags(votes: str) -> list[str] | None:
    """The groups in which somebody voted constrained; None where the text is not in the form of the records."""
    found = []
    for word in votes.replace(",", " ").split():
        group, *counts = word.split(":")
        numbers = {name: number for name, _, number in (each.partition("=") for each in counts)}
        known = set(numbers) <= {"strengthened", "muddled", "constrained"}
        if not group or not numbers or not known or not all(each.isdecimal() for each in numbers.values()):
            return None
        if int(numbers.get("constrained", "0")):
            found.append(group)
    return found


def _is_reviewed(ground: Ground, pulse: alliances.Pulse, group: str) -> bool:
    """A caucus on the ally, or a decision that the pulse names, from the pulse's day on and within 30 days."""
    last = pulse.date + REVIEW
    held: list[date] = [each.date for each in ground.rules.history(alliances.Caucus, group)]
    if pulse.decision:
        held += [each.date for each in ground.rules.history(decisions.Decision, pulse.decision)]
    return any(pulse.date <= day <= last for day in held)


# -- signals ---------------------------------------------------------------------------------------------------------


@criterion(
    "ALY-4",
    "practice",
    "Exit signals convene a caucus",
    revolutionary="each signal has a caucus at most 7 days later and an outcome at most 14 days later",
    reformist="a caucus or its outcome is late or missing",
    evidence="compute",
    clause="000:81-91",
    remedy="hold the caucus; until it has decided, the alliance is suspended",
)
def signals_convene_a_caucus(ground: Ground) -> Judgement:
    """Days are counted from the day after the signal's."""
    signals = ground.inside(alliances.Signal)
    if not signals:
        return ground.nothing_to_judge("no signal")
    evidence: list[Place] = []
    waiting = ""
    for signal in signals:
        found = _answered(ground, signal)
        if found.outcome == "shortfall":
            return found
        waiting = waiting or (found.reason if found.outcome == "pending" else "")
        evidence += found.evidence
    if not evidence:
        return pending(waiting)
    answered = f"{_many(len(signals), 'signal', 'signals')} answered in time"
    return met(f"{answered}, and {waiting}" if waiting else answered, evidence)


def _answered(ground: Ground, signal: alliances.Signal) -> Judgement:
    held = [each for each in ground.rules.history(alliances.Caucus, signal.id) if each.date >= signal.date]
    ended = [each for each in held if each.outcome]
    for name, days, found in (("caucus", CAUCUS, held), ("outcome", OUTCOME, ended)):
        last = signal.date + days
        if found and found[0].date <= last:
            continue
        if ground.as_of <= last:
            return pending(f"the {name} on {signal.named} of {signal.date} is due by {last}")
        return shortfall(f"{signal.named} of {signal.date} has no {name} by {last}", [signal.place])
    return met("answered", [signal.place, held[0].place, ended[0].place])


# -- dependence ------------------------------------------------------------------------------------------------------


@criterion(
    "ALY-5",
    "practice",
    "No ally is decisive",
    revolutionary="the largest ally brings at most ally.max-share of the income",
    reformist="it brings more",
    evidence="compute",
    clause="000:111; 000:228",
    remedy="find other sources before the next gift of the largest",
    parameters="ally.max-share",
)
def no_ally_is_decisive(ground: Ground) -> Judgement:
    """Support that names no ally is counted as if the largest had given it."""
    reveal = reveal_of(ground.rules, ground.window.ends, ground.window.starts)
    unpriced = _unpriced(reveal.gifts)
    if unpriced is not None:
        return error(f"the gift of {unpriced.row.ally} of {unpriced.row.date} has no price", [unpriced.row.place])
    unnamed = _unnamed_support(ground, reveal.gifts)
    if not reveal.gifts and not unnamed:
        return ground.nothing_to_judge("no gift of an ally")
    income = concentration_of(ground.rules, ground.window).income if reveal.income is None else reveal.income
    if income <= 0:
        return not_evidenced(f"the books show no income in {ground.window.name} that gifts could be a share of")
    largest = max(reveal.allies, key=lambda each: (each.given + each.in_kind, each.id), default=None)
    units = max(0, (largest.given + largest.in_kind) if largest is not None else 0) + unnamed
    share, most = Fraction(units, income), Fraction(ground.number("ally.max-share"))
    who = largest.id if largest is not None and largest.given + largest.in_kind > 0 else "support that names no ally"
    said = f"{who} brought {_percent(share)} of the income of {ground.window.name}, where {_percent(most)} is the most"
    if share > most:
        return shortfall(said, [gift.row.place for gift in reveal.gifts])
    return met(said, [gift.row.place for gift in reveal.gifts] or ground.window_snapshots)


def _unnamed_support(ground: Ground, gifts: Iterable[Given]) -> int:
    """Income of the window on accounts named for grants or donations, less what names its ally there."""
    support = support_of(ground.rules, ground.window)
    named, _ = named_support(gifts, ground.window, support, ground.rules.facts.roots.income)
    return max(0, round(support - named))


def _percent(share: Fraction) -> str:
    return f"{places_half_up(share * 100, 1)} %"


@criterion(
    "ALY-6",
    "practice",
    "Thirty days on its own, and another way for each function",
    revolutionary="the cooperative lasts survival.days without support from outside, and each function has another way that "
    "was tried",
    reformist="it lasts for less, or a function hangs on one provider outside",
    evidence="compute examine",
    clause="000:141; 000:210",
    remedy="build a reserve, and try an alternative for each function",
    parameters="survival.days",
)
def lasts_on_its_own(ground: Ground) -> Judgement:
    """As the survival measure of the sovereignty index on the window's last day."""
    day = min(ground.window.ends, ground.as_of)
    found = survival_of(ground.rules, day)
    if found.missing is not None:
        return not_evidenced(found.missing)
    least = int(ground.number("survival.days"))
    lasts = "without end" if found.days is None else _many(found.days, "day", "days")
    siege = "without end" if found.siege_days is None else _many(found.siege_days, "day", "days")
    said = f"on {day} the cooperative lasts {lasts} without support from outside, and {siege} without any income"
    if found.days is not None and found.days < least:
        return shortfall(f"{said}; {least} days are asked for", found.evidence)
    if found.untested:
        return shortfall(
            f"{said}; {len(found.untested)} of {found.functions} functions have no alternative that was tried: "
            f"{', '.join(found.untested)}",
            found.evidence,
        )
    return met(f"{said}; each of {_many(found.functions, 'function', 'functions')} has another way", found.evidence)


# -- looking at oneself ----------------------------------------------------------------------------------------------


@criterion(
    "ALY-7",
    "practice",
    "The sovereignty index is published",
    revolutionary="each quarter the four measures are published, and an assembly talks about each fall",
    reformist="a quarter is without them, or a fall was passed over",
    evidence="compute",
    clause="000:133-146",
    remedy="compute the four measures, publish them and put a fall on the agenda",
)
def index_is_published(ground: Ground) -> Judgement:
    """A publication is `practice "sovereignty-index"`; its figures are those of its day, computed from these books."""
    published = [each for each in ground.inside(practices.Practice) if each.id == "sovereignty-index"]
    if not ground.quarters:
        return pending(f"no quarter of {ground.window.name} is over")
    for quarter in ground.quarters:
        if not any(each.date in quarter for each in published):
            return shortfall(f"nothing was published in {quarter.name}", [each.place for each in published])
    before: Measures | None = None
    evidence = [each.place for each in published]
    for each in published:
        now = measures_of(ground.rules, each.date)
        if now.index is None:
            return not_evidenced(f"on {each.date} the books bear no figure for {' and '.join(now.missing)}", evidence)
        if before is not None and before.index is not None and now.index < before.index:
            talks = _talks(ground, each.date)
            if not talks and ground.as_of > each.date + DISCUSSION:
                return shortfall(
                    f"the index fell from {before.index} to {now.index} by {each.date}, and no assembly was held in the "
                    f"{DISCUSSION.days} days after",
                    [each.place],
                )
            evidence += talks[:1]
        before = now
    return met(f"published {_many(len(published), 'time', 'times')}, at least once a quarter", evidence)


def _talks(ground: Ground, day: date) -> list[Place]:
    """The assemblies from a day on in which a fall could be talked about."""
    held = [each for each in ground.rules.every(audits.Assembly) if day <= each.date <= day + DISCUSSION]
    return [each.place for each in sorted(held, key=lambda each: (each.date, each.place))]


@criterion(
    "ALY-8",
    "practice",
    "A sovereignty audit each cycle",
    revolutionary="each year the four questions are answered for every ally, and the answers are public",
    reformist="they are not, or not for every ally",
    evidence="examine",
    clause="000:66-77",
    remedy="hold the sovereignty audit and publish its answers",
)
def sovereignty_audit(ground: Ground) -> Judgement:
    """`practice "sovereignty-audit"` shows that it was held; what was answered only the panel can read."""
    allies = sorted({each.id for day in _turns(ground) for each in ground.rules.all_of(alliances.Ally, day)})
    if not allies and not _gifts(ground):
        return ground.nothing_to_judge("no ally")
    held = [each for each in ground.inside(practices.Practice) if each.id == "sovereignty-audit"]
    for year in ground.fiscal_years:
        if not any(each.date in year for each in held):
            return not_evidenced(f'{year.name} has no practice "sovereignty-audit"')
    if not held:
        return pending(f"{ground.window.name} is not over")
    return not_evidenced(
        f"a sovereignty audit was held {_many(len(held), 'time', 'times')}: the panel reads whether its paper answers the "
        f"four questions for {_many(len(allies), 'ally', 'allies')} and is public",
        [each.place for each in held],
    )
