"""What the public reads of pay, at the bounds: who is counted, which years are one total, how wide and where bands are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from test_publish_public import HEAD, HOURS, QUARTERS, coop, member, paid_in, pay_text, people_of, public

from coopbooks.publish.pay import bands_of, width_of

FIGURE = re.compile(r'^(\S+) custom "published" (.*)$', re.MULTILINE)


def told(folder: Path, text: str, what: str, as_of: str = "2024-02-01") -> list[str]:
    """The public figures of one sort: day and values."""
    found = FIGURE.findall(public(folder, text, as_of))
    return [f"{day} {values}" for day, values in found if values.startswith(f'"{what}"')]


def paid(people: Sequence[str], years: Sequence[int] = (2023,), of: int = 12) -> str:
    """Members who are paid each quarter, and nothing else."""
    return HEAD + "".join(map(member, people)) + "".join(pay_text(paid_in(year, people, of)) for year in years)


# -- the lines by hand -----------------------------------------------------------------------------------------------


def test_the_lines_of_a_year_of_pay_by_hand(tmp_path: Path) -> None:
    """Four at 12, four at 18, four at 24: one band, since fewer than ten are in each; 12 x 400 x 18 = 86,400 in the year."""
    text = paid(people_of(12))
    assert told(tmp_path, text, "pay") == ['2023-12-31 "pay" "2023" 86400 EUR 12']
    assert told(tmp_path, text, "wage-ratio")[0] == '2023-03-31 "wage-ratio" "2023-03" 2.00 3.00 12'
    assert told(tmp_path, text, "pay-band") == ['2023-12-31 "pay-band" "2023-12" "hourly" "none" "none" 12']


def test_without_a_cap_the_line_says_so(tmp_path: Path) -> None:
    text = paid(people_of(12)).replace('bylaw" "wage-ratio"\n  cap: 3\n', 'decision" "D9"\n')
    assert told(tmp_path, text, "wage-ratio")[0] == '2023-03-31 "wage-ratio" "2023-03" 2.00 "none" 12'


# -- who is counted --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("claimed", "counted"), [(0, [11]), (1, [10]), (2, [])])
def test_pay_with_a_claim_is_help_and_counts_nobody(tmp_path: Path, claimed: int, counted: list[int]) -> None:
    """Pay while on strike, or ill: who gets it must not be found by their share of a ratio."""
    text = paid(people_of(11))
    for person in people_of(11)[:claimed]:
        text = text.replace(f'    worker: "{person}"\n', f'    worker: "{person}"\n    claim: "{person}"\n')
    assert sorted({int(line.split()[-1]) for line in told(tmp_path, text, "wage-ratio")}) == counted
    assert sorted({int(line.split()[-1]) for line in told(tmp_path, text, "pay-band")}) == counted


@pytest.mark.parametrize(("amount", "shown"), [("1200", True), ("0", False)])
def test_who_got_nothing_is_behind_no_total(tmp_path: Path, amount: str, shown: bool) -> None:
    """Nine who were paid and a tenth with unpaid hours are nine."""
    tenth = "".join(
        f'2023-{day} * "pay"\n  Expenses:Wages  {amount} EUR\n    worker: "m10"\n    hours: {HOURS}\n  Assets:Bank\n'
        for day in QUARTERS
    )
    text = paid(people_of(9)) + member("m10") + tenth
    assert bool(told(tmp_path, text, "pay")) == shown


@pytest.mark.parametrize(("few", "shown"), [(3, False), (10, True)])
def test_enough_people_are_behind_the_pay_on_each_account_that_passes_by_name(
    tmp_path: Path, few: int, shown: bool
) -> None:
    """The wages of the kitchen have a name of their own: ten behind those of all are not ten behind these."""
    opened = (
        '2023-01-01 open Expenses:Wages:Kitchen\n2023-01-01 custom "coop" "bylaw" "publish-public"\n'
        '  accounts: "Expenses:Wages:Kitchen"\n'
    )
    text = paid(people_of(20)) + opened
    for person in people_of(20)[:few]:
        text = re.sub(rf'  Expenses:Wages  (\d+ EUR\n    worker: "{person}")', r"  Expenses:Wages:Kitchen  \1", text)
    assert text.count("Expenses:Wages:Kitchen  ") == 4 * few
    assert bool(told(tmp_path, text, "pay")) == shown


def test_pay_in_another_currency_is_another_sum(tmp_path: Path) -> None:
    """Three of twelve are paid in dollars on the kitchen's account and ten there in euro: the three wait, and all with them."""
    opened = (
        '2023-01-01 open Expenses:Wages:Kitchen\n2023-01-01 custom "coop" "bylaw" "publish-public"\n'
        '  accounts: "Expenses:Wages:Kitchen"\n'
    )
    text = paid(people_of(33)) + opened

    def moved(text: str, people: Sequence[str], currency: str, account: str) -> str:
        for person in people:
            text = re.sub(
                rf'  Expenses:Wages  (\d+) EUR\n    worker: "{person}"',
                rf'  {account}  \1 {currency}\n    worker: "{person}"',
                text,
            )
        return text

    people = people_of(33)
    text = moved(text, people[:10], "USD", "Expenses:Wages:Kitchen")
    three = moved(text, people[10:13], "EUR", "Expenses:Wages:Kitchen")
    ten = moved(text, people[10:20], "EUR", "Expenses:Wages:Kitchen")
    assert told(tmp_path, three, "pay") == []
    assert len(told(tmp_path, ten, "pay")) == 1


# -- which years are one total ---------------------------------------------------------------------------------------


def test_years_of_few_are_one_total_until_there_are_ten(tmp_path: Path) -> None:
    """Six in 2023, other four in 2024, all at 12 an hour: ten people got 4 x 1,200 each."""
    first, second = people_of(6), people_of(10)[6:]
    text = HEAD + "".join(map(member, people_of(10)))
    text += pay_text(paid_in(2023, first, 30)) + pay_text(paid_in(2024, second, 30))
    assert told(tmp_path, text, "pay", "2024-12-31") == []
    assert told(tmp_path, text, "pay", "2025-01-01") == ['2024-12-31 "pay" "2023/2024" 48000 EUR 10']


def test_a_year_without_pay_lies_between_two_and_is_no_total_of_its_own(tmp_path: Path) -> None:
    """Six were paid in 2022 and four in 2024: the total says all three years, since it is of none of them alone."""
    first, second = people_of(6), people_of(10)[6:]
    text = HEAD.replace("2023-01-01", "2022-01-01") + "".join(member(each, "2022-01-01") for each in people_of(10))
    text += pay_text(paid_in(2022, first, 30)) + pay_text(paid_in(2024, second, 30))
    assert told(tmp_path, text, "pay", "2025-01-01") == ['2024-12-31 "pay" "2022/2024" 48000 EUR 10']
    alone = text.replace("2024-", "2025-")
    assert told(tmp_path, alone + pay_text(paid_in(2022, second, 30)), "pay", "2026-01-01")[0] == (
        '2022-12-31 "pay" "2022" 48000 EUR 10'
    )


def test_a_year_is_closed_on_the_day_after_its_last(tmp_path: Path) -> None:
    text = paid(people_of(12))
    assert told(tmp_path, text, "pay", "2023-12-31") == []
    assert told(tmp_path, text, "pay-band", "2023-12-31") == []
    assert len(told(tmp_path, text, "pay", "2024-01-01")) == 1
    assert len(told(tmp_path, text, "pay-band", "2024-01-01")) == 1


# -- bands -----------------------------------------------------------------------------------------------------------


def test_bands_are_of_the_last_period_of_each_year(tmp_path: Path) -> None:
    """In 2024 nobody comes and nobody goes: there are bands of both Decembers, and of no other month."""
    found = told(tmp_path, paid(people_of(12), (2023, 2024)), "pay-band", "2025-02-01")
    assert [line.partition(' "hourly"')[0] for line in found] == [
        '2023-12-31 "pay-band" "2023-12"',
        '2024-12-31 "pay-band" "2024-12"',
    ]


def test_bands_of_thirty_have_edges_in_money(tmp_path: Path) -> None:
    found = told(tmp_path, coop(30), "pay-band")
    assert [line.partition('"hourly" ')[2] for line in found] == [
        '"none" 15 EUR 10',
        "15 EUR 20 EUR 10",
        '20 EUR "none" 10',
    ]


@pytest.mark.parametrize(
    ("median", "width"),
    [
        (4, 1),
        (Fraction(401, 100), 2),
        (8, 2),
        (9, 5),
        (20, 5),
        (21, 10),
        (40, 10),
        (41, 20),
        (80, 20),
        (200, 50),
        (201, 100),
    ],
)
def test_a_band_is_at_least_a_quarter_of_the_median_wide(median: Fraction | int, width: int) -> None:
    """A quarter of 20 is 5, which is wide enough; of a cent more it is not."""
    assert width_of([Fraction(median)]) == width


def test_an_edge_belongs_to_the_band_above_it() -> None:
    """Who gets just 15 gets "15 and more"."""
    assert bands_of([Fraction(14), Fraction(15)], 1, 5) == [(None, 15, 1), (15, None, 1)]
    assert bands_of([Fraction(1499, 100), Fraction(15), Fraction(16)], 1, 5) == [(None, 15, 1), (15, None, 2)]


def test_the_last_band_is_never_left_with_few() -> None:
    """Two, two and one: the one would stand alone above 20, so the last two bands are one."""
    rates = [Fraction(rate) for rate in (11, 12, 16, 17, 21)]
    assert bands_of(rates, 2, 5) == [(None, 15, 2), (15, None, 3)]
    assert bands_of(rates[:4], 2, 5) == [(None, 15, 2), (15, None, 2)]
    assert bands_of([], 2, 5) == []


# -- what the rules refuse -------------------------------------------------------------------------------------------


def test_a_ratio_that_cannot_be_computed_is_not_told_and_the_total_is(tmp_path: Path) -> None:
    """A cap over a floor that is not given: `check` says so, and here nothing is said of any ratio."""
    text = paid(people_of(12)).replace("  cap: 3\n", '  cap: 3\n  compare: "max/floor"\n  floor: "nobodys-rate"\n')
    assert told(tmp_path, text, "wage-ratio") == []
    assert told(tmp_path, text, "pay") == ['2023-12-31 "pay" "2023" 86400 EUR 12']


def test_books_without_a_currency_tell_no_figure_of_pay(tmp_path: Path) -> None:
    text = paid(people_of(12)).replace('option "operating_currency" "EUR"\n', "")
    assert told(tmp_path, text, "pay") == told(tmp_path, text, "wage-ratio") == []


def test_the_years_of_pay_are_the_fiscal_ones(tmp_path: Path) -> None:
    """A year that ends in June 2023 has two quarters of pay in it."""
    text = paid(people_of(12)) + '2023-01-01 custom "coop" "bylaw" "fiscal-year"\n  ends: "06-30"\n'
    assert told(tmp_path, text, "pay", "2023-07-01") == ['2023-06-30 "pay" "2023" 43200 EUR 12']


def test_a_year_with_ten_again_is_held_to_every_earlier_total(tmp_path: Path) -> None:
    """2024 with one more waits; with 2025, when the same eleven as in 2023 are paid, the difference is still of the one."""
    people = people_of(12)
    text = HEAD + "".join(map(member, people[:11])) + member("m12", "2024-01-01")
    for year, some in ((2023, people[:11]), (2024, people), (2025, people[:11])):
        text += pay_text(paid_in(year, some, 30))
    assert [line.split()[2] for line in told(tmp_path, text, "pay", "2026-01-01")] == ['"2023"']
