"""What every plugin here is: entries to facts, facts to one or more families of rules, findings to Beancount errors.

A plugin changes no entry, reads no clock and no other file, and keeps nothing between loads. Whatever goes wrong inside
becomes one error at the ledger's first coop record.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from typing import Any

from coopbooks.books.entries import Places, facts_of
from coopbooks.books.faults import BooksError, to_errors
from coopbooks.books.resting import resting
from coopbooks.errors import CoopbooksError, Finding
from coopbooks.rules.check import findings_of

__all__ = ["judge", "unasked"]


def judge(
    entries: Sequence[Any], options: Mapping[str, Any], config: str | None, families: Sequence[str]
) -> tuple[Sequence[Any], list[BooksError]]:
    """Run families of rules as a Beancount plugin does: the same entries back, and an error for each finding."""
    places = Places(str(options.get("filename") or ""))
    # A pass of the collector over a large ledger in the middle of this would cost more than all rules together.
    with resting():
        findings = _findings(entries, options, config, families, places)
        _grow_old()
    return entries, to_errors(findings, places.folder)


def _grow_old() -> None:
    """Count all that was read until now among what is old, as the collector itself would after its next pass over it.

    Nothing stays frozen. Where a host has frozen objects of its own, they are left so.
    """
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()


def _findings(
    entries: Sequence[Any], options: Mapping[str, Any], config: str | None, families: Sequence[str], places: Places
) -> list[Finding]:
    try:
        facts = facts_of(entries, options)
        findings = findings_of(facts, families)
        if config:
            findings.append(_unasked(facts.written[0].place if facts.written else places.of(None), config))
    except CoopbooksError as error:
        return [Finding(error.place or _first(entries, places), "records", error.message)]
    except Exception as error:  # noqa: BLE001  # a fault of ours must not end bean-check or Fava
        return [Finding(_first(entries, places), "records", _own_fault(error))]
    return findings


def _first(entries: Sequence[Any], places: Places) -> Any:
    coop = (entry for entry in entries if getattr(entry, "type", None) == "coop")
    return places.of(getattr(next(coop, None), "meta", None))


def _own_fault(error: Exception) -> str:
    last = error.__traceback__
    while last is not None and last.tb_next is not None:  # the module traceback would read the source for its lines
        last = last.tb_next
    where = "coopbooks"
    if last is not None:  # cut by hand: importing pathlib would take longer than the rules of a small ledger
        where = f"{last.tb_frame.f_code.co_filename.replace(chr(92), '/').rpartition('/')[2]}:{last.tb_lineno}"
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return (
        f"coopbooks itself failed here ({what}, in {where}), so its rules were not judged: take the "
        "last change out of the ledger, and report this line"
    )


def unasked(entries: Sequence[Any], options: Mapping[str, Any], config: str | None) -> list[BooksError]:
    """The error for a setting that a plugin does not take; none where none is given."""
    places = Places(str(options.get("filename") or ""))
    return to_errors([_unasked(_first(entries, places), config)] if config else [], places.folder)


def _unasked(place: Any, config: str) -> Finding:
    return Finding(
        place, "records", f'the plugin takes no setting, but "{config}" is given: take it out of the plugin line'
    )
