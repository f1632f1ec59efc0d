"""Core: where and when to ask a source again, from what happened when it was asked."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.models import FeedState, Fetched, Source, without_secrets

LONGEST_PAUSE = timedelta(hours=24)
"""However often a source fails, it is asked once in this time (or once in its own, longer interval)."""

UNREACHED_PAUSE = timedelta(hours=2)
"""The same where no answer came at all: that may be our own network, and after a night without it every
source would stay unread through the morning."""

SPREAD = 0.1
MOST_SPREAD = timedelta(minutes=5)


def address(source: Source, now: datetime) -> str:
    """The address to ask at `now`: an interface's `{from}` is the day (UTC) on which its window begins."""
    if source.window is None:
        return source.url
    first = (now - source.window).astimezone(UTC).date()
    return source.url.replace("{from}", first.isoformat())


def is_due(source: Source, state: FeedState | None, now: datetime) -> bool:
    """Whether to ask `source` at `now`: its time has come, it was never asked, or its address is new.

    A time that no rule here could have set was set by a clock that was wrong then; it is not waited for.
    """
    if state is None or state.next_due is None or state.url != source.url_mark:
        return True
    farthest = _longest(source) + MOST_SPREAD
    return not now < state.next_due <= now + farthest


def after_success(
    source: Source,
    state: FeedState | None,
    fetched: Fetched,
    now: datetime,
    *,
    body_hash: str | None = None,
    newest: datetime | None = None,
) -> FeedState:
    """The state after an answer that was read, or that said "not modified" (304).

    `body_hash` is the digest of the body just parsed, `newest` the latest date in it: left out, as after a
    304 and for a document without dates, the one before holds. A 304 keeps the validators and the digest that
    it confirms, but for those it renews (RFC 9110, 15.4.5); any other answer replaces them, by nothing if it
    has none.
    """
    before = _known(source, state)
    kept = before if fetched.body is None else FeedState(source.id)
    return replace(
        before,
        etag=fetched.etag or kept.etag,
        last_modified=fetched.last_modified or kept.last_modified,
        body_hash=body_hash or kept.body_hash,
        next_due=now + source.every + _spread(source),
        last_polled=now,
        last_ok=now,
        failures=0,
        failing_since=None,
        error=None,
        http_status=fetched.status,
        ended=False,
        moved_to=without_secrets(fetched.moved_to) if fetched.moved_to else None,
        newest=newest or before.newest,
    )


def after_failure(
    source: Source,
    state: FeedState | None,
    error: str,
    now: datetime,
    *,
    status: int | None = None,
    retry_after: float | None = None,
    gone: bool = False,
    ended: bool = False,
) -> FeedState:
    """The state after a poll that failed with the sentence `error`.

    The interval doubles with each failure in a row, to a day at most; a server's wish for a longer pause
    (`retry_after`, seconds) is granted up to a day. What is `gone` (410) or `ended` (the document says so) is
    probed once a day, and is held to be at its end until it is read again, whatever fails meanwhile. The
    validators and the digest stay, for the next good answer is compared with the last good one.
    """
    before = _known(source, state)
    failures = before.failures + 1
    longest = UNREACHED_PAUSE if status is None else LONGEST_PAUSE
    backed_off = min(_backed_off(source, failures), max(source.every, longest))
    pause = _longest(source) if gone or ended else max(backed_off, _wished(source, retry_after))
    return replace(
        before,
        next_due=now + pause,
        last_polled=now,
        failures=failures,
        failing_since=before.failing_since or now,
        error=error,
        http_status=status,
        ended=before.ended or gone or ended,
    )


def _known(source: Source, state: FeedState | None) -> FeedState:
    """What is remembered of this source at this address: under a new one, only what concerns its items."""
    if state is None:
        return FeedState(source.id, url=source.url_mark)
    if state.url == source.url_mark:
        return state
    return FeedState(source.id, url=source.url_mark, last_ok=state.last_ok, last_new=state.last_new)


def _longest(source: Source) -> timedelta:
    return max(source.every, LONGEST_PAUSE)


def _backed_off(source: Source, failures: int) -> timedelta:
    """The interval times 2^(failures - 1), to the longest pause; by division first, which cannot overflow."""
    longest = _longest(source)
    doublings = min(failures - 1, 30)
    if source.every >= longest / 2**doublings:
        return longest
    return source.every * (1 << doublings)


def _wished(source: Source, retry_after: float | None) -> timedelta:
    if retry_after is None:
        return source.every
    seconds = min(max(retry_after, 0.0), _longest(source).total_seconds())
    return max(timedelta(seconds=seconds), source.every)


def _spread(source: Source) -> timedelta:
    """A source's own delay, up to a tenth of its interval, so that not all are asked in the same minute.

    It follows from the id alone: the same in each run, and testable.
    """
    fraction = zlib.crc32(source.id.encode()) / 2**32
    return min(source.every * SPREAD, MOST_SPREAD) * fraction
