"""Small random cooperatives: what they are, and the same as the text of a ledger.

A `Books` is plain data that a model can compute with by itself; `directives` writes it down. Numbers are whole
(cents, quarters of an hour), so that nothing is rounded before the rules round it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from beancount import loader
from hypothesis import strategies as st

from coopbooks.books.entries import facts_of
from coopbooks.cooperative import Cooperative
from coopbooks.errors import CoopbooksError
from coopbooks.facts import Facts

__all__ = [
    "Books",
    "Money",
    "Pay",
    "Person",
    "Rule",
    "all_answers",
    "books",
    "cooperative",
    "directives",
    "facts",
    "scaled",
    "without_places",
]

FOUNDED = date(2024, 1, 1)
LAST = date(2025, 12, 31)
KINDS = ("base", "base", "base", "base", "overtime", "bonus", "sick", "severance", "contract", "unpaid", "none")
RESERVE, LEGAL, FUND, COMMON = "Equity:Reserve", "Equity:Reserve:Legal", "Equity:Funds:Strike", "Equity:Common"
ACCOUNTS = (RESERVE, LEGAL, FUND, COMMON)
CAPITAL = ("Equity:Members:M01:2022", "Equity:Members:M01:2023", "Equity:Members:M02:Buyin")


@dataclass(frozen=True)
class Money:
    """An amount in cents; as a field of a record it is written with its currency."""

    cents: int


@dataclass(frozen=True)
class Person:
    """Who it is, and what from which day on: "member", "worker" or "exit"; `hours` are contract hours a month."""

    id: str
    turns: tuple[tuple[date, str], ...]
    hours: int | None = None


@dataclass(frozen=True)
class Pay:
    """One posting of pay; `quarters` are quarters of an hour, None where the posting carries none."""

    day: date
    person: str
    cents: int
    quarters: int | None
    kind: str
    span: str | None


@dataclass(frozen=True)
class Rule:
    """A record with the fields that it states."""

    day: date
    kind: str
    id: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class Books:
    """All that a random cooperative has written down. Sales and costs (`flows`) are in tenths of a cent."""

    year_ends: str
    people: tuple[Person, ...]
    pays: tuple[Pay, ...] = ()
    flows: tuple[tuple[date, int], ...] = ()
    openings: tuple[tuple[str, int], ...] = ()
    rules: tuple[Rule, ...] = ()
    factor: int = field(default=1)


def scaled(one: Books) -> Books:
    """The same cooperative in money worth a tenth: every amount ten times as large, the smallest unit as well."""
    return replace(
        one,
        pays=tuple(replace(pay, cents=pay.cents * 10) for pay in one.pays),
        flows=tuple((day, tenths * 10) for day, tenths in one.flows),
        openings=tuple((account, cents * 10) for account, cents in one.openings),
        rules=tuple(replace(rule, fields=_scaled_fields(rule.fields)) for rule in one.rules),
        factor=10,
    )


def _scaled_fields(fields: dict[str, Any]) -> dict[str, Any]:
    found = {name: Money(each.cents * 10) if isinstance(each, Money) else each for name, each in fields.items()}
    if fields.get("patronage") == "wages" and "minimum" in fields:
        found["minimum"] = fields["minimum"] * 10
    return found


# -- as text -------------------------------------------------------------------------------------------------


def _money(cents: int) -> str:
    return f"{Decimal(cents).scaleb(-2):.2f} EUR"


def _field(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Money):
        return _money(value.cents)
    return str(value) if isinstance(value, Decimal | int | date) else f'"{value}"'


def _record(day: date, kind: str, record_id: str, fields: dict[str, Any]) -> str:
    lines = [f'{day} custom "coop" "{kind}" "{record_id}"']
    return "\n".join([*lines, *(f"  {name}: {_field(value)}" for name, value in fields.items())])


def _turn(person: Person, day: date, status: str) -> str:
    if status == "exit":
        return _record(day, "exit", person.id, {})
    fields: dict[str, Any] = {"wages": "Expenses:Wages"}
    if status == "member":
        fields["capital"] = f"Equity:Members:{person.id.title()}"
    if person.hours is not None:
        fields["hours"] = person.hours
    return _record(day, status, person.id, fields)


def _pay(pay: Pay) -> str:
    lines = [f'{pay.day} * "pay"', f"  Expenses:Wages  {_money(pay.cents)}", f'    worker: "{pay.person}"']
    lines += [] if pay.quarters is None else [f"    hours: {Decimal(pay.quarters) / 4}"]
    lines += [] if pay.kind == "base" else [f'    pay: "{pay.kind}"']
    lines += [] if pay.span is None else [f'    pay-period: "{pay.span}"']
    return "\n".join([*lines, f"  Assets:Bank  {_money(-pay.cents)}"])


def _moved(day: date, account: str, cents: int) -> str:
    return f'{day} * "moved"\n  {account}  {_money(cents)}\n  Assets:Bank  {_money(-cents)}'


def _flow(day: date, tenths: int) -> str:
    account = "Income:Sales" if tenths > 0 else "Expenses:Costs"
    number = Decimal(tenths).scaleb(-3)
    return f'{day} * "flow"\n  {account}  {-number:.3f} EUR\n  Assets:Bank  {number:.3f} EUR'


def directives(one: Books) -> list[str]:
    """The ledger's directives, one text each; but for the options their order means nothing."""
    opened = ["Assets:Bank", "Expenses:Wages", "Expenses:Costs", "Income:Sales", "Equity:Surplus"]
    texts = [f"{FOUNDED} open {account}" for account in (*opened, *ACCOUNTS, *CAPITAL)]
    if one.factor != 1:
        texts.append(f"{FOUNDED} commodity EUR\n  precision: 1")
    texts.append(_record(FOUNDED, "bylaw", "fiscal-year", {"ends": one.year_ends}))
    texts += [_turn(person, day, status) for person in one.people for day, status in person.turns]
    texts += [_record(rule.day, rule.kind, rule.id, rule.fields) for rule in one.rules]
    texts += [_moved(FOUNDED, account, -cents) for account, cents in one.openings]
    texts += [_pay(pay) for pay in one.pays]
    texts += [_flow(day, tenths) for day, tenths in one.flows]
    return texts


OPTIONS = 'option "operating_currency" "EUR"\noption "title" "A random cooperative"\n'


def facts(texts: Iterable[str]) -> Facts:
    """The facts of a ledger with these directives."""
    entries, errors, options = loader.load_string(OPTIONS + "\n\n".join(texts) + "\n")
    assert errors == [], errors
    return facts_of(entries, options, padded=True)


def cooperative(one: Books) -> Cooperative:
    """The cooperative of these books, as the library reads it."""
    return Cooperative.of(facts(directives(one)))


# -- what they answer -------------------------------------------------------------------------------------


def without_places(answer: Any) -> Any:
    """An answer without what says where something stands in the files."""
    if isinstance(answer, list):
        return [without_places(each) for each in answer]
    if isinstance(answer, dict):
        return {
            key: without_places(value)
            for key, value in answer.items()
            if key not in ("rule", "bylaw", "message", "place", "met_by", "changes")
        }
    return answer


def all_answers(coop: Cooperative) -> list[Any]:
    """Everything that a cooperative can be asked, places left out; a refusal is an answer too."""
    found: list[Any] = [coop.periods(), coop.wages().to_data(), coop.members().to_data(), coop.funds().to_data()]
    found.append(coop.duties(date(2026, 12, 31)).to_data())
    for period in coop.periods():
        try:
            found.append(coop.surplus(period).to_data())
        except CoopbooksError as error:
            found.append(error.message)
    return [without_places(each) for each in found]


# -- at random -----------------------------------------------------------------------------------------------

_DAYS = st.integers(0, (LAST - FOUNDED).days).map(lambda days: FOUNDED + timedelta(days))
_SHARES = st.one_of(
    st.integers(0, 100).map(lambda percent: Decimal(percent) / 100),
    st.sampled_from((Decimal("0.333333"), Decimal("0.125"), Decimal("0.0005"), Decimal(1))),
)


_TENTHS = st.integers(-8_000_000, 30_000_000).filter(bool)


@cache
def _people() -> st.SearchStrategy[tuple[Person, ...]]:
    """One to four members and up to two workers; some come later, are promoted, step back or leave."""
    changes = [
        (),
        ((date(2024, 7, 15), "member"),),
        ((date(2025, 3, 1), "worker"),),
        ((date(2025, 6, 30), "exit"),),
        ((date(2024, 12, 31), "exit"),),
        ((date(2024, 5, 1), "member"), (date(2025, 7, 1), "exit")),
    ]
    hours = st.sampled_from((None, None, 120, 160))

    def person(person_id: str, first: str) -> st.SearchStrategy[Person]:
        founds = person_id == "m01"
        turns = st.sampled_from([change for change in changes if not founds or len(change) != 2])
        begins = st.just(FOUNDED) if founds else st.sampled_from((FOUNDED, FOUNDED, date(2024, 3, 1)))
        return st.builds(
            lambda since, later, contract: Person(
                person_id, ((since, first), *(turn for turn in later if turn[1] != first)), contract
            ),
            begins,
            turns,
            hours,
        )

    members = st.integers(0, 3).flatmap(
        lambda more: st.tuples(*(person(f"m{number:02}", "member") for number in range(1, more + 2)))
    )
    workers = st.integers(0, 2).flatmap(
        lambda count: st.tuples(*(person(f"w{number:02}", "worker") for number in range(1, count + 1)))
    )
    return st.builds(lambda some, others: (*some, *others), members, workers)


_SPANS = st.one_of(
    *(st.none() for _ in range(4)),
    st.sampled_from(("2024-06", "2024-12", "2025-01", "2025-02", "2024-Q2", "2025-Q1", "2024", "2025")),
    st.sampled_from(("2024-06-20/2024-07-03", "2024-12-23/2025-01-05", "2025-02-24/2025-03-02")),
)


@st.composite
def _pays(draw: st.DrawFn, people: tuple[Person, ...]) -> tuple[Pay, ...]:
    found = []
    for _ in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(KINDS))
        cents = 0 if kind == "unpaid" else draw(st.integers(1, 600_000))
        quarters = draw(st.one_of(st.integers(1, 800), st.integers(1, 800), st.none()))
        if kind == "unpaid" and quarters is None:
            quarters = 4
        if draw(st.integers(0, 9)) == 0:
            cents = -cents
        found.append(Pay(draw(_DAYS), draw(st.sampled_from(people)).id, cents, quarters, kind, draw(_SPANS)))
    return tuple(found)


@st.composite
def _bylaw_surplus(draw: st.DrawFn) -> Rule:
    fields: dict[str, Any] = {
        "patronage": draw(st.sampled_from(("hours", "wages", "equal"))),
        "split": draw(st.sampled_from(("hours", "wages", "none"))),
        "cash": draw(_SHARES),
        "notice": draw(st.sampled_from(("none", "qualified", "nonqualified"))),
        "takes-part": draw(st.sampled_from(("during", "at-close"))),
        "patronage-from": draw(st.sampled_from(("membership", "membership", "hire"))),
    }
    if draw(st.booleans()):
        fields["count"] = draw(st.sampled_from(("base", "base overtime sick", "base overtime contract unpaid leave")))
    if draw(st.booleans()):
        fields["nonmember-to"] = COMMON
    if draw(st.integers(0, 3)) == 0:
        fields["minimum"] = Decimal(draw(st.integers(1, 100)))
    if draw(st.integers(0, 3)) == 0:
        fields["maximum"] = Decimal(draw(st.integers(25, 100))) / 100
    return Rule(FOUNDED, "bylaw", "surplus", fields)


@st.composite
def _step(draw: st.DrawFn, step_id: str, earlier: list[Rule]) -> dict[str, Any]:
    number = draw(st.sampled_from((1, 1, 2, 3, Decimal("2.5"))))
    to = draw(st.sampled_from((*ACCOUNTS, "members", "members", "workers", "next")))
    fields: dict[str, Any] = {"step": number, "to": to}
    way = draw(st.sampled_from(("share", "share", "share", "amount", "rest")))
    if way == "share":
        before = [f"step:{rule.id}" for rule in earlier if rule.fields["step"] < number]
        bases = ["surplus", "surplus", "surplus", "result", "remaining", "whole", "nonmember", "payroll", *before]
        fields |= {"share": draw(_SHARES), "of": draw(st.sampled_from(bases))}
        fields["round"] = draw(st.sampled_from(("nearest", "nearest", "up", "down")))
        fields["top-up"] = to in ACCOUNTS and draw(st.booleans())
        if draw(st.integers(0, 4)) == 0:
            fields |= {
                "at-most": draw(_SHARES),
                "at-most-of": draw(st.sampled_from(("surplus", "result", "remaining"))),
            }
    elif way == "amount":
        fields["amount"] = Money(draw(st.integers(0, 500_000)))
    else:
        fields["rest"] = True
    if to in ACCOUNTS and draw(st.integers(0, 2)) == 0:
        fields |= draw(_limit(way))
    if to in ("members", "workers"):
        fields["by"] = draw(st.sampled_from(("patronage", "hours", "wages", "equal")))
    if to == "members" and draw(st.integers(0, 2)) == 0:
        fields["cash"] = draw(_SHARES)
    return fields


@st.composite
def _limit(draw: st.DrawFn, way: str) -> dict[str, Any]:
    if draw(st.booleans()):
        fields: dict[str, Any] = {"until": Money(draw(st.integers(1, 400_000)))}
    else:
        fields = {
            "until-of": Decimal(draw(st.integers(1, 150))) / 100,
            "until-account": draw(st.sampled_from(ACCOUNTS)),
            "until-at": draw(st.sampled_from(("now", "highest"))),
        }
    if way == "share" and draw(st.booleans()):
        fields["then"] = draw(_SHARES)
    return fields


@st.composite
def _allocations(draw: st.DrawFn) -> list[Rule]:
    """Up to five steps, some of them written anew later; of those to one account only one has a limit."""
    found: list[Rule] = []
    for step_id in "abcde"[: draw(st.integers(0, 5))]:
        fields = draw(_step(step_id, found))
        limited = {rule.fields["to"] for rule in found if "until" in rule.fields or "until-of" in rule.fields}
        if limited and fields["to"] in (RESERVE, LEGAL, FUND, COMMON):
            fields = {name: value for name, value in fields.items() if not name.startswith("until") and name != "then"}
        found.append(Rule(FOUNDED, "allocation", step_id, fields))
    later = [
        replace(rule, day=draw(_DAYS.filter(lambda day: day > FOUNDED)), fields=rule.fields | {"share": draw(_SHARES)})
        for rule in found
        if "share" in rule.fields and draw(st.integers(0, 3)) == 0
    ]
    return [*found, *later]


@st.composite
def _losses(draw: st.DrawFn) -> list[Rule]:
    found = []
    for loss_id in "pqr"[: draw(st.integers(0, 3))]:
        fields: dict[str, Any] = {
            "step": draw(st.integers(1, 2)),
            "from": draw(st.sampled_from((*ACCOUNTS, "members"))),
        }
        fields |= {"rest": True} if draw(st.booleans()) else {"share": draw(_SHARES)}
        if draw(st.integers(0, 2)) == 0:
            fields["at-most-share"] = draw(_SHARES)
        if draw(st.integers(0, 4)) == 0:
            fields["below-zero"] = True
        found.append(Rule(FOUNDED, "loss", loss_id, fields))
    return found


@st.composite
def _caps(draw: st.DrawFn) -> list[Rule]:
    found = []
    for name in ("wage-ratio", "wage-ratio-second")[: draw(st.integers(0, 2))]:
        fields: dict[str, Any] = {
            "cap": Decimal(draw(st.integers(10, 80))) / 10,
            "period": draw(st.sampled_from(("month", "quarter", "year"))),
            "measure": draw(st.sampled_from(("hourly", "hourly", "full-time"))),
            "compare": draw(st.sampled_from(("max/min", "max/min", "max/median", "max/floor", "mean-top-5/floor"))),
            "over": draw(st.sampled_from(("all", "members"))),
            "full-time-hours": draw(st.integers(100, 170)),
            "floor": Money(draw(st.integers(500, 2000))),
            "minimum-hours": draw(st.sampled_from((0, 8, 8, 20))),
        }
        if draw(st.booleans()):
            fields["include"] = draw(st.sampled_from(("base", "base overtime severance", "base bonus sick unpaid")))
        found.append(
            Rule(draw(st.sampled_from((FOUNDED, date(2024, 12, 31), date(2025, 3, 1)))), "bylaw", name, fields)
        )
    return found


@st.composite
def books(draw: st.DrawFn) -> Books:
    """A random cooperative with up to two years of pay, sales and costs."""
    people = draw(_people())
    return Books(
        year_ends=draw(st.sampled_from(("12-31", "12-31", "06-30"))),
        people=people,
        pays=draw(_pays(people)),
        flows=tuple(draw(st.lists(st.tuples(_DAYS, _TENTHS), max_size=6))),
        openings=tuple(
            draw(st.lists(st.tuples(st.sampled_from(ACCOUNTS + CAPITAL), st.integers(1, 300_000)), max_size=4))
        ),
        rules=(
            draw(_bylaw_surplus()),
            *draw(_allocations()),
            *draw(_losses()),
            *draw(_caps()),
        ),
    )
