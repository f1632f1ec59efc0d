"""I/O: writes what one poll of one source brought.

Identity, in this order: the page's key; a key that it had before; its guid in this source, where that guid
stands for one page only. All look-ups are made for the whole document at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlite_utils import Database

from ..models import Assessed, Recorded, SourceOutcome
from .changes import Change, Known, change, is_same_page, same_words, updated_to_keep
from .columns import content_columns, id_list, verdict_columns
from .connection import rows, stamp, value
from .feeds import Origin, origin, save_state

TITLES_REMEMBERED = 5
"""How many revisions back a headline counts as one that was given already."""

KNOWN_COLUMNS = ", ".join(f"items.{field.name}" for field in fields(Known))


@dataclass(frozen=True, slots=True)
class Changed:
    """A known page, the fresh copy of it, and what is to be written."""

    known: Known
    fresh: Assessed
    change: Change


def record(db: Database, outcome: SourceOutcome, now: datetime) -> Recorded:
    """Write an outcome: state, items, sightings, revisions, full text. The caller holds the transaction."""
    source = origin(db, outcome.state.source_id)
    at = stamp(now)
    db.execute("INSERT OR IGNORE INTO meta (name, value) VALUES ('first_poll', ?)", [at])
    if not outcome.assessed:
        save_state(db, outcome.state)
        return Recorded()

    # A page that stands twice in a document counts once, as it stands first.
    document: dict[str, Assessed] = {}
    for fresh in outcome.assessed:
        document.setdefault(fresh.item.key, fresh)
    known = _identify(db, source.id, document)
    new = [fresh for key, fresh in document.items() if key not in known]
    changed = _changes(db, document, known)

    new_ids = _insert(db, source, new, at)
    _update(db, source, changed, at)
    _alias(db, known)
    ids = {key: page.id for key, page in known.items()} | new_ids
    is_news = _sight(db, source.id, {ids[key]: fresh.item.guid for key, fresh in document.items()}, at)
    save_state(db, replace(outcome.state, last_new=now) if is_news else outcome.state)

    updated = [one.fresh for one in changed if one.change.what]
    relevant = sum(fresh.verdict.relevant for fresh in [*new, *updated])
    return Recorded(new=len(new), updated=len(updated), relevant=relevant)


def _identify(db: Database, source_id: str, document: Mapping[str, Assessed]) -> dict[str, Known]:
    """The known page of each key in the document that has one; two keys may lead to one page."""
    keys = id_list(document)
    by_key = rows(
        db,
        """
        SELECT key, id FROM items WHERE key IN (SELECT value FROM json_each(?))
        UNION ALL
        SELECT key, item_id FROM aliases WHERE key IN (SELECT value FROM json_each(?))
        """,
        [keys, keys],
    )
    ids = {row["key"]: row["id"] for row in by_key}
    by_guid = _ids_by_guid(db, source_id, document, ids)
    pages = _load(db, {*ids.values(), *by_guid.values()})
    found = {key: pages[id_] for key, id_ in ids.items()}
    found |= {key: pages[id_] for key, id_ in by_guid.items() if is_same_page(pages[id_], document[key].item)}
    return found


def _ids_by_guid(
    db: Database, source_id: str, document: Mapping[str, Assessed], ids: Mapping[str, int]
) -> dict[str, int]:
    """Known pages whose address changed, by the new key.

    A guid that stands for several pages, here or before, is no identity; nor is one whose page is in this
    document under its own address.
    """
    guids = Counter(fresh.item.guid for fresh in document.values())
    unknown = {
        fresh.item.guid: key
        for key, fresh in document.items()
        if key not in ids and fresh.item.guid and guids[fresh.item.guid] == 1
    }
    if not unknown:
        return {}
    found = rows(
        db,
        """
        SELECT guid, min(item_id) AS id FROM sightings
        WHERE source_id = ? AND guid IN (SELECT value FROM json_each(?))
        GROUP BY guid HAVING count(*) = 1
        """,
        [source_id, id_list(unknown)],
    )
    present = set(ids.values())
    return {unknown[row["guid"]]: row["id"] for row in found if row["id"] not in present}


def _load(db: Database, ids: Iterable[int]) -> dict[int, Known]:
    found = db.execute(
        f"SELECT {KNOWN_COLUMNS} FROM items WHERE id IN (SELECT value FROM json_each(?))",  # noqa: S608 - constant
        [id_list(ids)],
    )
    return {known.id: known for known in (Known(*row) for row in found)}


def _changes(db: Database, document: Mapping[str, Assessed], known: Mapping[str, Known]) -> list[Changed]:
    # Where a page stands here under its own key and under another, its own speaks.
    pairs = {
        page.id: (page, document[key])
        for key, page in known.items()
        if key == page.key or page.key not in document
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


def _insert(db: Database, source: Origin, new: list[Assessed], at: str) -> dict[str, int]:
    if not new:
        return {}
    last = value(db, "SELECT coalesce(max(id), 0) FROM items")
    values = [
        {
            "key": fresh.item.key,
            "source_id": source.id,
            "outlet": source.outlet,
            "kind": source.kind,
            "first_seen": at,
            **content_columns(fresh.item),
            **verdict_columns(fresh.verdict),
        }
        for fresh in new
    ]
    columns = ", ".join(values[0])
    places = ", ".join(f":{name}" for name in values[0])
    db.conn.executemany(f"INSERT INTO items ({columns}) VALUES ({places})", values)  # noqa: S608 - our own names
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
    known, item = one.known, one.fresh.item
    values = content_columns(item) | {"source_id": source.id, "outlet": source.outlet, "kind": source.kind}
    values["updated"] = updated_to_keep(known, item)
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


def _sight(db: Database, source_id: str, guids: Mapping[int, str], at: str) -> bool:
    """Note which pages stand in this source now; whether one of them had not stood in it before."""
    before = value(
        db,
        "SELECT count(*) FROM sightings WHERE source_id = ? AND item_id IN (SELECT value FROM json_each(?))",
        [source_id, id_list(guids)],
    )
    db.conn.executemany(
        """
        INSERT INTO sightings (source_id, item_id, guid, first_seen, last_seen) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (source_id, item_id) DO UPDATE SET guid = excluded.guid, last_seen = excluded.last_seen
        """,
        [(source_id, id_, guid, at, at) for id_, guid in guids.items()],
    )
    return int(before) < len(guids)
