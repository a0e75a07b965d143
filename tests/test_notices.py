"""Written notices: what they tell each member, when their money must be paid, and what the form 1099-PATR lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from treasurer import messages, parts, sale, surplus, work

from coopbooks.cooperative import Cooperative

Coop = Callable[..., Cooperative]

HEAD = """
option "operating_currency" "USD"
plugin "beancount.plugins.auto_accounts"

2025-01-01 custom "coop" "member" "m01"
  name: "Ada"
  wages: Expenses:Wages:M01
  capital: Equity:Capital:M01
2025-01-01 custom "coop" "member" "m02"
  wages: Expenses:Wages:M02
  capital: Equity:Capital:M02
2025-01-01 custom "coop" "bylaw" "capital"
  collective: Equity:Collective
  redeem-after: 3
"""


def rule(*fields: str, day: str = "2025-01-01") -> str:
    lines = "\n  ".join(fields)
    return f"""
{day} custom "coop" "bylaw" "surplus"
  {lines}
"""


# A surplus of 200.00: half to the collective account, 100.00 to members by hours 60 : 40, a fifth of it in money.
BOOKS = f"""{HEAD}
{work("2025-06-30", "M01", "0.00 USD", "60", "unpaid")}{work("2025-06-30", "M02", "0.00 USD", "40", "unpaid")}
{sale("2025-03-01", "200.00 USD")}
2025-01-01 custom "coop" "allocation" "collective"
  step: 1
  to: Equity:Collective
  share: 0.5
2025-01-01 custom "coop" "allocation" "members"
  step: 2
  to: "members"
  rest: TRUE
"""
QUALIFIED = rule("cash: 0.2", 'notice: "qualified"')
NONQUALIFIED = rule("cash: 0.2", 'notice: "nonqualified"')


def closed(coop: Coop, books: str, period: str = "2025") -> str:
    """The books with the close of a year."""
    return f"{books}\n{coop(books).close(period).transaction}"


def pay(day: str, amount: str, *others: str, who: str = "M01", fields: tuple[str, ...] = ()) -> str:
    head = "".join(f"  {each}\n" for each in fields)
    lines = "".join(f"  {each}\n" for each in others)
    return f"""
{day} * "Paid"
{head}  Liabilities:Patronage:{who}  {amount} USD
{lines}  Assets:Bank
"""


BOTH = pay("2026-03-01", "12.00") + pay("2026-03-01", "8.00", who="M02")


# -- what a notice says ---------------------------------------------------------------------------------------


def test_a_notice_tells_a_member_the_whole_and_the_part(coop: Coop) -> None:
    # The figures of a notice: total dividend 100.00, half of the net income; m01: 60.00, 12.00 in money, 48.00 kept.
    first, second = coop(BOOKS + QUALIFIED).notices("2025").to_data()
    assert first == {
        "member": "m01",
        "name": "Ada",
        "period": "2025",
        "kind": "qualified",
        "net_income": "200.00",
        "dividends": "100.00",
        "share_of_net_income": "0.500000",
        "share": "0.600000",
        "dividend": "60.00",
        "cash": "12.00",
        "cash_share": "0.200000",
        "retained": "48.00",
        "redeem_on": "2028-12-31",
        "pay_by": "2026-09-15",
        "rule": first["rule"],
    }
    assert (second["member"], second["name"], second["dividend"], second["cash"]) == ("m02", None, "40.00", "8.00")


@pytest.mark.parametrize(("kind", "found"), [("qualified", 2), ("nonqualified", 2), ("none", 0)])
def test_a_notice_is_given_where_the_bylaw_of_the_year_says_so(coop: Coop, kind: str, found: int) -> None:
    books = BOOKS + rule("cash: 0.2", f'notice: "{kind}"') + rule("cash: 0.2", 'notice: "qualified"', day="2025-07-01")
    assert len(coop(books).notices("2025").rows) == found


def test_nobody_gets_a_notice_of_a_loss_or_of_nothing(coop: Coop) -> None:
    assert coop(BOOKS.replace("200.00 USD", "-200.00 USD") + QUALIFIED).notices("2025").rows == ()
    declined = '\n2026-01-02 custom "coop" "decline" "m02"\n  period: "2025"\n'
    assert [row.member for row in coop(BOOKS + QUALIFIED + declined).notices("2025").rows] == ["m01"]


def test_a_year_that_ends_in_june_is_paid_by_the_fifteenth_of_march(coop: Coop) -> None:
    books = BOOKS + QUALIFIED + '\n2025-01-01 custom "coop" "bylaw" "fiscal-year"\n  ends: "06-30"\n'
    (first, _) = coop(books).notices("2025").rows
    assert (first.pay_by, first.redeem_on) == ("2026-03-15", "2028-06-30")


@pytest.mark.parametrize(("kind", "m01"), [("qualified", "0.03"), ("nonqualified", "0.02")])
def test_with_a_qualified_notice_the_money_is_rounded_up_for_each(coop: Coop, kind: str, m01: str) -> None:
    books = BOOKS.replace("200.00 USD", "0.20 USD") + rule("cash: 0.4", f'notice: "{kind}"')
    # 0.10 to members: 0.06 and 0.04; 40 % are 2.4 and 1.6 cents: up 3 and 2; by remainder of 4 in all 2 and 2.
    assert parts(coop(books), key="cash") == {"m01": m01, "m02": "0.02"}


def test_of_ten_dollars_and_two_cents_two_and_one_are_paid(coop: Coop) -> None:
    # A fifth of 10.02 is 2.004, and 2.00 are 19.96 % of it: no qualified notice. Else 4.008 are 4.01 in all, 2.01 and 2.00.
    books = BOOKS.replace("200.00 USD", "40.08 USD").replace("hours: 60", "hours: 50").replace("hours: 40", "hours: 50")
    assert parts(coop(books + QUALIFIED), key="cash") == {"m01": "2.01", "m02": "2.01"}
    assert parts(coop(books + NONQUALIFIED), key="cash") == {"m01": "2.01", "m02": "2.00"}


# -- at least 20 % in money -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cash", "kind", "count"),
    [
        ("0.2", "qualified", 0),
        ("0.19", "qualified", 1),
        ("0.19", "nonqualified", 0),
        ("0.19", "none", 0),
        ("0", "qualified", 1),
    ],
)
def test_a_qualified_notice_needs_a_fifth_in_money(coop: Coop, cash: str, kind: str, count: int) -> None:
    assert len(messages(coop(BOOKS + rule(f"cash: {cash}", f'notice: "{kind}"')))) == count


def test_the_finding_names_the_member_with_the_smallest_share(coop: Coop) -> None:
    books = BOOKS + rule("cash: 0.15", 'notice: "qualified"')
    line = books.lstrip("\n").splitlines().index('2025-01-01 custom "coop" "bylaw" "surplus"') + 1
    wanted = (
        f'main.beancount:{line}: bylaw "surplus" gives qualified notices for 2025, but m01 gets 9.00 USD of 60.00 USD in money, '
        'which is 15.00 % and less than 20 % (26 USC 1388(c)(1)): raise cash: to 0.20, or write notice: "nonqualified"'
    )
    assert messages(coop(books)) == [wanted]


def test_a_steps_own_share_of_money_counts(coop: Coop) -> None:
    books = BOOKS.replace("  rest: TRUE", "  rest: TRUE\n  cash: 0.1") + rule("cash: 0.5", 'notice: "qualified"')
    line = books.lstrip("\n").splitlines().index('2025-01-01 custom "coop" "allocation" "members"') + 1
    (found,) = messages(coop(books))
    assert found.startswith(f"main.beancount:{line}: ")
    assert "which is 10.00 %" in found


def test_two_steps_together_may_reach_it(coop: Coop) -> None:
    # 50.00 with 10 % and 50.00 with 30 % in money: 20.00 of 100.00.
    books = BOOKS.replace("  rest: TRUE", "  rest: TRUE\n  cash: 0.3") + QUALIFIED
    books += '\n2025-01-01 custom "coop" "allocation" "first"\n  step: 2\n  to: "members"\n  share: 0.25\n  cash: 0.1\n'
    assert messages(coop(books)) == []


# -- the payment window ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "late"), [("2026-09-15", None), ("2026-09-16", "1 day"), ("2026-10-15", "30 days")])
@pytest.mark.parametrize("kind", [QUALIFIED, NONQUALIFIED])
def test_money_that_is_paid_late_is_a_finding(coop: Coop, kind: str, day: str, late: str | None) -> None:
    books = closed(coop, BOOKS + kind) + pay("2026-03-01", "8.00", who="M02") + pay(day, "12.00")
    found = messages(coop(books))
    if late is None:
        assert found == []
        return
    line = len(books.lstrip("\n").splitlines()) - 1
    wanted = (
        f"main.beancount:{line}: m01 is paid 12.00 USD of 2025 on {day}, {late} after the payment window closed on 2026-09-15 "
        "(26 CFR 1.1382-4): date it the day it was paid if that was earlier, else add decision: with the id of the record that "
        "says what follows"
    )
    assert found == [wanted]


def test_only_what_is_late_is_named(coop: Coop) -> None:
    books = closed(coop, BOOKS + QUALIFIED) + pay("2026-09-15", "11.99") + pay("2026-09-16", "0.01")
    (first, second) = messages(coop(books))
    assert "m02 is still owed 8.00 USD" in first
    assert "m01 is paid 0.01 USD of 2025 on 2026-09-16" in second


def test_without_a_notice_no_day_is_late(coop: Coop) -> None:
    books = closed(coop, BOOKS + rule("cash: 0.2"))
    assert messages(coop(books + BOTH.replace("2026-03-01", "2027-03-01"))) == []


def test_a_decision_answers_for_a_late_payment(coop: Coop) -> None:
    books = closed(coop, BOOKS + QUALIFIED) + pay("2026-03-01", "8.00", who="M02")
    books += '\n2026-09-20 custom "coop" "decision" "D-7"\n'
    assert messages(coop(books + pay("2026-09-20", "12.00", fields=('decision: "D-7"',)))) == []
    (found,) = messages(coop(books + pay("2026-09-20", "12.00", fields=('decision: "D-8"',))))
    assert "5 days after" in found


@pytest.mark.parametrize(("last", "days"), [("2026-09-15", None), ("2026-09-16", "1 day"), ("2027-09-15", "365 days")])
def test_money_that_the_books_still_owe_after_it_is_a_finding(coop: Coop, last: str, days: str | None) -> None:
    books = closed(coop, BOOKS + QUALIFIED) + pay("2026-03-01", "8.00", who="M02") + pay("2026-03-01", "5.00")
    found = messages(coop(books + sale(last, "0.00 USD")))
    if days is None:
        assert found == []
        return
    line = next(
        number
        for number, each in enumerate(books.lstrip("\n").splitlines(), 1)
        if "Patronage:M01" in each and "-12.00" in each
    )
    (message,) = found
    assert message.startswith(
        f"main.beancount:{line}: m01 is still owed 7.00 USD of the 12.00 USD in money for 2025 on {last}, {days} after the "
        "payment window closed on 2026-09-15 (26 CFR 1.1382-4): book the payment"
    )


def test_a_year_that_is_not_closed_owes_nothing_yet(coop: Coop) -> None:
    assert messages(coop(BOOKS + QUALIFIED + sale("2027-03-01", "0.00 USD"))) == []


def test_a_leaver_is_paid_in_the_window_too(coop: Coop) -> None:
    books = closed(coop, BOOKS + QUALIFIED + '\n2025-12-01 custom "coop" "exit" "m02"\n')
    found = messages(coop(books + pay("2026-03-01", "12.00") + pay("2026-09-17", "40.00", who="M02")))
    assert len(found) == 1
    assert "m02 is paid 40.00 USD of 2025 on 2026-09-17, 2 days after" in found[0]


# -- the form 1099-PATR ---------------------------------------------------------------------------------------


def patr(coop: Cooperative, year: int) -> list[list[str]]:
    """Rows of the list: member, boxes 1, 4 and 5; box 1 is money and notices."""
    rows = coop.patr(year).to_data()
    for row in rows:
        assert Decimal(row["box_1"]) == Decimal(row["cash"]) + Decimal(row["notices"])
        assert row["year"] == str(year)
    return [[row[key] for key in ("member", "box_1", "box_4", "box_5")] for row in rows]


def test_a_qualified_dividend_is_reported_whole_in_the_year_of_payment(coop: Coop) -> None:
    loaded = coop(closed(coop, BOOKS + QUALIFIED) + BOTH)
    assert patr(loaded, 2026) == [["m01", "60.00", "0.00", "0.00"], ["m02", "40.00", "0.00", "0.00"]]
    assert (patr(loaded, 2025), patr(loaded, 2027)) == ([], [])
    assert [row.name for row in loaded.patr(2026).rows] == ["Ada", None]


def test_of_a_nonqualified_one_only_the_money(coop: Coop) -> None:
    # 12.00 and 8.00: only 10.00 and more are reported.
    assert patr(coop(closed(coop, BOOKS + NONQUALIFIED) + BOTH), 2026) == [["m01", "12.00", "0.00", "0.00"]]


@pytest.mark.parametrize(("amount", "rows"), [("9.99", []), ("10.00", [["m01", "10.00", "0.00", "0.00"]])])
def test_less_than_ten_dollars_are_not_reported(coop: Coop, amount: str, rows: list[list[str]]) -> None:
    assert patr(coop(closed(coop, BOOKS + NONQUALIFIED) + pay("2026-03-01", amount)), 2026) == rows


def test_payments_of_one_dividend_in_two_years(coop: Coop) -> None:
    # The notice counts with the first money, here in 2026: 5.00 + 48.00; the other 7.00 count in 2027.
    books = closed(coop, BOOKS + QUALIFIED) + pay("2026-12-31", "5.00") + pay("2027-01-01", "7.00")
    assert patr(coop(books), 2026) == [["m01", "53.00", "0.00", "0.00"]]
    assert patr(coop(books), 2027) == []  # 7.00


def test_tax_that_was_withheld_is_box_4_and_always_reported(coop: Coop) -> None:
    books = closed(coop, BOOKS + NONQUALIFIED) + pay("2026-03-01", "12.00")
    withheld = "Liabilities:Tax  -1.92 USD\n    withholding: TRUE"
    books += pay("2026-03-01", "8.00", withheld, who="M02")
    assert patr(coop(books), 2026) == [["m01", "12.00", "0.00", "0.00"], ["m02", "8.00", "1.92", "0.00"]]


def test_tax_withheld_from_several_names_whose_it_is(coop: Coop) -> None:
    books = (
        closed(coop, BOOKS + QUALIFIED)
        + """
2026-03-01 * "Both paid"
  Liabilities:Patronage:M01  12.00 USD
  Liabilities:Patronage:M02   8.00 USD
  Liabilities:Tax            -2.88 USD
    withholding: TRUE
    worker: "m01"
  Liabilities:Tax            -1.92 USD
    withholding: TRUE
    worker: "m02"
  Assets:Bank
"""
    )
    assert [row[2] for row in patr(coop(books), 2026)] == ["2.88", "1.92"]


REDEEMED = """
2028-12-31 * "Redemption" #coop-redeem
  Equity:Capital:M01:2025   48.00 USD
  Assets:Bank
"""


@pytest.mark.parametrize(("kind", "rows"), [(NONQUALIFIED, [["m01", "0.00", "0.00", "48.00"]]), (QUALIFIED, [])])
def test_redeemed_nonqualified_notices_are_box_5(coop: Coop, kind: str, rows: list[list[str]]) -> None:
    loaded = coop(closed(coop, BOOKS + kind) + BOTH + REDEEMED)
    assert messages(loaded) == []
    assert patr(loaded, 2028) == rows
    assert patr(loaded, 2029) == []


def test_a_buy_in_that_is_paid_back_is_no_box(coop: Coop) -> None:
    books = closed(coop, BOOKS + NONQUALIFIED) + BOTH + REDEEMED.replace(":2025 ", ":Buyin")
    assert patr(coop(books), 2028) == []


def test_nonqualified_notices_in_a_debt_are_box_5_as_they_are_paid(coop: Coop) -> None:
    # m02 has 32.00 nonqualified and a buy-in of 96.00: a quarter of every payment. 50.00 in 2027: 12.50; 78.00 in 2028: 19.50.
    books = closed(coop, BOOKS + NONQUALIFIED) + BOTH
    books += """
2025-02-01 * "Buy-in"
  Assets:Bank               96.00 USD
  Equity:Capital:M02:Buyin
2026-12-31 custom "coop" "exit" "m02"
"""
    books += "\n" + str(coop(books).exit("m02").transaction)
    books += """
2027-12-31 * "Instalment"
  Liabilities:FormerMembers:M02  50.00 USD
  Assets:Bank
2028-01-01 * "Instalment"
  Liabilities:FormerMembers:M02  78.00 USD
  Assets:Bank
"""
    loaded = coop(books)
    assert messages(loaded) == []
    assert (patr(loaded, 2027), patr(loaded, 2028)) == (
        [["m02", "0.00", "0.00", "12.50"]],
        [["m02", "0.00", "0.00", "19.50"]],
    )


def test_a_leaf_that_is_no_year_is_no_notice(coop: Coop) -> None:
    books = closed(coop, BOOKS + NONQUALIFIED) + BOTH
    books += """
2026-02-01 * "Paid in, and back"
  Assets:Bank               50.00 USD
  Equity:Capital:M01:9999
2026-03-01 * "Redemption" #coop-redeem
  Equity:Capital:M01:9999   50.00 USD
  Assets:Bank
"""
    assert patr(coop(books), 2026) == [["m01", "12.00", "0.00", "0.00"]]


def test_the_list_is_one_of_us_dollars(coop: Coop) -> None:
    books = (BOOKS + QUALIFIED).replace("USD", "EUR")
    paid = BOTH.replace("USD", "EUR")
    assert patr(coop(closed(coop, books) + paid), 2026) == []


def test_workers_who_are_no_members_have_no_dividend(coop: Coop) -> None:
    # 50.00 to all workers by hours, 60 : 40 : 100 - the worker w01 gets 25.00 -, and 50.00 to members.
    books = BOOKS.replace("  rest: TRUE", "  rest: TRUE\n  cash: 1") + rule('split: "none"', 'notice: "qualified"')
    books += """
2025-01-01 custom "coop" "worker" "w01"
  wages: Expenses:Wages:W01
2025-01-01 custom "coop" "allocation" "all"
  step: 2
  to: "workers"
  by: "hours"
  share: 0.25
"""
    books += work("2025-06-30", "W01", "0.00 USD", "100", "unpaid")
    books = closed(coop, books)
    # m01: 15.00 as a worker, 30.00 as a member, paid at once: 30.00 of the 45.00 are a dividend.
    loaded = coop(books + pay("2026-03-01", "45.00") + pay("2026-03-01", "25.00", who="W01"))
    assert [row[:2] for row in patr(loaded, 2026)] == [["m01", "30.00"]]


# -- declining ------------------------------------------------------------------------------------------------


def decline(share: str, day: str = "2026-01-02") -> str:
    return f'\n{day} custom "coop" "decline" "m02"\n  period: "2025"\n  share: {share}\n'


def test_what_is_declined_goes_to_the_collective_account_and_to_nobody_else(coop: Coop) -> None:
    before = {row["member"]: row for row in surplus(coop(BOOKS + QUALIFIED))["members"]}
    books = closed(coop, BOOKS + QUALIFIED + decline("0.25"))
    loaded = coop(books + pay("2026-03-01", "12.00") + pay("2026-03-01", "6.00", who="M02"))
    assert messages(loaded) == []
    after = {row["member"]: row for row in surplus(loaded)["members"]}
    # m02 keeps 30.00 of 40.00: 6.00 in money, 24.00 in the account; 10.00 go to the collective account beside its 100.00.
    assert [after["m02"][key] for key in ("amount", "declined", "cash", "retained")] == [
        "40.00",
        "10.00",
        "6.00",
        "24.00",
    ]
    assert after["m01"] == before["m01"]
    assert loaded.facts.balance("Equity:Collective", date(2025, 12, 31)) == Decimal("-110.00")


def test_a_declined_part_is_no_dividend(coop: Coop) -> None:
    (_, second) = coop(BOOKS + QUALIFIED + decline("0.25")).notices("2025").rows
    assert (second.dividend, second.dividends, second.share) == ("30.00", "90.00", "0.333333")


@pytest.mark.parametrize(("first", "second", "most"), [("0.7", "0.3", None), ("0.7", "0.7", "0.3"), ("1", "0.01", "0")])
def test_nobody_gives_up_more_than_all(coop: Coop, first: str, second: str, most: str | None) -> None:
    books = BOOKS + QUALIFIED + decline(first) + decline(second, "2026-01-03")
    found = messages(coop(books))
    if most is None:
        assert found == []
        return
    assert len(found) == 1
    assert (
        f"gives up {second} of 2025 after {first} before, which is more than all: write a share of at most {most}"
        in found[0]
    )


def test_empty_books_have_no_notices(coop: Coop) -> None:
    empty: Any = coop('option "operating_currency" "USD"\n')
    assert (empty.notices("2025").rows, empty.patr(2026).rows) == ((), ())
