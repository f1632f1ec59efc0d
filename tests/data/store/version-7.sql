-- A database as version 7 of the schema left it: as version 6, with what a document's entries are known by.
PRAGMA application_id = 0x554B434E;
PRAGMA user_version = 7;

CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT);
CREATE UNIQUE INDEX idx__sqlite_migrations_migration_set_name ON _sqlite_migrations (migration_set, name);
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
, ended INTEGER NOT NULL DEFAULT 0, moved_to TEXT, newest TEXT, gap_from TEXT, gap_to TEXT, gap_filled INTEGER NOT NULL DEFAULT 0);
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
, names_outlet INTEGER NOT NULL DEFAULT 0);
CREATE INDEX items_first_seen ON items(first_seen);
CREATE TABLE aliases (
    key TEXT PRIMARY KEY,
    item_id INTEGER NOT NULL REFERENCES items(id) ON DELETE CASCADE
);
CREATE INDEX aliases_item ON aliases(item_id);
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
CREATE TABLE revisions (
    item_id INTEGER NOT NULL REFERENCES items(id) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    at TEXT NOT NULL,
    what TEXT NOT NULL,
    title TEXT NOT NULL,
    old_title TEXT NOT NULL,
    old_summary TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', note_at TEXT,
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
    mail_html TEXT NOT NULL, mail_text TEXT NOT NULL DEFAULT '',
    UNIQUE (digest, slot),
    UNIQUE (digest, name)
);
CREATE INDEX editions_unwritten ON editions(id) WHERE written = 0;
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
CREATE TABLE labels (
    item_id INTEGER PRIMARY KEY REFERENCES items(id) ON DELETE RESTRICT,
    relevant INTEGER NOT NULL,
    -- a JSON array; NULL where the analyst said nothing of topics
    topics TEXT,
    at TEXT NOT NULL
);
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
, missing_since TEXT);
CREATE INDEX pages_content_id ON pages(content_id) WHERE content_id <> '';
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
CREATE INDEX sightings_first_seen ON sightings(source_id, first_seen);
CREATE INDEX sightings_last_seen ON sightings(source_id, last_seen);
CREATE INDEX items_source ON items(source_id, first_seen);
CREATE INDEX items_govuk ON items(first_seen, content_hash)
    WHERE relevant = 1 AND key GLOB 'https://www.gov.uk/*';
CREATE INDEX items_wide ON items(first_seen) WHERE ((length(title) <> length(CAST(title AS BLOB)) AND title GLOB '*[⺀-𿿿]*') OR (length(summary) <> length(CAST(summary AS BLOB)) AND summary GLOB '*[⺀-𿿿]*') OR (length(text) <> length(CAST(text AS BLOB)) AND text GLOB '*[⺀-𿿿]*'));
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
CREATE TABLE story_items (
    item_id INTEGER PRIMARY KEY REFERENCES items(id) ON DELETE CASCADE,
    story_id TEXT NOT NULL REFERENCES stories(id),
    joined TEXT NOT NULL,
    -- what it shares with the story, in a sentence; empty for the one that led it at the beginning
    why TEXT NOT NULL
);
CREATE INDEX story_items_story ON story_items(story_id);
CREATE TABLE edition_stories (
    edition_id INTEGER NOT NULL REFERENCES editions(id),
    story_id TEXT NOT NULL REFERENCES stories(id),
    title TEXT NOT NULL,
    PRIMARY KEY (edition_id, story_id)
);
CREATE INDEX edition_stories_story ON edition_stories(story_id);
CREATE INDEX items_relevant ON items(first_seen, topic, revision, score, topics) WHERE relevant = 1;
CREATE TABLE outgoing (
    edition_id INTEGER PRIMARY KEY REFERENCES editions(id),
    -- a mail but for its first lines: the envelope's sender, and the bytes
    sender TEXT NOT NULL,
    content BLOB NOT NULL,
    -- what channels other than mail get
    short_title TEXT NOT NULL,
    short_text TEXT NOT NULL
);
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
ALTER TABLE deliveries ADD COLUMN told_in INTEGER REFERENCES editions(id);
CREATE INDEX deliveries_open ON deliveries(status, next_try) WHERE next_try IS NOT NULL;
CREATE TABLE pruned (
    key INTEGER PRIMARY KEY,
    content INTEGER NOT NULL,
    first_seen TEXT NOT NULL
);
CREATE INDEX deliveries_untold ON deliveries(edition_id)
    WHERE told_in IS NULL AND status IN ('refused', 'expired', 'unknown');
CREATE TABLE outlines (
    source_id TEXT PRIMARY KEY REFERENCES sources(id) ON DELETE CASCADE,
    rules_version TEXT NOT NULL,
    -- only `monitor.parse.outline` knows what is in it
    marks BLOB NOT NULL,
    -- for each entry the id of its item, or 0: no foreign keys, for items may be pruned
    items TEXT NOT NULL
);
CREATE INDEX editions_digest ON editions(digest);
CREATE INDEX editions_dated ON editions(digest, local_date);

INSERT INTO _sqlite_migrations VALUES
    (1, 'monitor', 'm001_initial', '2026-01-20 08:00:00.000000+00:00'),
    (2, 'monitor', 'm002_labels', '2026-01-25 08:00:00.000000+00:00'),
    (3, 'monitor', 'm003_pages', '2026-01-26 08:00:00.000000+00:00'),
    (4, 'monitor', 'm004_stories', '2026-01-27 08:00:00.000000+00:00'),
    (5, 'monitor', 'm005_outbox', '2026-01-28 08:00:00.000000+00:00'),
    (6, 'monitor', 'm006_pruned_and_told', '2026-01-29 08:00:00.000000+00:00'),
    (7, 'monitor', 'm007_outlines_and_indexes', '2026-01-29 08:00:01.000000+00:00');
INSERT INTO meta VALUES
    ('first_poll', '2026-01-28T06:00:00Z');
INSERT INTO sources VALUES
    ('gazette', 'Gazette', 'The Gazette', 'uk-media', 'https://gazette.example/feed', NULL, 1, 0, '', 'W/"7"', NULL, NULL, NULL, '2026-01-29T08:00:00Z', '2026-01-29T08:00:00Z', NULL, 0, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 0),
    ('fcdo', 'Foreign Office', 'GOV.UK', 'official-uk', 'https://www.gov.uk/search/news-and-communications.atom', NULL, 1, 1, '', NULL, NULL, NULL, NULL, '2026-01-29T08:00:00Z', '2026-01-29T08:00:00Z', NULL, 0, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 0);
INSERT INTO items VALUES
    (1, 'Envoy opens the Chinese consulate in Leeds', 'The Gazette', 'uk-media', '2026-01-28T05:00:00Z', NULL, '2026-01-28T06:00:00Z', 1, 6.0, 'diplomacy', '["diplomacy"]', '6 points, 3 needed', 'https://gazette.example/1', 'https://gazette.example/1', 'gazette', '1', 'en', 1, 'rules1', 'a1', '[["uk",3.0],["china",3.0]]', '[{"role":"china","topic":null,"term":"Chinese","field":"title","text":"Chinese","where":"title","start":16,"points":3.0}]', 'The building had stood empty.', '', 0),
    (2, 'Leeds mends its bins', 'The Gazette', 'uk-media', NULL, NULL, '2026-01-28T06:00:00Z', 0, 0.0, NULL, '[]', 'no term of the UK or of China', 'https://gazette.example/2', 'https://gazette.example/2', 'gazette', '2', 'en', 1, 'rules1', 'a2', '[]', '[]', '', 'At last.', 0),
    (3, 'UK and China agree on steel', 'The Gazette', 'uk-media', NULL, NULL, '2026-01-29T06:00:00Z', 1, 6.0, 'trade', '["trade"]', '6 points, 3 needed', 'https://gazette.example/3', 'https://gazette.example/3', 'gazette', '3', 'en', 1, 'rules1', 'a3', '[]', '[]', 'Quotas stay.', '', 0),
    (4, 'Export controls: China', 'GOV.UK', 'official-uk', NULL, '2026-01-29T07:00:00Z', '2026-01-28T06:00:00Z', 1, 6.0, 'trade', '["trade"]', '6 points, 3 needed', 'https://www.gov.uk/guidance/export-controls-china', 'https://www.gov.uk/guidance/export-controls-china', 'fcdo', 'tag:www.gov.uk,2005:/guidance/export-controls-china', 'en', 2, 'rules1', 'a4', '[]', '[]', 'What needs a licence.', '', 0),
    (5, 'Minister in Shanghai', 'GOV.UK', 'official-uk', NULL, '2026-01-29T07:30:00Z', '2026-01-29T08:00:00Z', 1, 6.0, 'diplomacy', '["diplomacy"]', '6 points, 3 needed', 'https://www.gov.uk/government/news/shanghai', 'https://www.gov.uk/government/news/shanghai', 'fcdo', 'tag:www.gov.uk,2005:/government/news/shanghai', 'en', 1, 'rules1', 'a5', '[]', '[]', 'Two days of talks.', '', 0);
INSERT INTO sightings VALUES
    ('fcdo', 4, 'tag:www.gov.uk,2005:/guidance/export-controls-china', '2026-01-28T06:00:00Z', '2026-01-28T06:00:00Z'),
    ('fcdo', 5, 'tag:www.gov.uk,2005:/government/news/shanghai', '2026-01-29T08:00:00Z', '2026-01-29T08:00:00Z'),
    ('gazette', 1, '1', '2026-01-28T06:00:00Z', '2026-01-28T06:00:00Z'),
    ('gazette', 2, '2', '2026-01-28T06:00:00Z', '2026-01-28T06:00:00Z'),
    ('gazette', 3, '3', '2026-01-29T06:00:00Z', '2026-01-29T06:00:00Z');
INSERT INTO revisions VALUES
    (4, 2, '2026-01-29T08:00:00Z', 'updated', 'Export controls: China', 'Export controls: China', 'What needs a licence.', 'Added the new customs codes.', '2026-01-29T07:00:00Z');
INSERT INTO editions VALUES
    (1, 'daily', '2026-01-28', 'UK-China daily', '2026-01-28', '2026-01-27T08:30:00Z', '2026-01-28T08:30:00Z', '2026-01-28', '2026-01-28T08:30:00Z', 'Two stories', 2, 2, 3, 'rules1', 1, 'text', '<p>page</p>', '{}', '', ''),
    (2, 'daily', '2026-01-29', 'UK-China daily', '2026-01-29', '2026-01-28T08:30:00Z', '2026-01-29T08:30:00Z', '2026-01-29', '2026-01-29T08:30:00Z', 'Two stories', 2, 3, 2, 'rules1', 1, 'text', '<p>page</p>', '{}', '', ''),
    (3, 'weekly', '2026-01-29', 'UK-China weekly', '2026-01-29', '2026-01-22T08:30:00Z', '2026-01-29T08:30:00Z', '2026-01-29', '2026-01-29T08:30:01Z', '3 stories', 3, 4, 5, 'rules1', 1, 'text', '<p>page</p>', '{}', '', '');
INSERT INTO edition_items VALUES
    (1, 1, 'daily', 1, 's1'),
    (1, 4, 'daily', 1, 's4'),
    (2, 5, 'daily', 1, 's3'),
    (2, 3, 'daily', 1, 's3'),
    (2, 4, 'daily', 2, 's4'),
    (3, 5, 'weekly', 1, 's1'),
    (3, 1, 'weekly', 1, 's1'),
    (3, 3, 'weekly', 1, 's3'),
    (3, 4, 'weekly', 2, 's4');
INSERT INTO outgoing VALUES
    (2, 'monitor@example.org', CAST('Subject: Two stories' || char(13, 10, 13, 10) || 'text' AS BLOB), 'UK-China daily', 'Two stories');
INSERT INTO deliveries VALUES
    (1, 2, 'mail', 'a@example.org', 1, 'sent', 1, 0, '2026-01-29T08:30:00Z', '2026-01-29T08:30:02Z', NULL, '<1.a@example.org>', 'a@example.org', '', CAST('To: a@example.org' || char(13, 10) AS BLOB), NULL),
    (2, 2, 'mail', 'b@example.org', 1, 'pending', 1, 0, '2026-01-29T08:30:00Z', '2026-01-29T08:30:03Z', '2026-01-29T08:31:03Z', '<1.b@example.org>', 'b@example.org', 'the server was busy', CAST('To: b@example.org' || char(13, 10) AS BLOB), NULL);
INSERT INTO pruned VALUES
    (6820144287137246121, -2711048112853017412, '2025-10-01T06:00:00Z');
INSERT INTO labels VALUES
    (4, 1, '["trade"]', '2026-01-29T09:00:00Z');
INSERT INTO pages VALUES
    (4, 'live', 'Guidance', '[]', '2024-01-29T07:00:00Z', '2026-01-29T07:00:00Z', 'updated', 'Added the new customs codes.', '2026-01-29T07:00:00Z', '', '', '4f8c', '2026-01-29T08:00:00Z', 'a4', NULL, 0, '', NULL, NULL, '', '', '[]', NULL);
INSERT INTO notices VALUES
    (1, 'gazette', 'Gazette', '2026-01-28T12:00:00Z', 'fault', 'failing', 'It has failed 12 times.');
INSERT INTO stories VALUES
    ('s1', 'Envoy opens the Chinese consulate in Leeds', 'diplomacy', '2026-01-28T06:00:00Z', '2026-01-28T06:00:00Z', '["diplomacy"]'),
    ('s4', 'Export controls: China', 'trade', '2026-01-28T06:00:00Z', '2026-01-28T06:00:00Z', '["trade"]'),
    ('s3', 'Minister in Shanghai', 'diplomacy', '2026-01-29T06:00:00Z', '2026-01-29T08:00:00Z', '["diplomacy","trade"]');
INSERT INTO story_items VALUES
    (1, 's1', '2026-01-28T08:30:00Z', ''),
    (3, 's3', '2026-01-29T08:30:00Z', 'an earlier edition has shown them together'),
    (4, 's4', '2026-01-28T08:30:00Z', ''),
    (5, 's3', '2026-01-29T08:30:00Z', '');
INSERT INTO edition_stories VALUES
    (1, 's1', 'Envoy opens the Chinese consulate in Leeds'),
    (1, 's4', 'Export controls: China'),
    (2, 's3', 'Minister in Shanghai'),
    (2, 's4', 'Export controls: China'),
    (3, 's1', 'Envoy opens the Chinese consulate in Leeds'),
    (3, 's3', 'Minister in Shanghai'),
    (3, 's4', 'Export controls: China');
INSERT INTO outlines VALUES
    ('gazette', 'rules1', x'01', '[3]');
INSERT INTO items_fts (rowid, title, summary, text) SELECT id, title, summary, text FROM items;
