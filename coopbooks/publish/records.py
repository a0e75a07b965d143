"""The records that pass, each made anew from the fields that the list lets through."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import coopbooks.publish.spoken as spoken  # noqa: PLR0402  # the other form would import the package, which imports this
from coopbooks.bylaws import Bylaws
from coopbooks.money import Amount
from coopbooks.parameters import PARAMETERS
from coopbooks.publish.fresh import Note
from coopbooks.publish.lists import PASSES, SLUG, passes
from coopbooks.publish.names import Names, component
from coopbooks.records import audits, bylaws, surplus
from coopbooks.records.base import Record
from coopbooks.records.fields import Term
from coopbooks.records.reading import BYLAWS

__all__ = ["Records", "plain", "quoted", "visible"]

_BENEFICIARIES = frozenset({"members", "workers", "next", "decision"})
_BASES = frozenset({"surplus", "result", "before-tax", "remaining", "whole", "nonmember", "payroll"})
_CAUSES = frozenset({"resignation", "retirement", "death", "expulsion"})
_OWN_FIGURES = frozenset({"hours", "wages", "equal"})
_OF_PEOPLE = frozenset({"contribution", "vow", "decline"})
_WAGES = frozenset({("member", "wages"), ("worker", "wages")})
_ACCOUNTS = frozenset({"account", "accounts"})
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def quoted(text: str) -> str:
    """A text in quotes, as Beancount reads it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def visible(text: str) -> str:
    """A free text with every sign that is not seen, or that turns others around, as its code point.

    >>> visible("to\u202egive\\n")
    'to[U+202E]give[U+000A]'
    """
    return "".join(f"[U+{ord(sign):04X}]" if unicodedata.category(sign) in _UNSEEN else sign for sign in text)


def plain(names: Names, value: Any) -> str | None:
    """A number, a date, TRUE or FALSE, an amount, or a word that the record's own closed list has let in."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Amount):
        return f"{value.number:f} {names.unit(value.currency)}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | date):
        return str(value)
    return quoted(value) if isinstance(value, str) else None


class Records:
    """Makes the records of one ledger anew for one audience."""

    def __init__(
        self, rules: Bylaws, names: Names, wages: Mapping[str, set[str]], quiet: frozenset[str] = frozenset()
    ) -> None:
        """`names` are the published names for that audience, `wages` the published accounts of each person's pay.

        `quiet` are decisions whose matter does not pass, even where the bylaws open it.
        """
        self.rules, self.names, self.audience, self.wages, self.quiet = rules, names, names.audience, wages, quiet

    def notes(self) -> Iterator[Note]:
        """The records, by date."""
        for record in sorted(self.rules.facts.records, key=lambda record: (record.date, record.place)):
            sort = _sort_of(record)
            record_id = self._id(record)
            if record_id is not None and passes(sort, self.audience) and self._needed(record):
                yield Note(record.date, record.KIND, record_id, tuple(self._fields(sort, record)))
            if isinstance(record, surplus.Fund) and record.account in self.names.protected:
                yield self._incoming(record, str(record_id))

    def _needed(self, record: Record) -> bool:
        """A lottery passes whole or not at all. Of rates the public gets those of a step; others may be somebody's pay."""
        if isinstance(record, audits.LotteryCall | audits.LotteryDraw):
            return self._drawn_anew(record.id)
        if self.audience != "public" or record.KIND != "rate":
            return True
        figures = (
            value
            for step in self.rules.every(surplus.Allocation)
            for name, value in step.as_written().items()
            if self.audience in PASSES["allocation"].get(name, ()) and isinstance(value, tuple)
        )
        return any(isinstance(term, Term) and term.name == record.id for figure in figures for term in figure)

    def _drawn_anew(self, audit: str) -> bool:
        """Whether all that the lottery of an audit was made of passes, so that whoever reads it can draw it again."""
        calls, draws = self.rules.history(audits.LotteryCall, audit), self.rules.history(audits.LotteryDraw, audit)
        lists = [("pool", call.pool) for call in calls] + [("sources", call.sources) for call in calls]
        lists += [("panel", draw.panel) for draw in draws] + [("alternates", draw.alternates) for draw in draws]
        numbers = [said for draw in draws for _, said in draw.sources]
        return all(spoken.listed(self.rules, self.names, name, items) is not None for name, items in lists) and all(
            spoken.source(said) for said in numbers
        )

    def _incoming(self, fund: surplus.Fund, fund_id: str) -> Note:
        """The fund that what comes in belongs to, until its quarter is published."""
        fields = {
            "account": self.names.incoming(fund.account),
            "kind": quoted("other"),
            "movement": plain(self.names, fund.movement),
        }
        return Note(
            fund.date, "fund", f"{fund_id}-incoming", tuple((name, text) for name, text in fields.items() if text)
        )

    def _id(self, record: Record) -> str | None:
        if record.KIND == "bylaw":
            stem = record.RULE_ID
            own = record.id[len(stem) + 1 :] if stem and record.id != stem else ""
            known = record.id in PARAMETERS or record.id in BYLAWS
            return record.id if known or SLUG.match(own) else f"{stem}-{self.names.id('bylaw', record.id)}"
        if record.KIND in _OF_PEOPLE:
            return record.id if record.id in self.rules.people else None
        return self.names.record(record.KIND, record.id)

    def _fields(self, sort: str, record: Record) -> Iterator[tuple[str, str]]:
        listed = PASSES[sort]
        if record.KIND == "vow":  # that it was made counts; its words are the member's own
            yield "witness", quoted("kept in the books")
        for name, value in record.as_written().items():
            if (record.KIND, name) in self.names.texts and isinstance(value, str):
                if record.KIND != "decision" or record.id not in self.quiet:
                    yield name, quoted(visible(value))
            elif self.audience in listed.get(name, ()):
                text = self._text(record, name, value)
                if text is not None:
                    yield name, text
        if isinstance(record, audits.LotteryDraw):
            yield from ((name, quoted(number)) for name, said in record.sources if (number := spoken.source(said)))

    def _text(self, record: Record, name: str, value: Any) -> str | None:
        """A value as the ledger writes it; None where it does not pass."""
        sort = record.FIELDS[name].sort
        if (record.KIND, name) in _WAGES:
            return quoted(" ".join(sorted(self.wages.get(record.id, ())) or [f"Expenses:Wages:{component(record.id)}"]))
        if isinstance(record, surplus.Fund) and name == "account":
            return self.names.fund(record.account)
        if isinstance(record, surplus.Fund) and name == "backing" and record.account in self.names.protected:
            return None  # what is left of its money would tell what was spent
        if sort in _ACCOUNTS:
            return self._accounts(value, single=sort == "account")
        if sort == "text" or sort in spoken.FORMS:
            return self._word(record, name, value)
        if sort in ("names and numbers", "months and figures"):
            return quoted(" ".join(f"{self._of(key)}:{number}" for key, number in value))
        if isinstance(value, tuple) and not isinstance(value, Amount):
            return self._many(value)
        return plain(self.names, value)

    def _accounts(self, value: Any, *, single: bool) -> str:
        if single:
            return self.names.of(value) if ":" in value else quoted(self.names.root(value))
        with_below = (name for account in value for name in (self.names.of(account), *self.names.below(account)))
        return quoted(" ".join(dict.fromkeys(with_below)))

    def _of(self, key: Any) -> str:
        """The name of a figure of patronage, or a number of months."""
        return str(key) if isinstance(key, Decimal) else self._figure_name(key)

    def _figure_name(self, name: str) -> str:
        return name if name in _OWN_FIGURES else self.names.id("figure", f" {name}")

    def _many(self, value: tuple[Any, ...]) -> str | None:
        """A figure with its rates, or words of a closed list."""
        if not all(isinstance(term, Term) for term in value):
            return quoted(" ".join(value))
        if len(value) == 1 and value[0].number is not None:
            return plain(self.names, value[0].number)
        parts = []
        for sign, number, name in value:
            if name is not None and name not in self.rules.ids("rate"):
                return None
            shown = str(number) if name is None else self.names.id("rate", name)
            parts += ["+" if sign > 0 else "-", shown]
        return quoted(" ".join(parts[1:]))

    def _word(self, record: Record, name: str, value: Any) -> str | None:
        """A field of free form: only where what it says is a word or an id that the books know."""
        if name in ("to", "from"):
            return quoted(value) if value in _BENEFICIARIES else self.names.of(value) if ":" in value else None
        if record.KIND == "contribution" and name == "of":
            return quoted(self._figure_name(value))
        if record.KIND == "resolution" and name == "of":
            return self._known("allocation", value)
        if name in ("of", "at-most-of"):
            return self._base(value)
        if name == "cause":
            return self._cause(value)
        if name == "decision":
            return self._known("decision", value)
        text = spoken.passing(self.rules, self.names, record, name)
        return None if text is None else quoted(text)

    def _known(self, kind: str, name: str) -> str | None:
        return quoted(self.names.id(kind, name)) if name in self.rules.ids(kind) else None

    def _cause(self, value: str) -> str | None:
        """Why somebody left, as a word of the list: for auditors, and for members where it has terms of its own."""
        matters = self.audience == "auditors" or f"exit-{value}" in self.rules.ids("bylaw")
        return quoted(value) if value in _CAUSES and matters else None

    def _base(self, value: str) -> str | None:
        word, _, step = value.partition(":")
        if value in _BASES:
            return quoted(value)
        if word == "step" and step in self.rules.ids("allocation"):
            return quoted(f"step:{self.names.id('allocation', step)}")
        return None


def _sort_of(record: Record) -> str:
    """The row of the list that speaks of a record."""
    if isinstance(record, bylaws.ParameterBylaw):
        return "bylaw parameter"
    if record.KIND == "bylaw":
        return f"bylaw {record.RULE_ID}"
    return record.KIND
