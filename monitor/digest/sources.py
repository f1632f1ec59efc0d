"""Core: what the last polls say about how much of the world an edition has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ..models import Coverage, FeedState, Source, SourceStatus


def coverage(
    sources: Sequence[Source],
    states: Mapping[str, FeedState],
    *,
    quiet_after: Mapping[str, timedelta | None],
    looked_at: int,
    matched: int,
    rules_version: str,
    previous_rules_version: str | None,
    now: datetime,
) -> Coverage:
    """What the last polls of the enabled `sources` say: read, failed, quiet or never polled.

    `quiet_after` gives the silence each source's habit allows; a source without one is never called quiet.
    `looked_at` and `matched` count the window's items. `previous_rules_version` is None for a first edition.
    """
    statuses = tuple(
        _status(source, states.get(source.id), quiet_after.get(source.id), now) for source in sources
    )
    changed = None if previous_rules_version is None else previous_rules_version != rules_version
    return Coverage(statuses, looked_at, matched, rules_version, changed)


def _status(
    source: Source, state: FeedState | None, allowed: timedelta | None, now: datetime
) -> SourceStatus:
    if state is None or state.last_polled is None:
        return SourceStatus(source.id, source.name, "never")
    if state.failures > 0:
        error = state.error or "no reason recorded"
        return SourceStatus(
            source.id, source.name, "failed", error, state.failing_since, state.last_ok, state.last_new
        )
    # An ended feed answers 200 and never has an item: silence from the start is silence too.
    is_quiet = allowed is not None and (state.last_new is None or now - state.last_new > allowed)
    return SourceStatus(
        source.id,
        source.name,
        "quiet" if is_quiet else "read",
        since=state.last_new if is_quiet else None,
        last_ok=state.last_ok,
        last_new=state.last_new,
    )
