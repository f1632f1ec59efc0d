"""I/O: the transactions of Store that are about sources: what polls remember and what was told of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from ...models import (
    FeedState,
    Notice,
    Outline,
    Source,
)
from .. import feeds, outlines
from .. import notices as telling
from ..connection import reading, writing
from ..feeds import Counts, SourceReport
from .base import OpenFile


class SourceMethods(OpenFile):
    """Part of Store: see there for what every method may raise."""

    def sync_sources(self, sources: Sequence[Source]) -> None:
        """Write the config's sources, keeping their state; those gone from the config stay, disabled."""
        with writing(self._db, self.path) as db:
            feeds.sync_sources(db, sources)

    def feed_states(self) -> dict[str, FeedState]:
        """The state of every source, by id: those of the config in its order, then those gone from it."""
        with reading(self._db, self.path) as db:
            return feeds.feed_states(db)

    def open_gaps(self) -> dict[str, FeedState]:
        """The states of the sources that have a gap which nothing has filled, by id."""
        with reading(self._db, self.path) as db:
            return feeds.open_gaps(db)

    def outlines(self, source_ids: Collection[str], rules_version: str) -> dict[str, Outline]:
        """By source id, what the entries of the last documents are known by that could be read in parts.

        Only of documents whose items were judged by these rules: under others all are to be judged anew.
        """
        with reading(self._db, self.path) as db:
            return outlines.outlines(db, source_ids, rules_version)

    def source_report(self, counts: Counts = "all") -> tuple[SourceReport, ...]:
        """Every source with its counts and state: the config's in its order, then those gone from it.

        `counts`: what is counted; the less, the quicker.
        """
        with reading(self._db, self.path) as db:
            return feeds.source_report(db, counts)

    def arrivals(
        self, limit: int = 60, *, of: Collection[str] | None = None
    ) -> dict[str, tuple[datetime, ...]]:
        """For every source, or `of` some, the latest times at which a poll brought pages new to it.

        The newest comes first.
        """
        with reading(self._db, self.path) as db:
            return feeds.arrivals(db, limit, of)

    def fill_gap(self, source_id: str) -> None:
        """Note that what the last gap of a source held has been fetched by other means."""
        with writing(self._db, self.path) as db:
            feeds.fill_gap(db, source_id)

    def add_notices(self, notices: Sequence[Notice]) -> None:
        """Keep what is told of sources. Raises StoreError for one that `sync_sources` has not written."""
        with writing(self._db, self.path, durable=True) as db:
            telling.add_notices(db, notices)

    def notices(self, since: datetime | None) -> tuple[Notice, ...]:
        """What was told of sources after `since`, oldest first; all for None.

        Without `since`, because the edition before has told those: see `seen_between`.
        """
        with reading(self._db, self.path) as db:
            return telling.notices(db, since)

    def open_faults(self) -> dict[str, Notice]:
        """By source id, the last notice of each source, where that is a fault."""
        with reading(self._db, self.path) as db:
            return telling.open_faults(db)
