"""I/O: what analysts said of items: kept until they take it back, whatever becomes of rules and retention."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from ..models import Label
from .connection import StoreError, from_json, id_list, moment, rows, stamp, value
from .database import Database


def labels(db: Database) -> dict[int, Label]:
    """Every label by item id, the oldest first."""
    found = rows(db, "SELECT * FROM labels ORDER BY at, item_id")
    return {row["item_id"]: _label(row) for row in found}


def labels_of(db: Database, item_ids: Iterable[int]) -> dict[int, Label]:
    """The labels of these items, by item id."""
    found = rows(
        db, "SELECT * FROM labels WHERE item_id IN (SELECT value FROM json_each(?))", [id_list(item_ids)]
    )
    return {row["item_id"]: _label(row) for row in found}


def set_label(db: Database, label: Label) -> None:
    """Keep a label in place of the one before. Raises StoreError for an item that is not stored."""
    if value(db, "SELECT 1 FROM items WHERE id = ?", [label.item_id]) is None:
        raise StoreError(f"there is no item {label.item_id} to label")
    db.execute(
        """
        INSERT INTO labels (item_id, relevant, topics, at) VALUES (?, ?, ?, ?)
        ON CONFLICT (item_id) DO UPDATE
        SET relevant = excluded.relevant, topics = excluded.topics, at = excluded.at
        """,
        [
            label.item_id,
            int(label.relevant),
            None if label.topics is None else json.dumps(label.topics, ensure_ascii=False),
            stamp(label.at),
        ],
    )


def remove_label(db: Database, item_id: int) -> bool:
    """Take a label back; whether there was one."""
    return bool(db.execute("DELETE FROM labels WHERE item_id = ?", [item_id]).rowcount)


def _label(row: sqlite3.Row) -> Label:
    topics = row["topics"]
    return Label(
        item_id=row["item_id"],
        relevant=bool(row["relevant"]),
        topics=None if topics is None else tuple(from_json(topics)),
        at=moment(row["at"]),
    )
