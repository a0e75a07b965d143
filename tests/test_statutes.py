"""The law as data: read strictly, in force on a date, cited with its day; and the minimums that it sets."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from coopbooks.cooperative import Cooperative
from coopbooks.errors import ModelUnusable, UnknownName
from coopbooks.statutes import laws as statutes
from coopbooks.statutes.laws import Law, law, law_from, laws

FOLDER = Path(statutes.__file__).parent
IDS = sorted(path.stem for path in FOLDER.glob("*.toml"))

HEAD = """\
id = "xx-1"
title = "The Law of Cooperatives, of some year"
country = "XX"
kind = "law"
source = "an official gazette"
read_on = 2026-11-21
"""
FIGURE = """
[[figure]]
name = "reserve"
article = "12.a"
says = "A tenth is kept."
value = "0.10"
unit = "share"
sense = "at-least"
of = "surplus"
verified = true
"""


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Law]:
    """Reads a law from its text."""

    def read(text: str) -> Law:
        path = tmp_path / "xx-1.toml"
        path.write_text(text, encoding="utf-8")
        return law_from(path)

    return read


# -- what ships --------------------------------------------------------------------------------------------------------


def test_every_file_is_a_law_and_every_law_is_named_by_its_file() -> None:
    assert [each.id for each in laws()] == IDS
    assert len(IDS) >= 18


@pytest.mark.parametrize("law_id", IDS)
def test_a_law_says_where_and_when_it_was_read(law_id: str) -> None:
    found = law(law_id)
    assert found.source.strip()
    assert found.read_on >= date(2026, 11, 21)
    assert found.figures
    assert re.fullmatch("([A-Z]{2})?", found.country)
    for figure in found.figures:
        assert figure.says.strip()
        assert "\n" not in figure.says
        assert str(found.read_on) in found.citation(figure)


def floats_in(value: Any) -> list[float]:
    """Every number with a point that a TOML file holds outside of quotes."""
    if isinstance(value, dict):
        return [number for each in value.values() for number in floats_in(each)]
    if isinstance(value, list):
        return [number for each in value for number in floats_in(each)]
    return [value] if isinstance(value, float) else []


@pytest.mark.parametrize("path", [*FOLDER.glob("*.toml"), *FOLDER.glob("models/*/*.toml")], ids=lambda path: path.stem)
def test_figures_are_texts_and_never_floats(path: Path) -> None:
    assert floats_in(tomllib.loads(path.read_text(encoding="utf-8"))) == []


def test_a_float_is_seen() -> None:
    assert floats_in(tomllib.loads("a = [{ b = 0.2 }]")) == [0.2]


# -- in force on a date ------------------------------------------------------------------------------------------------


def test_a_figure_changes_on_its_date(written: Callable[[str], Law]) -> None:
    """Until 2019 a tenth, from 2020 a fifth, from 2025 nothing: both sides of each date."""
    newer = FIGURE.replace('"0.10"', '"0.20"') + "from = 2020-01-01\nuntil = 2025-01-01\n"
    found = written(HEAD + FIGURE + "until = 2020-01-01\n" + newer)

    def share(day: date) -> Decimal | None:
        figure = found.figure("reserve", day)
        return figure.number if figure else None

    assert share(date(1850, 1, 1)) == Decimal("0.10")
    assert share(date(2019, 12, 31)) == Decimal("0.10")
    assert share(date(2020, 1, 1)) == Decimal("0.20")
    assert share(date(2024, 12, 31)) == Decimal("0.20")
    assert share(date(2025, 1, 1)) is None
    assert [figure.number for figure in found.history("reserve")] == [Decimal("0.10"), Decimal("0.20")]


def test_a_citation_names_law_article_and_day(written: Callable[[str], Law]) -> None:
    found = written(HEAD + FIGURE + FIGURE.replace('"reserve"', '"other"').replace('"12.a"', '"§ 7 (2)"'))
    cited = {name: found.citation(found.history(name)[0]) for name in found.names}
    assert cited == {
        "reserve": "The Law of Cooperatives art. 12.a, read 2026-11-21",
        "other": "The Law of Cooperatives § 7 (2), read 2026-11-21",
    }
    bylaws = written(HEAD.replace('"law"', '"bylaws"') + 'cite = "Our bylaws"\n' + FIGURE)
    assert bylaws.citation(bylaws.figures[0]) == "Our bylaws section 12.a, read 2026-11-21"


@pytest.mark.parametrize(
    ("law_id", "said"),
    [
        ("es-27-1998", 'there is no law "es-27-1998": did you mean "es-27-1999"?'),
        ("../x", 'there is no law "../x": write the id of one that docs/models.md lists, or take it out'),
    ],
)
def test_an_unknown_law_is_named(law_id: str, said: str) -> None:
    with pytest.raises(UnknownName) as refused:
        law(law_id)
    assert str(refused.value) == said


def test_an_unknown_figure_is_named(written: Callable[[str], Law]) -> None:
    found = written(HEAD + FIGURE)
    with pytest.raises(UnknownName, match='xx-1 has no figure "reserv": did you mean "reserve"'):
        found.figure("reserv", date(2025, 1, 1))
    with pytest.raises(UnknownName, match='xx-1 has no figure "education": it has reserve'):
        found.history("education")


# -- read strictly -----------------------------------------------------------------------------------------------------

WRONG = {
    "no TOML": ('id = "xx-1', "xx-1.toml is no TOML ("),
    "key unknown": (HEAD + 'sourze = "x"\n' + FIGURE, 'xx-1.toml has no key "sourze": did you mean "source"?'),
    "key of a figure unknown": (
        HEAD + FIGURE + 'colour = "red"\n',
        'xx-1.toml: figure "reserve" has no key "colour": it may have name, article, ',
    ),
    "no figure": (HEAD, "xx-1.toml needs figure: add a line `figure = …`"),
    "key missing": (
        HEAD + FIGURE.replace('article = "12.a"\n', ""),
        'xx-1.toml: figure "reserve" needs article: add a line',
    ),
    "a float": (
        HEAD + FIGURE.replace('"0.10"', "0.10"),
        'xx-1.toml: figure "reserve": value must be a text in quotes, not 0.1: write it so',
    ),
    "a date in quotes": (
        HEAD + FIGURE + 'from = "2020-01-01"\n',
        'from must be a date without quotes, as 2026-11-21, not "2020-01-01"',
    ),
    "a moment": (HEAD + FIGURE + "from = 2020-01-01T10:00:00\n", "from must be a date without quotes"),
    "flag in quotes": (HEAD + FIGURE.replace("= true", '= "yes"'), 'verified must be true or false, not "yes"'),
    "figures as a text": (HEAD + 'figure = "x"\n', "figure must be tables in double brackets"),
    "unit unknown": (HEAD + FIGURE.replace('"share"', '"percent"'), "unit must be one of share, months, years, "),
    "no number": (HEAD + FIGURE.replace('"0.10"', '"a tenth"'), 'is written as "0.20", not "a tenth": write it so'),
    "no number at all": (
        HEAD + FIGURE.replace('"0.10"', '"ten"'),
        'has the value "ten": write a number of zero or more',
    ),
    "not finite": (HEAD + FIGURE.replace('"0.10"', '"NaN"'), 'has the value "NaN"'),
    "below zero": (HEAD + FIGURE.replace('"0.10"', '"-0.1"'), 'has the value "-0.1"'),
    "share above one": (
        HEAD + FIGURE.replace('"0.10"', '"10"'),
        "a share lies between 0 and 1, not at 10: write 20 percent",
    ),
    "amount without currency": (
        HEAD + FIGURE.replace('"share"', '"amount"'),
        'a value in amount is written as "100 USD", not "0.10"',
    ),
    "share with currency": (HEAD + FIGURE.replace('"0.10"', '"0.10 USD"'), 'a value in share is written as "0.20"'),
    "base unknown": (
        HEAD + FIGURE.replace('"surplus"', '"turnover"'),
        "of must be one of surplus, result, before-tax, ",
    ),
    "base is a field of words": (HEAD + FIGURE.replace('"surplus"', '"capital.redeem"'), 'not "capital.redeem"'),
    "checks no field": (
        HEAD + FIGURE + 'checks = "exit.jears"\n',
        "checks must name a field of a record as exit.years",
    ),
    "checks one that is no figure": (HEAD + FIGURE + 'checks = "capital.collective"\n', "checks must name a field"),
    "checks a record that is not compared": (HEAD + FIGURE + 'checks = "member.hours"\n', "checks must name a field"),
    "when no field": (HEAD + FIGURE + 'when = "surplus.notise=qualified"\n', "when must name a field"),
    "until-of no number": (HEAD + FIGURE + 'until-of = "half"\n', 'has the value "half"'),
    "ends before it begins": (
        HEAD + FIGURE + "from = 2020-01-01\nuntil = 2019-01-01\n",
        "is in force from 2020-01-01 until 2019-01-01: it must end after it begins",
    ),
    "two wordings of a day": (
        HEAD + FIGURE + FIGURE + "from = 2020-01-01\n",
        'figure "reserve" has two wordings for 2020-01-01: end the older one with until = 2020-01-01',
    ),
    "id of another file": (HEAD.replace("xx-1", "xx-2") + FIGURE, 'says that its id is "xx-2": make id and file name'),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_fault_in_a_law_is_one_sentence_with_its_cure(written: Callable[[str], Law], name: str) -> None:
    text, said = WRONG[name]
    with pytest.raises(ModelUnusable) as refused:
        written(text)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert ": " in str(refused.value)


# -- the minimums ------------------------------------------------------------------------------------------------------

BOOKS = """\
option "operating_currency" "EUR"
2025-01-01 open Assets:Bank
2025-01-01 open Expenses:Wages
2025-01-01 open Income:Sales
2025-01-01 open Equity:Opening
2025-01-01 custom "coop" "member" "m01"
  wages: Expenses:Wages
  capital: Equity:Members:M01
2025-01-01 custom "coop" "bylaw" "statute"
  value: "es-27-1999"
"""
EDUCATION = """
2025-01-01 custom "coop" "allocation" "education"
  step: 1
  to: Equity:Education
  share: 0.05
  of: "before-tax"
  meets: "education-fund"
"""
SALES = """
2025-06-30 * "Sales and wages"
  Income:Sales    -1400.00 EUR
  Expenses:Wages    400.00 EUR
    hours: 40
  Assets:Bank      1000.00 EUR
"""


def step(record_id: str, fields: str, *, day: str = "2025-01-01", to: str = "Equity:Reserve", number: int = 1) -> str:
    lines = "\n".join(f"  {field}" for field in fields.split("; "))
    return f'\n{day} custom "coop" "allocation" "{record_id}"\n  step: {number}\n  to: {to}\n{lines}\n'


def said(coop: Cooperative) -> list[str]:
    return [error.message for error in coop.check().errors if error.rule == "statutes"]


@pytest.mark.parametrize(
    ("share", "kept"), [("0.20", True), ("0.21", True), ("1", True), ("0.1999", False), ("0.19", False), ("0", False)]
)
def test_more_than_the_law_is_fine_and_less_is_not(coop: Callable[..., Cooperative], share: str, kept: bool) -> None:
    """Ley 27/1999 art. 58.1: at least 20 % of the surplus before tax go to the reserve."""
    messages = said(coop(BOOKS + EDUCATION + step("reserve", f'share: {share}; of: "before-tax"; meets: "reserve"')))
    assert (messages == []) == kept
    assert all("asks for at least 20 %" in message for message in messages)


def test_shares_of_several_steps_add_up(coop: Callable[..., Cooperative]) -> None:
    """12 % and 8 % are 20 %; 12 % and 7 % are 19 %, and the message names both."""
    one = step("reserve", 'share: 0.12; of: "before-tax"; meets: "reserve"')
    two = step("reserve-more", 'share: 0.08; of: "before-tax"; meets: "reserve"', to="Equity:Reserve:More")
    assert said(coop(BOOKS + EDUCATION + one + two)) == []
    wanted = (
        'allocation "reserve" and allocation "reserve-more" give 19 % of the surplus before tax, but Ley 27/1999 art. 58.1 '
        '(figure "reserve", read 2026-11-22) asks for at least 20 %: raise share: to 0.20'
    )
    assert said(coop(BOOKS + EDUCATION + one + two.replace("0.08", "0.07"))) == [wanted]


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ("amount: 200.00 EUR", True),  # just 20 % of 1,000
        ("amount: 199.99 EUR", False),  # one cent below
        ("rest: TRUE", True),  # 950
        ("share: 0.20", True),  # of the surplus, which is the same without tax
        ("share: 0.20; until: 150.00 EUR", False),  # this law knows no limit
        ("share: 0.25; at-most: 0.15", False),
        ('share: 0.22; of: "remaining"', True),
    ],
)
def test_other_steps_are_judged_by_what_the_year_gave(
    coop: Callable[..., Cooperative], fields: str, kept: bool
) -> None:
    """A result of 1,000: the law asks for 200."""
    text = BOOKS + EDUCATION + step("reserve", f'{fields}; meets: "reserve"') + step("rest", "rest: TRUE", number=2)
    messages = said(coop(text + SALES))
    assert (messages == []) == kept
    assert all("in 2025, but Ley 27/1999 art. 58.1" in each and "here 200.00 EUR" in each for each in messages)


def test_a_rounded_share_is_kept(coop: Callable[..., Cooperative]) -> None:
    """20 % of 1,000.02 are 200.004: the step is rounded to 200.00, and nobody can pay less than a cent."""
    text = BOOKS + EDUCATION + step("reserve", 'share: 0.20; meets: "reserve"')
    assert said(coop(text + SALES.replace("1000.00", "1000.02").replace("1400.00", "1400.02"))) == []


def test_earlier_losses_come_first(coop: Callable[..., Cooperative]) -> None:
    """A loss of 2025 eats the surplus of 2026: nothing is left for the reserve, and nothing is wrong."""
    loss = SALES.replace("-1400.00", "600.00").replace("1000.00", "-1000.00")
    text = BOOKS + EDUCATION + step("reserve", 'share: 0.20; meets: "reserve"') + loss + SALES.replace("2025-", "2026-")
    assert said(coop(text)) == []


def test_tax_is_in_the_base(coop: Callable[..., Cooperative]) -> None:
    """1,000 of surplus after 250 of tax are 1,250 before: the law asks for 250, and 20 % of the surplus are 200."""
    tax = """
2025-01-01 open Expenses:Tax
2025-01-01 custom "coop" "bylaw" "surplus"
  tax: Expenses:Tax
2025-07-01 * "Company tax"
  Expenses:Tax   250.00 EUR
  Income:Sales  -250.00 EUR
"""
    after = step("reserve", 'share: 0.20; meets: "reserve"')
    (message,) = said(coop(BOOKS + EDUCATION + after + SALES + tax))
    assert "gets 200.00 EUR in 2025" in message
    assert "here 250.00 EUR" in message
    before = step("reserve", 'share: 0.20; of: "before-tax"; meets: "reserve"')
    assert said(coop(BOOKS + EDUCATION + before + SALES + tax)) == []


def test_a_rule_of_next_year_is_judged_at_once_and_one_of_last_year_stays_judged(
    coop: Callable[..., Cooperative],
) -> None:
    """The law changes for the year that begins after it: art. 79.3 of Ley 27/1999 on 2026-04-10, 100 % to 50 %.

    A share of 60 % is too little in 2025 and 2026, which began before the change, and enough in 2027.
    """
    reserve = step("reserve", 'share: 0.20; of: "before-tax"; meets: "reserve"')

    def dealings(day: str) -> str:
        return step("dealings", 'share: 0.60; meets: "intercooperation"', day=day, to="Equity:Dealings", number=2)

    for day in ("2025-01-01", "2025-05-01"):
        messages = said(coop(BOOKS + EDUCATION + reserve + dealings(day)))
        assert any("asks for at least 100 %" in message for message in messages)
    assert said(coop(BOOKS + EDUCATION + reserve + dealings("2026-05-01"))) == []


def test_a_later_wording_of_a_step_is_judged_for_its_year(coop: Callable[..., Cooperative]) -> None:
    """A lower share of May 2025 binds from 2026: the error stands at that record."""
    text = BOOKS + EDUCATION + step("reserve", 'share: 0.20; of: "before-tax"; meets: "reserve"')
    later = step("reserve", 'share: 0.10; of: "before-tax"; meets: "reserve"', day="2025-05-01")
    found = coop(text + later).check().errors
    (error,) = [each for each in found if each.rule == "statutes"]
    assert error.place == f"main.beancount:{text.count(chr(10)) + 2}"
    assert "gives 10 % of the surplus before tax" in error.message


def test_only_the_steps_that_name_a_figure_count(coop: Callable[..., Cooperative]) -> None:
    (message,) = said(coop(BOOKS + EDUCATION + step("reserve", 'share: 0.50; of: "before-tax"')))
    assert "and no step meets it" in message
    assert '"reserve"' in message


def test_a_choice_that_the_law_leaves_is_not_demanded(coop: Callable[..., Cooperative]) -> None:
    """Art. 58.2 counts only where the extra-cooperative result is accounted for apart: no step, no error."""
    text = BOOKS + EDUCATION + step("reserve", 'share: 0.20; of: "before-tax"; meets: "reserve"')
    assert said(coop(text)) == []
    apart = '\n2025-01-01 custom "coop" "bylaw" "surplus"\n  nonmember-to: Equity:Reserve\n  meets: "reserve-extra"\n'
    assert said(coop(text + apart)) == []
    (message,) = said(coop(text + apart.replace("nonmember-to: Equity:Reserve", 'split: "hours"')))
    assert message.startswith('bylaw "surplus" gives 0 % of the non-member result, but')


def test_a_named_rate_counts_by_its_value(coop: Callable[..., Cooperative]) -> None:
    """A share may be the name of a rate: 18 % in 2025 and 20 % from 2026."""
    text = BOOKS + EDUCATION + step("reserve", 'share: "house"; of: "before-tax"; meets: "reserve"')
    rate = '\n{day} custom "coop" "rate" "house"\n  value: {value}\n'
    assert said(coop(text + rate.format(day="2025-01-01", value="0.20"))) == []
    (message,) = said(coop(text + rate.format(day="2025-01-01", value="0.18")))
    assert "gives 18 %" in message


@pytest.mark.parametrize(
    ("fields", "kept"),
    [("buy-in: 1000.00 EUR; entry-fee: 250.00 EUR", True), ("buy-in: 1000.00 EUR; entry-fee: 250.01 EUR", False),
     ("entry-fee: 100.00 EUR", True)],
)  # fmt: skip
def test_a_field_is_compared_with_a_share_of_another(coop: Callable[..., Cooperative], fields: str, kept: bool) -> None:
    """Art. 52.2: the entry fee is at most a quarter of the mandatory contribution; without one nothing is compared."""
    capital = '\n2025-01-01 custom "coop" "bylaw" "capital"\n  ' + fields.replace("; ", "\n  ") + "\n"
    text = BOOKS + EDUCATION + step("reserve", 'share: 0.20; of: "before-tax"; meets: "reserve"') + capital
    messages = said(coop(text))
    assert (messages == []) == kept
    wanted = (
        'bylaw "capital" has entry-fee: 250.01 EUR, but Ley 27/1999 art. 52.2 (figure "entry-fee", read 2026-11-22) allows at '
        "most 25 % of capital.buy-in: write entry-fee: 250 EUR or less"
    )
    assert all(message == wanted for message in messages)


def test_a_step_that_cannot_be_read_is_not_called_missing(coop: Callable[..., Cooperative]) -> None:
    """One mistake, one message: the misspelt record may be the very one that meets the figure."""
    errors = coop(BOOKS + EDUCATION + step("reserve", 'shar: 0.20; of: "before-tax"; meet: "reserve"')).check().errors
    assert {error.rule for error in errors} == {"records"}


@pytest.fixture
def own_law(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Makes a law "xx-1" of the given figures the only one there is."""

    def write(figures: str) -> None:
        (tmp_path / "laws").mkdir()
        (tmp_path / "laws" / "xx-1.toml").write_text(HEAD + figures, encoding="utf-8")
        monkeypatch.setattr(statutes, "_FOLDER", tmp_path / "laws")
        statutes.law.cache_clear()
        statutes._ids.cache_clear()

    yield write
    statutes.law.cache_clear()
    statutes._ids.cache_clear()


OWN = BOOKS.replace("es-27-1999", "xx-1")


@pytest.mark.parametrize(("limit", "stops"), [("", False), ('stops-at = "it is as high as the capital"\n', True)])
def test_a_step_may_stop_where_the_law_lets_it_stop(
    coop: Callable[..., Cooperative], own_law: Callable[[str], None], limit: str, stops: bool
) -> None:
    """A tenth of 1,000 is 100; the reserve holds 60 of the 100 that it may hold, and gets 40."""
    own_law(FIGURE + limit)
    opening = """
2025-01-01 * "Brought over"
  Assets:Bank      160.00 EUR
  Equity:Reserve   -60.00 EUR
  Equity:Opening  -100.00 EUR
"""
    limited = step("reserve", 'share: 0.10; until-of: 1; until-account: Equity:Opening; meets: "reserve"')
    messages = said(coop(OWN + limited + step("rest", "rest: TRUE", number=2) + opening + SALES))
    assert (messages == []) == stops
    assert all("gets 40.00 EUR in 2025" in message and "here 100.00 EUR" in message for message in messages)


@pytest.mark.parametrize(("until", "kept"), [("1", True), ("2", True), ("0.99", False)])
def test_a_limit_may_be_higher_than_the_laws_never_lower(
    coop: Callable[..., Cooperative], own_law: Callable[[str], None], until: str, kept: bool
) -> None:
    own_law(FIGURE + 'until-of = "1"\n')
    fields = f'share: 0.10; until-of: {until}; until-account: Equity:Opening; meets: "reserve"'
    messages = said(coop(OWN + step("reserve", fields)))
    assert (messages == []) == kept
    assert all("stops at 0.99 × Equity:Opening" in message for message in messages)


@pytest.mark.parametrize(
    ("sense", "share", "kept"),
    [("at-most", "0.10", True), ("at-most", "0.11", False), ("at-most", "0.09", True), ("exactly", "0.10", True),
     ("exactly", "0.11", False), ("exactly", "0.09", False), ("at-least", "0.11", True)],
)  # fmt: skip
def test_each_sense_is_meant(
    coop: Callable[..., Cooperative], own_law: Callable[[str], None], sense: str, share: str, kept: bool
) -> None:
    own_law(FIGURE.replace("at-least", sense))
    messages = said(coop(OWN + step("reserve", f'share: {share}; meets: "reserve"')))
    assert (messages == []) == kept
    words = {
        "at-most": "allows at most 10 %: lower share: to 0.10",
        "exactly": "asks for just 10 %: set share: to 0.10",
    }
    assert all(message.endswith(words[sense]) for message in messages)


@pytest.mark.parametrize(
    ("change", "demanded"),
    [
        (("", ""), True),
        (("verified = true", "verified = false"), False),
        (("verified = true", "verified = true\nrequired = false"), False),
        (('sense = "at-least"', 'sense = "at-most"'), False),
        (('of = "surplus"\n', ""), False),
        (("verified = true", "verified = true\nuntil = 2025-01-01"), False),
        (("verified = true", "verified = true\nfrom = 2026-01-01"), True),  # the rules of the next year are judged, too
        (("verified = true", "verified = true\nfrom = 2026-01-02"), False),
    ],
)
def test_which_figures_demand_a_step(
    coop: Callable[..., Cooperative], own_law: Callable[[str], None], change: tuple[str, str], demanded: bool
) -> None:
    own_law(FIGURE.replace(*change, 1))
    messages = said(coop(OWN + step("other", "rest: TRUE")))
    assert bool(messages) == demanded
    assert all("asks for at least 10 % of the surplus, and no step meets it" in message for message in messages)


def test_a_change_of_the_law_counts_from_the_first_year_that_begins_after_it(
    coop: Callable[..., Cooperative], own_law: Callable[[str], None]
) -> None:
    """The books go on to 2027, so they are held to a figure of 2026-05-01; books that end in 2026 are not."""
    own_law(FIGURE + "from = 2026-05-01\n")
    text = OWN + step("reserve", 'share: 0.05; meets: "reserve"')
    assert said(coop(text + SALES.replace("2025", "2026"))) == []
    (message,) = said(coop(text + SALES.replace("2025", "2027")))
    assert "gives 5 % of the surplus" in message


def test_an_unverified_figure_is_compared_where_a_step_names_it(
    coop: Callable[..., Cooperative], own_law: Callable[[str], None]
) -> None:
    own_law(FIGURE.replace("verified = true", "verified = false"))
    (message,) = said(coop(OWN + step("reserve", 'share: 0.09; meets: "reserve"')))
    assert '(figure "reserve", read 2026-11-21, unverified) asks for at least 10 %' in message


def test_what_remains_is_what_earlier_steps_and_expenses_leave(
    coop: Callable[..., Cooperative], own_law: Callable[[str], None]
) -> None:
    """Of 1,000 a first step takes 400 and an expense, though it comes last, 100: a tenth of the remaining 500 is 50."""
    own_law(FIGURE.replace('"surplus"', '"remaining"'))
    others = step("first", "share: 0.40", to="Equity:First") + step(
        "owed", 'share: 0.10; as: "expense"', to="Liabilities:Owed", number=9
    )
    rest = step("rest", "rest: TRUE", number=3, to="Equity:Rest")
    for amount, kept in (("50.00", True), ("49.99", False)):
        fields = f'amount: {amount} EUR; meets: "reserve"'
        messages = said(coop(OWN + others + step("reserve", fields, number=2) + rest + SALES))
        assert (messages == []) == kept
        assert all("of what is left, here 50.00 EUR" in message for message in messages)


LOSS = """
2025-01-01 custom "coop" "loss" "reserve"
  step: 1
  from: Equity:Reserve
  {}
  meets: "reserve"
"""


@pytest.mark.parametrize(
    ("fields", "kept"),
    [("share: 0.10", True), ("share: 0.11", False), ("rest: TRUE", False), ("rest: TRUE\n  at-most-share: 0.10", True)],
)
def test_a_loss_is_compared_too(
    coop: Callable[..., Cooperative], own_law: Callable[[str], None], fields: str, kept: bool
) -> None:
    """A law that lets the reserve bear a tenth of a loss at most."""
    own_law(FIGURE.replace("at-least", "at-most").replace('of = "surplus"\n', ""))
    messages = said(coop(OWN + LOSS.format(fields)))
    assert (messages == []) == kept
    assert all(message.startswith('loss "reserve" gives ') for message in messages)


FUND = """
2025-01-01 custom "coop" "fund" "school"
  account: Equity:School
  spend-by: {}
  {}
"""


@pytest.mark.parametrize(
    ("months", "meets", "kept"),
    [("12", 'meets: "spend"', True), ("13", 'meets: "spend"', False), ("13", 'purpose: "courses"', True)],
)
def test_a_fund_is_compared_where_it_names_the_figure(
    coop: Callable[..., Cooperative], own_law: Callable[[str], None], months: str, meets: str, kept: bool
) -> None:
    """A law gives a year; the field counts months. Another fund is none of the law's business."""
    figure = FIGURE.replace('"reserve"', '"spend"').replace('of = "surplus"\n', "").replace('"share"', '"years"')
    own_law(figure.replace('"0.10"', '"1"').replace("at-least", "at-most") + 'checks = "fund.spend-by"\n')
    messages = said(coop(OWN + FUND.format(months, meets)))
    assert (messages == []) == kept
    assert all(
        message.endswith("allows at most 1 year: write spend-by: 12 or less")
        and message.startswith('fund "school" has spend-by: 13, but')
        for message in messages
    )


def test_a_field_of_the_step_itself_is_compared(
    coop: Callable[..., Cooperative], own_law: Callable[[str], None]
) -> None:
    """`allocation.minimum-months` looks at the steps that meet the figure, and at no other."""
    figure = FIGURE.replace('"reserve"', '"presence"').replace('of = "surplus"\n', "").replace('"share"', '"months"')
    own_law(figure.replace('"0.10"', '"3"').replace("at-least", "at-most") + 'checks = "allocation.minimum-months"\n')
    workers = step("workers", 'share: 0.25; minimum-months: 6; meets: "presence"', to='"workers"')
    (message,) = said(coop(OWN + workers))
    assert message.startswith('allocation "workers" has minimum-months: 6, but')
    assert said(coop(OWN + workers.replace("months: 6", "months: 3"))) == []
    assert said(coop(OWN + workers.replace('  meets: "presence"\n', ""))) == []


def test_books_that_name_no_law_read_none() -> None:
    """Not even the module is imported: bean-check pays nothing for what the books do not ask for."""
    ask = (
        "import coopbooks, sys; from coopbooks.ledgers import path; coopbooks.load(path('bakery')).check(); "
        "print(*sorted({'coopbooks.rules.minimums', 'coopbooks.statutes.laws', 'coopbooks.statutes.toml'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
