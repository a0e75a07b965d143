"""One record of every kind with every field that it can have: beside each line, to whom it passes.

`;; all` passes to members, auditors and the public, `;; inside` to members and auditors, `;; auditors` to them alone, and
a line without such a mark to nobody. What stands after `as` is how it passes, where that is not how it is written, and after
`public` how it passes to the public where that is different again. At the head of a record the mark says to whom there is
such a record at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest

from coopbooks.books.loading import Books, load_books
from coopbooks.publish import view_of, view_text
from coopbooks.publish.lists import AUDIENCES, PASSES
from coopbooks.records.reading import BYLAWS, KINDS

AS_OF = date(2026, 1, 31)
SHA = "0123456789abcdef" * 4
TO = {"all": AUDIENCES, "inside": ("members", "auditors"), "auditors": ("auditors",), "nobody": ()}
LINE = re.compile(r"(.*?)\s+;; (\w+)(?: as (\S+|\".*?\"))?(?: public (.*))?\Z")

RULES = """\
2025-01-01 custom "coop" "decision" "D-1"       ;; inside
  matter: "what it is about"
  body: "assembly"                              ;; inside
  eligible: 12                                  ;; inside
  quorum: 7                                     ;; inside
  for: 8                                        ;; inside
  against: 1                                    ;; inside
  abstain: 2                                    ;; inside
  strategic: TRUE                               ;; inside
  consulted: "the union"
  consulted-kind: "union"
  method: "meeting"                             ;; inside
  consent: "granted"                            ;; inside
  federation-for: 5                             ;; inside
  federation-against: 4                         ;; inside
  minutes: "minutes.pdf"
  published: 2025-01-03                         ;; inside
  law: "a law"
  document: "a.pdf"
  note: "a note"
2025-01-01 custom "coop" "rate" "house"         ;; inside
  value: 0.02                                   ;; inside
  ends: 2027-01-01                              ;; inside
  decision: "D-1"                               ;; inside
  source: "the bank's letter"
2025-01-01 custom "coop" "rate" "of-step"       ;; all
  value: 0.25                                   ;; all
  ends: 2027-01-02                              ;; all
  decision: "D-1"                               ;; inside
2025-01-01 custom "coop" "allocation" "members" ;; all
  step: 2                                       ;; all
  to: "members"                                 ;; all
  share: "of-step"                              ;; all
  of: "remaining"                               ;; all
  by: "hours"                                   ;; all
  as: "appropriation"                           ;; all
  at-most: 0.5                                  ;; all
  at-most-of: "result"                          ;; all
  round: "down"                                 ;; all
  cash: 0.3                                     ;; inside
  then: 0.1                                     ;; inside
  minimum-hours: 400                            ;; inside
  minimum-months: 6                             ;; inside
  seniority: "12:1 24:2"                        ;; inside
  binds-from: 2025-02-01                        ;; inside
  closes: "TR-LA-1-SUP-2"                           ;; inside
  ends: 2027-01-03                              ;; all
  decision: "D-1"                               ;; inside
  drops: "the earlier one"
2025-01-01 custom "coop" "allocation" "fund"    ;; all
  step: 1                                       ;; all
  to: Equity:Funds:School                       ;; all
  rest: TRUE                                    ;; all
  until: 500.00 EUR                             ;; inside
  until-at: "highest"                           ;; inside
2025-01-01 custom "coop" "allocation" "shares"  ;; all
  step: 3                                       ;; all
  to: "members"                                 ;; all
  rate: 0.04                                    ;; all
  on: "average"                                 ;; all
  of: "step:fund"                               ;; all
2025-01-01 custom "coop" "allocation" "up-to"   ;; all
  step: 4                                       ;; all
  to: Equity:Topped                             ;; all as Equity:Allocations:Up-to public Equity:Other
  amount: 40.00 EUR                             ;; all
  until-of: 2                                   ;; inside
  until-account: Equity:Members                 ;; inside
  top-up: TRUE                                  ;; inside
2025-01-01 custom "coop" "loss" "reserve"       ;; all
  step: 1                                       ;; all
  from: Equity:Reserve                          ;; all as Equity:Collective:No-1
  share: 0.6                                    ;; all
  at-most-share: 0.5                            ;; inside
  below-zero: TRUE                              ;; inside
  binds-from: 2025-02-01                        ;; inside
  closes: "TR-LA-2-SUP-2"                           ;; inside
  ends: 2027-01-04                              ;; all
  decision: "D-1"                               ;; inside
2025-01-01 custom "coop" "loss" "members"       ;; all
  step: 2                                       ;; all
  from: "members"                               ;; all
  rest: TRUE                                    ;; all
  against: "newest-first"                       ;; inside
2025-01-01 custom "coop" "fund" "school"        ;; all
  account: Equity:Funds:School                  ;; all
  kind: "education"                             ;; all
  purpose: "to learn"
  backing: Assets:Bank:School                   ;; inside as Assets:Backing:School
  liability: FALSE                              ;; all
  spend-by: 36                                  ;; all
  movement: TRUE                                ;; all
  ends: 2027-01-05                              ;; all
  decision: "D-1"                               ;; inside
"""

BYLAWS_OF_ALL = """\
2025-01-01 custom "coop" "bylaw" "fiscal-year"  ;; all
  ends: "12-31"                                 ;; all
  closes: "TR-LA-3-SUP-2"                           ;; inside
  decision: "D-1"                               ;; inside
2025-01-01 custom "coop" "bylaw" "wage-ratio"   ;; all
  cap: 3                                        ;; all
  period: "month"                               ;; all
  measure: "full-time"                          ;; all
  compare: "max/min"                            ;; all
  floor: 9.50 EUR                               ;; inside
  over: "members"                               ;; all
  include: "base overtime"                      ;; inside
  full-time-hours: 1650                         ;; inside
  minimum-hours: 10                             ;; all
  ends: 2027-01-06                              ;; all
  closes: "TR-LA-4-SUP-2"                           ;; inside
  decision: "D-1"                               ;; inside
2025-01-01 custom "coop" "bylaw" "surplus"      ;; inside
  patronage: "weighted"                         ;; inside
  weights: "hours:2 meals:1"             ;; inside as "hours:2 figure-no-1:1"
  weigh: "share"                                ;; inside
  count: "base bonus"                           ;; inside
  patronage-from: "hire"                        ;; inside
  takes-part: "at-close"                        ;; inside
  minimum: 5                                    ;; inside
  maximum: 0.2                                  ;; inside
  account: Equity:Surplus                       ;; inside
  tax: Liabilities:Tax                          ;; inside as Liabilities:Surplus-tax
  split: "accounts"                             ;; inside
  nonmember-accounts: "Income:Guests"           ;; inside as "Income:Surplus-nonmember:No-1"
  nonmember-to: Equity:Guests                   ;; inside as Equity:Surplus-nonmember
  cash: 0.25                                    ;; inside
  notice: "qualified"                           ;; inside
  vows: TRUE                                    ;; inside
  unclaimed-days: 90                            ;; inside
  unclaimed-to: Equity:Lost                     ;; inside as Equity:Surplus-unclaimed
  ends: 2027-01-07                              ;; inside
  binds-from: 2025-03-01                        ;; inside
  closes: "TR-LA-5-SUP-2"                           ;; inside
  decision: "D-1"                               ;; inside
2025-01-01 custom "coop" "bylaw" "capital"      ;; inside
  collective: "Equity:Reserve"                  ;; inside as "Equity:Collective:No-1"
  buy-in: 900.00 EUR                            ;; inside
  buy-in-months: 18                             ;; inside
  entry-fee: 25.00 EUR                          ;; inside
  entry-fee-to: Income:Entry                    ;; inside as Income:Capital-entry-fee
  interest: 0.015                               ;; inside
  interest-on: "opening"                        ;; inside
  interest-at-most: 0.4                         ;; inside
  interest-at-most-of: "result"                 ;; inside
  redeem-after: 5                               ;; inside
  redeem: "percent-of-all"                      ;; inside
  redeem-share: 0.1                             ;; inside
  redeem-at-most: 0.3                           ;; inside
  short: "pro-rata"                             ;; inside
  ends: 2027-01-08                              ;; inside
  closes: "TR-LA-6-SUP-2"                           ;; inside
  decision: "D-1"                               ;; inside
2025-01-01 custom "coop" "bylaw" "exit"         ;; inside
  years: 3                                      ;; inside
  interest: 0.01                                ;; inside
  schedule: "12:0.5 24:1"                       ;; inside
  losses-first: TRUE                            ;; inside
  deduct: 0.05                                  ;; inside
  deduct-to: Income:Kept                        ;; inside as Income:Exit-deduction
  set-off: TRUE                                 ;; inside
  ends: 2027-01-09                              ;; inside
  closes: "TR-LA-7-SUP-2"                           ;; inside
  decision: "D-1"                               ;; inside
2025-01-01 custom "coop" "bylaw" "assembly"     ;; all
  quorum: 0.5                                   ;; all
  majority: 0.5                                 ;; all
  supermajority: 0.75                           ;; inside
  majority-of: "present"                        ;; inside
  against-at-most: 3                            ;; inside
  ends: 2027-01-10                              ;; inside
  closes: "TR-LA-8-SUP-2"                           ;; inside
  decision: "D-1"                               ;; inside
2025-01-01 custom "coop" "bylaw" "books.days"   ;; inside
  value: 30                                     ;; inside
  ends: 2027-01-11                              ;; inside
  closes: "TR-LA-9-SUP-2"                           ;; inside
  decision: "D-1"                               ;; inside
2025-01-01 custom "coop" "bylaw" "time-zone"    ;; nobody
  value: "Europe/Madrid"
2025-01-01 custom "coop" "bylaw" "statute"      ;; nobody
  value: "us-ca-worker-coop"
2025-01-01 custom "coop" "bylaw" "publish-members" ;; nobody
  accounts: "Income:Sales"
2025-01-01 custom "coop" "bylaw" "publish-public" ;; nobody
  accounts: "Income:Sales"
"""

PEOPLE = """\
2025-01-01 custom "coop" "member" "m01"         ;; inside
  name: "Ada"
  wages: "Expenses:Wages"                       ;; inside as "Expenses:Wages:M01"
  capital: Equity:Members:Ada                   ;; inside as Equity:Members:M01
  hours: 1600                                   ;; inside
  since: 2024-05-01                             ;; inside
  ends: 2027-02-01                              ;; inside
  decision: "D-1"                               ;; inside
2025-01-01 custom "coop" "worker" "w01"         ;; inside
  name: "Bruno"
  wages: "Expenses:Wages"                       ;; inside as "Expenses:Wages:W01"
  hours: 800                                    ;; inside
  ends: 2027-02-02                              ;; inside
  decision: "D-1"                               ;; inside
2025-04-01 custom "coop" "exit" "w01"           ;; inside
  cause: "retirement"                           ;; auditors
  payee: "his heirs"
  decision: "D-1"                               ;; inside
2025-02-01 custom "coop" "absence" "m01"        ;; auditors
  reason: "a broken leg"
  until: 2025-03-01                             ;; auditors
  decision: "D-1"                               ;; auditors
2025-02-02 custom "coop" "resolution" "2025"    ;; inside
  of: "up-to"                                   ;; inside
  to: Equity:Topped                             ;; inside as Equity:Allocations:Up-to
  share: 0.4                                    ;; inside
  by: "equal"                                   ;; inside
  cash: 0.5                                     ;; inside
  decision: "D-1"                               ;; inside
2025-02-03 custom "coop" "resolution" "2024"    ;; inside
  of: "up-to"                                   ;; inside
  to: "next"                                    ;; inside
  amount: 30.00 EUR                             ;; inside
2025-02-04 custom "coop" "resolution" "2023"    ;; inside
  of: "up-to"                                   ;; inside
  to: "workers"                                 ;; inside
  rest: TRUE                                    ;; inside
2025-02-05 custom "coop" "contribution" "m01"   ;; inside
  period: "2025"                                ;; inside
  of: "hours"                                   ;; inside
  value: 17                                     ;; inside
  decision: "D-1"                               ;; inside
2025-02-05 custom "coop" "contribution" "w01"   ;; inside
  period: "2025"                                ;; inside
  of: "meals"                                   ;; inside as "figure-no-1"
  value: 18                                     ;; inside
2025-02-06 custom "coop" "adjustment" "2025"    ;; inside
  amount: 12.00 EUR                             ;; inside
  part: "nonmember"                             ;; inside
  reason: "a mistake"
  decision: "D-1"                               ;; inside
2025-02-07 custom "coop" "redemption" "m01"     ;; inside
  share: 0.2                                    ;; inside
  of: "2024"                                    ;; inside
  decision: "D-1"                               ;; inside
2025-02-08 custom "coop" "redemption" "m01"     ;; inside
  amount: 60.00 EUR                             ;; inside
2025-02-09 custom "coop" "vow" "m01"            ;; inside
  period: "2025"                                ;; inside
  text: "I keep to the rules"
  witness: "Bruno"                              ;; inside as "kept in the books"
2025-02-10 custom "coop" "decline" "m01"        ;; inside
  period: "2024"                                ;; inside
  share: 0.5                                    ;; inside
  to: Equity:Reserve                            ;; inside as Equity:Collective:No-1
  decision: "D-1"                               ;; inside
"""

OTHERS = f"""\
2025-01-01 custom "coop" "ally" "union"         ;; inside
  name: "The Union"
  sort: "union"                                 ;; inside
  hostile: FALSE                                ;; inside
  ends: 2027-03-01                              ;; inside
  decision: "D-1"                               ;; inside
2025-01-02 custom "coop" "contract" "union"     ;; inside
  open-ledger: TRUE                             ;; inside
  non-interference: TRUE                        ;; inside
  assembly-supremacy: FALSE                     ;; inside
  sunset: 2026-06-01                            ;; inside
  signed: 2025-01-02                            ;; inside
  ends: 2027-03-02                              ;; inside
  decision: "D-1"                               ;; inside
2025-01-03 custom "coop" "signal" "union"       ;; inside
  what: "they ask for a seat"
  evidence: "a letter"
  decision: "D-1"                               ;; inside
2025-01-04 custom "coop" "pulse" "2025-01"      ;; inside
  ledger-reveal: TRUE                           ;; inside
  dependency-scan: FALSE                        ;; inside
  narrative-check: TRUE                         ;; inside
  narrative: "we are fine"
  votes: "union:strengthened=3"
  decision: "D-1"                               ;; inside
2025-01-05 custom "coop" "caucus" "union"       ;; inside
  outcome: "suspend"                            ;; inside
  decision: "D-1"                               ;; inside
2025-01-06 custom "coop" "function" "milling"   ;; inside
  provider: "union"                             ;; inside
  alternative: "internal"                       ;; inside
  tested: 2025-01-05                            ;; inside
  ends: 2027-03-03                              ;; inside
  decision: "D-1"                               ;; inside
2025-01-06 custom "coop" "function" "baking"    ;; inside
  provider: "internal"                          ;; inside
  alternative: "union"                          ;; inside
2025-01-07 custom "coop" "refusal" "union"      ;; inside
  offer: "a loan"
  condition: "their name on the door"
  published: 2025-01-08                         ;; inside
  decision: "D-1"                               ;; inside
2025-01-08 custom "coop" "probe" "harbour"      ;; inside
  partner: "union"                              ;; inside
  purpose: "to try"
  starts: 2025-01-09                            ;; inside
  ends: 2025-02-09                              ;; inside
  red-lines: "no uniforms"
  messaging: "none"
  responsibilities: "shared"
  observers: "two"
  expected-autonomy: 7                          ;; inside
  expected-benefit: 6                           ;; inside
  decision: "D-1"                               ;; inside
2025-02-10 custom "coop" "debrief" "harbour"    ;; inside
  at: "2025-02-10T10:00:00+01:00"               ;; inside
  autonomy: 8                                   ;; inside
  benefit: 5                                    ;; inside
  amended: "the date"
  gained: "a crane"
  decision: "D-1"                               ;; inside
2025-02-11 custom "coop" "pivot" "drill"        ;; inside
  signal-at: "2025-02-11T10:00:00+01:00"        ;; inside
  published-at: "2025-02-11T12:00:00+01:00"     ;; inside
  drill: TRUE                                   ;; inside
  decision: "D-1"                               ;; inside
2025-02-12 custom "coop" "screening" "mill"     ;; inside
  outcome: "cooperative"                        ;; inside
  decision: "D-1"                               ;; inside
2025-02-12 custom "coop" "screening" "dairy"    ;; inside
  outcome: "failed"                             ;; inside
2025-02-13 custom "coop" "violation" "mill"     ;; inside
  what: "wages were late"
  evidence: "a talk"
  decision: "D-1"                               ;; inside
2025-02-14 custom "coop" "policy" "suppliers"   ;; all
  version: 3                                    ;; all
  sha256: "{SHA}" ;; all
  closes: "TR-LA-10-SUP-2"                          ;; all
  ends: 2027-03-04                              ;; all
  decision: "D-1"                               ;; inside
2025-02-15 custom "coop" "golden-share" "port"  ;; inside
  reserved: "the sale of the oven"
  ends: 2027-03-05                              ;; inside
  decision: "D-1"                               ;; inside
2025-02-16 custom "coop" "delegate" "port"      ;; inside
  person: "w01"                                 ;; inside
  mandate: "to speak"
  recalled: 2025-06-01                          ;; inside
  ends: 2027-03-06                              ;; inside
  decision: "D-1"                               ;; inside
2025-02-17 custom "coop" "budget" "flour"       ;; inside
  account: Expenses:Flour
  amount: 500.00 EUR                            ;; inside
  starts: 2025-03-01                            ;; inside
  ends: 2025-12-31                              ;; inside
  decision: "D-1"                               ;; inside
2025-02-18 custom "coop" "redaction" "R-1"      ;; all
  of: "an address"
  reason: "it is watched"
  review: 2027-01-01                            ;; all
  decision: "D-1"                               ;; inside
2025-02-19 custom "coop" "practice" "mirror"    ;; inside
  at: "2025-02-19T08:00:00+01:00"               ;; inside
  facilitator: "m01"                            ;; inside
  format: "in silence"
  after: "a fall"
  hours-halted: 4                               ;; inside
  decision: "D-1"                               ;; inside
2025-02-20 custom "coop" "alert" "dockers:2025-02-20" ;; inside
  at: "2025-02-20T06:15:00+01:00"               ;; inside
  decision: "D-1"                               ;; inside
2025-02-21 custom "coop" "solidarity" "dockers:2025-02-20" ;; inside
  at: "2025-02-21T11:00:00+01:00"               ;; inside
  what: "visible"                               ;; inside
  decision: "D-1"                               ;; inside
"""

AUDITS = f"""\
2025-03-01 custom "coop" "lottery-call" "LA-1"  ;; all
  seats: 2                                      ;; all
  alternates: 1                                 ;; all
  max-per-org: 1                                ;; all
  pool: "dockers:omar press:eva tenants:rosa"   ;; all
  pool-sha256: "{SHA}"                          ;; all
  sources: "lotto"                              ;; all
  draw-not-before: 2025-03-09                   ;; all
  decision: "D-1"                               ;; inside
2025-03-10 custom "coop" "lottery-draw" "LA-1"  ;; all
  source-1: "lotto=4.8.15"                      ;; all
  seed: "{SHA}"                                 ;; all
  panel: "press:eva tenants:rosa"               ;; all
  alternates: "dockers:omar"                    ;; all
  decision: "D-1"                               ;; inside
2025-03-11 custom "coop" "auditor" "press:eva"  ;; all
  audit: "LA-1"                                 ;; all
  conflicts: "none"                             ;; inside
  accepted: TRUE                                ;; all
  decision: "D-1"                               ;; inside
2025-03-11 custom "coop" "auditor" "tenants:rosa" ;; all
  audit: "LA-1"                                 ;; all
  conflicts: "her brother mills our flour"      ;; inside as "stated"
  accepted: FALSE                               ;; all
2025-03-12 custom "coop" "audit" "LA-1"         ;; all
  window-start: 2024-01-01                      ;; all
  window-end: 2024-12-31                        ;; all
  catalogue: "coopbooks-liberation/1.0"         ;; all
  profile: "starter"                            ;; all
  decision: "D-1"                               ;; inside
2025-03-13 custom "coop" "finding" "LA-1/SUP-2" ;; all
  label: "reformist"                            ;; all
  basis: "human"                                ;; all
  votes: "2-1-0"                                ;; all
  evidence: "a talk"
  text: "seven weeks of flour"
  verifies: "TR-LA-11-SUP-2"                        ;; all
  withdraws: "TR-LA-12-SUP-2"                       ;; all
  until: 2026-01-01                             ;; all
  decision: "D-1"                               ;; inside
2025-03-14 custom "coop" "flag" "LA-1/WAG-1"    ;; inside
  text: "somebody is paid twice"
  decision: "D-1"                               ;; inside
2025-03-15 custom "coop" "verdict" "LA-1"       ;; all
  verdict: "reformist"                          ;; all
  assurance: "qualified"                        ;; all
  votes: "2-0-1"                                ;; all
  report-sha256: "{SHA}"                        ;; all
  labels: "SUP-2=reformist WAG-1=revolutionary" ;; all
  decision: "D-1"                               ;; inside
2025-03-16 custom "coop" "publication" "LA-1"   ;; all
  place: "https://coop.example/LA-1"
  report-sha256: "{SHA}"                        ;; all
  decision: "D-1"                               ;; inside
2025-03-17 custom "coop" "response" "LA-1"      ;; inside
  note: "we did our best"
  decision: "D-1"                               ;; inside
2025-03-18 custom "coop" "derogation" "RHY-2"   ;; inside
  reason: "no moon"
  until: 2025-12-31                             ;; inside
  decision: "D-1"                               ;; inside
2025-03-19 custom "coop" "snapshot" "2025-02"   ;; all
  sha256: "{SHA}"                               ;; all
  records: "member/m01"
  audience: "all workers"                       ;; inside
  decision: "D-1"                               ;; inside
2025-03-20 custom "coop" "access" "2025-02"     ;; inside
  people: "m01 w01 press:eva"                   ;; inside as "m01 w01"
  decision: "D-1"                               ;; inside
2025-03-21 custom "coop" "action" "LA-1/SUP-2"  ;; all
  due: 2025-07-01                               ;; all
  done: 2025-06-20                              ;; all
  proof: "the last invoice"
  decision: "D-1"                               ;; inside
2025-03-22 custom "coop" "assembly" "june"      ;; all
  emergency: TRUE                               ;; all
  answers: "TR-LA-13-SUP-2 TR-LA-14-SUP-2"              ;; all
  notice: 2025-03-20                            ;; all
  quorum: 8                                     ;; all
  outcome: "confirmed"                          ;; all
  decision: "D-1"                               ;; inside
2025-03-23 custom "coop" "profile" "first"      ;; all
  practices: FALSE                              ;; all
  excludes: "RHY-2 DEF-1"                       ;; all
  reason: "we are new"
  ends: 2027-03-07                              ;; all
  decision: "D-1"                               ;; inside
2025-03-24 custom "coop" "seal" "2024"          ;; nobody
  sha256: "{SHA}"
  root: "{SHA}"
  directives: 1
  starts: 2024-01-01
  until: 2024-12-31
"""

SOURCE = RULES + BYLAWS_OF_ALL + PEOPLE + OTHERS + AUDITS


def blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each record of a text: its head, and its other lines."""
    for part in re.split(r"\n(?=\S|\n)", text.strip()):
        head, *fields = part.split("\n")
        if ' custom "coop" ' in head:
            yield head, fields


def passing(line: str, audience: str) -> str | None:
    """A line as it passes, from its mark; None where it does not."""
    marked = LINE.match(line)
    if marked is None or audience not in TO[marked[2]]:
        return None
    written = (marked[4] if audience == "public" else None) or marked[3]
    return f"{marked[1].partition(':')[0]}: {written}" if written else marked[1]


def wanted(audience: str) -> list[str]:
    """The records that pass, as the marks have them."""
    found = []
    for head, fields in blocks(SOURCE):
        passes = passing(head, audience)
        if passes:
            found.append("\n".join([passes, *sorted(filter(None, (passing(each, audience) for each in fields)))]))
    return sorted(found)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    path = tmp_path_factory.mktemp("every-kind") / "books.beancount"
    path.write_text(f'option "operating_currency" "EUR"\n{SOURCE}', encoding="utf-8")
    return load_books(path)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_of_each_record_just_the_marked_lines_pass(books: Books, audience: str) -> None:
    text = view_text(view_of(books, audience, AS_OF))
    assert sorted("\n".join([head, *sorted(fields)]) for head, fields in blocks(text)) == wanted(audience)


def test_a_record_of_every_kind_and_a_line_for_every_field_that_passes_is_here() -> None:
    rows: dict[tuple[str, str], set[str]] = {}
    for head, fields in blocks(SOURCE):
        kind, name = re.findall(r'"([^"]*)"', head)[1:3]
        sort = (kind, "" if kind != "bylaw" else name if name in BYLAWS else "parameter")
        rows.setdefault(sort, set()).update(each.strip().partition(":")[0] for each in fields)
    assert set(rows) == {(kind, "") for kind in KINDS} | {("bylaw", each) for each in (*BYLAWS, "parameter")}
    for row, names in PASSES.items():
        kind, _, rule = row.partition(" ")
        if row not in ("transaction", "pay", "gift"):
            assert set(names) <= rows[kind, rule], row
