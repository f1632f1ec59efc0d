"""I/O: the part of the store that is about sources and the service: all that `monitor health` opens."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from . import schema
from .connection import StoreError, connect, moment_or_none, reading, sentences, value, writing
from .methods.service import ServiceMethods
from .methods.sources import SourceMethods


class SourceStore(ServiceMethods, SourceMethods):
    """An open database. Use it in the thread that opened it, as a context manager or with `close`.

    Every method may raise StoreBusy, when another process writes for longer than the busy timeout, and
    StoreError, when the file or the disk does not allow it; then nothing was written.
    """

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, busy_timeout: float = 10.0) -> Self:
        """Open a database, made or brought to the present schema where needed.

        `read_only` is for commands that only look: it makes no file and no folder. `busy_timeout` is in
        seconds. Raises StoreError for a file that is missing (read-only), of a newer version, of another
        program, damaged or not to be opened; such a file is never changed.
        """
        if read_only and not path.exists():
            raise StoreError(f"{path} does not exist yet: run `monitor poll` first")
        with sentences(path):
            db = connect(path, read_only=read_only, busy_timeout=busy_timeout)
            try:
                if read_only:
                    schema.refuse_older(db, path)
                else:
                    schema.migrate(db, path)
            except BaseException:
                db.close()
                raise
        return cls(db, path)

    def close(self) -> None:
        """Close the file. Nothing is pending: every method has committed or rolled back."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def check_writable(self) -> None:
        """Write one small thing, for `health`. Raises StoreError where that fails."""
        with writing(self._db, self.path) as db:
            db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('writable', 'yes')")

    def created_at(self) -> datetime | None:
        """When the first poll was recorded; None before it."""
        with reading(self._db, self.path) as db:
            return moment_or_none(value(db, "SELECT value FROM meta WHERE name = 'first_poll'"))
