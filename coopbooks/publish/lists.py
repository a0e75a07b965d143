"""What passes, and to whom: the one table that decides. What it does not name does not pass.

A field passes with a value that the books can be sure of: a number, a date, TRUE or FALSE, an amount, an account
under its published name, a word of a closed list, or the id of a record. Free text passes only where a bylaw names its
field in `texts`.
"""

from __future__ import annotations

import re

__all__ = ["AUDIENCES", "BEHIND", "PASSES", "PROTECTED_KINDS", "SLUG", "TEXTS", "passes"]

AUDIENCES = ("members", "auditors", "public")

PROTECTED_KINDS = frozenset({"mutual-aid", "strike", "legal-defence"})
"""Kinds of fund whose spending helps people who must not be known by it."""

BEHIND = {"members": 5, "public": 10, "auditors": 0}
"""How many must stand behind each protected figure."""

SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}\Z")
"""An id that passes as it stands; any other gets a number in its place."""

_INSIDE = frozenset({"members", "auditors"})
_ALL = frozenset(AUDIENCES)
_AUDITORS = frozenset({"auditors"})

_STEP = "step share amount rest of round at-most at-most-of until until-of until-at then as to by cash"

# Fields of bylaw surplus and bylaw capital, by what they speak of.
_SHARED_BY = "patronage weights weigh count patronage-from takes-part minimum maximum account tax"
_SPLIT = "split nonmember-accounts nonmember-to"
_PAID = "cash notice vows unclaimed-days unclaimed-to"
_PAID_IN = (
    "collective buy-in buy-in-months entry-fee entry-fee-to interest interest-on interest-at-most interest-at-most-of"
)
_PAID_BACK = "redeem-after redeem redeem-share redeem-at-most short"

# Of an audit: what was called, opened, found, signed, and what the assembly did. None of it is anybody's words.
_CALL = "seats alternates max-per-org pool pool-sha256 sources draw-not-before"
_OPENED = "window-start window-end catalogue profile"
_FOUND = "label basis votes verifies withdraws until"
_SIGNED = "verdict assurance votes report-sha256 labels"
_HELD = "emergency answers notice quorum outcome"

# By kind, and for bylaws by kind and id: fields that members and auditors see; the public; auditors alone.
_TABLE: dict[str, tuple[str, str, str]] = {
    "member": ("wages capital hours since ends decision", "", ""),
    "worker": ("wages hours ends decision", "", ""),
    "exit": ("cause decision", "", ""),
    "absence": ("", "", "until decision"),
    "rate": ("value ends decision", "value ends", ""),
    "allocation": (
        f"{_STEP} minimum-hours minimum-months seniority rate on until-account top-up ends binds-from closes decision",
        "step share amount rest of round at-most at-most-of to as by rate on ends",
        "",
    ),
    "loss": (
        "step from share rest at-most-share against below-zero ends binds-from closes decision",
        "step from share rest ends",
        "",
    ),
    "resolution": ("of to share amount rest by cash decision", "", ""),
    "contribution": ("period of value decision", "", ""),
    "adjustment": ("amount part decision", "", ""),
    "fund": (
        "account kind backing liability spend-by movement ends decision",
        "account kind movement liability spend-by ends",
        "",
    ),
    "redemption": ("share amount of decision", "", ""),
    "vow": ("period", "", ""),
    "decline": ("period share to decision", "", ""),
    "decision": (
        "body eligible quorum for against abstain strategic method consent federation-for federation-against published",
        "",
        "",
    ),
    "bylaw fiscal-year": ("ends closes decision", "ends", ""),
    "bylaw wage-ratio": (
        "cap period measure compare floor over include full-time-hours minimum-hours ends closes decision",
        "cap period measure compare over minimum-hours ends",
        "",
    ),
    "bylaw surplus": (f"{_SHARED_BY} {_SPLIT} {_PAID} ends binds-from closes decision", "", ""),
    "bylaw capital": (f"{_PAID_IN} {_PAID_BACK} ends closes decision", "", ""),
    "bylaw exit": ("years interest schedule losses-first deduct deduct-to set-off ends closes decision", "", ""),
    "bylaw assembly": (
        "quorum majority supermajority majority-of against-at-most ends closes decision",
        "quorum majority",
        "",
    ),
    "bylaw parameter": ("value ends closes decision", "", ""),
    "ally": ("sort hostile ends decision", "", ""),
    "contract": ("open-ledger non-interference assembly-supremacy sunset signed ends decision", "", ""),
    "signal": ("decision", "", ""),
    "pulse": ("ledger-reveal dependency-scan narrative-check decision", "", ""),
    "caucus": ("outcome decision", "", ""),
    "function": ("provider alternative tested ends decision", "", ""),
    "refusal": ("published decision", "", ""),
    "probe": ("partner starts ends expected-autonomy expected-benefit decision", "", ""),
    "debrief": ("at autonomy benefit decision", "", ""),
    "pivot": ("signal-at published-at drill decision", "", ""),
    "screening": ("outcome decision", "", ""),
    "violation": ("decision", "", ""),
    "golden-share": ("ends decision", "", ""),
    "delegate": ("person recalled ends decision", "", ""),
    "budget": ("amount starts ends decision", "", ""),
    "redaction": ("review decision", "review", ""),
    "policy": ("version sha256 closes ends decision", "version sha256 closes ends", ""),
    "practice": ("at facilitator hours-halted decision", "", ""),
    "alert": ("at decision", "", ""),
    "solidarity": ("at what decision", "", ""),
    "lottery-call": (f"{_CALL} decision", _CALL, ""),
    "lottery-draw": ("seed panel alternates decision", "seed panel alternates", ""),
    "auditor": ("audit accepted conflicts decision", "audit accepted", ""),
    "audit": (f"{_OPENED} decision", _OPENED, ""),
    "finding": (f"{_FOUND} decision", _FOUND, ""),
    "flag": ("decision", "", ""),
    "verdict": (f"{_SIGNED} decision", _SIGNED, ""),
    "publication": ("report-sha256 decision", "report-sha256", ""),
    "response": ("decision", "", ""),
    "derogation": ("until decision", "", ""),
    "snapshot": ("sha256 audience decision", "sha256", ""),
    "access": ("people decision", "", ""),
    "action": ("due done decision", "due done", ""),
    "assembly": (f"{_HELD} decision", _HELD, ""),
    "profile": ("practices excludes ends decision", "practices excludes ends", ""),
    # What a transaction, a posting of pay and a gift of an ally say.
    "transaction": ("decision period amends of-period source", "", "claim"),
    "pay": ("hours pay pay-period", "", ""),
    "gift": ("ally in-kind valuation conditions", "", ""),
}

PASSES: dict[str, dict[str, frozenset[str]]] = {
    kind: {
        **dict.fromkeys(inside.split(), _INSIDE),
        **dict.fromkeys(auditors.split(), _AUDITORS),
        **dict.fromkeys(public.split(), _ALL),
    }
    for kind, (inside, public, auditors) in _TABLE.items()
}
"""For each kind of record its fields that pass, and the audiences to which they do."""

TEXTS = {
    "purpose": ("fund", "purpose"),
    "matter": ("decision", "matter"),
    "ally-name": ("ally", "name"),
    "conditions": ("gift", "conditions"),
    "title": ("option", "title"),
}
"""The free texts that `texts` of bylaw publish-members and publish-public may open: kind and field of each."""

_KINDS_OF_THE_PUBLIC = frozenset(kind for kind, (_, public, _) in _TABLE.items() if public)
_KINDS_OF_AUDITORS = frozenset({"absence"})


def passes(kind: str, audience: str) -> bool:
    """Whether records of a kind pass to an audience at all, be it with no field."""
    if kind not in PASSES:
        return False
    if audience == "public":
        return kind in _KINDS_OF_THE_PUBLIC
    return audience == "auditors" or kind not in _KINDS_OF_AUDITORS
