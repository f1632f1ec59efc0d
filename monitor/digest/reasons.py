"""Core: an edition in numbers, and a story's reasons in the order in which they convince."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ..models import Digest, Match, Story
from .extracts import extract

_WORDS_A_MINUTE = 230
_FIELDS = ("title", "lead", "text")
_GATE_ROLES = ("both", "uk", "china")


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of an edition, always in these words."""

    stories: int
    items: int
    outlets: int
    sources_read: int
    sources_total: int
    minutes: int
    """Reading time at 230 words a minute, at least 1."""


class WhyLine(NamedTuple):
    """The most telling matches of a story, and how many terms it has besides."""

    matches: tuple[Match, ...]
    more: int


def counts(digest: Digest) -> Counts:
    """The edition's numbers, for templates and JSON. Reading time counts headlines and extracts as shown."""
    items = [judged for story in digest.stories for judged in story.items]
    in_full = digest.stories[: len(digest.stories) - len(digest.brief)]
    shown = [judged.item.title for judged in items] + [extract(story.lead) for story in in_full]
    return Counts(
        stories=len(digest.stories),
        items=len(items),
        outlets=len({judged.outlet for judged in items}),
        sources_read=digest.coverage.read,
        sources_total=len(digest.coverage.sources),
        minutes=max(1, round(sum(len(text.split()) for text in shown) / _WORDS_A_MINUTE)),
    )


def why_line_matches(story: Story, limit: int = 3) -> WhyLine:
    """At most `limit` matches, the most telling first, each term once; and the number of further terms.

    The primary topic's terms come first, then those of the other topics, then the words that let the item in
    (the relation, the UK, China). Within each: title, first sentence, text; then points. They are the lead's,
    whose text the reader has in view.
    """
    order = {topic: rank for rank, topic in enumerate(story.topics)}
    told = [match for match in story.lead.verdict.matches if match.role in ("topic", *_GATE_ROLES)]
    told.sort(key=lambda match: _telling(match, order))
    distinct: dict[str, Match] = {}
    for match in told:
        distinct.setdefault(match.term.casefold(), match)
    matches = tuple(distinct.values())
    return WhyLine(matches[:limit], len(matches[limit:]))


def _telling(match: Match, order: Mapping[str, int]) -> tuple[int, int, float, int, str]:
    if match.role == "topic":
        rank = order.get(match.topic or "", len(order))
    else:
        rank = len(order) + 1 + _GATE_ROLES.index(match.role)
    return (rank, _FIELDS.index(match.field), -match.points, match.start, match.term)
