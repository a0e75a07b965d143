"""A view as the text of a Beancount ledger, and what an earlier text of ours has published already."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from coopbooks.books.read_again import Meaning, meanings, number_of, plain_text
from coopbooks.errors import WriteRefused
from coopbooks.publish.fresh import Figure, Fresh, Leg, Note
from coopbooks.publish.lists import TEXTS
from coopbooks.publish.records import quoted
from coopbooks.publish.view import IN_BLOCKS, View
from coopbooks.records.fields import is_account

__all__ = ["changed_since", "mark", "view_text"]

DASHBOARD = 'plugin "coopbooks.plugins.open_book"'
_ACCOUNT = re.compile(r"\b(?:Assets|Liabilities|Equity|Income|Expenses):[^\s\"]+")
_OPENED = frozenset(field for _, field in TEXTS.values())  # words of the books, which may speak of accounts
_BLOCK = re.compile(rf'([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}) \* "{re.escape(IN_BLOCKS)}"\n')
_AUDIENCE = re.compile(r'[0-9]{4}-[0-9]{2}-[0-9]{2} custom "published" "audience" "[a-z]+"\Z')
_FUND = re.compile(r'^[0-9]{4}-[0-9]{2}-[0-9]{2} custom "coop" "fund" "([^"]*)"$', re.MULTILINE)


def mark(audience: str) -> str:
    """The first line of a published ledger, by which ours are known."""
    return f"; coopbooks publish/1 for {audience}"


def view_text(view: View) -> str:
    """The view as a ledger that Beancount takes without an error; the same view gives the same text.

    Raises WriteRefused where the text would not be read as the view that it is made from.
    """
    days = [row.date for rows in (view.transactions, view.notes, view.figures) for row in rows]
    first = min(days, default=view.as_of)
    parts = [
        "\n".join(_head(view, first)),
        "\n".join(f"{first} open {account}" for account in sorted(_accounts(view))),
        *(_note(note) for note in view.notes),
        *(_transaction(row) for row in view.transactions),
        "\n".join(_figure(figure) for figure in view.figures),
    ]
    return _held("\n\n".join(part for part in parts if part) + "\n", view, first)


def _held(text: str, view: View, first: date) -> str:
    """The text, where it is read as just the directives of the view, each with the fields that it should have."""
    found, fault = meanings(text)
    wanted: Counter[tuple[object, ...]] = Counter(("open", first, account) for account in _accounts(view))
    wanted.update(("record", note.date, note.kind, plain_text(note.id), _names(note.fields)) for note in view.notes)
    wanted.update(("figure", figure.date, len(figure.values)) for figure in view.figures)
    wanted.update(map(_outline, view.transactions))
    if fault is not None or Counter(each for each in map(_outline_read, found) if each) != wanted:
        raise WriteRefused(
            f"what is published for {view.audience} cannot be written so that Beancount reads it as it was meant"
            f"{f' ({fault})' if fault else ''}: take odd characters out of the ids and titles of the books"
        )
    return text


def _names(fields: Iterable[tuple[str, object]]) -> tuple[str, ...]:
    return tuple(sorted(name for name, _ in fields))


def _outline(row: Fresh) -> tuple[object, ...]:
    legs = tuple((leg.account, leg.number, leg.currency, _names(leg.fields)) for leg in row.legs)
    return "transaction", row.date, plain_text(row.narration), tuple(sorted(row.tags)), _names(row.fields), legs


def _outline_read(meaning: Meaning) -> tuple[object, ...] | None:
    """What `_outline` and its likes say, of a directive that was read; None for the commodity of the head."""
    match meaning:
        case ("open", day, account, *_):
            return "open", day, account
        case ("record", day, "coop", (kind, record_id), fields):
            return "record", day, kind, record_id, _names(fields)
        case ("record", day, "published", values, _):
            return "figure", day, len(values)
        case ("transaction", day, (_, None, narration), (tags, _), fields, postings):
            legs = tuple((account, *number_of(units), _names(stated)) for account, units, *_, stated in postings)
            return "transaction", day, narration, tags, _names(fields), legs
        case ("Commodity", *_):
            return None
        case _:
            return meaning


def _head(view: View, first: date) -> Iterator[str]:
    yield mark(view.audience)
    yield f"; As of {view.as_of}. Made anew from the books by `coopbooks publish`, which replaces this file: change the books."
    yield f'option "title" {quoted(view.title)}'
    if view.currency is not None:
        yield f'option "operating_currency" "{view.currency}"'
    yield DASHBOARD
    if view.precision is not None:
        yield f"{first} commodity {view.currency}\n  precision: {view.precision}"


def _accounts(view: View) -> set[str]:
    posted = {leg.account for row in view.transactions for leg in row.legs}
    written = (text for note in view.notes for name, text in note.fields if name not in _OPENED)
    figures = (text for figure in view.figures for text in figure.values)
    named = {account for text in (*written, *figures) for account in _ACCOUNT.findall(text)}
    return posted | set(filter(is_account, named))  # what only looks like one stands inside of a text


def _fields(fields: Iterable[tuple[str, str]], indent: str) -> list[str]:
    return [f"{indent}{name}: {text}" for name, text in fields]


def _note(note: Note) -> str:
    head = f'{note.date} custom "coop" {quoted(note.kind)} {quoted(note.id)}'
    return "\n".join([head, *_fields(note.fields, "  ")])


def _transaction(row: Fresh) -> str:
    tags = "".join(f" #{tag}" for tag in row.tags)
    lines = [f"{row.date} * {quoted(row.narration)}{tags}", *_fields(row.fields, "  ")]
    width = max((len(leg.account) for leg in row.legs), default=0)
    for leg in row.legs:
        lines += [_posting(leg, width), *_fields(leg.fields, "    ")]
    return "\n".join(lines)


def _posting(leg: Leg, width: int) -> str:
    return f"  {leg.account:<{width}}  {leg.number:f} {leg.currency}"


def _figure(figure: Figure) -> str:
    return f'{figure.date} custom "published" {" ".join(figure.values)}'


def changed_since(before: str, view: View, shown: str) -> None:
    """Hold a view to what an earlier one of the same file has published of protected funds.

    Such a figure is published once: the difference between two versions of it would be what one person got. `before` is
    the earlier text, `shown` the file's name. Raises WriteRefused for a block that would change, and for a fund that was
    shown entry by entry at a time from which on it now counts as protected.
    """
    _not_earlier(before, view, shown)
    left = Counter(_transaction(row) for row in view.transactions if row.narration == IN_BLOCKS)
    for text in before.split("\n\n"):
        block = _BLOCK.match(text)
        if block is None:
            continue
        if not left[text.rstrip("\n")]:
            raise WriteRefused(
                f"{shown}: what protected funds gave until {block[1]} is published there already and would change, which "
                "could tell what one person got: give the entry that was added or changed a date after the last quarter "
                "that is published"
            )
        left[text.rstrip("\n")] -= 1
    if view.audience != "auditors":  # they are shown every fund entry by entry
        _still_open(before, view, shown)
    if view.audience == "public":
        _all_still_there(before, view, shown)


def _not_earlier(before: str, view: View, shown: str) -> None:
    """Refuse to put an earlier day in the place of a later one: what it forgets could be published anew, and otherwise."""
    as_of = _day_of(before)
    forgotten = _DATED.findall(before) if view.audience == "public" else _BLOCK.findall(before)
    if str(view.as_of) < as_of and any(day >= str(view.as_of) for day in forgotten):
        raise WriteRefused(
            f"{shown}: it is published as of {as_of} already, and what an earlier day leaves out could be published a second "
            f"time, and otherwise: name another file for {view.as_of}"
        )


def _day_of(text: str) -> str:
    """The day as of which a ledger of ours was published; "" where it does not say so."""
    return next((line[:10] for line in text.splitlines() if _AUDIENCE.match(line)), "")


_DATED = re.compile(r'([0-9]{4}-[0-9]{2}-[0-9]{2}) (?:\*|custom "published") ')


def _all_still_there(before: str, view: View, shown: str) -> None:
    """Of the public everything is held to what it was: each entry and figure is published once, late entries or not."""
    left = Counter([*map(_transaction, view.transactions), *map(_figure, view.figures)])
    for text in _entries_and_figures(before):
        dated = _DATED.match(text)
        if dated is None or _AUDIENCE.match(text):
            continue
        if not left[text]:
            raise WriteRefused(
                f"{shown}: what is dated {dated[1]} is published there already and would change, and the difference could "
                "tell what one person got: give the entry that was added or changed a date after the last quarter that is "
                "published"
            )
        left[text] -= 1


def _entries_and_figures(text: str) -> Iterator[str]:
    """The entries of a ledger of ours as they stand, and each figure, which is one line."""
    for part in text.rstrip("\n").split("\n\n"):
        if ' custom "published" ' in part.partition("\n")[0]:
            yield from part.split("\n")
        else:
            yield part


def _still_open(before: str, view: View, shown: str) -> None:
    as_of = _day_of(before)
    funds = set(_FUND.findall(before))
    for fund, since in view.protected:
        if fund in funds and f"{fund}-incoming" not in funds and str(since) <= as_of:
            raise WriteRefused(
                f'{shown}: fund "{fund}" is shown there entry by entry until {as_of}, but its record protects it from '
                f"{since} on: write the record that makes it a protected fund on a day after {as_of}"
            )
