"""I/O: what pages of GOV.UK say of themselves, and stories that outlive their edition."""

from __future__ import annotations

from sqlite_utils import Database

from .steps import MIGRATIONS
from .wide import HAS_WIDE


@MIGRATIONS()
def m003_pages(db: Database) -> None:
    """What pages say of themselves, gaps and ends of sources, and what was told of them."""
    db.executescript("""
        ALTER TABLE sources ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE sources ADD COLUMN moved_to TEXT;
        ALTER TABLE sources ADD COLUMN newest TEXT;
        ALTER TABLE sources ADD COLUMN gap_from TEXT;
        ALTER TABLE sources ADD COLUMN gap_to TEXT;
        ALTER TABLE sources ADD COLUMN gap_filled INTEGER NOT NULL DEFAULT 0;

        -- 1 where the entry itself names its publisher, as aggregators' do: then not the source's outlet
        ALTER TABLE items ADD COLUMN names_outlet INTEGER NOT NULL DEFAULT 0;

        -- what the publisher says of the change, and when it says that it was made
        ALTER TABLE revisions ADD COLUMN note TEXT NOT NULL DEFAULT '';
        ALTER TABLE revisions ADD COLUMN note_at TEXT;

        -- What a page says of itself, and what is remembered of asking for it. Its text is the item's.
        CREATE TABLE pages (
            item_id INTEGER PRIMARY KEY REFERENCES items(id) ON DELETE CASCADE,
            -- NULL until the page was read once: then it says nothing
            status TEXT,
            document_type TEXT NOT NULL DEFAULT '',
            organisations TEXT NOT NULL DEFAULT '[]',
            first_published TEXT,
            public_updated TEXT,
            news TEXT NOT NULL DEFAULT 'new',
            note TEXT NOT NULL DEFAULT '',
            note_at TEXT,
            moved_to TEXT NOT NULL DEFAULT '',
            title TEXT NOT NULL DEFAULT '',
            content_id TEXT NOT NULL DEFAULT '',
            asked TEXT,
            asked_for TEXT NOT NULL DEFAULT '',
            next_try TEXT,
            failures INTEGER NOT NULL DEFAULT 0,
            error TEXT NOT NULL DEFAULT '',
            etag TEXT,
            last_modified TEXT,
            body_hash TEXT NOT NULL DEFAULT '',
            explanation TEXT NOT NULL DEFAULT '',
            -- a JSON array of {"at", "note"}, the newest first; last, since it may be long
            history TEXT NOT NULL DEFAULT '[]'
        );

        CREATE INDEX pages_content_id ON pages(content_id) WHERE content_id <> '';

        -- What was told of a source: once when a fault persists, once when it is over.
        CREATE TABLE notices (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            source_id TEXT NOT NULL REFERENCES sources(id),
            name TEXT NOT NULL,
            at TEXT NOT NULL,
            kind TEXT NOT NULL,
            status TEXT NOT NULL,
            text TEXT NOT NULL
        );
        CREATE INDEX notices_source ON notices(source_id);
        CREATE INDEX notices_at ON notices(at);

        -- the polls that brought a source something new, and what stood in it lately
        CREATE INDEX sightings_first_seen ON sightings(source_id, first_seen);
        CREATE INDEX sightings_last_seen ON sightings(source_id, last_seen);
        -- the latest of one source; and the pages of GOV.UK that may have to be looked up
        DROP INDEX items_source;
        CREATE INDEX items_source ON items(source_id, first_seen);
        CREATE INDEX items_govuk ON items(first_seen, content_hash)
            WHERE relevant = 1 AND key GLOB 'https://www.gov.uk/*';
    """)


@MIGRATIONS()
def m004_stories(db: Database) -> None:
    """Stories that outlive the edition that made them; the text part of the mail; an index for Chinese words.

    The full-text index takes a run of Chinese for one word, and finds no name within it: searches read
    through the items that hold any.
    """
    db.execute(f"CREATE INDEX items_wide ON items(first_seen) WHERE {HAS_WIDE}")
    db.executescript("""
        ALTER TABLE editions ADD COLUMN mail_text TEXT NOT NULL DEFAULT '';
        -- the first 404 since the page was read last, which may be a passing one
        ALTER TABLE pages ADD COLUMN missing_since TEXT;

        -- A story is for ever: no report leaves it for another one. Title and topic are those of the report
        -- that leads it, the two times the first sights of its first and of its last report; all of them as
        -- of the last edition that took anything into it.
        CREATE TABLE stories (
            id TEXT PRIMARY KEY,
            title TEXT NOT NULL,
            topic TEXT,
            first_seen TEXT NOT NULL,
            last_seen TEXT NOT NULL,
            -- a JSON array of the topics of all reports, `topic` first
            topics TEXT NOT NULL DEFAULT '[]'
        );
        CREATE INDEX stories_last_seen ON stories(last_seen);

        -- Also reports that no edition has shown yet: the first edition after an item came decides for all.
        CREATE TABLE story_items (
            item_id INTEGER PRIMARY KEY REFERENCES items(id) ON DELETE CASCADE,
            story_id TEXT NOT NULL REFERENCES stories(id),
            joined TEXT NOT NULL,
            -- what it shares with the story, in a sentence; empty for the one that led it at the beginning
            why TEXT NOT NULL
        );
        CREATE INDEX story_items_story ON story_items(story_id);

        -- The headline under which an edition has shown a story.
        CREATE TABLE edition_stories (
            edition_id INTEGER NOT NULL REFERENCES editions(id),
            story_id TEXT NOT NULL REFERENCES stories(id),
            title TEXT NOT NULL,
            PRIMARY KEY (edition_id, story_id)
        );
        CREATE INDEX edition_stories_story ON edition_stories(story_id);

        -- with the topic, so that a chart of weeks is drawn from the index alone
        DROP INDEX items_relevant;
        CREATE INDEX items_relevant ON items(first_seen, topic) WHERE relevant = 1;

        -- What earlier editions have shown as one story is one; an item that two of them have shown in
        -- different company stays where it was first. Their rows come in reading order, the lead first.
        CREATE TEMP TABLE old_members AS
            SELECT *, row_number() OVER (PARTITION BY story_id ORDER BY place) AS nth
            FROM (
                SELECT edition_items.rowid AS place, item_id, story_id, created,
                    row_number() OVER (PARTITION BY item_id ORDER BY edition_items.rowid) AS showing
                FROM edition_items JOIN editions ON editions.id = edition_items.edition_id
            )
            WHERE showing = 1;
        INSERT INTO stories (id, title, topic, first_seen, last_seen, topics)
            SELECT story_id,
                max(iif(nth = 1, items.title, '')),
                max(iif(nth = 1, items.topic, NULL)),
                min(items.first_seen),
                max(items.first_seen),
                (
                    SELECT json_group_array(value) FROM (
                        SELECT has.value FROM old_members AS member
                            JOIN items AS report ON report.id = member.item_id,
                            json_each(report.topics) AS has
                        WHERE member.story_id = old_members.story_id
                        GROUP BY has.value ORDER BY min(nth), min(has.key)
                    )
                )
            FROM old_members JOIN items ON items.id = old_members.item_id
            GROUP BY story_id ORDER BY min(place);
        INSERT INTO story_items (item_id, story_id, joined, why)
            SELECT item_id, story_id, created,
                iif(nth = 1, '', 'an earlier edition has shown them together')
            FROM old_members ORDER BY place;
        INSERT INTO edition_stories (edition_id, story_id, title)
            SELECT edition_id, story_id, title
            FROM (
                SELECT edition_id, story_items.story_id, items.title, row_number() OVER (
                    PARTITION BY edition_id, story_items.story_id ORDER BY edition_items.rowid
                ) AS nth
                FROM edition_items
                    JOIN story_items USING (item_id)
                    JOIN items ON items.id = edition_items.item_id
            )
            WHERE nth = 1;
        DROP TABLE old_members;
    """)
