"""Import of payroll and hours: worked examples, the same file twice, corrected files, and each way to be refused."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import beangulp
import pytest
from beancount import loader
from beancount.core.data import Custom, Transaction
from beancount.parser import parser
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

import coopbooks.ledgers
from coopbooks import load
from coopbooks.books.loading import load_books
from coopbooks.cli import main
from coopbooks.errors import ImportRefused, Place
from coopbooks.importers import Plan, plan, planning, read_mapping, table
from coopbooks.importers.drafts import Draft, Line, entries_of, identified, tidy
from coopbooks.importers.figures import hours_text, read_day, read_hours, read_month, read_number
from coopbooks.importers.ingest import CsvImporter
from coopbooks.importers.mapping import HoursMapping, PayrollMapping
from coopbooks.records.bylaws import PAY_KINDS

EXAMPLES = Path(coopbooks.ledgers.__file__).resolve().parent / "import"

BOOKS = """
option "title" "Loom"
option "operating_currency" "EUR"
2025-01-01 open Assets:Bank
2025-01-01 open Liabilities:Tax
2025-01-01 open Liabilities:Owed
2025-01-01 open Expenses:Wages
2025-01-01 open Expenses:Wages:Jo
2025-01-01 open Expenses:Travel
2025-01-01 open Expenses:Social
2025-01-01 open Equity:Surplus
2025-01-01 custom "coop" "member" "ana"
  name: "Ana Brandt"
  wages: Expenses:Wages
  capital: Equity:Members:Ana
2025-01-01 custom "coop" "worker" "jo"
  wages: Expenses:Wages
2025-06-30 custom "coop" "exit" "jo"
include "pay.beancount"
"""
PAYROLL = """kind = "payroll"
source = "payroll"
narration = "Pay {memo}"

[file]
total-rows = ["Total"]

[columns]
person = "Name"
date = "Paid"
memo = "Memo"

[people]
"Ana" = "ana"
"Jo" = "jo"

[[pay]]
column = "Gross"
account = "Expenses:Wages"
hours = "Hours"

[[withheld]]
column = "Tax"
account = "Liabilities:Tax"

[net]
column = "Net"
account = "Assets:Bank"
"""
PAY = """Name,Paid,Hours,Gross,Tax,Net,Memo
Ana,2025-03-31,100,2000.00,400.00,1600.00,March
Jo,2025-03-31,80,1200.00,200.00,1000.00,March
"""
HOURS = """kind = "hours"
source = "sheet"

[columns]
person = "Who"
date = "Day"

[people]
"Ana" = "ana"
"Jo" = "jo"

[[hours]]
column = "Hours"
pay = "unpaid"
account = "Expenses:Wages"
"""
SHEET = "Who,Day,Hours\nAna,2025-03-03,1:30\n"


class Desk:
    """A folder with books, a mapping and a file, and the import of the one by the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.books, self.mapping, self.file = folder / "main.beancount", folder / "map.toml", folder / "file.csv"
        self.into = folder / "pay.beancount"
        self.books.write_text(BOOKS, encoding="utf-8")
        self.mapping.write_text(PAYROLL, encoding="utf-8")
        self.file.write_text(PAY, encoding="utf-8")
        self.into.write_text("", encoding="utf-8")

    def plan(self, file: str | bytes | None = None, mapping: str | None = None, books: str | None = None) -> Plan:
        """What the file would add; each text that is given is written first."""
        if file is not None:
            self.file.write_bytes(file if isinstance(file, bytes) else file.encode("utf-8"))
        if mapping is not None:
            self.mapping.write_text(mapping, encoding="utf-8")
        if books is not None:
            self.books.write_text(books, encoding="utf-8")
        return plan(load_books(self.books), self.file, self.mapping, self.into)

    def refused(self, *args: Any, **more: Any) -> str:
        """The one sentence with which an import is refused, without the folder's name."""
        with pytest.raises(ImportRefused) as caught:
            self.plan(*args, **more)
        return str(caught.value).replace(f"{self.folder}/", "")

    def run(self, *more: str) -> Result:
        """The command."""
        args = ["import", str(self.books), str(self.file), "--mapping", str(self.mapping), *more]
        return CliRunner().invoke(main, args)

    def written(self) -> Result:
        """The command, appending."""
        return self.run("--into", str(self.into))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def postings(found: Plan) -> list[list[str]]:
    """The postings of each transaction as texts, with their fields."""
    return [
        [
            f"{each.account} {each.units} "
            + " ".join(
                f"{key}={value}" for key, value in (each.meta or {}).items() if key not in ("filename", "lineno")
            )
            for each in entry.postings
        ]
        for entry in found.entries
        if isinstance(entry, Transaction)
    ]


# -- worked examples -------------------------------------------------------------------------------------


def without_ids(text: str) -> list[str]:
    """The lines but for ids and comments, which nobody works out by hand."""
    lines = [re.sub(r"(?<=\S) +", " ", line.split("  ;")[0].rstrip()) for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith(";") and "import-id" not in line]


@pytest.mark.parametrize("name", ["payroll", "hours"])
def test_an_example_gives_what_was_worked_out_by_hand(name: str) -> None:
    books = load_books(EXAMPLES / "books.beancount")
    found = plan(books, EXAMPLES / f"{name}.csv", EXAMPLES / f"{name}.toml")
    golden = (EXAMPLES / "golden" / f"{name}.beancount").read_text(encoding="utf-8")
    assert without_ids(found.text) == without_ids(golden)
    assert (found.already, found.notes) == (0, ())


def test_the_books_keep_every_rule_after_both_examples_and_show_the_people(tmp_path: Path) -> None:
    """Ana 3,467.75 for 156.5 hours is 22.158, José 2,400 for 120 is 20, Cy 1,297.50 for 86.5 is 15: a ratio of 1.48."""
    folder = shutil.copytree(EXAMPLES, tmp_path / "books")
    books = folder / "books.beancount"
    books.write_text(books.read_text(encoding="utf-8") + '\ninclude "2025.beancount"\n', encoding="utf-8")
    (folder / "2025.beancount").touch()
    for name in ("payroll", "hours"):
        args = [str(books), str(folder / f"{name}.csv"), "--mapping", str(folder / f"{name}.toml")]
        result = CliRunner().invoke(main, ["import", *args, "--into", str(folder / "2025.beancount")])
        assert (result.exit_code, result.stderr) == (0, "")
    assert CliRunner().invoke(main, ["check", str(books)]).exit_code == 0
    coop = load(books)
    (march,) = coop.wages().rows
    assert (march.period, march.ratio, march.people) == ("2025-03", "1.48", 3)
    assert [(row.person, row.pay, row.hours) for row in coop.pay("2025-03").rows] == [
        ("ana", "3467.75", "156.50"),
        ("cy", "1297.50", "86.50"),
        ("jose", "2400.00", "120.00"),
    ]
    # Paid and unpaid hours together: 156.5 + 7 5/6 and 120 + 1.5 + 1.25, nine tenths of the shares by them.
    ana, jose = Fraction("164.333333"), Fraction("122.75")
    share = Fraction(9, 10) * ana / (ana + jose)
    assert [(each.member, each.share) for each in coop.surplus("2025").members] == [
        ("ana", f"{float(share):.6f}"),
        ("jose", f"{float(1 - share):.6f}"),
    ]


def test_pay_and_hours_of_two_files_meet_in_the_books(desk: Desk) -> None:
    """A payroll without hours, and a sheet that has them: 2,000 for 100 hours is 20, 1,200 for 80 is 15."""
    desk.plan(mapping=PAYROLL.replace('hours = "Hours"\n', ""))
    assert desk.written().exit_code == 0
    hours = "Who,Day,Hours\nAna,2025-03-03,60\nAna,2025-03-20,40\nJo,2025-03-31,80\n"
    desk.plan(hours, HOURS.replace('"unpaid"', '"base"'))
    assert desk.written().exit_code == 0
    assert [(row.person, row.rate) for row in load(desk.books).pay("2025-03").rows] == [
        ("ana", "20.00"),
        ("jo", "15.00"),
    ]


# -- payroll ---------------------------------------------------------------------------------------------


def test_a_row_is_a_transaction_that_balances(desk: Desk) -> None:
    found = desk.plan()
    assert postings(found) == [
        ["Expenses:Wages 2000.00 EUR hours=100", "Liabilities:Tax -400.00 EUR ", "Assets:Bank -1600.00 EUR "],
        ["Expenses:Wages 1200.00 EUR hours=80", "Liabilities:Tax -200.00 EUR ", "Assets:Bank -1000.00 EUR "],
    ]
    assert [(entry.date, entry.narration, entry.meta["worker"]) for entry in found.entries] == [
        (date(2025, 3, 31), "Pay March", "ana"),
        (date(2025, 3, 31), "Pay March", "jo"),
    ]


def test_what_a_file_writes_as_negative_and_accounts_by_person(desk: Desk) -> None:
    mapping = PAYROLL.replace('"Liabilities:Tax"', '"Liabilities:Tax"\nnegative = true').replace(
        'account = "Expenses:Wages"', 'account = "Expenses:Wages:{Person}"'
    )
    found = desk.plan("Name,Paid,Hours,Gross,Tax,Net,Memo\nJo,2025-03-31,80,1200.00,-200.00,1000.00,\n", mapping)
    assert postings(found)[0][:2] == ["Expenses:Wages:Jo 1200.00 EUR hours=80", "Liabilities:Tax -200.00 EUR "]


def test_a_correction_has_a_minus_and_a_refund_is_no_pay(desk: Desk) -> None:
    mapping = PAYROLL + '[[pay]]\ncolumn = "Fare"\naccount = "Expenses:Travel"\npay = "none"\n'
    file = "Name,Paid,Hours,Gross,Tax,Net,Memo,Fare\nAna,2025-04-30,-8,-160.00,-32.00,-108.00,,20.00\n"
    assert postings(desk.plan(file, mapping)) == [
        [
            "Expenses:Wages -160.00 EUR hours=-8",
            "Expenses:Travel 20.00 EUR pay=none",
            "Liabilities:Tax 32.00 EUR ",
            "Assets:Bank 108.00 EUR ",
        ]
    ]


def test_net_is_computed_where_the_file_has_none(desk: Desk) -> None:
    found = desk.plan(
        "Name,Paid,Hours,Gross,Tax,Memo\nAna,2025-03-31,1,10.00,4.00,\n", PAYROLL.replace('column = "Net"\n', "")
    )
    assert postings(found)[0][-1] == "Assets:Bank -6.00 EUR "


@pytest.mark.parametrize(
    ("columns", "head", "cells", "day", "period"),
    [
        ('period = "Month"', "Month", "2025-02", date(2025, 2, 28), "2025-02"),
        ('period-starts = "From"\nperiod-ends = "To"', "From,To", "2025-02-01,2025-02-28", date(2025, 2, 28), "2025-02"),
        (
            'period-starts = "From"\nperiod-ends = "To"', "From,To", "2025-01-06,2025-01-19",
            date(2025, 1, 19), "2025-01-06/2025-01-19",
        ),
        ('period = "Month"\ndate = "On"', "Month,On", "2025-02,2025-03-05", date(2025, 3, 5), "2025-02"),
    ],
)  # fmt: skip
def test_a_pay_period_dates_the_entry_where_no_day_of_payment_does(
    desk: Desk, columns: str, head: str, cells: str, day: date, period: str
) -> None:
    mapping = PAYROLL.replace('date = "Paid"', columns)
    (entry,) = desk.plan(f"Name,{head},Hours,Gross,Tax,Net,Memo\nAna,{cells},1,10.00,4.00,6.00,\n", mapping).entries
    assert (entry.date, entry.meta["pay-period"]) == (day, period)


def test_a_row_without_figures_is_left_out_and_said(desk: Desk) -> None:
    found = desk.plan(PAY + "Ana,2025-04-30,,0.00,,,\n")
    assert found.added == 2
    assert found.notes == (f"{desk.file}:4: ana has neither pay nor hours here, so the row was left out",)


def test_hours_without_pay_are_a_written_zero(desk: Desk) -> None:
    found = desk.plan("Name,Paid,Hours,Gross,Tax,Net,Memo\nAna,2025-03-31,5,,,,\n")
    assert postings(found) == [["Expenses:Wages 0.00 EUR hours=5"]]


def test_pay_after_an_exit_and_before_a_first_record_is_said(desk: Desk) -> None:
    found = desk.plan(
        "Name,Paid,Hours,Gross,Tax,Net,Memo\nJo,2025-07-31,1,10.00,4.00,6.00,\nAna,2025-03-31,1,10.00,4.00,6.00,\n",
        books=BOOKS.replace('2025-01-01 custom "coop" "member" "ana"', '2025-04-01 custom "coop" "member" "ana"'),
    )
    assert [note.rpartition("file.csv:")[2] for note in found.notes] == [
        "2: the pay of jo for 2025-07-31 is dated 2025-07-31, after the exit of jo on 2025-06-30",
        "3: the pay of ana for 2025-03-31 is dated 2025-03-31, before the first record of ana",
    ]


def test_every_kind_of_pay_can_be_mapped(desk: Desk) -> None:
    for kind in PAY_KINDS.split():
        mapping = PAYROLL.replace('hours = "Hours"', f'hours = "Hours"\npay = "{kind}"')
        assert desk.plan(mapping=mapping).entries[0].postings[0].meta.get("pay", "base") == kind


# -- hours -----------------------------------------------------------------------------------------------


def test_hours_are_summed_by_person_and_month(desk: Desk) -> None:
    sheet = "Who,Day,Hours\nAna,2025-03-03,0:20\nAna,2025-03-04,0:20\nJo,2025-03-04,2\nAna,2025-03-02,0:20\nAna,2025-04-01,3.25\n"
    found = desk.plan(sheet, HOURS)
    assert [(str(entry.date), entry.meta["worker"]) for entry in found.entries] == [
        ("2025-03-04", "ana"),
        ("2025-03-04", "jo"),
        ("2025-04-01", "ana"),
    ]
    assert [entry.postings[0].meta["hours"] for entry in found.entries] == [1, 2, Decimal("3.25")]


def test_hours_by_row(desk: Desk) -> None:
    found = desk.plan(SHEET * 1 + "Ana,2025-03-03,1:30\n", 'by = "row"\n' + HOURS)
    assert [entry.postings[0].meta["hours"] for entry in found.entries] == [Decimal("1.5")] * 2
    assert len({entry.meta["import-id"] for entry in found.entries}) == 2


def test_hours_at_a_rate_are_pay_to_the_nearest_cent(desk: Desk) -> None:
    """0:20 and 0:20 at 10.01 are 6.6733… of pay, rounded once: 6.67."""
    mapping = HOURS.replace('pay = "unpaid"', 'pay = "base"\nrate = "Rate"\nowed = "Liabilities:Owed"')
    found = desk.plan("Who,Day,Hours,Rate\nAna,2025-03-03,0:20,10.01\nAna,2025-03-04,0:20,10.01\n", mapping)
    assert postings(found) == [["Expenses:Wages 6.67 EUR hours=0.666667", "Liabilities:Owed -6.67 EUR "]]


def test_what_was_worked_before_a_promotion_is_not_dated_after_it(desk: Desk) -> None:
    promoted = BOOKS + '2025-03-15 custom "coop" "member" "jo"\n  wages: Expenses:Wages\n'
    sheet = "Who,Day,Hours\nJo,2025-03-14,3\nJo,2025-03-15,4\nJo,2025-03-31,5\n"
    found = desk.plan(sheet, HOURS, promoted)
    assert [(str(entry.date), entry.postings[0].meta["hours"]) for entry in found.entries] == [
        ("2025-03-14", 3),
        ("2025-03-31", 9),
    ]


def test_a_contribution_counts_in_the_fiscal_year_of_its_day(desk: Desk) -> None:
    year = BOOKS + (
        '2025-01-01 custom "coop" "bylaw" "fiscal-year"\n  ends: "03-15"\n'
        '2025-01-01 custom "coop" "bylaw" "surplus"\n  patronage: "weighted"\n  weights: "hours:0.9 care:0.1"\n'
    )
    mapping = HOURS.replace('"unpaid"', '"contribution:care"').replace('account = "Expenses:Wages"\n', "")
    found = desk.plan("Who,Day,Hours\nAna,2025-03-15,1\nAna,2025-03-16,2\n", mapping, year)
    assert [(entry.meta["period"], entry.meta["of"], entry.meta["value"]) for entry in found.entries] == [
        ("2025", "care", 1),
        ("2026", "care", 2),
    ]
    assert all(isinstance(entry, Custom) and entry.values[1].value == "ana" for entry in found.entries)
    assert desk.written().exit_code == 0
    assert desk.plan().already == 2
    assert load(desk.books).check().errors == ()


def test_a_row_may_say_its_own_kind(desk: Desk) -> None:
    mapping = HOURS.replace('date = "Day"', 'date = "Day"\nkind = "What"') + '[kinds]\n"Extra" = "overtime"\n'
    found = desk.plan("Who,Day,What,Hours\nAna,2025-03-03,extra,1\nAna,2025-03-04,,2\n", mapping)
    assert postings(found) == [
        ["Expenses:Wages 0.00 EUR hours=1 pay=overtime", "Expenses:Wages 0.00 EUR hours=2 pay=unpaid"]
    ]
    assert desk.refused("Who,Day,What,Hours\nAna,2025-03-03,Exta,1\n") == (
        'file.csv:2: What: "Exta" is not in [kinds]: did you mean "Extra"?'
    )


def test_a_row_without_hours_is_left_out_and_said(desk: Desk) -> None:
    found = desk.plan(SHEET + "Ana,2025-03-04,\n", HOURS)
    assert found.notes == (f"{desk.file}:3: there are no hours in this row, so it was left out",)


# -- twice, and corrected --------------------------------------------------------------------------------


def test_the_same_file_twice_adds_nothing(desk: Desk) -> None:
    assert desk.written().stdout == f"{desk.into}: 2 entries appended from {desk.file}.\n"
    before = desk.into.read_bytes()
    again = desk.written()
    assert (again.exit_code, again.stderr) == (0, "")
    assert again.stdout == f"{desk.into}: nothing was changed, since the books have all of {desk.file} already.\n"
    assert desk.into.read_bytes() == before
    assert desk.run().stdout == ""
    assert "nothing is left to import (0 entries, and 2 that the books have already)" in desk.run().stderr


def test_two_rows_that_are_alike_are_two_payments(desk: Desk) -> None:
    twice = PAY + PAY.splitlines()[1] + "\n"
    assert desk.plan(twice).added == 3
    assert desk.written().exit_code == 0
    assert (desk.plan().added, desk.plan().already) == (0, 3)
    assert len(set(re.findall(r'import-id: "(.*)"', desk.into.read_text()))) == 3


def test_a_file_that_has_grown_adds_what_is_new(desk: Desk) -> None:
    desk.written()
    found = desk.plan(PAY + "Ana,2025-04-30,90,1800.00,300.00,1500.00,April\n" + PAY.splitlines()[2] + "\n")
    assert (found.added, found.already) == (2, 2)


def test_the_form_the_order_and_the_memo_of_a_file_do_not_make_it_another(desk: Desk) -> None:
    desk.written()
    mapping = PAYROLL.replace(
        "[columns]", '[numbers]\ndecimal = ","\nthousands = "."\n[dates]\ndate = "D.M.YY"\n[columns]'
    )
    moved = (
        "Memo;Name;Gross;Paid;Net;Tax;Hours\n"
        "other;jo;1.200;31.3.25;1.000,00;200,0;80:00\n"
        "words; ANA;2.000,00 EUR;31.3.25;1.600,00;400,00;100,0\n"
    )
    assert (desk.plan(moved, mapping).added, desk.plan().already) == (0, 2)


def test_tables_may_change_places_in_the_mapping(desk: Desk) -> None:
    first, second = (f'[[pay]]\ncolumn = "{name}"\naccount = "Expenses:Wages"\n\n' for name in ("Extra", "Gross"))
    head, _, rest = PAYROLL.replace('column = "Net"\n', "").partition("[[pay]]")
    rest = "[[withheld]]" + rest.partition("[[withheld]]")[2]
    file = "Name,Paid,Gross,Extra,Tax,Net,Memo\nAna,2025-03-31,10.00,2.00,4.00,8.00,\n"
    desk.plan(file, head + first + second + rest)
    assert desk.written().exit_code == 0
    assert desk.plan(mapping=head + second + first + rest.replace("[net]", '[net]\ncolumn = "Net"')).already == 1


def test_an_entry_that_beancount_could_not_take_is_mended_first(desk: Desk) -> None:
    """Its id is not in the books, and the row would come in a second time."""
    desk.written()
    desk.into.write_text(desk.into.read_text().replace("2000.00 EUR", "2000.00 0 EUR"))
    assert re.match(
        r"pay\.beancount:\d+: Beancount could not take this entry \(.*\), and it may have been", desk.refused()
    )


def test_accounts_may_change_in_the_mapping_without_a_second_payment(desk: Desk) -> None:
    desk.written()
    assert desk.plan(mapping=PAYROLL.replace("Liabilities:Tax", "Liabilities:Owed")).added == 0


def test_a_corrected_row_is_named_and_nothing_is_written(desk: Desk) -> None:
    desk.written()
    before = desk.into.read_bytes()
    corrected = PAY.replace("1200.00,200.00,1000.00", "1300.00,200.00,1100.00") + "Ana,2025-04-30,1,2.00,1.00,1.00,\n"
    said = desk.refused(corrected)
    assert re.fullmatch(
        r"file\.csv:3: the file says something else than was imported: the pay of jo for 2025-03-31 "
        r'\(line 3; pay\.beancount:9; now "payroll-[0-9a-f]{12}-[0-9a-f]{12}"\): take those entries out of the books, '
        r"or correct them and give them the new import-id; a further payment needs a mapping with a source of its own",
        said,
    )
    assert desk.written().exit_code == 2
    assert desk.into.read_bytes() == before


def test_both_cures_of_a_corrected_row_are_cures(desk: Desk) -> None:
    desk.written()
    corrected = PAY.replace("1200.00,200.00,1000.00", "1300.00,200.00,1100.00")
    number = re.findall(r'now "(.*?)"', desk.refused(corrected))[0]
    text = desk.into.read_text()
    old = re.findall(r'import-id: "(.*)"', text)[1]
    desk.into.write_text(text.replace(old, number))
    assert (desk.plan().added, desk.plan().already) == (0, 2)
    desk.into.write_text(text[: text.index('2025-03-31 * "Pay March"\n', 5)])
    assert (desk.plan().added, desk.plan().already) == (1, 1)


def test_a_further_payment_comes_in_under_a_source_of_its_own(desk: Desk) -> None:
    desk.written()
    bonus = "Name,Paid,Hours,Gross,Tax,Net,Memo\nAna,2025-03-31,,50.00,,50.00,bonus\n"
    assert "a mapping with a source of its own" in desk.refused(bonus)
    assert desk.plan(mapping=PAYROLL.replace('source = "payroll"', 'source = "bonus"')).added == 1


def test_rows_with_numbers_of_their_own_are_known_by_them(desk: Desk) -> None:
    mapping = PAYROLL.replace('memo = "Memo"', 'memo = "Memo"\nid = "Slip"')
    slips = "Name,Paid,Hours,Gross,Tax,Net,Memo,Slip\nAna,2025-03-31,1,10.00,,10.00,,{}\n"
    desk.plan(slips.format("A7"), mapping)
    desk.written()
    assert desk.plan(slips.format("A8")).added == 1
    assert "something else than was imported" in desk.refused(slips.format("A7").replace("10.00", "11.00"))
    assert desk.refused(slips.format("")) == "file.csv:2: Slip: the row has no number of its own: write it"


def test_more_hours_of_a_month_that_was_imported_are_named(desk: Desk) -> None:
    desk.plan(SHEET, HOURS)
    desk.written()
    assert "the hours of ana for 2025-03 (line 2; pay.beancount:1; now" in desk.refused(SHEET + "Ana,2025-03-04,1\n")


def test_a_file_that_the_ledger_does_not_include_is_looked_into_too(desk: Desk) -> None:
    desk.books.write_text(BOOKS.replace('include "pay.beancount"', ""))
    first = desk.written()
    assert first.exit_code == 0
    assert 'add the line `include "pay.beancount"` to it' in first.stderr
    assert "nothing was changed" in desk.written().stdout


# -- the command -----------------------------------------------------------------------------------------


def test_without_into_the_entries_are_printed(desk: Desk) -> None:
    result = desk.run()
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == desk.plan().text
    assert desk.into.read_text() == ""


def test_dry_run_shows_a_diff_and_writes_nothing(desk: Desk) -> None:
    result = desk.run("--into", str(desk.into), "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"--- {desk.into}\n+++ {desk.into}\n@@ -0,0 +1,")
    assert '+2025-03-31 * "Pay March"\n' in result.stdout
    assert desk.into.read_text() == ""
    assert sorted(file.name for file in desk.folder.iterdir()) == [
        "file.csv",
        "main.beancount",
        "map.toml",
        "pay.beancount",
    ]
    desk.written()
    again = desk.run("--into", str(desk.into), "--dry-run")
    assert again.stdout == ""
    assert "nothing is left to import" in again.stderr


def test_json_and_csv_say_what_was_written(desk: Desk) -> None:
    dry = json.loads(desk.run("--into", str(desk.into), "--dry-run", "--format", "json").stdout)
    assert dry == {"entries": desk.plan().text, "added": 2, "already": 0, "notes": [], "written": False}
    done = json.loads(desk.run("--into", str(desk.into), "--format", "json").stdout)
    assert done == {**dry, "written": True}
    again = json.loads(desk.run("--into", str(desk.into), "--format", "json").stdout)
    assert again == {"entries": None, "added": 0, "already": 2, "notes": [], "written": False}
    head, row = desk.run("--format", "csv").stdout.splitlines()
    assert head == "entries,added,already,notes,written"
    assert row == ",0,2,,false"


def test_a_file_that_changed_while_it_was_computed_is_left_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts_of = planning.drafts_of

    def saves_meanwhile(*args: Any) -> Any:
        desk.into.write_text("; edited\n")
        return drafts_of(*args)

    monkeypatch.setattr(planning, "drafts_of", saves_meanwhile)
    result = desk.written()
    assert (result.exit_code, result.stdout) == (2, "")
    assert "another program changed it meanwhile" in result.stderr
    assert desk.into.read_text() == "; edited\n"


def test_a_fault_that_beancount_finds_afterwards_is_said(desk: Desk) -> None:
    desk.books.write_text(BOOKS + "2025-05-01 balance Assets:Bank  0.00 EUR\n")
    result = desk.written()
    assert result.exit_code == 1
    assert "2 entries appended" in result.stdout
    assert "Balance failed for 'Assets:Bank'" in result.stderr
    assert "(1 more than before)" in result.stderr


def test_a_refusal_is_one_line(desk: Desk) -> None:
    desk.file.write_text(PAY.replace("Ana,", "Eve,"))
    result = desk.written()
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert desk.into.read_text() == ""


# -- text of strangers -----------------------------------------------------------------------------------

strange = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    [
        '"',
        "\\",
        'x" "y',
        "a\\",
        '\\"',
        "{person}",
        "{",
        "}",
        "{memo}",
        'm"\n2025-01-01 open Assets:Stolen',
        "; #tag ^link",
        "\r\n",
    ]
)


def a_draft(payee: str, narration: str) -> Draft:
    line = Line("Expenses:Wages", Decimal("1.00"), {"hours": Decimal("0.5"), "pay": "bonus"}, narration)
    other = Line("Assets:Bank", Decimal("-1.00"), {}, payee)
    place = Place("file.csv", 2)
    return Draft(
        place,
        "ana",
        date(2025, 3, 31),
        "it",
        ("k",),
        ("c",),
        tidy(payee),
        tidy(narration),
        "EUR",
        {"worker": "ana"},
        (line, other),
    )


@given(strange, strange)
def test_no_text_breaks_out_of_its_quotes(payee: str, narration: str) -> None:
    """`entries_of` refuses what would not parse to what is meant; here nothing needs to be refused."""
    (draft,) = identified([a_draft(payee, narration)], "pay")
    text, (entry,) = entries_of([draft])
    parsed, errors, _ = parser.parse_string(text)
    assert (len(parsed), errors) == (1, [])
    assert (entry.payee or "", entry.narration) == (tidy(payee), tidy(narration))
    assert (entry.tags, entry.links, len(entry.postings)) == (frozenset(), frozenset(), 2)


def test_text_that_would_not_mean_what_is_meant_is_refused() -> None:
    draft = identified([a_draft("", "fine")], "pay")[0]._replace(fields={"worker": "ana", "no key": "x"})
    with pytest.raises(ImportRefused, match=r"file\.csv:2: it cannot be written as Beancount text"):
        entries_of([draft])


@given(strange)
def test_a_memo_comes_through_a_file_and_back(memo: str) -> None:
    cell = '"' + memo.replace('"', '""') + '"'
    assert tidy(tidy(memo)) == tidy(memo)
    assert "\n" not in tidy(cell)


def test_a_hostile_memo_stays_a_memo(desk: Desk) -> None:
    evil = 'x"" ""y\n2025-01-01 open Assets:Stolen\n\\'
    file = PAY.replace("March\nJo", f'"{evil}"\nJo')
    desk.plan(file)
    assert desk.written().exit_code == 0
    entries, errors, _ = loader.load_file(str(desk.books))
    assert errors == []
    assert [entry.narration for entry in entries if isinstance(entry, Transaction)] == [
        'Pay x" "y 2025-01-01 open Assets:Stolen \\',
        "Pay March",
    ]
    assert desk.plan().already == 2


def test_a_payee_is_the_payee(desk: Desk) -> None:
    mapping = PAYROLL.replace('memo = "Memo"', 'payee = "Memo"').replace("{memo}", "{person} {period}")
    (first, _) = desk.plan(mapping=mapping).entries
    assert (first.payee, first.narration) == ("March", "Pay ana 2025-03-31")


# -- numbers, hours, days --------------------------------------------------------------------------------

separators = st.sampled_from(
    [(".", ""), (".", ","), (",", ""), (",", "."), (",", " "), (".", "'"), (",", "'"), (".", " ")]
)


@given(st.integers(-(10**11), 10**11), separators)
def test_money_written_in_any_form_is_read_exactly(cents: int, form: tuple[str, str]) -> None:
    decimal, thousands = form
    number = Decimal(cents).scaleb(-2)
    written = f"{number:,.2f}".replace(",", "T").replace(".", decimal).replace("T", thousands)
    assert read_number(written, decimal, thousands) == number
    assert read_number(f"€ {written} ", decimal, thousands, ("EUR", "€")) == number
    if cents < 0:
        assert read_number(written[1:] + "-", decimal, thousands) == number
        assert read_number(f"({written[1:]})", decimal, thousands) == number


@given(st.text(st.sampled_from("0123456789.,-+() '€:e"), max_size=12), separators)
def test_no_digit_is_lost_or_moved_and_all_else_is_refused(text: str, form: tuple[str, str]) -> None:
    decimal, thousands = form
    number: Decimal | None = None
    with suppress(ValueError):
        number = read_number(text, decimal, thousands)
    bare = re.sub(r"[^0-9" + re.escape(decimal) + "]", "", text).replace(decimal, ".")
    assert number is None or abs(number) == Decimal(bare)
    wrong = [char for char in text.strip() if char not in f"0123456789+-() {decimal}{thousands}"]
    assert not (wrong and number)


@given(st.integers(0, 10**6 - 1), st.integers(0, 59))
def test_a_clock_is_read_exactly_and_written_to_six_places(hours: int, minutes: int) -> None:
    found = read_hours(f"{hours}:{minutes:02}", ",", "")
    assert found is not None
    assert found == Fraction(60 * hours + minutes, 60)
    assert abs(Fraction(hours_text(found)) - found) <= Fraction(1, 2 * 10**6)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("-1:30", Fraction(-3, 2)),
        ("7.5", Fraction(15, 2)),
        ("7.5h", Fraction(15, 2)),
        ("1:00:36", Fraction(101, 100)),
        ("", None),
    ],
)
def test_hours_have_several_forms(text: str, wanted: Fraction | None) -> None:
    assert read_hours(text, ".", "") == wanted
    assert hours_text(Fraction(-22, 3)) == "-7.333333"


@given(
    st.dates(date(1800, 1, 1), date(2199, 12, 31)),
    st.sampled_from(["DD.MM.YYYY", "M/D/YYYY", "YYYYMMDD", "D. MONTH YYYY"]),
)
def test_a_day_is_read_in_its_form(day: date, form: str) -> None:
    names = tuple("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split())
    written = {
        "DD.MM.YYYY": f"{day:%d.%m}.{day.year}",
        "M/D/YYYY": f"{day.month}/{day.day}/{day.year}",
        "YYYYMMDD": f"{day.year}{day:%m%d}",
        "D. MONTH YYYY": f"{day.day}. {names[day.month - 1].upper()} {day.year}",
    }[form]
    assert read_day(written, [form], names) == day


def test_months_have_forms_too() -> None:
    assert read_month("03/2025", ["MM/YYYY"]) == date(2025, 3, 1)
    assert read_month("Mar 25", ["MONTH YY"], ("Jan", "Feb", "Mar")) == date(2025, 3, 1)
    with pytest.raises(ValueError, match="may be 2005-06 or 2006-05: leave one form in period"):
        read_month("05-06", ["YY-MM", "MM-YY"])


# -- each way to be refused: the file --------------------------------------------------------------------

ROW = "Ana,2025-03-31,100,2000.00,400.00,1600.00,March"
HEAD = "Name,Paid,Hours,Gross,Tax,Net,Memo\n"
BAD_FILES = [
    ("", "file.csv:1: the file is empty: export it again"),
    ("\n\n , \n"[:2], "file.csv:1: the file is empty: export it again"),
    (
        "Name;Paid\nAna;2025-03-31\n",
        'file.csv:1: there is no column "Memo" (nor Gross, Hours, Tax, Net): the head has Name, Paid',
    ),
    (PAY.replace("Gross", "Gros"), 'file.csv:1: there is no column "Gross": did you mean "Gros"?'),
    ("x\n", "the head has x; is the delimiter right?"),
    (PAY.replace("Memo", "Net"), 'there is no column "Memo"'),
    (
        PAY.replace(",Memo", ",Memo,Net").replace("March", "March,1"),
        'file.csv:1: the column "Net" stands twice, as 6 and 8: rename one of them',
    ),
    (HEAD + "Ana,2025-03-31,100\n", "file.csv:2: the row has 3 cells where the head has 7: mend it, put quotes"),
    (HEAD + ROW + ",x\n", "file.csv:2: the row has 8 cells where the head has 7"),
    (HEAD + 'Ana,"2025\n', "file.csv:2: the quotes of this row are wrong (unexpected end of data): mend the row"),
    (HEAD + 'Ana,"2"025,,,,,\n', "file.csv:2: the quotes of this row are wrong"),
    (HEAD + f"Ana,{'x' * 10_001},,,,,\n", "file.csv:2: a cell has more than 10,000 characters: is a quote open?"),
    (
        HEAD + f"Ana,{'x' * 200_000},,,,,\n",
        "file.csv:2: the quotes of this row are wrong (field larger than field limit",
    ),
    (HEAD + ",2025-03-31,100,2000.00,400.00,1600.00,\n", "file.csv:2: Name: the row names nobody: write who it is"),
    (
        PAY.replace("2025-03-31", "03/04/2025"),
        'file.csv:2: Paid: "03/04/2025" may be 2025-03-04 (M/D/YYYY) or 2025-04-03 (D/M/YYYY): say which in date of [dates]',
    ),
    (
        PAY.replace("2025-03-31", "31.03.2025"),
        'file.csv:2: Paid: "31.03.2025" is no day as YYYY-MM-DD, where this cell is written as D.M.YYYY: mend the cell',
    ),
    (
        PAY.replace("2025-03-31", "2025-02-30"),
        'file.csv:2: Paid: "2025-02-30" is no day as YYYY-MM-DD: mend the cell, or date in [dates]',
    ),
    (PAY.replace("2025-03-31", "45747"), 'file.csv:2: Paid: "45747" is no day'),
    (PAY.replace("2025-03-31", "0205-03-31"), 'file.csv:2: Paid: "0205-03-31" is no day'),
    (
        PAY.replace("2000.00", '"2.000,00"'),
        'file.csv:2: Gross: "2.000,00" is no number with "." before the decimals: mend the cell',
    ),
    (PAY.replace("2000.00", "=2*1000"), 'file.csv:2: Gross: "=2*1000" is a formula: save the file with its values'),
    (PAY.replace("2000.00", "NaN"), 'file.csv:2: Gross: "NaN" is no number'),
    (PAY.replace("2000.00", "1e3"), 'file.csv:2: Gross: "1e3" is no number'),
    (PAY.replace("2000.00", "٣"), 'file.csv:2: Gross: "٣" is no number'),
    (
        PAY.replace("2000.00", "12345678901234.00"),
        'file.csv:2: Gross: "12345678901234.00" has more than 15 digits: mend the cell',
    ),
    (PAY.replace("2000.00", "2.000"), "file.csv:2: Net is 1600.00, but pay of 2.00 less 400.00 withheld is -398.00"),
    (
        PAY.replace("2000.00", "2.125"),
        'file.csv:2: Gross: "2.125" is 2.125, with more decimals than EUR has: mend the cell, or decimal and thousands',
    ),
    (
        PAY.replace(",100,", ",1:75,"),
        'file.csv:2: Hours: "1:75" is no time as 7:30: write hours and two digits of minutes',
    ),
    (
        PAY.replace("1600.00", "1600.01"),
        "file.csv:2: Net is 1600.01, but pay of 2000.00 less 400.00 withheld is 1600.00: map the column that is missing",
    ),
    (
        PAY + "Total,,,3200.01,,,\n",
        "file.csv:4: Gross: the total says 3200.01 and the rows sum to 3200.00: a row is missing, there ",
    ),
    (
        PAY + "TOTAL,,181:30\n",
        "file.csv:4: Hours: the total says 181.5 and the rows sum to 180.0: a row is missing, there twice or has another figure",
    ),
    (
        PAY.replace("Ana", "An\x07a"),
        "file.csv:2: there is an odd character (0x07): take it out, or say the right encoding in [file]",
    ),
    (
        PAY.encode().replace(b"March", b"M\xe4rz"),
        "file.csv:2: byte 0xe4 is no utf-8: say the right encoding in [file], such as cp1252",
    ),
    (PAY.encode("utf-16"), 'file.csv: the file is UTF-16: write encoding = "utf-16" in [file]'),
    (b"PK\x03\x04rest", "file.csv: this is a spreadsheet's own file: save the sheet as CSV"),
    (b"%PDF-1.7", "file.csv: this is a PDF: export the table as CSV"),
]


@pytest.mark.parametrize(("file", "said"), BAD_FILES)
def test_a_file_that_is_wrong_is_refused_with_its_line(file: str | bytes, said: str, desk: Desk) -> None:
    message = desk.refused(file)
    assert said in message
    assert "\n" not in message


def test_a_cell_that_splits_at_its_comma_is_refused(desk: Desk) -> None:
    assert "file.csv:2: the row has 8 cells where the head has 7" in desk.refused(PAY.replace("2000.00", "2,000.00"))
    assert desk.plan(PAY.replace("2000.00", '"2,000.00"'), PAYROLL + '[numbers]\nthousands = ","\n').added == 2
    assert '"20,00.00" is no number' in desk.refused(PAY.replace("2000.00", '"20,00.00"'))


def test_a_file_that_is_too_large_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "ROWS_MAX", 1)
    assert desk.refused() == "file.csv:3: the file has more than 1 rows: split it"
    monkeypatch.setattr(table, "BYTES_MAX", 1024 * 1024)
    assert desk.refused(PAY + "\n" * 1024 * 1024) == "file.csv: the file has more than 1 MB: split it by year or month"


@pytest.mark.parametrize("name", ["nowhere.csv", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(ImportRefused, match=r"the file cannot be read .*give the path of a CSV file"):
        plan(load_books(desk.books), desk.folder / name, desk.mapping)
    with pytest.raises(ImportRefused, match=r"the mapping cannot be read .*give the path of a TOML file"):
        plan(load_books(desk.books), desk.file, desk.folder / name)


def test_two_forms_that_read_a_cell_as_two_days_are_refused(desk: Desk) -> None:
    mapping = PAYROLL + '[dates]\ndate = ["DD/MM/YYYY", "MM/DD/YYYY"]\n'
    assert desk.refused(PAY.replace("2025-03-31", "04/03/2025"), mapping) == (
        'file.csv:2: Paid: "04/03/2025" may be 2025-03-04 or 2025-04-03: leave one form in date of [dates]'
    )
    assert desk.plan(PAY.replace("2025-03-31", "31/03/2025")).added == 2


def test_a_pay_period_that_ends_before_it_starts_is_refused(desk: Desk) -> None:
    mapping = PAYROLL.replace('date = "Paid"', 'period-starts = "Paid"\nperiod-ends = "End"')
    file = "Name,Paid,End,Hours,Gross,Tax,Net,Memo\nAna,2025-03-31,2025-03-01,1,1,,1,\n"
    assert (
        desk.refused(file, mapping)
        == "file.csv:2: the pay period ends on 2025-03-01, before it starts on 2025-03-31: mend it"
    )
    wrong = PAYROLL.replace('date = "Paid"', 'period = "Paid"')
    assert (
        desk.refused(PAY, wrong)
        == 'file.csv:2: Paid: "2025-03-31" is no month as YYYY-MM: mend the cell, or period in [dates]'
    )


def test_odd_ends_of_lines_rows_before_the_head_and_footers_are_read(desk: Desk) -> None:
    mapping = PAYROLL.replace("[file]", "[file]\nskip-rows = 2\nfooter-rows = 1")
    file = ("Office\nof 7 March\n\n" + PAY + ",,,,,,\nTotal,,,3200,,,\nprinted by,office\n").replace("\n", "\r\n")
    assert desk.plan(file, mapping).added == 2
    assert desk.plan(file.replace("\r\n", "\r")).added == 2
    assert desk.plan("sep=;\n" + PAY.replace(",", ";"), PAYROLL).added == 2
    assert desk.refused("sep=;\n" + PAY.replace(",", ";").replace("1600.00", "1")).startswith(
        "file.csv:3: Net is 1.00, but"
    )
    desk.mapping.write_text(mapping)
    assert (
        desk.refused("a\nb\n")
        == "file.csv:3: the file is empty after the 2 lines that skip-rows leaves out: export it again"
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_gives_the_columns(desk: Desk, delimiter: str) -> None:
    assert desk.plan(PAY.replace(",", delimiter)).added == 2
    written = delimiter.replace("\t", "\\t")
    assert desk.plan(mapping=PAYROLL.replace("[file]", f'[file]\ndelimiter = "{written}"')).added == 2


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252", "cp1250", "iso-8859-15", "cp850"]
)
@pytest.mark.parametrize("name", ["Ána Peña", "A\u0301na Pen\u0303a"])
def test_names_with_accents_in_every_encoding(desk: Desk, encoding: str, name: str) -> None:
    if encoding == "cp1250":
        name = name.replace("ñ", "ň").replace("n\u0303", "ň")
    composed = "Ána Peňa" if encoding == "cp1250" else "Ána Peña"
    if not encoding.startswith("utf"):
        name = composed
    said = encoding.replace("-sig", "")
    mapping = PAYROLL.replace('"Ana" =', f'"{composed}" =').replace("[file]", f'[file]\nencoding = "{said}"')
    assert desk.plan(PAY.replace("Ana", name).encode(encoding), mapping).added == 2


# -- each way to be refused: people and accounts ---------------------------------------------------------


def test_everybody_who_is_unknown_is_named_in_one_error(desk: Desk) -> None:
    file = (
        PAY
        + ROW.replace("Ana", "Anna Brandt")
        + "\n"
        + ROW.replace("Ana", "Jon")
        + "\n"
        + ROW.replace("Ana", "Zed")
        + "\n"
    )
    assert desk.refused(file + ROW.replace("Ana", "Zed") + "\n") == (
        'file.csv:4: the ledger does not know "Anna Brandt" (line 4; nearest ana), "Jon" (line 5; nearest jo), '
        '"Zed" (lines 6, 7): say who they are in [people] of map.toml, or add a member or worker record'
    )


def test_an_id_that_the_ledger_does_not_know_is_named(desk: Desk) -> None:
    said = desk.refused(mapping=PAYROLL.replace('"Ana" = "ana"', '"Ana" = "anna"'))
    assert said.startswith(
        'file.csv:2: the ledger does not know "Ana" (line 2; anna in [people]; nearest ana): say who they'
    )


def test_a_crowd_that_is_unknown_is_named_in_part(desk: Desk) -> None:
    said = desk.refused(HEAD + "".join(ROW.replace("Ana", f"X{number:02}") + "\n" for number in range(30)))
    assert said.count("(line ") == planning.NAMED_MAX
    assert "and 18 more: say who they are" in said
    assert "(lines 2, 3, 4, 5, 6 and more)" in desk.refused(HEAD + (ROW.replace("Ana", "X") + "\n") * 9)


def test_ids_stand_for_themselves(desk: Desk) -> None:
    assert (
        desk.plan(
            PAY.replace("Ana,", "ana,").replace("Jo,", "JO,"), re.sub(r"(?s)\[people\].*?\n\n", "", PAYROLL)
        ).added
        == 2
    )


def test_accounts_that_are_not_open_are_all_named(desk: Desk) -> None:
    mapping = PAYROLL.replace("Liabilities:Tax", "Liabilities:Taxes").replace("Assets:Bank", "Assets:Post:Giro")
    assert desk.refused(mapping=mapping) == (
        "file.csv:2: account Liabilities:Taxes is not open on 2025-03-31 (did you mean Liabilities:Tax?); account "
        "Assets:Post:Giro is not open on 2025-03-31: open them in the ledger, or mend the account in map.toml"
    )


def test_accounts_that_are_closed_or_open_later_are_named(desk: Desk) -> None:
    books = (
        BOOKS.replace("2025-01-01 open Assets:Bank", "2025-04-01 open Assets:Bank")
        + "2025-03-01 close Liabilities:Tax\n"
    )
    assert desk.refused(books=books) == (
        "file.csv:2: account Liabilities:Tax is closed since 2025-03-01, but the pay of ana for 2025-03-31 is dated "
        "2025-03-31; account Assets:Bank is open from 2025-04-01, but the pay of ana for 2025-03-31 is dated 2025-03-31: "
        "open them in the ledger, or mend the account in map.toml"
    )


def test_pay_on_an_account_that_no_rule_counts_is_refused(desk: Desk) -> None:
    mapping = PAYROLL.replace('account = "Expenses:Wages"', 'account = "Expenses:Travel"')
    assert desk.refused(mapping=mapping) == (
        "file.csv:2: the pay of ana for 2025-03-31 goes to Expenses:Travel, which is nobody's wages, so no rule would "
        "count it: name the account in `wages` of a member or worker, or mend it in map.toml"
    )


def test_a_file_without_a_currency_is_refused(desk: Desk) -> None:
    books = BOOKS.replace('option "operating_currency" "EUR"\n', "")
    assert desk.refused(books=books) == 'map.toml: neither mapping nor ledger name a currency: write currency = "EUR"'
    assert desk.plan(mapping='currency = "JPY"\n' + PAYROLL).entries[0].postings[0].units.currency == "JPY"


# -- each way to be refused: the mapping -----------------------------------------------------------------

BAD_MAPPINGS = [
    ("", 'map.toml:1: a mapping says which sort of file it is for: write kind = "payroll" or kind = "hours"'),
    ('source = "x"\nkind = "pay"\n', "map.toml:2: a mapping says which sort of file it is for"),
    ("kind = payroll\n", "map.toml:1: this is no TOML (Invalid value): mend the line"),
    ('kind = "payroll"\n[file\n', "map.toml:2: this is no TOML"),
    (
        PAYROLL.replace("total-rows", "totalrows"),
        'map.toml:6: [file] has no key "totalrows": did you mean "total-rows"?',
    ),
    (PAYROLL.replace("memo =", "memos ="), 'map.toml:11: [columns] has no key "memos": did you mean "memo"?'),
    (PAYROLL.replace("[net]", "[nett]"), "map.toml:1: the mapping needs net: add it (and mend line 26)"),
    (PAYROLL.replace("[people]", "[peple]"), 'map.toml:13: the mapping has no key "peple": did you mean "people"?'),
    (
        PAYROLL.replace('hours = "Hours"', 'stunden = "Hours"'),
        'map.toml:20: [[pay]] has no key "stunden": it may have column, account, pay, hours, negative',
    ),
    (PAYROLL + '[[pay]]\ncolumn = "X"\n', "map.toml:29: [[pay]] needs account: add it"),
    (PAYROLL.replace('source = "payroll"\n', ""), "map.toml:1: the mapping needs source: add it"),
    (PAYROLL.replace('source = "payroll"', 'source = "Pay roll"'), "map.toml:2: source: "),
    (PAYROLL.replace('"Hours"', '"Hours"\npay = "bonnus"'), 'map.toml:21: pay.pay is "bonnus": did you mean "bonus"?'),
    (
        PAYROLL.replace("[file]", '[file]\nencoding = "utf8"'),
        'map.toml:6: file.encoding is "utf8": did you mean "utf-8"?',
    ),
    (
        PAYROLL.replace("[file]", '[file]\ndelimiter = ":"'),
        'map.toml:6: file.delimiter is ":", and must be one of ,, ;, \\t, |: write one',
    ),
    (
        PAYROLL.replace("[file]", "[file]\nskip-rows = -1"),
        "map.toml:6: file.skip-rows: input should be greater than or equal to 0, not -1: write it so",
    ),
    (
        PAYROLL.replace("[file]", "[file]\nskip-rows = true"),
        "map.toml:6: file.skip-rows: input should be a valid integer, not True: write it so",
    ),
    (
        PAYROLL.replace("Expenses:Wages", "Wages"),
        'map.toml:19: "Wages" is no account: write it as Expenses:Wages or Expenses:Wages:{Person}',
    ),
    (
        PAYROLL.replace('"Name"', '" "'),
        "map.toml:9: a column has a name: write it as it stands in the head of the file",
    ),
    (PAYROLL.replace('"Name"', "7"), "map.toml:9: columns.person: input should be a valid string, not 7: write it so"),
    (PAYROLL.replace('date = "Paid"\n', ""), "map.toml:1: [columns] needs a date or a period: name the column"),
    (
        PAYROLL.replace('date = "Paid"', 'period-ends = "To"'),
        "map.toml:8: period-starts and period-ends go together: name both columns",
    ),
    (
        PAYROLL.replace('date = "Paid"', 'period = "M"\nperiod-starts = "F"\nperiod-ends = "T"'),
        "map.toml:8: a pay period stands in one column or in two",
    ),
    (
        PAYROLL.replace("{memo}", "{Memo}"),
        'map.toml:3: "{Memo}" is not known here: a narration may hold {person}, {period} and {memo}',
    ),
    (
        PAYROLL.replace('"Jo" =', '"ANA" ='),
        'map.toml:1: "Ana" and "ANA" are one name in [people]: keep one of the lines',
    ),
    (PAYROLL.replace('"jo"', "7"), "map.toml:15: people.Jo: input should be a valid string, not 7: write it so"),
    (
        PAYROLL + '[numbers]\ndecimal = ","\nthousands = ","\n',
        'map.toml:29: decimal and thousands are both ",": say which of them it is',
    ),
    (
        PAYROLL + '[dates]\ndate = "dd.mm.yyyy"\n',
        'map.toml:30: "dd.mm.yyyy" must have a year (YYYY or YY), a month (MM, M or MONTH) and a day (DD or D), each once: write',
    ),
    (
        PAYROLL + '[dates]\nperiod = "DD.MM.YYYY"\n',
        'map.toml:30: "DD.MM.YYYY" must have a year (YYYY or YY), a month (MM, M or MONTH), each once and no day',
    ),
    (
        PAYROLL + '[dates]\ndate = "D MONTH YYYY"\n',
        'map.toml:29: MONTH is a month by name: write months = ["January", …], all twelve',
    ),
    (
        PAYROLL + '[dates]\nmonths = ["Jan"]\n',
        "map.toml:29: months are twelve different names, from January's to December's: write them all",
    ),
    (
        PAYROLL + "[dates]\ndate = []\n",
        "map.toml:30: dates.date: tuple should have at least 1 item after validation, not 0",
    ),
    (
        HOURS.replace('date = "Day"\n', ""),
        "map.toml:1: [columns] needs date: name the column of the day that was worked",
    ),
    (
        HOURS.replace('date = "Day"', 'date = "Day"\nid = "N"'),
        "map.toml:1: [columns] of an hours sheet has no period and no id: every row has its day",
    ),
    (
        HOURS.replace('date = "Day"', 'date = "Day"\nkind = "What"'),
        "map.toml:1: [columns] kind and the table [kinds] go together: name both, or neither",
    ),
    (
        HOURS.replace('pay = "unpaid"\n', ""),
        'map.toml:1: [[hours]] needs pay: say what these hours are, as pay = "unpaid"',
    ),
    (
        HOURS.replace('"unpaid"', '"unpayed"'),
        'map.toml:14: "unpayed" is no kind of pay: did you mean "unpaid"?, or contribution:<name>',
    ),
    (
        HOURS.replace('account = "Expenses:Wages"\n', ""),
        "map.toml:12: hours are written on a wages account: add a line `account = …`",
    ),
    (
        HOURS + 'rate = "Rate"\n',
        "map.toml:12: hours that are paid by a rate are owed to somebody: name both rate and owed, or neither",
    ),
    (
        HOURS.replace('date = "Day"', 'date = "Day"\nkind = "What"')
        .replace('account = "Expenses:Wages"\n', "")
        .replace('"unpaid"', '"contribution:care"')
        + '[kinds]\n"x" = "base"\n',
        "map.toml:1: [[hours]] needs account: some of [kinds] are pay, and pay stands on a wages account",
    ),
]


@pytest.mark.parametrize(("mapping", "said"), BAD_MAPPINGS)
def test_a_mapping_that_is_wrong_is_refused_with_its_line(mapping: str, said: str, desk: Desk) -> None:
    message = desk.refused(mapping=mapping)
    assert message.startswith(said) or said in message
    assert "\n" not in message


def test_a_mapping_that_is_no_text_is_refused(desk: Desk) -> None:
    desk.mapping.write_bytes(b'kind = "payroll" # \xe4\n')
    assert desk.refused() == "map.toml: the mapping is no UTF-8 text: save it as UTF-8"
    desk.mapping.write_bytes(b"\xef\xbb\xbf" + PAYROLL.encode())
    assert desk.plan().added == 2


def test_the_page_about_it_names_every_key() -> None:
    page = (Path(__file__).parents[1] / "docs" / "import.md").read_text(encoding="utf-8")

    def keys(model: Any) -> set[str]:
        """The keys of a table and of the tables in it."""
        found = set()
        for name, field in model.model_fields.items():
            found.add(field.alias or name)
            for each in (field.annotation, *get_args(field.annotation)):
                found |= keys(each) if isinstance(each, type) and issubclass(each, BaseModel) else set()
        return found

    named = set(re.findall(r"[`\[]([a-z-]+)[`\]]", page)) | set(re.findall(r"`([a-z-]+) =", page))
    assert keys(PayrollMapping) | keys(HoursMapping) <= named


# -- beangulp --------------------------------------------------------------------------------------------


@pytest.fixture
def importer(desk: Desk) -> CsvImporter:
    with pytest.raises(ImportRefused, match=r"map\.toml: beangulp tells no importer the currency of the books: write"):
        CsvImporter(desk.mapping)
    desk.mapping.write_text('currency = "EUR"\n' + PAYROLL)
    return CsvImporter(desk.mapping)


def test_the_importer_knows_its_files(desk: Desk, importer: CsvImporter) -> None:
    assert importer.name == "coopbooks.payroll"
    assert importer.identify(str(desk.file))
    assert not importer.identify(str(desk.mapping))
    assert importer.account(str(desk.file)) == "Assets:Bank"
    assert importer.date(str(desk.file)) == date(2025, 3, 31)
    desk.mapping.write_text('currency = "EUR"\n' + HOURS.replace('"Expenses:Wages"', '"Expenses:Wages:{Person}"'))
    assert CsvImporter(desk.mapping).account("x") == "Expenses:Wages"


def test_the_importer_gives_the_entries_of_the_command(desk: Desk, importer: CsvImporter) -> None:
    entries = importer.extract(str(desk.file), [])
    assert [(entry.meta["lineno"], entry.meta["filename"]) for entry in entries] == [
        (2, str(desk.file)),
        (3, str(desk.file)),
    ]
    wanted = desk.plan().entries
    assert [(entry.date, entry.narration, entry.meta["import-id"]) for entry in entries] == [
        (entry.date, entry.narration, entry.meta["import-id"]) for entry in wanted
    ]


def test_the_importer_holds_people_to_the_books_where_it_has_them(desk: Desk, importer: CsvImporter) -> None:
    existing, _, _ = loader.load_file(str(desk.books))
    desk.file.write_text(PAY.replace("Jo,", "Joe,"))
    with pytest.raises(ImportRefused, match=r'does not know "Joe"'):
        importer.extract(str(desk.file), existing)


def test_beangulp_marks_by_id_what_the_books_have_already(desk: Desk, importer: CsvImporter) -> None:
    desk.written()
    desk.file.write_text(PAY + "Ana,2025-03-30,100,2000.00,400.00,1600.00,almost alike\n")
    args = ["extract", "--existing", str(desk.books), str(desk.file)]
    result = CliRunner().invoke(beangulp.Ingest([importer]).cli, args)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line for line in lines if re.match(r"\d{4}-", line)] == ['2025-03-30 * "Pay almost alike"']
    assert len([line for line in lines if re.match(r"; *\d{4}-.*Pay March", line)]) == 2


def test_a_corrected_row_is_refused_by_the_importer_too(desk: Desk, importer: CsvImporter) -> None:
    desk.written()
    existing, _, _ = loader.load_file(str(desk.books))
    desk.file.write_text(PAY.replace("1200.00,200.00,1000.00", "1300.00,200.00,1100.00"))
    with pytest.raises(ImportRefused, match="something else than was imported"):
        importer.extract(str(desk.file), existing)


def test_the_command_needs_no_beangulp(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    read: Callable[..., Any] = read_mapping
    monkeypatch.setitem(__import__("sys").modules, "beangulp", None)
    assert read(desk.mapping).source == "payroll"
    assert desk.run().exit_code == 0
