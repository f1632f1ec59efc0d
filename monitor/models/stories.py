"""Core: stored items, and the stories that they make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

        Up to a day ahead is a clock or a time zone that is wrong. Further ahead it is no time of publication,
        but perhaps that of a later update: then it is one that the page itself gives.
        """
        page = self.page
        given = (self.item.date, page and page.public_updated, page and page.first_published)
        known = (at for at in given if at and at - self.first_seen <= timedelta(days=1))
        shown = next(known, None)
        return min(shown, self.first_seen) if shown else None


LEAD_ORDER: tuple[Kind, ...] = (
    "official-uk",
    "official-china",
    "parliament",
    "uk-media",
    "world-media",
    "trade-press",
    "think-tank",
    "business",
    "university",
    "state-media",
    "other",
)
"""Whose report stands for a story: the one that made the news, then the nearest to the reader."""


def lead_first(judged: Judged) -> tuple[int, datetime, int]:
    """The key that puts the reports of a story in order, the one to lead with first."""
    return (LEAD_ORDER.index(judged.kind), judged.date or judged.first_seen, judged.id)


@dataclass(frozen=True, slots=True)
class Earlier:
    """Where a digest has shown a story before."""

    edition: str
    """The name of the latest edition that did."""
    local_date: date
    """The day of that edition."""
    title: str
    """The headline it had there."""
    reports: int
    """How many reports of it the digest has shown so far."""


@dataclass(frozen=True, slots=True)
class Story:
    """Reports of one event, the one to lead with first."""

    id: str
    items: tuple[Judged, ...]
    why_together: tuple[str, ...] = ()
    """One sentence for each report after the first: what it shares with the story."""
    earlier: Earlier | None = None
    """Set where the same digest has shown the story before: these reports are an update to it, not news."""
    why_joined: str = ""
    """What the first of these reports shares with the story, where that was there before it."""

    @property
    def lead(self) -> Judged:
        """The report that stands for the story."""
        return self.items[0]

    @property
    def reasons(self) -> tuple[str, ...]:
        """For each report what it shares with the story; "" where nothing says it."""
        told = (self.why_joined, *self.why_together)
        return (told + ("",) * len(self.items))[: len(self.items)]

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
