"""I/O: stories that outlive their editions: who belongs to which, and where each was shown.

An item has at most one story, the first that it was given, whatever edition asked; two stories never become
one. Reports that no edition has shown are members too, so that it does not matter which digest comes first.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ..models import DigestSpec, Earlier, Judged, Story, lead_first
from . import pages, pending
from .columns import light_columns, to_json, to_judged
from .connection import day, from_json, id_list, rows, stamp, stamp_or_none
from .database import Database

BEGAN = "the story began with this report"
"""Said of the report that led a story at first and no longer does, which has no other reason to be in it."""

MEMBERS_SHOWN = """
    story_items JOIN items ON items.id = story_items.item_id
    WHERE story_items.story_id IN (SELECT value FROM json_each(?))
        AND (items.relevant OR items.id IN (SELECT item_id FROM edition_items))
"""


@dataclass(frozen=True, slots=True)
class Member:
    """The story that an item belongs to."""

    story_id: str
    why: str
    """What it shares with the story, in a sentence; "" for the report that led it at the beginning."""


def remember(db: Database, stories: Iterable[Story], at: str) -> None:
    """Write who belongs to which story; an item that has a story keeps it. The caller holds the transaction.

    `stories` may hold only the reports that came now.
    """
    found = list(stories)
    db.conn.executemany(
        "INSERT OR IGNORE INTO stories (id, title, topic, first_seen, last_seen) VALUES (?, '', NULL, ?, ?)",
        [(story.id, at, at) for story in found],
    )
    db.conn.executemany(
        "INSERT OR IGNORE INTO story_items (item_id, story_id, joined, why) VALUES (?, ?, ?, ?)",
        [
            (judged.id, story.id, at, why)
            for story in found
            for judged, why in zip(story.items, story.reasons, strict=True)
        ],
    )
    ids = [story.id for story in found]
    # Another process may have given all of its reports to other stories meanwhile.
    db.execute(
        """
        DELETE FROM stories
        WHERE id IN (SELECT value FROM json_each(?)) AND id NOT IN (SELECT story_id FROM story_items)
        """,
        [id_list(ids)],
    )
    _refresh(db, ids)


def forget(db: Database, item_ids: Collection[int]) -> None:
    """Take items out of their stories, and delete what is left without a report.

    Not for a story that an edition has shown: that keeps what it has. The caller holds the transaction.
    """
    found = rows(
        db,
        """
        SELECT DISTINCT story_id FROM story_items
        WHERE item_id IN (SELECT value FROM json_each(?)) ORDER BY story_id
        """,
        [id_list(item_ids)],
    )
    if not found:
        return
    ids = [row["story_id"] for row in found]
    db.execute(
        "DELETE FROM story_items WHERE item_id IN (SELECT value FROM json_each(?))", [id_list(item_ids)]
    )
    db.execute(
        """
        DELETE FROM stories
        WHERE id IN (SELECT value FROM json_each(?)) AND id NOT IN (SELECT story_id FROM story_items)
        """,
        [id_list(ids)],
    )
    _refresh(db, ids)


def _refresh(db: Database, ids: Collection[str]) -> None:
    members = _members(db, ids)
    values = []
    for id_, items in members.items():
        lead = items[0]
        seen = [stamp(judged.first_seen) for judged in items]
        topics = dict.fromkeys(topic for judged in items for topic in judged.verdict.topics)
        primary = next(iter(lead.verdict.topics), None)
        values.append((lead.item.title, primary, to_json([*topics]), min(seen), max(seen), id_))
    db.conn.executemany(
        "UPDATE stories SET title = ?, topic = ?, topics = ?, first_seen = ?, last_seen = ? WHERE id = ?",
        values,
    )


def _members(db: Database, ids: Collection[str]) -> dict[str, list[Judged]]:
    """All reports of these stories, light, the one to lead with first."""
    found = rows(
        db,
        f"""
        SELECT {light_columns()}, story_items.story_id
        FROM story_items JOIN items ON items.id = story_items.item_id
        WHERE story_items.story_id IN (SELECT value FROM json_each(?))
        """,  # noqa: S608 - our own names
        [id_list(ids)],
    )
    members: defaultdict[str, list[Judged]] = defaultdict(list)
    for row in found:
        members[row["story_id"]].append(to_judged(row, with_matches=False))
    return {id_: sorted(items, key=lead_first) for id_, items in members.items()}


def without_story(db: Database, digests: Sequence[DigestSpec] | None = None) -> tuple[Judged, ...]:
    """Relevant items that no edition has put into a story yet, by first seen; light, for grouping.

    `digests`: only items that one of these wants.
    """
    asked = pending.in_json(digests or ())
    is_wanted = f"EXISTS (SELECT 1 FROM json_each(:digests) AS digest WHERE {pending.WANTED})"  # noqa: S608 - our own text
    candidates, condition = (
        (pending.ALL, "TRUE") if digests is None else (pending.candidates(db, from_json(asked)), is_wanted)
    )
    found = rows(
        db,
        f"""
        SELECT {light_columns()} FROM items
        -- Their ids alone first, from the index: SQLite would read all items in the order that is asked for.
        WHERE id IN (
            SELECT items.id FROM {candidates}
            WHERE items.relevant = 1 AND {condition}
                AND NOT EXISTS (SELECT 1 FROM story_items WHERE story_items.item_id = items.id)
        )
        ORDER BY first_seen, id
        """,  # noqa: S608 - our own names
        {"digests": asked},
    )
    return tuple(to_judged(row, with_matches=False) for row in found)


def memberships(db: Database, item_ids: Collection[int]) -> dict[int, Member]:
    """The stories of these items, by item id; those without one are left out."""
    found = rows(
        db,
        "SELECT item_id, story_id, why FROM story_items WHERE item_id IN (SELECT value FROM json_each(?))",
        [id_list(item_ids)],
    )
    return {row["item_id"]: Member(row["story_id"], row["why"]) for row in found}


def open_stories(db: Database, since: datetime) -> tuple[Story, ...]:
    """Stories with a report first seen at `since` or later, whole, oldest first; light, for grouping."""
    found = rows(
        db,
        "SELECT id FROM stories WHERE last_seen >= ? ORDER BY first_seen, length(id), id",
        [stamp(since)],
    )
    ids = [row["id"] for row in found]
    members = _members(db, ids)
    return tuple(Story(id_, tuple(members[id_])) for id_ in ids if id_ in members)


def story(db: Database, story_id: str) -> Story | None:
    """One story, whole."""
    return next(iter(whole(db, [story_id])), None)


def whole(db: Database, ids: Sequence[str]) -> tuple[Story, ...]:
    """These stories, whole, in the order of the ids; those of which nothing is left are left out."""
    found = rows(
        db,
        f"SELECT items.*, story_items.story_id, story_items.why FROM {MEMBERS_SHOWN}",  # noqa: S608 - our own text
        [id_list(ids)],
    )
    home = {row["id"]: row for row in found}
    members: defaultdict[str, list[Judged]] = defaultdict(list)
    for judged in pages.judged(db, found):
        members[home[judged.id]["story_id"]].append(judged)
    return tuple(_story(id_, members[id_], home) for id_ in ids if id_ in members)


def _story(story_id: str, items: Iterable[Judged], home: dict[int, sqlite3.Row]) -> Story:
    ordered = sorted(items, key=lead_first)
    return Story(story_id, tuple(ordered), tuple(home[one.id]["why"] or BEGAN for one in ordered[1:]))


def shown(
    db: Database, digest: str, story_ids: Collection[str], *, before: datetime | None = None
) -> dict[str, Earlier]:
    """By story id, where a digest has shown a story last; those that it has not are left out.

    `before`: only editions whose window ends then or earlier, and reports first seen before that.
    """
    parameters = {"digest": digest, "ids": id_list(story_ids), "before": stamp_or_none(before)}
    reports = rows(
        db,
        """
        SELECT story_items.story_id, count(DISTINCT story_items.item_id) AS reports
        -- CROSS: in this order; the stories are few, what the digest has shown is all of it
        FROM story_items
            CROSS JOIN items ON items.id = story_items.item_id
            CROSS JOIN edition_items ON edition_items.item_id = story_items.item_id
            CROSS JOIN editions ON editions.id = edition_items.edition_id
        WHERE edition_items.digest = :digest AND story_items.story_id IN (SELECT value FROM json_each(:ids))
            AND (:before IS NULL OR (editions.window_end <= :before AND items.first_seen < :before))
        GROUP BY story_items.story_id
        """,
        parameters,
    )
    counts = {row["story_id"]: row["reports"] for row in reports}
    found = rows(
        db,
        """
        SELECT edition_stories.story_id, editions.name, editions.local_date, edition_stories.title
        FROM edition_stories CROSS JOIN editions ON editions.id = edition_stories.edition_id
        WHERE editions.digest = :digest AND edition_stories.story_id IN (SELECT value FROM json_each(:ids))
            AND (:before IS NULL OR editions.window_end <= :before)
        ORDER BY editions.id
        """,
        parameters,
    )
    return {
        row["story_id"]: Earlier(
            edition=row["name"],
            local_date=day(row["local_date"]),
            title=row["title"],
            reports=counts[row["story_id"]],
        )
        for row in found
        if row["story_id"] in counts
    }


def topic_weeks(db: Database, since: datetime, until: datetime | None = None) -> dict[tuple[str, date], int]:
    """Relevant items first seen in [since, until], by primary topic and the Monday of their week (UTC).

    Items without a topic are left out.
    """
    found = rows(
        db,
        """
        SELECT topic, date(first_seen, '-6 days', 'weekday 1') AS monday, count(*) AS items FROM items
        WHERE relevant = 1 AND topic IS NOT NULL
            AND first_seen >= :since AND (:until IS NULL OR first_seen <= :until)
        GROUP BY topic, monday ORDER BY monday, topic
        """,
        {"since": stamp(since), "until": stamp_or_none(until)},
    )
    return {(row["topic"], day(row["monday"])): row["items"] for row in found}
