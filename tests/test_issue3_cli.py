"""The commands around members' capital, statements, models, new books and imports: keys, figures, and how they fail."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st

import coopbooks
from coopbooks.cli import main
from coopbooks.cli.call import Form
from coopbooks.cli.capital import INTEREST, MEMBERS
from coopbooks.cli.importing import IMPORT
from coopbooks.cli.models import MODELS
from coopbooks.cli.redemption import DEBTS, EXIT, QUEUE, REDEMPTION
from coopbooks.cli.statements import STATEMENTS
from coopbooks.cli.words import grouped
from coopbooks.cooperative import Cooperative, bylaw_models
from coopbooks.facts import below
from coopbooks.ledgers import path as shipped

DAY = "2026-06-30"
WHOLE = re.compile(r"-?[0-9]+\.[0-9]{2}")
MONEY = set(
    "opening credited interest losses redeemed balance amount buy_in brought_in unpaid entry_fee fee_paid capital owed "
    "posted missing deductions set_off paid overdue principal asked left".split()
)


class Asked(NamedTuple):
    """One way to ask: options, what the library answers to the same, how it is printed, and the keys relied on."""

    options: tuple[str, ...]
    library: Callable[[Cooperative], Any]
    form: Form
    keys: str


_ACCOUNT = "member opening credited interest losses redeemed balance vintages"
ASKED = {
    "members": Asked((), lambda coop: coop.members(), MEMBERS, _ACCOUNT),
    "period": Asked(("--period", "2025"), lambda coop: coop.members(None, "2025"), MEMBERS, _ACCOUNT),
    "quarter": Asked(("--period", "2025-Q2"), lambda coop: coop.members(None, "2025-Q2"), MEMBERS, _ACCOUNT),
    "interest": Asked(
        ("--interest", "2025"),
        lambda coop: coop.interest("2025"),
        INTEREST,
        "period rows owed posted missing transaction",
    ),
    "queue": Asked(("--queue",), lambda coop: coop.queue(_day()), QUEUE, "member period account amount redeem_on due"),
    "debts": Asked(
        ("--debts",),
        lambda coop: coop.debts(_day()),
        DEBTS,
        "member exit cause capital deductions set_off owed paid balance instalments",
    ),
    "redeem": Asked(
        ("--redeem", "100.00"),
        lambda coop: coop.redemption(Decimal("100.00"), _day(), None),
        REDEMPTION,
        "as_of asked redeemed left transaction queue",
    ),
}
INNER = {
    "vintages": "period amount redeem_on",
    "instalments": "due principal interest amount paid",
    "queue": "member period account amount redeem_on due",
}


def _day() -> date:
    return date.fromisoformat(DAY)


def run(*args: object) -> Result:
    """A command, run in this process."""
    return CliRunner().invoke(main, [str(arg) for arg in args])


@cache
def asked(ledger: Path, how: str, *more: str) -> Result:
    """`members` with the options of one way to ask: run once for all tests that read what it prints."""
    return run("members", ledger, *ASKED[how].options, "--as-of", DAY, *more)


def assert_one_line(result: Result, *words: str) -> None:
    """Exit code 2, nothing on stdout, and one line on stderr that is no traceback and no apology."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.endswith("\n")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    assert "should not have happened" not in result.stderr
    for word in words:
        assert word in result.stderr


def rows_of(data: Any) -> list[Any]:
    return data if isinstance(data, list) else [data]


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every text, number and truth value in an answer, with the key it stands under."""
    match value:
        case dict():
            for name, inner in value.items():
                yield from leaves(inner, name)
        case list():
            for inner in value:
                yield from leaves(inner, key)
        case None:
            pass
        case _:
            yield key, value


def table_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def beans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Beancount's own example with our plugin line: books of somebody who never heard of cooperatives."""
    span = ("--seed", "1", "--date-begin", "2023-06-01", "--date-end", "2025-02-01")
    program = Path(sys.executable).with_name("bean-example")
    written = subprocess.run([program, *span], capture_output=True, text=True, check=True)
    path = tmp_path_factory.mktemp("beans") / "main.beancount"
    path.write_text('plugin "coopbooks.plugins"\n' + written.stdout, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def books(beans: Path) -> dict[str, Path]:
    return {"bakery": shipped("bakery"), "colab": shipped("colab"), "beans": beans}


@pytest.fixture(scope="module")
def coops(books: dict[str, Path]) -> dict[str, Cooperative]:
    return {name: coopbooks.load(path) for name, path in books.items()}


NAMES = ("bakery", "colab", "beans")


# -- members ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", ASKED)
def test_json_is_what_the_library_answers(
    name: str, how: str, books: dict[str, Path], coops: dict[str, Cooperative]
) -> None:
    result = asked(books[name], how, "--format", "json")
    answer = ASKED[how].library(coops[name])
    assert result.stdout == answer.to_json() + "\n"
    assert result.exit_code == int(answer.breaks)
    assert result.stderr == ""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", ASKED)
def test_json_has_the_keys_and_figures_of_the_interface(name: str, how: str, books: dict[str, Path]) -> None:
    data = json.loads(asked(books[name], how, "--format", "json").stdout)
    for row in rows_of(data):
        assert set(row) >= set(ASKED[how].keys.split())
        for inside, keys in INNER.items():
            assert all(set(each) >= set(keys.split()) for each in row.get(inside) or ())
    for key, value in leaves(data):
        if key in MONEY and not isinstance(value, bool):
            assert WHOLE.fullmatch(value), (key, value)
        assert not isinstance(value, float), key
        if key in ("due", "redeem_on", "buy_in_due", "exit", "as_of") and isinstance(value, str):
            assert date.fromisoformat(value) > date(2000, 1, 1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", ASKED)
def test_csv_holds_every_figure_of_the_json_under_its_columns(name: str, how: str, books: dict[str, Path]) -> None:
    result = asked(books[name], how, "--format", "csv")
    columns = ASKED[how].form.columns
    assert result.stdout.splitlines()[0] == ",".join(columns)
    assert len(set(columns)) == len(columns)
    rows = table_of(result.stdout)
    assert all(set(row) == set(columns) for row in rows)
    data = json.loads(asked(books[name], how, "--format", "json").stdout)
    cells = {cell for row in rows for cell in row.values()}
    wanted = data["rows"] if how == "interest" else data
    missing = {
        str(value)
        for _, value in leaves(wanted)
        if not isinstance(value, bool) and str(value).replace("\r\n", "\n") not in cells
    }
    assert missing == set()
    assert result.stderr == ""


@pytest.mark.parametrize("name", ["bakery", "colab"])
@pytest.mark.parametrize("how", [how for how in ASKED if how != "redeem"])
def test_the_table_shows_the_sums_of_the_json_as_a_person_reads_them(
    name: str, how: str, books: dict[str, Path]
) -> None:
    shown = asked(books[name], how)
    assert shown.exit_code == 0
    assert shown.stderr == ""
    assert "\x1b" not in shown.stdout
    data = json.loads(asked(books[name], how, "--format", "json").stdout)
    for row in data["rows"] if how == "interest" else data:
        assert row["member"] in shown.stdout
        for key in ("balance", "owed", "amount"):
            if key in row:
                assert grouped(row[key]) in shown.stdout


@pytest.mark.parametrize("name", ["bakery", "colab"])
def test_the_years_of_each_account_follow_from_one_another(
    name: str, books: dict[str, Path], coops: dict[str, Cooperative]
) -> None:
    """opening + credited + interest - losses - redeemed = balance, in each year and over all; each opens as one closed."""

    def accounts(*more: str) -> dict[str, dict[str, Any]]:
        return {row["member"]: row for row in json.loads(run("members", books[name], "--format", "json", *more).stdout)}

    def adds_up(row: dict[str, Any]) -> bool:
        flows = {key: Decimal(row[key]) for key in ("opening", "credited", "interest", "losses", "redeemed", "balance")}
        came = flows["opening"] + flows["credited"] + flows["interest"]
        return came - flows["losses"] - flows["redeemed"] == flows["balance"]

    years = [accounts("--period", period) for period in coops[name].periods()]
    assert len(years) > 1
    for before, after in pairwise(years):
        for member, row in after.items():
            assert row["opening"] == before.get(member, {"balance": "0.00"})["balance"], member
    assert all(adds_up(row) for year in (*years, accounts()) for row in year.values())
    for row in years[-1].values():
        assert sum((Decimal(each["amount"]) for each in row["vintages"]), Decimal(0)) == Decimal(row["balance"])


def test_books_without_a_cooperative_have_empty_answers(beans: Path) -> None:
    for how in ("members", "period", "quarter", "queue", "debts"):
        result = asked(beans, how, "--format", "json")
        assert (result.exit_code, json.loads(result.stdout)) == (0, [])
        assert len(asked(beans, how, "--format", "csv").stdout.splitlines()) == 1
        assert "no cooperative record" in asked(beans, how).stdout
    interest = json.loads(asked(beans, "interest", "--format", "json").stdout)
    assert (interest["rows"], interest["transaction"], interest["rule"]) == ([], None, None)
    redemption = asked(beans, "redeem")
    assert (redemption.exit_code, redemption.stdout) == (0, "")
    assert "no capital can be paid back" in redemption.stderr


def test_one_member_and_one_year_go_together() -> None:
    rows = json.loads(
        run("members", shipped("bakery"), "--member", "ada", "--period", "2024", "--format", "json").stdout
    )
    assert [row["member"] for row in rows] == ["ada"]


def test_an_exit_is_proposed_once_and_has_its_keys() -> None:
    result = run("members", shipped("bakery"), "--exit", "dmitri", "--format", "json")
    data = json.loads(result.stdout)
    assert set(data) == set(EXIT.columns) == {"member", "exit", "cause", "rule", "transaction"}
    assert (data["member"], data["exit"], data["cause"]) == ("dmitri", "2025-09-01", "resignation")
    (row,) = table_of(run("members", shipped("bakery"), "--exit", "dmitri", "--format", "csv").stdout)
    assert row["exit"] == "2025-09-01"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--period", "springtime"], '"springtime" is no period'),
        (["--period", ""], '"" is no period'),
        (["--period", "2025-13"], '"2025-13" is no period'),
        (["--interest", "2025-03"], ""),
        (["--interest", "soon"], '"soon" is no period'),
        (["--member", "zoe"], 'no member "zoe"'),
        (["--exit", "zoe"], "zoe"),
        (["--exit", "ada"], "ada"),
        (["--redeem", "lots"], '"lots" is no sum of money: write it as 1500.00'),
        (["--redeem", "-5"], '"-5" is no sum of money'),
        (["--redeem", "1e3"], '"1e3" is no sum of money'),
        (["--from", "Assets:Bank"], "--redeem"),
        (["--queue", "--redeem", "5"], "only one of"),
        (["--debts", "--member", "ada"], "only one of"),
        (["--period", "2025", "--debts"], "--period"),
        (["--as-of", "30.6.2026"], '"30.6.2026" is no date'),
        (["--nonsense"], "no such option"),
    ],
)
def test_a_wrong_call_of_members_is_one_line(options: list[str], words: str) -> None:
    assert_one_line(run("members", shipped("bakery"), *options), words)


def test_money_comes_from_an_account_that_is_there() -> None:
    args = ["members", shipped("colab"), "--redeem", "100", "--as-of", "2027-06-30", "--from"]
    assert "Assets:Checking          -100.00 USD" in run(*args, "Assets:Checking").stdout
    for name in ("Nowhere", "Assets:Nowhere", "Equity:Surplus", "Assets:Checking\n  Assets:Other", ""):
        assert_one_line(run(*args, name), "is no account of Assets that is open on 2027-06-30")


def test_a_period_that_is_none_is_refused_by_books_without_a_cooperative_too(beans: Path) -> None:
    for option in ("--period", "--interest"):
        assert_one_line(run("members", beans, option, "springtime"), '"springtime" is no period')


sums = st.text(st.sampled_from("0123456789.,-+eE _€１٣NaInf"), max_size=12)


@given(sums)
@example("0")
@example("0.00")
@example("0.001")
@example("1,2,3")
@example("99999999999999999999.99")
@example("5" * 400)
@example("٣")
def test_a_sum_is_one_or_is_refused_in_one_line(text: str) -> None:
    result = run("members", shipped("colab"), f"--redeem={text}", "--as-of", "2027-06-30", "--format", "json")
    if result.exit_code == 2:
        assert_one_line(result)
        assert not re.fullmatch(r"[1-9][0-9]{0,14}(\.[0-9]{1,2})?", text)
    else:
        assert Decimal(json.loads(result.stdout)["asked"]) == Decimal(text.replace(",", ""))


@given(cents=st.integers(1, 10**8), months=st.integers(0, 47))
def test_what_is_paid_back_and_what_is_left_make_the_sum(
    cents: int, months: int, coops: dict[str, Cooperative]
) -> None:
    """Whole cents, nobody below zero, and the oldest vintage first: a younger one is touched only when it is used up."""
    day = date(2026 + months // 12, months % 12 + 1, 28)
    for name in ("bakery", "colab"):
        found = coops[name].redemption(Decimal(cents).scaleb(-2), day)
        paid = [(each.account, Decimal(each.amount)) for each in found.payouts]
        assert sum((amount for _, amount in paid), Decimal(found.left)) == Decimal(found.asked) == Decimal(cents) / 100
        waiting = {each.account: Decimal(each.amount) for each in found.queue}
        assert all(0 < amount <= waiting[account] for account, amount in paid)
        years = sorted({each.period for each in found.payouts})
        older = [
            each
            for each in found.queue
            if each.due and each.period is not None and each.period < max(years, default="")
        ]
        assert all(dict(paid).get(each.account) == Decimal(each.amount) for each in older)


# -- models and init -------------------------------------------------------------------------------------


def test_models_are_listed_with_their_sources() -> None:
    data = json.loads(run("models", "--format", "json").stdout)
    assert data == bylaw_models().to_data()
    assert data
    assert all(set(row) == {"id", "title", "law", "read_on"} for row in data)
    assert all(row["law"] and date.fromisoformat(row["read_on"]) <= date(2100, 1, 1) for row in data)
    assert [row["id"] for row in data] == sorted(row["id"] for row in data)
    head, *rows = run("models", "--format", "csv").stdout.splitlines()
    assert (head, len(rows)) == (",".join(MODELS.columns), len(data))
    shown = run("models")
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert all(row["id"] in shown.stdout for row in data)


def test_new_books_are_whole_and_nothing_is_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "Río Books"
    model = json.loads(run("models", "--format", "json").stdout)[0]["id"]
    args = ["init", folder, "--model", model, "--start", "2025-01-01", "--members", "3"]
    dry = run(*args, "--dry-run")
    assert dry.exit_code == 0
    assert not folder.exists()
    made = run(*args)
    assert (made.exit_code, made.stderr) == (0, "")
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert before
    assert all(str(file.relative_to(folder)) in made.stdout for file in before)
    main_file = folder / "main.beancount"
    assert run("check", main_file).exit_code == 0
    for how in ("members", "queue", "debts"):
        assert asked(main_file, how, "--format", "json").exit_code == 0
    assert_one_line(run(*args), "Río Books")
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--model", "atlantis"], "atlantis"),
        ([], "missing option '--model'"),
        (["--model", "colab", "--currency", "euro"], '"euro" is no currency: write its three capitals'),
        (["--model", "colab", "--members", "-1"], '"-1" is no number of members'),
        (["--model", "colab", "--members", "1.5"], '"1.5" is no number of members'),
        (["--model", "colab", "--members", "99999"], '"99999" is no number of members'),
        (["--model", "colab", "--members", "٣"], '"٣" is no number of members'),
        (["--model", "colab", "--start", "1.1.2025"], '"1.1.2025" is no date'),
        (["--model", "colab", "--title", "a\nb"], "a title is one line"),
        (["--model", "colab", "--title", "x" * 201], "a title is one line"),
    ],
)
def test_a_wrong_call_of_init_is_one_line_and_writes_nothing(options: list[str], words: str, tmp_path: Path) -> None:
    assert_one_line(run("init", tmp_path / "new", *options), words)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    model = json.loads(run("models", "--format", "json").stdout)[0]["id"]
    assert_one_line(run("init", tmp_path, "--model", model), str(tmp_path))
    assert [file.name for file in tmp_path.iterdir()] == ["note.txt"]


# -- statements ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bakery", "colab"])
def test_statements_are_files_with_their_digests(name: str, books: dict[str, Path], tmp_path: Path) -> None:
    args = ["statements", books[name], "2025", "-o", tmp_path, "--only", "csv", "--as-of", DAY, "--format"]
    result = run(*args, "json")
    assert (result.exit_code, result.stderr) == (0, "")
    rows = json.loads(result.stdout)
    assert rows
    for row in rows:
        assert set(row) == set(STATEMENTS.columns) == {"file", "sha256", "written"}
        assert sha256((tmp_path / "2025" / row["file"]).read_bytes()).hexdigest() == row["sha256"]
        assert row["written"] is True
    again = table_of(run(*args, "csv").stdout)
    assert [(row["file"], row["sha256"], row["written"]) for row in again] == [
        (row["file"], row["sha256"], "false") for row in rows
    ]
    shown = run(*args, "table")
    assert "nothing was changed" in " ".join(shown.stdout.split())


def test_books_without_a_cooperative_have_no_statements(beans: Path, tmp_path: Path) -> None:
    for shape, wanted in (("json", "[]\n"), ("csv", "file,sha256,written\n")):
        result = run("statements", beans, "2025", "-o", tmp_path / "out", "--as-of", DAY, "--format", shape)
        assert (result.exit_code, result.stdout, result.stderr) == (0, wanted, "")
    assert "no cooperative record" in run("statements", beans, "2025", "-o", tmp_path / "out", "--as-of", DAY).stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["2025"], "missing option '-o'"),
        (["next", "-o", "out"], '"next" is no period'),
        (["2025-03", "-o", "out"], "2025-03"),
        (["2031", "-o", "out"], "2031"),
        (["2025", "-o", "out", "--only", "doc"], "'doc' is not one of"),
        (["2025", "-o", "out", "--fonts", "nowhere"], "nowhere"),
        (["2025", "-o", "out", "--as-of", "soon"], '"soon" is no date'),
    ],
)
def test_a_wrong_call_of_statements_is_one_line_and_writes_nothing(
    args: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert_one_line(run("statements", shipped("bakery"), *args), words)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "2025").mkdir()
    (tmp_path / "2025" / "letter.txt").write_text("mine")
    args = ["statements", shipped("bakery"), "2025", "-o", tmp_path, "--only", "csv", "--as-of", DAY]
    for more in ([], ["--replace"]):
        assert_one_line(run(*args, *more), "2025")
    assert [file.name for file in (tmp_path / "2025").iterdir()] == ["letter.txt"]


# -- import ----------------------------------------------------------------------------------------------

SHEET = "Who,Day,Hours\n{}\n"
MAPPING = """kind = "hours"
source = "sheet"

[columns]
person = "Who"
date = "Day"

[[hours]]
column = "Hours"
pay = "unpaid"
account = "{}"
"""


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[[str, str], list[object]]:
    """Writes a sheet and its mapping, and returns the options of the command."""

    def write(account: str, row: str) -> list[object]:
        (tmp_path / "map.toml").write_text(MAPPING.format(account), encoding="utf-8")
        (tmp_path / "sheet.csv").write_text(SHEET.format(row), encoding="utf-8")
        return [tmp_path / "sheet.csv", "--mapping", tmp_path / "map.toml"]

    return write


def a_worker(name: str, coops: dict[str, Cooperative]) -> tuple[str, str]:
    """A member of the books, and an open account of their wages."""
    facts = coops[name].facts
    members: list[Any] = [records[-1] for records in facts.by_kind["member"].values()]
    person, wages = next((record.id, record.wages[0]) for record in members if record.wages)
    return person, next(account for account in sorted(facts.accounts) if below(account, wages))


@pytest.mark.parametrize("name", ["bakery", "colab"])
def test_an_import_has_its_keys_in_every_form(
    name: str,
    books: dict[str, Path],
    coops: dict[str, Cooperative],
    sheet: Callable[[str, str], list[object]],
    tmp_path: Path,
) -> None:
    person, account = a_worker(name, coops)
    args = ["import", books[name], *sheet(account, f"{person},2025-03-03,7:30"), "--into", tmp_path / "in.beancount"]
    data = json.loads(run(*args, "--dry-run", "--format", "json").stdout)
    assert set(data) == set(IMPORT.columns) == {"entries", "added", "already", "notes", "written"}
    assert (data["added"], data["already"], data["notes"], data["written"]) == (1, 0, [], False)
    assert not (tmp_path / "in.beancount").exists()
    (row,) = table_of(run(*args, "--dry-run", "--format", "csv").stdout)
    assert (row["entries"], row["added"], row["written"]) == (data["entries"], "1", "false")
    assert f'worker: "{person}"' in run("import", books[name], *args[2:5]).stdout
    done = run(*args)
    assert (done.exit_code, done.stdout) == (0, f"{tmp_path / 'in.beancount'}: 1 entry appended from {args[2]}.\n")
    assert "does not hold" in done.stderr
    assert json.loads(run(*args, "--format", "json").stdout)["already"] == 1


def test_books_without_a_cooperative_take_an_empty_sheet_and_know_nobody(
    beans: Path, sheet: Callable[[str, str], list[object]]
) -> None:
    result = run("import", beans, *sheet("Expenses:Wages", ""), "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == {"entries": None, "added": 0, "already": 0, "notes": [], "written": False}
    refused = run("import", beans, *sheet("Expenses:Wages", "ada,2025-03-03,1"))
    assert_one_line(refused, 'sheet.csv:2: the ledger does not know "ada" (line 2): say who they are in [people]')


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["sheet.csv"], "missing option '--mapping'"),
        (["--mapping", "map.toml"], "missing argument 'FILE'"),
        (["sheet.csv", "--mapping", "nowhere.toml"], "nowhere.toml: the mapping cannot be read"),
        (["nowhere.csv", "--mapping", "map.toml"], "nowhere.csv: the file cannot be read"),
        (["sheet.csv", "--mapping", "sheet.csv"], "sheet.csv:1: this is no TOML"),
        (["map.toml", "--mapping", "map.toml"], 'map.toml:1: there is no column "Who"'),
        (["sheet.csv", "--mapping", "map.toml", "--into", "no/such/folder.beancount"], "it has no folder yet"),
        (["sheet.csv", "--mapping", "map.toml", "--into", "."], "this is no plain file"),
        (["sheet.csv", "--mapping", "map.toml", "--format", "xml"], "'xml' is not one of"),
    ],
)
def test_a_wrong_call_of_import_is_one_line(
    args: list[str],
    words: str,
    sheet: Callable[[str, str], list[object]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sheet("Expenses:Wages:Bakehouse", "ada,2025-03-03,7:30")
    monkeypatch.chdir(tmp_path)
    assert_one_line(run("import", shipped("bakery"), *args), words)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["map.toml", "sheet.csv"]


# -- all of them -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["members", "statements", "models", "init", "import"])
def test_every_new_command_has_a_help_page_with_an_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"Example:   coopbooks {command}" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100
    assert command in run("--help").stdout


@pytest.mark.parametrize("command", ["members", "statements", "import"])
@pytest.mark.parametrize(("name", "words"), [("missing.beancount", "does not exist"), (".", "is a folder")])
def test_a_ledger_that_is_none_is_one_line(command: str, name: str, words: str, tmp_path: Path) -> None:
    more: dict[str, list[object]] = {
        "members": [],
        "statements": ["2025", "-o", tmp_path / "out"],
        "import": ["x.csv", "--mapping", "x.toml"],
    }
    assert_one_line(run(command, tmp_path / name, *more[command]), words)
    assert list(tmp_path.iterdir()) == []
