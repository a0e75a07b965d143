"""SUP-1 to SUP-3: both sides of every bound and day, missing evidence, and books without purchases or violations."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from auditing import ground_of, judged
from beancount import loader

from coopbooks.audit.judgement import Judgement
from coopbooks.books.entries import facts_of
from coopbooks.bylaws import Bylaws
from coopbooks.rules.check import findings_of
from coopbooks.rules.suppliers import bought_after, is_cooperative, purchases, screening_of

AS_OF = date(2026, 5, 1)
HEAD = """
option "operating_currency" "EUR"
2023-01-01 open Assets:Bank
  liquid: TRUE
2023-01-01 open Assets:Ovens
2023-01-01 open Liabilities:Owed
2023-01-01 open Expenses:Flour
2023-01-01 open Expenses:Levies
2023-01-01 open Expenses:Pay
2024-01-01 custom "coop" "member" "m0"
  wages: Expenses:Pay
2024-01-01 custom "coop" "member" "m1"
"""
MONTHS = [(2025, month) for month in range(1, 13)]
YEAR = "".join(
    f'{year + month // 12}-{month % 12 + 1:02}-10 custom "coop" "snapshot" "{year}-{month:02}"\n'
    for year, month in MONTHS
)


def _bought(
    amount: str = "100.00", day: date | str = "2025-06-01", supplier: str | None = "mill", payee: str = "", **more: str
) -> str:
    marks = {"supplier": supplier and f'"{supplier}"', **more}
    fields = "".join(f"  {key}: {each}\n" for key, each in marks.items() if each)
    who = f'"{payee}" ' if payee else ""
    return f'{day} * {who}"Flour"\n{fields}  Expenses:Flour  {amount} EUR\n  Assets:Bank\n'


def _screened(day: str = "2025-01-10", supplier: str = "mill", outcome: str = "passed") -> str:
    return f'{day} custom "coop" "screening" "{supplier}"\n  outcome: "{outcome}"\n'


def _violation(day: str = "2025-03-01", supplier: str = "mill") -> str:
    return f'{day} custom "coop" "violation" "{supplier}"\n  what: "wages kept back"\n'


def _say(criterion: str, *parts: str, as_of: date = AS_OF) -> Judgement:
    return judged(HEAD + "".join(parts), criterion, as_of)


def _rules(*parts: str) -> Bylaws:
    entries, errors, options = loader.load_string(HEAD + "".join(parts))
    assert not errors, errors[:3]
    return Bylaws(facts_of(entries, options, padded=True))


# -- what a purchase is ----------------------------------------------------------------------------------------------


def test_a_purchase_names_its_supplier_or_a_payee() -> None:
    found = purchases(
        _rules(_bought(payee="Valley Mill"), _bought(supplier=None, payee="Valley Mill"), _bought(supplier=None))
    )
    assert [each.supplier for each in found] == ["mill", "Valley Mill"]


def test_pay_and_what_is_booked_with_it_are_no_purchase() -> None:
    run = '2025-06-30 * "m0" "Pay"\n  Expenses:Pay  1000 EUR\n  Expenses:Levies  200 EUR\n  Assets:Bank\n'
    assert purchases(_rules(run)) == []
    named = run.replace("200 EUR\n", '200 EUR\n    supplier: "insurer"\n')
    assert [each.account for each in purchases(_rules(named))] == ["Expenses:Levies"]


def test_a_gift_in_kind_is_no_purchase() -> None:
    assert purchases(_rules(_bought(**{"in-kind": "TRUE"}))) == []


def test_what_came_from_an_ally_in_kind_was_not_bought() -> None:
    came = (
        '2025-06-01 * "mill" "paint"\n  Expenses:Flour  100.00 EUR\n  Income:Support  -100.00 EUR\n    ally: "mill"\n'
        '    conditions: "none"\n    in-kind: TRUE\n    valuation: "shop price"\n'
    )
    ally = '2023-01-01 open Income:Support\n2023-01-01 custom "coop" "ally" "mill"\n'
    assert purchases(_rules(ally, came)) == []
    assert len(purchases(_rules(ally, came.replace("    in-kind: TRUE\n", "")))) == 1


def test_what_is_bought_to_be_kept_is_a_purchase() -> None:
    oven = '2025-06-01 * "Oven"\n  supplier: "smith"\n  Assets:Ovens  5000 EUR\n  Assets:Bank\n'
    assert [(each.account, each.amount) for each in purchases(_rules(oven))] == [("Assets:Ovens", Decimal(5000))]
    bill = '2025-06-01 * "Bill paid"\n  supplier: "smith"\n  Liabilities:Owed  500 EUR\n  Assets:Bank\n'
    refund = '2025-06-01 * "Given back"\n  supplier: "mill"\n  Assets:Bank  50 EUR\n  Expenses:Flour\n'
    assert [(each.account, each.amount) for each in purchases(_rules(bill, refund))] == [
        ("Expenses:Flour", Decimal(-50))
    ]


# -- SUP-1 -----------------------------------------------------------------------------------------------------------


def test_four_fifths_by_value_are_screened() -> None:
    found = _say("SUP-1", _screened(), _bought("80.00"), _bought("20.00", supplier="other"))
    assert found.outcome == "met"
    assert found.reason == "80.0 % of purchases by value are from suppliers screened in the 24 months before"
    assert len(found.evidence) == 1
    found = _say("SUP-1", _screened(), _bought("79.99"), _bought("20.01", "2025-07-01", "other"))
    assert found.outcome == "shortfall"
    assert found.reason.endswith("the largest without one sells first on 2025-07-01")


def test_a_screening_lasts_so_many_months_and_none_comes_after() -> None:
    for day, outcome in (
        ("2023-06-01", "met"),
        ("2023-05-31", "shortfall"),
        ("2025-06-01", "met"),
        ("2025-06-02", "shortfall"),
    ):
        assert _say("SUP-1", _screened(day), _bought()).outcome == outcome, day
    own = '2024-01-01 custom "coop" "bylaw" "supply.screen-months"\n  value: 6\n'
    assert _say("SUP-1", own, _screened("2024-12-01"), _bought()).outcome == "met"
    assert _say("SUP-1", own, _screened("2024-11-30"), _bought()).outcome == "shortfall"


def test_a_payee_may_be_screened_by_its_name() -> None:
    assert (
        _say("SUP-1", _screened(supplier="Valley Mill"), _bought(supplier=None, payee="Valley Mill")).outcome == "met"
    )


def test_the_name_of_a_payee_is_in_no_reason() -> None:
    assert "Valley" not in _say("SUP-1", _bought(supplier=None, payee="Valley Mill")).reason


def test_what_is_given_back_takes_off() -> None:
    back = _bought("-75.00", supplier="other")
    assert _say("SUP-1", _screened(), _bought("100.00"), _bought("100.00", supplier="other"), back).outcome == "met"
    assert (
        _say("SUP-1", _screened(), _bought("99.00"), _bought("100.00", supplier="other"), back).outcome == "shortfall"
    )


def test_without_purchases_the_snapshots_show_it() -> None:
    assert _say("SUP-1", YEAR).reason == "no purchase in the window"
    assert _say("SUP-1").outcome == "not-evidenced"
    assert _say("SUP-1", YEAR, _bought(day="2024-12-31"), _bought(day="2026-01-01")).outcome == "met"


def test_a_purchase_without_a_price_is_an_error() -> None:
    foreign = _bought().replace("100.00 EUR", "100.00 USD")
    assert _say("SUP-1", _screened(), foreign).outcome == "error"
    assert _say("SUP-3", _screened(), foreign).outcome == "error"


# -- SUP-2 -----------------------------------------------------------------------------------------------------------


def _after(days: int) -> str:
    return _bought(day=date(2025, 3, 1) + timedelta(days))


@pytest.mark.parametrize(
    ("days", "outcome"), [(0, "met"), (30, "met"), (31, "shortfall"), (90, "shortfall"), (91, "breach")]
)
def test_how_long_after_a_violation_is_bought(days: int, outcome: str) -> None:
    found = _say("SUP-2", YEAR, _violation(), _after(days))
    assert found.outcome == outcome
    if outcome != "met":
        assert found.reason == (
            f'the last purchase from "mill" was {days} days after the violation of 2025-03-01, where 30 are allowed'
        )
        assert len(found.evidence) == 2


def test_before_a_violation_and_elsewhere_anything_may_be_bought() -> None:
    assert _say("SUP-2", YEAR, _violation(), _bought(day="2025-02-28")).outcome == "met"
    assert _say("SUP-2", YEAR, _violation(), _bought(day="2025-12-01", supplier="other")).outcome == "met"


def test_the_first_violation_counts_and_the_last_purchase() -> None:
    assert _say("SUP-2", YEAR, _violation(), _violation("2025-05-30"), _after(91)).outcome == "breach"
    assert _say("SUP-2", YEAR, _violation(), _after(31), _after(91)).outcome == "breach"


def test_without_snapshots_nothing_shows_that_nothing_was_bought() -> None:
    assert _say("SUP-2", _after(30)).outcome == "not-evidenced"
    assert _say("SUP-2", _violation("2026-01-01"), _after(30)).outcome == "not-evidenced"
    assert _say("SUP-2", YEAR).reason == "no purchase later than 30 days after a violation in the window"


@pytest.mark.parametrize(("days", "outcome"), [(30, "met"), (31, "shortfall")])
def test_where_a_violation_is_recorded_it_is_the_evidence(days: int, outcome: str) -> None:
    found = _say("SUP-2", _violation(), _after(days))
    assert (found.outcome, len(found.evidence)) == (outcome, 1 if outcome == "met" else 2)


def test_purchases_outside_the_window_are_not_judged() -> None:
    early = _violation("2024-01-01")
    assert _say("SUP-2", YEAR, early, _bought(day="2024-12-31"), _bought(day="2026-01-01")).outcome == "met"
    assert _say("SUP-2", YEAR, early, _bought(day="2025-01-01")).outcome == "breach"


def test_what_is_given_back_is_no_purchase() -> None:
    assert _say("SUP-2", YEAR, _violation(), _after(40).replace("100.00", "-100.00")).outcome == "met"


def test_the_days_are_the_cooperatives_own() -> None:
    own = '2024-01-01 custom "coop" "bylaw" "supply.stop-days"\n  value: 10\n'
    assert _say("SUP-2", YEAR, own, _violation(), _after(10)).outcome == "met"
    assert _say("SUP-2", YEAR, own, _violation(), _after(11)).outcome == "shortfall"
    later = own.replace("2024-01-01", "2025-03-15")
    assert [each.allowed for each in bought_after(_rules(later, _violation(), _after(11)))] == []
    assert [each.allowed for each in bought_after(_rules(later, _violation(), _after(14)))] == [10]


def _leave(day: str = "2025-03-20", **fields: str) -> str:
    votes = {"body": '"assembly"', "eligible": "2", "quorum": "1", "for": "2", "against": "0", **fields}
    return f'{day} custom "coop" "decision" "D-1"\n' + "".join(f"  {key}: {each}\n" for key, each in votes.items())


def test_the_assembly_may_allow_a_purchase() -> None:
    allowed = _after(91).replace('supplier: "mill"', 'supplier: "mill"\n  decision: "D-1"')
    found = _say("SUP-2", _violation(), _leave(), allowed)
    assert (found.outcome, len(found.evidence)) == ("met", 1)
    for wrong in (
        _leave("2025-02-28"),
        _leave("2025-06-01"),
        _leave(body='"board"'),
        _leave(**{"for": "1", "against": "1"}),
    ):
        assert _say("SUP-2", YEAR, _violation(), wrong, allowed).outcome == "breach", wrong


def _derogation(day: str = "2025-03-20", until: str | None = "2025-05-31") -> str:
    last = f"  until: {until}\n" if until else ""
    return f'{day} custom "coop" "derogation" "SUP-2"\n  reason: "no other mill"\n  decision: "D-1"\n{last}'


def test_a_derogation_allows_purchases_until_its_last_day() -> None:
    found = _say("SUP-2", _violation(), _leave(), _derogation(), _after(91))
    assert (found.outcome, len(found.evidence)) == ("met", 2)
    assert _say("SUP-2", YEAR, _violation(), _leave(), _derogation(), _after(92)).outcome == "breach"
    assert _say("SUP-2", _violation(), _leave(), _derogation(until=None), _after(92)).outcome == "met"
    for wrong in (_derogation("2025-02-28"), _derogation("2025-06-01", None), _derogation().replace("SUP-2", "SUP-1")):
        assert _say("SUP-2", YEAR, _violation(), _leave(), wrong, _after(91)).outcome == "breach", wrong
    assert _say("SUP-2", YEAR, _violation(), _leave(body='"board"'), _derogation(), _after(91)).outcome == "breach"


def test_check_says_it_at_the_posting() -> None:
    text = HEAD + _violation() + _after(30) + _after(31)
    found = [each for each in ground_of(text, AS_OF).findings if each.rule == "suppliers"]
    assert [each.message for each in found] == [
        (
            'this posting on Expenses:Flour buys from "mill" 31 days after the violation of 2025-03-01, and '
            "supply.stop-days is 30: buy elsewhere, or add decision: with an assembly's decision that allows it"
        )
    ]
    allowed = text.replace('supplier: "mill"', 'supplier: "mill"\n  decision: "D-1"') + _leave()
    assert [each for each in ground_of(allowed, AS_OF).findings if each.rule == "suppliers"] == []


def test_books_without_violations_pay_nothing() -> None:
    rules = _rules(_after(91))
    assert bought_after(rules) == []
    assert [each for each in findings_of(rules.facts) if each.rule == "suppliers"] == []


# -- SUP-3 -----------------------------------------------------------------------------------------------------------


def _year(year: int, coop: str, other: str) -> str:
    return _bought(coop, f"{year}-06-01", "grain-coop") + _bought(other, f"{year}-06-02", "mill")


GRAIN = _screened("2024-01-10", "grain-coop", "Cooperative")


def test_the_share_of_cooperatives_does_not_fall() -> None:
    found = _say("SUP-3", GRAIN, _year(2024, "20.00", "80.00"), _year(2025, "10.00", "40.00"))
    assert (found.outcome, len(found.evidence)) == ("met", 1)
    assert found.reason == "20.0 % of the purchases of 2025 and 20.0 % of 2024 are from cooperatives"
    assert _say("SUP-3", GRAIN, _year(2024, "20.00", "80.00"), _year(2025, "10.00", "40.01")).outcome == "shortfall"


def test_without_a_year_before_there_is_nothing_to_compare() -> None:
    found = _say("SUP-3", GRAIN, YEAR, _year(2025, "10.00", "40.00"))
    assert (found.outcome, found.reason) == (
        "met",
        "20.0 % of the purchases of 2025 are from cooperatives, and 2024 has none",
    )
    assert _say("SUP-3", GRAIN, _year(2025, "10.00", "40.00")).outcome == "not-evidenced"
    assert _say("SUP-3", YEAR, _year(2024, "20.00", "80.00")).reason == "no purchase in the window"


def test_where_no_screening_finds_a_cooperative_nothing_is_shown() -> None:
    assert _say("SUP-3", _year(2024, "20.00", "80.00"), _year(2025, "10.00", "40.00")).outcome == "not-evidenced"


def test_a_year_that_is_not_over_waits() -> None:
    bought = GRAIN + _year(2024, "20.00", "80.00") + _year(2025, "10.00", "40.00")
    assert _say("SUP-3", bought, as_of=date(2025, 12, 31)).outcome == "pending"
    assert _say("SUP-3", bought, as_of=date(2026, 1, 1)).outcome == "met"


def test_the_last_screening_by_the_day_says_what_a_supplier_is() -> None:
    rules = _rules(
        GRAIN, _screened("2025-06-02", "grain-coop", "sold to a fund"), _screened("2024-01-10", "sol", "solidarity")
    )
    days = (date(2024, 1, 9), date(2024, 1, 10), date(2025, 6, 1), date(2025, 6, 2))
    assert [is_cooperative(rules, "grain-coop", day) is not None for day in days] == [False, True, True, False]
    assert is_cooperative(rules, "sol", date(2025, 1, 1)) is not None
    assert screening_of(rules, "grain-coop", date(2025, 6, 2), 24) is not None
    assert screening_of(rules, "nobody", date(2025, 6, 2), 24) is None
