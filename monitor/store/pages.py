"""I/O: what pages say of themselves: which are to be looked up, what a look-up writes, and reading it back.

A page's text and its date of publication are kept in its item, in place of the feed's: for search, rules and
readers there is one text. A later copy from a feed, which lacks both, leaves them as they are; the item's
content hash stays that of the feed's copy, so another hash than `asked_for` says that the page is to be asked
again. Until then such a copy's verdict, made without the text, is written where the item stays in or comes
in; it takes nothing out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from ..models import (
    ChangeNote,
    Judged,
    News,
    Page,
    PageOutcome,
    PageState,
    PageStatus,
    PageWanted,
    Update,
)
from .columns import to_item, to_json, to_judged, verdict_columns
from .connection import from_json, id_list, moment, moment_or_none, rows, stamp, stamp_or_none, understood
from .database import Database
from .moved import join_moved

FULL_TEXT_WITHIN = timedelta(days=14)
"""Older teasers are left as they are."""
CHECKED_EVERY, CHECKED_WITHIN = timedelta(days=2), timedelta(days=30)
"""A page of GOV.UK is asked for again after the first, as long as it was first seen within the second."""
MOST_FAILURES = 3
"""Articles that failed so often are given up."""
ENDED_CHECKED_EVERY = timedelta(days=7)
"""The same for one that was withdrawn or removed: some come back."""
NOTHING_ELSE = PageState(0)
WHAT: Mapping[News, str] = {"updated": "updated", "reissued": "re-issued unchanged"}


def record_page(db: Database, outcome: PageOutcome, now: datetime) -> None:
    """Write a look-up: the page's row, the item's text and date, its verdict, and what its revision is.

    Nothing for an item that is no longer stored: another look-up has joined it with a page that moved. The
    caller holds the transaction. Where a poll has replaced the copy that was asked for, neither verdict nor
    `what` are written: the page is wanted again.
    """
    state, item = outcome.state, outcome.item
    found = rows(db, "SELECT content_hash, revision FROM items WHERE id = ?", [state.item_id])
    if not found:
        return
    _save(db, state)
    if item:
        _replace_text(db, state.item_id, item.text, stamp_or_none(item.published))
    if found[0]["content_hash"] == state.asked_for:
        revision = found[0]["revision"]
        if outcome.is_news:
            revision += 1
            _add_revision(db, state.item_id, revision, stamp(now))
            _keep_update(db, outcome)
        _write_reading(db, outcome, revision)
    join_moved(db, state, stamp(now))


def _add_revision(db: Database, item_id: int, revision: int, at: str) -> None:
    db.execute(
        """
        INSERT INTO revisions (item_id, revision, at, what, title, old_title, old_summary)
        SELECT id, ?, ?, '', title, title, summary FROM items WHERE id = ?
        """,
        [revision, at, item_id],
    )
    db.execute("UPDATE items SET revision = ? WHERE id = ?", [revision, item_id])


def _keep_update(db: Database, outcome: PageOutcome) -> None:
    """Store the time of an update that the page has told first: it is no news when a feed catches up."""
    if outcome.item and outcome.item.updated:
        db.execute(
            "UPDATE items SET updated = ? WHERE id = ?", [stamp(outcome.item.updated), outcome.state.item_id]
        )


def _write_reading(db: Database, outcome: PageOutcome, revision: int) -> None:
    """What the page makes of the copy that is stored."""
    state = outcome.state
    if outcome.verdict:
        values = verdict_columns(outcome.verdict)
        assignments = ", ".join(f"{name} = :{name}" for name in values)
        db.execute(f"UPDATE items SET {assignments} WHERE id = :id", values | {"id": state.item_id})  # noqa: S608 - our names
    if outcome.what:
        db.execute(
            "UPDATE revisions SET what = ?, note = ?, note_at = ? WHERE item_id = ? AND revision = ?",
            [
                outcome.what,
                state.note,
                stamp_or_none(state.note_at),
                state.item_id,
                revision,
            ],
        )


def wanted_pages(
    db: Database, now: datetime, *, govuk: bool, full_text: Collection[str], limit: int
) -> tuple[PageWanted, ...]:
    """Items whose pages are to be looked up now, at most `limit`: see `Store.wanted_pages`."""
    found = _wanted_of_govuk(db, now, limit) if govuk else []
    if govuk and len(found) < limit:
        found += _to_check_again(db, now, limit - len(found))
    if full_text and len(found) < limit:
        found += _wanted_articles(db, now, full_text, limit - len(found))
    states = _states(db, [row["id"] for row in found])
    return tuple(
        PageWanted(
            item_id=row["id"],
            item=to_item(row),
            source_id=row["source_id"],
            content_hash=row["content_hash"],
            state=states.get(row["id"], PageState(row["id"])),
        )
        for row in found
    )


def page_state(db: Database, item_id: int) -> PageState:
    """What is remembered of looking an item's page up."""
    return _states(db, [item_id]).get(item_id, PageState(item_id))


def judged(
    db: Database,
    found: Sequence[sqlite3.Row],
    updates: Mapping[int, Update] | None = None,
    *,
    with_matches: bool = True,
) -> tuple[Judged, ...]:
    """Rows of `items` as values, with what their pages say; `updates`, by id, say it better."""
    states = _states(db, [row["id"] for row in found])
    made = []
    for row in found:
        state = states.get(row["id"], NOTHING_ELSE)
        update = (updates or {}).get(row["id"]) or _update(state, row)
        made.append(to_judged(row, state.page, update, with_matches=with_matches))
    return tuple(made)


def _update(state: PageState, row: sqlite3.Row) -> Update | None:
    """What is new about a page that its publisher says is not."""
    what = WHAT.get(state.news)
    if what is None or state.page is None:
        return None
    at = state.page.public_updated or moment(row["updated"] or row["first_seen"])
    return Update(at=at, what=what, note=state.note, note_at=state.note_at)


def _wanted_of_govuk(db: Database, now: datetime, limit: int) -> list[sqlite3.Row]:
    return rows(
        db,
        # The condition on relevant and key is that of the index, word for word: only that is read through.
        """
        SELECT items.* FROM items WHERE id IN (
            SELECT items.id FROM items INDEXED BY items_govuk LEFT JOIN pages ON pages.item_id = items.id
            WHERE items.relevant = 1 AND items.key GLOB 'https://www.gov.uk/*'
                AND (pages.item_id IS NULL OR pages.asked_for <> items.content_hash)
                AND (pages.next_try IS NULL OR pages.next_try <= ?)
            ORDER BY items.first_seen DESC, items.id DESC LIMIT ?
        )
        ORDER BY first_seen DESC, id DESC
        """,
        [stamp(now), limit],
    )


def _to_check_again(db: Database, now: datetime, limit: int) -> list[sqlite3.Row]:
    """Pages of the last weeks that were not asked for in days: feeds do not tell that one was withdrawn."""
    return rows(
        db,
        """
        SELECT items.* FROM items INDEXED BY items_govuk JOIN pages ON pages.item_id = items.id
        WHERE items.relevant = 1 AND items.key GLOB 'https://www.gov.uk/*' AND items.first_seen >= :since
            AND pages.asked_for = items.content_hash
            AND (
                pages.failures > 0
                OR (pages.status = 'live' AND pages.asked <= :before)
                OR (pages.status IN ('withdrawn', 'gone') AND pages.asked <= :ended_before)
            )
            AND (pages.next_try IS NULL OR pages.next_try <= :now)
        ORDER BY pages.asked, items.id LIMIT :limit
        """,
        {
            "since": stamp(now - CHECKED_WITHIN),
            "before": stamp(now - CHECKED_EVERY),
            "ended_before": stamp(now - ENDED_CHECKED_EVERY),
            "now": stamp(now),
            "limit": limit,
        },
    )


def _wanted_articles(
    db: Database, now: datetime, full_text: Collection[str], limit: int
) -> list[sqlite3.Row]:
    return rows(
        db,
        """
        SELECT items.* FROM items LEFT JOIN pages ON pages.item_id = items.id
        WHERE items.source_id IN (SELECT value FROM json_each(:sources)) AND items.first_seen >= :since
            AND items.key NOT GLOB 'https://www.gov.uk/*'
            AND iif(pages.status IS NULL, items.text = '', pages.asked_for <> items.content_hash)
            AND coalesce(pages.failures, 0) < :most
            AND (pages.next_try IS NULL OR pages.next_try <= :now)
            AND EXISTS (
                SELECT 1 FROM json_each(items.matches) AS place
                WHERE json_extract(place.value, '$.role') IN ('uk', 'china', 'both')
            )
        ORDER BY items.first_seen DESC, items.id DESC LIMIT :limit
        """,
        {
            "sources": id_list(full_text),
            "since": stamp(now - FULL_TEXT_WITHIN),
            "most": MOST_FAILURES,
            "now": stamp(now),
            "limit": limit,
        },
    )


def _save(db: Database, state: PageState) -> None:
    values: dict[str, Any] = {
        "item_id": state.item_id,
        "etag": state.etag,
        "last_modified": state.last_modified,
        "asked": stamp_or_none(state.asked),
        "asked_for": state.asked_for,
        "next_try": stamp_or_none(state.next_try),
        "failures": state.failures,
        "error": state.error,
        "missing_since": stamp_or_none(state.missing_since),
        "body_hash": state.body_hash,
        "news": state.news,
        "note": state.note,
        "note_at": stamp_or_none(state.note_at),
    }
    if state.page:
        values |= _page_columns(state.page)
    places = ", ".join(f":{name}" for name in values)
    assignments = ", ".join(f"{name} = excluded.{name}" for name in values)
    db.execute(
        f"INSERT INTO pages ({', '.join(values)}) VALUES ({places}) "  # noqa: S608 - our names
        f"ON CONFLICT (item_id) DO UPDATE SET {assignments}",
        values,
    )


def _replace_text(db: Database, item_id: int, text: str, published: str | None) -> None:
    # An external-content index must be told the old words exactly (https://www.sqlite.org/fts5.html, 4.4.3).
    db.execute(
        """
        INSERT INTO items_fts (items_fts, rowid, title, summary, text)
        SELECT 'delete', id, title, summary, text FROM items WHERE id = ?
        """,
        [item_id],
    )
    db.execute("UPDATE items SET text = ?, published = ? WHERE id = ?", [text, published, item_id])
    db.execute(
        """
        INSERT INTO items_fts (rowid, title, summary, text)
        SELECT id, title, summary, text FROM items WHERE id = ?
        """,
        [item_id],
    )


def _page_columns(page: Page) -> dict[str, Any]:
    return {
        "status": page.status,
        "title": page.title,
        "document_type": page.document_type,
        "organisations": to_json(page.organisations),
        "first_published": stamp_or_none(page.first_published),
        "public_updated": stamp_or_none(page.public_updated),
        "history": to_json([{"at": stamp(change.at), "note": change.note} for change in page.history]),
        "moved_to": page.moved_to,
        "explanation": page.explanation,
        "content_id": page.content_id,
    }


def _states(db: Database, ids: Iterable[int]) -> dict[int, PageState]:
    found = rows(db, "SELECT * FROM pages WHERE item_id IN (SELECT value FROM json_each(?))", [id_list(ids)])
    return {row["item_id"]: _state(row) for row in found}


def _state(row: sqlite3.Row) -> PageState:
    return PageState(
        item_id=row["item_id"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        asked=moment_or_none(row["asked"]),
        asked_for=row["asked_for"],
        next_try=moment_or_none(row["next_try"]),
        failures=row["failures"],
        error=row["error"],
        missing_since=moment_or_none(row["missing_since"]),
        body_hash=row["body_hash"],
        page=_page(row) if row["status"] else None,
        news=cast("News", row["news"]),
        note=row["note"],
        note_at=moment_or_none(row["note_at"]),
    )


@understood
def _page(row: sqlite3.Row) -> Page:
    return Page(
        status=cast("PageStatus", row["status"]),
        title=row["title"],
        document_type=row["document_type"],
        organisations=tuple(from_json(row["organisations"])),
        first_published=moment_or_none(row["first_published"]),
        public_updated=moment_or_none(row["public_updated"]),
        history=tuple(
            ChangeNote(moment(change["at"]), change["note"]) for change in from_json(row["history"])
        ),
        moved_to=row["moved_to"],
        explanation=row["explanation"],
        content_id=row["content_id"],
    )
