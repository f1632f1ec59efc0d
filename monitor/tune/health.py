"""Core: one term's counts over stored items, and the one word that sums them up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from ..models import Judged, Label

Word = Literal["noisy", "gone", "redundant", "only in", "sole carrier", "ok", "never"]

ENOUGH_ITEMS = 200
"""Fewer stored items than this say little about a term."""
ENOUGH = 5
"""Items, or labelled items, from which on a term is called noisy, gone, redundant or of one outlet."""
ENOUGH_MATCHED = 20
"""Matched items from which on a term may be said to stand in most of them."""
SILENCE = timedelta(days=30)

WORDS: Mapping[Word, str] = {
    "noisy": f"of its labelled items ({ENOUGH} or more) fewer than half are relevant; or a topic's term that "
    "stands in more than half of all matched items, and so sorts nothing; or a term of exclude or elsewhere "
    "that by itself keeps out an item labelled relevant",
    "gone": f"found in {ENOUGH} items or more over at least {SILENCE.days} days, and then in none for "
    f"{SILENCE.days} days or more and at least twice its longest silence before",
    "redundant": f"found in {ENOUGH} items or more, each time together with another term of its list, and it "
    "carries none alone: so far nothing would be lost without it, and nothing is lost by keeping it",
    "only in": f"all its items ({ENOUGH} or more) are of one outlet, of which fewer than half of all items "
    "are: perhaps its page furniture",
    "sole carrier": "without it the items under ONLY would not be where they are",
    "ok": "found, and none of the other words holds",
    "never": "found in no item looked at",
}
"""What each word means. Where several hold, the first one is said; "never" excludes the others."""


@dataclass(frozen=True, slots=True)
class TermHealth:
    """One term of one list, over the items looked at."""

    role: str
    """A role of the rule book, or "ignore"."""
    topic: str | None
    term: str
    items: int
    """In how many items it is found; of `ignore`, from how many it took words away."""
    matched: int
    """How many of them are relevant under today's rules; a topic's term: filed under its topic."""
    only: int | None
    """Items that would leave without it: the digest, or its topic. Of exclude and elsewhere: items that would
    come in without it. None for `ignore`."""
    hits: int
    """Places, as verdicts keep them: at most three in each of title, first sentence and text."""
    inside: tuple[str, ...]
    """Terms of the same list that are found in all the same items, that with most items first."""
    labelled: int
    """Of its matched items (exclude and elsewhere: of its items) those that are labelled."""
    right: int
    """How many of those are labelled relevant, and with its topic where the label names topics."""
    wrongly_out: int
    """Of exclude and elsewhere: items labelled relevant that it alone keeps out."""
    last: datetime | None
    """When the last of its items was first seen."""
    outlet: str | None
    """The outlet that all its items are of, if it is one."""
    example: int | None
    """An item that it carries alone, else one in which it is found: the last one."""
    word: Word


@dataclass(slots=True)
class Counts:
    """What is counted for one term while the items go by."""

    items: int = 0
    matched: int = 0
    only: int = 0
    hits: int = 0
    company: set[int] | None = None
    """Numbers of the terms of its list, itself left out, that were found wherever it was; None before the
    first item."""
    labelled: int = 0
    right: int = 0
    wrongly_out: int = 0
    first: datetime | None = None
    last: datetime | None = None
    silence: timedelta = field(default_factory=timedelta)
    """The longest time between two items."""
    outlet: str | None = None
    outlets: int = 0
    """0, 1, or 2 for more than one."""
    found_in: int | None = None
    carries: int | None = None

    def add(self, judged: Judged, hits: int, company: Iterable[int] = ()) -> None:
        """Counts an item in which the term is found in so many places, with those found together with it."""
        self.items += 1
        self.hits += hits
        seen = judged.first_seen
        if self.last is not None:
            self.silence = max(self.silence, seen - self.last)
        self.first = min(self.first or seen, seen)
        self.last = max(self.last or seen, seen)
        self.found_in = judged.id
        if self.outlets == 0:
            self.outlet, self.outlets = judged.outlet, 1
        elif self.outlet != judged.outlet:
            self.outlet, self.outlets = None, 2
        if self.company is None:
            self.company = set(company)
        elif self.company:
            self.company.intersection_update(company)

    def count_alone(self, item_id: int) -> None:
        """Counts an item that would not be where it is without the term."""
        self.only += 1
        self.carries = item_id

    def count_label(self, label: Label, topic: str | None) -> None:
        """Counts a label of an item that the term helped to where it is."""
        self.labelled += 1
        self.right += label.relevant and (topic is None or label.topics is None or topic in label.topics)

    def is_gone(self, newest: datetime | None) -> bool:
        """Whether it used to be found and is no more; `newest` is when the last item of all was seen."""
        if self.items < ENOUGH or not self.first or not self.last or not newest:
            return False
        return self.last - self.first >= SILENCE and newest - self.last >= max(SILENCE, 2 * self.silence)
