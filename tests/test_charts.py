"""The charts: what they are made of, that marks stand where the figures say, that no text runs, is cut or is covered."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import fava
import pypdf
import pytest
from playwright.sync_api import Browser

import coopbooks
from coopbooks.errors import ToolMissing
from coopbooks.reports import charts_lines, charts_rows, charts_spec
from coopbooks.reports.charts import (
    NARROW_PX,
    WIDE_PX,
    Chart,
    bands_chart,
    capital_chart,
    chart_for_paper,
    duties_chart,
    funds_chart,
    givers_chart,
    pay_chart,
    ratio_chart,
    surplus_chart,
)
from coopbooks.reports.charts_words import money_of
from coopbooks.reports.palette import COLOURS, PAGE, PAPER, style_variables
from coopbooks.reports.statements import statements

BAKERY = Path(__file__).resolve().parent.parent / "ledgers" / "bakery" / "main.beancount"
AS_OF = date(2026, 11, 23)
EUR = money_of("EUR", None)
# Markup, quotes, an escape that would turn figures round, signs of other scripts, a control, an expression of Vega.
EVIL = "</text><script>alert(1)</script>\"'&{{x}}datum.x \u202e \U0001f956 שלום \x07 日本語の長い名前"
Data = dict[str, Any]


# -- what is drawn ---------------------------------------------------------------------------------------------------


def wages(ratios: list[str | None], cap: str | None = "3.50", first: int = 2021) -> list[Data]:
    """One row a month."""
    return [
        {
            "period": f"{first + index // 12}-{index % 12 + 1:02d}",
            "ratio": ratio,
            "cap": cap,
            "breach": ratio is not None and cap is not None and Decimal(ratio) > Decimal(cap),
        }
        for index, ratio in enumerate(ratios)
    ]


def paid(person: str, pay: str, rate: str | None = None, *, counted: bool = True) -> Data:
    return {"period": "2025-01", "person": person, "pay": pay, "rate": rate, "counted": counted}


def year(result: str, steps: list[Data], unallocated: str = "0", *, forecast: bool = False) -> Data:
    nothing = dict.fromkeys(("adjustments", "carried_in", "earlier_losses"), "0")
    made = {"period": "2025", "currency": "JPY", "result": result, "unallocated": unallocated, "forecast": forecast}
    return nothing | made | {"steps": steps}


def step(name: str, to: str, amount: str) -> Data:
    return {"id": name, "to": to, "account": None if to == "members" else to, "amount": amount}


def fund(name: str, funded: str, spent: str, balance: str, **more: str | None) -> Data:
    return {"promised": None, "backing": None, "shortfall": "0"} | {
        "fund": name,
        "funded": funded,
        "spent": spent,
        "balance": balance,
        **more,
    }


def ally(name: str, given: str, in_kind: str = "0.00", *, hostile: bool = False) -> Data:
    return {
        "ally": name,
        "name": None,
        "sort": "state",
        "hostile": hostile,
        "given": given,
        "in_kind": in_kind,
        "share_of_income": "0.060000",
    }


def reveal(allies: list[Data]) -> Data:
    return {
        "since": "2026-01-01",
        "until": "2026-11-23",
        "currency": "EUR",
        "share_of_income": "0.085333",
        "allies": allies,
    }


def duty(due: str, state: str, what: str = "redemption", subject: str = "ada 2024") -> Data:
    return {"duty": what, "subject": subject, "due": due, "state": state}


def vintages(amounts: list[str], member: str = "ada") -> Data:
    made = [
        {"period": str(2000 + index) if index else None, "amount": each, "redeem_on": "2031-12-31" if index else None}
        for index, each in enumerate(amounts)
    ]
    return {"member": member, "vintages": made}


@cache
def bakery() -> coopbooks.Cooperative:
    return coopbooks.load(BAKERY)


def of_the_bakery() -> Iterator[tuple[str, Chart | None]]:
    coop = bakery()
    funds = coop.funds(as_of=AS_OF).to_data()
    yield "ratio", ratio_chart(coop.wages().to_data(), chosen="2026-09")
    yield "pay", pay_chart(coop.pay().to_data(), "hourly", currency="EUR")
    for period in ("2024", "2025", "2026"):
        surplus = coop.surplus(period, as_of=AS_OF).to_data()
        yield f"surplus {period}", surplus_chart(surplus, [each["account"] for each in funds])
    yield "funds", funds_chart(funds, currency="EUR")
    yield "capital", capital_chart(coop.members().to_data()[0], currency="EUR")
    yield "duties", duties_chart(coop.duties(as_of=AS_OF).to_data(), AS_OF)


def made_up() -> Iterator[tuple[str, Chart | None]]:
    """Long names, many rows, many periods, one alone, nothing, below zero, very big, and texts of strangers."""
    yield "60 periods", ratio_chart(wages([f"{2 + index % 7 / 3:.2f}" for index in range(60)]))
    yield "400 periods", ratio_chart(wages([f"{2 + index % 7 / 3:.2f}" for index in range(400)], first=1990))
    yield "one period", ratio_chart(wages(["2.50"], None))
    yield "a gap", ratio_chart(wages(["6.80", None, "6.80", "6.70"], "6.00"), chosen="2021-03")
    yield "big ratio", ratio_chart([row | {"period": EVIL + row["period"]} for row in wages(["1234567.80", "0.50"])])
    forty = [paid(f"m{index:02d}", str(200_000 + index * index * 300), counted=index % 9 != 0) for index in range(40)]
    yield "40 people", pay_chart(forty, "full-time", currency="JPY")
    yield "all alike", pay_chart([paid(f"m{index}", "0", "20.00") for index in range(60)], "hourly", currency="EUR")
    strange = [paid(EVIL, "1", "-5.00"), paid(EVIL + "2", "1", "1234567890.00"), paid("c", "1", "7.00", counted=False)]
    yield "strange pay", pay_chart(strange, "hourly", currency="JPY")
    yield "nobody inside", pay_chart([paid("c", "1", "7.00", counted=False)], "hourly", currency="JPY")
    big = [step(EVIL, "X", "1000000000"), step("nothing", "members", "0"), step("later-on", "next", "5")]
    yield "big year", surplus_chart(year("1234567890", big, "234567885", forecast=True), [])
    loss = [step("reserve", "X", "-70"), step("members", "members", "-20")]
    yield "loss", surplus_chart(year("-100", loss, "-10"), ["X"])
    many = [fund(EVIL, "1234567890", "0", "1234567890", promised="2234567890", backing="5", shortfall="1234567885")]
    many += [fund("legal", "0", "0", "0"), fund("strike", "0", "500000000", "-500000000")]
    yield "strange funds", funds_chart(many, currency="JPY")
    givers = [ally(EVIL if index % 2 else f"a{index}", f"{1000 * index + 1}.00", "5.00") for index in range(20)]
    yield "20 allies", givers_chart(reveal(givers))
    city = ally("city", "9000.00", hostile=True) | {"name": "City of the Bread, department of labour and solidarity"}
    yield "a long name", givers_chart(reveal([city, ally("union", "3000.00", "800.00")]))
    yield "20 vintages", capital_chart(vintages([f"{100 * index - 200}.00" for index in range(21)], EVIL))
    states = [
        ("overdue", "2026-09-01"),
        ("overdue", "2020-01-01"),
        ("due", "2026-11-23"),
        ("not-evidenced", "2026-12-01"),
    ]
    strange_duties = [duty(due, state, EVIL, EVIL) for state, due in states]
    yield "20 duties", duties_chart(strange_duties + [duty("2029-01-01", "pending")] * 16, AS_OF)
    band: Data = {"period": "2026-Q1", "low": None, "high": "20.00", "people": 12}
    rest: list[Data] = [
        {"low": "20.00", "high": "1234567890.00", "people": 31},
        {"low": "1234567890.00", "high": None, "people": 10},
    ]
    older = band | {"period": "2025-Q1/2025-Q4"}
    yield "bands", bands_chart([older, band, *(band | each for each in rest)], currency="JPY")
    told = {"period": "2025", "result": "100", "earlier_losses": "20", "steps": [step("strike", "F", "80")]}
    yield "a published year", surplus_chart(told, ["F"], currency="EUR")
    ratios: list[Data] = [{"period": "2024", "ratio": "4.00", "cap": "3.00", "over": True, "people": 12}]
    ratios.append({"period": "2025/2026", "ratio": "2.00", "cap": "3.00", "over": False, "people": 12})
    yield "published ratios", ratio_chart(ratios)


@cache
def every() -> dict[str, Chart]:
    found = dict([*of_the_bakery(), *made_up()])
    assert all(found.values()), [name for name, chart in found.items() if chart is None]
    return {name: chart for name, chart in found.items() if chart}


def drawings() -> Iterator[tuple[str, ET.Element]]:
    for name, chart in every().items():
        yield f"{name}, wide", read(chart.wide)
        yield f"{name}, narrow", read(chart.narrow)


SVG = "{http://www.w3.org/2000/svg}"


def read(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  # drawn by the function under test


def marks(svg: str, tag: str, **having: str) -> list[ET.Element]:
    found = read(svg).iter(SVG + tag)
    return [each for each in found if all(each.get(key.replace("_", "-")) == value for key, value in having.items())]


def texts(svg: str) -> list[str]:
    return ["".join(each.itertext()) for each in marks(svg, "text")]


def paint(name: str) -> str:
    return PAGE(name)


def across(path: ET.Element) -> tuple[float, float]:
    """Where a bar begins and how wide it is, in pixels."""
    found = re.fullmatch(r"M([-0-9.]+),[-0-9.]+h([-0-9.]+)v[-0-9.]+h-?[-0-9.]+Z", path.attrib["d"])
    assert found is not None, path.attrib["d"]
    return float(found[1]), float(found[2])


def at(mark: ET.Element) -> tuple[float, float]:
    found = re.fullmatch(r"translate\(([-0-9.]+),([-0-9.]+)\)", mark.attrib["transform"])
    assert found is not None
    return float(found[1]), float(found[2])


def hints(svg: str) -> dict[str, ET.Element]:
    """The marks by what a pointer is told of them."""
    found = {}
    for mark in read(svg).iter():
        hint = mark.find(f"{SVG}title")
        if hint is not None and mark.tag != f"{SVG}svg":
            found[str(hint.text)] = mark
    return found


# -- what a drawing is made of ---------------------------------------------------------------------------------------


def test_a_drawing_is_one_named_and_described_picture() -> None:
    ids = []
    for name, root in drawings():
        assert root.tag == f"{SVG}svg", name
        assert root.get("role") == "img"
        title, desc, *rest = list(root)
        assert (title.tag, desc.tag) == (f"{SVG}title", f"{SVG}desc")
        assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
        assert title.text
        assert desc.text
        # What stands within is for eyes: a screen reader hears title and description, and the table beside it.
        assert [each.tag for each in rest if each.tag != f"{SVG}defs"] == [f"{SVG}g"]
        assert rest[-1].get("aria-hidden") == "true"
        assert not [each for each in root.iter() if each is not root and (each.get("role") or each.get("aria-label"))]
        ids += [each.attrib["id"] for each in root.iter() if "id" in each.attrib]
        assert root.get("width") == ("680" if name.endswith("wide") else "340")
        assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    assert len(set(ids)) == len(ids)
    assert (WIDE_PX, NARROW_PX) == (680, 340)


def test_a_drawing_has_nothing_that_a_strict_page_refuses() -> None:
    allowed = {"svg", "title", "desc", "defs", "pattern", "g", "path", "rect", "line", "text", "tspan"}
    for name, root in drawings():
        own = root.attrib["aria-labelledby"].partition("-title")[0]
        for each in root.iter():
            assert each.tag.removeprefix(SVG) in allowed, (name, each.tag)
            for key, value in each.attrib.items():
                assert not re.match(r"on|style|class|href|xlink|xml", key), (name, key)
                if "url(" in value:
                    assert re.fullmatch(rf"url\(#{own}-hatch-[a-z]+\)", value)
                    assert value[5:-1] in {pattern.get("id") for pattern in root.iter(f"{SVG}pattern")}


def test_every_colour_is_one_of_the_palette() -> None:
    known = {PAGE(name) for name in COLOURS} | {"currentColor", "none"}
    for name, root in drawings():
        for each, key in itertools.product(root.iter(), ("fill", "stroke")):
            value = each.get(key, "none")
            assert value in known or value.startswith("url(#"), (name, value)


def test_the_style_sheet_defines_what_drawings_use() -> None:
    css = style_variables(".book")
    for name, colour in COLOURS.items():
        assert f"--coop-{name}: {colour.light};" in css
        assert f"--coop-{name}: light-dark({colour.light}, {colour.dark});" in css
    assert css.startswith(".book {")
    assert css.count("{") == css.count("}")


def test_on_paper_colours_are_literal_and_the_font_is_bundled() -> None:
    drawn = chart_for_paper(charts_rows.funds(bakery().funds(as_of=AS_OF).to_data(), EUR), 500)
    assert drawn is not None
    assert "var(" not in drawn.svg
    assert "currentColor" not in drawn.svg
    root = read(drawn.svg)
    assert (root.get("width"), root.get("font-family")) == ("500", "Libertinus Serif")
    assert chart_for_paper(None) is None


# -- colours ---------------------------------------------------------------------------------------------------------

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


@pytest.mark.parametrize("on", ["light", "dark", "paper"])
def test_marks_part_for_colour_blind_readers_and_stand_out_from_the_page(on: str) -> None:
    colours = {name: str(getattr(colour, on)) for name, colour in COLOURS.items()}
    sorts = [colours[name] for name in ("common", "fund", "people", "start")]
    assert all(contrast(mark, colours["page"]) >= 3 for mark in sorts)
    for eye in EYES:
        assert min(distance(one, other, eye) for one, other in itertools.combinations(sorts, 2)) >= 20
    # Both are the colour of text as well: a figure over its cap, the lesser words.
    assert all(contrast(colours[name], colours["page"]) >= 4.5 for name in ("over", "quiet"))
    assert contrast(PAPER.ink, COLOURS["page"].paper) >= 4.5


# -- texts of strangers ----------------------------------------------------------------------------------------------


def parts(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from parts(each, (*path, key))
    elif isinstance(value, list):
        for each in value:
            yield from parts(each, (*path, "[]"))
    else:
        yield path, value


def specs() -> Iterator[str]:
    rows = [row | {"period": EVIL + row["period"]} for row in wages(["1", "2"])]
    for drawing in (
        charts_rows.surplus(year("9", [step(EVIL, EVIL, "9")]), [], EUR),
        charts_rows.funds([fund(EVIL, "9", "0", "9")], EUR),
        charts_rows.givers(reveal([ally(EVIL, "9")]), EUR),
        charts_rows.capital(vintages(["1", "2"], EVIL), EUR),
        charts_lines.ratio(rows, None),
        charts_lines.pay([paid(EVIL, "9")], "monthly", EUR),
        charts_lines.duties([duty("2026-12-01", "due", EVIL, EVIL)], AS_OF),
    ):
        assert drawing is not None
        yield drawing.draw(WIDE_PX, PAGE)
        yield drawing.draw(NARROW_PX, PAGE)


def test_a_text_of_the_ledger_is_only_ever_a_value_of_the_data() -> None:
    for spec in specs():
        for path, value in parts(json.loads(spec)):
            assert not {"expr", "signal", "transform", "params", "url", "href", "$schema"} & set(path), path
            if isinstance(value, str) and ("script" in value or "datum" in value):
                assert path[:2] == ("layer", "[]")
                assert path[2:] in {("data", "values", "[]", key) for key in ("text", "said")}


def test_what_would_be_markup_is_text_in_the_drawing() -> None:
    for name, chart in every().items():
        for svg in (chart.wide, chart.narrow):
            assert "<script" not in svg, name
            assert not re.search(r"[\x00-\x08\u202a-\u202e\u2066-\u2069]", svg), name
    drawn = every()["strange funds"]
    assert "script&gt;alert(1)&lt;/script&gt;" in drawn.wide
    assert "<script>alert(1)</script>" in drawn.said
    assert any(text.startswith("</text><script>") for text in texts(drawn.wide))


# -- what it says ----------------------------------------------------------------------------------------------------


def test_charts_say_their_message_with_exact_figures() -> None:
    said = {name: chart.said for name, chart in every().items()}
    assert said["loss"] == (
        "2025 brought a loss of 100 JPY; from there to nothing left: Reserve 70, Members 20 and Carried to later years 10."
    )
    assert said["one period"] == "In January 2021 the best-paid earned 2.50 times the least-paid; no bylaw sets a cap."
    assert said["a gap"] == (
        "The best-paid earned 6.80 times the least-paid in January 2021 and 6.70 times in April 2021, at most 6.80 times, "
        "in January 2021; the cap is 6.00, and 3 of 3 periods are over: January 2021, March 2021 and April 2021."
    )
    assert said["all alike"] == "In January 2025 all 60 were paid 20.00 EUR an hour."
    assert said["nobody inside"] == "In January 2025 nobody's pay is compared. 1 person is not compared."
    assert said["a long name"].startswith("2 allies gave 12,800.00 EUR from 1 January 2026 to 23 November 2026, 8.53%")
    assert said["bands"] == (
        "Pay in the first quarter of 2026: 12 people under 20.00 JPY; 31 people 20.00 to 1,234,567,890.00 JPY; "
        "10 people 1,234,567,890.00 JPY and more."
    )
    assert "2 of them overdue" in said["20 duties"]
    assert "500,000,000 JPY spent, −500,000,000 JPY held" in said["strange funds"]
    for name, chart in every().items():
        assert chart.said.endswith("."), name
        assert read(chart.wide)[1].text == chart.said


def test_a_picture_never_says_more_than_its_words_may() -> None:
    """Where figures are hidden, `said` hides them in the texts, the hints and the axis."""

    def hide(amount: str) -> str:
        return re.sub("[0-9]", "X", f"{Decimal(amount):,}")

    shown = pay_chart([paid("m1", "1234.50"), paid("m2", "4321.50", counted=False)], "monthly", said=hide)
    assert shown is not None
    assert "1,234" not in shown.wide
    assert "4,321" not in shown.wide
    assert "X,XXX.XX" in shown.said


def test_where_there_is_nothing_to_draw_there_is_no_chart() -> None:
    assert ratio_chart([]) is None
    assert ratio_chart(wages([None, None])) is None
    assert pay_chart([], "hourly") is None
    assert pay_chart([paid("m1", "5", None)], "hourly") is None
    assert surplus_chart(year("0", []), []) is None
    assert funds_chart([]) is None
    assert givers_chart(reveal([])) is None
    assert givers_chart(reveal([ally("a", "0.00")])) is None
    assert capital_chart(vintages(["0.00"])) is None
    assert duties_chart([duty("2026-01-01", "met")], AS_OF) is None
    assert bands_chart([]) is None


# -- where the marks stand -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_bars_of_the_waterfall_are_as_long_as_their_amounts(width: str) -> None:
    drawn = surplus_chart(year("1000", [step("strike", "F", "250"), step("members", "members", "600")], "150"), ["F"])
    assert drawn is not None
    svg = getattr(drawn, width)
    by_hint = hints(svg)
    bars = {name: across(by_hint[name]) for name in by_hint}
    start, whole = bars["Result of 2025: 1,000"]
    for name, begins, amount in [
        ("Strike: −250", 750, 250),
        ("Members: −600", 150, 600),
        ("Not placed by any rule: −150", 0, 150),
    ]:
        assert bars[name] == pytest.approx((start + whole * begins / 1000, whole * amount / 1000), abs=0.02)
    assert by_hint["Strike: −250"].get("fill") == paint("fund")
    assert by_hint["Members: −600"].get("fill") == paint("people")
    # Nothing is said by colour alone: whom a step serves stands beside its name.
    assert "Strikemovement fund" in texts(svg)
    assert "Not placed by any ruleundecided" in texts(svg)


def test_a_forecast_is_hatched() -> None:
    for forecast in (True, False):
        drawn = surplus_chart(year("1000", [step("strike", "F", "1000")], forecast=forecast), ["F"])
        assert drawn is not None
        assert ("-hatch-fund" in drawn.wide) is forecast
        assert ("Result of 2025forecast" in texts(drawn.wide)) is forecast


def test_a_fund_shows_what_is_held_spent_promised_and_not_backed() -> None:
    row = fund("strike", "1000", "250", "750", promised="1500", backing="500", shortfall="250")
    drawn = funds_chart([row], currency="EUR")
    assert drawn is not None
    by_hint = hints(drawn.wide)
    unit = 678 / 1500
    held, spent = across(by_hint["Strike holds 750 EUR"]), across(by_hint["Strike has spent 250 EUR"])
    assert held == pytest.approx((1, 750 * unit), abs=0.02)
    assert spent == pytest.approx((1 + 750 * unit, 250 * unit), abs=0.02)
    assert across(by_hint["money set aside for Strike: 500 EUR"])[1] == pytest.approx(500 * unit, abs=0.02)
    short = by_hint["nothing stands behind 250 EUR of Strike"]
    assert across(short) == pytest.approx((1 + 500 * unit, 250 * unit), abs=0.02)
    assert short.get("stroke-dasharray")
    assert at(by_hint["promised: 1,500 EUR"])[0] == pytest.approx(679, abs=0.02)
    assert "hatch-fund" in str(by_hint["Strike has spent 250 EUR"].get("fill"))
    for word in ("held", "spent", "promised", "money set aside", "nothing behind it"):
        assert word in texts(drawn.wide)


def test_ratios_stand_on_the_scale_and_breaches_are_diamonds() -> None:
    drawn = ratio_chart(wages(["2.00", "4.00", "3.00"], "3.50"))
    assert drawn is not None
    by_hint = hints(drawn.wide)
    places = {name: at(mark) for name, mark in by_hint.items() if "times" not in name}
    low, high, middle = (
        places["January 2021: 2.00"],
        places["February 2021: 4.00, over the cap of 3.50"],
        places["March 2021: 3.00"],
    )
    assert middle[1] == pytest.approx((low[1] + high[1]) / 2, abs=0.02)
    assert high[0] - low[0] == pytest.approx(middle[0] - high[0], abs=0.02)
    assert places["cap 3.50"][1] == pytest.approx((high[1] + middle[1]) / 2, abs=0.02)
    assert by_hint["cap 3.50"].get("stroke-dasharray")
    over, under = by_hint["February 2021: 4.00, over the cap of 3.50"], by_hint["March 2021: 3.00"]
    assert over.get("fill") == paint("over")
    assert "A" not in over.attrib["d"]
    assert "A" in under.attrib["d"]
    assert {"4.00", "3.00", "cap 3.50"} <= set(texts(drawn.wide))


def test_a_period_without_a_ratio_leaves_a_gap() -> None:
    drawn = ratio_chart(wages(["2.00", "2.10", None, "2.30", "2.40"]))
    assert drawn is not None
    lines = marks(drawn.wide, "path", stroke=paint("common"), stroke_width="2")
    assert [line.attrib["d"].count("L") for line in lines] == [1, 1]


def test_a_dot_stands_where_the_pay_is_and_no_dot_covers_another() -> None:
    drawn = pay_chart([paid("a", "10"), paid("b", "20"), paid("c", "20"), paid("d", "30", counted=False)], "monthly")
    assert drawn is not None
    by_hint = hints(drawn.wide)
    a, b, c, d = (at(by_hint[name]) for name in ("a: 10", "b: 20", "c: 20", "d: 30"))
    assert b[0] - a[0] == pytest.approx(d[0] - b[0], abs=0.02)
    assert b[0] == c[0]
    assert b[1] - c[1] >= 8
    assert d[1] > a[1] + 20
    assert by_hint["d: 30"].get("fill") == paint("page")
    assert "not compared: 1 person" in texts(drawn.wide)
    assert {"least 10", "most 20"} <= set(texts(drawn.wide))


def test_where_several_are_paid_the_least_none_of_them_is_singled_out() -> None:
    drawn = pay_chart([paid("a", "10"), paid("b", "10"), paid("c", "30")], "monthly", currency="EUR")
    assert drawn is not None
    assert drawn.said == (
        "In January 2025 3 people were paid between 10 (2 people) and 30 EUR (c); half of them 10 or less."
    )
    assert {"2 people", "c"} <= set(texts(drawn.wide))
    assert "a" not in texts(drawn.wide)


def test_deadlines_stand_by_their_days_and_those_far_away_at_the_edge() -> None:
    rows = [duty("2026-12-23", "due"), duty("2027-01-22", "pending"), duty("2026-10-24", "overdue")]
    rows += [duty("2040-01-01", "pending"), duty("2026-01-01", "met")]
    drawn = duties_chart(rows, AS_OF)
    assert drawn is not None
    by_hint = hints(drawn.wide)
    assert len(by_hint) == 4
    overdue = at(by_hint["Pay capital back, ada 2024: overdue, 24 October 2026"])[0]
    due = at(by_hint["Pay capital back, ada 2024: due soon, 23 December 2026"])[0]
    pending = at(by_hint["Pay capital back, ada 2024: has time, 22 January 2027"])[0]
    assert due - overdue == pytest.approx(2 * (pending - due), abs=0.02)
    assert at(by_hint["Pay capital back, ada 2024: has time, 1 January 2040"])[0] == 672
    assert "1 Jan 2040" in texts(drawn.wide)
    assert "today, 23 Nov 2026" in texts(drawn.narrow)


def test_figures_reach_the_specification_as_they_are() -> None:
    """No float on the way: what a spec holds are the ledger's own digits."""
    big = "12345678901234567.89"
    drawn = charts_rows.funds([fund("strike", big, "0", big)], EUR)
    assert drawn is not None
    assert f'"x2":{big}' in drawn.draw(680, PAGE)


def test_rows_beyond_the_most_share_one_and_their_sum_is_kept() -> None:
    drawn = every()["20 allies"]
    gave = [1000 * index + 6 for index in range(20)]
    assert f"{sum(sorted(gave)[:7]):,}.00" in texts(drawn.wide)
    assert "7 more" in texts(drawn.wide)
    assert len([text for text in texts(drawn.wide) if re.fullmatch(r"[0-9,]+\.00", text)]) == 14


# -- in a browser ----------------------------------------------------------------------------------------------------


MEASURE = """() => [...document.querySelectorAll("svg")].map(svg => ({
  room: [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height],
  texts: [...svg.querySelectorAll("text")].map(text => {
    const box = text.getBBox(), at = text.getCTM().inverse() && text.transform.baseVal.consolidate().matrix;
    return {said: text.textContent, box: [box.x + at.e, box.y + at.f, box.x + at.e + box.width, box.y + at.f + box.height]};
  })
}))"""


def favas_font() -> str:
    """The rules that bring the font of Fava's pages."""
    faces = []
    for weight in (400, 500):
        (file,) = (Path(str(fava.__file__)).parent / "static").glob(f"fira-sans-latin-{weight}-normal-*.woff2")
        data = b64encode(file.read_bytes()).decode()
        faces.append(
            f"@font-face {{ font-family: Fira; font-weight: {weight}; src: url(data:font/woff2;base64,{data}) }}"
        )
    return "".join(faces)


@pytest.mark.parametrize("font", ["Fira", "sans-serif", "serif"])
def test_no_text_is_cut_off_or_lies_on_another(browser: Browser, font: str) -> None:
    """As a browser sets them; the fonts of pages differ, so that some room must be left."""
    names = list(every())
    body = "".join(chart.wide + chart.narrow for chart in every().values())
    page = browser.new_page()
    page.set_content(f"<style>{favas_font()}</style><body style='font-family: {font}'>{body}</body>")
    page.evaluate("document.fonts.ready.then(() => true)")
    measured = page.evaluate(MEASURE)
    page.close()
    assert len(measured) == 2 * len(names)
    for place, drawing in enumerate(measured):
        name = f"{names[place // 2]}, {'narrow' if place % 2 else 'wide'}"
        width, height = drawing["room"]
        for text in drawing["texts"]:
            left, top, right, bottom = text["box"]
            assert left >= -1, (name, text)
            assert right <= width + 1, (name, text)
            assert top >= -1, (name, text)
            assert bottom <= height + 3, (name, text)
        for one, other in itertools.combinations(drawing["texts"], 2):
            (a, b, c, d), (e, f, g, h) = one["box"], other["box"]
            # The box of a line of text is taller than its letters.
            assert not (a < g - 1 and e < c - 1 and b < h - 5 and f < d - 5), (name, one, other)


def test_names_are_shortened_where_there_is_no_room() -> None:
    drawn = every()["a long name"]
    assert any(text.startswith("City of the Bread, department of labour and solidarity") for text in texts(drawn.wide))
    short = next(text for text in texts(drawn.narrow) if text.startswith("City"))
    assert "…hostile" in short
    assert "City of the Bread, department of labour and solidarity" in drawn.said


# -- bytes, threads, the library -------------------------------------------------------------------------------------

DRAWS = """
import hashlib, sys
sys.path.insert(0, {tests!r})
import test_charts
print(hashlib.sha256("".join(c.wide + c.narrow for c in test_charts.every().values()).encode()).hexdigest())
"""


def test_another_process_draws_the_same_bytes() -> None:
    here = "".join(chart.wide + chart.narrow for chart in every().values())
    code = DRAWS.format(tests=str(Path(__file__).parent))
    env = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True, timeout=120)
    assert ran.stdout.strip() == hashlib.sha256(here.encode()).hexdigest()


def test_eight_threads_draw_at_once() -> None:
    rows = [wages([f"{2 + index / 100:.2f}", "2.50"]) for index in range(24)]
    alone = [ratio_chart(each) for each in rows]
    charts_spec.svg_of.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(ratio_chart, rows))
    assert together == alone


def test_a_chart_that_was_drawn_is_kept() -> None:
    rows = wages(["2.00", "2.22"])
    first = ratio_chart(rows)
    before = charts_spec.svg_of.cache_info()
    assert ratio_chart(rows) == first
    after = charts_spec.svg_of.cache_info()
    assert (after.misses, after.hits) == (before.misses, before.hits + 2)
    assert after.maxsize


def test_the_converter_may_fetch_nothing() -> None:
    spec = '{"data":{"url":"http://127.0.0.1:9/figures.json"},"mark":"bar","encoding":{"x":{"field":"a"}}}'
    with pytest.raises(ValueError, match="not allowed"):
        charts_spec.svg_of(spec, PAGE, "title", "said")


def test_a_missing_library_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(ToolMissing, match=r'^vl-convert-python is not .*pip install "coopbooks\[pdf\]"`$'):
        ratio_chart(wages(["2.00", "2.33"]))


# -- on paper --------------------------------------------------------------------------------------------------------


def described(node: Any, found: list[str]) -> list[str]:
    """The alternative texts of a tagged PDF, in the order of reading."""
    node = node.get_object()
    if isinstance(node, list):
        for each in node:
            described(each, found)
    elif isinstance(node, dict):
        if "/Alt" in node:
            found.append(str(node["/Alt"]))
        if "/K" in node:
            described(node["/K"], found)
    return found


@pytest.fixture(scope="module")
def year_pdf() -> bytes:
    return statements(bakery(), "2025", AS_OF, ["pdf"]).files["year.pdf"]


def test_the_statement_of_the_year_has_its_charts_described(year_pdf: bytes) -> None:
    root: Any = pypdf.PdfReader(io.BytesIO(year_pdf)).root_object
    alts = described(root["/StructTreeRoot"]["/K"], [])
    coop = bakery()
    funds = coop.funds(as_of=date(2025, 12, 31)).to_data()
    wanted = [
        charts_rows.surplus(coop.surplus("2025", as_of=AS_OF).to_data(), [each["account"] for each in funds], EUR),
        charts_lines.ratio(coop.wages("2025").to_data(), None),
        charts_rows.funds(funds, EUR),
    ]
    assert alts == [drawing.said for drawing in wanted if drawing]
    assert len(alts) == 3
    assert b"pdfuaid" in year_pdf


def test_the_words_of_a_chart_on_paper_can_be_searched(year_pdf: bytes) -> None:
    page = " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(year_pdf)).pages).split())
    for word in ("Loss of 2025", "Carried to later years", "cap 3.00", "4,607.24 promised"):
        assert word in page


def test_a_statement_with_signs_that_no_font_has_keeps_its_charts(coop: Callable[..., coopbooks.Cooperative]) -> None:
    """option "operating_currency" "USD"
    2025-01-01 open Assets:Bank
    2025-01-01 open Income:Sales
    2025-01-01 open Equity:Rücklage:麦
    2025-01-01 open Equity:Surplus
    2025-01-01 custom "coop" "allocation" "麦-reserve"
      step: 1
      to: Equity:Rücklage:麦
      rest: TRUE
    2025-02-01 * "Sale"
      Assets:Bank  100.00 USD
      Income:Sales
    """
    made = statements(coop(), "2025", date(2026, 2, 1), ["pdf"])
    root: Any = pypdf.PdfReader(io.BytesIO(made.files["year.pdf"])).root_object
    assert described(root["/StructTreeRoot"]["/K"], [])
