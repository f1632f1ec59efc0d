"""Core: names and phrases that stand in matched items and in no rule."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...classify import RuleBook
from ...classify.rulebook import JUDGED_CHARS
from ...models import Item, Judged, Match, Verdict
from ...text import fold
from ..changes import topic_list
from .keyness import ratio, sure_ratio, whole_phrases

MIN_ITEMS, MIN_OUTLETS = 3, 2
OUTLETS_COUNTED = 3
"""More are not told apart."""
LONGEST = 4
"""Words of a name, "of" and "for" not counted."""
LONGEST_RUN = 8
NAMES_AN_ITEM = 300
REMEMBERED = 50_000
"""Names kept in mind at a time; beyond that those of one item are forgotten, the oldest first."""
TWICE = 1.0
"""A ratio, as a power of two: a name that others have too has to be as often again in matched items."""

_NO_NAMES = frozenset(
    re.findall(
        r"\w+",
        "monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
        "august september october november december jan feb mar apr jun jul aug sep sept oct nov dec "
        "mr mrs ms dr sir lord lady dame i am pm gmt bst",
    )
)
_SMALL_IN_TITLES = frozenset(
    re.findall(
        r"\w+",
        "about after amid against among before between during from into over than through under upon with "
        "within without towards",
    )
)


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


@dataclass(frozen=True, slots=True)
class Sighting:
    """A name in one item."""

    text: str
    """As written there."""
    inside: bool
    """Whether it stands anywhere but at the beginning of a sentence, where every word has a capital."""
    alone: bool
    """Whether it stands anywhere but within a longer name."""


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
    """The names in an item's running text, by their words in small letters.

    A headline in which every word has a capital says nothing of names, so such sentences are passed over.
    Words without a capital are added to `ordinary`, up to a limit.
    """
    found: dict[str, Sighting] = {}
    covered: dict[str, list[Match]] = {"title": [], "summary": [], "text": []}
    for match in places:
        covered[match.where].append(match)
    for where, matches in covered.items():
        text: str = getattr(item, where)
        free = _without_known(text[:JUDGED_CHARS], matches)
        for start, end in _sentences(free):
            if not _is_running_text(text[start:end]):
                continue
            if len(ordinary) < REMEMBERED:
                ordinary.update(_SMALL.findall(free, start, end))
            for at, name, is_alone in _names(free, start, end):
                key = fold(name).replace("-", " ")
                before = found.get(key)
                found[key] = Sighting(
                    name,
                    inside=at > start + 1 or bool(before and before.inside),
                    alone=is_alone or bool(before and before.alone),
                )
            if len(found) >= NAMES_AN_ITEM:
                return found
    return found


_LETTER = r"[^\W\d_]"
_CAPITAL = r"[A-ZÀ-ÖØ-Þ]"
_NAME_WORD = rf"{_CAPITAL}[^\W_]+(?:['’](?!s\b){_LETTER}+)?"
_JOIN = rf"[ -](?:(?:of|for|de) (?:the )?)?(?={_CAPITAL})"
_RUN = re.compile(rf"(?<!\w){_NAME_WORD}(?:{_JOIN}{_NAME_WORD})*(?!\w)")
_IN_RUN = re.compile(_NAME_WORD)
_SENTENCE = re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][\"”’)]))\s+(?=[\"“‘(]?[^\Wa-z])|\n+")
_SMALL = re.compile(r"(?<!\w)[a-z]{2,}(?!\w)")
_INITIALS = re.compile(rf"(?<!\w){_LETTER}")
_KNOWN, _KNOWN_CAPITAL = "\0", "\1"


def _without_known(text: str, matches: Iterable[Match]) -> str:
    """`text` with the words that terms have found crossed out, so that every offset stays."""
    for match in matches:
        start, end = match.start, match.start + len(match.text)
        mark = _KNOWN_CAPITAL if match.text[:1].isupper() else _KNOWN
        text = text[:start] + mark * (end - start) + text[end:]
    return text


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _SENTENCE.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def _is_running_text(sentence: str) -> bool:
    """Whether capitals mean something here: not in a headline, a list of names or a line in capitals."""
    initials = _INITIALS.findall(sentence)
    small = sum(letter.islower() for letter in initials)
    if small < 0.4 * len(initials):
        return False
    return any(len(word) >= 4 and word not in _SMALL_IN_TITLES for word in _SMALL.findall(sentence))


def _names(text: str, start: int, end: int) -> Iterator[tuple[int, str, bool]]:
    """Words with capitals that follow each other in a sentence, and parts: (where, the words, whether whole).

    What goes on in a term is the beginning of a name that the rules have: Rachel of "Reeves". A single word
    after a term is the end of one: Ambassador after "Chinese".
    """
    for found in _RUN.finditer(text, start, end):
        if _KNOWN_CAPITAL in text[found.end() : found.end() + 2]:
            continue
        run: list[tuple[int, int]] = []
        for word in _IN_RUN.finditer(text, found.start(), found.end()):
            if word[0].lower() in _NO_NAMES:
                yield from _parts_of(run, text)
                run = []
            else:
                run.append(word.span())
        if len(run) > 1 or not {_KNOWN, _KNOWN_CAPITAL} & {*text[max(0, found.start() - 2) : found.start()]}:
            yield from _parts_of(run, text)


def _parts_of(run: Sequence[tuple[int, int]], text: str) -> Iterator[tuple[int, str, bool]]:
    if len(run) > LONGEST_RUN:
        return
    for first, (start, _) in enumerate(run):
        for _, end in run[first : first + LONGEST]:
            yield start, text[start:end], (start, end) == (run[0][0], run[-1][1])


def _without_singles(counts: Mapping[str, int]) -> dict[str, int]:
    return {key: count for key, count in counts.items() if count > 1}


def _is_known(text: str, book: RuleBook) -> bool:
    """Whether a rule has the phrase after all: `ignore`, or a term that was found in other items only."""
    item = Item("name", "name", "name", "", text)
    return bool(book.ignored(item) or book.places(item))
