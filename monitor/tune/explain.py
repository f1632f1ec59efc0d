"""Core: why one item is in or out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..classify import RuleBook
from ..models import Item, Side, Verdict
from .near import NearMiss, NearMisses


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that `explain` says of one item."""

    item: Item
    side: Side | None
    verdict: Verdict
    ignored: tuple[str, ...]
    near: tuple[NearMiss, ...]
    silent_topics: tuple[str, ...]
    """Topics of which no term matched."""


def explain(item: Item, side: Side | None, book: RuleBook) -> Explanation:
    """Why `item` is in or out under `book`, with what came near."""
    places = book.places(item)
    verdict = book.decide(places, side)
    matched = {match.topic for match in verdict.matches}
    return Explanation(
        item,
        side,
        verdict,
        book.ignored(item),
        NearMisses(book).misses(item, places),
        tuple(topic for topic, _ in book.spec.topics if topic not in matched),
    )


def pasted(title: str, summary: str, source_id: str) -> Item:
    """An item of pasted text, for `explain`."""
    return replace(Item("pasted", source_id, "pasted", "", title), summary=summary)
