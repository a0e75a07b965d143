"""What every bylaw model must hold to: its sources, its honesty about what it lacks, and books that work at once.

What a model's own rules do in a year is tested beside the model, in `tests/models/`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.scripts.check import main as bean_check
from click.testing import CliRunner
from fava.application import create_app

import coopbooks.statutes.models as shipped
from coopbooks import load
from coopbooks.books.founding import MAIN, Founding, files_of, found
from coopbooks.cli import main as program
from coopbooks.cooperative import bylaw_models
from coopbooks.errors import ModelUnusable, UnknownName
from coopbooks.records import people, surplus
from coopbooks.records.reading import BYLAWS
from coopbooks.statutes.laws import law
from coopbooks.statutes.models import Model, figures_of, model, model_from, models, render
from coopbooks.statutes.reference import models_page

FOLDER = Path(shipped.__file__).parent
IDS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir() and not path.name.startswith("__"))
STARTS = [date(2026, 1, 1), date(2026, 6, 15), date(2027, 4, 1)]
NO_SOURCE = ("choice", "no law", "no source", "not published")
"""How a record says that no law stands behind it."""


@pytest.fixture
def books(tmp_path: Path) -> Callable[..., Path]:
    """Writes the books of a new cooperative as `coopbooks init` does, and returns their main file."""

    def write(model_id: str, start: date = STARTS[0], members: int = 3) -> Path:
        chosen = model(model_id)
        found(tmp_path / "books", files_of(Founding(chosen, "Ours", chosen.currency, start, members)))
        return tmp_path / "books" / MAIN

    return write


# -- what ships --------------------------------------------------------------------------------------------------------


def test_every_folder_is_a_model() -> None:
    assert [each.id for each in models()] == IDS
    expected = (
        "ar-20337 br-5764 colab cooplaw-sample de-eg equal-exchange es-27-1999 es-pv-11-2019 fr-scic fr-scop hypha "
        "it-2545-quater jp-worker-coop-2020 mondragon-practice ph-ra9520 qc-c67-2 us-subchapter-t uy-18407"
    )
    assert " ".join(IDS) == expected


@pytest.mark.parametrize("model_id", IDS)
def test_a_model_has_a_test_of_its_own(model_id: str) -> None:
    assert (Path(__file__).parent / "models" / f"test_{model_id.replace('-', '_')}.py").is_file()


@pytest.mark.parametrize("model_id", IDS)
def test_a_model_says_where_it_comes_from_and_what_it_lacks(model_id: str) -> None:
    chosen = model(model_id)
    laws = [law(law_id) for law_id in chosen.statutes]
    assert chosen.read_on >= min(each.read_on for each in laws)
    assert chosen.left_out
    assert chosen.counsel
    assert all(item[-1] in ".)" for item in (*chosen.left_out, *chosen.counsel, *chosen.unverified))


@pytest.mark.parametrize("model_id", IDS)
def test_what_nobody_has_verified_is_named(model_id: str) -> None:
    """A figure that is only remembered may stand in the text if the model says so, by the figure's name."""
    chosen = model(model_id)
    named = " ".join(chosen.unverified)
    for used in figures_of(chosen):
        for figure in used.law.history(used.name):
            assert figure.verified or figure.name in named, f"{used.law.id}: {figure.name}"


@pytest.mark.parametrize("model_id", IDS)
def test_every_rule_says_its_law_and_the_day_it_was_read(books: Callable[..., Path], model_id: str) -> None:
    records = [
        record
        for record in load(books(model_id)).facts.records
        if isinstance(record, (surplus.Allocation, surplus.Loss, *BYLAWS.values()))
    ]
    assert records
    for record in records:
        assert record.law, record.named
        read = re.search(r"read \d{4}-\d{2}-\d{2}", record.law)
        assert read or any(word in record.law for word in NO_SOURCE), f"{record.named}: {record.law}"


@pytest.mark.parametrize("model_id", IDS)
def test_a_comment_stands_above_every_rule(model_id: str) -> None:
    """In plain words; a rule may share the comment of the one above it."""
    text = render(model_id, STARTS[0])
    assert text.startswith("; ")
    rules = len(re.findall(r'^\d{4}-\d{2}-\d{2} custom "coop" "(?:allocation|loss|bylaw)"', text, re.MULTILINE))
    comments = len(re.findall(r"^; .+\n(?!;)", text, re.MULTILINE))
    assert comments * 2 >= rules


@pytest.mark.parametrize("model_id", IDS)
def test_the_books_name_the_law_of_the_model(books: Callable[..., Path], model_id: str) -> None:
    named = {
        law_id
        for record in load(books(model_id)).facts.by_kind["bylaw"].get("statute", ())
        for law_id in record.value  # type: ignore[attr-defined]
    }
    behind = [law(law_id) for law_id in model(model_id).statutes]
    assert named <= {each.id for each in behind}
    assert named or all(each.kind == "bylaws" for each in behind)


@pytest.mark.parametrize("model_id", IDS)
def test_no_model_claims_a_vote(model_id: str) -> None:
    lines = [line for line in render(model_id, STARTS[0]).splitlines() if not line.lstrip().startswith(";")]
    assert not any("decision:" in line or '"coop" "decision"' in line for line in lines)


@pytest.mark.parametrize("model_id", IDS)
@pytest.mark.parametrize("start", STARTS, ids=str)
def test_every_placeholder_is_filled_on_any_first_day(model_id: str, start: date) -> None:
    text = render(model_id, start, "XTS")
    assert "{{" not in text
    assert "}}" not in text
    assert f"\n{start} " in text


# -- books made from it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model_id", IDS)
@pytest.mark.parametrize("start", STARTS, ids=str)
@pytest.mark.parametrize("members", [0, 3])
def test_the_books_pass_and_close_an_empty_year(
    books: Callable[..., Path], model_id: str, start: date, members: int
) -> None:
    """A whole year and one that begins in the middle, with members and before there are any."""
    path = books(model_id, start, members)
    coop = load(path)
    assert coop.check().errors == ()
    assert len(coop.facts.by_kind.get(people.Member.KIND, {})) == members
    chosen = model(model_id)
    year = Founding(chosen, "Ours", chosen.currency, start, members).year
    assert (path.parent / f"{year}.beancount").is_file()
    assert coop.close(year).transaction is None
    ran = CliRunner().invoke(program, ["close", str(path), year])
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert f"{year}: nothing is left to close" in ran.stderr


@pytest.mark.parametrize("model_id", IDS)
def test_bean_check_has_nothing_to_say(books: Callable[..., Path], model_id: str) -> None:
    ran = CliRunner().invoke(bean_check, ["--no-cache", str(books(model_id))])
    assert (ran.exit_code, ran.output) == (0, "")


@pytest.mark.parametrize("model_id", IDS)
def test_the_books_open_in_fava(books: Callable[..., Path], model_id: str) -> None:
    app = create_app([str(books(model_id))])
    app.testing = True
    with app.test_client() as client:
        pages = [
            client.get(f"/ours/{page}/").status_code for page in ("income_statement", "errors", "extension/OpenBook")
        ]
    assert pages == [200, 200, 200]
    (ledger,) = app.config["LEDGERS"].ledgers
    assert ledger.errors == []


def shares_that_meet(text: str) -> list[tuple[str, str]]:
    """Of each allocation that meets a figure by a plain share: its text, and the share."""
    records = re.findall(r'^\d{4}-\d{2}-\d{2} custom "coop" "allocation" .*\n(?:  .*\n)+', text, re.MULTILINE)
    found = [
        (record, re.search(r"^  share: ([0-9.]+)$", record, re.MULTILINE)) for record in records if "meets:" in record
    ]
    return [(record, share[1]) for record, share in found if share]


@pytest.mark.parametrize("model_id", IDS)
def test_less_than_the_law_is_an_error_and_more_is_fine(books: Callable[..., Path], model_id: str) -> None:
    """Each step that meets a minimum share of the law, one point higher and one point lower."""
    path = books(model_id).with_name("bylaws.beancount")
    text = path.read_text(encoding="utf-8")
    minimums = {
        figure.name: figure
        for law_id in model(model_id).statutes
        for figure in law(law_id).in_force(STARTS[0])
        if figure.wants_step
    }
    for record, share in shares_that_meet(text):
        names = set(re.findall(r"[a-z0-9.-]+", record.split("meets:")[1].splitlines()[0])) & set(minimums)
        if not any(minimums[name].value == share for name in names):
            continue  # a promise beyond the law, or a figure that is no minimum
        for point, kept in ((Decimal("-0.01"), False), (Decimal("0.01"), True)):
            changed = record.replace(f"share: {share}", f"share: {Decimal(share) + point}")
            path.write_text(text.replace(record, changed), encoding="utf-8")
            found = {error.rule for error in load(path.with_name(MAIN)).check().errors}
            assert found == (set() if kept else {"statutes"}), changed


def test_most_models_of_a_law_have_a_minimum_that_is_checked() -> None:
    """So that the test above has something to look at."""
    checked = [model_id for model_id in IDS if "meets:" in render(model_id, STARTS[0])]
    assert len(checked) >= 10


# -- the command -------------------------------------------------------------------------------------------------------


def test_models_lists_every_model_with_its_law() -> None:
    ran = CliRunner().invoke(program, ["models", "--format", "json"])
    assert ran.exit_code == 0
    rows = json.loads(ran.stdout)
    assert [row["id"] for row in rows] == IDS
    assert all(list(row) == ["id", "title", "law", "read_on"] for row in rows)
    assert {row["read_on"] for row in rows} == {str(each.read_on) for each in models()}
    assert ran.stdout == bylaw_models().to_json() + "\n"


@pytest.mark.parametrize("command", ["models", "init"])
def test_both_commands_have_a_help_page(command: str) -> None:
    assert f"  {command} " in CliRunner().invoke(program, ["--help"]).stdout
    ran = CliRunner().invoke(program, [command, "--help"])
    assert f"Example:   coopbooks {command}" in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 100
    assert ("CSV:" in ran.stdout) == (command == "models")


def test_models_as_a_table_and_as_a_sheet() -> None:
    table = CliRunner().invoke(program, ["models"])
    assert table.exit_code == 0
    assert all(each.title in table.stdout and str(each.read_on) in table.stdout for each in models())
    assert "no legal advice" in table.stdout
    lines = CliRunner().invoke(program, ["models", "--format", "csv"]).stdout.splitlines()
    assert lines[0] == "id,title,law,read_on"
    assert len(lines) == 1 + len(IDS)


def test_the_page_of_models_is_made_from_their_files() -> None:
    """`make docs` writes it."""
    page = (Path(__file__).parents[1] / "docs" / "models.md").read_text(encoding="utf-8")
    assert page == models_page()


@pytest.mark.parametrize("model_id", IDS)
def test_the_page_says_of_each_model_what_it_lacks(model_id: str) -> None:
    chosen, page = model(model_id), models_page()
    section = page[page.index(f"## {model_id}\n") :].split("\n## ")[0]
    for item in (*chosen.left_out, *chosen.counsel, *chosen.unverified):
        assert f"- {item}" in section
    for used in figures_of(chosen):
        assert f"| `{used.name}` |" in section


# -- read strictly -----------------------------------------------------------------------------------------------------

TOML = """\
id = "{id}"
title = "A model"
law = "a law"
statutes = ["es-27-1999"]
read_on = 2026-11-21
currency = "EUR"
fiscal-year-ends = "12-31"
left_out = []
counsel = []
unverified = []
"""


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Model]:
    """Reads a model from its text and, as far as they differ from a good one, its settings."""

    def read(text: str | None, toml: str = TOML) -> Model:
        folder = tmp_path / "mine"
        folder.mkdir()
        (folder / "model.toml").write_text(toml.replace("{id}", "mine"), encoding="utf-8")
        if text is not None:
            (folder / "bylaws.beancount").write_text(text, encoding="utf-8")
        return model_from(folder)

    return read


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"mine"', '"yours"', 'mine/model.toml says that its id is "yours": make id and folder name the same'),
        ("title", "titel", 'mine/model.toml has no key "titel": did you mean "title"?'),
        ("left_out = []\n", "", "mine/model.toml needs left_out: add a line"),
        ("left_out = []", "left_out = [1]", "left_out must be a list of texts"),
        ('"EUR"', '"euro"', '"euro" is no currency: write it as EUR'),
        ('"12-31"', '"31.12."', 'fiscal-year-ends is "31.12.": write month and day, as "12-31"'),
    ],
)
def test_a_fault_in_a_model_is_one_sentence(made: Callable[..., Model], old: str, new: str, said: str) -> None:
    with pytest.raises(ModelUnusable) as refused:
        made("", TOML.replace("{id}", "mine").replace(old, new))
    assert said in str(refused.value)


def test_a_model_without_its_text_is_refused(made: Callable[..., Model]) -> None:
    with pytest.raises(ModelUnusable, match=r"mine/bylaws\.beancount cannot be read: write"):
        made(None)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{start}} {{currency}} {{fiscal-year-ends}}", "2026-01-01 USD 12-31"),
        ("{{reserve}} {{ es-27-1999:reserve }}", "0.20 0.20"),
        ("{{law reserve}}", "Ley 27/1999 art. 58.1, read 2026-11-22"),
        ("{{law es-27-1999:reserve}}", "Ley 27/1999 art. 58.1, read 2026-11-22"),
        ("no { placeholder }", "no { placeholder }"),
    ],
)
def test_what_stands_in_braces_is_filled(made: Callable[..., Model], text: str, filled: str) -> None:
    assert shipped.text_of(made(text), STARTS[0], "USD") == filled


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{reserv}}", '{{reserv}}: es-27-1999 has no figure "reserv": did you mean "reserve"?'),
        ("{{law reserv}}", '{{law reserv}}: es-27-1999 has no figure "reserv"'),
        ("{{br-5764:reserve}}", "br-5764 is not among statutes of model.toml: add it there"),
        ("{{Reserve}}", '"{{Reserve}}" is no placeholder: write it as {{reserve}} or {{law reserve}}'),
        ("{{reserve", '"{{reserve" is no placeholder'),
        ("reserve}}", '"}}" is no placeholder'),
    ],
)
def test_a_placeholder_that_names_nothing_is_refused(made: Callable[..., Model], text: str, said: str) -> None:
    with pytest.raises(ModelUnusable) as refused:
        shipped.text_of(made(text), STARTS[0])
    assert said in str(refused.value)


def test_a_figure_that_is_not_in_force_yet_says_when_it_will_be(made: Callable[..., Model]) -> None:
    """Ley 27/1999 is in force from 1999-08-06."""
    with pytest.raises(ModelUnusable) as refused:
        shipped.text_of(made("{{reserve}}"), date(1999, 8, 5))
    assert str(refused.value) == (
        'model "mine" cannot start on 1999-08-05: Ley 27/1999 has no figure "reserve" on that day: start on 1999-08-06 or '
        "later"
    )
    with pytest.raises(ModelUnusable, match='"euro" is no currency'):
        shipped.text_of(model("es-27-1999"), STARTS[0], "euro")


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(UnknownName) as refused:
        render("es-27-1998", STARTS[0])
    assert str(refused.value) == 'there is no model "es-27-1998": did you mean "es-27-1999"?'
    with pytest.raises(UnknownName, match="the models are ar-20337, br-5764, "):
        render("atlantis", STARTS[0])
