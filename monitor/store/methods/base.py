"""I/O: what every method of Store stands on: the open file, and where it is."""

from __future__ import annotations

from pathlib import Path

from ..database import Database


class OpenFile:
    """An open database. Every method of a class made of it may raise StoreBusy and StoreError."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db = db
        self.path = path
