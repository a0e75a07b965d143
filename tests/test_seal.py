"""Seals: every single change of a sealed year is found, and nothing is said of a ledger that is only written otherwise."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from beancount import loader
from beancount.core.data import Document
from beancount.parser import parser
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import OPTIONS, Books, books, directives

from coopbooks import load
from coopbooks.answers import Seal
from coopbooks.books.canonical import all_directives, canonical_text
from coopbooks.books.entries import Places, _by_class, facts_of
from coopbooks.books.sealing import sealed_fault
from coopbooks.books.text import seal_text
from coopbooks.bylaws import Bylaws
from coopbooks.cli.program import main
from coopbooks.cooperative import Cooperative
from coopbooks.errors import Finding, UnknownName
from coopbooks.facts import Facts
from coopbooks.records.surplus import Seal as SealRecord
from coopbooks.rules.seals import new_seal, root_of, seal_findings, short_form

Ledger = Callable[..., Path]
LONG = os.environ.get("COOPBOOKS_LONG") == "1"
LATER = date(2030, 1, 1)

# A directive of every sort, beside the random ones: what Beancount can say, and amounts that it fills in.
RICH = [
    '2024-01-01 commodity ACME\n  name: "Acme"\n  precision: 2',
    '2024-01-01 open Assets:Stock ACME,EUR "FIFO"\n  liquid: TRUE',
    "2024-01-01 open Assets:Till",
    "2024-01-01 open Equity:Rounding EUR",
    (
        '2024-02-01 ! "The exchange" "Shares" #strike #union ^order-7\n  broker: "ex-1"\n'
        '  Assets:Stock  10 ACME {2.50 EUR, "lot"}\n    since: 2024-01-31\n  Assets:Bank  -25.00 EUR'
    ),
    '2024-03-05 * "Shares sold"\n  Assets:Stock  -4 ACME {} @ 3.00 EUR\n  Assets:Bank  12.00 EUR\n  Income:Sales',
    '2024-03-06 * "In dollars"\n  Assets:Till  1000.00 USD @@ 900.00 EUR\n  ! Assets:Bank',
    "2024-04-01 price ACME 3.10 EUR",
    "2024-04-02 price USD 0.91 EUR",
    '2024-04-03 note Assets:Bank "the terms were changed" #bank',
    '2024-04-04 event "location" "Oak Street"',
    '2024-04-05 query "what" "SELECT account"',
    '2024-04-06 custom "budget" Expenses:Costs "monthly" 400.00 EUR TRUE 2024-05-01 3',
    "2024-05-01 pad Assets:Till Equity:Rounding",
    "2024-05-31 balance Assets:Till 1,010.00 ~ 0.01 EUR",
    "2024-06-01 balance Assets:Stock 6 ACME",
    '2024-06-02 custom "coop" "decision" "D-1"\n  matter: "a mill"\n  for: 9\n  strategic: TRUE\n  published: 2024-06-05',
    "2024-07-01 close Equity:Rounding",
    "2026-12-30 open Assets:Tomorrow",
]


def facts(text: str) -> Facts:
    entries, _, options = loader.load_string(OPTIONS + text)
    return facts_of(entries, options, padded=True)


def sealed(text: str, *years: str) -> str:
    """The text with the seals of these years behind it, over all that it says."""
    for year in years:
        entries, _, options = loader.load_string(OPTIONS + text)
        rules = Bylaws(facts_of(entries, options, padded=True))
        rows = all_directives(_by_class(entries), options, Places("").files, LATER)
        found = new_seal(rules, rules.calendar.named(year), rows)
        assert found is not None
        text = f"{text}\n\n{seal_text(found)}"
    return text


def faults(text: str) -> list[Finding]:
    return seal_findings(Bylaws(facts(text)))


def joined(texts: Iterable[str]) -> str:
    return "\n\n".join(texts) + "\n"


def seal_alone(text: str) -> str:
    return text[text.index('custom "coop" "seal"') - 11 :]


# -- every single change is found ------------------------------------------------------------------------------------

TOKEN = re.compile(
    r"""
    (?P<quoted>"[^"\n]*")
    | (?P<date>\d{4}-\d{2}-\d{2})
    | (?P<account>\b(?:Assets|Liabilities|Equity|Income|Expenses):[\w:-]+)
    | (?P<number>(?<![\w.])\d[\d,]*(?:\.\d+)?)
    | (?P<flag>(?<=\ )[*!](?=\ ))
    | (?P<truth>\bTRUE\b|\bFALSE\b)
    | (?P<key>(?<=[ ])[a-z][a-z-]+(?=:[ ]))
    | (?P<name>[#^][\w-]+)
    | (?P<currency>\b(?:EUR|USD|ACME)\b)
    """,
    re.VERBOSE,
)


def another(sort: str, written: str, draw: Random) -> str:
    """A token of the same sort that means something else."""
    match sort:
        case "quoted":
            return f'{written[:-1]}x"'
        case "date":
            return str(date.fromisoformat(written) + timedelta(draw.choice([-1, 1])))
        case "number":
            at = draw.choice([at for at, sign in enumerate(written) if sign.isdigit()])
            return f"{written[:at]}{(int(written[at]) + draw.randint(1, 9)) % 10}{written[at + 1 :]}"
        case "flag":
            return "!" if written == "*" else "*"
        case "truth":
            return "FALSE" if written == "TRUE" else "TRUE"
        case "currency":
            return "SEK"
        case _:
            return f"{written}x"


def changed(texts: list[str], at: int, draw: Random) -> list[str]:
    """The ledger with one change in the directive of a number: a token, a line, or all of it."""
    text, way = texts[at], draw.randrange(10)
    lines = text.splitlines()
    if way == 0:
        return [*texts[:at], *texts[at + 1 :]]
    if way == 1:
        return [*texts, text]
    if way == 2:
        lines.insert(1, '  added: "x"')
    elif way == 3 and len(lines) > 1:
        lines.pop(draw.randrange(1, len(lines)))
    else:
        token = draw.choice(list(TOKEN.finditer(text)))
        assert token.lastgroup is not None
        other = another(token.lastgroup, token[0], draw)
        lines = (text[: token.start()] + other + text[token.end() :]).splitlines()
    return [*texts[:at], "\n".join(lines), *texts[at + 1 :]]


def day_of(text: str) -> date:
    return date.fromisoformat(text[:10])


@given(books(), st.randoms(use_true_random=False))
def test_every_single_change_of_a_sealed_year_is_found(one: Books, draw: Random) -> None:
    texts = [*directives(one), *RICH]
    text = sealed(joined(texts), "2024", "2025")
    seal = seal_alone(text)
    assert faults(text) == []
    ends = date(2025, int(one.year_ends[:2]), int(one.year_ends[3:]))
    at = draw.choice([number for number, each in enumerate(texts) if day_of(each) <= ends])
    after = changed(texts, at, draw)
    assert faults(joined(after) + seal), (texts[at], set(after) - set(texts))


@pytest.mark.parametrize("number", range(len(RICH) - 1))
def test_each_token_of_each_sort_of_directive_is_sealed(number: int) -> None:
    base = [*directives_of_a_book(), *RICH]
    seal = seal_alone(sealed(joined(base), "2024"))
    at, text = len(base) - len(RICH) + number, RICH[number]
    assert faults(joined(base) + seal) == []
    draw = Random(1)  # noqa: S311  # no secret is made with it
    for token in TOKEN.finditer(text):
        assert token.lastgroup is not None
        other = text[: token.start()] + another(token.lastgroup, token[0], draw) + text[token.end() :]
        assert faults(joined([*base[:at], other, *base[at + 1 :]]) + seal), other


def directives_of_a_book() -> list[str]:
    accounts = ("Assets:Bank", "Income:Sales", "Expenses:Costs", "Equity:Surplus", "Equity:Reserve")
    return [f"2024-01-01 open {account}" for account in accounts] + [
        '2024-01-01 custom "coop" "allocation" "reserve"\n  step: 1\n  to: Equity:Reserve\n  rest: TRUE',
        '2024-03-01 * "Bread"\n  Assets:Bank  500.00 EUR\n  Income:Sales  -500.00 EUR',
    ]


# -- the same ledger, written otherwise ------------------------------------------------------------------------------


def numbers_otherwise(text: str, draw: Random) -> str:
    """Zeros at the end of numbers with decimals, and commas between thousands; never fewer digits, by which amounts round."""

    def written(match: re.Match[str]) -> str:
        whole, _, rest = match[0].replace(",", "").partition(".")
        whole = f"{int(whole):,}" if draw.random() < 0.5 else whole
        return f"{whole}.{rest}{'0' * draw.randrange(3)}" if rest else whole

    parts = re.split(r'("[^"\n]*"|\d{4}-\d{2}-\d{2})', text)
    return "".join(
        part if number % 2 else re.sub(r"(?<![\w.,^#:-])\d[\d,]*(?:\.\d+)?(?![\w-])", written, part)
        for number, part in enumerate(parts)
    )


def blocks(lines: list[str], indent: str) -> list[list[str]]:
    """Lines of one depth, each with the deeper ones below it."""
    found: list[list[str]] = []
    for line in lines:
        if re.match(rf"{indent}\S", line):
            found.append([line])
        else:
            found[-1].append(line)
    return found


def shuffled(lines: list[str], draw: Random) -> list[str]:
    """A directive's lines with its metadata, its postings and theirs in another order."""
    parts = blocks(lines[1:], "  ")
    fields = [part for part in parts if re.match(r"  [a-z][\w-]*:", part[0])]
    postings = [part for part in parts if part not in fields]
    draw.shuffle(fields)
    draw.shuffle(postings)
    found = [lines[0]]
    for part in [*fields, *postings]:
        below = part[1:]
        draw.shuffle(below)
        found += [part[0], *below]
    return found


def laid_out(lines: list[str], draw: Random) -> list[str]:
    """Other blanks and comments; what stands in quotes stays."""
    found = []
    for line in lines:
        depth = (len(line) - len(line.lstrip())) // 2
        apart = re.split(r'("[^"\n]*")', line.strip())
        body = "".join(
            part if number % 2 else part.replace("  ", " " * draw.choice([2, 3, 9]))
            for number, part in enumerate(apart)
        )
        comment = draw.choice(["", "", "  ; looked at", " "])
        found.append("   " * depth + body + comment)
        if depth and draw.random() < 0.1:
            found.append("   ; a remark")
    return found


def otherwise(texts: list[str], draw: Random) -> list[str]:
    """Each directive written otherwise, all in another order; those of one day that lots come from keep theirs."""
    ways = [["\n".join(laid_out(shuffled(numbers_otherwise(text, draw).splitlines(), draw), draw))] for text in texts]
    draw.shuffle(ways)
    return [text for way in ways for text in way]


def in_files(folder: Path, texts: list[str], seal: str, draw: Random) -> Path:
    """The ledger in several files of any name, some of them with the line ends of Windows."""
    names = [f"{draw.choice(['books', 'x y', 'é'])}-{number}.beancount" for number in range(draw.randint(0, 3))]
    parts: dict[str, list[str]] = {name: [] for name in ("main.beancount", *names)}
    for text in [*texts, seal]:
        parts[draw.choice(list(parts))].append(text)
    for name, part in parts.items():
        includes = "".join(f'include "{each}"\n' for each in names) if name == "main.beancount" else ""
        head = OPTIONS + includes if name == "main.beancount" else ""
        content = head + joined(part)
        (folder / name).write_bytes(content.replace("\n", draw.choice(["\n", "\r\n"])).encode())
    return folder / "main.beancount"


@settings(max_examples=500 if LONG else 25)
@given(books(), st.randoms(use_true_random=False))
def test_a_ledger_that_is_only_written_otherwise_gives_no_alarm(one: Books, draw: Random) -> None:
    texts = [*directives(one), *RICH]
    seal = seal_alone(sealed(joined(texts), "2024", "2025"))
    after = otherwise(texts, draw)
    with TemporaryDirectory() as folder:
        coop = load(in_files(Path(folder), after, seal, draw))
        assert [row.ok for row in coop.seals().rows] == [True, True], (coop.seals(), after)


# -- the text of a directive -----------------------------------------------------------------------------------------


def text_of(written: str) -> str:
    entries, _, _ = parser.parse_string(written + "\n")
    (entry,) = entries
    text: str = canonical_text(entry)
    return text


@pytest.mark.parametrize(
    "same",
    [
        ('2025-01-02 * "a"\n  Assets:A  1000.00 EUR', '2025-01-02 txn   "a"\n    Assets:A 1,000.0 EUR ; x'),
        ('2025-01-02 * "" "a"', '2025-01-02 * "a"'),
        ('2025-01-02 * "a" #x #y ^l', '2025-01-02 * "a" ^l #y #x'),
        ('2025-01-02 * "a"\n  key: 1\n  law: 2', '2025-01-02 * "a"\n  law: 2.0\n  key: 1.'),
        ('2025-01-02 * "a"\n  Assets:A  -0.00 EUR', '2025-01-02 * "a"\n  Assets:A  0 EUR'),
        ("2025-01-02 open Assets:A EUR,USD", "2025-01-02 open Assets:A USD,EUR"),
        ('2025-01-02 note Assets:A "a\nb"', '2025-01-02 note Assets:A "a\r\nb"'),
    ],
)
def test_what_means_the_same_has_one_text(same: tuple[str, str]) -> None:
    assert text_of(same[0]) == text_of(same[1])


DIFFERENT = (
    '2025-01-02 * "a" "b"',
    '2025-01-02 * "ab"',
    '2025-01-02 * "b" "a"',
    '2025-01-02 * "a\\" \\"b"',
    '2025-01-02 * "a" "b" #c',
    '2025-01-02 * "a" "b" ^c',
    '2025-01-02 * "a" "b"\n  key: ""',
    '2025-01-02 * "a" "b"\n  key: TRUE',
    '2025-01-02 * "a" "b"\n  key: "TRUE"',
    '2025-01-02 * "a" "b"\n  key: "true"',
    '2025-01-02 * "a" "b"\n  key: 1',
    '2025-01-02 * "a" "b"\n  key: "1"',
    '2025-01-02 * "a" "b"\n  key: 1 EUR',
    '2025-01-02 * "a" "b"\n  key: 2025-01-02',
    '2025-01-02 * "a" "b"\n  key: "2025-01-02"',
    '2025-01-02 * "a" "b"\n  key:',
    '2025-01-02 * "a" "b"\n  Assets:C  1 EUR',
    '2025-01-02 * "a" "b"\n  Assets:C  1 EUR\n  Assets:C  1 EUR',
    '2025-01-02 * "a" "b"\n  Assets:C  2 EUR',
    '2025-01-02 * "a" "b"\n  Assets:C  1 EUR\n    key: 1',
    '2025-01-02 * "a" "b"\n  key: 1\n  Assets:C  1 EUR',
    '2025-01-02 * "a" "b"\n  ! Assets:C  1 EUR',
    '2025-01-02 * "a" "b"\n  Assets:C  1 EUR @ 1 EUR',
    '2025-01-02 * "a" "b"\n  Assets:C  1.00000000000000000000000000000000001 EUR',
    '2025-01-02 * "a" "b"\n  Assets:C  1.00000000000000000000000000000000002 EUR',
    '2025-01-02 custom "a" "b"',
    '2025-01-02 custom "a" "b" "c"',
    '2025-01-02 custom "a" "b" Assets:C',
    '2025-01-02 custom "a" "b" "Assets:C"',
    "2025-01-02 open Assets:A",
    '2025-01-02 open Assets:A "STRICT"',
    "2025-01-02 open Assets:A EUR",
    "2025-01-02 close Assets:A",
    "2025-01-02 balance Assets:A 1 EUR",
    "2025-01-02 balance Assets:A 1 ~ 1 EUR",
    '2025-01-02 note Assets:A "a"',
    '2025-01-02 note Assets:A "a" #a',
    '2025-01-02 event "a" "b"',
    '2025-01-02 query "a" "b"',
    "2025-01-02 commodity EUR",
    "2025-01-02 price EUR 1 USD",
    "2025-01-02 pad Assets:A Equity:A",
)


def test_what_means_something_else_has_another_text() -> None:
    texts = [text_of(each) for each in DIFFERENT]
    assert [pair for pair in combinations(texts, 2) if pair[0] == pair[1]] == []
    for text in texts:
        assert text.isascii()
        assert json.loads(text)[1] == "2025-01-02"


# -- digests ---------------------------------------------------------------------------------------------------------


def leaf(number: int) -> str:
    return sha256(str(number).encode()).hexdigest()


def test_the_root_stands_on_every_leaf_and_on_no_order() -> None:
    leaves = [leaf(number) for number in range(7)]
    root = root_of(leaves)
    assert root == root_of(reversed(leaves))
    others = [[*leaves[:at], *leaves[at + 1 :]] for at in range(7)] + [[*leaves, each] for each in leaves]
    others += [[], leaves[:1], [*leaves, leaf(8)], [*leaves, root]]
    assert len({root, *map(root_of, others)}) == len(others) + 1


def test_the_root_is_computed_by_hand() -> None:
    first, second, third = sorted(bytes.fromhex(leaf(number)) for number in range(3))
    head = b"coopbooks-seal/1 node\n"
    two = sha256(head + first + second).digest()
    assert root_of(map(leaf, range(3))) == sha256(head + two + third).hexdigest()
    assert root_of([leaf(1)]) == leaf(1)


# -- a cooperative that seals its years ------------------------------------------------------------------------------

BOOK = OPTIONS + joined(directives_of_a_book())
NEXT = '\n2025-02-01 * "Bread"\n  Assets:Bank  600.00 EUR\n  Income:Sales  -600.00 EUR\n'


def closed(path: Path, *years: str) -> Cooperative:
    """The cooperative after these years were closed and sealed at the end of its file."""
    for year in years:
        found = load(path).close(year, as_of=LATER)
        path.write_text(path.read_text("utf-8") + "\n" + found.text, "utf-8")
    return load(path)


def row(coop: Cooperative) -> Seal:
    (found,) = coop.seals().rows
    return found


def test_the_seal_is_the_digest_of_its_page(ledger: Ledger) -> None:
    coop = closed(ledger(BOOK), "2024")
    page = coop.seal_page("2024")
    assert sha256(page.page.encode()).hexdigest() == page.sha256 == row(coop).sha256
    assert page.short == " ".join(re.findall("....", page.sha256)[:8]) == short_form(page.sha256)
    assert page.page.splitlines()[:5] == [
        "coopbooks-seal/1",
        "fiscal year: 2024",
        "first day: the beginning",
        "last day: 2024-12-31",
        "dated: 2024-12-31",
    ]
    with pytest.raises(UnknownName, match="the sealed years are 2024"):
        coop.seal_page("2025")


def test_years_are_chained(ledger: Ledger) -> None:
    coop = closed(ledger(BOOK + NEXT), "2024", "2025")
    first, second = coop.seals().rows
    assert (first.previous, first.starts, second.previous, second.starts) == (None, None, first.sha256, "2025-01-01")
    assert coop.check().errors == ()
    assert not coop.seals().breaks


def test_a_second_run_gives_no_second_seal(ledger: Ledger) -> None:
    coop = closed(ledger(BOOK), "2024")
    again = coop.close("2024", as_of=LATER)
    assert (again.transaction, again.seal, again.sha256, again.text) == (None, None, row(coop).sha256, "")


def test_a_year_that_is_closed_already_gets_its_seal_alone(ledger: Ledger) -> None:
    path = ledger(BOOK)
    path.write_text(BOOK + str(load(path).close("2024").transaction))
    found = load(path).close("2024", as_of=LATER)
    assert found.transaction is None
    assert found.text == found.seal
    assert row(closed(path, "2024")).ok


def test_a_year_that_is_open_gets_no_seal(ledger: Ledger) -> None:
    found = load(ledger(BOOK)).close("2024", as_of=date(2024, 12, 31))
    assert found.transaction is not None
    assert (found.seal, found.sha256) == (None, None)


def test_the_first_seal_covers_the_years_before_it(ledger: Ledger) -> None:
    path = ledger(BOOK + NEXT)
    path.write_text(path.read_text() + str(load(path).close("2024").transaction))
    coop = closed(path, "2025")
    assert row(coop).starts is None
    assert coop.close("2024", as_of=LATER).seal is None
    path.write_text(path.read_text().replace("500.00", "500.01", 1))
    assert not row(load(path)).ok


def test_what_changed_is_named(ledger: Ledger) -> None:
    path = ledger(BOOK)
    closed(path, "2024")
    text = path.read_text().replace('"Bread"', '"Cake"').replace("2024-01-01 open Expenses:Costs\n", "")
    path.write_text(text + '2024-05-02 event "location" "Elm Street"\n')
    coop = load(path)
    found = row(coop)
    places = [number for number, line in enumerate(path.read_text().splitlines(), 1) if "Cake" in line or "Elm" in line]
    assert found.added == (f"main.beancount:{places[1]} event of 2024-05-02",)
    assert re.fullmatch(
        rf"main.beancount:{places[0]} transaction, sealed as transaction of 2024-03-01 \(\w{{8}}\)", found.changed[0]
    )
    assert re.fullmatch(r"open of 2024-01-01 \(\w{8}\)", found.removed[0])
    assert [len(found.added), len(found.changed), len(found.removed)] == [1, 1, 1]
    assert coop.seals().breaks
    seals = [error for error in coop.check().errors if error.rule == "seal"]
    assert [error.place for error in seals] == [
        f"main.beancount:{places[0]}",
        found.place,
        f"main.beancount:{places[1]}",
    ]


def test_only_what_is_dated_later_may_be_added(ledger: Ledger) -> None:
    path = ledger(BOOK)
    closed(path, "2024")
    text = path.read_text()
    path.write_text(text + '2025-01-01 note Assets:Bank "x"\n')
    assert row(load(path)).ok
    path.write_text(text + '2024-12-31 note Assets:Bank "x"\n')
    assert not row(load(path)).ok
    path.write_text(text + '2019-12-31 note Assets:Bank "x"\n')
    assert not row(load(path)).ok


def test_an_amendment_leaves_the_seal_standing(ledger: Ledger) -> None:
    path = ledger(BOOK + '2024-01-01 custom "coop" "member" "m01"\n')
    closed(path, "2024")
    late = '\n2025-02-01 * "A bill"\n  of-period: "2024"\n  Income:Sales  5.00 EUR\n  Assets:Bank\n'
    path.write_text(path.read_text() + '\n2025-02-01 custom "coop" "decision" "D-9"\n' + late)
    found = load(path).close("2024", "D-9", as_of=LATER)
    assert "amends: TRUE" in str(found.transaction)
    assert found.seal is None
    path.write_text(path.read_text() + "\n" + found.text)
    coop = load(path)
    assert coop.check().errors == ()
    assert (row(coop).ok, row(coop).sha256) == (True, found.sha256)


RESOLVED = """
2024-01-01 custom "coop" "allocation" "rest"
  step: 2
  to: "undivided"
  rest: TRUE
"""


def contribution(day: str, value: int = 1) -> str:
    return f'{day} custom "coop" "contribution" "m01"\n  period: "2024"\n  of: "training"\n  value: {value}'


def test_contributions_to_a_year_are_sealed_with_it_whatever_their_day() -> None:
    texts = [*directives_of_a_book(), contribution("2025-01-20")]
    seal = seal_alone(sealed(joined(texts), "2024"))
    assert seal.startswith("2025-01-20 ")
    assert faults(joined(texts) + seal) == []
    assert faults(joined([*texts[:-1], contribution("2025-01-20", 2)]) + seal)
    assert faults(joined([*texts, contribution("2025-01-10")]) + seal)
    assert faults(joined([*texts, contribution("2025-01-21")]) + seal) == []


def late_close(day: str) -> str:
    return f'{day} * "x" #coop-close\n  period: "2024"\n  Equity:Surplus  1.00 EUR\n  Equity:Reserve  -1.00 EUR'


def test_a_close_by_resolution_is_sealed_with_its_year_and_a_later_one_with_its_own() -> None:
    texts = [*directives_of_a_book(), late_close("2025-03-15")]
    text = sealed(joined(texts), "2024")
    later = sealed(text + "\n" + late_close("2025-05-02") + "\n", "2025")
    assert faults(later) == []
    first, second = [
        each for each in faults(later.replace("2025-03-15 *", "2025-03-14 *")) if "are not those" in each.message
    ] * 2
    assert first == second
    assert "the books of 2024" in first.message
    (other,) = [
        each for each in faults(later.replace("2025-05-02 *", "2025-05-03 *")) if "are not those" in each.message
    ]
    assert "the books of 2025" in other.message


# -- what is not in a seal, and what hides from it -------------------------------------------------------------------

PLUGINS = 'plugin "beancount.plugins.auto_accounts"\nplugin "beancount.plugins.implicit_prices"\n'


def test_what_plugins_make_is_not_sealed(ledger: Ledger) -> None:
    shares = '2024-03-02 * "x"\n  Assets:Stock  1 ACME @ 2 EUR\n  Assets:Bank  -2 EUR\n2024-01-01 open Assets:Stock\n'
    path = ledger('plugin "coopbooks.plugins"\n' + BOOK + shares)
    coop = closed(path, "2024")
    text = path.read_text()
    for plugins in (PLUGINS + text, text + "\n" + PLUGINS):
        path.write_text(plugins)
        assert row(load(path)).ok
        assert loader.load_file(str(path))[1] == []
    assert row(coop).directives == 10


def test_a_directive_cannot_pass_itself_off_as_a_plugins(ledger: Ledger) -> None:
    path = ledger(BOOK)
    closed(path, "2024")
    text = path.read_text()
    for own in ('  filename: "<x>"\n', '  filename: "<x>"\n  lineno: 0\n'):
        path.write_text(text + f'2024-06-01 event "a" "b"\n{own}')
        assert any("hides where this directive stands" in error.message for error in load(path).check().errors)
    path.write_text(text + '2024-06-01 event "a" "b"\n  lineno: 0\n')
    assert not row(load(path)).ok
    path.write_text(text + 'pushmeta filename: "<x>"\n2024-06-01 event "a" "b"\npopmeta filename:\n')
    assert any("hides where this directive stands" in error.message for error in load(path).check().errors)


def test_what_a_later_assertion_pads_into_a_sealed_year_is_found() -> None:
    texts = [*directives_of_a_book(), "2024-01-01 open Assets:Till", "2024-12-01 pad Assets:Till Equity:Reserve"]
    ends = "2025-01-01 balance Assets:Till 1,{} EUR"
    seal = seal_alone(sealed(joined([*texts, ends.format("000.00")]), "2024"))
    assert faults(joined([*texts, ends.format("000.0")]) + seal) == []
    assert faults(joined([*texts, ends.format("000.01")]) + seal)


def test_records_of_the_running_year_are_free() -> None:
    texts = directives_of_a_book()
    seal = seal_alone(sealed(joined(texts), "2024"))
    more = '2025-01-10 custom "coop" "snapshot" "2024-12"\n  sha256: "aa"\n'
    assert faults(joined([*texts, more]) + seal) == []


def test_documents_are_sealed_by_what_they_say(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "bill.pdf").write_bytes(b"500 EUR")
    path = ledger(BOOK + '2024-03-02 document Assets:Bank "papers/bill.pdf"\n')
    closed(path, "2024")
    assert row(load(path)).ok
    (tmp_path / "papers").rename(tmp_path / "scans")
    (tmp_path / "scans" / "bill.pdf").rename(tmp_path / "scans" / "b1.pdf")
    path.write_text(path.read_text().replace("papers/bill.pdf", "scans/b1.pdf"))
    assert row(load(path)).ok
    (tmp_path / "scans" / "b1.pdf").write_bytes(b"600 EUR")
    assert row(load(path)).changed
    (tmp_path / "scans" / "b1.pdf").unlink()
    assert row(load(path)).changed


def test_a_paper_that_no_directive_names_is_not_sealed(ledger: Ledger, tmp_path: Path) -> None:
    """Whoever is sent the ledger does not look into the folder either."""
    (tmp_path / "papers" / "Assets" / "Bank").mkdir(parents=True)
    (tmp_path / "papers" / "Assets" / "Bank" / "2024-05-01.scan.pdf").write_bytes(b"x")
    (tmp_path / "bill.pdf").write_bytes(b"500 EUR")
    path = ledger(BOOK + '2024-03-02 document Assets:Bank "bill.pdf"\noption "documents" "papers"\n')
    closed(path, "2024")
    assert row(load(path)).ok
    assert row(load(path, untrusted=True)).ok


def test_no_document_outside_of_the_ledgers_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    secret = tmp_path / "secret.txt"
    secret.write_text("x")
    (tmp_path / "books" / "link.pdf").symlink_to(secret)
    for name in (secret, tmp_path / "books" / "link.pdf", tmp_path / "books", tmp_path / "books" / "gone.pdf"):
        entry = Document({}, date(2024, 1, 1), "Assets:Bank", str(name), None, None)
        text = canonical_text(entry, str(tmp_path / "books" / "main.beancount"))
        assert json.loads(text)[3] == ["missing", name.name]


def test_books_without_a_seal_import_nothing_for_it(ledger: Ledger) -> None:
    path = ledger('plugin "coopbooks.plugins"\n' + BOOK)
    code = (
        "import sys; from beancount import loader; loader._uncached_load_file(sys.argv[1], None, None, None); "
        "print([name for name in sys.modules if name in ('coopbooks.rules.seals', 'coopbooks.books.canonical')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_an_untrusted_ledger_is_held_to_its_seal(ledger: Ledger) -> None:
    path = ledger(BOOK)
    closed(path, "2024")
    assert row(load(path, untrusted=True)).ok
    path.write_text(path.read_text().replace("500.00", "500.01", 1))
    assert not row(load(path, untrusted=True)).ok
    assert load(path, untrusted=True).close("2024", as_of=LATER).seal is None


def test_a_derived_ledger_carries_no_seal(ledger: Ledger, tmp_path: Path) -> None:
    path = ledger(BOOK)
    closed(path, "2024")
    for audience in ("members", "auditors"):
        out = tmp_path / f"{audience}.beancount"
        run("publish", path, "--for", audience, "-o", out, "--as-of", "2025-06-01")
        assert '"seal"' not in out.read_text()


def test_the_guard_goes_by_the_days_of_the_seals(ledger: Ledger) -> None:
    """What the writers ask: which directives of a text would fall into a sealed year. A close is of the year it names."""
    path = ledger(BOOK)
    closed(path, "2024")
    rules = Bylaws(load(path).facts)

    def fault(text: str) -> str | None:
        return sealed_fault(rules, text)

    assert fault('2025-01-01 note Assets:Bank "x"\n') is None
    assert fault("; nothing\n") is None
    assert "note of 2024-12-31 lies" in str(fault('2024-12-31 note Assets:Bank "x"\n'))
    assert "open of 2019-12-31 lies" in str(fault("2019-12-31 open Assets:Till\n"))
    many = "".join(f'2024-03-{day:02} event "a" "{day}"\n' for day in range(1, 10))
    assert "events of 2024-03-01, 2024-03-02, 2024-03-03, 2024-03-04, 2024-03-05 and 4 more days lie" in str(
        fault(many)
    )
    two = '2024-03-01 event "a" "b"\n2024-03-01 note Assets:Bank "x"\n'
    assert "directives of 2024-03-01 lie" in str(fault(two))
    assert fault('2024-06-01 custom "coop" "seal" "2024"\n  until: 2024-12-31\n') is None, "no seal covers a seal"
    assert sealed_fault(Bylaws(facts(BOOK)), '2024-12-31 note Assets:Bank "x"\n') is None


def test_a_contribution_to_a_year_that_was_sealed_later_is_refused(ledger: Ledger) -> None:
    """The seal is dated like the youngest contribution, and covers what is of its year until then."""
    path = ledger(BOOK + "\n".join(["", contribution("2025-02-10"), ""]))
    closed(path, "2024")
    rules = Bylaws(load(path).facts)
    assert rules.every(SealRecord)[0].date == date(2025, 2, 10)
    assert "record of 2025-02-10 lies" in str(sealed_fault(rules, contribution("2025-02-10", 7) + "\n"))
    assert sealed_fault(rules, contribution("2025-02-11", 7) + "\n") is None
    assert sealed_fault(rules, '2025-02-10 note Assets:Bank "x"\n') is None


# -- commands --------------------------------------------------------------------------------------------------------


def run(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.fixture
def shut(ledger: Ledger) -> Path:
    """A ledger whose year 2024 was closed and sealed by the command."""
    path = ledger(BOOK)
    done = run("close", path, "2024", "--into", path, "--as-of", "2025-01-10")
    assert done.exit_code == 0
    assert f"The seal of 2024, for the minutes: {load(path).seal_page('2024').short}\n" in done.stdout
    return path


def test_close_puts_the_seal_behind_the_close(shut: Path) -> None:
    assert re.search(r'#coop-close\n(?:  .*\n)+\n2024-12-31 custom "coop" "seal" "2024"\n', shut.read_text())
    again = run("close", shut, "2024", "--into", shut, "--as-of", "2025-01-10")
    assert "nothing was changed" in again.stdout


def test_close_seals_a_year_that_was_closed_before(ledger: Ledger) -> None:
    path = ledger(BOOK)
    path.write_text(BOOK + str(load(path).close("2024").transaction))
    done = run("close", path, "2024", "--into", path, "--as-of", "2025-01-10")
    assert "which seal 2024" in done.stdout
    assert run("seal", "verify", path).exit_code == 0


def test_verify_says_what_changed(shut: Path) -> None:
    good = run("seal", "verify", shut)
    assert good.exit_code == 0
    assert "Every sealed year is as it was sealed." in good.stdout
    shut.write_text(shut.read_text().replace("500.00", "501.00", 1) + '2024-05-02 event "a" "b"\n')
    bad = run("seal", "verify", shut)
    assert bad.exit_code == 1
    assert "2024: added: main.beancount:" in bad.stdout
    assert "2024: changed: main.beancount:" in bad.stdout
    (found,) = json.loads(run("seal", "verify", shut, "--format", "json").stdout)
    assert {"period", "ok", "added", "removed", "changed"} <= found.keys()
    assert (found["ok"], len(found["added"]), len(found["changed"]), found["removed"]) == (False, 1, 1, [])
    assert run("seal", "verify", shut, "--format", "csv").stdout.startswith("period,ok,added,removed,changed,")


def test_verify_says_where_it_cannot_tell_what_changed_and_cuts_a_long_list(shut: Path) -> None:
    text = shut.read_text()
    shut.write_text(text + "".join(f'2024-05-02 event "a" "{number}"\n' for number in range(30)))
    assert "2024: and 10 more" in run("seal", "verify", shut).stdout
    shut.write_text(re.sub(r'  entries: "[^"]*"\n', "", text).replace("500.00", "501.00", 1))
    assert "is not as it was given" in run("seal", "verify", shut).stdout


def test_verify_of_books_without_a_seal(ledger: Ledger) -> None:
    done = run("seal", "verify", ledger(BOOK))
    assert (done.exit_code, "No year of these books is sealed" in done.stdout) == (0, True)
    assert run("seal", "verify", ledger("2024-01-01 open Assets:Bank\n"), "--format", "json").stdout == "[]\n"


def test_verify_runs_nothing_of_books_that_somebody_sent(shut: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = shut.with_name("ran")
    shut.with_name("of_the_sender.py").write_text(
        f"__plugins__ = ('it',)\ndef it(entries, options):\n    open({str(ran)!r}, 'w').close()\n    return entries, []\n"
    )
    monkeypatch.syspath_prepend(shut.parent)
    monkeypatch.delitem(sys.modules, "of_the_sender", raising=False)
    shut.write_text(shut.read_text() + '\nplugin "of_the_sender"\n')
    before = {file: file.read_bytes() for file in shut.parent.iterdir() if file != shut}
    done = run("seal", "verify", shut, "--untrusted")
    assert (done.exit_code, ran.exists()) == (0, False)
    assert "of_the_sender" in done.stderr
    assert run("seal", "show", shut, "2024", "--untrusted").exit_code == 0
    shut.write_text(shut.read_text() + '\n2024-05-02 event "a" "b"\n')
    assert run("seal", "verify", shut, "--untrusted").exit_code == 1
    assert not ran.exists()
    assert {file: file.read_bytes() for file in shut.parent.iterdir() if file != shut} == before
    monkeypatch.delitem(sys.modules, "of_the_sender", raising=False)
    run("seal", "verify", shut)
    assert ran.exists(), "the plugin is one that runs where nobody says --untrusted"


def test_show_prints_the_page(shut: Path) -> None:
    done = run("seal", "show", shut, "2024")
    page = load(shut).seal_page("2024")
    assert done.stdout == page.page
    assert page.short in done.stderr
    assert json.loads(run("seal", "show", shut, "2024", "--format", "json").stdout)["sha256"] == page.sha256
    assert run("seal", "show", shut, "2023").exit_code == 2


# -- signatures ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys of ana, ben and eva, and the file of those who may sign: ana has two keys, eva is not in it."""
    assert shutil.which("ssh-keygen"), "these tests need OpenSSH"
    folder = tmp_path_factory.mktemp("keys")
    allowed = []
    for name, owner in (("ana", "ana"), ("ana2", "ana"), ("ben", "ben"), ("eva", None)):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)], check=True
        )
        if owner:
            allowed.append(f'{owner} namespaces="coopbooks-seal" {(folder / f"{name}.pub").read_text()}')
    (folder / "allowed").write_text("".join(allowed))
    return folder


def signers(path: Path, keys: Path, *more: str) -> tuple[int, list[str]]:
    done = run("seal", "verify", path, "--signers", keys / "allowed", "--format", "json", *more)
    return done.exit_code, json.loads(done.stdout)[0]["signed"]


def sign(path: Path, key: Path) -> Result:
    return run("seal", "sign", path, "2024", "--key", key)


def test_two_officers_sign(shut: Path, keys: Path) -> None:
    assert signers(shut, keys) == (1, [])
    assert sign(shut, keys / "ana").exit_code == 0
    assert signers(shut, keys) == (1, ["ana"])
    assert signers(shut, keys, "--officers", "1") == (0, ["ana"])
    assert sign(shut, keys / "ana2").exit_code == 0
    assert sign(shut, keys / "eva").exit_code == 0
    assert signers(shut, keys) == (1, ["ana"]), "one officer with two keys, and a stranger, are one"
    assert sign(shut, keys / "ben").exit_code == 0
    assert signers(shut, keys) == (0, ["ana", "ben"])
    table = run("seal", "verify", shut, "--signers", keys / "allowed").stdout
    assert "ana; ben" in table
    page = (shut.parent / "seal-2024.txt").read_text()
    assert page == load(shut).seal_page("2024").page


def as_they_lie(ledger: Path) -> dict[Path, tuple[int, int]]:
    """The files of the seal, none of them written again; that one was read may be noted beside it."""
    return {file: (file.stat().st_ino, file.stat().st_mtime_ns) for file in ledger.parent.glob("seal-2024.*")}


def test_signing_twice_changes_nothing(shut: Path, keys: Path) -> None:
    assert "your signature of the seal of 2024" in sign(shut, keys / "ana").stdout
    before = as_they_lie(shut)
    assert len(before) == 2
    assert "has your signature already" in sign(shut, keys / "ana").stdout
    assert as_they_lie(shut) == before


def test_a_second_signature_of_a_key_that_never_signs_twice_alike_changes_nothing(shut: Path, keys: Path) -> None:
    """Every signature of ECDSA is another one; that which stands there is as good."""
    key = keys / "ecdsa"
    subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-C", "", "-f", str(key)], check=True)
    assert "your signature of the seal of 2024" in sign(shut, key).stdout
    before = as_they_lie(shut)
    assert "has your signature already" in sign(shut, key).stdout
    assert as_they_lie(shut) == before


def test_a_dry_run_of_signing_needs_no_passphrase_and_writes_nothing(shut: Path, keys: Path, tmp_path: Path) -> None:
    key = tmp_path / "locked"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-C", "", "-f", str(key)], check=True)
    before = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in shut.parent.iterdir()}
    done = run("seal", "sign", shut, "2024", "--key", key, "--dry-run")
    assert done.exit_code == 0
    assert {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in shut.parent.iterdir()} == before
    page = load(shut).seal_page("2024").page
    assert "--- /dev/null" in done.stdout
    assert all(f"\n+{line}\n" in done.stdout for line in page.splitlines())
    assert re.search(r"seal-2024\.[0-9a-f]{8}\.sig: your signature would be written", done.stdout)
    named = run("seal", "sign", shut, "2024", "--key", keys / "ana", "--dry-run").stdout
    assert sign(shut, keys / "ana").exit_code == 0
    (signature,) = shut.parent.glob("seal-2024.*.sig")
    assert f"{signature}: your signature would be written" in named
    again = run("seal", "sign", shut, "2024", "--key", keys / "ana", "--dry-run")
    assert again.stdout == "The seal of 2024 has your signature already.\n"
    signature.write_bytes(signature.read_bytes().replace(b"A", b"B", 40))
    refused = run("seal", "sign", shut, "2024", "--key", keys / "ana", "--dry-run")
    assert (refused.exit_code, "something else stands there" in refused.stderr) == (2, True)


def test_a_dry_run_refuses_what_signing_refuses(shut: Path, keys: Path) -> None:
    def tried(key: Path) -> str:
        return run("seal", "sign", shut, "2024", "--key", key, "--dry-run").stderr

    assert "is no file: give the private key" in tried(keys / "nobody")
    assert "ssh-keygen says" in tried(shut)
    (shut.parent / "seal-2024.txt").write_text("something else\n")
    assert "something else stands there" in tried(keys / "ana")
    (shut.parent / "seal-2024.txt").unlink()
    shut.write_text(shut.read_text().replace("500.00", "501.00", 1))
    assert "does not hold" in tried(keys / "ana")


def test_a_signature_is_of_one_page_and_for_one_purpose(shut: Path, keys: Path) -> None:
    sign(shut, keys / "ana")
    sign(shut, keys / "ben")
    other = min(shut.parent.glob("seal-2024.*.sig"))
    page = shut.parent / "seal-2024.txt"
    made = subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-f", str(keys / "ana"), "-n", "coopbooks-audit"],
        input=page.read_bytes(), capture_output=True, check=True,
    )  # fmt: skip
    for content in (
        made.stdout,
        b"",
        b"-----BEGIN SSH SIGNATURE-----\nxx\n-----END SSH SIGNATURE-----\n",
        b"\xff" * 200_000,
    ):
        before = other.read_bytes()
        other.write_bytes(content)
        code, names = signers(shut, keys)
        assert (code, len(names)) == (1, 1)
        other.write_bytes(before)
    text = shut.read_text()
    assert signers(shut, keys)[0] == 0
    shut.write_text(re.sub("directives: [0-9]+", "directives: 99", text))
    assert signers(shut, keys) == (1, [])


def test_a_signature_that_lies_elsewhere_is_not_opened(shut: Path, keys: Path, tmp_path: Path) -> None:
    """Books that somebody sent may bring links to any file of the reader's."""
    sign(shut, keys / "ana")
    (signature,) = shut.parent.glob("seal-2024.*.sig")
    elsewhere = tmp_path / "elsewhere" / "secret"
    elsewhere.parent.mkdir()
    signature.rename(elsewhere)
    signature.symlink_to(elsewhere)
    assert signers(shut, keys, "--untrusted") == (1, [])
    signature.unlink()
    elsewhere.rename(signature)
    assert signers(shut, keys, "--untrusted") == (1, ["ana"])


def test_what_cannot_be_signed_is_refused(shut: Path, keys: Path) -> None:
    assert "is no file: give the private key" in sign(shut, keys / "nobody").stderr
    assert "ssh-keygen says" in sign(shut, keys / "allowed").stderr
    (shut.parent / "seal-2024.txt").write_text("something else\n")
    assert "something else stands there" in sign(shut, keys / "ana").stderr
    (shut.parent / "seal-2024.txt").unlink()
    shut.write_text(shut.read_text().replace("500.00", "501.00", 1))
    assert "does not hold" in sign(shut, keys / "ana").stderr
    missing = run("seal", "verify", shut, "--signers", keys / "gone")
    assert (missing.exit_code, "there is no such file" in missing.stderr) == (2, True)
