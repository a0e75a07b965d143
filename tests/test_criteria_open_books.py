"""BKS: books that are open in time, true, seen by all, and only ever added to."""

from __future__ import annotations

from datetime import date

import pytest
from auditing import ground_of, judged

from coopbooks.audit.judgement import Judgement
from coopbooks.audit.snapshots import words_of
from coopbooks.periods import month_of

AS_OF = date(2026, 2, 10)
MONTHS = tuple(range(1, 13))
ENDS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

BOOKS = """
option "operating_currency" "EUR"
plugin "beancount.plugins.auto_accounts"
2025-01-01 custom "coop" "member" "m01"
2025-01-01 custom "coop" "worker" "w01"
"""


def after(month: int, day: int) -> str:
    """A day of the month after one of 2025."""
    return f"{2025 + month // 12}-{month % 12 + 1:02}-{day:02}"


def snapshot(month: int, *words: str, day: str = "", audience: str = "all workers", digest: str = "a" * 64) -> str:
    lines = [f'\n{day or after(month, 10)} custom "coop" "snapshot" "2025-{month:02}"', f'  audience: "{audience}"']
    lines += [f'  sha256: "{digest}"'] * bool(digest) + [f'  records: "{" ".join(words)}"'] * bool(words)
    return "\n".join(lines) + "\n"


def snapshots(*without: int, **first: str) -> str:
    """A snapshot of each month; the first one lists what BOOKS has."""
    listed = ("member/m01", "worker/w01")
    return "".join(
        snapshot(m, *(listed if m == 1 else ()), **(first if m == 5 else {})) for m in MONTHS if m not in without
    )


def says(criterion: str, text: str, as_of: date = AS_OF, window: str = "2025") -> Judgement:
    return judged(BOOKS + text, criterion, as_of, window)


# -- BKS-1 -----------------------------------------------------------------------------------------------------------


def test_a_snapshot_of_every_month_in_time_is_met_on_all_of_them() -> None:
    found = says("BKS-1", snapshots())
    assert (found.outcome, len(found.evidence)) == ("met", 12)


@pytest.mark.parametrize(
    ("first", "outcome"),
    [
        ({"day": "2025-06-30"}, "met"),
        ({"day": "2025-07-01"}, "shortfall"),
        ({"day": "2025-05-31"}, "shortfall"),
        ({"day": "2025-06-01"}, "met"),
        ({"digest": ""}, "shortfall"),
        ({"audience": "the board"}, "shortfall"),
        ({"audience": "All  workers"}, "met"),
        ({"audience": "all-workers"}, "met"),
        ({"audience": "m01, w01"}, "met"),
        ({"audience": "m01"}, "shortfall"),
    ],
)
def test_a_snapshot_is_in_time_whole_and_for_all(first: dict[str, str], outcome: str) -> None:
    assert says("BKS-1", snapshots(**first)).outcome == outcome


def test_the_days_are_a_parameter() -> None:
    days = '\n2025-01-01 custom "coop" "bylaw" "books.days"\n  value: 9\n'
    assert says("BKS-1", snapshots() + days).outcome == "shortfall"


@pytest.mark.parametrize(
    ("without", "outcome"), [((3,), "shortfall"), ((3, 5), "shortfall"), ((3, 4), "breach"), ((11, 12), "breach")]
)
def test_two_months_running_without_one_are_a_breach(without: tuple[int, ...], outcome: str) -> None:
    assert says("BKS-1", snapshots(*without)).outcome == outcome


def test_a_month_whose_days_are_not_over_is_left_out() -> None:
    text = snapshots(12)
    assert says("BKS-1", text, date(2026, 1, 30)).outcome == "met"
    assert says("BKS-1", text, date(2026, 1, 31)).outcome == "shortfall"
    assert says("BKS-1", "", date(2025, 2, 20)).outcome == "pending"


def test_months_before_the_founding_are_no_part_of_it() -> None:
    text = BOOKS.replace("2025-01-01", "2025-05-12") + snapshots(1, 2, 3, 4)
    assert judged(text, "BKS-1", AS_OF).outcome == "met"


# -- BKS-2 -----------------------------------------------------------------------------------------------------------

MONEY = """
2025-01-01 open Assets:Bank EUR
  liquid: TRUE
2025-03-10 * "Sales"
  Income:Sales  -1000 EUR
  Assets:Bank    1000 EUR
"""


def balances(without: tuple[int, ...] = (), account: str = "Assets:Bank") -> str:
    sums = {month: 1000 if month >= 3 else 0 for month in MONTHS}
    return "".join(f"\n{after(m, 1)} balance {account}  {sums[m]} EUR\n" for m in MONTHS if m not in without)


def test_every_months_end_is_held_against_a_statement() -> None:
    found = says("BKS-2", MONEY + balances())
    assert (found.outcome, len(found.evidence)) == ("met", 12)


def test_a_months_end_without_an_assertion_is_a_gap() -> None:
    """Each month has an assertion of its own, or what one month lacks would be covered by the next one's."""
    for month in (2, 5, 12):
        assert says("BKS-2", MONEY + balances((month,))).outcome == "shortfall", month


def test_an_assertion_of_the_next_month_counts_until_something_is_posted() -> None:
    """The last day of June still states the end of May; the first of July states that of June."""
    moved = (MONEY + balances()).replace("2025-06-01 balance", "2025-06-30 balance")
    assert says("BKS-2", moved).outcome == "met"
    assert says("BKS-2", moved.replace("2025-06-30 balance", "2025-07-01 balance")).outcome == "shortfall"
    sold = "".join(
        f'2025-06-29 * "Sales, and back"\n  Income:Sales  {-amount} EUR\n  Assets:Bank  {amount} EUR\n'
        for amount in (5, -5)
    )
    assert says("BKS-2", moved + sold).outcome == "shortfall"


def test_an_assertion_on_the_months_last_day_is_of_the_day_before() -> None:
    early = balances().replace("2026-01-01 balance", "2025-12-31 balance")
    assert says("BKS-2", MONEY + early).outcome == "shortfall"


def test_every_liquid_account_is_asked_for_while_it_is_open() -> None:
    cash = "\n2025-06-15 open Assets:Cash EUR\n  liquid: TRUE\n"
    assert says("BKS-2", MONEY + balances() + cash).outcome == "shortfall"
    assert says("BKS-2", MONEY + balances() + cash + "2025-06-20 close Assets:Cash\n").outcome == "met"


def test_without_a_liquid_account_nothing_is_shown() -> None:
    assert says("BKS-2", (MONEY + balances()).replace("liquid: TRUE", "liquid: FALSE")).outcome == "not-evidenced"


def test_an_error_of_the_books_is_a_gap_at_its_place() -> None:
    wrong = '\n2025-03-01 custom "coop" "vow" "m09"\n  period: "2024"\n'
    found = says("BKS-2", MONEY + balances() + wrong)
    assert found.outcome == "shortfall"
    assert found.evidence


@pytest.mark.parametrize(("amount", "outcome"), [("9.99", "met"), ("10.00", "shortfall"), ("-10.00", "shortfall")])
def test_suspense_stays_below_one_per_cent_of_turnover(amount: str, outcome: str) -> None:
    text = f'\n2025-07-01 * "Unknown"\n  Assets:Suspense  {amount} EUR\n  Liabilities:Others\n'
    assert says("BKS-2", MONEY + balances() + text).outcome == outcome


def test_suspense_that_is_cleared_by_the_windows_end_is_none() -> None:
    text = '\n2025-07-01 * "Unknown"\n  Assets:Suspense:Card  500 EUR\n  Liabilities:Others\n'
    back = '\n2025-12-31 * "Found"\n  Assets:Suspense:Card  -500 EUR\n  Liabilities:Others\n'
    assert says("BKS-2", MONEY + balances() + text).outcome == "shortfall"
    assert says("BKS-2", MONEY + balances() + text + back).outcome == "met"


def test_before_the_first_month_is_due_it_is_pending() -> None:
    assert says("BKS-2", MONEY, date(2025, 2, 20)).outcome == "pending"


# -- BKS-3 -----------------------------------------------------------------------------------------------------------


def roll(month: int, people: str = "m01 w01") -> str:
    return f'\n{after(month, 5)} custom "coop" "access" "2025-{month:02}"\n  people: "{people}"\n'


def rolls(**other: str) -> str:
    return "".join(roll(m, other.get(f"m{m}", "m01 w01")) for m in MONTHS if other.get(f"m{m}") != "none")


def test_a_roll_of_everyone_in_every_month_is_met_on_the_rolls() -> None:
    found = says("BKS-3", rolls())
    assert (found.outcome, len(found.evidence)) == ("met", 12)


@pytest.mark.parametrize(
    ("people", "outcome"),
    [("m01", "shortfall"), ("w01", "shortfall"), ("none", "not-evidenced"), ("m01 w01 accountant", "met")],
)
def test_a_roll_that_leaves_somebody_out(people: str, outcome: str) -> None:
    assert says("BKS-3", rolls(m4=people)).outcome == outcome


@pytest.mark.parametrize(("day", "outcome"), [("2025-04-30", "met"), ("2025-05-01", "shortfall")])
def test_the_register_is_that_of_the_months_last_day(day: str, outcome: str) -> None:
    text = rolls(m4="m01", m5="m01", m6="m01") + f'\n{day} custom "coop" "exit" "w01"\n'
    text += '\n2025-07-01 custom "coop" "worker" "w01"\n'
    assert says("BKS-3", text).outcome == outcome


@pytest.mark.parametrize(
    ("day", "outcome"), [("2025-06-04", "breach"), ("2025-06-05", "shortfall"), ("2025-04-30", "shortfall")]
)
def test_who_is_still_shut_out_30_days_after_the_notice(day: str, outcome: str) -> None:
    """The rolls are of 5 May, 5 June and 5 July, without the worker from April to June."""
    text = rolls(m4="m01", m5="m01", m6="m01")
    flag = f'\n{day} custom "coop" "flag" "LA-2024/BKS-3"\n  text: "w01 has no key"\n'
    finding = f'\n{day} custom "coop" "finding" "LA-2024/BKS-3"\n  label: "reformist"\n'
    confirmed = finding.replace("reformist", "revolutionary")
    assert says("BKS-3", text + flag).outcome == outcome
    assert says("BKS-3", text + finding).outcome == outcome
    assert says("BKS-3", text + confirmed).outcome == "shortfall"
    assert says("BKS-3", text + flag.replace("BKS-3", "BKS-1")).outcome == "shortfall"


def test_without_anybody_there_is_nothing_to_judge() -> None:
    text = BOOKS.replace('2025-01-01 custom "coop" "member" "m01"\n2025-01-01 custom "coop" "worker" "w01"\n', "")
    assert judged(text, "BKS-3", AS_OF).outcome == "not-evidenced"
    assert judged(text + snapshots(), "BKS-3", AS_OF).outcome == "met"
    assert says("BKS-3", "", date(2025, 1, 20)).outcome == "pending"


# -- BKS-4 -----------------------------------------------------------------------------------------------------------

ALLY = '\n2025-01-01 custom "coop" "ally" "union"\n  sort: "union"\n'


def gift(*fields: str, currency: str = "EUR", ally: str = "union", day: str = "2025-05-01") -> str:
    lines = "".join(f"    {field}\n" for field in fields)
    return f'\n{day} * "Gift"\n  Income:Gifts  -500 {currency}\n    ally: "{ally}"\n{lines}  Assets:Bank   500 {currency}\n'


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (gift('conditions: "none"'), "met"),
        (gift(), "shortfall"),
        (gift('conditions: " "'), "shortfall"),
        (gift('conditions: "none"', ally="stranger"), "shortfall"),
        (gift('conditions: "none"', "in-kind: TRUE"), "shortfall"),
        (gift('conditions: "none"', "in-kind: TRUE", 'valuation: "list price"'), "met"),
        (gift('conditions: "none"', 'in-kind: "yes"'), "shortfall"),
        (gift('conditions: "none"', currency="XYZ"), "not-evidenced"),
        (gift('conditions: "none"') + gift(), "shortfall"),
        (gift('conditions: "none"') + gift(day="2024-12-31"), "met"),
    ],
)
def test_a_gift_says_all_that_is_asked(text: str, outcome: str) -> None:
    assert says("BKS-4", ALLY + text).outcome == outcome


def test_the_ally_and_the_gift_are_its_evidence() -> None:
    assert len(says("BKS-4", ALLY + gift('conditions: "none"')).evidence) == 2


def test_without_gifts_the_snapshots_show_it() -> None:
    assert says("BKS-4", ALLY).outcome == "not-evidenced"
    assert says("BKS-4", ALLY + snapshots()).outcome == "met"


# -- BKS-5 -----------------------------------------------------------------------------------------------------------

DECISION = '\n2025-03-20 custom "coop" "decision" "D-1"\n  matter: "an oven"\n'
CAP = '\n2025-03-20 custom "coop" "bylaw" "wage-ratio"\n  cap: 4\n'


def shown(text: str) -> str:
    """Books with the snapshots that the command would have written month by month."""
    whole = BOOKS + text
    for month in MONTHS:
        ends = date(2025, month, ENDS[month - 1])
        words = words_of(ground_of(whole, AS_OF).rules, month_of(ends))
        whole += snapshot(month, *words)
    return whole


def bks5(text: str, as_of: date = AS_OF) -> Judgement:
    return judged(text, "BKS-5", as_of)


def test_books_shown_as_they_are_are_met_on_the_snapshots() -> None:
    found = bks5(shown(DECISION + CAP))
    assert (found.outcome, len(found.evidence)) == ("met", 12)


def test_a_late_record_needs_its_reason() -> None:
    text = shown(DECISION)
    assert bks5(text + DECISION.replace("D-1", "D-2")).outcome == "shortfall"
    assert bks5(text + DECISION.replace("D-1", "D-2") + '  recorded-late: "found in a drawer"\n').outcome == "met"
    assert bks5(text + DECISION.replace("D-1", "D-2").replace("2025-03-20", "2024-11-01")).outcome == "shortfall"
    assert bks5(text + DECISION.replace("D-1", "D-2").replace("2025-03-20", "2026-01-20")).outcome == "met"


def test_what_another_window_shows_is_that_windows_matter() -> None:
    text = shown(DECISION) + '\n2026-02-05 custom "coop" "snapshot" "2026-01"\n  records: "decision/D-2"\n'
    late = DECISION.replace("D-1", "D-2").replace("2025-03-20", "2025-12-20")
    assert bks5(text + late).outcome == "shortfall"
    of_2026 = judged(text + late, "BKS-5", date(2026, 2, 20), "2026")
    assert of_2026.outcome == "shortfall"
    elder = '\n2024-12-10 custom "coop" "snapshot" "2024-10"\n'
    elder += '\n2024-12-11 custom "coop" "snapshot" "2024-11"\n  records: "decision/D-0"\n'
    late = DECISION.replace("D-1", "D-0").replace("2025-03-20", "2024-10-20")
    assert bks5(shown(elder + late)).outcome == "met"  # D-0 was late in 2024


@pytest.mark.parametrize(
    ("record", "old", "new", "outcome"),
    [
        (DECISION, "an oven", "a car", "shortfall"),
        (DECISION, DECISION, "", "shortfall"),
        (CAP, "cap: 4", "cap: 5", "breach"),
        (CAP, CAP, "", "breach"),
        (CAP, "  cap: 4\n", "  cap: 4.0\n", "met"),
    ],
)
def test_what_was_shown_stays_as_it_is(record: str, old: str, new: str, outcome: str) -> None:
    text = shown(DECISION + CAP)
    assert old in record
    assert old in text
    found = bks5(text.replace(old, new))
    assert found.outcome == outcome
    assert outcome == "met" or "2025-03" in found.reason


def test_a_month_without_a_snapshot_shows_nothing() -> None:
    assert says("BKS-5", snapshots(4)).outcome == "not-evidenced"
    assert says("BKS-5", "", date(2025, 2, 20)).outcome == "pending"


def test_a_snapshot_without_its_list_leaves_all_records_late() -> None:
    assert says("BKS-5", "".join(snapshot(month) for month in MONTHS)).outcome == "shortfall"


# -- BKS-6 -----------------------------------------------------------------------------------------------------------


def decision(number: int, published: str, *fields: str) -> str:
    lines = "".join(f"  {field}\n" for field in ('minutes: "minutes.pdf"', *fields))
    return (
        f'\n2025-03-01 custom "coop" "decision" "D-{number}"\n'
        + (f"  published: {published}\n" * bool(published))
        + lines
    )


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (decision(1, "2025-03-15"), "met"),
        (decision(1, "2025-03-16"), "shortfall"),
        (decision(1, ""), "shortfall"),
        (decision(1, "2025-03-15").replace('  minutes: "minutes.pdf"\n', ""), "met"),
        (decision(1, "2025-03-16").replace('  minutes: "minutes.pdf"\n', ""), "shortfall"),
        (decision(1, "2025-03-15", 'method: "meeting"').replace('  minutes: "minutes.pdf"\n', ""), "shortfall"),
        (decision(1, "2025-03-15", 'method: "written"').replace('  minutes: "minutes.pdf"\n', ""), "met"),
        (decision(1, "2025-03-15").replace("minutes:", "document:"), "met"),
    ],
)
def test_a_decision_is_published_with_its_minutes_in_14_days(text: str, outcome: str) -> None:
    assert says("BKS-6", text).outcome == outcome


@pytest.mark.parametrize(("late", "outcome"), [(1, "met"), (2, "shortfall")])
def test_95_in_a_hundred_are_enough(late: int, outcome: str) -> None:
    text = "".join(decision(number, "2025-04-01" if number < late else "2025-03-10") for number in range(20))
    found = says("BKS-6", text)
    assert found.outcome == outcome
    assert len(found.evidence) == (19 if outcome == "met" else late)


@pytest.mark.parametrize(
    ("published", "outcome"), [("2025-03-20", "met"), ("2025-03-21", "shortfall"), ("", "shortfall")]
)
def test_a_budget_is_published_with_its_decision(published: str, outcome: str) -> None:
    budget = '\n2025-03-06 custom "coop" "budget" "tools"\n  decision: "D-1"\n'
    text = decision(1, published or "2025-03-10").replace("2025-03-01", "2025-03-07") + budget
    assert says("BKS-6", text.replace("D-1", "D-2", 1) if not published else text).outcome == outcome


def test_what_is_not_due_yet_and_what_is_not_there() -> None:
    assert says("BKS-6", decision(1, ""), date(2025, 3, 15)).outcome == "pending"
    assert says("BKS-6", decision(1, ""), date(2025, 3, 16)).outcome == "shortfall"
    assert says("BKS-6", "").outcome == "not-evidenced"
    assert says("BKS-6", snapshots()).outcome == "met"


# -- what a snapshot shows when it comes late -------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "outcome"), [("2025-04-01", "met"), ("2025-04-02", "not-evidenced")])
def test_a_snapshot_of_long_after_its_month_shows_nothing_of_it(day: str, outcome: str) -> None:
    """January ends on the 31st; twice 30 days later is 1 April 2025."""
    late = f'\n{day} custom "coop" "snapshot" "2025-01"\n  records: "member/m01 worker/w01"\n'
    found = says("BKS-5", snapshots(1) + late)
    assert found.outcome == outcome, found.reason
    assert ("came too late" in found.reason) == (outcome == "not-evidenced")


def test_a_slip_in_a_flag_is_no_error_of_the_books_that_are_judged() -> None:
    flag = '\n2026-01-20 custom "coop" "flag" "LA-2026/ALY-99"\n  txt: "misspelt"\n'
    assert says("BKS-2", MONEY + balances() + flag).outcome == "met"
    record = '\n2025-03-01 custom "coop" "policy" "x"\n  versoin: 1\n'
    assert says("BKS-2", MONEY + balances() + record).outcome == "shortfall"
