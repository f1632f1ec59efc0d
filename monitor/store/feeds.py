"""I/O: the sources as the config names them, and what polling remembers of each."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from ..models import FeedState, Kind, Source
from .connection import (
    StoreError,
    from_json,
    id_list,
    moment,
    moment_or_none,
    rows,
    stamp,
    stamp_or_none,
)
from .database import Database


@dataclass(frozen=True, slots=True)
class Origin:
    """What an item takes from the source that carries its text."""

    id: str
    outlet: str
    kind: Kind


Counts = Literal["all", "unmatched", "few"]
"""What is counted in a report: all items and matches, which takes a tenth of a second for a million; items
and matches up to `FEW`, but all items of sources that never matched; or no matches, and items up to `FEW`."""
FEW = 10
"""On more items than these no fault of a source depends."""


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


def sync_sources(db: Database, sources: Sequence[Source]) -> None:
    """Write the config's sources, keeping their state. One that is gone stays, disabled, for its items."""
    listed = [
        (s.id, s.name, s.outlet, s.kind, s.shown_url, s.side, s.enabled, position)
        for position, s in enumerate(sources)
    ]
    if _listed(db) == listed:
        # Asked at every tick: nothing is written where nothing has changed.
        return
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
        listed,
    )
    # A corrected outlet is right for the old items too, but for those that name their own. Only then are they
    # touched: there may be many.
    db.conn.executemany(
        "UPDATE items SET outlet = iif(names_outlet, outlet, ?), kind = ? WHERE source_id = ?",
        [(now.outlet, now.kind, now.id) for now in _origins(db) - before],
    )


def _listed(db: Database) -> list[tuple[object, ...]]:
    sql = """
        SELECT id, name, outlet, kind, url, side, enabled, position FROM sources
        WHERE position IS NOT NULL ORDER BY position
    """
    return db.execute(sql).fetchall()


def _origins(db: Database) -> set[Origin]:
    return {Origin(*row) for row in db.execute("SELECT id, outlet, kind FROM sources")}


def feed_states(db: Database) -> dict[str, FeedState]:
    """The state of every source, by id: those of the config in its order, then those gone from it."""
    found = rows(db, "SELECT * FROM sources ORDER BY position IS NULL, position, id")
    return {row["id"]: _state(row) for row in found}


def open_gaps(db: Database) -> dict[str, FeedState]:
    """The states of the sources that have a gap which nothing has filled, by id."""
    found = rows(db, "SELECT * FROM sources WHERE gap_to IS NOT NULL AND NOT gap_filled")
    return {row["id"]: _state(row) for row in found}


_SAVE = """
        UPDATE sources SET
            state_url = :state_url, etag = :etag, last_modified = :last_modified, body_hash = :body_hash,
            next_due = :next_due, last_polled = :last_polled, last_ok = :last_ok, last_new = :last_new,
            failures = :failures, failing_since = :failing_since, error = :error, http_status = :http_status,
            ended = :ended, moved_to = :moved_to, newest = :newest,
            gap_from = :gap_from, gap_to = :gap_to, gap_filled = :gap_filled
        WHERE id = :id
        """


def note_poll(db: Database, now: datetime) -> None:
    """Remember when the first poll was."""
    db.execute("INSERT OR IGNORE INTO meta (name, value) VALUES ('first_poll', ?)", [stamp(now)])


def record_unread(db: Database, states: Sequence[FeedState], now: datetime) -> None:
    """Write what polls leave behind that brought nothing to read. The caller holds the transaction.

    Raises StoreError for a source never synced.
    """
    note_poll(db, now)
    saved = db.conn.executemany(_SAVE, map(_columns, states)).rowcount
    if saved < len(states):
        known = {id_ for (id_,) in db.execute("SELECT id FROM sources")}
        raise _never_synced(next(state.source_id for state in states if state.source_id not in known))


def save_state(db: Database, state: FeedState) -> None:
    """Write what a poll leaves behind."""
    db.execute(_SAVE, _columns(state))


def _never_synced(source_id: str) -> StoreError:
    return StoreError(
        f'the source "{source_id}" is not in the database: the sources of the config come first'
    )


def _columns(state: FeedState) -> dict[str, object]:
    return {
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
        "ended": state.ended,
        "moved_to": state.moved_to,
        "newest": stamp_or_none(state.newest),
        "gap_from": stamp_or_none(state.gap_from),
        "gap_to": stamp_or_none(state.gap_to),
        "gap_filled": state.gap_filled,
    }


def fill_gap(db: Database, source_id: str) -> None:
    """Note that what a source's last gap held has been fetched."""
    db.execute("UPDATE sources SET gap_filled = 1 WHERE id = ?", [source_id])


def origin_and_state(db: Database, source_id: str) -> tuple[Origin, FeedState]:
    """The source as its items name it, and its state so far. Raises StoreError for one never synced."""
    found = rows(db, "SELECT * FROM sources WHERE id = ?", [source_id])
    if not found:
        raise _never_synced(source_id)
    row = found[0]
    return Origin(row["id"], row["outlet"], cast("Kind", row["kind"])), _state(row)


def source_report(db: Database, counts: Counts = "all") -> tuple[SourceReport, ...]:
    """Every source: those of the config in its order, then those gone from it."""
    found = rows(
        db,
        """
        SELECT sources.*, (SELECT min(first_seen) FROM sightings WHERE source_id = sources.id) AS first_seen
        FROM sources ORDER BY position IS NULL, position, id
        """,
    )
    matched, items = _counts(db, counts)
    return tuple(
        SourceReport(
            id=row["id"],
            name=row["name"],
            outlet=row["outlet"],
            kind=cast("Kind", row["kind"]),
            url=row["url"],
            enabled=bool(row["enabled"]),
            items=items[row["id"]],
            matched=matched[row["id"]],
            first_seen=moment_or_none(row["first_seen"]),
            state=_state(row),
        )
        for row in found
    )


# All are read from indexes alone.


def _counts(db: Database, counts: Counts) -> tuple[dict[str, int], dict[str, int]]:
    """By source, how many of its items are relevant, and how many it has brought."""
    if counts == "all":
        return _counted(db, "matched = 1"), _counted(db)
    items = _few(db)
    if counts == "few":
        return dict.fromkeys(items, 0), items
    matched = _few(db, "matched = 1")
    return matched, items | _counted(db, of=[id_ for id_, number in matched.items() if not number])


def _counted(db: Database, condition: str = "TRUE", of: Collection[str] | None = None) -> dict[str, int]:
    """By source, or those `of` these ids, how many sightings meet the condition."""
    sql = f"""
        SELECT id, (SELECT count(*) FROM sightings WHERE source_id = sources.id AND {condition})
        FROM sources WHERE :all OR id IN (SELECT value FROM json_each(:ids))
    """  # noqa: S608 - our own condition
    return dict(db.execute(sql, {"all": of is None, "ids": id_list(of or ())}))


def _few(db: Database, condition: str = "TRUE") -> dict[str, int]:
    """By source, how many sightings meet the condition, up to `FEW`."""
    sql = f"""
        SELECT id, (
            SELECT count(*)
            FROM (SELECT 1 FROM sightings WHERE source_id = sources.id AND {condition} LIMIT ?)
        )
        FROM sources
    """  # noqa: S608 - our own condition
    return dict(db.execute(sql, [FEW]))


def arrivals(db: Database, limit: int, of: Collection[str] | None = None) -> dict[str, tuple[datetime, ...]]:
    """For every source, or those `of` these ids, the latest times at which a poll brought pages new to it.

    The newest comes first.
    """
    found = db.execute(
        # Along the index, backwards: a poll seldom brings more than a few pages at one time.
        """
        SELECT id, (
            SELECT json_group_array(first_seen) FROM (
                SELECT DISTINCT first_seen FROM sightings WHERE source_id = sources.id
                ORDER BY first_seen DESC LIMIT :limit
            )
        )
        FROM sources WHERE :all OR id IN (SELECT value FROM json_each(:ids))
        """,
        {"limit": limit, "all": of is None, "ids": id_list(of or ())},
    )
    return {id_: tuple(map(moment, sorted(from_json(times), reverse=True))) for id_, times in found}


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
        ended=bool(row["ended"]),
        moved_to=row["moved_to"],
        newest=moment_or_none(row["newest"]),
        gap_from=moment_or_none(row["gap_from"]),
        gap_to=moment_or_none(row["gap_to"]),
        gap_filled=bool(row["gap_filled"]),
    )
