"""A number that is divided by zero: Beancount's parser, alone, ends the process without a word. Here it is a sentence."""

from __future__ import annotations

import re
from decimal import Decimal, DivisionByZero, InvalidOperation, getcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from coopbooks.books.limits import Limits
from coopbooks.books.loading import load_books
from coopbooks.books.safe_reading import read_safely
from coopbooks.books.zero import divided_by_zero, refuse_division, refuse_divisions, without_traps
from coopbooks.errors import LedgerUnusable

HEAD = 'option "operating_currency" "EUR"\n2024-01-01 open Assets:Till-1\n2024-01-01 open Equity:Opening\n'


SLASH = re.compile(r"\d[ ]?/[ ]?[-(\d]")


def entry(amount: str) -> str:
    return f'2024-01-02 * "Flour"\n  Assets:Till-1  {amount}\n  Equity:Opening'


SENTENCE = "a number in this line is divided by zero, which gives none: write the number that is meant"
BY_ZERO = (
    entry("10.00/0 EUR"),
    entry("0 / 0.00 EUR"),
    entry("1 / (3 - 2 - 1) EUR"),
    entry("1.0000/1/0 EUR"),
    entry("10.0000/0/1 EUR"),
    entry("1/-0 EUR"),
    entry("1 USD @ 1/0 EUR"),
    entry("1 USD @@ 1/0 EUR"),
    entry("1 USD {1/0 EUR}"),
    entry("1 USD {{1/0 EUR}}"),
    entry("1 USD {1/0 # 2 EUR}"),
    entry("1 EUR\n  hours: -(1/0)"),
    '2024-01-02 note Assets:Till-1 "two\nlines"\n2024-01-02 custom "x" 0/0',
    "2024-01-02 price USD 1 + 1/0 EUR",
    "2024/01/02 balance Assets:Till-1  1/0 EUR",
    "2024-01-02 balance Assets:Till-1  1 ~ 1/0 EUR",
    '2024-01-02 custom "coop" "rate" "floor"\n  value: 1/0',
)
LINE_OF = {text: 4 + next(at for at, line in enumerate(text.split("\n")) if SLASH.search(line)) for text in BY_ZERO}


@pytest.mark.parametrize("text", BY_ZERO)
def test_a_number_divided_by_zero_is_one_sentence_with_its_place(text: str, tmp_path: Path) -> None:
    path = tmp_path / "main.beancount"
    path.write_text(HEAD + text + "\n")
    before = getcontext().copy()
    with pytest.raises(LedgerUnusable) as raised:
        load_books(path)
    assert (str(raised.value.place), raised.value.message) == (f"main.beancount:{LINE_OF[text]}", SENTENCE)
    assert getcontext().traps == before.traps


def test_it_is_found_where_the_parser_gives_up_on_something_else(tmp_path: Path) -> None:
    """What comes first in the file is told first."""
    path = tmp_path / "main.beancount"
    deep = 100_000
    path.write_text(f"{HEAD}{entry('10/0 EUR')}\n2024-01-02 price USD {'(' * deep}1{')' * deep} EUR\n")
    with pytest.raises(LedgerUnusable, match=SENTENCE):
        load_books(path)


def test_what_has_no_number_for_another_reason_is_never_taken_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a ledger that somebody sent, where nothing may stand that is none."""

    def parse(*_: object, **__: object) -> None:
        assert Decimal("Infinity").scaleb(1) - Decimal("Infinity") != 0

    parser = SimpleNamespace(parse=parse)
    path = tmp_path / "main.beancount"
    path.write_text(HEAD)
    monkeypatch.setattr("coopbooks.books.safe_reading._parser", SimpleNamespace(Parser=lambda *_, **__: parser))
    with pytest.raises(LedgerUnusable, match="stopped \\(ArithmeticError: a number has no result\\)"):
        read_safely(str(path), Limits())


def test_it_is_found_in_a_file_that_the_ledger_includes(tmp_path: Path) -> None:
    (tmp_path / "pay").mkdir()
    (tmp_path / "pay" / "june.beancount").write_text(f"; ten\n{entry('10/0 EUR')}\n")
    (tmp_path / "main.beancount").write_text(f'{HEAD}include "pay/june.beancount"\n')
    with pytest.raises(LedgerUnusable) as raised:
        load_books(tmp_path / "main.beancount")
    assert str(raised.value.place) == "pay/june.beancount:3"


@pytest.mark.parametrize(
    "text",
    [
        entry("10.00/4 EUR"),
        entry("0/4 EUR"),
        entry("1,000.00 / 0.50 EUR"),
        entry("8 / (2 + 2) EUR"),
        '2024-01-02 * "a heading:\n* odds of 1/0\nand more"\n  Assets:Till-1  1 EUR\n  Equity:Opening',
        '2024/01/02 * "10/0" ; 10/0\n  note: "0/0"\n  Assets:Till-1  1.00 EUR ; 1/0\n  Equity:Opening',
        f"; 10/0\n{entry('1 EUR')}",
    ],
)
def test_what_only_looks_like_it_is_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "main.beancount"
    path.write_text(HEAD + text + "\n")
    found = load_books(path)
    assert found.errors == ()
    assert len(found.entries) == 3
    refuse_divisions(path)


def test_a_plugin_finds_the_arithmetic_that_it_expects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that asks whether a text is a number by trying gets its exception, as without us."""
    (tmp_path / "tries.py").write_text(
        "from collections import namedtuple\nfrom decimal import Decimal, InvalidOperation\n"
        "Error = namedtuple('Error', 'source message entry')\n__plugins__ = ['tries']\n"
        "def tries(entries, options):\n"
        "    try:\n        Decimal('none')\n    except InvalidOperation:\n"
        "        return entries, [Error({'filename': options['filename'], 'lineno': 1}, 'no number', None)]\n"
        "    return entries, []\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    path = tmp_path / "main.beancount"
    path.write_text(f'plugin "tries"\n{HEAD}{entry("10/4 EUR")}\n')
    assert [each.message for each in load_books(path).errors] == ["no number"]


def test_an_option_that_is_no_number_is_no_division() -> None:
    refuse_division(
        'option "inferred_tolerance_default" "EUR:none"\n2024-01-02 price USD 1/0.5 EUR\n', "main.beancount"
    )


def test_what_cannot_be_read_is_left_to_beancount(tmp_path: Path) -> None:
    (tmp_path / "main.beancount").write_text('include "none.beancount"\ninclude "main.beancount"\ninclude "*.bytes"\n')
    (tmp_path / "a.bytes").write_bytes(b"\xff 1/0")
    refuse_divisions(tmp_path / "main.beancount")


def test_signals_are_silent_inside_only() -> None:
    with without_traps() as numbers:
        assert not divided_by_zero(numbers)
        assert Decimal(1) / 0 == Decimal("Infinity")
        assert divided_by_zero(numbers)
    with without_traps() as numbers:
        assert not divided_by_zero(numbers)
        assert (Decimal(0) / 0).is_nan()
        assert divided_by_zero(numbers)
    with pytest.raises(InvalidOperation):
        _ = Decimal(0) / 0
    with pytest.raises(DivisionByZero):
        _ = Decimal(1) / 0
