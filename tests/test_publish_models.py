"""The books of every bylaw model, published: a published ledger says no more against itself than the books do."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from test_models import IDS

import coopbooks
from coopbooks.books.founding import MAIN, Founding, files_of, found
from coopbooks.books.loading import load_books
from coopbooks.cli.program import main
from coopbooks.cooperative import Cooperative
from coopbooks.dashboard.choice import Choice
from coopbooks.dashboard.page import open_page
from coopbooks.publish import changed_since, view_of, view_text
from coopbooks.statutes.models import model

PEOPLE = [f"m{number:02d}" for number in range(1, 13)]
LATER = date(2025, 2, 1)

AID = """
2024-01-01 open Equity:Funds:Aid
2024-01-01 custom "coop" "fund" "aid"
  account: Equity:Funds:Aid
  kind: "mutual-aid"
2024-01-20 * "collected"
  source: "donation"
  Assets:Bank  900 EUR
  Equity:Funds:Aid
2024-01-20 custom "coop" "decision" "help"
  for: 12
2024-02-10 * "help"
  decision: "help"
  claim: "1"
  Equity:Funds:Aid  55 EUR
  Assets:Bank
"""


def year(folder: Path, model_id: str, more: str = "") -> Path:
    """The books of twelve members by a model, with a year that has earned 71,200 and is closed."""
    found(folder, files_of(Founding(model(model_id), "Ours", "EUR", date(2024, 1, 1), len(PEOPLE))))
    shares = "".join(
        f'\n2024-01-10 * "share"\n  Assets:Bank  500 EUR\n  Equity:Members:{person.upper()}:Buyin\n'
        for person in PEOPLE
    )
    pay = "".join(
        f'  Expenses:Wages  {100 * rate} EUR\n    worker: "{person}"\n    hours: 100\n'
        for rate, person in enumerate(PEOPLE, 13)
    )
    quarters = "".join(
        f'\n2024-{month}-15 * "sales"\n  Assets:Bank  40000 EUR\n  Income:Sales\n\n'
        f'2024-{month}-28 * "pay"\n{pay}  Assets:Bank\n'
        for month in ("03", "06", "09", "12")
    )
    (first,) = folder.glob("20[0-9][0-9].beancount")
    first.write_text(first.read_text(encoding="utf-8") + shares + quarters + more, encoding="utf-8")
    closed = CliRunner().invoke(
        main, ["close", str(folder / MAIN), "2024", "--into", str(first), "--as-of", LATER.isoformat()]
    )
    assert closed.exit_code == 0, closed.output
    return folder / MAIN


@pytest.mark.parametrize("model_id", IDS)
def test_a_published_ledger_says_no_more_against_itself_than_the_books(tmp_path: Path, model_id: str) -> None:
    # Accounts above others (`collective: "Equity:Reserves"`, `until-account: Equity:Members` or "Assets") mean all below
    # them under the published names too, and every step of the public's file says how much it gets.
    path = year(tmp_path / "books", model_id)
    books = load_books(path)
    said = len(coopbooks.load(path).check().errors)
    for audience, expected in (("members", said), ("auditors", said), ("public", 0)):
        file = tmp_path / f"{audience}.beancount"
        file.write_text(view_text(view_of(books, audience, LATER)), encoding="utf-8")
        assert "Equity" in file.read_text(encoding="utf-8")
        assert len(coopbooks.load(file).check().errors) == expected, coopbooks.load(file).check().errors


def test_the_public_gets_the_rates_of_steps_and_no_other(tmp_path: Path) -> None:
    path = year(tmp_path / "books", "fr-scop", '2024-01-01 custom "coop" "rate" "her-pay"\n  value: 23.45 EUR\n')
    text = view_text(view_of(load_books(path), "public", LATER))
    assert '2024-01-01 custom "coop" "rate" "interest-on-shares"\n  value: 0.02\n' in text
    assert '  rate: "interest-on-shares"\n' in text
    assert "23.45" not in text
    assert "her-pay" not in text


def test_auditors_get_a_protected_fund_entry_by_entry_as_often_as_they_like(tmp_path: Path) -> None:
    books = load_books(year(tmp_path / "books", "us-subchapter-t", AID))
    first = view_text(view_of(books, "auditors", date(2024, 6, 1)))
    assert "Equity:Funds:Aid  55" in first
    again = view_of(books, "auditors", LATER)
    changed_since(first, again, "auditors.beancount")
    assert "Equity:Funds:Aid  55" in view_text(again)


def test_a_page_says_up_to_which_day_a_published_ledger_knows_anything(tmp_path: Path) -> None:
    # 2025 is open on 1 February; who reads it in March is told so, and what a step on capital or to workers is made of.
    more = (
        '2025-01-15 * "sales"\n  Assets:Bank  9500 EUR\n  Income:Sales\n\n'
        '2025-01-28 * "pay"\n  Expenses:Wages  500 EUR\n    worker: "m01"\n    hours: 40\n  Assets:Bank\n'
    )
    books = load_books(year(tmp_path / "books", "fr-scop", more))
    pages: dict[tuple[str, str], Any] = {}
    for audience in ("members", "public"):
        file = tmp_path / f"{audience}.beancount"
        file.write_text(view_text(view_of(books, audience, LATER)), encoding="utf-8")
        seen = coopbooks.load(file)
        for view in ("surplus", "rules"):
            pages[audience, view] = open_page(partial(identity, seen), Choice(date(2025, 3, 3), view, "2025"))
    page = pages["members", "surplus"]
    assert page.trouble is None, page.trouble
    assert (page.as_of_said, page.figures_said) == ("3 March 2025", "1 February 2025")
    assert "what is booked up to 1 February 2025; the" in page.view.forecast
    assert {step.name: (step.said, step.parts) for step in page.view.steps if step.parts} == {
        "Everyone who works here": ("25% of the surplus (9,000.00)", 2),
        "Members": ("2% of each one's capital", 1),
    }
    assert pages["members", "rules"].view.headline.endswith(" in force, and 0 decisions are on record.")
    assert pages["public", "rules"].view.headline.endswith(
        " in force; the votes behind them are told to members and auditors."
    )


def identity(books: Cooperative) -> Cooperative:
    return books


def test_what_is_published_is_not_published_again(tmp_path: Path) -> None:
    # From the members' file the public's would be made without what that file lacks, and call its totals those of the books.
    path, file = year(tmp_path / "books", "us-subchapter-t"), tmp_path / "members.beancount"
    run = CliRunner().invoke
    assert run(main, ["publish", str(path), "--for", "members", "-o", str(file)]).exit_code == 0
    answer = run(main, ["publish", str(file), "--for", "public", "-o", str(tmp_path / "public.beancount")])
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr == f"{file} is published itself, and lacks what others may see: publish the books\n"
    assert not (tmp_path / "public.beancount").exists()


def test_a_folder_is_no_file_to_write(tmp_path: Path) -> None:
    path = year(tmp_path / "books", "us-subchapter-t")
    for folder in (f"{tmp_path}", f"{tmp_path}/", f"{tmp_path}/not-yet/"):
        answer = CliRunner().invoke(main, ["publish", str(path), "--for", "public", "-o", folder])
        name = f"{folder.rstrip('/')}/public"
        assert answer.exit_code == 2
        assert answer.stderr == f"{folder} is a folder: name a file in it, such as {name}.beancount or {name}.html\n"
