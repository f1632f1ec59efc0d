"""I/O: reads what the archive's pages are made of: editions that were shown, and the stories in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path

from ..models import Filed, Judged, Published, Revised, Showing, StoryLine, Told, Update, lead_first
from . import editions, stories
from .columns import light_columns, to_judged
from .connection import day as read_day
from .connection import from_json, id_list, moment, moment_or_none, reading, rows, value
from .database import Database

_WRITTEN = "editions.written = 1"
"""Editions that readers have before them: neither those still to be written nor those shown nowhere."""


class ArchiveReader:
    """An open database, for the archive. Raises as Store does."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db = db
        self._path = path

    def last_edition_id(self) -> int:
        """The id of the last edition that was shown; 0 where there is none."""
        with reading(self._db, self._path) as db:
            return int(value(db, f"SELECT coalesce(max(id), 0) FROM editions WHERE {_WRITTEN}"))  # noqa: S608 - our own text

    def editions(self) -> tuple[Published, ...]:
        """All editions that were shown, newest first; of their messages the subjects, without deliveries."""
        with reading(self._db, self._path) as db:
            return editions.shown(db)

    def filed(self) -> tuple[Filed, ...]:
        """All stories that an edition has shown, those last that were shown first of all."""
        with reading(self._db, self._path) as db:
            return _filed(db)

    def touched(self, after: int) -> frozenset[str]:
        """The stories that an edition with an id above `after` has shown, or brought a report to."""
        with reading(self._db, self._path) as db:
            return _touched(db, after)

    def lines(self, filed: Collection[Filed]) -> tuple[StoryLine, ...]:
        """These stories as lines of a list, in their order; those of which nothing is left are left out."""
        with reading(self._db, self._path) as db:
            return _lines(db, filed)

    def told(self, filed: Collection[Filed]) -> tuple[Told, ...]:
        """These stories with all that has become of them, in their order; as `lines` leaves some out."""
        with reading(self._db, self._path) as db:
            return _told(db, filed)


def _filed(db: Database) -> tuple[Filed, ...]:
    found = rows(
        db,
        f"""
        SELECT stories.id, stories.topics, shown.last_edition, editions.local_date
        FROM (
            SELECT story_id, min(edition_id) AS first_edition, max(edition_id) AS last_edition
            FROM (
                SELECT item_id, min(edition_id) AS edition_id
                FROM edition_items JOIN editions ON editions.id = edition_id
                WHERE {_WRITTEN} GROUP BY item_id, revision
            ) AS told
                JOIN story_items ON story_items.item_id = told.item_id
            GROUP BY story_items.story_id
        ) AS shown
            JOIN stories ON stories.id = shown.story_id
            JOIN editions ON editions.id = shown.first_edition
        ORDER BY editions.local_date DESC, length(stories.id) DESC, stories.id DESC
        """,  # noqa: S608 - our own text
    )
    return tuple(
        Filed(
            id=row["id"],
            topics=tuple(from_json(row["topics"])),
            day=read_day(row["local_date"]),
            last_edition=row["last_edition"],
        )
        for row in found
    )


def _touched(db: Database, after: int) -> frozenset[str]:
    found = rows(
        db,
        """
        SELECT story_id FROM edition_stories WHERE edition_id > :after
        UNION
        SELECT story_id FROM story_items
        WHERE joined >= (SELECT min(created) FROM editions WHERE id > :after)
        """,
        {"after": after},
    )
    return frozenset(row["story_id"] for row in found)


def _lines(db: Database, filed: Collection[Filed]) -> tuple[StoryLine, ...]:
    found = rows(
        db,
        f"SELECT {light_columns()}, story_items.story_id FROM {stories.MEMBERS_SHOWN}",  # noqa: S608 - our own text
        [id_list(one.id for one in filed)],
    )
    members: defaultdict[str, list[Judged]] = defaultdict(list)
    for row in found:
        members[row["story_id"]].append(to_judged(row, with_matches=False))
    return tuple(_line(one, sorted(members[one.id], key=lead_first)) for one in filed if one.id in members)


def _line(filed: Filed, members: Sequence[Judged]) -> StoryLine:
    lead = members[0].item
    outlets = dict.fromkeys(judged.outlet for judged in members)
    return StoryLine(filed, lead.title, lead.lang, tuple(outlets), len(members))


def _told(db: Database, filed: Collection[Filed]) -> tuple[Told, ...]:
    ids = [one.id for one in filed]
    whole = {story.id: story for story in stories.whole(db, ids)}
    showings, changes = _showings(db, ids), _changes(db, ids)
    return tuple(
        Told(one, whole[one.id], tuple(showings[one.id]), tuple(changes[one.id]))
        for one in filed
        if one.id in whole
    )


def _showings(db: Database, ids: Collection[str]) -> dict[str, list[Showing]]:
    found = rows(
        db,
        f"""
        SELECT story_items.story_id, edition_items.edition_id, edition_items.item_id, edition_items.revision
        FROM story_items
            JOIN edition_items ON edition_items.item_id = story_items.item_id
            JOIN editions ON editions.id = edition_items.edition_id
        WHERE story_items.story_id IN (SELECT value FROM json_each(?)) AND {_WRITTEN}
        ORDER BY edition_items.edition_id, edition_items.item_id, edition_items.revision
        """,  # noqa: S608 - our own text
        [id_list(ids)],
    )
    told: defaultdict[str, dict[int, list[tuple[int, int]]]] = defaultdict(dict)
    for row in found:
        told[row["story_id"]].setdefault(row["edition_id"], []).append((row["item_id"], row["revision"]))
    shown = {one.id: one.edition for one in editions.shown(db, {row["edition_id"] for row in found})}
    return defaultdict(
        list,
        {
            story_id: [Showing(shown[id_], tuple(pairs)) for id_, pairs in by_edition.items()]
            for story_id, by_edition in told.items()
        },
    )


def _changes(db: Database, ids: Collection[str]) -> dict[str, list[Revised]]:
    found = rows(
        db,
        """
        SELECT story_items.story_id, revisions.item_id, revisions.revision, revisions.at, revisions.what,
            revisions.old_title, revisions.note, revisions.note_at
        FROM story_items JOIN revisions ON revisions.item_id = story_items.item_id
        WHERE story_items.story_id IN (SELECT value FROM json_each(?))
        ORDER BY revisions.at, revisions.item_id, revisions.revision
        """,
        [id_list(ids)],
    )
    changes: defaultdict[str, list[Revised]] = defaultdict(list)
    for row in found:
        update = Update(
            at=moment(row["at"]),
            what=row["what"],
            old_title=row["old_title"],
            note=row["note"],
            note_at=moment_or_none(row["note_at"]),
        )
        changes[row["story_id"]].append(Revised(row["item_id"], row["revision"], update))
    return changes
