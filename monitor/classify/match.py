"""Core: finds phrases in an item's words and works out which terms they satisfy.

One pass over the words finds every phrase of every term, overlaps included; only terms with a phrase that was
found are then worked out. Nothing here can run away: each step is bounded by the number of phrases found.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ..text import Words
from .term import AtLeast, Both, Either, InTitle, Near, Node, Phrase, Same, Term, Without, Word, phrases

TITLE = 0


class Hit(NamedTuple):
    """A place where a term holds: words start to end (excluded) of one field."""

    where: int
    """Which of the item's texts: 0 is the title."""
    start: int
    end: int
    parts: tuple[tuple[int, int], ...]
    """The words that really matched, where there are others between them."""


Document = Sequence[Words]
Found = Mapping[Phrase, Sequence[Hit]]


class Scanner:
    """Finds a fixed set of phrases in one pass over a text's words."""

    def __init__(self, wanted: Iterable[Phrase]) -> None:
        self._exact: dict[str, list[Phrase]] = defaultdict(list)
        self._stems: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in dict.fromkeys(wanted):
            first = phrase.words[0]
            (self._stems if first.open_ended else self._exact)[first.fold].append(phrase)
        self._stem_lengths = sorted({len(stem) for stem in self._stems})

    def scan(self, document: Document, taken: Sequence[frozenset[int]] = ()) -> dict[Phrase, list[Hit]]:
        """Every place of every phrase. Words whose index is in `taken` (one set a text) are not there."""
        found: dict[Phrase, list[Hit]] = defaultdict(list)
        for where, text in enumerate(document):
            gone = taken[where] if taken else frozenset()
            for at, fold in enumerate(text.folds):
                for phrase in self._starting_with(fold):
                    end = at + len(phrase.words)
                    if _stands(phrase, text, at) and gone.isdisjoint(range(at, end)):
                        found[phrase].append(Hit(where, at, end, ((at, end),)))
        return found

    def _starting_with(self, fold: str) -> Iterable[Phrase]:
        exact = self._exact.get(fold, ())
        if not self._stem_lengths:
            return exact
        open_ended = [
            phrase
            for length in self._stem_lengths
            if length <= len(fold)
            for phrase in self._stems.get(fold[:length], ())
        ]
        return [*exact, *open_ended] if open_ended else exact


def _stands(phrase: Phrase, text: Words, at: int) -> bool:
    if at + len(phrase.words) > len(text):
        return False
    return all(_is(word, text.folds[i], text.forms[i]) for i, word in enumerate(phrase.words, at))


def _is(word: Word, fold: str, form: str) -> bool:
    same = fold.startswith(word.fold) if word.open_ended else fold == word.fold
    return same and all(form[at] == capital for at, capital in word.capitals)


def evaluate(node: Node, document: Document, found: Found) -> list[Hit]:  # noqa: PLR0911 - one case a node
    """Where a tree holds in a document, in reading order; empty where it does not."""
    match node:
        case Phrase():
            return list(found.get(node, ()))
        case Either(nodes):
            return sorted({hit for part in nodes for hit in evaluate(part, document, found)})
        case Both(nodes):
            parts = [evaluate(part, document, found) for part in nodes]
            return sorted({hit for part in parts for hit in part}) if all(parts) else []
        case Without(wanted, unwanted):
            hits = evaluate(wanted, document, found)
            return [] if hits and evaluate(unwanted, document, found) else hits
        case Near():
            return _near(node, document, found)
        case Same():
            return _same(node, document, found)
        case AtLeast(inner, count):
            hits = evaluate(inner, document, found)
            return hits if len(hits) >= count else []
        case InTitle(inner):
            title_only = {phrase: [h for h in hits if h.where == TITLE] for phrase, hits in found.items()}
            return evaluate(inner, document, title_only)


def _near(node: Near, document: Document, found: Found) -> list[Hit]:
    """Each place of the left side joined with the nearest place of the right side within the distance."""
    left, right = evaluate(node.left, document, found), evaluate(node.right, document, found)
    starts = [(hit.where, hit.start) for hit in right]
    reach = node.distance + max((hit.end - hit.start for hit in right), default=0)
    joined = set()
    for hit in left:
        text = document[hit.where]
        # Words between which a partner may start; the exact distance is then measured.
        first = bisect_left(text.numbers, text.numbers[hit.start] - reach)
        last = bisect_left(text.numbers, text.numbers[hit.end - 1] + node.distance + 1)
        window = right[bisect_left(starts, (hit.where, first)) : bisect_left(starts, (hit.where, last))]
        apart = [(_apart(text, hit, other), other) for other in window if not _overlap(hit, other)]
        if apart and min(apart)[0] <= node.distance:
            joined.add(_join(hit, min(apart)[1]))
    return sorted(joined)


def _same(node: Same, document: Document, found: Found) -> list[Hit]:
    """Each place of the left side joined with a place of the right side in its sentence."""
    left, right = evaluate(node.left, document, found), evaluate(node.right, document, found)
    starts = [(hit.where, hit.start) for hit in right]
    joined = set()
    for hit in left:
        at = bisect_left(starts, (hit.where, hit.start))
        # The next place on either side decides: what lies further off is in the sentence only if it is.
        before = next((other for other in reversed(right[:at]) if not _overlap(hit, other)), None)
        after = next((other for other in right[at:] if not _overlap(hit, other)), None)
        partners = [other for other in (before, after) if other and _together(document, hit, other)]
        if partners:
            joined.add(
                _join(hit, min(partners, key=lambda other: (_apart(document[hit.where], hit, other), other)))
            )
    return sorted(joined)


def _together(document: Document, a: Hit, b: Hit) -> bool:
    return a.where == b.where and document[a.where].sentences[a.start] == document[b.where].sentences[b.start]


def _join(a: Hit, b: Hit) -> Hit:
    return Hit(a.where, min(a.start, b.start), max(a.end, b.end), tuple(sorted({*a.parts, *b.parts})))


def _overlap(a: Hit, b: Hit) -> bool:
    return a.where == b.where and a.start < b.end and b.start < a.end


def _apart(text: Words, a: Hit, b: Hit) -> int:
    first, second = (a, b) if a.start <= b.start else (b, a)
    return text.numbers[second.start] - text.numbers[first.end - 1]


class Matcher:
    """All terms of a rule book, compiled together."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._terms = terms
        self._using: dict[Phrase, list[int]] = defaultdict(list)
        for number, term in enumerate(terms):
            for phrase in dict.fromkeys(phrases(term.node)):
                self._using[phrase].append(number)
        self._scanner = Scanner(self._using)

    def hits(self, document: Document, taken: Sequence[frozenset[int]] = ()) -> dict[int, list[Hit]]:
        """Term number → where it holds, for the terms that hold somewhere."""
        found = self._scanner.scan(document, taken)
        candidates = sorted({number for phrase in found for number in self._using[phrase]})
        holding = {number: evaluate(self._terms[number].node, document, found) for number in candidates}
        return {number: hits for number, hits in holding.items() if hits}


def words_taken(document: Document, hits: Iterable[Hit]) -> tuple[frozenset[int], ...]:
    """The words that `ignore` takes away: the longest places first, none reaching into another."""
    taken: list[set[int]] = [set() for _ in document]
    for hit in sorted(set(hits), key=lambda h: (sum(a - b for a, b in h.parts), h)):
        places = {at for start, end in hit.parts for at in range(start, end)}
        if taken[hit.where].isdisjoint(places):
            taken[hit.where] |= places
    return tuple(map(frozenset, taken))
