"""I/O: what spares work: what is remembered of documents, and indexes for a million items."""

from __future__ import annotations

from sqlite_utils import Database

from .steps import MIGRATIONS


@MIGRATIONS()
def m007_outlines_and_indexes(db: Database) -> None:
    """What the entries of each source's last document are known by; what an edition asks for, by indexes."""
    db.executescript("""
        CREATE TABLE outlines (
            source_id TEXT PRIMARY KEY REFERENCES sources(id) ON DELETE CASCADE,
            rules_version TEXT NOT NULL,
            -- only `monitor.parse.outline` knows what is in it
            marks BLOB NOT NULL,
            -- for each entry the id of its item, or 0: no foreign keys, for items may be pruned
            items TEXT NOT NULL
        );

        -- All that tells which items a digest has yet to claim, so that none of their rows is read.
        DROP INDEX items_relevant;
        CREATE INDEX items_relevant ON items(first_seen, topic, revision, score, topics) WHERE relevant = 1;
        CREATE INDEX editions_digest ON editions(digest);
        CREATE INDEX editions_dated ON editions(digest, local_date);
    """)
