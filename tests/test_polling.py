"""Where and when a source is asked again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.models import FeedState, Fetched
from monitor.polling import LONGEST_PAUSE, address, after_failure, after_success, is_due
from tests.conftest import NOW, make_source

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SOURCE = make_source(every=30 * MINUTE)
OK = Fetched(
    "gazette", SOURCE.url, 200, b"<rss/>", etag='W/"2"', last_modified="Thu, 29 Jan 2026 08:00:00 GMT"
)
UNCHANGED = Fetched("gazette", SOURCE.url, 304, None)


def known(**changes: Any) -> FeedState:
    """A source that was read an hour ago and has been well since."""
    values: dict[str, Any] = {
        "source_id": SOURCE.id,
        "url": SOURCE.url,
        "etag": '"1"',
        "last_modified": "Wed, 28 Jan 2026 08:00:00 GMT",
        "body_hash": "abc",
        "next_due": NOW,
        "last_polled": NOW - HOUR,
        "last_ok": NOW - HOUR,
        "last_new": NOW - 3 * HOUR,
        "http_status": 200,
    }
    return FeedState(**(values | changes))


def pause(state: FeedState) -> timedelta:
    assert state.next_due is not None
    return state.next_due - NOW


def test_a_source_that_was_never_asked_is_due() -> None:
    assert is_due(SOURCE, None, NOW)
    assert is_due(SOURCE, FeedState(SOURCE.id), NOW)


def test_a_source_is_due_from_its_time_on() -> None:
    assert not is_due(SOURCE, known(next_due=NOW + timedelta(seconds=1)), NOW)
    assert is_due(SOURCE, known(next_due=NOW), NOW)
    assert is_due(SOURCE, known(next_due=NOW - DAY), NOW)


def test_a_source_with_a_new_address_is_due_at_once() -> None:
    assert is_due(SOURCE, known(url="https://old.example/feed", next_due=NOW + HOUR), NOW)


def test_a_time_that_a_wrong_clock_has_set_is_not_waited_for() -> None:
    assert is_due(SOURCE, known(next_due=NOW + 365 * DAY), NOW)
    assert not is_due(SOURCE, known(next_due=NOW + DAY), NOW)
    assert not is_due(make_source(every=7 * DAY), known(next_due=NOW + 7 * DAY), NOW)


def test_an_answer_is_remembered_and_ends_the_failures() -> None:
    failing = known(failures=3, failing_since=NOW - DAY, error="timed out", http_status=None)

    state = after_success(SOURCE, failing, OK, NOW, body_hash="def")

    assert state.etag == OK.etag
    assert state.last_modified == OK.last_modified
    assert state.body_hash == "def"
    assert (state.last_polled, state.last_ok, state.last_new) == (NOW, NOW, NOW - 3 * HOUR)
    assert (state.failures, state.failing_since, state.error, state.http_status) == (0, None, None, 200)


def test_not_modified_keeps_the_validators_it_confirms() -> None:
    state = after_success(SOURCE, known(), UNCHANGED, NOW)

    assert (state.etag, state.last_modified, state.body_hash) == (
        '"1"',
        "Wed, 28 Jan 2026 08:00:00 GMT",
        "abc",
    )
    assert (state.last_ok, state.http_status) == (NOW, 304)


def test_not_modified_may_renew_a_validator() -> None:
    renewed = Fetched("gazette", SOURCE.url, 304, None, etag='"1b"')

    assert after_success(SOURCE, known(), renewed, NOW).etag == '"1b"'


def test_an_answer_without_validators_drops_the_old_ones() -> None:
    state = after_success(SOURCE, known(), Fetched("gazette", SOURCE.url, 200, b""), NOW)

    assert (state.etag, state.last_modified, state.body_hash) == (None, None, None)


def test_the_next_poll_comes_after_the_interval_and_a_small_spread_that_is_the_sources_own() -> None:
    sources = [make_source(f"s{number}", every=30 * MINUTE) for number in range(50)]

    pauses = [pause(after_success(source, None, OK, NOW)) for source in sources]

    assert all(30 * MINUTE <= each <= 33 * MINUTE for each in pauses)
    assert len(set(pauses)) == 50
    assert pauses[0] == pause(after_success(sources[0], None, OK, NOW))


def test_the_spread_of_a_long_interval_is_minutes_not_hours() -> None:
    state = after_success(make_source(every=7 * DAY), None, OK, NOW)

    assert 7 * DAY <= pause(state) <= 7 * DAY + 5 * MINUTE


@pytest.mark.parametrize(
    ("failures_before", "expected"),
    [(0, 30 * MINUTE), (1, HOUR), (2, 2 * HOUR), (5, 16 * HOUR), (6, DAY), (7, DAY), (10_000, DAY)],
)
def test_the_interval_doubles_with_each_failure_up_to_a_day(
    failures_before: int, expected: timedelta
) -> None:
    state = after_failure(SOURCE, known(failures=failures_before), "answered 500", NOW, status=500)

    assert pause(state) == expected
    assert state.failures == failures_before + 1


def test_a_source_that_gave_no_answer_at_all_is_asked_again_within_two_hours() -> None:
    """It may have been our own network: after a night without it the morning's news must not wait."""
    state = after_failure(SOURCE, known(failures=9), "timed out", NOW)
    rare = after_failure(make_source(every=6 * HOUR), known(failures=9), "timed out", NOW)

    assert pause(state) == 2 * HOUR
    assert pause(rare) == 6 * HOUR


def test_a_failure_keeps_what_the_next_good_answer_is_compared_with() -> None:
    before = known()

    state = after_failure(SOURCE, before, "answered 500", NOW, status=500)

    for name in ("etag", "last_modified", "body_hash", "last_ok", "last_new", "url"):
        assert getattr(state, name) == getattr(before, name)
    assert (state.error, state.http_status, state.last_polled) == ("answered 500", 500, NOW)


def test_a_run_of_failures_keeps_its_beginning() -> None:
    first = after_failure(SOURCE, known(), "timed out", NOW)
    second = after_failure(SOURCE, first, "timed out", NOW + HOUR)

    assert (first.failing_since, second.failing_since) == (NOW, NOW)


def test_the_first_poll_of_all_may_fail() -> None:
    state = after_failure(SOURCE, None, "not found", NOW, status=404)

    assert (state.source_id, state.url, state.failures) == (SOURCE.id, SOURCE.url, 1)
    assert state.next_due == NOW + SOURCE.every


@pytest.mark.parametrize(
    ("retry_after", "expected"),
    [
        (0, 30 * MINUTE),
        (60, 30 * MINUTE),
        (7200, 2 * HOUR),
        (1e9, DAY),
        (float("inf"), DAY),
        (-5, 30 * MINUTE),
    ],
)
def test_a_servers_wish_to_wait_is_granted_between_the_interval_and_a_day(
    retry_after: float, expected: timedelta
) -> None:
    state = after_failure(SOURCE, known(), "answered 429", NOW, status=429, retry_after=retry_after)

    assert pause(state) == expected


def test_a_servers_wish_does_not_shorten_the_back_off() -> None:
    state = after_failure(SOURCE, known(failures=3), "answered 503", NOW, status=503, retry_after=3600)

    assert state.next_due == NOW + 4 * HOUR


def test_a_feed_that_is_gone_is_probed_once_a_day() -> None:
    state = after_failure(SOURCE, known(), "gone", NOW, status=410, gone=True)

    assert state.next_due == NOW + DAY


def test_a_failure_does_not_make_a_weekly_source_more_frequent() -> None:
    weekly = make_source(every=7 * DAY)

    assert after_failure(weekly, known(), "timed out", NOW).next_due == NOW + 7 * DAY
    assert after_failure(weekly, known(), "gone", NOW, gone=True).next_due == NOW + 7 * DAY


def test_a_new_address_starts_afresh_and_backs_off_like_any_other() -> None:
    moved = known(url="https://old.example/feed", failures=9, failing_since=NOW - DAY)

    state = after_failure(SOURCE, moved, "answered 404", NOW, status=404)

    assert (state.url, state.etag, state.last_modified, state.body_hash) == (SOURCE.url, None, None, None)
    assert (state.failures, state.failing_since, state.last_ok) == (1, NOW, NOW - HOUR)
    assert not is_due(SOURCE, state, NOW + MINUTE)


@given(
    every=st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=60)),
    failures=st.integers(0, 10**9),
    retry_after=st.none() | st.floats(0, 1e12),
)
def test_no_pause_is_shorter_than_the_interval_or_longer_than_a_day_or_the_interval(
    every: timedelta, failures: int, retry_after: float | None
) -> None:
    source = make_source(every=every)

    state = after_failure(source, known(failures=failures), "timed out", NOW, retry_after=retry_after)

    assert every <= pause(state) <= max(every, LONGEST_PAUSE)
    assert not is_due(source, state, NOW)


# What the address is, and what is remembered of a source besides


def test_a_feed_is_asked_at_its_address_and_an_interface_for_the_days_of_its_window() -> None:
    listed = make_source(url="https://api.example/?from={from}&x={y}", window=7 * DAY)

    assert address(SOURCE, NOW) == SOURCE.url
    assert address(make_source(url="https://x.example/{from}"), NOW) == "https://x.example/{from}"
    assert address(listed, NOW) == "https://api.example/?from=2026-01-22&x={y}"


def test_the_first_day_of_a_window_is_counted_in_utc() -> None:
    listed = make_source(url="https://api.example/?from={from}", window=DAY)
    early = datetime(2026, 6, 10, 0, 30, tzinfo=timezone(HOUR))

    assert address(listed, early) == "https://api.example/?from=2026-06-08"


@pytest.mark.parametrize("said", [{"gone": True, "status": 410}, {"ended": True, "status": 200}])
def test_a_feed_that_its_publisher_has_ended_stays_so_until_it_is_read_again(said: dict[str, Any]) -> None:
    ended = after_failure(SOURCE, known(), "it has ended", NOW, **said)
    failed = after_failure(SOURCE, ended, "timed out", NOW + DAY)
    back = after_success(SOURCE, failed, OK, NOW + 2 * DAY)

    assert (ended.ended, failed.ended, back.ended) == (True, True, False)
    assert ended.next_due == NOW + DAY


def test_a_failure_of_another_kind_is_no_end() -> None:
    assert not after_failure(SOURCE, known(), "not found", NOW, status=404).ended


def test_a_permanent_redirect_is_remembered_while_it_stands() -> None:
    moved = after_success(SOURCE, known(), replace(OK, moved_to="https://new.example/feed"), NOW)
    failed = after_failure(SOURCE, moved, "timed out", NOW)
    back = after_success(SOURCE, failed, UNCHANGED, NOW)

    assert (moved.moved_to, failed.moved_to, back.moved_to) == (
        "https://new.example/feed",
        "https://new.example/feed",
        None,
    )


def test_the_latest_date_in_a_document_is_kept_until_another_document_gives_one() -> None:
    first = after_success(SOURCE, None, OK, NOW, newest=NOW - HOUR)
    unchanged = after_success(SOURCE, first, UNCHANGED, NOW + HOUR)
    failed = after_failure(SOURCE, unchanged, "timed out", NOW + HOUR)
    older = after_success(SOURCE, failed, OK, NOW + DAY, newest=NOW - DAY)

    assert [state.newest for state in (first, unchanged, failed)] == [NOW - HOUR] * 3
    assert older.newest == NOW - DAY


GAP: dict[str, Any] = {"gap_from": NOW - DAY, "gap_to": NOW - HOUR, "gap_filled": True}


def test_a_gap_is_remembered_over_polls() -> None:
    before = known(**GAP)

    for state in (after_success(SOURCE, before, OK, NOW), after_failure(SOURCE, before, "timed out", NOW)):
        assert {name: getattr(state, name) for name in GAP} == GAP


def test_a_new_address_knows_no_gap_no_end_no_redirect_and_no_dates() -> None:
    old = known(url="https://old.example/feed", ended=True, moved_to=SOURCE.url, newest=NOW - DAY, **GAP)

    for state in (after_success(SOURCE, old, OK, NOW), after_failure(SOURCE, old, "timed out", NOW)):
        assert (state.gap_from, state.gap_to, state.gap_filled) == (None, None, False)
        assert (state.ended, state.moved_to, state.newest) == (False, None, None)
        assert state.last_new == old.last_new
