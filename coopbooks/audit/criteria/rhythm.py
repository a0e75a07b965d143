"""RHY: what is done month by month and moon by moon, so that it is a habit when it is needed."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from coopbooks.audit.criterion import criterion
from coopbooks.audit.ground import Ground
from coopbooks.audit.judgement import Judgement, met, not_evidenced, pending, shortfall
from coopbooks.audit.rhythms import held, in_every, places

__all__ = ["no_moon_without_an_action", "skills_are_shared", "the_horizon_is_revisited"]

GRACE_DAYS = 3
"""Days that a micro-action may come later than its moon."""


@criterion(
    "RHY-1",
    "practice",
    "Skills are shared every month",
    revolutionary="a session in every calendar month that is over, by another team than the one before, its material shared",
    reformist="a month without one, the same team twice running, or nothing to read afterwards",
    evidence="examine",
    clause="004:79-85; 004:169-170",
    remedy="write a rota of teams and skills, and keep what they show",
)
def skills_are_shared(ground: Ground) -> Judgement:
    """Records of `skill-commons`: `facilitator` is the team, `document` its material."""
    sessions = held(ground, "skill-commons")
    fault = in_every(ground, sessions, ground.months, "a skill commons")
    if fault is not None:
        return fault
    for place, session in enumerate(sessions):
        before = sessions[place - 1] if place else None
        if session.date not in ground.window:
            continue
        missing = "team (facilitator)" if session.facilitator is None else "material (document)"
        if session.facilitator is None or session.document is None:
            return not_evidenced(f"the skill commons of {session.date} does not say its {missing}", [session.place])
        if before is not None and before.facilitator == session.facilitator:
            said = f"the same team held the skill commons of {before.date} and of {session.date}"
            return shortfall(said, [before.place, session.place])
    own = [each for each in sessions if each.date in ground.window]
    return met(f"{len(own)} sessions in {len(ground.months)} months, each by another team", places(own))


@criterion(
    "RHY-2",
    "practice",
    "A small action every moon",
    revolutionary="never more than micro.days and 3 days of grace between two micro-actions",
    reformist="a longer gap",
    evidence="compute",
    clause="004:97-103; 004:166-167",
    remedy="set the day of the next one",
    parameters="micro.days",
)
def no_moon_without_an_action(ground: Ground) -> Judgement:
    """The gaps between neighbours among the records of `micro-action`, and those at both ends of the window.

    Where none is known from before the window, the days count from its first; from the last one on they count until the
    window ends, or until the audit.
    """
    actions = held(ground, "micro-action")
    own = [each for each in actions if each.date in ground.window]
    most = ground.number("micro.days") + GRACE_DAYS
    until = min(ground.window.ends, ground.as_of)
    if not own:
        if (until - ground.window.starts).days <= most:
            return pending("the first moon of the window is not over yet")
        return not_evidenced("the books have no micro-action in the window")
    before = [each.date for each in actions if each.date < ground.window.starts]
    # the day before the window, so that its first day is the first that counts
    days = [before[-1] if before else ground.window.starts - timedelta(days=1), *(each.date for each in own), until]
    for earlier, later in pairwise(days):
        if (later - earlier).days > most:
            said = f"{(later - earlier).days} days went by between {earlier} and {later} without a micro-action, more than {most}"
            return shortfall(said, places(own))
    return met(f"{len(own)} micro-actions, never more than {most} days apart", places(own))


@criterion(
    "RHY-3",
    "practice",
    "The horizon is looked at again every quarter",
    revolutionary="a horizon review in every fiscal quarter that is over",
    reformist="a quarter without one",
    evidence="examine",
    clause="003:72-73",
    remedy="hold the review, and record its day",
)
def the_horizon_is_revisited(ground: Ground) -> Judgement:
    """A record of `horizon-review` in each quarter."""
    reviews = held(ground, "horizon-review")
    fault = in_every(ground, reviews, ground.quarters, "a horizon review")
    own = [each for each in reviews if any(each.date in quarter for quarter in ground.quarters)]
    return fault or met(f"the horizon was looked at in each of {len(ground.quarters)} quarters", places(own))
