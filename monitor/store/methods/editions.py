"""I/O: the transactions of Store that are about editions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from ...models import (
    NOTHING_GOES_OUT,
    DigestSpec,
    Edition,
    Message,
    Outgoing,
    Published,
    Story,
)
from .. import editions, pending
from ..connection import reading, writing
from .base import OpenFile


class EditionMethods(OpenFile):
    """Part of Store: see there for what every method may raise."""

    def publish(
        self,
        edition: Edition,
        message: Message,
        stories: Sequence[Story],
        *,
        now: datetime,
        rules_version: str,
        looked_at: int,
        outgoing: Outgoing = NOTHING_GOES_OUT,
        told: Collection[int] = (),
        grouped: Sequence[Story] = (),
        is_shown: bool = True,
    ) -> Published:
        """Write an edition, the claims on its items, its bytes and what goes out, durably and at once.

        `grouped` is what grouping has made of all items `without_story`, whether this digest shows them or
        not: each is a new story, or one of `open_stories` with its new reports alone. Membership in those and
        in `stories` is kept for ever; an item that has a story keeps it.

        One that is not `is_shown` answers its slot and is seen nowhere: its files are never written.
        `told` are lost deliveries that it tells of: no other edition will.

        Raises AlreadyPublished where the slot, the name or an item's revision is taken within the digest, or
        an item has got another story meanwhile.
        """
        with writing(self._db, self.path, durable=True) as db:
            return editions.publish(
                db,
                edition,
                message,
                stories,
                now=now,
                rules_version=rules_version,
                looked_at=looked_at,
                outgoing=outgoing,
                told=told,
                grouped=grouped,
                is_shown=is_shown,
            )

    def settle(self, digests: Sequence[DigestSpec]) -> None:
        """Note which items none of the config's digests waits for any more: called after an edition.

        Nothing that is asked is answered otherwise for it, only sooner.
        """
        with writing(self._db, self.path) as db:
            pending.settle(db, digests)

    def mark_written(self, edition_id: int) -> None:
        """Note that an edition's files are in their folder."""
        with writing(self._db, self.path, durable=True) as db:
            editions.mark_written(db, edition_id)

    def unwritten(self) -> tuple[Published, ...]:
        """Editions whose files are not known to be written, oldest first, with their bytes."""
        with reading(self._db, self.path) as db:
            return editions.unwritten(db)

    def edition(self, edition_id: int) -> Published | None:
        """One edition with its bytes."""
        with reading(self._db, self.path) as db:
            return editions.edition(db, edition_id)

    def edition_named(self, digest: str, name: str) -> Published | None:
        """The edition of a digest with this folder name, with its bytes."""
        with reading(self._db, self.path) as db:
            return editions.edition_named(db, digest, name)

    def edition_for_slot(self, digest: str, slot: str) -> Published | None:
        """The edition that answers a scheduled run, with its bytes."""
        with reading(self._db, self.path) as db:
            return editions.edition_for_slot(db, digest, slot)

    def last_edition(self, digest: str) -> Published | None:
        """The latest edition of a digest; of its message the subject only."""
        with reading(self._db, self.path) as db:
            return editions.last_edition(db, digest)

    def last_edition_with_items(self, digest: str) -> Published | None:
        """The latest edition that was not empty; of its message the subject only."""
        with reading(self._db, self.path) as db:
            return editions.last_edition_with_items(db, digest)

    def editions(self, digest: str | None = None, *, limit: int = 100) -> tuple[Published, ...]:
        """Editions of one digest or of all, latest first; of their messages the subjects only."""
        with reading(self._db, self.path) as db:
            return editions.editions(db, digest, limit=limit)

    def editions_of(self, item_id: int) -> tuple[Published, ...]:
        """The editions that have shown an item, oldest first; of their messages the subjects only."""
        with reading(self._db, self.path) as db:
            return editions.editions_of(db, item_id)

    def edition_names(self, digest: str, local_date: date) -> tuple[str, ...]:
        """The names that a digest's editions of one day have, in the order they came out."""
        with reading(self._db, self.path) as db:
            return editions.edition_names(db, digest, local_date)
