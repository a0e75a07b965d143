"""An invented audit that has everything in it that a report can show, and hostile text wherever a ledger can put some."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from coopbooks import audit_answers as answers
from coopbooks.audit.cases import Case
from coopbooks.audit.criterion import Criterion
from coopbooks.audit.judgement import Judgement
from coopbooks.audit.model import Audit, Dissent, Ignored, Reason, Result, Seat, Setting, Verdict
from coopbooks.audit.triggers import Trigger
from coopbooks.books.digest import Listed
from coopbooks.errors import Place
from coopbooks.periods import Period
from coopbooks.printed_audit import audit_answer
from coopbooks.records import audits

HOSTILE = "<script>alert(1)</script> [free](http://evil.example) **bold** | cell # head"
DIGEST = "0123456789abcdef" * 4


def criterion(name: str, tier: Any, title: str) -> Criterion:
    return Criterion(
        id=name,
        tier=tier,
        title=title,
        revolutionary="all",
        reformist="less",
        hostile=None,
        evidence=("compute", "examine"),
        clause="002:59",
        remedy="adopt a cap",
        parameters=(),
        judge=lambda ground: Judgement("met", ""),
    )


def result(name: str, tier: Any, outcome: Any, label: Any, **more: Any) -> Result:
    found = Result(
        criterion=criterion(name, tier, f"Title of {name}"),
        machine=Judgement(outcome, f"reason of {name}"),
        outcome=outcome,
        label=label,
        shown=outcome,
        reason=f"{name} has 4.10 where 4.00 is the most",
        evidence=(Place("main.beancount", 3), Place("books/pay 2025.beancount", 12)),
    )
    return found._replace(**more)


def finding(**fields: Any) -> audits.FindingRecord:
    own = {"label": "revolutionary", "votes": (2, 1, 0), "text": HOSTILE, "until": date(2026, 12, 31)}
    return audits.FindingRecord(
        id="LA-1/SUP-2", date=date(2026, 5, 20), place=Place("panel.beancount", 4), **own | fields
    )


def case() -> Case:
    day = date(2026, 3, 2)
    return Case(
        id="LA-1",
        call=audits.LotteryCall(
            id="LA-1",
            date=day,
            place=Place("panel.beancount", 1),
            seats=3,
            pool=("a:x", "b:y", "c:z"),
            pool_sha256=DIGEST,
            sources=("lotto-2026-05-02",),
            draw_not_before=date(2026, 5, 3),
        ),
        draw=None,
        auditors=(),
        audit=None,
        findings=(),
        flags=(),
        verdict=None,
        publications=(),
        responses=(
            audits.Response(
                id="LA-1",
                date=date(2026, 6, 4),
                place=Place("panel.beancount", 40),
                document="/home/ann/answer.pdf",
                note=HOSTILE,
            ),
        ),
    )


def clock(state: Any, **more: Any) -> Trigger:
    return Trigger(
        id=f"TR-LA-0-{state}",
        cause="verdict",
        criterion="WAG-1",
        audit="LA-0",
        label="reformist",
        opened=date(2026, 5, 12),
        last_day=date(2026, 6, 11),
        assembly_by=date(2026, 6, 18),
        state=state,
        opened_by=Place("panel.beancount", 9),
        met_by=None,
        met_on=None,
    )._replace(**more)


RESULTS = (
    result("WAG-1", "gate", "shortfall", "reformist"),
    result("BKS-1", "gate", "met", "revolutionary"),
    result(
        "SUP-2",
        "core",
        "met",
        "revolutionary",
        machine=Judgement("shortfall", "the books"),
        shown="indicated shortfall, panel met",
        finding=finding(),
        papers=HOSTILE,
    ),
    result(
        "POL-1",
        "core",
        "not-evidenced",
        "reformist",
        flags=(
            audits.Flag(
                id="LA-1/POL-1", date=date(2026, 5, 2), place=Place("panel.beancount", 22), text="Ann Real did it"
            ),
        ),
    ),
    result(
        "RIT-1",
        "practice",
        "shortfall",
        "reformist",
        graded=False,
        derogation=audits.Derogation(
            id="RIT-1", date=date(2026, 1, 2), place=Place("main.beancount", 7), reason=HOSTILE, until=date(2026, 6, 30)
        ),
    ),
    result("DEF-1", "practice", "not-applicable", None, evidence=(), reason="no alert in the window"),
)


def found(**changes: Any) -> Audit:
    """The invented audit as the audit's own rows."""
    made = Audit(
        catalogue="coopbooks-liberation/1.0",
        catalogue_sha256=DIGEST,
        profile="full",
        profile_sha256=DIGEST,
        id="LA-1",
        window=Period("2025", date(2025, 1, 1), date(2025, 12, 31)),
        as_of=date(2026, 6, 1),
        judged_on=date(2026, 6, 1),
        status="preliminary",
        verdict=Verdict("reformist", 2, (Reason("WAG-1 falls short: 4.10 over 4.00", ("WAG-1",)),)),
        stated=None,
        assurance="qualified",
        results=RESULTS,
        triggers=(clock("open"), clock("verified", met_by=Place("main.beancount", 90), met_on=date(2026, 5, 20))),
        settings=(Setting("wage.ceiling", Decimal("4.5"), Decimal(5), "bylaw", Place("main.beancount", 5)),),
        case=case(),
        seats=(
            Seat("union:rosa", accepted=True, conflicts=HOSTILE, place=Place("panel.beancount", 30), why_not=None),
            Seat(
                "press:eva",
                accepted=False,
                conflicts=None,
                place=Place("panel.beancount", 33),
                why_not="has not accepted",
            ),
        ),
        dissent=(Dissent("SUP-2", (2, 1, 0), Place("panel.beancount", 4)),),
        ignored=(
            Ignored('finding "LA-1/WAG-1"', Place("panel.beancount", 50), "pay is arithmetic, and no panel raises it"),
        ),
    )
    return made._replace(**changes)


def report(**changes: Any) -> answers.Audit:
    """The invented audit as the answer that reports are made from."""
    return audit_answer(
        found(**changes),
        title="Rye & <Sons>",
        ledger_sha256=DIGEST,
        files=[
            Listed("books/pay 2025.beancount", DIGEST, 1234),
            Listed("main.beancount", DIGEST, 99),
        ],
    )


LEDGER = """\
option "title" "Sunrise Bakery"
option "operating_currency" "EUR"
plugin "coopbooks.plugins"
2024-12-01 custom "coop" "bylaw" "fiscal-year"
  ends: "12-31"
2025-01-01 open Assets:Bank EUR
2025-01-01 open Income:Sales
2025-03-01 * "shop" "bread"
  Assets:Bank  100.00 EUR
  Income:Sales
2026-05-05 custom "coop" "auditor" "union:rosa"
  audit: "LA-1"
  conflicts: "none"
  accepted: TRUE
2026-05-05 custom "coop" "auditor" "press:eva"
  audit: "LA-1"
  conflicts: "none"
  accepted: TRUE
2026-05-10 custom "coop" "audit" "LA-1"
  window-start: 2025-01-01
  window-end: 2025-12-31
  catalogue: "coopbooks-liberation/1.0"
  profile: "full"
"""
"""Books that an audit is open on: little in them is evidence, and two auditors sit."""
