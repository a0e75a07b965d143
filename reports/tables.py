"""The tables of a year: plain rows of texts, the same for paper, workbook and comma-separated values.

What a table is called, and what its columns are called, stands in `words.toml`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import coopbooks.answers as answers  # noqa: PLR0402  # the other form would import the package, which imports this
from coopbooks.records.base import Record
from coopbooks.records.decisions import Decision
from coopbooks.reports.figures import is_zero, total
from coopbooks.reports.year import Year

__all__ = ["Cell", "Column", "Table", "tables_of"]

Cell = str | bool | None


class Column(NamedTuple):
    """A column: the key of its cells and what they are.

    `kind` is text, money, number, share (of one), day or flag. A column that is `spare` is left off the paper, one
    that is `optional` where nothing but zero stands in it, one that `varies` where it says the same in every row; all
    of them are in the workbook and the files in any case.
    """

    key: str
    kind: str = "text"
    optional: bool = False
    spare: bool = False
    varies: bool = False

    @property
    def is_number(self) -> bool:
        """Whether its cells are numbers, which stand to the right."""
        return self.kind in ("money", "number", "share")


class Table(NamedTuple):
    """A table: its name, which is that of its file and its sheet, its columns and rows, and sums where they mean something."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Cell]]
    total: Mapping[str, Cell] | None = None


def _columns(spec: str) -> tuple[Column, ...]:
    """Columns from words as `member`, `amount:money`, `weeks:number?` (optional), `account!` (spare), `step~` (varies)."""
    found = []
    for word in spec.split():
        key, _, kind = word.rstrip("?!~").partition(":")
        found.append(Column(key, kind or "text", optional="?" in word, spare="!" in word, varies="~" in word))
    return tuple(found)


_SPECS = {
    "surplus": "line amount:money",
    "equity": (
        "line account? opening:money credited:money interest:money? losses:money? redeemed:money? other:money? "
        "balance:money"
    ),
    "allocation": (
        "step id to account! share:share of base:money! amount:money stopped_by? rule law decision votes matter"
    ),
    "parts": (
        "member as~ patronage:number share:share amount:money cash:money retained:money declined:money?"
    ),
    "worksheet": (
        "member step~ to! by~ figure:number whole:number! share:share exact:number amount:money rounding:number"
    ),
    "capital": (
        "member opening:money credited:money interest:money? losses:money? redeemed:money? balance:money"
    ),
    "vintages": "member vintage account! amount:money redeem_on:day?",
    "queue": "member vintage account! amount:money redeem_on:day? due:flag",
    "debts": (
        "member exit:day cause? capital:money deductions:money? set_off:money? owed:money interest:money? losses:money? "
        "paid:money balance:money overdue:money? rule!"
    ),
    "instalments": "member exit:day! due:day principal:money interest:money amount:money paid:money overdue:flag",
    "notices": (
        "member name! kind share:share dividend:money cash:money cash_share:share retained:money pay_by:day redeem_on:day? "
        "net_income:money! dividends:money! share_of_net_income:share! rule!"
    ),
    "wages": (
        "period ratio:number cap:number? highest:text highest_rate:number lowest:text lowest_rate:number people:number "
        "breach:flag measure! left_out? bylaw!"
    ),
    "funds": (
        "fund kind! account! promised:money funded:money spent:money? balance:money backing:money shortfall:money? "
        "spend_by:day? weeks:number? purpose! movement:flag! rule!"
    ),
    "1099-patr": "member name? year box_1:money cash:money! notices:money! box_4:money box_5:money",
    "changes": "rule date:day place retroactive:flag",
}  # fmt: skip
_COLUMNS = {name: _columns(spec) for name, spec in _SPECS.items()}
# The sums at the foot of a table.
_SUMMED = {
    "parts": "amount cash retained declined",
    "worksheet": "amount",
    "capital": "opening credited interest losses redeemed balance",
    "vintages": "amount",
    "queue": "amount",
    "debts": "capital deductions set_off owed interest losses paid balance overdue",
    "notices": "dividend cash retained",
    "funds": "promised funded spent balance",
    "1099-patr": "box_1 box_4 box_5",
}


def tables_of(year: Year, words: Mapping[str, Any]) -> tuple[Table, ...]:
    """Every table of a year in the order in which they are read; one with no rows stays, but for the tax form."""
    tables = (_table(name, build(year, words)) for name, build in _BUILDERS.items())
    return tuple(table for table in tables if table.rows or table.name != "1099-patr")


def _table(name: str, rows: Iterable[Mapping[str, Cell]]) -> Table:
    every = tuple(rows)
    first = _COLUMNS[name][0].key
    sums: dict[str, Cell] | None = None
    if name in _SUMMED and len(every) > 1:
        sums = {key: total([str(row[key]) for row in every if row.get(key)]) for key in _SUMMED[name].split()}
        sums[first] = "all"
    return Table(name, _COLUMNS[name], every, sums)


def _surplus(year: Year, words: Mapping[str, Any]) -> Iterable[dict[str, Cell]]:
    said = words["lines"]
    needed = ("result", "base")
    parted = not is_zero(year.surplus.nonmember_result)
    for key in (
        "result", "adjustments", "member_result", "nonmember_result", "carried_in", "earlier_losses", "base", "unallocated",
    ):  # fmt: skip
        amount = getattr(year.surplus, key)
        if key == "earlier_losses" and not is_zero(amount):
            amount = f"-{amount}"
        if key == "unallocated" and (amount or "").startswith("-"):
            yield {"line": said["loss_carried"], "amount": amount.removeprefix("-")}
        elif key in needed or (not is_zero(amount) and (parted or key != "member_result")):
            yield {"line": said[key], "amount": amount}


def _equity(year: Year, words: Mapping[str, Any]) -> Iterable[dict[str, Cell]]:
    """The lines of equity, then the check of section 93: what is owned less what is owed, and what these accounts miss."""
    equity = year.equity
    for row in equity.rows:
        yield {**row.to_data(), "line": words["equity"][row.line]}
    if equity.judged:
        accounted = total([row.balance for row in equity.rows if row.line != "nobody"])
        for key, amount in (
            ("accounted", accounted), ("net_book_value", equity.net_book_value), ("difference", equity.difference),
        ):  # fmt: skip
            yield {"line": words["lines"][key], "balance": amount}


def _debts(year: Year, _: Mapping[str, Any]) -> Iterable[dict[str, Cell]]:
    for debt in year.debts:
        yield {key: value for key, value in debt.to_data().items() if key != "instalments"}


def _instalments(year: Year, _: Mapping[str, Any]) -> Iterable[dict[str, Cell]]:
    for debt in year.debts:
        for each in debt.instalments:
            yield {**each.to_data(), "member": debt.member, "exit": debt.exit}


def _queue(year: Year, _: Mapping[str, Any]) -> Iterable[dict[str, Cell]]:
    for claim in year.queue:
        yield {**claim.to_data(), "vintage": _vintage(claim.period, claim.account)}


def _allocation(year: Year, words: Mapping[str, Any]) -> Iterable[dict[str, Cell]]:
    for step in year.surplus.steps:
        record = _record_at(year, step.rule)
        law = step.law or (record.law if record else None)
        decided = step.decision or (record.decision if record else None)
        decision = _decision(year, decided)
        yield {
            "step": str(step.step),
            "id": step.id,
            "to": words["to"].get(step.to, step.to),
            "account": step.account,
            "share": step.share,
            "of": words["of"].get(step.of or "", step.of),
            "base": step.base,
            "amount": step.amount,
            "stopped_by": words["stopped"].get(step.stopped_by or ""),
            "rule": step.rule,
            "law": law,
            "decision": decided,
            "votes": _votes(decision, words),
            "matter": None if decision is None else decision.matter,
        }


def _record_at(year: Year, place: str) -> Record | None:
    """The record that a step comes from; that of the non-members' part is the bylaw on the surplus itself."""
    return next((record for record in year.coop.facts.records if str(record.place) == place), None)


def _decision(year: Year, name: str | None) -> Decision | None:
    found = year.coop.facts.by_kind.get("decision", {}).get(name or "", [])
    return next((record for record in reversed(found) if isinstance(record, Decision)), None)


def _votes(decision: Decision | None, words: Mapping[str, Any]) -> str | None:
    if decision is None or decision.for_ is None:
        return None
    counts = {"for": decision.for_, "against": decision.against or 0, "abstain": decision.abstain or 0}
    return str(words["votes"]).format(**counts)


def _parts(year: Year, words: Mapping[str, Any]) -> Iterable[dict[str, Cell]]:
    for sort, parts in (("member", year.surplus.members), ("worker", year.surplus.workers)):
        for part in parts:
            yield {"as": words["as"][sort], **part.to_data()}


def _capital(year: Year, _: Mapping[str, Any]) -> Iterable[dict[str, Cell]]:
    shown = set(year.members())
    for account in year.accounts:
        if account.member in shown:
            yield {column.key: getattr(account, column.key) for column in _COLUMNS["capital"]}


def _vintages(year: Year, _: Mapping[str, Any]) -> Iterable[dict[str, Cell]]:
    for account in year.accounts:
        for part in account.vintages:
            yield {
                "member": account.member,
                "vintage": _vintage(part.period, part.account),
                "account": part.account,
                "amount": part.amount,
                "redeem_on": part.redeem_on,
            }


def _vintage(period: str | None, account: str) -> str:
    """What a part of capital is called: its year, or the last part of its account (a buy-in)."""
    return period or account.rpartition(":")[2]


def _wages(year: Year, _: Mapping[str, Any]) -> Iterable[dict[str, Cell]]:
    for row in year.wages:
        yield {
            "period": row.period,
            "ratio": row.ratio,
            "cap": row.cap,
            **_end("highest", row.highest),
            **_end("lowest", row.lowest),
            "people": str(row.people),
            "breach": row.breach,
            "measure": row.measure,
            "left_out": "; ".join(f"{each.person}: {each.reason}" for each in row.left_out) or None,
            "bylaw": row.bylaw,
        }


def _end(name: str, end: answers.End | None) -> dict[str, Cell]:
    """One end of a ratio: who, and the rate."""
    return {name: None, f"{name}_rate": None} if end is None else {name: end.person, f"{name}_rate": end.rate}


def _data(name: str) -> Callable[[Year, Mapping[str, Any]], Iterable[dict[str, Cell]]]:
    """A table whose rows are the answer's own."""
    return lambda year, _: (row.to_data() for row in getattr(year, name))


_BUILDERS: dict[str, Callable[[Year, Mapping[str, Any]], Iterable[Mapping[str, Cell]]]] = {
    "surplus": _surplus,
    "equity": _equity,
    "allocation": _allocation,
    "parts": _parts,
    "worksheet": _data("worksheet"),
    "capital": _capital,
    "vintages": _vintages,
    "queue": _queue,
    "debts": _debts,
    "instalments": _instalments,
    "notices": _data("notices"),
    "wages": _wages,
    "funds": _data("funds"),
    "1099-patr": _data("patr"),
    "changes": lambda year, _: (change.to_data() for change in year.surplus.changes),
}
