"""GOV-1 to GOV-8: both sides of every bound, missing evidence, and books in which there is nothing to judge."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from auditing import judged

from coopbooks.audit.catalogue import CATALOGUE
from coopbooks.audit.judgement import Judgement

AS_OF = date(2026, 5, 1)
HEAD = """
option "operating_currency" "EUR"
2023-01-01 open Assets:Bank
  liquid: TRUE
2023-01-01 open Assets:Vans
2023-01-01 open Assets:Vans:Depreciation
2023-01-01 open Assets:Owed
2023-01-01 open Equity:Opening
2023-01-01 open Income:Gains
2023-01-01 open Expenses:Loss
"""
OPENING = """
2024-12-01 * "What the cooperative has"
  Assets:Bank      60000.00 EUR
  Assets:Vans      40000.00 EUR
  Equity:Opening
"""


def _members(number: int = 4, since: str = "2024-01-01") -> str:
    return "".join(f'{since} custom "coop" "member" "m{each}"\n' for each in range(number))


def _snapshots() -> str:
    months = range(1, 13)
    ends = (f"{2025 + month // 12}-{month % 12 + 1:02}-10" for month in months)
    return "".join(
        f'{end} custom "coop" "snapshot" "2025-{month:02}"\n' for end, month in zip(ends, months, strict=True)
    )


def _decision(record_id: str = "D-1", day: str = "2025-06-01", drop: str = "", **fields: Any) -> str:
    """A decision that 4 of 4 members carried; `drop` names fields that are left out."""
    usual: dict[str, Any] = {"body": '"assembly"', "eligible": 4, "quorum": 3, "for_": 4, "against": 0}
    rows = {name: value for name, value in {**usual, **fields}.items() if name not in drop.split()}
    lines = (f"  {name.rstrip('_').replace('_', '-')}: {value}\n" for name, value in rows.items())
    return f'{day} custom "coop" "decision" "{record_id}"\n' + "".join(lines)


def _policy(name: str, day: str = "2024-02-01") -> str:
    return (
        _decision(f"D-{name}", day, eligible=4)
        + f'{day} custom "coop" "policy" "{name}"\n  decision: "D-{name}"\n  version: 1\n'
    )


def _say(criterion: str, *parts: str, as_of: date = AS_OF, members: str | None = None) -> Judgement:
    return judged(HEAD + (_members() if members is None else members) + "".join(parts), criterion, as_of)


BOTH: dict[str, Any] = {"federation_for": 3, "federation_against": 1}
YEAR = _snapshots()


def _sale(amount: str = "10000.00", day: str = "2025-06-02", decision: str | None = "D-1") -> str:
    behind = f'  decision: "{decision}"\n' if decision else ""
    return f'{day} * "A van is sold"\n  disposal: TRUE\n{behind}  Assets:Bank   {amount} EUR\n  Assets:Vans  -{amount} EUR\n'


# -- GOV-1 -----------------------------------------------------------------------------------------------------------


def test_a_strategic_decision_of_the_assembly_is_met() -> None:
    found = _say("GOV-1", _decision(strategic="TRUE"), _decision("D-2", strategic="FALSE", body='"board"'))
    assert found.outcome == "met"
    assert found.reason == "the assembly took 1 strategic decision with 4 votes, each with a quorum"
    assert len(found.evidence) == 1


def test_without_a_strategic_decision_the_snapshots_show_it() -> None:
    assert _say("GOV-1", YEAR).outcome == "met"
    assert _say("GOV-1", YEAR, _decision(body='"board"')).reason == "no strategic decision in the window"
    assert _say("GOV-1").outcome == "not-evidenced"
    assert _say("GOV-1", YEAR.replace('"2025-07"', '"2024-07"')).outcome == "not-evidenced"


@pytest.mark.parametrize("body", ["board", "committee", "delegate", "ally"])
def test_another_body_is_a_breach(body: str) -> None:
    found = _say("GOV-1", YEAR, _decision(strategic="TRUE", body=f'"{body}"'))
    assert (found.outcome, found.reason) == ("breach", f'decision "D-1" is strategic, and the {body} took it')


def test_votes_of_more_heads_than_there_are_are_a_breach() -> None:
    assert _say("GOV-1", _decision(strategic="TRUE", against=1)).outcome == "breach"
    assert _say("GOV-1", _decision(strategic="TRUE", against=1, eligible=5)).outcome == "breach"
    assert _say("GOV-1", _decision(strategic="TRUE", against=1, eligible=5), members=_members(5)).outcome == "met"


def test_a_roll_longer_than_the_register_falls_short() -> None:
    found = _say("GOV-1", _decision(strategic="TRUE", eligible=5))
    assert found.outcome == "shortfall"
    assert "counts 5 who could vote, and on 2025-06-01 there were 4 members" in found.reason


@pytest.mark.parametrize("missing", ["body", "for_", "against", "eligible", "quorum"])
def test_a_strategic_decision_that_does_not_say_all_falls_short(missing: str) -> None:
    assert _say("GOV-1", YEAR, _decision(strategic="TRUE", drop=missing)).outcome == "shortfall"


def test_the_quorum_is_met_by_as_many_as_it_asks_for() -> None:
    assert _say("GOV-1", _decision(strategic="TRUE", for_=3, quorum=3)).outcome == "met"
    assert _say("GOV-1", _decision(strategic="TRUE", for_=2, quorum=3)).outcome == "shortfall"


def test_decisions_outside_the_window_are_not_judged() -> None:
    before = _decision(strategic="TRUE", day="2024-12-31", body='"board"')
    after = _decision(strategic="TRUE", day="2026-01-01", body='"board"')
    assert _say("GOV-1", YEAR, before, after).reason == "no strategic decision in the window"
    assert _say("GOV-1", YEAR, before.replace("2024-12-31", "2025-01-01")).outcome == "breach"
    assert _say("GOV-1", YEAR, after.replace("2026-01-01", "2025-12-31")).outcome == "breach"


def test_a_large_disposal_is_strategic_anyway() -> None:
    large, small = _sale("10000.01"), _sale("10000.00")
    assert _say("GOV-1", OPENING, YEAR, _decision(body='"board"'), large).outcome == "breach"
    assert _say("GOV-1", OPENING, YEAR, _decision(body='"board"'), small).outcome == "met"
    assert _say("GOV-1", OPENING, YEAR, _decision(), large).outcome == "met"
    found = _say("GOV-1", OPENING, YEAR, _sale("10000.01", decision=None))
    assert (found.outcome, found.reason) == ("shortfall", "no decision is recorded for the disposal of 2025-06-02")


# -- GOV-2 -----------------------------------------------------------------------------------------------------------


def test_the_clause_alone_is_met_where_nothing_large_was_sold() -> None:
    found = _say("GOV-2", OPENING, _policy("takeover"), YEAR)
    assert found.outcome == "met"
    assert len(found.evidence) == 14
    assert _say("GOV-2", OPENING, _policy("takeover")).outcome == "not-evidenced"


def test_without_the_clause_it_falls_short() -> None:
    found = _say("GOV-2", OPENING, YEAR)
    assert (found.outcome, found.reason) == ("shortfall", 'no policy "takeover" was in force on 2025-12-31')
    assert _say("GOV-2", OPENING, YEAR, _policy("takeover", "2025-12-31")).outcome == "met"
    assert _say("GOV-2", OPENING, YEAR, _policy("takeover", "2026-01-01")).outcome == "shortfall"
    ended = _policy("takeover") + "  ends: 2025-12-31\n"
    assert _say("GOV-2", OPENING, YEAR, ended).outcome == "shortfall"


def test_a_clause_that_nobody_adopted_is_not_shown() -> None:
    bare = _policy("takeover").replace('  decision: "D-takeover"\n', "")
    found = _say("GOV-2", OPENING, YEAR, bare)
    assert (found.outcome, found.reason) == (
        "not-evidenced",
        'policy "takeover" is not shown to be adopted: no decision is named',
    )
    lost = _policy("takeover").replace("for: 4", "for: 1").replace("against: 0", "against: 3")
    assert _say("GOV-2", OPENING, YEAR, lost).outcome == "not-evidenced"


def test_a_large_disposal_with_both_supermajorities_is_met() -> None:
    found = _say("GOV-2", OPENING, _policy("takeover"), _decision(**BOTH), _sale("10000.01"))
    assert found.outcome == "met"
    assert found.reason == "the clause is in force, and 1 large disposal had both supermajorities"
    assert len(found.evidence) == 3


def test_at_the_threshold_a_disposal_is_not_large() -> None:
    assert _say("GOV-2", OPENING, _policy("takeover"), YEAR, _sale("10000.00", decision=None)).outcome == "met"
    found = _say("GOV-2", OPENING, _policy("takeover"), YEAR, _sale("10000.01", decision=None))
    assert found.outcome == "breach"
    assert found.reason == (
        "the disposal of 2025-06-02 brings twelve months to 10.0 % of all assets, and no decision is behind it"
    )


def test_disposals_of_twelve_months_are_added_up() -> None:
    both = _sale("6000.00", "2024-12-02", None) + _sale("6000.00", "2025-12-01", None)
    assert _say("GOV-2", OPENING, _policy("takeover"), YEAR, both).outcome == "breach"
    apart = _sale("6000.00", "2024-12-02", None) + _sale("6000.00", "2025-12-02", None)
    assert _say("GOV-2", OPENING, _policy("takeover"), YEAR, apart).outcome == "met"


def test_the_threshold_is_the_cooperatives_own() -> None:
    own = '2024-02-01 custom "coop" "bylaw" "takeover.threshold"\n  value: 0.05\n'
    assert _say("GOV-2", OPENING, own, _policy("takeover"), YEAR, _sale("5000.00", decision=None)).outcome == "met"
    assert _say("GOV-2", OPENING, own, _policy("takeover"), YEAR, _sale("5000.01", decision=None)).outcome == "breach"


def test_with_neither_supermajority_it_is_a_breach_with_one_it_falls_short() -> None:
    sold = OPENING + _policy("takeover") + YEAR + _sale("20000.00")
    assert _say("GOV-2", sold, _decision(for_=2, against=2)).outcome == "breach"
    assert _say("GOV-2", sold, _decision()).outcome == "shortfall"
    assert _say("GOV-2", sold, _decision(for_=2, against=2, **BOTH)).outcome == "shortfall"
    assert _say("GOV-2", sold, _decision(**BOTH)).outcome == "met"
    assert _say("GOV-2", sold, _decision(for_=3, against=1, **BOTH)).outcome == "met"
    assert _say("GOV-2", sold, _decision(federation_for=2, federation_against=1)).outcome == "shortfall"
    board = _decision(body='"board"', **BOTH)
    assert _say("GOV-2", sold, board).outcome == "shortfall"
    assert _say("GOV-2", sold, _decision(body='"board"')).outcome == "breach"


def test_a_vote_after_the_sale_falls_short() -> None:
    sold = OPENING + _policy("takeover") + _sale("20000.00")
    assert _say("GOV-2", sold, _decision(day="2025-06-02", **BOTH)).outcome == "met"
    found = _say("GOV-2", sold, _decision(day="2025-06-03", **BOTH))
    assert found.outcome == "shortfall"
    assert found.reason.endswith("both supermajorities came only on 2025-06-03")


def test_a_mark_in_quotes_hides_no_sale() -> None:
    sold = _sale("20000.00", decision=None)
    assert _say("GOV-2", OPENING, _policy("takeover"), YEAR, sold.replace("TRUE", '"TRUE"')).outcome == "breach"


def test_a_decision_counts_as_it_stood_on_the_day_of_the_sale() -> None:
    sold = OPENING + _policy("takeover") + _sale("20000.00") + _decision(**BOTH)
    assert _say("GOV-2", sold, _decision(day="2025-07-01", for_=0, against=4)).outcome == "met"


def test_a_breach_stands_before_a_missing_clause() -> None:
    assert _say("GOV-2", OPENING, YEAR, _sale("20000.00", decision=None)).outcome == "breach"


def test_the_size_is_what_leaves_or_what_comes_in() -> None:
    cheap = """
    2025-06-02 * "A van far below its worth"
      disposal: TRUE
      Assets:Bank      100.00 EUR
      Expenses:Loss  12000.00 EUR
      Assets:Vans   -12100.00 EUR
    """.replace("\n    ", "\n")
    gain = """
    2025-06-02 * "A van far above what the books had"
      disposal: TRUE
      Assets:Owed    12000.00 EUR
      Assets:Vans     -100.00 EUR
      Income:Gains  -11900.00 EUR
    """.replace("\n    ", "\n")
    money = """
    2025-06-02 * "Marked where the money comes in"
      Assets:Bank    12000.00 EUR
        disposal: TRUE
      Assets:Vans   -12000.00 EUR
    """.replace("\n    ", "\n")
    for sold in (cheap, gain, money):
        assert _say("GOV-2", OPENING, _policy("takeover"), YEAR, sold).outcome == "breach"
        unmarked = sold.replace("disposal: TRUE", "disposal: FALSE")
        assert _say("GOV-2", OPENING, _policy("takeover"), YEAR, unmarked).outcome == "met"


def test_what_was_written_off_before_is_not_sold_again() -> None:
    worn = """
    2025-01-02 * "Depreciation"
      Expenses:Loss             30000.00 EUR
      Assets:Vans:Depreciation -30000.00 EUR

    2025-06-02 * "The old vans"
      disposal: TRUE
      Assets:Bank                7000.00 EUR
      Assets:Vans:Depreciation  30000.00 EUR
      Assets:Vans              -37000.00 EUR
    """.replace("\n    ", "\n")
    assert _say("GOV-2", OPENING, _policy("takeover"), YEAR, worn).outcome == "met"
    more = worn.replace(" 7000.00", " 7000.01").replace("-37000.00", "-37000.01")
    assert _say("GOV-2", OPENING, _policy("takeover"), YEAR, more).outcome == "breach"


def test_a_disposal_without_a_price_is_an_error() -> None:
    barter = '2025-06-02 * "A barter"\n  disposal: TRUE\n  Assets:Bank   5 VAN\n  Assets:Vans  -5 VAN\n'
    for criterion in ("GOV-1", "GOV-2", "GOV-3"):
        assert _say(criterion, OPENING, _policy("takeover"), YEAR, barter).outcome == "error"


# -- GOV-3 -----------------------------------------------------------------------------------------------------------

SHARE = (
    _decision("D-gold", "2024-03-01", matter='"golden share over the demutualisation"')
    + """2024-03-01 custom "coop" "golden-share" "federation"
  reserved: "demutualisation; sale of the  Land"
  decision: "D-gold"
"""
)


def test_a_golden_share_that_was_never_needed_is_met() -> None:
    found = _say("GOV-3", SHARE, YEAR)
    assert found.outcome == "met"
    assert len(found.evidence) == 14
    assert _say("GOV-3", SHARE).outcome == "not-evidenced"


def test_without_a_golden_share_it_falls_short() -> None:
    found = _say("GOV-3", YEAR)
    assert (found.outcome, found.reason) == ("shortfall", "no golden share was in force on 2025-12-31")
    assert _say("GOV-3", YEAR, SHARE + "  ends: 2025-12-31\n").outcome == "shortfall"
    assert _say("GOV-3", YEAR, SHARE + "  ends: 2026-01-01\n").outcome == "met"


def test_who_granted_it_and_what_it_reserves_must_be_shown() -> None:
    assert _say("GOV-3", YEAR, SHARE.replace('  decision: "D-gold"\n', "")).outcome == "not-evidenced"
    nothing = SHARE.replace("demutualisation; sale of the  Land", " ; ")
    assert _say("GOV-3", YEAR, nothing).outcome == "not-evidenced"
    lost = SHARE.replace("for: 4", "for: 0").replace("against: 0", "against: 4")
    assert _say("GOV-3", YEAR, lost).outcome == "not-evidenced"


def _matter(consent: str | None, done: bool = True) -> str:
    answer: dict[str, Any] = {"consent": f'"{consent}"'} if consent else {}
    record = _decision(matter='"Sale of the land by the river"', **answer)
    return record + ('2025-07-01 custom "coop" "policy" "land"\n  decision: "D-1"\n' if done else "")


def test_a_reserved_matter_needs_consent() -> None:
    found = _say("GOV-3", SHARE, _matter("granted"))
    assert (found.outcome, len(found.evidence)) == ("met", 3)
    assert found.reason == "the golden share is in force, and its holder answered 1 reserved matter"
    found = _say("GOV-3", SHARE, YEAR, _matter(None))
    assert found.outcome == "breach"
    assert found.reason == 'decision "D-1" is reserved and was carried out without the holder\'s consent'
    found = _say("GOV-3", SHARE, YEAR, _matter("refused"))
    assert (found.outcome, "against" in found.reason) == ("breach", True)


def test_what_was_not_carried_out_is_no_breach() -> None:
    assert _say("GOV-3", SHARE, _matter("refused", done=False)).outcome == "met"
    assert _say("GOV-3", SHARE, YEAR, _matter(None, done=False)).outcome == "shortfall"
    lost = _matter(None, done=False).replace("for: 4", "for: 0").replace("against: 0", "against: 4")
    assert _say("GOV-3", SHARE, YEAR, lost).outcome == "met"


def test_a_large_disposal_is_reserved_anyway() -> None:
    sold = OPENING + SHARE + YEAR + _sale("20000.00")
    assert _say("GOV-3", sold, _decision(matter='"vans"')).outcome == "breach"
    assert _say("GOV-3", sold, _decision(matter='"vans"', consent='"granted"')).outcome == "met"
    assert _say("GOV-3", sold).outcome == "breach"
    assert _say("GOV-3", OPENING, SHARE, YEAR, _sale("10000.00"), _decision()).outcome == "met"


def test_other_matters_need_nobody() -> None:
    other = _decision(matter='"sale of land elsewhere"') + '2025-07-01 custom "coop" "policy" "p"\n  decision: "D-1"\n'
    assert _say("GOV-3", SHARE, YEAR, other).reason.endswith("no reserved matter in the window")


# -- GOV-4 and GOV-5 -------------------------------------------------------------------------------------------------


def _refounding(day: str, decision: str = "D-new") -> str:
    return _decision(decision, day) + f'{day} custom "coop" "practice" "re-founding"\n  decision: "{decision}"\n'


def test_the_horizon_is_ratified_and_before_every_refounding() -> None:
    assert _say("GOV-4").outcome == "not-evidenced"
    assert _say("GOV-4", _policy("horizon")).outcome == "met"
    after, before = _refounding("2025-03-01"), _refounding("2024-01-31")
    assert len(_say("GOV-4", _policy("horizon"), after).evidence) == 4
    assert _say("GOV-4", _policy("horizon"), before).outcome == "shortfall"
    assert _say("GOV-4", _policy("horizon").replace('  decision: "D-horizon"\n', "")).outcome == "not-evidenced"


def test_refounding_is_due_after_five_years() -> None:
    assert _say("GOV-5", members=_members(since="2020-12-31")).outcome == "met"
    found = _say("GOV-5", members=_members(since="2020-12-30"))
    assert (found.outcome, found.reason) == (
        "shortfall",
        "the last founding was on 2020-12-30, and the next vote was due by 2025-12-30",
    )
    old = _members(since="2010-01-01")
    assert _say("GOV-5", _refounding("2020-12-31"), members=old).outcome == "met"
    assert _say("GOV-5", _refounding("2020-12-30"), members=old).outcome == "shortfall"
    assert _say("GOV-5", _refounding("2026-01-01"), members=old).outcome == "shortfall"
    assert _say("GOV-5", members="").outcome == "not-evidenced"


def test_the_founding_rests_on_the_first_founder_by_id() -> None:
    """Whichever line comes first: a worker of that day founds nothing."""
    worker = '2024-01-01 custom "coop" "worker" "a1"\n'
    members = [f'2024-01-01 custom "coop" "member" "m{number}"\n' for number in (1, 2)]
    for order, line in ((members, 1), (members[::-1], 2)):
        found = _say("GOV-5", members=worker + "".join(order))
        assert found.outcome == "met"
        assert [place.line for place in found.evidence] == [HEAD.count("\n") + 1 + line]


def test_a_refounding_without_its_vote_is_none() -> None:
    bare = '2025-03-01 custom "coop" "practice" "re-founding"\n'
    assert _say("GOV-5", bare, members=_members(since="2010-01-01")).outcome == "shortfall"


def test_the_years_between_are_the_cooperatives_own() -> None:
    own = '2020-01-01 custom "coop" "bylaw" "refound.years"\n  value: 2.5\n'
    assert _say("GOV-5", own, members=_members(since="2023-06-30")).outcome == "shortfall"
    assert _say("GOV-5", own, members=_members(since="2023-07-01")).outcome == "met"


# -- GOV-6 and GOV-7 -------------------------------------------------------------------------------------------------


def _workers(number: int, since: str = "2025-06-30") -> str:
    return "".join(f'{since} custom "coop" "worker" "w{each}"\n' for each in range(number))


def test_three_of_four_past_probation_are_members() -> None:
    assert _say("GOV-6", _workers(1), members=_members(3)).outcome == "met"
    found = _say("GOV-6", _workers(2), members=_members(5))
    assert (found.outcome, found.reason) == (
        "shortfall",
        "5 of 7 who work here past probation are members (71.4 %)",
    )


def test_probation_ends_after_six_months() -> None:
    assert _say("GOV-6", _workers(9, "2025-07-01"), members=_members(3)).outcome == "met"
    assert _say("GOV-6", _workers(9, "2025-06-30"), members=_members(3)).outcome == "shortfall"


def test_leavers_count_no_more() -> None:
    gone = _workers(2, "2024-06-30") + '2025-12-31 custom "coop" "exit" "w0"\n2025-12-31 custom "coop" "exit" "w1"\n'
    assert _say("GOV-6", gone, members=_members(1)).outcome == "met"
    assert _say("GOV-6", gone.replace("2025-12-31", "2026-01-01"), members=_members(1)).outcome == "shortfall"


def test_before_anybody_is_past_probation_nothing_is_shown() -> None:
    assert _say("GOV-6", members=_members(since="2025-08-01")).outcome == "not-evidenced"


def _delegate(day: str, ends: str | None, mandate: str = "speaks; a recall is called by five", **more: str) -> str:
    rows = {"person": '"m1"', "mandate": f'"{mandate}"', "ends": ends, **more}
    return f'{day} custom "coop" "delegate" "spokes"\n' + "".join(
        f"  {key}: {each}\n" for key, each in rows.items() if each
    )


def test_nobody_holds_an_office_over_two_years() -> None:
    first = _delegate("2023-06-01", "2024-06-01")
    assert _say("GOV-6", first, _delegate("2024-06-01", "2025-06-01")).outcome == "met"
    again = _delegate("2024-06-01", "2025-06-02")
    found = _say("GOV-6", first, again)
    assert (found.outcome, found.reason) == (
        "shortfall",
        'delegate "spokes" has been held by one person since 2023-06-01',
    )
    assert _say("GOV-6", first, again.replace('"m1"', '"m2"')).outcome == "met"
    assert _say("GOV-6", first, again.replace("2024-06-01", "2024-06-02")).outcome == "met"
    assert _say("GOV-6", first, again + "  recalled: 2025-05-01\n").outcome == "met"


def test_a_delegate_has_a_mandate_an_end_and_a_recall() -> None:
    assert _say("GOV-7", _delegate("2025-01-01", "2027-01-01")).outcome == "met"
    assert _say("GOV-7", _delegate("2025-01-01", "2027-01-02")).outcome == "shortfall"
    assert _say("GOV-7", _delegate("2025-01-01", None)).outcome == "shortfall"
    assert _say("GOV-7", _delegate("2025-01-01", "2026-01-01").replace('  person: "m1"\n', "")).outcome == "shortfall"
    bare = '2025-01-01 custom "coop" "delegate" "spokes"\n  person: "m1"\n  ends: 2026-01-01\n'
    assert _say("GOV-7", bare).reason == 'delegate "spokes" has no mandate'


def test_a_recall_stands_in_the_mandate_or_in_a_policy() -> None:
    silent = _delegate("2025-01-01", "2026-01-01", "speaks")
    assert _say("GOV-7", silent).outcome == "shortfall"
    found = _say("GOV-7", silent, '2024-02-01 custom "coop" "policy" "recall"\n')
    assert (found.outcome, len(found.evidence)) == ("met", 2)


def test_delegates_outside_the_window_are_not_judged() -> None:
    assert _say("GOV-7", YEAR).reason == "no delegate in the window"
    assert _say("GOV-7").outcome == "not-evidenced"
    bad = _delegate("2024-01-01", "2025-01-01", "speaks")
    assert _say("GOV-7", YEAR, bad).outcome == "met"
    assert _say("GOV-7", YEAR, bad.replace("2025-01-01", "2025-01-02")).outcome == "shortfall"
    assert (
        _say("GOV-7", YEAR, bad.replace("2024-01-01", "2026-01-01").replace("2025-01-01", "2026-02-01")).outcome
        == "met"
    )


# -- GOV-8 -----------------------------------------------------------------------------------------------------------


def test_the_protocol_is_ratified_and_cases_are_published() -> None:
    assert _say("GOV-8", YEAR).outcome == "not-evidenced"
    assert _say("GOV-8", _policy("misconduct")).outcome == "not-evidenced"
    assert len(_say("GOV-8", _policy("misconduct"), YEAR).evidence) == 14
    case = _decision(matter='"Misconduct: findings of the third case"')
    assert _say("GOV-8", _policy("misconduct"), YEAR, case).outcome == "shortfall"
    found = _say("GOV-8", _policy("misconduct"), case + "  published: 2025-06-05\n")
    assert (found.outcome, len(found.evidence)) == ("met", 3)


def test_only_gates_and_core_criteria_have_a_hostile_side() -> None:
    own = {key: each for key, each in CATALOGUE.items() if key.startswith("GOV-")}
    assert list(own) == [f"GOV-{number}" for number in range(1, 9)]
    assert [key for key, each in own.items() if each.hostile is not None] == ["GOV-1", "GOV-2", "GOV-3"]
    assert [each.tier for each in own.values()] == ["gate", "gate", "core", *["practice"] * 5]
