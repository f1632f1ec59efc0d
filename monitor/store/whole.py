"""I/O: the whole store, as one class."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..models import Figures, Mark
from . import figures as counting
from . import locks
from .archive import ArchiveReader
from .connection import StoreError, reading, value
from .methods.editions import EditionMethods
from .methods.items import ItemMethods
from .methods.stories import StoryMethods
from .methods.verdicts import VerdictMethods
from .outbox import Outbox
from .polls import PollStore
from .upkeep import Upkeep


class Store(PollStore, ItemMethods, VerdictMethods, EditionMethods, StoryMethods):
    """All of an open database: see SourceStore for what holds for it and its methods."""

    # The file itself

    @contextmanager
    def only_service(self) -> Iterator[bool]:
        """Whether this process alone is the service on this file, until the block ends."""
        with locks.held(self.path, "lock") as is_ours:
            yield is_ours

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
