"""Core: whether sources are asked as often as they should be, and whether any of them answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from ..models import FeedState, Source

LATE = timedelta(minutes=10)
"""A poll may be this much later than its interval before anybody minds."""
UNREAD = timedelta(hours=3)
"""For so long all sources may fail, as when the network is down, before anybody minds."""


def last_poll(states: Collection[FeedState], now: datetime) -> datetime | None:
    """When any source was last asked, whatever it answered.

    What was noted while the clock was wrong, and lies in the future, says nothing.
    """
    return _latest((state.last_polled for state in states), now)


def _latest(moments: Iterable[datetime | None], now: datetime) -> datetime | None:
    return max((at for at in moments if at and at <= now + LATE), default=None)


def shortest_interval(sources: Sequence[Source]) -> timedelta | None:
    """Of the sources that are switched on; None where none is."""
    return min((source.every for source in sources if source.enabled), default=None)


def staleness(every: timedelta | None, states: Collection[FeedState], now: datetime) -> str:
    """Why the polls are not fresh, in words; "" where they are. `every` is the shortest interval.

    They are fresh while one came within two of the shortest intervals, and one of them was answered.
    """
    if every is None:
        return "no source is switched on"
    polled = last_poll(states, now)
    if polled is None:
        return "no source has been asked yet: run `monitor poll`"
    allowed = 2 * every + LATE
    if now - polled > allowed:
        minutes = allowed / timedelta(minutes=1)
        return f"the last poll was {_ago(polled, now)} ago; {minutes:.0f} min are allowed"
    answered = _latest((state.last_ok for state in states), now)
    if answered is None:
        return "every source has failed so far: see `monitor sources`"
    if now - answered > max(allowed, UNREAD):
        return f"no source could be read for {_ago(answered, now)}: see `monitor sources`"
    return ""


def _ago(at: datetime, now: datetime) -> str:
    hours = (now - at) / timedelta(hours=1)
    if hours < 1:
        return f"{hours * 60 // 1:.0f} min"
    return f"{hours // 1:.0f} h" if hours < 48 else f"{hours // 24:.0f} d"
