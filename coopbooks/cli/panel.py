"""`panel`: the auditors' records, from the call of a lottery to the publication, each ready to be pasted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coopbooks.cli.audit import federation_of, read_report
from coopbooks.cli.call import Call, a_day, busy, opened, put_lines, say, takes_ledger, today, unhurried, warn
from coopbooks.cli.record_into import asked, goes_into, hand_over
from coopbooks.errors import ReportUnusable, UnknownName
from coopbooks.rules.lottery import pool_digest

if TYPE_CHECKING:
    from coopbooks.audit_answers import Audit, AuditCriterion
    from coopbooks.cooperative import Cooperative

__all__ = ["panel"]

PUBLIC_DAYS = 7
"""So many days the pool is public before it is drawn from."""


@click.group(short_help="The auditors' records: plan, finding, sign, publish.")
def panel() -> None:
    """Write the records of an audit: each is printed to be pasted, or appended with --into FILE."""


def _read(call: Call, into: str | None) -> tuple[Cooperative, date, str | None]:
    """The books, the day of the record, and the stamp of the file that it goes to, taken before the books are read."""
    from coopbooks.books.writing import stamp

    since = stamp(into) if into else None
    with busy(f"Reading {call.ledger}"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        day = call.as_of or today(coop)
    warn(call, coop)
    return coop, day, since


def _day_of(call: Call) -> None:
    if call.as_of is None:
        say("dated today; `--as-of DATE` names another day")


# -- plan ------------------------------------------------------------------------------------------------------------


@panel.command(short_help="The call of the lottery and the opening of an audit.")
@takes_ledger(judges_days=True)
@click.option("--audit", "name", metavar="ID", help="What the audit is called, as LA-2026.")
@click.option("--pool", metavar="IDS", help="Who may be drawn, as organisation:person, with commas between.")
@click.option("--seats", type=click.IntRange(min=1), default=3, show_default=True, help="Auditors to be drawn.")
@click.option("--alternates", type=click.IntRange(min=0), default=2, show_default=True, help="Who follow, in order.")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="A public number to come; may be given again.")
@click.option(
    "--draw-not-before", "draw", metavar="DATE", callback=a_day, help="The first day on which they are known."
)
@click.option(
    "--opens", metavar="DATE", callback=a_day, help="The day on which the audit opens [default: a week after the draw]."
)
@click.option("--window-start", metavar="DATE", callback=a_day, help="First day that is looked at.")
@click.option("--window-end", metavar="DATE", callback=a_day, help="Last day that is looked at.")
@click.option(
    "--profile", default="full", show_default=True, metavar="P", help="starter, full, or the id of a profile."
)
@goes_into
def plan(
    call: Call,
    name: str | None,
    pool: str | None,
    seats: int,
    alternates: int,
    sources: tuple[str, ...],
    draw: date | None,
    opens: date | None,
    window_start: date | None,
    window_end: date | None,
    profile: str,
    into: str | None,
    dry_run: bool,
) -> int:
    """Print the call of the auditors' lottery and the record that opens the audit.

    The call must be public for a week before the draw. The usual window is the last fiscal year.

    \b
    Example:   coopbooks panel plan main.beancount --audit LA-2026 --pool "union:rosa, press:eva" \\
                 --source lotto-2026-05-02 --draw-not-before 2026-05-03
    CSV:       one row: record, written
    """
    from coopbooks.audit.catalogue import VERSION
    from coopbooks.books.record_text import record_text

    coop, day, since = _read(call, into)
    name = asked(name, "--audit", "what is the audit called, as LA-2026?")
    ids = _ids(asked(pool, "--pool", "who may be drawn, as organisation:person, with commas between?"), seats)
    named = sources or asked(None, "--source", "which public numbers will draw, with ; between?").split(";")
    first = draw or _day(asked(None, "--draw-not-before", "the first day of the draw, as 2026-05-03?"))
    _refuse_call(coop, name, day, first)
    _refuse_opening(coop, name, (window_start, window_end), profile)
    _refuse_pool(ids, seats)
    pooled = {"seats": seats, "alternates": alternates, "max-per-org": 1, **_pooled(ids)}
    pooled |= {"sources": "; ".join(each.strip() for each in named), "draw-not-before": first}
    opening = {"window-start": window_start, "window-end": window_end, "catalogue": VERSION, "profile": profile}
    texts = [
        record_text("lottery-call", name, day, pooled),
        record_text("audit", name, opens or first + timedelta(days=PUBLIC_DAYS), opening),
    ]
    _day_of(call)
    hand_over(call, coop, "\n".join(texts), into, since, dry=dry_run)
    return 0


def _label(row: AuditCriterion) -> str:
    """The label as a verdict writes it, which says of missing evidence that this is what is missing."""
    return "not-evidenced" if row.outcome in ("not-evidenced", "error") else str(row.label)


def _pooled(ids: Sequence[str]) -> dict[str, Any]:
    return {"pool": ", ".join(ids), "pool-sha256": pool_digest(ids)}


def _refuse_opening(coop: Cooperative, name: str, window: tuple[date | None, date | None], profile: str) -> None:
    """Refuse an id that no list could hold, a window turned round, and a profile that nobody knows."""
    if any(sign in name for sign in " ,;/"):
        raise UnknownName(
            f'"{name}" is no id of an audit: write it without spaces, commas, semicolons and slashes, as LA-2026'
        )
    starts, ends = window
    if starts is not None and ends is not None and ends < starts:
        raise UnknownName(
            f"the window ends on {ends}, before it starts on {starts}: give the two days the other way round"
        )
    known = ["starter", "full", *sorted({each.id for each in coop.facts.records if each.KIND == "profile"})]
    if profile not in known:
        raise UnknownName(f'there is no profile "{profile}": write one of {", ".join(known)}')


def _refuse_pool(ids: Sequence[str], seats: int) -> None:
    """Refuse a pool whose organisations are fewer than the seats: each has one at most."""
    organisations = len({each.partition(":")[0] for each in ids})
    if organisations < seats:
        raise UnknownName(
            f"the pool has {organisations} organisations for {seats} seats, and each may have one seat: name more "
            "organisations, or fewer --seats"
        )


def _refuse_call(coop: Cooperative, name: str, day: date, first: date) -> None:
    """Refuse to call an audit twice, or to draw before its pool was public long enough."""
    if any(each.id == name and each.KIND in ("lottery-call", "audit") for each in coop.facts.records):
        raise UnknownName(f'there is an audit "{name}" in the books already: choose another id, as {name}b')
    soonest = day + timedelta(days=PUBLIC_DAYS)
    if first < soonest:
        raise UnknownName(
            f"the draw is planned for {first} and the call for {day}: the pool must be public for at least {PUBLIC_DAYS} days, "
            f"so draw on {soonest} or later"
        )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnknownName(f'"{text}" is no date: write it as 2025-12-31') from None


def _ids(pool: str, seats: int) -> list[str]:
    """The ids of a pool, sorted; refuses one that is no organisation:person, and says so where they are few."""
    found = sorted({each.strip() for each in pool.split(",") if each.strip()})
    for each in found:
        organisation, _, person = each.partition(":")
        if not organisation or not person or " " in each:
            raise UnknownName(f'"{each}" is no id of a pool: write it as organisation:person, as tenants-union:rosa')
    if len(found) < 2 * seats:
        say(f"small pool: {len(found)} for {seats} seats; the report will say so")
    return found


# -- finding ---------------------------------------------------------------------------------------------------------


@panel.command(short_help="What the panel found of one criterion.")
@takes_ledger(judges_days=True)
@click.option("--audit", "name", metavar="ID", help="The audit [default: the one that is open].")
@click.option("--criterion", metavar="ID", help="The criterion, as SUP-2.")
@click.option("--label", metavar="LABEL", help="revolutionary, reformist or counter-revolutionary.")
@click.option("--votes", metavar="N-N-N", help="Votes for, against and abstaining, as 3-0-0.")
@click.option("--evidence", metavar="TEXT", help="The papers, talks and places that it rests on.")
@click.option("--text", metavar="TEXT", help="What was found, in a sentence or two, without names of people.")
@click.option("--until", metavar="DATE", callback=a_day, help="The last day on which a raised label is valid.")
@click.option("--verifies", metavar="TRIGGER", help="The trigger whose rewrite the panel confirms.")
@click.option("--withdraws", metavar="TRIGGER", help="The trigger that a correction takes back.")
@goes_into
def finding(
    call: Call,
    name: str | None,
    criterion: str | None,
    label: str | None,
    votes: str | None,
    evidence: str | None,
    text: str | None,
    until: date | None,
    verifies: str | None,
    withdraws: str | None,
    into: str | None,
    dry_run: bool,
) -> int:
    """Print a finding on one criterion: it lowers a label, or raises one where papers and talks are evidence.

    A finding that would not count is refused, with the reason: pay is arithmetic, for example, and no panel raises it.

    \b
    Example:   coopbooks panel finding main.beancount --criterion SUP-2 --label reformist --votes 3-0-0 \\
                 --evidence "invoice 114" --text "Bought seven weeks after the violation."
    CSV:       one row: record, written
    """
    from coopbooks.books.record_text import record_text

    coop, day, since = _read(call, into)
    now = coop.audit(day, audit=name)
    if now.audit is None:
        raise UnknownName(f"no audit is open on {day}: `coopbooks panel plan` writes the record that opens one")
    criterion = asked(criterion, "--criterion", "which criterion, as SUP-2?").upper()
    known = [row.id for row in now.criteria]
    if criterion not in known:
        raise UnknownName(f'there is no criterion "{criterion}": the criteria are {", ".join(known)}')
    fields: dict[str, Any] = {"verifies": verifies, "withdraws": withdraws, "until": until}
    if verifies is None and withdraws is None:
        label = asked(label, "--label", "which label: revolutionary, reformist or counter-revolutionary?")
        fields["basis"] = "human"
    fields["label"] = label
    fields["votes"] = asked(votes, "--votes", "votes for, against and abstaining, as 3-0-0?")
    fields["evidence"] = asked(evidence, "--evidence", "which papers, talks and places does it rest on?")
    fields["text"] = asked(text, "--text", "what was found, in a sentence or two, without names of people?")
    _know_triggers((verifies, withdraws), now)
    record = record_text("finding", f"{now.audit}/{criterion}", day, fields)
    _refuse_ignored(coop, f"{now.audit}/{criterion}", day, fields, now)
    _day_of(call)
    hand_over(call, coop, record, into, since, dry=dry_run)
    return 0


def _know_triggers(names: Iterable[str | None], now: Audit) -> None:
    known = [each.id for each in now.triggers]
    for each in names:
        if each is not None and each not in known:
            raise UnknownName(f'there is no trigger "{each}" on {now.as_of}: there are {", ".join(known) or "none"}')


def _refuse_ignored(coop: Cooperative, record_id: str, day: date, fields: dict[str, Any], now: Audit) -> None:
    """Refuse a finding that the audit would set aside: it is judged once with the finding in the books."""
    from coopbooks.books.record_text import NOWHERE
    from coopbooks.cooperative import Cooperative as Books
    from coopbooks.records.audits import FindingRecord

    given = {key: value for key, value in fields.items() if value is not None}
    record, _ = FindingRecord.read(record_id, day, NOWHERE, given)
    assert record is not None, "its text was read already"
    supposed = Books(coop.facts.revised((), [record]))
    for each in supposed.audit(day, audit=now.audit).ignored:
        if each.place is None:
            raise UnknownName(f"this finding would not count: {each.why}")


# -- sign ------------------------------------------------------------------------------------------------------------


@panel.command(short_help="The report that is signed, and the verdict record.")
@takes_ledger(judges_days=True)
@click.option("--audit", "name", metavar="ID", required=True, help="The audit that is signed.")
@click.option("--votes", metavar="N-N-N", help="The panel's votes for, against and abstaining, as 3-0-0.")
@click.option(
    "-o", "--output", "report", type=click.Path(), metavar="FILE.json", required=True, help="The report to write."
)
@click.option(
    "--key", type=click.Path(path_type=Path), metavar="KEY", help="Sign it with this OpenSSH key, as ~/.ssh/id_ed25519."
)
@click.option("--profile", metavar="FILE", help="The federation's file of records, where the audit goes by one.")
@goes_into
def sign(
    call: Call,
    name: str,
    votes: str | None,
    report: str,
    key: Path | None,
    profile: str | None,
    into: str | None,
    dry_run: bool,
) -> int:
    """Write the report of an audit as it is signed, and print the verdict record that names its SHA-256.

    The day of the verdict is day 0 of every trigger. With --key the report is signed: FILE.json.sig stands beside it.
    Everything is checked before anything is written; who is stopped between report and record says the same again with
    --as-of and that day.

    \b
    Example:   coopbooks panel sign main.beancount --audit LA-2026 --votes 3-0-0 -o report.json --key ~/.ssh/id_ed25519
    CSV:       one row: record, written
    """
    from coopbooks.audit_answers import canonical
    from coopbooks.books.record_text import record_text

    if not report.endswith(".json"):
        raise ReportUnusable(f"{report}: what is signed is the report as JSON: name it {Path(report).stem}.json")
    coop, day, since = _read(call, into)
    tally = _tally(asked(votes, "--votes", "the panel's votes for, against and abstaining, as 3-0-0?"))
    if any(each.KIND == "verdict" and each.id == name for each in coop.facts.records):
        raise ReportUnusable(
            f'audit "{name}" has a verdict already: `coopbooks audit {call.ledger} --audit {name}` shows it'
        )
    found = coop.signing(name, day, tally, federation_of(profile))
    if found.verdict is None:
        left = [row.id for row in found.criteria if row.outcome == "not-assessed" and row.tier != "practice"]
        raise ReportUnusable(
            f"audit {name} cannot be signed yet: {', '.join(left)} was not assessed, and without it there is no verdict"
        )
    content = canonical(found)
    text = record_text("verdict", name, day, _verdict_fields(found, tally, content))
    _day_of(call)
    if dry_run:
        hand_over(call, coop, text, into, since, dry=True)
        _say_planned(Path(report), content, key)
        return 0

    write = partial(_sign_and_write, Path(report), content, key, into, text, since)
    if into is None:
        write()
    hand_over(call, coop, text, into, since, dry=False, write=write)
    return 0


def _say_planned(report: Path, content: bytes, key: Path | None) -> None:
    """What would be written beside the record, on stderr; nothing is signed."""
    from coopbooks.books.outgoing import preview
    from coopbooks.books.signing import would_sign

    put_lines(preview(report, content) or f"{report}: nothing would change", err=True)
    if key is not None:
        is_new = would_sign(report, content, key)
        say(f"{report}.sig: {f'the signature by {key} would be written' if is_new else 'nothing would change'}")


def _sign_and_write(
    report: Path, content: bytes, key: Path | None, into: str | None, text: str, since: str | None
) -> bool:
    """Sign first, since that may be refused; then write the report, its signature and the record."""
    from coopbooks.books.signing import prepared, write_signed

    with unhurried():  # OpenSSH may ask for a passphrase
        ready = prepared(report, content, key)
    written = write_signed(ready, into, text, since=since)
    say(f"{report}: {len(content):,} bytes")
    if ready.signature is not None:
        say(f"{ready.signed_in}: signed")
    return written


def _verdict_fields(found: Audit, tally: str, content: bytes) -> dict[str, Any]:
    low = [row for row in found.criteria if row.graded and row.label not in (None, "revolutionary")]
    return {
        "verdict": found.verdict,
        "assurance": found.assurance,
        "votes": tally,
        "labels": " ".join(f"{row.id}={_label(row)}" for row in low) or None,
        "report-sha256": sha256(content).hexdigest(),
    }


def _tally(text: str) -> str:
    """Votes that carry a verdict: more for than against."""
    parts = text.split("-")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        raise UnknownName(f'"{text}" are no votes: write those for, against and abstaining as 3-0-0')
    for_, against, _ = map(int, parts)
    if for_ <= against:
        raise UnknownName(
            f"{text}: {for_} for and {against} against carry no verdict: the panel goes on until it has a majority"
        )
    return text


# -- publish ---------------------------------------------------------------------------------------------------------


@panel.command(short_help="The record of where the report was made public.")
@takes_ledger(judges_days=True)
@click.argument("report", type=click.Path())
@click.option("--audit", "name", metavar="ID", help="The audit [default: that of the report].")
@click.option("--place", metavar="URL", help="Where it can be read.")
@goes_into
def publish(call: Call, report: str, name: str | None, place: str | None, into: str | None, dry_run: bool) -> int:
    """Print the record that REPORT, the .json file that was signed, is public at a place.

    Another file than the one that the verdict names is refused.

    \b
    Example:   coopbooks panel publish main.beancount report.json --place https://coop.example/audits/LA-2026
    CSV:       one row: record, written
    """
    from coopbooks.books.record_text import record_text
    from coopbooks.records.audits import Verdict

    content, read = read_report(report)
    coop, day, since = _read(call, into)
    name = name or read.audit
    verdict = next(
        (each for each in reversed(coop.facts.records) if isinstance(each, Verdict) and each.id == name), None
    )
    if verdict is None:
        raise UnknownName(f'the books have no verdict of audit "{name}": `coopbooks panel sign` writes it')
    digest = sha256(content).hexdigest()
    if digest != verdict.report_sha256:
        raise ReportUnusable(
            f"{report} has the SHA-256 {digest[:12]}…, and the verdict names {(verdict.report_sha256 or 'none')[:12]}…: publish "
            "the very file that was signed",
            verdict.place,
        )
    late = (day - verdict.date).days
    if late > PUBLIC_DAYS:
        say(f"warning: {late} days after the signature on {verdict.date}; a report is due within {PUBLIC_DAYS}")
    place = asked(place, "--place", "where can the report be read?")
    text = record_text("publication", str(name), day, {"place": place, "report-sha256": digest})
    _day_of(call)
    hand_over(call, coop, text, into, since, dry=dry_run)
    return 0
