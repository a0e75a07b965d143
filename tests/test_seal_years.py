"""Seals of several years: the chain, what is told of a year that changed, and what a new seal is over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import pytest
from beancount import loader

from coopbooks import load
from coopbooks.books.canonical import all_directives
from coopbooks.books.entries import Places, _by_class, facts_of
from coopbooks.books.sealing import directives_with, sealed_fault
from coopbooks.books.text import seal_text
from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, UnknownName
from coopbooks.facts import FORGED, Directive
from coopbooks.rules.seals import Compared, NewSeal, compared, new_seal, seal_findings, seal_named, seals_of

Ledger = Callable[..., Path]
LATER = date(2030, 1, 1)
OPTIONS = 'option "operating_currency" "EUR"\n'
BOOK = """2023-12-01 open Assets:Bank
2023-12-01 open Income:Sales
2024-03-01 * "Bread"
  Assets:Bank  500.00 EUR
  Income:Sales
2025-03-01 * "Bread"
  Assets:Bank  600.00 EUR
  Income:Sales
2026-03-01 * "Bread"
  Assets:Bank  700.00 EUR
  Income:Sales
"""


def read(text: str) -> tuple[Bylaws, tuple[Directive, ...]]:
    entries, _, options = loader.load_string(OPTIONS + text)
    rows = all_directives(_by_class(entries), options, Places("").files, LATER)
    return Bylaws(facts_of(entries, options, padded=True)), rows


def seal_of(text: str, year: str) -> NewSeal | None:
    rules, rows = read(text)
    return new_seal(rules, rules.calendar.named(year), rows)


def sealed(text: str, *years: str) -> str:
    """The text with the seals of these years behind it."""
    for year in years:
        found = seal_of(text, year)
        assert found is not None
        text = f"{text}\n{seal_text(found)}"
    return text


def differences(text: str) -> Compared:
    (found,) = compared(read(text)[0])
    return found


def findings(text: str) -> list[Finding]:
    return seal_findings(read(text)[0])


def events(days: Iterable[object]) -> str:
    return "".join(f'{day} event "weather" "{number}"\n' for number, day in enumerate(days))


def notes(count: int, text: str = "x") -> str:
    return "".join(f'2024-05-{number + 1:02} note Assets:Bank "{text}"\n' for number in range(count))


# -- the chain -------------------------------------------------------------------------------------------------------


def test_each_seal_follows_the_one_of_the_year_before() -> None:
    text = sealed(BOOK, "2024", "2025", "2026")
    rules, _ = read(text)
    first, second, third = seals_of(rules)
    assert (first.previous, first.starts, first.until) == (None, None, date(2024, 12, 31))
    assert (second.previous, second.starts, second.until) == (first.sha256, date(2025, 1, 1), date(2025, 12, 31))
    assert (third.previous, third.starts, third.until) == (second.sha256, date(2026, 1, 1), date(2026, 12, 31))
    assert [row.holds for row in compared(rules)] == [True, True, True]
    # In the order of their years, wherever they stand.
    seals = re.split(r"\n(?=\d{4}-12-31 custom)", text)
    assert findings("\n".join([seals[3], *seals[:3][::-1]])) == []


def test_seals_are_in_the_order_of_their_years_whatever_their_own_days() -> None:
    """A seal is dated like the youngest contribution to its year, which may come after the next year was sealed."""
    late = '2026-02-01 custom "coop" "contribution" "m01"\n  period: "2024"\n  of: "training"\n  value: 1\n'
    rules, _ = read(sealed(BOOK + late, "2024", "2025"))
    assert [(seal.id, seal.date) for seal in seals_of(rules)] == [
        ("2024", date(2026, 2, 1)),
        ("2025", date(2025, 12, 31)),
    ]
    assert [row.holds for row in compared(rules)] == [True, True]


def test_a_year_that_is_sealed_or_lies_before_a_seal_gets_none() -> None:
    text = sealed(BOOK, "2025")
    assert seal_of(text, "2024") is None
    assert seal_of(text, "2025") is None
    assert seal_of(text, "2026") is not None


def test_the_first_day_of_a_year_is_in_its_own_seal() -> None:
    first = '2025-01-01 event "weather" "rain"\n'
    changed = sealed(BOOK + first, "2024", "2025").replace('"rain"', '"sun"')
    assert [row.holds for row in compared(read(changed)[0])] == [True, False]


def test_a_seal_that_was_written_over_does_not_hold_though_the_books_do() -> None:
    found = differences(sealed(BOOK, "2024").replace("directives: 3", "directives: 4"))
    assert (found.moved, len(found.faults), found.holds) == (False, 1, False)


def test_a_seal_whose_neighbour_was_exchanged_says_which_one_stands_there() -> None:
    text = sealed(BOOK, "2024", "2025")
    other = sealed(BOOK.replace("500.00", "501.00"), "2024")
    first, second = (seals_of(read(each)[0])[0].sha256[:8] for each in (text, other))
    exchanged = BOOK.replace("500.00", "501.00") + other[len(BOOK) :] + text[text.index("2025-12-31 custom") :]
    (fault,) = findings(exchanged)
    assert f"this seal of 2025 follows a seal {first}…, but the one in the books is the seal of 2024, {second}…: " in (
        fault.message
    )


def test_a_seal_that_leaves_days_out_follows_none() -> None:
    """From 1 January to 1 February: a seal by hand could be silent about a month."""
    text = sealed(BOOK, "2024", "2025").replace("starts: 2025-01-01", "starts: 2025-02-01")
    said = [fault.message.partition(":")[0] for fault in findings(text)]
    assert said[0].startswith("this seal of 2025 is not as it was given")
    assert said[1].startswith("this seal of 2025 follows a seal ")
    assert len(said) == 2
    added = findings(text + '2025-01-15 note Assets:Bank "x"\n')
    assert [fault.message for fault in added] == [fault.message for fault in findings(text)]


def test_no_seal_yet() -> None:
    with pytest.raises(UnknownName, match='no seal of "2024": the sealed years are none yet; `coopbooks close` gives'):
        seal_named(read(BOOK + '2024-01-01 custom "coop" "bylaw" "surplus"\n')[0], "2024")


@pytest.mark.parametrize("name", ["2024-03", "2024-Q1", "1066"])
def test_what_is_no_fiscal_year_is_sealed_by_nobody(name: str) -> None:
    text = sealed(BOOK, "2024").replace('"seal" "2024"', f'"seal" "{name}"')
    (fault,) = findings(text)
    assert fault.message.startswith(f'"{name}" is no fiscal year: take this record out')


# -- what became of a year -------------------------------------------------------------------------------------------


def test_of_two_that_say_the_same_the_later_is_the_one_that_was_added() -> None:
    twin = '2024-05-02 event "weather" "rain"\n'
    text = sealed(BOOK + twin, "2024")
    doubled = text + "\n" + twin
    (row,) = differences(doubled).added
    assert row.line == (OPTIONS + doubled)[: (OPTIONS + doubled).rindex(twin)].count("\n") + 1


def test_what_is_told_is_of_its_own_day_and_sort() -> None:
    text = sealed(BOOK + events(["2024-05-01", "2024-05-02"]), "2024")
    changed = differences(text.replace('2024-05-01 event "weather" "0"', '2024-05-01 event "weather" "1"'))
    ((before, now),) = changed.changed
    assert (before.date, before.kind, now.date, now.kind) == (date(2024, 5, 1), "event", date(2024, 5, 1), "event")
    assert (changed.added, changed.removed) == ((), ())
    moved = differences(text.replace("2024-05-01 event", "2024-05-03 event"))
    assert [each.date for each in moved.added] == [date(2024, 5, 3)]
    assert [each.date for each in moved.removed] == [date(2024, 5, 1)]
    other = differences(text.replace('2024-05-01 event "weather" "0"', '2024-05-01 note Assets:Bank "0"'))
    assert ([each.kind for each in other.added], [each.kind for each in other.removed]) == (["note"], ["event"])
    assert other.changed == ()


def test_changes_of_one_day_and_sort_are_told_in_the_order_of_the_list() -> None:
    """Which became which nobody can know; each is named once, and every load says the same."""
    four = events(["2024-05-01"] * 4)
    found = differences(sealed(BOOK + four, "2024").replace(four, four.replace('"weather"', '"wind"'))).changed
    assert [before.digest for before, _ in found] == sorted(before.digest for before, _ in found)
    assert [now.digest for _, now in found] == sorted(now.digest for _, now in found)
    assert len({*found}) == 4


def test_a_change_and_an_addition_of_one_day_are_told_apart() -> None:
    text = sealed(BOOK + '2024-05-01 event "weather" "rain"\n', "2024")
    more = text.replace('"rain"', '"sun"') + '\n2024-05-01 event "weather" "hail"\n'
    found = differences(more)
    assert [len(found.added), len(found.changed), len(found.removed)] == [1, 1, 0]
    assert found.holds is False


def test_what_is_gone_is_named_in_the_order_of_its_days() -> None:
    days = ["2024-09-01", "2024-02-01", "2024-05-01"]
    text = sealed(BOOK + notes(1) + events(days), "2024")
    without = "".join(line for line in text.splitlines(keepends=True) if "weather" not in line)
    gone = differences(without).removed
    assert [each.date for each in gone] == [date(2024, 2, 1), date(2024, 5, 1), date(2024, 9, 1)]
    assert all(re.fullmatch(r"event of 2024-0[259]-01 \([0-9a-f]{8}\)", str(each)) for each in gone)


@pytest.mark.parametrize(("count", "more"), [(5, ""), (6, " and 1 more"), (8, " and 3 more")])
def test_five_of_what_is_gone_are_named(count: int, more: str) -> None:
    text = sealed(BOOK + notes(count), "2024")
    (fault,) = findings(text.replace(notes(count), ""))
    assert f": 0 added, 0 changed, {count} removed (note of 2024-05-01 (" in fault.message
    assert f"){more}): bring back" in fault.message
    assert fault.message.count("note of 2024-05-") == min(count, 5)


def test_twenty_of_a_sort_are_told_each_at_its_line() -> None:
    text = sealed(BOOK + notes(25), "2024")
    said = [fault.message for fault in findings(text.replace(notes(25), notes(25, "y")) + events(["2024-08-01"] * 25))]
    assert ": 25 added, 25 changed, 0 removed: bring back" in said[0]
    assert sum("this event of 2024-08-01 was added" in each for each in said) == 20
    assert sum("this note is not the note of 2024-05-" in each for each in said) == 20
    assert len(said) == 41


def test_entries_that_nobody_can_read_tell_of_no_other_day() -> None:
    """Words before any day, behind a day that is none, or of a sort that nobody knows: the seal is wrong, and says so."""
    text = sealed(BOOK + '2024-05-01 event "weather" "rain"\n', "2024").replace('"rain"', '"sun"')
    entries = re.search(r'entries: "([^"]*)"', text)
    assert entries is not None
    days = entries[1].split()
    of_may = days[days.index("2024-05-01") + 1]
    words = f"tffffffff {entries[1]} 2024-13-01 teeeeeeee 2024-05-01 yaaaaaaaa"
    found = differences(text.replace(entries[0], f'entries: "{words}"'))
    assert found.faults[0].startswith("this seal of 2024 is not as it was given")
    assert [str(each) for each in found.removed] == ["directive of 2024-05-01 (aaaaaaaa)"]
    ((before, now),) = found.changed
    assert (before.digest, now.kind, found.added) == (of_may[1:], "event", ())


def test_a_directive_of_a_sort_that_nobody_knows_is_sealed_too() -> None:
    rules, rows = read(BOOK)
    new = Directive(date(2024, 5, 1), "budget", "ab" * 32, None, "", 1)
    found = new_seal(rules, rules.calendar.named("2024"), [*rows, new])
    assert found is not None
    assert found.entries[-2:] == ("2024-05-01", "zabababab")
    forged = Directive(date.min, FORGED, "", None, "", 1)
    assert new_seal(rules, rules.calendar.named("2024"), [new, forged, *rows]) == found


def test_all_that_is_wrong_with_the_seals_is_told_at_once(ledger: Ledger) -> None:
    text = sealed(BOOK, "2024")
    again = text[len(BOOK) :].replace("2024-12-31 custom", "2025-01-02 custom")
    hidden = '2025-05-01 event "a" "b"\n  filename: "<x>"\n'
    told = load(ledger(OPTIONS + text + again + hidden)).check().errors
    said = sorted(fault.message.partition(":")[0] for fault in told if fault.rule == "seal")
    assert [each[:30] for each in said] == ["2024 is sealed at main.beancou", "no seal can be trusted while m"]


# -- the line number that a person writes ----------------------------------------------------------------------------


def test_a_line_number_that_a_person_writes_is_sealed() -> None:
    """Beancount notes where a directive stands under the same name; what a person writes there is a field like others."""
    own = '2024-05-01 event "weather" "rain"\n  lineno: 7\n'
    text = sealed(BOOK + own, "2024")
    assert findings(text) == []
    assert findings("\n\n" + text) == []
    for other in (own.replace("7", "8"), own.replace("  lineno: 7\n", "")):
        assert findings(text.replace(own, other)), other
    plain = own.replace("  lineno: 7\n", "")
    assert findings(sealed(BOOK + plain, "2024").replace(plain, own))


# -- what a new seal is over -----------------------------------------------------------------------------------------


def test_what_is_appended_is_sealed_as_it_will_be_read(ledger: Ledger) -> None:
    """Under the names of its accounts, and with no word of its options: a title may hold what looks like a directive."""
    names = {"assets": "Actifs", "liabilities": "Passifs", "equity": "Capitaux", "income": "Produits"} | {
        "expenses": "Charges"
    }
    options = "".join(f'option "name_{root}" "{name}"\n' for root, name in names.items())
    title = 'option "title" "Our books\\"\n2024-02-02 event \\"weather\\" \\"rain"\n'
    book = options + title + '2024-01-01 open Actifs:Bank\n2024-02-01 note Actifs:Bank "x"\n'
    more = "\n" + "".join(f"2024-12-31 open {name}:Other\n" for name in names.values())
    rows = directives_with(ledger(book), more)
    assert sorted(row.kind for row in rows) == ["note"] + ["open"] * 6
    after = directives_with(ledger(book + more), "")
    assert sorted(row.digest for row in rows) == sorted(row.digest for row in after)


def test_a_year_of_books_with_other_roots_is_sealed_as_it_is_written(ledger: Ledger) -> None:
    text = OPTIONS + 'option "name_equity" "Capitaux"\noption "name_income" "Produits"\n' + BOOK
    text += '2024-01-01 custom "coop" "allocation" "reserve"\n  step: 1\n  to: Capitaux:Reserve\n  rest: TRUE\n'
    path = ledger(text.replace("Income:", "Produits:"))
    found = load(path).close("2024", as_of=LATER)
    assert "Capitaux:Surplus" in str(found.transaction)
    path.write_text(path.read_text() + "\n" + found.text)
    assert [row.ok for row in load(path).seals().rows] == [True]
    assert load(path).check().errors == ()


# -- what may not be written into a sealed year ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "more"), [(1, " lies"), (5, " lie"), (6, " and 1 more day"), (7, " and 2 more days")]
)
def test_five_days_that_lie_in_a_sealed_year_are_named(count: int, more: str) -> None:
    rules, _ = read(sealed(BOOK, "2024"))
    days = [f"2024-05-{number + 1:02}" for number in range(count)]
    fault = str(sealed_fault(rules, events(days[::-1])))
    assert fault.startswith(f"the event{'s' if count > 1 else ''} of {', '.join(days[:5])}{more}")
    assert "in a sealed year (seal of 2024 at <string>:" in fault
    assert "until 2024-12-31): a correction goes into the open period, dated from 2025-01-01 on, with" in fault


def test_the_seal_that_covers_it_is_named_and_the_first_day_behind_the_last_seal() -> None:
    rules, _ = read(sealed(BOOK, "2024", "2025"))
    fault = str(sealed_fault(rules, "2025-04-01 price USD 0.90 EUR\n2025-04-01 price SEK 0.09 EUR\n"))
    assert fault.startswith("the prices of 2025-04-01 lie in a sealed year (seal of 2025 at ")
    assert 'dated from 2026-01-01 on, with `of-period: "2025"`' in fault
    assert sealed_fault(rules, "2026-01-01 price USD 0.90 EUR\n") is None


def test_a_close_of_a_sealed_year_must_be_younger_than_its_seal() -> None:
    close = '2025-{} * "x" #coop-close\n  period: "2024"\n  Assets:Bank  1.00 EUR\n  Income:Sales  -1.00 EUR\n'
    rules, _ = read(sealed(BOOK + close.format("03-15"), "2024"))
    fault = str(sealed_fault(rules, close.format("03-10")))
    assert fault.startswith("the transaction of 2025-03-10 lies in a sealed year (seal of 2024 at ")
    assert "dated from 2025-03-16 on" in fault
    assert sealed_fault(rules, close.format("03-16")) is None
    of_the_year = str(sealed_fault(rules, '2024-12-31 note Assets:Bank "x"\n'))
    assert "dated from 2025-01-01 on" in of_the_year, "what names no year is free behind the last day"
