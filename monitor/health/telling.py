"""Core: what is told of a source: a fault once when it persists, and once that it is over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ..models import HealthStatus, Notice, SourceHealth
from .rhythm import LONDON
from .words import Times, inner

TOLD_AFTER, TOLD_AFTER_POLLS = timedelta(hours=6), 3
"""So long and at so many polls a source fails before it is told of: most come back by themselves."""
TOLD_AGAIN, OVERRUN_TOLD_AGAIN = timedelta(days=3), timedelta(days=7)
"""The same fault of the same source is told at most once in this time, however often it comes and goes."""

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
    recent: Sequence[Notice] = (),
    zone: ZoneInfo = LONDON,
) -> tuple[Notice, ...]:
    """What is to be told at `now` (UTC), in the order of `healths`; () mostly.

    `open_faults` are the last notices of the sources that a fault was told of, by source id; `recent` is what
    was told within `OVERRUN_TOLD_AGAIN`, or more. A fault that changes its nature is told anew. That an
    overrun is over is told only where what was missed has been fetched: else nothing was done about it.
    """
    times = Times(zone, now)
    faults: defaultdict[str, list[Notice]] = defaultdict(list)
    for notice in recent:
        if notice.kind == "fault":
            faults[notice.source_id].append(notice)
    found = (
        _notice(health, open_faults.get(health.id), faults.get(health.id, ()), times) for health in healths
    )
    return tuple(notice for notice in found if notice)


def _notice(
    health: SourceHealth, told: Notice | None, recent: Sequence[Notice], times: Times
) -> Notice | None:
    if health.status == "ok":
        return _recovered(health, told, times) if told else None
    before = (*recent, told) if told else recent
    if not _persists(health, times.now) or _is_told(health, told, before, times.now):
        return None
    return Notice(health.id, health.name, times.now, "fault", health.status, _fault(health, told))


def _persists(health: SourceHealth, now: datetime) -> bool:
    if health.status == "failing":
        return health.failures >= TOLD_AFTER_POLLS and now - (health.since or now) >= TOLD_AFTER
    return health.status in _TOLD


def _is_told(health: SourceHealth, told: Notice | None, before: Sequence[Notice], now: datetime) -> bool:
    # Mostly nobody tells when an overrun is over: one that is found long after it was told is another one.
    is_overrun = health.status == "overrun"
    if told and told.status == health.status and not is_overrun:
        return True
    again = OVERRUN_TOLD_AGAIN if is_overrun else TOLD_AGAIN
    return any(notice.status == health.status and now - notice.at < again for notice in before)


def _fault(health: SourceHealth, told: Notice | None) -> str:
    """One sentence. A fault may end in another: what could not be read may have missed something."""
    answers = health.status in ("quiet", "overrun") and told is not None
    back = f"{_BACK[told.status]}, but " if told and answers and told.status in _BACK else ""
    advice = f"; {inner(health.advice)}" if health.advice else ""
    return f"{health.name} {back}{_TOLD[health.status]} {inner(health.why)}{advice}."


def _recovered(health: SourceHealth, told: Notice, times: Times) -> Notice | None:
    text = _filled(health, told) if told.status == "overrun" else _back(health, told, times)
    return Notice(health.id, health.name, times.now, "recovered", told.status, text) if text else None


def _filled(health: SourceHealth, told: Notice) -> str:
    # A gap that began after one was told of is another one.
    is_this = health.filled is not None and health.filled < told.at
    return f"{health.name} was overrun, and what it may have missed was fetched since." if is_this else ""


def _back(health: SourceHealth, told: Notice, times: Times) -> str:
    if told.status not in _BACK:
        return ""
    since = (health.last_new if told.status == "quiet" else health.last_ok) or times.now
    return f"{health.name} {_BACK[told.status]} since {times.moment(since)}."
