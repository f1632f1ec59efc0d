"""I/O: reads items: what an edition may claim, what a preview shows, where one page was seen."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..models import Judged, Update
from . import pages, pending
from .columns import light_columns, to_judged
from .connection import id_list, moment, moment_or_none, rows, stamp, stamp_or_none, value
from .database import Database


@dataclass(frozen=True, slots=True)
class Sighting:
    """A page in one feed."""

    source_id: str
    guid: str
    """The latest there."""
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Revision:
    """What made an item's revision `number`; the first one has no such entry."""

    number: int
    update: Update
    title: str
    old_summary: str


_UNCLAIMED = """
    SELECT items.id FROM {candidates}
    WHERE items.relevant = 1
        AND items.score >= :min_score
        AND NOT EXISTS (
            SELECT 1 FROM edition_items
            WHERE edition_items.digest = :digest
                AND edition_items.item_id = items.id
                AND edition_items.revision = items.revision
        )
        AND (:any_topic OR EXISTS (
            SELECT 1 FROM json_each(items.topics) AS has
            WHERE has.value IN (SELECT value FROM json_each(:topics))
        ))
"""
"""Their ids alone: asked for whole rows in their order, SQLite would read the irrelevant ones too."""


def unclaimed(
    db: Database,
    digest: str,
    *,
    topics: Collection[str] = (),
    min_score: float = 0.0,
) -> tuple[Judged, ...]:
    """Relevant items whose present revision no edition of `digest` has shown, by first seen.

    `topics`: only items that have one of these; empty means all.
    """
    ids = _unclaimed(db, digest, topics, min_score)
    found = rows(
        db,
        f"""
        SELECT items.*, (
            SELECT max(revision) FROM edition_items
            WHERE edition_items.digest = :digest AND edition_items.item_id = items.id
        ) AS shown
        FROM items
        WHERE id IN ({ids})
        ORDER BY first_seen, id
        """,  # noqa: S608 - our own condition
        _wanted(digest, topics, min_score),
    )
    shown = {row["id"]: row["shown"] for row in found if row["shown"] is not None}
    updates = _updates(db, shown)
    return pages.judged(db, found, updates)


def count_unclaimed(
    db: Database, digest: str, *, topics: Collection[str] = (), min_score: float = 0.0
) -> int:
    """How many items `unclaimed` would give."""
    sql = f"SELECT count(*) FROM ({_unclaimed(db, digest, topics, min_score)})"  # noqa: S608 - our own condition
    return int(value(db, sql, _wanted(digest, topics, min_score)))


def _unclaimed(db: Database, digest: str, topics: Collection[str], min_score: float) -> str:
    wish = pending.wish(digest, topics, min_score)
    return _UNCLAIMED.format(candidates=pending.candidates(db, [wish]))


def _wanted(digest: str, topics: Collection[str], min_score: float) -> dict[str, Any]:
    return {
        "digest": digest,
        "min_score": min_score,
        "any_topic": not topics,
        "topics": id_list(topics),
    }


def _updates(db: Database, shown: dict[int, int]) -> dict[int, Update]:
    """By item id, what changed since the revision that was shown, and the latest note on it."""
    found = rows(
        db,
        """
        SELECT revisions.*, items.title AS title_now FROM revisions JOIN items ON items.id = revisions.item_id
        WHERE revisions.item_id IN (SELECT value FROM json_each(?))
        ORDER BY revisions.item_id, revisions.revision
        """,
        [id_list(shown)],
    )
    updates: dict[int, Update] = {}
    for row in found:
        id_ = row["item_id"]
        if row["revision"] <= shown[id_]:
            continue
        first = updates.get(id_)
        whats = dict.fromkeys([*(first.what.split(", ") if first else ()), *row["what"].split(", ")])
        later = _update(row)
        updates[id_] = replace(
            later,
            what=", ".join(whats),
            old_title=first.old_title if first else later.old_title,
            note=later.note or (first.note if first else ""),
            note_at=later.note_at if later.note or first is None else first.note_at,
        )
    titles = {row["item_id"]: row["title_now"] for row in found}
    return {
        id_: replace(update, old_title=None if update.old_title == titles[id_] else update.old_title)
        for id_, update in updates.items()
    }


def _update(row: sqlite3.Row) -> Update:
    return Update(
        at=moment(row["at"]),
        what=row["what"],
        old_title=row["old_title"],
        note=row["note"],
        note_at=moment_or_none(row["note_at"]),
    )


def seen_between(db: Database, start: datetime | None, end: datetime) -> tuple[int, int]:
    """How many items were first seen after `start`, up to and with `end`, and how many are relevant."""
    found = rows(
        db,
        """
        SELECT count(*) AS looked_at, coalesce(sum(relevant), 0) AS matched FROM items
        WHERE first_seen > ? AND first_seen <= ?
        """,
        ["" if start is None else stamp(start), stamp(end)],
    )
    return found[0]["looked_at"], found[0]["matched"]


def seen_since(
    db: Database,
    since: datetime,
    *,
    until: datetime | None = None,
    relevant_only: bool = False,
    or_updated: bool = False,
) -> tuple[Judged, ...]:
    """Items first seen in [since, until), by first seen; without `until`, up to the last.

    `or_updated`: also those that were first seen before and updated then; their `update` says what changed.
    """
    found = rows(
        db,
        """
        SELECT items.*, iif(first_seen >= :since, NULL, (
            SELECT coalesce(max(revision), 1) FROM revisions WHERE item_id = items.id AND at < :since
        )) AS revision_before
        FROM items
        -- two selects and not an OR, so that the index on first_seen is used
        WHERE id IN (
            SELECT id FROM items WHERE first_seen >= :since AND (:until IS NULL OR first_seen < :until)
            UNION
            SELECT item_id FROM revisions
            WHERE :or_updated AND at >= :since AND (:until IS NULL OR at < :until)
        ) AND (relevant OR NOT :relevant_only)
        ORDER BY first_seen, id
        """,
        {
            "since": stamp(since),
            "until": stamp_or_none(until),
            "relevant_only": relevant_only,
            "or_updated": or_updated,
        },
    )
    before = {row["id"]: row["revision_before"] for row in found if row["revision_before"] is not None}
    updates = _updates(db, before)
    return pages.judged(db, found, updates)


def relevant_between(db: Database, start: datetime, end: datetime) -> tuple[Judged, ...]:
    """Relevant items first seen after `start`, up to and with `end`, with matches and without texts."""
    found = rows(
        db,
        f"""
        SELECT {light_columns(with_matches=True)} FROM items
        WHERE relevant = 1 AND first_seen > ? AND first_seen <= ? ORDER BY first_seen, id
        """,  # noqa: S608 - our own names
        [stamp(start), stamp(end)],
    )
    return tuple(to_judged(row) for row in found)


def closest(db: Database, start: datetime, limit: int) -> tuple[Judged, ...]:
    """What came nearest of the items first seen after `start`: some evidence, and not enough; best first."""
    found = rows(
        db,
        """
        SELECT * FROM items WHERE id IN (
            SELECT id FROM items WHERE first_seen > ? AND relevant = 0 AND score > 0
            ORDER BY score DESC, id LIMIT ?
        )
        ORDER BY score DESC, id
        """,
        [stamp(start), limit],
    )
    return pages.judged(db, found)


def find(db: Database, ref: str) -> Judged | None:
    """An item by its id or by an address: its identity, one that leads to it, or the link as published."""
    for sql in (
        "SELECT * FROM items WHERE id = CAST(? AS INTEGER)"
        if ref.isdecimal()
        else "SELECT * FROM items WHERE key = ?",
        "SELECT items.* FROM items JOIN aliases ON aliases.item_id = items.id WHERE aliases.key = ?",
        "SELECT * FROM items WHERE url = ? ORDER BY id DESC LIMIT 1",
    ):
        found = rows(db, sql, [ref])
        if found:
            return pages.judged(db, found)[0]
    return None


def where_seen(db: Database, item_id: int) -> tuple[Sighting, ...]:
    """The feeds that a page was seen in, the first one first."""
    found = rows(db, "SELECT * FROM sightings WHERE item_id = ? ORDER BY first_seen, source_id", [item_id])
    return tuple(
        Sighting(row["source_id"], row["guid"], moment(row["first_seen"]), moment(row["last_seen"]))
        for row in found
    )


def revisions(db: Database, item_id: int) -> tuple[Revision, ...]:
    """What happened to an item since it was first seen, oldest first."""
    found = rows(db, "SELECT * FROM revisions WHERE item_id = ? ORDER BY revision", [item_id])
    return tuple(
        Revision(
            number=row["revision"],
            update=_update(row),
            title=row["title"],
            old_summary=row["old_summary"],
        )
        for row in found
    )
