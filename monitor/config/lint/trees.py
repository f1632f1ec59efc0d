"""Border: what follows from the tree of a term: what it contains, what must be there, what must not."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Generic, TypeVar

from ...classify.nodes import AtLeast, Both, Either, InTitle, Near, Node, Phrase, Same, Without, Word

T = TypeVar("T")

MOST_ALIKE = 50
"""Phrases of the same letters that an index holds. More are copies, and each would be held against all."""


def spelled(node: Node) -> str:  # noqa: PLR0911 - one case a node
    """A tree in one spelling: equal for terms that match the same words in the same way."""
    match node:
        case Phrase(words):
            return '"' + " ".join(map(_spelled_word, words)) + '"'
        case Either(nodes):
            return _joined(" OR ", nodes)
        case Both(nodes):
            return _joined(" AND ", nodes)
        case Without(wanted, unwanted):
            return f"({spelled(wanted)} NOT {spelled(unwanted)})"
        case Near(left, right, distance):
            return _joined(f" NEAR/{distance} ", (left, right))
        case Same(left, right):
            return _joined(" SAME ", (left, right))
        case AtLeast(inner, count):
            return f"ATLEAST/{count} {spelled(inner)}"
        case InTitle(inner):
            return f"title: {spelled(inner)}"


def _joined(operator: str, nodes: Iterable[Node]) -> str:
    return "(" + operator.join(sorted({spelled(node) for node in nodes})) + ")"


def _spelled_word(word: Word) -> str:
    letters = list(word.fold)
    for at, capital in word.capitals:
        letters[at] = capital
    return "".join(letters) + "*" * word.open_ended


def told(node: Node) -> str:
    """A tree for people: as `spelled`, a phrase alone without quotes."""
    return spelled(node).strip('"') if isinstance(node, Phrase) else spelled(node)


def alternatives(node: Node) -> Iterator[Node]:
    """The trees of which one has to hold: A OR B gives A and B, (A OR B) NOT C gives A NOT C and B NOT C."""
    match node:
        case Either(nodes):
            for part in nodes:
                yield from alternatives(part)
        case Without(wanted, unwanted):
            for part in alternatives(wanted):
                yield Without(part, unwanted)
        case InTitle(inner):
            for part in alternatives(inner):
                yield InTitle(part)
        case _:
            yield node


def plain_phrases(node: Node) -> Iterator[Phrase]:
    """The alternatives that are phrases and nothing else."""
    return (part for part in alternatives(node) if isinstance(part, Phrase))


def covers_word(wide: Word, narrow: Word) -> bool:
    """Whether every word that `narrow` takes is one that `wide` takes."""
    if wide.open_ended:
        same = narrow.fold.startswith(wide.fold)
    else:
        same = not narrow.open_ended and narrow.fold == wide.fold
    return same and (not wide.capitals or set(wide.capitals) <= set(narrow.capitals))


class PhraseIndex(Generic[T]):
    """Phrases, each with something that belongs to it; finds those that are within another phrase.

    What is found takes no longer where there are many phrases: of tens of thousands many begin alike.
    """

    def __init__(self, phrases: Iterable[tuple[Phrase, T]]) -> None:
        self._first: _Level[T] = _Level()
        for number, (phrase, what) in enumerate(phrases):
            self._first.add(phrase, (_rank(phrase, number), phrase, what))

    def within(self, long: Phrase) -> Iterator[tuple[Phrase, T]]:
        """The phrases that stand wherever `long` does, within it, itself included; the first words first."""
        folds = _folds(long.words)
        for at in range(len(folds)):
            found = list(self._first.beginning(folds, at))
            if len(found) > 1:
                found.sort(key=itemgetter(0))
            for _, short, what in found:
                if _covers(short.words, long.words, at):
                    yield short, what


Rank = tuple[int, int, int]
Known = tuple[Rank, Phrase, T]


def _rank(phrase: Phrase, number: int) -> Rank:
    """Which of those that begin at the same word comes first: whole words before stems, short stems first."""
    words = phrase.words
    if words[0].open_ended:
        return 2, len(words[0].fold), number
    return int(len(words) > 1 and not words[1].open_ended), 0, number


class _Level(Generic[T]):
    """Phrases by their words up to the first stem; what follows a stem is on a level of its own."""

    def __init__(self) -> None:
        self._whole: dict[tuple[str, ...], list[Known[T]]] = {}
        self._stems: dict[tuple[str, ...], dict[str, _Level[T]]] = {}
        """Words before a stem → the stem → what follows it."""
        self._lengths: dict[str | None, list[int]] = {}
        """First word → how many words stand before a stem or the end; None: no word does."""

    def add(self, phrase: Phrase, known: Known[T]) -> None:
        """Takes a phrase in."""
        level: _Level[T] = self
        begun: list[str] = []
        for word in phrase.words:
            if word.open_ended:
                level = level._behind(tuple(begun), word.fold)
                begun = []
            else:
                begun.append(word.fold)
        words = tuple(begun)
        level._note_length(words)
        alike = level._whole.setdefault(words, [])
        if len(alike) < MOST_ALIKE:
            alike.append(known)

    def _behind(self, words: tuple[str, ...], stem: str) -> _Level[T]:
        self._note_length(words)
        return self._stems.setdefault(words, {}).setdefault(stem, _Level())

    def _note_length(self, words: tuple[str, ...]) -> None:
        lengths = self._lengths.setdefault(words[0] if words else None, [])
        if len(words) not in lengths:
            insort(lengths, len(words))

    def beginning(self, folds: tuple[str, ...], at: int) -> Iterator[Known[T]]:
        """Those whose letters stand in these words from `at` on, in no order."""
        first = folds[at] if at < len(folds) else None
        for length in (*self._lengths.get(None, ()), *(self._lengths.get(first, ()) if first else ())):
            end = at + length
            if end > len(folds):
                return
            words = folds[at:end]
            yield from self._whole.get(words, ())
            stems = self._stems.get(words)
            if not stems or end == len(folds):
                continue
            word = folds[end]
            for letters in range(1, len(word) + 1):
                if level := stems.get(word[:letters]):
                    yield from level.beginning(folds, end + 1)


def _folds(words: tuple[Word, ...]) -> tuple[str, ...]:
    return tuple(word.fold for word in words)


def _covers(short: tuple[Word, ...], long: tuple[Word, ...], at: int) -> bool:
    """Whether `short` stands at the words of `long` from `at` on."""
    return at + len(short) <= len(long) and all(map(covers_word, short, long[at:]))


@dataclass(frozen=True)
class Certain:
    """What is certain of an item in which a tree holds."""

    nodes: tuple[tuple[Node, bool], ...]
    """Trees that hold too, the tree itself first; True: within the title."""

    @classmethod
    def of(cls, node: Node, title: bool = False) -> Certain:
        """What holds where `node` does; with `title`, within the title."""
        found: list[tuple[Node, bool]] = []
        ahead = [(node, title)]
        while ahead:
            part, in_title = ahead.pop()
            found.append((part, in_title))
            match part:
                case Both(nodes):
                    ahead += [(inner, in_title) for inner in nodes]
                case Near(left, right) | Same(left, right):
                    ahead += [(left, in_title), (right, in_title)]
                case Without(inner) | AtLeast(inner):
                    ahead.append((inner, in_title))
                case InTitle(inner):
                    ahead.append((inner, True))
        return cls(tuple(found))

    @cached_property
    def phrases(self) -> tuple[tuple[Phrase, bool], ...]:
        """Phrases that stand in it; True: in the title."""
        return tuple((node, title) for node, title in self.nodes if isinstance(node, Phrase))

    @cached_property
    def _either(self) -> tuple[tuple[Either, bool], ...]:
        return tuple((node, title) for node, title in self.nodes if isinstance(node, Either))

    @property
    def unwanted(self) -> Iterator[tuple[Node, bool]]:
        """What follows NOT and so is not there; True: only the title is asked."""
        return ((node.unwanted, title) for node, title in self.nodes if isinstance(node, Without))

    def implies(self, banned: Banned, title: bool = False) -> bool:
        """Whether the tree of `banned` must hold too; with `title`, by the title alone."""
        for phrase, in_title in self.phrases:
            if any(in_title >= max(title, asked) for _, asked in banned.phrases.within(phrase)):
                return True
        return any(self._has(node, title) for node in banned.others) or any(
            all(Certain.of(part, in_title).implies(banned, title) for part in known.nodes)
            for known, in_title in self._either
        )

    def _has(self, node: Node, title: bool) -> bool:
        match node:
            case Both(nodes):
                return all(self.implies(Banned.of(part), title) for part in nodes)
            case InTitle(inner):
                return self.implies(Banned.of(inner), True)
        spelling = spelled(node)
        return any(in_title >= title and spelled(known) == spelling for known, in_title in self.nodes)


@dataclass(frozen=True)
class Banned:
    """A tree that must not hold, so cut up that it is quickly told whether something implies it."""

    phrases: PhraseIndex[bool]
    """Alternatives of which one phrase is enough; True: in the title."""
    others: tuple[Node, ...]
    node: Node

    @cached_property
    def told(self) -> str:
        """The tree for people."""
        return told(self.node)

    @classmethod
    def of(cls, node: Node) -> Banned:
        """`node`, which follows NOT."""
        parts = list(alternatives(node))
        phrases = [(part, False) for part in parts if isinstance(part, Phrase)]
        phrases += [
            (part.node, True) for part in parts if isinstance(part, InTitle) and isinstance(part.node, Phrase)
        ]
        others = [part for part in parts if not isinstance(part, Phrase)]
        return cls(PhraseIndex(phrases), tuple(others), node)


def every(node: Node) -> Iterator[Node]:
    """All the trees within a tree, itself included."""
    ahead = [node]
    while ahead:
        part = ahead.pop()
        yield part
        match part:
            case Either(nodes) | Both(nodes):
                ahead += nodes
            case Near(left, right) | Same(left, right) | Without(left, right):
                ahead += (left, right)
            case AtLeast(inner) | InTitle(inner):
                ahead.append(inner)
