"""I/O: the sources as the config names them, and what polling remembers of each."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import cast

from sqlite_utils import Database

from ..models import FeedState, Kind, Source
from .connection import StoreError, moment_or_none, rows, stamp_or_none

HABIT_DAYS = 20
"""How many of the last days with news tell a source's habit."""
HABIT_MIN_DAYS = 5
"""Fewer say nothing yet."""
QUIET_AT_LEAST = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Origin:
    """What an item takes from the source that carries its text."""

    id: str
    outlet: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class SourceReport:
    """One source with all that is known of it, for the health table and the coverage statement."""

    id: str
    name: str
    outlet: str
    kind: Kind
    url: str
    enabled: bool
    items: int
    """Pages seen in it, also where another source's text is stored."""
    matched: int
    """How many of those are relevant."""
    first_seen: datetime | None
    """When its first item came."""
    state: FeedState
    quiet_after: timedelta | None
    """See `quiet_after`."""


def sync_sources(db: Database, sources: Sequence[Source]) -> None:
    """Write the config's sources, keeping their state. One that is gone stays, disabled, for its items."""
    before = _origins(db)
    db.execute("UPDATE sources SET enabled = 0, position = NULL WHERE position IS NOT NULL")
    db.conn.executemany(
        """
        INSERT INTO sources (id, name, outlet, kind, url, side, enabled, position)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET
            name = excluded.name, outlet = excluded.outlet, kind = excluded.kind, url = excluded.url,
            side = excluded.side, enabled = excluded.enabled, position = excluded.position
        """,
        [
            (s.id, s.name, s.outlet, s.kind, s.url, s.side, s.enabled, position)
            for position, s in enumerate(sources)
        ],
    )
    # A corrected outlet is right for the old items too. Only then are they touched: there may be many.
    db.conn.executemany(
        "UPDATE items SET outlet = ?, kind = ? WHERE source_id = ?",
        [(now.outlet, now.kind, now.id) for now in _origins(db) - before],
    )


def _origins(db: Database) -> set[Origin]:
    return {Origin(*row) for row in db.execute("SELECT id, outlet, kind FROM sources")}


def feed_states(db: Database) -> dict[str, FeedState]:
    """The state of every source, by id: those of the config in its order, then those gone from it."""
    found = rows(db, "SELECT * FROM sources ORDER BY position IS NULL, position, id")
    return {row["id"]: _state(row) for row in found}


def save_state(db: Database, state: FeedState) -> None:
    """Write what a poll leaves behind."""
    db.execute(
        """
        UPDATE sources SET
            state_url = :state_url, etag = :etag, last_modified = :last_modified, body_hash = :body_hash,
            next_due = :next_due, last_polled = :last_polled, last_ok = :last_ok, last_new = :last_new,
            failures = :failures, failing_since = :failing_since, error = :error, http_status = :http_status
        WHERE id = :id
        """,
        {
            "id": state.source_id,
            "state_url": state.url,
            "etag": state.etag,
            "last_modified": state.last_modified,
            "body_hash": state.body_hash,
            "next_due": stamp_or_none(state.next_due),
            "last_polled": stamp_or_none(state.last_polled),
            "last_ok": stamp_or_none(state.last_ok),
            "last_new": stamp_or_none(state.last_new),
            "failures": state.failures,
            "failing_since": stamp_or_none(state.failing_since),
            "error": state.error,
            "http_status": state.http_status,
        },
    )


def origin(db: Database, source_id: str) -> Origin:
    """The source as its items name it. Raises StoreError for one that was never synced."""
    found = rows(db, "SELECT id, outlet, kind FROM sources WHERE id = ?", [source_id])
    if not found:
        raise StoreError(
            f'the source "{source_id}" is not in the database: the sources of the config come first'
        )
    return Origin(found[0]["id"], found[0]["outlet"], cast("Kind", found[0]["kind"]))


def source_report(db: Database) -> tuple[SourceReport, ...]:
    """Every source: those of the config in its order, then those gone from it."""
    found = rows(
        db,
        """
        SELECT sources.*, seen.first_seen,
            coalesce(seen.items, 0) AS seen_items, coalesce(seen.matched, 0) AS matched
        FROM sources
        LEFT JOIN (
            SELECT sightings.source_id, count(*) AS items, sum(items.relevant) AS matched,
                min(sightings.first_seen) AS first_seen
            FROM sightings JOIN items ON items.id = sightings.item_id
            GROUP BY sightings.source_id
        ) AS seen ON seen.source_id = sources.id
        ORDER BY sources.position IS NULL, sources.position, sources.id
        """,
    )
    return tuple(
        SourceReport(
            id=row["id"],
            name=row["name"],
            outlet=row["outlet"],
            kind=cast("Kind", row["kind"]),
            url=row["url"],
            enabled=bool(row["enabled"]),
            items=row["seen_items"],
            matched=row["matched"],
            first_seen=moment_or_none(row["first_seen"]),
            state=_state(row),
            quiet_after=quiet_after(db, row["id"]),
        )
        for row in found
    )


def quiet_after(db: Database, source_id: str) -> timedelta | None:
    """How long a source may be without a new item before that is unlike it; None while too little is known.

    Of its last days with news: the longest gap, or three usual ones where that is more, and never under two
    days. Days and not polls are counted, so that weekends are part of the habit.
    """
    found = rows(
        db,
        """
        SELECT DISTINCT substr(first_seen, 1, 10) AS day FROM sightings
        WHERE source_id = ? ORDER BY day DESC LIMIT ?
        """,
        [source_id, HABIT_DAYS],
    )
    days = [date.fromisoformat(row["day"]) for row in found]
    if len(days) < HABIT_MIN_DAYS:
        return None
    gaps = [(later - earlier).days for later, earlier in pairwise(days)]
    return max(timedelta(days=max(3 * median(gaps), *gaps)), QUIET_AT_LEAST)


def _state(row: sqlite3.Row) -> FeedState:
    return FeedState(
        source_id=row["id"],
        url=row["state_url"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_hash=row["body_hash"],
        next_due=moment_or_none(row["next_due"]),
        last_polled=moment_or_none(row["last_polled"]),
        last_ok=moment_or_none(row["last_ok"]),
        last_new=moment_or_none(row["last_new"]),
        failures=row["failures"],
        failing_since=moment_or_none(row["failing_since"]),
        error=row["error"],
        http_status=row["http_status"],
    )
