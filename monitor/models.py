"""Core: the frozen values that pass between the stages, in the order in which they arise.

schedule → fetch → parse → classify → store → group → digest → render → deliver

Every time is an aware UTC datetime; every duration is in seconds or a timedelta; every size is in bytes.
London time exists only in cron expressions, window labels and templates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

Side = Literal["uk", "china", "both"]
Kind = Literal[
    "official-uk",
    "parliament",
    "official-china",
    "state-media",
    "uk-media",
    "world-media",
    "trade-press",
    "think-tank",
    "business",
    "university",
    "other",
]
Field = Literal["title", "lead", "text"]
Role = Literal["uk", "china", "both", "elsewhere", "exclude", "topic"]
PollStatus = Literal["ok", "unchanged", "failed", "skipped"]


class Refusal(Exception):  # noqa: N818 - what the user is told, not always a fault
    """What stops a command and is told to its user in words. `exit_code` is what the program ends with.

    Refusal
    ├── UsageError          2    the command cannot be run as it was asked for
    ├── ConfigError         2    config.yaml cannot be used
    ├── TemplateProblem     2    a template cannot be rendered
    ├── StoreError          2    the database cannot be used
    │   ├── StoreBusy       75   … just now
    │   └── AlreadyPublished 75  another instance has just made this edition
    └── DeliveryError       1    an edition is kept, and could not be written out
    """

    exit_code = 2

    def told(self, *, colour: bool = False) -> str:  # noqa: ARG002 - for those that can use it
        """The message as it is printed."""
        return f"monitor: {self}"


@dataclass(frozen=True, slots=True)
class Source:
    """One address that is polled, as `config.yaml` describes it. Never changes while running."""

    id: str
    name: str
    url: str
    kind: Kind
    outlet: str
    """The publisher's name as readers see it; several sources may share it."""
    every: timedelta
    """The shortest time between two polls."""
    max_bytes: int
    """The largest body accepted, counted after decompression."""
    timeout: float
    """Seconds for the whole request, redirects and body included."""
    side: Side | None = None
    """What the source alone implies: `uk` and `china` need a term of the other side, `both` one of either."""
    enabled: bool = True
    headers: tuple[tuple[str, str], ...] = ()
    strip: tuple[str, ...] = ()
    """Boilerplate to cut from titles and summaries, besides what is always cut."""
    full_text: bool = False
    lang: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered of a source between two polls."""

    source_id: str
    url: str = ""
    """The configured address that the validators below belong to."""
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    """Digest of the last body that was parsed, so that the same bytes are not parsed again."""
    next_due: datetime | None = None
    last_polled: datetime | None = None
    last_ok: datetime | None = None
    last_new: datetime | None = None
    """When an item of this source was last seen for the first time."""
    failures: int = 0
    """Failed polls in a row."""
    failing_since: datetime | None = None
    error: str | None = None
    http_status: int | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A source's answer. `body` is None where the server said that nothing changed (304)."""

    source_id: str
    url: str
    """The address that answered, after redirects."""
    status: int
    body: bytes | None
    content_type: str = ""
    etag: str | None = None
    """Verbatim, weak marker and quotes included (RFC 9110, 8.8.3)."""
    last_modified: str | None = None
    """Verbatim (RFC 9110, 8.8.2)."""
    moved_to: str | None = None
    """The new address, where every redirect on the way was permanent (301 or 308)."""


@dataclass(frozen=True, slots=True)
class Item:
    """One page that a feed points at, as plain text."""

    key: str
    """The identity over all feeds: see `parse`."""
    source_id: str
    guid: str
    url: str
    title: str
    summary: str = ""
    text: str = ""
    """Longer text, where the feed carries it. Searched and classified, never shown whole."""
    lang: str = "en"
    published: datetime | None = None
    updated: datetime | None = None

    @property
    def date(self) -> datetime | None:
        """The time that readers are shown: published, else updated."""
        return self.published or self.updated


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """The items of one document, in its order."""

    title: str
    items: tuple[Item, ...]
    skipped: tuple[str, ...] = ()
    """Why each entry that could not be read was left out."""


@dataclass(frozen=True, slots=True)
class Match:
    """One term found at one place of an item: the unit of every explanation."""

    role: Role
    term: str
    """The term as written in config.yaml."""
    field: Field
    text: str
    """The words that matched, as the item has them."""
    start: int
    """Offset of `text` in the field's own string: title; summary for lead; summary or text for text."""
    topic: str | None = None
    points: float = 0.0
    """What this match is worth before sums, maxima and caps: the field's weight times the term's."""
    where: Literal["title", "summary", "text"] = "title"
    """The attribute of the item that `start` counts in."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an item is about UK-China relations, under which topics, and why."""

    relevant: bool
    score: float
    topics: tuple[str, ...]
    """Topic ids, the primary one first; empty where the item is not relevant."""
    matches: tuple[Match, ...]
    rules_version: str
    parts: tuple[tuple[str, float], ...] = ()
    """The terms of the sum, in order: ("uk", 3.0), ("china", 2.0), ("both", 0.0), ("elsewhere", -2.0)."""
    reason: str = ""
    """One sentence: why it is in, or what was lacking."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """An item with the verdict of the moment, before the store knows whether it is new."""

    item: Item
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class SourceOutcome:
    """All that one poll of one source writes, in one transaction."""

    state: FeedState
    status: PollStatus
    assessed: tuple[Assessed, ...] = ()
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the store made of a SourceOutcome."""

    new: int = 0
    updated: int = 0
    relevant: int = 0
    """How many of the new and updated items are relevant."""


@dataclass(frozen=True, slots=True)
class Update:
    """What changed in an item since an edition showed it."""

    at: datetime
    what: str
    """In words: "new title", "published again", …"""
    old_title: str | None = None


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
    """Set where an earlier edition of the same digest has shown an earlier revision."""

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
class SourceStatus:
    """One line of the coverage statement."""

    id: str
    name: str
    status: Literal["read", "failed", "quiet", "never"]
    """quiet: answers, but longer without a new item than its habit; never: not polled yet."""
    error: str = ""
    since: datetime | None = None
    last_ok: datetime | None = None
    last_new: datetime | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an edition looked at, and what it could not see."""

    sources: tuple[SourceStatus, ...]
    looked_at: int
    """Items first seen in the window, relevant or not."""
    matched: int
    rules_version: str
    rules_changed: bool = False
    """Whether the edition before was made under other rules."""

    def having(self, *statuses: str) -> tuple[SourceStatus, ...]:
        """The sources with one of these statuses, in config order."""
        return tuple(source for source in self.sources if source.status in statuses)

    @property
    def read(self) -> int:
        """How many sources answered at their last poll."""
        return len(self.having("read", "quiet"))


@dataclass(frozen=True, slots=True)
class Section:
    """The stories of one topic, in reading order."""

    topic: Topic
    stories: tuple[Story, ...]


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
    """The mail's HTML part, capped. Empty until mail is sent."""


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


@dataclass(frozen=True, slots=True)
class Delivery:
    """One recipient of one edition."""

    recipient: str
    status: str
    """pending until mail is sent; see docs for the other words."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about the config: what, where, and what to do."""

    message: str
    file: str
    line: int = 0
    column: int = 0
    hint: str = ""
    severity: Literal["error", "warning"] = "error"
    excerpt: str = ""
    """The line of the file, for the caret."""

    def __str__(self) -> str:
        """`file:line:column: error: message (hint)`, the form that editors make clickable."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}: {self.severity}: {self.message}{hint}"


@dataclass(frozen=True, slots=True)
class RelevanceWeights:
    """The few numbers of the relevance score; docs/rules.md explains them, `explain` shows them at work."""

    title: float = 3
    lead: float = 2
    text: float = 1
    source_side: float = 2
    threshold: float = 3
    elsewhere_title: float = 2
    """Taken away for a third country in the title beside the UK."""
    elsewhere_title_alone: float = 4
    """Taken away for a third country in the title without the UK."""
    elsewhere_text: float = 1
    elsewhere_text_max: float = 2
    topic_min: float = 2
    topic_share: float = 0.3
    topics_max: int = 3
    fallback_topic: str | None = None


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """The rules as written: terms in config order, with the place each stands at for error messages."""

    uk: tuple[str, ...] = ()
    china: tuple[str, ...] = ()
    both: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    topics: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(topic id, terms), in config order."""
    weights: RelevanceWeights = field(default_factory=RelevanceWeights)
