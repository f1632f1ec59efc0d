"""When a digest was last due, and how the service stops."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor import schedule

LONDON = ZoneInfo("Europe/London")


def slot(cron: str, now: str) -> str | None:
    found = schedule.last_slot(cron, LONDON, datetime.fromisoformat(now).replace(tzinfo=UTC))
    return found and f"{found.local_date} {found.at:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("cron", "now", "last"),
    [
        ("30 8 * * mon-fri", "2026-01-29T08:30", "2026-01-29 2026-01-29 08:30"),
        ("30 8 * * mon-fri", "2026-01-29T08:29", "2026-01-28 2026-01-28 08:30"),
        ("30 8 * * mon-fri", "2026-01-31T12:00", "2026-01-30 2026-01-30 08:30"),
        # London summer time
        ("30 8 * * mon-fri", "2026-07-01T07:30", "2026-07-01 2026-07-01 07:30"),
        # crontab counts days from Sunday
        ("30 7 * * 1", "2026-01-28T00:00", "2026-01-26 2026-01-26 07:30"),
        ("0 9 * * 0", "2026-01-28T00:00", "2026-01-25 2026-01-25 09:00"),
        ("0 9 * * 7", "2026-01-28T00:00", "2026-01-25 2026-01-25 09:00"),
        ("0 9 * * 5-7", "2026-01-26T00:00", "2026-01-25 2026-01-25 09:00"),
        ("0 9 * * fri-mon", "2026-01-28T00:00", "2026-01-26 2026-01-26 09:00"),
        ("0 9 * * 1-5/2", "2026-01-29T12:00", "2026-01-28 2026-01-28 09:00"),
        ("0 9 * * */3", "2026-01-29T12:00", "2026-01-28 2026-01-28 09:00"),
        # longer ago than a week is not made up for
        ("0 9 1 * *", "2026-01-29T12:00", None),
        ("* * * * *", "2026-01-29T12:00", "2026-01-29 2026-01-29 12:00"),
    ],
)
def test_the_last_run_before_now(cron: str, now: str, last: str | None) -> None:
    assert slot(cron, now) == last


@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
def test_each_local_day_has_one_slot_when_the_clocks_change(change: date) -> None:
    start = datetime(change.year, change.month, change.day, tzinfo=UTC) - timedelta(hours=12)
    quarter_hours = [start + timedelta(minutes=15 * n) for n in range(4 * 48)]

    slots = [schedule.last_slot("30 1 * * *", LONDON, now) for now in quarter_hours]

    days = [slot.local_date for slot in slots if slot]
    assert sorted(set(days)) == [change - timedelta(days=1) + timedelta(days=n) for n in range(3)]
    assert days == sorted(days)


@contextmanager
def signals_as_they_were() -> Iterator[None]:
    """The service takes signals over, as a process of its own may."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_service_finishes_its_tick_and_stops_at_a_signal(number: signal.Signals) -> None:
    ticks = []

    def tick(stopping: Callable[[], bool]) -> None:
        os.kill(os.getpid(), number)
        while not stopping():
            pass
        ticks.append("whole")

    with signals_as_they_were():
        assert schedule.run_until_stopped(tick, timedelta(hours=1))

    assert ticks == ["whole"]


def test_ticks_come_at_their_interval_and_when_asked_for() -> None:
    ticks: list[int] = []
    wakes: list[Callable[[], None]] = []

    @contextmanager
    def beside(wake: Callable[[], None]) -> Iterator[None]:
        wakes.append(wake)
        yield

    def tick(_stopping: Callable[[], bool]) -> None:
        ticks.append(len(ticks))
        if len(ticks) < 3:
            return  # the interval brings the next one
        if len(ticks) < 6:
            wakes[0]()  # so does this
        else:
            os.kill(os.getpid(), signal.SIGTERM)

    with signals_as_they_were():
        assert schedule.run_until_stopped(tick, timedelta(milliseconds=5), beside)

    assert len(ticks) == 6


def test_a_tick_that_does_not_end_is_left_behind() -> None:
    let_go = threading.Event()

    def tick(_stopping: Callable[[], bool]) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        let_go.wait()

    try:
        with signals_as_they_were():
            has_ended = schedule.run_until_stopped(tick, timedelta(hours=1), patience=0.01)
    finally:
        let_go.set()

    assert not has_ended


def test_a_failing_tick_ends_the_service_with_its_error() -> None:
    def tick(stopping: Callable[[], bool]) -> None:
        raise RuntimeError("disk on fire")

    with signals_as_they_were(), pytest.raises(RuntimeError, match="disk on fire"):
        schedule.run_until_stopped(tick, timedelta(hours=1))
