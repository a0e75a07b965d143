"""The fields of a record: each knows how a value must be written, reads it, and says what is wrong with it.

A record class is a list of these declarations and nothing else; parsing, error messages, the reference page and the
JSON schema all come from that one list.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from coopbooks.errors import UnknownPeriod
from coopbooks.money import Amount
from coopbooks.periods import FiscalCalendar, instant, is_month_day
from coopbooks.rows import NamedTuple

__all__ = ["REQUIRED", "Field", "FormError"]


class FormError(ValueError):
    """A value that is not written as its field asks; the text says how it must be written."""


class _Required:
    def __repr__(self) -> str:
        return "required"


REQUIRED = _Required()


class Field(NamedTuple):
    """One field of a kind: how it is read, what stands where it is left out, and what it means."""

    sort: str
    read: Callable[[Any], Any]
    default: Any
    meaning: str


_ACCOUNT = re.compile(r"[^\W\d_a-z][\w-]*(:[^\W_a-z][\w-]*)*\Z")
_NAME = r"[a-z][a-z0-9-]*\Z"
PERSON_ID = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
_LIST = r"[\s,;]+"


def said(value: Any) -> str:
    """A value as it stands in the ledger, for an error message."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return f'"{value}"'
    return "nothing" if value is None else str(value)


def _bare(value: Any, form: str, example: str) -> str:
    """What to write instead: the value without quotes where they are all that is wrong, else an example."""
    if isinstance(value, str) and re.match(form, value):
        return f"write {value} without the quotes"
    return f"write it as {example}"


def number_cure(value: Any, example: str) -> str:
    """What to write instead of something that is no number."""
    return _bare(value, _NUMBER, example)


def _with_currency(value: Any) -> str:
    """What to write instead of something that is no amount."""
    if isinstance(value, Decimal):
        return f"write the currency after it, as {value} USD"
    return _bare(value, _MONEY, "1500.00 USD")


def _quoted(value: Any) -> str:
    return f'"{said(value)}"'


def _text(value: Any, example: str = "") -> str:
    if not isinstance(value, str):
        raise FormError(f"must be text in quotes, not {said(value)}: write {example or _quoted(value)}")
    return value


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal):
        raise FormError(f"must be a number, not {said(value)}: {number_cure(value, '8 or 0.20')}")
    return value


def _count(value: Any) -> Decimal:
    number = _number(value)
    if number < 0:
        raise FormError(f"must not be below zero, but is {number}: write 0 or more")
    return number


def _integer(value: Any) -> int:
    number = _count(value)
    if number != number.to_integral_value():
        raise FormError(f"must be a whole number, not {number}: write it as {number.to_integral_value()}")
    return int(number)


def _date(value: Any) -> date:
    if not isinstance(value, date):
        cure = _bare(value, _DAY, "2025-12-31")
        raise FormError(f"must be a date, not {said(value)}: {cure}")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise FormError(f"must be TRUE or FALSE, not {said(value)}: write one of the two without quotes")
    return value


def _amount(value: Any) -> Amount:
    if not isinstance(value, Amount):
        raise FormError(f"must be an amount, not {said(value)}: {_with_currency(value)}")
    return value


def _sum(value: Any) -> Amount:
    amount = _amount(value)
    if amount.number < 0:
        raise FormError(f"must not be below zero, but is {amount}: write 0 or more")
    return amount


def _account(value: Any) -> str:
    if not isinstance(value, str) or not _ACCOUNT.match(value):
        raise FormError(f"must be an account, not {said(value)}: write it as Equity:Reserve")
    return value


def is_account(text: str) -> bool:
    """Whether a text can be an account below one of the roots."""
    return ":" in text and _ACCOUNT.match(text) is not None


def words(value: str) -> tuple[str, ...]:
    """The items of a list field: separated by spaces, commas or semicolons."""
    return tuple(word for word in re.split(_LIST, value) if word)


def _accounts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) and _ACCOUNT.match(value):  # the usual list has one
        return (value,)
    accounts = tuple(_account(word) for word in words(_text(value, '"Equity:Reserve Equity:Collective"')))
    if not accounts:
        raise FormError('must name at least one account: write it as "Equity:Reserve Equity:Collective"')
    return accounts


def _words(value: Any) -> tuple[str, ...]:
    return words(_text(value))


_CALENDAR = FiscalCalendar()


def _period(value: Any) -> str:
    if isinstance(value, Decimal):
        raise FormError(
            f'must be a fiscal year in quotes, not the number {value}: write it as "2025" (without quotes Beancount '
            "reads 2025-03 as 2025 minus 3)"
        )
    text = _text(value, '"2025"')
    if not _is_period(text):
        raise FormError(f'must be a fiscal year, not "{text}": write the year of its end, as "2025"')
    return text


@lru_cache(64)  # one year stands in thousands of vows
def _is_period(text: str) -> bool:
    try:
        _CALENDAR.named(text)
    except UnknownPeriod:
        return False
    return True


def _month_day(value: Any) -> str:
    if not isinstance(value, str) or not is_month_day(value):
        raise FormError(f'must be a day of the year, not {said(value)}: write month and day in quotes, as "12-31"')
    return value


def _instant(value: Any) -> str:
    example = '"2026-03-28T12:00:00+01:00"'
    text = _text(value, example)
    try:
        instant(text)
    except ValueError:
        raise FormError(f'must be a time with its offset from UTC, not "{text}": write it as {example}') from None
    return text


class Term(NamedTuple):
    """One term of a figure: a number, or the name of a `rate`; added or subtracted."""

    sign: int
    number: Decimal | None
    name: str | None


Figure = tuple[Term, ...]
"""A share, rate or interest as it is written: a number, a rate's name, or names and numbers with + and - between."""

_NUMBER = r"\d+(\.\d+)?\Z"
_MONEY = r"\d[\d,]*(\.\d+)? [A-Z][A-Z0-9'._-]*\Z"
_DAY = r"\d{4}-\d{2}-\d{2}\Z"


def figure(value: Any) -> Figure:
    """Read a share, interest or floor: `0.20`, `"fed-discount + 0.02"`, `"smic"`."""
    if isinstance(value, Decimal):
        return (Term(1, value, None),)
    terms = _terms(value) if isinstance(value, str) else None
    if terms is None:
        raise FormError(
            f'must be a number, or the names of rates in quotes as "fed-discount + 0.02", not {said(value)}: '
            "write 20 percent as 0.20"
        )
    return terms


def _terms(text: str) -> Figure | None:
    """Numbers and names of rates, with + or - between; None for anything else."""
    parts = text.split()
    if len(parts) % 2 == 0 or any(part not in ("+", "-") for part in parts[1::2]):
        return None
    terms = []
    for part, sign in zip(parts[::2], ["+", *parts[1::2]], strict=True):
        if not re.match(_NUMBER, part) and not re.match(_NAME, part):
            return None
        number = Decimal(part) if re.match(_NUMBER, part) else None
        terms.append(Term(-1 if sign == "-" else 1, number, part if number is None else None))
    return tuple(terms)


def _share(value: Any) -> Figure:
    read = figure(value)
    known = read[0].number if len(read) == 1 else None
    if known is not None and not 0 <= known <= 1:
        raise FormError(f"must be a share between 0 and 1, not {said(value)}: write 20 percent as 0.20")
    return read


def _plain_share(value: Any) -> Decimal:
    number = _number(value)
    if not 0 <= number <= 1:
        raise FormError(f"must be a share between 0 and 1, not {number}: write 20 percent as 0.20")
    return number


def _ratio(value: Any) -> Decimal:
    number = _number(value)
    if number < 1:
        raise FormError(f"must be at least 1, not {number}: write how often the lower pay may go into the higher, as 4")
    return number


def _sum_of_money(value: Any) -> Amount | Figure:
    return _sum(value) if isinstance(value, Amount) else _named_amount(value)


def _named_amount(value: Any) -> Figure:
    """An amount that rates give by their names."""
    terms = _terms(value) if isinstance(value, str) else None
    if terms is None or not any(term.name for term in terms):
        cure = _with_currency(value)
        raise FormError(f"must be an amount, or the name of a rate in quotes, not {said(value)}: {cure}")
    return terms


def _rate_value(value: Any) -> Amount | Decimal:
    return value if isinstance(value, Amount) else _number(value)


def _pairs(value: Any) -> tuple[tuple[str, Decimal], ...]:
    """Names and numbers, as in "hours:0.7 wages:0.3"."""
    pairs = [word.rpartition(":") for word in words(value)] if isinstance(value, str) else []
    good = all(name and re.match(_NUMBER, number) for name, _, number in pairs)
    if not pairs or not good or len({name for name, _, _ in pairs}) < len(pairs):
        raise FormError(f'must be names with numbers, not {said(value)}: write each once, as "hours:0.7 wages:0.3"')
    return tuple((name, Decimal(number)) for name, _, number in pairs)


_MONTHS = r"\d+:\d+(\.\d+)?\Z"


def _ladder(value: Any) -> tuple[tuple[Decimal, Decimal], ...]:
    """Months and figures that rise by months, as in "0:1.0 60:1.5"."""
    given = words(value) if isinstance(value, str) else ()
    read = [word.partition(":") for word in given if re.match(_MONTHS, word)]
    steps = tuple((Decimal(months), Decimal(number)) for months, _, number in read)
    rising = [months for months, _ in steps] == sorted({months for months, _ in steps})
    if not given or len(steps) < len(given) or not rising:
        raise FormError(f'must be rising months with numbers, not {said(value)}: write it as "0:1.0 60:1.5"')
    return steps


# Compiled where they are first asked for: few books have an audit.
_DIGEST = r"[0-9a-f]{4,64}\Z"
_TALLY = r"(\d+)-(\d+)-(\d+)\Z"
_LABEL = r"([A-Z]{3}-\d+)=(revolutionary|reformist|counter-revolutionary|not-evidenced)\Z"
_TRIGGER = r"TR-[^\s,;]+-[A-Z]{3}-\d+\Z"


def _digest(value: Any) -> str:
    text = _text(value, '"5c2f4ff5…" as sha256sum prints it')
    if not re.match(_DIGEST, text):
        raise FormError(
            f"must be a SHA-256 in small letters and digits, not {said(value)}: write what sha256sum prints"
        )
    return text


def _tally(value: Any) -> tuple[int, int, int]:
    match = re.match(_TALLY, value) if isinstance(value, str) else None
    if match is None:
        raise FormError(f'must be votes for, against and abstaining, not {said(value)}: write them as "3-0-0"')
    return int(match[1]), int(match[2]), int(match[3])


def _labels(value: Any) -> tuple[tuple[str, str], ...]:
    given = words(value) if isinstance(value, str) else ("",)
    read = [match for word in given if (match := re.match(_LABEL, word))]
    if len(read) < len(given) or len({match[1] for match in read}) < len(read):
        raise FormError(
            f"must be criteria with labels, not {said(value)}: write each once, as "
            '"SUP-2=reformist WAG-1=counter-revolutionary BKS-3=not-evidenced"'
        )
    return tuple((match[1], match[2]) for match in read)


def _trigger(value: Any) -> str:
    if not isinstance(value, str) or not re.match(_TRIGGER, value):
        raise FormError(f'must be the id of a trigger, not {said(value)}: write it as "TR-LA-2026-SUP-2"')
    return value


def _triggers(value: Any) -> tuple[str, ...]:
    return tuple(map(_trigger, words(_text(value, '"TR-LA-2026-SUP-2"'))))


def _score(value: Any) -> Decimal:
    number = _number(value)
    if not 0 <= number <= 10:
        raise FormError(f"must be between 0 and 10, but is {number}: write how much of 10 it was, as 7")
    return number


# The specifiers that record classes use. Each returns a Field; they are typed Any so that a class can annotate the
# attribute with the type that a reader of the record gets.


def text(meaning: str, *, default: Any = None) -> Any:
    """Any text."""
    return Field("text", _text, default, meaning)


def number(meaning: str, *, default: Any = None) -> Any:
    """A number, not below zero."""
    return Field("number", _count, default, meaning)


def signed(meaning: str, *, default: Any = None) -> Any:
    """A number of any sign."""
    return Field("number", _number, default, meaning)


def integer(meaning: str, *, default: Any = None) -> Any:
    """A whole number, not below zero."""
    return Field("number", _integer, default, meaning)


def day(meaning: str, *, default: Any = None) -> Any:
    """A date."""
    return Field("date", _date, default, meaning)


def flag(meaning: str, *, default: Any = None) -> Any:
    """TRUE or FALSE."""
    return Field("TRUE or FALSE", _flag, default, meaning)


def amount(meaning: str, *, default: Any = None) -> Any:
    """An amount of a currency, not below zero."""
    return Field("amount", _sum, default, meaning)


def signed_amount(meaning: str, *, default: Any = None) -> Any:
    """An amount of a currency, of any sign."""
    return Field("amount", _amount, default, meaning)


def account(meaning: str, *, default: Any = None) -> Any:
    """An account; it and all below it are meant."""
    return Field("account", _account, default, meaning)


def accounts(meaning: str, *, default: Any = None) -> Any:
    """One or more accounts."""
    return Field("accounts", _accounts, default, meaning)


def names(meaning: str, *, default: Any = None) -> Any:
    """A list of words in one text."""
    return Field("list", _words, default, meaning)


def digest(meaning: str, *, default: Any = None) -> Any:
    """A SHA-256 in hexadecimal, or the beginning of one."""
    return Field("SHA-256", _digest, default, meaning)


def tally(meaning: str, *, default: Any = None) -> Any:
    """Votes for, against and abstaining, as 3-0-0."""
    return Field("votes", _tally, default, meaning)


def labels(meaning: str, *, default: Any = None) -> Any:
    """Criteria and their labels, as SUP-2=reformist."""
    return Field("criteria and labels", _labels, default, meaning)


def trigger(meaning: str, *, default: Any = None) -> Any:
    """The id of a trigger, as TR-LA-2026-SUP-2."""
    return Field("trigger", _trigger, default, meaning)


def triggers(meaning: str, *, default: Any = None) -> Any:
    """Ids of triggers in one text."""
    return Field("triggers", _triggers, default, meaning)


def score(meaning: str, *, default: Any = None) -> Any:
    """A number between 0 and 10."""
    return Field("0 to 10", _score, default, meaning)


def period(meaning: str, *, default: Any = None) -> Any:
    """The name of a period, in quotes."""
    return Field("period", _period, default, meaning)


def month_day(meaning: str, *, default: Any = None) -> Any:
    """A day of the year as "12-31"."""
    return Field("month and day", _month_day, default, meaning)


def moment(meaning: str, *, default: Any = None) -> Any:
    """An ISO 8601 time with its offset."""
    return Field("time with offset", _instant, default, meaning)


def share(meaning: str, *, default: Any = None) -> Any:
    """A number between 0 and 1, or a rate's name."""
    return Field("share or rate", _share, default, meaning)


def plain_share(meaning: str, *, default: Any = None) -> Any:
    """A number between 0 and 1."""
    return Field("share", _plain_share, default, meaning)


def ratio(meaning: str, *, default: Any = None) -> Any:
    """A number of at least 1."""
    return Field("ratio", _ratio, default, meaning)


def rate(meaning: str, *, default: Any = None) -> Any:
    """A yearly rate as a number or a rate's name."""
    return Field("rate", _share, default, meaning)


def money(meaning: str, *, default: Any = None) -> Any:
    """An amount, or the name of a rate that gives one."""
    return Field("amount or rate", _sum_of_money, default, meaning)


def hourly(meaning: str, *, default: Any = None) -> Any:
    """An amount an hour, or the name of a rate that gives one."""
    return Field("amount or rate", _sum_of_money, default, meaning)


def rate_value(meaning: str, *, default: Any = None) -> Any:
    """The value of a rate: a number or an amount."""
    return Field("number or amount", _rate_value, default, meaning)


def pairs(meaning: str, *, default: Any = None) -> Any:
    """Names and numbers in one text."""
    return Field("names and numbers", _pairs, default, meaning)


def ladder(meaning: str, *, default: Any = None) -> Any:
    """Months and figures in one text."""
    return Field("months and figures", _ladder, default, meaning)


def one_of(choices: str, meaning: str, *, default: Any = None) -> Any:
    """One word of a closed list."""
    known = tuple(choices.split())

    def read(value: Any) -> str:
        if value not in known:
            raise FormError(f"must be one of {', '.join(known)}, not {said(value)}{_cure_word(value, known)}")
        return str(value)

    return Field(" | ".join(known), read, default, meaning)


def some_of(choices: str, meaning: str, *, default: Any = None) -> Any:
    """Words of a closed list, in one text."""
    known = tuple(choices.split())

    def read(value: Any) -> tuple[str, ...]:
        given = words(_text(value, f'"{" ".join(known[:2])}"'))
        for word in given:
            if word not in known:
                raise FormError(f'may hold only {", ".join(known)}, not "{word}"{_cure_word(word, known)}')
        return given

    return Field(f"words of {', '.join(known)}", read, default, meaning)


def _cure_word(value: Any, known: tuple[str, ...]) -> str:
    near = nearest(value, known) if isinstance(value, str) else ""
    return near or ": write one of these words in quotes"


def anything(meaning: str, *, default: Any = None) -> Any:
    """A value whose type another table declares."""
    return Field("value", lambda value: value, default, meaning)


def nearest(word: str, known: tuple[str, ...]) -> str:
    """The nearest right word as the end of a sentence, or nothing where none is near."""
    from difflib import get_close_matches  # only a mistake pays for this import

    close = get_close_matches(word, known, n=1, cutoff=0.75)
    return f': did you mean "{close[0]}"?' if close else ""
