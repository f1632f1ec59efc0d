"""I/O: the tables, made by numbered steps, and the refusal of files that are not ours.

The shape suits Datasette: names and titles label foreign keys, JSON arrays can be faceted, the full-text
table names its content table, and `matched_items` is what a reader would ask for.
"""

from __future__ import annotations

from pathlib import Path

from ..connection import APPLICATION_ID, StoreError, value, writing
from ..database import Database
from .wide import HAS_WIDE, WIDE_TEXT

__all__ = ["HAS_WIDE", "VERSION", "WIDE_TEXT", "migrate", "refuse_older", "refuse_others"]

VERSION = 8
"""How many migrations there are: the schema that this program writes, kept in PRAGMA user_version."""


def refuse_others(db: Database, path: Path) -> int:
    """The schema version of the file, 0 for an empty one. Reads only.

    Raises StoreError for the database of another program and for one of a newer version.
    """
    owner = value(db, "PRAGMA application_id")
    version = int(value(db, "PRAGMA user_version"))
    is_empty = not value(db, "SELECT count(*) FROM sqlite_master")
    if owner != APPLICATION_ID and not (owner == 0 and is_empty):
        raise StoreError(f"{path} is the database of another program; name another file under `database`")
    if version > VERSION:
        raise StoreError(
            f"{path} was written by a newer version of this program "
            f"(schema {version}, this one knows {VERSION}): "
            "upgrade the program, or name another file under `database`"
        )
    return version


def migrate(db: Database, path: Path) -> None:
    """Bring the file to VERSION, whole or not at all; a file that has it already is not touched."""
    if refuse_others(db, path) == VERSION:
        return
    # To import this takes longer than most commands take in all, and few meet such a file.
    from sqlite_utils import Database as Migrated  # noqa: PLC0415 - as said

    from .whole import MIGRATIONS  # noqa: PLC0415 - likewise

    migrated = Migrated(db.conn, execute_plugins=False)
    migrated.enable_wal()
    with writing(db, path, durable=True):
        # Again under the lock: another process may have come first.
        if refuse_others(db, path) == VERSION:
            return
        MIGRATIONS.apply(migrated)
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute(f"PRAGMA user_version={VERSION}")


def refuse_older(db: Database, path: Path) -> None:
    """For opening read-only, where nothing can be brought up to date. Raises StoreError."""
    version = refuse_others(db, path)
    if version == 0:
        raise StoreError(f"{path} holds nothing yet: run `monitor poll` first")
    if version < VERSION:
        raise StoreError(f"{path} was written by an older version of this program: run `monitor poll` once")
