"""Core: works out which terms the phrases found in an item satisfy.

One pass over the words finds every phrase of every term, overlaps included; only terms with a phrase that was
found are then worked out. Nothing here can run away: each step is bounded by the number of phrases found, and
what operators make of them by `MOST_JOINED`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from heapq import nsmallest
from itertools import chain, islice
from sys import maxsize
from typing import NamedTuple

from .index import Index
from .nodes import AtLeast, Both, Either, InTitle, Near, Node, Phrase, Same, Without, phrases
from .scan import Document, Hit, Scanner
from .term import Term, compile_term

TITLE = 0
PARTNERS = 4
"""How many neighbours one place is joined with: enough for a third term to find the right one of them."""
MOST_JOINED = 200
"""Places that NEAR or SAME hands on, the first ones. Of a NEAR of NEARs there would be four times as many at
each level, and a text that repeats their words would take minutes."""

Found = Mapping[str, Sequence[Hit]]
"""By the phrase's key."""


def evaluate(node: Node, document: Document, found: Found) -> list[Hit]:  # noqa: PLR0911 - one case a node
    """Where a tree holds in a document, in reading order; empty where it does not."""
    match node:
        case Phrase():
            return list(found.get(node.key, ()))
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
            return hits if len({(hit.where, _words_of(hit, document)) for hit in hits}) >= count else []
        case InTitle(inner):
            in_title = {
                phrase.key: [hit for hit in found.get(phrase.key, ()) if hit.where == TITLE]
                for phrase in phrases(inner)
            }
            return evaluate(inner, document, in_title)


def _near(node: Near, document: Document, found: Found) -> list[Hit]:
    """Each place of the left side joined with the nearest places of the right side within the distance."""
    left, right = evaluate(node.left, document, found), evaluate(node.right, document, found)
    if not left or not right:
        return []
    theirs = [_numbers(hit, document) for hit in right]
    starts = [(hit.where, numbers[0][0]) for hit, numbers in zip(right, theirs, strict=True)]
    reach = node.distance + max(numbers[-1][1] - numbers[0][0] for numbers in theirs)
    joined = set()
    for hit in left:
        ours = _numbers(hit, document)
        # Numbers between which a partner may start; the exact distance is then measured.
        first = bisect_left(starts, (hit.where, ours[0][0] - reach))
        last = bisect_left(starts, (hit.where, ours[-1][1] + node.distance + 1))
        apart = [
            (_apart(ours, theirs[at]), right[at]) for at in range(first, last) if not _overlap(hit, right[at])
        ]
        close = [(distance, other) for distance, other in apart if distance <= node.distance]
        joined |= {_join(hit, other) for _, other in nsmallest(PARTNERS, close)}
    return nsmallest(MOST_JOINED, joined)


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
        ends = document[hit.where].sentence_ends
        sentence = bisect_right(ends, hit.start)
        begin = ends[sentence - 1] if sentence else 0
        end = ends[sentence] if sentence < len(ends) else maxsize
        first, last = bisect_left(starts, (hit.where, begin)), bisect_left(starts, (hit.where, end))
        at = bisect_left(starts, (hit.where, hit.start), first, last)
        before = _apart_from(hit, (right[i] for i in range(at - 1, first - 1, -1)))
        after = _apart_from(hit, (right[i] for i in range(at, last)))
        joined |= {_join(hit, other) for other in (*before, *after)}
    return nsmallest(MOST_JOINED, joined)


def _is_in_one_sentence(hit: Hit, document: Document) -> bool:
    ends = document[hit.where].sentence_ends
    return bisect_right(ends, hit.start) == bisect_right(ends, hit.end - 1)


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


def _words_of(hit: Hit, document: Document) -> frozenset[int]:
    """The numbers of the words in their text."""
    at = document[hit.where].index_at
    return frozenset(word for start, end in hit.parts for word in range(at(start), at(end - 1) + 1))


def _numbers(hit: Hit, document: Document) -> tuple[tuple[int, int], ...]:
    """The running numbers of each part's first and last word, signs not counted."""
    text = document[hit.where]
    return tuple(
        (text.numbers[text.index_at(start)], text.numbers[text.index_at(end - 1)]) for start, end in hit.parts
    )


def _apart(ours: Sequence[tuple[int, int]], theirs: Sequence[tuple[int, int]]) -> int:
    """Words from one to the other, neighbours being 1 apart; of several parts the nearest two count."""
    return min(max(b[0] - a[1], a[0] - b[1]) for a in ours for b in theirs)


class _Tree(NamedTuple):
    """A term of more than one phrase."""

    node: Node
    numbers: Sequence[int]
    needs: Sequence[Set[str]]
    """Sets of keys of phrases, of each of which one has to be there."""


class _Group:
    """Terms that are worked out together on the same places."""

    def __init__(self, terms: Sequence[str], index: Index) -> None:
        self._numbers: dict[str, list[int]] = defaultdict(list)
        for number, term in enumerate(terms):
            self._numbers[term].append(number)
        self._index = index
        self._plain: dict[str, list[int]] = defaultdict(list)
        self._trees: dict[str, _Tree] = {}
        self._asked_by: dict[str, list[str]] = defaultdict(list)
        self._phrases: set[str] = set()

    def add(self, term: Term) -> None:
        """From now on this term, if it is one of the group's, is worked out. It may be added again."""
        numbers = self._numbers.get(term.source)
        if not numbers:
            return
        self._phrases.update(phrase.key for phrase in phrases(term.node))
        if isinstance(term.node, Phrase):
            self._plain[term.node.key] += numbers
            return
        needs = _needs(term.node)
        self._trees[term.source] = _Tree(
            term.node, numbers, [{phrase.key for phrase in need} for need in needs]
        )
        # Asked for by its rarest part: `steel NEAR/5 China` is not looked at for each China.
        for phrase in min(needs, key=lambda need: sum(map(self._index.commonness, need))):
            self._asked_by[phrase.key].append(term.source)

    def holding(self, document: Document, found: Mapping[str, list[Hit]]) -> dict[int, list[Hit]]:
        """Term number → where it holds, for the terms that hold somewhere, in the order of the terms."""
        held: list[tuple[int, list[Hit]]] = []
        asked: set[str] = set()
        for phrase, hits in found.items():
            if numbers := self._plain.get(phrase):
                held += [(number, hits) for number in numbers]
            if phrase in self._asked_by:
                asked.update(self._asked_by[phrase])
        there = found.keys()
        for tree in map(self._trees.__getitem__, asked):
            if any(there.isdisjoint(need) for need in tree.needs):
                continue
            if hits := evaluate(tree.node, document, found):
                held += [(number, hits) for number in tree.numbers]
        return dict(sorted(held, key=_number) if len(held) > 1 else held)

    def concerns(self, found: Mapping[str, list[Hit]]) -> bool:
        """Whether one of these phrases is in one of the terms."""
        return not self._phrases.isdisjoint(found)


def _number(held: tuple[int, list[Hit]]) -> int:
    return held[0]


def _needs(node: Node) -> list[set[Phrase]]:
    """Sets of phrases of each of which one has to be there for the term to hold."""
    match node:
        case Phrase():
            return [{node}]
        case Either(nodes):
            return [{phrase for part in nodes for phrase in min(_needs(part), key=len)}]
        case Both(nodes):
            return [need for part in nodes for need in _needs(part)]
        case Near(left, right) | Same(left, right):
            return _needs(left) + _needs(right)
        case Without(inner) | AtLeast(inner) | InTitle(inner):
            return _needs(inner)


class Matcher:
    """All terms of a rule book, and those of `ignore`, compiled together."""

    def __init__(self, terms: Sequence[str], ignored: Sequence[str] = ()) -> None:
        """Raises TermError for a term that cannot be read; for most of them only when it is asked about."""
        self._index = Index(dict.fromkeys((*terms, *ignored)).keys())
        self._scanner = Scanner(self._index)
        self._terms = _Group(terms, self._index)
        self._ignored = _Group(ignored, self._index)
        self._read: dict[str, int] = {}

    def hits(self, document: Document) -> dict[int, list[Hit]]:
        """Term number → where it holds outside ignored words, for the terms that hold somewhere."""
        found = self._found(document)
        if not found:
            return {}
        if taken := self._taken(document, found):
            left = {n: [hit for hit in hits if _is_left(hit, document, taken)] for n, hits in found.items()}
            found = {n: hits for n, hits in left.items() if hits}
        return self._terms.holding(document, found)

    def taken(self, document: Document) -> tuple[frozenset[int], ...]:
        """The words that `ignore` takes away, a set for each text; empty where it takes none."""
        return self._taken(document, self._found(document))

    def _found(self, document: Document) -> dict[str, list[Hit]]:
        """Every place of every phrase, by its key. The terms that ask for one of them are read by then."""
        found = self._scanner.scan(document)
        for phrase in found:
            asking, read = self._index.asked_by[phrase], self._read.get(phrase, 0)
            if read < len(asking):
                self._add(asking[read:])
                self._read[phrase] = read + len(asking[read:])
        return found

    def _add(self, sources: Iterable[str]) -> None:
        for term in map(compile_term, sources):
            self._terms.add(term)
            self._ignored.add(term)

    def _taken(self, document: Document, found: Mapping[str, list[Hit]]) -> tuple[frozenset[int], ...]:
        if not self._ignored.concerns(found):
            return ()
        holding = self._ignored.holding(document, found)
        return words_taken(document, chain.from_iterable(holding.values())) if holding else ()


def _is_left(hit: Hit, document: Document, taken: Sequence[frozenset[int]]) -> bool:
    gone = taken[hit.where]
    return not gone or gone.isdisjoint(_words_of(hit, document))


def words_taken(document: Document, hits: Iterable[Hit]) -> tuple[frozenset[int], ...]:
    """The words that `ignore` takes away: the longest places first, none reaching into another."""
    taken: list[set[int]] = [set() for _ in document]
    places = {hit: _words_of(hit, document) for hit in hits}
    for hit in sorted(places, key=lambda h: (-len(places[h]), h)):
        if taken[hit.where].isdisjoint(places[hit]):
            taken[hit.where] |= places[hit]
    return tuple(map(frozenset, taken))
