"""The form of a seal, written out by hand: whoever computes it elsewhere, or in ten years, must come to the same digits."""

from __future__ import annotations

import json
import os
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.amount import Amount
from beancount.core.data import Close, Custom, Document, Event, Posting, Price, Transaction, new_metadata
from beancount.core.position import Cost
from beancount.parser import parser

from coopbooks.books import canonical
from coopbooks.books.canonical import all_directives, canonical_text, forged_places
from coopbooks.books.entries import Places, _by_class, facts_of
from coopbooks.bylaws import Bylaws
from coopbooks.facts import Directive
from coopbooks.rules.seals import new_seal, root_of

OPTIONS = 'option "operating_currency" "EUR"\n'
LATER = date(2030, 1, 1)

# What is written, and what a seal makes of it, as docs/seal.md says; a letter of `entries` before each.
FORM = (
    (
        "c",
        '2024-01-01 commodity ACME\n  precision: 2.0\n  name: "Acme \u2013 2"',
        r'["commodity","2024-01-01","ACME",{"name":"Acme \u2013 2","precision":["number","2"]}]',
    ),
    ("o", "2024-01-02 open Assets:Till", '["open","2024-01-02","Assets:Till",[],"",{}]'),
    (
        "o",
        '2024-01-03 open Assets:Stock EUR,ACME "FIFO"\n  liquid: TRUE\n  insured: FALSE\n  by:',
        '["open","2024-01-03","Assets:Stock",["ACME","EUR"],"FIFO",{"by":null,"insured":false,"liquid":true}]',
    ),
    ("o", "2024-01-04 open Equity:Rounding", '["open","2024-01-04","Equity:Rounding",[],"",{}]'),
    (
        "t",
        (
            '2024-02-01 ! "The exchange" "Shares" #union #strike ^order-7 ^a\n  asked: 25.00 EUR\n'
            '  ! Assets:Till  -25.00 EUR\n  Assets:Stock  10 ACME {2.50 EUR, "lot"} @ 3.00 EUR\n    since: 2024-01-31'
        ),
        (
            '["transaction","2024-02-01","!","The exchange","Shares",["strike","union"],["a","order-7"],'
            '[["Assets:Stock",["10","ACME"],[["number","2.5"],"EUR",["date","2024-02-01"],"lot"],'
            '["amount",["number","3"],"EUR"],null,{"since":["date","2024-01-31"]}],'
            '["Assets:Till",["-25","EUR"],null,null,"!",{}]],{"asked":["amount",["number","25"],"EUR"]}]'
        ),
    ),
    (
        "t",
        '2024-02-02 * "Back"\n  Assets:Till  1,000.10 EUR\n  Equity:Rounding',
        (
            '["transaction","2024-02-02","*","","Back",[],[],[["Assets:Till",["1000.1","EUR"],null,null,null,{}],'
            '["Equity:Rounding",["-1000.1","EUR"],null,null,null,{}]],{}]'
        ),
    ),
    (
        "v",
        "2024-04-01 price ACME 3.10 EUR",
        '["price","2024-04-01","ACME",["amount",["number","3.1"],"EUR"],{}]',
    ),
    (
        "n",
        r'2024-04-03 note Assets:Till "the terms \"were\" changed" #b #a ^l',
        r'["note","2024-04-03","Assets:Till","the terms \"were\" changed",["a","b"],["l"],{}]',
    ),
    ("e", '2024-04-04 event "location" "Oak Street"', '["event","2024-04-04","location","Oak Street",{}]'),
    ("q", '2024-04-05 query "what" "SELECT 1"', '["query","2024-04-05","what","SELECT 1",{}]'),
    (
        "k",
        '2024-04-06 custom "budget" Assets:Till "monthly" 400.00 EUR TRUE 2024-05-01 3',
        (
            '["custom","2024-04-06","budget",[["account","Assets:Till"],"monthly",["amount",["number","400"],"EUR"],true,'
            '["date","2024-05-01"],["number","3"]],{}]'
        ),
    ),
    (
        "r",
        '2024-04-07 custom "coop" "decision" "D-1"\n  for: 9',
        '["custom","2024-04-07","coop",["decision","D-1"],{"for":["number","9"]}]',
    ),
    ("d", '2024-04-08 document Assets:Till "bill.pdf" #a ^b', None),
    (
        "p",
        "2024-05-01 pad Assets:Till Equity:Rounding",
        '["pad","2024-05-01","Assets:Till","Equity:Rounding",{}]',
    ),
    (
        "b",
        "2024-05-31 balance Assets:Till 1,000.00 ~ 0.010 EUR",
        '["balance","2024-05-31","Assets:Till",["amount",["number","1000"],"EUR"],["number","0.01"],{}]',
    ),
    ("b", "2024-06-01 balance Assets:Stock 10 ACME", None),
    ("x", "2024-07-01 close Assets:Stock", '["close","2024-07-01","Assets:Stock",{}]'),
)
# 1000.10 less 25 were there, so that 24.90 are padded; what Beancount says of it is not in the text.
PADDING = (
    "i",
    "2024-05-01",
    (
        '["padding","2024-05-01",[["Assets:Till",["24.9","EUR"],null,null,null,{}],'
        '["Equity:Rounding",["-24.9","EUR"],null,null,null,{}]],{}]'
    ),
)
UNSAID = {
    "2024-04-08": '["document","2024-04-08","Assets:Till",["missing","bill.pdf"],["a"],["b"],{}]',
    "2024-06-01": '["balance","2024-06-01","Assets:Stock",["amount",["number","10"],"ACME"],null,{}]',
}


def leaf(text: str) -> str:
    return sha256(f"coopbooks-seal/1 directive\n{text}".encode("ascii")).hexdigest()


def by_hand() -> list[tuple[str, str, str]]:
    """Day, letter and text of each directive."""
    rows = [(written[:10], letter, text or UNSAID[written[:10]]) for letter, written, text in FORM]
    return [*rows, (PADDING[1], PADDING[0], PADDING[2])]


def root_by_hand(leaves: list[bytes]) -> bytes:
    """A tree as the page describes it: two neighbours make a node, a last one alone moves up."""
    if len(leaves) == 1:
        return leaves[0]
    nodes = [
        sha256(b"coopbooks-seal/1 node\n" + leaves[at] + leaves[at + 1]).digest() for at in range(0, len(leaves) - 1, 2)
    ]
    return root_by_hand(nodes + leaves[len(nodes) * 2 :])


def test_a_seal_is_computed_by_hand() -> None:
    rows = by_hand()
    entries, errors, options = loader.load_string(OPTIONS + "\n\n".join(written for _, written, _ in FORM) + "\n")
    assert [error.message.partition(":")[0] for error in errors] == ["File does not exist"]
    rules = Bylaws(facts_of(entries, options, padded=True))
    found = new_seal(
        rules, rules.calendar.named("2024"), all_directives(_by_class(entries), options, Places("").files, LATER)
    )
    assert found is not None
    days: dict[str, list[str]] = {}
    for day, letter, text in rows:
        days.setdefault(day, []).append(letter + leaf(text)[:8])
    words = [word for day in sorted(days) for word in (day, *sorted(days[day]))]
    assert list(found.entries) == words
    root = root_by_hand(sorted(bytes.fromhex(leaf(text)) for _, _, text in rows)).hex()
    page = (
        "coopbooks-seal/1\nfiscal year: 2024\nfirst day: the beginning\nlast day: 2024-12-31\ndated: 2024-12-31\n"
        f"directives: {len(rows)}\nroot: {root}\nentries: {sha256(' '.join(words).encode()).hexdigest()}\n"
        "seal before: none\n"
    )
    assert (found.directives, found.root, found.page) == (18, root, page)
    assert found.sha256 == sha256(page.encode()).hexdigest()


def test_what_is_over_no_directive_has_a_digest_of_its_own() -> None:
    assert root_of([]) == sha256(b"coopbooks-seal/1 empty\n").hexdigest()


@pytest.mark.parametrize(
    ("written", "text"), [(written, text) for _, written, text in FORM if text and "{2.50" not in written]
)
def test_the_text_of_a_directive_is_as_the_page_says(written: str, text: str) -> None:
    """One at a time, so that a form that changed is seen at its directive."""
    if "Equity:Rounding\n" not in written + "\n":  # an amount that only the booking fills in
        (entry,) = parser.parse_string(written + "\n")[0]
        assert canonical_text(entry) == text


# -- what few books have ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("posting", "text"),
    [
        ("Assets:C", '["type","<class \'beancount.core.number.MISSING\'>"]'),
        ("Assets:C  EUR", '["amount",["type","<class \'beancount.core.number.MISSING\'>"],"EUR"]'),
    ],
)
def test_an_amount_that_nobody_filled_in_says_so(posting: str, text: str) -> None:
    (entry,) = parser.parse_string(f'2025-01-02 * "a"\n  {posting}\n')[0]
    assert canonical_text(entry) == (
        f'["transaction","2025-01-02","*","","a",[],[],[["Assets:C",{text},null,null,null,{{}}]],{{}}]'
    )


def test_a_directive_of_a_newer_beancount_is_told_by_its_fields() -> None:
    class Budget(Price):
        __slots__ = ()

    price = Price({"a": Decimal("1.0")}, date(2025, 1, 2), "EUR", Amount(Decimal("1.10"), "USD"))
    assert canonical_text(Budget(*price)) == (
        '["budget","2025-01-02",[["currency","EUR"],["amount","1.10 USD"]],{"a":["number","1"]}]'
    )


def test_a_value_of_a_sort_that_nobody_knows_says_what_it_is() -> None:
    odd = Close(new_metadata("a", 1, {"a": frozenset({"b"})}), date(2025, 1, 2), "Assets:A")
    assert canonical_text(odd) == r"""["close","2025-01-02","Assets:A",{"a":["frozenset","frozenset({'b'})"]}]"""


def test_what_is_left_out_of_a_directive_and_what_is_empty_are_one() -> None:
    """Plugins and importers make directives that lack what Beancount's own parser fills in."""
    day = date(2025, 1, 2)
    bare = Transaction(None, day, None, None, None, None, None, [])  # type: ignore[arg-type]
    whole = Transaction({}, day, "*", "", "", frozenset(), frozenset(), [])
    assert canonical_text(bare) == canonical_text(whole) == '["transaction","2025-01-02","*","","",[],[],[],{}]'
    worth = Amount(Decimal(5), "EUR")
    bare_posting = Posting("Assets:A", worth, None, None, None, None)
    rows = (bare_posting, bare_posting._replace(meta={}))
    texts = {canonical_text(whole._replace(postings=[row])) for row in rows}
    posting = '[["Assets:A",["5","EUR"],null,null,null,{}]]'
    assert texts == {f'["transaction","2025-01-02","*","","",[],[],{posting},{{}}]'}
    lot = Cost(Decimal("2.50"), "EUR", day, None)
    bought = canonical_text(whole._replace(postings=[bare_posting._replace(cost=lot)]))
    assert '[["Assets:A",["5","EUR"],[["number","2.5"],"EUR",["date","2025-01-02"],null],null,null,{}]]' in bought
    nothing = canonical_text(Price({}, day, "USD", Amount(Decimal("-0.00"), "EUR")))
    assert nothing == '["price","2025-01-02","USD",["amount",["number","0"],"EUR"],{}]'
    (row,) = all_directives({Transaction: [bare._replace(meta={})]}, {}, {None: ""}, LATER)
    assert (row.digest, row.line) == (leaf(canonical_text(whole)), 0)
    noted = Close({"lineno": 3, "a": "b", "n": 7}, day, "Assets:A")
    assert canonical_text(noted) == '["close","2025-01-02","Assets:A",{"a":"b","n":["int","7"]}]'
    del noted.meta["n"]
    assert canonical_text(noted) == '["close","2025-01-02","Assets:A",{"a":"b"}]'
    assert canonical_text(Custom({}, day, "a", None)) == canonical_text(Custom({}, day, "a", []))  # type: ignore[arg-type]
    bare_paper = Document({}, day, "Assets:A", "/x/y.pdf", None, None)
    assert canonical_text(bare_paper) == '["document","2025-01-02","Assets:A",["missing","y.pdf"],[],[],{}]'


# -- which directives, and of which year -----------------------------------------------------------------------------


def rows_of(text: str, until: date = LATER) -> list[Directive]:
    """What a seal would cover, by line."""
    entries, _, options = loader.load_string(OPTIONS + text)
    rows = all_directives(_by_class(entries), options, Places("").files, until)
    return sorted(rows, key=lambda row: (row.line, row.kind))


def kinds(text: str) -> list[tuple[str, str | None]]:
    """Kind and year of each, the accounts and currencies left out."""
    return [(row.kind, row.period) for row in rows_of(text) if row.kind not in ("open", "commodity")]


def test_the_last_day_is_in_and_the_next_is_not() -> None:
    text = '2024-01-01 event "a" "b"\n2024-12-31 event "a" "c"\n2025-01-01 event "a" "d"\n'
    assert [row.date for row in rows_of(text, date(2024, 12, 31))] == [date(2024, 1, 1), date(2024, 12, 31)]
    assert [row.line for row in rows_of(text, date(2024, 12, 31))] == [2, 3]


def test_seals_are_no_records_that_a_seal_covers_and_all_else_is() -> None:
    text = '2024-01-01 custom "{}" "{}"{}\n'
    for of_type, kind, rest, found in (
        ("coop", "seal", ' "2023"', []),
        ("coop", "seal", "", [("record", None)]),
        ("coop", "sealed", ' "2023"', [("record", None)]),
        ("budget", "seal", ' "2023"', [("custom", None)]),
    ):
        assert kinds(text.format(of_type, kind, rest)) == found
    assert kinds('2024-01-01 custom "coop"\n') == [("record", None)]


@pytest.mark.parametrize(
    ("written", "period"),
    [
        ('* "x" #coop-close\n  period: "2024"', "2024"),
        ('* "x" #other #coop-close\n  period: "2024"\n  amends: FALSE', "2024"),
        ('* "x" #coop-close\n  period: "2024"\n  amends: TRUE', None),
        ('* "x" #coop-close\n  period: 2024', None),
        ('* "x" #coop-close', None),
        ('* "x" #other\n  period: "2024"', None),
        ('* "x"\n  period: "2024"', None),
        ('custom "coop" "contribution" "m01"\n  period: "2024"', "2024"),
        ('custom "coop" "contribution" "m01"', None),
        ('custom "coop" "resolution" "2024"\n  period: "2024"', None),
        ('custom "other" "contribution" "m01"\n  period: "2024"', None),
        ('event "a" "b"\n  period: "2024"', None),
    ],
)
def test_only_a_close_and_a_contribution_name_their_year(written: str, period: str | None) -> None:
    """In the field of a text that says so; an amendment is of the year of its own day."""
    (row,) = rows_of(f"2025-02-01 {written}\n")
    assert row.period == period


def test_what_only_looks_like_padding_is_sealed_as_it_is_written() -> None:
    """Anybody may write the flag P; only what Beancount padded, at the line of a `pad`, is told without its narration."""
    padded = (
        "2024-01-01 open Assets:Till\n2024-01-01 open Equity:Rest\n2024-02-01 pad Assets:Till Equity:Rest\n"
        "2024-03-01 balance Assets:Till 5 EUR\n"
    )
    by_hand = '2024-02-02 P "Changed"\n  Assets:Till  1 EUR\n  Equity:Rest  -1 EUR\n'
    assert kinds(padded + by_hand.replace("02-02", "04-02")) == [
        ("pad", None),
        ("padding", None),
        ("balance", None),
        ("transaction", None),
    ]
    assert kinds(by_hand) == [("transaction", None)]
    later = by_hand.replace("02-02", "04-02")
    digests = [{row.digest for row in rows_of(padded + each)} for each in (later, later.replace("Changed", "Other"))]
    assert len(digests[0] ^ digests[1]) == 2


def test_a_flag_at_the_line_of_a_pad_in_another_file_is_no_padding(tmp_path: Path) -> None:
    pads = "2024-01-01 open Assets:Till\n2024-01-01 open Equity:Rest\n2024-02-01 pad Assets:Till Equity:Rest\n"
    (tmp_path / "main.beancount").write_text(pads + 'include "more.beancount"\n')
    by_hand = '\n\n2024-02-02 P "By hand"\n  Assets:Till  1 EUR\n  Equity:Rest  -1 EUR\n'
    (tmp_path / "more.beancount").write_text(by_hand + "2024-03-01 balance Assets:Till 5 EUR\n")
    entries, _, options = loader.load_file(str(tmp_path / "main.beancount"))
    rows = all_directives(_by_class(entries), options, Places(str(tmp_path / "main.beancount")).files, LATER)
    at_line_three = sorted((row.file, row.kind) for row in rows if row.line == 3)
    assert at_line_three == [
        ("main.beancount", "pad"),
        ("main.beancount", "padding"),
        ("more.beancount", "transaction"),
    ]


def test_prices_that_a_plugin_reads_out_of_transactions_are_not_sealed() -> None:
    text = (
        "2024-01-01 open Assets:Till\n2024-01-02 price USD 0.90 EUR\n"
        '2024-02-02 * "x"\n  Assets:Till  1 USD @ 0.91 EUR\n  Assets:Till  -0.91 EUR\n'
    )
    plugin = 'plugin "beancount.plugins.implicit_prices"\n'
    assert kinds(plugin + text) == kinds(text) == [("price", None), ("transaction", None)]


def test_what_claims_another_place_is_found_at_its_line(tmp_path: Path) -> None:
    """In every file that can be read, by a blank or a tab before it, or pushed; what only looks like it is not meant."""
    file = tmp_path / "a.beancount"
    other = '\n; filename: "x"\n2024-01-01 event "filename: a" "b"\n  my-filename: "x"\n  filenames: "x"\n'
    file.write_text(other + '\tfilename: "x"\n    filename : "x"\npushmeta filename: "x"\nfilename: "x"\n')
    missing = str(tmp_path / "gone.beancount")
    assert list(forged_places({"include": [missing, str(file)]})) == [(str(file), line) for line in (6, 7, 8)]
    assert list(forged_places({"include": None})) == list(forged_places({})) == []


def test_the_first_line_and_included_files_are_sealed_and_what_plugins_add_is_not(tmp_path: Path) -> None:
    (tmp_path / "main.beancount").write_text('2024-01-01 event "a" "b"\ninclude "more.beancount"\n')
    (tmp_path / "more.beancount").write_text('2024-01-02 event "a" "b"\n2024-01-03 event "a" "b"\n')
    entries, _, options = loader.load_file(str(tmp_path / "main.beancount"))
    added = [
        Event(new_metadata(str(tmp_path / name), line), LATER, "a", "b")
        for name, line in (("x", 1), ("main.beancount", 0))
    ]
    rows = all_directives(_by_class([*entries, *added]), options, Places(str(tmp_path / "main.beancount")).files, LATER)
    assert sorted((row.file, row.line) for row in rows) == [
        ("main.beancount", 1),
        ("more.beancount", 1),
        ("more.beancount", 2),
    ]


# -- papers ----------------------------------------------------------------------------------------------------------


def paper(file: Path, ledger: Path) -> object:
    """What a seal says of a paper."""
    return json.loads(canonical_text(Document({}, date(2025, 1, 2), "Assets:A", str(file), None, None), str(ledger)))[3]


def test_a_paper_is_the_digest_of_all_that_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "_CHUNK", 3)  # larger files are read in pieces
    file, ledger = tmp_path / "papers" / "bill.pdf", tmp_path / "main.beancount"
    file.parent.mkdir()
    for content in (b"", b"abc", b"a bill of 500 EUR"):
        file.write_bytes(content)
        assert paper(file, ledger) == ["sha256", sha256(content).hexdigest()]
    (tmp_path / "link.pdf").symlink_to(file)
    assert paper(tmp_path / "link.pdf", ledger) == ["sha256", sha256(content).hexdigest()]


def test_what_is_no_paper_is_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe would never end; a text that was never a file has no folder to look into."""
    ledger = tmp_path / "main.beancount"
    os.mkfifo(tmp_path / "pipe.pdf")
    for name in ("pipe.pdf", "gone.pdf"):
        assert paper(tmp_path / name, ledger) == ["missing", name]
    (tmp_path / "bill.pdf").write_bytes(b"x")
    bill = Document({}, date(2025, 1, 2), "Assets:A", str(tmp_path / "bill.pdf"), None, None)
    monkeypatch.chdir(tmp_path)
    assert json.loads(canonical_text(bill))[3] == ["missing", "bill.pdf"]
    (row,) = all_directives({Document: [bill]}, {}, {None: ""}, LATER)
    assert row.digest == leaf('["document","2025-01-02","Assets:A",["missing","bill.pdf"],[],[],{}]')
    (tmp_path / "books").mkdir()
    assert paper(tmp_path / "bill.pdf", tmp_path / "books" / "main.beancount") == ["missing", "bill.pdf"]
    assert paper(tmp_path / "books" / ".." / "bill.pdf", ledger) == ["sha256", sha256(b"x").hexdigest()]
