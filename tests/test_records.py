"""What a record may say: every kind with every field, its type and its default, and how one follows another.

The tables below are written from the description of the books and not from the classes, so that a lost field,
a new name or a changed default is seen here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopbooks import load
from coopbooks.bylaws import Bylaws, in_force
from coopbooks.cooperative import Cooperative
from coopbooks.errors import Finding, Place
from coopbooks.facts import Facts, Written
from coopbooks.money import Amount
from coopbooks.parameters import PARAMETERS
from coopbooks.records import bylaws, surplus
from coopbooks.records.base import Record, Sort
from coopbooks.records.fields import Term
from coopbooks.records.reading import BYLAWS, KINDS, read_record

DAY = date(2025, 6, 1)
HERE = Place("main.beancount", 12)

# -- the contract --------------------------------------------------------------------------------------------

BY = "patronage|hours|wages|equal|capital|weighted"
PAY = "base overtime bonus leave sick severance in-kind contract unpaid none"

EVERY = "decision:text law:text document:text note:text at:instant recorded-late:text"
STANDING = "ends:date drops:text"
RULE = f"{STANDING} closes:trigger"
OF_SURPLUS = f"{RULE} binds-from:date"

FIELDS = {
    ("member", "m01"): f"name:text wages:accounts capital:account hours:number since:date {STANDING}",
    ("worker", "w01"): f"name:text wages:accounts hours:number {STANDING}",
    ("exit", "m01"): "cause:text payee:text",
    ("absence", "m01"): "reason:text until:date",
    ("bylaw", "fiscal-year"): "ends:month-day drops:text closes:trigger",
    ("bylaw", "wage-ratio"): (
        "cap:ratio period:month|quarter|year measure:hourly|full-time "
        "compare:max/min|max/median|max/floor|mean-top-5/floor floor:amount-or-rate over:all|members "
        f"include:kinds full-time-hours:number minimum-hours:number {RULE}"
    ),
    ("bylaw", "surplus"): (
        "patronage:hours|wages|equal|weighted weights:pairs weigh:value|share count:kinds "
        "patronage-from:membership|hire takes-part:during|at-close split:hours|wages|accounts|none "
        "nonmember-accounts:accounts nonmember-to:account meets:names cash:share notice:qualified|nonqualified|none "
        "minimum:number maximum:plain-share tax:account currency:text account:account vows:flag "
        f"unclaimed-days:whole unclaimed-to:account {OF_SURPLUS}"
    ),
    ("bylaw", "capital"): (
        "collective:accounts buy-in:amount buy-in-months:whole entry-fee:amount entry-fee-to:account "
        "interest:share interest-on:average|opening|closing interest-at-most:plain-share "
        "interest-at-most-of:result|surplus redeem-after:number redeem:oldest-first|percent-of-all redeem-share:plain-share "
        f"redeem-at-most:plain-share short:queue|pro-rata {RULE}"
    ),
    ("bylaw", "exit"): (
        "years:whole interest:share schedule:ladder losses-first:flag deduct:plain-share deduct-to:account "
        f"set-off:flag {RULE}"
    ),
    ("bylaw", "assembly"): (
        "quorum:plain-share majority:plain-share supermajority:plain-share majority-of:cast|present|members "
        f"against-at-most:whole {RULE}"
    ),
    ("bylaw", "statute"): f"value:names {RULE}",
    ("bylaw", "publish-members"): f"accounts:accounts texts:texts {RULE}",
    ("bylaw", "publish-public"): f"accounts:accounts texts:texts {RULE}",
    ("bylaw", "time-zone"): f"value:text {RULE}",
    ("rate", "house"): f"value:rate-value source:text {STANDING}",
    ("allocation", "reserve"): (
        f"step:number to:text by:{BY} minimum-hours:number minimum-months:number seniority:ladder cash:share "
        "as:appropriation|expense share:share rate:share on:opening|average|closing at-most:plain-share "
        "at-most-of:text amount:amount-or-rate rest:flag of:text until:amount until-of:number "
        "until-account:account until-at:now|highest then:share round:nearest|up|down top-up:flag "
        f"meets:names {OF_SURPLUS}"
    ),
    ("loss", "members"): (
        "step:number from:text share:share rest:flag at-most-share:plain-share "
        f"against:newest-first|oldest-first below-zero:flag meets:names {OF_SURPLUS}"
    ),
    ("resolution", "2025"): (f"of:text to:text share:share amount:amount-or-rate rest:flag by:{BY} cash:share"),
    ("contribution", "m01"): "period:period of:text value:signed",
    ("adjustment", "2025"): "amount:amount reason:text part:member|nonmember",
    ("fund", "strike"): (
        "account:account purpose:text "
        "kind:strike|mutual-aid|media|training|legal-defence|seed-capital|land-trust|education|other "
        f"backing:account liability:flag spend-by:whole movement:flag meets:names {STANDING}"
    ),
    ("redemption", "2025"): "share:plain-share amount:amount of:period",
    ("vow", "m01"): "period:period text:text witness:text",
    ("decline", "m01"): "period:period share:plain-share to:account",
    ("seal", "2025"): (
        "sha256:digest root:digest directives:whole starts:date until:date previous:digest entries:names"
    ),
    ("decision", "D-1"): (
        "matter:text body:assembly|board|committee|delegate|ally eligible:whole quorum:whole for:whole "
        "against:whole abstain:whole strategic:flag consulted:text consulted-kind:text "
        "method:meeting|written|consensus consent:granted|refused federation-for:whole "
        "federation-against:whole minutes:text published:date"
    ),
    ("ally", "union"): (
        f"name:text sort:party|union|philanthropy|state|ngo|supplier|lender|movement|other hostile:flag {STANDING}"
    ),
    ("contract", "union"): (
        f"open-ledger:flag non-interference:flag assembly-supremacy:flag sunset:date signed:date {STANDING}"
    ),
    ("signal", "union"): "what:text evidence:text",
    ("pulse", "spring"): "ledger-reveal:flag dependency-scan:flag narrative-check:flag narrative:text votes:text",
    ("caucus", "union"): "outcome:continue|suspend|exit",
    ("function", "milling"): f"provider:text alternative:text tested:date {STANDING}",
    ("refusal", "union"): "offer:text condition:text published:date",
    ("probe", "port"): (
        "partner:text purpose:text starts:date ends:date red-lines:text messaging:text responsibilities:text "
        "observers:text expected-autonomy:score expected-benefit:score"
    ),
    ("debrief", "port"): "autonomy:score benefit:score amended:text gained:text",
    ("pivot", "storm"): "signal-at:instant published-at:instant drill:flag",
    ("screening", "mill"): "outcome:text",
    ("violation", "mill"): "what:text evidence:text",
    ("golden-share", "federation"): f"reserved:text {STANDING}",
    ("delegate", "port"): f"person:text mandate:text recalled:date {STANDING}",
    ("budget", "flour"): "account:account amount:amount starts:date ends:date",
    ("redaction", "R-1"): "of:text reason:text review:date",
    ("policy", "suppliers"): f"version:whole sha256:digest {RULE}",
    ("lottery-call", "LA-2026"): (
        "seats:whole alternates:whole max-per-org:whole pool:names pool-sha256:digest sources:names draw-not-before:date"
    ),
    ("lottery-draw", "LA-2026"): "seed:digest panel:names alternates:names",  # and source-<n>, below
    ("auditor", "press:eva"): "audit:text conflicts:text accepted:flag",
    ("audit", "LA-2026"): "window-start:date window-end:date catalogue:text profile:text",
    ("finding", "LA-2026/SUP-2"): (
        "label:revolutionary|reformist|counter-revolutionary basis:text votes:tally evidence:text text:text "
        "verifies:trigger withdraws:trigger until:date"
    ),
    ("flag", "LA-2026/SUP-2"): "text:text",
    ("verdict", "LA-2026"): (
        "verdict:revolutionary|reformist|counter-revolutionary assurance:full|qualified|insufficient votes:tally "
        "report-sha256:digest labels:labels"
    ),
    ("publication", "LA-2026"): "place:text report-sha256:digest",
    ("response", "LA-2026"): "",
    ("derogation", "SUP-2"): "reason:text until:date",
    ("snapshot", "2025-03"): "sha256:digest records:names audience:text",
    ("access", "2025-03"): "people:names",
    ("action", "LA-2026/SUP-2"): "due:date done:date proof:text",
    ("assembly", "spring"): "emergency:flag answers:triggers notice:date quorum:whole outcome:text",
    ("profile", "north"): f"practices:flag excludes:names reason:text {STANDING}",
    ("practice", "mirror-shift"): "facilitator:text format:text after:text hours-halted:number",
    ("alert", "dockers:2026-07-20"): "",
    ("solidarity", "dockers:2026-07-20"): "what:text",
}

NEEDED = {
    ("bylaw", "wage-ratio"): "cap",
    ("bylaw", "statute"): "value",
    ("rate", "house"): "value",
    ("allocation", "reserve"): "step to",
    ("loss", "members"): "step from",
    ("resolution", "2025"): "of to",
    ("contribution", "m01"): "period of value",
    ("adjustment", "2025"): "amount",
    ("fund", "strike"): "account",
    ("vow", "m01"): "period",
    ("decline", "m01"): "period",
    ("seal", "2025"): "sha256 root directives until",
    ("lottery-call", "LA-2026"): "seats pool pool-sha256 sources draw-not-before",
    ("lottery-draw", "LA-2026"): "seed panel",
    ("verdict", "LA-2026"): "verdict",
}

NUMBER = Decimal
DEFAULTS: dict[tuple[str, str], dict[str, Any]] = {
    ("bylaw", "fiscal-year"): {"ends": "12-31"},
    ("bylaw", "wage-ratio"): {
        "period": "month",
        "measure": "hourly",
        "compare": "max/min",
        "over": "all",
        "include": ("base", "overtime", "bonus", "leave", "sick", "in-kind", "contract"),
        "minimum_hours": NUMBER(8),
    },
    ("bylaw", "surplus"): {
        "patronage": "hours",
        "weights": (),
        "weigh": "value",
        "count": ("base", "overtime", "contract", "unpaid"),
        "patronage_from": "membership",
        "takes_part": "during",
        "split": "hours",
        "nonmember_accounts": (),
        "meets": (),
        "cash": (Term(1, NUMBER(1), None),),
        "notice": "none",
        "account": "Equity:Surplus",
        "vows": False,
    },
    ("bylaw", "capital"): {
        "collective": (),
        "interest_on": "average",
        "interest_at_most_of": "result",
        "redeem": "oldest-first",
        "short": "queue",
    },
    ("bylaw", "exit"): {"schedule": (), "losses_first": False, "set_off": False},
    ("bylaw", "assembly"): {
        "majority": NUMBER("0.5"),
        "supermajority": NUMBER("0.75"),
        "majority_of": "cast",
    },
    ("bylaw", "publish-members"): {"accounts": (), "texts": ()},
    ("bylaw", "publish-public"): {"accounts": (), "texts": ()},
    ("bylaw", "time-zone"): {"value": "UTC"},
    ("member", "m01"): {"wages": ()},
    ("worker", "w01"): {"wages": ()},
    ("allocation", "reserve"): {
        "by": "patronage",
        "seniority": (),
        "as_": "appropriation",
        "on": "opening",
        "at_most_of": "surplus",
        "rest": False,
        "of": "surplus",
        "until_at": "now",
        "round": "nearest",
        "top_up": False,
        "meets": (),
    },
    ("loss", "members"): {"rest": False, "against": "newest-first", "below_zero": False, "meets": ()},
    ("resolution", "2025"): {"rest": False, "by": "patronage"},
    ("fund", "strike"): {"kind": "other", "liability": False, "movement": False, "meets": ()},
    ("decline", "m01"): {"share": NUMBER(1)},
    ("seal", "2025"): {"entries": ()},
    ("ally", "union"): {"sort": "other", "hostile": False},
    ("contract", "union"): {"open_ledger": False, "non_interference": False, "assembly_supremacy": False},
    ("pulse", "spring"): {"ledger_reveal": False, "dependency_scan": False, "narrative_check": False},
    ("function", "milling"): {"provider": "internal"},
    ("pivot", "storm"): {"drill": False},
    ("lottery-call", "LA-2026"): {"alternates": 2, "max_per_org": 1},
    ("lottery-draw", "LA-2026"): {"alternates": (), "sources": ()},
    ("auditor", "press:eva"): {"accepted": False},
    ("audit", "LA-2026"): {"profile": "full"},
    ("snapshot", "2025-03"): {"records": ()},
    ("access", "2025-03"): {"people": ()},
    ("assembly", "spring"): {"emergency": False, "answers": ()},
    ("profile", "north"): {"practices": True, "excludes": ()},
}

SORTS = {
    "standing": (
        "member worker bylaw allocation loss fund rate ally contract function golden-share delegate policy profile"
    ),
    "event": (
        "exit absence decision pulse probe debrief pivot budget redaction lottery-call lottery-draw auditor audit "
        "finding verdict publication response derogation snapshot access action assembly alert seal"
    ),
    "repeating": (
        "resolution contribution adjustment redemption vow decline signal caucus refusal screening violation flag "
        "practice solidarity"
    ),
}

MONEY = Amount(Decimal("12.50"), "EUR")
BARE = Term(1, Decimal("0.2"), None)

# How each type is written (as a ledger's parser gives it), what the record then holds, and what is wrong.
TYPES: dict[str, tuple[Any, Any, tuple[Any, ...]]] = {
    "text": ("some words", "some words", (Decimal(3), True, DAY, MONEY)),
    "names": ("some words", ("some", "words"), (Decimal(3), True, DAY, MONEY)),
    "number": (Decimal("7.5"), Decimal("7.5"), ("7.5", True, DAY, MONEY, Decimal(-1))),
    "signed": (Decimal("-7.5"), Decimal("-7.5"), ("7.5", True, DAY, MONEY)),
    "ratio": (Decimal("4.5"), Decimal("4.5"), ("4.5", True, DAY, MONEY)),
    "whole": (Decimal(3), 3, ("3", False, Decimal("2.5"), Decimal(-1), MONEY)),
    "score": (Decimal("7.5"), Decimal("7.5"), ("7.5", True, DAY, Decimal("10.1"), Decimal(-1))),
    "digest": ("77aa", "77aa", ("77a", "77AA", "see the safe", "7" * 65, Decimal(77), True)),
    "tally": ("3-0-1", (3, 0, 1), ("3-0", "3 for", "-1-0-0", Decimal(3), DAY)),
    "labels": (
        "SUP-2=reformist, WAG-1=counter-revolutionary",
        (("SUP-2", "reformist"), ("WAG-1", "counter-revolutionary")),
        ("SUP-2", "SUP-2=met", "sup-2=reformist", "SUP-2=reformist SUP-2=reformist", Decimal(1), True),
    ),
    "trigger": ("TR-LA-2026-SUP-2", "TR-LA-2026-SUP-2", ("SUP-2", "TR-SUP-2", "TR-LA 2026-SUP-2", Decimal(1), True)),
    "triggers": (
        "TR-LA-2026-SUP-2 TR-2025-03-WAG-1",
        ("TR-LA-2026-SUP-2", "TR-2025-03-WAG-1"),
        ("TR-LA-2026-SUP-2 SUP-3", Decimal(1), True),
    ),
    "date": (DAY, DAY, ("2025-06-01", Decimal(2018), True)),
    "flag": (True, True, ("TRUE", Decimal(1), DAY)),
    "amount": (MONEY, MONEY, (Decimal("12.50"), "12.50 EUR", True)),
    "account": ("Equity:Reserve", "Equity:Reserve", ("reserve", "Equity:reserve", Decimal(1), True, DAY)),
    "accounts": (
        "Equity:A, Equity:B;Equity:C",
        ("Equity:A", "Equity:B", "Equity:C"),
        ("a b", "", Decimal(1)),
    ),
    "share": (Decimal("0.2"), (BARE,), (Decimal("1.2"), Decimal("-0.1"), True, MONEY, DAY, "20 %")),
    "plain-share": (Decimal("0.2"), Decimal("0.2"), (Decimal("1.2"), Decimal("-0.1"), "0.2", True, MONEY)),
    "amount-or-rate": ("smic", (Term(1, None, "smic"),), (Decimal(12), True, DAY, "12.50 EUR")),
    "rate-value": (MONEY, MONEY, ("0.02", True, DAY)),
    "instant": (
        "2026-03-28T12:00:00+01:00",
        "2026-03-28T12:00:00+01:00",
        ("2026-03-28", "2026-03-28T12:00:00", DAY, Decimal(1)),
    ),
    "period": ("2025", "2025", (Decimal(2022), Decimal(2025), "25", DAY)),
    "month-day": ("06-30", "06-30", ("6-30", "13-01", "02-30", Decimal(-24), DAY)),
    "pairs": (
        "hours:0.7 wages:0.3",
        (("hours", Decimal("0.7")), ("wages", Decimal("0.3"))),
        ("hours wages", "hours:x", "hours:1 hours:2", "", Decimal(1)),
    ),
    "ladder": (
        "0:1.0 60:1.5",
        ((Decimal(0), Decimal("1.0")), (Decimal(60), Decimal("1.5"))),
        ("60:1.5 0:1.0", "a:1", "0:1 0:2", "", Decimal(1)),
    ),
    "texts": ("purpose, ally-name", ("purpose", "ally-name"), ("purpose name", Decimal(1), True)),
    "kinds": ("base, unpaid", ("base", "unpaid"), ("base wages", Decimal(1), True)),
}


def typed(sort: str) -> tuple[Any, Any, tuple[Any, ...]]:
    """A good value, what it becomes, and bad ones; a sort with a bar is a closed list of words."""
    if "|" in sort:
        word = sort.rpartition("|")[2]
        return word, word, ("nonsense", Decimal(1), True, word.upper())
    return TYPES[sort]


def table(kind: tuple[str, str]) -> dict[str, str]:
    return dict(field.split(":", 1) for field in f"{FIELDS[kind]} {EVERY}".split())


def class_of(kind: tuple[str, str]) -> type[Record]:
    return BYLAWS[kind[1]] if kind[0] == "bylaw" else KINDS[kind[0]]


def needed(kind: tuple[str, str]) -> dict[str, Any]:
    fields = table(kind)
    return {field: typed(fields[field])[0] for field in NEEDED.get(kind, "").split()}


def python_name(field: str) -> str:
    return {"from": "from_", "as": "as_", "for": "for_", "place": "place_"}.get(field, field.replace("-", "_"))


def read(kind: tuple[str, str], fields: dict[str, Any]) -> tuple[Record | None, list[Finding]]:
    return read_record(list(kind), DAY, HERE, fields)


ALL = [pytest.param(kind, id="-".join(kind)) for kind in FIELDS]
ALL_FIELDS = [
    pytest.param(kind, field, sort, id=f"{kind[0]}-{kind[1]}-{field}")
    for kind in FIELDS
    for field, sort in table(kind).items()
]


def test_every_kind_of_the_contract_is_there_and_no_other() -> None:
    assert set(KINDS) | {"bylaw"} == {kind for kind, _ in FIELDS}
    assert set(BYLAWS) == {record_id for kind, record_id in FIELDS if kind == "bylaw"}


@pytest.mark.parametrize("kind", ALL)
def test_a_kind_has_the_fields_of_the_contract_and_no_other(kind: tuple[str, str]) -> None:
    assert set(class_of(kind).FIELDS) == set(table(kind))


@pytest.mark.parametrize("kind", ALL)
def test_how_records_of_a_kind_follow_one_another(kind: tuple[str, str]) -> None:
    (sort,) = (sort for sort, kinds in SORTS.items() if kind[0] in kinds.split())
    assert class_of(kind).SORT is Sort(sort)


@pytest.mark.parametrize(("kind", "field", "sort"), ALL_FIELDS)
def test_a_field_takes_its_type_and_no_other(kind: tuple[str, str], field: str, sort: str) -> None:
    value, becomes, wrong = typed(sort)
    record, findings = read(kind, needed(kind) | {field: value})
    assert findings == []
    assert getattr(record, python_name(field)) == becomes
    for bad in wrong:
        record, findings = read(kind, needed(kind) | {field: bad})
        (finding,) = findings
        assert finding.place == HERE
        assert finding.rule == "records"
        assert finding.message.startswith(f'{kind[0]} "{kind[1]}" field "{field}" ')
        assert (record is None) == (field in needed(kind))


@pytest.mark.parametrize("kind", ALL)
def test_what_a_record_leaves_out_has_its_default(kind: tuple[str, str]) -> None:
    record, findings = read(kind, needed(kind))
    assert findings == []
    expected = {python_name(field): None for field in table(kind)} | DEFAULTS.get(kind, {})
    for field in needed(kind):
        del expected[python_name(field)]
    assert {name: getattr(record, name) for name in expected} == expected


@pytest.mark.parametrize("kind", [pytest.param(kind, id="-".join(kind)) for kind in NEEDED])
def test_a_missing_field_is_named(kind: tuple[str, str]) -> None:
    for field in needed(kind):
        fields = needed(kind)
        del fields[field]
        record, findings = read(kind, fields)
        assert record is None
        assert [finding.message for finding in findings if f'needs the field "{field}"' in finding.message]


def as_written(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return f'"{value}"'
    return str(value)


def test_every_field_of_every_kind_can_be_written_in_a_ledger(ledger: Callable[..., Path]) -> None:
    lines = ['option "operating_currency" "EUR"']
    for kind in FIELDS:
        lines.append(f'2025-06-01 custom "coop" "{kind[0]}" "{kind[1]}"')
        for field, sort in table(kind).items():
            value = typed(sort)[0]
            lines.append(f"  {field}: {value if sort == 'account' else as_written(value)}")
    coop = load(ledger("\n".join(lines) + "\n"))
    assert coop.facts.form_findings == ()
    assert len(coop.facts.records) == len(FIELDS)
    for record, kind in zip(coop.facts.records, FIELDS, strict=True):
        assert (record.KIND, record.id) == kind
        assert record.as_written() == {field: typed(sort)[1] for field, sort in table(kind).items()}


def test_the_other_forms_of_a_share_and_an_amount() -> None:
    record, findings = read(("allocation", "a"), {"step": Decimal(1), "to": "members", "share": "prime + 0.02 - x"})
    assert findings == []
    assert isinstance(record, surplus.Allocation)
    assert record.share == (Term(1, None, "prime"), Term(1, Decimal("0.02"), None), Term(-1, None, "x"))
    record, findings = read(("allocation", "a"), {"step": Decimal(1), "to": "members", "amount": MONEY})
    assert (findings, getattr(record, "amount", None)) == ([], MONEY)
    record, findings = read(("bylaw", "wage-ratio"), {"cap": Decimal(4), "floor": MONEY})
    assert (findings, getattr(record, "floor", None)) == ([], MONEY)
    record, findings = read(("rate", "r"), {"value": Decimal("0.02")})
    assert (findings, getattr(record, "value", None)) == ([], Decimal("0.02"))


@pytest.mark.parametrize("text", ["prime +0.02", "prime 0.02", "+ prime", "prime +", "Prime", "20%", "", "a * b"])
def test_a_share_that_is_no_sum_of_rates_and_numbers(text: str) -> None:
    record, (finding,) = read(("allocation", "a"), {"step": Decimal(1), "to": "members", "share": text})
    assert getattr(record, "share", "") is None
    assert 'field "share"' in finding.message


def test_named_bylaws_have_the_fields_of_their_stem() -> None:
    second, findings = read(("bylaw", "wage-ratio-directors"), {"cap": Decimal(9)})
    assert (type(second), findings) == (bylaws.WageRatio, [])
    death, findings = read(("bylaw", "exit-death"), {"years": Decimal(1)})
    assert (type(death), findings) == (bylaws.ExitTerms, [])


# -- parameters ----------------------------------------------------------------------------------------------

PARAMETER_DEFAULTS = {
    "trigger.days": "30",
    "trigger.assembly-days": "7",
    "wage.ceiling": "5",
    "wage.hostile": "20",
    "surplus.substantial": "0.30",
    "surplus.individual-max": "0.50",
    "surplus.individual-hostile": "0.80",
    "takeover.threshold": "0.10",
    "books.days": "30",
    "audit.interval": "12",
    "refound.years": "5",
    "sunset.months": "12",
    "ally.floor": "500",
    "supply.stop-days": "30",
    "supply.screen-months": "24",
    "ally.max-share": "0.25",
    "survival.days": "30",
    "solidarity.hours": "48",
    "debrief.hours": "24",
    "micro.days": "29",
    "pivot.target-hours": "48",
    "strike.weeks": "4",
    "strike.weekly-pay": None,
    "strike.weekly-health": None,
    "core.breach-limit": "2",
    "practice.tolerance": "5",
}
SHARES = {name for name, default in PARAMETER_DEFAULTS.items() if default and default.startswith("0.")}


def test_the_list_of_parameters_is_closed() -> None:
    assert {name: each.default for name, each in PARAMETERS.items()} == {
        name: None if default is None else Decimal(default) for name, default in PARAMETER_DEFAULTS.items()
    }


@pytest.mark.parametrize("name", PARAMETER_DEFAULTS)
def test_a_parameter_is_a_bylaw_of_its_own_type(name: str) -> None:
    amount = PARAMETER_DEFAULTS[name] is None
    good: Any = MONEY if amount else Decimal("0.4") if name in SHARES else Decimal(9)
    record, findings = read(("bylaw", name), {"value": good})
    assert findings == []
    assert isinstance(record, bylaws.ParameterBylaw)
    assert record.value == good
    wrong: list[Any] = ["9", True, Decimal(9) if amount else MONEY]
    wrong += [Decimal("1.5")] if name in SHARES else []
    wrong += [] if amount else [Decimal(-1)]
    for bad in wrong:
        record, (finding,) = read(("bylaw", name), {"value": bad})
        assert record is None
        assert finding.message.startswith(f'bylaw "{name}" field "value" ')


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("trigger.assembly-days", 1, 30),
        ("trigger.days", 0, 36_500),
        ("audit.interval", 0, 1_200),
        ("refound.years", 0, 100),
        ("solidarity.hours", 0, 876_000),
    ],
)
def test_a_parameter_has_bounds(name: str, least: int, most: int) -> None:
    """An assembly that may wait for a year is none, and a day that no calendar has is no deadline."""
    for good in (least, most):
        assert read(("bylaw", name), {"value": Decimal(good)})[1] == []
    for bad, cure in (
        (most + 1, f"write at most {most}"),
        (least - 1, f"write at least {least}" if least else "write 0"),
    ):
        record, (finding,) = read(("bylaw", name), {"value": Decimal(bad)})
        assert record is None
        assert cure in finding.message


def test_days_and_months_of_a_parameter_are_whole() -> None:
    for name in ("trigger.days", "trigger.assembly-days", "books.days", "audit.interval", "sunset.months"):
        (finding,) = read(("bylaw", name), {"value": Decimal("7.5")})[1]
        assert "must be a whole number, not 7.5: write it as 8" in finding.message
    assert read(("bylaw", "refound.years"), {"value": Decimal("2.5")})[1] == []


def test_a_parameter_holds_from_its_date_and_else_its_default(coop: Callable[..., Cooperative]) -> None:
    rules = Bylaws(
        coop(
            """
            2025-06-01 custom "coop" "bylaw" "strike.weeks"
              value: 6
            """
        ).facts
    )
    assert rules.parameter("strike.weeks", date(2025, 5, 31)) == 4
    assert rules.parameter("strike.weeks", date(2025, 6, 1)) == 6
    assert rules.parameter("strike.weekly-pay", DAY) is None


# -- what is written wrong -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "fields", "cure"),
    [
        (("alocation", "x"), {}, 'there is no kind "alocation": did you mean "allocation"'),
        (("members", "m01"), {}, 'there is no kind "members": did you mean "member"'),
        (("bylaw", "wage-ration"), {}, 'there is no bylaw "wage-ration": did you mean "wage-ratio"'),
        (("bylaw", "trigger.day"), {}, 'there is no bylaw "trigger.day": did you mean "trigger.days"'),
        (("member", "m01"), {"wage": "Expenses:Pay"}, 'has no field "wage": did you mean "wages"'),
        (("allocation", "a"), {"untill": MONEY}, 'has no field "untill": did you mean "until"'),
        (("fund", "f"), {"acount": "Equity:F"}, 'has no field "acount": did you mean "account"'),
        (("member", "m01"), {"closes": "T1"}, 'member "m01" has no field "closes"'),
        (("absence", "m01"), {"ends": DAY}, 'absence "m01" has no field "ends"'),
        (("bylaw", "surplus"), {"split": "hour"}, 'did you mean "hours"'),
        (("fund", "f"), {"account": "Equity:F", "kind": "mutualaid"}, 'did you mean "mutual-aid"'),
    ],
)
def test_a_misspelt_word_is_an_error_with_the_nearest_right_one(
    kind: tuple[str, str], fields: dict[str, Any], cure: str
) -> None:
    _, findings = read(kind, fields)
    assert any(cure in finding.message for finding in findings), findings
    assert {finding.place for finding in findings} == {HERE}


def test_a_word_that_is_near_nothing_gets_all_that_would_be_right() -> None:
    _, (finding,) = read(("exit", "m01"), {"zzz": "x"})
    assert 'exit "m01" has no field "zzz": it may have cause, payee' in finding.message
    _, (finding,) = read(("zzz", "x"), {})
    assert 'there is no kind "zzz": write one of absence, ' in finding.message


def test_a_slip_in_one_field_does_not_hide_the_record() -> None:
    record, findings = read(("member", "m01"), {"wages": "Expenses:Pay", "hours": "many", "colour": "red"})
    assert len(findings) == 2
    assert getattr(record, "wages", None) == ("Expenses:Pay",)
    assert getattr(record, "hours", "") is None


@pytest.mark.parametrize("values", [[], ["member"], ["member", "m01", "more"], ["member", Decimal(1)], [True, "x"]])
def test_a_record_has_two_texts(values: list[Any]) -> None:
    record, (finding,) = read_record(values, DAY, HERE, {})
    assert record is None
    assert 'custom "coop" "member"' in finding.message


@pytest.mark.parametrize("record_id", ["M01", "m 1", "-m", "m_1", "zoë", "m01\n", "", "  "])
@pytest.mark.parametrize("kind", ["member", "worker", "exit", "absence"])
def test_a_persons_id_has_only_small_letters_numbers_and_hyphens(kind: str, record_id: str) -> None:
    record, (finding,) = read((kind, record_id), {})
    assert record is None
    assert finding.rule == "records"


def test_a_number_where_a_period_belongs_is_shown_its_quotes(coop: Callable[..., Cooperative]) -> None:
    # Without quotes Beancount reads 2025-03 as 2025 minus 3.
    books = coop(
        """
        option "operating_currency" "EUR"
        2025-01-01 custom "coop" "member" "m01"
        2025-01-01 custom "coop" "vow" "m01"
          period: 2025-03
        """
    )
    (error,) = books.check().errors
    assert error.place == "main.beancount:3"
    assert 'vow "m01" field "period"' in error.message
    assert "2022" in error.message
    assert '"2025' in error.message


def test_a_field_written_twice_is_an_error(coop: Callable[..., Cooperative]) -> None:
    books = coop(
        """
        option "operating_currency" "EUR"
        2025-01-01 custom "coop" "member" "m01"
          hours: 100
          hours: 160
        2025-01-01 custom "coop" "worker" "w01"
          hours: 100
        """
    )
    (error,) = books.check().errors
    assert error.place == "main.beancount:4"
    assert 'field "hours" is written twice' in error.message


@given(
    st.sampled_from(sorted(FIELDS)),
    st.dictionaries(
        st.sampled_from(sorted({field for kind in FIELDS for field in table(kind)} | {"no-such-field"})),
        st.one_of(
            st.text(max_size=20),
            st.booleans(),
            st.none(),
            st.dates(),
            st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**6), max_value=10**6),
            st.just(MONEY),
        ),
        max_size=6,
    ),
)
def test_whatever_is_written_gives_a_record_or_a_finding_and_never_a_crash(
    kind: tuple[str, str], fields: dict[str, Any]
) -> None:
    record, findings = read(kind, fields)
    assert record is not None or findings
    assert all(finding.place == HERE and finding.rule == "records" for finding in findings)


# -- records as values ---------------------------------------------------------------------------------------


def a_member(**fields: Any) -> Record:
    record, findings = read(("member", "m01"), fields)
    assert findings == []
    assert isinstance(record, Record)
    return record


def test_a_record_is_frozen() -> None:
    record = a_member(hours=Decimal(160))
    with pytest.raises(AttributeError, match="frozen"):
        record.hours = Decimal(1)
    with pytest.raises(AttributeError, match="frozen"):
        record.colour = "red"
    with pytest.raises(AttributeError, match="frozen"):
        del record.id
    assert getattr(record, "hours", None) == 160


def test_records_are_equal_when_all_that_is_written_is() -> None:
    assert a_member(hours=Decimal(160)) == a_member(hours=Decimal(160))
    assert hash(a_member(hours=Decimal(160))) == hash(a_member(hours=Decimal(160)))
    assert a_member(hours=Decimal(160)) != a_member(hours=Decimal(100))
    assert a_member() != a_member(hours=Decimal(100))
    assert a_member() != "m01"
    assert "m01" in repr(a_member(hours=Decimal(160)))
    assert "160" in repr(a_member(hours=Decimal(160)))


# -- in force on a day ---------------------------------------------------------------------------------------


def rules_of(*records: tuple[str, str, str, dict[str, Any]]) -> Bylaws:
    """Rules from (day, kind, id, fields), each on a line of its own."""
    written = [
        Written((kind, record_id), date.fromisoformat(day), Place("main.beancount", line), fields)
        for line, (day, kind, record_id, fields) in enumerate(records, start=1)
    ]
    facts = Facts(written=written)
    assert facts.form_findings == ()
    return Bylaws(facts)


def cap_on(rules: Bylaws, day: str) -> int | None:
    found = rules.of(bylaws.WageRatio, "wage-ratio", date.fromisoformat(day))
    return None if found is None else int(found.cap)


def test_a_rule_holds_from_its_date_until_the_next() -> None:
    rules = rules_of(
        ("2024-03-01", "bylaw", "wage-ratio", {"cap": Decimal(6)}),
        ("2025-03-01", "bylaw", "wage-ratio", {"cap": Decimal(4)}),
    )
    assert [cap_on(rules, day) for day in ("2024-02-29", "2024-03-01", "2025-02-28", "2025-03-01")] == [
        None,
        6,
        6,
        4,
    ]


def test_ends_is_the_first_day_without() -> None:
    rules = rules_of(
        ("2024-01-01", "bylaw", "wage-ratio", {"cap": Decimal(9)}),
        ("2024-03-01", "bylaw", "wage-ratio", {"cap": Decimal(6), "ends": date(2025, 3, 1)}),
    )
    # What has ended does not bring back what it replaced.
    assert [cap_on(rules, day) for day in ("2024-02-29", "2025-02-28", "2025-03-01", "2030-01-01")] == [
        9,
        6,
        None,
        None,
    ]


def test_a_rule_may_begin_anew_after_its_end() -> None:
    rules = rules_of(
        ("2024-01-01", "bylaw", "wage-ratio", {"cap": Decimal(9), "ends": date(2024, 7, 1)}),
        ("2025-01-01", "bylaw", "wage-ratio", {"cap": Decimal(5)}),
    )
    assert [cap_on(rules, day) for day in ("2024-06-30", "2024-07-01", "2024-12-31", "2025-01-01")] == [
        9,
        None,
        None,
        5,
    ]


def test_two_names_of_one_bylaw_stand_beside_each_other() -> None:
    rules = rules_of(
        ("2024-01-01", "bylaw", "wage-ratio", {"cap": Decimal(6)}),
        ("2025-01-01", "bylaw", "wage-ratio-office", {"cap": Decimal(3)}),
    )
    assert [record.id for record in rules.all_of(bylaws.WageRatio, DAY)] == [
        "wage-ratio",
        "wage-ratio-office",
    ]
    assert [record.id for record in rules.all_of(bylaws.WageRatio, date(2024, 12, 31))] == ["wage-ratio"]


def share_on(rules: Bylaws, day: str) -> Decimal | None:
    found = rules.of(surplus.Allocation, "reserve", date.fromisoformat(day))
    return None if found is None or found.share is None else found.share[0].number


def a_step(share: str, **fields: Any) -> dict[str, Any]:
    return {"step": Decimal(1), "to": "Equity:Reserve", "share": Decimal(share), **fields}


def test_binds_from_with_a_decision_reaches_back() -> None:
    rules = rules_of(
        ("2024-01-01", "allocation", "reserve", a_step("0.1")),
        (
            "2025-05-01",
            "allocation",
            "reserve",
            a_step("0.2", **{"binds-from": date(2025, 1, 1), "decision": "D"}),
        ),
    )
    assert [share_on(rules, day) for day in ("2024-12-31", "2025-01-01")] == [Decimal("0.1"), Decimal("0.2")]


def test_binds_from_without_a_decision_counts_for_nothing() -> None:
    rules = rules_of(
        ("2024-01-01", "allocation", "reserve", a_step("0.1")),
        ("2025-05-01", "allocation", "reserve", a_step("0.2", **{"binds-from": date(2025, 1, 1)})),
    )
    assert [share_on(rules, day) for day in ("2025-01-01", "2025-04-30", "2025-05-01")] == [
        Decimal("0.1"),
        Decimal("0.1"),
        Decimal("0.2"),
    ]


def test_a_record_that_reaches_back_still_replaces_what_was_written_before_it() -> None:
    # The record of May is the latest of the three, and what it says stands until a later one says otherwise.
    rules = rules_of(
        ("2024-01-01", "allocation", "reserve", a_step("0.1")),
        ("2025-03-01", "allocation", "reserve", a_step("0.15")),
        (
            "2025-05-01",
            "allocation",
            "reserve",
            a_step("0.2", **{"binds-from": date(2025, 1, 1), "decision": "D"}),
        ),
    )
    assert [share_on(rules, day) for day in ("2025-01-01", "2026-01-01")] == [Decimal("0.2"), Decimal("0.2")]


def test_a_change_that_binds_later_waits_for_its_day() -> None:
    rules = rules_of(
        ("2024-01-01", "allocation", "reserve", a_step("0.1")),
        (
            "2025-03-01",
            "allocation",
            "reserve",
            a_step("0.3", **{"binds-from": date(2027, 1, 1), "decision": "D"}),
        ),
        ("2025-05-01", "allocation", "reserve", a_step("0.2")),
    )
    assert [share_on(rules, day) for day in ("2025-04-30", "2026-12-31", "2027-01-01")] == [
        Decimal("0.1"),
        Decimal("0.2"),
        Decimal("0.3"),
    ]


@given(
    st.lists(st.tuples(st.dates(DAY, date(2025, 6, 20)), st.integers(1, 9)), max_size=6),
    st.dates(DAY, date(2025, 6, 25)),
)
def test_in_force_is_the_latest_on_or_before_the_day(rows: list[tuple[date, int]], day: date) -> None:
    rows = sorted(dict(rows).items())
    records = [bylaws.WageRatio(id="wage-ratio", date=when, place=HERE, cap=Decimal(cap)) for when, cap in rows]
    found = in_force(records, day)
    before = [cap for when, cap in rows if when <= day]
    assert (None if found is None else int(found.cap)) == (before[-1] if before else None)


def test_who_a_person_is_on_both_sides_of_every_day() -> None:
    rules = rules_of(
        ("2024-01-01", "worker", "p", {}),
        ("2024-07-01", "member", "p", {"since": date(2023, 5, 1)}),
        ("2025-01-01", "worker", "p", {}),
        ("2025-03-01", "exit", "p", {}),
        ("2025-09-01", "member", "p", {}),
    )

    def status(day: str) -> str | None:
        found = rules.person("p", date.fromisoformat(day))
        return found.status if found else None

    days = ["2023-12-31", "2024-01-01", "2024-06-30", "2024-07-01", "2024-12-31", "2025-01-01"]
    assert [status(day) for day in days] == [None, "worker", "worker", "member", "member", "worker"]
    # Late pay is still that person's, as what they were when they left.
    assert [status(day) for day in ("2025-02-28", "2025-03-01", "2025-08-31", "2025-09-01")] == [
        "worker",
        None,
        None,
        "member",
    ]
    late = rules.works_as("p", date(2025, 6, 1))
    assert late is not None
    assert late.status == "worker"
    assert rules.hired("p") == date(2023, 5, 1)


# -- one after another ---------------------------------------------------------------------------------------


def messages(books: Cooperative) -> list[str]:
    return [f"{error.place}: {error.message}" for error in books.check().errors]


HEAD = 'option "operating_currency" "EUR"\n'


def test_a_superseding_record_states_every_field_again(coop: Callable[..., Cooperative]) -> None:
    text = """2024-01-01 custom "coop" "bylaw" "wage-ratio"
  cap: 6
  period: "quarter"
  minimum-hours: 20
  law: "art. 3"
2025-01-01 custom "coop" "bylaw" "wage-ratio"
  cap: 5
"""
    (error,) = messages(coop(HEAD + text))
    assert error.startswith('main.beancount:7: bylaw "wage-ratio" replaces the one at main.beancount:2 but leaves out ')
    assert "period, minimum-hours" in error
    assert 'drops: "period minimum-hours"' in error
    assert messages(coop(HEAD + text + '  drops: "period, minimum-hours"\n')) == []
    (error,) = messages(coop(HEAD + text + '  drops: "period"\n'))
    assert "leaves out minimum-hours" in error
    assert 'drops: "period minimum-hours"' in error
    assert messages(coop(HEAD + text + '  period: "month"\n  minimum-hours: 8\n')) == []


def test_what_is_dropped_must_be_a_field(coop: Callable[..., Cooperative]) -> None:
    text = """2024-01-01 custom "coop" "bylaw" "wage-ratio"
  cap: 6
2025-01-01 custom "coop" "bylaw" "wage-ratio"
  cap: 5
  drops: "perod"
"""
    (error,) = messages(coop(HEAD + text))
    assert 'drops "perod", which is no field' in error
    assert 'did you mean "period"' in error


def test_after_an_end_nothing_need_be_stated_again(coop: Callable[..., Cooperative]) -> None:
    text = """2024-01-01 custom "coop" "bylaw" "wage-ratio"
  cap: 6
  period: "quarter"
  ends: 2024-12-31
2025-01-01 custom "coop" "bylaw" "wage-ratio"
  cap: 5
"""
    assert messages(coop(HEAD + text)) == []
    # A day later it would still have been in force.
    (error,) = messages(coop(HEAD + text.replace("ends: 2024-12-31", "ends: 2025-01-02")))
    assert "period" in error


def test_an_end_before_the_beginning_is_an_error(coop: Callable[..., Cooperative]) -> None:
    text = '2024-06-01 custom "coop" "member" "m01"\n  ends: {}\n'
    (error,) = messages(coop(HEAD + text.format("2024-06-01")))
    assert "ends on 2024-06-01" in error
    assert messages(coop(HEAD + text.format("2024-06-02"))) == []


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("member", ""),
        ("exit", ""),
        ("absence", ""),
        ("decision", ""),
        ("fund", "  account: Equity:Funds:Strike\n"),
        ("rate", "  value: 0.02\n"),
    ],
)
def test_two_of_one_kind_and_id_on_one_day_are_an_error(
    coop: Callable[..., Cooperative], kind: str, fields: str
) -> None:
    head = HEAD + '2024-01-01 custom "coop" "worker" "m01"\n'
    one = f'2024-06-01 custom "coop" "{kind}" "m01"\n{fields}'
    (error,) = messages(coop(head + one + one))
    first = 3
    second = first + 1 + bool(fields)
    assert error.startswith(f'main.beancount:{second}: {kind} "m01" stands twice on 2024-06-01')
    assert f"main.beancount:{first}" in error
    assert messages(coop(head + one + one.replace("2024-06-01", "2024-06-02"))) == []
    assert messages(coop(head + one)) == []


def test_repeating_kinds_may_stand_twice_on_a_day_and_add_up(coop: Callable[..., Cooperative]) -> None:
    text = """2024-01-01 custom "coop" "member" "m01"
2024-01-01 open Assets:Bank
2024-06-01 custom "coop" "adjustment" "2024"
  amount: 10.00 EUR
2024-06-01 custom "coop" "adjustment" "2024"
  amount: 10.00 EUR
2024-06-01 custom "coop" "vow" "m01"
  period: "2024"
  text: "to the strike kitchen"
2024-06-01 custom "coop" "vow" "m01"
  period: "2024"
  witness: "m02"
"""
    books = coop(HEAD + text)
    assert messages(books) == []
    assert books.surplus("2024").adjustments == "20.00"


# -- references ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('"exit" "m02"', 'exit "m02"'),
        ('"absence" "m02"', 'absence "m02"'),
        ('"vow" "w01"\n  period: "2025"', 'vow "w01"'),
        ('"decline" "m02"\n  period: "2025"\n  to: Equity:Gift', 'decline "m02"'),
        ('"contribution" "m01"\n  period: "2025"\n  of: "community"\n  value: 3', '"community"'),
        (
            '"bylaw" "surplus"\n  decision: "D-2"',
            'names the decision "D-2", which does not exist',
        ),
        (
            '"bylaw" "capital"\n  interest: "prim"',
            'names the rate "prim", which does not exist: did you mean "prime"',
        ),
        ('"allocation" "a"\n  step: 1\n  to: "Equity:A"\n  share: 0.1\n  of: "step:b"', 'names the step "b"'),
        (
            '"allocation" "a"\n  step: 1\n  to: "Equity:A"\n  share: 0.1\n  of: "surpluss"',
            'did you mean "surplus"',
        ),
        ('"allocation" "a"\n  step: 1\n  to: "member"\n  rest: TRUE', 'did you mean "members"'),
        ('"allocation" "a"\n  step: 1\n  to: "members"', "how much"),
        ('"loss" "a"\n  step: 1\n  from: "member"\n  rest: TRUE', 'did you mean "members"'),
        ('"vow" "m01"\n  period: "2025-03"', "fiscal year"),
        ('"adjustment" "2025-Q1"\n  amount: 1.00 EUR', "fiscal year"),
        ('"resolution" "2025"\n  of: "open"\n  to: "members"\n  rest: TRUE\n  decision: "D-1"', '"open"'),
    ],
)
def test_a_reference_to_what_does_not_exist_is_an_error(
    coop: Callable[..., Cooperative], text: str, wrong: str
) -> None:
    head = """2025-01-01 custom "coop" "member" "m01"
2025-01-01 custom "coop" "worker" "w01"
2025-01-01 custom "coop" "decision" "D-1"
2025-01-01 custom "coop" "rate" "prime"
  value: 0.03
"""
    errors = messages(coop(f'{HEAD}{head}2025-06-01 custom "coop" {text}\n'))
    assert errors
    assert all(error.startswith("main.beancount:7: ") for error in errors)
    assert any(wrong in error for error in errors), errors


def test_a_reference_may_point_to_any_date(coop: Callable[..., Cooperative]) -> None:
    books = coop(
        """
        option "operating_currency" "EUR"
        2025-01-01 custom "coop" "member" "m01"
          decision: "D-1"
        2025-03-01 custom "coop" "decision" "D-1"
        """
    )
    assert messages(books) == []
