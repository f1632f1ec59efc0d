"""I/O: the tables, made by numbered steps, and the refusal of files that are not ours.

The shape suits Datasette: names and titles label foreign keys, JSON arrays can be faceted, the full-text
table names its content table, and `matched_items` is what a reader would ask for.
"""

from __future__ import annotations

from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from .connection import APPLICATION_ID, StoreError, value, writing

MIGRATIONS = Migrations("monitor")
VERSION = 6
"""How many migrations there are: the schema that this program writes, kept in PRAGMA user_version."""


HAS_WIDE = "({})".format(
    " OR ".join(
        # Plain ASCII is told apart first, twenty times faster. The range: radicals, kana, Chinese, Hangul.
        f"(length({name}) <> length(CAST({name} AS BLOB)) AND {name} GLOB '*[\u2e80-\U0003ffff]*')"
        for name in ("title", "summary", "text")
    )
)
"""Which items the index `items_wide` holds: SQLite uses it only for selects that say this to the letter."""


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


@MIGRATIONS()
def m005_outbox(db: Database) -> None:
    """A ledger that says of each mail what became of it, and the bytes that travel, made once."""
    db.executescript("""
        -- What goes out with an edition, alike for all its recipients. Only where somebody gets it.
        CREATE TABLE outgoing (
            edition_id INTEGER PRIMARY KEY REFERENCES editions(id),
            -- a mail but for its first lines: the envelope's sender, and the bytes
            sender TEXT NOT NULL,
            content BLOB NOT NULL,
            -- what channels other than mail get
            short_title TEXT NOT NULL,
            short_text TEXT NOT NULL
        );

        ALTER TABLE deliveries RENAME TO old_deliveries;
        CREATE TABLE deliveries (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            edition_id INTEGER NOT NULL REFERENCES editions(id),
            channel TEXT NOT NULL,
            -- as in the config; for another channel than mail, a name that holds no secret
            recipient TEXT NOT NULL,
            -- more than 1 for what was sent again on purpose
            revision INTEGER NOT NULL,
            -- pending, sending, sent, refused, unknown, expired
            status TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            -- tries of which nobody knows how they ended
            doubts INTEGER NOT NULL,
            queued TEXT NOT NULL,
            changed TEXT NOT NULL,
            -- NULL where no try will follow
            next_try TEXT,
            message_id TEXT NOT NULL,
            address TEXT NOT NULL,
            reason TEXT NOT NULL,
            -- a mail's first lines, before the content that it shares
            head BLOB NOT NULL,
            UNIQUE (edition_id, channel, recipient, revision)
        );
        CREATE INDEX deliveries_open ON deliveries(status, next_try) WHERE next_try IS NOT NULL;
        CREATE INDEX deliveries_changed ON deliveries(changed);

        -- They were queued by versions that sent no mail, and have no bytes.
        INSERT INTO deliveries (
            edition_id, channel, recipient, revision, status, attempts, doubts, queued, changed, next_try,
            message_id, address, reason, head
        )
            SELECT edition_id, 'mail', recipient, 1, 'expired', 0, 0, changed, changed, NULL,
                '', '', 'queued by a version of this program that sent no mail', x''
            FROM old_deliveries ORDER BY rowid;
        DROP TABLE old_deliveries;
    """)


@MIGRATIONS()
def m006_pruned_and_told(db: Database) -> None:
    """What retention has deleted, so that it never comes again as new; lost mails, told of once."""
    db.executescript("""
        -- Numbers instead of texts (see pruned.py): 45 bytes for a page that took 1,700.
        CREATE TABLE pruned (
            key INTEGER PRIMARY KEY,
            content INTEGER NOT NULL,
            first_seen TEXT NOT NULL
        );

        -- The edition that has told of a mail that was lost.
        ALTER TABLE deliveries ADD COLUMN told_in INTEGER REFERENCES editions(id);
        CREATE INDEX deliveries_untold ON deliveries(edition_id)
            WHERE told_in IS NULL AND status IN ('refused', 'expired', 'unknown');
        -- Queued by a version that sent none: nobody has waited for these.
        UPDATE deliveries SET told_in = edition_id WHERE message_id = '';
        DROP INDEX deliveries_changed;
    """)


def refuse_others(db: Database, path: Path) -> int:
    """The schema version of the file, 0 for an empty one. Reads only.

    Raises StoreError for the database of another program and for one of a newer version.
    """
    owner = value(db, "PRAGMA application_id")
    version = int(value(db, "PRAGMA user_version"))
    is_empty = not value(db, "SELECT count(*) FROM sqlite_master")
    if owner != APPLICATION_ID and not (owner == 0 and is_empty):
        raise StoreError(f"{path} is the database of another program; name another file under `database`")
    if version > VERSION:
        raise StoreError(
            f"{path} was written by a newer version of this program "
            f"(schema {version}, this one knows {VERSION}): "
            "upgrade the program, or name another file under `database`"
        )
    return version


def migrate(db: Database, path: Path) -> None:
    """Bring the file to VERSION, whole or not at all; a file that has it already is not touched."""
    if refuse_others(db, path) == VERSION:
        return
    db.enable_wal()
    with writing(db, path, durable=True):
        # Again under the lock: another process may have come first.
        if refuse_others(db, path) == VERSION:
            return
        MIGRATIONS.apply(db)
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute(f"PRAGMA user_version={VERSION}")


def refuse_older(db: Database, path: Path) -> None:
    """For opening read-only, where nothing can be brought up to date. Raises StoreError."""
    version = refuse_others(db, path)
    if version == 0:
        raise StoreError(f"{path} holds nothing yet: run `monitor poll` first")
    if version < VERSION:
        raise StoreError(f"{path} was written by an older version of this program: run `monitor poll` once")
