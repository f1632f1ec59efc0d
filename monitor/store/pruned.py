"""I/O: what retention has deleted: enough of it to know a page that comes again.

A page may stand in a feed once more after months, as aggregators' do. As a new item it would be judged by
today's rules and might be shown as news. So of each deleted item two numbers stay, 64 bits of a digest of its
key and of its content, and when it was first seen. Of a page that comes again as it was, nothing is written.
One that has changed is stored and judged, with the day on which it was first seen.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from ..models import Assessed, Item
from .changes import content_hash
from .connection import id_list, rows
from .database import Database


@dataclass(frozen=True, slots=True)
class Pruned:
    """A page that was stored once."""

    first_seen: str
    content: int

    def is_same(self, item: Item) -> bool:
        """Whether an item is the page as it was."""
        return number(content_hash(item)) == self.content


def number(text: str) -> int:
    """A text as 64 bits. Two of a million have the same one with a chance of one to forty million."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def find_pruned(db: Database, unknown: Sequence[Assessed]) -> dict[str, Pruned]:
    """By key, the items among these that were stored once."""
    if not unknown:
        return {}
    keys = {number(fresh.item.key): fresh.item.key for fresh in unknown}
    found = rows(db, "SELECT * FROM pruned WHERE key IN (SELECT value FROM json_each(?))", [id_list(keys)])
    return {keys[row["key"]]: Pruned(row["first_seen"], row["content"]) for row in found}


def remember_pruned(db: Database, item_ids: Collection[int]) -> None:
    """Note items that are about to be deleted, under each key that leads to them."""
    found = rows(
        db,
        """
        SELECT key, content_hash, first_seen FROM items WHERE id IN (SELECT value FROM json_each(?1))
        UNION ALL
        SELECT aliases.key, content_hash, first_seen FROM aliases JOIN items ON items.id = aliases.item_id
        WHERE item_id IN (SELECT value FROM json_each(?1))
        """,
        [id_list(item_ids)],
    )
    db.conn.executemany(
        "INSERT OR REPLACE INTO pruned (key, content, first_seen) VALUES (?, ?, ?)",
        [(number(row["key"]), number(row["content_hash"]), row["first_seen"]) for row in found],
    )
