"""I/O: all stored items, one after the other, and new verdicts on them: for replays and `reclassify`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from ..models import Judged, Verdict
from . import pages
from .columns import verdict_columns
from .connection import rows, stamp, value
from .database import Database

BATCH = 500
"""Items read or written at a time: memory stays that of one batch, however many items there are."""

_TEXT_HASH = "items.content_hash || coalesce(pages.body_hash, '')"
"""Another one where a feed brings new words, or a look-up a new text of the page."""
_WITH_PAGES = "LEFT JOIN pages ON pages.item_id = items.id"

VERDICT_COLUMNS = tuple(verdict_columns(Verdict(False, 0.0, (), (), "")))


def count_items(db: Database, since: datetime | None) -> int:
    """How many items were first seen at `since` or later; all without it."""
    return int(value(db, "SELECT count(*) FROM items WHERE first_seen >= ?", [_from(since)]))


def bounds(db: Database, since: datetime | None) -> tuple[int, int]:
    """The ids between which the items first seen since then lie, both included; an empty range for none."""
    found = rows(
        db,
        # The first select is answered by the index on first_seen alone, without a row being read.
        """
        SELECT (SELECT min(id) FROM items WHERE first_seen >= ?) AS first, (SELECT max(id) FROM items) AS last
        """,
        [_from(since)],
    )[0]
    return (1, 0) if found["first"] is None else (found["first"], found["last"])


def batch(
    db: Database, first: int, last: int, since: datetime | None, *, with_matches: bool
) -> tuple[Judged, ...]:
    """The next items by id, from `first` up to `last`, that were first seen at `since` or later."""
    found = rows(
        db,
        # The plus keeps the index on first_seen out of it, which would be read whole and sorted each time.
        "SELECT * FROM items WHERE id BETWEEN ? AND ? AND +first_seen >= ? ORDER BY id LIMIT ?",
        [first, last, _from(since), BATCH],
    )
    return pages.judged(db, found, with_matches=with_matches)


def collect(db: Database, verdicts: Iterable[tuple[int, Verdict]]) -> None:
    """Put verdicts into a temporary table, which no other process sees or waits for.

    Judging may take a minute, and a poll waits ten seconds. Nothing is open while the next verdicts are asked
    for, so whoever gives them may read this store. The text that each item has now is noted first: a verdict
    on a text that a poll replaces meanwhile is of no use.
    """
    drop_collected(db)
    db.execute("CREATE TEMP TABLE texts (id INTEGER PRIMARY KEY, hash TEXT NOT NULL)")
    db.execute(f"INSERT INTO temp.texts SELECT items.id, {_TEXT_HASH} FROM items {_WITH_PAGES}")  # noqa: S608 - our own names
    db.execute(f"CREATE TEMP TABLE verdicts (id INTEGER PRIMARY KEY, {', '.join(VERDICT_COLUMNS)})")
    places = ", ".join("?" * (len(VERDICT_COLUMNS) + 1))
    insert = f"INSERT OR REPLACE INTO temp.verdicts VALUES ({places})"  # noqa: S608 - question marks
    source = iter(verdicts)
    while values := [(id_, *verdict_columns(verdict).values()) for id_, verdict in islice(source, BATCH)]:
        db.execute("BEGIN")
        db.conn.executemany(insert, values)
        db.commit()


def write_collected(db: Database) -> int:
    """Write what `collect` has put aside; how many items it was. The caller holds the transaction."""
    assignments = ", ".join(f"{name} = verdicts.{name}" for name in VERDICT_COLUMNS)
    return db.execute(
        f"""
        UPDATE items SET {assignments}
        FROM temp.verdicts, temp.texts LEFT JOIN pages ON pages.item_id = texts.id
        WHERE items.id = verdicts.id AND texts.id = verdicts.id AND texts.hash = {_TEXT_HASH}
        """  # noqa: S608 - our own names
    ).rowcount


def drop_collected(db: Database) -> None:
    """Delete what `collect` has put aside."""
    db.execute("DROP TABLE IF EXISTS temp.texts")
    db.execute("DROP TABLE IF EXISTS temp.verdicts")


def _from(since: datetime | None) -> str:
    return "" if since is None else stamp(since)
