"""A second, simple opinion on random cooperatives: plain loops, which know nothing of the library's rules.

The model below was written from the description of the books alone. It is slow and short: it walks over days where
the library looks up periods, and it computes a year from nothing each time.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import ceil, floor
from random import Random
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st
from strategies import Books, Pay, Person, all_answers, books, cooperative, directives, facts, scaled, without_places

from coopbooks.cooperative import Cooperative
from coopbooks.errors import SurplusRefused

DAY = timedelta(1)
FOUNDED = date(2024, 1, 1)
Periods = dict[str, tuple[date, date]]
Shares = dict[str, Fraction]


class Refused(Exception):  # the model's word for a surplus that its rules cannot place
    """The rules do not say how this surplus is to be placed."""


# -- the calendar --------------------------------------------------------------------------------------------


def year_end(one: Books, day: date) -> date:
    month, last = map(int, one.year_ends.split("-"))
    end = date(day.year, month, last)
    return end if day <= end else date(day.year + 1, month, last)


def period_of(one: Books, day: date, sort: str) -> tuple[str, date, date]:
    """Name, first and last day of the month, fiscal quarter or fiscal year that a day is in."""
    if sort == "month":
        first = day.replace(day=1)
        return f"{day:%Y-%m}", first, (first + 31 * DAY).replace(day=1) - DAY
    ends = year_end(one, day)
    starts = date(ends.year - 1, ends.month, ends.day) + DAY
    if sort == "year":
        return str(ends.year), starts, ends
    quarter = (day.year * 12 + day.month - starts.year * 12 - starts.month) // 3
    months = starts.year * 12 + starts.month - 1 + quarter * 3
    first, after = (date(each // 12, each % 12 + 1, 1) for each in (months, months + 3))
    return f"{ends.year}-Q{quarter + 1}", first, after - DAY


def days_of(one: Books, pay: Pay) -> list[date]:
    """Every day that a posting pays for."""
    if pay.span is None:
        return [pay.day]
    first, last = span_of(one.year_ends, pay.span)
    return [first + number * DAY for number in range((last - first).days + 1)]


@cache
def span_of(year_ends: str, span: str) -> tuple[date, date]:
    """The first and the last day of what `pay-period:` names."""
    if "/" in span:
        first, last = map(date.fromisoformat, span.split("/"))
        return first, last
    year = Books(year_ends, ())
    sort = "quarter" if "Q" in span else "month" if "-" in span else "year"
    day = date(int(span[:4]) - 1, 1, 1)
    while period_of(year, day, sort)[0] != span:
        day += DAY
    _, first, last = period_of(year, day, sort)
    return first, last


# -- people and their work -----------------------------------------------------------------------------------


def person_of(one: Books, person: str) -> Person:
    return next(each for each in one.people if each.id == person)


def status(one: Books, person: str, day: date) -> str | None:
    """Member, worker or exit on a day."""
    before = [turn for since, turn in sorted(person_of(one, person).turns) if since <= day]
    return before[-1] if before else None


def status_at_work(one: Books, person: str, day: date) -> str | None:
    """The same, but after an exit what there was before it."""
    before = [turn for since, turn in sorted(person_of(one, person).turns) if since <= day and turn != "exit"]
    return before[-1] if before else None


@dataclass
class Worked:
    """One person in one period: pay in cents, hours where any are known."""

    cents: Fraction = Fraction(0)
    hours: Fraction = Fraction(0)
    known: bool = False
    contract: bool = False

    def add(self, pay: Pay, part: Fraction) -> None:
        self.cents += pay.cents * part
        if pay.quarters is not None:
            self.known = True
            sign = -1 if pay.cents < 0 else 1
            self.hours += Fraction(sign * pay.quarters, 4) * part


Table = dict[tuple[str, date, date], dict[str, Worked]]


@dataclass
class Sheet:
    """Pay and hours by period and person, filled in the order that the rules give."""

    one: Books
    sort: str
    table: Table = field(default_factory=lambda: defaultdict(lambda: defaultdict(Worked)))
    with_hours: set[tuple[str, str]] = field(default_factory=set)

    def touched(self, pay: Pay) -> list[tuple[str, date, date]]:
        found: list[tuple[str, date, date]] = []
        for day in days_of(self.one, pay):
            period = period_of(self.one, day, self.sort)
            if period not in found:
                found.append(period)
        return found

    def is_long(self, pay: Pay) -> bool:
        touched = self.touched(pay)
        longest = max((ends - starts).days + 1 for _, starts, ends in touched)
        return len(touched) > 1 and len(days_of(self.one, pay)) > longest

    def note_hours(self, pay: Pay) -> None:
        if pay.quarters is not None and pay.kind in {"base", "leave", "sick"}:
            self.with_hours |= {(pay.person, f"{day:%Y-%m}") for day in days_of(self.one, pay)}

    def add_by_days(self, pay: Pay) -> None:
        days = days_of(self.one, pay)
        for day in days:
            self.table[period_of(self.one, day, self.sort)][pay.person].add(pay, Fraction(1, len(days)))
        self.note_hours(pay)

    def worked(self, pay: Pay) -> list[tuple[str, date, date]]:
        return [
            period
            for period in self.touched(pay)
            if pay.person in self.table[period] and self.table[period][pay.person].hours > 0
        ]

    def add_evenly(self, pays: list[Pay]) -> None:
        placed = [(pay, self.worked(pay) or self.touched(pay)) for pay in pays]
        for pay, periods in placed:
            for period in periods:
                self.table[period][pay.person].add(pay, Fraction(1, len(periods)))
            self.note_hours(pay)

    def add_contract(self, pays: list[Pay]) -> None:
        """Contract hours of a month once, where it has pay and no posting with hours."""
        wanted: dict[tuple[str, str], date] = {}
        for pay in pays:
            if pay.quarters is None and pay.cents > 0:
                for day in days_of(self.one, pay):
                    key = (pay.person, f"{day:%Y-%m}")
                    if key not in self.with_hours:
                        wanted[key] = max(day, wanted.get(key, day))
        for (person, _), day in wanted.items():
            hours = person_of(self.one, person).hours
            if hours is not None:
                entry = self.table[period_of(self.one, day, self.sort)][person]
                entry.hours, entry.known, entry.contract = entry.hours + hours, True, True


def work_sheet(one: Books, sort: str, kinds: set[str], members: bool = False, since: date | None = None) -> Table:
    """Who worked and was paid what, by period."""
    sheet = Sheet(one, sort)
    counted = [
        pay
        for pay in one.pays
        if pay.kind in kinds
        and (not members or status_at_work(one, pay.person, days_of(one, pay)[-1]) == "member")
        and (since is None or days_of(one, pay)[-1] >= since)
    ]
    long = [pay for pay in counted if sheet.is_long(pay)]
    short = [pay for pay in counted if not sheet.is_long(pay)]
    for pay in short:
        sheet.add_by_days(pay)
    sheet.add_contract(short)
    sheet.add_evenly([pay for pay in long if pay.quarters is not None])
    follows = [pay for pay in long if pay.quarters is None]
    sheet.add_contract([pay for pay in follows if not sheet.worked(pay)])
    sheet.add_evenly(follows)
    return sheet.table


# -- the wage ratio ------------------------------------------------------------------------------------------

PLAIN = {"base", "overtime", "bonus", "leave", "sick", "in-kind", "contract"}


def two_places(value: Fraction) -> str:
    cents = floor(value * 100 + Fraction(1, 2))
    return f"{cents // 100}.{cents % 100:02}"


def rates_of(works: dict[str, Worked], cap: dict[str, Any]) -> tuple[dict[str, Fraction], set[str]]:
    """Everybody's rate, and who is left out."""
    rates, out = {}, set()
    for person, work in works.items():
        full_time = cap.get("measure") == "full-time"
        pay = work.cents / 100
        if pay > 0 and not work.known and full_time:
            rates[person] = pay
        elif pay <= 0 or not work.known or work.hours <= 0 or work.hours < cap.get("minimum-hours", 8):
            out.add(person)
        elif full_time:
            rates[person] = pay / min(Fraction(1), work.hours / cap["full-time-hours"])
        else:
            rates[person] = pay / work.hours
    return rates, out


def two_ends(rates: dict[str, Fraction], cap: dict[str, Any]) -> list[tuple[str | None, Fraction]]:
    compare = cap.get("compare", "max/min")
    order = sorted(rates, key=lambda person: (rates[person], person))
    high: tuple[str | None, Fraction] = max(
        ((person, rates[person]) for person in sorted(rates, reverse=True)),
        key=lambda each: (each[1], -order.index(each[0])),
    )
    high = next((person, rates[person]) for person in sorted(rates) if rates[person] == high[1])
    low: tuple[str | None, Fraction] = (order[0], rates[order[0]])
    if compare == "mean-top-5/floor":
        best = sorted(rates.values(), reverse=True)[:5]
        high = (None, sum(best, Fraction(0)) / len(best))
    if compare == "max/median":
        values = sorted(rates.values())
        low = (None, (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2)
    if compare.endswith("/floor"):
        hours = cap["full-time-hours"] if cap["measure"] == "full-time" else 1
        low = (None, Fraction(cap["floor"].cents, 100) * hours)
    return [high, low]


def ratio_row(period: str, works: dict[str, Worked], cap: dict[str, Any]) -> dict[str, Any]:
    rates, out = rates_of(works, cap)
    row: dict[str, Any] = {"period": period, "people": len(rates), "left_out": sorted(out), "ratio": None}
    row |= {"highest": None, "lowest": None, "breach": False}
    row["contract_hours"] = sorted(person for person, work in works.items() if work.contract)
    if rates:
        high, low = two_ends(rates, cap)
        ratio = high[1] / low[1]
        row["breach"] = "cap" in cap and ratio > Fraction(cap["cap"])
        row["ratio"] = two_places(ratio)
        if row["breach"] and Decimal(row["ratio"]) <= cap["cap"]:
            row["ratio"] = two_places(Fraction(ceil(ratio * 100), 100))
        row["highest"] = {"person": high[0], "rate": two_places(high[1])}
        row["lowest"] = {"person": low[0], "rate": two_places(low[1])}
    return row


def model_wages(one: Books) -> list[dict[str, Any]]:
    """Every row of the wage ratio in which somebody stands."""
    caps = [rule for rule in one.rules if rule.id.startswith("wage-ratio")]
    found = []
    for cap in caps:
        kinds = set(cap.fields["include"].split()) if "include" in cap.fields else PLAIN
        members = cap.fields["over"] == "members"
        sheet = work_sheet(one, cap.fields["period"], kinds - {"unpaid", "none"}, members)
        for (name, starts, ends), works in sheet.items():
            if cap.day <= ends and works:
                found.append((starts, ends, cap.id, ratio_row(name, works, cap.fields)))
    for (name, starts, ends), works in work_sheet(one, "month", PLAIN).items():
        if works and not any(cap.day <= ends for cap in caps):
            found.append((starts, ends, "", ratio_row(name, works, {})))
    return [row for *_, row in sorted(found, key=lambda each: each[:3])]


# -- splitting -----------------------------------------------------------------------------------------------


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def deal(total: int, shares: Shares) -> dict[str, int]:
    """Largest remainder, one unit after the other; of equal remainders the smaller id comes first."""
    whole = sum(shares.values(), Fraction(0))
    exact = {each: total * shares[each] / whole for each in sorted(shares)}
    parts = {each: floor(part) for each, part in exact.items()}
    while sum(parts.values()) < total:
        most = max(exact[each] - parts[each] for each in parts)
        parts[next(each for each in parts if exact[each] - parts[each] == most)] += 1
    return parts


# -- the surplus ---------------------------------------------------------------------------------------------


def below(account: str, parent: str) -> bool:
    return account == parent or account.startswith(parent + ":")


def standing(one: Books, account: str) -> int:
    """What an account and all below it hold; there are no closes in these books."""
    return sum(cents for each, cents in one.openings if below(each, account))


def in_force(one: Books, kind: str, day: date) -> dict[str, dict[str, Any]]:
    found = {}
    for rule in sorted(one.rules, key=lambda rule: rule.day):
        if rule.kind == kind and rule.day <= day:
            found[rule.id] = rule.fields
    return {each: found[each] for each in sorted(found)}


@dataclass
class Year:
    """One fiscal year while it is computed."""

    one: Books
    name: str
    starts: date
    ends: date
    rule: dict[str, Any]
    carried_in: int = 0
    earlier: int = 0
    result: int = 0
    nonmember: int = 0
    payroll: int = 0
    to_nonmember: int = 0
    remaining: int = 0
    steps: dict[str, int] = field(default_factory=dict)
    received: list[tuple[str, int]] = field(default_factory=list)
    parts: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def whole(self) -> int:
        return self.result + self.carried_in - self.earlier

    @property
    def base(self) -> int:
        return self.whole - self.to_nonmember

    # -- the result

    def compute_result(self) -> None:
        paid = [pay for pay in self.one.pays if self.starts <= pay.day <= self.ends]
        flows = [tenths for day, tenths in self.one.flows if self.starts <= day <= self.ends]
        tenths = sum(flows) - 10 * sum(pay.cents for pay in paid)
        self.result = abs(tenths) // 10 * (1 if tenths > 0 else -1)  # cut towards zero
        self.payroll = sum(pay.cents for pay in paid if pay.kind not in ("none", "unpaid"))
        if self.result > 0 and self.rule["split"] != "none":
            figure = "hours" if self.rule["split"] == "hours" else "cents"
            everyone = sum(getattr(work, figure) for work in self.work().values())
            members = sum(getattr(work, figure) for work in self.work(members=True).values())
            if everyone > 0:
                self.nonmember = max(0, half_up(self.result * Fraction(everyone - members) / Fraction(everyone)))
        if "nonmember-to" in self.rule:
            self.to_nonmember = min(self.nonmember, max(0, self.whole))

    def work(self, members: bool = False, since: date | None = FOUNDED) -> dict[str, Worked]:
        kinds = set(self.rule.get("count", "base overtime contract unpaid").split())
        sheet = work_sheet(self.one, "year", kinds, members, since)
        return dict(sheet.get(period_of(self.one, self.ends, "year"), {}))

    # -- who shares

    def is_member(self, person: str) -> bool:
        return status(self.one, person, self.ends) == "member"

    def were_members(self) -> list[str]:
        days = [self.starts + number * DAY for number in range((self.ends - self.starts).days + 1)]
        return sorted(
            person.id for person in self.one.people if any(status(self.one, person.id, day) == "member" for day in days)
        )

    def figures(self, by: str, everyone: bool) -> Shares:
        by = self.rule["patronage"] if by == "patronage" else by
        if by == "equal":
            wanted = ("member", "worker") if everyone else ("member",)
            here = [each.id for each in self.one.people if status(self.one, each.id, self.ends) in wanted]
            found = {person: Fraction(1) for person in here}
        else:
            if everyone:
                work = self.work()
            elif self.rule["patronage-from"] == "hire":
                were = self.were_members()
                work = {person: each for person, each in self.work(since=None).items() if person in were}
            else:
                work = self.work(members=True)
            found = {person: each.hours if by == "hours" else each.cents / 100 for person, each in work.items()}
        if self.rule["takes-part"] == "at-close" and not everyone:
            found = {person: each for person, each in found.items() if self.is_member(person)}
        return found

    def shares(self, by: str, everyone: bool) -> Shares:
        found = self.figures(by, everyone)
        if any(each < 0 for each in found.values()):
            raise Refused
        found = {person: each for person, each in found.items() if each > 0}
        of_patronage = by == "patronage" and not everyone
        if of_patronage and "minimum" in self.rule:
            found = {person: each for person, each in found.items() if each >= self.rule["minimum"]}
        if not found:
            raise Refused
        if of_patronage and "maximum" in self.rule:
            found = self.levelled(found, Fraction(self.rule["maximum"]))
        return found

    def levelled(self, figures: Shares, most: Fraction) -> Shares:
        """Nobody above the maximum; what is over goes to the rest in proportion, again and again."""
        if most * len(figures) < 1:
            raise Refused
        whole = sum(figures.values(), Fraction(0))
        shares = {person: each / whole for person, each in figures.items()}
        full: set[str] = set()
        while any(share > most for share in shares.values()):
            full |= {person for person, share in shares.items() if share >= most}
            rest = sum((shares[person] for person in shares if person not in full), Fraction(0))
            left = 1 - most * len(full)
            shares = {person: most if person in full else shares[person] * left / rest for person in shares}
        return shares

    # -- the steps

    def got(self, account: str) -> int:
        return sum(cents for each, cents in self.received if below(each, account))

    def base_of(self, of: str) -> int:
        bases = {
            "surplus": self.base,
            "result": self.result,
            "remaining": self.remaining,
            "whole": self.whole,
            "nonmember": self.nonmember,
            "payroll": self.payroll,
        }
        return max(0, bases[of] if of in bases else self.steps[of.removeprefix("step:")])

    def missing(self, step: dict[str, Any]) -> int | Fraction | None:
        """What the account lacks until its limit before this close; None without a limit, below one where reached."""
        if "until" in step:
            limit: int | Fraction = step["until"].cents
        elif "until-of" in step:
            limit = Fraction(step["until-of"]) * standing(self.one, step["until-account"])
        else:
            return None
        return limit - standing(self.one, step["to"])

    def ask(self, step: dict[str, Any], left: Fraction = Fraction(0)) -> Fraction:
        missing = self.missing(step)
        reached = missing is not None and missing <= 0
        if "amount" in step:
            exact = Fraction(step["amount"].cents)
        elif "rest" in step:
            exact = left
        else:
            share = step.get("then", 0) if reached else step["share"]
            exact = Fraction(share) * self.base_of(step["of"])
            if step["top-up"]:
                exact = max(Fraction(0), exact - self.got(step["to"]))
            if "at-most" in step:
                exact = min(exact, Fraction(step["at-most"]) * self.base_of(step["at-most-of"]))
        if missing is None or (reached and "then" in step):
            return exact
        return max(Fraction(0), min(exact, Fraction(missing) - self.got(step["to"])))

    def place(self) -> None:
        if "nonmember-to" in self.rule:
            self.steps["nonmember"] = self.to_nonmember
            self.received.append((self.rule["nonmember-to"], self.to_nonmember))
        self.remaining = max(0, self.base)
        rules = in_force(self.one, "allocation", self.starts)
        for number in sorted({rule["step"] for rule in rules.values()}):
            group = {each: rule for each, rule in rules.items() if rule["step"] == number}
            amounts = self.place_group(group)
            self.remaining -= sum(amounts.values())
            for each, amount in amounts.items():
                self.steps[each] = amount
                self.received.append((group[each]["to"], amount))
                if group[each]["to"] in ("members", "workers") and amount:
                    everyone = group[each]["to"] == "workers"
                    self.parts[each] = deal(amount, self.shares(group[each]["by"], everyone))

    def place_group(self, group: dict[str, dict[str, Any]]) -> dict[str, int]:
        exact = {each: self.ask(step) for each, step in group.items() if "rest" not in step}
        alone = {each: self.rounded_alone(group[each], exact[each]) for each in exact}
        left = max(Fraction(0), self.remaining - sum(alone.values(), Fraction(0)))
        rests = [each for each in group if "rest" in group[each]]
        exact |= self.rest_of(group, rests, left)
        return dealt(exact, {each: group[each].get("round", "nearest") for each in group}, self.remaining)

    def rounded_alone(self, step: dict[str, Any], exact: Fraction) -> Fraction:
        how = step.get("round", "nearest")
        return Fraction(ceil(exact)) if how == "up" else Fraction(floor(exact)) if how == "down" else exact

    def rest_of(self, group: dict[str, dict[str, Any]], rests: list[str], left: Fraction) -> Shares:
        """Everything that is left, in equal parts; who has a limit takes no more, and the others get the difference."""
        found: Shares = {}
        while rests:
            each = left / len(rests)
            cut = {rest: self.ask(group[rest], each) for rest in rests}
            limited = [rest for rest in rests if cut[rest] < each]
            if not limited:
                return found | cut
            found |= {rest: cut[rest] for rest in limited}
            left -= sum(cut[rest] for rest in limited)
            rests = [rest for rest in rests if rest not in limited]
        return found

    # -- a loss

    def bear(self) -> None:
        loss = left = -(self.result + self.carried_in)
        rules = in_force(self.one, "loss", self.starts)
        for number in sorted({rule["step"] for rule in rules.values()}):
            group = {each: rule for each, rule in rules.items() if rule["step"] == number}
            wanted, can = self.limited(group, left, loss)
            amounts = dealt(can, dict.fromkeys(can, "nearest"), left)
            for each in sorted(group):
                stopped = sum(can.values()) <= left and can[each] < wanted[each]
                asked = half_up(wanted[each]) if stopped else amounts[each]
                self.steps[each] = -self.borne(each, group[each], asked)
                left += self.steps[each]

    def limited(self, group: dict[str, dict[str, Any]], left: int, loss: int) -> tuple[Shares, Shares]:
        """What the steps of one number are to bear, and what of it they can: what one cannot, a rest beside it does."""
        received, parts = list(self.received), dict(self.parts)
        wanted = {each: self.bears(rule, loss) for each, rule in sorted(group.items()) if "share" in rule}
        can = {each: self.tried(each, group[each], ask) for each, ask in wanted.items()}
        rest = max(Fraction(0), left - sum(can.values(), Fraction(0)))
        rests = [each for each in sorted(group) if each not in can]
        most = {each: self.bears(group[each], loss, rest) for each in rests}
        room = dict(most)
        after = list(self.received), dict(self.parts)
        for each in rests:
            if group[each]["from"] != "members":
                room[each] = self.tried(each, group[each], most[each])
                self.received, self.parts = list(after[0]), dict(after[1])
        even = self.evenly(room, rest)
        for each in rests:
            wanted[each] = self.evenly(room | {each: most[each]}, rest)[each]
            if group[each]["from"] == "members":
                room[each] = self.tried(each, group[each], even[each])
                self.received, self.parts = list(after[0]), dict(after[1])
                others = {other: room[other] for other in rests if other != each}
                even = {each: room[each], **self.evenly(others, rest - room[each])}
        self.received, self.parts = received, parts
        return wanted, can | even

    def tried(self, step: str, rule: dict[str, Any], ask: Fraction) -> Fraction:
        borne = self.borne(step, rule, half_up(ask))
        return ask if borne == half_up(ask) else Fraction(borne)

    def evenly(self, room: Shares, left: Fraction) -> Shares:
        """Equal parts, none larger than its room; what does not fit goes to the others."""
        found: Shares = {}
        while len(found) < len(room):
            open_ones = [each for each in room if each not in found]
            part = left / len(open_ones)
            full = [each for each in open_ones if room[each] < part] or open_ones
            for each in full:
                found[each] = min(room[each], part)
                left -= found[each]
        return found

    def bears(self, rule: dict[str, Any], loss: int, rest: Fraction = Fraction(0)) -> Fraction:
        ask = Fraction(rule["share"]) * loss if "share" in rule else rest
        if "at-most-share" in rule:
            ask = min(ask, Fraction(rule["at-most-share"]) * loss)
        return ask

    def holds(self, account: str) -> int:
        """What an account still holds after what it, or an account above it, has borne of this loss already."""
        above = {account, *(each for each, _ in self.received if below(account, each))}
        return min(standing(self.one, each) + self.got(each) for each in above)

    def borne(self, step: str, rule: dict[str, Any], asked: int) -> int:
        if rule["from"] != "members":
            borne = asked if rule.get("below-zero") else min(asked, max(0, self.holds(rule["from"])))
            self.received.append((rule["from"], -borne))
            return borne
        if not asked:
            return 0
        parts = deal(asked, self.shares("patronage", everyone=False))
        if not rule.get("below-zero"):
            parts = {person: min(part, self.capital(person)) for person, part in parts.items()}
        self.parts[step] = {person: -part for person, part in parts.items()}
        return sum(parts.values())

    def capital(self, person: str) -> int:
        """What a member's account still holds after what it has borne of this loss already."""
        taken = -sum(parts.get(person, 0) for parts in self.parts.values())
        return max(0, standing(self.one, f"Equity:Members:{person.title()}") - taken)

    # -- what everybody gets

    def people(self, to: str) -> dict[str, int]:
        totals = dict.fromkeys(self.were_members(), 0) if to == "members" else {}
        for step, parts in self.parts.items():
            if self.goes_to(step) == to:
                for person, part in parts.items():
                    totals[person] = totals.get(person, 0) + part
        return totals

    def goes_to(self, step: str) -> str:
        rules = in_force(self.one, "allocation", self.starts)
        return str(rules[step]["to"]) if step in rules else "members"

    def cash(self, totals: dict[str, int]) -> dict[str, int]:
        rules = in_force(self.one, "allocation", self.starts)
        due: Shares = {}
        cash = dict.fromkeys(totals, 0)
        for person, total in totals.items():
            if total > 0 and not self.is_member(person):
                cash[person] = total
            elif total > 0:
                due[person] = sum(
                    (
                        parts.get(person, 0) * Fraction(rules[step].get("cash", self.rule["cash"]))
                        for step, parts in self.parts.items()
                        if self.goes_to(step) == "members"
                    ),
                    Fraction(0),
                )
        if self.rule["notice"] == "qualified":
            return cash | {person: ceil(each) for person, each in due.items()}
        total = half_up(sum(due.values(), Fraction(0)))
        return cash | (deal(total, due) if total else {})


def dealt(exact: Shares, how: dict[str, str], remaining: int) -> dict[str, int]:
    """Whole amounts for what siblings ask; where they ask for more than remains, that in proportion."""
    amounts = {each: ceil(exact[each]) for each in exact if how[each] == "up"}
    amounts |= {each: floor(exact[each]) for each in exact if how[each] == "down"}
    nearest = {each: exact[each] for each in exact if how[each] == "nearest"}
    total = sum(nearest.values(), Fraction(0))
    amounts |= deal(half_up(total), nearest) if total else dict.fromkeys(nearest, 0)
    return amounts if sum(amounts.values()) <= remaining else deal(remaining, exact)


def years_of(one: Books) -> list[tuple[str, date, date]]:
    last = max([FOUNDED, *(pay.day for pay in one.pays), *(day for day, _ in one.flows)])
    found, day = [], FOUNDED
    while day <= last:
        name, starts, ends = period_of(one, day, "year")
        found.append((name, max(starts, FOUNDED), ends))
        day = ends + DAY
    return found


def model_surplus(one: Books) -> dict[str, dict[str, Any] | None]:
    """Each year's answer; None for the first that cannot be placed, after which nothing is known."""
    found: dict[str, dict[str, Any] | None] = {}
    carried = losses = 0
    for name, starts, ends in years_of(one):
        rule = in_force(one, "bylaw", starts)["surplus"]
        year = Year(one, name, starts, ends, rule, carried, losses)
        year.compute_result()
        try:
            if year.result + year.carried_in < 0:
                year.bear()
            else:
                year.place()
        except Refused:
            return found | {name: None}
        unallocated = year.base - sum(amount for step, amount in year.steps.items() if step != "nonmember")
        losses = max(0, -unallocated)
        rules = in_force(one, "allocation", starts)
        carried = sum(amount for step, amount in year.steps.items() if step in rules and rules[step]["to"] == "next")
        members = year.people("members")
        cash = year.cash(members)
        found[name] = {
            "result": year.result,
            "nonmember_result": year.nonmember,
            "carried_in": year.carried_in,
            "earlier_losses": year.earlier,
            "base": year.base,
            "steps": {step: amount for step, amount in year.steps.items() if amount},
            "members": {person: (total, cash[person], total - cash[person]) for person, total in members.items()},
            "workers": year.people("workers"),
            "unallocated": unallocated,
        }
    return found


# -- what the library says -----------------------------------------------------------------------------------


def cents(text: str | None) -> int:
    """Money as it is printed, in the smallest unit whatever that is."""
    assert text is not None
    return int(text.replace(".", ""))


def library_surplus(coop: Cooperative) -> dict[str, dict[str, Any] | None]:
    found: dict[str, dict[str, Any] | None] = {}
    for period in coop.periods():
        try:
            answer = coop.surplus(period)
        except SurplusRefused:
            return found | {period: None}
        found[period] = {
            "result": cents(answer.result),
            "nonmember_result": cents(answer.nonmember_result),
            "carried_in": cents(answer.carried_in),
            "earlier_losses": cents(answer.earlier_losses),
            "base": cents(answer.base),
            "steps": {step.id: cents(step.amount) for step in answer.steps if cents(step.amount)},
            "members": {
                part.member: (cents(part.amount), cents(part.cash), cents(part.retained)) for part in answer.members
            },
            "workers": {part.member: cents(part.amount) for part in answer.workers},
            "unallocated": cents(answer.unallocated),
        }
    return found


def library_wages(coop: Cooperative) -> list[dict[str, Any]]:
    rows = coop.wages().to_data()
    kept = ("period", "people", "ratio", "highest", "lowest", "breach", "contract_hours")
    return [
        {name: row[name] for name in kept} | {"left_out": [each["person"] for each in row["left_out"]]}
        for row in rows
        if row["people"] or row["left_out"]
    ]


# -- the two agree -------------------------------------------------------------------------------------------


@given(books())
def test_the_wage_ratio_is_what_the_model_says(one: Books) -> None:
    assert library_wages(cooperative(one)) == model_wages(one)


@given(books())
def test_the_surplus_goes_where_the_model_says(one: Books) -> None:
    model = model_surplus(one)
    event(f"{len(model)} years, {'refused' if None in model.values() else 'placed'}")
    assert library_surplus(cooperative(one)) == model


@given(books())
def test_every_cent_is_placed_or_left(one: Books) -> None:
    for year in library_surplus(cooperative(one)).values():
        if year is None:
            continue
        assert sum(year["steps"].values()) + year["unallocated"] == (
            year["result"] + year["carried_in"] - year["earlier_losses"]
        )
        assert all(total == cash + kept for total, cash, kept in year["members"].values())


@given(books())
def test_people_get_what_their_steps_give(one: Books) -> None:
    coop = cooperative(one)
    for period, year in library_surplus(coop).items():
        if year is None:
            continue
        for to, parts in (
            ("members", [part[0] for part in year["members"].values()]),
            ("workers", [*year["workers"].values()]),
        ):
            steps = [cents(step.amount) for step in coop.surplus(period).steps if step.to == to]
            assert sum(parts) == sum(steps)


@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_directives_changes_nothing(one: Books, chance: Random) -> None:
    written = directives(one)
    shuffled = chance.sample(written, len(written))
    assert all_answers(Cooperative.of(facts(shuffled))) == all_answers(Cooperative.of(facts(written)))


@given(books())
def test_ten_times_the_money_in_a_tenth_of_the_unit_is_the_same(one: Books) -> None:
    small, large = cooperative(one), cooperative(scaled(one))
    assert library_surplus(large) == library_surplus(small)
    for row, wide in zip(small.wages().rows, large.wages().rows, strict=True):
        assert (row.ratio, row.breach) == (wide.ratio, wide.breach)
        assert [each.person for each in row.left_out] == [each.person for each in wide.left_out]


@given(books())
def test_a_year_closed_as_it_says_is_closed_rightly(one: Books) -> None:
    """What `close` prints goes into the books: the answer stays the same, and the check finds nothing in it."""
    written = directives(one)
    coop = Cooperative.of(facts(written))
    for period in coop.periods():
        try:
            before = coop.surplus(period)
            close = coop.close(period)
        except SurplusRefused:
            return
        if close.transaction is not None:
            written.append(close.transaction)
            coop = Cooperative.of(facts(written))
        after = coop.surplus(period)
        assert without_places(after.to_data()) | {"forecast": None} == without_places(before.to_data()) | {
            "forecast": None
        }
        assert coop.close(period).transaction is None
        assert [error for error in coop.check().errors if error.rule == "close"] == []
