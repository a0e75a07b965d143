"""Charts of rows: a name to the left and a figure to the right above each bar, one row below the other.

The waterfall of a year's surplus, the movement funds, the allies who give, one person's capital, the bands of pay.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from coopbooks.reports.charts_spec import Canvas, fitted, room_of
from coopbooks.reports.charts_words import (
    Money,
    count_of,
    day_brief,
    joined,
    named,
    percent_brief,
    period_said,
    sentence_case,
)
from coopbooks.reports.figures import day_said
from coopbooks.reports.palette import Palette

__all__ = ["Drawing", "bands", "capital", "funds", "givers", "surplus"]

Data = Mapping[str, Any]
_ZERO = Decimal(0)
ROW_PX, FUND_PX, BAR_PX, _TOP_PX = 52, 70, 16, 24
_ROWS_MOST = 14
_AND = " \N{MIDDLE DOT} "


class Drawing(NamedTuple):
    """A chart that is not drawn yet: its title, what it says, and how it is drawn at a width in a palette."""

    title: str
    said: str
    draw: Callable[[int, Palette], str]


class Row(NamedTuple):
    """One row of bars: `left` to `right` on the scale, the name, the lesser words beside it, the figure."""

    label: str
    aside: str
    figure: str
    left: Decimal
    right: Decimal
    sort: str


def _head(canvas: Canvas, top: int, label: str, aside: str, figure: str) -> None:
    """The line above a bar: the name, lesser words where there is room for all of them, the figure."""
    figure = fitted(figure, canvas.width * 0.75)
    canvas.say(figure, (canvas.width, top + 15), "right", bold=True, halo=True)
    room = canvas.width - room_of(figure) - 14
    # All the lesser words, else the first of them, else the name alone; a name gives way to them by two fifths at most.
    for lesser in (aside, aside.partition(_AND)[0], ""):
        name = fitted(label, room - (room_of(lesser, 12) + 8 if lesser else 0), 14)
        if not lesser or name == label or room_of(name, 14) >= room * 0.6:
            canvas.say(name, (0, top + 15), size=14, aside=lesser, halo=True)
            return


def _bar(canvas: Canvas, row: Row, top: int, *, hatch: bool = False) -> None:
    left, right = min(row.left, row.right), max(row.left, row.right)
    said = f"{row.label}: {row.figure}"
    if left == right:
        canvas.rule((left, top), (left, top + BAR_PX), "quiet", width=2, said=said)
    elif row.sort in ("rest", "loss"):
        canvas.bar(left, right, top, BAR_PX, "page", outline="start", said=said)
    elif hatch:
        canvas.bar(left, right, top, BAR_PX, row.sort, hatch=True, outline=row.sort, said=said)
    else:
        canvas.bar(left, right, top, BAR_PX, row.sort, said=said)


def _scale(values: Sequence[Decimal], width: int) -> tuple[Decimal, Decimal, int, int]:
    low, high = min([_ZERO, *values]), max([_ZERO, *values])
    # A pixel at each side, so that the edge of an outlined bar is not cut off.
    return low, high if high != low else low + 1, 1, width - 1


# -- where the surplus goes ------------------------------------------------------------------------------------------

_GOES_TO = {
    "members": "Members",
    "workers": "Everyone who works here",
    "next": "Kept for next year",
    "decision": "Left to the assembly",
}
_SERVES = {
    "fund": "movement fund",
    "common": "common",
    "people": "people",
    "rest": "undecided",
    "loss": "",
    "start": "",
}


def surplus(data: Data, fund_accounts: Collection[str], money: Money) -> Drawing | None:
    """The waterfall of a year; None where there is nothing to place."""
    rows = _waterfall(data, fund_accounts, money)
    if not any(row.left or row.right for row in rows):
        return None
    forecast = bool(data.get("forecast"))

    def draw(width: int, palette: Palette) -> str:
        canvas = Canvas(width, palette, height=len(rows) * ROW_PX - (ROW_PX - _TOP_PX - BAR_PX - 2))
        canvas.x = _scale([end for row in rows for end in (row.left, row.right)], width)
        for index, row in enumerate(rows[:-1]):
            bottom = index * ROW_PX + _TOP_PX + BAR_PX
            canvas.rule((row.right, bottom), (row.right, bottom + ROW_PX - BAR_PX), "quiet", dash=[2, 3])
        for index, row in enumerate(rows):
            _bar(canvas, row, index * ROW_PX + _TOP_PX, hatch=forecast)
        for index, row in enumerate(rows):
            _head(canvas, index * ROW_PX, row.label, row.aside, row.figure)
        return canvas.spec()

    year = named(data["period"])
    return Drawing(f"Where the surplus of {year} goes", _surplus_said(data, rows, money), draw)


def _waterfall(data: Data, fund_accounts: Collection[str], money: Money) -> list[Row]:
    """The rows from the year's result down to nothing left; in a loss year from the loss up to nothing."""
    result, left_over = Decimal(data["result"] or 0), Decimal(data.get("unallocated") or 0)
    start = f"{'Loss' if result < 0 else 'Result'} of {named(data['period'])}"
    rows = [Row(start, "forecast" if data.get("forecast") else "", money.plain(result), _ZERO, result, "start")]
    parts = [
        ("Adjustments", -Decimal(data.get("adjustments") or 0), "start"),
        ("Carried in from last year", -Decimal(data.get("carried_in") or 0), "start"),
        ("Losses of earlier years", Decimal(data["earlier_losses"] or 0), "loss"),
    ]
    parts = [part for part in parts if part[1]]
    parts += [(_step_name(step), Decimal(step["amount"]), _sort_of(step, fund_accounts)) for step in data["steps"]]
    if left_over:
        parts.append(("Carried to later years" if left_over < 0 else "Not placed by any rule", left_over, "rest"))
    for label, amount, sort in parts:
        left = rows[-1].right
        aside = "" if label in ("Members", "Carried to later years") else _SERVES[sort]
        rows.append(Row(label, aside, money.plain(-amount), left, left - amount, sort))
    return rows


def _step_name(step: Data) -> str:
    if step["to"] in _GOES_TO:
        return _GOES_TO[step["to"]]
    return "Earned by non-members" if step["id"] == "nonmember" else sentence_case(step["id"])


def _sort_of(step: Data, fund_accounts: Collection[str]) -> str:
    """Whom a step serves: people, a movement fund, what all own in common, or what is still undecided."""
    if step["to"] in ("members", "workers"):
        return "people"
    if step["to"] in ("next", "decision"):
        return "rest"
    return "fund" if (step["account"] or step["to"]) in fund_accounts else "common"


def _surplus_said(data: Data, rows: Sequence[Row], money: Money) -> str:
    year, result = named(data["period"]), Decimal(data["result"] or 0)
    became = "is forecast to bring" if data.get("forecast") else "brought"
    whole = f"{year} {became} {'a loss' if result < 0 else 'a result'} of {money(abs(result))}"
    parts = [f"{row.label} {row.figure}" for row in rows[1:]]
    if not parts:
        return f"{whole}, and no rule places it."
    return f"{whole}; from there to nothing left: {joined(parts, most=20)}."


# -- the movement funds ----------------------------------------------------------------------------------------------


def funds(rows: Sequence[Data], money: Money) -> Drawing | None:
    """What each fund holds, spent and was promised, all on one scale; None without a fund."""
    if not rows:
        return None

    def draw(width: int, palette: Palette) -> str:
        canvas = Canvas(width, palette)
        top = _funds_key(canvas, rows)
        canvas.height = top + len(rows) * FUND_PX - 16
        keys = ("promised", "funded", "spent", "balance")
        canvas.x = _scale(
            [Decimal(row[key] or 0) for row in rows for key in keys] + [_reach(row) for row in rows], width
        )
        for index, row in enumerate(rows):
            _fund(canvas, row, top + index * FUND_PX, money)
        return canvas.spec()

    return Drawing("The movement funds", _funds_said(rows, money), draw)


def _reach(row: Data) -> Decimal:
    return max(_ZERO, Decimal(row["balance"])) + max(_ZERO, Decimal(row["spent"]))


def _funds_key(canvas: Canvas, rows: Sequence[Data]) -> int:
    """What the marks mean; returns how much room that took, in pixels."""
    keys = [("held", "fund"), ("spent", "spent")]
    keys += [("promised", "promised")] * any(Decimal(row["promised"] or 0) for row in rows)
    keys += [("money set aside", "backed")] * any(Decimal(row["backing"] or 0) for row in rows)
    keys += [("nothing behind it", "short")] * any(Decimal(row["shortfall"] or 0) for row in rows)
    return key_rows(canvas, keys)


def key_rows(canvas: Canvas, keys: Sequence[tuple[str, str]]) -> int:
    """A row of small signs with their words, on as many lines as it takes; returns the height of all, in pixels."""
    left, top = 0, 0
    for word, sort in keys:
        room = 18 + int(room_of(word, 12))
        if left and left + room > canvas.width:
            left, top = 0, top + 20
        _key_sign(canvas, sort, left, top)
        canvas.say(word, (left + 18, top + 12), size=12, colour="quiet")
        left += room + 14
    return top + 32


def _key_sign(canvas: Canvas, sort: str, left: int, top: int) -> None:
    if sort == "spent":
        canvas.bar(left, left + 12, top + 2, 11, "fund", hatch=True, outline="fund")
    elif sort == "in kind":
        canvas.bar(left, left + 12, top + 2, 11, "common", hatch=True, outline="common")
    elif sort == "promised":
        canvas.rule((left + 6, top), (left + 6, top + 15), "ink", width=3)
    elif sort == "backed":
        canvas.bar(left, left + 12, top + 5, 6, "common")
    elif sort == "short":
        canvas.bar(left + 1, left + 12, top + 5, 6, "page", outline="over", dashed=True)
    else:
        canvas.bar(left, left + 12, top + 2, 11, sort)


def _fund(canvas: Canvas, row: Data, top: int, money: Money) -> None:
    balance, spent = (max(_ZERO, Decimal(row[key])) for key in ("balance", "spent"))
    promised, shortfall = Decimal(row["promised"] or 0), min(Decimal(row["shortfall"]), balance)
    name, bar = sentence_case(row["fund"]), top + _TOP_PX
    if balance:
        canvas.bar(_ZERO, balance, bar, BAR_PX, "fund", said=f"{name} holds {money(row['balance'])}")
    if spent:
        said = f"{name} has spent {money(row['spent'])}"
        canvas.bar(balance, balance + spent, bar, BAR_PX, "fund", hatch=True, outline="fund", said=said)
    if (over := Decimal(row["balance"])) < 0:
        said = f"{name} is overspent by {money(-over)}"
        canvas.bar(over, _ZERO, bar, BAR_PX, "page", outline="over", dashed=True, said=said)
    elif not balance and not spent:
        canvas.rule((_ZERO, bar), (_ZERO, bar + BAR_PX), "quiet", width=2)
    # What no one asked to be backed has no second bar.
    if row["backing"] is not None and balance > shortfall:
        said = f"money set aside for {name}: {money(row['backing'])}"
        canvas.bar(_ZERO, balance - shortfall, bar + BAR_PX + 3, 6, "common", said=said)
    if shortfall > 0:
        said = f"nothing stands behind {money(row['shortfall'])} of {name}"
        canvas.bar(balance - shortfall, balance, bar + BAR_PX + 3, 6, "page", outline="over", dashed=True, said=said)
    if promised > 0:
        canvas.rule(
            (promised, bar - 4), (promised, bar + BAR_PX + 4), "ink", width=3, said=f"promised: {money(promised)}"
        )
    aside = [f"{money.plain(promised)} promised"] * bool(promised) + [f"{money.plain(spent)} spent"] * bool(spent)
    _head(canvas, top, name, _AND.join(aside), money.plain(row["balance"]))


def _funds_said(rows: Sequence[Data], money: Money) -> str:
    parts = []
    for row in rows:
        promised = f"{money(row['promised'])} promised, " if Decimal(row["promised"] or 0) else ""
        short = f", {money(row['shortfall'])} of it with nothing behind it" if Decimal(row["shortfall"]) else ""
        parts.append(
            f"{sentence_case(row['fund'])}: {promised}{money(row['funded'])} paid in, {money(row['spent'])} spent, "
            f"{money(row['balance'])} held{short}"
        )
    return f"{count_of(len(rows), 'fund', 'funds')}. {'; '.join(parts)}."


# -- who gives -------------------------------------------------------------------------------------------------------


def givers(reveal: Data, money: Money) -> Drawing | None:
    """What each ally gave, most first, money solid and goods hatched; None where nobody gave."""
    allies = sorted((ally for ally in reveal["allies"] if _gave(ally)), key=lambda ally: (-_gave(ally), ally["ally"]))
    if not allies:
        return None
    drawn, others = _most(allies)

    def draw(width: int, palette: Palette) -> str:
        canvas = Canvas(width, palette)
        in_kind = any(Decimal(ally["in_kind"]) for ally in allies)
        top = key_rows(canvas, [("money", "common"), ("in kind", "in kind")]) if in_kind else 0
        rest = sum(map(_gave, others), _ZERO)
        canvas.x = _scale([*map(_gave, drawn), rest], width)
        for index, ally in enumerate(drawn):
            _giver(canvas, ally, top + index * ROW_PX, money)
        if others:
            row = Row(f"{len(others)} more", "", money.plain(rest), _ZERO, rest, "start")
            _bar(canvas, row, top + len(drawn) * ROW_PX + _TOP_PX)
            _head(canvas, top + len(drawn) * ROW_PX, row.label, "", row.figure)
        canvas.height = top + (len(drawn) + bool(others)) * ROW_PX - 10
        return canvas.spec()

    return Drawing("What allies gave", _givers_said(reveal, allies, money), draw)


def _gave(ally: Data) -> Decimal:
    return Decimal(ally["given"]) + Decimal(ally["in_kind"])


def _most(rows: Sequence[Data]) -> tuple[Sequence[Data], Sequence[Data]]:
    """The rows that get a bar of their own, and those that share the last one."""
    return (rows, ()) if len(rows) <= _ROWS_MOST else (rows[: _ROWS_MOST - 1], rows[_ROWS_MOST - 1 :])


def _giver_name(ally: Data) -> str:
    return named(ally.get("name") or ally["ally"])


def _giver(canvas: Canvas, ally: Data, top: int, money: Money) -> None:
    given, in_kind = (max(_ZERO, Decimal(ally[key])) for key in ("given", "in_kind"))
    name, bar = _giver_name(ally), top + _TOP_PX
    if given:
        canvas.bar(_ZERO, given, bar, BAR_PX, "common", said=f"{name}: {money(ally['given'])} in money")
    if in_kind:
        said = f"{name}: {money(ally['in_kind'])} in kind"
        canvas.bar(given, given + in_kind, bar, BAR_PX, "common", hatch=True, outline="common", said=said)
    share = f"{percent_brief(ally['share_of_income'])} of income" if ally.get("share_of_income") else ""
    aside = ["hostile" if ally.get("hostile") else "", named(ally["sort"]) if ally.get("sort") else "", share]
    _head(canvas, top, name, _AND.join(filter(None, aside)), money.plain(_gave(ally)))


def _givers_said(reveal: Data, allies: Sequence[Data], money: Money) -> str:
    whole = sum(map(_gave, allies), _ZERO)
    since = (
        f"from {day_said(reveal['since'])} to {day_said(reveal['until'])}"
        if reveal["since"]
        else (f"until {day_said(reveal['until'])}")
    )
    share = reveal.get("share_of_income")
    of_income = f", {percent_brief(share)} of all income of those days" if share else ""
    parts = [
        f"{_giver_name(ally)}{' (hostile)' if ally.get('hostile') else ''} {money(_gave(ally))}" for ally in allies
    ]
    gave = "ally gave" if len(allies) == 1 else "allies gave"
    return f"{len(allies)} {gave} {money(whole)} {since}{of_income}: {joined(parts)}."


# -- one person's capital --------------------------------------------------------------------------------------------


def capital(row: Data, money: Money) -> Drawing | None:
    """One member's capital by vintage, oldest first, with the day on which each is due; None where there is none."""
    vintages = [vintage for vintage in row["vintages"] if Decimal(vintage["amount"])]
    if not vintages:
        return None
    drawn, earlier = list(vintages), []
    if len(vintages) > _ROWS_MOST:
        earlier, drawn = vintages[: 1 - _ROWS_MOST], vintages[1 - _ROWS_MOST :]
    rows = [_vintage(vintage, money) for vintage in drawn]
    if earlier:
        whole = sum((Decimal(vintage["amount"]) for vintage in earlier), _ZERO)
        rows.insert(0, Row(f"{len(earlier)} others", "", money.plain(whole), _ZERO, whole, "start"))

    def draw(width: int, palette: Palette) -> str:
        canvas = Canvas(width, palette, height=len(rows) * ROW_PX - 10)
        canvas.x = _scale([each.right for each in rows], width)
        for index, each in enumerate(rows):
            _bar(canvas, each, index * ROW_PX + _TOP_PX)
        for index, each in enumerate(rows):
            _head(canvas, index * ROW_PX, each.label, each.aside, each.figure)
        return canvas.spec()

    return Drawing(f"Capital of {named(row['member'])}", _capital_said(row, vintages, money), draw)


def _vintage(vintage: Data, money: Money) -> Row:
    amount = Decimal(vintage["amount"])
    label = f"Kept of {named(vintage['period'])}" if vintage["period"] else "Buy-in"
    due = f"due {day_brief(vintage['redeem_on'])}" if vintage["redeem_on"] else "no day set"
    return Row(label, due, money.plain(amount), _ZERO, amount, "people")


def _capital_said(row: Data, vintages: Sequence[Data], money: Money) -> str:
    parts = []
    for vintage in vintages:
        what = f"of {named(vintage['period'])}" if vintage["period"] else "bought in"
        due = f", due on {day_said(vintage['redeem_on'])}" if vintage["redeem_on"] else ""
        parts.append(f"{money(vintage['amount'])} {what}{due}")
    whole = sum((Decimal(vintage["amount"]) for vintage in vintages), _ZERO)
    return f"{named(row['member'])} holds {money(whole)}: {'; '.join(parts)}."


# -- bands of pay ----------------------------------------------------------------------------------------------------


def bands(rows: Sequence[Data], money: Money) -> Drawing | None:
    """How many people were paid within which bounds, in the newest period; None where nothing is published."""
    if not rows:
        return None
    period = max((str(row["period"]) for row in rows), key=lambda each: each.rpartition("/")[2])
    chosen = sorted((row for row in rows if row["period"] == period), key=lambda row: Decimal(row["low"] or 0))

    def name(row: Data, unit: str = "") -> str:
        low, high = (None if row[key] is None else f"{money.plain(row[key])}{unit}" for key in ("low", "high"))
        if low is None or high is None:
            return f"under {high}" if high else f"{low or 0} and more"
        return f"{money.plain(row['low'])} to {high}"

    def draw(width: int, palette: Palette) -> str:
        canvas = Canvas(width, palette, height=len(chosen) * ROW_PX - 10)
        canvas.x = _scale([Decimal(row["people"]) for row in chosen], width)
        for index, row in enumerate(chosen):
            people = count_of(int(row["people"]), "person", "people")
            drawn = Row(name(row), money.currency, people, _ZERO, Decimal(row["people"]), "people")
            _bar(canvas, drawn, index * ROW_PX + _TOP_PX)
            _head(canvas, index * ROW_PX, drawn.label, drawn.aside, drawn.figure)
        return canvas.spec()

    unit = f" {money.currency}" if money.currency else ""
    parts = [f"{count_of(int(row['people']), 'person', 'people')} {name(row, unit)}" for row in chosen]
    return Drawing(
        f"Pay in {period_said(period)}",
        f"Pay in {period_said(period)}: {'; '.join(parts)}.",
        draw,
    )
