"""I/O: what the writing keeps up, so that nothing asked each day reads more the more is stored."""

from __future__ import annotations

from sqlite_utils import Database

from .steps import MIGRATIONS
from .wide import HAS_WIDE, WIDE_TEXT


@MIGRATIONS()
def m008_kept_by_writing(db: Database) -> None:
    """What digests may still want, what sources have matched, and the Chinese texts in their index.

    Changes by triggers, since verdicts and revisions are written in many places, and one that was forgotten
    would keep an item out of all digests. What is new by whoever inserts it, at once for a whole document:
    a trigger for each row made recording slower by a tenth.
    """
    db.executescript("""
        -- Relevant items that some digest may not have shown as they are now: see pending.py.
        CREATE TABLE pending (
            item_id INTEGER PRIMARY KEY REFERENCES items(id) ON DELETE CASCADE
        );
        INSERT INTO pending SELECT id FROM items INDEXED BY items_relevant WHERE relevant = 1;
        CREATE TRIGGER pending_changed AFTER UPDATE OF relevant, score, topics, revision ON items
        WHEN new.relevant BEGIN
            INSERT OR IGNORE INTO pending (item_id) VALUES (new.id);
        END;

        -- items.relevant once more, so that a source's matches are counted by an index alone
        ALTER TABLE sightings ADD COLUMN matched INTEGER NOT NULL DEFAULT 0;
        UPDATE sightings SET matched = 1
            WHERE item_id IN (SELECT id FROM items INDEXED BY items_relevant WHERE relevant = 1);
        CREATE INDEX sightings_matched ON sightings(source_id, matched) WHERE matched = 1;
        CREATE TRIGGER matched_changed AFTER UPDATE OF relevant ON items
        WHEN new.relevant <> old.relevant BEGIN
            UPDATE sightings SET matched = new.relevant WHERE item_id = new.id;
        END;

        DROP INDEX items_wide;
    """)
    # With the texts themselves: searches for Chinese words read no row of an item that has none of them.
    db.execute(f"CREATE INDEX items_wide ON items(first_seen, id, relevant, {WIDE_TEXT}) WHERE {HAS_WIDE}")
