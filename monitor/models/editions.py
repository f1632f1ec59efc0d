"""Core: a digest as the config names it, and one edition of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .deliveries import Delivery, Undelivered
    from .health import HealthStatus, Notice, SourceHealth
    from .stories import Judged, Story


@dataclass(frozen=True, slots=True)
class Topic:
    """A section of the digest."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class DigestSpec:
    """One digest that the config names: what it holds, when it comes, who gets it."""

    id: str
    title: str
    schedule: str
    """A cron expression of five fields in the config's time zone, or "immediately"."""
    topics: tuple[str, ...] = ()
    """Topic ids; empty means all."""
    to: tuple[str, ...] = ()
    when_empty: Literal["notice", "skip"] = "notice"
    min_score: float = 0.0
    channels: tuple[str, ...] = field(default=(), repr=False)
    """URLs of chats and the like, as Apprise reads them. They hold secrets: hence no repr."""
    at_most_every: timedelta = timedelta(minutes=15)
    """With schedule "immediately": the least time between two editions."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One issue of a digest. Its window is (start, end]: what its own run has just polled belongs to it."""

    digest: str
    title: str
    start: datetime
    end: datetime
    local_date: date
    """The day it is for, in the config's time zone."""
    slot: str | None = None
    """The scheduled run it answers, unique within the digest; None for an edition made by hand."""
    name: str = ""
    """Its folder under the output: "2026-01-29", "2026-01-29-2" for a second one that day."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the monitor's keeper has to mend: a file that could not be used as it is now."""

    kind: Literal["config", "template"]
    where: str
    """The file, with line and column where they are known: config.yaml:12:3."""
    text: str
    """What is the matter, and what was used instead, in sentences."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an edition looked at, and what it could not see."""

    sources: tuple[SourceHealth, ...]
    looked_at: int
    """Items first seen in the window, relevant or not."""
    matched: int
    rules_version: str
    rules_changed: bool | None = None
    """Whether the edition before was made under other rules; None in a first edition."""
    notices: tuple[Notice, ...] = ()
    """What was told of sources within the window."""
    undelivered: tuple[Undelivered, ...] = ()
    """Earlier editions of this digest that did not reach somebody."""
    troubles: tuple[Trouble, ...] = ()

    def having(self, *statuses: HealthStatus) -> tuple[SourceHealth, ...]:
        """The sources with one of these statuses, in config order."""
        return tuple(source for source in self.sources if source.status in statuses)

    @property
    def read(self) -> int:
        """How many sources answered at their last poll."""
        return len(self.having("ok", "quiet", "overrun"))


@dataclass(frozen=True, slots=True)
class Section:
    """The stories of one topic, in reading order."""

    topic: Topic
    stories: tuple[Story, ...]


@dataclass(frozen=True, slots=True)
class TopicWeek:
    """What came under one topic in a week, and in the week before."""

    topic: Topic
    stories: int
    items: int
    items_before: int


@dataclass(frozen=True, slots=True)
class NewTerm:
    """A term that matched this week and not in the weeks before."""

    term: str
    """As written in config.yaml."""
    topic: str
    """The id of the topic that has it; "uk", "china" or "both" for a term of the sides."""
    items: int
    first: Judged
    """The first item that has it."""


@dataclass(frozen=True, slots=True)
class Week:
    """What an edition of a week or more says beside its stories."""

    topics: tuple[TopicWeek, ...]
    """Every topic of the digest, in config order."""
    new_terms: tuple[NewTerm, ...] = ()
    """Most items first."""
    new_names: tuple[str, ...] = ()
    """Names in relevant items that stood in none of the weeks before, the most frequent first."""
    weeks_before: int = 0
    """How far back the items reach that this week was compared with; 0 where there was none."""


@dataclass(frozen=True, slots=True)
class Digest:
    """An edition's content: every story stands in exactly one of the blocks."""

    edition: Edition
    topics: tuple[Topic, ...]
    """All topics of the config, for titles."""
    top: tuple[Story, ...]
    sections: tuple[Section, ...]
    updated: tuple[Story, ...]
    late: tuple[Story, ...]
    """First seen in the window, published well before it or without a date."""
    brief: tuple[Story, ...]
    """What passes the limits: titles only."""
    coverage: Coverage
    closest: tuple[Judged, ...] = ()
    """Where there is no story: the items that came nearest."""
    last_with_items: Edition | None = None
    week: Week | None = None
    """Set for editions of six days and more."""

    @property
    def stories(self) -> tuple[Story, ...]:
        """Every story, in reading order."""
        in_sections = tuple(story for section in self.sections for story in section.stories)
        return self.top + in_sections + self.updated + self.late + self.brief


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered edition. Stored before anything is written or sent; a retry uses the same bytes."""

    subject: str
    text: str
    html: str
    """The page: every story."""
    json: str
    mail_html: str = ""
    """The mail's HTML part: capped, so that no mail program cuts it."""
    mail_text: str = ""
    """The mail's text part, with the same stories as its HTML part."""


@dataclass(frozen=True, slots=True)
class Published:
    """An edition as the store keeps it."""

    id: int
    edition: Edition
    message: Message
    stories: int
    items: int
    written: bool
    deliveries: tuple[Delivery, ...] = ()
    rules_version: str = ""
    """The rules it was made under."""
