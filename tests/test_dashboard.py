"""The open book: what the page says, where its marks stand, and that no book can make it fail."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fava.application import create_app
from fava.core import FavaLedger
from fava.core.query import QueryResultTable
from fava.ext import find_extensions
from flask import Flask
from jinja2 import StrictUndefined

import coopbooks.dashboard
from coopbooks.dashboard.chart import Scale, percent
from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.funds import funds_view
from coopbooks.dashboard.page import EMPTY, NO_CURRENCY, NO_FUND, NO_PAY, NO_YEAR, REFUSED, Books, open_page
from coopbooks.dashboard.pay import by_rule, pay_view, people_rows, shown_rows
from coopbooks.dashboard.surplus import SurplusView, surplus_view, waterfall
from coopbooks.dashboard.words import Look
from coopbooks.errors import LedgerUnusable, Place
from coopbooks.plugins._queries import QUERIES

HOME = Path(coopbooks.dashboard.__file__).parent
USD = Look("USD")
EVIL = "<img src=x onerror=\"window.taken='yes'\">"


def link(**query: str) -> str:
    """A stand-in for the addresses that Fava makes."""
    return "?" + "&".join(f"{key}={value}" for key, value in query.items())


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
    view = pay_view([row], [], Choice(), USD, link)
    assert (view.rules[0].headline, view.rules[0].verdict) == (headline, verdict)
    assert view.rules[0].place == row["bylaw"]


def test_the_newest_period_is_shown_unless_another_is_asked_for() -> None:
    rows = [wages_row("2025-01"), wages_row("2025-02"), wages_row("2025-03")]
    assert pay_view(rows, [], Choice(), USD, link).period == "2025-03"
    assert pay_view(rows, [], Choice(period="2031-01"), USD, link).period == "2025-03"
    view = pay_view(rows, [], Choice(period="2025-02"), USD, link)
    assert view.rules[0].headline.startswith("In February 2025 ")
    assert (view.earlier, view.later) == ("?view=pay&period=2025-01", "?view=pay&period=2025-03")
    assert [row.chosen for row in view.rules[0].rows] == [False, True, False]


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
    view = pay_view(rows, [], Choice(period="2025-04"), USD, link)
    said = [rule.headline.partition(" the best")[0] for rule in view.rules]
    assert said == ["In the first quarter of 2025", "In April 2025"]


@pytest.mark.parametrize(("chosen", "first", "last"), [(29, 18, 29), (20, 14, 25), (0, 0, 11), (5, 0, 11)])
def test_twelve_periods_are_shown_with_the_chosen_one_among_them(chosen: int, first: int, last: int) -> None:
    rows = [wages_row(str(1990 + index)) for index in range(30)]
    shown = shown_rows(rows, str(1990 + chosen), Choice())
    assert [shown[0]["period"], shown[-1]["period"]] == [str(1990 + first), str(1990 + last)]
    assert len(shown) == 12
    assert shown_rows(rows, "1990", Choice(everything=True)) == rows


def test_who_counts_comes_first_and_who_does_not_has_a_reason() -> None:
    pay = [
        pay_row("a", None, "no hours"),
        pay_row("b", "10.00"),
        pay_row("c", "24.00"),
        pay_row("d", "12.00"),
    ]
    ends = {"highest": {"person": "c", "rate": "24"}, "lowest": {"person": "b", "rate": "10"}}
    rows = people_rows(pay, USD, wages_row(contract_hours=["d"]) | ends)
    assert [(row.person, row.mark, row.bar, row.reason) for row in rows] == [
        ("c", "best-paid", "100.00%", ""),
        ("d", "", "50.00%", ""),
        ("b", "least-paid", "41.67%", ""),
        ("a", "", "0.00%", "no hours"),
    ]
    assert [row.person for row in rows if row.by_contract] == ["d"]


def test_pay_stands_under_the_rule_whose_rates_it_carries() -> None:
    full = wages_row(measure="full-time", bylaw="b:9") | {"highest": {"person": "m03", "rate": "4000.00"}}
    rows = [wages_row(), full]
    assert pay_view(rows, [pay_row("m03", "4000.00")], Choice(), USD, link).measure == "Full-time pay"
    assert pay_view(rows, [pay_row("m03", "24.00")], Choice(), USD, link).measure == "Pay per hour"


def test_one_person_alone_is_neither_best_paid_nor_least_paid() -> None:
    alone = wages_row(highest={"person": "a", "rate": "9"}, lowest={"person": "a", "rate": "9"})
    assert people_rows([pay_row("a", "9.00")], USD, alone)[0].mark == ""


def test_a_breach_says_what_would_mend_it() -> None:
    message = "wage ratio 4.01 is over the cap of 4.00 in 2025-03 (highest m03 24; bylaw at b:7): pay m11 more"
    row = wages_row(ratio="4.01", breach=True, message=message)
    assert pay_view([row], [], Choice(), USD, link).rules[0].cure == "pay m11 more"


def test_the_chart_shows_every_ratio_its_cap_and_no_line_over_a_gap() -> None:
    ratios = ("2.00", "2.50", None, "4.20", "3.00")
    rows = [
        wages_row(f"2025-0{month}", ratio, breach=ratio == "4.20", cap="4.00" if month < 5 else "3.50")
        for month, ratio in enumerate(ratios, start=1)
    ]
    chart = pay_view(rows, [], Choice(), USD, link).rules[0].chart
    assert chart is not None
    assert [(dot.x, dot.over) for dot in chart.dots] == [
        ("10.00%", False),
        ("30.00%", False),
        ("70.00%", True),
        ("90.00%", False),
    ]
    assert [(line.x1, line.x2) for line in chart.trend] == [("10.00%", "30.00%"), ("70.00%", "90.00%")]
    assert [(line.x1, line.x2) for line in chart.caps] == [("0.00%", "80.00%"), ("80.00%", "100.00%")]
    heights = [Decimal(dot.y) for dot in chart.dots]
    assert heights[2] < Decimal(chart.caps[0].y1) < heights[3] < heights[1] < heights[0] < chart.height_px
    assert "1 over the cap" in chart.said


def test_no_ratio_makes_no_chart() -> None:
    assert pay_view([wages_row(ratio=None)], [], Choice(), USD, link).rules[0].chart is None


@pytest.mark.parametrize("values", [["1"], ["0.80"], ["1", "1.01"], ["2.4", "4"], ["6.8", "6"], ["400"], ["99999"]])
def test_a_scale_has_room_for_all_values_and_few_rungs(values: list[str]) -> None:
    numbers = [Decimal(value) for value in values]
    scale = Scale.over(numbers)
    assert 2 <= len(scale.rungs()) <= 7
    assert scale.low <= min([Decimal(1), *numbers])
    assert scale.high > max(numbers)
    assert Decimal(scale.px(scale.high)) < Decimal(scale.px(scale.low))


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


def view_of(data: dict[str, Any]) -> SurplusView:
    return surplus_view(data, ["2024", "2025"], ["Equity:Strike"], USD, link)


@pytest.mark.parametrize("data", YEARS)
def test_a_waterfall_has_no_leak(data: dict[str, Any]) -> None:
    rows = waterfall(data, [], USD)
    assert rows[0].start == 0
    assert rows[-1].end == (0 if len(rows) > 1 else Decimal(data["result"]))
    assert all(above.end == below.start for above, below in itertools.pairwise(rows))


@pytest.mark.parametrize("data", YEARS)
def test_every_bar_lies_inside_of_its_chart(data: dict[str, Any]) -> None:
    chart = view_of(data).chart
    for row in chart.rows if chart else ():
        left, width = (Decimal(text.rstrip("%")) for text in row.bar)
        assert left >= 0
        assert width >= 0
        assert left + width <= Decimal("100.01")


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
    assert [(row.label, row.said, row.sort) for row in view.chart.rows] == [
        ("Result of 2025", "110.00", "start"),
        ("Losses of earlier years", "−10.00", "loss"),
        ("Reserve", "−20.00", "common"),
        ("Strike fund", "−30.00", "fund"),
        ("Members", "−40.00", "people"),
        ("Not placed by any rule", "−10.00", "rest"),
    ]
    assert [(line.name, line.share, line.of, line.base, line.note) for line in view.steps] == [
        ("Reserve", "20%", "the surplus", "100.00", "stopped at its limit"),
        ("Strike fund", "30%", "the surplus", "100.00", ""),
        ("Members", "", "", "", ""),
        ("Not placed by any rule", "", "", "", ""),
    ]
    assert view.total == "100.00"
    assert view.years == (
        ("2024", "?view=surplus&period=2024", False),
        ("2025", "?view=surplus&period=2025", True),
    )


def test_what_is_carried_on_left_to_a_vote_or_earned_by_others_is_called_so() -> None:
    steps = [
        step("5.00", "Equity:Common", id="nonmember"),
        step("10.00", "next"),
        step("20.00", "decision"),
        step("5.00", "Equity:Common", share=None, of=None, base="5.00"),
    ]
    view = view_of(surplus_data("40.00", steps))
    assert [(line.name, line.of, line.sort) for line in view.steps] == [
        ("Earned by non-members", "the surplus", "common"),
        ("Kept for next year", "the surplus", "rest"),
        ("Left to the assembly", "the surplus", "rest"),
        ("Common", "what is left", "common"),
    ]
    assert "30.00 USD (75%) is left for later" in view.detail


def test_an_open_year_is_called_a_forecast() -> None:
    view = view_of(GOOD_YEAR | {"forecast": True})
    assert view.headline == "In 2025 we have earned 110.00 USD more than we spent."
    assert view.forecast.startswith("Forecast: the year ends on 31 December 2025 and is still open.")
    assert view_of(GOOD_YEAR).forecast == ""


def test_a_loss_says_who_bears_it() -> None:
    view = view_of(LOSS_YEAR)
    assert view.headline == "In 2025 we spent 100.00 USD more than we earned."
    assert view.detail == (
        "The loss is borne 60.00 USD by Equity:Reserve. 45.00 USD is carried forward; the next surplus covers it first."
    )
    assert (view.steps[0].of, view.steps[1].name) == ("the loss", "Carried to later years")


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


# -- funds -----------------------------------------------------------------------------------------


def fund_row(fund: str = "strike", **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "fund": fund,
        "account": "Equity:Strike",
        "kind": "strike",
        "promised": "100.00",
        "funded": "100.00",
        "spent": "40.00",
        "balance": "60.00",
        "backing": "60.00",
        "shortfall": "0.00",
        "spend_by": None,
        "weeks": None,
        "purpose": "strike pay",
        "rule": "bylaws.beancount:20",
    }
    return row | changes


def test_funds_that_are_backed_and_filled() -> None:
    view = funds_view([fund_row(weeks="3.4")], USD)
    assert view.headline == ("Our movement fund holds 60.00 USD; 40.00 USD has been spent for what it is for.")
    assert (view.state, view.verdict) == ("kept", "Money is set aside for all of it.")
    assert view.rows[0].purpose == "strike pay"
    assert view.has_weeks


def test_funds_that_lack_money_name_how_much() -> None:
    rows = [fund_row(), fund_row("aid", spent="0.00", balance="50.00", funded="50.00", shortfall="20.00")]
    view = funds_view(rows, USD)
    assert view.headline.startswith("Our 2 movement funds hold 110.00 USD; ")
    assert view.state == "broken"
    assert view.verdict == (
        "20.00 USD of it has no money set aside behind it (aid). "
        "50.00 USD of what the rules promise has not been paid in yet."
    )
    bars = view.bars[1]
    assert (bars.balance.width, bars.backed.width, bars.promised) == ("50.00%", "30.00%", "100.00%")
    assert bars.short is not None
    assert bars.short == ("30.00%", "20.00%")
    assert view.totals["balance"] == "110.00"


def test_a_fund_that_nothing_promises_or_backs_has_no_tick_and_no_figure() -> None:
    view = funds_view([fund_row(promised=None, backing=None, shortfall="60.00")], USD)
    assert view.bars[0].promised is None
    assert (view.rows[0].promised, view.rows[0].backing, view.state) == ("", "", "broken")


# -- the page --------------------------------------------------------------------------------------


class Told:
    """An answer that is known beforehand."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def to_data(self) -> Any:
        return self.data


class FakeBooks:
    """A cooperative of known answers."""

    currency: str | None = "USD"

    def __init__(self, wages: Any = (), funds: Any = (), periods: tuple[str, ...] = ()) -> None:
        self.rows, self.fund_rows, self.years = list(wages), list(funds), periods

    def periods(self) -> tuple[str, ...]:
        return self.years

    def wages(self) -> Told:
        return Told(self.rows)

    def pay(self, period: str | None = None) -> Told:
        return Told([pay_row("m03", "24.00") | {"period": period}])

    def surplus(self, period: str) -> Told:
        return Told(GOOD_YEAR | {"period": period})

    def funds(self) -> Told:
        return Told(self.fund_rows)


FULL = FakeBooks([wages_row()], [fund_row()], ("2024", "2025"))


def test_each_view_is_one_part_of_the_page() -> None:
    for view in ("pay", "surplus", "funds"):
        page = open_page(lambda: FULL, Choice(view), link)
        assert page.trouble is None
        assert [part for part in ("pay", "surplus", "funds") if getattr(page, part)] == [view]
        assert [tab.current for tab in page.tabs] == [view == name for name in ("pay", "surplus", "funds")]


def test_a_book_without_an_answer_says_what_to_write() -> None:
    assert open_page(lambda: None, Choice(), link).trouble == EMPTY
    for view, trouble in (("pay", NO_PAY), ("surplus", NO_YEAR), ("funds", NO_FUND)):
        assert open_page(FakeBooks, Choice(view), link).trouble == trouble


def test_a_book_without_a_currency_says_which_line_is_missing() -> None:
    books = FakeBooks()
    books.currency = None
    assert open_page(lambda: books, Choice(), link).trouble == NO_CURRENCY


def test_what_a_rule_refuses_is_said_in_its_own_sentence() -> None:
    def refuse() -> Books:
        raise LedgerUnusable("the floor is missing: add floor:", Place("bylaws.beancount", 4))

    trouble = open_page(refuse, Choice(), link).trouble
    assert trouble is not None
    assert (trouble.sentence, trouble.cure) == (
        REFUSED,
        "bylaws.beancount:4: the floor is missing: add floor:",
    )


def test_a_fault_of_ours_is_a_sentence_and_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> Books:
        raise ZeroDivisionError("no people")

    with caplog.at_level(logging.ERROR):
        trouble = open_page(fail, Choice("funds"), link).trouble
    assert trouble is not None
    assert trouble.code == "ZeroDivisionError: no people"
    assert "the open book's view funds failed" in caplog.text


def test_figures_are_hidden_where_fava_hides_them() -> None:
    page = open_page(lambda: FULL, Choice("surplus"), link, hidden=True)
    assert page.surplus is not None
    assert page.surplus.headline == "In 2025 we earned XXX.XX USD more than we spent."


def test_percent_of_nothing_is_nothing() -> None:
    assert percent(Decimal(0), Decimal(0)) == "0.00%"


# -- what the files may hold -----------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(HOME.rglob("*.html")), ids=lambda path: path.name)
def test_templates_escape_everything_and_pass_a_strict_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", text)
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:|https?:|//[a-z]", text)
    # An attribute without quotes would end at the first space of a ledger's text.
    assert not re.search(r"=\{\{", text)


def test_style_and_script_load_nothing_from_elsewhere() -> None:
    for name in ("OpenBook.css", "OpenBook.js"):
        text = (HOME / name).read_text(encoding="utf-8")
        assert not re.search(r"url\(|@import|https?:|fetch\(|innerHTML|eval\(|import\(", text)


# Machado, Oliveira and Fernandes 2009, table 1, severity 1.0: what colour-blind eyes see of linear RGB.
EYES = {
    "all cones": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.3039),
    ),
}
Colour = tuple[float, float, float]


def linear(text: str) -> Colour:
    red, green, blue = (int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _linear(red), _linear(green), _linear(blue)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def seen(colour: Colour, eye: str) -> Colour:
    red, green, blue = (
        min(1.0, max(0.0, sum(weight * part for weight, part in zip(row, colour, strict=True)))) for row in EYES[eye]
    )
    return red, green, blue


def lightness(colour: Colour) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of the Web Content Accessibility Guidelines, 1 to 21."""
    dark, light = sorted((lightness(linear(one)), lightness(linear(other))))
    return (light + 0.05) / (dark + 0.05)


def lab(colour: Colour) -> Colour:
    red, green, blue = colour
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    cube = [part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, lightness(colour), z)]
    return 116 * cube[1] - 16, 500 * (cube[0] - cube[1]), 200 * (cube[1] - cube[2])


def distance(one: str, other: str, eye: str) -> float:
    """How far apart two colours are for an eye (CIE 1976); 2 is about the least that is noticed."""
    pairs = zip(lab(seen(linear(one), eye)), lab(seen(linear(other), eye)), strict=True)
    return float(sum((a - b) ** 2 for a, b in pairs) ** 0.5)


def palette(place: int) -> dict[str, str]:
    """The marks' colours for light pages (0) or dark ones (1)."""
    css = (HOME / "OpenBook.css").read_text(encoding="utf-8")
    found = re.findall(r"--ob-(\w+): light-dark\((#\w{6}), (#\w{6})\)", css)
    return {name: colours[place] for name, *colours in found}


@pytest.mark.parametrize(("place", "page"), [(0, "#ffffff"), (1, "#262626")])
def test_marks_part_for_colour_blind_readers_and_stand_out_from_the_page(place: int, page: str) -> None:
    colours = palette(place)
    marks = [colours[name] for name in ("common", "fund", "people", "start")]
    assert all(contrast(mark, page) >= 3 for mark in [*marks, colours["over"]])
    for eye in EYES:
        assert min(distance(one, other, eye) for one, other in itertools.combinations(marks, 2)) >= 20
    # A figure over the cap is a word in this colour, so it must be legible as text.
    assert contrast(colours["over"], page) >= 4.5


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
    for view in ("pay", "surplus", "funds"):
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
    page = get(fava(SMALL), "view=surplus")
    assert "1,600.00 USD more than we spent." in page
    assert "1,200.00" in page
    assert "400.00" in page
    assert "Strike fund" in page
    assert "forecast" in page


def test_the_page_answers_what_is_in_the_funds(fava: Open) -> None:
    page = get(fava(SMALL), "view=funds")
    assert "Our movement fund holds 0.00 USD." in page
    assert '<table class="funds' in page


def test_a_rule_is_one_link_away(fava: Open) -> None:
    page = get(fava(SMALL))
    found = re.search(r'class="place" href="([^"]+)">(main\.beancount:\d+)<', page)
    assert found is not None
    assert "/editor/?file_path=" in found[1]
    assert f"line={found[2].partition(':')[2]}" in found[1]


def test_a_place_outside_of_the_ledger_is_no_link(fava: Open) -> None:
    extension = fava_ledger(fava(SMALL)).extensions.get_extension("OpenBook")
    assert isinstance(extension, coopbooks.dashboard.OpenBook)
    for place in ("../secret.txt:1", "/etc/passwd:1", "main.beancount:x", "main.beancount", ":", ""):
        assert extension.source_link(place) is None


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
    assert "view=surplus&amp;time=2023" in page or "time=2023&amp;view=surplus" in page or "view=surplus" in page
    assert '<input type="hidden" name="time" value="2023">' in page


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
        for query in ("view=pay&all=1", "view=surplus", "view=funds", "time=2024"):
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
