"""SUR: what is committed before it exists, who is filled and paid first, and what becomes of the funds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from auditing import judged

from coopbooks.audit.ground import Ground
from coopbooks.audit.judgement import Judgement
from coopbooks.books.loading import load_books
from coopbooks.bylaws import Bylaws
from coopbooks.rules.surplus import Surpluses

AS_OF = date(2026, 6, 30)
CLOSE = """
2025-12-31 * "Close" #coop-close
  period: "2025"
  decision: "D-2026"
  Equity:Surplus             1000 EUR
  Equity:Funds:Media         -300 EUR
  Equity:Reserve             -300 EUR
  Liabilities:Patronage:M01  -400 EUR

2026-03-01 custom "coop" "decision" "D-2026"
  body: "assembly"
"""


def allocation(name: str, step: int, to: str, share: str, day: str = "2025-01-01", *more: str) -> str:
    how = f"share: {share}" if share != "rest" else "rest: TRUE"
    lines = "".join(f"  {line}\n" for line in more)
    return f'\n{day} custom "coop" "allocation" "{name}"\n  step: {step}\n  to: {to}\n  {how}\n{lines}'


def books(
    share: str = "0.30", since: str = "2025-01-01", *more: str, movement: str = "TRUE", result: int = 1000
) -> str:
    """A surplus of 1,000 in 2025: a share to a movement fund, the same to a reserve, the rest to the one member."""
    return f"""
option "operating_currency" "EUR"
plugin "beancount.plugins.auto_accounts"
2025-01-01 open Assets:Media
  liquid: TRUE
2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages:M01
2025-01-01 custom "coop" "fund" "media"
  account: Equity:Funds:Media
  backing: Assets:Media
  purpose: "a press of our own"
  movement: {movement}
2025-06-30 * "Work"
  Expenses:Wages:M01  0 EUR
    hours: 100
  Income:Sales  {-result} EUR
  Assets:Bank
""" + (
        allocation("media", 1, "Equity:Funds:Media", share, since, *more)
        + allocation("reserve", 2, "Equity:Reserve", "0.30")
        + allocation("members", 3, '"members"', "rest")
    )


def pay(day: str = "2026-04-01", amount: str = "400", *fields: str) -> str:
    lines = "".join(f"  {field}\n" for field in fields)
    return f'\n{day} * "Share"\n{lines}  Liabilities:Patronage:M01  {amount} EUR\n  Assets:Bank\n'


def snapshots() -> str:
    return "".join(
        f'\n{2025 + m // 12}-{m % 12 + 1:02}-10 custom "coop" "snapshot" "2025-{m:02}"\n' for m in range(1, 13)
    )


def says(criterion: str, text: str, as_of: date = AS_OF, window: str = "2025") -> Judgement:
    return judged(text, criterion, as_of, window)


# -- SUR-1 -----------------------------------------------------------------------------------------------------------


def test_a_commitment_that_stood_on_the_first_day_is_met_on_step_and_fund() -> None:
    found = says("SUR-1", books())
    assert (found.outcome, len(found.evidence)) == ("met", 2)
    assert "30 % of the surplus of 2025" in found.reason


@pytest.mark.parametrize(("share", "outcome"), [("0.30", "met"), ("0.29", "shortfall"), ("0.50", "met")])
@pytest.mark.parametrize("result", [1000, 0, -700])
def test_the_floor_counts_in_a_year_without_a_surplus_too(share: str, outcome: str, result: int) -> None:
    assert says("SUR-1", books(share, result=result)).outcome == outcome


def test_rounding_to_cents_is_no_shortfall() -> None:
    assert says("SUR-1", books().replace("-1000 EUR", "-100.01 EUR")).outcome == "met"


def test_the_floor_is_a_parameter() -> None:
    rule = '\n2025-01-01 custom "coop" "bylaw" "surplus.substantial"\n  value: 0.31\n'
    assert says("SUR-1", books() + rule).outcome == "shortfall"


def test_only_movement_funds_count() -> None:
    assert says("SUR-1", books("0.30", movement="FALSE")).outcome == "shortfall"


LATE = ("binds-from: 2025-01-01", 'decision: "D-late"')
DECIDED = '\n2025-07-01 custom "coop" "decision" "D-late"\n'


def test_a_commitment_of_the_year_that_has_begun_is_late() -> None:
    assert says("SUR-1", books("0.30", "2025-01-02")).outcome == "shortfall"
    found = says("SUR-1", books("0.30", "2025-07-01", *LATE) + DECIDED)
    assert found.outcome == "shortfall"
    assert "2025-07-01" in found.reason


def test_nothing_committed_is_a_breach_once_somebody_is_paid() -> None:
    text = books(movement="FALSE") + CLOSE
    assert says("SUR-1", text).outcome == "shortfall"
    assert says("SUR-1", text + pay()).outcome == "breach"
    assert says("SUR-1", text + pay(), date(2026, 3, 31)).outcome == "shortfall"


@pytest.mark.parametrize(
    ("day", "share", "outcome"),
    [
        ("2025-07-01", "0.30", "shortfall"),
        ("2025-12-31", "0.30", "shortfall"),
        ("2026-01-01", "0.30", "breach"),
        ("2026-01-01", "0.50", "met"),
    ],
)
def test_a_commitment_is_not_lowered_for_a_year_that_has_begun(day: str, share: str, outcome: str) -> None:
    text = books("0.40") + allocation("media", 1, "Equity:Funds:Media", share, day, *LATE)
    assert says("SUR-1", text + DECIDED.replace("2025-07-01", day)).outcome == outcome


def test_what_binds_from_the_next_year_lowers_nothing() -> None:
    assert (
        says("SUR-1", books("0.40") + allocation("media", 1, "Equity:Funds:Media", "0.10", "2025-07-01")).outcome
        == "met"
    )


def test_another_step_may_lower_it_too() -> None:
    text = books() + allocation("early", 0, "Equity:Reserve", "0.90", "2026-01-05", *LATE) + DECIDED
    assert says("SUR-1", text).outcome == "breach"


def test_a_year_that_is_not_over_is_pending_and_rules_that_fail_are_an_error() -> None:
    assert says("SUR-1", books(), date(2025, 12, 31)).outcome == "pending"
    broken = books().replace("share: 0.30", 'share: 0.30\n  of: "step:none"', 1)
    assert says("SUR-1", broken).outcome == "error"


# -- SUR-2 -----------------------------------------------------------------------------------------------------------


def test_funds_filled_by_the_close_and_paid_after_are_met_on_the_close() -> None:
    found = says("SUR-2", books() + CLOSE + pay())
    assert (found.outcome, len(found.evidence)) == ("met", 1)


@pytest.mark.parametrize(
    ("given", "outcome"), [("300", "met"), ("285.00", "shortfall"), ("284.99", "breach"), ("0.01", "breach")]
)
def test_up_to_five_per_cent_may_be_missing_when_somebody_is_paid(given: str, outcome: str) -> None:
    close = CLOSE.replace("-300 EUR", f"-{given} EUR", 1).replace("1000 EUR", f"{700 + float(given):.2f} EUR", 1)
    assert says("SUR-2", books() + close + pay()).outcome == outcome


def test_what_is_made_good_later_was_missing_all_the_same() -> None:
    close = CLOSE.replace("-300 EUR", "-290 EUR", 1).replace("1000 EUR", "990 EUR", 1)
    mended = """
2026-05-01 * "Amendment" #coop-close
  period: "2025"
  amends: TRUE
  Equity:Surplus        10 EUR
  Equity:Funds:Media   -10 EUR
"""
    assert says("SUR-2", books() + close + pay() + mended).outcome == "shortfall"
    assert says("SUR-2", books() + close + pay("2026-05-01") + mended).outcome == "met"


def test_a_correction_that_came_later_makes_no_payment_wrong() -> None:
    found = """
2026-05-01 * "Found"
  of-period: "2025"
  Income:Sales  -100 EUR
  Assets:Bank
2026-05-01 * "Amendment" #coop-close
  period: "2025"
  amends: TRUE
  Equity:Surplus             100 EUR
  Equity:Funds:Media         -30 EUR
  Equity:Reserve             -30 EUR
  Liabilities:Patronage:M01  -40 EUR
"""
    assert says("SUR-2", books() + CLOSE + pay() + found).outcome == "met"


@pytest.mark.parametrize(
    ("of_close", "of_payment", "outcome"),
    [
        ("2025-12-31T10:00:00+01:00", "2025-12-31T10:00:00+01:00", "met"),
        ("2025-12-31T10:00:01+01:00", "2025-12-31T10:00:00+01:00", "breach"),
        ("", "2025-12-31T10:00:00+01:00", "met"),
        ("2025-12-31T10:00:00+01:00", "", "met"),
    ],
)
def test_on_one_day_the_times_decide_where_both_have_one(of_close: str, of_payment: str, outcome: str) -> None:
    close = CLOSE.replace('  period: "2025"\n', '  period: "2025"\n' + f'  at: "{of_close}"\n' * bool(of_close))
    fields = (f'at: "{of_payment}"',) * bool(of_payment)
    assert says("SUR-2", books() + close + pay("2025-12-31", "400", *fields)).outcome == outcome


def test_paid_without_any_close_is_a_breach_and_too_much_a_slip() -> None:
    assert says("SUR-2", books() + pay("2025-11-01", "50")).outcome == "breach"
    assert says("SUR-2", books() + CLOSE + pay("2025-12-31", "400.01")).outcome == "shortfall"


def test_a_surplus_without_a_close_shows_nothing() -> None:
    assert says("SUR-2", books()).outcome == "not-evidenced"


@pytest.mark.parametrize(("as_of", "outcome"), [(date(2026, 3, 31), "pending"), (date(2026, 4, 1), "shortfall")])
def test_what_is_unplaced_has_30_days_after_the_approval(as_of: date, outcome: str) -> None:
    """The accounts were approved on 1 March 2026; 300.00 wait for a decision."""
    text = books().replace("to: Equity:Reserve", 'to: "decision"')
    close = CLOSE.replace("  Equity:Reserve             -300 EUR\n", "").replace("1000 EUR", "700 EUR", 1)
    assert says("SUR-2", text + close, as_of).outcome == outcome


def test_without_a_movement_fund_nothing_was_filled() -> None:
    text = books(movement="FALSE") + CLOSE
    assert says("SUR-2", text).outcome == "not-evidenced"
    assert says("SUR-2", text + pay()).outcome == "shortfall"


def test_a_year_without_surplus_and_one_that_is_not_over() -> None:
    for criterion in ("SUR-2", "SUR-4"):
        assert says(criterion, books(result=-10)).outcome == "not-applicable"
        assert says(criterion, books(), date(2025, 12, 31)).outcome == "pending"


def test_a_payment_in_the_window_of_an_earlier_year_is_judged() -> None:
    text = books() + CLOSE.replace("-300 EUR", "-200 EUR", 1).replace("1000 EUR", "900 EUR", 1) + pay()
    assert says("SUR-2", text, date(2027, 2, 1), "2026").outcome == "breach"
    assert says("SUR-2", text.replace("2026-04-01", "2027-01-15"), date(2027, 2, 1), "2026").outcome == "not-applicable"


# -- SUR-3 -----------------------------------------------------------------------------------------------------------


def vow(day: str = "2026-04-01", person: str = "m01", period: str = "2025", *fields: str) -> str:
    lines = "".join(f"  {field}\n" for field in fields)
    return f'\n{day} custom "coop" "vow" "{person}"\n  period: "{period}"\n{lines}'


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (vow("2026-03-31"), "met"),
        (vow("2026-04-01"), "met"),
        (vow("2026-04-02"), "shortfall"),
        (vow(period="2024"), "breach"),
        ("", "breach"),
        (vow("2026-04-02") + vow("2026-04-01"), "met"),
    ],
)
def test_a_vow_is_made_on_the_day_of_the_payment_at_the_latest(text: str, outcome: str) -> None:
    found = says("SUR-3", books() + CLOSE + pay() + text)
    assert (found.outcome, len(found.evidence)) == (outcome, 1)


@pytest.mark.parametrize(
    ("of_vow", "of_payment", "outcome"),
    [("10:00:00", "10:00:00", "met"), ("10:00:01", "10:00:00", "shortfall"), ("", "10:00:00", "met")],
)
def test_the_times_of_one_day_decide(of_vow: str, of_payment: str, outcome: str) -> None:
    made = vow("2026-04-01", "m01", "2025", *(f'at: "2026-04-01T{of_vow}+02:00"',) * bool(of_vow))
    paid = pay("2026-04-01", "400", f'at: "2026-04-01T{of_payment}+02:00"')
    assert says("SUR-3", books() + CLOSE + paid + made).outcome == outcome


@pytest.mark.parametrize(("day", "outcome"), [("2026-04-01", "met"), ("2026-04-02", "shortfall")])
def test_a_vow_in_an_included_file_counts_by_its_day(tmp_path: Path, day: str, outcome: str) -> None:
    from auditing import Before

    from coopbooks.audit.catalogue import CATALOGUE
    from coopbooks.audit.profiles import FULL

    main = tmp_path / "main.beancount"
    main.write_text(books() + CLOSE + pay() + '\ninclude "vows.beancount"\n', encoding="utf-8")
    main.with_name("vows.beancount").write_text(vow(day), encoding="utf-8")
    facts = load_books(main).facts.until(AS_OF)
    rules = Bylaws(facts)
    ground = Ground(Surpluses(rules), rules.calendar.named("2025"), AS_OF, profile=FULL, history=Before())
    assert CATALOGUE["SUR-3"].judge(ground).outcome == outcome


def test_one_of_two_without_a_vow_is_a_shortfall() -> None:
    second = '\n2025-01-01 custom "coop" "member" "m02"\n  wages: Expenses:Wages:M02\n'
    close = CLOSE.replace("M01  -400 EUR", "M01  -200 EUR\n  Liabilities:Patronage:M02  -200 EUR")
    paid = pay(amount="200") + pay(amount="200").replace("M01", "M02")
    text = books() + second + close + paid + vow()
    assert says("SUR-3", text).outcome == "shortfall"
    assert says("SUR-3", text + vow(person="m02")).outcome == "met"
    heirs = '\n2026-01-10 custom "coop" "exit" "m02"\n  cause: "death"\n'
    assert says("SUR-3", text + heirs).outcome == "met"


@pytest.mark.parametrize("order", [("M02", "M03"), ("M03", "M02")])
def test_of_two_without_a_vow_the_first_by_id_is_named(order: tuple[str, str]) -> None:
    others = "".join(f'\n2025-01-01 custom "coop" "member" "m0{n}"\n  wages: Expenses:Wages:M0{n}\n' for n in (2, 3))
    shares = "\n".join(f"  Liabilities:Patronage:M0{n}  -{amount} EUR" for n, amount in ((1, 200), (2, 100), (3, 100)))
    close = CLOSE.replace("  Liabilities:Patronage:M01  -400 EUR", shares)
    paid = pay(amount="200") + "".join(pay(amount="100").replace("M01", person) for person in order)
    assert says("SUR-3", books() + others + close + paid + vow()).reason.startswith("m02 was paid on 2026-04-01")


def test_without_a_payment_it_does_not_apply() -> None:
    assert says("SUR-3", books() + CLOSE).outcome == "not-applicable"
    assert says("SUR-3", books() + CLOSE + pay(), date(2026, 3, 31)).outcome == "not-applicable"
    assert says("SUR-3", books(), date(2025, 6, 30)).outcome == "pending"


# -- SUR-4 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "outcome"),
    [("500", "met"), ("500.01", "shortfall"), ("800", "shortfall"), ("800.01", "breach"), ("1000", "breach")],
)
def test_the_part_of_individuals_at_its_bounds(own: str, outcome: str) -> None:
    close = f"""
2025-12-31 * "Close" #coop-close
  period: "2025"
  Equity:Surplus             1000 EUR
  Liabilities:Patronage:M01  -{own} EUR
  Equity:Reserve
"""
    found = says("SUR-4", books() + close)
    assert (found.outcome, len(found.evidence)) == (outcome, 1)


def test_what_is_kept_as_capital_is_individual_too() -> None:
    text = books().replace(
        "  wages: Expenses:Wages:M01\n", "  wages: Expenses:Wages:M01\n  capital: Equity:Capital:M01\n"
    )
    close = CLOSE.replace("  Equity:Reserve             -300 EUR", "  Equity:Capital:M01:2025    -300 EUR")
    assert says("SUR-4", text + CLOSE).outcome == "met"
    assert says("SUR-4", text + close).outcome == "shortfall"


def test_the_bounds_of_individuals_are_parameters() -> None:
    rule = '\n2025-01-01 custom "coop" "bylaw" "surplus.individual-{}"\n  value: 0.39\n'
    assert says("SUR-4", books() + CLOSE + rule.format("max")).outcome == "shortfall"
    assert says("SUR-4", books() + CLOSE + rule.format("max") + rule.format("hostile")).outcome == "breach"


def test_a_surplus_that_no_close_places_is_not_evidenced() -> None:
    assert says("SUR-4", books()).outcome == "not-evidenced"


# -- SUR-5 -----------------------------------------------------------------------------------------------------------


def backing(amount: str = "300", day: str = "2026-03-20") -> str:
    return f'\n{day} * "To the fund"\n  Assets:Media  {amount} EUR\n  Assets:Bank\n'


def spend(*fields: str, payee: str = "Printers", to: str = "Assets:Media", day: str = "2026-05-02") -> str:
    lines = "".join(f"  {field}\n" for field in fields)
    return f'\n{day} * "{payee}" "Paper"\n{lines}  Equity:Funds:Media  100 EUR\n  {to}\n'


FILLED = books() + CLOSE + backing()
BY = 'decision: "D-2026"'


def sur5(text: str, as_of: date = AS_OF, window: str = "2026") -> Judgement:
    return says("SUR-5", text, as_of, window)


def test_a_fund_with_its_money_and_its_papers_is_met_on_fund_and_decision() -> None:
    found = sur5(FILLED + spend(BY))
    assert (found.outcome, len(found.evidence)) == ("met", 2)


@pytest.mark.parametrize(
    ("amount", "as_of", "outcome"),
    [
        ("300", AS_OF, "met"),
        ("299.99", AS_OF, "shortfall"),
        ("299.99", date(2026, 3, 31), "met"),
        ("299.99", date(2026, 4, 1), "shortfall"),
    ],
)
def test_money_stands_behind_a_fund_30_days_after_the_approval(amount: str, as_of: date, outcome: str) -> None:
    assert sur5(books() + CLOSE + backing(amount), as_of).outcome == outcome


def test_money_that_was_away_at_a_months_end_is_missed() -> None:
    lent = backing("-50", "2026-04-20") + backing("50", "2026-05-20")
    assert sur5(FILLED + lent).outcome == "shortfall"
    assert sur5(FILLED + lent.replace("2026-05-20", "2026-04-25")).outcome == "met"


def test_money_stands_on_an_account_of_money() -> None:
    assert sur5(FILLED.replace("  backing: Assets:Media\n", "")).outcome == "shortfall"
    assert sur5(FILLED.replace("  liquid: TRUE\n", "")).outcome == "shortfall"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (spend(BY), "met"),
        (spend(), "shortfall"),
        (spend('decision: "D-none"'), "shortfall"),
        (spend(BY, payee=""), "shortfall"),
        (spend(BY, 'claim: "2026-01"', payee=""), "met"),
        (spend(BY, day="2025-12-31"), "met"),
    ],
)
def test_spending_says_purpose_recipient_and_decision(text: str, outcome: str) -> None:
    assert sur5(FILLED + text).outcome == outcome


def test_the_purpose_is_the_funds_or_the_spendings() -> None:
    nameless = FILLED.replace('  purpose: "a press of our own"\n', "")
    assert sur5(nameless + spend(BY)).outcome == "shortfall"
    assert sur5(nameless + spend(BY, 'purpose: "paper"')).outcome == "met"


@pytest.mark.parametrize("to", ["Equity:Reserve", "Liabilities:Patronage:M01", "Expenses:Wages:M01"])
def test_another_use_needs_the_assembly(to: str) -> None:
    for fields, outcome in (((), "breach"), (('decision: "D-board"',), "breach"), ((BY,), "met")):
        board = '\n2026-04-01 custom "coop" "decision" "D-board"\n  body: "board"\n'
        assert sur5(FILLED + board + spend(*fields, to=to)).outcome == outcome


def test_a_decision_after_the_fact_does_not_turn_it_back() -> None:
    assert sur5(FILLED + spend(BY, to="Equity:Reserve", day="2026-02-27")).outcome == "breach"


def test_from_one_fund_to_another() -> None:
    other = '\n2026-01-01 custom "coop" "fund" "aid"\n  account: Liabilities:Aid\n  backing: Assets:Media\n'
    assert sur5(FILLED + other + spend(to="Liabilities:Aid")).outcome == "breach"
    assert sur5(FILLED + other + spend(BY, payee="", to="Liabilities:Aid")).outcome == "met"


def test_without_a_fund_there_is_nothing_to_judge() -> None:
    text = books()
    text = text[: text.index('2025-01-01 custom "coop" "fund"')] + text[text.index("2025-06-30") :]
    assert sur5(text, window="2025").outcome == "not-evidenced"
    assert sur5(text + snapshots(), window="2025").outcome == "met"


# -- SUR-6 -----------------------------------------------------------------------------------------------------------


def sur6(text: str, as_of: date = date(2028, 2, 1), window: str = "2027") -> Judgement:
    """On 31 December 2027, 24 months after the close of 2025 and a day after that of its eve."""
    return says("SUR-6", text.replace('2025-12-31 * "Close"', '2025-12-30 * "Close"'), as_of, window)


def spent(amount: str) -> str:
    return f'\n2026-05-02 * "Printers"\n  Equity:Funds:Media  {amount} EUR\n  Assets:Media\n'


@pytest.mark.parametrize(("amount", "outcome"), [("150", "met"), ("149.99", "shortfall"), ("300", "met")])
def test_half_of_what_is_old_is_spent(amount: str, outcome: str) -> None:
    assert sur6(FILLED + spent(amount)).outcome == outcome


def reserved(amount: str, *fields: str, decision: str = "D-plan", body: str = "assembly") -> str:
    lines = "".join(f"  {field}\n" for field in fields)
    return (
        f'\n2026-05-02 custom "coop" "budget" "press"\n  account: Equity:Funds:Media\n  amount: {amount} EUR\n'
        f'  decision: "{decision}"\n{lines}'
        f'\n2026-05-02 custom "coop" "decision" "D-plan"\n  body: "{body}"\n  eligible: 1\n  quorum: 1\n  for: 1\n  against: 0\n'
    )


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (reserved("150"), "met"),
        (reserved("149.99"), "shortfall"),
        (spent("100") + reserved("50"), "met"),
        (reserved("150", "ends: 2027-12-31"), "met"),
        (reserved("150", "ends: 2027-12-30"), "shortfall"),
        (reserved("150", "starts: 2028-01-01"), "shortfall"),
        (reserved("150", body="board"), "shortfall"),
        (reserved("150", decision="D-none"), "shortfall"),
    ],
)
def test_or_reserved_by_the_assembly(text: str, outcome: str) -> None:
    assert sur6(FILLED + text).outcome == outcome


def test_strike_funds_and_young_money_are_left_aside() -> None:
    strike = FILLED.replace('  purpose: "a press of our own"\n', '  kind: "strike"\n')
    assert sur6(strike).outcome == "not-evidenced"
    assert sur6(FILLED, date(2027, 2, 1), "2026").outcome == "not-evidenced"
    young = says("SUR-6", FILLED, date(2028, 2, 1), "2027")  # closed on 31 December 2025: not older than 24 months
    assert young.outcome == "not-evidenced"


def test_without_old_money_the_snapshots_show_it() -> None:
    assert says("SUR-6", FILLED + snapshots()).outcome == "met"


def test_of_several_steps_only_those_that_reach_the_floor_are_evidence() -> None:
    """Each record that is named is needed: without it the commitment falls below the floor."""
    other = '\n2025-01-01 custom "coop" "fund" "aid"\n  account: Equity:Funds:Aid\n  movement: TRUE\n'
    small = other + allocation("aid", 1, "Equity:Funds:Aid", "0.05")
    assert len(says("SUR-1", books("0.30") + small).evidence) == 2
    found = says("SUR-1", books("0.27") + small)
    assert (found.outcome, len(found.evidence)) == ("met", 4)
    lines = (books("0.27") + small).split("\n")
    for place in found.evidence:
        ends = next(n for n in range(place.line, len(lines)) if not lines[n].startswith(" "))
        without = "\n".join([*lines[: place.line - 1], *lines[ends:]])
        assert says("SUR-1", without).outcome == "shortfall", lines[place.line - 1]
