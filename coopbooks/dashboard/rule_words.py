"""Rules in a sentence each, from the fields that the ledger states; a sentence never says more than is written there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from coopbooks.dashboard.words import Look, day_said, joined, number_said, percent_said

__all__ = ["sentence_of"]

Fields = Mapping[str, str]
_AMOUNT = re.compile(r"(-?[\d.]+) ([A-Z][A-Z0-9'._-]*)$")
_LIST = re.compile(r"[\s,;]+")
_EACH = {"month": "every month", "quarter": "every quarter", "year": "every year"}
_COMPARED = {
    "max/min": "times the least-paid one",
    "max/median": "times the middle one",
}
_OF = {
    "surplus": "the surplus",
    "result": "the result before earlier losses",
    "before-tax": "the result before tax",
    "remaining": "what is left",
    "whole": "the whole result",
    "nonmember": "the non-member result",
    "payroll": "all gross pay",
}
_PEOPLE = {
    "members": "the members",
    "workers": "everyone who works here",
    "next": "next year",
    "decision": "whatever the assembly decides",
}
_BY = {
    "patronage": "by patronage",
    "hours": "by hours worked",
    "wages": "by pay",
    "equal": "in equal parts",
    "capital": "by capital",
    "weighted": "by weighted figures",
    "surplus": "",
}


def sentence_of(kind: str, record_id: str, fields: Fields, look: Look) -> str:
    """What a record says, "" where only its fields do.

    >>> sentence_of("bylaw", "wage-ratio", {"cap": "3.0", "period": "month", "measure": "hourly"}, Look("EUR"))
    'The best-paid hour earns at most 3 times the least-paid one, every month.'
    """
    if kind == "bylaw":
        found = next(
            (make for head, make in _BYLAWS.items() if record_id == head or record_id.startswith(f"{head}-")), None
        )
    else:
        found = _KINDS.get(kind)
    return "" if found is None else found(fields, look)


def _number(text: str | None) -> str:
    """A number as it is said; any other text as it is (a rate's name)."""
    try:
        return number_said(Decimal(text or ""))
    except InvalidOperation:
        return text or ""


def _share(text: str) -> str:
    try:
        return percent_said(Decimal(text))
    except InvalidOperation:
        return text  # a rate's name, as "house + 0.02"


def _amount(text: str, look: Look) -> str:
    found = _AMOUNT.match(text)
    return f"{look.plain(found[1])} {found[2]}" if found else text


def _wage_ratio(fields: Fields, _: Look) -> str:
    compare = fields.get("compare", "max/min")
    job = "hour" if fields.get("measure", "hourly") == "hourly" else "full-time job"
    most = f"The best-paid {job} earns" if compare.startswith("max") else f"The mean of the five best-paid {job}s is"
    least = _COMPARED.get(compare, "times the floor")
    each = _EACH.get(fields.get("period", "month"), "")
    return f"{most} at most {_number(fields.get('cap'))} {least}, {each}."


def _surplus(fields: Fields, _: Look) -> str:
    parts = []
    if "patronage" in fields:
        parts.append(f"a member's part of the surplus follows {fields['patronage']}")
    if "cash" in fields:
        whole = "it" if parts else "a member's part of the surplus"
        parts.append(f"{_share(fields['cash'])} of {whole} is paid in money")
    if fields.get("vows") == "TRUE":
        parts.append("nobody is paid before a vow")
    return _sentence(["; ".join(parts)] if parts else [])


def _capital(fields: Fields, look: Look) -> str:
    parts = []
    if "buy-in" in fields:
        months = f" within {fields['buy-in-months']} months" if "buy-in-months" in fields else ""
        parts.append(f"a new member pays in {_amount(fields['buy-in'], look)}{months}")
    if "interest" in fields:
        parts.append(f"capital earns {_share(fields['interest'])} a year")
    if "redeem-after" in fields:
        parts.append(f"each year's capital is due {_number(fields['redeem-after'])} years later")
    return _sentence(parts)


def _exit(fields: Fields, _: Look) -> str:
    parts = []
    if "years" in fields:
        count = _number(fields["years"])
        parts.append(f"a leaver's capital is paid back in {count} yearly {'part' if count == '1' else 'parts'}")
    if "interest" in fields:
        parts.append(f"what is left of it earns {_share(fields['interest'])} a year")
    return _sentence(parts)


def _assembly(fields: Fields, _: Look) -> str:
    parts = []
    if "quorum" in fields:
        parts.append(f"{_share(fields['quorum'])} of the members must be there")
    if "majority" in fields:
        of = {"cast": "the votes cast", "present": "those present", "members": "all members"}
        parts.append(
            f"{_share(fields['majority'])} of {of.get(fields.get('majority-of', 'cast'), 'the votes')} decides"
        )
    if "supermajority" in fields:
        parts.append(f"reserved matters need {_share(fields['supermajority'])}")
    return _sentence(parts)


def _fiscal_year(fields: Fields, _: Look) -> str:
    try:
        ends = f"{date.fromisoformat('2000-' + fields['ends']):%-d %B}" if "ends" in fields else ""
    except ValueError:  # a finding says what is wrong with it
        ends = fields["ends"]
    return f"Our year ends on {ends}." if ends else ""


def _allocation(fields: Fields, look: Look) -> str:
    to = fields.get("to", "")
    whom = _PEOPLE.get(to, to)
    if fields.get("rest") == "TRUE":
        what = "All that is left"
    elif "share" in fields:
        what = f"{_share(fields['share'])} of {_base(fields.get('of', 'surplus'))}"
    elif "amount" in fields:
        what = _amount(fields["amount"], look)
    elif "rate" in fields:
        return f"Interest of {_share(fields['rate'])} on each one's capital goes to {whom}{_limits(fields, look)}."
    else:
        return ""
    by = f", {_BY.get(fields.get('by', 'patronage'), '')}" if to in ("members", "workers") else ""
    return f"{what} goes to {whom}{by}{_limits(fields, look)}."


def _base(of: str) -> str:
    return f"what step {of.removeprefix('step:')} got" if of.startswith("step:") else _OF.get(of, of)


def _limits(fields: Fields, look: Look) -> str:
    """Where a step stops: at a balance, at a share of another account's, at a share of a base."""
    said = ""
    if "until" in fields:
        said = f", until it holds {_amount(fields['until'], look)}"
    elif "until-of" in fields:
        stands = "ever stood" if fields.get("until-at") == "highest" else "stands"
        share = _share(fields["until-of"])
        much = "as much as" if share == "100%" else f"{share} of what"
        said = f", until it holds {much} {stands} on {fields.get('until-account', 'another account')}"
    if "then" in fields and said:
        said += f", and {_share(fields['then'])} from then on"
    if "at-most" in fields:
        said += f", at most {_share(fields['at-most'])} of {_base(fields.get('at-most-of', 'surplus'))}"
    return said


def _loss(fields: Fields, _: Look) -> str:
    whom = _PEOPLE.get(fields.get("from", ""), fields.get("from", ""))
    if fields.get("rest") == "TRUE":
        what = "all that is left of a loss"
    elif "share" in fields:
        what = f"{_share(fields['share'])} of a loss"
    else:
        return ""
    return f"{whom[:1].upper()}{whom[1:]} {'bear' if whom == 'the members' else 'bears'} {what}."


def _fund(fields: Fields, _: Look) -> str:
    parts = [f"for {fields['purpose']}"] if "purpose" in fields else []
    if "backing" in fields:
        parts.append(f"its money lies on {fields['backing']}")
    if "spend-by" in fields:
        parts.append(f"to be spent within {fields['spend-by']} months of the close")
    return _sentence(parts)


def _rate(fields: Fields, look: Look) -> str:
    return (
        f"{_amount(fields['value'], look) if ' ' in fields['value'] else _share(fields['value'])}."
        if "value" in fields
        else ""
    )


def _sentence(parts: list[str]) -> str:
    text = joined(parts) if parts else ""
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _member(fields: Fields, _: Look) -> str:
    return f"Pay is booked on {joined(fields['wages'].split())}." if "wages" in fields else ""


def _quoted(field: str) -> Callable[[Fields, Look], str]:
    return lambda fields, _: fields.get(field, "")


def _decline(fields: Fields, _: Look) -> str:
    part = _share(fields["share"]) if "share" in fields else "a part"
    return f"Gives {'all' if part == '100%' else part} of the part of {fields.get('period', 'the year')} back to all."


def _exit_record(fields: Fields, _: Look) -> str:
    return f"Left: {fields['cause']}." if "cause" in fields else "Left."


def _drawn(fields: Fields, _: Look) -> str:
    panel = [each for each in _LIST.split(fields.get("panel", "")) if each]
    return f"Drawn: {joined(panel)}." if panel else ""


def _finding(fields: Fields, _: Look) -> str:
    return f"The panel found it {fields['label']}{_by_votes(fields)}." if "label" in fields else ""


def _verdict(fields: Fields, _: Look) -> str:
    return f"We are called {fields['verdict']}{_by_votes(fields)}." if "verdict" in fields else ""


def _by_votes(fields: Fields) -> str:
    """How the panel voted: "3-0-0" as it is said."""
    counts = fields.get("votes", "").split("-")
    return f", by {counts[0]} to {counts[1]}" if len(counts) == 3 else ""


def _audit(fields: Fields, _: Look) -> str:
    if "window-start" not in fields or "window-end" not in fields:
        return ""
    return f"Looks at all from {_day(fields['window-start'])} to {_day(fields['window-end'])}."


def _policy(fields: Fields, _: Look) -> str:
    version = f"Version {_number(fields['version'])}" if "version" in fields else ""
    if "closes" in fields:
        return f"{version or 'This version'} answers the trigger {fields['closes']}."
    return f"{version}." if version else ""


def _caucus(fields: Fields, _: Look) -> str:
    return f"We decided to {fields['outcome']}." if "outcome" in fields else ""


def _function(fields: Fields, _: Look) -> str:
    return f"Provided by {fields['provider']}." if "provider" in fields else ""


def _budget(fields: Fields, look: Look) -> str:
    if "amount" not in fields:
        return ""
    return f"Up to {_amount(fields['amount'], look)} may be spent{' on ' + fields['account'] if 'account' in fields else ''}."


def _action(fields: Fields, _: Look) -> str:
    if "done" in fields:
        return f"Done on {_day(fields['done'])}."
    return f"Due on {_day(fields['due'])}." if "due" in fields else ""


def _day(text: str) -> str:
    try:
        return day_said(text)
    except ValueError:  # a finding says what is wrong with it
        return text


_BYLAWS: Mapping[str, Callable[[Fields, Look], str]] = {
    "wage-ratio": _wage_ratio,
    "surplus": _surplus,
    "capital": _capital,
    "exit": _exit,
    "assembly": _assembly,
    "fiscal-year": _fiscal_year,
}
_KINDS: Mapping[str, Callable[[Fields, Look], str]] = {
    "allocation": _allocation,
    "loss": _loss,
    "fund": _fund,
    "rate": _rate,
    "member": _member,
    "worker": _member,
    "decision": _quoted("matter"),
    "vow": _quoted("text"),
    "decline": _decline,
    "exit": _exit_record,
    "policy": _policy,
    "budget": _budget,
    "caucus": _caucus,
    "function": _function,
    "refusal": _quoted("offer"),
    "probe": _quoted("purpose"),
    "signal": _quoted("what"),
    "screening": _quoted("outcome"),
    "violation": _quoted("what"),
    "delegate": _quoted("mandate"),
    "golden-share": _quoted("reserved"),
    "lottery-draw": _drawn,
    "audit": _audit,
    "finding": _finding,
    "flag": _quoted("text"),
    "verdict": _verdict,
    "derogation": _quoted("reason"),
    "action": _action,
    "solidarity": _quoted("what"),
}
