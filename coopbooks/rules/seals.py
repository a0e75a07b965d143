"""Seals: one digest over all that a fiscal year's books say, and what is no longer as it was when it was given.

    leaf = sha256("coopbooks-seal/1 directive\\n" + the directive's text)
    node = sha256("coopbooks-seal/1 node\\n" + left + right); a last one without a neighbour moves up as it is
    seal = sha256 of the page that `page_of` writes: the year, its days, the root over the sorted leaves, the seal before

Each seal names the one before it, so that the newest vouches for all years. A directive is of the year of its own day,
but for a close and the contributions to it, which are of the year that they name as long as they are no younger than its
seal.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from hashlib import sha256

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding, UnknownName, UnknownPeriod
from coopbooks.facts import FORGED, HIDES, Directive
from coopbooks.periods import DAY, Period
from coopbooks.records.surplus import Seal
from coopbooks.rows import NamedTuple

__all__ = [
    "VERSION",
    "Compared",
    "NewSeal",
    "Sealed",
    "compared",
    "inside",
    "new_seal",
    "page_of",
    "root_of",
    "seal_findings",
    "seal_named",
    "seals_of",
    "short_form",
]

VERSION = "coopbooks-seal/1"
_NODE = f"{VERSION} node\n".encode()
_EMPTY = sha256(f"{VERSION} empty\n".encode()).hexdigest()
_DIGITS = 8
_GROUPS, _GROUP = 8, 4
_TOLD_MAX = 20
_NAMED_MAX = 5

# The first letter of a word of `entries`.
_LETTERS = {
    "transaction": "t",
    "record": "r",
    "custom": "k",
    "open": "o",
    "close": "x",
    "balance": "b",
    "pad": "p",
    "padding": "i",
    "price": "v",
    "commodity": "c",
    "note": "n",
    "document": "d",
    "event": "e",
    "query": "q",
}
_OTHER = "z"
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}


class Listed(NamedTuple):
    """A directive as a seal lists it: its day, what it is, and the first digits of its digest."""

    date: date
    kind: str
    digest: str

    def __str__(self) -> str:
        return f"{self.kind} of {self.date} ({self.digest})"


class Sealed(NamedTuple):
    """The days that a seal covers: `starts` None for all before the last one; `sealed` is the date of the seal itself."""

    period: str
    starts: date | None
    until: date
    sealed: date


class Compared(NamedTuple):
    """A seal beside the books as they are.

    `faults` are what is wrong with the record itself, one sentence each. `changed` pairs what the seal lists with what stands in
    the books on the same day.
    """

    seal: Seal
    faults: tuple[str, ...]
    added: tuple[Directive, ...]
    removed: tuple[Listed, ...]
    changed: tuple[tuple[Listed, Directive], ...]
    moved: bool

    @property
    def holds(self) -> bool:
        """Whether the books are those that were sealed, and the seal is the one that was given."""
        return not (self.faults or self.moved)


class NewSeal(NamedTuple):
    """A seal that is still to be written: its days, its page, and the words of its `entries`."""

    days: Sealed
    root: str
    directives: int
    previous: str | None
    entries: tuple[str, ...]

    @property
    def page(self) -> str:
        """The page that two officers sign."""
        return page_of(self.days, self.root, self.directives, self.previous, self.entries)

    @property
    def sha256(self) -> str:
        """The seal itself: the digest of the page."""
        return sha256(self.page.encode()).hexdigest()


# -- digests ---------------------------------------------------------------------------------------------------------


def root_of(digests: Iterable[str]) -> str:
    """Root of the tree over digests in hexadecimal, in their order as numbers; of none a digest of its own."""
    level = [bytes.fromhex(each) for each in sorted(digests)]
    if not level:
        return _EMPTY
    while len(level) > 1:
        pairs = [sha256(_NODE + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0].hex()


def page_of(days: Sealed, root: str, directives: int, previous: str | None, entries: Sequence[str]) -> str:
    """The page of a seal; `sha256sum` of it is the seal. Ends with a newline."""
    listed = sha256(" ".join(entries).encode()).hexdigest()
    lines = (
        VERSION,
        f"fiscal year: {days.period}",
        f"first day: {days.starts or 'the beginning'}",
        f"last day: {days.until}",
        f"dated: {days.sealed}",
        f"directives: {directives}",
        f"root: {root}",
        f"entries: {listed}",
        f"seal before: {previous or 'none'}",
    )
    return "".join(f"{line}\n" for line in lines)


def short_form(digest: str) -> str:
    """The first 32 digits of a seal in groups of four, as they are read out and written into the minutes.

    >>> short_form("4f2a90bc77e1d0135a6b9c8d00ffee12" + "0" * 32)
    '4f2a 90bc 77e1 d013 5a6b 9c8d 00ff ee12'
    """
    return " ".join(digest[at : at + _GROUP] for at in range(0, _GROUPS * _GROUP, _GROUP))


def _days_of(seal: Seal) -> Sealed:
    return Sealed(seal.id, seal.starts, seal.until, seal.date)


def _page(seal: Seal) -> str:
    return page_of(_days_of(seal), seal.root, seal.directives, seal.previous, seal.entries)


def seal_named(rules: Bylaws, period: str) -> tuple[Seal, str]:
    """The seal of a fiscal year and its page. Raises UnknownName where the books have none."""
    found = next((seal for seal in seals_of(rules) if seal.id == period), None)
    if found is None:
        known = ", ".join(seal.id for seal in seals_of(rules)) or "none yet"
        raise UnknownName(f'there is no seal of "{period}": the sealed years are {known}; `coopbooks close` gives one')
    return found, _page(found)


# -- which directive is of which seal --------------------------------------------------------------------------------


def seals_of(rules: Bylaws) -> list[Seal]:
    """All seals by their last day; of two of one year the one that stands first."""
    found: dict[str, Seal] = {}
    for seal in sorted(rules.every(Seal), key=lambda seal: (seal.until, seal.date, seal.place)):
        found.setdefault(seal.id, seal)
    return list(found.values())


def _divided(days: Sequence[Sealed], directives: Iterable[Directive]) -> dict[str, list[Directive]]:
    """The directives by the sealed year that they are of; what no seal covers is left out. `days` are by their last day."""
    by_name = {each.period: each for each in days}
    ends = [each.until for each in days]
    found: dict[str, list[Directive]] = {each.period: [] for each in days}
    for row in directives:
        if row.kind == FORGED:
            continue
        own = by_name.get(row.period) if row.period is not None else None
        if own is None or not own.until < row.date <= own.sealed:
            at = bisect_left(ends, row.date)
            if at == len(days):
                continue
            own = days[at]
            if own.starts is not None and row.date < own.starts:
                continue
        found[own.period].append(row)
    return found


def _words(rows: Iterable[Directive]) -> tuple[str, ...]:
    """The words of `entries`: each day, and behind it a letter and eight digits for each of its directives."""
    words: list[str] = []
    day: date | None = None
    for when, word in sorted((row.date, _word(row)) for row in rows):
        if when != day:
            words.append(when.isoformat())
            day = when
        words.append(word)
    return tuple(words)


def _word(row: Directive) -> str:
    return f"{_LETTERS.get(row.kind, _OTHER)}{row.digest[:_DIGITS]}"


def _listed(words: Iterable[str]) -> list[tuple[date, str]]:
    """The words of `entries` with their days; what is no word of it is passed over, since its seal is wrong anyway."""
    found: list[tuple[date, str]] = []
    day: date | None = None
    for word in words:
        if "-" in word:
            try:
                day = date.fromisoformat(word)
            except ValueError:
                day = None
        elif day is not None:
            found.append((day, word))
    return found


def inside(rules: Bylaws, directives: Iterable[Directive]) -> list[tuple[Seal, list[Directive]]]:
    """Directives that are not in the books yet and would be of a sealed year, by its seal."""
    seals = seals_of(rules)
    rows = _divided([_days_of(seal) for seal in seals], directives)
    return [(seal, rows[seal.id]) for seal in seals if rows[seal.id]]


# -- what became of a sealed year ------------------------------------------------------------------------------------


def compared(rules: Bylaws) -> list[Compared]:
    """Every seal beside the books, by its last day."""
    seals = seals_of(rules)
    rows = _divided([_days_of(seal) for seal in seals], rules.facts.directives)
    found = []
    before: Seal | None = None
    for seal in seals:
        own = rows[seal.id]
        moved = root_of(row.digest for row in own) != seal.root
        differences = _differences(seal, own) if moved else ((), (), ())
        found.append(Compared(seal, tuple(_record_faults(rules, seal, before)), *differences, moved))
        before = seal
    return found


def _record_faults(rules: Bylaws, seal: Seal, before: Seal | None) -> Iterator[str]:
    """What is wrong with a seal whatever the books say: its year, its own digest, the seal that it follows."""
    try:
        year = rules.calendar.named(seal.id)
    except UnknownPeriod:
        year = None
    if year is None or len(seal.id) != 4:
        yield f'"{seal.id}" is no fiscal year: take this record out, and let `coopbooks close` give the seal'
    elif sha256(_page(seal).encode()).hexdigest() != seal.sha256:
        yield (
            f"this seal of {seal.id} is not as it was given, since its sha256 is not that of its own fields: bring the record "
            "back as `coopbooks close` wrote it"
        )
    if seal.previous != (before.sha256 if before else None) or (
        before is not None and seal.starts != before.until + DAY
    ):
        stands = (
            f"the one in the books is the seal of {before.id}, {before.sha256[:_DIGITS]}…"
            if before
            else "the books have none"
        )
        follows = f"a seal {seal.previous[:_DIGITS]}…" if seal.previous else "no seal"
        yield f"this seal of {seal.id} follows {follows}, but {stands}: bring the seal before it back as it was"


_Differences = tuple[tuple[Directive, ...], tuple[Listed, ...], tuple[tuple[Listed, Directive], ...]]


def _differences(seal: Seal, rows: Iterable[Directive]) -> _Differences:
    """What was added, removed and changed, as far as a seal lists its directives: eight digits tell them apart."""
    if not seal.entries:
        return (), (), ()
    now: defaultdict[tuple[date, str], list[Directive]] = defaultdict(list)
    for row in rows:
        now[row.date, _word(row)].append(row)
    gone: defaultdict[tuple[date, str], list[Listed]] = defaultdict(list)
    for day, word in _listed(seal.entries):
        if now.get((day, word)):
            now[day, word].pop(0)  # of two that say the same the later is the new one
        else:
            gone[day, word[:1]].append(Listed(day, _KINDS.get(word[:1], "directive"), word[1:]))
    added: list[Directive] = []
    changed: list[tuple[Listed, Directive]] = []
    for (day, word), left in sorted(now.items()):
        for row in left:
            before = gone.get((day, word[:1]))
            if before:
                changed.append((before.pop(0), row))
            else:
                added.append(row)
    removed = sorted(each for rest in gone.values() for each in rest)
    return tuple(added), tuple(removed), tuple(changed)


# -- findings --------------------------------------------------------------------------------------------------------


def seal_findings(rules: Bylaws) -> list[Finding]:
    """What is wrong with the seals, and each directive of a sealed year that is not as it was."""
    seals = seals_of(rules)
    kept = {seal.place: seal for seal in seals}
    by_name = {seal.id: seal for seal in seals}
    found = [
        Finding(
            seal.place,
            "seal",
            f"{seal.id} is sealed at {by_name[seal.id].place} already: take one of the two seals out",
        )
        for seal in rules.every(Seal)
        if seal.place not in kept
    ]
    found += [
        Finding(row.place, "seal", f"no seal can be trusted while {HIDES}")
        for row in rules.facts.directives
        if row.kind == FORGED
    ]
    for each in compared(rules):
        found += (Finding(each.seal.place, "seal", fault) for fault in each.faults)
        if each.moved:
            found += _moved(each)
    return found


def _moved(found: Compared) -> list[Finding]:
    """The findings of a year that changed: one at its seal, and one at each directive that is new or different."""
    seal = found.seal
    cure = f'bring back what was sealed, and book the correction in the open period with `of-period: "{seal.id}"`'
    findings = [
        Finding(seal.place, "seal", f"the books of {seal.id} are not those that were sealed: {_said(found)}: {cure}")
    ]
    for row in found.added[:_TOLD_MAX]:
        message = f"this {row.kind} of {row.date} was added after the seal of {seal.id} ({seal.place}): date it in the open period"
        findings.append(Finding(row.place, "seal", message))
    for before, row in found.changed[:_TOLD_MAX]:
        message = f"this {row.kind} is not the {before} of the seal of {seal.id} ({seal.place}): bring that one back"
        findings.append(Finding(row.place, "seal", message))
    return findings


def _said(found: Compared) -> str:
    """How much changed, and what is gone, since that stands nowhere else any more."""
    if not (found.added or found.removed or found.changed):
        return "nothing in the seal tells where they differ"
    gone = "; ".join(str(each) for each in found.removed[:_NAMED_MAX])
    more = len(found.removed) - _NAMED_MAX
    gone += f" and {more} more" if more > 0 else ""
    counts = f"{len(found.added)} added, {len(found.changed)} changed, {len(found.removed)} removed"
    return counts + (f" ({gone})" if gone else "")


# -- a new one -------------------------------------------------------------------------------------------------------


def new_seal(rules: Bylaws, period: Period, directives: Iterable[Directive]) -> NewSeal | None:
    """The seal of a fiscal year over these directives, the close among them; None where a seal covers the year already.

    It names the seal before as that stands in the books, whether it holds or not: it vouches for its own year.
    """
    seals = seals_of(rules)
    if any(period.ends <= seal.until for seal in seals):
        return None
    rows = list(directives)
    last = seals[-1] if seals else None
    sealed = max((row.date for row in rows if row.period == period.name), default=period.ends)
    days = Sealed(period.name, None if last is None else last.until + DAY, period.ends, max(sealed, period.ends))
    own = _divided([*map(_days_of, seals), days], rows)[period.name]
    words = _words(own)
    digests = (row.digest for row in own)
    return NewSeal(days, root_of(digests), len(own), last.sha256 if last else None, words)
