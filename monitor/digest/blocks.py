"""Core: stories → the blocks of an edition, each story in exactly one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from typing import NamedTuple

from ..models import Coverage, Digest, Edition, Judged, Section, Story, Topic
from ..text.words import words

OTHER = Topic("other", "Other")
"""The last section: stories whose topics the config does not (or no longer) name."""

LATE_AFTER = timedelta(hours=24)
"""A report published longer than this before the window's start is late."""

STORIES_FOR_A_TOP = 4
"""In a shorter edition a story of one outlet is not set apart from the rest."""

REISSUED = "re-issued unchanged"
"""What an update says of itself where a page was dated anew without a word of change."""

OFFICIAL = frozenset({"official-uk", "official-china", "parliament"})


@dataclass(frozen=True, slots=True)
class Limits:
    """How many stories each block holds before the rest moves to `brief`."""

    top: int = 3
    stories: int = 40
    """In all blocks but `brief` together."""
    per_topic: int = 8
    updated: int = 10
    late: int = 10
    closest: int = 3


class _Block(NamedTuple):
    """Stories in reading order, and how many of them the block may show."""

    stories: list[Story]
    limit: int


def build_digest(
    edition: Edition,
    stories: Sequence[Story],
    coverage: Coverage,
    topics: Sequence[Topic],
    *,
    closest: Sequence[Judged] = (),
    last_with_items: Edition | None = None,
    limits: Limits = Limits(),
) -> Digest:
    """Stories with distinct ids, in any order → the edition's blocks in reading order.

    - `updated`: every report of the story was shown before, or is an old page with changes; the latest change
      first, what was re-issued unchanged last.
    - `late`: every report is dateless or older than the window by more than LATE_AFTER; newest first.
    - `top`: of the rest, those that two or more outlets tell independently; where none is, the one that
      ranks first, if the edition has at least STORIES_FOR_A_TOP stories.
    - a section for each topic, in the order of `topics` (the config's): by number of independent outlets,
      then official first, then newest.
    - `brief`: what passes a limit, in the same order. Where `limits.stories` is the one that binds, each
      block gives up its last stories first, so that none is emptied by a longer one before it.

    A story that the digest has shown before (`earlier`) is never new. It comes after new ones of the same
    standing, and only reports that are new count for its outlets; for want of a better one it is not put on
    top.

    `closest` is kept only where there is no story at all.
    """
    updated = [story for story in stories if story.update]
    late = [story for story in stories if not story.update and _is_late(story, edition)]
    fresh = [story for story in stories if not story.update and not _is_late(story, edition)]
    top = _top(sorted(fresh, key=_importance), len(stories), limits)
    on_top = {story.id for story in top}
    by_topic = _by_topic([story for story in fresh if story.id not in on_top], topics)
    blocks = [_Block(sorted(found, key=_section_order), limits.per_topic) for found in by_topic.values()]
    blocks.append(_Block(sorted(updated, key=_latest_change), limits.updated))
    blocks.append(_Block(sorted(late, key=_newest_first), limits.late))
    *in_sections, shown_updated, shown_late = shown = _within(blocks, limits.stories - len(top))
    cut = zip(blocks, shown, strict=True)
    sections = [Section(topic, kept) for topic, kept in zip(by_topic, in_sections, strict=True) if kept]
    return Digest(
        edition=edition,
        topics=tuple(topics),
        top=top,
        sections=tuple(sections),
        updated=shown_updated,
        late=shown_late,
        brief=tuple(chain.from_iterable(block.stories[len(kept) :] for block, kept in cut)),
        coverage=coverage,
        closest=() if stories else tuple(closest[: limits.closest]),
        last_with_items=last_with_items,
    )


def _is_late(story: Story, edition: Edition) -> bool:
    return all(judged.date is None or judged.date < edition.start - LATE_AFTER for judged in story.items)


def _top(ranked: Sequence[Story], stories: int, limits: Limits) -> tuple[Story, ...]:
    chosen = [story for story in ranked if _outlets_anew(story) >= 2]
    if not chosen and stories >= STORIES_FOR_A_TOP:
        chosen = [story for story in ranked if not story.earlier][:1]
    return tuple(chosen[: max(0, min(limits.top, limits.stories))])


def _by_topic(stories: Iterable[Story], topics: Sequence[Topic]) -> dict[Topic, list[Story]]:
    """Every topic that has stories, in config order, OTHER last."""
    known = {topic.id: topic for topic in topics}
    found: defaultdict[Topic, list[Story]] = defaultdict(list)
    for story in stories:
        home = next((known[topic] for topic in story.topics if topic in known), known.get(OTHER.id, OTHER))
        found[home].append(story)
    return {topic: found[topic] for topic in dict.fromkeys((*topics, OTHER)) if topic in found}


def _within(blocks: Sequence[_Block], room: int) -> list[tuple[Story, ...]]:
    """What each block shows: at most its own limit, and at most `room` in all, shared out in turns."""
    places = [
        (place, at) for at, block in enumerate(blocks) for place in range(len(block.stories[: block.limit]))
    ]
    kept = Counter(at for _, at in sorted(places)[: max(0, room)])
    return [tuple(block.stories[: kept[at]]) for at, block in enumerate(blocks)]


def _importance(story: Story) -> tuple[object, ...]:
    score = max(judged.verdict.score for judged in story.items)
    return (*_standing(story), -score, *_newest_first(story))


def _section_order(story: Story) -> tuple[object, ...]:
    return (*_standing(story), *_newest_first(story))


def _standing(story: Story) -> tuple[object, ...]:
    return (-_outlets_anew(story), not _is_official(story), story.earlier is not None)


def _outlets_anew(story: Story) -> int:
    """How many outlets tell it independently; of a story that was shown before, in reports that are new."""
    if story.earlier is None:
        return independent_outlets(story)
    return independent_outlets(replace(story, items=tuple(j for j in story.items if not j.update)))


def _newest_first(story: Story) -> tuple[float, int]:
    """By the newest report, dateless stories last; then by item id, so that two runs agree."""
    dates = [judged.date.timestamp() for judged in story.items if judged.date]
    return (-max(dates, default=float("-inf")), story.lead.id)


def _latest_change(story: Story) -> tuple[bool, float, int]:
    update = story.update
    changed = update.at.timestamp() if update else 0.0
    return (update is not None and update.what == REISSUED, -changed, story.lead.id)


def _is_official(story: Story) -> bool:
    return any(judged.kind in OFFICIAL for judged in story.items)


def wire_copies(story: Story) -> frozenset[int]:
    """Ids of the reports that say word for word what an earlier report of the story says ("same text")."""
    if len(story.items) == 1:
        return frozenset()
    seen: set[tuple[str, ...]] = set()
    copies = []
    for judged in story.items:
        text = words(f"{judged.item.title} {judged.item.summary}").folds
        if text in seen:
            copies.append(judged.id)
        seen.add(text)
    return frozenset(copies)


def independent_outlets(story: Story) -> int:
    """How many outlets tell the story in words of their own: copies of one agency text count once."""
    copies = wire_copies(story)
    return len({judged.outlet for judged in story.items if judged.id not in copies})
