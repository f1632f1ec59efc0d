"""I/O: keeps the file small: deletes what retention no longer keeps, in short transactions.

What an edition has shown, what an analyst has labelled, what is in a story that was shown or is still open,
and what a digest still wants, stays whatever its age. So does what stood in its feed when that was last read:
deleted, it would come back with the next document.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..models import DigestSpec
from . import stories
from .connection import (
    id_list,
    moment_or_none,
    reading,
    rows,
    sentences,
    stamp,
    stamp_or_none,
    value,
    writing,
)
from .database import Database
from .identify import STOOD_WITHIN
from .pending import WANTED, in_json
from .pruned import remember_pruned

ITEMS_AT_ONCE = 200
"""Deleted in one transaction: some 80 milliseconds, in which a poll beside it waits."""
MAILS_AT_ONCE = 50

_NEVER = ""
"""Sorts before every stored time."""
_KEPT_SINCE = "iif(items.relevant, :matched, :unmatched)"
_NOT_NEEDED = f"""
    NOT EXISTS (SELECT 1 FROM edition_items WHERE edition_items.item_id = items.id)
    AND NOT EXISTS (SELECT 1 FROM labels WHERE labels.item_id = items.id)
    AND NOT EXISTS (
        SELECT 1 FROM story_items JOIN stories ON stories.id = story_items.story_id
        WHERE story_items.item_id = items.id AND (
            stories.last_seen >= {_KEPT_SINCE}
            OR EXISTS (SELECT 1 FROM edition_stories WHERE edition_stories.story_id = stories.id)
        )
    )
    -- no edition has it, so whichever digest wants it has not shown it yet
    AND NOT EXISTS (SELECT 1 FROM json_each(:digests) AS digest WHERE {WANTED})
    -- The last document that was read may be old: an answer of 304 moves no sighting on.
    AND NOT EXISTS (
        SELECT 1 FROM sightings WHERE sightings.item_id = items.id AND (
            sightings.last_seen >= {_KEPT_SINCE}
            OR sightings.last_seen >= (
                SELECT strftime('%Y-%m-%dT%H:%M:%SZ', max(latest.last_seen), '-{STOOD_WITHIN.days} days')
                FROM sightings AS latest WHERE latest.source_id = sightings.source_id
            )
        )
    )
"""  # noqa: S608 - our own text
_SETTLED = """
    length(content) > 0 AND NOT EXISTS (
        SELECT 1 FROM deliveries WHERE deliveries.edition_id = outgoing.edition_id
            AND (next_try IS NOT NULL OR status IN ('pending', 'sending') OR changed >= :mails)
    )
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on things are kept; None: all of them, for ever."""

    unmatched: datetime | None = None
    """Irrelevant items first seen then or later."""
    matched: datetime | None = None
    """The same for relevant ones."""
    mails: datetime | None = None
    """The bytes of mails of which the last was settled then or later."""
    digests: Sequence[DigestSpec] = ()
    """What these still want to show is kept."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was deleted, counted."""

    unmatched: int = 0
    matched: int = 0
    mails: int = 0
    """Editions whose mail's bytes are gone; the ledger says as before who got one."""

    def __add__(self, other: Pruned) -> Pruned:
        return Pruned(
            self.unmatched + other.unmatched, self.matched + other.matched, self.mails + other.mails
        )


@dataclass(frozen=True, slots=True)
class Space:
    """The size of the database file in bytes."""

    bytes: int
    free: int
    """How much of it holds nothing, and is filled first."""


class Upkeep:
    """An open database, for keeping it in shape. Raises as Store does."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db = db
        self._path = path

    def prune(self, limits: Limits) -> Iterator[Pruned]:
        """Delete what is beyond the limits, one short transaction for each thing that this gives.

        Between two of them nothing is open: another process may write, and the caller may stop. What was
        deleted is free for what comes next; the file does not get smaller (see `vacuum`). A million items
        take seven minutes.
        """
        after = (_NEVER, 0)
        while True:
            with reading(self._db, self._path) as db:
                found = _next_items(db, limits, after)
            if not found:
                break
            after = found[-1]
            with writing(self._db, self._path) as db:
                done = _delete_items(db, limits, [id_ for _, id_ in found])
            yield done
        while True:
            with writing(self._db, self._path) as db:
                emptied = _empty_mails(db, limits)
            if not emptied:
                return
            yield Pruned(mails=emptied)

    def prunable(self, limits: Limits) -> Pruned:
        """What `prune` would delete."""
        with reading(self._db, self._path) as db:
            counts = rows(
                db,
                f"""
                SELECT relevant, count(*) AS items FROM items INDEXED BY items_first_seen
                WHERE first_seen < :latest AND first_seen < {_KEPT_SINCE} AND {_NOT_NEEDED}
                GROUP BY relevant
                """,  # noqa: S608 - our own text
                _parameters(limits),
            )
            mails = value(db, f"SELECT count(*) FROM outgoing WHERE {_SETTLED}", _parameters(limits))  # noqa: S608 - our own text
        by_relevance = {row["relevant"]: row["items"] for row in counts}
        return Pruned(by_relevance.get(0, 0), by_relevance.get(1, 0), mails)

    def count_older(self, limits: Limits) -> int:
        """How many stored items are beyond the limits, needed or not."""
        with reading(self._db, self._path) as db:
            return int(
                value(
                    db,
                    f"SELECT count(*) FROM items WHERE first_seen < :latest AND first_seen < {_KEPT_SINCE}",  # noqa: S608 - our own text
                    _parameters(limits),
                )
            )

    def last_pruned(self) -> datetime | None:
        """When all that was beyond the limits was last deleted; None where it never was."""
        with reading(self._db, self._path) as db:
            return moment_or_none(value(db, "SELECT value FROM meta WHERE name = 'last_pruned'"))

    def note_pruned(self, now: datetime) -> None:
        """Note that all that was beyond the limits is deleted."""
        with writing(self._db, self._path) as db:
            db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('last_pruned', ?)", [stamp(now)])

    def space(self) -> Space:
        """The size of the file, without the changes that wait beside it."""
        with reading(self._db, self._path) as db:
            size = int(value(db, "PRAGMA page_size"))
            return Space(
                size * int(value(db, "PRAGMA page_count")), size * int(value(db, "PRAGMA freelist_count"))
            )

    def vacuum(self) -> None:
        """Write the file anew without its free space, and give that back to the disk.

        It needs room for two more files like the new one, and nobody else can write meanwhile: ten seconds
        for each GB that is left. Raises StoreBusy where another process writes or reads.
        """
        with sentences(self._path):
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _parameters(limits: Limits) -> dict[str, Any]:
    unmatched, matched = stamp_or_none(limits.unmatched) or _NEVER, stamp_or_none(limits.matched) or _NEVER
    return {
        "unmatched": unmatched,
        "matched": matched,
        "latest": max(unmatched, matched),
        "mails": stamp_or_none(limits.mails) or _NEVER,
        "digests": in_json(limits.digests),
    }


def _next_items(db: Database, limits: Limits, after: tuple[str, int]) -> list[tuple[str, int]]:
    """(first seen, id) of the next items to delete, in this order, behind `after`."""
    found = db.execute(
        f"""
        SELECT first_seen, id FROM items INDEXED BY items_first_seen
        WHERE (first_seen, id) > (:after, :after_id) AND first_seen < :latest
            AND first_seen < {_KEPT_SINCE} AND {_NOT_NEEDED}
        ORDER BY first_seen, id LIMIT :limit
        """,  # noqa: S608 - our own text
        _parameters(limits) | {"after": after[0], "after_id": after[1], "limit": ITEMS_AT_ONCE},
    )
    return [(first_seen, id_) for first_seen, id_ in found]


def _delete_items(db: Database, limits: Limits, found: Collection[int]) -> Pruned:
    """Delete those of the items that are still not needed. The caller holds the transaction."""
    still = rows(
        db,
        # Under the lock: since they were found, a feed may have shown one, or somebody labelled it.
        f"""
        SELECT id, relevant FROM items
        WHERE id IN (SELECT value FROM json_each(:ids)) AND first_seen < {_KEPT_SINCE} AND {_NOT_NEEDED}
        """,  # noqa: S608 - our own text
        _parameters(limits) | {"ids": id_list(found)},
    )
    ids = [row["id"] for row in still]
    remember_pruned(db, ids)
    stories.forget(db, ids)
    # An external-content index must be told the old words exactly (https://www.sqlite.org/fts5.html, 4.4.3).
    db.execute(
        """
        INSERT INTO items_fts (items_fts, rowid, title, summary, text)
        SELECT 'delete', id, title, summary, text FROM items WHERE id IN (SELECT value FROM json_each(?))
        """,
        [id_list(ids)],
    )
    # Aliases, sightings, revisions and pages go with them (ON DELETE CASCADE).
    db.execute("DELETE FROM items WHERE id IN (SELECT value FROM json_each(?))", [id_list(ids)])
    matched = sum(row["relevant"] for row in still)
    return Pruned(unmatched=len(still) - matched, matched=matched)


def _empty_mails(db: Database, limits: Limits) -> int:
    """Drop the bytes of some mails; of how many. A later sending again makes them anew."""
    if limits.mails is None:
        return 0
    done = db.execute(
        f"""
        UPDATE outgoing SET content = x'' WHERE edition_id IN (
            SELECT edition_id FROM outgoing WHERE {_SETTLED} ORDER BY edition_id LIMIT :limit
        )
        """,  # noqa: S608 - our own text
        _parameters(limits) | {"limit": MAILS_AT_ONCE},
    )
    return int(done.rowcount)
