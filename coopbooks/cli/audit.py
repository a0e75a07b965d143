"""`audit` and `verify`: the grade report of a cooperative, and the same report recomputed by anybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coopbooks.cli.call import Call, Form, busy, no_record, opened, publish, put_lines, say, takes_ledger, today, warn
from coopbooks.cli.layout import Block, Column, Line, grid
from coopbooks.cli.words import clean, count_of, listed
from coopbooks.errors import ReportUnusable, WrongSignature

if TYPE_CHECKING:
    from coopbooks.audit_answers import Audit, Verification
    from coopbooks.cooperative import Cooperative
    from coopbooks.reports.audit_verify import Signature

REPORT_BYTES_MAX = 64 << 20
"""Far more than a report of the largest books has; whoever sent the books may have sent the report, too."""

__all__ = ["AUDIT", "VERIFY", "audit", "federation_of", "read_report", "verify"]

_MOODS = {"revolutionary": "good", "reformist": "bad", "counter-revolutionary": "bad", None: "bad"}
_TIERS = (("gate", "Gates"), ("core", "Core criteria"), ("practice", "Practices"))


def _blocks(data: dict[str, Any]) -> Iterator[Block]:
    """Verdict, why, what to do until when; then the clocks and every criterion."""
    from coopbooks.audit_answers import Audit
    from coopbooks.reports.audit_view import audit_view

    view = audit_view(Audit.model_validate(data))
    yield Line(view["headline"] + ".", _MOODS[data["verdict"]])
    named = f"Audit {view['audit']}" if view["audit"] else "No audit is open"
    yield Line(f"{named}; {view['days']}; judged on {view['judged_on']}, profile {clean(data['profile'])}.", "quiet")
    if not data["criteria"]:
        return
    yield Line("; ".join(view["counts"]) + ".")
    if view["differs"]:
        yield Line(view["differs"], "bad")
    yield Line("Why", "title")
    yield Line(view["rule"])
    for each in view["why"]:
        ids = f" ({', '.join(each['criteria'])})" if each["criteria"] else ""
        yield Line(f"- {each['text']}{ids}")
    yield from _todo(view)
    yield from _clocks(view)
    yield from _criteria(view)
    yield from _rest(view)


def _todo(view: dict[str, Any]) -> Iterator[Block]:
    yield Line("What to do, until when", "title")
    if not view["todo"]:
        yield Line("Nothing is below met.", "good")
        return
    columns = [Column("criterion"), Column("until", optional=True), Column("what to do")]
    yield grid(
        columns,
        [
            [
                f"{listed(row['criteria'])} {row['more']}".rstrip(),
                row["until"] or "",
                f"{row['remedy']} {row['triggers']}".rstrip(),
            ]
            for row in view["todo"]
        ],
    )


def _clocks(view: dict[str, Any]) -> Iterator[Block]:
    if not view["triggers"]:
        return
    yield Line("Triggers", "title")
    columns = [
        Column("trigger"),
        Column("state"),
        Column("opened", spare=True),
        Column("last day"),
        Column("assembly by", spare=True),
    ]
    rows = [
        [
            row["id"],
            row["state"] + (f", {row['left']}" if row["left"] else ""),
            row["opened"],
            row["last_day"],
            row["assemblies"],
        ]
        for row in view["triggers"]
    ]
    yield grid(columns, rows, (number for number, row in enumerate(view["triggers"]) if row["mood"] == "bad"))


def _criteria(view: dict[str, Any]) -> Iterator[Block]:
    columns = [Column("criterion"), Column("outcome"), Column("why"), Column("evidence", spare=True)]
    for tier in view["tiers"]:
        rows = tier["rows"]
        if not rows:
            continue
        yield Line(tier["title"], "title")
        yield grid(
            columns,
            [
                [
                    f"{row['id']} {row['title']}",
                    row["shown"] + ("" if row["graded"] else " (reported only)"),
                    row["reason"],
                    _evidence(row["evidence"]),
                ]
                for row in rows
            ],
            (number for number, row in enumerate(rows) if row["label"] not in (None, "revolutionary")),
        )


def _evidence(places: list[str]) -> str:
    """The first places; the whole list stands in every file."""
    return " ".join(places[:2]) + (f" and {len(places) - 2} more" if len(places) > 2 else "")


def _rest(view: dict[str, Any]) -> Iterator[Block]:
    index = view["sovereignty"]["index"]
    if index:
        yield Line(f"Sovereignty index: {index} of 100 (enters no verdict).")
    else:
        count = 4 - len(view["sovereignty"]["missing"])
        yield Line(f"Sovereignty index: not computed, {count} of 4 measures have evidence.")
    for row in view["ignored"]:
        place = f" at {row['place']}" if row["place"] else ""
        yield Line(f"Does not count: {row['record']}{place}: {row['why']}.", "bad")
    for row in view["parameters"]:
        default = "not set" if row["default"] is None else row["default"]
        yield Line(
            f"Parameter {row['name']} is {row['value']}, by default {default} ({row['place'] or row['origin']})."
        )


def _compared(data: dict[str, Any]) -> Line:
    """The last word of `verify`: what the comparison came to, with or without a right signature."""
    unsigned = data["signed"] is False
    differ = len(data["changed"]) - unsigned
    if differ:
        return Line(f"Not the same: {count_of(differ, 'difference', 'differences')}.", "bad")
    if unsigned:
        return Line("The ledger gives this report, byte for byte, but the signature is wrong.", "bad")
    return Line("The same: the ledger gives this report, byte for byte.", "good")


AUDIT = Form(
    _blocks,
    ("id", "tier", "title", "machine", "outcome", "label", "shown", "reason", "evidence", "remedy", "clause", "graded"),
    lambda data: [{**row, "evidence": " ".join(row["evidence"])} for row in data["criteria"]],
)

VERIFY = Form(
    lambda data: [
        *(Line(f"{each}.") for each in data["appended"]),
        *(Line(f"{each}.", "bad") for each in data["changed"]),
        *([] if data["signature"] is None else [Line(f"Signature: {clean(data['signature'])}", "good")]),
        _compared(data),
    ],
    ("same", "changed", "appended", "signed", "signature"),
    lambda data: [{**data, "changed": "; ".join(data["changed"]), "appended": "; ".join(data["appended"])}],
)


@click.command(short_help="Judge the practices of a cooperative, and write the grade report.")
@takes_ledger(judges_days=True, sent=True)
@click.option(
    "--profile",
    metavar="P",
    help="starter, full, the id of a profile record, or a federation's FILE of records [default: the audit's own, else full].",
)
@click.option("--audit", "name", metavar="ID", help="The audit of this id [default: the one that is due to be shown].")
@click.option(
    "--period", metavar="YEAR", help="A preliminary of this fiscal year, which nobody has opened an audit of."
)
@click.option(
    "-o",
    "--output",
    "files",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    help="Write the report to FILE.json, .html, .md, .pdf or .sarif; may be given again.",
)
@click.option("--dry-run", is_flag=True, help="With -o: show what would change and write nothing.")
def audit(
    call: Call, profile: str | None, name: str | None, period: str | None, files: tuple[str, ...], dry_run: bool
) -> int:
    """Judge every criterion of the liberation audit from the books: the verdict, why, and what to do until when.

    Until a panel has signed, the answer says what the books indicate and is no verdict. The same books give the same
    bytes on any machine. docs/audit.md explains every word.

    \b
    Example:   coopbooks audit main.beancount -o report.html -o report.json
    CSV:       one row a criterion
    Exit 1:    the verdict is not revolutionary, or an emergency assembly is due or was never held
    """
    if name is not None and period is not None:
        raise click.UsageError(
            "--audit names an audit that was opened and --period a year without one: give one of them"
        )
    with busy(f"Reading {call.ledger}"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        day = call.as_of or today(coop)
        found = coop.audit(day, federation_of(profile) or profile, name, period)
    warn(call, coop)
    lines = [_written(found, file, coop, dry_run=dry_run) for file in files]
    publish(call, AUDIT, found, *_judged(call, day), *no_record(coop), *lines)
    return int(found.breaks)


def federation_of(profile: str | None) -> Path | None:
    """The path of a federation's file of records, where the profile is one: other profiles are named by a word."""
    return Path(profile) if profile is not None and profile.endswith(".beancount") else None


def _judged(call: Call, day: date) -> Iterator[Block]:
    if call.as_of is None:
        if call.shape != "table":
            say(f"judged as of {day}, today; `--as-of DATE` names another day")
        yield Line(f"Judged as of {day}, today.", "quiet")


def _written(found: Audit, file: str, coop: Cooperative, *, dry_run: bool) -> Line:
    from coopbooks.books.outgoing import preview, write_new
    from coopbooks.reports.audit_files import is_ours, of_report

    content = of_report(found, file, coop.currency)
    if dry_run:
        change = preview(file, content, is_ours)
        if not change:
            return Line(f"{file}: nothing would change.")
        put_lines(change, err=True)
        return Line(f"{file}: {len(content):,} bytes would be written.")
    if write_new(file, content, is_ours):
        return Line(f"{file}: written.", "good")
    return Line(f"{file}: nothing was changed, since just this report stands there already.")


@click.command(short_help="Recompute a grade report from a ledger, and name every difference.")
@click.argument("report", type=click.Path())
@takes_ledger(sent=True)
@click.option("--profile", metavar="FILE", help="The federation's file of records, where the report was made by one.")
@click.option("--signers", type=click.Path(), metavar="FILE", help="Allowed signers, as ssh-keygen reads them.")
@click.option("--identity", metavar="ID", help="Who of them is expected to have signed REPORT.sig.")
def verify(call: Call, report: str, profile: str | None, signers: str | None, identity: str | None) -> int:
    """Recompute REPORT, a .json file, from LEDGER, and name every difference.

    Each file must begin with the bytes that the report names. What was appended later is named; it changes nothing
    where all of it is dated after the report, or is the record of the report's own signing. With --signers the
    signature REPORT.sig is checked by ssh-keygen; a wrong one is named, and all else is compared in spite of it.

    \b
    Example:   coopbooks verify report.json main.beancount
    CSV:       one row: same, changed, appended, signed, signature
    Exit 1:    something differs, or the signature is wrong
    """
    if (signers is None) != (identity is None):
        raise click.UsageError("--signers is the file and --identity who is looked for in it: give both, or neither")
    content, read = read_report(report)
    signature = None
    if signers is not None and identity is not None:
        signature = _signature_of(Path(report), Path(signers), identity)
    with busy(f"Reading {call.ledger}"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        found = _verified(coop, content, read, federation_of(profile), signature)
    warn(call, coop)
    publish(call, VERIFY, found)
    return int(found.breaks)


def _signature_of(report: Path, signers: Path, identity: str) -> Signature:
    from coopbooks.books.signing import verify as signed_by
    from coopbooks.reports.audit_verify import Signature

    try:
        return Signature(True, signed_by(report, signers, identity))  # noqa: FBT003  # whether it is right
    except WrongSignature as error:
        return Signature(False, error.message)  # noqa: FBT003  # as above


def read_report(name: str) -> tuple[bytes, Audit]:
    """The bytes of a report and what they say. Raises ReportUnusable."""
    from coopbooks.reports.audit_files import report_of

    file = Path(name)
    try:
        if file.exists() and not file.is_file():
            raise ReportUnusable(f"{name} is no plain file: give the report's .json file")
        with file.open("rb") as opened_file:
            content = opened_file.read(REPORT_BYTES_MAX + 1)
    except OSError as error:
        raise ReportUnusable(f"{name} cannot be read ({error.strerror}): give the report's .json file") from None
    if len(content) > REPORT_BYTES_MAX:
        raise ReportUnusable(
            f"{name} has more than {REPORT_BYTES_MAX >> 20} MiB: no report has, so give the .json file of one"
        )
    return content, report_of(name, content)


def _verified(
    coop: Cooperative, content: bytes, read: Audit, profile: Path | None, signature: Signature | None
) -> Verification:
    from coopbooks.reports.audit_verify import verified

    return verified(coop, content, read, profile, signature)
