"""A ledger for each message: `ledgers/broken/` shows every sentence with which coopbooks refuses something.

Beside each ledger stands what is said about it, line by line. Here it is held that just that is said, by the library
and by bean-check; that no message of the source is without a ledger; and that whoever does what a message says is
rid of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from beancount.scripts.check import main as bean_check
from click.testing import CliRunner
from cures import CURES
from templates import templates_of

import coopbooks
from coopbooks.cooperative import Cooperative
from coopbooks.errors import CoopbooksError

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "ledgers" / "broken"
SUFFIX = ".beancount"

NUMBERS = {"drand-5000000": "0123abcd", "lotto-2026-05-02": "4.8.15.16.23.42."}  # of the lotteries

# Ledgers that are in order as they stand, or nearly, and a question that they cannot answer.
CALLS: dict[str, Callable[[Cooperative], Any]] = {
    "call-audit-by-another-profile": lambda coop: coop.audit(date(2026, 5, 10), "full"),
    "call-audit-file-without-profile": lambda coop: coop.audit(date(2026, 5, 10), coop.path),
    "call-audit-of-a-month": lambda coop: coop.audit(date(2026, 5, 10), period="2025-03"),
    "call-audit-of-a-year-to-come": lambda coop: coop.audit(date(2026, 5, 10), period="2027"),
    "call-audit-profile-unknown": lambda coop: coop.audit(date(2026, 5, 10), "bakers"),
    "call-audit-unknown": lambda coop: coop.audit(date(2026, 5, 9), audit="LA-2026"),
    "call-close-account-closed": lambda coop: coop.close("2025"),
    "call-close-account-opened-late": lambda coop: coop.close("2025"),
    "call-close-by-unknown-decision": lambda coop: coop.close("2025", decision="D-2026-02"),
    "call-close-corrected-year": lambda coop: coop.close("2025"),
    "call-close-place-hidden": lambda coop: coop.close("2024", as_of=date(2025, 1, 5)),
    "call-draw-early": lambda coop: coop.draw("LA-2026", NUMBERS, date(2026, 5, 2)),
    "call-draw-other-source": lambda coop: coop.draw("LA-2026", {"dice": "421"}, date(2026, 5, 3)),
    "call-draw-pool-changed": lambda coop: coop.draw("LA-2026", NUMBERS, date(2026, 5, 3)),
    "call-draw-twice": lambda coop: coop.draw("LA-2026", NUMBERS, date(2026, 5, 4)),
    "call-draw-unknown": lambda coop: coop.draw("LA-2027", as_of=date(2026, 5, 3)),
    "call-entry-missing": lambda coop: coop.surplus("2025"),
    "call-exit-before-the-close": lambda coop: coop.exit("m02"),
    "call-exit-of-a-member": lambda coop: coop.exit("m02"),
    "call-exit-too-early": lambda coop: coop.exit("m02"),
    "call-fund-unknown": lambda coop: coop.fund_entries("solidarity"),
    "call-member-of-empty-books": lambda coop: coop.members("m01"),
    "call-member-unknown": lambda coop: coop.members("m09"),
    "call-number-too-large": lambda coop: coop.check(),
    "call-period-unknown": lambda coop: coop.wages("March"),
    "call-published-twice": lambda coop: coop.published(),
    "call-published-value": lambda coop: coop.published(),
    "call-published-values": lambda coop: coop.published(),
    "call-redeem-from-nowhere": lambda coop: coop.redemption(Decimal(100), date(2026, 6, 30), "Assets:Till"),
    "call-redeem-from-which": lambda coop: coop.redemption(Decimal(100), date(2026, 6, 30)),
    "call-redeem-nothing": lambda coop: coop.redemption(Decimal(0), date(2026, 6, 30)),
    "call-redeem-without-money": lambda coop: coop.redemption(Decimal(100), date(2026, 6, 30)),
    "call-seal-unknown": lambda coop: coop.seal_page("2025"),
    "call-snapshot-of-a-year": lambda coop: coop.snapshot("2025", date(2026, 1, 10)),
    "call-snapshot-too-early": lambda coop: coop.snapshot("2025-06", date(2025, 6, 30)),
    "call-year-before-the-first": lambda coop: coop.surplus("2019"),
    "call-year-is-a-month": lambda coop: coop.surplus("2025-03"),
    "call-year-of-empty-books": lambda coop: coop.surplus("2025"),
    "call-year-without-books": lambda coop: coop.surplus("2031"),
}

# What is an error from a day on: `coopbooks check --as-of` says it, bean-check knows no day.
AS_OF: dict[str, date] = {
    "trigger-assembly-due": date(2026, 7, 2),
    "trigger-defaulted": date(2026, 7, 9),
    "trigger-early-assembly": date(2026, 6, 9),
    "trigger-unknown": date(2026, 6, 5),
}

# A plugin gets what Beancount made of the file, the library reads the file itself.
SEEN_BY_THE_LIBRARY_ONLY = {
    "records-field-doubled": "of two lines with one field Beancount keeps the last, and a plugin sees no other",
    "records-field-reserved": "Beancount writes its own file name over the field",
}
# What bean-check says of these, the library does not; what it says instead.
SEEN_BY_BEAN_CHECK_ONLY: dict[str, list[str]] = {
    "records-plugin-setting": [],  # the library asks the rules itself, whatever the plugin line says
    "close-not-judged": [  # the plugin of this ledger does not read the form of records, and so says less
        'close-not-judged.beancount:17: allocation "reserve" has no field "shar": did you mean "share"?'
    ],
}

NAMES = sorted(path.stem for path in FOLDER.glob(f"*{SUFFIX}"))
CHECKED = [name for name in NAMES if name not in CALLS]


def text(name: str) -> str:
    return (FOLDER / f"{name}{SUFFIX}").read_text(encoding="utf-8")


def expected(name: str) -> list[str]:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def checked(path: Path) -> list[str]:
    """What the library says about a ledger: `place: message`, sorted."""
    errors = coopbooks.load(path).check(AS_OF.get(path.stem)).to_data()["errors"]
    return sorted(f"{error['place']}: {error['message']}" for error in errors)


def bean_checked(path: Path) -> list[str]:
    """What bean-check says about a ledger, in the same form: every line of it."""
    ran = CliRunner().invoke(bean_check, [str(path)])
    lines = [line for line in ran.stderr.splitlines() if line.strip()]
    return sorted(line.removeprefix(f"{path.parent}/") for line in lines)


@pytest.fixture
def copied(tmp_path: Path) -> Callable[..., Path]:
    """Writes a copy of a ledger, so that Beancount leaves nothing of its own beside the ledgers that we ship."""

    def copy(name: str, content: str | None = None) -> Path:
        path = tmp_path / f"{name}{SUFFIX}"
        path.write_text(text(name) if content is None else content, encoding="utf-8")
        return path

    return copy


# -- what is said ----------------------------------------------------------------------------------------------------


def test_every_ledger_has_its_text_and_every_text_its_ledger() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.txt")) == NAMES
    assert {*CALLS, *AS_OF, *SEEN_BY_THE_LIBRARY_ONLY, *SEEN_BY_BEAN_CHECK_ONLY} <= set(NAMES)
    assert {name for name in NAMES if name.startswith("call-")} == set(CALLS)


@pytest.mark.parametrize("name", CHECKED)
def test_says_just_what_is_wrong(name: str) -> None:
    said = SEEN_BY_BEAN_CHECK_ONLY.get(name, expected(name))
    assert checked(FOLDER / f"{name}{SUFFIX}") == said


@pytest.mark.parametrize("name", CHECKED)
def test_bean_check_says_the_same(name: str, copied: Callable[..., Path]) -> None:
    said = [] if name in {*SEEN_BY_THE_LIBRARY_ONLY, *AS_OF} else expected(name)
    assert bean_checked(copied(name)) == said


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_cannot_be_served_says_why(name: str) -> None:
    with pytest.raises(CoopbooksError) as refused:
        CALLS[name](coopbooks.load(FOLDER / f"{name}{SUFFIX}"))
    assert [str(refused.value)] == expected(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_treasurer_can_read_it(name: str) -> None:
    """A comment says what was done wrong; each message is one line at a place, with a cure at its end."""
    assert text(name).startswith("; The treasurer ")
    assert expected(name)
    for line in expected(name):
        assert "Traceback" not in line
        assert "coopbooks itself failed" not in line
        message = line
        if name not in CALLS:
            place, _, message = line.partition(": ")
            assert re.fullmatch(re.escape(name) + r"\.beancount:[1-9][0-9]*", place), line
        assert re.search(r": \S|\?$", message), f"no cure: {line}"


# -- what cures it ---------------------------------------------------------------------------------------------------


def test_every_message_has_its_cure() -> None:
    assert set(CURES) == set(CHECKED)


@pytest.mark.parametrize("name", CHECKED)
def test_whoever_does_what_the_message_says_is_rid_of_it(name: str, copied: Callable[..., Path]) -> None:
    content = text(name)
    for stands, written in CURES[name]:
        assert stands in content
        content = content.replace(stands, written, 1)
    assert bean_checked(copied(name, content)) == []
    assert checked(copied(name, content)) == []


# -- that nothing is without a ledger --------------------------------------------------------------------------------

SOURCES = sorted(
    path.relative_to(ROOT).as_posix()
    for where in ("coopbooks", "coopbooks/records", "coopbooks/rules", "coopbooks/books", "plugins")
    for path in (ROOT / where).glob("*.py")
)

# What no ledger can show: how the sentence begins, and why.
OTHERWISE = {
    "coopbooks itself failed here": "a fault of coopbooks: test_nonsense.py makes one",
    "only whole units can be divided": "the rules give `split` whole units only: test_money.py",
    "nothing can be divided by weights": "the rules ask first whether anybody has any: test_money.py",
    "a weight is a float": "no rule has a float: test_money.py",
    "a weight of": "the rules refuse it before, by name: test_money.py",
    "a weight is not a finite number": "no ledger can write one: test_money.py",
    "this is no text of facts": "no ledger is read: test_facts.py",
    "is a folder": "no ledger is read: below",
    "does not exist: give the path": "no ledger is read: below",
    "cannot be read": "no ledger is read: below",
    "is not text in UTF-8": "no ledger is read: below",
    "is a web page": "no ledger is read: below",
    "a number in this line is divided by zero": "a ledger that would end bean-check without a word: test_zero.py",
    ": the ledger was not read, since": "no ledger is read: test_safe.py",
    "its reading was stopped (": "no ledger is read: test_safe.py",
    "its reading crashed (": "no ledger is read: test_safe.py",
    "without an answer": "no ledger is read: test_safe.py",
    "it takes more than": "a ledger too large for a test: test_safe.py",
    "it says more than": "a ledger too large for a test: test_safe.py",
    "the package": "an installation that is broken: test_safe.py",
    "more findings are not named": "more than anybody would write: test_safe.py",
    "` was added, which may change": "what became of a ledger since a report: test_verify.py",
    ": what was added cannot be read": "what became of a ledger since a report: test_verify.py",
    "dated": "what became of a ledger since a report: test_verify.py",
    'is "': "an environment that asks for no time: test_safe.py",
    "ask the sender for a ledger without what stands there": "no ledger is read: test_safe.py",
    "more entries could not be taken": "more than anybody would write: test_safe.py",
}
SHOWN = [line for path in FOLDER.glob("*.txt") for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("source", SOURCES)
def test_every_message_of_the_source_is_shown_by_a_ledger(source: str) -> None:
    templates = templates_of((ROOT / source).read_text(encoding="utf-8"))
    missing = [
        f"{source}:{template.line}: {' … '.join(template.parts)}"
        for template in templates
        if not any(template.is_in(line) for line in SHOWN)
        and not any(template.parts[0].startswith(start) for start in OTHERWISE)
    ]
    assert missing == []


def test_no_exception_to_that_is_out_of_date() -> None:
    every = [template for source in SOURCES for template in templates_of((ROOT / source).read_text(encoding="utf-8"))]
    assert len(every) > 150
    for start in OTHERWISE:
        assert any(template.parts[0].startswith(start) for template in every), start


def test_templates_are_found_wherever_they_are_written() -> None:
    source = """
    def check(record, other):
        cure = "mend it" if record else "take it out"
        for fault in faults(record):
            yield Finding(place, "rule", f"{record} {fault}: {cure}")
        wrong = []
        wrong.append("is wrong in itself")
        for each in wrong:
            raise SurplusRefused(each if other else f"cannot be {other} at all")

    def faults(record):
        yield from more(record)
        what, where = "is too long", record.place
        yield what

    def more(record) -> Iterator[str]:
        text = record and f"is not {record}"
        yield text

    def unrelated():
        return "is no message"
    """
    found = {template.parts for template in templates_of(dedent(source))}
    assert found == {
        ("mend it",),
        ("take it out",),
        ("is too long",),
        ("is wrong in itself",),
        ("is not",),
        ("cannot be", "at all"),
    }


def test_what_is_no_ledger_is_refused_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusal(path: Path) -> str:
        with pytest.raises(CoopbooksError) as refused:
            coopbooks.load(path)
        return str(refused.value).replace(str(tmp_path), "books")

    ledger = tmp_path / "main.beancount"
    assert refusal(ledger) == ("books/main.beancount does not exist: give the path of the ledger's top-level file")
    assert refusal(tmp_path) == "books is a folder: give the ledger's top-level file, as books/main.beancount"
    ledger.write_bytes(b"\xff\xfe\x00")
    assert refusal(ledger) == "main.beancount is not text in UTF-8: give the ledger's top-level file"

    ledger.write_text("\n<!doctype html>\n", encoding="utf-8")
    assert refusal(ledger) == "main.beancount is a web page: give the ledger's top-level file, as main.beancount"

    def forbidden(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", forbidden)
    assert refusal(ledger) == "main.beancount cannot be read: Permission denied: check the file's rights"
