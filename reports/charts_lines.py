"""Charts on a line: the wage ratio by period, where each one's pay stands, and deadlines before and after a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from coopbooks.reports.charts_rows import Drawing
from coopbooks.reports.charts_spec import Canvas, Place, fitted, room_of
from coopbooks.reports.charts_words import (
    Money,
    count_of,
    day_brief,
    joined,
    named,
    period_parts,
    period_said,
    sentence_case,
)
from coopbooks.reports.figures import day_said, grouped
from coopbooks.reports.palette import Palette

__all__ = ["duties", "pay", "ratio"]

Data = Mapping[str, Any]
_ZERO, _ONE = Decimal(0), Decimal(1)


def nice_rungs(low: Decimal, high: Decimal, most: int) -> list[Decimal]:
    """At most `most` round values from at or below `low` to at or above `high`, evenly apart.

    >>> [str(each) for each in nice_rungs(Decimal("1.2"), Decimal("3.4"), 6)]
    ['1.0', '1.5', '2.0', '2.5', '3.0', '3.5']
    """
    span = high - low or _ONE
    power = span.adjusted() - 1
    while True:
        for factor in (1, 2, 5):
            step = Decimal(factor).scaleb(power)
            first = (low / step).to_integral_value(ROUND_FLOOR)
            last = (high / step).to_integral_value(ROUND_CEILING)
            if last - first < most:
                return [(first + index) * step for index in range(int(last - first) + 1)]
        power += 1


# -- the wage ratio --------------------------------------------------------------------------------------------------

_RATIO_PX, _RATIO_TOP, _RATIO_FOOT, _RATIO_LEFT, _RATIO_RIGHT = 252, 20, 44, 34, 6
_FIGURES_MOST = 6


def ratio(rows: Sequence[Data], chosen: str | None) -> Drawing | None:
    """The ratio of every period and the cap; None where no period has a ratio."""
    # A published ratio says `over` where one of the ledger says `breach`.
    rows = [{**row, "breach": bool(row.get("breach") or row.get("over"))} for row in rows]
    values = [Decimal(row[key]) for row in rows for key in ("ratio", "cap") if row[key] is not None]
    if all(row["ratio"] is None for row in rows):
        return None

    def draw(width: int, palette: Palette) -> str:
        rungs = nice_rungs(min([_ONE, *values]), max(values) * Decimal("1.04"), 6)
        canvas = Canvas(width, palette, height=_RATIO_PX)
        left = max(_RATIO_LEFT, 10 + int(max(room_of(_plain(rung)) for rung in rungs)))
        canvas.x = (_ZERO, Decimal(len(rows)), left, width - _RATIO_RIGHT)
        canvas.y = (rungs[0], rungs[-1], _RATIO_PX - _RATIO_FOOT, _RATIO_TOP)
        for rung in rungs:
            canvas.rule((left, rung), (width, rung), "line")
            canvas.say(_plain(rung), (left - 8, rung), "right", shift=(0, 4), colour="quiet")
        _ratio_marks(canvas, rows, chosen)
        _periods(canvas, [str(row["period"]) for row in rows], left)
        return canvas.spec()

    return Drawing("Wage ratio by period", _ratio_said(rows), draw)


def _plain(number: Decimal) -> str:
    return grouped(f"{number.normalize():f}")


def _middle(index: int) -> Decimal:
    return Decimal(2 * index + 1) / 2


def _ratio_marks(canvas: Canvas, rows: Sequence[Data], chosen: str | None) -> None:
    runs = list(_cap_runs(rows))
    for first, last, cap in runs:
        canvas.rule((Decimal(first), cap), (Decimal(last), cap), "ink", width=2, dash=[7, 4], said=f"cap {cap}")
    for stretch in _stretches(rows):
        canvas.path([(_middle(index), Decimal(rows[index]["ratio"])) for index in stretch], "common")
    counted = [(index, row, Decimal(row["ratio"])) for index, row in enumerate(rows) if row["ratio"] is not None]
    _points(canvas, counted, chosen)
    # The newest figure first: where there is no room for all, the others give way.
    _figure(canvas, counted[-1], (-12, 22))
    _cap_words(canvas, runs)
    over = sorted((each for each in counted[:-1] if each[1]["breach"]), key=lambda each: -each[2])
    for each in over if len(over) <= _FIGURES_MOST else over[:1]:
        _figure(canvas, each, (-12,))


def _points(canvas: Canvas, counted: Sequence[tuple[int, Data, Decimal]], chosen: str | None) -> None:
    """A disc for each period, a diamond where it is over its cap; diamonds last, so that nothing covers them."""
    apart = canvas.px(_ONE, "x") - canvas.px(_ZERO, "x")
    size = max(6, min(10, int(apart * 0.8)))
    for index, row, value in sorted(counted, key=lambda each: bool(each[1]["breach"])):
        rim = {"rim": "ink", "edge": 2.5} if row["period"] == chosen else {}
        at = (_middle(index), value)
        if row["breach"]:
            canvas.sign(at, "diamond", max(10, size + 5), "over", said=_point_said(row), **rim)
            canvas.keep_free(at, size + 2)
        # Where discs would touch, the line alone tells the course.
        elif apart >= 7 or rim or index == counted[-1][0]:
            canvas.sign(at, "circle", size, "common", said=_point_said(row), **rim)
            canvas.keep_free(at, size)


def _cap_words(canvas: Canvas, runs: Sequence[tuple[int, int, Decimal]]) -> None:
    """The figure of each cap beside its line: at the end where there is room, else along it."""
    for first, last, cap in runs:
        for place, align in [(last, "right"), (first, "left"), *((each, "left") for each in range(first, last))]:
            places = [(place, -6)] + [(place, 16)] * (canvas.px(cap, "y") < canvas.height - _RATIO_FOOT - 18)
            if any(
                canvas.say(f"cap {cap}", (Decimal(at), cap), align, shift=(0, down), bold=True, halo=True)
                for at, down in places
            ):
                break


def _figure(canvas: Canvas, point: tuple[int, Data, Decimal], downs: Sequence[int]) -> None:
    """Writes the ratio of a period at its point, above it or below where `downs` allows that."""
    index, row, value = point
    colour = "over" if row["breach"] else "ink"
    for down in downs:
        for align in ("center", "right"):
            at = (_middle(index), value)
            if canvas.say(_times(row), at, align, shift=(0, down), colour=colour, bold=True, halo=True):
                return


def _times(row: Data) -> str:
    return grouped(row["ratio"])


def _point_said(row: Data) -> str:
    over = f", over the cap of {row['cap']}" if row["breach"] else ""
    return f"{period_said(str(row['period']))}: {_times(row)}{over}"


def _cap_runs(rows: Sequence[Data]) -> Iterator[tuple[int, int, Decimal]]:
    """Stretches of periods with one cap: first and last place (the last excluded), and the cap."""
    start = 0
    for index in range(1, len(rows) + 1):
        if index == len(rows) or rows[index]["cap"] != rows[start]["cap"]:
            if rows[start]["cap"] is not None:
                yield start, index, Decimal(rows[start]["cap"])
            start = index


def _stretches(rows: Sequence[Data]) -> Iterator[list[int]]:
    """Places of neighbours that all have a ratio; a period without one leaves a gap."""
    found: list[int] = []
    for index, row in enumerate(rows):
        if row["ratio"] is not None:
            found.append(index)
        if found and (row["ratio"] is None or index == len(rows) - 1):
            if len(found) > 1:
                yield found
            found = []


def _periods(canvas: Canvas, periods: Sequence[str], left: int) -> None:
    """Names below the marks, as many as there is room for, evenly apart; the year where it begins."""
    names = [period_parts(period) for period in periods]
    step = (canvas.width - left) / len(periods)
    widest = max(min(room_of(name), 90) for name, _ in names) + 10
    every = next((each for each in (1, 2, 3, 4, 6, 12, 24, 60, 120, 600) if each * step >= widest), len(periods))
    january = next((index for index, (name, _) in enumerate(names) if name in ("Jan", "Q1")), 0)
    foot, year_before = canvas.height - 24, ""
    for index in range(january % every, len(periods), every):
        name, year = names[index]
        text = fitted(name, max(every * step - 8, 40))
        written = canvas.say(text, (_middle(index), foot), "center", colour="quiet")
        if not written and index in (0, len(periods) - 1):
            at = (left, foot) if index == 0 else (canvas.width, foot)
            written = canvas.say(text, at, "left" if index == 0 else "right", colour="quiet")
        if written and year != year_before and canvas.say(year, (_middle(index), foot + 18), "center", colour="quiet"):
            year_before = year


def _ratio_said(rows: Sequence[Data]) -> str:
    counted = [row for row in rows if row["ratio"] is not None]
    first, last = counted[0], counted[-1]
    if len(counted) == 1:
        course = f"In {period_said(last['period'])} the best-paid earned {_times(last)} times the least-paid"
    else:
        most = max(counted, key=lambda row: Decimal(row["ratio"]))
        course = (
            f"The best-paid earned {_times(first)} times the least-paid in {period_said(first['period'])} and "
            f"{_times(last)} times in {period_said(last['period'])}, at most {_times(most)} times, in "
            f"{period_said(most['period'])}"
        )
    over = [period_said(row["period"]) for row in counted if row["breach"]]
    cap = last["cap"]
    if cap is None:
        return f"{course}; no bylaw sets a cap."
    if not over:
        return f"{course}; the cap is {cap} and no period is over it."
    of_all = count_of(len(counted), "period", "periods")
    return f"{course}; the cap is {cap}, and {len(over)} of {of_all} {'is' if len(over) == 1 else 'are'} over: {joined(over)}."


# -- where each one's pay stands -------------------------------------------------------------------------------------

_LANE_PX, _STACK_PX = 44, 140


def pay(rows: Sequence[Data], measure: str, money: Money) -> Drawing | None:
    """Everybody as a dot where their pay stands in the newest period, those left out apart; None where nobody is."""
    if not rows:
        return None
    period = max(str(row["period"]) for row in rows)
    now = [row for row in rows if row["period"] == period]
    key = "rate" if measure == "hourly" else "pay"
    inside = sorted((Decimal(row[key]), str(row["person"])) for row in now if row["counted"] and row[key] is not None)
    outside = sorted(
        (Decimal(row[key]), str(row["person"])) for row in now if not row["counted"] and row[key] is not None
    )
    if not inside and not outside:
        return None
    unit = f"{money.currency} an hour".strip() if measure == "hourly" else money.currency

    def draw(width: int, palette: Palette) -> str:
        return _pay_drawn(Canvas(width, palette), inside, outside, unit, money)

    title = f"Pay {'by the hour' if measure == 'hourly' else 'of each person'} in {period_said(period)}"
    return Drawing(title, _pay_said(inside, now, period, unit, money), draw)


def _pay_drawn(
    canvas: Canvas,
    inside: Sequence[tuple[Decimal, str]],
    outside: Sequence[tuple[Decimal, str]],
    unit: str,
    money: Money,
) -> str:
    values = [value for value, _ in (*inside, *outside)]
    rungs = nice_rungs(min([_ZERO, *values]), max([*values, _ONE]), 6 if canvas.width > 500 else 4)
    widest = int(max(room_of(money.plain(_round(rung))) for rung in rungs))
    canvas.x = (rungs[0], rungs[-1], max(8, widest // 2 + 1), canvas.width - widest // 2 - 1)
    dot, stacks, tall = _dots(canvas, (inside, outside))
    # The most who stand on each other share the room; with very many of them the dots overlap.
    rise = min(dot + 1, max(2, _STACK_PX // max(*tall, 1)))
    floor = 58 + dot + max(tall[0] - 1, 0) * rise
    second = floor + _LANE_PX + dot + max(tall[1] - 1, 0) * rise if outside else floor
    foot = second + 20
    for rung in rungs:
        canvas.rule((rung, 52), (rung, second + 2), "line")
        canvas.say(money.plain(_round(rung)), (rung, foot), "center", colour="quiet")
    canvas.say(unit, (canvas.width, foot + 18), "right", size=12, colour="quiet")
    canvas.height = foot + (24 if unit else 6)
    for stack, base, hollow in ((stacks[0], floor, False), (stacks[1], second, True)):
        for value, person, level in stack:
            at = (value, base - level * rise - dot // 2 - 1)
            how = {"hollow": True} if hollow else {}
            canvas.sign(
                at, "circle", dot, "start" if hollow else "common", said=f"{named(person)}: {money(value)}", **how
            )
    canvas.rule((0, floor + 1), (canvas.width, floor + 1), "quiet")
    _ends(canvas, inside, money)
    if outside:
        canvas.rule((0, second + 1), (canvas.width, second + 1), "quiet", dash=[2, 3])
        count = count_of(len(outside), "person", "people")
        canvas.say(f"not compared: {count}", (0, floor + 22), size=12, colour="quiet", halo=True)
    return canvas.spec()


def _dots(
    canvas: Canvas, lanes: Sequence[Sequence[tuple[Decimal, str]]]
) -> tuple[int, list[list[tuple[Decimal, str, int]]], list[int]]:
    """How wide a dot is, in pixels; the dots of each lane; how many stand on each other in it at most."""
    for dot in range(min(12, canvas.width // 34), 6, -1):
        stacks = [_stacked(canvas, lane, dot) for lane in lanes]
        tall = [max((level for _, _, level in stack), default=-1) + 1 for stack in stacks]
        if dot == 7 or max(tall) * (dot + 1) <= _STACK_PX:
            return dot, stacks, tall
    raise AssertionError(canvas.width)


def _round(value: Decimal) -> Decimal:
    return value.quantize(_ONE) if value == value.to_integral_value() else value


def _stacked(canvas: Canvas, lane: Sequence[tuple[Decimal, str]], dot: int) -> list[tuple[Decimal, str, int]]:
    """Each with the level at which its dot touches none before it."""
    placed: list[tuple[Decimal, str, int]] = []
    ends: list[float] = []
    for value, person in lane:
        x = canvas.px(value, "x")
        level = next((each for each, end in enumerate(ends) if x - end >= dot + 1), len(ends))
        ends[level : level + 1] = [x]
        placed.append((value, person, level))
    return placed


def _ends(canvas: Canvas, inside: Sequence[tuple[Decimal, str]], money: Money) -> None:
    """The least-paid to the left and the best-paid to the right, each and a sign above the place of each."""
    if not inside:
        return
    (least, _), (most, _) = inside[0], inside[-1]
    if least == most:
        word = fitted(f"all {money.plain(most)}" if len(inside) > 1 else money.plain(most), canvas.width)
        middle = min(max(canvas.px(most, "x"), room_of(word) / 2), canvas.width - room_of(word) / 2)
        canvas.say(word, (int(middle), 14), "center", bold=True)
        return
    ends = [("least", least, _who(inside, least), 0), ("most", most, _who(inside, most), canvas.width)]
    room = int(canvas.width / 2 - 8)
    wide = [max(room_of(f"{word} {money.plain(value)}"), room_of(who, 12)) / 2 for word, value, who, _ in ends]
    at = [canvas.px(value, "x") for _, value, _, _ in ends]
    # Above their places where both have room there, else at the two edges.
    beside = at[0] - wide[0] >= 0 and at[1] + wide[1] <= canvas.width and at[1] - at[0] >= wide[0] + wide[1] + 12
    for word, value, who, edge in ends:
        place: Place = value if beside else edge
        align = "center" if beside else ("right" if edge else "left")
        canvas.say(fitted(f"{word} {money.plain(value)}", room), (place, 14), align, bold=True)
        canvas.say(fitted(who, room, 12), (place, 31), align, size=12, colour="quiet")
        canvas.sign((value, 44), "triangle-down", 10, "ink", said=f"{who}: {money(value)}")


def _who(inside: Sequence[tuple[Decimal, str]], value: Decimal) -> str:
    """Who has that pay: by name where it is one person, else how many."""
    people = [person for each, person in inside if each == value]
    return named(people[0]) if len(people) == 1 else f"{len(people)} people"


def _pay_said(inside: Sequence[tuple[Decimal, str]], now: Sequence[Data], period: str, unit: str, money: Money) -> str:
    left_out = [row for row in now if not row["counted"]]
    apart = f" {count_of(len(left_out), 'person is', 'people are')} not compared." if left_out else ""
    if not inside:
        return f"In {period_said(period)} nobody's pay is compared.{apart}"
    (least, _), (most, _) = inside[0], inside[-1]
    if len(inside) == 1:
        return f"In {period_said(period)} only {_who(inside, most)} is compared, at {money.plain(most)} {unit}.{apart}"
    if least == most:
        return f"In {period_said(period)} all {len(inside)} were paid {money.plain(most)} {unit}.{apart}"
    middle = inside[(len(inside) - 1) // 2][0]
    return (
        f"In {period_said(period)} {len(inside)} people were paid between {money.plain(least)} ({_who(inside, least)}) and "
        f"{money.plain(most)} {unit} ({_who(inside, most)}); half of them {money.plain(middle)} or less.{apart}"
    )


# -- deadlines -------------------------------------------------------------------------------------------------------

_DUTY_PX, _WINDOW_DAYS, _DUTIES_MOST = 46, 400, 14
_STATES = {
    "overdue": ("diamond", "over", False, "overdue"),
    "due": ("triangle-up", "people", False, "due soon"),
    "pending": ("circle", "common", False, "has time"),
    "not-evidenced": ("square", "start", True, "no entry shows it"),
}
_TO_DO = {
    "notice-window": "Pay the cash part",
    "unclaimed-part": "Unclaimed part",
    "redemption": "Pay capital back",
    "exit-settlement": "Settle the capital",
    "former-member-instalment": "Pay an instalment",
    "fund-spend-by": "Spend from the fund",
}


def _to_do(row: Data) -> str:
    return _TO_DO.get(str(row["duty"])) or sentence_case(row["duty"])


def duties(rows: Sequence[Data], as_of: date) -> Drawing | None:
    """What is not done yet, each on a line of days before and after `as_of`, soonest first; None where all is done."""
    waiting = sorted(
        (row for row in rows if row["state"] != "met"), key=lambda row: (row["due"], row["duty"], row["subject"])
    )
    if not waiting:
        return None
    drawn, later = waiting[:_DUTIES_MOST], waiting[_DUTIES_MOST:]

    def draw(width: int, palette: Palette) -> str:
        canvas = Canvas(width, palette)
        days = [_day(row) for row in drawn]
        today = Decimal(as_of.toordinal())
        low = max(min([*days, today - 14]), today - _WINDOW_DAYS)
        high = min(max([*days, today + 30]), today + _WINDOW_DAYS)
        canvas.x = (low, high, 8, width - 8)
        states = [state for state in _STATES if any(row["state"] == state for row in drawn)]
        top = _duty_key(canvas, states) + 22
        bottom = top + len(drawn) * _DUTY_PX
        canvas.rule((today, top - 9), (today, top - 3), "ink", width=2)
        word = f"today, {day_brief(as_of)}"
        at = min(max(canvas.px(today, "x"), room_of(word, 12) / 2), width - room_of(word, 12) / 2)
        canvas.say(word, (int(at), top - 13), "center", size=12, bold=True)
        for index, row in enumerate(drawn):
            _duty(canvas, row, top + index * _DUTY_PX, today)
        canvas.height = bottom + (20 if later else 0)
        canvas.say(f"and {len(later)} later" if later else "", (0, bottom + 12), size=12, colour="quiet")
        return canvas.spec()

    return Drawing("What is due, and when", _duties_said(waiting, as_of), draw)


def _day(row: Data) -> Decimal:
    return Decimal(date.fromisoformat(str(row["due"])).toordinal())


def _duty_key(canvas: Canvas, states: Sequence[str]) -> int:
    left, top = 0, 0
    for state in states:
        shape, colour, hollow, word = _STATES[state]
        room = 18 + int(room_of(word, 12))
        if left and left + room > canvas.width:
            left, top = 0, top + 20
        canvas.sign((left + 6, top + 8), shape, 12, colour, **({"hollow": True} if hollow else {}))
        canvas.say(word, (left + 18, top + 12), size=12, colour="quiet")
        left += room + 14
    return top + 26


def _duty(canvas: Canvas, row: Data, top: int, today: Decimal) -> None:
    assert canvas.x is not None
    low, high = canvas.x[:2]
    day, line = _day(row), top + 30
    shape, colour, hollow, word = _STATES[row["state"]]
    what = _to_do(row)
    subject = named(row["subject"])
    canvas.rule((0, line), (canvas.width, line), "line")
    canvas.rule((today, line - 6), (today, line + 6), "ink", width=2)
    at = min(max(day, low), high)
    if at != today:
        canvas.rule((min(today, at), line), (max(today, at), line), colour, width=2)
    if day != at:
        # Farther away than the line reaches: an arrow in place of the sign's own shape.
        shape = "triangle-right" if day > at else "triangle-left"
    said = f"{what}, {subject}: {word}, {day_said(row['due'])}"
    canvas.sign((at, line), shape, 13, colour, said=said, **({"hollow": True} if hollow else {}))
    when = day_brief(row["due"])
    canvas.say(when, (canvas.width, top + 15), "right", bold=True)
    room = canvas.width - room_of(when) - 14
    name = fitted(what, room, 14)
    rest = room - room_of(name, 14) - 10
    canvas.say(name, (0, top + 15), size=14, aside=fitted(subject, rest, 12) if rest > 40 else "")


def _duties_said(waiting: Sequence[Data], as_of: date) -> str:
    over = sum(row["state"] == "overdue" for row in waiting)
    first = [f"{_to_do(row)} ({named(row['subject'])}) on {day_said(row['due'])}" for row in waiting]
    overdue = "none of them overdue" if not over else f"{over} of them overdue"
    things = count_of(len(waiting), "thing is", "things are")
    return f"On {day_said(as_of)} {things} still to be done, {overdue}: {joined(first, most=5)}."
