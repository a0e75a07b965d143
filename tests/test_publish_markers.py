"""A random marker in every text that a ledger can have, over a thousand ledgers: none comes out of a published one.

The words that `texts` of a bylaw opens are the only exception, and have tests of their own below.
"""

from __future__ import annotations

import random
import re
from datetime import date
from pathlib import Path

import pytest
from beancount import loader

from coopbooks.books.loading import load_books
from coopbooks.publish import view_of, view_text
from coopbooks.publish.lists import TEXTS
from coopbooks.records.reading import BYLAWS, KINDS

LEDGERS = 1_000
AS_OF = date(2026, 1, 31)

# "lower" is the marker, "Title" the same as part of an account, "UPPER" as a commodity. "N" is some amount.
ALWAYS = """\
; lower
option "title" "lower"
option "operating_currency" "EUR"
option "account_previous_balances" "Opening-Title"
option "insert_pythonpath" "FALSE"
pushtag #lower-pushed
pushmeta lower-pushed: "lower"
2024-01-01 open Assets:Title
  lower-own: "lower"
2024-01-01 open Assets:Title:Aid
2024-01-01 open Assets:Shares
2024-01-01 open Liabilities:Title:Deep
2024-01-01 open Equity:Members:Title
2024-01-01 open Equity:Title:Common
2024-01-01 open Equity:Funds:Title:Aid
2024-01-01 open Income:Title:Sales
2024-01-01 open Expenses:Title:Wages
2024-01-01 open Expenses:Title:Costs
2024-01-01 commodity UPPER
  name: "lower"
2024-01-01 custom "coop" "decision" "lower decision"
  matter: "lower"
  consulted: "lower"
  consulted-kind: "lower"
  minutes: "lower/lower.pdf"
  document: "lower.pdf"
  law: "lower"
  note: "lower"
  recorded-late: "lower"
  lower-unknown: "lower"
2024-01-01 custom "coop" "member" "m01"
  name: "lower"
  wages: "Expenses:Title:Wages"
  capital: Equity:Members:Title
2024-01-01 custom "coop" "worker" "w01"
  name: "lower"
  wages: "Expenses:Title:Wages"
2024-01-01 custom "coop" "fund" "lower fund"
  account: Equity:Funds:Title:Aid
  kind: "mutual-aid"
  purpose: "lower"
  backing: Assets:Title:Aid
"""

SOME = """\
2024-01-03 note Assets:Title "lower" #lower ^lower
2024-01-03 event "lower" "lower"
2024-01-03 query "lower" "select 'lower'"
2024-01-03 document Assets:Title "lower.pdf"
2024-01-03 price UPPER 3 EUR
  lower-source: "lower"
2024-01-03 custom "lower" "lower" Assets:Title "lower"
2024-01-03 custom "published" "lower" "lower"
2024-01-03 balance Assets:Title 0 EUR
  lower-own: "lower"
2024-03-02 pad Assets:Title Equity:Title:Common
2024-03-03 balance Assets:Title N EUR
2024-01-03 custom "coop" "lower" "lower"
  lower: "lower"
2024-01-03 custom "coop" "seal" "lower"
  sha256: "lower"
  root: "lower"
  directives: 1
  starts: 2024-01-01
  until: 2024-12-31
  previous: "lower"
  entries: "lower"
2024-01-03 custom "coop" "ally" "lower ally"
  name: "lower"
  drops: "lower"
2024-01-03 custom "coop" "contract" "lower ally"
  drops: "lower"
  note: "lower"
2024-01-03 custom "coop" "signal" "lower ally"
  what: "lower"
  evidence: "lower"
2024-01-03 custom "coop" "pulse" "lower pulse"
  ledger-reveal: TRUE
  narrative: "lower"
  votes: "lower:strengthened=1"
2024-01-03 custom "coop" "caucus" "lower ally"
  outcome: "suspend"
  note: "lower"
2024-01-03 custom "coop" "function" "lower function"
  provider: "lower"
  alternative: "lower"
  drops: "lower"
2024-01-03 custom "coop" "refusal" "lower ally"
  offer: "lower"
  condition: "lower"
2024-01-03 custom "coop" "probe" "lower probe"
  partner: "lower"
  purpose: "lower"
  red-lines: "lower"
  messaging: "lower"
  responsibilities: "lower"
  observers: "lower"
2024-01-03 custom "coop" "debrief" "lower probe"
  amended: "lower"
  gained: "lower"
2024-01-03 custom "coop" "pivot" "lower pivot"
  drill: TRUE
2024-01-03 custom "coop" "screening" "lower mill"
  outcome: "lower"
2024-01-03 custom "coop" "violation" "lower mill"
  what: "lower"
  evidence: "lower"
2024-01-03 custom "coop" "golden-share" "lower federation"
  reserved: "lower"
  drops: "lower"
2024-01-03 custom "coop" "delegate" "lower office"
  person: "lower"
  mandate: "lower"
  drops: "lower"
2024-01-03 custom "coop" "budget" "lower line"
  account: Expenses:Title:Costs
  amount: N EUR
2024-01-03 custom "coop" "redaction" "lower redaction"
  of: "lower"
  reason: "lower"
2024-01-03 custom "coop" "policy" "lower policy"
  version: 2
  sha256: "lower"
  closes: "TR-lower_1-SUP-2"
  drops: "lower"
2024-01-03 custom "coop" "practice" "lower practice"
  facilitator: "lower"
  format: "lower"
  after: "lower"
2024-01-03 custom "coop" "alert" "lower lower"
  at: "lower"
2024-01-03 custom "coop" "solidarity" "lower lower"
  what: "lower"
2024-01-03 custom "coop" "lottery-call" "lower audit"
  seats: 1
  pool: "lower"
  pool-sha256: "77aa"
  sources: "lower"
  draw-not-before: 2024-01-03
2024-01-03 custom "coop" "lottery-call" "LA-1"
  seats: 1
  pool: "lower"
  pool-sha256: "77aa"
  sources: "dice"
  draw-not-before: 2024-01-03
2024-01-03 custom "coop" "lottery-draw" "LA-1"
  source-1: "dice=lower"
  seed: "77aa"
  panel: "lower"
  alternates: "lower"
2024-01-03 custom "coop" "auditor" "lower"
  audit: "lower"
  conflicts: "lower"
2024-01-03 custom "coop" "audit" "lower audit"
  catalogue: "lower/1.0"
  profile: "lower"
2024-01-03 custom "coop" "finding" "lower audit/SUP-2"
  label: "reformist"
  basis: "lower"
  evidence: "lower"
  text: "lower"
  verifies: "TR-lower_1-SUP-2"
2024-01-03 custom "coop" "finding" "LA-1/lower"
  text: "lower"
2024-01-03 custom "coop" "flag" "lower audit/SUP-2"
  text: "lower"
2024-01-03 custom "coop" "verdict" "lower audit"
  verdict: "reformist"
  labels: "lower=reformist"
2024-01-03 custom "coop" "publication" "lower audit"
  place: "https://lower.example/lower"
2024-01-03 custom "coop" "response" "lower audit"
  document: "lower.pdf"
2024-01-03 custom "coop" "derogation" "lower criterion"
  reason: "lower"
2024-01-03 custom "coop" "snapshot" "lower month"
  sha256: "77aa"
  records: "lower/lower member/lower"
  audience: "lower"
2024-01-03 custom "coop" "access" "lower month"
  people: "lower m01"
2024-01-03 custom "coop" "action" "lower audit/SUP-2"
  proof: "lower"
2024-01-03 custom "coop" "assembly" "lower assembly"
  answers: "TR-lower_1-SUP-2"
  outcome: "lower"
2024-01-03 custom "coop" "profile" "lower profile"
  excludes: "lower"
  reason: "lower"
  drops: "lower"
2024-01-03 custom "coop" "rate" "lower rate"
  value: 0.02
  source: "lower"
  drops: "lower"
2024-01-03 custom "coop" "bylaw" "time-zone"
  value: "lower"
  drops: "lower"
  closes: "lower"
2024-01-03 custom "coop" "bylaw" "wage-ratio-lower lower"
  cap: 4
  drops: "lower"
  closes: "lower"
2024-01-03 custom "coop" "bylaw" "surplus"
  patronage: "weighted"
  weights: "hours:0.5 lower:0.5"
  nonmember-to: Equity:Title:Common
  nonmember-accounts: "Income:Title:Sales"
  tax: Expenses:Title:Tax
  currency: "UPPER"
  account: Equity:Title:Surplus
  drops: "lower"
  closes: "lower"
2024-01-03 custom "coop" "bylaw" "surplus"
  patronage: "hours"
  unclaimed-to: Equity:Title:Common
2024-01-03 custom "coop" "bylaw" "capital"
  collective: "Equity:Title:Common"
  entry-fee-to: Equity:Title:Common
  interest: "lower rate"
  drops: "lower"
  closes: "lower"
2024-01-03 custom "coop" "bylaw" "exit-lower lower"
  deduct: 0.1
  deduct-to: Equity:Title:Common
  interest: "lower rate + 0.01"
  drops: "lower"
  closes: "lower"
2024-01-03 custom "coop" "bylaw" "assembly"
  quorum: 0.5
  drops: "lower"
  closes: "lower"
2024-01-03 custom "coop" "bylaw" "statute"
  value: "lower"
  drops: "lower"
  closes: "lower"
2024-01-03 custom "coop" "bylaw" "fiscal-year"
  ends: "06-30"
  drops: "lower"
  closes: "lower"
2024-01-03 custom "coop" "bylaw" "publish-members"
  drops: "lower"
  closes: "lower"
2024-01-03 custom "coop" "bylaw" "publish-public"
  drops: "lower"
  closes: "lower"
2024-01-03 custom "coop" "bylaw" "lower.lower"
  value: "lower"
2024-01-03 custom "coop" "bylaw" "trigger.days"
  value: "lower"
2024-01-03 custom "coop" "member" "m01"
  name: "lower"
  capital: Equity:Members:Title
  drops: "lower"
2024-01-03 custom "coop" "worker" "w01"
  name: "lower"
  wages: "Expenses:Title:Wages Expenses:Title"
  drops: "lower"
2024-01-03 custom "coop" "fund" "lower fund"
  account: Equity:Funds:Title:Aid
  kind: "strike"
  drops: "lower"
  meets: "lower"
2024-01-03 custom "coop" "fund" "lower school"
  account: Equity:Funds:Title
  backing: Assets:Title
  purpose: "lower"
2024-01-03 custom "coop" "allocation" "lower step"
  step: 1
  to: Equity:Title:Common
  share: "lower rate"
  of: "step:lower step"
  at-most: 0.5
  at-most-of: "lower"
  until-of: 2
  until-account: Equity:Title:Common
  drops: "lower"
  closes: "lower"
  meets: "lower"
2024-01-03 custom "coop" "allocation" "lower rest"
  step: 2
  to: "lower"
  rest: TRUE
  of: "lower"
2024-01-03 custom "coop" "loss" "lower loss"
  step: 1
  from: Equity:Title:Common
  rest: TRUE
  drops: "lower"
  closes: "lower"
  meets: "lower"
2024-01-03 custom "coop" "loss" "lower members"
  step: 2
  from: "lower"
  rest: TRUE
2024-01-03 custom "coop" "resolution" "2024"
  of: "lower step"
  to: "lower"
  share: 0.5
2024-01-03 custom "coop" "resolution" "2024"
  of: "lower"
  to: Equity:Title:Common
  amount: "lower rate"
2024-01-03 custom "coop" "vow" "m01"
  period: "2024"
  text: "lower"
  witness: "lower"
2024-01-03 custom "coop" "decline" "m01"
  period: "lower"
  to: Equity:Title:Common
2024-01-03 custom "coop" "contribution" "m01"
  period: "2024"
  of: "lower"
  value: 3
2024-01-03 custom "coop" "contribution" "lower"
  period: "lower"
  of: "lower"
  value: 3
2024-01-03 custom "coop" "adjustment" "2024"
  amount: N EUR
  reason: "lower"
2024-01-03 custom "coop" "redemption" "2024"
  share: 0.5
  of: "lower"
2024-01-03 custom "coop" "absence" "m01"
  reason: "lower"
2025-06-03 custom "coop" "exit" "w01"
  cause: "lower"
  payee: "lower"
2024-02-03 ! "lower" "lower" #lower ^lower ; lower
  claim: "lower"
  decision: "lower decision"
  lower-own: "lower"
  Equity:Funds:Title:Aid  N EUR ; lower
    lower-own: "lower"
    claim: "lower"
  Assets:Title
2024-02-04 * "lower"
  source: "lower"
  period: "lower"
  of-period: "lower"
  document: "lower/lower.pdf"
  statement: "lower"
  Equity:Funds:Title:Aid  -N EUR
  Assets:Title:Aid
2024-02-04 * "lower" "lower"
  source: "donation"
  ally: "lower"
  Equity:Funds:Title:Aid  -N EUR
    ally: "lower ally"
    conditions: "lower"
    valuation: "lower"
    in-kind: "lower"
  Assets:Title:Aid
2024-02-05 * "lower"
  Income:Title:Sales  -N EUR
    ally: "lower ally"
    conditions: "lower"
    in-kind: TRUE
    valuation: "lower"
  Expenses:Title:Costs
2024-02-05 * "lower"
  Assets:Title  2 UPPER @ N EUR
  Liabilities:Title:Deep
2024-02-06 * "lower"
  Assets:Shares  N UPPERX {2 EUR, "lower"}
  Liabilities:Title:Deep
2024-02-07 * "lower"
  Assets:Shares  3 UPPERX
  Liabilities:Title:Deep  -3 UPPERX
2024-02-28 * "lower" "lower" ^lower
  worker: "m01"
  pay-period: "lower"
  lower-own: "lower"
  Expenses:Title:Wages  N EUR
    hours: 100
    pay: "lower"
    pay-period: "lower"
    note: "lower"
  Liabilities:Title:Deep  -1 EUR
  Assets:Title
2024-02-29 * "lower"
  Expenses:Title:Wages  N EUR
    worker: "w01"
    pay: "lower"
  Assets:Title
2024-12-31 * "lower" #coop-close #lower
  period: "2024"
  decision: "lower"
  Income:Title:Sales  N EUR
  Equity:Title:Common
2025-01-15 * "lower" #coop-redeem #lower
  Equity:Members:Title  N EUR
  Assets:Title
2025-02-15 * "lower" #coop-interest
  supplier: "lower"
  Expenses:Title:Costs  N EUR
  Equity:Members:Title
2025-03-15 txn "lower"
  Equity:Title:Common  N EUR
  Equity:Members:Title
"""

START = re.compile(r"^(?=\d{4}-\d{2}-\d{2} )", re.MULTILINE)


def ledger_of(seed: int) -> tuple[str, str]:
    """A random ledger, and the marker that stands in all its texts."""
    dice = random.Random(seed)  # noqa: S311  (a ledger, no secret)
    marker = "".join(dice.choices("qxzjvk", k=12))
    parts = [part for part in START.split(SOME) if part and dice.random() < 0.7]
    dice.shuffle(parts)
    text = ALWAYS + "".join(_moved(part, dice) for part in parts) + "poptag #lower-pushed\npopmeta lower-pushed:\n"
    text = re.sub(r"\bN\b", lambda _: f"{dice.randrange(1, 99_999) / 100:.2f}", text)
    for sign, shown in (("lower", marker), ("UPPER", marker.upper()), ("Title", marker.capitalize())):
        text = text.replace(sign, shown)
    return text, marker


def _moved(part: str, dice: random.Random) -> str:
    """A directive in some month of two years; records stay where they are, since the first day counts for most."""
    if ' custom "coop"' in part or part[11:].startswith(("pad", "balance", "price")):
        return part
    return f"{dice.choice([2024, 2025])}-{dice.randrange(1, 13):02}-{part[8:10].replace('29', '28').replace('31', '28')}{part[10:]}"


def test_no_text_of_a_thousand_ledgers_comes_out(tmp_path: Path) -> None:
    """In no byte, in whatever capitals, of what members and the public get; and there are books behind it."""
    seen = 0
    for seed in range(LEDGERS):
        text, marker = ledger_of(seed)
        path = tmp_path / f"{marker}.beancount"
        path.write_text(text, encoding="utf-8")
        (tmp_path / f"{marker}.pdf").touch()
        books = load_books(path)
        assert not books.dropped, (seed, books.dropped)
        for audience in ("members", "public"):
            shown = view_text(view_of(books, audience, AS_OF))
            assert marker not in shown.casefold(), (seed, audience)
            seen += shown.count(" EUR")
        path.unlink()
        path.with_suffix(".pdf").unlink()
    assert seen > 10 * LEDGERS


def test_the_marker_stands_in_every_text_that_a_record_can_have() -> None:
    text = ALWAYS + SOME
    written = {
        (kind, rule.partition("-")[0] if kind == "bylaw" and rule.startswith(("wage-ratio", "exit")) else rule)
        for kind, rule in re.findall(r'custom "coop" "([a-z-]+)" "([^"]*)"', text)
    }
    assert {kind for kind, _ in written} >= set(KINDS)
    everywhere = {"decision", "law", "document", "note", "at", "recorded-late"}
    for kind, cls in [*KINDS.items(), *((f'bylaw" "{rule}', cls) for rule, cls in BYLAWS.items())]:
        fields = {name for name, field in cls.FIELDS.items() if field.sort == "text"} - everywhere
        own = "".join(part for part in START.split(text) if f'custom "coop" "{kind}' in part)
        assert all(f"  {name}: " in own for name in fields), (kind, fields)


# -- texts that a vote opens -------------------------------------------------------------------------------------------

OPENED = """\
option "title" "The name \\u202e of \\"us\\""
option "operating_currency" "EUR"
2024-01-01 open Assets:Bank
2024-01-01 open Equity:Funds:Aid
2024-01-01 open Equity:Funds:School
2024-01-01 open Income:Gifts
2024-01-01 custom "coop" "decision" "D1"
  matter: "what was\\nvoted"
  note: "a note"
2024-01-01 custom "coop" "decision" "D2"
  matter: "Help for somebody"
2024-01-01 custom "coop" "fund" "school"
  account: Equity:Funds:School
  purpose: "a \\\\ purpose\\u0007 of Assets:bank."
2024-01-01 custom "coop" "fund" "aid"
  account: Equity:Funds:Aid
  kind: "mutual-aid"
2024-01-01 custom "coop" "ally" "union"
  name: "The union\\u200b"
2024-02-03 * "grant"
  claim: 1
  decision: "D2"
  Equity:Funds:Aid  12.00 EUR
  Assets:Bank
2024-02-05 * "gift"
  Income:Gifts  -70.00 EUR
    ally: "union"
    conditions: "open on Sundays"
  Assets:Bank
2024-02-06 * "gift"
  Income:Gifts  -80.00 EUR
    ally: "union"
    conditions: "None"
    in-kind: TRUE
    valuation: 80.00 EUR
  Assets:Bank
"""
WORDS = {
    "title": 'option "title" "The name [U+202E] of \\"us\\""',
    "matter": '  matter: "what was[U+000A]voted"',
    "purpose": '  purpose: "a \\\\ purpose[U+0007] of Assets:bank."',
    "ally-name": '  name: "The union[U+200B]"',
    "conditions": '    conditions: "open on Sundays"',
}


def opened(tmp_path: Path, audience: str, bylaw: str, texts: str) -> str:
    path = tmp_path / "books.beancount"
    voted = f'2024-01-01 custom "coop" "bylaw" "{bylaw}"\n  texts: "{texts}"\n' if texts else ""
    path.write_text(_unescaped(OPENED) + voted, encoding="utf-8")
    return view_text(view_of(load_books(path), audience, date(2024, 5, 1)))


def _unescaped(text: str) -> str:
    """The signs that are written here as code points, themselves."""
    for code in ("202e", "200b", "0007"):
        text = text.replace(f"\\u{code}", chr(int(code, 16)))
    return text


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_passes_where_the_members_have_voted_for_it_and_no_other(tmp_path: Path, name: str) -> None:
    text = opened(tmp_path, "members", "publish-members", name)
    assert WORDS[name] in text
    assert loader.load_string(text)[1] == []
    assert [other for other, words in WORDS.items() if other != name and words in text] == []
    assert "Help for somebody" not in text  # the decision of a grant
    assert "a note" not in text
    assert [other for other in WORDS.values() if other in opened(tmp_path, "public", "publish-members", name)] == []


def test_no_text_passes_without_a_vote(tmp_path: Path) -> None:
    for audience in ("members", "auditors", "public"):
        text = opened(tmp_path, audience, "publish-members", "")
        assert [words for words in WORDS.values() if words in text] == []
        assert 'option "title" "Open book"' in text


def test_gifts_pass_one_by_one_with_what_is_stated_of_them(tmp_path: Path) -> None:
    text = opened(tmp_path, "members", "publish-members", "")
    assert '  Income:Other  -70.00 EUR\n    ally: "union"\n    conditions: "stated"\n' in text
    goods = '  Income:Other  -80.00 EUR\n    ally: "union"\n    in-kind: TRUE\n    valuation: 80.00 EUR\n'
    assert f'{goods}    conditions: "none"\n' in text
    assert "union" not in opened(tmp_path, "public", "publish-public", "conditions")


def test_what_is_opened_to_the_public_members_see_too(tmp_path: Path) -> None:
    for audience in ("members", "public"):
        assert WORDS["purpose"] in opened(tmp_path, audience, "publish-public", "purpose matter")
