"""The reference page of records and their JSON schema, made from the one table of fields."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from coopbooks.parameters import PARAMETERS
from coopbooks.records.base import COMMON, Record
from coopbooks.records.fields import REQUIRED, Field
from coopbooks.records.reading import BYLAWS, KINDS

__all__ = ["json_schema", "reference_page"]

_FAMILIES = (
    ("People", ("member", "worker", "exit", "absence")),
    ("Rates", ("rate",)),
    (
        "Where surplus goes",
        (
            "allocation",
            "loss",
            "resolution",
            "contribution",
            "adjustment",
            "fund",
            "redemption",
            "vow",
            "decline",
            "seal",
        ),
    ),
    ("Decisions", ("decision", "golden-share", "delegate", "budget", "redaction", "policy")),
    (
        "Alliances",
        tuple(
            "ally contract signal caucus pulse function refusal probe debrief pivot screening violation".split(),
        ),
    ),
    (
        "The audit",
        tuple(
            """
            lottery-call lottery-draw auditor audit finding flag verdict publication response derogation snapshot access
            action assembly profile
            """.split()
        ),
    ),
    ("Practices", ("practice", "alert", "solidarity")),
)

_HEAD = """\
# Records

<!-- Made from the code by `make docs`; a test fails when it is not up to date. -->

A record is a dated line with its fields below it:

    2025-01-01 custom "coop" "member" "m03"
      wages: Expenses:Wages
      capital: Equity:Members:M03

Texts stand in quotes; numbers, dates, amounts, accounts, TRUE and FALSE do not. A list is one text, its items separated
by spaces, commas or semicolons. A standing record is in force until a later one of its kind and id, or until the day
`ends`; a later one states every field again or names in `drops` what it leaves out. An event stands once a day; a
repeating record adds to the others of its id. How the rules were settled where nothing is said: [decisions](decisions.md).
"""


def reference_page() -> str:
    """The page `docs/records.md` in Markdown."""
    parts = [_HEAD, "## Fields of every record\n", _table(Record, COMMON)]
    for title, kinds in _FAMILIES:
        parts.append(f"## {title}\n")
        parts += [_section(f"`{kind}` `<id>`", KINDS[kind]) for kind in kinds]
    parts.append("## Bylaws\n")
    parts += [_section(f"`bylaw` `{rule_id}`", cls) for rule_id, cls in BYLAWS.items()]
    parts.append(_parameters())
    return "\n".join(parts)


def _section(head: str, cls: type[Record]) -> str:
    meaning = " ".join((cls.__doc__ or "").split())
    return f"### {head} ({cls.SORT.value})\n\n{meaning}\n\n{_table(cls, set(cls.FIELDS) - COMMON)}"


def _table(cls: type[Record], names: Any) -> str:
    rows = ["| field | written as | default | meaning |", "|---|---|---|---|"]
    for name, field in cls.FIELDS.items():
        if name in names:
            rows.append(f"| `{name}` | {field.sort.replace('|', 'or')} | {_default(field)} | {field.meaning} |")
    return "\n".join(rows) + "\n" if len(rows) > 2 else "No fields of its own.\n"


def _default(field: Field) -> str:
    default = field.default
    if default is REQUIRED:
        return "needed"
    if default is None or default == ():
        return ""
    if isinstance(default, bool):
        return "TRUE" if default else "FALSE"
    if isinstance(default, tuple):
        return " ".join(str(getattr(each, "number", each)) for each in default)
    return str(default)


def _parameters() -> str:
    rows = ["### `bylaw` `<parameter>` (standing)\n", "`value` sets it.\n"]
    rows += ["| parameter | default | bounds | meaning | origin |", "|---|---|---|---|---|"]
    for parameter in PARAMETERS.values():
        default = "" if parameter.default is None else f"{parameter.default:f}"
        bounds = "" if parameter.most is None else f"{parameter.least} to {parameter.most}"
        rows.append(f"| `{parameter.name}` | {default} | {bounds} | {parameter.meaning} | {parameter.origin} |")
    return "\n".join(rows) + "\n"


def json_schema(cls: type[Record]) -> dict[str, Any]:
    """JSON schema of a kind's fields as texts and numbers of the ledger; unknown fields are forbidden."""
    properties = {name: {"description": field.meaning, **_json_type(field)} for name, field in cls.FIELDS.items()}
    numbered = {"patternProperties": {cls.NUMBERED: {"type": "string"}}} if cls.NUMBERED else {}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": cls.RULE_ID or cls.KIND,
        "description": " ".join((cls.__doc__ or "").split()),
        "type": "object",
        "properties": properties,
        **numbered,
        "required": list(cls.NEEDED),
        "additionalProperties": False,
    }


def _json_type(field: Field) -> dict[str, Any]:
    """What a field is in JSON: numbers and amounts are texts, so that no reader makes floats of them."""
    if field.sort == "TRUE or FALSE":
        return {"type": "boolean"}
    if field.sort == "date":
        return {"type": "string", "format": "date"}
    if isinstance(field.default, Decimal):
        return {"type": "string", "default": str(field.default)}
    if " | " in field.sort:
        return {"type": "string", "enum": field.sort.split(" | ")}
    return {"type": "string"}
