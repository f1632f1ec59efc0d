"""I/O: the transactions of Store that are about stories."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from ...models import (
    DigestSpec,
    Earlier,
    Judged,
    PageState,
    Story,
)
from .. import pages, stories
from ..connection import reading
from ..stories import Member
from .base import OpenFile


class StoryMethods(OpenFile):
    """Part of Store: see there for what every method may raise."""

    def without_story(self, digests: Sequence[DigestSpec] | None = None) -> tuple[Judged, ...]:
        """Relevant items that were never grouped, by first seen: without matches, pages and long texts.

        `digests`: only items that one of these wants.
        """
        with reading(self._db, self.path) as db:
            return stories.without_story(db, digests)

    def open_stories(self, since: datetime) -> tuple[Story, ...]:
        """Stories with a report first seen at `since` or later, with all their reports: for grouping.

        The reports are without matches, pages, reasons and long texts. 10,000 take half a second.
        """
        with reading(self._db, self.path) as db:
            return stories.open_stories(db, since)

    def page_state(self, item_id: int) -> PageState:
        """What is remembered of looking an item's page up; nothing but its id where it never was."""
        with reading(self._db, self.path) as db:
            return pages.page_state(db, item_id)

    def memberships(self, item_ids: Collection[int]) -> dict[int, Member]:
        """The stories that items belong to, by item id; those without one are left out."""
        with reading(self._db, self.path) as db:
            return stories.memberships(db, item_ids)

    def story(self, story_id: str) -> Story | None:
        """One story with all its reports, also those that no edition has shown yet; none that is irrelevant.

        Those that an edition has shown stay in it, whatever today's rules say of them.
        """
        with reading(self._db, self.path) as db:
            return stories.story(db, story_id)

    def shown(
        self, digest: str, story_ids: Collection[str], *, before: datetime | None = None
    ) -> dict[str, Earlier]:
        """By story id, where a digest has shown a story last; those that it has not shown are left out.

        `before` asks what was so then: only editions that ended by then, and reports first seen before that.
        """
        with reading(self._db, self.path) as db:
            return stories.shown(db, digest, story_ids, before=before)

    def topic_weeks(self, since: datetime, *, until: datetime | None = None) -> dict[tuple[str, date], int]:
        """Relevant items first seen since then, counted by primary topic and Monday of the week (UTC).

        `until`, inclusive: the end of the last edition, to say what was so then.
        """
        with reading(self._db, self.path) as db:
            return stories.topic_weeks(db, since, until)
