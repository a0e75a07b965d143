"""Whether a decision was carried: both sides of every bound, and what is missing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from beancount import loader

from coopbooks.books.entries import facts_of
from coopbooks.bylaws import Bylaws
from coopbooks.rules.decisions import Adopted, adopted, adopted_by_assembly, decision_of, members_on

HEAD = 'option "operating_currency" "EUR"\n'
DAY = date(2025, 6, 1)
VOTE: dict[str, Any] = {"body": '"assembly"', "eligible": 10, "quorum": 6, "for_": 6, "against": 2, "abstain": 0}


def _field(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _rules(bylaw: str = "", members: int = 10, founded: str = "2024-01-01", **fields: Any) -> Bylaws:
    """Books with so many members and one decision of 2025-06-01; a field that is None is left out."""
    text = HEAD + "".join(f'{founded} custom "coop" "member" "m{number}"\n' for number in range(members)) + bylaw
    text += f'{DAY} custom "coop" "decision" "D-1"\n'
    text += "".join(f"  {_field(name)}: {value}\n" for name, value in {**VOTE, **fields}.items() if value is not None)
    entries, errors, options = loader.load_string(text)
    assert not errors
    return Bylaws(facts_of(entries, options))


def _vote(bylaw: str = "", members: int = 10, *, greater: bool = False, **fields: Any) -> Adopted:
    rules = _rules(bylaw, members, **fields)
    decision = decision_of(rules, "D-1", DAY)
    assert decision is not None
    return adopted(rules, decision, super=greater)


def _assembly(**fields: Any) -> str:
    return '2024-01-01 custom "coop" "bylaw" "assembly"\n' + "".join(
        f"  {_field(key)}: {each}\n" for key, each in fields.items()
    )


def test_a_carried_decision_says_its_figures() -> None:
    found = _vote()
    assert found.ok
    assert found.why == 'decision "D-1" was carried by the assembly: 8 of 10 voted, 6 for and 2 against'
    assert found.decision is not None
    assert found.decision.id == "D-1"


@pytest.mark.parametrize(
    ("missing", "why"),
    [
        ("body", 'decision "D-1" does not say which body took it'),
        ("for_", 'decision "D-1" does not record how many voted for and how many against'),
        ("against", 'decision "D-1" does not record how many voted for and how many against'),
        ("eligible", 'decision "D-1" does not record how many could vote'),
        ("quorum", 'decision "D-1" does not record its quorum, and no bylaw of that day sets one'),
    ],
)
def test_what_is_not_recorded_carries_nothing(missing: str, why: str) -> None:
    left_out: dict[str, Any] = {missing: None}
    found = _vote(**left_out)
    assert (found.ok, found.why) == (False, why)


def test_abstentions_need_not_be_recorded() -> None:
    assert _vote(abstain=None).ok


def test_the_quorum_is_reached_by_as_many_as_it_asks_for() -> None:
    assert _vote(quorum=8).ok
    found = _vote(quorum=9)
    assert (found.ok, found.why) == (False, 'decision "D-1" had 8 present where 9 were needed')


def test_who_abstains_is_present() -> None:
    assert _vote(quorum=9, abstain=1).ok


def test_without_a_number_the_share_of_the_bylaw_counts() -> None:
    assert _vote(_assembly(quorum="0.8"), quorum=None).ok
    found = _vote(_assembly(quorum="0.805"), quorum=None)
    assert (found.ok, found.why) == (False, 'decision "D-1" had 8 present where 80.5 % of 10 were needed')


def test_the_bylaw_of_the_day_counts_and_no_later_one() -> None:
    later = '2025-06-02 custom "coop" "bylaw" "assembly"\n  quorum: 0.1\n'
    assert not _vote(later, quorum=None).ok


def test_the_share_of_the_bylaw_is_for_the_assembly_only() -> None:
    found = _vote(_assembly(quorum="0.1"), quorum=None, body='"board"')
    assert not found.ok
    assert "does not record its quorum" in found.why
    assert _vote(body='"board"', quorum=6).ok


def test_one_half_means_more_than_half() -> None:
    assert _vote(for_=5, against=4).ok
    found = _vote(for_=4, against=4)
    assert (found.ok, found.why) == (
        False,
        'decision "D-1" had 4 for and 4 against, which is not more than half of 8',
    )


def test_another_share_is_reached_by_as_many() -> None:
    assert _vote(_assembly(majority="0.75")).ok
    assert not _vote(_assembly(majority="0.751")).ok


def test_a_share_below_half_does_not_let_the_smaller_side_win() -> None:
    assert not _vote(_assembly(majority="0.4"), for_=4, against=4).ok
    assert _vote(_assembly(majority="0.4"), for_=5, against=4).ok


@pytest.mark.parametrize(
    ("of", "passes", "fails"),
    [
        ("cast", {"for_": 3, "against": 2, "abstain": 5}, {"for_": 3, "against": 3, "abstain": 4}),
        ("present", {"for_": 5, "against": 1, "abstain": 3}, {"for_": 4, "against": 1, "abstain": 3}),
        ("members", {"for_": 6, "against": 0, "abstain": 0}, {"for_": 5, "against": 1, "abstain": 0}),
    ],
)
def test_what_the_share_is_of(of: str, passes: dict[str, Any], fails: dict[str, Any]) -> None:
    rule = _assembly(majority_of=f'"{of}"')
    assert _vote(rule, quorum=1, **passes).ok
    assert not _vote(rule, quorum=1, **fails).ok


def test_consensus_bears_so_many_against() -> None:
    rule = _assembly(against_at_most=1)
    assert _vote(rule, for_=7, against=1).ok
    found = _vote(rule)
    assert (found.ok, found.why) == (False, 'decision "D-1" had 2 against, and the bylaws bear 1')


def test_no_more_votes_than_people_who_could_vote() -> None:
    assert _vote(eligible=8).ok
    found = _vote(eligible=7)
    assert (found.ok, found.why) == (False, 'decision "D-1" has 8 votes of 7 who could vote')


def test_no_more_votes_than_members_of_that_day() -> None:
    found = _vote(members=7)
    assert (found.ok, found.why) == (False, 'decision "D-1" has 8 votes, and on 2025-06-01 there were 7 members')


def test_no_more_voters_than_members_of_that_day() -> None:
    found = _vote(members=9)
    assert (found.ok, found.why) == (
        False,
        'decision "D-1" counts 10 who could vote, and on 2025-06-01 there were 9 members',
    )
    gone = '2025-06-01 custom "coop" "exit" "m0"\n'
    assert not _vote(gone).ok
    assert _vote(gone.replace("06-01", "06-02")).ok


def test_a_board_is_not_measured_by_the_register() -> None:
    assert _vote(members=2, body='"board"').ok


def test_before_the_first_member_there_is_no_register() -> None:
    rules = _rules(founded="2025-06-02", members=1)
    founding = decision_of(rules, "D-1", DAY)
    assert founding is not None
    assert adopted(rules, founding).ok


def test_books_without_a_member_record_have_no_register() -> None:
    assert _vote(members=0).ok
    assert not _vote(members=0, eligible=7).ok  # more votes than could vote are too many in any books
    assert not _vote(members=1).ok


def test_the_supermajority_is_asked_of_members_and_federation() -> None:
    both: dict[str, Any] = {"federation_for": 3, "federation_against": 1}
    found = _vote(greater=True, **both)
    assert found.ok
    assert found.why.endswith("6 for and 2 against and 3 to 1 of the federation")
    assert not _vote(greater=True, for_=5, **both).ok
    assert not _vote(greater=True, federation_for=2, federation_against=1).ok
    found = _vote(greater=True)
    assert (found.ok, found.why) == (False, 'decision "D-1" records no vote of the federation')
    assert _vote(greater=True, federation_for=1).ok


def test_the_bylaw_sets_the_supermajority() -> None:
    both: dict[str, Any] = {"federation_for": 3, "federation_against": 1}
    assert not _vote(_assembly(supermajority="0.8"), greater=True, **both).ok
    assert _vote(_assembly(supermajority="0.6"), greater=True, **both).ok


def test_a_decision_is_found_by_its_id_and_day() -> None:
    again = '2025-07-01 custom "coop" "decision" "D-1"\n  body: "board"\n'
    rules = _rules(again)
    assert decision_of(rules, "D-1", date(2025, 5, 31)) is None
    assert decision_of(rules, None, DAY) is None
    assert decision_of(rules, "D-9", DAY) is None
    first, second = decision_of(rules, "D-1", date(2025, 6, 30)), decision_of(rules, "D-1", date(2025, 7, 1))
    assert first is not None
    assert first.body == "assembly"
    assert second is not None
    assert second.body == "board"


def test_only_the_assembly_counts_where_it_is_asked_for() -> None:
    assert adopted_by_assembly(_rules(), "D-1", DAY).ok
    assert adopted_by_assembly(_rules(), None, DAY).why == "no decision is named"
    early = adopted_by_assembly(_rules(), "D-1", date(2025, 5, 31))
    assert (early.ok, early.why) == (False, 'decision "D-1" has no record by 2025-05-31')
    board = adopted_by_assembly(_rules(body='"board"'), "D-1", DAY)
    assert (board.ok, board.why) == (False, 'decision "D-1" is none of the assembly: the board took it')
    none = adopted_by_assembly(_rules(body=None), "D-1", DAY)
    assert none.why == 'decision "D-1" is none of the assembly: it does not say which body took it'
    assert not adopted_by_assembly(_rules(), "D-1", DAY, super=True).ok


def test_members_of_a_day_are_counted_from_the_register() -> None:
    rules = _rules('2025-03-01 custom "coop" "worker" "w"\n2025-03-01 custom "coop" "exit" "m1"\n', members=3)
    assert [members_on(rules, day) for day in (date(2023, 12, 31), date(2025, 2, 28), date(2025, 3, 1))] == [0, 3, 2]
