"""I/O: which relevant items a digest may still want, so that not all that were ever relevant are asked.

The table `pending` has each relevant item that some digest may not have shown as it is now; it may have more.
A new item comes in with its row, a known one by a trigger whenever something is written that digests go by:
whether it is relevant, its score, its topics, its revision. `settle` takes out what every digest has shown or
does not want, and notes which digests these were. One that was not among them then, or has other topics now,
is answered from all items. Relevant items without a story are asked for in the same way: what an edition has
shown has one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ..models import DigestSpec
from .columns import to_json
from .connection import from_json, value
from .database import Database

ALL = "items INDEXED BY items_relevant"
"""For FROM: every relevant item. Only the index of them is read, a hundred times as quick as their rows."""
PENDING = "pending CROSS JOIN items ON items.id = pending.item_id"
"""For FROM: those that a digest may still want, and perhaps others."""

WANTED = """
    items.relevant AND items.score >= json_extract(digest.value, '$.min_score') AND (
        json_array_length(digest.value, '$.topics') = 0
        OR EXISTS (
            SELECT 1 FROM json_each(items.topics) AS has
            WHERE has.value IN (SELECT value FROM json_each(digest.value, '$.topics'))
        )
    )
"""
"""Whether a digest wants an item, shown or not; `digest` is a row of json_each over what `in_json` gives."""


def wish(digest: str, topics: Collection[str], min_score: float) -> dict[str, Any]:
    """What a digest asks for, equal for two that ask for the same."""
    return {"id": digest, "topics": sorted(topics), "min_score": min_score}


def in_json(digests: Sequence[DigestSpec]) -> str:
    """What digests ask for, as a parameter for json_each and as it is noted."""
    return to_json([wish(one.id, one.topics, one.min_score) for one in digests])


def candidates(db: Database, wishes: Sequence[dict[str, Any]]) -> str:
    """For FROM: items among which is all that any of these digests may still want."""
    settled = from_json(value(db, "SELECT value FROM meta WHERE name = 'settled_for'") or "[]")
    return PENDING if all(one in settled for one in wishes) else ALL


def settle(db: Database, digests: Sequence[DigestSpec]) -> None:
    """Take out what each of these has shown or does not want. The caller holds the transaction."""
    asked = in_json(digests)
    if value(db, "SELECT value FROM meta WHERE name = 'settled_for'") != asked:
        # They may want what the ones before did not.
        db.execute(f"INSERT OR IGNORE INTO pending (item_id) SELECT id FROM {ALL} WHERE relevant = 1")  # noqa: S608 - our own text
        db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('settled_for', ?)", [asked])
    db.execute(
        f"""
        DELETE FROM pending WHERE NOT EXISTS (
            SELECT 1 FROM items CROSS JOIN json_each(?) AS digest
            WHERE items.id = pending.item_id AND {WANTED} AND NOT EXISTS (
                SELECT 1 FROM edition_items
                WHERE edition_items.digest = json_extract(digest.value, '$.id')
                    AND edition_items.item_id = items.id
                    AND edition_items.revision = items.revision
            )
        )
        """,  # noqa: S608 - our own text
        [asked],
    )
