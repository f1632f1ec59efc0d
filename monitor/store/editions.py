"""I/O: editions, the items they claim, and the bytes they are made of."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from ..models import NOTHING_GOES_OUT, Delivery, Edition, Message, Outgoing, Published, Story
from . import outbox
from . import stories as remembering
from .connection import StoreError, day, id_list, moment, rows, stamp, value
from .database import Database

BYTES = ("text", "html", "json", "mail_html", "mail_text")
"""The columns of a rendered edition, named as in Message; nobody needs them in a list."""
NEVER_WRITTEN = 2
"""In `written`: 0 its files are to be written, 1 they are, 2 they never will be (when_empty: skip)."""
LIGHT_COLUMNS = (
    "id, digest, name, title, slot, window_start, window_end, local_date, "
    "subject, stories, items, rules_version, written"
)


class AlreadyPublished(StoreError):  # noqa: N818 - an answer rather than a fault: the work is done
    """An edition has this slot, this name or these items already. Nothing was written."""

    exit_code = 75


def publish(
    db: Database,
    edition: Edition,
    message: Message,
    stories: Sequence[Story],
    *,
    now: datetime,
    rules_version: str,
    looked_at: int,
    outgoing: Outgoing = NOTHING_GOES_OUT,
    told: Collection[int] = (),
    grouped: Sequence[Story] = (),
    is_shown: bool = True,
) -> Published:
    """Write an edition with its claims, its bytes and its mails to send. The caller holds the transaction.

    One that is not `is_shown` answers its slot, and its files are never written.
    Raises AlreadyPublished where the slot, the name or one of the items is taken within the digest, and where
    another edition has put one of the items into another story meanwhile.
    """
    claims = [(judged, story.id) for story in stories for judged in story.items]
    _refuse_taken(db, edition, {judged.id: judged.revision for judged, _ in claims})
    _refuse_regrouped(db, {judged.id: story_id for judged, story_id in claims})
    remembering.remember(db, [*grouped, *stories], stamp(now))
    values = {
        "digest": edition.digest,
        "name": edition.name,
        "title": edition.title,
        "slot": edition.slot,
        "window_start": stamp(edition.start),
        "window_end": stamp(edition.end),
        "local_date": edition.local_date.isoformat(),
        "created": stamp(now),
        "stories": len(stories),
        "items": len(claims),
        "looked_at": looked_at,
        "rules_version": rules_version,
        "subject": message.subject,
        "written": 0 if is_shown else NEVER_WRITTEN,
        **{name: getattr(message, name) for name in BYTES},
    }
    places = ", ".join(f":{name}" for name in values)
    db.execute(f"INSERT INTO editions ({', '.join(values)}) VALUES ({places})", values)  # noqa: S608 - our names
    edition_id = int(value(db, "SELECT last_insert_rowid()"))
    db.conn.executemany(
        "INSERT INTO edition_items (edition_id, item_id, digest, revision, story_id) VALUES (?, ?, ?, ?, ?)",
        [(edition_id, judged.id, edition.digest, judged.revision, story_id) for judged, story_id in claims],
    )
    db.conn.executemany(
        "INSERT INTO edition_stories (edition_id, story_id, title) VALUES (?, ?, ?)",
        [(edition_id, story.id, story.lead.item.title) for story in stories],
    )
    outbox.queue(db, edition_id, outgoing, now)
    if is_shown:
        outbox.mark_told(db, told, edition_id)
    return _full(db, "WHERE id = ?", [edition_id])[0]


def _refuse_taken(db: Database, edition: Edition, revisions: Mapping[int, int]) -> None:
    taken = rows(
        db,
        "SELECT name, slot FROM editions WHERE digest = ? AND (slot = ? OR name = ?)",
        [edition.digest, edition.slot, edition.name],
    )
    if taken:
        raise AlreadyPublished(
            f"{edition.digest} has an edition {taken[0]['name']} already"
            + (f" for {taken[0]['slot']}" if taken[0]["slot"] else "")
        )
    claimed = rows(
        db,
        """
        SELECT item_id, revision FROM edition_items
        WHERE digest = ? AND item_id IN (SELECT value FROM json_each(?))
        """,
        [edition.digest, id_list(revisions)],
    )
    twice = [row["item_id"] for row in claimed if row["revision"] == revisions[row["item_id"]]]
    if twice:
        raise AlreadyPublished(
            f"another edition of {edition.digest} has shown {len(twice)} of the items meanwhile; "
            "compose it again"
        )


def _refuse_regrouped(db: Database, homes: Mapping[int, str]) -> None:
    known = remembering.memberships(db, homes)
    moved = [id_ for id_, member in known.items() if member.story_id != homes[id_]]
    if moved:
        raise AlreadyPublished(
            f"another edition has put {len(moved)} of the items into other stories meanwhile; "
            "compose it again"
        )


def mark_written(db: Database, edition_id: int) -> None:
    """Note that an edition's files are in their folder."""
    db.execute("UPDATE editions SET written = 1 WHERE id = ?", [edition_id])


def unwritten(db: Database) -> tuple[Published, ...]:
    """Editions whose files are not known to be written, oldest first, with their bytes."""
    return _full(db, "WHERE written = 0 ORDER BY id")


def edition(db: Database, edition_id: int) -> Published | None:
    """One edition with its bytes."""
    return next(iter(_full(db, "WHERE id = ?", [edition_id])), None)


def edition_for_slot(db: Database, digest: str, slot: str) -> Published | None:
    """The edition that answers a scheduled run, with its bytes."""
    return next(iter(_full(db, "WHERE digest = ? AND slot = ?", [digest, slot])), None)


def edition_named(db: Database, digest: str, name: str) -> Published | None:
    """The edition of a digest with this folder name, with its bytes."""
    return next(iter(_full(db, "WHERE digest = ? AND name = ?", [digest, name])), None)


def last_edition(db: Database, digest: str) -> Published | None:
    """The latest edition of a digest, light: of its message the subject only."""
    return next(iter(_light(db, "WHERE digest = ? ORDER BY id DESC LIMIT 1", [digest])), None)


def last_edition_with_items(db: Database, digest: str) -> Published | None:
    """The latest edition that was not empty, light."""
    return next(iter(_light(db, "WHERE digest = ? AND items > 0 ORDER BY id DESC LIMIT 1", [digest])), None)


def editions(db: Database, digest: str | None = None, *, limit: int = 100) -> tuple[Published, ...]:
    """Editions of one digest or of all, latest first, light."""
    return _light(db, "WHERE ?1 IS NULL OR digest = ?1 ORDER BY id DESC LIMIT ?2", [digest, limit])


def shown(db: Database, ids: Collection[int] | None = None) -> tuple[Published, ...]:
    """Editions whose files are written, all or those with these ids, newest first; light, no deliveries."""
    found = rows(
        db,
        f"""
        SELECT {LIGHT_COLUMNS} FROM editions
        WHERE written = 1 AND (? OR id IN (SELECT value FROM json_each(?)))
        ORDER BY local_date DESC, id DESC
        """,  # noqa: S608 - our own names
        [ids is None, id_list(ids or ())],
    )
    return tuple(_as_published(row, ()) for row in found)


def editions_of(db: Database, item_id: int) -> tuple[Published, ...]:
    """The editions that have shown an item, in the order they came out, light."""
    return _light(
        db, "WHERE id IN (SELECT edition_id FROM edition_items WHERE item_id = ?) ORDER BY id", [item_id]
    )


def edition_names(db: Database, digest: str, local_date: date) -> tuple[str, ...]:
    """The names that a digest's editions of one day have, in the order they came out."""
    found = rows(
        db,
        "SELECT name FROM editions WHERE digest = ? AND local_date = ? ORDER BY id",
        [digest, local_date.isoformat()],
    )
    return tuple(row["name"] for row in found)


def _full(db: Database, where: str, parameters: Sequence[object] = ()) -> tuple[Published, ...]:
    return _published(db, rows(db, f"SELECT * FROM editions {where}", parameters))  # noqa: S608 - our own text


def _light(db: Database, where: str, parameters: Sequence[object]) -> tuple[Published, ...]:
    return _published(db, rows(db, f"SELECT {LIGHT_COLUMNS} FROM editions {where}", parameters))  # noqa: S608 - our own text


def _published(db: Database, found: list[sqlite3.Row]) -> tuple[Published, ...]:
    deliveries = outbox.of_editions(db, id_list(row["id"] for row in found))
    return tuple(_as_published(row, tuple(deliveries.get(row["id"], ()))) for row in found)


def _as_published(row: sqlite3.Row, deliveries: tuple[Delivery, ...]) -> Published:
    return Published(
        id=row["id"],
        edition=_edition(row),
        message=_message(row),
        stories=row["stories"],
        items=row["items"],
        written=bool(row["written"]),
        deliveries=deliveries,
        rules_version=row["rules_version"],
    )


def _edition(row: sqlite3.Row) -> Edition:
    return Edition(
        digest=row["digest"],
        title=row["title"],
        start=moment(row["window_start"]),
        end=moment(row["window_end"]),
        local_date=day(row["local_date"]),
        slot=row["slot"],
        name=row["name"],
    )


def _message(row: sqlite3.Row) -> Message:
    is_light = "html" not in row.keys()  # noqa: SIM118 - `in` on a sqlite3.Row asks for values
    return Message(row["subject"], **{name: "" if is_light else row[name] for name in BYTES})
