"""When the public may read a year's surplus: both sides of ten for each way in which a step could tell what few people got."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from test_publish_public import HEAD, QUARTERS, close, member, paid_in, pay_text, people_of, public, sale, year_text

from coopbooks.publish.closes import shown_of

YEAR = 2023
AS_OF = "2025-02-01"


def books(rules: str, members: Sequence[str], workers: Sequence[str] = (), more: str = "") -> str:
    """A year in which all are paid alike each quarter, under other rules than those of `HEAD`."""
    paid = paid_in(YEAR, [*members, *workers])
    hired = "".join(f'2023-01-01 custom "coop" "worker" "{each}"\n  wages: Expenses:Wages\n' for each in workers)
    sales = "".join(sale(f"{YEAR}-{day}", 60_000) for day in QUARTERS)
    surplus = 240_000 - sum(row.amount for row in paid)
    return rules + "".join(map(member, members)) + hired + pay_text(paid) + sales + more + close(YEAR, surplus, members)


def told(folder: Path, text: str, as_of: str = AS_OF) -> list[str]:
    """The lines of the public file about the surplus, without their day."""
    return re.findall(r'^\S+ custom "published" ("surplus.*)$', public(folder, text, as_of), re.MULTILINE)


def test_the_lines_of_a_waterfall_by_hand(tmp_path: Path) -> None:
    """240,000 of sales less 12 x 400 x 18 = 86,400 of pay are 153,600. A third of it, then a tenth of that third.

    Two of the steps have ids that are no plain words, and pass by numbers.
    A third is told with six decimals; the sum of the third is 51,200, a tenth of it 5,120, the rest 97,280.
    """
    rules = HEAD.replace("  share: 0.50", "  share: 1/3").replace(
        'allocation" "reserve"\n  step: 2\n  to: Equity:Reserve\n  rest: TRUE',
        'allocation" "the reserve"\n  step: 3\n  to: Equity:Reserve\n  rest: TRUE\n2023-01-01 custom "coop" "allocation" "tenth"\n'
        '  step: 2\n  to: Equity:Reserve\n  share: 0.1\n  of: "step:our_members"',
    )
    rules = rules.replace(
        '2023-01-01 custom "coop" "allocation" "training"\n  step: 1\n  to: Equity:Funds:Training\n  share: 0.10\n', ""
    )
    rules = rules.replace('allocation" "members"', 'allocation" "our_members"')
    assert told(tmp_path, books(rules, people_of(12))) == [
        '"surplus" "2023" 153600.00 EUR 0.00 EUR',
        '"surplus-step" "2023" 1 "allocation-no-1" "members" 0.333333 "surplus" 51200.00 EUR 12',
        '"surplus-step" "2023" 2 "tenth" "Equity:Collective:Tenth" 0.100000 "step:allocation-no-1" 5120.00 EUR 0',
        '"surplus-step" "2023" 3 "allocation-no-2" "Equity:Collective:Tenth" "none" "none" 97280.00 EUR 0',
    ]


# -- a step of the pay of all ----------------------------------------------------------------------------------------


def of_payroll(share: str) -> str:
    return HEAD.replace("  share: 0.10\n", f'  share: {share}\n  of: "payroll"\n')


@pytest.mark.parametrize(
    ("rules", "second", "years"),
    [
        (HEAD, 12, ["2023", "2024"]),
        (of_payroll("0.05"), 11, ["2023", "2024"]),  # the pay of both years is published, each by itself
        (of_payroll("0.05"), 12, ["2023"]),  # that of 2024 is not: less that of 2023 it would be what m12 got
        (of_payroll("0"), 12, ["2023", "2024"]),  # a share of nothing tells nothing
    ],
)
def test_a_step_of_the_payroll_tells_the_pay_of_its_year(
    tmp_path: Path, rules: str, second: int, years: list[str]
) -> None:
    """A twentieth of the payroll, times twenty, is the payroll."""
    people = people_of(12)
    text = rules + "".join(map(member, people[:11])) + year_text(2023, 24_000, people[:11], of=15)
    text += "".join(member(each, "2024-01-01") for each in people[11:second])
    text += year_text(2024, 24_000, people[:second], of=15)
    assert re.findall(r'"surplus" "(\d+)"', public(tmp_path, text, AS_OF)) == years


# -- what members give back ------------------------------------------------------------------------------------------


def declined(people: Sequence[str], share: str = "1") -> str:
    """A member who takes no part of the surplus gives it to the reserve, which has a step of its own."""
    return "".join(
        f'2023-06-01 custom "coop" "decline" "{each}"\n  period: "2023"\n  share: {share}\n  to: Equity:Reserve\n'
        for each in people
    )


@pytest.mark.parametrize(("given", "shown"), [(0, True), (1, False), (9, False), (10, True)])
def test_what_few_give_back_is_not_to_be_found_in_what_the_reserve_gets(
    tmp_path: Path, given: int, shown: bool
) -> None:
    people = people_of(20)
    text = books(HEAD, people, more=declined(people[:given]))
    assert bool(told(tmp_path, text)) == shown
    assert ("\n  Equity:Funds:Training" in public(tmp_path, text, AS_OF)) == shown


def test_who_gives_back_nothing_is_behind_no_figure(tmp_path: Path) -> None:
    assert told(tmp_path, books(HEAD, people_of(20), more=declined(["m01"], share="0")))


# -- a result that is divided by pay ---------------------------------------------------------------------------------

BY_WAGES = HEAD.replace('  split: "none"', '  split: "wages"\n  nonmember-to: Equity:Reserve')
OF_NONMEMBERS = HEAD.replace('  split: "none"', '  split: "wages"').replace(
    "  share: 0.10\n", '  share: 0.10\n  of: "nonmember"\n'
)


@pytest.mark.parametrize(
    ("rules", "members", "workers", "shown"),
    [
        (BY_WAGES, 12, 3, False),  # the pay of all is known, and with the part that follows from it that of three
        (BY_WAGES, 12, 10, True),
        (BY_WAGES, 12, 0, True),
        (OF_NONMEMBERS, 12, 3, False),  # so does a step that is a share of that part
        (OF_NONMEMBERS, 12, 10, True),
        (HEAD.replace('  split: "none"', '  split: "wages"'), 12, 3, True),  # no step tells the part of the others
        (HEAD, 12, 3, True),
    ],
)
def test_the_part_of_non_members_tells_what_they_are_paid(
    tmp_path: Path, rules: str, members: int, workers: int, shown: bool
) -> None:
    people = people_of(members + workers)
    assert bool(told(tmp_path, books(rules, people[:members], people[members:]))) == shown


def test_nobodys_pay_of_another_year_is_behind_the_two_sides(tmp_path: Path) -> None:
    """Three were paid as non-members, but the year before: of this year there is nobody on that side."""
    people = people_of(15)
    before = "2022-01-01 open Expenses:Earlier\n2022-01-01 open Assets:Till\n" + "".join(
        f'2022-01-01 custom "coop" "worker" "{each}"\n  wages: Expenses:Earlier\n'
        f'2022-06-30 * "pay"\n  Expenses:Earlier  100 EUR\n    worker: "{each}"\n    hours: 9\n  Assets:Till\n'
        for each in people[12:]
    )
    assert any('"2023"' in line for line in told(tmp_path, books(BY_WAGES, people[:12], more=before)))


# -- rules that cannot be applied ------------------------------------------------------------------------------------


def test_of_a_year_whose_rules_cannot_be_applied_nothing_is_told(tmp_path: Path) -> None:
    """Nobody knows who shares: so the fourth quarter waits, which would complete the result, and no line is written."""
    text = books(HEAD, people_of(12)).replace("  share: 0.50", '  share: "nobodys-rate"')
    shown = public(tmp_path, text, AS_OF)
    assert '"surplus' not in shown
    assert "\n  Equity:Funds:Training" not in shown
    assert shown.count("  Income:Other") == 3


# -- closes that are added up ----------------------------------------------------------------------------------------


def test_people_of_several_closes_count_together_step_by_step() -> None:
    ten = frozenset(people_of(10))
    first, second = frozenset(people_of(6)), frozenset(people_of(10)[4:])
    assert shown_of([])
    assert shown_of([{}, {"step a": ten}])
    assert shown_of([{"step a": frozenset()}])
    assert not shown_of([{"step a": first}])
    assert shown_of([{"step a": first}, {"step a": second}])
    assert not shown_of([{"step a": first}, {"step b": second}])
    assert not shown_of([{"step a": ten, "step b": frozenset({"m01"})}])


def test_a_close_that_amends_tells_the_surplus_no_second_time(tmp_path: Path) -> None:
    text = books(HEAD, people_of(12))
    amended = '2024-02-01 * "more" #coop-close\n  period: "2023"\n  amends: TRUE\n  Equity:Surplus  10 EUR\n  Equity:Reserve\n'
    once = told(tmp_path, text)
    assert len(once) == 4
    assert told(tmp_path, text + amended) == once
    assert told(tmp_path, text + amended.replace("2024-02-01", "2023-12-30")) == once
    alone = text.replace('  period: "2023"\n', '  period: "2023"\n  amends: TRUE\n')
    assert told(tmp_path, alone) == []


def test_the_surplus_is_what_the_books_had_on_the_day_of_the_close(tmp_path: Path) -> None:
    """A sale of the year that is entered on a later day changes the answer, and not what was published."""
    text = books(HEAD, people_of(12))
    late = '2024-03-05 * "late"\n  of-period: "2023"\n  Assets:Bank  77 EUR\n  Income:Sales\n'
    assert told(tmp_path, text + late) == told(tmp_path, text)


def test_the_surplus_stands_on_the_day_of_the_quarter_in_which_it_was_closed(tmp_path: Path) -> None:
    people = people_of(12)
    text = books(HEAD, people).replace('2023-12-31 * "close"', '2024-02-20 * "close"')
    shown = public(tmp_path, text, AS_OF)
    assert re.findall(r'^(\S+) custom "published" "surplus"', shown, re.MULTILINE) == ["2024-03-31"]
    assert told(tmp_path, text, "2024-03-31") == []
    assert Decimal(re.findall(r'"surplus" "2023" (\S+)', shown)[0]) == 240_000 - 86_400


def test_who_has_no_part_is_not_counted_among_those_who_share(tmp_path: Path) -> None:
    """A rent of 153,599.78 leaves 22 cents: of the eleven that twelve members share, one gets none."""
    rent = '2023-12-30 * "rent"\n  Expenses:Rent  153599.78 EUR\n  Assets:Bank\n'
    found = [line for line in told(tmp_path, books(HEAD, people_of(12), more=rent)) if '"members"' in line]
    assert found == ['"surplus-step" "2023" 1 "members" "members" 0.500000 "surplus" 0.11 EUR 11']


def test_of_two_closes_that_are_added_up_neither_is_told_where_one_is_of_few(tmp_path: Path) -> None:
    """Nine share in 2023, ten in 2024: what funds got of both less what 2024 gave them would tell the surplus of the nine."""
    people = people_of(10)
    text = HEAD + "".join(map(member, people[:9])) + year_text(2023, 18_000, people[:9], of=15)
    text += member("m10", "2024-01-01") + year_text(2024, 20_000, people, of=15)
    shown = public(tmp_path, text, AS_OF)
    assert "  Equity:Funds:Training      -3800" in shown
    assert '"surplus"' not in shown.replace('"bylaw" "surplus"', "")
