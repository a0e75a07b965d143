"""What a file would add to a ledger: people and accounts are known, and nothing comes in twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Names
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from beancount.core.data import Custom, Transaction
from beancount.parser import parser

from coopbooks.books.entries import Places, facts_of
from coopbooks.books.loading import Books
from coopbooks.bylaws import Bylaws
from coopbooks.errors import ImportRefused, Place
from coopbooks.facts import Facts
from coopbooks.importers.cells import Cells
from coopbooks.importers.drafts import ID_FIELD, Draft, entries_of, identified, tidy
from coopbooks.importers.hours import hours_drafts
from coopbooks.importers.mapping import Mapping, PayrollMapping, folded, read_mapping
from coopbooks.importers.payroll import payroll_drafts
from coopbooks.importers.table import Table, read_table
from coopbooks.money import Unit, digits_of
from coopbooks.records import people as people_records

__all__ = ["Plan", "drafts_of", "imported_in", "plan", "without_known"]

NAMED_MAX = 12
_NOTE = re.compile(rf"{ID_FIELD} (\S+)")


class Plan(NamedTuple):
    """What an import would write: the text and its entries, how many stand in the books already, and what to know."""

    text: str
    entries: list[Any]
    added: int
    already: int
    notes: tuple[str, ...]


def plan(books: Books, file: str | Path, mapping: str | Path, into: str | Path | None = None) -> Plan:
    """What the file would add to the books, and to the file `into` where that is none of the books' own.

    Raises ImportRefused, one sentence with its place, for a mapping or a file that cannot be used, for people and
    accounts that the books do not know, for an entry that Beancount could not take, and for rows that were imported
    before and are another now.
    """
    for finding, _ in books.dropped:
        raise ImportRefused(
            f"Beancount could not take this entry ({finding.message}), and it may have been imported before: mend it first",
            finding.place,
        )
    rules = read_mapping(mapping)
    drafts, notes = drafts_of(books.facts, file, rules, str(mapping))
    known = imported_in(books.entries, Places(str(books.path)))
    if into is not None:
        known = {**_imported_in_file(into), **known}
    fresh = without_known(drafts, known)
    text, entries = entries_of(fresh)
    return Plan(text, entries, len(fresh), len(drafts) - len(fresh), tuple(notes))


def drafts_of(facts: Facts | None, file: str | Path, mapping: Mapping, name: str) -> tuple[list[Draft], list[str]]:
    """Every entry that the file speaks of, whether the books have it or not; without facts nobody's id is doubted.

    `name` is the mapping's own, for messages.
    """
    table = read_table(file, mapping)
    rules = Bylaws(facts or Facts())
    cells = Cells(table, mapping, _people(table, mapping, name, rules if facts else None), _unit(facts, mapping, name))
    if isinstance(mapping, PayrollMapping):
        drafts, notes = payroll_drafts(cells, mapping)
    else:
        drafts, notes = hours_drafts(
            cells, mapping, lambda day: rules.year_of(day).name, lambda person, day: _status(rules, person, day)
        )
    if facts is not None:
        _check_accounts(drafts, facts, rules, name)
        notes += _strays(drafts, rules)
    return identified(drafts, mapping.source), notes


def _status(rules: Bylaws, person: str, day: date) -> str | None:
    found = rules.works_as(person, day)
    return found.status if found else None


def _unit(facts: Facts | None, mapping: Mapping, name: str) -> Unit:
    currency = mapping.currency or (facts.currency if facts else None)
    if currency is None:
        raise ImportRefused(f'{name}: neither mapping nor ledger name a currency: write currency = "EUR"')
    return Unit(currency, digits_of(currency, facts.digits if facts else None))


# -- people ----------------------------------------------------------------------------------------------


def _people(table: Table, mapping: Mapping, name: str, rules: Bylaws | None) -> dict[str, str]:
    """The id of each name in the column of people. Raises ImportRefused that lists everyone who is unknown."""
    known = None if rules is None else rules.people.keys()
    told = {folded(each): person for each, person in mapping.people.items()}
    found: dict[str, str] = {}
    strangers: dict[str, list[int]] = {}
    for row in table.rows:
        cell = row.cells[mapping.columns.person]
        if not cell.strip():
            raise ImportRefused(
                f"{mapping.columns.person}: the row names nobody: write who it is, or name the row in total-rows",
                Place(table.name, row.line),
            )
        person = told.get(folded(cell)) or (folded(cell) if known and folded(cell) in known else None)
        if person is None or (known is not None and person not in known):
            strangers.setdefault(cell, []).append(row.line)
        else:
            found[cell] = person
    if strangers:
        raise ImportRefused(_unknown(strangers, told, rules, name), Place(table.name, min(min(strangers.values()))))
    return found


def _unknown(strangers: Names[str, Sequence[int]], told: Names[str, str], rules: Bylaws | None, name: str) -> str:
    """The one sentence that names everybody whom the books do not know, with lines and the nearest ids."""
    ids = _names(rules) if rules else {}
    ids |= {each: person for each, person in told.items() if not rules or person in rules.people}
    said = []
    for cell, lines in list(strangers.items())[:NAMED_MAX]:
        meant = told.get(folded(cell))
        near = get_close_matches(meant or folded(cell), ids, n=1, cutoff=0.6)
        where = "line" if len(lines) == 1 else "lines"
        parts = [f"{where} {', '.join(map(str, lines[:5]))}" + (" and more" if len(lines) > 5 else "")]
        parts += [f"{meant} in [people]"] if meant else []
        parts += [f"nearest {ids[near[0]]}"] if near else []
        said.append(f'"{tidy(cell)}" ({"; ".join(parts)})')
    more = f" and {len(strangers) - NAMED_MAX} more" if len(strangers) > NAMED_MAX else ""
    cure = f"say who they are in [people] of {name}, or add a member or worker record"
    return f"the ledger does not know {', '.join(said)}{more}: {cure}"


def _names(rules: Bylaws) -> dict[str, str]:
    """The ids by what the books call people: by themselves, and by name where the books show one."""
    ids = {person: person for person in rules.people}
    ids |= {folded(each.name): each.id for each in rules.every(people_records.Member) if each.name}
    return ids | {folded(each.name): each.id for each in rules.every(people_records.Worker) if each.name}


def _strays(drafts: Iterable[Draft], rules: Bylaws) -> Iterator[str]:
    """Pay and hours that are dated when the person was not (yet, or any more) at work here: legal, and worth a look."""
    for draft in drafts:
        now = rules.person(draft.person, draft.date)
        if now is None:
            yield f"{draft.place}: {draft.what} is dated {draft.date}, before the first record of {draft.person}"
        elif now.status is None:
            yield f"{draft.place}: {draft.what} is dated {draft.date}, after the exit of {draft.person} on {now.since}"


# -- accounts --------------------------------------------------------------------------------------------


def _check_accounts(drafts: Iterable[Draft], facts: Facts, rules: Bylaws, name: str) -> None:
    """Refuse accounts that are not open on their day, and pay on an account that is nobody's wages."""
    missing: dict[str, Draft] = {}
    for draft in drafts:
        for line in draft.lines:
            life = facts.accounts.get(line.account)
            if life is None or draft.date < life.opened or (life.closed is not None and draft.date > life.closed):
                missing.setdefault(line.account, draft)
    if missing:
        said = [_not_open(account, draft, facts) for account, draft in missing.items()]
        raise ImportRefused(
            f"{'; '.join(said)}: open them in the ledger, or mend the account in {name}",
            next(iter(missing.values())).place,
        )
    for draft in drafts:
        for line in draft.lines:
            if line.is_pay and not _is_wages(line.account, rules):
                raise ImportRefused(
                    f"{draft.what} goes to {line.account}, which is nobody's wages, so no rule would count it: "
                    f"name the account in `wages` of a member or worker, or mend it in {name}",
                    draft.place,
                )


def _not_open(account: str, draft: Draft, facts: Facts) -> str:
    life = facts.accounts.get(account)
    if life is not None:
        when = f"is open from {life.opened}" if draft.date < life.opened else f"is closed since {life.closed}"
        return f"account {account} {when}, but {draft.what} is dated {draft.date}"
    near = get_close_matches(account, facts.accounts, n=1, cutoff=0.75)
    return f"account {account} is not open on {draft.date}" + (f" (did you mean {near[0]}?)" if near else "")


def _is_wages(account: str, rules: Bylaws) -> bool:
    while account:
        if account in rules.wages:
            return True
        account = account.rpartition(":")[0]
    return False


# -- what is known already -------------------------------------------------------------------------------


def imported_in(entries: Iterable[Any], places: Places) -> dict[str, Place]:
    """The ids of what was imported before, and where each stands."""
    return {number: places.of(entry.meta) for entry in entries if (number := _id_of(entry))}


def _id_of(entry: Any) -> str | None:
    found: object = None
    if isinstance(entry, Transaction):
        found = (entry.meta or {}).get(ID_FIELD)
    elif isinstance(entry, Custom) and entry.type == "coop":
        note = (entry.meta or {}).get("note")
        match = _NOTE.fullmatch(note) if isinstance(note, str) else None
        found = match[1] if match else None
    return found if isinstance(found, str) else None


def _imported_in_file(into: str | Path) -> dict[str, Place]:
    """The same for one file, whether the ledger includes it or not."""
    file = Path(into)
    if not file.is_file():
        return {}
    entries, _, _ = parser.parse_file(str(file.absolute()))
    return imported_in(entries, Places(str(file.absolute())))


def without_known(drafts: Sequence[Draft], known: Names[str, Place]) -> list[Draft]:
    """The drafts that are new. Raises ImportRefused for those that were imported before and say something else now."""
    ids = {draft.id for draft in drafts}
    gone: dict[str, list[Place]] = {}
    for number, place in known.items():
        if number not in ids:
            gone.setdefault(number.rpartition("-")[0], []).append(place)
    fresh = [draft for draft in drafts if draft.id not in known]
    changed = [(draft, gone[draft.key_id][0]) for draft in fresh if draft.key_id in gone]
    if not changed:
        return fresh
    said = [
        f'{draft.what} (line {draft.place.line}; {place}; now "{draft.id}")' for draft, place in changed[:NAMED_MAX]
    ]
    more = f" and {len(changed) - NAMED_MAX} more" if len(changed) > NAMED_MAX else ""
    raise ImportRefused(
        f"the file says something else than was imported: {', '.join(said)}{more}: take those entries out of the books, "
        f"or correct them and give them the new {ID_FIELD}; a further payment needs a mapping with a source of its own",
        changed[0][0].place,
    )


def facts_from(existing: Sequence[Any], options: Names[str, Any]) -> Facts | None:
    """The facts of entries that another program loaded; None where it gave none."""
    return facts_of(list(existing), options) if existing else None
