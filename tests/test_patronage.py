"""By what members and workers share, who takes part, and how much of a part is money."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from treasurer import messages, parts, postings, sale, surplus, work

from coopbooks.cooperative import Cooperative
from coopbooks.errors import NothingToShareBy, SurplusRefused

Coop = Callable[..., Cooperative]


def member(person: str, day: str = "2025-01-01", *fields: str) -> str:
    lines = "\n  ".join(fields)
    return f"""
{day} custom "coop" "member" "{person.lower()}"
  wages: Expenses:Wages:{person}
  capital: Equity:Capital:{person}
  {lines}
"""


def shared(*fields: str, to: str = "members") -> str:
    """One step that gives everything away, with these fields."""
    lines = "\n  ".join(fields)
    return f"""
2025-01-01 custom "coop" "allocation" "all"
  step: 1
  to: "{to}"
  rest: TRUE
  {lines}
"""


def bylaw(*fields: str) -> str:
    lines = "\n  ".join(fields)
    return f"""
2025-01-01 custom "coop" "bylaw" "surplus"
  {lines}
"""


HEAD = """
option "operating_currency" "USD"
plugin "beancount.plugins.auto_accounts"
"""
# 600 + 300 + 100 of pay for 30 + 60 + 10 hours, and 1100 of income: a surplus of 100.
BOOKS = (
    HEAD
    + member("M01")
    + member("M02")
    + member("M03")
    + sale("2025-03-01", "1100.00 USD")
    + work("2025-06-30", "M01", "600.00 USD", "30")
    + work("2025-06-30", "M02", "300.00 USD", "60")
    + work("2025-06-30", "M03", "100.00 USD", "10")
)
BY_HOURS = {"m01": "30.00", "m02": "60.00", "m03": "10.00"}
BY_PAY = {"m01": "60.00", "m02": "30.00", "m03": "10.00"}
ALIKE = {"m01": "33.34", "m02": "33.33", "m03": "33.33"}  # the odd cent to the smallest id


# -- by ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ((), BY_HOURS),  # the default
        (('patronage: "hours"',), BY_HOURS),
        (('patronage: "wages"',), BY_PAY),
        (('patronage: "equal"',), ALIKE),
        # 0.7 x 30 + 0.01 x 600 = 27; 42 + 3 = 45; 7 + 1 = 8: of 80
        (
            ('patronage: "weighted"', 'weights: "hours:0.7 wages:0.01"'),
            {"m01": "33.75", "m02": "56.25", "m03": "10.00"},
        ),
    ],
)
def test_patronage_is_what_the_bylaw_says(coop: Coop, rule: tuple[str, ...], expected: dict[str, str]) -> None:
    assert parts(coop(BOOKS + bylaw(*rule) + shared())) == expected
    assert parts(coop(BOOKS + bylaw(*rule) + shared('by: "patronage"'))) == expected


@pytest.mark.parametrize(("by", "expected"), [("hours", BY_HOURS), ("wages", BY_PAY), ("equal", ALIKE)])
def test_a_step_may_share_by_another_figure(coop: Coop, by: str, expected: dict[str, str]) -> None:
    assert parts(coop(BOOKS + bylaw('patronage: "wages"') + shared(f'by: "{by}"'))) == expected


def test_a_step_may_share_by_capital(coop: Coop) -> None:
    # 300 : 100 on the last day; m03 has none.
    books = f"""{BOOKS}{shared('by: "capital"')}
2025-12-31 * "Buy-in"
  Assets:Bank                 400.00 USD
  Equity:Capital:M01:Buyin   -300.00 USD
  Equity:Capital:M02:2024    -100.00 USD
2026-01-01 * "Buy-in"
  Assets:Bank                 400.00 USD
  Equity:Capital:M03
"""
    assert parts(coop(books)) == {"m01": "75.00", "m02": "25.00"}


def test_the_answer_shows_each_ones_figure_and_share(coop: Coop) -> None:
    rows = surplus(coop(BOOKS + shared()))["members"]
    assert [(row["member"], row["patronage"], row["share"]) for row in rows] == [
        ("m01", "30.00", "0.300000"),
        ("m02", "60.00", "0.600000"),
        ("m03", "10.00", "0.100000"),
    ]


def test_one_row_a_member_over_all_steps(coop: Coop) -> None:
    # Half by hours, 15 + 30 + 5; half by pay, 30 + 15 + 5.
    books = (
        BOOKS
        + shared('by: "wages"')
        + """
2025-01-01 custom "coop" "allocation" "first"
  step: 0
  to: "members"
  share: 0.5
"""
    )
    assert parts(coop(books)) == {"m01": "45.00", "m02": "45.00", "m03": "10.00"}


def test_workers_share_by_everyones_figure(coop: Coop) -> None:
    # 60 more hours and no pay: 160 in all.
    books = f"""{BOOKS}{shared(to="workers")}{work("2025-06-30", "W01", "0.00 USD", "60", "unpaid")}
2025-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages:W01
"""
    expected = {"m01": "18.75", "m02": "37.50", "m03": "6.25", "w01": "37.50"}
    assert parts(coop(books), of="workers") == expected
    assert parts(coop(books.replace("rest: TRUE", 'rest: TRUE\n  by: "equal"')), of="workers") == dict.fromkeys(
        expected, "25.00"
    )


# -- which work counts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["base", "overtime", "contract", "unpaid"])
def test_work_of_these_kinds_is_patronage(coop: Coop, kind: str) -> None:
    # 100 hours more: 130 : 60 : 10 of 200.
    books = BOOKS + shared() + work("2025-07-31", "M01", "0.00 USD", "100", kind)
    assert parts(coop(books)) == {"m01": "65.00", "m02": "30.00", "m03": "5.00"}


@pytest.mark.parametrize("kind", ["bonus", "leave", "sick", "severance", "in-kind", "none"])
def test_work_of_other_kinds_is_none(coop: Coop, kind: str) -> None:
    books = BOOKS + shared() + work("2025-07-31", "M01", "0.00 USD", "100", kind)
    assert parts(coop(books)) == BY_HOURS


def test_the_bylaw_may_count_other_kinds(coop: Coop) -> None:
    books = BOOKS + shared() + bylaw('count: "base leave"') + work("2025-07-31", "M01", "0.00 USD", "100", "leave")
    books += work("2025-07-31", "M02", "0.00 USD", "1000", "unpaid")
    assert parts(coop(books)) == {"m01": "65.00", "m02": "30.00", "m03": "5.00"}


def test_a_correction_subtracts_its_hours_too(coop: Coop) -> None:
    # m02 was booked 10 hours and 50.00 too many: 30 : 50 : 10, and the surplus is 150.
    books = BOOKS + shared() + work("2025-07-31", "M02", "-50.00 USD", "10")
    assert parts(coop(books)) == {"m01": "50.00", "m02": "83.33", "m03": "16.67"}


def test_a_pay_period_moves_hours_to_its_year_and_the_result_stays(coop: Coop) -> None:
    # Paid in January 2026 for December 2025: the 100 hours are of 2025, the 10.00 of the result of 2026.
    books = f"""{BOOKS}{shared()}
2026-01-10 * "Pay"
  Expenses:Wages:M01  10.00 USD
    hours: 100
    pay-period: "2025-12"
  Assets:Bank
"""
    assert parts(coop(books)) == {"m01": "65.00", "m02": "30.00", "m03": "5.00"}
    assert surplus(coop(books), "2026")["result"] == "-10.00"


@pytest.mark.parametrize(
    ("since", "rule", "expected"),
    [
        ("2025-06-30", (), BY_HOURS),  # a member on the day of the work
        ("2025-07-01", (), {"m01": "75.00", "m03": "25.00"}),  # from the day after: 30 : 10
        ("2025-07-01", ('patronage-from: "hire"',), BY_HOURS),
        ("2025-12-31", ('patronage-from: "hire"',), BY_HOURS),
        (
            "2026-01-01",
            ('patronage-from: "hire"',),
            {"m01": "75.00", "m03": "25.00"},
        ),  # no member in the year
    ],
)
def test_patronage_counts_from_membership_or_from_hire(
    coop: Coop, since: str, rule: tuple[str, ...], expected: dict[str, str]
) -> None:
    worker = '2025-01-01 custom "coop" "worker" "m02"\n  wages: Expenses:Wages:M02\n'
    books = BOOKS.replace(member("M02"), worker + member("M02", since)) + shared() + bylaw('split: "none"', *rule)
    assert parts(coop(books)) == expected


def test_hours_before_the_founding_day_count_only_from_hire(coop: Coop) -> None:
    # The co-op begins on 1 May; m01 had worked 30 hours in April already.
    books = (BOOKS + shared()).replace("2025-01-01", "2025-05-01").replace("2025-03-01", "2025-05-01")
    books += work("2025-04-30", "M01", "1.00 USD", "30")
    assert parts(coop(books)) == BY_HOURS
    hired = bylaw('patronage-from: "hire"').replace("2025-01-01", "2025-05-01")
    assert parts(coop(books + hired)) == {
        "m01": "46.16",
        "m02": "46.15",
        "m03": "7.69",
    }  # 60 : 60 : 10 of 130


# -- who takes part ------------------------------------------------------------------------------------------


def left(person: str, day: str) -> str:
    return f'\n{day} custom "coop" "exit" "{person}"\n  cause: "resignation"\n'


@pytest.mark.parametrize("day", ["2025-12-31", "2026-01-01"])
def test_a_leaver_keeps_what_was_earned(coop: Coop, day: str) -> None:
    assert parts(coop(BOOKS + shared() + left("m02", day))) == BY_HOURS


@pytest.mark.parametrize(
    ("day", "expected"), [("2025-12-31", {"m01": "75.00", "m03": "25.00"}), ("2026-01-01", BY_HOURS)]
)
def test_takes_part_at_close_lets_only_those_in_on_the_last_day(coop: Coop, day: str, expected: dict[str, str]) -> None:
    books = BOOKS + shared() + bylaw('takes-part: "at-close"') + left("m02", day)
    assert parts(coop(books)) == expected


def test_who_is_a_worker_at_the_close_is_out_as_well(coop: Coop) -> None:
    books = f"""{BOOKS}{shared()}{bylaw('takes-part: "at-close"')}
2025-12-31 custom "coop" "worker" "m02"
  wages: Expenses:Wages:M02
"""
    assert parts(coop(books)) == {"m01": "75.00", "m03": "25.00"}


@pytest.mark.parametrize(("day", "expected"), [("2025-12-31", {"m01": "50.00", "m03": "50.00"}), ("2026-01-01", ALIKE)])
def test_equal_counts_the_members_of_the_last_day(coop: Coop, day: str, expected: dict[str, str]) -> None:
    assert parts(coop(BOOKS + shared('by: "equal"') + left("m02", day))) == expected


@pytest.mark.parametrize(("day", "expected"), [("2025-12-31", "25.00"), ("2026-01-01", None)])
def test_equal_counts_who_became_a_member_by_then(coop: Coop, day: str, expected: str | None) -> None:
    assert parts(coop(BOOKS + shared('by: "equal"') + member("M04", day))).get("m04") == expected


@pytest.mark.parametrize(("minimum", "expected"), [("10", BY_HOURS), ("10.01", {"m01": "33.33", "m02": "66.67"})])
def test_below_the_minimum_a_member_takes_no_part(coop: Coop, minimum: str, expected: dict[str, str]) -> None:
    assert parts(coop(BOOKS + shared() + bylaw(f"minimum: {minimum}"))) == expected


@pytest.mark.parametrize(
    ("hours", "expected"),
    [("10", BY_PAY), ("10.01", {"m01": "66.67", "m02": "33.33"}), ("60", {"m02": "100.00"})],
)
def test_a_step_may_ask_for_hours_in_the_period(coop: Coop, hours: str, expected: dict[str, str]) -> None:
    assert parts(coop(BOOKS + shared('by: "wages"', f"minimum-hours: {hours}"))) == expected


@pytest.mark.parametrize(
    ("hired", "takes_part"),
    [("2025-10-01", True), ("2025-10-02", False)],  # three months to 31 December, its whole day counted
)
def test_a_step_may_ask_for_months_since_hire(coop: Coop, hired: str, takes_part: bool) -> None:
    books = BOOKS + member("M04", hired) + work("2025-11-30", "M04", "0.00 USD", "100", "unpaid")
    assert ("m04" in parts(coop(books + shared("minimum-months: 3")))) is takes_part


def test_months_count_from_since_where_the_hire_was_earlier(coop: Coop) -> None:
    books = BOOKS + work("2025-11-30", "M04", "0.00 USD", "100", "unpaid")
    books += member("M04", "2025-11-01", "since: 2025-10-01") + shared("minimum-months: 3")
    assert parts(coop(books))["m04"] == "50.00"


def test_seniority_weighs_by_months_since_hire(coop: Coop) -> None:
    # 12 months weigh 1.0 and 60 months 1.5: hired on 2 January 2021, m02 has 59; on 1 January 60.
    for since, expected in (
        ("2021-01-02", BY_HOURS),
        ("2021-01-01", {"m01": "23.08", "m02": "69.23", "m03": "7.69"}),  # 30 : 90 : 10 of 130
    ):
        books = BOOKS.replace(member("M02"), member("M02", "2025-01-01", f"since: {since}"))
        assert parts(coop(books + shared('seniority: "0:1.0 60:1.5"'))) == expected


def test_before_the_first_rung_of_seniority_one_takes_no_part(coop: Coop) -> None:
    # Hired on 1 December 2024, m02 has 13 months; hired a day later, 12, as the others have.
    for since, expected in (("2024-12-01", {"m02": "100.00"}), ("2024-12-02", BY_HOURS)):
        books = BOOKS.replace(member("M02"), member("M02", "2025-01-01", f"since: {since}"))
        rung = "13" if since == "2024-12-01" else "12"
        assert parts(coop(books + shared(f'seniority: "{rung}:1.0"'))) == expected


# -- the maximum ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("maximum", "expected"),
    [
        ("0.60", BY_HOURS),  # nobody is over it
        # m02 has 60: 50 are left it, and 50 go 30 : 10 to the others
        ("0.50", {"m01": "37.50", "m02": "50.00", "m03": "12.50"}),
        # 40, and 60 go 30 : 10 = 45 : 15, which is over 40 again: 40, 40, 20
        ("0.40", {"m01": "40.00", "m02": "40.00", "m03": "20.00"}),
        ("1", BY_HOURS),
    ],
)
def test_no_member_exceeds_the_maximum(coop: Coop, maximum: str, expected: dict[str, str]) -> None:
    assert parts(coop(BOOKS + shared() + bylaw(f"maximum: {maximum}"))) == expected


def test_a_maximum_under_which_nobody_could_take_the_whole_is_refused(coop: Coop) -> None:
    with pytest.raises(SurplusRefused, match=r"to at least 0\.34$"):
        coop(BOOKS + shared() + bylaw("maximum: 0.33")).surplus("2025")
    assert len(coop(BOOKS + shared() + bylaw("maximum: 0.34")).surplus("2025").members) == 3


# -- weights -------------------------------------------------------------------------------------------------


def contribution(person: str, name: str, value: str, period: str = "2025") -> str:
    return f"""
2025-11-01 custom "coop" "contribution" "{person}"
  period: "{period}"
  of: "{name}"
  value: {value}
"""


COMMUNITY = (
    contribution("m03", "community", "3")
    + contribution("m03", "community", "2")
    + contribution("m01", "community", "5")
)


def weighted(weights: str, *fields: str) -> str:
    return BOOKS + shared() + bylaw('patronage: "weighted"', f'weights: "{weights}"', *fields)


def test_other_names_come_from_contributions_which_add_up(coop: Coop) -> None:
    # By value: 30 + 10 x 5 = 80; 60; 10 + 10 x (3 + 2) = 60: of 200. Another year's do not count.
    books = weighted("hours:1 community:10") + COMMUNITY + contribution("m02", "community", "50", "2024")
    assert parts(coop(books)) == {"m01": "40.00", "m02": "30.00", "m03": "30.00"}


def test_weights_may_weigh_each_ones_share_of_a_figure(coop: Coop) -> None:
    # Shares: hours 0.3, 0.6, 0.1; pay 0.6, 0.3, 0.1; community 0.5, 0, 0.5; equal a third each.
    #   m01 0.4 x 0.3 + 0.3 x 0.6 + 0.2 x 0.5 + 0.1 / 3 = 0.40 + 0.0333…
    #   m02 0.24 + 0.09 + 0 + 0.0333… = 0.33 + 0.0333…; m03 0.04 + 0.03 + 0.10 + 0.0333… = 0.17 + 0.0333…
    books = weighted("hours:0.4 wages:0.3 community:0.2 equal:0.1", 'weigh: "share"') + COMMUNITY
    assert parts(coop(books)) == {"m01": "43.34", "m02": "36.33", "m03": "20.33"}


def test_a_name_that_nobody_has_counts_zero_or_drops_out(coop: Coop) -> None:
    # By value hours alone decide, by share as well: their weight of 0.4 is then the whole.
    assert parts(coop(weighted("hours:0.4 community:0.6"))) == BY_HOURS
    assert parts(coop(weighted("hours:0.4 community:0.6", 'weigh: "share"'))) == BY_HOURS


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (bylaw('patronage: "weighted"'), "weights"),
        (weighted("hours:1")[len(BOOKS) :] + contribution("m01", "community", "5"), "community"),
        (weighted("hours:1 community:1")[len(BOOKS) :] + contribution("m09", "community", "5"), "m09"),
        (
            weighted("hours:1 community:1")[len(BOOKS) :] + contribution("m01", "community", "5", "2025-03"),
            "2025-03",
        ),
        (bylaw('patronage: "weighted"', 'weights: "hours"'), "weights"),
    ],
)
def test_weights_and_contributions_must_fit_together(coop: Coop, text: str, word: str) -> None:
    found = messages(coop(BOOKS + text))
    assert any(word in each for each in found), found


def test_a_figure_below_zero_is_refused(coop: Coop) -> None:
    books = weighted("hours:1 community:10") + contribution("m01", "community", "-4")  # 30 - 40
    with pytest.raises(SurplusRefused, match=r"of m01 in 2025 is -10\.00"):
        coop(books).surplus("2025")


# -- nobody to share with ------------------------------------------------------------------------------------


def test_a_surplus_that_nobody_worked_for_cannot_be_shared(coop: Coop) -> None:
    books = HEAD + "2025-01-01 open Expenses:Wages:M01\n" + member("M01") + sale("2025-03-01", "100.00 USD") + shared()
    loaded = coop(books)
    with pytest.raises(NothingToShareBy, match="post pay with hours"):
        loaded.surplus("2025")
    assert messages(loaded) == []  # the year is young
    closed = """
2025-12-31 * "Close" #coop-close
  period: "2025"
  Equity:Surplus              100.00 USD
  Liabilities:Patronage:M01  -100.00 USD
"""
    assert "nobody" in messages(coop(books + closed))[0]


# -- cash and notices ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "cash"),
    [
        ((), BY_HOURS),  # all of it
        (("cash: 0",), {}),
        (("cash: 0.2",), {"m01": "6.00", "m02": "12.00", "m03": "2.00"}),
        # 25.1 %: 7.53 + 15.06 + 2.51
        (("cash: 0.251",), {"m01": "7.53", "m02": "15.06", "m03": "2.51"}),
        # 25.01 %: 7.503, 15.006, 2.501, together 25.01: the cent left to the largest remainder, m02's
        (("cash: 0.2501",), {"m01": "7.50", "m02": "15.01", "m03": "2.50"}),
        (("cash: 0.2501", 'notice: "nonqualified"'), {"m01": "7.50", "m02": "15.01", "m03": "2.50"}),
        # qualified: each one rounds up, so that nobody falls below the share
        (("cash: 0.2501", 'notice: "qualified"'), {"m01": "7.51", "m02": "15.01", "m03": "2.51"}),
    ],
)
def test_the_cash_part_of_each_member(coop: Coop, rule: tuple[str, ...], cash: dict[str, str]) -> None:
    loaded = coop(BOOKS + shared() + bylaw(*rule))
    assert parts(loaded, key="cash") == cash
    assert parts(loaded) == BY_HOURS


def test_twenty_percent_of_a_qualified_notice_is_never_less(coop: Coop) -> None:
    # 10.02 x 20 % = 2.004: 2.00 would be 19.96 %.
    books = BOOKS.replace("1100.00", "1010.02") + bylaw("cash: 0.2", 'notice: "qualified"')
    (row,) = [
        row
        for row in surplus(coop(books + shared('by: "equal"', "minimum-hours: 60")))["members"]
        if row["member"] == "m02"
    ]
    assert (row["amount"], row["cash"], row["retained"]) == ("10.02", "2.01", "8.01")


def test_a_step_may_have_its_own_cash_share(coop: Coop) -> None:
    # Half of the surplus with 100 % cash, half with the bylaw's 20 %: 15 + 3, 30 + 6, 5 + 1.
    books = (
        BOOKS
        + shared()
        + bylaw("cash: 0.2")
        + """
2025-01-01 custom "coop" "allocation" "first"
  step: 0
  to: "members"
  share: 0.5
  cash: 1
"""
    )
    assert parts(coop(books), key="cash") == {"m01": "18.00", "m02": "36.00", "m03": "6.00"}
    none = books.replace("cash: 1\n", "cash: 0\n")
    assert parts(coop(none), key="cash") == {"m01": "3.00", "m02": "6.00", "m03": "1.00"}


def test_cash_is_computed_from_the_sum_of_all_steps(coop: Coop) -> None:
    # Two steps of 0.03 and 0.02, all m02's: half of 0.05 is 2.5 cents, one rounding: 0.03, not 0.02 + 0.01.
    books = (
        BOOKS.replace("1100.00", "1000.05")
        + bylaw("cash: 0.5")
        + shared("minimum-hours: 60")
        + """
2025-01-01 custom "coop" "allocation" "first"
  step: 0
  to: "members"
  share: 0.6
  minimum-hours: 60
"""
    )
    assert parts(coop(books), key="cash") == {"m02": "0.03"}


@pytest.mark.parametrize(("day", "cash"), [("2025-12-31", "60.00"), ("2026-01-01", "12.00")])
def test_a_leaver_is_paid_all_of_it(coop: Coop, day: str, cash: str) -> None:
    loaded = coop(BOOKS + shared() + bylaw("cash: 0.2") + left("m02", day))
    assert parts(loaded, key="cash") == {"m01": "6.00", "m02": cash, "m03": "2.00"}


# -- declining -----------------------------------------------------------------------------------------------


COLLECTIVE = """
2025-01-01 custom "coop" "bylaw" "capital"
  collective: "Equity:Collective Equity:Reserve"
"""


def decline(person: str, *fields: str, period: str = "2025") -> str:
    lines = "\n  ".join(fields)
    return f"""
2026-01-15 custom "coop" "decline" "{person}"
  period: "{period}"
  {lines}
"""


def test_who_declines_gets_nothing_and_nobody_gets_more(coop: Coop) -> None:
    loaded = coop(BOOKS + shared() + COLLECTIVE + decline("m02"))
    assert parts(loaded) == BY_HOURS
    assert parts(loaded, key="cash") == {"m01": "30.00", "m03": "10.00"}
    assert parts(loaded, key="declined") == {"m02": "60.00"}
    assert postings(loaded)["Equity:Collective"] == "-60.00"


def test_a_part_may_be_declined_and_sent_elsewhere(coop: Coop) -> None:
    # A quarter, 15.00, and a tenth, 6.00; of the 39.00 that stay 20 % are paid: 7.80.
    books = BOOKS + shared() + bylaw("cash: 0.2") + COLLECTIVE
    books += decline("m02", "share: 0.25", "to: Equity:Strike") + decline("m02", "share: 0.1")
    loaded = coop(books)
    (row,) = [row for row in surplus(loaded)["members"] if row["member"] == "m02"]
    assert [row[key] for key in ("amount", "declined", "cash", "retained")] == [
        "60.00",
        "21.00",
        "7.80",
        "31.20",
    ]
    assert postings(loaded)["Equity:Strike"] == "-15.00"
    assert postings(loaded)["Equity:Collective"] == "-6.00"


def test_nobody_declines_more_than_the_whole(coop: Coop) -> None:
    books = BOOKS + shared() + COLLECTIVE + decline("m02", "share: 0.7") + decline("m02", "share: 0.7", "to: Equity:B")
    assert parts(coop(books), key="declined") == {"m02": "60.00"}


def test_another_years_decline_does_not_count(coop: Coop) -> None:
    assert parts(coop(BOOKS + shared() + COLLECTIVE + decline("m02", period="2024")), key="declined") == {}


def test_a_decline_needs_an_account(coop: Coop) -> None:
    with pytest.raises(SurplusRefused, match="collective"):
        coop(BOOKS + shared() + decline("m02")).surplus("2025")


# -- who is listed -------------------------------------------------------------------------------------------


def test_every_member_of_the_period_is_listed(coop: Coop) -> None:
    books = BOOKS + shared() + member("M04", "2025-12-31") + member("M05", "2026-01-01")
    books += (
        member("M06", "2024-01-01")
        + left("m06", "2025-01-01")
        + member("M07", "2024-01-01")
        + left("m07", "2025-01-02")
    )
    rows = surplus(coop(books))["members"]
    assert [row["member"] for row in rows] == ["m01", "m02", "m03", "m04", "m07"]
