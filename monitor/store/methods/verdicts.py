"""I/O: the transactions of Store that are about all items and new verdicts on them, and the analyst's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from ...models import (
    Judged,
    Label,
    Verdict,
)
from .. import history, labels
from ..connection import reading, sentences, writing
from .base import OpenFile


class VerdictMethods(OpenFile):
    """Part of Store: see there for what every method may raise."""

    def count_items(self, since: datetime | None = None) -> int:
        """How many items were first seen at `since` or later; all without it."""
        with reading(self._db, self.path) as db:
            return history.count_items(db, since)

    def each_item(self, since: datetime | None = None, *, with_matches: bool = True) -> Iterator[Judged]:
        """The items first seen at `since` or later, by id; in memory are only some hundred of them.

        100,000 take some 9 seconds, and 4 where `with_matches` is False and each verdict has no `matches`.
        Between two batches nothing is open: a poll may write, and the caller may use this store. Items that
        come after the beginning are left out; one that changes before its turn comes as it is then.
        """
        with reading(self._db, self.path) as db:
            first, last = history.bounds(db, since)
        while first <= last:
            with reading(self._db, self.path) as db:
                found = history.batch(db, first, last, since, with_matches=with_matches)
            if not found:
                return
            yield from found
            first = found[-1].id + 1

    def rejudge(self, verdicts: Iterable[tuple[int, Verdict]]) -> int:
        """Give items, by id, new verdicts, all in one transaction; how many items that were.

        Revisions, claims and texts stay. The database is locked only while the verdicts are written, not
        while `verdicts` makes them, which may read this store (`each_item`). An item whose text a poll
        changes in between keeps the verdict that the poll gave it; an id that is not stored is passed over.
        """
        with sentences(self.path):
            try:
                history.collect(self._db, verdicts)
                with writing(self._db, self.path, durable=True) as db:
                    return history.write_collected(db)
            finally:
                history.drop_collected(self._db)

    def labels(self) -> dict[int, Label]:
        """What analysts said of items, by item id, the oldest first."""
        with reading(self._db, self.path) as db:
            return labels.labels(db)

    def set_label(self, label: Label) -> None:
        """Keep a label in place of the one before. Raises StoreError for an item that is not stored."""
        with writing(self._db, self.path, durable=True) as db:
            labels.set_label(db, label)

    def remove_label(self, item_id: int) -> bool:
        """Take a label back; whether there was one."""
        with writing(self._db, self.path, durable=True) as db:
            return labels.remove_label(db, item_id)
