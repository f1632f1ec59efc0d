"""Core: what is told of a source: a fault once when it persists, and once that it is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ..models import HealthStatus, Notice, SourceHealth
from .rhythm import LONDON
from .words import Times, inner

TOLD_AFTER, TOLD_AFTER_POLLS = timedelta(hours=6), 3
"""So long and at so many polls a source fails before it is told of: most come back by themselves."""
TOLD_AGAIN = timedelta(days=7)
"""A source that is overrun again and again is told of once in this time."""

_TOLD: dict[HealthStatus, str] = {
    "failing": "has failed",
    "ended": "has ended,",
    "overrun": "was overrun:",
    "quiet": "is quiet:",
}
_BACK: dict[HealthStatus, str] = {
    "failing": "can be read again",
    "ended": "can be read again",
    "quiet": "has something new again",
}


def notices(
    healths: Sequence[SourceHealth],
    open_faults: Mapping[str, Notice],
    now: datetime,
    *,
    zone: ZoneInfo = LONDON,
) -> tuple[Notice, ...]:
    """What is to be told at `now` (UTC), in the order of `healths`; () mostly.

    `open_faults` are the last notices of the sources that a fault was told of, by source id. A fault that
    changes its nature is told anew. That an overrun is over is not told: nothing was done about it.
    """
    times = Times(zone, now)
    found = (_notice(health, open_faults.get(health.id), times) for health in healths)
    return tuple(notice for notice in found if notice)


def _notice(health: SourceHealth, told: Notice | None, times: Times) -> Notice | None:
    if health.status == "ok":
        return _recovered(health, told, times) if told else None
    if not _persists(health, times.now) or (told and _is_told(health, told)):
        return None
    return Notice(health.id, health.name, times.now, "fault", health.status, _fault(health, told))


def _persists(health: SourceHealth, now: datetime) -> bool:
    if health.status == "failing":
        return health.failures >= TOLD_AFTER_POLLS and now - (health.since or now) >= TOLD_AFTER
    return health.status in _TOLD


def _is_told(health: SourceHealth, told: Notice) -> bool:
    if health.status != told.status:
        return False
    # Nobody tells when an overrun is over: a gap that begins long after one was told of is another one.
    return health.status != "overrun" or (health.since or told.at) - told.at < TOLD_AGAIN


def _fault(health: SourceHealth, told: Notice | None) -> str:
    """One sentence. A fault may end in another: what could not be read may have missed something."""
    answers = health.status in ("quiet", "overrun") and told is not None
    back = f"{_BACK[told.status]}, but " if told and answers and told.status in _BACK else ""
    advice = f"; {inner(health.advice)}" if health.advice else ""
    return f"{health.name} {back}{_TOLD[health.status]} {inner(health.why)}{advice}."


def _recovered(health: SourceHealth, told: Notice, times: Times) -> Notice | None:
    if told.status not in _BACK:
        return None
    since = (health.last_new if told.status == "quiet" else health.last_ok) or times.now
    text = f"{health.name} {_BACK[told.status]} since {times.moment(since)}."
    return Notice(health.id, health.name, times.now, "recovered", told.status, text)
