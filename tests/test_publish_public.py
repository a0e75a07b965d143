"""The public view: figures worked by hand, both sides of ten, and what cannot be computed from all that was ever shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from beancount import loader
from click.testing import CliRunner, Result
from fava.application import create_app

import coopbooks
from coopbooks.books.loading import load_books
from coopbooks.cli.program import main
from coopbooks.cooperative import Cooperative
from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.page import Page, open_page
from coopbooks.dashboard.public import PublicFunds, PublicPay, PublicSurplus
from coopbooks.errors import LedgerUnusable
from coopbooks.facts import Facts
from coopbooks.publish import view_of, view_text
from coopbooks.publish.behind import tells_few
from coopbooks.publish.pay import bands_of, width_of

HEAD = """\
option "title" "Thirty"
option "operating_currency" "EUR"
2023-01-01 open Assets:Bank
2023-01-01 open Income:Sales
2023-01-01 open Expenses:Wages
2023-01-01 open Expenses:Rent
2023-01-01 open Equity:Surplus
2023-01-01 open Equity:Reserve
2023-01-01 open Equity:Funds:Training
2023-01-01 custom "coop" "decision" "D1"
2023-01-01 custom "coop" "bylaw" "surplus"
  patronage: "equal"
  split: "none"
  cash: 0
2023-01-01 custom "coop" "bylaw" "capital"
  collective: "Equity:Reserve"
2023-01-01 custom "coop" "bylaw" "wage-ratio"
  cap: 3
2023-01-01 custom "coop" "fund" "training"
  account: Equity:Funds:Training
  kind: "education"
2023-01-01 custom "coop" "allocation" "training"
  step: 1
  to: Equity:Funds:Training
  share: 0.10
2023-01-01 custom "coop" "allocation" "members"
  step: 1
  to: "members"
  share: 0.50
2023-01-01 custom "coop" "allocation" "reserve"
  step: 2
  to: Equity:Reserve
  rest: TRUE
"""
HOURS = 100
RATES = (12, 18, 24)  # of the first third of the people, the second, and the last
QUARTERS = ("03-31", "06-30", "09-30", "12-31")


class Paid(NamedTuple):
    """What one person gets on one day for a hundred hours."""

    person: str
    day: str
    amount: Decimal


def people_of(count: int) -> list[str]:
    return [f"m{number:02}" for number in range(1, count + 1)]


def rate_of(place: int, count: int) -> int:
    return RATES[place % count * 3 // count]


def paid_in(year: int, people: Sequence[str], of: int | None = None) -> list[Paid]:
    """Everybody's pay at the end of each quarter; `of` is how many people the rates are dealt among."""
    return [
        Paid(person, f"{year}-{day}", Decimal(HOURS * rate_of(int(person[1:]) - 1, of or len(people))))
        for day in QUARTERS
        for person in people
    ]


def member(person: str, since: str = "2023-01-01") -> str:
    capital = f"Equity:Members:{person.title()}"
    return (
        f"{since} open {capital}\n"
        f'{since} custom "coop" "member" "{person}"\n  wages: Expenses:Wages\n  capital: {capital}\n'
    )


def pay_text(paid: Sequence[Paid]) -> str:
    return "".join(
        f'{row.day} * "pay"\n  Expenses:Wages  {row.amount} EUR\n    worker: "{row.person}"\n    hours: {HOURS}\n'
        "  Assets:Bank\n"
        for row in paid
    )


def sale(day: str, amount: Decimal | int) -> str:
    return f'{day} * "sale"\n  Assets:Bank  {amount} EUR\n  Income:Sales\n'


def close(year: int, surplus: Decimal | int, people: Sequence[str], day: str | None = None) -> str:
    """The close of a year: a tenth to training, half to the members, the rest to the reserve."""
    each = Decimal(surplus) / 2 / len(people)
    lines = [f"  Equity:Surplus  {surplus} EUR", f"  Equity:Funds:Training  {-Decimal(surplus) / 10} EUR"]
    lines += [f"  Equity:Members:{person.title()}:{year}  {-each} EUR" for person in people]
    opened = "".join(f"{year}-12-31 open Equity:Members:{person.title()}:{year}\n" for person in people)
    return (
        opened
        + f'{day or f"{year}-12-31"} * "close" #coop-close\n  period: "{year}"\n'
        + "\n".join(lines)
        + "\n  Equity:Reserve\n"
    )


def year_text(year: int, surplus: int, people: Sequence[str], of: int | None = None) -> str:
    """A year of a cooperative whose sales are its pay and its surplus, all sold in its quarters."""
    paid = paid_in(year, people, of)
    costs = {day: sum(row.amount for row in paid if row.day == f"{year}-{day}") for day in QUARTERS}
    sales = "".join(sale(f"{year}-{day}", costs[day] + Decimal(surplus) / 4) for day in QUARTERS)
    return pay_text(paid) + sales + close(year, surplus, people)


def coop(count: int) -> str:
    """One year, with a surplus of 1,000 for each member."""
    people = people_of(count)
    return HEAD + "".join(map(member, people)) + year_text(2023, 1_000 * count, people)


def public(folder: Path, text: str, as_of: str) -> str:
    path = folder / "books.beancount"
    path.write_text(text, encoding="utf-8")
    loaded = load_books(path)
    assert loaded.errors == (), loaded.errors
    return view_text(view_of(loaded, "public", date.fromisoformat(as_of)))


def read(folder: Path, text: str) -> Cooperative:
    path = folder / "public.beancount"
    path.write_text(text, encoding="utf-8")
    return coopbooks.load(path)


def said(folder: Path, text: str, as_of: str) -> dict[str, Any]:
    """What `published` tells of the public view of books."""
    found = read(folder, public(folder, text, as_of)).published()
    assert found is not None
    data: dict[str, Any] = found.to_data()
    return data


def entries_of(text: str) -> list[str]:
    """The entries and figures, each as it stands in the file."""
    figures = re.findall(r'^\d{4}-\d\d-\d\d custom "published" (?!"audience").*$', text, re.MULTILINE)
    return figures + [part for part in text.split("\n\n") if re.match(r"\d{4}-\d\d-\d\d \* ", part)]


# -- thirty people, by hand ------------------------------------------------------------------------------------------


def test_thirty_people_by_hand(tmp_path: Path) -> None:
    """Ten at 12 an hour, ten at 18, ten at 24; each works 100 hours a quarter.

    Ratio 24 / 12 = 2. The pay of a quarter is 10 x 100 x (12 + 18 + 24) = 54,000, of the year 216,000. The median is 18, a
    quarter of it 4.50, so bands are 5 wide: below 15, 15 to 20, 20 and more. Of the surplus of 30,000 a tenth, 3,000, goes
    to training, half, 15,000, to thirty members, the other 12,000 to the reserve.
    """
    found = said(tmp_path, coop(30), "2024-02-01")
    assert (found["audience"], found["as_of"]) == ("public", "2024-02-01")
    assert found["ratios"] == [
        {"period": f"2023-{month}", "ratio": "2.00", "cap": "3.00", "over": False, "people": 30}
        for month in ("03", "06", "09", "12")
    ]
    assert [(row["low"], row["high"], row["people"]) for row in found["bands"]] == [
        (None, "15.00", 10),
        ("15.00", "20.00", 10),
        ("20.00", None, 10),
    ]
    assert found["pay"] == [{"period": "2023", "total": "216000.00", "people": 30}]
    (year,) = found["surplus"]
    assert (year["period"], year["result"], year["earlier_losses"]) == ("2023", "30000.00", "0.00")
    assert [(step["id"], step["account"], step["amount"], step["people"]) for step in year["steps"]] == [
        ("members", None, "15000.00", 30),
        ("training", "Equity:Funds:Training", "3000.00", 0),
        ("reserve", "Equity:Collective:Reserve", "12000.00", 0),
    ]


def test_the_file_is_a_ledger_without_errors_and_its_sums_are_those_of_the_books(tmp_path: Path) -> None:
    text = public(tmp_path, coop(30), "2024-02-01")
    _, errors, _ = loader.load_string(text)
    assert errors == []
    sums: dict[str, Decimal] = {}
    for account, number in re.findall(r"^  (\S+) +(-?[\d.]+) EUR$", text, re.MULTILINE):
        sums[account] = sums.get(account, Decimal(0)) + Decimal(number)
    # 246,000 of sales, 216,000 of pay; of the 30,000 in the bank half is the members', which the surplus account lacks.
    assert {account: number for account, number in sums.items() if number} == {
        "Assets:Other": 30_000,
        "Income:Other": -246_000,
        "Expenses:Other": 216_000,
        "Equity:Other": 15_000,
        "Equity:Funds:Training": -3_000,
        "Equity:Collective:Reserve": -12_000,
    }


@pytest.mark.parametrize(("count", "shown"), [(9, False), (10, True)])
def test_both_sides_of_ten(tmp_path: Path, count: int, shown: bool) -> None:
    text = public(tmp_path, coop(count), "2024-02-01")
    found = read(tmp_path, text).published()
    assert found is not None
    assert bool(found.ratios) == bool(found.bands) == bool(found.pay) == bool(found.surplus) == shown
    # With nine, even what training got would tell: 3,000 / 0.10 x 0.50 is the members' part.
    assert ("  Equity:Funds:Training" in text) == shown
    # Three quarters of sales say nothing of anybody; the fourth would complete the result.
    assert text.count("  Income:Other") == (4 if shown else 3)


@pytest.mark.parametrize(("members", "funds"), [(9, False), (10, True)])
def test_nine_members_and_three_workers_show_pay_and_nothing_of_the_surplus(
    tmp_path: Path, members: int, funds: bool
) -> None:
    """Twelve are paid, so pay is shown; nine share the surplus, so nothing is from which the result follows."""
    people = people_of(12)
    workers = "".join(
        f'2023-01-01 custom "coop" "worker" "{person}"\n  wages: Expenses:Wages\n' for person in people[members:]
    )
    paid = paid_in(2023, people)
    sales = "".join(sale(f"2023-{day}", 30_600) for day in QUARTERS)
    # Sales of 122,400 less four times 100 x 4 x (12 + 18 + 24).
    surplus = 122_400 - 4 * 21_600
    books = HEAD + "".join(map(member, people[:members])) + workers + pay_text(paid) + sales
    text = public(tmp_path, books + close(2023, Decimal(surplus), people[:members]), "2024-02-01")
    found = read(tmp_path, text).published()
    assert found is not None
    assert [(row.total, row.people) for row in found.pay] == [("86400.00", 12)]
    assert len(found.ratios) == 4
    assert bool(found.surplus) == ("  Equity:Funds:Training" in text) == funds
    # Three quarters of income and expenses are shown; the fourth would complete the result.
    assert text.count("  Income:Other") == (4 if funds else 3)


def test_closes_that_wait_come_together_once_ten_have_shared(tmp_path: Path) -> None:
    """Nine members in 2023, another nine in 2024 of whom one is new: ten people stand behind both years together."""
    people = people_of(10)
    first, second = people[:9], people[1:]
    left = '2024-01-01 custom "coop" "exit" "m01"\n'
    books = HEAD + "".join(map(member, first)) + year_text(2023, 18_000, first, of=9)
    books += left + member("m10", "2024-01-01") + year_text(2024, 36_000, second, of=10)
    text = public(tmp_path, books, "2025-02-01")
    found = read(tmp_path, text).published()
    assert found is not None
    assert found.surplus == ()
    common = [part for part in entries_of(text) if "Funds and collective" in part]
    assert len(common) == 1
    assert common[0].startswith("2024-12-31")
    assert "Equity:Funds:Training      -5400" in common[0]  # a tenth of 18,000 and of 36,000


# -- ratios, bands, totals -------------------------------------------------------------------------------------------


def test_a_ratio_to_a_known_floor_says_only_its_side_of_the_cap(tmp_path: Path) -> None:
    """The floor may be the legal minimum wage: 24 / 6 = 4 would say what the best-paid gets."""

    def books(cap: int) -> str:
        rule = f'  cap: {cap}\n  compare: "max/floor"\n  floor: 6 EUR\n'
        return coop(30).replace("  cap: 3\n", rule)

    over, within = (said(tmp_path, books(cap), "2023-04-01")["ratios"] for cap in (3, 4))
    assert over == [{"period": "2023-03", "ratio": None, "cap": "3.00", "over": True, "people": 30}]
    assert within == [{"period": "2023-03", "ratio": None, "cap": "4.00", "over": False, "people": 30}]
    text = public(tmp_path, books(4), "2023-04-01")
    assert "floor:" not in text
    assert '"2023-03" 4.00' not in text


def test_pay_that_comes_later_changes_no_ratio_that_was_shown(tmp_path: Path) -> None:
    """In June m01 gets 600 more for March: 18 instead of 12 an hour for the members; the public keeps what it saw."""
    late = '2023-06-30 * "late"\n  pay-period: "2023-03"\n  Expenses:Wages  600 EUR\n    worker: "m01"\n  Assets:Bank\n'
    before = public(tmp_path, coop(30), "2023-04-01")
    after = public(tmp_path, coop(30) + late, "2023-07-01")
    assert set(entries_of(before)) <= set(entries_of(after))


def test_bands_are_as_wide_as_pay_is_high() -> None:
    assert width_of([Fraction(rate) for rate in (12, 18, 24)]) == 5
    assert width_of([Fraction(rate) for rate in (2000, 2400, 9000)]) == 1000
    assert width_of([Fraction(1, 2)]) == 1
    # An edge says where a band ends, not where the next person begins.
    assert bands_of([Fraction(rate) for rate in (11, 12, 39, 39)], 2, 5) == [(None, 15, 2), (15, None, 2)]


# -- people who come and go ------------------------------------------------------------------------------------------


def year_of_eleven_and(second: Sequence[str]) -> str:
    """Eleven people in 2023, all at 18 an hour but m11 at 24, and in 2024 those of `second`."""
    people = people_of(11)
    books = HEAD + "".join(map(member, people)) + year_text(2023, 22_000, people, of=15)
    later = [person for person in second if person not in people]
    gone = "".join(f'2024-01-01 custom "coop" "exit" "{person}"\n' for person in people if person not in second)
    new = "".join(member(person, "2024-01-01") for person in later)
    return books + gone + new + year_text(2024, 2_000 * len(second), second, of=15)


def totals(text: str, folder: Path) -> list[tuple[str, int]]:
    found = read(folder, text).published()
    assert found is not None
    return [(row.period, row.people) for row in found.pay]


@pytest.mark.parametrize(
    ("second", "pay", "bands"),
    [
        (people_of(11), [("2023", 11), ("2024", 11)], 2),  # nobody comes, nobody goes
        (people_of(10), [("2023", 11)], 1),  # one goes: total of eleven less total of ten
        (people_of(12), [("2023", 11)], 1),  # one comes
        ([f"m{number}" for number in range(20, 31)], [("2023", 11), ("2024", 11)], 2),  # all go, eleven come
    ],
)
def test_a_total_waits_while_its_difference_would_tell_of_few(
    tmp_path: Path, second: list[str], pay: list[tuple[str, int]], bands: int
) -> None:
    books = year_of_eleven_and(second)
    text = public(tmp_path, books, "2025-02-01")
    assert totals(text, tmp_path) == pay
    assert len({row.period for row in found_bands(text, tmp_path)}) == bands


def found_bands(text: str, folder: Path) -> Iterator[Any]:
    found = read(folder, text).published()
    assert found is not None
    return iter(found.bands)


def test_half_a_year_of_one_person_is_a_difference_too() -> None:
    whole = {f"m{number:02}": 4 for number in range(11)}
    assert tells_few({**whole, "m00": 2}, whole, 10)
    assert not tells_few(dict.fromkeys(whole, 8), whole, 10)
    assert tells_few({**dict.fromkeys(whole, 8), "m00": 6}, whole, 10)


def test_the_last_decimals_of_a_sum_are_not_those_of_the_one_who_is_paid_at_a_price(tmp_path: Path) -> None:
    # 1,010.01 USD at 0.9137 are 922.846137 EUR: the decimals below the cent would be one person's, who is paid so.
    text = coop(30).replace(
        '  Expenses:Wages  1200 EUR\n    worker: "m01"',
        '  Expenses:Wages  1010.01 USD @ 0.9137 EUR\n    worker: "m01"',
        1,
    )
    assert "USD" in text
    text = text.replace(
        "2023-12-31 *", '2023-11-30 * "fee"\n  Expenses:Rent  12.345 EUR\n  Assets:Bank\n2023-12-31 *', 1
    )
    shown = public(tmp_path, text, "2024-02-01")
    assert re.findall(r"\d+\.\d{3,} EUR", shown) == []
    assert 'custom "published" "pay" "2023" 215722.85 EUR 30' in shown
    assert read(tmp_path, shown).check().to_data() == {"errors": []}


def test_a_late_entry_is_refused_once_its_quarter_is_published(tmp_path: Path) -> None:
    books, out = tmp_path / "books.beancount", tmp_path / "public.beancount"
    call = ["publish", str(books), "--for", "public", "-o", str(out), "--as-of"]
    books.write_text(coop(30), encoding="utf-8")
    assert run(*call, "2024-02-01").exit_code == 0
    before = out.read_text(encoding="utf-8")
    books.write_text(coop(30) + sale("2023-05-05", 77), encoding="utf-8")
    refused = run(*call, "2024-03-01")
    assert refused.exit_code == 2
    assert "what is dated 2023-06-30 is published there already and would change" in refused.output
    assert refused.output.count("\n") == 1
    assert out.read_text(encoding="utf-8") == before
    books.write_text(coop(30) + sale("2024-02-05", 77), encoding="utf-8")
    assert run(*call, "2024-03-01").exit_code == 0
    assert set(entries_of(before)) <= set(entries_of(out.read_text(encoding="utf-8")))


def run(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


# -- linear algebra over everything that is shown --------------------------------------------------------------------

HALVES = ("06-30", "12-31")
STEP = 39_600  # what an amount is changed by: halves of its ninths, tenths, elevenths and twelfths are whole
AT_ONCE = 5  # so many amounts are changed at once, each by its own power of a thousand
PARTS = 20  # a published amount holds twentieths of the hidden ones
AID = """\
2023-01-01 open Equity:Funds:Aid
2023-01-01 custom "coop" "fund" "aid"
  account: Equity:Funds:Aid
  kind: "mutual-aid"
2023-01-02 * "gift"
  source: "donation"
  Equity:Funds:Aid  -999999 EUR
  Assets:Bank
"""


class Hidden(NamedTuple):
    """An amount in the books that is one person's, or nobody's: what it is of, whose, in which year, on which day."""

    sort: str
    person: str
    day: str


class Story(NamedTuple):
    """Two years: who is a member in each, and who is paid beside them; the amounts are given apart."""

    members: tuple[tuple[str, ...], tuple[str, ...]]
    workers: tuple[str, ...]
    claims: tuple[str, ...]

    def hidden(self) -> list[Hidden]:
        found = []
        for year, members in zip((2023, 2024), self.members, strict=True):
            for half in HALVES:
                found += [Hidden("pay", person, f"{year}-{half}") for person in (*members, *self.workers)]
                found.append(Hidden("sale", "", f"{year}-{half}"))
        return found + [Hidden("claim", f"c{place}", day) for place, day in enumerate(self.claims)]

    def amounts(self) -> dict[Hidden, int]:
        """Amounts of which no sum is zero by chance."""
        return {
            each: STEP * (10**15 + 13 * place**2 if each.sort == "sale" else 1 + place % 7)
            for place, each in enumerate(self.hidden())
        }

    def text(self, amounts: dict[Hidden, int]) -> str:
        first, second = self.members
        parts = [HEAD, AID, *map(member, first)]
        parts += [f'2023-01-01 custom "coop" "worker" "{each}"\n  wages: Expenses:Wages\n' for each in self.workers]
        parts += [f'2024-01-01 custom "coop" "exit" "{each}"\n' for each in first if each not in second]
        parts += [member(each, "2024-01-01") for each in second if each not in first]
        for hidden, amount in amounts.items():
            if hidden.sort == "pay":
                parts.append(pay_text([Paid(hidden.person, hidden.day, Decimal(amount))]))
            elif hidden.sort == "sale":
                parts.append(sale(hidden.day, amount))
            else:
                parts.append(
                    f'{hidden.day} * "grant"\n  decision: "D1"\n  claim: "{hidden.person}"\n'
                    f"  Equity:Funds:Aid  {amount} EUR\n  Assets:Bank\n"
                )
        for year, members in zip(("2023", "2024"), self.members, strict=True):
            surplus = sum(
                amount * {"pay": -1, "sale": 1, "claim": 0}[hidden.sort]
                for hidden, amount in amounts.items()
                if hidden.day[:4] == year
            )
            parts.append(close(int(year), surplus, members))
        return "".join(parts)

    def surplus(self, year: str) -> list[Fraction]:
        """A year's surplus as a sum of the hidden amounts: what sales bring less what pay takes."""
        signs = {"pay": -1, "sale": 1, "claim": 0}
        return [Fraction(signs[each.sort] if each.day[:4] == year else 0) for each in self.hidden()]


def money_in(folder: Path, text: str) -> list[Fraction]:
    """Every amount in the public file but the edges of bands, which lie on a grid of their own."""
    shown = public(folder, text, "2025-02-01")
    kept = "\n".join(line for line in shown.splitlines() if '"pay-band"' not in line)
    return [Fraction(number) for number in re.findall(r"(-?\d+(?:\.\d+)?) EUR(?= |$)", kept, re.MULTILINE)]


def sums_shown(story: Story, folder: Path) -> list[list[Fraction]]:
    """How each published amount follows from the hidden ones: found by changing them one after the other."""
    hidden = story.hidden()
    amounts = story.amounts()
    base = money_in(folder, story.text(amounts))
    columns: list[list[Fraction]] = []
    for first in range(0, len(hidden), AT_ONCE):
        some = hidden[first : first + AT_ONCE]
        more = {each: amounts[each] + STEP * 1000**power for power, each in enumerate(some)}
        changed = money_in(folder, story.text({**amounts, **more}))
        assert len(changed) == len(base)
        digits = [digits_of((after - before) / STEP * PARTS) for after, before in zip(changed, base, strict=True)]
        columns += [[row[place] / PARTS for row in digits] for place in range(len(some))]
    return [list(row) for row in zip(*columns, strict=True)]


def digits_of(number: Fraction) -> list[Fraction]:
    """A difference as what each of the changed amounts has given to it: digits of a thousand, from -499 to 500."""
    assert number.denominator == 1, number
    left, found = int(number), []
    for _ in range(AT_ONCE):
        digit = (left + 499) % 1000 - 499
        found.append(Fraction(digit))
        left = (left - digit) // 1000
    assert left == 0
    return found


def reduced(rows: Sequence[Sequence[Fraction]]) -> list[list[Fraction]]:
    """Reduced row echelon form, zero rows left out."""
    left = [list(row) for row in rows if any(row)]
    done = 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((place for place in range(done, len(left)) if left[place][column]), None)
        if pivot is None:
            continue
        left[done], left[pivot] = left[pivot], left[done]
        lead = left[done][column]
        left[done] = [each / lead for each in left[done]]
        for place, row in enumerate(left):
            if place != done and row[column]:
                factor = row[column]
                left[place] = [each - factor * base for each, base in zip(row, left[done], strict=True)]
        done += 1
    return left[:done]


def follows(wanted: Sequence[Fraction], rows: Sequence[Sequence[Fraction]]) -> bool:
    """Whether a sum of hidden amounts is a combination of the published ones."""
    return len(reduced([*rows, wanted])) == len(reduced(rows))


def of_people(hidden: Sequence[Hidden], rows: Sequence[Sequence[Fraction]]) -> list[list[Fraction]]:
    """The combinations in which every amount that is nobody's cancels out."""
    order = sorted(range(len(hidden)), key=lambda place: bool(hidden[place].person))
    nobody = sum(1 for each in hidden if not each.person)
    found = reduced([[row[place] for place in order] for row in rows])
    back = {place: at for at, place in enumerate(order)}
    return [[row[back[place]] for place in range(len(hidden))] for row in found if not any(row[:nobody])]


def fewest(owners: Sequence[str], rows: Sequence[Sequence[Fraction]]) -> int:
    """The fewest people in any combination of rows with small factors; 99 where there are no rows."""
    rows = reduced(rows)
    assert len(rows) <= 6, "too many to try every combination"
    least = 99
    for factors in product(range(-2, 3), repeat=len(rows)):
        mixed = [
            sum(factor * row[place] for factor, row in zip(factors, rows, strict=True)) for place in range(len(owners))
        ]
        people = {owner for owner, each in zip(owners, mixed, strict=True) if each}
        least = min(least, len(people) or 99)
    return least


def as_if_pay_stayed(
    hidden: Sequence[Hidden], rows: Sequence[Sequence[Fraction]]
) -> tuple[list[str], list[list[Fraction]]]:
    """The same with one amount a person, for a reader who supposes that pay stays what it was."""
    owners = sorted({each.person for each in hidden})
    return owners, [
        [
            sum((each for one, each in zip(hidden, row, strict=True) if one.person == owner), Fraction(0))
            for owner in owners
        ]
        for row in rows
    ]


TWELVE = tuple(people_of(12))
CLAIMS = ("2023-05-05",) * 10 + ("2024-02-02",) * 3


@pytest.mark.parametrize(
    ("story", "known"),
    [
        (Story((TWELVE, TWELVE), (), CLAIMS), (True, True)),
        (Story((TWELVE, TWELVE[:11]), (), CLAIMS), (True, True)),  # one goes
        (Story((TWELVE[:11], TWELVE), (), CLAIMS), (True, True)),  # one comes
        (Story((TWELVE[:9], TWELVE[:9]), TWELVE[9:], CLAIMS), (False, False)),  # nine share what twelve work for
        (Story((TWELVE[:10], TWELVE[:9]), TWELVE[10:], ()), (True, False)),
        (Story((TWELVE[:9], TWELVE[1:10]), TWELVE[10:], ()), (False, False)),  # ten share, but no year's are ten
    ],
)
def test_nothing_of_fewer_than_ten_people_follows_from_what_is_shown(
    tmp_path: Path, story: Story, known: tuple[bool, bool]
) -> None:
    hidden, rows = story.hidden(), sums_shown(story, tmp_path)
    # The members' part is half the surplus: it may be known only of a year in which ten share.
    assert tuple(follows(story.surplus(year), rows) for year in ("2023", "2024")) == known
    people = of_people(hidden, rows)
    assert fewest([each.person for each in hidden], people) >= 10
    owners, same = as_if_pay_stayed(hidden, people)
    assert fewest(owners, same) >= 10


def test_a_figure_that_could_be_computed_would_be_seen() -> None:
    """A total of three people beside one of two."""
    hidden = [Hidden("pay", person, "2023-06-30") for person in ("a", "b", "c")] + [Hidden("sale", "", "2023-06-30")]
    rows = [[Fraction(each) for each in row] for row in ((1, 1, 1, 1), (0, 0, 0, 1), (1, 1, 0, 0))]
    assert fewest([each.person for each in hidden], of_people(hidden, rows)) == 1
    assert follows([Fraction(0), Fraction(0), Fraction(1), Fraction(0)], rows)
    assert not follows([Fraction(1), Fraction(0), Fraction(0), Fraction(0)], rows)


@pytest.mark.parametrize("second", [TWELVE, TWELVE[:11], TWELVE[1:]])
def test_what_was_shown_stays_over_eight_quarters(tmp_path: Path, second: tuple[str, ...]) -> None:
    story = Story((TWELVE, second), (), CLAIMS)
    text = story.text(story.amounts())
    before: list[str] = []
    for year, month in [(2023, 4), (2023, 7), (2023, 10), (2024, 1), (2024, 4), (2024, 7), (2024, 10), (2025, 1)]:
        now = entries_of(public(tmp_path, text, f"{year}-{month:02}-01"))
        assert set(before) <= set(now), (year, month)
        before = now
    assert before


# -- the file's own lines --------------------------------------------------------------------------------------------

HEADED = 'option "operating_currency" "EUR"\n2025-02-01 custom "published" "audience" "public"\n'


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('"audience" "public"', "names an audience a second time, after public.beancount:2"),
        ('"pay" "2025" 12 EUR', 'of "pay" has 2 values behind that word and needs 3'),
        ('"pay" "2025" 12 USD 12', 'value 2 of this "published" line of "pay" is not an amount in EUR'),
        ('"pay" 2025 12 EUR 12', 'value 1 of this "published" line of "pay" is not a short text'),
        ('"pay" "2025" 12 EUR 1.5', 'value 3 of this "published" line of "pay" is not a whole number'),
        ('"pay" "2025" 12 EUR -1', "is not a whole number"),
        ('"wage-ratio" "2025-01" "low" 3 12', 'value 2 of this "published" line of "wage-ratio" is not a number'),
        ('"wage-ratio" "2025-01" 2 TRUE 12', "value 3"),
        ('"pay-band" "2025-01" "hourly" 3 "none" 12', "value 3"),
        ('"spent" "aid" "2025-Q1"', 'of "spent" has 2 values behind that word and needs 3'),
        ('"surplus" "2025" 3 EUR 2025-01-01', "value 3"),
        ('"surplus-step" "2025" 1 "a" "members" 0.5 "surplus" 3 4', "value 7"),
    ],
)
def test_a_line_that_is_none_of_ours_is_one_sentence(tmp_path: Path, line: str, says: str) -> None:
    coop = read(tmp_path, f'{HEADED}2025-02-01 custom "published" {line}\n')
    with pytest.raises(LedgerUnusable) as refused:
        coop.published()
    assert says in str(refused.value)
    assert str(refused.value).startswith("public.beancount:3: ")
    assert "\n" not in str(refused.value)


def test_an_audience_that_nobody_is_is_one_sentence(tmp_path: Path) -> None:
    for values in ('"audience" "everybody"', '"audience"', '"audience" "public" "members"', '"audience" 3'):
        coop = read(tmp_path, f'option "operating_currency" "EUR"\n2025-02-01 custom "published" {values}\n')
        with pytest.raises(LedgerUnusable):
            coop.published()


def test_other_books_are_not_derived(tmp_path: Path) -> None:
    for text in ("", '2025-02-01 custom "published" "pay" 3\n', '2025-02-01 custom "published"\n', coop(10)):
        assert read(tmp_path, text).published() is None


def test_words_that_are_not_for_this_are_left_alone(tmp_path: Path) -> None:
    found = read(tmp_path, f'{HEADED}2025-02-01 custom "published" "document" "member" TRUE\n').published()
    assert found is not None
    assert found.pay == ()


def test_facts_keep_what_is_published(tmp_path: Path) -> None:
    facts = read(tmp_path, public(tmp_path, coop(10), "2024-02-01")).facts
    assert len(facts.published) == 11
    assert Facts.from_text(facts.to_text()).published == facts.published


def test_members_and_auditors_are_told_what_their_ledger_is(tmp_path: Path) -> None:
    path = tmp_path / "books.beancount"
    path.write_text(coop(10), encoding="utf-8")
    for audience in ("members", "auditors"):
        found = read(tmp_path, view_text(view_of(load_books(path), audience, date(2024, 2, 1)))).published()
        assert found is not None
        assert (found.audience, found.as_of, found.pay, found.surplus) == (audience, "2024-02-01", (), ())


def test_no_text_of_the_books_is_in_any_byte(tmp_path: Path) -> None:
    marked = coop(30).replace('"pay"', '"qxzjvk" "qxzjvk" #qxzjvk ^qxzjvk').replace('"sale"', '"qxzjvk"')
    marked = re.sub(
        r"(Assets:Bank|Income:Sales|Expenses:Wages|Expenses:Rent|Equity:Reserve)(?![\w:])", r"\1:Qxzjvk", marked
    )
    assert marked.count("qxzjvk") > 200
    assert "qxzjvk" not in public(tmp_path, marked, "2024-02-01").casefold()
    assert public(tmp_path, marked, "2024-02-01") == public(tmp_path, coop(30), "2024-02-01")


# -- the dashboard on it ---------------------------------------------------------------------------------------------


def view(coop: Cooperative, name: str, **asked: Any) -> Page:
    return open_page(lambda: coop, Choice(as_of=date(2025, 2, 1), view=name, **asked))


def test_a_public_ledger_has_pages_of_what_is_published(tmp_path: Path) -> None:
    coop_ = read(tmp_path, public(tmp_path, coop(30), "2024-02-01"))
    page = view(coop_, "mine")
    assert [tab.name for tab in page.tabs] == ["pay", "surplus", "funds", "givers", "audit", "rules"]
    assert page.name == "pay"
    assert page.audience_said == (
        "This is the public view as of 1 February 2024: ratios, bands and totals, each with at least ten people behind it."
    )
    assert isinstance(page.view, PublicPay)
    assert page.view.headline == "In December 2023 the best-paid here earned 2 times what the least-paid earned."
    assert page.view.verdict == "That is within the cap of 3."
    assert [(row.name, row.people) for row in page.view.bands] == [
        ("less than 15", "10"),
        ("15 to less than 20", "10"),
        ("20 and more", "10"),
    ]
    assert [(row.name, row.figure, row.people) for row in page.view.totals] == [("2023", "216,000.00", "30")]
    assert page.view.chart is not None
    assert page.view.bands_chart is not None
    assert "fewer than ten people stand behind it" in page.view.withheld[0]


def test_the_surplus_and_the_funds_of_a_public_ledger(tmp_path: Path) -> None:
    coop_ = read(tmp_path, public(tmp_path, coop(30), "2024-02-01"))
    year = view(coop_, "surplus").view
    assert isinstance(year, PublicSurplus)
    assert year.headline == (
        "2023 brought 30,000.00 EUR: 3,000.00 EUR to movement funds, 15,000.00 EUR to the people who work here "
        "and 12,000.00 EUR to what belongs to all."
    )
    assert [(step.name, step.said, step.amount) for step in year.steps] == [
        ("Members", "50% of the surplus, shared by 30 people", "15,000.00"),
        ("Training", "10% of the surplus", "3,000.00"),
        ("Reserve", "", "12,000.00"),
    ]
    assert all(step.place.startswith("public.beancount:") for step in year.steps)
    funds = view(coop_, "funds").view
    assert isinstance(funds, PublicFunds)
    assert [(row.fund, row.by_rule, row.came, row.left) for row in funds.rows] == [
        ("training", "3,000.00", "3,000.00", "3,000.00")
    ]


def test_nine_people_are_told_why_nothing_is_shown(tmp_path: Path) -> None:
    coop_ = read(tmp_path, public(tmp_path, coop(9), "2024-02-01"))
    for name, said in (("pay", "Nothing of pay"), ("surplus", "No year's surplus"), ("funds", "Nothing of the funds")):
        shown: Any = view(coop_, name).view
        assert shown.headline.startswith(said)
        assert "fewer than ten people stand behind it" in shown.headline
    funds = view(coop_, "funds").view
    assert isinstance(funds, PublicFunds)
    assert [(row.fund, row.came, row.spent, row.left) for row in funds.rows] == [
        ("training", "", "", "")
    ]  # and no zero


def test_hidden_figures_are_hidden_here_too(tmp_path: Path) -> None:
    coop_ = read(tmp_path, public(tmp_path, coop(30), "2024-02-01"))
    for name in ("pay", "surplus", "funds"):
        page = open_page(lambda: coop_, Choice(as_of=date(2025, 2, 1), view=name), hidden=True)
        shown: Any = page.view
        assert shown.chart is None
        assert "000.00" not in repr(shown)


def test_every_page_of_a_derived_ledger_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "books.beancount"
    path.write_text(coop(10), encoding="utf-8")
    loaded = load_books(path)
    for audience, said in (("members", "pay by pseudonym"), ("auditors", "every entry by pseudonym")):
        derived = read(tmp_path, view_text(view_of(loaded, audience, date(2024, 2, 1))))
        page = view(derived, "surplus")
        assert page.audience_said.startswith(f"This is the {audience}' view as of 1 February 2024: {said}")
        assert [tab.name for tab in page.tabs][-1] == "rules"
    assert view(coopbooks.load(path), "pay").audience_said == ""


def test_a_line_that_is_none_of_ours_is_a_sentence_on_the_page(tmp_path: Path) -> None:
    page = view(read(tmp_path, f'{HEADED}2025-02-01 custom "published" "pay" "2025"\n'), "pay")
    assert page.trouble is not None
    assert 'of "pay" has 1 values behind that word' in page.trouble.cure


def test_fava_shows_it_without_an_error(tmp_path: Path) -> None:
    path = tmp_path / "public.beancount"
    path.write_text(public(tmp_path, coop(30), "2024-02-01"), encoding="utf-8")
    app = create_app([path], load=True, read_only=True)
    client, slug = app.test_client(), app.config["LEDGERS"].first_slug()
    assert app.config["LEDGERS"][slug].errors == []
    for name, said in (
        ("pay", "15 to less than 20"),
        ("surplus", "shared by 30 people"),
        ("funds", "Balances are those of the last closed quarter"),
        ("givers", "is told to members and auditors"),
    ):
        answer = client.get(f"/{slug}/extension/OpenBook/?view={name}")
        assert answer.status_code == 200
        text = answer.get_data(as_text=True)
        assert said in text
        assert "This is the public view as of 1 February 2024" in text
        assert "What is withheld, and why" in text
