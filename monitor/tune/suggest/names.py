"""Core: names and phrases that stand in matched items and in no rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...classify import RuleBook
from ...classify.finding import JUDGED_CHARS
from ...models import Item, Judged, Match, Verdict
from ...text import Sighting, fold
from ...text import names_in as text_names
from ..changes import topic_list
from .keyness import ratio, sure_ratio, whole_phrases

MIN_ITEMS, MIN_OUTLETS = 3, 2
OUTLETS_COUNTED = 3
"""More are not told apart."""
REMEMBERED = 50_000
"""Names kept in mind at a time; beyond that those of one item are forgotten, the oldest first."""
TWICE = 1.0
"""A ratio, as a power of two: a name that others have too has to be as often again in matched items."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name or phrase that no rule has."""

    text: str
    items: int
    """Matched items in which it stands."""
    outlets: int
    """Of how many outlets those are, counted up to OUTLETS_COUNTED."""
    others: int
    """Items not matched in which it stands."""
    where: str
    """The topic under which most of its items stand, as `diff --add` names it; "" for none."""
    example: int


@dataclass(slots=True)
class _Seen:
    text: str
    items: int = 0
    inside: int = 0
    """In how many items it stood so: see Sighting."""
    alone: int = 0
    example: int = 0
    outlets: set[str] = field(default_factory=set)
    topics: Counter[str] = field(default_factory=Counter)


class Names:
    """Collects names while the items go by; memory is bounded."""

    def __init__(self) -> None:
        self._matched = self._others = 0
        self._seen: dict[str, _Seen] = {}
        self._elsewhere: dict[str, int] = {}
        self._ordinary: set[str] = set()
        """Words that were seen without a capital: alone they are no name."""

    def add(self, judged: Judged, places: Sequence[Match], verdict: Verdict) -> None:
        """Takes up the names of one item. Words that a term has found are in a rule already."""
        found = names_in(judged.item, places, self._ordinary)
        found.pop(fold(judged.outlet), None)
        if not verdict.relevant:
            self._others += 1
            for key in found:
                self._elsewhere[key] = self._elsewhere.get(key, 0) + 1
            if len(self._elsewhere) > REMEMBERED:
                self._elsewhere = _without_singles(self._elsewhere)
            return
        self._matched += 1
        for key, sighting in found.items():
            seen = self._seen.setdefault(key, _Seen(sighting.text))
            seen.items += 1
            seen.inside += sighting.inside
            seen.alone += sighting.alone
            seen.example = judged.id
            if len(seen.outlets) < OUTLETS_COUNTED:
                seen.outlets.add(judged.outlet)
            if verdict.topics:
                seen.topics[verdict.topics[0]] += 1
            if sighting.inside:
                seen.text = sighting.text
        if len(self._seen) > REMEMBERED:
            kept = [key for key, seen in self._seen.items() if seen.items > 1][-REMEMBERED // 2 :]
            self._seen = {key: self._seen[key] for key in kept}

    def best(self, book: RuleBook, topic: str | None) -> Iterator[Name]:
        """Names that stand out in matched items, the most telling first; only those of `topic` if given."""
        enough = {key: seen.items for key, seen in self._seen.items() if self._is_candidate(key, seen)}
        ratios = {key: sure_ratio(*self._frequencies(key)) for key in whole_phrases(enough)}
        for key in sorted(ratios, key=lambda k: (-ratios[k], -enough[k], k)):
            seen = self._seen[key]
            mostly = max(seen.topics, key=lambda t: seen.topics[t], default=None)
            if topic is not None and mostly != topic:
                continue
            if not _is_known(seen.text, book):
                yield Name(
                    seen.text,
                    seen.items,
                    len(seen.outlets),
                    self._elsewhere.get(key, 0),
                    topic_list(mostly) if mostly else "",
                    seen.example,
                )

    def _is_candidate(self, key: str, seen: _Seen) -> bool:
        if seen.items < MIN_ITEMS or len(seen.outlets) < MIN_OUTLETS or not seen.inside:
            return False
        # A first name that several people have is no name, nor is an ordinary word in a title of honour.
        if " " not in key and (2 * seen.alone <= seen.items or key in self._ordinary):
            return False
        return key not in self._elsewhere or ratio(*self._frequencies(key)) >= TWICE

    def _frequencies(self, key: str) -> tuple[int, int, int, int]:
        return self._seen[key].items, self._matched, self._elsewhere.get(key, 0), self._others


def names_in(item: Item, places: Iterable[Match], ordinary: set[str]) -> dict[str, Sighting]:
    """The names in an item's running text that no term has found: see text.names_in."""
    known: dict[str, list[tuple[int, int]]] = {"title": [], "summary": [], "text": []}
    for match in places:
        known[match.where].append((match.start, match.start + len(match.text)))
    return text_names(
        ((getattr(item, where)[:JUDGED_CHARS], spans) for where, spans in known.items()), ordinary
    )


def _without_singles(counts: Mapping[str, int]) -> dict[str, int]:
    return {key: count for key, count in counts.items() if count > 1}


def _is_known(text: str, book: RuleBook) -> bool:
    """Whether a rule has the phrase after all: `ignore`, or a term that was found in other items only."""
    item = Item("name", "name", "name", "", text)
    return bool(book.ignored(item) or book.places(item))
