"""Numbers, hours and dates as other programs write them, read by one declared form each: nothing is guessed at.

Every function raises ValueError whose text is one sentence with the cure; the caller knows the place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import product

from coopbooks.money import places_half_up
from coopbooks.periods import FIRST_DAY, LAST_DAY

__all__ = ["day_form", "hours_text", "month_form", "read_day", "read_hours", "read_month", "read_number"]

DIGITS_MAX = 15
HOUR_PLACES = 6

_SPACES = " \u00a0\u202f\u2009"
_APOSTROPHES = "'’"
_NOTHING = frozenset({"", "-", "–", "—"})
_MINUS = str.maketrans({"−": "-"})
_CLOCK = re.compile(r"([+-]?)([0-9]{1,6}):([0-5][0-9])(?::([0-5][0-9]))?")


@cache
def _number_form(decimal: str, thousands: str) -> re.Pattern[str]:
    groups = {"": "", " ": f"[{_SPACES}]", "'": f"[{_APOSTROPHES}]"}.get(thousands, re.escape(thousands))
    whole = rf"[0-9]{{1,3}}(?:{groups}[0-9]{{3}})+|[0-9]+" if groups else "[0-9]+"
    return re.compile(rf"({whole})(?:{re.escape(decimal)}([0-9]+))?")


def read_number(text: str, decimal: str, thousands: str, symbols: Sequence[str] = ()) -> Decimal | None:
    """A number in the one form that is declared, exact; None for an empty cell or a dash.

    A minus stands before or after the number, or brackets around it; a currency's symbol may stand beside it.

    >>> read_number("1.234,50-", ",", "."), read_number("(12.5)", ".", ","), read_number(" - ", ".", "")
    (Decimal('-1234.50'), Decimal('-12.5'), None)
    """
    bare = text.strip().translate(_MINUS)
    if bare in _NOTHING:
        return None
    if bare.startswith("="):
        raise ValueError(f'"{text}" is a formula: save the file with its values')
    negative = bare.startswith("(") and bare.endswith(")")
    bare = bare[1:-1].strip() if negative else bare
    bare = _without(bare, symbols)
    if not negative and (bare.startswith(("-", "+")) or bare.endswith("-")):
        negative = bare.startswith("-") or (not bare.startswith("+") and bare.endswith("-"))
        bare = bare[1:] if bare.startswith(("-", "+")) else bare[:-1]
        bare = _without(bare.strip(), symbols)
    found = _number_form(decimal, thousands).fullmatch(bare)
    if found is None:
        apart = f' and "{thousands}" between thousands' if thousands else ""
        raise ValueError(
            f'"{text}" is no number with "{decimal}" before the decimals{apart}: mend the cell, or say in [numbers] how '
            "the file writes them"
        )
    whole, places = re.sub("[^0-9]", "", found[1]), found[2] or ""
    if len(whole) + len(places) > DIGITS_MAX:
        raise ValueError(f'"{text}" has more than {DIGITS_MAX} digits: mend the cell')
    number = Decimal(f"{whole}.{places}" if places else whole)
    return -number if negative else number


def _without(text: str, symbols: Sequence[str]) -> str:
    for symbol in symbols:
        if symbol and text.startswith(symbol):
            return text[len(symbol) :].strip()
        if symbol and text.endswith(symbol):
            return text[: -len(symbol)].strip()
    return text


def read_hours(text: str, decimal: str, thousands: str) -> Fraction | None:
    """Hours as a clock shows them (7:30, 160:20:30) or as a number in the declared form, exact; None for nothing.

    >>> read_hours("7:20", ",", ""), read_hours("7,5 h", ",", ""), read_hours("", ",", "")
    (Fraction(22, 3), Fraction(15, 2), None)
    """
    if found := _CLOCK.fullmatch(text.strip().translate(_MINUS)):
        sign, hours, minutes, seconds = found[1], int(found[2]), int(found[3]), int(found[4] or 0)
        total = Fraction(hours) + Fraction(minutes, 60) + Fraction(seconds, 3600)
        return -total if sign == "-" else total
    if ":" in text:
        raise ValueError(f'"{text}" is no time as 7:30: write hours and two digits of minutes')
    number = read_number(text, decimal, thousands, ("h",))
    return None if number is None else Fraction(number)


def hours_text(hours: Fraction) -> str:
    """Hours as the books have them: six decimals at most, half up, since twenty minutes are no finite number.

    >>> hours_text(Fraction(15, 2)), hours_text(Fraction(22, 3)), hours_text(Fraction(160))
    ('7.5', '7.333333', '160')
    """
    text = places_half_up(abs(hours), HOUR_PLACES).rstrip("0").rstrip(".")
    return f"-{text}" if hours < 0 and text != "0" else text


# -- dates -----------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"YYYY|YY|MONTH|MM|M|DD|D|.", re.DOTALL)
_GROUPS = {
    "YYYY": "(?P<year>[0-9]{4})",
    "YY": "(?P<short>[0-9]{2})",
    "MM": "(?P<month>[0-9]{2})",
    "M": "(?P<month>[0-9]{1,2})",
    "DD": "(?P<day>[0-9]{2})",
    "D": "(?P<day>[0-9]{1,2})",
}


@cache
def _form(form: str, months: tuple[str, ...], parts: int) -> re.Pattern[str]:
    pattern = ""
    wanted: list[str] = []
    for part in _TOKEN.findall(form):
        if part == "MONTH":
            names = "|".join(re.escape(name) for name in sorted(months, key=len, reverse=True))
            pattern, wanted = pattern + f"(?P<name>{names})", [*wanted, "M"]
        elif part in _GROUPS:
            pattern, wanted = pattern + _GROUPS[part], [*wanted, part[0]]
        else:
            pattern += re.escape(part)
    if sorted(wanted) != sorted("YMD"[:parts]):
        what = "a year (YYYY or YY), a month (MM, M or MONTH)" + (" and a day (DD or D)" if parts == 3 else "")
        example = "DD.MM.YYYY" if parts == 3 else "MM/YYYY"
        raise ValueError(
            f'"{form}" must have {what}, each once{"" if parts == 3 else " and no day"}: write it as {example}'
        )
    return re.compile(pattern, re.IGNORECASE)


def day_form(form: str, months: tuple[str, ...]) -> re.Pattern[str]:
    """The pattern of a form such as DD.MM.YYYY. Raises ValueError where a part is missing or there twice."""
    return _form(form, months, 3)


def month_form(form: str, months: tuple[str, ...]) -> re.Pattern[str]:
    """The pattern of a form such as MM/YYYY."""
    return _form(form, months, 2)


def read_day(text: str, forms: Sequence[str], months: tuple[str, ...] = ()) -> date:
    """The day that a cell names in one of the declared forms; refuses what two of them read as two days.

    >>> read_day("3.4.2025", ["D.M.YYYY"])
    datetime.date(2025, 4, 3)
    """
    found = {day for form in forms if (day := _read(text.strip(), day_form(form, months), months))}
    if len(found) > 1:
        raise ValueError(
            f'"{text}" may be {" or ".join(str(day) for day in sorted(found))}: leave one form in date of [dates]'
        )
    if not found:
        raise ValueError(_no_day(text, forms))
    return found.pop()


def read_month(text: str, forms: Sequence[str], months: tuple[str, ...] = ()) -> date:
    """The first day of the month that a cell names; refuses what two forms read as two months."""
    found = {day for form in forms if (day := _read(text.strip(), month_form(form, months), months))}
    if len(found) > 1:
        both = " or ".join(f"{day:%Y-%m}" for day in sorted(found))
        raise ValueError(f'"{text}" may be {both}: leave one form in period of [dates]')
    if not found:
        raise ValueError(f'"{text}" is no month as {" or ".join(forms)}: mend the cell, or period in [dates]')
    return found.pop()


def _read(text: str, form: re.Pattern[str], months: tuple[str, ...]) -> date | None:
    found = form.fullmatch(text)
    if found is None:
        return None
    parts = found.groupdict()
    # Two digits are of this century: nobody keeps the books of a cooperative for 1998 in a CSV file of today.
    year = int(parts.get("year") or f"20{parts['short']}")
    if parts.get("name"):
        month = [name.casefold() for name in months].index(parts["name"].casefold()) + 1
    else:
        month = int(parts["month"])
    try:
        day = date(year, month, int(parts.get("day") or 1))
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


_COMMON = tuple(
    form
    for separator, year in product("/.-", ("YYYY", "YY"))
    for form in (f"D{separator}M{separator}{year}", f"M{separator}D{separator}{year}")
)


def _no_day(text: str, forms: Sequence[str]) -> str:
    """The sentence for a cell that is no day; where it could be two, both are named."""
    seen = {day: form for form in _COMMON if (day := _read(text.strip(), day_form(form, ()), ()))}
    if len(seen) > 1:
        days = " or ".join(f"{day} ({form})" for day, form in sorted(seen.items()))
        return f'"{text}" may be {days}: say which in date of [dates]'
    written = f", where this cell is written as {next(iter(seen.values()))}" if seen else ""
    return f'"{text}" is no day as {" or ".join(forms)}{written}: mend the cell, or date in [dates]'
