"""I/O: what was told of sources: that a fault persists, or that it is over."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, cast

from ..models import HealthStatus, Notice
from .connection import moment, rows, stamp
from .database import Database


def add_notices(db: Database, notices: Sequence[Notice]) -> None:
    """Keep notices, in this order."""
    db.conn.executemany(
        "INSERT INTO notices (source_id, name, at, kind, status, text) VALUES (?, ?, ?, ?, ?, ?)",
        [(one.source_id, one.name, stamp(one.at), one.kind, one.status, one.text) for one in notices],
    )


def notices(db: Database, since: datetime | None) -> tuple[Notice, ...]:
    """What was told after `since`, oldest first; all without it."""
    found = rows(
        db,
        "SELECT * FROM notices WHERE at > ? ORDER BY at, id",
        ["" if since is None else stamp(since)],
    )
    return tuple(_notice(row) for row in found)


def open_faults(db: Database) -> dict[str, Notice]:
    """By source id, the last notice of each source, where that is a fault."""
    found = rows(
        db,
        """
        SELECT * FROM notices
        WHERE kind = 'fault' AND id IN (SELECT max(id) FROM notices GROUP BY source_id)
        ORDER BY id
        """,
    )
    return {row["source_id"]: _notice(row) for row in found}


def _notice(row: sqlite3.Row) -> Notice:
    return Notice(
        source_id=row["source_id"],
        name=row["name"],
        at=moment(row["at"]),
        kind=cast('Literal["fault", "recovered"]', row["kind"]),
        status=cast("HealthStatus", row["status"]),
        text=row["text"],
    )
