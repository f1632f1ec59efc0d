"""I/O: the transactions of Store that a poll makes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from .. import feeds, pages
from ..connection import reading, writing
from .base import OpenFile

if TYPE_CHECKING:
    from ...models import FeedState, PageOutcome, PageWanted, Recorded, SourceOutcome


class PollMethods(OpenFile):
    """Part of Store: see there for what every method may raise."""

    def record(self, outcome: SourceOutcome, now: datetime) -> Recorded:
        """Write all that one poll of one source brought, in one transaction.

        `overrun` is set, and the gap noted in the source's state, where a document of several entries holds
        no page that stood in the source before and stands where it stood: on GOV.UK a page that is published
        again comes to the top. Not for a source's first items, nor at a new address, nor where the outcome is
        not `windowed`. Raises StoreError for a source that `sync_sources` has not written.
        """
        from .. import record as recording  # noqa: PLC0415 - for polls that bring something

        with writing(self._db, self.path) as db:
            return recording.record(db, outcome, now)

    def record_unread(self, states: Sequence[FeedState], now: datetime) -> None:
        """Write what polls left behind that brought nothing to read, in one transaction.

        Of sources that were unchanged or failed. Raises StoreError for one that `sync_sources` has not
        written.
        """
        if states:
            with writing(self._db, self.path) as db:
                feeds.record_unread(db, states, now)

    def wanted_pages(
        self, now: datetime, *, govuk: bool = True, full_text: Collection[str] = (), limit: int
    ) -> tuple[PageWanted, ...]:
        """Items whose pages are to be looked up at `now`, at most `limit`: GOV.UK's first, each newest first.

        With `govuk`, relevant pages of GOV.UK that were never read, that changed since, or that were not
        asked for in days. Of the sources with these `full_text` ids, the items of the last 14 days that name
        at least one side, are no pages of GOV.UK, and either have no text and were never read, or changed
        since; three failures, and an article is given up. None whose `next_try` is still to come.
        """
        with reading(self._db, self.path) as db:
            return pages.wanted_pages(db, now, govuk=govuk, full_text=full_text, limit=limit)

    def record_page(self, outcome: PageOutcome, now: datetime) -> None:
        """Write all that one look-up brought, in one transaction.

        The page's row; with `item`, the text and the date of publication of the stored item; with `verdict`,
        its verdict; with `what`, what its present revision is (a new one with `is_news`), with the state's
        note. An item that a poll changed since it was wanted keeps its verdict. An item that turns out to be
        a known page at a new address is joined with it; one that is no longer stored is passed over.
        """
        with writing(self._db, self.path) as db:
            pages.record_page(db, outcome, now)
