"""A grade report as Markdown, for a repository or a mail; a text of the ledger is never read as Markdown or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from coopbooks import audit_answers as answers
from coopbooks.reports.audit_view import audit_view

__all__ = ["audit_markdown"]

_SIGNS = re.compile(r"([\\`*_\[\]<>|~&!#@]|:(?=//)|(?<=www)\.)")


def plain(text: str) -> str:
    """A text as Markdown shows it, letter by letter: no emphasis, link, tag or cell of a table.

    It stands behind other words, so that signs which matter at the start of a line only are left alone.

    >>> plain("<b>5*3</b> [x](https://a.example)"), plain("books/pay-2025.beancount:12")
    ('\\\\<b\\\\>5\\\\*3\\\\</b\\\\> \\\\[x\\\\](https\\\\://a.example)', 'books/pay-2025.beancount:12')
    """
    return _SIGNS.sub(r"\\\1", text)


def audit_markdown(report: answers.Audit) -> bytes:
    """The report as Markdown, UTF-8, in the order of the page; the same report gives the same bytes."""
    view = audit_view(report)
    lines = [f"<!-- {answers.SCHEMA} -->", *_head(view)]
    for section in (_why, _todo, _triggers, _criteria, _sovereignty, _panel, _response, _method):
        lines += ["", *section(view)]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _head(view: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {plain(view['headline'])}"
    yield ""
    yield f"{plain(view['kind'])}{' ' + plain(view['audit']) if view['audit'] else ''} of {plain(view['title'])}, "
    yield f"{view['days']}; judged on {view['judged_on']}, clocks as of {view['as_of']}."
    if view["indicated"]:
        yield ""
        yield "**INDICATED: what the books show before a panel has signed. It is no verdict and starts no clock.**"
    if view["differs"]:
        yield ""
        yield f"**{plain(view['differs'])}**"
    yield ""
    yield from (f"- {each}" for each in view["counts"])


def _why(view: Mapping[str, Any]) -> Iterator[str]:
    yield "## Why"
    yield ""
    yield plain(view["rule"])
    yield ""
    for each in view["why"]:
        yield f"- {plain(each['text'])}" + (f" ({', '.join(each['criteria'])})" if each["criteria"] else "")


def _todo(view: Mapping[str, Any]) -> Iterator[str]:
    yield "## What to do, until when"
    yield ""
    if not view["todo"]:
        yield "Nothing is below met."
    for each in view["todo"]:
        until = f", until **{each['until']}**" if each["until"] else ""
        ids = " ".join([", ".join(each["criteria"]), each["more"]]).rstrip()
        yield f"- {ids}: {plain(each['remedy'])} {plain(each['triggers'])}".rstrip() + until


def _triggers(view: Mapping[str, Any]) -> Iterator[str]:
    yield "## Triggers"
    yield ""
    if not view["triggers"]:
        yield "No clock runs or ran in this window."
        return
    yield "| trigger | criterion | opened | last day | assembly by | state |"
    yield "|---|---|---|---|---|---|"
    for each in view["triggers"]:
        state = each["state"] + (f", {each['left']}" if each["left"] else "")
        cells = (each["id"], each["criterion"], each["opened"], each["last_day"], each["assemblies"], state)
        yield f"| {' | '.join(map(plain, cells))} |"


def _criteria(view: Mapping[str, Any]) -> Iterator[str]:
    for tier in view["tiers"]:
        yield f"## {tier['title']}"
        yield ""
        yield tier["about"]
        for row in tier["rows"]:
            yield ""
            yield from _criterion(row)
        yield ""


def _criterion(row: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {row['id']} {plain(row['title'])}"
    yield ""
    label = f" ({row['label']})" if row["label"] else ""
    graded = "" if row["graded"] else ", reported only"
    yield f"**{plain(row['shown'])}**{label}{graded}: {plain(row['reason'])}"
    if row["machine"]:
        yield f"The books alone: {row['machine']}."
    for key in ("panel", "derogation"):
        if row[key]:
            yield ""
            yield f"> {plain(row[key])}"
    for flag in row["flags"]:
        yield ""
        yield f"> A worker's red flag stands without an answer: {plain(flag)}"
    yield ""
    if row["remedy"]:
        yield f"- What to do: {plain(row['remedy'])}"
    if row["evidence"]:
        yield f"- Evidence: {', '.join(map(plain, row['evidence']))}"
    if row["papers"]:
        yield f"- Papers: {plain(row['papers'])}"
    yield f"- Clause: {row['clause']}"


def _sovereignty(view: Mapping[str, Any]) -> Iterator[str]:
    found = view["sovereignty"]
    yield "## Sovereignty"
    yield ""
    if found["index"]:
        yield f"Index {found['index']} of 100; it shows a trend and enters no verdict."
    else:
        yield f"The index is not computed: {4 - len(found['missing'])} of 4 measures have evidence."
    yield ""
    yield from (f"- {each['name']}: {each['value']}" for each in found["rows"])


def _panel(view: Mapping[str, Any]) -> Iterator[str]:
    yield "## Panel, lottery, conflicts, dissent"
    yield ""
    if view["votes"]:
        yield f"- The panel's vote on the verdict: {view['votes']}"
    for each in view["panel"]:
        yield f"- {plain(each['auditor'])}" + ("" if each["sits"] else f", does not sit: {plain(each['why_not'])}")
    lottery = view["lottery"]
    if lottery is None:
        yield "- The books have no call of a lottery for this audit."
    else:
        yield f"- {plain(lottery['call'])} {plain(lottery['drawn'] or 'Not drawn yet.')}"
        yield f"- Pool SHA-256 {lottery['pool_sha256']}; sources: {plain('; '.join(lottery['sources']))}"
        if lottery["seed"]:
            yield f"- Seed {lottery['seed']}; drawn: {plain(', '.join(lottery['panel']))}"
    for each in view["conflicts"]:
        found = "".join(f" The books: {text}." for text in each["found"])
        yield f"- {plain(each['auditor'])} declares: {plain((each['declared'] or 'nothing') + '.' + found)}"
    for each in view["dissent"]:
        yield f"- Dissent on {each['about']}: {each['votes']}"
    for each in view["ignored"]:
        yield f"- Does not count: {plain(each['record'])}, {plain(each['why'])}"


def _response(view: Mapping[str, Any]) -> Iterator[str]:
    yield "## The cooperative's response"
    yield ""
    if not view["response"]:
        yield "None is recorded yet."
    for each in view["response"]:
        said = ": ".join(part for part in (each["date"], each["note"]) if part)
        yield f"- {plain(said)}" + (f" ({plain(each['document'])})" if each["document"] else "")
    for each in view["publications"]:
        yield f"- Published on {each['date']}" + (f" at {plain(each['where'])}" if each["where"] else "")


def _method(view: Mapping[str, Any]) -> Iterator[str]:
    yield "## Method, parameters, digests"
    for each in view["method"]:
        yield ""
        yield plain(each)
    yield ""
    if not view["parameters"]:
        yield "Every parameter is at its default."
    for each in view["parameters"]:
        default = "not set" if each["default"] is None else each["default"]
        yield f"- {plain(each['name'])} is {plain(each['value'])}, by default {default}, by a {each['origin']}"
    yield ""
    for name, what, digest in view["digests"]:
        yield f"- {name}, {plain(what)}: `{digest}`"
    for each in view["files"]:
        yield f"- {plain(each['path'])}, {each['bytes']} bytes: `{each['sha256']}`"
