"""I/O: an open connection, as all of the store uses it.

It does what sqlite-utils' Database does of the same names, on a connection in autocommit mode. sqlite-utils
itself, which makes and migrates the schema, takes five times as long to import as Python takes to start.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any


class Database:
    """A connection in which transactions begin and end where `connection` says."""

    __slots__ = ("conn",)

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.conn = conn

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        """The cursor of one statement."""
        return self.conn.execute(sql, parameters)

    def commit(self) -> None:
        """Ends the transaction that is open, if one is."""
        if self.conn.in_transaction:
            self.conn.execute("COMMIT")

    def rollback(self) -> None:
        """Undoes it, if one is open: an error may have ended it already."""
        if self.conn.in_transaction:
            self.conn.execute("ROLLBACK")

    def close(self) -> None:
        """Closes the file."""
        self.conn.close()
