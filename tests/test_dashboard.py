"""The frame of the open book and its pages of pay, surplus and rules: what they say, where figures lead, that nothing runs."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from fava.application import create_app
from fava.core import FavaLedger
from fava.core.query import QueryResultTable
from fava.ext import find_extensions
from flask import Flask
from jinja2 import StrictUndefined

import coopbooks.dashboard
from coopbooks.dashboard.choice import VIEWS, Choice
from coopbooks.dashboard.fava_links import FavaLinks
from coopbooks.dashboard.figures import drawing
from coopbooks.dashboard.links import anchor
from coopbooks.dashboard.page import VIEW_BY_NAME, Page, open_page
from coopbooks.dashboard.pay import PayView, by_rule, pay_view, people_rows, shown_rows
from coopbooks.dashboard.rule_words import sentence_of
from coopbooks.dashboard.rulebook import Rulebook
from coopbooks.dashboard.rules import RulesView, group_of, rules_view
from coopbooks.dashboard.shelf import PAGES_MAX, Kept, Shelf
from coopbooks.dashboard.style import sheet
from coopbooks.dashboard.surplus import SurplusView, surplus_view
from coopbooks.dashboard.trouble import EMPTY, NO_CURRENCY, NO_PAY, NO_RULE, NO_YEAR, REFUSED, Trouble
from coopbooks.dashboard.words import Look
from coopbooks.errors import LedgerUnusable, Place
from coopbooks.plugins._queries import QUERIES
from coopbooks.records.reading import KINDS
from coopbooks.reports.charts import Chart
from coopbooks.serve.endpoints import Asked, asked_for, bad_parameter

HOME = Path(coopbooks.dashboard.__file__).parent
BAKERY = Path(__file__).resolve().parent.parent / "ledgers" / "bakery" / "main.beancount"
USD = Look("USD")
TODAY = date(2026, 3, 1)
EVIL = "<img src=x onerror=\"window.taken='yes'\">"


def chosen(view: str = "pay", **more: Any) -> Choice:
    return Choice(TODAY, view, **more)


class Told:
    """An answer that is known beforehand."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def to_data(self) -> Any:
        return self.data


class FakeBooks:
    """A cooperative of known answers."""

    currency: str | None = "USD"

    def __init__(self, **data: Any) -> None:
        self.data: dict[str, Any] = {
            "wages": [],
            "pay": [],
            "periods": (),
            "surplus": {},
            "outlook": [],
            "funds": [],
            "duties": [],
            "records": [],
            "closes": (),
        } | data

    def periods(self) -> tuple[str, ...]:
        return tuple(self.data["periods"])

    def wages(self) -> Told:
        return Told(self.data["wages"])

    def pay(self, period: str | None = None) -> Told:
        return Told([row | {"period": period} for row in self.data["pay"]])

    def surplus(self, period: str, as_of: date | None = None) -> Told:
        assert as_of == TODAY
        return Told(self.data["surplus"] | {"period": period})

    def outlook(self, period: str, as_of: date | None = None) -> Told:
        assert (period, as_of) == (self.data["surplus"]["period"], TODAY)
        return Told(self.data["outlook"])

    def closes(self, period: str) -> tuple[str, ...]:
        assert period
        return tuple(self.data["closes"])

    def funds(self, as_of: date | None = None) -> Told:
        assert as_of in (None, TODAY)
        return Told(self.data["funds"])

    def duties(self, as_of: date) -> Told:
        assert as_of == TODAY
        return Told(self.data["duties"])

    def records(self, as_of: date | None = None) -> Told:
        assert as_of == TODAY
        return Told(self.data["records"])

    def fund_entries(self, fund: str | None = None) -> Told:
        raise AssertionError(f"the pages of this file ask nothing of the fund {fund}")

    def reveal(self, as_of: date, since: date | None = None) -> Told:
        raise AssertionError(f"the pages of this file reveal nothing from {since} to {as_of}")

    def audit(
        self, as_of: date, profile: str | Path | None = None, audit: str | None = None, period: str | None = None
    ) -> Told:
        raise AssertionError(f"the pages of this file audit nothing: {as_of} {profile} {audit} {period}")

    def audit_changes(self, as_of: date) -> Told:
        raise AssertionError(f"the pages of this file ask for no change since a verdict on {as_of}")

    def published(self) -> None:
        """Books of one's own: nothing was published."""


def record(kind: str, record_id: str, day: str = "2024-01-01", line: int = 7, **more: Any) -> dict[str, Any]:
    """A row of `records`; fields by name, an underscore for a dash, one at the end for a word of Python."""
    known = {key: more.pop(key) for key in ("ends", "standing", "law") if key in more}
    fields = {name.rstrip("_").replace("_", "-"): str(value) for name, value in more.items()}
    row: dict[str, Any] = {
        "kind": kind,
        "id": record_id,
        "date": day,
        "place": f"bylaws.beancount:{line}",
        "ends": None,
        "standing": True,
        "fields": [{"name": name, "value": value} for name, value in fields.items()],
        "decision": fields.get("decision"),
        "decision_place": None,
        "law": None,
    }
    return row | known


VOTED = record("decision", "D-1", line=3, standing=False, matter="the cap", for_=6, against=1, abstain=0, eligible=7)


# -- pay -------------------------------------------------------------------------------------------


def wages_row(period: str = "2025-03", ratio: str | None = "2.40", **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "period": period,
        "ratio": ratio,
        "cap": "4.00",
        "breach": False,
        "highest": ratio and {"person": "m03", "rate": "24.00"},
        "lowest": ratio and {"person": "m11", "rate": "10.00"},
        "measure": "hourly",
        "people": 5,
        "left_out": [],
        "bylaw": "bylaws.beancount:7",
        "contract_hours": [],
        "message": None,
    }
    return row | changes


def pay_row(person: str, rate: str | None, reason: str | None = None) -> dict[str, Any]:
    return {
        "period": "2025-03",
        "person": person,
        "status": "member",
        "pay": "1000.00",
        "hours": "100",
        "rate": rate,
        "counted": reason is None,
        "reason": reason,
    }


def pay_page(wages: list[dict[str, Any]], choice: Choice | None = None, **data: Any) -> PayView:
    found = pay_view(FakeBooks(wages=wages, **data), choice or chosen(), USD)
    assert isinstance(found, PayView)
    return found


@pytest.mark.parametrize(
    ("row", "headline", "verdict"),
    [
        (
            wages_row(),
            "In March 2025 the best-paid hour earned 2.4 times the least-paid one; our rule allows 4.",
            "Within the cap: m03 earned 24.00 USD an hour, m11 10.00 USD.",
        ),
        (
            wages_row(ratio="4.01", breach=True),
            "In March 2025 the best-paid hour earned 4.01 times the least-paid one; our rule allows 4.",
            "Over the cap: m03 earned 24.00 USD an hour, m11 10.00 USD.",
        ),
        (
            wages_row(cap=None, bylaw=None),
            "In March 2025 the best-paid hour earned 2.4 times the least-paid one; no rule sets a cap.",
            "No cap is in force: m03 earned 24.00 USD an hour, m11 10.00 USD.",
        ),
        (
            wages_row("2025-Q1", measure="full-time"),
            ("In the first quarter of 2025 the best full-time pay was 2.4 times the lowest; our rule allows 4."),
            "Within the cap: m03 earned 24.00 USD in full-time pay, m11 10.00 USD.",
        ),
        (
            wages_row("2025", highest={"person": None, "rate": "24"}, lowest={"person": None, "rate": "10"}),
            ("In 2025 the best-paid hour earned 2.4 times the pay that our rule sets against it; our rule allows 4."),
            "Within the cap: the best-paid earned 24 USD an hour, the measure is 10 USD.",
        ),
        (wages_row(ratio=None), "In March 2025 nobody's pay counts, so there is no wage ratio.", ""),
    ],
)
def test_one_sentence_says_what_the_ratio_is(row: dict[str, Any], headline: str, verdict: str) -> None:
    view = pay_page([row])
    assert (view.headline, view.rules[0].headline, view.rules[0].verdict) == (headline, headline, verdict)


def test_the_newest_period_is_shown_unless_another_is_asked_for() -> None:
    rows = [wages_row("2025-01"), wages_row("2025-02"), wages_row("2025-03")]
    assert pay_page(rows).period == "2025-03"
    assert pay_page(rows, chosen(period="2031-01")).period == "2025-03"
    view = pay_page(rows, chosen(period="2025-02"))
    assert view.headline.startswith("In February 2025 ")
    assert (view.earlier, view.later) == ("2025-01", "2025-03")
    assert [row.chosen for row in view.rules[0].rows] == [False, True, False]


def test_a_cap_names_its_rule_since_when_and_the_votes() -> None:
    cap = record("bylaw", "wage-ratio", cap="4", decision="D-1", law="Article 5")
    basis = pay_page([wages_row()], records=[VOTED, cap]).rules[0].basis
    assert basis is not None
    assert (basis.place, basis.name, basis.since) == ("bylaws.beancount:7", "Bylaw wage-ratio", "1 January 2024")
    assert basis.law == "Article 5"
    assert basis.vote is not None
    assert (basis.vote.id, basis.vote.place) == ("D-1", "bylaws.beancount:3")
    assert basis.vote.said == "6 for, 1 against, 0 abstained, of 7"


def test_a_rule_goes_on_where_a_later_record_supersedes_it() -> None:
    rows = [
        wages_row("2025-01", bylaw=None, cap=None),
        wages_row("2025-02", bylaw="b:1"),
        wages_row("2025-02", bylaw="b:5"),
        wages_row("2025-03", bylaw="b:5"),
        wages_row("2025-03", bylaw="b:9"),
    ]
    assert [[row["bylaw"] for row in rule] for rule in by_rule(rows)] == [
        [None, "b:1", "b:9"],
        ["b:5", "b:5"],
    ]


def test_a_rule_by_the_quarter_speaks_of_its_own_quarter() -> None:
    rows = [wages_row("2025-Q1", bylaw="b:1"), wages_row("2025-04", bylaw="b:5")]
    said = [rule.headline.partition(" the best")[0] for rule in pay_page(rows, chosen(period="2025-04")).rules]
    assert said == ["In the first quarter of 2025", "In April 2025"]


@pytest.mark.parametrize(("place", "first", "last"), [(29, 18, 29), (20, 14, 25), (0, 0, 11), (5, 0, 11)])
def test_twelve_periods_are_shown_with_the_chosen_one_among_them(place: int, first: int, last: int) -> None:
    rows = [wages_row(str(1990 + index)) for index in range(30)]
    shown = shown_rows(rows, str(1990 + place), chosen())
    assert [shown[0]["period"], shown[-1]["period"]] == [str(1990 + first), str(1990 + last)]
    assert len(shown) == 12
    assert shown_rows(rows, "1990", chosen(everything=True)) == rows


def test_who_counts_comes_first_and_who_does_not_has_a_reason() -> None:
    pay = [pay_row("a", None, "no hours"), pay_row("b", "10.00"), pay_row("c", "24.00"), pay_row("d", "12.00")]
    ends = {"highest": {"person": "c", "rate": "24"}, "lowest": {"person": "b", "rate": "10"}}
    wages = wages_row(contract_hours=["d"]) | ends
    rows = people_rows(pay, USD, wages, Rulebook([]))
    assert [(row.person, row.mark, row.reason) for row in rows] == [
        ("c", "best-paid", ""),
        ("d", "", ""),
        ("b", "least-paid", ""),
        ("a", "", "no hours"),
    ]
    assert [row.person for row in rows if row.by_contract] == ["d"]
    view = pay_page([wages], pay=pay)
    assert ([row.person for row in view.people], [row.person for row in view.left_out]) == (["c", "d", "b"], ["a"])
    assert view.left_out_said == "1 of 4 people is not compared."
    assert pay_page([wages], pay=pay[1:]).left_out_said == "Nobody is left out: everyone's pay of this period counts."


def test_pay_leads_to_the_accounts_that_the_newest_record_names() -> None:
    records = [
        record("worker", "c", wages="Expenses:Help", standing=False),
        record("member", "c", "2025-01-01", wages="Expenses:Wages Expenses:Bonus"),
        record("member", "d", wages="Expenses:Other"),
    ]
    view = pay_page([wages_row()], pay=[pay_row("c", "24.00"), pay_row("e", "10.00")], records=records)
    assert [row.accounts for row in view.people] == [("Expenses:Wages", "Expenses:Bonus", "Expenses:Help"), ()]


def test_pay_stands_under_the_rule_whose_rates_it_carries() -> None:
    full = wages_row(measure="full-time", bylaw="b:9") | {"highest": {"person": "m03", "rate": "4000.00"}}
    rows = [wages_row(), full]
    assert pay_page(rows, pay=[pay_row("m03", "4000.00")]).measure == "Full-time pay"
    assert pay_page(rows, pay=[pay_row("m03", "24.00")]).measure == "Pay per hour"


def test_one_person_alone_is_neither_best_paid_nor_least_paid() -> None:
    alone = wages_row(highest={"person": "a", "rate": "9"}, lowest={"person": "a", "rate": "9"})
    assert people_rows([pay_row("a", "9.00")], USD, alone, Rulebook([]))[0].mark == ""


def test_a_large_cooperatives_page_shows_both_ends_until_all_are_asked_for() -> None:
    pay = [pay_row(f"p{index:03}", f"{500 - index}.00") for index in range(300)]
    view = pay_page([wages_row()], pay=pay)
    assert (len(view.people), view.people[0].person, view.people[-1].person, view.count) == (200, "p000", "p299", 300)
    assert len(pay_page([wages_row()], chosen(everything=True), pay=pay).people) == 300


def test_a_breach_says_what_would_mend_it_and_how_often_it_happened() -> None:
    message = "wage ratio 4.01 is over the cap of 4.00 in 2025-03 (highest m03 24; bylaw at b:7): pay m11 more"
    over = wages_row(ratio="4.01", breach=True, message=message)
    rule = pay_page([wages_row("2025-02"), over]).rules[0]
    assert (rule.state, rule.cure, rule.breaches) == ("broken", "pay m11 more", "The cap was broken in March 2025.")
    assert [row.breach for row in rule.rows] == [True, False]
    often = [wages_row(f"2025-0{month}", "4.01", breach=True) for month in range(1, 6)]
    assert pay_page(often).rules[0].breaches == "The cap was broken in 5 of 5 periods, last in May 2025."
    assert pay_page([wages_row()]).rules[0].breaches == "In all 1 period on record the cap was kept."


def test_the_chart_says_in_words_what_it_shows() -> None:
    chart = pay_page([wages_row("2025-01"), wages_row("2025-02", "4.20", breach=True)]).rules[0].chart
    assert chart is not None
    assert chart.said in chart.wide
    assert chart.said in chart.narrow
    assert pay_page([wages_row(ratio=None)]).rules[0].chart is None


# -- surplus ---------------------------------------------------------------------------------------


def step(amount: str, to: str = "Equity:Reserve", **changes: Any) -> dict[str, Any]:
    account = to if ":" in to else None
    row: dict[str, Any] = {
        "id": to.rpartition(":")[2].lower(),
        "step": "1",
        "to": to,
        "account": account,
        "share": "0.20",
        "of": "surplus",
        "base": "100.00",
        "amount": amount,
        "stopped_by": None,
        "rule": "bylaws.beancount:9",
        "law": None,
        "decision": "D-1",
    }
    return row | changes


def surplus_data(result: str, steps: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "period": "2025",
        "starts": "2025-01-01",
        "ends": "2025-12-31",
        "currency": "USD",
        "result": result,
        "member_result": result,
        "nonmember_result": "0.00",
        "adjustments": "0.00",
        "carried_in": "0.00",
        "earlier_losses": "0.00",
        "base": result,
        "steps": steps,
        "members": [],
        "workers": [],
        "unallocated": "0.00",
        "forecast": False,
        "changes": [],
        "unpriced": [],
    }
    return data | changes


def part(member: str, amount: str) -> dict[str, Any]:
    return {
        "member": member,
        "patronage": "1824.0",
        "share": "0.500000",
        "amount": amount,
        "cash": amount,
        "retained": "0.00",
        "declined": "0.00",
    }


GOOD_YEAR = surplus_data(
    "110.00",
    [
        step("20.00", stopped_by="until"),
        step("30.00", "Equity:Strike", share="0.30", id="strike-fund"),
        step("40.00", "members", share=None, of=None, base=None),
    ],
    earlier_losses="10.00",
    unallocated="10.00",
    members=[part("m01", "20.00"), part("m02", "20.00")],
)
LOSS_YEAR = surplus_data(
    "-100.00",
    [step("-60.00", of=None, base="-100.00", stopped_by="until")],
    earlier_losses="5.00",
    unallocated="-45.00",
)
YEARS: list[dict[str, Any]] = [
    GOOD_YEAR,
    LOSS_YEAR,
    surplus_data("10.00", [], earlier_losses="30.00", unallocated="-20.00"),
    surplus_data("90.00", [step("105.00")], carried_in="20.00", adjustments="-5.00"),
    surplus_data("-10.00", [step("5.00")], unallocated="-15.00"),
    surplus_data("0.00", []),
]


def view_of(data: dict[str, Any], **more: Any) -> SurplusView:
    books = FakeBooks(surplus=data, periods=("2024", "2025"), funds=[{"account": "Equity:Strike"}], **more)
    found = surplus_view(books, chosen("surplus"), USD)
    assert isinstance(found, SurplusView)
    return found


@pytest.mark.parametrize("data", YEARS)
def test_the_table_holds_the_whole_year(data: dict[str, Any]) -> None:
    view = view_of(data)
    assert sum(plain(line.amount) for line in view.steps) == plain(view.total)
    assert all(line.name for line in view.steps)


def plain(text: str) -> int:
    return int(text.replace("\N{MINUS SIGN}", "-").replace(",", "").replace(".", ""))


def test_a_good_year_says_where_it_goes() -> None:
    view = view_of(GOOD_YEAR)
    assert view.headline == "In 2025 we earned 110.00 USD more than we spent."
    assert view.detail == (
        "10.00 USD of it covers losses of earlier years. Of the 100.00 USD to share out, "
        "40.00 USD (40%) goes to 2 people, 30.00 USD (30%) goes to movement funds, "
        "20.00 USD (20%) stays in common "
        "and 10.00 USD (10%) is placed by no rule."
    )
    assert view.chart is not None
    assert [(line.name, line.said, line.note, line.sort) for line in view.steps] == [
        ("Reserve", "20% of the surplus (100.00)", "stopped at its limit", "common"),
        ("Strike fund", "30% of the surplus (100.00)", "", "fund"),
        ("Members", "", "", "people"),
        ("Not placed by any rule", "", "", "rest"),
    ]
    assert view.total == "100.00"
    assert view.years == (("2024", False), ("2025", True))


def test_a_step_names_its_rule_its_vote_and_its_law() -> None:
    rule = record("allocation", "reserve", line=9, share="0.20", law="Article 12", decision="D-1")
    view = view_of(GOOD_YEAR, records=[VOTED, rule])
    basis = view.steps[0].basis
    assert basis is not None
    assert (basis.place, basis.name) == ("bylaws.beancount:9", "Step of the surplus: reserve")
    assert (basis.law, basis.vote and basis.vote.said) == ("Article 12", "6 for, 1 against, 0 abstained, of 7")
    assert view.steps[-1].basis is None
    unknown = view_of(GOOD_YEAR).steps[0].basis
    assert unknown is not None
    assert (unknown.name, unknown.vote and unknown.vote.place) == ("", None)


def test_what_is_carried_on_left_to_a_vote_or_earned_by_others_is_called_so() -> None:
    steps = [
        step("5.00", "Equity:Common", id="nonmember"),
        step("10.00", "next"),
        step("20.00", "decision"),
        step("5.00", "Equity:Common", share=None, of=None, base="5.00", rule="bylaws.beancount:1"),
        step("0.00", "Equity:Common", of="step:reserve"),
        step("0.00", "Equity:Common", share=None, of=None, base=None, rule="bylaws.beancount:2"),
    ]
    records = [
        record("allocation", "common", line=1, rest="TRUE"),
        record("allocation", "fixed", line=2, amount="5.00 USD"),
    ]
    view = view_of(surplus_data("40.00", steps), records=records)
    assert [(line.name, line.said, line.sort) for line in view.steps] == [
        ("Earned by non-members", "20% of the surplus (100.00)", "common"),
        ("Kept for next year", "20% of the surplus (100.00)", "rest"),
        ("Left to the assembly", "20% of the surplus (100.00)", "rest"),
        ("Common", "all that is left (5.00)", "common"),
        ("Common", "20% of what step reserve got (100.00)", "common"),
        ("Common", "a fixed amount", "common"),
    ]
    assert "30.00 USD (75%) is left for later" in view.detail


def test_an_open_year_is_called_a_forecast() -> None:
    view = view_of(GOOD_YEAR | {"forecast": True})
    assert view.headline == "In 2025 we have earned 110.00 USD more than we spent."
    assert view.forecast.startswith("Forecast: the year ends on 31 December 2025 and is still open.")
    assert view_of(GOOD_YEAR).forecast == ""


def test_a_forecast_says_what_would_change_it() -> None:
    def row(change: str, result: str, reserve: str, members: str) -> dict[str, Any]:
        steps = [
            {
                "id": "reserve",
                "to": "Equity:Reserve",
                "account": "Equity:Reserve",
                "amount": reserve,
                "difference": "2",
            },
            {"id": "members", "to": "members", "account": None, "amount": members, "difference": "8.00"},
        ]
        return {"change": change, "result": result, "unallocated": "0.00", "steps": steps}

    rows = [row("+10.00", "120.00", "22.00", "48.00"), row("-10.00", "100.00", "18.00", "32.00")]
    data = surplus_data("110.00", [step("20.00"), step("40.00", "members")], forecast=True)
    outlook = view_of(data, outlook=rows).outlook
    assert outlook is not None
    assert outlook.said == "If the year brings 10.00 USD more, 8.00 would go to people and 2 would stay in common."
    assert outlook.columns == ("10.00 less", "10.00 more")
    assert [(line.name, line.now, line.others) for line in outlook.lines] == [
        ("The year's result", "110.00", ("100.00", "120.00")),
        ("Reserve", "20.00", ("18.00", "22.00")),
        ("Members", "40.00", ("32.00", "48.00")),
    ]
    assert view_of(GOOD_YEAR).outlook is None


def test_a_worse_year_shows_who_would_bear_its_loss() -> None:
    loss = {
        "id": "bears",
        "to": "Equity:Reserve",
        "account": "Equity:Reserve",
        "amount": "-5.00",
        "difference": "-5.00",
    }
    row = {"change": "-200.00", "result": "-90.00", "unallocated": "-85.00", "steps": [loss]}
    outlook = view_of(surplus_data("110.00", [step("20.00")], forecast=True), outlook=[row]).outlook
    assert outlook is not None
    assert outlook.said == ""
    assert [(line.name, line.now, line.others) for line in outlook.lines[1:]] == [
        ("Reserve", "20.00", ("0.00",)),
        ("Bears", "0.00", ("\N{MINUS SIGN}5.00",)),
        ("Not placed, or carried on", "0.00", ("\N{MINUS SIGN}85.00",)),
    ]


def test_a_year_that_is_over_says_what_stands_between_it_and_the_members() -> None:
    duty = {"duty": "notice-window", "subject": "m01 2025", "due": "2026-09-15", "state": "pending", "place": "b:1"}
    met = duty | {"subject": "m02 2025", "state": "met"}
    other = duty | {"subject": "m01 2024", "due": "2025-09-15"}
    records = [
        record("bylaw", "surplus", vows="TRUE"),
        record("vow", "m02", "2026-01-10", standing=False, period="2025"),
        record("vow", "m01", "2025-01-10", standing=False, period="2024"),
    ]
    view = view_of(GOOD_YEAR, duties=[duty, met, other], records=records)
    assert [hurdle.said for hurdle in view.hurdles] == [
        "The year is over, and no entry in the books places its surplus yet.",
        "m01 has made no vow for 2025, and has to before being paid.",
        "1 member's part in cash is not paid; the last day is 15 September 2026.",
    ]
    assert view.hurdles[2].place == "b:1"
    closed = view_of(GOOD_YEAR, closes=("b:90",))
    assert (closed.hurdles, closed.closed_at) == ((), ("b:90",))
    assert view_of(GOOD_YEAR | {"forecast": True}, duties=[duty], records=records).hurdles == ()


def test_a_large_cooperatives_page_shows_the_first_parts_until_all_are_asked_for() -> None:
    data = GOOD_YEAR | {"members": [part(f"m{index:03}", "1.00") for index in range(300)]}
    view = view_of(data)
    assert (len(view.members), view.people) == (200, 300)
    books = FakeBooks(surplus=data, periods=("2025",))
    every = surplus_view(books, chosen("surplus", everything=True), USD)
    assert isinstance(every, SurplusView)
    assert len(every.members) == 300


def test_a_loss_says_who_bears_it() -> None:
    view = view_of(LOSS_YEAR)
    assert view.headline == "In 2025 we spent 100.00 USD more than we earned."
    assert view.detail == (
        "The loss is borne 60.00 USD by Equity:Reserve. 45.00 USD is carried forward; the next surplus covers it first."
    )
    assert [(line.name, line.said) for line in view.steps] == [
        ("Reserve", "20% of the loss (-100.00)".replace("-", "\N{MINUS SIGN}")),
        ("Carried to later years", ""),
    ]


def test_a_surplus_smaller_than_the_losses_before_it_leaves_nothing() -> None:
    view = view_of(YEARS[2])
    assert view.detail == (
        "10.00 USD of it covers losses of earlier years. 20.00 USD of these losses is still open; "
        "the next surplus covers it first."
    )


def test_rules_written_inside_the_year_and_amounts_without_a_price_are_said() -> None:
    change = {"rule": 'loss "all"', "place": "b:9", "date": "2025-06-01", "retroactive": False}
    data = GOOD_YEAR | {
        "changes": [change, change | {"retroactive": True}],
        "unpriced": ["b:4: 3 XYZ on Income:A"],
        "unplaced": ["2024"],
    }
    assert view_of(data).notes == (
        'loss "all" (b:9) was written on 1 June 2025, inside the year: it binds from the next year on.',
        'loss "all" (b:9) was written on 1 June 2025, inside the year: it reaches back, by a decision.',
        "The surplus of 2024 is not part of this: no close has placed it yet.",
        "Not counted, since no price is known: b:4: 3 XYZ on Income:A.",
    )


def test_a_year_without_surplus_says_so() -> None:
    view = view_of(YEARS[5])
    assert view.headline == "In 2025 we earned as much as we spent: there is no surplus."
    assert (view.detail, view.chart) == ("", None)


# -- rules -----------------------------------------------------------------------------------------


def rules_of(records: list[dict[str, Any]], **more: Any) -> RulesView:
    found = rules_view(FakeBooks(records=records), chosen("rules", **more), USD)
    assert isinstance(found, RulesView)
    return found


def test_rules_stand_in_the_order_in_which_a_worker_asks() -> None:
    kinds = (
        "decision",
        "ally",
        "member",
        "fund",
        "loss",
        "allocation",
        "probe",
        "violation",
        "verdict",
        "alert",
        "holiday",
    )
    bylaws = ("time-zone", "exit-death", "strike.weekly-pay", "capital", "surplus", "wage-ratio-board")
    records = [record(kind, "x", line=index) for index, kind in enumerate(kinds)]
    records += [record("bylaw", name, line=20 + index) for index, name in enumerate(bylaws)]
    groups = {group.name: [line.title for line in group.lines] for group in rules_of(records).groups}
    assert groups == {
        "pay": ["Bylaw wage-ratio-board"],
        "surplus": ["Bylaw surplus", "Step of the surplus: x", "Who bears a loss: x"],
        "funds": ["Bylaw strike.weekly-pay", "Movement fund x"],
        "capital": ["Bylaw capital"],
        "leaving": ["Bylaw exit-death"],
        "assembly": ["Bylaw time-zone"],
        "people": ["Member x"],
        "allies": ["Ally x", "Probe x"],
        "suppliers": ["Violation by the supplier x"],
        "audits": ["Verdict of x"],
        "practices": ["Alert of x"],
        "decisions": ["Decision x"],
        "other": ["Holiday x"],
    }


def test_steps_stand_in_their_order_and_events_with_the_newest_first() -> None:
    records = [
        record("allocation", "last", step="10", line=1),
        record("allocation", "first", step="9", line=2),
        record("decision", "D-1", "2024-01-01", 3, standing=False),
        record("decision", "D-2", "2025-01-01", 4, standing=False),
    ]
    titles = [line.title for group in rules_of(records).groups for line in group.lines]
    assert titles == ["Step of the surplus: first", "Step of the surplus: last", "Decision D-2", "Decision D-1"]


def test_a_rule_that_was_replaced_is_folded_and_both_lead_to_each_other() -> None:
    records = [
        record("bylaw", "wage-ratio", "2024-01-01", 1, cap="3", ends="2026-01-01", standing=False),
        record("bylaw", "wage-ratio", "2026-01-01", 2, cap="2.8", decision="D-1"),
        record("bylaw", "wage-ratio", "2027-01-01", 4, cap="2.5", standing=False),
        VOTED,
    ]
    view = rules_of(records)
    pay = view.groups[0]
    assert [(line.said, line.state) for line in pay.lines] == [
        ("The best-paid hour earns at most 2.8 times the least-paid one, every month.", "in force"),
        ("The best-paid hour earns at most 2.5 times the least-paid one, every month.", "coming"),
    ]
    (old,), now = pay.past, pay.lines[0]
    assert (old.state, old.until, old.replaced_by) == ("past", "1 January 2026", "bylaws.beancount:2")
    assert (now.since, now.replaced, now.replaced_by) == ("1 January 2026", "bylaws.beancount:1", None)
    assert now.vote is not None
    assert now.vote.said == "6 for, 1 against, 0 abstained, of 7"
    assert view.headline == "1 rule is in force, and 1 decision is on record."


def test_a_record_tells_its_fields_with_their_meaning() -> None:
    line = (
        rules_of([record("bylaw", "wage-ratio-x", cap="3", note="see the minutes", decision="D-9")]).groups[0].lines[0]
    )
    assert [tuple(field) for field in line.fields] == [("cap", "how often the lower pay may go into the higher", "3")]
    assert (line.note, line.vote and line.vote.id, line.anchor) == ("see the minutes", "D-9", "rule-bylaws.beancount:7")
    unknown = rules_of([record("probe", "x", colour="red")]).groups[0].lines[0]
    assert [tuple(field) for field in unknown.fields] == [("colour", "", "red")]


def test_a_decision_tells_its_votes() -> None:
    line = rules_of([VOTED]).groups[0].lines[0]
    assert (line.said, line.counts) == ("the cap", "6 for, 1 against, 0 abstained, of 7")


def test_a_page_of_rules_has_a_bound_until_all_are_asked_for() -> None:
    records = [record("member", f"m{index}", line=index) for index in range(100)]
    (group,) = rules_of(records).groups
    assert (len(group.lines), group.count) == (80, 100)
    (group,) = rules_of(records, everything=True).groups
    assert len(group.lines) == 100


@pytest.mark.parametrize(
    ("kind", "record_id", "fields", "said"),
    [
        (
            "bylaw",
            "wage-ratio",
            {"cap": "6", "compare": "max/floor", "measure": "full-time", "period": "year"},
            "The best-paid full-time job earns at most 6 times the floor, every year.",
        ),
        (
            "bylaw",
            "wage-ratio",
            {"cap": "6", "compare": "mean-top-5/floor"},
            "The mean of the five best-paid hours is at most 6 times the floor, every month.",
        ),
        (
            "bylaw",
            "surplus",
            {"patronage": "hours", "cash": "0.4", "vows": "TRUE"},
            "A member's part of the surplus follows hours; 40% of it is paid in money; nobody is paid before a vow.",
        ),
        (
            "bylaw",
            "surplus",
            {"cash": "house + 0.1"},
            "House + 0.1 of a member's part of the surplus is paid in money.",
        ),
        (
            "bylaw",
            "capital",
            {"buy-in": "1000.00 EUR", "buy-in-months": "12", "interest": "0.02", "redeem-after": "7"},
            (
                "A new member pays in 1,000.00 EUR within 12 months, capital earns 2% a year "
                "and each year's capital is due 7 years later."
            ),
        ),
        ("bylaw", "capital", {"collective": "Equity:All"}, ""),
        (
            "bylaw",
            "exit",
            {"years": "2", "interest": "house"},
            "A leaver's capital is paid back in 2 yearly parts and what is left of it earns house a year.",
        ),
        (
            "bylaw",
            "assembly",
            {"quorum": "0.5", "majority": "0.5", "supermajority": "0.75"},
            "50% of the members must be there, 50% of the votes cast decides and reserved matters need 75%.",
        ),
        ("bylaw", "fiscal-year", {"ends": "06-30"}, "Our year ends on 30 June."),
        ("bylaw", "time-zone", {"value": "UTC"}, ""),
        (
            "allocation",
            "reserve",
            {"to": "Equity:R", "share": "0.2", "until": "6500.00 EUR"},
            "20% of the surplus goes to Equity:R, until it holds 6,500.00 EUR.",
        ),
        (
            "allocation",
            "m",
            {"to": "members", "rest": "TRUE", "by": "hours"},
            "All that is left goes to the members, by hours worked.",
        ),
        (
            "allocation",
            "m",
            {"to": "next", "share": "0.1", "of": "step:a"},
            "10% of what step a got goes to next year.",
        ),
        (
            "allocation",
            "m",
            {"to": "workers", "amount": "5.00 EUR"},
            "5.00 EUR goes to everyone who works here, by patronage.",
        ),
        (
            "allocation",
            "m",
            {"to": "members", "rate": "0.02", "by": "capital", "at-most": "1", "at-most-of": "step:labour"},
            "Interest of 2% on each one's capital goes to the members, at most 100% of what step labour got.",
        ),
        (
            "allocation",
            "legal",
            {
                "to": "Equity:R",
                "share": "0.15",
                "until-of": "1",
                "until-account": "Equity:Members",
                "until-at": "highest",
                "then": "0.05",
            },
            "15% of the surplus goes to Equity:R, until it holds as much as ever stood on Equity:Members, and 5% from then on.",
        ),
        (
            "allocation",
            "legal",
            {"to": "Equity:R", "share": "0.1", "until-of": "0.5", "until-account": "Equity:Members"},
            "10% of the surplus goes to Equity:R, until it holds 50% of what stands on Equity:Members.",
        ),
        ("allocation", "m", {"to": "members", "by": "capital"}, ""),
        ("loss", "a", {"from": "members", "share": "0.3"}, "The members bear 30% of a loss."),
        ("loss", "a", {"from": "Equity:All", "rest": "TRUE"}, "Equity:All bears all that is left of a loss."),
        ("loss", "a", {"from": "Equity:All", "at-most-share": "0.5"}, ""),
        (
            "fund",
            "strike",
            {"purpose": "strikes", "backing": "Assets:S", "spend-by": "24"},
            "For strikes, its money lies on Assets:S and to be spent within 24 months of the close.",
        ),
        ("rate", "house", {"value": "0.02"}, "2%."),
        ("rate", "wage", {"value": "12.50 EUR"}, "12.50 EUR."),
        ("member", "m01", {"wages": "Expenses:W Expenses:B"}, "Pay is booked on Expenses:W and Expenses:B."),
        ("vow", "m01", {"text": "I teach."}, "I teach."),
        ("decline", "m01", {"period": "2024", "share": "1"}, "Gives all of the part of 2024 back to all."),
        ("decline", "m01", {"period": "2024", "share": "0.5"}, "Gives 50% of the part of 2024 back to all."),
        ("exit", "m01", {"cause": "resignation"}, "Left: resignation."),
        ("probe", "x", {"any": "thing"}, ""),
        ("probe", "x", {"purpose": "One strike at the port."}, "One strike at the port."),
        ("policy", "p", {"version": "3", "closes": "TR-LA-SUP-2"}, "Version 3 answers the trigger TR-LA-SUP-2."),
        ("policy", "p", {"closes": "TR-LA-SUP-2"}, "This version answers the trigger TR-LA-SUP-2."),
        ("policy", "p", {"version": "3"}, "Version 3."),
        ("policy", "p", {"sha256": "77aa"}, ""),
        (
            "budget",
            "b",
            {"account": "Expenses:W", "amount": "5000.00 EUR"},
            "Up to 5,000.00 EUR may be spent on Expenses:W.",
        ),
        ("budget", "b", {"amount": "5000.00 EUR"}, "Up to 5,000.00 EUR may be spent."),
        ("budget", "b", {"account": "Expenses:W"}, ""),
        ("caucus", "union", {"outcome": "suspend"}, "We decided to suspend."),
        ("caucus", "union", {}, ""),
        ("function", "milling", {"provider": "mill"}, "Provided by mill."),
        ("function", "milling", {"alternative": "mill"}, ""),
        ("lottery-draw", "LA", {"panel": "a:b, c:d e:f"}, "Drawn: a:b, c:d and e:f."),
        ("lottery-draw", "LA", {"panel": " "}, ""),
        (
            "audit",
            "LA",
            {"window-start": "2025-01-01", "window-end": "2025-12-31"},
            "Looks at all from 1 January 2025 to 31 December 2025.",
        ),
        ("audit", "LA", {"window-start": "2025-01-01"}, ""),
        ("finding", "LA/SUP-2", {"label": "reformist", "votes": "2-1-0"}, "The panel found it reformist, by 2 to 1."),
        ("finding", "LA/SUP-2", {"label": "reformist", "votes": "two"}, "The panel found it reformist."),
        ("finding", "LA/SUP-2", {"text": "late"}, ""),
        ("verdict", "LA", {"verdict": "revolutionary", "votes": "3-0-0"}, "We are called revolutionary, by 3 to 0."),
        ("action", "LA/SUP-2", {"due": "2026-07-01"}, "Due on 1 July 2026."),
        ("action", "LA/SUP-2", {"due": "2026-07-01", "done": "2026-06-30"}, "Done on 30 June 2026."),
        ("action", "LA/SUP-2", {"due": "soon"}, "Due on soon."),
        ("action", "LA/SUP-2", {}, ""),
        ("snapshot", "2025-03", {"sha256": "77aa"}, ""),
    ],
)
def test_a_rule_is_a_sentence(kind: str, record_id: str, fields: dict[str, str], said: str) -> None:
    assert sentence_of(kind, record_id, fields, USD) == said


def test_every_kind_of_record_stands_in_a_group_of_its_own_matter() -> None:
    """Only a kind that nobody knows is among the others."""
    groups = {kind: group_of({"kind": kind, "id": "x"}) for kind in KINDS}
    assert "other" not in groups.values()
    assert {groups[kind] for kind in ("lottery-call", "finding", "verdict", "snapshot")} == {"audits"}
    assert (groups["violation"], groups["practice"], groups["policy"]) == ("suppliers", "practices", "assembly")


# -- the page --------------------------------------------------------------------------------------

FULL = FakeBooks(
    wages=[wages_row()],
    pay=[pay_row("m03", "24.00")],
    surplus=GOOD_YEAR,
    periods=("2024", "2025"),
    records=[VOTED],
)


def shown(books: FakeBooks | None, view: str, **how: bool) -> Page:
    return open_page(lambda: books, chosen(view), **how)


@pytest.mark.parametrize("view", ["pay", "surplus", "rules"])
def test_each_view_answers_its_question(view: str) -> None:
    page = shown(FULL, view, native=True)
    assert (page.name, page.trouble, page.unit, page.native) == (view, None, "USD", True)
    assert page.view is not None
    assert page.template == f"open_book_{view}.html"
    assert [tab.name for tab in page.tabs if tab.current] == [view]
    assert page.as_of_said == "1 March 2026"


def test_every_question_of_a_worker_has_its_page() -> None:
    assert tuple(VIEW_BY_NAME) == VIEWS
    assert [view.question for view in VIEW_BY_NAME.values()] == [
        "What are we paid, and is it fair?",
        "Where does the surplus go?",
        "What have we promised the movement, and did it get there?",
        "Who gives us money, on what conditions?",
        "What do I own?",
        "What is due?",
        "Do we keep our word?",
        "What have we agreed on?",
    ]
    assert all((HOME / "templates" / view.template).is_file() for view in VIEW_BY_NAME.values())


def test_a_book_without_an_answer_says_what_to_write() -> None:
    assert shown(None, "pay").trouble == EMPTY
    for view, trouble in (("pay", NO_PAY), ("surplus", NO_YEAR), ("rules", NO_RULE)):
        assert shown(FakeBooks(), view).trouble == trouble


def test_a_book_without_a_currency_says_which_line_is_missing() -> None:
    books = FakeBooks()
    books.currency = None
    assert shown(books, "pay").trouble == NO_CURRENCY


def test_what_a_rule_refuses_is_said_in_its_own_sentence() -> None:
    def refuse() -> None:
        raise LedgerUnusable("the floor is missing: add floor:", Place("bylaws.beancount", 4))

    page = open_page(refuse, chosen())
    assert page.view is None
    assert page.trouble == Trouble(REFUSED, "bylaws.beancount:4: the floor is missing: add floor:")


def test_a_fault_of_ours_is_a_sentence_and_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ZeroDivisionError("no people")

    with caplog.at_level(logging.ERROR):
        trouble = open_page(fail, chosen("surplus")).trouble
    assert trouble is not None
    assert trouble.code == "ZeroDivisionError: no people"
    assert "the open book's view surplus failed" in caplog.text


def test_figures_are_hidden_where_fava_hides_them() -> None:
    view = shown(FULL, "surplus", hidden=True).view
    assert isinstance(view, SurplusView)
    assert view.headline == "In 2025 we earned XXX.XX USD more than we spent."
    assert view.chart is not None
    assert "110.00" not in view.chart.wide
    assert view.steps[0].said == "20% of the surplus (XXX.XX)"


def test_a_view_that_nobody_knows_is_the_first() -> None:
    for query in ({}, {"view": "<b>"}, {"view": "pay", "period": "x" * 65, "member": "y" * 65, "all": "yes"}):
        assert Choice.read(query, TODAY) == chosen()
    assert Choice.read({"as_of": "2025-02-28", "member": "m02"}, TODAY, "m01") == Choice(
        date(2025, 2, 28), "pay", member="m02", signed_in="m01"
    )
    assert Choice.read({"as_of": "2025-W01-1"}, TODAY, "m01").member == "m01"


# -- pages that are kept ---------------------------------------------------------------------------


def a_page() -> Page:
    return shown(FULL, "rules")


def test_the_books_are_read_once_and_a_page_is_made_once() -> None:
    shelf: Shelf[str] = Shelf()
    source = object()
    made: list[str] = []

    def read() -> str:
        made.append("read")
        return "books"

    def make() -> Page:
        made.append("page")
        return a_page()

    kept = shelf.of(source, read)
    assert (kept.books(), kept.books()) == ("books", "books")
    first = kept.page("pay", make)
    assert kept.page("pay", make) is first
    assert shelf.of(source, read).page("pay", make) is first
    assert made == ["read", "page"]


def test_other_entries_empty_the_shelf() -> None:
    shelf: Shelf[str] = Shelf()
    source = object()
    kept = shelf.of(source, lambda: "old")
    assert shelf.of(object(), lambda: "new").books() == "new"
    assert shelf.of(source, lambda: "old again") is not kept
    kept = shelf.of(source, lambda: "x")
    shelf.clear()
    assert shelf.of(source, lambda: "y") is not kept


def test_the_shelf_has_a_bound_and_the_least_used_leave_it() -> None:
    kept: Kept[None] = Kept(None, lambda: None)
    first = kept.page(0, a_page)
    for key in range(1, PAGES_MAX):
        kept.page(key, lambda: first)
    assert kept.page(0, a_page) is first
    kept.page("more", lambda: first)
    assert kept.page(0, a_page) is first
    again = a_page()
    assert kept.page(1, lambda: again) is again


# -- what the files may hold -----------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(HOME.rglob("*.html")), ids=lambda path: path.name)
def test_templates_escape_everything_and_pass_a_strict_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", text)
    assert not re.search(
        r"<script(?! type=\"application/json\")|<style|\sstyle=|\son[a-z]+=|javascript:|https?:|//[a-z]", text
    )
    # An attribute without quotes would end at the first space of a ledger's text.
    assert not re.search(r"=\{\{", text)


@pytest.mark.parametrize("view", VIEWS)
def test_a_part_of_the_page_knows_no_fava(view: str) -> None:
    text = (HOME / "templates" / f"open_book_{view}.html").read_text(encoding="utf-8")
    assert not re.search(r"\bextension\b|url_for|\brequest\b|\bledger\b\.", text)


def test_style_and_script_load_nothing_from_elsewhere() -> None:
    for text in (sheet().text, (HOME / "OpenBook.js").read_text(encoding="utf-8")):
        assert not re.search(r"url\(|@import|https?:|fetch\(|innerHTML|eval\(|import\(", text)


def test_the_sheet_has_the_colours_of_the_charts() -> None:
    used = set(re.findall(r"var\((--coop-[a-z-]+)", sheet().text))
    assert used
    assert all(f"{name}: light-dark(#" in sheet().text for name in used)


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9"><title>t</title>{}</svg>'


@pytest.mark.parametrize(
    "part",
    [
        "<script>1</script>",
        '<rect onclick="1"/>',
        '<rect style="fill:red"/>',
        '<a href="x"><rect/></a>',
        '<rect href="x"/>',
        '<g xmlns:x="http://www.w3.org/1999/xlink"><rect x:href="y"/></g>',
        "<foreignObject/>",
        '<b xmlns="http://www.w3.org/1999/xhtml"/>',
        "<image/>",
        '<rect fill="url(http://x.example/y)"/>',
        "<!-- x -->",
        "<![CDATA[<img>]]>",
    ],
)
def test_a_drawing_that_is_more_than_drawn_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match="a drawing"):
        drawing(Chart("t", "s", SVG.format(""), SVG.format(part)))


def test_a_drawing_passes_as_it_is() -> None:
    svg = SVG.format('<g fill="url(#x)"><path d="M0 0"/><text x="1">&lt;img&gt;</text></g>')
    found = drawing(Chart("t", "s", svg, svg))
    assert found is not None
    assert (str(found.wide), found.said) == (svg, "s")
    assert drawing(None) is None


# -- inside of Fava --------------------------------------------------------------------------------

EXTENSION = '2025-01-01 custom "fava-extension" "coopbooks.dashboard"\n'
SMALL = """
    option "title" "Bread"
    option "operating_currency" "USD"
    2024-01-01 open Assets:Bank
    2024-01-01 open Assets:Bank:Strike
    2024-01-01 open Income:Sales
    2024-01-01 open Expenses:Wages
    2024-01-01 open Equity:Surplus
    2024-01-01 open Equity:Funds:Strike
    2024-01-01 open Equity:Capital:M01
    2024-01-01 open Equity:Capital:M02
    2024-01-01 custom "coop" "member" "m01"
      wages: Expenses:Wages
      capital: Equity:Capital:M01
    2024-01-01 custom "coop" "member" "m02"
      wages: Expenses:Wages
      capital: Equity:Capital:M02
    2024-01-01 custom "coop" "bylaw" "wage-ratio"
      cap: 4
    2024-01-01 custom "coop" "allocation" "strike-fund"
      step: 1
      to: Equity:Funds:Strike
      share: 0.25
    2024-01-01 custom "coop" "allocation" "members"
      step: 2
      to: "members"
      rest: TRUE
    2024-01-01 custom "coop" "fund" "strike"
      account: Equity:Funds:Strike
      purpose: "strike pay"
      kind: "strike"
      backing: Assets:Bank:Strike
    2024-03-31 * "Pay"
      Expenses:Wages    2400.00 USD
        worker: "m01"
        hours: 100
      Expenses:Wages    1000.00 USD
        worker: "m02"
        hours: 100
      Assets:Bank
    2024-06-30 * "Bread"
      Assets:Bank    5000.00 USD
      Income:Sales
"""
RECORDS = SMALL[SMALL.index("    2024-01-01 open") :]
Open = Callable[..., Flask]


@pytest.fixture
def fava(ledger: Callable[..., Path]) -> Open:
    """Fava over a ledger with the open book in it."""

    def app(text: str, **how: bool) -> Flask:
        path = ledger(text)
        path.write_text(path.read_text(encoding="utf-8") + EXTENSION, encoding="utf-8")
        # Without a thread that watches files: a test process may not have that many of them.
        made = create_app([path], load=True, poll_watcher=True, **how)
        made.testing = True
        return made

    return app


def fava_ledger(app: Flask) -> FavaLedger:
    found = app.config["LEDGERS"].ledgers[0]
    assert isinstance(found, FavaLedger)
    return found


def get(app: Flask, query: str = "", page: str = "extension/OpenBook/") -> str:
    slug = app.config["LEDGERS"].first_slug()
    answer = app.test_client().get(f"/{slug}/{page}?{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


def each_view(app: Flask, more: str = "") -> Iterator[str]:
    for view in VIEWS:
        yield get(app, f"view={view}&{more}")


def test_fava_finds_one_page(fava: Open) -> None:
    classes, errors = find_extensions(Path(), "coopbooks.dashboard")
    assert [found.__qualname__ for found in classes] == ["OpenBook"]
    assert not errors
    details = fava_ledger(fava(SMALL)).extensions.extension_details
    assert [(found.name, found.report_title, found.has_js_module) for found in details] == [
        ("OpenBook", "Open book", True)
    ]


def test_the_page_answers_is_it_fair(fava: Open) -> None:
    page = get(fava(SMALL))
    assert "In March 2024 the best-paid hour earned 2.4 times the least-paid one; our rule allows 4." in page
    assert "Within the cap: m01 earned 24.00 USD an hour, m02 10.00 USD." in page
    assert page.count('<table class="ratios"') == 1
    assert page.count('<table class="by-person') == 1


def test_the_page_answers_where_does_it_go(fava: Open) -> None:
    page = get(fava(SMALL), "view=surplus&as_of=2024-08-01")
    assert "1,600.00 USD more than we spent." in page
    assert "1,200.00" in page
    assert "400.00" in page
    assert "Strike fund" in page
    assert "Forecast: the year ends on 31 December 2024" in page
    assert "What would change it" in page


def test_the_day_of_judgement_is_shown_kept_and_changes_what_is_said(fava: Open) -> None:
    app = fava(SMALL)
    page = get(app, "view=surplus&as_of=2025-01-01")
    assert "Forecast:" not in page
    assert 'name="as_of" value="2025-01-01"' in page
    assert "view=pay&amp;as_of=2025-01-01" in page
    assert "as_of" not in " ".join(re.findall(r'href="([^"]*)"', get(app, "view=surplus&as_of=2025-02-30")))


def test_today_is_the_cooperatives(fava: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        @staticmethod
        def now(zone: tzinfo) -> datetime:
            return datetime(2024, 12, 31, 23, 30, tzinfo=UTC).astimezone(zone)

    monkeypatch.setattr("coopbooks.dashboard.extension.datetime", Clock)
    zone = '    2024-01-01 custom "coop" "bylaw" "time-zone"\n      value: "{}"\n'
    for name, day in (("UTC", "2024-12-31"), ("Asia/Tokyo", "2025-01-01"), ("Nowhere/Land", "2024-12-31")):
        assert f'name="as_of" value="{day}"' in get(fava(SMALL + zone.format(name)))


# -- where figures lead ----------------------------------------------------------------------------


def hrefs(page: str, said: str) -> list[str]:
    """The addresses of the links of these words."""
    return [unescape(found) for found in re.findall(rf'<a [^>]*href="([^"]*)"[^>]*>{re.escape(said)}</a>', page)]


def led_to(app: Flask, address: str) -> list[Any]:
    """The transactions that Fava shows at an address."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    return [entry for entry in fava_ledger(app).get_filtered(**query).entries if hasattr(entry, "postings")]


def test_a_cap_leads_to_its_rule(fava: Open) -> None:
    app = fava(SMALL)
    (address, *_) = hrefs(get(app), "Bylaw wage-ratio")
    path, name = address.split("#")
    assert name.startswith("rule-main.beancount:")
    slug = app.config["LEDGERS"].first_slug()
    assert path.startswith(f"/{slug}/extension/OpenBook/?view=rules")
    assert f'id="{name}"' in app.test_client().get(path).text


def test_a_persons_pay_leads_to_the_entries_that_pay_that_person(fava: Open) -> None:
    later = """
    2024-04-30 * "Pay of April, and hours that March had left out"
      Expenses:Wages    2400.00 USD
        worker: "m01"
        hours: 100
      Expenses:Wages    10.00 USD
        worker: "m02"
        hours: 1
        pay-period: "2024-03"
      Expenses:Wages    900.00 USD
        worker: "m02"
        hours: 90
      Assets:Bank
    2024-05-31 * "Pay of May"
      Expenses:Wages    1000.00 USD
        worker: "m02"
        hours: 100
      Expenses:Wages    1000.00 USD
        worker: "m01"
        hours: 100
      Assets:Bank
"""
    app = fava(SMALL + later)
    page = get(app, "view=pay&period=2024-03")
    (address,) = hrefs(page, "1,010.00")
    assert urlsplit(address).path.endswith("/account/Expenses:Wages/")
    assert [str(entry.date) for entry in led_to(app, address)] == ["2024-03-31", "2024-04-30"]
    (address,) = hrefs(get(app, "view=pay&period=2024-05"), "1,000.00")[1:]
    assert [str(entry.date) for entry in led_to(app, address)] == ["2024-05-31"]


CLOSED = (
    SMALL
    + """
    2024-12-31 * "Where the surplus went" #coop-close
      period: "2024"
      Equity:Surplus             1600.00 USD
      Equity:Funds:Strike        -400.00 USD
      Equity:Capital:M01         -600.00 USD
      Equity:Capital:M02         -600.00 USD
"""
)


def test_an_amount_of_a_closed_year_leads_to_the_entry_that_closes_it(fava: Open) -> None:
    app = fava(CLOSED)
    page = get(app, "view=surplus&period=2024&as_of=2025-06-01")
    (address,) = hrefs(page, "400.00")
    assert urlsplit(address).path.endswith("/journal/")
    assert [entry.narration for entry in led_to(app, address)] == ["Where the surplus went"]


def test_a_forecast_leads_to_the_account_as_it_stands(fava: Open) -> None:
    (address,) = hrefs(get(fava(SMALL), "view=surplus&as_of=2024-08-01"), "400.00")[:1]
    assert urlsplit(address).path.endswith("/account/Equity:Funds:Strike/")
    assert not urlsplit(address).query


def links_of(app: Flask, query: str = "") -> FavaLinks:
    """The links of a page; within a request's context."""
    extension = fava_ledger(app).extensions.get_extension("OpenBook")
    assert isinstance(extension, coopbooks.dashboard.OpenBook)
    return extension.links()


def test_what_is_not_there_is_no_link(fava: Open) -> None:
    app = fava(SMALL)
    slug = app.config["LEDGERS"].first_slug()
    with app.test_request_context(f"/{slug}/extension/OpenBook/"):
        app.preprocess_request()
        links = links_of(app)
        for place in ("../secret.txt:1", "/etc/passwd:1", "main.beancount:x", "main.beancount", ":", ""):
            assert links.rule(place) is None
            assert links.entry(place) is None
        assert links.entries("Equity:Nowhere") is None
        assert links.entries("Equity", "2024-13") is None
        assert links.entries("Equity", person='a"b') is None
        equity = links.entries("Equity", "2024-Q1")
        assert equity is not None
        assert parse_qs(urlsplit(equity).query) == {"time": ["2024-01-01 to 2024-03-31"]}
        person = links.entries("Equity", person="m01")
        assert person is not None
        assert parse_qs(urlsplit(person).query) == {"filter": ['any(worker:"^m01$")']}
        assert links.statement("m01", "2024") == f"/{slug}/extension/OpenBook/statement.pdf?member=m01&period=2024"


def test_a_period_that_is_not_made_of_months_is_told_by_its_days(fava: Open) -> None:
    app = fava(SMALL)
    slug = app.config["LEDGERS"].first_slug()
    with app.test_request_context(f"/{slug}/extension/OpenBook/"):
        app.preprocess_request()
        address = links_of(app).entries("Expenses:Wages", "2024-03-30/2024-03-31", person="m01")
    assert address is not None
    assert [str(entry.date) for entry in led_to(app, address)] == ["2024-03-31"]
    assert '"^(2024-03-30|2024-03-31)"' in parse_qs(urlsplit(address).query)["filter"][0]


def test_an_entry_in_a_file_of_any_name_is_found(fava: Open, tmp_path: Path) -> None:
    name = "b (1)+$^|'.beancount"
    app = fava(SMALL)
    main = Path(fava_ledger(app).beancount_file_path)
    (main.parent / name).write_text('2024-07-01 * "Found"\n  Assets:Bank  1.00 USD\n  Income:Sales\n', encoding="utf-8")
    main.write_text(f'{main.read_text(encoding="utf-8")}include "{name}"\n', encoding="utf-8")
    fava_ledger(app).load_file()
    slug = app.config["LEDGERS"].first_slug()
    with app.test_request_context(f"/{slug}/extension/OpenBook/"):
        app.preprocess_request()
        for line in (1, 2, 3):
            address = links_of(app).entry(f"{name}:{line}")
            assert address is not None
            assert [entry.narration for entry in led_to(app, address)] == ["Found"]
            assert str(tmp_path) not in unescape(address)


def test_no_page_tells_where_the_books_lie_on_the_machine(fava: Open) -> None:
    app = fava(CLOSED)
    folder = str(Path(fava_ledger(app).beancount_file_path).parent)
    for page in each_view(app, "partial=true"):
        assert folder not in page


def test_an_id_of_a_place_is_an_id_and_is_its_own() -> None:
    places = ["a.beancount:1", "a b.beancount:1", "a_b.beancount:1", 'a"><img.beancount:1', "a_20_b.beancount:1"]
    ids = [anchor("rule", place) for place in places]
    assert len(set(ids)) == len(places)
    assert all(re.fullmatch(r"[A-Za-z0-9_.:-]+", each) for each in ids)


# -- who asks --------------------------------------------------------------------------------------


def test_who_signed_in_is_asked_for_where_no_other_is(fava: Open) -> None:
    app = fava(CLOSED)
    slug = app.config["LEDGERS"].first_slug()
    address = f"/{slug}/extension/OpenBook/?view=mine&as_of=2025-06-01"
    signed_in = {"coopbooks.member": "m02"}
    own = app.test_client().get(address, environ_overrides=signed_in).text
    assert "m02" in own
    assert own != app.test_client().get(address).text
    other = app.test_client().get(f"{address}&member=m01", environ_overrides=signed_in).text
    assert other != own
    with app.test_client().get(address, environ_overrides={"coopbooks.member": 5}) as answer:
        assert answer.status_code == 200


def test_a_statement_is_a_pdf_or_nothing(fava: Open) -> None:
    app = fava(CLOSED)
    slug = app.config["LEDGERS"].first_slug()
    client = app.test_client()
    address = f"/{slug}/extension/OpenBook/statement.pdf"
    with client.get(f"{address}?member=m01&period=2024&as_of=2025-06-01") as answer:
        assert (answer.status_code, answer.mimetype, answer.data[:5]) == (200, "application/pdf", b"%PDF-")
    for query in ("", "?member=m01", "?period=2024", "?member=m77&period=2024", "?member=m01&period=2031"):
        assert client.get(f"{address}{query}").status_code == 404
    assert fava("").test_client().get(f"{address}?member=m01&period=2024").status_code == 404


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", EMPTY.sentence),
        ("2024-01-01 open Assets:Bank\n", EMPTY.sentence),
        (RECORDS, NO_CURRENCY.sentence),
        (SMALL.replace('"Pay"', '"Pay" ; ').replace("worker:", "no-worker:"), NO_PAY.sentence),
    ],
    ids=["empty", "no records", "no currency", "nobody paid"],
)
def test_a_book_with_nothing_to_show_gets_a_page_that_says_so(fava: Open, text: str, sentence: str) -> None:
    app = fava(text)
    pages = list(each_view(app))
    assert sentence.replace("'", "&#39;") in pages[0]
    assert all('class="open-book"' in page for page in pages)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("cap: 4", 'cap: "four"'),
        ("cap: 4", "cap: 4\n      capp: 5"),
        ("cap: 4", 'cap: 4\n      measure: "full-time"'),
        ("cap: 4", 'cap: 4\n      compare: "max/floor"'),
        ('"allocation" "members"', '"alocation" "members"'),
        ('"allocation" "members"', '"allocation"'),
        ("share: 0.25", 'share: "nobody-knows"'),
        ("share: 0.25", 'share: 0.25\n      of: "step:later"'),
        ("hours: 100", 'hours: "many"'),
        ('worker: "m01"', 'worker: "m77"'),
        ("backing: Assets:Bank:Strike", "backing: Assets:Gone"),
        ("Expenses:Wages    2400.00 USD", "Expenses:Wages    2400.00 XXX"),
        ('custom "coop" "member" "m01"', 'custom "coop" "member" 5'),
    ],
)
def test_a_broken_record_never_takes_the_page_away(fava: Open, before: str, after: str) -> None:
    assert before in SMALL
    for page in each_view(fava(SMALL.replace(before, after))):
        assert 'class="open-book"' in page
        assert "the fault is in coopbooks" not in page


def test_errors_of_the_book_are_said_on_top(fava: Open) -> None:
    page = get(fava(SMALL + "    2024-07-01 balance Assets:Bank 1.00 USD\n"))
    assert "This book has 1 error." in page
    assert "/errors/" in page


def test_text_of_the_ledger_is_text_on_the_page(fava: Open) -> None:
    said = EVIL.replace('"', "'")
    text = SMALL.replace('to: "members"', f'to: "{said}"').replace('"Bread"', f'"{said}"')
    text = text.replace('"strike pay"', f'"{said}"').replace('"Pay"', f'"{said}" "{said}"')
    app = fava(text)
    for page in each_view(app, "period=<img src=x onerror=alert(1)>&time=<img src=x>"):
        assert "<img" not in page.replace("\\u003cimg", "")
    assert "&lt;img src=x onerror=" in get(app, "view=surplus")
    slug = app.config["LEDGERS"].first_slug()
    assert "<img" not in app.test_client().get(f"/{slug}/extension/OpenBook/?partial=true").text


def test_a_sentence_of_a_refused_rule_is_escaped(fava: Open) -> None:
    said = EVIL.replace('"', "'")
    page = get(fava(SMALL.replace("share: 0.25", f'share: 0.25\n      of: "{said}"')), "view=surplus")
    assert "<img" not in page
    assert "&lt;img" in page


@pytest.mark.parametrize("how", [{"read_only": True}, {"incognito": True}])
def test_the_page_stands_in_each_of_favas_modes(fava: Open, how: dict[str, bool]) -> None:
    pages = list(each_view(fava(SMALL, **how)))
    assert all('aria-current="page"' in page for page in pages)
    assert ("2,400.00" in pages[0]) is ("incognito" not in how)


def test_favas_filters_stay_in_the_address_and_change_nothing(fava: Open) -> None:
    app = fava(SMALL)
    page = get(app, "time=2023&account=Assets")
    assert "the filter does not change it" in page
    assert "2.4 times" in page
    assert all("time=2023" in address for address in hrefs(page, "Surplus"))
    assert '<input type="hidden" name="time" value="2023">' in page
    assert hrefs(page, "2,400.00")
    assert all("time=2023" not in address for address in hrefs(page, "2,400.00"))


def test_the_style_sheet_and_the_script_are_served(fava: Open) -> None:
    app = fava(SMALL)
    found = re.search(r'<link rel="stylesheet" href="([^"]+)" data-open-book-style>', get(app))
    assert found is not None
    slug = app.config["LEDGERS"].first_slug()
    for address, sort in (
        (found[1], "text/css"),
        (f"/{slug}/extension_js_module/OpenBook.js", "text/javascript"),
    ):
        with app.test_client().get(address) as answer:
            assert (answer.status_code, answer.mimetype) == (200, sort)


def test_every_name_in_a_template_is_known(fava: Open) -> None:
    for text in ("", SMALL):
        app = fava(text)
        extension = fava_ledger(app).extensions.get_extension("OpenBook")
        assert extension is not None
        slug = app.config["LEDGERS"].first_slug()
        for query in (
            "view=pay&all=1",
            "view=surplus",
            "view=funds",
            "view=givers",
            "view=mine",
            "view=due",
            "view=rules",
        ):
            with app.test_request_context(f"/{slug}/extension/OpenBook/?{query}"):
                app.preprocess_request()
                strict = extension.jinja_env.overlay(undefined=StrictUndefined)
                assert strict.autoescape is True or callable(strict.autoescape)
                assert "open-book" in strict.get_template("OpenBook.html").render(extension=extension)


def test_a_changed_ledger_is_read_anew(fava: Open) -> None:
    app = fava(SMALL)
    assert "2.4 times" in get(app)
    found = fava_ledger(app)
    path = Path(found.beancount_file_path)
    path.write_text(path.read_text(encoding="utf-8").replace("2400.00", "3000.00"), encoding="utf-8")
    found.load_file()
    assert "3 times" in get(app)


def test_a_page_asked_again_is_the_one_that_was_made(fava: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    app = fava(SMALL)
    first = get(app, "view=surplus&as_of=2024-08-01")

    def fail(*_: object) -> None:
        raise AssertionError("the page is made again")

    monkeypatch.setattr("coopbooks.cooperative.Cooperative.surplus", fail)
    assert get(app, "view=surplus&as_of=2024-08-01") == first
    assert "made again" in get(app, "view=surplus&as_of=2024-08-02")


# -- saved queries ---------------------------------------------------------------------------------


def test_saved_queries_run_on_any_ledger(fava: Open) -> None:
    for text in ("", SMALL):
        found = fava_ledger(fava(text))
        for query in QUERIES:
            found.query_shell.execute_query_serialised(found.all_entries, query.text)


def test_saved_queries_answer_what_they_are_called(fava: Open) -> None:
    found = fava_ledger(fava(SMALL))
    by_name = {query.name: query.text for query in QUERIES}
    assert len(by_name) == len(QUERIES)
    assert max(map(len, by_name)) < 25
    pay = found.query_shell.execute_query_serialised(found.all_entries, by_name["Pay by month"])
    assert isinstance(pay, QueryResultTable)
    assert [list(row) for row in pay.rows] == [
        [2024, 3, "m01", {"USD": Decimal("2400.00")}, Decimal(100)],
        [2024, 3, "m02", {"USD": Decimal("1000.00")}, Decimal(100)],
    ]


def test_each_link_of_the_example_passes_the_door() -> None:
    app = create_app([BAKERY], load=True, poll_watcher=True)
    files = {path.name for path in BAKERY.parent.glob("*.beancount")}
    seen = set()
    for page in each_view(app, "member=ada&partial=true"):
        for address in {unescape(found) for found in re.findall(r'href="(/[^"]*)', page)}:
            found = urlsplit(address)
            asked = asked_for(app.url_map.bind("localhost", path_info=unquote(found.path)), "GET")
            assert isinstance(asked, Asked), address
            assert bad_parameter(parse_qs(found.query), files) is None, address
            seen.add(asked.endpoint)
    assert {"extension_report", "extension_endpoint", "report", "account"} <= seen
