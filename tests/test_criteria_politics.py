"""POL-1 and POL-2: what each payment must say, each quarter with and without support, and books without any."""

from __future__ import annotations

from datetime import date

import pytest
from auditing import judged

from coopbooks.audit.judgement import Judgement

AS_OF = date(2026, 5, 1)
HEAD = """
option "operating_currency" "EUR"
2024-01-01 open Assets:Bank
2024-01-01 open Equity:Opening
2024-01-01 open Equity:Strike
2024-01-01 open Equity:Training
2024-01-01 open Expenses:Gifts
2024-01-01 custom "coop" "member" "m0"
2024-01-01 custom "coop" "fund" "strike"
  account: Equity:Strike
2024-01-01 custom "coop" "fund" "training"
  account: Equity:Training
2024-01-01 * "What the funds have"
  source: "donation"
  Assets:Bank       900.00 EUR
  Equity:Strike    -800.00 EUR
  Equity:Training  -100.00 EUR
2024-01-01 custom "coop" "ally" "dockers"
  name: "Dockers of the North Quay"
  sort: "union"
2024-01-01 custom "coop" "ally" "ministry"
  sort: "state"
2024-01-01 custom "coop" "ally" "bank"
  sort: "lender"
2024-06-01 custom "coop" "decision" "D-1"
  for: 4
  against: 1
"""
YEAR = "".join(
    f'{2025 + month // 12}-{month % 12 + 1:02}-10 custom "coop" "snapshot" "2025-{month:02}"\n'
    for month in range(1, 13)
)


def _spent(day: str = "2025-05-01", payee: str = "The pickets", drop: str = "", **more: str) -> str:
    """Money out of the strike fund, with all that it must say; `drop` is left out."""
    marks = {"purpose": '"bread for the pickets"', "decision": '"D-1"', **more}
    fields = "".join(f"  {key}: {each}\n" for key, each in marks.items() if key != drop)
    who = f'"{payee}" ' if payee else ""
    return f'{day} * {who}"Support"\n{fields}  Equity:Strike  50.00 EUR\n  Assets:Bank  -50.00 EUR\n'


def _paid(payee: str = "dockers", day: str = "2025-05-01", drop: str = "", **more: str) -> str:
    """The same on an account of expenses."""
    return _spent(day, payee, drop, **more).replace("Equity:Strike", "Expenses:Gifts")


def _say(criterion: str, *parts: str, as_of: date = AS_OF) -> Judgement:
    return judged(HEAD + "".join(parts), criterion, as_of)


# -- POL-1 -----------------------------------------------------------------------------------------------------------


def test_documented_payments_are_met() -> None:
    found = _say("POL-1", _spent(), _paid())
    assert (found.outcome, len(found.evidence)) == ("met", 1)
    assert found.reason == "all 2 payments from movement funds and to allies are documented"


@pytest.mark.parametrize(
    ("drop", "lacks"), [("purpose", "its purpose"), ("decision", "its decision")], ids=["purpose", "decision"]
)
def test_a_payment_that_lacks_something_falls_short(drop: str, lacks: str) -> None:
    for text in (_spent(drop=drop), _paid(drop=drop)):
        found = _say("POL-1", YEAR, _spent("2025-01-05"), text)
        assert (found.outcome, found.reason) == (
            "shortfall",
            f"1 of 2 payments are not documented; that of 2025-05-01 lacks {lacks}",
        )
        assert len(found.evidence) == 1


def test_the_recipient_is_a_payee_a_field_or_a_claim() -> None:
    assert _say("POL-1", _spent(payee="")).reason.endswith("lacks its recipient")
    assert _say("POL-1", _spent(payee="", recipient='"dockers"')).outcome == "met"
    assert _say("POL-1", _spent(payee="", claim="4")).outcome == "met"
    assert (
        _say("POL-1", _spent(payee="").replace(" -50.00 EUR\n", ' -50.00 EUR\n    ally: "dockers"\n')).outcome == "met"
    )


def test_the_purpose_of_a_fund_is_one_of_what_leaves_it() -> None:
    own = HEAD.replace("  account: Equity:Strike\n", '  account: Equity:Strike\n  purpose: "strikes"\n')
    assert judged(own + _spent(drop="purpose"), "POL-1", AS_OF).outcome == "met"
    assert judged(own + _paid(drop="purpose"), "POL-1", AS_OF).outcome == "shortfall"


def test_the_decision_stood_before_and_was_not_lost() -> None:
    later = '2025-05-0{} custom "coop" "decision" "D-2"\n'
    assert _say("POL-1", later.format(1), _spent(decision='"D-2"')).outcome == "met"
    assert _say("POL-1", later.format(2), _spent(decision='"D-2"')).reason.endswith("lacks its decision")
    lost = later.format(1) + "  for: 2\n  against: 2\n"
    assert _say("POL-1", lost, _spent(decision='"D-2"')).reason.endswith("lacks a decision that was carried")


def test_a_transfer_between_funds_is_no_spending() -> None:
    moved = _spent(drop="purpose").replace("Assets:Bank", "Equity:Training")
    assert _say("POL-1", YEAR, moved).reason == "no payment from a movement fund or to an ally in the window"


def test_who_only_lends_or_gives_is_no_ally_that_is_paid() -> None:
    assert _say("POL-1", YEAR, _paid("bank", drop="decision")).outcome == "met"
    assert _say("POL-1", YEAR, _paid("The mill", drop="decision")).outcome == "met"
    assert _say("POL-1", YEAR, _paid("ministry", drop="decision")).outcome == "shortfall"
    assert _say("POL-1", YEAR, _paid("Dockers of the North Quay", drop="decision")).outcome == "shortfall"
    assert _say("POL-1", YEAR, _paid("x", drop="decision", recipient='"dockers"')).outcome == "shortfall"
    given = _paid(drop="decision", **{"in-kind": "TRUE"})
    assert _say("POL-1", YEAR, given).outcome == "met"


def test_what_came_from_an_ally_in_kind_is_no_payment_to_them() -> None:
    used = (
        '2025-05-01 * "dockers" "paint for the wall"\n  Expenses:Gifts  50.00 EUR\n  Income:Support  -50.00 EUR\n'
        '    ally: "dockers"\n    conditions: "none"\n    in-kind: TRUE\n    valuation: "shop price"\n'
    )
    opened = "2024-01-01 open Income:Support\n"
    assert _say("POL-1", opened, used, YEAR).reason == "no payment from a movement fund or to an ally in the window"


def test_what_comes_back_is_no_payment() -> None:
    back = _paid(drop="decision").replace("Expenses:Gifts  50", "Expenses:Gifts  -50").replace("Bank  -50", "Bank  50")
    assert _say("POL-1", YEAR, back).outcome == "met"


def test_without_payments_the_snapshots_show_it() -> None:
    assert _say("POL-1", YEAR).outcome == "met"
    assert _say("POL-1").outcome == "not-evidenced"
    outside = _spent("2024-12-31", drop="decision") + _spent("2026-01-01", drop="decision")
    assert _say("POL-1", YEAR, outside).outcome == "met"
    assert _say("POL-1", YEAR, outside.replace("2026-01-01", "2025-12-31")).outcome == "shortfall"


# -- POL-2 -----------------------------------------------------------------------------------------------------------

QUARTERS = ("2025-01-01", "2025-06-30", "2025-07-01", "2025-12-31")


def test_support_in_every_quarter_is_met() -> None:
    found = _say("POL-2", *(_spent(day) for day in QUARTERS))
    assert (found.outcome, found.reason) == ("met", "support in each of 4 quarters")
    assert len(found.evidence) == 4


@pytest.mark.parametrize("empty", range(4))
def test_an_empty_quarter_falls_short(empty: int) -> None:
    found = _say("POL-2", YEAR, *(_spent(day) for number, day in enumerate(QUARTERS) if number != empty))
    assert found.outcome == "shortfall"
    first, last = ("01-01", "04-01", "07-01", "10-01")[empty], ("03-31", "06-30", "09-30", "12-31")[empty]
    assert found.reason == f"no support to a struggle outside from 2025-{first} to 2025-{last}"


def _fourth(text: str) -> str:
    return _say("POL-2", *(_spent(day) for day in QUARTERS[:3]), text).outcome


def test_what_counts_as_support() -> None:
    day = QUARTERS[3]
    assert _fourth(_paid(day=day)) == "met"
    assert _fourth(_paid("ministry", day=day)) == "shortfall"
    assert _fourth(_paid("The mill", day=day)) == "shortfall"
    assert _fourth(_spent(day, claim="4")) == "shortfall"
    assert _fourth(_spent(day).replace("Assets:Bank", "Equity:Training")) == "shortfall"


def test_support_in_kind_has_a_worth_and_a_recipient() -> None:
    kind = {"in-kind": "TRUE", "valuation": '"price of the shop"'}
    day = QUARTERS[3]
    assert _fourth(_paid("The camp", day, **kind)) == "met"
    assert _fourth(_paid("The camp", day, "valuation", **kind)) == "shortfall"
    assert _fourth(_paid("", day, **kind)) == "shortfall"
    assert _fourth(_paid("The camp", day, **kind, ally='"dockers"', conditions='"none"')) == "shortfall"


def test_a_quarter_that_runs_is_not_judged() -> None:
    assert _say("POL-2", _spent("2025-02-01"), as_of=date(2025, 6, 30)).outcome == "met"
    assert _say("POL-2", _spent("2025-02-01"), as_of=date(2025, 7, 1)).outcome == "shortfall"
    assert _say("POL-2", _spent("2025-02-01"), as_of=date(2025, 3, 31)).outcome == "pending"
