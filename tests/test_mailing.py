"""When a delivery is tried again, and when no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.mailing import (
    CUT_OFF,
    GIVE_UP,
    NEVER_TRIED,
    PAUSES,
    SECOND_TRY,
    after,
    expired,
    in_doubt,
    is_due,
    is_over,
)
from monitor.models import Delivery, Next, Outcome

from .conftest import NOW

TRIED = Delivery("a@example.org", "sending", 1, attempts=1, queued=NOW, changed=NOW, next_try=NOW)
SENT = Outcome("sent")
DEFERRED = Outcome("deferred", "450 4.2.0 Greylisted")
REFUSED = Outcome("refused", "550 5.1.1 No such user")
UNKNOWN = Outcome("unknown", "no answer after the end of the mail")


def later(**time: float) -> datetime:
    return NOW + timedelta(**time)


def test_what_was_taken_is_done() -> None:
    assert after(TRIED, SENT, NOW) == Next("sent")


def test_what_was_refused_is_never_tried_again() -> None:
    assert after(TRIED, REFUSED, NOW) == Next("refused", reason="550 5.1.1 No such user")


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 120), (6, 240), (7, 240), (50, 240)]
)
def test_what_was_surely_not_taken_is_tried_again_at_growing_intervals(attempts: int, minutes: int) -> None:
    following = after(replace(TRIED, attempts=attempts), DEFERRED, NOW)

    assert following == Next("pending", later(minutes=minutes), reason=DEFERRED.reason)


def test_of_what_nobody_knows_there_is_one_more_try_half_an_hour_later() -> None:
    first = after(TRIED, UNKNOWN, NOW)
    second = after(replace(TRIED, attempts=2, doubts=1), UNKNOWN, later(minutes=31))

    assert first == Next("unknown", NOW + SECOND_TRY, 1, UNKNOWN.reason)
    assert second == Next("unknown", None, 2, UNKNOWN.reason)


def test_the_one_more_try_may_settle_it() -> None:
    assert after(replace(TRIED, attempts=2, doubts=1), SENT, NOW) == Next("sent", doubts=1)


def test_a_second_try_that_is_refused_says_nothing_of_the_first() -> None:
    assert after(replace(TRIED, doubts=1), REFUSED, NOW) == Next("unknown", None, 1, REFUSED.reason)


def test_a_second_try_that_was_surely_not_taken_made_no_copy_and_is_made_again() -> None:
    doubtful = replace(TRIED, doubts=1, attempts=2)

    assert after(doubtful, DEFERRED, NOW) == Next("unknown", NOW + SECOND_TRY, 1, DEFERRED.reason)
    assert after(replace(doubtful, attempts=9), DEFERRED, NOW).next_try == later(hours=4)
    assert after(doubtful, DEFERRED, NOW + GIVE_UP).next_try is None


def test_a_delivery_that_was_cut_off_is_in_doubt() -> None:
    assert in_doubt(TRIED, CUT_OFF, NOW) == Next("unknown", NOW + SECOND_TRY, 1, CUT_OFF)


def test_nothing_is_sent_three_days_late() -> None:
    waiting = replace(TRIED, status="pending", reason="no route to host")

    assert not is_over(waiting, later(days=3, seconds=-1))
    assert is_over(waiting, later(days=3))
    assert expired(waiting) == Next("expired", reason="no route to host")
    assert expired(replace(waiting, reason="")).reason == NEVER_TRIED


def test_nor_is_what_nobody_knows_of_but_it_stays_unknown() -> None:
    doubtful = replace(TRIED, status="unknown", doubts=1, reason="no answer")

    assert expired(doubtful) == Next("unknown", doubts=1, reason="no answer")


def test_a_delivery_is_due_when_its_time_has_come() -> None:
    waiting = replace(TRIED, status="pending", next_try=later(minutes=5))

    assert not is_due(waiting, later(minutes=4))
    assert is_due(waiting, later(minutes=5))
    assert is_due(waiting, later(days=2))


def test_somebody_who_asks_does_not_wait_but_for_what_is_in_doubt() -> None:
    waiting = replace(TRIED, status="pending", next_try=later(minutes=5))

    assert is_due(waiting, NOW, by_hand=True)
    assert not is_due(replace(waiting, status="unknown"), NOW, by_hand=True)
    assert is_due(replace(waiting, status="unknown"), later(minutes=5), by_hand=True)


@pytest.mark.parametrize("status", ["sending", "sent", "refused", "expired"])
def test_what_is_settled_or_under_way_is_not_due(status: str) -> None:
    assert not is_due(replace(TRIED, status=status, next_try=None), NOW, by_hand=True)  # type: ignore[arg-type]  # a parameter


def test_a_time_that_a_wrong_clock_has_set_is_not_waited_for() -> None:
    waiting = replace(TRIED, status="pending", next_try=later(days=400))

    assert is_due(waiting, NOW)
    assert not is_due(replace(waiting, next_try=NOW + PAUSES[-1]), NOW)
