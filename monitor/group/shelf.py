"""Core: reports as they stand on a shelf: counted by word and by day, and found again by their words."""

from __future__ import annotations

from bisect import bisect_right, insort_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import islice

from .background import Background
from .reports import Prepared
from .wording import one_form

_LOOKED_THROUGH = 4
"""For one report that lies near enough in time, so many may be looked at that do not."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A report on a shelf, and the number of the story it is in. Equal only to itself."""

    prepared: Prepared
    story: int
    first: int
    last: int
    """The ordinals of its first and its last day; beyond all others where it has no date."""


class Shelf:
    """Reports that can be searched. They may be counted before they are placed where they can be found."""

    def __init__(self, background: Background | None = None) -> None:
        self.reports = 0
        self.documents = background.documents if background else 0
        self.counts: Counter[str] = Counter()
        """In how many documents each comparable word stands."""
        for word, count in (background.counts if background else {}).items():
            form = one_form(word)
            self.counts[form] = min(self.documents, self.counts[form] + count)
        self._per_day: defaultdict[int, float] = defaultdict(float)
        self._postings: defaultdict[str, list[Placed]] = defaultdict(list)

    def __contains__(self, word: str) -> bool:
        return word in self._postings

    def count(self, prepared: Prepared) -> None:
        """Takes a report into the counts of words and days; a span is spread evenly over its days."""
        self.reports += 1
        self.documents += 1
        self.counts.update(prepared.counts.keys())
        if prepared.first is None or prepared.last is None:
            return
        start, end = prepared.first.toordinal(), prepared.last.toordinal()
        for day in range(start, end + 1):
            self._per_day[day] += 1 / (end - start + 1)

    def place(self, prepared: Prepared, story: int) -> None:
        """Makes a report one that `near` can find. Quickest in the order of first days."""
        placed = Placed(
            prepared,
            story,
            (prepared.first or date.max).toordinal(),
            (prepared.last or date.max).toordinal(),
        )
        for word in prepared.counts:
            postings = self._postings[word]
            if not postings or postings[-1].first <= placed.first:
                postings.append(placed)
            else:
                insort_right(postings, placed, key=_first)

    def within(self, start: int, end: int) -> float:
        """How many reports were counted for the days of these ordinals, `end` included."""
        days = self._per_day
        return sum(days[day] for day in range(start, end + 1) if day in days)

    def near(self, word: str, prepared: Prepared, window: int, most: int) -> list[Placed]:
        """At most `most` reports that hold the word, not more than `window` days away, the latest first."""
        postings = self._postings.get(word)
        if not postings or not most:
            return []
        if prepared.first is None or prepared.last is None:
            return postings[-1 : -most - 1 : -1]
        earliest, latest = prepared.first.toordinal() - window, prepared.last.toordinal() + window
        end = bisect_right(postings, latest, key=_first)
        looked_at = reversed(postings[max(0, end - most * _LOOKED_THROUGH) : end])
        return list(islice((placed for placed in looked_at if placed.last >= earliest), most))


def _first(placed: Placed) -> int:
    return placed.first
