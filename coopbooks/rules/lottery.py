"""The auditors' lottery: whoever knows the pool and the public numbers computes the same draw, without this program.

    seed   = sha256("coopbooks-lottery-v1\\n" + pool-sha256 + "\\n" + every "name=value\\n", sorted)
    ticket = sha256(seed + ":" + id)

The lowest ticket is drawn first. One ticket is checked alone with `printf '%s:%s' SEED ID | sha256sum`, alternates are
whoever comes next, and taking somebody out of the order moves nobody else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from hashlib import sha256

from coopbooks.bylaws import Bylaws
from coopbooks.errors import Finding
from coopbooks.records.audits import LotteryCall, LotteryDraw
from coopbooks.rows import NamedTuple

__all__ = [
    "NOTICE_DAYS",
    "VERSION",
    "Drawn",
    "Fault",
    "Skipped",
    "call_faults",
    "call_of",
    "draw_faults",
    "drawn_from",
    "has_pool",
    "is_small",
    "lottery_findings",
    "organisation",
    "pool_digest",
    "seed_of",
    "sources_differ",
    "ticket",
]

VERSION = "coopbooks-lottery-v1"
NOTICE_DAYS = 7
"""A pool is public for at least so many days before anybody is drawn from it."""


class Skipped(NamedTuple):
    """Somebody who was passed over, and why."""

    id: str
    reason: str


class Drawn(NamedTuple):
    """A draw: all ids by ticket, who got a seat, who follows them, and who was passed over before the last place."""

    order: tuple[str, ...]
    panel: tuple[str, ...]
    alternates: tuple[str, ...]
    skipped: tuple[Skipped, ...]


class Fault(NamedTuple):
    """What is wrong with a call or a draw: in which part of it, and the end of the sentence that says so."""

    part: str
    text: str


def pool_digest(pool: Iterable[str]) -> str:
    """SHA-256 over the sorted ids of a pool, each followed by a newline, in UTF-8; the order of the text is nothing to it."""
    return _sha256("".join(f"{each}\n" for each in sorted(pool)))


def seed_of(pool_sha256: str, sources: Iterable[str]) -> str:
    """The seed of a draw: from the digest of the pool and the public numbers, each as "name=value"."""
    return _sha256(f"{VERSION}\n{pool_sha256}\n" + "".join(f"{each}\n" for each in sorted(sources)))


def ticket(seed: str, person: str) -> str:
    """The ticket of one id."""
    return _sha256(f"{seed}:{person}")


def organisation(person: str) -> str:
    """The part of an id before its first colon: "tenants-union" of "tenants-union:rosa"."""
    return person.partition(":")[0]


def is_small(call: LotteryCall) -> bool:
    """Whether the pool has fewer than two people for each seat: allowed, and said beside the panel."""
    return len(set(call.pool)) < 2 * call.seats


def drawn_from(call: LotteryCall, seed: str, without: Collection[str] = ()) -> Drawn:
    """The draw of a call by a seed; `without` are ids that take no place, as of whoever declined.

    At most `max-per-org` of panel and alternates together are of one organisation: an alternate can take any seat then.
    """
    order = tuple(sorted(set(call.pool), key=lambda person: ticket(seed, person)))
    placed: list[str] = []
    skipped: list[Skipped] = []
    for person in order:
        if len(placed) == call.seats + call.alternates:
            break
        own = organisation(person)
        if person in without:
            skipped.append(Skipped(person, "takes no place"))
        elif sum(organisation(each) == own for each in placed) >= call.max_per_org:
            skipped.append(
                Skipped(person, f"{own} has {call.max_per_org} already, the most that one organisation may have")
            )
        else:
            placed.append(person)
    return Drawn(order, tuple(placed[: call.seats]), tuple(placed[call.seats :]), tuple(skipped))


def _sha256(text: str) -> str:
    return sha256(text.encode("utf-8")).hexdigest()


# -- what a call and a draw must hold to -----------------------------------------------------------------------------


def call_of(rules: Bylaws, draw: LotteryDraw) -> LotteryCall | None:
    """The call that a draw answers: the last one of its id that is not dated after it, else the first; None without any."""
    calls = rules.history(LotteryCall, draw.id)
    before = [call for call in calls if call.date <= draw.date]
    return next(iter(before[-1:] or calls), None)


def call_faults(call: LotteryCall) -> list[Fault]:
    """What is wrong with a call: its pool, the digest of that, or the time between it and the draw."""
    faults = [Fault("form", text) for text in _pool_faults(call)]
    if not faults and call.pool_sha256 != pool_digest(call.pool):
        faults.append(
            Fault(
                "pool",
                f"has the pool-sha256 {call.pool_sha256}, but the ids of its pool give {pool_digest(call.pool)}: write the "
                "pool as it was published, or publish a new call with this digest",
            )
        )
    first = call.date + timedelta(days=NOTICE_DAYS)
    if call.draw_not_before < first:
        faults.append(
            Fault(
                "notice",
                f"lets the draw begin on {call.draw_not_before}, less than {NOTICE_DAYS} days after its pool was published: "
                f"write draw-not-before: {first} or a later day",
            )
        )
    return faults


def has_pool(call: LotteryCall) -> bool:
    """Whether the pool that a call states is the one whose digest was published, so that it can be drawn from."""
    return not any(fault.part in ("form", "pool") for fault in call_faults(call))


def _pool_faults(call: LotteryCall) -> Iterator[str]:
    for person in dict.fromkeys(call.pool):
        own, colon, name = person.partition(":")
        if not (own and colon and name):
            yield f'has "{person}" in its pool, who is of no organisation: write every id as organisation:person'
        if call.pool.count(person) > 1:
            yield f'has "{person}" more than once in its pool: write every id once'


def draw_faults(call: LotteryCall, draw: LotteryDraw) -> list[Fault]:
    """Where a draw is not the one that its call gives; what rests on a part that is wrong is not judged.

    Where the pool of the call is not the published one nothing is known of the draw.
    """
    faults: list[Fault] = []
    if draw.date < call.draw_not_before:
        faults.append(
            Fault(
                "early",
                f"is of {draw.date}, and its call (at {call.place}) lets nobody draw before {call.draw_not_before}: draw "
                "again on that day or later",
            )
        )
    if not has_pool(call):
        return faults
    given = [text for _, text in draw.sources]
    if sources_differ(call.sources, given):
        faults.append(
            Fault(
                "sources",
                f"was made with {_listed(map(_name, given))}, but its call (at {call.place}) names {_listed(call.sources)}: "
                "draw with the numbers of the call, each one once",
            )
        )
        return faults
    return faults + list(_result_faults(call, draw, given))


def sources_differ(named: Sequence[str], given: Iterable[str]) -> bool:
    """Whether numbers given as "name=value" are not just those that a call names."""
    return sorted(map(_name, given)) != sorted(named)


def _name(source: str) -> str:
    return source.partition("=")[0]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "no source"


def _result_faults(call: LotteryCall, draw: LotteryDraw, given: Sequence[str]) -> Iterator[Fault]:
    seed = seed_of(pool_digest(call.pool), given)
    if draw.seed != seed:
        yield Fault(
            "seed",
            f"has the seed {draw.seed}, but the pool and the sources give {seed}: write the numbers as they were published, "
            "and the draw that this seed gives",
        )
        return
    found = drawn_from(call, seed)
    for part, stated, right in (("panel", draw.panel, found.panel), ("alternates", draw.alternates, found.alternates)):
        if stated != right:
            yield Fault(
                part,
                f"has {part} {_in_order(stated)}, but by the tickets of its seed they are {_in_order(right)}: write them so",
            )


def _in_order(people: Iterable[str]) -> str:
    return ", ".join(people) or "nobody"


def lottery_findings(rules: Bylaws) -> list[Finding]:
    """Every call and draw of the books that does not hold to the rules of the lottery.

    A draw without a call is a fault of references, and not named here.
    """
    found = [(call, fault) for call in rules.every(LotteryCall) for fault in call_faults(call)]
    answers = [(draw, call_of(rules, draw)) for draw in rules.every(LotteryDraw)]
    judged = [(draw, fault) for draw, call in answers if call is not None for fault in draw_faults(call, draw)]
    return [Finding(record.place, "lottery", f"{record.named} {fault.text}") for record, fault in [*found, *judged]]
