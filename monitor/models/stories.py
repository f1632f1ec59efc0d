"""Core: stored items, and the stories that they make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .feeds import Item, Kind
from .pages import Page
from .verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Update:
    """What changed in an item since an edition showed it."""

    at: datetime
    what: str
    """In words: "new title", "published again", …"""
    old_title: str | None = None
    note: str = ""
    """What the publisher says of the change, in its own words."""
    note_at: datetime | None = None
    """When the publisher says the change was made."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A stored item with its verdict: what group, digest and tune work on."""

    id: int
    item: Item
    verdict: Verdict
    first_seen: datetime
    outlet: str
    kind: Kind
    revision: int = 1
    """1 when first seen, one more at every update."""
    update: Update | None = None
    """Set where an earlier edition of the same digest has shown an earlier revision, and where the page's
    publisher says that it is an old page with changes."""
    page: Page | None = None
    """What the page itself says, where it was looked up; without its text, which the item has."""

    @property
    def date(self) -> datetime | None:
        """The publisher's time, never later than the moment it was first seen; None where it is not known.

        Up to a day ahead is a clock or a time zone that is wrong. Further ahead it is no time of publication.
        """
        shown = self.item.date
        if shown is None or shown - self.first_seen > timedelta(days=1):
            return None
        return min(shown, self.first_seen)


@dataclass(frozen=True, slots=True)
class Story:
    """Reports of one event, the one to lead with first."""

    id: str
    items: tuple[Judged, ...]
    why_together: tuple[str, ...] = ()
    """One sentence for each report after the first: what it shares with the story."""

    @property
    def lead(self) -> Judged:
        """The report that stands for the story."""
        return self.items[0]

    @property
    def topics(self) -> tuple[str, ...]:
        """The lead's topics, then those that only other reports have."""
        return tuple(dict.fromkeys(topic for judged in self.items for topic in judged.verdict.topics))

    @property
    def topic(self) -> str | None:
        """The primary topic."""
        return next(iter(self.topics), None)

    @property
    def update(self) -> Update | None:
        """The latest update, where every report of the story was shown before."""
        updates = [judged.update for judged in self.items]
        return max((u for u in updates if u), key=lambda u: u.at) if all(updates) else None
