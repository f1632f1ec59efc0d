"""Core: how often a source brings something new, learnt from when it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

ENOUGH_ARRIVALS = 5
"""Fewer say nothing of a source's rhythm."""
ENOUGH_DAYS = 10
"""On so many different days something must have come before it is said that weekends bring nothing."""
LONGEST_GAPS, USUAL_GAPS, QUIET_AT_LEAST = 1.5, 3, timedelta(hours=48)
"""A silence is unlike a source when it is longer than each of these: so many of its longest gap, so many of
its usual one, and two days."""
_SATURDAY = 5

_HABITS = (
    (0.75, 1, "every half hour"),
    (1.5, 1, "every hour"),
    (20, 1, "every {:.0f} hours"),
    (36, 1, "every day"),
    (6 * 24, 24, "every {:.0f} days"),
    (10 * 24, 24, "about once a week"),
    (25 * 24, 7 * 24, "about every {:.0f} weeks"),
    (46 * 24, 24, "about once a month"),
    (float("inf"), 30.4 * 24, "about every {:.0f} months"),
)
"""(below so many hours, hours in the unit, words)."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A source's habit, in time that counts: without weekends where they have brought nothing."""

    gap: timedelta
    """The usual one: the median."""
    longest: timedelta
    rests: bool
    """Whether none of its arrivals was at a weekend."""
    rests_surely: bool
    """Whether that is known of enough days to be said."""

    @property
    def allowed(self) -> timedelta:
        """The longest silence that is still like it."""
        return max(LONGEST_GAPS * self.longest, USUAL_GAPS * self.gap, QUIET_AT_LEAST)

    @property
    def usual(self) -> timedelta:
        """The usual gap as people count it: five days that count are a week."""
        return self.gap * 7 / 5 if self.rests and self.gap >= timedelta(hours=36) else self.gap

    @property
    def in_words(self) -> str:
        """Usually something every 3 hours; usually something about once a week."""
        hours = self.usual / timedelta(hours=1)
        unit, words = next((unit, words) for below, unit, words in _HABITS if hours < below)
        said = words.format(hours / unit)
        return (
            f"usually something {'every working day' if said == 'every day' and self.rests_surely else said}"
        )

    def silence(self, last: datetime, until: datetime) -> timedelta:
        """The time since its last arrival, as far as it counts."""
        return _counted(last, until, without_weekends=self.rests)


def learnt(arrivals: Sequence[datetime]) -> Rhythm | None:
    """The rhythm that the arrivals show, newest first; None for too few.

    Weekends are known: where nothing came on a Saturday or Sunday, London time, they do not count. Nor do
    they while the arrivals are too few to know, as a busy source's of two days: what rests at weekends would
    be found silent on each Sunday.
    """
    if len(arrivals) < ENOUGH_ARRIVALS:
        return None
    days = {arrival.astimezone(LONDON).date() for arrival in arrivals}
    rests = all(day.weekday() < _SATURDAY for day in days)
    gaps = [
        _counted(earlier, later, without_weekends=rests).total_seconds()
        for later, earlier in pairwise(arrivals)
    ]
    return Rhythm(
        timedelta(seconds=_median(gaps)),
        timedelta(seconds=max(gaps)),
        rests,
        rests and len(days) >= ENOUGH_DAYS,
    )


def _median(numbers: Sequence[float]) -> float:
    """As statistics.median, which imports fractions, decimals and random: a tenth of `monitor health`."""
    ordered = sorted(numbers)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _counted(start: datetime, end: datetime, *, without_weekends: bool) -> timedelta:
    return end - start - (_weekends(start, end) if without_weekends else timedelta())


def _weekends(start: datetime, end: datetime) -> timedelta:
    """How much of a time lies on Saturdays and Sundays in London."""
    day = start.astimezone(LONDON).date()
    saturday = day - timedelta(days=(day.weekday() - _SATURDAY) % 7)
    total = timedelta()
    while (begin := _midnight(saturday)) < end:
        total += max(min(end, _midnight(saturday + timedelta(days=2))) - max(start, begin), timedelta())
        saturday += timedelta(days=7)
    return total


def _midnight(day: date) -> datetime:
    # In UTC: between two moments of one zone Python subtracts the clock's hands, not the time between.
    return datetime.combine(day, time(), LONDON).astimezone(UTC)
