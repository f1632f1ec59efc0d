"""I/O: a page of GOV.UK that has got a new address: its two items become one, the older.

Feeds give a renamed page as a new entry under a new address; nothing in them says that the old one redirects
to it. What stays is the page's own id, which the Content API gives.
"""

from __future__ import annotations

import sqlite3

from ..models import PageState
from .connection import id_list, rows
from .database import Database

_TAKEN = (
    "title, summary, text, url, guid, lang, published, updated, content_hash, source_id, outlet, "
    "names_outlet, kind, relevant, score, topic, topics, reason, rules_version, parts, matches"
)
"""What the older item takes from the newer: all that its page now is, and the verdict on it."""


def join_moved(db: Database, state: PageState, at: str) -> None:
    """Join the item of a look-up with the one that had the page under another address, if there is one.

    A newer item that an edition has shown, or that an analyst has labelled, stays: it is known by its number.
    The caller holds the transaction.
    """
    if state.page is None or not state.page.content_id:
        return
    found = rows(
        db,
        """
        SELECT items.*, pages.public_updated FROM pages JOIN items ON items.id = pages.item_id
        WHERE pages.content_id = ? AND pages.content_id <> '' ORDER BY items.id
        """,
        [state.page.content_id],
    )
    locale = next((_locale(row["key"]) for row in found if row["id"] == state.item_id), "")
    found = [row for row in found if _locale(row["key"]) == locale]
    if len(found) < 2:
        return
    older, newer = found[0], found[-1]
    if rows(
        db,
        """
        SELECT 1 FROM edition_items WHERE item_id = ?1
        UNION ALL SELECT 1 FROM labels WHERE item_id = ?1
        """,
        [newer["id"]],
    ):
        return
    _unindex(db, older, newer)
    _carry_over(db, older, newer, at)
    _index(db, older["id"])


def _locale(key: str) -> str:
    """The ending of a translation's address, such as ".zh-hk"; "" in English. All have their page's one id.

    GOV.UK's other addresses have no dot.
    """
    name = key.rpartition("/")[2]
    return name[name.index(".") :] if "." in name else ""


def _carry_over(db: Database, older: sqlite3.Row, newer: sqlite3.Row, at: str) -> None:
    ids = {"old": older["id"], "new": newer["id"]}
    is_update = (newer["public_updated"] or "") > (older["public_updated"] or "")
    if is_update:
        db.execute(
            """
            INSERT INTO revisions (item_id, revision, at, what, title, old_title, old_summary, note, note_at)
            SELECT :old, :revision, :at, 'updated', :title, :old_title, :old_summary, note, note_at
            FROM pages WHERE item_id = :new
            """,
            ids
            | {
                "revision": older["revision"] + 1,
                "at": at,
                "title": newer["title"],
                "old_title": older["title"],
                "old_summary": older["summary"],
            },
        )
    for sql in (
        """
        INSERT INTO sightings (source_id, item_id, guid, first_seen, last_seen)
        SELECT source_id, :old, guid, first_seen, last_seen FROM sightings WHERE item_id = :new
        ON CONFLICT (source_id, item_id) DO UPDATE SET guid = excluded.guid, last_seen = excluded.last_seen
        """,
        """
        UPDATE sightings SET matched = (SELECT relevant FROM items WHERE items.id = item_id)
        WHERE item_id = :old
        """,
        "UPDATE aliases SET item_id = :old WHERE item_id = :new",
        "UPDATE OR IGNORE story_items SET item_id = :old WHERE item_id = :new",
        "INSERT OR REPLACE INTO aliases (key, item_id) SELECT key, id FROM items WHERE id = :old",
        "DELETE FROM pages WHERE item_id = :old",
        "UPDATE pages SET item_id = :old WHERE item_id = :new",
        "DELETE FROM items WHERE id = :new",
        "DELETE FROM stories WHERE id NOT IN (SELECT story_id FROM story_items)",
    ):
        db.execute(sql, ids)
    names = [name.strip() for name in _TAKEN.split(",")]
    assignments = ", ".join(f"{name} = :{name}" for name in [*names, "key", "revision"])
    values = {name: newer[name] for name in [*names, "key"]}
    values |= {"revision": older["revision"] + is_update, "id": older["id"]}
    db.execute(f"UPDATE items SET {assignments} WHERE id = :id", values)  # noqa: S608 - our own names


def _unindex(db: Database, *items: sqlite3.Row) -> None:
    # An external-content index must be told the old words exactly (https://www.sqlite.org/fts5.html, 4.4.3).
    db.execute(
        """
        INSERT INTO items_fts (items_fts, rowid, title, summary, text)
        SELECT 'delete', id, title, summary, text FROM items WHERE id IN (SELECT value FROM json_each(?))
        """,
        [id_list(item["id"] for item in items)],
    )


def _index(db: Database, item_id: int) -> None:
    db.execute(
        """
        INSERT INTO items_fts (rowid, title, summary, text)
        SELECT id, title, summary, text FROM items WHERE id = ?
        """,
        [item_id],
    )
