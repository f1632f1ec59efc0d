"""Core: the rules as written, and what they say of an item, with every reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .feeds import FeedState, Item, PollStatus

Field = Literal["title", "lead", "text"]
Role = Literal["uk", "china", "both", "elsewhere", "exclude", "topic"]


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
class Label:
    """What an analyst says of a stored item: the truth that rules are measured against."""

    item_id: int
    relevant: bool
    topics: tuple[str, ...] | None
    """None where the analyst said nothing of topics."""
    at: datetime


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
    windowed: bool = True
    """Whether the document is a window on the latest items, which can move past some between two polls. False
    for APIs and searches, which are asked for a span of days."""
    entries: tuple[str | int, ...] = ()
    """`ParsedFeed.entries`; of one that was not read again the id of its item, 0 where it has none."""
    outline: bytes = b""
    """`ParsedFeed.outline`."""
    rules_version: str = ""
    """The rules by which the items of such a document were judged."""

    @property
    def unchanged(self) -> frozenset[int]:
        """The ids of the items whose entries stand in the document as before, and were not read again."""
        return frozenset(entry for entry in self.entries if isinstance(entry, int))


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the store made of a SourceOutcome."""

    new: int = 0
    updated: int = 0
    relevant: int = 0
    """How many of the new and updated items are relevant."""
    overrun: bool = False
    """Whether the document held nothing that was known: what came between two polls may have been missed."""
