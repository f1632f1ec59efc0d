"""I/O: the transactions of Store that are about items: what is recorded, found, wanted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from ...models import (
    Judged,
)
from .. import exports, history, items
from .. import search as searching
from ..connection import reading
from ..exports import Exported
from ..items import Revision, Sighting
from ..search import Hit
from .base import OpenFile


class ItemMethods(OpenFile):
    """Part of Store: see there for what every method may raise."""

    def unclaimed(
        self,
        digest: str,
        *,
        topics: Collection[str] = (),
        min_score: float = 0.0,
    ) -> tuple[Judged, ...]:
        """Relevant items whose present revision no edition of `digest` has shown, by first seen.

        `topics`: only items with one of these; empty means all. `min_score` is inclusive. `update` is set on
        items of which the digest has shown an earlier revision, and on those whose page says that it is not
        new, but was updated or issued again.
        """
        with reading(self._db, self.path) as db:
            return items.unclaimed(db, digest, topics=topics, min_score=min_score)

    def count_unclaimed(self, digest: str, *, topics: Collection[str] = (), min_score: float = 0.0) -> int:
        """How many items `unclaimed` would give."""
        with reading(self._db, self.path) as db:
            return items.count_unclaimed(db, digest, topics=topics, min_score=min_score)

    def seen_between(self, start: datetime | None, end: datetime) -> tuple[int, int]:
        """How many items were first seen after `start`, up to and with `end`, and how many are relevant.

        With `end`, because one run polls and composes at the same `now`; without `start`, because the edition
        before has counted those. None: from the beginning, for the first edition.
        """
        with reading(self._db, self.path) as db:
            return items.seen_between(db, start, end)

    def seen_since(
        self,
        since: datetime,
        *,
        until: datetime | None = None,
        relevant_only: bool = False,
        or_updated: bool = False,
    ) -> tuple[Judged, ...]:
        """Items first seen in [since, until), by first seen; without `until`, up to the last.

        `or_updated`: also those that were first seen before and updated then; their `update` says what
        changed since `since`.
        """
        with reading(self._db, self.path) as db:
            return items.seen_since(
                db, since, until=until, relevant_only=relevant_only, or_updated=or_updated
            )

    def relevant_between(self, start: datetime, end: datetime) -> tuple[Judged, ...]:
        """Relevant items first seen after `start`, up to and with `end`, by first seen, with their matches.

        Without texts, reasons and pages; where there is no summary, with the beginning of the text. 10,000
        take a second, most of it for the matches.
        """
        with reading(self._db, self.path) as db:
            return items.relevant_between(db, start, end)

    def closest(self, start: datetime, limit: int) -> tuple[Judged, ...]:
        """The irrelevant items first seen after `start` that came nearest: with points, the most first."""
        with reading(self._db, self.path) as db:
            return items.closest(db, start, limit)

    def item(self, item_id: int) -> Judged | None:
        """One item."""
        with reading(self._db, self.path) as db:
            return items.find(db, str(item_id))

    def find(self, ref: str) -> Judged | None:
        """One item by its id or its address; the caller makes addresses canonical."""
        with reading(self._db, self.path) as db:
            return items.find(db, ref)

    def where_seen(self, item_id: int) -> tuple[Sighting, ...]:
        """The feeds that a page was seen in, the first one first."""
        with reading(self._db, self.path) as db:
            return items.where_seen(db, item_id)

    def revisions(self, item_id: int) -> tuple[Revision, ...]:
        """What happened to an item since it was first seen, oldest first."""
        with reading(self._db, self.path) as db:
            return items.revisions(db, item_id)

    def search(
        self,
        query: str,
        *,
        limit: int = 20,
        relevant_only: bool = False,
        since: datetime | None = None,
        topics: Collection[str] = (),
        markers: tuple[str, str] = ("[", "]"),
        alike: Callable[[str], str] = str,
    ) -> tuple[Hit, ...]:
        """Full-text search: words, "phrases", prefix*, AND, OR, NOT, parentheses; best first.

        A query with Chinese finds it also within longer runs of characters, the latest items first; `alike`
        gives, for a character, all that are to be found as the same one. `since`: first seen then or later.
        `topics`: with one of these. The found words stand between the markers.
        Raises StoreError for a query that cannot be read.
        """
        within = searching.Within(relevant_only, since, topics)
        with reading(self._db, self.path) as db:
            return searching.search(db, query, limit=limit, within=within, markers=markers, alike=alike)

    def each_exported(
        self, *, relevant_only: bool = True, since: datetime | None = None, topics: Collection[str] = ()
    ) -> Iterator[Exported]:
        """Items with their stories and labels, the latest first; in memory are only some hundred of them.

        `since`: first seen then or later. `topics`: with one of these; empty means all. As with `each_item`,
        nothing is open between two batches, and items that come after the beginning are left out.
        """
        within = searching.Within(relevant_only, since, topics)
        with reading(self._db, self.path) as db:
            first, last = history.bounds(db, since)
        while first <= last:
            with reading(self._db, self.path) as db:
                found = exports.batch(db, first, last, within)
            if not found:
                return
            yield from found
            last = found[-1].judged.id - 1
