"""Profiles, and the parameters of an audit: they tighten at once, and loosen from the next window only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from textwrap import dedent

import pytest
from beancount import loader
from hypothesis import given
from hypothesis import strategies as st

from coopbooks.audit.profiles import FULL, STARTER, ProfileInForce, profile_named, profile_of_file
from coopbooks.books.entries import facts_of
from coopbooks.bylaws import Bylaws
from coopbooks.errors import LedgerUnusable, Place, UnknownName
from coopbooks.facts import Facts, Written
from coopbooks.money import Amount
from coopbooks.parameters import PARAMETERS
from coopbooks.periods import Period

YEAR = Period("2025", date(2025, 1, 1), date(2025, 12, 31))
NEXT = Period("2026", date(2026, 1, 1), date(2026, 12, 31))
DAY = date(2026, 5, 1)


def rules_of(text: str) -> Bylaws:
    """The records of a text, which must all be in form."""
    entries, errors, options = loader.load_string(dedent(text), dedent=False)
    assert not errors, errors[:3]
    facts = facts_of(entries, options, padded=True)
    assert not facts.form_findings, facts.form_findings
    return Bylaws(facts)


def setting(name: str, value: str, day: str, ends: str = "") -> str:
    """A bylaw that sets a parameter."""
    return f'{day} custom "coop" "bylaw" "{name}"\n  value: {value}\n' + (f"  ends: {ends}\n" if ends else "")


# -- the looser side ---------------------------------------------------------------------------------------------------


def test_every_parameter_but_amounts_has_a_looser_side() -> None:
    lower = {name for name, each in PARAMETERS.items() if each.looser == "lower"}
    assert lower == {"surplus.substantial", "survival.days", "strike.weeks"}
    assert {name for name, each in PARAMETERS.items() if each.looser is None} == {
        "strike.weekly-pay",
        "strike.weekly-health",
    }


def test_the_stricter_of_two_is_on_the_other_side() -> None:
    assert PARAMETERS["wage.ceiling"].stricter(Decimal(5), Decimal(4)) == 4
    assert PARAMETERS["surplus.substantial"].stricter(Decimal("0.3"), Decimal("0.4")) == Decimal("0.4")
    assert PARAMETERS["strike.weekly-pay"].stricter(Decimal(1), Decimal(2)) == 1


# -- the window --------------------------------------------------------------------------------------------------------


def test_without_a_setting_the_default_counts() -> None:
    assert FULL.parameter(rules_of(""), "wage.ceiling", YEAR) == 5
    assert FULL.parameter(rules_of(""), "strike.weekly-pay", YEAR) is None
    assert FULL.settings(rules_of(""), YEAR) == ()


@pytest.mark.parametrize(("day", "counts"), [("2025-01-01", 6), ("2025-01-02", 5), ("2026-01-01", 5)])
def test_a_loosened_setting_counts_from_the_next_window(day: str, counts: int) -> None:
    rules = rules_of(setting("wage.ceiling", "6", day))
    assert FULL.parameter(rules, "wage.ceiling", YEAR) == counts
    assert FULL.parameter(rules, "wage.ceiling", NEXT) == 6


@pytest.mark.parametrize(("day", "counts"), [("2025-01-01", 4), ("2025-12-31", 4), ("2026-01-01", 5)])
def test_a_stricter_setting_counts_for_the_window_that_it_is_made_in(day: str, counts: int) -> None:
    assert FULL.parameter(rules_of(setting("wage.ceiling", "4", day)), "wage.ceiling", YEAR) == counts


def test_a_share_is_stricter_when_it_is_higher() -> None:
    text = setting("surplus.substantial", "0.4", "2025-06-01") + setting("surplus.substantial", "0.2", "2025-09-01")
    assert FULL.parameter(rules_of(text), "surplus.substantial", YEAR) == Decimal("0.4")
    assert FULL.parameter(rules_of(text), "surplus.substantial", NEXT) == Decimal("0.2")


def test_a_loose_setting_that_ends_in_the_window_leaves_the_default() -> None:
    rules = rules_of(setting("wage.ceiling", "6", "2024-01-01", ends="2025-07-01"))
    assert FULL.parameter(rules, "wage.ceiling", YEAR) == 5


def test_an_amount_is_that_of_the_first_day_or_the_first_one_set() -> None:
    first = setting("strike.weekly-pay", "300 EUR", "2025-03-01") + setting(
        "strike.weekly-pay", "200 EUR", "2025-06-01"
    )
    assert FULL.parameter(rules_of(first), "strike.weekly-pay", YEAR) == Amount(Decimal(300), "EUR")
    assert FULL.parameter(rules_of(first), "strike.weekly-pay", NEXT) == Amount(Decimal(200), "EUR")


def test_every_setting_beside_its_default_is_listed_with_its_line() -> None:
    rules = rules_of(setting("wage.ceiling", "4", "2025-02-01") + setting("books.days", "30", "2025-01-01"))
    (found,) = FULL.settings(rules, YEAR)
    assert (found.name, found.value, found.default, found.origin) == ("wage.ceiling", Decimal(4), Decimal(5), "bylaw")
    assert isinstance(found.place, Place)


def _set(name: str, settings: dict[str, int]) -> Bylaws:
    """Books that only set one parameter, without a ledger's text."""
    written = (
        Written(("bylaw", name), date.fromisoformat(day), Place("books", line), {"value": Decimal(value)})
        for line, (day, value) in enumerate(settings.items(), start=1)
    )
    return Bylaws(Facts(written=written))


NUMBERS = [name for name, each in PARAMETERS.items() if each.sort == "number"]
DAYS = [f"{year}-{month:02}-15" for year in (2024, 2025, 2026) for month in (1, 6, 12)]


@given(
    name=st.sampled_from(NUMBERS),
    settings=st.dictionaries(st.sampled_from(DAYS), st.integers(1, 60), max_size=4),
    day=st.sampled_from([day for day in DAYS if day.startswith("2025")]),
    value=st.integers(1, 60),
)
def test_nothing_that_is_set_in_a_window_loosens_it(name: str, settings: dict[str, int], day: str, value: int) -> None:
    more = {**settings, day: value} if day not in settings else settings
    before, after = (FULL.parameter(_set(name, each), name, YEAR) for each in (settings, more))
    assert isinstance(before, Decimal)
    assert isinstance(after, Decimal)
    assert PARAMETERS[name].stricter(before, after) == after


# -- a federation's own ------------------------------------------------------------------------------------------------


def test_a_profile_tightens_and_never_loosens() -> None:
    tight = ProfileInForce("f", practices=True, excludes={}, parameters={"wage.ceiling": Decimal(4)})
    loose = tight._replace(parameters={"wage.ceiling": Decimal(8)})
    assert tight.parameter(rules_of(""), "wage.ceiling", YEAR) == 4
    assert tight.parameter(rules_of(setting("wage.ceiling", "3", "2024-01-01")), "wage.ceiling", YEAR) == 3
    assert loose.parameter(rules_of(""), "wage.ceiling", YEAR) == 5
    (found,) = tight.settings(rules_of(""), YEAR)
    assert (found.value, found.origin, found.place) == (Decimal(4), "profile", None)


def test_starter_and_full_are_known_by_name() -> None:
    assert profile_named(rules_of(""), "starter", DAY) == STARTER
    assert profile_named(rules_of(""), "full", DAY) == FULL


PROFILE = """
2025-01-01 custom "coop" "profile" "bakers"
  excludes: "RHY-2, RIT-3"
  reason: "agreed in the federation's congress"
"""


def test_a_profile_record_of_the_books_is_found_by_its_id() -> None:
    found = profile_named(rules_of(PROFILE + setting("wage.ceiling", "4", "2024-01-01")), "bakers", DAY)
    assert found.practices
    assert found.excludes["RIT-3"] == 'left out by profile "bakers": agreed in the federation\'s congress'
    assert found.parameters == {}  # in the books of a cooperative the bylaws are its own
    with pytest.raises(UnknownName, match='there is no profile "bakers" on 2024-12-31'):
        profile_named(rules_of(PROFILE), "bakers", date(2024, 12, 31))


def test_a_file_gives_its_latest_profile_and_the_bylaws_beside_it() -> None:
    text = PROFILE + setting("wage.ceiling", "4", "2024-01-01") + setting("wage.ceiling", "3", "2026-06-01")
    text += PROFILE.replace("2025-01-01", "2026-02-01").replace("bakers", "bakers-2")
    assert profile_of_file(rules_of(text), DAY).parameters == {"wage.ceiling": 4}
    assert profile_of_file(rules_of(text), DAY).id == "bakers-2"
    assert profile_of_file(rules_of(text), date(2026, 1, 31)).id == "bakers"
    with pytest.raises(UnknownName, match="has no profile by 2024-12-31"):
        profile_of_file(rules_of(text), date(2024, 12, 31))


@pytest.mark.parametrize(("criterion", "tier"), [("WAG-1", "gate"), ("SUP-2", "core")])
def test_a_profile_that_leaves_out_a_gate_or_a_core_criterion_is_refused(criterion: str, tier: str) -> None:
    rules = rules_of(PROFILE.replace("RIT-3", criterion))
    with pytest.raises(LedgerUnusable, match=f"leaves out {criterion}, a {tier} criterion"):
        profile_named(rules, "bakers", DAY)
    with pytest.raises(LedgerUnusable, match=f"leaves out {criterion}, a {tier} criterion"):
        profile_of_file(rules, DAY)


def test_the_digest_is_one_of_all_that_a_profile_says() -> None:
    rules = rules_of(PROFILE + setting("wage.ceiling", "4.0", "2024-01-01"))
    found = profile_of_file(rules, DAY)
    others = [
        STARTER,
        FULL,
        found._replace(practices=False),
        found._replace(excludes={}),
        found._replace(parameters={}),
        found._replace(id="other"),
    ]
    assert len({found.sha256, *(each.sha256 for each in others)}) == 7
    assert found._replace(parameters={"wage.ceiling": Decimal("4.00")}).sha256 == found.sha256
