"""Core: text that a source repeats in many of its items: page furniture, to be cut by `strip`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from ...classify import RuleBook
from ...classify.finding import JUDGED_CHARS
from ...models import Item, Judged

MIN_WORDS = 5
MIN_ITEMS = 5
SHARE = 0.3
MOST_WORDS = 80
SENTENCES_AN_ITEM = 100
REMEMBERED = 400
"""Texts kept in mind for each source; beyond that those of fewest items are forgotten."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Furniture:
    """What one source repeats."""

    source_id: str
    texts: tuple[str, ...]
    """As the items have them, the longest first."""
    items: int
    """Items of the source that have the one that is repeated most."""
    of_items: int
    """Items of the source with a summary."""
    finds: tuple[str, ...]
    """Terms that the rules find in these texts, and so in every such item."""
    example: int


@dataclass(slots=True)
class _Block:
    text: str
    """As the last item had it, one space between two words."""
    items: int
    example: int


_Place = tuple[str, str]
"""(whole, head or tail; the words that it is known by, in small letters)."""


class Repeats:
    """Collects repeated sentences, beginnings and endings of summaries while the items go by."""

    def __init__(self) -> None:
        self._items: dict[str, int] = defaultdict(int)
        self._blocks: dict[str, dict[_Place, _Block]] = defaultdict(dict)

    def add(self, judged: Judged) -> None:
        """Takes up the summary of one item."""
        summary = judged.item.summary[:JUDGED_CHARS]
        if not summary.strip():
            return
        source = judged.item.source_id
        self._items[source] += 1
        blocks = self._blocks[source]
        for place, found in _pieces(summary).items():
            block = blocks.get(place)
            if block is None:
                blocks[place] = _Block(found, 1, judged.id)
                continue
            block.items += 1
            block.example = judged.id
            if place[0] == "head":
                block.text = " ".join(_common(block.text.split(), found.split()))
            elif place[0] == "tail":
                block.text = " ".join(_common(block.text.split()[::-1], found.split()[::-1])[::-1])
        if len(blocks) > REMEMBERED:
            often = sorted((p for p in blocks if blocks[p].items > 1), key=lambda p: -blocks[p].items)
            self._blocks[source] = {place: blocks[place] for place in often[: REMEMBERED // 2]}

    def found(self, book: RuleBook) -> Iterator[Furniture]:
        """What sources repeat; first what the rules find something in, then by number of items."""
        all_ = [self._of(source, blocks, book) for source, blocks in self._blocks.items()]
        furniture = [one for one in all_ if one is not None]
        yield from sorted(furniture, key=lambda one: (not one.finds, -one.items, one.source_id))

    def _of(self, source: str, blocks: dict[_Place, _Block], book: RuleBook) -> Furniture | None:
        floor = max(MIN_ITEMS, SHARE * self._items[source])
        often = [(_text(kind, block), block) for (kind, _), block in blocks.items() if block.items >= floor]
        kept: dict[str, _Block] = {}
        for text, block in sorted(often, key=lambda pair: (-len(pair[0]), -pair[1].items)):
            is_long_enough = len(text.split()) >= MIN_WORDS
            if is_long_enough and not any(text.casefold() in longer.casefold() for longer in kept):
                kept[text] = block
        if not kept:
            return None
        most = max(kept.values(), key=lambda block: block.items)
        return Furniture(
            source, tuple(kept), most.items, self._items[source], _terms(tuple(kept), book), most.example
        )


def _text(kind: str, block: _Block) -> str:
    """The block without the part of a sentence at its inner end, which two items happen to share."""
    text = block.text
    ends = list(_SENTENCE_END.finditer(text))
    if kind == "head" and ends:
        return text[: ends[-1].start()]
    if kind == "tail" and ends:
        return text[ends[0].end() :]
    return text


def _pieces(summary: str) -> dict[_Place, str]:
    """A summary's sentences by their words, its beginning and its end by their first and last few."""
    pieces: dict[_Place, str] = {}
    for sentence in _SENTENCE_END.split(summary)[:SENTENCES_AN_ITEM]:
        found = sentence.split()
        if MIN_WORDS <= len(found) <= MOST_WORDS:
            pieces["whole", _folded(found)] = " ".join(found)
    everything = summary.split()
    if len(everything) > MIN_WORDS:
        head, tail = everything[:MOST_WORDS], everything[-MOST_WORDS:]
        pieces["head", _folded(head[:MIN_WORDS])] = " ".join(head)
        pieces["tail", _folded(tail[-MIN_WORDS:])] = " ".join(tail)
    return pieces


def _folded(found: list[str]) -> str:
    return " ".join(found).casefold()


def _common(before: list[str], now: list[str]) -> list[str]:
    """The words that both begin with."""
    length = 0
    for old, new in zip(before, now, strict=False):
        if old.casefold() != new.casefold():
            break
        length += 1
    return now[:length]


def _terms(texts: tuple[str, ...], book: RuleBook) -> tuple[str, ...]:
    item = Item("furniture", "", "furniture", "", "", summary="\n".join(texts))
    return tuple(dict.fromkeys(match.term for match in book.places(item)))
