"""Border: what stored items say of terms: where each was found, words a wildcard took, plurals seen.

It reads the reasons that were stored with each item, so it costs no second judging; a term that is new says
nothing yet.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...classify.nodes import Phrase
from ...models import Judged, Match, Side
from .findings import Entry, TermList
from .vocabulary import ENDINGS, NOUNS

ENOUGH = 200
"""Items from which on shares mean something."""
BROAD = 0.2
"""The share of all items in which a term stands that says too little."""
LIFT = 1.2
"""How much more often a term must stand in relevant items than in all."""
SEEN = 3
"""Items from which on a word that a wildcard took is no accident."""
LOOKED_AT = 3_000
"""Characters of a text that are searched for plurals."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")

Key = tuple[str, str | None, str]
"""Role, topic and term of a match."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Items, and how many of them are relevant."""

    items: int = 0
    relevant: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stored items say of terms; without items it says nothing."""

    items: int = 0
    telling: Mapping[str, Counts] = field(default_factory=dict)
    """By role: the items that can tell whether a term is broad; those of a UK source cannot for `uk`."""
    found: Mapping[Key, Counts] = field(default_factory=dict)
    words: Mapping[Key, Mapping[str, int]] = field(default_factory=dict)
    """The last words that a term took, in how many items each."""
    plurals: Mapping[str, int] = field(default_factory=dict)

    def too_broad(self, terms: TermList, term: str) -> str:
        """ "25% of 2,000 stored items", where that is too many and no more of the relevant ones; else ""."""
        all_items = self.telling.get(terms.role, Counts())
        found = self.found.get((terms.role, terms.topic, term), Counts())
        if all_items.items < ENOUGH or found.items <= BROAD * all_items.items or not all_items.relevant:
            return ""
        share, usual = found.relevant / found.items, all_items.relevant / all_items.items
        if share >= 0.5 or share > LIFT * usual:
            return ""
        return f"{found.items / all_items.items:.0%} of {all_items.items:,} stored items"

    def odd_endings(self, terms: TermList, entry: Entry) -> str:
        """Words that `noun*` took and that are not forms of the noun: "hospitality (12 items)"; else ""."""
        node = entry.term.node
        if not isinstance(node, Phrase) or not node.words[-1].open_ended or node.words[-1].fold not in NOUNS:
            return ""
        stem = node.words[-1].fold
        taken = self.words.get((terms.role, terms.topic, entry.term.source), {})
        odd = {
            word: count
            for word, count in taken.items()
            if count >= SEEN and word.startswith(stem) and word[len(stem) :] not in ENDINGS
        }
        return _listed(odd)

    def words_of(self, entry: Entry) -> str:
        """The words that a wildcard took, the most frequent first; "" where none is known."""
        counts: Counter[str] = Counter()
        for (_, _, term), words in self.words.items():
            if term == entry.term.source:
                counts.update(words)
        return _listed(counts)

    def items_with(self, phrase: str) -> int:
        """How many stored items have a plural that was asked for."""
        return self.plurals.get(phrase, 0)


def _listed(words: Mapping[str, int]) -> str:
    most = sorted(words.items(), key=lambda pair: (-pair[1], pair[0]))[:6]
    return ", ".join(f"{word} ({count} {'item' if count == 1 else 'items'})" for word, count in most)


def gather(items: Iterable[Judged], sides: Mapping[str, Side | None], plurals: Iterable[str]) -> Evidence:
    """Reads stored items once. `sides`: of each source by id; `plurals`: phrases to look for."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for phrase in plurals:
        wanted[phrase.rsplit(" ", 1)[-1]].append(phrase)
    total = 0
    telling: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    found: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    words: dict[Key, Counter[str]] = defaultdict(Counter)
    seen: Counter[str] = Counter()
    for judged in items:
        total += 1
        relevant = judged.verdict.relevant
        roles = _telling(sides.get(judged.item.source_id))
        for role in roles:
            _count(telling[role], relevant)
        by_key: dict[Key, list[Match]] = defaultdict(list)
        for match in judged.verdict.matches:
            by_key[match.role, match.topic, match.term].append(match)
        for key, matches in by_key.items():
            if key[0] in roles:
                _count(found[key], relevant)
            if "*" in key[2]:
                words[key].update({_last_word(match.text) for match in matches})
        seen.update(_plurals_in(judged, wanted))
    return Evidence(
        total,
        {role: Counts(*counts) for role, counts in telling.items()},
        {key: Counts(*counts) for key, counts in found.items()},
        words,
        seen,
    )


def _count(counts: list[int], relevant: bool) -> None:
    counts[0] += 1
    counts[1] += relevant


def _telling(side: Side | None) -> tuple[str, ...]:
    implied = {"uk": {"uk"}, "china": {"china"}, "both": {"uk", "china"}}.get(side or "", set())
    return tuple(role for role in ("uk", "china", "both", "topic") if role not in implied)


def _last_word(text: str) -> str:
    found = _WORD.findall(text.replace("’", "'").casefold())
    return found[-1].removesuffix("'s") if found else ""


def _plurals_in(judged: Judged, wanted: Mapping[str, list[str]]) -> set[str]:
    if not wanted:
        return set()
    item = judged.item
    text = " ".join(_WORD.findall(f"{item.title} . {item.summary} . {item.text[:LOOKED_AT]}".casefold()))
    padded = f" {text} "
    last = wanted.keys() & set(text.split())
    return {phrase for word in last for phrase in wanted[word] if f" {phrase.casefold()} " in padded}
