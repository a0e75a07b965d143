"""Who bears a loss: accounts down to zero, members by patronage against their vintages, and what is carried on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from treasurer import cost, messages, parts, postings, sale, steps, surplus, work

from coopbooks.cooperative import Cooperative
from coopbooks.errors import SurplusRefused

Coop = Callable[..., Cooperative]

# m01 works 60 hours and m02 40; the year loses 100.00.
BOOKS = f"""
option "operating_currency" "USD"
plugin "beancount.plugins.auto_accounts"

2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:M01
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Capital:M02
{work("2025-06-30", "M01", "0.00 USD", "60", "unpaid")}
{work("2025-06-30", "M02", "0.00 USD", "40", "unpaid")}
{cost("2025-03-01", "100.00 USD")}
"""


def loss(name: str, number: int, who: str, *fields: str, day: str = "2025-01-01") -> str:
    lines = "\n  ".join(fields)
    return f"""
{day} custom "coop" "loss" "{name}"
  step: {number}
  from: {who}
  {lines}
"""


def opening(account: str, amount: str, day: str = "2024-12-31") -> str:
    return f"""
{day} * "What stood there before"
  Assets:Bank  {amount} USD
  {account}
"""


def stopped(coop: Cooperative) -> dict[str, str | None]:
    return {step["id"]: step["stopped_by"] for step in surplus(coop)["steps"]}


# -- accounts -------------------------------------------------------------------------------------------------


def test_without_a_rule_nobody_bears_it_and_it_is_carried_on(coop: Coop) -> None:
    loaded = coop(BOOKS)
    answer = surplus(loaded)
    assert (answer["base"], answer["steps"], answer["unallocated"]) == ("-100.00", [], "-100.00")
    assert loaded.close("2025").transaction is None


def test_an_account_bears_a_share_of_the_loss(coop: Coop) -> None:
    books = BOOKS + opening("Equity:Reserve", "500.00") + loss("a", 1, "Equity:Reserve", "share: 0.3")
    answer = surplus(coop(books))
    assert [
        (step["id"], step["to"], step["account"], step["share"], step["base"], step["amount"], step["stopped_by"])
        for step in answer["steps"]
    ] == [("a", "Equity:Reserve", "Equity:Reserve", "0.300000", "-100.00", "-30.00", None)]
    assert answer["unallocated"] == "-70.00"


@pytest.mark.parametrize(
    ("stands", "borne", "stop"),
    [
        ("30.01", "-30.00", None),
        ("30.00", "-30.00", None),
        ("29.99", "-29.99", "until"),
        ("0.00", "0.00", "until"),
        ("-5.00", "0.00", "until"),
    ],
)
def test_an_account_is_never_taken_below_zero(coop: Coop, stands: str, borne: str, stop: str | None) -> None:
    loaded = coop(BOOKS + opening("Equity:Reserve:Legal", stands) + loss("a", 1, "Equity:Reserve", "share: 0.3"))
    assert (steps(loaded), stopped(loaded)) == ({"a": borne}, {"a": stop})


def test_unless_the_rule_says_so(coop: Coop) -> None:
    books = BOOKS + opening("Equity:Reserve", "10.00")
    loaded = coop(books + loss("a", 1, "Equity:Reserve", "rest: TRUE", "below-zero: TRUE"))
    assert (steps(loaded), stopped(loaded)) == ({"a": "-100.00"}, {"a": None})


@pytest.mark.parametrize(("day", "borne"), [("2025-12-31", "-100.00"), ("2026-01-01", "0.00")])
def test_the_balance_is_that_of_the_last_day(coop: Coop, day: str, borne: str) -> None:
    books = BOOKS + opening("Equity:Reserve", "500.00", day) + loss("a", 1, "Equity:Reserve", "rest: TRUE")
    assert steps(coop(books)) == {"a": borne}


@pytest.mark.parametrize(
    ("fields", "borne"),
    [
        (("rest: TRUE", "at-most-share: 0.4"), "-40.00"),
        (("share: 0.41", "at-most-share: 0.4"), "-40.00"),
        (("share: 0.39", "at-most-share: 0.4"), "-39.00"),
    ],
)
def test_a_step_bears_at_most_its_share_of_the_loss(coop: Coop, fields: tuple[str, ...], borne: str) -> None:
    books = BOOKS + opening("Equity:Reserve", "500.00") + loss("a", 1, "Equity:Reserve", *fields)
    assert steps(coop(books)) == {"a": borne}


def test_the_rest_is_what_the_steps_before_left(coop: Coop) -> None:
    # 50 of the reserve, though it only has 20; the 80 that are left go to the collective account.
    books = BOOKS + opening("Equity:Reserve", "20.00") + opening("Equity:Collective", "500.00")
    books += loss("b", 2, "Equity:Collective", "rest: TRUE") + loss("a", 1, "Equity:Reserve", "share: 0.5")
    loaded = coop(books)
    assert steps(loaded) == {"a": "-20.00", "b": "-80.00"}
    assert surplus(loaded)["unallocated"] == "0.00"


def test_a_share_is_of_the_whole_loss_in_a_later_step_too(coop: Coop) -> None:
    books = BOOKS + opening("Equity:A", "500.00") + opening("Equity:B", "500.00")
    books += loss("a", 1, "Equity:A", "share: 0.5") + loss("b", 2, "Equity:B", "share: 0.3")
    assert steps(coop(books)) == {"a": "-50.00", "b": "-30.00"}


def test_a_rest_beside_a_share_takes_what_that_leaves(coop: Coop) -> None:
    books = BOOKS + opening("Equity:A", "500.00") + opening("Equity:B", "500.00")
    books += loss("a", 1, "Equity:A", "rest: TRUE") + loss("b", 1, "Equity:B", "share: 0.3")
    assert steps(coop(books)) == {"a": "-70.00", "b": "-30.00"}


def test_siblings_that_would_bear_too_much_share_in_proportion(coop: Coop) -> None:
    # 90 % and 60 % of 100: 100 x 90 / 150 = 60 and 40.
    books = BOOKS + opening("Equity:A", "500.00") + opening("Equity:B", "500.00")
    loaded = coop(books + loss("a", 1, "Equity:A", "share: 0.9") + loss("b", 1, "Equity:B", "share: 0.6"))
    assert steps(loaded) == {"a": "-60.00", "b": "-40.00"}
    assert stopped(loaded) == {"a": "remainder", "b": "remainder"}


@pytest.mark.parametrize(
    ("first", "second", "taken"),
    [
        ("Equity:Reserve", "Equity:Reserve", {"a": "-50.00", "b": "-20.00"}),
        ("Equity:Reserve:Legal", "Equity:Reserve", {"a": "-50.00", "b": "-20.00"}),
        # What the first step took, it took from the whole reserve: 20 are left in all, wherever they stand.
        ("Equity:Reserve", "Equity:Reserve:Legal", {"a": "-50.00", "b": "-20.00"}),
    ],
)
def test_two_steps_do_not_take_the_same_money(coop: Coop, first: str, second: str, taken: dict[str, str]) -> None:
    books = BOOKS + opening("Equity:Reserve:Legal", "70.00")
    books += loss("a", 1, first, "share: 0.5") + loss("b", 2, second, "rest: TRUE")
    assert steps(coop(books)) == taken


def test_the_periods_own_close_does_not_count(coop: Coop) -> None:
    books = f"""{BOOKS}{opening("Equity:Reserve", "60.00")}{loss("a", 1, "Equity:Reserve", "rest: TRUE")}
2025-12-31 * "Close" #coop-close
  period: "2025"
  Equity:Reserve    60.00 USD
  Equity:Surplus   -60.00 USD
"""
    loaded = coop(books)
    assert steps(loaded) == {"a": "-60.00"}
    assert messages(loaded) == []
    assert loaded.close("2025").transaction is None


# -- members --------------------------------------------------------------------------------------------------

CAPITAL = (
    opening("Equity:Capital:M01:2022", "10.00")
    + opening("Equity:Capital:M01:2023", "20.00")
    + opening("Equity:Capital:M01:Buyin", "25.00")
    + opening("Equity:Capital:M01", "15.00")
    + opening("Equity:Capital:M02:2023", "200.00")
)
MEMBERS = loss("members", 1, '"members"', "rest: TRUE")


def test_members_bear_it_by_patronage_newest_vintage_first(coop: Coop) -> None:
    # 60 : 40. m01's 60: all 20 of 2023, 10 of 2022, 25 of the buy-in, and 5 of the account itself.
    loaded = coop(BOOKS + CAPITAL + MEMBERS)
    assert parts(loaded) == {"m01": "-60.00", "m02": "-40.00"}
    assert parts(loaded, key="cash") == {}
    assert parts(loaded, key="retained") == {"m01": "-60.00", "m02": "-40.00"}
    assert postings(loaded) == {
        "Equity:Capital:M01": "5.00",
        "Equity:Capital:M01:2022": "10.00",
        "Equity:Capital:M01:2023": "20.00",
        "Equity:Capital:M01:Buyin": "25.00",
        "Equity:Capital:M02:2023": "40.00",
        "Equity:Surplus": "-100.00",
    }


@pytest.mark.parametrize(
    ("against", "of_2022", "of_2023"),
    [("", None, "15.00"), ('against: "newest-first"', None, "15.00"), ('against: "oldest-first"', "10.00", "5.00")],
)
def test_against_which_vintage_first(coop: Coop, against: str, of_2022: str | None, of_2023: str) -> None:
    # A quarter of 100: m01 bears 15.
    books = BOOKS + CAPITAL + loss("members", 1, '"members"', "share: 0.25", against)
    found = postings(coop(books))
    assert (found.get("Equity:Capital:M01:2022"), found["Equity:Capital:M01:2023"]) == (of_2022, of_2023)


def test_nobody_bears_more_than_there_is_and_nobody_bears_it_for_them(coop: Coop) -> None:
    # m02 bears 40 and has 30: 10 are carried on, though m01 has plenty.
    books = BOOKS + opening("Equity:Capital:M01:2023", "500.00") + opening("Equity:Capital:M02:2023", "30.00") + MEMBERS
    loaded = coop(books)
    assert parts(loaded) == {"m01": "-60.00", "m02": "-30.00"}
    assert (steps(loaded), stopped(loaded)) == ({"members": "-90.00"}, {"members": "until"})
    assert surplus(loaded)["unallocated"] == "-10.00"
    assert surplus(coop(books + sale("2026-06-01", "50.00 USD")), "2026")["earlier_losses"] == "10.00"


def test_unless_the_rule_lets_capital_go_below_zero(coop: Coop) -> None:
    books = BOOKS + opening("Equity:Capital:M02:2023", "30.00")
    loaded = coop(books + loss("members", 1, '"members"', "rest: TRUE", "below-zero: TRUE"))
    assert parts(loaded) == {"m01": "-60.00", "m02": "-40.00"}
    assert postings(loaded) == {
        "Equity:Capital:M01": "60.00",
        "Equity:Capital:M02": "10.00",
        "Equity:Capital:M02:2023": "30.00",
        "Equity:Surplus": "-100.00",
    }


def test_what_remains_of_a_third_goes_by_largest_remainder(coop: Coop) -> None:
    # A loss of 0.01 by 60 : 40: 0.6 and 0.4 cents.
    books = BOOKS.replace("100.00 USD", "0.01 USD") + CAPITAL + MEMBERS
    assert parts(coop(books)) == {"m01": "-0.01"}


def test_it_is_the_bylaws_patronage(coop: Coop) -> None:
    books = BOOKS + CAPITAL + MEMBERS + '2025-01-01 custom "coop" "bylaw" "surplus"\n  patronage: "equal"\n'
    assert parts(coop(books)) == {"m01": "-50.00", "m02": "-50.00"}


def test_two_steps_of_members_do_not_take_the_same_capital(coop: Coop) -> None:
    # m01 has 70 in all. Half of the loss: 30 and 20; the rest again, 30 and 20. A third time there are 10 left.
    books = BOOKS + CAPITAL + loss("a", 1, '"members"', "share: 0.5")
    books += loss("b", 2, '"members"', "share: 0.5", 'against: "oldest-first"')
    loaded = coop(books)
    assert parts(loaded) == {"m01": "-60.00", "m02": "-40.00"}
    assert postings(loaded)["Equity:Capital:M02:2023"] == "40.00"
    assert {name: amount for name, amount in postings(loaded).items() if ":M01" in name} == {
        "Equity:Capital:M01:2022": "10.00",
        "Equity:Capital:M01:2023": "20.00",
        "Equity:Capital:M01:Buyin": "25.00",
        "Equity:Capital:M01": "5.00",
    }
    poorer = coop(books.replace('"What stood there before"\n  Assets:Bank  25.00', '"Less"\n  Assets:Bank  5.00'))
    assert parts(poorer) == {"m01": "-50.00", "m02": "-40.00"}  # 10 + 20 + 5 + 15 of 60


def test_a_leavers_part_reduces_the_debt_to_them(coop: Coop) -> None:
    books = f"""{BOOKS}{MEMBERS}
{opening("Equity:Capital:M01:2023", "500.00")}{opening("Equity:Capital:M02:2023", "300.00")}
2025-10-01 custom "coop" "exit" "m02"
  cause: "retirement"
2025-10-01 * "Capital becomes a debt" #coop-exit
  Equity:Capital:M02:2023        300.00 USD
  Liabilities:FormerMembers:M02
2025-11-01 * "First instalment"
  Liabilities:FormerMembers:M02  275.00 USD
  Assets:Bank
"""
    loaded = coop(books)
    assert parts(loaded) == {"m01": "-60.00", "m02": "-25.00"}  # of the 40, all that is still owed
    assert postings(loaded)["Liabilities:FormerMembers:M02"] == "25.00"


def test_a_loss_without_any_patronage_cannot_be_shared(coop: Coop) -> None:
    books = BOOKS.replace("hours: 60", "hours: 0").replace("hours: 40", "hours: 0")
    with pytest.raises(SurplusRefused, match='loss "members" shares among members by hours'):
        coop(books + CAPITAL + MEMBERS).surplus("2025")


# -- which rules, and the years around ------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "borne"), [("2025-01-01", {"a": "-100.00"}), ("2025-01-02", {})])
def test_the_rules_of_the_first_day_govern(coop: Coop, day: str, borne: dict[str, str]) -> None:
    books = BOOKS + opening("Equity:Reserve", "500.00") + loss("a", 1, "Equity:Reserve", "rest: TRUE", day=day)
    assert steps(coop(books)) == borne


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (loss("a", 1, "Equity:Reserve"), "share"),
        (loss("a", 1, "Equity:Reserve", "share: 0.5", "rest: TRUE"), "share"),
        (loss("a", 1, '"member"', "rest: TRUE"), '"member"'),
        (loss("a", 1, '"members"', "rest: TRUE", 'against: "oldest"'), "oldest-first"),
    ],
)
def test_a_rule_that_says_too_little_or_too_much_is_an_error(coop: Coop, text: str, word: str) -> None:
    (found,) = messages(coop(BOOKS.replace("100.00 USD", "0.00 USD") + text))
    assert 'loss "a"' in found
    assert word in found


def test_a_loss_and_the_surplus_after_it_close_one_after_the_other(coop: Coop) -> None:
    # 2025: 60 from the reserve, 40 carried on. 2026: 90 - 40 = 50 to the reserve. 2027 owes nothing any more.
    books = f"""{BOOKS}{opening("Equity:Reserve", "60.00")}{loss("a", 1, "Equity:Reserve", "rest: TRUE")}
2025-01-01 custom "coop" "allocation" "reserve"
  step: 1
  to: Equity:Reserve
  rest: TRUE
{sale("2026-06-01", "90.00 USD")}{sale("2027-06-01", "5.00 USD")}
"""
    assert postings(coop(books)) == {"Equity:Reserve": "60.00", "Equity:Surplus": "-60.00"}
    with pytest.raises(SurplusRefused, match="close 2025 before 2026"):
        coop(books).close("2026")
    books += str(coop(books).close("2025").transaction)
    assert postings(coop(books), "2026") == {"Equity:Reserve": "-50.00", "Equity:Surplus": "50.00"}
    books += "\n" + str(coop(books).close("2026").transaction)
    loaded = coop(books)
    assert surplus(loaded, "2027")["earlier_losses"] == "0.00"
    assert messages(loaded) == []


# -- limits among siblings ------------------------------------------------------------------------------------


def test_what_a_balance_cuts_goes_to_the_rest_beside_it(coop: Coop) -> None:
    # Half of 100 is 50, and the reserve has 20: the rest beside it bears 80, and nothing is carried on.
    books = BOOKS + opening("Equity:A", "20.00") + opening("Equity:B", "500.00")
    loaded = coop(books + loss("a", 1, "Equity:A", "share: 0.5") + loss("b", 1, "Equity:B", "rest: TRUE"))
    assert (steps(loaded), stopped(loaded)) == ({"a": "-20.00", "b": "-80.00"}, {"a": "until", "b": None})
    assert surplus(loaded)["unallocated"] == "0.00"


def test_a_sibling_with_a_share_bears_no_more_than_its_share(coop: Coop) -> None:
    # 60 and 40; the reserve has 20, and a share is a share: 40 are carried on, or borne by the next step.
    books = BOOKS + opening("Equity:A", "20.00") + opening("Equity:B", "500.00")
    books += loss("a", 1, "Equity:A", "share: 0.6") + loss("b", 1, "Equity:B", "share: 0.4")
    assert steps(coop(books)) == {"a": "-20.00", "b": "-40.00"}
    assert surplus(coop(books))["unallocated"] == "-40.00"
    assert steps(coop(books + loss("c", 2, "Equity:B", "rest: TRUE")))["c"] == "-40.00"


def test_a_balance_cuts_before_siblings_are_dealt(coop: Coop) -> None:
    # 90 and 60 ask for 150 of 100. The first has only 20, so 60 and 20 fit, and nobody is cut in proportion.
    books = BOOKS + opening("Equity:A", "20.00") + opening("Equity:B", "500.00")
    loaded = coop(books + loss("a", 1, "Equity:A", "share: 0.9") + loss("b", 1, "Equity:B", "share: 0.6"))
    assert (steps(loaded), stopped(loaded)) == ({"a": "-20.00", "b": "-60.00"}, {"a": "until", "b": None})


def test_two_rests_share_and_what_one_cannot_bear_the_other_does(coop: Coop) -> None:
    books = BOOKS + opening("Equity:A", "20.00") + opening("Equity:B", "70.00")
    books += loss("a", 1, "Equity:A", "rest: TRUE") + loss("b", 1, "Equity:B", "rest: TRUE")
    loaded = coop(books)
    assert (steps(loaded), stopped(loaded)) == ({"a": "-20.00", "b": "-70.00"}, {"a": "until", "b": "until"})
    assert steps(coop(books + opening("Equity:B", "5.00"))) == {"a": "-20.00", "b": "-75.00"}
    assert steps(coop(books + opening("Equity:A", "500.00"))) == {"a": "-50.00", "b": "-50.00"}


def test_what_members_cannot_bear_goes_to_the_rest_beside_them(coop: Coop) -> None:
    # Members 75: m01 45.00, m02 30.00 but only has 10.00. The collective account bears 25 and the 20 that are left.
    books = BOOKS + opening("Equity:Capital:M01:2023", "500.00") + opening("Equity:Capital:M02:2023", "10.00")
    books += opening("Equity:Collective", "500.00") + loss("b", 1, "Equity:Collective", "rest: TRUE")
    loaded = coop(books + loss("a", 1, '"members"', "share: 0.75"))
    assert steps(loaded) == {"a": "-55.00", "b": "-45.00"}
    assert parts(loaded) == {"m01": "-45.00", "m02": "-10.00"}
    # Two rests: 50 each; of theirs members bear 30.00 and 10.00, the other one 60.
    alike = coop(books + loss("a", 1, '"members"', "rest: TRUE"))
    assert steps(alike) == {"a": "-40.00", "b": "-60.00"}


# -- in force, and carried on ---------------------------------------------------------------------------------


def test_a_rule_of_another_year_waits_for_it(coop: Coop) -> None:
    # Half until the end of 2025, 80 % from then on, as one published set of bylaws changed it.
    books = BOOKS + cost("2026-03-01", "100.00 USD") + work("2026-06-30", "M01", "0.00 USD", "60", "unpaid")
    books += opening("Equity:Reserve", "500.00") + loss("a", 1, "Equity:Reserve", "share: 0.5")
    books += loss("a", 1, "Equity:Reserve", "share: 0.8", day="2025-08-01")
    loaded = coop(books)
    assert (steps(loaded), steps(loaded, "2026")) == ({"a": "-50.00"}, {"a": "-80.00"})
    bound = loss("a", 1, "Equity:Reserve", "share: 0.9", "binds-from: 2025-01-01", 'decision: "D-1"', day="2025-09-01")
    reaching = coop(books + bound + '2025-09-01 custom "coop" "decision" "D-1"\n')
    assert steps(reaching) == {"a": "-90.00"}
    assert [change["retroactive"] for change in surplus(reaching)["changes"]] == [False, True]


def test_a_share_that_changes_within_the_year_counts_by_days(coop: Coop) -> None:
    # 2025-01-01 to 2025-03-14 are 73 of 365 days: 0.5 x 0.2 + 1 x 0.8 = 0.9.
    books = BOOKS + opening("Equity:Reserve", "500.00") + loss("a", 1, "Equity:Reserve", 'share: "reserve-share"')
    books += """
2025-01-01 custom "coop" "rate" "reserve-share"
  value: 0.5
2025-03-15 custom "coop" "rate" "reserve-share"
  value: 1
"""
    assert steps(coop(books)) == {"a": "-90.00"}


def test_a_rule_that_has_ended_bears_nothing(coop: Coop) -> None:
    books = BOOKS + opening("Equity:Reserve", "500.00")
    for ends, borne in (("2025-01-01", {}), ("2025-01-02", {"a": "-100.00"})):
        rule = loss("a", 1, "Equity:Reserve", "rest: TRUE", f"ends: {ends}", day="2024-01-01")
        assert steps(coop(books + rule)) == borne


def test_what_nobody_bears_waits_until_surpluses_have_covered_it(coop: Coop) -> None:
    # 100 lost, 30 borne. 2026 loses 40 more, 12 of it borne: 98 are open. 2027 brings 50: 48 are open. 2028 brings 60.
    books = BOOKS + opening("Equity:Reserve", "500.00") + loss("a", 1, "Equity:Reserve", "share: 0.3")
    books += cost("2026-03-01", "40.00 USD") + sale("2027-03-01", "50.00 USD") + sale("2028-03-01", "60.00 USD")
    books += '2025-01-01 custom "coop" "allocation" "reserve"\n  step: 1\n  to: Equity:Reserve\n  rest: TRUE\n'
    loaded = coop(books)
    found = [surplus(loaded, year) for year in ("2025", "2026", "2027", "2028")]
    assert [year["earlier_losses"] for year in found] == ["0.00", "70.00", "98.00", "48.00"]
    assert [year["base"] for year in found] == ["-100.00", "-110.00", "-48.00", "12.00"]
    assert [steps(loaded, year) for year in ("2025", "2026", "2027", "2028")] == [
        {"a": "-30.00"},
        {"a": "-12.00"},
        {"reserve": "0.00"},
        {"reserve": "12.00"},
    ]
    for year in ("2025", "2026", "2027", "2028"):
        books += "\n" + str(coop(books).close(year).transaction or "")
    assert messages(coop(books)) == []
    # After the last close the surplus account and all income and expenses come to zero: no loss is open any more.
    facts, last = coop(books).facts, date(2028, 12, 31)
    assert facts.balance("Equity:Surplus", last) == Decimal("-30.00")  # 42.00 borne, 12.00 placed
    assert facts.result_between(date(2025, 1, 1), last) == Decimal("30.00")


def test_oldest_first_reaches_newer_vintages_only_when_the_old_are_used(coop: Coop) -> None:
    rule = loss("members", 1, '"members"', "rest: TRUE", 'against: "oldest-first"')
    found = postings(coop(BOOKS + CAPITAL + rule))
    # m01's 60: all 10 of 2022, all 20 of 2023, the 25 of the buy-in, then 5 of the account itself.
    assert {account: amount for account, amount in found.items() if ":M01" in account} == {
        "Equity:Capital:M01:2022": "10.00",
        "Equity:Capital:M01:2023": "20.00",
        "Equity:Capital:M01:Buyin": "25.00",
        "Equity:Capital:M01": "5.00",
    }
    less = postings(coop(BOOKS.replace("100.00 USD", "20.00 USD") + CAPITAL + rule))
    assert (less["Equity:Capital:M01:2022"], less["Equity:Capital:M01:2023"]) == ("10.00", "2.00")
