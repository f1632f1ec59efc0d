"""Shell: store → group: which story each item belongs to, with those of the last weeks in mind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from .. import group
from ..models import DigestSpec, Earlier, Judged, Story, lead_first
from ..store import BEGAN, Member, Store

OPEN = timedelta(days=14)
"""A story may be continued as long as one of its reports was first seen within this time."""


def wanted(judged: Judged, digest: DigestSpec) -> bool:
    """Whether a digest takes a relevant item: it has one of its topics, and enough points."""
    topics, verdict = digest.topics, judged.verdict
    return verdict.score >= digest.min_score and (not topics or bool({*topics} & {*verdict.topics}))


def group_pending(store: Store, digests: Sequence[DigestSpec], now: datetime) -> tuple[Story, ...]:
    """New stories, and open ones with their new reports alone, of the items that have no story yet.

    Of all that any digest wants, whichever of them asks: so neither the topics of the one that comes first
    nor the order of two that come at once make a difference to what belongs together, or to a story's id.
    """
    pending = store.without_story(digests)
    return group.group_items(pending, store.open_stories(_since(pending, now))) if pending else ()


def _since(pending: Sequence[Judged], now: datetime) -> datetime:
    """From when on stories can be continued: what lies outside grouping's window need not be read."""
    dates = [one.date for one in pending if one.date]
    if len(dates) < len(pending):
        return now - OPEN
    return max(now - OPEN, min(dates) - timedelta(days=group.WEIGHTS.window + 1))


def stories_of(
    store: Store, digest: str, judged: Sequence[Judged], grouped: Sequence[Story], since: datetime | None
) -> tuple[Story, ...]:
    """The stories that a digest's items make, in the order of their smallest item id.

    An item that has a story keeps it; the others find theirs in `grouped`. `earlier` says where the digest
    has shown a story before; with `since`, before that time.
    """
    members = {
        item.id: Member(story.id, why)
        for story in grouped
        for item, why in zip(story.items, story.reasons, strict=True)
    }
    members |= store.memberships([one.id for one in judged])
    by_story: defaultdict[str, list[Judged]] = defaultdict(list)
    for one in sorted(judged, key=lambda one: one.id):
        # One that another process has judged anew a moment ago, and nobody wants any more, stands alone.
        members.setdefault(one.id, Member(f"s{one.id}", ""))
        by_story[members[one.id].story_id].append(one)
    earlier = store.shown(digest, by_story, before=since)
    return tuple(_story(id_, items, members, earlier.get(id_)) for id_, items in by_story.items())


def _story(
    story_id: str, judged: Sequence[Judged], members: dict[int, Member], earlier: Earlier | None
) -> Story:
    items = sorted(judged, key=lead_first)
    joined, *together = (members[one.id].why for one in items)
    reasons = tuple(why or BEGAN for why in together)
    return Story(story_id, tuple(items), reasons, earlier, joined if earlier else "")
