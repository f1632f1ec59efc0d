"""I/O: the ledger of deliveries with the bytes that travel; what retention has deleted."""

from __future__ import annotations

from sqlite_utils import Database

from .steps import MIGRATIONS


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
