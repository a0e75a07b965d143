"""Profiles: which criteria an audit grades, and by which parameters.

`full` grades all of them; `starter`, for a first year, gates and core only, and reports the practices. A federation's own
is a `profile` record: in the ledger itself, or in a file of records of its own with the parameters as bylaws beside it. It
may leave out practices, never a gate or a core criterion, and its parameters only tighten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from coopbooks.audit.canonical import Plain, digest, number_text
from coopbooks.bylaws import Bylaws
from coopbooks.errors import LedgerUnusable, Place, UnknownName
from coopbooks.money import Amount
from coopbooks.parameters import PARAMETERS
from coopbooks.periods import Period
from coopbooks.records import audits, bylaws
from coopbooks.rows import NamedTuple
from coopbooks.rules.audit_references import audit_reference_findings

__all__ = ["FULL", "STARTER", "ProfileInForce", "Setting", "profile_named", "profile_of_file"]

Value = Decimal | Amount | None


class Setting(NamedTuple):
    """A parameter that is not at its default: its own value, where that comes from, and the line that set it."""

    name: str
    value: Decimal | Amount
    default: Decimal | None
    origin: Literal["bylaw", "profile"]
    place: Place | None


class ProfileInForce(NamedTuple):
    """A profile as an audit uses it: `excludes` are ids of practices with the reason, `parameters` a federation's own."""

    id: str
    practices: bool
    excludes: Mapping[str, str]
    parameters: Mapping[str, Decimal | Amount]

    def parameter(self, rules: Bylaws, name: str, window: Period) -> Value:
        """The setting that counts for a window: that of its first day, or a stricter one set inside it.

        A looser one counts from the next window on. The profile's own is taken where it is stricter still. An amount has
        no looser side: the cooperative's of the first day counts, else the first one set inside, else the profile's.
        """
        found = [value for value in _settings(rules, name, window) if value is not None]
        if name in self.parameters:
            found.append(self.parameters[name])
        strictest = next(iter(found), None)
        for value in found[1:]:
            if isinstance(strictest, Decimal) and isinstance(value, Decimal):
                strictest = PARAMETERS[name].stricter(strictest, value)
        return strictest

    def settings(self, rules: Bylaws, window: Period) -> tuple[Setting, ...]:
        """Every parameter that a window does not take at its default, and where it comes from."""
        found = []
        for name, parameter in PARAMETERS.items():
            value = self.parameter(rules, name, window)
            if value is None or value == parameter.default:
                continue
            days = [window.starts, *_turns(rules, name, window)]
            records = (rules.of(bylaws.ParameterBylaw, name, day) for day in days)
            record = next((each for each in records if each is not None and each.value == value), None)
            found.append(
                Setting(
                    name=name,
                    value=value,
                    default=parameter.default,
                    origin="profile" if record is None else "bylaw",
                    place=None if record is None else record.place,
                )
            )
        return tuple(found)

    @property
    def sha256(self) -> str:
        """Digest of all that the profile says."""
        says: Plain = {
            "id": self.id,
            "practices": self.practices,
            "excludes": dict(self.excludes),
            "parameters": {name: number_text(value) for name, value in self.parameters.items()},
        }
        return digest(says)


def _settings(rules: Bylaws, name: str, window: Period) -> Iterator[Value]:
    """The cooperative's settings in the window, that of its first day first."""
    yield rules.parameter(name, window.starts)
    for day in _turns(rules, name, window):
        yield rules.parameter(name, day)


def _turns(rules: Bylaws, name: str, window: Period) -> list[date]:
    """The days inside a window on which a parameter is set or its setting ends."""
    records = rules.history(bylaws.ParameterBylaw, name)
    days = {record.date for record in records} | {record.ends for record in records if record.ends is not None}
    return sorted(day for day in days if window.starts < day <= window.ends)


STARTER = ProfileInForce("starter", practices=False, excludes={}, parameters={})
FULL = ProfileInForce("full", practices=True, excludes={}, parameters={})
_OURS = {"starter": STARTER, "full": FULL}


def profile_named(rules: Bylaws, name: str, day: date) -> ProfileInForce:
    """The profile of a name: starter, full, or a `profile` record of these books that is in force on a day.

    Raises UnknownName for any other, LedgerUnusable for a record that asks for what no profile may.
    """
    if name in _OURS:
        return _OURS[name]
    record = rules.of(audits.Profile, name, day)
    if record is None:
        raise UnknownName(
            f'there is no profile "{name}" on {day}: take starter, full, the id of a profile record, or the '
            "federation's file that has it"
        )
    return _of_record(rules, record, {})


def profile_of_file(rules: Bylaws, day: date) -> ProfileInForce:
    """The profile of a federation's own file of records: its latest `profile` by a day, with the bylaws beside it.

    Raises UnknownName where the file has none by then, LedgerUnusable for one that asks for what no profile may.
    """
    record = max(rules.all_of(audits.Profile, day), key=lambda each: (each.date, each.place), default=None)
    if record is None:
        raise UnknownName(f'this file has no profile by {day}: give one with a `custom "coop" "profile"` record')
    own = rules.all_of(bylaws.ParameterBylaw, day)
    parameters = {each.id: each.value for each in own if isinstance(each.value, Amount | Decimal)}
    return _of_record(rules, record, parameters)


def _of_record(rules: Bylaws, record: audits.Profile, parameters: Mapping[str, Decimal | Amount]) -> ProfileInForce:
    for fault in audit_reference_findings(rules):
        if fault.place == record.place:
            raise LedgerUnusable(fault.message, fault.place)
    why = f"left out by {record.named}" + (f": {record.reason}" if record.reason else ", which gives no reason")
    excludes = dict.fromkeys(record.excludes, why)
    return ProfileInForce(record.id, record.practices, excludes, dict(sorted(parameters.items())))
