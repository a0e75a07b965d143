"""`publish`: what each audience sees, thresholds on both sides, quarters that merge, totals, and the file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Custom, Transaction
from click.testing import CliRunner, Result

import coopbooks
from coopbooks.books.loading import load_books
from coopbooks.cli.program import main
from coopbooks.errors import LedgerUnusable
from coopbooks.publish import view_of, view_text
from coopbooks.publish.lists import PASSES
from coopbooks.publish.pay import bands_of
from coopbooks.records.reading import BYLAWS, KINDS

BAKERY = Path(__file__).parent.parent / "ledgers/bakery/main.beancount"
AS_OF = date(2026, 7, 15)

HEAD = """\
option "title" "Aid"
option "operating_currency" "EUR"
2024-01-01 open Assets:Bank
2024-01-01 open Assets:Bank:Aid
2024-01-01 open Liabilities:Payable
2024-01-01 open Equity:Funds:Aid
2024-01-01 open Equity:Funds:School
2024-01-01 open Expenses:Fees
2024-01-01 open Income:Sales
2024-01-01 custom "coop" "decision" "D1"
2024-01-01 custom "coop" "fund" "aid"
  account: Equity:Funds:Aid
  kind: "mutual-aid"
  backing: Assets:Bank:Aid
2024-01-01 custom "coop" "fund" "school"
  account: Equity:Funds:School
  kind: "education"
2024-01-02 * "a gift"
  source: "donation"
  Equity:Funds:Aid     -9000.00 EUR
  Assets:Bank
2024-01-02 * "a gift"
  source: "donation"
  Equity:Funds:School  -9000.00 EUR
  Assets:Bank
"""


def grant(day: str, claim: object, amount: int, fund: str = "Aid", source: str = "Assets:Bank:Aid") -> str:
    return (
        f'{day} * "grant"\n  decision: "D1"\n  claim: {claim}\n'
        f"  Equity:Funds:{fund}  {amount}.00 EUR\n  {source}  -{amount}.00 EUR\n"
    )


def grants(count: int, month: str, first: int = 1) -> str:
    """Grants of 101, 102, … to as many people, numbered from `first`, in one month."""
    return "".join(grant(f"{month}-{10 + each % 18:02}", first + each, 100 + first + each) for each in range(count))


def text_for(tmp_path: Path, audience: str, text: str, as_of: str, name: str = "books.beancount") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return view_text(view_of(load_books(path), audience, date.fromisoformat(as_of)))


def balances(text: str, until: str = "9999-12-31") -> dict[str, Decimal]:
    entries, errors, _ = loader.load_string(text)
    assert errors == [], errors
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        if isinstance(entry, Transaction) and str(entry.date) <= until:
            for posting in entry.postings:
                assert posting.units is not None
                assert posting.units.number is not None
                found[posting.account] += posting.units.number
    return {account: number for account, number in found.items() if number}


def figures(text: str, what: str) -> list[list[str]]:
    """The published figures of one sort, without it, values as texts."""
    entries, _, _ = loader.load_string(text)
    return [
        [str(entry.date), *(str(each.value) for each in entry.values[1:])]
        for entry in entries
        if isinstance(entry, Custom) and entry.type == "published" and entry.values[0].value == what
    ]


def kinds(text: str) -> set[str]:
    entries, _, _ = loader.load_string(text)
    return {str(entry.values[0].value) for entry in entries if isinstance(entry, Custom) and entry.type == "coop"}


# -- thresholds ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("audience", "least"), [("members", 5), ("public", 10)])
def test_a_quarter_is_published_with_just_enough_claims(tmp_path: Path, audience: str, least: int) -> None:
    # 101 + 102 + … : n grants come to 100 n + n (n + 1) / 2.
    text = text_for(tmp_path, audience, HEAD + grants(least, "2024-02"), "2024-04-01")
    spent = 100 * least + least * (least + 1) // 2
    assert figures(text, "spent") == [["2024-03-31", "aid", "2024-Q1", f"{spent}.00 EUR", str(least)]]
    assert balances(text)["Equity:Funds:Aid"] == spent - 9000
    assert "Equity:Incoming:Aid" not in balances(text)


@pytest.mark.parametrize(("audience", "least"), [("members", 5), ("public", 10)])
def test_with_one_claim_fewer_nothing_of_the_quarter_is_shown(tmp_path: Path, audience: str, least: int) -> None:
    text = text_for(tmp_path, audience, HEAD + grants(least - 1, "2024-02"), "2024-04-01")
    without = text_for(tmp_path, audience, HEAD, "2024-04-01")
    assert text == without
    assert balances(text)["Equity:Incoming:Aid"] == -9000
    assert "Equity:Funds:Aid" not in balances(text)


def test_a_claim_that_comes_again_is_one_person(tmp_path: Path) -> None:
    four_and_a_second = grants(4, "2024-02") + grant("2024-03-01", 4, 55)
    assert figures(text_for(tmp_path, "members", HEAD + four_and_a_second, "2024-04-01"), "spent") == []


@pytest.mark.parametrize(("as_of", "shown"), [("2024-03-31", 0), ("2024-04-01", 1)])
def test_an_open_quarter_is_never_shown(tmp_path: Path, as_of: str, shown: int) -> None:
    text = text_for(tmp_path, "members", HEAD + grants(6, "2024-02"), as_of)
    assert len(figures(text, "spent")) == shown


def test_a_quarter_with_few_claims_is_merged_with_the_next(tmp_path: Path) -> None:
    # 2024-Q1: 101 to 103, three people, 306. 2024-Q2: 104 and 105, which makes five, 515 in all. Q3: five again,
    # 106 to 110, 540. Q4: one, 111, which waits.
    books = HEAD + grants(3, "2024-02") + grants(2, "2024-05", 4) + grants(5, "2024-08", 6) + grants(1, "2024-11", 11)
    merged = ["2024-06-30", "aid", "2024-Q1/2024-Q2", "515.00 EUR", "5"]
    third = ["2024-09-30", "aid", "2024-Q3", "540.00 EUR", "5"]
    for as_of, expected in (
        ("2024-04-01", []),
        ("2024-06-30", []),
        ("2024-07-01", [merged]),
        ("2024-10-01", [merged, third]),
        ("2025-01-01", [merged, third]),
        ("2026-01-01", [merged, third]),
    ):
        assert figures(text_for(tmp_path, "members", books, as_of), "spent") == expected


def test_the_balance_is_that_of_the_last_published_quarter(tmp_path: Path) -> None:
    later_gift = '2024-05-05 * "gift"\n  source: "donation"\n  Equity:Funds:Aid  -700.00 EUR\n  Assets:Bank\n'
    books = HEAD + grants(5, "2024-02") + grants(1, "2024-05", 6) + later_gift
    text = text_for(tmp_path, "members", books, "2024-07-01")
    assert balances(text)["Equity:Funds:Aid"] == 515 - 9000
    assert balances(text)["Equity:Incoming:Aid"] == -700


def test_quarters_are_those_of_the_fiscal_year(tmp_path: Path) -> None:
    # A year that ends in August: its second quarter is December to February.
    books = HEAD + '2024-01-01 custom "coop" "bylaw" "fiscal-year"\n  ends: "08-31"\n' + grants(5, "2024-02")
    assert figures(text_for(tmp_path, "members", books, "2024-02-29"), "spent") == []
    assert figures(text_for(tmp_path, "members", books, "2024-03-01"), "spent") == [
        ["2024-02-29", "aid", "2024-Q2", "515.00 EUR", "5"]
    ]


def test_each_figure_has_enough_behind_it_not_only_their_sum(tmp_path: Path) -> None:
    # Five claims, but one was paid with a fee of two euro: the fee would stand alone.
    fee = (
        '2024-02-20 * "grant"\n  decision: "D1"\n  claim: 5\n'
        "  Equity:Funds:Aid  105.00 EUR\n  Expenses:Fees  2.00 EUR\n  Assets:Bank:Aid  -107.00 EUR\n"
    )
    text = text_for(tmp_path, "members", HEAD + grants(4, "2024-02") + fee, "2024-04-01")
    assert figures(text, "spent") == []
    assert "Expenses:Other" not in balances(text)


def test_what_is_owed_to_a_claim_waits_with_it(tmp_path: Path) -> None:
    # The grant leaves a debt, and the payment of the debt carries no claim: it would tell the amount.
    owed = grant("2024-02-10", 1, 333, source="Liabilities:Payable")
    paid = '2024-02-20 * "paid"\n  Liabilities:Payable  333.00 EUR\n  Assets:Bank:Aid  -333.00 EUR\n'
    text = text_for(tmp_path, "members", HEAD + owed + paid, "2024-06-01")
    assert "333" not in text


def test_a_claim_that_is_paid_past_the_fund_waits_too(tmp_path: Path) -> None:
    past = '2024-02-20 * "help"\n  claim: 1\n  Expenses:Fees  333.00 EUR\n  Assets:Bank  -333.00 EUR\n'
    assert "333" not in text_for(tmp_path, "members", HEAD + past, "2024-06-01")


STRIKE = """\
2024-01-01 open Equity:Funds:Strike
2024-01-01 custom "coop" "fund" "strike"
  account: Equity:Funds:Strike
  kind: "strike"
2024-01-03 * "gift"
  source: "donation"
  Equity:Funds:Strike  -500.00 EUR
  Assets:Bank
"""


def test_a_transfer_from_fund_to_fund_is_seen_with_its_quarter(tmp_path: Path) -> None:
    transfer = (
        '2024-02-03 * "transfer"\n  decision: "D1"\n  Equity:Funds:Strike  50.00 EUR\n  Equity:Funds:Aid  -50.00 EUR\n'
    )
    text = text_for(tmp_path, "members", HEAD + STRIKE + transfer + grants(5, "2024-02"), "2024-04-01")
    assert figures(text, "spent") == [["2024-03-31", "aid", "2024-Q1", "515.00 EUR", "5"]]
    assert balances(text)["Equity:Funds:Aid"] == 515 - 50 - 9000
    assert balances(text)["Equity:Funds:Strike"] == 50 - 500
    early = text_for(tmp_path, "members", HEAD + STRIKE + transfer + grants(4, "2024-02"), "2024-03-31")
    assert "50.00" not in early.replace("500.00", "")
    assert "Transfers between funds" in text_for(
        tmp_path, "members", HEAD + STRIKE + transfer + grants(4, "2024-02"), "2024-04-01"
    )


def test_help_from_two_funds_at_once_needs_enough_claims_on_both(tmp_path: Path) -> None:
    def both(count: int) -> str:
        return (
            HEAD
            + STRIKE
            + "".join(
                f'2024-02-{10 + each} * "grant"\n  decision: "D1"\n  claim: {each}\n  Equity:Funds:Aid  {100 + each}.00 EUR\n'
                "  Equity:Funds:Strike  10.00 EUR\n  Assets:Bank\n"
                for each in range(count)
            )
        )

    assert figures(text_for(tmp_path, "members", both(4) + grants(1, "2024-02", 9), "2024-04-01"), "spent") == []
    assert figures(text_for(tmp_path, "members", both(5), "2024-04-01"), "spent") == [
        ["2024-03-31", "aid", "2024-Q1", "510.00 EUR", "5"],
        ["2024-03-31", "strike", "2024-Q1", "50.00 EUR", "5"],
    ]


def test_members_see_other_funds_entry_by_entry_and_the_public_does_not(tmp_path: Path) -> None:
    books = HEAD + grant("2024-02-10", 1, 333, fund="School", source="Assets:Bank")
    assert balances(text_for(tmp_path, "members", books, "2024-02-11"))["Equity:Funds:School"] == 333 - 9000
    public = text_for(tmp_path, "public", books, "2024-06-01")
    assert "333" not in public
    assert balances(public)["Equity:Incoming:School"] == -9000


def test_a_step_that_stops_at_a_protected_balance_waits(tmp_path: Path) -> None:
    # The fund may hold 9,500: the close gives 500 more than the balance before it lacks. Who knows the limit knows
    # the balance, and with it what was spent: so the close is not shown before the fund is.
    rules = """\
2024-01-01 open Equity:Surplus
2024-01-01 open Equity:Common
2024-01-01 custom "coop" "bylaw" "surplus"
  nonmember-to: Equity:Common
2024-01-01 custom "coop" "allocation" "aid"
  step: 1
  to: Equity:Funds:Aid
  share: 1
  until: 9500.00 EUR
2024-12-31 * "close" #coop-close
  period: "2024"
  Equity:Surplus  601.00 EUR
  Equity:Funds:Aid  -601.00 EUR
"""
    waits = text_for(tmp_path, "members", HEAD + rules + grants(1, "2024-02"), "2025-06-01")
    assert "601" not in waits
    free = text_for(tmp_path, "members", HEAD + rules + grants(5, "2024-12"), "2025-06-01")
    assert "Equity:Incoming:Aid  -601.00 EUR" in free


# -- totals and names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", ["members", "auditors"])
def test_totals_by_root_are_those_of_the_books(audience: str) -> None:
    """Of the bakery nothing but protected spending is held: with it, every root comes to what the books have."""
    books = load_books(BAKERY)
    view = view_of(books, audience, date(2026, 12, 31))
    shown = by_root(balances(view_text(view)))
    held = by_root({account: number for (account, _), number in view.held.items()})
    own = by_root(balances_of(books.entries, date(2026, 12, 31)))
    assert {root: shown.get(root, 0) + held.get(root, 0) for root in own} == own
    assert (audience == "auditors") == (held == {})


def balances_of(entries: Iterable[object], day: date) -> dict[str, Decimal]:
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        if isinstance(entry, Transaction) and entry.date <= day:
            for posting in entry.postings:
                assert posting.units is not None
                assert posting.units.number is not None
                found[posting.account] += posting.units.number
    return dict(found)


def by_root(sums: dict[str, Decimal]) -> dict[str, Decimal]:
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for account, number in sums.items():
        found[account.partition(":")[0]] += number
    return {root: number for root, number in found.items() if number}


def test_members_of_the_bakery_see_pay_by_pseudonym_and_get_the_same_answers(tmp_path: Path) -> None:
    path = tmp_path / "members.beancount"
    path.write_text(view_text(view_of(load_books(BAKERY), "members", AS_OF)), encoding="utf-8")
    books, seen = coopbooks.load(BAKERY), coopbooks.load(path)
    for period in ("2024", "2025"):
        assert seen.members(period=period).to_data() == books.members(period=period).to_data()
        assert without_accounts(seen.surplus(period).to_data()) == without_accounts(books.surplus(period).to_data())
        assert seen.interest(period).missing == books.interest(period).missing
    ratios = {row.period: row.ratio for row in books.wages().rows}
    until_then = {period: ratio for period, ratio in ratios.items() if period < "2026-07"}
    assert len(until_then) == 30
    assert {row.period: row.ratio for row in seen.wages().rows} == until_then


def without_accounts(surplus: dict[str, object]) -> object:
    steps = surplus["steps"]
    assert isinstance(steps, list)
    return {key: value for key, value in surplus.items() if key not in ("steps", "changes")} | {
        "steps": [
            {key: value for key, value in step.items() if key not in ("to", "account", "rule", "law")} for step in steps
        ]
    }


def test_the_bakery_for_members_by_hand() -> None:
    """Three claims in two and a half years: nothing is spent in public, and what came in stands apart.

    Training: 2,150.05 of the close of 2024, less 780.00 and 390.00. Mutual aid: 2,457.20 of the close and a gift of
    312.50. Strike: 4,607.24 of the close; the 600.00 and 450.00 that it gave carry no claim and wait.
    """
    text = view_text(view_of(load_books(BAKERY), "members", AS_OF))
    found = balances(text)
    assert found["Equity:Funds:Training"] == Decimal("-980.05")
    assert found["Equity:Incoming:Mutual-aid"] == Decimal("-2769.70")
    assert found["Equity:Incoming:Strike"] == Decimal("-4607.24")
    assert "Equity:Funds:Mutual-aid" not in found
    assert figures(text, "spent") == []
    assert {account.split(":")[1] for account in found} == {
        *("Other", "Subscriptions", "Collective", "Funds", "Incoming", "Members", "Surplus", "Wages"),
        *("FormerMembers", "Patronage"),
        *("Sales", "Gifts", "Ingredients", "Energy", "Rent", "OpenKitchen"),  # as the members have voted
    } - ({"Patronage"} if not any(":Patronage:" in account for account in found) else set())
    # Ada was paid 3,344.00 in January 2024; of Bruno's 161 hours the pay was 3,059.00.
    assert (
        '2024-01-31 * "Pay"\n  Expenses:Wages:Ada     3344.00 EUR\n  Expenses:Wages:Bruno   3059.00 EUR\n    hours: 161'
        in text
    )


def test_the_bakery_for_auditors_by_hand() -> None:
    """Three claims under numbers of our own, and every fund as the books have it."""
    text = view_text(view_of(load_books(BAKERY), "auditors", AS_OF))
    found = balances(text)
    assert found["Equity:Funds:Mutual-aid"] == Decimal("-1699.70")
    assert found["Equity:Funds:Strike"] == Decimal("-3557.24")
    assert found["Assets:Backing:Strike"] == Decimal("3557.24")
    assert found["Assets:Backing:Mutual-aid"] == Decimal("2679.75")
    assert [line.strip() for line in text.splitlines() if "claim:" in line] == [
        f'claim: "c{number:04}"' for number in (1, 2, 3)
    ]
    assert '"2025-01"\n  Equity' not in text


def test_the_bakery_for_the_public_by_hand() -> None:
    """Pay as a total of twelve people, no person, nothing by day; and no fund, since eight members shared the surplus.

    Training got 2,150.05 in the close of 2024, which is 0.07 of the surplus: with the share in the record, 0.45 of it would
    be known, which is what the eight got. In 2025 seven bore the loss. So what the funds have waits, gifts among it.
    """
    text = view_text(view_of(load_books(BAKERY), "public", AS_OF))
    assert balances(text) == {"Assets:Other": Decimal("-272989.00"), "Expenses:Other": Decimal("272989.00")}
    assert figures(text, "surplus") == []
    assert figures(text, "pay") == [["2024-12-31", "2024", "272989.00 EUR", "12"]]
    assert figures(text, "wage-ratio")[0] == ["2024-01-31", "2024-01", "2.34", "3.00", "10"]
    # In August 2024 nine people were counted: no ratio of it.
    assert "2024-08" not in {row[1] for row in figures(text, "wage-ratio")}
    assert kinds(text) == {"bylaw", "allocation", "loss", "fund"}
    for person in ("ada", "bruno", "hana", "jo", "ivo", "lou", "dmitri"):
        assert person not in text.replace("below", "").lower().split()
        assert f":{person.title()}" not in text


def test_the_public_sees_the_rest_only_with_ten_people_behind_each_sum(tmp_path: Path) -> None:
    def books(people: int) -> str:
        names = [f"w{number:02}" for number in range(people)]
        return (
            HEAD
            + "2024-01-01 open Expenses:Wages\n"
            + "".join(
                f'2024-01-01 custom "coop" "worker" "{name}"\n  wages: Expenses:Wages\n'
                f'2024-02-28 * "pay"\n  Expenses:Wages  1000.00 EUR\n    worker: "{name}"\n    hours: 100\n  Assets:Bank\n'
                for name in names
            )
        )

    nine, ten = (text_for(tmp_path, "public", books(people), "2025-01-01") for people in (9, 10))
    assert "Expenses:Other" not in balances(nine)
    assert balances(ten)["Expenses:Other"] == 10_000


def test_accounts_that_a_bylaw_lists_pass_by_their_own_name(tmp_path: Path) -> None:
    books = HEAD + (
        '2024-01-01 custom "coop" "bylaw" "publish-members"\n  accounts: "Income:Sales Equity:Funds Assets:Bank"\n'
        '2024-02-02 * "sale"\n  Assets:Bank  70.00 EUR\n  Income:Sales\n'
    )
    found = balances(text_for(tmp_path, "members", books + grants(1, "2024-02"), "2024-04-01"))
    assert found["Income:Sales"] == -70
    assert "Income:Other" not in found
    # A listed account above a protected fund does not open it.
    assert found["Equity:Incoming:Aid"] == -9000
    assert "Equity:Funds" not in found
    assert "Income:Sales" not in balances(text_for(tmp_path, "public", books, "2024-04-01"))


def test_an_account_below_a_protected_fund_cannot_be_listed(tmp_path: Path) -> None:
    books = HEAD + (
        "2024-01-01 open Equity:Funds:Aid:Claims\n"
        '2024-01-01 custom "coop" "bylaw" "publish-members"\n  accounts: "Equity:Funds:Aid:Claims"\n'
    )
    text = text_for(tmp_path, "members", books + grant("2024-02-01", 1, 333, fund="Aid:Claims"), "2024-06-01")
    assert "333" not in text
    assert "Claims" not in text


def test_net_pay_does_not_stand_beside_gross_pay(tmp_path: Path) -> None:
    books = HEAD + (
        "2024-01-01 open Expenses:Wages\n2024-01-01 open Liabilities:Garnished\n"
        '2024-01-01 custom "coop" "member" "m01"\n  wages: Expenses:Wages\n  capital: Equity:Members:M01\n'
        '2024-02-28 * "pay"\n  Expenses:Wages  1000.00 EUR\n    hours: 100\n  Liabilities:Garnished  -77.00 EUR\n  Assets:Bank\n'
        '2024-02-28 * "sale"\n  Assets:Bank  400.00 EUR\n  Income:Sales\n'
        '2024-02-29 * "tax"\n  Liabilities:Payable  -5.00 EUR\n  Expenses:Fees\n'
    )
    text = text_for(tmp_path, "members", books, "2024-04-01")
    assert (
        '2024-02-28 * "Pay"\n  Expenses:Wages:M01  1000.00 EUR\n    hours: 100\n  Assets:Other        -1000.00 EUR'
        in text
    )
    assert "77.00 EUR" not in text.replace("477.00", "")
    assert "Liabilities:Other  -82.00 EUR" in text


def test_currencies_without_a_code_pass_as_a_number(tmp_path: Path) -> None:
    books = HEAD + '2024-02-02 * "hours given"\n  Assets:Bank  3 HOURS-OF-ANA\n  Income:Sales  -3 HOURS-OF-ANA\n'
    text = text_for(tmp_path, "members", books, "2024-04-01")
    assert "ANA" not in text
    assert "Income:Other  -3 UNIT1" in text


def test_roots_of_another_language_pass_as_beancounts_own(tmp_path: Path) -> None:
    books = (HEAD + grants(5, "2024-02")).replace("Assets:", "Activo:").replace("Equity:", "Patrimonio:")
    books = 'option "name_assets" "Activo"\noption "name_equity" "Patrimonio"\n' + books
    same = text_for(tmp_path, "members", HEAD + grants(5, "2024-02"), "2024-04-01")
    assert text_for(tmp_path, "members", books, "2024-04-01") == same


# -- documents ---------------------------------------------------------------------------------------------------


def test_auditors_get_documents_by_digest_and_are_told_of_a_missing_one(tmp_path: Path) -> None:
    (tmp_path / "minutes.pdf").write_bytes(b"abc")
    books = HEAD + (
        '2024-02-01 custom "coop" "decision" "D2"\n  minutes: "minutes.pdf"\n'
        '2024-02-02 * "sale"\n  document: "gone.pdf"\n  Assets:Bank  70.00 EUR\n  Income:Sales\n'
        '2024-02-03 document Assets:Bank "minutes.pdf"\n'
    )
    text = text_for(tmp_path, "auditors", books, "2024-04-01")
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of "abc", FIPS 180-2
    assert figures(text, "document") == [
        ["2024-02-01", "decision", "D2", "minutes", digest],
        ["2024-02-03", "account", "Assets:Other", digest],
    ]
    assert 'document-sha256: "missing"' in text
    assert "pdf" not in text
    members = text_for(tmp_path, "members", books, "2024-04-01")
    assert digest not in members
    assert "document" not in members


# -- the list, the file and the command ------------------------------------------------------------------------


def test_every_field_on_the_list_is_a_field_of_its_kind() -> None:
    for kind, fields in PASSES.items():
        if kind in ("transaction", "pay", "gift"):
            continue
        word, _, rule = kind.partition(" ")
        known = (
            {"value", "ends", "closes", "decision"}
            if rule == "parameter"
            else set((BYLAWS[rule] if rule else KINDS[word]).FIELDS)
        )
        assert set(fields) <= known, kind


def test_bands_are_merged_until_enough_are_in_each() -> None:
    assert bands_of([Fraction(rate) for rate in (11, 12, 16, 17, 31, 32)], 2, 5) == [
        (None, 15, 2),
        (15, 20, 2),
        (20, None, 2),
    ]
    assert bands_of([Fraction(rate) for rate in (11, 12, 16, 31, 32)], 2, 5) == [(None, 15, 2), (15, None, 3)]
    assert bands_of([Fraction(rate) for rate in (11, 12, 31)], 2, 5) == [(None, None, 3)]
    assert bands_of([Fraction(11)], 2, 5) == []


def test_the_command_writes_and_replaces_only_its_own_file(tmp_path: Path) -> None:
    books, out = tmp_path / "books.beancount", tmp_path / "members.beancount"
    books.write_text(HEAD + grants(5, "2024-02"), encoding="utf-8")
    call = ["publish", str(books), "--for", "members", "-o", str(out), "--as-of"]
    assert "written" in run(*call, "2024-04-01").output
    first = out.read_text(encoding="utf-8")
    assert "nothing was changed" in run(*call, "2024-04-01").output
    assert run(*call, "2024-05-01").exit_code == 0
    assert out.read_text(encoding="utf-8") != first
    other = run("publish", str(books), "--for", "public", "-o", str(out), "--as-of", "2024-04-01")
    assert other.exit_code == 2
    assert "something else stands there" in other.output
    own = run("publish", str(books), "--for", "members", "-o", str(books), "--as-of", "2024-04-01")
    assert own.exit_code == 2
    assert books.read_text(encoding="utf-8") == HEAD + grants(5, "2024-02")


def test_a_late_grant_does_not_change_what_is_published(tmp_path: Path) -> None:
    # A sixth grant of 77.00, entered later in the quarter that is published: 592 - 515 would be what that person got.
    books, out = tmp_path / "books.beancount", tmp_path / "members.beancount"
    call = ["publish", str(books), "--for", "members", "-o", str(out), "--as-of"]
    books.write_text(HEAD + grants(5, "2024-02"), encoding="utf-8")
    assert run(*call, "2024-04-01").exit_code == 0
    before = out.read_text(encoding="utf-8")
    books.write_text(HEAD + grants(5, "2024-02") + grant("2024-03-30", 6, 77), encoding="utf-8")
    refused = run(*call, "2024-05-01")
    assert refused.exit_code == 2
    assert "what protected funds gave until 2024-03-31 is published there already" in refused.output
    assert out.read_text(encoding="utf-8") == before
    books.write_text(HEAD + grants(5, "2024-02") + grant("2024-04-02", 6, 77), encoding="utf-8")
    assert run(*call, "2024-05-01").exit_code == 0


def run(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


@pytest.mark.parametrize(("name", "says"), [("page.pdf", "name it"), ("nowhere/x.beancount", "no folder yet")])
def test_a_file_that_cannot_be_is_refused_in_one_sentence(tmp_path: Path, name: str, says: str) -> None:
    books = tmp_path / "books.beancount"
    books.write_text(HEAD, encoding="utf-8")
    found = CliRunner().invoke(main, ["publish", str(books), "--for", "public", "-o", str(tmp_path / name)])
    assert found.exit_code == 2
    assert says in found.output
    assert found.output.count("\n") == 1


def test_books_with_an_entry_that_beancount_dropped_are_not_published(tmp_path: Path) -> None:
    path = tmp_path / "books.beancount"
    path.write_text(
        HEAD + '2024-02-02 * "sale"\n  Assets:Bank  70.00 EUR\n  Income:Sales\n  Income:Sales\n', encoding="utf-8"
    )
    with pytest.raises(LedgerUnusable, match="mend it first"):
        view_of(load_books(path), "members", date(2024, 4, 1))


def test_books_without_a_record_pass_as_totals(tmp_path: Path) -> None:
    books = (
        'option "operating_currency" "EUR"\n2024-01-01 open Assets:Bank\n2024-01-01 open Income:Sales\n'
        '2024-02-02 * "sale"\n  Assets:Bank  70.00 EUR\n  Income:Sales\n'
    )
    assert balances(text_for(tmp_path, "members", books, "2024-04-01")) == {"Assets:Other": 70, "Income:Other": -70}
