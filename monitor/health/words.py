"""Core: how times and spans are said in the sentences about sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905 - reads better
)


@dataclass(frozen=True, slots=True)
class Times:
    """Moments in words: in one zone, with the year where it is not the present one."""

    zone: ZoneInfo
    now: datetime

    def moment(self, when: datetime) -> str:
        """27 Jan, 14:05."""
        here = when.astimezone(self.zone)
        return f"{self._short_day(here)}, {here:%H:%M}"

    def day(self, when: datetime) -> str:
        """3 December 2017."""
        here = when.astimezone(self.zone)
        return f"{here.day} {_MONTHS[here.month - 1]} {here.year}"

    def span(self, start: datetime, end: datetime) -> str:
        """02:10 and 09:00 on 28 Jan; over midnight with both days."""
        first, last = start.astimezone(self.zone), end.astimezone(self.zone)
        if first.date() == last.date():
            return f"{first:%H:%M} and {last:%H:%M} on {self._short_day(last)}"
        return f"{self.moment(start)} and {self.moment(end)}"

    def _short_day(self, here: datetime) -> str:
        day = f"{here.day} {_MONTHS[here.month - 1][:3]}"
        return day if here.year == self.now.astimezone(self.zone).year else f"{day} {here.year}"


def config_span(span: timedelta) -> str:
    """As the config writes it: 15m, 2h."""
    minutes = round(span / timedelta(minutes=1))
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def sentence(words: str) -> str:
    """With a capital and a full stop; nothing stays nothing."""
    return f"{words[0].upper()}{words[1:]}." if words else ""


def inner(said: str) -> str:
    """A sentence as a part of another."""
    return said[:1].lower() + said[1:].rstrip(".")
