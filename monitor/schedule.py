"""Shell: the clock and APScheduler, nothing else. Whether something is due is for the database to say."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType
    from zoneinfo import ZoneInfo

    from apscheduler.triggers.cron import CronTrigger

CATCH_UP = timedelta(days=7)
"""A run missed longer ago than this is not made up for."""
FINISHES_WITHIN = 6.0
"""Seconds that a tick has after the signal. Platforms kill after ten, and two are for the web server."""
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LOOK_BACK = (timedelta(hours=1), timedelta(days=1), CATCH_UP)


@dataclass(frozen=True, slots=True)
class Slot:
    """One scheduled run: when, and the local day it is for."""

    at: datetime
    local_date: date

    @property
    def key(self) -> str:
        """Unique within a digest: one scheduled edition a local day, whatever the clocks do."""
        return self.local_date.isoformat()


def utc_now() -> datetime:
    """The time, in whole seconds. The only reading of the clock in the program."""
    return datetime.now(UTC).replace(microsecond=0)


def last_slot(cron: str, zone: ZoneInfo, now: datetime) -> Slot | None:
    """The latest run of a five-field cron expression at or before `now`, None beyond CATCH_UP.

    Days of the week are as in crontab(5): 0 and 7 are Sunday, names are allowed.
    """
    trigger = _trigger(cron, zone)
    for look_back in _LOOK_BACK:
        if found := _latest(trigger, now - look_back, now):
            return Slot(found.astimezone(UTC), found.astimezone(zone).date())
    return None


def _latest(trigger: CronTrigger, since: datetime, now: datetime) -> datetime | None:
    latest = None
    asked = since
    while asked <= now:
        fires = trigger.get_next_fire_time(None, asked)
        if fires is None or fires > now:
            break
        latest = fires
        # Around a change of clocks the trigger may answer with a time that does not move on.
        asked = max(fires, asked) + timedelta(minutes=1)
    return latest


def _trigger(cron: str, zone: ZoneInfo) -> CronTrigger:
    from apscheduler.triggers.cron import CronTrigger

    minute, hour, day, month, weekday = cron.split()
    return CronTrigger(
        minute=minute, hour=hour, day=day, month=month, day_of_week=_weekdays(weekday), timezone=zone
    )


def _weekdays(field: str) -> str:
    """Crontab's days of the week as names: APScheduler counts from Monday, crontab from Sunday."""
    return ",".join(_weekday_part(part) for part in field.lower().split(","))


def _weekday_part(part: str) -> str:
    days, slash, step = part.partition("/")
    if days == "*" and not slash:
        return "*"
    if days == "*":
        first, last = 0, 6
    else:
        first, last = _weekday_range(days, stepped=bool(slash))
    chosen = range(first, last + 1, int(step) if slash else 1)
    return ",".join(_DAYS[day % 7] for day in chosen)


def _weekday_range(days: str, *, stepped: bool) -> tuple[int, int]:
    start, dash, end = days.partition("-")
    first = _weekday_number(start)
    if not dash:
        return first, 6 if stepped else first
    last = _weekday_number(end)
    # "fri-mon" and "5-7" run over the end of the week.
    return first, last if last >= first else last + 7


def _weekday_number(day: str) -> int:
    return int(day) if re.fullmatch(r"\d", day) else _DAYS.index(day)


def run_until_stopped(
    tick: Callable[[Callable[[], bool]], None],
    every: timedelta,
    beside: Callable[[Callable[[], None]], AbstractContextManager[object]] | None = None,
    *,
    patience: float = FINISHES_WITHIN,
) -> bool:
    """Calls `tick` now and then every `every`, one at a time in one thread, until SIGTERM or SIGINT.

    `tick` is given a function that says whether the signal has come: it should then finish what it is writing
    and return. It is waited for `patience` seconds; False says that it had not ended by then, and that the
    process should. An error in a tick ends the service and is raised here. `beside` gives a context that is
    open meanwhile; it is given a function that makes a tick come at once, for any thread.

    Intervals are measured by a clock that nobody sets: one that is set back delays nothing.
    """
    stopped, wanted = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            while not stopped.is_set():
                wanted.clear()
                tick(stopped.is_set)
                if not stopped.is_set():
                    wanted.wait(every.total_seconds())
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread, below
            failures.append(error)
            stopped.set()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()
        wanted.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    # A tick that is left behind must not keep the process.
    worker = threading.Thread(target=work, name="service", daemon=True)
    with beside(wanted.set) if beside else nullcontext():
        worker.start()
        stopped.wait()
        worker.join(patience)
    if failures:
        raise failures[0]
    return not worker.is_alive()
