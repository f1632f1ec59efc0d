"""Core: finds phrases in an item's words and works out which terms they satisfy.

One pass over the words finds every phrase of every term, overlaps included; only terms with a phrase that was
found are then worked out. Nothing here can run away: each step is bounded by the number of phrases found.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from itertools import islice, pairwise
from typing import NamedTuple

from ..text import Words
from .term import AtLeast, Both, Either, InTitle, Near, Node, Phrase, Same, Term, Without, Word, phrases

TITLE = 0
PARTNERS = 4
"""How many neighbours one place is joined with: enough for a third term to find the right one of them."""


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
        self._single: dict[str, list[Phrase]] = defaultdict(list)
        self._pairs: dict[tuple[str, str], list[Phrase]] = defaultdict(list)
        self._stems: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in dict.fromkeys(wanted):
            first, *others = phrase.words
            if first.open_ended:
                self._stems[first.fold].append(phrase)
            elif others and not others[0].open_ended:
                # By two words: a text that repeats one word must not try every phrase that begins with it.
                self._pairs[first.fold, others[0].fold].append(phrase)
            else:
                self._single[first.fold].append(phrase)
        self._stem_lengths = sorted({len(stem) for stem in self._stems})

    def scan(self, document: Document, taken: Sequence[frozenset[int]] = ()) -> dict[Phrase, list[Hit]]:
        """Every place of every phrase. Words whose index is in `taken` (one set a text) are not there."""
        found: dict[Phrase, list[Hit]] = defaultdict(list)
        for where, text in enumerate(document):
            gone = taken[where] if taken else frozenset()
            for at, (fold, following) in enumerate(pairwise((*text.folds, ""))):
                for phrase in self._starting_with(fold, following):
                    end = at + len(phrase.words)
                    if _stands(phrase, text, at) and gone.isdisjoint(range(at, end)):
                        found[phrase].append(Hit(where, at, end, ((at, end),)))
        return found

    def _starting_with(self, fold: str, following: str) -> Iterator[Phrase]:
        yield from self._single.get(fold, ())
        yield from self._pairs.get((fold, following), ())
        for length in self._stem_lengths:
            if length > len(fold):
                return
            yield from self._stems.get(fold[:length], ())


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
            # A phrase and a NEAR may find the same words: that is one time.
            return hits if len({(hit.where, _words_of(hit)) for hit in hits}) >= count else []
        case InTitle(inner):
            in_title = {
                phrase: [hit for hit in found.get(phrase, ()) if hit.where == TITLE]
                for phrase in phrases(inner)
            }
            return evaluate(inner, document, in_title)


def _near(node: Near, document: Document, found: Found) -> list[Hit]:
    """Each place of the left side joined with the nearest places of the right side within the distance."""
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
        close = [(distance, other) for distance, other in apart if distance <= node.distance]
        joined |= {_join(hit, other) for _, other in nsmallest(PARTNERS, close)}
    return sorted(joined)


def _same(node: Same, document: Document, found: Found) -> list[Hit]:
    """Each place of the left side joined with the nearest places of the right side in its sentence.

    A place that NEAR has joined across a full stop is in no sentence.
    """
    left, right = (
        [hit for hit in evaluate(side, document, found) if _is_in_one_sentence(hit, document)]
        for side in (node.left, node.right)
    )
    starts = [(hit.where, hit.start) for hit in right]
    joined = set()
    for hit in left:
        sentences = document[hit.where].sentences
        sentence = sentences[hit.start]
        first = bisect_left(starts, (hit.where, bisect_left(sentences, sentence)))
        last = bisect_left(starts, (hit.where, bisect_left(sentences, sentence + 1)))
        at = bisect_left(starts, (hit.where, hit.start), first, last)
        before = _apart_from(hit, (right[i] for i in range(at - 1, first - 1, -1)))
        after = _apart_from(hit, (right[i] for i in range(at, last)))
        joined |= {_join(hit, other) for other in (*before, *after)}
    return sorted(joined)


def _is_in_one_sentence(hit: Hit, document: Document) -> bool:
    sentences = document[hit.where].sentences
    return sentences[hit.start] == sentences[hit.end - 1]


def _apart_from(hit: Hit, others: Iterator[Hit]) -> Iterator[Hit]:
    """The first few of `others` that share no word with `hit`."""
    return islice((other for other in others if not _overlap(hit, other)), PARTNERS // 2)


def _join(a: Hit, b: Hit) -> Hit:
    return Hit(a.where, min(a.start, b.start), max(a.end, b.end), tuple(sorted({*a.parts, *b.parts})))


def _overlap(a: Hit, b: Hit) -> bool:
    """Whether both claim a word. Between the parts of one there is room for the other."""
    if a.where != b.where or a.start >= b.end or b.start >= a.end:
        return False
    return any(start < end_b and start_b < end for start, end in a.parts for start_b, end_b in b.parts)


def _words_of(hit: Hit) -> frozenset[int]:
    return frozenset(at for start, end in hit.parts for at in range(start, end))


def _apart(text: Words, a: Hit, b: Hit) -> int:
    """Words from one to the other, neighbours being 1 apart; of several parts the nearest two count."""
    numbers = text.numbers
    return min(
        numbers[start_b] - numbers[end_a - 1] if start_a <= start_b else numbers[start_a] - numbers[end_b - 1]
        for start_a, end_a in a.parts
        for start_b, end_b in b.parts
    )


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
        places = _words_of(hit)
        if taken[hit.where].isdisjoint(places):
            taken[hit.where] |= places
    return tuple(map(frozenset, taken))
