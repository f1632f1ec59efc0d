"""I/O: the tables of the beginning: sources, items, editions, full text; and labels."""

from __future__ import annotations

from sqlite_utils import Database

from .steps import MIGRATIONS


@MIGRATIONS()
def m001_initial(db: Database) -> None:
    """Sources, items and where they were seen, editions and what they claimed, deliveries, full text."""
    db.executescript("""
        CREATE TABLE meta (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL
        );

        CREATE TABLE sources (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            outlet TEXT NOT NULL,
            kind TEXT NOT NULL,
            url TEXT NOT NULL,
            side TEXT,
            enabled INTEGER NOT NULL,
            -- the order of the config; NULL for a source that is gone from it
            position INTEGER,
            -- what polling remembers (FeedState); state_url is the address the validators belong to
            state_url TEXT NOT NULL DEFAULT '',
            etag TEXT,
            last_modified TEXT,
            body_hash TEXT,
            next_due TEXT,
            last_polled TEXT,
            last_ok TEXT,
            last_new TEXT,
            failures INTEGER NOT NULL DEFAULT 0,
            failing_since TEXT,
            error TEXT,
            http_status INTEGER
        );

        -- AUTOINCREMENT: an id that a user has noted never comes to mean another item.
        CREATE TABLE items (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            title TEXT NOT NULL,
            outlet TEXT NOT NULL,
            kind TEXT NOT NULL,
            published TEXT,
            updated TEXT,
            first_seen TEXT NOT NULL,
            relevant INTEGER NOT NULL,
            score REAL NOT NULL,
            topic TEXT,
            topics TEXT NOT NULL,
            reason TEXT NOT NULL,
            url TEXT NOT NULL,
            key TEXT NOT NULL UNIQUE,
            source_id TEXT NOT NULL REFERENCES sources(id),
            guid TEXT NOT NULL,
            lang TEXT NOT NULL,
            revision INTEGER NOT NULL DEFAULT 1,
            rules_version TEXT NOT NULL,
            content_hash TEXT NOT NULL,
            parts TEXT NOT NULL,
            matches TEXT NOT NULL,
            summary TEXT NOT NULL,
            text TEXT NOT NULL
        );
        CREATE INDEX items_first_seen ON items(first_seen);
        CREATE INDEX items_relevant ON items(first_seen) WHERE relevant = 1;
        CREATE INDEX items_source ON items(source_id);

        -- Keys that lead to an item besides its own: those it had before, and those of other feeds.
        CREATE TABLE aliases (
            key TEXT PRIMARY KEY,
            item_id INTEGER NOT NULL REFERENCES items(id) ON DELETE CASCADE
        );
        CREATE INDEX aliases_item ON aliases(item_id);

        -- One row for each page in each feed, so that a feed with new guids at every poll does not fill it.
        CREATE TABLE sightings (
            source_id TEXT NOT NULL REFERENCES sources(id),
            item_id INTEGER NOT NULL REFERENCES items(id) ON DELETE CASCADE,
            guid TEXT NOT NULL,
            first_seen TEXT NOT NULL,
            last_seen TEXT NOT NULL,
            PRIMARY KEY (source_id, item_id)
        ) WITHOUT ROWID;
        CREATE INDEX sightings_guid ON sightings(source_id, guid);
        CREATE INDEX sightings_item ON sightings(item_id);

        -- The row of revision n tells what made it n.
        CREATE TABLE revisions (
            item_id INTEGER NOT NULL REFERENCES items(id) ON DELETE CASCADE,
            revision INTEGER NOT NULL,
            at TEXT NOT NULL,
            what TEXT NOT NULL,
            title TEXT NOT NULL,
            old_title TEXT NOT NULL,
            old_summary TEXT NOT NULL,
            PRIMARY KEY (item_id, revision)
        );

        CREATE TABLE editions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            digest TEXT NOT NULL,
            name TEXT NOT NULL,
            title TEXT NOT NULL,
            slot TEXT,
            window_start TEXT NOT NULL,
            window_end TEXT NOT NULL,
            local_date TEXT NOT NULL,
            created TEXT NOT NULL,
            subject TEXT NOT NULL,
            stories INTEGER NOT NULL,
            items INTEGER NOT NULL,
            looked_at INTEGER NOT NULL,
            rules_version TEXT NOT NULL,
            written INTEGER NOT NULL DEFAULT 0,
            text TEXT NOT NULL,
            html TEXT NOT NULL,
            json TEXT NOT NULL,
            mail_html TEXT NOT NULL,
            UNIQUE (digest, slot),
            UNIQUE (digest, name)
        );
        CREATE INDEX editions_unwritten ON editions(id) WHERE written = 0;

        -- A claim: this digest has shown this revision, and does not show it again.
        CREATE TABLE edition_items (
            edition_id INTEGER NOT NULL REFERENCES editions(id),
            item_id INTEGER NOT NULL REFERENCES items(id),
            digest TEXT NOT NULL,
            revision INTEGER NOT NULL,
            story_id TEXT NOT NULL,
            UNIQUE (digest, item_id, revision)
        );
        CREATE INDEX edition_items_edition ON edition_items(edition_id);
        CREATE INDEX edition_items_item ON edition_items(item_id);

        CREATE TABLE deliveries (
            edition_id INTEGER NOT NULL REFERENCES editions(id),
            recipient TEXT NOT NULL,
            status TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            next_try TEXT,
            changed TEXT NOT NULL,
            message_id TEXT,
            error TEXT,
            PRIMARY KEY (edition_id, recipient)
        );

        CREATE VIRTUAL TABLE items_fts USING fts5(
            title, summary, text,
            content="items", content_rowid="id", tokenize="unicode61 remove_diacritics 2"
        );

        CREATE VIEW matched_items AS
        SELECT
            id,
            title,
            outlet,
            published AS published_at,
            topics,
            (
                SELECT group_concat(place, '; ') FROM (
                    SELECT DISTINCT
                        coalesce(json_extract(value, '$.topic'), json_extract(value, '$.role'))
                        || ' "' || json_extract(value, '$.text') || '" ('
                        || json_extract(value, '$.field') || ')' AS place
                    FROM json_each(items.matches)
                )
            ) AS why,
            url
        FROM items
        WHERE relevant = 1;
    """)


@MIGRATIONS()
def m002_labels(db: Database) -> None:
    """What analysts say of items."""
    # RESTRICT: what an analyst said is never deleted with an item. Whoever prunes leaves labelled items out.
    db.executescript("""
        CREATE TABLE labels (
            item_id INTEGER PRIMARY KEY REFERENCES items(id) ON DELETE RESTRICT,
            relevant INTEGER NOT NULL,
            -- a JSON array; NULL where the analyst said nothing of topics
            topics TEXT,
            at TEXT NOT NULL
        );
    """)
