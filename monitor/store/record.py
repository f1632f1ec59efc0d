"""I/O: writes what one poll of one source brought."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..models import Assessed, FeedState, Recorded, SourceOutcome
from .changes import Change, Known, change, is_in_its_place, same_words, updated_to_keep
from .columns import content_columns, outlet_columns, verdict_columns
from .connection import id_list, rows, stamp, value
from .database import Database
from .feeds import Origin, note_poll, origin_and_state, save_state
from .identify import Document, identify
from .outlines import save_outline
from .pruned import find_pruned

TITLES_REMEMBERED = 5
"""How many revisions back a headline counts as one that was given already."""
GAPS_JOINED = timedelta(days=2)
"""A gap that is still open after so long a time is not part of a new one."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A known page, the fresh copy of it, and what is to be written."""

    known: Known
    fresh: Assessed
    change: Change

    @property
    def is_relevant(self) -> bool:
        """Whether the page is relevant once this is written."""
        return bool(self.fresh.verdict.relevant if self.change.verdict else self.known.relevant)


def record(db: Database, outcome: SourceOutcome, now: datetime) -> Recorded:
    """Write an outcome: state, items, sightings, revisions, full text. The caller holds the transaction."""
    source, before = origin_and_state(db, outcome.state.source_id)
    at = stamp(now)
    note_poll(db, now)
    unchanged = outcome.unchanged
    if not outcome.assessed:
        _still_there(db, source.id, unchanged, at)
        save_state(db, outcome.state)
        save_outline(db, outcome, {})
        return Recorded()

    identified = identify(db, source.id, outcome.assessed, windowed=outcome.windowed, unchanged=unchanged)
    known = identified.known
    pruned = find_pruned(db, [fresh for key, fresh in identified.document.items() if key not in known])
    # As they were when retention deleted them: known, and nothing to write.
    as_they_were = {key for key, was in pruned.items() if was.is_same(identified.document[key].item)}
    document = {key: fresh for key, fresh in identified.document.items() if key not in as_they_were}
    new = [fresh for key, fresh in document.items() if key not in known]
    changed = _changes(db, document, known, unchanged)
    seen_here = _seen_here(db, source.id, known)
    is_overrun = (
        outcome.windowed
        and not unchanged
        and before.url == outcome.state.url
        and not as_they_were
        and _is_overrun(document, known, seen_here, changed)
        and _has_brought_items(db, source.id)
    )

    first_seen = {key: was.first_seen for key, was in pruned.items()}
    new_ids = _insert(db, source, new, first_seen, at)
    _update(db, source, changed, at)
    _alias(db, known)
    ids = {key: page.id for key, page in known.items()} | new_ids
    # Where a page stands here under its own key and under another, its own speaks.
    own_last = sorted(document, key=lambda key: key not in known or known[key].key == key)
    guids = {ids[key]: document[key].item.guid for key in own_last if ids[key] not in unchanged}
    _sight(db, source.id, guids, at)
    may_match = {
        ids[key]
        for key, fresh in document.items()
        if fresh.verdict.relevant or (key in known and known[key].relevant)
    }
    _note_matches(db, source.id, may_match - seen_here.keys())
    state = outcome.state
    if set(ids.values()) - seen_here.keys():
        state = replace(state, last_new=now)
    _still_there(db, source.id, unchanged, at)
    save_state(db, _with_gap(state, before, now) if is_overrun else state)
    save_outline(db, outcome, ids | dict.fromkeys(as_they_were, 0))

    updated = [one for one in changed if one.change.what]
    relevant = sum(fresh.verdict.relevant for fresh in new) + sum(one.is_relevant for one in updated)
    came = sum(fresh.item.key not in pruned for fresh in new)
    return Recorded(new=came, updated=len(updated), relevant=relevant, overrun=is_overrun)


def _seen_here(db: Database, source_id: str, known: Mapping[str, Known]) -> dict[int, str]:
    """When each known page was last seen in this source before, for those that were."""
    found = rows(
        db,
        """
        SELECT item_id, last_seen FROM sightings
        WHERE source_id = ? AND item_id IN (SELECT value FROM json_each(?))
        """,
        [source_id, id_list(page.id for page in known.values())],
    )
    return {row["item_id"]: row["last_seen"] for row in found}


def _has_brought_items(db: Database, source_id: str) -> bool:
    return bool(value(db, "SELECT EXISTS (SELECT 1 FROM sightings WHERE source_id = ?)", [source_id]))


def _is_overrun(
    document: Document, known: Mapping[str, Known], seen_here: Mapping[int, str], changed: list[Changed]
) -> bool:
    """Whether nothing in a document shows that it reaches back to the one before.

    A page that stood in this source before, and stands where it stood, shows it. One entry is no window.
    """
    news = {one.known.id for one in changed if one.change.what}
    return len(document) > 1 and not any(
        page.id in seen_here
        and is_in_its_place(page, document[key].item, seen_here[page.id], is_news=page.id in news)
        for key, page in known.items()
    )


def _with_gap(state: FeedState, before: FeedState, now: datetime) -> FeedState:
    """The state with the gap from the last good poll until now, and one that is still open joined to it."""
    since = before.last_ok or before.last_new or now
    if before.gap_from and before.gap_to and not before.gap_filled and now - before.gap_to <= GAPS_JOINED:
        since = min(since, before.gap_from)
    return replace(state, gap_from=since, gap_to=now, gap_filled=False)


def _changes(
    db: Database, document: Document, known: Mapping[str, Known], unchanged: Collection[int]
) -> list[Changed]:
    # Where a page stands here under its own key and under another, its own speaks.
    pairs = {
        page.id: (page, document[key])
        for key, page in known.items()
        if key == page.key or (page.key not in document and page.id not in unchanged)
    }
    retitled = [page.id for page, fresh in pairs.values() if not same_words(page.title, fresh.item.title)]
    past = _past_titles(db, retitled)
    decided = [(page, fresh, change(page, fresh, past.get(page.id, []))) for page, fresh in pairs.values()]
    return [Changed(page, fresh, decision) for page, fresh, decision in decided if decision]


def _past_titles(db: Database, ids: list[int]) -> dict[int, list[str]]:
    if not ids:
        return {}
    found = rows(
        db,
        """
        SELECT revisions.item_id, revisions.title, revisions.old_title
        FROM revisions JOIN items ON items.id = revisions.item_id
        WHERE revisions.item_id IN (SELECT value FROM json_each(?))
            AND revisions.revision > items.revision - ?
        """,
        [id_list(ids), TITLES_REMEMBERED],
    )
    titles: dict[int, list[str]] = {}
    for row in found:
        titles.setdefault(row["item_id"], []).extend((row["title"], row["old_title"]))
    return titles


def _insert(
    db: Database, source: Origin, new: list[Assessed], first_seen: Mapping[str, str], at: str
) -> dict[str, int]:
    """`first_seen`, by key, of those that were here before."""
    if not new:
        return {}
    last = value(db, "SELECT coalesce(max(id), 0) FROM items")
    values = [
        {
            "key": fresh.item.key,
            "source_id": source.id,
            "kind": source.kind,
            "first_seen": first_seen.get(fresh.item.key, at),
            **outlet_columns(fresh.item, source.outlet),
            **content_columns(fresh.item),
            **verdict_columns(fresh.verdict),
        }
        for fresh in new
    ]
    columns = ", ".join(values[0])
    places = ", ".join(f":{name}" for name in values[0])
    db.conn.executemany(f"INSERT INTO items ({columns}) VALUES ({places})", values)  # noqa: S608 - our own names
    # NOT INDEXED: by their ids; the index of what is relevant would be read as a whole.
    db.execute(
        "INSERT INTO pending (item_id) SELECT id FROM items NOT INDEXED WHERE id > ? AND relevant = 1", [last]
    )
    # Once for the document and not by a trigger for each row: three times as fast.
    db.execute(
        """
        INSERT INTO items_fts (rowid, title, summary, text)
        SELECT id, title, summary, text FROM items WHERE id > ?
        """,
        [last],
    )
    return {row["key"]: row["id"] for row in rows(db, "SELECT key, id FROM items WHERE id > ?", [last])}


def _update(db: Database, source: Origin, changed: list[Changed], at: str) -> None:
    if not changed:
        return
    ids = id_list(one.known.id for one in changed)
    # An external-content index must be told the old words exactly (https://www.sqlite.org/fts5.html, 4.4.3).
    db.execute(
        """
        INSERT INTO items_fts (items_fts, rowid, title, summary, text)
        SELECT 'delete', id, title, summary, text FROM items WHERE id IN (SELECT value FROM json_each(?))
        """,
        [ids],
    )
    for one in changed:
        _write_change(db, source, one, at)
    db.execute(
        """
        INSERT INTO items_fts (rowid, title, summary, text)
        SELECT id, title, summary, text FROM items WHERE id IN (SELECT value FROM json_each(?))
        """,
        [ids],
    )


def _write_change(db: Database, source: Origin, one: Changed, at: str) -> None:
    known, item = one.known, one.change.item
    values = content_columns(item) | outlet_columns(item, source.outlet)
    values |= {"source_id": source.id, "kind": source.kind, "updated": updated_to_keep(known, item)}
    if known.was_read and not item.text:
        del values["text"]
    if one.change.verdict:
        values |= verdict_columns(one.fresh.verdict)
    if one.change.what:
        values["revision"] = known.revision + 1
        db.execute(
            """
            INSERT INTO revisions (item_id, revision, at, what, title, old_title, old_summary)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [known.id, known.revision + 1, at, one.change.what, item.title, known.title, known.summary],
        )
    if item.key != known.key:
        db.execute("DELETE FROM aliases WHERE key = ?", [item.key])
        db.execute("INSERT INTO aliases (key, item_id) VALUES (?, ?)", [known.key, known.id])
        values["key"] = item.key
    assignments = ", ".join(f"{name} = :{name}" for name in values)
    db.execute(f"UPDATE items SET {assignments} WHERE id = :id", values | {"id": known.id})  # noqa: S608 - our names


def _alias(db: Database, known: Mapping[str, Known]) -> None:
    """Keep the keys that this document uses for pages which are stored under another."""
    db.conn.executemany(
        """
        INSERT OR IGNORE INTO aliases (key, item_id)
        SELECT :key, :id WHERE NOT EXISTS (SELECT 1 FROM items WHERE key = :key)
        """,
        [{"key": key, "id": page.id} for key, page in known.items() if key != page.key],
    )


def _still_there(db: Database, source_id: str, ids: Collection[int], at: str) -> None:
    """Note that pages which stood in this source stand in it still."""
    if ids:
        db.execute(
            """
            UPDATE sightings SET last_seen = ?
            WHERE source_id = ? AND item_id IN (SELECT value FROM json_each(?))
            """,
            [at, source_id, id_list(ids)],
        )


def _sight(db: Database, source_id: str, guids: Mapping[int, str], at: str) -> None:
    """Note which pages stand in this source now."""
    db.conn.executemany(
        """
        INSERT INTO sightings (source_id, item_id, guid, first_seen, last_seen) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (source_id, item_id) DO UPDATE SET guid = excluded.guid, last_seen = excluded.last_seen
        """,
        [(source_id, id_, guid, at, at) for id_, guid in guids.items()],
    )


def _note_matches(db: Database, source_id: str, ids: Collection[int]) -> None:
    """Note which of these pages, new to this source, are relevant as they are stored."""
    if ids:
        db.execute(
            """
            UPDATE sightings SET matched = 1
            WHERE source_id = ?1 AND item_id IN (
                SELECT id FROM items WHERE id IN (SELECT value FROM json_each(?2)) AND relevant = 1
            )
            """,
            [source_id, id_list(ids)],
        )
