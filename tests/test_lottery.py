"""The auditors' lottery: its arithmetic by hand and by the shell, what a call and a draw must hold to, and who sits."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from datetime import date
from hashlib import sha256
from itertools import permutations
from textwrap import dedent
from typing import Any

import pytest
from beancount import loader
from hypothesis import given
from hypothesis import strategies as st

from coopbooks.audit.lottery import draw_record, lottery_of, seats_of
from coopbooks.books.entries import facts_of
from coopbooks.bylaws import Bylaws
from coopbooks.errors import DrawRefused, Finding, Place, UnknownName
from coopbooks.records.audits import Auditor, LotteryCall
from coopbooks.rules.check import findings_of
from coopbooks.rules.lottery import (
    Drawn,
    Skipped,
    drawn_from,
    is_small,
    lottery_findings,
    organisation,
    pool_digest,
    seed_of,
    ticket,
)

POOL = ("tenants-union:rosa", "dockers:omar", "climate:lin", "clinic:ade", "press:eva", "landtrust:jo")
NUMBERS = {"drand-5000000": "0123abcd", "lotto-2026-05-02": "4.8.15.16.23.42."}
SOURCES = ("drand-5000000=0123abcd", "lotto-2026-05-02=4.8.15.16.23.42.")
DIGEST = "5c2f4ff54807251483da91a803e50c0d03278bf9ac28026d60d3209ddef95934"
SEED = "900b12c95c3f244ccd5927091e511fe755014e8dec6393e1fe8688212ccf0956"
ORDER = ("tenants-union:rosa", "press:eva", "dockers:omar", "clinic:ade", "climate:lin", "landtrust:jo")

CALL = f"""
    option "operating_currency" "EUR"

    2026-03-02 custom "coop" "lottery-call" "LA-2026"
      seats: 3
      alternates: 2
      max-per-org: 1
      pool: "{", ".join(POOL)}"
      pool-sha256: "{DIGEST}"
      sources: "drand-5000000; lotto-2026-05-02"
      draw-not-before: 2026-05-03
"""
DRAW = f"""
    2026-05-03 custom "coop" "lottery-draw" "LA-2026"
      source-1: "drand-5000000=0123abcd"
      source-2: "lotto-2026-05-02=4.8.15.16.23.42."
      seed: "{SEED}"
      panel: "tenants-union:rosa, press:eva, dockers:omar"
      alternates: "clinic:ade, climate:lin"
"""


def rules_of(text: str) -> Bylaws:
    entries, errors, options = loader.load_string(dedent(text), dedent=True)
    assert not errors, errors
    return Bylaws(facts_of(entries, options, padded=True))


def call_with(**more: Any) -> LotteryCall:
    fields: dict[str, Any] = {
        "id": "LA",
        "date": date(2026, 3, 2),
        "place": Place("main.beancount", 1),
        "seats": 3,
        "pool": POOL,
        "pool_sha256": DIGEST,
        "sources": ("drand-5000000", "lotto-2026-05-02"),
        "draw_not_before": date(2026, 5, 3),
    }
    return LotteryCall(**fields | more)


def findings(text: str) -> list[str]:
    return [finding.message for finding in lottery_findings(rules_of(text))]


# -- the arithmetic --------------------------------------------------------------------------------------------------


def test_the_published_vector() -> None:
    assert pool_digest(POOL) == DIGEST
    assert seed_of(DIGEST, SOURCES) == SEED
    assert drawn_from(call_with(), SEED) == Drawn(ORDER, ORDER[:3], ORDER[3:5], ())


def test_digest_and_seed_are_what_the_description_says() -> None:
    """Written out a second time, byte by byte."""
    pool = b"climate:lin\nclinic:ade\ndockers:omar\nlandtrust:jo\npress:eva\ntenants-union:rosa\n"
    assert sha256(pool).hexdigest() == DIGEST
    text = f"coopbooks-lottery-v1\n{DIGEST}\ndrand-5000000=0123abcd\nlotto-2026-05-02=4.8.15.16.23.42.\n"
    assert sha256(text.encode()).hexdigest() == SEED


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="this system has no sha256sum")
@pytest.mark.parametrize("person", POOL)
def test_a_ticket_is_checked_by_one_line_of_shell(person: str) -> None:
    shell = 'printf \'%s:%s\' "$0" "$1" | sha256sum'
    said = subprocess.run(["sh", "-c", shell, SEED, person], capture_output=True, text=True, check=True).stdout
    assert said.split()[0] == ticket(SEED, person)


@pytest.mark.parametrize("order", list(permutations(POOL[:4])))
def test_the_order_of_the_pool_is_nothing_to_the_draw(order: tuple[str, ...]) -> None:
    assert pool_digest((*order, *POOL[4:])) == DIGEST
    assert drawn_from(call_with(pool=(*order, *POOL[4:])), SEED).order == ORDER
    assert seed_of(DIGEST, SOURCES[::-1]) == SEED


def test_one_letter_changes_the_digest_and_the_seed() -> None:
    assert pool_digest((*POOL[:5], "landtrust:joe")) != DIGEST
    assert seed_of(DIGEST, (SOURCES[0], SOURCES[1].removesuffix("."))) != SEED


def test_many_draws_give_everybody_the_same_chance() -> None:
    """Chi-square over the first seat of 60,000 draws, numbered: below 20.5, the 0.1 % point of 5 degrees of freedom."""
    draws, firsts = 60_000, Counter[str]()
    for number in range(draws):
        seed = seed_of(DIGEST, (f"drand-5000000={number}",))
        tickets = {ticket(seed, person): person for person in POOL}
        firsts[tickets[min(tickets)]] += 1
    expected = draws // len(POOL)
    assert sum((firsts[person] - expected) ** 2 for person in POOL) / expected < 20.5


# -- seats -----------------------------------------------------------------------------------------------------------

SAME = ("press:eva", "press:ida", "dockers:omar", "climate:lin", "clinic:ade")


def test_one_organisation_gets_one_seat_and_who_is_passed_over_is_listed() -> None:
    found = drawn_from(call_with(pool=SAME, seats=2, alternates=1), SEED)
    first = next(person for person in found.order if organisation(person) == "press")
    other = next(person for person in found.order if organisation(person) == "press" and person != first)
    assert other not in (*found.panel, *found.alternates)
    assert found.skipped in ((), (Skipped(other, "press has 1 already, the most that one organisation may have"),))
    two = drawn_from(call_with(pool=SAME, seats=3, alternates=2, max_per_org=2), SEED)
    assert (*two.panel, *two.alternates) == two.order == found.order
    whole = drawn_from(call_with(pool=SAME, seats=3, alternates=2), SEED)
    assert len(whole.panel) == 3
    assert len(whole.alternates) == 1
    assert [each.id for each in whole.skipped] == [other]


def test_an_alternate_is_of_no_organisation_that_has_a_seat_already() -> None:
    """So that any alternate can take any seat."""
    seed = next(
        seed
        for number in range(1000)
        if organisation((found := drawn_from(call_with(pool=SAME), seed := f"{number:064x}")).order[0]) == "press"
        and organisation(found.order[1]) == "press"
    )
    found = drawn_from(call_with(pool=SAME, seats=1, alternates=1), seed)
    assert found.panel == (found.order[0],)
    assert found.alternates == (found.order[2],)
    assert [each.id for each in found.skipped] == [found.order[1]]


def test_a_pool_smaller_than_its_seats_fills_what_it_can() -> None:
    found = drawn_from(call_with(pool=POOL[:2]), SEED)
    assert set(found.panel) == set(POOL[:2])
    assert found.alternates == ()


@pytest.mark.parametrize(("people", "small"), [(6, False), (5, True)])
def test_a_small_pool_has_fewer_than_two_for_each_seat(people: int, small: bool) -> None:
    assert is_small(call_with(pool=POOL[:people])) is small


IDS = st.lists(st.from_regex(r"[a-z]{1,3}:[a-z]{1,3}", fullmatch=True), min_size=1, max_size=12, unique=True)
SEEDS = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)


@given(IDS, SEEDS, st.data())
def test_taking_somebody_out_never_reorders_the_rest(pool: list[str], seed: str, data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from(pool)))
    call = call_with(pool=tuple(pool), seats=len(pool), alternates=0, max_per_org=len(pool))
    everybody, rest = drawn_from(call, seed).panel, drawn_from(call, seed, without=gone)
    assert rest.panel == tuple(person for person in everybody if person not in gone)
    assert {each.id for each in rest.skipped} == gone
    smaller = call_with(pool=tuple(each for each in pool if each not in gone), seats=len(pool), max_per_org=len(pool))
    assert drawn_from(smaller, seed).order == rest.panel


@given(IDS, SEEDS, st.integers(1, 4), st.integers(0, 3), st.integers(1, 3))
def test_no_draw_seats_more_of_an_organisation_than_it_may(
    pool: list[str], seed: str, seats: int, alternates: int, most: int
) -> None:
    call = call_with(pool=tuple(pool), seats=seats, alternates=alternates, max_per_org=most)
    found = drawn_from(call, seed)
    placed = (*found.panel, *found.alternates)
    passed_over = [each.id for each in found.skipped]
    assert len(found.panel) <= seats
    assert max(Counter(map(organisation, placed)).values()) <= most
    assert sorted(found.order) == sorted(pool)
    assert sorted([*placed, *passed_over], key=found.order.index) == list(found.order[: len(placed) + len(passed_over)])
    assert found == drawn_from(call_with(**vars(call) | {"pool": tuple(pool[::-1])}), seed)


# -- what the books are told -----------------------------------------------------------------------------------------


def test_a_draw_that_holds_to_its_call_is_no_finding() -> None:
    assert findings(CALL + DRAW) == []


def test_check_and_plugins_hear_of_it() -> None:
    found = findings_of(rules_of(CALL + DRAW.replace("press:eva, dockers:omar", "dockers:omar, press:eva")).facts)
    assert [(finding.rule, finding.place.line) for finding in found] == [("lottery", 13)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("landtrust:jo", "landtrust:joe", f"has the pool-sha256 {DIGEST}, but the ids of its pool give"),
        ("landtrust:jo", "landtrust", 'has "landtrust" in its pool, who is of no organisation'),
        ("landtrust:jo", "landtrust:jo, press:eva", 'has "press:eva" more than once in its pool'),
        ("2026-03-02 custom", "2026-04-27 custom", "less than 7 days after its pool was published"),
        ("2026-05-03 custom", "2026-05-02 custom", "lets nobody draw before 2026-05-03"),
        ("drand-5000000=0123abcd", "drand-5000001=0123abcd", "was made with drand-5000001, lotto-2026-05-02"),
        ('      source-1: "drand-5000000=0123abcd"\n', "", "was made with lotto-2026-05-02, but its call"),
        ("source-1: \"drand-5000000=0123abcd\"", "source-1: \"lotto-2026-05-02=1\"", "lotto-2026-05-02, lotto-2026-05-02"),
        ("0123abcd", "0123abce", f"has the seed {SEED}, but the pool and the sources give"),
        (SEED, SEED[:12], "has the seed 900b12c95c3f, but"),
        ("press:eva, dockers:omar", "dockers:omar, press:eva", "has panel tenants-union:rosa, dockers:omar, press:eva, but"),
        ("clinic:ade, climate:lin\"\n", "clinic:ade\"\n", "has alternates clinic:ade, but by the tickets of its seed they are"),
    ],
)  # fmt: skip
def test_whatever_does_not_hold_is_one_finding(old: str, new: str, said: str) -> None:
    text = CALL + DRAW
    stands = (
        text.rindex(old) if old == "2026-05-03 custom" or "clinic" in old or "press:eva, d" in old else text.index(old)
    )
    (message,) = findings(text[:stands] + new + text[stands + len(old) :])
    assert said in message


def test_seven_days_between_call_and_draw_are_enough() -> None:
    assert findings(CALL.replace("2026-03-02", "2026-04-26") + DRAW) == []


def test_the_last_call_before_a_draw_counts() -> None:
    """The pool was called anew with one more person, eight days before; the draw of the first call is the old one's."""
    again = CALL.replace('option "operating_currency" "EUR"', "").replace("2026-03-02", "2026-04-25")
    larger = again.replace("landtrust:jo", "landtrust:jo, school:max").replace(
        DIGEST, pool_digest((*POOL, "school:max"))
    )
    assert "has the seed" in findings(CALL + DRAW + larger)[0]
    later = larger.replace("2026-04-25", "2026-05-20").replace("2026-05-03", "2026-06-01")
    assert findings(CALL + DRAW + later) == []
    assert lottery_of(rules_of(CALL + DRAW + later), "LA-2026", date(2026, 6, 1)).draw is None


def test_a_draw_from_before_its_call_is_early() -> None:
    (message,) = findings(CALL + DRAW.replace("2026-05-03", "2026-03-01"))
    assert "lets nobody draw before" in message


# -- one lottery -----------------------------------------------------------------------------------------------------


def test_before_the_draw_it_says_what_is_missing() -> None:
    found = lottery_of(rules_of(CALL), "LA-2026", date(2026, 4, 1))
    assert (found.seed, found.drawn) == (None, None)
    assert found.missing == (
        "nobody may draw before 2026-05-03",
        'the number of "drand-5000000"',
        'the number of "lotto-2026-05-02"',
    )


def test_numbers_give_the_record_that_check_accepts() -> None:
    record = draw_record(lottery_of(rules_of(CALL), "LA-2026", date(2026, 5, 3), NUMBERS), date(2026, 5, 3))
    assert record == dedent(DRAW).lstrip()
    assert findings(dedent(CALL) + record) == []


@pytest.mark.parametrize(
    ("text", "day", "values", "said"),
    [
        (CALL, "2026-05-03", {"drand-5000000": "1"}, "give each of its numbers once"),
        (
            CALL,
            "2026-05-03",
            {"drand-5000000": "1", "lotto-2026-05-02": "2", "dice": "3"},
            "and not with drand-5000000",
        ),
        (CALL + DRAW, "2026-05-04", {"drand-5000000": "1"}, "was drawn on 2026-05-03 already"),
    ],
)
def test_numbers_that_a_call_does_not_take_are_refused(text: str, day: str, values: dict[str, str], said: str) -> None:
    with pytest.raises(DrawRefused, match=said):
        lottery_of(rules_of(text), "LA-2026", date.fromisoformat(day), values)


def test_nobody_draws_before_the_day_or_from_a_pool_that_was_changed() -> None:
    early = lottery_of(rules_of(CALL), "LA-2026", date(2026, 5, 2), NUMBERS)
    assert early.seed == SEED
    with pytest.raises(DrawRefused, match="lets nobody draw before 2026-05-03"):
        draw_record(early, date(2026, 5, 2))
    changed = lottery_of(rules_of(CALL.replace("landtrust:jo", "landtrust:joe")), "LA-2026", date(2026, 5, 3), NUMBERS)
    assert changed.seed is None
    assert [type(fault) for fault in changed.faults] == [Finding]
    with pytest.raises(DrawRefused, match="its pool is not the published one"):
        draw_record(changed, date(2026, 5, 3))


def test_an_id_of_no_call_is_refused() -> None:
    with pytest.raises(UnknownName, match='there is no lottery-call "LA-2027" by 2026-05-03: the calls are LA-2026'):
        lottery_of(rules_of(CALL), "LA-2027", date(2026, 5, 3))
    with pytest.raises(UnknownName, match="by 2026-03-01"):
        lottery_of(rules_of(CALL), "LA-2026", date(2026, 3, 1))


# -- who sits --------------------------------------------------------------------------------------------------------


def auditor(person: str, *, accepted: bool = True, day: str = "2026-05-05", conflicts: str | None = "none") -> Auditor:
    stated = {} if conflicts is None else {"conflicts": conflicts}
    place = Place("main.beancount", int(day[-2:]))
    return Auditor(id=person, date=date.fromisoformat(day), place=place, audit="LA", accepted=accepted, **stated)


def seats(*auditors: Auditor) -> Any:
    return seats_of(call_with(), drawn_from(call_with(), SEED), auditors)


def test_whoever_declines_makes_room_for_the_next() -> None:
    rosa, eva, omar, ade, lin, jo = ORDER
    found = seats(auditor(rosa), auditor(eva, accepted=False), auditor(omar), auditor(ade), auditor(lin))
    assert [each.id for each in found.seated] == [rosa, omar, ade]
    assert [each.id for each in found.declined] == [eva]
    assert [each.id for each in found.waiting] == [lin]
    assert (found.silent, found.vacant, found.strangers) == ((), 0, ())
    alone = seats(auditor(rosa), auditor(ade), auditor(jo))
    assert alone.silent == (eva, omar)
    assert [each.id for each in alone.seated] == [rosa]
    assert [each.id for each in alone.strangers] == [jo]


def test_seats_stay_empty_when_too_many_decline() -> None:
    found = seats(
        *(auditor(person, accepted=False) for person in ORDER[:3]), *(auditor(person) for person in ORDER[3:5])
    )
    assert [each.id for each in found.seated] == list(ORDER[3:5])
    assert found.vacant == 1


def test_of_two_answers_the_later_counts() -> None:
    found = seats(auditor(ORDER[0]), auditor(ORDER[0], accepted=False, day="2026-05-06"))
    assert [each.id for each in found.declined] == [ORDER[0]]


def test_what_is_missing_after_the_draw_is_named() -> None:
    answers = """
    2026-05-05 custom "coop" "auditor" "tenants-union:rosa"
      audit: "LA-2026"
      accepted: TRUE
    2026-05-05 custom "coop" "auditor" "press:eva"
      audit: "LA-2026"
      accepted: FALSE
    """
    found = lottery_of(rules_of(CALL + DRAW + answers), "LA-2026", date(2026, 5, 6))
    assert [text.split(":")[1].split()[0] for text in found.missing] == ["omar", "ade", "rosa"]
    assert "has not declared any conflicts" in found.missing[2]
