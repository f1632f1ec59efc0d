"""I/O: the one SQLite file: sources, items with their verdicts, editions and what they claimed.

One process writes; each thing that belongs together is one transaction, so that a kill at any moment leaves
all of it or nothing. Store opens the file, `methods` hold its transactions. What is written and read stands
in one module for each kind of thing: `feeds`, `notices`, `record`, `pages`, `items`, `history`, `labels`,
`editions`, `stories`, `search`, `exports`, `archive`, `outbox`, `upkeep`; `backup` copies the file as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from ..models import Figures, Mark
from . import figures as counting
from . import locks, schema
from .archive import ArchiveReader
from .backup import back_up
from .connection import StoreBusy, StoreError, connect, moment_or_none, reading, sentences, value, writing
from .editions import AlreadyPublished
from .exports import Exported
from .feeds import SourceReport
from .items import Revision, Sighting
from .methods import (
    EditionMethods,
    ItemMethods,
    ServiceMethods,
    SourceMethods,
    StoryMethods,
    VerdictMethods,
)
from .outbox import Outbox
from .search import Hit
from .stories import BEGAN, Member
from .upkeep import Limits, Pruned, Space, Upkeep

__all__ = [
    "BEGAN",
    "AlreadyPublished",
    "ArchiveReader",
    "Exported",
    "Hit",
    "Limits",
    "Member",
    "Outbox",
    "Pruned",
    "Revision",
    "Sighting",
    "SourceReport",
    "Space",
    "Store",
    "StoreBusy",
    "StoreError",
    "Upkeep",
    "back_up",
]


class Store(ServiceMethods, SourceMethods, ItemMethods, VerdictMethods, EditionMethods, StoryMethods):
    """An open database. Use it in the thread that opened it, as a context manager or with `close`.

    Every method may raise StoreBusy, when another process writes for longer than the busy timeout, and
    StoreError, when the file or the disk does not allow it; then nothing was written.
    """

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, busy_timeout: float = 10.0) -> Store:
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

    # The file itself

    @contextmanager
    def only_service(self) -> Iterator[bool]:
        """Whether this process alone is the service on this file, until the block ends."""
        with locks.held(self.path, "lock") as is_ours:
            yield is_ours

    def check_writable(self) -> None:
        """Write one small thing, for `health`. Raises StoreError where that fails."""
        with writing(self._db, self.path) as db:
            db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('writable', 'yes')")

    def check_intact(self) -> None:
        """Read the whole file for damage: seconds for each GB. Raises StoreError with the first finding."""
        with reading(self._db, self.path) as db:
            finding = " ".join(value(db, "PRAGMA quick_check(1)").split())
        if finding != "ok":
            raise StoreError(f"{self.path} is damaged: {finding}; restore a backup")

    def check_at_start(self, *, most: int = 1_000_000_000) -> bool:
        """What a service asks before it writes: whether the file is whole and may be written.

        False where the file has more than `most` bytes and was not read through: `back_up` reads every copy
        through, beside the service. Raises StoreError for damage, before anything is written, and for a file
        or folder that is for reading only.
        """
        is_read = self.path.stat().st_size <= most
        if is_read:
            self.check_intact()
        self.check_writable()
        return is_read

    def figures(self, since: Mark | None = None) -> Figures:
        """The numbers that the service is watched by; items and deliveries since a mark, for None of none."""
        with reading(self._db, self.path) as db:
            return counting.figures(db, since)

    def created_at(self) -> datetime | None:
        """When the first poll was recorded; None before it."""
        with reading(self._db, self.path) as db:
            return moment_or_none(value(db, "SELECT value FROM meta WHERE name = 'first_poll'"))

    # What has objects of its own

    @property
    def outbox(self) -> Outbox:
        """The ledger of deliveries."""
        return Outbox(self._db, self.path)

    @property
    def upkeep(self) -> Upkeep:
        """What keeps the file small."""
        return Upkeep(self._db, self.path)

    @property
    def archive(self) -> ArchiveReader:
        """What the archive's pages are made of."""
        return ArchiveReader(self._db, self.path)
