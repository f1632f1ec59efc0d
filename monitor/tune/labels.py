"""Core: an analyst's label beside what the rules say, and which items are most worth a label."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nsmallest
from itertools import chain, zip_longest

from ..models import Judged, Label, Verdict


def agreement(label: Label, verdict: Verdict) -> tuple[bool, bool | None]:
    """Whether a verdict agrees with a label on relevance, and on the topics; None where these say nothing."""
    if label.relevant != verdict.relevant:
        return False, None
    if label.topics is None or not label.relevant:
        return True, None
    return True, {*label.topics} == {*verdict.topics}


def worth_a_label(items: Iterable[Judged], threshold: float, count: int) -> tuple[Judged, ...]:
    """The `count` items nearest to the threshold, in turn one that is in and one that is out.

    An item without one of the sides comes after all that have both, for the threshold did not decide about
    it; one that is out by `exclude` comes last. Among equals those with terms of topics, then the latest.
    In memory are few items at a time, however many are given.
    """
    kept: dict[bool, list[Judged]] = {True: [], False: []}
    for one in items:
        side = kept[one.verdict.relevant]
        side.append(one)
        if len(side) >= 3 * count:
            side[:] = _nearest(side, threshold, count)
    pairs = zip_longest(*(_nearest(kept[relevant], threshold, count) for relevant in (True, False)))
    return tuple(one for one in chain.from_iterable(pairs) if one)[:count]


def _nearest(items: list[Judged], threshold: float, count: int) -> list[Judged]:
    return nsmallest(count, items, key=lambda one: _distance(one, threshold))


def _distance(one: Judged, threshold: float) -> tuple[float, ...]:
    verdict = one.verdict
    parts = dict(verdict.parts)
    has_both = bool(parts.get("uk")) and bool(parts.get("china"))
    decided_otherwise = not verdict.relevant and (
        2 if has_both and verdict.score >= threshold else not has_both
    )
    topics = len({match.term for match in verdict.matches if match.topic is not None})
    return decided_otherwise, abs(verdict.score - threshold), -topics, -one.first_seen.timestamp(), -one.id
